"""Optimisers and root finders: they get derivatives, and their results have derivatives."""

import inspect
from collections import Counter

import numpy as np
import pytest

pytest.importorskip("scipy")

import scipy.optimize

import autograd.numpy as anp
from autograd import Tensor, grad, jacobian
from autograd.scipy import optimize
from autograd.scipy.optimize import curve_fit, fixed_point, least_squares, minimize, root
from autograd.test_util import check_grads


def rosenbrock(x):
    return (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()


# -- minimize -----------------------------------------------------------------------------------------------------------------------------

METHODS = [
    "CG", "BFGS", "L-BFGS-B", "TNC", "SLSQP", "Newton-CG", "trust-ncg", "trust-krylov", "trust-constr", "dogleg", "trust-exact",
    "Nelder-Mead", "Powell",
]  # fmt: skip


@pytest.mark.parametrize("method", METHODS)
def test_every_method_finds_the_minimum_with_what_it_uses(method):
    tight = {"options": {"gtol": 1e-9, "maxiter": 3000}} if method == "trust-constr" else {}
    result = minimize(rosenbrock, [1.01, 1.02, 1.03], method=method, **tight)
    np.testing.assert_allclose(result.x, 1, atol=2e-3)
    assert result.success


def test_no_differences_are_taken():
    counts = Counter()

    def f(x):
        counts["traced" if isinstance(x, Tensor) else "plain"] += 1
        return rosenbrock(x)

    result = minimize(f, np.zeros(5))
    assert counts["plain"] == 0
    assert counts["traced"] == result.nfev
    assert result.nfev < scipy.optimize.minimize(rosenbrock, np.zeros(5)).nfev / 3
    np.testing.assert_allclose(result.jac, grad(rosenbrock)(result.x), atol=1e-12)


def test_the_signature_is_that_of_scipy():
    for name in ("minimize", "fixed_point"):
        ours, theirs = (inspect.signature(getattr(room, name)).parameters for room in (optimize, scipy.optimize))
        assert list(ours) == list(theirs)
        assert [p.default for p in ours.values()] == [p.default for p in theirs.values()]


@pytest.mark.parametrize("method", [None, "Newton-CG", "trust-exact", "trust-constr"])
def test_the_start_may_be_a_container(method):
    seen = []

    def loss(p, target):
        return ((p["w"] - target) ** 2).sum() + (p["rest"][0] + 1) ** 2

    result = minimize(
        loss, {"w": np.zeros((2, 2)), "rest": (0.0,)}, np.eye(2), method, callback=lambda p, *state: seen.append(p["w"].shape)
    )
    np.testing.assert_allclose(result.x["w"], np.eye(2), atol=1e-4)
    assert result.x["rest"][0] == pytest.approx(-1, abs=1e-4)
    assert set(seen) == {(2, 2)}
    if "jac" in result and isinstance(result.jac, dict):
        assert result.jac["w"].shape == (2, 2)


def test_a_callback_may_ask_for_the_result_so_far():
    seen = []

    def callback(intermediate_result):
        seen.append(intermediate_result.x.shape)

    minimize(lambda x: ((x - 1) ** 2).sum(), np.zeros((2, 3)), callback=callback)
    assert set(seen) == {(2, 3)}


def test_single_precision_start_comes_back_so():
    assert minimize(lambda x: ((x - 1) ** 2).sum(), np.zeros(3, np.float32)).x.dtype == np.float32
    assert minimize(lambda x: (x - 3) ** 2, 0.0).x == pytest.approx(3)


def test_derivatives_that_are_given_are_used():
    calls = Counter()

    def jac(x, k):
        calls["jac"] += 1
        return 2 * k * x

    def hessp(x, v, k):
        calls["hessp"] += 1
        return 2 * k * v

    minimize(lambda x, k: k * (x**2).sum(), np.ones((2, 2)), 3.0, "Newton-CG", jac, hessp=hessp)
    assert calls["jac"]
    assert calls["hessp"]
    assert minimize(lambda x: ((x**2).sum(), 2 * x), np.ones(2), jac=True).success
    assert minimize(lambda x: (x**2).sum(), np.ones(2), jac="2-point").nfev > minimize(lambda x: (x**2).sum(), np.ones(2)).nfev


def test_bounds_and_constraints():
    f = lambda x: ((x - 2) ** 2).sum()
    np.testing.assert_allclose(minimize(f, np.zeros(2), bounds=[(0, 1), (None, None)]).x, [1, 2], atol=1e-6)
    circle = {"type": "ineq", "fun": lambda x: 1 - (x**2).sum()}
    np.testing.assert_allclose(minimize(f, np.zeros(2), constraints=circle).x, np.sqrt([0.5, 0.5]), atol=1e-6)
    nonlinear = scipy.optimize.NonlinearConstraint(lambda p: (p["x"] ** 2).sum(), -np.inf, 1)
    found = minimize(lambda p: f(p["x"]), {"x": np.zeros(2)}, constraints=[nonlinear], method="trust-constr").x["x"]
    np.testing.assert_allclose(found, np.sqrt([0.5, 0.5]), atol=2e-3)


def test_a_minimum_is_differentiable_by_arguments_and_closures():
    best = lambda a: minimize(lambda x, a: ((x - a) ** 4).sum() + (x**2).sum(), np.zeros(2), (a,), tol=1e-10).x
    a = np.array([0.5, -1.0])
    x = best(a)
    curvature = 12 * (x - a) ** 2
    np.testing.assert_allclose(jacobian(best)(a), np.diag(curvature / (curvature + 2)), rtol=1e-5)
    k = Tensor(3.0, requires_grad=True)
    result = minimize(lambda p: k * (p["x"] - 1) ** 2 + p["x"] ** 2, {"x": 0.0})
    result.x["x"].backward(retain_graph=True)
    assert float(k.grad) == pytest.approx(1 / 16, rel=1e-6)
    assert grad(lambda k: minimize(lambda x: k * (x - 1) ** 2 + x**2, 0.0).fun)(3.0) == pytest.approx(1 / 16, rel=1e-6)
    second = grad(grad(lambda k: minimize(lambda x: k * (x - 1) ** 2 + x**2, 0.0).x))(3.0)
    assert second == pytest.approx(-2 / 64, rel=1e-6)


def test_a_limited_minimum_is_not_differentiated_silently():
    with pytest.raises(TypeError, match="minimize: with bounds or constraints the result is not differentiated"):
        minimize(lambda x, a: ((x - a) ** 2).sum(), np.zeros(2), (Tensor(np.ones(2), requires_grad=True),), bounds=[(0, 1)] * 2)
    k = Tensor(1.0, requires_grad=True)
    with pytest.raises(TypeError, match="a constraint reads a Tensor"):
        minimize(lambda x: (x**2).sum(), np.zeros(2), constraints={"type": "eq", "fun": lambda x: x.sum() - k})


@pytest.mark.parametrize("error", [ZeroDivisionError, KeyboardInterrupt])
def test_errors_of_the_function_come_through(error):
    def f(x):
        raise error

    for finder in (minimize, root, least_squares):
        with pytest.raises(error):
            finder(f, np.ones(2))


def test_nan_is_passed_on():
    result = minimize(lambda x: (x * np.nan).sum(), np.ones(2))
    assert np.isnan(result.fun)
    assert not result.success


# -- roots --------------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["hybr", "lm", "broyden1", "krylov"])
def test_a_root_is_found_and_differentiated(method):
    f = lambda p, a: {"x": p["x"] ** 2 + p["y"] - a, "y": p["y"] - p["x"]}
    solve = lambda a: root(f, {"x": 1.0, "y": 1.0}, (a,), method, tol=1e-12).x["x"]
    assert solve(2.0) == pytest.approx(1)
    assert grad(solve)(2.0) == pytest.approx(1 / 3, rel=1e-6)
    assert grad(grad(solve))(2.0) == pytest.approx(-2 / 27, rel=1e-6)


def test_a_root_gets_its_jacobian_unless_told_otherwise():
    f = lambda x: x**3 - anp.array([1.0, 8.0])
    automatic, differences = root(f, [2.0, 3.0]), root(f, [2.0, 3.0], jac=False)
    assert automatic.njev >= 1
    assert "njev" not in differences
    np.testing.assert_allclose(automatic.x, [1, 2])
    np.testing.assert_allclose(root(f, [2.0, 3.0], jac=lambda x: np.diag(3 * x**2)).x, [1, 2])


def test_what_the_equations_close_over_gets_its_gradient():
    A = np.array([[3.0, 1.0], [0.5, 2.0]])
    solve = lambda b: root(lambda x: A @ x + 0.1 * x**3 - b, np.zeros(2), tol=1e-13).x
    check_grads(solve, atol=1e-5)(np.array([1.0, -2.0]))


@pytest.mark.parametrize("name", ["bisect", "brenth", "brentq", "ridder", "toms748"])
def test_a_bracketed_root(name):
    finder, twin = getattr(optimize, name), getattr(scipy.optimize, name)
    assert finder(np.cos, 0, 3) == twin(np.cos, 0, 3)
    assert grad(lambda k: finder(lambda x, k: x**3 - k, 0.0, 3.0, k, xtol=1e-13))(8.0) == pytest.approx(1 / 12, rel=1e-9)
    k = Tensor(8.0, requires_grad=True)
    x, report = finder(lambda x: x**3 - k, 0.0, 3.0, full_output=True)
    assert report.converged
    assert isinstance(x, Tensor)


def test_a_fixed_point_as_scipy_finds_it():
    cosine = lambda a: fixed_point(lambda x, a: anp.cos(a * x), np.array([0.5, 0.6]), (a,))
    np.testing.assert_array_equal(cosine(1.0), scipy.optimize.fixed_point(np.cos, np.array([0.5, 0.6])))
    check_grads(cosine, atol=1e-5)(0.9)


# -- least squares ------------------------------------------------------------------------------------------------------------------------

X = np.linspace(0, 3, 8)
Y = 2 * np.exp(-X) + 0.05 * np.cos(7 * X)


def curve(x, a, b):
    return a * anp.exp(b * x)


@pytest.mark.parametrize("method", ["trf", "dogbox", "lm"])
def test_least_squares_of_a_container(method):
    result = least_squares(lambda p: curve(X, p["a"], p["b"]) - Y, {"a": 1.0, "b": 0.0}, method=method)
    wanted = scipy.optimize.least_squares(lambda p: curve(X, *p) - Y, [1.0, 0.0], method=method)
    np.testing.assert_allclose([result.x["a"], result.x["b"]], wanted.x, rtol=1e-5)
    assert result.grad.keys() == {"a", "b"}
    assert result.jac.shape == (8, 2)


def test_least_squares_is_differentiable_by_the_data():
    fit = lambda y: least_squares(lambda p: curve(X, p[0], p[1]) - y, [1.0, 0.0], xtol=1e-14, ftol=1e-14, gtol=1e-14).x
    check_grads(fit, order=1, atol=1e-4)(Y)
    with pytest.raises(TypeError, match="least_squares: with bounds, or another loss"):
        jacobian(lambda y: least_squares(lambda p: curve(X, p[0], p[1]) - y, [1.0, 0.0], loss="soft_l1").x)(Y)


def test_curve_fit_has_the_values_of_scipy_without_differences():
    kinds = Counter()

    def counted(x, a, b):
        kinds[type(a) is Tensor] += 1
        return curve(x, a, b)

    popt, pcov = curve_fit(counted, X, Y)
    wanted = scipy.optimize.curve_fit(curve, X, Y)
    np.testing.assert_allclose(popt, wanted[0], rtol=1e-6)
    np.testing.assert_allclose(pcov, wanted[1], rtol=1e-4)
    assert kinds[True]
    bounded = curve_fit(curve, X, Y, bounds=([0, -1], [3, 0]), sigma=0.1 + X)[0]
    np.testing.assert_allclose(bounded, scipy.optimize.curve_fit(curve, X, Y, bounds=([0, -1], [3, 0]), sigma=0.1 + X)[0], rtol=1e-5)


@pytest.mark.parametrize("argument", ["xdata", "ydata", "sigma"])
def test_fitted_parameters_are_differentiable_by_the_data(argument):
    data = {"xdata": X, "ydata": Y, "sigma": 0.1 + X}
    fit = lambda v: curve_fit(curve, **{**data, argument: v}, xtol=1e-14, ftol=1e-14)[0]
    h = 1e-4
    wanted = [(fit(data[argument] + h * e) - fit(data[argument] - h * e)) / (2 * h) for e in np.eye(8)]
    np.testing.assert_allclose(jacobian(fit)(data[argument]).T, wanted, atol=1e-5)


def test_a_function_may_give_its_derivative_along_with_its_value():
    f = lambda p, a: (((p["x"] - a) ** 2).sum(), {"x": 2 * (p["x"] - a)})
    where = lambda a: minimize(f, {"x": np.zeros((2, 1))}, (a,), jac=True).x["x"].sum()
    np.testing.assert_allclose([where(3.0), grad(where)(3.0)], [6, 2], rtol=1e-6)
    cube = lambda a: root(lambda x: (x**3 - a, np.diag(3 * x**2)), np.ones(1), jac=True).x[0]
    np.testing.assert_allclose([cube(8.0), grad(cube)(8.0)], [2, 1 / 12])


def test_what_is_no_root_has_no_derivative():
    assert not root(lambda x: x**2 + 8, np.ones(1)).success
    with pytest.raises(RuntimeError, match="root: no root to differentiate: The iteration is not making good progress"):
        grad(lambda a: root(lambda x: x**2 + a, np.ones(1)).x[0])(8.0)


def test_a_valley_of_minima_has_no_derivative():
    valley = lambda a: minimize(lambda x: (x[0] - a) ** 2 + 0 * x[1], np.zeros(2)).x.sum()
    with pytest.raises(np.linalg.LinAlgError, match=r"no derivative: .* is singular, so that the solution is not the only one near"):
        grad(valley)(2.0)


def test_a_function_that_is_not_differentiable_gets_advice():
    with pytest.raises(TypeError) as caught:
        minimize(scipy.optimize.rosen, np.zeros(2))
    assert "give jac, or jac='2-point' for differences" in caught.value.__notes__[-1]


def test_a_fit_may_start_from_whole_numbers_and_within_no_bounds():
    x, line = np.arange(4.0), lambda x, a, b: a * x + b
    for options in {"p0": [1, 1]}, {"bounds": scipy.optimize.Bounds([-np.inf] * 2, [np.inf] * 2)}:
        fit = lambda y, options=options: curve_fit(line, x, y, **options)[0]
        np.testing.assert_allclose(fit(2 * x + 1), [2, 1])
        np.testing.assert_allclose(jacobian(fit)(2 * x + 1)[0], [-0.3, -0.1, 0.1, 0.3], atol=1e-6)


def test_a_fit_that_leaves_points_out_is_not_differentiated_silently():
    with pytest.raises(TypeError, match=r"nan_policy='omit' is not differentiated; leave those points out"):
        grad(lambda k: curve_fit(lambda x, a: k * a * x, [0.0, 1.0, np.nan], [0.0, 2.0, 1.0], nan_policy="omit")[0][0])(1.0)


def test_other_functions_work_on_plain_values():
    np.testing.assert_allclose(optimize.root_scalar(lambda x: x**3 - 8, bracket=[0, 3]).root, 2)
