"""Sine, cosine, tangent and their inverses, as straight arithmetic on registers."""

from __future__ import annotations

from math import pi, sqrt
from typing import NamedTuple

from .exponential import nearest, polynomial
from .registers import FLOATS, Register, bits, call, convert, from_bits, multiply_add, select

__all__ = ["LIMIT", "arccos", "arcsin", "arctan", "arctan2", "cos", "sin", "tan"]

LIMIT = 2.0**20
"""How great the argument of sin, cos and tan may be: beyond, π/2 in three parts has too few digits."""
QUARTER = tuple(map(float.fromhex, ("0x1.921fb54400000p+0", "0x1.0b4611a600000p-34", "0x1.3198a2e037073p-69")))
"""π/2: the product of the first two with a number of quarters is exact."""


class Format(NamedTuple):
    """The polynomials of a type, each in z = x²."""

    sin: tuple[float, ...]  # (sin x − x) / x³, |x| ≤ π/4
    cos: tuple[float, ...]  # (cos x − 1 + z/2) / z²
    arctan: tuple[float, ...]  # (arctan x − x) / x³, |x| ≤ √2 − 1
    tiny: float  # where sin x = x
    rest: float  # what π/2 has beyond the digits of this type


FORMATS = {
    "float": Format(
        (-0.16666655, 0.008332176, -0.00019516943),
        (0.041666646, -0.0013887372, 2.4438765e-05),
        (-0.33333316, 0.19998524, -0.14244331, 0.10598768, -0.06088967),
        2.0**-13,
        -4.371139e-08,
    ),
    "double": Format(
        (-0.16666666666666632, 0.008333333333322457, -0.0001984126982981743, 2.755731368926818e-06, -2.505075699781919e-08,
         1.589669854791471e-10),
        (0.041666666666666616, -0.0013888888888876, 2.4801587290487216e-05, -2.755731460711304e-07, 2.0875754168156762e-09,
         -1.1361092514661095e-11),
        (-0.3333333333333323, 0.19999999999960966, -0.14285714280803202, 0.111111108091809, -0.0909089840044808, 0.07692070318312114,
         -0.06663206783727278, 0.05848564120356579, -0.050420690175683104, 0.03812877009429716, -0.01797178489755427),
        2.0**-27,
        6.123233995736766e-17,
    ),
}  # fmt: skip


def turned(x: Register) -> tuple[Register, Register, Register]:
    """sin r and cos r, and i, with x = i π/2 + r; in double, if need be."""
    k, i = nearest(convert(x, "double"), 2 / pi)
    r = convert(x, "double")
    for part in QUARTER:
        r = multiply_add(k, -part, r)
    r, i = convert(r, x.type), convert(i, FLOATS[x.type])
    f, z = FORMATS[x.type], r * r
    return multiply_add(r * z, polynomial(f.sin, z), r), 1.0 - (z * 0.5 - z * z * polynomial(f.cos, z)), i


def wave(s: Register, c: Register, i: Register) -> Register:
    """sin(i π/2 + r), of the sine and the cosine of r."""
    y = select((i & 1).compare("ne", 0), c, s)
    return from_bits(bits(y) ^ ((i & 2) << (int(i.type[1:]) - 2)), y.type)


def sin(x: Register) -> Register:
    """sin x, for |x| ≤ LIMIT."""
    return select(abs(x) < FORMATS[x.type].tiny, x, wave(*turned(x)))


def cos(x: Register) -> Register:
    """cos x = sin(x + π/2), for |x| ≤ LIMIT."""
    s, c, i = turned(x)
    return wave(s, c, i + 1)


def tan(x: Register) -> Register:
    """tan x, for |x| ≤ LIMIT: sin r / cos r, or −cos r / sin r."""
    s, c, i = turned(x)
    odd = (i & 1).compare("ne", 0)
    return select(abs(x) < FORMATS[x.type].tiny, x, select(odd, c, s) / select(odd, -s, c))


def arctan(x: Register) -> Register:
    """Of a = |x|: π/2 minus the arctangent of 1/a, π/4 plus that of (a − 1)/(a + 1), or that of a itself; with the sign of x."""
    f, a = FORMATS[x.type], abs(x)
    large, middle = a > sqrt(2) + 1, a > sqrt(2) - 1
    t = select(large, -1.0, select(middle, a - 1.0, a)) / select(large, a, select(middle, a + 1.0, 1.0))
    z = t * t
    part = multiply_add(t * z, polynomial(f.arctan, z), t)
    base, rest = (select(large, x.constant(full), select(middle, x.constant(full / 2), 0.0)) for full in (pi / 2, f.rest))
    return call("copysign", base + (part + rest), x)


def arctan2(y: Register, x: Register) -> Register:
    """The angle of (x, y): an arctangent of at most 1, brought into its octant."""
    f, a, b = FORMATS[y.type], abs(y), abs(x)
    steep = a > b
    less, greater = select(steep, b, a), select(steep, a, b)
    ratio = select(less.equals(greater), select(less > 0.0, less.constant(1.0), 0.0), less / greater)
    angle = arctan(ratio)
    angle = select(steep, (pi / 2 - angle) + f.rest, angle)
    return call("copysign", select(bits(x) < 0, (pi - angle) + 2 * f.rest, angle), y)


def arcsin(x: Register) -> Register:
    """arcsin x = arctan(x / √(1 − x²))."""
    return arctan(x / call("sqrt", (1.0 - x) * (x + 1.0)))


def arccos(x: Register) -> Register:
    """arccos x = 2 arctan √((1 − x)/(1 + x))."""
    half = arctan(call("sqrt", (1.0 - x) / (x + 1.0)))
    return half + half
