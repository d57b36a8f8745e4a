"""Norms of vectors."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...op import call, general
from ..arithmetic import absolute
from ..broadcast import restore_axes
from ..compare import sign
from ..complex import conj, is_complex
from ..elementwise import quotient, where

__all__ = ["vector_norm"]


def _rule(g: Any, x: Any, y: Any, axis: Any, keepdims: bool, ord: float) -> Any:
    g, y = restore_axes(g, x.shape, axis, keepdims), restore_axes(y, x.shape, axis, keepdims)
    size = absolute(x)
    ratio = where(x == 0, 0, where(x == 0, 1, quotient(size, y)) ** (ord - 1))
    return g * ratio * (quotient(conj(x), size) if is_complex(x) else sign(x))


@general(
    _rule,
    tex=r"\left\|{x}\right\|",
    samples=[
        call((3,), ord=3), call((2, 3), ord=1.5), call((2, 3), axis=0, ord=4), call((2, 3, 2), axis=(0, -1), keepdims=True, ord=0.5),
        call((3,), ord=-2), call((0, 3), axis=-1, ord=3), call((3,), ord=1), call((3,)),
    ],
    kinks=[((0.0,), (0.0,))],
)  # fmt: skip
def vector_norm(x: Any, /, *, axis: Any = None, keepdims: bool = False, ord: float = 2) -> Any:
    """y = (Σ |x|ᵖ)^{1/p} over `axis`, with a finite p ≠ 0, `ord`.  ∂y/∂xᵢ = sgn(xᵢ) (|xᵢ|/y)ᵖ⁻¹; 0 where xᵢ = 0.

    >>> vector_norm(np.array([3., -3.]), ord=3).round(3)
    np.float64(3.78)
    """
    return np.linalg.vector_norm(x, axis=axis, keepdims=keepdims, ord=ord)
