"""The QR decomposition."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...op import call, general
from ..complex import conj
from ..elementwise import where
from ..shape import concatenate
from .solve import solve
from .spectral import adjoint

__all__ = ["qr"]

_A = np.array([[4.0, 1.0, -1.0], [0.5, 3.0, 1.0], [-1.0, 0.7, 5.0], [1.0, 2.0, -1.0]])


def _rule(g: Any, x: Any, y: Any) -> Any:
    (Q, R), (g_Q, g_R) = y, g
    k, n = R.shape[-2:]
    if n > k:  # the first columns make Q; the others are Q R too, and so R there is Qᴴ X
        g_rest = g_R[..., k:]
        g_Q = g_Q + conj(x[..., k:] @ g_rest.mT)
        R, g_R = R[..., :k], g_R[..., :k]
    E = g_R @ R.mT - Q.mT @ g_Q
    E = where(np.eye(k, dtype=bool), E / 2, where(np.tri(k, k=-1, dtype=bool), 0, E))
    g_X = solve(R, (g_Q + conj(Q) @ (E + adjoint(E))).mT).mT
    return concatenate((g_X, conj(Q) @ g_rest), -1) if n > k else g_X


@general(
    _rule,
    tex=r"\mathrm{{qr}}\, {x}",
    samples=[
        call(_A), call(_A[:3]), call(_A.T), call(_A[:1, :1]), call(np.stack([_A, _A[::-1]])), call(_A[:2]), call(_A[:3], mode="complete"),
        call((0, 3, 2)),
    ],
)  # fmt: skip
def qr(x: Any, /, mode: str = "reduced") -> Any:
    """Q with orthonormal columns and the upper triangular R with Q R = X, whose first columns are independent.

    With B = dX R⁻¹: dR = T R and dQ = B − Q T, where T is the upper triangle of QᴴB + (QᴴB)ᴴ with half of its diagonal, which keeps the
    diagonal of R real as LAPACK has it (Walter & Lehmann 2012; for complex X Wan & Zhang 2019).  Mode "complete" is the same unless X is
    tall: the columns that are then added to Q are any basis of what is left, and have no derivative.

    >>> Q, R = qr(np.array([[3., 1.], [4., 1.], [0., 1.]]))
    >>> (Q @ R).round(3), (Q.T @ Q).round(3) + 0.0
    (array([[3., 1.],
           [4., 1.],
           [0., 1.]]), array([[1., 0.],
           [0., 1.]]))
    """
    if mode not in ("reduced", "complete"):
        raise ValueError(f"got mode {mode!r}, wanted 'reduced' or 'complete'")
    if mode == "complete" and np.shape(x)[-2] > np.shape(x)[-1]:
        raise ValueError("the columns that mode 'complete' adds to Q are any basis of what is left; use 'reduced'")
    Q, R = np.linalg.qr(x, mode)
    return Q, R
