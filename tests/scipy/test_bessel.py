import numpy as np
import pytest

scipy_special = pytest.importorskip("scipy.special")
mp = pytest.importorskip("mpmath").mp

from autograd import Tensor, grad, jacobian  # noqa: E402
from autograd.scipy import special  # noqa: E402

NEAR = [1e-3, 0.5, 2.5, 7, 15]
POSITIVE = [*NEAR, 100, 700]
SIGNED = [-40, -7, -1, -0.1, *NEAR]
ORDERS = [0, 1, 2.5, 7, 0.3, -1.7, 30]


def scaled(f, v, growth):
    return lambda z: f(v, z) * mp.exp(growth * abs(z))


def spherical(f, n):
    return lambda z: mp.sqrt(mp.pi / 2 / z) * f(n + mp.mpf(1) / 2, z)


WHOLE = {
    "j0": (lambda z: mp.besselj(0, z), SIGNED), "j1": (lambda z: mp.besselj(1, z), SIGNED), "y0": (lambda z: mp.bessely(0, z), NEAR),
    "y1": (lambda z: mp.bessely(1, z), NEAR), "i0": (lambda z: mp.besseli(0, z), SIGNED), "i1": (lambda z: mp.besseli(1, z), SIGNED),
    "k0": (lambda z: mp.besselk(0, z), POSITIVE), "k1": (lambda z: mp.besselk(1, z), POSITIVE),
    "i0e": (scaled(mp.besseli, 0, -1), SIGNED), "i1e": (scaled(mp.besseli, 1, -1), SIGNED),
    "k0e": (scaled(mp.besselk, 0, 1), [*POSITIVE, 1e6]), "k1e": (scaled(mp.besselk, 1, 1), [*POSITIVE, 1e6]),
}  # fmt: skip


@pytest.mark.parametrize("name", WHOLE)
def test_functions_of_order_0_and_1_are_right_to_second_order(name, agrees):
    exact, points = WHOLE[name]
    agrees(getattr(special, name), exact, points)


@pytest.mark.parametrize("v", ORDERS)
def test_bessel_functions_are_right_to_second_order(v, agrees):
    agrees(lambda z: special.jv(v, z), lambda z: mp.besselj(v, z), POSITIVE)
    agrees(lambda z: special.yv(v, z), lambda z: mp.bessely(v, z), POSITIVE)
    agrees(lambda z: special.iv(v, z), lambda z: mp.besseli(v, z), POSITIVE)
    agrees(lambda z: special.kv(v, z), lambda z: mp.besselk(v, z), POSITIVE)


@pytest.mark.parametrize("v", ORDERS[1:5])
def test_scaled_functions_are_right_where_the_plain_ones_overflow(v, agrees):
    agrees(lambda z: special.kve(v, z), scaled(mp.besselk, v, 1), [*POSITIVE, 1e4, 1e8], atol=0)
    agrees(lambda z: special.ive(v, z), scaled(mp.besseli, v, -1), [*POSITIVE, 1e4, 1e8])


@pytest.mark.parametrize("n", [0, 1, 2, 9])
def test_spherical_functions_are_right_to_second_order(n, agrees):
    agrees(lambda z: special.spherical_jn(n, z), spherical(mp.besselj, n), POSITIVE)
    agrees(lambda z: special.spherical_yn(n, z), spherical(mp.bessely, n), NEAR)
    agrees(lambda z: special.spherical_in(n, z), spherical(mp.besseli, n), POSITIVE)
    agrees(lambda z: special.spherical_kn(n, z), spherical(mp.besselk, n), POSITIVE)


@pytest.mark.parametrize("name", ["spherical_jn", "spherical_yn", "spherical_in", "spherical_kn"])
def test_the_derivative_of_a_spherical_function_is_scipys_and_is_differentiated(name):
    ours, theirs = getattr(special, name), getattr(scipy_special, name)
    for n in range(4):
        value, slope = lambda z, n=n: ours(n, z), lambda z, n=n: ours(n, z, derivative=True)
        assert slope(1.3) == theirs(n, 1.3, derivative=True)
        np.testing.assert_allclose(grad(value)(1.3), theirs(n, 1.3, derivative=True), rtol=1e-13)
        np.testing.assert_allclose(grad(slope)(1.3), grad(grad(value))(1.3), rtol=1e-13)


@pytest.mark.parametrize("v", [0, 1, 2.5, 0.3, -0.5])
def test_struves_functions_are_right_to_second_order(v, agrees):
    agrees(lambda z: special.struve(v, z), lambda z: mp.struveh(v, z), [*NEAR, 40, 100])
    agrees(lambda z: special.modstruve(v, z), lambda z: mp.struvel(v, z), [*NEAR, 40, 100])


@pytest.mark.parametrize("k", range(4))
def test_airys_functions_are_right_to_second_order(k, agrees):
    exact = (mp.airyai, lambda z: mp.airyai(z, derivative=1), mp.airybi, lambda z: mp.airybi(z, derivative=1))[k]
    agrees(lambda z: special.airy(z)[k], exact, SIGNED)


def test_airys_decaying_solution_does_not_feel_the_overflow_of_the_other():
    slope = grad(lambda z: special.airy(z)[0])(110.0)
    assert not np.isfinite(scipy_special.airy(110.0)[2])
    assert slope == scipy_special.airy(110.0)[1]


@pytest.mark.parametrize("z", [1e-100, 1e-3, 0.5, 2, 100, 1e8])
@pytest.mark.parametrize("v", [-3.2, 1e-8, 0.5, 1.0, 2.5, 100.0])
def test_the_derivative_of_k_in_its_order(v, z):
    with mp.workdps(60):
        exact = [mp.diff(lambda t: mp.besselk(t, z) * mp.exp(z), v, n) for n in (1, 2)]
    if abs(exact[0]) < 1e250:
        slope = grad(lambda v: special.kve(v, z))
        np.testing.assert_allclose([slope(v), grad(slope)(v)], list(map(float, exact)), rtol=1e-12)
        np.testing.assert_allclose(grad(lambda v: special.kv(v, z))(v), float(exact[0] * mp.exp(-z)), rtol=1e-10)


def test_k_has_a_mixed_derivative_in_order_and_argument():
    with mp.workdps(40):
        exact = float(mp.diff(lambda v, z: mp.besselk(v, z), (1.5, 0.7), (1, 1)))
    np.testing.assert_allclose(grad(lambda z: grad(lambda v: special.kv(v, z))(1.5))(0.7), exact, rtol=1e-12)
    np.testing.assert_allclose(grad(lambda v: grad(lambda z: special.kv(v, z))(0.7))(1.5), exact, rtol=1e-12)


@pytest.mark.parametrize(
    "name", ["jv", "jn", "jve", "yv", "yn", "yve", "iv", "ive", "kn", "hankel1", "hankel2", "hankel1e", "hankel2e", "struve", "modstruve",
             "spherical_jn", "spherical_yn", "spherical_in", "spherical_kn", "jvp", "yvp", "ivp", "h1vp", "h2vp"]
)  # fmt: skip
def test_an_order_that_is_followed_is_refused(name):
    with pytest.raises(TypeError, match=r"requires grad, but is a constant here.*\.data"):
        getattr(special, name)(Tensor(2.0, requires_grad=True), 1.5)
    assert getattr(special, name)(Tensor(2), Tensor(1.5, requires_grad=True)).requires_grad


def test_an_order_that_is_followed_is_refused_by_keyword_too():
    with pytest.raises(TypeError, match="spherical_jn: n requires grad"):
        special.spherical_jn(n=Tensor(2.0, requires_grad=True), z=1.5)


@pytest.mark.parametrize("n", range(4))
@pytest.mark.parametrize("name", ["jvp", "yvp", "ivp", "kvp", "h1vp", "h2vp"])
def test_derivatives_by_name_are_scipys(name, n):
    v, z = np.array([0.3, 2.0]), np.array([[0.7], [3.0]])
    np.testing.assert_allclose(getattr(special, name)(v, z, n), getattr(scipy_special, name)(v, z, n), rtol=1e-11)


@pytest.mark.parametrize("n", [-1, 1.5])
def test_a_derivative_of_no_whole_order_is_refused(n):
    with pytest.raises(ValueError, match="jvp: got n="):
        special.jvp(0, 1.0, n)


def test_slopes_at_zero():
    slope = lambda f: grad(f)(0.0)
    assert [slope(f) for f in (special.j0, special.j1, special.i0, special.i1)] == [0, 0.5, 0, 0.5]
    assert [slope(lambda z, v=v: special.jv(v, z)) for v in (0, 1, 2, 0.5)] == [0, 0.5, 0, np.inf]
    assert [slope(lambda z, n=n: special.spherical_jn(n, z)) for n in (0, 1, 2)] == pytest.approx([0, 1 / 3, 0])
    assert [slope(lambda z, n=n: special.spherical_in(n, z)) for n in (0, 1, 2)] == pytest.approx([0, 1 / 3, 0])
    assert slope(special.k0) == -np.inf


def test_outside_the_domain_the_slope_is_no_number():
    assert np.isnan(grad(special.y0)(-1.0))
    assert np.isnan(grad(lambda z: special.kv(0.5, z))(-1.0))


@pytest.mark.parametrize("name", ["jv", "yv", "iv", "kv", "hankel1", "hankel2", "jve", "kve", "struve"])
def test_scipys_own_function_finds_ours(name):
    x = Tensor([0.5, 2.0], requires_grad=True)
    y = getattr(scipy_special, name)(1.5, x)
    assert np.array_equal(y.data, getattr(scipy_special, name)(1.5, x.data))
    assert y.requires_grad


def test_real_arguments_of_hankels_functions_have_real_gradients():
    real_part = jacobian(lambda x: special.hankel1(0, x).real)(np.array([1.0, 2.0]))
    np.testing.assert_allclose(real_part, np.diag(-scipy_special.j1([1.0, 2.0])), rtol=1e-14)


def test_of_complex_numbers_what_has_no_derivative_is_refused():
    with pytest.raises(TypeError, match="wanted real numbers"):
        grad(lambda v: special.kv(v, 1 + 1j).real)(0.5)
    with pytest.raises(TypeError, match="j0"):
        special.j0(Tensor(1 + 1j))


@pytest.mark.parametrize("name", ["j0", "y1", "i0e", "k0e"])
def test_single_precision_stays(name):
    x = Tensor(np.array([0.5, 2.0]), dtype=np.float32, requires_grad=True)
    y = getattr(special, name)(x)
    y.sum().backward()
    assert y.dtype == x.grad.dtype == np.float32


@pytest.mark.parametrize("x", [31.0, 1e3, 1e5, 1e7, -31.0, -1e4])
@pytest.mark.parametrize("n", [0, 1])
def test_scaled_bessel_functions_keep_their_digits_far_out(n, x):
    f = (special.i0e, special.i1e)[n]
    with mp.workdps(90):
        for order in 1, 2, 3:
            f = grad(f)
            wanted = mp.diff(scaled(mp.besseli, n, -1), mp.mpf(x), order, h=abs(mp.mpf(x)) * mp.mpf("1e-18"))
            np.testing.assert_allclose(f(x), float(wanted), rtol=1e-13)
