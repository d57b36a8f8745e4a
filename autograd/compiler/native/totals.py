"""What reductions add up: one number in registers, or a row of numbers on the stack, in blocks so that a long sum keeps its digits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .instructions import TYPES, cast, operation
from .registers import FLOATS, convert, select

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .nest import Reduction
    from .registers import Lines, Register

__all__ = ["IDENTITIES", "Total", "cut"]

IDENTITIES = {"sum": 0, "prod": 1, "any": 0, "all": 1}
"""What a reduction of no numbers gives, for the kinds that have an answer."""


def cut(sizes: Sequence[int], limit: int) -> tuple[int, int]:
    """At which axis, and in tiles of which size, loops over more than `limit` places are cut; −1: there are not so many."""
    inside = 1
    for k in reversed(range(len(sizes))):
        if inside * sizes[k] > limit:
            return k, max(limit // inside, 1)
        inside *= sizes[k]
    return -1, 0


class Total:
    """What a reduction adds up: a number, or a row of `count` numbers, whose places are told by an index, which is None of a number.

    A sum of more than `block` terms (over axes of these `sizes`) is one of blocks, in double; of doubles, what each addition loses is
    added up too, and added in the end.
    """

    def __init__(self, code: Lines, reduction: Reduction, source: np.dtype[Any], sizes: Sequence[int], block: int, count: int = 1) -> None:
        self.reduction, self.kind, self.source = reduction, reduction.kind, source
        target = reduction.view.buffer.dtype
        if self.kind in ("sum", "prod"):
            self.dtype = np.result_type(source, target)
        else:
            self.dtype = np.dtype(bool) if self.kind in ("any", "all") else source
        self.type = TYPES[self.dtype]
        self.partial = code.slot(self.type, count)
        self.deep = self.kind == "sum" and self.type in FLOATS and cut(sizes, block)[0] >= 0
        self.precise = self.deep and self.type == "double"
        if self.deep:
            self.total = code.slot("double", count)
        if self.precise:
            self.lost = code.slot("double", count)

    def identity(self) -> Any:
        """What changes nothing."""
        if self.kind in IDENTITIES:
            return IDENTITIES[self.kind]
        if self.dtype.kind == "f":
            return float("-inf" if self.kind == "maximum" else "inf")
        if self.dtype.kind == "b":
            return self.kind == "minimum"
        return getattr(np.iinfo(self.dtype), "min" if self.kind == "maximum" else "max")

    def begin(self, i: Register | None) -> None:
        """Nothing yet."""
        self.partial[i] = self.identity()
        if self.deep:
            self.total[i] = 0.0
        if self.precise:
            self.lost[i] = 0.0

    def add(self, number: Register, i: Register | None) -> None:
        """One more."""
        self.partial[i] = self.combined(self.partial[i], cast(number, self.source, self.dtype))

    def combined(self, a: Register, b: Register) -> Register:
        """Of two, one."""
        if self.kind in ("maximum", "minimum"):
            return operation(self.kind, self.dtype)(a, b)
        if self.kind in ("any", "all"):
            return a | b if self.kind == "any" else a & b
        if self.kind == "prod":  # in its order, in which alone it overflows where NumPy's does
            return a * b
        return a.binary("fadd reassoc", b) if self.type in FLOATS else a + b

    def end_block(self, i: Register | None) -> None:
        """Put what the block gave to the total."""
        if not self.deep:
            return
        before, block = self.total[i], convert(self.partial[i], "double")
        after = before + block
        self.partial[i], self.total[i] = 0.0, after
        if self.precise:  # exactly what the addition lost (Knuth, The Art of Computer Programming, 4.2.2, theorem B)
            share = after - before
            self.lost[i] = self.lost[i] + ((before - (after - share)) + (block - share))

    def result(self, i: Register | None) -> Register:
        """The whole, of the type `self.dtype`."""
        if not self.deep:
            return self.partial[i]
        total = self.total[i]
        if self.precise:  # what infinity has lost is NaN
            total = select(abs(total) < float("inf"), total + self.lost[i], total)
        return convert(total, self.type)
