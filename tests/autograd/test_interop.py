"""NumPy's calls on Tensors, and what other libraries ask of them: each is right, or refused by name; none cuts a graph unseen."""

import copy
import inspect
import pickle
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import Tensor, grad, no_grad, ops
from autograd.interop import CONSTANT, FUNCTIONS, UFUNCS, _refusal
from autograd.op import TABLE, constant
from autograd.test_util import check_grads

SIGNATURES = np.lib.NumpyVersion(np.__version__) >= "2.4.0"
X = np.random.default_rng(0).permutation(24).reshape(2, 3, 4)[..., :2] / 20 + 0.263  # no two alike: no maximum is shared
MASK = np.arange(12).reshape(2, 3, 2) % 5 > 0


def leaf(value=(1.0, 2.0, 3.0)):
    return Tensor(value, requires_grad=True)


def blank(like, shape):
    """Somewhere to write: a Tensor for a Tensor, an array for an array."""
    space = np.full(shape, 0.5)
    return Tensor(space) if isinstance(like, Tensor) else space


def added_at(ufunc, x, index, values):
    y = blank(x, 4)
    ufunc.at(y, index, values)
    return y


# -- dispatch -----------------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def table():
    before = dict(TABLE)
    yield
    TABLE.clear()
    TABLE.update(before)


@pytest.mark.usefixtures("table")
@pytest.mark.parametrize("name", ["packbits", "unpackbits", "datetime_as_string"])
def test_an_op_of_ones_own_does_not_stand_in_for_a_function_of_numpy(name):
    def forward(x, /):
        return x * 1000

    forward.__name__ = name
    constant(forward)
    with pytest.raises(TypeError, match=rf"numpy\.{name} is not differentiated here"):
        getattr(np, name)(leaf())


NAMES = [name for name in anp.__all__ if callable(getattr(np, name, None))]


@pytest.mark.skipif(not SIGNATURES, reason="NumPy 2.4 is the first to tell all its signatures")
@pytest.mark.parametrize("name", [name for name in NAMES if not isinstance(getattr(np, name), np.ufunc)])  # those pass all to NumPy's
def test_a_function_takes_the_arguments_that_numpys_takes(name):
    theirs, ours = (list(inspect.signature(getattr(n, name)).parameters.values()) for n in (np, anp))
    assert [(p.name, p.kind) for p in ours if p.name != "ndmax"] == [(p.name, p.kind) for p in theirs if p.name != "ndmax"]


@pytest.mark.parametrize("name", NAMES)
def test_numpys_function_is_handed_to_ours(name):
    theirs, ours = getattr(np, name), getattr(anp, name)
    assert (UFUNCS[theirs] is ours.op) if isinstance(theirs, np.ufunc) else (FUNCTIONS[theirs] is ours)


def test_nothing_is_both_constant_and_an_op():
    assert not CONSTANT & {*UFUNCS, *FUNCTIONS}


# -- values and derivatives ---------------------------------------------------------------------------------------------------------------

# Each of these gives the same on arrays, by NumPy and by ours, and on Tensors, by NumPy and by ours; and its derivatives are right.
CALLS = [
    lambda n, x: n.sum(x, 0),
    lambda n, x: n.sum(x, (0, -1), None, None, True),
    lambda n, x: n.sum(a=x, axis=1, initial=2.5),
    lambda n, x: n.sum(x, where=MASK),
    lambda n, x: n.sum(x, axis=1, where=MASK[:, :1], initial=x[0, 0, 0]),
    lambda n, x: n.sum(x, 1, out=blank(x, (2, 2))),
    lambda n, x: n.sum(x[:0], axis=0, initial=x[0, 0, 0]),
    lambda n, x: n.prod(x, -1, None, None, True),
    lambda n, x: n.prod(x, 1, where=MASK, initial=x[0, 0, 1]),
    lambda n, x: n.mean(x, 1, None, None, True),
    lambda n, x: n.mean(x, where=MASK),
    lambda n, x: n.mean(x, axis=(0, 2), where=MASK, keepdims=True),
    lambda n, x: n.mean(x, 0, out=blank(x, (3, 2))),
    lambda n, x: n.var(x, 1, None, None, 1),
    lambda n, x: n.var(x, correction=1, keepdims=True),
    lambda n, x: n.var(x, axis=1, where=MASK, ddof=0.5),
    lambda n, x: n.var(x, axis=1, mean=n.mean(x, axis=1, keepdims=True)),
    lambda n, x: n.var(x, axis=1, mean=x[:, :1] * 2),
    lambda n, x: n.std(x, 1, None, None, 1, True),
    lambda n, x: n.std(x, correction=1),
    lambda n, x: n.std(x, where=MASK),
    lambda n, x: n.std(x, axis=1, mean=x[:, :1] * 2, out=blank(x, (2, 2))),
    lambda n, x: n.max(x, 0),
    lambda n, x: n.max(x, 1, None, True, 0.5),
    lambda n, x: n.amax(x, initial=x[0, 0, 0] * 5),
    lambda n, x: n.max(x, axis=1, where=MASK, initial=0.7),
    lambda n, x: n.max(x[:0], axis=0, initial=x[0, 0, 0]),
    lambda n, x: n.max(x[:0], initial=x[0, 0, 0]),
    lambda n, x: n.max(x[:, :0], axis=1, keepdims=True, initial=x[0, 0, 0]),
    lambda n, x: n.min(x, (0, 1), blank(x, 2)),
    lambda n, x: n.amin(x, axis=2, where=MASK, initial=0.8),
    lambda n, x: n.clip(x, 0.4, 0.9),
    lambda n, x: n.clip(x, None, x[0, 0] * 0.9),
    lambda n, x: n.clip(a=x, a_min=0.5, a_max=0.6, out=blank(x, X.shape)),
    lambda n, x: n.where(MASK, x, 0.5),
    lambda n, x: n.where(x > 0.5, 1.0, x),
    lambda n, x: n.dot(x[0], x[1].T),
    lambda n, x: n.dot(x[0], x[1].T, blank(x, (3, 3))),
    lambda n, x: n.outer(a=x[0], b=x[1]),
    lambda n, x: n.outer(x[0], x[1], out=blank(x, (6, 6))),
    lambda n, x: n.reshape(x, (4, -1)),
    lambda n, x: n.reshape(x, (4, -1), "F"),
    lambda n, x: n.reshape(x, -1, order="F"),
    lambda n, x: n.ravel(x),
    lambda n, x: n.ravel(x, "F"),
    lambda n, x: n.transpose(x),
    lambda n, x: n.permute_dims(x, (2, 0, 1)),
    lambda n, x: n.matrix_transpose(x),
    lambda n, x: n.swapaxes(x, axis1=0, axis2=2),
    lambda n, x: n.moveaxis(x, 0, -1),
    lambda n, x: n.rollaxis(x, 2),
    lambda n, x: n.rollaxis(x, 0, 3),
    lambda n, x: n.rollaxis(x, -1, -2),
    lambda n, x: n.squeeze(x[:1], axis=0),
    lambda n, x: n.expand_dims(x, (0, -1)),
    lambda n, x: n.broadcast_to(x[0], (4, 3, 2)),
    lambda n, x: n.broadcast_to(x[0, 0, 0], 3),
    lambda n, x: n.copy(x),
    lambda n, x: n.flip(x),
    lambda n, x: n.flip(x, (0, -1)),
    lambda n, x: n.flipud(x),
    lambda n, x: n.fliplr(x),
    lambda n, x: n.atleast_1d(x[0, 0, 0]),
    lambda n, x: n.atleast_2d(x[0, 0, 0]),
    lambda n, x: n.atleast_2d(x[0, 0]),
    lambda n, x: n.atleast_3d(x[0, 0, 0]),
    lambda n, x: n.atleast_3d(x[0, 0]),
    lambda n, x: n.atleast_3d(x[0]),
    lambda n, x: n.atleast_2d(x[0], x[0, 0])[1],
    lambda n, x: n.take_along_axis(x, np.array([[[1], [0], [0]]]), -1),
    lambda n, x: n.take_along_axis(arr=x, indices=np.array([[[1], [0], [0]]]), axis=2),
    lambda n, x: n.pad(x, ((1, 0), (0, 1), (0, 0))),
    lambda n, x: n.pad(array=x, pad_width=1, mode="constant", constant_values=2),
    lambda n, x: n.concatenate((x, x[:1] * 2)),
    lambda n, x: n.concat([x, np.ones((2, 1, 2))], 1),
    lambda n, x: n.concatenate((x, x), axis=None),
    lambda n, x: n.concatenate((x[0], x[1]), out=blank(x, (6, 2))),
    lambda n, x: n.concatenate(x),
    lambda n, x: n.stack([x[0], x[1]], 1),
    lambda n, x: n.stack([x[0], x[1]], axis=-1, out=blank(x, (3, 2, 2))),
    lambda n, x: n.hstack([x[0], x[1]]),
    lambda n, x: n.hstack([x[0, 0], x[0, 0, 0], 2.0]),
    lambda n, x: n.vstack([x[0], x[0, 0]]),
    lambda n, x: n.dstack([x[0, 0], x[0, 1]]),
    lambda n, x: n.column_stack([x[0], x[0, :, 0]]),
    lambda n, x: n.append(x, [1.0, 2.0]),
    lambda n, x: n.append(x, x[:1], 0),
    lambda n, x: n.split(x, 3, axis=1)[2],
    lambda n, x: n.split(x, [1, 2], 1)[1],
    lambda n, x: n.array_split(x, 2, 1)[0],
    lambda n, x: n.array_split(x, [1], 1)[1],
    lambda n, x: n.hsplit(x, 3)[0],
    lambda n, x: n.hsplit(x[0, 0], 2)[1],
    lambda n, x: n.vsplit(x, 2)[1],
    lambda n, x: n.dsplit(x, 2)[1],
    lambda n, x: n.full_like(x, x[0, 0]),
    lambda n, x: n.full_like(x, fill_value=x[0, 0, 0], shape=(4,)),
    lambda n, x: n.linalg.norm(x),
    lambda n, x: n.linalg.norm(x[0], "fro"),
    lambda n, x: n.linalg.norm(x, axis=(0, 1)),
    lambda n, x: n.linalg.norm(x, 2, -1, True),
    lambda n, x: n.real(x),
    lambda n, x: n.imag(x * 1j),
    lambda n, x: n.angle(x + 1j, deg=True),
    # universal functions
    lambda n, x: n.add(x, 1),
    lambda n, x: n.positive(x),
    lambda n, x: n.deg2rad(x) + n.degrees(x) + n.radians(x) + n.rad2deg(x),
    lambda n, x: n.conj(x * 1j).imag,
    lambda n, x: n.multiply(x, x, blank(x, X.shape)),
    lambda n, x: n.multiply(x[0], 2, out=blank(x, X.shape)),
    lambda n, x: n.matmul(x[0], x[1].T, out=blank(x, (3, 3))),
    lambda n, x: n.exp(x, out=blank(x, X.shape), where=MASK),
    lambda n, x: n.divide(x[0], x, out=blank(x, X.shape), where=MASK),
    lambda n, x: n.divide(2.0, x, out=blank(x, X.shape), where=MASK[0]),
    lambda n, x: n.log(x - x[0], out=blank(x, X.shape), where=n.greater(x, x[0])),
    lambda n, x: n.sin(x, casting="same_kind", order="K", subok=True),
    lambda n, x: n.add.reduce(x),
    lambda n, x: n.add.reduce(x, 1, None, None, True),
    lambda n, x: n.add.reduce(x, axis=None, initial=x[0, 0, 0], where=MASK),
    lambda n, x: n.add.reduce(x, out=blank(x, (3, 2))),
    lambda n, x: n.multiply.reduce(x, axis=(0, 1)),
    lambda n, x: n.maximum.reduce(x, initial=0.6),
    lambda n, x: n.minimum.reduce(x, axis=-1, keepdims=True),
    lambda n, x: n.logaddexp.reduce(x),
    lambda n, x: n.logaddexp.reduce(x, where=MASK),
    lambda n, x: n.logaddexp.reduce(x, axis=1, where=MASK, initial=x[0, 0, 0]),
    lambda n, x: n.multiply.outer(x[0], x[1, 0]),
    lambda n, x: n.subtract.outer([1.0, 2.0], x[0]),
    lambda n, x: n.hypot.outer(x[0, 0], x[0, 1], out=blank(x, (2, 2))),
    lambda n, x: n.arctan2.outer(x[0, 0, 0], x[0, 1]),
    lambda n, x: added_at(n.add, x, [0, 0, 3], x[0, :, 0]),
    lambda n, x: added_at(n.add, x, 1, x[0, 0, 0]),
    lambda n, x: added_at(n.subtract, x, np.array([2, 1, 2]), x[0, 0, 0]),
]  # fmt: skip
if SIGNATURES:
    CALLS += [lambda n, x: n.clip(x, min=x[0, 0] * 0.9), lambda n, x: n.reshape(x, -1, order="F", copy=True)]
CALL = pytest.mark.parametrize("call", CALLS, ids=[inspect.getsource(f).strip()[13:-1] for f in CALLS])


@CALL
def test_the_values_are_numpys(call):
    wanted = call(np, X)
    for found in call(anp, X), call(np, Tensor(X)), call(anp, Tensor(X)):
        np.testing.assert_allclose(np.asarray(found), wanted, rtol=1e-14, strict=True)
    assert isinstance(call(np, Tensor(X)), Tensor)
    assert not isinstance(call(anp, X), Tensor)


@CALL
@pytest.mark.parametrize("n", [np, anp], ids=["np", "anp"])
def test_the_derivatives_are_right(call, n):
    weights = np.random.default_rng(1).standard_normal(call(np, X).shape)
    check_grads(lambda x: (call(n, x) * weights).sum(), modes="rev")(X)


@CALL
def test_nothing_is_recorded_under_no_grad(call):
    x = leaf(X)
    with no_grad():
        y = call(np, x)
    assert not y.requires_grad
    np.testing.assert_allclose(y.data, call(np, X), rtol=1e-14)


NARROW = [
    lambda n, x: n.sum(x, 0, np.float32),
    lambda n, x: n.prod(x, dtype=np.float32),
    lambda n, x: n.mean(x, 1, np.float32),
    lambda n, x: n.mean(x, 1, np.float32, where=MASK),
    lambda n, x: n.var(x, 1, np.float32),
    lambda n, x: n.std(x, 1, np.float32, where=MASK),
    lambda n, x: n.add.reduce(x, dtype=np.float32),
    lambda n, x: n.logaddexp.reduce(x, dtype=np.float32),
    lambda n, x: n.add(x, 1, dtype=np.float32),
    lambda n, x: n.multiply.outer(x, x[0], dtype="f4"),
    lambda n, x: n.exp(x, out=blank(x, X.shape).astype(np.float32)),
    lambda n, x: n.sum(x, 1, out=blank(x, (2, 2)).astype(np.float32)),
    lambda n, x: n.concatenate([x, x], dtype=np.float32),
    lambda n, x: n.stack([x, x], dtype=np.float32),
    lambda n, x: n.vstack([x, x], dtype=">f4"),
    lambda n, x: n.full_like(x, x, dtype=np.float32),
    lambda n, x: n.astype(x, np.float32),
]  # fmt: skip


@pytest.mark.parametrize("call", NARROW, ids=[inspect.getsource(f).strip()[13:-1] for f in NARROW])
def test_dtype_is_numpys_and_the_derivative_comes_back_in_its_own(call):
    wanted, x = call(np, X), leaf(X)
    for n in np, anp:
        y = call(n, x)
        np.testing.assert_allclose(y.data, wanted, rtol=1e-6)
        assert y.dtype == np.float32
        assert y.requires_grad
        assert y.dtype.isnative
        y.sum().backward()
        assert x.grad.dtype == np.float64


@pytest.mark.parametrize(
    "call", [lambda n, x: n.sum(x, where=MASK), lambda n, x: n.prod(x, axis=1, initial=2), lambda n, x: n.max(x, initial=9),
             lambda n, x: n.max(x, where=MASK, initial=0), lambda n, x: n.min(x, where=MASK, initial=100)],
)  # fmt: skip
@pytest.mark.parametrize("dtype", [np.int8, np.uint16, np.int64, bool, np.float16, np.float32, complex])
def test_reductions_keep_the_kind_of_number(call, dtype):
    x = (X * 3 + 1).astype(dtype)
    wanted, found = call(np, x), call(np, Tensor(x))
    np.testing.assert_allclose(found.data, wanted, rtol=1e-2 if dtype == np.float16 else 1e-6)
    assert found.dtype == wanted.dtype


METHODS = [
    lambda t: t.sum(1, None, None, True),
    lambda t: t.sum(0, initial=1.5, where=MASK),
    lambda t: t.prod(axis=1, where=MASK),
    lambda t: t.mean(1, where=MASK),
    lambda t: t.max(1, initial=0.4),
    lambda t: t.min(1, None, True),
    lambda t: t.var(1, None, None, 1),
    lambda t: t.std(axis=1, ddof=1),
    lambda t: t.clip(0.4, 0.7),
    lambda t: t.clip(min=0.4),
    lambda t: t[0].dot(t[1].T),
    lambda t: t.reshape(4, 3, order="F"),
    lambda t: t.ravel("F"),
    lambda t: t.flatten(order="F"),
    lambda t: t.mT,
]


@pytest.mark.parametrize("method", METHODS, ids=[inspect.getsource(f).strip()[10:-1] for f in METHODS])
def test_methods_take_the_arguments_that_an_arrays_take(method):
    wanted = method(X)
    np.testing.assert_allclose(method(Tensor(X)).data, wanted, rtol=1e-14)
    check_grads(lambda x: (method(x) * wanted).sum(), modes="rev")(X)


def test_methods_have_numpys_newer_keywords_too():
    t = Tensor(X)
    np.testing.assert_allclose(t.std(axis=1, correction=1).data, X.std(axis=1, ddof=1))
    np.testing.assert_allclose(t.var(axis=1, mean=t[:, :1]).data, ((X - X[:, :1]) ** 2).mean(axis=1))
    assert not np.shares_memory(t.reshape(4, 3, copy=True).data, t.data)


def test_positions_may_be_written_into_an_array():
    out = np.zeros((2, 2), np.intp)
    assert np.argmax(leaf(X), 1, out) is out
    np.testing.assert_array_equal(out, X.argmax(1))
    assert leaf(X).argmin(axis=None, keepdims=True).shape == (1, 1, 1)


# -- out and in place ---------------------------------------------------------------------------------------------------------------------


def test_out_is_the_tensor_that_was_written():
    x, y = leaf(), Tensor(np.zeros(3))
    for call in (lambda: np.exp(x, out=y), lambda: np.add.reduce(x[None], out=y), lambda: np.sum(x[None], 0, None, y)):
        assert call() is y
        assert y.requires_grad


def test_out_is_a_write_that_other_graphs_notice():
    x, w = leaf(), Tensor([1.0, 2.0, 3.0])
    loss = (x * w).sum()
    np.add(np.ones(3), 1, out=w)
    with pytest.raises(RuntimeError, match="was written after the forward pass"):
        loss.backward()


@pytest.mark.parametrize(
    "write", [lambda w: np.exp(w, out=w), lambda w: np.sum(np.ones((2, 3)), 0, out=w), lambda w: np.add.at(w, [0], 1.0),
              lambda w: np.isnan(w, out=w), lambda w: np.negative.at(w, [0])],
)  # fmt: skip
def test_a_leaf_is_written_under_no_grad_only(write):
    w = leaf()
    with pytest.raises((RuntimeError, TypeError), match=r"would lose the leaf|not differentiated here"):
        write(w)
    assert w.tolist() == [1, 2, 3]
    with no_grad():
        write(w)
    assert w.is_leaf
    assert w.tolist() != [1, 2, 3]


def test_values_without_derivative_are_written_into_a_recorded_tensor_too():
    x = leaf()
    y = x * 2
    np.fmax([1.0, 9.0, 1.0], 2.0, out=y)
    y.sum().backward()
    assert (y.tolist(), x.grad.tolist()) == ([2, 9, 2], [0, 0, 0])


def test_an_index_of_add_at_may_be_a_tensor_and_may_change_after_its_use():
    for index in Tensor([0, 0]), np.array([0, 0]):
        x, y = leaf([1.0, 2.0]), Tensor(np.zeros(3))
        np.add.at(y, index, x)
        index[0] = 2
        (y * y).sum().backward()
        assert (y.tolist(), x.grad.tolist()) == ([3, 0, 0], [6, 6])


def test_a_view_is_not_written_by_out():
    with pytest.raises(RuntimeError, match="on a view of another Tensor"):
        np.exp(leaf(), out=(leaf(np.ones(4)) * 1)[:3])


def test_values_that_where_leaves_out_are_not_computed():
    x, zero = leaf([4.0, 5.0]), leaf([0.0, 2.0])
    y = np.divide(x, zero, out=Tensor(np.zeros(2)), where=np.array([False, True]))  # a warning would be an error
    y.sum().backward()
    assert (y.tolist(), x.grad.tolist(), zero.grad.tolist()) == ([0, 2.5], [0, 0.5], [0, -1.25])


@pytest.mark.parametrize(
    "write", [lambda a, t: np.add(a, t, out=a), lambda a, t: a.__iadd__(t), lambda a, t: np.add(a, t, out=a, where=[True, False, True]),
              lambda a, t: np.sum(t[None], 0, out=a), lambda a, t: np.clip(t, 2, 9, a), lambda a, t: np.add.at(a, [0, 1, 2], t),
              lambda a, t: np.copyto(a, t), lambda a, t: np.cumsum(t, out=a), lambda a, t: np.concatenate([t], out=a)],
)  # fmt: skip
def test_an_array_takes_what_needs_no_gradient(write):
    a, b = np.ones(3), np.ones(3)
    with pytest.raises(TypeError, match=r"would cut the graph; write a = a \+ …|not differentiated here"):
        write(a, leaf())
    assert a.tolist() == [1, 1, 1]
    write(a, Tensor([5.0, 6.0, 7.0]))
    write(b, np.array([5.0, 6.0, 7.0]))
    assert type(a) is np.ndarray
    assert a.tolist() == b.tolist() != [1, 1, 1]


def test_what_has_no_op_is_written_as_a_tensors_owner_would():
    t = Tensor([1.0, 2.0, 3.0])
    loss = (t * leaf()).sum()
    assert np.fmax(t, 2.0, out=t) is t
    assert t.tolist() == [2, 2, 3]
    np.multiply.at(t, [0, 0], 2.0)
    assert t.tolist() == [8, 2, 3]
    assert np.cumsum(t, out=t) is t
    assert t.tolist() == [8, 10, 13]
    whole = Tensor(np.zeros(3))
    parts = np.modf(np.array([1.5, 2.5, 3.25]), out=(None, whole))
    assert parts[1] is whole
    assert (parts[0].tolist(), whole.tolist()) == ([0.5, 0.5, 0.25], [1, 2, 3])
    with pytest.raises(RuntimeError, match="was written after the forward pass"):
        loss.backward()


# -- operators ----------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("operator", ["+", "-", "*", "/", "//", "%", "**", "@", "==", "!=", "<", "<=", ">", ">="])
@pytest.mark.parametrize(
    "other", [np.array([0.5, 3.0, 2.0]), [0.5, 3.0, 2.0], (0.5, 3.0, 2.0), np.array([1, 3, 2]), np.float64(2.5), np.float32(2.5),
              np.int64(3), np.bool_(True), np.array(2.5), 2.5, 3, True],
    ids=lambda a: f"{type(a).__name__}{np.shape(a)}",
)  # fmt: skip
def test_operators_from_either_side(operator, other):
    apply = eval(f"lambda a, b: a {operator} b")
    t, plain = leaf(), np.array([1.0, 2.0, 3.0])
    for ours, theirs in (((t, other), (plain, np.asarray(other))), ((other, t), (np.asarray(other), plain))):
        if operator == "@" and not np.ndim(other):
            with pytest.raises(ValueError, match="use"):
                apply(*ours)
            continue
        found = apply(*ours)
        np.testing.assert_allclose(found.data if isinstance(found, Tensor) else found, apply(*theirs))
        assert isinstance(found, Tensor) == (operator in ("+", "-", "*", "/", "%", "**", "@"))


# -- refusals -----------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("attempt", "error", "message"),
    [
        (lambda x: np.packbits(x), TypeError, r"numpy\.packbits is not differentiated here; dir\(autograd\.numpy\) lists what is"),
        (lambda x: np.savetxt("x.txt", x), TypeError, r"numpy\.savetxt is not"),
        (lambda x: np.copyto(np.ones(2), x), TypeError, r"copyto: writing into a plain array .* would cut the graph"),
        (lambda x: np.gcd(2, 4, out=x) + np.fmod(x, 2), Exception, None),
        (lambda x: np.vectorize(lambda v: v)(x), TypeError, r"would cut the graph; .*autograd\.numpy.*vectorize"),
        (lambda x: np.subtract.reduce(x, where=[True, False]), TypeError, r"numpy\.subtract\.reduce: where=\[True, False\] has no meaning"),
        (lambda x: np.hypot.reduce(np.outer(x, x), None), ValueError, r"numpy\.hypot\.reduce: got axis=None for an array of 2 axes"),
        (lambda x: np.subtract.reduce(x[:0]), ValueError, r"numpy\.subtract\.reduce: got no value along axis 0, wanted at least one"),
        (lambda x: np.add.reduceat(x, [0, 2]), ValueError, r"numpy\.add\.reduceat: got the indices \[0, 2\], wanted .* from 0 to 1"),
        (lambda x: np.maximum.accumulate(x, out=np.zeros(2)), TypeError, r"maximum\.accumulate: writing into a plain array"),
        (lambda x: np.multiply.at(x * 1, [0], x[0]), TypeError, r"numpy\.multiply\.at is not"),
        (lambda x: np.exp(x, where=[True, False]), TypeError, r"numpy\.exp: where leaves the other values.*numpy\.where"),
        (lambda x: np.exp(x, dtype="f4", casting="safe"), TypeError, r"numpy\.exp: dtype=float32 would cut .* \(casting='safe'\)"),
        (lambda x: np.exp(x, casting="odd"), ValueError, "casting must be one of"),
        (lambda x: np.exp(x, order="F"), TypeError, r"numpy\.exp: order='F'"),
        (lambda x: np.exp(x, dtype=int), TypeError, r"numpy\.exp: dtype=int64 would cut values of dtype float64"),
        (lambda x: np.add(x, 1, signature="dd->d"), TypeError, r"numpy\.add: signature='dd->d'"),
        (lambda x: np.exp(x, out=Tensor(np.zeros(5))), ValueError, r"numpy\.exp: out has shape \(5,\), wanted \(2,\)"),
        (lambda x: np.sum(x, out=Tensor(np.zeros(5))), ValueError, r"sum: out has shape \(5,\), wanted \(\)"),
        (lambda x: np.sum(x, out=np.zeros(())), TypeError, r"sum: writing into a plain array .* would cut the graph"),
        (lambda x: np.sum(x, out=[0.0]), TypeError, "sum: out is a list, wanted an array or a Tensor"),
        (lambda x: np.exp(x, out=Tensor([0, 0])), TypeError, r"numpy\.exp: out has dtype int64, wanted float64"),
        (lambda x: np.sum(x, 0, True), TypeError, "data type"),
        (lambda x: np.sum(x, dtype=int), TypeError, "sum: dtype=int64 has no derivative, and would cut the graph; use .astype first"),
        (lambda x: np.max(x, dtype=int), TypeError, "dtype"),
        (lambda x: np.mean(x, dtype=int), TypeError, "mean: dtype=int64 has no derivative"),
        (lambda x: anp.array([x[0], 1.0], dtype=int), TypeError, "array: dtype=int64 has no derivative"),
        (lambda x: anp.full(2, x, bool), TypeError, "full: dtype=bool has no derivative"),
        (lambda x: np.sum(x, where=x), TypeError, "sum: where has dtype float64, wanted booleans"),
        (lambda x: np.sum(x, where=np.ones((4, 2), bool)), ValueError, r"sum: where has shape \(4, 2\), wanted .* to \(2,"),
        (lambda x: np.sum(x, initial=x), ValueError, r"sum: initial has shape \(2,\), wanted a single value"),
        (lambda x: np.sum(Tensor([1, 2]), initial=x[0]), TypeError, "sum: dtype=int64 would cut values of dtype float64"),
        (lambda x: np.sum(x, axis=x), TypeError, "sum: the option axis got a Tensor, which would cut the graph"),
        (lambda x: np.max(x, where=[True, False]), ValueError, "max: where may select nothing.*initial"),
        (lambda x: np.var(x, ddof=x[0]), TypeError, "var: ddof .* got a Tensor"),
        (lambda x: np.std(x, correction=x[0]), TypeError, "std: ddof .* got a Tensor"),
        (lambda x: np.var(x, ddof=1, correction=1), ValueError, "var: got both ddof=1 and correction=1"),
        (lambda x: np.clip(x, 0, 1, max=2), ValueError, "clip: got a_min or a_max beside min or max"),
        (lambda x: np.clip(x, 0, 1, dtype=int), TypeError, "clip: dtype=int64 would cut values of dtype float64"),
        (lambda x: np.clip(x, 0, 1, signature="ddd->d"), TypeError, "clip: signature='ddd->d' has no meaning on a Tensor"),
        (lambda x: np.where(x > 0, x), ValueError, "where: got one value, wanted two"),
        (lambda x: np.reshape(x, (2, 1), order="A"), TypeError, "reshape: order='A' .* wanted 'C' or 'F'"),
        (lambda x: anp.reshape(x, (2, 1), copy=False), TypeError, "reshape: copy=False"),
        (lambda x: np.ravel(x, "K"), TypeError, "ravel: order='K'"),
        (lambda x: np.copy(x, order="F"), TypeError, "copy: order='F'"),
        (lambda x: np.pad(x, 1, end_values=1), TypeError, "pad: end_values belongs to another mode"),
        (lambda x: np.concatenate([x, x], dtype=int), TypeError, "concatenate: dtype=int64 would cut"),
        (lambda x: np.concatenate([x], out=np.zeros(2)), TypeError, "concatenate: writing into a plain array"),
        (lambda x: np.rollaxis(x, 5), np.exceptions.AxisError, "rollaxis: got axis=5"),
        (lambda x: np.flip(x, 3), np.exceptions.AxisError, "flip: got axis=3"),
        (lambda x: np.array_split(x, 0), ValueError, "array_split: got 0 sections"),
        (lambda x: np.vsplit(x, 1), ValueError, "vsplit: got an array of 1 axes, wanted at least 2"),
        (lambda x: np.dsplit(x, 1), ValueError, "dsplit: got an array of 1 axes, wanted more than 2"),
        (lambda x: anp.array([x, x], order="F"), TypeError, "array: order='F'"),
        (lambda x: anp.array([x, x], copy=False), ValueError, "array: copy=False, but a list of Tensors can only be copied"),
        (lambda x: anp.full(2, x, order="F"), TypeError, "full: order='F'"),
        (lambda x: np.array([x[0], x[1]]), TypeError, r"would cut the graph; use .* np\.stack or autograd\.numpy\.array"),
        (lambda x: np.array([x, x]), TypeError, r"would cut the graph; use .* np\.stack or autograd\.numpy\.array"),
        (lambda x: np.array([x[0], 1.0]), TypeError, "would cut the graph"),
        (lambda x: np.full(2, x), TypeError, "would cut the graph|numpy.copyto is not differentiated"),
        (lambda x: np.random.default_rng(0).normal(x), TypeError, "would cut the graph"),
        (lambda x: np.sum([x, x]), TypeError, "would cut the graph"),
        (lambda x: np.from_dlpack(x), TypeError, "DLPack of a Tensor that requires grad would cut the graph"),
        (lambda x: x.to_device("cuda"), ValueError, "to_device: got 'cuda', wanted 'cpu'"),
        (lambda x: x.__array_namespace__(api_version="1999.1"), ValueError, "1999.1"),
    ],
)  # fmt: skip
def test_refused_by_name(attempt, error, message):
    x = leaf([1.0, 2.0])
    with pytest.raises(error, match=message):
        attempt(x)
    assert x.tolist() == [1, 2]


def clean(z):
    return z


def test_a_function_of_another_library_is_refused_with_ours_if_there_is_one():
    with pytest.raises(TypeError, match=r"^clean \(vectorized\) is not differentiated here; dir"):
        np.frompyfunc(clean, 1, 1)(leaf())
    assert _refusal("erf").startswith("erf is not differentiated here; autograd.ops.erf is; dir(autograd.numpy)")


def test_what_needs_no_gradient_is_computed_by_numpy():
    t = Tensor([3.0, 1.0, 2.0])
    assert np.sort(t).tolist() == [1, 2, 3]
    assert np.linalg.inv(Tensor(2 * np.eye(2))).tolist() == [[0.5, 0], [0, 0.5]]
    assert np.add.accumulate(t).tolist() == [3, 4, 6]
    assert np.block([[t, t]]).tolist() == [[3, 1, 2, 3, 1, 2]]
    w = leaf([3.0, 1.0])
    with no_grad():
        assert np.sort(w).tolist() == [1, 3]
        assert np.fmax(w, 2).tolist() == [3, 2]
        assert np.asarray(w).tolist() == [3, 1]


def test_what_has_no_derivative_gives_plain_arrays():
    x = leaf([[3.0, -1.0]])
    assert (np.shape(x), np.shape(a=x), np.ndim(x), np.size(x), np.size(x, 1)) == ((1, 2), (1, 2), 2, 2, 2)
    for y, wanted in [
        (np.argsort(x), [[1, 0]]), (np.zeros_like(x), [[0, 0]]), (np.full_like(x, 7), [[7, 7]]), (np.any(x > 0), True),
        (np.all(x), True), (np.round(x, 1), [[3, -1]]), (np.isclose(a=x, b=x), [[True, True]]), (np.array_equal(x, x), True),
        (np.greater(x, 0), [[True, False]]), (np.sign(x), [[1, -1]]), (np.greater.outer(x[0], [0, 5]), [[True, False], [False, False]]),
        (np.logical_and.reduce(x, axis=1), [True]), (np.logical_xor(x, x), [[False, False]]), (np.signbit(x), [[False, True]]),
        (np.floor(x, out=np.empty((1, 2))), [[3, -1]]), (np.isnan(x, where=True), [[False, False]]), (np.lexsort((x[0],)), [1, 0]),
        (np.where(x > 0)[1], [0]), (np.where(x)[1], [0, 1]), (anp.argsort(x), [[1, 0]]),
    ]:  # fmt: skip
        assert isinstance(y, (np.ndarray, np.generic, bool))
        assert np.array_equal(y, wanted)


@pytest.mark.parametrize("name", ["add", "isnan", "matmul", "deg2rad"])
def test_a_universal_function_of_ours_is_one(name):
    ours, theirs = getattr(anp, name), getattr(np, name)
    assert (ours.nin, ours.nout, ours.signature, ours.__name__) == (theirs.nin, theirs.nout, theirs.signature, theirs.__name__)
    assert pickle.loads(pickle.dumps(ours)) is copy.deepcopy(ours) is ours
    assert repr(ours) == repr(theirs)


def test_plain_arrays_go_through_with_every_keyword():
    a, counts = np.array([4.0, 0.0, 9.0]), np.zeros(2)
    anp.add.at(counts, [0, 0, 1], 1.0)
    assert counts.tolist() == [2, 1]
    assert anp.sqrt(a, where=a > 0, out=np.zeros(3), casting="unsafe").tolist() == [2, 0, 3]
    assert anp.sum(a, dtype=int, initial=1, where=[True, True, False]) == 5
    assert anp.max([], initial=2.0) == 2
    assert anp.pad(a, 1, mode="edge").tolist() == [4, 4, 0, 9, 9]
    assert anp.clip(a, 1, 5, dtype=np.float32).dtype == np.float32
    assert anp.linalg.norm(a, 1) == 13
    assert anp.var(a, mean=np.zeros(1)) == 97 / 3
    assert anp.array([1, 2], ndmin=2, dtype=">f4").shape == (1, 2)
    assert anp.copy(np.ones((2, 2)), order="F").flags.f_contiguous
    assert anp.full(2, 7, np.int8).dtype == np.int8
    assert anp.reshape(np.ones((2, 2)).T, 4, order="A").shape == anp.ravel(np.ones((2, 2)), "K").shape == (4,)
    assert type(anp.broadcast_to(np.ones(2).view(Units), (2, 2), subok=True)) is Units
    assert anp.concatenate([a, a], dtype=np.float32).dtype == np.float32
    assert anp.where(a > 0, "some", "none").tolist() == anp.hstack([["some"], ["none", "some"]]).tolist() == ["some", "none", "some"]
    assert anp.equal(["a", "b"], "a").tolist() == [True, False]
    assert anp.max([Fraction(1, 2), Fraction(1, 3)]) == Fraction(1, 2)


# -- making arrays ------------------------------------------------------------------------------------------------------------------------


def test_lists_of_tensors_and_numbers_are_joined():
    def f(x):
        table = anp.array([[x[0], 1.0], [x[1] * x[2], 2]])
        row = anp.hstack([x[0], 3.0, x])
        return (table @ table).sum() * (row * row).sum() + anp.concatenate([[1.0], x]).sum() + anp.asarray([x, x]).prod()

    check_grads(f)(np.array([0.3, 0.8, 1.4]))


@pytest.mark.parametrize(("keywords", "shape", "dtype"), [
    ({}, (2,), float), ({"dtype": np.float32}, (2,), np.float32), ({"ndmin": 3}, (1, 1, 2), float), ({"copy": None}, (2,), float),
    ({"dtype": ">f8", "ndmin": 1}, (2,), float),
])  # fmt: skip
@pytest.mark.parametrize("kind", [lambda x: x, lambda x: [x[0], x[1]]])
def test_array_takes_numpys_keywords(kind, keywords, shape, dtype):
    x = leaf([1.0, 2.0])
    y = anp.array(kind(x), **keywords)
    assert (y.shape, y.dtype) == (shape, dtype)
    y.sum().backward()
    assert x.grad.tolist() == [1, 1]


def test_asarray_makes_nothing_new_of_a_tensor():
    x = leaf()
    assert anp.asarray(x) is x
    assert anp.asarray(x, float, device="cpu") is x
    assert anp.asarray(x, np.float32).dtype == np.float32
    assert anp.asarray(x, copy=True) is not x
    a = np.ones(2)
    assert anp.asarray(a) is not None
    assert np.shares_memory(anp.asarray(a, copy=False), a)


def test_astype_is_the_method():
    x = leaf()
    assert anp.astype(x, int).tolist() == [1, 2, 3]
    assert anp.astype(x, float, copy=False) is x
    assert anp.astype(x, float) is not x
    assert anp.astype(x, ">f4").dtype == np.float32


def test_full_is_differentiated_and_may_be_written():
    x = leaf(2.0)
    y = anp.full((2, 2), x)
    y[0, 0] = 5.0
    (y * y).sum().backward()
    assert (y.tolist(), x.grad.item()) == ([[5, 2], [2, 2]], 12)
    assert anp.full(3, x, dtype=np.float32).dtype == anp.full_like(np.zeros(3, np.float32), x).dtype == np.float32
    rows = anp.full((2, 2), Tensor([1.0, 2.0]))
    rows[0] = 0.0
    assert rows.tolist() == [[0, 0], [1, 2]]


def test_parts_come_as_a_list():
    for split in anp.split, anp.array_split, anp.hsplit, np.split:
        parts = split(leaf(), 3)
        assert isinstance(parts, list)
        assert [part.tolist() for part in parts] == [[1], [2], [3]]


def test_the_submodules_are_there():
    import autograd.numpy.linalg as nla
    import autograd.numpy.random as npr
    from autograd.numpy.fft import fft
    from autograd.numpy.linalg import LinAlgError, norm

    assert (nla, npr) == (anp.linalg, anp.random)
    assert norm is nla.norm
    assert LinAlgError is np.linalg.LinAlgError
    assert fft is anp.fft.fft
    assert npr.RandomState(0).randn(2).shape == (2,)
    assert grad(lambda x: norm(x))(np.array([3.0, 4.0])).tolist() == [0.6, 0.8]
    assert grad(lambda x: norm(x, axis=0).sum())(np.zeros((2, 2))).tolist() == [[0, 0], [0, 0]]


# -- the array API, and other libraries ---------------------------------------------------------------------------------------------------


def test_names_of_the_array_api():
    x = leaf(np.ones((2, 3)))
    assert x.__array_namespace__() is x.__array_namespace__(api_version="2022.12") is anp
    assert x.device == "cpu"
    assert x.to_device("cpu") is x
    assert x.mT.shape == (3, 2)


def test_dlpack_shares_what_needs_no_gradient():
    x = Tensor([1.0, 2.0])
    assert x.__dlpack_device__() == (1, 0)
    assert np.shares_memory(np.from_dlpack(x), x.data)


@pytest.mark.parametrize("copy_", [None, True, False])
def test_asarray_of_a_tensor(copy_):
    x = Tensor([1.0, 2.0])
    assert np.shares_memory(np.array(x, copy=copy_), x.data) == (copy_ is False)
    with pytest.raises(ValueError, match="copy"):
        np.array(x, dtype=np.float32, copy=False)


def test_a_list_of_tensors_without_gradient_is_an_array_to_numpy():
    t, v = Tensor(2.0), Tensor([1.0, 2.0])
    assert np.array([t, 1.0]).tolist() == [2, 1]
    assert np.array([v, [3, 4]]).tolist() == [[1, 2], [3, 4]]


def test_pandas():
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame({"a": [1.0, 2.0], "b": [3, 4], "flag": [True, False]})
    assert Tensor(frame["a"]).tolist() == [1, 2]
    assert Tensor(frame[["a", "b"]], requires_grad=True).tolist() == [[1, 3], [2, 4]]
    assert Tensor(frame["flag"]).dtype == bool
    assert Tensor(pd.Series([1, 2], dtype="Int64")).tolist() == [1, 2]
    x = leaf([5.0, 6.0])
    for y, wanted in [
        (x + frame["a"], [6, 8]), (frame["a"] + x, [6, 8]), (frame["a"] - x, [-4, -4]), (frame["b"] / x, [0.6, 4 / 6]),
        (frame["a"] ** x, [1, 64]), (np.add(frame["a"], x), [6, 8]), (np.hypot(x, frame["b"]), [np.hypot(5, 3), np.hypot(6, 4)]),
        (frame[["a", "b"]] * x, [[5, 18], [10, 24]]), (x @ frame[["a", "b"]], [17, 39]), (ops.where(frame["flag"], x, 0), [5, 0]),
    ]:  # fmt: skip
        assert y.requires_grad
        np.testing.assert_allclose(y.data, wanted)
    assert (frame["a"] < x).tolist() == [True, True]
    with pytest.raises(TypeError, match="would cut the graph"):
        frame["a"] @ x
    with pytest.raises(TypeError, match="would cut the graph"):
        pd.Series(x)
    assert pd.Series(x.detach()).tolist() == [5, 6]
    for data in pd.Series(["a", "b"]), pd.Series(["a"], dtype="category"), pd.Series(pd.to_datetime(["2020-01-01"])):
        with pytest.raises(TypeError, match=r"got data of dtype .*, wanted numbers or booleans"):
            Tensor(data)


def test_matplotlib():
    figure = pytest.importorskip("matplotlib.figure")
    x = leaf(np.linspace(0, 1, 5))
    axes = figure.Figure().subplots()
    line = axes.plot(x, np.sin(x))[0]
    np.testing.assert_array_equal(line.get_ydata(), np.sin(x.data))
    counts, _, _ = axes.hist(x.detach(), bins=2)
    assert counts.tolist() == [2, 3]
    axes.scatter(x.detach(), x.detach(), c=x.detach())
    axes.fill_between(x.detach(), x.detach())
    axes.imshow(Tensor(np.ones((2, 2))))
    axes.bar([0, 1], Tensor([1.0, 2.0]))


# -- kinds of data ------------------------------------------------------------------------------------------------------------------------

STRANGE = {
    "None": [1.0, None],
    "fraction": [Fraction(1, 2)],
    "decimal": [Decimal("0.5")],
    "a long integer": [2**70],
    "a set": {1.0, 2.0},
    "text": ["a"],
    "bytes": b"1",
    "date": np.array(["2020-01-01"], "M8[D]"),
    "duration": np.array([1], "m8[s]"),
    "one duration": np.timedelta64(1, "s"),
    "records": np.zeros(1, [("a", float)]),
    "objects": np.array([1.5], object),
    "ragged": [[1.0, 2.0], [3.0]],
    "masked": np.ma.array([1.0], mask=[True]),
}


@pytest.mark.parametrize("data", STRANGE.values(), ids=STRANGE)
@pytest.mark.parametrize(
    "use",
    [Tensor, lambda a: leaf([1.0]) * a, lambda a: Tensor([1.0]) * a, lambda a: a * leaf([1.0]), lambda a: np.multiply(leaf([1.0]), a),
     lambda a: ops.concatenate([leaf([1.0]), a]), lambda a: (leaf([1.0]) * 1).__setitem__(0, a),
     lambda a: ops.linear(leaf([1.0]), a, None), lambda a: ops.add(a, leaf([1.0]))],
    ids=["Tensor", "x * a", "t * a", "a * x", "np.multiply(x, a)", "concatenate", "x[0] = a", "linear", "add(a, x)"],
)  # fmt: skip
def test_what_is_no_number_is_refused(data, use):
    with pytest.raises((TypeError, ValueError), match=r"wanted (numbers|rows)|masked|different shapes|would lose|would cut"):
        use(data)


@pytest.mark.parametrize("use", [lambda m: ops.add(m, 1.0), lambda m: anp.sum(m), lambda m: np.add(Tensor([1.0, 2.0]), m)])
def test_masks_are_not_lost(use):
    with pytest.raises(TypeError, match=r"masked array, whose mask would be lost; fill it first: a\.filled"):
        use(np.ma.array([3.0, 4.0], mask=[0, 1]))


@pytest.mark.filterwarnings("ignore:the matrix subclass:PendingDeprecationWarning")
def test_a_matrix_is_refused_because_its_product_is_another():
    x, m = leaf(np.ones((2, 2))), np.matrix(np.eye(2))
    for use in (lambda: x * m, lambda: m * x, lambda: m + x, lambda: Tensor(m), lambda: m @ x):
        with pytest.raises(TypeError, match=r"np\.matrix, whose \* is a matrix product"):
            use()


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble, np.complex64, np.clongdouble])
def test_every_width_of_number_has_gradients_of_its_own(dtype):
    x = leaf(np.array([0.5, 0.25], dtype))
    y = (np.exp(x) * x / 3 + np.tanh(x)).sum().real
    y.backward()
    assert (x.dtype, x.grad.dtype) == (dtype, dtype)
    wanted = grad(lambda x: (np.exp(x) * x / 3 + np.tanh(x)).sum())(np.array([0.5, 0.25]))
    np.testing.assert_allclose(x.grad.data, wanted, rtol=1e-2 if dtype == np.float16 else 1e-6)


def test_longdouble_keeps_its_digits():
    tiny = np.finfo(np.longdouble).eps
    x = leaf(np.longdouble(1) + tiny)
    (x * x).backward()
    assert x.grad.data == 2 + 2 * tiny


def test_big_endian_data_give_native_results():
    big, x = np.array([1.0, 2.0], ">f8"), leaf([3.0, 4.0])
    for y in (
        Tensor(big), Tensor(big, copy=False), x * big, big + x, np.stack([x, big]), np.where([True, False], x, big), x.astype(">f8"),
        np.sum(x, dtype=">f4"), ops.concatenate([x, big]),
    ):  # fmt: skip
        assert y.dtype.isnative
    (x * big).sum().backward()
    assert x.grad.dtype.isnative
    assert x.grad.tolist() == [1, 2]
    x = leaf(big)
    (x * x).sum().backward()
    assert x.grad.tolist() == [2, 4]


def test_memory_maps_are_shared_or_copied(tmp_path):
    stored = np.memmap(tmp_path / "a.bin", np.float64, "w+", shape=(3,))
    stored[:] = [1, 2, 3]
    shared, copied = Tensor(stored, copy=False), Tensor(stored, requires_grad=True)
    shared[0] = 5.0
    assert stored[0] == 5
    assert copied.tolist() == [1, 2, 3]
    assert type(shared.data) is type(copied.data) is np.ndarray
    y = copied * stored
    y.sum().backward()
    assert copied.grad.tolist() == [5, 2, 3]
    frozen = Tensor(np.memmap(tmp_path / "a.bin", np.float64, "r"), copy=False)
    with pytest.raises(ValueError, match="read-only"):
        frozen[0] = 1.0


@pytest.mark.parametrize("data", [np.broadcast_to(1.0, (3,)), np.frombuffer(np.ones(3).tobytes())], ids=["zero-stride", "read-only"])
def test_read_only_memory_is_read_and_not_written(data):
    x = Tensor(data, requires_grad=True, copy=False)
    (x * x).sum().backward()
    assert x.grad.tolist() == [2, 2, 2]
    with no_grad(), pytest.raises(ValueError, match=r"is read-only; write into a \.copy\(\)"):
        x[0] = 2.0
    writable = Tensor(data)
    writable[0] = 2.0
    assert writable.tolist() == [2, 1, 1]


class Units(np.ndarray):
    pass


@pytest.mark.parametrize("data", [np.ones(2).view(Units), np.array(2.0), np.ones((0, 3)), np.float32(1.5), 7, True, 2**63, [[1, 2.5]]])
def test_what_numpy_makes_an_array_of_is_data(data):
    t = Tensor(data)
    wanted = np.asarray(data)
    assert type(t.data) is np.ndarray
    assert (t.shape, t.dtype) == (wanted.shape, wanted.dtype)
    assert np.array_equal(t.data, wanted)
    assert np.array_equal((t + data).data, wanted + wanted)


def test_a_long_integer_fits_itself_to_floats():
    x = leaf([1.0, 2.0])
    assert (x * 2**70).tolist() == [2.0**70, 2.0**71]
    with pytest.raises(OverflowError, match="int too large"):
        x * 10**400
