"""Hypergeometric functions, differentiated in their argument; their parameters are constants.  Rules: DLMF 13.3.15, 15.5.1, 16.3.1."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...op import call
from .orders import of_order
from .promotion import special

__all__ = ["hyp0f1", "hyp1f1", "hyp2f1"]


@of_order(None, lambda v, z: hyp0f1(v + 1, z) / v, tex="{{}}_0F_1(;{v};{z})", domain=[(0.5, 3)])
def hyp0f1(v: Any, z: Any, /) -> Any:
    """y = ₀F₁(; v; z) = Σ zᵏ / ((v)ₖ k!).  ∂y/∂z = ₀F₁(; v+1; z)/v.

    >>> hyp0f1(0.5, 0.0)
    np.float64(1.0)
    """
    return special.hyp0f1(v, z)


@of_order(None, None, lambda a, b, x: a / b * hyp1f1(a + 1, b + 1, x), tex="{{}}_1F_1({a};{b};{x})", domain=[(0.5, 3), (0.5, 3)])
def hyp1f1(a: Any, b: Any, x: Any, /) -> Any:
    """y = ₁F₁(a; b; x) = Σ (a)ₖ xᵏ / ((b)ₖ k!).  ∂y/∂x = a/b · ₁F₁(a+1; b+1; x).

    >>> hyp1f1(1.0, 1.0, 0.0)
    np.float64(1.0)
    """
    return special.hyp1f1(a, b, x)


@of_order(
    None,
    None,
    None,
    lambda a, b, c, z: a * b / c * hyp2f1(a + 1, b + 1, c + 1, z),
    tex="{{}}_2F_1({a},{b};{c};{z})",
    domain=[(0, 1), (0, 1), (0, 1), (-2, 0.8)],
    samples=[call(0.5, np.array([1.0, 1.5, 2.0]), 2.0, (2, 3)), call(0.5, 0.5, 1.0, (3,)), call(2, 3, 4.5, ())],
)
def hyp2f1(a: Any, b: Any, c: Any, z: Any, /) -> Any:
    """y = ₂F₁(a, b; c; z) = Σ (a)ₖ (b)ₖ zᵏ / ((c)ₖ k!), continued.  ∂y/∂z = ab/c · ₂F₁(a+1, b+1; c+1; z).

    >>> hyp2f1(1.0, 2.0, 2.0, 0.5)
    np.float64(2.0)
    """
    return special.hyp2f1(a, b, c, z)
