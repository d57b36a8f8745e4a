"""What entropies are made of: products with a logarithm that are 0 where their factor is.

Where the factor is 0 and the logarithm infinite, the slope in the factor is infinite too, as it is.
"""

from __future__ import annotations

from typing import Any

from scipy import special

from ...ops import divide, where
from ...ops.elementwise import as_float, elementwise

__all__ = ["entr", "kl_div", "rel_entr", "xlog1py", "xlogy"]


def _per(a: Any, b: Any) -> Any:
    """a / b, and 0 where a is 0, whatever b."""
    return where(a == 0, 0, divide(a, where(a == 0, 1, b)))


@elementwise(
    lambda b: xlogy(1, b),
    lambda a, b: _per(a, b),
    tex=r"{a} \log {b}",
    domain=[(-3, 3), (0.5, 3)],
    kinks=[((0.0, 2.0), (0.6931471805599453, 0.0)), ((0.0, 1.0), (0.0, 0.0))],
)
def xlogy(a: Any, b: Any, /) -> Any:
    """y = a ln b, 0 where a is 0.  ∂y/∂a = ln b, ∂y/∂b = a/b, 0 where a is 0.

    >>> xlogy(0.0, 0.0)
    np.float64(0.0)
    """
    return special.xlogy(a, b)


@elementwise(
    lambda b: xlog1py(1, b),
    lambda a, b: _per(a, 1 + b),
    tex=r"{a} \log(1 + {b})",
    domain=[(-3, 3), (-0.5, 3)],
    kinks=[((0.0, 1.0), (0.6931471805599453, 0.0))],
)
def xlog1py(a: Any, b: Any, /) -> Any:
    """y = a ln(1 + b), 0 where a is 0.  ∂y/∂a = ln(1 + b), ∂y/∂b = a/(1 + b), 0 where a is 0.

    >>> xlog1py(0.0, -1.0)
    np.float64(0.0)
    """
    return special.xlog1py(a, b)


@elementwise(lambda x: -1 - xlogy(1, x), tex=r"-{x} \log {x}", domain=[(0.2, 3)])
def entr(x: Any, /) -> Any:
    """y = −x ln x, 0 at x = 0, −∞ below.  ∂y/∂x = −1 − ln x: +∞ at 0, NaN below.

    >>> entr(1.0), entr(0.0)
    (np.float64(-0.0), np.float64(0.0))
    """
    return special.entr(as_float(x))


@elementwise(
    lambda a, b: 1 + xlogy(1, a) - xlogy(1, b),
    lambda a, b: -_per(a, b),
    tex=r"{a} \log \frac{{{a}}}{{{b}}}",
    domain=[(0.2, 3), (0.2, 3)],
)
def rel_entr(a: Any, b: Any, /) -> Any:
    """y = a ln(a/b), 0 at a = 0, +∞ where a or b is negative.  ∂y/∂a = 1 + ln(a/b), ∂y/∂b = −a/b, 0 at a = 0.

    >>> rel_entr(0.0, 2.0), rel_entr(2.0, 2.0)
    (np.float64(0.0), np.float64(0.0))
    """
    return special.rel_entr(a, b)


@elementwise(
    lambda a, b: xlogy(1, a) - xlogy(1, b),
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
