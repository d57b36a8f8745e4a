"""Matrix equations that are linear in the matrix sought: those of Sylvester and Lyapunov."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import linalg

from ...op import call, general
from ...ops.broadcast import unbroadcast
from ...ops.complex import conj
from ...ops.linalg.spectral import adjoint

__all__ = ["solve_discrete_lyapunov", "solve_sylvester"]

_A = np.array([[4.0, 1.0, -1.0], [0.5, 3.0, 1.0], [-1.0, 0.7, 5.0]])
_TURN = np.array([[1.0, -2.0], [2.0, 1.5]])


def _back(g: Any, a: Any, b: Any) -> Any:
    return solve_sylvester(a.mT, b.mT, g)


@general(
    lambda g, a, b, y, in_shape: unbroadcast(-(_back(g, a, b) @ y.mT), in_shape),
    lambda g, a, b, y, in_shape: unbroadcast(-(y.mT @ _back(g, a, b)), in_shape),
    lambda g, a, b, in_shape: unbroadcast(_back(g, a, b), in_shape),
    samples=[
        call(_A, _TURN, (3, 2)), call(_TURN, _TURN, (2, 2)), call(_A[:1, :1], _TURN, (1, 2)),
        call(np.stack([_A, _A.T]), _TURN, (3, 2)), call(_A, np.stack([_TURN, _TURN.T]), (2, 3, 2)),
    ],
)  # fmt: skip
def solve_sylvester(a: Any, b: Any, q: Any, /) -> Any:
    """Y with A Y + Y B = Q.  ∂L/∂Q = H with Aᵀ H + H Bᵀ = g, ∂L/∂A = −H Yᵀ, ∂L/∂B = −Yᵀ H (Kao & Hennequin 2020).

    There is one solution if no eigenvalue of A is minus one of B; else, to rounding, LinAlgError: SciPy gives huge numbers.

    >>> solve_sylvester(np.array([[1.]]), np.array([[3.]]), np.array([[8.]]))
    array([[2.]])
    """
    y = linalg.solve_sylvester(*_alike(a, b, q))
    size_a, size_b, size_y, size_q = (np.max(np.abs(x), axis=(-2, -1), initial=0) for x in (a, b, y, q))
    lost = (size_a + size_b) * np.finfo(y.dtype).eps
    if np.any((size_y * lost > size_q) | ((lost == 0) & (size_q > 0))):
        raise np.linalg.LinAlgError("an eigenvalue of A is minus one of B, so that A Y + Y B = Q has no one solution")
    return y


def _from_discrete(g: Any, a: Any, y: Any, in_shape: Any, method: str | None) -> Any:
    H = solve_discrete_lyapunov(a.mT, g, method)
    return unbroadcast(H @ conj(a) @ y.mT + adjoint(H) @ conj(a) @ conj(y), in_shape)


@general(
    _from_discrete,
    lambda g, a, in_shape, method: unbroadcast(solve_discrete_lyapunov(a.mT, g, method), in_shape),
    samples=[
        call(_A / 8, (3, 3)), call(_TURN / 4, (2, 2), "bilinear"), call(_TURN, (2, 2), "direct"), call(_A[:1, :1], (1, 1)),
        call(np.stack([_TURN, _TURN.T]), (2, 2)), call(_TURN, (3, 2, 2)),
    ],
)  # fmt: skip
def solve_discrete_lyapunov(a: Any, q: Any, /, method: str | None = None) -> Any:
    """Y with A Y Aᴴ − Y + Q = 0, by SciPy's `method`.  ∂L/∂Q = H with Aᵀ H Ā − H + g = 0; ∂L/∂A = H Ā Yᵀ + Hᴴ Ā Ȳ.

    >>> solve_discrete_lyapunov(np.array([[0.5]]), np.array([[3.]]))
    array([[4.]])
    """
    return linalg.solve_discrete_lyapunov(*_alike(a, q), method)


def _alike(*arrays: Any) -> list[Any]:
    """The arrays in one dtype: for a complex Q with real matrices, SciPy up to 1.17 gives what is no solution."""
    dtype = np.result_type(*arrays)
    return [a.astype(dtype, copy=False) for a in arrays]
