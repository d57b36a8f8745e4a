"""Matrices that are made of given values, each in its places."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import linalg

from ... import ops
from ...numpy import products
from ...numpy.keywords import does_hold, function, plain
from ...numpy.moves import moved
from ...ops.complex import conj
from ...ops.rearrange import Move, Slot, rearrange
from ..keywords import twin

__all__ = [
    "block_diag", "circulant", "companion", "convolution_matrix", "diagsvd", "hankel", "khatri_rao", "kron", "leslie", "toeplitz",
]  # fmt: skip


@twin(linalg.block_diag, "arrs", pair="arrs")
def block_diag(arrs: Any) -> Any:
    """The matrices along the diagonal of one, which is 0 elsewhere.

    >>> block_diag(np.ones((1, 2)), np.array([[3.]]))
    array([[1., 1., 0.],
           [0., 0., 3.]])
    """
    return rearrange(arrs, Move(linalg.block_diag, *map(Slot, range(len(arrs)))))


@twin(linalg.toeplitz, "c", "r")
def toeplitz(c: Any, r: Any = None) -> Any:
    """The matrix with first column c and first row r (c̄, if it is not given; its first value is not read), constant along diagonals.

    >>> toeplitz(np.array([1., 2.]), np.array([9., 3.]))
    array([[1., 3.],
           [2., 1.]])
    """
    return moved(linalg.toeplitz, {"c": c, "r": conj(c) if r is None else r}, {})


@twin(linalg.hankel, "c", "r")
def hankel(c: Any, r: Any = None) -> Any:
    """The matrix with first column c and last row r (0, if it is not given; its first value is not read), constant along antidiagonals.

    >>> hankel(np.array([1., 2.]), np.array([9., 3.]))
    array([[1., 2.],
           [2., 3.]])
    """
    return moved(linalg.hankel, {"c": c} if r is None else {"c": c, "r": r}, {})


@twin(linalg.circulant, "c")
def circulant(c: Any) -> Any:
    """The matrix with first column c, whose other columns are the one before, turned down by one place.

    >>> circulant(np.array([1., 2.]))
    array([[1., 2.],
           [2., 1.]])
    """
    return moved(linalg.circulant, {"c": c}, {})


@twin(linalg.convolution_matrix, "a")
def convolution_matrix(a: Any, n: int, mode: str = "full") -> Any:
    """The matrix A with A v = convolve(a, v, mode), for the v of length n.

    >>> convolution_matrix(np.array([1., 2.]), 2)
    array([[1., 0.],
           [2., 1.],
           [0., 2.]])
    """
    return moved(linalg.convolution_matrix, {"a": a}, {"n": n, "mode": mode})


@twin(linalg.leslie, "f", "s")
def leslie(f: Any, s: Any) -> Any:
    """The matrix with first row f, and s below the diagonal.

    >>> leslie(np.array([1., 2.]), np.array([0.5]))
    array([[1. , 2. ],
           [0.5, 0. ]])
    """
    return moved(linalg.leslie, {"f": f, "s": s}, {})


@twin(linalg.diagsvd, "s")
def diagsvd(s: Any, M: int, N: int) -> Any:
    """The matrix (M, N) with diagonal s: what stands between U and Vᴴ.

    >>> diagsvd(np.array([3., 2.]), 2, 3)
    array([[3., 0., 0.],
           [0., 2., 0.]])
    """
    return moved(linalg.diagsvd, {"s": s}, {"M": M, "N": N})


@twin(linalg.companion, "a")
def companion(a: Any) -> Any:
    """The matrix whose eigenvalues are the roots of the polynomial with the coefficients a, from the highest power down.

    >>> companion(np.array([1., -3., 2.]))
    array([[ 3., -2.],
           [ 1.,  0.]])
    """
    if a.ndim < 1 or a.shape[-1] < 2 or does_hold(plain(a)[..., 0] == 0):
        raise ValueError(f"companion: got a of shape {a.shape}, wanted two or more coefficients, of which the first is not 0")
    first = -a[..., 1:] / a[..., :1]
    n = a.shape[-1] - 1
    below = np.broadcast_to(np.eye(n - 1, n, dtype=first.dtype), (*a.shape[:-1], n - 1, n))
    return ops.concatenate((first[..., None, :], below), -2)


@twin(linalg.khatri_rao, "a", "b")
def khatri_rao(a: Any, b: Any) -> Any:
    """The Kronecker products of the columns of a with those of b, as columns.

    >>> khatri_rao(np.array([[1.], [2.]]), np.array([[3.], [4.]])).T
    array([[3., 4., 6., 8.]])
    """
    y = a[..., :, None, :] * b[..., None, :, :]
    return ops.reshape(y, (*y.shape[:-3], y.shape[-3] * y.shape[-2], y.shape[-1]))


@function
def kron(a: Any, b: Any) -> Any:
    """The blocks aᵢⱼ B in one matrix, as SciPy had it before 1.15, and NumPy still has.

    >>> kron(np.array([[1., 2.]]), np.array([[3.]]))
    array([[3., 6.]])
    """
    return products.kron(a, b)
