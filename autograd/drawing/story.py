"""The two passes as the player tells them: a step for each box, forward, and then backward with what it receives and what it sends."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from ..recording import seen
from ..symbol.local import rule_in_text
from .facts import UNKNOWN, grid, printable, summary

if TYPE_CHECKING:
    from ..graph import Node
    from .sketch import Sketch
    from .view import Group, View

__all__ = ["local_rule", "tell"]

LONGEST = 160
"""The longest rule that is shown; of a longer one, what the op says of itself."""


def local_rule(node: Node, i: int) -> str:
    """The derivative of a call with respect to argument `i`, as a formula: the rule run on symbols, or else what the op says of itself.

    >>> from autograd import Tensor, ops, record
    >>> with record():
    ...     y = ops.exp(Tensor(0.0, requires_grad=True))
    >>> local_rule(y._node, 0)
    '∂y/∂x = y'
    """
    if node.number is not None:
        return "each output hands its part to the call"
    assert node.op is not None
    known = seen(node)
    if known is not None and node.op.rule(i) is not None:
        with suppress(Exception):  # a rule that looks at values, or one of the user's: the picture goes on without
            text = rule_in_text(node.op, i, known.inputs, node.options)
            if len(text) <= LONGEST:
                return text
    return " ".join((node.op.__doc__ or "").split("\n\n")[0].split("\n")).strip()


def tell(view: View, sketch: Sketch, note: str = "") -> dict[str, Any]:
    """Boxes and steps, as plain data; all text is printable.

    >>> from autograd import Tensor
    >>> from autograd.drawing.sketch import sketch
    >>> from autograd.drawing.view import View
    >>> x = Tensor(2.0, requires_grad=True)
    >>> view = View(x * x, (x * x)._node, 60, None, (), {})
    >>> tell(view, sketch(view))["steps"]
    [{'phase': 'forward', 'box': 'n2'}]
    """
    boxes: dict[str, Any] = {
        key: {"kind": box.kind, "title": box.title, "lines": box.lines, "within": [sketch.frames[f] for f in box.frames]}
        for key, box in sketch.boxes.items()
    }
    calls = [group for group in view.groups if group.folded or group.nodes[0].op is not None]
    inputs: dict[str, list[str]] = {group.key: [] for group in view.groups}
    for tail, head in sketch.edges:
        inputs[head].append(tail)
    for group in view.groups:
        boxes[group.key] |= _known(group, view, inputs[group.key])
    steps: list[dict[str, Any]] = [{"phase": "forward", "box": group.key} for group in calls]
    sent = {group.key: _sent(group, view) for group in calls}
    expected = Counter(parent for parts in sent.values() for parent, *_ in parts)
    arrived: dict[Node, list[dict[str, Any]]] = {}
    sums: dict[Node, Any] = {}
    for group in reversed(calls):
        if not any(_parts(node, view) for node in group.nodes):
            continue  # backward() did not come here, or nobody looked
        sends = []
        for parent, node, i, g in sent[group.key]:
            part = {"text": _line(g), "grid": grid(g)}
            target = view.group_of.get(parent)
            send: dict[str, Any] = {"to": target.key if target else "rest", "name": _named(parent, target, view), **part}
            if group.folded is None:
                send |= {"argument": _argument(node, i), "rule": printable(local_rule(node, i), 400)}
            if node.number is None and expected[parent] > 1:
                sums[parent] = sums[parent] + g if parent in sums else g
                arrived.setdefault(parent, []).append({"from": group.key, **part})
                send |= {"count": len(arrived[parent]), "of": expected[parent], "sum": _line(sums[parent])}
            sends.append(send)
        steps.append({"phase": "backward", "box": group.key, "sends": sends})
    for node, parts in arrived.items():
        if node in view.group_of and view.group_of[node].folded is None:
            boxes[view.group_of[node].key]["arrived"] = parts
    if not note and len(steps) == len(calls):
        note = "no gradients were recorded: call backward() within `with record():`"
    return {"boxes": boxes, "steps": steps, "note": printable(note, 400), "hidden": view.hidden}


def _line(a: Any) -> str:
    return UNKNOWN if a is None else printable(summary(a, 5), 120)


def _known(group: Group, view: View, inputs: list[str]) -> dict[str, Any]:
    """What the player says of a box beyond its picture."""
    node = group.nodes[-1]  # of a module's call, its result
    value, gradient = (None, None) if node.plural else (view.facts.value(node), view.facts.gradient(node))
    known: dict[str, Any] = {
        "name": printable(view.facts.name(node) or "") if group.folded is None else "",
        "shape": printable(f"{node.shape} {node.dtype}" if not node.plural else f"{len(node.shape)} outputs"),
        "value": {"text": _line(value), "grid": None if value is None else grid(value)},
        "gradient": {"text": _line(gradient), "grid": None if gradient is None else grid(gradient)} if node.needs_grad else None,
        "inputs": list(dict.fromkeys(inputs)),
    }
    if group.folded is None and node.op is not None:
        known["formula"] = printable((node.op.__doc__ or node.op.name).strip().splitlines()[0].strip(), 400)
    return known


def _named(node: Node, group: Group | None, view: View) -> str:
    """What a node that receives something is called; without a name of its own, as its box is."""
    folded = group.folded if group is not None else None
    return printable(view.facts.name(node) or (folded.label if folded else node.op.name if node.op else f"%{view.numbers[node]}"))


def _argument(node: Node, i: int) -> str:
    if node.number is not None or node.op is None:
        return ""
    return f"{node.op.arguments[0]}[{i}]" if node.op.variadic else node.op.arguments[i]


def _sent(group: Group, view: View) -> list[tuple[Node, Node, int, Any]]:
    """What a group sends: to which node, from which call, for which argument, and what; a folded one only what leaves it, added up."""
    sent: list[tuple[Node, Node, int, Any]] = []
    for node in reversed(group.nodes):
        sent += [(node.parents[i], node, i, g) for i, g in _parts(node, view).items()]
    if group.folded is None:
        return sent
    own = set(group.nodes)
    total: dict[Node, Any] = {}
    for parent, _, _, g in sent:
        if parent not in own:
            total[parent] = total[parent] + g if parent in total else g
    return [(parent, group.nodes[-1], 0, g) for parent, g in total.items()]


def _parts(node: Node, view: View) -> dict[int, Any]:
    """What each argument of a call received; an output of several hands all that it has to its call."""
    if node.number is None:
        return getattr(seen(node), "cotangents", {})
    g = view.facts.gradient(node)
    return {} if g is None else {0: g}
