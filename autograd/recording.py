"""Recording: the values and gradients of all nodes, for those who want to look at them afterwards.

Plain training keeps only what its rules need.  Within `record()` every call keeps its inputs, its value, the cotangent that arrives and
what each argument receives: for pictures, the player and derivations with numbers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .mode import Watch
from .tracer import getval

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .graph import Node

__all__ = ["Seen", "record", "seen"]


class Seen:
    """What was seen of one node: copies, which later writes don't change.

    A call has `inputs` and, once `backward()` has passed, `cotangents`, one for each argument that has a derivative.  `value` and
    `gradient` are None until they are known; of a call with several outputs they are lists.
    """

    __slots__ = ("cotangents", "gradient", "inputs", "value")

    def __init__(self, inputs: list[Any], value: Any) -> None:
        self.inputs, self.value = inputs, value
        self.gradient: Any = None
        self.cotangents: dict[int, np.ndarray] = {}


def seen(node: Node) -> Seen | None:
    """What a `record` block kept of a node, or None.

    >>> from autograd.graph import Leaf
    >>> seen(Leaf((), np.dtype(float), needs_grad=True)) is None
    True
    """
    return getattr(node, "seen", None)


class record(Watch):  # noqa: N801  # a mode, as no_grad
    """Within it, every call keeps its values, and `backward()` its gradients, for `draw`, `play` and `explain` to show.

    >>> from autograd import Tensor, draw, record
    >>> x = Tensor([1., 2.], requires_grad=True)
    >>> with record():
    ...     y = (x * x).sum()
    ...     y.backward()
    >>> seen(y._node.parents[0]).value, seen(y._node.parents[0]).gradient
    (array([1., 4.]), array([1., 1.]))
    """

    def saw_call(self, node: Node, args: Sequence[Any], outputs: Iterable[Any]) -> None:
        """Keep the inputs and the value of a call, and the values of the leaves that it reads."""
        inputs = [None if a is None else np.array(getval(a)) for a in args]
        values = [np.array(y) for y in outputs]
        node.seen = Seen(inputs, values if node.plural else values[0])
        for parent, value in zip(node.parents, inputs, strict=True):
            if getattr(parent, "op", node.op) is None:  # a leaf
                parent.seen = Seen([], value)

    def saw_gradient(self, node: Node, g: Any) -> None:
        """Keep the cotangent of a node."""
        known = seen(node)
        if known is None:
            known = node.seen = Seen([], None)
        known.gradient = [_copy(part) for part in g] if isinstance(g, (list, tuple)) else _copy(g)

    def saw_cotangent(self, node: Node, i: int, g: Any, cotangent: Any) -> None:  # noqa: ARG002  # known from saw_gradient
        """Keep what argument `i` receives."""
        if (known := seen(node)) is not None:
            known.cotangents[i] = _copy(cotangent)


def _copy(g: Any) -> Any:
    return None if g is None else np.array(getval(g))
