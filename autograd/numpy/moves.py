"""NumPy's functions that only move values: rolling, tiling, cutting, inserting, picking diagonals.

All are one op, `rearrange`, which runs NumPy's own function; here stand their signatures.
"""

from __future__ import annotations

import functools
import inspect
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from .. import ops
from ..op import Traced
from ..ops.rearrange import Move, Slot, rearrange
from .keywords import as_value, check_out, fixed, function, holds_traced, into, plain, refuse_options
from .reductions import sum as sum_

if TYPE_CHECKING:
    from collections.abc import Callable

    from .keywords import Function

__all__ = [
    "block", "broadcast_arrays", "c_", "compress", "delete", "diag", "diagflat", "diagonal", "extract", "insert", "ix_", "meshgrid",
    "r_", "repeat", "resize", "roll", "rot90", "sliding_window_view", "take", "tile", "trace", "tril", "trim_zeros", "triu", "unstack",
]  # fmt: skip


def moved(function: Callable[..., Any], values: dict[str, Any], options: dict[str, Any]) -> Any:
    """What `function`, which only moves values, makes of those in `values`, also in their lists.

    >>> moved(np.roll, {"a": np.arange(3)}, {"shift": 1})
    array([2, 0, 1])
    """
    arrays: list[Any] = []
    slots = {name: _slotted(a, arrays) for name, a in values.items()}
    return rearrange(arrays, Move(function, **slots, **options))


def _slotted(a: Any, arrays: list[Any], *, within: bool = False) -> Any:
    """Lists and tuples that hold Tensors, and all lists within, with a slot for each value, which comes to stand among the arrays."""
    if type(a) in (list, tuple) and (within or holds_traced(*a)):
        return type(a)([_slotted(part, arrays, within=True) for part in a])
    arrays.append(a)
    return Slot(len(arrays) - 1)


def mover(*names: str) -> Callable[[Callable[..., Any]], Function]:
    """Make, of a signature with its description, NumPy's function of that name, which moves the values of the arguments called `names`.

    >>> @mover("a")
    ... def roll(a, shift, axis=None):
    ...     pass
    >>> roll(np.arange(3), 1)
    array([2, 0, 1])
    """

    def define(signature: Callable[..., Any]) -> Function:
        name: str = signature.__name__
        twin, bind = getattr(np, name), inspect.signature(signature).bind

        @function
        @functools.wraps(signature)
        def call(*args: Any, **kwargs: Any) -> Any:
            try:
                options = bind(*args, **kwargs).arguments
            except TypeError as error:
                raise TypeError(f"{name}: {error}") from None
            if not holds_traced(*options.values()):
                return twin(*args, **kwargs)
            out = options.pop("out", None)
            values = {k: options.pop(k) for k in names}
            check_out(name, out, *values.values())
            return into(name, out, moved(twin, values, fixed(name, **options)))

        return call

    return define


# -- in place ------------------------------------------------------------------------------------------------------------------------------


@mover("a")
def roll(a: Any, shift: Any, axis: Any = None) -> Any:
    """The values shifted along `axis`, or as one row; those pushed out at the end come in at the start.

    >>> roll(np.array([1., 2., 3.]), 1)
    array([3., 1., 2.])
    """


@mover("m")
def rot90(m: Any, k: int = 1, axes: Any = (0, 1)) -> Any:
    """A matrix turned by k quarters, from the first of the axes towards the second.

    >>> rot90(np.array([[1., 2.], [3., 4.]]))
    array([[2., 4.],
           [1., 3.]])
    """


@mover("m")
def tril(m: Any, k: int = 0) -> Any:
    """The values on and below the k-th diagonal; 0 above.

    >>> tril(np.ones((2, 2)))
    array([[1., 0.],
           [1., 1.]])
    """


@mover("m")
def triu(m: Any, k: int = 0) -> Any:
    """The values on and above the k-th diagonal; 0 below.

    >>> triu(np.ones((2, 2)))
    array([[1., 1.],
           [0., 1.]])
    """


# -- repeated ------------------------------------------------------------------------------------------------------------------------------


@mover("A")
def tile(A: Any, reps: Any) -> Any:
    """The array side by side with itself, `reps` times along each axis.

    >>> tile(np.array([1., 2.]), 2)
    array([1., 2., 1., 2.])
    """


@mover("a")
def repeat(a: Any, repeats: Any, axis: int | None = None) -> Any:
    """Each value `repeats` times, one number for all or one for each, along `axis` or as one row.

    >>> repeat(np.array([1., 2.]), [1, 2])
    array([1., 2., 2.])
    """


@mover("a")
def resize(a: Any, new_shape: Any) -> Any:
    """As many values as `new_shape` holds: the first, or all and again from the start.

    >>> resize(np.array([1., 2.]), 5)
    array([1., 2., 1., 2., 1.])
    """


# -- picked --------------------------------------------------------------------------------------------------------------------------------


@function
def take(a: Any, indices: Any, axis: int | None = None, out: Any = None, mode: str = "raise") -> Any:
    """The values at `indices` along `axis`, or of the array as one row.  Beyond the end, `mode` may "clip" or "wrap".

    >>> take(np.array([1., 2., 3.]), [2, 0])
    array([3., 1.])
    """
    if not holds_traced(a, indices, axis, out):
        return np.take(a, indices, axis, out, mode)  # type: ignore[call-overload]
    if isinstance(plain(indices), Traced) and out is None and mode == "raise":  # known only when a compiled function runs
        a, axis = (ops.ravel(as_value(a)), 0) if axis is None else (as_value(a), axis)
        index = (*[slice(None)] * normalize_axis_index(axis, a.ndim), indices)
        return plain(indices).record(ops.getitem, (a,), {"index": index})  # `a` may be a plain array
    check_out("take", out, a)
    return into("take", out, moved(np.take, {"a": a}, fixed("take", indices=indices, axis=axis, mode=mode)))


@mover("a")
def compress(condition: Any, a: Any, axis: int | None = None, out: Any = None) -> Any:
    """The slices along `axis` where the condition, a row, holds; without axis, of the array as one row.

    >>> compress([True, False], np.array([[1., 2.], [3., 4.]]), axis=0)
    array([[1., 2.]])
    """


@mover("arr")
def extract(condition: Any, arr: Any) -> Any:
    """The values where the condition holds, as one row.

    >>> extract([True, False, True], np.array([1., 2., 3.]))
    array([1., 3.])
    """


@mover("a")
def diagonal(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """The diagonals of matrices along two axes; they come to stand last.

    >>> diagonal(np.array([[1., 2.], [3., 4.]]))
    array([1., 4.])
    """


@function
def trace(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1, dtype: Any = None, out: Any = None) -> Any:
    """y = Σᵢ aᵢᵢ, the sum along the diagonals.

    >>> trace(np.array([[1., 2.], [3., 4.]]))
    np.float64(5.0)
    """
    if not holds_traced(a, out):
        return np.trace(a, offset, axis1, axis2, dtype, out)
    check_out("trace", out, a)
    return sum_(diagonal(a, offset, axis1, axis2), -1, dtype, out)


@mover("v")
def diag(v: Any, k: int = 0) -> Any:
    """The k-th diagonal of a matrix, or the matrix with this row of values as its k-th diagonal.

    >>> diag(np.array([1., 2.]))
    array([[1., 0.],
           [0., 2.]])
    """


@mover("v")
def diagflat(v: Any, k: int = 0) -> Any:
    """The matrix with the values as its k-th diagonal.

    >>> diagflat(np.array([[1.], [2.]]))
    array([[1., 0.],
           [0., 2.]])
    """


# -- cut and joined ------------------------------------------------------------------------------------------------------------------------


@mover("arr")
def delete(arr: Any, obj: Any, axis: int | None = None) -> Any:
    """The array without what stands at `obj` (an index, several, a slice or a mask) along `axis`, or as one row.

    >>> delete(np.array([1., 2., 3.]), 1)
    array([1., 3.])
    """


@mover("arr", "values")
def insert(arr: Any, obj: Any, values: Any, axis: int | None = None) -> Any:
    """The array with `values` before what stands at `obj` along `axis`, or as one row.  Both are differentiated.

    >>> insert(np.array([1., 3.]), 1, 2.0)
    array([1., 2., 3.])
    """


@mover("arrays")
def block(arrays: Any) -> Any:
    """Nested lists of arrays joined into one: the innermost along the last axis, and so on.

    >>> block([[np.eye(1), np.zeros((1, 1))], [np.ones((1, 2))]])
    array([[1., 0.],
           [1., 1.]])
    """


@function
def unstack(x: Any, /, *, axis: int = 0) -> Any:
    """The slices along `axis`, as a tuple.

    >>> unstack(np.array([[1., 2.], [3., 4.]]))
    (array([1., 2.]), array([3., 4.]))
    """
    rows = ops.moveaxis(x, axis, 0)
    return tuple(ops.squeeze(row, 0) for row in ops.split(rows, len(rows))) if len(rows) else ()


@function
def sliding_window_view(x: Any, window_shape: Any, axis: Any = None, *, subok: bool = False, writeable: bool = False) -> Any:
    """All windows of `window_shape` along the axes, each in new axes behind: NumPy's `lib.stride_tricks.sliding_window_view`.

    >>> sliding_window_view(np.array([1., 2., 3.]), 2)
    array([[1., 2.],
           [2., 3.]])
    """
    if not holds_traced(x):
        return np.lib.stride_tricks.sliding_window_view(x, window_shape, axis, subok=subok, writeable=writeable)
    refuse_options("sliding_window_view", writeable=(writeable, (False,)))
    return moved(np.lib.stride_tricks.sliding_window_view, {"x": x}, {"window_shape": window_shape, "axis": axis})


@function
def trim_zeros(filt: Any, trim: str = "fb", axis: Any = None) -> Any:
    """The array without the slices of zeros at the front ("f") and the back ("b"), along all axes or those named.

    >>> trim_zeros(np.array([0., 1., 0., 2., 0.]))
    array([1., 0., 2.])
    """
    if not holds_traced(filt):
        return np.trim_zeros(filt, trim, **({} if axis is None else {"axis": axis}))  # type: ignore[arg-type]  # new in NumPy 2.2
    filt, trim = as_value(filt), trim.lower()
    if trim not in ("f", "b", "fb", "bf"):
        raise ValueError(f"trim_zeros: got trim={trim!r}, wanted 'f', 'b' or 'fb'")
    axes = range(filt.ndim) if axis is None else np.lib.array_utils.normalize_axis_tuple(axis, filt.ndim)
    index = [slice(None)] * filt.ndim
    for k, places in zip(range(filt.ndim), np.nonzero(filt.data), strict=True):
        if k in axes:
            start, stop = (places.min(), places.max() + 1) if places.size else (0, 0)
            index[k] = slice(start if "f" in trim else None, stop if "b" in trim or not places.size else None)
    return ops.getitem(filt, tuple(index))


# -- several at a time ---------------------------------------------------------------------------------------------------------------------


@function
def broadcast_arrays(*args: Any, subok: bool = False) -> Any:
    """The arrays, each copied along its missing or size-1 axes to the shape that fits all; a tuple.

    >>> broadcast_arrays(np.array([1., 2.]), 0.0)
    (array([1., 2.]), array([0., 0.]))
    """
    if not holds_traced(*args):
        return np.broadcast_arrays(*args, subok=subok)
    refuse_options("broadcast_arrays", subok=(subok, (False, True)))
    arrays = [as_value(a) for a in args]
    shape = np.broadcast_shapes(*(a.shape for a in arrays))
    return tuple(a if a.shape == shape else ops.broadcast_to(a, shape) for a in arrays)


@function
def meshgrid(*xi: Any, copy: bool = True, sparse: bool = False, indexing: str = "xy") -> Any:
    """The coordinates of a grid, given the row of values along each of its axes (with "xy", the first two change places); a tuple.

    A `sparse` grid is not broadcast.

    >>> meshgrid(np.array([1., 2.]), np.array([3., 4.]))
    (array([[1., 2.],
           [1., 2.]]), array([[3., 3.],
           [4., 4.]]))
    """
    if not holds_traced(*xi):
        return np.meshgrid(*xi, copy=copy, sparse=sparse, indexing=indexing)  # type: ignore[call-overload]
    if indexing not in ("xy", "ij"):
        raise ValueError(f"meshgrid: got indexing={indexing!r}, wanted 'xy' or 'ij'")
    places = [1, 0, *range(2, len(xi))] if indexing == "xy" and len(xi) > 1 else range(len(xi))
    rows = [ops.reshape(x, [-1 if j == k else 1 for j in range(len(xi))]) for k, x in zip(places, xi, strict=True)]
    grid = tuple(rows) if sparse else broadcast_arrays(*rows)
    return tuple(map(ops.copy, grid)) if copy else grid


@function
def ix_(*args: Any) -> Any:
    """The rows of values, each along an axis of its own, so that they broadcast to a grid; of a mask, where it holds.  A tuple.

    >>> ix_([0, 1], [2.0])
    (array([[0],
           [1]]), array([[2.]]))
    """
    if not holds_traced(*args):
        return np.ix_(*args)
    wrong = [np.shape(a) for a in args if np.ndim(a) != 1]
    if wrong:
        raise ValueError(f"ix_: got shape {wrong[0]}, wanted rows of values")
    return meshgrid(*(np.flatnonzero(a) if as_value(a).dtype == bool else a for a in args), copy=False, sparse=True, indexing="ij")


class _Joiner:
    """Joining by square brackets: NumPy's `twin`, where there may be Tensors among the items.

    >>> r_[1.0, np.array([2., 3.])], c_[np.array([1., 2.]), np.array([3., 4.])]
    (array([1., 2., 3.]), array([[1., 3.],
           [2., 4.]]))
    """

    def __init__(self, twin: Any, name: str, doc: str) -> None:
        self.twin, self.__name__, self.__doc__ = twin, name, doc

    def __getitem__(self, key: Any) -> Any:
        items = key if isinstance(key, tuple) else (key,)
        if not holds_traced(*items):
            return self.twin[key]
        if isinstance(items[0], str) and items[0] in ("r", "c"):
            raise TypeError(f"{self.__name__}: {items[0]!r} asks for an np.matrix; leave it out")
        arrays: list[Any] = []
        slots = [a if isinstance(a, str) else _slotted(np.r_[a] if isinstance(a, slice) else a, arrays) for a in items]
        return rearrange(arrays, Move(self.twin.__getitem__, tuple(slots)))

    def __len__(self) -> int:
        return 0

    def __repr__(self) -> str:
        return f"<autograd.numpy.{self.__name__}>"


r_ = _Joiner(np.r_, "r_", "Arrays, numbers and ranges joined along the first axis: `r_[1.0, x, 0:3]`.")
c_ = _Joiner(np.c_, "c_", "Arrays joined along the second axis, rows as columns: `c_[x, y]`.")
