"""What reductions add up: one number in registers, or a row of numbers on the stack, in blocks so that a long sum keeps its digits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .instructions import TYPES, cast, greater, lesser
from .registers import FLOATS, Code, Register, constant, convert, select

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .nest import Reduction

__all__ = ["IDENTITIES", "Total", "cut"]

IDENTITIES = {"sum": 0, "prod": 1, "any": 0, "all": 1}
"""What the reductions that can do without numbers are then."""


def cut(sizes: Sequence[int], limit: int) -> tuple[int, int]:
    """At which axis, and in pieces of which size, loops over more than `limit` places are cut; −1: there are not so many."""
    inside = 1
    for k in reversed(range(len(sizes))):
        if inside * sizes[k] > limit:
            return k, max(limit // inside, 1)
        inside *= sizes[k]
    return -1, 0


class Total:
    """What a reduction adds up, in one number (`count` 1, index None) or in a row of them."""

    def __init__(self, code: Code, reduction: Reduction, dtype: np.dtype[Any], sizes: Sequence[int], block: int, count: int = 1) -> None:
        self.code, self.reduction, self.kind, self.source = code, reduction, reduction.kind, dtype
        target = reduction.view.buffer.dtype
        if self.kind in ("any", "all"):
            self.dtype = np.dtype(bool)
        elif self.kind in ("maximum", "minimum"):
            self.dtype = dtype
        else:
            self.dtype = np.result_type(dtype, target, *([np.float32] if target == np.float16 else []))
        self.type = TYPES[self.dtype]
        self.deep = self.kind == "sum" and self.type in FLOATS and cut(sizes, block)[0] >= 0
        self.precise = self.deep and self.type == "double"
        self.partial = code.slot("i8" if self.type == "i1" else self.type, count)
        self.total = code.slot("double", count) if self.deep else ""
        self.lost = code.slot("double", count) if self.precise else ""

    def place(self, slot: str, kind: str, index: Register | None) -> str:
        """The address of a number of the row."""
        return slot if index is None else self.code.address(kind, slot, index)

    def identity(self) -> Any:
        """What changes nothing."""
        if self.kind in IDENTITIES:
            return IDENTITIES[self.kind]
        if self.dtype.kind == "f":
            return float("-inf" if self.kind == "maximum" else "inf")
        if self.dtype.kind == "b":
            return self.kind == "minimum"
        return getattr(np.iinfo(self.dtype), "min" if self.kind == "maximum" else "max")

    def begin(self, index: Register | None) -> None:
        """Nothing yet."""
        self.code.store(constant(self.code, self.type, self.identity()), self.place(self.partial, self.type, index))
        if self.deep:
            self.code.store(constant(self.code, "double", 0.0), self.place(self.total, "double", index))
        if self.precise:
            self.code.store(constant(self.code, "double", 0.0), self.place(self.lost, "double", index))

    def add(self, number: Register, index: Register | None) -> None:
        """One more."""
        number = cast(number, self.source, self.dtype)
        at = self.place(self.partial, self.type, index)
        self.code.store(self.combined(self.code.load(self.type, at), number), at)

    def combined(self, a: Register, b: Register) -> Register:
        """Of two."""
        if self.kind in ("maximum", "minimum"):
            return (greater if self.kind == "maximum" else lesser)(a, b, self.dtype)
        if self.kind in ("any", "all"):
            return a | b if self.kind == "any" else a & b
        if self.kind == "prod":
            return a * b
        return a.binary("fadd reassoc" if self.type in FLOATS else "add", b)

    def end_block(self, index: Register | None) -> None:
        """Put what the block gave to the total."""
        if not self.deep:
            return
        at = self.place(self.partial, self.type, index)
        block = convert(self.code.load(self.type, at), "double")
        self.code.store(constant(self.code, self.type, 0.0), at)
        at = self.place(self.total, "double", index)
        before = self.code.load("double", at)
        after = before + block
        self.code.store(after, at)
        if self.precise:  # what the addition lost, exactly (Knuth)
            share = after - before
            lost = (before - (after - share)) + (block - share)
            at = self.place(self.lost, "double", index)
            self.code.store(self.code.load("double", at) + lost, at)

    def result(self, index: Register | None) -> Register:
        """The whole."""
        if not self.deep:
            return self.code.load(self.type, self.place(self.partial, self.type, index))
        total = self.code.load("double", self.place(self.total, "double", index))
        if self.precise:  # what infinity has lost is NaN
            better = total + self.code.load("double", self.place(self.lost, "double", index))
            total = select(abs(total) < float("inf"), better, total)
        return convert(total, self.type)
