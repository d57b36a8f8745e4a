"""The functions of networks, with PyTorch's names, argument order and defaults: activations, and losses as plain formulas.

Classes stand on axis 1 (or on the last axis of a single row); losses reduce to their mean unless told otherwise.
"""

from __future__ import annotations

import warnings
from math import pi, sqrt
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd import Tensor, ops
from autograd.numpy.random import draw
from autograd.op import Traced, as_array

from .random import generator

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = [
    "binary_cross_entropy_with_logits", "cross_entropy", "dropout", "gelu", "leaky_relu", "linear", "log_softmax", "logsumexp",
    "mse_loss", "nll_loss", "relu", "sigmoid", "softmax", "softplus", "tanh",
]  # fmt: skip


def linear(input: Any, weight: Any, bias: Any = None) -> Tensor:
    """input · weightᵀ + bias: (…, in), (out, in), (out,) to (…, out).

    >>> linear(np.ones((1, 2)), np.array([[3., 4.]]))
    array([[7.]])
    """
    return ops.linear(input, weight, bias)


def relu(input: Any) -> Tensor:
    """max(0, x); derivative 0 at 0.

    >>> relu(np.array([-1., 2.]))
    array([0., 2.])
    """
    return ops.relu(input)


def leaky_relu(input: Any, negative_slope: float = 0.01) -> Tensor:
    """x where x > 0, else negative_slope · x.

    >>> leaky_relu(np.array([-1., 2.]))
    array([-0.01,  2.  ])
    """
    return ops.leaky_relu(input, float(negative_slope))


def sigmoid(input: Any) -> Tensor:
    """σ(x) = 1/(1 + e⁻ˣ).

    >>> sigmoid(np.array([0.]))
    array([0.5])
    """
    return ops.sigmoid(input)


def tanh(input: Any) -> Tensor:
    """The hyperbolic tangent.

    >>> tanh(np.array([0.]))
    array([0.])
    """
    return ops.tanh(input)


def softplus(input: Any, beta: float = 1) -> Tensor:
    """log(1 + e^(βx))/β.  PyTorch's `threshold` is not needed: this form never overflows.

    >>> softplus(np.array([1000.]))
    array([1000.])
    """
    return ops.softplus(input) if beta == 1 else ops.softplus(input * float(beta)) / float(beta)


def gelu(input: Any, approximate: str = "none") -> Tensor:
    """x Φ(x), with the normal distribution function Φ; `approximate="tanh"` for the cheaper ½x(1 + tanh(√(2/π)(x + 0.044715x³))).

    >>> gelu(np.array([0., 1.])).round(4)
    array([0.    , 0.8413])
    """
    if approximate == "none":
        return ops.gelu(input)
    if approximate == "tanh":
        return 0.5 * input * (1 + ops.tanh(sqrt(2 / pi) * (input + 0.044715 * input**3)))
    raise ValueError(f"gelu: got approximate={approximate!r}, wanted 'none' or 'tanh'")


def softmax(input: Any, dim: int = -1) -> Tensor:
    """eˣ/Σeˣ along `dim`.

    >>> softmax(np.array([0., 0.]))
    array([0.5, 0.5])
    """
    return ops.softmax(input, dim)


def log_softmax(input: Any, dim: int = -1) -> Tensor:
    """x − log Σeˣ along `dim`.

    >>> log_softmax(np.array([0., 0.]))
    array([-0.69314718, -0.69314718])
    """
    return ops.log_softmax(input, dim)


def logsumexp(input: Any, dim: Any, keepdim: bool = False) -> Tensor:
    """log Σeˣ over `dim`.

    >>> logsumexp(np.array([0., 0.]), 0)
    np.float64(0.6931471805599453)
    """
    return ops.logsumexp(input, dim, keepdim)


def dropout(input: Any, p: float = 0.5, training: bool = True) -> Tensor:
    """Each value is 0 with probability p, else divided by 1 − p; nothing happens outside training.  Draws from `nn.random`.

    >>> dropout(np.ones(3), p=0.5, training=False)
    array([1., 1., 1.])
    """
    if not 0 <= p <= 1:
        raise ValueError(f"dropout: got p={p}, wanted a probability, 0 ≤ p ≤ 1")
    if not training or p == 0:
        return input
    keep = draw(generator(), "random", input.shape, np.float32) >= p
    return ops.where(keep, input * (1 / (1 - float(p)) if p < 1 else 1.0), 0)


# -- losses -------------------------------------------------------------------------------------------------------------------------------


def _reduced(name: str, loss: Any, reduction: str, count: Any = None) -> Tensor:
    """The loss of each row, or their sum, or that sum over `count` (the number of rows)."""
    if reduction == "none":
        return loss
    if reduction == "sum":
        return ops.sum(loss)
    if reduction == "mean" and count is None:
        return ops.mean(loss)
    if reduction == "mean":
        with np.errstate(invalid="ignore"):  # the mean of no rows is 0/0, as in PyTorch
            return ops.sum(loss) / count
    raise ValueError(f"{name}: got reduction={reduction!r}, wanted 'none', 'mean' or 'sum'")


def _array(values: Any, like: Any = None) -> Any:
    """Traced values as they are; others as an array, in the dtype of a floating `like`, so that a float32 loss stays float32."""
    if type(values) is np.ndarray and like is None:
        return values
    dtype = like.dtype if like is not None and like.dtype.kind == "f" else None
    if not isinstance(values, Traced):
        return as_array(values, dtype)
    keeps_dtype = isinstance(values, Tensor) and values.dtype.kind not in "biu"
    return values if dtype is None or keeps_dtype else ops.astype(values, dtype)


def has_values(x: Any) -> bool:
    """Whether there are numbers to look at: a value that is only being traced has none.

    >>> has_values(np.zeros(2))
    True
    """
    return not isinstance(x.data if isinstance(x, Traced) else x, Traced)


def _floating(values: Any) -> Any:
    """An array or Tensor in floating point: the differences of small integers would wrap."""
    values = _array(values)
    return ops.astype(values, np.float64) if values.dtype.kind in "biu" else values


def _classes_last(name: str, input: Any) -> Any:
    if not input.ndim:
        raise ValueError(f"{name}: got a single number, wanted scores of shape (N, C) or (C,)")
    return input if input.ndim <= 2 else ops.moveaxis(input, 1, -1)


def _weights(name: str, weight: Any, classes: int, dtype: np.dtype[Any]) -> Any:
    if weight is None:
        return None
    weight = ops.astype(weight, dtype) if isinstance(weight, Traced) else as_array(weight, dtype)
    if weight.shape != (classes,):
        raise ValueError(f"{name}: got weight of shape {weight.shape}, wanted ({classes},), one for each class")
    return weight


def _weights_of(labels: Any, weights: Any, shape: tuple[int, ...], ignore_index: int) -> Any:
    """The weight of each row's class; 0 for a row to ignore."""
    return ops.nll_loss(ops.broadcast_to(-weights, shape), labels, "none", ignore_index)


def cross_entropy(
    input: Any,
    target: Any,
    weight: ArrayLike | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Tensor:
    """−log softmax(input) at the target: scores (N, C), or (C,), or (N, C, d…) against class numbers (N,), (), (N, d…).

    `target` may also hold probabilities, in the shape of `input`.  The mean weighs each row by its class's `weight` and leaves out rows of
    class `ignore_index`; `label_smoothing` ε mixes the target with the uniform distribution, (1−ε) y + ε/C.

    >>> cross_entropy(np.array([[0., 0.], [0., 0.]]), np.array([0, 1]))
    np.float64(0.6931471805599453)
    """
    if not 0 <= label_smoothing <= 1:
        raise ValueError(f"cross_entropy: got label_smoothing={label_smoothing}, wanted 0 ≤ ε ≤ 1")
    label_smoothing = float(label_smoothing)  # a NumPy scalar would widen float32
    input, target = _array(input), _array(target)
    z = _classes_last("cross_entropy", input)
    weights = _weights("cross_entropy", weight, z.shape[-1], z.dtype)
    if target.dtype.kind == "f":
        return _cross_entropy_of_probabilities(z, target, input.shape, weights, reduction, label_smoothing)
    if weights is None and not label_smoothing:
        return ops.cross_entropy(z, target, reduction, ignore_index)
    loss, kept = ops.cross_entropy(z, target, "none", ignore_index), ops.not_equal(target, ignore_index)
    per_row = ops.astype(kept, z.dtype)
    if weights is not None:
        per_row = _weights_of(target, weights, z.shape, ignore_index)
        loss = loss * per_row
    if label_smoothing:
        spread = -ops.log_softmax(z) if weights is None else -ops.log_softmax(z) * weights
        uniform = ops.where(kept, ops.mean(spread, axis=-1), 0)
        loss = (1 - label_smoothing) * loss + label_smoothing * uniform
    return _reduced("cross_entropy", loss, reduction, count=ops.sum(per_row))


def _cross_entropy_of_probabilities(
    z: Any, target: Any, shape: tuple[int, ...], weights: Any, reduction: str, label_smoothing: float
) -> Tensor:
    if target.shape != shape:
        raise ValueError(
            f"cross_entropy: got target {target.shape} {target.dtype}, wanted integers {z.shape[:-1]}, a class for each row "
            f"(cast them with .astype(int)), or probabilities in the shape of the scores, {shape}"
        )
    y = _classes_last("cross_entropy", _array(target, z))
    p = y.data if isinstance(y, Traced) else y
    if has_values(p) and (not np.allclose(p.sum(axis=-1), 1, atol=1e-2) or np.min(p, initial=0) < 0):
        raise ValueError("cross_entropy: a float target holds probabilities, each row ≥ 0 and of sum 1; for regression use mse_loss")
    if label_smoothing:
        y = (1 - label_smoothing) * y + label_smoothing / z.shape[-1]
    logp = ops.log_softmax(z)
    logp = ops.where(ops.logical_or(y != 0, ops.isfinite(logp)), logp, 0)  # 0 log 0 = 0
    loss = -ops.sum(y * logp if weights is None else y * logp * weights, axis=-1)
    return _reduced("cross_entropy", loss, reduction)


def nll_loss(input: Any, target: Any, weight: ArrayLike | None = None, ignore_index: int = -100, reduction: str = "mean") -> Tensor:
    """−input at the target, for log-probabilities (N, C), or (C,), or (N, C, d…) against class numbers.

    >>> nll_loss(np.log(np.array([[0.25, 0.75]])), np.array([1]))
    np.float64(0.2876820724517809)
    """
    logp, target = _classes_last("nll_loss", _array(input)), _array(target)
    weights = _weights("nll_loss", weight, logp.shape[-1], logp.dtype)
    if weights is None:
        return ops.nll_loss(logp, target, reduction, ignore_index)
    per_row = _weights_of(target, weights, logp.shape, ignore_index)
    return _reduced("nll_loss", ops.nll_loss(logp, target, "none", ignore_index) * per_row, reduction, count=ops.sum(per_row))


def _pair(loss: str, input: Any, target: Any) -> tuple[Any, Any]:
    """Prediction and target; a warning where their shapes differ."""
    input = _floating(input)
    target = _array(target, input)
    if input.shape != target.shape:
        warnings.warn(
            f"{loss}: prediction {input.shape} and target {target.shape} differ in shape and will broadcast, which is seldom meant; "
            "reshape one to the other",
            stacklevel=3,
        )
    return input, target


def mse_loss(input: Any, target: Any, reduction: str = "mean") -> Tensor:
    """(input − target)²; a warning where their shapes differ.  A target that is no Tensor is taken in the dtype of the input.

    >>> mse_loss(np.array([1., 3.]), np.array([1., 1.]))
    np.float64(2.0)
    """
    input, target = _pair("mse_loss", input, target)
    return _reduced("mse_loss", ops.square(ops.subtract(input, target)), reduction)


def binary_cross_entropy_with_logits(
    input: Any, target: Any, weight: Any = None, reduction: str = "mean", pos_weight: Any = None
) -> Tensor:
    """−w [p y log σ(x) + (1 − y) log(1 − σ(x))] with weights w and p = `pos_weight`; softplus in place of the logarithms keeps the digits.

    >>> binary_cross_entropy_with_logits(np.array([0.]), np.array([1.]))
    np.float64(0.6931471805599453)
    """
    input, target = _pair("binary_cross_entropy_with_logits", input, target)
    positive = target if pos_weight is None else target * _array(pos_weight, input)
    loss = (1 - target) * ops.softplus(input) + positive * ops.softplus(-input)
    return _reduced("binary_cross_entropy_with_logits", loss if weight is None else loss * _array(weight, input), reduction)
