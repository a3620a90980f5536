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
# # 3. Break-even
#
# A read that misses asks the cache first and the database after all: a detour. A cache is worth it
# when the hits earn more than the detours cost. Where is that line, and on which side of it are
# you?

# %%
from notebooks.lib import kit, pays

run = kit.measured("session", "hits", "writes", "mostly-reads", "half-writes")
fitted = run.results.models[0]
model = fitted.fit.model

# %% [markdown]
# ## What does a read cost?
#
# Five numbers are enough. *a*: what every read takes. *d*: what a hit avoids. *c*: what a hit
# costs instead. *m*: what a miss costs on top. *i*: what a write costs on top. With the hit
# ratio *h*, the mean read takes
#
# - a + d without a cache,
# - a + h c + (1 - h)(d + m) with one,
#
# and a write takes *i* longer with one, or shorter: a write, too, has to find out which user asks.
# The run measured all five.

# %%
judged = pays.model(run.results)
kit.say(judged.sentences[0])

# %% [markdown]
# ## How many reads have to hit?
#
# Set the two lines equal and solve for h: the break-even is at **h\* = m / (d + m - c)**. The
# slower the database, the fewer hits it takes.

# %%
kit.show(pays.break_even.make_curves(run.results))

# %%
kit.say(judged.sentences[1])

# %% [markdown]
# The curves are flat at first and steep at the end: the last hits count most. A TTL that is a
# little longer can matter more than a Redis that is a little faster.
#
# ## How slow has the database to be?
#
# The same equation, solved for d: **d\* = c + m (1 - h) / h**. Break-even is easily had. Five
# times as fast is not: even if every read hit, that would take **d >= 5c + 4a**.

# %%
likely, wanted = 0.8, fitted.wanted
slow_ms = pays.break_even_database_ms(model, likely)
slower_ms = pays.least_database_ms(model, wanted)
kit.say(
    f"At a hit ratio of {likely:g} this cache is worth it from **{pays.ms(slow_ms)} ms** of "
    f"database on. For {wanted:g}x the database must take at least **{pays.ms(slower_ms)} ms**, "
    f"{pays.ms((wanted - 1) * model.app_ms)} ms of which are 4a: time that no cache can touch."
)

# %% [markdown]
# ## Where is five times as fast?
#
# Every database from left to right, every hit ratio from the bottom up. The thick line is 5x.

# %%
kit.show(pays.break_even.make_map(run.results))

# %% [markdown]
# ## What do writes leave?
#
# A write empties the entry, so the next read misses. If reads and writes come in random order,
# no more than the share of reads can hit: **h <= 1 - w**. So of the mixes that write, the one that
# writes more gains less.

# %%
kit.section(pays.mixes(run.results))

# %% [markdown]
# A to-do list that is ticked off as often as it is looked at gains next to nothing.
#
# ## What if Redis is not next door?
#
# The tutorial's Redis is in a cloud. Each round trip there is paid by every hit, and by every miss
# again. (Only a full run moves Redis away, so this is always the published one.)

# %%
kit.show(pays.speedups.make_by_distance(kit.published().results))

# %% [markdown]
# The service asks Redis once for a hit. The tutorial's code asks three times in a row, so the same
# distance costs it three times as much.
#
# ## May the model be believed?
#
# It was fitted to one scenario on one database, and then had to predict everything else.

# %%
kit.say(judged.sentences[2])

# %% [markdown]
# These are the ones it missed.

# %%
kit.table(pays.missed(fitted))

# %% [markdown]
# In the published run they have reasons. A hit takes well under a millisecond, so a tenth of it is
# a few hundredths of one: what the processor did just before, or that it had nothing to do, can be
# enough. Empty lists are less work than the full ones that the model was fitted to. A write with a
# cache skips a database read of its own (which user asks?), which a slow database makes dear. And
# the far Redis is behind a proxy, which is one more hop. The model knows none of that.
#
# ## And with your numbers?
#
# Milliseconds and shares, as above.

# %%
kit.sliders(
    lambda **own: kit.say(pays.in_words(**own)),
    db_ms=kit.FloatSlider(5, min=0.5, max=50, step=0.5),
    hit_ms=kit.FloatSlider(0.2, min=0.1, max=5, step=0.1),
    app_ms=kit.FloatSlider(0.5, min=0, max=5, step=0.1),
    miss_ms=kit.FloatSlider(0.8, min=0, max=5, step=0.1),
    hit_ratio=kit.FloatSlider(0.8, min=0, max=0.99, step=0.01),
    writes=kit.FloatSlider(0.05, min=0, max=0.5, step=0.01),
)

# %% [markdown]
# `fivefold advise` answers the same in a terminal, with the memory: `fivefold advise --db-ms
# 12 --hit-ratio 0.7 --writes 0.1`.

# %%
kit.say(
    f"**To take home.** {judged.sentences[1]} What it can never pass is {pays.times(model.limit)}, "
    f"(a + d) / (a + c). Of the wish for {wanted:g}x, ask first which database it is made about."
)
