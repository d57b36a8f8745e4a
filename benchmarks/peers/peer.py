"""What a peer is."""
# ruff: noqa: ARG002  (what a peer does not do needs no arguments)

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from problems import Array, Training

    Step = Callable[[], Any]

PEERS: dict[str, Peer] = {}


class NotDoneError(Exception):
    """The peer does not do this workload."""


class Peer:
    """One library, or one way to use it: what it is called, and how it does the workloads that it can do."""

    title: str
    distribution: str  # whose version is reported
    modules: tuple[str, ...] = ()  # what `import` is timed for: first the core, then all that training needs
    own_environment: tuple[str, ...] = ()  # what pip installs for it, where it cannot share an environment with ours
    outputs_first = False  # whether a layer's weights are (out, in)
    compiled = False  # whether a step only repeats what was laid out before, by a compiler or by hand

    def __init_subclass__(cls) -> None:
        PEERS[cls.__name__.lower()] = cls()

    def version(self) -> str:
        """The version that is installed; raises ImportError, with a word about what is missing, where the peer can't run."""
        from importlib.metadata import PackageNotFoundError, version

        try:
            return version(self.distribution)
        except PackageNotFoundError:
            raise ImportError(f"not installed: pip install {self.distribution}") from None

    def caches(self, folder: Path) -> dict[str, str]:
        """The environment variables that put all that it keeps on disk from process to process into a folder."""
        return {}

    def array(self, value: Any) -> Array:
        """What a step returns, as NumPy has it."""
        return np.asarray(value)

    def train(self, problem: Training) -> Step:
        """Set up an MLP; the function returned makes one training step, to its end.

        It returns a list of the loss before it and, if the problem wants them, the gradients of weights and biases in turn.
        """
        raise NotDoneError

    def expression(self, x: Array) -> Step:
        """Set up `problems.expression`; the function returned returns its value at x."""
        raise NotDoneError

    def hessian(self, w: Array, X: Array, y: Array) -> Step:
        """Set up `problems.logistic`; the function returned returns its Hessian in w."""
        raise NotDoneError

    def leaf(self) -> Any:
        """A scalar 1.0 that requires a gradient."""
        raise NotDoneError

    def record(self, function: Callable[[Any], Any]) -> Step:
        """Build the graph of `function` at 1.0; the function returned runs backward and returns the gradient."""
        x = self.leaf()
        y = function(x)

        def backward() -> Any:
            y.backward()
            return x.grad

        return backward
