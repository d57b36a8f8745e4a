"""A program as a picture, drawn as graphs are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..drawing import Picture
from ..drawing.facts import UNKNOWN, printable
from ..drawing.sketch import Box, Row, Sketch
from .listing import call_text, form, named
from .program import Program, Step, Value, values_of
from .substitutes import Function, Indexed

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["picture"]


def picture(program: Program, captured: Collection[int] = (), max_nodes: int = 60) -> Picture:
    """The steps of a program as boxes: arguments and constants above, what is returned or written at the bottom.

    `captured` are the numbers of the inputs that are no arguments, drawn as parameters are.  Of more than `max_nodes` boxes the oldest are
    left out.

    >>> import numpy as np
    >>> from autograd import ops
    >>> from autograd.compiler.program import Input
    >>> from autograd.compiler.simpler import call
    >>> x = Value((2,), np.dtype(float))
    >>> y = call(ops.multiply, (x, 2.0), {}, x)
    >>> picture(Program([Input(x, "x")], [y.step], [y]))
    x                      float64[2]
    %1 = multiply(x, 2.0)  float64[2]
    """
    names, drawn = named(program), Sketch({}, [], {}, [])
    fates = dict.fromkeys(program.outputs, "returned") | {v: f"written to {names[x]}" for x, v in program.writes}
    parameters = {program.inputs[k].value for k in captured}
    shown = newest(program, max_nodes)
    hidden = len(program.steps) - sum(isinstance(made, Step) for made in shown)
    if hidden:
        drawn.boxes["rest"] = Box("rest", f"… {hidden:,} older steps left out")
        drawn.rows.append(Row(drawn.boxes["rest"].title))
    keys: dict[Value, str] = {}
    for number, made in enumerate(shown, 1):
        key, values = f"n{number}", made.results if isinstance(made, Step) else (made,)
        keys |= dict.fromkeys(values, key)
        lines = [*map(form, values), *(fates[v] for v in values if v in fates)]
        if isinstance(made, Step):
            marks = ["·" if drawn_apart(a) else names.get(a, repr(a)) for a in made.args]
            bare = {*marks} == {"·"} and not isinstance(made.op, (Function, Indexed))
            kind, title = "op", call_text(made, [] if bare else marks).removesuffix("()")
            text = f"{names[values[0]].partition('.')[0]} = {call_text(made, [names.get(a, repr(a)) for a in made.args])}"
            drawn.edges.extend((keys.get(a, "rest"), key) for a in made.args if drawn_apart(a))
        else:
            kind, title, text = "parameter" if made in parameters else "constant", names[made], names[made]
        drawn.boxes[key] = Box(kind, printable(title), tuple(map(printable, lines)))
        drawn.rows.append(Row(printable(text, 80), printable(", ".join(map(form, values)))))
    return Picture(drawn, story(drawn))


def drawn_apart(a: Any) -> bool:
    """Whether an argument has a box: inputs, results, and constants of more than one number."""
    return isinstance(a, Value) and (a.content is None or a.shape != ())


def newest(program: Program, most: int) -> list[Value | Step]:
    """The inputs and constants that are used, and then the steps; of too many, the newest steps with what they read."""
    leaves: dict[Value, None] = {}
    steps: list[Step] = []
    for v in program.results():
        if v.step is None:
            leaves[v] = None
    for step in reversed(program.steps):
        new = [v for v in values_of(step) if v.step is None and drawn_apart(v) and v not in leaves]
        if len(leaves) + len(steps) + len(dict.fromkeys(new)) >= most and steps:
            break
        leaves |= dict.fromkeys(new)
        steps.append(step)
    order = [*(i.value for i in program.inputs), *program.constants()]
    return [*(v for v in order if v in leaves), *reversed(steps)]


def story(sketch: Sketch) -> dict[str, Any]:
    """The steps one by one, for a page of HTML."""
    boxes: dict[str, Any] = {}
    for key, box in sketch.boxes.items():
        value = {"text": UNKNOWN, "grid": None}
        inputs = [tail for tail, head in sketch.edges if head == key]
        boxes[key] = {"kind": box.kind, "title": box.title, "lines": box.lines, "within": [], "inputs": list(dict.fromkeys(inputs))}
        boxes[key] |= {"name": "", "shape": box.lines[0] if box.lines else "", "value": value, "gradient": None}
    steps = [{"phase": "forward", "box": key} for key, box in sketch.boxes.items() if box.kind == "op"]
    return {"boxes": boxes, "steps": steps, "note": "", "hidden": 0}
