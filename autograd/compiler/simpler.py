"""Shorter ways to the same value: for a step of a program, by its op.

Every rule is exact: it gives the same bits for NaNs, infinities and signed zeros, and the same dtype.  So x + 0 is not x (think of −0), nor
is the sum of one number that number.  Rules only propose: what they propose stands if it has the shape and the dtype of what was there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .. import ops
from ..ops.index import add_at, is_basic
from .program import Step, Value, values_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["PERMUTING", "RESHAPING", "call", "keeps_order", "maker", "permutation", "simpler"]


def simpler(step: Step) -> Value | None:
    """Another value for the one result of a step: an argument, a value behind it, or the result of new steps; None: there is no better.

    >>> x = Value((2, 3), np.dtype(float))
    >>> y = call(ops.multiply, (1, x), {}, x)
    >>> simpler(y.step) is x
    True
    """
    for rule in RULES.get(step.op, ()):
        (y,), found = step.results, rule(step)
        if isinstance(found, Value) and (found.shape, found.dtype, found.weak) == (y.shape, y.dtype, y.weak):
            return found
    return None


def call(op: Any, args: tuple[Any, ...], options: Mapping[str, Any], like: Value, shape: tuple[int, ...] | None = None) -> Value:
    """The result of a new step, `like` another value but perhaps in shape.

    >>> x = Value((2, 3), np.dtype(float))
    >>> call(ops.transpose, (x,), {"axes": None}, x, (3, 2))
    <float64[3, 2]>
    """
    value = Value(like.shape if shape is None else shape, like.dtype, weak=like.weak)
    value.step = Step(op, args, options, (value,))
    return value


def maker(a: Any, *made_by: Any) -> Step | None:
    """The step that made an argument, if it is a call of one of these ops."""
    return a.step if isinstance(a, Value) and a.step is not None and a.step.op in made_by else None


# -- numbers ------------------------------------------------------------------------------------------------------------------------------

NEUTRAL = {  # x op n is x; and n op x too, where the order does not count
    ops.multiply: (1, True),
    ops.divide: (1, False),
    ops.power: (1, False),
    ops.subtract: (0, False),
}


def neutral(step: Step) -> Any:
    """One argument, if the other changes nothing.  Complex numbers are left alone, for (∞ + i) · 1 has a NaN in it."""
    number, either = NEUTRAL[step.op]
    a, b = step.args
    if step.results[0].dtype.kind == "c":
        return None
    return a if is_all(b, number) else b if either and is_all(a, number) else None


def is_all(a: Any, number: int) -> bool:
    """Whether an argument is known to be this number everywhere; −0 is not 0.

    >>> is_all(1.0, 1), is_all(-0.0, 0), is_all(Value((2,), np.dtype(float), content=np.ones(2)), 1)
    (True, False, True)
    """
    known = single(a)
    return known is not None and np.asarray(known).dtype.kind in "biuf" and bool(known == number and not np.signbit(known))


def single(a: Any) -> Any:
    """The number that an argument is known to be everywhere, or None.

    >>> single(Value((2,), np.dtype(float), content=np.ones(2))), single(Value((2,), np.dtype(float), content=np.array([0.0, -0.0])))
    (np.float64(1.0), None)
    """
    if not isinstance(a, Value):
        return a
    content = np.asarray(a.content)
    if not content.size:
        return None
    first = content.flat[0]
    same = content == first
    if content.dtype.kind == "f":
        same &= np.signbit(content) == np.signbit(first)
    elif content.dtype.kind not in "biu":
        return None
    return first if same.all() else None


def unchanged(step: Step) -> Any:
    """The argument itself."""
    return step.args[0]


def undone(step: Step) -> Any:
    """What an op that is its own inverse was applied to before."""
    before = maker(step.args[0], step.op)
    return before.args[0] if before is not None else None


def negated(step: Step) -> Any:
    """Minus a multiple is another multiple; not of whole numbers, of which −n may not be one, nor of 0, which keeps no sign."""
    (y,), before = step.results, maker(step.args[0], ops.multiply)
    if before is None or y.dtype.kind != "f" or not any(type(a) in (int, float) and a for a in before.args):
        return None
    return call(ops.multiply, tuple([a if isinstance(a, Value) else -a for a in before.args]), {}, y)


def to_the_zeroth(step: Step) -> Any:
    """1, even of a NaN."""
    (y,), (_, b) = step.results, step.args
    return everywhere(1, y) if is_all(b, 0) and y.dtype.kind != "c" else None


def everywhere(number: Any, y: Value) -> Value:
    """The same number at all places of a value like `y`."""
    return call(ops.broadcast_to, (Value((), y.dtype, content=y.dtype.type(number)),), {"shape": y.shape}, y)


def conjugated(step: Step) -> Any:
    """A real number is its own conjugate."""
    return step.args[0] if step.results[0].dtype.kind != "c" else undone(step)


def decided(step: Step) -> Any:
    """A truth value that one argument settles."""
    (y,), number = step.results, DECIDING[step.op]
    settled = any(known is not None and bool(known) == number for known in map(single, step.args))
    return everywhere(number, y) if settled else None


DECIDING = {ops.logical_and: False, ops.logical_or: True}


def chosen(step: Step) -> Any:
    """What is chosen everywhere."""
    (y,), (condition, a, b) = step.results, step.args
    known = single(condition)
    if a is not b and known is None:
        return None
    choice = a if a is b or known else b
    if not isinstance(choice, Value) or choice.weak or choice.dtype != y.dtype:
        return None
    return choice if choice.shape == y.shape else call(ops.broadcast_to, (choice,), {"shape": y.shape}, y)


# -- places -------------------------------------------------------------------------------------------------------------------------------

RESHAPING = (ops.reshape, ops.ravel, ops.squeeze, ops.expand_dims)
PERMUTING = (ops.transpose, ops.swapaxes, ops.moveaxis)
INDEXING = (ops.getitem, add_at)  # which reshape if they leave nothing out


def reshaped(step: Step) -> Any:
    """Steps that leave all values in their order are one `reshape`."""
    (y,), x = step.results, step.args[0]
    if not keeps_order(step):
        return None
    before = maker(x, *RESHAPING, *INDEXING)
    if before is not None and keeps_order(before):
        x = before.args[0]
    if x.shape == y.shape:
        return x
    return unless_same(step, ops.reshape, x, {"shape": y.shape})


def keeps_order(step: Step) -> bool:
    """Whether the result has all values of an array in their order."""
    (y,), x = step.results, step.args[0]
    if not isinstance(x, Value) or x.size != y.size:
        return False
    if "index" not in step.options:
        return True
    index = step.options["index"]  # which leaves nothing out, for there are as many values
    parts = index if isinstance(index, tuple) else (index,)
    return is_basic(index) and all((k.step or 1) > 0 for k in parts if isinstance(k, slice))


def moved(step: Step) -> Any:
    """Steps that permute axes are one `transpose`, and a `reshape` where only axes of size 1 change places."""
    (y,), x = step.results, step.args[0]
    if not isinstance(x, Value):
        return None
    axes, before = permutation(step), maker(x, *PERMUTING)
    if before is not None and isinstance(before.args[0], Value):
        x, inner = before.args[0], permutation(before)
        axes = [inner[k] for k in axes]
    large = [k for k in axes if x.shape[k] != 1]
    if large == sorted(large):
        return x if x.shape == y.shape else call(ops.reshape, (x,), {"shape": y.shape}, y)
    return unless_same(step, ops.transpose, x, {"axes": None if axes == sorted(axes, reverse=True) else tuple(axes)})


def unless_same(step: Step, op: Any, x: Value, options: dict[str, Any]) -> Value | None:
    """The result of this call, unless it is the very step that is there."""
    there = step.op is op and step.args[0] is x and repr(step.options) == repr(options)
    return None if there else call(op, (x,), options, step.results[0])


def permutation(step: Step) -> list[int]:
    """Which axis of the argument each axis of the result is."""
    return list(step.op.forward(np.empty(range(len(step.args[0].shape))), **step.options).shape)  # axis k has size k


def spread(step: Step) -> Any:
    """A single value that was broadcast stays one, whatever moves its copies."""
    (y,), before = step.results, maker(step.args[0], ops.broadcast_to)
    return call(ops.broadcast_to, before.args, {"shape": y.shape}, y) if before is not None and shape_of(before.args[0]) == () else None


def spread_once(step: Step) -> Any:
    """Broadcasting what was broadcast."""
    (y,), before = step.results, maker(step.args[0], ops.broadcast_to)
    return call(ops.broadcast_to, before.args, {"shape": y.shape}, y) if before is not None else None


def spread_later(step: Step) -> Any:
    """Arithmetic on what was broadcast: the op broadcasts by itself, or computes a few values that are broadcast after it.

    These ops round as IEEE says, one value as many; complex products do as they like.
    """
    (y,) = step.results
    args = tuple([narrow(a) for a in step.args])
    if all(a is b for a, b in zip(args, step.args, strict=True)) or any(v.dtype.kind == "c" for v in (y, *values_of(step))):
        return None
    shape = np.broadcast_shapes(*map(shape_of, args))
    value = call(step.op, args, step.options, y, shape)
    return value if shape == y.shape else call(ops.broadcast_to, (value,), {"shape": y.shape}, y)


def narrow(a: Any) -> Any:
    """What was broadcast to this argument, which must be of its dtype in any company."""
    if not isinstance(a, Value) or not a.shape:
        return a
    before = maker(a, ops.broadcast_to)
    source = single(a) if before is None else before.args[0]
    if isinstance(source, Value):
        return a if source.weak else source
    return a if source is None else Value((), a.dtype, content=a.dtype.type(source))


def shape_of(a: Any) -> tuple[int, ...]:
    """The shape of an argument, which may be a number."""
    return a.shape if isinstance(a, Value) else ()


EXACT = (
    ops.absolute, ops.add, ops.equal, ops.greater, ops.greater_equal, ops.isfinite, ops.isinf, ops.isnan, ops.less, ops.less_equal,
    ops.not_equal,
)  # fmt: skip
"""Ops that give the same bits for one value as for many."""

RULES: dict[Any, tuple[Callable[[Step], Any], ...]] = {
    ops.copy: (unchanged,),
    ops.astype: (unchanged,),
    ops.real: (unchanged,),
    ops.conjugate: (conjugated,),
    ops.broadcast_to: (unchanged, spread_once),
    **dict.fromkeys((*RESHAPING, ops.getitem), (reshaped, spread)),
    add_at: (reshaped,),
    **dict.fromkeys(PERMUTING, (moved, spread)),
    **dict.fromkeys(EXACT, (spread_later,)),
    **dict.fromkeys(NEUTRAL, (neutral, spread_later)),
    **dict.fromkeys(DECIDING, (decided, spread_later)),
    ops.power: (neutral, to_the_zeroth),
    ops.negative: (undone, negated, spread_later),
    ops.logical_not: (undone, spread_later),
    ops.where: (chosen, spread_later),
}
"""What is tried, in turn."""
