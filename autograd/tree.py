"""Containers of values: nested tuples, lists, dicts, named tuples and dataclasses, taken apart and put together again."""

from __future__ import annotations

import copy
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["children", "is_container", "leaves", "map_leaves", "paired"]


def children(tree: Any) -> list[tuple[Any, Any]] | None:
    """The parts of a container with their places, or None for a leaf.

    >>> children({"w": [1.0, 2.0], "b": 3.0}), children(3.0)
    ([('w', [1.0, 2.0]), ('b', 3.0)], None)
    """
    if isinstance(tree, dict):
        return list(tree.items())
    if isinstance(tree, (tuple, list)):
        return list(enumerate(tree))
    if is_dataclass(tree) and not isinstance(tree, type):
        return [(field.name, getattr(tree, field.name)) for field in fields(tree) if hasattr(tree, field.name)]
    return None


def is_container(tree: Any) -> bool:
    """Whether `leaves` looks inside.

    >>> is_container({}), is_container(1.0)
    (True, False)
    """
    return children(tree) is not None


def leaves(tree: Any) -> Iterator[Any]:
    """The leaves of a container, in order; a value that is no container is its own leaf.

    >>> list(leaves({"w": [1.0, 2.0], "b": 3.0}))
    [1.0, 2.0, 3.0]
    """
    inner = children(tree)
    if inner is None:
        yield tree
    else:
        for _, child in inner:
            yield from leaves(child)


def paired(tree: Any, other: Any) -> Iterator[tuple[Any, Any]]:
    """The leaves of a container, each with what stands in its place in another of the same structure; ValueError where that differs.

    >>> list(paired({"a": 1.0, "b": 2.0}, {"b": 20.0, "a": 10.0}))
    [(1.0, 10.0), (2.0, 20.0)]
    """
    inner = children(tree)
    if inner is None:
        yield tree, other
        return
    others = dict(children(other) or ())
    if others.keys() != {place for place, _ in inner}:
        places = ", ".join(repr(place) for place, _ in inner)
        raise ValueError(f"got {type(other).__name__} of {len(others)} parts, wanted a {type(tree).__name__} of {places}")
    for place, child in inner:
        yield from paired(child, others[place])


def map_leaves(function: Callable[[Any], Any], tree: Any) -> Any:
    """The same container with `function` applied to each leaf.

    >>> map_leaves(lambda x: 10 * x, {"w": (1.0, 2.0), "b": [3.0]})
    {'w': (10.0, 20.0), 'b': [30.0]}
    """
    inner = children(tree)
    if inner is None:
        return function(tree)
    parts = {place: map_leaves(function, child) for place, child in inner}
    if isinstance(tree, dict):
        twin = copy.copy(tree)  # which keeps its class, and a default
        for place, part in parts.items():
            twin[place] = part
        return twin
    if isinstance(tree, tuple):
        return type(tree)._make(parts.values()) if hasattr(tree, "_fields") else type(tree)(parts.values())  # type: ignore[attr-defined]
    twin = copy.copy(tree)  # which keeps its attributes
    if isinstance(tree, list):
        twin[:] = parts.values()
    else:
        for place, part in parts.items():
            object.__setattr__(twin, place, part)  # frozen dataclasses too
    return twin
