"""Optimisers of functions, over any container of numbers: `adam(grad(loss), params, callback)`.

For the parameters of networks, see `nn.optim`.  The gradient is called as grad(x, i), with the number i of the iteration, from 0 on;
then `callback(x, i, g)`, if there is one.  All that is computed is differentiable.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from .. import ops
from .flatten import flatten

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["adam", "rmsprop", "sgd", "unflatten_optimizer"]


def unflatten_optimizer(optimize: Callable[..., Any]) -> Callable[..., Any]:
    """An optimiser of rows, (grad, x, callback=None, …) ↦ x, as one of containers.

    >>> @unflatten_optimizer
    ... def descend(grad, x, callback=None, rate=0.5):
    ...     return x - rate * grad(x, 0)
    >>> descend(lambda p, i: p, {"w": 4.0})
    {'w': np.float64(2.0)}
    """

    @functools.wraps(optimize)
    def of_containers(
        grad: Callable[[Any, int], Any], x0: Any, callback: Callable[[Any, int, Any], Any] | None = None, *args: Any, **kwargs: Any
    ) -> Any:
        row, unflatten = flatten(x0)
        of_row = lambda x, i: flatten(grad(unflatten(x), i))[0]
        seen = None if callback is None else lambda x, i, g: callback(unflatten(x), i, unflatten(g))
        return unflatten(optimize(of_row, row, seen, *args, **kwargs))

    return of_containers


def _gradient(grad: Callable[[Any, int], Any], x: Any, i: int, callback: Any) -> Any:
    """The gradient for iteration i, of which the callback is told."""
    g = grad(x, i)
    if callback is not None:
        callback(x, i, g)
    return g


@unflatten_optimizer
def sgd(grad: Any, x0: Any, callback: Any = None, num_iters: int = 200, step_size: float = 0.1, mass: float = 0.9) -> Any:
    """Gradient descent with momentum: v ← mass · v − (1 − mass) · g, x ← x + step_size · v.

    >>> sgd(lambda x, i: 2 * x, 1.0, num_iters=2).round(6)
    np.float64(0.9424)
    """
    x, v = x0, 0.0
    for i in range(num_iters):
        v = mass * v - (1 - mass) * _gradient(grad, x, i, callback)
        x = x + step_size * v
    return x


@unflatten_optimizer
def rmsprop(
    grad: Any,
    x0: Any,
    callback: Any = None,
    num_iters: int = 100,
    step_size: float = 0.1,
    gamma: float = 0.9,
    eps: float = 1e-8,
) -> Any:
    """Steps by the gradient over its running root mean square: s ← γ s + (1 − γ) g², x ← x − step_size · g / (√s + eps), from s = 1.

    >>> rmsprop(lambda x, i: 2 * x, 1.0, num_iters=1).round(6)
    np.float64(0.824588)
    """
    x, s = x0, 1.0
    for i in range(num_iters):
        g = _gradient(grad, x, i, callback)
        s = gamma * s + (1 - gamma) * g**2
        x = x - step_size * g / (ops.sqrt(s) + eps)
    return x


@unflatten_optimizer
def adam(
    grad: Any,
    x0: Any,
    callback: Any = None,
    num_iters: int = 100,
    step_size: float = 0.001,
    b1: float = 0.9,
    b2: float = 0.999,
    eps: float = 1e-8,
) -> Any:
    """Steps by the running mean of the gradient over its running root mean square, both without the bias of their start at 0.

    Source: Kingma & Ba, "Adam: a method for stochastic optimization" (2014), algorithm 1.

    >>> adam(lambda x, i: 2 * x, 1.0, num_iters=2).round(6)
    np.float64(0.998)
    """
    x, m, s = x0, 0.0, 0.0
    for i in range(num_iters):
        g = _gradient(grad, x, i, callback)
        m = b1 * m + (1 - b1) * g
        s = b2 * s + (1 - b2) * g**2
        x = x - step_size * (m / (1 - b1 ** (i + 1))) / (ops.sqrt(s / (1 - b2 ** (i + 1))) + eps)
    return x
