"""Which attributes of a user's objects a function reads while it is traced: only those need a guard."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from .tracing import surely

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["Reads", "Unread"]

Unread = frozenset[tuple[int, str]]
"""Attributes, each as its object's id and its name."""

WAYS = frozenset({"__getattribute__", "__setattr__", "__delattr__"})
"""The methods by which Python reads, sets and deletes attributes."""
IMMUTABLE = 1 << 8
"""The flag of a type to which nothing can be added, as Python's own."""
WHOLE = frozenset({"__dict__", "__getstate__", "__reduce__", "__reduce_ex__"})
"""Attributes through which all others can be read."""


class Reads:
    """Within it, it is noted which attributes of the objects are read, or set, through methods that their classes have meanwhile.

    Objects whose class has such methods of its own, or can't be given any, count as read.

    >>> class Point:
    ...     def __init__(self):
    ...         self.x, self.y = 1.0, 2.0
    >>> p = Point()
    >>> with Reads([p]) as reads:
    ...     _ = p.x
    >>> [name for _, name in reads.unread()]
    ['y']
    """

    def __init__(self, objects: Iterable[Any]) -> None:
        self._objects = [a for a in objects if _can_be_watched(type(a))]
        self._classes: list[type] = []
        self._read: set[tuple[int, str]] = set()

    def __enter__(self) -> Self:
        watched = {way: self._watched(getattr(object, way)) for way in WAYS}
        try:
            for kind in {type(a) for a in self._objects}:
                self._classes.append(kind)
                for way, method in watched.items():
                    type.__setattr__(kind, way, method)
        except BaseException:  # Ctrl-C: __exit__ will not be called
            surely(self._leave)
            raise
        return self

    def __exit__(self, *error: object) -> None:
        surely(self._leave)

    def _leave(self) -> None:
        for kind in self._classes:
            for way in WAYS & vars(kind).keys():
                type.__delattr__(kind, way)

    def _watched(self, method: Callable[..., Any]) -> Callable[..., Any]:
        """The same method, which tells of what it is called for."""
        read = self._read

        def told(self: Any, name: str, *value: Any) -> Any:
            read.add((id(self), name))
            return method(self, name, *value)

        return told

    def unread(self) -> Unread:
        """The attributes that have neither been read nor set."""
        watched = [a for a in self._objects if not any((id(a), name) in self._read for name in WHOLE)]
        return frozenset({(id(a), name) for a in watched for name in vars(a)} - self._read)


def _can_be_watched(kind: type) -> bool:
    """Whether a class can be given methods, and has none of its own that matter."""
    return not kind.__flags__ & IMMUTABLE and all(getattr(kind, way) is getattr(object, way) for way in WAYS)
