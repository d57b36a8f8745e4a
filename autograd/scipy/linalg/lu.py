"""The LU decomposition, and equations by means of it."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import linalg

from ... import ops
from ...numpy.keywords import plain
from ...op import call, constant, general
from ...ops.elementwise import where
from ...ops.linalg.spectral import column
from ...ops.shape import concatenate
from ..keywords import twin
from .triangular import TRANSPOSED, solve_triangular

__all__ = ["lu", "lu_factor", "lu_solve"]

_A = np.array([[1.0, 4.0, -1.0], [0.5, 3.0, 5.0], [-4.0, 0.7, 1.0], [1.0, 2.0, -1.0]])
_SINGULAR = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [5.0, 7.0, 9.0]])


def _rule(g: Any, y: Any) -> Any:
    (P, L, U), (_, g_L, g_U) = y, g
    m, n, k = L.shape[-2], U.shape[-1], U.shape[-2]
    if m > k:  # the rows below are L U too, and so L there is B U⁻¹
        below = solve_triangular(U, g_L[..., k:, :].mT, 0).mT
        g_U = g_U - L[..., k:, :].mT @ below
        L, g_L = L[..., :k, :], g_L[..., :k, :]
    left = where(np.tri(k, k=-1, dtype=bool), L.mT @ g_L - g_U @ U.mT, 0)
    # The last column is 0, and so the last pivot divides nothing, whatever it is.
    pivots = where(np.eye(k, dtype=bool) & (np.arange(k) == k - 1), 1, U[..., :k])
    left = solve_triangular(pivots, left.mT, 0).mT
    if n > k:
        left = concatenate((left, np.zeros((*left.shape[:-1], n - k), left.dtype)), -1)
    G = solve_triangular(L, g_U + left, 1, True, unit_diagonal=True)
    return P @ (concatenate((G, below), -2) if m > k else G)


@general(
    _rule,
    samples=[call(_A), call(_A[:3]), call(_A.T), call(np.stack([_A, _A[::-1]])), call(_A[:1, :1])],
)
def lu(x: Any, /) -> Any:
    """A permutation P, which is constant, L with a diagonal of ones, and the upper triangular U, with P L U = X.

    With B = Pᵀ X and W = L⁻¹ dB: dL = L S and dU = W − S U, where S is W U⁻¹ below the diagonal.  The rows by which a tall L is longer
    are B U⁻¹, and follow (de Hoog, Anderssen & Lukas 2011).  Where a pivot other than the last of a square or wide X is 0, there is no
    derivative.

    >>> P, L, U = lu(np.array([[0., 2.], [4., 0.]]))
    >>> P @ L, U
    (array([[0., 1.],
           [1., 0.]]), array([[4., 0.],
           [0., 2.]]))
    """
    P, L, U = linalg.lu(x, check_finite=False)
    return P, L, U


@constant
def lu_pivots(x: Any, /) -> Any:
    """The exchanges of rows that the LU decomposition makes: row i with row pivᵢ, one after the other.

    >>> lu_pivots(np.array([[0., 2.], [4., 0.]]))
    array([1, 1], dtype=int32)
    """
    return linalg.lu_factor(x)[1]


@twin(linalg.lu_factor, "a")
def lu_factor(a: Any) -> Any:
    """L, without its diagonal of ones, and U in one matrix, and the plain pivots (row i was exchanged with row pivᵢ), for `lu_solve`.

    >>> lu_factor(np.array([[0., 2.], [4., 0.]]))[0]
    array([[4., 0.],
           [0., 2.]])
    """
    piv = lu_pivots(plain(a))
    _, L, U = lu(a)
    m, n = a.shape[-2:]
    spare = [(0, 0)] * (a.ndim - 2)
    L, U = ops.pad(L, [*spare, (0, 0), (0, n - L.shape[-1])]), ops.pad(U, [*spare, (0, m - U.shape[-2]), (0, 0)])
    return ops.where(np.tri(m, n, -1, dtype=bool), L, U), piv


@twin(linalg.lu_solve, "lu_and_piv", "b", pair="lu_and_piv")
def lu_solve(lu_and_piv: Any, b: Any, trans: Any = 0) -> Any:
    """y with A y = b (for `trans` 1, Aᵀ y = b; for 2, Aᴴ y = b), by what `lu_factor` gave of A.

    >>> lu_solve(lu_factor(np.array([[0., 2.], [4., 0.]])), np.array([2., 4.]))
    array([1., 1.])
    """
    matrix, piv = lu_and_piv
    exchanged = exchanges(plain(piv)).astype(matrix.dtype)
    y = column(b) if b.ndim == 1 else b
    if TRANSPOSED[trans] == 0:
        y = solve_triangular(matrix, solve_triangular(matrix, ops.matmul(exchanged, y), 0, True, unit_diagonal=True))
    else:
        y = ops.matmul(exchanged.mT, solve_triangular(matrix, solve_triangular(matrix, y, trans), trans, True, unit_diagonal=True))
    return y[..., 0] if b.ndim == 1 else y


@constant(samples=[call(np.array([1, 1])), call(np.array([[2, 1, 2], [0, 2, 2]]))])
def exchanges(piv: Any, /) -> Any:
    """The permutation that exchanges row i with row pivᵢ, one after the other, as a matrix.

    >>> exchanges(np.array([1, 1]))
    array([[0., 1.],
           [1., 0.]])
    """
    n = piv.shape[-1]
    matrix = np.broadcast_to(np.eye(n), (*piv.shape, n)).copy()
    for place in np.ndindex(piv.shape[:-1]):
        for i, k in enumerate(piv[place]):
            matrix[place][[i, k]] = matrix[place][[k, i]]
    return matrix
