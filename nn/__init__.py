"""Networks on top of `autograd`: modules, losses, optimisers, data and training, with PyTorch's names."""

from . import data, functional, init, optim
from .layers import GELU, MLP, Dropout, Identity, LeakyReLU, Linear, ReLU, Sequential, Sigmoid, Softplus, Tanh
from .module import Module, Parameter
from .random import manual_seed

__all__ = [
    "GELU", "MLP", "Dropout", "Identity", "LeakyReLU", "Linear", "Module", "Parameter", "ReLU", "Sequential", "Sigmoid", "Softplus", "Tanh",
    "data", "functional", "init", "manual_seed", "optim",
]  # fmt: skip
