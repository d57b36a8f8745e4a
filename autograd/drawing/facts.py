"""What is known of the nodes of a graph: names, values, gradients; and how pictures say it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..graph import Node, flat, last_write
from ..recording import seen
from ..tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["UNKNOWN", "Facts", "grid", "printable", "saved_values", "summary"]

UNKNOWN = "not recorded"
FEW, MANY = 6, 64  # values that a box shows in full, and the player


class Facts:
    """Names, values and gradients, looked up where they happen to be: nothing is computed, and nothing kept of the graph.

    Values and gradients come from a `record` block; without one, from living Tensors and from what the rules have saved, unless it was
    written since.
    """

    def __init__(self, nodes: Sequence[Node], result: Tensor, asked: Mapping[str, Any], paths: Mapping[Node, str]) -> None:
        self._paths = paths
        tensors = {name: value for name, value in asked.items() if isinstance(value, Tensor)}
        arrays = {name: getattr(value, "_value", value) for name, value in asked.items()}
        self._asked: dict[Any, str] = {}
        self._arrays: dict[int, str] = {}
        for name, tensor in tensors.items():
            self._asked.setdefault(tensor._node, name)
        for name, array in arrays.items():
            self._arrays.setdefault(id(array), name)
        newest = nodes[-1].age
        self._values: dict[Node, Any] = {}
        for node in nodes:
            for k, source, value in saved_values(node):
                if isinstance(source, Node) and k is not None and last_write(value)[0] <= node.age:
                    self._values.setdefault(source, value)
            owner = node.owner() if node.owner is not None else None
            if owner is not None and last_write(owner._value)[0] <= newest:
                self._values[node] = owner._value
        for tensor in tensors.values():
            if tensor._node is not None and last_write(tensor._value)[0] <= newest:
                self._values[tensor._node] = tensor._value
        self._values[nodes[-1]] = result._value

    def name(self, node: Node) -> str | None:
        """What the node is called: by itself, by the caller, by its module."""
        return node.name or self._asked.get(node) or self._paths.get(node)

    def constant(self, node: Node) -> tuple[str | None, Any]:
        """The name and the value of the one unnamed constant of a call, as far as they are known."""
        place = node.parents.index(None)
        for _, source, value in saved_values(node):
            if source == place:
                return self._arrays.get(id(value)), value
        recorded = seen(node)
        return None, recorded.inputs[place] if recorded is not None and recorded.inputs else None

    def value(self, node: Node) -> Any:
        """The value, or None where it was not recorded."""
        recorded = _part(node, "value")
        return self._values.get(node) if recorded is None else recorded

    def gradient(self, node: Node) -> Any:
        """The gradient, or None where it was not recorded."""
        recorded = _part(node, "gradient")
        owner = node.owner() if node.owner is not None else None
        return owner._grad._value if recorded is None and owner is not None and owner._grad is not None else recorded


def _part(node: Node, what: str) -> Any:
    """What a `record` block kept of a node, or, of an output of several, of its call."""
    own = getattr(seen(node), what, None)
    if own is None and node.number is not None:
        parts = getattr(seen(node.parents[0]), what, None)
        return None if parts is None else parts[node.number]
    return own


def saved_values(node: Node) -> Iterator[tuple[int | None, Any, Any]]:
    """What a call has saved, as (place, source, array): the source is a node or, for a constant, the number of the argument.

    >>> x = Tensor([3.0], requires_grad=True)
    >>> [(k, source is x._node, value) for k, source, value in saved_values((x * x)._node)]
    [(0, True, array([3.])), (1, True, array([3.]))]
    """
    if node.op is None or not node.saved:
        return
    sources = (*node.parents, None if node.plural else node)
    for k, value in zip(node.plan.saves, node.saved, strict=True):  # type: ignore[union-attr]  # a recorded call has a plan
        if k < len(sources) and isinstance(value, (np.ndarray, np.generic)):
            yield k, k if sources[k] is None else sources[k], value
        elif k == len(node.parents):
            yield from ((None, None, part) for part in flat((value,)))


# -- in words -----------------------------------------------------------------------------------------------------------------------------


def summary(a: Any, digits: int = 4) -> str:
    """A value in a line: in full if it is small, else its range and mean; what is not finite is counted.

    >>> summary(np.array([[1.0, 2.5]])), summary(np.arange(100.0)), summary(np.full(9, np.nan))
    ('[[1, 2.5]]', '0 … 99, mean 49.5', '9 NaN')
    """
    a = np.asarray(a)
    if a.size <= FEW:
        return _in_full(a, digits) if a.size else "empty"
    whole = np.abs(a) if a.dtype.kind == "c" else a
    with np.errstate(all="ignore"):
        ends = whole.min() + whole.max()
    finite = whole if np.isfinite(ends) else whole[np.isfinite(whole)]  # large arrays are not copied without need
    facts = []
    if finite.size:
        low, high = finite.min(), finite.max()
        with np.errstate(all="ignore"):
            mean = finite.mean(dtype=float)
        span = f"{_number(low, digits)} … {_number(high, digits)}, mean {_number(mean, digits)}"
        facts.append(f"all {_number(low, digits)}" if low == high else span)
    if nans := int(np.isnan(a).sum()):
        facts.append(f"{nans:,} NaN")
    if rest := a.size - finite.size - nans:
        facts.append(f"{rest:,} ±∞")
    return ("|·| " if a.dtype.kind == "c" else "") + ", ".join(facts)


def grid(a: Any) -> list[list[str]] | None:
    """The numbers of an array of at most two axes as rows of text, if they are not many.

    >>> grid(np.array([1.0, 2.5]))
    [['1', '2.5']]
    """
    a = np.asarray(a)
    return [[_number(x, 5) for x in row] for row in np.atleast_2d(a)] if a.ndim <= 2 and 0 < a.size <= MANY else None


def _in_full(a: np.ndarray, digits: int) -> str:
    return f"[{', '.join(_in_full(row, digits) for row in a)}]" if a.ndim else _number(a[()], digits)


def _number(x: Any, digits: int) -> str:
    return f"{x:.{digits}g}" if np.asarray(x).dtype.kind in "fc" else str(x)


def printable(text: str, most: int = 48) -> str:
    """The text on one line, what is invisible in it written as `repr` does, cut to `most` characters.

    >>> printable("W1"), printable("a" * 99, 4)
    ('W1', 'aaa…')
    """
    line = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text[: most + 1])
    return line if len(line) <= most else line[: most - 1] + "…"
