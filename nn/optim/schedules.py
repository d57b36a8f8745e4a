"""Learning rates that change from step to step."""

from __future__ import annotations

from math import cos, pi
from typing import TYPE_CHECKING, Any

import numpy as np

from ..functional import has_values
from .optimizers import as_number

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from .optimizers import Optimizer

__all__ = ["CosineLR", "Schedule", "StepLR"]


class Schedule:
    """A learning rate as a function of the step count: `step()` after each optimiser step (or epoch) moves it on.

    >>> from autograd import Tensor
    >>> from nn.optim import SGD
    >>> opt = SGD([Tensor(1.0, requires_grad=True)], lr=0.5)
    >>> schedule = Schedule(opt, lambda n: 1 / (1 + n))
    >>> schedule.step()
    >>> opt.lr
    0.25
    """

    def __init__(self, optimizer: Optimizer, factor: Callable[[int], float]) -> None:
        self.optimizer, self.factor, self.base, self.count = optimizer, factor, optimizer.lr, 0
        optimizer.lr = self.base * factor(0)

    def step(self) -> None:
        """Move on by one."""
        if not has_values(self.optimizer.state["lr"]):
            raise RuntimeError(f"{type(self).__name__}.step: a compiled function would leave the count where it is; call it outside")
        self.optimizer.lr = self.base * self.factor(self.count + 1)
        self.count += 1

    def state_dict(self) -> dict[str, NDArray[Any]]:
        """The count and the base rate."""
        return {"count": np.array(self.count), "base": np.array(self.base)}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take over a saved count and base rate; on an error nothing has changed."""
        if missing := {"count", "base"} - state.keys():
            raise ValueError(f"{type(self).__name__}.load_state_dict: {', '.join(sorted(missing))} is missing; nothing was loaded")
        count, base = int(state["count"]), float(state["base"])
        as_number(type(self).__name__, "count", count)
        as_number(type(self).__name__, "base", base)
        self.count, self.base = count, base
        self.optimizer.lr = base * self.factor(count)


class StepLR(Schedule):
    """The rate times γ after every `step_size` steps: lr γ^⌊n/step_size⌋.

    >>> from autograd import Tensor
    >>> from nn.optim import SGD
    >>> opt = SGD([Tensor(1.0, requires_grad=True)], lr=1.0)
    >>> schedule = StepLR(opt, step_size=2, gamma=0.5)
    >>> rates = []
    >>> for _ in range(4):
    ...     rates.append(opt.lr)
    ...     schedule.step()
    >>> rates
    [1.0, 1.0, 0.5, 0.5]
    """

    def __init__(self, optimizer: Optimizer, step_size: int, gamma: float = 0.1) -> None:
        if not isinstance(step_size, int) or step_size < 1:
            raise ValueError(f"StepLR: got step_size={step_size!r}, wanted a whole number of at least 1")
        as_number("StepLR", "gamma", gamma)
        super().__init__(optimizer, lambda n: gamma ** (n // step_size))


class CosineLR(Schedule):
    """A linear warm-up over `warmup` steps, then half a cosine down to `final` times the rate at step `total`.

    Source: Loshchilov & Hutter 2017, arXiv:1608.03983.

    >>> from autograd import Tensor
    >>> from nn.optim import SGD
    >>> opt = SGD([Tensor(1.0, requires_grad=True)], lr=1.0)
    >>> schedule = CosineLR(opt, total=4, warmup=2)
    >>> rates = []
    >>> for _ in range(5):
    ...     rates.append(round(opt.lr, 3))
    ...     schedule.step()
    >>> rates
    [0.5, 1.0, 1.0, 0.5, 0.0]
    """

    def __init__(self, optimizer: Optimizer, total: int, warmup: int = 0, final: float = 0.0) -> None:
        if not 0 <= warmup < total:
            raise ValueError(f"CosineLR: got warmup={warmup}, wanted 0 ≤ warmup < total={total}")
        as_number("CosineLR", "final", final)

        def factor(n: int) -> float:
            if n < warmup:
                return (n + 1) / warmup
            done = min(1.0, (n - warmup) / (total - warmup))
            return final + (1 - final) * (1 + cos(pi * done)) / 2

        super().__init__(optimizer, factor)
