"""Scans: each value of the result is made of all values up to its place."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..op import call, general, multilinear
from .broadcast import reshape
from .elementwise import chain
from .shape import concatenate, moveaxis

__all__ = ["cumprod", "cumsum", "recurrence"]

SAMPLES = [
    call((5,)), call((3, 4), axis=0), call((2, 3, 2), axis=-2), call((2, 3)), call(()), call((), axis=0), call((0, 2), axis=0),
    call((1, 2), axis=0),
]  # fmt: skip


def _in_front(x: Any, axis: int | None) -> Any:
    """The axis of a scan as the first; without one, all values in a row."""
    return reshape(x, (-1,)) if axis is None or not x.ndim else moveaxis(x, axis, 0)


def _back(y: Any, in_shape: tuple[int, ...], axis: int | None) -> Any:
    """What `_in_front` undoes."""
    return reshape(y, in_shape) if axis is None or not in_shape else moveaxis(y, 0, axis)


@multilinear(
    lambda g, in_shape, axis: _back(cumsum(_in_front(g, axis)[::-1], 0)[::-1], in_shape, axis), tex=r"\sum_{{j \le i}} {x}", samples=SAMPLES
)
def cumsum(x: Any, /, axis: int | None = None) -> Any:
    """yᵢ = Σ_{j≤i} xⱼ along an axis (or flattened, for None).  Its adjoint sums from the end.

    >>> cumsum(np.array([1., 2., 3.]))
    array([1., 3., 6.])
    """
    return np.cumsum(x, axis)


def _costates(g: Any, a: Any) -> Any:
    """λᵢ = gᵢ + aᵢ₊₁ λᵢ₊₁: what a change of the i-th step of a recurrence brings, then and later."""
    return recurrence(concatenate((_filled(a, 0), a[:0:-1])), g[::-1])[::-1]


def _filled(a: Any, value: float) -> Any:
    """The first row of a (none, if it has none), with this value."""
    return np.full(a[:1].shape, value, a.dtype)


@general(
    lambda g, a, y: chain(_costates(g, a), concatenate((_filled(y, 0), y[:-1]))),
    lambda g, a: _costates(g, a),
    samples=[call((5,), (5,)), call((6, 2), (6, 2)), call((7, 2, 1), (7, 2, 1)), call((1,), (1,)), call((0, 2), (0, 2))],
)
def recurrence(a: Any, b: Any, /) -> Any:
    """yᵢ = aᵢ yᵢ₋₁ + bᵢ along the first axis, from y₋₁ = 0.  ∂L/∂b is one too, from the end: λᵢ = gᵢ + aᵢ₊₁ λᵢ₊₁; ∂L/∂aᵢ = λᵢ yᵢ₋₁.

    >>> recurrence(np.array([0., 2., 3.]), np.array([1., 1., 1.]))
    array([ 1.,  3., 10.])
    """
    if a.shape != b.shape or not a.ndim:
        raise ValueError("wanted two arrays of one shape, with at least one axis")
    with np.errstate(over="ignore", invalid="ignore"):
        y = _by_halves(a, b)
    if np.isfinite(y).all():
        return y
    for i in range(1, len(y)):  # a product of some a alone may be infinite where no y is
        y[i] = a[i] * y[i - 1] + b[i]
    return y


def _by_halves(a: Any, b: Any) -> Any:
    """The recurrence, by one of half the length over pairs of steps: log₂ n times some arithmetic on whole arrays.

    >>> _by_halves(np.array([0., 2., 3.]), np.array([1., 1., 1.]))
    array([ 1.,  3., 10.])
    """
    y = np.empty(b.shape, np.result_type(a, b))
    y[:1] = b[:1]
    if len(y) > 1:
        first, second = slice(0, len(y) // 2 * 2, 2), slice(1, None, 2)
        y[1::2] = _by_halves(a[second] * a[first], a[second] * b[first] + b[second])
        y[2::2] = a[2::2] * y[1:-1:2] + b[2::2]
    return y


def _of_products(g: Any, x: Any, y: Any, in_shape: tuple[int, ...], axis: int | None) -> Any:
    g, x, y = (_in_front(a, axis) for a in (g, x, y))
    before = concatenate((_filled(y, 1), y[:-1]))
    return _back(chain(_costates(g, x), before), in_shape, axis)


@general(
    _of_products,
    tex=r"\prod_{{j \le i}} {x}",
    samples=[
        *SAMPLES,
        call(np.array([2.0, 0.0, 3.0, 4.0])),
        call(np.array([[2.0, 0.0, 3.0, 0.0, 1.0], [0.0, 0.0, 1.5, 2.0, 0.5]]), axis=1),
    ],
)
def cumprod(x: Any, /, axis: int | None = None) -> Any:
    """yᵢ = Π_{j≤i} xⱼ along an axis (or flattened, for None).  Its derivative divides by nothing, and so is right at zeros too.

    >>> cumprod(np.array([1., 2., 3.]))
    array([1., 2., 6.])
    """
    return np.cumprod(x, axis)
