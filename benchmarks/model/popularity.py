"""How the reads are spread over the keys."""

import numpy as np
import numpy.typing as npt

Shares = npt.NDArray[np.float64]


def zipf(keys: int, skew: float) -> Shares:
    """Return the share of each of N keys, the most popular first: p_i = i^-s / sum_j j^-s.

    A true Zipf over these keys; ``skew`` 0 is uniform. YCSB's ``scrambled zipfian`` is something
    else: it draws from 10^10 items and folds them, so that of 1000 keys the first one gets 3.8 %
    and not 12.9 % (METHOD 1.4). Raises ``ValueError``.
    """
    if keys < 1 or skew < 0:
        raise ValueError("needs at least one key, and a skew of 0 or more")
    weights: Shares = np.arange(1, keys + 1, dtype=np.float64) ** -skew
    shares: Shares = weights / weights.sum()
    return shares
