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
# the numbers that one number hides, and about instruments that make numbers up.

# %%
from notebooks.lib import kit, tails

run = kit.measured("session", "uniform", "zipf", "unindexed")
model = tails.Fitted.of(run.results).model

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
# to how long somebody waits for all five.
#
# ## Is that so for every hit ratio?

# %%
kit.show(tails.mixture.make_by_hit_ratio(run.results))

# %% [markdown]
# The median flips from "useless" to "magic" at one half. A p99 gains nothing until 99 of 100
# reads hit, and where writes invalidate that takes less than one write in a hundred. (Measured
# p99s tend to lie above the line. In the model all misses are alike; real ones are not, and where
# four of five reads hit, the slowest hundredth of all is only the slowest twentieth of the misses.)
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
# Ask with one connection, then with more. (The ladders are from the published full run; a quick
# one does not climb.)

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
# ## Why does everything get slow at once?
#
# Take the tutorial's numbers and one server that does all the work, and let requests come at
# random. They meet, and who comes second waits.

# %%
kit.show(tails.queueing.make_gain(tails.SEED_MODEL, 0.8, whose="the tutorial's 50 ms and 1 ms"))

# %% [markdown]
# So "how many times as fast" has no answer without "at which load". Compare at a load that both
# carry comfortably, or show the whole curve; a ratio near the slower one's limit can be as large
# as one likes.
#
# ## Does a real service do that?
#
# Requests on a schedule that waits for nobody, more per second with every step.

# %%
kit.show(tails.rates.make(full))

# %% [markdown]
# Beside it, what the formula says, with nothing but two numbers of the closed loop above: how long
# a lone request takes, and how many per second there can be.

# %%
figure = tails.sweeps.make_open(full)
kit.show(figure)

# %%
kit.say(tails.inside_the_band(figure))

# %% [markdown]
# The shape is right, and the rest is a lesson in modesty. Far below the bend a request takes
# longer than foreseen: one that comes out of the blue perhaps finds the processor busy with
# something else, one that follows an answer at once does not. At the bend a few per cent more or
# less capacity are everything, and on two shared processors the generator takes some of it away.
# The formula knows neither.
#
# ## Can a percentile be wrong even if every time in it is right?
#
# It can, if the generator was polite. It asks, waits for the answer, asks again. When the server
# stalls, it stalls too, and what was due meanwhile is never sent on time.

# %%
stall = tails.Stall(start_ms=4000, end_ms=4500)
served = tails.omission.stalled(
    rate_per_s=200, seconds=10, work_ms=model.hit_total_ms, stall=stall, seed=1
)
kit.show(tails.omission.make_stalled(served, stall))

# %% [markdown]
# This is called coordinated omission. The cure is to count from the moment a request was meant to
# start. Every sample of this project holds both moments.
#
# ## Then let us correct it afterwards?
#
# wrk tries. It knows no schedule, so it guesses: an answer slower than twice the mean must have
# been a stall, and it adds the requests that would have come meanwhile. But a miss is no stall.

# %%
recorded = tails.recorded_ms(run)
kit.show(
    tails.omission.make_back_filled(
        recorded["cached"], whose="cached reads of sessions with 50 ms per request"
    )
)

# %% [markdown]
# And what becomes of the claim?

# %%
claimed = tails.corrected(recorded)
kit.table(claimed.headings, claimed.rows)

# %% [markdown]
# The same requests, and a cache that looks much worse than it was: only the cached side has two
# kinds of answers, so only it is "corrected". That is why this project takes no percentile from
# wrk.
#
# **To take home.** Say mean, median and p99, and the hit ratio with them. Say at which load. And
# know what your generator does while it waits.
