"""Softmax, its logarithm, its normaliser, and the cross-entropy on top.

All share one trick: with m = max x, the largest term e^(x−m) is exactly 1, so its sum s is 1 + r with r the sum of the others, and
log s = log1p(r) keeps its digits however large the margin.  A row of −∞ only, an empty choice, has probabilities 0 and no NaN.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..op import call, general
from .broadcast import spread, where
from .broadcast import sum as sum_
from .compare import one_hot_argmax
from .exponential import exp

__all__ = ["cross_entropy", "log_softmax", "logsumexp", "softmax", "softmax_minus_one_hot"]

_FAR = np.array([[0.0, 40.0, -1.0], [-np.inf, 1.0, 2.0]])


def _shifted(x: Any, axis: Any) -> tuple[Any, Any, Any]:
    """(m, x − m, e^(x−m)) with m = max x along `axis`; a row of −∞ only stays so."""
    m = np.maximum.reduce(x, axis=axis, keepdims=True, initial=-np.inf)
    d = x - np.where(m == -np.inf, 0, m)
    return m, d, np.exp(d)


def _log_sum(d: Any, e: Any, axis: Any) -> Any:
    """log Σ e, the largest terms (e = 1 at d = 0) set apart from the sum of the others."""
    top = d == 0
    return np.log1p(
        np.add.reduce(e - top, axis=axis, keepdims=True) + np.maximum(np.add.reduce(top, axis=axis, keepdims=True) - 1, 0).astype(e.dtype)
    )


@general(
    lambda g, x, y, in_shape, axis, keepdims: spread(g, in_shape, axis, keepdims) * _normalised(x, spread(y, in_shape, axis, keepdims)),
    tex=r"\mathrm{{logsumexp}}({x})",
    samples=[call((2, 3)), call((2, 3), axis=0), call((2, 3, 4), axis=(0, -1), keepdims=True), call((3,)), call(()), call(_FAR, axis=1)],
)
def logsumexp(x: Any, /, axis: Any = None, keepdims: bool = False) -> Any:
    """y = log Σ eˣ over `axis`, without overflow; −∞ for −∞ only.  ∂y/∂x = e^(x−y), the softmax.

    >>> logsumexp(np.array([1000., 1000.]))
    np.float64(1000.6931471805599)
    """
    m, d, e = _shifted(x, axis)
    y = m + _log_sum(d, e, axis)
    return y if keepdims else np.squeeze(y, axis=axis)[()]


def _normalised(x: Any, y: Any) -> Any:
    """e^(x−y), with 0 where y is −∞ (nothing to choose from)."""
    return exp(x - where(y == -np.inf, 0, y))


@general(
    lambda g, y, axis: _softmax_pullback(g, y, axis),
    tex=r"\mathrm{{softmax}}({x})",
    samples=[call((2, 3)), call((2, 3), axis=0), call((3,)), call(_FAR), call((2, 1))],
)
def softmax(x: Any, /, axis: Any = -1) -> Any:
    """y = eˣ / Σ eˣ along `axis`.  ∂yⱼ/∂xᵢ = yⱼ (δᵢⱼ − yᵢ).

    >>> softmax(np.array([0., 0.]))
    array([0.5, 0.5])
    """
    _, _, e = _shifted(x, axis)
    return e / np.maximum(np.add.reduce(e, axis=axis, keepdims=True), 1)  # the sum is at least 1, but for rows of −∞


def _softmax_pullback(g: Any, y: Any, axis: Any) -> Any:
    """y ⊙ (g − Σ y g), with g measured from its value at the largest y, so that nothing cancels at a large margin."""
    top = one_hot_argmax(y, axis)
    d = g - sum_(where(top, g, 0), axis, keepdims=True)
    return y * (d - sum_(y * d, axis, keepdims=True))


@general(
    lambda g, y, axis: _log_softmax_pullback(g, y, axis),
    tex=r"\log\mathrm{{softmax}}({x})",
    samples=[call((2, 3)), call((2, 3), axis=0), call((3,)), call((2, 1))],
)
def log_softmax(x: Any, /, axis: Any = -1) -> Any:
    """y = x − log Σ eˣ along `axis`.  ∂yⱼ/∂xᵢ = δᵢⱼ − softmax(x)ᵢ.

    >>> log_softmax(np.array([0., 0.]))
    array([-0.69314718, -0.69314718])
    """
    _, d, e = _shifted(x, axis)
    return d - _log_sum(d, e, axis)


def _log_softmax_pullback(g: Any, y: Any, axis: Any) -> Any:
    """g − p Σ g with p = e^y; at the largest p, where 1 − p cancels, as g Σ_{others} p − p Σ_{others} g."""
    p, top = exp(y), one_hot_argmax(y, axis)
    rest_p, rest_g = sum_(where(top, 0, p), axis, keepdims=True), sum_(where(top, 0, g), axis, keepdims=True)
    return where(top, g * rest_p - p * rest_g, g - p * sum_(g, axis, keepdims=True))


@general(
    lambda g, z, labels: spread(g, z.shape, -1, keepdims=False) * softmax_minus_one_hot(z, labels),
    None,
    tex=r"\mathrm{{CE}}({labels}, {z})",
    samples=[call((3, 4), np.array([0, 3, 1])), call((4,), np.array(2)), call((2, 3, 4), np.array([[0, 1, 2], [3, 0, 0]])), call((0, 4), np.array([], int))],
)
def cross_entropy(z: Any, labels: Any, /) -> Any:
    """y = −log softmax(z)ₖ, for scores z (…, C) and true classes k = `labels` (…), integers in 0 … C−1.  ∂y/∂z = softmax(z) − one-hot(k).

    >>> cross_entropy(np.array([[0., 0.]]), np.array([1]))
    array([0.69314718])
    """
    place = _places(z, labels)
    _, d, e = _shifted(z, -1)
    return (_log_sum(d, e, -1)[..., 0] - d.reshape(-1)[place])[()]


@general(
    lambda g, z: _softmax_pullback(g, softmax(z), -1),
    None,
    tex=r"\mathrm{{softmax}}({z}) - {labels}",
    samples=[call((3, 4), np.array([0, 3, 1])), call((4,), np.array(2)), call((2, 3, 4), np.array([[0, 1, 2], [3, 0, 0]]))],
)
def softmax_minus_one_hot(z: Any, labels: Any, /) -> Any:
    """y = softmax(z) − one-hot(labels); at the true class, where the difference would cancel, as −Σ of the other probabilities.

    >>> softmax_minus_one_hot(np.array([[0., 800.]]), np.array([1]))
    array([[ 0., -0.]])
    """
    place = _places(z, labels)
    _, _, e = _shifted(z, -1)
    flat = e.reshape(-1)
    true = flat[place]
    flat[place] = 0
    others = np.add.reduce(e, axis=-1)
    flat[place] = -others
    e /= np.maximum(others + true, 1)[..., None]
    return e


def _places(z: Any, labels: Any) -> Any:
    """Where the scores of the true classes stand in the flat scores; labels that name no class are refused."""
    labels, classes = np.asarray(labels), z.shape[-1]
    if labels.dtype.kind not in "iu":
        raise TypeError(f"cross_entropy: labels have dtype {labels.dtype}, wanted integers 0 … {classes - 1}; cast with .astype(int)")
    if labels.shape != z.shape[:-1]:
        raise ValueError(f"cross_entropy: labels have shape {labels.shape}, wanted {z.shape[:-1]}, one for each row of scores {z.shape}")
    if labels.size and not (np.minimum.reduce(labels, axis=None) >= 0 and np.maximum.reduce(labels, axis=None) < classes):
        raise ValueError(f"cross_entropy: labels run from {labels.min()} to {labels.max()}, wanted 0 … {classes - 1} for scores {z.shape}")
    return np.arange(0, labels.size * classes, classes).reshape(labels.shape) + labels
