"""The loops of a nest: which axis is innermost, which axes become one, where numbers are summed; and what happens at one place."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from .instructions import TYPES, cast, computed
from .nest import Gather, Instruction, Literal, Load, Nest, Reduction, Store, View
from .registers import Code, Register, constant, quoted, select
from .totals import IDENTITIES, Total, cut

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

__all__ = ["Loops"]

@dataclass(frozen=True)
class Axis:
    """One loop: of `size` places, `strides` of the views; `number`: the axis of the domain that it is, if somebody asks for the position."""

    size: int
    strides: tuple[int, ...]
    summed: bool
    number: int | None

    def joins(self, inner: Axis) -> bool:
        """Whether this loop and the next one inside are one."""
        if (self.summed, self.number, inner.number) != (inner.summed, None, None):
            return False
        return all(s == inner.size * t for s, t in zip(self.strides, inner.strides, strict=True))


Place = list[tuple[Axis, Register]]


class Loops:
    """Some of the stores and reductions of a nest, all over the same axes, in one set of loops."""

    def __init__(
        self,
        code: Code,
        nest: Nest,
        needed: Iterable[int],
        summed: frozenset[int] = frozenset(),
        reductions: Sequence[Reduction] = (),
        stores: Sequence[Store] = (),
    ) -> None:
        self.code, self.nest, self.reductions, self.stores = code, nest, reductions, stores
        self.needed = _closure(nest.body, needed)
        read = [item.view for k in self.needed if isinstance(item := nest.body[k], (Load, Gather))]
        self.views = list(dict.fromkeys([*read, *(s.view for s in stores), *(r.view for r in reductions)]))
        asked = {item.axis for k in self.needed if isinstance(item := nest.body[k], Instruction) and item.name == "position"}
        if any(r.kind in ("argmax", "argmin") for r in reductions):
            asked |= summed
        self.axes = [
            Axis(size, tuple(v.strides[k] for v in self.views), k in summed, k if k in asked else None)
            for k, size in enumerate(nest.domain)
            if size != 1
        ]
        self.zero = constant(code, "i64", 0)

    # -- the order of loops -----------------------------------------------------------------------------------------------------------

    def ordered(self) -> list[Axis]:
        """The axes, outermost first, with those that can be one as one; the summed ones last if the innermost is one of them."""
        axes = _merged(self.axes)
        if not axes:
            return []
        inner = min(reversed(axes), key=self.cost)
        distance = lambda axis: -sum(map(abs, axis.strides))
        kept = sorted((a for a in axes if not a.summed and a is not inner), key=distance)
        summed = sorted((a for a in axes if a.summed and a is not inner), key=distance)
        return _merged([*kept, *summed, inner])

    def cost(self, axis: Axis) -> float:
        """What a place costs, roughly, when this is the innermost axis."""
        total = 0.0
        written = {s.view for s in self.stores}
        reduced = {r.view for r in self.reductions}
        for view, stride in zip(self.views, axis.strides, strict=True):
            if view in reduced:
                total += 2 if stride else 0.5
            else:
                total += (2 if view in written else 1) * {0: 0, 1: 1, -1: 2}.get(stride, 8)
        if any(r.kind in ("argmax", "argmin") for r in self.reductions) and not axis.summed:
            return float("inf")
        return total * (1 + 8 / max(axis.size, 1))

    # -- loops ------------------------------------------------------------------------------------------------------------------------

    def run(self) -> None:
        """All places: loads, instructions, stores, reductions."""
        if not prod(self.nest.domain):
            self.fill()
            return
        axes = self.ordered()
        summed = [a for a in axes if a.summed]
        kept = [a for a in axes if not a.summed]
        if not self.reductions:
            self.store_all(axes)
        elif axes and not axes[-1].summed and summed:
            self.sum_columns(kept, summed)
        else:
            self.sum_rows(kept, summed)

    def fill(self) -> None:
        """Reductions of nothing."""
        for r in self.reductions:
            axes = [Axis(n, (s,), False, None) for n, s in zip(self.nest.domain, r.view.strides, strict=True) if s and n != 1]
            if all(a.size for a in axes):
                with self.loops(axes) as place:
                    address = self.address(r.view, place, 0)
                    self.code.store(constant(self.code, TYPES[r.view.buffer.dtype], IDENTITIES[r.kind]), address)

    def loops(self, axes: Sequence[Axis]) -> Nested:
        """Loops around what is written in a with statement, which gets the place."""
        return Nested(self.code, axes)

    def tiles(self, axis: Axis, size: int, stack: ExitStack) -> tuple[Register, Register]:
        """A loop over pieces of an axis: the start and the end of each."""
        if axis.size <= size:
            return self.zero, constant(self.code, "i64", axis.size)
        start = stack.enter_context(self.code.loop(self.zero, constant(self.code, "i64", axis.size), size))
        end = start + size
        if axis.size % size:
            end = self.code.let("i64", f"call i64 @llvm.umin.i64(i64 {end.name}, i64 {axis.size})")
        return start, end

    def store_all(self, axes: Sequence[Axis]) -> None:
        """No reductions: a store at each place."""
        with ExitStack() as stack:
            if crossing := self.crossing(axes):
                start, end = self.tiles(axes[-1], TRANSPOSED_TILE, stack)
                outer = [a for a in axes[:-1] if a is not crossing]
                place = stack.enter_context(self.loops([*outer, crossing]))
                place = [*place, (axes[-1], stack.enter_context(self.code.loop(start, end)))]
            else:
                place = stack.enter_context(self.loops(axes))
            self.at(place)

    def crossing(self, axes: Sequence[Axis]) -> Axis | None:
        """The axis along which something is contiguous that is read with long steps along the innermost one."""
        if len(axes) < 2 or axes[-1].size <= TRANSPOSED_TILE:
            return None
        for axis in axes[:-1]:
            if any(s == 1 and abs(t) > 1 for s, t in zip(axis.strides, axes[-1].strides, strict=True)):
                return axis
        return None

    def sum_rows(self, kept: Sequence[Axis], summed: Sequence[Axis]) -> None:
        """The innermost axis is summed: in registers."""
        with self.loops(kept) as outer:
            if self.reductions[0].kind in ("argmax", "argmin"):
                for r in self.reductions:
                    self.write(r.view, outer, self.position_of_extreme(r, outer, summed), np.dtype(np.int64))
                return
            totals = [Total(self.code, r, self.item_dtype(r), sizes(summed), LANES_BLOCK) for r in self.reductions]
            for total, result in zip(totals, self.fold(outer, summed, totals), strict=True):
                self.write(total.reduction.view, outer, result, total.dtype)

    def fold(self, outer: Place, summed: Sequence[Axis], totals: list[Total]) -> list[Register]:
        """Everything along the summed axes, folded into registers."""
        for total in totals:
            total.begin(None)
        with ExitStack() as stack:
            inner = self.blocks(summed, LANES_BLOCK, stack)
            with ExitStack() as block:
                place = [*outer, *inner(block)]
                numbers = self.at(place)
                for total in totals:
                    total.add(numbers[total.reduction.item], None)
            for total in totals:
                total.end_block(None)
        return [total.result(None) for total in totals]

    def blocks(self, summed: Sequence[Axis], limit: int, stack: ExitStack) -> Any:
        """Loops over blocks of at most `limit` places; what it returns loops over the places of a block."""
        depth, chunk = cut(sizes(summed), limit)
        if depth < 0:
            return lambda block: block.enter_context(self.loops(summed))
        place = stack.enter_context(self.loops(summed[:depth]))
        start, end = self.tiles(summed[depth], chunk, stack)

        def inner(block: ExitStack) -> Place:
            i = block.enter_context(self.code.loop(start, end))
            return [*place, (summed[depth], i), *block.enter_context(self.loops(summed[depth + 1 :]))]

        return inner

    def sum_columns(self, kept: Sequence[Axis], summed: Sequence[Axis]) -> None:
        """The innermost axis is kept: rows are added to a row on the stack."""
        column = kept[-1]
        width = min(column.size, TILE)
        totals = [Total(self.code, r, self.item_dtype(r), sizes(summed), ROW_BLOCK, width) for r in self.reductions]
        with ExitStack() as stack:
            outer = stack.enter_context(self.loops(kept[:-1]))
            start, end = self.tiles(column, TILE, stack)
            count = end - start if column.size > TILE else end
            with self.code.loop(self.zero, count) as k:
                for total in totals:
                    total.begin(k)
            with ExitStack() as blocks:
                inner = self.blocks(summed, ROW_BLOCK, blocks)
                with ExitStack() as block:
                    rows = inner(block)
                    j = block.enter_context(self.code.loop(start, end))
                    numbers = self.at([*outer, *rows, (column, j)])
                    k = j - start if column.size > TILE else j
                    for total in totals:
                        total.add(numbers[total.reduction.item], k)
                if any(total.deep for total in totals):
                    with self.code.loop(self.zero, count) as k:
                        for total in totals:
                            total.end_block(k)
            with self.code.loop(self.zero, count) as k:
                j = start + k if column.size > TILE else k
                for total in totals:
                    self.write(total.reduction.view, [*outer, (column, j)], total.result(k), total.dtype)

    def position_of_extreme(self, reduction: Reduction, outer: Place, summed: Sequence[Axis]) -> Register:
        """The first place of the greatest (least) number: found first, then looked for."""
        kind = "maximum" if reduction.kind == "argmax" else "minimum"
        dtype = self.item_dtype(reduction)
        extreme = Reduction(kind, reduction.item, reduction.view)
        (best,) = self.fold(outer, summed, [Total(self.code, extreme, dtype, sizes(summed), LANES_BLOCK)])
        size = prod(a.size for a in summed)
        found = self.code.slot("i64")
        self.code.store(constant(self.code, "i64", size), found)
        with self.loops(summed) as inner:
            number = self.at([*outer, *inner])[reduction.item]
            here = number.equals(best)
            if dtype.kind == "f":
                here = here | number.is_nan()
            place = inner[0][1] if inner else self.zero
            first = self.code.load("i64", found)
            candidate = select(here, place, size)
            self.code.store(self.code.let("i64", f"call i64 @llvm.umin.i64(i64 {first.name}, i64 {candidate.name})"), found)
        return self.code.load("i64", found)

    def check(self, gather: Gather) -> None:
        """Leave the function with 1 if an index of a gather is out of range."""
        axes = [Axis(a.size, a.strides, False, a.number) for a in self.axes if any(a.strides) or a.number is not None]
        if not all(a.size for a in axes):
            return
        bad = self.code.slot("i1")
        self.code.line(f"store i1 false, ptr {bad}")
        with self.loops(_merged(axes)) as place:
            index = self.at(place)[gather.index]
            index = self.wrapped(index, gather)
            outside = self.code.let("i1", f"load i1, ptr {bad}") | index.compare("uge", gather.size)
            self.code.line(f"store i1 {outside.name}, ptr {bad}")
        any_bad = self.code.let("i1", f"load i1, ptr {bad}")
        label = self.code.fresh("checked")
        self.code.line(f"br i1 {any_bad.name}, label %failed, label %{label}")
        self.code.label(label)

    # -- one place --------------------------------------------------------------------------------------------------------------------

    def at(self, place: Place) -> dict[int, Register]:
        """The numbers of the body at a place, after what is to be stored has been."""
        numbers: dict[int, Register] = {}
        for k in self.needed:
            item = self.nest.body[k]
            if isinstance(item, Load):
                numbers[k] = self.code.load(TYPES[item.dtype], self.address(item.view, place))
            elif isinstance(item, Literal):
                numbers[k] = constant(self.code, TYPES[item.dtype], item.value)
            elif isinstance(item, Gather):
                index = self.wrapped(numbers[item.index], item)
                offset = self.offset(item.view, place) + index.binary("mul nsw", item.stride_of_index)
                numbers[k] = self.code.load(TYPES[item.dtype], self.code.address(TYPES[item.dtype], f"%{quoted(item.view.buffer)}", offset))
            elif item.name == "position":
                position = next((i for axis, i in place if axis.number == item.axis), self.zero)
                numbers[k] = cast(position, np.dtype(np.int64), item.dtype)
            else:
                numbers[k] = computed(self.code, item, [numbers[i] for i in item.args], self.nest.body)
        for store in self.stores:
            self.write(store.view, place, numbers[store.item], self.nest.body[store.item].dtype)
        return numbers

    def wrapped(self, index: Register, gather: Gather) -> Register:
        """An index, counted from the start, in 64 bits."""
        index = cast(index, self.nest.body[gather.index].dtype, np.dtype(np.int64))
        return select(index < 0, index + gather.size, index)

    def offset(self, view: View, place: Place, column: int | None = None) -> Register:
        """Where the number of a place lies, in elements."""
        column = self.views.index(view) if column is None else column
        total = constant(self.code, "i64", view.offset)
        for axis, i in place:
            stride = axis.strides[column]
            if stride:
                step = i if stride == 1 else i.binary("mul nsw", stride)
                total = step if total.name == "0" else total.binary("add nsw", step)
        return total

    def address(self, view: View, place: Place, column: int | None = None) -> str:
        """The address of the number of a place."""
        return self.code.address(TYPES[view.buffer.dtype], f"%{quoted(view.buffer)}", self.offset(view, place, column))

    def write(self, view: View, place: Place, number: Register, dtype: np.dtype[Any]) -> None:
        """Store a number, in the dtype of the buffer."""
        self.code.store(cast(number, dtype, view.buffer.dtype), self.address(view, place))

    def item_dtype(self, reduction: Reduction) -> np.dtype[Any]:
        """The dtype of what is reduced."""
        return self.nest.body[reduction.item].dtype


class Nested:
    """Loops, as a context."""

    def __init__(self, code: Code, axes: Sequence[Axis]) -> None:
        self.code, self.axes, self.stack = code, axes, ExitStack()

    def __enter__(self) -> Place:
        zero = constant(self.code, "i64", 0)
        return [(a, self.stack.enter_context(self.code.loop(zero, constant(self.code, "i64", a.size)))) for a in self.axes]

    def __exit__(self, *error: object) -> None:
        self.stack.__exit__(None, None, None)


def _closure(body: Body, wanted: Iterable[int]) -> list[int]:
    """The items of the body that others need, in order."""
    needed, todo = set[int](), list(wanted)
    while todo:
        k = todo.pop()
        if k not in needed:
            needed.add(k)
            item = body[k]
            todo += item.args if isinstance(item, Instruction) else (item.index,) if isinstance(item, Gather) else ()
    return sorted(needed)


def _merged(axes: Sequence[Axis]) -> list[Axis]:
    """Loops, outermost first, with neighbours that step alike as one."""
    merged: list[Axis] = []
    for axis in axes:
        if merged and merged[-1].joins(axis):
            merged[-1] = Axis(merged[-1].size * axis.size, axis.strides, axis.summed, None)
        else:
            merged.append(axis)
    return merged
