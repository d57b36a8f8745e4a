"""SciPy's functions for equations, inverses, least squares, determinants and norms."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import linalg

from ... import ops
from ...numpy import linalg as nplinalg
from ...numpy.keywords import does_hold, plain
from ...op import Traced
from ...ops.complex import conj, is_complex
from ...ops.linalg.spectral import adjoint, from_triangle
from ..keywords import twin
from . import banded, sylvester
from .special_matrices import toeplitz
from .triangular import solve_triangular

__all__ = [
    "cho_solve", "det", "inv", "lstsq", "matmul_toeplitz", "norm", "pinv", "pinvh", "solve", "solve_banded", "solve_circulant",
    "solve_continuous_lyapunov", "solve_discrete_lyapunov", "solve_lyapunov", "solve_sylvester", "solve_toeplitz",
]  # fmt: skip


@twin(linalg.solve, "a", "b")
def solve(a: Any, b: Any, lower: bool = False, assume_a: str | None = None, transposed: bool = False) -> Any:
    """y with A y = b, or with `transposed` Aᵀ y = b; b is one column (n,), or has columns (…, n, k).

    What `assume_a` says is not read of A has the derivative 0: for "diagonal", "tridiagonal", "upper triangular", "lower triangular" the
    other places, for "symmetric", "hermitian", "positive definite" the lower triangle, or with `lower` the upper one.  Else A is taken for
    any matrix, whatever it is.

    >>> solve(np.array([[2., 0.], [0., 4.]]), np.array([2., 2.]))
    array([1. , 0.5])
    """
    if assume_a in POSITIVE:
        c = ops.cholesky(a, upper=not lower)
        return cho_solve((conj(c), lower) if transposed else (c, lower), b)
    a = _as_read("solve", a, assume_a, lower)
    return ops.solve(a.mT if transposed else a, b)


@twin(linalg.inv, "a")
def inv(a: Any, assume_a: str | None = None, lower: bool = False) -> Any:
    """A⁻¹, of square matrices; `assume_a` and `lower` are as in `solve`.

    >>> inv(np.array([[2., 0.], [0., 4.]]))
    array([[0.5 , 0.  ],
           [0.  , 0.25]])
    """
    if assume_a in POSITIVE:
        return cho_solve((ops.cholesky(a, upper=not lower), lower), np.eye(a.shape[-1], dtype=a.dtype))
    return ops.inv(_as_read("inv", a, assume_a, lower))


POSITIVE = ("pos", "positive definite")


def _as_read(name: str, a: Any, assume_a: str | None, lower: bool) -> Any:
    """The matrix that SciPy reads in `a`."""
    i, j = np.indices(a.shape[-2:])
    kept = {"diagonal": i == j, "tridiagonal": abs(i - j) <= 1, "upper triangular": i <= j, "lower triangular": i >= j}
    if assume_a in (None, "gen", "general", "banded"):
        return a
    if assume_a in kept:
        return ops.where(kept[assume_a], a, 0)
    if assume_a in ("sym", "symmetric"):
        half = ops.where(i > j if lower else i < j, a, 0)
        return half + ops.where(i == j, a, 0) + half.mT
    if assume_a in ("her", "hermitian"):
        return from_triangle(a, lower)
    known = ["general", *kept, "symmetric", "hermitian", "positive definite"]
    raise ValueError(f"{name}: got assume_a={assume_a!r}, wanted {', '.join(map(repr, known))}")


@twin(linalg.cho_solve, "c_and_lower", "b", pair="c_and_lower")
def cho_solve(c_and_lower: Any, b: Any) -> Any:
    """y with A y = b, by what `cho_factor` gave of A.

    >>> cho_solve((np.array([[2.]]), True), np.array([2.]))
    array([0.5])
    """
    c, lower = c_and_lower[0], bool(c_and_lower[1])
    first, second = (0, 2) if lower else (2, 0)
    return solve_triangular(c, solve_triangular(c, b, first, lower), second, lower)


@twin(linalg.solve_banded, "ab", "b")
def solve_banded(ab: Any, b: Any, l_and_u: Any) -> Any:
    """y with A y = b, of an A with `l_and_u` diagonals below and above the main one, which are the rows of ab: ab[u + i − j, j] = A[i, j].

    >>> solve_banded((0, 1), np.array([[0., 1.], [2., 4.]]), np.array([3., 4.]))
    array([1., 1.])
    """
    lower, upper = (int(k) for k in l_and_u)
    return banded.solve_banded(ab, b, (lower, upper))


@twin(linalg.solve_toeplitz, "c_or_cr", "b", pair="c_or_cr")
def solve_toeplitz(c_or_cr: Any, b: Any) -> Any:
    """y with A y = b, of the `toeplitz` matrix with the first column c and the first row r, or c̄ if c stands alone.

    >>> solve_toeplitz(np.array([2., 1.]), np.array([3., 3.]))
    array([1., 1.])
    """
    return ops.solve(_toeplitz(c_or_cr), b)


@twin(linalg.matmul_toeplitz, "c_or_cr", "x", pair="c_or_cr")
def matmul_toeplitz(c_or_cr: Any, x: Any) -> Any:
    """The product of the `toeplitz` matrix with the first column c and the first row r, or c̄ if c stands alone, with x.

    >>> matmul_toeplitz(np.array([2., 1.]), np.array([1., 1.]))
    array([3., 3.])
    """
    return ops.matmul(_toeplitz(c_or_cr), x)


def _toeplitz(c_or_cr: Any) -> Any:
    return toeplitz(*(c_or_cr if type(c_or_cr) is tuple else (c_or_cr,)))


@twin(linalg.solve_circulant, "c", "b")
def solve_circulant(
    c: Any, b: Any, singular: str = "raise", tol: float | None = None, caxis: int = -1, baxis: int = 0, outaxis: int = 0
) -> Any:
    """y with C y = b, of the `circulant` matrix of c, by Fourier transforms along `caxis` and `baxis`; y has that axis at `outaxis`.

    Frequencies of c up to `tol` are an error, or with `singular` "lstsq" count as 0, and so do those of y.

    >>> solve_circulant(np.array([2., 0.]), np.array([4., 2.]))
    array([2., 1.])
    """
    if singular not in ("raise", "lstsq"):
        raise ValueError(f"solve_circulant: got singular={singular!r}, wanted 'raise' or 'lstsq'")
    isreal = not (is_complex(c) or is_complex(b))
    c, b = ops.moveaxis(c, caxis, -1), ops.moveaxis(b, baxis, -1)
    if c.shape[-1] != b.shape[-1]:
        raise ValueError(f"solve_circulant: c has {c.shape[-1]} values along caxis={caxis}, and b {b.shape[-1]} along baxis={baxis}")
    fc = ops.fft(c)
    size = np.abs(plain(fc))
    least = size.max(-1, keepdims=True, initial=0) * c.shape[-1] * np.finfo(np.float64).eps if tol is None else tol
    none = size <= least
    if singular == "raise" and does_hold(none):
        raise linalg.LinAlgError("solve_circulant: the matrix is singular, or nearly so; singular='lstsq' gives the least solution")
    y = ops.ifft(ops.where(none, np.nan if singular == "raise" else 0, ops.fft(b) / ops.where(none, 1, fc)))
    return ops.moveaxis(ops.real(y) if isreal else y, -1, outaxis)


@twin(linalg.solve_sylvester, "a", "b", "q", plain_too=True)
def solve_sylvester(a: Any, b: Any, q: Any) -> Any:
    """Y with A Y + Y B = Q, for a complex Q with real A and B too, where SciPy's own, up to 1.17, gives what is no solution.

    >>> solve_sylvester(np.array([[1.]]), np.array([[3.]]), np.array([[8.]]))
    array([[2.]])
    """
    return sylvester.solve_sylvester(a, b, q)


@twin(linalg.solve_continuous_lyapunov, "a", "q", plain_too=True)
def solve_continuous_lyapunov(a: Any, q: Any) -> Any:
    """Y with A Y + Y Aᴴ = Q; see `solve_sylvester`.

    >>> solve_continuous_lyapunov(np.array([[2.]]), np.array([[8.]]))
    array([[2.]])
    """
    return sylvester.solve_sylvester(a, adjoint(a), q)


solve_lyapunov = solve_continuous_lyapunov  # its old name


@twin(linalg.solve_discrete_lyapunov, "a", "q", plain_too=True)
def solve_discrete_lyapunov(a: Any, q: Any, method: str | None = None) -> Any:
    """Y with A Y Aᴴ − Y + Q = 0, by the method "direct" or "bilinear", or that which suits the size; see `solve_sylvester`.

    >>> solve_discrete_lyapunov(np.array([[0.5]]), np.array([[3.]]))
    array([[4.]])
    """
    return sylvester.solve_discrete_lyapunov(a, q, method)


@twin(linalg.det, "a")
def det(a: Any) -> Any:
    """det A, of square matrices; its gradient is right at singular ones too.

    >>> det(np.array([[2., 0.], [0., 3.]])) == 6
    np.True_
    """
    return ops.det(a)


@twin(linalg.pinv, "a")
def pinv(a: Any, atol: float | None = None, rtol: float | None = None, return_rank: bool = False) -> Any:
    """The pseudoinverse A⁺, in which singular values up to atol + rtol · (the largest) count as 0; its derivative keeps the rank.

    >>> pinv(np.array([[2., 0.], [0., 0.]]))
    array([[0.5, 0. ],
           [0. , 0. ]])
    """
    s = np.linalg.svd(plain(a), compute_uv=False)
    eps = float(np.finfo(s.dtype).eps)
    atol, rtol = 0.0 if atol is None else atol, max(a.shape[-2:]) * eps if rtol is None else rtol
    if atol < 0 or rtol < 0:
        raise ValueError(f"pinv: got atol={atol} and rtol={rtol}, wanted numbers that are not negative")
    largest = s.max(-1, initial=0)
    y = ops.pinv(a, rtol + atol / np.where(largest > 0, largest, 1) if atol else rtol)
    return (y, np.count_nonzero(s > atol + rtol * largest[..., None], axis=-1)) if return_rank else y


@twin(linalg.pinvh, "a")
def pinvh(
    a: Any, atol: float | None = None, rtol: float | None = None, lower: bool = True, return_rank: bool = False
) -> Any:  # fmt: skip
    """The pseudoinverse of Hermitian matrices, of which the lower triangle is read, or without `lower` the upper one.

    >>> pinvh(np.array([[2., 0.], [0., 0.]]))
    array([[0.5, 0. ],
           [0. , 0. ]])
    """
    return pinv(_as_read("pinvh", a, "hermitian", lower), atol=atol, rtol=rtol, return_rank=return_rank)


@twin(linalg.lstsq, "a", "b")
def lstsq(a: Any, b: Any, cond: float | None = None, lapack_driver: str | None = None) -> Any:
    """The y of least length with |A y − b|² least, that least value for each column of b, the rank of A, and its singular values.

    The rank is a plain number; as in SciPy, there are no least values unless A is tall and of full rank, and by the driver "gelsy" there
    are neither these nor the singular values.

    >>> lstsq(np.array([[1.], [1.]]), np.array([1., 3.]))[0].round(12)
    array([2.])
    """
    if a.ndim != 2:
        raise ValueError(f"lstsq: got a of shape {a.shape}, wanted one matrix (m, n)")
    y, rest, rank, s = nplinalg.lstsq(a, b, -1 if cond is None else cond)
    rank = rank if isinstance(rank, Traced) else int(rank)
    if lapack_driver == "gelsy":
        return y, np.zeros(0, rest.dtype), rank, None
    return y, rest[0] if b.ndim == 1 and rest.size else rest, rank, s


@twin(linalg.norm, "a")
def norm(a: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    """The norm of vectors (along one axis) or matrices (over two); `ord` is as in `autograd.numpy.linalg.norm`.

    >>> float(norm(np.array([3., 4.])))
    5.0
    """
    return nplinalg.norm(a, ord, axis, keepdims)
