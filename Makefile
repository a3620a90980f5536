# The developer's whole interface. Needs make and a Python, which .ci/python chooses; everything else
# is installed into .venv, in the versions that uv.lock names, from the package index pip is
# configured for.
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# Every test starts many processes: without compiled modules each of them compiles all that it imports.
export PYTHONDONTWRITEBYTECODE :=
UV_VERSION := $(shell sed -n '/^name = "uv"$$/{n;s/.*"\(.*\)".*/\1/p;}' uv.lock)

# .venv is kept when its installation went through, its Python is still there, and that is the one
# that PYTHON names, if it names one. Else it is made anew.
which = $(shell $(1) -c 'import sys; print(sys.base_prefix, *sys.version_info[:2])' 2>/dev/null)
KEPT := $(and $(wildcard $(READY)),$(shell $(BIN)/python -c 'import pip; print("runs")' 2>/dev/null),\
	$(if $(PYTHON),$(findstring =$(call which,$(PYTHON))=,=$(call which,$(BIN)/python)=),any))

.PHONY: demo test test-all lint fix bench performance notebooks up lock clean another-python

demo: $(READY)  ## measure the cached against the uncached service and print the verdicts
	$(BIN)/fivefold compare --profile quick

# In the order of the folders: the slow files come first and the many short ones fill the gaps.
# The plugin of schemathesis takes seconds to load; the tests run it as a program of its own.
# More processes than two processors have: many tests wait.
PYTEST := $(BIN)/pytest -p no:schemathesis --numprocesses 4 --dist loadfile --no-loadscope-reorder --benchmark-disable

test: $(READY)  ## run the tests that take no browser, no other programs and no minutes
	$(PYTEST) -m "not rest"

test-all: test  ## run make test, and then the rest: browser, Prometheus, clusters, notebooks, faults
	$(PYTEST) -m rest

lint: $(READY)  ## verify: format, lint, types, import contracts, lock file
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/uv lock --check --quiet

fix: $(READY)  ## change: format and fix what can be fixed
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# Saved beside the earlier runs, for --benchmark-compare, and once more for the plots and the table,
# which pytest-benchmark would draw only with a table of its own.
bench: $(READY)  ## measure each layer alone and print cached, uncached and naive side by side
	$(BIN)/pytest --benchmark-only --benchmark-quiet --benchmark-autosave --benchmark-json=.benchmarks/latest.json
	$(BIN)/pytest-benchmark --quiet compare --histogram=.benchmarks/latest .benchmarks/latest.json >/dev/null
	$(BIN)/fivefold report .benchmarks/latest.json

# Every target of the fast path, what each lever brings, cost by size and growth by workers: about
# half an hour on a quiet machine. A part in which something is wrong (3) says so and decides nothing;
# with 1 000 todos it is that nothing hits, which is as it should be.
RUNS := reports/performance-runs
RIVALS := cashews aiocache fastapi-redis-sdk
LEVERS := busy-reads whole-answers shared-connection coalesced-writes token-memo decoded-memo frozen-heap \
	uvloop httptools
BOTH := --connections 1,8
GROWTH := --connections 8,32 --workers 1,2,4 --rounds 4
swept = $(BIN)/fivefold capacity $(addprefix --variant ,$(2)) $(3) --out $(RUNS)/$(1) || test $$? = 3
performance: $(READY)  ## measure the hit path, misses, writes and memory against their targets
	$(call swept,targets,static bare cached naive $(RIVALS),$(BOTH) --rounds 8 --seconds 2 --costs)
	$(call swept,levers,static cached $(addprefix no-,$(LEVERS)),$(BOTH) --rounds 8)
	for todos in 0 1 20 200 1000; do \
		$(call swept,size-$$todos,cached,--connections 1 --rounds 5 --costs --users 10 --todos-per-user $$todos); \
	done
	$(call swept,document-550B,cached $(RIVALS),--connections 1 --rounds 5 --costs --todos-per-user 1 --payload-bytes 310)
	$(call swept,document-50kB,cached $(RIVALS),--connections 1 --rounds 5 --costs --payload-bytes 2260)
	$(call swept,workers,cached,$(GROWTH))
	$(BIN)/fivefold capacity --soak 1000000 --out $(RUNS)/soak
	$(BIN)/python -m benchmarks.capacity.redis_alone $(RUNS)/redis-alone.json
	$(BIN)/python -m benchmarks.capacity.performance $(RUNS)

# FIVEFOLD_LIVE=1 measures instead of reading the published run, which alone is kept in the notebooks.
KEPT_IN := $(if $(filter-out 0,$(FIVEFOLD_LIVE) $(FIVEFOLD_RUN)),,.)
notebooks: $(READY)  ## run the notebooks and render them to reports/notebooks
	$(BIN)/jupytext --quiet --to ipynb --update notebooks/*.py
	cd notebooks && ../$(BIN)/jupyter-nbconvert --config page/nbconvert.json \
		--KeptNotebook.folder=$(KEPT_IN) --output-dir ../reports/notebooks *.ipynb

up: $(READY)  ## run both services and Locust on an embedded stack until Ctrl-C
	$(BIN)/fivefold up

# uv.lock is kept free of any index's address (names, versions and hashes only), so that it
# installs from a mirror as well; `uv sync` works too once ./wheelhouse holds the files.
lock: $(READY)  ## resolve the dependencies anew
	$(BIN)/uv lock
	sed -i -E 's#registry = "https://[^"]*"#registry = "wheelhouse"#; s#url = "https://[^"]*/([^"/]+)"#path = "\1"#' uv.lock

clean:  ## remove the virtual environment
	rm -rf $(VENV)

# uv is fast but does not read pip's configuration; where it cannot reach an index, pip can.
$(READY): uv.lock pyproject.toml $(if $(KEPT),,another-python)
ifeq ($(KEPT),)
	@python=$$(PYTHON='$(PYTHON)' .ci/python "uv==$(UV_VERSION)") && "$$python" -m venv --clear $(VENV)
endif
	@rm -f $@
	@echo "installing the locked dependencies into $(VENV)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check "uv==$(UV_VERSION)"
	@$(BIN)/uv export --quiet --frozen --all-extras --no-emit-project --output-file $(VENV)/requirements.txt
	@VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet --require-hashes -r $(VENV)/requirements.txt 2>/dev/null \
		|| $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(VENV)/requirements.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@
