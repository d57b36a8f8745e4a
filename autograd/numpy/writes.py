"""NumPy's functions that write into an array: into a Tensor they write as `x[...] = v` does, differentiably.

Which value comes to stand where is found by letting NumPy write the numbers of the values in place of the values.
"""

from __future__ import annotations

import functools
import inspect
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import ops
from ..ops.rearrange import numbered
from .keywords import as_value, cast, check_out, fixed, holds_traced

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["copyto", "fill_diagonal", "place", "put", "put_along_axis", "putmask"]


def writer(values: str) -> Callable[[Callable[..., Any]], Callable[..., None]]:
    """Make, of a signature with its description, NumPy's function of that name, which writes the argument `values` into the first.

    >>> @writer("v")
    ... def put(a, ind, v, mode="raise"):
    ...     pass
    >>> a = np.zeros(3)
    >>> put(a, 1, 5.0)
    >>> a
    array([0., 5., 0.])
    """

    def define(signature: Callable[..., Any]) -> Callable[..., None]:
        name: str = signature.__name__
        twin, bind = getattr(np, name), inspect.signature(signature).bind

        @functools.wraps(signature)
        def call(*args: Any, **kwargs: Any) -> None:
            bound = bind(*args, **kwargs)
            bound.apply_defaults()
            (_, target), *rest = bound.arguments.items()
            given = dict(rest)
            if not holds_traced(target, *given.values()):
                twin(*args, **kwargs)
                return
            check_out(name, target, given[values])
            v = given.pop(values)
            given = fixed(name, **given)
            v = cast(name, as_value(v), target.dtype, given.get("casting", "same_kind"))
            source = np.zeros(target.shape, np.intp)
            twin(source, *({**given, values: numbered(v.shape)}[option] for option, _ in rest))
            where = source > 0
            if where.any():
                index = ... if where.all() else where
                target[index] = ops.getitem(ops.ravel(v), source[index] - 1)

        return call

    return define


@writer("src")
def copyto(dst: Any, src: Any, casting: str = "same_kind", where: Any = True) -> None:
    """Write `src`, broadcast, into `dst`, where `where` holds.

    >>> y = np.zeros(3)
    >>> copyto(y, 1.0, where=[True, False, True])
    >>> y
    array([1., 0., 1.])
    """


@writer("v")
def put(a: Any, ind: Any, v: Any, mode: str = "raise") -> None:
    """Write the values v, again from the start where they are too few, at the places `ind` of the array as one row.

    >>> y = np.zeros(3)
    >>> put(y, [0, 2], [5.0, 6.0])
    >>> y
    array([5., 0., 6.])
    """


@writer("values")
def put_along_axis(arr: Any, indices: Any, values: Any, axis: int | None) -> None:
    """Write arr[…, indices[…, i, …], …] = values[…, i, …], along `axis`.

    >>> y = np.zeros((2, 2))
    >>> put_along_axis(y, np.array([[1], [0]]), 5.0, 1)
    >>> y
    array([[0., 5.],
           [5., 0.]])
    """


@writer("vals")
def place(arr: Any, mask: Any, vals: Any) -> None:
    """Write the first of the values, again from the start where they are too few, where the mask holds.

    >>> y = np.zeros(3)
    >>> place(y, [True, False, True], [5.0, 6.0])
    >>> y
    array([5., 0., 6.])
    """


@writer("values")
def putmask(a: Any, /, mask: Any, values: Any) -> None:
    """Write, where the mask holds, the value of the same place, counted from the start again where the values are too few.

    >>> y = np.zeros(3)
    >>> putmask(y, [True, False, True], [5.0, 6.0, 7.0])
    >>> y
    array([5., 0., 7.])
    """


@writer("val")
def fill_diagonal(a: Any, val: Any, wrap: bool = False) -> None:
    """Write the values, again from the start where they are too few, along the diagonal; with `wrap`, again below a tall matrix.

    >>> y = np.zeros((2, 2))
    >>> fill_diagonal(y, 1.0)
    >>> y
    array([[1., 0.],
           [0., 1.]])
    """
