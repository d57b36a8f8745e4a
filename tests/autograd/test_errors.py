"""Misuse is an error that says what was got, what was wanted, and what to do; a wrong rule is named."""

import re

import numpy as np
import pytest

from autograd import Tensor, constant, elementwise, general, is_grad_enabled, multilinear, no_grad, ops
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
        (lambda: ops.sum(leaf(), axis=leaf()), TypeError, "^sum: the option axis got a Tensor, which would cut the graph; give a"),
        (lambda: Tensor([1, 2]).__iadd__(0.5), TypeError, "float64.*int64"),
        (lambda: Tensor([1.0, 2.0]).__iadd__(np.ones((2, 2))), ValueError, r"\(2, 2\).*\(2,\)"),
        (lambda: Tensor(np.broadcast_to(1.0, 3), copy=False).__setitem__(0, 1.0), ValueError, r"read-only; write into a \.copy\(\)"),
    ],
)
def test_errors_say_what_was_got_and_what_to_do(attempt, error, message):
    with pytest.raises(error, match=message):
        attempt()


# calls whose operands do not fit: the message is the operands by name, the reason, what to do


def w(*shape, name=None, dtype=float):
    return Tensor(np.ones(shape, dtype), requires_grad=dtype is float, name=name)


@pytest.mark.parametrize(
    ("attempt", "message"),
    [
        (lambda: w(3) + w(4), "add: a (3,) + b (4,): the shapes do not broadcast: axis -1 has sizes 3 and 4, wanted equal or 1"),
        (lambda: w(3, 4, name="x") - w(3, name="m"), "subtract: x (3, 4) - m (3,): the shapes do not broadcast: axis -1 has sizes 4 and 3"),
        (lambda: w(3, 4, name="x") - w(3, name="m"), "; did you mean x - m[:, None]? (A reduction keeps its axis with keepdims=True.)"),
        (lambda: w(2, 3, 4) / w(2, 3), "; did you mean a / b[..., None]? (A reduction keeps its axis with keepdims=True.)"),
        (lambda: w(2, 3) * np.ones((3, 2)), "wanted equal or 1; did you mean a * b.T?"),
        (lambda: w(3) ** w(1, 1, 2), "power: a (3,) ** b (1, 1, 2): the shapes do not broadcast: axis -1 has sizes 3 and 2"),
        (lambda: w(2, 3) + w(6), "axis -1 has sizes 3 and 6, wanted equal or 1; there are equally many values: is a reshape missing?"),
        (lambda: w(3, name="x") > np.ones(2), "greater: x (3,), b (2,): the shapes do not broadcast: axis -1 has sizes 3 and 2"),
        (lambda: ops.where(np.ones(3) > 0, w(4), 0), "where: condition (3,) bool, a (4,), 0: the shapes do not broadcast: axis -1"),
        (lambda: ops.clip(w(3), np.ones(2), None), "clip: x (3,), min (2,), None: the shapes do not broadcast: axis -1 has sizes 3"),
        (lambda: ops.add(np.ones(3), np.ones(2)), "add: a (3,) + b (2,): the shapes do not broadcast: axis -1 has sizes 3 and 2"),
        # products
        (lambda: w(3, 4, name="x") @ w(3, 4), "matmul: x (3, 4) @ b (3, 4): inner sizes 4 and 3 differ; did you mean x @ b.T?"),
        (lambda: w(4, 3) @ w(4, name="w"), "matmul: a (4, 3) @ w (4,): inner sizes 3 and 4 differ; did you mean a.T @ w?"),
        (lambda: w(2, 3, 4) @ w(2, 3, 4), "inner sizes 4 and 3 differ; did you mean a @ b.mT?"),
        (lambda: w(3, 4) @ w(5, 3), "matmul: a (3, 4) @ b (5, 3): inner sizes 4 and 5 differ; are the two in the wrong order?"),
        (lambda: w(3) @ 2.0, "matmul: a (3,) @ 2.0: a number has no inner axis; use * instead"),
        (lambda: w(2, 3, 4) @ w(5, 4, 3), "the leading axes (2,) and (5,) do not fit; wanted equal sizes, or 1"),
        (lambda: w(3, 4).dot(w(3, 4, name="w")), "dot: a (3, 4), w (3, 4): shapes (3,4) and (3,4) not aligned: 4 (dim 1) != 3"),
        (lambda: w(3, 4).dot(w(3, 4, name="w")), "; did you mean w.T?"),
        (lambda: linear(w(5, 3), w(3, 4)), "linear: x (5, 3), W (3, 4), None: wanted x (…, in) and W (out, in), the same `in`"),
        (lambda: linear(w(5, 3), w(3, 4, name="W1")), "; did you mean W1.T?"),
        (lambda: linear(w(5, 3), w(4, 3), w(5, name="b")), "W (4, 3), b (5,): wanted b (4,), one value for each row of W"),
        (lambda: linear(w(5, 3), w(4, 3), 1.0), "linear: x (5, 3), W (4, 3), 1.0: wanted b (4,)"),
        (lambda: linear(2.0, w(3)), "linear: 2.0, W (3,), None: wanted x (…, in) and W (out, in)"),
        # joining, cutting, rearranging
        (lambda: concatenate([w(2, 3, name="a"), w(3, name="row")]), "concatenate: a (2, 3), row (3,): all the input arrays must"),
        (lambda: concatenate([w(2, 3, name="a"), w(3, name="row")]), "; did you mean row[None]?"),
        (lambda: concatenate([w(2, 3), w(2, 4)]), "concatenate: arrays[0] (2, 3), arrays[1] (2, 4): "),
        (lambda: concatenate([w(2, 3), w(2, 4)]), "; the shapes may differ only along the axis that is joined"),
        (lambda: concatenate([]), "concatenate: no operands: need at least one array"),
        (lambda: ops.stack([w(2), w(3)]), "stack: arrays[0] (2,), arrays[1] (3,): all input arrays must have the same shape; arrays that"),
        (lambda: w(2, 3).reshape(4, 2), "reshape: x (2, 3), shape=(4, 2): cannot reshape array of size 6 into shape (4,2); the sizes must"),
        (lambda: ops.split(w(5), 2), "split: x (5,), indices_or_sections=2: array split does not result in an equal division; or give"),
        (lambda: w(3, 4).transpose(0), "transpose: x (3, 4), axes=(0,): axes don't match array; name each axis once; swapaxes"),
        (lambda: w(3, 4).transpose(0, 1, 2), "transpose: x (3, 4), axes=(0, 1, 2): axes don't match array; name each axis once"),
        (lambda: w(3, 4).transpose(0, 0), "transpose: x (3, 4), axes=(0, 0): repeated axis in transpose; name each axis once"),
        (lambda: w(3, 4).squeeze(1), "squeeze: x (3, 4), axis=1: cannot select an axis to squeeze out which has size not equal to one"),
        (lambda: w(3, 1).squeeze(0), "; only axes of size 1 can be squeezed"),
        (lambda: ops.broadcast_to(w(3), (3, 4)), "broadcast_to: x (3,), shape=(3, 4): operands could not be broadcast together with"),
        (lambda: ops.broadcast_to(w(3), (3, 4)), "; shapes are compared from the last axis on, x[:, None] adds one there"),
        (lambda: ops.pad(w(3, 4), ((1, 1),) * 3), "pad_width is one pair, or one for each axis"),
        # indices, labels, integers
        (lambda: ops.take_along_axis(w(3, 4), np.arange(3), 1), "take_along_axis: x (3, 4), indices (3,) int64, axis=1: `indices` and"),
        (lambda: ops.take_along_axis(w(3, 4), np.arange(3), 1), "; did you mean indices[:, None]?"),
        (lambda: (w(3) * 1).__setitem__(slice(2), np.ones(3)), "setitem: x (3,), v (3,), index=slice(None, 2, None): could"),
        (lambda: w(3, name="t", dtype=int).__setitem__(slice(2), np.ones(3, int)), "setitem: t (3,) int64, v (3,) int64, index=slice("),
        (lambda: w(3, name="t", dtype=int).__setitem__(slice(2), np.ones(3, int)), "; the values must broadcast to the place"),
        (lambda: cross_entropy(w(3), np.array(7)), "cross_entropy: z (3,), labels () int64: labels run from 7 to 7, wanted 0 … 2"),
        (lambda: cross_entropy(w(2, 3), np.ones((2, 1), int)), "for each row of scores (2, 3); did you mean labels.squeeze()?"),
        (lambda: w(1, dtype=int) ** -1, "power: a (1,) int64 ** -1: Integers to negative integer powers are not allowed; did you mean"),
    ],
)  # fmt: skip
def test_shapes_that_do_not_fit_are_told_with_what_would(attempt, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        attempt()


@pytest.mark.parametrize(
    ("attempt", "message"),
    [
        (lambda: w(3, name="h").sum(axis=1), "sum: h (3,), axis=1: axis 1 is out of bounds for array of dimension 1; wanted -1 … 0"),
        (lambda: w(3, 2).max(axis=-3), "max: x (3, 2), axis=-3: axis -3 is out of bounds for array of dimension 2; wanted -2 … 1"),
        (lambda: ops.sum(w(), 1), "sum: x (), axis=1: axis 1 is out of bounds for array of dimension 0; a single value has no axes"),
        (lambda: ops.softmax(w(3), 1), "softmax: x (3,), axis=1: axis 1 is out of bounds for array of dimension 1; wanted -1 … 0"),
        (lambda: ops.expand_dims(w(3), 3), "expand_dims: x (3,), axis=3: axis 3 is out of bounds for array of dimension 2; wanted"),
        (lambda: w(3).swapaxes(0, 1), "swapaxes: x (3,), axis1=0, axis2=1: axis2: axis 1 is out of bounds"),
        (lambda: w(3, 4).transpose(0, 2), "transpose: x (3, 4), axes=(0, 2): axis 2 is out of bounds for array of dimension 2"),
        (lambda: concatenate([w(k) for k in range(12)], axis=1), "… 6 more …, arrays[10] (10,), arrays[11] (11,), axis=1: "),
    ],
)  # fmt: skip
def test_an_axis_that_is_not_there_is_told_with_those_that_are(attempt, message):
    with pytest.raises(np.exceptions.AxisError, match=re.escape(message)):
        attempt()


@pytest.mark.parametrize(
    ("attempt", "message"),
    [
        (lambda: w(1, dtype=bool) - w(1, dtype=bool), "subtract: a (1,) bool - b (1,) bool: numpy boolean subtract"),
        (lambda: w(1, dtype=bool) - w(1, dtype=bool), "; did you mean a - b.astype(float)?"),
        (lambda: w(2) + None, "add: a (2,) float64 + None: unsupported operand type(s) for +: 'float' and 'NoneType'"),
        (lambda: cross_entropy(w(2, 3), np.ones(2)), "labels have dtype float64, wanted integers 0 … 2; did you mean labels.astype(int)?"),
        (lambda: cross_entropy(w(2, 3), np.ones((2, 3))), "wanted integers 0 … 2; of one-hot rows take .argmax(-1)"),
        (lambda: cross_entropy(np.array([0, 1]), w(2, 3)), "; are the two in the wrong order?"),
        (lambda: w(2, 3).reshape(2.0, 3), "interpreted as an integer; did you mean shape=(2, 3)?"),
        (lambda: ops.sum(w(3, 2), [0, 1]), "sum: x (3, 2) float64, axis=[0, 1]: 'list' object cannot be interpreted as an integer"),
        (lambda: ops.sum(w(3, 2), [0, 1]), "; did you mean axis=(0, 1)?"),
        (lambda: ops.sum(w(3, 2), 1.0), "; did you mean axis=1?"),
        (lambda: concatenate(w(2), w(2)), "axis got a Tensor, which would cut the graph; join them in one list: concatenate([a, b])"),
    ],
)  # fmt: skip
def test_types_that_do_not_fit_are_told_with_what_would(attempt, message):
    with pytest.raises(TypeError, match=re.escape(message)):
        attempt()


@pytest.mark.parametrize(
    ("attempt", "message"),
    [
        (lambda: w(3, name="h")[5], "getitem: h (3,), index=5: index 5 is out of bounds for axis 0 with size 3"),
        (lambda: w(3)[0, 1], "getitem: x (3,), index=(0, 1): too many indices for array: array is 1-dimensional, but 2 were indexed"),
        (lambda: w(3)[1.0], "; did you mean index=1?"),
        (lambda: w(3)[np.array([0.0, 1.0])], "getitem: x (3,), index (2,): arrays used as indices must be of integer (or boolean) type"),
        (lambda: w(3)[np.array([0.0, 1.0])], "; did you mean index.astype(int)?"),
        (lambda: w(3)[np.array([True, False])], "; a mask has the shape of the axes that it selects from"),
        (lambda: w(3, dtype=int).__setitem__(3, 1), "index=3: index 3 is out of bounds for axis 0 with size 3"),
        (lambda: ops.take_along_axis(w(3, 4), np.ones((3, 1)), 1), "; did you mean indices.astype(int)?"),
    ],
)  # fmt: skip
def test_an_index_that_is_not_there_is_told(attempt, message):
    with pytest.raises(IndexError, match=re.escape(message)):
        attempt()


def test_advice_has_been_tried_and_costs_nothing_large():
    a, b = np.broadcast_to(1.0, (10**6, 10**5)), np.broadcast_to(1.0, (10**6,))  # the answer would take 800 GB
    with pytest.raises(ValueError, match=r"did you mean a \* b\[:, None\]\?"):
        ops.multiply(a, b)
    with pytest.raises(ValueError, match=r"wanted equal or 1$"):  # (10⁶, 1) would fit, and be an accident
        ops.multiply(a[0], b)


def test_where_values_are_to_blame_no_change_of_shape_is_advised():
    with pytest.raises(ValueError, match=r": labels run from 3 to 3, wanted 0 … 2 for scores \(3, 3\)$"):
        cross_entropy(w(3, 3), np.full(3, 3))


def test_an_error_of_another_type_keeps_it_and_gets_a_note():
    with np.errstate(all="raise"), pytest.raises(FloatingPointError, match="divide by zero") as caught:
        ops.log(leaf([0.0], name="x"))
    assert caught.value.__notes__ == ["in log: x (1,)"]


def test_the_traceback_shows_the_line_that_failed():
    with pytest.raises(ValueError, match="inner sizes") as caught:
        w(3) @ w(4)
    assert caught.traceback[-1].name == "matmul"


# names from elsewhere


@pytest.mark.parametrize(
    ("attempt", "message"),
    [
        (lambda: ops.softmax(leaf(), dim=-1), r"^softmax: .*'dim': it is axis here; call it as softmax\(x, /, axis=-1\)$"),
        (lambda: ops.sum(leaf(), 0, keepdim=True), r"'keepdim': it is keepdims here; call it as sum\(x, /, axis=None, keepdims=False\)$"),
        (lambda: ops.var(leaf(), correction=1), "^var: .*it is ddof here"),
        (lambda: leaf().sum(dim=0), "^sum: .*'dim': it is axis here"),
        (lambda: leaf().mean(0, keepdim=True), "^mean: .*'keepdim': it is keepdims here"),
        (lambda: leaf().argmax(dim=0), "^argmax: .*'dim': it is axis here"),
        (lambda: leaf().squeeze(dim=0), "^squeeze: .*'dim': it is axis here"),
        (lambda: ops.concatenate([leaf()], dim=0), "^concatenate: .*'dim': it is axis here"),
        (lambda: ops.reshape(leaf(), shap=(3, 1)), "^reshape: .*'shap': it is shape here"),
        (lambda: exp(leaf(), dim=2), r"^exp: got an unexpected keyword argument 'dim'; call it as exp\(x, /\)$"),
        (lambda: exp(leaf(), leaf()), r"^exp: takes 1 positional argument but 2 were given; call it as exp\(x, /\)$"),
        (lambda: ops.expand_dims(leaf()), r"^expand_dims: missing .* argument: 'axis'; call it as expand_dims\(x, /, axis\)$"),
    ],
)  # fmt: skip
def test_an_option_that_has_another_name_here_is_told(attempt, message):
    with pytest.raises(TypeError, match=message):
        attempt()


@pytest.mark.parametrize(
    ("attempt", "message"),
    [
        (lambda x: x.view(3, 1), r"^Tensor has no \.view: here it is \.reshape\(…\)$"),
        (lambda x: x.unsqueeze(0), r"here it is x\[:, None\], or ops\.expand_dims\(x, axis\)"),
        (lambda x: x.t(), r"here it is \.T$"),
        (lambda x: x.cuda(), "all memory is the CPU's"),
        (lambda x: x.nothing, "no attribute 'nothing'"),
    ],
)
def test_a_method_that_has_another_name_here_is_told(attempt, message):
    with pytest.raises(AttributeError, match=message):
        attempt(leaf())


def test_methods_from_elsewhere_are_not_there():
    assert not hasattr(leaf(), "view")
    assert "view" not in dir(leaf())
    assert "reshape" in dir(leaf())


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
        (lambda g: None, TypeError, r"returned None, wanted an array of shape \(3,\); is a return missing\?"),
        (lambda g: 1.0, TypeError, r"returned 1.0, wanted an array of shape \(3,\)"),
        (lambda g: g @ np.ones(5), ValueError, None),
        (lambda g: 1 / 0, ZeroDivisionError, None),
        (lambda g: (g,), TypeError, r"returned a tuple, wanted an array of shape \(3,\)"),
        (lambda g: np.array([None] * 3), TypeError, "returned dtype object, wanted float64"),
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
        (lambda: general(lambda g, xs: g, variadic=True)(lambda arrays, /: arrays[0]), TypeError, "names.*'xs'"),
        (lambda: general(abs, abs, variadic=True)(lambda a, b, /: a), TypeError, "got 2 rules, but a variadic op has one for all"),
        (lambda: elementwise(*[lambda: 1] * 2)(lambda x, /: x), TypeError, "got 2 rules, but the function has 1 positional parameters"),
        (lambda: elementwise(lambda: 1)(lambda *xs: xs[0]), TypeError, "got 1 rules, but the function has 0 .*one rule for each array"),
        (lambda: general(3)(lambda x, /: x), TypeError, "a rule must be a Python function.*got 3"),
        (lambda: general(lambda g: g)(np.exp), TypeError, "made of a Python function, got <ufunc 'exp'>"),
    ],
)
def test_a_wrong_definition_is_refused(define, error, message):
    with pytest.raises(error, match=message):
        define()


@pytest.mark.usefixtures("table")
@pytest.mark.parametrize(
    ("rule", "message"),
    [
        (lambda x: np.ones((2, 3)), r"the rule of an elementwise op gives shape \(2, 3\), wanted \(3,\), the shape of its value"),
        (lambda x: None, "unsupported operand"),
        (lambda g: None, "'NoneType' object has no attribute 'shape'"),
    ],
)
def test_a_wrong_elementwise_rule_is_named(rule, message):
    @elementwise(rule)
    def wrong(x, /):
        return x * 1.0

    with pytest.raises((ValueError, TypeError, AttributeError), match=message) as caught:
        wrong(leaf()).sum().backward()
    assert "derivative of wrong with respect to x: (lambda " in caught.value.__notes__[0]


@pytest.mark.usefixtures("table")
@pytest.mark.parametrize(
    ("value", "message"),
    [
        (None, "op wrong: its forward gave a NoneType, wanted an array, or a tuple of arrays; is a return missing"),
        ([1.0], "its forward gave a list, wanted an array"),
        ("text", "its forward gave a str"),
        ((np.ones(3), None), "its forward gave a NoneType"),
        (np.array(["a"]), "wrong: the result has dtype <U1, wanted numbers or booleans"),
    ],
)
def test_a_wrong_forward_is_named(value, message):
    @general(lambda g: g)
    def wrong(x, /):
        return value

    with pytest.raises(TypeError, match=message):
        wrong(leaf())


@pytest.mark.usefixtures("table")
def test_a_forward_may_give_a_python_number():
    @general(lambda g, x: g * np.ones(3))
    def total(x, /):
        return float(np.sum(x))

    x = leaf()
    total(x).backward()
    assert x.grad.tolist() == [1.0, 1.0, 1.0]


@pytest.mark.usefixtures("table")
@pytest.mark.parametrize("create_graph", [False, True])
def test_an_error_in_a_rule_leaves_all_as_it_was(create_graph):
    healthy = False

    @general(lambda g: g * 2 if healthy else 1 / 0)
    def fragile(x, /):
        return x * 2

    x, w = leaf(), leaf(2.0)
    x.grad = np.ones(3)
    loss = (fragile(x) * w).sum()
    with no_grad(), pytest.raises(ZeroDivisionError):
        loss.backward(create_graph=create_graph)
    assert is_grad_enabled()
    assert x.grad.tolist() == [1.0, 1.0, 1.0]
    assert w.grad is None
    healthy = True
    loss.backward(create_graph=create_graph)
    assert x.grad.tolist() == [5.0, 5.0, 5.0]
    assert w.grad == 12.0


def test_a_name_is_taken_once(table):
    def exp(x, /):
        return x

    with pytest.raises(ValueError, match=r"op exp: the name is taken by autograd\.ops\.exponential\.exp"):
        constant(exp)
    assert table["exp"] is ops.exp
