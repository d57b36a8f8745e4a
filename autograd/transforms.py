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
from .backward import pull_back
from .forward import push_forward
from .graph import Leaf, Node, reachable
from .mode import TRANSFORMS, recorded
from .tensor import Tensor
from .tree import is_container, leaves, map_leaves, paired

if TYPE_CHECKING:
    from collections.abc import Callable

    Argnum = int | tuple[int, ...] | list[int]
    Function = Callable[..., Any]

__all__ = [
    "deriv", "elementwise_grad", "grad", "grad_and_aux", "grad_named", "hessian", "hessian_tensor_product", "hessian_vector_product",
    "holomorphic_grad", "jacobian", "make_ggnvp", "make_hvp", "make_jvp", "make_vjp", "multigrad_dict", "tensor_jacobian_product",
    "value_and_grad", "vector_jacobian_product",
]  # fmt: skip


_active: set[Node] = set()
"""The arguments of the functions that transforms are running just now: what is made of them has a history that an outer transform needs."""


# -- functions of one argument ------------------------------------------------------------------------------------------------------------


def _is_variable(leaf: Any) -> bool:
    """Whether a leaf of an argument is differentiated: real and complex numbers, arrays and Tensors are, anything else passes through."""
    return isinstance(leaf, (float, complex)) or (isinstance(leaf, (Tensor, np.ndarray, np.generic)) and leaf.dtype.kind in "fc")


def _is_number(leaf: Any) -> bool:
    return isinstance(leaf, (Tensor, np.ndarray, np.generic, int, float, complex))


class _Trace:
    """A function run once on Tensors in place of its argument's numbers: what a vector–Jacobian product needs to know."""

    def __init__(self, name: str, function: Function, x: Any) -> None:
        if not any(_is_variable(leaf) for leaf in leaves(x)):
            kinds = ", ".join(sorted({type(leaf).__name__ for leaf in leaves(x)})) or "nothing"
            raise TypeError(f"{name}: the argument holds no real number to differentiate by (got {kinds}); use floats, as in 3.0")
        self.name, self.x = name, x
        self.inputs: list[Tensor] = []
        self.keeps_history = False
        argument = recorded(map_leaves, self._variable, x)
        self.towards = [t._node for t in self.inputs if t._node is not None]  # noqa: SLF001  # now: the function may rebind its argument
        own = set(self.towards)
        try:
            _active.update(own)
            self.output = recorded(function, argument, inside={TRANSFORMS: TRANSFORMS.get() + 1})
        finally:
            _active.difference_update(own)
        self.outputs = list(leaves(self.output))
        for y in self.outputs:
            if not _is_number(y):
                hint = "; is a return missing?" if y is None else ""
                raise TypeError(f"{name}: the function returned {'None' if y is None else type(y).__name__}, wanted numbers{hint}")
        roots = [t._node for t in self.outputs if isinstance(t, Tensor) and t._node is not None]  # noqa: SLF001
        self.keeps_history |= any(_is_outer(node) for node in reachable(roots) if node not in own)

    def _variable(self, leaf: Any) -> Any:
        if isinstance(leaf, (Tensor, np.ndarray)) and leaf.dtype.kind in "biu":
            what = f"integers of shape {leaf.shape}"  # passed through, they would look like a gradient
            raise TypeError(f"{self.name}: the argument holds {what}, which have no derivative: cast them to float, or close over them")
        if not _is_variable(leaf):
            return leaf
        if isinstance(leaf, Tensor) and leaf.requires_grad:
            self.keeps_history = True
            variable = ops.copy(leaf)  # a node of its own, with the history behind it
        else:
            variable = Tensor(leaf, requires_grad=True, copy=False)
            variable._node.owner = None  # type: ignore[union-attr]  # noqa: SLF001  # its gradient is asked for by `pull` alone
        self.inputs.append(variable)
        return variable

    def pull(self, cotangents: Any) -> Any:
        """The vector–Jacobian product: from cotangents in the shape of the output to cotangents in the shape of the argument."""
        try:
            pairs = list(paired(self.output, cotangents))
        except ValueError as error:
            raise ValueError(f"{self.name}: the cotangents do not match the output of the function: {error}") from None
        history = self.keeps_history or any(isinstance(g, Tensor) and g.requires_grad for _, g in pairs)
        seeds: dict[Node, Any] = {}
        for output, g in pairs:
            if isinstance(output, Tensor) and output.requires_grad:
                node: Node = output._node  # type: ignore[assignment]  # noqa: SLF001
                seed = self._seed(output, g, "cotangent", history=history)
                seeds[node] = seeds[node] + seed if node in seeds else seed
        with np.errstate(all="ignore"):
            arrived = dict(recorded(pull_back, seeds, _lift if history else None, set(self.towards))[0])
        found = iter([arrived.get(node) for node in self.towards])
        return map_leaves(lambda leaf: _result(next(found), leaf) if _is_variable(leaf) else leaf, self.x)

    def push(self, tangents: Any) -> Any:
        """The Jacobian–vector product: from tangents in the shape of the argument to tangents in the shape of the output."""
        try:
            pairs = [(leaf, t) for leaf, t in paired(self.x, tangents) if _is_variable(leaf)]
        except ValueError as error:
            raise ValueError(f"{self.name}: the tangents do not match the argument: {error}") from None
        history = self.keeps_history or any(isinstance(t, Tensor) and t.requires_grad for _, t in pairs)
        seeds = {
            node: self._seed(variable, t, "tangent", history=history)
            for node, variable, (_, t) in zip(self.towards, self.inputs, pairs, strict=True)
        }
        roots = [y._node for y in self.outputs if isinstance(y, Tensor) and y._node is not None and y.requires_grad]  # noqa: SLF001
        with np.errstate(all="ignore"):
            found = recorded(push_forward, seeds, roots, _lift if history else None)
        return map_leaves(lambda y: self._tangent(y, found), self.output)

    def _tangent(self, y: Any, found: dict[Node, Any]) -> Any:
        """The tangent of one output, in the type in which the caller sees that output."""
        t = found.get(y._node) if isinstance(y, Tensor) and y._node is not None else None  # noqa: SLF001
        if t is None:
            t = np.zeros(np.shape(y), y.dtype if isinstance(y, Tensor) else np.asarray(y).dtype)
        return _value(t if isinstance(t, Tensor) else Tensor(t), self)

    def _seed(self, value: Tensor, g: Any, what: str, *, history: bool) -> Any:
        if np.shape(g) != value.shape:
            whose = "output" if what == "cotangent" else "argument"
            raise ValueError(f"{self.name}: got a {what} of shape {np.shape(g)}, wanted {value.shape}, the shape of the {whose}")
        if value.dtype.kind != "c" and np.iscomplexobj(g.data if isinstance(g, Tensor) else g):
            raise TypeError(f"{self.name}: got a complex {what}, wanted {value.dtype}; take its real part")
        if history:
            return ops.astype(g if isinstance(g, Tensor) else Tensor(g), value.dtype)
        return np.asarray(g.data if isinstance(g, Tensor) else g, value.dtype)[()]


def _is_outer(node: Node) -> bool:
    """Whether a node is a variable of someone else: a leaf of the user's, or the argument of a transform that is still running."""
    return node in _active or (isinstance(node, Leaf) and node.needs_grad and node.owner is not None)


def _lift(value: Any, node: Node) -> Tensor:
    tensor = Tensor(value, copy=False)
    tensor._node = node  # noqa: SLF001
    return tensor


def _result(g: Any, leaf: Any) -> Any:
    """A gradient in the type of the leaf that it belongs to: numbers for numbers, arrays for arrays, Tensors where there is a history."""
    if g is None:
        g = np.zeros(np.shape(leaf), leaf.dtype if hasattr(leaf, "dtype") else type(leaf))
    if isinstance(g, Tensor) and g.requires_grad:
        return g
    plain = g.data if isinstance(g, Tensor) else g
    if isinstance(leaf, Tensor):
        return Tensor(plain)
    return np.array(plain) if isinstance(leaf, np.ndarray) else np.asarray(plain)[()]


def _check_single(trace: _Trace, hint: str) -> None:
    """Raise unless the function gave a single real value; warn where it does not depend on its argument."""
    y = trace.output
    if is_container(y) or np.size(y) != 1:
        got = type(y).__name__ if is_container(y) else f"shape {np.shape(y)}"
        raise TypeError(f"{trace.name}: the function returned {got}, wanted a single real value; {hint}")
    if not isinstance(y, Tensor) or not y.requires_grad:
        warnings.warn(f"{trace.name}: the output does not depend on the argument; its gradient is 0", stacklevel=5)
    elif y.dtype.kind == "c":
        raise TypeError(
            f"{trace.name}: the function returned a complex value, wanted a real one; take its real part, or use holomorphic_grad"
        )


def _value(y: Any, trace: _Trace) -> Any:
    """An output as the caller should see it: plain, unless it has a history beyond this trace."""
    if not isinstance(y, Tensor):
        return y
    if trace.keeps_history or any(isinstance(leaf, Tensor) for leaf in leaves(trace.x)):
        return y if trace.keeps_history else y.detach()
    return y.numpy()[()]


def _ones(y: Any) -> Any:
    return np.ones(np.shape(y), getattr(y, "dtype", float))


# -- from one argument to any -------------------------------------------------------------------------------------------------------------


def _of_argument(transform: Callable[..., Any]) -> Callable[..., Any]:
    """Turn a transform of functions of one argument into one that picks the argument, or several, by `argnum`."""

    @functools.wraps(transform)
    def of_function(fun: Function, argnum: Argnum = 0, *settings: Any, **named: Any) -> Function:
        if not callable(fun):
            raise TypeError(f"{transform.__name__}: got {type(fun).__name__}, wanted a function; call it as {transform.__name__}(f)(x)")

        @functools.wraps(fun)
        def at(*args: Any, **kwargs: Any) -> Any:
            places = argnum if isinstance(argnum, (tuple, list)) else (argnum,)
            for k in places:
                if not -len(args) <= k < len(args):
                    raise TypeError(f"{transform.__name__}: argnum={k}, but the function was called with {len(args)} positional arguments")
            chosen = [k % len(args) for k in places]
            for k in chosen:
                if not is_container(args[k]) and not _is_variable(args[k]):
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
    trace = _Trace("make_vjp", fun, x)
    return trace.pull, map_leaves(lambda y: _value(y, trace), trace.output)


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
    trace = _Trace("grad", fun, x)
    _check_single(trace, "use jacobian or elementwise_grad for more")
    return trace.pull(_ones(trace.output))


@_of_argument
def value_and_grad(fun: Function, x: Any) -> tuple[Any, Any]:
    """(value, gradient) of a function with one real value.

    >>> value_and_grad(lambda x: x**3)(2.0)
    (np.float64(8.0), np.float64(12.0))
    """
    trace = _Trace("value_and_grad", fun, x)
    _check_single(trace, "use jacobian or elementwise_grad for more")
    return _value(trace.output, trace), trace.pull(_ones(trace.output))


@_of_argument
def grad_and_aux(fun: Function, x: Any) -> tuple[Any, Any]:
    """(gradient, aux) of a function that returns (one real value, anything else).

    >>> grad_and_aux(lambda x: (x**3, "note"))(2.0)
    (np.float64(12.0), 'note')
    """
    aux: Any = None

    def first(x: Any) -> Any:
        nonlocal aux
        y, aux = fun(x)
        return y

    trace = _Trace("grad_and_aux", first, x)
    _check_single(trace, "the first of the two that it returns")
    return trace.pull(_ones(trace.output)), map_leaves(lambda a: _value(a, trace), aux)


@_of_argument
def elementwise_grad(fun: Function, x: Any) -> Any:
    """The derivative of each value of an elementwise function: the sum of the Jacobian over the outputs.

    >>> elementwise_grad(lambda x: x**2)(np.array([1., 2.]))
    array([2., 4.])
    """
    trace = _Trace("elementwise_grad", fun, x)
    if any(np.iscomplexobj(y.data if isinstance(y, Tensor) else y) for y in trace.outputs):
        raise TypeError("elementwise_grad: the function returned complex values, wanted real ones; take the real part")
    return trace.pull(map_leaves(_ones, trace.output))


@_of_argument
def jacobian(fun: Function, x: Any) -> Any:
    """All derivatives of all outputs: an array of shape (output…, argument…).

    >>> jacobian(lambda x: x**2)(np.array([1., 2.]))
    array([[2., 0.],
           [0., 4.]])
    """
    mistake = "wanted an array in and an array out; of containers, take each part: jacobian(lambda w: f({**p, 'w': w}))(p['w'])"
    if is_container(x):
        raise TypeError(f"jacobian (or hessian): got a {type(x).__name__} as the argument, {mistake}")
    trace = _Trace("jacobian", fun, x)
    y = trace.output
    if is_container(y):
        raise TypeError(f"jacobian (or hessian): the function returned a {type(y).__name__}, {mistake}")
    outward, inward = np.shape(y), np.shape(x)
    if not prod(outward) * prod(inward):
        return np.zeros((*outward, *inward))
    if prod(outward) > prod(inward):  # fewer columns than rows
        columns = [trace.push(unit) for unit in _units(x)]
        return ops.reshape(ops.stack(columns, axis=-1), (*outward, *inward))
    return ops.reshape(ops.stack([trace.pull(unit) for unit in _units(y)]), (*outward, *inward))


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
    trace = _Trace("make_jvp", fun, x)
    return lambda v: (map_leaves(lambda y: _value(y, trace), trace.output), trace.push(v))


@_of_argument
def deriv(fun: Function, x: Any) -> Any:
    """The derivative along the ones: for a function of one number, of each of its outputs.

    >>> deriv(lambda x: x * np.array([1., 2.]))(3.0)
    array([1., 2.])
    """
    return make_jvp(fun)(x)(map_leaves(lambda leaf: _ones(leaf) if _is_variable(leaf) else leaf, x))[1]


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
        trace = _Trace("make_ggnvp", f, x)
        hvp = make_hvp(g)(map_leaves(lambda y: _value(y, trace), trace.output))[0]
        return lambda v: trace.pull(hvp(trace.push(v)))

    return make_ggnvp(f, f_argnum)  # type: ignore[no-any-return]


@_of_argument
def holomorphic_grad(fun: Function, x: Any) -> Any:
    """The complex derivative of a holomorphic function with one value: f′(x) = ∂u/∂x − i ∂u/∂y, where f = u + iv at x + iy.

    >>> holomorphic_grad(lambda z: z**2)(1 + 2j)
    np.complex128(2+4j)
    """
    if not any(np.iscomplexobj(leaf) for leaf in leaves(x)):
        warnings.warn("holomorphic_grad: the argument is real; use grad", stacklevel=3)
    return grad(lambda x: ops.real(fun(x)))(x)


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
