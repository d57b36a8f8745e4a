"""Modules: how their parts are found, named, saved, loaded, copied and shown."""

import copy
import pickle

import numpy as np
import pytest

from autograd import Tensor
from nn import MLP, Dropout, Linear, Module, Parameter, ReLU, Sequential, Standardize, optim


class Scale(Module):
    """A parameter and a buffer."""

    def __init__(self, dtype=np.float64):
        self.factor = Parameter([2.0, 3.0], dtype=dtype)
        self.count = Tensor([0, 0])
        self.note = "neither parameter nor state"

    def forward(self, x):
        return self.factor * x


class Net(Module):
    """Parts in every place where a module may hold them."""

    def __init__(self):
        self.first = Linear(2, 2)
        self.many = [Scale(), (Scale(), {"deep": Parameter(1.0)})]
        self.named = {"a": Scale(), "b": [Parameter([1.0])], 3: Tensor(0.0)}
        self.tail = Sequential(Linear(2, 3, bias=False), Sequential(ReLU(), Linear(3, 1)))


PATHS = [
    "first.weight", "first.bias", "many.0.factor", "many.1.0.factor", "many.1.1.deep", "named.a.factor", "named.b.0",
    "tail.0.weight", "tail.1.1.weight", "tail.1.1.bias",
]  # fmt: skip


# the tree


def test_parts_are_found_in_attributes_lists_tuples_and_dicts():
    net = Net()
    assert [path for path, _ in net.named_parameters()] == PATHS
    assert all(isinstance(p, Parameter) for p in net.parameters())
    buffers = net.state_dict().keys() - set(PATHS)
    assert buffers == {"many.0.count", "many.1.0.count", "named.a.count", "named.3"}
    modules = [path for path, _ in net.named_modules()]
    assert modules == ["", "first", "many.0", "many.1.0", "named.a", "tail", "tail.0", "tail.1", "tail.1.0", "tail.1.1"]
    assert len(list(net.modules())) == len(modules)


def test_names_are_those_of_pytorch():
    assert list(MLP([4, 3, 2]).state_dict()) == ["0.weight", "0.bias", "2.weight", "2.bias"]
    assert list(MLP([4, 3, 2], dropout=0.5, bias=False).state_dict()) == ["0.weight", "3.weight"]


def test_a_sequential_has_its_layers_and_what_a_subclass_adds():
    class Tempered(Sequential):
        def __init__(self):
            super().__init__(Linear(2, 2))
            self.temperature = Parameter(1.0)

    model = Tempered()
    assert [path for path, _ in model.named_parameters()] == ["0.weight", "0.bias", "temperature"]
    assert (len(model), list(model), model[0]) == (1, model.layers, model.layers[0])


def test_a_shared_part_counts_once_and_is_saved_under_each_name():
    net = Module()
    net.a, net.b = Linear(2, 2), Linear(2, 2)
    net.b.weight = net.a.weight
    net.c = net.a
    assert [path for path, _ in net.named_parameters()] == ["a.weight", "a.bias", "b.bias"]
    assert [path for path, _ in net.named_modules()] == ["", "a", "b"]
    assert list(net.state_dict()) == ["a.weight", "a.bias", "b.weight", "b.bias", "c.weight", "c.bias"]
    net.load_state_dict({name: np.ones_like(a) for name, a in net.state_dict().items()})
    assert net.c.weight.tolist() == [[1, 1], [1, 1]]
    optim.SGD(net.parameters(), lr=1.0)  # refuses a parameter that comes twice


def test_a_module_that_contains_itself_is_refused():
    net = Net()
    net.tail.layers[1].layers.append(net)
    for walk in (net.parameters, net.modules, net.state_dict, net.train):
        with pytest.raises(ValueError, match=r"Net contains itself, at 'tail.1.2'; a module's parts must form a tree"):
            list(walk())


def test_dtype_is_that_of_the_first_parameter():
    assert Module().dtype == np.float32
    assert Scale(np.float16).dtype == np.float16
    assert MLP([2, 2], dtype=np.float64).dtype == np.float64


def test_a_module_without_forward_says_so():
    with pytest.raises(NotImplementedError, match=r"Net has no forward\(\); define it"):
        Net()(1.0)


def test_call_passes_everything_on():
    class Sum(Module):
        def forward(self, x, y, *, scale=1):
            return (x + y) * scale

    assert Sum()(1, y=2, scale=3) == 9


def test_train_and_eval_reach_every_module():
    net = Net()
    assert all(m.training for m in net.modules())
    assert net.eval() is net
    assert not any(m.training for m in net.modules())
    assert net.train() is net
    assert all(m.training for m in net.modules())


def test_zero_grad_forgets_every_gradient():
    net = Net()
    for p in net.parameters():
        (p * p).sum().backward()
    assert all(p.grad is not None for p in net.parameters())
    net.zero_grad()
    assert all(p.grad is None for p in net.parameters())


def test_repr_shows_the_tree_and_the_count():
    assert repr(Net()).splitlines() == [
        "Net(many.1.1.deep (), named.b.0 (1,), named.3 ())",
        "  first: Linear(2 → 2)",
        "  many.0: Scale(factor (2,), count (2,))",
        "  many.1.0: Scale(factor (2,), count (2,))",
        "  named.a: Scale(factor (2,), count (2,))",
        "  tail: Sequential()",
        "    0: Linear(2 → 3, no bias)",
        "    1: Sequential()",
        "      0: ReLU()",
        "      1: Linear(3 → 1)",
        "24 parameters",
    ]
    assert repr(MLP([1000, 10])).endswith("\n10,010 parameters")
    assert repr(Dropout(0.25)) == "Dropout(0.25)"


class Tied(Module):
    """A layer used twice, a parameter that is not learnt, a state, two results."""

    def __init__(self):
        self.a = Linear(3, 3)
        self.b = Sequential(self.a, Dropout(0.5))
        self.scale = Standardize(3)
        self.k = Parameter(1.0, requires_grad=False)

    def forward(self, x):
        return self.b(self.a(self.scale(x))), self.k * x[0]


def test_a_summary_shows_shapes_calls_and_what_is_shared_or_frozen():
    assert (
        str(Tied().summary((5, 3)))
        == """\
module                                       output          parameters
Tied(k ())                                   ((5, 3), (3,))           1  k () frozen
  a: Linear(3 → 3)                           (5, 3) ×2               12  weight (3, 3), bias (3,)
  b: Sequential()                            (5, 3)
    0: Linear(3 → 3)                         (5, 3) ×2                   weight (3, 3) shared, bias (3,) shared
    1: Dropout(0.5)                          (5, 3)
  scale: Standardize(mean (3,), scale (3,))  (5, 3)                      mean (3,) not learnt, scale (3,) not learnt
13 parameters, 1 of them frozen, 52 B"""
    )


def test_a_summary_without_shapes_runs_nothing():
    assert str(Module().summary()) == "module    parameters\nModule()\n0 parameters, 0 B"


def test_a_summary_leaves_the_model_as_it_was():
    model = Tied()
    before = {part: dict(vars(part)) for part in model.modules()}
    model.summary((5, 3))
    with pytest.raises(ValueError, match="wanted x"):
        model.a.summary((5, 4))
    assert {part: dict(vars(part)) for part in model.modules()} == before


def test_a_summary_runs_the_model_in_evaluation_mode():
    class Told(Module):
        def forward(self, x):
            return x if self.training else x[0]

    assert Told().summary((2, 3)).rows[0].outputs == ((3,),)


def test_a_summary_wants_whole_shapes():
    with pytest.raises(TypeError, match=r"summary: got 32, wanted the shape of each input as a tuple, batch and all, such as \(32, 64\)"):
        Linear(64, 10).summary(32, 64)


def test_a_summary_says_how_large_the_model_is():
    assert repr(Linear(1000, 1000).summary()).endswith("\n1,001,000 parameters, 4 MB")


# state


def test_state_dict_is_a_copy():
    net = Net()
    state = net.state_dict()
    state["first.bias"][:] = 9
    assert 9 not in net.first.bias.data
    assert state["many.0.count"].dtype == np.int64


def test_state_goes_round():
    one, other = Net(), Net()
    one.many[0].count.data = [5, 6]
    other.load_state_dict(one.state_dict())
    assert other.many[0].count.tolist() == [5, 6]
    for (path, p), (_, q) in zip(one.named_parameters(), other.named_parameters(), strict=True):
        np.testing.assert_array_equal(p.data, q.data, err_msg=path)
        assert p is not q


def test_load_writes_into_the_same_tensors_in_their_dtype():
    layer = Linear(2, 1)
    weight, memory = layer.weight, layer.weight.data
    layer.load_state_dict({"weight": [[1.0, 2.0]], "bias": Tensor([3.0])})
    assert layer.weight is weight
    assert layer.weight.data is memory
    assert (memory.tolist(), memory.dtype) == ([[1, 2]], np.float32)


def test_load_lists_all_problems_and_changes_nothing():
    net = Net()
    before = net.state_dict()
    state = net.state_dict() | {"extra": np.zeros(1), "first.bias": np.zeros(3), "many.0.count": np.zeros(2)}
    del state["tail.0.weight"]
    with pytest.raises(ValueError) as error:
        net.load_state_dict({name: a + 1 for name, a in state.items()})
    assert str(error.value).splitlines() == [
        "load_state_dict: nothing was loaded into Net:",
        "  first.bias: got shape (3,), wanted (2,)",
        "  many.0.count: got dtype float64, wanted int64",
        "  tail.0.weight: missing",
        "  extra: unexpected",
    ]
    for name, a in net.state_dict().items():
        np.testing.assert_array_equal(a, before[name])


def test_loading_between_forward_and_backward_is_found():
    layer = Linear(2, 1)
    x = Tensor(np.ones((1, 2), np.float32), requires_grad=True)
    loss = layer(x).sum()
    layer.load_state_dict(layer.state_dict())
    with pytest.raises(RuntimeError, match=r"linear: .* was written after the forward pass"):
        loss.backward()


# frozen parameters


def test_frozen_parameters_stay():
    model = MLP([2, 3, 1], "tanh", dtype=np.float64)
    model[0].weight.requires_grad_(False)
    before = model.state_dict()
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    model(np.ones((4, 2))).sum().backward()
    assert model[0].weight.grad is None
    assert model[0].bias.grad is not None
    optimizer.step()
    changed = [name for name, a in model.state_dict().items() if (a != before[name]).any()]
    assert changed == ["0.bias", "2.weight", "2.bias"]
    assert [path for path, _ in model.named_parameters()] == list(before)  # still parameters


# copies

COPIES = {"deepcopy": copy.deepcopy, "pickle": lambda model: pickle.loads(pickle.dumps(model))}


@pytest.mark.parametrize("copied", COPIES.values(), ids=COPIES)
def test_a_copy_is_independent_and_learns(copied):
    net = Net()
    net.shared = net.first.weight
    net.eval()
    (net.first.weight * 2).sum().backward()
    net.first.bias.requires_grad_(False)
    twin = copied(net)
    assert repr(twin) == repr(net)
    assert twin.shared is twin.first.weight
    assert not twin.training
    assert not twin.first.bias.requires_grad
    assert twin.first.weight.grad.tolist() == [[2, 2], [2, 2]]
    for (path, p), (_, q) in zip(net.named_parameters(), twin.named_parameters(), strict=True):
        assert type(q) is Parameter
        np.testing.assert_array_equal(p.data, q.data, err_msg=path)
        assert not np.shares_memory(p.data, q.data)
    twin.zero_grad()
    assert net.first.weight.grad is not None
    twin.first(np.ones((1, 2), np.float32)).sum().backward()
    assert twin.first.weight.grad.tolist() == [[1, 1], [1, 1]]
    optim.SGD(twin.parameters(), lr=1.0).step()
    assert (twin.first.weight.data == net.first.weight.data - 1).all()
