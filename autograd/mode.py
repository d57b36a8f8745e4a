"""Modes: settings of the current thread or task, such as whether ops are recorded.

They live in context variables, so that threads and interleaved tasks can't disturb each other.
"""

from __future__ import annotations

import functools
import inspect
from contextvars import ContextVar, copy_context
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Callable

    Settings = dict[ContextVar[Any], Any]

__all__ = ["GRAD", "TRANSFORMS", "WATCH", "Block", "Watch", "call_recording", "enable_grad", "is_grad_enabled", "no_grad"]

GRAD: ContextVar[Any] = ContextVar("grad", default=True)
"""Whether ops are recorded: False, True, or the watch that looks at each of them."""

TRANSFORMS: ContextVar[bool] = ContextVar("transforms", default=False)
"""Whether a transform (grad and the like) is running the user's function just now."""

WATCH: ContextVar[Any] = ContextVar("watch", default=None)
"""The innermost `Watch`, if any."""


_ENTERED: ContextVar[tuple[tuple[Block, Settings], ...]] = ContextVar("entered", default=())
"""The blocks entered here, each with what the variables were before: kept by context, since one Block may serve several threads."""


class Block:
    """Settings for the length of a `with` block: right in threads and tasks, in generators that are left in any order, and at Ctrl-C."""

    def settings(self) -> Settings:
        """The value of each context variable inside the block."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        entered, inside = _ENTERED.get(), self.settings()
        before = {variable: variable.get() for variable in inside}
        try:
            _ENTERED.set((*entered, (self, before)))
            for variable, value in inside.items():
                variable.set(value)
        except BaseException:  # Ctrl-C: __exit__ will not be called
            for variable, value in before.items():
                variable.set(value)
            _ENTERED.set(entered)
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, *error: object) -> None:
        changes: Settings | None = None
        interrupt: KeyboardInterrupt | None = None
        while True:
            try:
                changes = self._changes() if changes is None else changes
                for variable, value in changes.items():
                    variable.set(value)
                break
            except KeyboardInterrupt as error_:  # after the block has been left; what is done twice does no harm
                interrupt = error_
        if interrupt is not None:
            raise interrupt

    def _changes(self) -> Settings:
        """What leaving this block sets; nothing where it was entered elsewhere, as a generator that another thread closes."""
        entered = list(_ENTERED.get())
        place = next((k for k in reversed(range(len(entered))) if entered[k][0] is self), None)
        if place is None:
            return {}
        changes: Settings = {}
        for variable, value in entered[place][1].items():
            later = next((k for k in range(place + 1, len(entered)) if variable in entered[k][1]), None)
            if later is None:
                changes[variable] = value
            else:  # a block entered later goes on: it shall leave behind what this one found
                entered[later] = entered[later][0], {**entered[later][1], variable: value}
        del entered[place]
        return {**changes, _ENTERED: tuple(entered)}


class Watch(Block):
    """What is told, for the length of a `with` block, of every recorded call, every rule that runs, and what comes out of them."""

    def settings(self) -> Settings:
        """This watch; what is not recorded stays so."""
        return {WATCH: self, GRAD: self if GRAD.get() else False}

    def saw_call(self, node: Any, args: Any, outputs: Any) -> None:
        """A call was recorded: its arguments, Tensors among them, and its values."""

    def saw_failure(self, op: Any, error: Exception, args: Any, values: Any, options: Any) -> None:
        """A call raised."""

    def saw_start(self, value: Any) -> None:
        """`backward()` starts from this value."""

    def saw_saved(self, node: Any) -> None:
        """The saved arrays of a call are about to be used."""

    def run(self, node: Any, i: int | None, rule: Callable[..., Any], *args: Any) -> Any:  # noqa: ARG002  # for those who ask which
        """Call a rule of a node, for argument `i` or for all."""
        return rule(*args)

    def saw_zero_times_infinity(self, g: Any, partial: Any) -> None:
        """A cotangent of 0 met a derivative that is not finite."""

    def saw_gradient(self, node: Any, g: Any) -> None:
        """The cotangent of a node is complete."""

    def saw_cotangent(self, node: Any, i: int, g: Any, cotangent: Any) -> None:
        """A rule made of `g` the part that goes to argument `i`."""

    def saw_tangent(self, node: Any, tangent: Any) -> None:
        """Forward mode found the tangent of a node."""


class Mode(Block):
    """Whether ops are recorded, for the length of a `with` block, of a function, or of each step of a generator."""

    value: bool  # recorded or not

    def __new__(cls, function: Callable[..., Any] | None = None) -> Any:
        """The mode itself, or, as a decorator without brackets, the decorated function."""
        mode = super().__new__(cls)
        return mode if function is None else mode(function)

    def settings(self) -> Settings:
        """Recording on or off; on, under the watch if there is one."""
        return {GRAD: self.value and (WATCH.get() or True)}

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


def call_recording(function: Callable[..., Any], *args: Any, inside: Settings | None = None) -> Any:
    """Call a function with recording on, in a copy of the context: whatever is set there ends with it, even at Ctrl-C.

    >>> with no_grad():
    ...     print(call_recording(is_grad_enabled), is_grad_enabled())
    True False
    """
    return copy_context().run(_with, {GRAD: WATCH.get() or True, **(inside or {})}, function, args)


def _with(settings: Settings, function: Callable[..., Any], args: tuple[Any, ...]) -> Any:
    for variable, value in settings.items():
        variable.set(value)
    return function(*args)


def is_grad_enabled() -> bool:
    """Whether ops are being recorded here.

    >>> is_grad_enabled()
    True
    """
    return bool(GRAD.get())
