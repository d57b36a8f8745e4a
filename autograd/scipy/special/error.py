"""The error function and its family: scaled, inverse, of imaginary argument, and the normal distribution.

Sources: NIST Digital Library of Mathematical Functions (DLMF), chapter 7.
"""

from __future__ import annotations

from math import pi, sqrt
from typing import Any

import numpy as np

from ...ops import exp
from ...ops.elementwise import as_float, elementwise
from .promotion import special

__all__ = ["dawsn", "erfcinv", "erfcx", "erfinv", "log_ndtr", "ndtr", "ndtri", "ndtri_exp"]

SQRT_PI, SQRT_2PI, SQRT_HALF = sqrt(pi), sqrt(2 * pi), sqrt(0.5)


@elementwise(lambda x, order: erfcx(x, order + 1), tex=r"\mathrm{{erfcx}}^{{({order})}}({x})", domain=[(-1.5, 3)])
def erfcx(x: Any, /, order: int = 0) -> Any:
    """y = e^(x²) erfc(x), or its derivative of this order.  ∂y/∂x is the next.

    Source: y⁽ⁿ⁺¹⁾ = 2x y⁽ⁿ⁾ + 2n y⁽ⁿ⁻¹⁾ (from DLMF 7.10.2), taken backwards for x > 2, where it would lose digits forwards.

    >>> erfcx(0.0), erfcx(0.0, order=2)
    (np.float64(1.0), np.float64(2.0))
    """
    y = special.erfcx(as_float(x))
    if not order:
        return y
    x = np.asarray(x, np.float64)
    before, forwards = special.erfcx(x), np.zeros(x.shape)
    with np.errstate(over="ignore", invalid="ignore"):
        last, forwards = before, 2 * x * before - 2 / SQRT_PI
        for n in range(1, order):
            last, forwards = forwards, 2 * x * forwards + 2 * n * last
    far = np.maximum(x, 2)
    ratio = backwards = np.zeros(x.shape)
    for n in range(60 + order, 0, -1):
        ratio = -2 * n / (2 * far - ratio)
        backwards = (backwards if n < order else 1) * ratio
    return np.where(x > 2, backwards * before, forwards).astype(y.dtype)[()]


@elementwise(lambda x, order: dawsn(x, order + 1), tex=r"F^{{({order})}}({x})")
def dawsn(x: Any, /, order: int = 0) -> Any:
    """Dawson's integral, y = e^(−x²) ∫₀ˣ e^(t²) dt, or its derivative of this order.  ∂y/∂x is the next.

    Source: y′ = 1 − 2xy, y⁽ⁿ⁺¹⁾ = −2x y⁽ⁿ⁾ − 2n y⁽ⁿ⁻¹⁾ (from DLMF 7.2.5) and, for |x| > 7, the asymptotic series, differentiated.

    >>> dawsn(0.0), dawsn(0.0, order=1)
    (np.float64(0.0), np.float64(1.0))
    """
    y = special.dawsn(as_float(x))
    if not order:
        return y
    x = np.asarray(x, np.float64)
    near = np.clip(x, -7, 7)
    last = special.dawsn(near)
    forwards = 1 - 2 * near * last
    for n in range(1, order):
        last, forwards = forwards, -2 * near * forwards - 2 * n * last
    far = np.where(np.abs(x) > 7, x, 7)
    term = (-1.0) ** order * np.prod(np.arange(1.0, order + 1)) / (2 * far) / far**order
    series = np.zeros(x.shape)
    for k in range(1, 30):
        series = series + term
        term = term * (2 * k - 1 + order) * (2 * k + order) / (4 * k * far * far)
    return np.where(np.abs(x) > 7, series, forwards).astype(y.dtype)[()]


@elementwise(lambda y: 0.5 * SQRT_PI * exp(y * y), tex=r"\mathrm{{erf}}^{{-1}}({x})", domain=[(-0.9, 0.9)])
def erfinv(x: Any, /) -> Any:
    """The y with erf(y) = x.  ∂y/∂x = (√π/2) e^(y²).

    >>> erfinv(0.0)
    np.float64(0.0)
    """
    return special.erfinv(as_float(x))


@elementwise(lambda y: -0.5 * SQRT_PI * exp(y * y), tex=r"\mathrm{{erfc}}^{{-1}}({x})", domain=[(0.1, 1.9)])
def erfcinv(x: Any, /) -> Any:
    """The y with erfc(y) = x.  ∂y/∂x = −(√π/2) e^(y²).

    >>> erfcinv(1.0) + 0.0
    np.float64(0.0)
    """
    return special.erfcinv(as_float(x))


@elementwise(lambda x: exp(-0.5 * x * x) / SQRT_2PI, tex=r"\Phi({x})")
def ndtr(x: Any, /) -> Any:
    """Φ(x), the distribution function of the normal distribution.  ∂y/∂x = e^(−x²/2)/√(2π).

    >>> ndtr(0.0)
    np.float64(0.5)
    """
    return special.ndtr(as_float(x))


@elementwise(lambda x: 2 / SQRT_2PI / erfcx(-SQRT_HALF * x), tex=r"\log\Phi({x})")  # φ/Φ would be 0/0 in the tail
def log_ndtr(x: Any, /) -> Any:
    """y = ln Φ(x), in the tail too.  ∂y/∂x = φ(x)/Φ(x) = √(2/π)/erfcx(−x/√2).

    >>> log_ndtr(0.0)
    np.float64(-0.6931471805599453)
    """
    return special.log_ndtr(as_float(x))


@elementwise(lambda y: SQRT_2PI * exp(0.5 * y * y), tex=r"\Phi^{{-1}}({x})", domain=[(0.1, 0.9)])
def ndtri(x: Any, /) -> Any:
    """The y with Φ(y) = x: a quantile of the normal distribution.  ∂y/∂x = √(2π) e^(y²/2).

    >>> ndtri(0.5)
    np.float64(0.0)
    """
    return special.ndtri(as_float(x))


@elementwise(lambda y: erfcx(-SQRT_HALF * y) * (SQRT_2PI / 2), tex=r"\Phi^{{-1}}(e^{{{x}}})", domain=[(-3, -0.1)])
def ndtri_exp(x: Any, /) -> Any:
    """The y with ln Φ(y) = x.  ∂y/∂x = Φ(y)/φ(y) = √(π/2) erfcx(−y/√2).

    >>> ndtri_exp(-np.inf)
    np.float64(-inf)
    """
    return special.ndtri_exp(as_float(x))
