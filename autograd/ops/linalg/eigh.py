"""Eigenvalues and eigenvectors of Hermitian matrices."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...op import call, general
from ..broadcast import sum as sum_
from ..complex import conj, imag, is_complex
from .spectral import adjoint, equal_pairs, in_triangle, on_diagonal, over_gaps, phase_part, tell

__all__ = ["eigh"]

_A = np.array([[2.0, 9.0, 9.0], [0.5, -1.0, 9.0], [-1.0, 0.7, 4.0]])  # one triangle is read


def _rule(g: Any, y: Any, UPLO: str) -> Any:
    (values, V), (g_values, g_V) = y, g
    lower = UPLO.upper() == "L"
    if is_complex(V):
        held = np.arange(V.shape[-1])[:, None] == (0 if lower else V.shape[-1] - 1)
        g_V = g_V - phase_part(imag(sum_(g_V * V, axis=-2, keepdims=True)), V, held)
    turn = V.mT @ g_V
    tell("eigh", turn, equal_pairs(values))
    inner = on_diagonal(g_values, over_gaps(turn - adjoint(turn), values) / 2)
    return in_triangle(conj(V) @ inner @ V.mT, lower)


@general(
    _rule,
    tex=r"\mathrm{{eigh}}\, {x}",
    samples=[call(_A), call(_A.T, "U"), call(_A[:1, :1]), call(np.stack([_A, _A[::-1, ::-1].T])), call((2, 2)), call((0, 2, 2))],
)
def eigh(x: Any, /, UPLO: str = "L") -> Any:
    """The eigenvalues λ, ascending, and the orthonormal eigenvectors V, as columns, of Hermitian matrices.

    NumPy reads one triangle of X ("L" or "U"), so that one has the derivative, and the other gets 0.  With P = Vᴴ dX V: dλ = diag P and
    dV = V (F ∘ P), Fᵢⱼ = 1/(λⱼ − λᵢ) (Giles 2008, 3.1).  Where two eigenvalues are equal but for rounding, Fᵢⱼ counts as 0.  That is right
    for λ, and for projections on the space of all their vectors, but for no single vector, nor for V h(λ) Vᴴ, which would need h′(λ): a
    warning says so in reverse mode.  Second derivatives at equal eigenvalues are of that kind.
    Complex vectors have the phases of LAPACK, which makes their first component real (for "U", the last), also in the derivative.

    >>> eigh(np.array([[2., 0.], [0., 1.]]))
    (array([1., 2.]), array([[0., 1.],
           [1., 0.]]))
    """
    values, vectors = np.linalg.eigh(x, UPLO)
    return values, vectors
