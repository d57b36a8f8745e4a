"""Exponentials and logarithms, and the error function, as straight arithmetic on registers.

The argument is brought near 0 (eˣ = 2ᵏ eʳ, log(2ᵏ m) = k log 2 + log m), where a polynomial is as good as rounding.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

from ...ops.special import MIDDLE, SMALL, TAIL
from .registers import Register, bits, call, constant, convert, from_bits, minimum, multiply_add, select

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "arccosh", "arcsinh", "arctanh", "cosh", "erf", "erfc", "exp", "exp2", "expm1", "log", "log1p", "log2", "log10", "nearest",
    "polynomial", "power", "sinh", "tanh",
]  # fmt: skip


class Format(NamedTuple):
    """What a type of float looks like, and what depends on it."""

    digits: int  # bits of the mantissa that are stored
    bias: int
    low: float  # where eˣ is 0
    high: float  # where eˣ is infinity
    tiny: float  # where it is not yet less than a normal number
    saturation: float  # where e⁻ˣ is nothing beside 1
    log2_high: float  # log 2, so few bits that its product with an exponent is exact
    log2_low: float  # the rest
    exp: tuple[float, ...]  # (eʳ − 1 − r) / r², |r| ≤ ½ log 2
    log: tuple[float, ...]  # float: (log(1 + f) − f + f²/2) / f³; double: (log((1 + s)/(1 − s)) − 2s) / s³, in s²; √½ ≤ 1 + f ≤ √2

    @property
    def magic(self) -> float:
        """Added to a number, it leaves the nearest integer in the last bits."""
        return 1.5 * 2.0**self.digits


FORMATS = {
    "float": Format(
        23, 127, -104.0, 89.0, -86.5, 20.0, 0.693359375, -2.12194440e-4,
        (0.5, 0.16666667, 0.041666355, 0.008333273, 0.0013941071, 0.00019914315),
        (0.3333331, -0.24999987, 0.20002222, -0.16669258, 0.14218715, -0.1238421, 0.11872588, -0.11790706, 0.06917193),
    ),
    "double": Format(
        52, 1023, -746.0, 710.0, -707.5, 44.0, float.fromhex("0x1.62e42feep-1"), float.fromhex("0x1.a39ef35793c76p-33"),
        (0.5, 0.16666666666666677, 0.0416666666666667, 0.008333333333321556, 0.0013888888888866657, 0.00019841269886344075,
         2.4801587360919235e-05, 2.7557243963496854e-06, 2.755724244780461e-07, 2.5109130798133608e-08, 2.092454012680302e-09),
        (0.6666666666666734, 0.3999999999941545, 0.2857142874232206, 0.2222219857190157, 0.18183564726793233, 0.1531403308871618,
         0.14796187451353654),
    ),
}  # fmt: skip

LOG2_E, LOG2_E_LOW = float.fromhex("0x1.7154700000000p+0"), float.fromhex("0x1.94ae0bf85ddf4p-22")
LOG10_E, LOG10_E_LOW = float.fromhex("0x1.bcb7b00000000p-2"), float.fromhex("0x1.526e50e32a6abp-26")
LOG10_2, LOG10_2_LOW = float.fromhex("0x1.34413509e0000p-2"), float.fromhex("0x1.79fef311f12b3p-38")
"""Logarithms, each in two parts: the first has so few bits that its products here are exact."""

ERF = (0.12837917, -0.37612605, 0.11282722, -0.02674962, 0.0047007785)
"""erf(x) / x − 1 in x², |x| ≤ ½, of a float."""
ERFC = (1.2769784, -0.09276356, -0.16603045, 0.16404186, -0.054217495, -0.007944495, 0.008690049, 0.0009437109, -0.001311505)
"""erfc(x) e^(x²) (1 + 2x) in (x − 2)/(x + 2), ½ ≤ x ≤ 10.2, of a float."""


def polynomial(coefficients: Sequence[float], x: Register) -> Register:
    """c₀ + c₁ x + c₂ x² + …, by Horner's rule."""
    *rest, y = coefficients
    total: Any = x.constant(y)
    for c in reversed(rest):
        total = multiply_add(total, x, c)
    return total  # type: ignore[no-any-return]


def nearest(x: Register, factor: float) -> tuple[Register, Register]:
    """The integer nearest to x · factor, as a float and as an integer."""
    magic = FORMATS[x.type].magic
    shifted = multiply_add(x, factor, magic)
    return shifted - magic, bits(shifted) - bits(x.constant(magic))


def power_of_two(i: Register, kind: str) -> Register:
    """2ⁱ, where that is a normal number."""
    f = FORMATS[kind]
    return from_bits((i + f.bias) << f.digits, kind)


def scaled(q: Register, i: Register, tiny: Register) -> Register:
    """(1 + q) · 2ⁱ, rounded once: as 2(1 + q) · 2ⁱ⁻¹, because 2ⁱ itself may be out of range; where it is `tiny`, by another factor."""
    f = FORMATS[q.type]
    spare = f.bias // 2 + 1
    exponent = (i + (f.bias - 1)) << f.digits
    y = multiply_add(q, 2.0, 2.0) * from_bits(select(tiny, exponent + (spare << f.digits), exponent), q.type)
    return select(tiny, y * 2.0**-spare, y)


def clamped(x: Register, low: float, high: float) -> Register:
    """x, no less than `low` and no more than `high`; NaN stays."""
    x = minimum(x, high)
    return select(x < low, low, x)


def reduced(x: Register) -> tuple[Register, Register]:
    """x = i log 2 + r: eʳ − 1, and i."""
    f = FORMATS[x.type]
    k, i = nearest(x, 1 / math.log(2))
    r = multiply_add(k, -f.log2_low, multiply_add(k, -f.log2_high, x))
    return multiply_add(r * r, polynomial(f.exp, r), r), i


def exp(x: Register) -> Register:
    """eˣ = 2ⁱ eʳ."""
    f = FORMATS[x.type]
    return scaled(*reduced(clamped(x, f.low, f.high)), x < f.tiny)


def exp2(x: Register) -> Register:
    """2ˣ = 2ⁱ e^(r log 2)."""
    f = FORMATS[x.type]
    k, i = nearest(x := clamped(x, -f.bias - f.digits - 2.0, f.bias + 1.0), 1.0)
    r = (x - k) * math.log(2)
    return scaled(multiply_add(r * r, polynomial(f.exp, r), r), i, x < 2.0 - f.bias)


def half_exp(x: Register) -> Register:
    """eˣ / 2, which overflows later than eˣ."""
    f = FORMATS[x.type]
    q, i = reduced(clamped(x, f.low, f.high + 0.6))
    return scaled(q, i - 1, x < f.tiny + 1.0)


def cosh(x: Register) -> Register:
    """(eˣ + e⁻ˣ) / 2."""
    return half_exp(x) + half_exp(-x)


def sinh(x: Register) -> Register:
    """(t + t/(t + 1)) / 2, where t = e^|x| − 1, with the sign of x."""
    size = abs(x)
    t = 2.0 * half_expm1(minimum(size, FORMATS[x.type].saturation))
    near = (t + t / (t + 1.0)) * 0.5
    return call("copysign", select(size > FORMATS[x.type].saturation, half_exp(size), near), x)


def half_expm1(x: Register) -> Register:
    """(eˣ − 1) / 2 = 2ⁱ⁻¹ (eʳ − 1) + (2ⁱ⁻¹ − ½), without overflow on the way; for x ≥ −saturation, and a tiny x loses its last bits."""
    q, i = reduced(x)
    scale = power_of_two(i - 1, x.type)
    return multiply_add(q, scale, scale - 0.5)


def expm1(x: Register) -> Register:
    """eˣ − 1, with all its digits near 0."""
    f = FORMATS[x.type]
    y = 2.0 * half_expm1(clamped(x, -f.saturation, f.high))
    return select(abs(x) < 2.0 ** -(f.digits + 2), x, y)


def tanh(x: Register) -> Register:
    """h / (h + 1), where h = (e^(2|x|) − 1) / 2, with the sign of x."""
    size = abs(x)
    h = half_expm1(minimum(size + size, FORMATS[x.type].saturation))
    return call("copysign", h / (h + 1.0), x)


def exponent(x: Register) -> tuple[Register, Register]:
    """x = 2ⁱ m with √½ ≤ m < √2, for a normal x: i and m."""
    f = FORMATS[x.type]
    root = bits(x.constant(math.sqrt(0.5)))
    above = bits(x) - root
    return above >> f.digits, from_bits((above & (2**f.digits - 1)) + root, x.type)


def as_float(i: Register, kind: str) -> Register:
    """A small integer as a float, without an instruction that few machines have for vectors."""
    magic = constant(i.code, kind, FORMATS[kind].magic)
    return from_bits(i + bits(magic), kind) - magic


def log_parts(f: Register) -> tuple[Register, Register]:
    """log(1 + f) = f − (f²/2 − t): f² and t."""
    square = f * f
    if f.type == "float":
        return square, square * f * polynomial(FORMATS["float"].log, f)
    s = f / (f + 2.0)  # log(1 + f) = log((1 + s)/(1 − s)), odd in s
    z = s * s
    return square, s * multiply_add(z, polynomial(FORMATS["double"].log, z), square * 0.5)


def log_sum(k: Register, f: Register) -> Register:
    """k log 2 + log(1 + f)."""
    format = FORMATS[f.type]
    square, t = log_parts(f)
    return multiply_add(k, format.log2_high, f + multiply_add(square, -0.5, multiply_add(k, format.log2_low, t)))


def split(x: Register) -> tuple[Register, Register]:
    """k and f with x = 2ᵏ (1 + f), for any x > 0, denormal ones too."""
    f = FORMATS[x.type]
    denormal = x < 2.0 ** (1 - f.bias)
    i, m = exponent(select(denormal, x * 2.0 ** (f.digits + 1), x))
    return as_float(i, x.type) - select(denormal, x.constant(f.digits + 1), 0.0), m - 1.0


def at_edges(x: Register, y: Register, zero: Any = 0.0) -> Register:
    """`y` for finite x > zero; there, the logarithm is −∞, below it NaN, and of ∞ and NaN what they are."""
    infinity = float("inf")
    below = select(x.equals(zero), x.constant(-infinity), float("nan"))
    return select(x > zero, select(x < infinity, y, x), below)


def log(x: Register) -> Register:
    """The natural logarithm: of x = 2ᵏ (1 + f), it is k log 2 + log1p(f)."""
    return at_edges(x, log_sum(*split(x)))


def log1p(x: Register) -> Register:
    """log(1 + x): what 1 + x loses by rounding is added to f."""
    u = x + 1.0
    v = u - 1.0
    lost = (1.0 - (u - v)) + (x - v)
    i, m = exponent(u)
    f = FORMATS[x.type]
    small = from_bits(call("smax", f.bias - i, i.constant(0)) << f.digits, x.type)  # 2⁻ⁱ
    y = log_sum(as_float(i, x.type), multiply_add(lost, small, m - 1.0))
    return call("copysign", at_edges(x, y, -1.0), x)  # of −0, too


def arcsinh(x: Register) -> Register:
    """log(a + √(1 + a²)) = log1p(a + a²/(1 + √(1 + a²))), where a = |x|, with the sign of x; log 2a where a² is too great."""
    a = abs(x)
    great = a > 2.0 ** (FORMATS[x.type].digits // 2 + 4)
    square = a * a
    y = log1p(select(great, a - 1.0, a + square / (call("sqrt", square + 1.0) + 1.0)))
    return call("copysign", y + select(great, x.constant(math.log(2)), 0.0), x)


def arccosh(x: Register) -> Register:
    """log(x + √(x² − 1)) = log1p(t + √(2t + t²)), where t = x − 1; log 2x where x² is too great."""
    great = x > 2.0 ** (FORMATS[x.type].digits // 2 + 4)
    t = x - 1.0
    y = log1p(select(great, t, t + call("sqrt", t * (t + 2.0)))) + select(great, x.constant(math.log(2)), 0.0)
    return select(x < 1.0, float("nan"), y)


def arctanh(x: Register) -> Register:
    """½ log((1 + a)/(1 − a)) = ½ log1p(2a/(1 − a)), where a = |x|, with the sign of x."""
    a = abs(x)
    return call("copysign", log1p((a + a) / (1.0 - a)) * 0.5, x)


def power(x: Register, y: Register) -> Register:
    """xʸ = 2^(y log₂|x|) of floats, in double; of a negative x, the sign is that of (−1)ʸ, or there is none."""
    a, b = convert(abs(x), "double"), convert(y, "double")
    size = convert(exp2(b * log2(a)), x.type)
    size = select(y.equals(0.0) | abs(x).equals(1.0), 1.0, size)
    whole, even = call("floor", y).equals(y), (call("floor", y * 0.5) * 2.0).equals(y)
    odd = whole & (even ^ 1)
    undefined = (x < 0.0) & (whole ^ 1) & (x > -float("inf"))
    signed = select((bits(x) < 0) & odd, -size, size)
    return select(x.equals(1.0), 1.0, select(y.equals(0.0), 1.0, select(undefined, float("nan"), signed)))


def log_in_base(x: Register, octave: float, octave_low: float, unit: float, unit_low: float) -> Register:
    """log x / log b: k log_b 2 + log(1 + f) log_b e, both factors in two parts, the first of few bits; of a float, in double."""
    if x.type == "float":
        return convert(log_in_base(convert(x, "double"), octave, octave_low, unit, unit_low), "float")
    k, f = split(x)
    square, t = log_parts(f)
    h = square * 0.5
    head = from_bits(bits(f - h) & -(2**32), "double")
    rest = ((f - head) - h) + t
    high = k * octave
    low = head * unit
    total = high + low
    lost = (high - total) + low
    return at_edges(x, total + (lost + multiply_add(k, octave_low, multiply_add(rest, unit, (rest + head) * unit_low))))


def log2(x: Register) -> Register:
    """log₂ x."""
    return log_in_base(x, 1.0, 0.0, LOG2_E, LOG2_E_LOW)


def log10(x: Register) -> Register:
    """log₁₀ x."""
    return log_in_base(x, LOG10_2, LOG10_2_LOW, LOG10_E, LOG10_E_LOW)


def ratio(coefficients: tuple[tuple[float, ...], tuple[float, ...]], t: Register) -> Register:
    """A rational function, given as in autograd.ops.special: highest powers first."""
    top, bottom = coefficients
    return polynomial(top[::-1], t) / polynomial(bottom[::-1], t)


def gauss(x: Register) -> Register:
    """e^(−x²), with the digits that x² loses by rounding: x² is the exact square of the head of x, and a small rest."""
    square = x * x
    head = from_bits(bits(x) & -(2 ** (FORMATS[x.type].digits // 2 + 1)), x.type)
    lost = (head * head - square) + (x - head) * (x + head)
    y = exp(-square)
    return y - y * lost


def erf_parts(x: Register) -> tuple[Register, Register, Register]:
    """Whether |x| is small, erf x there, and erfc |x| elsewhere; of a double, by the formulas of autograd.ops.special."""
    size = abs(x)
    if x.type == "float":
        far = minimum(size, 10.5)
        small = multiply_add(x, polynomial(ERF, x * x), x)
        return size < 0.5, small, gauss(far) * polynomial(ERFC, (far - 2.0) / (far + 2.0)) / (far + far + 1.0)
    far = minimum(size, 27.5)
    small = x * ratio(SMALL, x * x)
    t = 1.0 / (far * far)
    tail = (1 / math.sqrt(math.pi) - t * ratio(TAIL, t)) / far
    return size < 0.46875, small, gauss(far) * select(far < 4.0, ratio(MIDDLE, far), tail)


def erf(x: Register) -> Register:
    """erf x."""
    near, small, tail = erf_parts(x)
    return select(near, small, call("copysign", 1.0 - tail, x))


def erfc(x: Register) -> Register:
    """1 − erf x, with all its digits in the tail."""
    near, small, tail = erf_parts(x)
    return select(near, 1.0 - small, select(x > 0.0, tail, 2.0 - tail))
