"""JAX, eager and jitted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from problems import BETAS, EPSILON, expression, logistic, margin

from .peer import NotDoneError, Peer

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from problems import Array, Training

    from .peer import Step


class Jax(Peer):
    title = "JAX eager"
    distribution = "jax"
    modules = ("jax", "jax.numpy")

    def compile(self, function: Callable[..., Any], **_: Any) -> Callable[..., Any]:
        return function

    def train(self, problem: Training) -> Step:
        import jax
        from jax import numpy as jnp

        def loss_of(parameters: Any, x: Any, targets: Any) -> Any:
            for W, b in zip(parameters[:-2:2], parameters[1:-2:2], strict=True):
                x = jax.nn.relu(x @ W + b)
            logits = x @ parameters[-2] + parameters[-1]
            if problem.loss == "margin":
                return margin(jnp, logits, targets, parameters)
            return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(logits), targets[:, None], axis=1))

        def sgd(parameters: Any, gradients: Any, _: Any) -> Any:
            return [p - problem.rate * g for p, g in zip(parameters, gradients, strict=True)], ()

        def adam(parameters: Any, gradients: Any, state: Any) -> Any:
            (beta1, beta2), (t, first, second) = BETAS, state
            t += 1
            first = [beta1 * m + (1 - beta1) * g for m, g in zip(first, gradients, strict=True)]
            second = [beta2 * v + (1 - beta2) * g * g for v, g in zip(second, gradients, strict=True)]
            rate, unbias = problem.rate / (1 - beta1**t), 1 - beta2**t
            steps = [rate * m / (jnp.sqrt(v / unbias) + EPSILON) for m, v in zip(first, second, strict=True)]
            return [p - s for p, s in zip(parameters, steps, strict=True)], (t, first, second)

        def update(parameters: Any, state: Any, x: Any, targets: Any) -> Any:
            loss, gradients = jax.value_and_grad(loss_of)(parameters, x, targets)
            optimizer = {"SGD": sgd, "Adam": adam}[problem.optimizer]
            return *optimizer(parameters, gradients, state), [loss, *gradients] if problem.gradients else [loss]

        compiled = self.compile(update, donate_argnums=(0, 1))
        parameters, x, targets = [jnp.array(p) for p in problem.parameters], jnp.array(problem.x), jnp.array(problem.targets)
        first, second = ([jnp.zeros_like(p) for p in parameters] for _ in range(2))
        state = (jnp.array(0.0), first, second) if problem.optimizer == "Adam" else ()

        def step() -> Any:
            nonlocal parameters, state
            parameters, state, seen = jax.block_until_ready(compiled(parameters, state, x, targets))
            return seen

        return step

    def expression(self, x: Array) -> Step:
        import jax

        value, numbers = self.compile(lambda x: expression(jax.numpy, x)), jax.numpy.array(x)
        return lambda: jax.block_until_ready(value(numbers))

    def hessian(self, w: Array, X: Array, y: Array) -> Step:
        import jax

        jax.config.update("jax_enable_x64", True)
        second = self.compile(jax.hessian(lambda w, X, y: logistic(jax.numpy, w, X, y)))
        arguments = [jax.numpy.array(a) for a in (w, X, y)]
        return lambda: jax.block_until_ready(second(*arguments))

    def record(self, function: Callable[[Any], Any]) -> Step:
        import jax

        y, pullback = jax.vjp(function, 1.0)
        return lambda: jax.block_until_ready(pullback(jax.numpy.ones_like(y)))[0]


class JaxJit(Jax):
    title = "JAX jit"
    modules = ()  # as eager
    compiled = True

    def compile(self, function: Callable[..., Any], **settings: Any) -> Callable[..., Any]:
        import jax

        return jax.jit(function, **settings)

    def caches(self, folder: Path) -> dict[str, str]:
        return {
            "JAX_COMPILATION_CACHE_DIR": str(folder),
            "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
            "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
        }

    def record(self, function: Callable[[Any], Any]) -> Step:  # noqa: ARG002
        raise NotDoneError  # compiling 100,000 nodes is no measure of a graph
