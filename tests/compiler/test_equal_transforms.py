"""Transforms inside compiled functions, and compiled functions inside transforms: the same derivatives, in the same types."""

from typing import Any, NamedTuple

import numpy as np
import pytest

import autograd
import autograd.numpy as anp
from autograd import Tensor, checkpoint, grad, jit
from autograd.extend import defjvp, defvjp, primitive
from autograd.misc.fixed_points import fixed_point
from autograd.misc.flatten import flatten, flatten_func
from autograd.misc.optimizers import adam

from .backends import assert_equal

X, U = np.array([0.3, -1.2, 0.7]), np.array([1.0, 0.5, -2.0])
Z = X + 1j * U
FIXED = np.array([[1.0, 0.2, 0.0], [0.2, 2.0, -0.3], [0.0, -0.3, 1.5]])


class Pair(NamedTuple):
    w: Any
    b: Any


def bowl(x):
    return anp.sum(anp.tanh(FIXED @ x) * x**2) + anp.prod(anp.cos(x))


def curve(x):
    return anp.stack([anp.sin(x[0] * x[1]), x[2] ** 3, anp.exp(x).sum(), x[0] / x[2]])


def of_containers(p, scale=2.0):
    return scale * (p["layers"][0].w @ p["layers"][0].b).sum() + p["bias"] ** 3


def entire(z):
    return anp.sum(anp.exp(z) * z)


@primitive
def softplus(x):
    return np.logaddexp(0.0, x)


defvjp(softplus, lambda y, x: lambda g: g / (1 + anp.exp(-x)))
defjvp(softplus, lambda g, y, x: g / (1 + anp.exp(-x)))

POINT = {"layers": [Pair(np.arange(6.0).reshape(2, 3), X)], "bias": 0.5}
TRANSFORMED = {
    "grad": (grad(bowl), X),
    "grad of a number": (grad(lambda x: anp.sin(x) * x), 0.7),
    "grad of grad": (grad(grad(lambda x: anp.sin(x) * x)), 0.7),
    "grad by two arguments": (grad(lambda x, y: (x * y).sum() + y[0], (0, 1)), X, U),
    "grad of containers": (grad(of_containers), POINT),
    "grad with keywords": (lambda p, scale: grad(of_containers)(p, scale=scale), POINT, 3.0),
    "grad of what does not depend on it": (grad(lambda p: (p[0] ** 2).sum()), (X, U, 1.0)),
    "value_and_grad": (autograd.value_and_grad(bowl), X),
    "grad_and_aux": (autograd.grad_and_aux(lambda x: (bowl(x), {"curve": curve(x), "note": "a note", "x": x})), X),
    "grad_named": (autograd.grad_named(lambda a, b: (a * b).sum(), "b"), X, U),
    "multigrad_dict": (autograd.multigrad_dict(lambda a, b: (a * b**2).sum()), X, U),
    "elementwise_grad": (autograd.elementwise_grad(lambda x: anp.tanh(x) * x), X),
    "elementwise_grad, thrice": (autograd.elementwise_grad(autograd.elementwise_grad(autograd.elementwise_grad(anp.tanh))), X),
    "jacobian by rows": (autograd.jacobian(curve), X),
    "jacobian by columns": (autograd.jacobian(lambda x: anp.outer(x[:2], x) ** 2), X),
    "jacobian of nothing": (autograd.jacobian(lambda x: x[:0]), X),
    "jacobian, complex to real": (autograd.jacobian(lambda z: anp.abs(z) ** 2), Z),
    "jacobian, real to complex": (autograd.jacobian(lambda x: anp.exp(1j * x)), X),
    "jacobian of grad": (autograd.jacobian(grad(bowl)), X),
    "hessian": (autograd.hessian(bowl), X),
    "hessian of two values": (autograd.hessian(lambda x: curve(x)[:2]), X),
    "make_vjp": (lambda x, v: autograd.make_vjp(curve)(x)[0](v), X, np.arange(4.0)),
    "make_vjp, the value": (lambda x: autograd.make_vjp(curve)(x)[1], X),
    "make_jvp": (lambda x, v: autograd.make_jvp(curve)(x)(v), X, U),
    "make_jvp of grad": (lambda x, v: autograd.make_jvp(grad(bowl))(x)(v), X, U),
    "grad of make_jvp": (lambda x, v: grad(lambda x: autograd.make_jvp(bowl)(x)(v)[1])(x), X, U),
    "make_hvp": (lambda x, v: (autograd.make_hvp(bowl)(x)[0](v), autograd.make_hvp(bowl)(x)[1]), X, U),
    "make_ggnvp": (lambda x, v: autograd.make_ggnvp(curve)(x)(v), X, U),
    "deriv": (autograd.deriv(lambda x: x * X + anp.sin(x)), 0.7),
    "holomorphic_grad": (autograd.holomorphic_grad(entire), Z),
    "hessian_vector_product": (autograd.hessian_vector_product(bowl), X, U),
    "tensor_jacobian_product": (autograd.tensor_jacobian_product(curve), X, np.arange(4.0)),
    "checkpoint": (grad(checkpoint(bowl)), X),
    "checkpoint, twice": (autograd.hessian(lambda x: checkpoint(anp.sin)(checkpoint(lambda x: x * x)(x)).sum()), X),
    "a primitive": (lambda x, v: (softplus(x), grad(lambda x: softplus(x).sum())(x), autograd.make_jvp(softplus)(x)(v)), X, U),
    "a primitive, twice": (autograd.elementwise_grad(autograd.elementwise_grad(softplus)), X),
    "flatten": (lambda p: flatten(p)[0], POINT),
    "flatten_func": (lambda p: grad(flatten_func(of_containers, POINT)[0])(flatten(p)[0]), POINT),
    "an optimiser of functions": (lambda x: adam(lambda x, i: grad(bowl)(x), x, num_iters=3, step_size=0.1), X),
    "steps of gradient descent": (lambda x: _descended(x, 5), X),
    "a gradient through steps": (grad(lambda x: bowl(_descended(x, 2))), X),
    "Newton's step": (lambda x: x - anp.linalg.solve(autograd.hessian(bowl)(x) + 9 * np.eye(3), grad(bowl)(x)), X),
    "backward": (lambda x: _by_backward(bowl, x), X),
    "backward, twice": (lambda x: _by_backward(lambda x: (grad(bowl)(x) ** 2).sum(), x), X),
    "create_graph": (lambda x: _twice_by_backward(x), X),
    "in single precision": (autograd.value_and_grad(lambda x: anp.sum(anp.sin(x) * 2.5) / 3), X.astype(np.float32)),
}  # fmt: skip


def _descended(x, steps):
    for _ in range(steps):
        x = x - 0.1 * grad(bowl)(x)
    return x


def _by_backward(f, x):
    x = Tensor(x, requires_grad=True)
    f(x).backward()
    return x.grad


def _twice_by_backward(x):
    x = Tensor(x, requires_grad=True)
    bowl(x).backward(create_graph=True)
    g = x.grad
    x.zero_grad()
    (g * g).sum().backward()
    return x.grad, g.detach()


def moved(a):
    """Another argument of the same kind."""
    if isinstance(a, dict):
        return {key: moved(part) for key, part in a.items()}
    if isinstance(a, tuple) and hasattr(a, "_fields"):
        return type(a)(*map(moved, a))
    return type(a)(map(moved, a)) if isinstance(a, (tuple, list)) else a * 0.75


@pytest.mark.parametrize("name", TRANSFORMED)
@pytest.mark.filterwarnings("ignore:.*does not depend")
def test_transforms_inside_compiled_functions(name, backend):
    function, *args = TRANSFORMED[name]
    compiled = jit(function, backend=backend)
    compiled(*map(moved, args))
    assert_equal(compiled(*args), function(*args))
    assert len(compiled.variants) == 1
    assert not compiled.variants[0].reason
    tensors = [Tensor(a) if isinstance(a, np.ndarray) else a for a in args]
    if any(isinstance(a, Tensor) for a in tensors):
        assert_equal(compiled(*tensors), function(*tensors))


@pytest.mark.parametrize(
    "transform",
    [
        lambda f: grad(lambda x: f(x).sum()),
        lambda f: autograd.jacobian(f),
        lambda f: autograd.hessian(lambda x: f(x).sum()),
        lambda f: lambda x: autograd.make_jvp(f)(x)(U),
        lambda f: lambda x: autograd.make_vjp(f)(x)[0](U),
        lambda f: autograd.elementwise_grad(autograd.elementwise_grad(f)),
        lambda f: lambda x: _by_backward(lambda x: f(x).sum(), x),
        lambda f: grad(checkpoint(lambda x: f(x).sum())),
        lambda f: lambda x: jit(f)(x),
        lambda f: lambda x: jit(grad(lambda x: jit(f)(x).sum()))(x),
    ],
    ids=["grad", "jacobian", "hessian", "make_jvp", "make_vjp", "elementwise_grad", "backward", "checkpoint", "jit", "jit of grad"],
)
@pytest.mark.filterwarnings("ignore:jit. .* runs as Python")  # where what is given to it is a leaf of the user's
def test_compiled_functions_inside_transforms(transform, backend):
    f = lambda x: anp.tanh(FIXED @ x) * x
    compiled = jit(f, backend=backend)
    for x in X, U, X:
        compiled(x)  # as compiled code, in between
        assert_equal(transform(compiled)(x), transform(f)(x))
    assert_equal(jit(transform(compiled), backend=backend)(X), transform(f)(X))


def test_a_compiled_function_of_what_another_gives(backend):
    double, square = jit(lambda x: 2 * x, backend=backend), jit(lambda x: x * x, backend=backend)
    assert_equal(square(double(X)), (2 * X) ** 2)
    assert_equal(jit(lambda x: square(double(x)), backend=backend)(X), (2 * X) ** 2)
    assert_equal(grad(lambda x: square(double(x)).sum())(X), 8 * X)


def test_what_iterates_until_a_number_is_small_is_refused(reference):
    solved = lambda a: fixed_point(lambda a: lambda x: (x + a / x) / 2, a, 1.0, lambda x, z: abs(x - z), 1e-12)
    with pytest.raises(TypeError, match=r"^jit: a branch"):
        jit(solved, backend=reference)(4.0)


def test_a_derivative_map_may_not_get_out(reference):
    with pytest.raises(TypeError, match=r"^jit: the function returned a method"):
        jit(lambda x: autograd.make_vjp(curve)(x)[0], backend=reference)(X)


@pytest.mark.parametrize("read", [
    lambda x, k: x[k].sum(), lambda x, k: x[k, None].sum(), lambda x, k: anp.take(x, k).sum(),
    lambda x, k: anp.tile(x, (3, 1))[[0, 1, 2], k].sum(),
])  # fmt: skip
def test_what_is_read_at_traced_places_and_only_added_up(read, backend):
    x, k = np.arange(5.0), np.array([1, 1, 3])
    assert_equal(jit(grad(read), backend=backend)(x, k), grad(read)(x, k))
    assert_equal(jit(autograd.jacobian(read), backend=backend)(x, k), autograd.jacobian(read)(x, k))

    w = Tensor(x, requires_grad=True)

    def step():
        w.grad = None
        read(w, k).backward()
        return w.grad

    np.testing.assert_array_equal(jit(step, backend=backend)().data, grad(read)(x, k))
