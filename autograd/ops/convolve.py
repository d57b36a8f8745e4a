"""Convolution of two rows of values."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..op import call, multilinear
from .index import add_at

__all__ = ["convolve"]


def _adjoint(g: Any, other: Any, in_shape: tuple[int, ...], mode: str) -> Any:
    """g, in its place in the full convolution, over all of the other row, which is turned round."""
    if mode != "full":
        short = min(in_shape[0], other.shape[0])
        start = short - 1 if mode == "valid" else (short - 1) // 2
        g = add_at(g, slice(start, start + g.shape[0]), (in_shape[0] + other.shape[0] - 1,))
    return convolve(g, other[::-1], "valid")


@multilinear(
    lambda g, v, in_shape, mode: _adjoint(g, v, in_shape, mode),
    lambda g, a, in_shape, mode: _adjoint(g, a, in_shape, mode),
    tex="{a} * {v}",
    samples=[call(m, n, mode) for mode in ("full", "same", "valid") for m, n in (((5,), (3,)), ((4,), (4,)), ((2,), (5,)), ((1,), (3,)))],
)
def convolve(a: Any, v: Any, /, mode: str = "full") -> Any:
    """yₖ = Σᵢ aᵢ vₖ₋ᵢ; of these "same" keeps the middle ones, as many as the longer row has, "valid" those for which no value is missing.

    >>> convolve(np.array([1., 2., 3.]), np.array([1., 10.]))
    array([ 1., 12., 23., 30.])
    """
    if a.ndim != 1 or v.ndim != 1:
        raise ValueError("wanted two rows of values")
    return np.convolve(a, v, mode)
