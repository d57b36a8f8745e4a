"""NumPy's functions of single values: their values with every keyword, and their derivatives where those need care."""

import inspect
import math

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import Tensor, grad, jacobian, ops
from autograd.test_util import check_grads

X = np.array([[-2.3, -0.7, 0.4], [1.2, 2.6, 3.9]])
V = np.array([0.8, -1.7, 2.9])
MASK = X > 0


def blank(like, shape, dtype=float):
    """Somewhere to write: a Tensor for a Tensor, an array for an array."""
    return Tensor(np.zeros(shape, dtype)) if isinstance(like, Tensor) else np.zeros(shape, dtype)


CALLS = [
    lambda n, x, v: n.copysign(x, v),
    lambda n, x, v: n.fabs(x),
    lambda n, x, v: n.float_power(n.fabs(x), v),
    lambda n, x, v: n.float_power(x, 3),
    lambda n, x, v: n.fmax(x, v),
    lambda n, x, v: n.fmin(x, v, out=blank(x, (2, 3)), where=MASK),
    lambda n, x, v: n.fmod(x, v),
    lambda n, x, v: n.fmod(7.5, v),
    lambda n, x, v: n.frexp(x)[0],
    lambda n, x, v: n.frexp(x, out=(blank(x, (2, 3)), None))[0],
    lambda n, x, v: n.heaviside(x - x[0, 0], v),
    lambda n, x, v: n.ldexp(x, [3, -2, 0]),
    lambda n, x, v: n.logaddexp2(x, v),
    lambda n, x, v: n.modf(x)[0],
    lambda n, x, v: n.modf(x, where=MASK, out=(blank(x, (2, 3)), blank(x, (2, 3))))[0],
    lambda n, x, v: n.divmod(x, v)[1],
    lambda n, x, v: n.divmod(x, v, blank(x, (2, 3)), blank(x, (2, 3)))[1],
    lambda n, x, v: n.nextafter(x, v),
    lambda n, x, v: n.fmod.outer(x[0], v),
    lambda n, x, v: n.sinc(x),
    lambda n, x, v: n.i0(x * 3),
    lambda n, x, v: n.real_if_close(x * (1 + 1e-14j)) * v,
    lambda n, x, v: n.angle(n.real_if_close(x * (1 + 1j)), deg=True),
]


@pytest.mark.parametrize("call", CALLS, ids=[inspect.getsource(f).strip()[10:-1] for f in CALLS])
def test_values_and_derivatives(call):
    wanted = call(np, X, V)
    for found in call(anp, X, V), call(np, Tensor(X), Tensor(V)), call(anp, Tensor(X), Tensor(V)):
        np.testing.assert_allclose(np.asarray(found), wanted, rtol=1e-14, strict=True)
    check_grads(lambda x, v: call(np, x, v))(X, V)


def test_parts_without_derivative_are_there_too():
    x = Tensor(X, requires_grad=True)
    for f in np.modf, np.frexp, lambda x: np.divmod(x, 2.0):
        for found, wanted in zip(f(x), f(X), strict=True):
            np.testing.assert_array_equal(np.asarray(getattr(found, "data", found)), wanted, strict=True)
    assert np.modf(Tensor([np.inf, -2.0]))[0].tolist() == [0, -0.0]
    (np.modf(x)[1] + np.frexp(x)[1] + np.divmod(x, 2.0)[0] + 0 * x).sum().backward()
    assert not x.grad.data.any()


@pytest.mark.parametrize("f", [np.fabs, np.modf, np.frexp, np.sinc, np.i0, lambda x: np.float_power(x, 2), lambda x: np.fmod(x, x + 3)])
@pytest.mark.parametrize("dtype", [np.int8, np.int64, np.float16, np.float32, np.longdouble])
def test_the_kind_of_number_is_numpys(f, dtype):
    x = np.array([-2, 0, 1, 3], dtype)
    for found, wanted in zip(*(y if isinstance(y, tuple) else (y,) for y in (f(Tensor(x)), f(x))), strict=True):
        if dtype != np.longdouble or f is not np.i0:  # NumPy has it in float64 only
            assert found.dtype == wanted.dtype
        np.testing.assert_allclose(np.asarray(getattr(found, "data", found)), wanted, rtol=2e-3 if dtype == np.float16 else 1e-6)


def test_of_a_number_and_a_nan_the_number_has_the_derivative():
    x, y = Tensor([1.0, np.nan, 2.0], requires_grad=True), Tensor([np.nan, 3.0, 2.0], requires_grad=True)
    for f in np.fmax, np.fmin:
        x.zero_grad()
        y.zero_grad()
        f(x, y).sum().backward()
        assert (x.grad.tolist(), y.grad.tolist()) == ([1, 0, 0.5], [0, 1, 0.5])


def test_a_step_hands_on_what_stands_at_its_edge():
    a, b = Tensor([-1.0, 0.0, 2.0], requires_grad=True), Tensor(0.5, requires_grad=True)
    np.heaviside(a, b).sum().backward()
    assert (a.grad, b.grad.item()) == (None, 1)
    assert grad(lambda a: np.copysign(a, np.array([1.0, 1.0, -1.0])).sum())(np.array([0.0, 2.0, 2.0])).tolist() == [0, 1, -1]


def test_the_remainder_is_counted_where_the_quotient_would_be_rounded_up():
    a, b = np.nextafter(0.3, 0), 0.1  # a / b rounds to 3
    assert math.fmod(a, b) == np.fmod(a, b)
    assert grad(lambda b: np.fmod(a, b))(b) == -round((a - math.fmod(a, b)) / b)


@pytest.mark.parametrize("order", range(7))
def test_sinc_has_every_derivative_everywhere(order):
    f = lambda x: np.sinc(x)
    for _ in range(order):
        f = grad(f)
    t = (np.arange(4000) + 0.5) / 4000  # sinc x = ∫₀¹ cos(πxt) dt
    for x in 0.0, 1e-12, 1e-3, 0.5, 0.64, 1.0, 2.5, -12.3:
        wanted = ((math.pi * t) ** order * np.cos(math.pi * x * t + order * math.pi / 2)).mean()
        assert f(x) == pytest.approx(wanted, rel=1e-5, abs=1e-5 * math.pi**order)
    assert f(0.0) == pytest.approx(0 if order % 2 else (-1) ** (order // 2) * math.pi**order / (order + 1), rel=1e-14)


def test_sinc_keeps_its_digits_near_zero():
    x = np.array([1e-200, 1e-9, 1e-5])
    np.testing.assert_allclose(jacobian(np.sinc)(x).diagonal(), -(math.pi**2) * x / 3, rtol=1e-9)


@pytest.mark.parametrize("order", range(5))
def test_bessel_functions_are_those_of_the_integral(order):
    theta = np.pi * (np.arange(400) + 0.5) / 400  # Iₙ(x) = 1/π ∫₀^π e^(x cos θ) cos nθ dθ
    for x in -31.0, -3.0, 0.7, 29.9, 30.1, 200.0:
        wanted = (np.exp(x * np.cos(theta) - abs(x)) * np.cos(order * theta)).mean()
        assert ops.bessel_i(x, order) * math.exp(-abs(x)) == pytest.approx(wanted, rel=1e-12)
    assert ops.bessel_i(1e-5, order) == pytest.approx(0.5e-5**order / math.factorial(order), rel=1e-10)
    assert np.isfinite(ops.bessel_i(712.0, order))


def test_what_has_no_derivative_gives_plain_arrays():
    x = Tensor(X, requires_grad=True)
    assert np.spacing(x).tolist() == np.spacing(X).tolist()
    for f in np.bitwise_and, np.gcd, np.left_shift:
        with pytest.raises(TypeError):
            f(x, x)
    assert np.lcm(Tensor([4, 6]), 10).tolist() == [20, 30]
    assert [part.tolist() for part in np.tril_indices_from(x[:, :2])] == [[0, 1, 1], [0, 0, 1]]
    for refused in lambda: np.fabs(x * 1j), lambda: np.i0(x * 1j):
        with pytest.raises(TypeError, match="wanted real numbers"):
            refused()
