"""Containers of numbers as one row, and back."""

from __future__ import annotations

from itertools import count
from math import prod
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import ops
from ..op import Traced, operand
from ..tree import children, leaves, map_leaves

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["flatten", "flatten_func"]


def flatten(value: Any) -> tuple[Any, Callable[[Any], Any]]:
    """(row, unflatten): all numbers of a container, the parts of a dict in the order of its keys, and the function that puts them back.

    Both ways are differentiable.  Whole numbers come back as floats, anything else in its shape and dtype.

    >>> row, unflatten = flatten({"w": np.array([[1., 2.]]), "b": 3.0})
    >>> row
    array([3., 1., 2.])
    >>> unflatten(10 * row)
    {'w': array([[10., 20.]]), 'b': np.float64(30.0)}
    """
    parts = [_number(leaf) for leaf in leaves(value)]
    numbers = count()
    places = map_leaves(lambda _: next(numbers), value)
    slots: dict[int, Callable[[Any], Any]] = {}
    total = 0
    order = list(_sorted_leaves(places))
    for k in order:
        shape, dtype = parts[k].shape, parts[k].dtype
        slots[k] = _slot(total, shape, dtype)
        total += prod(shape)

    def unflatten(row: Any) -> Any:
        row = row if isinstance(row, Traced) else operand(row)
        if row.shape != (total,):
            raise ValueError(f"unflatten: got shape {row.shape}, wanted {(total,)}, as flatten gave it")
        return map_leaves(lambda k: slots[k](row), places)

    return (ops.concatenate([ops.ravel(parts[k]) for k in order]) if parts else np.array([])), unflatten


def _number(leaf: Any) -> Any:
    value: Any = leaf if isinstance(leaf, Traced) else operand(leaf)
    if value.dtype.kind not in "biufc":
        raise TypeError(f"flatten: got a {type(leaf).__name__} ({leaf!r}) in the container, wanted numbers and arrays only")
    return value


def _sorted_leaves(tree: Any) -> Iterator[Any]:
    """The leaves, those of a dict in the order of its keys."""
    parts = children(tree)
    if parts is None:
        yield tree
        return
    for _, child in sorted(parts, key=itemgetter(0)) if isinstance(tree, dict) else parts:
        yield from _sorted_leaves(child)


def _slot(start: int, shape: tuple[int, ...], dtype: Any) -> Callable[[Any], Any]:
    """How a part is taken out of the row."""

    def part(row: Any) -> Any:
        y = ops.reshape(ops.getitem(row, slice(start, start + prod(shape))), shape)
        if dtype.kind == "f" and y.dtype.kind == "c":
            y = ops.real(y)
        if dtype.kind in "fc" and dtype != y.dtype:
            y = ops.astype(y, dtype)
        return y if isinstance(y, Traced) or y.ndim else y[()]

    return part


def flatten_func(func: Callable[..., Any], example: Any) -> tuple[Callable[..., Any], Callable[[Any], Any], Any]:
    """(of_row, unflatten, row): `func` of a container like `example` as a function from rows to rows, and the example as a row.

    >>> of_row, unflatten, row = flatten_func(lambda p: {"double": 2 * p["w"]}, {"w": np.array([[1., 2.]])})
    >>> of_row(row)
    array([2., 4.])
    """
    row, unflatten = flatten(example)
    return lambda x, *args: flatten(func(unflatten(x), *args))[0], unflatten, row
