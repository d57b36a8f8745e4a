"""What moves, joins, picks and writes values: NumPy's values, and every keyword's derivative."""

import inspect

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import Tensor, grad, no_grad
from autograd.ops.rearrange import Move, Slot, rearrange
from autograd.test_util import check_grads

from .namespaces import assert_right, blank, calls

X = np.random.default_rng(0).standard_normal((3, 4))
V = np.random.default_rng(1).standard_normal((2, 4))
MASK = X > 0


@calls(
    lambda n, x, v: n.roll(x, 1),
    lambda n, x, v: n.roll(x, (1, -2), axis=(0, 1)),
    lambda n, x, v: n.roll(x, shift=3, axis=1),
    lambda n, x, v: n.lib.stride_tricks.sliding_window_view(x, (2, 3)),
    lambda n, x, v: n.lib.stride_tricks.sliding_window_view(x, 3, axis=-1),
    lambda n, x, v: n.rot90(x),
    lambda n, x, v: n.rot90(x[None], k=3, axes=(2, 1)),
    lambda n, x, v: n.tril(x, 1),
    lambda n, x, v: n.triu(x, k=-1),
    lambda n, x, v: n.tile(x, 2),
    lambda n, x, v: n.tile(x, (2, 1, 3)),
    lambda n, x, v: n.repeat(x, 2),
    lambda n, x, v: n.repeat(x, [1, 0, 3], axis=0),
    lambda n, x, v: n.resize(x, (5, 4)),
    lambda n, x, v: n.resize(x, 3),
    lambda n, x, v: n.take(x, 2),
    lambda n, x, v: n.take(x, [[0, 2], [2, 2]], axis=1),
    lambda n, x, v: n.take(x, [-5, 9], axis=0, mode="wrap"),
    lambda n, x, v: n.take(x, [-5, 99], mode="clip"),
    lambda n, x, v: n.take(x, [0, 1], 0, blank(x, (2, 4))),
    lambda n, x, v: n.compress([True, False, True], x, axis=0),
    lambda n, x, v: n.compress([False, True], x),
    lambda n, x, v: n.compress([True], x, 1, out=blank(x, (3, 1))),
    lambda n, x, v: n.extract(MASK, x),
    lambda n, x, v: n.delete(x, 1),
    lambda n, x, v: n.delete(x, slice(0, 3, 2), axis=0),
    lambda n, x, v: n.delete(x, [0, -1], 1),
    lambda n, x, v: n.delete(x, MASK[0], 1),
    lambda n, x, v: n.diagonal(x),
    lambda n, x, v: n.diagonal(n.stack([x, x * 2]), offset=1, axis1=2, axis2=1),
    lambda n, x, v: n.trace(x),
    lambda n, x, v: n.trace(n.stack([x, x * 2]), 1, 2, 1, out=blank(x, 2)),
    lambda n, x, v: n.diag(x, 1),
    lambda n, x, v: n.diag(x[0], k=-2),
    lambda n, x, v: n.diagflat(x, 1),
    lambda n, x, v: n.insert(x, 1, 5.0),
    lambda n, x, v: n.insert(x, [1, 3], v[0, :2]),
    lambda n, x, v: n.insert(x, slice(0, 2), v, axis=0),
    lambda n, x, v: n.insert(x, 2, v[:, :1].T[0, 0], axis=1),
    lambda n, x, v: n.append(x, v, axis=0),
    lambda n, x, v: n.block([[x, x[:, :1]], [v, v[:, 1:2]]]),
    lambda n, x, v: n.block([x[0], 2.0, v[0]]),
    lambda n, x, v: n.block([[x, x[:, :1]], [np.ones((2, 4)), np.zeros((2, 1))]]),
    lambda n, x, v: n.unstack(x)[1],
    lambda n, x, v: n.unstack(x, axis=-1)[3],
    lambda n, x, v: n.trim_zeros(n.concatenate([[0, 0], x[0], [0], x[1], [0]])),
    lambda n, x, v: n.trim_zeros(n.concatenate([[0, 0], x[0], [0]]), "f"),
    lambda n, x, v: n.trim_zeros(n.triu(x, 2), "B"),
    lambda n, x, v: n.trim_zeros(n.triu(x, 2), axis=1),
    lambda n, x, v: n.broadcast_arrays(x[0], v)[0],
    lambda n, x, v: n.broadcast_arrays(x, 2.0, v[:1])[2],
    lambda n, x, v: n.meshgrid(x[0], v[:, 0])[0],
    lambda n, x, v: n.meshgrid(x[0], v[:, 0], [1.0, 2.0])[1],
    lambda n, x, v: n.meshgrid(x[0], v[:, 0], sparse=True, copy=False)[1],
    lambda n, x, v: n.meshgrid(x[0], v[:, 0], indexing="ij")[1],
    lambda n, x, v: n.meshgrid(x[0])[0],
    lambda n, x, v: n.ix_(x[0], v[:, 0])[1],
    lambda n, x, v: n.ix_(MASK[0], x[0])[1],
)  # fmt: skip
def test_what_moves_values(call):
    assert_right(call, X, V)


@pytest.mark.parametrize(
    "joined",
    [
        lambda n, x, v: n.r_[x, v],
        lambda n, x, v: n.r_[x[0], 2.0, 0:3, v[0]],
        lambda n, x, v: n.r_["1", x, v.T[:3]],
        lambda n, x, v: n.r_["0,2", x, v[0]],
        lambda n, x, v: n.r_["1,2,0", x[:, 0], x],
        lambda n, x, v: n.c_[x[0], v.T],
        lambda n, x, v: n.c_[x[0]],
        lambda n, x, v: n.r_[-1:1:5j, x[0]],
    ],
)
def test_square_brackets_join(joined):
    wanted = joined(np, X, V)
    y = joined(anp, Tensor(X), Tensor(V))
    assert isinstance(y, Tensor)
    for found in y.data, joined(anp, X, V):
        np.testing.assert_array_equal(found, wanted, strict=True)
    check_grads(lambda x, v: joined(anp, x, v))(X, V)


def test_numpys_own_brackets_cut_no_graph():
    x = Tensor([1.0], requires_grad=True)
    for join in lambda: np.c_[x, x], lambda: np.r_[x, 1.0]:
        with pytest.raises(TypeError, match="would cut the graph"):
            join()
    with pytest.raises(TypeError, match=r"r_: 'r' asks for an np\.matrix"):
        anp.r_["r", x]


def test_a_column_of_complex_numbers_and_one_of_real_ones():
    check_grads(lambda x, z: abs(anp.insert(z, 1, x)) ** 2)(X[0, 0], X[1] + 1j * X[2])
    check_grads(lambda x: abs(anp.block([x[0], 1j])) ** 2)(X)


def test_an_index_may_change_after_its_use():
    index, x = np.array([0, 0]), Tensor([1.0, 2.0], requires_grad=True)
    y = np.take(x, index)
    index[:] = 1
    y.sum().backward()
    assert x.grad.tolist() == [2, 0]


@pytest.mark.parametrize(
    "function",
    [
        lambda n: n.vectorize(lambda x, v: x * v if x > 0 else v),
        lambda n: n.vectorize(lambda x, v, k=3: x**k + v[0], excluded={1}),
        lambda n: n.vectorize(lambda x, v: (x @ v, x[:1] * v), signature="(n),(n)->(),(n)"),
        lambda n: lambda x, v: n.vectorize(otypes=[float])(lambda x, v: x * v)(x=x, v=v[0]),
    ],
    ids=["two", "excluded", "rows", "decorator"],
)
def test_a_function_of_single_values_is_applied_to_arrays(function):
    x, v = X, V[0]
    wanted, found = function(np)(x, v), function(anp)(Tensor(x), Tensor(v))
    for w, y in zip(wanted, found, strict=True):
        assert isinstance(y, Tensor)
        np.testing.assert_allclose(y.data, w, rtol=1e-14)
    assert type(function(anp)(x, v)) is type(wanted)
    check_grads(function(anp))(x, v)


@pytest.mark.parametrize(("a", "values"), [(np.uint8([1, 2]), 300), (np.float32([1, 2]), 0.1), ([1, 2], 1.5)])
def test_append_gives_what_numpy_gives_for_a_number(a, values):
    wanted = np.append(a, values)
    np.testing.assert_array_equal(np.append(Tensor(a), values).data, wanted, strict=True)


def test_a_function_of_single_values_may_close_over_a_tensor():
    times = np.array([0.0, 1.0, 2.0])
    decay = lambda rate: anp.vectorize(lambda t: np.exp(-rate * t))(times)
    check_grads(decay)(0.7)
    single = anp.vectorize(lambda t: np.exp(-t), otypes=[np.float32])(Tensor(times))
    assert single.dtype == np.float32


@pytest.mark.parametrize(
    ("attempt", "error", "message"),
    [
        (lambda x: np.roll(x, 1, axis=5), np.exceptions.AxisError, r"how=roll: axis 5 is out of bounds"),
        (lambda x: np.take(x, x), TypeError, r"take: indices got a Tensor that requires grad, whose graph would be cut"),
        (lambda x: np.take(x, [0], out=np.zeros(1)), TypeError, "take: writing into a plain array"),
        (lambda x: anp.roll(x), TypeError, "roll: missing a required argument: 'shift'"),
        (lambda x: np.insert(Tensor([1, 2]), 0, x[0]), TypeError, "values of dtype float64 among others of dtype int64 would be cut"),
        (lambda x: anp.trim_zeros(x, "g"), ValueError, "trim_zeros: got trim='g'"),
        (lambda x: anp.ix_(x, x[None]), ValueError, r"ix_: got shape \(1, 2\)"),
        (lambda x: anp.meshgrid(x, indexing="yx"), ValueError, "meshgrid: got indexing='yx'"),
        (lambda x: np.pad(x, 1, "empty"), TypeError, "pad: mode='empty' leaves the border without values"),
        (lambda x: np.pad(x, 1, lambda *_: None), TypeError, "pad: a function as mode"),
        (lambda x: np.pad(x, 1, "edges"), ValueError, "pad: got mode='edges', wanted one of constant, edge"),
        (lambda x: np.pad(x, 1, "reflect", reflect_type="strange"), ValueError, "pad: got reflect_type='strange'"),
        (lambda x: np.pad(x, 1, "mean", stat_length=-1), ValueError, "widths must be whole numbers, not negative; got -1"),
        (lambda x: np.pad(x, -1, "mean"), ValueError, "widths must be whole numbers, not negative; got -1"),
        (lambda x: np.pad(Tensor([1, 2]), 1, "linear_ramp", end_values=x[0]), TypeError, "would cut the graph of end_values"),
        (lambda x: np.pad(Tensor([1, 2]), 1, constant_values=x[0]), TypeError, "would be cut"),
        (lambda x: np.copyto(x * 1, 1j), TypeError, "copyto: dtype=float64 would cut values of dtype complex128"),
        (lambda x: np.copyto(Tensor([1, 2]), x, casting="unsafe"), TypeError, "copyto: dtype=int64 has no derivative"),
        (lambda x: np.putmask(np.ones(2), [True, False], x), TypeError, "putmask: writing into a plain array"),
        (lambda x: np.put(x, [0], 1.0), RuntimeError, "would lose the leaf"),
        (lambda x: np.choose([0, 2], [x, x]), IndexError, "index 2 is out of bounds"),
        (lambda x: np.select([x > 0], [x, x]), ValueError, "select: got 1 conditions and 2 choices"),
        (lambda x: np.select([x.data], [x]), TypeError, "select: condlist has a condition of dtype float64, wanted booleans"),
        (lambda x: np.piecewise(x, [x > 0], [x, x, x]), ValueError, "piecewise: got 1 conditions and 3 functions"),
        (lambda x: np.piecewise(Tensor([1, 2]), [[True, True]], [x[0]]), TypeError, "would be cut"),
        (lambda x: np.apply_along_axis(np.sum, 1, x[:0, None]), ValueError, "there is no row along axis 1"),
        (lambda x: np.apply_over_axes(lambda a, k: a[0, 0], x[None], 0), ValueError, r"apply_over_axes: the function gave shape \(\)"),
        (lambda x: np.vectorize(lambda v: v)(x), TypeError, "would cut the graph"),
        (lambda x: anp.vectorize(lambda v: v)(x[:0]), ValueError, r"vectorize: got no values \(shape \(0,\)\)"),
    ],
)  # fmt: skip
def test_refused_by_name(attempt, error, message):
    x = Tensor([1.0, 2.0], requires_grad=True)
    with pytest.raises(error, match=message):
        attempt(x)
    assert x.tolist() == [1, 2]


# -- padding -------------------------------------------------------------------------------------------------------------------------------


@calls(
    lambda n, x, v: n.pad(x, 1),
    lambda n, x, v: n.pad(x, ((1, 2), (0, 3)), constant_values=2.0),
    lambda n, x, v: n.pad(x, 1, constant_values=v[0, 0]),
    lambda n, x, v: n.pad(x, ((1, 2), (0, 3)), constant_values=v[:, :2]),
    lambda n, x, v: n.pad(x, {1: 2}, constant_values=(v[0, 0], 1.0)),
    lambda n, x, v: n.pad(x, (1, 2), "edge"),
    lambda n, x, v: n.pad(x, (5, 9), "wrap"),
    lambda n, x, v: n.pad(x, (5, 9), "reflect"),
    lambda n, x, v: n.pad(x, (5, 9), "symmetric", reflect_type="even"),
    lambda n, x, v: n.pad(x, (5, 9), "reflect", reflect_type="odd"),
    lambda n, x, v: n.pad(x, (5, 9), "symmetric", reflect_type="odd"),
    lambda n, x, v: n.pad(x, ((0, 2), (1, 0)), mode="reflect", reflect_type="odd"),
    lambda n, x, v: n.pad(x[:1], 2, "reflect", reflect_type="odd"),
    lambda n, x, v: n.pad(x, (2, 3), "linear_ramp"),
    lambda n, x, v: n.pad(x, ((2, 0), (1, 3)), "linear_ramp", end_values=v[:, 2:]),
    lambda n, x, v: n.pad(x, 2, "linear_ramp", end_values=(v[0, 0], 3.0)),
    lambda n, x, v: n.pad(x, 1, "maximum"),
    lambda n, x, v: n.pad(x, ((1, 0), (2, 1)), "minimum", stat_length=2),
    lambda n, x, v: n.pad(x, 2, "mean", stat_length=((1, 9), (3, 2))),
    lambda n, x, v: n.pad(x, 2, "mean"),
    lambda n, x, v: n.pad(x, (1, 2), "median", stat_length=(2, 3)),
)
def test_padding_in_every_mode(call):
    assert_right(call, X, V)


@pytest.mark.parametrize("dtype", [int, np.float32, complex])
@pytest.mark.parametrize(
    "mode", ["constant", "edge", "linear_ramp", "maximum", "mean", "median", "minimum", "reflect", "symmetric", "wrap"]
)
def test_padding_keeps_the_kind_of_number(mode, dtype):
    x = (X * 10).astype(dtype)
    for options in {}, {"reflect_type": "odd"} if mode in ("reflect", "symmetric") else {}:
        wanted = np.pad(x, (2, 3), mode, **options)
        np.testing.assert_allclose(np.pad(Tensor(x), (2, 3), mode, **options).data, wanted, rtol=1e-6, atol=1e-6, strict=True)


def test_nothing_but_a_constant_borders_nothing():
    assert np.pad(Tensor(np.zeros((2, 0))), ((1, 1), (0, 0)), "mean").shape == (4, 0)
    with pytest.raises(ValueError, match="can't extend empty axis 1"):
        np.pad(Tensor(np.zeros((2, 0))), 1, "mean")


# -- writing -------------------------------------------------------------------------------------------------------------------------------


def written(write):
    """What `write` makes of a copy of its first array, as a function of NumPy's namespace."""

    def call(n, x, v):
        y = x * 1
        assert write(n, y, v) is None
        return y

    return call


WRITES = [
    lambda n, y, v: n.copyto(y, v[0]),
    lambda n, y, v: n.copyto(y, v[0, 0], where=MASK),
    lambda n, y, v: n.copyto(y, 3, "same_kind", MASK[0]),
    lambda n, y, v: n.put(y, [0, -1, 5], v),
    lambda n, y, v: n.put(y, [0, 99, 5, 13], v[0, :2], mode="wrap"),
    lambda n, y, v: n.put(y, [1, 99], v[0], "clip"),
    lambda n, y, v: n.put(y, [1, 2, 1], v[0]),
    lambda n, y, v: n.put(y, [], v[0]),
    lambda n, y, v: n.put_along_axis(y, np.array([[3], [0], [1]]), v[:1, :1], 1),
    lambda n, y, v: n.put_along_axis(y, np.array([[0, 2, 1, 1]]), v[:1], axis=0),
    lambda n, y, v: n.put_along_axis(y, np.array([2, 7]), v[0, :2], None),
    lambda n, y, v: n.place(y, MASK, v[0, :3]),
    lambda n, y, v: n.putmask(y, MASK, v),
    lambda n, y, v: n.putmask(y, MASK, 2.0),
    lambda n, y, v: n.fill_diagonal(y, v[1]),
    lambda n, y, v: n.fill_diagonal(y, v[0, 0]),
]


@pytest.mark.parametrize("write", WRITES, ids=[inspect.getsource(f).strip()[10:-1] for f in WRITES])
def test_writes_are_differentiated(write):
    assert_right(written(write), X, V)


def test_the_diagonal_of_a_tall_matrix_wraps():
    assert_right(written(lambda n, y, v: n.fill_diagonal(y, v, wrap=True)), np.ones((7, 2)), V)


def test_a_write_is_seen_by_other_graphs_and_by_views():
    x, t = Tensor([1.0, 2.0], requires_grad=True), Tensor([3.0, 4.0])
    loss = (x * t).sum()
    np.put(t, [0], 5.0)
    assert t.tolist() == [5, 4]
    with pytest.raises(RuntimeError, match="was written after the forward pass"):
        loss.backward()
    with no_grad():
        np.copyto(x, 7.0)
    assert (x.tolist(), x.is_leaf, x.requires_grad) == ([7, 7], True, True)


def test_an_array_takes_the_values_of_a_tensor_that_needs_no_gradient():
    a = np.zeros(3)
    np.copyto(a, Tensor([1.0, 2.0, 3.0]))
    np.put(a, 0, Tensor(5.0))
    assert a.tolist() == [5, 2, 3]
    t = Tensor([1, 2, 3])
    np.copyto(t, 2.7, casting="unsafe")
    assert t.tolist() == [2, 2, 2]
    single = Tensor(1.0)
    np.copyto(single, 4.0)
    assert single.item() == 4


# -- choosing ------------------------------------------------------------------------------------------------------------------------------


@calls(
    lambda n, x, v: n.choose([1, 0, 1, 2], [x[0], v[0], v[1]]),
    lambda n, x, v: n.choose([[1], [5]], [x[0], v], mode="clip"),
    lambda n, x, v: n.choose([1, -1, 2, 3], (x[0], v[1]), mode="wrap"),
    lambda n, x, v: n.choose([1, 0, 0, 0], [2.0, v[0]], out=blank(x, 4)),
    lambda n, x, v: n.select([x > 1, x > 0], [x * x, v[0]]),
    lambda n, x, v: n.select([x > 1, x < -0.5], [2, x], default=v[0, 0]),
    lambda n, x, v: n.select([n.greater(x[0], 0)], [v], x[1]),
    lambda n, x, v: n.piecewise(x, [x < 0, x > 0.5], [lambda x: x * x, lambda x: n.exp(x), lambda x: -x]),
    lambda n, x, v: n.piecewise(x[0], x[0] > 0, [lambda x, k, p: x**p * k, 3.0], v[0, 0], p=3),
    lambda n, x, v: n.piecewise(x, [MASK], [v[0, 0]]),
    lambda n, x, v: n.apply_along_axis(lambda row: row[1:] * row[0], 0, x),
    lambda n, x, v: n.apply_along_axis(lambda row, k, p: n.sum(row * k) ** p, 1, x, v[0], p=2),
    lambda n, x, v: n.apply_along_axis(lambda row: n.multiply.outer(row, row[:2]), 1, n.stack([x, x * 2])),
    lambda n, x, v: n.apply_over_axes(n.sum, n.stack([x, x * 2]), [0, -1]),
    lambda n, x, v: n.apply_over_axes(lambda a, k: n.mean(a * a, axis=k, keepdims=True), x, 1),
)
def test_what_chooses_and_applies(call):
    assert_right(call, X, V)


def test_functions_of_plain_values_may_give_tensors():
    w = Tensor([2.0, 3.0, 4.0, 5.0], requires_grad=True)
    assert anp.piecewise(X, [X > 0], [lambda x: x * w[0], w[1]]).requires_grad
    assert anp.apply_along_axis(lambda row: (row * w).sum(), 1, X).requires_grad
    with pytest.raises(TypeError, match="would cut the graph"):
        np.piecewise(X, [X > 0], [lambda x: x * w[0]])


def test_what_is_not_chosen_leaks_nothing():
    g = grad(lambda x: np.select([x > 0], [np.sqrt(x)], default=x).sum() + np.choose(x > 0, [x, np.log(x)]).sum())
    with np.errstate(all="ignore"):
        np.testing.assert_allclose(g(np.array([-1.0, 4.0, 0.0])), [2, 0.5, 2])


# -- sets ----------------------------------------------------------------------------------------------------------------------------------


@calls(
    lambda n, x, v: n.unique(x),
    lambda n, x, v: n.unique(x, True, True, True)[0],
    lambda n, x, v: n.unique(n.stack([x[1], x[0], x[1]]), axis=0),
    lambda n, x, v: n.unique(x, return_counts=True, axis=1)[0],
    lambda n, x, v: n.unique_all(x).values,
    lambda n, x, v: n.unique_counts(x).values,
    lambda n, x, v: n.unique_inverse(x).values,
    lambda n, x, v: n.sort(n.unique_values(x)),
    lambda n, x, v: n.union1d(x, v),
    lambda n, x, v: n.intersect1d(x, n.concatenate([v[0], x[1]])),
    lambda n, x, v: n.intersect1d(x[0], x, assume_unique=True, return_indices=True)[0],
    lambda n, x, v: n.setdiff1d(x, x[1]),
    lambda n, x, v: n.setdiff1d(x, x[1], assume_unique=True),
    lambda n, x, v: n.setxor1d(x[:2], n.concatenate([v[0], x[1]])),
)
def test_sets_of_values(call):
    assert_right(call, X, V)


def test_of_equal_values_the_first_has_the_derivative():
    x = Tensor([2.0, 1.0, 2.0, 1.0], requires_grad=True)
    values, index, inverse, counts = np.unique(x, True, True, True)
    (values * [10.0, 20.0]).sum().backward()
    assert x.grad.tolist() == [20, 10, 0, 0]
    for facts, wanted in (index, [1, 0]), (inverse, [1, 0, 1, 0]), (counts, [2, 2]):
        assert isinstance(facts, np.ndarray)
        assert facts.tolist() == wanted
    assert [type(part) for part in np.unique_all(x)] == [Tensor, np.ndarray, np.ndarray, np.ndarray]


def test_places_are_numbered_the_same_in_every_array():
    how = Move(np.block, [[Slot(1), Slot(0)]])
    check_grads(lambda a, b: rearrange([a, b], how) ** 2)(X[0], V[0])
    assert repr(how) == "block"


# -- from one end to the other -------------------------------------------------------------------------------------------------------------


@calls(
    lambda n, x, v: n.linspace(x[0], v, 5),
    lambda n, x, v: n.linspace(x, 2, num=3, endpoint=False, axis=-1),
    lambda n, x, v: n.linspace(1, v[0, 0], 1),
    lambda n, x, v: n.linspace(x[0], v[0], 4, retstep=True)[1],
    lambda n, x, v: n.linspace(x[0], v[0], 4, False, True)[0],
    lambda n, x, v: n.logspace(x[0], v, 3),
    lambda n, x, v: n.logspace(x[0], v, 3, base=v[0] ** 2 + 1, axis=1),
    lambda n, x, v: n.logspace(0, 1, 3, False, x[0, 0] ** 2 + 1),
    lambda n, x, v: n.geomspace(x[0] ** 2, v**2, 4),
    lambda n, x, v: n.geomspace(-(x[0] ** 2), -3, 4, endpoint=False, axis=1),
    lambda n, x, v: abs(n.geomspace(x[0] * 1j, v[0], 3)),
)
def test_what_leads_from_one_end_to_the_other(call):
    assert_right(call, X, V)


def test_the_end_is_itself():
    for start, stop in np.random.default_rng(0).random((50, 2)):
        assert np.linspace(Tensor(start), stop, 7)[-1].item() == stop


def test_ends_of_other_kinds():
    for f, wanted in [
        (lambda x: np.linspace(x, 3.5, 3), np.float32),
        (lambda x: np.linspace(x, np.float64(3.5), 3), np.float64),
        (lambda x: np.logspace(x, 2, 3, dtype=np.float16), np.float16),
        (lambda x: np.linspace(x.astype(int), 4, 4), np.float64),
    ]:
        x = np.float32(1)
        found = f(Tensor(x))
        assert found.dtype == f(x).dtype == wanted
        np.testing.assert_allclose(found.data, f(x), rtol=1e-3)
    assert np.linspace(Tensor(-0.5), 10, 4, dtype=int).tolist() == np.linspace(-0.5, 10, 4, dtype=int).tolist()
    for refused, message in [
        (lambda x: np.linspace(x, 1, dtype=int), "linspace: dtype=int64 has no derivative"),
        (lambda x: np.linspace(x, 1, -1), "num=-1"),
        (lambda x: np.geomspace(x, 0), "geomspace: got an end of 0"),
    ]:
        with pytest.raises((TypeError, ValueError), match=message):
            refused(Tensor(2.0, requires_grad=True))


def test_what_is_no_view_may_be_written():
    x, w = Tensor([1.0, 2.0]), Tensor(5.0, requires_grad=True)
    for y in np.tile(x, 2), np.block([x, x]), np.repeat(x, 2):
        y[0] = w
        assert y.tolist()[0] == 5
