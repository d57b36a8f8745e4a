"""Functions that saturate keep their digits, in value and gradient, from the middle to the far tails, and never warn."""

import math

import numpy as np
import pytest

from autograd import Tensor
from autograd.ops import cross_entropy, erf, erfc, gelu, log_softmax, logaddexp, logsumexp, sigmoid, softmax, softplus, tanh

SIZES = np.logspace(-12, 3, 601)
X = np.concatenate([-SIZES[::-1], [0.0], SIZES])
ROWS = np.stack([0 * X, X, -X], -1)  # differences of these are exact, so that no digit is lost before the op

extended = pytest.mark.skipif(np.finfo(np.longdouble).eps > 1e-18, reason="this machine's long double is no longer than a double")


def assert_ulps(actual, wanted, ulps):
    """Within `ulps` units in the last place of `wanted`, which has more digits."""
    spacing = np.spacing(np.abs(wanted).astype(np.float64))
    error = np.abs(np.asarray(actual).astype(np.longdouble) - wanted) / spacing
    assert (error <= ulps).all(), f"{error.max():.3g} units in the last place, at {np.unravel_index(error.argmax(), error.shape)}"


def gradient(f, x, g=None):
    leaf = Tensor(x, requires_grad=True)
    f(leaf).backward(g)
    return leaf.grad.data


def exact_softmax(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def exact_log_softmax(x):
    d = x - x.max(-1, keepdims=True)
    top = np.arange(x.shape[-1]) == d.argmax(-1)[..., None]
    return d - np.log1p(np.where(top, 0, np.exp(d)).sum(-1, keepdims=True))


def softmax_jacobian(S, n):
    """∂S_n/∂xᵢ = S_n (δᵢₙ − Sᵢ), with 1 − S_n as the sum of the others."""
    return S[..., n, None] * residual(S, n) * -1


def residual(S, n):
    """S − one-hot(n), again without a difference."""
    true = np.arange(S.shape[-1]) == n
    return np.where(true, -np.where(true, 0, S).sum(-1, keepdims=True), S)


# values and gradients, to the last digits


@extended
@pytest.mark.parametrize(
    ("op", "value", "slope"),
    [
        (sigmoid, lambda x: 1 / (1 + np.exp(-x)), lambda x: 1 / (1 + np.exp(-x)) / (1 + np.exp(x))),
        (tanh, np.tanh, lambda x: 4 / (np.exp(x) + np.exp(-x)) ** 2),
        (softplus, lambda x: np.log1p(np.exp(x)), lambda x: 1 / (1 + np.exp(-x))),
    ],
    ids=lambda f: getattr(f, "name", ""),
)
def test_activations(op, value, slope):
    exact = X.astype(np.longdouble)
    assert_ulps(op(X), value(exact), 6)
    assert_ulps(gradient(lambda x: op(x).sum(), X), slope(exact), 6)


@extended
def test_softmax():
    S = exact_softmax(ROWS.astype(np.longdouble))
    assert_ulps(softmax(ROWS), S, 6)
    for n in range(3):
        assert_ulps(gradient(lambda x, n=n: softmax(x)[:, n].sum(), ROWS), softmax_jacobian(S, n), 8)


@extended
def test_log_softmax_and_cross_entropy():
    x = ROWS.astype(np.longdouble)
    S, log_S = exact_softmax(x), exact_log_softmax(x)
    assert_ulps(log_softmax(ROWS), log_S, 6)
    for n in range(3):
        labels = np.full(len(ROWS), n)
        assert_ulps(cross_entropy(ROWS, labels), -log_S[:, n], 6)
        assert_ulps(gradient(lambda x, labels=labels: cross_entropy(x, labels).sum(), ROWS), residual(S, n), 8)
        assert_ulps(gradient(lambda x, n=n: log_softmax(x)[:, n].sum(), ROWS), -residual(S, n), 8)


@extended
def test_logsumexp():
    x = ROWS.astype(np.longdouble)
    assert_ulps(logsumexp(ROWS, axis=-1), x.max(-1) - exact_log_softmax(x).max(-1), 6)
    assert_ulps(gradient(lambda x: logsumexp(x, axis=-1).sum(), ROWS), exact_softmax(x), 6)


@extended
@pytest.mark.parametrize(("op", "reference", "sign"), [(erf, math.erf, 1), (erfc, math.erfc, -1)])
def test_error_functions(op, reference, sign):
    x = np.concatenate([np.linspace(-26, 26, 4001), np.logspace(-300, 0, 301)])
    exact = x.astype(np.longdouble)
    assert_ulps(op(x), np.vectorize(reference)(x), 6)
    slope = sign * 2 / np.sqrt(np.longdouble(np.pi)) * np.exp(-exact * exact)
    assert_ulps(gradient(lambda x: op(x).sum(), x), slope, 4 + x * x)  # x² is rounded, and e^(−x²) feels that x² times


@pytest.mark.parametrize(("x", "value"), [(-20.0, -20 * math.erfc(20 / math.sqrt(2)) / 2), (-1e3, 0.0), (20.0, 20.0), (1e3, 1e3)])
def test_gelu_in_its_tails(x, value):
    assert gelu(x) == pytest.approx(value, rel=1e-13)
    assert gradient(gelu, x) == pytest.approx(float(x > 0), abs=1e-80)


# known numbers


def derivatives(f, x, count):
    """f'(x), f''(x), … by backward() through backward()."""
    leaf = Tensor(x, requires_grad=True)
    y, found = f(leaf), []
    for _ in range(count):
        leaf.zero_grad()
        y.backward(create_graph=True)
        y = leaf.grad
        found.append(y.item())
    return found


@pytest.mark.parametrize(
    ("op", "x", "wanted"),
    [
        (sigmoid, 0.0, [1 / 4, 0, -1 / 8, 0, 1 / 4]),
        (softplus, 0.0, [1 / 2, 1 / 4, 0, -1 / 8]),
        (tanh, 0.0, [1, 0, -2, 0, 16]),
        (tanh, 20.0, [4 / (math.exp(20) + math.exp(-20)) ** 2]),
        (sigmoid, 40.0, [math.exp(-40) / (1 + math.exp(-40)) ** 2]),
        (erf, 0.0, [2 / math.sqrt(math.pi), 0, -4 / math.sqrt(math.pi)]),
        (gelu, 0.0, [1 / 2, 2 / math.sqrt(2 * math.pi), 0]),
    ],
)
def test_derivatives_to_any_order(op, x, wanted):
    np.testing.assert_allclose(derivatives(op, x, len(wanted)), wanted, rtol=1e-13, atol=1e-15)


# scores out of all proportion, and masks


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("shift", [-1e4, 0.0, 1e4])
def test_only_differences_of_scores_count(shift, dtype):
    near, far = np.array([[1.0, -1.0]], dtype) * 8, np.array([[1.0, -1.0]], dtype) * 8 + dtype(shift)
    for f in softmax, log_softmax, lambda z: cross_entropy(z, np.array([0])):
        np.testing.assert_array_equal(f(far), f(near))
        g = np.ones(f(far).shape, dtype)
        np.testing.assert_array_equal(gradient(f, far, g), gradient(f, near, g))


def test_only_the_difference_counts_in_the_gradient_of_logaddexp():
    assert gradient(lambda a: logaddexp(a, 1e4), 1e4 + 1) == gradient(lambda a: logaddexp(a, 0.0), 1.0)


@pytest.mark.parametrize("label", [0, 2])
def test_huge_margins(label):
    z = np.array([[1e4, 0.0, -1e4]])
    assert cross_entropy(z, np.array([label])) == z[0, 0] - z[0, label]
    np.testing.assert_array_equal(gradient(lambda z: cross_entropy(z, np.array([label]))[0], z), np.eye(3)[:1] - np.eye(3)[[label]])
    np.testing.assert_array_equal(softmax(z), np.eye(3)[:1])


MASKED = np.array([[0.5, -np.inf, 2.0], [-np.inf, -np.inf, 1.0], [-np.inf] * 3])


@pytest.mark.parametrize("axis", [-1, (-1,)])
def test_masked_scores_have_probability_zero(axis):
    wanted = np.zeros((3, 3))
    wanted[0, ::2], wanted[1, 2] = softmax(MASKED[0, ::2]), 1
    np.testing.assert_array_equal(softmax(MASKED, axis), wanted)
    np.testing.assert_array_equal(np.exp(log_softmax(MASKED, axis)) > 0, wanted > 0)
    np.testing.assert_array_equal(np.isneginf(logsumexp(MASKED, axis)), [False, False, True])


@pytest.mark.parametrize("f", [softmax, log_softmax, lambda z: logsumexp(z, axis=-1), lambda z: cross_entropy(z, np.array([2, 2, 2]))])
def test_masked_scores_get_no_gradient(f):
    g = np.linspace(1, 2, f(MASKED).size).reshape(f(MASKED).shape)
    found = gradient(f, MASKED, g)
    assert np.isfinite(found).all()
    if f is not log_softmax:  # whose value −∞ is itself asked for here
        np.testing.assert_array_equal(found[-np.inf == MASKED], 0)


def test_ties_share_the_softmax():
    np.testing.assert_allclose(gradient(lambda x: softmax(x, axis=None)[0, 0], np.zeros((2, 2))), [[3 / 16, -1 / 16], [-1 / 16, -1 / 16]])
    np.testing.assert_allclose(gradient(lambda x: log_softmax(x, axis=(0, 1))[1, 0], np.zeros((2, 2))), [[-1 / 4, -1 / 4], [3 / 4, -1 / 4]])


@pytest.mark.parametrize("row", [[np.inf, 0], [np.inf, np.inf], [-np.inf, np.inf], [np.inf, np.nan], [-np.inf, -np.inf]])
def test_a_sum_of_exponentials_is_infinite_where_one_is(row):
    row = np.array(row)
    with np.errstate(invalid="ignore"):
        np.testing.assert_array_equal(logsumexp(row), np.logaddexp.reduce(row))
        np.testing.assert_array_equal(logsumexp(np.float32([row, [1, 2]]), 1)[0], np.logaddexp.reduce(np.float32(row)))
