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
# # 4. Coherence
#
# "Read from the cache, else from the database, and store what you read. After a write, delete."
# It looks right, it passes every test, and it serves old data. How can it, if every write deletes?
#
# What follows was recorded on real processes: two of the service, A and B, one MongoDB, one Redis.

# %%
from notebooks.lib import coherence, kit

race = coherence.recorded()
naive, ours = race.of("naive"), race.of("cached")

# %% [markdown]
# ## Before anything happens: what is where?
#
# A user has one todo. Its heading is "before", and the list is not in the cache.

# %%
start = naive.state_after(coherence.RaceStep.PREPARE)
kit.say(f"{coherence.where(start)}.")

# %% [markdown]
# ## Step 1: what can go wrong with a read?
#
# Somebody asks process A for the list. A looks into Redis and finds nothing, so it reads the
# database. MongoDB says "before", which is true. Now A stores that in Redis.
#
# Between a process and Redis there is a network. This is the moment at which a packet is late. Here
# a proxy makes it late on purpose: it keeps what A stores.

# %%
said = coherence.findings.events(naive, coherence.RaceStep.READ)
kit.table(said, "Milliseconds since the first request")

# %%
state = naive.state_after(coherence.RaceStep.READ)
kit.say(f"{coherence.where(state)}. All is well.")

# %% [markdown]
# ## Step 2: what does the writer see?
#
# Somebody else changes the heading, at process B. B commits, deletes the list from Redis, and says
# that it is done. Nothing failed. There was nothing to delete, but B cannot know what is under way.

# %%
kit.table(coherence.findings.events(naive, coherence.RaceStep.WRITE))

# %%
state = naive.state_after(coherence.RaceStep.WRITE)
kit.say(f"{coherence.where(state)}. Still well.")

# %% [markdown]
# ## Step 3: what arrives?
#
# The late packet. Redis does as it is told. The reader gets its answer too: it says "before", and
# that is no fault, since this read began before the write.

# %%
kit.table(coherence.findings.events(naive, coherence.RaceStep.DELIVER))

# %%
state = naive.state_after(coherence.RaceStep.DELIVER)
kit.say(f"{coherence.where(state)}.")

# %% [markdown]
# ## Step 4: which readers see it?
#
# Everybody, at every process. These reads begin after the write was acknowledged, so the only right
# answer is "after". The author of the change does not find it.

# %%
kit.table(coherence.findings.events(naive, coherence.RaceStep.READ_AGAIN))

# %% [markdown]
# Whether an answer was too old is not for us to say. The checker that judges millions of reads in
# `fivefold verify` looks at what was asked, what was answered, and when:

# %%
kit.say(coherence.sentence(naive))

# %% [markdown]
# ## The whole race in one picture

# %%
kit.show(coherence.figure.make(naive))

# %% [markdown]
# ## Would a shorter TTL repair it?
#
# It bounds how long the lie lives, and takes the hits for it. Of a list that is read every five
# seconds and never written:

# %%
kit.table(coherence.by_ttl([300, 60, 10, 2], reads_per_second=1 / 5))

# %% [markdown]
# ## Would deleting twice repair it?
#
# Some delete again a little later, to catch what came late. How much later is enough?

# %%
kit.say(
    f"Here the value came **{coherence.late_by_ms(naive):.0f} ms** after the acknowledgement, "
    "because the proxy let it go then. It could have kept it for a minute. Whatever wait is "
    "chosen, a packet, a pause of the process or a stopped machine can be longer."
)

# %% [markdown]
# What is wrong is not *when* the list is deleted. It is that Redis stores every value that comes,
# without asking whether it is still wanted.
#
# ## What does it take?
#
# That a store is conditional. In the cached variant a reader that misses first asks for the right
# to fill (*acquire*) and leaves a token in the slot. Its value is stored only where that very
# token still stands. A writer empties the slot and so voids every token: once before the commit,
# which leaves a *mark* that refuses new ones, and once after it (*clear*).
#
# The same play, the same moment at which the packet is late:

# %%
kit.show(coherence.figure.make(ours))

# %% [markdown]
# Look at step 3. The same bytes arrive, just as late. Redis compares the token, finds another thing
# in its place (the trace of the write), and stores nothing.

# %%
kit.table(coherence.findings.states(ours), "What lay where, with tokens")

# %%
kit.say(coherence.sentence(ours))

# %% [markdown]
# In words, the rule that the race breaks and the protocol keeps: **a read that starts after a write
# was acknowledged returns that write or a newer one.**
#
# ## What if Redis cannot be told?
#
# Then the writer cannot void anything. It moves the *fence* instead, a small document in MongoDB
# that names the part of Redis in use: no process may use Redis without a *lease* on the fence,
# leases last less than a second, and the writer waits that long before it acknowledges. What still
# lies in the abandoned part, or arrives there, is never read again. This covers a lost delete,
# a dead writer, an old dump and a command that runs too late.
#
# ## What does it cost?
#
# About the list, a write of naive sends one command to Redis, the delete. A write of the cached
# variant sends two, the mark and the clear.
#
# In time, as the published run measured it: whole writes, commit included, beside the same writes
# without any cache. The account that a write has to look up first comes from the cache, which pays
# for part of it.

# %%
kit.section(coherence.writes(kit.published().results))

# %% [markdown]
# ## Is one play a proof?
#
# No. It shows that naive *can* be wrong; it cannot show that ours never is. That takes more:
#
# - a model of the protocol, of which every reachable state is searched, for every order of reads,
#   writes, failures, restarts and crashes within its bounds, and in which every rule that is taken
#   away is missed (`tests/model`, which prints how many states it saw);
# - the real code on a clock that is moved by hand, through every order of its steps
#   (`tests/interleaving`);
# - real processes under load while Redis is broken in every way we could think of:
#   `fivefold verify --seconds 120`, and with `--variant naive` to see stale reads found.
#
# [docs/coherence.md](../docs/coherence.md) has all the races, the whole protocol, and what it does
# *not* promise.
#
# ## Try it
#
# `fivefold race` plays it on your machine in half a minute; `FIVEFOLD_LIVE=1` has this notebook do
# so. The libraries can play too: `fivefold race --variant cashews --variant aiocache`.

# %%
judged = [(each.variant, coherence.judge(each)) for each in race.recordings]
rows = [(variant, f"{found.reads}", f"{len(found.stale)}") for variant, found in judged]
kit.table(kit.Table(("variant", "reads after the write", "stale"), rows))
