"""The formulas written out: what an engine on NumPy could reach at best, and what every other peer is checked against."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from problems import BETAS, DECAY, EPSILON, expression

from .peer import Peer

if TYPE_CHECKING:
    from collections.abc import Callable

    from problems import Array, Training

    from .peer import Step

    Update = Callable[[list[Array]], None]  # of the parameters, by their gradients


class NumPy(Peer):
    title = "NumPy by hand"
    distribution = "numpy"

    def train(self, problem: Training) -> Step:
        layers, x, targets = problem.layers, problem.x, problem.targets
        losses = {"cross_entropy": cross_entropy, "margin": margin}
        update = updates(problem)

        def step() -> list[Any]:
            inputs, h = [], x
            for W, b in layers:
                inputs.append(h)
                h = h @ W
                h += b
                if W is not layers[-1][0]:
                    np.maximum(h, 0, out=h)
            loss, g = losses[problem.loss](h, targets)
            gradients: list[Array] = []
            for (W, _), h in zip(reversed(layers), reversed(inputs), strict=True):
                gradients = [h.T @ g, g.sum(axis=0), *gradients]
                if h is not x:
                    g = g @ W.T
                    g *= h > 0
            if problem.loss == "margin":
                loss += DECAY * sum((p * p).sum() for p in problem.parameters)
                for p, dp in zip(problem.parameters, gradients, strict=True):
                    np.add(dp, 2 * DECAY * p, out=dp)
            update(gradients)
            return [loss, *gradients] if problem.gradients else [loss]

        return step

    def expression(self, x: Array) -> Step:
        return lambda: expression(np, x)

    def hessian(self, w: Array, X: Array, y: Array) -> Step:
        def second() -> Array:
            p = 1 / (1 + np.exp(-y * (X @ w)))
            return (X.T * (p * (1 - p) / len(y))) @ X

        return second


def cross_entropy(h: Array, labels: Array) -> tuple[Any, Array]:
    """The mean loss of the labels, and its gradient in the logits h, which it takes the place of."""
    rows = np.arange(len(h))
    h -= h.max(axis=1, keepdims=True)
    picked = h[rows, labels]
    g = np.exp(h, out=h)
    total = g.sum(axis=1, keepdims=True)
    loss = (np.log(total[:, 0]) - picked).mean()
    g /= total
    g[rows, labels] -= 1
    g /= len(h)
    return loss, g


def margin(h: Array, sides: Array) -> tuple[Any, Array]:
    """The mean of max(0, 1 − y h), and its gradient in h."""
    short = 1 - sides * h[:, 0]
    return np.maximum(short, 0).mean(), (-sides * (short > 0) / len(h))[:, None]


def updates(problem: Training) -> Update:
    """The optimiser of a problem."""
    parameters, rate = problem.parameters, problem.rate
    first, second = ([np.zeros_like(p) for p in parameters] for _ in range(2))
    (beta1, beta2), t = BETAS, 0

    def sgd(gradients: list[Array]) -> None:
        for p, g in zip(parameters, gradients, strict=True):
            np.subtract(p, rate * g, out=p)

    def adam(gradients: list[Array]) -> None:
        nonlocal t
        t += 1
        for p, g, m, v in zip(parameters, gradients, first, second, strict=True):
            np.add(m, (1 - beta1) * (g - m), out=m)
            np.add(v, (1 - beta2) * (g * g - v), out=v)
            np.subtract(p, rate / (1 - beta1**t) * m / (np.sqrt(v / (1 - beta2**t)) + EPSILON), out=p)

    return {"SGD": sgd, "Adam": adam}[problem.optimizer]


class NumPyOut(Peer):
    """The same with every array made beforehand, as `np.empty` gives it, and each operation by itself."""

    title = "NumPy by hand with out="
    distribution = "numpy"
    compiled = True

    def train(self, problem: Training) -> Step:
        layers, x = problem.layers, problem.x
        inputs = [x, *(np.empty((len(x), len(b)), x.dtype) for _, b in layers)]
        errors = [np.empty_like(h) for h in inputs[1:-1]]  # the gradients in the values behind each ReLU
        masks = [np.empty(h.shape, bool) for h in errors]
        gradients = [np.empty_like(p) for p in problem.parameters]
        scratch = [np.empty_like(p) for p in problem.parameters]
        losses = {"cross_entropy": cross_entropy_out, "margin": margin_out}
        loss_of = losses[problem.loss](inputs[-1], problem.targets)
        update = updates_out(problem, scratch)

        def step() -> list[Any]:
            for k, (W, b) in enumerate(layers):
                h = inputs[k + 1]
                np.dot(inputs[k], W, out=h)
                np.add(h, b, out=h)
                if k < len(layers) - 1:
                    np.maximum(h, 0, out=h)
            loss = loss_of()
            g = inputs[-1]
            for k in reversed(range(len(layers))):
                np.dot(inputs[k].T, g, out=gradients[2 * k])
                np.sum(g, axis=0, out=gradients[2 * k + 1])
                if k:
                    g = np.dot(g, layers[k][0].T, out=errors[k - 1])
                    np.greater(inputs[k], 0, out=masks[k - 1])
                    np.multiply(g, masks[k - 1], out=g)
            if problem.loss == "margin":
                for p, dp, s in zip(problem.parameters, gradients, scratch, strict=True):
                    loss += DECAY * np.vdot(p, p)
                    np.multiply(p, 2 * DECAY, out=s)
                    np.add(dp, s, out=dp)
            update(gradients)
            return [loss, *gradients] if problem.gradients else [loss]

        return step

    def expression(self, x: Array) -> Step:
        y, z = np.empty_like(x), np.empty_like(x)

        def value() -> Array:
            np.multiply(x, -0.5, out=y)
            np.multiply(y, x, out=y)
            np.exp(y, out=y)
            np.multiply(x, 0.8, out=z)
            np.add(z, 0.1, out=z)
            np.tanh(z, out=z)
            np.multiply(y, z, out=y)
            np.multiply(x, x, out=z)
            np.add(z, 1, out=z)
            np.log(z, out=z)
            np.divide(z, 1.5, out=z)
            return np.add(y, z, out=y)

        return value

    def hessian(self, w: Array, X: Array, y: Array) -> Step:
        p, q, scaled, result = np.empty_like(y), np.empty_like(y), np.empty_like(X.T), np.empty((len(w), len(w)))

        def second() -> Array:
            np.dot(X, w, out=p)
            np.multiply(p, y, out=p)
            np.negative(p, out=p)
            np.exp(p, out=p)
            np.add(p, 1, out=p)
            np.reciprocal(p, out=p)
            np.subtract(1, p, out=q)
            np.multiply(p, q, out=p)
            np.divide(p, len(y), out=p)
            np.multiply(X.T, p, out=scaled)
            return np.dot(scaled, X, out=result)

        return second


def cross_entropy_out(h: Array, labels: Array) -> Step:
    """Set up `cross_entropy` on h; the function returned returns the loss, and puts the gradient in the place of h."""
    column, picked, flat = np.empty((len(h), 1), h.dtype), np.empty(len(h), h.dtype), h.reshape(-1)
    places = np.arange(len(h)) * h.shape[1] + labels

    def loss_of() -> Any:
        np.max(h, axis=1, keepdims=True, out=column)
        np.subtract(h, column, out=h)
        np.take(flat, places, out=picked, mode="clip")  # any other mode makes a copy
        np.exp(h, out=h)
        np.sum(h, axis=1, keepdims=True, out=column)
        np.divide(h, column, out=h)
        np.log(column, out=column)
        np.subtract(column[:, 0], picked, out=picked)
        flat[places] -= 1
        np.divide(h, len(h), out=h)
        return picked.mean()

    return loss_of


def margin_out(h: Array, sides: Array) -> Step:
    """Set up `margin` on h (n, 1); the function returned returns the loss, and puts the gradient in the place of h."""
    flat, short, loss = h[:, 0], np.empty(len(h), bool), np.empty(len(h), h.dtype)

    def loss_of() -> Any:
        np.multiply(sides, flat, out=loss)
        np.subtract(1, loss, out=loss)
        np.greater(loss, 0, out=short)
        np.maximum(loss, 0, out=loss)
        np.multiply(sides, short, out=flat)
        np.divide(flat, -len(h), out=flat)
        return loss.mean()

    return loss_of


def updates_out(problem: Training, scratch: list[Array]) -> Update:
    """The optimiser of a problem, with an array to compute in for each parameter."""
    parameters, rate = problem.parameters, problem.rate
    first, second = ([np.zeros_like(p) for p in parameters] for _ in range(2))
    (beta1, beta2), t = BETAS, 0

    def sgd(gradients: list[Array]) -> None:
        for p, g, s in zip(parameters, gradients, scratch, strict=True):
            np.multiply(g, rate, out=s)
            np.subtract(p, s, out=p)

    def adam(gradients: list[Array]) -> None:
        nonlocal t
        t += 1
        for p, g, m, v, s in zip(parameters, gradients, first, second, scratch, strict=True):
            np.subtract(g, m, out=s)
            np.multiply(s, 1 - beta1, out=s)
            np.add(m, s, out=m)
            np.multiply(g, g, out=s)
            np.subtract(s, v, out=s)
            np.multiply(s, 1 - beta2, out=s)
            np.add(v, s, out=v)
            np.divide(v, 1 - beta2**t, out=s)
            np.sqrt(s, out=s)
            np.add(s, EPSILON, out=s)
            np.divide(m, s, out=s)
            np.multiply(s, rate / (1 - beta1**t), out=s)
            np.subtract(p, s, out=p)

    return {"SGD": sgd, "Adam": adam}[problem.optimizer]
