"""Networks on top of `autograd`: modules, losses, optimisers, data and training, with PyTorch's names."""

import autograd

if not hasattr(autograd, "Tensor"):
    raise ImportError(
        f"the package `autograd` found at {autograd.__path__[0]} is not chalkgrad's but another distribution's, most likely HIPS autograd; "
        "the two can't share an environment: pip uninstall autograd, then pip install --force-reinstall chalkgrad"
    )

from . import checkpoint, data, functional, init, optim, plot
from .layers import GELU, MLP, Dropout, Identity, LeakyReLU, Linear, ReLU, Sequential, Sigmoid, Softplus, Standardize, Tanh
from .module import Module, Parameter
from .random import manual_seed
from .training import History, accuracy, confusion_matrix, evaluate, fit, predict

__all__ = [
    "GELU", "MLP", "Dropout", "History", "Identity", "LeakyReLU", "Linear", "Module", "Parameter", "ReLU", "Sequential", "Sigmoid",
    "Softplus", "Standardize", "Tanh", "accuracy", "checkpoint", "confusion_matrix", "data", "evaluate", "fit", "functional", "init",
    "manual_seed", "optim", "plot", "predict",
]  # fmt: skip
