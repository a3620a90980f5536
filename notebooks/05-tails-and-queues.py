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
model = run.results.models[0].fit.model

# %% [markdown]
# ## How much faster is it, then?
#
# Many users read, and most of their reads hit. Ask for the median and a hit answers. Ask for p99
# and a miss does.

# %%
kit.section(tails.mixes(run.results))

# %% [markdown]
# One measurement, three stories. Where most reads hit, the **median** overstates: it has never met
# a miss. The **p99** understates: it has met nothing else. The mean, in the column **all**, lies
# between, and it is the one that adds up to how long a user waits for all reads.
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
# Ask with one connection, then with more. (The sweep is from the published full run; a quick one
# has no sweep.)

# %%
full = kit.published().results
kit.section(tails.warm_reads(full.capacity, "uncached"))

# %%
kit.say(tails.two_gains(full.capacity, "uncached", "cached"))

# %% [markdown]
# The cached service ends where its processor has no time left: it uses a whole core. The uncached
# one stops far below what its processor could do, because it waits for the database.
#
# ## Can the two differ a lot?
#
# They can. Let the database *wait* 50 ms more per read, as if it were far away, without *working*
# any longer.

# %%
kit.say(
    "Computed, not measured: a hit is then "
    f"**{tails.times((model.uncached_ms + 50) / model.hit_total_ms)}** as fast as a read without a "
    "cache. With enough connections the database gives as many answers per second as before."
)

# %% [markdown]
# Latency pays for waiting. Capacity pays for work only.
#
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
