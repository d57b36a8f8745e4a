"""Derivatives of functions: `grad`, `jacobian`, `hessian` and their family, over plain arrays, Tensors, and containers of them.

Names, arguments and results are those of HIPS autograd.  Each transform takes a function and gives a function of the same arguments;
`argnum` says by which of them it differentiates: a position (negative ones count from the end), or several, as a tuple or list.  No
transform touches any Tensor's `.grad`.  Results are plain (NumPy scalars and arrays) where the arguments are plain; they are Tensors with a
history where an argument, or anything that the function closes over, still requires a gradient: so transforms nest, to any order.
"""

from __future__ import annotations

import functools
import inspect
import warnings
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from . import ops
from .each import each
from .tensor import Tensor
from .trace import Trace, is_variable
from .tracer import getval
from .tree import is_container, leaves, map_leaves

if TYPE_CHECKING:
    from collections.abc import Callable

    Argnum = int | tuple[int, ...] | list[int]
    Function = Callable[..., Any]

__all__ = [
    "deriv", "elementwise_grad", "grad", "grad_and_aux", "grad_named", "hessian", "hessian_tensor_product", "hessian_vector_product",
    "holomorphic_grad", "jacobian", "make_ggnvp", "make_hvp", "make_jvp", "make_vjp", "multigrad_dict", "tensor_jacobian_product",
    "value_and_grad", "vector_jacobian_product",
]  # fmt: skip


def _check_single(trace: Trace, hint: str) -> None:
    """Raise unless the function gave a single real value; warn where it does not depend on its argument."""
    y = trace.output
    if is_container(y) or np.size(y) != 1:
        got = type(y).__name__ if is_container(y) else f"shape {np.shape(y)}"
        raise TypeError(f"{trace.name}: the function returned {got}, wanted a single real value; {hint}")
    if not isinstance(y, Tensor) or not y.requires_grad:
        warnings.warn(f"{trace.name}: the output does not depend on the argument; its gradient is 0", stacklevel=4)
    elif y.dtype.kind == "c":
        raise TypeError(
            f"{trace.name}: the function returned a complex value, wanted a real one; take its real part, or use holomorphic_grad"
        )


def _ones(y: Any) -> Any:
    return np.ones(np.shape(y), getattr(y, "dtype", float))


# -- from one argument to any -------------------------------------------------------------------------------------------------------------


def _of_argument(transform: Callable[..., Any]) -> Callable[..., Any]:
    """Turn a transform of functions of one argument into one that picks the argument, or several, by `argnum`."""

    @functools.wraps(transform)
    def of_function(fun: Function, argnum: Argnum = 0, *settings: Any, **named: Any) -> Function:
        if not callable(fun):
            raise TypeError(f"{transform.__name__}: got {type(fun).__name__}, wanted a function; call it as {transform.__name__}(f)(x)")

        @functools.wraps(fun, updated=())  # an op has attributes that are its own
        def at(*args: Any, **kwargs: Any) -> Any:
            places = argnum if isinstance(argnum, (tuple, list)) else (argnum,)
            for k in places:
                if not isinstance(k, int):
                    raise TypeError(f"{transform.__name__}: argnum={argnum!r}, wanted the position of an argument, or several")
                if not -len(args) <= k < len(args):
                    raise TypeError(f"{transform.__name__}: argnum={k}, but the function was called with {len(args)} positional arguments")
            chosen = [k % len(args) for k in places]
            for k in chosen:
                if not is_container(args[k]) and not is_variable(args[k]):
                    got = f"argument {k} is {args[k]!r}"
                    raise TypeError(f"{transform.__name__}: no real number to differentiate by ({got}); use floats, as in 3.0")
            if len(set(chosen)) < len(chosen):
                raise TypeError(f"{transform.__name__}: argnum={argnum} names an argument twice")
            x = tuple(args[k] for k in chosen) if isinstance(argnum, (tuple, list)) else args[chosen[0]]

            def of_x(x: Any) -> Any:
                new = dict(zip(chosen, x if isinstance(argnum, (tuple, list)) else (x,), strict=True))
                return fun(*(new.get(k, a) for k, a in enumerate(args)), **kwargs)

            return transform(of_x, x, *settings, **named)

        at.__name__ = f"{transform.__name__}_of_{getattr(fun, '__name__', 'function')}"
        return at

    return of_function


@_of_argument
def make_vjp(fun: Function, x: Any) -> tuple[Function, Any]:
    """(vjp, value): the map g ↦ gᵀ J at the argument, and the function's value there.

    >>> vjp, y = make_vjp(lambda x: x * x)(np.array([1., 2.]))
    >>> vjp(np.array([1., 10.])), y
    (array([ 2., 40.]), array([1., 4.]))
    """
    trace = Trace("make_vjp", fun, x)
    return trace.pull, trace.values()


@_of_argument
def grad(fun: Function, x: Any) -> Any:
    """The gradient of a function with one real value, in the type and shape of the argument.

    >>> grad(lambda x: x**3)(2.0)
    np.float64(12.0)
    >>> grad(grad(lambda x: x**3))(2.0)
    np.float64(12.0)
    >>> grad(lambda p: (p["w"] * p["b"]).sum())({"w": np.array([1., 2.]), "b": 3.0})
    {'w': array([3., 3.]), 'b': np.float64(3.0)}
    """
    trace = Trace("grad", fun, x)
    _check_single(trace, "use jacobian or elementwise_grad for more")
    return trace.pull(_ones(trace.output))


@_of_argument
def value_and_grad(fun: Function, x: Any) -> tuple[Any, Any]:
    """(value, gradient) of a function with one real value.

    >>> value_and_grad(lambda x: x**3)(2.0)
    (np.float64(8.0), np.float64(12.0))
    """
    trace = Trace("value_and_grad", fun, x)
    _check_single(trace, "use jacobian or elementwise_grad for more")
    return trace.values(), trace.pull(_ones(trace.output))


@_of_argument
def grad_and_aux(fun: Function, x: Any) -> tuple[Any, Any]:
    """(gradient, aux) of a function that returns (one real value, anything else).

    >>> grad_and_aux(lambda x: (x**3, "note"))(2.0)
    (np.float64(12.0), 'note')
    """
    trace = Trace("grad_and_aux", fun, x, has_aux=True)
    _check_single(trace, "the first of the two that it returns")
    return trace.pull(_ones(trace.output)), map_leaves(trace.value, trace.aux)


@_of_argument
def elementwise_grad(fun: Function, x: Any) -> Any:
    """The derivative of each value of an elementwise function: the sum of the Jacobian over the outputs.

    >>> elementwise_grad(lambda x: x**2)(np.array([1., 2.]))
    array([2., 4.])
    """
    trace = Trace("elementwise_grad", fun, x)
    if any(np.iscomplexobj(getval(y)) for y in trace.outputs):
        raise TypeError("elementwise_grad: the function returned complex values, wanted real ones; take the real part")
    return trace.pull(map_leaves(lambda y: _ones(y) if hasattr(y, "shape") else y, trace.output))


@_of_argument
def jacobian(fun: Function, x: Any) -> Any:
    """All derivatives of all outputs: an array of shape (output…, argument…).

    Of complex values u + iv of a real x: ∂u/∂x + i ∂v/∂x; of real values of a complex x + iy: ∂u/∂x − i ∂u/∂y; holomorphic: f′.

    >>> jacobian(lambda x: x**2)(np.array([1., 2.]))
    array([[2., 0.],
           [0., 4.]])
    """
    mistake = "wanted an array in and an array out; of containers, take each part: jacobian(lambda w: f({**p, 'w': w}))(p['w'])"
    if is_container(x):
        raise TypeError(f"jacobian (or hessian): got a {type(x).__name__} as the argument, {mistake}")
    trace = Trace("jacobian", fun, x)
    y = trace.output
    if is_container(y):
        raise TypeError(f"jacobian (or hessian): the function returned a {type(y).__name__}, {mistake}")
    outward, inward = np.shape(y), np.shape(x)
    if not prod(outward) * prod(inward):
        return np.zeros((*outward, *inward), np.result_type(getattr(x, "dtype", type(x)), getattr(y, "dtype", float)))
    from_complex, to_complex = (np.iscomplexobj(getval(a)) for a in (x, y))
    by_columns = to_complex if from_complex != to_complex else prod(outward) > prod(inward)  # the way that keeps both parts, or the shorter
    if by_columns:
        return ops.reshape(ops.moveaxis(each(trace.push, _units(x)), 0, -1), (*outward, *inward))
    return ops.reshape(each(trace.pull, _units(y)), (*outward, *inward))


def _units(a: Any) -> Any:
    """The unit arrays of the shape and dtype of `a`, as one array of them."""
    return np.eye(np.size(a), dtype=getattr(a, "dtype", type(a))).reshape(-1, *np.shape(a))


def hessian(fun: Function, argnum: Argnum = 0) -> Function:
    """All second derivatives: the Jacobian of the Jacobian, of shape (output…, argument…, argument…).

    >>> hessian(lambda x: (x**3).sum())(np.array([1., 2.]))
    array([[ 6.,  0.],
           [ 0., 12.]])
    """
    return jacobian(jacobian(fun, argnum), argnum)  # type: ignore[no-any-return]


@_of_argument
def make_jvp(fun: Function, x: Any) -> Function:
    """The map v ↦ (value, J v) at the argument, by forward mode.

    >>> make_jvp(lambda x: x * x)(np.array([1., 2.]))(np.array([1., 10.]))
    (array([1., 4.]), array([ 2., 40.]))
    """
    trace = Trace("make_jvp", fun, x)
    return lambda v: (trace.values(), trace.push(v))


@_of_argument
def deriv(fun: Function, x: Any) -> Any:
    """The derivative along the ones: for a function of one number, of each of its outputs.

    >>> deriv(lambda x: x * np.array([1., 2.]))(3.0)
    array([1., 2.])
    """
    return Trace("deriv", fun, x).push(map_leaves(lambda leaf: _ones(leaf) if is_variable(leaf) else leaf, x))


@_of_argument
def make_hvp(fun: Function, x: Any) -> tuple[Function, Any]:
    """(hvp, gradient) of a function with one real value: the map v ↦ H v, without the Hessian.

    >>> hvp, g = make_hvp(lambda x: (x**3).sum())(np.array([1., 2.]))
    >>> hvp(np.array([1., 10.])), g
    (array([  6., 120.]), array([ 3., 12.]))
    """
    return make_vjp(grad(fun))(x)  # type: ignore[no-any-return]


def make_ggnvp(f: Function, g: Function = lambda y: 0.5 * (y * y).sum(), f_argnum: Argnum = 0) -> Function:
    """v ↦ Jᵀ H J v with the Jacobian J of `f` and the Hessian H of `g` at its value: the Gauss–Newton product, without matrices.

    >>> make_ggnvp(lambda x: x * x)(np.array([1., 2.]))(np.array([1., 1.]))
    array([ 4., 16.])
    """

    @_of_argument
    def make_ggnvp(f: Function, x: Any) -> Function:
        trace = Trace("make_ggnvp", f, x)
        hvp = make_hvp(g)(trace.values())[0]
        return lambda v: trace.pull(hvp(trace.push(v)))

    return make_ggnvp(f, f_argnum)  # type: ignore[no-any-return]


@_of_argument
def holomorphic_grad(fun: Function, x: Any) -> Any:
    """The complex derivative of a holomorphic function with one value: f′(x) = ∂u/∂x − i ∂u/∂y, where f = u + iv at x + iy.

    >>> holomorphic_grad(lambda z: z**2)(1 + 2j)
    np.complex128(2+4j)
    """
    if not any(np.iscomplexobj(getval(leaf)) for leaf in leaves(x)):
        warnings.warn("holomorphic_grad: the argument is real; use grad", stacklevel=3)
    y_of = lambda x: ops.real(y) if isinstance(y := fun(x), (Tensor, np.ndarray, np.generic, float, complex)) else y
    return grad(y_of)(x)


def hessian_tensor_product(fun: Function, argnum: int = 0) -> Function:
    """A function of the same arguments and a tensor v: the Hessian times v, without the Hessian.

    >>> hessian_tensor_product(lambda x: (x**3).sum())(np.array([1., 2.]), np.array([1., 10.]))
    array([  6., 120.])
    """
    return lambda *args, **kwargs: make_hvp(fun, argnum)(*args[:-1], **kwargs)[0](args[-1])


def tensor_jacobian_product(fun: Function, argnum: int = 0) -> Function:
    """A function of the same arguments and a tensor v: Σ v J over the axes of v, the first ones of the output, without the Jacobian.

    >>> tensor_jacobian_product(lambda x: x**2)(np.array([1., 2.]), np.array([1., 10.]))
    array([ 2., 40.])
    """

    def product(*args: Any, **kwargs: Any) -> Any:
        v = args[-1]

        def contracted(*inner: Any) -> Any:
            y = fun(*inner, **kwargs)
            if np.shape(v) != np.shape(y)[: np.ndim(v)]:
                raise ValueError(f"tensor_jacobian_product: got a tensor of shape {np.shape(v)}, wanted the first axes of {np.shape(y)}")
            rest = np.shape(y)[np.ndim(v) :]
            return ops.reshape(ops.ravel(v) @ ops.reshape(y, (np.size(v), prod(rest))), rest)

        return jacobian(contracted, argnum)(*args[:-1])

    return product


hessian_vector_product = hessian_tensor_product
vector_jacobian_product = tensor_jacobian_product


def grad_named(fun: Function, argname: str) -> Function:
    """The gradient by the argument of that name.

    >>> grad_named(lambda a, b: a * b, "b")(2.0, 3.0)
    np.float64(2.0)
    """
    if not callable(fun):
        raise TypeError(f"grad_named: got {type(fun).__name__}, wanted a function; call it as grad_named(f, 'name')(x)")
    names = list(inspect.signature(fun).parameters)
    if argname not in names:
        raise TypeError(f"grad_named: the function has no argument {argname!r}; it has {', '.join(names)}")
    return grad(fun, names.index(argname))  # type: ignore[no-any-return]


def multigrad_dict(fun: Function) -> Function:
    """The gradients by all arguments, as a dict by name.

    >>> multigrad_dict(lambda a, b: a * b)(2.0, b=3.0)
    {'a': np.float64(3.0), 'b': np.float64(2.0)}
    """
    signature = inspect.signature(fun)

    def at(*args: Any, **kwargs: Any) -> dict[str, Any]:
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()

        def of_arguments(arguments: dict[str, Any]) -> Any:
            call = signature.bind_partial()
            call.arguments.update(arguments)
            return fun(*call.args, **call.kwargs)

        return grad(of_arguments)(dict(bound.arguments))  # type: ignore[no-any-return]

    return at
