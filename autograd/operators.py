"""What every traced value can do: Python's operators, and the methods that NumPy's arrays have.

Each is one op.  They stand here, and not in the Tensor, because they need nothing of it: whatever records ops has the same operators.
"""

from __future__ import annotations

import functools
import operator
from typing import TYPE_CHECKING, Any, Never

import numpy as np

from . import numpy as anp
from . import ops
from .misuse import ELSEWHERE, Elsewhere
from .op import Traced

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import DTypeLike, NDArray

    from .tensor import Tensor

__all__ = ["Operators", "plain_index"]

NO_OPTIONS: dict[str, Any] = {}


def _method(function: Callable[..., Any], argument: int = 0) -> Callable[..., Any]:
    """One of NumPy's functions as a method, whose self is that `argument`."""

    @functools.wraps(function)
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        return function(*args[:argument], self, *args[argument:], **kwargs)

    return method


def _in_place(function: Callable[..., Any]) -> Callable[..., None]:
    """One of NumPy's functions as a method that writes the result into self, under the rules of all writes."""

    @functools.wraps(function)
    def method(self: Any, *args: Any, **kwargs: Any) -> None:
        self[...] = function(self, *args, **kwargs)

    return method


class Operators(Traced):
    """Operators and methods, as calls of ops."""

    __slots__ = ()

    if TYPE_CHECKING:

        @property
        def ndim(self) -> int:
            """How many axes there are."""

        @property
        def dtype(self) -> np.dtype[Any]:
            """The type of the values."""

    __hash__ = object.__hash__

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__()} - ELSEWHERE.keys())

    def __neg__(self) -> Tensor:
        return ops.negative(self)

    def __pos__(self) -> Tensor:
        return ops.copy(self)

    def __abs__(self) -> Tensor:
        return ops.absolute(self)

    # Binary operators call record themselves, because `Op.__call__` would only find that they must.

    def __add__(self, other: Any) -> Tensor:
        return self.record(ops.add, (self, other), NO_OPTIONS)

    def __radd__(self, other: Any) -> Tensor:
        return self.record(ops.add, (other, self), NO_OPTIONS)

    def __sub__(self, other: Any) -> Tensor:
        return self.record(ops.subtract, (self, other), NO_OPTIONS)

    def __rsub__(self, other: Any) -> Tensor:
        return self.record(ops.subtract, (other, self), NO_OPTIONS)

    def __mul__(self, other: Any) -> Tensor:
        return self.record(ops.multiply, (self, other), NO_OPTIONS)

    def __rmul__(self, other: Any) -> Tensor:
        return self.record(ops.multiply, (other, self), NO_OPTIONS)

    def __truediv__(self, other: Any) -> Tensor:
        return self.record(ops.divide, (self, other), NO_OPTIONS)

    def __rtruediv__(self, other: Any) -> Tensor:
        return self.record(ops.divide, (other, self), NO_OPTIONS)

    def __mod__(self, other: Any) -> Tensor:
        return self.record(ops.remainder, (self, other), NO_OPTIONS)

    def __rmod__(self, other: Any) -> Tensor:
        return self.record(ops.remainder, (other, self), NO_OPTIONS)

    def __floordiv__(self, other: Any) -> Any:
        return ops.floor_divide(self, other)

    def __rfloordiv__(self, other: Any) -> Any:
        return ops.floor_divide(other, self)

    __divmod__ = _method(anp.divmod)
    __rdivmod__ = _method(anp.divmod, 1)

    # Of whole numbers and booleans: these give plain arrays.

    __invert__ = _method(np.invert)
    __and__, __rand__ = _method(np.bitwise_and), _method(np.bitwise_and, 1)
    __or__, __ror__ = _method(np.bitwise_or), _method(np.bitwise_or, 1)
    __xor__, __rxor__ = _method(np.bitwise_xor), _method(np.bitwise_xor, 1)
    __lshift__, __rlshift__ = _method(np.left_shift), _method(np.left_shift, 1)
    __rshift__, __rrshift__ = _method(np.right_shift), _method(np.right_shift, 1)

    def __contains__(self, value: Any) -> bool:
        return bool((self == value).any())

    def __pow__(self, other: Any) -> Tensor:
        return self.record(ops.power, (self, other), NO_OPTIONS)

    def __rpow__(self, other: Any) -> Tensor:
        return self.record(ops.power, (other, self), NO_OPTIONS)

    def __matmul__(self, other: Any) -> Tensor:
        return self.record(ops.matmul, (self, other), NO_OPTIONS)

    def __rmatmul__(self, other: Any) -> Tensor:
        return self.record(ops.matmul, (other, self), NO_OPTIONS)

    def __eq__(self, other: object) -> NDArray[np.bool_]:  # type: ignore[override]  # elementwise, as in NumPy
        if getattr(other, "__array_ufunc__", True) is None:  # it compares itself, as pytest.approx does
            return NotImplemented
        return self.record(ops.equal, (self, other), NO_OPTIONS)

    def __ne__(self, other: object) -> NDArray[np.bool_]:  # type: ignore[override]
        if getattr(other, "__array_ufunc__", True) is None:
            return NotImplemented
        return self.record(ops.not_equal, (self, other), NO_OPTIONS)

    def __lt__(self, other: Any) -> NDArray[np.bool_]:
        return self.record(ops.less, (self, other), NO_OPTIONS)

    def __le__(self, other: Any) -> NDArray[np.bool_]:
        return self.record(ops.less_equal, (self, other), NO_OPTIONS)

    def __gt__(self, other: Any) -> NDArray[np.bool_]:
        return self.record(ops.greater, (self, other), NO_OPTIONS)

    def __ge__(self, other: Any) -> NDArray[np.bool_]:
        return self.record(ops.greater_equal, (self, other), NO_OPTIONS)

    def __getitem__(self, index: Any) -> Tensor:
        return ops.getitem(self, plain_index(index))

    # -- methods, as NumPy's arrays have them ------------------------------------------------------------------------------------------
    # What no method knows goes on to the op, whose error says what it is called here: `x.sum(dim=0)`.

    @property
    def T(self) -> Tensor:  # noqa: N802  # NumPy's name
        """The axes reversed."""
        return ops.transpose(self)

    @property
    def mT(self) -> Tensor:  # noqa: N802  # NumPy's name
        """The last two axes exchanged."""
        return ops.swapaxes(self, -1, -2)

    @property
    def real(self) -> Tensor:
        """The real part."""
        return ops.real(self)

    @property
    def imag(self) -> Tensor:
        """The imaginary part."""
        return ops.imag(self)

    def conj(self) -> Tensor:
        """The complex conjugate."""
        return ops.conjugate(self)

    conjugate = conj

    @property
    def itemsize(self) -> int:
        """How many bytes one value takes."""
        return self.data.itemsize

    @property
    def nbytes(self) -> int:
        """How many bytes the values take."""
        return self.data.nbytes

    all, any, nonzero, searchsorted = _method(np.all), _method(np.any), _method(np.nonzero), _method(np.searchsorted)
    argsort, argpartition, round = _method(np.argsort), _method(np.argpartition), _method(np.round)
    take, repeat, choose, compress = _method(anp.take), _method(anp.repeat), _method(anp.choose), _method(anp.compress, 1)
    diagonal, trace = _method(anp.diagonal), _method(anp.trace)
    sort, partition = _in_place(anp.sort), _in_place(anp.partition)

    def put(self, indices: Any, values: Any, mode: str = "raise") -> None:
        """See `autograd.numpy.put`."""
        anp.put(self, indices, values, mode)

    def fill(self, value: Any) -> None:
        """Write one value everywhere."""
        self[...] = value  # type: ignore[index]  # what can't be written says so

    def sum(
        self,
        axis: Any = None,
        dtype: Any = None,
        out: Any = None,
        keepdims: bool = False,
        initial: Any = None,
        where: Any = True,
        **wrong: Never,
    ) -> Tensor:
        """See `autograd.numpy.sum`."""
        return ops.sum(self, **wrong) if wrong else anp.sum(self, axis, dtype, out, keepdims, initial, where)

    def mean(
        self, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: bool = False, *, where: Any = True, **wrong: Never
    ) -> Tensor:
        """See `autograd.numpy.mean`."""
        return ops.mean(self, **wrong) if wrong else anp.mean(self, axis, dtype, out, keepdims, where=where)

    def prod(
        self,
        axis: Any = None,
        dtype: Any = None,
        out: Any = None,
        keepdims: bool = False,
        initial: Any = None,
        where: Any = True,
        **wrong: Never,
    ) -> Tensor:
        """See `autograd.numpy.prod`."""
        return ops.prod(self, **wrong) if wrong else anp.prod(self, axis, dtype, out, keepdims, initial, where)

    def max(
        self, axis: Any = None, out: Any = None, keepdims: bool = False, initial: Any = None, where: Any = True, **wrong: Never
    ) -> Tensor:
        """See `autograd.numpy.max`."""
        return ops.max(self, **wrong) if wrong else anp.max(self, axis, out, keepdims, initial, where)

    def min(
        self, axis: Any = None, out: Any = None, keepdims: bool = False, initial: Any = None, where: Any = True, **wrong: Never
    ) -> Tensor:
        """See `autograd.numpy.min`."""
        return ops.min(self, **wrong) if wrong else anp.min(self, axis, out, keepdims, initial, where)

    def var(self, axis: Any = None, dtype: Any = None, out: Any = None, ddof: float = 0, keepdims: bool = False, **options: Any) -> Tensor:
        """See `autograd.numpy.var`."""
        return anp.var(self, axis, dtype, out, ddof, keepdims, **options)

    def std(self, axis: Any = None, dtype: Any = None, out: Any = None, ddof: float = 0, keepdims: bool = False, **options: Any) -> Tensor:
        """See `autograd.numpy.std`."""
        return anp.std(self, axis, dtype, out, ddof, keepdims, **options)

    def argmax(self, axis: Any = None, out: Any = None, *, keepdims: bool = False, **wrong: Never) -> Any:
        """See `autograd.numpy.argmax`."""
        return ops.argmax(self, **wrong) if wrong else anp.argmax(self, axis, out, keepdims=keepdims)

    def argmin(self, axis: Any = None, out: Any = None, *, keepdims: bool = False, **wrong: Never) -> Any:
        """See `autograd.numpy.argmin`."""
        return ops.argmin(self, **wrong) if wrong else anp.argmin(self, axis, out, keepdims=keepdims)

    def cumsum(self, axis: int | None = None, dtype: Any = None, out: Any = None) -> Tensor:
        """See `autograd.numpy.cumsum`."""
        return anp.cumsum(self, axis, dtype, out)

    def cumprod(self, axis: int | None = None, dtype: Any = None, out: Any = None) -> Tensor:
        """See `autograd.numpy.cumprod`."""
        return anp.cumprod(self, axis, dtype, out)

    def clip(self, min: Any = None, max: Any = None, out: Any = None, **options: Any) -> Tensor:
        """See `autograd.numpy.clip`."""
        return anp.clip(self, min, max, out, **options)

    def dot(self, other: Any, out: Any = None) -> Tensor:
        """See `autograd.numpy.dot`."""
        return anp.dot(self, other, out)

    def reshape(self, *shape: Any, order: str = "C", copy: bool | None = None) -> Tensor:
        """The same values in another shape, given as a tuple or as numbers."""
        return anp.reshape(self, shape[0] if len(shape) == 1 else shape, order, copy=copy)

    def ravel(self, order: str = "C") -> Tensor:
        """The values in one row."""
        return anp.ravel(self, order)

    def flatten(self, order: str = "C") -> Tensor:
        """The values in one row."""
        return anp.ravel(self, order)

    def squeeze(self, axis: Any = None, **wrong: Never) -> Tensor:
        """Without axes of size 1."""
        return ops.squeeze(self, axis, **wrong)

    def transpose(self, *axes: Any) -> Tensor:
        """The axes permuted, reversed by default."""
        return ops.transpose(self, None if not axes else axes[0] if isinstance(axes[0], (tuple, list)) or axes[0] is None else axes)

    def swapaxes(self, axis1: int, axis2: int) -> Tensor:
        """Two axes exchanged."""
        return ops.swapaxes(self, axis1, axis2)

    def astype(
        self,
        dtype: DTypeLike,
        order: str = "K",  # noqa: ARG002  # how memory is laid out is no one's concern here
        casting: str = "unsafe",
        subok: bool = True,  # noqa: ARG002
        copy: bool = True,  # noqa: ARG002
    ) -> Tensor:
        """The values in another dtype, as `casting` permits; a gradient comes back in this one."""
        if not np.can_cast(self.dtype, dtype, casting):  # type: ignore[arg-type]
            raise TypeError(f"astype: can't cast {self.dtype} to {np.dtype(dtype)} with casting={casting!r}; 'unsafe' casts anything")
        return ops.astype(self, np.dtype(dtype).newbyteorder("="))

    def copy(self, order: str = "C") -> Tensor:  # noqa: ARG002  # how memory is laid out is no one's concern here
        """The same values and history in memory of its own."""
        return ops.copy(self)

    # -- methods, as PyTorch's tensors have them --------------------------------------------------------------------------------------

    def exp(self) -> Tensor:
        """Elementwise e^x."""
        return ops.exp(self)

    def log(self) -> Tensor:
        """Elementwise natural logarithm."""
        return ops.log(self)

    def sqrt(self) -> Tensor:
        """Elementwise square root."""
        return ops.sqrt(self)

    def abs(self) -> Tensor:
        """Elementwise absolute value."""
        return ops.absolute(self)

    def tanh(self) -> Tensor:
        """Elementwise hyperbolic tangent."""
        return ops.tanh(self)

    def sigmoid(self) -> Tensor:
        """Elementwise logistic function."""
        return ops.sigmoid(self)

    def relu(self) -> Tensor:
        """Elementwise max(0, x)."""
        return ops.relu(self)


for _name in ELSEWHERE:
    setattr(Operators, _name, Elsewhere(_name))


def plain_index(index: Any) -> Any:
    """An index in which traced values are arrays, and arrays are ours: the graph keeps them.

    >>> plain_index((0, slice(None)))
    (0, slice(None, None, None))
    """
    index = _plain(index)
    return (index,) if isinstance(index, Traced) else index  # known only later: it may stand in an index, and can't be one by itself


def _plain(index: Any) -> Any:
    if isinstance(index, tuple):
        return tuple([_plain(k) for k in index])
    if isinstance(index, slice):
        return slice(*(None if k is None else operator.index(k) for k in (index.start, index.stop, index.step)))
    if isinstance(index, list):
        return np.array([_plain(k) for k in index]) if index else np.array([], np.intp)
    if isinstance(index, Traced):
        index = index.data
    return index.copy() if isinstance(index, np.ndarray) else index
