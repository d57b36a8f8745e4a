"""A NaN appears where the mathematics has one, and nowhere else: what is not selected, or not asked for, can't leak in as 0·∞."""

import numpy as np
import pytest

from autograd import Tensor, ops

NUMPY_WARNS = "ignore:(divide by zero|invalid value|overflow|Degrees of freedom):RuntimeWarning"
pytestmark = pytest.mark.filterwarnings(NUMPY_WARNS)


def gradient(f, x, g=None):
    leaf = Tensor(x, requires_grad=True)
    f(leaf).backward(g)
    return leaf.grad.data


# the branch not taken


@pytest.mark.parametrize(
    ("f", "x", "wanted"),
    [
        (lambda x: ops.where(x > 0, ops.sqrt(x), x), 0.0, 1),
        (lambda x: ops.where(x > 0, ops.sqrt(x), x), -1.0, 1),
        (lambda x: ops.where(x > 0, x * ops.log(x), 0), 0.0, 0),
        (lambda x: ops.where(x > 0, x * ops.log(x), 0), 1.0, 1),
        (lambda x: ops.where(x > 0, 1 / x, x), 0.0, 1),
        (lambda x: ops.where(x < 700, ops.exp(x), x), 1e3, 1),
        (lambda x: ops.where(x != 0, ops.power(x, 0.5), 0), 0.0, 0),
        (lambda x: ops.sqrt(ops.relu(x)), 0.0, 0),
        (lambda x: ops.sqrt(ops.relu(x)), -1.0, 0),
        (lambda x: ops.sqrt(ops.absolute(x)), 0.0, 0),
        (lambda x: ops.relu(ops.sqrt(x) - 1), 0.0, 0),
        (lambda x: ops.clip(ops.log(x), -1.0, 1.0), 0.0, 0),
        (lambda x: ops.maximum(ops.log(x), -1.0), 0.0, 0),
        (lambda x: ops.minimum(1 / x, 1.0), 0.0, 0),
        (lambda x: ops.max(ops.divide(Tensor([1.0, 1.0]), x * Tensor([0.0, 1.0])) * Tensor([-1.0, 1.0])), 2.0, -0.25),
        (lambda x: (ops.log(x) * Tensor([0.0, 1.0]))[1], 1.0, 1),
        (lambda x: ops.log(x * Tensor([0.0, 1.0]))[1], 2.0, 0.5),
    ],
)
def test_what_is_not_selected_does_not_leak(f, x, wanted):
    assert gradient(f, x) == wanted


STEEP = [ops.sqrt, ops.cbrt, ops.log, ops.reciprocal, ops.norm, ops.std, lambda x: 1 / x, lambda x: x**0.5, lambda x: ops.arccosh(x + 1)]


@pytest.mark.parametrize("f", STEEP)
def test_an_infinite_partial_times_a_zero_cotangent_is_zero(f):
    assert gradient(f, 0.0, 0.0) == 0
    assert gradient(lambda x: 0.0 * f(x * 1.0), 0.0) == 0


def test_the_square_of_a_root_at_zero():
    """d(√x)²/dx at 0 is 2√x · 1/(2√x) = 0·∞: 0 by the stated convention."""
    assert gradient(lambda x: ops.sqrt(x) ** 2, 0.0) == 0


def test_second_derivative_at_the_minimum_of_a_square():
    """(√x − 2)² at its minimum x = 4, where the first derivative is 0: the second is 1/(2x) = 0.125, so a zero cotangent is no constant."""
    x = Tensor(4.0, requires_grad=True)
    ((ops.sqrt(x) - 2) ** 2).backward(create_graph=True)
    first, x.grad = x.grad, None
    first.backward()
    assert (first.item(), x.grad.item()) == (0, 0.125)


# NaN in the data is never hidden


SUMS = [ops.sum, ops.mean, ops.prod, ops.norm, ops.std, ops.var]


@pytest.mark.parametrize("f", [*SUMS, ops.max, ops.min, lambda x: ops.relu(x).sum(), lambda x: ops.maximum(x, 0.0).sum()])
def test_nan_data_reaches_the_loss(f):
    assert np.isnan(f(Tensor([1.0, np.nan, 2.0], requires_grad=True)).item())


@pytest.mark.parametrize("f", [*SUMS[2:], *(lambda x, op=op: op(x).sum() for op in STEEP[:4]), lambda x: (x * x).sum(), lambda x: x @ x])
def test_nan_data_reaches_the_gradient(f):
    assert np.isnan(gradient(f, [1.0, np.nan, 2.0])).any()


def test_nan_data_stays_in_its_own_row():
    np.testing.assert_array_equal(np.isnan(gradient(lambda x: ops.sum(ops.exp(x) / x), [1.0, np.nan, 2.0])), [False, True, False])


def test_a_nan_cotangent_is_passed_on():
    assert np.isnan(gradient(lambda x: x * 2.0, 1.0, np.nan))
    assert np.isnan(gradient(ops.sqrt, 0.0, np.nan))


# the edge of the range


@pytest.mark.parametrize(
    ("f", "x", "wanted"),
    [
        (ops.prod, [1e200, 1e200], [1e200, 1e200]),
        (ops.prod, [1e200, 1e200, 1e-200], [1, 1, np.inf]),
        (ops.prod, [np.inf], [1]),
        (ops.prod, [0.0, 0.0, 3.0], [0, 0, 0]),
        (ops.prod, [0.0, 2.0, 3.0], [6, 0, 0]),
        (lambda x: ops.hypot(x[0], x[1]), [3e200, 4e200], [0.6, 0.8]),
        (lambda x: ops.sum(ops.exp(x)), [1000.0, 0.0], [np.inf, 1]),
        (lambda x: ops.sum(1 / x), [np.inf, 2.0], [0, -0.25]),
        (ops.var, [5.0], [0]),
        (lambda x: ops.var(x, ddof=1), [5.0], [np.nan]),
    ],
)
def test_values_at_the_edge(f, x, wanted):
    np.testing.assert_allclose(gradient(f, x), wanted, rtol=1e-14)
