"""SciPy's filters over arrays and Tensors."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import signal

from ... import ops
from ...numpy.keywords import plain
from ...ops.complex import is_complex
from ..keywords import twin
from ..linalg import companion
from . import recursion
from .convolution import along

__all__ = ["detrend", "filtfilt", "hilbert", "lfilter", "lfilter_zi", "sosfilt"]


@twin(signal.lfilter, "b", "a", "x", "zi")
def lfilter(b: Any, a: Any, x: Any, zi: Any = None, axis: int = -1) -> Any:
    """a₀ yₜ = Σₖ bₖ xₜ₋ₖ − Σ_{k>0} aₖ yₜ₋ₖ along an axis; with the state `zi` to begin with, y and the state at the end.

    >>> lfilter([1.], [1., -0.5], np.array([1., 0., 0.]))
    array([1.  , 0.5 , 0.25])
    """
    b, a = (ops.reshape(c, (1,)) if c.ndim == 0 else c for c in (b, a))
    y = recursion.lfilter(b, a, x, axis)
    if zi is None:
        return y
    if zi.ndim != x.ndim:
        raise ValueError(f"lfilter: got x of {x.ndim} axes and zi of {zi.ndim}, wanted as many")
    y, x, zi = (ops.moveaxis(c, axis, -1) for c in (y, x, zi))
    T, K = x.shape[-1], max(b.size, a.size) - 1
    zi = ops.broadcast_to(zi, (*x.shape[:-1], K))
    # The state is added to the input behind b, one value at each of the first steps.
    y = y + recursion.lfilter(a[:1], a, _resized(zi, T), -1)
    zf = _left_over(b / a[0], x, K) - _left_over(a / a[0], y, K) + _resized(zi[..., T:], K)
    return tuple(ops.moveaxis(c, -1, axis) for c in (y, zf))


def _resized(x: Any, n: int) -> Any:
    """x, cut or filled up with zeros to n values."""
    x = x[..., :n]
    return ops.pad(x, [(0, 0)] * (x.ndim - 1) + [(0, n - x.shape[-1])])


def _left_over(c: Any, x: Any, n: int) -> Any:
    """What the convolution of x with c has after the end of x, as n values."""
    last = x[..., max(x.shape[-1] - n, 0) :]
    if not n or not last.shape[-1]:
        return np.zeros((*x.shape[:-1], n), x.dtype)
    y = along(last, ops.reshape(c, (*(1,) * (x.ndim - 1), c.size)), (-1,), "full", "direct")
    return _resized(y[..., last.shape[-1] :], n)


@twin(signal.lfilter_zi, "b", "a")
def lfilter_zi(b: Any, a: Any) -> Any:
    """The state `zi` of `lfilter` in which an input of ones gives an output that is constant.

    >>> lfilter_zi([1.], [1., -0.5])
    array([1.])
    """
    if b.ndim != 1 or a.ndim != 1 or plain(a)[0] == 0:
        raise ValueError(f"lfilter_zi: got b {b.shape} and a {a.shape}, wanted two rows of coefficients, the first of a not 0")
    n = max(b.size, a.size)
    b, a = _resized(b / a[0], n), _resized(a / a[0], n)
    if n == 1:
        return b[1:]
    return ops.solve(np.eye(n - 1, dtype=a.dtype) - companion(a).T, b[1:] - a[1:] * b[0])


@twin(signal.sosfilt, "sos", "x", "zi")
def sosfilt(sos: Any, x: Any, zi: Any = None, axis: int = -1) -> Any:
    """The `lfilter` of each row of sos, b₀ b₁ b₂ a₀ a₁ a₂, one after the other; `zi` holds the state of each.

    >>> sosfilt(np.array([[1., 0., 0., 1., -0.5, 0.]]), np.array([1., 0., 0.]))
    array([1.  , 0.5 , 0.25])
    """
    if sos.ndim != 2 or sos.shape[1] != 6 or (plain(sos)[:, 3] != 1).any():
        raise ValueError(f"sosfilt: got sos of shape {sos.shape}, wanted rows of six coefficients, with a₀ = 1")
    states = []
    for n in range(len(sos)):
        b, a = sos[n, :3], sos[n, 3:]
        if zi is None:
            x = recursion.lfilter(b, a, x, axis)
        else:
            x, state = lfilter(b, a, x, axis, zi[n])
            states.append(state)
    return x if zi is None else (x, ops.stack(states))


@twin(signal.filtfilt, "b", "a", "x")
def filtfilt(b: Any, a: Any, x: Any, axis: int = -1, padtype: str | None = "odd", padlen: int | None = None) -> Any:
    """`lfilter` forwards and then backwards, which delays nothing, of x with its ends continued by `padlen` values, before and after:
    turned about the end ("odd"), mirrored ("even"), or constant.  Gustafsson's method is refused.

    >>> filtfilt([1.], [1., -0.5], np.ones(12)).round(12)[:3]
    array([4., 4., 4.])
    """
    b, a = (ops.reshape(c, (1,)) if c.ndim == 0 else c for c in (b, a))
    if padtype not in ("odd", "even", "constant", None):
        raise ValueError(f"filtfilt: got padtype={padtype!r}, wanted 'odd', 'even', 'constant' or None")
    x = ops.moveaxis(x, axis, -1)
    n = 0 if padtype is None else 3 * max(b.size, a.size) if padlen is None else padlen
    if x.shape[-1] <= n:
        raise ValueError(f"filtfilt: got {x.shape[-1]} values, wanted more than padlen={n}")
    zi = lfilter_zi(b, a)
    y = _continued(x, n, padtype)
    for _ in range(2):
        y = lfilter(b, a, y, -1, zi * y[..., :1])[0][..., ::-1]
    return ops.moveaxis(y[..., n : n + x.shape[-1]], -1, axis)


def _continued(x: Any, n: int, padtype: str | None) -> Any:
    if not n:
        return x
    first, last = x[..., :1], x[..., -1:]
    if padtype == "constant":
        before, after = (ops.broadcast_to(end, (*x.shape[:-1], n)) for end in (first, last))
    else:
        before, after = x[..., n:0:-1], x[..., -2 : -n - 2 : -1]
    if padtype == "odd":
        before, after = 2 * first - before, 2 * last - after
    return ops.concatenate((before, x, after), -1)


@twin(signal.detrend, "data")
def detrend(data: Any, axis: int = -1, type: str = "linear", bp: Any = 0) -> Any:
    """The data less their mean ("constant"), or less the straight line nearest to them, between each two breakpoints `bp` another one.

    >>> detrend(np.array([1., 2., 6.])).round(12)
    array([ 0.5, -1. ,  0.5])
    """
    if type not in ("linear", "l", "constant", "c"):
        raise ValueError(f"detrend: got type={type!r}, wanted 'linear' or 'constant'")
    if type in ("constant", "c"):
        return data - ops.mean(data, axis, keepdims=True)
    x = ops.moveaxis(data, axis, -1)
    n = x.shape[-1]
    places = np.unique([0, *np.atleast_1d(bp).tolist(), n])
    if places[-1] > n:
        raise ValueError(f"detrend: got a breakpoint at {places[-1]} of {n} values")
    parts = []
    for start, stop in zip(places[:-1].tolist(), places[1:].tolist(), strict=True):
        t = np.linspace(-1.0, 1.0, stop - start)
        lines = np.linalg.qr(np.stack([np.ones_like(t), t], -1))[0]
        lines = lines.astype(x.dtype if x.dtype.kind in "fc" else float)
        part = x[..., start:stop]
        parts.append(part - ops.matmul(ops.matmul(part, lines), lines.T))
    return ops.moveaxis(ops.concatenate(parts, -1), -1, axis)


@twin(signal.hilbert, "x")
def hilbert(x: Any, N: int | None = None, axis: int = -1) -> Any:
    """The analytic signal x + i · (its Hilbert transform), by a Fourier transform of length N without the negative frequencies.

    >>> hilbert(np.array([2., 1., -2., -1.])).imag
    array([-1.,  2.,  1., -2.])
    """
    if is_complex(x):
        raise ValueError("hilbert: got complex numbers, wanted real ones")
    n = x.shape[axis] if N is None else N
    if n <= 0:
        raise ValueError(f"hilbert: got N={n}, wanted a positive number")
    k = np.arange(n)
    weight = np.where((k == 0) | (2 * k == n), 1, np.where(2 * k < n, 2, 0)).astype(x.dtype if x.dtype.kind == "f" else float)
    return ops.ifft(ops.fft(x, n, axis) * weight.reshape(-1, *[1] * (x.ndim - 1 - axis % x.ndim)), None, axis)
