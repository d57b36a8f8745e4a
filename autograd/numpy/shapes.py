"""NumPy's functions that move, copy and choose values."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import ops
from ..op import Traced
from .keywords import applied, as_value, check_out, function, holds_traced, into, plain, refuse_options

__all__ = [
    "atleast_1d", "atleast_2d", "atleast_3d", "broadcast_to", "clip", "copy", "dot", "expand_dims", "flip", "fliplr", "flipud",
    "matrix_transpose", "moveaxis", "outer", "ravel", "reshape", "rollaxis", "squeeze", "swapaxes",
    "take_along_axis", "transpose", "where",
]  # fmt: skip


@function
def reshape(a: Any, /, shape: Any, order: str = "C", *, copy: bool | None = None) -> Any:
    """The same values in another shape; one size may be −1.  `order` "F" counts the first index fastest.

    >>> reshape(np.arange(4), (2, 2), order="F")
    array([[0, 2],
           [1, 3]])
    """
    if order == "C" and copy is None:
        return ops.reshape(a, shape)
    if not isinstance(a, Traced):
        return np.reshape(a, shape, order, **({} if copy is None else {"copy": copy}))  # type: ignore[call-overload]  # new in NumPy 2.1
    refuse_options("reshape", order=(order, "CF"), copy=(copy, (None, True)))
    if order == "F":
        sizes = tuple(shape) if isinstance(shape, (tuple, list)) else (shape,)
        y = ops.transpose(ops.reshape(ops.transpose(a), sizes[::-1]))
    else:
        y = ops.reshape(a, shape)
    return ops.copy(y) if copy else y


@function
def ravel(a: Any, order: str = "C") -> Any:
    """The values in one row; `order` "F" counts the first index fastest.

    >>> ravel(np.array([[1., 2.], [3., 4.]]), order="F")
    array([1., 3., 2., 4.])
    """
    if order == "C":
        return ops.ravel(a)
    if not isinstance(a, Traced):
        return np.ravel(a, order)  # type: ignore[call-overload]
    refuse_options("ravel", order=(order, "CF"))
    return ops.ravel(ops.transpose(a))


@function
def transpose(a: Any, axes: Any = None) -> Any:
    """The axes permuted, reversed by default.

    >>> transpose(np.array([[1., 2.]])).shape
    (2, 1)
    """
    return ops.transpose(a, axes)


@function
def matrix_transpose(x: Any, /) -> Any:
    """The last two axes exchanged.

    >>> matrix_transpose(np.zeros((2, 3, 4))).shape
    (2, 4, 3)
    """
    return ops.swapaxes(x, -1, -2)


@function
def swapaxes(a: Any, axis1: int, axis2: int) -> Any:
    """Two axes exchanged.

    >>> swapaxes(np.zeros((2, 3, 4)), 0, 2).shape
    (4, 3, 2)
    """
    return ops.swapaxes(a, axis1, axis2)


@function
def moveaxis(a: Any, source: Any, destination: Any) -> Any:
    """Axes moved to new places.

    >>> moveaxis(np.zeros((2, 3, 4)), 0, -1).shape
    (3, 4, 2)
    """
    return ops.moveaxis(a, source, destination)


@function
def rollaxis(a: Any, axis: int, start: int = 0) -> Any:
    """One axis moved to stand before axis `start`.

    >>> rollaxis(np.zeros((2, 3, 4)), 2).shape
    (4, 2, 3)
    """
    n = np.ndim(a)
    if not (-n <= axis < n and -n <= start <= n):
        raise np.exceptions.AxisError(f"rollaxis: got axis={axis} and start={start} for an array of {n} axes")
    axis, start = axis % n, start + n if start < 0 else start
    return ops.moveaxis(a, axis, start - 1 if axis < start else start)


@function
def squeeze(a: Any, axis: Any = None) -> Any:
    """Without the axes of size 1, or without those named.

    >>> squeeze(np.zeros((1, 3))).shape
    (3,)
    """
    return ops.squeeze(a, axis)


@function
def expand_dims(a: Any, axis: Any) -> Any:
    """With new axes of size 1 at `axis`.

    >>> expand_dims(np.zeros(3), 0).shape
    (1, 3)
    """
    return ops.expand_dims(a, axis)


@function
def broadcast_to(array: Any, shape: Any, subok: bool = False) -> Any:
    """Copied along new or size-1 axes to `shape`.

    >>> broadcast_to(np.array([1., 2.]), (2, 2))
    array([[1., 2.],
           [1., 2.]])
    """
    if subok and not isinstance(array, Traced):
        return np.broadcast_to(array, shape, subok)
    return ops.broadcast_to(array, shape)


@function
def copy(a: Any, order: str = "K", subok: bool = False) -> Any:
    """The same values in memory of their own.

    >>> copy(np.array([1., 2.]))
    array([1., 2.])
    """
    if not isinstance(a, Traced):
        return np.array(a, order=order, subok=subok)  # type: ignore[call-overload]
    refuse_options("copy", order=(order, "KCA"), subok=(subok, (False, True)))
    return ops.copy(a)


def _at_least(n: int, arys: tuple[Any, ...]) -> Any:
    """Each array with at least n axes, as NumPy adds them: in front, and for three of them one behind."""
    result = []
    for a in map(as_value, arys):
        shape = a.shape
        behind = (1,) if n == 3 and shape else ()
        front = (1,) * (n - len(behind) - len(shape))
        result.append(ops.reshape(a, front + shape + behind) if len(shape) < n else a)
    return result[0] if len(result) == 1 else tuple(result)


@function
def atleast_1d(*arys: Any) -> Any:
    """A single value as a row of one.  Of several arrays, a tuple.

    >>> atleast_1d(np.float64(2.0))
    array([2.])
    """
    return _at_least(1, arys)


@function
def atleast_2d(*arys: Any) -> Any:
    """A row as a matrix (1, n).  Of several arrays, a tuple.

    >>> atleast_2d(np.array([1., 2.]))
    array([[1., 2.]])
    """
    return _at_least(2, arys)


@function
def atleast_3d(*arys: Any) -> Any:
    """A row as (1, n, 1), a matrix as (m, n, 1).  Of several arrays, a tuple.

    >>> atleast_3d(np.array([1., 2.])).shape
    (1, 2, 1)
    """
    return _at_least(3, arys)


@function
def flip(m: Any, axis: Any = None) -> Any:
    """The values in reverse order along `axis`: an int, several as a tuple, or None for all.

    >>> flip(np.array([1., 2., 3.]))
    array([3., 2., 1.])
    """
    n = np.ndim(m)
    axes = range(n) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    if any(not -n <= k < n for k in axes):
        raise np.exceptions.AxisError(f"flip: got axis={axis} for an array of {n} axes")
    turned = {k % n for k in axes}
    return ops.getitem(m, tuple(slice(None, None, -1 if k in turned else 1) for k in range(n)))


@function
def flipud(m: Any) -> Any:
    """The rows in reverse order.

    >>> flipud(np.array([[1.], [2.]]))
    array([[2.],
           [1.]])
    """
    return flip(m, 0)


@function
def fliplr(m: Any) -> Any:
    """The columns in reverse order.

    >>> fliplr(np.array([[1., 2.]]))
    array([[2., 1.]])
    """
    return flip(m, 1)


@function
def take_along_axis(arr: Any, indices: Any, axis: int | None = -1) -> Any:
    """y[…, i, …] = arr[…, indices[…, i, …], …] along `axis`.

    >>> take_along_axis(np.array([[1., 2.], [3., 4.]]), np.array([[1], [0]]), axis=1)
    array([[2.],
           [3.]])
    """
    return ops.take_along_axis(arr, indices, axis)


@function
def clip(a: Any, a_min: Any = None, a_max: Any = None, out: Any = None, *, min: Any = None, max: Any = None, **kwargs: Any) -> Any:
    """y = minimum(maximum(a, a_min), a_max); either bound may be None.  The bounds are differentiated too.

    >>> clip(np.array([-1., 0.5, 2.]), 0.0, 1.0)
    array([0. , 0.5, 1. ])
    """
    if not (min is max is None):
        if not (a_min is a_max is None):
            raise ValueError("clip: got a_min or a_max beside min or max, two names of one thing; give one pair")
        a_min, a_max = min, max
    if out is None and not kwargs:
        return ops.clip(a, a_min, a_max)
    if not holds_traced(a, a_min, a_max, out):
        return np.clip(a, a_min, a_max, out, **kwargs)
    given = {name: bound for name, bound in (("min", a_min), ("max", a_max)) if bound is not None}
    clipped = lambda a, *bounds: ops.clip(a, **dict(zip(given, bounds, strict=True)))
    return applied("clip", clipped, (a, *given.values()), out, **kwargs)


@function
def where(condition: Any, x: Any = None, y: Any = None, /) -> Any:
    """x where the condition holds, else y; of the condition alone, where it holds: its indices, as `nonzero` gives them.

    >>> where(np.array([True, False]), 1.0, 2.0)
    array([1., 2.])
    >>> where(np.array([False, True]))
    (array([1]),)
    """
    if x is None and y is None:
        return np.nonzero(plain(condition))
    if x is None or y is None:
        raise ValueError("where: got one value, wanted two (where the condition holds, and where not) or none")
    return ops.where(condition, x, y)


@function
def dot(a: Any, b: Any, out: Any = None) -> Any:
    """y = Σₖ a[…, k] b[…, k, …]: the last axis of a with the last but one of b (or its only one); a number multiplies.

    >>> dot(np.array([1., 2.]), np.array([3., 4.]))
    np.float64(11.0)
    """
    if out is None:
        return ops.dot(a, b)
    check_out("dot", out, a, b)
    return into("dot", out, ops.dot(a, b))


@function
def outer(a: Any, b: Any, out: Any = None) -> Any:
    """Y[i, j] = aᵢ bⱼ, of a and b as rows of values.

    >>> outer(np.array([1., 2.]), np.array([3., 4.]))
    array([[3., 4.],
           [6., 8.]])
    """
    if out is None:
        return ops.outer(a, b)
    check_out("outer", out, a, b)
    return into("outer", out, ops.outer(a, b))
