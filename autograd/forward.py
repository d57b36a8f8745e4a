"""Forward mode: the same rules on the same graph, oldest node first.

A tangent is the derivative of a value along a direction.  An elementwise rule is a factor, and serves as it is; a multilinear op is its own
derivative in each argument.  Any other rule is a map g ↦ Jᵀ g, linear in g and made of ops: its transpose, t ↦ J t, is the pull-back of t
through that map.  So no op needs a second rule.
"""

from __future__ import annotations

from functools import reduce
from operator import add
from typing import TYPE_CHECKING, Any

import numpy as np

from .backward import conform, pull_back, saved_of
from .graph import Node, between
from .mode import GRAD, WATCH, call_recording
from .ops.shape import astype
from .tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["push_forward"]


def push_forward(seeds: dict[Node, Any], roots: Iterable[Node], lift: Callable[[Any, Node], Any] | None = None) -> dict[Node, Any]:
    """Carry the tangents `seeds` from their nodes to every node on the way to `roots`; returns the tangents of them all.

    With `lift`, saved arrays become Tensors with their history again, and so the tangents are themselves recorded.
    """
    tangents = dict(seeds)
    watch = WATCH.get()
    for node in between(seeds, roots):
        if node in seeds:
            continue
        if node.number is not None:  # one output of a call with several
            tangents[node] = tangents[node.parents[0]][node.number]
            continue
        tangents[node] = _push(node, tangents, lift) if watch is None else watch.run(node, None, _push, node, tangents, lift)
        if watch is not None:
            watch.saw_tangent(node, tangents[node])
    return tangents


def _push(node: Node, tangents: dict[Node, Any], lift: Callable[[Any, Node], Any] | None) -> Any:
    """The tangent of a call's output: the sum of what comes from each argument."""
    op, plan, saved = node.op, node.plan, saved_of(node, lift)
    assert op is not None
    assert plan is not None
    parts, through_rules = [], []
    for i, pull in plan.pulls:
        t = tangents.get(node.parents[i])
        if t is not None:
            push = op.push(i, plan.places)
            part = push(node, saved, t) if push is not None else None
            if part is not None and not node.plural and getattr(part, "shape", None) != node.shape:
                got = f"shape {part.shape}" if hasattr(part, "shape") else repr(part)
                raise ValueError(f"forward {op.describe_rule(i)}\nreturned {got}, wanted {node.shape}, the shape of the output")
            if part is None:
                through_rules.append((i, pull, t))
            else:
                parts.append(part)
    if through_rules:
        # The rules are run for their structure: what they compute is no anomaly.
        parts.append(call_recording(_transposed, node, saved, through_rules, lift, inside={GRAD: True, WATCH: None}))
    if node.plural:
        return tuple(reduce(add, outputs) for outputs in zip(*parts, strict=True))
    return reduce(add, [part if part.dtype == node.dtype else astype(part, node.dtype) for part in parts])


def _transposed(
    node: Node, saved: tuple[Any, ...], through_rules: list[tuple[int, Callable[..., Any], Any]], lift: Callable[[Any, Node], Any] | None
) -> Any:
    """Σᵢ Jᵢ tᵢ, as the pull-back of the tᵢ through the rules g ↦ Jᵢᵀ g."""
    kinds = list(zip(node.shape, node.dtype, strict=True)) if node.plural else [(node.shape, node.dtype)]
    cotangents = [Tensor(np.broadcast_to(np.zeros((), dtype), shape), requires_grad=True, copy=False) for shape, dtype in kinds]
    seeds: list[Any] = []
    for i, pull, t in through_rules:
        image = conform(pull(node, saved, tuple(cotangents) if node.plural else cotangents[0]), node, i)
        if isinstance(image, Tensor) and image.requires_grad:
            seeds.append((image._node, t))
    ends = [c._node for c in cotangents]
    arrived: dict[Any, Any] = pull_back(seeds, lift, ends)[0] if seeds else {}  # type: ignore[arg-type]  # leaves have nodes
    parts = [arrived[end] if end in arrived else np.zeros(shape, dtype) for end, (shape, dtype) in zip(ends, kinds, strict=True)]
    return tuple(parts) if node.plural else parts[0]
