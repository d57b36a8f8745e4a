"""The singular value decomposition."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...op import call, general
from ..broadcast import sum as sum_
from ..complex import conj, imag, is_complex
from ..elementwise import quotient, where
from .spectral import adjoint, as_one, column, divided, equal_pairs, on_diagonal, over_gaps, phase_part, row, tell

__all__ = ["svd"]

_A = np.array([[4.0, 1.0, -1.0], [0.5, 2.0, 1.0], [-1.0, 0.7, 6.0], [1.0, 2.0, -1.0]])


def _rule(g: Any, y: Any) -> Any:
    (U, s, Vh), (g_U, g_s, g_Vh) = y, g
    V, g_V = adjoint(Vh), adjoint(g_Vh)
    m, n, k = U.shape[-2], V.shape[-2], s.shape[-1]
    if is_complex(U):
        turn = imag(sum_(g_U * U, axis=-2, keepdims=True) + sum_(g_V * V, axis=-2, keepdims=True))
        if m < n:
            g_U = g_U - phase_part(turn, U, np.arange(m)[:, None] == 0)
        else:
            g_V = g_V - phase_part(turn, V, np.arange(n)[:, None] == 0)
    turn_U, turn_V = U.mT @ g_U, V.mT @ g_V
    tell("svd", turn_U, equal_pairs(s))
    tell("svd", turn_V, equal_pairs(s))
    sums = row(s) + column(s)
    X = quotient(over_gaps(turn_U - adjoint(turn_U), s), sums)
    Y = quotient(over_gaps(turn_V - adjoint(turn_V), s), sums)
    inner = on_diagonal(where(s > 0, g_s, 0), X * row(s) + column(s) * Y)
    if is_complex(U):
        inner = inner + where(np.eye(k, dtype=bool), divided(1j * imag(turn_U), row(s), s), 0)
    left = conj(U) @ inner
    if m > k:
        left = left + _over(g_U - conj(U) @ turn_U, s)
    if n > k:
        return left @ V.mT + conj(U) @ adjoint(_over(g_V - conj(V) @ turn_V, s))
    return left @ V.mT


def _over(g: Any, s: Any) -> Any:
    """g Σ⁻¹, and 0 where σ is 0, but for rounding."""
    tell("svd", g, as_one(row(s), s))
    return divided(g, row(s), s)


@general(
    _rule,
    tex=r"\mathrm{{svd}}\, {x}",
    samples=[
        call(_A, full_matrices=False), call(_A.T, full_matrices=False), call(_A[:3]), call(_A[:1, :1]), call(_A[:1], full_matrices=False),
        call(np.stack([_A, _A[::-1]]), full_matrices=False), call((0, 3, 2), full_matrices=False),
    ],
)  # fmt: skip
def svd(x: Any, /, full_matrices: bool = True) -> Any:
    """U, the singular values σ, descending, and Vᴴ, with X = U diag(σ) Vᴴ.

    With P = Uᴴ dX V: dσ = Re diag P, and F ∘ (P Σ + Σ Pᴴ), Fᵢⱼ = 1/(σⱼ² − σᵢ²), turns U within its space (Townsend 2016; for complex X
    Wan & Zhang 2019).  Where two singular values are equal but for rounding, Fᵢⱼ counts as 0, with the consequences that `eigh` has
    at equal eigenvalues, and so does 1/σ at σ = 0, where dσ is 0 too.
    Complex vectors have the phases of LAPACK, which makes the first component of those of V real (for a wide X, of U), also in the
    derivative.  The columns that `full_matrices` adds where X is not square are any basis of what is left, and are refused.

    >>> U, s, Vh = svd(np.array([[0., 2.], [1., 0.]]))
    >>> s, U * s @ Vh
    (array([2., 1.]), array([[0., 2.],
           [1., 0.]]))
    """
    m, n = np.shape(x)[-2:]
    if full_matrices and m != n:
        raise ValueError("the vectors that full_matrices=True adds are any basis of what is left; use full_matrices=False")
    u, s, vh = np.linalg.svd(x, full_matrices=False)
    return u, s, vh
