"""The graph: nodes, their ages, and the record of writes.

A node is one recorded call of an op, or a leaf.  Nodes hold nodes and arrays, never Tensors, so there are no reference cycles: memory goes
when the last Tensor goes.  A node is always older than its uses, so age is a topological order, and nothing here needs recursion.
"""

from __future__ import annotations

import itertools
import weakref
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from .op import Op, Plan

__all__ = [
    "Leaf", "Node", "Output", "between", "check_fresh", "flat", "last_write", "mark_all", "mark_written", "memory_of", "newest_write",
    "next_age", "reachable", "stamp_of", "unmark_written",
]  # fmt: skip

next_age = itertools.count(1).__next__
"""The age of the next node; every write has an age too."""


class Node:
    """One value in the graph: one recorded call of an op, a `Leaf`, or one `Output` of a call with several."""

    __slots__ = ("age", "dtype", "name", "op", "options", "owner", "parents", "plan", "saved", "scopes", "seen", "shape")

    op: Op | None
    options: Mapping[str, Any]
    parents: tuple[Any, ...]  # for each argument: a Node for a Tensor with one, the number for a Python number, else None
    plan: Plan | None  # what its saved arrays are, and how to pull a cotangent through it
    saved: tuple[Any, ...] | None  # None once freed
    shape: Any  # of the value; for a call with several outputs, a tuple of shapes
    dtype: Any
    age: int
    name: str | None
    owner: weakref.ref[Any] | None  # the Tensor that wants the gradient of this value
    seen: Any  # what a `record` block keeps of it; else the slot stays empty
    scopes: Any  # which calls of modules it is the result of, for pictures; else the slot stays empty

    needs_grad = True
    number: int | None = None

    @property
    def plural(self) -> bool:
        """Whether this is a call with several outputs."""
        return type(self.dtype) is tuple

    def __init__(
        self,
        op: Op | None,
        options: Mapping[str, Any],
        parents: tuple[Any, ...],
        plan: Plan | None,
        saved: tuple[Any, ...] | None,
        shape: Any,
        dtype: Any,
        name: str | None = None,
    ) -> None:
        self.op, self.options, self.parents, self.plan, self.saved = op, options, parents, plan, saved
        self.shape, self.dtype, self.name, self.owner = shape, dtype, name, None
        self.age = next_age()

    def __repr__(self) -> str:
        name = f" {self.name!r}" if self.name else ""
        return f"<{self.op.name if self.op else 'leaf'} node{name} {self.shape}>"

    def __reduce__(self) -> tuple[Any, ...]:
        check_fresh(self)
        return _restored_call, (self.op, dict(self.options), self.parents, self.saved, self.shape, self.dtype, self.name)


class Leaf(Node):
    """A value that no op made: a parameter (`needs_grad`), or a constant with a name."""

    __slots__ = ("needs_grad",)

    def __init__(self, shape: tuple[int, ...], dtype: np.dtype[Any], needs_grad: bool, name: str | None = None) -> None:
        super().__init__(None, {}, (), None, None, shape, dtype, name)
        self.needs_grad = needs_grad

    def __reduce__(self) -> tuple[Any, ...]:
        return Leaf, (self.shape, self.dtype, self.needs_grad, self.name)


class Output(Node):
    """Output `number` of a call with several."""

    __slots__ = ("number",)

    def __init__(self, call: Node, number: int, name: str | None = None) -> None:
        super().__init__(call.op, call.options, (call,), None, (), call.shape[number], call.dtype[number], name)
        self.number = number

    def __reduce__(self) -> tuple[Any, ...]:
        return Output, (self.parents[0], self.number, self.name)


def _restored_call(
    op: Op, options: dict[str, Any], parents: tuple[Any, ...], saved: tuple[Any, ...] | None, shape: Any, dtype: Any, name: str | None
) -> Node:
    mask = sum(1 << i for i, parent in enumerate(parents) if isinstance(parent, Node) and parent.needs_grad)
    return Node(op, options, parents, op.make_plan(len(parents), mask), saved, shape, dtype, name)


def reachable(roots: Iterable[Node], since: int = 0) -> list[Node]:
    """All nodes not older than `since` that the roots are made of, themselves included, oldest first."""
    seen = set(roots)
    stack = list(seen)
    while stack:
        for parent in stack.pop().parents:
            if isinstance(parent, Node) and parent.age >= since and parent not in seen:
                seen.add(parent)
                stack.append(parent)
    return sorted(seen, key=lambda node: node.age)


def between(sources: Collection[Node], roots: Iterable[Node]) -> list[Node]:
    """The nodes on the ways from the sources to the roots, both included, oldest first."""
    found = set(sources)
    nodes = []
    for node in reachable(roots, min((node.age for node in sources), default=0)):
        if node in found or any(isinstance(parent, Node) and parent in found for parent in node.parents):
            found.add(node)
            nodes.append(node)
    return nodes


# -- writes -------------------------------------------------------------------------------------------------------------------------------
#
# Each write through a Tensor stamps the memory that it changed with an age of its own.  A node that saved that memory before the stamp is
# stale: its rules would see numbers that the forward pass did not.


class Stamp:
    """When a block of memory was last written (0: never), and through a Tensor of what name."""

    __slots__ = ("age", "name", "ref")

    def __init__(self, memory: np.ndarray, key: int) -> None:
        self.age, self.name = 0, None
        self.ref = weakref.ref(memory, lambda ref: _forget(key, ref))

    age: int
    name: str | None


def _forget(key: int, ref: weakref.ref[Any]) -> None:
    if key in _stamps and _stamps[key].ref is ref:
        del _stamps[key]


_stamps: dict[int, Stamp] = {}
_last_write = 0


def memory_of(a: np.ndarray) -> np.ndarray:
    """The array that owns the memory of `a`, which may be a view.

    >>> a = np.zeros((2, 3))
    >>> memory_of(a[0].T) is a
    True
    """
    while isinstance(a.base, np.ndarray):
        a = a.base
    return a


def stamp_of(a: np.ndarray) -> Stamp:
    """The stamp of the memory of `a`, for as long as that memory lives.

    >>> a = np.zeros((2, 3))
    >>> stamp_of(a[0]) is stamp_of(a)
    True
    """
    memory = a if a.base is None else memory_of(a)
    key = id(memory)
    stamp = _stamps.get(key)
    if stamp is None or stamp.ref() is not memory:  # an id may be given again
        stamp = _stamps[key] = Stamp(memory, key)
    return stamp


def mark_written(a: np.ndarray, name: str | None) -> int:
    """Note that the memory of `a` changes now, through a Tensor called `name`: before it does, for Ctrl-C could come between.

    Returns its age before, for `unmark_written`.
    """
    stamp = stamp_of(a)
    before, stamp.name = stamp.age, name
    mark_all((stamp,))
    return before


def mark_all(stamps: Iterable[Stamp]) -> None:
    """Note that the memory of each stamp changes now.

    >>> a = np.zeros(3)
    >>> mark_all([stamp_of(a)])
    >>> last_write(a)[0] == newest_write()
    True
    """
    global _last_write  # noqa: PLW0603  # the newest stamp, so that a graph younger than every write is checked in one comparison
    age = _last_write = next_age()
    for stamp in stamps:
        stamp.age = age


def unmark_written(a: np.ndarray, before: int) -> None:
    """Take back the newest mark: the write has failed."""
    stamp_of(a).age = before


def newest_write() -> int:
    """The age of the newest write: nodes that are younger can't be stale."""
    return _last_write


def last_write(a: np.ndarray) -> tuple[int, str | None]:
    """The age of the last write into the memory of `a`, 0 if there was none, and the name of the Tensor that wrote."""
    memory = memory_of(a)
    stamp = _stamps.get(id(memory))
    return (stamp.age, stamp.name) if stamp is not None and stamp.ref() is memory else (0, None)


def flat(saved: tuple[Any, ...]) -> Iterator[Any]:
    """The saved values; those of an output that is a tuple, one by one."""
    for value in saved:
        if isinstance(value, tuple):
            yield from value
        else:
            yield value


def check_fresh(node: Node) -> None:
    """Raise if an array that `node` saved was written since."""
    if node.age > _last_write or not node.saved:
        return
    for array in flat(node.saved):
        if isinstance(array, np.ndarray):
            age, name = last_write(array)
            if age > node.age:
                which = f"tensor {name!r}" if name else f"a tensor of shape {array.shape}"
                raise RuntimeError(
                    f"{node.op.name if node.op else 'leaf'}: {which}, which its derivative needs, was written after the forward pass; "
                    "call backward() before the write, or write into a .copy()"
                )
