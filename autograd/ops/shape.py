"""Ops that move values without changing them: transposing, joining, splitting, padding."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..op import call, general, multilinear
from .broadcast import reshape
from .index import getitem

__all__ = [
    "astype", "concatenate", "copy", "expand_dims", "finite", "moveaxis", "pad", "pairs", "ravel", "split", "squeeze", "stack", "swapaxes",
    "transpose",
]  # fmt: skip


@multilinear(
    lambda g, axes: transpose(g, _inverse(axes)),
    tex="{x}^T",
    samples=[call((2, 3)), call((2, 3, 4), (2, 0, 1)), call((2, 3, 4), (-1, 0, 1)), call(())],
)
def transpose(x: Any, /, axes: Any = None) -> Any:
    """x with its axes permuted, reversed by default.  Its adjoint is the inverse permutation.

    >>> transpose(np.array([[1., 2.]])).shape
    (2, 1)
    """
    return np.transpose(x, axes)


def _inverse(axes: Any) -> Any:
    return None if axes is None else tuple(int(k) for k in np.argsort([k % len(axes) for k in axes]))


@multilinear(lambda g, axis1, axis2: swapaxes(g, axis1, axis2), samples=[call((2, 3, 4), 0, 2)])
def swapaxes(x: Any, /, axis1: int, axis2: int) -> Any:
    """x with two axes exchanged; its own adjoint.

    >>> swapaxes(np.zeros((2, 3, 4)), 0, 2).shape
    (4, 3, 2)
    """
    return np.swapaxes(x, axis1, axis2)


@multilinear(
    lambda g, source, destination: moveaxis(g, destination, source), samples=[call((2, 3, 4), 0, -1), call((2, 3, 4), (0, 1), (2, 0))]
)
def moveaxis(x: Any, /, source: Any, destination: Any) -> Any:
    """x with axes moved to new places; its adjoint moves them back.

    >>> moveaxis(np.zeros((2, 3, 4)), 0, -1).shape
    (3, 4, 2)
    """
    return np.moveaxis(x, source, destination)


@multilinear(lambda g, in_shape: reshape(g, in_shape), samples=[call((2, 1, 3), axis=1), call((1, 3)), call((2, 3))])
def squeeze(x: Any, /, axis: Any = None) -> Any:
    """x without its axes of size 1, or without those named.

    >>> squeeze(np.zeros((1, 3))).shape
    (3,)
    """
    return np.squeeze(x, axis=axis).view()  # where nothing is squeezed, NumPy gives x itself, and a write would not know it for a view


@multilinear(lambda g, in_shape: reshape(g, in_shape), samples=[call((2, 3), 1), call((2, 3), (0, -1))])
def expand_dims(x: Any, /, axis: Any) -> Any:
    """x with new axes of size 1 at `axis`.

    >>> expand_dims(np.zeros(3), 0).shape
    (1, 3)
    """
    return np.expand_dims(x, axis)


@multilinear(lambda g, in_shape: reshape(g, in_shape), samples=[call((2, 3)), call(())])
def ravel(x: Any, /) -> Any:
    """x as one row of values.

    >>> ravel(np.zeros((2, 3))).shape
    (6,)
    """
    return np.ravel(x)


def _part(g: Any, i: int, in_shapes: tuple[tuple[int, ...], ...], axis: int | None) -> Any:
    """The part of a joined array that came from array i."""
    sizes = [math.prod(s) if axis is None else s[axis] for s in in_shapes]
    start = sum(sizes[:i])
    lead = 0 if axis is None else axis % len(in_shapes[i])
    return reshape(g[(slice(None),) * lead + (slice(start, start + sizes[i]),)], in_shapes[i])


@multilinear(
    _part,
    variadic=True,
    samples=[
        call(((2, 3), (4, 3))),
        call(((2, 3), (2, 1)), axis=-1),
        call(((2, 3),), axis=1),
        call(((2,), (0,))),
        call(((2, 3), (2, 2)), axis=None),
    ],
)
def concatenate(arrays: Any, /, axis: int | None = 0) -> Any:
    """The arrays joined along an axis (or flattened and joined, for None).  Each gets back its own part of g.

    >>> concatenate([np.ones(2), np.zeros(1)])
    array([1., 1., 0.])
    """
    return np.concatenate(arrays, axis=axis)


@multilinear(
    lambda g, i, axis: getitem(g, (slice(None),) * (axis % g.ndim) + (i,)),
    variadic=True,
    samples=[call(((2, 3), (2, 3))), call(((2,), (2,), (2,)), axis=-1), call(((), ()))],
)
def stack(arrays: Any, /, axis: int = 0) -> Any:
    """Arrays of one shape, stacked along a new axis.  Each gets back its own slice of g.

    >>> stack([np.zeros(2), np.ones(2)])
    array([[0., 0.],
           [1., 1.]])
    """
    return np.stack(arrays, axis=axis)


@multilinear(lambda g, axis: concatenate(g, axis), samples=[call((6,), 3), call((2, 5), (1, 3), axis=1), call((4, 2), 2)])
def split(x: Any, /, indices_or_sections: Any, axis: int = 0) -> Any:
    """x cut into equal parts, or before the given positions; a tuple.  Its adjoint joins the parts.

    >>> split(np.arange(4.), 2)
    (array([0., 1.]), array([2., 3.]))
    """
    return tuple(np.split(x, indices_or_sections, axis=axis))


@general(  # the border is no multiple of x
    lambda g, in_shape, pad_width: getitem(g, _inside(in_shape, pad_width)),
    samples=[call((2, 3), 1), call((2, 3), ((0, 1), (2, 0))), call((2, 3), {1: (2, 0)}), call((3,), (1, 2), constant_values=2.0)],
)
def pad(x: Any, /, pad_width: Any, constant_values: float = 0) -> Any:
    """x with a border of constant values; `pad_width` as NumPy takes it.  Its adjoint cuts the border off.

    >>> pad(np.ones(2), (1, 2))
    array([0., 1., 1., 0., 0.])
    """
    pad_width = pairs(pad_width, np.ndim(x)) if isinstance(pad_width, dict) else pad_width  # which NumPy takes from 2.2 on
    return np.pad(x, pad_width, constant_values=constant_values)


def pairs(pad_width: Any, ndim: int) -> Any:
    """The widths before and after each axis that `pad_width` means: a number, a pair, a pair for each axis, or a dict of these.

    >>> pairs((1, 2), 2).tolist(), pairs({-1: 3}, 2).tolist()
    ([[1, 2], [1, 2]], [[0, 0], [3, 3]])
    """
    if isinstance(pad_width, dict):
        pad_width = [np.broadcast_to(np.asarray(pad_width.get(k, pad_width.get(k - ndim, 0))), 2) for k in range(ndim)]
    widths: Any = np.broadcast_to(np.asarray(pad_width), (ndim, 2))
    if widths.dtype.kind not in "iu" or (widths < 0).any():
        raise ValueError(f"widths must be whole numbers, not negative; got {pad_width}")
    return widths


def _inside(in_shape: tuple[int, ...], pad_width: Any) -> tuple[slice, ...]:
    before = pairs(pad_width, len(in_shape))[:, 0]
    return tuple(slice(int(b), int(b) + n) for b, n in zip(before, in_shape, strict=True))


@multilinear(lambda g: g, samples=[call((2, 3), np.float64)])
def astype(x: Any, /, dtype: Any) -> Any:
    """x in another dtype.  The cotangent comes back in the dtype of x.

    >>> astype(np.array([1., 2.]), np.float32)
    array([1., 2.], dtype=float32)
    """
    x = np.asarray(x)
    if x.dtype.kind == "c" != np.dtype(dtype).kind:
        raise TypeError(f"{x.dtype} to {np.dtype(dtype)} would lose the imaginary part; take .real or abs first")
    return x.astype(dtype)


@multilinear(lambda g: g, samples=[call((2, 3)), call(())])
def finite(x: Any, /) -> Any:
    """x itself, if all its values are finite; FloatingPointError if not.  A step that asks this of its loss stops before it learns.

    >>> finite(np.array([1., 2.]))
    array([1., 2.])
    """
    if not (good := np.isfinite(x)).all():
        raise FloatingPointError(f"got {np.asarray(x)[~good][0]}, wanted finite numbers")
    return np.array(x)[()]


@multilinear(lambda g: g, samples=[call((2, 3))])
def copy(x: Any, /) -> Any:
    """The same values in memory of their own.

    >>> copy(np.array([1., 2.]))
    array([1., 2.])
    """
    return np.array(x)
