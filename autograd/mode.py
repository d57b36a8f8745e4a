"""Modes: settings of the current thread or task, such as whether ops are recorded.

They live in context variables, so that threads and interleaved tasks can't disturb each other.
"""

from __future__ import annotations

import functools
import inspect
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["GRAD", "TRANSFORMS", "WATCH", "enable_grad", "is_grad_enabled", "no_grad"]

GRAD: ContextVar[Any] = ContextVar("grad", default=True)
"""Whether ops are recorded: False, True, or the watch that looks at each of them."""

TRANSFORMS: ContextVar[int] = ContextVar("transforms", default=0)
"""How many transforms (grad and the like) are running the user's function just now."""

WATCH: ContextVar[Any] = ContextVar("watch", default=None)
"""The watch set by `detect_anomaly`, if any."""


_BEFORE: ContextVar[tuple[Any, ...]] = ContextVar("before", default=())
"""What `GRAD` was outside each mode entered here: kept by context, since one Mode may serve several threads."""


class Mode:
    """Whether ops are recorded, for the length of a `with` block, of a function, or of each step of a generator."""

    value: bool  # recorded or not

    def __new__(cls, function: Callable[..., Any] | None = None) -> Any:
        """The mode itself, or, as a decorator without brackets, the decorated function."""
        mode = super().__new__(cls)
        return mode if function is None else mode(function)

    def __enter__(self) -> None:
        _BEFORE.set((*_BEFORE.get(), GRAD.get()))
        GRAD.set(self.value and (WATCH.get() or True))

    def __exit__(self, *error: object) -> None:
        *rest, before = _BEFORE.get()
        _BEFORE.set(tuple(rest))
        GRAD.set(before)

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Decorate `function` to run in this mode."""
        kind = type(self)
        if inspect.isasyncgenfunction(function):
            name = kind.__name__
            raise TypeError(f"{name}: {function.__name__} is an asynchronous generator, run in pieces; use `with {name}():` inside it")
        if inspect.isgeneratorfunction(function):

            @functools.wraps(function)
            def stepped(*args: Any, **kwargs: Any) -> Any:
                return _step_in(kind, function(*args, **kwargs))

            return stepped
        if inspect.iscoroutinefunction(function):

            @functools.wraps(function)
            async def awaited(*args: Any, **kwargs: Any) -> Any:
                with kind():
                    return await function(*args, **kwargs)

            return awaited

        @functools.wraps(function)
        def called(*args: Any, **kwargs: Any) -> Any:
            with kind():
                return function(*args, **kwargs)

        return called


def _step_in(kind: type[Mode], generator: Any) -> Any:
    """Run each step of a generator in the mode, and the code between its steps outside it."""
    step, value = generator.send, None
    while True:
        try:
            with kind():
                item = step(value)
        except StopIteration as stop:
            return stop.value
        try:
            step, value = generator.send, (yield item)
        except GeneratorExit:
            generator.close()
            raise
        except BaseException as error:  # noqa: BLE001  # thrown in from outside: it belongs to the generator
            step, value = generator.throw, error


class no_grad(Mode):  # noqa: N801  # PyTorch's name
    """Do not record: results need no gradient, and leaves may be written in place.

    >>> from autograd import Tensor, no_grad
    >>> x = Tensor(2.0, requires_grad=True)
    >>> with no_grad():
    ...     y = x * x
    >>> y.requires_grad
    False
    """

    value = False


class enable_grad(Mode):  # noqa: N801  # PyTorch's name
    """Record again, inside `no_grad`.

    >>> from autograd import Tensor, enable_grad, no_grad
    >>> with no_grad(), enable_grad():
    ...     y = Tensor(2.0, requires_grad=True) * 3
    >>> y.requires_grad
    True
    """

    value = True


def is_grad_enabled() -> bool:
    """Whether ops are being recorded here.

    >>> is_grad_enabled()
    True
    """
    return bool(GRAD.get())
