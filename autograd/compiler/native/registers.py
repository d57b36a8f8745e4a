"""LLVM IR as text: the code of one function while it is being written, and its registers, which compute as Python's numbers do.

`x * y + 1` on registers writes two lines and is the register that will hold the result.
"""

from __future__ import annotations

import struct
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator


__all__ = [
    "FLOATS", "Lines", "Register", "bits", "call", "constant", "convert", "from_bits", "minimum", "multiply_add", "select",
]  # fmt: skip

FLOATS = {"float": "i32", "double": "i64"}
"""The types of floats, and the integers of their size."""


class Lines:
    """The code of a function while it is written: registers and labels are numbered as they come, `slots` is what lies on the stack."""

    def __init__(self) -> None:
        self.slots: list[str] = []
        self.lines: list[str] = []
        self.block = "entry"
        self.count = 0

    def fresh(self, stem: str) -> str:
        """A name that nothing else has."""
        self.count += 1
        return f"{stem}{self.count}"

    def line(self, text: str) -> None:
        """Write a line."""
        self.lines.append(f"  {text}")

    def let(self, kind: str, text: str, stem: str = "v") -> Register:
        """Write a line that computes a register of the type `kind`."""
        register = Register(self, f"%{self.fresh(stem)}", kind)
        self.line(f"{register.name} = {text}")
        return register

    def label(self, name: str) -> None:
        """Begin a block."""
        self.lines.append(f"{name}:")
        self.block = name

    def slot(self, kind: str, count: int = 1) -> Slot:
        """Room on the stack, for one or several numbers."""
        name = f"%{self.fresh('slot')}"
        self.slots.append(f"  {name} = alloca [{count} x {memory_type(kind)}], align 64")
        return Slot(self, kind, name)

    def load(self, kind: str, address: str) -> Register:
        """The number at an address; a boolean is a byte there."""
        if kind == "i1":
            return self.load("i8", address).compare("ne", 0)
        return self.let(kind, f"load {kind}, ptr {address}")

    def store(self, register: Register, address: str) -> None:
        """Write a number to an address; a boolean as a byte."""
        if register.type == "i1":
            register = self.let("i8", f"zext i1 {register.name} to i8")
        self.line(f"store {register.type} {register.name}, ptr {address}")

    def address(self, kind: str, pointer: str, place: Register) -> str:
        """The address of the number at `place` in memory for numbers of a type."""
        return self.let("ptr", f"getelementptr inbounds {memory_type(kind)}, ptr {pointer}, i64 {place.name}", "at").name

    @contextmanager
    def loop(self, start: Register, end: Register, step: int = 1) -> Iterator[Register]:
        """A loop over start, start + step, … below `end`, which is entered at least once: `with code.loop(a, b) as i:`."""
        name = self.fresh("loop")
        before = self.block
        self.line(f"br label %{name}")
        self.label(name)
        i = Register(self, f"%{name}.i", "i64")
        self.line(f"{i.name} = phi i64 [ {start.name}, %{before} ], [ {i.name}.next, %{name}.next ]")
        yield i
        self.line(f"br label %{name}.next")
        self.label(f"{name}.next")
        self.line(f"{i.name}.next = add nuw nsw i64 {i.name}, {step}")
        more = self.let("i1", f"icmp ult i64 {i.name}.next, {end.name}")
        self.line(f"br i1 {more.name}, label %{name}, label %{name}.end")
        self.label(f"{name}.end")

    def text(self) -> str:
        """The body of the function."""
        return "\n".join(["entry:", *self.slots, *self.lines])


class Slot:
    """Room on the stack: `slot[i]` is the number at the place that a register holds, `slot[None]` the only one there is."""

    def __init__(self, code: Lines, kind: str, name: str) -> None:
        self.code, self.type, self.name = code, kind, name

    def address(self, i: Register | None) -> str:
        """Where a number lies."""
        return self.name if i is None else self.code.address(self.type, self.name, i)

    def __getitem__(self, i: Register | None) -> Register:
        return self.code.load(self.type, self.address(i))

    def __setitem__(self, i: Register | None, value: Any) -> None:
        self.code.store(value if isinstance(value, Register) else constant(self.code, self.type, value), self.address(i))


class Register:
    """A number that the code will hold under a name, or a constant; `type` is LLVM's: i1, i8 … i64, float, double."""

    __slots__ = ("code", "name", "type")

    def __init__(self, code: Lines, name: str, kind: str) -> None:
        self.code, self.name, self.type = code, name, kind

    def constant(self, value: Any) -> Register:
        """A number as a constant of this register's type; a register stays what it is."""
        return value if isinstance(value, Register) else constant(self.code, self.type, value)

    def binary(self, operation: str, other: Any) -> Register:
        """The result of one of LLVM's instructions of two numbers; `f` stands before its name for floats."""
        return self.code.let(self.type, f"{operation} {self.type} {self.name}, {self.constant(other).name}")

    def arithmetic(self, operation: str, other: Any) -> Register:
        """`add`, `sub` or `mul`, of floats or integers."""
        return self.binary("f" + operation if self.type in FLOATS else operation, other)

    def __add__(self, other: Any) -> Register:
        return self.arithmetic("add", other)

    def __sub__(self, other: Any) -> Register:
        return self.arithmetic("sub", other)

    def __rsub__(self, other: Any) -> Register:
        return self.constant(other) - self

    def __mul__(self, other: Any) -> Register:
        return self.arithmetic("mul", other)

    __radd__, __rmul__ = __add__, __mul__

    def __truediv__(self, other: Any) -> Register:
        return self.binary("fdiv", other)

    def __rtruediv__(self, other: Any) -> Register:
        return self.constant(other) / self

    def __neg__(self) -> Register:
        return self.code.let(self.type, f"fneg {self.type} {self.name}") if self.type in FLOATS else 0 - self

    def __abs__(self) -> Register:
        return call("fabs", self)

    def __and__(self, other: Any) -> Register:
        return self.binary("and", other)

    def __or__(self, other: Any) -> Register:
        return self.binary("or", other)

    def __xor__(self, other: Any) -> Register:
        return self.binary("xor", other)

    def __lshift__(self, other: Any) -> Register:
        return self.binary("shl", other)

    def __rshift__(self, other: Any) -> Register:
        return self.binary("ashr", other)

    def compare(self, predicate: str, other: Any) -> Register:
        """A boolean: by LLVM's predicates (`olt`: less, and neither is NaN; `slt`: less, as signed integers)."""
        operation = "fcmp" if self.type in FLOATS else "icmp"
        return self.code.let("i1", f"{operation} {predicate} {self.type} {self.name}, {self.constant(other).name}")

    def __lt__(self, other: Any) -> Register:
        return self.compare("olt" if self.type in FLOATS else "slt", other)

    def __gt__(self, other: Any) -> Register:
        return self.compare("ogt" if self.type in FLOATS else "sgt", other)

    def equals(self, other: Any) -> Register:
        """Whether two numbers are equal: of NaN, no."""
        return self.compare("oeq" if self.type in FLOATS else "eq", other)

    def is_nan(self) -> Register:
        """Whether a float is NaN."""
        return self.compare("uno", self)


def memory_type(kind: str) -> str:
    """The type of a number in memory."""
    return "i8" if kind == "i1" else kind


def constant(code: Lines, kind: str, value: Any) -> Register:
    """A constant of a type: LLVM writes floats by their bits.

    >>> constant(Lines(), "float", 0.1).name, constant(Lines(), "i8", 255).name
    ('0x3FB99999A0000000', '-1')
    """
    if kind in FLOATS:
        with np.errstate(over="ignore"):
            wide = float(np.float32(value)) if kind == "float" else float(value)
        return Register(code, f"0x{struct.pack('>d', wide).hex().upper()}", kind)
    width = int(kind[1:])
    value = int(value) % 2**width
    return Register(code, str(value - 2**width if width > 1 and value >= 2 ** (width - 1) else value), kind)


def call(name: str, *args: Register, flags: str = "") -> Register:
    """What one of LLVM's intrinsics (`sqrt`: llvm.sqrt.float), or a function called by a name with @, makes of registers."""
    kind = args[0].type
    symbol = name if name[0] == "@" else f"@llvm.{name}.{SHORT.get(kind, kind)}"
    return args[0].code.let(kind, f"call {flags}{kind} {symbol}({', '.join(f'{a.type} {a.name}' for a in args)})")


SHORT = {"float": "f32", "double": "f64"}
"""How the names of intrinsics say types."""


def select(condition: Register, a: Any, b: Any) -> Register:
    """`a` where the condition holds, else `b`; at least one is a register."""
    a, b = (b.constant(a), b) if isinstance(b, Register) else (a, a.constant(b))
    return condition.code.let(a.type, f"select i1 {condition.name}, {a.type} {a.name}, {b.type} {b.name}")


def multiply_add(a: Register, b: Any, c: Any) -> Register:
    """a·b + c, rounded once where the machine can."""
    return call("fmuladd", a, a.constant(b), a.constant(c))


def minimum(a: Register, limit: Any) -> Register:
    """The lesser of a float and a constant; NaN stays."""
    return select(a > limit, limit, a)


def bits(x: Register) -> Register:
    """The bits of a float, as an integer."""
    return x.code.let(FLOATS[x.type], f"bitcast {x.type} {x.name} to {FLOATS[x.type]}")


def from_bits(i: Register, kind: str) -> Register:
    """The float that has these bits."""
    return i.code.let(kind, f"bitcast {i.type} {i.name} to {kind}")


def convert(x: Register, kind: str, *, signed: bool = True) -> Register:
    """A number in another type, as C converts it (to i1: whether it is not zero); `signed` says how integers are meant."""
    if x.type == kind:
        return x
    if kind == "i1":
        return x.compare("une" if x.type in FLOATS else "ne", 0)
    if x.type in FLOATS and kind in FLOATS:
        operation = "fpext" if kind == "double" else "fptrunc"
    elif x.type in FLOATS:
        operation = "fptosi" if signed else "fptoui"
    elif kind in FLOATS:
        operation = "sitofp" if signed else "uitofp"
    elif int(kind[1:]) < int(x.type[1:]):
        operation = "trunc"
    else:
        operation = "sext" if signed else "zext"
    y = x.code.let(kind, f"{operation} {x.type} {x.name} to {kind}")
    return x.code.let(kind, f"freeze {kind} {y.name}") if operation.startswith("fpto") else y  # of NaN: any number, as in NumPy, but one
