"""Bessel functions and their kin: modified, scaled, spherical, Hankel, Struve, Airy.

Derivatives in the argument come from the recurrences DLMF 10.6.1, 10.29.1 (Bessel), 10.51.1, 10.51.4 (spherical), 11.4.27–30 (Struve) and
9.2.1 (Airy).  In the order v, which elsewhere is a constant, K and its scaled form have derivatives too, by quadrature of DLMF 10.32.9.
"""

from __future__ import annotations

from math import comb, pi, prod, sqrt
from typing import Any

import numpy as np

from ...numpy.keywords import named
from ...op import call, general
from ...ops import absolute, astype, exp, imag, maximum, real, sign, where
from ...ops.complex import is_complex
from ...ops.elementwise import as_float, chain, elementwise, quotient
from .gamma_family import rgamma
from .orders import of_order
from .promotion import special

__all__ = [
    "airy", "h1vp", "h2vp", "hankel1", "hankel1e", "hankel2", "hankel2e", "i0", "i0e", "i1", "i1e", "i_fall", "iv", "ive", "ivp", "j0",
    "j1", "jn", "jv", "jve", "jvp", "k0", "k0e", "k1", "k1e", "kn", "kv", "kve", "kve_moment", "kvp", "modstruve", "spherical_in",
    "spherical_jn", "spherical_kn", "spherical_yn", "struve", "y0", "y1", "yn", "yv", "yve", "yvp",
]  # fmt: skip

POSITIVE = (0.5, 3)
LARGE = 30.0
WHOLE = [call(np.array([0, 1, 4]), (2, 3)), call(2, (3,)), call(np.array([[1], [3]]), ())]
"""Calls with whole orders."""

# -- J and Y ------------------------------------------------------------------------------------------------------------------------------


@of_order(None, lambda v, z: (jv(v - 1, z) - jv(v + 1, z)) / 2, tex="J_{{{v}}}({z})", domain=[(-3, 3), POSITIVE])
def jv(v: Any, z: Any, /) -> Any:
    """y = J_v(z), the Bessel function of the first kind.  ∂y/∂z = (J_{v−1} − J_{v+1})/2.

    >>> jv(0.5, 1.0).round(6)
    np.float64(0.671397)
    """
    return special.jv(v, z)


jn = jv


@elementwise(lambda x: -j1(x), tex="J_0({x})")
def j0(x: Any, /) -> Any:
    """y = J₀(x).  ∂y/∂x = −J₁.

    >>> j0(0.0)
    np.float64(1.0)
    """
    return special.j0(x)


@elementwise(lambda x: (j0(x) - jv(2, x)) / 2, tex="J_1({x})")
def j1(x: Any, /) -> Any:
    """y = J₁(x).  ∂y/∂x = (J₀ − J₂)/2.

    >>> j1(0.0)
    np.float64(0.0)
    """
    return special.j1(x)


@of_order(None, lambda v, z: (yv(v - 1, z) - yv(v + 1, z)) / 2, tex="Y_{{{v}}}({z})", domain=[(-3, 3), POSITIVE])
def yv(v: Any, z: Any, /) -> Any:
    """y = Y_v(z), the Bessel function of the second kind.  ∂y/∂z = (Y_{v−1} − Y_{v+1})/2.

    >>> yv(0.5, 1.0).round(6)
    np.float64(-0.431099)
    """
    return special.yv(v, z)


@of_order(None, lambda n, x: (yv(n - 1, x) - yv(n + 1, x)) / 2, tex="Y_{{{n}}}({x})", domain=[(0, 4), POSITIVE], samples=WHOLE)
def yn(n: Any, x: Any, /) -> Any:
    """y = Yₙ(x), of a whole order n.  ∂y/∂x = (Yₙ₋₁ − Yₙ₊₁)/2.

    >>> yn(2, 1.0).round(6)
    np.float64(-1.650683)
    """
    return special.yn(n, x)


@elementwise(lambda x: -y1(x), tex="Y_0({x})", domain=[POSITIVE])
def y0(x: Any, /) -> Any:
    """y = Y₀(x).  ∂y/∂x = −Y₁.

    >>> y0(1.0).round(6)
    np.float64(0.088257)
    """
    return special.y0(x)


@elementwise(lambda x: (y0(x) - yv(2, x)) / 2, tex="Y_1({x})", domain=[POSITIVE])
def y1(x: Any, /) -> Any:
    """y = Y₁(x).  ∂y/∂x = (Y₀ − Y₂)/2.

    >>> y1(1.0).round(6)
    np.float64(-0.781213)
    """
    return special.y1(x)


def _scaled_across(g: Any, z: Any, y: Any, slope: Any) -> Any:
    """The cotangent of z for y = f(z) e^(−|Im z|), where the scaling, which is not holomorphic, gets the real number Re(g y)."""
    product = chain(g, slope)
    return product + 1j * sign(imag(z)) * real(g * y) if is_complex(z) else product


@of_order(
    None,
    lambda g, v, z, y: _scaled_across(g, z, y, (jve(v - 1, z) - jve(v + 1, z)) / 2),
    tex="e^{{-|\\Im {z}|}} J_{{{v}}}({z})",
    domain=[(-3, 3), POSITIVE],
)
def jve(v: Any, z: Any, /) -> Any:
    """y = J_v(z) e^(−|Im z|), which is J_v(z) where z is real.

    >>> jve(0.5, 1.0).round(6)
    np.float64(0.671397)
    """
    return special.jve(v, z)


@of_order(
    None,
    lambda g, v, z, y: _scaled_across(g, z, y, (yve(v - 1, z) - yve(v + 1, z)) / 2),
    tex="e^{{-|\\Im {z}|}} Y_{{{v}}}({z})",
    domain=[(-3, 3), POSITIVE],
)
def yve(v: Any, z: Any, /) -> Any:
    """y = Y_v(z) e^(−|Im z|), which is Y_v(z) where z is real.

    >>> yve(0.5, 1.0).round(6)
    np.float64(-0.431099)
    """
    return special.yve(v, z)


@of_order(None, lambda v, z: (hankel1(v - 1, z) - hankel1(v + 1, z)) / 2, tex="H^{{(1)}}_{{{v}}}({z})", domain=[(-3, 3), POSITIVE])
def hankel1(v: Any, z: Any, /) -> Any:
    """y = J_v(z) + i Y_v(z), complex even where z is real.  ∂y/∂z as for J.

    >>> hankel1(0.5, 1.0).round(6)
    np.complex128(0.671397-0.431099j)
    """
    return special.hankel1(v, z)


@of_order(None, lambda v, z: (hankel2(v - 1, z) - hankel2(v + 1, z)) / 2, tex="H^{{(2)}}_{{{v}}}({z})", domain=[(-3, 3), POSITIVE])
def hankel2(v: Any, z: Any, /) -> Any:
    """y = J_v(z) − i Y_v(z), complex even where z is real.  ∂y/∂z as for J.

    >>> hankel2(0.5, 1.0).round(6)
    np.complex128(0.671397+0.431099j)
    """
    return special.hankel2(v, z)


@of_order(None, lambda v, z, y: (hankel1e(v - 1, z) - hankel1e(v + 1, z)) / 2 - 1j * y, domain=[(-3, 3), POSITIVE])
def hankel1e(v: Any, z: Any, /) -> Any:
    """y = H⁽¹⁾_v(z) e^(−iz).

    >>> hankel1e(0.5, 1.0).round(6)
    np.complex128(-0.797885j)
    """
    return special.hankel1e(v, z)


@of_order(None, lambda v, z, y: (hankel2e(v - 1, z) - hankel2e(v + 1, z)) / 2 + 1j * y, domain=[(-3, 3), POSITIVE])
def hankel2e(v: Any, z: Any, /) -> Any:
    """y = H⁽²⁾_v(z) e^(iz).

    >>> hankel2e(0.5, 1.0).round(6)
    np.complex128(0.797885j)
    """
    return special.hankel2e(v, z)


# -- I and K ------------------------------------------------------------------------------------------------------------------------------


@of_order(None, lambda v, z: (iv(v - 1, z) + iv(v + 1, z)) / 2, tex="I_{{{v}}}({z})", domain=[(-3, 3), POSITIVE])
def iv(v: Any, z: Any, /) -> Any:
    """y = I_v(z), the modified Bessel function of the first kind.  ∂y/∂z = (I_{v−1} + I_{v+1})/2.

    >>> iv(0.5, 1.0).round(6)
    np.float64(0.937675)
    """
    return special.iv(v, z)


@elementwise(lambda x: i1(x), tex="I_0({x})")
def i0(x: Any, /) -> Any:
    """y = I₀(x).  ∂y/∂x = I₁.

    >>> i0(0.0)
    np.float64(1.0)
    """
    return special.i0(x)


@elementwise(lambda x: (i0(x) + iv(2, x)) / 2, tex="I_1({x})")
def i1(x: Any, /) -> Any:
    """y = I₁(x).  ∂y/∂x = (I₀ + I₂)/2.

    >>> i1(0.0)
    np.float64(0.0)
    """
    return special.i1(x)


def _scaled_along(g: Any, z: Any, y: Any, slope: Any) -> Any:
    """The cotangent of z for y = f(z) e^(−|Re z|), where the scaling, which is not holomorphic, gets the real number Re(g y)."""
    return chain(g, slope) - sign(real(z)) * real(g * y)


@of_order(
    None,
    lambda g, v, z, y: _scaled_along(g, z, y, (ive(v - 1, z) + ive(v + 1, z)) / 2),
    tex="e^{{-|\\Re {z}|}} I_{{{v}}}({z})",
    domain=[(-3, 3), POSITIVE],
)
def ive(v: Any, z: Any, /) -> Any:
    """y = I_v(z) e^(−|Re z|).  At Re z = 0 the derivative of the scaling is taken as 0, midway between its two sides.

    >>> ive(0.5, 1.0).round(6)
    np.float64(0.344951)
    """
    return special.ive(v, z)


@elementwise(lambda x, n, power: -i_fall(x, n, power + 1), domain=[(LARGE, 90)])
def i_fall(x: Any, /, n: int = 0, power: int = 0) -> Any:
    """y = (−∂/∂x)ᵖ of I_n(x) e⁻ˣ, for `power` p, n = 0 or 1 and x ≥ 30: term by term in Hankel's expansion, DLMF 10.40.1.

    >>> i_fall(30.0).round(6)
    np.float64(0.073146)
    """
    dtype, x = np.result_type(x, np.float16), as_float(x).astype(np.float64)
    term = (2 * pi * x) ** -0.5 * x**-power * prod(j + 0.5 for j in range(power))
    y = term
    for k in range(30):
        term = term * ((2 * k + 1) ** 2 - 4 * n * n) / (8 * (k + 1)) * (k + power + 0.5) / (k + 0.5) / x
        y = y + term
    return y.astype(dtype)


def _scaled_fall(x: Any, n: int, slope: Any) -> Any:
    """The `slope` of I_n(x) e^(−|x|) or, where that is a small difference, x being large, the same term by term."""
    far = absolute(x) > LARGE
    return where(far, (-1 if n else -sign(x)) * i_fall(where(far, absolute(x), LARGE), n, 1), slope)


@elementwise(lambda x, y: _scaled_fall(x, 0, i1e(x) - sign(x) * y), tex="e^{{-|{x}|}} I_0({x})", kinks=[((0.0,), (0.0,))])
def i0e(x: Any, /) -> Any:
    """y = I₀(x) e^(−|x|).  ∂y/∂x = I₁ e^(−|x|) − y sign x, 0 at x = 0.

    >>> i0e(0.0)
    np.float64(1.0)
    """
    return special.i0e(x)


@elementwise(lambda x, y: _scaled_fall(x, 1, (i0e(x) + ive(2, x)) / 2 - sign(x) * y), tex="e^{{-|{x}|}} I_1({x})")
def i1e(x: Any, /) -> Any:
    """y = I₁(x) e^(−|x|).  ∂y/∂x = (I₀ + I₂)/2 · e^(−|x|) − y sign x.

    >>> i1e(0.0)
    np.float64(0.0)
    """
    return special.i1e(x)


@elementwise(
    lambda v, z, y: astype(exp(-z), y.dtype) * kve_moment(v, z, 1),
    lambda v, z: (kv(v - 1, z) + kv(v + 1, z)) / -2,
    tex="K_{{{v}}}({z})",
    domain=[(-3, 3), POSITIVE],
)
def kv(v: Any, z: Any, /) -> Any:
    """y = K_v(z), the modified Bessel function of the second kind.  ∂y/∂z = −(K_{v−1} + K_{v+1})/2; ∂y/∂v by quadrature, for real z.

    >>> kv(0.5, 1.0).round(6)
    np.float64(0.461069)
    """
    return special.kv(v, z)


def _scaled_slope(v: Any, z: Any, y: Any) -> Any:
    """∂/∂z of K_v(z) e^z; of a real z as an integral, in which, unlike in the recurrence, nothing cancels for large z."""
    return y - (kve(v - 1, z) + kve(v + 1, z)) / 2 if is_complex(z) else -kve_moment(v, z, 0, 1)


@elementwise(lambda v, z: kve_moment(v, z, 1), lambda v, z, y: _scaled_slope(v, z, y), domain=[(-3, 3), (2, 4)])
def kve(v: Any, z: Any, /) -> Any:
    """y = K_v(z) e^z.  Both derivatives, ∂y/∂z = y − (K_{v−1} + K_{v+1})/2 · e^z and, for real z, ∂y/∂v, by quadrature.

    >>> kve(0.5, 1.0).round(6)
    np.float64(1.253314)
    """
    return special.kve(v, z)


@elementwise(
    lambda v, z, order, power: kve_moment(v, z, order + 1, power),
    lambda v, z, order, power: -kve_moment(v, z, order, power + 1),
    domain=[(-3, 3), POSITIVE],
)
def kve_moment(v: Any, z: Any, /, order: int = 0, power: int = 0) -> Any:
    """y = ∫₀^∞ tⁿ (cosh t − 1)ᵖ c(vt) e^(−z (cosh t − 1)) dt for z > 0; c is cosh for an even order n, sinh for an odd one.

    The derivatives of K_v(z) e^z: n times in v and, but for the sign, `power` p times in z (DLMF 10.32.9).  The trapezoidal rule converges
    geometrically, as the integrand is even in t, analytic, and dies away doubly exponentially.

    >>> kve_moment(0.5, 1.0).round(6)
    np.float64(1.253314)
    """
    dtype = np.result_type(v, z)  # here, where a Python number fits itself to the others
    v, z = as_float(v), as_float(z)
    v, z = np.broadcast_arrays(np.asarray(v, np.float64), np.asarray(z, np.float64))
    good = (z > 0) & (z < np.inf) & (np.abs(v) < np.inf)
    slope, rate = np.where(good, np.abs(v), 0.0), np.where(good, z, 1.0)
    start, end = _support(slope, rate)
    steps = max(64, int(np.max(5 * (end - start), initial=0)))
    h = (end - start) / steps
    total = np.zeros(v.shape)
    with np.errstate(over="ignore"):  # infinite is what it is then
        for k in range(steps + 1):
            t = start + k * h
            width = 2 * np.sinh(t / 2) ** 2
            hump = np.exp(slope * t - rate * width) * (-np.expm1(-2 * slope * t) if order % 2 else 1 + np.exp(-2 * slope * t)) / 2
            total += (0.5 if k in (0, steps) else 1.0) * t**order * width**power * hump
    y = np.where(good, h * total, np.where(z == np.inf, 0.0, np.where(z == 0, np.inf, np.nan)))
    return (np.where(v < 0, -y, y) if order % 2 else y).astype(dtype if dtype.kind == "f" else np.float64)[()]


def _support(slope: Any, rate: Any) -> tuple[Any, Any]:
    """Between which t the integrand e^(slope t − rate (cosh t − 1)) is more than e⁻⁶⁰ of its peak: by bisection on either side."""
    with np.errstate(over="ignore"):
        exponent: Any = lambda t: slope * t - 2 * rate * np.sinh(t / 2) ** 2
        peak = np.arcsinh(slope / rate)
        least = exponent(peak) - 60
        ends = []
        for outer in 0.0, 1420.0:
            inside, outside = peak, np.full_like(peak, outer)
            for _ in range(40):
                middle = (inside + outside) / 2
                above = exponent(middle) > least
                inside, outside = np.where(above, middle, inside), np.where(above, outside, middle)
            ends.append(np.where(exponent(outer) > least, outer, outside))
    return ends[0], ends[1]


@of_order(
    None,
    lambda n, x: (kv(n - 1, x) + kv(n + 1, x)) / -2,
    tex="K_{{{n}}}({x})",
    domain=[(0, 4), POSITIVE],
    samples=WHOLE,
)
def kn(n: Any, x: Any, /) -> Any:
    """y = Kₙ(x), of a whole order n.  ∂y/∂x = −(Kₙ₋₁ + Kₙ₊₁)/2.

    >>> kn(2, 1.0).round(6)
    np.float64(1.624839)
    """
    return special.kn(n, x)


@elementwise(lambda x: -k1(x), tex="K_0({x})", domain=[POSITIVE])
def k0(x: Any, /) -> Any:
    """y = K₀(x).  ∂y/∂x = −K₁.

    >>> k0(1.0).round(6)
    np.float64(0.421024)
    """
    return special.k0(x)


@elementwise(lambda x: (k0(x) + kv(2, x)) / -2, tex="K_1({x})", domain=[POSITIVE])
def k1(x: Any, /) -> Any:
    """y = K₁(x).  ∂y/∂x = −(K₀ + K₂)/2.

    >>> k1(1.0).round(6)
    np.float64(0.601907)
    """
    return special.k1(x)


@elementwise(lambda x: -kve_moment(0, x, 0, 1), tex="e^{{{x}}} K_0({x})", domain=[POSITIVE])
def k0e(x: Any, /) -> Any:
    """y = K₀(x) eˣ.  ∂y/∂x = y − K₁ eˣ.

    >>> k0e(1.0).round(6)
    np.float64(1.144463)
    """
    return special.k0e(x)


@elementwise(lambda x: -kve_moment(1, x, 0, 1), tex="e^{{{x}}} K_1({x})", domain=[POSITIVE])
def k1e(x: Any, /) -> Any:
    """y = K₁(x) eˣ.  ∂y/∂x = y − (K₀ + K₂)/2 · eˣ.

    >>> k1e(1.0).round(6)
    np.float64(1.636153)
    """
    return special.k1e(x)


# -- derivatives by name ------------------------------------------------------------------------------------------------------------------


def _prime(name: str, f: Any, rise: int, outer: int) -> Any:
    """The n-th derivative of `f` in z: n times (f_{v−1} + rise · f_{v+1}) · outer/2."""

    def derivative(v: Any, z: Any, n: int = 1) -> Any:
        if type(n) is not int or n < 0:
            raise ValueError(f"{name}: got n={n!r}, wanted a whole number of derivatives, 0 or more")
        terms = [comb(n, k) * rise**k * f(v - n + 2 * k, z) for k in range(n + 1)]
        return sum(terms[1:], terms[0]) * (outer / 2) ** n

    letter = {"h1vp": "H⁽¹⁾", "h2vp": "H⁽²⁾"}.get(name, name[0].upper())
    return named(derivative, name, f"The n-th derivative of {letter}_v(z) in z.")


jvp = _prime("jvp", jv, -1, 1)
yvp = _prime("yvp", yv, -1, 1)
h1vp = _prime("h1vp", hankel1, -1, 1)
h2vp = _prime("h2vp", hankel2, -1, 1)
ivp = _prime("ivp", iv, 1, 1)
kvp = _prime("kvp", kv, 1, -1)

# -- spherical ----------------------------------------------------------------------------------------------------------------------------


def _slope(f: Any, n: Any, z: Any, derivative: bool, rise: int) -> Any:
    """(n fₙ₋₁ + rise (n+1) fₙ₊₁)/(2n+1), without the first term for n = 0: the slope of f and, as this is linear, of its derivative."""
    weight = n / (2 * n + 1)
    return weight * f(maximum(n - 1, 0), z, derivative) + rise * (1 - weight) * f(n + 1, z, derivative)


@of_order(
    None,
    lambda n, z, derivative: _slope(spherical_jn, n, z, derivative, -1),
    tex="j_{{{n}}}({z})",
    domain=[(0, 4), (-3, 3)],
    samples=[*WHOLE, call(1, (3,), derivative=True)],
)
def spherical_jn(n: Any, z: Any, derivative: bool = False) -> Any:
    """y = jₙ(z) = √(π/2z) J_{n+½}(z), or its derivative: ∂y/∂z = (n jₙ₋₁ − (n+1) jₙ₊₁)/(2n+1).

    >>> spherical_jn(0, 0.0)
    np.float64(1.0)
    """
    return special.spherical_jn(n, z, derivative)


@of_order(
    None,
    lambda n, z, derivative: _slope(spherical_yn, n, z, derivative, -1),
    tex="y_{{{n}}}({z})",
    domain=[(0, 4), POSITIVE],
    samples=[*WHOLE, call(1, (3,), derivative=True)],
)
def spherical_yn(n: Any, z: Any, derivative: bool = False) -> Any:
    """y = yₙ(z) = √(π/2z) Y_{n+½}(z), or its derivative: ∂y/∂z = (n yₙ₋₁ − (n+1) yₙ₊₁)/(2n+1).

    >>> spherical_yn(0, 1.0).round(6)
    np.float64(-0.540302)
    """
    return special.spherical_yn(n, z, derivative)


@of_order(
    None,
    lambda n, z, derivative: _slope(spherical_in, n, z, derivative, 1),
    tex="i_{{{n}}}({z})",
    domain=[(0, 4), (-3, 3)],
    samples=[*WHOLE, call(1, (3,), derivative=True)],
)
def spherical_in(n: Any, z: Any, derivative: bool = False) -> Any:
    """y = iₙ(z) = √(π/2z) I_{n+½}(z), or its derivative: ∂y/∂z = (n iₙ₋₁ + (n+1) iₙ₊₁)/(2n+1).

    >>> spherical_in(0, 0.0)
    np.float64(1.0)
    """
    return special.spherical_in(n, z, derivative)


@of_order(
    None,
    lambda n, z, derivative: -_slope(spherical_kn, n, z, derivative, 1),
    tex="k_{{{n}}}({z})",
    domain=[(0, 4), (2, 3)],
    samples=[*WHOLE, call(1, (3,), derivative=True)],
)
def spherical_kn(n: Any, z: Any, derivative: bool = False) -> Any:
    """y = kₙ(z) = √(π/2z) K_{n+½}(z), or its derivative: ∂y/∂z = −(n kₙ₋₁ + (n+1) kₙ₊₁)/(2n+1).

    >>> spherical_kn(0, 1.0).round(6)
    np.float64(0.577864)
    """
    return special.spherical_kn(n, z, derivative)


# -- Struve and Airy ----------------------------------------------------------------------------------------------------------------------


def _struve_slope(f: Any, rise: int, v: Any, z: Any, y: Any) -> Any:
    """f_{v−1} − (v/z) y or, for small v, where that would cancel near 0, ± f_{v+1} + (v/z) y + (z/2)ᵛ / (√π Γ(v + 3/2))."""
    term = astype((z / 2) ** v * (rgamma(v + 1.5) / sqrt(pi)), y.dtype)
    return where(v < 0.5, rise * f(v + 1, z) + v * quotient(y, z) + term, f(v - 1, z) - v * quotient(y, z))


@of_order(None, lambda v, z, y: _struve_slope(struve, -1, v, z, y), tex=r"\mathbf{{H}}_{{{v}}}({z})", domain=[(-1, 3), POSITIVE])
def struve(v: Any, z: Any, /) -> Any:
    """y = H_v(z), Struve's function.  ∂y/∂z = H_{v−1} − (v/z) H_v.

    >>> struve(0.0, 1.0).round(6)
    np.float64(0.568657)
    """
    return special.struve(v, z)


@of_order(None, lambda v, z, y: _struve_slope(modstruve, 1, v, z, y), tex=r"\mathbf{{L}}_{{{v}}}({z})", domain=[(-1, 3), POSITIVE])
def modstruve(v: Any, z: Any, /) -> Any:
    """y = L_v(z), Struve's modified function.  ∂y/∂z = L_{v−1} − (v/z) L_v.

    >>> modstruve(0.0, 1.0).round(6)
    np.float64(0.710243)
    """
    return special.modstruve(v, z)


@general(
    lambda g, z, y: chain(g[0], y[1]) + chain(g[1], z * y[0]) + chain(g[2], y[3]) + chain(g[3], z * y[2]),
    tex=r"\mathrm{{Ai}}, \mathrm{{Ai}}', \mathrm{{Bi}}, \mathrm{{Bi}}'\, ({z})",
    samples=[call((2, 3)), call(())],
)
def airy(z: Any, /) -> Any:
    """Ai(z), Ai′(z), Bi(z), Bi′(z), the solutions of f″ = z f and their derivatives.

    >>> airy(0.0)[0].round(6)
    np.float64(0.355028)
    """
    return special.airy(z)
