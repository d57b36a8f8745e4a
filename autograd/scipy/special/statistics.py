"""What statistics take from the special functions: odds and their logarithms, and the transforms of Box and Cox."""

from __future__ import annotations

from math import factorial
from typing import Any

import numpy as np

from ...ops import astype, exp, log, log1p, sigmoid, sin
from ...ops.elementwise import as_float, elementwise
from ...ops.exponential import LN10
from .promotion import special

__all__ = ["boxcox", "boxcox1p", "cosm1", "exp10", "exprel", "inv_boxcox", "inv_boxcox1p", "log_expit", "logit"]


@elementwise(lambda x: 1 / (x * (1 - x)), tex=r"\mathrm{{logit}}({x})", domain=[(0, 1)])
def logit(x: Any, /) -> Any:
    """y = log(x/(1−x)), the inverse of the logistic function.  ∂y/∂x = 1/(x(1−x)).

    >>> logit(0.5)
    np.float64(0.0)
    """
    return special.logit(as_float(x))


@elementwise(lambda x: sigmoid(-x), tex=r"\log\sigma({x})")
def log_expit(x: Any, /) -> Any:
    """y = log σ(x) = −log(1 + e⁻ˣ), without overflow.  ∂y/∂x = σ(−x).

    >>> log_expit(-1000.0)
    np.float64(-1000.0)
    """
    return special.log_expit(as_float(x))


@elementwise(lambda y: y * LN10, tex="10^{{{x}}}")
def exp10(x: Any, /) -> Any:
    """y = 10ˣ.  ∂y/∂x = y ln 10.

    >>> exp10(2.0)
    np.float64(100.0)
    """
    return special.exp10(as_float(x))


@elementwise(lambda x: -sin(x), tex=r"\cos {x} - 1")
def cosm1(x: Any, /) -> Any:
    """y = cos x − 1, exact for small x.  ∂y/∂x = −sin x.

    >>> cosm1(0.0)
    np.float64(0.0)
    """
    return special.cosm1(as_float(x))


@elementwise(lambda x, order: exprel(x, order + 1), tex=r"\mathrm{{exprel}}^{{({order})}}({x})")
def exprel(x: Any, /, order: int = 0) -> Any:
    """y = (eˣ − 1)/x, 1 at x = 0, or its derivative of this order n: ∫₀¹ tⁿ eˣᵗ dt.  ∂y/∂x is the next.

    >>> exprel(0.0), exprel(0.0, order=1)
    (np.float64(1.0), np.float64(0.5))
    """
    y = special.exprel(as_float(x))
    if not order:
        return y
    x = np.asarray(x, np.float64)
    near = np.abs(x) < 2 + order
    series = np.polyval([1 / (factorial(k) * (k + order + 1)) for k in reversed(range(30 + 4 * order))], np.where(near, x, 0))
    far = np.where(near, 1, x)
    with np.errstate(over="ignore", invalid="ignore"):
        total = special.exprel(far)
        for n in range(1, order + 1):  # by parts
            total = np.where(far > 700, np.exp(far) / far, (np.exp(far) - n * total) / far)
    return np.where(near, series, total).astype(y.dtype)[()]


def _boxcox_in_b(log_a: Any, b: Any, dtype: Any) -> Any:
    """The derivative of (eᵇˡ − 1)/b in b, l = log a."""
    log_a = astype(log_a, dtype)  # that of a Python number is a float64
    return log_a * log_a * exprel(b * log_a, 1)


@elementwise(
    lambda a, b: exp((b - 1) * log(a)),
    lambda a, b, y: _boxcox_in_b(log(a), b, y.dtype),
    tex=r"\frac{{{a}^{{{b}}} - 1}}{{{b}}}",
    domain=[(0.3, 3), (-2, 2)],
)
def boxcox(a: Any, b: Any, /) -> Any:
    """y = (aᵇ − 1)/b, log a at b = 0.  ∂y/∂a = aᵇ⁻¹, ∂y/∂b = ∫₀ˡ t eᵇᵗ dt with l = log a.  Source: Box & Cox 1964.

    >>> boxcox(np.e, 0.0)
    np.float64(1.0)
    """
    return special.boxcox(a, b)


@elementwise(
    lambda a, b: exp((b - 1) * log1p(a)),
    lambda a, b, y: _boxcox_in_b(log1p(a), b, y.dtype),
    tex=r"\frac{{(1 + {a})^{{{b}}} - 1}}{{{b}}}",
    domain=[(-0.5, 3), (-2, 2)],
)
def boxcox1p(a: Any, b: Any, /) -> Any:
    """The transform of Box and Cox of 1 + a, exact for small a.  ∂y/∂a = (1 + a)ᵇ⁻¹, ∂y/∂b as that of boxcox.

    >>> boxcox1p(0.0, 2.0)
    np.float64(0.0)
    """
    return special.boxcox1p(a, b)


@elementwise(
    lambda b, y: exp((1 - b) * log(y)),
    lambda b, y: -_boxcox_in_b(log(y), b, y.dtype) * exp((1 - b) * log(y)),
    tex=r"(1 + {b}{a})^{{1/{b}}}",
    domain=[(-0.4, 0.4), (-2, 2)],
)
def inv_boxcox(a: Any, b: Any, /) -> Any:
    """The y with boxcox(y, b) = a.  ∂y/∂a = y¹⁻ᵇ, ∂y/∂b = −y¹⁻ᵇ ∂boxcox(y, b)/∂b.

    >>> inv_boxcox(0.0, 2.0)
    np.float64(1.0)
    """
    return special.inv_boxcox(a, b)


@elementwise(
    lambda b, y: exp((1 - b) * log1p(y)),
    lambda b, y: -_boxcox_in_b(log1p(y), b, y.dtype) * exp((1 - b) * log1p(y)),
    tex=r"(1 + {b}{a})^{{1/{b}}} - 1",
    domain=[(-0.4, 0.4), (-2, 2)],
)
def inv_boxcox1p(a: Any, b: Any, /) -> Any:
    """The y with boxcox1p(y, b) = a.  ∂y/∂a = (1 + y)¹⁻ᵇ, ∂y/∂b = −(1 + y)¹⁻ᵇ ∂boxcox1p(y, b)/∂b.

    >>> inv_boxcox1p(0.0, 2.0)
    np.float64(0.0)
    """
    return special.inv_boxcox1p(a, b)
