"""Steps that NumPy computes better as other ones: done last, before code is written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ... import ops
from ...ops.broadcast import axes_of
from ...ops.softmax import softmax_minus_one_hot
from ..passes import drop, rewritten
from ..program import Value
from ..simpler import call, keeps_order, maker
from .cross_entropy import Pair
from .forms import GUARDED

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..program import Program, Step

__all__ = ["prepared"]


def prepared(program: Program) -> Program:
    """The program, of steps that have forms in the table.

    >>> from autograd.compiler.program import Input, Program, Step
    >>> x, y = Value((2,), np.dtype(float)), Value((2,), np.dtype(float))
    >>> y.step = Step(ops.relu, (x,), {}, (y,))
    >>> prepared(Program([Input(x, "x")], [y.step], [y])).steps
    [<maximum <float64[2]>, 0>]
    """
    pairs: list[Pair] = []

    def stand_in(step: Step) -> tuple[Value] | None:
        if step.op is ops.cross_entropy:
            value = _loss(step.results[0], pairs, *step.args, **step.options)
        elif step.op is ops.multiply:
            value = _slope(step.results[0], pairs, *step.args)
        else:
            rule = EXPANSIONS.get(step.op)
            value = rule(step.results[0], *step.args, **step.options) if rule is not None else None
        return None if value is None else (value,)

    return drop(rewritten(program, stand_in))


def _each(op: Any, *args: Any) -> Value:
    """The result of an elementwise op, which has the shape and dtype of its first array."""
    return call(op, args, {}, next(a for a in args if isinstance(a, Value)))


def _along(op: Any, x: Value, axis: Any) -> Value:
    """The result of a reduction, with axes of size 1 in the place of those that are gone."""
    gone = axes_of(axis, len(x.shape))
    return call(op, (x,), {"axis": axis, "keepdims": True}, x, tuple([1 if k in gone else n for k, n in enumerate(x.shape)]))


# Each rule gets the result of a step, then its arguments and options.


def _linear(y: Value, x: Any, W: Any, b: Any = None) -> Value | None:
    """A product of matrices, and a sum."""
    if not y.size or not x.size:
        return None
    rows = x if len(x.shape) < 3 else call(ops.reshape, (x,), {"shape": (-1, x.shape[-1])}, x, (x.size // x.shape[-1], x.shape[-1]))
    columns = call(ops.transpose, (W,), {"axes": None}, W, W.shape[::-1])
    total = Value((*rows.shape[:-1], W.shape[0]), np.result_type(x.dtype, W.dtype))
    total = call(ops.matmul, (rows, columns), {}, total)
    if b is not None:
        total = call(ops.add, (total, b), {}, y, total.shape)
    return total if total.shape == y.shape else call(ops.reshape, (total,), {"shape": y.shape}, total, y.shape)


def _relu(y: Value, x: Any) -> Value | None:
    return call(ops.maximum, (x, 0), {}, y) if isinstance(x, Value) and not x.weak else None


def _mean(y: Value, x: Any, axis: Any = None, keepdims: bool = False) -> Value | None:
    if not _floats(x):
        return None
    return _each(ops.divide, call(ops.sum, (x,), {"axis": axis, "keepdims": keepdims}, y), x.size // y.size)


def _floats(*args: Any) -> bool:
    """Whether all are arrays of real numbers, wide enough to be summed as they are."""
    return all(isinstance(a, Value) and a.shape and a.size and a.dtype.kind == "f" and a.dtype.itemsize > 2 for a in args)


def _sigmoid(y: Value, x: Any) -> Value | None:
    if not _floats(x):
        return None
    return call(ops.divide, (_each(ops.exp, _each(ops.minimum, x, 0)), _each(ops.add, 1, _exp_of_size(x))), {}, y)


def _softplus(y: Value, x: Any) -> Value | None:
    if not _floats(x):
        return None
    return call(ops.add, (_each(ops.maximum, x, 0), _each(ops.log1p, _exp_of_size(x))), {}, y)


def _exp_of_size(x: Value) -> Value:
    """e^−|x|."""
    return _each(ops.exp, _each(ops.negative, _each(ops.absolute, x)))


def _leaky_relu(y: Value, x: Any, alpha: float = 0.01) -> Value | None:
    if not _floats(x):
        return None
    positive = call(ops.greater, (x, 0), {}, Value(y.shape, np.dtype(bool)))
    return call(ops.where, (positive, x, _each(ops.multiply, alpha, x)), {}, y)


def _softmax(y: Value, x: Any, axis: Any = -1) -> Value | None:
    if not _floats(x):
        return None
    finite = _each(ops.maximum, _along(ops.max, x, axis), float(np.finfo(x.dtype).min))
    e = _each(ops.exp, _each(ops.subtract, x, finite))
    return call(ops.divide, (e, _each(ops.maximum, _along(ops.sum, e, axis), 1)), {}, y)


def _var(y: Value, x: Any, axis: Any = None, ddof: float = 0, keepdims: bool = False) -> Value | None:
    if not _floats(x) or (count := x.size // y.size) <= ddof:
        return None
    d = _each(ops.subtract, x, _each(ops.divide, _along(ops.sum, x, axis), count))
    squares = call(ops.sum, (_each(ops.multiply, d, d),), {"axis": axis, "keepdims": keepdims}, y)
    return _each(ops.divide, squares, count - ddof)


def _where(y: Value, condition: Any, a: Any, b: Any) -> Value | None:
    """What the chain rule guards; and 0 comes last, for which there is a fast way."""
    if type(b) is int and b == 0:
        return _guarded(condition, a)
    if type(a) is int and a == 0 and isinstance(condition, Value) and condition.shape and condition.dtype == bool:
        return call(ops.where, (call(ops.logical_not, (condition,), {}, condition), b, 0), {}, y)
    return None


def _guarded(condition: Any, product: Any) -> Value | None:
    """where(isfinite(partial) | (g != 0), g · partial, 0)."""
    both, either = maker(product, ops.multiply), maker(condition, ops.logical_or)
    if both is None or either is None:
        return None
    for finite, nonzero in (either.args, either.args[::-1]):
        finite, nonzero = maker(finite, ops.isfinite), maker(nonzero, ops.not_equal)  # noqa: PLW2901
        if finite is not None and nonzero is not None:
            (partial,), (g, zero) = finite.args, nonzero.args
            if type(zero) is int and zero == 0 and ({g, partial} == {*both.args}):
                return call(GUARDED, (g, partial), {}, product)
    return None


# -- cross-entropy ------------------------------------------------------------------------------------------------------------------------


def _loss(y: Value, pairs: list[Pair], z: Any, labels: Any, reduction: str = "none", ignore_index: int | None = None) -> Value | None:
    """The loss, as one of a pair."""
    if not isinstance(z, Value) or not isinstance(labels, Value) or not z.size or z.dtype not in ("float32", "float64"):
        return None
    if labels.dtype.kind not in "iu" or labels.dtype == np.uint64:
        return None
    pairs.append(Pair(z, labels, reduction, ignore_index))
    return call(pairs[-1].loss, (z, labels), {}, y)


def _slope(y: Value, pairs: list[Pair], a: Any, b: Any) -> Value | None:
    """g · (softmax − one-hot), as the rule of cross-entropy writes it, as the other one."""
    for g, slope in ((a, b), (b, a)):
        made = maker(slope, softmax_minus_one_hot)
        if made is not None:
            g, (z, labels), ignored = _unmasked(g, *made.args)  # noqa: PLW2901
            shape = getattr(g, "shape", ())
            if (y.shape, y.dtype) == (z.shape, z.dtype) and shape in ((), z.shape[:-1], (*z.shape[:-1], 1)):
                pair = next((p for p in pairs if p.arguments == (z, labels) and p.ignore_index == ignored), None)
                return call(pair.slope, (None if _is_mean(g, labels, ignored) else g, z, labels), {}, y) if pair is not None else None
    return None


def _unmasked(g: Any, z: Any, labels: Any) -> tuple[Any, tuple[Any, Any], int | None]:
    """What they are in the rows that are not ignored, and the label of those that are."""
    made = [maker(_reshaped(a), ops.where) for a in (g, z, labels)]
    if None in made:
        return g, (z, labels), None
    kept = {_reshaped(where.args[0]) for where in made if where is not None and type(where.args[2]) is int and where.args[2] == 0}
    test = maker(kept.pop(), ops.not_equal) if len(kept) == 1 else None
    if test is None or type(test.args[1]) is not int:
        return g, (z, labels), None
    g, z, labels = (where.args[1] for where in made if where is not None)
    return g, (z, labels), test.args[1]


def _is_mean(g: Any, labels: Any, ignored: int | None) -> bool:
    """Whether g is one over the number of rows that are not ignored."""
    cast = maker(g, ops.astype)
    share = maker(cast.args[0] if cast is not None else g, ops.divide)
    count = maker(share.args[1], ops.sum) if share is not None and type(share.args[0]) is int and share.args[0] == 1 else None
    kept = maker(count.args[0], ops.not_equal) if count is not None and count.options.get("axis") is None else None
    return kept is not None and kept.args == (labels, ignored)


def _reshaped(a: Any) -> Any:
    """What was given another shape, which it has in the end."""
    step = maker(a, ops.reshape, ops.getitem, ops.expand_dims)
    return step.args[0] if step is not None and keeps_order(step) else a


EXPANSIONS: dict[Any, Callable[..., Value | None]] = {
    ops.linear: _linear, ops.relu: _relu, ops.leaky_relu: _leaky_relu, ops.sigmoid: _sigmoid, ops.softplus: _softplus,
    ops.softmax: _softmax, ops.mean: _mean, ops.var: _var, ops.where: _where,
}  # fmt: skip
