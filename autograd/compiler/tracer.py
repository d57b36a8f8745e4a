"""Tracing: a function is run once on values without numbers, and every op that it calls becomes a step of a program.

A `Tracer` has a shape, a dtype, and all that arrays can do, but no numbers: whatever asks it for some raises, with the user's line and the
way out.  An *example*, what the value was in the run that is traced, tells shapes and dtypes, so no op has to say them; it never decides
what is computed.  A Tracer stands for a piece of memory: written in place, it takes over the new value.
"""

from __future__ import annotations

import functools
import inspect
import operator
import threading
import weakref
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, NamedTuple, Never, Self

import numpy as np

from .. import ops
from ..anomaly import user_line
from ..draws import DRAWING
from ..each import EACH
from ..graph import memory_of
from ..interop import FUNCTIONS, UFUNCS, Interop
from ..misuse import failed_call
from ..mode import GRAD, Block
from ..numpy.keywords import is_followed
from ..op import PLAIN, Constant, Traced, as_array, operand
from ..operators import NO_OPTIONS
from ..tensor import Tensor, record, record_node, wrapped
from .asking import NO_FORM, asked, of_call
from .program import Draw, Input, Program, Step, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from ..mode import Settings
    from ..op import Op

__all__ = ["TRACING", "Found", "Hole", "Indexed", "Source", "Tracer", "Tracing", "surely", "tracing"]

TRACING: ContextVar[Tracing | None] = ContextVar("tracing", default=None)

_OF_KIND = frozenset({
    np.can_cast, np.common_type, np.iscomplexobj, np.isrealobj, np.min_scalar_type, np.ndim, np.result_type, np.shape, np.size,
})  # fmt: skip
"""NumPy's functions that ask for shapes and dtypes only."""

_CONSTANT = frozenset({
    np.all, np.allclose, np.any, np.argpartition, np.argsort, np.around, np.array_equal, np.array_equiv, np.count_nonzero, np.digitize,
    np.fix, np.isclose, np.iscomplex, np.isin, np.isneginf, np.isposinf, np.isreal, np.lexsort, np.nanargmax, np.nanargmin,
    np.ravel_multi_index, np.round, np.searchsorted, np.unravel_index, np.linalg.matrix_rank,
})  # fmt: skip
"""Those without a derivative whose result has a shape that the arguments' shapes tell: a step each."""

_LIKE: frozenset[Any] = frozenset((np.empty_like, np.ones_like, np.zeros_like))
"""Those that take no more than a shape and a dtype from an array."""

_UNDERIVED = frozenset({
    np.frexp, np.linalg.cond, np.median, np.nanmedian, np.nanpercentile, np.nanquantile, np.partition, np.percentile, np.quantile, np.sort,
    np.unwrap,
})  # fmt: skip
"""Those that ours ask for values: a step each too, where no derivative is followed."""


DEEPEST = 8
"""How often one of NumPy's functions may be met within itself: more than once, it asks for the values."""

WEAK = (int, float, complex)
"""Python's numbers, which widen no array that they meet."""

_LOGICAL = {np.bitwise_and: ops.logical_and, np.bitwise_or: ops.logical_or, np.invert: ops.logical_not}
"""What some functions of whole numbers mean for truth values."""


def tracing() -> Tracing | None:
    """The tracing that is going on here, if any.

    >>> tracing() is None
    True
    """
    return TRACING.get()


_LEFT = "jit: a value of a function that is, or was, traced was used outside of it, or by another thread; return it from the function"


def escape(what: str, advice: str) -> Never:
    """Raise: numbers were asked for that only the compiled function will know."""
    here = tracing()
    if here is None:
        raise RuntimeError(_LEFT)
    here.escaped = TypeError(
        f"jit: {what} needs the numbers of a traced value, which are known only when the compiled function runs; {advice}; at {user_line()}"
    )
    raise here.escaped


_RETURN = "return the value and look at it outside"


def _updated(operation: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """The in-place form of an operation."""
    return lambda self, other: self._update(operation, other)


class Tracer(Interop):
    """A value of a program that is being traced."""

    __slots__ = ("__weakref__", "example", "origin", "shared", "stale", "value")

    base = None
    requires_grad = False

    def __init__(self, value: Value, example: Any, shared: str = "") -> None:
        self.value, self.example = value, example
        self.shared = shared  # whose memory this is: what may not be written
        self.origin: tuple[Tracer, Any] | None = None  # what this is a view of, and its index there
        self.stale = ""  # where its memory was written by way of another array, which it does not follow

    @property
    def shape(self) -> tuple[int, ...]:
        """The size of each axis."""
        return self.value.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of the values."""
        return self.value.dtype

    @property
    def ndim(self) -> int:
        """How many axes there are."""
        return len(self.value.shape)

    @property
    def size(self) -> int:
        """How many values there are."""
        return self.value.size

    @property
    def nbytes(self) -> int:
        """How many bytes the values take."""
        return self.value.nbytes

    @property
    def data(self) -> Any:
        """Itself: it has no numbers."""
        return self

    def __pos__(self) -> Any:
        return self.like(ops.copy(self), self)

    def astype(self, *args: Any, **options: Any) -> Any:
        """The values in another dtype."""
        return self.like(super().astype(*args, **options), self)

    def copy(self, *args: Any, **options: Any) -> Any:
        """The values in memory of their own."""
        return self.like(super().copy(*args, **options), self)

    def detach(self) -> Tracer:
        """Itself: it has no history."""
        return self

    @staticmethod
    def like(value: Any, other: Any) -> Any:
        """A value; a single one is an array if `other` is, and else a number."""
        if isinstance(value, Tracer):
            return Tracer(value.value, Tracer.like(value.example, other))
        return np.asarray(value) if isinstance(getattr(other, "example", other), np.ndarray) else np.asarray(value)[()]

    @staticmethod
    def record(op: Op, args: tuple[Any, ...], options: Mapping[str, Any]) -> Any:
        """Make a call of an op a step of the program; where a Tensor is among the arguments, a node of its graph too."""
        return _record(op, args, options)

    # -- what needs numbers -----------------------------------------------------------------------------------------------------------

    def __bool__(self) -> bool:  # noqa: PLE0304  # it raises
        advice = "use np.where(condition, a, b), or make what decides a static argument"
        escape(*asked("a branch (if, while, and, or, not, assert)", advice))

    def __float__(self) -> float:
        escape(*asked("float()", "use NumPy's functions, or " + _RETURN))

    def __complex__(self) -> complex:
        escape(*asked("complex()", _RETURN))

    def __int__(self) -> int:
        escape(*asked("int()", "name the argument in static_argnums if it is a size or a count"))

    def __index__(self) -> int:  # noqa: PLE0305
        advice = "name the argument in static_argnums, as in jit(f, static_argnums=1); or index a plain array by autograd.numpy.take(a, i)"
        escape("a size, an axis, a range or a plain array's index", advice)

    def __round__(self, digits: int | None = None) -> Any:
        escape("round()", "use np.round")

    def item(self, *place: Any) -> Any:  # noqa: ARG002
        """Refused."""
        escape(".item()", _RETURN)

    def tolist(self) -> Any:
        """Refused."""
        escape(".tolist()", _RETURN)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        escape(*asked("np.asarray", NO_FORM))

    def __dlpack__(self, **request: Any) -> Any:
        escape("another library", _RETURN)

    def __str__(self) -> str:  # noqa: PLE0307
        escape("printing", _RETURN)

    def __format__(self, spec: str) -> str:
        escape("printing", _RETURN)

    def __repr__(self) -> str:
        return f"Tracer({self.dtype}{list(self.shape)})"

    def __hash__(self) -> int:
        return id(self)

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("len() of a single value")
        return self.shape[0]

    def __iter__(self) -> Any:
        if not self.shape:
            raise TypeError("iteration over a single value")
        return (self[k] for k in range(len(self)))

    def __reduce__(self) -> Never:
        escape("a copy by pickle", _RETURN)

    def __deepcopy__(self, memo: Any) -> Tracer:
        return type(self)(self.value, self.example)

    def __copy__(self) -> Tracer:
        return type(self)(self.value, self.example)

    # -- NumPy's functions ------------------------------------------------------------------------------------------------------------

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        op = UFUNCS.get(ufunc) if ufunc not in _UNDERIVED or is_followed(*inputs) else None
        if op is not None and not isinstance(op, Constant):
            return super().__array_ufunc__(ufunc, method, *inputs, **kwargs)
        if all(getattr(a, "dtype", None) == np.bool_ for a in inputs):
            op = _LOGICAL.get(ufunc, op)
        here = tracing()
        if kwargs.keys() - {"axis", "keepdims"} or here is None or (ufunc.nout > 1 and ufunc not in _UNDERIVED):
            escape(f"numpy.{ufunc.__name__} with keywords", "give it none")
        if method != "__call__":
            return here.call(getattr(ufunc, method), inputs, kwargs)
        return op(*inputs) if op is not None else here.call(ufunc, inputs, kwargs)

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        if func in _OF_KIND:
            return func(*_examples(args), **kwargs)
        here = tracing()
        if here is not None and func in _LIKE:  # new memory, to write into
            return ops.copy(here.constant(func(*_examples(args), **kwargs)))
        if here is not None and (func in _CONSTANT or (func in _UNDERIVED and _only_reads(func, args, kwargs))):
            return here.call(func, args, kwargs)
        if here is None or func not in FUNCTIONS or here.running.count(func) > DEEPEST:  # it asks NumPy itself
            name = f"{getattr(func, '__module__', None) or 'numpy'}.{func.__name__}"
            escape(*(("printing", _RETURN) if func is np.array2string else of_call(name) or (name, NO_FORM)))
        here.running.append(func)
        try:
            return FUNCTIONS[func](*args, **kwargs)
        finally:
            here.running.pop()

    # -- writes -----------------------------------------------------------------------------------------------------------------------

    def __getitem__(self, index: Any) -> Any:
        y: Any = super().__getitem__(index)
        if isinstance(y.example, np.ndarray) and y.example.base is not None and np.may_share_memory(y.example, self.example):
            y.origin = self, index
        return y

    def __setitem__(self, index: Any, value: Any) -> None:
        if isinstance(value, Tracer) and value.origin is not None and value.origin[0] is self and value.origin[1] is index:
            return  # the end of y[i] += x, whose addition has written already
        if index is Ellipsis and np.shape(value) == self.shape and getattr(value, "dtype", None) == self.dtype:
            self._become(value)
        else:
            self._become(ops.setitem(self, value, index))

    def _update(self, operation: Callable[[Any, Any], Any], other: Any) -> Any:
        new = operation(self, other)
        if isinstance(new, Tensor) or not isinstance(self.example, np.ndarray):  # as for a plain array, or a number
            return new
        if new.shape != self.shape or not np.can_cast(new.dtype, self.dtype, "same_kind"):
            raise TypeError(f"in-place {operation.__name__}: the result is {new!r}, wanted {self!r}; write x = x + … instead")
        self._become(new if new.dtype == self.dtype else ops.astype(new, self.dtype))
        return self

    __iadd__, __isub__ = _updated(operator.add), _updated(operator.sub)
    __imul__, __imatmul__ = _updated(operator.mul), _updated(operator.matmul)
    __itruediv__, __ifloordiv__ = _updated(operator.truediv), _updated(operator.floordiv)
    __imod__, __ipow__ = _updated(operator.mod), _updated(operator.pow)
    __iand__, __ior__, __ixor__ = _updated(operator.and_), _updated(operator.or_), _updated(operator.xor)
    __ilshift__, __irshift__ = _updated(operator.lshift), _updated(operator.rshift)

    def _become(self, new: Any, written: Tracer | None = None) -> None:
        """Take over a new value, as memory does that is written, by way of the view `written`."""
        here = tracing()
        if here is None:
            raise RuntimeError(_LEFT)
        if self.shared:
            what = f"jit: a write into {self.shared}, which belongs to the caller"
            raise RuntimeError(f"{what}; write into a copy, and return it; at {user_line()}")
        if not isinstance(new, Tracer):
            new = ops.copy(here.constant(new))
        for other in here.sharing(self, but=(self, written)):
            other.stale = f"written at {user_line()}"
        if self.origin is None:
            example = np.array(new.example)
        else:  # y[i] += x writes into y[i], and so into y
            base, index = self.origin
            base._become(ops.setitem(base, new, index), self)
            example = base.example[tuple(_examples(_flat(index)))]
        self.value, self.example = new.value, example
        here.note_memory(self)


def _of_numbers(operation: Callable[..., Any], name: str) -> Callable[..., Any]:
    """A method that computes as Python does where all are Python's numbers, and as for arrays elsewhere."""

    def method(self: Number, *others: Any) -> Any:
        here, args = tracing(), ((*others, self) if name.startswith("__r") else (self, *others))
        if here is None or not all(type(a) in (*WEAK, bool, Number) for a in args):
            return getattr(Tracer, name)(self, *others)
        kinds = {np.result_type(a.example if type(a) is Number else a).kind for a in args}
        if operation is operator.pow and type(args[1]) is Number and kinds == {"i"}:
            escape("a power of whole numbers, which is whole or not,", "name the exponent in static_argnums, or make it a float")
        return here.call(operation, args, {})

    return method


class Number(Tracer):
    """A Python number that is being traced: no memory, and no reason for an array to become wider."""

    __slots__ = ()

    __neg__, __pos__, __abs__ = (_of_numbers(getattr(operator, name), f"__{name}__") for name in ("neg", "pos", "abs"))
    __add__, __sub__, __mul__, __truediv__, __floordiv__, __mod__, __pow__ = (
        _of_numbers(getattr(operator, name), f"__{name}__") for name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow")
    )
    __radd__, __rsub__, __rmul__, __rtruediv__, __rfloordiv__, __rmod__, __rpow__ = (
        _of_numbers(getattr(operator, name), f"__r{name}__") for name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow")
    )


def _tracer(value: Value, example: Any, shared: str = "") -> Tracer:
    return (Number if value.weak else Tracer)(value, example, shared)


class Source(NamedTuple):
    """Where an input comes from: the value, or the gradient, of a Tensor."""

    tensor: Tensor
    part: str


class Found(NamedTuple):
    """What a Tensor held before it was traced, and what stands for that in the program."""

    value: Any
    grad: Tensor | None
    traced: Value
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


_active: set[Tracing] = set()
_lock = threading.Lock()


class Tracing(Block):
    """The tracing of one run of a function: the steps so far, in a `with` block."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.inputs: list[Input] = []
        self.sources: list[Any] = []  # of each input, for whoever runs the program: what to hand over
        self.examples: list[Any] = []
        self.found: dict[Tensor, Found] = {}  # the Tensors that were met
        self.tracers: dict[Value, Tracer] = {}  # of all inputs and results
        self.born: dict[int, Tensor] = {}  # Tensors that the function makes: what they hold is part of the program
        self.escaped: TypeError | None = None  # raised where numbers were asked for, even if the function has caught it
        self.kept: list[Any] = []  # so that no id is given twice
        self.running: list[Any] = []  # NumPy's functions that are being computed by ours
        self._constants: dict[int, tuple[Any, Value]] = {}
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
            np.random.default_rng = _seeded_rng
            return super().__enter__()
        except BaseException:  # Ctrl-C: __exit__ will not be called
            self._leave()
            raise

    def __exit__(self, kind: type[BaseException] | None, *error: object) -> None:
        if error and error[0] is not self.escaped is not None and isinstance(error[0], (TypeError, ValueError)):
            error[0].add_note(str(self.escaped))  # whoever asked for numbers has told nothing, or little, of it
        super().__exit__(kind, *error)
        surely(self._leave)

    def _leave(self) -> None:
        with _lock:
            _active.discard(self)
            if not _active:
                Tensor.record = staticmethod(record)
                Tensor.__init__ = _init  # type: ignore[method-assign]
                np.random.default_rng = _default_rng
        for tensor, found in self.found.items():
            tensor._value, tensor._grad = found.value, found.grad

    # -- where values come from -------------------------------------------------------------------------------------------------------

    def input(self, example: Any, name: str, source: Any = None, shared: str = "") -> Tracer:
        """A new input of the program."""
        weak = type(example) in WEAK
        value = Value(np.shape(example), np.asarray(example).dtype, weak=weak)
        self.inputs.append(Input(value, name))
        self.sources.append(source)
        self.examples.append(example)
        self.tracers[value] = _tracer(value, example, shared)
        return _tracer(value, example, shared)

    def constant(self, a: Any) -> Tracer:
        """A plain array or NumPy scalar, as part of the program."""
        a = a if type(a) in PLAIN and a.dtype.kind in "biufc" else as_array(a)
        if id(a) not in self._constants:
            self._constants[id(a)] = a, Value(a.shape, a.dtype, content=a)
        return Tracer(self._constants[id(a)][1], a, shared="a plain array")

    def take_in(self, tensor: Tensor, name: str | None = None) -> Tracer:
        """Make a Tensor, and its gradient, inputs; until the tracing ends it holds tracers."""
        name = tensor.name or name or f"tensor {len(self.found)}"
        value, grad = tensor._value, tensor._grad
        tracer = self.input(tensor.data, name, Source(tensor, "value"))
        traced_grad = wrapped(self.input(grad.data, f"{name}.grad", Source(tensor, "grad")), None) if grad is not None else None
        grad_value = traced_grad._value.value if traced_grad is not None else None
        self.found[tensor] = Found(value, grad, tracer.value, traced_grad, grad_value)
        tensor._value, tensor._grad = tracer, traced_grad
        return tracer

    def traced(self, a: Any) -> Any:
        """What stands in a program for an argument of an op: a Tracer, or a Python number or None as it is."""
        if isinstance(a, Tensor):
            if not isinstance(a._value, Tracer):
                if id(a) not in self.born:
                    return self.take_in(a)
                a._value = Tracer(self.constant(a._value).value, a._value)
            a = a._value
        if isinstance(a, Tracer):
            if a.stale:
                what = "jit: an array, or what a derivative needs, lies in memory that has been"
                raise RuntimeError(f"{what} {a.stale}; use it before the write, or a .copy() of it, at {user_line()}")
            return a
        if a is None or type(a) in (*WEAK, bool):
            return a
        return self.constant(a)

    # -- steps ------------------------------------------------------------------------------------------------------------------------

    def apply(self, op: Any, args: Iterable[Any], options: Mapping[str, Any]) -> Any:
        """Add a step; returns its results, traced."""
        values = [self.traced(a) for a in args]
        if "index" in options and any(isinstance(k, Traced) for k in _flat(options["index"])):
            op, values, options = self._indexed(op, values, options)
        examples = _examples(values)
        for name, option in options.items():
            if isinstance(option, Traced):
                escape(f"the option {name} of {op.name}", "name the argument in static_argnums, as in jit(f, static_argnums=1)")
        try:
            with np.errstate(all="ignore"):
                y = op.forward(*examples, **options)
        except Exception as error:
            if error is self.escaped or isinstance(op, _Function):
                raise
            if isinstance(op, Indexed):
                filled, options = op.filled(tuple(examples), options)
                values, examples, op = values[: op.count], list(filled), op.op
            raise failed_call(op, error, values, examples, options) from None
        plural = type(y) is tuple
        parts = y if plural else (y,)
        step = Step(op, tuple([v.value if isinstance(v, Tracer) else v for v in values]), dict(options), plural=plural)
        results = [_tracer(Value(np.shape(part), np.asarray(part).dtype, step, weak=type(part) in WEAK), part) for part in parts]
        step.results = tuple([tracer.value for tracer in results])
        self.steps.append(step)
        for tracer in results:
            self.tracers[tracer.value] = _tracer(tracer.value, tracer.example)
            self.note_memory(tracer)
        return tuple(results) if plural else results[0]

    def call(self, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Add a call of one of NumPy's functions, which has no derivative and no op."""
        values: list[Any] = []
        args, kwargs = _with_holes((args, kwargs), values)
        return self.apply(_Function(function, args, kwargs), values, {})

    def draw(self, generator: np.random.Generator, method: str, *args: Any, **kwargs: Any) -> Tracer:
        """Add a draw of random numbers; the example is drawn from a twin of the generator, which itself stays as it is."""
        if id(generator) not in self._generators:
            kind = type(generator.bit_generator)
            twin = np.random.Generator(kind())
            twin.bit_generator.state = generator.bit_generator.state
            self._generators[id(generator)] = generator, twin
        twin = self._generators[id(generator)][1]
        y = getattr(twin, method)(*args, **kwargs)
        if y is None or isinstance(y, (tuple, list)):
            what = f"jit: {method} of a generator gives no array"
            raise TypeError(f"{what}; draw an order by permutation(n), and index by it; at {user_line()}")
        step = Step(Draw(generator, method), args, kwargs)
        step.results = (Value(np.shape(y), np.asarray(y).dtype, step, weak=type(y) in WEAK),)
        self.steps.append(step)
        self.tracers[step.results[0]] = _tracer(step.results[0], y)
        return _tracer(step.results[0], y)

    def _indexed(self, op: Op, values: list[Any], options: Mapping[str, Any]) -> tuple[Any, list[Any], dict[str, Any]]:
        """The same call with the traced parts of its index as arguments."""
        parts: list[Tracer] = []

        def hole(k: Any) -> Any:
            if isinstance(k, tuple):
                return tuple([hole(part) for part in k])
            if not isinstance(k, Traced):
                return k
            tracer = self.traced(k)
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


class Hole(int):
    """In an index, the place of the argument that belongs there."""

    def __repr__(self) -> str:
        return f"#{int(self)}"


class Indexed:
    """An op whose index is, in part, computed: an op of more arguments, which fill the holes of `index`."""

    kind = "indexed"
    variadic = True

    def __init__(self, op: Op, count: int, index: Any) -> None:
        self.op, self.count, self.index = op, count, index
        self.name, self.arguments = op.name, op.arguments

    def filled(self, args: tuple[Any, ...], options: Mapping[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """The arguments and options of the op itself."""
        return args[: self.count], {**options, "index": _filled(self.index, args)}

    def forward(self, *args: Any, **options: Any) -> Any:
        """Fill the holes, and call the op."""
        args, options = self.filled(args, options)
        return self.op.forward(*args, **options)


def _filled(index: Any, args: tuple[Any, ...]) -> Any:
    if isinstance(index, (tuple, list)):
        return type(index)([_filled(k, args) for k in index])
    if isinstance(index, dict):
        return {name: _filled(k, args) for name, k in index.items()}
    return args[index] if isinstance(index, Hole) else index


class _Function:
    """One of NumPy's functions, in place of an op."""

    kind = "constant"
    variadic = True
    arguments = ("operand",)

    def __init__(self, function: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
        self.name, self.forward = function.__name__, function
        if kwargs or not all(type(a) is Hole for a in args):
            self.forward = lambda *values: function(*_filled(args, values), **_filled(kwargs, values))


def _with_holes(a: Any, values: list[Any]) -> Any:
    """Arguments with a hole in the place of each traced value, of which a list is made."""
    if isinstance(a, Traced):
        values.append(a)
        return Hole(len(values) - 1)
    if isinstance(a, dict):
        return {name: _with_holes(part, values) for name, part in a.items()}
    return type(a)([_with_holes(part, values) for part in a]) if type(a) in (tuple, list) else a


def _only_reads(function: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> bool:
    """Whether a function of NumPy neither writes into an argument nor cuts the graph of one."""
    given = inspect.signature(function).bind(*args, **kwargs).arguments
    return given.get("out") is None and not given.get("overwrite_input") and not is_followed(*given.values())


_init, _default_rng = Tensor.__init__, np.random.default_rng


def _seeded_rng(seed: Any = None) -> np.random.Generator:
    """NumPy's `default_rng`, but for one without a seed, whose numbers would be the same in each call."""
    if seed is None and (here := tracing()) is not None:
        what = "jit: a generator without a seed would be made only once, and so draw the same numbers in each call"
        here.escaped = TypeError(f"{what}; make it outside of the function, and draw from it; at {user_line()}")
        raise here.escaped
    return _default_rng(seed)


def _noted_init(tensor: Tensor, *args: Any, **kwargs: Any) -> None:
    _init(tensor, *args, **kwargs)
    if (here := tracing()) is not None:
        here.born[id(tensor)] = tensor


def _flat(index: Any) -> Iterable[Any]:
    if isinstance(index, tuple):
        for k in index:
            yield from _flat(k)
    else:
        yield index


def _examples(values: Iterable[Any]) -> list[Any]:
    return [v.example if isinstance(v, Tracer) else _examples(v) if type(v) in (list, tuple) else v for v in values]


def _record(op: Op, args: tuple[Any, ...], options: Mapping[str, Any] = NO_OPTIONS) -> Any:
    """What `Tensor.record` does, in a tracing: nothing is computed, a step is added, and the graph gets its node."""
    here = tracing()
    if here is None:
        if any(isinstance(a, Tracer) or (isinstance(a, Tensor) and isinstance(a._value, Tracer)) for a in args):
            raise RuntimeError(_LEFT)
        return record(op, args, options)  # another thread's Tensors
    args = tuple([a if isinstance(a, Traced) or type(a) in PLAIN else operand(a) for a in args])
    values = [here.traced(a) for a in args]
    y = here.apply(op, values, options)
    if type(y) is Number:  # where functions are called, and no operators, it is NumPy's arithmetic
        y = here.call(y.dtype.type, (y,), {})
    mask = sum(1 << k for k, a in enumerate(args) if isinstance(a, Tensor) and a.requires_grad)
    if mask and GRAD.get():
        plan = op.plans.get((len(values), mask)) or op.make_plan(len(values), mask)
        if plan.pulls:
            parents = tuple([a._node if isinstance(a, Tensor) else a if type(a) in (float, int) else None for a in args])
            result = record_node(op, options, values, parents, plan, y)
            node = (result[0] if type(result) is tuple else result)._node
            call = node.parents[0] if node.number is not None else node
            call.saved = here.snapshot(call.saved)
            return result
    if op.kind == "constant" or not any(isinstance(a, Tensor) for a in args):
        return y
    return tuple([wrapped(part, None) for part in y]) if type(y) is tuple else wrapped(y, None)
