import numpy as np
import pytest

scipy_special = pytest.importorskip("scipy.special")
mp = pytest.importorskip("mpmath").mp

from autograd import Tensor, grad, hessian, jacobian  # noqa: E402
from autograd.scipy import special  # noqa: E402
from autograd.scipy.special.gamma_family import polygamma_rise  # noqa: E402
from autograd.scipy.special.incomplete_beta import beta_density, betainc_slope  # noqa: E402
from autograd.scipy.special.incomplete_gamma import gamma_density, gammainc_slope  # noqa: E402

POSITIVE = [1e-6, 1e-3, 0.5, 1, 1.7, 5, 40, 150]
SIGNED = [-120.3, -20.5, -2.7, -1.5, -0.3, *POSITIVE]
LINE = [-30, -6.5, -2, -0.3, 1e-8, 0.7, 1.9, 2.1, 5]
SHARE = [1e-8, 0.02, 0.4, 0.7, 0.999]


def exprel(x):
    return mp.expm1(x) / x


def boxcox(a, b):
    return mp.expm1(b * mp.log(a)) / b


def inv_boxcox(a, b):
    return mp.exp(mp.log1p(a * b) / b)


def ndtr(x):
    return mp.erfc(-x / mp.sqrt(2)) / 2


def from_zero(f, p):
    """The x with f(x) = p."""
    return mp.findroot(lambda x: f(x) - p, float(p))


def rel_entr(a, b):
    return a * mp.log(a / b)


OF_ONE = {
    "gamma": (mp.gamma, SIGNED), "gammaln": (lambda x: mp.log(abs(mp.gamma(x))), [*SIGNED, 1e5]), "loggamma": (mp.loggamma, POSITIVE),
    "rgamma": (mp.rgamma, [*SIGNED, -3, -1, 0, -1.999999]), "psi": (mp.psi, None), "digamma": (mp.psi, None),
    "erf": (mp.erf, [-5, -0.3, 1e-8, 0.7, 3]), "erfc": (mp.erfc, [-5, -0.3, 1e-8, 0.7, 3, 20]),
    "erfcx": (lambda x: mp.exp(x * x) * mp.erfc(x), [-5, -0.3, 1e-8, 0.7, 1.99, 2.01, 7, 30, 1e4, 1e7]),
    "dawsn": (lambda x: mp.sqrt(mp.pi) / 2 * mp.exp(-x * x) * mp.erfi(x), [-30, -7.01, -6.99, 0.3, 2, 6, 8, 50]),
    "erfinv": (mp.erfinv, [-0.999, -0.3, 1e-8, 0.7, 0.99999]), "erfcinv": (lambda x: mp.erfinv(1 - x), [1e-9, 0.1, 0.9, 1.7]),
    "ndtr": (ndtr, LINE), "log_ndtr": (lambda x: mp.log(ndtr(x)), [*LINE, -1e4]),
    "ndtri": (lambda p: -mp.sqrt(2) * mp.erfinv(1 - 2 * p), SHARE),
    "ndtri_exp": (lambda x: -mp.sqrt(2) * mp.erfinv(1 - 2 * mp.exp(x)), [-20, -3, -0.5, -0.01]),
    "expit": (lambda x: 1 / (1 + mp.exp(-x)), [-30, -2, 0.7, 5]), "log_expit": (lambda x: -mp.log1p(mp.exp(-x)), LINE),
    "logit": (lambda p: mp.log(p / (1 - p)), SHARE), "entr": (lambda x: -x * mp.log(x), POSITIVE),
    "exprel": (exprel, [-300, -20, -3.1, -2.9, -1e-5, 0.5, 2.9, 3.1, 20, 300]), "cosm1": (lambda x: mp.cos(x) - 1, [-3, 0.1, 7]),
    "exp10": (lambda x: mp.mpf(10) ** x, LINE), "expm1": (mp.expm1, LINE), "log1p": (mp.log1p, POSITIVE), "cbrt": (mp.cbrt, POSITIVE),
    "exp2": (lambda x: mp.mpf(2) ** x, LINE), "factorial": (mp.factorial, [0.3, 2, 7]),
}  # fmt: skip

PAIRS = [(0.4, 0.7), (1.5, 8), (12, 3.3), (90, 0.6), (2, 300)]
OF_TWO = {
    "beta": (mp.beta, PAIRS), "betaln": (lambda a, b: mp.log(mp.beta(a, b)), [*PAIRS, (1e5, 0.5), (1e5, 1e4)]),
    "poch": (mp.rf, [*PAIRS[:3], (5, -2.5)]),
    "binom": (mp.binomial, [(5, 2), (7.5, 1.2), (3.3, 3.7), (3, 5), (3, -2), (2.5, 9.4), (1.5, -3.3)]),
    "rel_entr": (rel_entr, [(0.5, 2), (3, 0.1), (1e-8, 5)]),
    "kl_div": (lambda a, b: rel_entr(a, b) - a + b, [(0.5, 2), (3, 0.1), (1e-8, 5)]),
    "boxcox": (boxcox, [(0.5, 2), (3, -0.1), (30, 1e-7), (1.5, 4)]),
    "boxcox1p": (lambda a, b: boxcox(1 + a, b), [(-0.5, 2), (1e-5, -0.1), (30, 1e-7)]),
    "inv_boxcox": (inv_boxcox, [(-0.3, 2), (3, -0.1), (3, 1e-7)]),
    "inv_boxcox1p": (lambda a, b: inv_boxcox(a, b) - 1, [(-0.3, 2), (3, -0.1), (3, 1e-7)]),
}  # fmt: skip


@pytest.mark.parametrize("name", OF_ONE)
def test_functions_of_one_number_are_right_to_second_order(name, agrees):
    exact, points = OF_ONE[name]
    if points is None:
        exact, points = (lambda x: mp.psi(0, x)), [*SIGNED, 1e6]
    agrees(getattr(special, name), exact, points, atol=1e-300)


@pytest.mark.parametrize("name", OF_TWO)
def test_functions_of_two_numbers_are_right_in_each(name, agrees):
    exact, points = OF_TWO[name]
    f = getattr(special, name)
    for a, b in points:
        agrees(lambda x, b=b: f(x, b), lambda x, b=b: exact(x, mp.mpf(b)), [a])
        agrees(lambda x, a=a: f(a, x), lambda x, a=a: exact(mp.mpf(a), x), [b])


@pytest.mark.parametrize(("f", "log"), [(special.xlogy, mp.log), (special.xlog1py, mp.log1p)])
def test_products_with_a_logarithm_are_right(f, log, agrees):
    agrees(lambda b: f(-3.0, b), lambda b: -3 * log(b), [1e-5, 0.7, 50])
    np.testing.assert_allclose([grad(f)(a, 0.3) for a in (-1.0, 0.0, 5.0)], float(log(0.3)))


@pytest.mark.parametrize("n", [0, 1, 2, 5])
def test_polygamma_is_right(n, agrees):
    agrees(lambda x: special.polygamma(n, x), lambda x: mp.psi(n, x), [1e-3, 0.5, 3, 40, 1e4])


@pytest.mark.parametrize("n", [0, 1, 3])
def test_a_small_difference_of_polygamma_functions_keeps_its_digits(n):
    for a, b in [(0.02, 1e-9), (0.3, 5), (3, -2.9), (7, 1e-5), (19, 80), (1e6, 0.5), (1e6, -3), (2, 1e8)]:
        with mp.workdps(40):
            wanted = float(mp.psi(n, mp.mpf(a) + mp.mpf(b)) - mp.psi(n, mp.mpf(a)))
        np.testing.assert_allclose(polygamma_rise(a, b, n), wanted, rtol=3e-14)


def test_zeta_is_right_in_q_and_refused_in_x(agrees):
    for x in 1.5, 4:
        agrees(lambda q, x=x: special.zeta(x, q), lambda q, x=x: mp.zeta(x, q), [0.3, 2, 30])
    with pytest.raises(TypeError, match="in q only"):
        grad(special.zeta)(2.0)


def test_multigammaln_is_right(agrees):
    exact = lambda a: 3 * mp.log(mp.pi) / 2 + sum(mp.loggamma(a - mp.mpf(j) / 2) for j in range(3))
    agrees(lambda a: special.multigammaln(a, 3), exact, [1.01, 2.5, 40])
    assert special.multigammaln(Tensor([2.0, 3.0]), 3).shape == (2,)
    with pytest.raises(ValueError, match="above"):
        special.multigammaln(1.0, 3)


# the incomplete functions: the differences of a series in so many digits that nothing is lost


def gamma_part(a, x, lower):
    """The regularised incomplete gamma function, or minus its complement, of the same derivatives."""
    return mp.gammainc(a, 0, x, regularized=True) if lower else -mp.gammainc(a, x, mp.inf, regularized=True)


def beta_part(a, b, x, lower):
    """The same for the incomplete beta function."""
    if lower:
        return x**a * mp.hyp2f1(a, 1 - b, a + 1, x) / a / mp.beta(a, b)
    return -((1 - x) ** b) * mp.hyp2f1(b, 1 - a, b + 1, 1 - x) / b / mp.beta(a, b)


STENCIL = {
    0: ((0, 1.0),), 1: ((-1, -0.5), (1, 0.5)), 2: ((-1, 1.0), (0, -2.0), (1, 1.0)), 3: ((-2, -0.5), (-1, 1.0), (1, -1.0), (2, 0.5)),
}  # fmt: skip


def slope_of(f, at, orders):
    """The mixed derivative of f, by differences."""
    with mp.workdps(150):
        at = [mp.mpf(v) for v in at]
        steps = [mp.mpf(10) ** -18 * v for v in at]
        total = 0
        for shift in np.ndindex(*(len(STENCIL[n]) for n in orders)):
            parts = [STENCIL[n][k] for n, k in zip(orders, shift, strict=True)]
            point = [v + part[0] * h for v, part, h in zip(at, parts, steps, strict=True)]
            total += f(*point) * mp.fprod(part[1] for part in parts)
        return float(total / mp.fprod(h**n for h, n in zip(steps, orders, strict=True)))


@pytest.mark.parametrize("a", [1e-6, 0.03, 0.9, 1, 2.2, 9.9, 10.1, 100, 1e4])
def test_the_incomplete_gamma_function_is_right_to_third_order_in_a(a):
    for x in [1e-3, 0.5, 1, 1.001, 8, 1e-6 * a, 0.2 * a, 0.96 * a, 1.07 * a, 1.5 * a, 4 * a]:
        if x > 4 * a + 40:
            continue
        for order in 1, 2, 3:
            wanted = slope_of(lambda s, x=x: gamma_part(s, mp.mpf(x), x < a), [a], [order])
            np.testing.assert_allclose(gammainc_slope(a, x, order), wanted, rtol=1e-11, atol=1e-290, err_msg=f"order {order}, x = {x}")


@pytest.mark.parametrize("a", [1e-3, 0.5, 2.3, 40, 1e5])
@pytest.mark.parametrize("b", [1e-3, 0.7, 9, 300])
def test_the_incomplete_beta_function_is_right_to_third_order_in_a_and_b(a, b):
    mean, width = a / (a + b), np.sqrt(a * b / (a + b) ** 2 / (a + b + 1))
    for x in {1e-5, 0.3, 0.499, 0.51, 0.98, mean - 3 * width, mean - 0.4 * width, mean + 0.3 * width, mean + 4 * width}:
        if not 0 < x < 1 - 1e-9 or special.betainc(a, b, x) < 1e-60 or special.betaincc(a, b, x) < 1e-60:
            continue
        for m, n in [(1, 0), (0, 1), (1, 1), (0, 2), (2, 1)]:
            wanted = slope_of(lambda s, t, x=x: beta_part(s, t, mp.mpf(float(x)), x < mean), [a, b], [m, n])
            got = betainc_slope(a, b, x, m, n)
            digits = 1e-16 / min(a, b, 1) ** (m + n)  # of the neighbours, where the sign changes
            np.testing.assert_allclose(got, wanted, rtol=1e-11, atol=digits, err_msg=f"{m, n} at {x}")


def test_densities_are_right_in_all_arguments(agrees):
    density = lambda a, x: x ** (a - 1) * mp.exp(-x) / mp.gamma(a)
    for a, x in [(0.3, 0.01), (1, 2), (7, 3), (300, 280)]:
        agrees(lambda v, x=x: gamma_density(v, x), lambda v, x=x: density(v, mp.mpf(x)), [a])
        agrees(lambda v, a=a: gamma_density(a, v), lambda v, a=a: density(mp.mpf(a), v), [x])
    density = lambda a, b, x: x ** (a - 1) * (1 - x) ** (b - 1) / mp.beta(a, b)
    for a, b, x in [(0.3, 2, 0.01), (5, 0.4, 0.98), (300, 20, 0.9)]:
        agrees(lambda v, b=b, x=x: beta_density(v, b, x), lambda v, b=b, x=x: density(v, mp.mpf(b), mp.mpf(x)), [a])
        agrees(lambda v, a=a, b=b: beta_density(a, b, v), lambda v, a=a, b=b: density(mp.mpf(a), mp.mpf(b), v), [x])


@pytest.mark.parametrize(("f", "complement"), [(special.gammainc, special.gammaincc), (special.betainc, special.betaincc)])
def test_a_complement_has_the_derivatives_negated(f, complement):
    point = (2.5, 0.7, 0.6)[-2 if f is special.gammainc else -3 :]
    for k in range(len(point)):
        assert grad(f, k)(*point) == -grad(complement, k)(*point)


@pytest.mark.parametrize(
    ("f", "inverse", "shape"),
    [
        (special.gammainc, special.gammaincinv, (0.3,)), (special.gammainc, special.gammaincinv, (40.0,)),
        (special.gammaincc, special.gammainccinv, (2.5,)), (special.betainc, special.betaincinv, (0.4, 3.0)),
        (special.betainc, special.betaincinv, (30.0, 9.0)), (special.betaincc, special.betainccinv, (2.0, 2.6)),
    ],
)  # fmt: skip
@pytest.mark.parametrize("p", [1e-4, 0.3, 0.95])
def test_an_inverse_undoes_its_function_in_every_order(f, inverse, shape, p):
    identity = lambda at: f(*at[:-1], inverse(*at))
    at = np.array([*shape, p])
    split = lambda at: identity([at[k] for k in range(len(shape) + 1)])
    np.testing.assert_allclose(split(at), p, rtol=1e-12)
    np.testing.assert_allclose(grad(split)(at), [0] * len(shape) + [1], atol=1e-11)
    size = np.abs(hessian(lambda at: inverse(*(at[k] for k in range(len(at)))))(at)).max()
    np.testing.assert_allclose(hessian(split)(at), 0, atol=1e-11 * (1 + size))


# edges


def test_what_is_zero_at_the_edge_has_its_finite_derivatives():
    assert [grad(f, 1)(0.0, 2.0) for f in (special.xlogy, special.xlog1py, special.rel_entr)] == [0, 0, 0]
    assert grad(special.xlogy)(0.0, 2.0) == np.log(2)
    assert grad(special.xlogy, 1)(0.0, 0.0) == 0
    assert grad(special.kl_div, 1)(0.0, 2.0) == 1
    assert [grad(special.entr)(0.0), grad(special.xlogy)(0.0, 0.0), grad(special.rel_entr)(0.0, 2.0)] == [np.inf, -np.inf, -np.inf]


def test_outside_of_the_domain_there_is_no_number_and_no_warning():
    for f in special.entr, special.ndtri, special.erfinv, special.loggamma:
        assert not np.isfinite(f(-3.0))
        assert not np.isfinite(grad(f)(-3.0))
    assert np.isnan(gammainc_slope(-1.0, 1.0))
    assert np.isnan(betainc_slope(1.0, 1.0, 1.5))
    assert np.isnan(grad(special.betainc, 2)(2.0, 2.0, -0.5))


def test_the_incomplete_functions_at_their_ends():
    assert [grad(special.gammainc, 1)(a, 0.0) for a in (0.5, 1.0, 2.0)] == [np.inf, 1, 0]
    assert [grad(special.gammainc)(a, x) for a, x in [(2.0, 0.0), (2.0, np.inf)]] == [0, 0]
    assert [grad(grad(special.gammainc, 1), 1)(a, 0.0) for a in (1.0, 2.0, 3.0)] == [-1, 1, 0]
    assert [grad(special.betainc, 2)(a, 3.0, 0.0) for a in (0.5, 1.0, 2.0)] == [np.inf, 3, 0]
    assert [grad(special.betainc, 2)(3.0, b, 1.0) for b in (0.5, 1.0, 2.0)] == [np.inf, 3, 0]
    assert [grad(special.betainc, k)(2.0, 3.0, x) for k in (0, 1) for x in (0.0, 1.0)] == [0, 0, 0, 0]
    np.testing.assert_allclose([grad(grad(special.betainc, 2), 2)(2.0, 3.0, x) for x in (0.0, 1.0)], [12, 0], atol=1e-13)


def test_an_inverse_stands_still_at_the_end():
    assert [grad(special.gammaincinv)(a, 0.0) for a in (0.5, 2.0)] == [0, 0]
    assert [grad(special.betaincinv, k)(2.0, 3.0, p) for k in (0, 1) for p in (0.0, 1.0)] == [0, 0, 0, 0]
    assert grad(special.gammaincinv, 1)(0.5, 0.0) == 0


def test_counts_are_as_in_scipy_and_constant_outside():
    n, k = np.array([5.0, 3.0, -2.0, 4.0]), np.array([2.0, 4.0, 1.0, -1.0])
    for ours, theirs in (special.comb, scipy_special.comb), (special.perm, scipy_special.perm):
        np.testing.assert_allclose(ours(Tensor(n), k).data, theirs(n, k))
        assert (np.diag(jacobian(lambda n, f=ours: f(n, k))(n)) != 0).tolist() == [True, False, False, False]
    np.testing.assert_allclose(special.comb(Tensor(n[:2]), 2, repetition=True).data, scipy_special.comb(n[:2], 2, repetition=True))
    assert special.comb(40, 20, exact=True) == scipy_special.comb(40, 20, exact=True)
    assert special.factorial(-1.0) == 0
    for call in (lambda x: special.comb(x, 2, exact=True)), (lambda x: special.factorial(x, exact=True)):
        with pytest.raises(TypeError, match="exact=True counts"):
            grad(call)(5.0)


def test_signs_are_constant():
    assert special.gammasgn(Tensor([-0.5, 0.5], requires_grad=True)).tolist() == [-1, 1]


def test_single_precision_stays(rng):
    for name in "gammainc", "gammaincc", "gammaincinv", "beta", "betaln", "xlogy", "rel_entr", "boxcox":
        x = Tensor(np.float32([0.3, 0.4]), requires_grad=True)
        y = getattr(special, name)(x, np.float32([0.5, 0.6]))
        y.sum().backward()
        assert (y.dtype, x.grad.dtype) == (np.float32, np.float32)


def test_scipys_own_functions_find_these():
    x = Tensor([0.3, 0.4], requires_grad=True)
    y = scipy_special.gammainc(x, 2.0) + scipy_special.betainc(x, 2.0, 0.5) + scipy_special.erfcx(x)
    y.sum().backward()
    f = lambda v: special.gammainc(v, 2.0) + special.betainc(v, 2.0, 0.5) + special.erfcx(v)
    np.testing.assert_allclose(x.grad.data, [grad(f)(0.3), grad(f)(0.4)])


@pytest.mark.parametrize(("f", "wanted"), [("xlogy", 1 / 2), ("xlog1py", 1 / 3), ("rel_entr", -1 / 2), ("kl_div", -1 / 2)])
def test_a_slope_that_is_zero_with_its_factor_has_a_slope_in_it(f, wanted):
    f = getattr(special, f)
    np.testing.assert_allclose(grad(lambda a: grad(f, 1)(a, 2.0))(0.0), wanted)
    assert grad(lambda a: grad(f, 1)(a, 0.0))(0.0) in (0, 1)  # no NaN where both are 0


def test_a_python_number_beside_single_precision_keeps_it():
    x = np.float32([0.25, 0.5])
    for name in ("xlogy", "betaln", "gammainc", "ellipkinc", "eval_legendre", "struve"):
        for number in 1, 1.0:
            assert getattr(special, name)(number, x).dtype == np.float32
            assert getattr(special, name)(number, Tensor(x)).dtype == np.float32
    assert {part.dtype for part in special.ellipj(0.5, x)} == {np.dtype(np.float32)}
    assert special.xlogy(np.float64(0.5), x).dtype == np.float64
