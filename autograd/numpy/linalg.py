"""NumPy's linear algebra over arrays and Tensors.

>>> from autograd import Tensor
>>> det(Tensor([[2., 0.], [0., 3.]]))
Tensor(6.)
"""

from __future__ import annotations

import math
import operator
from functools import cache
from typing import Any

import numpy as np
from numpy.linalg import LinAlgError

from .. import ops
from ..ops.linalg.spectral import adjoint, column, from_triangle, row
from . import moves, products
from .keywords import as_value, check_out, fixed, function, holds_traced, into, is_followed, plain
from .norms import cond, matrix_norm, norm, vector_norm
from .shapes import matrix_transpose

__all__ = [
    "cholesky", "cond", "cross", "det", "diagonal", "eig", "eigh", "eigvals", "eigvalsh", "inv", "lstsq", "matmul", "matrix_norm",
    "matrix_power", "matrix_rank", "matrix_transpose", "multi_dot", "norm", "outer", "pinv", "qr", "slogdet", "solve", "svd", "svdvals",
    "tensordot", "tensorinv", "tensorsolve", "trace", "vecdot", "vector_norm",
]  # fmt: skip

_PARTS: dict[str, Any] = {
    f.__name__: type(f(np.eye(1))) for f in (np.linalg.eig, np.linalg.eigh, np.linalg.qr, np.linalg.slogdet, np.linalg.svd)
}
"""NumPy's named tuples, by the function that gives them."""

_ABSENT: Any = object()


def _underived(name: str, why: str, a: Any) -> Any:
    """The plain values of `a`, for what has no derivative; refused where one is followed."""
    if is_followed(a):
        raise TypeError(f"{name}: {why}; where no gradient is meant, give it .detach() or .data")
    return plain(a)


# -- equations ----------------------------------------------------------------------------------------------------------------------------


@function
def solve(a: Any, b: Any) -> Any:
    """y with A y = b, of square matrices; b is one column (n,), or has columns (…, n, k).

    >>> solve(np.array([[2., 0.], [0., 4.]]), np.array([2., 2.]))
    array([1. , 0.5])
    """
    return ops.solve(a, b)


@function
def inv(a: Any) -> Any:
    """A⁻¹, of square matrices.

    >>> inv(np.array([[2., 0.], [0., 4.]]))
    array([[0.5 , 0.  ],
           [0.  , 0.25]])
    """
    return ops.inv(a)


@function
def pinv(a: Any, rcond: Any = None, hermitian: bool = False, *, rtol: Any = _ABSENT) -> Any:
    """The pseudoinverse A⁺, in which singular values below `rcond` (or `rtol`) times the largest count as 0; its derivative keeps the rank.

    Of a `hermitian` matrix the lower triangle is read, and has the derivative.

    >>> pinv(np.array([[2., 0.], [0., 0.]]))
    array([[0.5, 0. ],
           [0. , 0. ]])
    """
    a = as_value(a)
    rcond, rtol = fixed("pinv", rcond=rcond, rtol=rtol).values()
    if rtol is not _ABSENT:
        if rcond is not None:
            raise ValueError(f"pinv: got both rcond={rcond!r} and rtol={rtol!r}, two names of one thing; give one")
        rcond = max(a.shape[-2:]) * float(np.finfo(a.dtype if a.dtype.kind in "fc" else float).eps) if rtol is None else rtol
    return ops.pinv(from_triangle(a, lower=True) if hermitian else a, rcond)


@function
def lstsq(a: Any, b: Any, rcond: float | None = None) -> Any:
    """The y of least length with |A y − b|² least, that least value for each column of b, the rank of A, and its singular values.

    The rank is a plain number; as in NumPy, there are no least values unless A is tall and of full rank.

    >>> lstsq(np.array([[1.], [1.]]), np.array([1., 3.]))[:2]
    (array([2.]), array([2.]))
    """
    if not holds_traced(a, b):
        return np.linalg.lstsq(a, b, rcond)
    a, b = as_value(a), as_value(b)
    (rcond,) = fixed("lstsq", rcond=rcond).values()
    _, least, rank, _ = np.linalg.lstsq(plain(a), plain(b), rcond)
    s = svdvals(a)
    m, n = a.shape
    eps = float(np.finfo(s.dtype).eps)
    y = ops.matmul(ops.pinv(a, eps * max(m, n) if rcond is None else eps if rcond < 0 else rcond), b)
    rest = ops.subtract(b, ops.matmul(a, y))
    squares = ops.sum(ops.real(ops.multiply(rest, ops.conjugate(rest))), 0)
    return y, ops.reshape(squares, (squares.size,)) if least.size else np.zeros(0, s.dtype), rank, s


@function
def tensorinv(a: Any, ind: int = 2) -> Any:
    """The inverse of a as a linear map from its last axes to its first `ind`: what `tensordot` with it undoes.

    >>> tensorinv(2 * np.eye(6).reshape(2, 3, 6), ind=2).shape
    (6, 2, 3)
    """
    a = as_value(a)
    if operator.index(ind) <= 0:
        raise ValueError(f"tensorinv: got ind={ind}, wanted a positive number of axes")
    first, last = a.shape[:ind], a.shape[ind:]
    if math.prod(first) != math.prod(last):
        raise LinAlgError(f"tensorinv: the first {ind} axes {first} and the others {last} of a have different sizes")
    n = math.prod(last)
    return ops.reshape(ops.inv(ops.reshape(a, (n, n))), (*last, *first))


@function
def tensorsolve(a: Any, b: Any, axes: Any = None) -> Any:
    """y with tensordot(a, y, y.ndim) = b, after `axes` of a were moved to its end.

    >>> tensorsolve(2 * np.eye(6).reshape(2, 3, 6), np.ones((2, 3)))
    array([0.5, 0.5, 0.5, 0.5, 0.5, 0.5])
    """
    a, b = as_value(a), as_value(b)
    if axes is not None:
        a = ops.moveaxis(a, axes, tuple(range(-len(axes), 0)))
    shape = a.shape[b.ndim - a.ndim :]
    n = math.prod(shape)
    if b.size != n or a.size != n * n:
        raise LinAlgError(f"tensorsolve: got a {a.shape} and b {b.shape}, wanted a of b's axes, and others of the same size {b.size}")
    return ops.reshape(ops.solve(ops.reshape(a, (n, n)), ops.ravel(b)), shape)


# -- determinants -------------------------------------------------------------------------------------------------------------------------


@function
def det(a: Any) -> Any:
    """det A, of square matrices; its gradient is right at singular ones too.

    >>> det(np.array([[2., 0.], [0., 3.]]))
    np.float64(6.0)
    """
    return ops.det(a)


def slogdet(a: Any) -> Any:
    """The sign (or phase) of det A, and log |det A|; a named tuple.

    >>> slogdet(np.array([[0., 1.], [1., 0.]])).sign
    np.float64(-1.0)
    """
    return _PARTS["slogdet"](*ops.slogdet(a))


# -- decompositions -----------------------------------------------------------------------------------------------------------------------


@function
def cholesky(a: Any, /, *, upper: bool = False) -> Any:
    """The lower triangular L with L Lᴴ = A, or with `upper` Lᴴ.  That triangle of A is read, and has the derivative.

    >>> cholesky(np.array([[4., 2.], [2., 5.]]))
    array([[2., 0.],
           [1., 2.]])
    """
    return ops.cholesky(a, upper=upper)


def qr(a: Any, mode: str = "reduced") -> Any:
    """Q with orthonormal columns and the upper triangular R with Q R = A, a named tuple; or with mode "r", R alone.

    Of a followed tall matrix, "complete" is refused, since any basis of what is left will do for the columns that it adds; so is "raw".

    >>> qr(np.array([[3., 1.], [4., 1.]])).R.shape
    (2, 2)
    """
    a = as_value(a)
    tall = a.ndim > 1 and a.shape[-2] > a.shape[-1]
    if mode not in ("reduced", "complete", "r"):
        return np.linalg.qr(_underived("qr", f"mode {mode!r} is not differentiated; wanted 'reduced', 'complete' or 'r'", a), mode)  # type: ignore[call-overload]
    if mode == "complete" and tall:
        why = "the columns that mode 'complete' adds to Q are any basis of what is left, which has no derivative; use 'reduced'"
        return np.linalg.qr(_underived("qr", why, a), "complete")
    parts = ops.qr(a)
    return parts[1] if mode == "r" else _PARTS["qr"](*parts)


def eigh(a: Any, UPLO: str = "L") -> Any:
    """The eigenvalues, ascending, and the eigenvectors, as columns, of Hermitian matrices; a named tuple.

    One triangle is read, "L" or "U", and has the derivative.  Within equal eigenvalues the vectors have none: see `autograd.ops.eigh`.

    >>> eigh(np.array([[2., 0.], [0., 1.]])).eigenvalues
    array([1., 2.])
    """
    return _PARTS["eigh"](*ops.eigh(a, UPLO))


@function
def eigvalsh(a: Any, UPLO: str = "L") -> Any:
    """The eigenvalues, ascending, of Hermitian matrices, of which one triangle is read, "L" or "U".

    >>> eigvalsh(np.array([[2., 0.], [0., 1.]]))
    array([1., 2.])
    """
    return ops.eigh(a, UPLO)[0] if holds_traced(a) else np.linalg.eigvalsh(a, UPLO)  # type: ignore[call-overload]


def eig(a: Any) -> Any:
    """The eigenvalues and the eigenvectors, as columns of length 1, of square matrices; a named tuple.

    >>> eig(np.array([[2., 0.], [0., 1.]])).eigenvalues
    array([2., 1.])
    """
    return _PARTS["eig"](*ops.eig(a))


@function
def eigvals(a: Any) -> Any:
    """The eigenvalues of square matrices, complex where they are not all real.

    >>> eigvals(np.array([[2., 0.], [0., 1.]]))
    array([2., 1.])
    """
    return ops.eig(a)[0] if holds_traced(a) else np.linalg.eigvals(a)


def svd(a: Any, full_matrices: bool = True, compute_uv: bool = True, hermitian: bool = False) -> Any:
    """U, the singular values σ, descending, and Vᴴ, with A = U diag(σ) Vᴴ, a named tuple; or σ alone, without `compute_uv`.

    Of a followed matrix that is not square, the default `full_matrices=True` is refused, since any basis of what is left will do for the
    vectors that it adds.  Of a `hermitian` matrix the lower triangle is read, and has the derivative.

    >>> svd(np.array([[0., 2.], [1., 0.]])).S
    array([2., 1.])
    """
    a = as_value(a)
    if hermitian:
        return _hermitian_svd(a, compute_uv)
    if not compute_uv:
        return svdvals(a)
    if full_matrices and a.ndim > 1 and a.shape[-2] != a.shape[-1]:
        why = "the vectors that full_matrices=True adds are any basis of what is left, which has no derivative; use full_matrices=False"
        return np.linalg.svd(_underived("svd", why, a))
    return _PARTS["svd"](*ops.svd(a, full_matrices=False))


def _hermitian_svd(a: Any, compute_uv: bool) -> Any:
    """By eigenvalues: σ = |λ|, and the signs move into Vᴴ."""
    values, vectors = ops.eigh(a)
    s = ops.absolute(values)
    order = np.argsort(s)[..., ::-1]
    s = ops.take_along_axis(s, order, -1)
    if not compute_uv:
        return s
    u = ops.take_along_axis(vectors, row(order), -1)
    signs = np.take_along_axis(np.copysign(1, plain(values)), order, -1)  # of 0 too, so that Vᴴ has an inverse
    return _PARTS["svd"](u, s, ops.multiply(column(signs), adjoint(u)))


@function
def svdvals(x: Any, /) -> Any:
    """The singular values, descending.

    >>> svdvals(np.array([[0., 2.], [1., 0.]]))
    array([2., 1.])
    """
    return ops.svd(x, full_matrices=False)[1] if holds_traced(x) else np.linalg.svdvals(x)


def matrix_rank(A: Any, tol: Any = None, hermitian: bool = False, *, rtol: Any = None) -> Any:
    """How many singular values count as more than 0.  It has no derivative: a plain number, or array.

    >>> matrix_rank(np.ones((2, 2)))
    np.int64(1)
    """
    return np.linalg.matrix_rank(plain(A), plain(tol), hermitian, rtol=plain(rtol))


# -- products -----------------------------------------------------------------------------------------------------------------------------


@function
def matrix_power(a: Any, n: int) -> Any:
    """Aⁿ, by repeated squaring; for a negative n, of the inverse.

    >>> matrix_power(np.array([[1., 1.], [0., 1.]]), 3)
    array([[1., 3.],
           [0., 1.]])
    """
    if not holds_traced(a):
        return np.linalg.matrix_power(a, n)
    if a.ndim < 2 or a.shape[-1] != a.shape[-2]:
        raise LinAlgError(f"matrix_power: got {a.shape}, wanted square matrices (…, n, n)")
    n = operator.index(n)
    if n == 0:
        return np.linalg.matrix_power(plain(a), 0)
    power, rest, result = a if n > 0 else ops.inv(a), abs(n), None
    while rest:
        if rest & 1:
            result = power if result is None else ops.matmul(result, power)
        rest >>= 1
        if rest:
            power = ops.matmul(power, power)
    return result


@function
def multi_dot(arrays: Any, *, out: Any = None) -> Any:
    """The product of several matrices in the order that costs least; the first may be one row (n,), the last one column.

    >>> multi_dot([np.ones((2, 3)), np.ones((3, 4)), np.ones(4)])
    array([12., 12.])
    """
    arrays = [as_value(a) for a in arrays]
    if not holds_traced(arrays, out):
        return np.linalg.multi_dot(arrays, out=out)
    dims = [a.ndim for a in arrays]
    if len(dims) < 2 or not {*dims[1:-1]} <= {2} or not {dims[0], dims[-1]} <= {1, 2}:
        raise LinAlgError(
            f"multi_dot: got arrays of {dims} axes, wanted two or more matrices; only the first and the last may have one axis"
        )
    check_out("multi_dot", out, *arrays)
    sizes = [1 if dims[0] == 1 else arrays[0].shape[0], *[a.shape[0] for a in arrays[1:]], 1 if dims[-1] == 1 else arrays[-1].shape[1]]

    @cache
    def cheapest(i: int, j: int) -> tuple[int, int]:
        """What the product of the arrays i … j costs at least, and the last array of its left factor."""
        if i == j:
            return 0, i
        return min((cheapest(i, k)[0] + cheapest(k + 1, j)[0] + sizes[i] * sizes[k + 1] * sizes[j + 1], k) for k in range(i, j))

    def product(i: int, j: int) -> Any:
        if i == j:
            return arrays[i]
        k = cheapest(i, j)[1]
        return ops.matmul(product(i, k), product(k + 1, j))

    return into("multi_dot", out, product(0, len(arrays) - 1))


@function
def matmul(x1: Any, x2: Any, /) -> Any:
    """The product of matrices, or stacks of them.

    >>> matmul(np.ones((2, 3)), np.ones((3, 1)))
    array([[3.],
           [3.]])
    """
    return ops.matmul(x1, x2)


@function
def outer(x1: Any, x2: Any, /) -> Any:
    """Y[i, j] = x₁ᵢ x₂ⱼ, of two vectors.

    >>> outer(np.array([1., 2.]), np.array([3., 4.]))
    array([[3., 4.],
           [6., 8.]])
    """
    x1, x2 = as_value(x1), as_value(x2)
    if x1.ndim != 1 or x2.ndim != 1:
        raise ValueError(f"outer: got {x1.shape} and {x2.shape}, wanted two vectors; numpy.outer flattens first")
    return ops.outer(x1, x2)


@function
def cross(x1: Any, x2: Any, /, *, axis: int = -1) -> Any:
    """y = x₁ × x₂, of vectors of three components along `axis`.

    >>> cross(np.array([1., 0., 0.]), np.array([0., 1., 0.]))
    array([0., 0., 1.])
    """
    x1, x2 = as_value(x1), as_value(x2)
    if x1.shape[axis] != 3 or x2.shape[axis] != 3:
        raise ValueError(f"cross: got vectors of {x1.shape[axis]} and {x2.shape[axis]} components, wanted 3")
    return products.cross(x1, x2, axis=axis)


@function
def vecdot(x1: Any, x2: Any, /, *, axis: int = -1) -> Any:
    """y = Σ x̄₁ x₂ along `axis`.

    >>> vecdot(np.array([1., 2.]), np.array([3., 4.]))
    np.float64(11.0)
    """
    return products.along_axes(np.vecdot, products.vecdot, axis=axis)(as_value(x1), as_value(x2))


@function
def tensordot(x1: Any, x2: Any, /, *, axes: Any = 2) -> Any:
    """y = Σ of products over pairs of axes: two lists of them, or how many last axes of the first with as many first axes of the second.

    >>> tensordot(np.ones((2, 3)), np.ones((3, 4)), axes=1).shape
    (2, 4)
    """
    return products.tensordot(x1, x2, axes)


# -- diagonals ----------------------------------------------------------------------------------------------------------------------------


@function
def diagonal(x: Any, /, *, offset: int = 0) -> Any:
    """The diagonals of matrices (…, m, n), `offset` places above the main one.

    >>> diagonal(np.array([[1., 2.], [3., 4.]]))
    array([1., 4.])
    """
    return moves.diagonal(x, offset, -2, -1)


@function
def trace(x: Any, /, *, offset: int = 0, dtype: Any = None) -> Any:
    """The sum of the diagonal of matrices (…, m, n), `offset` places above the main one.

    >>> trace(np.array([[1., 2.], [3., 4.]]))
    np.float64(5.0)
    """
    return moves.trace(x, offset, -2, -1, dtype)


def __getattr__(name: str) -> Any:
    return getattr(np.linalg, name)
