"""Determinants, right at singular matrices too: nothing here divides by one."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...op import call, general
from ..broadcast import sum as sum_
from ..complex import imag, is_complex
from .solve import inv
from .spectral import row, spread

__all__ = ["cofactors", "det", "second_cofactors", "slogdet"]

_A = np.array([[2.0, 1.0, -1.0], [0.5, 3.0, 1.0], [-1.0, 0.7, 2.5]])
SAMPLES = [call(_A), call((1, 1)), call(np.stack([_A, np.eye(3)])), call((0, 2, 2))]


@general(lambda g, x: spread(g) * cofactors(x), tex=r"\det {x}", samples=SAMPLES)
def det(x: Any, /) -> Any:
    """y = det X, of square matrices.  ∂y/∂X are the cofactors of X, det X · X⁻ᵀ (Jacobi), finite at singular matrices too.

    >>> det(np.array([[1., 2.], [3., 4.]])).round(12)
    np.float64(-2.0)
    """
    return np.linalg.det(x)


def _in_frame(x: Any) -> tuple[Any, Any, Any, Any]:
    """Ū, σ, V̄ᴴ of the singular value decomposition X = U diag(σ) Vᴴ, and the phase det U · det Vᴴ; NaN, where X is not finite."""
    finite = np.isfinite(x).all((-2, -1), keepdims=True)
    u, s, vh = np.linalg.svd(np.where(finite, x, 0))  # which raises an error at a NaN, and at all matrices of a stack with one
    return np.conj(u), s, np.conj(vh), np.where(finite, spread(np.linalg.det(u) * np.linalg.det(vh)), np.nan)


def _other_product(s: Any) -> Any:
    """For each value, the product of the others along the last axis: of those before and those after it."""
    ones = np.ones_like(s[..., :1])
    before = np.cumprod(np.concatenate([ones, s], -1), -1)[..., :-1]
    after = np.cumprod(np.concatenate([ones, s[..., ::-1]], -1), -1)[..., -2::-1]
    return before * after


@general(lambda g, x: second_cofactors(x, g), tex=r"\mathrm{{cof}}\, {x}", samples=SAMPLES)
def cofactors(x: Any, /) -> Any:
    """Y[i, j] = ∂ det X / ∂X[i, j]: det X · X⁻ᵀ where that exists; in the frame of the singular values, Π_{k≠i} σₖ on the diagonal.

    >>> cofactors(np.array([[1., 2.], [3., 6.]])).round(3)
    array([[ 6., -3.],
           [-2.,  1.]])
    """
    u, s, vh, phase = _in_frame(x)
    return phase * (u * row(_other_product(s)) @ vh)


def _third(g: Any, x: Any, a: Any) -> Any:
    """The cotangent of X, from det(X + εA + δg + …) to third order."""
    W = inv(x).mT
    A, G = W @ a.mT @ W, W @ g.mT @ W
    ta, tg, tag = (sum_(p, axis=(-2, -1), keepdims=True) for p in (W * a, W * g, A * g))
    return spread(det(x)) * ((ta * tg - tag) * W - ta * G - tg * A + A @ g.mT @ W + G @ a.mT @ W)


@general(
    _third,
    lambda g, x: second_cofactors(x, g),
    tex=r"\mathrm{{cof}}'({x})\, {a}",
    samples=[call(_A, (3, 3)), call(np.stack([_A, np.eye(3)]), (2, 3, 3)), call((1, 1), (1, 1))],
)
def second_cofactors(x: Any, a: Any, /) -> Any:
    """Y[i, j] = Σ ∂² det X / ∂X[i, j] ∂X[k, l] · A[k, l], right at singular matrices too; its own derivative in X needs X⁻¹.

    In the frame of the singular values that second derivative is Π_{k≠i,j} σₖ for (i, i) and (j, j), and minus it for (i, j) and (j, i).

    >>> second_cofactors(np.ones((2, 2)), np.array([[1., 2.], [3., 4.]])).round(3)
    array([[ 4., -3.],
           [-2.,  1.]])
    """
    u, s, vh, phase = _in_frame(x)
    n = s.shape[-1]
    eye = np.eye(n, dtype=bool)
    rest = np.where(eye, 0, _other_product(np.where(eye, 1, row(s))))  # in row i, the products without i and j
    inner = u.mT @ a @ vh.mT
    diagonal = row(np.diagonal(inner, axis1=-2, axis2=-1)) @ rest
    return phase * (u @ np.where(eye, diagonal, -rest * inner.mT) @ vh)


@general(
    lambda g, x, y: spread(g[1] + 1j * imag(g[0] * y[0]) if is_complex(x) else g[1]) * inv(x).mT,
    tex=r"\log |\det {x}|",
    samples=SAMPLES,
)
def slogdet(x: Any, /) -> Any:
    """The sign (or phase) of det X, and log |det X|, which no determinant overflows.  d log det X = tr(X⁻¹ dX), of which the second is the
    real part, and the first turns by the imaginary part.

    >>> slogdet(np.array([[0., 2.], [2., 0.]]))
    (np.float64(-1.0), np.float64(1.3862943611198906))
    """
    sign, logabs = np.linalg.slogdet(x)
    return sign, logabs
