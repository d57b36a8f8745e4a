"""The gamma function and its family: logarithm, reciprocal, logarithmic derivatives, and quotients of gamma functions.

Sources: NIST Digital Library of Mathematical Functions (DLMF), chapter 5.
"""

from __future__ import annotations

from math import factorial as _factorial
from math import log as _ln
from math import pi
from typing import Any

import numpy as np

from ...numpy.keywords import as_value, does_hold, is_followed, plain
from ...op import call, constant
from ...ops import astype, cos, expand_dims, logical_and, logical_or, remainder, rint, sin, where
from ...ops import sum as _sum
from ...ops.elementwise import as_float, elementwise
from .promotion import special

__all__ = [
    "beta", "betaln", "binom", "comb", "digamma", "factorial", "gamma", "gammaln", "gammasgn", "loggamma", "multigammaln", "perm",
    "poch", "polygamma", "psi", "rgamma", "zeta",
]  # fmt: skip

BERNOULLI = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510, 43867 / 798, -174611 / 330)
"""B₂, B₄, B₆, …, of which asymptotic series are made."""


def doubles(*arrays: Any) -> tuple[np.dtype[Any], list[Any]]:
    """Real arrays as float64, broadcast together, and the dtype that the result has to have.

    >>> doubles(np.float32(1), 2.0)
    (dtype('float32'), [array(1.), array(2.)])
    """
    return np.result_type(*arrays, np.float16), [*np.broadcast_arrays(*(as_float(v).astype(np.float64) for v in arrays))]


def sin_pi(x: Any) -> Any:
    """sin πx, exactly 0 at whole numbers, however large.

    >>> sin_pi(1e6)
    np.float64(0.0)
    """
    return (1 - 2 * remainder(rint(x), 2)) * sin(pi * (x - rint(x)))


def cos_pi(x: Any) -> Any:
    """cos πx.

    >>> cos_pi(1e6)
    np.float64(1.0)
    """
    return (1 - 2 * remainder(rint(x), 2)) * cos(pi * (x - rint(x)))


@elementwise(lambda x, y: y * psi(x), tex=r"\Gamma({x})", domain=[(0.3, 3)])
def gamma(x: Any, /) -> Any:
    """Γ(x) = ∫₀^∞ tˣ⁻¹ e⁻ᵗ dt.  ∂y/∂x = y ψ(x).

    >>> gamma(5.0)
    np.float64(24.0)
    """
    return special.gamma(as_float(x))


@elementwise(lambda x: psi(x), tex=r"\log|\Gamma({x})|", domain=[(0.3, 3)])
def gammaln(x: Any, /) -> Any:
    """y = ln |Γ(x)|.  ∂y/∂x = ψ(x).

    >>> gammaln(1.0)
    np.float64(0.0)
    """
    return special.gammaln(as_float(x))


@elementwise(lambda x: psi(x), tex=r"\log\Gamma({x})", domain=[(0.3, 3)])
def loggamma(x: Any, /) -> Any:
    """y = ln Γ(x) of real x: NaN where x < 0.  ∂y/∂x = ψ(x).

    >>> loggamma(1.0)
    np.float64(0.0)
    """
    return special.loggamma(as_float(x))


def _rgamma_left(x: Any) -> Any:
    """The derivative of 1/Γ(x) = Γ(1 − x) sin(πx)/π, for x < 1/2: near the poles of ψ this form keeps its digits."""
    x = where(x < 0.5, x, 0)
    return gamma(1 - x) * (cos_pi(x) - sin_pi(x) * psi(1 - x) / pi)


@elementwise(
    lambda x, y: where(x < 0.5, _rgamma_left(x), -y * psi(where(x < 0.5, 1, x))), tex=r"\frac{{1}}{{\Gamma({x})}}", domain=[(-3, 3)]
)
def rgamma(x: Any, /) -> Any:
    """y = 1/Γ(x), which is 0 at 0, −1, −2, ….  ∂y/∂x = −y ψ(x), finite there too: DLMF 5.5.3.

    >>> rgamma(5.0) * 24
    np.float64(1.0)
    """
    return special.rgamma(as_float(x))


@elementwise(lambda x: polygamma(1, x), tex=r"\psi({x})", domain=[(0.3, 3)])
def psi(x: Any, /) -> Any:
    """ψ(x) = Γ′(x)/Γ(x).  ∂y/∂x = ψ⁽¹⁾(x).

    >>> psi(2.0) - psi(1.0)
    np.float64(1.0)
    """
    return special.psi(as_float(x))


digamma = psi


@elementwise(
    None,
    lambda n, x: polygamma(n + 1, x),
    tex=r"\psi^{{({n})}}({x})",
    domain=[(1, 4), (0.3, 3)],
    samples=[call(np.array([1, 2, 3]), (2, 3)), call(np.array(0), ())],
)
def polygamma(n: Any, x: Any, /) -> Any:
    """ψ⁽ⁿ⁾(x), the n-th derivative of ψ, for whole n ≥ 0, which is held.  ∂y/∂x = ψ⁽ⁿ⁺¹⁾(x).

    >>> polygamma(1, 1.0) - polygamma(1, 2.0)
    np.float64(1.0)
    """
    x = as_float(x)
    return special.polygamma(n, x).astype(x.dtype)[()]


@elementwise(
    lambda a, b, n: polygamma_rise(a, b, n + 1),
    lambda a, b, n: polygamma(n + 1, a + b),
    tex=r"\psi^{{({n})}}({a} + {b}) - \psi^{{({n})}}({a})",
    domain=[(0.3, 3), (0.3, 3)],
)
def polygamma_rise(a: Any, b: Any, /, n: int = 0) -> Any:
    """y = ψ⁽ⁿ⁾(a + b) − ψ⁽ⁿ⁾(a), with all digits of a small difference where a and a + b are positive.

    ∂y/∂a is the next order, ∂y/∂b = ψ⁽ⁿ⁺¹⁾(a + b).  Source: the recurrence and the asymptotic series, DLMF 5.15.5 and 5.15.9, term by term.

    >>> polygamma_rise(1.0, 1.0)
    np.float64(1.0)
    """
    dtype, (a, b) = doubles(a, b)
    near = (a > 0) & (a + b > 0)
    with np.errstate(all="ignore"):
        direct = special.polygamma(n, a + b) - special.polygamma(n, a)
        a, b = np.where(near, a, 1), np.where(near, b, 1)
        steps, sign = 20, (-1) ** (n + 1)
        total = np.zeros(a.shape)
        growth = np.log1p(b / (a + steps))
        for power, factor in reversed(
            [
                (n, _factorial(n - 1) if n else 0),
                (n + 1, _factorial(n) / 2),
                *((2 * k + n, B * _factorial(2 * k + n - 1) / _factorial(2 * k)) for k, B in enumerate(BERNOULLI, 1)),
            ]
        ):
            total += sign * factor * (a + steps) ** -power * np.expm1(-power * growth)
        if not n:
            total += growth
        for k in reversed(range(steps)):
            total += sign * _factorial(n) * (a + k) ** -(n + 1.0) * np.expm1(-(n + 1) * np.log1p(b / (a + k)))
    return np.where(near, total, direct).astype(dtype)[()]


@elementwise(None, lambda x, q: -x * hurwitz(x + 1, q), tex=r"\zeta({x}, {q})", domain=[(1.5, 4), (0.5, 3)])
def hurwitz(x: Any, q: Any, /) -> Any:
    """ζ(x, q) = Σₖ (k + q)⁻ˣ, k = 0, 1, ….  ∂y/∂q = −x ζ(x + 1, q); x is held.

    >>> hurwitz(2.0, 1.0) - hurwitz(2.0, 2.0)
    np.float64(1.0)
    """
    dtype, (x, q) = doubles(x, q)
    return special.zeta(x, q).astype(dtype)[()]


def zeta(x: Any, q: Any = None) -> Any:
    """The zeta function of Hurwitz, Σₖ (k + q)⁻ˣ, differentiated in q; of Riemann, a constant, without q.

    >>> zeta(2) * 6 / np.pi**2
    np.float64(1.0)
    """
    if is_followed(x):
        raise TypeError("zeta is differentiated in q only; where no gradient is meant in x, give it x.detach() or x.data")
    return hurwitz(x, q) if q is not None else special.zeta(plain(x))


@constant
def gammasgn(x: Any, /) -> Any:
    """The sign of Γ(x).

    >>> gammasgn(-0.5)
    np.float64(-1.0)
    """
    return special.gammasgn(as_float(x))


@elementwise(lambda a, b, y: y * polygamma_rise(a, b), lambda a, b, y: y * psi(a + b), tex=r"({a})_{{{b}}}", domain=[(0.5, 3), (0.3, 3)])
def poch(a: Any, b: Any, /) -> Any:
    """The Pochhammer symbol, y = Γ(a + b)/Γ(a).  ∂y/∂a = y (ψ(a+b) − ψ(a)), ∂y/∂b = y ψ(a+b), NaN at poles.

    >>> poch(3.0, 2.0)
    np.float64(12.0)
    """
    return special.poch(a, b)


@elementwise(
    lambda a, b, y: -y * polygamma_rise(a, b),
    lambda a, b, y: -y * polygamma_rise(b, a),
    tex=r"\mathrm{{B}}({a}, {b})",
    domain=[(0.5, 3), (0.5, 3)],
)
def beta(a: Any, b: Any, /) -> Any:
    """B(a, b) = Γ(a) Γ(b)/Γ(a + b).  ∂y/∂a = y (ψ(a) − ψ(a+b)), ∂y/∂b = y (ψ(b) − ψ(a+b)).

    >>> beta(1.0, 4.0)
    np.float64(0.25)
    """
    return special.beta(a, b)


@elementwise(
    lambda a, b: -polygamma_rise(a, b),
    lambda a, b: -polygamma_rise(b, a),
    tex=r"\log|\mathrm{{B}}({a}, {b})|",
    domain=[(0.5, 3), (0.5, 3)],
)
def betaln(a: Any, b: Any, /) -> Any:
    """y = ln |B(a, b)|.  ∂y/∂a = ψ(a) − ψ(a+b), ∂y/∂b = ψ(b) − ψ(a+b).

    >>> betaln(1.0, 1.0)
    np.float64(0.0)
    """
    return special.betaln(a, b)


def _binom_outside(n: Any, k: Any) -> Any:
    """Where k is outside of 0…n by r > 1/2: there C(n, k) = sin(πr) B(n+1, r)/π, with zeros at whole r where ψ has poles."""
    return logical_and(n > -1, logical_or(k < -0.5, k - n > 0.5))


def _binom_slope(n: Any, k: Any) -> Any:
    """The derivative of that in r."""
    r = where(_binom_outside(n, k), where(k < 0, -k, k - n), 1)
    n = where(n > -1, n, 0)
    return beta(n + 1, r) * (cos_pi(r) - sin_pi(r) * polygamma_rise(r, n + 1) / pi)


def _binom_in_n(n: Any, k: Any, y: Any) -> Any:
    n, k = astype(n, y.dtype), astype(k, y.dtype)
    outside = _binom_outside(n, k)
    beyond = -where(k < 0, 0, _binom_slope(n, k)) - y * polygamma_rise(where(outside, n + 1, 1), where(outside, where(k < 0, -k, k - n), 1))
    return where(outside, beyond, y * polygamma_rise(where(outside, 1, n - k + 1), where(outside, 1, k)))


def _binom_in_k(n: Any, k: Any, y: Any) -> Any:
    n, k = astype(n, y.dtype), astype(k, y.dtype)
    outside = _binom_outside(n, k)
    slope = _binom_slope(n, k)
    beyond = where(k < 0, -slope, slope)
    return where(outside, beyond, y * polygamma_rise(where(outside, 1, k + 1), where(outside, 1, n - 2 * k)))


@elementwise(
    lambda n, k, y: _binom_in_n(n, k, y),
    lambda n, k, y: _binom_in_k(n, k, y),
    tex=r"\binom{{{n}}}{{{k}}}",
    domain=[(0.5, 5), (-2.3, 7)],
)
def binom(n: Any, k: Any, /) -> Any:
    """The binomial coefficient C(n, k) = Γ(n+1)/(Γ(k+1) Γ(n−k+1)), for real n and k.

    ∂y/∂n = y (ψ(n+1) − ψ(n−k+1)), ∂y/∂k = y (ψ(n−k+1) − ψ(k+1)), for n > −1 right also where y is 0.

    >>> binom(4.0, 2.0)
    np.float64(6.0)
    """
    return special.binom(n, k)


def comb(N: Any, k: Any, *, exact: bool = False, repetition: bool = False) -> Any:
    """The number of ways to choose k of N, C(N, k), or with `repetition` C(N+k−1, k); 0 unless 0 ≤ k ≤ N, and there constant.

    `exact` counts in integers, without derivatives.

    >>> comb(4, 2)
    np.float64(6.0)
    """
    if exact:
        return _counted(special.comb, N, k, exact=True, repetition=repetition)
    N, k = as_value(N), as_value(k)
    if repetition:
        return where(logical_and(k == 0, N >= 0), 1.0, comb(N + k - 1, k))
    inside = logical_and(logical_and(k <= N, N >= 0), k >= 0)
    return where(inside, binom(where(inside, N, 1), where(inside, k, 0)), 0)[()]


def perm(N: Any, k: Any, exact: bool = False) -> Any:
    """The number of arrangements of k of N, Γ(N+1)/Γ(N−k+1); 0 unless 0 ≤ k ≤ N, and there constant.

    >>> perm(4, 2)
    np.float64(12.0)
    """
    if exact:
        return _counted(special.perm, N, k, exact=True)
    N, k = as_value(N), as_value(k)
    inside = logical_and(logical_and(k <= N, N >= 0), k >= 0)
    return where(inside, poch(where(inside, N - k + 1, 1), where(inside, k, 0)), 0)[()]


def factorial(n: Any, exact: bool = False, extend: str = "zero") -> Any:
    """n! = Γ(n+1), 0 for n < 0.  `exact` counts in integers, without derivatives; `extend="complex"` is refused.

    >>> factorial(4.0)
    np.float64(24.0)
    """
    if exact:
        return _counted(special.factorial, n, exact=True, extend=extend)
    if extend != "zero":
        raise ValueError(f"factorial: got extend={extend!r}, wanted 'zero'; for the gamma function of negative n, gamma(n + 1)")
    n = as_value(n)
    return where(n >= 0, gamma(where(n >= 0, n, 0) + 1), 0)[()]


def _counted(function: Any, *args: Any, **options: Any) -> Any:
    if is_followed(*args):
        raise TypeError(f"{function.__name__}: exact=True counts in integers, which have no derivatives; exact=False has them")
    return function(*map(plain, args), **options)


def multigammaln(a: Any, d: int) -> Any:
    """The logarithm of the multivariate gamma function, ln Γ_d(a) = d(d−1)/4 ln π + Σⱼ ln Γ(a − j/2), j = 0 … d−1.

    >>> multigammaln(1.0, 1)
    np.float64(0.0)
    """
    a = as_value(a)
    if int(d) != d or d < 1:
        raise ValueError(f"multigammaln: got d={d}, wanted a positive whole number, the dimension")
    if does_hold(~(plain(a) > 0.5 * (d - 1))):
        raise ValueError(f"multigammaln: got an a not above (d − 1)/2 = {0.5 * (d - 1)}, where the function has no value")
    return _sum(gammaln(expand_dims(a, -1) - np.arange(int(d), dtype=np.float32) / 2), -1) + d * (d - 1) / 4 * _ln(pi)
