"""Layers, with PyTorch's names and defaults."""

from __future__ import annotations

from itertools import pairwise
from math import sqrt
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd import Tensor

from . import functional as F
from . import init
from .module import Module, Parameter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import DTypeLike

__all__ = ["GELU", "MLP", "Dropout", "Identity", "LeakyReLU", "Linear", "ReLU", "Sequential", "Sigmoid", "Softplus", "Standardize", "Tanh"]


class Linear(Module):
    """x Wᵀ + b: (…, in_features) to (…, out_features), with `weight` (out, in) and `bias` (out,).

    Both start uniform in ±1/√in_features, drawn from `rng` (the generator of `nn.manual_seed` by default).

    >>> Linear(3, 2)
    Linear(3 → 2)
    8 parameters
    """

    def __init__(
        self, in_features: int, out_features: int, bias: bool = True, dtype: DTypeLike = np.float32, rng: np.random.Generator | None = None
    ) -> None:
        if in_features < 1 or out_features < 1:
            raise ValueError(f"Linear: got {in_features} → {out_features} features, wanted at least 1 each")
        bound = 1 / sqrt(in_features)
        self.weight = Parameter(np.zeros((out_features, in_features)), dtype=dtype)
        init.uniform_(self.weight, -bound, bound, rng)
        self.bias = Parameter(np.zeros(out_features), dtype=dtype) if bias else None
        if self.bias is not None:
            init.uniform_(self.bias, -bound, bound, rng)

    def forward(self, x: Any) -> Any:
        return F.linear(x, self.weight, self.bias)

    def facts(self) -> str:
        out_features, in_features = self.weight.shape
        return f"{in_features} → {out_features}{'' if self.bias is not None else ', no bias'}"


class Identity(Module):
    """The input itself.

    >>> Identity()(1.5)
    1.5
    """

    def forward(self, x: Any) -> Any:
        return x


class ReLU(Module):
    """max(0, x).

    >>> ReLU()(np.array([-1., 2.]))
    array([0., 2.])
    """

    def forward(self, x: Any) -> Any:
        return F.relu(x)


class LeakyReLU(Module):
    """x where x > 0, else negative_slope · x.

    >>> LeakyReLU(0.1)(np.array([-1., 2.]))
    array([-0.1,  2. ])
    """

    def __init__(self, negative_slope: float = 0.01) -> None:
        self.negative_slope = negative_slope

    def forward(self, x: Any) -> Any:
        return F.leaky_relu(x, self.negative_slope)

    def facts(self) -> str:
        return f"{self.negative_slope}"


class Sigmoid(Module):
    """σ(x) = 1/(1 + e⁻ˣ).

    >>> Sigmoid()(np.array([0.]))
    array([0.5])
    """

    def forward(self, x: Any) -> Any:
        return F.sigmoid(x)


class Tanh(Module):
    """The hyperbolic tangent.

    >>> Tanh()(np.array([0.]))
    array([0.])
    """

    def forward(self, x: Any) -> Any:
        return F.tanh(x)


class Softplus(Module):
    """log(1 + e^(βx))/β.

    >>> Softplus()(np.array([1000.]))
    array([1000.])
    """

    def __init__(self, beta: float = 1) -> None:
        self.beta = beta

    def forward(self, x: Any) -> Any:
        return F.softplus(x, self.beta)

    def facts(self) -> str:
        return f"{self.beta}"


class GELU(Module):
    """x Φ(x).

    >>> GELU()(np.array([0.]))
    array([0.])
    """

    def __init__(self, approximate: str = "none") -> None:
        self.approximate = approximate

    def forward(self, x: Any) -> Any:
        return F.gelu(x, self.approximate)

    def facts(self) -> str:
        return self.approximate if self.approximate != "none" else ""


class Dropout(Module):
    """In training, each value is 0 with probability p, else divided by 1 − p; outside it, nothing happens.

    >>> Dropout(0.5).eval()(1.5)
    1.5
    """

    def __init__(self, p: float = 0.5) -> None:
        if not 0 <= p <= 1:
            raise ValueError(f"Dropout: got p={p}, wanted a probability, 0 ≤ p ≤ 1")
        self.p = p

    def forward(self, x: Any) -> Any:
        return F.dropout(x, self.p, self.training)

    def facts(self) -> str:
        return f"{self.p}"


class Standardize(Module):
    """(x − mean)/scale of each feature: part of the model's state, so that new data are scaled as the old; not learnt.

    >>> layer = Standardize(2)
    >>> layer.measure(np.array([[1., 10.], [3., 10.]]))
    >>> layer(np.array([[1., 10.]]))
    Tensor([[-1.,  0.]])
    """

    def __init__(self, features: int, dtype: DTypeLike = np.float32) -> None:
        self.mean, self.scale = Tensor(np.zeros(features, dtype)), Tensor(np.ones(features, dtype))

    def measure(self, x: Any) -> None:
        """Take mean and scale (the standard deviation, or 1 where that is 0) from the rows of x."""
        spread = np.std(x, axis=0, dtype=np.float64)
        self.mean.data, self.scale.data = np.mean(x, axis=0, dtype=np.float64), np.where(spread == 0, 1, spread)

    def forward(self, x: Any) -> Any:
        return (x - self.mean) / self.scale


class Sequential(Module):
    """Modules one after the other; `model[0]` is the first, and parameters are called "0.weight", as in PyTorch.

    >>> Sequential(Linear(3, 2), ReLU())
    Sequential()
      0: Linear(3 → 2)
      1: ReLU()
    8 parameters
    """

    def __init__(self, *layers: Module) -> None:
        for k, layer in enumerate(layers):
            if not isinstance(layer, Module):
                raise TypeError(f"Sequential: layer {k} is a {type(layer).__name__}, wanted a Module; write Sequential(*layers)")
        self.layers = list(layers)

    def members(self) -> Iterator[tuple[str, Any]]:
        """The layers, by number, and what else a subclass holds."""
        return ((name.removeprefix("layers."), part) for name, part in super().members())

    def forward(self, x: Any) -> Any:
        for layer in self.layers:
            x = layer(x)
        return x

    def __getitem__(self, k: int) -> Module:
        return self.layers[k]

    def __len__(self) -> int:
        return len(self.layers)

    def __iter__(self) -> Iterator[Module]:
        return iter(self.layers)


ACTIVATIONS: dict[str, Callable[[], Module]] = {
    "relu": ReLU, "leaky_relu": LeakyReLU, "sigmoid": Sigmoid, "tanh": Tanh, "softplus": Softplus, "gelu": GELU, "identity": Identity,
}  # fmt: skip
"""The activations that `MLP` and the command line know by name."""


class MLP(Sequential):
    """A multilayer perceptron: Linear layers of the given sizes, an activation (and dropout) after each but the last.

    >>> MLP([64, 32, 10], activation="tanh")
    MLP()
      0: Linear(64 → 32)
      1: Tanh()
      2: Linear(32 → 10)
    2,410 parameters
    """

    def __init__(
        self,
        sizes: Sequence[int],
        activation: str | Callable[[], Module] = "relu",
        dropout: float = 0.0,
        bias: bool = True,
        dtype: DTypeLike = np.float32,
        rng: np.random.Generator | None = None,
    ) -> None:
        if isinstance(sizes, int):
            raise TypeError(f"MLP: got {sizes}, wanted the sizes as one list: MLP([{sizes}, …])")
        sizes = tuple(sizes)
        if len(sizes) < 2 or not all(isinstance(n, (int, np.integer)) and n > 0 for n in sizes):
            raise ValueError(f"MLP: got sizes {sizes}, wanted at least two positive integers: inputs, hidden layers, outputs")
        if isinstance(activation, str):
            if activation not in ACTIVATIONS:
                raise ValueError(f"MLP: got activation {activation!r}, wanted one of {', '.join(ACTIVATIONS)}")
            activation = ACTIVATIONS[activation]
        layers: list[Module] = []
        for k, (n, m) in enumerate(pairwise(sizes)):
            if k:
                layers.append(activation())
                if dropout:
                    layers.append(Dropout(dropout))
            layers.append(Linear(n, m, bias, dtype, rng))
        super().__init__(*layers)
