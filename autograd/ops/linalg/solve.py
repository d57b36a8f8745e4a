"""Linear equations, and the inverse of a matrix."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...op import call, general
from ..broadcast import unbroadcast
from .spectral import column, row

__all__ = ["inv", "solve"]

# Diagonally dominant where the sample is random: no value is far from the others.
_A = np.array([[4.0, 1.0, -1.0], [0.5, 3.0, 1.0], [-1.0, 0.7, 5.0]])


@general(lambda g, y: -(y.mT @ g @ y.mT), tex="{x}^{{-1}}", samples=[call(_A), call((2, 2)), call((1, 1)), call(np.stack([_A, _A.T + 1]))])
def inv(x: Any, /) -> Any:
    """Y = X⁻¹, of square matrices.  dY = −Y dX Y, so ∂L/∂X = −Yᵀ g Yᵀ (Giles 2008, 2.2.3).

    >>> inv(np.array([[2., 0.], [0., 4.]]))
    array([[0.5 , 0.  ],
           [0.  , 0.25]])
    """
    return np.linalg.inv(x)


def _back(g: Any, a: Any, b_shape: tuple[int, ...]) -> Any:
    """A⁻ᵀ g, as matrices."""
    return solve(a.mT, column(g) if len(b_shape) == 1 else g)


@general(
    lambda g, a, y, in_shape, in_shapes: unbroadcast(
        -(_back(g, a, in_shapes[1]) @ (row(y) if len(in_shapes[1]) == 1 else y.mT)), in_shape
    ),
    lambda g, a, in_shape: unbroadcast(_back(g, a, in_shape)[..., 0] if len(in_shape) == 1 else _back(g, a, in_shape), in_shape),
    tex="{a}^{{-1}} {b}",
    samples=[
        call(_A, (3,)), call(_A, (3, 2)), call(np.stack([_A, _A.T]), (3,)), call(np.stack([_A, _A.T]), (2, 3, 1)),
        call(_A, (2, 3, 2)), call(np.stack([_A, _A.T]), (3, 2)), call(_A[:1, :1], (1,)),
    ],
)  # fmt: skip
def solve(a: Any, b: Any, /) -> Any:
    """y with A y = b, where b is one column (n,) or has columns (…, n, k).  ∂L/∂b = A⁻ᵀ g, ∂L/∂A = −(∂L/∂b) yᵀ (Giles 2008, 2.3.1).

    >>> solve(np.array([[2., 0.], [0., 4.]]), np.array([2., 2.]))
    array([1. , 0.5])
    """
    return np.linalg.solve(a, b)
