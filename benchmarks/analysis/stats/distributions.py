"""The distributions of Student and of a normal value.

SciPy takes most of a second to import, and is needed when the first interval is.
"""


def student_quantile(freedom: float, p: float) -> float:
    """Return the ``p``-quantile of Student's t with ``freedom`` degrees of freedom."""
    from scipy import special  # noqa: PLC0415

    return float(special.stdtrit(freedom, p))


def student_cdf(freedom: float, t: float) -> float:
    """Return the probability of a value below ``t`` for ``freedom`` degrees of freedom."""
    from scipy import special  # noqa: PLC0415

    return float(special.stdtr(freedom, t))


def normal_quantile(p: float) -> float:
    """Return the value that a standard normal one stays below with the probability ``p``."""
    from scipy import special  # noqa: PLC0415

    return float(special.ndtri(p))
