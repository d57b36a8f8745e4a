"""Batches: steps recorded for one item, turned into steps for many at once, along a new first axis.

The rows of a Jacobian are one function of many cotangents.  Traced one by one, they would be a program as long as there are rows; here one
is traced, and each of its steps that depends on the cotangent is replaced by one that does the same for all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .. import ops
from ..op import Op
from ..ops.broadcast import axes_of
from ..tensor import Tensor, wrapped
from .program import Step, Value
from .tracer import Tracer

if TYPE_CHECKING:
    from collections.abc import Callable

    from .tracing import Tracing

__all__ = ["batched"]


def batched(here: Tracing, function: Callable[[Any], Any], items: Any) -> Any:
    """The results for all items, stacked; None if they have a history of their own, and so must be taken one by one.

    >>> from .tracing import Tracing
    >>> with Tracing() as here:
    ...     x = here.input(np.array([1.0, 2.0]), "x")
    ...     y = batched(here, lambda unit: (unit * x).sum(), np.eye(2))
    >>> y.shape, [step.op.name for step in here.steps]
    ((2,), ['multiply', 'sum'])
    """
    if len(items) < 2:
        return None
    start = len(here.steps)
    item = Tracer(Value(np.shape(items[0]), items.dtype), items[0], shared="an item of a batch")
    result = function(item)
    steps = here.steps[start:]
    del here.steps[start:]
    if not isinstance(result, (Tracer, Tensor)) or result.requires_grad or not all(isinstance(step.op, Op) for step in steps):
        return None
    many: dict[Value, Tracer] = {item.value: here.traced(items)}
    for step in steps:
        where = [isinstance(a, Value) and a in many for a in step.args]
        if not any(where):
            here.steps.append(step)
            continue
        y = _for_all(here, step, [many[a] if is_many else _one(here, a) for a, is_many in zip(step.args, where, strict=True)], where)
        many.update(zip(step.results, y if step.plural else (y,), strict=True))
    one = here.traced(result)
    y = many[one.value] if one.value in many else ops.broadcast_to(one, (len(items), *one.shape))
    return wrapped(y, None) if isinstance(result, Tensor) else y


def _one(here: Tracing, a: Any) -> Any:
    """An argument that is the same for all items."""
    if not isinstance(a, Value):
        return a
    return Tracer(a, a.content) if a.content is not None else here.tracers[a]


def _for_all(here: Tracing, step: Step, args: list[Any], where: list[bool]) -> Any:
    """One step for all items; `where` says which of its arguments are a batch."""
    op, options = step.op, step.options
    if op.kind == "elementwise" or (op.kind == "constant" and not op.option_names):
        ndim = len(step.results[0].shape)
        return here.apply(op, [_aligned(a, ndim) if is_many else a for a, is_many in zip(args, where, strict=True)], options)
    rule = BATCHES.get(op)
    y = rule(step, args, where) if rule is not None else None
    return _one_by_one(here, step, args, where) if y is None else y


def _aligned(a: Tracer, ndim: int) -> Any:
    """A batch of arrays with axes put in, so that they broadcast against arrays of `ndim` axes as each of them does."""
    missing = ndim + 1 - a.ndim
    return ops.reshape(a, (a.shape[0], *(1,) * missing, *a.shape[1:])) if missing else a


def _one_by_one(here: Tracing, step: Step, args: list[Any], where: list[bool]) -> Any:
    """A step for each item, where nothing better is known."""
    count = next(a.shape[0] for a, is_many in zip(args, where, strict=True) if is_many)
    rows = [
        here.apply(step.op, [a[k] if is_many else a for a, is_many in zip(args, where, strict=True)], step.options) for k in range(count)
    ]
    return tuple([ops.stack(list(parts)) for parts in zip(*rows, strict=True)]) if step.plural else ops.stack(rows)


# -- ops that move along by an axis -------------------------------------------------------------------------------------------------------


def _matmul(step: Step, args: list[Any], where: list[bool]) -> Any:  # noqa: ARG001
    a, b = args
    a_ndim, b_ndim = a.ndim - where[0], b.ndim - where[1]
    if where == [True, False] and b_ndim <= 2 and a_ndim:
        if a_ndim <= 2 == b_ndim:  # all rows at once
            return ops.reshape(ops.reshape(a, (-1, a.shape[-1])) @ b, (*a.shape[:-1], b.shape[-1]))
        return a @ b
    if where == [False, True] and b_ndim == 1 and a_ndim <= 2:
        return b @ a if a_ndim == 1 else b @ a.T
    if where == [False, True] and a_ndim <= 2 <= b_ndim:
        return a @ b
    if a_ndim == 1 == b_ndim:
        return ops.sum(a * b, axis=-1)
    if a_ndim == b_ndim >= 2:
        return a @ b
    return None


def _linear(step: Step, args: list[Any], where: list[bool]) -> Any:  # noqa: ARG001
    return ops.linear(*args) if where[:1] == [True] and not any(where[1:]) else None


def _axes(step: Step) -> tuple[int, ...]:
    """The axes that a reduction means, in a batch."""
    return tuple([k + 1 for k in axes_of(step.options["axis"], len(step.args[0].shape))])


def _sum(step: Step, args: list[Any], where: list[bool]) -> Any:  # noqa: ARG001
    return ops.sum(args[0], axis=_axes(step), keepdims=step.options["keepdims"])


def _reshape(step: Step, args: list[Any], where: list[bool]) -> Any:  # noqa: ARG001
    return ops.reshape(args[0], (args[0].shape[0], *step.results[0].shape))


def _broadcast_to(step: Step, args: list[Any], where: list[bool]) -> Any:  # noqa: ARG001
    shape = step.results[0].shape
    return ops.broadcast_to(_aligned(args[0], len(shape)), (args[0].shape[0], *shape))


def _transpose(step: Step, args: list[Any], where: list[bool]) -> Any:  # noqa: ARG001
    ndim = args[0].ndim - 1
    axes = step.options["axes"]
    inner = reversed(range(ndim)) if axes is None else (k % ndim for k in axes)
    return ops.transpose(args[0], (0, *(k + 1 for k in inner)))


def _swapaxes(step: Step, args: list[Any], where: list[bool]) -> Any:  # noqa: ARG001
    ndim = args[0].ndim - 1
    return ops.swapaxes(args[0], *(k % ndim + 1 for k in step.options.values()))


def _same(step: Step, args: list[Any], where: list[bool]) -> Any:  # noqa: ARG001
    return step.op(args[0], **step.options)


def _within(index: Any) -> tuple[Any, ...] | None:
    """An index for each item of a batch; None where it is an array, which could change the order of axes."""
    parts = index if isinstance(index, tuple) else (index,)
    return (slice(None), *parts) if all(k is None or k is ... or isinstance(k, (int, slice)) for k in parts) else None


def _getitem(step: Step, args: list[Any], where: list[bool]) -> Any:  # noqa: ARG001
    index = _within(step.options["index"])
    return ops.getitem(args[0], index) if index is not None else None


def _setitem(step: Step, args: list[Any], where: list[bool]) -> Any:
    index = _within(step.options["index"])
    if index is None or not where[0]:
        return None
    v = _aligned(args[1], len(step.args[0].shape)) if where[1] else args[1]
    return ops.setitem(args[0], v, index) if not where[1] or v.ndim == args[1].ndim else None


def _add_at(step: Step, args: list[Any], where: list[bool]) -> Any:  # noqa: ARG001
    index = _within(step.options["index"])
    return ops.index.add_at(args[0], index, (args[0].shape[0], *step.options["shape"])) if index is not None else None


def _joined(step: Step, args: list[Any], where: list[bool]) -> Any:
    count = next(a.shape[0] for a, is_many in zip(args, where, strict=True) if is_many)
    parts = [a if is_many else ops.broadcast_to(a, (count, *np.shape(a.example))) for a, is_many in zip(args, where, strict=True)]
    ndim = len(step.results[0].shape)
    return step.op(parts, axis=step.options["axis"] % ndim + 1)


BATCHES: dict[Op, Callable[..., Any]] = {
    ops.astype: _same, ops.broadcast_to: _broadcast_to, ops.concatenate: _joined, ops.copy: _same, ops.getitem: _getitem,
    ops.index.add_at: _add_at, ops.linear: _linear, ops.matmul: _matmul, ops.reshape: _reshape, ops.setitem: _setitem, ops.stack: _joined,
    ops.sum: _sum, ops.swapaxes: _swapaxes, ops.transpose: _transpose,
}  # fmt: skip
"""How a step becomes one for a batch, by the op; the elementwise kind needs nothing but aligned axes, all others go one by one."""
