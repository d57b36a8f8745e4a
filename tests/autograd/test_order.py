"""What the order of values decides: sorting, quantiles, and what leaves NaN out; NumPy's values, and every keyword's derivative."""

import warnings

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import Tensor, grad
from autograd.test_util import check_grads

from .namespaces import assert_right, blank, calls

X = np.random.default_rng(0).permutation(24).reshape(2, 3, 4) / 7 - 1.6  # no two alike
V = np.random.default_rng(1).random((2, 3, 4))
HOLES = np.where(np.arange(24).reshape(2, 3, 4) % 5 == 1, np.nan, X)
METHODS = [
    "inverted_cdf", "averaged_inverted_cdf", "closest_observation", "interpolated_inverted_cdf", "hazen", "weibull", "linear",
    "median_unbiased", "normal_unbiased", "lower", "higher", "midpoint", "nearest",
]  # fmt: skip


@calls(
    lambda n, x, v: n.sort(x),
    lambda n, x, v: n.sort(x, 0, "heapsort"),
    lambda n, x, v: n.sort(x, axis=None, stable=True),
    lambda n, x, v: n.sort(x, axis=1, kind="mergesort"),
    lambda n, x, v: n.real(n.sort_complex(x)),
    lambda n, x, v: n.imag(n.sort_complex(x[0] * 1j + n.round(v[0]))),
    lambda n, x, v: n.partition(x, 2),
    lambda n, x, v: n.partition(x, (0, -1), axis=1),
    lambda n, x, v: n.partition(x, [3, 11, 20], None, "introselect"),
    lambda n, x, v: n.ptp(x),
    lambda n, x, v: n.ptp(x, axis=(0, 2), keepdims=True),
    lambda n, x, v: n.ptp(x, 1, blank(x, (2, 4))),
    lambda n, x, v: n.average(x),
    lambda n, x, v: n.average(x, 1, keepdims=True),
    lambda n, x, v: n.average(x, weights=v),
    lambda n, x, v: n.average(x, axis=1, weights=v[0, :, 0]),
    lambda n, x, v: n.average(x, (2, 0), v[:, 0].T, keepdims=True),
    lambda n, x, v: n.average(x, 2, v, True)[0],
    lambda n, x, v: n.average(x, 2, v[0, 0], returned=True)[1] * x[0, 0, 0],
    lambda n, x, v: n.average(x, returned=True)[0],
    lambda n, x, v: n.median(x),
    lambda n, x, v: n.median(x, 1),
    lambda n, x, v: n.median(x, axis=(0, -1), keepdims=True),
    lambda n, x, v: n.median(x, 2, out=blank(x, (2, 3)), overwrite_input=False),
    lambda n, x, v: n.quantile(x, 0.3),
    lambda n, x, v: n.quantile(x, [0.0, 0.25, 0.4, 1.0], axis=2),
    lambda n, x, v: n.quantile(x, [[0.1], [0.77]], axis=(0, 1), keepdims=True, method="hazen"),
    lambda n, x, v: n.quantile(x, 0.6, 1, out=blank(x, (2, 4))),
    lambda n, x, v: n.quantile(x, 0.45, axis=1, weights=np.array([1, 0, 3]), method="inverted_cdf"),
    lambda n, x, v: n.quantile(x, [0.2, 0.9], (0, 2), weights=v, method="inverted_cdf"),
    lambda n, x, v: n.percentile(x, 30),
    lambda n, x, v: n.percentile(x, [0, 66.6, 100], axis=1, method="weibull"),
)
def test_what_the_order_decides(call):
    assert_right(call, X, V)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("axis", [None, 1, (0, 2)])
def test_every_method_has_its_derivatives(method, axis):
    q = np.array([0.03, 0.31, 0.71, 0.99])
    assert_right(lambda n, x: n.quantile(x, q, axis, method=method), X)
    if method not in ("inverted_cdf", "averaged_inverted_cdf", "closest_observation", "lower", "higher", "midpoint", "nearest"):
        assert_right(lambda n, x, q: n.quantile(x, q, axis, method=method), X, q)
        assert_right(lambda n, x, q: n.percentile(x, q[:1] * 100, axis, method=method, keepdims=True), X, q)
        assert_right(lambda n, q: n.nanquantile(HOLES, q[1:3], method=method), q)


def test_a_quantile_moves_with_q_to_the_right_at_a_kink_and_to_the_left_at_the_end():
    slope = grad(lambda q: np.quantile(Tensor([0.0, 1.0, 3.0, 7.0]), q))
    assert [slope(q) for q in (0.0, 1 / 3, 1.0)] == pytest.approx([3, 6, 12])
    assert grad(lambda q: np.quantile(Tensor([0.0, 1.0]), q, method="hazen"))(0.1) == 0


def test_a_quantile_that_jumps_does_not_move_with_q():
    x, w = np.array([1.0, 2.0, 4.0]), Tensor([1.0, 2.0, 3.0], requires_grad=True)
    assert grad(lambda q: np.quantile(x, q, method="lower"))(0.3) == 0
    assert grad(lambda q: np.quantile(x, q, method="inverted_cdf", weights=[1, 2, 3]))(0.3) == 0
    assert np.quantile(np.array([1, 2, 4]), Tensor(0.3), method="lower").dtype == int
    assert anp.quantile(x, 0.3, weights=w, method="inverted_cdf") == 2


def test_among_equal_values_the_first_stands_first():
    for f, wanted in [
        (lambda x: np.sort(x)[:2] @ [1.0, 10.0], [0, 1, 10, 0]),
        (lambda x: np.partition(x, 1)[:2] @ [1.0, 10.0], [0, 1, 10, 0]),
        (lambda x: np.median(x[:3]), [0, 0, 1, 0]),
        (lambda x: np.quantile(x, 0.0), [0, 1, 0, 0]),
        (lambda x: np.ptp(x), [0, -0.5, -0.5, 1]),
    ]:
        assert grad(f)(np.array([2.0, 1.0, 1.0, 3.0])).tolist() == wanted


def test_infinite_values_are_not_mixed_with_their_neighbours():
    inf = np.inf
    for x, q, wanted, slopes in [
        ([1.0, inf, 2.0], 0.5, 2.0, [0, 0, 1]),
        ([-inf, 1.0, 2.0], 0.5, 1.0, [0, 1, 0]),
        ([inf, inf, 2.0], 0.75, inf, [0.5, 0.5, 0]),
    ]:
        t = Tensor(x, requires_grad=True)
        y = np.quantile(t, q)
        y.backward()
        assert (y.item(), t.grad.tolist()) == (wanted, slopes)
    np.testing.assert_array_equal(np.quantile(Tensor([1.0, inf, 2.0]), [0.25, 0.5]).data, [1.5, 2.0])
    for x in ([inf, inf], [-inf, 5.0], [5.0, inf]):
        assert np.median(Tensor(x)).item() == np.median(x)
    assert grad(lambda q: np.quantile(Tensor([-inf, 1.0, 3.0]), q))(1.0) == 4


@pytest.mark.parametrize(
    "f",
    [np.median, lambda x: np.quantile(x, 0.3), lambda x: np.percentile(x, [30, 60], 0), lambda x: np.sort(x, None), np.ptp, np.average,
     lambda x: np.quantile(x, 0.3, method="lower"), lambda x: np.quantile(x, np.float64(0.3))],
)  # fmt: skip
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.int32, np.uint8])
def test_the_kind_of_number_is_numpys(f, dtype):
    x = (X * 7 + 12).astype(dtype)
    wanted, found = f(x), f(Tensor(x))
    assert found.dtype == wanted.dtype
    np.testing.assert_allclose(found.data, wanted, rtol=1e-2 if dtype == np.float16 else 1e-5)
    if wanted.dtype.kind == "f" and dtype in (np.float16, np.float32):
        t = Tensor(x, requires_grad=True)
        f(t).sum().backward()
        assert t.grad.dtype == dtype


def test_complex_numbers_have_medians():
    z = X[0] + 1j * V[0]
    np.testing.assert_allclose(np.median(Tensor(z), axis=1).data, np.median(z, axis=1))
    check_grads(lambda z: np.median(z, axis=1))(z)
    with pytest.raises(TypeError, match="real"):
        np.quantile(Tensor(z), 0.5)


def test_a_nan_makes_the_median_nan_and_moves_nothing():
    x = Tensor([[1.0, np.nan, 2.0], [5.0, 3.0, 4.0]], requires_grad=True)
    y = np.median(x, axis=1)
    anp.where(np.isnan(y), 0, y).sum().backward()
    assert np.isnan(y.data).tolist() == [True, False]
    assert x.grad.tolist() == [[0, 0, 0], [0, 0, 1]]


def test_there_is_no_median_of_nothing():
    for f in np.median, np.nanmedian:
        with pytest.warns(RuntimeWarning, match="Mean of empty slice"), np.errstate(invalid="ignore"):
            assert np.isnan(f(Tensor([])).data)
        with warnings.catch_warnings(record=True):
            warnings.simplefilter("always")
            assert f(Tensor(np.zeros((0, 3))), axis=0).shape == (3,)


# -- without NaN ---------------------------------------------------------------------------------------------------------------------------


@calls(
    lambda n, x: n.nansum(x),
    lambda n, x: n.nansum(x, 1, keepdims=True, initial=2.5),
    lambda n, x: n.nansum(x, axis=(0, 2), where=X > 0),
    lambda n, x: n.nanprod(x, 2),
    lambda n, x: n.nanprod(x, axis=0, out=blank(x, (3, 4)), initial=2.0, where=X > 0),
    lambda n, x: n.nanmax(x, axis=(0, 1)),
    lambda n, x: n.nanmax(x, 1, keepdims=True),
    lambda n, x: n.nanmax(x, 2, blank(x, (2, 3)), initial=0.9, where=X > 0),
    lambda n, x: n.nanmin(x),
    lambda n, x: n.nanmin(x, axis=0, initial=0.1),
    lambda n, x: n.nanmean(x),
    lambda n, x: n.nanmean(x, 1, out=blank(x, (2, 4))),
    lambda n, x: n.nanmean(x, axis=(0, 1), keepdims=True, where=X > -1),
    lambda n, x: n.nanvar(x, 1, ddof=0.5),
    lambda n, x: n.nanvar(x, axis=(0, 2), keepdims=True, where=X > -1.2),
    lambda n, x: n.nanstd(x, (0, 1), correction=1),
    lambda n, x: n.nanstd(x, axis=1, mean=n.nanmean(x, axis=1, keepdims=True), out=blank(x, (2, 4))),
    lambda n, x: n.nanmedian(x, 1),
    lambda n, x: n.nanmedian(x, axis=(0, 2), keepdims=True, out=blank(x, (1, 3, 1))),
    lambda n, x: n.nanquantile(x, [0.2, 0.7], axis=1),
    lambda n, x: n.nanquantile(x, 0.4, keepdims=True, method="weibull"),
    lambda n, x: n.nanquantile(x, 0.4, 2, weights=V, method="inverted_cdf"),
    lambda n, x: n.nanpercentile(x, 40, axis=(0, 1)),
)
def test_what_leaves_nan_out(call):
    wanted, x = call(np, HOLES), Tensor(HOLES)
    assert np.isfinite(wanted).all()
    for found in call(anp, HOLES), call(np, x), call(anp, x):
        np.testing.assert_allclose(np.asarray(found), wanted, rtol=1e-13, strict=True)
    present = ~np.isnan(HOLES)
    check_grads(lambda values: call(np, placed(values)))(HOLES[present])
    g = grad(lambda x: call(np, x).sum())(HOLES)
    assert np.isfinite(g).all()
    assert not g[~present].any()


def placed(values):
    """The values where HOLES has some, NaN elsewhere."""
    y = Tensor(np.full(X.shape, np.nan)) if isinstance(values, Tensor) else np.full(X.shape, np.nan)
    y[~np.isnan(HOLES)] = values
    return y


@pytest.mark.parametrize(
    ("name", "complaint"),
    [("nanmean", "Mean of empty slice"), ("nanvar", "Degrees of freedom <= 0"), ("nanstd", "Degrees of freedom <= 0"),
     ("nanmax", "All-NaN slice"), ("nanmin", "All-NaN slice"), ("nanmedian", "All-NaN slice")],
)  # fmt: skip
def test_where_all_is_nan_so_is_the_result_and_nothing_leaks(name, complaint):
    f, values = getattr(np, name), np.array([[1.0, np.nan, 3.0], [np.nan] * 3])
    x = Tensor(values, requires_grad=True)
    with pytest.warns(RuntimeWarning, match=complaint):
        y = f(x, axis=1)
    with pytest.warns(RuntimeWarning, match=complaint):
        np.testing.assert_allclose(y.data, f(values, axis=1))
    (y * [1.0, 0.0])[:1].sum().backward()
    assert np.isfinite(x.grad.data).all()
    assert not x.grad.data[np.isnan(values)].any()
    with pytest.warns(RuntimeWarning, match=complaint):
        assert np.isnan(f(Tensor([np.nan, np.nan])).data)


def test_of_integers_none_is_nan():
    x = Tensor([[3, 1], [2, 5]])
    for f in np.nansum, np.nanprod, np.nanmax, np.nanmin, np.nanmean, np.nanvar, np.nanmedian:
        wanted = f(x.data, axis=0)
        assert f(x, axis=0).tolist() == wanted.tolist()
        assert f(x, axis=0).dtype == wanted.dtype


def test_nan_and_infinity_are_replaced():
    x = np.array([1.0, np.nan, np.inf, -np.inf, -2.0])
    for options in {}, {"nan": 3.0, "posinf": 4.0, "neginf": -5.0}:
        for dtype in np.float64, np.float32, np.float16:
            wanted, found = (np.nan_to_num(a, **options) for a in (x.astype(dtype), Tensor(x, dtype=dtype)))
            np.testing.assert_array_equal(found.data, wanted, strict=True)
    np.testing.assert_array_equal(np.nan_to_num(Tensor(x + 1j), nan=7).data, np.nan_to_num(x + 1j, nan=7))
    assert np.nan_to_num(Tensor([1, 2])).tolist() == [1, 2]
    f = lambda x, c: np.nan_to_num(x, nan=c[0], posinf=c[1], neginf=c[2]) * np.arange(5.0)
    slopes = grad(lambda x, c: f(x, c).sum(), (0, 1))(x, np.array([3.0, 4.0, 5.0]))
    assert [g.tolist() for g in slopes] == [[0, 0, 0, 0, 4], [1, 2, 3]]
    t = Tensor(x)
    assert np.nan_to_num(t, copy=False) is t
    assert np.isfinite(t.data).all()
    with pytest.raises(RuntimeError, match="would lose the leaf"):
        np.nan_to_num(Tensor(x, requires_grad=True), copy=False)


@pytest.mark.parametrize(
    ("attempt", "error", "message"),
    [
        (lambda x: np.sort(x, order="a"), ValueError, "order"),
        (lambda x: np.sort(x, kind="bubble"), ValueError, "kind"),
        (lambda x: np.sort(x, 3), np.exceptions.AxisError, "axis 3"),
        (lambda x: np.partition(x, 5), ValueError, "kth"),
        (lambda x: np.quantile(x, 1.5), ValueError, "Quantiles must be in the range"),
        (lambda x: np.quantile(x, 0.5, method="round"), ValueError, "'round' is not a valid method"),
        (lambda x: np.quantile(x, 0.5, weights=[1, 2]), ValueError, "Only method 'inverted_cdf' supports weights"),
        (lambda x: np.median(x, out=np.zeros(())), TypeError, "median: writing into a plain array"),
        (lambda x: np.median(x, axis=2), np.exceptions.AxisError, "axis 2"),
        (lambda x: np.average(x, weights=[1.0, -1.0]), ZeroDivisionError, "average: the weights sum to 0"),
        (lambda x: np.average(x, weights=[1.0]), TypeError, "average: got weights of shape .*; give the axis"),
        (lambda x: np.average(x, 0, [1.0]), ValueError, r"average: got weights of shape \(1,\), wanted \(2,\)"),
        (lambda x: np.nanmax(x, where=[True, False]), ValueError, "initial"),
        (lambda x: np.nanmax(x[:0]), ValueError, "no identity"),
        (lambda x: np.nanmean(x, out=np.zeros(())), TypeError, "nanmean: writing into a plain array"),
        (lambda x: np.nanvar(x, ddof=1, correction=1), ValueError, "got both"),
    ],
)  # fmt: skip
def test_refused_by_name(attempt, error, message):
    with pytest.raises(error, match=message):
        attempt(Tensor([1.0, 2.0], requires_grad=True))
