"""Networks in a compiled function: the same numbers, the same state, the same errors as in Python."""

import importlib.util

import numpy as np
import pytest

from autograd import Tensor, jit
from nn import MLP, Sequential, Standardize, fit, manual_seed
from nn import functional as F
from nn.optim import SGD, Adam, AdamW, RMSprop, StepLR, clip_grad_norm_
from nn.random import generator

BACKENDS = ["numpy", *(["native"] if importlib.util.find_spec("llvmlite") else [])]
every_backend = pytest.mark.parametrize("backend", BACKENDS)

OPTIMIZERS = {
    "SGD": lambda p: SGD(p, 0.1),
    "SGD, all": lambda p: SGD(p, 0.1, momentum=0.9, dampening=0.5, weight_decay=0.1),
    "SGD, nesterov": lambda p: SGD(p, 0.1, momentum=0.9, nesterov=True),
    "Adam": lambda p: Adam(p, 0.01),
    "Adam, all": lambda p: Adam(p, 0.01, betas=(0.5, 0.9), eps=1e-3, weight_decay=0.1),
    "AdamW": lambda p: AdamW(p, 0.01),
    "RMSprop, all": lambda p: RMSprop(p, 0.01, alpha=0.9, weight_decay=0.1, momentum=0.9, centered=True),
}
W = np.array([1.0, 2.0, 0.5, 3.0])
LOSSES = {
    "cross_entropy": F.cross_entropy,
    "cross_entropy, none": lambda z, y: F.cross_entropy(z, y, reduction="none").sum(),
    "cross_entropy, sum": lambda z, y: F.cross_entropy(z, y, reduction="sum"),
    "cross_entropy, weight": lambda z, y: F.cross_entropy(z, y, weight=W),
    "cross_entropy, smoothing": lambda z, y: F.cross_entropy(z, y, label_smoothing=0.1),
    "cross_entropy, both": lambda z, y: F.cross_entropy(z, y, weight=Tensor(W), label_smoothing=0.1),
    "nll_loss": lambda z, y: F.nll_loss(F.log_softmax(z), y),
    "nll_loss, weight": lambda z, y: F.nll_loss(F.log_softmax(z), y, weight=W),
}
ONE_HOT = {
    "cross_entropy": F.cross_entropy,
    "cross_entropy, all": lambda z, y: F.cross_entropy(z, y, weight=W, label_smoothing=0.1),
    "mse_loss": F.mse_loss,
    "binary_cross_entropy": lambda z, y: F.binary_cross_entropy_with_logits(z, y, weight=2.0, pos_weight=W),
}


class Training:
    """A model, its optimiser, and a step of it, compiled or not."""

    def __init__(self, loss=F.cross_entropy, make=OPTIMIZERS["SGD"], clip=None, backend=None, **options):
        manual_seed(0)
        self.model = Sequential(Standardize(6), MLP([6, 5, 4], **options))
        self.optimizer = optimizer = make(self.model.parameters())
        model = self.model

        def step(x, y):
            value = loss(model(x), y)
            value.backward()
            norm = clip_grad_norm_(optimizer.params, clip) if clip is not None else 0.0
            optimizer.step()
            optimizer.zero_grad()
            return value, norm

        self.step = step if backend is None else jit(step, backend=backend)

    def state(self):
        return self.model.state_dict() | self.optimizer.state_dict()


def batch(rng, labels=None):
    x = rng.standard_normal((7, 6)).astype(np.float32)
    return x, rng.integers(0, 4, 7) if labels is None else labels


def assert_the_same(rng, backend, labels=None, steps=3, **options):
    plain, compiled = Training(**options), Training(backend=backend, **options)
    for _ in range(steps):
        x, y = batch(rng, labels)
        for a, b in zip(plain.step(x, y), compiled.step(x, y), strict=True):
            assert float(b) == pytest.approx(float(a), rel=1e-5)
    for name, a in compiled.state().items():
        np.testing.assert_allclose(a, plain.state()[name], rtol=1e-4, atol=1e-6, err_msg=name)
        assert a.dtype == plain.state()[name].dtype
    return plain, compiled


@every_backend
@pytest.mark.parametrize("make", OPTIMIZERS.values(), ids=OPTIMIZERS)
def test_every_optimiser_steps_the_same(make, backend, rng):
    plain, compiled = assert_the_same(rng, backend, make=make)
    plain.optimizer.lr = compiled.optimizer.lr = 0.5  # which is read at each step
    compiled.optimizer.load_state_dict(plain.optimizer.state_dict())
    x, y = batch(rng)
    plain.step(x, y)
    compiled.step(x, y)
    for name, a in compiled.state().items():
        np.testing.assert_allclose(a, plain.state()[name], rtol=1e-3, atol=1e-5, err_msg=name)
    assert len(compiled.step.variants) == 1


@every_backend
@pytest.mark.parametrize("labels", [[0, 3, 1, 2, 2, 1, 0], [0, -100, 1, 2, -100, 3, 1]], ids=["all", "some ignored"])
@pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES)
def test_losses_of_labels_are_the_same(loss, labels, backend, rng):
    assert_the_same(rng, backend, np.array(labels), loss=loss)


@every_backend
@pytest.mark.parametrize("loss", ONE_HOT.values(), ids=ONE_HOT)
def test_losses_of_numbers_are_the_same(loss, backend, rng):
    assert_the_same(rng, backend, np.eye(4, dtype=np.float32)[[0, 3, 1, 2, 2, 1, 0]], loss=loss)


@every_backend
@pytest.mark.parametrize("clip", [1e-3, 1e3])
def test_clipping_is_the_same(clip, backend, rng):
    assert_the_same(rng, backend, clip=clip)


@every_backend
@pytest.mark.parametrize("activation", ["relu", "leaky_relu", "sigmoid", "tanh", "softplus", "gelu"])
def test_activations_are_the_same(activation, backend, rng):
    assert_the_same(rng, backend, activation=activation)


@every_backend
def test_dropout_draws_what_it_would_have_drawn(backend, rng):
    batches = [batch(rng) for _ in range(3)]
    states = []
    for training in Training(dropout=0.5), Training(dropout=0.5, backend=backend):
        manual_seed(1)
        losses = [float(training.step(x, y)[0]) for x, y in batches]
        manual_seed(1)
        losses += [float(training.step(x, y)[0]) for x, y in batches]
        states.append([losses, generator().random()])
    np.testing.assert_allclose(states[1][0], states[0][0], rtol=1e-4)
    assert states[1][1] == states[0][1]


@every_backend
@pytest.mark.parametrize("loss", [F.cross_entropy, LOSSES["nll_loss"], LOSSES["cross_entropy, both"]], ids=["plain", "nll", "weights"])
@pytest.mark.parametrize("wrong", [4, -1])
def test_a_label_out_of_range_is_the_same_error_and_nothing_is_learnt(loss, wrong, backend, rng):
    training = Training(loss, OPTIMIZERS["Adam"], backend=backend)
    training.step(*batch(rng))
    before = training.state()
    with pytest.raises(ValueError, match=rf"labels run from {min(wrong, 0)} to {max(wrong, 3)}, wanted 0 … 3"):
        training.step(*batch(rng, np.array([0, 1, 2, 3, 0, 0, wrong])))
    for name, a in training.state().items():
        np.testing.assert_array_equal(a, before[name], err_msg=name)


@every_backend
def test_a_mean_of_no_rows_is_nan_and_its_gradient_0(backend, rng):
    training = Training(backend=backend)
    before = training.state()
    assert np.isnan(training.step(*batch(rng, np.full(7, -100)))[0].item())
    for name, a in training.state().items():
        np.testing.assert_array_equal(a, before[name], err_msg=name)


def test_a_schedule_is_refused():
    optimizer = SGD([Tensor(1.0, requires_grad=True)], lr=1.0)
    schedule = StepLR(optimizer, 1)

    @jit
    def step():
        optimizer.step()
        schedule.step()

    with pytest.raises(RuntimeError, match=r"StepLR.step: a compiled function would leave the count where it is; call it outside"):
        step()
    assert (schedule.count, optimizer.lr) == (0, 1.0)


@every_backend
@pytest.mark.parametrize("clip", [None, 0.1])
def test_fit_learns_the_same(backend, clip, monkeypatch):
    monkeypatch.setattr("autograd.compiler.variant.default_backend", lambda: backend)

    def train(jit):
        manual_seed(0)
        rng = np.random.default_rng(0)
        x = rng.standard_normal((50, 6))
        model = MLP([6, 5, 4], "tanh", 0.2)
        optimizer = Adam(model.parameters(), 0.01)
        history = fit(
            model, (x, rng.integers(0, 4, 50)), (x, rng.integers(0, 4, 50)), optimizer=optimizer, schedule=StepLR(optimizer, 2), epochs=3,
            batch_size=16, clip_norm=clip, progress=False, jit=jit,
        )  # fmt: skip
        return history, [*model.state_dict().values(), *optimizer.state_dict().values()]

    eager, compiled = train(jit=False), train(jit=True)
    assert compiled[0]["loss"] == pytest.approx(eager[0]["loss"], rel=1e-5)
    for a, b in zip(eager[1], compiled[1], strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6)


@every_backend
def test_a_loss_that_is_not_finite_is_the_same_error_and_nothing_is_learnt(backend, monkeypatch):
    monkeypatch.setattr("autograd.compiler.variant.default_backend", lambda: backend)
    model = MLP([2, 2], "tanh")
    for p in model.parameters():
        p.data = np.full(p.shape, 1e30)
    before = [p.tolist() for p in model.parameters()]
    with np.errstate(all="ignore"), pytest.raises(FloatingPointError, match="fit: the loss in epoch 1: got inf, wanted finite numbers"):
        fit(model, (np.ones((8, 2)), np.ones((8, 2))), loss=lambda z, y: F.mse_loss(z * 1e30, y), progress=False, jit=True)
    assert [p.tolist() for p in model.parameters()] == before
