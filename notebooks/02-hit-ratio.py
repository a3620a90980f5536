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
# # 2. The hit ratio
#
# A cache is worth what it hits. Which part of the reads is that, and what decides it: the TTL, the
# users or the writes? Each of them has a formula. Here they meet measurements.

# %%
from notebooks.lib import hits, kit

run = kit.measured("uniform", "zipf", "mostly-reads", "half-writes", "ttl-bound")
results = hits.measured()
points, asked = results.points, results.asked

# %% [markdown]
# ## What does a cache hit on its first day?
#
# Nothing, at first. Every block of these workloads starts with an empty cache, and the ratio climbs
# as users come back. A short test that reports its mean reports mostly how short it was.

# %%
kit.section(hits.mixes(run.results))

# %% [markdown]
# ## And where does it settle?
#
# The rest is about one workload whose cache has warmed up. The curves were there before anything
# was measured: a formula that knows the users, the rate, the TTL and the writes.

# %%
workload = asked.workload
kit.say(
    f"{workload.users} users, Zipf {workload.skew:g}, {workload.writes:.0%} writes, "
    f"{workload.rate * workload.ttl_s:g} operations per TTL."
)

# %% [markdown]
# ## How long should an entry live?
#
# An entry lives for a TTL, then one read misses and fills it again. In between come λT reads, so
# λT of λT + 1 hit: the renewal formula h = λT / (1 + λT). Doubling the TTL halves the misses at
# best, so the curve is steep at first and then very flat.

# %%
kit.show(hits.figures.make_curves(results, ["ttl"]))

# %%
needed = [
    (hits.percent(each.hit_ratio), hits.lifetime(each.ttl_s) if each.ttl_s else "none")
    for each in asked.ttl_needed_s
]
kit.table(kit.Table(["hit ratio", "TTL that it takes"], needed))

# %% [markdown]
# ## Does it matter which users read?
#
# With skew 0 all users are alike. With skew 1 a few of them make most of the reads, their entries
# are nearly always there, and the same TTL brings more.

# %%
kit.show(hits.figures.make_curves(results, ["skew"]))

# %% [markdown]
# ## What do writes take away?
#
# A read hits only if the last thing that happened to its list was a read. So a share of writes w
# leaves at most 1 - w, whatever the TTL.

# %%
kit.show(hits.figures.make_curves(results, ["writes"]))

# %% [markdown]
# ## So do the formulas hold?
#
# Every point beside its prediction. Nothing was fitted: the prediction knows the workload and the
# rate that this machine kept.

# %%
near = sum(point.within for point in points)
kit.say(f"**{near} of {len(points)} points lie within {hits.WITHIN:g} of the prediction.**")

# %%
kit.section(hits.report.agreement(points))

# %% [markdown]
# ## Why does a read miss?
#
# The headers of the answers say how each list was come by. *Expired* was the TTL, *invalidated* a
# write, *cold* a first time.

# %%
kit.section(hits.report.reasons(points))

# %% [markdown]
# ## Your own numbers
#
# `fivefold hit-ratio --users 5000 --rate 40 --ttl 600 --writes 0.1` answers the same for yours;
# with `--measure` it puts points on the curves. `docs/hit-ratio.md` has the formulas.
