"""Comparisons, rounding and positions: piecewise constant, so without derivatives.  On Tensors they give plain arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..op import constant
from .broadcast import axes_of

__all__ = [
    "argmax", "argmin", "ceil", "equal", "floor", "floor_divide", "greater", "greater_equal", "isfinite", "isinf", "isnan", "less",
    "less_equal", "logical_and", "logical_not", "logical_or", "not_equal", "one_hot", "one_hot_argmax", "rint", "sign", "trunc",
]  # fmt: skip


@constant(tex="{a} = {b}")
def equal(a: Any, b: Any, /) -> Any:
    """1[a = b].

    >>> equal(1.0, 1.0)
    np.True_
    """
    return np.equal(a, b)


@constant(tex=r"{a} \neq {b}")
def not_equal(a: Any, b: Any, /) -> Any:
    """1[a ≠ b].

    >>> not_equal(1.0, 1.0)
    np.False_
    """
    return np.not_equal(a, b)


@constant(tex="{a} < {b}")
def less(a: Any, b: Any, /) -> Any:
    """1[a < b].

    >>> less(1.0, 2.0)
    np.True_
    """
    return np.less(a, b)


@constant(tex=r"{a} \leq {b}")
def less_equal(a: Any, b: Any, /) -> Any:
    """1[a ≤ b].

    >>> less_equal(1.0, 1.0)
    np.True_
    """
    return np.less_equal(a, b)


@constant(tex="{a} > {b}")
def greater(a: Any, b: Any, /) -> Any:
    """1[a > b].

    >>> greater(1.0, 2.0)
    np.False_
    """
    return np.greater(a, b)


@constant(tex=r"{a} \geq {b}")
def greater_equal(a: Any, b: Any, /) -> Any:
    """1[a ≥ b].

    >>> greater_equal(1.0, 1.0)
    np.True_
    """
    return np.greater_equal(a, b)


@constant(tex=r"{a} \wedge {b}")
def logical_and(a: Any, b: Any, /) -> Any:
    """a ∧ b.

    >>> logical_and(True, False)
    np.False_
    """
    return np.logical_and(a, b)


@constant(tex=r"{a} \vee {b}")
def logical_or(a: Any, b: Any, /) -> Any:
    """a ∨ b.

    >>> logical_or(True, False)
    np.True_
    """
    return np.logical_or(a, b)


@constant(tex=r"\neg {a}")
def logical_not(a: Any, /) -> Any:
    """¬a.

    >>> logical_not(True)
    np.False_
    """
    return np.logical_not(a)


@constant
def isfinite(x: Any, /) -> Any:
    """1 where x is neither infinite nor NaN.

    >>> isfinite(np.inf)
    np.False_
    """
    return np.isfinite(x)


@constant
def isnan(x: Any, /) -> Any:
    """1 where x is NaN.

    >>> isnan(np.nan)
    np.True_
    """
    return np.isnan(x)


@constant
def isinf(x: Any, /) -> Any:
    """1 where x is infinite.

    >>> isinf(np.nan)
    np.False_
    """
    return np.isinf(x)


@constant
def sign(x: Any, /) -> Any:
    """−1, 0 or 1.

    >>> sign(-2.0)
    np.float64(-1.0)
    """
    return np.sign(x)


@constant(tex=r"\lfloor {x} \rfloor")
def floor(x: Any, /) -> Any:
    """The largest integer ≤ x.

    >>> floor(1.5)
    np.float64(1.0)
    """
    return np.floor(x)


@constant(tex=r"\lceil {x} \rceil")
def ceil(x: Any, /) -> Any:
    """The smallest integer ≥ x.

    >>> ceil(1.5)
    np.float64(2.0)
    """
    return np.ceil(x)


@constant
def rint(x: Any, /) -> Any:
    """The nearest integer, ties to even.

    >>> rint(2.5)
    np.float64(2.0)
    """
    return np.rint(x)


@constant
def trunc(x: Any, /) -> Any:
    """The nearest integer towards 0.

    >>> trunc(-1.5)
    np.float64(-1.0)
    """
    return np.trunc(x)


@constant(tex=r"\lfloor \frac{{{a}}}{{{b}}} \rfloor")
def floor_divide(a: Any, b: Any, /) -> Any:
    """⌊a / b⌋.

    >>> floor_divide(7.0, 2.0)
    np.float64(3.0)
    """
    return np.floor_divide(a, b)


@constant
def argmax(x: Any, /, axis: Any = None, keepdims: bool = False) -> Any:
    """The position of the largest value, the first of equals; flat if `axis` is None.

    >>> argmax(np.array([1., 3., 2.]))
    np.int64(1)
    """
    return np.argmax(x, axis=axis, keepdims=keepdims)


@constant
def argmin(x: Any, /, axis: Any = None, keepdims: bool = False) -> Any:
    """The position of the smallest value, the first of equals; flat if `axis` is None.

    >>> argmin(np.array([2., 1., 3.]))
    np.int64(1)
    """
    return np.argmin(x, axis=axis, keepdims=keepdims)


@constant
def one_hot_argmax(x: Any, /, axis: Any = -1) -> Any:
    """True at the largest value over `axis` (an int, a tuple, or None for all), False elsewhere; one True even among equals.

    >>> one_hot_argmax(np.array([[1., 3., 2.]]))
    array([[False,  True, False]])
    """
    if not x.size:
        return np.zeros(x.shape, bool)
    hot: Any = np.True_
    for k in axes_of(axis, x.ndim):  # the best, then the best of those
        ruler = np.arange(x.shape[k]).reshape([-1 if j == k else 1 for j in range(x.ndim)])
        hot = hot & (ruler == np.argmax(x, axis=k, keepdims=True))
        x = np.maximum.reduce(x, axis=k, keepdims=True)
    return hot


@constant(tex=r"\mathrm{{onehot}}({labels})")
def one_hot(labels: Any, /, classes: int) -> Any:
    """For each label k = 0 … classes − 1 a row with 1 at k and 0 elsewhere.

    >>> one_hot(np.array([1, 0]), 2)
    array([[0., 1.],
           [1., 0.]])
    """
    return np.eye(classes)[labels]
