"""A function run once to be looked at, or a Tensor as it is; what is seen on the way is forgotten afterwards."""

from __future__ import annotations

from contextlib import contextmanager
from inspect import signature
from typing import TYPE_CHECKING, Any

import numpy as np

from ..backward import pull_back
from ..graph import Leaf
from ..mode import enable_grad
from ..recording import record, seen
from ..tensor import Tensor
from ..trace import is_variable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ..graph import Node

__all__ = ["looked_at"]


class _Visit(record):
    """A `record` block that leaves no trace: what nodes had seen before is theirs again afterwards."""

    def __init__(self) -> None:
        self._before: dict[Node, Any] = {}

    def _meet(self, *nodes: Any) -> None:
        for node in nodes:
            if hasattr(node, "age"):
                self._before.setdefault(node, seen(node))

    def saw_call(self, node: Node, args: Any, outputs: Any) -> None:
        """Keep what was seen of the leaves before."""
        self._meet(node, *node.parents)
        super().saw_call(node, args, outputs)

    def saw_gradient(self, node: Node, g: Any) -> None:
        """Keep what was seen of the node before."""
        self._meet(node)
        super().saw_gradient(node, g)

    def forget(self) -> None:
        """Take everything back."""
        for node, before in self._before.items():
            if before is not None:
                node.seen = before
            elif hasattr(node, "seen"):
                del node.seen


@contextmanager
def looked_at(name: str, what: Any, args: Sequence[Any], *, backward: bool) -> Iterator[tuple[Tensor, Node, str]]:
    """A Tensor, its node, and what prevented its gradients, if anything did; `what` is the Tensor or a function that makes it from `args`.

    Gradients are found if `what` is a function or `backward` asks for them; no Tensor's `grad` changes.

    >>> with looked_at("draw", lambda x: x * x, (3.0,), backward=False) as (y, node, note):
    ...     print(y, seen(node.parents[0]).gradient, note)
    Tensor(9., op=multiply) 6.0
    """
    visit = _Visit()
    try:
        if isinstance(what, Tensor):
            if args:
                raise TypeError(f"{name}: got a Tensor and {len(args)} more arguments; give it alone, or a function with arguments")
            y = what
        elif callable(what):
            y, backward = _run(name, what, args, visit), True
        else:
            raise TypeError(f"{name}: got {type(what).__name__}, wanted a Tensor, such as the loss, or a function and its arguments")
        root = y._node or Leaf(y.shape, y.dtype, needs_grad=False)
        note = _pull(y, visit) if backward and getattr(seen(root), "gradient", None) is None else ""
        yield y, root, note
    finally:
        visit.forget()


def _run(name: str, function: Callable[..., Any], args: Sequence[Any], visit: _Visit) -> Tensor:
    """The value of a function, its arguments being leaves with the names of its parameters."""
    try:
        bound = signature(getattr(function, "forward", function)).bind(*args).arguments
    except ValueError:  # some functions in C tell nothing
        bound = {f"x{k}": arg for k, arg in enumerate(args, 1)}
    except TypeError as error:
        raise TypeError(f"{name}: {error}; give the function's arguments after it") from None
    variables = [_variable(key, arg) for key, arg in zip(_names(bound, len(args)), args, strict=True)]
    with enable_grad(), visit:
        y = function(*variables)
    if not isinstance(y, Tensor):
        raise TypeError(f"{name}: the function returned {type(y).__name__}, wanted a Tensor made of its arguments, such as the loss")
    return y


def _names(bound: dict[str, Any], count: int) -> list[str]:
    """The names of a function's arguments; those gathered by a *parameter are numbered."""
    names: list[str] = []
    for key, value in bound.items():
        names += [f"{key}[{k}]" for k in range(len(value))] if len(bound) != count and type(value) is tuple else [key]
    return names if len(names) == count else [f"x{k}" for k in range(1, count + 1)]


def _variable(name: str, value: Any) -> Any:
    """An argument with a leaf for each array of numbers in it, named by its place."""
    if type(value) is dict:
        return {key: _variable(f"{name}.{key}", part) for key, part in value.items()}
    if type(value) in (list, tuple):
        return type(value)(_variable(f"{name}[{k}]", part) for k, part in enumerate(value))
    if not is_variable(value):
        return value
    return Tensor(value, requires_grad=True, name=getattr(value, "name", None) or name)


def _pull(y: Tensor, visit: _Visit) -> str:
    """Carry the gradient back through everything; returns why that can't be done, or nothing."""
    if not y.requires_grad:
        return "nothing here requires a gradient"
    if y.size != 1:
        return f"the result has shape {y.shape}, and only a single value has one gradient"
    assert y._node is not None
    try:
        with visit, np.errstate(all="ignore"):
            pull_back([(y._node, y._seed(None))])
    except RuntimeError as error:  # the graph has been freed, or written to
        return str(error)
    return ""
