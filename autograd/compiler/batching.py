"""Batches: steps recorded for one item, turned into steps for many at once, along a new first axis.

The rows of a Jacobian are one function of many cotangents.  Traced one by one, they would be a program as long as there are rows; here one
is traced, and each of its steps that depends on the cotangent is replaced by one that does the same for all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import ops
from ..op import Op
from ..ops.broadcast import axes_of
from ..ops.index import add_at, is_basic
from ..tensor import Tensor, wrapped
from .number import tracer_of
from .program import Value
from .tracer import Tracer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .program import Step
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
    batches: dict[Value, Tracer] = {item.value: here.tracer_for(items)}
    for step in steps:
        many = [isinstance(a, Value) and a in batches for a in step.args]
        if not any(many):
            here.steps.append(step)
            continue
        call = Call(step, [batches[a] if is_many else _one(here, a) for a, is_many in zip(step.args, many, strict=True)], many)
        y = _for_all(here, call)
        batches.update(zip(step.results, y if step.plural else (y,), strict=True))
    one = here.tracer_for(result)
    y = batches[one.value] if one.value in batches else ops.broadcast_to(one, (len(items), *one.shape))
    return wrapped(y, None) if isinstance(result, Tensor) else y


def _one(here: Tracing, a: Any) -> Any:
    """An argument that is the same for all items."""
    if not isinstance(a, Value):
        return a
    return Tracer(a, a.content) if a.content is not None else tracer_of(a, here.examples[a])


@dataclass(frozen=True)
class Call:
    """A step to be done for all items: with these arguments, of which some are `many`, a batch."""

    step: Step
    args: list[Any]
    many: list[bool]

    @property
    def count(self) -> int:
        """How many items there are."""
        return len(self.args[self.many.index(True)])

    @property
    def options(self) -> Mapping[str, Any]:
        """Those of the step."""
        return self.step.options

    @property
    def shape(self) -> tuple[int, ...]:
        """That of the result for one item."""
        return self.step.results[0].shape

    def batch(self, k: int) -> Any:
        """An argument for each item, which may be the same for all."""
        a = self.args[k]
        return a if self.many[k] else ops.broadcast_to(a, (self.count, *a.shape))


def _for_all(here: Tracing, call: Call) -> Any:
    """The results of a step for all items: at once where there is a rule, else one by one."""
    op = call.step.op
    if op.kind == "elementwise" or (op.kind == "constant" and not op.option_names):
        ndim = len(call.shape)
        return here.apply(op, [_aligned(a, ndim) if is_many else a for a, is_many in zip(call.args, call.many, strict=True)], call.options)
    rule = BATCHES.get(op)
    y = rule(call) if rule is not None else None
    return _one_by_one(here, call) if y is None else y


def _aligned(a: Tracer, ndim: int) -> Any:
    """A batch of arrays with axes put in, so that they broadcast against arrays of `ndim` axes as each of them does."""
    missing = ndim + 1 - a.ndim
    return ops.reshape(a, (a.shape[0], *(1,) * missing, *a.shape[1:])) if missing else a


def _one_by_one(here: Tracing, call: Call) -> Any:
    """The step for each item."""
    rows = [
        here.apply(call.step.op, [a[k] if is_many else a for a, is_many in zip(call.args, call.many, strict=True)], call.options)
        for k in range(call.count)
    ]
    return tuple([ops.stack(list(parts)) for parts in zip(*rows, strict=True)]) if call.step.plural else ops.stack(rows)


# -- ops that move along by an axis -------------------------------------------------------------------------------------------------------


def _matmul(call: Call) -> Any:
    a, b = call.args
    a_ndim, b_ndim = a.ndim - call.many[0], b.ndim - call.many[1]  # of one item
    if call.many == [True, False] and b_ndim <= 2:
        if a_ndim <= 2 == b_ndim:  # all rows at once
            return ops.reshape(ops.reshape(a, (-1, a.shape[-1])) @ b, (*a.shape[:-1], b.shape[-1]))
        return a @ b
    if call.many == [False, True] and a_ndim <= 2:
        return b @ a.T if b_ndim == 1 else a @ b
    if a_ndim == 1 == b_ndim:
        return ops.sum(a * b, axis=-1)
    return a @ b if a_ndim == b_ndim else None


def _linear(call: Call) -> Any:
    return ops.linear(*call.args) if call.many[0] and not any(call.many[1:]) else None


def _sum(call: Call) -> Any:
    axes = axes_of(call.options["axis"], call.args[0].ndim - 1)
    return ops.sum(call.args[0], axis=tuple([k + 1 for k in axes]), keepdims=call.options["keepdims"])


def _reshape(call: Call) -> Any:
    return ops.reshape(call.args[0], (call.count, *call.shape))


def _broadcast_to(call: Call) -> Any:
    return ops.broadcast_to(_aligned(call.args[0], len(call.shape)), (call.count, *call.shape))


def _transpose(call: Call) -> Any:
    ndim = len(call.shape)
    axes = call.options["axes"]
    inner = reversed(range(ndim)) if axes is None else (k % ndim for k in axes)
    return ops.transpose(call.args[0], (0, *(k + 1 for k in inner)))


def _swapaxes(call: Call) -> Any:
    return ops.swapaxes(call.args[0], *(k % len(call.shape) + 1 for k in call.options.values()))


def _same(call: Call) -> Any:
    return call.step.op(call.args[0], **call.options)


def _within(index: Any) -> tuple[Any, ...] | None:
    """An index for each item of a batch; None where it is an array, which could change the order of axes."""
    return (slice(None), *(index if isinstance(index, tuple) else (index,))) if is_basic(index) else None


def _getitem(call: Call) -> Any:
    index = _within(call.options["index"])
    return ops.getitem(call.args[0], index) if index is not None else None


def _setitem(call: Call) -> Any:
    index = _within(call.options["index"])
    if index is None:
        return None
    x, v = call.batch(0), call.args[1]
    ndim = np.ndim(x.example[index])
    if call.many[1]:
        if v.ndim > ndim:
            return None
        v = _aligned(v, ndim - 1)
    return ops.setitem(x, v, index)


def _add_at(call: Call) -> Any:
    index = _within(call.options["index"])
    return add_at(call.args[0], index, (call.count, *call.shape)) if index is not None else None


def _joined(call: Call) -> Any:
    axis = call.options["axis"]
    parts = [call.batch(k) for k in range(len(call.args))]
    return call.step.op(parts, axis=axis % len(call.shape) + 1) if axis is not None else None


BATCHES: dict[Op, Callable[[Call], Any]] = {
    ops.astype: _same, ops.broadcast_to: _broadcast_to, ops.concatenate: _joined, ops.copy: _same, ops.getitem: _getitem,
    add_at: _add_at, ops.linear: _linear, ops.matmul: _matmul, ops.reshape: _reshape, ops.setitem: _setitem, ops.stack: _joined,
    ops.sum: _sum, ops.swapaxes: _swapaxes, ops.transpose: _transpose,
}  # fmt: skip
"""How a step becomes one for a batch, by the op; the elementwise kind needs nothing but aligned axes, all others go one by one."""
