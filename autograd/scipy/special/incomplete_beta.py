"""The incomplete beta function I(a, b, x) with derivatives in a and b as well as in x, its complement, and their inverses.

I = ∫₀ˣ f dt with f = tᵃ⁻¹ (1−t)ᵇ⁻¹/B(a, b).  As in `incomplete_gamma`, derivatives in a and b pass under the integral and multiply f by
Bell polynomials, here of two variables; as all of f integrates to 1, the smaller tail is taken.  Near its end this is a power series;
elsewhere the integrand falls at least exponentially in the logarithm of the distance from the end, and quadrature covers it.  The upper
tail is the lower one of 1 − t, with a and b exchanged.
"""

from __future__ import annotations

from itertools import product
from math import comb, inf, pi
from typing import Any

import numpy as np

from ...ops import astype, where
from ...ops.elementwise import elementwise, quotient
from .gamma_family import doubles, polygamma_rise
from .incomplete_gamma import DEPTH, QUADRATURE, log_ratio, stirling
from .promotion import special

__all__ = ["beta_density", "betainc", "betainc_slope", "betaincc", "betainccinv", "betaincinv"]

Derivatives = dict[tuple[int, int], Any]
"""Partial derivatives ∂ⁱ⁺ʲ/∂aⁱ∂bʲ, by (i, j)."""


def orders(m: int, n: int) -> list[tuple[int, int]]:
    """All (i, j) up to (m, n).

    >>> orders(1, 1)
    [(0, 0), (0, 1), (1, 0), (1, 1)]
    """
    return list(product(range(m + 1), range(n + 1)))


def leibniz(f: Derivatives, g: Derivatives, m: int, n: int) -> Any:
    """The derivative (m, n) of the product f g; what f does not name is 0.

    >>> leibniz({(0, 0): 3.0, (1, 0): 1.0}, {(0, 0): 5.0, (1, 0): 7.0}, 1, 0)
    26.0
    """
    return sum(comb(m, i) * comb(n, j) * f[i, j] * g[m - i, n - j] for i, j in orders(m, n) if (i, j) in f)


def bell(slopes: Derivatives, m: int, n: int) -> Derivatives:
    """The derivatives of eˡ up to (m, n), divided by eˡ, from those of l: that of ∂eˡ = eˡ ∂l by Leibniz's rule.

    >>> bell({(1, 0): 2.0, (0, 1): 3.0, (1, 1): 5.0}, 1, 1)[1, 1]
    11.0
    """
    values: Derivatives = {(0, 0): 1.0}
    for i, j in orders(m, n)[1:]:
        p, q = (1, 0) if i else (0, 1)
        slope = {(h, k): slopes[h + p, k + q] for h, k in orders(i - p, j - q)}
        values[i, j] = leibniz(slope, values, i - p, j - q)
    return values


def _edge(a: Any, b: Any, x: Any, y: Any) -> Any:
    """xᵃ yᵇ Γ(a + b)/(Γ(a + 1) Γ(b + 1)), about its maximum, where the large numbers cancel.  Source: Loader 2000."""
    total = a + b
    d = np.where(x < y, x * total - a, b - y * total)  # of the smaller one, as the other is rounded
    log_power = a * log_ratio(x * total, a, d) + b * log_ratio(y * total, b, -d)
    return np.exp(log_power + stirling(total) - stirling(a) - stirling(b)) / np.sqrt(2 * pi * a * b * total)


def _slopes(a: Any, b: Any, m: int, n: int) -> Derivatives:
    """The derivatives of ln(Γ(a + b)/(Γ(a + 1) Γ(b + 1))); the terms of 1/Γ(a) and 1/Γ(b) would cancel near 0."""
    mixed = {(i, j): special.polygamma(i + j - 1, a + b) for i, j in orders(m, n) if i and j}
    in_a = {(i, 0): polygamma_rise(a + 1, b - 1, i - 1) for i in range(1, m + 1)}
    return mixed | in_a | {(0, j): polygamma_rise(b + 1, a - 1, j - 1) for j in range(1, n + 1)}


def _with_logs(slopes: Derivatives, log_x: Any, log_y: Any) -> Derivatives:
    """With those of ln(xᵃ yᵇ) added."""
    logs = {(1, 0): log_x, (0, 1): log_y}
    return slopes | {key: slopes[key] + logs[key] for key in slopes.keys() & logs.keys()}


def _series(a: Any, b: Any, x: Any, m: int, n: int) -> Any:
    """∂ᵐ⁺ⁿI/∂aᵐ∂bⁿ for x ≤ 1/2 and bx ≤ 1, from I = xᵃ/(a B(a, b)) · Σₖ (1 − b)ₖ/k! xᵏ · a/(a + k): DLMF 8.17.7."""
    total: Derivatives = {(i, j): 1.0 if i == j == 0 else 0.0 for i, j in orders(m, n)}
    term = [1.0] + [0.0] * n  # (1 − b)ₖ xᵏ/k! and its derivatives in b
    for k in range(1, 60):
        term = [(term[j] * (k - b) - (j * term[j - 1] if j else 0)) * x / k for j in range(n + 1)]
        part = [a / (a + k), k / (a + k) ** 2]  # and its derivatives in a
        for i in range(2, m + 1):
            part.append(-i * part[-1] / (a + k))
        for i, j in total:
            total[i, j] = total[i, j] + part[i] * term[j]
    head = bell(_with_logs(_slopes(a, b, m, n), np.log(x), 0), m, n)
    with_b = {(i, j): leibniz({(0, 0): b, (0, 1): 1.0}, head, i, j) for i, j in head}
    return _edge(a, b, x, 1 - x) * np.exp(-b * np.log1p(-x)) * leibniz(total, with_b, m, n)


def _integral(a: Any, b: Any, x: Any, y: Any, m: int, n: int) -> Any:
    """∂ᵐ⁺ⁿI/∂aᵐ∂bⁿ elsewhere, for x below the mean a/(a + b) and y = 1 − x, with t = x eᵘ."""
    v = 1 + DEPTH / a
    for _ in range(12):  # Newton's steps, from beyond, to where the integrand is e^−DEPTH of its edge: as ln f is concave, without fail
        rest = y - x * np.expm1(-v)
        v = v - (a * v - b * np.log(rest / y) - DEPTH) / (a - b * x * np.exp(-v) / rest)
    slopes = _slopes(a, b, m, n)
    factors = {(0, 0): a * b, (1, 0): b, (0, 1): a, (1, 1): 1.0}
    total = np.zeros(x.shape)
    for node, weight in QUADRATURE:
        u = -node * v
        t, rest = x * np.exp(u), y - x * np.expm1(u)
        log_rest = np.where(t < 0.5, np.log1p(-t), np.log(rest))
        values = bell(_with_logs(slopes, np.log(x) + u, log_rest), m, n)
        total += weight * np.exp(a * u + (b - 1) * np.log1p(-x * np.expm1(u) / y)) * leibniz(factors, values, m, n)
    return _edge(a, b, x, y) / y * v * total


def _lower(at: list[Any], m: int, n: int) -> Any:
    """∂ᵐ⁺ⁿI/∂aᵐ∂bⁿ as an integral from 0 to x, at (a, b, x, y); each way sees only arguments of its own range."""
    a, b, x, y = at
    near = (x <= 0.5) & (b * x <= 1)
    series = _series(a, b, np.where(near, x, 0.5), m, n)
    a, b, x, y = (np.where(near, other, v) for v, other in ((a, 2), (b, 2), (x, 0.5), (y, 0.5)))
    return np.where(near, series, _integral(a, b, x, y, m, n))


@elementwise(
    lambda a, b, x, m, n: beta_density(a, b, x, m + 1, n),
    lambda a, b, x, m, n: beta_density(a, b, x, m, n + 1),
    lambda a, b, x, m, n: _density_in_x(a, b, x, m, n),
    tex=r"\partial_{{a}}^{{{m}}} \partial_{{b}}^{{{n}}} \frac{{{x}^{{{a}-1}} (1-{x})^{{{b}-1}}}}{{\mathrm{{B}}({a}, {b})}}",
    domain=[(0.5, 5), (0.5, 5), (0.1, 0.9)],
)
def beta_density(a: Any, b: Any, x: Any, /, m: int = 0, n: int = 0) -> Any:
    """f = xᵃ⁻¹ (1−x)ᵇ⁻¹/B(a, b), or ∂ᵐ⁺ⁿf/∂aᵐ∂bⁿ.  ∂f/∂a and ∂f/∂b are the next, ∂f/∂x = f ((a−1)/x − (b−1)/(1−x)).

    >>> beta_density(1.0, 3.0, 0.0), beta_density(1.0, 1.0, 0.5).round(15)
    (np.float64(3.0), np.float64(1.0))
    """
    dtype, (a, b, x) = doubles(a, b, x)
    y = 1 - x
    with np.errstate(all="ignore"):
        values = bell(_with_logs(_slopes(a, b, m, n), np.log(x), np.log1p(-x)), m, n)
        inside = leibniz({(0, 0): a * b, (1, 0): b, (0, 1): a, (1, 1): 1.0}, values, m, n) * _edge(a, b, x, y) / (x * y)
    at_0, at_1 = _density_at_0(a, b, m, n), _density_at_0(b, a, n, m)
    return np.where(x == 0, at_0, np.where(x == 1, at_1, inside)).astype(dtype)[()]


def _density_at_0(a: Any, b: Any, m: int, n: int) -> Any:
    one = (b, np.ones(b.shape), np.zeros(b.shape))[min(n, 2)]
    return np.select([a > 1, np.full(a.shape, m > 0), a == 1, a == 0], [0, (-1) ** m * inf, one, 0], inf)


def _density_in_x(a: Any, b: Any, x: Any, m: int, n: int) -> Any:
    """∂/∂x; at 0 and 1, where the quotient is 0/0, as that of (a + b − 1)(f(a − 1, b, x) − f(a, b − 1, x))."""
    end = (x == 0) | (x == 1)
    inside = where(end, 0.5, x)
    slope = beta_density(a, b, inside, m, n) * ((a - 1) / inside - (b - 1) / (1 - inside))
    if m:
        slope = slope + m * beta_density(a, b, inside, m - 1, n) / inside
    if n:
        slope = slope - n * beta_density(a, b, inside, m, n - 1) / (1 - inside)
    a, b, x = where(end, a, 2), where(end, b, 2), where(end, x, 0)
    steps = {(i, j): beta_density(a - 1, b, x, i, j) - beta_density(a, b - 1, x, i, j) for i, j in orders(m, n)}
    at_end = leibniz({(0, 0): a + b - 1, (1, 0): 1, (0, 1): 1}, steps, m, n)
    return where(end, astype(at_end, slope.dtype), slope)


@elementwise(
    lambda a, b, x, m, n: betainc_slope(a, b, x, m + 1, n),
    lambda a, b, x, m, n: betainc_slope(a, b, x, m, n + 1),
    lambda a, b, x, m, n: beta_density(a, b, x, m, n),
    tex=r"\partial_{{a}}^{{{m}}} \partial_{{b}}^{{{n}}} I_{{{x}}}({a}, {b})",
    domain=[(0.5, 5), (0.5, 5), (0.1, 0.9)],
)
def betainc_slope(a: Any, b: Any, x: Any, /, m: int = 1, n: int = 0) -> Any:
    """∂ᵐ⁺ⁿI/∂aᵐ∂bⁿ of the regularised incomplete beta function, m + n > 0.  ∂y/∂a and ∂y/∂b are the next.

    For m + n from 1 to 3, a and b from 10⁻³ to 10⁴ and in both tails, the relative error was below 10⁻¹² (relative to the scale of the
    function where this passes through 0).

    >>> betainc_slope(1.0, 1.0, 0.5).round(12), -0.5 * np.log(2.0).round(12)
    (np.float64(-0.34657359028), np.float64(-0.34657359028))
    """
    dtype, (a, b, x) = doubles(a, b, x)
    y = 1 - x
    with np.errstate(all="ignore"):
        low = np.where(x <= 0.5, (b * x <= 1) | (x < a / (a + b)), (a * y > 1) & (x < a / (a + b)))
        below = _lower([np.where(low, v, other) for v, other in ((a, 1), (b, 1), (x, 0.5), (y, 0.5))], m, n)
        above = _lower([np.where(low, other, v) for v, other in ((b, 1), (a, 1), (y, 0.5), (x, 0.5))], n, m)
    value = np.where((x == 0) | (x == 1), 0, np.where(low, below, -above))
    return np.where((a > 0) & (b > 0) & (x >= 0) & (x <= 1), value, np.nan).astype(dtype)[()]


@elementwise(
    lambda a, b, x: betainc_slope(a, b, x, 1, 0),
    lambda a, b, x: betainc_slope(a, b, x, 0, 1),
    lambda a, b, x: beta_density(a, b, x),
    tex="I_{{{x}}}({a}, {b})",
    domain=[(0.5, 5), (0.5, 5), (0.1, 0.9)],
)
def betainc(a: Any, b: Any, x: Any, /) -> Any:
    """I(a, b, x) = ∫₀ˣ tᵃ⁻¹ (1−t)ᵇ⁻¹ dt/B(a, b).  ∂y/∂a, ∂y/∂b as integrals, see `betainc_slope`; ∂y/∂x = xᵃ⁻¹ (1−x)ᵇ⁻¹/B(a, b).

    >>> betainc(1.0, 2.0, 0.5)
    np.float64(0.75)
    """
    return special.betainc(a, b, x)


@elementwise(
    lambda a, b, x: -betainc_slope(a, b, x, 1, 0),
    lambda a, b, x: -betainc_slope(a, b, x, 0, 1),
    lambda a, b, x: -beta_density(a, b, x),
    tex="1 - I_{{{x}}}({a}, {b})",
    domain=[(0.5, 5), (0.5, 5), (0.1, 0.9)],
)
def betaincc(a: Any, b: Any, x: Any, /) -> Any:
    """1 − I(a, b, x), with all its digits in the tail.  The derivatives are those of I, negated.

    >>> betaincc(1.0, 2.0, 0.5)
    np.float64(0.25)
    """
    return special.betaincc(a, b, x)


@elementwise(
    lambda a, b, y: -quotient(betainc_slope(a, b, y, 1, 0), beta_density(a, b, y)),
    lambda a, b, y: -quotient(betainc_slope(a, b, y, 0, 1), beta_density(a, b, y)),
    lambda a, b, y: 1 / beta_density(a, b, y),
    tex="I^{{-1}}_{{{p}}}({a}, {b})",
    domain=[(0.5, 5), (0.5, 5), (0.1, 0.9)],
)
def betaincinv(a: Any, b: Any, p: Any, /) -> Any:
    """The y with I(a, b, y) = p.  ∂y/∂p = 1/f, ∂y/∂a = −(∂I/∂a)/f, ∂y/∂b = −(∂I/∂b)/f, where f = ∂I/∂y.

    >>> betaincinv(1.0, 1.0, 0.5)
    np.float64(0.5)
    """
    return special.betaincinv(a, b, p)


@elementwise(
    lambda a, b, y: -quotient(betainc_slope(a, b, y, 1, 0), beta_density(a, b, y)),
    lambda a, b, y: -quotient(betainc_slope(a, b, y, 0, 1), beta_density(a, b, y)),
    lambda a, b, y: -1 / beta_density(a, b, y),
    tex="(1 - I)^{{-1}}_{{{p}}}({a}, {b})",
    domain=[(0.5, 5), (0.5, 5), (0.1, 0.9)],
)
def betainccinv(a: Any, b: Any, p: Any, /) -> Any:
    """The y with 1 − I(a, b, y) = p.  ∂y/∂p = −1/f, ∂y/∂a = −(∂I/∂a)/f, ∂y/∂b = −(∂I/∂b)/f, where f = ∂I/∂y.

    >>> betainccinv(1.0, 1.0, 0.5)
    np.float64(0.5)
    """
    return special.betainccinv(a, b, p)
