"""Equations with a banded matrix, of which only the diagonals that are not 0 are kept, as rows: ab[u + i − j, j] = A[i, j]."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import linalg

from ...op import call, general
from ...ops.broadcast import sum as sum_
from ...ops.broadcast import unbroadcast
from ...ops.complex import conj, is_complex, real
from ...ops.elementwise import where
from ...ops.index import getitem
from ...ops.linalg.spectral import column

__all__ = ["solve_banded", "solveh_banded"]

_BAND = np.array([[1e3, 1.0, -1.0, 0.5], [4.0, 5.0, 6.0, 7.0], [0.5, -1.0, 0.7, 1e3], [-0.4, 0.3, 1e3, 1e3]])
_UPPER = np.array([[1e3, 1e3, 0.3, -0.4], [1e3, 1.0, -1.0, 0.5], [4.0, 5.0, 6.0, 7.0]])


def _rows(n: int, lower: int, upper: int) -> tuple[Any, Any]:
    """For each place of a band, the row i of the matrix, and whether there is such a row."""
    i = np.arange(-upper, lower + 1)[:, None] + np.arange(n)
    return np.clip(i, 0, max(n - 1, 0)), (i >= 0) & (i < n)


def _turned(ab: Any, lower: int, upper: int) -> Any:
    """The band of Aᵀ, which has `upper` diagonals below the main one, and `lower` above it."""
    columns, inside = _rows(ab.shape[-1], upper, lower)
    return where(inside, getitem(ab, (..., np.arange(lower + upper, -1, -1)[:, None], columns)), 0)


def _products(h: Any, y: Any, lower: int, upper: int, vectors: bool) -> Any:
    """Σ hᵢ yⱼ over the columns of h and y, at each place of the band."""
    h, y = (column(h), column(y)) if vectors else (h, y)
    i, inside = _rows(y.shape[-2], lower, upper)
    return where(inside, sum_(getitem(h, (..., i, slice(None))) * y[..., None, :, :], axis=-1), 0)


def _back(g: Any, ab: Any, l_and_u: tuple[int, int]) -> Any:
    lower, upper = l_and_u
    return solve_banded(_turned(ab, lower, upper), g, (upper, lower))


@general(
    lambda g, ab, y, in_shape, in_shapes, l_and_u: unbroadcast(
        -_products(_back(g, ab, l_and_u), y, l_and_u[0], l_and_u[1], len(in_shapes[1]) == 1), in_shape
    ),
    lambda g, ab, in_shape, l_and_u: unbroadcast(_back(g, ab, l_and_u), in_shape),
    domain=[(1, 9)],
    samples=[
        call(_BAND, (4,), (2, 1)), call(_BAND, (4, 2), (2, 1)), call(_BAND[1:2], (4,), (0, 0)), call(_BAND[:3], (4,), (1, 1)),
        call(_BAND[1:2, :1], (1, 2), (0, 0)), call(np.stack([_BAND[:3], 2 * _BAND[:3]]), (4, 2), (1, 1)), call(_BAND[:2], (4, 3), (0, 1)),
    ],
)  # fmt: skip
def solve_banded(ab: Any, b: Any, /, l_and_u: tuple[int, int]) -> Any:
    """y with A y = b, of the matrix A with this band, of l diagonals below the main one, and u above it.

    ∂L/∂b = h = A⁻ᵀ g, by the band of Aᵀ, and ∂L/∂A = −h yᵀ, at the places of the band; what of the rows is outside of A gets 0.

    >>> solve_banded(np.array([[0., 1.], [2., 4.]]), np.array([3., 4.]), (0, 1))
    array([1., 1.])
    """
    return linalg.solve_banded(l_and_u, ab, b, check_finite=False)


def _hermitian_back(g: Any, ab: Any, lower: bool) -> Any:
    return conj(solveh_banded(ab, conj(g), lower))


def _to_half(g: Any, ab: Any, y: Any, in_shape: Any, in_shapes: Any, lower: bool) -> Any:
    h, vectors, k = _hermitian_back(g, ab, lower), len(in_shapes[1]) == 1, in_shape[-2] - 1
    below, above = (k, 0) if lower else (0, k)
    both = _products(h, y, below, above, vectors) + conj(_products(y, h, below, above, vectors))
    main = np.arange(k + 1)[:, None] == above
    G = -where(main, both / 2, both)
    return unbroadcast(where(main, real(G), G) if is_complex(G) else G, in_shape)


@general(
    _to_half,
    lambda g, ab, in_shape, lower: unbroadcast(_hermitian_back(g, ab, lower), in_shape),
    samples=[
        call(_UPPER, (4,)), call(_BAND[1:], (4, 2), lower=True), call(_UPPER[2:], (4, 2)), call(_UPPER[2:, :1], (1,)),
        call(np.stack([_UPPER, 2 * _UPPER]), (4, 2)),
    ],
)  # fmt: skip
def solveh_banded(ab: Any, b: Any, /, lower: bool = False) -> Any:
    """y with A y = b, of the Hermitian positive definite A with these diagonals: the main one and those above it, or with `lower` below.

    With h = A⁻ᵀ g: ∂L/∂b = h, and a value beside the main diagonal, which stands for two, gets −(hᵢ yⱼ + h̄ⱼ ȳᵢ).

    >>> solveh_banded(np.array([[0., 1.], [2., 4.]]), np.array([3., 5.]))
    array([1., 1.])
    """
    if is_complex(ab):  # the main diagonal is real, whatever is there
        ab = np.where(np.arange(ab.shape[-2])[:, None] == (0 if lower else ab.shape[-2] - 1), ab.real, ab)
    return linalg.solveh_banded(ab, b, lower=lower, check_finite=False)
