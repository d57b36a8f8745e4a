"""Random programs: values, gradients and second derivatives of hundreds of small graphs, ours beside PyTorch's."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from autograd import Tensor, ops  # noqa: E402  # after the skip

UNARY = {
    "sin": (ops.sin, torch.sin),
    "tanh": (ops.tanh, torch.tanh),
    "sigmoid": (ops.sigmoid, torch.sigmoid),
    "softplus": (ops.softplus, torch.nn.functional.softplus),
    "relu": (ops.relu, torch.relu),
    "abs": (ops.absolute, torch.abs),
    "square": (lambda x: 0.1 * ops.square(x), lambda x: 0.1 * torch.square(x)),
    "exp": (lambda x: ops.exp(-x * x), lambda x: torch.exp(-x * x)),
    "log": (lambda x: ops.log(1.5 + x * x), lambda x: torch.log(1.5 + x * x)),
    "sqrt": (lambda x: ops.sqrt(0.5 + x * x), lambda x: torch.sqrt(0.5 + x * x)),
    "ravel": (ops.ravel, torch.ravel),
    "transpose": (lambda x: x.T, lambda x: x.permute(tuple(range(x.ndim))[::-1])),
}
ALONG = {  # for what has axes
    "reverse": (lambda x: x[::-1], lambda x: torch.flip(x, (0,))),
    "repeat": (lambda x: x[[0, -1, 0]], lambda x: x[[0, -1, 0]]),
    "sum": (lambda x: x.sum(-1, keepdims=True), lambda x: x.sum(-1, keepdim=True)),
    "mean": (lambda x: x.mean(0), lambda x: x.mean(0)),
    "max": (lambda x: x.max(-1), lambda x: x.amax(-1)),
    "logsumexp": (lambda x: ops.logsumexp(x, 0), lambda x: torch.logsumexp(x, 0)),
    "softmax": (lambda x: ops.softmax(x), lambda x: torch.softmax(x, -1)),
    "log_softmax": (lambda x: ops.log_softmax(x), lambda x: torch.log_softmax(x, -1)),
    "split": (lambda x: ops.split(x, [1])[1], lambda x: x[1:]),
}
BINARY = {
    "add": (ops.add, torch.add),
    "subtract": (ops.subtract, torch.sub),
    "multiply": (ops.multiply, torch.mul),
    "divide": (lambda a, b: a / (1 + b * b), lambda a, b: a / (1 + b * b)),
    "maximum": (ops.maximum, torch.maximum),
    "where": (lambda a, b: ops.where(a > b, a, ops.sin(b)), lambda a, b: torch.where(a > b, a, torch.sin(b))),
    "hypot": (lambda a, b: ops.hypot(a, b + 3), lambda a, b: torch.hypot(a, b + 3)),
}
STEPS = UNARY | ALONG | BINARY
SHAPES = [(3, 4), (4,), (3, 1), (), (2, 3, 4)]


def shape_of(name, a, b=None):
    """The shape that a step gives, or None where it does not apply: empty results are left aside."""
    try:
        y = STEPS[name][0](*(np.ones(shape) for shape in (a, b) if shape is not None))
    except (ValueError, IndexError):
        return None
    return np.shape(y) if 0 < np.size(y) <= 200 else None


def program(random):
    """A list of steps (name, places of the arguments), with the shapes of the leaves that they start from."""
    shapes = [SHAPES[k] for k in random.integers(len(SHAPES), size=3)]
    leaves, steps = list(shapes), []
    while len(steps) < 8:
        binary = random.random() < 0.5
        places = random.integers(len(shapes), size=2 if binary else 1).tolist()
        name = random.choice(list(BINARY if binary else UNARY | ALONG if shapes[places[0]] else UNARY))
        shape = shape_of(name, *(shapes[k] for k in places))
        if shape is not None:
            steps.append((name, places))
            shapes.append(shape)
    return leaves, steps


def run(steps, leaves, side):
    values = list(leaves)
    for name, places in steps:
        values.append(STEPS[name][side](*(values[k] for k in places)))
    return sum((((side and torch.tanh) or ops.tanh)(value).sum() for value in values[-4:]), 0.0)


@pytest.mark.parametrize("block", range(10))
def test_random_programs(block):
    for seed in range(40 * block, 40 * block + 40):
        random = np.random.default_rng(seed)
        shapes, steps = program(random)
        arrays = [random.standard_normal(shape) for shape in shapes]
        weights = [random.standard_normal(shape) for shape in shapes]

        ours = [Tensor(a, requires_grad=True) for a in arrays]
        loss = run(steps, ours, 0)
        loss.backward(create_graph=True)
        first = [t.grad for t in ours]
        for t in ours:
            t.zero_grad()
        along = sum(((g * w).sum() for g, w in zip(first, weights, strict=True) if g is not None), Tensor(0.0))
        if along.requires_grad:
            along.backward()

        theirs = [torch.tensor(a, requires_grad=True) for a in arrays]
        wanted = run(steps, theirs, 1)
        gradients = torch.autograd.grad(wanted, theirs, create_graph=True, allow_unused=True)
        total = sum(((g * torch.tensor(w)).sum() for g, w in zip(gradients, weights, strict=True) if g is not None), torch.tensor(0.0))
        second = torch.autograd.grad(total, theirs, allow_unused=True) if total.requires_grad else [None] * len(theirs)

        note = f"seed {seed}: {steps} from {shapes}"
        np.testing.assert_allclose(loss.item(), wanted.item(), rtol=1e-12, err_msg=note)
        for ours_of, theirs_of in (first, gradients), ([t.grad for t in ours], second):
            for shape, got, want in zip(shapes, ours_of, theirs_of, strict=True):
                want = np.zeros(shape) if want is None else want.detach().numpy()  # noqa: PLW2901
                np.testing.assert_allclose(np.zeros(shape) if got is None else got.data, want, rtol=1e-9, atol=1e-11, err_msg=note)
