"""Matrix products."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..op import call, multilinear
from .broadcast import reshape, unbroadcast
from .shape import moveaxis, ravel

__all__ = ["dot", "linear", "matmul", "outer"]


def _left(g: Any, b: Any, in_shape: tuple[int, ...]) -> Any:
    """g Bᵀ, the adjoint of A ↦ A B, for every shape that `@` takes."""
    if len(in_shape) == 2 == b.ndim:
        return g @ b.T
    if b.ndim == 1:
        return unbroadcast(g[..., None] * b, in_shape)
    if len(in_shape) == 1:
        return unbroadcast((g[..., None, :] @ b.mT)[..., 0, :], in_shape)
    return unbroadcast(g @ b.mT, in_shape)


def _right(g: Any, a: Any, in_shape: tuple[int, ...]) -> Any:
    """Aᵀ g, the adjoint of B ↦ A B, for every shape that `@` takes."""
    if a.ndim == 2 == len(in_shape):
        return a.T @ g
    if len(in_shape) == 1:
        return a.T @ g if a.ndim == 2 else unbroadcast(a * g[..., None], in_shape)
    if a.ndim == 1:
        return unbroadcast(a[:, None] * g[..., None, :], in_shape)
    return unbroadcast(a.mT @ g, in_shape)


@multilinear(
    _left,
    _right,
    tex="{a} {b}",
    samples=[
        call((2, 3), (3, 4)), call((3,), (3,)), call((3,), (3, 4)), call((2, 3), (3,)), call((5, 2, 3), (3, 4)), call((2, 3), (5, 3, 4)),
        call((5, 1, 2, 3), (4, 3, 2)), call((3,), (5, 3, 4)), call((5, 2, 3), (3,)), call((0, 3), (3, 2)), call((2, 0), (0, 3)),
    ],
)  # fmt: skip
def matmul(a: Any, b: Any, /) -> Any:
    """Y = A B, for rows, columns, matrices and stacks of them.  ∂L/∂A = g Bᵀ, ∂L/∂B = Aᵀ g.

    >>> matmul(np.ones((2, 3)), np.ones((3, 1)))
    array([[3.],
           [3.]])
    """
    a_shape, b_shape = np.shape(a), np.shape(b)
    if not a_shape or not b_shape:
        raise ValueError("a number has no inner axis; use * instead")
    k, n = a_shape[-1], b_shape[-2:][0]
    if k != n:
        raise ValueError(f"inner sizes {k} and {n} differ")
    try:
        return np.matmul(a, b)
    except ValueError:
        raise ValueError(f"the leading axes {a_shape[:-2]} and {b_shape[:-2]} do not fit; wanted equal sizes, or 1") from None


def _columns(b: Any) -> Any:
    """b as a matrix whose rows are the axis that `dot` sums over: the last but one."""
    first = moveaxis(b, -2, 0)
    return reshape(first, (first.shape[0], math.prod(first.shape[1:])))


def _dot_left(g: Any, b: Any, in_shape: tuple[int, ...]) -> Any:
    """g Bᵀ over all of B but the axis that was summed."""
    if not in_shape or b.ndim < 2:
        return unbroadcast(g * b if not in_shape or not b.ndim else g[..., None] * b, in_shape)
    columns = _columns(b)
    return reshape(reshape(g, (math.prod(in_shape[:-1]), columns.shape[1])) @ columns.T, in_shape)


def _dot_right(g: Any, a: Any, in_shape: tuple[int, ...]) -> Any:
    """Aᵀ g over all of A but the axis that was summed."""
    if not in_shape or not a.ndim:
        return unbroadcast(a * g, in_shape)
    rows = reshape(a, (math.prod(a.shape[:-1]), a.shape[-1]))
    if len(in_shape) == 1:
        return rows.T @ ravel(g)
    rest = (*in_shape[:-2], in_shape[-1])
    return moveaxis(reshape(rows.T @ reshape(g, (rows.shape[0], math.prod(rest))), (rows.shape[1], *rest)), 0, -2)


@multilinear(
    _dot_left,
    _dot_right,
    tex=r"{a} \cdot {b}",
    samples=[
        call((3,), (3,)), call((2, 3), (3,)), call((2, 3), (3, 4)), call((5, 2, 3), (3,)), call((5, 2, 3), (2, 3, 4)),
        call((3,), (2, 3, 4)), call((), (2, 3)), call((2, 3), ()), call((0, 3), (3, 2)),
    ],
)  # fmt: skip
def dot(a: Any, b: Any, /) -> Any:
    """y = Σₖ a[…, k] b[…, k, …]: the last axis of a with the last but one of b (or its only one); a number multiplies.

    >>> dot(np.array([1., 2.]), np.array([3., 4.]))
    np.float64(11.0)
    """
    return np.dot(a, b)


@multilinear(
    lambda g, b, in_shape: reshape(g @ ravel(b), in_shape),
    lambda g, a, in_shape: reshape(ravel(a) @ g, in_shape),
    tex=r"{a} \otimes {b}",
    samples=[call((2,), (3,)), call((2, 2), (3,)), call((), (3,))],
)
def outer(a: Any, b: Any, /) -> Any:
    """Y[i, j] = aᵢ bⱼ, of a and b as rows of values.

    >>> outer(np.array([1., 2.]), np.array([3., 4.]))
    array([[3., 4.],
           [6., 8.]])
    """
    return np.outer(a, b)


def _flat(a: Any) -> Any:
    """All leading axes as one: a batch of rows."""
    return a if a.ndim == 2 else reshape(a, (math.prod(a.shape[:-1]), a.shape[-1]))


@multilinear(
    lambda g, W: g @ W,
    lambda g, x: _flat(g).T @ _flat(x),
    lambda g: g if g.ndim == 1 else _flat(g).sum(axis=0),
    tex="{x} {W}^T + {b}",
    samples=[
        call((5, 3), (4, 3), (4,)),
        call((3,), (4, 3), (4,)),
        call((2, 5, 3), (4, 3), (4,)),
        call((5, 3), (4, 3), None),
        call((0, 3), (4, 3), (4,)),
    ],
)
def linear(x: Any, W: Any, b: Any = None, /) -> Any:
    """Y = x Wᵀ + b: rows x (…, in), weight W (out, in), bias b (out,) or None.  ∂L/∂x = g W, ∂L/∂W = gᵀ x, ∂L/∂b = Σ g.

    >>> linear(np.array([[1., 2.]]), np.array([[3., 4.]]), np.array([0.5]))
    array([[11.5]])
    """
    try:
        y = x @ W.T
        if W.ndim != 2:
            raise ValueError  # noqa: TRY301  # the same complaint
    except ValueError:
        raise ValueError("wanted x (…, in) and W (out, in), the same `in`") from None
    if b is None:
        return y
    if np.shape(b) != W.shape[:1]:
        raise ValueError(f"wanted b {W.shape[:1]}, one value for each row of W")
    if b.dtype != y.dtype:
        return y + b
    y += b
    return y
