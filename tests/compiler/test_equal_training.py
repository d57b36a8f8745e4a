"""Layers, losses, optimisers, and whole training steps, compiled: the parameters, states and losses of eager training."""

import numpy as np
import pytest

import nn
from autograd import Tensor, grad, jit, no_grad, ops
from nn import functional as F

from .backends import assert_equal

X = np.random.default_rng(0).standard_normal((6, 4))
LABELS = np.array([0, 2, 1, 2, 0, 1])
WEIGHTS = np.array([0.5, 2.0, 1.0])


def close(found, wanted, rtol=1e-9):
    """Parameters after some steps: each rounds a little in another way."""
    assert found.keys() == wanted.keys()
    for name, a in wanted.items():
        assert found[name].dtype == a.dtype
        np.testing.assert_allclose(found[name], a, rtol=rtol, atol=rtol, err_msg=name)


# -- layers -------------------------------------------------------------------------------------------------------------------------------

LAYERS = {
    "Linear": lambda: nn.Linear(4, 3, dtype=np.float64),
    "Linear without bias": lambda: nn.Linear(4, 3, bias=False, dtype=np.float64),
    "Identity": nn.Identity,
    "ReLU": nn.ReLU,
    "LeakyReLU": lambda: nn.LeakyReLU(0.2),
    "Sigmoid": nn.Sigmoid,
    "Tanh": nn.Tanh,
    "Softplus": lambda: nn.Softplus(2.0),
    "GELU": nn.GELU,
    "GELU, by tanh": lambda: nn.GELU("tanh"),
    "Dropout": lambda: nn.Dropout(0.4),
    "Dropout of nothing": lambda: nn.Dropout(0.0),
    "Dropout of all": lambda: nn.Dropout(1.0),
    "Standardize": lambda: nn.Standardize(4, np.float64),
    "Sequential": lambda: nn.Sequential(nn.Linear(4, 5, dtype=np.float64), nn.ReLU(), nn.Dropout(0.3), nn.Linear(5, 2, dtype=np.float64)),
    "MLP": lambda: nn.MLP([4, 5, 3], "gelu", dropout=0.2, dtype=np.float64),
}


@pytest.mark.parametrize("name", LAYERS)
def test_layers_in_training_and_outside(name, backend):
    nn.manual_seed(1)
    layer = LAYERS[name]()
    if hasattr(layer, "measure"):
        layer.measure(X)

    def values(x):
        with no_grad():
            return layer(x)

    def gradients(x):
        (layer(x) ** 2).sum().backward()
        found = {name: p.grad.numpy() for name, p in layer.named_parameters()}
        for p in layer.parameters():
            p.zero_grad()
        with no_grad():
            return found, grad(lambda x: (layer(x) ** 2).sum())(x)

    for mode in layer.train, layer.eval, layer.train:
        mode()
        for function in (values, gradients) if name != "Dropout of nothing" and any(True for _ in layer.parameters()) else (values,):
            results = []
            for run in function, jit(function, backend=backend):
                nn.manual_seed(2)
                results.append([run(X), run(X[::-1] * 2)])
            assert_equal(results[1], results[0])


# -- losses -------------------------------------------------------------------------------------------------------------------------------

SCORES, MAPS = X[:, :3], np.random.default_rng(1).standard_normal((2, 3, 4))
PIXELS = np.random.default_rng(2).integers(0, 3, (2, 4))
SOFT = np.abs(SCORES) / np.abs(SCORES).sum(1, keepdims=True)
HALF = (SCORES > 0).astype(float)
REDUCTIONS = "none", "mean", "sum"
LOSSES = [
    *[
        (F.cross_entropy, z, k, {"reduction": reduction, "weight": weight, "label_smoothing": smoothing, "ignore_index": ignored})
        for reduction in REDUCTIONS
        for weight in (None, WEIGHTS)
        for smoothing, ignored in ((0.0, -100), (0.1, 2))
        for z, k in ((SCORES, LABELS), (MAPS, PIXELS))
    ],
    *[(F.cross_entropy, SCORES, SOFT, {"reduction": r, "label_smoothing": s}) for r in REDUCTIONS for s in (0.0, 0.2)],
    (F.cross_entropy, SCORES, SOFT, {"weight": WEIGHTS}),
    (F.cross_entropy, SCORES[0], np.array(1), {}),
    *[(F.nll_loss, np.log(SOFT), LABELS, {"reduction": r, "weight": w, "ignore_index": 1}) for r in REDUCTIONS for w in (None, WEIGHTS)],
    *[(F.mse_loss, SCORES, SCORES[::-1] * 2, {"reduction": reduction}) for reduction in REDUCTIONS],
    (F.mse_loss, SCORES, LABELS[:, None] * np.ones(3, int), {}),
    *[
        (F.binary_cross_entropy_with_logits, SCORES, HALF, {"reduction": reduction, "weight": weight, "pos_weight": positive})
        for reduction in REDUCTIONS
        for weight, positive in ((None, None), (WEIGHTS, WEIGHTS * 2))
    ],
]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_losses(dtype, backend):
    """All in one function, so that there is one to compile."""

    def all_of_them(scores, targets):
        found = []
        for (loss, _, _, keywords), z, y in zip(LOSSES, scores, targets, strict=True):
            found += [loss(z, y, **keywords), grad(lambda z, loss=loss, y=y, keywords=keywords: loss(z, y, **keywords).sum())(z)]
        return found

    scores = [z.astype(dtype) for _, z, _, _ in LOSSES]
    targets = [y for _, _, y, _ in LOSSES]
    compiled = jit(all_of_them, backend=backend)
    compiled([z * dtype(0.5) for z in scores], targets)
    assert_equal(compiled(scores, targets), all_of_them(scores, targets))
    assert_equal(compiled(list(map(Tensor, scores)), targets), all_of_them(list(map(Tensor, scores)), targets))


def test_labels_to_ignore_may_differ_from_call_to_call(backend):
    f = lambda z, k: (F.cross_entropy(z, k, ignore_index=-1), grad(lambda z: F.cross_entropy(z, k, ignore_index=-1))(z))
    compiled = jit(f, backend=backend)
    for hidden in [], [0], [1, 2], [0, 1, 2, 3, 4]:
        labels = LABELS.copy()
        labels[hidden] = -1
        assert_equal(compiled(SCORES, labels), f(SCORES, labels))
    assert len(compiled.variants) == 1


# -- optimisers ---------------------------------------------------------------------------------------------------------------------------

OPTIMISERS = {
    "SGD": lambda p: nn.optim.SGD(p, lr=0.05),
    "momentum": lambda p: nn.optim.SGD(p, lr=0.05, momentum=0.9, weight_decay=0.01),
    "dampened": lambda p: nn.optim.SGD(p, lr=0.05, momentum=0.9, dampening=0.3),
    "Nesterov": lambda p: nn.optim.SGD(p, lr=0.05, momentum=0.8, nesterov=True),
    "Adam": lambda p: nn.optim.Adam(p, lr=0.01),
    "Adam, decaying": lambda p: nn.optim.Adam(p, lr=0.01, betas=(0.8, 0.95), eps=1e-3, weight_decay=0.1),
    "AdamW": lambda p: nn.optim.AdamW(p, lr=0.01, weight_decay=0.1),
    "RMSprop": lambda p: nn.optim.RMSprop(p, lr=0.01),
    "RMSprop, centered": lambda p: nn.optim.RMSprop(p, lr=0.01, alpha=0.9, centered=True, momentum=0.5, weight_decay=0.01),
}


class Trainer:
    """A model, its optimiser, and a step that is compiled or not."""

    def __init__(self, optimiser, compile_, dtype=np.float64, clip=None, dropout=0.2):
        nn.manual_seed(3)
        self.model = nn.MLP([4, 6, 3], "tanh", dropout=dropout, dtype=dtype)
        self.optimiser = OPTIMISERS[optimiser](self.model.parameters())
        self.clip = clip
        self.run = compile_(self.step)

    def step(self, x, labels):
        loss = F.cross_entropy(self.model(x), labels)
        self.optimiser.zero_grad()
        loss.backward()
        norm = None if self.clip is None else nn.optim.clip_grad_norm_(self.model.parameters(), self.clip)
        self.optimiser.step()
        return loss.detach(), norm

    def state(self):
        gradients = {f"{name}.grad": p.grad.numpy() for name, p in self.model.named_parameters()}
        return self.model.state_dict() | self.optimiser.state_dict() | gradients


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", OPTIMISERS)
def test_twenty_steps_of_every_optimiser(name, dtype, backend):
    eager, compiled = Trainer(name, lambda f: f, dtype), Trainer(name, lambda f: jit(f, backend=backend), dtype)
    rng = np.random.default_rng(5)
    for k in range(20):
        if k == 10:
            eager.optimiser.lr = compiled.optimiser.lr = 0.02
        x, labels = rng.standard_normal((6, 4)).astype(dtype), rng.integers(0, 3, 6)
        nn.manual_seed(k)
        (wanted, _) = eager.run(x, labels)
        nn.manual_seed(k)
        (found, _) = compiled.run(x, labels)
        assert type(found) is type(wanted)
        np.testing.assert_allclose(found.data, wanted.data, rtol=1e-9 if dtype is np.float64 else 1e-3)
        close(compiled.state(), eager.state(), 1e-9 if dtype is np.float64 else 2e-3)
    assert len(compiled.run.variants) <= 2  # with no gradients before, and with some
    assert not any(variant.reason for variant in compiled.run.variants)


@pytest.mark.parametrize("clip", [0.1, 1e6])
def test_clipped_gradients(clip, backend):
    eager, compiled = Trainer("momentum", lambda f: f, clip=clip), Trainer("momentum", lambda f: jit(f, backend=backend), clip=clip)
    for k in range(5):
        nn.manual_seed(k)
        _, wanted = eager.run(X, LABELS)
        nn.manual_seed(k)
        _, found = compiled.run(X, LABELS)
        assert found == pytest.approx(wanted, rel=1e-10)
        close(compiled.state(), eager.state())


@pytest.mark.parametrize(
    "schedule",
    [
        lambda opt: nn.optim.StepLR(opt, 3, 0.5),
        lambda opt: nn.optim.CosineLR(opt, 20, warmup=4),
        lambda opt: nn.optim.Schedule(opt, lambda n: 1 / (1 + n)),
    ],
)
def test_a_schedule_between_the_steps(schedule, backend):
    eager, compiled = Trainer("Adam", lambda f: f), Trainer("Adam", lambda f: jit(f, backend=backend))
    schedules = schedule(eager.optimiser), schedule(compiled.optimiser)
    for k in range(12):
        for trainer in eager, compiled:
            nn.manual_seed(k)
            trainer.run(X, LABELS)
        for each in schedules:
            each.step()
        assert eager.optimiser.lr == compiled.optimiser.lr
    close(compiled.state(), eager.state())
    assert len(compiled.run.variants) <= 2


def test_a_loaded_state_is_gone_on_from(backend):
    eager, compiled = Trainer("AdamW", lambda f: f, dropout=0), Trainer("AdamW", lambda f: jit(f, backend=backend), dropout=0)
    for _ in range(3):
        eager.run(X, LABELS)
        compiled.run(X * 2, LABELS)
    compiled.model.load_state_dict(eager.model.state_dict())
    compiled.optimiser.load_state_dict(eager.optimiser.state_dict())
    for _ in range(3):
        eager.run(X, LABELS)
        compiled.run(X, LABELS)
    close(compiled.state(), eager.state())


def test_gradients_of_several_batches_added_up(backend):
    results = []
    for compile_ in (lambda f: f, lambda f: jit(f, backend=backend)):
        trainer = Trainer("momentum", lambda f: f, dropout=0)
        accumulate = compile_(lambda x, labels, trainer=trainer: F.cross_entropy(trainer.model(x), labels).backward())
        apply = compile_(lambda trainer=trainer: (trainer.optimiser.step(), trainer.optimiser.zero_grad())[0])
        for k in range(3):
            for part in (slice(0, 3), slice(3, 6)):
                accumulate(X[part] * (k + 1), LABELS[part])
            apply()
        accumulate(X, LABELS)
        results.append(trainer.state())
    close(results[1], results[0])


def test_an_epoch_of_the_digits(backend):
    digits = nn.data.digits()
    x, labels = (np.asarray(a)[:960] for a in (digits.x, digits.y))
    results = []
    for compile_ in (lambda f: f, lambda f: jit(f, backend=backend)):
        nn.manual_seed(0)
        model = nn.MLP([64, 32, 10], dropout=0.1)
        optimiser = nn.optim.Adam(model.parameters(), lr=1e-3)

        def step(x, labels, model=model, optimiser=optimiser):
            loss = F.cross_entropy(model(x), labels)
            loss.backward()
            optimiser.step()
            optimiser.zero_grad()
            return loss

        run = compile_(step)
        order = np.random.default_rng(4).permutation(len(x))
        losses = [float(run(x[rows], labels[rows]).data) for rows in order.reshape(-1, 64)]
        results.append(model.state_dict() | {"losses": np.array(losses)})
    close(results[1], results[0], 1e-4)


def test_training_by_hand_with_plain_arrays(backend):
    def loss(p, x, y):
        return F.mse_loss(ops.tanh(x @ p["w"] + p["b"]) @ p["v"], y)

    def step(p, x, y, rate):
        g = grad(loss)(p, x, y)
        return {name: a - rate * g[name] for name, a in p.items()}

    rng = np.random.default_rng(0)
    p = {"w": rng.standard_normal((4, 5)), "b": np.zeros(5), "v": rng.standard_normal((5, 1))}
    q, run = p, jit(step, backend=backend)
    for k in range(10):
        p, q = step(p, X, LABELS[:, None] * 1.0, 0.1 / (k + 1)), run(q, X, LABELS[:, None] * 1.0, 0.1 / (k + 1))
    close(q, p)
