"""Checkpointing: a part of a computation that is run again by backward() rather than remembered.

A checkpointed call is one node.  It keeps its inputs; what its function saves inside is dropped at once, and found again, when a cotangent
arrives, by running the function a second time.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import numpy as np

from . import ops
from .backward import pull_back
from .graph import Node, next_age, reachable
from .mode import GRAD, no_grad, recorded
from .op import call, general
from .tensor import Tensor, record, wrapped
from .tree import leaves, map_leaves

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["checkpoint"]


class Segment:
    """A function of a list of arrays that gives a tuple of them, and can be run again."""

    def __init__(self, function: Callable[[Sequence[Any]], Sequence[Any]], captured: Sequence[Node] = (), first: Any = None) -> None:
        self.function = function
        self.captured = captured  # what the function reads beside its arguments
        self._first = first  # the outputs of the first run, until they are recorded
        self._size: float | None = None  # a figure of the outputs, by which a second run that differs is noticed
        self._found: dict[int, tuple[Any, dict[int, Any]]] = {}  # cotangents not yet handed out, by the one that arrived

    def __repr__(self) -> str:
        return getattr(self.function, "__name__", "function")

    def __call__(self, arrays: Sequence[Any]) -> tuple[Any, ...]:
        """The outputs, as plain arrays."""
        if self._first is None:
            with no_grad():
                outputs = [np.asarray(y.data if isinstance(y, Tensor) else y)[()] for y in self.function(arrays)]
        else:
            outputs, self._first = self._first, None
        self._size = _figure(outputs)
        return tuple(outputs)

    def pull(self, arrays: Sequence[Any], g: Any, i: int) -> Any:
        """The cotangent of array `i`.  One second run serves them all."""
        if id(g) not in self._found:
            self._found[id(g)] = g, dict(enumerate(self._pull(arrays, g)))
        found = self._found[id(g)][1]
        cotangent = found.pop(i)
        if not found:
            del self._found[id(g)]
        return cotangent

    def _pull(self, arrays: Sequence[Any], g: tuple[Any, ...]) -> list[Any]:
        inputs = arrays[: len(arrays) - len(self.captured)]
        history = any(isinstance(a, Tensor) for a in (*inputs, *g))
        variables = [recorded(ops.copy, a) if isinstance(a, Tensor) else Tensor(a, requires_grad=True, copy=False) for a in inputs]
        outputs = recorded(self.function, variables)
        figure = _figure([y.data if isinstance(y, Tensor) else y for y in outputs])
        if self._size is None or not np.isclose(figure, self._size, rtol=1e-3, equal_nan=True):
            raise RuntimeError(
                f"checkpoint: the second run of {self} gave other values than the first (sizes {figure:.6g} and {self._size:.6g}): is it "
                "random, or was something that it reads written since?  Draw random numbers outside; call backward() before a step"
            )
        towards = [v._node for v in variables if v._node is not None] + list(self.captured)  # noqa: SLF001
        seeds: dict[Node, Any] = {}
        for y, part in zip(outputs, g, strict=True):
            node = y._node if isinstance(y, Tensor) else None  # noqa: SLF001
            if node is not None and node.needs_grad:
                seeds[node] = seeds[node] + part if node in seeds else part
        arrived = dict(pull_back(seeds, wrapped if history else None, towards)[0])
        return [arrived[node] if node in arrived else np.zeros(node.shape, node.dtype) for node in towards]


def _figure(outputs: Sequence[Any]) -> float:
    return float(sum(np.abs(y).sum(dtype=float) for y in outputs if np.asarray(y).dtype.kind in "biufc"))


@general(
    lambda g, arrays, i, segment: segment.pull(arrays, g, i),
    variadic=True,
    samples=[call(((2, 3), (3,)), Segment(lambda arrays: (ops.sin(arrays[0]) * arrays[1], arrays[1] ** 2)))],
)
def recompute(arrays: Any, /, segment: Any) -> Any:
    """The outputs of `segment`, a function of the list of arrays that is run again when a cotangent arrives.

    >>> recompute([2.0, 3.0], Segment(lambda arrays: (arrays[0] * arrays[1],)))
    (np.float64(6.0),)
    """
    return segment(arrays)


class checkpoint:  # noqa: N801  # HIPS autograd's and PyTorch's name
    """The same function, which remembers only its arguments: what it computes inside is computed again by backward().

    Trades time (a second run of the function) for memory.  `dropped` and `kept` say how many bytes of saved arrays the newest recorded call
    gave up, and how many it holds on to.  The function must give the same values again: that is checked.

    >>> block = checkpoint(lambda x: ops.sin(ops.sin(x)).sum())
    >>> x = Tensor(np.ones(1000), requires_grad=True)
    >>> block(x).backward()
    >>> x.grad[0], block.kept, block.dropped
    (Tensor(0.36003949), 8000, 8000)
    """

    def __init__(self, fun: Callable[..., Any]) -> None:
        if not callable(fun):
            raise TypeError(f"checkpoint: got {type(fun).__name__}, wanted a function; call it as checkpoint(f)(x)")
        functools.update_wrapper(self, fun)
        self.fun = fun
        self.kept = self.dropped = 0

    def __repr__(self) -> str:
        return f"<checkpoint of {getattr(self.fun, '__name__', self.fun)}: keeps {self.kept} bytes, drops {self.dropped}>"

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        return self if instance is None else functools.partial(self, instance)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the function, recorded as one node."""
        if not GRAD.get():
            return self.fun(*args, **kwargs)
        inputs = [leaf for leaf in leaves((args, kwargs)) if isinstance(leaf, Tensor) and leaf.requires_grad]
        template: Any = None

        def function(values: Sequence[Any]) -> list[Any]:
            nonlocal template
            given = iter(values)
            new_args, new_kwargs = map_leaves(
                lambda leaf: next(given) if isinstance(leaf, Tensor) and leaf.requires_grad else leaf, (args, kwargs)
            )
            template = self.fun(*new_args, **new_kwargs)
            return [y for y in leaves(template) if isinstance(y, Tensor) and y.requires_grad]

        function.__name__ = getattr(self.fun, "__name__", "function")
        variables = [Tensor(a.data, requires_grad=True, copy=False) for a in inputs]
        start = next_age()
        outputs = function(variables)
        if not outputs:
            return template
        captured, kept, dropped = _inside([y._node for y in outputs], start, variables)  # noqa: SLF001
        segment = Segment(function, list(captured), [y.data[()] for y in outputs])
        self.kept, self.dropped = kept, dropped
        results = iter(record(recompute, (*inputs, *(wrapped(value, node) for node, value in captured.items())), {"segment": segment}))
        whole, template = template, None
        return map_leaves(lambda y: next(results) if isinstance(y, Tensor) and y.requires_grad else y, whole)


def _inside(roots: list[Node], start: int, variables: list[Tensor]) -> tuple[dict[Node, Any], int, int]:
    """What a function just run reads from outside (nodes and values), and the bytes of its inputs and of what it saved inside."""
    own = {v._node for v in variables}  # noqa: SLF001
    memory = {id(_base(v.data)): 0 for v in variables}
    captured: dict[Node, Any] = {}
    dropped = 0
    for node in [*reachable(roots, start), *roots]:
        sources = (*node.parents, node)
        for source in sources:
            if isinstance(source, Node) and source.age < start and source.needs_grad and source not in own and source not in captured:
                owner = source.owner() if source.owner is not None else None
                captured[source] = owner.data if owner is not None else np.broadcast_to(np.zeros((), source.dtype), source.shape)
                memory[id(_base(captured[source]))] = 0
        for k, value in zip(node.plan.saves if node.plan else (), node.saved or (), strict=True):
            if k < len(node.parents) and node.parents[k] in captured:
                captured[node.parents[k]] = value
            elif isinstance(value, np.ndarray) and id(_base(value)) not in memory:
                memory[id(_base(value))] = value.nbytes
                dropped += value.nbytes
    return captured, sum(v.data.nbytes for v in variables), dropped


def _base(a: np.ndarray) -> Any:
    while isinstance(a.base, np.ndarray):
        a = a.base
    return a
