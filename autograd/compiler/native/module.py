"""A run of native pieces as one module of LLVM IR."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from . import blas
from .instructions import TYPES
from .llvm import buffers_of, nest_function, prelude, views_of
from .nest import Buffer, Nest, View
from .pieces import Gemm, reads, writes

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from .pieces import Piece

__all__ = ["module"]

PART = 64
"""How many pieces are called from one function: the time that LLVM takes for it grows faster than its length."""


def module(pieces: Sequence[Piece], table: Mapping[Buffer, int], offsets: Mapping[Buffer, int]) -> str:
    """The text of `i32 @run(ptr table)`, which runs nests and products one after another; 1 means that an index is out of range.

    The table holds the address of each buffer at its place, and last that of the arena, in which the other buffers have their offsets.
    """
    return _Module(table, offsets).text(pieces)


class _Module:
    """What a module consists of, besides `run`."""

    def __init__(self, table: Mapping[Buffer, int], offsets: Mapping[Buffer, int]) -> None:
        self.table, self.offsets = table, offsets
        self.nests: dict[str, str] = {}  # the names, by the texts: nests that do the same to other memory are one function
        self.constants: list[str] = []  # tables of where the matrices of stacks begin

    def text(self, pieces: Sequence[Piece]) -> str:
        """All of it, in the order in which LLVM wants it."""
        parts = [self.part(start, pieces[start : start + PART]) for start in range(0, len(pieces), PART)]
        nests = [text.replace("@nest(", f"@{name}(", 1) for text, name in self.nests.items()]
        products = [_declared(routine) for routine in sorted({_routine(piece) for piece in pieces if isinstance(piece, Gemm)})]
        calls = [line for start in range(0, len(pieces), PART) for line in _checked(f"part{start}", "ptr %table", start)]
        run = ["define i32 @run(ptr %table) nounwind {", *calls, "  ret i32 0", "failed:", "  ret i32 1", "}", ""]
        return "\n".join([prelude(nests), *products, *self.constants, *nests, *parts, *run])

    def part(self, start: int, pieces: Sequence[Piece]) -> str:
        """Some of the pieces as a function; `start` is the number of the first."""
        lines = self.addresses({b for piece in pieces for b in (*reads(piece), *writes(piece))})
        for k, piece in enumerate(pieces, start):
            lines += [f"  br label %piece{k}", f"piece{k}:"]
            if isinstance(piece, Gemm):
                lines += _product(k, piece, self.constants)
            elif isinstance(piece, Nest):
                lines += self.nest(k, piece)
        end = ["  ret i32 0", "failed:", "  ret i32 1", "}"]
        return "\n".join([f"define internal i32 @part{start}(ptr %table) noinline nounwind {{", "entry:", *lines, *end])

    def addresses(self, buffers: Iterable[Buffer]) -> list[str]:
        """Where buffers lie, as the table says."""
        lines = [f"  %arena.at = getelementptr ptr, ptr %table, i64 {len(self.table)}", "  %arena = load ptr, ptr %arena.at"]
        for buffer in sorted(buffers, key=lambda b: b.name):
            name = f"%{buffer.name}"
            if buffer in self.offsets:
                lines.append(f"  {name} = getelementptr i8, ptr %arena, i64 {self.offsets[buffer]}")
            else:
                lines += [f"  {name}.at = getelementptr ptr, ptr %table, i64 {self.table[buffer]}", f"  {name} = load ptr, ptr {name}.at"]
        return lines

    def nest(self, number: int, nest: Nest) -> list[str]:
        """The call of a nest's function, with the places in the buffers from which on it goes."""
        starts = {b: min(v.offset for v in views_of(nest) if v.buffer is b) for b in buffers_of(nest)}
        anonymous = _renamed(nest, {b: (Buffer(f"b{k}", b.size, b.dtype), start) for k, (b, start) in enumerate(starts.items())})
        function = self.nests.setdefault(nest_function("nest", anonymous), f"nest{len(self.nests)}")
        pointers = {b: f"%{b.name}" + (f".{number}" if start else "") for b, start in starts.items()}
        moved = [f"  {pointers[b]} = getelementptr {TYPES[b.dtype]}, ptr %{b.name}, i64 {start}" for b, start in starts.items() if start]
        return [*moved, *_checked(function, ", ".join(f"ptr {p}" for p in pointers.values()), number)]


def _checked(function: str, arguments: str, number: int) -> list[str]:
    """A call of a function that gives 1 where all is to end."""
    return [
        f"  %status.{number} = call i32 @{function}({arguments})",
        f"  %bad.{number} = icmp ne i32 %status.{number}, 0",
        f"  br i1 %bad.{number}, label %failed, label %after{number}",
        f"after{number}:",
    ]


def _renamed(nest: Nest, buffers: Mapping[Buffer, tuple[Buffer, int]]) -> Nest:
    """The same nest on other buffers, whose starts lie so far behind those of its own."""

    def seen(view: View) -> View:
        buffer, start = buffers[view.buffer]
        return View(buffer, view.offset - start, view.strides)

    def renamed(part: Sequence[Any]) -> list[Any]:
        return [replace(a, view=seen(a.view)) if hasattr(a, "view") else a for a in part]

    return Nest(nest.domain, renamed(nest.body), renamed(nest.stores), renamed(nest.reductions))


def _routine(piece: Gemm) -> str:
    return "chalkgrad_sgemm" if piece.c.buffer.dtype == np.float32 else "chalkgrad_dgemm"


def _types(routine: str) -> tuple[str, str]:
    """LLVM's types of the sizes and of the numbers that a routine takes."""
    found = blas.find()
    return f"i{found.bits if found else 64}", "float" if "sgemm" in routine else "double"


def _declared(routine: str) -> str:
    size, real = _types(routine)
    return f"declare void @{routine}(i32, i32, i32, {size}, {size}, {size}, {real}, ptr, {size}, ptr, {size}, {real}, ptr, {size})"


def _product(number: int, piece: Gemm, tables: list[str]) -> list[str]:
    """The call of BLAS; for a stack of matrices in a loop over their starts, which are a table."""
    routine = _routine(piece)
    size, real = _types(routine)
    a, b, c = (f"%{name}.{number}" for name in "abc")
    lines = [
        f"  {pointer} = getelementptr {real}, ptr %{matrix.buffer.name}, i64 {matrix.offset}"
        for pointer, matrix in ((a, piece.a), (b, piece.b), (c, piece.c))
    ]
    alpha, beta = "1.0", "0.0"
    if piece.alpha is not None:
        alpha, beta = f"%alpha.{number}", "1.0"
        lines.append(f"  {alpha} = load {real}, ptr %{piece.alpha.name}")
    if (count := len(piece.batch)) > 1:
        rows = ", ".join(f"[3 x i64] [{', '.join(f'i64 {start}' for start in starts)}]" for starts in piece.batch)
        tables.append(f"@starts{number} = private constant [{count} x [3 x i64]] [{rows}]")
        lines += [
            f"  br label %next{number}",
            f"next{number}:",
            f"  %i.{number} = phi i64 [ 0, %piece{number} ], [ %j.{number}, %next{number} ]",
        ]
        for column, pointer in enumerate((a, b, c)):
            lines += [
                f"  {pointer}.at = getelementptr [3 x i64], ptr @starts{number}, i64 %i.{number}, i64 {column}",
                f"  {pointer}.start = load i64, ptr {pointer}.at",
                f"  {pointer}.this = getelementptr {real}, ptr {pointer}, i64 {pointer}.start",
            ]
        a, b, c = f"{a}.this", f"{b}.this", f"{c}.this"
    order = [f"i32 {blas.TRANS if matrix.transposed else blas.NO_TRANS}" for matrix in (piece.a, piece.b)]
    sizes = [f"{size} {n}" for n in (piece.m, piece.n, piece.k)]
    left, right, result = f"ptr {a}, {size} {piece.a.leading}", f"ptr {b}, {size} {piece.b.leading}", f"ptr {c}, {size} {piece.c.leading}"
    arguments = [f"i32 {blas.ROW_MAJOR}", *order, *sizes, f"{real} {alpha}", left, right, f"{real} {beta}", result]
    lines.append(f"  call void @{routine}({', '.join(arguments)})")
    if count > 1:
        lines += [f"  %j.{number} = add i64 %i.{number}, 1", f"  %more.{number} = icmp ult i64 %j.{number}, {count}"]
        lines += [f"  br i1 %more.{number}, label %next{number}, label %after{number}", f"after{number}:"]
    return lines
