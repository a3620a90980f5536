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
# # 5. Tails and queues
#
# "Five times as fast" is one number. A service has many requests, and they queue. This is about
# the numbers that one number hides.

# %%
from notebooks.lib import kit, tails

run = kit.measured("session", "uniform", "zipf", "unindexed")
model = tails.first_model(run.results).fit.model

# %% [markdown]
# ## How much faster is it, then?
#
# Five reads from a cold cache: one misses, four hit. Ask for the median and a hit answers. Ask for
# p99 and a miss does.

# %%
kit.show(tails.mixture.make(run.results))

# %% [markdown]
# One measurement, three stories. The **median** overstates: it has never met a miss. The **p99**
# understates: it has met nothing else. The **mean** lies between, and it is the one that adds up
# to how long a user waits for all five.
#
# ## And in milliseconds?

# %%
kit.show(tails.percentiles.make(run.results))

# %% [markdown]
# The cached curve has a step where the hits end. Whoever quotes a percentile has chosen a side
# of that step; it is only fair to say what the hit ratio was.
#
# ## If an answer comes ten times as fast, can ten times as many be given?
#
# Ask with one connection, then with more. (The sweeps are from the published full run; a quick
# one has no sweep.)

# %%
full = kit.published().results
kit.show(tails.sweeps.make_closed(full))

# %%
loops = {loop.variant: loop for loop in tails.sweeps.loops(full)}
off, on = loops["uncached"], loops["cached"]
kit.say(tails.two_gains(off, on))

# %% [markdown]
# The cached service ends where its processor has no time left. The uncached one stops far below
# what its processor could do: it stands in line at the database.
#
# ## Can the two differ a lot?
#
# They can. Let the database *wait* 50 ms more per read, as if it were far away, without *working*
# any longer. Latency pays for waiting. Capacity pays for work only.

# %%
kit.say(tails.far_database(model, off, on))

# %% [markdown]
# ## And under load?
#
# Requests on a schedule, whether or not answers came, more per second with every step. Times count
# from the moment a request was meant to start: a generator that waits for a slow answer sends the
# next ones late, and times that count from then leave their wait out (coordinated omission).

# %%
kit.section(tails.open_loop(full))

# %% [markdown]
# So "how many times as fast" has no answer without "at which load". Compare at a load that both
# carry comfortably, or show the whole curve; a ratio near the slower one's limit can be as large
# as one likes.
#
# **To take home.** Say mean, median and p99, and the hit ratio with them. Say at which load. And
# know what your generator does while it waits.
