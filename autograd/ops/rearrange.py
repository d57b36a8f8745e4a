"""Moving values: rolling, tiling, cutting, inserting, picking diagonals; whatever NumPy does without computing.

Where each value of the result came from is found by doing the same to the places themselves, numbered from 1: a 0 in the result came from
nowhere.  So one rule, which sends each cotangent back to the place of its value, is the adjoint of all such functions.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..op import call, multilinear
from .broadcast import reshape
from .index import add_at, getitem

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["Move", "Slot", "numbered", "rearrange"]


class Slot(NamedTuple):
    """The place of array `number` among the arguments of a `Move`."""

    number: int


class Move:
    """A function that only moves the values of arrays, or leaves zeros, with its arguments, in which each array has its `Slot`.

    >>> Move(np.roll, Slot(0), shift=1)(np.arange(3))
    array([2, 0, 1])
    """

    def __init__(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
        self.function, self.args, self.kwargs = function, args, kwargs

    def __call__(self, *arrays: Any) -> Any:
        """The arrays, moved."""
        return self.function(*_filled(self.args, arrays), **_filled(self.kwargs, arrays))

    def __repr__(self) -> str:
        return getattr(self.function, "__name__", "move")


def _filled(arguments: Any, arrays: Sequence[Any]) -> Any:
    """The arguments, with the arrays in their slots."""
    if type(arguments) is Slot:
        return arrays[arguments.number]
    if type(arguments) is dict:
        return {name: _filled(a, arrays) for name, a in arguments.items()}
    return type(arguments)([_filled(a, arrays) for a in arguments]) if type(arguments) in (tuple, list) else arguments


def numbered(shape: tuple[int, ...], start: int = 1) -> Any:
    """An array of this shape whose values are the numbers of its places.

    >>> numbered((2, 2))
    array([[1, 2],
           [3, 4]])
    """
    return np.arange(start, start + math.prod(shape)).reshape(shape)


def _returned(g: Any, i: int, in_shapes: tuple[tuple[int, ...], ...], how: Move) -> Any:
    """The cotangents of what came from array i, added up in its places."""
    starts = np.cumsum([1, *map(math.prod, in_shapes)])
    places = np.ravel(how(*map(numbered, in_shapes, starts)))
    ours = np.flatnonzero((places >= starts[i]) & (places < starts[i + 1]))
    values = getitem(reshape(g, (places.size,)), ours)
    return reshape(add_at(values, places[ours] - starts[i], (math.prod(in_shapes[i]),)), in_shapes[i])


@multilinear(
    _returned,
    variadic=True,
    samples=[
        call(((2, 3),), Move(np.roll, Slot(0), 1, axis=1)),
        call(((3, 3),), Move(np.tril, Slot(0), -1)),
        call(((2,),), Move(np.tile, Slot(0), (2, 2))),
        call(((3, 4),), Move(np.take, Slot(0), 2)),
        call(((3, 4), (2, 4)), Move(np.insert, Slot(0), 1, Slot(1), axis=0)),
        call(((2,), (1,)), Move(np.block, [[Slot(0), Slot(1)], [Slot(1), Slot(0)]])),
    ],
)
def rearrange(arrays: Any, /, how: Move) -> Any:
    """What `how`, a function that only moves values, makes of the arrays.  Each cotangent goes back to where its value was.

    >>> rearrange([np.arange(3.0)], Move(np.flip, Slot(0)))
    array([2., 1., 0.])
    """
    y = np.asarray(how(*arrays))
    for a in arrays:
        if not np.can_cast(getattr(a, "dtype", type(a)), y.dtype, "same_kind"):
            raise TypeError(f"values of dtype {np.asarray(a).dtype} among others of dtype {y.dtype} would be cut; use .astype first")
    if y.base is not None and not any(np.may_share_memory(y, a) for a in arrays):
        y = y.copy()  # what is a view of nothing but a temporary array may be written
    return y if y.ndim else y[()]
