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
from .draws import DRAWING
from .graph import Node, flat, last_write, memory_of, next_age, reachable
from .mode import GRAD, call_recording, no_grad
from .op import call, general
from .tensor import Tensor, record, wrapped
from .trace import call_with_variables, fresh_variable
from .tracer import getval
from .tree import leaves, map_leaves

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

__all__ = ["checkpoint"]


class Segment:
    """A function of a list of arrays that gives a list of them, and can be run again."""

    def __init__(self, function: Callable[[Sequence[Any]], Sequence[Any]], captured: Sequence[Node] = (), first: Any = None) -> None:
        self.function = function
        self.captured = captured  # what the function reads beside its arguments
        self._first = first  # the outputs of the first run, until they are recorded
        self._mark = _mark(first) if first is not None else None  # by which a second run that differs is noticed
        self._age = next_age()
        self._found: tuple[Any, dict[int, Any]] = (None, {})  # the cotangent that arrived, and what of its pull-back is not yet handed out

    def __repr__(self) -> str:
        return getattr(self.function, "__name__", "function")

    def __call__(self, arrays: Sequence[Any]) -> tuple[Any, ...]:
        """The outputs, as plain arrays."""
        if self._first is None:
            with no_grad():
                outputs = [np.asarray(getval(y))[()] for y in self.function(arrays)]
        else:
            outputs, self._first = self._first, None
        return tuple(outputs)

    def pull(self, arrays: Sequence[Any], g: Any, i: int) -> Any:
        """The cotangent of array `i`.  One second run serves them all."""
        of, found = self._found
        if of is not g or i not in found:
            found = dict(enumerate(self._pull(arrays, g)))
        cotangent = found.pop(i)
        self._found = (g, found) if found else (None, {})
        return cotangent

    def _pull(self, arrays: Sequence[Any], g: tuple[Any, ...]) -> list[Any]:
        inputs = arrays[: len(arrays) - len(self.captured)]
        history = any(isinstance(a, Tensor) for a in (*inputs, *g))
        variables = [call_recording(ops.copy, a) if isinstance(a, Tensor) else fresh_variable(a) for a in inputs]
        towards = [*(v._node for v in variables if v._node is not None), *self.captured]
        outputs = call_with_variables(set(towards), self.function, variables)
        self._check_fresh([y._node for y in outputs if _is_followed(y)])
        if self._mark is not None and _differ(self._mark, _mark([getval(y) for y in outputs])):
            raise RuntimeError(
                f"checkpoint: the second run of {self} gave other values than the first: is it random, or was something that it reads "
                "changed since?  Draw random numbers outside; call backward() before a step"
            )
        seeds = [(y._node, part) for y, part in zip(outputs, g, strict=True) if _is_followed(y)]
        arrived = pull_back(seeds, wrapped if history else None, towards)[0]
        return [arrived[node] if node in arrived else np.zeros(node.shape, node.dtype) for node in towards]

    def _check_fresh(self, roots: list[Any]) -> None:
        """Raise if the second run has read memory that was written since the first."""
        for node in reachable(roots, self._age):
            for value in flat(node.saved or ()):
                if isinstance(value, np.ndarray) and last_write(value)[0] > self._age:
                    raise RuntimeError(
                        f"checkpoint: an array {value.shape}, which {self} reads, was written after the first run; "
                        "call backward() before the write"
                    )


def _is_followed(a: Any) -> bool:
    return isinstance(a, Tensor) and a.requires_grad


def _mark(outputs: Sequence[Any]) -> tuple[float, float]:
    """The sum of all values with random weights, which other values, signs or orders would change, and that of their sizes."""
    random = np.random.default_rng(0)
    mark = size = 0.0
    for y in outputs:
        weights = random.random(np.shape(y))
        mark += float(np.sum(np.real(y) * weights) + np.sum(np.imag(y) * weights * 2))
        size += float(np.sum(np.abs(y) * weights))
    return mark, size


def _differ(a: tuple[float, float], b: tuple[float, float]) -> bool:
    return abs(a[0] - b[0]) > 1e-6 * b[1]


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
        return self if instance is None else functools.partial(self._run, functools.partial(self.fun, instance))

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the function, recorded as one node."""
        return self._run(self.fun, *args, **kwargs)

    def _run(self, fun: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        if not GRAD.get() or DRAWING.get() is not None:  # where it is traced, what is kept is the compiler's to decide
            return fun(*args, **kwargs)
        inputs = [leaf for leaf in leaves((args, kwargs)) if _is_followed(leaf)]
        given_args, given_kwargs = [_frame(a) for a in args], {name: _frame(a) for name, a in kwargs.items()}

        def run(values: Sequence[Any]) -> Any:
            given = iter(values)
            new_args = [_filled(a, given) for a in given_args]
            return fun(*new_args, **{name: _filled(a, given) for name, a in given_kwargs.items()})

        def function(values: Sequence[Any]) -> list[Any]:
            return [y for y in leaves(run(values)) if _is_followed(y)]

        function.__name__ = getattr(self.fun, "__name__", "function")
        variables = [fresh_variable(a.data) for a in inputs]
        start = next_age()
        output = run(variables)
        outputs = [y for y in leaves(output) if _is_followed(y)]
        if not outputs:
            return output
        own = {v._node for v in variables}
        nodes = reachable([y._node for y in outputs if y._node is not None], start)
        captured = _captured(nodes, start, own)
        self.kept, self.dropped = sum(a.data.nbytes for a in inputs), _dropped(nodes, [*(a.data for a in inputs), *captured.values()])
        segment = Segment(function, list(captured), [y.data[()] for y in outputs])
        for v in variables:  # who got hold of an inner value by another way than the result shall be told that its graph is gone
            v._node.op = recompute  # type: ignore[union-attr]  # a leaf has a node
        results = iter(record(recompute, (*inputs, *(wrapped(value, node) for node, value in captured.items())), {"segment": segment}))
        return map_leaves(lambda y: next(results) if _is_followed(y) else y, output)


_PLACE = object()
"""Stands for an argument that is followed: the graph holds no Tensors."""


def _frame(a: Any) -> Any:
    return map_leaves(lambda leaf: _PLACE if _is_followed(leaf) else leaf, a) if any(map(_is_followed, leaves(a))) else a


def _filled(a: Any, given: Iterator[Any]) -> Any:
    if not any(leaf is _PLACE for leaf in leaves(a)):  # then it is the caller's own, which the function may change
        return a
    return map_leaves(lambda leaf: next(given) if leaf is _PLACE else leaf, a)


def _captured(nodes: list[Node], start: int, own: set[Any]) -> dict[Node, Any]:
    """What a function just run reads beside its arguments: nodes from before `start`, with their values.

    A value that no derivative inside needs may be unknown; zeros stand for it, which nobody will read.
    """
    captured: dict[Node, Any] = {}
    for node in nodes:
        for source in (*node.parents, node):
            if isinstance(source, Node) and source.age < start and source.needs_grad and source not in own and source not in captured:
                owner = source.owner() if source.owner is not None else None
                captured[source] = owner.data if owner is not None else np.broadcast_to(np.zeros((), source.dtype), source.shape)
        for k, value in _saved(node):
            if k < len(node.parents) and node.parents[k] in captured:
                captured[node.parents[k]] = value
    return captured


def _dropped(nodes: list[Node], kept: Sequence[np.ndarray]) -> int:
    """The bytes of the arrays that nodes saved, each memory counted once, without those that are kept anyway."""
    known = {id(memory_of(a)) for a in kept}
    total = 0
    for node in nodes:
        for _, value in _saved(node):
            if isinstance(value, np.ndarray) and id(memory_of(value)) not in known:
                known.add(id(memory_of(value)))
                total += value.nbytes
    return total


def _saved(node: Node) -> list[tuple[int, Any]]:
    return list(zip(node.plan.saves if node.plan else (), node.saved or (), strict=True))
