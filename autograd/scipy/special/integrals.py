"""Integrals of elementary functions, and inverses: exponential, sine, cosine and Fresnel integrals, the dilogarithm, Lambert's W.

Rules: DLMF 4.13.4, 6.2, 7.2.7–8, 8.19.13–14, 25.12.2.
"""

from __future__ import annotations

from math import pi
from typing import Any

import numpy as np

from ...op import call, general
from ...ops import absolute, astype, cos, cosh, exp, log, maximum, sin, where
from ...ops.elementwise import chain, elementwise
from .bessel import spherical_in, spherical_jn
from .hypergeometric import hyp2f1
from .orders import of_order
from .promotion import special

__all__ = ["exp1", "expi", "expn", "fresnel", "lambertw", "shichi", "sici", "spence", "wrightomega"]

POSITIVE = (0.5, 3)


@elementwise(lambda z: -exp(-z) / z, tex="E_1({z})", domain=[POSITIVE])
def exp1(z: Any, /) -> Any:
    """y = ∫_z^∞ e^(−t)/t dt.  ∂y/∂z = −e^(−z)/z.

    >>> exp1(1.0).round(6)
    np.float64(0.219384)
    """
    return special.exp1(z)


@elementwise(lambda x: exp(x) / x, tex=r"\mathrm{{Ei}}({x})", domain=[POSITIVE])
def expi(x: Any, /) -> Any:
    """y = ∫₋∞ˣ eᵗ/t dt, the principal value.  ∂y/∂x = eˣ/x.

    >>> expi(1.0).round(6)
    np.float64(1.895118)
    """
    return special.expi(x)


@of_order(
    None,
    lambda n, x, y: -where(n > 0, expn(maximum(n - 1, 0), x), (exp(-x) + y) / x),  # of n = −1, SciPy has no values
    tex="E_{{{n}}}({x})",
    domain=[(0, 4), POSITIVE],
    samples=[call(np.array([0, 1, 4]), (2, 3)), call(3, (3,)), call(np.array([[1], [5]]), ())],
)
def expn(n: Any, x: Any, /) -> Any:
    """y = ∫₁^∞ e^(−xt) t⁻ⁿ dt, of a whole n ≥ 0.  ∂y/∂x = −Eₙ₋₁(x).

    >>> expn(2, 0.0)
    np.float64(1.0)
    """
    return special.expn(n, x)


@general(
    lambda g, x, y: chain(g[0], astype(spherical_jn(0, x), y[0].dtype)) + chain(g[1], cos(x) / x),
    tex=r"\mathrm{{Si}}, \mathrm{{Ci}}\, ({x})",
    domain=[POSITIVE],
    samples=[call((2, 3)), call(())],
)
def sici(x: Any, /) -> Any:
    """∫₀ˣ sin t/t dt, and γ + ln |x| + ∫₀ˣ (cos t − 1)/t dt.  Derivatives: sin x/x and cos x/x.

    >>> sici(0.0)
    (np.float64(0.0), np.float64(-inf))
    """
    return special.sici(x)


@general(
    lambda g, x, y: chain(g[0], astype(spherical_in(0, x), y[0].dtype)) + chain(g[1], cosh(x) / x),
    tex=r"\mathrm{{Shi}}, \mathrm{{Chi}}\, ({x})",
    domain=[POSITIVE],
    samples=[call((2, 3)), call(())],
)
def shichi(x: Any, /) -> Any:
    """∫₀ˣ sinh t/t dt, and γ + ln |x| + ∫₀ˣ (cosh t − 1)/t dt.  Derivatives: sinh x/x and cosh x/x.

    >>> shichi(0.0)
    (np.float64(0.0), np.float64(-inf))
    """
    return special.shichi(x)


@general(lambda g, z: g[0] * sin(pi / 2 * z * z) + g[1] * cos(pi / 2 * z * z), tex="S, C\\, ({z})", samples=[call((2, 3)), call(())])
def fresnel(z: Any, /) -> Any:
    """∫₀ᶻ sin(πt²/2) dt and ∫₀ᶻ cos(πt²/2) dt.

    >>> fresnel(0.0)
    (np.float64(0.0), np.float64(0.0))
    """
    return special.fresnel(z)


@elementwise(
    lambda y: 1 / (exp(y) * (1 + y)),
    tex="W_{{{k}}}({z})",
    domain=[(-0.3, -0.05)],
    samples=[call((2, 3)), call((3,), k=-1), call((), k=2)],
)
def lambertw(z: Any, k: Any = 0, tol: Any = 1e-8) -> Any:
    """The complex y with y e^y = z, on branch k.  ∂y/∂z = 1/(e^y (1 + y)), infinite at z = −1/e, where the branches 0 and −1 meet.

    >>> lambertw(0.0)
    np.complex128(0j)
    """
    return special.lambertw(z, k, tol)


@elementwise(lambda y: y / (1 + y), tex=r"\omega({z})")
def wrightomega(z: Any, /) -> Any:
    """The y with y + ln y = z.  ∂y/∂z = y/(1 + y).

    >>> wrightomega(1.0)
    np.float64(1.0)
    """
    return special.wrightomega(z)


def _spence_slope(z: Any, y: Any) -> Any:
    """ln z/(1 − z); near 1, where both are 0, as a hypergeometric function, which elsewhere feels the rounding of 1 − z."""
    far = absolute(1 - z) > 0.5
    x = where(far, z, 2)
    return astype(where(far, log(x) / (1 - x), -hyp2f1(1.0, 1.0, 2.0, where(far, 0, 1 - z))), y.dtype)


@elementwise(lambda z, y: _spence_slope(z, y), tex=r"\mathrm{{Li}}_2(1 - {z})", domain=[(0.3, 3)])
def spence(z: Any, /) -> Any:
    """y = ∫₁ᶻ ln t/(1 − t) dt, the dilogarithm of 1 − z.  ∂y/∂z = ln z/(1 − z), −1 at z = 1.

    >>> spence(1.0)
    np.float64(0.0)
    """
    return special.spence(z)
