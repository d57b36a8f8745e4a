"""Where things stand, what holds them, and how it is put back."""

from __future__ import annotations

import io
import operator
import random
from threading import local
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

__all__ = ["UNCHANGING", "Place", "is_memory", "is_readable_file", "is_same", "set_state", "state_of"]

UNCHANGING = (tuple, MappingProxyType)
"""Holders in which nothing can be put."""


class Place(NamedTuple):
    """Where something stands: an item of a list or dict, an attribute, a closure's variable."""

    holder: Any
    key: Any
    kind: str  # "item", "attribute", "cell" or "variable" (of the context)
    name: str  # for people

    def get(self) -> Any:
        """What stands there."""
        if self.kind == "item":
            return self.holder[self.key]
        if self.kind == "variable":
            return self.holder.get()
        return self.holder.cell_contents if self.kind == "cell" else getattr(self.holder, self.key)

    def has(self, value: Any) -> bool:
        """Whether this very object stands there."""
        try:
            return self.get() is value
        except (LookupError, AttributeError, ValueError):
            return False

    def put(self, value: Any) -> None:
        """Let something else stand there."""
        if self.kind == "item":
            self.holder[self.key] = value
        elif self.kind == "cell":
            self.holder.cell_contents = value
        elif self.kind == "variable":
            self.holder.set(value)
        elif isinstance(self.holder, (type, local)):
            setattr(self.holder, self.key, value)
        else:
            object.__setattr__(self.holder, self.key, value)  # frozen dataclasses too


def is_same(container: Any, copy: Any) -> bool:
    """Whether a container holds what it held, of which this is a copy.

    >>> a = [1.0, "x"]
    >>> is_same(a, tuple(a)), is_same([], a)
    (True, False)
    """
    if len(container) != len(copy):
        return False
    if isinstance(container, dict):
        return all(map(operator.is_, container.values(), copy.values()))
    return isinstance(container, (set, frozenset)) or all(map(operator.is_, container, copy))


def is_memory(a: Any) -> bool:
    """Whether an object is, like a bytearray, plain memory.

    >>> is_memory(bytearray(2)), is_memory([0, 0])
    (True, False)
    """
    try:
        memoryview(a)
    except TypeError:
        return False
    return True


def is_readable_file(a: Any) -> bool:
    """Whether an object is a file that can be read on.

    >>> is_readable_file(io.StringIO("1"))
    True
    """
    return isinstance(a, io.IOBase) and not a.closed and a.readable()


def state_of(generator: Any) -> Any:
    """What decides what a generator of an old kind draws next, of Python's or NumPy's.

    >>> generator = random.Random(0)
    >>> before, first = state_of(generator), generator.random()
    >>> set_state(generator, before)
    >>> generator.random() == first
    True
    """
    if isinstance(generator, random.Random):
        return generator.getstate()
    return generator.get_state(legacy=False) if isinstance(generator, np.random.RandomState) else generator.state


def set_state(generator: Any, state: Any) -> None:
    """Let it draw that again."""
    if isinstance(generator, random.Random):
        generator.setstate(state)
    elif isinstance(generator, np.random.RandomState):
        generator.set_state(state)
    elif isinstance(generator, np.random.BitGenerator):
        generator.state = state  # of a SeedSequence, the count of its children stays
