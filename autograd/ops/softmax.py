"""Softmax, its logarithm, its normaliser, and the cross-entropy on top.

All share one trick: with m = max x, the largest term e^(x−m) is exactly 1, so the sum of all is 1 + r with r the sum of the others, and its
logarithm, log1p(r), keeps its digits however large the margin.  A row of −∞ only, an empty choice, has probabilities 0 and no NaN.
"""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np

from ..op import call, general
from .broadcast import restore_axes
from .broadcast import sum as sum_
from .compare import one_hot_argmax
from .elementwise import as_float, inverse, where
from .reduce import mean

__all__ = ["cross_entropy", "log_softmax", "logsumexp", "softmax", "softmax_minus_one_hot"]

_FAR = np.array([[0.0, 40.0, -1.0], [-np.inf, 1.0, 2.0]])
_SAMPLES = (call((2, 3)), call((2, 3, 4), axis=(0, -1)), call((2, 3), axis=None), call((3,)), call((2, 1)), call((0, 3)))
_LABELLED = (
    call((3, 4), np.array([0, 3, 1])),
    call((4,), np.array(2)),
    call((2, 3, 4), np.array([[0, 1, 2], [3, 0, 0]])),
    call((0, 4), np.array([], int)),
)


@functools.cache
def _lowest(dtype: np.dtype[Any]) -> Any:
    """The lowest finite value: taken for the maximum of a row of −∞ only, it leaves that row −∞ when shifted."""
    return np.finfo(dtype).min


def _greatest(x: Any, axis: Any) -> Any:
    """m = max x along `axis`."""
    return np.maximum.reduce(x, axis=axis, keepdims=True, initial=_lowest(x.dtype))


def _shifted(x: Any, axis: Any) -> Any:
    """x − m."""
    x = as_float(x)
    return x - _greatest(x, axis)


def _log_sum(d: Any, axis: Any) -> Any:
    """log Σ e^d, where max d = 0: the terms that are 1 are counted apart, so that the others are summed by themselves."""
    top = d == 0
    others = np.add.reduce(np.exp(d) - top, axis=axis, keepdims=True)
    ties = np.add.reduce(top, axis=axis, keepdims=True, dtype=others.dtype)
    return np.log1p(others + np.maximum(ties - 1, 0))


@general(
    lambda g, x, axis, keepdims: restore_axes(g, x.shape, axis, keepdims) * softmax(x, axis),  # e^(x−y) would feel y's rounding
    tex=r"\mathrm{{logsumexp}}({x})",
    samples=[call((2, 3)), call((2, 3), axis=0), call((2, 3, 4), axis=(0, -1), keepdims=True), call((3,)), call(()), call(_FAR, axis=1)],
)
def logsumexp(x: Any, /, axis: Any = None, keepdims: bool = False) -> Any:
    """y = log Σ eˣ over `axis`, without overflow; −∞ for −∞ only.  ∂y/∂x = e^(x−y) = softmax(x), which is NaN beside a +∞.

    >>> logsumexp(np.array([1000., 1000.]))
    np.float64(1000.6931471805599)
    """
    x = as_float(x)
    m, lowest = _greatest(x, axis), _lowest(x.dtype)
    d = x - np.minimum(m, -lowest)  # so that a +∞ stays one
    y = np.where(m == lowest, -np.inf, m) + _log_sum(d, axis)
    return y if keepdims else y.squeeze(axis)[()]


def _softmax_pullback(g: Any, y: Any, axis: Any) -> Any:
    """y ⊙ (g − Σ y g), with g measured from its value at the largest y, so that nothing cancels at a large margin."""
    top = one_hot_argmax(y, axis)
    d = g - sum_(where(top, g, 0), axis, keepdims=True)
    return y * (d - sum_(y * d, axis, keepdims=True))


@general(_softmax_pullback, tex=r"\mathrm{{softmax}}({x})", samples=(*_SAMPLES, call(_FAR)))
def softmax(x: Any, /, axis: Any = -1) -> Any:
    """y = eˣ / Σ eˣ along `axis`.  ∂yⱼ/∂xᵢ = yⱼ (δᵢⱼ − yᵢ).

    >>> softmax(np.array([0., 0.]))
    array([0.5, 0.5])
    """
    e = np.exp(_shifted(x, axis))
    return e / np.maximum(np.add.reduce(e, axis=axis, keepdims=True), 1)  # the sum is at least 1, but for rows of −∞


@general(lambda g, x, axis: _log_softmax_pullback(g, softmax(x, axis), axis), tex=r"\log \mathrm{{softmax}}({x})", samples=_SAMPLES)
def log_softmax(x: Any, /, axis: Any = -1) -> Any:
    """y = x − log Σ eˣ along `axis`.  ∂yⱼ/∂xᵢ = δᵢⱼ − softmax(x)ᵢ.

    >>> log_softmax(np.array([0., 0.]))
    array([-0.69314718, -0.69314718])
    """
    d = _shifted(x, axis)
    return d - _log_sum(d, axis)


def _log_softmax_pullback(g: Any, p: Any, axis: Any) -> Any:
    """g − p Σ g; at the largest p, where 1 − p cancels, as g Σ_{others} p − p Σ_{others} g."""
    top = one_hot_argmax(p, axis)
    rest_p, rest_g = sum_(where(top, 0, p), axis, keepdims=True), sum_(where(top, 0, g), axis, keepdims=True)
    return where(top, g * rest_p - p * rest_g, g - p * sum_(g, axis, keepdims=True))


@general(
    lambda g, z, labels, reduction: _per_row(g, z, reduction) * softmax_minus_one_hot(z, labels),
    None,
    tex=r"\mathrm{{CE}}({labels}, {z})",
    samples=(*_LABELLED, call((3, 4), np.array([0, 3, 1]), "mean"), call((2, 3, 4), np.array([[0, 1, 2], [3, 0, 0]]), "sum")),
)
def cross_entropy(z: Any, labels: Any, /, reduction: str = "none") -> Any:
    """y = −log softmax(z)ₖ, for scores z (…, C) and true classes k = `labels` (…), integers in 0 … C−1.  ∂y/∂z = softmax(z) − one-hot(k).

    `reduction` may be "mean" or "sum", over the rows.

    >>> cross_entropy(np.array([[0., 0.]]), np.array([1]))
    array([0.69314718])
    """
    if reduction not in ("none", "mean", "sum"):
        raise ValueError(f"got reduction={reduction!r}, wanted 'none', 'mean' or 'sum'")
    labels = np.asarray(labels)
    _check_labels(z, labels)
    rows = _row_starts(z)
    d, top = _shifted_rows(z, rows)
    e = np.exp(d)
    e.reshape(-1)[top] = 0  # the largest term is log1p's own 1
    y = np.log1p(np.add.reduce(e, axis=-1)) - d.reshape(-1)[rows + labels]
    return y if reduction == "none" else mean.forward(y) if reduction == "mean" else np.add.reduce(y, axis=None)


def _per_row(g: Any, z: Any, reduction: str) -> Any:
    """The cotangent of each row's loss, from that of the loss."""
    if reduction == "none":
        return g[..., None]
    rows = math.prod(z.shape[:-1])
    return g * inverse(rows) if reduction == "mean" else g


@general(lambda g, z: _softmax_pullback(g, softmax(z), -1), None, tex=r"\mathrm{{softmax}}({z}) - {labels}", samples=_LABELLED)
def softmax_minus_one_hot(z: Any, labels: Any, /) -> Any:
    """y = softmax(z) − one-hot(labels); at the true class, where the difference would cancel, as −Σ of the other probabilities.

    The labels are taken to be right, as `cross_entropy` has checked them.

    >>> softmax_minus_one_hot(np.array([[0., 800.]]), np.array([1]))
    array([[ 0., -0.]])
    """
    rows = _row_starts(z)
    e = np.exp(_shifted_rows(z, rows)[0])
    flat, true = e.reshape(-1), rows + labels
    e_true = flat[true]
    flat[true] = 0
    others = np.add.reduce(e, axis=-1)
    flat[true] = -others
    return e / np.maximum(others + e_true, 1)[..., None]


def _check_labels(z: Any, labels: Any) -> None:
    if not z.ndim or not z.shape[-1]:
        raise ValueError(f"scores have shape {z.shape}, wanted (…, C) with at least one class")
    classes = z.shape[-1]
    hint = "; of one-hot rows take .argmax(-1)" if labels.shape == z.shape else ""
    if labels.dtype.kind not in "iu":
        raise TypeError(f"labels have dtype {labels.dtype}, wanted integers 0 … {classes - 1}{hint}")
    if labels.shape != z.shape[:-1]:
        raise ValueError(f"labels have shape {labels.shape}, wanted {z.shape[:-1]}, one for each row of scores {z.shape}{hint}")
    if labels.size and np.maximum.reduce(labels.astype(np.uintp), axis=None) >= classes:  # unsigned, a negative label is huge
        raise ValueError(f"labels run from {labels.min()} to {labels.max()}, wanted 0 … {classes - 1} for scores {z.shape}")


def _row_starts(z: Any) -> Any:
    """Where each row of scores begins in memory."""
    return np.arange(0, z.size, z.shape[-1]).reshape(z.shape[:-1])


def _shifted_rows(z: Any, rows: Any) -> tuple[Any, Any]:
    """z less the largest of each row, and where that one stands in memory."""
    z = np.ascontiguousarray(as_float(z))
    top = rows + z.argmax(axis=-1)
    return z - np.maximum(z.reshape(-1)[top], _lowest(z.dtype))[..., None], top
