"""From a program to machine code that can be called."""

from __future__ import annotations

import threading
from functools import cached_property
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from ..memory import ALIGNMENT, Lifetime, arena, plan
from . import blas
from .listing import nest_text
from .llvm import buffers_of, nest_function, prelude, quoted
from .machine import Code
from .nest import Nest
from .schedule import Gemm, NumpyCall, Part, reads, schedule, writes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ..program import Program
    from .nest import Buffer
    from .schedule import Matrix, Piece, Schedule

__all__ = ["Executable", "emit"]

SHORT = 20e-6
"""Code that runs for so many seconds at most keeps the interpreter's lock: to hand it over, and to lock the arena, takes a moment."""
FLOPS, PLACES = 2e10, 5e8
"""How many operations of a product, or places of a loop, a machine is reckoned to do in a second."""


def emit(program: Program) -> Executable:
    """The program as machine code, with NumPy's functions in between where there is no lowering.

    >>> from autograd.op import TABLE
    >>> from autograd.compiler.program import Input, Program, Step, Value
    >>> x, y = Value((3,), np.dtype(float)), Value((3,), np.dtype(float))
    >>> y.step = Step(TABLE["exp"], (x,), {}, (y,))
    >>> run = emit(Program([Input(x, "x")], [y.step], [y])).bind({})
    >>> run(np.zeros(3))
    (array([1., 1., 1.]),)
    """
    return Executable(program)


class Executable:
    """A compiled program; `bind` tells it the arrays that stay and gives what is called with the others."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.plan = schedule(program)
        self.stages = _stages(self.plan.pieces)
        self.places = _places(self.plan)
        self.offsets, self.arena_size = _arena(self.plan)
        self.codes = [Code(self._module(stage)) if isinstance(stage, list) else None for stage in self.stages]

    @cached_property
    def source(self) -> str:
        """The pieces as a listing."""
        return "\n".join(map(_text, self.plan.pieces))

    # -- code

    def _module(self, pieces: list[Nest | Gemm]) -> str:
        """The text of a run of native pieces: `run(table)` calls one after another, until one says that an index is out of range."""
        functions = [nest_function(f"nest{k}", piece) for k, piece in enumerate(pieces) if isinstance(piece, Nest)]
        lines = ["define i32 @run(ptr %table) nounwind {", "entry:"]
        named = dict.fromkeys(buffer for piece in pieces for buffer in _buffers(piece))
        lines.append(f"  %arena.at = getelementptr ptr, ptr %table, i64 {len(self.places)}\n  %arena = load ptr, ptr %arena.at")
        for buffer in named:
            name = quoted(buffer)
            if buffer in self.offsets:
                lines.append(f"  %{name} = getelementptr i8, ptr %arena, i64 {self.offsets[buffer]}")
            else:
                lines.append(f"  %{name}.at = getelementptr ptr, ptr %table, i64 {self.places[buffer]}\n  %{name} = load ptr, ptr %{name}.at")
        tables: list[str] = []
        for k, piece in enumerate(pieces):
            lines.append(f"  br label %piece{k}\npiece{k}:")
            if isinstance(piece, Nest):
                arguments = ", ".join(f"ptr %{quoted(b)}" for b in buffers_of(piece))
                lines.append(f"  %status{k} = call i32 @nest{k}({arguments})")
                lines.append(f"  %bad{k} = icmp ne i32 %status{k}, 0\n  br i1 %bad{k}, label %failed, label %next{k}\nnext{k}:")
            else:
                lines.append(_product(k, piece, tables))
        lines += ["  ret i32 0", "failed:", "  ret i32 1", "}", ""]
        products = {_routine(piece) for piece in pieces if isinstance(piece, Gemm)}
        return "\n".join([prelude(functions), *map(_declared, sorted(products)), *tables, *functions, *lines])

    # -- running

    def bind(self, captured: dict[int, np.ndarray]) -> Callable[..., tuple[Any, ...]]:
        """A function of the inputs that are not captured, which gives the outputs and writes into what is captured."""
        return _Bound(self, captured).run


def _stages(pieces: Iterable[Piece]) -> list[list[Nest | Gemm] | NumpyCall]:
    """Runs of native pieces, and the calls of NumPy between them."""
    stages: list[list[Nest | Gemm] | NumpyCall] = []
    for piece in pieces:
        if isinstance(piece, NumpyCall):
            stages.append(piece)
        elif stages and isinstance(stages[-1], list):
            stages[-1].append(piece)
        else:
            stages.append([piece])
    return stages


def _places(plan: Schedule) -> dict[Buffer, int]:
    """Where in the table the address of each buffer stands that is not in the arena, whose own comes last."""
    outputs = dict.fromkeys(part.view.buffer for part in plan.outputs)
    return {buffer: k for k, buffer in enumerate((*plan.inputs, *plan.constants, *outputs))}


def _buffers(piece: Piece) -> list[Buffer]:
    return sorted({*reads(piece), *writes(piece)}, key=lambda b: b.name)


def _arena(plan_: Schedule) -> tuple[dict[Buffer, int], int]:
    """Where each intermediate buffer lies."""
    first: dict[Buffer, int] = {}
    last: dict[Buffer, int] = {}
    for k, piece in enumerate(plan_.pieces):
        for buffer in _buffers(piece):
            first.setdefault(buffer, k)
            last[buffer] = k
    lifetimes = [Lifetime(b.size * b.dtype.itemsize, first[b], last[b]) for b in plan_.scratch]
    offsets, size = plan(lifetimes)
    return dict(zip(plan_.scratch, offsets, strict=True)), max(size, ALIGNMENT)


def _routine(piece: Gemm) -> str:
    return "chalkgrad_sgemm" if piece.c.buffer.dtype == np.float32 else "chalkgrad_dgemm"


def _types(routine: str) -> tuple[str, str]:
    found = blas.find()
    return f"i{found.bits if found else 64}", "float" if "sgemm" in routine else "double"


def _declared(routine: str) -> str:
    size, real = _types(routine)
    return f"declare void @{routine}(i32, i32, i32, {size}, {size}, {size}, {real}, ptr, {size}, ptr, {size}, {real}, ptr, {size})"


def _product(number: int, piece: Gemm, tables: list[str]) -> str:
    """The call of BLAS; in a loop over offsets for a stack of matrices."""
    routine = _routine(piece)
    size, real = _types(routine)
    matrices = {"a": piece.a, "b": piece.b, "c": piece.c}
    at = lambda m: f"getelementptr {real}, ptr %{quoted(m.buffer)}, i64 {m.offset}"
    lines = [f"  %{name}{number} = {at(m)}" for name, m in matrices.items()]
    alpha = "1.0"
    if piece.alpha is not None:
        alpha = f"%alpha{number}"
        lines.append(f"  {alpha} = load {real}, ptr %{quoted(piece.alpha)}")
    pointers = {name: f"%{name}{number}" for name in matrices}
    order = lambda m: f"i32 {112 if m.transposed else 111}"
    call = lambda p: (
        f"  call void @{routine}(i32 101, {order(piece.a)}, {order(piece.b)}, {size} {piece.m}, {size} {piece.n}, {size} {piece.k},"
        f" {real} {alpha}, ptr {p['a']}, {size} {piece.a.leading}, ptr {p['b']}, {size} {piece.b.leading},"
        f" {real} {piece.beta}, ptr {p['c']}, {size} {piece.c.leading})"
    )
    if len(piece.batch) == 1:
        return "\n".join([*lines, call(pointers)])
    rows = ", ".join(f"[3 x i64] [{', '.join(f'i64 {o}' for o in offsets)}]" for offsets in piece.batch)
    count = len(piece.batch)
    tables.append(f"@batch{number} = private constant [{count} x [3 x i64]] [{rows}]")
    lines += [f"  br label %batch{number}", f"batch{number}:", f"  %i{number} = phi i64 [ 0, %piece{number} ], [ %n{number}, %batch{number} ]"]
    inner = {}
    for j, name in enumerate(matrices):
        lines.append(f"  %{name}o{number} = getelementptr [{count} x [3 x i64]], ptr @batch{number}, i64 0, i64 %i{number}, i64 {j}")
        lines.append(f"  %{name}s{number} = load i64, ptr %{name}o{number}")
        lines.append(f"  %{name}p{number} = getelementptr {real}, ptr {pointers[name]}, i64 %{name}s{number}")
        inner[name] = f"%{name}p{number}"
    lines += [call(inner), f"  %n{number} = add i64 %i{number}, 1", f"  %m{number} = icmp ult i64 %n{number}, {count}"]
    lines += [f"  br i1 %m{number}, label %batch{number}, label %after{number}", f"after{number}:"]
    return "\n".join(lines)


def _text(piece: Piece) -> str:
    """A piece in a listing."""
    if isinstance(piece, Nest):
        return nest_text(piece)
    if isinstance(piece, Gemm):
        a, b = (f"{_matrix_text(m, *size)}{'.T' if m.transposed else ''}" for m, size in ((piece.a, (piece.m, piece.k)), (piece.b, (piece.k, piece.n))))
        sign = "=" if piece.alpha is None else f"+= {piece.alpha.name} *"
        stack = f"    # of {len(piece.batch)} matrices" if len(piece.batch) > 1 else ""
        return f"{_matrix_text(piece.c, piece.m, piece.n)} {sign} {a} @ {b}{stack}"
    results = ", ".join("_" if part is None else part.view.buffer.name for part in piece.results)
    args = ", ".join(a.view.buffer.name if isinstance(a, Part) else f"{a!r:.20}" for a in piece.args)
    return f"{results} = {'copy' if piece.step is None else piece.step.op.name}({args})    # by NumPy"


def _matrix_text(matrix: Matrix, rows: int, columns: int) -> str:
    start = f"[{matrix.offset}:]" if matrix.offset else ""
    return f"{matrix.buffer.name}{start}<{f'{columns}, {rows}' if matrix.transposed else f'{rows}, {columns}'}>"


class _Bound:
    """An executable with its arena and the arrays that stay."""

    def __init__(self, executable: Executable, captured: dict[int, np.ndarray]) -> None:
        self.executable, self.captured = executable, captured
        plan_ = executable.plan
        program = executable.program
        self.lock = threading.Lock()
        memory = arena(executable.arena_size)
        self.known: dict[Buffer, np.ndarray] = {b: memory(o, (b.size,), b.dtype) for b, o in executable.offsets.items()}
        self.known |= {b: np.ascontiguousarray(content).reshape(-1) for b, content in plan_.constants.items()}
        self.known |= {b: captured[k].reshape(-1) for k, b in enumerate(plan_.inputs) if k in captured}
        self.given = [k for k in range(len(plan_.inputs)) if k not in captured]
        outputs = list(dict.fromkeys(part.view.buffer for part in plan_.outputs))
        shapes = {part.view.buffer: part.shape for part in plan_.outputs}
        changing = [(executable.places[plan_.inputs[k]], program.inputs[k].value) for k in self.given]
        from ..program import Value

        changing += [(executable.places[b], Value(shapes[b], b.dtype)) for b in outputs]
        whole = memory(0, (executable.arena_size,), np.uint8)
        self.unlocked = _seconds(plan_) > SHORT
        calls: list[Any] = []
        for stage, code in zip(executable.stages, executable.codes, strict=True):
            if code is None:
                calls.append(self._numpy(stage))
                continue
            caller = code.caller(len(executable.places) + 1, changing, self.unlocked)
            caller.set(len(executable.places), whole)
            for buffer, place in executable.places.items():
                if buffer in self.known:
                    caller.set(place, self.known[buffer])
            calls.append(caller.call)
        self.calls = calls
        self.run = self._driver(outputs, shapes)

    def _driver(self, outputs: list[Buffer], shapes: dict[Buffer, Any]) -> Callable[..., tuple[Any, ...]]:
        """The function that is called, written out: nothing is looked up while it runs."""
        names: dict[str, Any] = {"empty": np.empty, "lock": self.lock, "eagerly": self._eagerly, "errstate": np.errstate}
        inputs = [f"x{k}" for k in self.given]
        made = [f"y{k}" for k in range(len(outputs))]
        body = []
        for name, buffer in zip(made, outputs, strict=True):
            names[f"shape_{name}"], names[f"dtype_{name}"] = shapes[buffer], buffer.dtype
            body.append(f"{name} = empty(shape_{name}, dtype_{name})")
        arguments = ", ".join([*inputs, *made])
        native = all(code is not None for code in self.executable.codes)
        for k, call in enumerate(self.calls):
            names[f"call{k}"] = call
            body.append(f"if call{k}({arguments}): return eagerly({', '.join(inputs)})")
        results = [f"{made[outputs.index(part.view.buffer)]}{'' if part.shape else '[()]'}" for part in self.executable.plan.outputs]
        body.append(f"return ({''.join(f'{r}, ' for r in results)})")
        if not native:
            body = ["with errstate(all='ignore'):", *[f"    {line}" for line in body]]
        if self.unlocked or not native:
            body = ["with lock:", *[f"    {line}" for line in body]]
        text = "\n    ".join([f"def run({', '.join(inputs)}):", *body])
        exec(compile(text, "<jit>", "exec"), names)  # noqa: S102  # made of names only
        return names["run"]  # type: ignore[no-any-return]

    def _numpy(self, call: NumpyCall) -> Callable[..., int]:
        """A step of NumPy, as a function of what changes: it gets its arguments from memory and puts its results there."""
        plan_ = self.executable.plan
        outputs = list(dict.fromkeys(part.view.buffer for part in plan_.outputs))
        changing = {b: n for n, b in enumerate([*(plan_.inputs[k] for k in self.given), *outputs])}
        weak = {plan_.inputs[k] for k in self.given if self.executable.program.inputs[k].value.weak}

        def found(part: Part, arrays: tuple[Any, ...]) -> Any:
            buffer = part.view.buffer
            array = arrays[changing[buffer]] if buffer in changing else self.known[buffer]
            if buffer in weak:
                return array
            return _viewed(np.asarray(array), part)

        def run(*arrays: Any) -> int:
            args = [a if not isinstance(a, Part) else found(a, arrays) for a in call.args]
            args = [a[()] if isinstance(a, np.ndarray) and not a.ndim else a for a in args]
            y = args[0] if call.step is None else call.step.op.forward(*args, **call.step.options)
            for part, result in zip(call.results, y if call.step is not None and call.step.plural else (y,), strict=True):
                if part is not None:
                    found(part, arrays)[...] = result
            return 0

        return run

    def _eagerly(self, *arrays: Any) -> tuple[Any, ...]:
        """The same with NumPy, which raises the error that there is, or knows that there is none."""
        program = self.executable.program
        given = iter(arrays)
        results = program.run(*[self.captured[k] if k in self.captured else next(given) for k in range(len(program.inputs))])
        place = {value: k for k, (value, _) in enumerate(program.inputs)}
        count = len(program.outputs)
        new = [np.array(value) for value in results[count:]]
        for (target, _), value in zip(program.writes, new, strict=True):
            self.captured[place[target]][...] = value
        return tuple(np.array(y)[()] for y in results[:count])


def _viewed(array: np.ndarray, part: Part) -> np.ndarray:
    """What a part of a buffer says, as an array."""
    size = array.itemsize
    flat = array.reshape(-1)
    return np.ndarray(part.shape, array.dtype, flat, part.view.offset * size, tuple(s * size for s in part.view.strides))


def _seconds(plan_: Schedule) -> float:
    """About how long it takes."""
    products = sum(2 * p.m * p.n * p.k * len(p.batch) for p in plan_.pieces if isinstance(p, Gemm))
    loops = sum(prod(p.domain) * (1 + len(p.body) / 8) for p in plan_.pieces if isinstance(p, Nest))
    return products / FLOPS + loops / PLACES
