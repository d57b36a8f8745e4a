"""SciPy's functions in compiled functions: equal to eager ones, values and gradients; those that choose steps run as Python."""

import numpy as np
import pytest

from autograd import grad, jit
from autograd.scipy import integrate, linalg, optimize, stats

SHAPES = {
    "beta": (2.0, 3.0), "chi2": (3.0,), "f": (4.0, 6.0), "gamma": (2.5,), "invgamma": (5.0,), "lognorm": (0.7,), "pareto": (2.5,),
    "t": (4.0,), "truncnorm": (-1.0, 2.0), "vonmises": (1.5,), "weibull_min": (1.7,),
    "bernoulli": (0.3,), "binom": (5, 0.3), "geom": (0.3,), "nbinom": (4.0, 0.4), "poisson": (2.5,),
}  # fmt: skip
JOINT = {"dirichlet", "multinomial", "multivariate_normal", "wishart"}
FAMILIES = [name for name in stats.__all__ if hasattr(getattr(stats, name), "methods") and name not in JOINT]
OF_PARAMETERS = {"mean", "var", "std", "median", "entropy"}

RNG = np.random.default_rng(0)
M, V = RNG.normal(size=(3, 3)) + 3 * np.eye(3), RNG.normal(size=3)
S, TALL, B = M @ M.T, RNG.normal(size=(4, 3)), RNG.normal(size=(3, 2))
BAND = np.array([[0.0, 1, 1], [4, 5, 6], [1, 1, 0]])


def assert_same(backend, function, *args):
    """The same values, and gradients by all floating-point arguments, compiled and as Python."""
    floats = tuple(k for k, a in enumerate(args) if np.asarray(a).dtype.kind == "f")

    def loss(*args):
        y = function(*args)
        parts = [part for part in (y if isinstance(y, tuple) else (y,)) if getattr(part, "requires_grad", False)]
        return sum((part * np.arange(1, 1 + part.size).reshape(part.shape)).real.sum() for part in parts)

    compiled = [function, grad(loss, floats)] if floats else [function]
    for f in compiled:
        try:
            wanted = f(*args)
        except (TypeError, UserWarning):  # no derivative
            continue
        got = jit(f, backend=backend)(*args)
        for a, b in zip(got, wanted, strict=True) if isinstance(wanted, tuple) else [(got, wanted)]:
            assert np.shape(a) == np.shape(b)
            assert np.asarray(a).dtype == np.asarray(b).dtype
            np.testing.assert_allclose(a, b, rtol=2e-5 if np.asarray(b).dtype == np.float32 else 1e-9, atol=1e-9)


@pytest.mark.parametrize("family", FAMILIES)
def test_distributions_are_compiled(family, backend):
    distribution, shapes = getattr(stats, family), SHAPES.get(family, ())
    discrete = "logpmf" in distribution.methods
    for method in distribution.methods:
        f = getattr(distribution, method)
        if method in OF_PARAMETERS:
            assert_same(backend, f, *shapes)
        elif method in ("ppf", "isf"):
            assert_same(backend, f, np.array([0.1, 0.5, 0.9]), *shapes)
        elif discrete:
            assert_same(backend, f, np.array([-1, 0, 1, 2, 7]), *shapes)
        else:
            assert_same(backend, f, np.array([-0.7, 0.0, 0.25, 1.0, 1.3]), *shapes, 0.1, 2.0)


def test_numbers_do_not_widen_single_precision(backend):
    assert_same(backend, stats.norm.logpdf, np.array([0.5, 2.0], np.float32), 0.5, 2.0)
    assert_same(backend, stats.gamma.pdf, np.array([0.5, 2.0], np.float32), 3.0)


def test_parameters_out_of_range_give_nan():
    assert np.isnan(jit(stats.norm.logpdf)(np.ones(2), 0.0, -1.0)).all()
    assert np.isnan(jit(stats.gamma.pdf)(np.ones(2), -1.0)).all()


def test_joint_distributions_are_compiled(backend):
    cov, x = np.array([[2.0, 0.3], [0.3, 1.0]]), np.array([[0.1, 0.2], [0.3, -0.4]])
    for of in (stats.multivariate_normal.logpdf, stats.multivariate_normal.pdf):
        assert_same(backend, of, x, np.array([0.1, 0.2]), cov)
    assert_same(backend, stats.multivariate_normal.entropy, np.zeros(2), cov)
    assert_same(backend, stats.dirichlet.pdf, np.array([[0.2, 0.3], [0.3, 0.0]]), np.array([2.0, 1.0, 3.0]))
    assert_same(backend, stats.dirichlet.logpdf, np.array([0.2, 0.3, 0.5]), np.array([2.0, 1.0, 3.0]))
    assert_same(backend, stats.multinomial.logpmf, np.array([[1, 2, 2], [1, 1, 1]]), 5, np.array([0.2, 0.3, 0.5]))
    assert_same(backend, stats.multinomial.cov, 5, np.array([0.2, 0.3, 0.5]))
    assert_same(backend, stats.wishart.logpdf, cov, 4.0, 1.5 * np.eye(2))


def test_what_is_no_matrix_of_covariances_is_refused_when_it_runs(backend):
    logpdf = jit(lambda x, cov: stats.multivariate_normal.logpdf(x, None, cov), backend=backend)
    logpdf(np.zeros(2), np.eye(2))
    with pytest.raises(np.linalg.LinAlgError):
        logpdf(np.zeros(2), -np.eye(2))


LINEAR = {
    "cholesky": (linalg.cholesky, S), "cho_solve": (lambda a, b: linalg.cho_solve(linalg.cho_factor(a), b), S, B),
    "companion": (linalg.companion, V), "det": (linalg.det, M), "eigh": (linalg.eigh, S), "expm": (linalg.expm, M / 4),
    "inv": (linalg.inv, M), "lstsq": (lambda a, b: linalg.lstsq(a, b)[0], TALL, TALL[:, :2] + 1),
    "lu": (linalg.lu, M), "lu_factor": (lambda a: linalg.lu_factor(a), M),
    "lu_solve": (lambda a, b: linalg.lu_solve(linalg.lu_factor(a), b), M, B), "pinv": (linalg.pinv, TALL), "pinvh": (linalg.pinvh, S),
    "polar": (linalg.polar, M), "qr": (lambda a: linalg.qr(a, mode="economic", pivoting=True), TALL), "solve": (linalg.solve, M, B),
    "solve_banded": (lambda ab, b: linalg.solve_banded((1, 1), ab, b), BAND, B), "solve_circulant": (linalg.solve_circulant, V + 3, V),
    "solve_toeplitz": (linalg.solve_toeplitz, V + 3, V), "solve_triangular": (linalg.solve_triangular, M, B), "svd": (linalg.svd, M),
    "sqrtm": (linalg.sqrtm, S),
}  # fmt: skip


@pytest.mark.parametrize("name", LINEAR)
def test_linear_algebra_is_compiled(name, backend):
    assert_same(backend, *LINEAR[name])


def test_a_singular_circulant_gives_nan_where_it_can_be_no_error():
    assert np.isnan(jit(linalg.solve_circulant)(np.ones(3), V)).all()


STEPWISE = {
    "odeint": lambda k: integrate.odeint(lambda y, t: -k * y, np.ones(1), np.array([0.0, 1.0]))[-1, 0],
    "solve_ivp": lambda k: integrate.solve_ivp(lambda t, y: -k * y, (0.0, 1.0), np.ones(1)).y[0, -1],
    "quad": lambda k: integrate.quad(lambda x: np.exp(-k * x), 0.0, 1.0)[0],
    "brentq": lambda k: optimize.brentq(lambda x: x**2 - k, 0.0, 3.0),
    "minimize": lambda k: optimize.minimize(lambda x: ((x - k) ** 2).sum(), np.ones(2)).x.sum(),
    "root": lambda k: optimize.root(lambda x: x**2 - k, np.ones(1)).x[0],
    "least_squares": lambda k: optimize.least_squares(lambda x: x - k, np.ones(2)).x.sum(),
}


@pytest.mark.parametrize("name", STEPWISE)
def test_what_chooses_its_steps_runs_as_python(name):
    for f in (STEPWISE[name], grad(STEPWISE[name])):
        compiled = jit(f)
        with pytest.warns(UserWarning, match=f"runs as Python: it calls {name}, whose steps depend on the numbers; at "):
            assert compiled(2.0) == f(2.0)
        assert compiled(2.5) == f(2.5)
