"""The error function and its complement, and the modified Bessel functions.

The rational approximations are those of W. J. Cody, "Rational Chebyshev approximations for the error function", Math. Comp. 23 (1969),
631–637: relative error below 1e-16 in each of three ranges, so that erfc keeps its digits down to 1e-308.
"""

from __future__ import annotations

from math import factorial, pi, sqrt
from typing import Any

import numpy as np

from .elementwise import as_float, elementwise
from .exponential import exp

__all__ = ["bessel_i", "erf", "erfc"]

TWO_OVER_SQRT_PI = 2 / sqrt(pi)

# numerator and denominator, highest power first; the variable is x² (small), |x| (middle), 1/x² (tail)
SMALL = (
    (1.85777706184603153e-1, 3.16112374387056560, 1.13864154151050156e2, 3.77485237685302021e2, 3.20937758913846947e3),
    (1.0, 2.36012909523441209e1, 2.44024637934444173e2, 1.28261652607737228e3, 2.84423683343917062e3),
)
MIDDLE = (
    (2.15311535474403846e-8, 5.64188496988670089e-1, 8.88314979438837594, 6.61191906371416295e1, 2.98635138197400131e2,
     8.81952221241769090e2, 1.71204761263407058e3, 2.05107837782607147e3, 1.23033935479799725e3),
    (1.0, 1.57449261107098347e1, 1.17693950891312499e2, 5.37181101862009858e2, 1.62138957456669019e3,
     3.29079923573345963e3, 4.36261909014324716e3, 3.43936767414372164e3, 1.23033935480374942e3),
)  # fmt: skip
TAIL = (
    (1.63153871373020978e-2, 3.05326634961232344e-1, 3.60344899949804439e-1, 1.25781726111229246e-1, 1.60837851487422766e-2,
     6.58749161529837803e-4),
    (1.0, 2.56852019228982242, 1.87295284992346047, 5.27905102951428412e-1, 6.05183413124413191e-2, 2.33520497626869185e-3),
)  # fmt: skip


def _ratio(coefficients: tuple[tuple[float, ...], tuple[float, ...]], t: Any) -> Any:
    top, bottom = coefficients
    return np.polyval(top, t) / np.polyval(bottom, t)


def _erf(x: Any, *, complement: bool) -> Any:
    """erf(x), or 1 − erf(x), in float64 and then in the dtype of x."""
    x = as_float(x)
    wide = x.astype(np.float64)
    size = np.abs(wide)
    small = size <= 0.46875
    near, far = np.minimum(size, 0.46875), np.clip(size, 0.46875, 27.5)  # each formula sees only arguments of its own range
    erf_small = np.copysign(near, wide) * _ratio(SMALL, near * near)
    t = 1 / (far * far)
    middle = _ratio(MIDDLE, np.minimum(far, 4.0))
    tail = (1 / sqrt(pi) - t * _ratio(TAIL, t)) / far
    head = np.trunc(far * 16) / 16  # e^(−x²) from an exact square and a small rest: x² itself would lose digits
    decay = np.exp(-head * head) * np.exp(-(far - head) * (far + head))
    erfc_size = np.where(np.isnan(wide), np.nan, np.where(size > 27.5, 0.0, decay * np.where(far <= 4.0, middle, tail)))
    if complement:
        y = np.where(small, 1 - erf_small, np.where(wide > 0, erfc_size, 2 - erfc_size))
    else:
        y = np.where(small, erf_small, np.copysign(1 - erfc_size, wide))
    return y.astype(x.dtype)[()]


@elementwise(lambda x: TWO_OVER_SQRT_PI * exp(-x * x), tex=r"\mathrm{{erf}}({x})")
def erf(x: Any, /) -> Any:
    """y = (2/√π) ∫₀ˣ e^(−t²) dt.  ∂y/∂x = (2/√π) e^(−x²).

    >>> erf(0.0)
    np.float64(0.0)
    """
    return _erf(x, complement=False)


@elementwise(lambda x: -TWO_OVER_SQRT_PI * exp(-x * x), tex=r"\mathrm{{erfc}}({x})")
def erfc(x: Any, /) -> Any:
    """y = 1 − erf(x), with all its digits in the tail.  ∂y/∂x = −(2/√π) e^(−x²).

    >>> erfc(0.0)
    np.float64(1.0)
    """
    return _erf(x, complement=True)


@elementwise(
    lambda x, order: bessel_i(x, 1) if not order else 0.5 * (bessel_i(x, order - 1) + bessel_i(x, order + 1)), tex=r"I_{{{order}}}({x})"
)
def bessel_i(x: Any, /, order: int = 0) -> Any:
    """Iₙ(x), the modified Bessel function of the first kind, of whole order n ≥ 0.  ∂I₀/∂x = I₁, ∂Iₙ/∂x = (Iₙ₋₁ + Iₙ₊₁)/2.

    Source: Abramowitz & Stegun 1964, 9.6.10 (the power series, whose terms are all positive) and, for |x| > 30, 9.7.1.

    >>> bessel_i(0.0), bessel_i(0.0, order=1)
    (np.float64(1.0), np.float64(0.0))
    """
    x = as_float(x)
    size = np.abs(x.astype(np.float64))
    near, far = np.minimum(size, 30.0), np.maximum(size, 30.0)
    series = np.polyval([1 / (factorial(k) * factorial(k + order)) for k in reversed(range(50))], near * near / 4) * (near / 2) ** order
    term = total = np.ones_like(far)
    for k in range(1, 30):
        term = term * ((2 * k - 1) ** 2 - 4 * order**2) / (8 * k * far)
        total = total + term
    growth = np.exp(far / 2)  # in two steps: eˣ overflows a little earlier than Iₙ
    y = np.where(size > 30, growth / np.sqrt(2 * pi * far) * total * growth, series)
    return np.where((x < 0) & (order % 2 == 1), -y, y).astype(x.dtype)[()]
