"""What every traced value can do: Python's operators, and the methods that NumPy's arrays have.

Each is one op.  They stand here, and not in the Tensor, because they need nothing of it: whatever records ops has the same operators.
"""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

import numpy as np

from . import ops
from .op import Traced

if TYPE_CHECKING:
    from numpy.typing import DTypeLike, NDArray

    from .tensor import Tensor

__all__ = ["Operators", "plain_index"]

NO_OPTIONS: dict[str, Any] = {}


class Operators(Traced):
    """Operators and methods, as calls of ops."""

    __slots__ = ()

    if TYPE_CHECKING:

        @property
        def ndim(self) -> int:
            """How many axes there are."""

    __hash__ = object.__hash__

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

    def __pow__(self, other: Any) -> Tensor:
        return self.record(ops.power, (self, other), NO_OPTIONS)

    def __rpow__(self, other: Any) -> Tensor:
        return self.record(ops.power, (other, self), NO_OPTIONS)

    def __matmul__(self, other: Any) -> Tensor:
        return self.record(ops.matmul, (self, other), NO_OPTIONS)

    def __rmatmul__(self, other: Any) -> Tensor:
        return self.record(ops.matmul, (other, self), NO_OPTIONS)

    def __eq__(self, other: object) -> NDArray[np.bool_]:  # type: ignore[override]  # elementwise, as in NumPy
        return self.record(ops.equal, (self, other), NO_OPTIONS)

    def __ne__(self, other: object) -> NDArray[np.bool_]:  # type: ignore[override]
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

    def sum(self, axis: Any = None, keepdims: bool = False) -> Tensor:
        """See `autograd.numpy.sum`."""
        return ops.sum(self, axis, keepdims)

    def mean(self, axis: Any = None, keepdims: bool = False) -> Tensor:
        """See `autograd.numpy.mean`."""
        return ops.mean(self, axis, keepdims)

    def prod(self, axis: Any = None, keepdims: bool = False) -> Tensor:
        """See `autograd.numpy.prod`."""
        return ops.prod(self, axis, keepdims)

    def max(self, axis: Any = None, keepdims: bool = False) -> Tensor:
        """See `autograd.numpy.max`."""
        return ops.max(self, axis, keepdims)

    def min(self, axis: Any = None, keepdims: bool = False) -> Tensor:
        """See `autograd.numpy.min`."""
        return ops.min(self, axis, keepdims)

    def var(self, axis: Any = None, ddof: float = 0, keepdims: bool = False) -> Tensor:
        """See `autograd.numpy.var`."""
        return ops.var(self, axis, ddof, keepdims)

    def std(self, axis: Any = None, ddof: float = 0, keepdims: bool = False) -> Tensor:
        """See `autograd.numpy.std`."""
        return ops.std(self, axis, ddof, keepdims)

    def argmax(self, axis: Any = None, keepdims: bool = False) -> Any:
        """See `autograd.numpy.argmax`."""
        return ops.argmax(self, axis, keepdims)

    def argmin(self, axis: Any = None, keepdims: bool = False) -> Any:
        """See `autograd.numpy.argmin`."""
        return ops.argmin(self, axis, keepdims)

    def clip(self, min: Any = None, max: Any = None) -> Tensor:
        """See `autograd.numpy.clip`."""
        return ops.clip(self, min, max)

    def dot(self, other: Any) -> Tensor:
        """See `autograd.numpy.dot`."""
        return ops.dot(self, other)

    def reshape(self, *shape: Any) -> Tensor:
        """The same values in another shape, given as a tuple or as numbers."""
        return ops.reshape(self, shape[0] if len(shape) == 1 else shape)

    def ravel(self) -> Tensor:
        """The values in one row."""
        return ops.ravel(self)

    def flatten(self) -> Tensor:
        """The values in one row."""
        return ops.ravel(self)

    def squeeze(self, axis: Any = None) -> Tensor:
        """Without axes of size 1."""
        return ops.squeeze(self, axis)

    def transpose(self, *axes: Any) -> Tensor:
        """The axes permuted, reversed by default."""
        return ops.transpose(self, None if not axes else axes[0] if isinstance(axes[0], (tuple, list)) or axes[0] is None else axes)

    def swapaxes(self, axis1: int, axis2: int) -> Tensor:
        """Two axes exchanged."""
        return ops.swapaxes(self, axis1, axis2)

    def astype(self, dtype: DTypeLike) -> Tensor:
        """The values in another dtype; a gradient comes back in this one."""
        return ops.astype(self, np.dtype(dtype))

    def copy(self) -> Tensor:
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


def plain_index(index: Any) -> Any:
    """An index in which traced values are arrays, and arrays are ours: the graph keeps them.

    >>> plain_index((0, slice(None)))
    (0, slice(None, None, None))
    """
    if isinstance(index, tuple):
        return tuple([plain_index(k) for k in index])
    if isinstance(index, slice):
        return slice(*(None if k is None else operator.index(k) for k in (index.start, index.stop, index.step)))
    if isinstance(index, list):
        return np.array([plain_index(k) for k in index]) if index else np.array([], np.intp)
    if isinstance(index, Traced):
        index = index.data
    return index.copy() if isinstance(index, np.ndarray) else index
