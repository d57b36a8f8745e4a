"""Layers, their initial values, and the seed that both draw from."""

from math import sqrt

import numpy as np
import pytest

import nn
from autograd import Tensor
from nn import GELU, MLP, Dropout, Identity, LeakyReLU, Linear, Module, ReLU, Sequential, Sigmoid, Softplus, Tanh, init, manual_seed
from nn import functional as F
from nn.layers import ACTIVATIONS
from nn.random import generator

# layers


def test_linear():
    layer = Linear(3, 2)
    assert (layer.weight.shape, layer.bias.shape) == ((2, 3), (2,))
    assert layer.weight.dtype == layer.bias.dtype == np.float32
    x = np.ones((5, 4, 3), np.float32)
    np.testing.assert_allclose(layer(x).data, x @ layer.weight.data.T + layer.bias.data, rtol=1e-6)
    bare = Linear(3, 2, bias=False, dtype=np.float64)
    assert bare.bias is None
    assert [p.dtype for p in bare.parameters()] == [np.float64]
    np.testing.assert_allclose(bare(np.ones(3)).data, bare.weight.data.sum(1))


def test_linear_starts_uniform_in_its_bound():
    layer = Linear(400, 300, rng=np.random.default_rng(0))
    for p in layer.parameters():
        assert -1 / 20 <= p.data.min() < -0.048
        assert 0.048 < p.data.max() <= 1 / 20
        assert abs(p.data.mean()) < 0.005


ELEMENTWISE = {
    Identity(): lambda x: x,
    ReLU(): F.relu,
    LeakyReLU(): F.leaky_relu,
    LeakyReLU(0.3): lambda x: F.leaky_relu(x, 0.3),
    Sigmoid(): F.sigmoid,
    Tanh(): F.tanh,
    Softplus(): F.softplus,
    Softplus(2): lambda x: F.softplus(x, 2),
    GELU(): F.gelu,
    GELU("tanh"): lambda x: F.gelu(x, "tanh"),
    Dropout(0.5).eval(): lambda x: x,
    Dropout(0.0): lambda x: x,
    Dropout(1.0): lambda x: 0 * x,
}


@pytest.mark.parametrize("layer", ELEMENTWISE, ids=lambda layer: repr(layer))
def test_layers_are_their_functions(layer, rng):
    x = rng.standard_normal((3, 4))
    np.testing.assert_array_equal(layer(x), ELEMENTWISE[layer](x))
    np.testing.assert_array_equal(layer(Tensor(x)).data, ELEMENTWISE[layer](x))
    assert list(layer.parameters()) == []


def test_dropout_is_on_in_training_only():
    model = Sequential(Dropout(0.5))
    x = np.ones(100)
    assert 20 < (model(x) == 0).sum() < 80
    assert (model.eval()(x) == 1).all()


def test_every_layer_is_public_and_says_what_it_is():
    layers = [value for value in vars(nn).values() if isinstance(value, type) and issubclass(value, Module) and value is not Module]
    assert {cls.__name__ for cls in layers} == set(nn.layers.__all__)
    assert set(ACTIVATIONS.values()) < set(layers)


# MLP


def test_mlp_is_a_chain():
    model = MLP([4, 5, 3, 2], activation="tanh", dropout=0.1)
    assert [type(layer) for layer in model] == [Linear, Tanh, Dropout, Linear, Tanh, Dropout, Linear]
    assert [layer.weight.shape for layer in model if isinstance(layer, Linear)] == [(5, 4), (3, 5), (2, 3)]
    assert model[2].p == 0.1
    assert [type(layer) for layer in MLP((4, 2))] == [Linear]
    model.eval()
    x = np.ones((6, 4), np.float32)
    hidden = np.tanh(np.tanh(x @ model[0].weight.data.T + model[0].bias.data) @ model[3].weight.data.T + model[3].bias.data)
    np.testing.assert_allclose(model(x).data, hidden @ model[6].weight.data.T + model[6].bias.data, rtol=1e-5)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_mlp_knows_activations_by_name(name):
    model = MLP(np.array([2, 3, 1]), activation=name, bias=False, dtype=np.float64)
    assert type(model[1]) is ACTIVATIONS[name]
    x = Tensor(np.ones((1, 2)), requires_grad=True)
    model(x).sum().backward()
    assert (x.grad.dtype, x.grad.shape) == (np.float64, (1, 2))


def test_mlp_takes_any_activation():
    model = MLP([2, 3, 3, 1], activation=lambda: LeakyReLU(0.3))
    assert (model[1].negative_slope, model[1] is model[3]) == (0.3, False)


# refusals


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (lambda: Linear(0, 2), ValueError, "Linear: got 0 → 2 features, wanted at least 1 each"),
        (lambda: Linear(2, -1), ValueError, "Linear: got 2 → -1 features"),
        (lambda: Dropout(2), ValueError, "Dropout: got p=2, wanted a probability, 0 ≤ p ≤ 1"),
        (lambda: Dropout(np.nan), ValueError, "Dropout: got p=nan"),
        (lambda: Sequential([ReLU(), ReLU()]), TypeError, r"layer 0 is a list, wanted a Module; write Sequential\(\*layers\)"),
        (lambda: Sequential(ReLU(), F.relu), TypeError, "layer 1 is a function, wanted a Module"),
        (lambda: MLP([4]), ValueError, r"MLP: got sizes \(4,\), wanted at least two positive integers"),
        (lambda: MLP([]), ValueError, r"MLP: got sizes \(\)"),
        (lambda: MLP([4, 0, 2]), ValueError, r"MLP: got sizes \(4, 0, 2\)"),
        (lambda: MLP([4, 2.5]), ValueError, r"MLP: got sizes \(4, 2.5\)"),
        (lambda: MLP([4, 3, 2], dropout=-1), ValueError, "Dropout: got p=-1"),
        (lambda: MLP([4, 2], "swish"), ValueError, "MLP: got activation 'swish', wanted one of relu, leaky_relu, .*identity"),
        (lambda: MLP([4, 2])(np.zeros((3, 5))), ValueError, r"linear: x \(3, 5\), W \(2, 4\), b \(2,\): wanted x"),
        (lambda: init.calculate_gain("swish"), ValueError, "calculate_gain: got 'swish', wanted one of linear, .*leaky_relu"),
        (lambda: init.xavier_uniform_(Tensor([1.0])), ValueError, r"got a Tensor of shape \(1,\), wanted a weight \(out, in\)"),
        (lambda: init.kaiming_normal_(Tensor([[1.0]]), mode="fan"), ValueError, "got mode='fan', wanted 'fan_in' or 'fan_out'"),
    ],
)  # fmt: skip
def test_refusals(call, kind, message):
    with pytest.raises(kind, match=message):
        call()


# initial values


def test_gains():
    ones = dict.fromkeys(["linear", "identity", "sigmoid"], 1)
    roots = dict.fromkeys(["relu", "gelu", "softplus"], sqrt(2))
    gains = {**ones, **roots, "tanh": 5 / 3, "leaky_relu": sqrt(2 / 1.0001)}
    assert {name: init.calculate_gain(name) for name in gains} == gains
    assert init.calculate_gain("leaky_relu", 2) == sqrt(2 / 5)


OUT, IN = 300, 400


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    ("fill", "std"),
    [
        (lambda t, rng: init.xavier_uniform_(t, 2.0, rng), 2 * sqrt(2 / (IN + OUT))),
        (lambda t, rng: init.kaiming_uniform_(t, nonlinearity="relu", rng=rng), sqrt(2 / IN)),
        (lambda t, rng: init.kaiming_uniform_(t, a=sqrt(5), rng=rng), 1 / sqrt(3 * IN)),
        (lambda t, rng: init.kaiming_uniform_(t, mode="fan_out", nonlinearity="tanh", rng=rng), 5 / 3 / sqrt(OUT)),
        (lambda t, rng: init.uniform_(t, -1.0, 1.0, rng), 1 / sqrt(3)),
    ],
)
def test_uniform_values(fill, std, dtype):
    t = Tensor(np.zeros((OUT, IN), dtype), requires_grad=True)
    assert fill(t, np.random.default_rng(0)) is t
    assert (t.dtype, t.is_leaf, t.requires_grad) == (dtype, True, True)
    bound = std * sqrt(3)
    assert 0.999 * bound < t.data.max() <= bound
    assert 0.999 * bound < -t.data.min() <= bound
    assert t.data.std() == pytest.approx(std, rel=0.01)


@pytest.mark.parametrize(
    ("fill", "mean", "std"),
    [
        (lambda t, rng: init.xavier_normal_(t, rng=rng), 0, sqrt(2 / (IN + OUT))),
        (lambda t, rng: init.kaiming_normal_(t, a=0.2, rng=rng), 0, sqrt(2 / 1.04 / IN)),
        (lambda t, rng: init.kaiming_normal_(t, mode="fan_out", nonlinearity="linear", rng=rng), 0, 1 / sqrt(OUT)),
        (lambda t, rng: init.normal_(t, 3.0, 0.5, rng), 3, 0.5),
    ],
)
def test_normal_values(fill, mean, std):
    t = fill(Tensor(np.zeros((OUT, IN))), np.random.default_rng(0))
    assert t.data.mean() == pytest.approx(mean, abs=0.01 * std)
    assert t.data.std() == pytest.approx(std, rel=0.01)
    assert np.mean(abs(t.data - mean) < std) == pytest.approx(0.6827, abs=0.005)


def test_writing_initial_values_after_a_forward_is_found():
    layer = Linear(2, 1)
    x = Tensor(np.ones((1, 2)), requires_grad=True)
    loss = layer(x).sum()
    init.zeros_(layer.weight)
    with pytest.raises(RuntimeError, match="was written after the forward pass"):
        loss.backward()


# the seed


def test_the_seed_decides_the_network():
    def weights(seed):
        manual_seed(seed)
        return MLP([3, 4, 2]).state_dict()

    first, again, other = weights(0), weights(0), weights(1)
    assert all((first[name] == again[name]).all() for name in first)
    assert all((first[name] != other[name]).all() for name in first)


def test_a_generator_of_your_own_leaves_the_common_one_alone():
    manual_seed(0)
    one, other = (MLP([3, 4, 2], rng=np.random.default_rng(5)).state_dict() for _ in range(2))
    assert all((one[name] == other[name]).all() for name in one)
    assert generator().random() == np.random.default_rng(0).random()
