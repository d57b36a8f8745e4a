"""HIPS autograd, in an environment of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from problems import expression, logistic, margin

from .by_hand import updates
from .peer import Peer

if TYPE_CHECKING:
    from collections.abc import Callable

    from problems import Array, Training

    from .peer import Step


class Hips(Peer):
    title = "HIPS autograd"
    distribution = "autograd"
    modules = ("autograd", "autograd.numpy", "autograd.scipy.special")
    own_environment = ("autograd[scipy]", f"numpy=={np.__version__}")  # its import name is ours

    def train(self, problem: Training) -> Step:
        import autograd
        import autograd.numpy as anp
        from autograd.scipy.special import logsumexp

        parameters, update = problem.parameters, updates(problem)
        one_hot = np.eye(len(parameters[-1]), dtype=np.float32)[problem.targets] if problem.loss == "cross_entropy" else None

        def loss_of(parameters: Any) -> Any:
            h = problem.x
            for W, b in zip(parameters[:-2:2], parameters[1:-2:2], strict=True):
                h = anp.maximum(h @ W + b, 0)
            logits = h @ parameters[-2] + parameters[-1]
            if problem.loss == "margin":
                return margin(anp, logits, problem.targets, parameters)
            return -anp.sum((logits - logsumexp(logits, axis=1, keepdims=True)) * one_hot) / len(h)

        loss_and_gradients = autograd.value_and_grad(loss_of)

        def step() -> list[Any]:
            loss, gradients = loss_and_gradients(parameters)
            update(gradients)
            return [loss, *gradients] if problem.gradients else [loss]

        return step

    def expression(self, x: Array) -> Step:
        import autograd.numpy as anp

        return lambda: expression(anp, x)

    def hessian(self, w: Array, X: Array, y: Array) -> Step:
        import autograd
        import autograd.numpy as anp

        second = autograd.hessian(lambda w, X, y: logistic(anp, w, X, y))
        return lambda: second(w, X, y)

    def record(self, function: Callable[[Any], Any]) -> Step:
        import autograd

        pullback, y = autograd.make_vjp(function)(1.0)
        return lambda: pullback(np.ones_like(y))
