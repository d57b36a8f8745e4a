"""A function run once on Tensors: its derivative at that point, in either direction.

Every transform is a reading of one `Trace`: `pull` goes from cotangents to cotangents, `push` from tangents to tangents.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from . import ops
from .backward import pull_back
from .forward import push_forward
from .graph import Leaf, Node, reachable
from .mode import TRANSFORMS, recorded
from .tensor import Tensor, wrapped
from .tree import leaves, map_leaves, paired

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Trace", "is_variable"]

_active: set[Node] = set()
"""The arguments of the functions that transforms are running just now: what is made of them has a history that an outer transform needs."""


def is_variable(leaf: Any) -> bool:
    """Whether a leaf of an argument is differentiated: real and complex numbers, arrays and Tensors are, anything else passes through."""
    return isinstance(leaf, (float, complex)) or (isinstance(leaf, (Tensor, np.ndarray, np.generic)) and leaf.dtype.kind in "fc")


def _is_number(leaf: Any) -> bool:
    return isinstance(leaf, (Tensor, np.ndarray, np.generic, int, float, complex))


class Trace:
    """A function run once on Tensors in place of its argument's numbers: what a vector–Jacobian product needs to know."""

    def __init__(self, name: str, function: Callable[..., Any], x: Any) -> None:
        if not any(is_variable(leaf) for leaf in leaves(x)):
            kinds = ", ".join(sorted({type(leaf).__name__ for leaf in leaves(x)})) or "nothing"
            raise TypeError(f"{name}: the argument holds no real number to differentiate by (got {kinds}); use floats, as in 3.0")
        self.name, self.x = name, x
        self.inputs: list[Tensor] = []
        self.keeps_history = False
        argument = recorded(map_leaves, self._variable, x)
        self.towards = [t._node for t in self.inputs if t._node is not None]  # noqa: SLF001  # now: the function may rebind its argument
        own = set(self.towards)
        try:
            _active.update(own)
            self.output = recorded(function, argument, inside={TRANSFORMS: TRANSFORMS.get() + 1})
        finally:
            _active.difference_update(own)
        self.outputs = list(leaves(self.output))
        for y in self.outputs:
            if not _is_number(y):
                hint = "; is a return missing?" if y is None else ""
                raise TypeError(f"{name}: the function returned {'None' if y is None else type(y).__name__}, wanted numbers{hint}")
        roots = [t._node for t in self.outputs if isinstance(t, Tensor) and t._node is not None]  # noqa: SLF001
        self.keeps_history |= any(_is_outer(node) for node in reachable(roots) if node not in own)

    def _variable(self, leaf: Any) -> Any:
        if isinstance(leaf, (Tensor, np.ndarray)) and leaf.dtype.kind in "biu":
            what = f"integers of shape {leaf.shape}"  # passed through, they would look like a gradient
            raise TypeError(f"{self.name}: the argument holds {what}, which have no derivative: cast them to float, or close over them")
        if not is_variable(leaf):
            return leaf
        if isinstance(leaf, Tensor) and leaf.requires_grad:
            self.keeps_history = True
            variable = ops.copy(leaf)  # a node of its own, with the history behind it
        else:
            variable = Tensor(leaf, requires_grad=True, copy=False)
            variable._node.owner = None  # type: ignore[union-attr]  # noqa: SLF001  # its gradient is asked for by `pull` alone
        self.inputs.append(variable)
        return variable

    def value(self, y: Any) -> Any:
        """An output as the caller should see it: plain, unless it has a history beyond this trace."""
        if not isinstance(y, Tensor):
            return y
        if self.keeps_history:
            return y
        return y.detach() if any(isinstance(leaf, Tensor) for leaf in leaves(self.x)) else y.numpy()[()]

    def values(self) -> Any:
        """All outputs, as the caller should see them."""
        return map_leaves(self.value, self.output)

    def pull(self, cotangents: Any) -> Any:
        """The vector–Jacobian product: from cotangents in the shape of the output to cotangents in the shape of the argument."""
        try:
            pairs = list(paired(self.output, cotangents))
        except ValueError as error:
            raise ValueError(f"{self.name}: the cotangents do not match the output of the function: {error}") from None
        history = self.keeps_history or any(isinstance(g, Tensor) and g.requires_grad for _, g in pairs)
        seeds: dict[Node, Any] = {}
        for output, g in pairs:
            if isinstance(output, Tensor) and output.requires_grad:
                node: Node = output._node  # type: ignore[assignment]  # noqa: SLF001
                seed = self._seed(output, g, "cotangent", history=history)
                seeds[node] = seeds[node] + seed if node in seeds else seed
        with np.errstate(all="ignore"):
            arrived = dict(recorded(pull_back, seeds, wrapped if history else None, set(self.towards))[0])
        found = iter([arrived.get(node) for node in self.towards])
        return map_leaves(lambda leaf: _result(next(found), leaf) if is_variable(leaf) else leaf, self.x)

    def push(self, tangents: Any) -> Any:
        """The Jacobian–vector product: from tangents in the shape of the argument to tangents in the shape of the output."""
        try:
            pairs = [(leaf, t) for leaf, t in paired(self.x, tangents) if is_variable(leaf)]
        except ValueError as error:
            raise ValueError(f"{self.name}: the tangents do not match the argument: {error}") from None
        history = self.keeps_history or any(isinstance(t, Tensor) and t.requires_grad for _, t in pairs)
        seeds = {
            node: self._seed(variable, t, "tangent", history=history)
            for node, variable, (_, t) in zip(self.towards, self.inputs, pairs, strict=True)
        }
        roots = [y._node for y in self.outputs if isinstance(y, Tensor) and y._node is not None and y.requires_grad]  # noqa: SLF001
        with np.errstate(all="ignore"):
            found = recorded(push_forward, seeds, roots, wrapped if history else None)
        return map_leaves(lambda y: self._tangent(y, found), self.output)

    def _tangent(self, y: Any, found: dict[Node, Any]) -> Any:
        """The tangent of one output, in the type in which the caller sees that output."""
        t = found.get(y._node) if isinstance(y, Tensor) and y._node is not None else None  # noqa: SLF001
        if t is None:
            t = np.zeros(np.shape(y), y.dtype if isinstance(y, Tensor) else np.asarray(y).dtype)
        return self.value(t if isinstance(t, Tensor) else Tensor(t))

    def _seed(self, value: Tensor, g: Any, what: str, *, history: bool) -> Any:
        if np.shape(g) != value.shape:
            whose = "output" if what == "cotangent" else "argument"
            raise ValueError(f"{self.name}: got a {what} of shape {np.shape(g)}, wanted {value.shape}, the shape of the {whose}")
        if value.dtype.kind != "c" and np.iscomplexobj(g.data if isinstance(g, Tensor) else g):
            raise TypeError(f"{self.name}: got a complex {what}, wanted {value.dtype}; take its real part")
        if history:
            return ops.astype(g if isinstance(g, Tensor) else Tensor(g), value.dtype)
        return np.asarray(g.data if isinstance(g, Tensor) else g, value.dtype)[()]


def _is_outer(node: Node) -> bool:
    """Whether a node is a variable of someone else: a leaf of the user's, or the argument of a transform that is still running."""
    return node in _active or (isinstance(node, Leaf) and node.needs_grad and node.owner is not None)


def _result(g: Any, leaf: Any) -> Any:
    """A gradient in the type of the leaf that it belongs to: numbers for numbers, arrays for arrays, Tensors where there is a history."""
    if g is None:
        g = np.zeros(np.shape(leaf), leaf.dtype if hasattr(leaf, "dtype") else type(leaf))
    if isinstance(g, Tensor) and g.requires_grad:
        return g
    plain = g.data if isinstance(g, Tensor) else g
    if isinstance(leaf, Tensor):
        return Tensor(plain)
    return np.array(plain) if isinstance(leaf, np.ndarray) else np.asarray(plain)[()]
