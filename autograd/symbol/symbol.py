"""Symbols: values that remember how they are written.

A symbol runs through a rule as an array does, and comes out as an expression: the rule's formula.  Beside it stands its number, so that
what is shown can be compared with what was computed.
"""

from __future__ import annotations

import itertools
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import numpy as np

from ..op import TABLE, Traced
from ..operators import Operators

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..op import Op

__all__ = ["Symbol", "applied", "as_symbol", "name", "rebuilt", "replaced"]

_serial = itertools.count().__next__


class Symbol(Operators):
    """An expression with its value: a call of `op` on `args`, a name, or a plain number or array.

    Equal expressions have equal `key`s.  A name may have a `definition`, the expression that it stands for.

    >>> x = name("x", np.array([1., 2.]))
    >>> (x * x).op.name, (x * x).data
    ('multiply', array([1., 4.]))
    """

    __slots__ = ("_data", "_names", "_ops", "args", "definition", "key", "length", "name", "number", "op", "options", "pattern", "total")

    requires_grad = False

    def __init__(
        self,
        data: Any,
        op: Op | None = None,
        args: tuple[Symbol | None, ...] = (),
        options: Mapping[str, Any] | None = None,
        number: int | None = None,
        name: str | None = None,
        definition: Symbol | None = None,
    ) -> None:
        self._data, self.op, self.args, self.options, self.number = data, op, args, dict(options or {}), number
        self.name, self.definition = name, definition
        self.length: int = 1 + sum(a.length for a in args if a is not None)  # how many names, numbers and calls are written
        self.key = self._identity()
        self.total: Any = None  # what algebra has found it to be
        self.pattern: Any = None  # what it is found by, if it is a name
        self._names: frozenset[bytes] | None = None
        self._ops: frozenset[str] | None = None

    def _identity(self) -> bytes:
        if self.name is not None:
            text = f"name {_serial()}".encode()
        elif self.op is None:
            text = f"{np.shape(self._data)} {np.asarray(self._data).dtype.kind}".encode() + np.asarray(self._data).tobytes()
        else:
            text = f"{self.op.name} {self.number} {[(key, _told(value)) for key, value in self.options.items()]} ".encode()
            text += b"".join(b"None" if a is None else a.key for a in self.args)
        return blake2b(text, digest_size=12).digest()

    @property
    def data(self) -> np.ndarray:
        """The value."""
        return np.asarray(self._data)

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the value."""
        return np.shape(self._data)

    @property
    def ndim(self) -> int:
        """How many axes the value has."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """How many numbers the value holds."""
        return int(np.size(self._data))

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of the value."""
        return self.data.dtype

    @property
    def names(self) -> frozenset[bytes]:
        """The keys of the names in it."""
        if self._names is None:
            parts = [a.names for a in self.args if a is not None]
            self._names = frozenset({self.key} if self.name is not None else ()).union(*parts)
        return self._names

    @property
    def ops(self) -> frozenset[str]:
        """The names of the ops in it, those in the definitions of its names included."""
        if self._ops is None:
            parts = [a.ops for a in (*self.args, self.definition) if a is not None]
            self._ops = frozenset({self.op.name} if self.op is not None else ()).union(*parts)
        return self._ops

    def __repr__(self) -> str:
        from .notation import in_text

        return f"<{in_text(self)}>"

    def is_number(self) -> bool:
        """Whether it is a plain number."""
        return self.op is None and self.name is None and self.ndim == 0

    def calls(self, *names: str) -> bool:
        """Whether it is a call of one of these ops."""
        return self.op is not None and self.op.name in names

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **_: Any) -> Any:
        op = TABLE.get(ufunc.__name__)
        return op(*inputs) if op is not None and method == "__call__" else NotImplemented

    def __and__(self, other: Any) -> Any:
        return applied("logical_and", self, other)

    def __or__(self, other: Any) -> Any:
        return applied("logical_or", self, other)

    def __invert__(self) -> Any:
        return applied("logical_not", self)

    @staticmethod
    def record(op: Op, args: tuple[Any, ...], options: Mapping[str, Any]) -> Any:
        """The expression of a call, and its value."""
        symbols = tuple(None if a is None else as_symbol(a) for a in args)
        values = [None if s is None else s._data for s in symbols]
        with np.errstate(all="ignore"):
            y = op.forward(*values, **options)
        if type(y) is tuple:
            return tuple([Symbol(part, op, symbols, options, n) for n, part in enumerate(y)])
        return Symbol(op.output(y), op, symbols, options)


def name(text: str, value: Any, definition: Symbol | None = None) -> Symbol:
    """A symbol with a name.

    >>> name("x", 2.0).name
    'x'
    """
    return Symbol(value, name=text, definition=definition)


def as_symbol(a: Any) -> Symbol:
    """`a` as a symbol: a plain number or array stands for itself.

    >>> as_symbol(2.0).is_number()
    True
    """
    if isinstance(a, Symbol):
        return a
    return Symbol(a.data if isinstance(a, Traced) else np.asarray(a)[()])


def applied(op: str, *args: Any, **options: Any) -> Symbol:
    """The expression of a call of the op of that name.

    >>> applied("exp", 0.0).data
    array(1.)
    """
    return Symbol.record(TABLE[op], args, options)  # type: ignore[no-any-return]  # an op of one value


def rebuilt(s: Symbol, change: Callable[[Symbol], Symbol]) -> Symbol:
    """The same call with each argument changed.

    >>> x, y = name("x", 1.0), name("y", 2.0)
    >>> rebuilt(x * x, lambda s: y).data
    array(4.)
    """
    args = tuple([None if a is None else change(a) for a in s.args])
    if s.op is None or all(new is old for new, old in zip(args, s.args, strict=True)):
        return s
    y = Symbol.record(s.op, args, s.options)
    return y if s.number is None else y[s.number]  # type: ignore[no-any-return]


def replaced(s: Symbol, by: Mapping[bytes, Symbol]) -> Symbol:
    """The expression with others in the place of some parts, which are told by their keys.

    >>> x, y = name("x", 1.0), name("y", 2.0)
    >>> replaced(x * x, {x.key: y}).data
    array(4.)
    """
    return by[s.key] if s.key in by else rebuilt(s, lambda part: replaced(part, by))


def _told(option: Any) -> str:
    """An option in full: NumPy would abridge an array."""
    if isinstance(option, (tuple, list)):
        return str([_told(part) for part in option])
    return f"{option.shape} {option.tobytes().hex()}" if isinstance(option, np.ndarray) else repr(option)
