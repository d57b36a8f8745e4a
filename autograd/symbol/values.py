"""What the values in a graph were: recorded, or still saved for its rules, or computed again from those."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..graph import Node
from ..recording import seen

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Values"]


class Values:
    """The value of each node and of each constant argument, as far as they can be known.

    >>> from autograd import Tensor
    >>> from autograd.graph import reachable
    >>> x = Tensor([1., 2.], requires_grad=True)
    >>> y = x * x + 1
    >>> Values(reachable([y._node])).of(y._node)
    array([2., 5.])
    """

    def __init__(self, nodes: Sequence[Node]) -> None:
        self.known: dict[Node, Any] = {}
        self.constants: dict[tuple[Node, int], Any] = {}
        self.complete = True
        for node in nodes:
            self._look(node)
        for node in nodes:  # oldest first
            if node not in self.known:
                self.known[node] = self._again(node)

    def of(self, node: Node) -> Any:
        """The value of a node."""
        return self.known[node]

    def argument(self, node: Node, k: int) -> Any:
        """The value of argument `k` of a call."""
        parent = node.parents[k]
        if isinstance(parent, Node):
            return self.known[parent]
        return self.constants.get((node, k)) if parent is None else parent

    def _look(self, node: Node) -> None:
        if (record := seen(node)) is not None and record.value is not None:
            self.known[node] = tuple(record.value) if node.plural else record.value
            for k, value in enumerate(record.inputs):
                self._note(node, k, value)
        elif node.op is None:
            tensor = node.owner() if node.owner is not None else None
            if tensor is not None:
                self.known[node] = tensor.data
        if node.saved and node.plan is not None:
            for k, value in zip(node.plan.saves, node.saved, strict=True):
                if k < len(node.parents):
                    self._note(node, k, value)
                elif k == len(node.parents):
                    self.known.setdefault(node, value)

    def _note(self, node: Node, k: int, value: Any) -> None:
        parent = node.parents[k]
        if isinstance(parent, Node):
            self.known.setdefault(parent, value)
        elif parent is None and value is not None:
            self.constants[node, k] = value

    def _again(self, node: Node) -> Any:
        """The value, computed again; numbers of the right shape where an argument is unknown."""
        if node.number is not None:
            return self.known[node.parents[0]][node.number]
        arguments = [self.argument(node, k) for k in range(len(node.parents))]
        if node.op is not None and all(a is not None for a in arguments):
            return node.op.forward(*arguments, **node.options)
        self.complete = False
        if node.plural:
            return tuple(_stand_in(s, d) for s, d in zip(node.shape, node.dtype, strict=True))
        return _stand_in(node.shape, node.dtype)


def _stand_in(shape: tuple[int, ...], dtype: Any) -> Any:
    return np.random.default_rng(0).uniform(0.5, 1.5, shape).astype(dtype)
