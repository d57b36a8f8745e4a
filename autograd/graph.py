"""The graph: nodes, their ages, and the record of writes.

A node is one recorded call of an op, or a leaf.  Nodes hold nodes and arrays, never Tensors, so there are no reference cycles: memory goes
when the last Tensor goes.  A node is always older than its uses, so age is a topological order, and nothing here needs recursion.
"""

from __future__ import annotations

import itertools
import weakref
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .op import Op, Plan

__all__ = ["Node", "check_fresh", "mark_written", "reachable"]

_age = itertools.count(1).__next__
NO_OPTIONS: Mapping[str, Any] = MappingProxyType({})


class Node:
    """One value in the graph: a leaf (no op), one recorded call of an op, or one output of a call with several."""

    __slots__ = ("age", "dtype", "name", "needs_grad", "number", "op", "options", "owner", "parents", "plan", "saved", "shape")

    def __init__(
        self,
        op: Op | None,
        options: Mapping[str, Any],
        parents: tuple[Any, ...],
        plan: Plan | None,
        saved: tuple[Any, ...] | None,
        shape: Any,
        dtype: Any,
    ) -> None:
        self.op = op
        self.options = options
        self.parents = parents  # a Node for each Tensor, the number itself for a Python number, None for an array
        self.plan = plan
        self.saved = saved  # None once freed
        self.shape = shape  # of the value; for a call with several outputs: a tuple of shapes
        self.dtype = dtype
        self.age: int = _age()
        self.name: str | None = None
        self.number: int | None = None  # which output of its parent this is
        self.needs_grad = True
        self.owner: weakref.ref[Any] | None = None  # the Tensor that wants the gradient of this value

    @classmethod
    def leaf(cls, shape: tuple[int, ...], dtype: np.dtype[Any], *, needs_grad: bool) -> Node:
        """A value that no op made."""
        node = cls(None, NO_OPTIONS, (), None, None, shape, dtype)
        node.needs_grad = needs_grad
        return node

    @classmethod
    def output(cls, call: Node, number: int) -> Node:
        """One output of a call with several."""
        node = cls(call.op, call.options, (call,), None, (), call.shape[number], call.dtype[number])
        node.number = number
        return node

    def __repr__(self) -> str:
        what = "leaf" if self.op is None else self.op.name if self.number is None else f"{self.op.name}[{self.number}]"
        return f"<{what} node{f' {self.name!r}' if self.name else ''} {self.shape}>"

    def __reduce__(self) -> tuple[Any, ...]:
        if self.saved:
            check_fresh(self)
        return _restore, (
            self.op, dict(self.options), self.parents, self.saved, self.shape, self.dtype, self.name, self.number, self.needs_grad,
        )  # fmt: skip


def _restore(op: Op | None, options: dict[str, Any], parents: tuple[Any, ...], saved: Any, shape: Any, dtype: Any, *rest: Any) -> Node:
    name, number, needs_grad = rest
    mask = sum(1 << i for i, p in enumerate(parents) if isinstance(p, Node) and p.needs_grad)
    plan = op.plan(len(parents), mask) if op is not None and number is None else None
    node = Node(op, options, parents, plan, saved, shape, dtype)
    node.name, node.number, node.needs_grad = name, number, needs_grad
    return node


def reachable(roots: Iterable[Node]) -> list[Node]:
    """All nodes that the roots are made of, themselves included, oldest first."""
    seen = set(roots)
    stack = list(seen)
    while stack:
        for parent in stack.pop().parents:
            if isinstance(parent, Node) and parent not in seen:
                seen.add(parent)
                stack.append(parent)
    return sorted(seen, key=lambda node: node.age)


# -- writes -------------------------------------------------------------------------------------------------------------------------------
#
# Each write through a Tensor stamps the memory that it changed with an age of its own.  A node that saved that memory before the stamp is
# stale: its rules would see numbers that the forward pass did not.

_written: dict[int, tuple[int, str | None, weakref.ref[Any]]] = {}
_last_write = 0


def _memory(a: np.ndarray) -> np.ndarray:
    while isinstance(a.base, np.ndarray):
        a = a.base
    return a


def mark_written(a: np.ndarray, name: str | None) -> None:
    """Note that the memory of `a` has been changed, through a Tensor called `name`."""
    global _last_write  # noqa: PLW0603  # the newest stamp, so that a graph younger than every write is checked in one comparison
    memory = _memory(a)
    key = id(memory)
    old = _written.get(key)
    ref = old[2] if old is not None else weakref.ref(memory, lambda _: _written.pop(key, None))
    _last_write = _age()
    _written[key] = (_last_write, name, ref)


def check_fresh(node: Node) -> None:
    """Raise if an array that `node` saved was written since."""
    if node.age > _last_write or not node.saved:
        return
    for array in node.saved:
        if isinstance(array, np.ndarray):
            age, name, _ = _written.get(id(_memory(array)), (0, None, None))
            if age > node.age:
                which = f"tensor {name!r}" if name else f"a tensor of shape {array.shape}"
                raise RuntimeError(
                    f"{node.op.name if node.op else 'leaf'}: {which}, which its derivative needs, was written after the forward pass; "
                    "call backward() before the write, or write into a .copy()"
                )
