"""What stands in a program in place of an op: one whose index is computed, functions of NumPy that are no ops, draws that are computed."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import numpy as np

from ..numpy.keywords import is_followed
from ..op import Traced
from .program import Draw

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..op import Op

__all__ = ["DrawOf", "Function", "Hole", "Indexed", "filled_in", "only_reads", "with_holes"]


class Hole(int):
    """In an index, the place of the argument that belongs there."""

    def __repr__(self) -> str:
        return f"#{int(self)}"


class Indexed:
    """An op whose index is, in part, computed: an op of more arguments, which fill the holes of `index`."""

    kind = "indexed"
    variadic = True

    def __init__(self, op: Op, count: int, index: Any) -> None:
        self.op, self.count, self.index = op, count, index
        self.name, self.arguments = op.name, op.arguments

    def filled(self, args: tuple[Any, ...], options: Mapping[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """The arguments and options of the op itself."""
        return args[: self.count], {**options, "index": filled_in(self.index, args)}

    def forward(self, *args: Any, **options: Any) -> Any:
        """Fill the holes, and call the op."""
        args, options = self.filled(args, options)
        return self.op.forward(*args, **options)


def filled_in(index: Any, args: tuple[Any, ...]) -> Any:
    if isinstance(index, (tuple, list)):
        return type(index)([filled_in(k, args) for k in index])
    if isinstance(index, dict):
        return {name: filled_in(k, args) for name, k in index.items()}
    return args[index] if isinstance(index, Hole) else index


class Function:
    """One of NumPy's functions, in place of an op."""

    kind = "constant"
    variadic = True
    arguments = ("operand",)

    def __init__(self, function: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
        self.name, self.forward, self.args, self.kwargs = function.__name__, function, args, kwargs
        if kwargs or not all(type(a) is Hole for a in args):
            self.forward = lambda *values: function(*filled_in(args, values), **filled_in(kwargs, values))


class DrawOf(Draw):
    """A draw some of whose parameters are computed; the shape must not depend on them."""

    def __init__(
        self, generator: np.random.Generator, method: str, args: tuple[Any, ...], kwargs: Mapping[str, Any], shape: tuple[int, ...]
    ) -> None:
        super().__init__(generator, method)
        drawn = self.forward

        def forward(*values: Any) -> Any:
            y = drawn(*filled_in(args, values), **filled_in(kwargs, values))
            if np.shape(y) != shape:
                what = f"jit: {method} drew the shape {np.shape(y)}, and {shape} when it was compiled"
                raise TypeError(f"{what}; name the argument that decides it in static_argnames")
            return y

        self.forward = forward


def with_holes(a: Any, values: list[Any]) -> Any:
    """Arguments with a hole in the place of each traced value, of which a list is made."""
    if isinstance(a, Traced):
        values.append(a)
        return Hole(len(values) - 1)
    if isinstance(a, dict):
        return {name: with_holes(part, values) for name, part in a.items()}
    return type(a)([with_holes(part, values) for part in a]) if type(a) in (tuple, list) else a


def only_reads(function: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> bool:
    """Whether a function of NumPy neither writes into an argument nor cuts the graph of one."""
    given = inspect.signature(function).bind(*args, **kwargs).arguments
    return given.get("out") is None and not given.get("overwrite_input") and not is_followed(*given.values())
