"""micrograd, which computes with single numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from problems import DECAY

from .peer import NotDoneError, Peer

if TYPE_CHECKING:
    from problems import Training

    from .peer import Step


class Micrograd(Peer):
    title = "micrograd"
    distribution = "micrograd"
    modules = ("micrograd.engine", "micrograd.nn")

    def train(self, problem: Training) -> Step:
        from micrograd.engine import Value
        from micrograd.nn import MLP

        if problem.loss != "margin":
            raise NotDoneError  # it has no exp, no log
        model = MLP(problem.x.shape[1], [len(b) for _, b in problem.layers])
        for layer, (W, b) in zip(model.layers, problem.layers, strict=True):
            for j, neuron in enumerate(layer.neurons):
                neuron.b.data = float(b[j])
                for w, value in zip(neuron.w, W[:, j], strict=True):
                    w.data = float(value)

        def step() -> list[float]:  # as its demo has it
            inputs = [[Value(float(number)) for number in row] for row in problem.x]
            losses = [(1 + -float(y) * model(x)).relu() for x, y in zip(inputs, problem.targets, strict=True)]
            loss = sum(losses) * (1.0 / len(losses)) + DECAY * sum(p * p for p in model.parameters())
            model.zero_grad()
            loss.backward()
            for p in model.parameters():
                p.data -= problem.rate * p.grad
            return [loss.data]

        return step

    def leaf(self) -> Any:
        from micrograd.engine import Value

        return Value(1.0)
