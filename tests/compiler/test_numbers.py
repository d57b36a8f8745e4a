"""Python's numbers as arguments: compiled code gives what Python gives, or raises what it raises, whatever numbers come later."""

import numbers

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import jit
from nn import functional as F

from .backends import assert_equal

U8, F4, F8 = np.ones(2, np.uint8), np.ones(2, np.float32), np.ones(2)
NUMBERS = {  # a function, the arguments for which it is compiled, and those that come later
    "too large for an array": (lambda x, n: x + n, (U8, 3), [(U8, 300), (U8, -1), (U8, 2**70)]),
    "too small for an array": (lambda x, n: anp.maximum(x, n), (U8, 2), [(U8, -3)]),
    "a result too large for an array": (lambda x, n: x * (n * 2), (U8, 3), [(U8, 200)]),
    "into an array": (lambda x, n: anp.full_like(x, n), (U8, 3), [(U8, 4), (U8, 300)]),
    "longer than 64 bits": (lambda x, n: x + n, (F8, 3), [(F8, 2**70), (F8, 10**40)]),
    "a division": (lambda x, n: x * (1 / n), (F8, 2.0), [(F8, 0.0), (F8, 4.0)]),
    "a division of whole numbers": (lambda n, m: n / m, (4, 3), [(1, 0), (2**62 + 1, 3), (2**70, 3)]),
    "a whole division": (lambda n, m: n // m, (4, 3), [(4, 0), (-4, 3), (-(2**63), -1)]),
    "a remainder": (lambda n, m: n % m, (4, 3), [(4, 0), (-4, 3), (4, -3)]),
    "a remainder of floats": (lambda n, m: n % m, (4.0, 3.0), [(4.0, 0.0), (-4.0, 3.0), (4.0, float("inf"))]),
    "a root": (lambda n: n**0.5, (4.0,), [(-4.0,), (2.0,)]),
    "a power": (lambda n, m: n**m, (4.0, 3.0), [(10.0, 400.0), (0.0, -1.0), (-8.0, 1 / 3)]),
    "a power of whole numbers": (lambda n: n**2, (4,), [(2**40,)]),
    "a reciprocal": (lambda n: n**-1, (4,), [(0,)]),
    "a product": (lambda n, m: n * m, (4, 3), [(2**40, 2**40), (2**62, 2), (2**70, 3), (-(2**62), 2)]),
    "a sum": (lambda n, m: n + m, (4, 3), [(2**63 - 1, 1)]),
    "a negative": (lambda n: -n, (4,), [(-(2**63),)]),
    "an absolute value": (lambda n: abs(n), (4,), [(-(2**63),)]),
    "a shift": (lambda x, n: (x * (n << 1), 1 << n), (F4, 3), [(F4, 70)]),
    "bits": (lambda x, n: (x * (n & 6), 1 | n, n ^ n, ~n, 9 >> n), (F4, 3), [(F4, 2)]),
    "floats do overflow": (lambda n: (n * n, n + n, -n), (4.0,), [(1e308,), (float("nan"),)]),
    "a comparison": (lambda x, n, m: (n < m, x * ((n == m) * m), (n < m) + (n != m)), (F4, 3, 4), [(F4, 4, 4), (F4, 5, 4)]),
    "a truth value": (lambda x, n: (np.allclose(x, n), anp.where(n >= 1, x, -x)), (F4, 1), [(F4, 2), (F4, 0)]),
    "an index": (lambda x, n: x[n], (F4, 1), [(F4, -2), (F4, 2)]),
}


def outcome(function, args):
    try:
        return function(*args)
    except (ArithmeticError, IndexError) as error:
        return type(error).__name__


@pytest.mark.parametrize("case", NUMBERS)
@pytest.mark.filterwarnings("ignore:jit. <lambda> runs as Python. the numbers decide what pow gives")
def test_numbers_that_come_later_do_what_they_do_in_python(case, backend):
    function, first, later = NUMBERS[case]
    compiled = jit(function, backend=backend)
    for args in (first, *later, first):
        assert_equal(outcome(compiled, args), outcome(function, args), str(args))
    assert len(compiled.variants) == 1


@pytest.mark.parametrize("number", [1, 9, -4])
def test_a_call_that_fails_has_drawn_what_it_draws_in_python(number, backend):
    for f in (
        lambda x, i, rng: x[i] * rng.random(),
        lambda x, i, rng: rng.random() * x[i],
        lambda x, i, rng: rng.random(3)[0] * x[i] + rng.normal(size=3)[1],
    ):
        mine, twin = np.random.default_rng(0), np.random.default_rng(0)
        compiled = jit(f, backend=backend)
        for i in ([0], [number], [2]):
            assert_equal(outcome(compiled, (F8.repeat(2), np.array(i), mine)), outcome(f, (F8.repeat(2), np.array(i), twin)))
            assert mine.bit_generator.state == twin.bit_generator.state


MOST = 2**63 - 1
FUNCTIONS = {  # of NumPy, and the numbers that they are called with: the first is what is compiled for
    "divide": (lambda x: np.divide(x, 0), [1.0, 0.0, -1.0]),
    "divide by a traced number": (lambda x: np.divide(1.0, x), [2.0, 0.0]),
    "divide whole numbers": (lambda x: anp.divide(x, 0), [1, 0]),
    "floor_divide": (lambda x: np.floor_divide(x, 0), [1, -4]),
    "remainder": (lambda x: np.remainder(x, 0), [1, 4]),
    "power": (lambda x: np.power(x, 2.0), [2.0, 1e200]),
    "add": (lambda x: np.add(x, 1), [1, MOST, -3]),
    "add truth values": (lambda x: np.add(x > 0, True), [1, -1]),
    "multiply": (lambda x: np.multiply(x, x), [3, 2**40]),
    "multiply complex numbers": (lambda x: np.multiply(x, x), [1 + 2j, 1e300j]),
    "negative": (lambda x: np.negative(x), [1, -MOST - 1]),
    "absolute": (lambda x: np.absolute(x), [-2, -MOST - 1]),
    "square": (lambda x: anp.square(x), [2, 2**40]),
    "sum": (lambda x: np.sum(x) * 2, [2, 2**62]),
    "less": (lambda x: np.less(x, 3), [2, 4]),
}


@pytest.mark.parametrize("case", FUNCTIONS)
def test_a_function_of_numpy_computes_as_numpy_does(case, backend):
    function, given = FUNCTIONS[case]
    for first in (given[0], given[-1]):  # whichever is there when it is traced
        compiled = jit(function, backend=backend)
        with np.errstate(all="ignore"):
            for x in (first, *given):
                assert_equal(compiled(x), function(x), str(x))


REFUSED = {  # what can't be told of a number that is traced, and what is said of it
    "in a set": (lambda n: n in {1, 2}, r"a set, or a key of a dict, .* name it in static_argnames, as in jit\(f, static_argnames=\"n\"\)"),
    "in a dict": (lambda n: {1: 10.0}.get(n, 0.0), "a set, or a key of a dict,"),
    "a set of it": (lambda n: len({n, 2}), "a set, or"),
    "a key that is returned": (lambda n: {n: 1.0}, "a set, or a key of a dict,"),
    "a list that it repeats": (lambda n: [0.0] * n, 'a list that is repeated .* static_argnames="n"'),
    "a list that repeats": (lambda n: n * [0.0], "a list that is repeated"),
    "a tuple": (lambda n: (1, 2) * n, "a tuple that is repeated"),
    "text": (lambda n: "ab" * n, "a str that is repeated"),
    "a list in place": (lambda n: [0.0].__imul__(n), 'a size, .* static_argnames="n"'),
    "zeros": (lambda n: np.zeros(n), 'a size, .* static_argnames="n"'),
    "full": (lambda n: np.full(n, 1.0), 'a size, .* static_argnames="n"'),
    "a computed size": (lambda n: np.ones((n // 2 + 1, 2)), 'a size, .* static_argnames="n"'),
    "draws": (lambda n: RNG.normal(size=n), 'a size, .* static_argnames="n"'),
    "tile": (lambda n: np.tile([1.0], n), 'numpy.tile needs .* static_argnames="n"'),
    "a power": (lambda n: 2**n, 'a power of whole numbers.* static_argnames="n"'),
    "norm of a list": (lambda n: np.linalg.norm([n, n]), r"np\.linalg\.norm\(\) .*\.array\(.*, or use autograd\.numpy\.linalg\.norm"),
    "mean of a list": (lambda n: np.mean([n, 2 * n]), r"np\.mean\(\) .* autograd\.numpy\.array\(\[…\]\), or use autograd\.numpy\.mean"),
    "branch": (lambda n: n if n > 1 else 0, r'a branch .*np\.where\(condition, a, b\); or name it in .* static_argnames="n"'),
    "loop": (lambda n: count_down(n), 'a loop .* name it in static_argnames, as in .* static_argnames="n"'),
    "text of it": (lambda n: "%d" % n, "printing"),  # noqa: UP031  # this is what is tested
    "its bits": (lambda n: n.bit_length(), r"\.bit_length needs the numbers"),
}
RNG = np.random.default_rng(0)


def count_down(n):
    while n > 0:
        n = n - 1
    return n


@pytest.mark.parametrize("case", REFUSED)
def test_what_needs_a_number_is_an_error_that_names_line_and_argument(case):
    function, told = REFUSED[case]
    function(2)  # there is nothing wrong with it
    with pytest.raises(TypeError, match=rf"^jit: {told}.*; at .*test_numbers\.py:\d+: ") as error:
        jit(function, backend="numpy")(2)
    assert not hasattr(error.value, "__notes__")


def test_arguments_are_named_only_if_they_are_numbers():
    for f, args, told in (
        (lambda n, m: np.zeros(n * m), (2, 3), r'name them in static_argnames, as in jit\(f, static_argnames=\("n", "m"\)\)'),
        (lambda sizes: np.zeros(sizes["n"]), ({"n": 2},), 'name it in .*="sizes"'),
        (lambda k: [0] * k, (np.int64(2),), 'name it in .*="k"'),
        (lambda x: [0] * x.argmax(), (np.ones(2),), 'name the argument in static_argnames, as in .*="n"'),
        (lambda *sizes: np.zeros(sizes[0]), (2,), "name the argument in"),
        (lambda x, a: x * a, ([1.0, 2.0], 3), 'a list that is repeated .*="a"'),
    ):
        with pytest.raises(TypeError, match=told):
            jit(f, backend="numpy")(*args)


def written(a, y):
    a[:] = y


def test_a_sequence_of_numbers_is_better_given_as_an_array():
    x = np.arange(6.0).reshape(2, 3)
    for f, given, name in (
        (lambda y: np.sin(y), [0, 1], "y"),
        (lambda y: np.mean(np.array(y["k"])), {"k": [[0.0], [1.0]]}, r"y\['k'\]"),
        (lambda y: x[y], [0, 1], "y"),
        (lambda y: np.arange(3.0)[y], [0, 1], "y"),
        (lambda y: F.cross_entropy(x, y), (0, 1), "y"),
        (lambda *y: np.sin(y[0]), [0, 1], r"args\[0\]"),
    ):
        with pytest.raises(TypeError, match=rf"{name} is a sequence of numbers, .*; give an array: np\.asarray\({name}\); at "):
            jit(f, backend="numpy")(given)
    for f in (lambda y: np.full(y, 1.0), lambda y: np.tile([1.0], y), lambda y: np.zeros(y)):
        with pytest.raises(TypeError, match=r'name it in static_argnames, as in .*="y"'):
            jit(f, backend="numpy")([2, 3])
    for f, told in (
        (lambda *y: np.array(y), r"autograd\.numpy\.array\("),
        (lambda *y: anp.flip([y]), r"lists of traced values become arrays by autograd\.numpy\.array\("),
    ):
        with pytest.raises(TypeError, match=told):
            jit(f, backend="numpy")(1.0, 2.0)
    for f, told in (
        (lambda y: np.full(3, y[0]), r"np\.ones\(3\) \* value"),
        (lambda y: written(np.zeros(2), y), r"a write into a plain array .*np\.stack"),
    ):
        with pytest.raises(TypeError, match=told):
            jit(f, backend="numpy")([1.0, 2.0])


def test_a_number_meets_lists_as_in_python():
    for f in (lambda x: [1.0] * x, lambda x: x * (1.0, 2.0), lambda x: x - [1.0], lambda x: [1.0] - x, lambda x: x - (1.0,)):
        for g in (f, jit(f, backend="numpy")):
            with pytest.raises(
                TypeError, match=r"can't multiply sequence by non-int of type 'float'|unsupported operand|can only concatenate"
            ):
                g(2.0)
    assert jit(lambda x: (x == [1.0], x != (1.0,)), backend="numpy")(1.0) == (False, True)
    assert_equal(jit(lambda x: x * [1.0, 2.0], backend="numpy")(np.array(2.0)), np.array([2.0, 4.0]))


def test_a_number_is_one_for_numpy_and_has_what_numbers_have():
    assert jit(lambda x: (np.isscalar(x), isinstance(x, numbers.Number)), backend="numpy")(1.0) == (True, True)
    assert jit(lambda x: np.isscalar(x), backend="numpy")(F8) is False
    with pytest.raises(AttributeError, match="'float' object has no attribute 'values'"):
        jit(lambda x: x.values, backend="numpy")(1.0)
    with pytest.raises(TypeError, match=r"unhashable type: 'numpy\.ndarray'"):
        jit(lambda x: {x}, backend="numpy")(F8)
