"""Values and derivatives to the last digits, against arithmetic with 500 of them."""

import numpy as np
import pytest

from autograd import Tensor, ops

mp = pytest.importorskip("mpmath")

EPS = np.finfo(float).eps
WIDE = np.concatenate([-np.logspace(-12, 3, 31)[::-1], [0.0], np.logspace(-12, 3, 31)])
MIDDLE = np.concatenate([np.linspace(-26, 26, 21), np.logspace(-12, 0, 5)])


def between(low, high):
    return np.linspace(low, high, 41)


TWINS = {
    "sigmoid": (lambda x: 1 / (1 + mp.exp(-x)), WIDE),
    "tanh": (mp.tanh, WIDE),
    "softplus": (lambda x: mp.log1p(mp.exp(x)), WIDE),
    "erf": (mp.erf, MIDDLE),
    "erfc": (mp.erfc, MIDDLE),
    "gelu": (lambda x: x * mp.erfc(-x / mp.sqrt(2)) / 2, MIDDLE),
    "exp": (mp.exp, between(-700, 700)),
    "exp2": (lambda x: mp.mpf(2) ** x, between(-1000, 1000)),
    "expm1": (mp.expm1, MIDDLE),
    "log": (mp.log, np.logspace(-300, 300, 41)),
    "log2": (lambda x: mp.log(x, 2), np.logspace(-300, 300, 41)),
    "log10": (mp.log10, np.logspace(-300, 300, 41)),
    "log1p": (mp.log1p, np.logspace(-300, 300, 41)),
    "sqrt": (mp.sqrt, np.logspace(-300, 300, 41)),
    "cbrt": (mp.cbrt, np.logspace(-100, 100, 41)),
    "sin": (mp.sin, between(-20, 20)),
    "cos": (mp.cos, between(-20, 20)),
    "tan": (mp.tan, between(-1.5, 1.5)),
    "arcsin": (mp.asin, between(-0.999, 0.999)),
    "arccos": (mp.acos, between(-0.999, 0.999)),
    "arctan": (mp.atan, WIDE),
    "sinh": (mp.sinh, MIDDLE),
    "cosh": (mp.cosh, MIDDLE),
    "arcsinh": (mp.asinh, WIDE),
    "arccosh": (mp.acosh, 1 + np.logspace(-6, 3, 41)),
    "arctanh": (mp.atanh, between(-0.999, 0.999)),
}


def our_orders(op, x):
    leaf = Tensor(x, requires_grad=True)
    y = op(leaf)
    y.sum().backward(create_graph=True)
    first, leaf.grad = leaf.grad, None
    first.sum().backward()
    return y.data, first.data, leaf.grad.data


@pytest.mark.parametrize("name", TWINS)
def test_values_and_derivatives(name):
    exact, points = TWINS[name]
    with mp.workdps(500):
        wanted = np.array([[float(k * mp.factorial(n)) for n, k in enumerate(mp.taylor(exact, float(x), 3))] for x in points]).T
    value, slope, bend = our_orders(getattr(ops, name), points)
    felt = lambda n: np.abs(wanted[n]) + np.abs(points * wanted[n + 1])  # half a digit in x moves the answer by this much
    assert (np.abs(value - wanted[0]) <= 4 * EPS * felt(0)).all()
    assert (np.abs(slope - wanted[1]) <= 8 * EPS * felt(1)).all()
    np.testing.assert_allclose(bend, wanted[2], rtol=1e-12, atol=1e-14)
