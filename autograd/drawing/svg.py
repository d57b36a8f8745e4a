"""The picture as SVG, written by ourselves: text is escaped once, here, and there are no links, scripts, style sheets or ids."""

from __future__ import annotations

from html import escape
from math import hypot
from typing import TYPE_CHECKING

from .layout import TIP
from .look import DETAIL, FONT, INK, LOOKS, TITLE, WIRE, size

if TYPE_CHECKING:
    from .layout import Curve, Placement
    from .sketch import Box

__all__ = ["write_svg"]

MARGIN = 8


def write_svg(boxes: dict[str, Box], placement: Placement) -> str:
    """The boxes and curves as one SVG element.

    >>> from autograd.drawing.layout import Placement
    >>> from autograd.drawing.sketch import Box
    >>> "&lt;b&gt;" in write_svg({"n1": Box("op", "<b>")}, Placement(60.0, 26.0, {"n1": (30.0, 13.0)}, []))
    True
    """
    width, height = f"{placement.width + 2 * MARGIN:.0f}", f"{placement.height + 2 * MARGIN:.0f}"
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="{-MARGIN} {-MARGIN} {width} {height}"',
        f' font-family="{FONT}" text-anchor="middle" style="max-width: 100%; height: auto; white-space: pre">',
    ]
    lines += [_curve(curve) for curve in placement.curves]
    lines += [_box(box, *placement.centres[name]) for name, box in boxes.items()]
    return "\n".join([*lines, "</svg>\n"])


def _curve(curve: Curve) -> str:
    first, *rest = curve.points
    (x0, y0), (x, y) = curve.points[-2:]
    length = hypot(x - x0, y - y0) or 1.0
    u, v = (x - x0) / length * TIP, (y - y0) / length * TIP  # the arrow's axis
    path = f"M{_at(*first)} C" + " ".join(_at(*point) for point in rest)
    tip = f"M{_at(x + u, y + v)} L{_at(x - v / 2, y + u / 2)} L{_at(x + v / 2, y - u / 2)}Z"
    dash = ' stroke-dasharray="4 3"' if curve.tail == "rest" else ""
    return f'<path d="{path}" fill="none" stroke="{WIRE}" stroke-width="1.2"{dash}/><path d="{tip}" fill="{WIRE}"/>'


def _box(box: Box, x: float, y: float) -> str:
    look, (width, height) = LOOKS[box.kind], size(box)
    dash = ' stroke-dasharray="4 3"' if look.dashed else ""
    outline = f'<rect x="{x - width / 2:.1f}" y="{y - height / 2:.1f}" width="{width:.1f}" height="{height:.1f}" rx="{look.corner}"'
    lines = [(box.title, TITLE, y - 3 if box.detail else y + 4, 1.0), (box.detail, DETAIL, y + 12, 0.7)]
    return f'{outline} fill="{look.fill}" stroke="{look.line}"{dash}/>' + "".join(
        f'<text x="{x:.1f}" y="{at:.1f}" font-size="{font}" fill="{INK}" fill-opacity="{strength}">{escape(text)}</text>'
        for text, font, at, strength in lines
        if text
    )


def _at(x: float, y: float) -> str:
    return f"{x:.1f},{y:.1f}"
