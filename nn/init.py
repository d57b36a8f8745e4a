"""Initial values, as plain formulas with PyTorch's names; each writes into a Tensor in place and returns it.

They draw from `rng`, by default the generator that `nn.manual_seed` seeds.
"""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING, Any

import numpy as np

from .random import generator

if TYPE_CHECKING:
    from autograd import Tensor

__all__ = [
    "calculate_gain", "constant_", "kaiming_normal_", "kaiming_uniform_", "normal_", "uniform_", "xavier_normal_", "xavier_uniform_",
    "zeros_",
]  # fmt: skip

GAINS = {"linear": 1.0, "identity": 1.0, "sigmoid": 1.0, "tanh": 5 / 3, "relu": sqrt(2), "gelu": sqrt(2), "softplus": sqrt(2)}


def calculate_gain(nonlinearity: str, param: float = 0.01) -> float:
    """The factor that keeps a signal's variance through a nonlinearity: √2 for relu, √(2/(1+α²)) for leaky_relu, 5/3 for tanh.

    >>> calculate_gain("tanh")
    1.6666666666666667
    """
    if nonlinearity == "leaky_relu":
        return sqrt(2 / (1 + param**2))
    if nonlinearity not in GAINS:
        raise ValueError(f"calculate_gain: got {nonlinearity!r}, wanted one of {', '.join((*GAINS, 'leaky_relu'))}")
    return GAINS[nonlinearity]


def uniform_(tensor: Tensor, a: float = 0.0, b: float = 1.0, rng: np.random.Generator | None = None) -> Tensor:
    """Uniform in [a, b).

    >>> from autograd import Tensor
    >>> bool((uniform_(Tensor([0., 0.]), 2, 3) >= 2).all())
    True
    """
    return _filled(tensor, (rng or generator()).uniform(a, b, tensor.shape))


def normal_(tensor: Tensor, mean: float = 0.0, std: float = 1.0, rng: np.random.Generator | None = None) -> Tensor:
    """Normal with the given mean and standard deviation.

    >>> from autograd import Tensor
    >>> normal_(Tensor([0., 0.]), mean=1, std=0)
    Tensor([1., 1.])
    """
    return _filled(tensor, (rng or generator()).normal(mean, std, tensor.shape))


def constant_(tensor: Tensor, val: float) -> Tensor:
    """All the same.

    >>> from autograd import Tensor
    >>> constant_(Tensor([0., 0.]), 3)
    Tensor([3., 3.])
    """
    return _filled(tensor, val)


def zeros_(tensor: Tensor) -> Tensor:
    """All 0.

    >>> from autograd import Tensor
    >>> zeros_(Tensor([1., 2.]))
    Tensor([0., 0.])
    """
    return _filled(tensor, 0.0)


def xavier_uniform_(tensor: Tensor, gain: float = 1.0, rng: np.random.Generator | None = None) -> Tensor:
    """Uniform in ±gain √(6/(in+out)).  Source: Glorot & Bengio 2010.

    >>> from autograd import Tensor
    >>> bool((xavier_uniform_(Tensor([[0., 0.]])) < 2**0.5).all())
    True
    """
    fan_in, fan_out = _fans(tensor)
    bound = gain * sqrt(6 / (fan_in + fan_out))
    return uniform_(tensor, -bound, bound, rng)


def xavier_normal_(tensor: Tensor, gain: float = 1.0, rng: np.random.Generator | None = None) -> Tensor:
    """Normal with standard deviation gain √(2/(in+out)).  Source: Glorot & Bengio 2010.

    >>> from autograd import Tensor
    >>> xavier_normal_(Tensor([[0., 0.]]), gain=0)
    Tensor([[0., 0.]])
    """
    fan_in, fan_out = _fans(tensor)
    return normal_(tensor, 0.0, gain * sqrt(2 / (fan_in + fan_out)), rng)


def kaiming_uniform_(
    tensor: Tensor, a: float = 0, mode: str = "fan_in", nonlinearity: str = "leaky_relu", rng: np.random.Generator | None = None
) -> Tensor:
    """Uniform in ±gain √(3/fan), with leaky_relu's slope a.  Source: He et al. 2015, arXiv:1502.01852.

    >>> from autograd import Tensor
    >>> bool((abs(kaiming_uniform_(Tensor([[0., 0.]]))) <= 3**0.5).all())
    True
    """
    bound = sqrt(3) * calculate_gain(nonlinearity, a) / sqrt(_fan(tensor, mode))
    return uniform_(tensor, -bound, bound, rng)


def kaiming_normal_(
    tensor: Tensor, a: float = 0, mode: str = "fan_in", nonlinearity: str = "leaky_relu", rng: np.random.Generator | None = None
) -> Tensor:
    """Normal with standard deviation gain/√fan, with leaky_relu's slope a.  Source: He et al. 2015, arXiv:1502.01852.

    >>> from autograd import Tensor
    >>> kaiming_normal_(Tensor([[0., 0.]])).shape
    (1, 2)
    """
    return normal_(tensor, 0.0, calculate_gain(nonlinearity, a) / sqrt(_fan(tensor, mode)), rng)


def _fans(tensor: Tensor) -> tuple[int, int]:
    if tensor.ndim != 2:
        raise ValueError(f"got a Tensor of shape {tensor.shape}, wanted a weight (out, in): its fans are the two sizes")
    fan_out, fan_in = tensor.shape
    return fan_in, fan_out


def _fan(tensor: Tensor, mode: str) -> int:
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f"got mode={mode!r}, wanted 'fan_in' or 'fan_out'")
    return _fans(tensor)[mode == "fan_out"]


def _filled(tensor: Tensor, values: Any) -> Tensor:
    tensor.data = np.broadcast_to(values, tensor.shape).astype(tensor.dtype)
    return tensor
