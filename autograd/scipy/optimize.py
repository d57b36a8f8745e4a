"""SciPy's optimisers and root finders, which are handed the derivatives that they can use; their results are differentiable in turn.

What they find solves an equation: the function is 0, or its gradient is.  So the derivatives of the result, by all that the function reads,
are those of the implicit function theorem, to any order (see `autograd.misc.fixed_points`).
"""

from __future__ import annotations

import functools
import inspect
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import optimize

from .. import ops
from ..compiler.answers import stepwise
from ..misc.fixed_points import solution
from ..misc.flatten import flatten
from ..numpy.keywords import as_value, is_followed, named, plain
from ..op import Traced
from ..transforms import grad, hessian, jacobian, make_hvp, value_and_grad
from ..tree import leaves, map_leaves
from .callback import Callback
from .keywords import others

if TYPE_CHECKING:
    from collections.abc import Callable

    Function = Callable[..., Any]

__all__ = [
    "bisect", "brenth", "brentq", "curve_fit", "fixed_point", "least_squares", "minimize", "ridder", "root", "toms748",
]  # fmt: skip

WITHOUT_GRADIENT = frozenset({"nelder-mead", "powell", "cobyla", "cobyqa"})
BY_PRODUCTS = frozenset({"newton-cg", "trust-ncg", "trust-krylov", "trust-constr"})
BY_HESSIAN = frozenset({"dogleg", "trust-exact"})
"""The methods of `minimize`, by what they use: nothing, products with the Hessian, the Hessian; the others use the gradient."""


def _row(x0: Any) -> tuple[Any, Callable[[Any], Any]]:
    """The start as a plain row, and back.  A list of numbers is an array, as in SciPy."""
    if isinstance(x0, (list, tuple)) and all(isinstance(leaf, (int, float, np.number)) for leaf in leaves(x0)):
        x0 = np.array(x0)
    return flatten(map_leaves(plain, x0))


def _tuple(args: Any) -> tuple[Any, ...]:
    return args if isinstance(args, tuple) else (args,)


def _root_of(f: Callable[[Any], Any], x: Any) -> Any:
    """The plain row x, where f(x) = 0, with its derivatives by all that f reads: of f they are −(∂f/∂x)⁻¹ times."""

    def adjoint(vjp: Callable[[Any], Any], g: Any) -> Any:
        transposed = ops.stack([vjp(unit) for unit in np.eye(g.size, dtype=g.dtype)], axis=1)
        try:
            return -ops.solve(transposed, g)
        except np.linalg.LinAlgError:
            free = "no derivative: the Jacobian of its equation is singular, so that the solution is not the only one near"
            raise np.linalg.LinAlgError(f"{free}; is there a number on which nothing depends?") from None

    return solution(f, np.asarray(x), adjoint)


# -- minima -------------------------------------------------------------------------------------------------------------------------------


@stepwise
def minimize(
    fun: Function,
    x0: Any,
    args: Any = (),
    method: Any = None,
    jac: Any = None,
    hess: Any = None,
    hessp: Any = None,
    bounds: Any = None,
    constraints: Any = (),
    tol: float | None = None,
    callback: Function | None = None,
    options: dict[str, Any] | None = None,
) -> Any:
    """SciPy's `minimize`, which gets the derivatives that its method uses, unless they are given: gradient, Hessian, or products with it.

    x0 may have any shape, or be a container: functions see it, and the result has its x and jac, in that form.  Bounds are in the order of
    `flatten`.  Without bounds and constraints, the result's x and fun are differentiable by all that fun reads.

    >>> result = minimize(lambda p: (p["a"] - 1.0)**2 + ((p["b"] - p["a"])**2).sum(), {"a": 0.0, "b": np.zeros(2)})
    >>> result.x["b"].round(6)
    array([1., 1.])
    """
    args, both = _tuple(args), jac is True
    row, unflatten = _row(x0)
    name = method.lower() if isinstance(method, str) else ""
    limited = bounds is not None or not (isinstance(constraints, (list, tuple)) and len(constraints) == 0)
    followed = False

    def of_row(x: Any) -> Any:
        y = fun(unflatten(x), *args)
        return y[0] if both else y

    def noted(y: Any) -> Any:
        nonlocal followed
        followed = followed or is_followed(y)
        if followed and limited:
            raise TypeError(
                "minimize: with bounds or constraints the result is not differentiated; give plain values (.data) to the function, "
                "or write the limits into it"
            )
        return plain(y)

    def with_gradient(x: Any) -> Any:
        try:
            value, g = value_and_grad(of_row)(x)
        except TypeError as error:
            error.add_note("minimize differentiates the function; where it can't be, give jac, or jac='2-point' for differences")
            raise
        return np.ravel(noted(value))[0], np.asarray(noted(g))

    def with_given(x: Any) -> Any:
        value, g = fun(unflatten(x), *args)
        return noted(value), plain(flatten(g)[0])

    n = row.size
    given: dict[str, Any] = {
        key: _at(f, unflatten, args, shape) if callable(f) else f
        for key, f, shape in (("jac", jac, (n,)), ("hess", hess, (n, n)), ("hessp", hessp, (n,)))
    }
    automatic = jac is None and name not in WITHOUT_GRADIENT
    if automatic:
        given["jac"] = True
        if hess is None and hessp is None:
            if name in BY_HESSIAN:
                given["hess"] = lambda x: noted(hessian(of_row)(x))
            elif name in BY_PRODUCTS:
                given["hessp"] = lambda x, v: noted(make_hvp(of_row)(x)[0](v))
    result = optimize.minimize(
        with_gradient if automatic else with_given if both else lambda x: noted(of_row(x)),
        row, (), method, bounds=bounds, constraints=_constraints(constraints, unflatten), tol=tol,
        callback=callback and _callback(callback, unflatten), options=options, **given,
    )  # fmt: skip
    x = result.x
    if followed:
        x = _root_of(grad(of_row), x)
        result.fun = of_row(x)
    result.x = unflatten(x)
    if "jac" in result and np.shape(result.jac) == row.shape:
        result.jac = unflatten(result.jac)
    return result


def _at(f: Function, unflatten: Callable[[Any], Any], args: tuple[Any, ...], shape: tuple[int, ...]) -> Function:
    """A derivative of the user's, which sees x in its form; what it gives is for SciPy's rows, of `shape`."""

    def of_row(x: Any, *v: Any) -> Any:
        y = f(unflatten(x), *map(unflatten, v), *args)
        operator = hasattr(y, "dot") and not isinstance(y, (np.ndarray, Traced))  # a sparse matrix, or a linear operator
        return y if operator else np.reshape(plain(flatten(y)[0]), shape)

    return of_row


def _callback(callback: Function, unflatten: Callable[[Any], Any]) -> Function:
    """The user's callback, which sees x in its form; SciPy tells by the parameter's name what it wants to see."""
    if set(inspect.signature(callback).parameters) == {"intermediate_result"}:

        def called(intermediate_result: Any) -> Any:
            seen = optimize.OptimizeResult(intermediate_result)
            seen.x = unflatten(seen.x)
            return callback(intermediate_result=seen)

        return called
    return lambda x, *state: callback(unflatten(x), *state)


def _constraints(constraints: Any, unflatten: Callable[[Any], Any]) -> Any:
    """Constraints on rows, with their Jacobians."""
    if isinstance(constraints, (list, tuple)):
        return [_constraints(c, unflatten) for c in constraints]
    if isinstance(constraints, dict):
        args = _tuple(constraints.get("args", ()))
        f, jac = _on_rows(constraints["fun"], constraints.get("jac"), unflatten, args)
        return {"type": constraints["type"], "fun": f, "jac": jac}
    if isinstance(constraints, optimize.NonlinearConstraint):
        f, jac = _on_rows(constraints.fun, constraints.jac, unflatten, ())
        return optimize.NonlinearConstraint(f, constraints.lb, constraints.ub, jac, constraints.hess, constraints.keep_feasible)
    return constraints


def _on_rows(f: Function, jac: Any, unflatten: Callable[[Any], Any], args: tuple[Any, ...]) -> tuple[Function, Function]:
    """A constraint and its Jacobian as functions of rows."""

    def of_row(x: Any) -> Any:
        return ops.ravel(as_value(f(unflatten(x), *args)))

    given = (lambda x: _at(jac, unflatten, args, (-1, x.size))(x)) if callable(jac) else None
    return lambda x: _of_plain(of_row(x)), given or (lambda x: _of_plain(jacobian(of_row)(x)))


def _of_plain(y: Any) -> Any:
    if is_followed(y):
        raise TypeError("minimize: a constraint reads a Tensor that requires grad, by which the result is not differentiated; give .data")
    return plain(y)


@stepwise
def least_squares(fun: Function, x0: Any, jac: Any = None, bounds: Any = (-np.inf, np.inf), *settings: Any, **options: Any) -> Any:
    """SciPy's `least_squares`, which gets the Jacobian of the residuals, unless `jac` is given ("2-point" asks for differences).

    x0 may have any shape, or be a container, and so has the result's x.  Without bounds and with the linear loss, x is differentiable by
    all that fun reads.

    >>> least_squares(lambda x: np.array([1.0, 2.0]) * x - 3.0, 0.0).x.round(6)
    np.float64(1.8)
    """
    signature = inspect.signature(optimize.least_squares)
    given = signature.bind(fun, x0, jac, bounds, *settings, **options).arguments
    args, kwargs = _tuple(given.pop("args", ())), given.pop("kwargs", None) or {}
    row, unflatten = _row(x0)

    def of_row(x: Any) -> Any:
        return flatten(fun(unflatten(x), *args, **kwargs))[0]

    seen = Callback(of_row)
    jac_of_row = (lambda x: plain(jacobian(of_row)(x))) if jac is None else jac
    if callable(jac):
        jac_of_row = _at(functools.partial(jac, **kwargs), unflatten, args, (-1, row.size))
    callback = given.get("callback")
    result = optimize.least_squares(**{
        **given, "fun": seen, "x0": row, "jac": jac_of_row, **({"callback": _callback(callback, unflatten)} if callback else {}),
    })  # fmt: skip
    x = result.x
    if seen.followed:
        if _is_limit(bounds) or given.get("loss", "linear") != "linear":
            raise TypeError("least_squares: with bounds, or another loss, the result is not differentiated; give plain values (.data)")
        x = _root_of(grad(lambda x: ops.sum(ops.square(of_row(x))) / 2), x)
        result.fun = of_row(x)
    result.x, result.grad = unflatten(x), unflatten(result.grad)
    return result


def _is_limit(bounds: Any) -> bool:
    low, high = (bounds.lb, bounds.ub) if isinstance(bounds, optimize.Bounds) else bounds
    return bool(np.isfinite(low).any() or np.isfinite(high).any())


@stepwise
def curve_fit(f: Function, xdata: Any, ydata: Any, p0: Any = None, sigma: Any = None, *settings: Any, **options: Any) -> Any:
    """SciPy's `curve_fit`, which gets the Jacobian of the curve, unless `jac` is given.

    Without bounds, the parameters found are differentiable by xdata, ydata, sigma and all that f reads; their covariance is not.

    >>> x = np.array([0.0, 1.0, 2.0])
    >>> curve_fit(lambda x, a, b: a * np.exp(b * x), x, 2 * np.exp(-x))[0].round(6)
    array([ 2., -1.])
    """
    signature = inspect.signature(optimize.curve_fit)
    given = signature.bind(f, xdata, ydata, p0, sigma, *settings, **options).arguments
    seen = Callback(f, xdata, ydata, sigma)
    curve = functools.wraps(f)(lambda x, *p: seen(x, *p))  # its parameters are counted
    if given.get("jac") is None:
        given["jac"] = lambda x, *p: plain(jacobian(lambda p: ops.ravel(as_value(f(x, *p))))(np.array(p, float)))
    values = {key: map_leaves(plain, a) if key in ("xdata", "ydata", "p0", "sigma") else a for key, a in given.items()}
    kwargs = values.pop("kwargs", {})
    found = optimize.curve_fit(**{**values, "f": curve}, **kwargs)
    if not seen.followed:
        return found
    if given.get("nan_policy") == "omit":
        raise TypeError("curve_fit: nan_policy='omit' is not differentiated; leave those points out of xdata and ydata")
    if _is_limit(given.get("bounds", (-np.inf, np.inf))) or np.ndim(sigma) > 1:
        raise TypeError("curve_fit: with bounds, or a matrix as sigma, the parameters are not differentiated; give plain values (.data)")

    def misfit(p: Any) -> Any:
        rest = ops.ravel(as_value(f(xdata, *p))) - ops.ravel(as_value(ydata))
        return ops.sum(ops.square(rest if sigma is None else rest / sigma)) / 2

    return _root_of(grad(misfit), found[0]), *found[1:]


# -- roots --------------------------------------------------------------------------------------------------------------------------------


@stepwise
def root(fun: Function, x0: Any, args: Any = (), method: str = "hybr", jac: Any = None, *settings: Any, **options: Any) -> Any:
    """SciPy's `root`, which gets the Jacobian where its method uses one ("hybr", "lm"), unless `jac` is given (False asks for differences).

    x0 may have any shape, or be a container, and so has the result's x, which is differentiable by all that fun reads.

    >>> from autograd import grad
    >>> grad(lambda a: root(lambda x, a: x**2 - a, np.ones(1), a).x[0])(4.0).round(9)
    np.float64(0.25)
    """
    args, both = _tuple(args), jac is True
    row, unflatten = _row(x0)

    def of_row(x: Any) -> Any:
        y = fun(unflatten(x), *args)
        return flatten(y[0] if both else y)[0]

    seen = Callback(of_row)
    if both:
        jac = lambda x, *args: fun(x, *args)[1]
    if callable(jac):
        derivative: Any = _at(jac, unflatten, args, (-1, row.size))
    else:
        derivative = (lambda x: plain(jacobian(of_row)(x))) if jac is None and method in ("hybr", "lm") else jac
    result = optimize.root(seen, row, (), method, derivative, *settings, **options)
    if seen.followed and not result.success:
        raise RuntimeError(f"root: no root to differentiate: {result.message}")
    result.x = unflatten(_root_of(of_row, result.x) if seen.followed else result.x)
    return result


@stepwise
def fixed_point(func: Function, x0: Any, args: Any = (), xtol: float = 1e-8, maxiter: int = 500, method: str = "del2") -> Any:
    """The x for which func(x, *args) = x, found by SciPy; differentiable by all that func reads.

    >>> from autograd import grad
    >>> grad(lambda a: fixed_point(lambda x, a: (x + a / x) / 2, 1.0, (a,)))(4.0).round(9)
    np.float64(0.25)
    """
    args = _tuple(args)
    seen = Callback(func)
    x = optimize.fixed_point(lambda x: seen(x, *args), plain(x0), (), xtol, maxiter, method)
    if not seen.followed:
        return x
    shape = np.shape(x)
    of_row = lambda x: ops.ravel(as_value(func(ops.reshape(x, shape), *args))) - x
    return ops.reshape(_root_of(of_row, np.ravel(x)), shape)


def _bracketed(twin: Function, doc: str) -> Function:
    """A root of a function of one number in [a, b], found by `twin`, described by `doc`."""

    def bracketed(f: Function, a: Any, b: Any, args: Any = (), *settings: Any, **options: Any) -> Any:
        args = _tuple(args)
        seen = Callback(f)
        found = twin(lambda x: seen(x, *args), plain(a), plain(b), (), *settings, **options)
        if not seen.followed:
            return found
        x, *report = found if isinstance(found, tuple) else (found,)
        of_row = lambda x: ops.reshape(as_value(f(x[0], *args)), (1,))
        y = _root_of(of_row, np.array([x]))[0]
        return (y, *report) if report else y

    bracketed.__code__ = bracketed.__code__.replace(co_name=twin.__name__)  # of its own, by which it is known
    return stepwise(named(bracketed, twin.__name__, doc))


def _described(name: str) -> str:
    return f"""The root of f(x, *args) between a and b, found by SciPy's `{name}`; differentiable by all that f reads.

    >>> from autograd import grad
    >>> grad(lambda k: {name}(lambda x: x**2 - k, 0.0, 3.0))(4.0).round(9)
    np.float64(0.25)
    """


bisect = _bracketed(optimize.bisect, _described("bisect"))
brenth = _bracketed(optimize.brenth, _described("brenth"))
brentq = _bracketed(optimize.brentq, _described("brentq"))
ridder = _bracketed(optimize.ridder, _described("ridder"))
toms748 = _bracketed(optimize.toms748, _described("toms748"))

__getattr__ = others(optimize, {})
