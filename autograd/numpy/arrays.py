"""NumPy's functions that make arrays: of lists, of parts, of one value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .. import ops
from ..op import Traced
from .keywords import as_value, cast, check_out, function, holds_traced, into, plain, refuse_options
from .shapes import atleast_1d, atleast_2d, atleast_3d

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "append", "array", "array_split", "asanyarray", "asarray", "asarray_chkfinite", "ascontiguousarray", "asfortranarray", "astype",
    "column_stack", "concatenate", "dsplit", "dstack", "full", "full_like", "hsplit", "hstack", "require", "split", "stack", "vsplit",
    "vstack",
]  # fmt: skip


@function
def array(
    object: Any,
    dtype: Any = None,
    *,
    copy: bool | None = True,
    order: str = "K",
    subok: bool = False,
    ndmin: int = 0,
    ndmax: int = 0,
    like: Any = None,
) -> Any:
    """An array of nested lists; a Tensor with their history, where there are Tensors among them.

    >>> from autograd import Tensor
    >>> x = Tensor(2.0, requires_grad=True)
    >>> array([[x, 1.0], [0.0, x * x]])
    Tensor([[2., 1.],
            [0., 4.]], op=stack)
    """
    if not holds_traced(object):
        new = {name: value for name, value in (("ndmax", ndmax), ("like", like)) if value}  # ndmax came with NumPy 2.4
        return np.array(object, dtype, copy=copy, order=order, subok=subok, ndmin=ndmin, **new)  # type: ignore[call-overload]
    refuse_options("array", order=(order, "KCA"), subok=(subok, (False, True)), ndmax=(ndmax, (0,)), like=(like, (None,)))
    made = not isinstance(object, Traced)
    if made and copy is False:
        raise ValueError("array: copy=False, but a list of Tensors can only be copied; give copy=None")
    y = cast("array", _joined(object), dtype, "unsafe")
    if y.ndim < ndmin:
        y = ops.reshape(y, (1,) * (ndmin - y.ndim) + y.shape)
    return ops.copy(y) if copy and not made and dtype is None else y


def _joined(object: Any) -> Any:
    """Nested lists of Tensors and numbers as one Tensor."""
    if isinstance(object, Traced):
        return object
    if not holds_traced(object):
        return np.array(object)
    return ops.stack([_joined(part) for part in object])


@function
def asarray(a: Any, dtype: Any = None, order: str | None = None, *, device: Any = None, copy: bool | None = None, like: Any = None) -> Any:
    """`a` as it is, if it is a Tensor or an array; else `array(a)`.

    >>> asarray([1., 2.])
    array([1., 2.])
    """
    if isinstance(a, Traced) and (dtype is None or np.dtype(dtype) == a.dtype) and not copy:  # type: ignore[attr-defined]
        refuse_options("asarray", order=(order, (None, *"KCA")), device=(device, (None, "cpu")), like=(like, (None,)))
        return a
    refuse_options("asarray", device=(device, (None, "cpu")))
    return array(a, dtype, copy=copy, order=order or "K", like=like)


# The layout in memory means nothing for a Tensor: these give it as it is.


@function
def asanyarray(
    a: Any, dtype: Any = None, order: str | None = None, *, device: Any = None, copy: bool | None = None, like: Any = None
) -> Any:
    """`asarray`: Tensors are no subclass of an array.

    >>> asanyarray([1., 2.])
    array([1., 2.])
    """
    return asarray(a, dtype, order, device=device, copy=copy, like=like)


@function
def ascontiguousarray(a: Any, dtype: Any = None, *, like: Any = None) -> Any:
    """`asarray`, with at least one axis; of plain values, rows one after the other in memory.

    >>> ascontiguousarray(1.0)
    array([1.])
    """
    if not holds_traced(a):
        return np.ascontiguousarray(a, dtype)
    y = asarray(a, dtype, like=like)
    return y if y.ndim else ops.reshape(y, (1,))


@function
def asfortranarray(a: Any, dtype: Any = None, *, like: Any = None) -> Any:
    """`asarray`, with at least one axis; of plain values, columns one after the other in memory.

    >>> asfortranarray(1.0)
    array([1.])
    """
    return ascontiguousarray(a, dtype, like=like) if holds_traced(a) else np.asfortranarray(a, dtype)


@function
def asarray_chkfinite(a: Any, dtype: Any = None, order: str | None = None) -> Any:
    """`asarray`, which raises ValueError where a value is infinite or NaN.

    >>> asarray_chkfinite([1., 2.])
    array([1., 2.])
    """
    y = asarray(a, dtype, order)
    np.asarray_chkfinite(plain(y))
    return y


@function
def require(a: Any, dtype: Any = None, requirements: Any = None, *, like: Any = None) -> Any:
    """`asarray`; of plain values, as the requirements on memory ask.

    >>> require([1., 2.])
    array([1., 2.])
    """
    return asarray(a, dtype, like=like) if holds_traced(a) else np.require(a, dtype, requirements)


@function
def astype(x: Any, dtype: Any, /, *, copy: bool = True, device: Any = None) -> Any:
    """x in another dtype; its derivative comes back in its own.

    >>> astype(np.array([1., 2.]), np.float32)
    array([1., 2.], dtype=float32)
    """
    refuse_options("astype", device=(device, (None, "cpu")))
    if not copy and np.dtype(dtype) == x.dtype:
        return x
    return ops.astype(x, np.dtype(dtype).newbyteorder("="))


@function
def full(shape: Any, fill_value: Any, dtype: Any = None, order: str = "C", *, device: Any = None, like: Any = None) -> Any:
    """An array filled with one value, or with an array that broadcasts: a Tensor there is differentiated.

    >>> full((2, 2), 3.0)
    array([[3., 3.],
           [3., 3.]])
    """
    if not isinstance(fill_value, Traced):
        return np.full(shape, fill_value, dtype, order, **({} if like is None else {"like": like}))  # type: ignore[call-overload]
    refuse_options("full", order=(order, "C"), device=(device, (None, "cpu")), like=(like, (None,)))
    return ops.copy(ops.broadcast_to(cast("full", fill_value, dtype, "unsafe"), shape))  # memory of its own, which may be written


@function
def full_like(
    a: Any, fill_value: Any, dtype: Any = None, order: str = "K", subok: bool = True, shape: Any = None, *, device: Any = None
) -> Any:
    """An array of the shape and dtype of `a`, filled with one value: a Tensor there is differentiated.

    >>> full_like(np.zeros(2), 3.0)
    array([3., 3.])
    """
    a = plain(a)
    if not holds_traced(a, fill_value):
        return np.full_like(a, fill_value, dtype, order, subok, shape)  # type: ignore[call-overload]
    refuse_options("full_like", order=(order, "KCA"), device=(device, (None, "cpu")))
    return full(np.shape(a) if shape is None else shape, fill_value, as_value(a).dtype if dtype is None else dtype)


# -- joining ------------------------------------------------------------------------------------------------------------------------------


def _join(name: str, op: Callable[..., Any], twin: Callable[..., Any], arrays: Any, axis: Any, out: Any, dtype: Any, casting: str) -> Any:
    """Arrays joined along an axis by `op`."""
    if out is dtype is None:
        return op(arrays, axis)
    if not holds_traced(arrays, out):
        return twin(arrays, axis=axis, out=out, dtype=dtype, casting=casting)
    parts = list(arrays)
    check_out(name, out, *parts)
    return into(name, out, op([cast(name, part, dtype, casting) for part in parts], axis))


@function
def concatenate(arrays: Any, /, axis: int | None = 0, out: Any = None, *, dtype: Any = None, casting: str = "same_kind") -> Any:
    """The arrays joined along an axis (or flattened and joined, for None).

    >>> concatenate([np.ones(2), np.zeros(1)])
    array([1., 1., 0.])
    """
    return _join("concatenate", ops.concatenate, np.concatenate, arrays, axis, out, dtype, casting)


@function
def stack(arrays: Any, axis: int = 0, out: Any = None, *, dtype: Any = None, casting: str = "same_kind") -> Any:
    """Arrays of one shape, stacked along a new axis.

    >>> stack([np.zeros(2), np.ones(2)])
    array([[0., 0.],
           [1., 1.]])
    """
    return _join("stack", ops.stack, np.stack, arrays, axis, out, dtype, casting)


@function
def hstack(tup: Any, *, dtype: Any = None, casting: str = "same_kind") -> Any:
    """The arrays side by side: along the second axis, rows of values along their only one.

    >>> hstack([np.ones(2), 0.0])
    array([1., 1., 0.])
    """
    parts = [atleast_1d(a) for a in tup]
    return concatenate(parts, 0 if parts and parts[0].ndim == 1 else 1, dtype=dtype, casting=casting)


@function
def vstack(tup: Any, *, dtype: Any = None, casting: str = "same_kind") -> Any:
    """The arrays one below the other, rows of values as matrices of one row.

    >>> vstack([np.ones(2), np.zeros(2)])
    array([[1., 1.],
           [0., 0.]])
    """
    return concatenate([atleast_2d(a) for a in tup], 0, dtype=dtype, casting=casting)


@function
def dstack(tup: Any) -> Any:
    """The arrays one behind the other, along the third axis.

    >>> dstack([np.ones(2), np.zeros(2)]).shape
    (1, 2, 2)
    """
    return concatenate([atleast_3d(a) for a in tup], 2)


@function
def column_stack(tup: Any) -> Any:
    """Rows of values as the columns of a matrix.

    >>> column_stack([np.ones(2), np.zeros(2)])
    array([[1., 0.],
           [1., 0.]])
    """
    return concatenate([ops.transpose(atleast_2d(a)) if np.ndim(a) < 2 else a for a in tup], 1)


@function
def append(arr: Any, values: Any, axis: int | None = None) -> Any:
    """The values joined to the end of the array; both flattened, if no axis is named.

    >>> append(np.ones(2), 3.0)
    array([1., 1., 3.])
    """
    return concatenate((arr, as_value(values)), axis)  # of NumPy's types: a number is int64 or float64, not of the array's


# -- splitting ----------------------------------------------------------------------------------------------------------------------------


@function
def split(ary: Any, indices_or_sections: Any, axis: int = 0) -> Any:
    """A list of equal parts, or of the parts before the given positions.

    >>> split(np.arange(4.), 2)
    [array([0., 1.]), array([2., 3.])]
    """
    return list(ops.split(ary, indices_or_sections, axis))


@function
def array_split(ary: Any, indices_or_sections: Any, axis: int = 0) -> Any:
    """As `split`, where the first parts may be longer by one.

    >>> array_split(np.arange(3.), 2)
    [array([0., 1.]), array([2.])]
    """
    if not isinstance(indices_or_sections, int):
        return split(ary, indices_or_sections, axis)
    if indices_or_sections < 1:
        raise ValueError(f"array_split: got {indices_or_sections} sections, wanted at least 1")
    size, longer = divmod(np.shape(ary)[axis], indices_or_sections)
    return split(ary, [k * size + min(k, longer) for k in range(1, indices_or_sections)], axis)


def _split_along(name: str, ary: Any, indices_or_sections: Any, axis: int) -> Any:
    if np.ndim(ary) <= axis:
        raise ValueError(f"{name}: got an array of {np.ndim(ary)} axes, wanted more than {axis}")
    return split(ary, indices_or_sections, axis)


@function
def hsplit(ary: Any, indices_or_sections: Any) -> Any:
    """As `split`, along the second axis; a row of values along its only one.

    >>> hsplit(np.ones((1, 2)), 2)
    [array([[1.]]), array([[1.]])]
    """
    return _split_along("hsplit", ary, indices_or_sections, 0 if np.ndim(ary) == 1 else 1)


@function
def vsplit(ary: Any, indices_or_sections: Any) -> Any:
    """As `split`, along the first axis of a matrix.

    >>> vsplit(np.ones((2, 1)), 2)
    [array([[1.]]), array([[1.]])]
    """
    if np.ndim(ary) < 2:
        raise ValueError(f"vsplit: got an array of {np.ndim(ary)} axes, wanted at least 2")
    return split(ary, indices_or_sections, 0)


@function
def dsplit(ary: Any, indices_or_sections: Any) -> Any:
    """As `split`, along the third axis.

    >>> len(dsplit(np.ones((1, 1, 2)), 2))
    2
    """
    return _split_along("dsplit", ary, indices_or_sections, 2)
