"""What is computed where: a program becomes an ordered list of loop nests, matrix products and calls of NumPy.

Each step is read (`reading`, `lowerings`) as an expression of a few kinds of nodes; equal nodes become one.  Then it is decided which nodes
are stored: what others read from memory, and what is dear and used more than once.  Everything else is computed where it is needed, in the
loops of what is stored, which join if their domains are the same, none waits for the other's reduction, and both are short.  Writes into
the memory of inputs come last of all, after everything that can fail and everything that reads the old values.
"""

from __future__ import annotations

from math import inf, prod
from typing import TYPE_CHECKING

import numpy as np

from ..passes import has_effect
from ..program import Value
from .bodies import Root, nest_of
from .elementary import NEAR
from .expression import (
    LIGHT,
    Called,
    Fold,
    Joined,
    Map,
    Memory,
    Moved,
    Node,
    Picked,
    Position,
    Product,
    blas_layout,
    contiguous,
    copied,
    layout,
    mapped,
    merged,
    ordered,
    pushed,
)  # fmt: skip
from .lowerings import lowered
from .nest import Buffer, Nest, View
from .pieces import Gemm, Matrix, NumpyCall, Part, Schedule, reads, writes
from .reading import constant
from .scalars import NATIVE, Unreadable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from ..program import Program, Step

__all__ = ["schedule"]

LIMIT = 80
"""The weight of what one loop computes: a processor looks no farther ahead, and LLVM takes longer for one long loop than for two."""


def schedule(program: Program) -> Schedule:
    """The pieces of a program."""
    return _Scheduler(program).run()


def read(program: Program) -> dict[Value, Node]:
    """The node of each value."""
    nodes: dict[Value, Node] = {value: Memory(value.shape, value.dtype, (), value.weak, value) for value, _ in program.inputs}

    def node(value: Value) -> Node:
        if value not in nodes:
            try:
                nodes[value] = constant(value.content)
            except Unreadable:
                nodes[value] = Memory(value.shape, value.dtype, value=value)
        return nodes[value]

    for step in program.steps:
        results: Iterable[Node] | None = lowered(step, node)
        if results is None:
            args = tuple(node(a) for a in step.args if isinstance(a, Value) and a.content is None)
            results = [Called(v.shape, v.dtype, args, v.weak, step, k) for k, v in enumerate(step.results)]
        nodes.update(zip(step.results, results, strict=True))
    for value in program.results():
        node(value)
    return nodes


class _Scheduler:
    """What is known while a program is scheduled."""

    def __init__(self, program: Program) -> None:
        nodes = read(program)
        effects = [node for step in program.steps if has_effect(step) for node in map(nodes.__getitem__, step.results)]
        results = {value: pushed(nodes[value]) for value in program.results()}
        instead = merged([*effects, *results.values()])
        self.effects = [instead[node] for node in effects]
        self.outputs = [instead[results[value]] for value in program.outputs]
        self.writes = {nodes[t]: new for t, value in program.writes if (new := instead[results[value]]) is not nodes[t]}
        self.order = ordered([*self.effects, *self.outputs, *self.writes.values()])
        self.users: dict[Node, list[Node]] = {}
        for node in self.order:
            for arg in node.args:
                self.users.setdefault(arg, []).append(node)
        self.schedule = Schedule()
        self.buffers: dict[Node, Buffer] = {}
        self.made_at: dict[Node, int] = {}  # where in `work` a stored node is computed
        self.work: list[list[Root] | Gemm | NumpyCall] = []
        self.must_store: set[Buffer] = set()  # although nobody reads it
        self.calls: dict[Step, int] = {}  # where in `work` a step is left to NumPy
        self.computed: dict[int, set[Node]] = {}  # what each nest of `work` computes
        self._name(program, nodes)

    def run(self) -> Schedule:
        """All of it, in order: what is stored is computed, then come the outputs that are not there yet, and the writes."""
        self.updates = self._updates()
        self.stored = self._what_is_stored()
        in_place = self._outputs_in_place()
        for node in self.order:
            if node in self.stored:
                self._compute(node)
        self.schedule.outputs = [in_place.get(k) or self._output(k, node) for k, node in enumerate(self.outputs)]
        self._write()
        self._finish()
        return self.schedule

    # -- buffers

    def _name(self, program: Program, nodes: dict[Value, Node]) -> None:
        """Name the memory that is there: inputs and constants."""
        for k, (value, _) in enumerate(program.inputs):
            self.buffers[nodes[value]] = buffer = Buffer(f"x{k}", value.size, value.dtype)
            self.schedule.inputs.append(buffer)
        for node in self.order:
            if isinstance(node, Memory) and node not in self.buffers:
                self.buffers[node] = buffer = Buffer(f"c{len(self.schedule.constants)}", node.size, node.dtype)
                self.schedule.constants[buffer] = node.value.content

    def _scratch(self, node: Node) -> Buffer:
        """New memory for a node, for as long as it is needed."""
        self.schedule.scratch.append(Buffer(f"t{len(self.schedule.scratch)}", node.size, node.dtype))
        return self.schedule.scratch[-1]

    def _part(self, node: Node) -> Part:
        """A node that lies in memory, for NumPy."""
        base, offset, strides = (node, 0, contiguous(node.shape)) if node in self.buffers else layout(node)
        return Part(View(self.buffers[base], offset, strides), node.shape, node.weak)

    # -- what is stored

    def _what_is_stored(self) -> set[Node]:
        """The nodes that get memory of their own."""
        stored: set[Node] = {n for n in self.order if isinstance(n, (Fold, Product, Called, Joined))}
        for node in self.order:
            if isinstance(node, (Moved, Picked)):
                stored.add(node.args[0])
            elif isinstance(node, (Product, Called)):
                stored.update(layout(arg)[0] for arg in node.args)
            if isinstance(node, (Map, Picked)) and node.weight > LIGHT:
                users = set(self.users.get(node, ()))
                if len(users) > 1 or any(isinstance(user, Map) and (user.shape != node.shape or _looks_ahead(user)) for user in users):
                    stored.add(node)
        self._shorten(stored)
        for alpha, product in self.updates.values():
            stored.add(alpha)
            stored.remove(product)
        needed = {*ordered([*self.outputs, *self.writes.values()])}
        stored.update(node for node in self.effects if node not in needed)
        return {node for node in stored if not isinstance(node, Memory)}

    def _shorten(self, stored: set[Node]) -> None:
        """Store within chains what makes them longer than one loop is to be."""
        inside: dict[Node, int] = {}
        for node in self.order:
            inside[node] = node.own + sum(inside[arg] for arg in node.args if arg not in stored)
            if inside[node] > LIMIT and isinstance(node, (Map, Picked)):
                stored.add(node)

    def _updates(self) -> dict[Node, tuple[Node, Node]]:
        """Written values p ± s · (a b) whose product nobody else asks for: it is added to p as it is computed.  (± s, product) of each."""
        found: dict[Node, tuple[Node, Node]] = {}
        negatives: dict[Node, Node] = {}
        once: Callable[..., bool] = lambda node, *users: self.users.get(node, []) == [*users] and node not in self.outputs
        for target, node in self.writes.items():
            if not (isinstance(node, Map) and node.name in ("add", "subtract") and node.args[0] is target):
                continue
            step = node.args[1]
            if not (once(node) and isinstance(step, Map) and step.name == "multiply" and once(step, node)):
                continue
            scale, product = step.args if isinstance(step.args[1], Product) else step.args[::-1]
            is_matrix = isinstance(product, Product) and once(product, step) and product.shape == target.shape and len(target.shape) == 2
            if is_matrix and scale.size == 1 and self.writes.keys().isdisjoint(layout(arg)[0] for arg in product.args):
                minus = negatives.setdefault(scale, mapped("negative", scale.dtype, scale))
                found[node] = (scale if node.name == "add" else minus, product)
        self.order = ordered([*self.order, *(alpha for alpha, _ in found.values())])
        return found

    # -- outputs

    def _outputs_in_place(self) -> dict[int, Part]:
        """Let what is stored anyway be computed in the memory of an output."""
        parts: dict[int, Part] = {}
        for k, node in enumerate(self.outputs):
            base, offset, strides = layout(node)
            whole = base.size == node.size and not offset and strides == contiguous(node.shape)
            if base in self.stored and base not in self.buffers and whole:
                buffer = self.buffers[base] = Buffer(f"y{k}", node.size, node.dtype)
                parts[k] = Part(View(buffer, 0, strides), node.shape)
        return parts

    def _output(self, k: int, node: Node) -> Part:
        """Store an output that is not there."""
        part = Part(View(Buffer(f"y{k}", node.size, node.dtype), 0, contiguous(node.shape)), node.shape)
        self._copy(node, part)
        return part

    def _copy(self, node: Node, part: Part, after: int = 0, limit: float = LIMIT) -> None:
        """Store a node, once more if it is stored."""
        if node.dtype in NATIVE:
            self._join(Root(node, part.view), after, limit)
        else:
            self._append(NumpyCall(None, (self._part(node),), (part,)))

    # -- computing

    def _compute(self, node: Node) -> None:
        """Let a node be computed."""
        if node not in self.buffers:
            self.buffers[node] = self._scratch(node)
        buffer, strides = self.buffers[node], contiguous(node.shape)
        if node in self.effects:
            self.must_store.add(buffer)
        if isinstance(node, Called):
            self.made_at[node] = self._call(node)
        elif isinstance(node, Product):
            self.made_at[node] = self._multiply(node, buffer)
        elif isinstance(node, Fold):
            kept = tuple(0 if k in node.axes else s for k, s in enumerate(strides))
            self.made_at[node] = self._join(Root(node.args[0], View(buffer, 0, kept), node))
        elif isinstance(node, Joined):
            at, under = 0, node.args[0].size == node.size  # what is everywhere is written first, when the others are known, and no earlier
            if under:
                at = max(self._earliest(part) for part in node.args)
            for k, (part, (offset, steps)) in enumerate(zip(node.args, node.regions, strict=True)):
                at = self._join(Root(part, View(buffer, offset, steps)), at + bool(k and under))
            self.made_at[node] = at
        else:
            self.made_at[node] = self._join(Root(node, View(buffer, 0, strides)))

    def _append(self, piece: Gemm | NumpyCall) -> int:
        self.work.append(piece)
        return len(self.work) - 1

    def _join(self, root: Root, after: int = 0, limit: float = LIMIT) -> int:
        """Add a root to the first nest, from `after` on, of its domain that has room and comes after all that it needs, or start a nest.

        Gives its index in `work`.
        """
        domain = root.node.shape
        after = max(after, self._earliest(root.node))
        own = {n for n, _ in self._reached(root.node) if n is root.node or n not in self.stored}
        for k in range(after, len(self.work)):
            if isinstance(group := self.work[k], list) and group[0].node.shape == domain and _in_one_loop([*group, root]):
                both = self.computed[k] | own
                if sum(n.own for n in both) <= limit:
                    self.computed[k] = both
                    group.append(root)
                    return k
        self.computed[len(self.work)] = own
        self.work.append([root])
        return len(self.work) - 1

    def _earliest(self, node: Node) -> int:
        """The first index in `work` where all is there that a loop for a node needs, or is computed just before in the same loop."""
        needed = [(n, direct and isinstance(n, (Map, Picked, Position))) for n, direct in self._reached(node) if n in self.made_at]
        return max((self.made_at[n] + (not together) for n, together in needed), default=0)

    def _reached(self, node: Node) -> Iterator[tuple[Node, bool]]:
        """What the loop for a node computes or reads, and whether it needs just the number at its own place."""
        seen: set[tuple[Node, bool]] = set()
        stack = [(node, True)]
        while stack:
            n, direct = found = stack.pop()
            if found not in seen:
                seen.add(found)
                yield found
                if n is node or n not in self.stored:
                    aside = isinstance(n, Moved) or _looks_ahead(n)
                    stack.extend((arg, direct and not aside and not (isinstance(n, Picked) and not k)) for k, arg in enumerate(n.args))

    def _call(self, node: Called) -> int:
        """A call of NumPy, once for all of its results."""
        at = self.calls.get(node.step)
        if at is None:
            args = iter(node.args)
            given = [
                (a.content if a.content is not None else self._part(next(args))) if isinstance(a, Value) else a for a in node.step.args
            ]
            at = self.calls[node.step] = self._append(NumpyCall(node.step, tuple(given), (None,) * len(node.step.results)))
        call = self.work[at]
        assert isinstance(call, NumpyCall)  # as found above
        call.results = (*call.results[: node.number], self._part(node), *call.results[node.number + 1 :])
        return at

    def _multiply(self, node: Node, buffer: Buffer, alpha: Buffer | None = None) -> int:
        """A product into a buffer; with `alpha`, so many times the product is added to what is there."""
        a, b = node.args
        (m, k), n, lead = a.shape[-2:], b.shape[-1], node.shape[:-2]
        starts = zip(_starts(a, lead), _starts(b, lead), range(0, prod(lead) * m * n, m * n), strict=True)
        return self._append(Gemm(self._matrix(a), self._matrix(b), Matrix(buffer, 0, False, n), m, n, k, tuple(starts), alpha))

    def _matrix(self, node: Node) -> Matrix:
        base, offset, strides = layout(node)
        found = blas_layout(node.shape[-2:], strides[-2:])
        assert found is not None  # `product` copies what BLAS can't read
        return Matrix(self.buffers[base], offset, *found)

    # -- writes

    def _write(self) -> None:
        """Stores into inputs, last: a value that reads what another write changes, or that can fail, is there before them.

        Those that read at their own places what another changes are in one loop, however long.
        """
        for target, node in self.writes.items():
            if node not in self.updates and node not in self.stored and self._must_be_there(target, node):
                self.writes[target] = new = copied(node)
                self.buffers[new] = self._scratch(node)
                self.stored.add(new)
                part = self._part(new)
                if node.dtype in NATIVE:
                    self.made_at[new] = self._join(Root(new, part.view))
                else:
                    self._copy(node, part)
        first = len(self.work)
        crossed = any(n in self.writes and n is not target for target, node in self.writes.items() for n, _ in self._reached(node))
        for target, node in self.writes.items():
            if node in self.updates:
                alpha, product = self.updates[node]
                self._multiply(product, self.buffers[target], self.buffers[alpha])
            else:
                self._copy(node, self._part(target), first, limit=inf if crossed else LIMIT)

    def _must_be_there(self, target: Node, node: Node) -> bool:
        """Whether a value that is written has to be computed before: it may fail, or reads what another write changes before it."""
        for n, direct in self._reached(node):
            if isinstance(n, Picked) and n not in self.stored:
                return True
            if n in self.writes and not (direct and n.shape == target.shape and n.dtype in NATIVE and self.writes[n] not in self.updates):
                return True
        return False

    # -- nests

    def _finish(self) -> None:
        """Make nests of the groups, without stores that nobody reads."""
        pieces = [nest_of(work, self.buffers) if isinstance(work, list) else work for work in self.work]
        needed = self.must_store | {b for piece in pieces for b in reads(piece)} | {part.view.buffer for part in self.schedule.outputs}
        needed.update(self.schedule.inputs)
        for piece in pieces:
            if isinstance(piece, Nest):
                piece.stores = [s for s in piece.stores if s.view.buffer in needed]
                if 0 in piece.domain or not (piece.stores or piece.reductions):
                    continue
            self.schedule.pieces.append(piece)
        named = {b for piece in self.schedule.pieces for b in (*reads(piece), *writes(piece))}
        self.schedule.scratch = [b for b in self.schedule.scratch if b in named]


def _looks_ahead(node: Node) -> bool:
    """Whether the nest first goes through all arguments of this function for one beyond `NEAR` (see `Loops.guard`).

    A dear argument is then stored, not computed in both passes.
    """
    return isinstance(node, Map) and node.name in NEAR and node.args[0].weight > LIGHT


def _in_one_loop(roots: Iterable[Root]) -> bool:
    """Whether all reductions of roots go over the same axes."""
    return len({(r.fold.axes, r.fold.kind.startswith("arg")) for r in roots if r.fold is not None}) < 2


def _starts(node: Node, lead: tuple[int, ...]) -> list[int]:
    """Where each matrix of a stack begins, relative to the first, as the stack broadcasts to `lead`."""
    strides = layout(node)[2][:-2]
    steps = (0,) * (len(lead) - len(strides)) + strides
    return [int(np.dot(place, steps)) for place in np.ndindex(*lead)]
