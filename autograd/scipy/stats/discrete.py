"""The discrete distributions, each by its formulas for loc 0.

Source of the formulas: Johnson, Kemp & Kotz, "Univariate Discrete Distributions", 3rd edition, 2005.
"""

from __future__ import annotations

from math import inf
from typing import Any

import numpy as np

from ... import ops
from ...numpy.keywords import plain
from .. import special
from .standard import Discrete, times_log

__all__ = ["bernoulli", "binom", "geom", "nbinom", "poisson"]

poisson = Discrete(
    "poisson",
    """Poisson's distribution, of probabilities μᵏ e^(−μ) / k!.

    >>> poisson.mean(3.0)
    np.float64(3.0)
    """,
    log=lambda k, mu: times_log(k, ops.log(mu)) - special.gammaln(k + 1) - mu,
    edge=lambda k, mu: mu**k * ops.exp(-special.gammaln(k + 1) - mu),
    cdf=lambda k, mu: special.gammaincc(k + 1, mu),
    sf=lambda k, mu: special.gammainc(k + 1, mu),
    mean=lambda mu: mu,
    var=lambda mu: mu,
    valid=lambda mu: mu >= 0,
)


def _is_share(p: Any) -> Any:
    return (p >= 0) & (p <= 1)


bernoulli = Discrete(
    "bernoulli",
    """Bernoulli's distribution: 1 with probability p, else 0.

    >>> bernoulli.pmf(1, 0.25)
    np.float64(0.25)
    """,
    log=lambda k, p: times_log(k, ops.log(p)) + times_log(1 - k, ops.log1p(-p)),
    edge=lambda k, p: p**k * (1 - p) ** (1 - k),
    cdf=lambda k, p: 1 - p + 0 * k,
    sf=lambda k, p: p + 0 * k,
    mean=lambda p: p,
    var=lambda p: p * (1 - p),
    entropy=lambda p: -times_log(p, ops.log(p)) - times_log(1 - p, ops.log1p(-p)),
    support=(0, 1),
    valid=_is_share,
)


def _log_choose(n: Any, k: Any) -> Any:
    return -ops.log(n + 1) - special.betaln(n - k + 1, k + 1)


binom = Discrete(
    "binom",
    """The binomial distribution: how often, in n trials, something happens that has probability p.

    >>> binom.mean(4, 0.25)
    np.float64(1.0)
    """,
    log=lambda k, n, p: _log_choose(n, k) + times_log(k, ops.log(p)) + times_log(n - k, ops.log1p(-p)),
    edge=lambda k, n, p: ops.exp(_log_choose(n, k)) * p**k * (1 - p) ** (n - k),
    cdf=lambda k, n, p: special.betaincc(k + 1, n - k, p),
    sf=lambda k, n, p: special.betainc(k + 1, n - k, p),
    mean=lambda n, p: n * p,
    var=lambda n, p: n * p * (1 - p),
    support=lambda n, _: (0, n),
    whole=["n"],
    valid=lambda n, p: (n >= 0) & (n == np.floor(n)) & _is_share(p),
)

nbinom = Discrete(
    "nbinom",
    """The negative binomial distribution: how often something of probability 1 − p happens before the other has happened n times.

    >>> nbinom.mean(4, 0.5)
    np.float64(4.0)
    """,
    log=lambda k, n, p: n * ops.log(p) + times_log(k, ops.log1p(-p)) - special.betaln(n, k + 1) - ops.log(n + k),
    edge=lambda k, n, p: p**n * (1 - p) ** k * ops.exp(-special.betaln(n, k + 1)) / (n + k),
    cdf=lambda k, n, p: special.betainc(n, k + 1, p),
    sf=lambda k, n, p: special.betaincc(n, k + 1, p),
    mean=lambda n, p: n * (1 - p) / p,
    var=lambda n, p: n * (1 - p) / p**2,
    valid=lambda n, p: (n > 0) & (p > 0) & (p <= 1),
)


def _none_in(k: Any, p: Any) -> tuple[Any, Any]:
    """(1 − p)ᵏ, and what it leaves of 1; a power where 1 − p is exact, and so has its derivatives at p = 1 too, else by logarithms."""
    likely = plain(p) > 0.5
    power = ops.where(likely, 1 - p, 0.5) ** k
    log = k * ops.log1p(-ops.where(likely, 0.5, p))
    return ops.where(likely, power, ops.exp(log)), ops.where(likely, 1 - power, -ops.expm1(log))


geom = Discrete(
    "geom",
    """The geometric distribution: how many trials until something happens that has probability p.

    >>> geom.pmf(2, 0.5)
    np.float64(0.25)
    """,
    log=lambda k, p: times_log(k - 1, ops.log1p(-p)) + ops.log(p),
    edge=lambda k, p: (1 - p) ** (k - 1) * p,
    cdf=lambda k, p: _none_in(k, p)[1],
    sf=lambda k, p: _none_in(k, p)[0],
    logsf=lambda k, p: times_log(k, ops.log1p(-p)),
    mean=lambda p: 1 / p,
    var=lambda p: (1 - p) / p**2,
    entropy=lambda p: -ops.log(p) - times_log(1 - p, ops.log1p(-p)) / p,
    support=(1, inf),
    valid=lambda p: (p > 0) & (p <= 1),
)

__test__ = {name: globals()[name].__doc__ for name in __all__}
