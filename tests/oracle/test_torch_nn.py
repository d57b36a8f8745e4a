"""PyTorch finds the same losses and gradients, and its optimisers walk the same way."""

import inspect
import re
from itertools import product

import numpy as np
import pytest

from autograd import Tensor
from nn import GELU, MLP, Dropout, Identity, LeakyReLU, Linear, ReLU, Sequential, Sigmoid, Softplus, Tanh, init, optim
from nn import functional as F

torch = pytest.importorskip("torch")
TF = torch.nn.functional

DTYPES = [np.float32, np.float64]


def assert_agree(ours, theirs, arrays, dtype):
    """The same value and the same gradients, within a few roundings."""
    arrays = [a.astype(dtype) for a in arrays]
    xs, ts = [Tensor(a, requires_grad=True) for a in arrays], [torch.tensor(a, requires_grad=True) for a in arrays]
    y, z = ours(*xs), theirs(*ts)
    (y * y).sum().backward()
    (z * z).sum().backward()
    assert y.dtype == dtype
    near = {"rtol": 100 * np.finfo(dtype).eps, "atol": 20 * np.finfo(dtype).eps}
    np.testing.assert_allclose(y.data, z.detach().numpy(), **near)
    for x, t in zip(xs, ts, strict=True):
        np.testing.assert_allclose(x.grad.data, t.grad.numpy(), **near)


# functions

ROWS = (4, 5)
TWINS = {
    "linear": (F.linear, TF.linear, (2, 5, 3), (4, 3), (4,)),
    "relu": (F.relu, TF.relu, ROWS),
    "leaky_relu": (lambda x: F.leaky_relu(x, 0.3), lambda x: TF.leaky_relu(x, 0.3), ROWS),
    "sigmoid": (F.sigmoid, torch.sigmoid, ROWS),
    "tanh": (F.tanh, torch.tanh, ROWS),
    "softplus": (lambda x: F.softplus(x, 2.5), lambda x: TF.softplus(x, 2.5), ROWS),
    "gelu": (F.gelu, TF.gelu, ROWS),
    "gelu, tanh": (lambda x: F.gelu(x, approximate="tanh"), lambda x: TF.gelu(x, approximate="tanh"), ROWS),
    "softmax": (lambda x: F.softmax(x, 0), lambda x: TF.softmax(x, 0), ROWS),
    "log_softmax": (lambda x: F.log_softmax(x, dim=1), lambda x: TF.log_softmax(x, dim=1), ROWS),
    "logsumexp": (lambda x: F.logsumexp(x, 1, keepdim=True), lambda x: torch.logsumexp(x, 1, keepdim=True), ROWS),
}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("ours", "theirs", "shapes"), [(a, b, shapes) for a, b, *shapes in TWINS.values()], ids=TWINS)
def test_functions(ours, theirs, shapes, dtype, rng):
    assert_agree(ours, theirs, [rng.standard_normal(shape) for shape in shapes], dtype)


# losses

REDUCTIONS = ["none", "sum", "mean"]
SHAPES = {"C": (4,), "N, C": (6, 4), "N, C, d": (3, 4, 2), "N, C, d, e": (2, 4, 3, 2)}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_cross_entropy_and_nll_loss(shape, reduction, dtype, rng):
    z = rng.standard_normal(shape)
    labels = rng.integers(0, 4, shape[:1] + shape[2:] if len(shape) > 1 else ())
    negative = np.where(np.arange(labels.size).reshape(labels.shape) == 1, -7, labels)
    for weight, (target, ignored), smoothing in product(
        [None, rng.uniform(0.5, 2, 4)],
        [(labels, -100), (negative, -7), (labels, 0), (np.full_like(labels, 3), 3)],  # the last ignores every row
        [0.0, 0.1, 1.0],
    ):
        options = {"ignore_index": ignored, "reduction": reduction}
        w = None if weight is None else torch.tensor(weight.astype(dtype))
        assert_agree(
            lambda z: F.cross_entropy(z, target, weight=weight, label_smoothing=smoothing, **options),  # noqa: B023  # called in this turn
            lambda z: TF.cross_entropy(z, torch.tensor(target), weight=w, label_smoothing=smoothing, **options),  # noqa: B023
            [z],
            dtype,
        )
        assert_agree(
            lambda z: F.nll_loss(z, target, weight=weight, **options),  # noqa: B023
            lambda z: TF.nll_loss(z, torch.tensor(target), weight=w, **options),  # noqa: B023
            [z],
            dtype,
        )


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_cross_entropy_of_probabilities(shape, reduction, dtype, rng):
    axis = min(len(shape) - 1, 1)
    y = rng.uniform(size=shape)
    y[y < 0.2] = 0
    y /= y.sum(axis, keepdims=True)
    for weight, smoothing in product([None, rng.uniform(0.5, 2, 4)], [0.0, 0.1]):
        w = None if weight is None else torch.tensor(weight.astype(dtype))
        assert_agree(
            lambda z, y: F.cross_entropy(z, y, weight=weight, reduction=reduction, label_smoothing=smoothing),  # noqa: B023
            lambda z, y: TF.cross_entropy(z, y, weight=w, reduction=reduction, label_smoothing=smoothing),  # noqa: B023
            [rng.standard_normal(shape), y],
            dtype,
        )


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_mse_loss(reduction, dtype, rng):
    assert_agree(
        lambda x, y: F.mse_loss(x, y, reduction=reduction),
        lambda x, y: TF.mse_loss(x, y, reduction=reduction),
        [rng.standard_normal(ROWS), rng.standard_normal(ROWS)],
        dtype,
    )


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_binary_cross_entropy_with_logits(reduction, dtype, rng):
    for weight, pos_weight in product([None, rng.uniform(0.5, 2, ROWS)], [None, rng.uniform(0.5, 2, 5)]):
        w, v = (None if a is None else torch.tensor(a.astype(dtype)) for a in (weight, pos_weight))
        assert_agree(
            lambda x, y: F.binary_cross_entropy_with_logits(x, y, weight=weight, reduction=reduction, pos_weight=pos_weight),  # noqa: B023
            lambda x, y: TF.binary_cross_entropy_with_logits(x, y, weight=w, reduction=reduction, pos_weight=v),  # noqa: B023
            [rng.standard_normal(ROWS), rng.uniform(0, 1, ROWS)],
            dtype,
        )


# signatures

LEFT_OUT = {"size_average", "reduce", "device", "dtype"}  # PyTorch's old names for `reduction`; where and in what it computes


def parameters(function):
    if inspect.isbuiltin(function):  # written in C: its signature is the first line of its text
        function = eval("lambda " + re.search(r"\((.*?)\)", function.__doc__)[1] + ": None")
    found = {p.name: p.default for p in inspect.signature(function).parameters.values()}
    return {name: default for name, default in found.items() if name not in LEFT_OUT}


OPTIMISERS, SCHEDULES = ["SGD", "Adam", "AdamW", "RMSprop"], ["StepLR"]
LAYERS = [Linear, Identity, ReLU, LeakyReLU, Sigmoid, Tanh, Softplus, GELU, Dropout]
CALLABLES = {
    **{name: (getattr(F, name), getattr(TF, name, None) or getattr(torch, name)) for name in F.__all__},
    **{name: (getattr(optim, name), getattr(torch.optim, name)) for name in OPTIMISERS},
    **{name: (getattr(optim, name), getattr(torch.optim.lr_scheduler, name)) for name in SCHEDULES},
    **{layer.__name__: (layer, getattr(torch.nn, layer.__name__)) for layer in LAYERS},
    **{name: (getattr(init, name), getattr(torch.nn.init, name)) for name in init.__all__ if name != "calculate_gain"},
    "clip_grad_norm_": (optim.clip_grad_norm_, torch.nn.utils.clip_grad_norm_),
}
OUR_OWN = {"softmax": {"dim": -1}, "log_softmax": {"dim": -1}}  # PyTorch guesses the axis, and warns that it does


@pytest.mark.parametrize(("ours", "theirs"), CALLABLES.values(), ids=CALLABLES)
def test_signatures(ours, theirs):
    """Ours are the first of PyTorch's parameters, in its order and with its defaults; what is our own comes last."""
    mine, yours = parameters(ours), parameters(theirs)
    shared = [name for name in mine if name in yours]
    assert shared == list(mine)[: len(shared)] == list(yours)[: len(shared)]
    wanted = {name: yours[name] for name in shared} | OUR_OWN.get(ours.__name__, {})
    assert {name: mine[name] for name in shared} == wanted


# optimisers

STEPS = 60
RULES = {
    "SGD": ("SGD", {"lr": 0.1}),
    "SGD, weight decay": ("SGD", {"lr": 0.1, "weight_decay": 0.05}),
    "SGD, momentum": ("SGD", {"lr": 0.05, "momentum": 0.9}),
    "SGD, dampening": ("SGD", {"lr": 0.1, "momentum": 0.8, "dampening": 0.3, "weight_decay": 0.05}),
    "SGD, nesterov": ("SGD", {"lr": 0.05, "momentum": 0.9, "nesterov": True, "weight_decay": 0.05}),
    "Adam": ("Adam", {"lr": 0.01}),
    "Adam, all": ("Adam", {"lr": 0.02, "betas": (0.7, 0.9), "eps": 1e-4, "weight_decay": 0.05}),
    "AdamW": ("AdamW", {"lr": 0.01}),
    "AdamW, all": ("AdamW", {"lr": 0.02, "betas": (0.7, 0.9), "eps": 1e-4, "weight_decay": 0.2}),
    "RMSprop": ("RMSprop", {"lr": 0.005}),
    "RMSprop, momentum": ("RMSprop", {"lr": 0.002, "momentum": 0.8, "weight_decay": 0.05}),
    "RMSprop, all": ("RMSprop", {"lr": 0.002, "alpha": 0.9, "eps": 1e-3, "weight_decay": 0.05, "momentum": 0.5, "centered": True}),
}


def twins(dtype):
    """The same small network twice, with the same weights."""
    ours = MLP([3, 8, 4], activation="tanh", dtype=dtype, rng=np.random.default_rng(0))
    theirs = torch.nn.Sequential(torch.nn.Linear(3, 8), torch.nn.Tanh(), torch.nn.Linear(8, 4)).to(getattr(torch, np.dtype(dtype).name))
    assert list(ours.state_dict()) == list(theirs.state_dict())
    theirs.load_state_dict({name: torch.tensor(a) for name, a in ours.state_dict().items()})
    return ours, theirs


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("kind", "options"), RULES.values(), ids=RULES)
def test_trajectories(kind, options, dtype, rng):
    ours, theirs = twins(dtype)
    mine, yours = getattr(optim, kind)(ours.parameters(), **options), getattr(torch.optim, kind)(theirs.parameters(), **options)
    near = {np.float64: {"rtol": 1e-11, "atol": 1e-12}, np.float32: {"rtol": 2e-4, "atol": 2e-5}}[dtype]
    x, y = rng.standard_normal((20, 3)).astype(dtype), rng.integers(0, 4, 20)
    start = ours.state_dict()
    for step in range(STEPS):
        mine.zero_grad()
        yours.zero_grad()
        F.cross_entropy(ours(x), y).backward()
        TF.cross_entropy(theirs(torch.tensor(x)), torch.tensor(y)).backward()
        if step % 7 == 3:  # a layer that has no gradient for once
            ours[0].weight.grad = theirs[0].weight.grad = None
        if step < 4:  # and one whose gradients come late
            ours[2].bias.grad = theirs[2].bias.grad = None
        mine.step()
        yours.step()
        for p, q in zip(ours.parameters(), theirs.parameters(), strict=True):
            np.testing.assert_allclose(p.data, q.detach().numpy(), **near)
    assert all(np.abs(a - start[name]).max() > 0.01 for name, a in ours.state_dict().items())


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (lambda o: optim.StepLR(o, 7, gamma=0.3), lambda o: torch.optim.lr_scheduler.StepLR(o, 7, gamma=0.3)),
        (lambda o: optim.CosineLR(o, total=30), lambda o: torch.optim.lr_scheduler.CosineAnnealingLR(o, T_max=30)),
        (lambda o: optim.CosineLR(o, 30, final=0.1), lambda o: torch.optim.lr_scheduler.CosineAnnealingLR(o, 30, eta_min=0.05)),
        (
            lambda o: optim.CosineLR(o, total=30, warmup=5),
            lambda o: torch.optim.lr_scheduler.SequentialLR(
                o,
                [torch.optim.lr_scheduler.LinearLR(o, 0.2, total_iters=4), torch.optim.lr_scheduler.CosineAnnealingLR(o, 25)],
                milestones=[5],
            ),
        ),
    ],
)
def test_schedules(ours, theirs):
    mine, yours = optim.SGD([Tensor(1.0, requires_grad=True)], lr=0.5), torch.optim.SGD([torch.tensor(1.0, requires_grad=True)], lr=0.5)
    my_schedule, your_schedule = ours(mine), theirs(yours)
    for _ in range(30):
        assert mine.lr == pytest.approx(yours.param_groups[0]["lr"], rel=1e-12, abs=1e-15)
        yours.step()
        my_schedule.step()
        your_schedule.step()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("norm_type", [1, 2, 3.0, np.inf])
def test_clip_grad_norm(norm_type, dtype, rng):
    for max_norm, spoil in product([0.0, 0.5, 1e3, np.inf], [None, np.nan, np.inf]):
        grads = [rng.standard_normal(shape).astype(dtype) for shape in ((3, 4), (5,), ())]
        if spoil is not None:
            grads[0][1, 2] = spoil
        ours = [Tensor(np.zeros_like(g), requires_grad=True) for g in grads]
        theirs = [torch.zeros(g.shape, dtype=getattr(torch, np.dtype(dtype).name), requires_grad=True) for g in grads]
        for p, q, g in zip(ours, theirs, grads, strict=True):
            p.grad, q.grad = Tensor(g), torch.tensor(g)
        with np.errstate(invalid="ignore"):
            norm = optim.clip_grad_norm_(ours, max_norm, norm_type)
        near = {"rtol": 10 * np.finfo(dtype).eps}
        np.testing.assert_allclose(norm, torch.nn.utils.clip_grad_norm_(theirs, max_norm, norm_type), **near)
        for p, q in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(p.grad.data, q.grad.numpy(), **near)


# initial values


@pytest.mark.parametrize("name", ["linear", "sigmoid", "tanh", "relu", "leaky_relu"])
def test_gains(name):
    assert init.calculate_gain(name) == torch.nn.init.calculate_gain(name)
    assert init.calculate_gain(name, 0.3) == torch.nn.init.calculate_gain(name, 0.3)


@pytest.mark.parametrize(
    "fill",
    [
        lambda init, t: init.xavier_uniform_(t, gain=2.0),
        lambda init, t: init.xavier_normal_(t),
        lambda init, t: init.kaiming_uniform_(t, a=0.3),
        lambda init, t: init.kaiming_uniform_(t, mode="fan_out", nonlinearity="tanh"),
        lambda init, t: init.kaiming_normal_(t, nonlinearity="relu"),
        lambda init, t: init.kaiming_normal_(t, mode="fan_out"),
    ],
)
def test_initial_values_have_the_same_spread(fill):
    ours, theirs = fill(init, Tensor(np.zeros((600, 400)))), fill(torch.nn.init, torch.zeros(600, 400))
    assert ours.data.std() == pytest.approx(theirs.numpy().std(), rel=0.01)
    assert np.abs(ours.data).max() == pytest.approx(np.abs(theirs.numpy()).max(), rel=0.3)


# a network


def test_a_trained_network_moves_over(rng):
    theirs = torch.nn.Sequential(torch.nn.Linear(4, 6), torch.nn.GELU(), torch.nn.Dropout(0.5), torch.nn.Linear(6, 2, bias=False)).eval()
    ours = Sequential(Linear(4, 6), GELU(), Dropout(0.5), Linear(6, 2, bias=False)).eval()
    ours.load_state_dict({name: t.numpy() for name, t in theirs.state_dict().items()})
    x = rng.standard_normal((5, 4)).astype(np.float32)
    np.testing.assert_allclose(ours(x).data, theirs(torch.tensor(x)).detach().numpy(), rtol=1e-5, atol=1e-6)
