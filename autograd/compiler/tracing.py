"""The tracing of one run of a function: every op that it calls becomes a step of a program."""

from __future__ import annotations

import functools
import operator
import re
import threading
import weakref
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import numpy as np

from .. import ops
from ..draws import DRAWING
from ..each import EACH
from ..graph import memory_of
from ..misuse import failed_call
from ..mode import GRAD, Block
from ..op import PLAIN, Op, Traced, as_array, operand
from ..operators import NO_OPTIONS
from ..tensor import Tensor, record, record_node, wrapped
from .asking import user_line
from .number import Number, tracer_of
from .program import Draw, Input, Program, Step, Value, values_of
from .substitutes import DrawOf, Function, Hole, Indexed, filled_in, with_holes
from .tracer import LEFT, TRACING, WEAK, Tracer, escape, examples_of, flat_index, to_static, tracing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from ..mode import Settings

__all__ = ["Found", "TensorPart", "Tracing", "surely"]


class TensorPart(NamedTuple):
    """Where an input comes from: the value, or the gradient, of a Tensor."""

    tensor: Tensor
    part: str


class Found(NamedTuple):
    """What a Tensor held before it was traced, and what stands for that in the program."""

    array: Any
    grad: Tensor | None
    value: Value
    traced_grad: Tensor | None
    grad_value: Value | None


def surely(put_back: Callable[[], Any]) -> None:
    """Call a function, and once more if Ctrl-C interrupts it; what it does twice does no harm.

    >>> surely(lambda: None)
    """
    try:
        put_back()
    except KeyboardInterrupt:
        put_back()
        raise


def _plain(a: Any) -> Any:
    """A Tensor's value, where NumPy may have it."""
    return a.data if isinstance(a, Tensor) and not a.requires_grad else a


_active: set[Tracing] = set()
_lock = threading.Lock()


class Tracing(Block):
    """The tracing of one run of a function: the steps so far, in a `with` block."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.inputs: list[Input] = []
        self.sources: list[Any] = []  # of each input, for whoever runs the program: what to hand over
        self.examples: dict[Value, Any] = {}  # of all inputs and results
        self.found: dict[Tensor, Found] = {}  # the Tensors that were met
        self.born: dict[int, Tensor] = {}  # Tensors that the function makes: what they hold is part of the program
        self.escaped: TypeError | None = None  # raised where numbers were asked for, even if the function has caught it
        self.running: list[Any] = []  # NumPy's functions that are being computed by ours
        self._constants: dict[int, tuple[Any, Value]] = {}
        self._lent: list[tuple[Any, Any]] = []  # arrays of Tensors that the function made, each as it was when a tracer took its place
        self._memory: dict[int, tuple[Any, list[Any]]] = {}
        self._generators: dict[int, tuple[Any, Any]] = {}

    def settings(self) -> Settings:
        """This tracing, which is told of draws and of what is done for each of several items."""
        from .batching import batched

        return {TRACING: self, DRAWING: self.draw, EACH: functools.partial(batched, self)}

    def __enter__(self) -> Self:
        try:
            with _lock:
                _active.add(self)
                Tensor.record = staticmethod(_record)  # only now, so that eager code pays nothing
                Tensor.__init__ = _noted_init  # type: ignore[method-assign, assignment]
                Op.__call__ = _called  # type: ignore[method-assign]
            return super().__enter__()
        except BaseException:  # Ctrl-C: __exit__ will not be called
            self._leave()
            raise

    def __exit__(self, kind: type[BaseException] | None, *error: object) -> None:
        super().__exit__(kind, *error)
        surely(self._leave)
        if self.escaped is not None and error and isinstance(error[0], (TypeError, ValueError)) and error[0] is not self.escaped:
            raise self.escaped from None  # whoever asked for numbers has told nothing, or little, of it

    def _leave(self) -> None:
        with _lock:
            _active.discard(self)
            if not _active:
                Tensor.record = staticmethod(record)
                Tensor.__init__ = _init  # type: ignore[method-assign]
                Op.__call__ = _call  # type: ignore[method-assign, assignment]
        for tensor, found in self.found.items():
            tensor._value, tensor._grad = found.array, found.grad

    # -- where values come from -------------------------------------------------------------------------------------------------------

    def input(self, example: Any, name: str, source: Any = None, shared: str = "") -> Tracer:
        """A new input of the program."""
        weak = type(example) in WEAK
        value = Value(np.shape(example), np.asarray(example).dtype, weak=weak)
        self.inputs.append(Input(value, name))
        self.sources.append(source)
        self.examples[value] = example
        return tracer_of(value, example, shared)

    def numbers_for(self, values: Iterable[Value]) -> list[str]:
        """The arguments from which values are computed, by name; none if one of them is no number."""
        names = {i.value: re.split(r"\W", i.name)[0] for i in self.inputs if not i.value.shape}
        met = list(dict.fromkeys(values))
        found = {*met}
        for value in met:
            new = [a for a in dict.fromkeys(values_of(value.step) if value.step is not None else ()) if a not in found]
            met += new
            found.update(new)
        roots = dict.fromkeys(names.get(v, "") for v in met if v.step is None and v.content is None)
        return [] if {"", "args"} & {*roots} else [*roots]

    def sequence_of(self, value: Value) -> str:
        """The argument of several numbers, each an input of its own, of which a value is one, by name; "" if there is none."""
        name = next((i.name for i in self.inputs if i.value is value and i.value.weak), "")
        found = re.fullmatch(r"(?!args\[\d+\]$)(args\[\d+\]|.+?)(\[\d+\])+", name)
        return found[1] if found else ""

    def constant(self, a: Any) -> Tracer:
        """A plain array or NumPy scalar, as it is now, as part of the program."""
        a = a if type(a) in PLAIN and a.dtype.kind in "biufc" else as_array(a)
        _, value = self._constants.get(id(a), (a, None))
        if value is None or not _is_same(a, value.content):
            content = a.copy() if isinstance(a, np.ndarray) else a  # for the function may yet write into it
            self._constants[id(a)] = a, (value := Value(a.shape, a.dtype, content=content))
        return Tracer(value, value.content, shared="a plain array")

    def as_now(self, a: Any) -> Any:
        """What a step is told apart from its arguments, as it is now."""
        if type(a) in (list, tuple):
            return type(a)([self.as_now(part) for part in a])
        if type(a) is dict:
            return {key: self.as_now(part) for key, part in a.items()}
        return self.constant(a).value.content if type(a) is np.ndarray and a.dtype.kind in "biufc" else a

    def take_in(self, tensor: Tensor, name: str | None = None) -> Tracer:
        """Make a Tensor, and its gradient, inputs; until the tracing ends it holds tracers."""
        name = tensor.name or name or f"tensor {len(self.found)}"
        value, grad = tensor._value, tensor._grad
        tracer = self.input(tensor.data, name, TensorPart(tensor, "value"))
        traced_grad = wrapped(self.input(grad.data, f"{name}.grad", TensorPart(tensor, "grad")), None) if grad is not None else None
        grad_value = traced_grad._value.value if traced_grad is not None else None
        self.found[tensor] = Found(value, grad, tracer.value, traced_grad, grad_value)
        tensor._value, tensor._grad = tracer, traced_grad
        return tracer

    def tracer_for(self, a: Any) -> Any:
        """What stands in a program for an argument of an op: a Tracer, or a Python number or None as it is."""
        if isinstance(a, Tensor):
            if not isinstance(a._value, Tracer):
                if id(a) not in self.born:
                    return self.take_in(a)
                tracer = self.constant(a._value)
                self._lent.append((a._value, tracer.example))
                a._value = Tracer(tracer.value, tracer.example)
            a = a._value
        if isinstance(a, Tracer):
            if a.stale:
                what = "jit: an array, or what a derivative needs, lies in memory that has been"
                raise RuntimeError(f"{what} {a.stale}; use it before the write, or a .copy() of it, at {user_line()}")
            return a
        if a is None or type(a) in (*WEAK, bool):
            return a
        return self.constant(a)

    # -- steps -----------------------------------------------------------------------------------------------------------------------------

    def record(self, op: Op, args: tuple[Any, ...], options: Mapping[str, Any]) -> Any:
        """What `Tensor.record` does, in a tracing: nothing is computed, a step is added, and the graph gets its node."""
        args = tuple([a if isinstance(a, Traced) or type(a) in PLAIN else operand(a) for a in args])
        values = [self.tracer_for(a) for a in args]
        if op is not ops.astype and all(a is None or type(a) in (*WEAK, bool, Number) for a in values):
            values = [a if a is None else self.numpys(a) for a in values]  # where functions are called, and no operators
        y = self.apply(op, values, options)
        mask = sum(1 << k for k, a in enumerate(args) if isinstance(a, Tensor) and a.requires_grad)
        if mask and GRAD.get():
            plan = op.plans.get((len(values), mask)) or op.make_plan(len(values), mask)
            if plan.pulls:
                parents = tuple([a._node if isinstance(a, Tensor) else a if type(a) in (float, int) else None for a in args])
                result = record_node(op, options, values, parents, plan, y)
                node = (result[0] if type(result) is tuple else result)._node
                if node is not None:  # as whole numbers have none
                    call = node.parents[0] if node.number is not None else node
                    call.saved = self.snapshot(call.saved)
                return result
        if op.kind == "constant" or not any(isinstance(a, Tensor) for a in args):
            return y
        return tuple([wrapped(part, None) for part in y]) if type(y) is tuple else wrapped(y, None)

    def numpys(self, a: Any) -> Any:
        """A Python number as NumPy's: what computes by NumPy's rules."""
        return self.call(a.dtype.type, (a,), {}) if type(a) is Number else np.asarray(a)[()]

    def apply(self, op: Any, args: Iterable[Any], options: Mapping[str, Any]) -> Any:
        """Add a step; returns its results, traced."""
        values = [self.tracer_for(a) for a in args]
        if op is ops.astype and type(values[0]) is Number and values[0].dtype.kind == "i":  # which raises where it does not fit
            return self.call(np.dtype(options["dtype"]).type, tuple(values), {})
        if "index" in options and any(isinstance(k, Traced) for k in flat_index(options["index"])):
            op, values, options = self._indexed(op, values, options)
        examples = examples_of(values)
        for name, option in options.items():
            if isinstance(option, Traced):
                escape(f"the option {name} of {op.name}", to_static(option))
        try:
            with np.errstate(all="ignore"):
                y = op.forward(*examples, **options)
        except Exception as error:
            if error is self.escaped or isinstance(op, Function):
                raise
            if isinstance(op, Indexed):
                filled, options = op.filled(tuple(examples), options)
                values, examples, op = values[: op.count], list(filled), op.op
            raise failed_call(op, error, values, examples, options) from None
        plural = type(y) is tuple
        parts = y if plural else (y,)
        step = Step(op, tuple([v.value if isinstance(v, Tracer) else v for v in values]), self.as_now(dict(options)), plural=plural)
        results = [tracer_of(Value(np.shape(part), np.asarray(part).dtype, step, weak=type(part) in WEAK), part) for part in parts]
        step.results = tuple([tracer.value for tracer in results])
        self.steps.append(step)
        for tracer in results:
            self.examples[tracer.value] = tracer.example
            self.note_memory(tracer)
        return tuple(results) if plural else results[0]

    def call(self, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Add a call of one of NumPy's functions, which has no derivative and no op."""
        values: list[Any] = []
        args, kwargs = with_holes((args, kwargs), values)
        return self.apply(Function(function, self.as_now(args), self.as_now(kwargs)), values, {})

    def draw(self, generator: np.random.Generator, method: str, *args: Any, **kwargs: Any) -> Tracer:
        """Add a draw of random numbers; the example is drawn from a twin of the generator, which itself stays as it is."""
        if id(generator) not in self._generators:
            kind = type(generator.bit_generator)
            twin = np.random.Generator(kind(0))
            twin.bit_generator.state = generator.bit_generator.state
            self._generators[id(generator)] = generator, twin
        if kwargs.get("out") is not None:
            raise TypeError(
                f"jit: {method} of a generator with out=; take what it returns, as it draws anew in each call; at {user_line()}"
            )
        for size in flat_index(kwargs.get("size")):
            if isinstance(size, Tracer):
                operator.index(size)  # which raises
        values: list[Any] = []
        args, kwargs = tuple(map(_plain, args)), {key: _plain(a) for key, a in kwargs.items()}
        args, kwargs = with_holes((self.as_now(args), self.as_now(kwargs)), values)
        examples = tuple(examples_of(values))
        y = getattr(self._generators[id(generator)][1], method)(*filled_in(args, examples), **filled_in(kwargs, examples))
        if y is None or isinstance(y, (tuple, list)):
            what = f"jit: {method} of a generator gives no array"
            raise TypeError(f"{what}; draw an order by permutation(n), and index by it; at {user_line()}")
        if values:
            step = Step(DrawOf(generator, method, args, kwargs, np.shape(y)), tuple([self.tracer_for(a).value for a in values]), {})
        else:
            step = Step(Draw(generator, method), args, kwargs)
        step.results = (Value(np.shape(y), np.asarray(y).dtype, step, weak=type(y) in WEAK),)
        self.steps.append(step)
        self.examples[step.results[0]] = y
        return tracer_of(step.results[0], y)

    def _indexed(self, op: Op, values: list[Any], options: Mapping[str, Any]) -> tuple[Any, list[Any], dict[str, Any]]:
        """The same call with the traced parts of its index as arguments."""
        parts: list[Tracer] = []

        def hole(k: Any) -> Any:
            if isinstance(k, tuple):
                return tuple([hole(part) for part in k])
            if not isinstance(k, Traced):
                return self.as_now(k)
            tracer = self.tracer_for(k)
            if tracer.dtype.kind == "b" and op.name == "getitem":
                advice = "for x[x > 0].sum() write np.where(x > 0, x, 0).sum(); places that stay are found outside, by np.flatnonzero(mask)"
                escape("an index that is a mask", advice)
            parts.append(tracer)
            return Hole(len(values) + len(parts) - 1)

        index = hole(options["index"])
        return Indexed(op, len(values), index), [*values, *parts], {k: v for k, v in options.items() if k != "index"}

    # -- memory -----------------------------------------------------------------------------------------------------------------------

    def note_memory(self, tracer: Tracer) -> None:
        """Remember in which memory an array lies."""
        if isinstance(tracer.example, np.ndarray):
            memory = memory_of(tracer.example)
            self._memory.setdefault(id(memory), (memory, []))[1].append(weakref.ref(tracer))

    def sharing(self, tracer: Tracer, but: tuple[Any, ...]) -> list[Tracer]:
        """The other arrays that are still there, `but` for these and what they are views of, that lie in the same memory."""
        known = [*but, *(a.origin[0] for a in but if a is not None and a.origin is not None)]
        _, others = self._memory.get(id(memory_of(tracer.example)), (None, []))
        return [a for a in (other() for other in others) if a is not None and not any(a is b for b in known)]

    def check_lent(self) -> None:
        """Raise if an array was written by its name from before a tracer took its place in a Tensor, which has not followed."""
        if not all(_is_same(a, before) for a, before in self._lent):
            what = "jit: the memory of a Tensor that the function made was written by way of an array from before it was used"
            raise RuntimeError(f"{what}; write t.data[…] = …, or make the Tensor after the write")

    def snapshot(self, a: Any) -> Any:
        """An array as it is now: what a node saves, which a write makes stale and does not change."""
        if isinstance(a, tuple):
            return tuple([self.snapshot(part) for part in a])
        if not isinstance(a, Tracer):
            return a
        new = type(a)(a.value, a.example)
        self.note_memory(new)
        return new

    def program(self, outputs: Iterable[Value], writes: Iterable[tuple[Value, Value]] = ()) -> Program:
        """The program as traced, with these outputs."""
        return Program(self.inputs, self.steps, outputs, writes)


_init, _call = Tensor.__init__, Op.__call__


def _is_same(a: Any, b: Any) -> bool:
    """Whether two arrays are the same bit for bit."""
    return (a.shape, a.dtype) == (b.shape, b.dtype) and a.tobytes() == b.tobytes()


def _noted_init(tensor: Tensor, *args: Any, **kwargs: Any) -> None:
    _init(tensor, *args, **kwargs)
    if (here := tracing()) is not None:
        here.born[id(tensor)] = tensor


def _called(op: Op, *args: Any, **options: Any) -> Any:
    """`Op.__call__` while someone is tracing: it knows traced arguments, but not that a plain array has an index with traced parts."""
    here = tracing()
    if here is not None and "index" in op.option_names and any(isinstance(k, Traced) for k in flat_index((*args[1:], *options.values()))):
        return here.record(op, *op._bind(*args, **options))
    return _call(op, *args, **options)


def _record(op: Op, args: tuple[Any, ...], options: Mapping[str, Any] = NO_OPTIONS) -> Any:
    """`Tensor.record` while someone is tracing: here, or in another thread."""
    here = tracing()
    if here is not None:
        return here.record(op, args, options)
    if any(isinstance(a, Tracer) or (isinstance(a, Tensor) and isinstance(a._value, Tracer)) for a in args):
        raise RuntimeError(LEFT)
    return record(op, args, options)
