"""Forwards, read: called on proxies that answer NumPy's protocols, they say themselves what they compute.

What looks at values, or calls something that is not known here, is `Unreadable`: that step is left to NumPy.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any, Never

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from ...ops.broadcast import axes_of
from ...ops.index import is_basic
from ..program import Value
from .expression import Joined, Memory, Node, Number, Picked, broadcasted, contiguous, folded, layout, moved, product
from .scalars import BOOL, NATIVE, Unreadable, call, cast, number, select

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["Proxy", "constant", "joined", "node_of", "picked", "read_index"]

FOLDS = {
    "add": "sum", "multiply": "prod", "maximum": "maximum", "minimum": "minimum", "logical_or": "any", "logical_and": "all",
}  # fmt: skip
"""Reductions, by the function that they repeat."""


def constant(content: Any) -> Node:
    """An array that is known: one number, if all of its values are the same."""
    content = np.asarray(content)
    if content.dtype not in NATIVE:
        raise Unreadable(f"machine code has no {content.dtype}")
    first, last = (content.flat[k].tobytes() for k in (0, -1)) if content.size else (b"", b"")
    if content.size < 2 or (first == last and content.tobytes() == first * content.size):
        return Number(content.shape, content.dtype, value=content.flat[0] if content.size else 0)
    return Memory(content.shape, content.dtype, value=Value(content.shape, content.dtype, None, np.ascontiguousarray(content)))


def node_of(a: Any) -> Node:
    """The node of what a forward computes with: a proxy, a number or an array."""
    if isinstance(a, Proxy):
        return a.node
    if type(a) in (int, float):
        return number(a)
    if isinstance(a, (np.ndarray, np.generic, bool)):
        return constant(a)
    raise Unreadable(f"a {type(a).__name__}")


class Proxy(NDArrayOperatorsMixin):
    """An array that is not there: what is done to it makes nodes."""

    __slots__ = ("dtype", "ndim", "node", "shape", "size")
    __hash__ = object.__hash__

    def __init__(self, node: Node) -> None:
        self.node, self.shape, self.dtype, self.ndim, self.size = node, node.shape, node.dtype, len(node.shape), node.size

    # -- NumPy's protocols --------------------------------------------------------------------------------------------------------------

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, dtype: Any = None, **options: Any) -> Any:
        """A node for a call, a product or a reduction; an `out` or `where` is not read."""
        if method == "reduce":
            return _reduced(ufunc, *inputs, dtype=dtype, **options)  # type: ignore[misc]  # NumPy gives dtype by its name
        if method != "__call__" or options:
            raise Unreadable(f"{ufunc.__name__}.{method} with {', '.join(options)}")
        args = [node_of(a) for a in inputs]
        if ufunc is np.matmul:
            return Proxy(_matmul(args[0], args[1]))
        return Proxy(call(ufunc, *args, dtype=dtype))

    def __array_function__(self, function: Any, types: Any, args: Any, options: Any) -> Any:
        """Another function of NumPy: one that moves values is done to the proxy's memory, others have their lines below."""
        if function in MOVES:
            if not isinstance(args[0], Proxy):
                raise Unreadable(function.__name__)
            return args[0].moved(lambda d: function(d, *args[1:], **options))
        if function not in FUNCTIONS:
            raise Unreadable(function.__name__)
        return FUNCTIONS[function](*args, **options)

    def __array__(self, dtype: Any = None, copy: Any = None) -> Never:
        raise Unreadable("an array is wanted")

    def __bool__(self) -> Never:
        raise Unreadable("a decision on values")

    __float__ = __int__ = __index__ = __complex__ = __bool__

    def __iter__(self) -> Never:
        raise Unreadable("a loop over values")

    def __len__(self) -> int:
        return self.shape[0]

    # -- what arrays have ---------------------------------------------------------------------------------------------------------------

    def moved(self, how: Callable[[Any], Any]) -> Any:
        """What a function that only moves values makes of it: a proxy, or several."""
        dummy = how(np.broadcast_to(np.int8(0), self.shape))
        if isinstance(dummy, (tuple, list)):
            return type(dummy)([Proxy(moved(self.node, lambda d, k=k: how(d)[k])) for k in range(len(dummy))])  # type: ignore[misc]
        return Proxy(moved(self.node, lambda d: np.asarray(how(d))))

    @property
    def T(self) -> Proxy:  # noqa: N802  # NumPy's name
        """The axes reversed."""
        return self.moved(np.transpose)  # type: ignore[no-any-return]

    @property
    def mT(self) -> Proxy:  # noqa: N802
        """The last two axes exchanged."""
        return self.moved(np.matrix_transpose)  # type: ignore[no-any-return]

    def reshape(self, *shape: Any) -> Proxy:
        """The same values in another shape."""
        return self.moved(lambda d: d.reshape(*shape))  # type: ignore[no-any-return]

    def transpose(self, *axes: Any) -> Proxy:
        """The axes permuted."""
        return self.moved(lambda d: d.transpose(*axes))  # type: ignore[no-any-return]

    def squeeze(self, axis: Any = None) -> Proxy:
        """Without axes of size 1."""
        return self.moved(lambda d: d.squeeze(axis))  # type: ignore[no-any-return]

    def ravel(self) -> Proxy:
        """As one row."""
        return self.reshape(-1)

    def view(self) -> Proxy:
        """Itself."""
        return self

    copy = __copy__ = view

    def astype(self, dtype: Any, copy: bool = True) -> Proxy:  # noqa: ARG002  # nothing is ever written into a proxy
        """In another dtype."""
        return Proxy(cast(self.node, np.dtype(dtype)))

    def __getitem__(self, index: Any) -> Any:
        """Basic indexing, and by one array of integers."""
        items = index if isinstance(index, tuple) else (index,)
        if is_basic(index):
            return self.moved(lambda d: d[_dotted(index)])
        return Proxy(_picked(self.node, items))

    __iadd__, __isub__, __imul__ = NDArrayOperatorsMixin.__add__, NDArrayOperatorsMixin.__sub__, NDArrayOperatorsMixin.__mul__
    __itruediv__ = NDArrayOperatorsMixin.__truediv__

    def __pow__(self, other: Any) -> Proxy:
        """As arrays have it: the exponent ½ is a root."""
        if isinstance(other, (float, np.floating)) and other == 0.5 and self.ndim and self.dtype.kind == "f":
            return np.sqrt(self)  # type: ignore[return-value]  # a Proxy
        return np.power(self, other)  # type: ignore[no-any-return]


# -- what NumPy's functions are -----------------------------------------------------------------------------------------------------------


def _reduced(
    ufunc: np.ufunc, x: Any, axis: Any = 0, dtype: Any = None, out: Any = None, keepdims: bool = False, initial: Any = None
) -> Proxy:
    """ufunc.reduce."""
    a = node_of(x)
    if ufunc.__name__ not in FOLDS or out is not None:
        raise Unreadable(f"{ufunc.__name__}.reduce")
    kind = FOLDS[ufunc.__name__]
    if kind in ("any", "all"):
        a = cast(a, BOOL)
    elif dtype is not None or kind in ("sum", "prod"):
        a = cast(a, np.dtype(dtype) if dtype is not None else ufunc.reduce(np.zeros(1, a.dtype)).dtype)
    elif a.dtype == BOOL:
        kind = "any" if kind == "maximum" else "all"
    if initial is not None and not a.size:
        raise Unreadable("a reduction of nothing")
    try:
        y = folded(kind, a, axes_of(axis, len(a.shape)), keepdims, a.dtype)
    except ValueError as error:
        raise Unreadable(str(error)) from None
    return Proxy(y if initial is None else call(ufunc, y, cast(node_of(initial), a.dtype)))


def _matmul(a: Node, b: Node) -> Node:
    """A @ B, of numbers that BLAS knows."""
    dtype = np.result_type(a.dtype, b.dtype)
    if dtype.kind != "f":
        raise Unreadable(f"BLAS has no {dtype}")
    return product(cast(a, dtype), cast(b, dtype))


def _count(shape: tuple[int, ...], axis: Any) -> int:
    """How many numbers each result of a reduction is made of."""
    return prod(shape[k] for k in axes_of(axis, len(shape)))


def _mean(x: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: bool = False) -> Any:
    a = node_of(x)
    if dtype is not None or out is not None or not a.size:
        raise Unreadable("mean")
    wide = a.dtype if a.dtype.kind == "f" else np.dtype(np.float64)
    return _reduced(np.add, x, axis, wide, keepdims=keepdims) / _count(a.shape, axis)


def _var(x: Any, axis: Any = None, dtype: Any = None, out: Any = None, ddof: float = 0, keepdims: bool = False) -> Any:
    """As NumPy computes it: the mean of the squared distances from the mean."""
    d = x - _mean(x, axis, dtype, out, keepdims=True)
    return _reduced(np.add, d * d, axis, keepdims=keepdims) / max(_count(d.shape, axis) - ddof, 0)


def _arg(kind: str) -> Callable[..., Proxy]:
    """Argmax or argmin."""

    def read(x: Any, axis: Any = None, out: Any = None, keepdims: bool = False) -> Proxy:
        a = node_of(x)
        if out is not None or not a.size:
            raise Unreadable(kind)
        if axis is None and len(a.shape) != 1:
            y: Proxy = read(Proxy(moved(a, np.ravel)), 0)
            return y.reshape((1,) * len(a.shape)) if keepdims else y
        if not a.shape:
            raise Unreadable(kind)
        return Proxy(folded(kind, a, (0 if axis is None else int(axis),), keepdims, np.dtype(np.int64)))

    return read


def _polyval(p: Any, x: Any) -> Any:
    """Horner's scheme."""
    y: Any = np.zeros_like(x)
    for coefficient in np.asarray(p):
        y = y * x + coefficient
    return y


def _full_like(value: Any) -> Callable[..., Proxy]:
    def read(a: Any, dtype: Any = None) -> Proxy:
        dtype = np.dtype(dtype or a.dtype)
        return Proxy(Number(a.shape, dtype, value=dtype.type(value)))

    return read


def _joined(arrays: Sequence[Any], axis: int | None = 0) -> Proxy:
    """np.concatenate."""
    nodes = [node_of(a) for a in arrays]
    if axis is None:
        nodes, axis = [moved(a, np.ravel) for a in nodes], 0
    dtype = np.result_type(*[a.dtype for a in nodes])
    axis %= len(nodes[0].shape)
    shape = list(nodes[0].shape)
    shape[axis] = sum(a.shape[axis] for a in nodes)
    strides, start, regions = contiguous(shape), 0, []
    for a in nodes:
        regions.append((start * strides[axis], strides))
        start += a.shape[axis]
    return joined(tuple(shape), dtype, [(a, region) for a, region in zip(nodes, regions, strict=True)])


def joined(shape: tuple[int, ...], dtype: np.dtype[Any], parts: Sequence[tuple[Node, tuple[int, tuple[int, ...]]]]) -> Proxy:
    """Nodes written to regions of one array, of what is not empty."""
    kept = [(cast(a, dtype), region) for a, region in parts if a.size]
    if not kept:
        return Proxy(Number(shape, dtype))
    return Proxy(Joined(shape, dtype, tuple(a for a, _ in kept), regions=tuple(region for _, region in kept)))


def _stacked(arrays: Sequence[Any], axis: int = 0) -> Proxy:
    """np.stack."""
    return _joined([Proxy(moved(node_of(a), lambda d: np.expand_dims(d, axis))) for a in arrays], axis)


def _picked(a: Node, items: tuple[Any, ...]) -> Node:
    """x[index] with one array of integers among full slices: its axes come in the place of one axis of x."""
    arrays = [k for k, item in enumerate(items) if not (isinstance(item, slice) and item == slice(None))]
    if len(arrays) != 1 or any(item is Ellipsis for item in items) or len(items) > len(a.shape):
        raise Unreadable("an index of several arrays")
    axis = arrays[0]
    index = node_of(items[axis] if isinstance(items[axis], Proxy) else np.asarray(items[axis]))
    base, offset, strides = layout(a)
    after = a.shape[axis + 1 :]
    spread = moved(index, lambda d: d.reshape(*d.shape, *(1,) * len(after)))
    inner = (*strides[:axis], *(0,) * len(index.shape), *strides[axis + 1 :])
    return picked(base, spread, (*a.shape[:axis], *index.shape, *after), offset, inner, strides[axis], a.shape[axis])


def picked(
    base: Node, index: Node, shape: tuple[int, ...], offset: int, strides: tuple[int, ...], stride_of_index: int, count: int
) -> Node:
    """The values of a node in memory at offset + Σ place · stride + stride_of_index · index, with 0 ≤ index < count, or from the end."""
    if index.dtype.kind not in "iu" or index.dtype == np.uint64:
        raise Unreadable(f"an index of dtype {index.dtype}")
    if not count or not index.size or 0 in shape:
        raise Unreadable("a value of none")
    spread = broadcasted(cast(index, np.dtype(np.int64)), shape)
    strides = tuple(0 if n == 1 else s for s, n in zip(strides, shape, strict=True))
    return Picked(shape, base.dtype, (base, spread), offset=offset, strides=strides, stride_of_index=stride_of_index, count=count)


def read_index(index: Any, shape: tuple[int, ...]) -> tuple[tuple[int, tuple[int, ...]], tuple[int, ...]]:
    """Where a basic index reads an array of this shape: the offset and strides, and the shape of what is read.

    >>> read_index((slice(1, 3), 0), (4, 5))
    ((5, (5,)), (2,))
    """
    if not is_basic(index):
        raise Unreadable("an index of arrays")
    y = moved(Memory(tuple(shape), np.dtype(np.int8)), lambda d: d[_dotted(index)])
    return layout(y)[1:] if y.size else (0, (0,) * len(y.shape)), y.shape


def _dotted(index: Any) -> tuple[Any, ...]:
    """A basic index with an ellipsis: so a single value is an array too, and a view."""
    items = index if isinstance(index, tuple) else (index,)
    return items if Ellipsis in items else (*items, ...)


def _clip(x: Any, min: Any = None, max: Any = None) -> Any:
    if min is None or max is None:
        return x if min is max else np.minimum(x, max) if min is None else np.maximum(x, min)
    return np.minimum(np.maximum(x, min), max)


def _sinc(x: Any) -> Any:
    y = np.where(np.equal(x, 0), 1.0e-20, x) * np.pi
    return np.sin(y) / y


def _taken(x: Any, indices: Any, axis: int | None = -1) -> Proxy:
    """np.take_along_axis."""
    a, index = node_of(x), node_of(indices)
    if axis is None:
        a, axis = moved(a, np.ravel), 0
    axis %= len(a.shape)
    base, offset, strides = layout(a)
    shape = np.broadcast_shapes(index.shape, tuple(1 if k == axis else n for k, n in enumerate(a.shape)))
    if len(index.shape) != len(a.shape):
        raise Unreadable("take_along_axis")
    inner = tuple(0 if k == axis or a.shape[k] == 1 else s for k, s in enumerate(strides))
    return Proxy(picked(base, index, shape, offset, inner, strides[axis], a.shape[axis]))


def _outer(a: Any, b: Any) -> Any:
    left, right = Proxy(node_of(a)).reshape(-1, 1), Proxy(node_of(b)).reshape(1, -1)
    return left * right


def _dot(a: Any, b: Any) -> Any:
    if not np.ndim(a) or not np.ndim(b):
        return a * b
    if np.ndim(b) > 2:
        raise Unreadable("dot of a stack")
    return a @ b


MOVES = frozenset({
    np.transpose, np.reshape, np.swapaxes, np.moveaxis, np.squeeze, np.expand_dims, np.ravel, np.broadcast_to, np.flip, np.flipud,
    np.fliplr, np.diagonal, np.rot90, np.split, np.array_split, np.hsplit, np.vsplit, np.dsplit, np.rollaxis, np.matrix_transpose,
    np.atleast_1d, np.atleast_2d, np.atleast_3d,
})  # fmt: skip
"""Functions that only say where values lie."""
FUNCTIONS: dict[Any, Callable[..., Any]] = {
    np.where: lambda condition, a, b: Proxy(select(*map(node_of, (condition, a, b)))),
    np.clip: _clip,
    np.real: lambda x: x,
    np.imag: lambda x: np.zeros_like(x),
    np.copy: lambda x: x,
    np.iscomplexobj: lambda x: x.dtype.kind == "c",
    np.shape: lambda x: x.shape,
    np.ndim: lambda x: x.ndim,
    np.size: lambda x: x.size,
    np.result_type: lambda *args: np.result_type(*[a.dtype if isinstance(a, Proxy) else a for a in args]),
    np.can_cast: lambda a, *args: np.can_cast(a.dtype if isinstance(a, Proxy) else a, *args),
    np.zeros_like: _full_like(0),
    np.ones_like: _full_like(1),
    np.sum: lambda x, axis=None, keepdims=False: _reduced(np.add, x, axis, keepdims=keepdims),
    np.prod: lambda x, axis=None, keepdims=False: _reduced(np.multiply, x, axis, keepdims=keepdims),
    np.max: lambda x, axis=None, keepdims=False: _reduced(np.maximum, x, axis, keepdims=keepdims),
    np.min: lambda x, axis=None, keepdims=False: _reduced(np.minimum, x, axis, keepdims=keepdims),
    np.any: lambda x, axis=None, keepdims=False: _reduced(np.logical_or, x, axis, keepdims=keepdims),
    np.all: lambda x, axis=None, keepdims=False: _reduced(np.logical_and, x, axis, keepdims=keepdims),
    np.mean: _mean,
    np.var: _var,
    np.std: lambda x, **options: np.sqrt(_var(x, **options)),
    np.argmax: _arg("argmax"),
    np.argmin: _arg("argmin"),
    np.polyval: _polyval,
    np.sinc: _sinc,
    np.concatenate: _joined,
    np.stack: _stacked,
    np.take_along_axis: _taken,
    np.outer: _outer,
    np.dot: _dot,
}
"""Functions that are made of others, as NumPy computes them."""
