"""Drawing a graph."""

from __future__ import annotations

import warnings
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..graph import Leaf
from ..tensor import Tensor
from .dot import place_by_graphviz, run_graphviz, write_dot
from .layout import place
from .look import size
from .sketch import sketch
from .svg import write_svg

if TYPE_CHECKING:
    import graphviz

    from .sketch import Sketch

__all__ = ["Picture", "draw"]


class Picture:
    """A drawn graph: an image in a notebook, a list of its nodes in a terminal, a file by `save`.

    >>> draw(Tensor(3.0, requires_grad=True) * 2.0)
    %1 = parameter           () float64
    %2 = multiply(%1, 2.0)   () float64
    """

    def __init__(self, sketch: Sketch) -> None:
        self._sketch = sketch

    def __repr__(self) -> str:
        width = max(len(text) for text, _ in self._sketch.lines)
        return "\n".join(f"{text:{width}}  {detail}".rstrip() for text, detail in self._sketch.lines)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"image/svg+xml": self.svg, "text/plain": repr(self)}

    @cached_property
    def dot(self) -> str:
        """The picture in Graphviz's language; the same graph gives the same text.

        >>> "n1 -> n2" in draw(Tensor(3.0, requires_grad=True) * 2).dot
        True
        """
        return write_dot(self._sketch)

    @cached_property
    def svg(self) -> str:
        """The picture as an SVG element, laid out by Graphviz where there is one.

        >>> draw(Tensor(3.0, name="x")).svg[:4]
        '<svg'
        """
        try:
            placement = place_by_graphviz(self._sketch)
        except (ImportError, RuntimeError) as error:
            if isinstance(error, RuntimeError):
                warnings.warn(f"draw: {error}; the built-in layout is used instead", RuntimeWarning, stacklevel=3)
            placement = place({name: size(box) for name, box in self._sketch.boxes.items()}, self._sketch.edges)
        return write_svg(self._sketch.boxes, placement)

    @property
    def source(self) -> graphviz.Source:
        """The picture as an object of the `graphviz` package, to style or render further.

        >>> draw(Tensor(3.0, name="x")).source.format
        'pdf'
        """
        import graphviz

        return graphviz.Source(self.dot)

    def save(self, path: str | Path) -> None:
        """Write a file, whose suffix says of what kind: .svg, .png, .pdf or .dot; .png and .pdf need Graphviz.

        >>> draw(Tensor(3.0)).save("graph.gif")
        Traceback (most recent call last):
            ...
        ValueError: save: got 'graph.gif', wanted a name that ends in .svg, .png, .pdf or .dot
        """
        path = Path(path)
        match path.suffix.lower():
            case ".svg":
                path.write_text(self.svg, encoding="utf-8")
            case ".dot":
                path.write_text(self.dot, encoding="utf-8")
            case ".png" | ".pdf" as suffix:
                path.write_bytes(run_graphviz(self.dot, suffix[1:]))
            case _:
                raise ValueError(f"save: got {path.name!r}, wanted a name that ends in .svg, .png, .pdf or .dot")


def draw(tensor: Tensor, max_nodes: int = 60) -> Picture:
    """Draw the graph that `tensor` was made by: parents above, `tensor` at the bottom, at most its newest `max_nodes` nodes.

    >>> x = Tensor([1.0, 2.0], requires_grad=True, name="x")
    >>> draw((x * 3.0).sum())
    %1 = parameter x        (2,) float64
    %2 = multiply(%1, 3.0)  (2,) float64
    %3 = sum(%2)            () float64
    """
    if not isinstance(tensor, Tensor):
        raise TypeError(f"draw: got {type(tensor).__name__}, wanted a Tensor, such as the loss")
    if not isinstance(max_nodes, int) or max_nodes < 1:
        raise ValueError(f"draw: got max_nodes={max_nodes!r}, wanted a whole number, 1 or more")
    return Picture(sketch(tensor._node or Leaf(tensor.shape, tensor.dtype, needs_grad=False), max_nodes))  # drawn is the graph
