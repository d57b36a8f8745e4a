"""Tracers: values without numbers, on which a function is run to see what it computes.

A `Tracer` has a shape, a dtype, and all that arrays can do, but no numbers: whatever asks it for some raises, with the user's line and the
way out.  An *example*, what the value was in the run that is traced, tells shapes and dtypes, so no op has to say them; it never decides
what is computed.  A Tracer stands for a piece of memory: written in place, it takes over the new value.
"""

from __future__ import annotations

import operator
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Never

import numpy as np

from .. import ops
from ..interop import FUNCTIONS, UFUNCS, Interop
from ..numpy.keywords import is_followed
from ..op import Constant, Traced
from ..tensor import Tensor
from .asking import NO_FORM, RETURN, WRITE, asked, is_for_us, of_call, static, user_line, where_it_decides
from .substitutes import only_reads

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from ..op import Op
    from .program import Value
    from .tracing import Tracing

__all__ = ["LEFT", "SEQUENCES", "TRACING", "WEAK", "Tracer", "escape", "examples_of", "flat_index", "to_static", "tracing"]

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
    np.frexp, np.linalg.cond, np.linalg.lstsq, np.median, np.nanmedian, np.nanpercentile, np.nanquantile, np.partition, np.percentile,
    np.polyfit, np.quantile, np.real_if_close, np.sort, np.trim_zeros, np.unwrap,
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


LEFT = "jit: a value of a function that is, or was, traced was used outside of it, or by another thread; return it from the function"


def escape(what: str, advice: str) -> Never:
    """Raise: numbers were asked for that only the compiled function will know."""
    here = tracing()
    if here is None:
        raise RuntimeError(LEFT)
    here.escaped = TypeError(
        f"jit: {what} needs the numbers of a traced value, which are known only when the compiled function runs; {advice}; at {user_line()}"
    )
    raise here.escaped


def to_static(*values: Any) -> str:
    """The advice to make static what gives the numbers among traced values, by name if they are computed from numbers only.

    >>> to_static()
    'name the argument in static_argnames, as in jit(f, static_argnames="n")'
    """
    here = tracing()
    return static(here.numbers_for([a.value for a in flat_index(values) if isinstance(a, Tracer)]) if here is not None else ())


def _updated(operation: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """The in-place form of an operation."""
    return lambda self, other: self._update(operation, other)


class _OfMemory:
    """An attribute of arrays that only those with numbers have; to `hasattr`, it is not there."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __get__(self, instance: Any, owner: type) -> Any:
        what = f"jit: .{self.name} needs the numbers of a traced value, which are known only when the compiled function runs"
        raise AttributeError(f"{what}; read it outside of the compiled function; at {user_line()}")


class Tracer(Interop):
    """A value of a program that is being traced."""

    __slots__ = ("__weakref__", "example", "origin", "shared", "stale", "value")

    base = None
    ctypes, flags, strides, tobytes, tofile = map(_OfMemory, ("ctypes", "flags", "strides", "tobytes", "tofile"))
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
    def itemsize(self) -> int:
        """How many bytes one value takes."""
        return self.dtype.itemsize

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
        here = tracing()
        if here is None:
            raise RuntimeError(LEFT)
        return here.record(op, args, options)

    # -- what needs numbers -----------------------------------------------------------------------------------------------------------

    def __bool__(self) -> bool:  # noqa: PLE0304  # it raises
        here = tracing()
        numbers = here.numbers_for([self.value]) if here is not None else []
        escape(*where_it_decides(static(numbers) if numbers else ""))

    def __float__(self) -> float:
        escape(*asked("float()", "use NumPy's functions, or " + RETURN, to_static(self)))

    def __complex__(self) -> complex:
        escape(*asked("complex()", RETURN))

    def __int__(self) -> int:
        escape(*asked("int()", f"{to_static(self)} if it is a size or a count", to_static(self)))

    def __index__(self) -> int:  # noqa: PLE0305
        advice = f"{to_static(self)}; or index a plain array by autograd.numpy.take(a, i)"
        escape("a size, an axis, a range or a plain array's index", advice)

    def __round__(self, digits: int | None = None) -> Any:
        escape("round()", "use np.round")

    def item(self, *place: Any) -> Any:  # noqa: ARG002
        """Refused."""
        escape(".item()", RETURN)

    def tolist(self) -> Any:
        """Refused."""
        escape(".tolist()", RETURN)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        here = tracing()
        name = here.sequence_of(self.value) if here is not None else ""
        whole = f"{name} is a sequence of numbers, each of which is traced by itself; give an array: np.asarray({name})" if name else ""
        escape(*asked("np.asarray", NO_FORM, to_static(self), whole))

    def __dlpack__(self, **request: Any) -> Any:
        escape("another library", RETURN)

    def __str__(self) -> str:  # noqa: PLE0307
        escape("printing", RETURN)

    def __format__(self, spec: str) -> str:
        escape("printing", RETURN)

    def __repr__(self) -> str:
        here = tracing()
        if here is not None and here.escaped is None and not is_for_us():  # NumPy's messages of what has escaped ask for it, too
            escape("printing", RETURN)
        return f"Tracer({self.dtype}{list(self.shape)})"

    def __hash__(self) -> int:  # noqa: PLE0309  # it raises
        if isinstance(self.example, np.ndarray):
            raise TypeError("unhashable type: 'numpy.ndarray'")
        escape("a set, or a key of a dict,", f"{to_static(self)}; or choose by np.where(n == 1, a, b)")

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("len() of a single value")
        return self.shape[0]

    def __iter__(self) -> Any:
        if not self.shape:
            raise TypeError("iteration over a single value")
        return (self[k] for k in range(len(self)))

    def __reduce__(self) -> Never:
        escape("a copy by pickle", RETURN)

    def __deepcopy__(self, memo: Any) -> Tracer:
        return type(self)(self.value, self.example)

    def __copy__(self) -> Tracer:
        return type(self)(self.value, self.example)

    # -- NumPy's functions ------------------------------------------------------------------------------------------------------------

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if method == "at" and not isinstance(inputs[0], Traced):
            escape(*of_call(WRITE) or (WRITE, RETURN))
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
            return func(*examples_of(args), **kwargs)
        here = tracing()
        if here is not None and here.escaped is not None:  # nothing more is looked for, as an advice would be
            raise here.escaped
        if here is not None and func in _LIKE:  # new memory, to write into
            return ops.copy(here.constant(func(*examples_of(args), **kwargs)))
        if here is not None and (func in _CONSTANT or (func in _UNDERIVED and only_reads(func, args, kwargs))):
            return here.call(func, args, kwargs)
        if here is None or func not in FUNCTIONS or here.running.count(func) > DEEPEST:  # it asks NumPy itself
            name = f"{getattr(func, '__module__', None) or 'numpy'}.{func.__name__}"
            if func is np.array2string:  # as for a Tensor
                return repr(args[0])
            escape(*(of_call(name, to_static(*args, *kwargs.values())) or (name, NO_FORM)))
        here.running.append(func)
        try:
            return FUNCTIONS[func](*args, **kwargs)
        finally:
            here.running.pop()

    # -- products with lists ----------------------------------------------------------------------------------------------------------

    def __mul__(self, other: Any) -> Any:
        self._check_repeats(other)
        return super().__mul__(other)

    def __rmul__(self, other: Any) -> Any:
        self._check_repeats(other)
        return super().__rmul__(other)

    def _check_repeats(self, other: Any) -> None:
        """Raise if this is a number, or a NumPy scalar, and the other a sequence, which it repeats."""
        if not isinstance(other, SEQUENCES) or isinstance(self.example, np.ndarray):
            return
        if self.dtype.kind in "fc":
            raise TypeError(f"can't multiply sequence by non-int of type '{type(self.example).__name__}'")
        escape(f"a {type(other).__name__} that is repeated", f"{to_static(self)}; for a product, make an array of it")

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
            raise RuntimeError(LEFT)
        if self.shared:
            what = f"jit: a write into {self.shared}, which belongs to the caller"
            kept = "; or keep it in a Tensor t, and write t.data[…] = …" if "captured" in self.shared else ""
            raise RuntimeError(f"{what}; write into a copy, and return it{kept}; at {user_line()}")
        if not isinstance(new, Tracer):
            new = ops.copy(here.constant(new))
        for other in here.sharing(self, but=(self, written)):
            other.stale = f"written at {user_line()}"
        if self.origin is None:
            example = np.array(new.example)
        else:  # y[i] += x writes into y[i], and so into y
            base, index = self.origin
            base._become(ops.setitem(base, new, index), self)
            example = base.example[tuple(examples_of(flat_index(index)))]
        self.value, self.example = new.value, example
        here.note_memory(self)


SEQUENCES = (list, tuple, str, bytes)
"""What a whole number repeats."""


def flat_index(index: Any) -> Iterable[Any]:
    """The parts of an index, those of tuples one by one.

    >>> [*flat_index((0, (1, 2)))]
    [0, 1, 2]
    """
    if isinstance(index, tuple):
        for k in index:
            yield from flat_index(k)
    else:
        yield index


def examples_of(values: Iterable[Any]) -> list[Any]:
    """The examples of traced values, and other values as they are.

    >>> examples_of([2.0, None])
    [2.0, None]
    """
    return [v.example if isinstance(v, Tracer) else examples_of(v) if type(v) in (list, tuple) else v for v in values]
