"""Containers as rows, optimisers of functions, fixed points: as HIPS autograd's users call them."""

from collections import OrderedDict
from typing import NamedTuple

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import Tensor, grad, jacobian, make_jvp
from autograd.misc import const_graph, flatten
from autograd.misc.fixed_points import fixed_point
from autograd.misc.flatten import flatten_func
from autograd.misc.optimizers import adam, rmsprop, sgd
from autograd.test_util import check_grads


class Layer(NamedTuple):
    w: np.ndarray
    b: float


CONTAINER = {"b": [1.0, (np.array([[2.0, 3.0], [4.0, 5.0]]), 6.0)], "a": Layer(np.array([7.0]), 8.0), "empty": ()}


# -- flatten ------------------------------------------------------------------------------------------------------------------------------


def test_a_container_becomes_a_row_in_the_order_of_its_keys():
    row, unflatten = flatten(CONTAINER)
    np.testing.assert_array_equal(row, [7, 8, 1, 2, 3, 4, 5, 6])
    back = unflatten(row)
    assert list(back) == ["b", "a", "empty"]
    assert type(back["a"]) is Layer
    assert type(back["a"].b) is np.float64
    np.testing.assert_array_equal(back["b"][1][0], CONTAINER["b"][1][0])
    np.testing.assert_array_equal(flatten(back)[0], row)


@pytest.mark.parametrize("value", [2.0, np.ones((2, 3)), np.array(2.0), [], {}, OrderedDict(b=1.0, a=2.0), Tensor([[1.0, 2.0]])])
def test_whatever_is_flattened_comes_back(value):
    row, unflatten = flatten(value)
    assert row.ndim == 1
    back = unflatten(row)
    assert type(back) is (np.float64 if isinstance(value, float) else type(value)) or np.ndim(value) == 0
    np.testing.assert_array_equal(flatten(back)[0], row)


def test_dtypes_come_back_and_whole_numbers_as_floats():
    row, unflatten = flatten([np.float32([1, 2]), 3, 1j])
    assert row.dtype == complex
    single, whole, z = unflatten(row)
    assert single.dtype == np.float32
    assert whole == 3
    assert z == 1j


def test_flattening_is_differentiable_both_ways():
    def loss(p):
        row, unflatten = flatten(p)
        q = unflatten(row**2)
        return q["w"].sum() * q["b"]

    g = grad(loss)({"w": np.array([1.0, 2.0]), "b": 3.0})
    np.testing.assert_allclose(g["w"], [18, 36])
    assert g["b"] == 30
    row, unflatten = flatten({"w": np.array([1.0, 2.0]), "b": 3.0})
    check_grads(lambda row: anp.sin(unflatten(row)["w"]) * unflatten(row)["b"])(row)


def test_what_is_no_number_and_what_is_no_row_is_said():
    with pytest.raises(TypeError, match=r"got a str \('relu'\)"):
        flatten({"w": 1.0, "kind": "relu"})
    with pytest.raises(ValueError, match=r"got shape \(3,\), wanted \(2,\)"):
        flatten([1.0, 2.0])[1](np.zeros(3))


def test_a_function_of_containers_becomes_one_of_rows():
    of_row, unflatten, row = flatten_func(lambda p, k: {"y": k * p["x"], "x": p["x"] ** 2}, {"x": np.array([1.0, 2.0])})
    np.testing.assert_array_equal(of_row(row, 10), [1, 4, 10, 20])
    np.testing.assert_array_equal(unflatten(row)["x"], row)
    np.testing.assert_allclose(jacobian(of_row)(row, 10), [[2, 0], [0, 4], [10, 0], [0, 10]])


def test_const_graph_is_the_function_itself():
    f = const_graph(lambda a, x: a * x**2, 3.0)
    assert grad(f)(2.0) == 12
    assert f(5.0) == 75


# -- optimisers ---------------------------------------------------------------------------------------------------------------------------


def hips(kind, grad, x, num_iters):
    """The formulas of the three, written out for one number."""
    v = m = s = 0.0
    if kind == "rmsprop":
        s = 1.0
    for i in range(num_iters):
        g = grad(x)
        if kind == "sgd":
            v = 0.9 * v - 0.1 * g
            x += 0.05 * v
        elif kind == "rmsprop":
            s = 0.9 * s + 0.1 * g * g
            x -= 0.05 * g / (s**0.5 + 1e-8)
        else:
            m, s = 0.9 * m + 0.1 * g, 0.999 * s + 0.001 * g * g
            x -= 0.05 * (m / (1 - 0.9 ** (i + 1))) / ((s / (1 - 0.999 ** (i + 1))) ** 0.5 + 1e-8)
    return x


@pytest.mark.parametrize("optimizer", [sgd, rmsprop, adam])
def test_steps_are_those_of_the_formulas(optimizer):
    found = optimizer(lambda p, i: {"w": 4 * p["w"] ** 3 - 1}, {"w": np.array([1.0, -0.5])}, num_iters=7, step_size=0.05)
    wanted = [hips(optimizer.__name__, lambda x: 4 * x**3 - 1, x, 7) for x in (1.0, -0.5)]
    np.testing.assert_allclose(found["w"], wanted, rtol=1e-13)


@pytest.mark.parametrize("optimizer", [sgd, rmsprop, adam])
def test_the_callback_sees_containers_before_each_step(optimizer):
    seen = []
    start = {"w": np.array([1.0]), "b": (2.0,)}
    optimizer(grad(lambda p, i: (p["w"] ** 2).sum() + i * p["b"][0]), start, lambda x, i, g: seen.append((x, i, g)), 3, 0.1)
    assert [i for _, i, _ in seen] == [0, 1, 2]
    assert seen[0][0]["w"] == 1
    assert [g["b"][0] for _, _, g in seen] == [0, 1, 2]
    assert seen[0][2]["w"] == 2
    assert seen[1][0]["w"] < 1


def test_an_optimisation_is_differentiable():
    def final(rate):
        return sgd(lambda x, i: 2 * x, 1.0, None, 3, rate)

    check_grads(final)(0.1)


def test_single_precision_stays():
    assert adam(lambda x, i: 2 * x, np.ones(2, np.float32), num_iters=2).dtype == np.float32


# -- fixed points -------------------------------------------------------------------------------------------------------------------------


def newton(a):
    return lambda x: (x + a / x) / 2


def far(x, z):
    return np.max(np.abs(x - z))


def test_a_fixed_point_is_differentiable_to_any_order_in_both_modes():
    root = lambda a: fixed_point(newton, a, 1.0, far, 1e-13)
    assert root(4.0) == pytest.approx(2, rel=1e-12)
    assert grad(root)(4.0) == pytest.approx(1 / 4, rel=1e-10)
    assert grad(grad(root))(4.0) == pytest.approx(-1 / 32, rel=1e-9)
    assert grad(grad(grad(root)))(4.0) == pytest.approx(3 / 256, rel=1e-8)
    assert make_jvp(root)(4.0)(2.0)[1] == pytest.approx(1 / 2, rel=1e-10)


def test_a_fixed_point_of_an_array_and_of_a_container():
    A = np.array([[0.2, 0.1], [-0.3, 0.4]])
    solve = lambda b: fixed_point(lambda b: lambda x: A @ x + b, b, np.zeros(2), far, 1e-14)
    np.testing.assert_allclose(jacobian(solve)(np.ones(2)), np.linalg.inv(np.eye(2) - A), rtol=1e-11)

    def of_container(b):
        f = lambda b: lambda p: {"x": 0.5 * anp.cos(p["y"]), "y": b * p["x"] + 0.1}
        p = fixed_point(f, b, {"x": 0.0, "y": 0.0}, lambda p, q: max(abs(p[k] - q[k]) for k in p), 1e-14)
        return p["x"] * p["y"]

    check_grads(of_container)(0.3)


def test_what_the_function_closes_over_gets_its_gradient():
    w = Tensor(4.0, requires_grad=True)
    y = fixed_point(lambda a: lambda x: (x + w * a / x) / 2, 1.0, 1.0, far, 1e-13)
    y.backward()
    assert float(w.grad) == pytest.approx(1 / 4, rel=1e-10)
    assert grad(lambda w: fixed_point(lambda _: newton(w), 0.0, 1.0, far, 1e-13))(4.0) == pytest.approx(1 / 4, rel=1e-10)
