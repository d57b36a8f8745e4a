"""The Cholesky decomposition."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...op import call, general
from ..elementwise import where
from .solve import solve
from .spectral import adjoint, in_triangle

__all__ = ["cholesky"]

# Positive definite, whatever the imaginary parts that a test adds.
_A = np.array([[20.0, 2.0, -1.0], [2.0, 30.0, 3.0], [-1.0, 3.0, 25.0]])


def _rule(g: Any, y: Any, upper: bool) -> Any:
    L, g = (adjoint(y), adjoint(g)) if upper else (y, g)
    n = L.shape[-1]
    P = L.mT @ g
    P = where(np.eye(n, dtype=bool), P / 2, where(np.tri(n, dtype=bool), P, 0))
    return in_triangle(solve(adjoint(L), solve(L.mT, P).mT).mT, lower=not upper)


@general(
    _rule,
    tex=r"\mathrm{{chol}}\, {x}",
    samples=[call(_A), call(_A, upper=True), call(np.stack([_A, _A[::-1, ::-1]])), call(_A[:1, :1]), call(np.zeros((0, 2, 2)))],
)
def cholesky(x: Any, /, *, upper: bool = False) -> Any:
    """The lower triangular L with L Lᴴ = X and a positive diagonal, of Hermitian positive definite matrices; with `upper`, Lᴴ.

    NumPy reads the lower triangle of X (with `upper`, the upper one), so that one has the derivative, and the other gets 0.
    ∂L/∂X = L⁻ᵀ Φ(Lᵀ g) L̄⁻¹ folded into it, where Φ takes the lower triangle and half of the diagonal (Murray 2016, 3.1).

    >>> cholesky(np.array([[4., 2.], [2., 5.]]))
    array([[2., 0.],
           [1., 2.]])
    """
    return np.linalg.cholesky(x, upper=upper)
