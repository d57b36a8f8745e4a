"""NumPy's set operations.  The values in the result keep their derivatives: of equal ones, the first has it."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from .. import ops
from .arrays import concatenate
from .keywords import as_value, function, holds_traced, plain
from .order import sort

__all__ = ["intersect1d", "setdiff1d", "setxor1d", "union1d", "unique", "unique_all", "unique_counts", "unique_inverse", "unique_values"]


class _All(NamedTuple):
    values: Any
    indices: Any
    inverse_indices: Any
    counts: Any


class _Counts(NamedTuple):
    values: Any
    counts: Any


class _Inverse(NamedTuple):
    values: Any
    inverse_indices: Any


@function
def unique(
    ar: Any,
    return_index: bool = False,
    return_inverse: bool = False,
    return_counts: bool = False,
    axis: int | None = None,
    *,
    equal_nan: bool = True,
    sorted: bool = True,
) -> Any:
    """The different values in rising order, or the different slices along `axis`; on demand also where the first of each stands (an index),
    which of them stands at each place (the inverse), and how many there are.  These have no derivative.

    >>> unique(np.array([2., 1., 2.]))
    array([1., 2.])
    """
    if not holds_traced(ar):
        new = {} if sorted else {"sorted": False}  # it came with NumPy 2.3
        return np.unique(ar, return_index, return_inverse, return_counts, axis, equal_nan=equal_nan, **new)  # type: ignore[call-overload]
    x = as_value(ar)
    _, index, *facts = np.unique(x.data, True, return_inverse, return_counts, axis, equal_nan=equal_nan)  # type: ignore[call-overload]
    x = ops.ravel(x) if axis is None else x
    values = ops.getitem(x, (*[slice(None)] * ((axis or 0) % x.ndim), index))
    rest = [*[index] * return_index, *facts]
    return (values, *rest) if rest else values


@function
def unique_all(x: Any) -> Any:
    """The different values, the index of the first of each, the inverse and the counts, as `unique` gives them; each NaN for itself.

    >>> unique_all(np.array([2., 1., 2.])).counts
    array([1, 2])
    """
    return _All(*unique(x, True, True, True, equal_nan=False))


@function
def unique_counts(x: Any) -> Any:
    """The different values, and how many there are of each; each NaN for itself.

    >>> unique_counts(np.array([2., 1., 2.])).values
    array([1., 2.])
    """
    return _Counts(*unique(x, return_counts=True, equal_nan=False))


@function
def unique_inverse(x: Any) -> Any:
    """The different values, and which of them stands at each place; each NaN for itself.

    >>> unique_inverse(np.array([2., 1., 2.])).inverse_indices
    array([1, 0, 1])
    """
    return _Inverse(*unique(x, return_inverse=True, equal_nan=False))


@function
def unique_values(x: Any) -> Any:
    """The different values; each NaN for itself.

    >>> unique_values(np.array([2., 1., 2.]))
    array([1., 2.])
    """
    return unique(x, equal_nan=False)


@function
def union1d(ar1: Any, ar2: Any) -> Any:
    """The different values of both arrays, in rising order.

    >>> union1d(np.array([3., 1.]), np.array([2., 1.]))
    array([1., 2., 3.])
    """
    return unique(concatenate((ar1, ar2), None))


@function
def intersect1d(ar1: Any, ar2: Any, assume_unique: bool = False, return_indices: bool = False) -> Any:
    """The values that are in both arrays, in rising order: those of the first.

    >>> intersect1d(np.array([3., 1.]), np.array([2., 1.]))
    array([1.])
    """
    if not holds_traced(ar1, ar2):
        return np.intersect1d(ar1, ar2, assume_unique, return_indices)  # type: ignore[call-overload]
    a, b = _row(ar1), _row(ar2)
    _, *indices = np.intersect1d(plain(a), plain(b), assume_unique, return_indices=True)
    values = ops.getitem(a, indices[0])
    return (values, *indices) if return_indices else values


@function
def setdiff1d(ar1: Any, ar2: Any, assume_unique: bool = False) -> Any:
    """The values of the first array that are not in the second, in rising order, or with `assume_unique` in their own.

    >>> setdiff1d(np.array([3., 1.]), np.array([2., 1.]))
    array([3.])
    """
    if not holds_traced(ar1, ar2):
        return np.setdiff1d(ar1, ar2, assume_unique)
    a = _row(ar1) if assume_unique else unique(ar1)
    return ops.getitem(a, np.isin(plain(a), plain(_row(ar2)), invert=True))


@function
def setxor1d(ar1: Any, ar2: Any, assume_unique: bool = False) -> Any:
    """The values that are in one of the arrays, but not in both, in rising order.

    >>> setxor1d(np.array([3., 1.]), np.array([2., 1.]))
    array([2., 3.])
    """
    if not holds_traced(ar1, ar2):
        return np.setxor1d(ar1, ar2, assume_unique)
    return sort(concatenate((setdiff1d(ar1, ar2, assume_unique), setdiff1d(ar2, ar1, assume_unique))))


def _row(a: Any) -> Any:
    return ops.ravel(as_value(a))
