"""NumPy's norms, of every order, and the condition number that is made of them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from .. import ops
from ..op import Traced
from .keywords import as_inexact, as_value, fixed, function, holds_traced, may_hold

__all__ = ["cond", "matrix_norm", "norm", "vector_norm"]


@function
def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    """The norm of vectors (along one axis) or matrices (over two), of which `ord` says what is measured; of None, √(Σ |x|²), of all values.

    Vectors: (Σ |x|ᵖ)^{1/p} for a number p, the largest |x| for inf, the least for -inf, how many are not 0 for 0.  Matrices: the largest
    sum |x| of a column for 1, of a row for inf, the largest singular value for 2, with a minus the least; "fro" √(Σ |x|²), "nuc" Σ σ.
    Derivatives are 0 where |x| or σ is 0, and ties share evenly.

    >>> norm(np.array([[3., 4.], [6., 8.]]), axis=1)
    array([ 5., 10.])
    """
    if not holds_traced(x):
        return np.linalg.norm(x, ord, axis, keepdims)
    x = as_value(x)
    if ord is None and axis is None:
        return ops.norm(x, None, keepdims)
    axes = tuple(range(x.ndim)) if axis is None else normalize_axis_tuple(axis, x.ndim, "axis")
    if len(axes) == 1:
        return _of_vectors("norm", x, 2 if ord is None else ord, axes, keepdims)
    if len(axes) == 2:
        return _of_matrices("norm", x, "fro" if ord is None else ord, axes, keepdims)
    raise ValueError(f"norm: got {len(axes)} axes, wanted one (of vectors) or two (of matrices); of all values, give neither axis nor ord")


@function
def vector_norm(x: Any, /, *, axis: Any = None, keepdims: bool = False, ord: Any = 2) -> Any:
    """The norm of vectors, along one axis or over several taken as one (None: over all); `ord` as for `norm`.

    >>> vector_norm(np.array([[3., 4.], [6., 8.]]), ord=1)
    np.float64(21.0)
    """
    if not holds_traced(x):
        return np.linalg.vector_norm(x, axis=axis, keepdims=keepdims, ord=ord)
    x = as_value(x)
    axes = tuple(range(x.ndim)) if axis is None else normalize_axis_tuple(axis, x.ndim, "axis")
    return _of_vectors("vector_norm", x, ord, axes, keepdims)


@function
def matrix_norm(x: Any, /, *, keepdims: bool = False, ord: Any = "fro") -> Any:
    """The norm of matrices (…, m, n); `ord` as for `norm`.

    >>> matrix_norm(np.array([[3., 0.], [0., 4.]]), ord=2)
    np.float64(4.0)
    """
    if not holds_traced(x):
        return np.linalg.matrix_norm(x, keepdims=keepdims, ord=ord)
    return _of_matrices("matrix_norm", x, "fro" if ord is None else ord, normalize_axis_tuple((-2, -1), x.ndim, "axis"), keepdims)


@function
def cond(x: Any, p: Any = None) -> Any:
    """The condition number ‖X‖ · ‖X⁻¹‖ of matrices, by the norm `p` (as for `norm`; None is 2, of any shape).  inf at singular ones.

    >>> cond(np.array([[2., 0.], [0., 4.]]))
    np.float64(2.0)
    """
    if not holds_traced(x):
        return np.linalg.cond(x, p)
    (p,) = fixed("cond", p=p).values()
    singular = np.isinf(np.linalg.cond(x.data, p))
    if may_hold(singular):  # an identity stands for each, so that nothing is divided by 0
        x = ops.where(singular[..., None, None], np.eye(*x.shape[-2:], dtype=x.dtype), x)
    if p in (None, 2, -2):
        s = ops.svd(x, full_matrices=False)[1]
        y = ops.divide(s[..., -1], s[..., 0]) if p == -2 else ops.divide(s[..., 0], s[..., -1])
    else:
        y = ops.multiply(matrix_norm(x, ord=p), matrix_norm(ops.inv(x), ord=p))
    return ops.where(singular, np.inf, y) if may_hold(singular) else y


def _of_vectors(name: str, x: Any, ord: Any, axes: tuple[int, ...], keepdims: bool) -> Any:
    if isinstance(ord, (str, Traced)) or np.ndim(ord):
        raise ValueError(f"{name}: ord={ord!r} is no norm of vectors; wanted a number, inf or -inf")
    if ord == 2:
        return ops.norm(x, axes, keepdims)
    if ord == 0:
        return ops.sum(ops.astype(x.data != 0, np.zeros(0, x.dtype).real.dtype), axes, keepdims)
    if abs(ord) == np.inf:
        return (_largest if ord > 0 else ops.min)(_sizes(x), axes, keepdims)
    if ord == 1:
        return ops.sum(_sizes(x), axes, keepdims)
    return ops.vector_norm(x, axis=axes, keepdims=keepdims, ord=ord)


def _of_matrices(name: str, x: Any, ord: Any, axes: tuple[int, ...], keepdims: bool) -> Any:
    known: tuple[Any, ...] = (1, -1, 2, -2, np.inf, -np.inf, "nuc", "fro", "f")
    if isinstance(ord, Traced) or ord not in known:
        raise ValueError(f"{name}: ord={ord!r} is no norm of matrices; wanted 'fro', 'nuc', 1, 2, inf, -1, -2 or -inf")
    if ord in ("fro", "f"):
        return ops.norm(x, axes, keepdims)
    extreme = ops.sum if ord == "nuc" else _largest if ord > 0 else ops.min
    if ord in (2, -2, "nuc"):
        s = ops.svd(ops.moveaxis(x, axes, (-2, -1)), full_matrices=False)[1]
        y = extreme(s, -1)
        return ops.expand_dims(y, axes) if keepdims else y
    within = axes[0 if abs(ord) == 1 else 1]
    return extreme(ops.sum(_sizes(x), within, True), axes, keepdims)


def _largest(x: Any, axis: Any, keepdims: bool = False) -> Any:
    """The largest of the values, none below 0: 0, where there are none."""
    return (ops.max if x.size else ops.sum)(x, axis, keepdims)


def _sizes(x: Any) -> Any:
    """|x|, in floating point."""
    return ops.absolute(as_inexact(x))
