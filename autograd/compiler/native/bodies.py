"""Bodies of loop nests, written from the expressions that they compute."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from .expression import Fold, Map, Moved, Node, Number, Picked, Position, contiguous
from .nest import Gather, Instruction, Literal, Load, Nest, Reduction, Store, View

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .nest import Buffer

__all__ = ["Root", "nest_of"]


class Root(NamedTuple):
    """What a nest does with a node: store it, as `target` says, or reduce it into the buffer of `fold`."""

    node: Node
    target: View
    fold: Fold | None = None


def nest_of(roots: Sequence[Root], buffers: Mapping[Node, Buffer]) -> Nest:
    """The nest that does what its roots, of one shape, say; what has a buffer is read from there, unless it is computed here."""
    return _Builder(roots, buffers).nest


class _Builder:
    def __init__(self, roots: Sequence[Root], buffers: Mapping[Node, Buffer]) -> None:
        self.buffers = buffers
        self.nest = Nest(roots[0].node.shape)
        self.own = {root.node for root in roots if root.fold is None and root.target.buffer is buffers.get(root.node)}
        self.known: dict[Any, int] = {}  # where in the body a node's number, or an item, stands
        for root in roots:
            item = self.item(root.node)
            if root.fold is None:
                self.nest.stores.append(Store(item, root.target))
            else:
                self.nest.reductions.append(Reduction(root.fold.kind, item, root.target))

    def in_memory(self, node: Node) -> bool:
        """Whether a node's number is read, rather than computed."""
        return node in self.buffers and node not in self.own

    def item(self, node: Node) -> int:
        """Where in the body the number of a node stands, whose shape broadcasts to the domain."""
        stack = [node]
        while stack:  # no recursion: chains may be long
            n = stack[-1]
            missing = [] if n in self.known else [arg for arg in self.inner(n) if arg not in self.known]
            if missing:
                stack.extend(missing)
                continue
            stack.pop()
            if n not in self.known:
                self.known[n] = self.add(self.load(n, 0, contiguous(n.shape)) if self.in_memory(n) else self.compute(n))
        return self.known[node]

    def inner(self, node: Node) -> tuple[Node, ...]:
        """The nodes whose numbers a node's number is computed from."""
        if self.in_memory(node) or isinstance(node, Moved):
            return ()
        return node.args[1:] if isinstance(node, Picked) else node.args

    def add(self, item: Any) -> int:
        """Append to the body what is not there yet."""
        if type(item) is int:
            return item
        key = ("literal", repr(item.value), item.dtype) if isinstance(item, Literal) else item
        if key not in self.known:
            self.nest.body.append(item)
            self.known[key] = len(self.nest.body) - 1
        return self.known[key]

    def load(self, node: Node, offset: int, strides: tuple[int, ...], base: Node | None = None) -> Load:
        """The number of a node that lies in memory, its own or that of another."""
        return Load(self.view(node, offset, strides, base or node))

    def view(self, node: Node, offset: int, strides: tuple[int, ...], base: Node) -> View:
        """Where the numbers of a node lie, whose shape broadcasts to the domain."""
        return View(self.buffers[base], offset, (0,) * (len(self.nest.domain) - len(node.shape)) + strides)

    def compute(self, node: Node) -> Any:
        """The item that computes a node."""
        match node:
            case Number():
                return Literal(node.value, node.dtype)
            case Position():
                return Instruction("position", (), node.dtype, node.axis + len(self.nest.domain) - len(node.shape))
            case Map(name="copy"):
                return self.known[node.args[0]]
            case Map():
                return Instruction(node.name, tuple(self.known[arg] for arg in node.args), node.dtype)
            case Moved():
                return self.load(node, node.offset, node.strides, node.args[0])
            case Picked():
                view = self.view(node, node.offset, node.strides, node.args[0])
                return Gather(view, self.known[node.args[1]], node.stride_of_index, node.count)
        raise AssertionError(node)
