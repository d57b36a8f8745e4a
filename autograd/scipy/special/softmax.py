"""Sums of exponentials, with weights and signs as SciPy has them, over the ops of the same names."""

from __future__ import annotations

from typing import Any

import numpy as np

from ... import ops
from ...numpy.keywords import as_value, fixed, function, plain
from ...op import call, general
from ...ops.broadcast import restore_axes
from ...ops.elementwise import as_float, chain

__all__ = ["log_softmax", "logsumexp", "softmax", "weighted_logsumexp"]


def _share(a: Any, y: Any, axis: Any, keepdims: bool) -> Any:
    """∂y/∂b = ± e^(a−y); 0 for a = −∞, even where nothing else is summed."""
    size, side = (restore_axes(part, a.shape, axis, keepdims) for part in y)
    nothing = a == -np.inf
    return ops.where(nothing, 0, side * ops.exp(ops.where(nothing, 0, a) - ops.where(nothing, 0, size)))


@general(
    lambda g, a, b, y, axis, keepdims: chain(restore_axes(g[0], a.shape, axis, keepdims), chain(b, _share(a, y, axis, keepdims))),
    lambda g, a, y, axis, keepdims: chain(restore_axes(g[0], a.shape, axis, keepdims), _share(a, y, axis, keepdims)),
    tex=r"\log \left|\sum {b}\, e^{{{a}}}\right|",
    samples=[call((2, 3), (2, 3)), call((2, 3, 4), (2, 3, 4), axis=(0, -1), keepdims=True), call((3, 2), (3, 2), axis=0)],
)
def weighted_logsumexp(a: Any, b: Any, /, axis: Any = None, keepdims: bool = False) -> Any:
    """y = log |Σ b eᵃ| over `axis`, and the sign of the sum, for a and b of one shape.  ∂y/∂a = b e^a / Σ b eᵃ, ∂y/∂b = eᵃ / Σ b eᵃ.

    Where b is 0, a has no say, and may be +∞.

    >>> weighted_logsumexp(np.array([0., 0.]), np.array([1., -3.])) == (np.log(2), -1)
    True
    """
    dtype = np.result_type(as_float(a), as_float(b))
    a, b = np.where(b == 0, -np.inf, a).astype(dtype), np.asarray(b, dtype)
    m = np.maximum.reduce(a, axis=axis, keepdims=True, initial=-np.inf)
    m = np.where(np.isfinite(m), m, 0)
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        terms = np.where(b == 0, 0, b * np.exp(a - m))
        top = a == m  # counted apart, so that log1p keeps the digits of the others
        head = np.add.reduce(np.where(top, terms, 0), axis=axis, keepdims=True)
        rest = np.add.reduce(np.where(top, 0, terms), axis=axis, keepdims=True)
        total = head + rest
        small = np.abs(rest) < np.abs(head) / 2
        y = m + np.where(small, np.log(np.abs(head)) + np.log1p(np.where(small, rest / head, 0)), np.log(np.abs(total)))
    parts = y.astype(dtype), np.sign(total).astype(dtype)
    return parts if keepdims else tuple([np.squeeze(part, axis=axis)[()] for part in parts])


@function
def logsumexp(a: Any, axis: Any = None, b: Any = None, keepdims: bool = False, return_sign: bool = False) -> Any:
    """log Σ b eᵃ over `axis`, with weights b = 1 if none are given, and NaN for a negative sum; or log |Σ b eᵃ| and the sum's sign.

    ∂y/∂a = b eᵃ / Σ b eᵃ and ∂y/∂b = eᵃ / Σ b eᵃ, both right where b is 0 or negative; 0 where a is −∞.

    >>> logsumexp(np.array([0., 0.]), b=np.array([3., -1.])).round(6)
    np.float64(0.693147)
    """
    fixed("logsumexp", axis=axis, keepdims=keepdims, return_sign=return_sign)
    a = as_value(a)
    if b is None and not return_sign:
        return ops.logsumexp(a, axis, keepdims)
    b = 1 if b is None else b
    b = np.asarray(b, np.result_type(a.dtype, 1.0)) if type(b) in (bool, int, float) else as_value(b)
    shape = np.broadcast_shapes(a.shape, b.shape)
    y, sign = weighted_logsumexp(ops.broadcast_to(a, shape), ops.broadcast_to(b, shape), axis, keepdims)
    if return_sign:
        return y, plain(sign)
    return ops.where(plain(sign) < 0, np.nan, y)


@function
def softmax(x: Any, axis: Any = None) -> Any:
    """y = eˣ / Σ eˣ over `axis`, over all values if none is given; 0 where all are −∞.

    >>> softmax(np.array([[0., 0.]]))
    array([[0.5, 0.5]])
    """
    return ops.softmax(x, axis)


@function
def log_softmax(x: Any, axis: Any = None) -> Any:
    """y = x − log Σ eˣ over `axis`, over all values if none is given.

    >>> log_softmax(np.array([0.])).round(6)
    array([0.])
    """
    return ops.log_softmax(x, axis)
