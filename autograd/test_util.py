"""Checking gradients against central differences, in random directions.

A wrong derivative shows in almost every direction, so one random direction `u` and one random cotangent `v` are enough:
⟨v, (f(x+εu) − f(x−εu))/2ε⟩ must be ⟨Jᵀv, u⟩.  The right-hand side is again a function of x: the next order checks that one in the same way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["check_grads"]


def check_grads(
    f: Callable[..., Any], modes: Sequence[str] = ("rev",), order: int = 2, eps: float = 1e-6, atol: float = 1e-6, rtol: float = 1e-6
) -> Callable[..., None]:
    """The check of f's gradients at a point: `check_grads(f)(x, y)` raises AssertionError unless they are right up to `order`.

    f maps floats, arrays or Tensors to one of them; floating-point arguments are varied, in float64, the others held.  `eps` is the step of
    the differences; two numbers agree within `atol + rtol·|difference quotient|`.

    >>> check_grads(lambda x, y: x * y**2)(3.0, [1., 2.])
    >>> check_grads(lambda x: x * x.data)(3.0)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    AssertionError: check_grads: argument 0, order 1: the gradient gives 0.13..., differences 0.26..., ...
    """
    if unknown := set(modes) - {"rev"}:
        raise ValueError(f"check_grads: got modes {sorted(unknown)}, wanted 'rev', the reverse mode")

    def check(*args: Any) -> None:
        held = [a if isinstance(a, Tensor) else np.asarray(a) for a in args]
        varied = [k for k, a in enumerate(held) if a.dtype.kind == "f"]
        if not varied:
            raise TypeError(f"check_grads: no floating-point argument among {', '.join(type(a).__name__ for a in args)}; pass floats")
        point = [np.array(Tensor(held[k]).data, np.float64) for k in varied]
        random = np.random.default_rng(0)
        directions = [[random.standard_normal(x.shape) for x in point] for _ in range(order)]

        def at(arrays: Sequence[np.ndarray], level: int) -> tuple[list[Tensor], Tensor]:
            """The varied arguments as leaves, and ⟨v, f⟩ differentiated `level` times, each time along the next direction."""
            leaves = [Tensor(a, requires_grad=True) for a in arrays]
            places = dict(zip(varied, leaves, strict=True))
            y = f(*(places.get(k, a) for k, a in enumerate(args)))
            y = y if isinstance(y, Tensor) else Tensor(y)
            value = (y * np.random.default_rng(1).standard_normal(y.shape)).sum()
            for u in directions[:level]:
                value = sum((_inner(g, d) for g, d in zip(_gradient(value, leaves), u, strict=True)), Tensor(0.0))
            return leaves, value

        for level, u in enumerate(directions):
            leaves, value = at(point, level)
            gradient = _gradient(value, leaves)
            for n, k in enumerate(varied):
                ahead, behind = ([x + (s * u[n] if m == n else 0) for m, x in enumerate(point)] for s in (eps, -eps))
                quotient = (at(ahead, level)[1].item() - at(behind, level)[1].item()) / (2 * eps)
                product = _inner(gradient[n], u[n]).item()
                if not abs(product - quotient) <= atol + rtol * abs(quotient):  # a NaN fails too
                    raise AssertionError(
                        f"check_grads: argument {k}, order {level + 1}: the gradient gives {product:.9g}, differences {quotient:.9g}, "
                        f"wanted within {atol + rtol * abs(quotient):.1g}; is a rule wrong, does f leave the graph (.data, .item()), "
                        f"is it random, or is there a kink within eps={eps:g} of the point?"
                    )

    return check


def _inner(g: Tensor, u: np.ndarray) -> Tensor:
    return (g * u).sum()


def _gradient(value: Tensor, leaves: Sequence[Tensor]) -> list[Tensor]:
    """The gradient of `value` with respect to each leaf, with a history of its own; 0 where it does not depend on it."""
    if value.requires_grad:
        value.backward(create_graph=True)
    gradients = [Tensor(np.zeros(x.shape)) if x.grad is None else x.grad for x in leaves]
    for x in leaves:
        x.zero_grad()
    return gradients
