"""Derivatives of one's own, as HIPS autograd's users write them: each primitive is an op like any other."""

import functools
import itertools
import weakref

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import Tensor, draw, grad, hessian, jacobian, make_jvp
from autograd.extend import def_linear, defjvp, defvjp, defvjp_argnum, notrace_primitive, primitive
from autograd.op import TABLE
from autograd.test_util import check_grads


@pytest.fixture(autouse=True)
def _table_as_before():
    before = dict(TABLE)
    yield
    TABLE.clear()
    TABLE.update(before)


@pytest.fixture
def logsumexp():
    @primitive
    def logsumexp(x):
        m = np.max(x)
        return m + np.log(np.sum(np.exp(x - m)))

    defvjp(logsumexp, lambda ans, x: lambda g: g * anp.exp(x - ans))
    return logsumexp


def test_a_primitive_on_plain_values_is_the_function(logsumexp):
    assert logsumexp(np.zeros(2)) == np.log(2)
    assert logsumexp.__name__ == "logsumexp"


def test_every_order_and_both_directions(logsumexp):
    check_grads(logsumexp, order=3)(np.array([0.5, -1.0, 2.0]))
    x, v = np.array([0.5, -1.0, 2.0]), np.array([1.0, 2.0, 3.0])
    np.testing.assert_allclose(make_jvp(logsumexp)(x)(v)[1], grad(logsumexp)(x) @ v)
    np.testing.assert_allclose(hessian(logsumexp)(x), np.diag(grad(logsumexp)(x)) - np.outer(grad(logsumexp)(x), grad(logsumexp)(x)))


def test_it_stands_in_the_table_beside_ours_and_is_drawn(logsumexp):
    assert TABLE["logsumexp"] is not logsumexp.op
    assert TABLE[logsumexp.op.name] is logsumexp.op
    assert logsumexp.op.name in str(draw(logsumexp(Tensor([1.0, 2.0], requires_grad=True))))


def test_only_arguments_that_are_traced_need_a_derivative():
    @primitive
    def power(x, n):
        return x**n

    defvjp(power, lambda ans, x, n: lambda g: g * n * x ** (n - 1))
    assert grad(power)(3.0, 2) == 6
    with pytest.raises(NotImplementedError, match=r"power: no derivative with respect to argument 1; give it by defvjp"):
        grad(power, 1)(3.0, 2.0)
    defvjp(power, None, argnums=[1])
    assert grad(power, 1)(3.0, 2.0) == 0


def test_several_traced_arguments_and_options():
    @primitive
    def mix(x, y, weight=0.5):
        return weight * x + (1 - weight) * y * y

    defvjp(mix, lambda ans, x, y, weight: lambda g: g * weight, lambda ans, x, y, weight: lambda g: g * (1 - weight) * 2 * y)
    assert grad(mix, (0, 1))(3.0, 5.0, weight=0.25) == (0.25, 7.5)
    assert grad(grad(mix, 1), 1)(3.0, 5.0, weight=0.25) == 1.5
    with pytest.raises(TypeError, match="mix: a Tensor in a container or a keyword would cut the graph"):
        mix(1.0, 2.0, weight=Tensor(0.5))
    with pytest.raises(TypeError, match="mix: a Tensor in a container"):
        mix([Tensor(1.0)], 2.0)


def test_forward_derivatives_of_ones_own():
    calls = []

    @primitive
    def cube(x):
        return x**3

    defjvp(cube, lambda t, ans, x: calls.append(1) or 3 * x**2 * t)
    assert make_jvp(cube)(2.0)(10.0) == (8, 120)
    assert calls == [1]
    assert make_jvp(lambda x: make_jvp(cube)(x)(1.0)[1])(2.0)(1.0)[1] == 12
    with pytest.raises(NotImplementedError, match="cube: no derivative"):
        grad(cube)(2.0)


def test_linear_primitives():
    @primitive
    def bilinear(a, b):
        return a @ b

    def_linear(bilinear)
    defvjp_argnum(bilinear, lambda argnum, ans, args, kwargs: lambda g: anp.outer(g, args[1]) if argnum == 0 else args[0].T @ g)
    A, b = np.arange(6.0).reshape(2, 3), np.ones(3)
    np.testing.assert_allclose(jacobian(bilinear, 1)(A, b), A)
    np.testing.assert_allclose(make_jvp(bilinear, (0, 1))(A, b)((A, b))[1], 2 * A @ b)


def test_a_constant_function_of_ones_own():
    kind = notrace_primitive(lambda x: type(x))
    assert kind(Tensor([1.0], requires_grad=True)) is np.ndarray
    assert kind(Tensor(1.0, requires_grad=True)) is np.float64


@pytest.mark.parametrize(
    ("returned", "error", "match"),
    [
        (lambda g, x: np.ones(3), ValueError, r"returned shape \(3,\), wanted \(2,\)"),
        (lambda g, x: None, TypeError, r"returned None, wanted an array of shape \(2,\)"),
        (lambda g, x: g.astype(np.float32), TypeError, "returned dtype float32, wanted float64"),
    ],
)
def test_a_wrong_derivative_is_named(returned, error, match):
    @primitive
    def doubled(x):
        return 2 * x

    defvjp(doubled, lambda ans, x: lambda g: returned(g, x))
    with pytest.raises(error, match=f"(?s)derivative of doubled.*{match}"):
        jacobian(doubled)(np.ones(2))


def test_only_primitives_and_functions_are_taken():
    with pytest.raises(TypeError, match=r"defvjp: got <function .*, wanted a function decorated with @primitive"):
        defvjp(test_a_constant_function_of_ones_own, None)
    doubled = primitive(lambda x: 2 * x)
    with pytest.raises(TypeError, match="defvjp: for argument 0 got 3, wanted a function"):
        defvjp(doubled, 3)
    with pytest.raises(TypeError, match="defjvp: for argument 0 got 'sme', wanted a function"):
        defjvp(doubled, "sme")


def test_primitives_nest_in_functions_of_containers():
    @primitive
    def dot(a, b):
        return a @ b

    defvjp(dot, lambda ans, a, b: lambda g: g * b, lambda ans, a, b: lambda g: g * a)
    loss = lambda p: dot(p["w"], p["x"]) ** 2
    g = grad(loss)({"w": np.array([1.0, 2.0]), "x": np.array([3.0, 4.0])})
    assert [a.tolist() for a in itertools.chain(g.values())] == [[66, 88], [22, 44]]


@pytest.mark.parametrize(
    ("jvp", "error", "match"),
    [
        (lambda t, ans, x: t.sum(), ValueError, r"returned shape \(\), wanted \(2,\)"),
        (lambda t, ans, x: None, TypeError, r"doubled: defjvp for argument 0 gave None, wanted .*\(2,\)"),
        (lambda t, ans, x: 5.0, TypeError, "gave 5.0"),
    ],
)
def test_a_wrong_forward_derivative_is_named(jvp, error, match):
    @primitive
    def doubled(x):
        return 2 * x

    defjvp(doubled, jvp)
    with pytest.raises(error, match=match):
        make_jvp(doubled)(np.ones(2))(np.ones(2))


def test_methods_and_nameless_functions():
    class Model:
        @primitive
        def scaled(self, x):
            return 3 * x

    defvjp(vars(Model)["scaled"], lambda ans, self, x: lambda g: 3 * g, argnums=[1])
    assert grad(Model().scaled)(2.0) == 3
    half = primitive(functools.partial(np.multiply, 0.5))
    defvjp(half, lambda ans, x: lambda g: 0.5 * g)
    assert grad(half)(2.0) == 0.5


def test_the_graph_keeps_no_tensor():
    @primitive
    def doubled(x):
        return 2 * x

    defvjp(doubled, lambda ans, x: lambda g: 2 * g)
    x = Tensor(1.0, requires_grad=True)
    inner = x * 1.0
    gone = weakref.ref(inner)
    y = doubled(inner)
    del inner
    assert gone() is None
    y.backward()
    assert x.grad.item() == 2
