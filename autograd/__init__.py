"""Reverse-mode automatic differentiation that you can read."""

from . import ops
from .mode import enable_grad, is_grad_enabled, no_grad
from .tensor import Tensor

__all__ = ["Tensor", "enable_grad", "is_grad_enabled", "no_grad", "ops"]
