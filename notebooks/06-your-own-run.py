# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#       format_version: '1.3'
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 6. Your own run
#
# You have measured something. What did it say, and may you believe it? Put the folder of your run
# into `RUN`, or into the environment variable `FIVEFOLD_RUN`; until then this is the published one.

# %%
from notebooks.lib import kit, own_run

RUN = own_run.named("FIVEFOLD_RUN") or kit.published().path
run = kit.stored(RUN)
results = run.results
kit.say("\n\n".join([f"Run **{run.path.name}**.", *own_run.view.headline(results)]))

# %% [markdown]
# ## What did it find?
#
# In a sentence first:

# %%
kit.say(own_run.view.page(results).lead)

# %% [markdown]
# ## May you believe it?
#
# Before the numbers, the checks: errors, drift, noise, a client that was too busy. One that
# failed, and nothing is decided by this run.

# %%
checked = own_run.judged.checks(results.checks, several=len(results.scenarios) > 1)
kit.say("\n\n".join(checked.sentences))

# %% [markdown]
# ## What became of the claims?

# %%
kit.section(own_run.judged.verdicts(results))

# %% [markdown]
# ## How fast, after how many reads?

# %%
kit.show(own_run.speedups.make_by_reads(results))

# %% [markdown]
# ## How many reads hit?
#
# Every block of a mix begins with an empty cache.

# %%
kit.section(own_run.measured.mixes(results))

# %% [markdown]
# ## What did most users see, and what the unlucky ones?
#
# A mean hides both. Read this one from right to left.

# %%
kit.show(own_run.percentiles.make(results))

# %% [markdown]
# ## Did it change?
#
# `fivefold diff A B` compares two runs of different days.
#
# ## And your own services?
#
# Any two that answer HTTP can be compared. What their users do is a short Python file:

# %%
SCENARIO = kit.ROOT / "benchmarks/scenarios/examples/signed_in.py"
kit.say(f"```python\n{SCENARIO.read_text()}```")

# %% [markdown]
# Then, with both running:
#
# ```console
# $ fivefold compare --target old=http://127.0.0.1:8080 --target new=http://127.0.0.1:8081 \
#     --scenario benchmarks/scenarios/examples/signed_in.py
# ```
#
# Both get the same requests, in blocks that take turns, and must give the same answers. With
# `FIVEFOLD_LIVE=1` the next cell does that with this project's two services, as if they were
# yours.

# %%
own = None
if kit.live():
    with own_run.two_services() as urls:
        own = own_run.compared_targets(urls, SCENARIO)
kit.say(own_run.view.page(own.results).lead if own else "*Not measured: `FIVEFOLD_LIVE` is not 1.*")

# %% [markdown]
# Its folder is below `reports/`, and it can be put into `RUN` like any other.
