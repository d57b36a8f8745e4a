"""Writing into a Tensor: differentiable where its history is recorded, else into its memory, visibly to every graph that needs it.

On a non-leaf, `x[i] = v` and `x += v` make a new value, to which the handle then points.  On a leaf that requires grad they raise, but
under `no_grad` they write in place; on a view of another Tensor, whose base would not follow, they raise.
"""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any

import numpy as np

from . import ops
from .graph import mark_written, unmark_written
from .interop import Interop
from .misuse import failed_call
from .mode import GRAD
from .op import Traced, as_array
from .operators import plain_index

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .graph import Node
    from .op import Op
    from .tensor import Tensor

__all__ = ["Writes"]


class Writes(Interop):
    """Assignment by index, and in-place operators."""

    __slots__ = ()

    if TYPE_CHECKING:
        _value: Any
        _node: Node | None
        name: str | None

        @property
        def data(self) -> NDArray[Any]:
            """The values."""

        @property
        def shape(self) -> tuple[int, ...]:
            """The size of each axis."""

        @property
        def dtype(self) -> np.dtype[Any]:
            """The type of the values."""

        @property
        def is_leaf(self) -> bool:
            """Whether no recorded op made it."""

    def _write(self, index: Any, value: Any) -> None:
        """Write into the memory, visibly to the graph."""
        data: Any = self.data
        value = value.data if isinstance(value, Traced) else as_array(value)
        if isinstance(data, Traced):
            data[index] = value  # type: ignore[index]  # the compiled function will write
            return
        if isinstance(value, Traced):
            self._value = ops.setitem(data, value, index)
            return
        if not data.flags.writeable:
            raise ValueError(f"write: the memory of this Tensor {self.shape} is read-only; write into a .copy()")
        if not np.can_cast(np.asarray(value).dtype, data.dtype, "same_kind"):
            raise TypeError(f"write: got values of dtype {np.asarray(value).dtype}, wanted {data.dtype}; cast them with .astype first")
        before = mark_written(data, self.name)
        try:
            data[index] = value
        except (IndexError, ValueError) as error:
            unmark_written(data, before)
            raise failed_call(ops.setitem, error, (self, value), (data, np.asarray(value)), {"index": index}) from None

    def _records_write(self, value: Any, how: str) -> bool:
        """Whether writing `value` here belongs in the graph; raises where the graph could not follow it."""
        if not GRAD.get() or not (self.requires_grad or (isinstance(value, Writes) and value.requires_grad)):
            return False
        if self.is_leaf and self.requires_grad:
            if self._node.owner is None:  # type: ignore[union-attr]  # the argument of a transform, which knows its node
                return True
            raise RuntimeError(f"{how} on a leaf that requires grad would lose the leaf; do it under no_grad(), or on a .copy()")
        if isinstance(self._value, np.ndarray) and self._value.base is not None:
            raise RuntimeError(f"{how} on a view of another Tensor: write x[i] = x[i] + …, change the base, or a .copy()")
        return True

    def __setitem__(self, index: Any, value: Any) -> None:
        # Recorded, this makes a new value; a view taken before keeps showing the old one.
        index = plain_index(index)
        if self._records_write(value, "x[…] = v"):
            self._become(ops.setitem(self, value, index))
        else:
            self._write(index, value)

    def _become(self, new: Tensor) -> Tensor:
        """Let this handle point at another value: differentiable assignment."""
        if new.shape != self.shape:
            raise ValueError(f"in-place operation: the result has shape {new.shape}, wanted {self.shape}; write x = x + … instead")
        if new.dtype != self.dtype:
            if not np.can_cast(new.dtype, self.dtype, "same_kind"):
                raise TypeError(f"in-place operation: the result has dtype {new.dtype}, wanted {self.dtype}; write x = x + … instead")
            new = ops.astype(new, self.dtype)
        if self._node is not None and self._node.owner is not None and self._node.owner() is self:
            self._node.owner = None
            new._node.owner = weakref.ref(self)  # type: ignore[union-attr]  # who asked for the old value's gradient asks for the new one's
        self._value, self._node = new._value, new._node  # type: ignore[misc]  # the slots are the Tensor's
        return self  # type: ignore[return-value]  # a Tensor is what this is part of

    def _update(self, op: Op, other: Any) -> Tensor:
        """`x op= other`: in place on plain values, re-bound on recorded ones."""
        if self._records_write(other, f"in-place {op.name}"):
            return self._become(op(self, other))
        new = op(self._value, other._value if isinstance(other, Writes) else other)
        if np.shape(new) != self.shape:
            raise ValueError(f"in-place {op.name}: the result has shape {np.shape(new)}, wanted {self.shape}; write x = x + … instead")
        self._write(..., new)
        return self  # type: ignore[return-value]  # a Tensor is what this is part of

    def __iadd__(self, other: Any) -> Tensor:  # a Tensor, whatever the subclass
        return self._update(ops.add, other)

    def __isub__(self, other: Any) -> Tensor:  # a Tensor, whatever the subclass
        return self._update(ops.subtract, other)

    def __imul__(self, other: Any) -> Tensor:  # a Tensor, whatever the subclass
        return self._update(ops.multiply, other)

    def __itruediv__(self, other: Any) -> Tensor:  # a Tensor, whatever the subclass
        return self._update(ops.divide, other)

    def __imod__(self, other: Any) -> Tensor:  # a Tensor, whatever the subclass
        return self._update(ops.remainder, other)

    def __ipow__(self, other: Any) -> Tensor:  # a Tensor, whatever the subclass
        return self._update(ops.power, other)

    def __imatmul__(self, other: Any) -> Tensor:  # a Tensor, whatever the subclass
        return self._update(ops.matmul, other)
