"""What entropies are made of: products with a logarithm that are 0 where their factor is.

Where the factor is 0 and the logarithm infinite, the slope in the factor is infinite too, as it is.
"""

from __future__ import annotations

from math import inf
from typing import Any

from ...ops import astype, divide, logical_and, where
from ...ops.elementwise import as_float, elementwise
from .promotion import special

__all__ = ["entr", "kl_div", "rel_entr", "xlog1py", "xlogy"]


def _per(a: Any, b: Any) -> Any:
    """a / b, and 0 where both are 0."""
    neither = logical_and(a == 0, b == 0)
    return where(neither, 0, divide(a, where(neither, 1, b)))


def _log(a: Any, dtype: Any) -> Any:
    """ln a in this dtype, without warnings."""
    return xlogy(astype(1.0, dtype), a)


def _log_ratio(a: Any, b: Any, dtype: Any) -> Any:
    """ln(a/b), and ∞ where b is 0, whatever a."""
    return where(b == 0, inf, _log(divide(a, astype(where(b == 0, 1, b), dtype)), dtype))


@elementwise(
    lambda b, y: _log(b, y.dtype),
    lambda a, b: _per(a, b),
    tex=r"{a} \log {b}",
    domain=[(-3, 3), (0.5, 3)],
    kinks=[((0.0, 2.0), (0.6931471805599453, 0.0)), ((0.0, 1.0), (0.0, 0.0))],
)
def xlogy(a: Any, b: Any, /) -> Any:
    """y = a ln b, 0 where a is 0.  ∂y/∂a = ln b, ∂y/∂b = a/b, 0 where a and b are 0.

    >>> xlogy(0.0, 0.0)
    np.float64(0.0)
    """
    return special.xlogy(a, b)


@elementwise(
    lambda b, y: xlog1py(astype(1.0, y.dtype), b),
    lambda a, b: _per(a, 1 + b),
    tex=r"{a} \log(1 + {b})",
    domain=[(-3, 3), (-0.5, 3)],
    kinks=[((0.0, 1.0), (0.6931471805599453, 0.0))],
)
def xlog1py(a: Any, b: Any, /) -> Any:
    """y = a ln(1 + b), 0 where a is 0.  ∂y/∂a = ln(1 + b), ∂y/∂b = a/(1 + b), 0 where a and 1 + b are 0.

    >>> xlog1py(0.0, -1.0)
    np.float64(0.0)
    """
    return special.xlog1py(a, b)


@elementwise(lambda x, y: -1 - _log(x, y.dtype), tex=r"-{x} \log {x}", domain=[(0.2, 3)])
def entr(x: Any, /) -> Any:
    """y = −x ln x, 0 at x = 0, −∞ below.  ∂y/∂x = −1 − ln x: +∞ at 0, NaN below.

    >>> entr(1.0), entr(0.0)
    (np.float64(-0.0), np.float64(0.0))
    """
    return special.entr(as_float(x))


@elementwise(
    lambda a, b, y: 1 + _log_ratio(a, b, y.dtype),
    lambda a, b: -_per(a, b),
    tex=r"{a} \log \frac{{{a}}}{{{b}}}",
    domain=[(0.2, 3), (0.2, 3)],
)
def rel_entr(a: Any, b: Any, /) -> Any:
    """y = a ln(a/b), 0 at a = 0, +∞ where a or b is negative.  ∂y/∂a = 1 + ln(a/b), ∂y/∂b = −a/b, 0 at a = b = 0.

    >>> rel_entr(0.0, 2.0), rel_entr(2.0, 2.0)
    (np.float64(0.0), np.float64(0.0))
    """
    return special.rel_entr(a, b)


@elementwise(
    lambda a, b, y: _log_ratio(a, b, y.dtype),
    lambda a, b: 1 - _per(a, b),
    tex=r"{a} \log \frac{{{a}}}{{{b}}} - {a} + {b}",
    domain=[(0.2, 3), (0.2, 3)],
)
def kl_div(a: Any, b: Any, /) -> Any:
    """y = a ln(a/b) − a + b, b at a = 0, +∞ where a or b is negative.  ∂y/∂a = ln(a/b), ∂y/∂b = 1 − a/b.

    >>> kl_div(0.0, 2.0), kl_div(2.0, 2.0)
    (np.float64(2.0), np.float64(0.0))
    """
    return special.kl_div(a, b)
