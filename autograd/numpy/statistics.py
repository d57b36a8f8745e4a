"""NumPy's statistics of samples: covariances, and how many values, or how much weight, fall into each bin."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from .. import ops
from ..op import Traced
from ..ops.complex import conj
from ..ops.index import add_at
from .calculus import diff
from .keywords import as_value, does_hold, function, holds_traced, is_followed, plain

__all__ = ["bincount", "corrcoef", "cov", "histogram", "histogram2d", "histogram_bin_edges", "histogramdd"]


# -- covariances --------------------------------------------------------------------------------------------------------------------------


@function
def cov(
    m: Any,
    y: Any = None,
    rowvar: bool = True,
    bias: bool = False,
    ddof: int | None = None,
    fweights: Any = None,
    aweights: Any = None,
    *,
    dtype: Any = None,
) -> Any:
    """C[i, j] = Σ wₖ (xᵢₖ − x̄ᵢ)(xⱼₖ − x̄ⱼ)* / N: the covariances of the rows of m, and of y, or of their columns, if not `rowvar`.

    N is Σ w − ddof Σ w a / Σ w, where w = f a: how often each sample was seen, `fweights`, times what it counts, `aweights`; the latter are
    differentiated too.  `ddof` is 1, or with `bias` 0, unless given.

    >>> cov(np.array([[1., 2., 3.], [3., 2., 1.]]))
    array([[ 1., -1.],
           [-1.,  1.]])
    """
    if not holds_traced(m, y, fweights, aweights):
        return np.cov(m, y, rowvar, bias, ddof, fweights, aweights, dtype=dtype)
    if is_followed(fweights):
        raise TypeError("cov: fweights count how often a sample was seen, and have no derivative; give aweights, or .detach()")
    if ddof is not None and ddof != int(ddof):
        raise ValueError(f"cov: got ddof={ddof}, wanted a whole number")
    arrays = [as_value(a) for a in (m, y) if a is not None]
    if any(a.ndim > 2 for a in arrays):
        raise ValueError(f"cov: got shapes {' and '.join(str(a.shape) for a in arrays)}, wanted at most two axes")
    dtype = np.result_type(*(a.dtype for a in arrays), np.float64) if dtype is None else np.dtype(dtype)
    x = ops.concatenate([_variables(a, rowvar or (a is not arrays[0] and a.shape[0] == 1)) for a in arrays], 0)  # NumPy's rule for y
    if not x.shape[0]:
        return np.zeros((0, 0))
    x = ops.astype(x, dtype)
    w, weight, freedom = _weights(x.shape[1], fweights, aweights, int(not bias) if ddof is None else ddof)
    if isinstance(plain(freedom), Traced):
        freedom = ops.maximum(freedom, 0.0)
    elif plain(freedom) <= 0:
        warnings.warn("cov: no degrees of freedom are left; wanted more samples, or a smaller ddof", RuntimeWarning, stacklevel=2)
        freedom = 0.0
    x = x - (ops.sum(x * w, 1, True) / weight)
    return ops.squeeze((x * w) @ conj(x).T / freedom)


def _variables(a: Any, rowvar: bool) -> Any:
    """The variables as rows."""
    if a.ndim < 2:
        return ops.reshape(a, (1, a.size))
    return a if rowvar else a.T


def _weights(size: int, fweights: Any, aweights: Any, ddof: int) -> tuple[Any, Any, Any]:
    """What each sample counts, what all do, and how many degrees of freedom that leaves."""
    w = []
    for name, given in (("fweights", plain(fweights)), ("aweights", aweights)):
        if given is not None:
            values = as_value(given)
            if values.shape != (size,):
                raise RuntimeError(f"cov: got {name} of shape {values.shape}, wanted ({size},), one for each sample")
            if does_hold(plain(values) < 0):
                raise ValueError(f"cov: got negative {name}, wanted 0 or more")
            w.append(values if values.dtype.kind == "f" else ops.astype(values, np.float64))
    if fweights is not None and does_hold(plain(as_value(fweights)) % 1):
        raise TypeError("cov: got fweights that are not whole, wanted how often each sample was seen; give aweights")
    if not w:
        return 1.0, size, size - ddof
    product = w[0] * w[1] if len(w) == 2 else w[0]
    total = ops.sum(product)
    if does_hold(plain(total) == 0):
        raise ZeroDivisionError("cov: the weights sum to 0, so they can't be normalised")
    if ddof == 0 or aweights is None:
        return product, total, total - ddof
    return product, total, total - ddof * ops.sum(product * w[-1]) / total


@function
def corrcoef(x: Any, y: Any = None, rowvar: bool = True, *, dtype: Any = None) -> Any:
    """R[i, j] = C[i, j] / √(C[i, i] C[j, j]), of the covariances C of the rows of x, and of y, or of their columns, if not `rowvar`.

    >>> corrcoef(np.array([1., 2., 3.]), np.array([5., 3., 1.])).round(12)
    array([[ 1., -1.],
           [-1.,  1.]])
    """
    if not holds_traced(x, y):
        return np.corrcoef(x, y, rowvar, dtype=dtype)
    c = cov(x, y, rowvar, dtype=dtype)
    if not c.ndim:
        return c / c
    places = np.arange(len(c))
    deviations = ops.sqrt(ops.real(c[places, places]))
    c = c / deviations[:, None] / deviations
    if c.dtype.kind != "c":
        return ops.clip(c, -1, 1)
    return ops.clip(c.real, -1, 1) + ops.clip(c.imag, -1, 1) * 1j


# -- bins ---------------------------------------------------------------------------------------------------------------------------------


@function
def bincount(x: Any, /, weights: Any = None, minlength: int = 0) -> Any:
    """How often each of 0, 1, 2, … is among the values of x; or Σ of their weights, which are differentiated.

    >>> bincount(np.array([0, 2, 2]), np.array([1., 2., 3.]))
    array([1., 0., 5.])
    """
    if not isinstance(weights, Traced):
        return np.bincount(plain(x), weights, minlength)
    if weights.data.shape != np.shape(x):
        raise ValueError(f"bincount: got weights {weights.data.shape} for x {np.shape(x)}, wanted arrays of the same length")
    counts = np.bincount(plain(x), None, minlength)
    return add_at(ops.astype(weights, np.float64), np.array(plain(x)), counts.shape)


@function
def histogram_bin_edges(a: Any, bins: Any = 10, range: Any = None, weights: Any = None) -> Any:
    """The edges of the bins that `histogram` counts in, differentiated in what they are made of: the extremes of `a`, `range`, or `bins`.

    >>> histogram_bin_edges(np.array([1., 2., 5.]), 2)
    array([1., 3., 5.])
    """
    edges = np.histogram_bin_edges(plain(a), plain(bins), plain(range), plain(weights))
    return _followed(edges, a, bins, range)


def _followed(edges: Any, a: Any, bins: Any, range: Any) -> Any:
    """The edges with the derivatives that they have, since the first and the last carry along those between."""
    if np.ndim(plain(bins)):
        return as_value(bins) if holds_traced(bins) else edges
    if range is None and not holds_traced(a):
        return edges
    if range is None:
        a = as_value(a)
        range = (ops.min(a), ops.max(a)) if a.size else (0, 1)
    t = np.linspace(0, 1, len(edges), dtype=edges.dtype)
    for end, share in zip(range, (1 - t, t), strict=True):
        if isinstance(end, Traced):
            edges = edges + share * (end - plain(end))  # 0, with a derivative
    return edges


@function
def histogram(a: Any, bins: Any = 10, range: Any = None, density: bool | None = None, weights: Any = None) -> Any:
    """How many values, or how much weight, fall into each bin, or with `density` how densely they lie in it; and the edges.

    The counts are differentiated in the weights, the densities in the edges too.  Which bin a value falls into has no derivative.

    >>> histogram(np.array([1., 2., 5.]), 2, weights=np.array([1., 2., 4.]))
    (array([3., 4.]), array([1., 3., 5.]))
    """
    if not holds_traced(a, bins, range, weights):
        return np.histogram(a, bins, range, density, weights)
    values = plain(as_value(a))
    counts, edges = np.histogram(values, plain(bins), plain(range), weights=plain(weights))
    if isinstance(weights, Traced):
        counts = _added([edges], [np.ravel(values)], weights)
    edges = _followed(edges, a, bins, range)
    return (_density(counts, [edges]) if density else counts), edges


@function
def histogramdd(sample: Any, bins: Any = 10, range: Any = None, density: bool | None = None, weights: Any = None) -> Any:
    """As `histogram`, of points, the rows of an array or the columns of a list, in bins along each axis.

    >>> histogramdd(np.array([[1., 1.], [3., 5.]]), 2)[0]
    array([[1., 0.],
           [0., 1.]])
    """
    if not holds_traced(sample, bins, range, weights):
        return np.histogramdd(sample, bins, range, density, weights)
    columns = _columns(sample)
    bins = list(bins) if isinstance(bins, (list, tuple)) or np.ndim(bins) else [bins] * len(columns)
    counts: Any
    edges: Any
    counts, edges = np.histogramdd([plain(c) for c in columns], plain(bins), plain(range), weights=plain(weights))
    if isinstance(weights, Traced):
        counts = _added(edges, [plain(c) for c in columns], ops.astype(weights, np.float64))
    ranges = [None] * len(columns) if range is None else range
    edges = [_followed(*of_axis) for of_axis in zip(edges, columns, bins, ranges, strict=True)]
    return (_density(counts, edges) if density else counts), edges


def _columns(sample: Any) -> list[Any]:
    """The coordinates of the points, one row of values for each axis."""
    if isinstance(sample, (list, tuple)):
        return [as_value(c) for c in sample] if holds_traced(sample) else list(np.atleast_2d(sample))
    return [sample[:, k] for k in np.arange(sample.shape[1])] if sample.ndim == 2 else [sample]


@function
def histogram2d(x: Any, y: Any, bins: Any = 10, range: Any = None, density: bool | None = None, weights: Any = None) -> Any:
    """As `histogram`, of points (x, y); and the edges along x and along y.

    >>> histogram2d(np.array([1., 3.]), np.array([1., 5.]), 2)[0]
    array([[1., 0.],
           [0., 1.]])
    """
    if len(x) != len(y):
        raise ValueError(f"histogram2d: got {len(x)} values of x and {len(y)} of y, wanted as many")
    both = not np.isscalar(bins) and len(bins) > 2  # the edges of both
    counts, edges = histogramdd([x, y], [bins, bins] if both else bins, range, density, weights)
    return counts, *edges


def _added(edges: list[Any], coordinates: list[Any], weights: Any) -> Any:
    """The weights added up in the bins that their points fall into; the last bin has its upper edge too."""
    places = [np.searchsorted(e, c, "right") - 1 - (c == e[-1]) for e, c in zip(edges, coordinates, strict=True)]
    sizes = tuple(len(e) - 1 for e in edges)
    inside = np.all([(k >= 0) & (k < n) for k, n in zip(places, sizes, strict=True)], axis=0)
    return add_at(ops.ravel(weights)[inside], tuple(k[inside] for k in places), sizes)


def _density(counts: Any, edges: list[Any]) -> Any:
    """The counts over their sum and the sizes of the bins."""
    y = counts / ops.sum(counts)
    for k, e in enumerate(edges):
        y = y / ops.reshape(ops.astype(diff(e), np.float64), (-1,) + (1,) * (len(edges) - 1 - k))
    return y
