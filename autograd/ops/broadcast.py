"""Broadcasting and its adjoint.

Broadcasting copies a value along an axis, so its adjoint sums along that axis; the two are each other's rules.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..op import call, multilinear

__all__ = ["axes_of", "broadcast_to", "reshape", "restore_axes", "sum", "unbroadcast"]


@multilinear(lambda g, in_shape: reshape(g, in_shape), samples=[call((2, 3), (3, 2)), call((4,), (2, -1)), call((), (1, 1))])
def reshape(x: Any, /, shape: Any) -> Any:
    """The same values in another shape; one size may be −1.  Its adjoint puts the old shape back.

    >>> reshape(np.arange(6), (2, 3))
    array([[0, 1, 2],
           [3, 4, 5]])
    """
    return np.reshape(x, shape)


@multilinear(
    lambda g, in_shape, axis, keepdims: broadcast_to(restore_axes(g, in_shape, axis, keepdims), in_shape),
    tex=r"\sum {x}",
    samples=[
        call((2, 3)),
        call((2, 3), axis=0),
        call((2, 3, 4), axis=(0, -1), keepdims=True),
        call(()),
        call((0, 3), 0),
        call((2, 3), axis=()),
    ],
)
def sum(x: Any, /, axis: Any = None, keepdims: bool = False) -> Any:
    """y = Σ x over `axis` (an int, a tuple, or None for all).  Its adjoint copies g along the summed axes.

    >>> sum(np.ones((2, 3)), axis=1)
    array([3., 3.])
    """
    return np.add.reduce(x, axis=axis, keepdims=keepdims)


@multilinear(
    lambda g, in_shape: unbroadcast(g, in_shape), samples=[call((3,), (2, 3)), call((2, 1), (4, 2, 3)), call((), (2,)), call((1,), (0,))]
)
def broadcast_to(x: Any, /, shape: Any) -> Any:
    """x copied along new or size-1 axes to `shape`.  Its adjoint sums along those axes.

    >>> broadcast_to(np.array([1., 2.]), (2, 2))
    array([[1., 2.],
           [1., 2.]])
    """
    return np.broadcast_to(x, shape) if getattr(x, "ndim", 0) else np.full(shape, x)  # a number is spread faster than it is broadcast


def axes_of(axis: Any, ndim: int) -> tuple[int, ...]:
    """The axes that `axis` means (an int, a tuple, or None for all), counted from 0.

    >>> axes_of(-1, 3), axes_of(None, 2)
    ((2,), (0, 1))
    """
    if axis is None or not ndim:  # NumPy lets a single value be reduced over axis 0
        return tuple(range(ndim))
    return tuple(k % ndim for k in (axis if isinstance(axis, tuple) else (axis,)))


def restore_axes(y: Any, in_shape: tuple[int, ...], axis: Any, keepdims: bool) -> Any:
    """A reduction's result with the reduced axes put back, of size 1, so that it broadcasts against its input.

    >>> restore_axes(np.array([3., 7.]), (2, 2), axis=1, keepdims=False).shape
    (2, 1)
    """
    if keepdims or axis is None:  # a single value broadcasts as it is
        return y
    axes = axes_of(axis, len(in_shape))
    return reshape(y, tuple(1 if k in axes else n for k, n in enumerate(in_shape)))


def unbroadcast(g: Any, shape: tuple[int, ...]) -> Any:
    """Sum `g` to `shape`: the adjoint of broadcasting from it.

    >>> unbroadcast(np.ones((4, 3)), (3,))
    array([4., 4., 4.])
    """
    if g.shape == shape:
        return g
    lead = g.ndim - len(shape)
    if lead < 0:  # NumPy lets a value with extra axes of size 1 be assigned
        return reshape(unbroadcast(g, shape[-lead:]), shape)
    axes = (*range(lead), *(lead + k for k, n in enumerate(shape) if n == 1 != g.shape[lead + k]))
    return reshape(sum(g, axis=axes), shape)
