"""Circular and hyperbolic functions and their inverses.  Angles are in radians."""

from __future__ import annotations

from math import factorial, pi
from typing import Any

import numpy as np

from .activation import sigmoid
from .complex import is_complex
from .elementwise import elementwise, quotient
from .exponential import sqrt

__all__ = [
    "arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctan2", "arctanh", "cos", "cosh", "hypot", "sin", "sinc", "sinh", "tan", "tanh",
]  # fmt: skip


@elementwise(lambda x: cos(x), tex=r"\sin({x})")
def sin(x: Any, /) -> Any:
    """y = sin x.  ∂y/∂x = cos x.

    >>> sin(0.0)
    np.float64(0.0)
    """
    return np.sin(x)


@elementwise(lambda x: -sin(x), tex=r"\cos({x})")
def cos(x: Any, /) -> Any:
    """y = cos x.  ∂y/∂x = −sin x.

    >>> cos(0.0)
    np.float64(1.0)
    """
    return np.cos(x)


@elementwise(lambda x, order: sinc(x, order + 1), tex=r"\mathrm{{sinc}}^{{({order})}} {x}")
def sinc(x: Any, /, order: int = 0) -> Any:
    """y = sin(πx)/(πx), 1 at x = 0, or its derivative of this order, right at 0 too.  ∂y/∂x is the next.

    >>> sinc(0.0), sinc(1.0, order=1)
    (np.float64(1.0), np.float64(-1.0))
    """
    if not order:
        return np.sinc(x)
    x = np.asarray(x)
    u = pi * x.astype(np.result_type(x, np.float64))
    near = np.abs(u) < 2 + order / 4
    powers = range(order % 2, 40 + 4 * order, 2)[::-1]  # Taylor's series would cancel far from 0, as the other form does near it
    series = np.polyval([(-1) ** ((order + k) // 2) / ((order + k + 1) * factorial(k)) for k in powers], np.where(near, u, 0) ** 2)
    far = np.where(near, 1, u)
    y = np.sin(far) / far
    for n in range(1, order + 1):  # Leibniz's rule for u · sinc u = sin u
        y = (np.sin(far + n * pi / 2) - n * y) / far
    y = pi**order * np.where(near, series * u if order % 2 else series, y)
    return y.astype(np.result_type(x, np.float16) if x.dtype.kind in "fc" else np.float64)[()]


@elementwise(lambda y: 1 + y * y, tex=r"\tan({x})", domain=[(-1.2, 1.2)])
def tan(x: Any, /) -> Any:
    """y = tan x.  ∂y/∂x = 1 + y².

    >>> tan(0.0)
    np.float64(0.0)
    """
    return np.tan(x)


@elementwise(lambda x: 1 / sqrt((1 - x) * (1 + x)), tex=r"\arcsin({x})", domain=[(-0.9, 0.9)])
def arcsin(x: Any, /) -> Any:
    """y = arcsin x.  ∂y/∂x = 1/√(1−x²), with 1−x² as (1−x)(1+x), exact near ±1.

    >>> arcsin(0.0)
    np.float64(0.0)
    """
    return np.arcsin(x)


@elementwise(lambda x: -1 / sqrt((1 - x) * (1 + x)), tex=r"\arccos({x})", domain=[(-0.9, 0.9)])
def arccos(x: Any, /) -> Any:
    """y = arccos x.  ∂y/∂x = −1/√(1−x²).

    >>> arccos(1.0)
    np.float64(0.0)
    """
    return np.arccos(x)


@elementwise(lambda x: 1 / (1 + x * x), tex=r"\arctan({x})")
def arctan(x: Any, /) -> Any:
    """y = arctan x.  ∂y/∂x = 1/(1+x²).

    >>> arctan(0.0)
    np.float64(0.0)
    """
    return np.arctan(x)


@elementwise(
    lambda a, b: b / hypot(a, b) / hypot(a, b),  # a² + b² could overflow
    lambda a, b: -(a / hypot(a, b)) / hypot(a, b),
    tex=r"\mathrm{{atan2}}({a}, {b})",
    domain=[(0.5, 3), (-3, 3)],
)
def arctan2(a: Any, b: Any, /) -> Any:
    """y = the angle of the point (b, a).  ∂y/∂a = b/(a²+b²), ∂y/∂b = −a/(a²+b²).

    >>> arctan2(0.0, 1.0)
    np.float64(0.0)
    """
    return np.arctan2(a, b)


@elementwise(
    lambda a, y: quotient(a, y),
    lambda b, y: quotient(b, y),
    tex=r"\sqrt{{{a}^2 + {b}^2}}",
    kinks=[((0.0, 0.0), (0.0, 0.0))],
)
def hypot(a: Any, b: Any, /) -> Any:
    """y = √(a²+b²), without overflow.  ∂y/∂a = a/y, ∂y/∂b = b/y; 0 at the origin.

    >>> hypot(3.0, 4.0)
    np.float64(5.0)
    """
    return np.hypot(a, b)


@elementwise(lambda x: cosh(x), tex=r"\sinh({x})")
def sinh(x: Any, /) -> Any:
    """y = (eˣ−e⁻ˣ)/2.  ∂y/∂x = cosh x.

    >>> sinh(0.0)
    np.float64(0.0)
    """
    return np.sinh(x)


@elementwise(lambda x: sinh(x), tex=r"\cosh({x})")
def cosh(x: Any, /) -> Any:
    """y = (eˣ+e⁻ˣ)/2.  ∂y/∂x = sinh x.

    >>> cosh(0.0)
    np.float64(1.0)
    """
    return np.cosh(x)


@elementwise(lambda x: 4 * sigmoid(2 * x) * sigmoid(-2 * x), tex=r"\tanh({x})")  # 1 − y² has no digit left at x = 20, this form keeps all
def tanh(x: Any, /) -> Any:
    """y = (eˣ−e⁻ˣ)/(eˣ+e⁻ˣ).  ∂y/∂x = 4/(eˣ+e⁻ˣ)² = 1 − y².

    >>> tanh(0.0)
    np.float64(0.0)
    """
    return np.tanh(x)


@elementwise(lambda x: 1 / (hypot(x, 1.0) if not is_complex(x) else sqrt(1 + 1j * x) * sqrt(1 - 1j * x)), tex=r"\mathrm{{arsinh}}({x})")
def arcsinh(x: Any, /) -> Any:
    """y = arsinh x.  ∂y/∂x = 1/√(x²+1).

    >>> arcsinh(0.0)
    np.float64(0.0)
    """
    return np.arcsinh(x)


@elementwise(lambda x: 1 / sqrt(x - 1) / sqrt(x + 1), tex=r"\mathrm{{arcosh}}({x})", domain=[(1.2, 3)])  # x² − 1 could overflow
def arccosh(x: Any, /) -> Any:
    """y = arcosh x.  ∂y/∂x = 1/√(x²−1).

    >>> arccosh(1.0)
    np.float64(0.0)
    """
    return np.arccosh(x)


@elementwise(lambda x: 1 / ((1 - x) * (1 + x)), tex=r"\mathrm{{artanh}}({x})", domain=[(-0.9, 0.9)])
def arctanh(x: Any, /) -> Any:
    """y = artanh x.  ∂y/∂x = 1/(1−x²).

    >>> arctanh(0.0)
    np.float64(0.0)
    """
    return np.arctanh(x)
