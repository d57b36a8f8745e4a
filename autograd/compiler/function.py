"""`jit`: a function is traced once for each kind of arguments, compiled, and from then on runs without Python.

A *variant* is what was compiled for one kind of arguments and one state of what the function takes from outside.  A call tries the newest
variants, each of which checks in one generated function (`calling`) whether it is meant; if none is, the arguments and all that is captured
are looked at anew, and traced if they were never met before.
"""

from __future__ import annotations

import functools
import inspect
import sys
import threading
import warnings
from types import MethodType
from typing import TYPE_CHECKING, Any

import numpy as np

from ..mode import GRAD, WATCH
from ..tensor import Tensor
from ..tree import leaves
from .calling import MISS, Arguments, Overlap
from .captured import TOLD_BY_VALUE, Captured
from .tracer import tracing
from .variant import Variant, bound, compiled, default_backend, key_of
from .varying import Varied

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["Jitted"]

MOST_VARIANTS = 16

_tracing_lock = threading.RLock()  # a trace lets Tensors hold tracers for a moment


class Jitted:
    """A function that is compiled when it is first called.

    >>> import numpy as np
    >>> double = Jitted(lambda x: 2 * x, frozenset(), frozenset(), "numpy")
    >>> double(np.ones(2)), double
    (array([2., 2.]), <jit of <lambda>: 1 variant, NumPy calls>)
    """

    __wrapped__: Callable[..., Any]
    __name__: str

    def __init__(
        self, function: Callable[..., Any], static_numbers: frozenset[int], static_names: frozenset[str], backend: str | None
    ) -> None:
        functools.update_wrapper(self, function)
        self.__name__ = getattr(function, "__name__", type(function).__name__)
        self.static_numbers, self.static_names, self.backend = static_numbers, static_names, backend
        self._parameters, self._static_places = _positional(self.__name__, function, static_numbers, static_names)
        self.variants: list[Variant] = []  # newest use first
        self._lock = threading.RLock()
        self._eager_reasons: set[str] = set()

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        try:
            for variant in self.variants:
                result = variant.call(args, kwargs)
                if result is not MISS:
                    return result
            return self._slow_call(args, kwargs)
        except Overlap:
            self._tell("an argument lies in memory that it writes; give it a copy", 3)
        except Varied as reason:
            self._tell(str(reason), 3)
        return self.__wrapped__(*args, **kwargs)

    def __get__(self, instance: Any, kind: type | None = None) -> Any:
        return self if instance is None else MethodType(self, instance)

    def __repr__(self) -> str:
        count = len(self.variants)
        code = "machine code" if (self.backend or default_backend()) == "native" else "NumPy calls"
        return f"<jit of {self.__name__}: {count} variant{'' if count == 1 else 's'}, {code}>"

    def __reduce__(self) -> Any:
        named: Any = sys.modules.get(self.__module__)
        path = getattr(self, "__qualname__", "")
        for name in path.split("."):
            named = getattr(named, name, None)
        if named is self:  # by name, as functions are
            return path
        return Jitted, (self.__wrapped__, self.static_numbers, self.static_names, self.backend)

    # -- what was compiled ------------------------------------------------------------------------------------------------------------

    def variant(self, *args: Any, **kwargs: Any) -> Variant:
        """What is compiled for these arguments or, without any, what ran last; the function itself is not run."""
        if args or kwargs:
            return self._find(self._arguments(args, kwargs))
        if not self.variants:
            raise RuntimeError(f"jit: {self.__name__} has not been compiled yet; call it, or give the arguments of a call")
        return self.variants[0]

    def plan(self, *args: Any, **kwargs: Any) -> Any:
        """The optimised program, and how many steps each pass left, for the arguments, or of the last call; with its memory and work."""
        return self.variant(*args, **kwargs).plan()

    def picture(self, *args: Any, max_nodes: int = 60, **kwargs: Any) -> Any:
        """The optimised program as a picture: what `draw(f, *args)` shows."""
        return self.variant(*args, **kwargs).picture(max_nodes)

    def source(self, *args: Any, **kwargs: Any) -> str:
        """The code that runs, to read."""
        return self.variant(*args, **kwargs).source()

    # -- finding and making variants --------------------------------------------------------------------------------------------------

    def _arguments(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Arguments:
        """The arguments of a call; a static one is static whether it is given by its place or by its name."""
        parameters, count = self._parameters, len(args)
        places = {k % count for k in self._static_places if -count <= k < count}
        places |= {k for k, name in enumerate(parameters[:count]) if name in self.static_names}
        names = {parameters[k] for k in self._static_places if 0 <= k < len(parameters)}
        return Arguments(args, kwargs, frozenset(places), self.static_names | names, parameters)

    def _slow_call(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if tracing() is not None or WATCH.get() is not None:  # inside another trace, or watched: as Python
            return self.__wrapped__(*args, **kwargs)
        if GRAD.get() and any(isinstance(a, Tensor) and a._is_borrowed() for a in leaves((args, kwargs))):
            return self.__wrapped__(*args, **kwargs)  # its derivative is wanted by someone outside
        arguments = self._arguments(args, kwargs)
        for _ in range(2):  # the first trace may let the world be another, as copy notes in a class what to copy
            variant = self._find(arguments)
            if variant.reason:
                return self.__wrapped__(*args, **kwargs)
            result = variant.call(arguments.args, arguments.kwargs)
            if result is not MISS:
                return result
        raise RuntimeError("jit: what the function takes from outside changed while it was compiled; call it again")

    def _find(self, arguments: Arguments) -> Variant:
        """The variant for these arguments as things stand: one that was compiled before, or a new one."""
        with self._lock, _tracing_lock:
            captured = Captured([self.__wrapped__, *arguments.objects()])
            used = functools.cache(captured.without)
            for variant in self.variants:
                if variant.key == key_of(arguments, used(variant.unread)):
                    found = bound(variant, arguments, used(variant.unread))
                    break
            else:
                if len(self.variants) == MOST_VARIANTS:
                    return Variant(None, self._full(arguments, used(self.variants[0].unread)))
                variant = found = compiled(self.__wrapped__, arguments, captured, self.backend)
            if found.reason:
                self._tell(found.reason, 5)
            self.variants = [found, *(v for v in self.variants if v is not variant)]
            return found

    def _tell(self, reason: str, depth: int) -> None:
        """Warn, once for each reason, that the function runs as Python; the caller is so many frames away."""
        if reason not in self._eager_reasons:
            self._eager_reasons.add(reason)
            warnings.warn(f"jit: {self.__name__} runs as Python: {reason}", stacklevel=depth)

    def _full(self, arguments: Arguments, captured: Captured) -> str:
        """Warn, once, that no more is compiled."""
        reason = f"it has been compiled {MOST_VARIANTS} times, and is not again"
        if reason not in self._eager_reasons:
            self._eager_reasons.add(reason)
            why = self._why(key_of(arguments, captured), arguments, captured)
            told = f"jit: {self.__name__} has been compiled {MOST_VARIANTS} times, and where none of those fits runs as Python"
            warnings.warn(f"{told}, now because {why}; {self.__name__}.variants.clear() forgets them", stacklevel=5)
        return reason

    def _why(self, key: Any, arguments: Arguments, captured: Captured) -> str:
        """What makes a new key differ from the one used last."""
        of_arguments, of_captured, _ = self.variants[0].key
        if of_arguments != key[0]:
            change = _change(arguments.signature_of_what, key[0], of_arguments)
            return f"{change}; pad arrays to few shapes, and give numbers that change as floats or arrays that are not static"
        if of_captured != key[1]:
            names = [f"{name or 'the function'}, taken from outside," for name in captured.signature_of_what]
            change = _change(names, key[1], of_captured)
            return f"{change}; keep what changes out of what the function uses, give it as an argument, or keep it in a Tensor"
        return "no_grad is on in some calls, and off in others"


def _positional(
    name: str, function: Callable[..., Any], numbers: frozenset[int], static_names: frozenset[str]
) -> tuple[list[str], frozenset[int]]:
    """What a function calls its positional arguments; and `numbers`, which count from the last if negative, as places among them.

    ValueError: it has no parameter of such a number, or such a name.
    """
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):  # of some built-in functions nothing is known
        return [], numbers
    kinds = {p.kind for p in parameters}
    names = [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    unknown = static_names - {p.name for p in parameters}
    if unknown and inspect.Parameter.VAR_KEYWORD not in kinds:
        raise ValueError(f"jit: got static_argnames={min(unknown)!r}, wanted a parameter of {name}{inspect.signature(function)}")
    if inspect.Parameter.VAR_POSITIONAL in kinds:
        return names, numbers
    if outside := [k for k in numbers if not -len(names) <= k < len(names)]:
        what = f"jit: got static_argnums={outside[0]}, wanted a positional parameter of {name}{inspect.signature(function)}"
        raise ValueError(f"{what}: the first is 0, the last {len(names) - 1} or -1" if names else what)
    return names, frozenset(k % len(names) for k in numbers)


def _change(names: list[str], now: Iterable[Any], before: Iterable[Any]) -> str:
    """How two signatures differ, in words: `names` says whose each part is.

    >>> _change(["x"], [("array", np.ndarray, (17,), np.dtype(float))], [("array", np.ndarray, (16,), np.dtype(float))])
    'x has shape (17,), before (16,)'
    """
    for name, a, b in zip(names, now, before, strict=False):
        if a == b:
            continue
        if type(a) is not tuple or type(b) is not tuple or len(a) != len(b):
            return f"{name} is of another kind, or another object"
        x, y = next(pair for pair in zip(a, b, strict=True) if pair[0] != pair[1])
        if isinstance(x, np.dtype):
            return f"{name} has dtype {x}, before {y}"
        if isinstance(x, type) and isinstance(y, type):
            return f"{name} is a {x.__name__}, before a {y.__name__}"
        if isinstance(x, tuple) and not isinstance(a[0], type) and name != "the call":
            return f"{name} has shape {x}, before {y}"
        if (isinstance(a[0], type) and issubclass(a[0], TOLD_BY_VALUE)) or (a[0] == "static" and isinstance(x, str)):
            return f"{name} is {x}, before {y}"
        return f"{name} has other parts, or is another object"
    return "there is more, or less, of it"
