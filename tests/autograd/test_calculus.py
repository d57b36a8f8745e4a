"""Running totals, differences, slopes, integrals, interpolation: NumPy's values, and the derivative of every argument."""

import re
import warnings

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import Tensor, grad, hessian, jacobian, ops
from autograd.test_util import check_grads

random = np.random.default_rng(0)
X = random.permutation(24).reshape(2, 3, 4) / 8 - 1.4
Z = X + 1j * random.standard_normal((2, 3, 4))
ROW = np.array([0.3, -1.2, 2.5, 0.7, -0.4])
RISING = np.array([-1.0, -0.4, 0.1, 1.0, 2.5])


def assert_right(f, *arrays, order=2):
    """f gives for Tensors the values and dtypes that NumPy gives for arrays, and derivatives that are slopes."""
    wanted, y = f(*arrays), f(*map(Tensor, arrays))
    parts = zip(y, wanted, strict=True) if isinstance(wanted, (tuple, list)) else [(y, wanted)]
    for a, w in parts:
        assert isinstance(a, Tensor)
        assert (a.dtype, a.shape) == (w.dtype, w.shape)
        np.testing.assert_allclose(a.data, w, rtol=1e-12, atol=1e-13)
    check_grads(f, order=order)(*arrays)


def assert_plain_is_numpys(name, *args, **options):
    np.testing.assert_allclose(getattr(anp, name)(*args, **options), getattr(np, name)(*args, **options), rtol=1e-12, atol=1e-13)


# -- running totals -----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("x", [X, Z], ids=["real", "complex"])
@pytest.mark.parametrize("options", [{}, {"axis": 0}, {"axis": -2}, {"axis": 2, "dtype": np.complex128}], ids=str)
@pytest.mark.parametrize("name", ["cumsum", "cumprod", "nancumsum", "nancumprod"])
def test_running_totals(name, options, x):
    assert_right(lambda x: getattr(np, name)(x, **options), x)
    assert_plain_is_numpys(name, x, **options)


def test_running_totals_of_universal_functions():
    assert_right(np.add.accumulate, X)
    assert_right(lambda x: np.multiply.accumulate(x, 1, np.complex128), X)
    assert_right(lambda x: anp.add.accumulate(x, axis=-1), X)
    out = Tensor(np.zeros(5))
    assert np.add.accumulate(Tensor(ROW), out=out) is out
    np.testing.assert_allclose(out.data, ROW.cumsum())


@pytest.mark.parametrize("n", [np, anp], ids=["numpy", "ours"])
@pytest.mark.parametrize(
    "fold",
    [
        lambda n, x: n.maximum.accumulate(x),
        lambda n, x: n.minimum.accumulate(x, axis=-1),
        lambda n, x: n.logaddexp.accumulate(x, 1, np.float64),
        lambda n, x: n.maximum.accumulate(x[0, 0], axis=None),
        lambda n, x: n.maximum.accumulate(x[:0]),
        lambda n, x: n.subtract.reduce(x),
        lambda n, x: n.divide.reduce(x, axis=1, initial=2, keepdims=True),
        lambda n, x: n.hypot.reduce(x, (2,)),
        lambda n, x: n.add.reduceat(x[0, 0], [0, 2, 1, 3]),
        lambda n, x: n.maximum.reduceat(x, [1, 0], axis=2),
        lambda n, x: n.subtract.reduceat(x, np.array([0, 2]), -1),
    ],
)
def test_any_function_of_two_values_folds_an_axis(fold, n):
    assert_right(lambda x: fold(n if isinstance(x, Tensor) else np, x), X)


def test_a_fold_keeps_float32_and_writes_into_out():
    row = Tensor(ROW, requires_grad=True, dtype=np.float32)
    assert np.subtract.reduce(row, initial=0.5).dtype == np.float32
    out = Tensor(np.zeros(5))
    assert np.maximum.accumulate(Tensor(ROW), out=out) is out
    np.testing.assert_array_equal(out.data, np.maximum.accumulate(ROW))


def test_running_totals_as_methods():
    assert_right(lambda x: x.cumsum(), X)
    assert_right(lambda x: x.cumprod(1), X)


@pytest.mark.skipif(not hasattr(np, "cumulative_sum"), reason="new in NumPy 2.1")
@pytest.mark.parametrize(("x", "axis"), [(ROW, None), (X, 1), (X, -1), (np.array(2.0), None), (np.zeros((2, 0)), 1)])
@pytest.mark.parametrize("include_initial", [False, True])
@pytest.mark.parametrize("name", ["cumulative_sum", "cumulative_prod"])
def test_cumulative_sums_and_products(name, include_initial, x, axis):
    options = {"axis": axis, "include_initial": include_initial}
    assert_plain_is_numpys(name, x, **options)
    assert_right(lambda x: getattr(np, name)(x, **options), x)


@pytest.mark.parametrize("zeros", [(0,), (2,), (4,), (1, 3), (0, 1, 4), (0, 1, 2, 3, 4)], ids=str)
def test_products_are_differentiated_at_zeros_to_third_order(zeros):
    x = ROW.copy()
    x[list(zeros)] = 0
    assert_right(np.cumprod, x, order=3)
    lower = np.array([[np.prod(np.delete(x[: i + 1], j)) if j <= i else 0 for j in range(5)] for i in range(5)])
    np.testing.assert_allclose(jacobian(np.cumprod)(x), lower, atol=1e-15)
    H = hessian(lambda x: np.cumprod(x)[-1])(x)
    np.testing.assert_allclose(H, [[0 if i == j else np.prod(np.delete(x, [i, j])) for j in range(5)] for i in range(5)], atol=1e-15)


def test_a_product_that_overflows_later_does_not_spoil_what_is_before():
    x = np.full(400, 10.0)
    with np.errstate(over="ignore"):
        g = grad(lambda x: np.cumprod(x)[1])(x)
    np.testing.assert_array_equal(g, [10, 10, *np.zeros(398)])
    x = np.repeat([0.5, 2.0, 0.5], [1000, 1100, 1023])  # 1024 twos alone have an infinite product, all together 2⁻⁹²³
    g = grad(lambda x: np.cumprod(x)[-1] * 2.0**923)(x)
    np.testing.assert_allclose(g, 1 / x, rtol=1e-12)


def test_a_recurrence_is_a_filter():
    f = lambda a, b: ops.recurrence(ops.broadcast_to(a, np.shape(b)), b)
    np.testing.assert_allclose(f(0.5, np.ones(4)), [1, 1.5, 1.75, 1.875])
    check_grads(f, order=3)(0.5, random.standard_normal(9))
    with pytest.raises(ValueError, match=r"recurrence: .*wanted two arrays of one shape"):
        ops.recurrence(np.ones(2), np.ones(3))


@pytest.mark.parametrize("name", ["nancumsum", "nancumprod"])
def test_nan_counts_for_nothing(name):
    x = np.array([2.0, np.nan, 3.0, np.nan])
    assert_plain_is_numpys(name, x)
    np.testing.assert_array_equal(getattr(np, name)(Tensor(x)).data, getattr(np, name)(x))
    g = grad(lambda x: getattr(np, name)(x).sum())(x)
    assert (g[[1, 3]] == 0).all()
    assert (g[[0, 2]] != 0).all()
    assert np.isnan(getattr(np, name.removeprefix("nan"))(Tensor(x)).data).any()
    assert getattr(np, name)(Tensor([1, 2])).tolist() == getattr(np, name)([1, 2]).tolist()


def test_an_initial_value_has_the_dtype_of_the_others():
    assert anp.cumulative_sum(Tensor([1.0, 2.0], dtype=np.float32), include_initial=True).dtype == np.float32
    assert anp.cumulative_prod(Tensor([1, 2]), include_initial=True).dtype == np.int64


@pytest.mark.parametrize("name", ["cumsum", "cumprod", "nancumsum", "nancumprod", "cumulative_sum", "cumulative_prod"])
def test_running_totals_keep_and_change_their_dtype(name):
    f = getattr(anp, name)
    x = Tensor(ROW, dtype=np.float32, requires_grad=True)
    y = f(x)
    wide = f(x, dtype=np.float64)
    (y.sum() + wide.sum()).backward()
    assert (y.dtype, wide.dtype, x.grad.dtype) == (np.float32, np.float64, np.float32)
    small = np.array([1, 2], np.int8)
    assert f(Tensor(small)).dtype == f(small).dtype == np.int64
    assert f(Tensor(small), dtype=np.int16).dtype == np.int16

    def through_out(x):
        out = Tensor(np.zeros(5))
        assert f(x, out=out) is out
        return out

    check_grads(through_out)(ROW)
    with pytest.raises(TypeError, match=f"{name}: writing into a plain array"):
        f(x, out=np.zeros(5, np.float32))
    assert f(ROW, out=(plain := np.zeros(5))) is plain
    assert (plain == f(ROW)).all()


# -- differences --------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("x", [X, Z], ids=["real", "complex"])
@pytest.mark.parametrize("options", [{}, {"n": 2}, {"axis": 0}, {"n": 3, "axis": 1}, {"n": 4}, {"n": 7}, {"n": 0}], ids=str)
def test_differences(options, x):
    assert_right(lambda x: np.diff(x, **options), x)
    assert_plain_is_numpys("diff", x, **options)


def test_differences_with_values_before_and_behind():
    assert_right(lambda x, p, q: np.diff(x, prepend=p, append=q), X, np.array(0.5), np.ones((2, 3, 2)))
    assert_right(lambda x, p: np.diff(x, 2, 0, p), X, np.ones((1, 3, 4)))
    assert_right(lambda x, q: np.diff(x, axis=1, append=q), X, np.array(0.5))
    assert_plain_is_numpys("diff", X, prepend=0.0, append=1)
    assert np.diff(Tensor([True, False, False])).tolist() == [True, False]
    assert np.diff(Tensor([1, 4]), prepend=0).tolist() == [1, 3]
    with pytest.raises(ValueError, match="diff: got n=-1"):
        np.diff(Tensor(X), -1)
    with pytest.raises(ValueError, match="diff: got a single value"):
        np.diff(Tensor(1.0))


def test_differences_of_a_flattened_array():
    assert_right(np.ediff1d, X)
    assert_right(lambda x, e, b: np.ediff1d(x, e, b), X, np.array([1.0, 2.0]), np.array(0.5))
    assert_plain_is_numpys("ediff1d", ROW, to_begin=[1.0], to_end=2.0)
    assert_plain_is_numpys("ediff1d", np.zeros(0), to_end=2.0)
    with pytest.raises(TypeError, match="ediff1d: dtype=int64 would cut"):
        np.ediff1d(Tensor([1, 2]), to_end=Tensor(0.5))


@pytest.mark.parametrize("edge_order", [1, 2])
@pytest.mark.parametrize("x", [X, Z], ids=["real", "complex"])
@pytest.mark.parametrize(
    ("spacings", "axis"),
    [
        ((), -1),
        ((), (2, 1)),
        ((0.5,), 1),
        ((2,), (1, 2)),
        ((0.5, 3.0), (1, 2)),
        ((np.array([0.0, 1.0, 3.0]),), 1),
        ((np.array([0, 2, 3, 7]),), 2),
        ((np.array([0.0, 0.5, 1.0]),), 1),
        ((np.array([2.0, 1.5, 0.0]), 0.5), (1, 2)),
    ],
)
def test_slopes(spacings, axis, x, edge_order):
    assert_right(lambda x: np.gradient(x, *spacings, axis=axis, edge_order=edge_order), x)
    wanted = np.gradient(x, *spacings, axis=axis, edge_order=edge_order)
    for y, w in zip(
        *(a if isinstance(a, tuple) else (a,) for a in (anp.gradient(x, *spacings, axis=axis, edge_order=edge_order), wanted)), strict=True
    ):
        np.testing.assert_allclose(y, w, rtol=1e-12, atol=1e-13)


def test_slopes_along_all_axes_and_of_integers():
    assert_right(np.gradient, X)
    assert_right(np.gradient, ROW)
    assert np.gradient(Tensor([1, 2, 4])).tolist() == np.gradient([1, 2, 4]).tolist()
    assert np.gradient(Tensor([1, 2, 4], dtype=np.float32), 0.5).dtype == np.float32
    assert np.gradient(np.array([1, 2, 4], np.float32), Tensor([0.0, 1.0, 3.0])).dtype == np.float32


@pytest.mark.parametrize("edge_order", [1, 2])
def test_slopes_are_differentiated_in_their_spacings_too(edge_order):
    assert_right(lambda f, h: np.gradient(f, h, edge_order=edge_order), ROW, np.array(0.7))
    assert_right(
        lambda f, h, k: np.gradient(f, h, k, edge_order=edge_order, axis=(0, 2)), np.concatenate([X, X]), np.array(0.7), np.array(0.3)
    )
    assert_right(lambda f, x: np.gradient(f, x, edge_order=edge_order), ROW, RISING)
    assert_right(lambda f, x: np.gradient(f, x, edge_order=edge_order), ROW, np.arange(5.0))  # where they are even
    assert_right(lambda f, x, h: np.gradient(f, x, h, axis=(2, 1), edge_order=edge_order), X, RISING[:4], np.array(0.7))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        g = grad(lambda f: np.gradient(f)[1])(np.array([1.0, np.nan, 3.0]))
    assert g.tolist() == [-0.5, 0, 0.5]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda x: np.gradient(x, 1.0, 2.0), TypeError, "gradient: got 2 spacings for 3 axes"),
        (
            lambda x: np.gradient(x, [1.0, 2.0], axis=1),
            ValueError,
            "gradient: got a spacing of shape (2,) for axis 1, wanted one number or 3",
        ),
        (lambda x: np.gradient(x, edge_order=2), ValueError, "gradient: got 2 values along axis 0, wanted at least 3"),
        (lambda x: np.gradient(x, edge_order=3), ValueError, "gradient: got edge_order=3"),
    ],
)
def test_slopes_that_there_are_not(call, error, message):
    with pytest.raises(error, match=re.escape(message)):
        call(Tensor(X))


# -- integrals, and what lies between -----------------------------------------------------------------------------------------------------


def test_areas_under_lines():
    assert_right(np.trapezoid, X)
    assert_right(lambda y, dx: np.trapezoid(y, dx=dx, axis=1), X, np.array(0.5))
    assert_right(lambda y, x: np.trapezoid(y, x), ROW, RISING)
    assert_right(lambda y, x: np.trapezoid(y, x, axis=0), Z, np.array([0.5, 2.0]))
    assert_right(lambda y, x: np.trapezoid(y, x, axis=1), X, X**2)
    assert_right(lambda y, x: np.trapezoid(y, x), X, X[0])
    assert_plain_is_numpys("trapezoid", X, axis=-2)
    assert np.trapezoid(Tensor(ROW, dtype=np.float32), dx=2.0).dtype == np.float32


WITHIN = np.array([[-0.9, 0.05, 1.7], [2.4, -0.1, 0.6]])
BEYOND = np.array([-2.0, 0.3, 3.0])


@pytest.mark.parametrize("fp", [ROW, ROW + 1j * RISING], ids=["real", "complex"])
def test_interpolation(fp):
    assert_right(np.interp, WITHIN, RISING, fp)
    assert_right(np.interp, np.array(0.3), RISING, fp)
    assert_right(np.interp, BEYOND, RISING, fp)
    assert_right(lambda x, xp, fp, a, b: np.interp(x, xp, fp, a, b), BEYOND, RISING, fp, np.array(0.5), np.array(-2.5))
    assert_right(lambda x, xp, fp: np.interp(x, xp, fp, period=3.7), np.concatenate([WITHIN.ravel(), BEYOND]), RISING[[1, 0, 3, 4, 2]], fp)
    assert_right(lambda x, xp, fp, period: np.interp(x, xp, fp, period=period), BEYOND, RISING, fp, np.array(3.7))
    assert_right(lambda x: np.interp(x, RISING, fp, 5.0, 7.0, period=3.7), BEYOND)
    assert_right(lambda x, fp: np.interp(x, [1.0], fp), BEYOND, fp[:1])
    assert_plain_is_numpys("interp", WITHIN, RISING, fp)


def test_at_a_point_the_line_to_its_right_counts():
    slopes = np.diff(ROW) / np.diff(RISING)
    g = grad(lambda x: np.interp(x, RISING, ROW).sum())(RISING)
    np.testing.assert_allclose(g, [*slopes, slopes[-1]])
    assert np.interp(Tensor(RISING), RISING, ROW).tolist() == ROW.tolist()


def test_interpolation_between_points_that_coincide_or_are_infinite():
    xp, fp = np.array([0.0, 1.0, 1.0, 2.0]), np.array([1.0, 2.0, 5.0, np.inf])
    x = np.array([-1.0, 0.5, 1.0, 1.5, np.nan])
    np.testing.assert_array_equal(np.interp(Tensor(x), xp, fp).data, np.interp(x, xp, fp))
    assert grad(lambda x: np.interp(x, xp, fp)[:2].sum())(x).tolist() == [0, 1, 0, 0, 0]


def test_interpolation_is_in_double_precision_as_numpys():
    x = Tensor([0.5], dtype=np.float32, requires_grad=True)
    y = np.interp(x, [0, 1], [1, 3])
    assert (y.dtype, y.tolist()) == (np.float64, [2.0])
    y.sum().backward()
    assert (x.grad.dtype, x.grad.tolist()) == (np.float32, [2.0])


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda x: np.interp(x, [1.0, 2.0], [1.0]), ValueError, "interp: got xp of shape (2,) and fp of shape (1,)"),
        (lambda x: np.interp(x, [], []), ValueError, "interp: got xp of shape (0,)"),
        (lambda x: np.interp(x, [1.0], [1.0], period=0), ValueError, "interp: got a period of 0"),
        (lambda x: np.interp(x + 1j, [1.0], [1.0]), TypeError, "imaginary"),
    ],
)
def test_interpolation_of_what_is_no_row_of_points(call, error, message):
    with pytest.raises(error, match=re.escape(message)):
        call(Tensor(0.5))


@pytest.mark.parametrize(
    "options", [{}, {"axis": 0}, {"discont": 5.0}, {"period": 1.1}, {"period": 2.5, "axis": 1, "discont": 2.0}], ids=str
)
def test_unwrapping(options):
    p = 7 * X
    assert_right(lambda p: np.unwrap(p, **options), p)
    assert_plain_is_numpys("unwrap", p, **options)
    np.testing.assert_array_equal(
        jacobian(lambda p: np.unwrap(p, **options).ravel())(p.ravel().reshape(p.shape)).reshape(24, 24), np.eye(24)
    )


def test_unwrapping_is_differentiated_in_its_period():
    assert_right(lambda p, period: np.unwrap(p, period=period), 7 * X, np.array(2.5))
    assert np.unwrap(Tensor([0, 1, 5]), period=4).tolist() == np.unwrap([0, 1, 5], period=4).tolist()
    assert np.unwrap(Tensor([0.0, 6.0], dtype=np.float32)).dtype == np.float32
