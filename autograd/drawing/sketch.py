"""What a picture says: the boxes, frames and arrows of a view, and the same as lines of text."""

from __future__ import annotations

import reprlib
from inspect import signature
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..graph import Node
from .facts import UNKNOWN, printable, saved_values, summary

if TYPE_CHECKING:
    from .view import Group, View

__all__ = ["Box", "Row", "Sketch", "parents_of", "sketch"]


class Box(NamedTuple):
    """One box: its kind ("op", "parameter", "constant", "module" or "rest"), its text, and the keys of the frames around it."""

    kind: str
    title: str
    lines: tuple[str, ...] = ()
    frames: tuple[str, ...] = ()


class Row(NamedTuple):
    """What a terminal says of a box."""

    text: str
    form: str = ""
    value: str = ""
    gradient: str = ""
    module: str = ""
    saved: str = ""


class Sketch(NamedTuple):
    """Boxes by key, parents first; edges from parent to child, in the order of the child's arguments; labels of the frames; and rows.

    All text in it is data, made printable.
    """

    boxes: dict[str, Box]
    edges: list[tuple[str, str]]
    frames: dict[str, str]
    rows: list[Row]


def sketch(view: View, *, saved: bool = False) -> Sketch:
    """The boxes of a view; with `saved`, they tell which arrays each call keeps for its rules.

    >>> from autograd import Tensor
    >>> from autograd.drawing.view import View
    >>> x = Tensor(2.0, requires_grad=True, name="x")
    >>> list(sketch(View(x * x, (x * x)._node, 60, None, (), {})).boxes.values())[0].lines
    ('() float64', 'value 2', 'gradient not recorded')
    """
    drawn = Sketch({}, [], {}, [])
    if view.hidden:
        drawn.boxes["rest"] = Box("rest", f"… {view.hidden:,} older nodes left out")
        drawn.rows.append(Row(drawn.boxes["rest"].title))
    for group in view.groups:
        frames = tuple(f"f{scope.start}" for scope in group.frames)
        drawn.frames.update({key: printable(scope.label) for key, scope in zip(frames, group.frames, strict=True)})
        sources = parents_of(group, view)
        if constants := sources.count("constant"):
            key = f"c{group.key[1:]}"
            drawn.boxes[key] = _constants(group.nodes[0], constants, view)._replace(frames=frames)
            sources = [key if source == "constant" else source for source in sources]
        apart = group.folded is None  # then x·x has two arrows from x
        drawn.edges.extend(
            (source, group.key) for k, source in enumerate(sources) if sources.index(source) == k or (apart and source[0] in "ns")
        )
        row, box = _folded(group, view) if group.folded else _told(group.nodes[0], view, saved=saved)
        drawn.rows.append(row._replace(module=printable(group.frames[-1].path if group.frames else "")))
        drawn.boxes[group.key] = box._replace(frames=frames)
    numbers = {key: f"f{k}" for k, key in enumerate(drawn.frames, 1)}  # ages differ from run to run
    boxes = {key: box._replace(frames=tuple(numbers[f] for f in box.frames)) for key, box in drawn.boxes.items()}
    return drawn._replace(boxes=boxes, frames={numbers[key]: label for key, label in drawn.frames.items()})


def parents_of(group: Group, view: View) -> list[str]:
    """Where the arguments of a group come from: keys of groups, "rest" or "constant"; nothing that stays inside it."""
    parents = [p for node in group.nodes for p in node.parents if isinstance(p, Node) or (p is None and group.folded is None)]
    sources = ["constant" if p is None else view.group_of[p].key if p in view.group_of else "rest" for p in parents]
    return [source for source in sources if source != group.key]


def _told(node: Node, view: View, *, saved: bool) -> tuple[Row, Box]:
    """A node by itself."""
    kind = "op" if node.op else "parameter" if node.needs_grad else "constant"
    name = view.facts.name(node)
    title, text = _words(node, kind, name, view.numbers)
    form, value, gradient, lines = _figures(node, view)
    keeps = _saved(node) if saved and node.op and node.number is None else ""
    lines += [keeps] if keeps else []
    row = Row(printable(f"%{view.numbers[node]} = {text}".rstrip(), 80), form, value, gradient, "", keeps)
    return row, Box(kind, printable(title), tuple(lines))


def _figures(node: Node, view: View) -> tuple[str, str, str, list[str]]:
    """Shape and dtype, value and gradient of a node, and the same as the lines of a box."""
    values = zip(node.shape, node.dtype, strict=True) if node.plural else [(node.shape, node.dtype)]
    form = printable(", ".join(f"{shape} {dtype}" for shape, dtype in values))
    if node.plural:  # its outputs tell their own
        return form, "", "", [form]
    value, gradient = _summary(view.facts.value(node)), _summary(view.facts.gradient(node)) if node.needs_grad else ""
    if value == gradient == UNKNOWN:
        return form, value, gradient, [form, f"value and gradient {UNKNOWN}"]
    return form, value, gradient, [form, f"value {value}", *([f"gradient {gradient}"] if gradient else [])]


def _summary(a: Any) -> str:
    return UNKNOWN if a is None else printable(summary(a), 60)


def _folded(group: Group, view: View) -> tuple[Row, Box]:
    """The nodes of a module's call in one box, with what is known of its result."""
    scope, last = group.folded, group.nodes[-1]
    assert scope is not None
    parameters = [node for node in group.nodes if node.op is None and node.needs_grad]
    calls = sum(node.op is not None for node in group.nodes)
    size = f"{calls:,} op{'s' * (calls != 1)}"
    if parameters:
        size += f", {sum(int(np.prod(node.shape)) for node in parameters):,} parameters"
    form, value, gradient, lines = _figures(last, view)
    title = printable(scope.label)
    return Row(f"{title}: {size}", form, value, gradient), Box("module", title, (size, *lines))


def _constants(node: Node, count: int, view: View) -> Box:
    """The arrays of a call that are no nodes, in one box."""
    if count > 1:
        return Box("constant", f"{count:,} constants")
    name, value = view.facts.constant(node)
    lines = () if value is None else (f"{np.shape(value)} {np.asarray(value).dtype}", f"value {_summary(value)}")
    return Box("constant", printable(name or "constant"), lines)


def _saved(node: Node) -> str:
    """Which arrays a call keeps for its rules."""
    if node.saved is None:
        return "saved arrays were freed"
    op, arrays = node.op, []
    assert op is not None
    for place, _, value in saved_values(node):
        name = "y" if place is None or place == len(node.parents) else op.arguments[0] if op.variadic else op.arguments[place]
        arrays.append(f"{name} {np.shape(value)} {value.dtype}")
    return printable(f"saves {', '.join(arrays) or 'nothing'}", 80)


def _words(node: Node, kind: str, name: str | None, numbers: dict[Node, int]) -> tuple[str, str]:
    """A node in a box and in a line of text.

    A call is `multiply(·, 2.0)` and `multiply(%1, 2.0)`; in a box only what does not arrive by arrows.
    """
    if node.op is None:
        return name or kind, f"{kind} {name or ''}"
    op = node.op.name if node.number is None else f"{node.op.name}[{node.number}]"
    defaults = signature(node.op).parameters
    options = node.options if node.number is None else {}
    told = [f"{k}={_brief(v)}" for k, v in options.items() if _brief(v) != _brief(defaults[k].default)]
    marks = ["·" if p is None or isinstance(p, Node) else _brief(p) for p in node.parents]
    sources = ["constant" if p is None else f"%{numbers[p]}" if isinstance(p, Node) else _brief(p) for p in node.parents]
    inside = told if set(marks) == {"·"} else marks + told  # what arrives by arrows is seen
    title = f"{op}({', '.join(inside)})" if inside else op
    given = f"{name} = " if name else ""
    return given + title, f"{given}{op}({', '.join(sources + told)})"


class _Brief(reprlib.Repr):
    """Values as a label shows them: numbers in full, arrays by their shape."""

    def repr1(self, x: Any, level: int) -> str:
        return f"array{x.shape}" if isinstance(x, np.ndarray) else str(x) if isinstance(x, np.generic) else super().repr1(x, level)


_brief = _Brief().repr
