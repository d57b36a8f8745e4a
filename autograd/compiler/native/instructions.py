"""What each instruction on single numbers is in LLVM IR, with NumPy's conventions: for NaN, for division of integers, for signs."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from .elementary import ELEMENTARY, NEAR, is_elementary
from .registers import Register, bits, call, convert, select

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .nest import Gather, Instruction, Literal, Load

__all__ = ["COMPARISONS", "TYPES", "cast", "computed", "is_instruction", "operation"]

TYPES = {
    **{np.dtype(f"{sign}{width // 8}"): f"i{width}" for sign in "iu" for width in (8, 16, 32, 64)},
    np.dtype(bool): "i1", np.dtype(np.float32): "float", np.dtype(np.float64): "double",
}  # fmt: skip
"""LLVM's type for each dtype that is lowered; a boolean in memory is a byte."""


# -- divisions and signs ------------------------------------------------------------------------------------------------------------------


def _remainder(a: Register, b: Register) -> Register:
    """a % b of floats, which has the sign of b."""
    rest = a.binary("frem", b)
    zero = select(b.equals(0.0), rest, call("copysign", a.constant(0.0), b))
    return select(rest.equals(0.0), zero, select((rest < 0.0) ^ (b < 0.0), rest + b, rest))


def _floor_divide(a: Register, b: Register) -> Register:
    """a // b of floats, where a = (a // b) b + a % b."""
    rest = a.binary("frem", b)
    quotient = (a - rest) / b
    other_side = (rest < 0.0) ^ (b < 0.0)
    quotient = select(rest.equals(0.0), quotient, select(other_side, quotient - 1.0, quotient))
    floor = call("floor", quotient)
    floor = select(quotient - floor > 0.5, floor + 1.0, floor)
    floor = select(quotient.equals(0.0), call("copysign", a.constant(0.0), a / b), floor)
    return select(b.equals(0.0), a / b, floor)


def _sign(x: Register) -> Register:
    """The sign of a float; of NaN, NaN."""
    return select(x > 0.0, 1.0, select(x < 0.0, x.constant(-1.0), select(x.equals(0.0), 0.0, x)))


def _signed_division(name: str, a: Register, b: Register) -> Register:
    """a // b, a % b or C's remainder of signed integers, 0 where b is 0; the least number // −1 is itself."""
    zero = b.equals(0)
    least = -(2 ** (int(a.type[1:]) - 1))
    divisor = select(zero | (a.equals(least) & b.equals(-1)), 1, b)
    rest = a.binary("srem", divisor)
    below = ((rest ^ divisor) < 0) & rest.compare("ne", 0)
    if name == "floor_divide":
        quotient = a.binary("sdiv", divisor)
        return select(zero, 0, select(below, quotient - 1, quotient))
    return select(zero, 0, rest if name == "fmod" else select(below, rest + divisor, rest))


def _unsigned_division(name: str, a: Register, b: Register) -> Register:
    """`udiv` or `urem`, 0 where b is 0."""
    zero = b.equals(0)
    return select(zero, 0, a.binary(name, select(zero, 1, b)))


# -- the instructions ---------------------------------------------------------------------------------------------------------------------

ARITHMETIC: dict[str, Callable[..., Register]] = {
    "add": lambda a, b: a + b,
    "subtract": lambda a, b: a - b,
    "multiply": lambda a, b: a * b,
    "negative": lambda x: -x,
    "square": lambda x: x * x,
}
FLOATING: dict[str, Callable[..., Register]] = ARITHMETIC | {
    "divide": lambda a, b: a / b,
    "reciprocal": lambda x: 1.0 / x,
    "floor_divide": _floor_divide,
    "remainder": _remainder,
    "fmod": lambda a, b: a.binary("frem", b),
    "absolute": abs,
    "sign": _sign,
    "maximum": partial(call, "maximum", flags="nsz "),
    "minimum": partial(call, "minimum", flags="nsz "),
    "fmax": partial(call, "maxnum"),
    "fmin": partial(call, "minnum"),
    "signbit": lambda x: bits(x) < 0,
    "isnan": lambda x: x.is_nan(),
    "isinf": lambda x: abs(x).equals(float("inf")),
    "isfinite": lambda x: abs(x) < float("inf"),
    **{name: partial(call, name) for name in ("sqrt", "floor", "ceil", "rint", "trunc", "copysign")},
}
SIGNED: dict[str, Callable[..., Register]] = ARITHMETIC | {
    "absolute": lambda x: call("abs", x, Register(x.code, "false", "i1")),
    "sign": lambda x: select(x < 0, -1, select(x.compare("ne", 0), x.constant(1), 0)),
    **dict.fromkeys(("maximum", "fmax"), partial(call, "smax")),
    **dict.fromkeys(("minimum", "fmin"), partial(call, "smin")),
    **{name: partial(_signed_division, name) for name in ("floor_divide", "remainder", "fmod")},
}
UNSIGNED: dict[str, Callable[..., Register]] = ARITHMETIC | {
    "sign": lambda x: select(x.compare("ne", 0), x.constant(1), 0),
    **dict.fromkeys(("maximum", "fmax"), partial(call, "umax")),
    **dict.fromkeys(("minimum", "fmin"), partial(call, "umin")),
    "floor_divide": partial(_unsigned_division, "udiv"),
    **dict.fromkeys(("remainder", "fmod"), partial(_unsigned_division, "urem")),
}
BOOLEAN: dict[str, Callable[..., Register]] = {
    **dict.fromkeys(("logical_and", "bitwise_and", "multiply", "minimum", "fmin"), lambda a, b: a & b),
    **dict.fromkeys(("logical_or", "bitwise_or", "add", "maximum", "fmax"), lambda a, b: a | b),
    **dict.fromkeys(("logical_xor", "bitwise_xor"), lambda a, b: a ^ b),
    **dict.fromkeys(("logical_not", "invert"), lambda x: x ^ 1),
}
COMPARISONS = {  # of floats, signed integers, unsigned ones and booleans
    "equal": ("oeq", "eq", "eq"), "not_equal": ("une", "ne", "ne"), "less": ("olt", "slt", "ult"), "less_equal": ("ole", "sle", "ule"),
    "greater": ("ogt", "sgt", "ugt"), "greater_equal": ("oge", "sge", "uge"),
}  # fmt: skip
LIBM = {"power": "pow", "sin": "sin", "cos": "cos", "tan": "tan", "hypot": "hypot"}
"""What C's library computes, number by number."""
OPERATIONS = {"f": FLOATING, "i": SIGNED, "u": UNSIGNED, "b": BOOLEAN}
"""By the kind of the numbers."""


def operation(name: str, dtype: np.dtype[Any]) -> Callable[..., Register]:
    """What makes of registers that hold numbers of a dtype the result of an instruction; NotImplementedError if there is none."""
    if name in COMPARISONS:
        predicate = COMPARISONS[name]["fiu".find(dtype.kind)]
        return lambda a, b: a.compare(predicate, b)
    if name not in OPERATIONS[dtype.kind]:
        raise NotImplementedError(f"{name} of {dtype}")
    return OPERATIONS[dtype.kind][name]


def is_instruction(name: str, dtype: np.dtype[Any]) -> bool:
    """Whether there is such an instruction on numbers of a dtype.

    >>> is_instruction("exp", np.dtype(float)), is_instruction("exp", np.dtype(int))
    (True, False)
    """
    return name in COMPARISONS or name in OPERATIONS[dtype.kind] or (dtype.kind == "f" and (name in ELEMENTARY or name in LIBM))


def cast(x: Register, old: np.dtype[Any], new: np.dtype[Any]) -> Register:
    """A number in another dtype, as `astype` converts it."""
    return convert(x, TYPES[new], signed=(new if old.kind == "f" else old).kind == "i")


def computed(
    item: Instruction, args: Sequence[Register], body: Sequence[Load | Gather | Literal | Instruction], *, far: bool = False
) -> Register:
    """The result of an instruction (but `position`) whose arguments are in registers; NotImplementedError if it has no lowering.

    `far`: arguments may be beyond those for which there is a fast way (`NEAR`).
    """
    name, sources = item.name, [body[k].dtype for k in item.args]
    if name == "cast":
        return cast(args[0], sources[0], item.dtype)
    if name == "select":
        return select(args[0], args[1], args[2])
    if name.startswith("logical"):  # of any numbers
        return operation(name, item.dtype)(*[cast(a, source, item.dtype) for a, source in zip(args, sources, strict=True)])
    if sources[0].kind == "f" and (name in ELEMENTARY or name in LIBM):
        return _function(name, args, far=far)
    return operation(name, sources[0])(*args)


def _function(name: str, args: Sequence[Register], *, far: bool) -> Register:
    """A function of floats: ours if there is one, else that of C's library."""
    kind = args[0].type
    if is_elementary(name, kind) and not (far and name in NEAR):
        return call(f"@{name}.{kind}", *args)
    return call(f"@{LIBM[name]}{'f' if kind == 'float' else ''}", *args)
