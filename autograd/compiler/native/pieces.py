"""What a program is made of when it runs: loop nests, matrix products, and calls of NumPy."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from .listing import nest_text
from .nest import Buffer, Gather, Load, Nest, View

if TYPE_CHECKING:
    from ..program import Step

__all__ = ["Gemm", "Matrix", "NumpyCall", "Part", "Piece", "Schedule", "reads", "text", "writes"]


class Matrix(NamedTuple):
    """A matrix in memory, as BLAS sees it: rows of `leading` numbers, or, `transposed`, columns."""

    buffer: Buffer
    offset: int
    transposed: bool
    leading: int


@dataclass(eq=False)
class Gemm:
    """c = a b, of matrices of m × k and k × n numbers, once for each of `batch`, offsets to add to those of a, b and c.

    With `alpha`, the buffer of one number α, it is c = c + α a b.
    """

    a: Matrix
    b: Matrix
    c: Matrix
    m: int
    n: int
    k: int
    batch: tuple[tuple[int, int, int], ...] = ((0, 0, 0),)
    alpha: Buffer | None = None


class Part(NamedTuple):
    """What NumPy, or the caller, sees of a buffer: a view, of a shape; a `weak` one as a Python number."""

    view: View
    shape: tuple[int, ...]
    weak: bool = False


@dataclass(eq=False)
class NumpyCall:
    """A step that NumPy does, or, without one, a copy.

    `args` are parts of buffers, or what the step itself says; `results` is where each goes, if it is read.
    """

    step: Step | None
    args: tuple[Any, ...]
    results: tuple[Part | None, ...]


Piece = Nest | Gemm | NumpyCall


@dataclass(eq=False)
class Schedule:
    """Pieces in the order in which they run, and the buffers that they name."""

    pieces: list[Piece] = field(default_factory=list)
    inputs: list[Buffer] = field(default_factory=list)
    outputs: list[Part] = field(default_factory=list)
    constants: dict[Buffer, Any] = field(default_factory=dict)
    scratch: list[Buffer] = field(default_factory=list)


def reads(piece: Piece) -> set[Buffer]:
    """The buffers that a piece reads."""
    if isinstance(piece, Nest):
        return {item.view.buffer for item in piece.body if isinstance(item, (Load, Gather))}
    if isinstance(piece, Gemm):
        return {piece.a.buffer, piece.b.buffer, *([piece.alpha] if piece.alpha is not None else [])}
    return {part.view.buffer for part in piece.args if isinstance(part, Part)}


def writes(piece: Piece) -> set[Buffer]:
    """The buffers that a piece writes."""
    if isinstance(piece, Nest):
        return {s.view.buffer for s in piece.stores} | {r.view.buffer for r in piece.reductions}
    if isinstance(piece, Gemm):
        return {piece.c.buffer}
    return {part.view.buffer for part in piece.results if part is not None}


def text(piece: Piece) -> str:
    """A piece in a listing."""
    if isinstance(piece, Nest):
        return nest_text(piece)
    if isinstance(piece, Gemm):
        a, b = (
            f"{_matrix_text(m, *size)}{'.T' if m.transposed else ''}"
            for m, size in ((piece.a, (piece.m, piece.k)), (piece.b, (piece.k, piece.n)))
        )
        sign = "=" if piece.alpha is None else f"+= {piece.alpha.name} *"
        stack = f"    # of {len(piece.batch)} matrices" if len(piece.batch) > 1 else ""
        return f"{_matrix_text(piece.c, piece.m, piece.n)} {sign} {a} @ {b}{stack}"
    results = ", ".join("_" if part is None else part.view.buffer.name for part in piece.results)
    args = ", ".join(a.view.buffer.name if isinstance(a, Part) else f"{a!r:.20}" for a in piece.args)
    return f"{results} = {'copy' if piece.step is None else piece.step.op.name}({args})    # by NumPy"


def _matrix_text(matrix: Matrix, rows: int, columns: int) -> str:
    start = f"[{matrix.offset}:]" if matrix.offset else ""
    return f"{matrix.buffer.name}{start}<{f'{columns}, {rows}' if matrix.transposed else f'{rows}, {columns}'}>"
