"""Reverse-mode automatic differentiation that you can read: Tensors, the graph of how they were made, and its gradients.

>>> import autograd.numpy as np
>>> from autograd import Tensor
>>> x = Tensor(2.0, requires_grad=True)
>>> y = np.sin(x) * x
>>> y.backward()
>>> x.grad
Tensor(0.07700375)
"""

from . import clash, ops
from .drawing import draw
from .mode import enable_grad, is_grad_enabled, no_grad
from .op import constant, general, multilinear
from .ops.broadcast import elementwise
from .tensor import Tensor

__all__ = ["Tensor", "constant", "draw", "elementwise", "enable_grad", "general", "is_grad_enabled", "multilinear", "no_grad", "ops"]

clash.warn()
