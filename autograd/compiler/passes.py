"""Passes: from a program to one that computes the same with less.

Values stay the same bit for bit, with their NaNs, infinities, signed zeros and dtypes, but for what NumPy itself leaves open: the sign of a
NaN, and, as arrays may come to lie differently in memory, the order in which sums and products add up.  A pass never changes the program
that it is given; what it has no reason to touch, both share.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .. import ops
from ..op import NUMBERS
from ..ops.compare import one_hot
from ..ops.index import add_along_axis
from .program import Program, Step, Value, values_of
from .simpler import simpler

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["PASSES", "drop", "fold", "has_effect", "optimised", "rewritten", "share", "simplify", "stages"]


def optimised(program: Program) -> Program:
    """The program after all passes, in turns until they find nothing more.

    >>> from autograd.compiler.program import Input
    >>> from autograd.compiler.simpler import call
    >>> x = Value((2,), np.dtype(float))
    >>> y = call(ops.multiply, (x, 1), {}, x)
    >>> optimised(Program([Input(x, "x")], [y.step], [y])).steps
    []
    """
    for _, after in stages(program):
        program = after
    return program


def stages(program: Program) -> Iterator[tuple[str, Program]]:
    """The name of each pass and what it makes of the program, round by round; the last round changes nothing.

    >>> [name for name, _ in stages(Program([], [], []))]
    ['fold', 'simplify', 'share', 'drop']
    """
    before: list[Step] | None = None
    while program.steps != before:  # steps are equal where they are the very same
        before = program.steps
        for run in PASSES:
            program = run(program)
            yield run.__name__, program


def rewritten(program: Program, stand_in: Callable[[Step], Any]) -> Program:
    """The program in which `stand_in(step)` gives other values for the results of a step, or None to leave it.

    They may be known already, be constants, or come from new steps.  Draws are left without asking.
    """
    now: dict[Any, Any] = {}  # what stands for a value of the old program
    steps: dict[Step, None] = {}

    def add_steps_to(value: Value) -> None:
        if value.step is not None and value.step not in steps:
            for a in values_of(value.step):
                add_steps_to(a)
            steps[value.step] = None

    for old in program.steps:
        step = with_arguments(old, tuple([argument(now.get(a, a)) if isinstance(a, Value) else a for a in old.args]))
        values = stand_in(step) if step.op.kind != "draw" else None
        if values is None:
            steps[step] = None
        for a, b in zip(old.results, values or step.results, strict=True):
            add_steps_to(b)
            now[a] = b
    return Program(program.inputs, steps, [now.get(v, v) for v in program.outputs], [(x, now.get(v, v)) for x, v in program.writes])


def argument(value: Value) -> Any:
    """A value as an argument: what is known to be a Python number is one."""
    return value.content if value.weak and value.content is not None else value


def with_arguments(step: Step, args: tuple[Any, ...]) -> Step:
    """The step itself, or if these are not its arguments, one like it, with results of its own."""
    if all(a is b for a, b in zip(args, step.args, strict=True)):
        return step
    new = Step(step.op, args, step.options, plural=step.plural)
    new.results = tuple([Value(v.shape, v.dtype, new, weak=v.weak) for v in step.results])
    return new


# -- the passes ---------------------------------------------------------------------------------------------------------------------------

SMALL = 4096
"""Bytes that a constant may take if it is larger than what it was made of, and up to which constants are compared by their values."""


def fold(program: Program) -> Program:
    """What depends on constants only is a constant, unless it is large; what raises is left to raise at its time."""
    return rewritten(program, folded)


def folded(step: Step) -> tuple[Value, ...] | None:
    """The results of a step on constants, computed."""
    if any(a.content is None for a in values_of(step)):
        return None
    if sum(v.nbytes for v in step.results) > max(SMALL, sum(a.nbytes for a in values_of(step))):
        return None
    try:
        with np.errstate(all="ignore"):
            y = step.op.forward(*[a.content if isinstance(a, Value) else a for a in step.args], **step.options)
    except Exception:  # noqa: BLE001  # whatever it is, the program will tell it
        return None
    values = []
    for part, old in zip(y if step.plural else (y,), step.results, strict=True):
        if (np.shape(part), np.asarray(part).dtype, type(part) in NUMBERS) != (old.shape, old.dtype, old.weak):
            return None
        values.append(Value(old.shape, old.dtype, content=part, weak=old.weak))
    return tuple(values)


def simplify(program: Program) -> Program:
    """Steps with a shorter way to the same value take it: see `simpler`."""

    def stand_in(step: Step) -> tuple[Value] | None:
        value = simpler(step)
        return None if value is None else (value,)

    return rewritten(program, stand_in)


COMMUTATIVE = frozenset({ops.add, ops.multiply, ops.equal, ops.not_equal, ops.logical_and, ops.logical_or})


def share(program: Program) -> Program:
    """What is computed twice is computed once: the same op of the same arguments with the same options."""
    first: dict[Any, tuple[Value, ...]] = {}

    def stand_in(step: Step) -> tuple[Value, ...] | None:
        args = tuple(map(identity, step.args))
        if step.op in COMMUTATIVE and step.results[0].dtype.kind != "c":  # complex products round one of their terms first
            args = (frozenset(args),)
        what = (step.op.op, step.op.count, identity(step.op.index)) if step.op.kind == "indexed" else step.op.forward
        values = first.setdefault((what, args, identity(dict(step.options))), step.results)
        return None if values is step.results else values

    return rewritten(program, stand_in)


def identity(a: Any) -> Any:
    """What two arguments or options have in common only if they are the same; numbers are by their types and bits.

    >>> identity(0.0) == identity(-0.0), identity(1) == identity(True), identity(slice(1, 2)) == identity(slice(1, 2))
    (False, False, True)
    """
    if isinstance(a, Value):
        return a if a.content is None else identity(a.content)
    if isinstance(a, (list, tuple)):
        return (type(a), *map(identity, a))
    if isinstance(a, dict):
        return (dict, *((key, identity(value)) for key, value in a.items()))
    if isinstance(a, slice):
        return (slice, *map(identity, (a.start, a.stop, a.step)))
    if isinstance(a, (bool, int, float, complex, np.generic, np.ndarray)):
        array = np.asarray(a)
        return (type(a), array.dtype, array.shape, array.tobytes()) if array.dtype != object and array.nbytes <= SMALL else (id(a),)
    return (type(a), a) if getattr(a, "__hash__", None) else (id(a),)


def drop(program: Program) -> Program:
    """Without the steps that nothing needs, but for draws, which move a generator on, and for what may raise an error."""
    needed = set(program.results())
    kept = []
    for step in reversed(program.steps):
        if not needed.isdisjoint(step.results) or has_effect(step):
            kept.append(step)
            needed.update(values_of(step))
    return Program(program.inputs, reversed(kept), program.outputs, program.writes)


TOTAL = ("autograd.ops.", "autograd.scipy.special.")
"""Modules whose ops take any numbers, …"""
PARTIAL = frozenset({ops.cross_entropy, ops.finite, ops.nll_loss, ops.roots, ops.take_along_axis, add_along_axis, one_hot})
"""… but for these, which look at theirs."""


def has_effect(step: Step) -> bool:
    """Whether a step does more than to compute its results: it draws, or looks at its numbers and may refuse them.

    Of our ops these are decompositions, those that take labels or positions, and powers of whole numbers; of ops from elsewhere nothing is
    known.  What shapes and dtypes decide was decided when the function was traced.  (`softmax_minus_one_hot` takes its labels from
    `cross_entropy`, which has looked at them, and so stays where only its derivative is used.)

    >>> x = Value((2, 2), np.dtype(float))
    >>> has_effect(Step(ops.exp, (x,), {})), has_effect(Step(ops.inv, (x,), {}))
    (False, True)
    """
    op, home = step.op, step.op.__module__
    whole = op is ops.power and step.results[0].dtype.kind in "iu"
    return whole or op in PARTIAL or not home.startswith(TOTAL) or ".linalg." in home


PASSES = (fold, simplify, share, drop)
