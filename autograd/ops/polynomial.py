"""What polynomials are zero at."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..op import call, general

__all__ = ["roots"]


def _moved(g: Any, p: Any, y: Any) -> Any:
    n = p.shape[0] - 1
    falling = np.arange(n, -1, -1, np.finfo(p.dtype).dtype)
    powers = y[:, None] ** falling
    return -(g / (powers[:, 1:] @ (p[:-1] * falling[:-1]))) @ powers


@general(
    _moved,
    tex=r"\mathrm{{roots}}\, {p}",
    samples=[call(np.array([0.7, -1.05, -3.85, 2.1])), call(np.array([1.0, 0.3, 2.0, -1.0])), call(np.array([2.0, 3.0])), call((1,))],
)
def roots(p: Any, /) -> Any:
    """The zeros y of Σ pₖ x^{n−k}; complex where they are not all real.  ∂y/∂pₖ = −y^{n−k}/p′(y), infinite for a multiple one.

    >>> roots(np.array([1., -3., 2.]))
    array([2., 1.])
    """
    return np.roots(p)
