"""From a program to machine code that can be called."""

from __future__ import annotations

from functools import cached_property
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from ...misuse import failed_call
from ...op import Op
from ..memory import ALIGNMENT, Lifetime, arena, packed
from ..program import Value
from ..varying import Rewinding, as_traced, lock_of, may_vary
from .machine import Code
from .module import module
from .nest import Gather, Nest
from .pieces import Gemm, NumpyCall, Part, reads, text, writes
from .schedule import schedule

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from ..program import Program, Step
    from .nest import Buffer
    from .pieces import Piece, Schedule

__all__ = ["Executable", "emit"]

SHORT_RUN = 20e-6
"""Code that runs for so many seconds at most keeps the interpreter's lock: to hand it over, and to lock the arena, takes a moment."""
FLOPS_A_SECOND, PLACES_A_SECOND = 2e10, 5e8
"""How many operations of a product, or places of a loop, a machine is reckoned to do in a second."""


def emit(program: Program) -> Executable:
    """The program as machine code, with NumPy's functions in between where there is no lowering.

    >>> from autograd.op import TABLE
    >>> from autograd.compiler.program import Input, Program, Step
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
        self.program, self.schedule = program, schedule(program)
        self.outputs = list(dict.fromkeys(part.view.buffer for part in self.schedule.outputs))
        self.table = {buffer: k for k, buffer in enumerate((*self.schedule.inputs, *self.schedule.constants, *self.outputs))}
        self.offsets, self.arena_size = _arena(self.schedule)
        self.stages = [
            stage if isinstance(stage, NumpyCall) else Code(module(stage, self.table, self.offsets))
            for stage in _stages(self.schedule.pieces)
        ]

    @cached_property
    def source(self) -> str:
        """The pieces as a listing."""
        return "\n".join(map(text, self.schedule.pieces))

    def bind(self, captured: Mapping[int, np.ndarray]) -> Callable[..., tuple[Any, ...]]:
        """A function of the inputs that are not captured, which gives the outputs and writes into what is captured."""
        return _Binding(self, captured).run


def _stages(pieces: Iterable[Piece]) -> list[list[Piece] | NumpyCall]:
    """Runs of native pieces, and the calls of NumPy between them."""
    stages: list[list[Piece] | NumpyCall] = []
    for piece in pieces:
        if isinstance(piece, NumpyCall):
            stages.append(piece)
        elif stages and isinstance(stages[-1], list):
            stages[-1].append(piece)
        else:
            stages.append([piece])
    return stages


def _arena(schedule: Schedule) -> tuple[dict[Buffer, int], int]:
    """Where each intermediate buffer lies, and how many bytes they need."""
    lives: dict[Buffer, list[int]] = {}
    for k, piece in enumerate(schedule.pieces):
        for buffer in (*reads(piece), *writes(piece)):
            lives.setdefault(buffer, []).append(k)
    lifetimes = [Lifetime(b.size * b.dtype.itemsize, lives[b][0], lives[b][-1]) for b in schedule.scratch]
    offsets, size = packed(lifetimes)
    return dict(zip(schedule.scratch, offsets, strict=True)), max(size, ALIGNMENT)


def _seconds(schedule: Schedule) -> float:
    """About how long it takes."""
    products = sum(2 * p.m * p.n * p.k * len(p.batch) for p in schedule.pieces if isinstance(p, Gemm))
    loops = sum(prod(p.domain) * (1 + len(p.body) / 8) for p in schedule.pieces if isinstance(p, Nest))
    return products / FLOPS_A_SECOND + loops / PLACES_A_SECOND


def _can_fail(executable: Executable) -> bool:
    """Whether something may be out of range, or too long a number, so that all is done again."""
    whole = any(value.weak and value.dtype.kind == "i" for value, _ in executable.program.inputs)
    return whole or any(isinstance(item, Gather) for p in executable.schedule.pieces if isinstance(p, Nest) for item in p.body)


class _Binding:
    """An executable with an arena and the arrays that stay."""

    def __init__(self, executable: Executable, captured: Mapping[int, np.ndarray]) -> None:
        self.executable, self.captured = executable, captured
        inputs, values = executable.schedule.inputs, [value for value, _ in executable.program.inputs]
        memory = arena(executable.arena_size)
        self.arrays = {b: memory(offset, (b.size,), b.dtype) for b, offset in executable.offsets.items()}
        self.arrays |= {b: np.array(content, order="C").reshape(-1) for b, content in executable.schedule.constants.items()}
        self.arrays |= {inputs[k]: array.reshape(-1) for k, array in captured.items()}
        given = [k for k in range(len(inputs)) if k not in captured]
        shapes = {part.view.buffer: part.shape for part in executable.schedule.outputs}
        self.changing = {inputs[k]: values[k] for k in given} | {b: Value(shapes[b], b.dtype) for b in executable.outputs}
        self.columns = {buffer: n for n, buffer in enumerate(self.changing)}
        whole = memory(0, (executable.arena_size,), np.uint8)
        self.lock = lock_of(executable.program, _can_fail(executable))
        native = not any(isinstance(stage, NumpyCall) for stage in executable.stages)
        keeps_gil = native and _seconds(executable.schedule) < SHORT_RUN
        calls = [self._numpy(s) if isinstance(s, NumpyCall) else self._native(s, whole, not keeps_gil) for s in executable.stages]
        self.run = self._written([f"x{k}" for k in given], calls, native, keeps_gil)

    def _native(self, code: Code, whole: np.ndarray, frees_gil: bool) -> Callable[..., int]:
        """A run of native pieces, as a function of what changes."""
        table = self.executable.table
        caller = code.caller(len(table) + 1, [(table[b], value) for b, value in self.changing.items()], frees_gil)
        caller.set(len(table), whole)
        for buffer, place in table.items():
            if buffer in self.arrays:
                caller.set(place, self.arrays[buffer])
        return caller.call

    def _numpy(self, call: NumpyCall) -> Callable[..., int]:
        """A step that NumPy does, as a function of what changes: from memory to memory."""

        def found(part: Part, changing: tuple[Any, ...]) -> Any:
            """What a part of a buffer says, as an array."""
            buffer, size = part.view.buffer, part.view.buffer.dtype.itemsize
            memory = np.asarray(changing[self.columns[buffer]] if buffer in self.columns else self.arrays[buffer], buffer.dtype).reshape(-1)
            strides = tuple(size * s for s in part.view.strides)
            return np.ndarray(part.shape, buffer.dtype, memory, part.view.offset * size, strides)

        def given(a: Any, changing: tuple[Any, ...]) -> Any:
            """An argument; of a single value a number."""
            if not isinstance(a, Part):
                return a
            array = found(a, changing)
            return array.item() if a.weak else array if a.shape else array[()]

        def run(*changing: Any) -> int:
            try:
                args = [given(a, changing) for a in call.args]
                results = args if call.step is None else _forward(call.step, args)
                for part, result in zip(call.results, results, strict=True):
                    if part is not None:
                        found(part, changing)[...] = result
            except OverflowError:  # a Python number that is too long
                return 1
            return 0

        return run

    def _written(self, inputs: list[str], calls: list[Callable[..., int]], native: bool, keeps_gil: bool) -> Callable[..., tuple[Any, ...]]:
        """The function that is called, written out, so that nothing is looked up while it runs."""
        outputs = {buffer: f"y{k}" for k, buffer in enumerate(self.executable.outputs)}
        names: dict[str, Any] = {f"call{k}": call for k, call in enumerate(calls)}
        names |= {"empty": np.empty, "lock": self.lock, "again": self._again, "errstate": np.errstate}
        lines = []
        for buffer, name in outputs.items():
            names[f"shape_{name}"], names[f"dtype_{name}"] = self.changing[buffer].shape, buffer.dtype
            lines.append(f"{name} = empty(shape_{name}, dtype_{name})")
        arguments = ", ".join([*inputs, *outputs.values()])
        lines += [f"if call{k}({arguments}): return again({', '.join(inputs)})" for k in range(len(calls))]
        parts = zip(self.executable.program.outputs, self.executable.schedule.outputs, strict=True)
        results = [outputs[part.view.buffer] + (".item()" if v.weak else "" if part.shape else "[()]") for v, part in parts]
        lines.append(f"return ({''.join(f'{y}, ' for y in results)})")
        if not native:
            lines = ["with errstate(all='ignore'):", *(f"    {line}" for line in lines)]
        if not keeps_gil:
            lines = ["with lock:", *(f"    {line}" for line in lines)]
        exec("\n    ".join([f"def run({', '.join(inputs)}):", *lines]), names)  # noqa: S102  # made of names only
        return names["run"]  # type: ignore[no-any-return]

    def _again(self, *given: Any) -> tuple[Any, ...]:
        """All of it by NumPy, where an index was out of range: that raises eager's error, or knows better.  Generators are as before."""
        from ..numpy.emit import emit as emit_numpy

        if isinstance(self.lock, Rewinding):
            self.lock.rewind()
        return emit_numpy(self.executable.program).bind(dict(self.captured))(*given)


def _forward(step: Step, args: list[Any]) -> Any:
    """The results of a step, or the error that its op raises."""
    try:
        y = step.op.forward(*args, **step.options)
    except Exception as error:
        if isinstance(step.op, Op):
            raise failed_call(step.op, error, args, args, step.options) from None
        raise
    if may_vary(step):
        y = as_traced(y, step)
    return y if step.plural else (y,)
