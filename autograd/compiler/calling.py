"""Calls of a compiled function: what its arguments are, and the Python code that checks them and hands them over.

The code is generated for each variant, because it is most of what a small compiled function costs: one condition that fails fast, then one
call of what was compiled, then the results put into the shape in which the function returned them.
"""

from __future__ import annotations

import re
from collections import deque
from textwrap import indent
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..graph import mark_all, memory_of
from ..op import plain_array
from ..tensor import Tensor
from ..tree import children, leaves, map_leaves
from .captured import TOLD_BY_VALUE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

__all__ = ["MISS", "Arguments", "Leaf", "Overlap", "Result", "as_input", "call_code", "input_code", "owner"]

MISS = object()
"""What a variant returns that is not meant by a call."""


class _Static:
    """An argument that is a constant of the trace."""

    def __init__(self, value: Any) -> None:
        self.value = value


class Leaf(NamedTuple):
    """One part of the arguments: where it stands, what the code of a call names it, what it is to the trace, and its value."""

    read: str
    name: str
    kind: str  # "array", "tensor", "number", "parameter" or "static"
    value: Any


class Arguments:
    """The arguments of one call, taken apart.

    >>> Arguments((np.ones(2), 3.0), {}, frozenset()).signature
    (('args', 2, ()), ('array', <class 'numpy.ndarray'>, (2,), dtype('float64')), ('number', <class 'float'>))
    """

    def __init__(
        self,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        static_places: frozenset[int],
        static_names: frozenset[str] = frozenset(),
        parameters: Sequence[str] = (),
    ) -> None:
        self.parameters = parameters  # what the function calls the positional ones
        self.args = tuple([a if k in static_places else map_leaves(_plain, a) for k, a in enumerate(args)])
        self.kwargs = {k: a if k in static_names else map_leaves(_plain, a) for k, a in kwargs.items()}
        self.leaves: list[Leaf] = []
        self.conditions = [f"len(args) == {len(args)}", f"[*kwargs] == {[*kwargs]}" if kwargs else "not kwargs"]
        self.constants: dict[str, Any] = {}  # by their names in the conditions
        self._names: dict[int, str] = {}
        self._signature: list[Any] = [("args", len(args), tuple(kwargs))]
        self._of_what = ["the call"]  # of each part of the signature, where it stands
        self._tree = (
            tuple([_Static(a) if k in static_places else a for k, a in enumerate(self.args)]),
            {k: _Static(a) if k in static_names else a for k, a in self.kwargs.items()},
        )
        for k, a in enumerate(self._tree[0]):
            self._walk(a, f"args[{k}]")
        for name, a in self._tree[1].items():
            self._walk(a, f"kwargs[{name!r}]")

    @property
    def signature(self) -> tuple[Any, ...]:
        """Equal for calls that one trace can serve."""
        return tuple(self._signature)

    @property
    def signature_of_what(self) -> list[str]:
        """Of each part of the signature, the argument that it tells of."""
        return [self.told(read) for read in self._of_what]

    def told(self, read: str) -> str:
        """The code that reads a part of the arguments, as users would write it.

        >>> Arguments((), {}, frozenset(), parameters=("x", "y")).told("args[1]['w']")
        "y['w']"
        """
        for k, name in enumerate(self.parameters):
            read = read.replace(f"args[{k}]", name) if read.startswith(f"args[{k}]") else read
        return re.sub(r"^kwargs\['(\w+)'\]", r"\1", read)

    def objects(self) -> Iterator[Any]:
        """The arguments that are neither numbers nor arrays: what they hold is taken from outside."""
        return (a for _, _, kind, a in self.leaves if kind == "parameter" or (kind == "static" and not isinstance(a, TOLD_BY_VALUE)))

    def rebuilt(self, stand_in: Callable[[Leaf], Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """The arguments with a stand-in for each leaf."""
        found = iter([stand_in(leaf) for leaf in self.leaves])
        args, kwargs = map_leaves(lambda _: next(found), self._tree)
        return args, kwargs

    def name(self, a: Any) -> str:
        """What the code calls an object."""
        name = self._names.setdefault(id(a), f"a{len(self._names)}")
        self.constants[name] = a
        return name

    def _walk(self, a: Any, read: str) -> None:
        if isinstance(a, _Static):
            if isinstance(a.value, np.ndarray):
                raise TypeError(f"jit: the static argument {self.told(read)} is an array, wanted what can be hashed; let it not be static")
            self._add(read, "static", a.value)
            return
        parts = children(a)
        if parts is None:
            self._add(read, _kind(a, self.told(read)), a)
            return
        self.conditions.append(f"type({read}) is {self.name(type(a))}")
        by_index = isinstance(a, (dict, tuple, list))
        if isinstance(a, dict) and len(a) > 1:
            self.conditions.append(f"[*{read}] == {self.name([*a])}")  # in this order: what is taken from it may depend on that
        elif by_index:
            self.conditions.append(f"len({read}) == {len(parts)}")
        self._sign(read, type(a), tuple([key for key, _ in parts]))
        for key, part in parts:
            text = repr(key) if type(key) in (str, int) else self.name(key)
            self._walk(part, f"{read}[{text}]" if by_index else f"{read}.{key}")

    def _sign(self, read: str, *part: Any) -> None:
        self._signature.append(part)
        self._of_what.append(read)

    def _add(self, read: str, kind: str, a: Any) -> None:
        x = f"x{len(self.leaves)}"
        self.leaves.append(Leaf(read, x, kind, a))
        kind_is = f"type({x} := {read}) is {self.name(type(a))}"
        if kind in ("array", "tensor"):
            self._sign(read, kind, type(a), a.shape, a.dtype)
            self.conditions.append(f"{kind_is} and {x}.dtype == {self.name(a.dtype)} and {x}.shape == {a.shape}")
            if kind == "tensor":
                self.conditions.append(f"not {x}.requires_grad")
        elif kind == "number":
            self._sign(read, kind, type(a))
            self.conditions.append(kind_is)
        elif isinstance(a, TOLD_BY_VALUE):
            self._sign(read, kind, type(a), repr(a))
            exact = isinstance(a, (float, complex, np.generic))  # as for -0.0 and nan
            self.conditions.append(f"{kind_is} and " + (f"repr({x}) == {repr(a)!r}" if exact else f"{x} == {self.name(a)}"))
        else:
            try:
                hash(a)
                self._sign(read, kind, a if kind == "static" and not isinstance(a, (Tensor, np.ndarray)) else id(a))
            except TypeError:
                self._sign(read, kind, id(a))
            self.conditions.append(f"({x} := {read}) is {self.name(a)}")


def _plain(a: Any) -> Any:
    """A leaf of the arguments as the function should see it: subclasses of arrays as arrays."""
    if isinstance(a, np.ndarray) and type(a) is not np.ndarray:
        return plain_array(a)
    return a


def _kind(a: Any, name: str) -> str:
    if isinstance(a, Tensor):
        return "parameter" if a.requires_grad else "tensor"
    if isinstance(a, (np.ndarray, np.generic)):
        if a.dtype.kind not in "biufc":
            raise TypeError(f"jit: {name} is an array of dtype {a.dtype}, wanted numbers or booleans; make other things static arguments")
        return "array"
    if type(a) in (int, float, complex):
        return "number"
    if hasattr(a, "__array__") and not isinstance(a, type):
        raise TypeError(f"jit: {name} is a {type(a).__name__}, whose numbers could change unseen; give it as an array: np.asarray(…)")
    return "static"


class Overlap(Exception):  # noqa: N818  # no error: this call runs as Python
    """An argument lies in memory that is going to be written, where the function may look for it again."""


def owner(a: np.ndarray) -> Any:
    """What the memory of an array belongs to: an array, or what lends it, as a bytearray does.

    >>> lender = bytearray(16)
    >>> owner(np.frombuffer(lender)[1:]) is lender
    True
    """
    lender = memory_of(a).base
    lender = lender.obj if isinstance(lender, memoryview) else lender
    return memory_of(a) if lender is None else lender


def as_input(a: Any, written: frozenset[int]) -> Any:
    """An argument as compiled code wants it: contiguous, and not in memory that is going to be written: else Overlap."""
    if isinstance(a, Tensor):
        a = a.data
    if type(a) is np.ndarray:
        if id(owner(a)) in written:
            raise Overlap
        if not a.flags.c_contiguous or not a.flags.aligned:
            return np.array(a, order="C")
    return a


def input_code(leaf: Leaf) -> str:
    """The code by which an argument, an array or a Tensor, becomes what compiled code takes: itself, if it owns contiguous memory.

    >>> input_code(Leaf("args[0]", "x0", "array", np.float32(1)))
    'x0'
    """
    if leaf.kind == "number" or isinstance(leaf.value, np.generic):
        return leaf.name
    a = leaf.name if leaf.kind == "array" else f"{leaf.name}._value"
    kind = "" if type(leaf.value) is np.ndarray else f"type({a}) is ndarray and "  # which the conditions have looked at
    ready = f"{kind}{a}.base is None and {a}.flags.c_contiguous and id({a}) not in written"
    return f"({a} if {ready} else as_input({a}, written))"


class Result:
    """How a leaf of what the function returned is found: Python code for it."""

    def __init__(self, code: str) -> None:
        self.code = code


def call_code(
    arguments: Arguments,
    conditions: Iterable[str],
    inputs: Sequence[str],
    effects: Iterable[str],
    returned: Any,
    objects: dict[str, Any],
) -> Callable[..., Any]:
    """The function (args, kwargs) that calls `run` of `objects` if all conditions hold, and else returns MISS.

    `inputs` and `effects` are code, the tree `returned` has a `Result` for each leaf; `out` is what `run` gave.
    """
    objects = {**arguments.constants, **objects, "MISS": MISS, "as_input": as_input, "mark_all": mark_all, "ndarray": np.ndarray}
    text = f"""\
def call(args, kwargs):
    try:
        if not ({" and ".join([*arguments.conditions, *conditions])}):
            return MISS
    except (KeyError, AttributeError, ValueError):
        return MISS
    mark_all(stamps)
    out = run({", ".join(inputs)})
{"".join(f"    {effect}{chr(10)}" for effect in effects)}    return {_display(returned, objects)}
"""
    names = [name for name in dict.fromkeys(re.findall(r"\w+", text)) if name in objects]
    closed = f"def bind({', '.join(names)}):\n{indent(text, '    ')}\n    return call"  # what a closure names is found faster than a global
    made: dict[str, Any] = {}
    exec(compile(closed, "<jit call>", "exec"), made)  # noqa: S102  # made of our own names
    return made["bind"](*[objects[name] for name in names])  # type: ignore[no-any-return]


def _display(tree: Any, objects: dict[str, Any]) -> str:
    """Python code that builds a tree of results."""
    if isinstance(tree, Result):
        return tree.code
    if type(tree) is tuple:
        return f"({''.join(f'{_display(part, objects)}, ' for part in tree)})"
    if type(tree) is list:
        return f"[{', '.join(_display(part, objects) for part in tree)}]"
    if type(tree) is dict and all(type(key) in (str, int) for key in tree):
        return "{" + ", ".join(f"{key!r}: {_display(part, objects)}" for key, part in tree.items()) + "}"
    name = f"build{len(objects)}"
    objects[name] = lambda *parts: (found := deque(parts)) is not None and map_leaves(lambda _: found.popleft(), tree)
    return f"{name}({', '.join(leaf.code for leaf in leaves(tree))})"
