"""Polynomials: NumPy's values, and the derivatives of coefficients, points and zeros."""

import re

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import Tensor, grad, jacobian
from autograd.test_util import check_grads

random = np.random.default_rng(0)
P = np.array([2.0, -1.0, 0.5, 3.0])
Q = np.array([1.0, 0.7])
X = np.array([[0.3, -1.2, 0.0], [2.0, 0.7, -0.4]])


def assert_right(f, *arrays, order=2):
    """f gives for Tensors the values and dtypes that NumPy gives for arrays, and derivatives that are slopes."""
    wanted, y = f(*arrays), f(*map(Tensor, arrays))
    for a, w in zip(*(parts if isinstance(parts, tuple) else (parts,) for parts in (y, wanted)), strict=True):
        assert isinstance(a, Tensor)
        assert (a.dtype, a.shape) == (w.dtype, w.shape)
        np.testing.assert_allclose(a.data, w, rtol=1e-11, atol=1e-12)
    check_grads(f, order=order)(*arrays)


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("polyval", (P, X)),
        ("polyval", (P, np.array(0.7))),
        ("polyval", (P + 1j, X)),
        ("polyval", (Q, X + 1j)),
        ("polyadd", (P, Q)),
        ("polyadd", (Q, P)),
        ("polyadd", (P, np.array(1.5))),
        ("polysub", (P, Q)),
        ("polysub", (Q, P + 1j)),
        ("polymul", (P, Q)),
        ("polymul", (np.array(2.0), P)),
        ("polydiv", (P, Q)),
        ("polydiv", (np.array([1.0, 2.0, 0.5, 3.0, -1.0]), P[:3])),
        ("polyder", (P,)),
        ("polyint", (P,)),
        ("vander", (X[0],)),
        ("vander", (X[1] + 1j,)),
        ("poly", (P,)),
        ("poly", (P + 1j,)),
        ("roots", (P,)),
        ("roots", (P + 0.3j,)),
        ("roots", (Q,)),
    ],
)
def test_every_function(name, args):
    assert_right(lambda *args: getattr(np, name)(*args), *args)
    for y, w in zip(
        *(parts if isinstance(parts, tuple) else (parts,) for parts in (f(*args) for f in (getattr(anp, name), getattr(np, name)))),
        strict=True,
    ):
        np.testing.assert_allclose(y, w)


def test_keywords():
    assert_right(lambda x: np.vander(x, 2), X[0])
    assert_right(lambda x: np.vander(x, 5, increasing=True), X[0])
    assert_right(lambda p: np.polyder(p, 2), P)
    assert_right(lambda p: np.polyder(p, 5), P)
    assert_right(lambda p, k: np.polyint(p, 2, k), P, np.array(0.5))
    assert_right(lambda p, k: np.polyint(p, 2, k), P, np.array([0.5, 2.0]))
    assert_right(lambda p: np.polyint(p, 3, 1.0), P)
    assert np.vander(Tensor([2, 3])).tolist() == [[2, 1], [3, 1]]
    assert np.vander(Tensor([2.0], dtype=np.float32)).dtype == np.vander(np.array([2.0], np.float32)).dtype


def test_leading_zeros_of_a_product_are_left_out_but_have_derivatives():
    p = np.array([0.0, 0.0, 1.0])
    y = np.polymul(Tensor(p), Q)
    assert y.tolist() == np.polymul(p, Q).tolist()
    np.testing.assert_array_equal(jacobian(lambda p: np.polymul(p, Q))(p), [[0, 0.7, 1], [0, 0, 0.7]])
    assert np.polymul(Tensor([0.0, 0.0]), [0.0]).tolist() == [0]


def test_quotients_without_a_remainder_and_remainders_without_a_quotient():
    q, r = np.polydiv(Tensor(P), P)
    assert (q.tolist(), r.tolist()) == ([1], [0])
    q, r = np.polydiv(Tensor(Q), P)
    assert (q.tolist(), r.tolist()) == ([0], Q.tolist())
    np.testing.assert_array_equal(jacobian(lambda u: np.polydiv(u, Q)[0])(np.polymul(P, Q)) @ np.ones(5), np.polydiv(np.ones(5), Q)[0])


def test_zeros_move_with_every_coefficient():
    p = np.array([0.0, 1.0, -3.0, 2.0, 0.0])  # zeros at 2, 1, 0, and one that comes from infinity as soon as p₀ is not 0
    y = np.roots(p)
    slopes = np.polyval(np.polyder(p), y)
    np.testing.assert_allclose(jacobian(np.roots)(p), -np.vander(y, 5) / slopes[:, None], atol=1e-14)
    moved = np.roots([*p[:-1], 1e-7])
    np.testing.assert_allclose(moved - y, jacobian(np.roots)(p)[:, 4] * 1e-7, atol=1e-13)
    assert_right(np.roots, np.array([1.0, 0.3, 2.0, -1.0]), order=3)
    np.testing.assert_allclose(jacobian(lambda y: np.roots(np.poly(y)))(np.array([-2.0, 3.0, 1.0])), np.eye(3), atol=1e-14)
    assert np.roots(Tensor([0.0, 0.0])).shape == (0,)


def test_zeros_in_pairs_make_a_real_polynomial():
    z = np.array([1 + 1j, 1 - 1j, 0.5])
    assert np.poly(Tensor(z)).dtype == np.poly(z).dtype == np.float64
    np.testing.assert_allclose(np.poly(Tensor(z)).data, np.poly(z))
    np.testing.assert_array_equal(np.poly(Tensor(np.uint8([1, 2]))).data, [1.0, -3.0, 2.0])


def test_the_characteristic_polynomial():
    A = np.array([[2.0, 1.0], [0.5, -1.0]])
    np.testing.assert_allclose(np.poly(Tensor(A)).data, np.poly(A))
    np.testing.assert_allclose(jacobian(np.poly)(A)[1], -np.eye(2), atol=1e-14)
    np.testing.assert_allclose(jacobian(np.poly)(A)[2], [[-1, -0.5], [-1, 2]], atol=1e-14)


def test_what_poly1d_holds_is_plain():
    p = np.poly1d(P)
    assert_right(lambda x: anp.polyval(p, x), X)
    for f in anp.polymul, anp.polyadd, anp.polysub:
        np.testing.assert_allclose(f(p, Tensor(Q)).data, f(P, Q))
    with pytest.raises(TypeError, match="polyval: x is a poly1d"):
        anp.polyval(Tensor(P), p)


# -- fits ---------------------------------------------------------------------------------------------------------------------------------

AT = np.array([-1.0, -0.2, 0.5, 1.1, 2.0, 2.3])
Y = np.array([0.3, 1.2, -0.7, 0.4, 2.5, 2.2])
W = np.array([1.0, 0.5, 2.0, 1.5, 0.7, 1.0])


def test_fits():
    assert_right(lambda x, y: np.polyfit(x, y, 2), AT, Y)
    assert_right(lambda x, y, w: np.polyfit(x, y, 1, w=w), AT, Y, W)
    assert_right(lambda x, y: np.polyfit(x, y, 0), AT, Y)
    assert_right(lambda x, y: np.polyfit(x, y, 1), AT, np.stack([Y, Y**2], 1))
    assert_right(lambda x, y, w: np.polyfit(x, y, 1, w=w), AT, np.stack([Y, Y**2], 1), W)
    assert_right(lambda x, y: np.polyfit(x, y, 3), AT[:4], Y[:4])
    np.testing.assert_allclose(anp.polyfit(AT, Y, 2), np.polyfit(AT, Y, 2))


@pytest.mark.parametrize("y", [Y, np.stack([Y, Y**2], 1)], ids=["row", "columns"])
@pytest.mark.parametrize("cov", [True, "unscaled"])
def test_fits_with_their_covariance(cov, y):
    assert_right(lambda x, y: np.polyfit(x, y, 1, cov=cov), AT, y)
    assert_right(lambda x, y, w: np.polyfit(x, y, 2, cov=cov, w=w), AT, y, W)


def test_fits_in_full():
    c, squares, rank, s, rcond = np.polyfit(Tensor(AT), Tensor(Y), 2, full=True)
    for a, w in zip((c, squares, rank, s, rcond), np.polyfit(AT, Y, 2, full=True), strict=True):
        np.testing.assert_allclose(np.asarray(a), w)
    check_grads(lambda x, y: [part for k, part in enumerate(np.polyfit(x, y, 2, full=True)) if k in (0, 1, 3)])(AT, Y)


def test_a_fit_passes_through_as_many_points_as_it_has_coefficients():
    np.testing.assert_allclose(jacobian(lambda y: np.polyval(np.polyfit(AT[:3], y, 2), AT[:3]))(Y[:3]), np.eye(3), atol=1e-12)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda x: np.polyfit(x, Y, -1), ValueError, "polyfit: got deg=-1"),
        (lambda x: np.polyfit(x, Y[:2], 1), TypeError, "polyfit: got x of shape (6,) and y of shape (2,)"),
        (lambda x: np.polyfit(x, Y, 1, w=W[:2]), TypeError, "polyfit: got w of shape (2,), wanted (6,)"),
        (lambda x: np.polyfit(x[:2], Y[:2], 1, cov=True), ValueError, "polyfit: got 2 points for 2 coefficients"),
        (lambda x: np.polyder(x, -1), ValueError, "polyder: got m=-1"),
        (lambda x: np.polyint(x, -1), ValueError, "polyint: got m=-1"),
        (lambda x: np.polyint(x, 3, [1.0, 2.0]), ValueError, "polyint: got 2 constants for m=3"),
        (lambda x: np.vander(x[None]), ValueError, "vander: got x of shape (1, 6)"),
        (lambda x: np.roots(x[None]), ValueError, "roots: got p of shape (1, 6)"),
        (lambda x: np.poly(x[None]), ValueError, "poly: got shape (1, 6)"),
    ],
)
def test_what_does_not_fit_is_told(call, error, message):
    with pytest.raises(error, match=re.escape(message)):
        call(Tensor(AT, requires_grad=True))


def test_points_that_do_not_tell_all_coefficients_are_a_warning():
    with pytest.warns(np.exceptions.RankWarning, match="poorly conditioned"):
        np.polyfit(Tensor([1.0, 1.0, 1.0]), [1.0, 2.0, 3.0], 1)


def test_a_value_has_its_derivative_in_single_precision():
    p, x = (Tensor(a, dtype=np.float32, requires_grad=True) for a in (P, X))
    y = np.polyval(p, x)
    y.sum().backward()
    assert y.dtype == p.grad.dtype == x.grad.dtype == np.float32
    assert grad(lambda x: np.polyval([1.0, 0.0], x))(3.0) == 1
