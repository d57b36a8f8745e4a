"""Loop nests as LLVM IR: a function for each nest, in loops that LLVM turns into vector instructions.

What decides how fast a nest is: axes that lie one after another in all views become one; the innermost is the one along which most views are
contiguous; what is summed over the innermost is summed in registers, what is summed over others in a row of numbers on the stack.

The numbers are NumPy's: no instruction is contracted or reordered, save the additions of a sum.  A sum adds up blocks of a few hundred terms
(of each lane of a vector) and then the blocks in double, those of doubles with what each addition loses.
"""

from __future__ import annotations

import re
from contextlib import ExitStack
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from .elementary import ELEMENTARY, definition
from .instructions import TYPES, cast, computed, greater, lesser
from .nest import Buffer, Gather, Instruction, Literal, Load, Nest, Reduction, Store, View
from .registers import FLOATS, Code, Register, constant, convert, select

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["buffers_of", "can_lower", "lower", "nest_function", "prelude"]

LANES_BLOCK = 512
"""How many terms of a sum over the innermost axis make a block: at most 32 for each lane of the widest vectors."""
ROW_BLOCK = 32
"""How many rows make a block, where rows are added to a row."""
TILE = 512
"""How long such a row may be: it stays in the nearest cache."""
TRANSPOSED_TILE = 16
"""How many columns are read at a time, of an array whose columns are the rows of the result."""
VECTORS = '"prefer-vector-width"="512"'

Body = list[Load | Gather | Literal | Instruction]


def buffers_of(nest: Nest) -> list[Buffer]:
    """The buffers whose addresses the function of a nest takes, in their order, each once.

    >>> x, y = Buffer("x", 3, np.dtype(float)), Buffer("y", 3, np.dtype(float))
    >>> [b.name for b in buffers_of(Nest((3,), [Load(View(x, 0, (1,)))], [Store(0, View(y, 0, (1,)))]))]
    ['x', 'y']
    """
    views = [item.view for item in nest.body if isinstance(item, (Load, Gather))]
    return list(dict.fromkeys(view.buffer for view in [*views, *(s.view for s in nest.stores), *(r.view for r in nest.reductions)]))


def can_lower(nest: Nest) -> bool:
    """Whether `nest_function` has code for all of a nest."""
    try:
        nest_function("tried", nest)
    except NotImplementedError:
        return False
    return True


def lower(name: str, nests: Iterable[Nest], buffers: Sequence[Buffer]) -> str:
    """A whole module: the function `name`, which takes the addresses of `buffers` and runs the nests, one after another.

    It returns 0, or 1 from the first nest in which an index is out of range.
    """
    nests = list(nests)
    functions = [nest_function(f"{name}.{k}", nest) for k, nest in enumerate(nests)]
    parameters = ", ".join(f"ptr %{quoted(b)}" for b in buffers)
    lines = [f"define i32 @{name}({parameters}) nounwind {{", "entry:", "  br label %nest0"]
    for k, nest in enumerate(nests):
        arguments = ", ".join(f"ptr %{quoted(b)}" for b in buffers_of(nest))
        lines += [f"nest{k}:", f"  %status{k} = call i32 @{name}.{k}({arguments})", f"  %bad{k} = icmp ne i32 %status{k}, 0"]
        lines.append(f"  br i1 %bad{k}, label %failed, label %nest{k + 1}")
    lines += [f"nest{len(nests)}:", "  ret i32 0", "failed:", "  ret i32 1", "}"]
    return "\n".join([prelude(functions), *functions, *lines, ""])


def prelude(functions: Iterable[str]) -> str:
    """What the functions of nests call: definitions of elementary functions, declarations of LLVM's and of C's."""
    text = "\n".join(functions)
    used = sorted({(name, kind) for name, kind in re.findall(r"call \w+ @(\w+)\.(float|double)\(", text) if name in ELEMENTARY})
    definitions = [definition(*pair) for pair in used]
    declarations = {}
    for kind, name, arguments in re.findall(r"call (?:nsz )?(\w+) @((?:llvm\.)?\w+(?:\.\w+)?)\(([^)]*)\)", "\n".join([text, *definitions])):
        if name.startswith("llvm."):
            declarations[name] = f"declare {kind} @{name}({', '.join(a.split()[0] for a in arguments.split(', '))})"
        elif "." not in name:
            types = ", ".join(a.split()[0] for a in arguments.split(", "))
            declarations[name] = f"declare {kind} @{name}({types}) nounwind willreturn memory(none)"
    return "\n".join([*declarations.values(), *definitions])


def nest_function(name: str, nest: Nest) -> str:
    """A nest as a function of the module that calls it, of the addresses of `buffers_of(nest)`; NotImplementedError if it can't be lowered.

    It returns 1, with nothing stored, when an index is out of range, else 0.
    """
    _check(nest)
    code = Code()
    wanted: dict[tuple[frozenset[int], bool], list[Reduction]] = {}
    for r in nest.reductions:
        axes = frozenset(k for k, (size, stride) in enumerate(zip(nest.domain, r.view.strides, strict=True)) if size > 1 and not stride)
        wanted.setdefault((axes, r.kind in ("argmax", "argmin")), []).append(r)
    checks = [k for k, item in enumerate(nest.body) if isinstance(item, Gather)]
    for k in checks:
        _Loops(code, nest, [nest.body[k].index]).check(nest.body[k])  # type: ignore[union-attr]
    pieces = [(axes, reductions, list[Store]()) for (axes, _), reductions in wanted.items()]
    if nest.stores:  # last: what is stored may be what another piece reads
        axes, reductions, _ = pieces.pop() if pieces and not next(reversed(wanted))[1] else (frozenset(), [], None)
        pieces.append((axes, reductions, nest.stores))
    for axes, reductions, stores in pieces:
        _Loops(code, nest, [x.item for x in (*stores, *reductions)], axes, reductions, stores).run()
    code.line("ret i32 0")
    if checks:
        code.label("failed")
        code.line("ret i32 1")
    parameters = ", ".join(f"ptr noalias nocapture %{quoted(b)}" for b in buffers_of(nest))
    return f"define internal i32 @{name}({parameters}) nounwind {VECTORS} {{\n{code.text()}\n}}\n"


def quoted(buffer: Buffer) -> str:
    """The name of a buffer, as LLVM writes names."""
    return buffer.name if re.fullmatch(r"[A-Za-z_][\w.]*", buffer.name, re.ASCII) else f'"{buffer.name}"'


def _check(nest: Nest) -> None:
    dtypes = [b.dtype for b in buffers_of(nest)] + [item.dtype for item in nest.body]
    for dtype in dtypes:
        if dtype not in TYPES:
            raise NotImplementedError(f"numbers of dtype {dtype}")
    written = [s.view for s in nest.stores] + [r.view for r in nest.reductions]
    for item in nest.body:
        if isinstance(item, Gather) and any(v.buffer is item.view.buffer for v in written):
            raise NotImplementedError("a gather from memory that the nest writes")
        if isinstance(item, Load) and any(v.buffer is item.view.buffer and v != item.view for v in written):
            raise NotImplementedError("memory that is read at other places than it is written")
    for r in nest.reductions:
        if not prod(nest.domain) and r.kind not in IDENTITIES:
            raise NotImplementedError(f"{r.kind} of nothing")


IDENTITIES = {"sum": 0, "prod": 1, "any": 0, "all": 1}


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


class _Loops:
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

    def loops(self, axes: Sequence[Axis]) -> _Nested:
        """Loops around what is written in a with statement, which gets the place."""
        return _Nested(self.code, axes)

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
            totals = [_Total(self.code, r, self.item_dtype(r), summed, LANES_BLOCK) for r in self.reductions]
            for total, result in zip(totals, self.fold(outer, summed, totals), strict=True):
                self.write(total.reduction.view, outer, result, total.dtype)

    def fold(self, outer: Place, summed: Sequence[Axis], totals: list[_Total]) -> list[Register]:
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
        depth, chunk = _blocks(summed, limit)
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
        totals = [_Total(self.code, r, self.item_dtype(r), summed, ROW_BLOCK, width) for r in self.reductions]
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
        (best,) = self.fold(outer, summed, [_Total(self.code, extreme, dtype, summed, LANES_BLOCK)])
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


class _Nested:
    """Loops, as a context."""

    def __init__(self, code: Code, axes: Sequence[Axis]) -> None:
        self.code, self.axes, self.stack = code, axes, ExitStack()

    def __enter__(self) -> Place:
        zero = constant(self.code, "i64", 0)
        return [(a, self.stack.enter_context(self.code.loop(zero, constant(self.code, "i64", a.size)))) for a in self.axes]

    def __exit__(self, *error: object) -> None:
        self.stack.__exit__(None, None, None)


class _Total:
    """What a reduction adds up, in one number (`count` 1, index None) or in a row of them."""

    def __init__(self, code: Code, reduction: Reduction, dtype: np.dtype[Any], summed: Sequence[Axis], block: int, count: int = 1) -> None:
        self.code, self.reduction, self.kind, self.source = code, reduction, reduction.kind, dtype
        target = reduction.view.buffer.dtype
        if self.kind in ("any", "all"):
            self.dtype = np.dtype(bool)
        elif self.kind in ("maximum", "minimum"):
            self.dtype = dtype
        else:
            self.dtype = np.result_type(dtype, target, *([np.float32] if target == np.float16 else []))
        self.type = TYPES[self.dtype]
        self.deep = self.kind == "sum" and self.type in FLOATS and _blocks(summed, block)[0] >= 0
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


def _blocks(axes: Sequence[Axis], limit: int) -> tuple[int, int]:
    """At which axis, and in pieces of which size, loops over more than `limit` places are cut; −1: there are not so many."""
    inside = 1
    for k in reversed(range(len(axes))):
        if inside * axes[k].size > limit:
            return k, max(limit // inside, 1)
        inside *= axes[k].size
    return -1, 0
