"""The injected delays of the servers; delays.py injects them."""

from collections.abc import Mapping

from benchmarks.storage.records import LOAD, NATIVE, NOISE, Regime


def _slower_database(delay_ms: int) -> Regime:
    name = f"db+{delay_ms}ms"
    return Regime(name=name, description=f"{delay_ms} ms on each find", delay_ms=delay_ms)


def _farther_redis(delay_ms: float) -> Regime:
    return Regime(
        name=f"redis+{delay_ms:g}ms",
        description=f"Redis behind a proxy that adds {delay_ms:g} ms to each round trip",
        redis_delay_ms=delay_ms,
    )


REGIMES: Mapping[str, Regime] = {
    regime.name: regime
    for regime in (
        Regime(name=NATIVE, description="the database as it is", role="claim"),
        Regime(
            name="50ms-per-request",
            description="50 ms for the queries of a read together",
            delay_ms=50,
            role="claim",
        ),
        Regime(
            name="50ms-per-query",
            description="50 ms for each of a read's two queries, which the tutorial "
            "makes one after the other: 100 ms per read",
            delay_ms=100,
            role="claim",
        ),
        Regime(name=NOISE, description="every variant against itself", role="noise"),
        Regime(name=LOAD, description="many users at a time", role="claim"),
        *(_slower_database(delay_ms) for delay_ms in (1, 2, 5, 10, 20, 100)),
        *(_farther_redis(delay_ms) for delay_ms in (0, 0.5, 1, 2, 5, 10)),
    )
}
