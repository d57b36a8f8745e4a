"""Covariances and histograms: NumPy's values, and the derivatives of data, weights and edges."""

import re
import warnings

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import Tensor, grad, jacobian
from autograd.test_util import check_grads

random = np.random.default_rng(0)
M = random.standard_normal((3, 5))
Y = random.standard_normal((2, 5))
F = np.array([1, 3, 2, 0, 1])
A = np.array([0.5, 1.0, 2.0, 0.3, 0.8])


def assert_right(f, *arrays):
    """f gives for Tensors the values and dtypes that NumPy gives for arrays, and derivatives that are slopes."""
    wanted, y = f(*arrays), f(*map(Tensor, arrays))
    for a, w in zip(*(parts if isinstance(parts, tuple) else (parts,) for parts in (y, wanted)), strict=True):
        assert (a.dtype, a.shape) == (w.dtype, w.shape)
        np.testing.assert_allclose(np.asarray(a), w, rtol=1e-12, atol=1e-13)
    check_grads(lambda *arrays: [a for a in parts(f(*arrays)) if isinstance(a, (Tensor, np.ndarray))])(*arrays)


def parts(y):
    return y if isinstance(y, tuple) else (y,)


# -- covariances --------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("z", [0, 1j], ids=["real", "complex"])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"bias": True},
        {"ddof": 0},
        {"ddof": 2},
        {"dtype": np.complex128},
        {"fweights": F},
        {"fweights": F, "ddof": 0},
        {"aweights": A},
        {"aweights": A, "ddof": 0},
        {"aweights": A, "ddof": 2},
        {"fweights": F, "aweights": A},
        {"fweights": F, "aweights": A, "bias": True},
    ],
    ids=str,
)
def test_covariances(options, z):
    m, y = M + z * M[::-1], Y + z * Y**2
    assert_right(lambda m: np.cov(m, **options), m)
    assert_right(lambda m, y: np.cov(m, y, **options), m, y)
    np.testing.assert_allclose(anp.cov(m, **options), np.cov(m, **options))


def test_covariances_of_columns_and_rows():
    assert_right(lambda m: np.cov(m, rowvar=False), M)
    assert_right(lambda m, y: np.cov(m, y, False), M.T, Y.T)
    assert_right(lambda m, y: np.cov(m, y, rowvar=False), M.T, Y[:1])
    assert_right(np.cov, M[0])
    assert_right(np.cov, M[0], M[1])
    assert_right(lambda m: np.cov(m, rowvar=False), M[0])
    assert np.cov(Tensor(np.zeros((0, 3)))).shape == np.cov(np.zeros((0, 3))).shape


@pytest.mark.parametrize("options", [{}, {"ddof": 0}, {"fweights": F}], ids=str)
def test_covariances_are_differentiated_in_the_weights_of_samples(options):
    assert_right(lambda m, a: np.cov(m, aweights=a, **options), M, A)


def test_covariances_are_in_double_precision_as_numpys_unless_asked():
    x = Tensor(M, dtype=np.float32, requires_grad=True)
    assert np.cov(x).dtype == np.float64
    np.cov(x, dtype=np.float32).sum().backward()
    assert np.cov(x, dtype=np.float32).dtype == x.grad.dtype == np.float32


@pytest.mark.parametrize("z", [0, 1j], ids=["real", "complex"])
def test_correlations(z):
    m, y = M + z * M[::-1], Y + z * Y**2
    assert_right(np.corrcoef, m)
    assert_right(np.corrcoef, m, y)
    assert_right(lambda m: np.corrcoef(m, rowvar=False), m)
    assert_right(lambda m: np.corrcoef(m, dtype=np.complex128), m)
    np.testing.assert_allclose(anp.corrcoef(m), np.corrcoef(m))
    assert np.corrcoef(Tensor(M[0])).tolist() == 1
    g = grad(lambda x: np.corrcoef(x, 3 * x + 1)[0, 1])(M[0])
    np.testing.assert_allclose(g, 0, atol=1e-15)  # at its largest


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda x: np.cov(x[None]), ValueError, "cov: got shapes (1, 3, 5), wanted at most two axes"),
        (lambda x: np.cov(x, ddof=0.5), ValueError, "cov: got ddof=0.5"),
        (lambda x: np.cov(x, aweights=A[:2]), RuntimeError, "cov: got aweights of shape (2,), wanted (5,)"),
        (lambda x: np.cov(x, aweights=-A), ValueError, "cov: got negative aweights"),
        (lambda x: np.cov(x, fweights=A), TypeError, "cov: got fweights that are not whole"),
        (lambda x: np.cov(M, fweights=x[0]), TypeError, "cov: fweights count how often a sample was seen, and have no derivative"),
    ],
)
def test_covariances_that_there_are_not(call, error, message):
    with pytest.raises(error, match=re.escape(message)):
        call(Tensor(M, requires_grad=True))


def test_no_degrees_of_freedom_is_a_warning():
    with pytest.warns(RuntimeWarning) as found:
        y = np.cov(Tensor(M[:, :1]))
    assert "no degrees of freedom" in str(found[0].message)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        np.testing.assert_array_equal(y.data, np.cov(M[:, :1]))


# -- bins ---------------------------------------------------------------------------------------------------------------------------------

X = np.array([[0.3, 1.1, 2.7], [4.2, 3.3, 1.2]])
W = np.array([[1.0, 2.0, 0.5], [0.25, 3.0, 1.5]])
EDGES = np.array([0.5, 1.0, 3.0, 4.0])


def test_weights_are_counted():
    assert_right(lambda w: np.bincount([0, 2, 2, 5], w), A[:4])
    assert_right(lambda w: np.bincount([0, 2], w, 7), A[:2])
    assert np.bincount(Tensor([0, 2, 2])).tolist() == [1, 0, 2]
    assert np.bincount([0, 1], Tensor([1.0, 2.0], dtype=np.float32)).dtype == np.float64
    with pytest.raises(ValueError, match="same length"):
        np.bincount([0, 1], Tensor([1.0]))


@pytest.mark.parametrize("density", [None, True])
@pytest.mark.parametrize("options", [{}, {"bins": 3}, {"bins": 4, "range": (0.5, 3.5)}, {"bins": EDGES}, {"bins": [0, 2, 5]}], ids=str)
def test_histograms(options, density):
    assert_right(lambda x: np.histogram(x, density=density, **options), X)
    assert_right(lambda x, w: np.histogram(x, weights=w, density=density, **options), X, W)
    assert_right(lambda w: np.histogram(X, weights=w, density=density, **options), W)
    assert_right(lambda x: np.histogram(x, weights=W, density=density, **options), X)
    assert_right(lambda x: np.histogram_bin_edges(x, **options), X)
    np.testing.assert_array_equal(anp.histogram(X, density=density, **options)[0], np.histogram(X, density=density, **options)[0])


def test_histograms_are_differentiated_in_the_edges_of_their_bins():
    assert_right(lambda e: np.histogram(X, e, density=True), EDGES)
    assert_right(lambda lo, hi: anp.histogram(X, 4, (lo, hi), density=True), np.array(0.4), np.array(3.4))
    assert_right(lambda w: np.histogram(X, "auto", weights=None, density=True)[0] * w, np.array(2.0))
    assert_right(lambda x: np.histogram(x, "fd", density=True), X)
    assert_right(lambda w: np.histogram(X, EDGES, weights=w), W + 1j)


def test_a_value_at_an_edge_is_in_the_bin_above_or_in_the_last():
    x = np.array([0.5, 1.0, 3.0, 4.0, 4.0, 0.4, 4.1, np.nan])
    w = np.arange(1.0, 9)
    np.testing.assert_array_equal(np.histogram(x, EDGES, weights=Tensor(w))[0].data, np.histogram(x, EDGES, weights=w)[0])
    np.testing.assert_array_equal(jacobian(lambda w: np.histogram(x, EDGES, weights=w)[0])(w)[:, :5], np.eye(3)[:, [0, 1, 2, 2, 2]])
    np.testing.assert_array_equal(np.histogram2d(x[:7], x[:7], EDGES, weights=Tensor(w[:7]))[0].data, np.diag([1, 2, 12]))


def test_bins_around_a_single_value_or_none():
    assert np.histogram(Tensor([2.0, 2.0]), 2)[1].tolist() == [1.5, 2, 2.5]
    assert np.histogram(Tensor(np.zeros(0)), 2)[1].tolist() == [0, 0.5, 1]
    assert grad(lambda x: np.histogram(x, 2)[1].sum())(np.array([2.0])).tolist() == [3]


@pytest.mark.parametrize("density", [None, True])
@pytest.mark.parametrize("options", [{}, {"bins": 3}, {"bins": [2, EDGES]}, {"bins": (3, 2), "range": [(0, 4.1), None]}], ids=str)
def test_histograms_in_two_dimensions(options, density):
    x, y, w = X.ravel(), X.ravel() ** 2 / 4, W.ravel()
    assert_right(lambda x, y, w: np.histogram2d(x, y, weights=w, density=density, **options), x, y, w)
    assert_right(lambda x, y: np.histogram2d(x, y, density=density, **options), x, y)
    assert_right(lambda p, w: flat(np.histogramdd(p, weights=w, density=density, **options)), np.stack([x, y], 1), w)
    assert_right(lambda x, y: flat(np.histogramdd((x, y), density=density, **options)), x, y)
    assert_right(lambda w: flat(np.histogramdd((x, y), density=density, weights=w, **options)), w)
    np.testing.assert_array_equal(anp.histogram2d(x, y, **options)[0], np.histogram2d(x, y, **options)[0])


def test_histograms_with_the_same_edges_for_both_axes():
    x, y = X.ravel(), X.ravel() ** 2 / 4
    assert_right(lambda w: np.histogram2d(x, y, EDGES, weights=w), W.ravel())
    assert_right(lambda x: flat(np.histogramdd(x, 2)), x)
    with pytest.raises(ValueError, match="histogram2d: got 6 values of x and 2 of y"):
        np.histogram2d(Tensor(x), y[:2])


def flat(counts_and_edges):
    counts, edges = counts_and_edges
    return counts, *edges


def test_positions_are_plain():
    x = Tensor(EDGES, requires_grad=True)
    assert type(np.searchsorted(x, 2.0)) is not Tensor
    assert type(np.digitize(x, [1.0, 2.0])) is np.ndarray
    counts, edges = np.histogram(x, 2)
    assert type(counts) is np.ndarray
    assert edges.requires_grad
