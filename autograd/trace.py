"""A function run once on Tensors: its derivative at that point, in either direction.

Every transform is a reading of one `Trace`: `pull` goes from cotangents to cotangents, `push` from tangents to tangents.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from . import ops
from .backward import pull_back
from .forward import push_forward
from .graph import Leaf, Node, reachable
from .mode import GRAD, TRANSFORMS, call_recording
from .op import Traced
from .tensor import Tensor, wrapped
from .tracer import getval
from .tree import leaves, map_leaves, paired

if TYPE_CHECKING:
    from collections.abc import Callable

    from .mode import Settings

__all__ = ["Trace", "call_with_variables", "fresh_variable", "is_variable"]

_active: set[Node] = set()
"""The arguments of the functions that transforms are running just now: what is made of them has a history that an outer transform needs."""


def is_variable(leaf: Any) -> bool:
    """Whether a leaf of an argument is differentiated: real and complex numbers, arrays and Tensors are, anything else passes through."""
    return isinstance(leaf, (float, complex)) or (isinstance(leaf, (Traced, np.ndarray, np.generic)) and leaf.dtype.kind in "fc")  # type: ignore[union-attr]


def _is_number(leaf: Any) -> bool:
    return isinstance(leaf, (Traced, np.ndarray, np.generic, int, float, complex))


def call_with_variables(nodes: set[Node], function: Callable[..., Any], *args: Any, inside: Settings | None = None) -> Any:
    """Call a function, recorded, while `nodes` are the variables of someone: transforms inside it keep the history that leads to them.

    >>> call_with_variables(set(), abs, -2.0)
    2.0
    """
    new = nodes - _active
    try:
        _active.update(new)
        return call_recording(function, *args, inside=inside)
    finally:
        _active.difference_update(new)


def fresh_variable(value: Any) -> Tensor:
    """A leaf for a function to be run on.  Its gradient is asked for by its node alone; its memory is the caller's, and not written.

    >>> fresh_variable(np.ones(2))
    Tensor([1., 1.], requires_grad=True)
    """
    variable = Tensor(value, requires_grad=True, copy=False)
    variable._node.owner = None  # type: ignore[union-attr]  # a leaf has a node
    if variable.ndim and isinstance(variable._value, np.ndarray):
        variable._value = variable._value.view()
        variable._value.flags.writeable = False
    return variable


class Trace:
    """A function run once on Tensors in place of its argument's numbers: what a vector–Jacobian product needs to know."""

    def __init__(self, name: str, function: Callable[..., Any], x: Any, *, has_aux: bool = False) -> None:
        if not any(is_variable(leaf) for leaf in leaves(x)):
            kinds = ", ".join(sorted({type(leaf).__name__ for leaf in leaves(x)})) or "nothing"
            raise TypeError(f"{name}: the argument holds no real number to differentiate by (got {kinds}); use floats, as in 3.0")
        self.name, self.x = name, x
        self.inputs: list[Tensor] = []
        self.keeps_history = False
        argument = call_recording(map_leaves, self._variable, x)
        self.towards = [t._node for t in self.inputs if t._node is not None]  # now: the function may rebind its argument
        own = set(self.towards)
        self.output: Any = call_with_variables(own, function, argument, inside={TRANSFORMS: True})
        self.aux: Any = None
        if has_aux:
            if not isinstance(self.output, tuple) or len(self.output) != 2:
                raise TypeError(f"{name}: the function returned {type(self.output).__name__}, wanted a pair (value, aux)")
            self.output, self.aux = self.output
        self.outputs = [y for y in leaves(self.output) if _is_number(y)]
        if not self.outputs and (strange := list(leaves(self.output))):
            hint = "; is a return missing?" if strange[0] is None else ""
            got = "None" if strange[0] is None else type(strange[0]).__name__
            raise TypeError(f"{name}: the function returned {got}, wanted numbers{hint}")
        seen = [*self.outputs, *leaves(self.aux)]
        roots = [y._node for y in seen if isinstance(y, Tensor) and y._node is not None]
        self.keeps_history |= any(_is_outer(node) for node in reachable(roots) if node not in own)
        self.keeps_history &= bool(GRAD.get())

    def _variable(self, leaf: Any) -> Any:
        if isinstance(leaf, (Traced, np.ndarray)) and leaf.dtype.kind in "biu":  # type: ignore[union-attr]  # what is traced has a dtype
            what = f"integers of shape {np.shape(leaf)}"  # type: ignore[arg-type]  # passed through, they would look like a gradient
            raise TypeError(f"{self.name}: the argument holds {what}, which have no derivative: cast them to float, or close over them")
        if not is_variable(leaf):
            if hasattr(leaf, "__array__") or (isinstance(leaf, Iterable) and not isinstance(leaf, (str, bytes))):
                what = f"{type(leaf).__name__}, in which no numbers are looked for"  # passed through, it would look like a gradient
                raise TypeError(f"{self.name}: the argument holds a {what}; use arrays of floats, tuples, lists, dicts, or close over it")
            return leaf
        if isinstance(leaf, Tensor) and leaf.requires_grad:
            self.keeps_history = True
            variable = ops.copy(leaf)  # a node of its own, with the history behind it
        else:
            variable = fresh_variable(leaf)
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
        seeds = [(y._node, self._seed(y, g, "cotangent", history=history)) for y, g in pairs if isinstance(y, Tensor) and y.requires_grad]
        with np.errstate(all="ignore"):
            arrived = call_recording(pull_back, seeds, wrapped if history else None, set(self.towards))[0]
        found = iter([arrived.get(node) for node in self.towards])
        return map_leaves(lambda leaf: _result(next(found), leaf) if is_variable(leaf) else _none_for_integers(leaf), self.x)

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
        roots = [y._node for y in self.outputs if isinstance(y, Tensor) and y._node is not None and y.requires_grad]
        with np.errstate(all="ignore"):
            found = call_recording(push_forward, seeds, roots, wrapped if history else None)
        return map_leaves(lambda y: self._tangent(y, found), self.output)

    def _tangent(self, y: Any, found: dict[Node, Any]) -> Any:
        """The tangent of one output, in the type in which the caller sees that output."""
        if not _is_number(y):
            return y
        t = found.get(y._node) if isinstance(y, Tensor) and y._node is not None else None
        if t is None:
            t = np.zeros(np.shape(y), y.dtype if isinstance(y, Tensor) else np.asarray(y).dtype)
        return self.value(t if isinstance(t, Tensor) else Tensor(t))

    def _seed(self, value: Tensor, g: Any, what: str, *, history: bool) -> Any:
        if not _is_number(g) and not isinstance(g, (list, tuple)):
            raise TypeError(f"{self.name}: got a {what} {g!r}, wanted numbers of shape {value.shape}")
        if np.shape(g) != value.shape:
            whose = "output" if what == "cotangent" else "argument"
            raise ValueError(f"{self.name}: got a {what} of shape {np.shape(g)}, wanted {value.shape}, the shape of the {whose}")
        if value.dtype.kind != "c" and np.iscomplexobj(getval(g)):
            raise TypeError(f"{self.name}: got a complex {what}, wanted {value.dtype}; take its real part")
        if history:
            return ops.astype(g if isinstance(g, Tensor) else Tensor(g), value.dtype)
        g = getval(g)
        return ops.astype(g, value.dtype) if isinstance(g, Traced) else np.asarray(g, value.dtype)[()]


def _none_for_integers(leaf: Any) -> Any:
    """What stands in a gradient for a leaf that is not differentiated: itself, but None for integers, which would pass for a gradient."""
    return None if isinstance(leaf, (int, np.integer, np.bool_)) else leaf


def _is_outer(node: Node) -> bool:
    """Whether a node is a variable of someone else: a leaf of the user's, or the argument of a transform that is still running."""
    return node in _active or (isinstance(node, Leaf) and node.needs_grad and node.owner is not None)


def _result(g: Any, leaf: Any) -> Any:
    """A gradient in the type of the leaf that it belongs to: numbers for numbers, arrays for arrays, Tensors where there is a history."""
    if g is None:
        g = np.zeros(np.shape(leaf), leaf.dtype if hasattr(leaf, "dtype") else type(leaf))
    if isinstance(g, Tensor) and g.requires_grad:
        return g
    value = getval(g)
    if isinstance(leaf, Tensor):
        return Tensor(value)
    for a in (value, leaf):
        if isinstance(a, Traced):
            return a.like(value, leaf)
    return np.array(value) if isinstance(leaf, np.ndarray) else np.asarray(value)[()]
