"""SciPy's functions for decompositions: their signatures and options, over the ops."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import linalg

from ... import ops
from ...numpy import linalg as nplinalg
from ...numpy.keywords import is_followed, plain
from ...op import constant
from ...ops.linalg.spectral import adjoint, from_triangle
from ..keywords import twin
from .lu import lu as lu_parts
from .polar import polar as polar_parts
from .triangular import solve_triangular

__all__ = ["cho_factor", "cholesky", "eig", "eigh", "eigvals", "eigvalsh", "lu", "orthogonal_procrustes", "polar", "qr", "svd", "svdvals"]


# -- of triangular factors ----------------------------------------------------------------------------------------------------------------


@twin(linalg.cholesky, "a")
def cholesky(a: Any, lower: bool = False) -> Any:
    """The upper triangular U with Uᴴ U = A, or with `lower` the L with L Lᴴ = A.  That triangle of A is read, and has the derivative.

    >>> cholesky(np.array([[4., 2.], [2., 5.]]))
    array([[2., 1.],
           [0., 2.]])
    """
    return ops.cholesky(a, upper=not lower)


@twin(linalg.cho_factor, "a")
def cho_factor(a: Any, lower: bool = False) -> Any:
    """The `cholesky` factor and `lower`, for `cho_solve`.  Of a Tensor, the other triangle of the factor is 0.

    >>> cho_factor(np.array([[4.]]))
    (array([[2.]]), False)
    """
    return ops.cholesky(a, upper=not lower), lower


@twin(linalg.lu, "a")
def lu(a: Any, permute_l: bool = False, p_indices: bool = False) -> Any:
    """P, L and U with P L U = A: a permutation, as a plain matrix or, with `p_indices`, as indices with L[P] U = A, and two triangular
    matrices; with `permute_l` P L and U alone.

    >>> lu(np.array([[0., 2.], [4., 0.]]), permute_l=True)[1]
    array([[4., 0.],
           [0., 2.]])
    """
    P, L, U = lu_parts(a)
    P = plain(P)
    if permute_l:
        return ops.matmul(P, L), U
    return P.argmax(-1).astype(np.int32) if p_indices else P, L, U


@constant
def falling_order(x: Any, /) -> Any:
    """The order of columns that makes the diagonal of R fall, as `qr` with `pivoting` finds it.

    >>> falling_order(np.array([[1., 2.]]))
    array([1, 0], dtype=int32)
    """
    return linalg.qr(x, mode="r", pivoting=True)[1]


@twin(linalg.qr, "a")
def qr(a: Any, mode: str = "full", pivoting: bool = False) -> Any:
    """Q with orthonormal columns and the upper triangular R with Q R = A; for mode "r" R alone, in a tuple; with `pivoting` also the plain
    indices P of the order of columns, A[:, P], that makes the diagonal of R fall.

    Of a followed tall matrix, the default mode "full" is refused, since any basis of what is left will do for the columns that it adds to
    Q: use "economic".  So is "raw".

    >>> qr(np.array([[3., 1.], [4., 1.]]), mode="economic")[1].shape
    (2, 2)
    """
    if mode not in ("full", "r", "economic", "raw"):
        raise ValueError(f"qr: got mode={mode!r}, wanted 'full', 'r', 'economic' or 'raw'")
    m, n = a.shape[-2:]
    if mode == "raw" or (mode == "full" and m > n):
        if is_followed(a):
            free = "the columns that mode 'full' adds to Q are any basis of what is left; use 'economic'"
            raise TypeError(f"qr: {'mode ' + repr(mode) + ' is not differentiated' if mode == 'raw' else free}, or give .detach() or .data")
        return linalg.qr(plain(a), mode=mode, pivoting=pivoting)
    order = falling_order(plain(a)) if pivoting else None
    if order is not None:
        a = ops.take_along_axis(a, np.broadcast_to(order[..., None, :], a.shape), -1)
    Q, R = ops.qr(a)
    if mode == "r" and m > n:
        R = ops.pad(R, [(0, 0)] * (R.ndim - 2) + [(0, m - n), (0, 0)])
    return (*([] if mode == "r" else [Q]), R, *([] if order is None else [order]))


@twin(linalg.polar, "a")
def polar(a: Any, side: str = "right") -> Any:
    """U with orthonormal columns, or if A is wide rows, and a positive definite P with U P = A, or for the `side` "left" P U = A.

    >>> polar(np.array([[0., -2.], [3., 0.]]), "left")[1].round(12)
    array([[2., 0.],
           [0., 3.]])
    """
    if side not in ("right", "left"):
        raise ValueError(f"polar: got side={side!r}, wanted 'right' or 'left'")
    if a.shape[-2] < a.shape[-1]:
        U, P = polar_parts(adjoint(a))
        U = adjoint(U)
        return U, P if side == "left" else ops.matmul(ops.matmul(adjoint(U), P), U)
    U, P = polar_parts(a)
    return U, P if side == "right" else ops.matmul(ops.matmul(U, P), adjoint(U))


@twin(linalg.orthogonal_procrustes, "A", "B")
def orthogonal_procrustes(A: Any, B: Any) -> Any:
    """The unitary R for which |A R − B|² is least, which is the polar factor of Aᴴ B, and the sum of the singular values of that.

    >>> orthogonal_procrustes(np.eye(2), np.array([[0., 3.], [2., 0.]]))[0]
    array([[0., 1.],
           [1., 0.]])
    """
    if A.ndim != 2 or A.shape != B.shape:
        raise ValueError(f"orthogonal_procrustes: got {A.shape} and {B.shape}, wanted two matrices of one shape")
    R, P = polar_parts(ops.matmul(adjoint(A), B))
    return R, ops.real(ops.sum(ops.where(np.eye(len(P), dtype=bool), P, 0)))


# -- of values and vectors ----------------------------------------------------------------------------------------------------------------


@twin(linalg.svd, "a")
def svd(a: Any, full_matrices: bool = True, compute_uv: bool = True) -> Any:
    """U, the singular values σ, descending, and Vᴴ, with A = U diag(σ) Vᴴ; or σ alone, without `compute_uv`.

    Of a followed matrix that is not square, the default `full_matrices=True` is refused, since any basis of what is left will do for the
    vectors that it adds.

    >>> svd(np.array([[0., 2.], [1., 0.]]))[1]
    array([2., 1.])
    """
    parts = nplinalg.svd(a, full_matrices, compute_uv)
    return tuple(parts) if compute_uv else parts


@twin(linalg.svdvals, "a")
def svdvals(a: Any) -> Any:
    """The singular values, descending.

    >>> svdvals(np.array([[0., 2.], [1., 0.]]))
    array([2., 1.])
    """
    return nplinalg.svdvals(a)


@twin(linalg.eig, "a")
def eig(a: Any, right: bool = True) -> Any:
    """The eigenvalues, complex, and the eigenvectors, as columns of length 1, of square matrices; without `right` the values alone.

    >>> eig(np.array([[2., 0.], [0., 1.]]))[0]
    array([2.+0.j, 1.+0.j])
    """
    values, vectors = ops.eig(a)
    values = ops.astype(values, np.result_type(values.dtype, np.complex64))
    return (values, vectors) if right else values


@twin(linalg.eigvals, "a")
def eigvals(a: Any) -> Any:
    """The eigenvalues of square matrices, complex.

    >>> eigvals(np.array([[2., 0.], [0., 1.]]))
    array([2.+0.j, 1.+0.j])
    """
    return eig(a, right=False)


@twin(linalg.eigh, "a", "b", plain_too=True)
def eigh(
    a: Any,
    b: Any = None,
    lower: bool = True,
    eigvals_only: bool = False,
    type: int = 1,
    subset_by_index: Any = None,
    subset_by_value: Any = None,
) -> Any:
    """The eigenvalues λ, ascending, and the eigenvectors, as columns v, of Hermitian matrices: A v = λ v.

    With a positive definite B: A v = λ B v, for `type` 2 A B v = λ v, for 3 B A v = λ v, with vᴴ B v = 1 (for 3, vᴴ B⁻¹ v).  Of each
    matrix the lower triangle is read, or without `lower` the upper one, and has the derivative.  A subset is one of indices (first, last),
    or of values, (above, up to).  Within equal eigenvalues the vectors have no derivative: see `autograd.ops.eigh`.  They have
    the signs of NumPy's `eigh`, on plain arrays too; those of SciPy's default driver change from one matrix to the next.

    >>> eigh(np.array([[2., 0.], [0., 6.]]), np.array([[2., 0.], [0., 1.]]), eigvals_only=True)
    array([1., 6.])
    """
    if type not in (1, 2, 3):
        raise ValueError(f"eigh: got type={type!r}, wanted 1, 2 or 3")
    triangle = "L" if lower else "U"
    if b is None:
        values, vectors = ops.eigh(a, triangle)
    else:
        a = from_triangle(a, lower)
        L = ops.cholesky(b, upper=not lower)
        L = L if lower else adjoint(L)
        if type == 1:
            inner = solve_triangular(L, adjoint(solve_triangular(L, a, 0, True)), 0, True)
        else:
            inner = ops.matmul(adjoint(L), ops.matmul(a, L))
        values, vectors = ops.eigh(inner, triangle)
        vectors = ops.matmul(L, vectors) if type == 3 else solve_triangular(L, vectors, 2, True)
    kept = _subset(plain(values), subset_by_index, subset_by_value)
    return values[..., kept] if eigvals_only else (values[..., kept], vectors[..., kept])


def _subset(values: Any, by_index: Any, by_value: Any) -> slice:
    """The eigenvalues that are asked for, which are neighbours."""
    if by_index is not None and by_value is not None:
        raise ValueError("eigh: got subset_by_index and subset_by_value; give one")
    if by_index is not None:
        first, last = (int(k) for k in by_index)
        if not 0 <= first <= last < values.shape[-1]:
            raise ValueError(f"eigh: got subset_by_index={(first, last)} of {values.shape[-1]} eigenvalues")
        return slice(first, last + 1)
    if by_value is None:
        return slice(None)
    if values.ndim > 1:
        raise ValueError("eigh: subset_by_value of several matrices may find different numbers; give one matrix")
    above, up_to = by_value
    return slice(*np.searchsorted(values, [above, up_to], side="right").tolist())


@twin(linalg.eigvalsh, "a", "b")
def eigvalsh(
    a: Any, b: Any = None, lower: bool = True, type: int = 1, subset_by_index: Any = None, subset_by_value: Any = None
) -> Any:  # fmt: skip
    """The eigenvalues of Hermitian matrices, ascending, as of `eigh`.

    >>> eigvalsh(np.array([[2., 0.], [0., 1.]]))
    array([1., 2.])
    """
    return eigh(a, b, lower=lower, eigvals_only=True, type=type, subset_by_index=subset_by_index, subset_by_value=subset_by_value)
