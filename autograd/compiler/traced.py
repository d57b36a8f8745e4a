"""One run of a function on tracers: what goes in, what is put in its place meanwhile, and what it leaves behind."""

from __future__ import annotations

import functools
import operator
import random
from enum import Enum
from types import BuiltinFunctionType, MethodType
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..draws import draw
from ..tensor import Tensor, wrapped
from ..tree import leaves, map_leaves
from .answers import Answers, Unfit
from .calling import Result
from .captured import TOLD_BY_VALUE
from .holders import UNCHANGING
from .likeness import BUILT_IN
from .reads import Reads
from .tracer import Tracer
from .tracing import Tracing, surely

if TYPE_CHECKING:
    from collections.abc import Callable

    from .calling import Arguments, Leaf
    from .captured import Captured
    from .holders import Place
    from .program import Program, Value
    from .reads import Unread

__all__ = ["Argument", "Array", "Trace", "traced"]


class Argument(NamedTuple):
    """An input that is a part of the arguments: the number of the leaf."""

    leaf: int


class Array(NamedTuple):
    """An input that is a captured array: its number among those."""

    number: int


class Trace(NamedTuple):
    """What one run of the function gave."""

    program: Program
    sources: list[Any]  # of each input
    written: list[Tensor]
    grads: list[tuple[Tensor, int | None]]  # the Tensors whose gradient changes: the number of the output, or None
    returned: Any  # the tree of results, a `Result` at each leaf
    objects: dict[str, Any]  # what their code names
    unread: Unread  # the attributes of captured objects on which it doesn't depend


def traced(function: Callable[..., Any], arguments: Arguments, captured: Captured) -> Trace:
    """Run the function once on tracers; whatever it reaches is put back as it was.

    >>> from .calling import Arguments
    >>> from .captured import Captured
    >>> double = lambda x: 2 * x
    >>> traced(double, Arguments((np.ones(2),), {}, frozenset()), Captured([double])).program.steps
    [<multiply 2, <float64[2]>>]
    """
    chance = _Chance()
    swaps: list[tuple[Place, Any, Any]] = []  # each with what stood there, and what stands in
    changes: list[str] = []
    here, reads = Tracing(), Reads(captured.instances if captured.is_watched else ())

    def leave() -> None:
        here.__exit__(None)
        captured.put_back()

    try:
        with here:
            try:
                for tensor in captured.tensors:
                    _check_capture(tensor, captured)
                    here.take_in(tensor, captured.tensor_names[id(tensor)])
                stand_ins = _stand_ins(here, captured)
                seen = {id(leaf.value) for leaf in arguments.leaves if isinstance(leaf.value, np.random.Generator)}
                for place, value in captured.places:
                    if not isinstance(place.holder, UNCHANGING) and (new := _substituted(value, stand_ins, seen)) is not value:
                        place.put(new)
                        swaps.append((place, value, new))
                for (_, name), names in captured.answering.items():
                    names[name] = BUILT_IN[name]
                called = _substituted(function, stand_ins, seen)
                _check_seen(captured, seen)
                own: dict[int, tuple[Any, Leaf]] = {}  # the tracers, and Tensors, that are arguments
                numbers = iter(range(len(arguments.leaves)))
                args, kwargs = arguments.rebuilt(lambda leaf: _argument(here, leaf, next(numbers), arguments.told(leaf.read), own))
                given = [*leaves((args, kwargs))]
                with reads:
                    with Answers(captured.unfollowed) as answers:
                        result = called(*args, **kwargs)
                    if (escaped := here.escaped or answers.escaped) is not None:
                        raise escaped
                    here.check_lent()
                    if answers.reason:
                        raise Unfit(answers.reason)
                    if not _are_same(given, [*leaves((args, kwargs))]):
                        changes.append("an argument was changed")
                    changes += [f"{place.name} was changed" for place, _, new in swaps if not place.has(new)]
                    trace = _Results(here, captured, stand_ins, own, arguments.told).trace(result)
            finally:
                surely(lambda: [place.put(value) for place, value, _ in reversed(swaps)])
                surely(lambda: [names.pop(name, None) for (_, name), names in captured.answering.items()])
        changes += captured.changes()
        draws = [*captured.draws()]
    except Unfit:
        chance.put_back()  # Python draws again
        raise
    finally:
        surely(leave)  # again, for Ctrl-C may have come in between
    if changes:
        raise RuntimeError(
            f"jit: {changes[0]} by {_name(function)}, which runs as Python only once; keep what changes in a Tensor, written by "
            "t.data = …, or return it, or do it outside of the compiled function"
        )
    if draws or chance.has_drawn():
        chance.put_back()
        source = draws[0] if draws else "np.random or random"
        raise RuntimeError(
            f"jit: {_name(function)} draws random numbers from {source}, which would be the same in each call; "
            "draw from a generator: rng = np.random.default_rng(seed), rng.normal(…)"
        )
    return trace._replace(unread=reads.unread())


class _Chance:
    """The generators that all the world shares, as they are now."""

    def __init__(self) -> None:
        self._states = np.random.get_state(), random.getstate()  # noqa: NPY002

    def has_drawn(self) -> bool:
        """Whether somebody has drawn from one since."""
        (arrays, state), (arrays_now, state_now) = self._states, (np.random.get_state(), random.getstate())  # noqa: NPY002
        return state != state_now or not all(map(np.array_equal, arrays, arrays_now))

    def put_back(self) -> None:
        """Let them draw the same again."""
        np.random.set_state(self._states[0])  # noqa: NPY002
        random.setstate(self._states[1])


def _name(function: Any) -> str:
    return getattr(function, "__name__", type(function).__name__)


def _stand_ins(here: Tracing, captured: Captured) -> dict[int, Any]:
    """What the function sees in place of captured arrays and generators, by their ids."""
    found: dict[int, Any] = {
        id(array): here.input(array, name, Array(k), shared=f"the captured array {name}") for k, (name, array) in enumerate(captured.arrays)
    }
    return found | {id(generator): _Generator(generator) for _, generator in captured.generators}


def _check_capture(tensor: Tensor, captured: Captured) -> None:
    name = captured.tensor_names[id(tensor)]
    if not tensor.is_leaf and tensor.requires_grad:
        raise Unfit(f"it takes {name}, which has a history, from outside")
    others = [other for other in captured.tensors if other is not tensor]
    if tensor._grad is not None and any(tensor._grad is a for other in others for a in (other, other._grad)):
        raise Unfit(f"it takes the gradient of {name} from outside a second time, as a Tensor of its own or of another")


def _check_seen(captured: Captured, seen: set[int]) -> None:
    """Raise if an array or a generator stands where no stand-in can be put."""
    for name, a in (*captured.arrays, *captured.generators):
        if id(a) not in seen:
            what = "an array" if isinstance(a, np.ndarray) else "a generator"
            raise TypeError(
                f"jit: {name}, taken from outside, is or has {what} that could change unseen; keep it in a variable, a list, a dict or an "
                "attribute, or give it as an argument that is not static"
            )


def _are_same(a: list[Any], b: list[Any]) -> bool:
    return len(a) == len(b) and all(map(operator.is_, a, b))


class _Generator:
    """A generator of random numbers whose draws become steps."""

    def __init__(self, generator: np.random.Generator) -> None:
        self._generator = generator

    def __getattr__(self, method: str) -> Any:
        if not callable(getattr(self._generator, method)):
            raise TypeError(f"jit: a compiled function draws from a generator by its methods, not by its {method}")
        return lambda *args, **kwargs: draw(self._generator, method, *args, **kwargs)


def _substituted(value: Any, stand_ins: dict[int, Any], seen: set[int]) -> Any:
    """A captured value with stand-ins for the arrays and generators in it, whose ids are noted."""
    if isinstance(value, (np.ndarray, np.random.Generator)):
        seen.add(id(value))
        return stand_ins.get(id(value), value)
    if isinstance(value, (BuiltinFunctionType, MethodType)) and isinstance(value.__self__, (np.ndarray, np.random.Generator)):
        return getattr(_substituted(value.__self__, stand_ins, seen), value.__name__)
    if isinstance(value, tuple):
        parts = [_substituted(part, stand_ins, seen) for part in value]
        if _are_same(parts, [*value]):
            return value
        kind: Any = type(value)
        return kind._make(parts) if hasattr(kind, "_fields") else kind(parts)
    if isinstance(value, functools.partial):
        args = _substituted(value.args, stand_ins, seen)
        return value if args is value.args else type(value)(value.func, *args, **value.keywords)
    return value


def _argument(here: Tracing, leaf: Leaf, number: int, name: str, own: dict[int, tuple[Any, Leaf]]) -> Any:
    """What the function sees in place of an argument."""
    if isinstance(leaf.value, np.random.Generator):
        return _Generator(leaf.value)
    if leaf.kind in ("parameter", "static"):
        return leaf.value
    a = leaf.value
    if isinstance(a, Tensor):
        a = np.asarray(here.found[a].array) if a in here.found else a.data
    tracer = here.input(a, name, Argument(number), shared=f"the argument {name}")
    given = wrapped(tracer, None) if isinstance(leaf.value, Tensor) else tracer
    own[id(given)] = given, leaf
    return given


class _Results:
    """What a traced run leaves behind: its results, new values of Tensors, new gradients."""

    def __init__(
        self, here: Tracing, captured: Captured, stand_ins: dict[int, Any], own: dict[int, tuple[Any, Leaf]], told: Callable[[str], str]
    ) -> None:
        self.here, self.captured, self.own, self.told = here, captured, own, told
        self.arrays = {id(tracer): k for k, tracer in enumerate(t for t in stand_ins.values() if isinstance(t, Tracer))}
        self.values = {id(t._value): t for t in here.found}
        self.outputs: list[Value] = []
        self.objects: dict[str, Any] = {}

    def trace(self, result: Any) -> Trace:
        """All of it."""
        returned = map_leaves(self.result, result)
        for given, leaf in self.own.values():
            if isinstance(given, Tensor) and (given.requires_grad or given._grad is not None):
                raise Unfit(f"it makes its argument {self.told(leaf.read)} require a gradient")
        found = [(tensor, self.here.found[tensor]) for tensor in self.captured.tensors]
        for tensor in self.here.found.keys() - {*self.captured.tensors}:
            before = self.here.found[tensor]
            if tensor._value.value is not before.value or tensor._grad is not before.traced_grad:
                raise Unfit(f"it changes {tensor.name or 'a Tensor'} {tensor.shape}, to which it comes by ways that can't be followed")
        writes = [(before.value, tensor._value.value) for tensor, before in found if tensor._value.value is not before.value]
        written = [tensor for tensor, before in found if tensor._value.value is not before.value]
        grads: list[tuple[Tensor, int | None]] = []
        for tensor, before in found:
            now = tensor._grad
            if now is None and before.traced_grad is not None:
                grads.append((tensor, None))
            elif now is not None and (now is not before.traced_grad or now._value.value is not before.grad_value):
                if now.requires_grad:
                    raise Unfit("it leaves a gradient that has a history of its own (create_graph=True)")
                grads.append((tensor, self.output(now._value)))
        return Trace(self.here.program(self.outputs, writes), self.here.sources, written, grads, returned, self.objects, frozenset())

    def output(self, a: Any) -> int:
        """The number of a new output of the program."""
        self.outputs.append(self.here.tracer_for(a).value)
        return len(self.outputs) - 1

    def named(self, a: Any) -> Result:
        """An object that is returned as it is."""
        if not (isinstance(a, (*TOLD_BY_VALUE, Tensor, np.ndarray, type, Enum)) or id(a) in self.captured.seen or id(a) in self.own):
            raise TypeError(
                f"jit: the function returned a {type(a).__name__} that it made, wanted arrays, Tensors, numbers, and tuples, lists, dicts "
                "and dataclasses of them"
            )
        self.objects[f"r{id(a)}"] = a
        return Result(f"r{id(a)}")

    def result(self, a: Any) -> Result:
        """The code for one leaf of what the function returned."""
        if id(a) in self.own:
            return Result(self.own[id(a)][1].name)
        if isinstance(a, Tensor):
            if any(a is tensor for tensor in self.captured.tensors):
                return self.named(a)
            if a.requires_grad and _is_live(a):
                told = "it returns a Tensor that requires a gradient, so that backward() could still be called"
                raise Unfit(f"{told}; call that inside, return y.detach(), or put @jit above @no_grad")
            return Result(f"wrapped(out[{self.output(a)}], None)")
        if isinstance(a, Tracer):
            if id(a) in self.arrays:
                return Result(f"arrays[{self.arrays[id(a)]}]")
            if id(a) in self.values:
                return Result(f"{self.named(self.values[id(a)]).code}.data")
            code = f"out[{self.output(a)}]"
            kind = "asarray" if a.ndim == 0 and isinstance(a.example, np.ndarray) else "bool" if type(a.example) is bool else ""
            return Result(f"{kind}({code})" if kind else code)
        if not isinstance(a, np.ndarray):
            return self.named(a)
        return Result(f"out[{self.output(a)}]" if a.ndim else f"asarray(out[{self.output(a)}])")


def _is_live(tensor: Tensor) -> bool:
    """Whether `backward()` could still be called on a Tensor."""
    node = tensor._node
    call = node.parents[0] if node is not None and node.number is not None else node
    return call is not None and (call.op is None or call.saved is not None)
