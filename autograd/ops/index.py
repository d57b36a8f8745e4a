"""Indexing, reading and writing.  The adjoint of reading is adding into zeros, so that a repeated index adds up."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..op import call, multilinear
from .broadcast import unbroadcast

__all__ = ["add_along_axis", "add_at", "getitem", "is_basic", "reads_once", "setitem", "take_along_axis"]

_REPEATED = np.array([0, 2, 0])


@multilinear(
    lambda g, index, in_shape: add_at(g, index, in_shape),
    tex="{x}[{index}]",
    samples=[
        call((3, 4), 1), call((3, 4), (slice(None, None, -2), 1)), call((3, 4), (None, ..., 0)), call((3, 4), _REPEATED), call((), ()),
        call((3, 4), (_REPEATED, _REPEATED)), call((3, 4), np.eye(3, 4) > 0), call((3, 4), (slice(1, 1),)), call((3, 4), [0, 0]),
    ],
)  # fmt: skip
def getitem(x: Any, /, index: Any) -> Any:
    """y = x[index], basic or advanced.

    >>> getitem(np.arange(4.), slice(1, 3))
    array([1., 2.])
    """
    return x[index]


@multilinear(
    lambda g, index: getitem(g, index), samples=[call((3, 4), _REPEATED, (5, 4)), call((2,), slice(0, 4, 2), (5,)), call((4,), 1, (3, 4))]
)
def add_at(x: Any, /, index: Any, shape: tuple[int, ...]) -> Any:
    """Zeros of `shape` with x added at `index`: the adjoint of reading there.

    >>> add_at(np.array([1., 2., 4.]), np.array([0, 1, 0]), (3,))
    array([5., 2., 0.])
    """
    y = np.zeros(shape, x.dtype)
    if reads_once(index):
        y[index] = x
    else:
        np.add.at(y, index, x)
    return y


def reads_once(index: Any) -> bool:
    """Whether an index reads each place at most once by construction: a basic one, or a single mask.

    >>> reads_once(np.array([True, False])), reads_once(np.array([0, 0]))
    (True, False)
    """
    items = index if isinstance(index, tuple) else (index,)
    return is_basic(index) or (len(items) == 1 and isinstance(items[0], np.ndarray) and items[0].dtype == bool)


def is_basic(index: Any) -> bool:
    """Whether an index is made of integers, slices, new axes and an ellipsis alone: what it reads is a view, and axes keep their order.

    A boolean is no integer here: it is a mask of no axes, and what it reads is a copy, as for every array.

    >>> is_basic((0, ..., None, slice(1, 3))), is_basic(True), is_basic([0, 2])
    (True, False, False)
    """
    items = index if isinstance(index, tuple) else (index,)
    return all(k is None or k is ... or (isinstance(k, (int, np.integer, slice)) and not isinstance(k, bool)) for k in items)


@multilinear(
    lambda g, index: setitem(g, 0, index),
    lambda g, index, in_shape: unbroadcast(getitem(g, index), in_shape),
    samples=[
        call((3, 4), (4,), 1),
        call((3, 4), (), (slice(None), 2)),
        call((3, 4), (2, 4), np.array([2, 0])),
        call((3,), (1,), slice(0, 2)),
    ],
)
def setitem(x: Any, v: Any, /, index: Any) -> Any:
    """A copy of x in which x[index] is v.  x gets g except there, v gets g there; indices must not repeat.

    >>> setitem(np.zeros(3), 1.0, 1)
    array([0., 1., 0.])
    """
    y = np.array(x)
    if not np.can_cast(np.asarray(v).dtype, y.dtype, "same_kind"):
        raise TypeError(f"values of dtype {np.asarray(v).dtype} into {y.dtype} would be cut; cast one of them with .astype first")
    if not reads_once(index):
        places = np.arange(y.size).reshape(y.shape)[index]
        if np.unique(places).size < places.size:
            raise ValueError("indices repeat, and of several values for one place only the last would count; write each place once")
    y[index] = v
    return y


@multilinear(
    lambda g, indices, axis, in_shape: add_along_axis(g, indices, axis, in_shape),
    None,
    samples=[call((3, 4), np.array([[1], [0], [3]]), axis=1), call((3, 4), np.array([[1, 1, 0, 2]]), axis=0)],
)
def take_along_axis(x: Any, indices: Any, /, axis: int = -1) -> Any:
    """y[…, i, …] = x[…, indices[…, i, …], …] along `axis`.

    >>> take_along_axis(np.array([[1., 2.], [3., 4.]]), np.array([[1], [0]]), axis=1)
    array([[2.],
           [3.]])
    """
    return np.take_along_axis(x, indices, axis)


@multilinear(
    lambda g, indices, axis: take_along_axis(g, indices, axis),
    None,
    samples=[call((3, 2), np.array([[1, 1], [0, 2], [3, 3]]), 1, (3, 4))],
)
def add_along_axis(x: Any, indices: Any, /, axis: int | None, shape: tuple[int, ...]) -> Any:
    """Zeros of `shape` with x added at `indices` along `axis`: the adjoint of `take_along_axis`.

    >>> add_along_axis(np.ones((1, 2)), np.array([[0, 0]]), 1, (1, 3))
    array([[2., 0., 0.]])
    """
    if axis is None:
        return add_along_axis(x, indices, 0, (math.prod(shape),)).reshape(shape)
    y = np.zeros(shape, x.dtype)
    grid = [np.arange(n).reshape([-1 if k == j else 1 for k in range(len(shape))]) for j, n in enumerate(shape)]
    grid[axis] = indices
    np.add.at(y, tuple(grid), x)
    return y
