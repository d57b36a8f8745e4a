"""Drawing a graph."""

from __future__ import annotations

import warnings
from functools import cached_property
from pathlib import Path
from types import MethodType
from typing import TYPE_CHECKING, Any

from .dot import place_by_graphviz, run_graphviz, write_dot
from .layout import place
from .look import size
from .player import Player
from .run import looked_at
from .sketch import sketch
from .story import tell
from .svg import write_svg
from .view import View

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    import graphviz

    from ..graph import Node
    from ..tensor import Tensor
    from .sketch import Sketch

__all__ = ["Picture", "draw", "play"]

HEADINGS = ("", "", "value", "gradient", "module", "saved")


class Picture:
    """A drawn graph: an image in a notebook, a list of its nodes in a terminal, a file by `save`.

    It holds text, and nothing of the graph.

    >>> from autograd import Tensor
    >>> x = Tensor(3.0, requires_grad=True, name="x")
    >>> draw(x * 2.0)
                                        value  gradient
    %1 = parameter x        () float64  3      not recorded
    %2 = multiply(%1, 2.0)  () float64  6      not recorded
    """

    def __init__(self, sketch: Sketch, story: dict[str, Any]) -> None:
        self._sketch, self._story = sketch, story

    def __repr__(self) -> str:
        columns = [(heading, *column) for heading, column in zip(HEADINGS, zip(*self._sketch.rows, strict=True), strict=True)]
        columns = [column for column in columns if any(column[1:])]
        widths = [max(map(len, column)) for column in columns]
        return "\n".join(
            "  ".join(f"{cell:{width}}" for cell, width in zip(line, widths, strict=True)).rstrip() for line in zip(*columns, strict=True)
        )

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"image/svg+xml": self.svg, "text/plain": repr(self)}

    @cached_property
    def dot(self) -> str:
        """The picture in Graphviz's language; the same graph gives the same text.

        >>> from autograd import Tensor
        >>> "n1 -> n2" in draw(Tensor(3.0, requires_grad=True) * 2).dot
        True
        """
        return write_dot(self._sketch)

    @cached_property
    def svg(self) -> str:
        """The picture as an SVG element, laid out by Graphviz where there is one.

        >>> from autograd import Tensor
        >>> draw(Tensor(3.0, name="x")).svg[:4]
        '<svg'
        """
        return _svg(self._sketch, 4)

    @property
    def source(self) -> graphviz.Source:
        """The picture as an object of the `graphviz` package, to style or render further.

        >>> from autograd import Tensor
        >>> draw(Tensor(3.0, name="x")).source.format
        'pdf'
        """
        import graphviz

        return graphviz.Source(self.dot)

    def save(self, path: str | Path) -> None:
        """Write a file, whose suffix says of what kind: .svg, .png, .pdf, .dot, or .html (the player); .png and .pdf need Graphviz.

        >>> from autograd import Tensor
        >>> draw(Tensor(3.0)).save("graph.gif")
        Traceback (most recent call last):
            ...
        ValueError: save: got 'graph.gif', wanted a name that ends in .svg, .png, .pdf, .dot or .html
        """
        path = Path(path)
        match path.suffix.lower():
            case ".svg":
                path.write_text(self.svg, encoding="utf-8")
            case ".dot":
                path.write_text(self.dot, encoding="utf-8")
            case ".html":
                Player(self.svg, self._story).save(path)
            case ".png" | ".pdf" as suffix:
                path.write_bytes(run_graphviz(self.dot, suffix[1:]))
            case _:
                raise ValueError(f"save: got {path.name!r}, wanted a name that ends in .svg, .png, .pdf, .dot or .html")


def draw(
    what: Tensor | Callable[..., Tensor],
    *args: Any,
    max_nodes: int = 60,
    depth: int | None = None,
    expand: str | Iterable[str] = (),
    names: Mapping[str, Any] | None = None,
    saved: bool = False,
) -> Picture:
    """Draw the graph that a Tensor was made by, or the graph of a function called on `args`: parents above, the result at the bottom.

    Each box tells op, shape, dtype, value and gradient, as far as they are known: within `record()` all are, and those of a function.
    `names` gives names to Tensors, arrays and modules: `names=locals()`, say.  With `saved`, calls tell which arrays they keep.

    The calls of `nn` modules have frames.  Where there are more than `max_nodes` boxes, each of them becomes one box, the outermost
    first; `depth` says how many levels are open (0: none), and `expand` which paths are open all the same.  What is still too much is
    left out, the oldest first.  Drawing changes nothing: no gradient, no graph.  Of a function compiled by `jit`, the program that runs
    for these arguments is drawn, all of it on one level.

    >>> import numpy as np
    >>> draw(lambda x, w: (w * x).sum(), np.array([1.0, 2.0]), 3.0)
                                         value   gradient
    %1 = parameter x       (2,) float64  [1, 2]  [3, 3]
    %2 = parameter w       () float64    3       3
    %3 = multiply(%2, %1)  (2,) float64  [3, 6]  [1, 1]
    %4 = sum(%3)           () float64    9       1
    """
    if (picture := getattr(what, "picture", None)) is not None:
        owner = (what.__self__,) if isinstance(what, MethodType) else ()
        return picture(*owner, *args, max_nodes=max_nodes)  # type: ignore[no-any-return]
    with looked_at("draw", what, args, backward=False) as (y, root, note):
        view = _view("draw", y, root, max_nodes, depth, expand, names)
        drawn = sketch(view, saved=saved)
        return Picture(drawn, tell(view, drawn, note))


def play(
    what: Tensor | Callable[..., Tensor],
    *args: Any,
    max_nodes: int = 500,
    depth: int | None = None,
    expand: str | Iterable[str] = (),
    names: Mapping[str, Any] | None = None,
) -> Player:
    """Both passes to step through: forward, then `backward()`, with the incoming g, the rule, and what each parent receives.

    A page by itself, that needs no network: it shows itself in a notebook, and `.save("play.html")` writes it.  The arguments are
    those of `draw`.  No Tensor's `grad` changes.

    >>> play(lambda x: x * x, 3.0)
    <player of 1 forward and 1 backward steps>
    """
    with looked_at("play", what, args, backward=True) as (y, root, note):
        view = _view("play", y, root, max_nodes, depth, expand, names)
        drawn = sketch(view)
        return Player(_svg(drawn, 3), tell(view, drawn, note))


def _view(
    name: str,
    y: Tensor,
    root: Node,
    max_nodes: int,
    depth: int | None,
    expand: str | Iterable[str],
    names: Mapping[str, Any] | None,
) -> View:
    """What was asked for, checked."""
    if not isinstance(max_nodes, int) or max_nodes < 1:
        raise ValueError(f"{name}: got max_nodes={max_nodes!r}, wanted a whole number, 1 or more")
    if depth is not None and (not isinstance(depth, int) or depth < 0):
        raise ValueError(f"{name}: got depth={depth!r}, wanted a whole number, 0 or more, or None")
    if names is not None and not hasattr(names, "items"):
        raise TypeError(f"{name}: names is a {type(names).__name__}, wanted a dict from names to Tensors, such as locals()")
    named = {key: value for key, value in (names or {}).items() if isinstance(key, str) and not key.startswith("_")}
    return View(y, root, max_nodes, depth, (expand,) if isinstance(expand, str) else tuple(expand), named)


def _svg(sketch: Sketch, level: int) -> str:
    """The picture, laid out; `level` frames up is the line that a warning names."""
    try:
        placement = place_by_graphviz(sketch)
    except (ImportError, RuntimeError) as error:
        if isinstance(error, RuntimeError):
            warnings.warn(f"draw: {error}; the built-in layout is used instead", RuntimeWarning, stacklevel=level)
        frames = {key: box.frames for key, box in sketch.boxes.items()}
        placement = place({key: size(box) for key, box in sketch.boxes.items()}, sketch.edges, frames)
    return write_svg(sketch, placement)
