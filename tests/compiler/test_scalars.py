"""NumPy's universal functions, read as instructions: those that there are, in NumPy's dtypes, with NumPy's numbers."""

import numpy as np
import pytest

from autograd.compiler.native.expression import Memory, Moved, Number
from autograd.compiler.native.instructions import is_instruction
from autograd.compiler.native.reading import node_of
from autograd.compiler.native.scalars import Unreadable, call, number

UFUNCS = {f.__name__: f for f in vars(np).values() if isinstance(f, np.ufunc) and f.nout == 1 and f.nin < 3 and not f.signature}
LEFT_TO_NUMPY = {
    "d": {"cbrt", "float_power", "nextafter", "spacing"},
    "l": {
        "bitwise_and", "bitwise_or", "bitwise_xor", "bitwise_count", "invert", "left_shift", "right_shift", "gcd", "lcm", "power",
        "reciprocal", "ldexp", "cbrt", "float_power", "nextafter", "spacing",
    },
    "L": {
        "bitwise_and", "bitwise_or", "bitwise_xor", "bitwise_count", "invert", "left_shift", "right_shift", "gcd", "lcm", "power",
        "reciprocal", "cbrt", "float_power", "nextafter", "spacing",
    },
}  # fmt: skip


def values(char):
    """Numbers of a dtype: small ones, and the ends."""
    dtype = np.dtype(char)
    if dtype.kind == "b":
        return np.array([False, True])
    if dtype.kind == "f":
        return np.array([0.0, -0.0, 0.5, -2.0, 3.0, np.inf, -np.inf, np.nan], dtype)
    return np.array([0, 1, 2, 7, np.iinfo(dtype).max, np.iinfo(dtype).min], dtype)


def evaluated(node, known):
    """What a node computes, by NumPy, which has all the instructions."""
    if isinstance(node, Number):
        return np.broadcast_to(np.asarray(node.value).astype(node.dtype), node.shape)
    if isinstance(node, Memory):
        return known[node]
    args = [evaluated(a, known) for a in node.args]
    if isinstance(node, Moved):
        return node.how(args[0])
    if node.name == "cast":
        return args[0].astype(node.dtype)
    if node.name == "select":
        return np.where(*args)
    assert is_instruction(node.name, node.args[0].dtype)
    y = getattr(np, node.name)(*args)
    assert y.dtype == node.dtype
    return y


def read(function, char):
    """The arrays that a function of numbers of a dtype is tried on, and what stands for each; and what it is read as."""
    x = values(char)
    arrays = [np.repeat(x, len(x)), np.tile(x, len(x))] if function.nin == 2 else [x]
    known = {Memory(a.shape, a.dtype): a for a in arrays}
    return known, call(function, *known)


def is_read(function, char):
    try:
        return bool(read(function, char))
    except Unreadable:
        return False


def is_defined(function, char):
    try:
        return bool(function.resolve_dtypes((*(np.dtype(char),) * function.nin, None)))
    except TypeError:
        return False


@pytest.mark.parametrize("char", LEFT_TO_NUMPY)
def test_all_functions_are_read_but_these(char):
    assert {name for name, f in UFUNCS.items() if is_defined(f, char) and not is_read(f, char)} == LEFT_TO_NUMPY[char]


READ = [(name, char) for name, function in UFUNCS.items() for char in "?bhilBHILfd" if is_read(function, char)]


def instructions(node):
    return {getattr(node, "name", ""), *(name for a in node.args for name in instructions(a))}


@pytest.mark.parametrize(("name", "char"), READ)
def test_a_function_that_is_read_is_numpys(name, char):
    known, node = read(UFUNCS[name], char)
    with np.errstate(all="ignore"):
        ours, theirs = evaluated(node, known), UFUNCS[name](*known.values())
        assert (ours.shape, ours.dtype) == (theirs.shape, theirs.dtype)
        np.testing.assert_allclose(ours, theirs, rtol=1e-6 if ours.dtype == np.float32 else 1e-14)


@pytest.mark.parametrize("n", [-1, 0, 1, 2, 3, 4, 5, 0.5, True, np.float32(3), np.full((2, 1), 2)])
@pytest.mark.parametrize("char", "fd")
def test_a_known_power_is_numpys_and_a_small_one_made_of_products(n, char):
    x = values(char)
    node = Memory(x.shape, x.dtype)
    y = call(np.power, node, node_of(n))
    with np.errstate(all="ignore"):
        ours, theirs = evaluated(y, {node: x}), np.power(x, n)
    assert (ours.shape, ours.dtype) == (theirs.shape, theirs.dtype)
    np.testing.assert_allclose(ours, theirs, rtol=1e-6)
    assert ("power" in instructions(y)) == (np.ravel(n)[0] in (5, 0.5))


@pytest.mark.parametrize("n", [0, 1, 2, 3, 4])
def test_a_power_of_integers_is_read_if_it_is_small(n):
    x = np.array([1, 2, -3, 7])
    node = Memory(x.shape, x.dtype)
    np.testing.assert_array_equal(evaluated(call(np.power, node, number(n)), {node: x}), x**n)
    with pytest.raises(Unreadable, match="not known"):
        call(np.power, node, number(n + 5))
