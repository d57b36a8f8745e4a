"""Python's numbers as arguments: compiled code gives what Python gives, or raises what it raises, whatever numbers come later."""

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import jit

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
