"""Python's numbers as traced values: their operators are Python's, and they widen no array."""

from __future__ import annotations

import numbers
import operator
from typing import TYPE_CHECKING, Any, Never

import numpy as np

from .asking import RETURN
from .tracer import SEQUENCES, WEAK, Tracer, escape, to_static, tracing

if TYPE_CHECKING:
    from collections.abc import Callable

    from .program import Value

__all__ = ["Number", "tracer_of"]


def _of_numbers(name: str) -> Callable[..., Any]:
    """A method that computes as Python does where all are Python's numbers, and as for arrays elsewhere."""
    reflected = name.startswith("__r") and name != "__rshift__"
    operation = getattr(operator, name.replace("__r", "__", 1) if reflected else name)

    def method(self: Number, *others: Any) -> Any:
        here, args = tracing(), ((*others, self) if reflected else (self, *others))
        if isinstance(others[0] if others else None, SEQUENCES) and operation is not operator.mul:
            return NotImplemented  # as a Python number does
        if here is None or not all(type(a) in (*WEAK, bool, Number) for a in args):
            return getattr(Tracer, name)(self, *others)
        kinds = {np.result_type(a.example if type(a) is Number else a).kind for a in args}
        if operation is operator.pow and type(args[1]) is Number and kinds == {"i"}:
            escape("a power of whole numbers, which is whole or not,", f"{to_static(args[1])}; or make the exponent a float")
        return here.call(operation, args, {})

    return method


class Number(Tracer):
    """A Python number, or truth value, that is being traced: no memory, and no reason for an array to become wider."""

    __slots__ = ()
    __hash__ = Tracer.__hash__

    def __getattr__(self, name: str) -> Never:
        if hasattr(self.example, name):
            escape(f".{name}", RETURN)
        raise AttributeError(f"{type(self.example).__name__!r} object has no attribute {name!r}")

    __neg__, __pos__, __abs__, __invert__ = (_of_numbers(name) for name in ("__neg__", "__pos__", "__abs__", "__invert__"))
    __add__, __sub__, __mul__, __truediv__, __floordiv__, __mod__, __pow__ = (
        _of_numbers(f"__{name}__") for name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow")
    )
    __radd__, __rsub__, __rmul__, __rtruediv__, __rfloordiv__, __rmod__, __rpow__ = (
        _of_numbers(f"__r{name}__") for name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow")
    )
    __and__, __or__, __xor__, __lshift__, __rshift__ = (_of_numbers(f"__{name}__") for name in ("and", "or", "xor", "lshift", "rshift"))
    __rand__, __ror__, __rxor__, __rlshift__, __rrshift__ = (
        _of_numbers(f"__r{name}__") for name in ("and", "or", "xor", "lshift", "rshift")
    )
    __lt__, __le__, __eq__, __ne__, __ge__, __gt__ = (_of_numbers(f"__{name}__") for name in ("lt", "le", "eq", "ne", "ge", "gt"))


numbers.Number.register(Number)  # as np.isscalar asks


def tracer_of(value: Value, example: Any, shared: str = "") -> Tracer:
    """A new tracer for a value, of the kind that it needs."""
    return (Number if value.weak or type(example) is bool else Tracer)(value, example, shared)
