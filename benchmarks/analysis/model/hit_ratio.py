"""The hit ratio that a workload must give: by expiry and by writes.

Key i is read as a Poisson process with the rate lambda_i and invalidated with the rate omega_i per
second. Only lambda T and omega / lambda matter, so time may be compressed. Sources: the
renewal argument of Jung, Berger and Balakrishnan, INFOCOM 2003, with writes added here.
"""

import math

import numpy as np

from benchmarks.scenarios.popularity import Shares

_LONGEST_S = 1e12
_ROUNDING = 1e-9
_PRECISION = 2e-12


def expiring(reads: Shares, writes: "Shares | float" = 0.0, *, ttl_s: float = math.inf) -> Shares:
    """Return each key's hit ratio where the TTL runs from the fill and hits do not renew it.

    An entry lives E[L] = E[min(T, Exp(omega))] = (1 - e^(-omega T)) / omega, and a renewal cycle
    holds one miss, as reads during a fill wait for it, and lambda E[L] hits:

        h = lambda E[L] / (1 + lambda E[L]).

    Without writes: lambda T / (1 + lambda T) (Jung, Berger, Balakrishnan, INFOCOM 2003; Martina et
    al., arXiv 1307.6702); without expiry: lambda / (lambda + omega). A key that is read but never
    written and never expires has the hit ratio 1, one that is not read 0.
    """
    lifetimes_s = _lifetimes_s(np.broadcast_to(np.asarray(writes, float), reads.shape), ttl_s)
    with np.errstate(invalid="ignore"):
        hits = reads * lifetimes_s
        ratios = hits / (1 + hits)
    ratios = np.where(np.isinf(lifetimes_s), 1.0, ratios)
    return np.where(reads > 0, ratios, 0.0)


def mean_hit_ratio(ratios: Shares, reads: Shares) -> float:
    """Return the hit ratio over all reads: the keys' hit ratios weighted by their reads."""
    return float(np.average(ratios, weights=reads))


def ttl_needed_s(reads: Shares, writes: "Shares | float", *, hit_ratio: float) -> float | None:
    """Return the TTL in seconds that gives this mean hit ratio, None when none does.

    The mean of :func:`expiring` grows with the TTL, towards the share of reads on each key. That
    limit is reached by no TTL, however long, unless nothing is written.
    """
    limit = mean_hit_ratio(expiring(reads, writes), reads)
    if np.any(np.asarray(writes) > 0) and hit_ratio > limit - _ROUNDING:
        return None

    def short_by(log_ttl: float) -> float:
        ratios = expiring(reads, writes, ttl_s=math.exp(log_ttl))
        return mean_hit_ratio(ratios, reads) - hit_ratio

    longest = math.log(_LONGEST_S)
    if short_by(-longest) >= 0:
        return 0.0
    if short_by(longest) < 0:
        return None
    # It takes as long to import as everything else of a prediction together.
    from scipy.optimize import brentq  # noqa: PLC0415

    return math.exp(brentq(short_by, -longest, longest, xtol=_PRECISION))


def _lifetimes_s(writes: Shares, ttl_s: float) -> Shares:
    lifetimes = np.full(writes.shape, ttl_s, dtype=np.float64)
    written = writes > 0
    lifetimes[written] = -np.expm1(-writes[written] * ttl_s) / writes[written]
    return lifetimes
