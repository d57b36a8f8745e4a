"""Array expressions: what the steps of a program come down to, before it is decided what is computed in which loop.

A `Node` is an array that is computed from others, its `args`.  There are few kinds: numbers computed place by place (`Map`), reductions
(`Fold`), values that lie elsewhere (`Moved`, `Picked`, `Joined`), matrix products, and calls of NumPy.  The functions below make nodes, and
keep them simple: a move of something that is cheaply computed is the same computation on what has been moved.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from .elementary import ELEMENTARY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from ..program import Step, Value

__all__ = [
    "LIGHT", "Called", "Fold", "Joined", "Map", "Memory", "Moved", "Node", "Number", "Picked", "Position", "Product", "alike",
    "blas_layout", "broadcasted", "contiguous", "copied", "folded", "layout", "mapped", "merged", "moved", "ordered", "product", "pushed",
    "reshaped",
]  # fmt: skip

LIGHT = 8
"""Up to this weight something is rather computed again than stored and read."""
HEAVY = frozenset({*ELEMENTARY, "hypot", "fmod", "floor_divide", "remainder"})
"""What is rather stored and read than computed twice."""


class NotAView(Exception):  # noqa: N818  # no error: then the values are copied
    """A move whose result does not lie in the memory of its argument."""


@dataclass(eq=False)
class Node:
    """An array: its shape and dtype, and the nodes that it is computed from.  A `weak` one is a Python number, which widens no array."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    args: tuple[Node, ...] = ()
    weak: bool = False

    @property
    def size(self) -> int:
        """How many numbers there are."""
        return prod(self.shape)

    @property
    def weight(self) -> int:
        """What computing a number costs that is not in memory, in additions."""
        return 0

    @property
    def own(self) -> int:
        """The same, once its args are computed."""
        return 0

    @property
    def facts(self) -> tuple[Any, ...]:
        """What tells two nodes of one kind apart, beside shape, dtype and args: the fields of their own."""
        return tuple([getattr(self, f.name) for f in fields(self)[len(fields(Node)) :] if f.compare])


@dataclass(eq=False)
class Memory(Node):
    """An input of the program or a constant."""

    value: Value = None  # type: ignore[assignment]  # always given; defaults come first in the base


@dataclass(eq=False)
class Number(Node):
    """One number that is known, at all places."""

    value: Any = 0

    @property
    def facts(self) -> tuple[Any, ...]:
        """Its value: −0 is not 0, and one NaN is as good as another."""
        return (repr(self.value), self.weak)


@dataclass(eq=False)
class Map(Node):
    """At each place the instruction `name` on the numbers of the args, which broadcast to the shape; `copy` takes them as they are."""

    name: str = ""

    def __post_init__(self) -> None:
        self._own = 16 if self.name in HEAVY else 3 if self.name in ("divide", "sqrt", "reciprocal") else 1
        self._weight = self._own + sum(arg.weight for arg in self.args)

    @property
    def weight(self) -> int:
        """Of the instruction and what leads to it."""
        return self._weight

    @property
    def own(self) -> int:
        """Of the instruction."""
        return self._own


@dataclass(eq=False)
class Position(Node):
    """The number of each place along an axis."""

    axis: int = 0


@dataclass(eq=False)
class Fold(Node):
    """A reduction over axes, which stay as axes of size 1."""

    kind: str = ""
    axes: tuple[int, ...] = ()


@dataclass(eq=False)
class Moved(Node):
    """Values of its argument, which is in memory, contiguous: that at offset + Σ place · stride; `how` is the move, as NumPy does it."""

    offset: int = 0
    strides: tuple[int, ...] = ()
    how: Callable[[Any], Any] = field(default=np.asarray, compare=False)


@dataclass(eq=False)
class Picked(Node):
    """Values of its first argument, which is in memory: that at offset + Σ place · stride + stride_of_index · index.

    The index at each place is its second argument, of which each number is in −count … count − 1.
    """

    offset: int = 0
    strides: tuple[int, ...] = ()
    stride_of_index: int = 0
    count: int = 0

    @property
    def weight(self) -> int:
        """Of the index and of reading there."""
        return self.own + self.args[1].weight

    @property
    def own(self) -> int:
        """Of reading."""
        return 4


@dataclass(eq=False)
class Joined(Node):
    """Its arguments, one after the other written to their regions: (offset, strides) for each.  Together they cover all places."""

    regions: tuple[tuple[int, tuple[int, ...]], ...] = ()


@dataclass(eq=False)
class Product(Node):
    """The matrix product of its two arguments (…, m, k) and (…, k, n), whose leading axes broadcast."""


@dataclass(eq=False)
class Called(Node):
    """Result `number` of a step that is left to NumPy; its args are the step's values."""

    step: Step = None  # type: ignore[assignment]
    number: int = 0


# -- making nodes ---------------------------------------------------------------------------------------------------------------------


def contiguous(shape: Sequence[int]) -> tuple[int, ...]:
    """The strides, in elements, of an array that lies in memory row by row; 0 along axes of size 1.

    >>> contiguous((2, 3, 4)), contiguous((1, 3, 1))
    ((12, 4, 1), (0, 1, 0))
    """
    strides, step = [], 1
    for n in reversed(shape):
        strides.append(0 if n == 1 else step)
        step *= n
    return tuple(reversed(strides))


def mapped(name: str, dtype: np.dtype[Any], *args: Node) -> Node:
    """The instruction at each place; of no places, nothing is left but the shape; what is known to be chosen stands for itself."""
    args = tuple(map(pushed, args))
    shape = np.broadcast_shapes(*[a.shape for a in args])
    known = [a.value for a in args if isinstance(a, Number)]
    if name == "equal" and len(known) == 2:
        return Number(shape, dtype, value=np.bool(known[0] == known[1]))
    if name == "select" and isinstance(args[0], Number) and not (choice := args[1 if args[0].value else 2]).weak:
        return broadcasted(choice, shape)
    return Map(shape, dtype, args, name=name) if prod(shape) else Number(shape, dtype)


def copied(a: Node) -> Node:
    """The same values, in memory of their own."""
    return Map(a.shape, a.dtype, (a,), name="copy")


def pushed(a: Node) -> Node:
    """A node as a computation is to read it: what is moved but cheaply computed is computed from what is moved."""
    if isinstance(a, Moved) and isinstance(inner := a.args[0], Map) and inner.weight <= LIGHT:
        try:
            y = mapped(inner.name, inner.dtype, *[_moved(broadcasted(b, inner.shape), a.how) if b.shape else b for b in inner.args])
        except NotAView:
            return a
        return y if y.shape == a.shape else a  # of single values alone, it is one that is spread
    return a


def moved(a: Node, how: Callable[[Any], Any]) -> Node:
    """What `how`, a function of NumPy that only moves values, makes of a node.

    >>> from autograd.compiler.program import Value
    >>> x = Memory((2, 3), np.dtype(float), value=Value((2, 3), np.dtype(float)))
    >>> y = moved(x, np.transpose)
    >>> y.shape, y.strides
    ((3, 2), (1, 3))
    """
    try:
        return _moved(a, how)
    except NotAView:
        return _view(copied(a) if isinstance(a, Moved) else a, 0, a.shape, contiguous(a.shape), how)


def _moved(a: Node, how: Callable[[Any], Any]) -> Node:
    """The same, but NotAView where values would have to be copied."""
    if isinstance(a, Number):
        return Number(how(np.broadcast_to(np.int8(0), a.shape)).shape, a.dtype, (), a.weak, a.value)
    if isinstance(a, Position):
        along = np.arange(a.shape[a.axis]).reshape(-1, *(1,) * (len(a.shape) - a.axis - 1))
        if (y := how(np.broadcast_to(along, a.shape))).size != 1:
            raise NotAView
        return Number(y.shape, a.dtype, value=a.dtype.type(y.item()))
    if isinstance(a, Moved):
        first = a.how
        return _view(a.args[0], a.offset, a.shape, a.strides, how, lambda d: how(first(d)))
    return _view(a, 0, a.shape, contiguous(a.shape), how)


def _view(
    base: Node,
    offset: int,
    shape: tuple[int, ...],
    strides: tuple[int, ...],
    how: Callable[[Any], Any],
    whole: Callable[[Any], Any] | None = None,
) -> Node:
    """`how` of a view, found by doing it to a view of as many bytes, which nobody reads; `whole` is what that is of the base."""
    memory = np.empty(max(base.size, 1), np.int8)
    start = memory.__array_interface__["data"][0]
    y = how(np.lib.stride_tricks.as_strided(memory[offset:], shape, strides))
    if not y.size:
        return Number(y.shape, base.dtype)
    place = y.__array_interface__["data"][0] - start
    if not 0 <= place < memory.size:
        raise NotAView
    if y.size == 1 and isinstance(base, Joined):
        return _joined_at(base, place, y.shape)
    steps = tuple(0 if n == 1 else s for s, n in zip(y.strides, y.shape, strict=True))
    if (y.shape, steps) == (base.shape, contiguous(base.shape)):
        return base
    return Moved(y.shape, base.dtype, (base,), offset=place, strides=steps, how=whole or how)


def _joined_at(base: Node, place: int, shape: tuple[int, ...]) -> Node:
    """The single value at a place of joined nodes: what was written there last."""
    while isinstance(base, Joined):
        parts = [(a, _index(a.shape, *region, place)) for a, region in zip(base.args, base.regions, strict=True)]
        part, index = next((a, index) for a, index in reversed(parts) if index is not None)
        base, offset, strides = layout(part)
        place = offset + sum(i * s for i, s in zip(index, strides, strict=True))
    at = np.unravel_index(place, base.shape)
    return _moved(base, lambda d: d[(*at, ...)].reshape(shape))


def _index(shape: tuple[int, ...], offset: int, strides: tuple[int, ...], place: int) -> tuple[int, ...] | None:
    """Which element of a region lies at a place, if one does: along longer strides first, for shorter ones stay within them.

    >>> _index((2, 3), 10, (4, -1), 13), _index((2, 3), 10, (4, -1), 11)
    ((1, 1), None)
    """
    index = [0] * len(shape)
    rest = place - offset - sum((n - 1) * s for n, s in zip(shape, strides, strict=True) if s < 0)
    for k in sorted(range(len(shape)), key=lambda k: -abs(strides[k])):
        if strides[k]:
            i, rest = divmod(rest, abs(strides[k]))
            index[k] = i if strides[k] > 0 else shape[k] - 1 - i
    return None if rest or not all(0 <= i < n for i, n in zip(index, shape, strict=True)) else tuple(index)


def alike(a: Node, b: Node) -> bool:
    """Whether two nodes compute the same."""
    if a is b:
        return True
    if (type(a), a.shape, a.dtype, a.facts, len(a.args)) != (type(b), b.shape, b.dtype, b.facts, len(b.args)):
        return False
    return all(map(alike, a.args, b.args))


def layout(a: Node) -> tuple[Node, int, tuple[int, ...]]:
    """Where the values of a node lie: in the memory of which node, from where on, and how far apart."""
    return (a.args[0], a.offset, a.strides) if isinstance(a, Moved) else (a, 0, contiguous(a.shape))


def broadcasted(a: Node, shape: tuple[int, ...]) -> Node:
    """A node copied along new axes, and along those of size 1."""
    if a.shape == shape:
        return a
    if isinstance(a, Position) and a.shape[a.axis] == shape[a.axis - len(a.shape)]:
        return Position(shape, a.dtype, axis=a.axis + len(shape) - len(a.shape))
    return moved(a, lambda d: np.broadcast_to(d, shape))


def reshaped(a: Node, shape: Any) -> Node:
    """The same values in another shape."""
    return moved(a, lambda d: np.reshape(d, shape))


def folded(kind: str, a: Node, axes: tuple[int, ...], keepdims: bool, dtype: np.dtype[Any]) -> Node:
    """A reduction over axes; without numbers, a sum is 0, a product 1."""
    a = pushed(a)
    axes = tuple(sorted({k % max(len(a.shape), 1) for k in axes})) if a.shape else ()
    kept = tuple(1 if k in axes else n for k, n in enumerate(a.shape))
    if not a.size and kind in ("sum", "prod", "any", "all"):
        y: Node = Number(kept, dtype, value=dtype.type(kind in ("prod", "all")))
    elif not a.size:
        raise ValueError("a reduction of nothing")
    elif all(a.shape[k] == 1 for k in axes):
        y = Number(kept, dtype) if kind in ("argmax", "argmin") else a
    else:
        y = Fold(kept, dtype, (a,), kind=kind, axes=tuple(k for k in axes if a.shape[k] > 1))
    return y if keepdims or not axes else moved(y, lambda d: np.squeeze(d, axes))


def product(a: Node, b: Node) -> Node:
    """The matrix product, for rows, columns, matrices and stacks of them."""
    row, column = len(a.shape) == 1, len(b.shape) == 1
    a = reshaped(a, (1, *a.shape)) if row else a
    b = reshaped(b, (*b.shape, 1)) if column else b
    m, k, n = *a.shape[-2:], b.shape[-1]
    if not k:
        y: Node = Number((*np.broadcast_shapes(a.shape[:-2], b.shape[:-2]), m, n), a.dtype)
    elif k == 1:
        y = mapped("multiply", a.dtype, a, b)
    elif len(b.shape) == 2 < len(a.shape):  # all rows as one matrix
        y = reshaped(_product(reshaped(a, (prod(a.shape[:-1]), k)), b), (*a.shape[:-1], n))
    else:
        y = _product(a, b)
    squeezed = tuple(axis for axis, gone in ((-2, row), (-1, column)) if gone)
    return moved(y, lambda d: np.squeeze(d, squeezed)) if squeezed else y


def _product(a: Node, b: Node) -> Node:
    a, b = _matrix(a), _matrix(b)
    shape = (*np.broadcast_shapes(a.shape[:-2], b.shape[:-2]), a.shape[-2], b.shape[-1])
    return Product(shape, a.dtype, (a, b)) if prod(shape) else Number(shape, a.dtype)


def _matrix(a: Node) -> Node:
    """A node whose rows or columns are contiguous: else a copy."""
    return copied(a) if blas_layout(a.shape[-2:], layout(a)[2][-2:]) is None else a


def blas_layout(shape: tuple[int, ...], strides: tuple[int, ...]) -> tuple[bool, int] | None:
    """Whether BLAS reads a matrix as a transposed one, and its leading size; None where neither rows nor columns are contiguous.

    >>> blas_layout((2, 3), (3, 1)), blas_layout((3, 2), (1, 3)), blas_layout((2, 3), (6, 2))
    ((False, 3), (True, 3), None)
    """
    (m, k), (row, column) = shape, strides
    if (column == 1 or k == 1) and (row >= k or m == 1):
        return False, max(row, k)
    if (row == 1 or m == 1) and (column >= m or k == 1):
        return True, max(column, m)
    return None


# -- whole expressions --------------------------------------------------------------------------------------------------------------------


def ordered(results: Iterable[Node]) -> list[Node]:
    """All nodes that the results need, each after its args."""
    order: dict[Node, None] = {}
    for result in results:
        stack = [(result, False)]
        while stack:
            node, done = stack.pop()
            if node in order:
                continue
            if done:
                order[node] = None
            else:
                stack.append((node, True))
                stack.extend((arg, False) for arg in reversed(node.args) if arg not in order)
    return list(order)


def merged(results: Iterable[Node]) -> dict[Node, Node]:
    """For each node the one that stands for all that are equal to it."""
    known: dict[Any, Node] = {}
    instead: dict[Node, Node] = {}
    for node in ordered(results):
        node.args = tuple(instead[arg] for arg in node.args)
        key = (type(node), node.shape, node.dtype, node.facts, tuple(map(id, node.args)))
        instead[node] = known.setdefault(key, node)
    return instead
