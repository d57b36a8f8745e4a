"""The public gradient check passes what is right and stops what is wrong."""

import numpy as np
import pytest

from autograd import Tensor, general
from autograd.op import TABLE
from autograd.ops import relu, sqrt, take_along_axis
from autograd.test_util import check_grads


@pytest.mark.parametrize(
    ("f", "args"),
    [
        (lambda x: x**3, (2.0,)),
        (lambda x, y: x @ y, (np.ones((2, 3)), Tensor(np.ones(3)))),
        (lambda x: 7.0, (1.0,)),
        (lambda x: np.ones(3), ([1.0, 2.0],)),
        (lambda x, k: take_along_axis(x, k, axis=0), (np.arange(4.0), np.array([3, 0]))),
        (lambda x, power: x**power, (np.float32(1.5), 3)),
        (lambda x: x * 2, (np.zeros((0, 2)),)),
    ],
)
def test_right_gradients_pass(f, args):
    check_grads(f, order=3, atol=1e-5)(*args)


def test_arguments_keep_their_values_and_gradients():
    x = Tensor([1.0, 2.0], requires_grad=True)
    check_grads(lambda x: x * x)(x)
    assert x.grad is None
    np.testing.assert_array_equal(x.data, [1, 2])


def square_with(rule):
    """x², an op of its own, with a derivative that may be wrong."""
    op = general(rule)(lambda x, /: x * x)
    return TABLE.pop(op.name)


@pytest.mark.parametrize(
    ("f", "args", "message"),
    [
        (
            square_with(lambda g, x: 3 * g * x),
            ([1.0, 2.0],),
            r"derivative of <lambda> with respect to x(?s:.*)at element \(1,\), where it is 2: the rule gives 6, differences 4",
        ),
        (lambda x, y: square_with(lambda g, x: g * (2 * x + (x > 5)))(x * y), ([3.0, 2.0], 2.0), r"at element \(0,\), where it is 6"),
        (square_with(lambda g, x: 2 * g * getattr(x, "data", x)), ([1.0, 2.0],), r"argument 0, order 2, fwd-over-fwd: .*wrong is the"),
        (lambda x, y: x + y.data, (1.0, 2.0), "argument 1, order 1.*does f leave the graph"),
        (relu, (0.0,), "order 1.*kink"),
        (lambda x: sqrt(x * 0.0 - 1.0), (1.0,), "gives nan"),
    ],
)
@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
def test_wrong_gradients_stop(f, args, message):
    with pytest.raises(AssertionError, match=message):
        check_grads(f)(*args)


@pytest.mark.parametrize(
    ("attempt", "error", "message"),
    [
        (lambda: check_grads(abs, modes=("forward",)), ValueError, r"got modes \['forward'\], wanted 'fwd'.* or 'rev'"),
        (lambda: check_grads(abs)(1), TypeError, "no floating-point argument among int"),
    ],
)
def test_misuse(attempt, error, message):
    with pytest.raises(error, match=message):
        attempt()
