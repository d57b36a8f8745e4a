"""NumPy's `pad`, in every mode: moved values where there is nothing to compute, else borders joined on, axis by axis."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .. import ops
from ..ops.shape import pairs
from .keywords import as_value, function, holds_traced, is_followed
from .moves import moved
from .order import median
from .shapes import flip

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["pad"]

KEYWORD = {
    "constant": "constant_values", "edge": "", "linear_ramp": "end_values", "maximum": "stat_length", "mean": "stat_length",
    "median": "stat_length", "minimum": "stat_length", "reflect": "reflect_type", "symmetric": "reflect_type", "wrap": "",
}  # fmt: skip
"""The modes, each with the keyword that belongs to it."""

STATISTICS: dict[str, Callable[..., Any]] = {"maximum": ops.max, "mean": ops.mean, "median": median, "minimum": ops.min}


@function
def pad(array: Any, pad_width: Any, mode: Any = "constant", **kwargs: Any) -> Any:
    """With a border around it, `pad_width` wide: of constant values, of the edge, mirrored, … as `mode` says.  All modes are NumPy's.

    >>> pad(np.array([1., 2., 3.]), (1, 2), "reflect")
    array([2., 1., 2., 3., 2., 1.])
    """
    if not holds_traced(array, *kwargs.values()):
        return np.pad(array, pad_width, mode, **kwargs)
    if mode == "empty":
        raise TypeError("pad: mode='empty' leaves the border without values, so it has no derivative; give another mode")
    if callable(mode):
        raise TypeError("pad: a function as mode would write into memory that the graph does not see; build the border by concatenate")
    if mode not in KEYWORD:
        raise ValueError(f"pad: got mode={mode!r}, wanted one of {', '.join(KEYWORD)}")
    if unknown := sorted(kwargs.keys() - {KEYWORD[mode]}):
        raise TypeError(f"pad: {', '.join(unknown)} belongs to another mode than {mode!r}; wanted {KEYWORD[mode] or 'no keyword'}")
    array, option = as_value(array), kwargs.get(KEYWORD[mode])
    if mode == "constant" and not holds_traced(option):
        return ops.pad(array, pad_width, 0 if option is None else option)
    if mode == "constant":
        return moved(np.pad, {"array": array, "constant_values": as_value(option)}, {"pad_width": pad_width})
    if mode in ("reflect", "symmetric") and option not in (None, "even", "odd"):
        raise ValueError(f"pad: got reflect_type={option!r}, wanted 'even' or 'odd'")
    if not (mode in (*STATISTICS, "linear_ramp") or option == "odd") or not array.size:
        return moved(np.pad, {"array": array}, {"pad_width": pad_width, "mode": mode})
    if array.dtype.kind not in "fc" and is_followed(option):
        raise TypeError(f"pad: the border of an array of dtype {array.dtype} would cut the graph of {KEYWORD[mode]}; use .astype first")
    if mode == "linear_ramp":
        option = ops.broadcast_to(as_value(0 if option is None else option), (array.ndim, 2))
    else:
        option = pairs(option, array.ndim) if mode in STATISTICS and option is not None else [(None, None)] * array.ndim
    return _bordered(array, pairs(pad_width, array.ndim), mode, option)


def _bordered(y: Any, widths: Any, mode: str, option: Any) -> Any:
    """The array with both borders of each axis joined on, one axis after the other, so that the later ones see the earlier."""
    for axis, (before, after) in enumerate(widths):
        first = _border(y, axis, before, mode, option[axis][0])
        last = _border(flip(y, axis), axis, after, mode, option[axis][1])
        y = ops.concatenate((first, y, flip(last, axis)), axis)
    return y


def _border(y: Any, axis: int, width: int, mode: str, option: Any) -> Any:
    """What stands before `y` along an axis."""
    before = (slice(None),) * axis
    rounded: Any
    along = [-1 if k == axis else 1 for k in range(y.ndim)]
    if mode in STATISTICS:
        values = STATISTICS[mode](y[(*before, slice(option))], axis, keepdims=True)
        border, rounded = ops.broadcast_to(values, (*y.shape[:axis], width, *y.shape[axis + 1 :])), ops.rint
    elif mode == "linear_ramp":
        steps = np.arange(width).reshape(along) / max(width, 1)
        border, rounded = option + (y[(*before, slice(1))] - option) * steps, ops.floor
    else:
        border, rounded = _mirrored(y, axis, np.arange(-width, 0), y.shape[axis] - (mode == "reflect"), along), ops.copy
    return ops.astype(border if y.dtype.kind in "fc" else rounded(border), y.dtype)


def _mirrored(y: Any, axis: int, places: Any, period: int, along: list[int]) -> Any:
    """The values at places before the first, where at each end the array goes on turned about its end point by half a turn."""
    n, before = y.shape[axis], (slice(None),) * axis
    if not period:
        return y[(*before, 0 * places)]
    turns, places = np.divmod(places, period)
    odd = turns % 2
    values = y[(*before, np.where(odd, n - 1 - places, places))]
    total = (1 - 2 * odd).reshape(along) * values
    for end, count in ((slice(1), odd - turns), (slice(-1, None), odd + turns)):
        times = count.reshape(along)
        total = total + times * ops.where(times == 0, 0, y[(*before, end)])  # an infinite end that does not count is no NaN
    return total
