"""JAX, an independent engine with both modes, finds the same: forwards, backwards, one over the other, and over the complex numbers.

Each function is written once, for either NumPy; the derivatives of both are then taken by the transforms of the same name.
"""

import numpy as np
import pytest

import autograd as ag
import autograd.numpy as anp

jax = pytest.importorskip("jax")
jax.config.update("jax_enable_x64", True)
jax.config.update("jax_disable_jit", True)  # most of its time goes into compiling
jnp = jax.numpy

A = np.random.default_rng(1).standard_normal((6, 4))
X = np.random.default_rng(2).standard_normal((5, 2))
LABELS = np.array([0, 2, 1, 1, 0])


def log_softmax(xp, z):
    z = z - xp.max(z, axis=-1, keepdims=True)
    return z - xp.log(xp.sum(xp.exp(z), axis=-1, keepdims=True))


def iterated(xp, x):
    state = x[:3]
    for k in range(4):
        state = xp.tanh(state * x[3:] + xp.sin(x[k]) * state[::-1])
    return state


FUNCTIONS = {  # of six numbers
    "rosenbrock": lambda xp, x: xp.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2),
    "logistic regression": lambda xp, x: xp.sum(xp.logaddexp(0.0, -(x @ A))) + 0.1 * xp.dot(x, x),
    "cross-entropy": lambda xp, x: -xp.mean(log_softmax(xp, X @ xp.reshape(x, (2, 3)))[np.arange(5), LABELS]),
    "powers": lambda xp, x: xp.sum((x**2 + 1) ** 1.5 / (1 + xp.abs(x) ** 3) + (1 + x * x) ** xp.cos(x)),
    "pieces": lambda xp, x: xp.sum(xp.where(x > 0.2, xp.exp(-x), xp.maximum(x, -0.5) * xp.minimum(x, 0.9)) * xp.clip(x, -0.7, 0.7)),
    "extrema": lambda xp, x: xp.max(x) * xp.min(x * x) + xp.sum(xp.max(xp.outer(x, x), axis=0)),
    "moments": lambda xp, x: xp.std(x) * xp.var(xp.sin(x)) + xp.mean(x) ** 2 + xp.prod(1 + 0.1 * x),
    "matrices": lambda xp, x: xp.sum(xp.sin(xp.reshape(x, (2, 3)) @ A[:3] @ A[:4].T)),
    "stacked matrices": lambda xp, x: xp.matmul(xp.reshape(x, (3, 1, 1, 2)), xp.reshape(xp.outer(x[:2], x), (3, 2, 2)))[:, ::2],
    "shapes": lambda xp, x: xp.concatenate([xp.swapaxes(xp.reshape(x, (1, 2, 3)), 0, 2)[1:], xp.ones((1, 2, 1))], axis=0) ** 3,
    "borders": lambda xp, x: xp.pad(xp.expand_dims(x, 0), ((1, 0), (0, 2))) * xp.broadcast_to(xp.cos(x[:2, None]), (2, 8)),
    "parts": lambda xp, x: [a * xp.sum(b) for a, b in zip(xp.split(x, 3), xp.split(xp.exp(x), [1, 3]), strict=True)][1],
    "picks": lambda xp, x: (
        xp.take_along_axis(xp.outer(x[:2], xp.sin(x)), np.array([[0, 0, 5], [2, 1, 1]]), axis=1) * x[np.array([1, 4, 1])]
    ),
    "special": lambda xp, x: xp.arctan2(xp.sinh(x), xp.cosh(x)) + xp.log1p(x * x) * xp.expm1(x) + xp.arcsinh(x) * xp.hypot(x, 2.0),
    "inverse": lambda xp, x: xp.arcsin(xp.tanh(x)) + xp.arccos(0.5 * xp.sin(x)) + xp.arctanh(0.3 * xp.cos(x)) + xp.arccosh(2 + x * x),
    "iterated": iterated,
    "a number": lambda xp, x: xp.tan(0.3 * x[2]) * xp.sqrt(4 + x[0]),
}


def twins(*names):
    """Give a test both sides of all functions, or of some."""
    sides = [((lambda x, f=FUNCTIONS[name]: f(anp, x)), (lambda x, f=FUNCTIONS[name]: f(jnp, x))) for name in names or FUNCTIONS]
    return pytest.mark.parametrize(("ours", "theirs"), sides, ids=names or FUNCTIONS)


SOME = ["pieces", "moments", "stacked matrices", "picks", "iterated"]  # enough for what takes JAX long


def assert_equal(ours, theirs, rtol=1e-11):
    ours, theirs = np.asarray(ours), np.asarray(theirs)
    assert ours.shape == theirs.shape
    assert ours.dtype == theirs.dtype
    scale = np.abs(theirs).max(initial=1)
    np.testing.assert_allclose(ours, theirs, rtol=rtol, atol=rtol * scale)


@pytest.fixture
def x(rng):
    return rng.standard_normal(6)


def total(f):
    """A single value of all that f gives, each with its own weight."""

    def g(x):
        y = f(x)
        return (y * np.cos(np.arange(np.prod(np.shape(y), dtype=int))).reshape(np.shape(y))).sum()

    return g


# real functions


@twins()
def test_values_and_gradients(ours, theirs, x):
    value, gradient = ag.value_and_grad(total(ours))(x)
    wanted, wanted_gradient = jax.value_and_grad(total(theirs))(x)
    assert_equal(value, wanted)
    assert_equal(gradient, wanted_gradient)


@twins()
def test_tensors_have_the_same_gradients(ours, theirs, x):
    x = ag.Tensor(x, requires_grad=True)
    total(ours)(x).backward()
    assert_equal(x.grad.data, jax.grad(total(theirs))(x.numpy()))


@twins()
def test_jacobian_vector_products(ours, theirs, x, rng):
    v = rng.standard_normal(6)
    for got, wanted in zip(ag.make_jvp(ours)(x)(v), jax.jvp(theirs, (x,), (v,)), strict=True):
        assert_equal(got, wanted)
    assert_equal(ag.deriv(ours)(x), jax.jvp(theirs, (x,), (np.ones(6),))[1])


@twins()
def test_vector_jacobian_products(ours, theirs, x, rng):
    pull, y = ag.make_vjp(ours)(x)
    wanted_y, wanted_pull = jax.vjp(theirs, x)
    assert_equal(y, wanted_y)
    g = rng.standard_normal(np.shape(y))
    assert_equal(pull(g), wanted_pull(g)[0])


def columns(f):
    """JAX's Jacobian, one column at a time: all at once they would be compiled anew."""
    return lambda x: jnp.stack([jax.jvp(f, (x,), (unit,))[1] for unit in np.eye(6)], axis=-1)


@twins(*SOME)
def test_jacobians_and_hessians(ours, theirs, x):
    assert_equal(ag.jacobian(ours)(x), columns(theirs)(x))
    assert_equal(ag.hessian(ours)(x), columns(columns(theirs))(x))


@twins()
def test_hessian_vector_products_by_every_route(ours, theirs, x, rng):
    ours, theirs, v = total(ours), total(theirs), rng.standard_normal(6)
    wanted = jax.jvp(jax.grad(theirs), (x,), (v,))[1]
    assert_equal(ag.make_hvp(ours)(x)[0](v), wanted)
    assert_equal(ag.hessian_vector_product(ours)(x, v), wanted)
    assert_equal(ag.make_jvp(ag.grad(ours))(x)(v)[1], wanted)  # forwards over backwards
    assert_equal(ag.grad(lambda x: ag.make_jvp(ours)(x)(v)[1])(x), wanted)  # backwards over forwards
    assert_equal(ag.make_jvp(lambda x: ag.make_jvp(ours)(x)(v)[1])(x)(v)[1], v @ wanted)  # forwards over forwards


@twins(*SOME)
def test_third_derivatives(ours, theirs, x, rng):
    ours, theirs, v = total(ours), total(theirs), rng.standard_normal(6)
    wanted = jax.grad(lambda x: (jax.jvp(jax.grad(theirs), (x,), (v,))[1] * v).sum())(x)
    assert_equal(ag.grad(lambda x: (ag.hessian_vector_product(ours)(x, v) * v).sum())(x), wanted, rtol=1e-9)


@twins(*SOME)
def test_gauss_newton_products(ours, theirs, x, rng):
    v = rng.standard_normal(6)
    _, Jv = jax.jvp(theirs, (x,), (v,))
    loss = lambda y: (y * y * y).sum()
    HJv = jax.jvp(jax.grad(loss), (theirs(x),), (Jv,))[1]
    assert_equal(ag.make_ggnvp(ours, loss)(x)(v), jax.vjp(theirs, x)[1](HJv)[0])


def test_trees_of_arguments(rng):
    def loss(xp, p, x, scale):
        h = x
        for layer in p["layers"]:
            h = xp.tanh(h @ layer["w"] + layer["b"])
        return xp.sum(h**2) * scale + p["bias"]

    shapes = [(2, 3), (3, 4)]
    p = {"layers": [{"w": rng.standard_normal(s), "b": rng.standard_normal(s[1])} for s in shapes], "bias": 0.5}
    for argnums in 0, (0, 1), (2, 0):
        ours = ag.grad(lambda *args: loss(anp, *args), argnums)(p, X, 2.0)
        theirs = jax.grad(lambda *args: loss(jnp, *args), argnums)(p, X, 2.0)
        assert jax.tree.structure(ours) == jax.tree.structure(theirs)
        for got, wanted in zip(jax.tree.leaves(ours), jax.tree.leaves(theirs), strict=True):
            assert_equal(got, wanted)


@pytest.mark.parametrize("name", ["logistic regression", "moments", "matrices", "iterated", "picks"])
def test_single_precision(name, x):
    f, x = FUNCTIONS[name], x.astype(np.float32)
    single = lambda a: a.astype(np.float32)
    ours = ag.value_and_grad(lambda x: (f(anp, x).astype(np.float32)).sum())(x)
    theirs = jax.value_and_grad(lambda x: single(f(jnp, x)).sum())(x)
    for got, wanted in zip(ours, theirs, strict=True):
        assert_equal(got, wanted, rtol=1e-5)


KINKS = {
    "max of equals": (lambda xp, x: xp.max(x), [1.0, 2.0, 2.0]),
    "max of all equals": (lambda xp, x: xp.max(x, axis=-1), [3.0, 3.0, 3.0, 3.0]),
    "maximum of equals": (lambda xp, x: xp.sum(xp.maximum(x, x[::-1])), [1.0, 2.0, 1.0]),
    "a product of zeros": (lambda xp, x: xp.prod(x), [0.0, 2.0, 0.0]),
    "one zero in a product": (lambda xp, x: xp.prod(x), [4.0, 2.0, 0.0]),
    "0²": (lambda xp, x: xp.sum(x**2.0), [0.0, 1.0]),
    "where, off the branch": (lambda xp, x: xp.sum(xp.where(x > 0, xp.sqrt(xp.where(x > 0, x, 1.0)), 0.0)), [0.0, 4.0, -1.0]),
}


@pytest.mark.parametrize(("f", "point"), KINKS.values(), ids=KINKS)
def test_where_there_is_a_choice_it_is_the_same(f, point):
    x, v = np.array(point), np.arange(1.0, len(point) + 1)
    assert_equal(ag.grad(lambda x: f(anp, x))(x), jax.grad(lambda x: f(jnp, x))(x))
    assert_equal(ag.make_jvp(lambda x: f(anp, x))(x)(v)[1], jax.jvp(lambda x: f(jnp, x), (x,), (v,))[1])


# complex numbers: of a real u at x + iy, ∂u/∂x − i ∂u/∂y

B = A[:4] + 1j * A[2:]
HOLOMORPHIC = {  # of four complex numbers
    "polynomial": lambda xp, z: z**3 + 2j * z**2 - z,
    "quotient": lambda xp, z: (z + 1j) / (z * z + 3.0),
    "exponentials": lambda xp, z: xp.exp(1j * z) * xp.cosh(z) + xp.sinh(z) * xp.tanh(0.3 * z),
    "circles": lambda xp, z: xp.sin(z) * xp.cos(z) + xp.tan(0.3 * z),
    "roots and logarithms": lambda xp, z: xp.sqrt(z + 5) * xp.log(z + 5) + xp.log1p(z + 4),
    "powers": lambda xp, z: (z + 5) ** (0.5 - 1j) + (1.0 + 1j) ** z,
    "products": lambda xp, z: xp.prod(z) * (B @ z),
    "matrices": lambda xp, z: (xp.reshape(z, (2, 2)) @ B[:2] @ B[:, :2])[::-1],
    "shapes": lambda xp, z: xp.concatenate([z[1:], xp.stack([z[0], xp.sum(z)])]) * z[np.array([0, 0, 1, 2, 3])],
    "mean and dot": lambda xp, z: xp.mean(z) * xp.dot(z, z) + xp.outer(z, z)[1],
    "chosen": lambda xp, z: xp.where(np.array([True, False, True, False]), z * z, 1j * z),
}
REAL_VALUED = {
    "|z|²": lambda xp, z: xp.sum(xp.abs(z) ** 2),
    "|z|": lambda xp, z: xp.sum(xp.abs(xp.sin(z))),
    "parts": lambda xp, z: xp.sum(xp.real(z) ** 3 * xp.imag(z)),
    "angle": lambda xp, z: xp.sum(xp.angle(z * z)),
    "conjugate": lambda xp, z: xp.real(xp.sum(xp.conj(z) * (B @ z))),
    "log |f|": lambda xp, z: xp.sum(xp.log(xp.abs(z**2 + 2j))),
    "Rayleigh": lambda xp, z: xp.real(xp.conj(z) @ (B @ xp.conj(B).T) @ z) / xp.real(xp.conj(z) @ z),
    "std": lambda xp, z: xp.std(xp.real(z)) * xp.var(xp.imag(z)),
    "maximum": lambda xp, z: xp.max(xp.real(z)) * xp.min(xp.imag(z * z)),
}
MIXED = {  # neither real nor holomorphic
    "z̄ z²": lambda xp, z: xp.conj(z) * z**2,
    "z / |z|": lambda xp, z: z / xp.abs(z),
    "Re z + i sin Im z": lambda xp, z: xp.real(z) + 1j * xp.sin(xp.imag(z)),
}


@pytest.fixture
def z(rng):
    return rng.standard_normal(4) + 1j * rng.standard_normal(4)


def pair(f):
    return (lambda z: f(anp, z)), (lambda z: f(jnp, z))


@pytest.mark.parametrize("f", HOLOMORPHIC.values(), ids=HOLOMORPHIC)
def test_holomorphic_gradients(f, z):
    ours, theirs = pair(f)
    weights = np.arange(1, 1 + np.size(f(np, z))) * (1 - 0.5j)
    got = ag.holomorphic_grad(lambda z: (ours(z).ravel() * weights).sum())(z)
    assert_equal(got, jax.grad(lambda z: (theirs(z).ravel() * weights).sum(), holomorphic=True)(z))


@pytest.mark.parametrize("f", REAL_VALUED.values(), ids=REAL_VALUED)
def test_gradients_of_real_functions_of_complex_numbers(f, z):
    ours, theirs = pair(f)
    for got, wanted in zip(ag.value_and_grad(ours)(z), jax.value_and_grad(theirs)(z), strict=True):
        assert_equal(got, wanted)


@pytest.mark.parametrize("f", REAL_VALUED.values(), ids=REAL_VALUED)
def test_second_derivatives_through_complex_numbers(f, rng):
    c, x, v = rng.standard_normal(4), rng.standard_normal(4), rng.standard_normal(4)
    ours, theirs = (lambda x, g=g: g(x * (2 + 1j) + 1j * c) for g in pair(f))
    assert_equal(ag.grad(ours)(x), jax.grad(theirs)(x))
    wanted = jax.jvp(jax.grad(theirs), (x,), (v,))[1]
    assert_equal(ag.hessian_vector_product(ours)(x, v), wanted, rtol=1e-10)
    assert_equal(ag.make_jvp(ag.grad(ours))(x)(v)[1], wanted, rtol=1e-10)


ALL = HOLOMORPHIC | REAL_VALUED | MIXED


@pytest.mark.parametrize("f", ALL.values(), ids=ALL)
def test_both_products_with_complex_jacobians(f, z, rng):
    ours, theirs = pair(f)
    v = rng.standard_normal(4) + 1j * rng.standard_normal(4)
    for got, wanted in zip(ag.make_jvp(ours)(z)(v), jax.jvp(theirs, (z,), (v,)), strict=True):
        assert_equal(got, wanted)
    pull, y = ag.make_vjp(ours)(z)
    wanted_y, wanted_pull = jax.vjp(theirs, z)
    g = rng.standard_normal(np.shape(y)) + (1j * rng.standard_normal(np.shape(y)) if np.iscomplexobj(y) else 0)
    assert_equal(y, wanted_y)
    assert_equal(pull(g), wanted_pull(g)[0])


@pytest.mark.parametrize("f", HOLOMORPHIC.values(), ids=HOLOMORPHIC)
def test_complex_jacobians(f, z):
    ours, theirs = pair(f)
    assert_equal(ag.jacobian(ours)(z), jax.jacobian(theirs, holomorphic=True)(z))
