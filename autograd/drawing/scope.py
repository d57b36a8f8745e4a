"""Which module a node belongs to.

A call of a module is a span of ages: from its start to the age of its result.  So a call leaves one note, at the node of its result, and
the ops inside it pay nothing; whose they are is found when somebody looks.
"""

from __future__ import annotations

import weakref
from collections import Counter, deque
from typing import TYPE_CHECKING, Any

from ..graph import Node, next_age
from ..tree import leaves

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["Scope", "chains_of", "enclose", "now"]

now = next_age
"""The present, as an age that no node has."""


def enclose(module: Any, start: int, y: Any) -> None:
    """Note that what was recorded since `start`, and led to `y`, is a call of `module`: pictures then put a frame around it.

    >>> from autograd import Tensor, draw
    >>> class Half:
    ...     def __call__(self, x):
    ...         start = now()
    ...         y = x / 2.0
    ...         enclose(self, start, y)
    ...         return y
    >>> half = Half()
    >>> "Half" in draw(half(Tensor(3.0, requires_grad=True))).svg
    True
    """
    global _marked  # noqa: PLW0603
    node = getattr(y, "_node", None)
    if node is not None:
        if (age := node.age) > start:
            node.scopes = (start, type(module), weakref.ref(module), node.scopes if age == _marked else None)
            _marked = age
    elif isinstance(y, (tuple, list, dict)):
        for part in leaves(y):
            if not isinstance(part, (tuple, list, dict)):  # an empty one
                enclose(module, start, part)


_marked = 0
"""The age of the node marked last: that of an inner module, if its result is the outer one's too.  To ask the node would take longer."""


class Scope:
    """One call of a module: its span of ages; its path from the outermost module called, and its label.

    Of a module that lives no more, only the name of its class is known.
    """

    __slots__ = ("end", "kind", "label", "module", "outer", "path", "root", "start")

    outer: Scope | None
    root: Scope

    def __init__(self, kind: str, module: Any, start: int, end: int) -> None:
        self.kind, self.module, self.start, self.end = kind, module, start, end
        self.path = self.label = kind


def chains_of(nodes: Sequence[Node], names: Mapping[int, str]) -> tuple[dict[Node, tuple[Scope, ...]], dict[Node, str]]:
    """The calls around each node, outermost first, and the names of parameters; the nodes come oldest first.

    `names` has a name for some modules, by id.  A parameter belongs to the module that holds it, if nothing outside uses it.

    >>> chains_of([], {})
    ({}, {})
    """
    chains = _spans(nodes)
    if not chains:
        return {}, {}
    scopes = list(dict.fromkeys(scope for chain in dict.fromkeys(chains.values()) for scope in chain))
    modules = {id(scope.module): scope.module for scope in scopes}
    held = {key: {p._node for _, p in _parameters(module)} for key, module in modules.items()}
    users: dict[Node, tuple[Scope, ...]] = {}
    for node in nodes:
        for parent in node.parents:
            if isinstance(parent, Node) and parent.op is None:
                users[parent] = _common(users.get(parent, chains.get(node, ())), chains.get(node, ()))
    for leaf, chain in users.items():
        while chain and leaf.age < chain[-1].start and leaf not in held[id(chain[-1].module)]:
            chain = chain[:-1]  # noqa: PLW2901
        chains[leaf] = chain
    return chains, _label(scopes, names)


def _spans(nodes: Sequence[Node]) -> dict[Node, tuple[Scope, ...]]:
    """The calls around each node that some op made."""
    found: dict[int, Scope] = {}
    for node in nodes:  # oldest first: of a call with several results, the last counts
        mark = getattr(node, "scopes", None)
        while mark is not None:
            start, kind, ref, mark = mark
            found[start] = Scope(kind.__name__, ref(), start, node.age)
    if not found:
        return {}
    waiting = deque(sorted(found.values(), key=lambda scope: (scope.start, -scope.end)))
    chains: dict[Node, tuple[Scope, ...]] = {}
    chain: tuple[Scope, ...] = ()
    for node in nodes:
        if node.op is None:
            continue
        while chain and chain[-1].end < node.age:
            chain = chain[:-1]
        while waiting and waiting[0].start < node.age:
            scope = waiting.popleft()
            if not chain or scope.end <= chain[-1].end:  # calls in two threads may overlap
                scope.outer = chain[-1] if chain else None
                scope.root = scope if scope.outer is None else scope.outer.root
                chain = (*chain, scope)
        chains[node] = chain
    return chains


def _common(a: tuple[Scope, ...], b: tuple[Scope, ...]) -> tuple[Scope, ...]:
    if a == b:
        return a
    count = next((k for k, (one, other) in enumerate(zip(a, b, strict=False)) if one is not other), min(len(a), len(b)))
    return a[:count]


def _parameters(module: Any) -> Iterable[tuple[str, Any]]:
    return module.named_parameters() if hasattr(module, "named_parameters") else ()


def _label(scopes: list[Scope], names: Mapping[int, str]) -> dict[Node, str]:
    """Give every scope its path and label; returns the names of parameters."""
    roots = {id(scope.module): scope.module for scope in scopes if scope.outer is None and scope.module is not None}
    paths = {key: {id(m): path for path, m in getattr(root, "named_modules", tuple)()} for key, root in roots.items()}
    calls = Counter[str]()
    for scope in scopes:
        if scope.outer is not None:
            path = paths.get(id(scope.root.module), {}).get(id(scope.module), scope.kind)
            inner = path.removeprefix(f"{scope.outer.path}.")
            scope.path, scope.label = path, inner if inner == scope.kind else f"{inner}: {scope.kind}"
        elif name := names.get(id(scope.module)):
            scope.path, scope.label = name, f"{name}: {scope.kind}"
        calls[scope.path] += 1
        if (count := calls[scope.path]) > 1:
            scope.label += f" (call {count})"
    parameters: dict[Node, str] = {}
    for key, root in roots.items():
        first = names.get(key) or (type(root).__name__ if len(roots) > 1 else "")
        for path, parameter in _parameters(root):
            if parameter._node is not None:
                parameters.setdefault(parameter._node, f"{first}.{path}" if first else path)
    return parameters
