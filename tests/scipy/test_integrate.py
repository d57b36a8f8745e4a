"""Integrals and differential equations: SciPy's values, and derivatives by all that they read, to any order."""

import numpy as np
import pytest

pytest.importorskip("scipy")

import scipy.integrate

import autograd.numpy as anp
from autograd import Tensor, grad, jacobian, make_jvp, no_grad
from autograd.builtins import tuple as builtin_tuple
from autograd.scipy.integrate import cumulative_trapezoid, odeint, quad, simpson, solve_ivp, trapezoid
from autograd.test_util import check_grads

TIGHT = {"rtol": 1e-11, "atol": 1e-11}
TIMES = np.array([0.5, 0.8, 1.5, 3.0])


def decay(y, t, k):
    return -k * y


def lotka_volterra(y, t, p):
    return anp.array([p[0] * y[0] - p[1] * y[0] * y[1], -p[2] * y[1] + p[3] * y[0] * y[1]])


# -- odeint -------------------------------------------------------------------------------------------------------------------------------


def test_values_are_those_of_scipy():
    y0 = np.array([1.0, 2.0])
    wanted = scipy.integrate.odeint(decay, y0, TIMES, (0.7,))
    assert type(odeint(decay, y0, TIMES, (0.7,))) is np.ndarray
    np.testing.assert_array_equal(odeint(decay, y0, TIMES, (0.7,)), wanted)
    np.testing.assert_allclose(odeint(decay, Tensor(y0, requires_grad=True), TIMES, (0.7,)).data, wanted, rtol=1e-15)
    y, info = odeint(decay, y0, TIMES, (Tensor(0.7, requires_grad=True),), full_output=True)
    assert y.shape == (4, 2)
    assert info["message"] == "Integration successful."


@pytest.mark.parametrize("tol", [1e-4, 1e-7, 1e-10])
def test_exponential_decay_is_as_accurate_as_the_tolerance(tol):
    solve = lambda k, y0: odeint(decay, y0, TIMES, (k,), rtol=tol, atol=tol)
    k, y0, t = 0.7, np.array([2.0]), TIMES - TIMES[0]
    close = lambda got, wanted: np.testing.assert_allclose(np.ravel(got), wanted, rtol=0, atol=50 * tol)
    close(jacobian(solve)(k, y0), -2 * t * np.exp(-k * t))
    close(jacobian(solve, 1)(k, y0), np.exp(-k * t))
    close(jacobian(jacobian(solve))(k, y0), 2 * t**2 * np.exp(-k * t))
    close(make_jvp(lambda k: solve(k, y0))(k)(1.0)[1], -2 * t * np.exp(-k * t))


def test_the_times_have_their_derivatives_the_first_one_too():
    y = lambda t: 3 * anp.exp(-0.7 * (t - t[0]))
    solve = lambda t: odeint(decay, np.array([3.0]), t, (0.7,), **TIGHT)[:, 0]
    np.testing.assert_allclose(jacobian(solve)(TIMES), jacobian(y)(TIMES), atol=1e-9)
    np.testing.assert_allclose(jacobian(jacobian(solve))(TIMES), jacobian(jacobian(y))(TIMES), atol=1e-7)
    np.testing.assert_allclose(jacobian(solve)(TIMES[::-1]), jacobian(y)(TIMES[::-1]), atol=1e-8)


def test_a_harmonic_oscillator_that_is_driven_in_time():
    """y″ = −ω² y + cos t, from rest: y = (cos t − cos ωt)/(ω² − 1)."""
    field = lambda y, t, w: anp.array([y[1], anp.cos(t) - w**2 * y[0]])
    solve = lambda w: odeint(field, np.zeros(2), np.linspace(0, 9, 4), (w,), **TIGHT)[:, 0]
    exact = lambda w: (anp.cos(np.linspace(0, 9, 4)) - anp.cos(w * np.linspace(0, 9, 4))) / (w**2 - 1)
    np.testing.assert_allclose(jacobian(solve)(2.0), jacobian(exact)(2.0), atol=1e-9)
    np.testing.assert_allclose(jacobian(jacobian(solve))(2.0), jacobian(jacobian(exact))(2.0), atol=1e-8)


@pytest.mark.parametrize(("tol", "error"), [(1e-6, 1e-1), (1e-8, 1e-3), (1e-10, 1e-4)])
def test_lotka_volterra_against_fine_differences(tol, error):
    p, t = np.array([1.5, 1.0, 3.0, 1.0]), np.linspace(0, 10, 101)
    fine = lambda p: scipy.integrate.odeint(lotka_volterra, [10.0, 5.0], t, (p,), rtol=1e-13, atol=1e-13).sum()
    h = 1e-3
    wanted = [(8 * (fine(p + h * e) - fine(p - h * e)) - (fine(p + 2 * h * e) - fine(p - 2 * h * e))) / (12 * h) for e in np.eye(4)]
    got = grad(lambda p: odeint(lotka_volterra, np.array([10.0, 5.0]), t, (p,), rtol=tol, atol=tol).sum())(p)
    np.testing.assert_allclose(got, wanted, rtol=0, atol=error)


def test_arguments_may_be_containers():
    def field(y, t, p, scale):
        return anp.tanh(p["layers"][0] @ y) * scale[0] + p["b"]

    def loss(p, scale):
        return (odeint(field, np.array([0.3, -0.2]), TIMES, (p, [scale]), **TIGHT) ** 2).sum()

    p = {"layers": (np.array([[0.1, 0.4], [-0.3, 0.2]]),), "b": np.array([0.1, 0.2])}
    g = grad(loss)(p, 1.5)
    for e in np.eye(4).reshape(4, 2, 2):
        moved = [loss({**p, "layers": (p["layers"][0] + h * e,)}, 1.5) for h in (1e-5, -1e-5)]
        assert (g["layers"][0] * e).sum() == pytest.approx((moved[0] - moved[1]) / 2e-5, abs=1e-6)
    assert grad(loss, 1)(p, 1.5) == pytest.approx((loss(p, 1.5 + 1e-5) - loss(p, 1.5 - 1e-5)) / 2e-5, abs=1e-6)


def test_what_the_function_closes_over_gets_its_gradient_even_if_it_is_read_late():
    k = Tensor(0.7, requires_grad=True)
    y = odeint(lambda y, t: -k * y if t > 1 else -y, np.ones(1), np.array([0.0, 1.0, 2.0]), rtol=1e-9, atol=1e-9)
    y[-1, 0].backward()
    assert float(k.grad) == pytest.approx(-np.exp(-1.7), abs=1e-6)


def test_without_a_graph_a_tensor_gives_a_tensor():
    k = Tensor(0.7, requires_grad=True)
    with no_grad():
        y = odeint(lambda y, t, k: (-y * k).data, np.ones(1), TIMES, (k,))
    assert isinstance(y, Tensor)
    assert not y.requires_grad


def test_code_for_hips_autograd_runs_unchanged():
    def func(y, t, arg1, arg2):
        return -anp.sqrt(t) - y + arg1 - anp.mean((y + arg2) ** 2)

    def combined(y0, t, arg1, arg2):
        return odeint(func, y0, t, builtin_tuple((arg1, arg2)), **TIGHT)

    check_grads(combined, order=1, atol=1e-5)(np.array([0.1, 0.2]), np.linspace(0.1, 0.6, 4), 0.3, np.array([0.2, 0.4]))


def test_single_precision_start():
    g = grad(lambda y0: odeint(decay, y0, TIMES, (0.7,)).sum())(np.ones(2, np.float32))
    assert g.dtype == np.float32
    np.testing.assert_allclose(g, np.exp(-0.7 * (TIMES - 0.5)).sum(), rtol=1e-6)


def test_the_time_may_come_first():
    solve = lambda k: odeint(lambda t, y: -k * y, np.ones(1), TIMES, tfirst=True, **TIGHT)[-1, 0]
    assert grad(solve)(0.7) == pytest.approx(-2.5 * np.exp(-1.75), abs=1e-9)


def test_one_time_is_the_start():
    np.testing.assert_array_equal(jacobian(lambda y0: odeint(decay, y0, np.array([1.0]), (2.0,)))(np.ones(2)), np.eye(2)[None])


def test_a_stiff_equation_is_refused_with_advice():
    with pytest.raises(RuntimeError, match=r"odeint: no derivative: .* is the equation stiff"):
        odeint(decay, np.ones(1), np.array([0.0, 1.0]), (Tensor(1e6, requires_grad=True),))


@pytest.mark.parametrize("error", [ZeroDivisionError, KeyboardInterrupt])
@pytest.mark.parametrize("solve", [lambda f, k: odeint(f, np.ones(1), TIMES, (k,)), lambda f, k: solve_ivp(f, (0, 1), [1.0], args=(k,))])
def test_errors_of_the_function_come_through(error, solve):
    def field(y, t, k):
        raise error

    with pytest.raises(error):
        solve(field, Tensor(1.0, requires_grad=True))


# -- solve_ivp ----------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["RK45", "DOP853", "LSODA", "Radau"])
def test_solve_ivp_has_the_values_and_the_result_of_scipy(method):
    run = lambda solver, k: solver(lambda t, y, k: -k * y, (0.0, 2.0), [1.0, 2.0], method, args=(k,), rtol=1e-6, atol=1e-6)
    ours, theirs = run(solve_ivp, Tensor(0.7, requires_grad=True)), run(scipy.integrate.solve_ivp, 0.7)
    np.testing.assert_array_equal(ours.t, theirs.t)
    np.testing.assert_allclose(ours.y.data, theirs.y, rtol=1e-14)
    np.testing.assert_allclose(jacobian(lambda k: run(solve_ivp, k).y[1])(0.7), -2 * theirs.t * np.exp(-0.7 * theirs.t), atol=1e-5)
    assert type(run(solve_ivp, 0.7).y) is np.ndarray


def test_the_ends_of_the_span_and_the_times_of_solve_ivp_have_derivatives():
    run = lambda span, times=None: solve_ivp(lambda t, y: -t * y, span, [1.0], t_eval=times, **TIGHT)
    exact = lambda span: anp.exp((span[0] ** 2 - span[1] ** 2) / 2)
    last = lambda span: run(span).y[0, -1]
    np.testing.assert_allclose(grad(last)(np.array([0.2, 1.3])), grad(exact)(np.array([0.2, 1.3])), atol=1e-9)
    at = lambda times: run((0.2, 1.3), times).y[0]
    np.testing.assert_allclose(
        np.diag(jacobian(at)(np.array([0.5, 1.0]))), [-t * np.exp((0.04 - t * t) / 2) for t in (0.5, 1.0)], atol=1e-8
    )


def test_a_complex_equation():
    run = lambda w: anp.real(solve_ivp(lambda t, y: 1j * w * y, (0, 1), np.array([1.0 + 0j]), **TIGHT).y[0, -1])
    assert grad(run)(2.0) == pytest.approx(-np.sin(2), abs=1e-9)


@pytest.mark.parametrize("options", [{"dense_output": True}, {"events": lambda t, y: y[0]}])
@pytest.mark.parametrize("closed_over", [True, False])
def test_what_solve_ivp_does_not_differentiate_is_refused(options, closed_over):
    k = Tensor(0.7, requires_grad=True)
    field = (lambda t, y: plain(k * y)) if not closed_over else (lambda t, y: k * y)
    plain = lambda y: y
    if "events" in options:
        options = {"events": lambda t, y, *_: y[0] - 0.5}
    with pytest.raises(TypeError, match="events and dense_output are not differentiated"):
        solve_ivp(field, (0, 1), [1.0], **options)


# -- quad ---------------------------------------------------------------------------------------------------------------------------------

INTEGRALS = {
    "polynomial": (lambda x, p: p * x**2, 0.0, 2.0, 3.0, 8 / 3),
    "power with a singular derivative": (lambda x, p: x**p, 0.0, 1.0, -0.5, -4.0),
    "kink that moves": (lambda x, p: abs(x - p), 0.0, 1.0, 0.3, -0.4),
    "half a line": (lambda x, p: anp.exp(-p * x), 0.0, np.inf, 2.0, -0.25),
    "the other half": (lambda x, p: anp.exp(p * x), -np.inf, 0.0, 2.0, -0.25),
    "all of it": (
        lambda x, p: anp.exp(-((x - p) ** 2)) * anp.cos(x), -np.inf, np.inf, 0.3, -np.sqrt(np.pi) * np.exp(-0.25) * np.sin(0.3)
    ),
    "backwards": (lambda x, p: p * x**2, 2.0, 0.0, 3.0, -8 / 3),
    "nowhere": (lambda x, p: p * x**2, 1.0, 1.0, 3.0, 0.0),
}  # fmt: skip


@pytest.mark.parametrize("name", INTEGRALS)
def test_under_the_integral(name):
    f, a, b, p, wanted = INTEGRALS[name]
    assert grad(lambda p: quad(f, a, b, (p,))[0])(p) == pytest.approx(wanted, abs=2e-8)
    assert quad(f, a, b, (Tensor(p, requires_grad=True),))[0].data == pytest.approx(scipy.integrate.quad(f, a, b, (p,))[0], rel=1e-15)
    if a != b:
        k = Tensor(p, requires_grad=True)
        quad(lambda x: f(x, k), a, b)[0].backward()
        assert float(k.grad) == pytest.approx(wanted, abs=2e-8)


def test_limits_to_high_order():
    F = lambda a, b: quad(lambda x, b: anp.sin(b * x), a, b, (b,))[0]
    check_grads(F, order=3, atol=1e-5)(0.3, 1.7)
    f = lambda b: quad(anp.exp, 0.0, b)[0]
    for _ in range(5):
        f = grad(f)
        assert f(0.7) == pytest.approx(np.exp(0.7), rel=1e-12)
    assert grad(lambda a: quad(lambda x: anp.exp(-x * x), a, np.inf)[0])(0.3) == pytest.approx(-np.exp(-0.09), rel=1e-14)
    assert grad(lambda b: quad(anp.sqrt, 0.0, b)[0])(2.0) == pytest.approx(np.sqrt(2), rel=1e-14)


def test_plain_quad_is_that_of_scipy_and_a_weight_is_refused():
    assert quad(np.sin, 0, 1) == scipy.integrate.quad(np.sin, 0, 1)
    assert quad(np.sin, 0, 1, weight="cos", wvar=2.0) == scipy.integrate.quad(np.sin, 0, 1, weight="cos", wvar=2.0)
    with pytest.raises(TypeError, match="weight and complex_func are not differentiated"):
        quad(lambda x, p: p * x, 0, 1, (Tensor(1.0, requires_grad=True),), weight="cos", wvar=2.0)


# -- samples ------------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("function", [trapezoid, simpson, cumulative_trapezoid])
@pytest.mark.parametrize("n", [1, 2, 3, 4, 7, 8])
@pytest.mark.parametrize("axis", [0, -1])
def test_samples_are_integrated_as_by_scipy(function, n, axis, rng):
    twin = getattr(scipy.integrate, function.__name__)
    y = np.moveaxis(rng.standard_normal((3, n)), -1, axis)
    x = np.cumsum(rng.random(n) + 0.1)
    many = np.moveaxis(np.cumsum(rng.random((3, n)) + 0.1, -1), -1, axis)
    for options in ({}, {"x": x}, {"x": many}, {"dx": 0.3}):
        if function is simpson and n == 1 and options.get("x") is many:
            continue  # which SciPy refuses
        t = Tensor(y, requires_grad=True)
        np.testing.assert_allclose(function(t, **options, axis=axis).data, twin(y, **options, axis=axis), rtol=1e-12, atol=1e-14)
        np.testing.assert_array_equal(function(y, **options, axis=axis), twin(y, **options, axis=axis))
        if options and n > 1:
            (name,) = options
            check_grads(lambda y, v, name=name: function(y, **{name: v}, axis=axis), order=2)(y, options[name])


def test_running_integrals_from_zero_on():
    y = np.array([1.0, 2.0, 4.0])
    np.testing.assert_array_equal(cumulative_trapezoid(Tensor(y), initial=0).data, [0, 1.5, 4.5])
    with pytest.raises(ValueError, match="initial=1, wanted 0 or None"):
        cumulative_trapezoid(Tensor(y), initial=1)
    with pytest.raises(ValueError, match=r"simpson: got x of shape \(2,\), wanted 3 places along axis -1"):
        simpson(Tensor(y), x=np.ones(2))


@pytest.mark.parametrize("x", [[0.0, 0.0, 1.0], [0.0, 1.0, 1.0, 2.0], [0.0, 0.0, 1.0, 1.0]])
def test_intervals_of_no_length_count_as_in_scipy(x):
    y = np.arange(1.0, len(x) + 1)
    np.testing.assert_allclose(simpson(Tensor(y), x).data, scipy.integrate.simpson(y, x))


def test_samples_in_single_precision_keep_it_and_no_samples_are_an_error():
    for integral in simpson, cumulative_trapezoid, trapezoid:
        assert integral(Tensor(np.float32([1, 2, 3, 5])), dx=0.5).dtype == np.float32
    with pytest.raises(ValueError, match=r"simpson: got y of shape \(2, 0\), wanted at least one sample along axis -1"):
        simpson(Tensor(np.ones((2, 0))))


def test_a_jacobian_for_the_solver_may_read_what_is_followed():
    def end(k):
        return solve_ivp(lambda t, y: -k * y, (0, 1), [1.0], "BDF", jac=lambda t, y: -k * np.eye(1), rtol=1e-8, atol=1e-8).y[0, -1]

    np.testing.assert_allclose(grad(end)(2.0), -np.exp(-2), rtol=1e-6)


def test_what_is_not_differentiated_works_on_plain_values():
    from autograd.scipy import integrate

    assert integrate.romb(np.ones(3)) == 2
    with pytest.raises(TypeError, match=r"scipy.integrate.romb is not differentiated here"):
        integrate.romb(Tensor(np.ones(3), requires_grad=True))
