"""PyTorch, eager and compiled."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, Any

from problems import expression, logistic, margin

from .peer import NotDoneError, Peer

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from problems import Array, Training

    from .peer import Step


class PyTorch(Peer):
    title = "PyTorch"
    distribution = "torch"
    modules = ("torch", "torch.nn")
    outputs_first = True

    def array(self, value: Any) -> Array:
        return value.detach().numpy()

    def compile(self, function: Callable[..., Any]) -> Callable[..., Any]:
        return function

    def train(self, problem: Training) -> Step:
        import torch

        modules = [module for W, _ in problem.layers for module in (torch.nn.Linear(*W.shape), torch.nn.ReLU())]
        model = torch.nn.Sequential(*modules[:-1])
        parameters = list(model.parameters())
        with torch.no_grad():
            for p, array in zip(parameters, problem.parameters, strict=True):
                p.copy_(torch.from_numpy(array.T))
        x, targets = torch.from_numpy(problem.x), torch.from_numpy(problem.targets)
        optimizer = getattr(torch.optim, problem.optimizer)(parameters, lr=problem.rate, fused=True)
        update = self.compile(optimizer.step)

        @self.compile
        def loss_of(x: Any, targets: Any) -> Any:
            if problem.loss == "margin":
                return margin(torch, model(x), targets, parameters)
            return torch.nn.functional.cross_entropy(model(x), targets)

        def step() -> list[Any]:
            loss = loss_of(x, targets)
            loss.backward()
            update()
            gradients = [p.grad for p in parameters] if problem.gradients else []
            optimizer.zero_grad()
            return [loss, *gradients]

        return step

    def expression(self, x: Array) -> Step:
        import torch

        value, numbers = self.compile(lambda x: expression(torch, x)), torch.from_numpy(x)
        return lambda: value(numbers)

    def hessian(self, w: Array, X: Array, y: Array) -> Step:
        import torch

        second = self.compile(torch.func.hessian(lambda w, X, y: logistic(torch, w, X, y)))
        arguments = [torch.from_numpy(a) for a in (w, X, y)]
        return lambda: second(*arguments)

    def leaf(self) -> Any:
        import torch

        return torch.tensor(1.0, requires_grad=True)


class TorchCompile(PyTorch):
    title = "torch.compile"
    modules = ()  # as eager
    compiled = True

    def version(self) -> str:
        compiler = os.environ.get("CXX", "g++")
        if not shutil.which(compiler):
            raise ImportError(f"no C++ compiler: {compiler}")
        return super().version()

    def compile(self, function: Callable[..., Any]) -> Callable[..., Any]:
        import torch

        return torch.compile(function)

    def caches(self, folder: Path) -> dict[str, str]:
        return {"TORCHINDUCTOR_CACHE_DIR": str(folder)}

    def leaf(self) -> Any:
        raise NotDoneError  # compiling 100,000 nodes is no measure of a graph
