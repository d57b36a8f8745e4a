"""Arithmetic: the four operations, powers, and the ops that select one of their values."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..op import call, general
from .compare import equal, floor_divide, greater, isnan, logical_and, logical_or, rint
from .complex import conj, is_complex
from .elementwise import elementwise, inverse, quotient, where
from .exponential import log
from .shape import astype

__all__ = [
    "absolute", "add", "clip", "copysign", "divide", "fmax", "fmin", "fmod", "heaviside", "ldexp", "maximum", "minimum", "modf", "multiply",
    "negative", "nextafter", "power", "reciprocal", "remainder", "square", "subtract",
]  # fmt: skip


@elementwise(lambda: 1, lambda: 1, tex="{a} + {b}")
def add(a: Any, b: Any, /) -> Any:
    """y = a + b.  ∂y/∂a = ∂y/∂b = 1.

    >>> add(1.0, np.array([1., 2.]))
    array([2., 3.])
    """
    return a + b


@elementwise(lambda: 1, lambda: -1, tex="{a} - {b}")
def subtract(a: Any, b: Any, /) -> Any:
    """y = a − b.  ∂y/∂a = 1, ∂y/∂b = −1.

    >>> subtract(1.0, np.array([1., 2.]))
    array([ 0., -1.])
    """
    return a - b


@elementwise(lambda b: b, lambda a: a, tex=r"{a} \odot {b}")
def multiply(a: Any, b: Any, /) -> Any:
    """y = a ⊙ b.  ∂y/∂a = b, ∂y/∂b = a.

    >>> multiply(2.0, np.array([1., 2.]))
    array([2., 4.])
    """
    return a * b


@elementwise(lambda b: inverse(b), lambda y, b: -y / b, tex=r"\frac{{{a}}}{{{b}}}", domain=[(-3, 3), (0.5, 3)])
def divide(a: Any, b: Any, /) -> Any:
    """y = a / b.  ∂y/∂a = 1/b, ∂y/∂b = −y/b.

    >>> divide(1.0, np.array([1., 2.]))
    array([1. , 0.5])
    """
    return a / b


@elementwise(lambda: -1, tex="-{x}")
def negative(x: Any, /) -> Any:
    """y = −x.  ∂y/∂x = −1.

    >>> negative(np.array([1., -2.]))
    array([-1.,  2.])
    """
    return -x


@elementwise(lambda y: -y * y, tex=r"\frac{{1}}{{{x}}}", domain=[(0.5, 3)])
def reciprocal(x: Any, /) -> Any:
    """y = 1/x.  ∂y/∂x = −y².

    >>> reciprocal(np.array([1., 2.]))
    array([1. , 0.5])
    """
    return np.reciprocal(x)


@elementwise(lambda x: 2 * x, tex="{x}^2")
def square(x: Any, /) -> Any:
    """y = x².  ∂y/∂x = 2x.

    >>> square(np.array([1., 2.]))
    array([1., 4.])
    """
    return np.square(x)


def _base(a: Any, b: Any) -> Any:
    """a, but 1 where a and b are 0: there b aᵇ⁻¹ is 0, not 0·∞."""
    if type(b) in (int, float) and b:
        return a
    return where(logical_and(equal(a, 0), equal(b, 0)), 1, a)


@elementwise(
    lambda a, b: b * _base(a, b) ** (b - 1),
    lambda a, y: y * astype(log(where(a == 0, 1, a)), y.dtype),  # 0ᵇ is taken as constant in b; the log of a Python number is a float64
    tex="{a}^{{{b}}}",
    domain=[(0.5, 3), (-2, 3)],
    kinks=[((0.0, 0.0), (0.0, 0.0)), ((0.0, 1.0), (1.0, 0.0)), ((0.0, 2.0), (0.0, 0.0))],
)
def power(a: Any, b: Any, /) -> Any:
    """y = aᵇ.  ∂y/∂a = b aᵇ⁻¹, ∂y/∂b = y ln a (0 at a = 0).

    >>> power(np.array([1., 2.]), 3)
    array([1., 8.])
    """
    return a**b


@elementwise(lambda: 1, lambda a, b: -floor_divide(a, b), tex=r"{a} \bmod {b}", domain=[(-3, 3), (0.5, 3)])
def remainder(a: Any, b: Any, /) -> Any:
    """y = a − b ⌊a/b⌋.  ∂y/∂a = 1, ∂y/∂b = −⌊a/b⌋.

    >>> remainder(7.0, 2.0)
    np.float64(1.0)
    """
    return np.remainder(a, b)


@elementwise(lambda: 1, lambda a, b, y: -rint((a - y) / b), tex=r"{a} \bmod {b}", domain=[(-3, 3), (0.5, 3)])
def fmod(a: Any, b: Any, /) -> Any:
    """y = a − b n, with n = a/b cut to a whole number: y has the sign of a.  ∂y/∂a = 1, ∂y/∂b = −n.

    >>> fmod(-7.0, 2.0)
    np.float64(-1.0)
    """
    return np.fmod(a, b)


@general(lambda g: g[0], samples=[call((2, 3)), call(())])
def modf(x: Any, /) -> Any:
    """The part of x behind the point, whose derivative is 1, and the whole part, whose derivative is 0; both have the sign of x.

    >>> modf(-1.5)
    (np.float64(-0.5), np.float64(-1.0))
    """
    return np.modf(x)


@elementwise(
    lambda g, b: ldexp(g, b), None, tex=r"{a} \cdot 2^{{{b}}}", samples=[call((3,), np.array([1, -2, 0])), call((), np.array([3, 4]))]
)
def ldexp(a: Any, b: Any, /) -> Any:
    """y = a 2ᵇ, for whole numbers b.  ∂y/∂a = 2ᵇ.

    >>> ldexp(1.5, 2)
    np.float64(6.0)
    """
    return np.ldexp(a, b)


@elementwise(lambda: 1, None)
def nextafter(a: Any, b: Any, /) -> Any:
    """The number next to a on the way to b.  ∂y/∂a = 1, as if numbers lay dense; b only says which way.

    >>> nextafter(1.0, 2.0)
    np.float64(1.0000000000000002)
    """
    return np.nextafter(a, b)


@elementwise(None, lambda g, a: where(a == 0, g, 0), tex=r"\Theta({a})")
def heaviside(a: Any, b: Any, /) -> Any:
    """y = 0 for a < 0, b for a = 0, 1 for a > 0.  ∂y/∂a = 0, ∂y/∂b = 1[a = 0].

    >>> heaviside(np.array([-1., 0., 1.]), 0.5)
    array([0. , 0.5, 1. ])
    """
    return np.heaviside(a, b)


@elementwise(lambda g, a, y: where(a == 0, 0, where(equal(a > 0, y > 0), g, -g)), None)
def copysign(a: Any, b: Any, /) -> Any:
    """y = |a| with the sign of b.  ∂y/∂a = 1 where the signs of a and b are the same, else −1; 0 at a = 0.

    >>> copysign(2.0, -1.0)
    np.float64(-2.0)
    """
    return np.copysign(a, b)


@elementwise(
    lambda g, x, y: g * quotient(conj(x), y) if is_complex(x) else where(x > 0, g, where(x < 0, -g, 0)),
    tex=r"\left|{x}\right|",
    kinks=[((0.0,), (0.0,))],
)
def absolute(x: Any, /) -> Any:
    """y = |x|.  ∂y/∂x = 1[x > 0] − 1[x < 0]; for a complex x the cotangent becomes g x̄/y; 0 at x = 0.

    >>> absolute(np.array([1., -2.]))
    array([1., 2.])
    """
    return np.absolute(x)


@elementwise(
    lambda g, a, b: where(a > b, g, where(a == b, g / 2, 0)),
    lambda g, a, b: where(b > a, g, where(a == b, g / 2, 0)),
    tex=r"\max({a}, {b})",
    kinks=[((1.0, 1.0), (0.5, 0.5))],
)
def maximum(a: Any, b: Any, /) -> Any:
    """y = max(a, b).  ∂y/∂a = 1[a > b]; a tie is shared evenly: ½ each.

    >>> maximum(np.array([1., 3.]), 2.0)
    array([2., 3.])
    """
    return np.maximum(a, b)


@elementwise(
    lambda g, a, b: where(a < b, g, where(a == b, g / 2, 0)),
    lambda g, a, b: where(b < a, g, where(a == b, g / 2, 0)),
    tex=r"\min({a}, {b})",
    kinks=[((1.0, 1.0), (0.5, 0.5))],
)
def minimum(a: Any, b: Any, /) -> Any:
    """y = min(a, b).  ∂y/∂a = 1[a < b]; a tie is shared evenly: ½ each.

    >>> minimum(np.array([1., 3.]), 2.0)
    array([1., 2.])
    """
    return np.minimum(a, b)


@elementwise(
    lambda g, a, b: where(logical_or(a > b, isnan(b)), g, where(a == b, g / 2, 0)),
    lambda g, a, b: where(logical_or(b > a, isnan(a)), g, where(a == b, g / 2, 0)),
    tex=r"\max({a}, {b})",
    kinks=[((1.0, 1.0), (0.5, 0.5)), ((1.0, math.nan), (1.0, 0.0)), ((math.nan, 1.0), (0.0, 1.0))],
)
def fmax(a: Any, b: Any, /) -> Any:
    """y = max(a, b), where a number is more than a NaN.  ∂y/∂a = 1[a > b]; a tie is shared evenly: ½ each.

    >>> fmax(np.array([1., np.nan]), 2.0)
    array([2., 2.])
    """
    return np.fmax(a, b)


@elementwise(
    lambda g, a, b: where(logical_or(a < b, isnan(b)), g, where(a == b, g / 2, 0)),
    lambda g, a, b: where(logical_or(b < a, isnan(a)), g, where(a == b, g / 2, 0)),
    tex=r"\min({a}, {b})",
    kinks=[((1.0, 1.0), (0.5, 0.5)), ((1.0, math.nan), (1.0, 0.0)), ((math.nan, 1.0), (0.0, 1.0))],
)
def fmin(a: Any, b: Any, /) -> Any:
    """y = min(a, b), where a number is less than a NaN.  ∂y/∂a = 1[a < b]; a tie is shared evenly: ½ each.

    >>> fmin(np.array([1., np.nan]), 2.0)
    array([1., 2.])
    """
    return np.fmin(a, b)


def _crossed(min: Any, max: Any) -> Any:
    """Whether the lower bound is above the upper, which then decides alone."""
    return False if min is None else greater(min, max)


@elementwise(
    lambda g, x, y: where(x == y, g, 0),
    lambda g, x, y, min: where(logical_and(x < min, y == min), g, 0),
    lambda g, x, min, max: where(logical_or(x > max, _crossed(min, max)), g, 0),
    domain=[(-3, 3), (-1, -0.5), (0.5, 1)],
    kinks=[((1.0, 0.0, 1.0), (1.0, 0.0, 0.0)), ((0.0, 0.0, 1.0), (1.0, 0.0, 0.0))],
)
def clip(x: Any, /, min: Any = None, max: Any = None) -> Any:
    """y = minimum(maximum(x, min), max); either bound may be None.  ∂y/∂x = 1[min ≤ x ≤ max]; a bound gets the rest.

    >>> clip(np.array([-1., 0.5, 2.]), 0.0, 1.0)
    array([0. , 0.5, 1. ])
    """
    return np.clip(x, min, max)
