"""Ops whose forward can't be read, or is better computed another way in a loop: each with the digits of the eager formula."""

from __future__ import annotations

import functools
import math
from typing import TYPE_CHECKING, Any

import numpy as np

from ... import ops
from ...op import Op
from ...ops.compare import one_hot
from ...ops.einsum import explicit
from ...ops.index import add_at
from ...ops.rearrange import numbered, rearrange
from ...ops.shape import pairs
from ...ops.softmax import softmax_minus_one_hot
from ..program import Draw, Value
from ..substitutes import Function
from .expression import Map, Node, Number, Position, alike, broadcasted, contiguous, folded, layout, mapped, moved, pushed, reshaped
from .reading import Proxy, constant, joined, node_of, picked, read_index
from .scalars import NATIVE, Unreadable, cast, number, select

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..program import Step

__all__ = ["lowered"]


def _where(condition: Any, a: Any, b: Any) -> Proxy:
    return Proxy(select(*map(node_of, (condition, a, b))))


def _broadcast_to(x: Any, shape: Any) -> Proxy:
    return Proxy(broadcasted(node_of(x), tuple(np.broadcast_to(np.int8(0), shape).shape)))


def _astype(x: Any, dtype: Any) -> Proxy:
    return Proxy(node_of(x)).astype(dtype)


def _error_function(name: str) -> Callable[[Any], Proxy]:
    def lowering(x: Any) -> Proxy:
        node = _real(x)
        return Proxy(mapped(name, node.dtype, node))

    return lowering


def _real(x: Any) -> Node:
    """`as_float`."""
    node = node_of(x)
    return node if node.dtype.kind == "f" and not node.weak else cast(node, np.dtype(np.float64))


def _gelu(x: Any) -> Any:
    x = Proxy(node_of(x))
    return x * (0.5 * _error_function("erfc")(-math.sqrt(0.5) * x))


def _sigmoid(x: Any) -> Any:
    """With one exponential: e^min(x, 0) is 1 or e^−|x|."""
    x = Proxy(_real(x))
    e = np.exp(-np.absolute(x))
    return _where(x > 0, 1.0, e) / (1 + e)


def _one_hot(labels: Any, classes: int) -> Any:
    return Proxy(constant(np.eye(classes)))[labels]


def _shifted_rows(z: Proxy) -> tuple[Proxy, Proxy]:
    """z less the largest of each row, and where the largest stand."""
    lowest = np.finfo(z.dtype).min
    top = Proxy(folded("maximum", z.node, (-1,), True, z.dtype))
    return z - np.maximum(top, lowest), z == top


def _true_class(z: Proxy, labels: Any, kept: Any) -> tuple[Proxy, Proxy]:
    """The labels, and the scores that they name in rows that are kept; there a label below 0 or too large is an error."""
    node = node_of(labels)
    if node.dtype.kind not in "iu" or node.dtype == np.uint64 or node.shape != z.shape[:-1] or not z.size:
        raise Unreadable("labels")
    label = Proxy(cast(node, np.dtype(np.int64)))
    checked = _where(label < 0, z.shape[-1], label)
    base, offset, strides = layout(z.node)
    index = checked if kept is None else _where(kept, checked, 0)
    score = picked(base, index.node, z.shape[:-1], offset, strides[:-1], strides[-1], z.shape[-1])
    return label, Proxy(score)


def _kept(labels: Any, ignore_index: int | None) -> Any:
    """Which rows count."""
    return None if ignore_index is None else Proxy(cast(node_of(labels), np.dtype(np.int64))) != ignore_index


def _losses(y: Proxy, kept: Any, reduction: str) -> Any:
    """The losses with 0 for rows that are ignored, their sum, or the mean of the others."""
    if kept is not None:
        y = _where(kept, y, 0)
    if reduction == "none":
        return y
    total = np.add.reduce(y, axis=None)
    if reduction == "sum":
        return total
    return total / (y.size if kept is None else np.add.reduce(kept, axis=None).astype(y.dtype))


def _cross_entropy(z: Any, labels: Any, reduction: str = "none", ignore_index: int | None = None) -> Any:
    z = Proxy(_real(z))
    kept = _kept(labels, ignore_index)
    _, score = _true_class(z, labels, kept)
    d, largest = _shifted_rows(z)
    e = _where(largest, 0, np.exp(d))  # the largest term is log1p's own 1, and its equals count by themselves
    low = np.maximum(np.maximum.reduce(z, axis=-1), np.finfo(z.dtype).min)
    ties = np.add.reduce(largest, axis=-1, dtype=z.dtype)
    others = np.add.reduce(e, axis=-1) + _where(ties > 1, (ties - 1) * ((low - low) + 1), 0)  # NaN, where the equals are infinite
    return _losses(np.log1p(others) - (score - low), kept, reduction)


def _nll_loss(z: Any, labels: Any, reduction: str = "none", ignore_index: int | None = None) -> Any:
    kept = _kept(labels, ignore_index)
    _, score = _true_class(Proxy(_real(z)), labels, kept)
    return _losses(-score, kept, reduction)


def _softmax_minus_one_hot(z: Any, labels: Any) -> Any:
    z = Proxy(_real(z))
    if (masked := _masked(z.node, node_of(labels))) is None:
        return _gap(z, labels, None)
    kept, z, labels = masked
    count = z.dtype.type(z.shape[-1])
    place = Proxy(Position(z.shape, np.dtype(np.int64), axis=len(z.shape) - 1))
    return _where(kept[..., None], _gap(z, labels, kept), _where(place == 0, (1 - count) / count, 1 / count))


def _gap(z: Proxy, labels: Any, kept: Any) -> Any:
    """softmax(z) − one-hot(labels), where rows are kept."""
    label, score = _true_class(z, labels, kept)
    d, _ = _shifted_rows(z)
    e = np.exp(d)
    low = np.maximum(np.maximum.reduce(z, axis=-1), np.finfo(z.dtype).min)
    true = Proxy(Position(z.shape, np.dtype(np.int64), axis=len(z.shape) - 1)) == label[..., None]
    others = np.add.reduce(_where(true, 0, e), axis=-1)
    total = np.maximum(others + np.exp(score - low), 1)
    return _where(true, -others[..., None], e) / total[..., None]


def _masked(z: Node, labels: Node) -> tuple[Proxy, Proxy, Proxy] | None:
    """Of scores and labels with zeros in rows that are left out: which are kept, and both without the zeros.

    So cross-entropy, which leaves out rows, and its derivative compute one softmax.
    """
    chosen = [
        a.args for a in (z, labels) if isinstance(a, Map) and a.name == "select" and isinstance(a.args[2], Number) and a.args[2].value == 0
    ]
    if len(chosen) != 2 or chosen[1][0].shape != labels.shape:
        return None
    (rows, scores, _), (kept, true, _) = chosen
    if not alike(pushed(moved(kept, lambda d: d[..., None])), rows):
        return None
    return Proxy(kept), Proxy(scores), Proxy(true)


def _add_at(x: Any, index: Any, shape: tuple[int, ...]) -> Proxy:
    a = node_of(x)
    return _overwritten(Number(tuple(shape), a.dtype, value=a.dtype.type(0)), a, index)


def _setitem(x: Any, v: Any, index: Any) -> Proxy:
    return _overwritten(node_of(x), node_of(v), index)


def _pad(x: Any, pad_width: Any, constant_values: float = 0) -> Proxy:
    a = node_of(x)
    if type(constant_values) not in (int, float):
        raise Unreadable("a border of several values")
    widths = pairs(pad_width, len(a.shape))
    shape = tuple(int(n + w.sum()) for n, w in zip(a.shape, widths, strict=True))
    inside = tuple(slice(int(w[0]), int(w[0]) + n) for n, w in zip(a.shape, widths, strict=True))
    border = Number(shape, a.dtype, value=cast(number(constant_values), a.dtype).value)  # type: ignore[attr-defined]
    return _overwritten(border, a, inside)


def _overwritten(a: Node, v: Node, index: Any) -> Proxy:
    """`a` with v at a basic index.

    Where the index takes of each axis all places or one, v is chosen there, in whatever loop asks; else it is written over a copy of `a`.
    """
    (offset, steps), places = read_index(index, a.shape)
    if not math.prod(places):
        return Proxy(a)
    v = broadcasted(cast(v, a.dtype), places)
    taken = {(n, s) for n, s in zip(places, steps, strict=True) if s}
    axes = {(n, s): k for k, (n, s) in enumerate(zip(a.shape, contiguous(a.shape), strict=True)) if s}
    if not taken <= axes.keys():
        return joined(a.shape, a.dtype, [(a, (0, contiguous(a.shape))), (v, (offset, steps))])
    single = [k for axis, k in axes.items() if axis not in taken]
    y = Proxy(reshaped(v, tuple(1 if k in single else n for k, n in enumerate(a.shape))))
    for k in single:
        here = Proxy(Position(a.shape, np.dtype(np.int64), axis=k)) == int(np.unravel_index(offset, a.shape)[k])
        y = _where(here, y, Proxy(a))
    return y


def _rearrange(*arrays: Any, how: Any) -> Proxy:
    """The numbered places, moved, say where in the arrays, one after another, each value lies; 0: nowhere."""
    nodes = [node_of(a) for a in arrays]
    starts = np.cumsum([1, *(a.size for a in nodes)])
    places = np.asarray(how(*[numbered(a.shape, int(start)) for a, start in zip(nodes, starts, strict=False)]))
    rows = np.concatenate([Proxy(a).reshape(-1) for a in nodes])
    found = rows[np.maximum(places - 1, 0)]
    return found if places.all() else _where(places > 0, found, 0)


def _einsum(*arrays: Any, subscripts: str, optimize: Any = False) -> Any:  # noqa: ARG001  # two arrays leave no choice of an order
    """Two arrays as stacks of matrices: axes in both and in the result, then those that one has alone, and those that are summed over."""
    operands = [Proxy(node_of(a)) for a in arrays]
    inputs, output = explicit(subscripts, [a.ndim for a in operands])
    sizes = {c: n for letters, a in zip(inputs, operands, strict=True) for c, n in zip(letters, a.shape, strict=True)}
    fits = all(sizes[c] == n for letters, a in zip(inputs, operands, strict=True) for c, n in zip(letters, a.shape, strict=True))
    if (
        len(operands) > 2
        or not fits
        or any(len({*letters}) < len(letters) for letters in inputs)
        or any(a.dtype.kind != "f" for a in operands)
    ):
        raise Unreadable("einsum of more than matrix products")
    for k, (letters, a) in enumerate(zip(inputs, operands, strict=True)):
        gone = [c for c in letters if c not in output and not any(c in other for j, other in enumerate(inputs) if j != k)]
        operands[k] = np.add.reduce(a, axis=tuple(letters.index(c) for c in gone))
        inputs[k] = "".join(c for c in letters if c not in gone)
    y, found = operands[0], inputs[0]
    if len(operands) == 2:
        left, right = inputs
        both, summed = [c for c in left if c in right and c in output], [c for c in left if c in right and c not in output]
        rows, columns = [c for c in left if c not in right], [c for c in right if c not in left]
        size: Callable[..., int] = lambda letters: math.prod(sizes[c] for c in letters)
        stack = [sizes[c] for c in both]
        a = y.transpose([left.index(c) for c in (*both, *rows, *summed)]).reshape((*stack, size(rows), size(summed)))
        b = operands[1].transpose([right.index(c) for c in (*both, *summed, *columns)]).reshape((*stack, size(summed), size(columns)))
        found = "".join([*both, *rows, *columns])
        y = (a @ b).reshape([sizes[c] for c in found])
    return y.transpose([found.index(c) for c in output])


LOWERINGS: dict[Op, Callable[..., Any]] = {
    ops.where: _where, ops.broadcast_to: _broadcast_to, ops.astype: _astype, ops.copy: lambda x: x, ops.erf: _error_function("erf"),
    ops.erfc: _error_function("erfc"), ops.gelu: _gelu, ops.sigmoid: _sigmoid, one_hot: _one_hot, ops.cross_entropy: _cross_entropy,
    ops.nll_loss: _nll_loss, softmax_minus_one_hot: _softmax_minus_one_hot, add_at: _add_at, ops.setitem: _setitem, ops.pad: _pad,
    rearrange: _rearrange, ops.einsum: _einsum,
}  # fmt: skip
"""By the op; the parameters are those of its forward."""


def _of_numbers(function: Function, *args: Any) -> Any:
    """Arithmetic of Python numbers; where Python raises, or gives a longer or a complex number, the machine code ends.

    It does so by an index out of range, as it does for labels: then NumPy computes it all again.
    """
    args = tuple([a.astype(np.int64) if a.dtype.kind == "b" else a for a in args])
    y = size = function.forward(*args)
    if y.dtype.kind == "f" and function.name in ("add", "sub", "mul", "neg", "pos", "abs"):
        return y
    if y.dtype.kind != "f":
        size = function.forward(*[a.astype(np.float64) for a in args])
    index = _where(np.absolute(size) < (math.inf if y.dtype.kind == "f" else 2.0**62), 0, 1)
    return Proxy(picked(y.node, index.node, (), 0, (), 1, 1))


OWN = ("autograd.ops.", "autograd.scipy.", "autograd.compiler.")


def lowered(step: Step, node: Callable[[Value], Node]) -> list[Node] | None:
    """The nodes of a step's results, in terms of those of its arguments; None where it is left to NumPy.

    Forwards from elsewhere aren't read: they may look at what changes, or do more than compute.
    """
    values = [a for a in (*step.args, *step.results) if isinstance(a, Value)]
    if not step.op.__module__.startswith(OWN) or isinstance(step.op, Draw) or any(v.dtype not in NATIVE for v in values):
        return None
    lowering = LOWERINGS.get(step.op, step.op.forward) if isinstance(step.op, Op) else step.op.forward
    if isinstance(step.op, Function) and step.results[0].weak:
        lowering = functools.partial(_of_numbers, step.op)
    elif step.op.forward is step.results[0].dtype.type and step.results[0].dtype == values[0].dtype:  # of a Python number, which fits
        lowering = functools.partial(_astype, dtype=step.op.forward)
    args = [Proxy(node(a)) if isinstance(a, Value) else a for a in step.args]
    try:
        y = lowering(*args, **step.options)
        results = [node_of(part) for part in (y if step.plural else (y,))]
    except Exception:  # noqa: BLE001  # whatever it is that a forward can't do with proxies, NumPy will do with arrays
        return None
    if [(a.shape, a.dtype) for a in results] != [(v.shape, v.dtype) for v in step.results]:
        return None
    return [a if a.weak == v.weak else Map(a.shape, a.dtype, (a,), v.weak, "copy") for a, v in zip(results, step.results, strict=True)]
