"""The pseudoinverse."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...op import call, general
from ..complex import conj
from ..elementwise import quotient, where
from .spectral import adjoint, as_one, column, row
from .svd import svd

__all__ = ["pinv"]

_A = np.array([[4.0, 1.0, -1.0], [0.5, 2.0, 1.0], [-1.0, 0.7, 6.0], [1.0, 2.0, -1.0]])


def _rule(g: Any, x: Any, y: Any, rcond: Any) -> Any:
    inner = g.mT @ (y @ adjoint(y))
    outer = (adjoint(y) @ y) @ g.mT
    return conj(inner - x @ (y @ inner) + outer - (outer @ y) @ x) - y.mT @ g @ y.mT + _cut_part(g, x, rcond)


def _cut_part(g: Any, x: Any, rcond: Any) -> Any:
    """What is to be added where singular values σᵢ that are not 0 count as 0: with other σⱼ they turn the space that is kept.

    For each such pair, in the frame of the singular vectors, E = Uᴴ dX V and G = Pᴴ:  dGᵢⱼ = (σⱼ Eᵢⱼ + σᵢ Ēⱼᵢ) / (σⱼ (σⱼ² − σᵢ²)).
    """
    U, s, Vh = svd(x, full_matrices=False)
    kept = s > np.asarray(1e-15 if rcond is None else rcond)[..., None] * s[..., :1]
    ratio = quotient(column(s), row(s))
    c = where(column(~kept) & ~as_one(column(s), s) & row(kept), quotient(ratio, (row(s) - column(s)) * (row(s) + column(s))), 0)
    w = c * ratio
    M = U.mT @ adjoint(g) @ Vh.mT
    return conj(U) @ ((w + w.mT) * M + (c + c.mT) * adjoint(M)) @ conj(Vh)


@general(
    _rule,
    tex="{x}^+",
    samples=[
        call(_A), call(_A.T), call(_A[:3]), call(np.stack([_A, _A[::-1]])), call(_A[:1]), call((0, 3, 2)), call(_A, 0.5),
        call(np.stack([_A[:3], _A[1:]]), np.array([1e-9, 0.4])),
    ],
)  # fmt: skip
def pinv(x: Any, /, rcond: Any = None) -> Any:
    """The pseudoinverse P = X⁺, in which singular values up to `rcond` times the largest count as 0.

    dP = −P dX P + P Pᴴ dXᴴ (1 − X P) + (1 − P X) dXᴴ Pᴴ P (Golub & Pereyra 1973, 4.12), where what counts as 0 is 0, and stays so; else
    there is more, with singular vectors, whose derivatives (those of `svd`) the second derivative then takes.

    >>> pinv(np.array([[2., 0.], [0., 0.]]))
    array([[0.5, 0. ],
           [0. , 0. ]])
    """
    return np.linalg.pinv(x, rcond)
