"""A NaN appears where the mathematics has one, and nowhere else: what is not selected, or not asked for, can't leak in as 0·∞."""

import numpy as np
import pytest

from autograd import Tensor
from autograd.ops import (
    absolute, arccosh, cbrt, clip, divide, exp, hypot, log, max, maximum, mean, minimum, multiply, norm, power, prod, reciprocal, relu, sqrt,
    std, sum, var, where,
)  # fmt: skip

pytestmark = pytest.mark.filterwarnings("ignore:(divide by zero|invalid value|overflow|Degrees of freedom):RuntimeWarning")  # as NumPy warns


def gradient(f, x, g=None):
    leaf = Tensor(x, requires_grad=True)
    f(leaf).backward(g)
    return leaf.grad.data


# the branch not taken


@pytest.mark.parametrize(
    ("f", "x", "wanted"),
    [
        (lambda x: where(x > 0, sqrt(x), x), 0.0, 1),
        (lambda x: where(x > 0, sqrt(x), x), -1.0, 1),
        (lambda x: where(x > 0, x * log(x), 0), 0.0, 0),
        (lambda x: where(x > 0, x * log(x), 0), 1.0, 1),
        (lambda x: where(x > 0, 1 / x, x), 0.0, 1),
        (lambda x: where(x < 700, exp(x), x), 1e3, 1),
        (lambda x: where(x != 0, power(x, 0.5), 0), 0.0, 0),
        (lambda x: sqrt(relu(x)), 0.0, 0),
        (lambda x: sqrt(relu(x)), -1.0, 0),
        (lambda x: sqrt(absolute(x)), 0.0, 0),
        (lambda x: relu(sqrt(x) - 1), 0.0, 0),
        (lambda x: clip(log(x), -1.0, 1.0), 0.0, 0),
        (lambda x: maximum(log(x), -1.0), 0.0, 0),
        (lambda x: minimum(1 / x, 1.0), 0.0, 0),
        (lambda x: max(divide(Tensor([1.0, 1.0]), x * Tensor([0.0, 1.0])) * Tensor([-1.0, 1.0])), 2.0, -0.25),
        (lambda x: (log(x) * Tensor([0.0, 1.0]))[1], 1.0, 1),
        (lambda x: log(x * Tensor([0.0, 1.0]))[1], 2.0, 0.5),
    ],
)
def test_what_is_not_selected_does_not_leak(f, x, wanted):
    assert gradient(f, x) == wanted


@pytest.mark.parametrize(
    "f",
    [sqrt, cbrt, log, reciprocal, lambda x: power(x, 0.5), lambda x: arccosh(x + 1), lambda x: 1 / x, lambda x: hypot(x, 0.0), norm, std],
)
def test_an_infinite_partial_times_a_zero_cotangent_is_zero(f):
    assert gradient(f, 0.0, 0.0) == 0
    assert gradient(lambda x: 0.0 * f(x * 1.0), 0.0) == 0


def test_the_square_of_a_root_at_zero():
    """d(√x)²/dx at 0 is 2√x · 1/(2√x) = 0·∞: 0 by the stated convention."""
    assert gradient(lambda x: sqrt(x) ** 2, 0.0) == 0


def test_second_derivative_at_the_minimum_of_a_square():
    """(√x − 2)² at its minimum x = 4, where the first derivative is 0: the second is 1/(2x) = 0.125, so a zero cotangent is no constant."""
    x = Tensor(4.0, requires_grad=True)
    ((sqrt(x) - 2) ** 2).backward(create_graph=True)
    first, x.grad = x.grad, None
    first.backward()
    assert (first.item(), x.grad.item()) == (0, 0.125)


# NaN in the data is never hidden


@pytest.mark.parametrize("f", [sum, mean, max, prod, norm, std, var, lambda x: sum(relu(x)), lambda x: sum(maximum(x, 0.0)), lambda x: sum(x * x)])
def test_nan_data_reaches_the_loss(f):
    assert np.isnan(f(Tensor([1.0, np.nan, 2.0], requires_grad=True)).item())


@pytest.mark.parametrize("f", [exp, sqrt, log, multiply, norm, prod, var, std, lambda x: x**3, lambda x: x @ x])
def test_nan_data_reaches_the_gradient(f):
    g = gradient(lambda x: sum(f(x, x) if f is multiply else f(x)), [1.0, np.nan, 2.0])
    assert np.isnan(g).any()


def test_nan_data_stays_in_its_own_row():
    np.testing.assert_array_equal(np.isnan(gradient(lambda x: sum(exp(x) / x), [1.0, np.nan, 2.0])), [False, True, False])


def test_a_nan_cotangent_is_passed_on():
    assert np.isnan(gradient(lambda x: x * 2.0, 1.0, np.nan))
    assert np.isnan(gradient(sqrt, 0.0, np.nan))


# the edge of the range


@pytest.mark.parametrize(
    ("f", "x", "wanted"),
    [
        (prod, [1e200, 1e200], [1e200, 1e200]),
        (prod, [1e200, 1e200, 1e-200], [1, 1, np.inf]),
        (prod, [np.inf], [1]),
        (prod, [0.0, 0.0, 3.0], [0, 0, 0]),
        (prod, [0.0, 2.0, 3.0], [6, 0, 0]),
        (lambda x: hypot(x[0], x[1]), [3e200, 4e200], [0.6, 0.8]),
        (lambda x: sum(exp(x)), [1000.0, 0.0], [np.inf, 1]),
        (lambda x: sum(1 / x), [np.inf, 2.0], [0, -0.25]),
        (var, [5.0], [0]),
        (lambda x: var(x, ddof=1), [5.0], [np.nan]),
    ],
)
def test_values_at_the_edge(f, x, wanted):
    np.testing.assert_allclose(gradient(f, x), wanted, rtol=1e-14)
