"""What a traced function asks of the world: the time, a file, the environment, chance.  Compiled, it would get the same answers for ever.

The interpreter tells of every call through its hook for profilers, in this thread, and only while a function is traced.  What the garbage
collector calls on its way, as finalizers, is no doing of the function.
"""

from __future__ import annotations

import datetime as dt
import functools
import gc
import io
import linecache
import os
import random
import sys
import threading
import time
from typing import TYPE_CHECKING, Any, Self

from .asking import user_line

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..anomaly import Line

__all__ = ["Answers", "Unfit", "stepwise"]

_CHANCE, _SEED, _DISPATCH = "chance", "the seed of a generator", "functools.singledispatch"
_CLOCKS = (
    "ctime", "gmtime", "localtime", "monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns", "process_time", "process_time_ns",
    "strftime", "thread_time", "thread_time_ns", "time", "time_ns",
)  # fmt: skip
_BUILT_IN: Mapping[Any, str] = {
    **{getattr(time, name): f"time.{name}" for name in _CLOCKS if hasattr(time, name)},
    dt.datetime.now: "datetime.now", dt.datetime.utcnow: "datetime.utcnow", dt.datetime.today: "datetime.today",
    dt.date.today: "date.today", io.open: "open", input: "input", os.urandom: _CHANCE,
}  # fmt: skip
"""Functions in C, by their names."""
_dispatch: Any = functools.singledispatch(id).dispatch
_WRITTEN: Mapping[int, str] = {
    id(type(os.environ).__getitem__.__code__): "os.environ", id(random.Random.seed.__code__): _SEED, id(_dispatch.__code__): _DISPATCH,
}  # fmt: skip
"""Functions in Python, by their code."""
_STEPWISE: dict[int, str] = {}
"""Those that a traced function can't follow, by their code, too."""


class Unfit(Exception):  # noqa: N818  # no error: the function runs as Python
    """Why a function can't be compiled although it can be traced."""


def stepwise(function: Callable[..., Any]) -> Callable[..., Any]:
    """Note that a function chooses its steps by numbers: what calls it runs as Python.

    >>> try:
    ...     with Answers({}):
    ...         stepwise(lambda: 1)()
    ... except Unfit as reason:
    ...     print(str(reason)[:59])
    it calls <lambda>, whose steps depend on the numbers; at <d
    """
    _STEPWISE[id(function.__code__)] = function.__name__
    return function


class Answers:
    """Within it, calls are heard whose answers change: the first is not made, but raises, as does what draws by chance.

    `reason` is why the function can't be compiled, even if it has caught that.  `unfollowed` is code that is not to run, by its id, with
    the reason.

    >>> try:
    ...     with Answers({}):
    ...         _ = time.time()
    ... except Unfit as reason:
    ...     print(str(reason)[:62])
    it asks time.time, whose answer would be that of the first cal
    """

    def __init__(self, unfollowed: Mapping[int, str]) -> None:
        self.reason, self.unfollowed, self.collecting = "", unfollowed, False
        self.escaped: TypeError | None = None  # raised where it draws by chance, even if the function has caught it

    def __enter__(self) -> Self:
        self._before: Any = sys.getprofile()  # a profiler, which hears nothing meanwhile
        self._thread = threading.get_ident()
        gc.callbacks.insert(0, self._collection_starts)
        gc.callbacks.append(self._collection_stops)
        sys.setprofile(self._heard)
        return self

    def __exit__(self, *error: object) -> None:
        if callable(enable := getattr(self._before, "enable", None)):  # as cProfile's
            sys.setprofile(None)
            enable()
        else:
            sys.setprofile(self._before)
        gc.callbacks.remove(self._collection_starts)
        gc.callbacks.remove(self._collection_stops)

    def _collection_starts(self, phase: str, _: object) -> None:
        if phase == "start" and threading.get_ident() == self._thread:
            self.collecting = True

    def _collection_stops(self, phase: str, _: object) -> None:
        if phase == "stop" and threading.get_ident() == self._thread:
            self.collecting = False

    def _heard(self, frame: Any, event: str, called: Any) -> None:
        if self.collecting:
            return
        if event == "c_call":
            what = _BUILT_IN.get(called)
        elif event == "call":
            code = id(frame.f_code)
            what = _WRITTEN.get(code)
            if code in _STEPWISE:
                self._stop(f"it calls {_STEPWISE[code]}, whose steps depend on the numbers; at {_line(frame)}")
            if code in self.unfollowed:
                self._stop(self.unfollowed[code])
        else:
            return
        if what is None or (what == _SEED and frame.f_locals.get("a") is not None) or (line := _line(frame)) is None:
            return
        if what in (_CHANCE, _SEED):
            told = "jit: a generator without a seed would be made only once, and so draw the same numbers in each call"
            self.escaped = TypeError(f"{told}; make it outside of the function, and draw from it; at {line}")
            raise self.escaped
        if what == _DISPATCH:
            self._stop(f"it uses {what}, which asks traced values for their type; use isinstance; at {line}")
        self._stop(f"it asks {what}, whose answer would be that of the first call for ever; give it as an argument; at {line}")

    def _stop(self, reason: str) -> None:
        self.reason = self.reason or reason
        raise Unfit(reason)


def _line(frame: Any) -> Line | None:
    """The user's line; none where a module is imported, or a line of code looked up for a message."""
    outer = frame
    while outer is not None:
        file = outer.f_code.co_filename
        if file.startswith("<frozen importlib") or file == linecache.__file__:
            return None
        outer = outer.f_back
    return user_line(frame)
