"""Elliptic integrals and functions of Legendre and Jacobi, in the parameter m = k², differentiated in both arguments.

The textbook's derivatives (DLMF 19.4) cancel near m = 0 and near m = 1.  Instead: of the complete integrals, derivatives are hypergeometric
(DLMF 19.5.1–2, 15.5.1); those of the incomplete ones in m are again integrals of powers of sin θ and of Δ² = 1 − m sin² θ, a family that
is closed under differentiation, and is computed by tanh-sinh quadrature (Takahasi & Mori 1974), which no singularity at an end disturbs.
"""

from __future__ import annotations

from math import pi
from typing import Any

import numpy as np

from ...op import call, general
from ...ops import astype, cos, sin, where
from ...ops.broadcast import unbroadcast
from ...ops.elementwise import as_float, chain, elementwise
from .hypergeometric import hyp2f1
from .promotion import special

__all__ = ["ellipe", "ellipeinc", "ellipem1", "ellipj", "ellipk", "ellipkinc", "ellipkm1", "elliptic_moment"]

# -- complete -----------------------------------------------------------------------------------------------------------------------------


def _gauss(a: float, b: float, m: Any, y: Any) -> Any:
    """₂F₁(a, b; 2; m) in the dtype of y, for SciPy computes it in double precision."""
    return astype(hyp2f1(a, b, 2.0, m), y.dtype)


@elementwise(lambda m, y: pi / 8 * _gauss(1.5, 1.5, m, y), tex="K({m})", domain=[(-2, 0.8)])
def ellipk(m: Any, /) -> Any:
    """y = K(m) = ∫ dθ / √(1 − m sin² θ) from 0 to π/2.  ∂y/∂m = π/8 · ₂F₁(3/2, 3/2; 2; m).

    >>> ellipk(0.0).round(6)
    np.float64(1.570796)
    """
    return special.ellipk(m)


@elementwise(lambda m, y: -pi / 8 * _gauss(0.5, 1.5, m, y), tex="E({m})", domain=[(-2, 0.8)])
def ellipe(m: Any, /) -> Any:
    """y = E(m) = ∫ √(1 − m sin² θ) dθ from 0 to π/2.  ∂y/∂m = −π/8 · ₂F₁(1/2, 3/2; 2; m).

    >>> ellipe(1.0)
    np.float64(1.0)
    """
    return special.ellipe(m)


# Near p = 0, where 1 − p has lost the digits of p, the textbook's derivatives do not cancel.


@elementwise(
    lambda p, y: where(p < 0.5, (p * y - ellipem1(p)) / (2 * p * (1 - p)), -pi / 8 * _gauss(1.5, 1.5, 1 - p, y)),
    tex="K(1 - {p})",
    domain=[(0.1, 3)],
)
def ellipkm1(p: Any, /) -> Any:
    """y = K(1 − p), with all digits for a small p.  ∂y/∂p = (p K − E)/(2p (1 − p)).

    >>> ellipkm1(1.0).round(6)
    np.float64(1.570796)
    """
    return special.ellipkm1(p)


@elementwise(
    lambda p, y: where(p < 0.5, (ellipkm1(p) - y) / (2 * (1 - p)), pi / 8 * _gauss(0.5, 1.5, 1 - p, y)),
    tex="E(1 - {p})",
    domain=[(0.1, 3)],
)
def ellipem1(p: Any, /) -> Any:
    """y = E(1 − p), differentiated with all digits for a small p.  ∂y/∂p = (K − E)/(2(1 − p)).

    >>> ellipem1(0.0)
    np.float64(1.0)
    """
    return special.ellipe(1 - p)


# -- incomplete ---------------------------------------------------------------------------------------------------------------------------


def _delta(phi: Any, m: Any, power: float) -> Any:
    """Δᵖ = (1 − m sin² φ)^(p/2), of which neither the base, near m = 1, nor the derivative, near m = 0, cancels."""
    square = sin(phi) ** 2
    return where(m < 0.5, 1 - m * square, cos(phi) ** 2 + (1 - m) * square) ** (power / 2)


@elementwise(
    lambda phi, m: _delta(phi, m, -1), lambda phi, m: elliptic_moment(phi, m, 1, -3) / 2, tex="F({phi}, {m})", domain=[(-3, 3), (-2, 0.8)]
)
def ellipkinc(phi: Any, m: Any, /) -> Any:
    """y = F(φ, m) = ∫ dθ/Δ from 0 to φ, where Δ² = 1 − m sin² θ.  ∂y/∂φ = 1/Δ, ∂y/∂m = ½ ∫ sin² θ/Δ³ dθ.

    >>> ellipkinc(0.5, 0.0)
    np.float64(0.5)
    """
    return special.ellipkinc(phi, m)


@elementwise(
    lambda phi, m: _delta(phi, m, 1), lambda phi, m: elliptic_moment(phi, m, 1, -1) / -2, tex="E({phi}, {m})", domain=[(-3, 3), (-2, 0.8)]
)
def ellipeinc(phi: Any, m: Any, /) -> Any:
    """y = E(φ, m) = ∫ Δ dθ from 0 to φ, where Δ² = 1 − m sin² θ.  ∂y/∂φ = Δ, ∂y/∂m = −½ ∫ sin² θ/Δ dθ.

    >>> ellipeinc(0.5, 0.0)
    np.float64(0.5)
    """
    return special.ellipeinc(phi, m)


_STEPS = np.arange(-120, 121) * 0.03
_WEIGHTS = 0.03 * pi / 4 * np.cosh(_STEPS) / np.cosh(pi / 2 * np.sinh(_STEPS)) ** 2
_DISTANCES = 1 / (1 + np.exp(pi * np.sinh(_STEPS)))
"""Tanh-sinh quadrature over 0 … 1: the weights, and the distances of the nodes from 1, which in reverse are those from 0."""


@elementwise(
    lambda phi, m, sines, deltas: sin(phi) ** (2 * sines) * _delta(phi, m, deltas),
    lambda phi, m, sines, deltas: -deltas / 2 * elliptic_moment(phi, m, sines + 1, deltas - 2),
    domain=[(-3, 3), (-2, 0.8)],
)
def elliptic_moment(phi: Any, m: Any, /, sines: int = 0, deltas: int = -1) -> Any:
    """y = ∫ (sin² θ)ˢ Δᵈ dθ from 0 to φ, where Δ² = 1 − m sin² θ, for m ≤ 1.  ∂y/∂m is −d/2 times that of s + 1 and d − 2.

    >>> elliptic_moment(0.5, 0.0).round(6)
    np.float64(0.5)
    """
    dtype = np.result_type(phi, m)
    phi, m = np.broadcast_arrays(as_float(phi).astype(np.float64), as_float(m).astype(np.float64))
    turns = np.rint(phi / pi)
    rest = phi - turns * pi
    with np.errstate(all="ignore"):
        y = _quarter(np.abs(rest), m, sines, deltas) * np.sign(rest)
        if turns.any():
            y = y + np.where(turns == 0, 0, 2 * turns * _quarter(np.full_like(rest, pi / 2), m, sines, deltas))
    return np.where(m <= 1, y, np.nan).astype(dtype if dtype.kind == "f" else np.float64)[()]


def _quarter(phi: Any, m: Any, sines: int, deltas: int) -> Any:
    """The integral from 0 to a φ of at most π/2."""
    total = np.zeros_like(phi)
    gap = pi / 2 - phi
    for weight, near, far in zip(_WEIGHTS, _DISTANCES[::-1], _DISTANCES, strict=True):
        square = np.sin(phi * near) ** 2
        total += weight * square**sines * (np.sin(gap + phi * far) ** 2 + (1 - m) * square) ** (deltas / 2)
    return phi * total


def _amplitude_slope(m: Any, y: Any) -> Any:
    """∂φ/∂m of the amplitude, from F(φ, m) = u: −Δ ∂F/∂m."""
    return y[2] * elliptic_moment(y[3], m, 1, -3) / -2


def _along_m(g: Any, m: Any, y: Any) -> Any:
    sn, cn, dn, _ = y
    turn = g[0] * cn - g[1] * sn + g[3] - g[2] * m * sn * cn / dn
    return chain(turn, _amplitude_slope(m, y)) - g[2] * sn * sn / (2 * dn)


@general(
    lambda g, m, y, in_shape: unbroadcast(g[0] * y[1] * y[2] - g[1] * y[0] * y[2] - g[2] * m * y[0] * y[1] + g[3] * y[2], in_shape),
    lambda g, m, y, in_shape: unbroadcast(_along_m(g, m, y), in_shape),
    tex="\\mathrm{{sn}}, \\mathrm{{cn}}, \\mathrm{{dn}}, \\mathrm{{am}}\\, ({u}, {m})",
    domain=[(-2, 2), (0.1, 0.9)],
    samples=[call((2, 3), (3,)), call((), ()), call((2, 1), (1, 3))],
)
def ellipj(u: Any, m: Any, /) -> Any:
    """Jacobi's sn, cn, dn and the amplitude φ with F(φ, m) = u: sn = sin φ, cn = cos φ, dn = ∂φ/∂u = √(1 − m sn²), for 0 ≤ m ≤ 1.

    >>> ellipj(0.0, 0.5)
    (np.float64(0.0), np.float64(1.0), np.float64(1.0), np.float64(0.0))
    """
    return special.ellipj(u, m)
