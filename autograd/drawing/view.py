"""What of a graph is shown: each node by itself, the nodes of a module's call folded into one box, or only the newest of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ..graph import Node, reachable
from .facts import Facts
from .scope import Scope, chains_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from ..tensor import Tensor

__all__ = ["Group", "View"]


class Group(NamedTuple):
    """What one box shows: a node or, folded, those of one call of a module; and the calls whose frames are around it."""

    key: str
    nodes: list[Node]
    folded: Scope | None
    frames: tuple[Scope, ...]


class View:
    """A graph as it is to be shown: groups, parents first, of which the oldest may be left out."""

    def __init__(
        self, result: Tensor, root: Node, max_nodes: int, depth: int | None, expand: Collection[str], names: Mapping[str, Any]
    ) -> None:
        nodes = reachable([root])
        self.numbers = {node: k for k, node in enumerate(nodes, 1)}
        called, modules = {}, {}
        for name, value in names.items():
            if hasattr(value, "named_parameters"):
                called[id(value)] = name
                modules.update({p._node: f"{name}.{path}" for path, p in value.named_parameters()})
        self._chains, paths = chains_of(nodes, called)
        self.facts = Facts(nodes, result, names, {**modules, **paths})
        self._open = self._opened(expand)
        if depth is None:
            depth = self._deepest(max_nodes)
        groups: dict[Node | Scope, Group] = {}
        for node in nodes:
            level = self._fold(node, depth)
            chain = self._chains.get(node, ())
            box = node if level is None else chain[level]
            if box not in groups:
                key = f"{'n' if level is None else 's'}{self.numbers[node]}"
                groups[box] = Group(key, [], None if level is None else chain[level], chain if level is None else chain[:level])
            groups[box].nodes.append(node)
        self.groups = sorted(_newest(list(groups.values()), max_nodes), key=_age)
        self.hidden = len(nodes) - sum(len(group.nodes) for group in self.groups)
        self.group_of = {node: group for group in self.groups for node in group.nodes}

    def _opened(self, expand: Collection[str]) -> set[str]:
        """The paths that are to be open: those asked for and all around them."""
        if not expand:
            return set()
        chains = set(self._chains.values())
        known = {scope.path: None for chain in chains for scope in chain}
        for path in expand:
            if path not in known:
                there = ", ".join(repr(path) for path in sorted(known)) or "none"
                raise ValueError(f"expand: got {path!r}, wanted the path of a module that was called: {there}")
        inner = {(chain, k) for chain in chains for k, scope in enumerate(chain) if scope.path in expand}
        return {scope.path for chain, k in inner for scope in chain[: k + 1]}

    def _fold(self, node: Node, depth: int) -> int | None:
        """Which of the calls around a node is drawn as one box; None: the node itself is drawn."""
        chain = self._chains.get(node, ())
        return next((k for k in range(depth, len(chain)) if chain[k].path not in self._open), None)

    def _deepest(self, limit: int) -> int:
        """The greatest depth at which all boxes can be shown."""
        depth, most = 0, max(map(len, self._chains.values()), default=0)
        while depth < most and self._count(depth + 1, limit) <= limit:
            depth += 1
        return depth

    def _count(self, depth: int, limit: int) -> int:
        """How many boxes there are at a depth; counted no further than the limit."""
        boxes: set[Any] = set()
        for node in self.numbers:
            level = self._fold(node, depth)
            boxes.add(node if level is None else self._chains[node][level])
            if len(boxes) > limit:
                break
        return len(boxes)


def _age(group: Group) -> int:
    """An age by which parents come first: what lies outside a call is older than its first node or younger than its last."""
    return max(node.age for node in group.nodes)


def _newest(groups: list[Group], limit: int) -> list[Group]:
    """The newest groups, each op with the leaves that it reads, however old those are."""
    if len(groups) <= limit:
        return groups
    groups.sort(key=_age)
    alone = {group.nodes[0]: group for group in groups if group.nodes[0].op is None and group.folded is None}
    shown = {groups[-1].key: groups[-1]}
    for group in reversed(groups):
        read = (alone.get(p) for node in group.nodes for p in node.parents if isinstance(p, Node))
        for candidate in (group, *read) if group.nodes[0] not in alone else ():
            if candidate is None:
                continue
            if len(shown) == limit and candidate.key not in shown:
                return list(shown.values())
            shown[candidate.key] = candidate
    return list(shown.values())
