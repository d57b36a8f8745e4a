"""Softmax, its logarithm, its normaliser, and the cross-entropy on top.

All share one trick: with m = max x, the largest term e^(x−m) is exactly 1, so the sum of all is 1 + r with r the sum of the others, and its
logarithm, log1p(r), keeps its digits however large the margin.  A row of −∞ only, an empty choice, has probabilities 0 and no NaN.
"""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np

from ..op import Traced, call, general, multilinear
from .broadcast import restore_axes
from .broadcast import sum as sum_
from .compare import one_hot_argmax
from .elementwise import as_float, inverse, where
from .reduce import mean
from .shape import astype

__all__ = ["cross_entropy", "log_softmax", "logsumexp", "nll_loss", "softmax", "softmax_minus_one_hot"]

_FAR = np.array([[0.0, 40.0, -1.0], [-np.inf, 1.0, 2.0]])
_SAMPLES = (call((2, 3)), call((2, 3, 4), axis=(0, -1)), call((2, 3), axis=None), call((3,)), call((2, 1)), call((0, 3)))
_LABELLED = (
    call((3, 4), np.array([0, 3, 1])),
    call((4,), np.array(2)),
    call((2, 3, 4), np.array([[0, 1, 2], [3, 0, 0]])),
    call((0, 4), np.array([], int)),
)
_REDUCED = (
    *_LABELLED,
    call((3, 4), np.array([0, -1, 1]), ignore_index=-1),
    call((3, 4), np.array([0, 3, 1]), "mean"),
    call((2, 3, 4), np.array([[0, 1, 2], [3, 0, 0]]), "sum"),
    call((3, 4), np.array([0, -1, 1]), "mean", ignore_index=-1),
    call((2, 3, 4), np.array([[0, 1, 2], [3, 0, 0]]), "sum", ignore_index=0),
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
    lambda g, z, labels, reduction, ignore_index: _cross_entropy_pullback(g, z, labels, reduction, _met(ignore_index, labels)),
    None,
    tex=r"\mathrm{{CE}}({labels}, {z})",
    samples=_REDUCED,
)
def cross_entropy(z: Any, labels: Any, /, reduction: str = "none", ignore_index: int | None = None) -> Any:
    """y = −log softmax(z)ₖ, for scores z (…, C) and true classes k = `labels` (…), integers in 0 … C−1.  ∂y/∂z = softmax(z) − one-hot(k).

    `reduction` may be "mean" or "sum", over the rows.  A row whose label is `ignore_index` loses 0, and the mean leaves it out.

    >>> cross_entropy(np.array([[0., 0.]]), np.array([1]))
    array([0.69314718])
    """
    labels, kept = _checked(z, labels, reduction, ignore_index)
    rows = _row_starts(z)
    d, top = _shifted_rows(z, rows)
    e = np.exp(d)
    e.reshape(-1)[top] = 0  # the largest term is log1p's own 1
    return _reduced(np.log1p(np.add.reduce(e, axis=-1)) - d.reshape(-1)[rows + labels], kept, reduction)


def _cross_entropy_pullback(g: Any, z: Any, labels: Any, reduction: str, ignore_index: int | None) -> Any:
    g = _per_row(g, labels, reduction, ignore_index)
    if ignore_index is not None:
        kept = labels != ignore_index
        z, labels = where(kept[..., None], z, 0), where(kept, labels, 0)
    return g * softmax_minus_one_hot(z, labels)


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


@multilinear(
    lambda g, labels, reduction, ignore_index, in_shape: _nll_pullback(g, labels, reduction, _met(ignore_index, labels), in_shape[-1]),
    None,
    tex=r"-{z}_{{{labels}}}",
    samples=_REDUCED,
)
def nll_loss(z: Any, labels: Any, /, reduction: str = "none", ignore_index: int | None = None) -> Any:
    """y = −zₖ, for log-probabilities z (…, C) and true classes k = `labels` (…); the options are those of `cross_entropy`.

    >>> nll_loss(np.array([[-1., -2.]]), np.array([1]))
    array([2.])
    """
    labels, kept = _checked(z, labels, reduction, ignore_index)
    return _reduced(-as_float(z).reshape(-1)[_row_starts(z) + labels], kept, reduction)


def _nll_pullback(g: Any, labels: Any, reduction: str, ignore_index: int | None, classes: int) -> Any:
    return where(labels[..., None] == np.arange(classes), -_per_row(g, labels, reduction, ignore_index), 0)


def _met(ignore_index: int | None, labels: Any) -> int | None:
    """`ignore_index`, or None where it is known that no label is equal to it, which saves the masks."""
    data = labels.data if isinstance(labels, Traced) else labels
    if ignore_index is None or isinstance(data, Traced):
        return ignore_index
    return ignore_index if np.count_nonzero(data == ignore_index) else None


def _per_row(g: Any, labels: Any, reduction: str, ignore_index: int | None) -> Any:
    """The cotangent of each row's loss, from that of the loss."""
    if ignore_index is None:
        return g[..., None] if reduction == "none" else g * inverse(math.prod(labels.shape)) if reduction == "mean" else g
    kept = labels != ignore_index
    return where(kept, g * astype(1 / sum_(kept), g.dtype) if reduction == "mean" else g, 0)[..., None]


def _reduced(y: Any, kept: Any, reduction: str) -> Any:
    """The losses with 0 for rows that are ignored, their sum, or the mean of the others: NaN, without a warning, if there are none."""
    if reduction == "mean":
        y = y if kept is None else np.asarray(y)[kept]
        return mean.forward(y) if y.size else y.dtype.type(math.nan)
    y = y if kept is None else np.where(kept, y, 0)[()]
    return y if reduction == "none" else np.add.reduce(y, axis=None)


def _checked(z: Any, labels: Any, reduction: str, ignore_index: int | None) -> tuple[Any, Any]:
    """The labels, with a 0 for each that is ignored, and which are not, or None if all are to be kept."""
    if reduction not in ("none", "mean", "sum"):
        raise ValueError(f"got reduction={reduction!r}, wanted 'none', 'mean' or 'sum'")
    labels = np.asarray(labels)
    if not z.ndim or not z.shape[-1]:
        raise ValueError(f"scores have shape {z.shape}, wanted (…, C) with at least one class")
    classes = z.shape[-1]
    hint = "; of one-hot rows take .argmax(-1)" if labels.shape == z.shape else ""
    if labels.dtype.kind not in "iu":
        raise TypeError(f"labels have dtype {labels.dtype}, wanted integers 0 … {classes - 1}{hint}")
    if labels.shape != z.shape[:-1]:
        raise ValueError(f"labels have shape {labels.shape}, wanted {z.shape[:-1]}, one for each row of scores {z.shape}{hint}")
    if _in_range(labels, classes) and (ignore_index is None or not 0 <= ignore_index < classes):
        return labels, None
    kept = labels != ignore_index if ignore_index is not None else np.ones(labels.shape, bool)
    if not _in_range(labels[kept], classes):
        labels = labels[kept]
        raise ValueError(f"labels run from {labels.min()} to {labels.max()}, wanted 0 … {classes - 1} for scores {z.shape}")
    return np.where(kept, labels, 0), kept


def _in_range(labels: Any, classes: int) -> bool:
    """Whether all labels are in 0 … classes − 1; unsigned, a negative label is huge."""
    return not labels.size or bool(np.maximum.reduce(labels.astype(np.uintp), axis=None) < classes)


def _row_starts(z: Any) -> Any:
    """Where each row of scores begins in memory."""
    return np.arange(0, z.size, z.shape[-1]).reshape(z.shape[:-1])


def _shifted_rows(z: Any, rows: Any) -> tuple[Any, Any]:
    """z less the largest of each row, and where that one stands in memory."""
    z = np.ascontiguousarray(as_float(z))
    top = rows + z.argmax(axis=-1)
    return z - np.maximum(z.reshape(-1)[top], _lowest(z.dtype))[..., None], top
