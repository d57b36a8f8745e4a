"""What repeats an operation on two values along an axis: `reduce`, `accumulate` and `reduceat` of any universal function.

Those that have an op of their own, as sums have, do not come here.
"""

from __future__ import annotations

import functools
import itertools
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from .. import ops
from ..op import Traced
from .keywords import as_value, cast, check_out, fixed, into, refuse_options

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["accumulate", "reduce", "reduceat"]


def reduce(
    name: str,
    op: Callable[..., Any],
    a: Any,
    axis: Any = 0,
    dtype: Any = None,
    out: Any = None,
    keepdims: bool = False,
    initial: Any = None,
    where: Any = True,
) -> Any:
    """y = op(… op(op(initial, a₀), a₁) …, aₙ) along an axis.

    >>> reduce("subtract.reduce", ops.subtract, np.array([5., 1., 2.]))
    np.float64(2.0)
    """
    refuse_options(name, where=(where, (True,)))
    check_out(name, out, a, initial)
    rows, axis = _in_front(name, a, axis, dtype)
    parts = _slices(rows)
    if initial is not None:
        first = cast(name, initial, rows.dtype) if isinstance(initial, Traced) else np.asarray(initial, rows.dtype)
        parts.insert(0, ops.broadcast_to(first, rows.shape[1:]))
    if not parts:
        raise ValueError(f"{name}: got no value along axis {axis}, wanted at least one; or give initial")
    y = functools.reduce(op, parts)
    return into(name, out, ops.expand_dims(y, axis) if keepdims else y)


def accumulate(name: str, op: Callable[..., Any], a: Any, axis: Any = 0, dtype: Any = None, out: Any = None) -> Any:
    """yᵢ = op(yᵢ₋₁, aᵢ) along an axis, from y₀ = a₀.

    >>> accumulate("maximum.accumulate", ops.maximum, np.array([1., 3., 2.]))
    array([1., 3., 3.])
    """
    check_out(name, out, a)
    rows, axis = _in_front(name, a, axis, dtype)
    return into(name, out, ops.stack(list(itertools.accumulate(_slices(rows), op)), axis) if len(rows) else as_value(a))


def reduceat(reduce: Callable[..., Any], name: str, a: Any, indices: Any, axis: Any = 0, dtype: Any = None, out: Any = None) -> Any:
    """yₖ = `reduce` of the values from index k up to the next one, or the value at index k alone, if the next one is not larger.

    >>> reduceat(np.add.reduce, "add.reduceat", np.array([1., 2., 3., 4.]), [0, 3, 1])
    array([6., 4., 9.])
    """
    check_out(name, out, a)
    rows, axis = _in_front(name, a, axis, dtype)
    starts = np.asarray(fixed(name, indices=indices)["indices"], np.intp)
    if starts.ndim != 1 or not starts.size or starts.min() < 0 or starts.max() >= len(rows):
        raise ValueError(f"{name}: got the indices {starts.tolist()}, wanted a row of numbers from 0 to {len(rows) - 1}")
    parts = [reduce(rows[i : max(i + 1, k)]) for i, k in itertools.pairwise((*starts.tolist(), len(rows)))]
    return into(name, out, ops.moveaxis(ops.stack(parts), 0, axis))


def _in_front(name: str, a: Any, axis: Any, dtype: Any) -> tuple[Any, int]:
    """The array with the axis that is meant in front, and which one that is."""
    a = cast(name, as_value(a), dtype, "unsafe")
    axes = range(a.ndim) if axis is None else normalize_axis_tuple(axis, a.ndim)
    if len(axes) != 1:
        raise ValueError(f"{name}: got axis={axis} for an array of {a.ndim} axes, wanted one of them")
    return ops.moveaxis(a, axes[0], 0), axes[0]


def _slices(rows: Any) -> list[Any]:
    return [ops.squeeze(row, 0) for row in ops.split(rows, len(rows))] if len(rows) else []
