"""Reverse mode: the chain rule, newest node first.

Every node's cotangent is complete when its turn comes, because all its uses are younger.  A priority queue keyed by age is all the
topological sorting there is.
"""

from __future__ import annotations

from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING, Any

import numpy as np

from .graph import Node, Output, between, check_fresh, newest_write
from .mode import WATCH
from .ops.shape import astype

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

__all__ = ["conform", "pull_back", "saved_of"]


def pull_back(
    seeds: Sequence[tuple[Node, Any]], lift: Callable[[Any, Node], Any] | None = None, towards: Collection[Node] = ()
) -> tuple[dict[Node, Any], list[Node]]:
    """Carry the cotangents `seeds` from their nodes to every node that these are made of, or only `towards` some, and no further.

    Returns the cotangents of the nodes that someone asked for (leaves, retained values; with `towards`, those), and the nodes passed.  With
    `lift`, saved arrays become Tensors with their history again, and so the cotangents are themselves recorded.
    """
    useful = set(between(towards, [node for node, _ in seeds])) if towards else None
    pending: dict[Node, Any] = {}
    for node, g in seeds:
        if useful is None or node in useful:
            pending[node] = pending[node] + g if node in pending else g
    queue = [(-node.age, node) for node in pending if node.op is not None]
    heapify(queue)
    arrived: dict[Node, Any] = {}
    passed: list[Node] = []
    written, watch = newest_write(), WATCH.get()
    careful = lift is not None or watch is not None
    while queue:
        node = heappop(queue)[1]
        g = pending.pop(node)
        if towards:
            if node in towards:
                arrived[node] = g
                continue
        elif node.owner is not None:  # someone asked
            arrived[node] = g
        if node.number is not None:
            _deliver_part(node, g, pending, queue)
            continue
        saved, parents = node.saved, node.parents
        if saved is None or node.age < written or careful:
            saved = saved_of(node, lift)
            if watch is not None:
                watch.saw_gradient(node, g)
        passed.append(node)
        if type(g) is list:
            g = tuple(np.zeros(s, d) if part is None else part for part, s, d in zip(g, node.shape, node.dtype, strict=True))
        for i, pull in node.plan.pulls:  # type: ignore[union-attr]  # a recorded call has a plan
            parent = parents[i]
            if useful is not None and parent not in useful:
                continue
            try:
                cotangent = pull(node, saved, g) if watch is None else watch.run(node, i, pull, node, saved, g)
            except Exception as error:
                error.add_note(f"in the {node.op.describe_rule(i)}")  # type: ignore[union-attr]
                raise
            if getattr(cotangent, "shape", None) != parent.shape or cotangent.dtype != parent.dtype:
                cotangent = conform(cotangent, node, i)
            if watch is not None:
                watch.saw_cotangent(node, i, g, cotangent)
            earlier = pending.get(parent)
            if earlier is not None:
                pending[parent] = earlier + cotangent
            elif parent.op is not None:
                pending[parent] = cotangent
                heappush(queue, (-parent.age, parent))
            else:  # a leaf's gradient shares memory with nothing
                shared = type(cotangent) is np.ndarray and (cotangent is g or cotangent.base is not None)
                pending[parent] = cotangent.copy() if shared else cotangent
    arrived |= pending  # what is left are the leaves
    if watch is not None:
        for node, g in arrived.items():
            watch.saw_gradient(node, g)
    return arrived, passed


def _deliver_part(node: Node, g: Any, pending: dict[Node, Any], queue: list[tuple[int, Node]]) -> None:
    """Hand the cotangent of one output to its call, which waits for all of them."""
    call, number = node.parents[0], node.number
    if call not in pending:
        pending[call] = [None] * len(call.shape)
        heappush(queue, (-call.age, call))
    parts = pending[call]
    parts[number] = g if parts[number] is None else parts[number] + g


def saved_of(node: Node, lift: Callable[[Any, Node], Any] | None = None) -> tuple[Any, ...]:
    """What a call saved for its rules; with `lift`, its arrays as Tensors with the history that they had."""
    if node.saved is None:
        raise RuntimeError(
            f"the graph has been freed by an earlier backward(): {node.op.name} has no saved arrays any more; "  # type: ignore[union-attr]
            "run the forward pass again, or give the first backward() retain_graph=True"
        )
    check_fresh(node)
    if (watch := WATCH.get()) is not None:
        watch.saw_saved(node)
    if lift is None:
        return node.saved
    sources = (*node.parents, node)
    values = []
    for k, value in zip(node.plan.saves, node.saved, strict=True):  # type: ignore[union-attr]  # a recorded call has a plan
        source = sources[k] if k < len(sources) else None
        if not isinstance(source, Node) or not source.needs_grad:
            values.append(value)
        elif source is node and isinstance(value, tuple):
            values.append(tuple(lift(v, Output(node, n)) for n, v in enumerate(value)))
        else:
            values.append(lift(value, source))
    return tuple(values)


def conform(cotangent: Any, node: Node, i: int) -> Any:
    """Cast a cotangent to the dtype of its argument where the op itself has cast; anything else is a wrong rule, and named."""
    parent, op = node.parents[i], node.op
    assert op is not None
    shape = getattr(cotangent, "shape", None)
    if shape is None:
        got = f"a {type(cotangent).__name__}" if isinstance(cotangent, (tuple, list)) else repr(cotangent)
        hint = "; is a return missing?" if cotangent is None else ""
        raise TypeError(f"{op.describe_rule(i)}\nreturned {got}, wanted an array of shape {parent.shape}{hint}")
    if shape != parent.shape:
        raise ValueError(f"{op.describe_rule(i)}\nreturned shape {shape}, wanted {parent.shape}, the shape of the argument")
    if cotangent.dtype == parent.dtype:
        return cotangent
    mixed = node.dtype != parent.dtype or any(getattr(a, "dtype", parent.dtype) != parent.dtype for a in node.saved or ())
    if not mixed or cotangent.dtype.kind not in "fc":
        raise TypeError(f"{op.describe_rule(i)}\nreturned dtype {cotangent.dtype}, wanted {parent.dtype}; use Python numbers for constants")
    if cotangent.dtype.kind == "c" and parent.dtype.kind == "f":
        cotangent = cotangent.real
    return astype(cotangent, parent.dtype)
