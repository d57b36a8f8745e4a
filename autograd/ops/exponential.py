"""Exponentials, logarithms and roots."""

from __future__ import annotations

from math import log as _ln
from typing import Any

import numpy as np

from .elementwise import elementwise

__all__ = ["cbrt", "exp", "exp2", "expm1", "log", "log1p", "log2", "log10", "sqrt"]

LN2, LN10 = _ln(2), _ln(10)


@elementwise(lambda y: y, tex="e^{{{x}}}")
def exp(x: Any, /) -> Any:
    """y = eˣ.  ∂y/∂x = y.

    >>> exp(0.0)
    np.float64(1.0)
    """
    return np.exp(x)


@elementwise(lambda y: y * LN2, tex="2^{{{x}}}")
def exp2(x: Any, /) -> Any:
    """y = 2ˣ.  ∂y/∂x = y ln 2.

    >>> exp2(3.0)
    np.float64(8.0)
    """
    return np.exp2(x)


@elementwise(lambda x: exp(x), tex="e^{{{x}}} - 1")  # y + 1 has lost its digits where y is near −1
def expm1(x: Any, /) -> Any:
    """y = eˣ − 1, exact for small x.  ∂y/∂x = eˣ.

    >>> expm1(1e-20)
    np.float64(1e-20)
    """
    return np.expm1(x)


@elementwise(lambda x: 1 / x, tex=r"\log({x})", domain=[(0.2, 3)])
def log(x: Any, /) -> Any:
    """y = ln x.  ∂y/∂x = 1/x.

    >>> log(1.0)
    np.float64(0.0)
    """
    return np.log(x)


@elementwise(lambda x: 1 / (LN2 * x), tex=r"\log_2({x})", domain=[(0.2, 3)])
def log2(x: Any, /) -> Any:
    """y = log₂ x.  ∂y/∂x = 1/(x ln 2).

    >>> log2(8.0)
    np.float64(3.0)
    """
    return np.log2(x)


@elementwise(lambda x: 1 / (LN10 * x), tex=r"\log_{{10}}({x})", domain=[(0.2, 3)])
def log10(x: Any, /) -> Any:
    """y = log₁₀ x.  ∂y/∂x = 1/(x ln 10).

    >>> log10(1000.0)
    np.float64(3.0)
    """
    return np.log10(x)


@elementwise(lambda x: 1 / (1 + x), tex=r"\log(1 + {x})", domain=[(-0.8, 3)])
def log1p(x: Any, /) -> Any:
    """y = ln(1 + x), exact for small x.  ∂y/∂x = 1/(1 + x).

    >>> log1p(1e-20)
    np.float64(1e-20)
    """
    return np.log1p(x)


@elementwise(lambda y: 0.5 / y, tex=r"\sqrt{{{x}}}", domain=[(0.2, 3)])
def sqrt(x: Any, /) -> Any:
    """y = √x.  ∂y/∂x = 1/(2y): infinite at 0, where a cotangent of exactly 0 gives 0.

    >>> sqrt(9.0)
    np.float64(3.0)
    """
    return np.sqrt(x)


@elementwise(lambda y: 1 / (3 * y * y), tex=r"\sqrt[3]{{{x}}}", domain=[(0.2, 3)])
def cbrt(x: Any, /) -> Any:
    """y = ∛x.  ∂y/∂x = 1/(3y²).

    >>> cbrt(27.0)
    np.float64(3.0)
    """
    return np.cbrt(x)
