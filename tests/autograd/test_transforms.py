"""Derivatives of functions: results in the types of the arguments, to any order, through closures and containers, touching no `.grad`."""

import copy
from collections import Counter, OrderedDict
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import pytest

import autograd as ag
import autograd.numpy as anp
from autograd import Tensor, no_grad


class Pair(NamedTuple):
    w: float
    b: float


@dataclass
class Layer:
    w: np.ndarray
    name: str


def cube(x):
    return (x * x * x).sum() if np.ndim(x) else x * x * x


@pytest.mark.parametrize(
    ("x", "kind"),
    [(2.0, np.float64), (np.float32(2), np.float32), (np.array([2.0]), np.ndarray), (np.array(2.0), np.ndarray), (Tensor(2.0), Tensor)],
)
def test_a_gradient_has_the_type_of_its_argument(x, kind):
    g = ag.grad(cube)(x)
    assert type(g) is kind
    assert np.shape(g) == np.shape(x)
    assert float(np.ravel(np.asarray(g))[0]) == 12


def test_to_the_third_order():
    assert ag.grad(ag.grad(ag.grad(cube)))(2.0) == 6
    assert type(ag.grad(ag.grad(cube))(2.0)) is np.float64


@pytest.mark.parametrize(("argnum", "wanted"), [(0, 3.0), (1, 2.0), (-1, 2.0), ((0, 1), (3.0, 2.0)), ([1, 0], (2.0, 3.0)), ((1,), (2.0,))])
def test_argnum(argnum, wanted):
    assert ag.grad(lambda a, b: a * b, argnum)(2.0, 3.0) == wanted


def test_argnum_out_of_range():
    with pytest.raises(TypeError, match="argnum=2, but the function was called with 1"):
        ag.grad(cube, 2)(1.0)


@pytest.mark.parametrize(
    ("x", "wanted"),
    [
        ({"w": 2.0, "b": 3.0}, {"w": 3.0, "b": 2.0}),
        ((2.0, [3.0]), (3.0, [2.0])),
        (Pair(2.0, 3.0), Pair(3.0, 2.0)),
        (OrderedDict(w=2.0, b=3.0), OrderedDict(w=3.0, b=2.0)),
        ({"w": 2.0, "b": 3.0, "steps": 7, "note": "hi", "none": None}, {"w": 3.0, "b": 2.0, "steps": None, "note": "hi", "none": None}),
    ],
)
def test_containers_come_back_as_they_are(x, wanted):
    def product(tree):
        leaves = []
        ag.tree.map_leaves(lambda a: leaves.append(a) if isinstance(a, Tensor) else None, tree)
        return leaves[0] * leaves[1]

    g = ag.grad(product)(x)
    assert g == wanted
    assert type(g) is type(wanted)


def test_dataclasses_too():
    g = ag.grad(lambda layer: (layer.w * layer.w).sum())(Layer(np.array([1.0, 2.0]), "first"))
    assert g.w.tolist() == [2, 4]
    assert g.name == "first"


def test_perturbations_are_not_confused():
    assert ag.grad(lambda x: x * ag.grad(lambda y: x + y)(1.0))(1.0) == 1
    assert ag.grad(lambda x: x * ag.grad(lambda y: x * y)(2.0))(3.0) == 6


def test_closures_keep_their_history():
    w = Tensor(3.0, requires_grad=True)
    g = ag.grad(lambda x: w * x * x)(2.0)
    assert g.requires_grad
    g.backward()
    assert w.grad.item() == 4
    assert not isinstance(ag.grad(lambda x: w.detach().item() * x * x)(2.0), Tensor)


def test_a_gradient_penalty():
    w = Tensor([1.0, 2.0], requires_grad=True)
    x = Tensor([3.0, 4.0])
    penalty = (ag.grad(lambda x: anp.tanh(w @ x))(x) ** 2).sum()
    penalty.backward()

    def by_hand(w):
        slope = (1 - np.tanh(w @ x.data) ** 2) * w
        return (slope**2).sum()

    eps = 1e-6
    numeric = [(by_hand(w.data + eps * e) - by_hand(w.data - eps * e)) / (2 * eps) for e in np.eye(2)]
    np.testing.assert_allclose(w.grad.data, numeric, atol=1e-9)


def test_no_grad_outside_does_not_matter_and_grad_stays_untouched():
    x = Tensor([1.0, 2.0], requires_grad=True)
    with no_grad():
        assert ag.grad(cube)(x).tolist() == [3, 12]
    assert x.grad is None


def test_value_and_grad_and_aux():
    y, g = ag.value_and_grad(cube)(np.array([1.0, 2.0]))
    assert (type(y), y) == (np.float64, 9.0)
    assert g.tolist() == [3, 12]
    g, aux = ag.grad_and_aux(lambda x: (cube(x), {"doubled": 2 * x}))(3.0)
    assert (g, aux) == (27, {"doubled": 6.0})


def test_jacobian_and_hessian(rng):
    A, x = rng.standard_normal((2, 3)), rng.standard_normal(3)
    np.testing.assert_allclose(ag.jacobian(lambda x: anp.sin(A @ x))(x), np.cos(A @ x)[:, None] * A)
    np.testing.assert_allclose(ag.hessian(lambda x: anp.exp(A @ x).sum())(x), A.T @ np.diag(np.exp(A @ x)) @ A)
    assert ag.jacobian(lambda X: X.T)(np.ones((2, 3))).shape == (3, 2, 2, 3)
    assert ag.jacobian(lambda x: x[:0])(x).shape == (0, 3)


def test_products_agree_with_matrices(rng):
    A, x, v, u = rng.standard_normal((2, 3)), rng.standard_normal(3), rng.standard_normal(3), rng.standard_normal(2)

    def f(x):
        return anp.tanh(A @ x)

    def s(x):
        return anp.exp(A @ x).sum()

    J, H = ag.jacobian(f)(x), ag.hessian(s)(x)
    vjp, y = ag.make_vjp(f)(x)
    np.testing.assert_allclose(vjp(u), u @ J)
    np.testing.assert_allclose(y, np.tanh(A @ x))
    np.testing.assert_allclose(ag.make_jvp(f)(x)(v)[1], J @ v)
    hvp, g = ag.make_hvp(s)(x)
    np.testing.assert_allclose(hvp(v), H @ v)
    np.testing.assert_allclose(g, ag.grad(s)(x))
    np.testing.assert_allclose(ag.hessian_vector_product(s)(x, v), H @ v)
    np.testing.assert_allclose(ag.vector_jacobian_product(f)(x, u), u @ J)
    np.testing.assert_allclose(ag.make_ggnvp(f)(x)(v), J.T @ J @ v)
    np.testing.assert_allclose(ag.deriv(f)(x), J @ np.ones(3))


def test_by_name():
    assert ag.grad_named(lambda a, b: a * b, "b")(2.0, 3.0) == 2
    with pytest.raises(TypeError, match="no argument 'c'; it has a, b"):
        ag.grad_named(lambda a, b: a * b, "c")
    assert ag.multigrad_dict(lambda a, b=3.0: a * b)(2.0) == {"a": 3, "b": 2}


def test_an_independent_output_warns_and_gives_zero():
    with pytest.warns(UserWarning, match="does not depend"):
        assert ag.grad(lambda _: 3.0)(2.0) == 0


def weighted(p):
    return p["w"].sum() * p["b"]


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (lambda: ag.grad(cube)(3), "no real number to differentiate by .argument 0 is 3.; use floats"),
        (lambda: ag.grad(lambda x: x)(np.ones(2)), r"returned shape \(2,\), wanted a single real value; use jacobian"),
        (lambda: ag.grad(lambda x: (x, x))(1.0), "returned tuple, wanted a single real value"),
        (
            lambda: ag.grad(lambda p: p["w"].sum() * p["b"])({"w": np.array([5, 7]), "b": 2.0}),
            r"integers of shape \(2,\), which have no derivative",
        ),
        (lambda: ag.grad(lambda a, b: a * b, (0, 1))(5, 2.0), "argument 0 is 5"),
        (lambda: ag.grad(lambda x: None)(1.0), "returned None, wanted numbers; is a return missing"),
        (lambda: ag.jacobian(lambda x: "a")(np.ones(2)), "returned str, wanted numbers"),
        (lambda: ag.jacobian(np.sin)([1.0, 2.0]), "got a list as the argument"),
        (lambda: ag.grad(3.0), r"got float, wanted a function; call it as grad\(f\)\(x\)"),
        (lambda: ag.jacobian(lambda x: (x, x))(np.ones(2)), "the function returned a tuple, wanted an array in and an array out"),
    ],
)
def test_mistakes_are_explained(call, match):
    with pytest.raises(TypeError, match=match):
        call()


def test_a_cotangent_of_the_wrong_shape():
    vjp, _ = ag.make_vjp(lambda x: x * 2)(np.ones(2))
    with pytest.raises(ValueError, match=r"shape \(3,\), wanted \(2,\)"):
        vjp(np.ones(3))


def test_only_the_path_to_the_argument_is_walked():
    calls = []

    @ag.general(lambda g, x: calls.append(1) or g * x)
    def watched(x, /):
        return x * 1.0

    try:
        w = Tensor(2.0, requires_grad=True)
        ag.grad(lambda x: x * watched(w))(3.0)
        assert calls == []
    finally:
        ag.op.TABLE.pop("watched")


def tripled_in_place(x):
    x *= 3.0
    return (x * x).sum()


def test_functions_may_rebind_their_argument():
    np.testing.assert_allclose(ag.hessian(lambda x: tripled_in_place(x * 1))(np.array([1.0, 2.0])), 18 * np.eye(2))
    assert ag.grad(tripled_in_place)(Tensor([1.0, 2.0], requires_grad=True)).tolist() == [18, 36]


def test_parts_are_paired_by_name():
    p = {"a": 2.0, "b": 3.0}
    assert ag.make_jvp(lambda p: p["a"] * p["b"])(p)({"b": 10.0, "a": 1.0})[1] == 23
    assert ag.make_vjp(lambda a: {"u": a * 2, "v": a * 3})(1.0)[0]({"v": 10.0, "u": 1.0}) == 32
    with pytest.raises(ValueError, match="wanted a dict of 'a', 'b'"):
        ag.make_jvp(lambda p: p["a"] * p["b"])(p)({"c": 10.0, "d": 1.0})
    with pytest.raises(ValueError, match="wanted a tuple of 0, 1"):
        ag.make_vjp(lambda a: (a, a))(1.0)[0]([1.0])


def test_counters_are_containers_too():
    assert ag.grad(lambda p: p["a"] ** 2)(Counter(a=3.0)) == Counter(a=6.0)


def test_an_argument_named_twice():
    with pytest.raises(TypeError, match="names an argument twice"):
        ag.grad(lambda a, b: a * b, (0, -2))(2.0, 3.0)


def test_a_tall_jacobian_is_built_by_columns(rng):
    A = rng.standard_normal((5, 2))
    for kind in lambda x: x, Tensor:
        np.testing.assert_allclose(np.asarray(ag.jacobian(lambda x: anp.sin(A @ x))(kind(np.ones(2)))), np.cos(A.sum(1))[:, None] * A)
    tall = ag.jacobian(lambda x: A @ (x * x))
    np.testing.assert_allclose(ag.jacobian(lambda x: tall(x).sum())(np.ones(2)), 2 * A.sum(0))


def test_tangents_of_containers_and_of_what_does_not_depend():
    y, t = ag.make_jvp(lambda p: {"double": 2 * p["w"], "other": p["n"] + 1.0})({"w": 3.0, "n": 4})({"w": 10.0, "n": None})
    assert (y, t) == ({"double": 6, "other": 5}, {"double": 20, "other": 0})


def test_forward_mode_through_a_closure_keeps_its_history():
    w = Tensor(3.0, requires_grad=True)
    t = ag.make_jvp(lambda x: w * x * x)(2.0)(1.0)[1]
    t.backward()
    assert (t.item(), w.grad.item()) == (12, 4)


def test_forward_mode_takes_zero_times_infinity_as_zero():
    f = lambda x: anp.where(x > 0, anp.sqrt(x), 0.0 * x)
    assert ag.make_jvp(f)(np.array([0.0, 4.0]))(np.array([1.0, 1.0]))[1].tolist() == [0, 0.25]
    assert ag.make_jvp(anp.sqrt)(np.array([0.0, 4.0]))(np.array([0.0, 1.0]))[1].tolist() == [0, 0.25]


@pytest.mark.parametrize(
    ("v", "match"),
    [
        (np.ones(3), r"make_jvp: got a tangent of shape \(3,\), wanted \(2,\), the shape of the argument"),
        (np.ones(2) * 1j, "make_jvp: got a complex tangent, wanted float64; take its real part"),
    ],
)
def test_wrong_tangents(v, match):
    with pytest.raises((ValueError, TypeError), match=match):
        ag.make_jvp(anp.sin)(np.ones(2))(v)


# complex numbers: ∂L/∂x − i ∂L/∂y


def test_the_convention_for_complex_numbers():
    z = 1.0 + 2.0j
    assert ag.grad(lambda z: z.real**2 + 3 * z.imag)(z) == 2 - 3j
    assert ag.grad(lambda z: abs(z) ** 2)(z) == pytest.approx(2 * z.conjugate())
    assert ag.grad(anp.angle)(z) == pytest.approx(-1j / z)
    assert ag.holomorphic_grad(lambda z: anp.exp(2 * z))(z) == pytest.approx(2 * np.exp(2 * z))
    assert ag.holomorphic_grad(lambda z: z.conj())(z) == 1  # not holomorphic: what is computed is the derivative of the real part


def test_real_and_complex_arguments_mix(rng):
    x, z = rng.standard_normal(3), rng.standard_normal(3) + 1j * rng.standard_normal(3)
    loss = lambda x, z: abs(anp.sin(x) * z + x) ** 2
    g_x, g_z = ag.grad(lambda x, z: loss(x, z).sum(), (0, 1))(x, z)
    assert (g_x.dtype, g_z.dtype) == (float, complex)
    inside = np.sin(x) * z + x
    np.testing.assert_allclose(g_x, 2 * (inside.conj() * (np.cos(x) * z + 1)).real)
    np.testing.assert_allclose(g_z, 2 * inside.conj() * np.sin(x))
    t = ag.make_jvp(lambda x: anp.sin(x) * z)(x)(np.ones(3))[1]
    np.testing.assert_allclose(t, np.cos(x) * z)


def test_a_complex_loss_and_a_real_argument_of_holomorphic_grad():
    with pytest.raises(TypeError, match=r"returned a complex value, wanted a real one.*holomorphic_grad"):
        ag.grad(lambda z: z * z)(1j)
    with pytest.warns(UserWarning, match="holomorphic_grad: the argument is real; use grad"):
        ag.holomorphic_grad(lambda x: x * x)(2.0)


# what an attack has found


def test_an_aux_has_its_history():
    assert ag.grad(lambda w: ag.grad_and_aux(lambda x: (x**2, w * x))(2.0)[1])(3.0) == 2
    with pytest.raises(TypeError, match=r"grad_and_aux: the function returned \w+, wanted a pair"):
        ag.grad_and_aux(lambda x: x**2)(2.0)


def test_jacobians_of_complex_values_keep_both_parts():
    x = np.array([1.0, 2.0])
    np.testing.assert_array_equal(ag.jacobian(lambda x: x * (1 + 2j))(3.0), 1 + 2j)
    np.testing.assert_array_equal(ag.jacobian(lambda x: x * (1 + 2j))(x), (1 + 2j) * np.eye(2))
    np.testing.assert_array_equal(ag.hessian(lambda x: (x**2).sum() * (1 + 1j))(x), (2 + 2j) * np.eye(2))
    np.testing.assert_array_equal(ag.jacobian(lambda z: anp.stack([z.imag, z.imag, z.imag]))(1 + 2j), np.full(3, -1j))
    np.testing.assert_allclose(ag.jacobian(lambda z: anp.stack([abs(z) ** 2, abs(z)]))(3 + 4j), [6 - 8j, 0.6 - 0.8j])


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy], ids=["copy", "deepcopy"])
def test_copies_inside_a_transform_stay_in_its_graph(duplicate):
    assert ag.grad(lambda x: (duplicate(x) * x).sum())(np.array([1.0, 2.0])).tolist() == [2, 4]
    assert ag.grad(lambda p: duplicate(p)["w"] ** 2)({"w": 3.0}) == {"w": 6}


@dataclass
class Scaled:
    w: float
    scale: float = field(default=1.0, init=False)


def test_every_field_of_a_dataclass_counts():
    p = Scaled(2.0)
    p.scale = 10.0
    value, g = ag.value_and_grad(lambda p: p.w * p.scale)(p)
    assert (value, g.w, g.scale) == (20, 10, 2)


def test_the_argument_is_not_written():
    x = np.array([1.0, 2.0])

    def f(x):
        with no_grad():
            x += 1.0
        return (x * x).sum()

    with pytest.raises(ValueError, match="read-only; write into a"):
        ag.grad(f)(x)
    assert ag.grad(tripled_in_place)(x).tolist() == [18, 36]
    assert x.tolist() == [1, 2]


@pytest.mark.parametrize("leaf", [np.array([1.0], object), {1.0}, range(3)], ids=["objects", "set", "range"])
def test_what_might_hold_numbers_is_not_passed_through(leaf):
    with pytest.raises(TypeError, match=r"grad: the argument holds a \w+, in which no numbers are looked for"):
        ag.grad(lambda p: p["w"] ** 2)({"w": 2.0, "other": leaf})


def test_none_is_no_tangent():
    with pytest.raises(TypeError, match=r"make_jvp: got a tangent None, wanted numbers of shape \(\)"):
        ag.make_jvp(lambda p: p["a"] * p["b"])({"a": 1.0, "b": 2.0})({"a": 1.0, "b": None})


def test_no_grad_outside_cuts_closures():
    w = Tensor(2.0, requires_grad=True)
    with no_grad():
        assert not isinstance(ag.grad(lambda x: x * w)(3.0), Tensor)


def test_second_order_passes_over_what_is_no_number():
    x = np.array([1.0, 2.0])
    p = {"w": x, "b": None}
    hvp, g = ag.make_hvp(lambda p: (p["w"] ** 3).sum())(p)
    assert g["b"] is None
    assert hvp(p)["w"].tolist() == [6, 24]
    assert ag.hessian_vector_product(lambda p: (p["w"] ** 3).sum())(p, p)["w"].tolist() == [6, 24]


@pytest.mark.parametrize("argnum", ["b", None, 1.0])
def test_argnum_is_a_position(argnum):
    with pytest.raises(TypeError, match="wanted the position of an argument, or several"):
        ag.grad(lambda a, b: a * b, argnum)(2.0, 3.0)


@pytest.mark.parametrize(
    ("f", "wanted"),
    [
        (lambda x: anp.where(np.array([True, False]), [x, 1.0], 0.0).sum(), 1),
        (lambda x: anp.stack([[x, 1.0], [2.0, x]]).sum(), 2),
        (lambda x: anp.dot([x, 1.0], [2.0, x]), 3),
        (lambda x: anp.mean([x, 1.0]), 0.5),
        (lambda x: (anp.array([x, x]) * [x, 1.0]).sum(), 7),
        (lambda x: anp.maximum([x, 1.0], 2.0).sum(), 1),
    ],
)
def test_lists_of_tensors_are_arrays(f, wanted):
    assert ag.grad(f)(3.0) == wanted
