"""A write is differentiated, or noticed by every graph that needed the old values, or refused: never silently wrong."""

import copy
import pickle
from operator import iadd, imul, isub, itruediv

import numpy as np
import pytest

from autograd import Tensor, no_grad
from autograd.ops import exp, stack
from autograd.test_util import check_grads


def leaf(value=(1.0, 2.0, 3.0), name=None):
    return Tensor(value, requires_grad=True, name=name)


def assert_grad(x, wanted):
    np.testing.assert_allclose(x.grad.data, wanted, rtol=1e-13)


# writes


def write_by_view_of_a_view(w):
    w.detach()[1:][...] = 0.0


def write_by_sharing(w):
    Tensor(w.data, copy=False)[0] = 0.0


def write_by_data(w):
    w.data = np.zeros(3)


WRITES = {
    "x[i] = v": lambda w: w.__setitem__(0, 5.0),
    "x[...] = tensor": lambda w: w.__setitem__(..., Tensor([1.0, 1.0, 1.0])),
    "x[mask] = v": lambda w: w.__setitem__(w > 1, 0.0),
    "x += v": lambda w: iadd(w, 1.0),
    "x -= v": lambda w: isub(w, Tensor([1.0, 2.0, 3.0])),
    "x *= v": lambda w: imul(w, 2.0),
    "x /= v": lambda w: itruediv(w, 2.0),
    "x.data = v": write_by_data,
    "x.detach()[i] = v": lambda w: w.detach().__setitem__(0, 0.0),
    "x.detach() += v": lambda w: iadd(w.detach(), 1.0),
    "x[1:][...] = v": lambda w: w[1:].__setitem__(..., 0.0),
    "x.detach()[1:][...] = v": write_by_view_of_a_view,
    "Tensor(x.data, copy=False)[i] = v": write_by_sharing,
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
@pytest.mark.parametrize("requires_grad", [True, False], ids=["leaf", "constant"])
def test_a_write_between_forward_and_backward_is_an_error(write, requires_grad):
    w, x = Tensor([1.0, 2.0, 3.0], requires_grad=requires_grad, name="w"), leaf(name="x")
    with no_grad():
        write(w)  # before the forward pass: of no consequence
    loss = (w * x).sum()
    with no_grad():
        write(w)
    with pytest.raises(RuntimeError, match=r"^multiply: .*which its derivative needs, was written after the forward pass"):
        loss.backward()
    assert x.grad is None
    loss = (w * x).sum()
    loss.backward()
    assert_grad(x, w.data)


def test_the_error_names_the_tensor_that_was_written():
    w = leaf(name="weight")
    loss = (w * w).sum()
    with no_grad():
        w -= 1.0
    with pytest.raises(RuntimeError, match="tensor 'weight', which its derivative needs"):
        loss.backward()


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_a_written_result_is_noticed_too(write):
    x = leaf()
    y = exp(x)
    loss = y.sum()
    with no_grad():
        write(y)
    with pytest.raises(RuntimeError, match=r"^exp: "):
        loss.backward()


def test_a_write_does_not_matter_where_no_rule_needs_the_value():
    x = leaf()
    loss = (x + x).sum()
    with no_grad():
        x += 1.0
    loss.backward()
    assert_grad(x, [2, 2, 2])


def test_a_stale_graph_can_not_be_pickled_into_a_fresh_one():
    w = leaf()
    loss = (w * w).sum()
    with no_grad():
        w += 1.0
    for duplicate in copy.deepcopy, pickle.dumps:
        with pytest.raises(RuntimeError, match="was written after the forward pass"):
            duplicate(loss)


@pytest.mark.parametrize("read", [lambda x, index: x[index], lambda x, index: x[index,]])
@pytest.mark.parametrize("index", [[0, 1], np.array([0, 1]), Tensor([0, 1])], ids=["list", "array", "tensor"])
def test_an_index_may_change_after_its_use(read, index):
    x, index = leaf(), index.copy()
    y = read(x, index)
    index[0] = 2
    y.sum().backward()
    assert_grad(x, [1, 1, 0])


IN_PLACE = [name for name in WRITES if name.startswith(("x[i]", "x[m", "x +", "x -", "x *", "x /"))]


@pytest.mark.parametrize("write", [WRITES[name] for name in IN_PLACE], ids=IN_PLACE)
def test_a_leaf_is_written_under_no_grad_only(write):
    w = leaf()
    with pytest.raises(RuntimeError, match=r"on a leaf that requires grad would lose the leaf.*no_grad"):
        write(w)
    np.testing.assert_array_equal(w.data, [1, 2, 3])
    with no_grad():
        write(w)
    assert w.is_leaf
    assert w.requires_grad
    assert not np.array_equal(w.data, [1, 2, 3])


@pytest.mark.parametrize("write", [WRITES[name] for name in IN_PLACE], ids=IN_PLACE)
def test_a_recorded_view_is_not_written(write):
    with pytest.raises(RuntimeError, match=r"on a view of another Tensor: .*\.copy\(\)"):
        write((leaf([1.0, 2.0, 3.0, 4.0]) * 2.0)[:3])


# differentiable assignment


def assign(index, value=lambda v: v):
    def f(x, v):
        y = x * 2.0
        before = y * 1.0
        y[index] = value(v)
        return (y * y * before).sum()

    return f


def update(by, with_constant=False):
    def f(x, v):
        y = Tensor(np.ones(3)) if with_constant else x * 2.0
        z = y * x
        y = by(y, v)
        return (y * y * z).sum()

    return f


@pytest.mark.parametrize(
    "f",
    [
        assign(0),
        assign(slice(1, None)),
        assign(...),
        assign(np.array([2, 0])),
        assign(np.array([True, False, True])),
        assign(1, lambda v: 0.5),
        assign(slice(0, 2), lambda v: stack([v, v * v])),
        *(update(by, with_constant) for by in (iadd, isub, imul, itruediv) for with_constant in (False, True)),
    ],
)
def test_assignment_is_differentiated(f):
    check_grads(f)(np.array([0.3, -0.6, 0.9]), 0.7)


def test_a_reassigned_name_keeps_its_request_for_a_gradient():
    x = leaf()
    y = (x * 2.0).retain_grad()
    y += 1.0
    (y * y).sum().backward()
    assert_grad(y, 2 * y.data)


def test_assignment_never_cuts_values():
    whole = Tensor([1, 2, 3])
    with pytest.raises(TypeError, match=r"float64.*int64"):
        whole[0] = leaf(0.5)
    with pytest.raises(TypeError, match=r"float64.*int64"):
        whole[0] = 0.5
