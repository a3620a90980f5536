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
# # 1. The claim
#
# A tutorial puts Redis in front of MongoDB and ends with two columns of numbers: 250 ms without
# it, 54 ms with it, "5x faster". Is that true? And when?

# %%
from notebooks.lib import claim, kit

# %% [markdown]
# ## What does it say?
#
# Five times the same request. Without a cache each of them asks the database, which takes 50 ms.
# With one, the first still does; the other four find their answer in Redis, in 1 ms.

# %%
kit.table(claim.stated())

# %% [markdown]
# Nothing has been measured so far, and the title already does not follow from the table:

# %%
tutorial = claim.SEED_MODEL
uncached_ms, cached_ms = tutorial.uncached_total_ms(5), tutorial.cached_total_ms(5)
kit.say(f"{uncached_ms:g} / {cached_ms:g} = **{uncached_ms / cached_ms:.2f}**, which is not 5.")

# %% [markdown]
# ## What does a measurement show?
#
# The same five reads on real servers, in short blocks that take turns between the service with
# the cache and the one without. Three databases: the one at hand as it is, then slowed down so
# that a request waits 50 ms, then so that a query does. "50 ms" can mean either.

# %%
run = kit.measured("session")
results = run.results
kit.table(claim.measured_sessions(results), "Five reads from a cold cache; 90 % intervals")

# %% [markdown]
# The tutorial says it in words: one slow read, then a step down. A miss and a hit, beside a read
# without a cache: the shape is right. How deep the step is depends on how slow the database was.

# %%
kit.section(claim.one_read(results))

# %% [markdown]
# ## How does it grow with the number of reads?
#
# Call the speedup of the first n reads together S(n). The dotted line is n.

# %%
kit.show(claim.speedups.make_by_reads(results))

# %% [markdown]
# Every point lies below the dotted line. That is no accident of these measurements.
#
# ## Why can five reads never be five times as fast?
#
# Let a read cost *a* for the work that is done either way and *d* for the database; a hit costs
# *c* instead of *d*, a miss *m* on top of it. Then
#
# 1. n reads without a cache take U(n) = n (a + d).
# 2. With one, the first is a miss: K(n) = (a + d + m) + (n - 1)(a + c), and that alone is more
#    than a + d.
# 3. So S(n) = U(n) / K(n) < n (a + d) / (a + d) = **n**.
#
# No database is slow enough. Five reads would need four hits that cost nothing at all.
#
# Try it: make the database as slow as you like.

# %%
kit.sliders(
    lambda reads, database_ms: kit.show(claim.bound(reads, database_ms)),
    reads=[5, 6, 10, 20],
    database_ms=[50.0, 500.0, 5000.0, 5.0],
)

# %% [markdown]
# ## So which request makes it five times?
#
# The first read is paid back by all that follow. How many it takes depends on how much a hit
# saves; where a database is fast, it takes more.

# %%
kit.table(claim.first_at(results, 5.0))

# %% [markdown]
# ## The verdicts
#
# The run put each statement of the tutorial to the test. A statement holds, or does not, only where
# the whole interval says so. In a sentence, and the three statements that people ask about most:

# %%
page = claim.view.page(results)
kit.say(page.lead)

# %%
kit.table(page.answer and page.answer.table)

# %% [markdown]
# And everything else that this run compared, on one scale. The same cache is worth nearly
# nothing or nearly everything; what it is used for decides.

# %%
kit.show(claim.forest.make(results))

# %% [markdown]
# Next: [what decides how many reads hit](02-hit-ratio.ipynb).
