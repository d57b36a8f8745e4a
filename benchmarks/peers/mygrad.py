"""MyGrad."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from problems import expression, margin

from .by_hand import updates
from .peer import Peer

if TYPE_CHECKING:
    from problems import Array, Training

    from .peer import Step


class MyGrad(Peer):
    title = "MyGrad"
    distribution = "mygrad"
    modules = ("mygrad", "mygrad.nnet")

    def train(self, problem: Training) -> Step:
        import mygrad as mg
        from mygrad.nnet import relu, softmax_crossentropy

        mg.turn_memory_guarding_off()  # as its manual advises for speed
        tensors = [mg.tensor(p) for p in problem.parameters]
        update = updates(problem._replace(layers=[(W.data, b.data) for W, b in zip(tensors[::2], tensors[1::2], strict=True)]))

        def step() -> list[Any]:
            h = problem.x
            for W, b in zip(tensors[:-2:2], tensors[1:-2:2], strict=True):
                h = relu(h @ W + b)
            scores = h @ tensors[-2] + tensors[-1]
            loss = (
                margin(mg, scores, problem.targets, tensors) if problem.loss == "margin" else softmax_crossentropy(scores, problem.targets)
            )
            loss.backward()
            gradients = [p.grad for p in tensors]  # the next use of p in a graph nulls p.grad
            update(gradients)
            return [loss, *gradients] if problem.gradients else [loss]

        return step

    def expression(self, x: Array) -> Step:
        import mygrad as mg

        return lambda: expression(mg, x)

    def leaf(self) -> Any:
        import mygrad as mg

        mg.turn_memory_guarding_off()
        return mg.tensor(1.0)
