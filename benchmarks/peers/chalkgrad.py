"""Ours: eager, and compiled in two ways."""

from __future__ import annotations

import warnings
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from problems import expression, logistic, margin

from .peer import NotDoneError, Peer

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from problems import Array, Training

    from .peer import Step


class Chalkgrad(Peer):
    title = "chalkgrad"
    distribution = "chalkgrad"
    modules = ("autograd", "nn")
    outputs_first = True

    def version(self) -> str:
        return "(this checkout)"

    def array(self, value: Any) -> Array:
        from autograd import Tensor

        return value.numpy() if isinstance(value, Tensor) else value

    def compile(self, function: Callable[..., Any]) -> Callable[..., Any]:
        return function

    def train(self, problem: Training) -> Step:
        import nn
        from autograd import no_grad
        from autograd import numpy as anp

        model = nn.MLP([problem.x.shape[1], *(len(b) for _, b in problem.layers)])
        parameters = list(model.parameters())
        with no_grad():
            for p, array in zip(parameters, problem.parameters, strict=True):
                p[...] = array.T
        optimizer = getattr(nn.optim, problem.optimizer)(parameters, lr=problem.rate)
        is_margin, wanted, cross_entropy = problem.loss == "margin", parameters if problem.gradients else [], nn.functional.cross_entropy

        @self.compile
        def step(x: Array, targets: Array) -> list[Any]:
            loss = margin(anp, model(x), targets, parameters) if is_margin else cross_entropy(model(x), targets)
            loss.backward()
            optimizer.step()
            gradients = [p.grad for p in wanted]
            optimizer.zero_grad()
            return [loss, *gradients]

        return lambda: step(problem.x, problem.targets)

    def expression(self, x: Array) -> Step:
        from autograd import numpy as anp

        value = self.compile(lambda x: expression(anp, x))
        return lambda: value(x)

    def hessian(self, w: Array, X: Array, y: Array) -> Step:
        from autograd import hessian
        from autograd import numpy as anp

        second = self.compile(hessian(lambda w, X, y: logistic(anp, w, X, y)))
        return lambda: second(w, X, y)

    def leaf(self) -> Any:
        from autograd import Tensor

        return Tensor(1.0, requires_grad=True)


class JitNumPy(Chalkgrad):
    title = "chalkgrad jit (NumPy)"
    modules = ()  # as eager
    compiled = True
    backend = "numpy"

    def compile(self, function: Callable[..., Any]) -> Callable[..., Any]:
        import autograd

        warnings.filterwarnings("error", message="jit: ")  # what runs as Python is not to be timed as compiled
        return autograd.jit(function, backend=self.backend)

    def caches(self, folder: Path) -> dict[str, str]:
        return {"CHALKGRAD_CACHE": str(folder)}

    def leaf(self) -> Any:
        raise NotDoneError  # compiling 100,000 nodes is no measure of a graph


class JitNative(JitNumPy):
    title = "chalkgrad jit (native)"
    backend = "native"

    def version(self) -> str:
        if not find_spec("llvmlite"):
            raise ImportError("llvmlite is not installed: pip install 'llvmlite>=0.45'")
        return super().version()
