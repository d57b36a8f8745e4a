"""Eigenvalues and eigenvectors of square matrices of any kind."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...op import call, general
from ..arithmetic import absolute
from ..broadcast import sum as sum_
from ..compare import argmax
from ..complex import conj, imag, is_complex, real
from .solve import solve
from .spectral import equal_pairs, on_diagonal, over_gaps, phase_part, tell

__all__ = ["eig"]

_REAL = np.array([[2.0, 0.6, 0.9], [0.5, -1.0, 0.4], [-0.3, 0.7, 4.0]])
_COMPLEX = np.array([[0.0, -2.0, 0.3], [1.0, 0.5, 0.0], [0.2, 0.1, 3.0]])


def _rule(g: Any, y: Any) -> Any:
    (values, V), (g_values, g_V) = y, g
    along = sum_(g_V * V, axis=-2, keepdims=True)
    if is_complex(V) and V.size:
        held = np.arange(V.shape[-1])[:, None] == argmax(absolute(V), -2, keepdims=True)
        g_V = g_V - phase_part(imag(along), V, held)
    g_V = g_V - conj(V) * real(along)  # which would change the length
    turn = V.mT @ g_V
    tell("eig", turn, equal_pairs(values))
    return solve(V.mT, on_diagonal(g_values, over_gaps(turn, values)) @ V.mT)


@general(
    _rule,
    tex=r"\mathrm{{eig}}\, {x}",
    samples=[call(_REAL), call(_COMPLEX), call(_REAL[:1, :1]), call(np.stack([_REAL, _REAL.T])), call(np.zeros((0, 2, 2)))],
)
def eig(x: Any, /) -> Any:
    """The eigenvalues λ and the eigenvectors V, as columns of length 1, of square matrices; complex where they are not all real.

    With P = V⁻¹ dX V: dλ = diag P and dV = V (F ∘ P), Fᵢⱼ = 1/(λⱼ − λᵢ), less what changes the length of a vector, or the phase of its
    largest component, which LAPACK makes real (Giles 2008, 3.1; Boeddeker et al. 2017).  Where two eigenvalues are equal but for rounding,
    Fᵢⱼ counts as 0, as in `eigh`; a matrix without a basis of eigenvectors has no derivative.

    >>> eig(np.array([[2., 0.], [0., 1.]]))
    (array([2., 1.]), array([[1., 0.],
           [0., 1.]]))
    """
    values, vectors = np.linalg.eig(x)
    return values, vectors
