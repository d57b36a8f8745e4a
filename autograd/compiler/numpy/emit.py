"""The NumPy emitter: a program as one straight Python function, whose lines write into memory that was set aside before.

What changes in a run lies in an arena, planned by lifetimes; views of it, and of captured arrays, are made once, for what they look at
never moves.  A step may write over an argument that is needed no more, and the last one of a captured array into the array itself, if
nothing that comes later reads what was there, or may yet raise.  Results are memory of their own.
"""

from __future__ import annotations

from contextvars import Context
from typing import TYPE_CHECKING, Any

import numpy as np

from ...misuse import failed_call
from ...op import Op
from ..memory import arena
from ..program import Value
from ..substitutes import Indexed
from ..varying import as_traced, lock_of
from .chunks import chunks
from .cross_entropy import CrossEntropy
from .expansions import prepared
from .writer import Writer

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..program import Program

__all__ = ["Executable", "emit"]


def emit(program: Program) -> Executable:
    """The code of a program.

    >>> from autograd import ops
    >>> from autograd.compiler.program import Input, Program, Step, Value
    >>> x, y, z = (Value((2,), np.dtype(float)) for _ in "xyz")
    >>> y.step, z.step = Step(ops.exp, (x,), {}, (y,)), Step(ops.add, (y, 1.0), {}, (z,))
    >>> executable = emit(Program([Input(x, "x")], [y.step, z.step], [z]))
    >>> print(executable.source)
    def bind(memory):
        v0 = memory(0, (2,), 'float64')
        c0 = np.array(1.0, 'float64')
    <BLANKLINE>
        def run(x):
            np.exp(x, out=v0)
            v1 = np.add(v0, c0)
            return (v1,)
    <BLANKLINE>
        return run
    <BLANKLINE>
    >>> executable.bind({})(np.zeros(2))
    (array([2., 2.]),)
    """
    return Executable(prepared(program))


class Executable:
    """Code that can be bound to the arrays that it shall work on."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._written = {number for number, given in enumerate(program.inputs) if any(x is given.value for x, _ in program.writes)}
        self._code: _Code | None = None

    @property
    def source(self) -> str:
        """The code, to read."""
        return (self._code or _Code(self.program, frozenset(self._written))).text

    def bind(self, captured: dict[int, np.ndarray]) -> Callable[..., tuple[Any, ...]]:
        """The function that runs the program on captured arrays, by their numbers among the inputs, and on what it is called with."""
        if self._code is None or self._code.captured != captured.keys():
            self._code = _Code(self.program, frozenset(captured))
        return self._code.bind([captured[number] for number in sorted(captured)])


class _Code:
    """The code of a program of which some inputs are captured."""

    def __init__(self, program: Program, captured: frozenset[int]) -> None:
        self.program, self.captured, self._writer = program, captured, Writer(program, captured)
        self.text = self._writer.text
        ours = {"owned": owned, "as_traced": as_traced, "chunks": chunks, "CrossEntropy": CrossEntropy}
        self._objects = {"np": np, **ours, **self._writer.objects}
        exec(compile(self.text, "<jit>", "exec"), self._objects)  # noqa: S102  # what was just written

    def bind(self, captured: list[np.ndarray]) -> Callable[..., tuple[Any, ...]]:
        """The function over these arrays."""
        calm = Context()  # entering it costs a twentieth of what np.errstate does
        calm.run(np.seterr, all="ignore")
        inside, lock = calm.run, lock_of(self.program)
        run = inside(self._objects["bind"], arena(self._writer.nbytes), *captured)

        def call(*arrays: Any) -> tuple[Any, ...]:
            with lock:
                try:
                    return inside(run, *arrays)
                except Exception as error:  # noqa: BLE001  # each is raised again
                    raise self._explained(error, run.__code__) from None

        return call

    def _explained(self, error: Exception, code: Any) -> Exception:
        """The error that the op would have raised."""
        trace = error.__traceback__
        while trace is not None and trace.tb_frame.f_code is not code:
            trace = trace.tb_next
        step = self._writer.steps.get(trace.tb_lineno) if trace is not None else None
        if trace is None or step is None:
            return error
        names, variables = {**self._objects, **trace.tb_frame.f_locals}, self._writer.variables
        values = tuple([(names[variables[a].name] if a in variables else a.content) if isinstance(a, Value) else a for a in step.args])
        op, options = step.op, step.options
        if isinstance(op, Indexed):
            values, options = op.filled(values, options)
            op = op.op
        return failed_call(op, error, values, values, options) if isinstance(op, Op) else error


def owned(y: Any, *others: Any) -> Any:
    """A result of an op as memory of its own.

    >>> x = np.ones(2)
    >>> y = owned(x, x)
    >>> y is x, owned(y, x) is y
    (False, True)
    """
    return y if getattr(y, "base", None) is None and all(y is not a for a in others) else y.copy()
