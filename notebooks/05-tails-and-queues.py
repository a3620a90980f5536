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
from dataclasses import replace
from statistics import fmean

import numpy as np

from benchmarks.analysis.claims import SEED_MODEL
from benchmarks.export.figures import count, ms, times
from benchmarks.export.plots import load_gain, mixture, omission, percentiles, queueing, rates
from benchmarks.export.plots.fitted import Fitted
from benchmarks.model.observed import MS_PER_S, select
from benchmarks.model.omission import Stall, as_wrk
from benchmarks.model.queueing import closed_bound_per_s, users_at_knee
from benchmarks.notebook import kit

run = kit.measured("session", "uniform", "zipf", "unindexed")
model = Fitted.of(run.results).model

# %% [markdown]
# ## How much faster is it, then?
#
# Five reads from a cold cache: one misses, four hit. Ask for the median and a hit answers. Ask for
# p99 and a miss does.

# %%
kit.show(mixture.make(run.results))

# %% [markdown]
# One measurement, three stories. The **median** overstates: it has never met a miss. The **p99**
# understates: it has met nothing else. The **mean** lies between, and it is the one that adds up
# to how long somebody waits for all five.
#
# ## Is that so for every hit ratio?

# %%
kit.show(mixture.make_by_hit_ratio(run.results))

# %% [markdown]
# The median flips from "useless" to "magic" at one half. A p99 gains nothing until 99 of 100
# reads hit, and where writes invalidate that takes less than one write in a hundred. (Measured
# p99s tend to lie above the line. In the model all misses are alike; real ones are not, and where
# four of five reads hit, the slowest hundredth of all is only the slowest twentieth of the misses.)
#
# ## And in milliseconds?

# %%
kit.show(percentiles.make(run.results))

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
kit.show(queueing.make_closed(full))

# %%
loops = {loop.variant: loop for loop in queueing.loops(full)}
off, on = loops["uncached"], loops["cached"]
kit.say(
    f"A lone request is answered **{times(off.lone_ms / on.lone_ms)}** as fast. At their best the "
    f"two give {count(round(on.most_per_s))} and {count(round(off.most_per_s))} answers per "
    f"second: **{times(on.most_per_s / off.most_per_s)}** as many. Two gains, two numbers."
)

# %% [markdown]
# The cached service ends where its processor has no time left. The uncached one stops far below
# what its processor could do: it stands in line at the database.
#
# ## Can the two differ a lot?
#
# They can. Let the database *wait* 50 ms more per read, as if it were far away, without *working*
# any longer. Latency pays for waiting. Capacity pays for work only.

# %%
far = replace(model, database_ms=model.database_ms + 50)
busy_ms = MS_PER_S / off.most_per_s
knee = users_at_knee(response_ms=far.uncached_ms, bottleneck_ms=busy_ms)
most = closed_bound_per_s(64, response_ms=far.uncached_ms, bottleneck_ms=busy_ms)
kit.say(
    f"Computed, not measured: a hit is now **{times(far.limit)}** as fast as a read without a "
    f"cache. But {np.ceil(knee):.0f} connections are enough to keep that database as busy as "
    f"before, and with 64 of them the uncached service may still give {count(round(most))} per "
    f"second. The cache carries **{times(on.most_per_s / most)}** as much, as before."
)

# %% [markdown]
# ## Why does everything get slow at once?
#
# Take the tutorial's numbers and one server that does all the work, and let requests come at
# random. They meet, and who comes second waits.

# %%
kit.show(load_gain.make(SEED_MODEL, 0.8, whose="the tutorial's 50 ms and 1 ms"))

# %% [markdown]
# So "how many times as fast" has no answer without "at which load". Compare at a load that both
# carry comfortably, or show the whole curve; a ratio near the slower one's limit can be as large
# as one likes.
#
# ## Does a real service do that?
#
# Requests on a schedule that waits for nobody, more per second with every step.

# %%
kit.show(rates.make(full))

# %% [markdown]
# Beside it, what the formula says, with nothing but two numbers of the closed loop above: how long
# a lone request takes, and how many per second there can be.

# %%
figure = queueing.make_open(full)
kit.show(figure)

# %%
judged = [row for row in figure.table.rows if row[3] == "stable"]
off_by = [float(mean) / float(most) for *_, mean, _, most in judged]
inside = sum(float(least) <= float(mean) <= float(most) for *_, mean, least, most in judged)
kit.say(
    f"Of {len(judged)} judged rounds {inside} lie in the band; they took "
    f"{min(off_by):.1f} to {max(off_by):.1f} times its upper edge, {np.median(off_by):.1f} times "
    "in the median."
)

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
stall = Stall(start_ms=4000, end_ms=4500)
served = omission.stalled(
    rate_per_s=200, seconds=10, work_ms=model.hit_total_ms, stall=stall, seed=1
)
kit.show(omission.make_stalled(served, stall))

# %% [markdown]
# This is called coordinated omission. The cure is to count from the moment a request was meant to
# start. Every sample of this project holds both moments.
#
# ## Then let us correct it afterwards?
#
# wrk tries. It knows no schedule, so it guesses: an answer slower than twice the mean must have
# been a stall, and it adds the requests that would have come meanwhile. But a miss is no stall.

# %%
reads = select(run.samples(), scenario="session", regime="50ms-per-request")
recorded = {
    name: [read.duration_s * MS_PER_S for read in select(reads, variant=name)]
    for name in ("uncached", "cached")
}
kit.show(
    omission.make_back_filled(
        recorded["cached"], whose="cached reads of sessions with 50 ms per request"
    )
)

# %% [markdown]
# And what becomes of the claim?

# %%
corrected = {name: as_wrk(values) for name, values in recorded.items()}
rows = [
    [label, ms(np.median(data["cached"])), ms(fmean(data["cached"])), ms(fmean(data["uncached"])),
     times(fmean(data["uncached"]) / fmean(data["cached"]))]
    for label, data in (("recorded", recorded), ("as wrk would print it", corrected))
]  # fmt: skip
headings = ("of the same requests", "cached p50 ms", "cached mean ms", "uncached mean ms", "faster")
kit.table(headings, rows)

# %% [markdown]
# The same requests, and a cache that looks much worse than it was: only the cached side has two
# kinds of answers, so only it is "corrected". That is why this project takes no percentile from
# wrk.
#
# **To take home.** Say mean, median and p99, and the hit ratio with them. Say at which load. And
# know what your generator does while it waits.
