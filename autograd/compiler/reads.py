"""Which attributes of a user's objects a function reads while it is traced: only those need a guard."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from .tracing import surely

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Reads", "Unread"]

Unread = frozenset[tuple[int, str]]
"""Attributes, each as its object's id and its name."""

WHOLE = frozenset({"__dict__", "__getstate__", "__reduce__", "__reduce_ex__"})
"""Attributes through which all others can be read."""


class Reads:
    """Within it, the objects' attributes are watched, through a `__getattribute__` that their classes have meanwhile.

    Objects whose class has one of its own, or can't be given one, count as read.

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
        self._objects = [a for a in objects if getattr(type(a), "__getattribute__", None) is object.__getattribute__]
        self._classes: list[type] = []
        self._read: set[tuple[int, str]] = set()

    def __enter__(self) -> Self:
        read = self._read

        def watched(self: Any, name: str) -> Any:
            read.add((id(self), name))
            return object.__getattribute__(self, name)

        for kind in {type(a) for a in self._objects}:
            self._classes.append(kind)
            try:
                type.__setattr__(kind, "__getattribute__", watched)
            except TypeError:  # as of a class in C
                self._classes.remove(kind)
        return self

    def __exit__(self, *error: object) -> None:
        surely(lambda: [type.__delattr__(kind, "__getattribute__") for kind in self._classes if "__getattribute__" in vars(kind)])

    def unread(self) -> Unread:
        """The attributes that have not been read."""
        watched = [a for a in self._objects if type(a) in self._classes and not any((id(a), name) in self._read for name in WHOLE)]
        return frozenset({(id(a), name) for a in watched for name in vars(a)} - self._read)
