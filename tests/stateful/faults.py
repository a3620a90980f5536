"""Break Redis, its paths and the switch, one thing after the other, and mend them."""

from collections import Counter
from enum import StrEnum

from benchmarks.stack.relay import RelayMode
from tests.stateful.deployment import WORKERS, StatefulDeployment

DELAY_MS = 15.0
"""Per way, so that a round trip is still shorter than what readers wait for Redis."""
_OK, _NO_SWITCH = 200, 409
_FREE = {
    "dump saved",
    "flushed",
    "key evicted",
    "switched on",
    "started from a dump",
    "started empty",
}
"""What an example may have any number of."""


class Strike(StrEnum):
    """What can be done to a deployment."""

    RESET = "reset"
    DROP_REQUESTS = "drop-requests"
    DROP_REPLIES = "drop-replies"
    HOLD = "hold"
    SLOW = "slow"
    KILL = "kill"
    STOP = "stop"
    ROLL_BACK = "roll back"
    SWITCH = "switch"
    OUTSIDER = "outsider"
    OUTAGE = "outage"


PATHS = {
    Strike.RESET: RelayMode.RESET,
    Strike.DROP_REQUESTS: RelayMode.DROP_REQUESTS,
    Strike.DROP_REPLIES: RelayMode.DROP_REPLIES,
    Strike.HOLD: RelayMode.HOLD,
    Strike.SLOW: RelayMode.DELAY,
}
"""What is done to one process's way to Redis."""


class Redis(StrEnum):
    """The state that Redis is in."""

    UP = "up"
    STOPPED = "stopped"
    KILLED = "killed"


class StatefulFaults:
    """What is broken in one example; ``struck`` counts by kind, over all examples."""

    def __init__(self, deployment: StatefulDeployment, struck: Counter[str]) -> None:
        self.redis = Redis.UP
        self.saved = False
        self.enabled = True
        self.paths = dict.fromkeys(WORKERS, RelayMode.NORMAL)
        self.strikes = 0
        self._deployment = deployment
        self._struck = struck

    def __str__(self) -> str:
        paths = ", ".join(f"path {worker} {mode}" for worker, mode in self.paths.items())
        return f"redis {self.redis}, {paths}, switch {'on' if self.enabled else 'off'}"

    def save(self) -> None:
        """Have Redis write a dump, which it may be started from later."""
        with self._deployment.fleet.redis.client() as client:
            client.save()
        self.saved = True
        self._count("dump saved")

    def flush(self) -> None:
        with self._deployment.fleet.redis.client() as client:
            client.flushall()
        self._count("flushed")

    def evict(self) -> None:
        """Lose one key at random."""
        with self._deployment.fleet.redis.client() as client:
            if (key := client.randomkey()) is not None:
                client.delete(key)
                self._count("key evicted")

    def stop(self) -> None:
        self._deployment.fleet.redis.process.pause()
        self.redis = Redis.STOPPED
        self._count("stopped")

    def kill(self) -> None:
        self._deployment.fleet.redis.process.kill()
        self.redis = Redis.KILLED
        self._count("killed")

    def bring_back(self, *, dump: bool) -> None:
        """Let a frozen Redis go on; start a killed one from its dump, if there is one, or empty.

        A started one is reached by all at once, before anybody can have looked what it is.
        """
        redis = self._deployment.fleet.redis
        if self.redis is Redis.STOPPED:
            redis.process.resume()
        elif self.redis is Redis.KILLED:
            for proxy in self._deployment.fleet.proxies:
                proxy.switch(RelayMode.REFUSE)
            redis.restart(dump=dump and self.saved)
            self._count("started from a dump" if dump and self.saved else "started empty")
            for worker, mode in self.paths.items():
                self._switch_path(worker, mode)
        self.redis = Redis.UP

    def break_path(self, worker: int, mode: RelayMode) -> None:
        """Break one process's way to Redis, or mend it; held requests are delivered then."""
        self._switch_path(worker, mode)
        self.paths[worker] = mode
        if mode is not RelayMode.NORMAL:
            self._count(f"path {mode}")

    def switch(self, worker: int, *, enabled: bool) -> None:
        """Turn the cache on or off for the whole deployment, where the variant has a switch."""
        answer = self._deployment.switch(worker, enabled=enabled)
        assert answer.status in {_OK, _NO_SWITCH}, answer
        if answer.status == _OK:
            assert enabled == (b'"state":"off"' not in answer.body), answer
            self.enabled = enabled
            self._count("switched on" if enabled else "switched off")

    def outsider(self) -> None:
        """Note that a process without Redis was at work."""
        self._count("write without redis")

    def mend(self) -> None:
        """Put everything right; the fence opens when its recovery monitors say so."""
        self.bring_back(dump=True)
        for worker in WORKERS:
            self.break_path(worker, RelayMode.NORMAL)
        if not self.enabled:
            self.switch(0, enabled=True)

    def _switch_path(self, worker: int, mode: RelayMode) -> None:
        delay_ms = DELAY_MS if mode is RelayMode.DELAY else 0.0
        self._deployment.fleet.proxies[worker].switch(mode, delay_ms=delay_ms)

    def _count(self, kind: str) -> None:
        self._struck[kind] += 1
        self.strikes += kind not in _FREE
