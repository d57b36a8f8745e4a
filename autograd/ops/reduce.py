"""Reductions over one axis, several or all: products, extrema, moments, norms."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..op import call, general, multilinear
from .arithmetic import maximum
from .broadcast import axes_of, broadcast_to, reshape, restore_axes
from .broadcast import sum as sum_
from .complex import conj
from .elementwise import as_float, inverse, quotient, where
from .shape import astype, concatenate, moveaxis

__all__ = ["max", "mean", "min", "norm", "prod", "std", "var"]

SAMPLES = (call((2, 3)), call((2, 3), axis=0), call((2, 3, 4), axis=(0, -1)), call((2, 3), axis=1, keepdims=True), call(()), call((3, 1)))


def _count(in_shape: tuple[int, ...], axis: Any) -> int:
    """How many values each result is made of."""
    return math.prod(in_shape[k] for k in axes_of(axis, len(in_shape)))


@multilinear(
    lambda g, in_shape, axis, keepdims: broadcast_to(restore_axes(g * inverse(_count(in_shape, axis)), in_shape, axis, keepdims), in_shape),
    tex=r"\overline{{{x}}}",
    samples=SAMPLES,
)
def mean(x: Any, /, axis: Any = None, keepdims: bool = False) -> Any:
    """y = (1/N) Σ x over `axis`.  ∂y/∂xᵢ = 1/N.

    >>> mean(np.array([1., 2., 6.]))
    np.float64(3.0)
    """
    if type(x) is np.ndarray and x.dtype.itemsize > 2 and x.dtype.kind == "f" and x.size:
        return np.add.reduce(x, axis=axis, keepdims=keepdims) / _count(x.shape, axis)
    return np.mean(x, axis=axis, keepdims=keepdims)  # float16 is summed in float32; integers give float64; nothing gives NaN


@general(
    lambda g, x, axis, keepdims, ddof: (
        restore_axes(g * (2 * inverse(float(_count(x.shape, axis) - ddof))), x.shape, axis, keepdims)
        * conj(x - mean(x, axis, keepdims=True))
    ),
    tex=r"\mathrm{{var}}({x})",
    samples=(*SAMPLES, call((4, 3), axis=0, ddof=1)),
)
def var(x: Any, /, axis: Any = None, ddof: float = 0, keepdims: bool = False) -> Any:
    """y = Σ (x − x̄)² / (N − ddof) over `axis`.  ∂y/∂xᵢ = 2 (xᵢ − x̄)/(N − ddof).

    >>> var(np.array([1., 3.]))
    np.float64(1.0)
    """
    return np.var(x, axis=axis, ddof=ddof, keepdims=keepdims)


@general(
    lambda g, x, y, axis, keepdims, ddof: (
        restore_axes(g * inverse(float(_count(x.shape, axis) - ddof)), x.shape, axis, keepdims)
        * quotient(conj(x - mean(x, axis, keepdims=True)), restore_axes(y, x.shape, axis, keepdims))
    ),
    tex=r"\mathrm{{std}}({x})",
    samples=(
        call((2, 3)),
        call((2, 3), axis=0),
        call((2, 3, 4), axis=(0, -1)),
        call((2, 3), axis=1, keepdims=True),
        call((4, 3), axis=0, ddof=1),
    ),
    kinks=[((0.0,), (0.0,))],
)
def std(x: Any, /, axis: Any = None, ddof: float = 0, keepdims: bool = False) -> Any:
    """y = √var(x).  ∂y/∂xᵢ = (xᵢ − x̄)/((N − ddof) y); 0 where y = 0.

    >>> std(np.array([1., 3.]))
    np.float64(1.0)
    """
    return np.std(x, axis=axis, ddof=ddof, keepdims=keepdims)


def _share(g: Any, x: Any, y: Any, axis: Any, keepdims: bool) -> Any:
    """The cotangent of an extremum: to the values that attain it, ties sharing evenly, exactly 0 to the others."""
    attained = x == restore_axes(y, x.shape, axis, keepdims)
    ties = maximum(sum_(attained, axis, keepdims), 1)
    return where(attained, restore_axes(g * astype(1 / ties, g.dtype), x.shape, axis, keepdims), 0)


@general(_share, tex=r"\max {x}", samples=SAMPLES)
def max(x: Any, /, axis: Any = None, keepdims: bool = False) -> Any:
    """y = the largest value over `axis`.  ∂y/∂xᵢ = 1 at the maximum; ties share evenly.

    >>> max(np.array([[1., 3.], [5., 2.]]), axis=0)
    array([5., 3.])
    """
    return np.maximum.reduce(x, axis=axis, keepdims=keepdims)


@general(_share, tex=r"\min {x}", samples=SAMPLES)
def min(x: Any, /, axis: Any = None, keepdims: bool = False) -> Any:
    """y = the smallest value over `axis`.  ∂y/∂xᵢ = 1 at the minimum; ties share evenly.

    >>> min(np.array([[1., 3.], [5., 2.]]), axis=0)
    array([1., 2.])
    """
    return np.minimum.reduce(x, axis=axis, keepdims=keepdims)


@general(
    lambda g, x, axis, keepdims: restore_axes(g, x.shape, axis, keepdims) * _others(x, axis),
    tex=r"\prod {x}",
    samples=(*SAMPLES, call(np.array([[2.0, 0.0, 3.0], [0.0, 0.0, 1.0]]), axis=1), call((5,)), call((0, 3), axis=0)),
)
def prod(x: Any, /, axis: Any = None, keepdims: bool = False) -> Any:
    """y = Π x over `axis`.  ∂y/∂xᵢ = Π_{j≠i} xⱼ, right at zeros too.

    >>> prod(np.array([2., 3., 4.]))
    np.float64(24.0)
    """
    return np.multiply.reduce(x, axis=axis, keepdims=keepdims)


def _others(x: Any, axis: Any) -> Any:
    """For each value, the product of the others over `axis`."""
    axes = axes_of(axis, x.ndim)
    front = tuple(range(len(axes)))
    moved = moveaxis(x, axes, front)
    rows = reshape(moved, (math.prod(moved.shape[: len(axes)]), *moved.shape[len(axes) :]))
    return moveaxis(reshape(_exclusive_product(rows), moved.shape), front, axes)


def _exclusive_product(x: Any) -> Any:
    """Π_{j≠i} xⱼ along the first axis, without division: pairs first, then each value times its neighbour (depth log₂ n)."""
    n = x.shape[0]
    if n < 2:
        return np.ones(x.shape, x.dtype)
    half = n // 2
    left, right, rest = x[:half], x[half : 2 * half], x[2 * half :]
    outer = _exclusive_product(concatenate((left * right, rest)))
    return concatenate((outer[:half] * right, outer[:half] * left, outer[half:]))


@general(
    lambda g, x, y, axis, keepdims: restore_axes(g, x.shape, axis, keepdims) * quotient(conj(x), restore_axes(y, x.shape, axis, keepdims)),
    tex=r"\left\|{x}\right\|",
    samples=SAMPLES,
    kinks=[((0.0,), (0.0,))],
)
def norm(x: Any, /, axis: Any = None, keepdims: bool = False) -> Any:
    """y = √(Σ x²) over `axis`.  ∂y/∂xᵢ = xᵢ/y; 0 where y = 0.

    >>> norm(np.array([3., 4.]))
    np.float64(5.0)
    """
    x = as_float(x if x.dtype.kind != "c" else np.absolute(x))
    wide = np.float32 if x.dtype == np.float16 else x.dtype
    return np.sqrt(np.add.reduce(np.square(x, dtype=wide), axis=axis, keepdims=keepdims)).astype(x.dtype)
