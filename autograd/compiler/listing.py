"""A program to look at: its steps as text, what each pass makes of it, what it takes of memory and work."""

from __future__ import annotations

import inspect
import reprlib
from collections import Counter
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import ops
from ..drawing.facts import printable
from ..ops.einsum import explicit
from ..ops.index import is_basic
from .passes import stages
from .program import Program, Step, Value, values_of
from .simpler import PERMUTING, RESHAPING
from .substitutes import Function, Indexed

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

__all__ = ["Listing", "call_text", "form", "named"]


class Listing:
    """What a compiled function computes, of which `program` is the trace; `captured` are the numbers of the inputs that are no arguments.

    It tells the steps that the passes leave, and how many each of them left, the constants among them, and their cost: the memory of
    intermediate values, the bytes that must move at least (inputs and constants read, results written), and the floating-point operations
    of matrix products.

    >>> from autograd.compiler.program import Input
    >>> from autograd.compiler.simpler import call
    >>> x, w = Value((4, 2), np.dtype(float)), Value((2, 3), np.dtype(float))
    >>> a = call(ops.copy, (x,), {}, x)
    >>> b = call(ops.matmul, (a, w), {}, x, (4, 3))
    >>> y = call(ops.tanh, (b,), {}, b)
    >>> Listing(Program([Input(x, "x"), Input(w, "w")], [a.step, b.step, y.step], [y]), captured=[1])
    arguments  x float64[4, 2]
    captured   w float64[2, 3]
      %1 = matmul(x, w)  float64[4, 3]
      %2 = tanh(%1)      float64[4, 3]
    returns    %2
    passes     3 steps → simplify 2
    memory     1 buffer of 96 B for intermediate values, 96 B at once
    work       208 B to read and write at least, 48 flops in matrix products
    """

    def __init__(self, program: Program, captured: Collection[int] = ()) -> None:
        self.before = self.program = program
        self.passes: list[tuple[str, int]] = []  # each pass, with the steps that there are after it
        self.captured = frozenset(captured)
        for name, after in stages(program):
            self.passes.append((name, len(after.steps)))
            self.program = after

    # -- numbers ----------------------------------------------------------------------------------------------------------------------

    @property
    def buffers(self) -> list[int]:
        """The bytes of each intermediate array, if each had memory of its own."""
        kept = {memory_of_value(v) for v in self.program.results()}
        return [v.nbytes for step in self.program.steps for v in step.results if memory_of_value(v) is v and v not in kept]

    @property
    def peak(self) -> int:
        """The most bytes that intermediate values need at once."""
        steps, kept = self.program.steps, {memory_of_value(v) for v in self.program.results()}
        last = {memory_of_value(v): k for k, step in enumerate(steps) for v in (*step.results, *values_of(step))}
        dying: dict[int, list[Value]] = {}
        for v, k in last.items():
            dying.setdefault(k, []).append(v)
        now = most = 0
        for k, step in enumerate(steps):
            now += sum(v.nbytes for v in step.results if memory_of_value(v) is v and v not in kept)
            most = max(most, now)
            now -= sum(v.nbytes for v in dying.get(k, ()) if v.step is not None and v not in kept)
        return most

    @property
    def traffic(self) -> int:
        """The bytes that must move at least: inputs and constants that are used are read once, results are written once."""
        used = {v for step in self.program.steps for v in values_of(step)} | {*self.program.results()}
        return sum(v.nbytes for v in used if v.step is None) + sum(v.nbytes for v in self.program.results())

    @property
    def flops(self) -> int:
        """The floating-point operations of matrix products: a product and a sum for each pair that is multiplied."""
        return sum(FLOPS[step.op](step) for step in self.program.steps if step.op in FLOPS)

    def progress(self) -> Iterator[tuple[str, int]]:
        """The passes that have changed how many steps there are."""
        now = len(self.before.steps)
        for name, count in self.passes:
            if count != now:
                yield name, count
            now = count

    # -- text -------------------------------------------------------------------------------------------------------------------------

    def __repr__(self) -> str:
        names, lines = named(self.program), []
        inputs = list(enumerate(self.program.inputs))
        for title, found in (
            ("arguments", [f"{i.name} {form(i.value)}" for k, i in inputs if k not in self.captured]),
            ("captured", [f"{i.name} {form(i.value)}" for k, i in inputs if k in self.captured]),
            ("constants", [f"{names[v]} {form(v)}" for v in self.program.constants() if v.shape]),
        ):
            lines += titled(title, found)
        rows = [
            (text, ", ".join(map(form, step.results))) for step, text in zip(self.program.steps, texts(self.program, names), strict=True)
        ]
        width = min(max((len(text) for text, _ in rows), default=0), 80)
        lines += [f"  {text:{width}}  {shape}" for text, shape in rows]
        lines += titled("returns", [names[v] for v in self.program.outputs])
        lines += titled("writes", [f"{names[x]} ← {names[v]}" for x, v in self.program.writes])
        traced = len(self.before.steps)
        lines += titled("passes", [f"{traced} step{'s' * (traced != 1)}", *(f"{name} {count}" for name, count in self.progress())], " → ")
        lines += titled(
            "memory",
            [
                f"{len(self.buffers)} buffer{'s' * (len(self.buffers) != 1)} of {size(sum(self.buffers))} for intermediate values",
                f"{size(self.peak)} at once",
            ],
        )
        lines += titled("work", [f"{size(self.traffic)} to read and write at least", f"{self.flops:,} flops in matrix products"])
        return "\n".join(lines)


def titled(title: str, parts: list[str], mark: str = ", ") -> list[str]:
    """A title and what belongs to it, on lines of at most 120 characters.

    >>> titled("returns", ["%1", "%2"])
    ['returns    %1, %2']
    """
    lines, line = [], ""
    for part in parts:
        if line and len(line) + len(mark) + len(part) > 109:
            lines.append(line + mark.rstrip())
            line = ""
        line += mark + part if line else part
    return [f"{title if k == 0 else '':9}  {line}" for k, line in enumerate([*lines, line])] if parts else []


def form(value: Value) -> str:
    """Dtype and shape; of a Python number, that it is one.

    >>> form(Value((32, 10), np.dtype(np.float32))), form(Value((), np.dtype(float), weak=True))
    ('float32[32, 10]', 'float')
    """
    return {"f": "float", "i": "int", "c": "complex", "b": "bool"}[value.dtype.kind] if value.weak else f"{value.dtype}{list(value.shape)}"


def size(count: int) -> str:
    """Bytes, in words.

    >>> size(999), size(25_600), size(3_000_000)
    ('999 B', '25.6 kB', '3 MB')
    """
    for unit, scale in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if count >= scale:
            return f"{count / scale:.3g} {unit}"
    return f"{count} B"


def named(program: Program) -> dict[Value, str]:
    """What each value is called: inputs by their names, results by numbers, array constants c1, c2, …, other constants by their number."""
    names: dict[Value, str] = {}
    taken = Counter(i.name for i in program.inputs)
    for k, (value, name) in enumerate(program.inputs, 1):
        names[value] = printable(name if taken[name] == 1 else f"{name} #{k}")
    arrays = 0
    for value in program.constants():
        arrays += bool(value.shape)
        names[value] = f"c{arrays}" if value.shape else repr(value.content[()] if isinstance(value.content, np.ndarray) else value.content)
    for k, step in enumerate(program.steps, 1):
        names.update((v, f"%{k}.{n}" if step.plural else f"%{k}") for n, v in enumerate(step.results))
    return names


def texts(program: Program, names: dict[Value, str]) -> Iterator[str]:
    """Each step as a line: `%3 = relu(%2)`."""
    for k, step in enumerate(program.steps, 1):
        yield f"%{k} = {call_text(step, [names[a] if isinstance(a, Value) else repr(a) for a in step.args])}"


def call_text(step: Step, args: list[str]) -> str:
    """A call: these arguments, and the options that are not what they are by default.

    >>> call_text(Step(ops.sum, (None,), {"axis": 1, "keepdims": False}), ["x"])
    'sum(x, axis=1)'
    """
    op, brief = step.op, _Brief(args)
    if isinstance(op, Function):
        return f"{op.name}({', '.join([*map(brief.repr, op.args), *(f'{k}={brief.repr(v)}' for k, v in op.kwargs.items())])})"
    defaults = inspect.signature(getattr(op, "__wrapped__", op.forward)).parameters
    options = [
        f"{k}={brief.repr(v)}" for k, v in step.options.items() if k not in defaults or brief.repr(v) != brief.repr(defaults[k].default)
    ]
    if isinstance(op, Indexed):  # the arguments at the end are parts of the index
        args, options = args[: op.count], [*options, f"index={brief.repr(op.index)}"]
    return f"{op.name}({', '.join([*args, *options])})"


class _Brief(reprlib.Repr):
    """Options as a line shows them: arrays by their shape, dtypes and functions by name, an argument in an index by its own name."""

    def __init__(self, args: list[str]) -> None:
        super().__init__()
        self.args = args

    def repr1(self, x: Any, level: int) -> str:
        if isinstance(x, np.ndarray):
            return f"{x.dtype}{list(x.shape)}"
        if isinstance(x, (type, np.dtype)) or callable(x):
            return str(getattr(x, "__name__", x))
        return super().repr1(x, level)

    def repr_slice(self, x: slice, level: int) -> str:
        ends = [self.repr1(k, level) if k is not None else "" for k in (x.start, x.stop, x.step)]
        return ":".join(ends if ends[2] else ends[:2])

    def repr_ellipsis(self, x: Any, level: int) -> str:  # noqa: ARG002
        return "..."

    def repr_Hole(self, x: int, level: int) -> str:  # noqa: ARG002, N802  # reprlib's way to name a type
        return self.args[x]


# -- cost ---------------------------------------------------------------------------------------------------------------------------------

VIEWS = frozenset({*RESHAPING, *PERMUTING, ops.broadcast_to, ops.real})


def memory_of_value(value: Value) -> Value:
    """Whose memory a value can share."""
    while value.step is not None and is_view(value.step):
        value = value.step.args[0]
    return value


def is_view(step: Step) -> bool:
    """Whether NumPy computes nothing for this step, as a rule."""
    return isinstance(step.args[0], Value) and (step.op in VIEWS or (step.op is ops.getitem and is_basic(step.options["index"])))


def _matmul(step: Step) -> int:
    return int(2 * step.results[0].size * step.args[0].shape[-1])


def _linear(step: Step) -> int:
    return _matmul(step) + (step.results[0].size if len(step.args) > 2 and step.args[2] is not None else 0)


def _einsum(step: Step) -> int:
    shapes = [a.shape for a in step.args]
    inputs, _ = explicit(step.options["subscripts"], [len(shape) for shape in shapes])
    sizes: dict[str, int] = {}
    for letters, shape in zip(inputs, shapes, strict=True):
        for c, n in zip(letters, shape, strict=True):
            sizes[c] = max(n, sizes.get(c, 0))
    return len(shapes) * prod(sizes.values())


def _outer(step: Step) -> int:
    return step.results[0].size


FLOPS = {ops.matmul: _matmul, ops.dot: _matmul, ops.linear: _linear, ops.outer: _outer, ops.einsum: _einsum}
