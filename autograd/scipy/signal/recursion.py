"""The recursive filter, of which the others are made."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import signal

from ...op import call, general
from ...ops.broadcast import sum as sum_
from ...ops.index import getitem
from ...ops.shape import moveaxis, stack

__all__ = ["lfilter"]

_B, _A = np.array([0.5, -0.3, 0.2]), np.array([2.0, -0.6, 0.3])


def _reversed(x: Any, axis: int) -> Any:
    return getitem(x, (*[slice(None)] * (axis % x.ndim), slice(None, None, -1)))


def _backwards(g: Any, a: Any, axis: int) -> Any:
    """What a change of the k-th value before the feedback brings, then and later."""
    return _reversed(lfilter(np.ones(1, a.dtype), a, _reversed(g, axis), axis), axis)


def _lagged(h: Any, x: Any, count: int, axis: int) -> Any:
    """Σₜ hₜ xₜ₋ₖ for the first lags k."""
    h, x = moveaxis(h, axis, -1), moveaxis(x, axis, -1)
    T = x.shape[-1]
    return stack([sum_(h[..., min(k, T) :] * x[..., : max(T - k, 0)]) for k in range(count)])


@general(
    lambda g, a, x, in_shape, axis: _lagged(_backwards(g, a, axis), x, in_shape[0], axis),
    lambda g, a, y, in_shape, axis: -_lagged(_backwards(g, a, axis), y, in_shape[0], axis),
    lambda g, b, a, axis: _reversed(lfilter(b, a, _reversed(g, axis), axis), axis),
    domain=[(0, 9), (1, 9)],
    samples=[
        call(_B, _A, (6,)), call(_B[:1], _A, (5,)), call(_B, _A[:1], (5,)), call(_B, _A[:2], (2, 5)), call(_B, _A, (5, 2), 0),
        call(_B, _A, (1,)), call(_B, _A, (2, 4, 2), axis=-2),
    ],
)  # fmt: skip
def lfilter(b: Any, a: Any, x: Any, /, axis: int = -1) -> Any:
    """a₀ yₜ = Σₖ bₖ xₜ₋ₖ − Σ_{k>0} aₖ yₜ₋ₖ along an axis, from zeros.

    The adjoint is a filter too, backwards in time: with the same b and a it gives ∂L/∂x; with b = 1 it gives h, and ∂L/∂bₖ = Σₜ hₜ xₜ₋ₖ,
    ∂L/∂aₖ = −Σₜ hₜ yₜ₋ₖ.

    >>> lfilter(np.array([1.]), np.array([1., -0.5]), np.array([1., 0., 0.]))
    array([1.  , 0.5 , 0.25])
    """
    if not b.ndim == a.ndim == 1 <= x.ndim or not (b.size and a.size and a[0]):
        raise ValueError("wanted b and a as rows of coefficients, the first of a not 0, and x with an axis")
    dtype = np.result_type(b, a, x)
    dtype = dtype if dtype.kind in "fc" else np.dtype(float)
    wide = np.result_type(dtype, np.float32)  # of what SciPy knows
    return signal.lfilter(*(c.astype(wide, copy=False) for c in (b, a, x)), axis).astype(dtype, copy=False)
