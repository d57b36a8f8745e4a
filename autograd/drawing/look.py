"""How boxes look: colours that read on light and on dark pages, and the room that their text takes."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from .sketch import Box

__all__ = ["DETAIL", "FONT", "INK", "LEADING", "LOOKS", "TITLE", "WIRE", "Look", "size"]

FONT = "Menlo, Consolas, 'DejaVu Sans Mono', monospace"  # every character is 0.6 as wide as high, so that boxes fit without the font
TITLE, DETAIL = 12, 10  # font sizes of the title and of the lines below it
LEADING = 13  # from one line to the next
INK, WIRE = "#1f2937", "#8491a5"


class Look(NamedTuple):
    """Fill, outline, radius of the corners, and whether the outline is dashed."""

    fill: str
    line: str
    corner: int
    dashed: bool = False


LOOKS = {
    "op": Look("#dbe8f8", "#6d95c6", 9),
    "parameter": Look("#fbe6c4", "#cf9a45", 0),
    "constant": Look("#e6e9ee", "#98a2b3", 0),
    "module": Look("#e2f0e4", "#7aa783", 9),
    "rest": Look("#f4f5f7", "#98a2b3", 9, dashed=True),
}


def size(box: Box) -> tuple[float, float]:
    """Width and height of a box, in points.

    >>> from autograd.drawing.sketch import Box
    >>> size(Box("op", "matmul", ("(32, 10) float32",)))
    (116.0, 40.0)
    """
    width = max(_text_width(box.title) * TITLE, *(_text_width(line) * DETAIL for line in box.lines), 0) * 0.6
    return width + 20.0, 26.0 + LEADING * len(box.lines) + (1 if box.lines else 0)


def _text_width(text: str) -> int:
    """How many columns of a terminal the text fills."""
    return sum(0 if unicodedata.combining(c) else 1 + (unicodedata.east_asian_width(c) in "WF") for c in text)
