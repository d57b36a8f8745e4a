"""NumPy's functions of the order of values: sorting, medians, quantiles.

The order itself has no derivative; the values that it selects have.  Which these are is found by asking NumPy the same of their ranks:
where the median of the ranks lies between the fourth and the fifth, so does the median of the values.  Among equal values the first
stands first.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from .. import ops
from ..op import Traced
from ..ops.broadcast import axes_of
from .keywords import as_inexact, as_value, check_out, does_hold, fixed, function, holds_traced, into, may_hold, named, plain

if TYPE_CHECKING:
    from collections.abc import Callable

    from .keywords import Function

__all__ = [
    "average", "median", "nanmedian", "nanpercentile", "nanquantile", "partition", "percentile", "ptp", "quantile", "sort", "sort_complex",
]  # fmt: skip


# -- sorting -------------------------------------------------------------------------------------------------------------------------------


@function
def sort(a: Any, axis: int | None = -1, kind: Any = None, order: Any = None, *, stable: bool | None = None) -> Any:
    """The values in rising order along `axis`, or as one row.  Each keeps its derivative, equal ones their order.

    >>> sort(np.array([3., 1., 2.]))
    array([1., 2., 3.])
    """
    return _permuted(a, axis, lambda x, axis: np.sort(x, axis, kind, order, stable=stable))


@function
def sort_complex(a: Any) -> Any:
    """The values in rising order along the last axis, by their real and then their imaginary parts, as complex numbers.

    >>> sort_complex(np.array([2., 1.]))
    array([1.+0.j, 2.+0.j])
    """
    if not holds_traced(a):
        return np.sort_complex(a)
    y = sort(a)
    return y if y.dtype.kind == "c" else ops.astype(y, np.sort_complex(np.zeros(1, y.dtype)).dtype)


@function
def partition(a: Any, kth: Any, axis: int | None = -1, kind: Any = "introselect", order: Any = None) -> Any:
    """The values arranged so that those at the places `kth` stand where `sort` would put them, none before them being larger.

    >>> partition(np.array([3., 1., 2.]), 1)
    array([1., 2., 3.])
    """
    (kth,) = fixed("partition", kth=kth).values()
    return _permuted(a, axis, lambda x, axis: np.partition(x, kth, axis, kind, order))


def _permuted(a: Any, axis: int | None, arranged: Callable[[Any, int | None], Any]) -> Any:
    """The values as `arranged` permutes them along an axis, equal ones in their own order."""
    if not holds_traced(a):
        return arranged(a, axis)
    a, axis = (as_value(a), axis) if axis is not None else (ops.ravel(a), 0)
    y = arranged(a.data, axis)
    rank = np.argsort(np.argsort(y, axis, stable=True), axis)
    return ops.take_along_axis(a, np.take_along_axis(np.argsort(a.data, axis, stable=True), rank, axis), axis)


# -- quantiles -----------------------------------------------------------------------------------------------------------------------------


def _medians(twin: Callable[..., Any], doc: str) -> Function:
    """`twin`, a function of NumPy that finds medians, described by `doc`."""
    name = twin.__name__

    def median(a: Any, axis: Any = None, out: Any = None, overwrite_input: bool = False, keepdims: bool = False) -> Any:
        if not holds_traced(a, out):
            return twin(a, axis, out, overwrite_input, keepdims)
        check_out(name, out, a)
        a = as_value(a)
        return into(name, out, _by_rank(a, axis, lambda ranks: twin(ranks, axis, keepdims=keepdims), twin(np.zeros(1, a.dtype)).dtype))

    return named(median, name, doc)


def _quantiles(twin: Callable[..., Any], whole: int, doc: str) -> Function:
    """`twin`, a function of NumPy that finds quantiles for q out of `whole`, described by `doc`."""
    name = twin.__name__

    def quantile(
        a: Any,
        q: Any,
        axis: Any = None,
        out: Any = None,
        overwrite_input: bool = False,
        method: str = "linear",
        keepdims: bool = False,
        *,
        weights: Any = None,
    ) -> Any:
        if not holds_traced(a, q, weights, out):
            return twin(a, q, axis, out, overwrite_input, method, keepdims, weights=weights)
        check_out(name, out, a, q)
        a, q = as_value(a), as_value(q) if holds_traced(q) else q
        p = q.data[()] if isinstance(q, Traced) else q
        w = plain(weights)

        def of(ranks: Any) -> Any:
            if not ranks.size:
                return twin(ranks, p, axis, method=method, keepdims=keepdims, weights=w)
            y = as_value(twin(ranks, np.ravel(p), axis, method=method, keepdims=keepdims, weights=w))
            return y.reshape(np.shape(p) + y.shape[1:])  # of a q of several axes, NumPy's nanquantile mixes up the axes

        def drift(counts: Any) -> Any:
            share = np.reshape(p, (-1, *[1] * counts.ndim)) / whole
            slope = np.zeros(counts.shape)
            if method in PLOTTING and weights is None:
                alpha, beta = PLOTTING[method]
                slope = counts + 1 - alpha - beta
                place = share * slope + alpha - 1
                slope = np.where((place >= 0) & (place <= counts - 1), slope, 0)
            return ops.multiply(slope / whole, ops.reshape(ops.subtract(q, p), share.shape))

        dtype = twin(np.zeros(1, a.dtype), p, method=method).dtype
        return into(name, out, _by_rank(a, axis, of, dtype, drift if isinstance(q, Traced) else None))

    return named(quantile, name, doc)


PLOTTING = {
    "interpolated_inverted_cdf": (0, 1), "weibull": (0, 0), "linear": (1, 1), "hazen": (1 / 2, 1 / 2), "median_unbiased": (1 / 3, 1 / 3),
    "normal_unbiased": (3 / 8, 3 / 8),
}  # fmt: skip
"""The methods by which a quantile moves with q, from the first of n values on: α and β of its place q (n + 1 − α − β) + α − 1.

Source: Hyndman & Fan, "Sample quantiles in statistical packages", The American Statistician 50 (1996), 361-365."""


def _by_rank(a: Any, axis: Any, of: Callable[[Any], Any], dtype: Any, drift: Callable[[Any], Any] | None = None) -> Any:
    """What `of` finds over `axis`: it is given the ranks of the values, from 0 (or NaN), and says at which rank the result lies.

    `drift` says, given how many values there are, how the result's rank moves: 0 as a number.
    """
    axes = axes_of(None, a.ndim) if axis is None else normalize_axis_tuple(axis, a.ndim)
    front = tuple(range(len(axes)))
    first = ops.moveaxis(a, axes, front)
    size, rest = math.prod(first.shape[: len(axes)]), first.shape[len(axes) :]
    rows = ops.reshape(first, (size, *rest))
    values = plain(rows)
    order = np.argsort(values, axis=0, stable=True)
    ranks = np.where(np.isnan(values), np.nan, np.argsort(order, axis=0))
    found = as_value(of(np.moveaxis(ranks.reshape(first.shape), front, axes)))
    if not a.size:
        return ops.astype(ops.add(ops.sum(a), found), dtype)  # NaN, or nothing
    lost = np.isnan(found).reshape(-1, *rest)
    place = np.where(lost, 0, found.reshape(-1, *rest))
    counts = size - np.isnan(values).sum(axis=0)
    low = np.floor(place) if drift is None else np.clip(np.floor(place), 0, np.maximum(counts - 2, 0))
    share: Any = (place - low).astype(np.zeros((), dtype).real.dtype)
    y = _at(rows, order, low)
    if drift is not None or may_hold(share):
        share = share if drift is None else ops.add(share, drift(counts))
        y = _part(1 - share, y) + _part(share, _at(rows, order, np.minimum(low + 1, size - 1)))
    y = ops.where(lost, np.nan, y) if may_hold(lost) else y
    return ops.astype(ops.reshape(y, found.shape), dtype)


def _at(rows: Any, order: Any, places: Any) -> Any:
    """The values that stand at these places in the order."""
    return ops.take_along_axis(rows, np.take_along_axis(order, places.astype(np.intp), 0), 0)


def _part(share: Any, x: Any) -> Any:
    """share · x, where nothing of an x that is infinite, or NaN, is nothing."""
    return ops.multiply(share, ops.where(np.logical_and(share == 0, ~ops.isfinite(x)), 0, x))


median = _medians(
    np.median,
    """The value in the middle over `axis`, or the mean of the two there, each of which gets half of the derivative; NaN if there is one.

    >>> median(np.array([1., 4., 2.]))
    np.float64(2.0)
    """,
)
nanmedian = _medians(
    np.nanmedian,
    """The median of the values that are not NaN.

    >>> nanmedian(np.array([1., np.nan, 2.]))
    np.float64(1.5)
    """,
)
quantile = _quantiles(
    np.quantile,
    1,
    """The value below which a share q of those over `axis` lies; by the `method`, it is one of them or between two.

    Differentiated by a and, where y moves with it, by q: at a kink in q, to the right.  `weights` only choose, as they do in NumPy.

    >>> quantile(np.array([1., 2., 4.]), 0.75)
    np.float64(3.0)
    """,
)
percentile = _quantiles(
    np.percentile,
    100,
    """The `quantile` for q percent.

    >>> percentile(np.array([1., 2., 4.]), 75)
    np.float64(3.0)
    """,
)
nanquantile = _quantiles(
    np.nanquantile,
    1,
    """The `quantile` of the values that are not NaN.

    >>> nanquantile(np.array([1., np.nan, 2., 4.]), 0.75)
    np.float64(3.0)
    """,
)
nanpercentile = _quantiles(
    np.nanpercentile,
    100,
    """The `quantile` for q percent of the values that are not NaN.

    >>> nanpercentile(np.array([1., np.nan, 2., 4.]), 75)
    np.float64(3.0)
    """,
)


# -- spread and mean -----------------------------------------------------------------------------------------------------------------------


@function
def ptp(a: Any, axis: Any = None, out: Any = None, keepdims: bool = False) -> Any:
    """y = max a − min a over `axis`.  Ties share the derivative evenly.

    >>> ptp(np.array([1., 4., 2.]))
    np.float64(3.0)
    """
    if not holds_traced(a, out):
        return np.ptp(a, axis, out, keepdims)
    check_out("ptp", out, a)
    return into("ptp", out, ops.subtract(ops.max(a, axis, keepdims), ops.min(a, axis, keepdims)))


@function
def average(a: Any, axis: Any = None, weights: Any = None, returned: bool = False, *, keepdims: bool = False) -> Any:
    """y = Σ w a / Σ w over `axis`, with weights of the shape of a, or of those axes; with `returned`, also Σ w.  Both are differentiated.

    >>> average(np.array([1., 2.]), weights=np.array([3., 1.]))
    np.float64(1.25)
    """
    if not holds_traced(a, weights):
        return np.average(a, axis, weights, returned, keepdims=keepdims)  # type: ignore[call-overload]
    a = as_value(a)
    if weights is None:
        y = ops.mean(a, axis, keepdims)
        return (y, np.full(y.shape, a.size / y.size, y.dtype)) if returned else y
    a, w = as_inexact(a), _weights(a, axis, as_value(weights))
    total = ops.sum(ops.astype(w, np.result_type(a.dtype, w.dtype)), axis, keepdims)
    if does_hold(plain(total) == 0):
        raise ZeroDivisionError("average: the weights sum to 0, so they can't be normalised")
    y = ops.divide(ops.sum(ops.multiply(a, w), axis, keepdims), total)
    return (y, ops.broadcast_to(total, y.shape)) if returned else y


def _weights(a: Any, axis: Any, weights: Any) -> Any:
    """The weights, in the shape of a."""
    if weights.shape == a.shape:
        return weights
    if axis is None:
        raise TypeError(f"average: got weights of shape {weights.shape} for values of shape {a.shape}; give the axis that they belong to")
    axes = normalize_axis_tuple(axis, a.ndim)
    if weights.shape != tuple(a.shape[k] for k in axes):
        raise ValueError(f"average: got weights of shape {weights.shape}, wanted {a.shape}, or its part along axis {axis}")
    rising = ops.transpose(weights, tuple(int(k) for k in np.argsort(axes)))
    return ops.broadcast_to(ops.reshape(rising, [n if k in axes else 1 for k, n in enumerate(a.shape)]), a.shape)
