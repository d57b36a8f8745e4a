"""PyTorch, an independent engine, finds the same values, gradients and second derivatives."""

import numpy as np
import pytest

from autograd import Tensor, ops
from autograd.op import TABLE

torch = pytest.importorskip("torch")
F = torch.nn.functional


def our_orders(f, arrays, u):
    """f, its gradients, and the gradients of ⟨gradients, u⟩."""
    xs = [Tensor(a, requires_grad=True) for a in arrays]

    def gradients(y):
        if y.requires_grad:
            y.backward(create_graph=True)
        found = [Tensor(np.zeros(x.shape)) if x.grad is None else x.grad for x in xs]
        for x in xs:
            x.zero_grad()
        return found

    y = f(*xs)
    first = gradients((y * np.cos(np.arange(y.size)).reshape(y.shape)).sum())
    second = gradients(sum((g * d).sum() for g, d in zip(first, u, strict=True)))
    return [t.data for t in (y, *first, *second)]


def torch_orders(f, arrays, u):
    xs = [torch.tensor(a, requires_grad=True) for a in arrays]

    def gradients(y):
        if not y.requires_grad:
            return [torch.zeros_like(x) for x in xs]
        return torch.autograd.grad(y, xs, create_graph=True, allow_unused=True, materialize_grads=True)

    y = f(*xs)
    first = gradients((y * torch.cos(torch.arange(y.numel(), dtype=y.dtype)).reshape(y.shape)).sum())
    second = gradients(sum((g * torch.tensor(d)).sum() for g, d in zip(first, u, strict=True)))
    return [t.detach().numpy(force=True) for t in (y, *first, *second)]


def assert_agree(ours, theirs, arrays, rng):
    u = [rng.standard_normal(a.shape) for a in arrays]
    for mine, yours in zip(our_orders(ours, arrays, u), torch_orders(theirs, arrays, u), strict=True):
        np.testing.assert_allclose(mine, yours, rtol=1e-10, atol=1e-11)


# every op that both have

RENAMED = {"power": torch.pow, "clip": lambda x, low, high: torch.minimum(torch.maximum(x, low), high)}
WITHOUT = {"imag", "heaviside"}  # what PyTorch refuses on real numbers, or does not differentiate
ELEMENTWISE = {
    op: theirs
    for op in TABLE.values()
    if op.kind == "elementwise" and not op.samples and op.name not in WITHOUT and op.__module__.startswith("autograd.ops")
    if (theirs := RENAMED.get(op.name) or getattr(F, op.name, None) or getattr(torch, op.name, None))
}


@pytest.mark.parametrize("op", ELEMENTWISE, ids=lambda op: op.name)
@pytest.mark.parametrize("shapes", [[(40,)] * 3, [(4, 1, 5), (3, 1), (5,)], [(), (2, 3), (3,)]], ids=str)
def test_elementwise(op, shapes, rng):
    bounds = [*op.domain, *[(-3, 3)] * 3]
    arrays = [rng.uniform(*bound, shape) for bound, shape, _ in zip(bounds, shapes, op.arguments, strict=False)]
    assert_agree(op, ELEMENTWISE[op], arrays, rng)


ROWS, LABELS = np.array([2, 0, 2]), np.array([1, 0, 3])
torch_rows, torch_labels = torch.tensor(ROWS), torch.tensor(LABELS)
TWINS = {
    "sum": (lambda x: ops.sum(x, axis=(0, 2)), lambda x: x.sum((0, 2)), (2, 3, 4)),
    "mean": (lambda x: ops.mean(x, axis=1, keepdims=True), lambda x: x.mean(1, keepdim=True), (3, 4)),
    "var": (lambda x: ops.var(x, axis=0, ddof=1), lambda x: x.var(0), (4, 3)),
    "std": (lambda x: ops.std(x, axis=(0, 1)), lambda x: x.std((0, 1), correction=0), (4, 3, 2)),
    "max": (lambda x: ops.max(x, axis=1), lambda x: x.amax(1), (4, 3)),
    "min": (ops.min, torch.amin, (4, 3)),
    "prod": (lambda x: ops.prod(x, axis=1), lambda x: x.prod(1), (4, 3)),
    "norm": (lambda x: ops.norm(x, axis=1), lambda x: torch.linalg.vector_norm(x, dim=1), (4, 3)),
    "logsumexp": (lambda x: ops.logsumexp(x, axis=1), lambda x: x.logsumexp(1), (4, 3)),
    "softmax": (lambda x: ops.softmax(x, axis=0), lambda x: x.softmax(0), (4, 3)),
    "log_softmax": (ops.log_softmax, lambda x: x.log_softmax(-1), (4, 3)),
    "cross_entropy": (lambda x: ops.cross_entropy(x, LABELS), lambda x: F.cross_entropy(x, torch_labels, reduction="none"), (3, 4)),
    "matmul": (ops.matmul, torch.matmul, (5, 1, 2, 3), (4, 3, 2)),
    "matmul of a row": (ops.matmul, torch.matmul, (3,), (5, 3, 4)),
    "matmul of a column": (ops.matmul, torch.matmul, (5, 4, 3), (3,)),
    "inner product": (ops.matmul, torch.matmul, (3,), (3,)),
    "linear": (ops.linear, F.linear, (2, 5, 3), (4, 3), (4,)),
    "transpose": (lambda x: ops.transpose(x, (2, 0, 1)) ** 2, lambda x: x.permute(2, 0, 1) ** 2, (2, 3, 4)),
    "reshape": (lambda x: ops.reshape(x, (4, -1)) ** 2, lambda x: x.reshape(4, -1) ** 2, (2, 3, 4)),
    "broadcast_to": (lambda x: ops.broadcast_to(x, (4, 3, 2)) ** 2, lambda x: x.expand(4, 3, 2) ** 2, (3, 1)),
    "pad": (lambda x: ops.pad(x, ((1, 0), (2, 3))) ** 2, lambda x: F.pad(x, (2, 3, 1, 0)) ** 2, (2, 3)),
    "concatenate": (lambda *a: ops.concatenate(a, axis=1) ** 2, lambda *a: torch.cat(a, 1) ** 2, (2, 3), (2, 1)),
    "stack": (lambda *a: ops.stack(a, axis=1) ** 2, lambda *a: torch.stack(a, 1) ** 2, (2, 3), (2, 3)),
    "split": (lambda x: ops.split(x, [1, 3])[1] ** 3, lambda x: x.split([1, 2, 2])[1] ** 3, (5, 2)),
    "getitem, a slice": (lambda x: x[1:, ::2] ** 2, lambda x: x[1:, ::2] ** 2, (3, 5)),
    "getitem, repeated rows": (lambda x: x[ROWS] ** 2, lambda x: x[torch_rows] ** 2, (3, 5)),
    "getitem, points": (lambda x: x[ROWS, LABELS] ** 2, lambda x: x[torch_rows, torch_labels] ** 2, (3, 5)),
    "take_along_axis": (
        lambda x: ops.take_along_axis(x, ROWS[None], axis=0) ** 2,
        lambda x: torch.take_along_dim(x, torch_rows[None], 0) ** 2,
        (3, 3),
    ),
    "where": (lambda a, b: ops.where(a > b, a * b, b), lambda a, b: torch.where(a > b, a * b, b), (3, 4), (4,)),
}


@pytest.mark.parametrize(("ours", "theirs", "shapes"), [(a, b, shapes) for a, b, *shapes in TWINS.values()], ids=TWINS)
def test_on_whole_arrays(ours, theirs, shapes, rng):
    assert_agree(ours, theirs, [rng.standard_normal(s) for s in shapes], rng)


def test_assignment(rng):
    def f(x, v):
        y = x * 2.0
        y[1:] = v
        y += x
        return y * y

    assert_agree(f, f, [rng.standard_normal(4), rng.standard_normal(3)], rng)


# the derivations

ONE_HOT = np.eye(3)[[2, 0, 1, 0, 2]]
true, torch_true = np.array([2, 0, 1, 0, 2]), torch.tensor([2, 0, 1, 0, 2])


def three_layers(relu, X, W1, b1, W2, b2, W3, b3):
    return relu(relu(X @ W1 + b1) @ W2 + b2) @ W3 + b3


DERIVATIONS = {
    "1 the sigmoid": (ops.sigmoid, torch.sigmoid, (20,)),
    "2 lemma (a)": (lambda x: ops.sigmoid(-x), lambda x: 1 - torch.sigmoid(x), (20,)),
    "3 cross-entropy of softmax": (
        lambda t: -(ONE_HOT * ops.log(ops.softmax(t))).sum(),
        lambda t: -(torch.tensor(ONE_HOT) * t.softmax(-1).log()).sum(),
        (5, 3),
    ),
    "4 lemma (b), the softmax Jacobian": (ops.softmax, lambda t: t.softmax(-1), (1, 4)),
    "5 to 8 two layers": (
        lambda x, W0, W1: ops.cross_entropy(ops.relu(x @ W0) @ W1, true).sum(),
        lambda x, W0, W1: F.cross_entropy(F.relu(x @ W0) @ W1, torch_true, reduction="sum"),
        *[(5, 3), (3, 4), (4, 3)],
    ),
    "9 the log-sum-exp route": (lambda t: -(t[1] - ops.logsumexp(t)), lambda t: -(t[1] - t.logsumexp(0)), (3,)),
    "10 the gradient of the input": (
        lambda x, W1, b1, W2, b2: ops.cross_entropy(ops.sigmoid(x @ W1 + b1) @ W2 + b2, true).sum(),
        lambda x, W1, b1, W2, b2: F.cross_entropy(torch.sigmoid(x @ W1 + b1) @ W2 + b2, torch_true, reduction="sum"),
        *[(5, 2), (2, 4), (4,), (4, 3), (3,)],
    ),
    "11 relu": (ops.relu, F.relu, (20,)),
    "11 leaky relu": (lambda x: ops.leaky_relu(x, 0.2), lambda x: F.leaky_relu(x, 0.2), (20,)),
    "11 tanh": (ops.tanh, torch.tanh, (20,)),
    "12 to 15 three layers": (
        lambda *a: ops.cross_entropy(three_layers(ops.relu, *a), true).sum(),
        lambda *a: F.cross_entropy(three_layers(F.relu, *a), torch_true, reduction="sum"),
        *[(5, 2), (2, 4), (4,), (4, 4), (4,), (4, 3), (3,)],
    ),
}


@pytest.mark.parametrize(("ours", "theirs", "shapes"), [(a, b, shapes) for a, b, *shapes in DERIVATIONS.values()], ids=DERIVATIONS)
def test_derivations(ours, theirs, shapes, rng):
    assert_agree(ours, theirs, [rng.standard_normal(s) for s in shapes], rng)
