"""The distributions: SciPy's values, and derivatives in the data and every parameter, compared with mpmath."""

import importlib
import pickle

import numpy as np
import pytest

pytest.importorskip("scipy")
import scipy.stats

from autograd import Tensor, elementwise_grad, grad, hessian, jacobian
from autograd.scipy import stats
from autograd.scipy.stats.standard import Continuous, Discrete
from autograd.test_util import check_grads

FAMILIES = {
    "norm": [()], "laplace": [()], "logistic": [()], "cauchy": [()], "gumbel_r": [()], "gumbel_l": [()],
    "t": [(0.7,), (3.0,), (40.0,)], "vonmises": [(0.0,), (2.5,), (80.0,)],
    "expon": [()], "halfnorm": [()], "rayleigh": [()], "uniform": [()],
    "gamma": [(0.5,), (1.0,), (2.0,), (30.0,)], "chi2": [(1.0,), (2.0,), (9.5,)], "f": [(2.0, 3.0), (4.5, 9.0)],
    "invgamma": [(0.5,), (5.0,)], "weibull_min": [(0.7,), (1.0,), (3.5,)], "lognorm": [(0.3,), (1.5,)], "pareto": [(0.7,), (4.5,)],
    "beta": [(2.0, 3.0), (1.0, 1.0), (0.5, 0.7)], "truncnorm": [(-1.0, 2.0), (-3.0, 0.5), (3.0, 7.0), (-9.0, -7.0)],
    "poisson": [(0.3,), (12.0,)], "bernoulli": [(0.0,), (0.3,), (1.0,)], "binom": [(5, 0.3), (0, 0.5), (12, 0.9)],
    "nbinom": [(2.5, 0.3), (3, 0.9)], "geom": [(0.2,), (0.8,)],
}  # fmt: skip
SHAPED = [(name, shapes) for name, several in FAMILIES.items() for shapes in several]
CONTINUOUS = [(name, shapes) for name, shapes in SHAPED if isinstance(getattr(stats, name), Continuous)]
DISCRETE = [(name, shapes) for name, shapes in SHAPED if isinstance(getattr(stats, name), Discrete)]


def of_data(family):
    return [m for m in ("pdf", "logpdf", "pmf", "logpmf", "cdf", "sf", "logcdf", "logsf") if m in family.methods]


def test_each_family_is_compared():
    families = {name for name in stats.__all__ if isinstance(getattr(stats, name), (Continuous, Discrete))}
    assert families == FAMILIES.keys()


# -- values -------------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "shapes"), CONTINUOUS)
@pytest.mark.parametrize("place", [(), (0.5, 2.5)])
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_continuous_family_has_scipys_values(name, shapes, place):
    ours, theirs = getattr(stats, name), getattr(scipy.stats, name)
    x = np.array([-50.0, -7.5, -3.0, -1.0, -0.5, -1e-3, 0.0, 0.25, 0.5, 0.75, 1.0, 2.0, 3.5, 5.5, 30.0, np.nan])
    q = np.array([-0.1, 0.0, 1e-5, 0.1, 0.3, 0.5, 0.7, 0.9, 0.999, 1.0, 1.1, np.nan])
    for method in ours.methods:
        data = (x,) if method in of_data(ours) else (q,) if method in ("ppf", "isf") else ()
        wanted = getattr(theirs, method)(*data, *shapes, *place)
        rtol = 1e-6 if name == "truncnorm" and method == "entropy" else 1e-9  # SciPy's loses digits there
        np.testing.assert_allclose(getattr(ours, method)(*data, *shapes, *place), wanted, rtol, 1e-15, err_msg=f"{name}.{method}")


@pytest.mark.parametrize(("name", "shapes"), DISCRETE)
@pytest.mark.parametrize("loc", [(), (2,)])
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_discrete_family_has_scipys_values(name, shapes, loc):
    ours, theirs = getattr(stats, name), getattr(scipy.stats, name)
    k = np.array([-1, 0, 0.5, 1, 2, 2.5, 3, 4, 5, 6, 12, 13, 40, np.nan])
    q = np.array([-0.1, 0.0, 1e-5, 0.123, 0.31, 0.5, 0.69, 0.91, 0.999, 1.0, 1.1, np.nan])
    for method in ours.methods:
        data = (k,) if method in of_data(ours) else (q,) if method in ("ppf", "isf") else ()
        wanted = getattr(theirs, method)(*data, *shapes, *loc)
        np.testing.assert_allclose(getattr(ours, method)(*data, *shapes, *loc), wanted, 1e-9, 1e-13, err_msg=f"{name}.{method}")


@pytest.mark.parametrize("name", [name for name, several in FAMILIES.items() if several != [()]])
def test_parameters_out_of_range_give_nan_as_value_and_as_derivative(name):
    family = getattr(stats, name)
    shapes = [-1.0, -2.0][: len(family.shapes)] if name != "binom" else [2.5, 0.5]
    place = () if isinstance(family, Discrete) else (0.0, 1.0)
    for method in of_data(family):
        assert np.isnan(getattr(family, method)(1, *shapes, *place)), method
        assert np.isnan(grad(getattr(family, method), len(shapes))(1, *shapes, *place)), method
    assert np.isnan(stats.norm.logpdf(0.0, 0.0, -1.0))
    assert np.isnan(grad(stats.norm.logpdf, 2)(0.0, 0.0, -1.0))


@pytest.mark.parametrize(("name", "shapes"), SHAPED)
def test_infinity_is_outside_of_every_support(name, shapes):
    family = getattr(stats, name)
    for method, low, high in [
        ("pdf", 0, 0), ("pmf", 0, 0), ("logpdf", -np.inf, -np.inf), ("logpmf", -np.inf, -np.inf),
        ("cdf", 0, 1), ("sf", 1, 0), ("logcdf", -np.inf, 0), ("logsf", 0, -np.inf),
    ]:  # fmt: skip
        if method in family.methods:
            np.testing.assert_array_equal(getattr(family, method)(np.array([-np.inf, np.inf]), *shapes), [low, high])


def test_the_tails_keep_their_digits():
    mp = pytest.importorskip("mpmath").mp
    gauss = lambda z: mp.erfc(z / mp.sqrt(2))
    with mp.workdps(60):
        for got, wanted in [
            (stats.norm.logsf(40.0), mp.log(mp.erfc(40 / mp.sqrt(2)) / 2)),
            (stats.norm.logcdf(9.0), mp.log1p(-mp.erfc(9 / mp.sqrt(2)) / 2)),
            (stats.logistic.logcdf(80.0), -mp.log1p(mp.exp(-80))),
            (stats.laplace.logcdf(60.0), mp.log1p(-mp.exp(-60) / 2)),
            (stats.cauchy.cdf(-1e20), mp.atan2(1, mp.mpf(10) ** 20) / mp.pi),
            (stats.cauchy.ppf(1e-20), -mp.cot(mp.pi * mp.mpf(1e-20))),
            (stats.gumbel_r.sf(50.0), -mp.expm1(-mp.exp(-50))),
            (stats.expon.logcdf(50.0), mp.log1p(-mp.exp(-50))),
            (stats.gamma.sf(300.0, 2.0), mp.gammainc(2, 300, regularized=True)),
            (stats.gamma.logcdf(80.0, 2.0), mp.log1p(-mp.gammainc(2, 80, regularized=True))),
            (stats.beta.sf(1 - 1e-9, 2.0, 3.0), mp.betainc(3, 2, 0, 1 - mp.mpf(1 - 1e-9), regularized=True)),
            (stats.t.sf(1e6, 3.0), mp.betainc(1.5, 0.5, 0, 3 / (3 + mp.mpf(10) ** 12), regularized=True) / 2),
            (stats.f.sf(1e6, 2.0, 9.0), mp.betainc(4.5, 1, 0, 9 / (9 + mp.mpf(2e6)), regularized=True)),
            (stats.truncnorm.logcdf(-60.0, -np.inf, -3.0), mp.log(mp.erfc(60 / mp.sqrt(2)) / mp.erfc(3 / mp.sqrt(2)))),
            (stats.truncnorm.sf(41.0, 40, 43), (gauss(41) - gauss(43)) / (gauss(40) - gauss(43))),
            (stats.truncnorm.isf(1e-20, 5.0, np.inf), mp.mpf("10.753055641913342")),
            (stats.poisson.logcdf(50, 0.3), mp.log1p(-mp.gammainc(51, 0, 0.3, regularized=True))),
            (stats.geom.sf(10**9, 1e-12), mp.exp(10**9 * mp.log1p(-mp.mpf(1e-12)))),
        ]:
            np.testing.assert_allclose(got, float(wanted), rtol=1e-12)


# -- derivatives --------------------------------------------------------------------------------------------------------------------------


def formulas(mp):
    """For each family, the logarithm of its standard density, and its distribution function, by mpmath."""
    half, log, exp = mp.mpf(1) / 2, mp.log, mp.exp
    norm = lambda z: mp.erfc(-z / mp.sqrt(2)) / 2
    root = log(2 * mp.pi) / 2
    lbeta = lambda a, b: mp.loggamma(a) + mp.loggamma(b) - mp.loggamma(a + b)
    ibeta = lambda a, b, x: mp.betainc(a, b, 0, x, regularized=True)
    igamma = lambda a, x: mp.gammainc(a, 0, x, regularized=True)
    tail = lambda z, n: ibeta(n / 2, half, n / (n + z * z)) / 2
    return {
        "norm": (lambda z: -z * z / 2 - root, norm),
        "laplace": (lambda z: -abs(z) - log(2), lambda z: exp(z) / 2 if z < 0 else 1 - exp(-z) / 2),
        "logistic": (lambda z: -z - 2 * log(1 + exp(-z)), lambda z: 1 / (1 + exp(-z))),
        "cauchy": (lambda z: -log(mp.pi * (1 + z * z)), lambda z: half + mp.atan(z) / mp.pi),
        "gumbel_r": (lambda z: -z - exp(-z), lambda z: exp(-exp(-z))),
        "gumbel_l": (lambda z: z - exp(z), lambda z: -mp.expm1(-exp(z))),
        "t": (
            lambda z, n: -(n + 1) / 2 * log(1 + z * z / n) - log(n) / 2 - lbeta(half, n / 2),
            lambda z, n: tail(z, n) if z < 0 else 1 - tail(z, n) if z > 0 else half,
        ),
        "vonmises": (lambda z, k: k * mp.cos(z) - log(2 * mp.pi * mp.besseli(0, k)), None),
        "expon": (lambda z: -z, lambda z: 1 - exp(-z)),
        "halfnorm": (lambda z: -z * z / 2 - root + log(2), lambda z: mp.erf(z / mp.sqrt(2))),
        "rayleigh": (lambda z: log(z) - z * z / 2, lambda z: 1 - exp(-z * z / 2)),
        "uniform": (lambda z: 0 * z, lambda z: z),
        "gamma": (lambda z, a: (a - 1) * log(z) - z - mp.loggamma(a), lambda z, a: igamma(a, z)),
        "chi2": (
            lambda z, n: (n / 2 - 1) * log(z) - z / 2 - mp.loggamma(n / 2) - n / 2 * log(2), lambda z, n: igamma(n / 2, z / 2)
        ),
        "f": (
            lambda z, m, n: (m / 2 - 1) * log(z) + m / 2 * log(m / n) - (m + n) / 2 * log(1 + m * z / n) - lbeta(m / 2, n / 2),
            lambda z, m, n: ibeta(m / 2, n / 2, m * z / (n + m * z)),
        ),
        "invgamma": (lambda z, a: -(a + 1) * log(z) - 1 / z - mp.loggamma(a), lambda z, a: 1 - igamma(a, 1 / z)),
        "weibull_min": (lambda z, c: log(c) + (c - 1) * log(z) - z**c, lambda z, c: 1 - exp(-(z**c))),
        "lognorm": (lambda z, s: -((log(z) / s) ** 2) / 2 - log(s * z) - root, lambda z, s: norm(log(z) / s)),
        "pareto": (lambda z, b: log(b) - (b + 1) * log(z), lambda z, b: 1 - z ** (-b)),
        "beta": (lambda z, a, b: (a - 1) * log(z) + (b - 1) * log(1 - z) - lbeta(a, b), lambda z, a, b: ibeta(a, b, z)),
        "truncnorm": (
            lambda z, a, b: -z * z / 2 - root - log(norm(b) - norm(a)), lambda z, a, b: (norm(z) - norm(a)) / (norm(b) - norm(a))
        ),
        "poisson": (lambda k, mu: k * log(mu) - mu - mp.loggamma(k + 1), lambda k, mu: 1 - igamma(k + 1, mu)),
        "bernoulli": (lambda k, p: k * log(p) + (1 - k) * log(1 - p), lambda k, p: 1 - p if k < 1 else 1 + 0 * p),
        "binom": (
            lambda k, n, p: log(mp.binomial(n, k)) + k * log(p) + (n - k) * log(1 - p),
            lambda k, n, p: 1 - ibeta(k + 1, n - k, p) if k < n else 1 + 0 * p,
        ),
        "nbinom": (
            lambda k, n, p: -lbeta(n, k + 1) - log(n + k) + n * log(p) + k * log(1 - p), lambda k, n, p: ibeta(n, k + 1, p)
        ),
        "geom": (lambda k, p: (k - 1) * log(1 - p) + log(p), lambda k, p: 1 - (1 - p) ** k),
    }  # fmt: skip


POINTS = {
    "beta": [0.01, 0.4, 0.999], "uniform": [0.01, 0.4, 0.999], "pareto": [1.01, 2.5, 300.0], "vonmises": [-2.0, 0.3, 9.0],
    "gumbel_r": [-3.0, 0.4, 50.0], "gumbel_l": [-50.0, 0.4, 3.0], "logistic": [-60.0, 0.4, 60.0], "t": [-30.0, -0.01, 0.4, 25.0],
    "norm": [-12.0, -0.3, 0.4, 12.0], "laplace": [-60.0, 0.4, 60.0], "cauchy": [-1e6, 0.4, 1e6], "invgamma": [0.1, 0.8, 300.0],
    "binom": [1.0, 3.0, 4.0], "geom": [1.0, 3.0, 9.0], "bernoulli": [0.0, 1.0], "poisson": [0.0, 3.0, 25.0], "nbinom": [0.0, 3.0, 25.0],
}  # fmt: skip
SMOOTH = [(name, shapes) for name, shapes in SHAPED if shapes not in [(0.0,), (1.0,), (1.0, 1.0), (0, 0.5)] or name in ("gamma", "beta")]


def points(name, shapes):
    if name == "truncnorm":
        a, b = shapes
        return a + (b - a) * np.array([0.02, 0.5, 0.98])
    return np.array(POINTS.get(name, [0.01, 0.8, 25.0 if name in ("gamma", "chi2", "f", "expon") else 4.0]))


@pytest.mark.parametrize(("name", "shapes"), SMOOTH)
def test_derivatives_in_the_data_and_in_every_parameter_are_right(name, shapes):
    mp = pytest.importorskip("mpmath").mp
    family, discrete = getattr(stats, name), (name, shapes) in DISCRETE
    loc, scale = (2, 1) if discrete else (0.25, 2.0)
    zs = points(name, shapes)
    held = (0, 1) if name == "binom" else (0,)
    with mp.workdps(70):
        log, cdf = formulas(mp)[name]
        wanted = {method: [] for method in of_data(family)}
        for z in zs:
            at = [mp.mpf(z), *map(mp.mpf, shapes)]
            slopes = {}
            for key, formula in ("log", log), ("cdf", cdf):
                if formula is not None:
                    orders = [tuple(int(k == place) for place in range(len(at))) for k in range(len(at))]
                    slopes[key] = [formula(*at)] + [
                        mp.diff(formula, tuple(at), order) if not (discrete and k in held) else mp.nan for k, order in enumerate(orders)
                    ]
            value, *rises = slopes["log"]
            row = [*rises[1:], *([] if discrete else [-rises[0] / scale, (-1 - rises[0] * at[0]) / scale])]
            data = [] if discrete else [rises[0] / scale]
            wanted["logpmf" if discrete else "logpdf"].append([*data, *row])
            wanted["pmf" if discrete else "pdf"].append([mp.exp(value) / scale * r for r in [*data, *row]])
            if cdf is not None:
                value, *rises = slopes["cdf"]
                row = [*rises[1:], *([] if discrete else [-rises[0] / scale, -rises[0] * at[0] / scale])]
                row = row if discrete else [rises[0] / scale, *row]
                wanted["cdf"].append(row)
                wanted["sf"].append([-r for r in row])
                wanted["logcdf"].append([r / value if value else mp.nan for r in row])
                wanted["logsf"].append([-r / (1 - value) if value != 1 else mp.nan for r in row])
    x = loc + scale * zs
    arguments = [x, *(np.full(len(x), float(s)) for s in shapes)] + ([] if discrete else [np.full(len(x), loc), np.full(len(x), scale)])
    options = {"loc": loc} if discrete else {}
    for method, rows in wanted.items():
        columns = np.array(rows, float).T
        places = [k for k in range(len(arguments)) if not (discrete and k in held)]
        for k, column in zip(places, columns[-len(places) :], strict=True):
            got = elementwise_grad(lambda a, k=k: getattr(family, method)(*arguments[:k], a, *arguments[k + 1 :], **options))(arguments[k])  # noqa: B023
            known = np.isfinite(column)
            np.testing.assert_allclose(got[known], column[known], 1e-10, 1e-300, err_msg=f"{name}.{method}, argument {k}")


QUANTILES = [(name, shapes) for name, shapes in CONTINUOUS if "ppf" in getattr(stats, name).methods]


@pytest.mark.parametrize(("name", "shapes"), QUANTILES)
def test_a_quantile_has_the_derivatives_of_an_inverse(name, shapes):
    family = getattr(stats, name)
    q = np.array([1e-6, 0.3, 0.5, 0.9])
    arguments = [np.full(len(q), s) for s in (*shapes, 0.0, 2.0)]
    for method, inverse in ("ppf", "cdf"), ("isf", "sf"):
        quantile, probability = getattr(family, method), getattr(family, inverse)
        x = quantile(q, *arguments)
        slope = elementwise_grad(probability)(x, *arguments)
        np.testing.assert_allclose(elementwise_grad(quantile)(q, *arguments), 1 / slope, 1e-8, err_msg=f"{name}.{method}")
        for k in range(1, len(arguments) + 1):
            wanted = -elementwise_grad(probability, k)(x, *arguments) / slope
            got = elementwise_grad(quantile, k)(q, *arguments)
            np.testing.assert_allclose(got, wanted, 1e-8, 1e-10, err_msg=f"{name}.{method}, argument {k}")


@pytest.mark.parametrize(("name", "shapes"), [(n, s) for n, s in CONTINUOUS if (n, s) in SMOOTH])
def test_second_derivatives_are_right(name, shapes):
    family, place = getattr(stats, name), (0.3, 1.7)
    x = 0.3 + 1.7 * points(name, shapes)[1]
    for method in [m for m in ("pdf", "logpdf", "logcdf", "logsf", "ppf", "entropy", "mean", "var") if m in family.methods]:
        data = () if method in ("entropy", "mean", "var") else (0.3 if method == "ppf" else x,)
        if data or (shapes and np.isfinite(getattr(family, method)(*shapes))):
            check_grads(getattr(family, method), modes="rev", atol=1e-5, rtol=1e-5)(*data, *shapes, *place)


@pytest.mark.parametrize(("name", "shapes"), [(n, s) for n, s in DISCRETE if (n, s) in SMOOTH])
def test_second_derivatives_of_discrete_families_are_right(name, shapes):
    family, k = getattr(stats, name), int(name != "bernoulli")
    for method in "pmf", "logpmf", "cdf", "logsf":
        check_grads(lambda *free: getattr(family, method)(k, *shapes[: len(shapes) - len(free)], *free), rtol=1e-5)(  # noqa: B023
            *(shapes[-1:] if name == "binom" else map(float, shapes))
        )


@pytest.mark.parametrize(("name", "shapes"), CONTINUOUS)
@pytest.mark.filterwarnings("ignore:grad. the output does not depend on the argument")
def test_outside_the_support_nothing_depends_on_anything(name, shapes):
    family = getattr(stats, name)
    outside = {"uniform": 1.5, "beta": 1.5, "truncnorm": 9.0, "pareto": 0.5}.get(name, -1.0)
    if family.support == (-np.inf, np.inf):
        outside = np.inf
    arguments = [outside, *shapes, 0.0, 1.0]
    for method in of_data(family):
        for k in range(len(arguments)):
            assert grad(getattr(family, method), k)(*arguments) == 0.0, (method, k)
            assert grad(lambda a, k=k: grad(getattr(family, method), k)(*arguments[:k], a, *arguments[k + 1 :]))(arguments[k]) == 0.0  # noqa: B023


@pytest.mark.parametrize(
    ("call", "argnum", "arguments", "wanted"),
    [
        (stats.expon.logpdf, 0, (0.0,), -1.0),
        (stats.expon.pdf, 0, (0.0,), -1.0),
        (stats.expon.cdf, 0, (0.0,), 1.0),
        (stats.expon.cdf, 1, (0.0, 0.0), -1.0),
        (stats.gamma.logpdf, 0, (0.0, 1.0), -1.0),
        (stats.gamma.pdf, 0, (0.0, 2.0), 1.0),
        (stats.gamma.pdf, 0, (0.0, 3.0), 0.0),
        (stats.gamma.cdf, 0, (0.0, 1.0), 1.0),
        (stats.gamma.cdf, 0, (0.0, 3.0), 0.0),
        (stats.chi2.pdf, 0, (0.0, 4.0), 0.25),
        (stats.f.pdf, 0, (0.0, 4.0, 6.0), 2 / 3 * 2 / 3 * 12),
        (stats.weibull_min.pdf, 0, (0.0, 2.0), 2.0),
        (stats.rayleigh.pdf, 0, (0.0,), 1.0),
        (stats.beta.pdf, 0, (0.0, 2.0, 3.0), 12.0),
        (stats.beta.pdf, 0, (1.0, 3.0, 2.0), -12.0),
        (stats.beta.logpdf, 0, (1.0, 3.0, 1.0), 2.0),
        (stats.uniform.logpdf, 2, (1.0, 0.0, 2.0), -0.5),
        (stats.uniform.cdf, 0, (0.0,), 1.0),
        (stats.laplace.cdf, 0, (0.0,), 0.5),
        (stats.laplace.sf, 0, (0.0,), -0.5),
        (stats.t.cdf, 0, (0.0, 2.0), 0.5**1.5),
        (stats.t.cdf, 1, (0.0, 2.0), 0.0),
        (stats.truncnorm.cdf, 0, (0.0, 0.0, np.inf), np.sqrt(2 / np.pi)),
        (stats.truncnorm.sf, 0, (0.0, -np.inf, 0.0), -np.sqrt(2 / np.pi)),
        (stats.invgamma.pdf, 0, (0.0, 2.0), 0.0),
        (stats.lognorm.pdf, 0, (0.0, 2.0), 0.0),
        (stats.poisson.pmf, 1, (1, 0.0), 1.0),
        (stats.poisson.logpmf, 1, (0, 0.0), -1.0),
        (stats.bernoulli.pmf, 1, (1, 0.0), 1.0),
        (stats.bernoulli.pmf, 1, (0, 1.0), -1.0),
        (stats.binom.pmf, 2, (1, 2, 0.0), 2.0),
        (stats.binom.pmf, 2, (2, 2, 0.0), 0.0),
        (stats.nbinom.pmf, 2, (1, 3.0, 1.0), -3.0),
        (stats.geom.pmf, 1, (2, 1.0), -1.0),
        (stats.geom.cdf, 1, (1, 1.0), 1.0),
    ],
    ids=lambda a: getattr(a, "name", None),
)
def test_at_an_end_the_derivative_is_the_one_from_inside(call, argnum, arguments, wanted):
    np.testing.assert_allclose(grad(call, argnum)(*arguments), wanted, rtol=1e-9, atol=1e-12)


def test_t_is_smooth_where_its_formulas_meet():
    for x in 0.0, 1e-3 / 2, 8.2e-4, 0.05, 1.0, -1.0, 0.9999999:
        got = grad(grad(stats.t.cdf))(x, 3.0)
        np.testing.assert_allclose(got, grad(stats.t.pdf)(x, 3.0), rtol=1e-8, atol=1e-14)


# -- shapes and dtypes --------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "shapes"), SHAPED)
def test_float32_stays_float32(name, shapes):
    family = getattr(stats, name)
    x = points(name, shapes)[1:2].astype(np.float32)
    if name == "binom":
        x = np.minimum(x, shapes[0]).astype(np.float32)
    for method in of_data(family):
        assert getattr(family, method)(x, *shapes).dtype == np.float32, method
        assert getattr(family, method)(x + 99, *shapes).dtype == np.float32, method
        if isinstance(family, Continuous):
            t = Tensor(x, requires_grad=True)
            y = getattr(family, method)(t, *shapes)
            y.sum().backward()
            assert y.dtype == t.grad.dtype == np.float32, method
            np.testing.assert_allclose(y.data, getattr(family, method)(x.astype(float), *shapes), 2e-4, 1e-6)


def test_parameters_broadcast_with_the_data():
    x, a, scale = np.array([0.5, 1.0, 2.0]), np.array([[1.0], [2.0]]), np.array([[[1.0]], [[3.0]]])
    y = stats.gamma.logpdf(x, a, scale=scale)
    np.testing.assert_allclose(y, scipy.stats.gamma.logpdf(x, a, scale=scale))
    for argnum in range(3):
        arguments = (x, a, scale)
        g = grad(lambda *v: stats.gamma.logpdf(v[0], v[1], scale=v[2]).sum(), argnum)(*arguments)
        assert g.shape == arguments[argnum].shape
    check_grads(lambda x, a, scale: stats.gamma.logsf(x, a, scale=scale))(x, a, scale)
    assert stats.f.mean(np.full((2, 1), 3.0), np.full(3, 5.0)).shape == (2, 3)
    assert stats.norm.var(loc=np.zeros(3)).shape == scipy.stats.norm.var(loc=np.zeros(3)).shape == (3,)
    assert stats.poisson.ppf(np.full((2, 1), 0.5), np.ones(3)).shape == (2, 3)


def test_integers_are_numbers_and_single_numbers_stay_single():
    assert stats.norm.cdf(0) == 0.5
    assert type(stats.norm.pdf(5, 5, 2)) is np.float64
    assert type(stats.uniform.pdf(-1)) is np.float64
    assert stats.gamma.logpdf([1, 2], 2).tolist() == stats.gamma.logpdf(np.array([1.0, 2.0]), 2.0).tolist()


# -- calls --------------------------------------------------------------------------------------------------------------------------------


def test_shapes_may_be_given_by_name_and_distributions_frozen():
    assert stats.beta.logpdf(0.3, b=2.0, a=3.0) == stats.beta.logpdf(0.3, 3.0, 2.0) == stats.beta(3.0, b=2.0).logpdf(0.3)
    assert stats.gamma(2.0, scale=3.0).std() == stats.gamma.std(2.0, 0, 3.0)
    assert grad(lambda a: stats.gamma(a).mean())(2.0) == 1.0
    assert stats.multivariate_normal([0.0, 0.0], np.eye(2)).pdf([0.0, 0.0]) == stats.multivariate_normal.pdf([0.0, 0.0], [0.0, 0.0])
    with pytest.raises(TypeError, match=r"norm\.pdf: got an unexpected keyword argument 'sigma'; call it as norm\.pdf"):
        stats.norm(sigma=2.0)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: stats.norm.logpdf(1.0, sigma=2.0), r"norm\.logpdf: got an unexpected keyword .*'sigma'; call it as .*x, loc=0, scale=1"),
        (lambda: stats.gamma.logpdf(1.0), r"gamma\.logpdf: missing 1 required positional argument: 'a'; call it as"),
        (lambda: stats.gamma.logpdf(1.0, shape=2.0), "unexpected keyword argument 'shape'"),
        (lambda: stats.norm.pdf(1.0 + 2.0j), r"norm\.pdf: x has dtype complex128, wanted real numbers"),
        (lambda: stats.norm.pdf("a"), r"norm\.pdf: x has dtype <U1, wanted real numbers"),
        (lambda: grad(stats.poisson.logpmf)(1.0, 2.0), r"poisson\.logpmf: k got a Tensor that requires grad"),
        (lambda: grad(stats.binom.pmf, 1)(1.0, 2.0, 0.5), r"binom\.pmf: n got a Tensor that requires grad"),
        (lambda: grad(lambda m: stats.norm.rvs(m))(1.0), r"norm\.rvs: argument 0 got a Tensor that requires grad"),
        (lambda: grad(lambda m: stats.norm.rvs(loc=m))(1.0), r"norm\.rvs: loc got a Tensor that requires grad"),
    ],
)
def test_a_wrong_call_says_what_is_wrong(call, message):
    with pytest.raises(TypeError, match=message):
        call()


def test_what_is_not_there_is_said():
    with pytest.raises(AttributeError, match=r"gamma has no \.fit that is differentiated, only cdf, .*scipy\.stats\.gamma\.fit"):
        stats.gamma.fit([1.0, 2.0])
    with pytest.raises(AttributeError, match=r"vonmises has no \.cdf"):
        stats.vonmises.cdf(0.0, 1.0)
    assert not hasattr(stats.multivariate_normal, "cdf")


def test_random_numbers_are_scipys():
    ours = stats.gamma.rvs(2.0, scale=3.0, size=4, random_state=1)
    np.testing.assert_array_equal(ours, scipy.stats.gamma.rvs(2.0, scale=3.0, size=4, random_state=1))
    assert stats.norm(5.0).rvs(size=3, random_state=0).shape == (3,)
    assert stats.dirichlet.rvs([1.0, 2.0], random_state=0).shape == (1, 2)


def test_distributions_are_pickled_by_name():
    assert pickle.loads(pickle.dumps(stats.norm)) is stats.norm
    assert pickle.loads(pickle.dumps(stats.gamma(2.0))).mean() == 2.0


def test_what_hips_autograd_offers_is_there():
    for name, methods in {
        "norm": "pdf cdf sf logpdf logcdf logsf", "t": "pdf cdf logpdf logcdf", "beta": "cdf logpdf pdf", "gamma": "cdf logpdf pdf",
        "chi2": "cdf logpdf pdf", "poisson": "cdf logpmf pmf", "dirichlet": "rvs pdf logpdf", "multivariate_normal": "pdf logpdf entropy",
    }.items():  # fmt: skip
        module = importlib.import_module(f"autograd.scipy.stats.{name}")
        assert module is getattr(stats, name)
        assert all(callable(getattr(module, method)) for method in methods.split())


# -- quantiles of discrete families -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "shapes"), [("poisson", (1e6,)), ("binom", (10**6, 0.3)), ("nbinom", (40.0, 1e-3)), ("geom", (1e-6,))])
def test_a_quantile_is_the_first_number_that_has_enough(name, shapes):
    family = getattr(stats, name)
    q = np.array([1e-9, 0.2, 0.6, 1 - 1e-9])
    k = family.ppf(q, *shapes)
    assert (family.cdf(k, *shapes) >= q).all()
    assert (family.cdf(k - 1, *shapes) < q).all()
    k = family.isf(q, *shapes)
    assert (family.sf(k, *shapes) <= q).all()
    assert (family.sf(k - 1, *shapes) > q).all()
    assert type(family.ppf(0.5, Tensor(shapes[0], requires_grad=name == "poisson"), *shapes[1:])) is np.float64


# -- vectors and matrices -----------------------------------------------------------------------------------------------------------------

COV = np.array([[2.0, 0.5, -0.3], [0.5, 1.0, 0.2], [-0.3, 0.2, 1.5]])
MEAN = np.array([0.3, -0.2, 1.0])


@pytest.mark.parametrize(
    ("x", "mean", "cov"),
    [
        (np.array([0.1, 0.2, 0.3]), MEAN, COV),
        (np.ones((4, 3)), MEAN, COV),
        (np.ones((2, 4, 3)), None, COV),
        (np.ones((4, 3)), MEAN, 2.0),
        (np.ones((4, 3)), MEAN, np.array([1.0, 2.0, 3.0])),
        (np.array([1.0, 2.0]), None, 1),
        (0.7, 0.5, 2.0),
        (np.array([0.7, 0.2]), 0.5, np.array([[2.0]])),
        (np.ones((4, 1)), np.array([0.5]), 2.0),
    ],
)
def test_the_normal_distribution_of_vectors_has_scipys_values(x, mean, cov):
    for method in "logpdf", "pdf":
        wanted = getattr(scipy.stats.multivariate_normal, method)(x, mean, cov)
        np.testing.assert_allclose(getattr(stats.multivariate_normal, method)(x, mean, cov), wanted, rtol=1e-12)
    got = stats.multivariate_normal.entropy(mean, cov)
    np.testing.assert_allclose(got, scipy.stats.multivariate_normal.entropy(mean, cov), rtol=1e-12)


def test_the_normal_distribution_of_vectors_is_differentiated_in_all(rng):
    x = rng.standard_normal((4, 3))
    for method in stats.multivariate_normal.logpdf, stats.multivariate_normal.pdf:
        check_grads(method)(x, MEAN, COV)
        check_grads(lambda x, m, c, method=method: method(x, m, c))(x[0], MEAN, np.array([1.0, 2.0, 3.0]))
        check_grads(lambda x, m, c, method=method: method(x, m, c))(x, MEAN, 2.0)
    check_grads(lambda c: stats.multivariate_normal.entropy(MEAN, c))(COV)


def test_the_derivative_by_covariances_is_symmetric_and_that_of_the_formula(rng):
    x = rng.standard_normal(3)
    g = grad(stats.multivariate_normal.logpdf, 2)(x, MEAN, COV)
    inverse = np.linalg.inv(COV)
    d = inverse @ (x - MEAN)
    np.testing.assert_allclose(g, (np.outer(d, d) - inverse) / 2, rtol=1e-12)
    second = hessian(lambda x: stats.multivariate_normal.logpdf(x, MEAN, COV))(x)
    np.testing.assert_allclose(second, -inverse, rtol=1e-12)


def test_singular_covariances_are_permitted_by_name_only(rng):
    A = rng.standard_normal((3, 2))
    x = A @ np.array([0.3, -0.5])
    with pytest.raises(np.linalg.LinAlgError, match=r"multivariate_normal.logpdf: cov is singular: .* allow_singular=True permits it"):
        stats.multivariate_normal.logpdf(x, None, A @ A.T)
    got = stats.multivariate_normal.logpdf(x, None, A @ A.T, allow_singular=True)
    np.testing.assert_allclose(got, scipy.stats.multivariate_normal.logpdf(x, None, A @ A.T, allow_singular=True), rtol=1e-12)
    both = np.stack([x, x + 1])
    assert stats.multivariate_normal.pdf(both, None, A @ A.T, True)[1] == 0.0
    check_grads(lambda A, u: stats.multivariate_normal.logpdf(A @ u, None, A @ A.T, allow_singular=True), order=1)(A, np.array([0.3, -0.5]))
    np.testing.assert_allclose(stats.multivariate_normal.entropy(None, A @ A.T), scipy.stats.multivariate_normal.entropy(None, A @ A.T))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: stats.multivariate_normal.logpdf(np.ones(2), np.zeros(3)), r"got x of shape \(1, 2\), wanted \(…, 3\)"),
        (lambda: stats.multivariate_normal.logpdf(np.ones(3), np.zeros(3), np.eye(2)), r"got cov of shape \(2, 2\), wanted \(3, 3\)"),
        (lambda: stats.multivariate_normal.logpdf(np.ones(3), np.zeros((1, 3))), r"got mean of shape \(1, 3\), wanted a vector"),
        (lambda: stats.multivariate_normal.logpdf(np.ones(2), None, -np.eye(2)), r"cov has the eigenvalue -1, wanted none below 0"),
        (lambda: stats.dirichlet.logpdf(np.array([0.5, 0.6]), np.ones(2)), r"got x with sums 1.1, wanted shares"),
        (lambda: stats.dirichlet.logpdf(np.array([0.5, 0.5]), np.array([1.0, -1.0])), r"wanted a vector of numbers above 0"),
        (lambda: stats.dirichlet.logpdf(np.ones(5) / 5, np.ones(2)), r"got x of shape \(5,\), wanted \(2, …\)"),
        (lambda: stats.dirichlet.pdf(np.array([0.0, 1.0]), np.array([0.5, 1.0])), r"the density is infinite where"),
        (lambda: stats.multinomial.logpmf([1, 2, 3], 6, [0.5, 0.5]), r"got x of shape \(3,\), wanted \(…, 2\)"),
        (lambda: stats.wishart.logpdf(np.eye(3), 1.5, np.eye(3)), r"got df = 1.5, wanted one number above 2"),
        (lambda: stats.wishart.logpdf(np.eye(2), 4.0, np.eye(3)), r"got x of shape \(2, 2\), wanted \(3, 3\)"),
    ],
)
def test_wrong_shapes_of_vectors_are_said(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_dirichlets_distribution(rng):
    alpha = np.array([1.5, 2.0, 4.0])
    x = rng.dirichlet(alpha, 4).T
    for data in x, x[:, 0], x[:-1], x[:-1, 0]:
        for method in "logpdf", "pdf":
            wanted = getattr(scipy.stats.dirichlet, method)(data, alpha)
            np.testing.assert_allclose(getattr(stats.dirichlet, method)(data, alpha), wanted, rtol=1e-11)
    for method in "mean", "var", "entropy", "cov":
        np.testing.assert_allclose(getattr(stats.dirichlet, method)(alpha), getattr(scipy.stats.dirichlet, method)(alpha), rtol=1e-12)
        check_grads(getattr(stats.dirichlet, method))(alpha)
    check_grads(stats.dirichlet.logpdf)(x[:-1], alpha)
    check_grads(lambda x, a: stats.dirichlet.pdf(x / x.sum(0), a))(x, alpha)
    np.testing.assert_allclose(grad(stats.dirichlet.logpdf)(x[:, 0], alpha), (alpha - 1) / x[:, 0], rtol=1e-12)


def test_dirichlets_density_has_its_derivatives_on_a_face():
    x, alpha = np.array([[0.0, 0.5], [0.4, 0.2], [0.6, 0.3]]), np.array([2.0, 2.0, 3.0])
    g = jacobian(stats.dirichlet.pdf)(x, alpha)
    np.testing.assert_allclose(g[0, :, 0], [360 * 0.4 * 0.36, 0.0, 0.0], rtol=1e-12)
    np.testing.assert_allclose(g[1, :, 1], [360 * 0.2 * 0.09, 360 * 0.5 * 0.09, 360 * 0.5 * 0.2 * 2 * 0.3], rtol=1e-12)


def test_the_multinomial_distribution():
    p = np.array([[0.2, 0.3, 0.5], [0.25, 0.25, 0.5]])
    x = np.array([[1, 2, 4], [3, 4, 0]])
    for method in "logpmf", "pmf":
        wanted = getattr(scipy.stats.multinomial, method)(x, 7, p)
        np.testing.assert_allclose(getattr(stats.multinomial, method)(x, 7, p), wanted, rtol=1e-12)
    assert stats.multinomial.pmf([1, 1, 1], 7, p[0]) == 0.0
    assert np.isnan(stats.multinomial.pmf([1, 1], 2, [0.5, 0.6]))
    np.testing.assert_allclose(stats.multinomial.mean(7, p), 7 * p)
    np.testing.assert_allclose(stats.multinomial.cov(7, p[0]), scipy.stats.multinomial.cov(7, p[0]))
    np.testing.assert_allclose(grad(stats.multinomial.logpmf, 2)(x[0], 7, p[0]), x[0] / p[0], rtol=1e-12)
    with pytest.raises(TypeError, match="n got a Tensor that requires grad"):
        grad(stats.multinomial.logpmf, 1)(x[0], 7.0, p[0])


def test_wisharts_distribution(rng):
    A = rng.standard_normal((3, 6))
    x, scale = A @ A.T, COV
    np.testing.assert_allclose(stats.wishart.logpdf(x, 4.5, scale), scipy.stats.wishart.logpdf(x, 4.5, scale), rtol=1e-11)
    many = np.stack([x, 2 * x], -1)
    np.testing.assert_allclose(stats.wishart.pdf(many, 4.5, scale), scipy.stats.wishart.pdf(many, 4.5, scale), rtol=1e-9)
    for data, s in (2.0, 1.5), (np.array([0.5, 2.0]), 1.5):
        np.testing.assert_allclose(stats.wishart.logpdf(data, 3.0, s), scipy.stats.wishart.logpdf(data, 3.0, s), rtol=1e-12)
    for method in "mean", "var":
        np.testing.assert_allclose(getattr(stats.wishart, method)(4.5, scale), getattr(scipy.stats.wishart, method)(4.5, scale))
        np.testing.assert_allclose(getattr(stats.wishart, method)(4.5, 2.0), getattr(scipy.stats.wishart, method)(4.5, 2.0))
    check_grads(stats.wishart.logpdf)(x, 4.5, scale)


@pytest.mark.parametrize("df", [1e6, 1e10])
def test_students_t_of_many_degrees_keeps_its_digits(df):
    mp = pytest.importorskip("mpmath").mp
    with mp.workdps(40):
        for x in (-6.0, -2.0, -1.1):
            d = mp.mpf(df)
            wanted = mp.betainc(d / 2, mp.mpf(1) / 2, 0, d / (d + mp.mpf(x) ** 2), regularized=True) / 2
            np.testing.assert_allclose(stats.t.cdf(x, df), float(wanted), rtol=1e-13)
            np.testing.assert_allclose(stats.t.sf(-x, df), float(wanted), rtol=1e-13)
    np.testing.assert_allclose(stats.t.entropy(df), stats.norm.entropy() + 1 / df, rtol=1e-9)


def test_far_out_there_is_a_number():
    for name, *given in ("sf", -1e300, -np.inf, 1.0), ("cdf", 1e300, 30.0, np.inf), ("logsf", 1e300, 30.0, np.inf):
        np.testing.assert_array_equal(getattr(stats.truncnorm, name)(*given), {"sf": 1.0, "cdf": 1.0, "logsf": -np.inf}[name])
    assert stats.truncnorm.logcdf(-1e300, -np.inf, 1.0) == -np.inf
    assert stats.truncnorm.isf(1.0, -np.inf, 1.0) == -np.inf
    low = np.linspace(-8, 8, 50)
    for high in low + 1, np.inf:
        np.testing.assert_array_equal(stats.truncnorm.ppf(0.0, low, high), low)
        np.testing.assert_array_equal(stats.truncnorm.ppf(1.0, low, high), high + 0 * low)


def test_a_density_is_zero_at_an_end_however_large_its_constant():
    for f in (lambda x: stats.beta.pdf(x, 1e5, 1e5), lambda x: stats.f.pdf(x, 1e5, 1e5)):
        assert (f(0.0), grad(f)(0.0)) == (0, 0)


def test_the_middle_of_cauchys_quantiles_keeps_its_digits():
    q = np.array([0.5, 0.5 + 1e-10, 0.5 - 2**-40, 0.25, 0.75, 1e-9, 1 - 2**-40])
    wanted = [0, np.pi * (q[1] - 0.5), -np.pi * 2**-40, -1, 1, -1 / np.pi * 1e9, 2**40 / np.pi]
    np.testing.assert_allclose(stats.cauchy.ppf(q), wanted, rtol=1e-14)
    np.testing.assert_allclose(elementwise_grad(stats.cauchy.ppf)(q), np.pi * (1 + np.square(wanted)), rtol=1e-14)


def test_moments_that_are_infinite_keep_single_precision():
    assert stats.t.var(np.float32([0.5, 1.5, 3])).dtype == np.float32


def test_a_frozen_distribution_says_what_it_is_and_what_it_offers():
    frozen = stats.gamma(2.0, scale=3.0)
    assert repr(frozen) == "<distribution gamma(2.0, scale=3.0)>"
    assert {"logpdf", "ppf", "mean"} <= set(dir(frozen))
