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
from .anomaly import detect_anomaly
from .compiler import jit
from .drawing import draw, play
from .mode import enable_grad, is_grad_enabled, no_grad
from .op import constant, general, multilinear
from .ops.elementwise import elementwise
from .recompute import checkpoint
from .recording import record
from .symbol import explain
from .tensor import Tensor
from .transforms import (
    deriv, elementwise_grad, grad, grad_and_aux, grad_named, hessian, hessian_tensor_product, hessian_vector_product, holomorphic_grad,
    jacobian, make_ggnvp, make_hvp, make_jvp, make_vjp, multigrad_dict, tensor_jacobian_product, value_and_grad, vector_jacobian_product,
)  # fmt: skip

__all__ = [
    "Tensor", "checkpoint", "constant", "deriv", "detect_anomaly", "draw", "elementwise", "elementwise_grad", "enable_grad", "explain",
    "general", "grad", "grad_and_aux", "grad_named", "hessian", "hessian_tensor_product", "hessian_vector_product", "holomorphic_grad",
    "is_grad_enabled", "jacobian", "jit", "make_ggnvp", "make_hvp", "make_jvp", "make_vjp", "multigrad_dict", "multilinear", "no_grad",
    "ops", "play", "record", "tensor_jacobian_product", "value_and_grad", "vector_jacobian_product",
]  # fmt: skip

clash.warn()
