"""The polar decomposition."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import linalg

from ...op import call, general
from ...ops.complex import conj
from ...ops.linalg.solve import solve
from ...ops.linalg.spectral import adjoint
from .sylvester import solve_sylvester

__all__ = ["polar"]

_A = np.array([[4.0, 1.0, -1.0], [0.5, 2.0, 1.0], [-1.0, 0.7, 6.0], [1.0, 2.0, -1.0]])
_TURN = np.array([[1.0, -2.0, 0.0], [2.0, 1.0, 0.0], [0.0, 0.0, 3.0]])


def _rule(g: Any, y: Any) -> Any:
    (U, P), (g_U, g_P) = y, g
    m, n = U.shape[-2:]
    turn = U.mT @ g_U
    H = solve_sylvester(P.mT, P.mT, turn - g_P @ P.mT)
    G = conj(U) @ (H - adjoint(H) + g_P)
    return G + solve(P, (g_U - conj(U) @ turn).mT).mT if m > n else G


@general(_rule, samples=[call(_A), call(_A[:3]), call(_TURN), call(np.stack([_A, _A[::-1]])), call(_A[:1, :1])])
def polar(x: Any, /) -> Any:
    """U with orthonormal columns and a positive definite P with U P = X, of square or tall matrices of full rank.

    With the Ω for which Ω P + P Ω = Uᴴ dX − dXᴴ U: dP = Uᴴ dX − Ω P and dU = U Ω + (1 − U Uᴴ) dX P⁻¹ (Higham 2008, 8.2).  No differences
    of singular values divide, so that equal ones are as good as others.

    >>> U, P = polar(np.array([[0., -2.], [3., 0.]]))
    >>> U.round(12) + 0., P.round(12)
    (array([[ 0., -1.],
           [ 1.,  0.]]), array([[3., 0.],
           [0., 2.]]))
    """
    U, P = linalg.polar(x)
    return U, P
