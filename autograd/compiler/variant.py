"""A variant of a compiled function: the program that one trace became, and the code that runs."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from ..graph import stamp_of
from ..mode import GRAD
from ..tensor import Tensor, wrapped
from . import native
from .answers import Unfit
from .calling import MISS, call_code, input_code, owner
from .passes import optimised
from .program import Program, values_of
from .traced import Argument, Array, Trace, traced
from .tracer import TRACING
from .tracing import TensorPart

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from ..graph import Stamp
    from .calling import Arguments
    from .captured import Captured
    from .reads import Unread

__all__ = ["Variant", "bound", "compiled", "default_backend", "key_of"]


class Variant:
    """What was compiled for one kind of arguments; if it could not be, the `reason` why."""

    def __init__(self, key: Any, reason: str = "", unread: Unread = frozenset(), trace: Trace | None = None, backend: str = "") -> None:
        self.key, self.reason, self.unread, self.trace, self.backend = key, reason, unread, trace, backend
        self.array_numbers: dict[int, int] = {}  # among the arrays that are captured now, by those when it was traced
        self.call: Callable[..., Any] = _never
        if trace is not None:
            program = optimised(trace.program)
            used = {value for step in program.steps for value in values_of(step)} | {*program.results()}
            kept = [k for k, found in enumerate(program.inputs) if found.value in used or found.value in dict(program.writes)]
            self.program = Program([program.inputs[k] for k in kept], program.steps, program.outputs, program.writes)
            self.sources = [trace.sources[k] for k in kept]
            self.executable = emitter(backend)(self.program)

    def __repr__(self) -> str:
        if self.trace is None:
            return f"<variant that runs as Python: {self.reason}>"
        from .listing import form

        inputs = zip(self.trace.program.inputs, self.trace.sources, strict=True)
        return (
            f"<variant for {', '.join(f'{i.name} {form(i.value)}' for i, source in inputs if isinstance(source, Argument)) or 'no arrays'}>"
        )

    def plan(self) -> Any:
        """The program, to look at."""
        from .listing import Listing

        return Listing(self._needed_trace().program, self._captured(self._needed_trace().sources))

    def picture(self, max_nodes: int) -> Any:
        """The optimised program as a picture."""
        from .picture import picture

        self._needed_trace()
        return picture(self.program, self._captured(self.sources), max_nodes)

    @staticmethod
    def _captured(sources: list[Any]) -> list[int]:
        return [k for k, source in enumerate(sources) if not isinstance(source, Argument)]

    def source(self) -> str:
        """The code that runs."""
        self._needed_trace()
        return str(self.executable.source)

    def _needed_trace(self) -> Trace:
        if self.trace is None:
            raise RuntimeError(f"jit: this call is not compiled, but runs as Python: {self.reason}")
        return self.trace

    def bind(self, arguments: Arguments, captured: Captured) -> None:
        """Make `call`, for what is captured now, without what is `unread`."""
        if self.trace is None:
            return
        arrays = {k: captured.arrays[number][1] for k, number in self.array_numbers.items()}
        written = [tensor.data for tensor in self.trace.written]
        objects: dict[str, Any] = {**self.trace.objects, "arrays": arrays, "GRAD": GRAD, "TRACING": TRACING, **captured.objects}
        fixed: dict[int, Any] = {}
        inputs: list[str] = []
        for k, source in enumerate(self.sources):
            if isinstance(source, Argument):
                leaf = arguments.leaves[source.leaf]
                inputs.append(input_code(leaf))
                continue
            if isinstance(source, TensorPart) and source.part == "grad":
                inputs.append(f"as_input({arguments.name(source.tensor)}._grad, written)")
                continue
            array = _array(source, arrays)
            if array.flags.c_contiguous and array.flags.aligned and array.dtype.isnative:
                fixed[k] = array
            else:
                inputs.append(f"as_input({arguments.name(array)}, written)")
        _check_memory(self.trace.written, written, [_array(source, arrays) for source in self.sources if _is_captured(source)])
        objects["written"] = frozenset(id(owner(a)) for a in written)
        objects["stamps"] = [_named_stamp(tensor) for tensor in self.trace.written]
        objects["run"] = self.executable.bind(fixed)
        objects["wrapped"], objects["asarray"] = wrapped, np.asarray
        effects = [f"{arguments.name(t)}._grad = {'None' if k is None else f'wrapped(out[{k}], None)'}" for t, k in self.trace.grads]
        conditions = [f"GRAD.get() is {bool(GRAD.get())}", "TRACING.get() is None", *captured.conditions]
        self.call = call_code(arguments, conditions, inputs, effects, self.trace.returned, objects)


def key_of(arguments: Arguments, captured: Captured) -> tuple[Any, ...]:
    """What is equal for calls that one variant can serve.

    >>> from .calling import Arguments
    >>> from .captured import Captured
    >>> key_of(Arguments((), {}, frozenset()), Captured([2.0]))
    ((('args', 0, ()),), ((<class 'float'>, '2.0'),), True)
    """
    return arguments.signature, tuple(captured.signature), bool(GRAD.get())


def compiled(function: Callable[..., Any], arguments: Arguments, captured: Captured, backend: str | None) -> Variant:
    """Trace a function and compile what it computes; where that can't be, a variant with the reason.

    >>> from .calling import Arguments
    >>> from .captured import Captured
    >>> double = lambda x: 2 * x
    >>> variant = compiled(double, Arguments((3.0,), {}, frozenset()), Captured([double]), "numpy")
    >>> float(variant.call((4.0,), {}))
    8.0
    """
    try:
        trace = traced(function, arguments, captured)
    except Unfit as reason:
        return Variant(key_of(arguments, captured), str(reason))
    used = captured.without(trace.unread)
    with _no_collections():
        variant = Variant(key_of(arguments, used), "", trace.unread, trace, backend or default_backend())
    numbers = {id(a): k for k, (_, a) in enumerate(used.arrays)}
    variant.array_numbers = {k: numbers[id(a)] for k, (_, a) in enumerate(captured.arrays) if id(a) in numbers}
    return bound(variant, arguments, used)


def bound(variant: Variant, arguments: Arguments, captured: Captured) -> Variant:
    """The variant for the arrays that are captured now or, if they lie so that it can't be, one with the reason.

    >>> from .calling import Arguments
    >>> from .captured import Captured
    >>> bound(Variant(None, "because"), Arguments((), {}, frozenset()), Captured([])).reason
    'because'
    """
    try:
        variant.bind(arguments, captured)
    except Unfit as reason:
        return Variant(variant.key, str(reason), variant.unread)
    return variant


@contextmanager
def _no_collections() -> Iterator[None]:
    """Keep the garbage collector from looking, again and again, through all that a long program consists of."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def default_backend() -> str:
    """Machine code where llvmlite is installed, else NumPy.

    >>> default_backend() in ("native", "numpy")
    True
    """
    return "native" if native.is_available() else "numpy"


def emitter(backend: str) -> Any:
    """What makes code of a program.

    >>> emitter("numpy").__name__
    'emit'
    """
    if backend == "native":
        from .native.emit import emit as emit_native

        return emit_native
    from .numpy.emit import emit

    return emit


def _check_memory(tensors: list[Tensor], written: list[Any], captured: list[Any]) -> None:
    for tensor, array in zip(tensors, written, strict=True):
        what = f"the Tensor {tensor.name or ''} {array.shape}, which it writes,"
        if not (array.flags.c_contiguous and array.flags.aligned and array.flags.writeable):
            raise Unfit(f"{what} is not contiguous, writeable memory; make it so: Tensor(a.copy())")
        if sum(np.may_share_memory(array, other) for other in captured) > 1:
            raise Unfit(f"{what} shares memory with something else that it uses")


def _is_captured(source: Any) -> bool:
    """Whether an input is the value of a Tensor, or an array, that is taken from outside."""
    return isinstance(source, Array) or (isinstance(source, TensorPart) and source.part == "value")


def _array(source: Any, arrays: Mapping[int, Any]) -> Any:
    return source.tensor.data if isinstance(source, TensorPart) else arrays[source.number]


def _named_stamp(tensor: Tensor) -> Stamp:
    stamp = stamp_of(tensor.data)
    stamp.name = tensor.name
    return stamp


def _never(args: Any, kwargs: Any) -> Any:  # noqa: ARG001
    return MISS
