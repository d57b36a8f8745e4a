"""NumPy's sequences from one end to the other: their ends are differentiated."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import ops
from .keywords import as_value, cast, does_hold, function, holds_traced, is_followed, plain, refuse_options

__all__ = ["geomspace", "kaiser", "linspace", "logspace"]


@function
def linspace(
    start: Any,
    stop: Any,
    num: int = 50,
    endpoint: bool = True,
    retstep: bool = False,
    dtype: Any = None,
    axis: int = 0,
    *,
    device: Any = None,
) -> Any:
    """yₖ = start + k step, for `num` whole numbers k, up to stop (itself only with `endpoint`); with `retstep`, also the step.

    >>> linspace(1.0, 2.0, 3)
    array([1. , 1.5, 2. ])
    """
    if not holds_traced(start, stop):
        return np.linspace(start, stop, num, endpoint, retstep, dtype, axis, device=device)  # type: ignore[call-overload]
    refuse_options("linspace", device=(device, (None, "cpu")))
    start, stop = _ends(start, stop)
    steps, k = num - bool(endpoint), _numbers(num, start, stop)
    step = ops.divide(ops.subtract(stop, start), max(steps, 1))
    y = ops.add(start, ops.multiply(k, step))
    y = ops.where(k == steps, stop, y) if steps else y  # itself, not what rounding makes of it
    y = _typed("linspace", ops.moveaxis(y, 0, axis), dtype)
    return (y, step if steps > 0 else ops.multiply(step, np.nan)) if retstep else y


@function
def logspace(start: Any, stop: Any, num: int = 50, endpoint: bool = True, base: Any = 10.0, dtype: Any = None, axis: int = 0) -> Any:
    """y = base ** linspace(start, stop).

    >>> logspace(0.0, 2.0, 3)
    array([  1.,  10., 100.])
    """
    if not holds_traced(start, stop, base):
        return np.logspace(start, stop, num, endpoint, base, dtype, axis)
    if np.ndim(base):
        start, stop, base = map(as_value, (start, stop, base))
        ndim = max(start.ndim, stop.ndim, base.ndim)
        start, stop, base = (ops.reshape(a, (1,) * (ndim - a.ndim) + a.shape) for a in (start, stop, base))
        base = ops.expand_dims(base, axis)
    return _typed("logspace", ops.power(base, linspace(start, stop, num, endpoint, axis=axis)), dtype)


@function
def geomspace(start: Any, stop: Any, num: int = 50, endpoint: bool = True, dtype: Any = None, axis: int = 0) -> Any:
    """yₖ = start (stop/start)ᵗ, for `num` values of t, evenly from 0 to 1 (itself only with `endpoint`).

    >>> geomspace(1.0, 16.0, 3).round()
    array([ 1.,  4., 16.])
    """
    if not holds_traced(start, stop):
        return np.geomspace(start, stop, num, endpoint, dtype, axis)
    start, stop = (ops.astype(a, np.result_type(a.dtype, np.float64)) for a in _ends(as_value(start), as_value(stop)))
    if any(does_hold(plain(a) == 0) for a in (start, stop)):
        raise ValueError("geomspace: got an end of 0, which no ratio leads to or from")
    t = _numbers(num, start, stop) / max(num - bool(endpoint), 1)
    y = ops.multiply(start, ops.power(ops.divide(stop, start), t))
    return _typed("geomspace", ops.moveaxis(y, 0, axis), dtype)


def _ends(start: Any, stop: Any) -> tuple[Any, Any]:
    """Both ends, as floating point numbers of the same kind."""
    ends = as_value(start), as_value(stop)
    dtype = np.result_type(*(a if type(a) in (int, float, complex) else end.dtype for a, end in zip((start, stop), ends, strict=True)))
    dtype = dtype if dtype.kind in "fc" else np.dtype(np.float64)
    return ops.astype(ends[0], dtype), ops.astype(ends[1], dtype)


def _numbers(num: int, start: Any, stop: Any) -> Any:
    """0, 1, … along a new first axis, in the precision of the ends."""
    if num < 0:
        raise ValueError(f"got num={num}, wanted a number of values")
    return np.arange(num, dtype=np.zeros((), start.dtype).real.dtype).reshape(-1, *[1] * max(start.ndim, stop.ndim))


def _typed(name: str, y: Any, dtype: Any) -> Any:
    """y in the dtype asked for, in which whole numbers are the next below."""
    if dtype is not None and np.dtype(dtype).kind in "iu" and not is_followed(y):
        y = ops.floor(y)
    return cast(name, y, dtype, "unsafe")


@function
def kaiser(M: int, beta: Any) -> Any:
    """The Kaiser window of M points, I₀(β √(1 − t²)) / I₀(β) for t from −1 to 1.

    >>> kaiser(3, 0.0)
    array([1., 1., 1.])
    """
    if not holds_traced(beta) or M < 2:
        return np.kaiser(M, float(plain(beta)))
    t = np.linspace(-1.0, 1.0, M)
    return ops.divide(ops.bessel_i(ops.multiply(beta, np.sqrt((1 - t) * (1 + t)))), ops.bessel_i(beta))
