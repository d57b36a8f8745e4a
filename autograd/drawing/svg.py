"""The picture as SVG, written by ourselves: text is escaped once, here, and there are no links, scripts, style sheets or ids."""

from __future__ import annotations

from html import escape
from itertools import combinations
from math import hypot
from typing import TYPE_CHECKING, NamedTuple

from .layout import TIP
from .look import DETAIL, FONT, INK, LEADING, LOOKS, TITLE, WIRE, size

if TYPE_CHECKING:
    from .layout import Curve, Placement
    from .sketch import Box, Sketch

__all__ = ["write_svg"]

MARGIN = 8
PAD, HEAD = 8.0, 20.0  # from a frame to what it holds: at the sides, and at the top, where its label stands


class Area(NamedTuple):
    """A rectangle."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Area) -> bool:
        """Whether the two have a point in common."""
        return self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom


def write_svg(sketch: Sketch, placement: Placement) -> str:
    """The frames, curves and boxes as one SVG element.

    >>> from autograd.drawing.layout import Placement
    >>> from autograd.drawing.sketch import Box, Sketch
    >>> "&lt;b&gt;" in write_svg(Sketch({"n1": Box("op", "<b>")}, [], {}, []), Placement(60.0, 26.0, {"n1": (30.0, 13.0)}, []))
    True
    """
    frames = _frames(sketch, placement)
    left, top = min([0.0, *(f.left for f in frames.values())]), min([0.0, *(f.top for f in frames.values())])
    right = max([placement.width, *(f.right for f in frames.values())])
    bottom = max([placement.height, *(f.bottom for f in frames.values())])
    width, height = f"{right - left + 2 * MARGIN:.0f}", f"{bottom - top + 2 * MARGIN:.0f}"
    view = f"{left - MARGIN:.0f} {top - MARGIN:.0f} {width} {height}"
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="{view}"',
        f' font-family="{FONT}" text-anchor="middle" style="max-width: 100%; height: auto; white-space: pre">',
    ]
    lines += [_frame(sketch.frames[key], area) for key, area in frames.items()]
    lines += [_curve(curve) for curve in placement.curves]
    lines += [_box(key, box, *placement.centres[key]) for key, box in sketch.boxes.items()]
    return "\n".join([*lines, "</svg>\n"])


def _frames(sketch: Sketch, placement: Placement) -> dict[str, Area]:
    """The frames that hold just what they should, outermost first: the built-in layout does not always keep strangers out."""
    boxes = {}
    for key, box in sketch.boxes.items():
        (x, y), (width, height) = placement.centres[key], size(box)
        boxes[key] = Area(x - width / 2, y - height / 2, x + width / 2, y + height / 2)
    outer = {frame: box.frames[:k] for box in sketch.boxes.values() for k, frame in enumerate(box.frames)}
    areas: dict[str, Area] = {}
    for frame in sorted(outer, key=lambda frame: -len(outer[frame])):
        inside = [boxes[key] for key, box in sketch.boxes.items() if box.frames == (*outer[frame], frame)]
        inside += [area for inner, area in areas.items() if outer[inner] == (*outer[frame], frame)]
        left, top, right, bottom = zip(*inside, strict=True)
        areas[frame] = Area(min(left) - PAD, min(top) - HEAD, max(right) + PAD, max(bottom) + PAD)
    bad = {f for f, area in areas.items() for key, box in sketch.boxes.items() if f not in box.frames and area.meets(boxes[key])}
    for a, b in combinations(areas, 2):
        if a not in outer[b] and b not in outer[a] and areas[a].meets(areas[b]):
            bad |= {a, b}
    return {frame: areas[frame] for frame in reversed(areas) if frame not in bad}


def _frame(label: str, area: Area) -> str:
    width, height = area.right - area.left, area.bottom - area.top
    room = int((width - 12) / (0.6 * DETAIL))
    shown = label if len(label) <= room else label[: room - 1] + "…"
    return (
        f'<g data-kind="frame"><title>{escape(label)}</title><rect x="{area.left:.1f}" y="{area.top:.1f}" width="{width:.1f}"'
        f' height="{height:.1f}" rx="8" fill="{WIRE}" fill-opacity="0.08" stroke="{WIRE}" stroke-opacity="0.6"/>'
        f'<text x="{area.left + 7:.1f}" y="{area.top + 13:.1f}" font-size="{DETAIL}" text-anchor="start" fill="{WIRE}">'
        f"{escape(shown)}</text></g>"
    )


def _curve(curve: Curve) -> str:
    first, *rest = curve.points
    (x0, y0), (x, y) = curve.points[-2:]
    length = hypot(x - x0, y - y0) or 1.0
    u, v = (x - x0) / length * TIP, (y - y0) / length * TIP  # the arrow's axis
    path = f"M{_at(*first)} C" + " ".join(_at(*point) for point in rest)
    tip = f"M{_at(x + u, y + v)} L{_at(x - v / 2, y + u / 2)} L{_at(x + v / 2, y - u / 2)}Z"
    dash = ' stroke-dasharray="4 3"' if curve.tail == "rest" else ""
    return (
        f'<g data-tail="{curve.tail}" data-head="{curve.head}"><path d="{path}" fill="none" stroke="{WIRE}" stroke-width="1.2"{dash}/>'
        f'<path d="{tip}" fill="{WIRE}"/></g>'
    )


def _box(key: str, box: Box, x: float, y: float) -> str:
    look, (width, height) = LOOKS[box.kind], size(box)
    dash = ' stroke-dasharray="4 3"' if look.dashed else ""
    left, top = x - width / 2, y - height / 2
    outline = f'<rect x="{left:.1f}" y="{top:.1f}" width="{width:.1f}" height="{height:.1f}" rx="{look.corner}"'
    lines = [(box.title, TITLE, 17, 1.0), *((line, DETAIL, 32 + LEADING * k, 0.7) for k, line in enumerate(box.lines))]
    text = "".join(
        f'<text x="{x:.1f}" y="{top + at:.1f}" font-size="{font}" fill="{INK}" fill-opacity="{strength}"{_says(line, at)}>'
        f"{escape(line)}</text>"
        for line, font, at, strength in lines
        if line
    )
    return f'<g data-box="{key}" data-kind="{box.kind}">{outline} fill="{look.fill}" stroke="{look.line}"{dash}/>{text}</g>'


def _says(line: str, at: float) -> str:
    """What a line below the title tells, for the player, which shows it when it is known."""
    word = line.partition(" ")[0]
    return f' data-says="{word}"' if at > 17 and word in ("value", "gradient") else ""


def _at(x: float, y: float) -> str:
    return f"{x:.1f},{y:.1f}"
