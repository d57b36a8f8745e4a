"""Graphviz: the picture in its language, and its help in laying it out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .layout import TIP, Curve, Placement
from .look import INK, LOOKS, WIRE, size

if TYPE_CHECKING:
    from .sketch import Box, Sketch

__all__ = ["place_by_graphviz", "run_graphviz", "write_dot"]

INCH = 72.0  # points; Graphviz gives places in inches
PATIENCE = 5.0  # seconds, so that there is a picture or a message well within ten


def write_dot(sketch: Sketch, *, labels: bool = True) -> str:
    """The sketch in the DOT language; without labels, only what a layout needs: so Graphviz is shown no text but ours.

    >>> from autograd.drawing.sketch import Box, Sketch
    >>> print(write_dot(Sketch({"n1": Box("op", "a|b")}, [], {}, []), labels=False))
    digraph {
      graph [ordering="in", nodesep=0.25, ranksep=0.4, bgcolor="transparent"]
      node [shape="box", fontname="monospace", fontsize=11, fontcolor="#1f2937", height=0.4, margin="0.14,0.06"]
      edge [color="#8491a5", arrowsize=0.7]
      n1 [label="", fixedsize=true, width=0.578, height=0.361]
    }
    """
    lines = [
        "digraph {",
        '  graph [ordering="in", nodesep=0.25, ranksep=0.4, bgcolor="transparent"]',
        f'  node [shape="box", fontname="monospace", fontsize=11, fontcolor="{INK}", height=0.4, margin="0.14,0.06"]',
        f'  edge [color="{WIRE}", arrowsize={TIP / 10}]',
    ]
    lines += _level(sketch, (), labels)
    for tail, head in sketch.edges:
        start, end = sketch.boxes[tail], sketch.boxes[head]
        facts = {"rest": ["style=dashed"], "op": ["weight=8"], "module": ["weight=8"]}.get(start.kind, [])  # calls straight, leaves aside
        facts += ["minlen=2"] * (start.frames != end.frames)  # a rank for the leaves of the next frame
        lines.append(f"  {tail} -> {head}" + (f" [{', '.join(facts)}]" if facts else ""))
    return "\n".join([*lines, "}"]) + "\n"


def _level(sketch: Sketch, outer: tuple[str, ...], labels: bool) -> list[str]:
    """The boxes directly within the frames `outer`, and the frames there with what they hold."""
    indent, depth = "  " * (len(outer) + 1), len(outer)
    inside = {key: box for key, box in sketch.boxes.items() if box.frames[:depth] == outer}
    lines = [f"{indent}{key} [{_facts(box, labels)}]" for key, box in inside.items() if len(box.frames) == depth]
    for frame in dict.fromkeys(box.frames[depth] for box in inside.values() if len(box.frames) > depth):
        label = _quoted(sketch.frames[frame]) if labels else "x"  # which keeps room for a line of text
        style = f'fontname="monospace", fontsize=10, fontcolor="{INK}", labeljust="l", style="rounded", color="{WIRE}"'
        lines += [f"{indent}subgraph cluster_{frame} {{", f'{indent}  graph [label="{label}", {style}]']
        lines += [*_level(sketch, (*outer, frame), labels), f"{indent}}}"]
    return lines


def _facts(box: Box, labels: bool) -> str:
    if not labels:
        width, height = size(box)
        return f'label="", fixedsize=true, width={width / INCH:.3f}, height={height / INCH:.3f}'
    look = LOOKS[box.kind]
    label = "\\n".join(_quoted(text) for text in (box.title, *box.lines) if text)
    style = "filled" + ",rounded" * bool(look.corner) + ",dashed" * look.dashed
    return f'label="{label}", style="{style}", fillcolor="{look.fill}", color="{look.line}"'


def _quoted(text: str) -> str:
    """Text as a DOT label has to hold it: Graphviz reads entities and backslashes."""
    return text.replace("&", "&amp;").replace("\\", "\\\\").replace('"', '\\"')


def run_graphviz(source: str, form: str) -> bytes:
    """What Graphviz makes of DOT text, in a format of its own; ImportError where there is no Graphviz, RuntimeError where it fails."""
    import shutil  # here, because these four would double the time that importing the package takes
    import subprocess
    from importlib import import_module
    from tempfile import TemporaryFile

    dpi = f"-Gdpi={192 if form == 'png' else 96}"
    if program := shutil.which("dot"):
        try:
            with TemporaryFile() as given, TemporaryFile() as made, TemporaryFile() as said:  # a pipe might outlive a `dot` that is stopped
                given.write(source.encode())
                given.seek(0)
                command = [program, f"-T{form}", dpi]
                status = subprocess.run(command, stdin=given, stdout=made, stderr=said, timeout=PATIENCE, check=False).returncode  # noqa: S603  # `dot`
                made.seek(0)
                said.seek(0)
                if status:
                    raise RuntimeError(f"{program} failed with status {status}: {said.read(500).decode(errors='replace').strip()}")
                return made.read()
        except (OSError, subprocess.TimeoutExpired) as error:
            raise RuntimeError(f"{program} failed: {error}") from error
    try:
        pygraphviz = import_module("pygraphviz")
    except ImportError:
        raise ImportError(
            "Graphviz was not found: install the program (apt install graphviz, brew install graphviz) or its wheel "
            "(pip install pygraphviz), or save the picture as .svg, which needs neither"
        ) from None
    try:
        return bytes(pygraphviz.AGraph(string=source).draw(format=form, prog="dot", args=dpi))
    except Exception as error:  # whatever C code comes up with
        raise RuntimeError(f"pygraphviz failed: {error}") from error


def place_by_graphviz(sketch: Sketch) -> Placement:
    """Where Graphviz places boxes and curves; raises as `run_graphviz` does."""
    text = run_graphviz(write_dot(sketch, labels=False), "plain").decode(errors="replace")
    try:
        placement = _read_plain(text)
    except ValueError:
        placement = Placement(0.0, 0.0, {}, [])
    if placement.centres.keys() != sketch.boxes.keys() or len(placement.curves) != len(sketch.edges):
        raise RuntimeError(f"Graphviz gave no layout, but {text[:60]!r}")
    return placement


def _read_plain(text: str) -> Placement:
    """A layout from Graphviz's format "plain", a line for each thing, y upward."""
    width = height = 0.0
    centres, curves = {}, []
    for line in text.splitlines():
        match line.split():
            case ["graph", _, x, y]:
                width, height = float(x) * INCH, float(y) * INCH
            case ["node", name, x, y, *_]:
                centres[name] = float(x) * INCH, height - float(y) * INCH
            case ["edge", tail, head, count, *rest]:
                numbers = [float(n) * INCH for n in rest[: 2 * int(count)]]
                curves.append(Curve(tail, head, [(x, height - y) for x, y in zip(numbers[::2], numbers[1::2], strict=True)]))
    return Placement(width, height, centres, curves)
