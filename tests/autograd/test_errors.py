"""Misuse is an error that says what was got, what was wanted, and what to do; a wrong rule is named."""

import numpy as np
import pytest

from autograd import Tensor, constant, elementwise, general, multilinear, ops
from autograd.op import TABLE
from autograd.ops import concatenate, cross_entropy, exp, linear
from autograd.test_util import check_grads


def leaf(value=(1.0, 2.0, 3.0), name=None):
    return Tensor(value, requires_grad=True, name=name)


# misuse


def masked():
    return np.ma.masked_array([1.0, 2.0], mask=[True, False])


@pytest.mark.parametrize(
    ("attempt", "error", "message"),
    [
        (lambda: Tensor(["a"]), TypeError, "got data of dtype <U1, wanted numbers or booleans"),
        (lambda: Tensor([object()]), TypeError, "got data of dtype object"),
        (lambda: Tensor(masked()), TypeError, r"masked array, whose mask would be lost; fill it first: a.filled\(0\)"),
        (lambda: Tensor([1, 2], requires_grad=True), TypeError, "int64 can't require a gradient.*dtype=float"),
        (lambda: Tensor([True], requires_grad=True), TypeError, "bool can't require a gradient"),
        (lambda: leaf().backward(), RuntimeError, r"shape \(3,\).*single value.*\.sum\(\) or \.mean\(\)"),
        (lambda: Tensor(1.0).backward(), RuntimeError, "nothing here requires a gradient; create a leaf"),
        (lambda: leaf().backward(1.0), ValueError, r"gradient has shape \(\), wanted \(3,\)"),
        (lambda: leaf().backward([1j, 0, 0]), TypeError, "gradient has dtype complex128, wanted float64"),
        (lambda: Tensor(1.0).retain_grad(), RuntimeError, "needs no gradient"),
        (lambda: (leaf() * 2).requires_grad_(False), RuntimeError, r"would cut the graph; use \.detach\(\)"),
        (lambda: np.asarray(leaf()), TypeError, r"would cut the graph; use \.numpy\(\), \.data or \.detach\(\)"),
        (lambda: len(Tensor(1.0)), TypeError, "0-d Tensor"),
        (lambda: bool(leaf()), ValueError, "ambiguous"),
        (lambda: float(leaf()), TypeError, None),
        (lambda: leaf() + np.ones(4), ValueError, r"^add: shapes \(3,\) and \(4,\) do not broadcast: axis -1 has sizes 3 and 4"),
        (lambda: leaf(np.ones((2, 3))) * np.ones((3, 2)), ValueError, r"multiply.*\(2, 3\) and \(3, 2\).*axis -1.*3 and 2.*transpose"),
        (lambda: leaf(np.ones((3, 4))) @ np.ones((5, 2)), ValueError, r"^matmul: \(3, 4\) @ \(5, 2\): inner sizes 4 and 5 differ"),
        (lambda: leaf(np.ones((3, 4))) @ np.ones((2, 4)), ValueError, r"matmul.*did you mean a @ b\.T\?"),
        (lambda: leaf() @ 2.0, ValueError, r"matmul.*use \* instead"),
        (lambda: linear(leaf(), np.ones((2, 4))), ValueError, r"linear.*\(3,\).*\(2, 4\)"),
        (lambda: linear(2.0, leaf()), ValueError, r"linear.*\(\).*\(3,\)"),
        (lambda: leaf().reshape(2, 2), ValueError, r"^reshape: .*\(3,\)"),
        (lambda: leaf().sum(axis=1), np.exceptions.AxisError, "^sum: .*axis 1 is out of bounds"),
        (lambda: leaf()[5], IndexError, "^getitem: .*index 5 is out of bounds"),
        (lambda: concatenate([leaf(), np.ones((2, 2))]), ValueError, "^concatenate: "),
        (lambda: exp(leaf(), leaf()), TypeError, "exp.*argument"),
        (lambda: exp(leaf(), base=2), TypeError, "exp.*base"),
        (lambda: ops.sum(leaf(), axis=leaf()), TypeError, "^sum: the option axis got a Tensor, which would cut the graph"),
        (lambda: cross_entropy(leaf(), np.array(7)), ValueError, r"^cross_entropy: labels run from 7 to 7, wanted 0 … 2"),
        (lambda: cross_entropy(leaf(), np.array(1.0)), TypeError, "^cross_entropy: labels have dtype float64, wanted integers"),
        (lambda: cross_entropy(leaf(), np.array([1])), ValueError, r"^cross_entropy: labels have shape \(1,\), wanted \(\)"),
        (lambda: np.add(np.ones(3), leaf(), out=np.ones(3)), TypeError, "numpy.add with out"),
        (lambda: np.add.reduce(leaf()), TypeError, r"numpy.add.reduce.*\.data"),
        (lambda: Tensor([1, 2]).__iadd__(0.5), TypeError, "float64.*int64"),
        (lambda: Tensor([1.0, 2.0]).__iadd__(np.ones((2, 2))), ValueError, r"\(2, 2\).*\(2,\)"),
        (lambda: Tensor(np.broadcast_to(1.0, 3), copy=False).__setitem__(0, 1.0), ValueError, r"read-only; write into a \.copy\(\)"),
    ],
)
def test_errors_say_what_was_got_and_what_to_do(attempt, error, message):
    with pytest.raises(error, match=message):
        attempt()


# ops of one's own


@pytest.fixture
def table():
    """The table of ops, put back afterwards as it was."""
    before = dict(TABLE)
    yield TABLE
    TABLE.clear()
    TABLE.update(before)


@pytest.mark.usefixtures("table")
def test_ops_of_ones_own_are_ops():
    @elementwise(lambda y: y / 2, lambda y, rate: y * rate)
    def growth(x, t, /, rate=0.5):
        return np.exp(x / 2 + t * rate)

    @multilinear(lambda g: g.sum() - g)
    def others(x, /):
        return np.sum(x) - x

    @general(lambda g, x, y: g[0] * cos_of(x) + g[1] * -y[0])
    def circle(x, /):
        return np.sin(x), np.cos(x)

    @elementwise(lambda x: -circle(x)[0])
    def cos_of(x, /):
        return np.cos(x)

    check_grads(growth, order=3, atol=1e-5)(np.array([0.1, 0.2]), np.array([[0.3], [0.5]]))
    check_grads(lambda x: others(x) ** 2, order=3)(np.array([0.1, 0.2, 0.7]))
    check_grads(lambda x: circle(x)[0] * exp(circle(x)[1]), order=3, atol=1e-5)(np.array([0.4, -0.3]))
    assert growth(0.0, 1.0, rate=2.0) == growth(0.0, 1.0, 2.0) == np.exp(2)


@pytest.mark.usefixtures("table")
@pytest.mark.parametrize(
    ("rule", "error", "message"),
    [
        (lambda g: g[:1], ValueError, r"returned shape \(1,\), wanted \(3,\), the shape of the argument"),
        (lambda g: g.astype(np.float32), TypeError, "returned dtype float32, wanted float64"),
        (lambda g: g > 0, TypeError, "returned dtype bool, wanted float64"),
        (lambda g: None, TypeError, r"returned None, wanted an array of shape \(3,\)"),
        (lambda g: 1.0, TypeError, r"returned 1.0, wanted an array of shape \(3,\)"),
        (lambda g: g @ np.ones(5), ValueError, None),
        (lambda g: 1 / 0, ZeroDivisionError, None),
    ],
)
@pytest.mark.parametrize("create_graph", [False, True])
def test_a_wrong_rule_is_named(rule, error, message, create_graph):
    @general(rule)
    def wrong(x, /):
        return x * 1.0

    with pytest.raises(error, match=message) as caught:
        wrong(leaf()).sum().backward(create_graph=create_graph)
    text = "\n".join([str(caught.value), *getattr(caught.value, "__notes__", [])])
    assert "derivative of wrong with respect to x: (lambda g:" in text


@pytest.mark.usefixtures("table")
@pytest.mark.parametrize(
    ("define", "error", "message"),
    [
        (lambda: general(lambda g, z: g)(lambda x, /: x), TypeError, "names.*'z'.*does not know"),
        (lambda: general(lambda g: g)(lambda g, /: g), TypeError, r"parameter names \['g'\] are reserved"),
        (lambda: general(lambda g, arrays: g, variadic=True)(lambda arrays, /: arrays[0]), TypeError, "names.*'arrays'"),
    ],
)
def test_a_wrong_definition_is_refused(define, error, message):
    with pytest.raises(error, match=message):
        define()


def test_a_name_is_taken_once(table):
    def exp(x, /):
        return x

    with pytest.raises(ValueError, match=r"op exp: the name is taken by autograd\.ops\.exponential\.exp"):
        constant(exp)
    assert table["exp"] is ops.exp
