"""What a picture shows: the boxes and arrows of a graph, or of its newest part."""

from __future__ import annotations

import reprlib
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..graph import Node, reachable

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Box", "Sketch", "sketch"]


class Box(NamedTuple):
    """One box: its kind ("op", "parameter", "constant" or "rest") and two lines of text, which are data, made printable."""

    kind: str
    title: str
    detail: str = ""


class Sketch(NamedTuple):
    """Boxes by name, parents first; edges from parent to child, in the order of the child's arguments; and the same as rows of text."""

    boxes: dict[str, Box]
    edges: list[tuple[str, str]]
    rows: list[tuple[str, str]]


def sketch(root: Node, max_nodes: int) -> Sketch:
    """The graph that ends in `root`, its nodes numbered from the oldest, of which the newest `max_nodes` are shown.

    >>> sketch(Node.leaf((2, 3), np.dtype("float32"), needs_grad=True), max_nodes=60).rows
    [('%1 = parameter', '(2, 3) float32')]
    """
    nodes = reachable([root])
    numbers = {node: k for k, node in enumerate(nodes, 1)}
    shown = _newest(nodes, max_nodes)
    drawn = Sketch({}, [], [])
    if left_out := len(nodes) - len(shown):
        drawn.boxes["rest"] = Box("rest", f"… {left_out:,} older nodes left out")
        drawn.rows.append((drawn.boxes["rest"].title, ""))
    for node in sorted(shown, key=lambda node: node.age):
        name, arrays = f"n{numbers[node]}", node.parents.count(None)
        if arrays:
            drawn.boxes[f"{name}_arrays"] = Box("constant", "constant" if arrays == 1 else f"{arrays:,} constants")
        sources = [
            f"{name}_arrays" if p is None else f"n{numbers[p]}" if p in shown else "rest" for p in node.parents if p is None or isinstance(p, Node)
        ]
        drawn.edges.extend((s, name) for k, s in enumerate(sources) if s[0] == "n" sources.index(s) == k)
        kind = "op" if node.op else "parameter" if node.needs_grad else "constant"
        drawn.boxes[name] = Box(kind, *_label(node))
        references = [f"%{numbers[p]}" if isinstance(p, Node) else "constant" if p is None else _brief(p) for p in node.parents]
    return drawn


def _newest(nodes: list[Node], limit: int) -> set[Node]:
    """The newest calls, each with the leaves that it reads, however old those are."""
    shown = {nodes[-1]}
    for node in reversed(nodes):
        for candidate in (node, *(p for p in node.parents if isinstance(p, Node) and p.op is None)) if node.op else ():
            if len(shown) == limit:
                return shown
            shown.add(candidate)
    return shown
