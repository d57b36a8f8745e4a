"""What NumPy's universal functions are on single numbers: instructions, in the dtypes that NumPy itself computes in."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from .expression import Node, Number, broadcasted, mapped
from .instructions import COMPARISONS, TYPES, is_instruction

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["NATIVE", "Unreadable", "call", "cast", "number", "select"]


class Unreadable(TypeError):  # noqa: N818  # no error: the step is left to NumPy
    """What has no lowering."""


NATIVE = frozenset(TYPES)
"""The dtypes that machine code computes with."""
BOOL = np.dtype(bool)
SAME = {"f": {"positive", "conjugate"}}
SAME["i"] = SAME["f"] | {"floor", "ceil", "trunc", "rint"}
SAME["u"] = SAME["b"] = SAME["i"] | {"absolute"}
"""What leaves numbers of a kind as they are."""
KIND_TESTS = {"isnan": False, "isinf": False, "isfinite": True}
"""Tests of floating-point numbers, and their answer for any other."""


def number(value: Any, dtype: Any = None) -> Number:
    """A known number; a Python number is weak.

    >>> number(2.0).weak, number(2.0, "f4").dtype
    (True, dtype('float32'))
    """
    if dtype is None and type(value) in (int, float):
        return Number((), np.dtype(type(value)), (), True, value)
    scalar = np.asarray(value)[()] if dtype is None else np.asarray(value).astype(dtype)[()]
    return Number((), scalar.dtype, value=scalar)


def cast(a: Node, dtype: np.dtype[Any]) -> Node:
    """A node in another dtype, as NumPy converts it."""
    if dtype not in NATIVE:
        raise Unreadable(f"machine code has no {dtype}")
    if a.dtype == dtype and not a.weak:
        return a
    if isinstance(a, Number):
        return _converted(a, dtype)
    if dtype == BOOL:
        return mapped("not_equal", BOOL, a, _converted(number(0), a.dtype))
    if a.dtype.kind == "f" and dtype.kind in "iu" and dtype != np.int64:
        raise Unreadable(f"what NumPy makes of a {a.dtype} too large for {dtype}")
    if a.weak and a.dtype.kind == "i" and dtype.kind in "iu" and dtype != np.int64:
        raise Unreadable(f"a Python number, which NumPy refuses where it does not fit into {dtype}")
    return a if a.dtype == dtype else mapped("cast", dtype, a)


def _converted(a: Number, dtype: np.dtype[Any]) -> Number:
    """A known number in another dtype."""
    if type(a.value) is int and dtype.kind in "iu" and not _fits(a.value, dtype):
        raise Unreadable(f"{a.value} does not fit into {dtype}")
    with np.errstate(all="ignore"):
        return Number(a.shape, dtype, value=np.asarray(a.value).astype(dtype)[()])


def _fits(value: int, dtype: np.dtype[Any]) -> bool:
    return bool(np.iinfo(dtype).min <= value <= np.iinfo(dtype).max)


def select(condition: Node, a: Node, b: Node) -> Node:
    """np.where."""
    dtype = np.result_type(*[_promoted(x) for x in (a, b)])
    return mapped("select", dtype, cast(condition, BOOL), cast(a, dtype), cast(b, dtype))


def _promoted(a: Node) -> Any:
    """What stands for a node when NumPy promotes dtypes."""
    return a.dtype.type(0).item() if a.weak else a.dtype


def call(ufunc: np.ufunc, *args: Node, dtype: Any = None) -> Node:
    """A universal function of nodes, in the dtypes that NumPy would choose.

    >>> call(np.add, number(1, "f4"), number(2.0)).value
    np.float32(3.0)
    """
    if ufunc.nout != 1:
        raise Unreadable(f"{ufunc.__name__} has several results")
    signature: Any = {} if dtype is None else {"signature": (*(None,) * ufunc.nin, np.dtype(dtype))}
    kinds = [type(_promoted(a)) if a.weak else a.dtype for a in args]
    try:
        *inputs, output = ufunc.resolve_dtypes((*kinds, None), **signature)
    except TypeError as error:
        raise Unreadable(str(error)) from None
    shape = np.broadcast_shapes(*[a.shape for a in args])
    if all(isinstance(a, Number) for a in args):
        with np.errstate(all="ignore"):
            y = ufunc(*[a.value for a in args if isinstance(a, Number)], dtype=dtype)
        return Number(shape, output, value=y)
    name = ufunc.__name__
    if name in COMPARISONS and (answer := _beyond(ufunc, args)) is not None:
        return Number(shape, BOOL, value=answer)
    if name == "power":
        return _power(args[0], args[1], inputs, output)
    if name in ("logical_and", "logical_or", "logical_xor", "logical_not"):
        inputs = [BOOL] * ufunc.nin
    return _instruction(name, output, [cast(a, t) for a, t in zip(args, inputs, strict=True)])


def _beyond(ufunc: np.ufunc, args: tuple[Node, ...]) -> Any:
    """The one answer of a comparison with a Python number that is beyond all numbers of a dtype, if it is."""
    for k, a in enumerate(args):
        other = args[1 - k].dtype
        if isinstance(a, Number) and type(a.value) is int and other.kind in "iu" and not _fits(a.value, other):
            return ufunc(a.value, other.type(0)) if k == 0 else ufunc(other.type(0), a.value)
    return None


def _instruction(name: str, dtype: np.dtype[Any], args: list[Node]) -> Node:
    """A function whose arguments have the dtypes of its loop: an instruction, if it is no formula of others."""
    source = args[0].dtype
    if name in SAME[source.kind]:
        return args[0]
    if name in KIND_TESTS and source.kind != "f":
        return Number(args[0].shape, BOOL, value=np.bool(KIND_TESTS[name]))
    if name in FORMULAS:
        return FORMULAS[name](*args)
    name = "absolute" if name == "fabs" else name
    if not is_instruction(name, source):
        raise Unreadable(f"{name} of {source}")
    return mapped(name, dtype, *args)


def _power(a: Node, b: Node, inputs: list[np.dtype[Any]], dtype: np.dtype[Any]) -> Node:
    """aᵇ; as products for a known, small, whole b, as near to the truth as a power that is rounded once, save for the last bit."""
    known = b.value if isinstance(b, Number) else None
    if known in (0, 1, 2, 3, 4):
        a = broadcasted(cast(a, dtype), np.broadcast_shapes(a.shape, b.shape))
        if known < 2:
            return a if known else Number(a.shape, dtype, value=dtype.type(1))
        square = mapped("square", dtype, a)
        return mapped("multiply", dtype, square, a) if known == 3 else mapped("square", dtype, square) if known == 4 else square
    if dtype.kind != "f":
        raise Unreadable("whole numbers to a power that is not known")
    if known == -1:
        return mapped("reciprocal", dtype, broadcasted(cast(a, dtype), np.broadcast_shapes(a.shape, b.shape)))
    return mapped("power", dtype, cast(a, inputs[0]), cast(b, inputs[1]))


def _logaddexp(a: Node, b: Node) -> Node:
    """As NumPy has it: equal numbers apart, for those may be infinite."""
    size = call(np.negative, call(np.absolute, call(np.subtract, a, b)))
    y = call(np.add, call(np.maximum, a, b), call(np.log1p, call(np.exp, size)))
    return select(call(np.equal, a, b), call(np.add, a, number(math.log(2))), y)


def _logaddexp2(a: Node, b: Node) -> Node:
    size = call(np.negative, call(np.absolute, call(np.subtract, a, b)))
    rest = call(np.multiply, call(np.log1p, call(np.exp2, size)), number(1 / math.log(2)))
    return select(call(np.equal, a, b), call(np.add, a, number(1.0)), call(np.add, call(np.maximum, a, b), rest))


def _heaviside(a: Node, b: Node) -> Node:
    """A NaN stays one."""
    one_or_nan = select(call(np.isnan, a), a, number(1.0))
    return select(call(np.equal, a, number(0)), b, select(call(np.less, a, number(0)), number(0.0), one_or_nan))


FORMULAS: dict[str, Callable[..., Node]] = {
    "logaddexp": _logaddexp, "logaddexp2": _logaddexp2, "heaviside": _heaviside,
    "deg2rad": lambda a: call(np.multiply, a, number(math.pi / 180)), "radians": lambda a: call(np.multiply, a, number(math.pi / 180)),
    "rad2deg": lambda a: call(np.multiply, a, number(180 / math.pi)), "degrees": lambda a: call(np.multiply, a, number(180 / math.pi)),
}  # fmt: skip
"""Functions that are made of others, as NumPy computes them."""
