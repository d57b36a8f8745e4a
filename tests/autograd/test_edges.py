"""Inputs at the edges: where an engine might give a wrong number, or cut the graph, without a word."""

import math
import threading

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import Tensor, enable_grad, grad, multilinear, no_grad, ops
from autograd.op import TABLE
from autograd.ops.index import is_basic, reads_once
from autograd.test_util import check_grads


def leaf(a, dtype=float):
    return Tensor(np.array(a, dtype), requires_grad=True)


def gradient(y, x):
    x.zero_grad()
    y.backward()
    return x.grad.numpy()


@pytest.mark.parametrize(("start", "other"), [([1, 2], leaf([0.5, 0.5])), ([1, 2], 0.5)])
def test_in_place_on_integers_is_refused_not_cut(start, other):
    t = Tensor(start)
    with pytest.raises(TypeError, match=r"float64, wanted int64"):
        t += other
    assert t.tolist() == start


def test_plus_is_a_copy():
    x = Tensor([1.0, 2.0])
    y = +x
    y += 1
    assert x.tolist() == [1.0, 2.0]


@pytest.mark.parametrize("bound", [lambda: np.array(1), lambda: Tensor(1)])
def test_slice_bounds_may_change_after_their_use(bound):
    i, x = bound(), leaf(np.ones(3))
    y = x[:i].sum()
    i += 1
    assert gradient(y, x).tolist() == [1, 0, 0]


@pytest.mark.parametrize(
    "index",
    [
        (), 1, -1, np.int8(1), slice(None, None, -1), slice(5, 0), ..., None, (0, ...), (..., None, np.uint64(2)), (slice(1), None, -1),
        True, False, np.True_, (0, True), (..., False), [1], [0, 0], ([0, 1], 1), np.array([2, 0]), (slice(None), np.array([1])),
        np.ones(3, bool), np.eye(3, 4) > 0,
    ],
    ids=repr,
)  # fmt: skip
def test_an_index_is_basic_where_numpy_gives_a_view(index):
    x = np.arange(12.0).reshape(3, 4)
    items = index if isinstance(index, tuple) else (index,)
    y = x[index] if any(k is ... for k in items) else x[*items, ...]  # with dots, one value is an array too
    assert is_basic(index) == (y.base is not None and y.base is x.base)
    count = np.zeros_like(x)
    np.add.at(count, index, 1.0)
    assert not reads_once(index) or count.max(initial=0) <= 1


def test_power_has_a_symmetric_hessian_at_exponent_zero():
    a, b = leaf(2.0), leaf(0.0)
    (a**b).backward(create_graph=True)
    da, db = a.grad, b.grad
    assert gradient(da * 1, b) == 0.5
    a.zero_grad()
    (b_twin := leaf(0.0)).zero_grad()
    (a**b_twin).backward(create_graph=True)
    assert gradient(b_twin.grad * 1, a) == 0.5
    assert db.item() == np.log(2.0)


@pytest.mark.parametrize("op", ["sigmoid", "softplus", "softmax", "log_softmax", "logsumexp", "norm"])
@pytest.mark.parametrize("dtype", [np.uint8, np.int8, bool])
def test_small_integers_do_not_wrap(op, dtype):
    x = np.array([0, 100, 3]).astype(dtype)
    np.testing.assert_array_equal(TABLE[op](x), TABLE[op](x.astype(float)))


@pytest.mark.parametrize("reduce", [lambda x: x.mean(), lambda x: x.max()])
def test_float16_counts_do_not_overflow(reduce):
    x = leaf(np.ones(70_000), np.float16)
    np.testing.assert_allclose(gradient(reduce(x), x), 1 / 70_000, rtol=2e-2)


def test_float16_norm_does_not_overflow():
    assert ops.norm(np.full(4, 300, np.float16)) == 600


def test_recorded_writes_to_repeated_places_are_refused():
    z = leaf(np.ones(3)) * 1
    with pytest.raises(ValueError, match="indices repeat"):
        z[[0, 0]] = leaf([7.0, 8.0])


def test_a_copied_handle_keeps_to_itself():
    x = leaf([1.0, 2.0])
    y = x * 2
    y.retain_grad()
    twin = y.__copy__()
    twin += 1
    (y * y).sum().backward()
    assert y.grad.tolist() == [4.0, 8.0]
    assert twin.tolist() == [3.0, 5.0]


@pytest.mark.parametrize("f", [lambda x: x.std(), lambda x: ops.norm(x), lambda x: ops.hypot(x[0], x[1])])
def test_kinks_have_no_curvature(f):
    x = leaf([0.0, 0.0])
    f(x).backward(create_graph=True)
    g = x.grad
    assert g.tolist() == [0, 0]
    assert gradient(g[0] * 1, x).tolist() == [0, 0]


def test_gradients_accumulate_with_their_history_under_no_grad():
    x = leaf(2.0)
    (x**3).backward(create_graph=True)
    y = x**2
    with no_grad():
        y.backward(create_graph=True)
    assert gradient(x.grad * 1, x) == 14.0


@pytest.mark.parametrize("f", [lambda x: (x / 0).sum(), lambda x: (x ** np.array([True, False])).sum(), lambda x: x.var(ddof=np.int64(1))])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_backward_where_forward_works(f, dtype):
    x = leaf([2.0, 3.0], dtype)
    with np.errstate(all="ignore"):
        assert gradient(f(x), x).dtype == dtype


@pytest.mark.parametrize("seed", [Tensor(1.0), Tensor(1)])
def test_a_seed_is_cast(seed):
    x = leaf(2.0, np.float32)
    (x * x).backward(seed, create_graph=True)
    assert x.grad.dtype == np.float32


@pytest.mark.parametrize(("shape", "out"), [((2, 5, 0), 4), ((2, 5, 3), 0)])
def test_linear_without_features(shape, out):
    x, W = leaf(np.zeros(shape)), leaf(np.zeros((out, shape[-1])))
    ops.linear(x, W).sum().backward()
    assert x.grad.shape == x.shape
    assert W.grad.shape == W.shape


def test_assigning_with_extra_axes():
    z, v = leaf(np.ones((2, 3))) * 1, leaf(np.ones((1, 3)))
    z[0] = v
    assert gradient((z * 2).sum(), v).tolist() == [[2, 2, 2]]


@pytest.mark.parametrize("width", [{0: 1}, {-1: (0, 2)}])
def test_pad_by_axis(width):
    x = leaf(np.ones((2, 3)))
    assert gradient((ops.pad(x, width) * 3).sum(), x).tolist() == [[3, 3, 3]] * 2


def test_take_along_no_axis():
    x = leaf(np.arange(4.0).reshape(2, 2))
    assert gradient(ops.take_along_axis(x, np.array([3, 3, 0]), None).sum(), x).tolist() == [[1, 0], [0, 2]]


def test_many_sizes_of_stack_compile_little():
    parts, before = [leaf(1.0) * 1 for _ in range(50)], len(TABLE["stack"]._pulls)
    for n in range(1, 50):
        ops.stack(parts[:n])
    assert len(TABLE["stack"]._pulls) - before < 50
    assert not TABLE["stack"].plans


def test_one_mode_serves_several_threads():
    mode, inside, done, seen = no_grad(), threading.Barrier(2, timeout=10), threading.Barrier(2, timeout=10), []

    def work():
        with mode:
            inside.wait()
            seen.append((leaf(1.0) * 1).requires_grad)
            done.wait()
        seen.append((leaf(1.0) * 1).requires_grad)

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(seen) == [False, False, True, True]


@no_grad
def without_brackets(x):
    return x * 2


@enable_grad()
def with_brackets(x):
    return x * 2


def test_modes_decorate_with_and_without_brackets():
    assert not without_brackets(leaf(1.0)).requires_grad
    assert with_brackets(leaf(1.0)).requires_grad


def test_clip_with_crossed_bounds_goes_to_the_upper():
    x, low, high = leaf(0.0), leaf(2.0), leaf(1.0)
    ops.clip(x, low, high).backward()
    assert (low.grad.item(), high.grad.item()) == (0.0, 1.0)


def test_plain_numbers_follow_numpy():
    with np.errstate(all="ignore"):
        assert np.isnan(anp.power(-8.0, 1 / 3))
        assert anp.divide(1.0, 0.0) == np.inf


@pytest.mark.parametrize("grad", [np.zeros(3), Tensor([[1.0], [2.0]])])
def test_a_gradient_of_another_shape_is_refused(grad):
    x = leaf([1.0, 2.0])
    with pytest.raises(ValueError, match=r"wanted \(2,\)"):
        x.grad = grad
    x.grad = [1, 2]
    assert x.grad.dtype == float


def test_a_leaf_that_stopped_asking_gets_nothing():
    x = leaf(3.0)
    y = x * x
    x.requires_grad_(False)
    y.backward()
    assert x.grad is None


def test_a_forward_may_return_a_python_number():
    @multilinear(lambda g: g * 2)
    def doubled_number(x, /):
        return float(x) * 2

    try:
        x = leaf(3.0)
        assert gradient(doubled_number(x), x) == 2
    finally:
        TABLE.pop("doubled_number")


@pytest.mark.parametrize("number", [float, int, complex, lambda t: math.sin(t), lambda t: np.zeros(2).__setitem__(0, t), round])
def test_numbers_of_a_differentiated_value_are_refused(number):
    assert number(leaf(2.0)) is not NotImplemented
    with pytest.raises((TypeError, ValueError), match=r"would cut the graph|setting an array element"):
        grad(lambda x: x * number(x))(3.0)


def test_formatting():
    loss = leaf(1.23456) * 1
    assert (f"{loss:.3f}", f"{loss}", round(loss, 2)) == ("1.235", str(loss), 1.23)


def test_data_may_be_updated_in_the_style_of_numpy():
    w = leaf([1.0, 2.0])
    (w * w).sum().backward()
    w.data -= 0.5 * w.grad
    assert w.tolist() == [0, 0]


def test_remainder():
    a, b = leaf(7.5), leaf(2.0)
    (a % b).backward()
    assert (a.grad.item(), b.grad.item(), (a // b).item()) == (1, -3, 3)


def test_a_gradient_takes_the_dtype_of_its_tensor():
    x = leaf([1.0], np.float32)
    x.grad = Tensor([2.0])
    assert x.grad.dtype == np.float32


# -- nothing, and a single value ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["fft", "ifft", "rfft", "irfft", "hfft", "ihfft"])
@pytest.mark.parametrize("norm", [None, "ortho", "forward"])
def test_the_transform_of_a_single_value_is_that_value(name, norm):
    transform, x = getattr(np.fft, name), np.array([0.7])
    options = {"n": 1, "norm": norm}
    assert transform(Tensor(x), **options).tolist() == transform(x, **options).tolist() == x.tolist()
    check_grads(lambda x: transform(x, **options))(x)
    check_grads(lambda x: transform(x, n=2, norm=norm))(x)


@pytest.mark.parametrize("f", [np.median, np.nanmedian, lambda x, axis: np.quantile(x, 0.3, axis), lambda x, axis: np.sort(x, axis)])
def test_no_rows_have_no_quantiles(f):
    x = leaf(np.zeros((0, 4)))
    y = f(x, axis=-1)
    assert y.shape == f(x.data, axis=-1).shape
    assert gradient(y.sum(), x).shape == (0, 4)


def test_quantiles_for_a_table_of_q_stand_where_q_stands():
    x, q = np.array([[1.0, np.nan, 3.0], [5.0, 7.0, 4.0]]), np.array([[0.2, 0.5, 1.0], [0.0, 0.7, 0.1]])
    y = np.nanquantile(leaf(x.T[None]), q, axis=(0, 1))
    assert y.shape == (2, 3, 2)
    for k, values in enumerate(([1.0, 3.0], x[1])):
        np.testing.assert_allclose(y[..., k].data, np.quantile(values, q))


def test_nothing_is_left_of_zeros():
    for trim in "f", "b", "fb":
        assert np.trim_zeros(leaf(np.zeros(3)), trim).shape == (0,)


def test_weights_that_sum_to_0_are_refused():
    with pytest.raises(ZeroDivisionError, match="cov: the weights sum to 0"):
        np.cov(leaf(np.ones((2, 3))), aweights=np.zeros(3))


def test_an_infinite_end_leaves_the_border_at_the_other_alone():
    x = leaf([1.0, 2.0, np.inf])
    y = np.pad(x, (1, 0), "reflect", reflect_type="odd")
    assert y.tolist() == [0, 1, 2, np.inf]
    assert gradient(y[0], x).tolist() == [2, -1, 0]
