"""The functions of networks: against their formulas, in every dtype, and what they refuse."""

from itertools import product
from math import erf, pi, sqrt

import numpy as np
import pytest

from autograd import Tensor
from autograd.draws import DRAWING
from autograd.test_util import check_grads
from nn import functional as F
from nn import manual_seed
from nn.random import generator

DTYPES = [np.float16, np.float32, np.float64]
ROWS = (4, 5)


def softmax(x, axis):
    return np.exp(x) / np.exp(x).sum(axis, keepdims=True)


# values and gradients

FORMULAS = {
    "linear": (F.linear, lambda x, W, b: x @ W.T + b, (5, 3), (4, 3), (4,)),
    "linear, no bias": (F.linear, lambda x, W: x @ W.T, (2, 5, 3), (4, 3)),
    "relu": (F.relu, lambda x: np.maximum(x, 0), ROWS),
    "leaky_relu": (F.leaky_relu, lambda x: np.where(x > 0, x, 0.01 * x), ROWS),
    "leaky_relu, slope": (lambda x: F.leaky_relu(x, np.float64(0.3)), lambda x: np.where(x > 0, x, 0.3 * x), ROWS),
    "sigmoid": (F.sigmoid, lambda x: 1 / (1 + np.exp(-x)), ROWS),
    "tanh": (F.tanh, lambda x: (np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x)), ROWS),
    "softplus": (F.softplus, lambda x: np.log(1 + np.exp(x)), ROWS),
    "softplus, beta": (lambda x: F.softplus(x, np.float64(2.5)), lambda x: np.log(1 + np.exp(2.5 * x)) / 2.5, ROWS),
    "gelu": (F.gelu, lambda x: x * (1 + np.vectorize(erf)(x / sqrt(2))) / 2, ROWS),
    "gelu, tanh": (
        lambda x: F.gelu(x, approximate="tanh"),
        lambda x: 0.5 * x * (1 + np.tanh(sqrt(2 / pi) * (x + 0.044715 * x**3))),
        ROWS,
    ),
    "softmax": (F.softmax, lambda x: softmax(x, -1), (2, 3, 4)),
    "softmax, dim": (lambda x: F.softmax(x, 0), lambda x: softmax(x, 0), ROWS),
    "log_softmax": (F.log_softmax, lambda x: np.log(softmax(x, -1)), (2, 3, 4)),
    "log_softmax, dim": (lambda x: F.log_softmax(x, dim=0), lambda x: np.log(softmax(x, 0)), ROWS),
    "logsumexp": (lambda x: F.logsumexp(x, 1), lambda x: np.log(np.exp(x).sum(1)), ROWS),
    "logsumexp, keepdim": (lambda x: F.logsumexp(x, (0, 1), keepdim=True), lambda x: np.log(np.exp(x).sum(keepdims=True)), ROWS),
    "dropout, p=0": (lambda x: F.dropout(x, 0.0), lambda x: x, ROWS),
    "dropout, p=1": (lambda x: F.dropout(x, 1.0), lambda x: 0 * x, ROWS),
    "dropout, outside training": (lambda x: F.dropout(x, 0.5, training=False), lambda x: x, ROWS),
    "mse_loss": (F.mse_loss, lambda x, y: np.mean((x - y) ** 2), ROWS, ROWS),
    "mse_loss, sum": (lambda x, y: F.mse_loss(x, y, "sum"), lambda x, y: np.sum((x - y) ** 2), ROWS, ROWS),
    "mse_loss, none": (lambda x, y: F.mse_loss(x, y, reduction="none"), lambda x, y: (x - y) ** 2, ROWS, ROWS),
}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("ours", "formula", "shapes"), [(f, y, shapes) for f, y, *shapes in FORMULAS.values()], ids=FORMULAS)
def test_value_and_gradient(ours, formula, shapes, dtype, rng):
    arrays = [rng.uniform(-2, 2, shape).astype(dtype) for shape in shapes]
    xs = [Tensor(a, requires_grad=True) for a in arrays]
    y = ours(*xs)
    assert y.dtype == dtype
    tolerance = 20 * np.finfo(dtype).eps
    np.testing.assert_allclose(y.data, formula(*(a.astype(float) for a in arrays)), rtol=tolerance, atol=tolerance)
    np.testing.assert_array_equal(ours(*arrays), y.data)  # the same on plain arrays
    y.sum().backward()
    assert [(x.grad.dtype, x.grad.shape) for x in xs] == [(dtype, x.shape) for x in xs]
    if dtype is np.float64:
        check_grads(ours)(*arrays)


def test_lists_will_do():
    assert F.relu([-1.0, 2.0]).tolist() == [0, 2]
    assert F.mse_loss([1.0, 3.0], [1, 1]) == F.mse_loss([0, 1], [1.5, 2.5]) - 0.25 == 2
    assert F.cross_entropy([[0.0, 0.0]], [1]) == F.nll_loss(F.log_softmax([[0.0, 0.0]]), [1]) == pytest.approx(np.log(2))
    assert F.cross_entropy([[0.0, 0.0]], [[0.5, 0.5]]) == pytest.approx(np.log(2))
    assert F.binary_cross_entropy_with_logits([0.0], [1.0]) == pytest.approx(np.log(2))


def test_large_scores_keep_their_digits():
    z = Tensor([[800.0, 0.0, -800.0]], requires_grad=True)
    loss = F.cross_entropy(z, [1])
    loss.backward()
    assert loss.item() == 800
    assert z.grad.tolist() == [[1, -1, 0]]
    assert F.cross_entropy(z.data, [[1.0, 0.0, 0.0]]) == 0
    assert F.cross_entropy(np.array([[0.0, -np.inf]]), [[1.0, 0.0]]) == 0
    assert F.binary_cross_entropy_with_logits([800.0, -800.0], [0.0, 1.0]) == 800


# cross_entropy and nll_loss

SHAPES = {"C": (4,), "N, C": (6, 4), "N, C, d": (3, 4, 2), "N, C, d, e": (2, 4, 3, 2)}


def log_probabilities(z):
    axis = min(z.ndim - 1, 1)
    return z - np.log(np.exp(z).sum(axis, keepdims=True))


def by_hand(logp, labels, weight=None, ignore_index=-100, reduction="mean", smoothing=0.0):
    """Row by row: −Σ wₖ qₖ log pₖ with q = (1−ε) one-hot + ε/C; the mean divides by the sum of the weights of the labels."""
    rows = logp if logp.ndim == 1 else np.moveaxis(logp, 1, -1)
    weight = np.ones(rows.shape[-1]) if weight is None else weight
    losses, total = np.zeros(labels.shape), 0.0
    for place, label in np.ndenumerate(labels):
        if label != ignore_index:
            q = np.full(rows.shape[-1], smoothing / rows.shape[-1])
            q[label] += 1 - smoothing
            losses[place] = -(weight * q * rows[place]).sum()
            total += weight[label]
    return {"none": losses, "sum": losses.sum(), "mean": losses.sum() / total}[reduction]


@pytest.mark.parametrize("reduction", ["none", "sum", "mean"])
@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_cross_entropy(shape, reduction, rng):
    z = rng.standard_normal(shape)
    labels = rng.integers(0, 4, shape[:1] + shape[2:] if len(shape) > 1 else ())
    options = product([None, rng.uniform(0.5, 2, 4)], [-100, -1, labels.flat[0] + 1], [0.0, 0.1, 1.0])
    for weight, ignored, smoothing in options:
        target = labels.copy()
        if ignored == -1 and labels.size > 1:
            target.flat[0] = -1
        keywords = {"weight": weight, "ignore_index": ignored, "reduction": reduction}

        def loss(z):
            return F.cross_entropy(z, target, **keywords, label_smoothing=smoothing)  # noqa: B023  # called in this turn

        np.testing.assert_allclose(loss(z), by_hand(log_probabilities(z), target, weight, ignored, reduction, smoothing), rtol=1e-12)
        check_grads(loss, order=1)(z)
        if not smoothing:
            nll = F.nll_loss(log_probabilities(z), target, **keywords)
            np.testing.assert_allclose(nll, loss(z), rtol=1e-12)
            check_grads(lambda p: F.nll_loss(p, target, **keywords), order=1)(z)  # noqa: B023


@pytest.mark.parametrize("reduction", ["none", "sum", "mean"])
@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_cross_entropy_of_probabilities(shape, reduction, rng):
    axis = min(len(shape) - 1, 1)
    z, y = rng.standard_normal(shape), softmax(rng.standard_normal(shape), axis)
    for weight, smoothing in product([None, rng.uniform(0.5, 2, 4)], [0.0, 0.1]):
        w = 1 if weight is None else weight.reshape([4 if k == axis else 1 for k in range(len(shape))])
        losses = -(w * ((1 - smoothing) * y + smoothing / 4) * log_probabilities(z)).sum(axis)

        def loss(z, y):
            return F.cross_entropy(z, y, weight=weight, reduction=reduction, label_smoothing=smoothing)  # noqa: B023

        np.testing.assert_allclose(loss(z, y), {"none": losses, "sum": losses.sum(), "mean": losses.mean()}[reduction], rtol=1e-12)
        check_grads(loss, order=1)(z, y)


def test_the_gradient_of_a_probability_that_is_0():
    y = Tensor([[0.0, 1.0]], requires_grad=True)
    F.cross_entropy(np.zeros((1, 2)), y).backward()
    assert y.grad.tolist()[0] == pytest.approx([np.log(2), np.log(2)])


def test_all_rows_ignored():
    for options in ({}, {"weight": [1.0, 2.0]}, {"label_smoothing": 0.1}):
        z = Tensor([[1.0, 2.0]], requires_grad=True)
        loss = F.cross_entropy(z, np.array([-100]), **options)
        assert np.isnan(loss.item())  # the mean of nothing, as in PyTorch
        loss.backward()
        assert z.grad.tolist() == [[0, 0]]
        assert F.cross_entropy(z, np.array([-100]), **options, reduction="sum").item() == 0
    assert np.isnan(F.nll_loss(np.zeros((1, 2)), np.array([-100])))


@pytest.mark.parametrize("options", [{}, {"weight": [1.0, 1.0]}, {"label_smoothing": 0.0}], ids=str)
def test_ignored_rows_do_not_leak(options):
    z = Tensor([[np.nan, np.inf], [0.0, 0.0]], requires_grad=True)
    with np.errstate(invalid="ignore"):
        loss = F.cross_entropy(z, np.array([-1, 1]), ignore_index=-1, **options)
    assert loss.item() == pytest.approx(np.log(2))
    loss.backward(create_graph=True)
    assert z.grad.tolist() == [[0, 0], [0.5, -0.5]]
    g, z.grad = z.grad, None
    g[1, 1].backward()
    assert z.grad.tolist() == [[0, 0], [-0.25, 0.25]]


@pytest.mark.parametrize("loss", [F.cross_entropy, F.nll_loss])
def test_a_cotangent_that_is_infinite_stops_at_ignored_rows(loss):
    z = Tensor(np.log([[0.5, 0.5], [0.5, 0.5]]), requires_grad=True)
    loss(z, np.array([1, -100]), reduction="none").backward(np.array([1.0, np.inf]))
    assert z.grad.tolist()[1] == [0, 0]


def test_weights_can_be_learnt(rng):
    z, labels = rng.standard_normal((6, 4)), np.array([0, 3, -100, 1, 1, 2])
    for options in ({}, {"label_smoothing": 0.1}):
        check_grads(lambda z, w: F.cross_entropy(z, labels, weight=w, **options), order=2)(z, rng.uniform(0.5, 2, 4))  # noqa: B023
    check_grads(lambda z, w: F.nll_loss(z, labels, weight=w), order=2)(z, rng.uniform(0.5, 2, 4))
    y = softmax(rng.standard_normal((6, 4)), 1)
    check_grads(lambda z, w: F.cross_entropy(z, y, weight=w), order=2)(z, rng.uniform(0.5, 2, 4))
    tensor = Tensor([1, 2, 3, 4])
    np.testing.assert_array_equal(F.cross_entropy(z, labels, weight=tensor), F.cross_entropy(z, labels, weight=tensor.data))


@pytest.mark.parametrize("labels", [np.uint8([3, 0]), np.int16([3, 0]), Tensor([3, 0]), [3, 0]])
def test_labels_of_any_integer_type(labels):
    for ignored in -100, 1, 0:
        z = Tensor(np.zeros((2, 4)), requires_grad=True)
        loss = F.cross_entropy(z, labels, ignore_index=ignored)
        loss.backward()
        share = 1.0 if ignored == 0 else 0.5
        assert loss.item() == pytest.approx(np.log(4))
        assert z.grad.tolist() == [[share / 4] * 3 + [-0.75 * share], [0] * 4 if ignored == 0 else [-0.75 * share] + [share / 4] * 3]


# binary_cross_entropy_with_logits


@pytest.mark.parametrize("reduction", ["none", "sum", "mean"])
def test_binary_cross_entropy_with_logits(reduction, rng):
    x, y = rng.standard_normal(ROWS), rng.uniform(0, 1, ROWS)
    p = 1 / (1 + np.exp(-x))
    for weight, pos_weight in product([None, rng.uniform(0.5, 2, 5)], [None, 2.5, rng.uniform(0.5, 2, 5)]):
        w, v = (1 if a is None else a for a in (weight, pos_weight))
        losses = -w * (v * y * np.log(p) + (1 - y) * np.log(1 - p))

        def loss(x, y):
            return F.binary_cross_entropy_with_logits(x, y, weight=weight, reduction=reduction, pos_weight=pos_weight)  # noqa: B023

        np.testing.assert_allclose(loss(x, y), {"none": losses, "sum": losses.sum(), "mean": losses.mean()}[reduction], rtol=1e-12)
        check_grads(loss)(x, y)


# dtypes

LOSSES = {
    "cross_entropy": lambda x, s: F.cross_entropy(x, np.array([1, 0]), weight=[s, 2.0, 1.0], label_smoothing=s),
    "cross_entropy, probabilities": lambda x, s: F.cross_entropy(x, np.eye(3)[:2], weight=np.full(3, s), label_smoothing=s),
    "nll_loss": lambda x, s: F.nll_loss(x, np.array([1, 0]), weight=[s, 2.0, 1.0]),
    "mse_loss": lambda x, s: F.mse_loss(x, np.full((2, 3), s)),
    "mse_loss, whole numbers": lambda x, s: F.mse_loss(x, np.zeros((2, 3), int)),
    "binary_cross_entropy": lambda x, s: F.binary_cross_entropy_with_logits(x, np.eye(3)[:2], weight=s, pos_weight=np.full(3, s)),
    "binary_cross_entropy, labels": lambda x, s: F.binary_cross_entropy_with_logits(x, np.eye(3, dtype=int)[:2]),
    "dropout": lambda x, s: F.dropout(x, s).sum(),
}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("scalar", [0.5, np.float64(0.5), np.float32(0.5)], ids=["float", "float64", "float32"])
@pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES)
def test_constants_leave_the_dtype_alone(loss, scalar, dtype):
    x = Tensor(np.ones((2, 3), dtype), requires_grad=True)
    value = loss(x, scalar)
    value.backward()
    assert value.dtype == x.grad.dtype == dtype


# dropout


def test_dropout_drops_a_share_and_scales_the_rest():
    manual_seed(0)
    x = Tensor(np.full(100_000, 2.0, np.float32), requires_grad=True)
    for p in (0.1, 0.5, 0.9):
        y = F.dropout(x, p)
        assert set(np.unique(y.data)) == {np.float32(0), np.float32(2 / (1 - p))}
        assert np.mean(y.data == 0) == pytest.approx(p, abs=0.01)
        assert y.data.mean() == pytest.approx(2, rel=0.03)
        x.grad = None
        y.sum().backward()
        np.testing.assert_allclose(x.grad.data, y.data / 2, rtol=1e-6)  # what was dropped learns nothing


def test_dropout_is_seeded():
    def masks():
        return [F.dropout(np.ones(100), 0.5).tolist() for _ in range(2)]

    manual_seed(1)
    first = masks()
    manual_seed(1)
    again = masks()
    manual_seed(2)
    assert first == again != masks()
    assert first[0] != first[1]


def test_a_compiled_function_can_see_what_dropout_draws():
    told = []

    def drawing(*call):
        told.append(call)
        return np.array([0.2, 0.7], np.float32)

    token = DRAWING.set(drawing)
    try:
        assert F.dropout(np.ones(2), 0.5).tolist() == [0, 2]
    finally:
        DRAWING.reset(token)
    assert told == [(generator(), "random", (2,), np.float32)]


def test_a_seed_starts_the_generator_that_there_is():
    one = generator()
    manual_seed(0)
    first = one.random(3, np.float32).tolist()  # an odd number of halves: one is kept for the next
    manual_seed(0)
    assert generator() is one
    assert one.random(3, np.float32).tolist() == first == np.random.default_rng(0).random(3, np.float32).tolist()


def test_dropout_drops_infinities_too():
    assert F.dropout(np.array([np.inf, np.nan]), 1.0).tolist() == [0, 0]


# refusals

Z = np.zeros((3, 4))


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (lambda: F.cross_entropy(Z, [0, 1, 4]), ValueError, "cross_entropy: .*labels run from 0 to 4, wanted 0 … 3"),
        (lambda: F.cross_entropy(Z, [0, -1, 1]), ValueError, "cross_entropy: .*labels run from -1 to 1, wanted 0 … 3"),
        (lambda: F.cross_entropy(Z, [-100, -1, 1]), ValueError, "cross_entropy: .*labels run from -1 to 1, wanted 0 … 3"),
        (
            lambda: F.cross_entropy(Z, [0.0, 1.0, 2.0]),
            ValueError,
            r"cross_entropy: got target \(3,\) float64, wanted integers \(3,\), .*astype\(int\).*, or probabilities .* \(3, 4\)",
        ),
        (lambda: F.cross_entropy(Z, [True, False, True]), TypeError, "labels have dtype bool, wanted integers"),
        (lambda: F.cross_entropy(Z, [0, 1]), ValueError, r"labels have shape \(2,\), wanted \(3,\)"),
        (lambda: F.cross_entropy(Z, [[0], [1], [2]]), ValueError, r"labels have shape \(3, 1\), wanted \(3,\)"),
        (lambda: F.cross_entropy(1.0, 0), ValueError, r"cross_entropy: got a single number, wanted scores of shape \(N, C\) or \(C,\)"),
        (
            lambda: F.cross_entropy(Z, [0, 1, 2], weight=[1.0, 2.0]),
            ValueError,
            r"cross_entropy: got weight of shape \(2,\), wanted \(4,\), one for each class",
        ),
        (lambda: F.cross_entropy(Z, [0, 1, 2], label_smoothing=1.5), ValueError, "got label_smoothing=1.5, wanted 0 ≤ ε ≤ 1"),
        (lambda: F.cross_entropy(Z, [0, 1, 2], label_smoothing=np.nan), ValueError, "got label_smoothing=nan"),
        (
            lambda: F.cross_entropy(Z, [0, 1, 2], reduction="avg"),
            ValueError,
            "cross_entropy: .*got reduction='avg', wanted 'none', 'mean' or 'sum'",
        ),
        (lambda: F.nll_loss(Z, [0, 1, 2], reduction="avg"), ValueError, "nll_loss: .*got reduction='avg'"),
        (lambda: F.nll_loss(Z, [0, 1, 2], weight=np.ones(4), reduction="avg"), ValueError, "nll_loss: got reduction='avg'"),
        (lambda: F.mse_loss(Z, Z, reduction="avg"), ValueError, "mse_loss: got reduction='avg'"),
        (lambda: F.binary_cross_entropy_with_logits(Z, Z, reduction="avg"), ValueError, "logits: got reduction='avg'"),
        (lambda: F.nll_loss(Z, [0, 1, 4]), ValueError, "nll_loss: .*labels run from 0 to 4, wanted 0 … 3"),
        (lambda: F.nll_loss(Z, [-100, 1, -1]), ValueError, "nll_loss: .*labels run from -1 to 1"),
        (lambda: F.nll_loss(Z, [0, 1, -1], weight=np.ones(4)), ValueError, "nll_loss: .*labels run from -1 to 1"),
        (lambda: F.nll_loss(Z, [0.0, 1.0, 2.0]), TypeError, r"nll_loss: .*labels have dtype float64, wanted integers .*astype\(int\)"),
        (lambda: F.nll_loss(Z, [0, 1]), ValueError, r"nll_loss: .*labels have shape \(2,\), wanted \(3,\)"),
        (lambda: F.nll_loss(Z, [0, 1, 2], weight=[1.0]), ValueError, r"nll_loss: got weight of shape \(1,\)"),
        (lambda: F.dropout(Z, 1.5), ValueError, "dropout: got p=1.5, wanted a probability, 0 ≤ p ≤ 1"),
        (lambda: F.dropout(Z, -0.1), ValueError, "dropout: got p=-0.1"),
        (lambda: F.dropout(Z, np.nan), ValueError, "dropout: got p=nan"),
        (lambda: F.gelu(Z, "erf"), ValueError, "gelu: got approximate='erf', wanted 'none' or 'tanh'"),
        (lambda: F.linear(Z, np.zeros((5, 3))), ValueError, r"linear: x \(3, 4\), W \(5, 3\), None: wanted x"),
        (lambda: F.linear(Z, np.zeros((5, 4)), np.zeros(4)), ValueError, r"b \(4,\): wanted b \(5,\), one value for each row of W"),
        (lambda: F.mse_loss(Z, np.full(4, "a")), ValueError, "could not convert"),
    ],
)
def test_refusals(call, kind, message):
    with pytest.raises(kind, match=message):
        call()


@pytest.mark.parametrize("loss", [F.mse_loss, F.binary_cross_entropy_with_logits])
def test_a_loss_warns_of_shapes_that_differ(loss):
    with pytest.warns(UserWarning, match=rf"{loss.__name__}: prediction \(4, 1\) and target \(4,\) differ in shape") as caught:
        loss(np.zeros((4, 1)), np.zeros(4))
    assert caught[0].filename == __file__  # the line of the caller
