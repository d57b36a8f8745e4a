"""The continuous distributions, each by its formulas for loc 0 and scale 1.

Source of the formulas: Johnson, Kotz & Balakrishnan, "Continuous Univariate Distributions", 2nd edition, 1994 and 1995.
"""

from __future__ import annotations

from math import inf, log, nan, pi, sqrt
from typing import Any

import numpy as np
from scipy.special import betainccinv, betaincinv, gammainccinv, gammaincinv, log_ndtr, ndtri_exp, stdtrit

from ... import ops
from ...numpy.keywords import plain
from .. import special
from ..special.gamma_family import polygamma_rise
from .standard import Continuous, times_log

__all__ = [
    "beta", "cauchy", "chi2", "expon", "f", "gamma", "gumbel_l", "gumbel_r", "halfnorm", "invgamma", "laplace", "logistic", "lognorm",
    "norm", "pareto", "rayleigh", "t", "truncnorm", "uniform", "vonmises", "weibull_min",
]  # fmt: skip

LOG_2, LOG_PI, LOG_SQRT_2PI, EULER = log(2), log(pi), log(2 * pi) / 2, float(np.euler_gamma)


def _above(bound: float, a: Any, formula: Any, other: Any = inf) -> Any:
    """The moment `formula(a)` of families that have one for a > bound only."""
    has = plain(a) > bound
    return ops.where(has, formula(ops.where(has, a, bound + 1.0)), other)


# -- on the whole line --------------------------------------------------------------------------------------------------------------------

norm = Continuous(
    "norm",
    """The normal distribution, of density e^(−z²/2) / √(2π).

    >>> norm.cdf(0.0)
    np.float64(0.5)
    """,
    log=lambda z: -z * z / 2 - LOG_SQRT_2PI,
    cdf=lambda z: special.ndtr(z),
    logcdf=lambda z: special.log_ndtr(z),
    ppf=lambda q: special.ndtri(q),
    mean=lambda: 0.0,
    var=lambda: 1.0,
    entropy=lambda: LOG_SQRT_2PI + 0.5,
    symmetric=True,
)

laplace = Continuous(
    "laplace",
    """The Laplace distribution, of density e^(−|z|) / 2.

    >>> laplace.pdf(0.0)
    np.float64(0.5)
    """,
    log=lambda z: -ops.absolute(z) - LOG_2,
    cdf=lambda z: _halves(z < 0, z, lambda left: ops.exp(left) / 2, lambda right: 1 - ops.exp(-right) / 2),
    logcdf=lambda z: _halves(z < 0, z, lambda left: left - LOG_2, lambda right: ops.log1p(-ops.exp(-right) / 2)),
    ppf=lambda q: _halves(q < 0.5, q, lambda left: ops.log(2 * left), lambda right: -ops.log(2 - 2 * right), 0.5),
    mean=lambda: 0.0,
    var=lambda: 2.0,
    entropy=lambda: 1 + LOG_2,
    symmetric=True,
)


def _halves(left: Any, z: Any, below: Any, above: Any, middle: float = 0.0) -> Any:
    """Two formulas, each of which sees the half of the values that it is for, or the one in the middle."""
    left = plain(left)
    return ops.where(left, below(ops.where(left, z, middle)), above(ops.where(left, middle, z)))


logistic = Continuous(
    "logistic",
    """The logistic distribution, of density e^(−z) / (1 + e^(−z))².

    >>> logistic.pdf(0.0)
    np.float64(0.25)
    """,
    log=lambda z: -ops.softplus(z) - ops.softplus(-z),
    cdf=lambda z: ops.sigmoid(z),
    logcdf=lambda z: -ops.softplus(-z),
    ppf=lambda q: special.logit(q),
    mean=lambda: 0.0,
    var=lambda: pi**2 / 3,
    entropy=lambda: 2.0,
    symmetric=True,
)


def _cauchy_tail(q: Any) -> Any:
    return _halves(q < 0.5, q, lambda left: -1 / ops.tan(pi * left), lambda right: 1 / ops.tan(pi * (1 - right)), 0.5)


cauchy = Continuous(
    "cauchy",
    """The Cauchy distribution, of density 1 / (π (1 + z²)).

    >>> cauchy.cdf(-1.0)
    np.float64(0.25)
    """,
    log=lambda z: -LOG_PI - 2 * ops.log(ops.hypot(1.0, z)),
    cdf=lambda z: ops.arctan2(1.0, -z) / pi,
    ppf=lambda q: _halves(ops.absolute(q - 0.5) > 0.25, q, _cauchy_tail, lambda inner: ops.tan(pi * (inner - 0.5)), 0.5),
    mean=lambda: nan,
    var=lambda: nan,
    entropy=lambda: log(4 * pi),
    symmetric=True,
)

gumbel_r = Continuous(
    "gumbel_r",
    """The distribution of the greatest of many (Gumbel's, of the right): density e^(−z − e^(−z)).

    >>> gumbel_r.logcdf(0.0)
    np.float64(-1.0)
    """,
    log=lambda z: -z - ops.exp(-z),
    cdf=lambda z: ops.exp(-ops.exp(-z)),
    sf=lambda z: -ops.expm1(-ops.exp(-z)),
    logcdf=lambda z: -ops.exp(-z),
    ppf=lambda q: -ops.log(-ops.log(q)),
    isf=lambda q: -ops.log(-ops.log1p(-q)),
    mean=lambda: EULER,
    var=lambda: pi**2 / 6,
    entropy=lambda: EULER + 1,
)

gumbel_l = Continuous(
    "gumbel_l",
    """The distribution of the least of many (Gumbel's, of the left): density e^(z − e^z).

    >>> gumbel_l.logsf(0.0)
    np.float64(-1.0)
    """,
    log=lambda z: z - ops.exp(z),
    cdf=lambda z: -ops.expm1(-ops.exp(z)),
    sf=lambda z: ops.exp(-ops.exp(z)),
    logsf=lambda z: -ops.exp(z),
    ppf=lambda q: ops.log(-ops.log1p(-q)),
    isf=lambda q: ops.log(-ops.log(q)),
    mean=lambda: -EULER,
    var=lambda: pi**2 / 6,
    entropy=lambda: EULER + 1,
)


def _t_cdf(z: Any, df: Any) -> Any:
    """From the incomplete beta function, in the tail of what is less than 1/2 of z²/(df + z²) and df/(df + z²): that has the digits.

    In the middle it has a square root at z = 0, where the power series takes over.
    """
    at, nu = plain(z), plain(df)
    left, middle, far = at < 0, at * at < np.minimum(nu, 1), at * at > nu
    tiny = at * at * (1 + 1 / nu) < 1e-6
    square = ops.where(tiny, 0.5, z * z)
    share = ops.where(far, 0.5, square / (df + square))
    beyond = special.betainc(df / 2, 0.5, ops.where(far, df / (df + square), 0.5))
    tail = ops.where(far, beyond, special.betaincc(0.5, df / 2, ops.where(middle, 0.5, share))) / 2
    half = special.betainc(0.5, df / 2, ops.where(middle, share, 0.5)) / 2
    x = ops.where(tiny, z, 0.0)
    w = x * x / df
    density = ops.exp(-ops.log(df) / 2 - special.betaln(0.5, df / 2))
    series = density * x * (1 - (df + 1) * w * (1 / 6 - (df + 3) * w * (1 / 40 - (df + 5) * w / 336)))
    around = 0.5 + ops.where(tiny, series, ops.where(left, -half, half))
    return ops.where(middle, around, ops.where(left, tail, 1 - tail))


t = Continuous(
    "t",
    """Student's t distribution with df degrees of freedom, of density (1 + z²/df)^(−(df+1)/2) / (√df B(½, df/2)).

    >>> t.cdf(-1.0, 1.0).round(12)
    np.float64(0.25)
    """,
    log=lambda z, df: -(df + 1) / 2 * ops.log1p(z * z / df) - ops.log(df) / 2 - special.betaln(0.5, df / 2),
    cdf=_t_cdf,
    find_ppf=lambda q, df: np.where(q == 0, -inf, stdtrit(df, q)),
    mean=lambda df: _above(1, df, lambda df: 0 * df),
    var=lambda df: _above(2, df, lambda df: df / (df - 2), np.where(plain(df) > 1, inf, nan).astype(df.dtype)),
    entropy=lambda df: (df + 1) / 2 * polygamma_rise(df / 2, 0.5) + ops.log(df) / 2 + special.betaln(0.5, df / 2),
    symmetric=True,
)

vonmises = Continuous(
    "vonmises",
    """The von Mises distribution of angles, of density e^(κ cos z) / (2π I₀(κ)).  Its cdf has no closed form, and is not here.

    >>> vonmises.pdf(0.0, 0.0) == 1 / (2 * pi)
    np.True_
    """,
    log=lambda z, kappa: -2 * kappa * ops.sin(z / 2) ** 2 - ops.log(2 * pi * special.i0e(kappa)),  # κ(cos z − 1), with all its digits
    entropy=lambda kappa: ops.log(2 * pi * special.i0e(kappa)) + kappa * (1 - special.i1e(kappa) / special.i0e(kappa)),
    valid=lambda kappa: kappa >= 0,
)


# -- on a half of it ----------------------------------------------------------------------------------------------------------------------

expon = Continuous(
    "expon",
    """The exponential distribution, of density e^(−z) for z ≥ 0.

    >>> expon.logsf(3.0, scale=2.0)
    np.float64(-1.5)
    """,
    log=lambda z: -z,
    cdf=lambda z: -ops.expm1(-z),
    sf=lambda z: ops.exp(-z),
    logsf=lambda z: -z,
    ppf=lambda q: -ops.log1p(-q),
    isf=lambda q: -ops.log(q),
    mean=lambda: 1.0,
    var=lambda: 1.0,
    entropy=lambda: 1.0,
    support=(0, inf),
)

gamma = Continuous(
    "gamma",
    """The gamma distribution, of density zᵃ⁻¹ e^(−z) / Γ(a) for z ≥ 0.

    >>> gamma.mean(3.0, scale=2.0)
    np.float64(6.0)
    """,
    log=lambda z, a: times_log(a - 1, ops.log(z)) - z - special.gammaln(a),
    edge=lambda z, a: z ** (a - 1) * ops.exp(-z - special.gammaln(a)),
    cdf=lambda z, a: special.gammainc(a, z),
    sf=lambda z, a: special.gammaincc(a, z),
    find_ppf=lambda q, a: gammaincinv(a, q),
    find_isf=lambda q, a: gammainccinv(a, q),
    mean=lambda a: a,
    var=lambda a: a,
    entropy=lambda a: a + special.gammaln(a) + (1 - a) * special.digamma(a),
    support=(0, inf),
)

chi2 = Continuous(
    "chi2",
    """The χ² distribution with df degrees of freedom, of density (z/2)^(df/2−1) e^(−z/2) / 2Γ(df/2) for z ≥ 0.

    >>> chi2.sf(0.0, 3.0)
    np.float64(1.0)
    """,
    log=lambda z, df: times_log(df / 2 - 1, ops.log(z / 2)) - z / 2 - special.gammaln(df / 2) - LOG_2,
    edge=lambda z, df: (z / 2) ** (df / 2 - 1) * ops.exp(-z / 2 - special.gammaln(df / 2)) / 2,
    cdf=lambda z, df: special.gammainc(df / 2, z / 2),
    sf=lambda z, df: special.gammaincc(df / 2, z / 2),
    find_ppf=lambda q, df: 2 * gammaincinv(df / 2, q),
    find_isf=lambda q, df: 2 * gammainccinv(df / 2, q),
    mean=lambda df: df,
    var=lambda df: 2 * df,
    entropy=lambda df: df / 2 + LOG_2 + special.gammaln(df / 2) + (1 - df / 2) * special.digamma(df / 2),
    support=(0, inf),
)


def _find_f(dfn: Any, dfd: Any, share: Any, rest: Any, q: Any) -> Any:
    """From the share x = m z/(n + m z), and what it leaves of 1, which would lose digits as 1 − x."""
    return share(dfn / 2, dfd / 2, q) / rest(dfd / 2, dfn / 2, q) * dfd / dfn


f = Continuous(
    "f",
    """The F distribution with m = dfn and n = dfd degrees of freedom, of density r^(m/2) z^(m/2−1) (1 + r z)^(−(m+n)/2) / B(m/2, n/2) for
    z ≥ 0, with r = m/n.

    >>> f.cdf(1.0, 2.0, 2.0).round(12)
    np.float64(0.5)
    """,
    log=lambda z, dfn, dfd: (
        times_log(dfn / 2 - 1, ops.log(z))
        + dfn / 2 * ops.log(dfn / dfd)
        - (dfn + dfd) / 2 * ops.log1p(dfn / dfd * z)
        - special.betaln(dfn / 2, dfd / 2)
    ),
    edge=lambda z, dfn, dfd: (
        z ** (dfn / 2 - 1)
        * ops.exp(dfn / 2 * ops.log(dfn / dfd) - (dfn + dfd) / 2 * ops.log1p(dfn / dfd * z) - special.betaln(dfn / 2, dfd / 2))
    ),
    cdf=lambda z, dfn, dfd: special.betainc(dfn / 2, dfd / 2, dfn * z / (dfd + dfn * z)),
    sf=lambda z, dfn, dfd: special.betainc(dfd / 2, dfn / 2, dfd / (dfd + dfn * z)),
    find_ppf=lambda q, dfn, dfd: _find_f(dfn, dfd, betaincinv, betainccinv, q),
    find_isf=lambda q, dfn, dfd: _find_f(dfn, dfd, betainccinv, betaincinv, q),
    mean=lambda dfn, dfd: _above(2, dfd, lambda n: n / (n - 2)) + 0 * dfn,
    var=lambda dfn, dfd: _above(4, dfd, lambda n: 2 * n**2 * (dfn + n - 2) / (dfn * (n - 2) ** 2 * (n - 4))),
    support=(0, inf),
)


invgamma = Continuous(
    "invgamma",
    """The distribution of 1/x for x of the gamma distribution: density z⁻ᵃ⁻¹ e^(−1/z) / Γ(a) for z > 0.

    >>> invgamma.mean(3.0)
    np.float64(0.5)
    """,
    log=lambda z, a: -(a + 1) * ops.log(z) - special.gammaln(a) - 1 / z,
    cdf=lambda z, a: special.gammaincc(a, 1 / z),
    sf=lambda z, a: special.gammainc(a, 1 / z),
    find_ppf=lambda q, a: 1 / gammainccinv(a, q),
    find_isf=lambda q, a: 1 / gammaincinv(a, q),
    mean=lambda a: _above(1, a, lambda a: 1 / (a - 1)),
    var=lambda a: _above(2, a, lambda a: 1 / ((a - 1) ** 2 * (a - 2))),
    entropy=lambda a: a + special.gammaln(a) - (1 + a) * special.digamma(a),
    support=(0, inf),
    open=True,
)

halfnorm = Continuous(
    "halfnorm",
    """The distribution of |x| for a normal x: density √(2/π) e^(−z²/2) for z ≥ 0.

    >>> halfnorm.sf(0.0)
    np.float64(1.0)
    """,
    log=lambda z: -z * z / 2 - LOG_SQRT_2PI + LOG_2,
    cdf=lambda z: ops.erf(z / sqrt(2)),
    sf=lambda z: ops.erfc(z / sqrt(2)),
    logsf=lambda z: special.log_ndtr(-z) + LOG_2,
    ppf=lambda q: sqrt(2) * special.erfinv(q),
    isf=lambda q: -special.ndtri(q / 2),
    mean=lambda: sqrt(2 / pi),
    var=lambda: 1 - 2 / pi,
    entropy=lambda: LOG_SQRT_2PI - LOG_2 + 0.5,
    support=(0, inf),
)

rayleigh = Continuous(
    "rayleigh",
    """The Rayleigh distribution, of density z e^(−z²/2) for z ≥ 0.

    >>> rayleigh.logsf(2.0)
    np.float64(-2.0)
    """,
    log=lambda z: ops.log(z) - z * z / 2,
    edge=lambda z: z * ops.exp(-z * z / 2),
    cdf=lambda z: -ops.expm1(-z * z / 2),
    sf=lambda z: ops.exp(-z * z / 2),
    logsf=lambda z: -z * z / 2,
    ppf=lambda q: ops.sqrt(-2 * ops.log1p(-q)),
    isf=lambda q: ops.sqrt(-2 * ops.log(q)),
    mean=lambda: sqrt(pi / 2),
    var=lambda: 2 - pi / 2,
    entropy=lambda: 1 + EULER / 2 - LOG_2 / 2,
    support=(0, inf),
)

weibull_min = Continuous(
    "weibull_min",
    """Weibull's distribution, of density c zᶜ⁻¹ e^(−zᶜ) for z ≥ 0.

    >>> weibull_min.logsf(3.0, 2.0)
    np.float64(-9.0)
    """,
    log=lambda z, c: ops.log(c) + times_log(c - 1, ops.log(z)) - z**c,
    edge=lambda z, c: c * z ** (c - 1) * ops.exp(-(z**c)),
    cdf=lambda z, c: -ops.expm1(-(z**c)),
    sf=lambda z, c: ops.exp(-(z**c)),
    logsf=lambda z, c: -(z**c),
    ppf=lambda q, c: (-ops.log1p(-q)) ** (1 / c),
    isf=lambda q, c: (-ops.log(q)) ** (1 / c),
    mean=lambda c: ops.exp(special.gammaln(1 + 1 / c)),
    var=lambda c: ops.exp(special.gammaln(1 + 2 / c)) - ops.exp(2 * special.gammaln(1 + 1 / c)),
    entropy=lambda c: EULER * (1 - 1 / c) - ops.log(c) + 1,
    support=(0, inf),
)

lognorm = Continuous(
    "lognorm",
    """The distribution of eˣ for x normal with standard deviation s: density e^(−(ln z)²/2s²) / (s z √(2π)) for z > 0.

    >>> lognorm.cdf(1.0, 0.5)
    np.float64(0.5)
    """,
    log=lambda z, s: -((ops.log(z) / s) ** 2) / 2 - ops.log(s) - ops.log(z) - LOG_SQRT_2PI,
    cdf=lambda z, s: special.ndtr(ops.log(z) / s),
    sf=lambda z, s: special.ndtr(-ops.log(z) / s),
    logcdf=lambda z, s: special.log_ndtr(ops.log(z) / s),
    logsf=lambda z, s: special.log_ndtr(-ops.log(z) / s),
    ppf=lambda q, s: ops.exp(s * special.ndtri(q)),
    isf=lambda q, s: ops.exp(-s * special.ndtri(q)),
    mean=lambda s: ops.exp(s * s / 2),
    var=lambda s: ops.expm1(s * s) * ops.exp(s * s),
    entropy=lambda s: ops.log(s) + LOG_SQRT_2PI + 0.5,
    support=(0, inf),
    open=True,
)

pareto = Continuous(
    "pareto",
    """Pareto's distribution, of density b / zᵇ⁺¹ for z ≥ 1.

    >>> pareto.sf(2.0, 3.0)
    np.float64(0.125)
    """,
    log=lambda z, b: ops.log(b) - (b + 1) * ops.log(z),
    cdf=lambda z, b: -ops.expm1(-b * ops.log(z)),
    sf=lambda z, b: z ** (-b),
    logsf=lambda z, b: -b * ops.log(z),
    ppf=lambda q, b: ops.exp(-ops.log1p(-q) / b),
    isf=lambda q, b: q ** (-1 / b),
    mean=lambda b: _above(1, b, lambda b: b / (b - 1)),
    var=lambda b: _above(2, b, lambda b: b / ((b - 1) ** 2 * (b - 2))),
    entropy=lambda b: 1 + 1 / b - ops.log(b),
    support=(1, inf),
)


# -- on an interval -----------------------------------------------------------------------------------------------------------------------

uniform = Continuous(
    "uniform",
    """The uniform distribution on 0 ≤ z ≤ 1.

    >>> uniform.pdf(3.0, loc=1.0, scale=4.0)
    np.float64(0.25)
    """,
    log=lambda z: 0 * z,
    cdf=lambda z: z,
    sf=lambda z: 1 - z,
    ppf=lambda q: q,
    isf=lambda q: 1 - q,
    mean=lambda: 0.5,
    var=lambda: 1 / 12,
    entropy=lambda: 0.0,
    support=(0, 1),
)

beta = Continuous(
    "beta",
    """The beta distribution, of density zᵃ⁻¹ (1 − z)ᵇ⁻¹ / B(a, b) for 0 ≤ z ≤ 1.

    >>> beta.mean(1.0, 3.0)
    np.float64(0.25)
    """,
    log=lambda z, a, b: times_log(a - 1, ops.log(z)) + times_log(b - 1, ops.log1p(-z)) - special.betaln(a, b),
    edge=lambda z, a, b: z ** (a - 1) * (1 - z) ** (b - 1) * ops.exp(-special.betaln(a, b)),
    cdf=lambda z, a, b: special.betainc(a, b, z),
    sf=lambda z, a, b: special.betaincc(a, b, z),
    find_ppf=lambda q, a, b: betaincinv(a, b, q),
    find_isf=lambda q, a, b: betainccinv(a, b, q),
    mean=lambda a, b: a / (a + b),
    var=lambda a, b: a * b / ((a + b) ** 2 * (a + b + 1)),
    entropy=lambda a, b: (
        special.betaln(a, b) - (a - 1) * special.digamma(a) - (b - 1) * special.digamma(b) + (a + b - 2) * special.digamma(a + b)
    ),
    support=(0, 1),
)


def _between(low: Any, high: Any) -> tuple[Any, Any]:
    """(p, m) with m eᵖ the normal probability between two numbers: of their mirror images, if both are above 0, for the digits."""
    right = plain(low) > 0
    low, high = ops.where(right, -high, low), ops.where(right, -low, high)
    p = special.log_ndtr(high)
    return p, -ops.expm1(special.log_ndtr(low) - ops.where(np.isinf(plain(p)), 0.0, p))


def _log_between(low: Any, high: Any) -> Any:
    p, m = _between(low, high)
    return p + ops.log(m)


def _share(low: Any, high: Any, a: Any, b: Any) -> Any:
    """The probability of low … high among that of a … b."""
    p, m = _between(low, high)
    return ops.exp(p - _log_between(a, b)) * m


def _one_of(part: Any, rest: Any) -> Any:
    """`part`, of two numbers whose sum is 1: from the smaller one, whose derivatives have the digits."""
    small = plain(part) < 0.5
    return ops.where(small, part, 1 - rest)


def _log_share(low: Any, high: Any, rest: Any, a: Any, b: Any) -> Any:
    """Its logarithm; from the `rest` where that is the smaller, for the sake of its digits."""
    most = plain(rest) < 0.5
    part = _log_between(ops.where(most, a, low), ops.where(most, b, high)) - _log_between(a, b)
    return ops.where(most, ops.log1p(-ops.where(most, rest, 0.5)), part)


def _density_in(z: Any, a: Any, b: Any, power: int = 0) -> Any:
    """zᵖᵒʷᵉʳ times the density at z of the normal distribution between a and b; 0 at infinity."""
    far = np.isinf(plain(z))
    z = ops.where(far, 0.0, z)
    return ops.where(far, 0.0, z**power * ops.exp(-z * z / 2 - LOG_SQRT_2PI - _log_between(a, b)))


def _find_truncnorm(q: Any, a: Any, b: Any) -> Any:
    """From the end that is further out: the logarithm of the normal probability up to it, and of what q adds, together."""
    whole, right = _log_between(a, b), a > 0
    up = np.logaddexp(log_ndtr(a), np.log(q) + whole)
    down = np.logaddexp(log_ndtr(-b), np.log1p(-q) + whole)
    z = np.where(right, -1, 1) * ndtri_exp(np.minimum(np.where(right, down, up), 0))  # which rounding may exceed
    return np.select([q == 0, q == 1], [a, b], np.clip(z, a, b))


truncnorm = Continuous(
    "truncnorm",
    """The normal distribution between a and b: density e^(−z²/2) / (√(2π) (Φ(b) − Φ(a))) for a ≤ z ≤ b.

    >>> truncnorm.cdf(0.0, -1.0, 1.0).round(12)
    np.float64(0.5)
    """,
    log=lambda z, a, b: -z * z / 2 - LOG_SQRT_2PI - _log_between(a, b),
    cdf=lambda z, a, b: _one_of(_share(a, z, a, b), _share(z, b, a, b)),
    sf=lambda z, a, b: _one_of(_share(z, b, a, b), _share(a, z, a, b)),
    logcdf=lambda z, a, b: _log_share(a, z, _share(z, b, a, b), a, b),
    logsf=lambda z, a, b: _log_share(z, b, _share(a, z, a, b), a, b),
    find_ppf=_find_truncnorm,
    find_isf=lambda q, a, b: -_find_truncnorm(q, -b, -a),
    mean=lambda a, b: _density_in(a, a, b) - _density_in(b, a, b),
    var=lambda a, b: 1 + _density_in(a, a, b, 1) - _density_in(b, a, b, 1) - (_density_in(a, a, b) - _density_in(b, a, b)) ** 2,
    entropy=lambda a, b: LOG_SQRT_2PI + 0.5 + _log_between(a, b) + (_density_in(a, a, b, 1) - _density_in(b, a, b, 1)) / 2,
    support=lambda a, b: (a, b),
    valid=lambda a, b: a < b,
)

__test__ = {name: globals()[name].__doc__ for name in __all__}
