"""Steps whose numbers decide what they give: real eigenvalues or complex ones, as many zeros as a polynomial has.

A program is of the dtypes and shapes that were there when the function was traced, and all that follows such a step relies on them.  So
each time it runs, what the step gave is looked at; where it is another kind of array, nothing more is computed, nothing has been written,
what was drawn is put back, and the function runs as Python.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from .. import ops
from .passes import TOTAL
from .program import Draw

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .program import Program, Step, Value

__all__ = ["Rewinding", "Varied", "as_traced", "lock_of", "may_vary", "varies"]

DECIDING = frozenset({ops.eig, ops.roots})
"""Our ops whose numbers decide the dtype, or the shape; of ops and functions from elsewhere nothing is known."""


class Varied(Exception):  # noqa: N818  # no error: this call runs as Python
    """How what a step gave differs from what it gave when the function was traced."""


def may_vary(step: Step) -> bool:
    """Whether the dtype or the shape of what a step gives may depend on its numbers; it then `has_effect`, so that no pass drops it.

    >>> from autograd.compiler.program import Step
    >>> may_vary(Step(ops.inv, (), {})), may_vary(Step(ops.eig, (), {}))
    (False, True)
    """
    op = step.op
    return op in DECIDING or not (isinstance(op, Draw) or op.kind == "indexed" or op.__module__.startswith(TOTAL))


def as_traced(y: Any, step: Step) -> Any:
    """What a step gave, if it is what its results say; else Varied.

    >>> from autograd.compiler.program import Step, Value
    >>> step = Step(ops.eig, (), {}, (Value((2,), np.dtype(float)),))
    >>> as_traced(np.ones(2), step)
    array([1., 1.])
    >>> try:
    ...     as_traced(np.ones(2, complex), step)
    ... except Varied as reason:
    ...     print(str(reason).partition(";")[0])
    the numbers decide what eig gives: complex128, but float64 when it was compiled
    """
    parts = y if step.plural else (y,)
    if type(parts) is not tuple or len(parts) != len(step.results):
        raise Varied(_told(step, "another number of arrays than when it was compiled"))
    for part, value in zip(parts, step.results, strict=True):
        if value.weak or type(part) in WEAK:
            if not value.weak or WEAK.get(type(part)) != value.dtype.kind:
                raise Varied(_told(step, f"a {type(part).__name__}, but {_kind(value)} when it was compiled"))
        elif (dtype := np.asarray(part).dtype) != value.dtype:
            raise Varied(_told(step, f"{dtype}, but {_kind(value)} when it was compiled"))
        elif np.shape(part) != value.shape:
            raise Varied(_told(step, f"another shape than when it was compiled, {value.shape}"))
    return y


WEAK = {int: "i", float: "f", complex: "c"}
"""Python's numbers."""


def _kind(value: Value) -> str:
    return {"i": "an int", "f": "a float", "c": "a complex"}[value.dtype.kind] if value.weak else str(value.dtype)


def _told(step: Step, what: str) -> str:
    return f"the numbers decide what {step.op.name} gives: {what}; call it outside of the compiled function"


def varies(program: Program) -> bool:
    """Whether there is a step that may vary.

    >>> from autograd.compiler.program import Program
    >>> varies(Program([], [], []))
    False
    """
    return any(map(may_vary, program.steps))


class Rewinding:
    """A lock; where what happens within it ends with Varied, these generators are put back as they were.

    >>> rng = np.random.default_rng(0)
    >>> try:
    ...     with Rewinding([rng]):
    ...         before = rng.random()
    ...         raise Varied
    ... except Varied:
    ...     print(before == rng.random())
    True
    """

    def __init__(self, generators: Iterable[np.random.Generator]) -> None:
        self._all = [generator.bit_generator for generator in generators]
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        self._lock.acquire()
        self._states = [bits.state for bits in self._all]
        return self

    def __exit__(self, kind: type[BaseException] | None, *error: object) -> None:
        if kind is Varied:
            self.rewind()
        self._lock.release()

    def rewind(self) -> None:
        """Put them back now."""
        for bits, state in zip(self._all, self._states, strict=True):
            bits.state = state


def lock_of(program: Program, can_fail: bool = False) -> Any:
    """The lock that a run of a program holds: `Rewinding` if it draws, and may vary, or fail for another reason that is no error.

    >>> from autograd.compiler.program import Program
    >>> type(lock_of(Program([], [], []))).__name__
    'lock'
    """
    generators = {id(step.op.generator): step.op.generator for step in program.steps if isinstance(step.op, Draw)}
    return Rewinding(generators.values()) if generators and (can_fail or varies(program)) else threading.Lock()
