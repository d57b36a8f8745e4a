"""Equations with a triangular matrix."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import linalg

from ...op import call, general
from ...ops.broadcast import unbroadcast
from ...ops.complex import conj
from ...ops.elementwise import where
from ...ops.linalg.spectral import column

__all__ = ["TRANSPOSED", "solve_triangular"]

TRANSPOSED = {0: 0, 1: 1, 2: 2, "N": 0, "T": 1, "C": 2}
"""The names of A, Aᵀ, Aᴴ."""


def _back(g: Any, a: Any, trans: Any, lower: bool, unit_diagonal: bool) -> Any:
    """T⁻ᵀ g, where T is A, Aᵀ or Aᴴ."""
    if TRANSPOSED[trans] == 2:
        return conj(solve_triangular(a, conj(g), 0, lower, unit_diagonal))
    return solve_triangular(a, g, 1 - TRANSPOSED[trans], lower, unit_diagonal)


def _to_matrix(
    g: Any, a: Any, y: Any, in_shape: Any, in_shapes: Any, trans: Any, lower: bool, unit_diagonal: bool
) -> Any:  # fmt: skip
    h = _back(g, a, trans, lower, unit_diagonal)
    if len(in_shapes[1]) == 1:
        h, y = column(h), column(y)
    G = -(h @ y.mT) if TRANSPOSED[trans] == 0 else -(y @ h.mT) if TRANSPOSED[trans] == 1 else -conj(y @ h.mT)
    read = np.tri(in_shape[-1], k=-1 if unit_diagonal else 0, dtype=bool)
    return unbroadcast(where(read if lower else read.T, G, 0), in_shape)


# What is not read is huge, so that reading it would show.
_A = np.array([[4.0, 1e3, -1e3], [0.5, 3.0, 1e3], [-1.0, 0.7, 5.0]])


@general(
    _to_matrix,
    lambda g, a, in_shape, trans, lower, unit_diagonal: unbroadcast(_back(g, a, trans, lower, unit_diagonal), in_shape),
    tex="{a}^{{-1}} {b}",
    samples=[
        call(_A, (3,), lower=True), call(_A.T, (3, 2)), call(_A, (3, 2), 1, lower=True), call(_A.T, (3,), "C"), call(_A[:1, :1], (1,)),
        call(_A, (3, 2), 2, True, unit_diagonal=True), call(np.stack([_A, _A[::-1, ::-1].T]), (3, 2), lower=True),
        call(_A.T, (2, 3, 2), "T", unit_diagonal=True), call(_A, (3, 0), lower=True),
    ],
)  # fmt: skip
def solve_triangular(a: Any, b: Any, /, trans: Any = 0, lower: bool = False, unit_diagonal: bool = False) -> Any:
    """y with T y = b, of the upper (or `lower`) triangle T of A (its transpose for `trans` 1 or "T", its adjoint for 2 or "C").

    ∂L/∂b = h = T⁻ᵀ g and ∂L/∂T = −h yᵀ (Giles 2008, 2.3.1); what is not read, the other triangle, or a `unit_diagonal`, gets 0.

    >>> solve_triangular(np.array([[2., 9.], [1., 4.]]), np.array([2., 5.]), lower=True)
    array([1., 1.])
    """
    if trans not in TRANSPOSED:
        raise ValueError(f"got trans={trans!r}, wanted 0, 1, 2 or 'N', 'T', 'C'")
    return linalg.solve_triangular(a, b, TRANSPOSED[trans], lower, unit_diagonal, check_finite=False)
