"""Optimisers, schedules and the clipping of gradients."""

import copy
import math
import pickle

import numpy as np
import pytest

from autograd import Tensor
from nn import MLP
from nn import functional as F
from nn.optim import SGD, Adam, AdamW, CosineLR, Optimizer, RMSprop, Schedule, StepLR, clip_grad_norm_

RULES = {
    "SGD": lambda p: SGD(p, 0.1),
    "SGD, weight decay": lambda p: SGD(p, 0.1, weight_decay=0.1),
    "SGD, momentum": lambda p: SGD(p, 0.1, momentum=0.9),
    "SGD, dampening": lambda p: SGD(p, 0.1, momentum=0.9, dampening=0.5, weight_decay=0.1),
    "SGD, nesterov": lambda p: SGD(p, 0.1, momentum=0.9, nesterov=True),
    "Adam": lambda p: Adam(p, 0.1),
    "Adam, all": lambda p: Adam(p, 0.1, betas=(0.5, 0.9), eps=1e-3, weight_decay=0.1),
    "AdamW": lambda p: AdamW(p, 0.1),
    "AdamW, all": lambda p: AdamW(p, 0.1, betas=(0.5, 0.9), eps=1e-3, weight_decay=0.1),
    "RMSprop": lambda p: RMSprop(p, 0.1),
    "RMSprop, all": lambda p: RMSprop(p, 0.1, alpha=0.9, eps=1e-3, weight_decay=0.1, momentum=0.9, centered=True),
}
every_rule = pytest.mark.parametrize("make", RULES.values(), ids=RULES)


def leaf(data=(1.0, -2.0), dtype=np.float64):
    return Tensor(np.array(data, dtype), requires_grad=True)


def descend(optimizer, steps=1):
    """Steps along the gradient of Σ x⁴/4, which is x³."""
    for _ in range(steps):
        optimizer.zero_grad()
        for p in optimizer.params:
            (p**4 / 4).sum().backward()
        optimizer.step()


# the rules, on one number, as their papers have them


def sgd(x, mu=0.0, tau=0.0, decay=0.0, nesterov=False):
    b = None
    while True:
        g = x**3 + decay * x
        b = g if b is None else mu * b + (1 - tau) * g
        x -= 0.1 * (g + mu * b if nesterov else b)
        yield x


def adam(x, beta1=0.9, beta2=0.999, eps=1e-8, decay=0.0, apart=0.0):
    m = v = t = 0
    while True:
        t += 1
        g = x**3 + decay * x
        x -= 0.1 * apart * x
        m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g**2
        x -= 0.1 * (m / (1 - beta1**t)) / (math.sqrt(v / (1 - beta2**t)) + eps)
        yield x


def rmsprop(x, alpha=0.99, eps=1e-8, decay=0.0, mu=0.0, centered=False):
    v = mean = b = 0
    while True:
        g = x**3 + decay * x
        v, mean = alpha * v + (1 - alpha) * g**2, alpha * mean + (1 - alpha) * g
        b = mu * b + g / (math.sqrt(v - centered * mean**2) + eps)
        x -= 0.1 * b
        yield x


BY_HAND = {
    "SGD": sgd(1.0),
    "SGD, weight decay": sgd(1.0, decay=0.1),
    "SGD, momentum": sgd(1.0, 0.9),
    "SGD, dampening": sgd(1.0, 0.9, 0.5, 0.1),
    "SGD, nesterov": sgd(1.0, 0.9, nesterov=True),
    "Adam": adam(1.0),
    "Adam, all": adam(1.0, 0.5, 0.9, 1e-3, decay=0.1),
    "AdamW": adam(1.0, apart=0.01),
    "AdamW, all": adam(1.0, 0.5, 0.9, 1e-3, apart=0.1),
    "RMSprop": rmsprop(1.0),
    "RMSprop, all": rmsprop(1.0, 0.9, 1e-3, 0.1, 0.9, centered=True),
}


@pytest.mark.parametrize("name", RULES)
def test_the_rule(name):
    p = leaf(1.0)
    optimizer = RULES[name]([p])
    for step, x in zip(range(30), BY_HAND[name], strict=False):
        descend(optimizer)
        assert p.item() == pytest.approx(x, rel=1e-12), step


# the step


@every_rule
def test_steps_write_in_place_and_only_where_there_is_a_gradient(make):
    p, q, frozen = leaf(), leaf(), Tensor([1.0])
    memory = p.data
    optimizer = make([p, q, frozen])
    (p * p).sum().backward()
    optimizer.step()
    assert p.data is memory
    assert (p.is_leaf, p.requires_grad) == (True, True)
    assert (p.tolist() != [1, -2], q.tolist(), frozen.tolist()) == (True, [1, -2], [1])
    optimizer.zero_grad()
    assert p.grad is None
    optimizer.step()  # nothing has a gradient, nothing happens


@every_rule
def test_a_parameter_whose_gradient_comes_late_starts_as_a_new_one(make):
    late, fresh, other = leaf(), leaf(), leaf()
    optimizer = make([other, late])
    for _ in range(20):
        other.grad = Tensor(other.data**3)
        optimizer.step()
    other.grad = None
    lone = make([fresh])
    for _ in range(3):
        late.grad, fresh.grad = Tensor(late.data**3), Tensor(fresh.data**3)
        optimizer.step()
        lone.step()
        assert late.tolist() == fresh.tolist()


@every_rule
def test_the_state_stays_where_it_is(make):
    """Who has taken a Tensor of it, or its memory, sees every change."""
    p = leaf()
    optimizer = make([p])
    state = dict(optimizer.state_dict())
    tensors = {"lr": optimizer.state["lr"], **{f"0.{name}": slot for name, slot in optimizer.slots[0].items()}}
    assert tensors.keys() == state.keys()
    memory = {name: t.data for name, t in tensors.items()}
    descend(optimizer, 3)
    optimizer.lr = 0.25
    stepped = optimizer.state_dict()
    optimizer.load_state_dict(state)
    assert [t.tolist() for t in tensors.values()] == [a.tolist() for a in state.values()]
    optimizer.load_state_dict(stepped)
    assert not any(t.requires_grad for t in tensors.values())
    for name, t in tensors.items():
        assert t is (optimizer.slots[0] | optimizer.state)[name.removeprefix("0.")]
        assert t.data is memory[name]
        np.testing.assert_array_equal(t.data, stepped[name])
        assert (t.data != state[name]).any()


def test_a_step_is_seen_by_what_is_made_of_the_state():
    p, w = leaf(), leaf()
    optimizer = SGD([p], momentum=0.5)
    distance = (w * optimizer.slots[0]["b"]).sum()
    descend(optimizer)
    with pytest.raises(RuntimeError, match="multiply: a tensor of shape \\(2,\\), which its derivative needs, was written"):
        distance.backward()


class Faulty(Optimizer):
    """A rule that goes wrong in one way."""

    slot_names = ("m", "v")

    def __init__(self, params, lr, fault):
        self.fault = fault
        super().__init__(params, lr)

    def rule(self, p, g, state):
        state, fault = {"m": state["m"] + 1, "v": state["v"] + 1}, self.fault
        if fault == "raises":
            raise ArithmeticError(fault)
        return (p[:1, None] * np.ones(3) if fault == "shape" else p - g), state | ({"w": g, "u": g} if fault == "name" else {})


@pytest.mark.parametrize(
    ("fault", "kind", "message"),
    [
        ("raises", ArithmeticError, "raises"),
        ("shape", ValueError, r"data: got \(1, 3\) float64, wanted \(2,\) float64"),
        ("name", ValueError, r"Faulty: rule\(\) gave u, w as state, wanted only what slot_names has: \('m', 'v'\)"),
    ],
)
def test_a_rule_that_fails_changes_nothing(fault, kind, message):
    p = leaf()
    optimizer = Faulty([p], lr=1.0, fault=fault)
    before = optimizer.state_dict()
    with pytest.raises(kind, match=message):
        descend(optimizer)
    assert p.tolist() == [1, -2]
    for name, a in optimizer.state_dict().items():
        np.testing.assert_array_equal(a, before[name])


def test_a_step_between_forward_and_backward_is_found():
    model = MLP([2, 3, 1], dtype=np.float64)
    for path, p in model.named_parameters():
        p.name = path
    optimizer = SGD(model.parameters(), lr=0.1)
    x = np.ones((4, 2))
    model(x).sum().backward()
    loss = model(x).sum()
    optimizer.step()
    before = [p.grad.tolist() for p in model.parameters()]
    with pytest.raises(RuntimeError, match=r"linear: tensor '2.weight', which its derivative needs, was written after the forward pass"):
        loss.backward()
    assert [p.grad.tolist() for p in model.parameters()] == before


# dtypes

NUMPY_NUMBERS = {
    "SGD": lambda p, s: SGD(p, s(0.01), momentum=s(0.5), dampening=s(0.5), weight_decay=s(0.5)),
    "SGD, nesterov": lambda p, s: SGD(p, s(0.01), momentum=s(0.5), nesterov=True),
    "Adam": lambda p, s: Adam(p, s(0.01), betas=(s(0.5), s(0.5)), eps=s(0.125), weight_decay=s(0.5)),
    "AdamW": lambda p, s: AdamW(p, s(0.01), betas=(s(0.5), s(0.5)), eps=s(0.125), weight_decay=s(0.5)),
    "RMSprop": lambda p, s: RMSprop(p, s(0.01), s(0.5), s(0.125), s(0.5), s(0.5), centered=True),
}


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("scalar", [float, np.float64, np.float32, np.array])
@pytest.mark.parametrize("make", NUMPY_NUMBERS.values(), ids=NUMPY_NUMBERS)
def test_numbers_leave_the_dtype_alone(make, scalar, dtype):
    p, wide = leaf(dtype=dtype), leaf()
    optimizer = make([p, wide], scalar)  # parameters of different dtypes do not disturb each other
    descend(optimizer, 3)
    clip_grad_norm_([p], scalar(0.1))
    assert p.dtype == p.grad.dtype == dtype
    assert all(a.dtype == dtype for name, a in optimizer.slots[0].items() if name != "t")
    assert wide.dtype == np.float64
    np.testing.assert_allclose(p.data, wide.data, rtol=20 * np.finfo(dtype).eps)


# the state


@every_rule
def test_the_state_resumes_exactly(make):
    straight = leaf(), leaf([3.0])
    optimizer = make(straight)
    descend(optimizer, 5)
    optimizer.lr /= 2
    state = optimizer.state_dict()
    resumed = [leaf(p.data) for p in straight]
    again = make(resumed)
    again.load_state_dict(state)
    assert again.lr == 0.05
    for o in (optimizer, again):
        descend(o, 5)
    assert [p.tolist() for p in straight] == [p.tolist() for p in resumed]
    for name, a in again.state_dict().items():
        np.testing.assert_array_equal(a, optimizer.state_dict()[name], err_msg=name)


@every_rule
def test_a_saved_state_is_arrays_and_a_copy(make):
    optimizer = make([leaf()])
    descend(optimizer)
    state = optimizer.state_dict()
    assert all(type(a) is np.ndarray for a in state.values())
    assert (state["lr"].shape, state["lr"].item(), optimizer.state["lr"].shape) == ((), 0.1, ())
    for a in state.values():
        a[...] = 7
    assert not any((a == 7).any() for a in optimizer.state_dict().values())


def test_a_loaded_state_is_a_copy():
    optimizer = Adam([leaf()])
    state = {name: a + 1 for name, a in optimizer.state_dict().items()}
    optimizer.load_state_dict(state)
    descend(optimizer)
    assert (state["0.m"] == 1).all()


def test_load_lists_all_problems_and_changes_nothing():
    optimizer = Adam([leaf(), leaf()])
    descend(optimizer)
    before = optimizer.state_dict()
    state = optimizer.state_dict() | {"0.m": np.zeros(3), "0.v": np.zeros(2, complex), "2.m": np.zeros(2)}
    del state["1.t"]
    with pytest.raises(ValueError) as error:
        optimizer.load_state_dict({name: a + 1 for name, a in state.items()})
    assert str(error.value).splitlines() == [
        "Adam.load_state_dict: nothing was loaded:",
        "  0.m: got shape (3,), wanted (2,)",
        "  0.v: got dtype complex128, wanted float64",
        "  1.t: missing",
        "  2.m: unexpected",
    ]
    with pytest.raises(ValueError, match="Adam: got lr=nan"):
        optimizer.load_state_dict({name: a + 1 for name, a in before.items()} | {"lr": np.nan})
    for name, a in optimizer.state_dict().items():
        np.testing.assert_array_equal(a, before[name])


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))], ids=["deepcopy", "pickle"])
def test_a_model_and_its_optimiser_copy_together(copied):
    model = MLP([2, 3, 1], dtype=np.float64)
    optimizer = Adam(model.parameters(), lr=0.1)
    twin, twins = copied((model, optimizer))
    assert all(p is q for p, q in zip(twin.parameters(), twins.params, strict=True))
    for m, o in ((model, optimizer), (twin, twins)):
        for _ in range(3):
            F.mse_loss(m(np.ones((1, 2))), [[1.0]]).backward()
            o.step()
    assert [p.tolist() for p in model.parameters()] == [p.tolist() for p in twin.parameters()]


def test_the_learning_rate_can_be_set():
    optimizer = SGD([leaf()], lr=1)
    for lr in (0.5, 0, np.float32(0.25)):
        optimizer.lr = lr
        assert optimizer.lr == lr
        assert type(optimizer.lr) is float


def test_repr():
    assert repr(SGD([leaf()], lr=0.1)) == "SGD(lr=0.1, momentum=0.0, dampening=0.0, weight_decay=0.0, nesterov=False)"
    optimizer = AdamW([leaf()])
    optimizer.eps = 1e-6
    assert repr(optimizer) == "AdamW(lr=0.001, betas=(0.9, 0.999), eps=1e-06, weight_decay=0.01)"


# refusals

NOT_NEGATIVE, FRACTION = "wanted a finite number ≥ 0", "wanted 0 ≤ value < 1"


@pytest.mark.parametrize("kind", [SGD, Adam, AdamW, RMSprop])
@pytest.mark.parametrize(
    ("options", "message"),
    [
        *[({"lr": lr}, f"got lr={lr}, {NOT_NEGATIVE}") for lr in (math.nan, math.inf, -0.1)],
        *[({"weight_decay": value}, f"got weight_decay={value}, {NOT_NEGATIVE}") for value in (math.nan, math.inf, -0.1)],
    ],
)
def test_refused_everywhere(kind, options, message):
    with pytest.raises(ValueError, match=f"{kind.__name__}: {message}"):
        kind([leaf()], **options)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        *[(lambda p, v=v: SGD(p, momentum=v), f"SGD: got momentum={v}, {FRACTION}") for v in (-0.1, 1, math.nan)],
        *[(lambda p, v=v: SGD(p, momentum=0.5, dampening=v), f"SGD: got dampening={v}, {FRACTION}") for v in (-0.1, 1, math.nan)],
        (lambda p: SGD(p, nesterov=True), "SGD: nesterov wants a momentum above 0 and no dampening"),
        (lambda p: SGD(p, momentum=0.5, dampening=0.1, nesterov=True), "SGD: nesterov wants"),
        (lambda p: Adam(p, betas=(1.0, 0.9)), rf"Adam: got betas\[0\]=1.0, {FRACTION}"),
        (lambda p: AdamW(p, betas=(0.9, -1)), rf"AdamW: got betas\[1\]=-1, {FRACTION}"),
        (lambda p: Adam(p, eps=-1e-8), f"Adam: got eps=-1e-08, {NOT_NEGATIVE}"),
        (lambda p: RMSprop(p, alpha=1), f"RMSprop: got alpha=1, {FRACTION}"),
        (lambda p: RMSprop(p, momentum=1.5), f"RMSprop: got momentum=1.5, {FRACTION}"),
        (lambda p: RMSprop(p, eps=math.inf), f"RMSprop: got eps=inf, {NOT_NEGATIVE}"),
    ],
)
def test_refused_settings(make, message):
    with pytest.raises(ValueError, match=message):
        make([leaf()])


def test_refused_parameters():
    model = MLP([2, 1])
    spent = model.parameters()
    SGD(spent)
    p = leaf()
    for params, kind, message in (
        ([], ValueError, r"SGD: got no parameters; give it model.parameters\(\) of a model that has some"),
        (spent, ValueError, r"got no parameters.*\(a generator gives them once\)"),
        ([p, leaf(), p], ValueError, "SGD: a parameter was given twice; it would be updated twice a step"),
        ([p, p * 2], ValueError, "SGD: parameter 1 is the result of an op, wanted leaf Tensors"),
        ([p, np.zeros(2)], TypeError, "SGD: parameter 1 is a ndarray, wanted leaf Tensors"),
        ([{"params": [p]}], TypeError, "SGD: parameter 0 is a dict, wanted leaf Tensors"),
        (p, TypeError, r"SGD: got a single Tensor, wanted several parameters; write \[p\]"),
    ):
        with pytest.raises(kind, match=message):
            SGD(params)


def test_a_refused_learning_rate_changes_nothing():
    optimizer = SGD([leaf()], lr=0.5)
    for lr in (math.nan, math.inf, -1):
        with pytest.raises(ValueError, match=f"SGD: got lr={lr}"):
            optimizer.lr = lr
    assert optimizer.lr == 0.5


def test_an_optimiser_without_a_rule_says_so():
    class Lazy(Optimizer):
        pass

    p = leaf()
    p.sum().backward()
    with pytest.raises(NotImplementedError, match=r"Lazy has no rule\(\); define it"):
        Lazy([p], lr=1.0).step()


# clip_grad_norm_


@pytest.mark.parametrize(("norm_type", "norm"), [(1, 19), (2, 13), (2.0, 13), (math.inf, 12)])
def test_clipping(norm_type, norm):
    p, q, none = leaf([0.0, 0.0]), leaf(0.0), leaf()
    p.grad, q.grad = Tensor([3.0, -4.0]), Tensor(12.0)
    assert clip_grad_norm_(iter([p, none, q]), norm + 1, norm_type) == norm
    assert (p.grad.tolist(), q.grad.tolist()) == ([3, -4], 12)
    assert clip_grad_norm_([p, q], 2.0, norm_type) == norm
    np.testing.assert_allclose([*p.grad.data, q.grad.item()], np.array([3, -4, 12]) * 2 / norm, rtol=1e-6)
    clip_grad_norm_(q, 0.0, norm_type)
    assert (q.grad.item(), none.grad) == (0, None)


def test_clipping_what_is_not_finite():
    for bad in (math.nan, math.inf):
        p = leaf([0.0, 0.0])
        p.grad = Tensor([1.0, bad])
        with np.errstate(invalid="ignore"):
            np.testing.assert_equal(clip_grad_norm_([p], 1.0), bad)
        np.testing.assert_equal(p.grad.data, [math.nan if math.isnan(bad) else 0.0, math.nan])


def test_what_is_short_enough_is_not_written():
    p = leaf()
    p.grad = Tensor([3.0, -4.0])
    product = (leaf() * p.grad).sum()
    clip_grad_norm_([p], 5.0 + 1e-5)
    product.backward()  # which a write would forbid
    clip_grad_norm_([p], 5.0)
    assert p.grad.tolist() == pytest.approx([3, -4], rel=1e-6)
    assert p.grad.tolist() != [3, -4]


def test_clipping_nothing():
    empty = leaf([])
    empty.sum().backward()
    for norm_type in (1, 2, math.inf):
        assert clip_grad_norm_([leaf(), empty], 1.0, norm_type) == 0
    with pytest.raises(ValueError, match="got no parameters"):
        clip_grad_norm_(iter([]), 1.0)


def test_clipping_refuses_a_negative_bound():
    p = leaf()
    p.grad = Tensor([3.0, 4.0])
    for bound in (-1, math.nan):
        with pytest.raises(ValueError, match=f"clip_grad_norm_: got max_norm={bound}, wanted a number ≥ 0"):
            clip_grad_norm_([p], bound)
    assert p.grad.tolist() == [3, 4]


# schedules


def rates(schedule, steps):
    found = []
    for _ in range(steps):
        found.append(schedule.optimizer.lr)
        schedule.step()
    return found


def test_step_lr():
    assert rates(StepLR(SGD([leaf()], lr=8.0), 3, gamma=0.5), 8) == [8, 8, 8, 4, 4, 4, 2, 2]


def test_cosine_lr():
    found = rates(CosineLR(SGD([leaf()], lr=2.0), total=12, warmup=4, final=0.1), 15)
    assert found[:5] == [0.5, 1, 1.5, 2, 2]
    assert found[8] == pytest.approx(1.1)
    assert found[12:] == pytest.approx([0.2, 0.2, 0.2])
    assert (np.diff(found[4:13]) < 0).all()


def test_a_schedule_of_your_own():
    assert rates(Schedule(SGD([leaf()], lr=2.0), lambda n: 1 / (1 + n)), 3) == [2, 1, 2 / 3]


def test_a_schedule_resumes():
    schedule = CosineLR(SGD([leaf()], lr=1.0), total=10, warmup=2)
    rates(schedule, 5)
    again = CosineLR(SGD([leaf()], lr=0.123), total=10, warmup=2)
    again.load_state_dict(schedule.state_dict())
    assert rates(again, 5) == rates(schedule, 5)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda o: StepLR(o, 0), "StepLR: got step_size=0, wanted a whole number of at least 1"),
        (lambda o: StepLR(o, 1, gamma=-1), f"StepLR: got gamma=-1, {NOT_NEGATIVE}"),
        (lambda o: CosineLR(o, total=0), "CosineLR: got warmup=0, wanted 0 ≤ warmup < total=0"),
        (lambda o: CosineLR(o, total=5, warmup=5), "CosineLR: got warmup=5, wanted 0 ≤ warmup < total=5"),
        (lambda o: CosineLR(o, total=5, final=math.nan), f"CosineLR: got final=nan, {NOT_NEGATIVE}"),
    ],
)
def test_refused_schedules(make, message):
    optimizer = SGD([leaf()], lr=0.5)
    with pytest.raises(ValueError, match=message):
        make(optimizer)
    assert optimizer.lr == 0.5


def test_a_refused_rate_moves_no_schedule():
    opt = SGD([Tensor(1.0, requires_grad=True)], lr=1.0)
    schedule = Schedule(opt, lambda n: 1 - 2 * n)
    with pytest.raises(ValueError, match=r"lr=-1\.0"):
        schedule.step()
    assert (schedule.count, opt.lr) == (0, 1.0)
