"""The loops of a nest: which axes become one, which is innermost, where sums are kept; and what happens at one place."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from math import inf, prod
from typing import TYPE_CHECKING

import numpy as np

from .elementary import NEAR
from .instructions import TYPES, cast, computed
from .nest import Gather, Instruction, Literal, Load, Nest, Reduction, Store, View
from .registers import Lines, Register, constant, select
from .totals import IDENTITIES, Total, cut

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import Any

__all__ = ["Loops"]

LANES_BLOCK = 512
"""How many terms of a sum over the innermost axis make a block: at most 32 for each lane of the widest vectors."""
ROW_BLOCK = 32
"""How many rows make a block, where rows are added to a row."""
TILE = 512
"""How long such a row may be: it stays in the nearest cache."""
TRANSPOSED_TILE = 16
"""How many columns are read at a time, of an array whose columns are the rows of the result."""
ARG = ("argmax", "argmin")


@dataclass(frozen=True)
class Axis:
    """One loop, with the strides of all views; `number` is the axis of the domain that it is, if somebody asks for the position there."""

    size: int
    strides: tuple[int, ...]
    summed: bool = False
    number: int | None = None

    def joins(self, inner: Axis) -> bool:
        """Whether this loop and the next one inside can be one."""
        return self.number is inner.number is None and all(s == inner.size * t for s, t in zip(self.strides, inner.strides, strict=True))


Place = list[tuple[Axis, Register]]
"""One place of the domain: the position along each loop."""


class Loops:
    """Some of the reductions of a nest, all over the axes `summed`, and some of its stores, in one set of loops.

    `needed` are the items of the body that these ask for; `far` says whether their arguments may be beyond the fast ways of `NEAR`.
    """

    def __init__(
        self,
        code: Lines,
        nest: Nest,
        needed: Iterable[int],
        summed: frozenset[int] = frozenset(),
        reductions: Sequence[Reduction] = (),
        stores: Sequence[Store] = (),
        *,
        far: bool = True,
    ) -> None:
        self.code, self.nest, self.reductions, self.stores, self.far = code, nest, reductions, stores, far
        self.needed = _closure(nest.body, needed)
        read = [item.view for k in self.needed if isinstance(item := nest.body[k], (Load, Gather))]
        self.views = list(dict.fromkeys([*read, *(s.view for s in stores), *(r.view for r in reductions)]))
        positions = {item.axis for k in self.needed if isinstance(item := nest.body[k], Instruction) and item.name == "position"}
        asked = positions | (summed if any(r.kind in ARG for r in reductions) else set())
        self.axes = [
            Axis(size, tuple([v.strides[k] for v in self.views]), k in summed, k if k in asked else None)
            for k, size in enumerate(nest.domain)
            if size != 1
        ]

    def number(self, i: int) -> Register:
        """A constant."""
        return constant(self.code, "i64", i)

    # -- the order of loops -----------------------------------------------------------------------------------------------------------

    def ordered(self) -> list[Axis]:
        """The axes, outermost first, joined where they can be: kept ones, summed ones, and the one that is best innermost."""
        axes = _joined(self.axes)
        if not axes:
            return []
        inner = min(reversed(axes), key=self.cost)
        others = sorted((a for a in axes if a is not inner), key=lambda a: (a.summed, -sum(map(abs, a.strides))))
        return _joined([*others, inner])

    def cost(self, axis: Axis) -> float:
        """What a place costs, roughly, if this axis is the innermost one."""
        if not axis.summed and any(r.kind in ARG for r in self.reductions):
            return inf
        stored, reduced = {s.view for s in self.stores}, {r.view for r in self.reductions}
        total = 0.0
        for view, stride in zip(self.views, axis.strides, strict=True):
            if view in reduced:
                total += 2 if stride else 0.5  # a row on the stack, whatever the stride, or a register
            else:
                total += (2 if view in stored else 1) * {0: 0, 1: 1, -1: 2}.get(stride, 8)
        return total * (1 + 8 / max(axis.size, 1))

    # -- loops ------------------------------------------------------------------------------------------------------------------------

    def run(self) -> None:
        """All places: loads, instructions, stores, reductions."""
        if not prod(self.nest.domain):
            self.fill()
            return
        axes = self.ordered()
        summed, kept = ([a for a in axes if a.summed is wanted] for wanted in (True, False))
        if not self.reductions:
            self.store_all(axes)
        elif summed and not axes[-1].summed:
            self.sum_columns(kept, summed)
        else:
            self.sum_rows(kept, summed)

    def fill(self) -> None:
        """Reductions of nothing."""
        for r in self.reductions:
            column = self.views.index(r.view)
            kept = [a for a in self.axes if a.strides[column]]
            if all(a.size for a in kept):
                with self.over(kept) as place:
                    self.code.store(constant(self.code, TYPES[r.view.buffer.dtype], IDENTITIES[r.kind]), self.address(r.view, place))

    @contextmanager
    def over(self, axes: Sequence[Axis]) -> Iterator[Place]:
        """Loops over all places of some axes."""
        with ExitStack() as stack:
            yield [(a, stack.enter_context(self.code.loop(self.number(0), self.number(a.size)))) for a in axes]

    @contextmanager
    def tiles(self, size: int, length: int) -> Iterator[tuple[Register, Register]]:
        """A loop over tiles of an axis of `size` places: the start and the end of each, which is all of it if it is short."""
        if size <= length:
            yield self.number(0), self.number(size)
            return
        with self.code.loop(self.number(0), self.number(size), length) as start:
            end = start + length
            yield start, self.least(end, self.number(size)) if size % length else end

    def least(self, a: Register, b: Register) -> Register:
        """The lesser of two numbers that are not negative."""
        return self.code.let("i64", f"call i64 @llvm.umin.i64(i64 {a.name}, i64 {b.name})")

    def store_all(self, axes: Sequence[Axis]) -> None:
        """No reductions: a store at each place."""
        crossing = self.crossing(axes)
        if crossing is None:
            with self.over(axes) as place:
                self.at(place)
            return
        outer = [a for a in axes[:-1] if a is not crossing]
        with (
            self.tiles(axes[-1].size, TRANSPOSED_TILE) as (start, end),
            self.over([*outer, crossing]) as place,
            self.code.loop(start, end) as i,
        ):
            self.at([*place, (axes[-1], i)])

    def crossing(self, axes: Sequence[Axis]) -> Axis | None:
        """The axis along which something is contiguous that is read in long steps along the innermost one."""
        if axes and axes[-1].size > TRANSPOSED_TILE:
            for axis in axes[:-1]:
                if any(s == 1 and abs(t) > 1 for s, t in zip(axis.strides, axes[-1].strides, strict=True)):
                    return axis
        return None

    @contextmanager
    def blocks(self, summed: Sequence[Axis], limit: int) -> Iterator[Callable[[], Any]]:
        """Loops over blocks of at most `limit` places; what this gives is a context that loops over the places of a block."""
        depth, length = cut([a.size for a in summed], limit)
        if depth < 0:
            yield lambda: self.over(summed)
            return
        with self.over(summed[:depth]) as outer, self.tiles(summed[depth].size, length) as (start, end):

            @contextmanager
            def block() -> Iterator[Place]:
                with self.code.loop(start, end) as i, self.over(summed[depth + 1 :]) as inner:
                    yield [*outer, (summed[depth], i), *inner]

            yield block

    def sum_rows(self, kept: Sequence[Axis], summed: Sequence[Axis]) -> None:
        """The innermost axis is summed: in registers."""
        with self.over(kept) as outer:
            for r in self.reductions:
                if r.kind in ARG:
                    self.write(r.view, outer, self.first_extreme(r, outer, summed), np.dtype(np.int64))
            totals = [self.total(r, summed, LANES_BLOCK) for r in self.reductions if r.kind not in ARG]
            if totals:
                self.fold(totals, outer, summed)
                for total in totals:
                    self.write(total.reduction.view, outer, total.result(None), total.dtype)

    def total(self, reduction: Reduction, summed: Sequence[Axis], block: int, count: int = 1) -> Total:
        """What a reduction adds up."""
        return Total(self.code, reduction, self.nest.body[reduction.item].dtype, [a.size for a in summed], block, count)

    def fold(self, totals: Sequence[Total], outer: Place, summed: Sequence[Axis]) -> None:
        """Everything along the summed axes."""
        for total in totals:
            total.begin(None)
        with self.blocks(summed, LANES_BLOCK) as block:
            with block() as inner:
                numbers = self.at([*outer, *inner])
                for total in totals:
                    total.add(numbers[total.reduction.item], None)
            for total in totals:
                total.end_block(None)

    def sum_columns(self, kept: Sequence[Axis], summed: Sequence[Axis]) -> None:
        """The innermost axis is kept: rows are added to a row on the stack."""
        *others, column = kept
        totals = [self.total(r, summed, ROW_BLOCK, min(column.size, TILE)) for r in self.reductions]
        with self.over(others) as outer, self.tiles(column.size, TILE) as (start, end):
            count = end - start
            with self.code.loop(self.number(0), count) as k:
                for total in totals:
                    total.begin(k)
            with self.blocks(summed, ROW_BLOCK) as block:
                with block() as rows, self.code.loop(start, end) as j:
                    numbers = self.at([*outer, *rows, (column, j)])
                    k = j - start
                    for total in totals:
                        total.add(numbers[total.reduction.item], k)
                if any(total.deep for total in totals):
                    with self.code.loop(self.number(0), count) as k:
                        for total in totals:
                            total.end_block(k)
            with self.code.loop(self.number(0), count) as k:
                for total in totals:
                    self.write(total.reduction.view, [*outer, (column, start + k)], total.result(k), total.dtype)

    def first_extreme(self, reduction: Reduction, outer: Place, summed: Sequence[Axis]) -> Register:
        """The first place of the greatest (least) number: found first, then looked for; NaN counts as that."""
        kind = "maximum" if reduction.kind == "argmax" else "minimum"
        total = self.total(Reduction(kind, reduction.item, reduction.view), summed, LANES_BLOCK)
        self.fold([total], outer, summed)
        best = total.result(None)
        found = self.code.slot("i64")
        nowhere = prod(a.size for a in summed)
        found[None] = nowhere
        with self.over(summed) as inner:
            number = self.at([*outer, *inner])[reduction.item]
            here = number.equals(best) | number.is_nan() if total.dtype.kind == "f" else number.equals(best)
            place = inner[0][1] if inner else self.number(0)
            found[None] = self.least(found[None], select(here, place, nowhere))
        return found[None]

    def check(self, gather: Gather) -> None:
        """Leave the function with 1 if an index of a gather is out of range."""
        self.branch("failed", lambda numbers: self.index(gather, numbers).compare("uge", gather.size))

    def guard(self, item: Instruction) -> None:
        """Go on at the label `far` if an argument is too great for the fast way."""
        self.branch("far", lambda numbers: abs(numbers[item.args[0]]) > NEAR[item.name])

    def branch(self, label: str, condition: Callable[[dict[int, Register]], Register]) -> None:
        """Go on elsewhere if a condition holds at any place; only axes along which it can change are looked through."""
        axes = [Axis(a.size, a.strides, number=a.number) for a in self.axes if any(a.strides) or a.number is not None]
        if not all(a.size for a in axes):
            return
        met = self.code.slot("i1")
        met[None] = False
        with self.over(_joined(axes)) as place:
            met[None] = met[None] | condition(self.at(place))
        on = self.code.fresh("on")
        self.code.line(f"br i1 {met[None].name}, label %{label}, label %{on}")
        self.code.label(on)

    # -- one place --------------------------------------------------------------------------------------------------------------------

    def at(self, place: Place) -> dict[int, Register]:
        """The numbers of the body at a place; those that are to be stored have been."""
        numbers: dict[int, Register] = {}
        for k in self.needed:
            item = self.nest.body[k]
            kind = TYPES[item.dtype]
            if isinstance(item, Load):
                numbers[k] = self.code.load(kind, self.address(item.view, place))
            elif isinstance(item, Literal):
                numbers[k] = constant(self.code, kind, item.value)
            elif isinstance(item, Gather):
                step = self.index(item, numbers).binary("mul nsw", item.stride_of_index)
                numbers[k] = self.code.load(kind, self.address(item.view, place, step))
            elif item.name == "position":
                position = next((i for axis, i in place if axis.number == item.axis), self.number(0))
                numbers[k] = cast(position, np.dtype(np.int64), item.dtype)
            else:
                numbers[k] = computed(item, [numbers[i] for i in item.args], self.nest.body, far=self.far)
        for store in self.stores:
            self.write(store.view, place, numbers[store.item], self.nest.body[store.item].dtype)
        return numbers

    def index(self, gather: Gather, numbers: dict[int, Register]) -> Register:
        """The index of a gather, counted from the start, in 64 bits."""
        index = cast(numbers[gather.index], self.nest.body[gather.index].dtype, np.dtype(np.int64))
        return select(index < 0, index + gather.size, index)

    def address(self, view: View, place: Place, step: Register | None = None) -> str:
        """The address of the number of a place, and a step from there."""
        column = self.views.index(view)
        steps = [i if axis.strides[column] == 1 else i.binary("mul nsw", axis.strides[column]) for axis, i in place if axis.strides[column]]
        total = self.number(view.offset)
        for s in [*steps, *([step] if step else [])]:
            total = s if total.name == "0" else s.binary("add nsw", total)
        return self.code.address(TYPES[view.buffer.dtype], f"%{view.buffer.name}", total)

    def write(self, view: View, place: Place, number: Register, dtype: np.dtype[Any]) -> None:
        """Store a number, in the dtype of the buffer."""
        self.code.store(cast(number, dtype, view.buffer.dtype), self.address(view, place))


def _closure(body: Sequence[Load | Gather | Literal | Instruction], wanted: Iterable[int]) -> list[int]:
    """The items of the body that others need, in order."""
    needed, todo = set[int](), list(wanted)
    while todo:
        k = todo.pop()
        if k not in needed:
            needed.add(k)
            item = body[k]
            todo += item.args if isinstance(item, Instruction) else (item.index,) if isinstance(item, Gather) else ()
    return sorted(needed)


def _joined(axes: Sequence[Axis]) -> list[Axis]:
    """Loops, outermost first, neighbours that step alike as one."""
    joined: list[Axis] = []
    for axis in axes:
        if joined and joined[-1].joins(axis):
            joined[-1] = Axis(joined[-1].size * axis.size, axis.strides, axis.summed)
        else:
            joined.append(axis)
    return joined
