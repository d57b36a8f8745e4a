"""What the peers compute: the networks and their data, and the functions that all of them can say in their own namespace `xp`."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    Array = np.ndarray[Any, np.dtype[Any]]
    Layers = Sequence[tuple[Array, Array]]  # weights (in, out) and biases (out,), float32

MLPS = {  # batch, then the sizes of the layers
    "small": (32, 64, 32, 10),
    "middle": (64, 784, 128, 10),
    "large": (512, 784, 1024, 1024, 10),
}
LEARNING_RATES = {"SGD": 0.01, "Adam": 1e-5}  # so small that the many steps that are timed leave the numbers what they are
BETAS, EPSILON = (0.9, 0.999), 1e-8  # of Adam
DECAY = 1e-4  # of the two moons


class Training(NamedTuple):
    """An MLP with ReLU between its layers, to be trained on one batch."""

    layers: Layers
    x: Array
    targets: Array  # labels for "cross_entropy", ±1 for "margin"
    loss: str = "cross_entropy"
    optimizer: str = "SGD"
    rate: float = LEARNING_RATES["SGD"]
    gradients: bool = False  # whether a step returns them, beside the loss

    @property
    def parameters(self) -> list[Array]:
        """Weights and biases in turn, from the first layer on."""
        return [array for layer in self.layers for array in layer]


def mlp(size: str, optimizer: str = "SGD", gradients: bool = False) -> Training:
    """Labels at random, and He's initialisation."""
    rng = np.random.default_rng(0)
    batch, *sizes = MLPS[size]
    layers = [(rng.normal(0, (2 / m) ** 0.5, (m, n)).astype(np.float32), np.zeros(n, np.float32)) for m, n in pairwise(sizes)]
    x, labels = rng.standard_normal((batch, sizes[0]), np.float32), rng.integers(sizes[-1], size=batch)
    return Training(layers, x, labels, optimizer=optimizer, rate=LEARNING_RATES[optimizer], gradients=gradients)


def moons() -> Training:
    """micrograd's demo: two half circles of 50 points, an MLP 2-16-16-1, the support vector machine's loss, weight decay, SGD."""
    rng = np.random.default_rng(0)
    angle = np.linspace(0, np.pi, 50)
    outer, inner = np.stack([np.cos(angle), np.sin(angle)], 1), np.stack([1 - np.cos(angle), 0.5 - np.sin(angle)], 1)
    x = (np.concatenate([outer, inner]) + rng.normal(0, 0.1, (100, 2))).astype(np.float32)
    sides = np.repeat(np.array([-1, 1], np.float32), 50)
    layers = [(rng.uniform(-1, 1, (m, n)).astype(np.float32), np.zeros(n, np.float32)) for m, n in pairwise((2, 16, 16, 1))]
    return Training(layers, x, sides, loss="margin", rate=0.1)


def margin(xp: Any, scores: Any, sides: Any, parameters: Any) -> Any:
    """The mean of max(0, 1 − y s), and the decay of all the parameters."""
    return xp.mean(xp.clip(1 - sides * scores[:, 0], 0, None)) + DECAY * sum(xp.sum(p * p) for p in parameters)


def expression(xp: Any, x: Any) -> Any:
    """Twelve operations, three of them transcendental."""
    return xp.exp(-0.5 * x * x) * xp.tanh(0.8 * x + 0.1) + xp.log(1.0 + x * x) / 1.5


def numbers() -> Array:
    """A million of them, for the expression."""
    return np.random.default_rng(0).standard_normal(1_000_000, np.float32)


def logistic(xp: Any, w: Any, X: Any, y: Any) -> Any:
    """The loss of a logistic regression with labels y = ±1."""
    return xp.mean(xp.log1p(xp.exp(-y * (X @ w))))


def regression() -> tuple[Array, Array, Array]:
    """Its w (50,), X (200, 50) and y (200,), float64."""
    rng = np.random.default_rng(0)
    return 0.1 * rng.normal(size=50), rng.normal(size=(200, 50)), rng.choice([-1.0, 1.0], 200)
