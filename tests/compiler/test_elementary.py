"""Single instructions as machine code: the numbers are NumPy's, exactly or to a few units in the last place."""

import itertools

import numpy as np
import pytest

from autograd.compiler.native.elementary import ELEMENTARY, NEAR
from autograd.compiler.native.nest import Instruction, Load, Nest, Reduction, Store, View

from .nests import F4, F8, buffer, check, one_instruction

SPECIAL = [0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 2.5, -2.5, 3.0, 1e-3, 40.0, -40.0, 1e4, np.inf, -np.inf, np.nan]

EXACT = [
    "add", "subtract", "multiply", "divide", "maximum", "minimum", "fmax", "fmin", "copysign", "fmod", "floor_divide", "remainder",
    "equal", "not_equal", "less", "less_equal", "greater", "greater_equal",
]  # fmt: skip
ROUNDED = ["arctan2", "hypot", "power"]
EXACT_OF_ONE = [
    "negative", "absolute", "sqrt", "square", "reciprocal", "floor", "ceil", "rint", "trunc", "sign",
    "isfinite", "isnan", "isinf", "signbit", "logical_not",
]  # fmt: skip
ROUNDED_OF_ONE = sorted({*ELEMENTARY, *ROUNDED} - {*ROUNDED})
BOOLEAN = {"equal", "not_equal", "less", "less_equal", "greater", "greater_equal", "isfinite", "isnan", "isinf", "signbit", "logical_not"}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", EXACT)
def test_arithmetic_of_two_floats_is_numpys_to_the_last_bit(name, dtype):
    a, b = np.array(list(itertools.product(SPECIAL, SPECIAL))).T
    ours, theirs = one_instruction(name, [dtype, dtype], bool if name in BOOLEAN else dtype, [a, b])
    np.testing.assert_array_equal(ours, theirs)
    if name not in ("maximum", "minimum", "fmax", "fmin"):  # of 0 and −0, NumPy gives either
        keep = ~np.isnan(theirs)
        np.testing.assert_array_equal(np.signbit(ours[keep]), np.signbit(theirs[keep]))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", ["floor_divide", "remainder", "fmod", "divide"])
def test_division_of_any_floats_is_numpys_to_the_last_bit(name, dtype, rng):
    a = (rng.integers(-50, 50, 100_000) * 0.1 * 10.0 ** rng.integers(-3, 9, 100_000)).astype(dtype)
    b = (rng.integers(-50, 50, 100_000) * 0.1).astype(dtype)
    ours, theirs = one_instruction(name, [dtype, dtype], dtype, [a, b])
    np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", EXACT_OF_ONE)
def test_simple_functions_of_a_float_are_numpys_to_the_last_bit(name, dtype):
    ours, theirs = one_instruction(name, [dtype], bool if name in BOOLEAN else dtype, [np.array(SPECIAL * 3)])
    np.testing.assert_array_equal(ours, theirs)
    keep = ~np.isnan(theirs)
    np.testing.assert_array_equal(np.signbit(ours[keep]), np.signbit(theirs[keep]))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", ROUNDED + ROUNDED_OF_ONE)
def test_functions_of_floats_are_numpys_to_rounding(name, dtype):
    arrays = np.array(list(itertools.product(SPECIAL, SPECIAL))).T if name in ROUNDED else [np.array(SPECIAL)]
    ours, theirs = one_instruction(name, [dtype] * len(arrays), dtype, arrays)
    np.testing.assert_allclose(ours, theirs, rtol=4 * np.finfo(dtype).eps, atol=0)
    keep = ~np.isnan(theirs)
    np.testing.assert_array_equal(np.signbit(ours[keep]), np.signbit(theirs[keep]))


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int16, np.uint16, np.int32, np.uint32, np.int64, np.uint64])
@pytest.mark.parametrize(
    "name",
    [
        "add", "subtract", "multiply", "maximum", "minimum", "fmax", "fmin", "fmod", "floor_divide", "remainder",
        "less", "greater_equal", "equal",
    ],
)  # fmt: skip
def test_integers_wrap_and_divide_as_numpys(name, dtype):
    limits = np.iinfo(dtype)
    values = [0, 1, 2, 3, 7, limits.max, limits.max - 1, limits.min, limits.min + 1, *([-1, -2, -7] if limits.min else [])]
    a, b = np.array(list(itertools.product(values, repeat=2)), dtype).T
    ours, theirs = one_instruction(name, [dtype, dtype], bool if name in BOOLEAN else dtype, [a, b])
    np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("name", ["negative", "square", "sign"])
@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int64])
def test_functions_of_an_integer_are_numpys(name, dtype):
    values = np.array([0, 1, 5, np.iinfo(dtype).max, np.iinfo(dtype).min]).astype(dtype)
    ours, theirs = one_instruction(name, [dtype], dtype, [values])
    np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("dtype", [np.int8, np.int64])
def test_the_size_of_the_least_integer_is_itself(dtype):
    ours, theirs = one_instruction("absolute", [dtype], dtype, [np.array([0, -5, np.iinfo(dtype).max, np.iinfo(dtype).min], dtype)])
    np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("old", "?bBhHiIqQfd")
@pytest.mark.parametrize("new", "?bBhHiIqQfd")
def test_a_cast_is_astype(old, new):
    values = np.array([0, 1, 2, 3, 100, 127], old)
    if np.dtype(old).kind in "if":
        values[3:5] = [-3, -100]
    if np.dtype(old).kind == "f":
        values[:2] = [2.75, -0.75 if np.dtype(new).kind != "u" else 0.75]
    if np.dtype(new).kind == "u":
        values = np.abs(values)
    ours, theirs = one_instruction("cast", [old], new, [values])
    np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize(
    "name", ["logical_and", "logical_or", "logical_xor", "add", "multiply", "maximum", "minimum", "equal", "less", "greater_equal"]
)
def test_booleans_are_bytes_in_memory_and_bits_in_registers(name):
    a, b = np.array([[False, False, True, True], [False, True, False, True]])
    ours, theirs = one_instruction(name, [bool, bool], bool, [a, b])
    np.testing.assert_array_equal(ours.view(np.uint8), theirs.view(np.uint8))


def dense(rng, dtype):
    """Numbers of all sizes: every exponent, and many near 0 and 1."""
    integer, digits = {4: (np.uint32, 32), 8: (np.uint64, 64)}[np.dtype(dtype).itemsize]
    anything = rng.integers(0, 2**digits, 20_000, integer, endpoint=False).view(dtype)
    near = [rng.uniform(-a, a, 4000).astype(dtype) for a in (1e-3, 0.5, 1, 3, 20, 100, 800)]
    return np.concatenate([anything, *near, (1 + rng.uniform(-0.01, 0.01, 4000)).astype(dtype)])


ULPS = {
    "expm1": 2.0, "log1p": 1.6, "sinh": 2.6, "cosh": 1.7, "tanh": 2.6, "arcsinh": 2.5, "arccosh": 3.0, "arctanh": 2.5,
    "erf": 3.5, "erfc": 4.5, "sin": 2.0, "cos": 2.0, "tan": 3.5, "arcsin": 3.5, "arccos": 3.5, "arctan": 2.5,
}  # fmt: skip
WIDE = sorted({*ELEMENTARY} - {"erf", "erfc", "power", "arctan2"})


def ulps(ours, true):
    """How many units in the last place of its dtype a result is off; infinite where one is special and the other isn't."""
    dtype = ours.dtype
    with np.errstate(all="ignore"):
        rounded = true.astype(dtype)
        error = np.abs(ours.astype(np.longdouble) - true) / np.spacing(np.abs(rounded))
        same = (ours == rounded) | (np.isnan(ours) & np.isnan(rounded))
        near = np.isfinite(rounded) & np.isfinite(ours)
        edge = ~near & ~same & (np.abs(true) < 1.000001 * np.finfo(dtype).max) & (np.abs(true) > 0.999999 * np.finfo(dtype).max)
        return np.where(near, error, np.where(same | edge, 0, np.inf))


@pytest.mark.skipif(np.finfo(np.longdouble).nmant < 63, reason="numbers longer than double are the reference")
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", WIDE)
def test_elementary_functions_are_exact_to_a_few_units_in_the_last_place(name, dtype, rng):
    x = dense(rng, dtype)
    if name in NEAR:
        x = x[np.abs(x) <= NEAR[name]]
    ours, _ = one_instruction(name, [dtype], dtype, [x])
    with np.errstate(all="ignore"):
        error = ulps(ours, getattr(np, name)(x.astype(np.longdouble)))
    worst = np.argmax(error)
    assert error[worst] <= ULPS.get(name, 1.2), f"{name}({x[worst]!r}) = {ours[worst]!r}"


@pytest.mark.skipif(np.finfo(np.longdouble).nmant < 63, reason="numbers longer than double are the reference")
@pytest.mark.parametrize(("name", "dtype"), [("arctan2", F4), ("arctan2", F8), ("power", F4)])
def test_elementary_functions_of_two_numbers_are_exact_to_a_few_units_in_the_last_place(name, dtype, rng):
    a, b = (rng.permutation(dense(rng, dtype)) for _ in range(2))
    if name == "power":
        a, b = np.abs(a), np.clip(b, -30, 30)
    ours, _ = one_instruction(name, [dtype, dtype], dtype, [a, b])
    with np.errstate(all="ignore"):
        error = ulps(ours, getattr(np, name)(a.astype(np.longdouble), b.astype(np.longdouble)))
    worst = np.argmax(error)
    assert error[worst] <= 2.5, f"{name}({a[worst]!r}, {b[worst]!r}) = {ours[worst]!r}"


@pytest.mark.parametrize("dtype", [F4, F8])
@pytest.mark.parametrize("name", ["sin", "cos", "tan"])
def test_small_angles_keep_their_sign_and_nan_stays(name, dtype):
    ours, theirs = one_instruction(name, [dtype], dtype, [np.array([0.0, -0.0, 1e-30, -1e-30, 1.0, np.nan])])
    np.testing.assert_allclose(ours, theirs, rtol=4 * np.finfo(dtype).eps)
    np.testing.assert_array_equal(np.signbit(ours[:-1]), np.signbit(theirs[:-1]))


@pytest.mark.parametrize("dtype", [F4, F8])
@pytest.mark.parametrize("name", ["sin", "cos", "tan"])
def test_angles_too_great_for_the_fast_way_go_the_slow_one(name, dtype):
    angles = np.array([1e3, 1e6, 1e7, 1e15, 1e30, -1e30, np.inf, np.nan, 0.5])
    ours, theirs = one_instruction(name, [dtype], dtype, [angles])
    np.testing.assert_allclose(ours, theirs, rtol=4 * np.finfo(dtype).eps)


def test_an_angle_is_asked_for_before_anything_is_stored():
    x, y = buffer("x", 3), buffer("y", 3)
    body = [Load(View(x, 0, (1,))), Instruction("square", (0,), F8), Instruction("sin", (1,), F8), Instruction("sin", (2,), F8)]
    nest = Nest((3,), body, [Store(3, View(x, 0, (1,)))], [Reduction("sum", 2, View(y, 0, (1,)))])
    for values in ([1.0, 2.0, 3.0], [1.0, 2e9, 3.0]):
        check(nest, {x: np.array(values), y: np.zeros(3)})


@pytest.mark.parametrize("name", ["erf", "erfc"])
def test_the_error_function_is_exact_to_a_few_units_in_the_last_place(name, rng):
    mpmath = pytest.importorskip("mpmath")
    x = np.concatenate([rng.uniform(-a, a, 300) for a in (1e-8, 0.5, 1, 4, 6, 27)])
    with mpmath.workprec(200):
        for dtype in (np.float32, np.float64):
            narrow = x.astype(dtype)
            ours, _ = one_instruction(name, [dtype], dtype, [narrow])
            true = [getattr(mpmath, name)(mpmath.mpf(float(v))) for v in narrow]
            error = [abs(mpmath.mpf(float(y)) - t) / float(np.spacing(dtype(abs(float(t))))) for y, t in zip(ours, true, strict=True)]
            worst = int(np.argmax(error))
            assert error[worst] <= ULPS[name], f"{name}({narrow[worst]!r}) = {ours[worst]!r}"


def test_logarithms_of_powers_and_powers_of_integers_are_exact():
    exponents = np.arange(-1074.0, 1024)
    ours, _ = one_instruction("exp2", [F8], F8, [exponents])
    np.testing.assert_array_equal(ours, 2.0**exponents)
    np.testing.assert_array_equal(one_instruction("log2", [F8], F8, [ours])[0], exponents)
    tens = np.arange(-300.0, 300)
    np.testing.assert_array_equal(one_instruction("log10", [F8], F8, [np.array([float(f"1e{n:.0f}") for n in tens])])[0], tens)
