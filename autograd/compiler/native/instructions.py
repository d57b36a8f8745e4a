"""What each instruction on single numbers is in LLVM IR, with NumPy's conventions: for NaN, for division of integers, for signs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .elementary import ELEMENTARY, NEAR, is_elementary
from .nest import Instruction, Literal
from .registers import Register, bits, call, constant, convert, select

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .nest import Gather, Load

__all__ = ["TYPES", "cast", "computed", "greater", "lesser"]

TYPES = {
    **{np.dtype(f"{sign}{width // 8}"): f"i{width}" for sign in "iu" for width in (8, 16, 32, 64)},
    np.dtype(bool): "i1", np.dtype(np.float16): "half", np.dtype(np.float32): "float", np.dtype(np.float64): "double",
}  # fmt: skip
"""LLVM's type for each dtype that is lowered; a boolean in memory is a byte."""

LIBM = {"power": "pow", "sin": "sin", "cos": "cos", "tan": "tan", "hypot": "hypot"}
"""What C's library computes, number by number."""
INTRINSICS = frozenset({"sqrt", "floor", "ceil", "rint", "trunc", "copysign"})
"""LLVM's, of NumPy's name."""
ARITHMETIC = {"add": "add", "subtract": "sub", "multiply": "mul"}
COMPARISONS = {  # of floats, signed integers, unsigned ones and booleans
    "equal": ("oeq", "eq", "eq"), "not_equal": ("une", "ne", "ne"), "less": ("olt", "slt", "ult"), "less_equal": ("ole", "sle", "ule"),
    "greater": ("ogt", "sgt", "ugt"), "greater_equal": ("oge", "sge", "uge"),
}  # fmt: skip
BOOLEAN = {
    "logical_and": "and", "multiply": "and", "minimum": "and", "fmin": "and",
    "logical_or": "or", "add": "or", "maximum": "or", "fmax": "or", "logical_xor": "xor",
}  # fmt: skip


def cast(x: Register, old: np.dtype[Any], new: np.dtype[Any]) -> Register:
    """A number in another dtype, as `astype` converts it."""
    if old == np.float64 and new == np.float16:
        raise NotImplementedError("float64 to float16: no machine rounds that in one step")
    return convert(x, TYPES[new], signed=(new if old.kind == "f" else old).kind == "i")


def greater(a: Register, b: Register, dtype: np.dtype[Any]) -> Register:
    """The greater of two numbers; NaN if either is."""
    return _extreme(a, b, dtype, "maximum", "max", "or")


def lesser(a: Register, b: Register, dtype: np.dtype[Any]) -> Register:
    """The lesser of two numbers; NaN if either is."""
    return _extreme(a, b, dtype, "minimum", "min", "and")


def _extreme(a: Register, b: Register, dtype: np.dtype[Any], of_floats: str, of_integers: str, of_booleans: str) -> Register:
    if dtype.kind == "b":
        return a.binary(of_booleans, b)
    return call(of_floats, a, b, flags="nsz ") if dtype.kind == "f" else call(("s" if dtype.kind == "i" else "u") + of_integers, a, b)


def computed(
    item: Instruction, args: Sequence[Register], body: Sequence[Load | Gather | Literal | Instruction], *, far: bool = False
) -> Register:
    """The result of an instruction (but `position`) whose arguments are in registers; NotImplementedError if it has no lowering.

    `far`: arguments may be beyond those for which there is a fast way (`NEAR`).
    """
    name, dtype = item.name, item.dtype
    sources = [body[k].dtype for k in item.args]
    if name == "cast":
        return cast(args[0], sources[0], dtype)
    if name == "select":
        return select(args[0], args[1], args[2])
    if name.startswith("logical"):
        truths = [cast(a, source, np.dtype(bool)) for a, source in zip(args, sources, strict=True)]
        return truths[0] ^ 1 if name == "logical_not" else truths[0].binary(BOOLEAN[name], truths[1])
    if name in COMPARISONS:
        return args[0].compare(COMPARISONS[name]["fiu".find(sources[0].kind)], args[1])
    if name in ("isnan", "isinf", "isfinite", "signbit"):
        return _asked(name, args[0], sources[0])
    if dtype.kind == "b":
        if name in BOOLEAN:
            return args[0].binary(BOOLEAN[name], args[1])
        raise NotImplementedError(f"{name} of booleans")
    if name in ARITHMETIC:
        return args[0].arithmetic(ARITHMETIC[name], args[1])
    if name in ("maximum", "minimum"):
        return (greater if name == "maximum" else lesser)(args[0], args[1], dtype)
    if name == "negative":
        return -args[0]
    if name == "square":
        return args[0] * args[0]
    if name == "power" and isinstance(literal := body[item.args[1]], Literal) and literal.value in (0, 1, 2, 3, 4):
        return _power(args[0], int(literal.value))
    return _of_float(name, args, far=far) if dtype.kind == "f" else _of_integer(name, args, dtype)


def _asked(name: str, x: Register, dtype: np.dtype[Any]) -> Register:
    if dtype.kind != "f":
        return x.compare("slt", 0) if name == "signbit" and dtype.kind == "i" else constant(x.code, "i1", name == "isfinite")
    if name == "signbit":
        return bits(x) < 0
    if name == "isnan":
        return x.is_nan()
    return abs(x).compare("oeq" if name == "isinf" else "olt", float("inf"))


def _power(x: Register, n: int) -> Register:
    """xⁿ by products: as near to the truth as a power that is rounded once, save for the last bit."""
    if n < 2:
        return x if n else x.constant(1)
    square = x * x
    return square if n == 2 else square * (x if n == 3 else square)


def _of_float(name: str, args: Sequence[Register], *, far: bool) -> Register:
    x, *others = args
    if x.type == "half" and (name in ELEMENTARY or name in LIBM or name == "fmod"):
        return convert(_of_float(name, [convert(a, "float") for a in args], far=far), "half")
    if is_elementary(name, x.type) and not (far and name in NEAR):
        return call(f"@{name}.{x.type}", *args)
    if name in LIBM:
        return call(f"@{LIBM[name]}{'f' if x.type == 'float' else ''}", *args)
    if name in INTRINSICS:
        return call(name, *args)
    if name == "divide":
        return x / others[0]
    if name == "reciprocal":
        return 1.0 / x
    if name == "absolute":
        return abs(x)
    if name == "fmod":
        return x.binary("frem", others[0])
    if name in ("fmax", "fmin"):
        return call(f"{name[1:]}num", *args)
    if name == "sign":
        return select(x > 0.0, 1.0, select(x < 0.0, x.constant(-1.0), select(x.equals(0.0), 0.0, x)))
    if name in ("floor_divide", "remainder"):
        return _divided(name, x, others[0])
    raise NotImplementedError(f"{name} of floats")


def _divided(name: str, a: Register, b: Register) -> Register:
    """a // b or a % b of floats, where a = (a // b) b + a % b, and a % b has the sign of b."""
    rest = a.binary("frem", b)
    other_side = (rest < 0.0) ^ (b < 0.0)
    if name == "remainder":
        moved = select(other_side, rest + b, rest)
        return select(rest.equals(0.0), select(b.equals(0.0), rest, call("copysign", a.constant(0.0), b)), moved)
    quotient = (a - rest) / b
    quotient = select(rest.equals(0.0), quotient, select(other_side, quotient - 1.0, quotient))
    floor = call("floor", quotient)
    floor = select(quotient - floor > 0.5, floor + 1.0, floor)
    floor = select(quotient.equals(0.0), call("copysign", a.constant(0.0), a / b), floor)
    return select(b.equals(0.0), a / b, floor)


def _of_integer(name: str, args: Sequence[Register], dtype: np.dtype[Any]) -> Register:
    x, *others = args
    signed = dtype.kind == "i"
    if name in ("floor", "ceil", "rint", "trunc"):
        return x
    if name == "absolute":
        return call("abs", x, Register(x.code, "false", "i1")) if signed else x
    if name == "sign":
        positive = select(x.compare("ne", 0), x.constant(1), 0)
        return select(x < 0, -1, positive) if signed else positive
    if name in ("fmax", "fmin"):
        return (greater if name == "fmax" else lesser)(x, others[0], dtype)
    if name in ("floor_divide", "remainder", "fmod"):
        return _integer_divided(name, x, others[0], signed=signed)
    raise NotImplementedError(f"{name} of integers")


def _integer_divided(name: str, a: Register, b: Register, *, signed: bool) -> Register:
    """a // b, a % b or C's remainder, 0 where b is 0; the least number // −1 is itself."""
    zero = b.equals(0)
    trap = zero
    if signed:
        least = -(2 ** (int(a.type[1:]) - 1))
        trap = zero | (a.equals(least) & b.equals(-1))
    divisor = select(trap, 1, b)
    kind = "s" if signed else "u"
    rest = a.binary(f"{kind}rem", divisor)
    below = ((rest ^ divisor) < 0) & rest.compare("ne", 0) if signed and name != "fmod" else constant(a.code, "i1", False)
    if name == "floor_divide":
        quotient = a.binary(f"{kind}div", divisor)
        return select(zero, 0, select(below, quotient - 1, quotient))
    return select(zero, 0, select(below, rest + divisor, rest))
