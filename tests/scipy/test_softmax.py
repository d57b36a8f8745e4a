import numpy as np
import pytest

scipy_special = pytest.importorskip("scipy.special")

from autograd import Tensor, grad  # noqa: E402
from autograd.scipy import special  # noqa: E402
from autograd.test_util import check_grads  # noqa: E402

inf = np.inf
A = np.array([[0.3, -1.2, 2.0], [1.0, 0.5, -0.7]])
B = np.array([[1.0, 0.0, -0.3], [2.0, -0.5, 0.7]])
AXES = [{}, {"axis": 0}, {"axis": -1}, {"axis": (0, 1)}, {"axis": 1, "keepdims": True}, {"keepdims": True}]
WEIGHTS = [None, 2.0, B, B[0], B[:, :1], np.array([1, 2, 3]), 3]


@pytest.mark.parametrize("options", AXES, ids=str)
@pytest.mark.parametrize("b", WEIGHTS, ids=lambda b: str(np.shape(b)))
@pytest.mark.parametrize("return_sign", [False, True])
def test_logsumexp_is_scipys(options, b, return_sign):
    ours, theirs = (
        f(a, b=b, return_sign=return_sign, **options) for f, a in ((special.logsumexp, Tensor(A)), (scipy_special.logsumexp, A))
    )
    for y, wanted in zip(ours, theirs, strict=True) if return_sign else [(ours, theirs)]:
        np.testing.assert_allclose(np.asarray(y), wanted, rtol=1e-14, strict=True)


@pytest.mark.parametrize("options", AXES, ids=str)
@pytest.mark.parametrize("b", [B, B[1], B[:, :1]], ids=lambda b: str(b.shape))
def test_logsumexp_is_differentiated_in_values_and_weights(options, b):
    check_grads(lambda a, b: special.logsumexp(a, b=b, return_sign=True, **options)[0], order=2)(A, b)


@pytest.mark.parametrize("scale", [1.0, 3.0])
def test_a_sum_of_two_axes_with_another_shape_of_weights(scale):
    check_grads(lambda a, b: special.logsumexp(a, b=b))(A[0], scale + B**2)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ([1000.0, 999.0], [1.0, 2.0]), ([-1000.0, -999.0], [1.0, -0.5]), ([0.0, -40.0], [1.0, 1.0]), ([0.0, -40.0], [-2.0, 1.0]),
        ([800.0, 0.0], [0.0, 1.0]), ([-inf, 1.0], [1.0, 1.0]), ([-inf, -inf], [1.0, 2.0]), ([inf, 1.0], [1.0, 1.0]),
        ([inf, 1.0], [0.0, 1.0]), ([1.0, 1.0], [1.0, -1.0]), ([1.0, 2.0], [0.0, 0.0]), ([np.nan, 1.0], [1.0, 1.0]),
    ],
)  # fmt: skip
def test_extreme_values_are_scipys(a, b):
    a, b = np.array(a), np.array(b)
    ours, theirs = special.logsumexp(Tensor(a), b=b, return_sign=True), scipy_special.logsumexp(a, b=b, return_sign=True)
    np.testing.assert_allclose([np.asarray(y) for y in ours], theirs, rtol=1e-14)
    np.testing.assert_allclose(special.logsumexp(Tensor(a), b=b).data, np.nan if theirs[1] < 0 else theirs[0], rtol=1e-14)


def gradients(a, b):
    return grad(lambda a, b: special.logsumexp(a, b=b, return_sign=True)[0], (0, 1))(np.array(a), np.array(b))


def test_a_weight_of_zero_has_a_derivative_and_its_value_none():
    in_a, in_b = gradients([1.0, 0.0], [0.0, 2.0])
    np.testing.assert_allclose(in_a, [0, 1])
    np.testing.assert_allclose(in_b, [np.e / 2, 0.5])


def test_what_a_weight_of_zero_would_gain_is_felt_in_second_order():
    slope = lambda w: grad(lambda t: special.logsumexp(t, b=w))(np.array([1.0, 0.0]))[0]
    np.testing.assert_allclose(grad(slope)(np.array([0.0, 2.0])), [np.e / 2, 0])


def test_a_value_of_minus_infinity_has_no_part():
    np.testing.assert_array_equal(gradients([-inf, 0.0], [3.0, 2.0]), [[0, 1], [0, 0.5]])
    np.testing.assert_array_equal(gradients([-inf, -inf], [3.0, 2.0]), [[0, 0], [0, 0]])
    np.testing.assert_array_equal(grad(special.logsumexp)(np.array([-inf, -inf])), [0, 0])


def test_a_negative_sum_has_no_logarithm():
    assert np.isnan(special.logsumexp(Tensor([0.0, 1.0]), b=[1.0, -1.0]).data)


def test_weights_that_are_huge_in_a_do_not_overflow():
    in_a, in_b = gradients([1000.0, 999.0], [1.0, 2.0])
    share = 1 / (1 + 2 / np.e)
    np.testing.assert_allclose(in_a, [share, 1 - share], rtol=1e-12)
    np.testing.assert_allclose(in_b, [share, (1 - share) / 2], rtol=1e-12)


def test_single_precision_stays():
    a = Tensor(A, dtype=np.float32, requires_grad=True)
    for y in (
        special.logsumexp(a),
        special.logsumexp(a, b=2.0, axis=0),
        special.logsumexp(a, b=3),
        special.softmax(a),
        special.log_softmax(a),
    ):
        assert y.dtype == np.float32
        y.sum().backward()
        assert a.grad.dtype == np.float32


@pytest.mark.parametrize("axis", [None, 0, 1, (0, 1)])
def test_softmax_and_its_logarithm_are_scipys(axis):
    for name in "softmax", "log_softmax":
        ours, theirs = getattr(special, name), getattr(scipy_special, name)
        np.testing.assert_allclose(ours(A, axis), theirs(A, axis), rtol=1e-14)
        np.testing.assert_allclose(ours(A), theirs(A), rtol=1e-14)
        check_grads(lambda x: ours(x, axis=axis), order=2)(A)  # noqa: B023


def test_an_option_that_is_followed_is_refused():
    with pytest.raises(TypeError, match="axis got a Tensor that requires grad"):
        special.logsumexp(A, axis=Tensor(1.0, requires_grad=True))


def test_complex_values_are_refused():
    with pytest.raises(TypeError, match="wanted real numbers"):
        special.logsumexp(Tensor(A + 1j), b=B)
