"""What a picture shows: the boxes and arrows of a graph, or of its newest part."""

from __future__ import annotations

import reprlib
from inspect import signature
from typing import Any, NamedTuple

import numpy as np

from ..graph import Node, reachable

__all__ = ["Box", "Sketch", "sketch"]


class Box(NamedTuple):
    """One box: its kind ("op", "parameter", "constant" or "rest") and two lines of text, which are data, made printable."""

    kind: str
    title: str
    detail: str = ""


class Sketch(NamedTuple):
    """Boxes by name, parents first; edges from parent to child, in the order of the child's arguments; and the same as lines of text."""

    boxes: dict[str, Box]
    edges: list[tuple[str, str]]
    lines: list[tuple[str, str]]


def sketch(root: Node, max_nodes: int) -> Sketch:
    """The graph that ends in `root`, its nodes numbered from the oldest, of which the newest `max_nodes` are shown.

    >>> from autograd.graph import Leaf
    >>> sketch(Leaf((2, 3), np.dtype("float32"), needs_grad=True), max_nodes=60).lines
    [('%1 = parameter', '(2, 3) float32')]
    """
    nodes = reachable([root])
    numbers = {node: k for k, node in enumerate(nodes, 1)}
    shown = _newest(nodes, max_nodes)
    drawn = Sketch({}, [], [])
    if left_out := len(nodes) - len(shown):
        drawn.boxes["rest"] = Box("rest", f"… {left_out:,} older nodes left out")
        drawn.lines.append((drawn.boxes["rest"].title, ""))
    for node in sorted(shown, key=lambda node: node.age):
        name, constants = f"n{numbers[node]}", f"c{numbers[node]}"
        if arrays := node.parents.count(None):
            drawn.boxes[constants] = Box("constant", "constant" if arrays == 1 else f"{arrays:,} constants")
        parents = [p for p in node.parents if p is None or isinstance(p, Node)]
        sources = [constants if p is None else f"n{numbers[p]}" if p in shown else "rest" for p in parents]
        drawn.edges.extend((source, name) for k, source in enumerate(sources) if source[0] == "n" or sources.index(source) == k)
        kind = "op" if node.op else "parameter" if node.needs_grad else "constant"
        title, text = _words(node, kind, numbers)
        several = isinstance(node.dtype, tuple)  # a call with several outputs
        values = zip(node.shape, node.dtype, strict=True) if several else [(node.shape, node.dtype)]
        detail = _printable(", ".join(f"{shape} {dtype}" for shape, dtype in values))
        drawn.boxes[name] = Box(kind, _printable(title), detail)
        drawn.lines.append((_printable(f"%{numbers[node]} = {text}".rstrip(), 80), detail))
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


def _words(node: Node, kind: str, numbers: dict[Node, int]) -> tuple[str, str]:
    """A node in a box and in a line of text.

    A call is `multiply(·, 2.0)` and `multiply(%1, 2.0)`; in a box only what does not arrive by arrows.
    """
    if node.op is None:
        return node.name or kind, f"{kind} {node.name or ''}"
    op = node.op.name if node.number is None else f"{node.op.name}[{node.number}]"
    defaults = signature(node.op).parameters
    options = node.options if node.number is None else {}
    told = [f"{k}={_brief(v)}" for k, v in options.items() if _brief(v) != _brief(defaults[k].default)]
    marks = ["·" if p is None or isinstance(p, Node) else _brief(p) for p in node.parents]
    sources = ["constant" if p is None else f"%{numbers[p]}" if isinstance(p, Node) else _brief(p) for p in node.parents]
    inside = told if set(marks) == {"·"} else marks + told  # what arrives by arrows is seen
    title = f"{op}({', '.join(inside)})" if inside else op
    given = f"{node.name} = " if node.name else ""
    return given + title, f"{given}{op}({', '.join(sources + told)})"


class _Brief(reprlib.Repr):
    """Values as a label shows them: numbers in full, arrays by their shape."""

    def repr1(self, x: Any, level: int) -> str:
        return f"array{x.shape}" if isinstance(x, np.ndarray) else str(x) if isinstance(x, np.generic) else super().repr1(x, level)


_brief = _Brief().repr


def _printable(text: str, most: int = 48) -> str:
    """The text on one line, what is invisible in it written as `repr` does, cut to `most` characters.

    >>> _printable("W1"), _printable("a" * 99, 4)
    ('W1', 'aaa…')
    """
    line = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text[: most + 1])
    return line if len(line) <= most else line[: most - 1] + "…"
