"""What is computed where: a program becomes an ordered list of loop nests, matrix products and calls of NumPy.

Each step is read (`reading`, `lowerings`) as an expression of a few kinds of nodes; equal nodes become one.  Then it is decided which nodes
are stored: what others read from memory, and what is dear and used more than once.  Everything else is computed where it is needed, in the
loops of what is stored, which join if their domains are the same and none waits for the other's reduction.  Writes into the memory of
inputs come last of all, after everything that can fail and everything that reads the old values.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import prod
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..program import Draw, Value
from .expression import LIGHT, Called, Fold, Joined, Map, Memory, Moved, Node, Number, Picked, Place, Product, contiguous, layout, mapped, pushed
from .lowerings import LOWERINGS
from .nest import Buffer, Gather, Instruction, Literal, Load, Nest, Reduction, Store, View
from .reading import Symbol, constant, node_of
from .scalars import NATIVE, Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..program import Program, Step

__all__ = ["Gemm", "Matrix", "NumpyCall", "Part", "Piece", "Schedule", "schedule"]


class Matrix(NamedTuple):
    """A matrix in memory, as BLAS sees it: rows of `leading` numbers, or, `transposed`, columns."""

    buffer: Buffer
    offset: int
    transposed: bool
    leading: int


@dataclass(eq=False)
class Gemm:
    """c = α a b + β c, of matrices of m × k and k × n numbers; once for each of `batch`, offsets to add to those of a, b and c."""

    a: Matrix
    b: Matrix
    c: Matrix
    m: int
    n: int
    k: int
    batch: tuple[tuple[int, int, int], ...] = ((0, 0, 0),)
    alpha: Buffer | None = None  # 1
    beta: float = 0.0


class Part(NamedTuple):
    """An argument or a result of a call of NumPy: a view of a buffer, of a shape."""

    view: View
    shape: tuple[int, ...]


@dataclass(eq=False)
class NumpyCall:
    """A step that NumPy does (without one, a copy): `args` are parts of buffers, or what the step says; `results`: where what is read goes."""

    step: Step | None
    args: tuple[Any, ...]
    results: tuple[Part | None, ...]


Piece = Nest | Gemm | NumpyCall


@dataclass(eq=False)
class Schedule:
    """Pieces in the order in which they run, and the buffers that they name."""

    pieces: list[Piece] = field(default_factory=list)
    inputs: list[Buffer] = field(default_factory=list)
    outputs: list[Part] = field(default_factory=list)
    constants: dict[Buffer, Any] = field(default_factory=dict)
    scratch: list[Buffer] = field(default_factory=list)


def schedule(program: Program) -> Schedule:
    """The pieces of a program."""
    return _Planner(program).schedule


# -- reading ------------------------------------------------------------------------------------------------------------------------------


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
        results = _read(step, node)
        if results is None:
            args = tuple(node(a) for a in step.args if isinstance(a, Value) and a.content is None)
            results = [Called(v.shape, v.dtype, args, v.weak, step, k) for k, v in enumerate(step.results)]
        nodes.update(zip(step.results, results, strict=True))
    for value in program.results():
        node(value)
    return nodes


def _read(step: Step, node: Any) -> list[Node] | None:
    """The nodes of a step's results; None where it can't be read."""
    values = [a for a in (*step.args, *step.results) if isinstance(a, Value)]
    if isinstance(step.op, Draw) or any(v.dtype not in NATIVE for v in values):
        return None
    lowering = LOWERINGS.get(step.op.name, step.op.forward) if step.op.kind != "indexed" else step.op.forward
    args = [Symbol(node(a)) if isinstance(a, Value) else a for a in step.args]
    try:
        y = lowering(*args, **step.options)
    except Exception:  # noqa: BLE001  # whatever it is that a forward can't do with symbols, NumPy will do with arrays
        return None
    found = y if step.plural else (y,)
    results = [a.node if isinstance(a, Symbol) else node_of(a) for a in found]
    fits = len(results) == len(step.results) and all(a.shape == v.shape and a.dtype == v.dtype for a, v in zip(results, step.results, strict=True))
    return [_as_weak(a) if v.weak else a for a, v in zip(results, step.results, strict=True)] if fits else None


def _as_weak(a: Node) -> Node:
    """A node as a Python number, which widens no array."""
    return a if a.weak else Map(a.shape, a.dtype, (a,), True, "copy")


def _ordered(results: Iterable[Node]) -> list[Node]:
    """All nodes that the results need, each after its args."""
    order: dict[Node, None] = {}
    for result in results:
        stack = [(result, False)]
        while stack:
            node, done = stack.pop()
            if node in order:
                continue
            if done:
                order[node] = None
            else:
                stack.append((node, True))
                stack.extend((arg, False) for arg in reversed(node.args) if arg not in order)
    return list(order)


def _merged(results: list[Node]) -> dict[Node, Node]:
    """For each node the one that stands for all that are equal to it."""
    known: dict[Any, Node] = {}
    instead: dict[Node, Node] = {}
    for node in _ordered(results):
        node.args = tuple(instead[arg] for arg in node.args)
        key = (type(node), node.shape, node.dtype, node.weak, node.facts, tuple(map(id, node.args)))
        instead[node] = known.setdefault(key, node)
    return instead


# -- planning -----------------------------------------------------------------------------------------------------------------------------


class _Root(NamedTuple):
    """What a nest does with a node: store it, as `target` says, or reduce it into the buffer of `fold`."""

    node: Node
    target: View
    fold: Fold | None = None


class _Planner:
    def __init__(self, program: Program) -> None:
        self.schedule = Schedule()
        nodes = read(program)
        effects = [nodes[step.results[0]] for step in program.steps if isinstance(step.op, Draw)]
        for v in program.results():
            nodes[v] = pushed(nodes[v])
        results = [nodes[v] for v in program.results()]
        instead = _merged([*effects, *results])
        self.outputs = [instead[nodes[v]] for v in program.outputs]
        self.writes = [(nodes[target], instead[nodes[v]]) for target, v in program.writes if nodes[target] is not instead[nodes[v]]]
        self.order = _ordered([instead[n] for n in (*effects, *results)])
        self.buffers: dict[Node, Buffer] = {}
        self.count = 0
        self._name_inputs(program, nodes, instead)
        self.updates = self._updates()
        self.stored = self._what_is_stored()
        self.level: dict[Node, int] = {}  # from which piece on a stored node can be read
        self.roots: list[list[_Root] | Gemm | NumpyCall] = []
        self.calls: dict[Any, NumpyCall] = {}
        self._place_outputs()
        for node in self.order:
            if node in self.stored:
                self._place(node)
        self._copy_outputs()
        self._write()
        self._finish()

    # -- buffers

    def _name_inputs(self, program: Program, nodes: dict[Value, Node], instead: dict[Node, Node]) -> None:
        for k, (value, _) in enumerate(program.inputs):
            buffer = Buffer(f"in{k}", value.size, value.dtype)
            self.schedule.inputs.append(buffer)
            self.buffers[nodes[value]] = buffer
        for node in self.order:
            if isinstance(node, Memory) and node not in self.buffers:
                buffer = Buffer(f"const{len(self.schedule.constants)}", node.size, node.dtype)
                self.schedule.constants[buffer] = node.value.content
                self.buffers[node] = buffer

    def _new(self, node: Node, stem: str = "t") -> Buffer:
        self.count += 1
        buffer = self.buffers[node] = Buffer(f"{stem}{self.count}", node.size, node.dtype)
        return buffer

    def _scratch(self, node: Node) -> Buffer:
        buffer = self._new(node)
        self.schedule.scratch.append(buffer)
        return buffer

    # -- updates by products

    def _updates(self) -> dict[Node, tuple[Node, Node]]:
        """Writes of the form p ± s · (a b) where nobody else asks for the product: it is added to p as it is computed.  (s, product) each."""
        users: dict[Node, int] = {}
        for node in self.order:
            for arg in node.args:
                users[arg] = users.get(arg, 0) + 1
        for node in self.outputs:
            users[node] = users.get(node, 0) + 1
        written = {target for target, _ in self.writes}
        found: dict[Node, tuple[Node, Node]] = {}
        negatives: dict[Node, Node] = {}
        for target, node in self.writes:
            if not (isinstance(node, Map) and node.name in ("add", "subtract") and node not in users and node.args[0] is target):
                continue
            step = node.args[1]
            if not (isinstance(step, Map) and step.name == "multiply" and users[step] == 1 and step.shape == target.shape):
                continue
            for scale, a in (step.args, step.args[::-1]):
                if isinstance(a, Product) and users[a] == 1 and a.shape == target.shape and len(a.shape) == 2 and scale.size == 1:
                    if written.isdisjoint(layout(arg)[0] for arg in a.args):
                        minus = negatives.setdefault(scale, mapped("negative", scale.dtype, scale))
                        found[node] = (scale if node.name == "add" else minus, a)
        self.order = _ordered([*self.order, *(alpha for alpha, _ in found.values())])
        return found

    def _update(self, target: Memory, alpha: Node, product: Node) -> None:
        """p ± s · (a b), in the memory of p."""
        self._multiply(product, self.buffers[target], self.buffers[alpha])

    # -- what is stored

    def _what_is_stored(self) -> set[Node]:
        """The nodes that get memory of their own."""
        users: dict[Node, list[Node]] = {}
        for node in self.order:
            for arg in node.args:
                users.setdefault(arg, []).append(node)
        stored = {n for n in self.order if isinstance(n, (Fold, Product, Called, Joined))}
        for node in self.order:
            if isinstance(node, (Moved, Picked)):
                stored.add(node.args[0])
            elif isinstance(node, (Product, Called)):
                stored.update(layout(arg)[0] for arg in node.args)
        for node in self.order:
            if isinstance(node, (Map, Picked)) and node.weight > LIGHT:
                used = set(users.get(node, ()))
                if len(used) > 1 or any(user.shape != node.shape for user in used if isinstance(user, Map)):
                    stored.add(node)
        for alpha, a in self.updates.values():
            stored.add(alpha)
            stored.remove(a)
        return {n for n in stored if not isinstance(n, Memory)}

    # -- outputs

    def _place_outputs(self) -> None:
        """Let what is stored anyway be computed in the memory of outputs."""
        self.parts: dict[int, Part] = {}
        for k, node in enumerate(self.outputs):
            base, offset, strides = layout(node)
            whole = base.size == node.size and not offset and strides == contiguous(node.shape)
            if base in self.stored and whole and base not in self.buffers and not isinstance(base, Memory):
                buffer = self._new(base, "out")
                self.parts[k] = Part(View(buffer, 0, contiguous(node.shape)), node.shape)

    def _copy_outputs(self) -> None:
        """Store all other outputs."""
        for k, node in enumerate(self.outputs):
            if k not in self.parts:
                self.count += 1
                buffer = Buffer(f"out{self.count}", node.size, node.dtype)
                view = View(buffer, 0, contiguous(node.shape))
                self.parts[k] = Part(view, node.shape)
                if node.dtype in NATIVE:
                    self._join(node.shape, _Root(node, view))
                else:
                    self._append(NumpyCall(None, (self._part(node),), (self.parts[k],)))
        self.schedule.outputs = [self.parts[k] for k in range(len(self.outputs))]

    # -- placing

    def _place(self, node: Node) -> None:
        """Let a node be computed."""
        if isinstance(node, Called):
            self._call(node)
            return
        buffer = self.buffers.get(node) or self._scratch(node)
        strides = tuple(0 if n == 1 else s for n, s in zip(node.shape, contiguous(node.shape), strict=True))
        if isinstance(node, Fold):
            kept = tuple(0 if k in node.axes else s for k, s in enumerate(strides))
            self.level[node] = self._join(node.args[0].shape, _Root(node.args[0], View(buffer, 0, kept), node))
        elif isinstance(node, Product):
            self._multiply(node, buffer)
        elif isinstance(node, Joined):
            after = -1
            for part, (offset, steps) in zip(node.args, node.regions, strict=True):
                after = self._join(part.shape, _Root(part, View(buffer, offset, steps)), after + 1)
            self.level[node] = after
        else:
            self.level[node] = self._join(node.shape, _Root(node, View(buffer, 0, strides)))

    def _join(self, domain: tuple[int, ...], root: _Root, after: int = 0) -> int:
        """Put a root into the first nest of its domain that comes after all that it needs, or into a new one; which that is."""
        for needed, direct in self._needs(root.node):
            if needed in self.level:
                at = self.level[needed]
                together = direct and needed.shape == domain and isinstance(needed, (Map, Picked, Place))
                after = max(after, at if together else at + 1)
        for k in range(after, len(self.roots)):
            if isinstance(group := self.roots[k], list) and group[0].node.shape == domain and _in_one_loop(group, root):
                group.append(root)
                return k
        self.roots.append([root])
        return len(self.roots) - 1

    def _needs(self, node: Node) -> Iterator[tuple[Node, bool]]:
        """The stored nodes that the loop for a node needs, and whether it needs just the number at its own place."""
        seen: set[tuple[Node, bool]] = set()
        stack = [(node, True)]
        while stack:
            n, direct = stack.pop()
            if (n, direct) in seen:
                continue
            seen.add((n, direct))
            if n is not node and n in self.stored:
                yield n, direct
            else:
                stack.extend((arg, direct and not isinstance(n, Moved) and not (isinstance(n, Picked) and k == 0)) for k, arg in enumerate(n.args))

    def _ready(self, nodes: Iterable[Node]) -> int:
        """The first place in the order after all of these."""
        return max((self.level[base] + 1 for n in nodes if (base := layout(n)[0]) in self.level), default=0)

    def _append(self, piece: Gemm | NumpyCall) -> int:
        self.roots.append(piece)
        return len(self.roots) - 1

    def _part(self, node: Node) -> Part:
        base, offset, strides = (node, 0, contiguous(node.shape)) if node in self.buffers else layout(node)
        return Part(View(self.buffers[base], offset, strides), node.shape)

    def _call(self, node: Called) -> None:
        call = self.calls.get(node.step)
        if call is None:
            args = iter(node.args)
            parts = tuple(
                (a.content if a.content is not None else self._part(next(args))) if isinstance(a, Value) else a for a in node.step.args
            )
            call = self.calls[node.step] = NumpyCall(node.step, parts, (None,) * len(node.step.results))
            self._append(call)
        buffer = self.buffers.get(node) or self._scratch(node)
        part = Part(View(buffer, 0, contiguous(node.shape)), node.shape)
        call.results = (*call.results[: node.number], part, *call.results[node.number + 1 :])
        self.level[node] = self.roots.index(call)

    def _multiply(self, node: Node, buffer: Buffer, alpha: Buffer | None = None) -> None:
        """A product into a buffer; with `alpha`, so many times the product is added to what is there."""
        a, b = node.args
        (m, k), n = a.shape[-2:], b.shape[-1]
        left, right = self._matrix(a), self._matrix(b)
        lead = node.shape[:-2]
        batch = [_offsets(x, lead) for x in (a, b)]
        piece = Gemm(left, right, Matrix(buffer, 0, False, n), m, n, k, tuple(zip(*batch, [i * m * n for i in range(prod(lead))], strict=True)), alpha, float(alpha is not None))
        self.level[node] = self._append(piece)

    def _matrix(self, node: Node) -> Matrix:
        base, offset, strides = layout(node)
        transposed, leading = blas_layout(node.shape[-2:], strides[-2:])
        return Matrix(self.buffers[base], offset, transposed, leading)

    # -- writes

    def _write(self) -> None:
        """Stores into inputs, last: a value that reads what another write changes, or that can fail, is computed before them."""
        written = {target for target, _ in self.writes}
        for target, node in self.writes:
            if node in self.updates:
                continue
            if node.dtype in NATIVE:
                if node not in self.stored and self._unsafe(target, node, written):
                    self.stored.add(node)
                    self._place(node)
            elif layout(node)[0] in written:
                part, buffer = self._part(node), self._scratch(node)
                self._append(NumpyCall(None, (part,), (Part(View(buffer, 0, contiguous(node.shape)), node.shape),)))
        first = len(self.roots)
        for target, node in self.writes:
            if node in self.updates:
                self._update(target, *self.updates[node])
                continue
            view = View(self.buffers[target], 0, contiguous(target.shape))
            if node.dtype in NATIVE:
                self._join(node.shape, _Root(node, view), first)
            else:
                self._append(NumpyCall(None, (self._part(node),), (Part(view, node.shape),)))

    def _unsafe(self, target: Memory, node: Node, written: set[Memory]) -> bool:
        """Whether a value has to be there before the first write."""
        stack, seen = [(node, True)], set()
        while stack:
            n, direct = stack.pop()
            if (n, direct) in seen or (n in self.stored and n is not node):
                continue
            seen.add((n, direct))
            if isinstance(n, Picked) or (n in written and not (direct and n.shape == target.shape)):
                return True
            stack.extend((arg, direct and not isinstance(n, Moved)) for arg in n.args)
        return False

    # -- nests

    def _finish(self) -> None:
        """Make nests of the groups, without what nobody reads, and number the buffers."""
        nests = [_Builder(self, group).nest if isinstance(group, list) else group for group in self.roots]
        read = {buffer for piece in nests for buffer in reads(piece)} | {part.view.buffer for part in self.schedule.outputs}
        own = set(self.schedule.scratch)
        for piece in nests:
            if isinstance(piece, Nest):
                if 0 in piece.domain:
                    continue
                piece.stores = [s for s in piece.stores if s.view.buffer not in own or s.view.buffer in read]
                if not piece.stores and not piece.reductions:
                    continue
            self.schedule.pieces.append(piece)
        named = {b for piece in self.schedule.pieces for b in (*reads(piece), *writes(piece))}
        self.schedule.scratch = [b for b in self.schedule.scratch if b in named]


def _in_one_loop(group: Iterable[_Root], root: _Root) -> bool:
    """Whether a root's reduction goes over the same axes as those of a group."""
    loops = {(r.fold.axes, r.fold.kind.startswith("arg")) for r in (*group, root) if r.fold is not None}
    return len(loops) < 2  # noqa: PLR2004


def blas_layout(shape: tuple[int, ...], strides: tuple[int, ...]) -> tuple[bool, int]:
    """Whether BLAS reads a matrix as a transposed one, and its leading size; ValueError where it can't read it.

    >>> blas_layout((2, 3), (3, 1)), blas_layout((3, 2), (1, 3))
    ((False, 3), (True, 3))
    """
    (m, k), (row, column) = shape, strides
    if (column == 1 or k == 1) and (row >= k or m == 1):
        return False, max(row, k)
    if (row == 1 or m == 1) and (column >= m or k == 1):
        return True, max(column, m)
    raise ValueError("neither rows nor columns are contiguous")


def _offsets(node: Node, lead: tuple[int, ...]) -> list[int]:
    """Where each matrix of a stack begins, relative to the first."""
    strides = layout(node)[2][:-2]
    steps = [0] * (len(lead) - len(strides)) + [0 if n == 1 else s for n, s in zip(node.shape, strides, strict=False)]
    return [int(np.dot(place, steps)) for place in np.ndindex(*lead)]


def reads(piece: Piece) -> set[Buffer]:
    """The buffers that a piece reads."""
    if isinstance(piece, Nest):
        return {item.view.buffer for item in piece.body if isinstance(item, (Load, Gather))}
    if isinstance(piece, Gemm):
        return {piece.a.buffer, piece.b.buffer, *([piece.alpha] if piece.alpha is not None else [])}
    return {part.view.buffer for part in piece.args if isinstance(part, Part)}


def writes(piece: Piece) -> set[Buffer]:
    """The buffers that a piece writes."""
    if isinstance(piece, Nest):
        return {s.view.buffer for s in (*piece.stores, *piece.reductions)}
    if isinstance(piece, Gemm):
        return {piece.c.buffer}
    return {part.view.buffer for part in piece.results if part is not None}


class _Builder:
    """The body of one nest, written from its roots."""

    def __init__(self, planner: _Planner, roots: list[_Root]) -> None:
        self.planner = planner
        self.nest = Nest(roots[0].node.shape)
        self.own = {root.node for root in roots if root.fold is None and root.target.buffer is planner.buffers.get(root.node)}
        self.known: dict[Any, int] = {}
        for root in roots:
            item = self.item(root.node)
            if root.fold is None:
                self.nest.stores.append(Store(item, root.target))
            else:
                self.nest.reductions.append(Reduction(root.fold.kind, item, root.target))

    def in_memory(self, node: Node) -> bool:
        """Whether a node's number is read, rather than computed."""
        return node in self.planner.buffers and node not in self.own

    def item(self, node: Node) -> int:
        """The place in the body of the number of a node, whose shape broadcasts to the domain."""
        stack = [node]
        while stack:  # no recursion: chains may be long
            n = stack[-1]
            missing = [] if n in self.known or self.in_memory(n) or isinstance(n, Moved) else [a for a in self.inner(n) if a not in self.known]
            if missing:
                stack.extend(missing)
                continue
            stack.pop()
            if n not in self.known:
                self.known[n] = self.add(self.load(n, 0, contiguous(n.shape)) if self.in_memory(n) else self.compute(n))
        return self.known[node]

    @staticmethod
    def inner(node: Node) -> tuple[Node, ...]:
        """The nodes whose numbers a node is computed from."""
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

    def load(self, node: Node, offset: int, strides: tuple[int, ...]) -> Load:
        """The number of what lies in memory."""
        return Load(self.view(node, node.shape, offset, strides))

    def view(self, base: Node, shape: tuple[int, ...], offset: int, strides: tuple[int, ...]) -> View:
        """Where the numbers of an array of this shape, which broadcasts to the domain, lie."""
        steps = tuple(0 if n == 1 else s for n, s in zip(shape, strides, strict=True))
        return View(self.planner.buffers[base], offset, (0,) * (len(self.nest.domain) - len(shape)) + steps)

    def compute(self, node: Node) -> Any:
        """The item that computes a node."""
        match node:
            case Number():
                return Literal(node.value, node.dtype)
            case Place():
                return Instruction("position", (), node.dtype, node.axis + len(self.nest.domain) - len(node.shape))
            case Map(name="copy"):
                return self.known[node.args[0]]
            case Map():
                return Instruction(node.name, tuple(self.known[arg] for arg in node.args), node.dtype)
            case Moved():
                return Load(self.view(node.args[0], node.shape, node.offset, node.strides))
            case Picked():
                view = self.view(node.args[0], node.shape, node.offset, node.strides)
                return Gather(view, self.known[node.args[1]], node.stride_of_index, node.count)
        raise AssertionError(node)
