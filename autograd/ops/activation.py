"""The activations of networks, each in the form that keeps its digits in the tails."""

from __future__ import annotations

from math import pi, sqrt
from typing import Any

import numpy as np

from .elementwise import as_float, elementwise, where
from .exponential import LN2, exp
from .special import erfc

__all__ = ["gelu", "leaky_relu", "logaddexp", "logaddexp2", "relu", "sigmoid", "softplus"]

SQRT_HALF, INV_SQRT_2PI = sqrt(0.5), 1 / sqrt(2 * pi)


@elementwise(lambda x, y: y * sigmoid(-x), tex=r"\sigma({x})")  # 1 − σ(x) = σ(−x); the left form has no digit left at x = 40
def sigmoid(x: Any, /) -> Any:
    """The logistic function, y = 1/(1+e⁻ˣ).  ∂y/∂x = σ(x) σ(−x) = y (1 − y).

    >>> sigmoid(0.0)
    np.float64(0.5)
    """
    if np.iscomplexobj(x):
        right = np.real(x) > 0
        e = np.exp(np.where(right, -x, x))
        return np.where(right, 1, e) / (1 + e)
    x = as_float(x)
    return np.exp(np.minimum(x, 0)) / (1 + np.exp(-np.absolute(x)))  # neither exponential can overflow


@elementwise(lambda x: sigmoid(x), tex=r"\mathrm{{softplus}}({x})")
def softplus(x: Any, /) -> Any:
    """y = ln(1 + eˣ), without overflow.  ∂y/∂x = σ(x).

    >>> softplus(1000.0)
    np.float64(1000.0)
    """
    x = as_float(x)
    return np.maximum(x, 0) + np.log1p(np.exp(-np.absolute(x)))


@elementwise(lambda a, b: sigmoid(a - b), lambda a, b: sigmoid(b - a), tex=r"\log(e^{{{a}}} + e^{{{b}}})")
def logaddexp(a: Any, b: Any, /) -> Any:
    """y = ln(eᵃ + eᵇ), without overflow.  ∂y/∂a = σ(a − b), ∂y/∂b = σ(b − a).

    >>> logaddexp(1000.0, 1000.0)
    np.float64(1000.6931471805599)
    """
    return np.logaddexp(a, b)


@elementwise(lambda a, b: sigmoid(LN2 * (a - b)), lambda a, b: sigmoid(LN2 * (b - a)), tex=r"\log_2(2^{{{a}}} + 2^{{{b}}})")
def logaddexp2(a: Any, b: Any, /) -> Any:
    """y = log₂(2ᵃ + 2ᵇ), without overflow.  ∂y/∂a = 1/(1 + 2ᵇ⁻ᵃ), ∂y/∂b = 1/(1 + 2ᵃ⁻ᵇ).

    >>> logaddexp2(1000.0, 1000.0)
    np.float64(1001.0)
    """
    return np.logaddexp2(a, b)


@elementwise(lambda g, x: where(x > 0, g, 0), tex=r"\mathrm{{ReLU}}({x})", kinks=[((0.0,), (0.0,))])
def relu(x: Any, /) -> Any:
    """y = max(0, x).  ∂y/∂x = 1[x > 0]; 0 at x = 0.

    >>> relu(np.array([-1., 2.]))
    array([0., 2.])
    """
    return np.maximum(x, 0)


@elementwise(lambda g, x, alpha: where(x > 0, g, alpha * g), tex=r"\max({alpha} {x}, {x})", kinks=[((0.0,), (0.01,))])
def leaky_relu(x: Any, /, alpha: float = 0.01) -> Any:
    """y = x for x > 0, αx otherwise.  ∂y/∂x = 1 for x > 0, α otherwise; α at x = 0.

    >>> leaky_relu(np.array([-1., 2.]), 0.1)
    array([-0.1,  2. ])
    """
    return np.where(np.greater(x, 0), x, alpha * x)


@elementwise(lambda x: 0.5 * erfc(-SQRT_HALF * x) + INV_SQRT_2PI * x * exp(-0.5 * x * x), tex=r"{x} \, \Phi({x})")
def gelu(x: Any, /) -> Any:
    """y = x Φ(x), Φ the normal distribution function.  ∂y/∂x = Φ(x) + x φ(x).  Source: Hendrycks & Gimpel 2016, arXiv:1606.08415.

    >>> gelu(0.0)
    np.float64(0.0)
    """
    return x * (0.5 * erfc(-SQRT_HALF * x))
