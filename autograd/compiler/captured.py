"""What a function takes from outside: Tensors, arrays, generators and settings that it reaches by its names, and by what those hold.

A compiled function must see the same world as the Python function would.  So Tensors and arrays are inputs of the program, read afresh at
each run; everything else (a layer's `training`, a number, which object a name means) is a constant of the trace, and a *guard*, one line of
Python, checks before each run that it is what it was.
"""

from __future__ import annotations

import functools
import sys
from collections import deque
from types import BuiltinFunctionType, CodeType, FunctionType, MethodType, ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..op import Op
from ..tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["Captured", "Place"]

PLAIN = (int, float, complex, str, bytes, type(None), type(...), np.generic, np.dtype, range)
LIBRARY = frozenset({"autograd", "numpy", "scipy", *sys.stdlib_module_names})
"""Packages whose functions and objects keep nothing that a user's function could change."""


class Place(NamedTuple):
    """Where something stands: an item of a list or dict, an attribute, a closure's variable."""

    holder: Any
    key: Any
    kind: str  # "item", "attribute" or "cell"
    name: str  # for people

    def get(self) -> Any:
        """What stands there."""
        if self.kind == "item":
            return self.holder[self.key]
        return self.holder.cell_contents if self.kind == "cell" else getattr(self.holder, self.key)

    def put(self, value: Any) -> None:
        """Let something else stand there."""
        if self.kind == "item":
            self.holder[self.key] = value
        elif self.kind == "cell":
            self.holder.cell_contents = value
        else:
            setattr(self.holder, self.key, value)


class Captured:
    """All that `roots` refer to, found by walking closures, global names, attributes and containers.

    >>> w, scale = Tensor([1.0], requires_grad=True, name="w"), 2.0
    >>> captured = Captured([lambda x: x * w * scale])
    >>> captured.tensors, eval(" and ".join(captured.conditions), captured.objects)
    ([Tensor([1.], name='w', requires_grad=True)], True)
    """

    def __init__(self, roots: Iterable[Any]) -> None:
        self.tensors: list[Tensor] = []
        self.names: dict[int, str] = {}  # of Tensors
        self.places: list[tuple[Place, Any]] = []  # each with what stands there
        self.signature: list[Any] = []  # equal signatures have equal traces
        self.conditions: list[str] = []  # Python code, true for as long as nothing has changed
        self.objects: dict[str, Any] = {}  # by the names that the conditions use
        self._seen: dict[int, int] = {}
        self._alive: list[Any] = []  # so that no id is given twice
        self._names: dict[int, str] = {}
        self._classes: set[type] = set()
        self._sized: list[tuple[str, Any, int]] = []  # what can grow
        for k, root in enumerate(roots):
            self._walk(root, getattr(root, "__name__", type(root).__name__).lower() if k else "")

    def arrays(self) -> Iterator[tuple[Place, np.ndarray[Any, Any]]]:
        """The plain arrays, each at the first place where it stands."""
        seen: set[int] = set()
        for place, value in self.places:
            if isinstance(value, np.ndarray) and id(value) not in seen:
                seen.add(id(value))
                yield place, value

    def generators(self) -> Iterator[Any]:
        """The generators of random numbers."""
        return (value for _, value in self.places if isinstance(value, np.random.Generator))

    def changes(self) -> Iterator[str]:
        """The places, by name, where now something else stands."""
        for place, value in self.places:
            try:
                now = place.get()
            except (KeyError, IndexError, AttributeError, ValueError):
                yield f"{place.name} was removed"
                continue
            if now is not value:
                yield f"{place.name} was changed"
        for name, container, length in self._sized:
            if len(container) != length:
                yield f"{name} has grown or shrunk"

    # -- the walk ---------------------------------------------------------------------------------------------------------------------

    def _named(self, a: Any) -> str:
        """What the conditions call an object."""
        name = self._names.setdefault(id(a), f"o{len(self._names)}")
        self.objects[name] = a  # which keeps it alive, so that no id is given twice
        return name

    def _visit(self, holder: Any, key: Any, kind: str, read: str, name: str) -> None:
        """Look at a place: guard it, and go on into what stands there."""
        place = Place(holder, key, kind, name)
        try:
            value = place.get()
        except (ValueError, AttributeError):  # a variable of a closure, or a slot, that is still empty
            return
        if isinstance(value, (ModuleType, BuiltinFunctionType, Op)) or (isinstance(value, type) and _is_library(value)):
            return
        self.places.append((place, value))
        self.conditions.append(f"{read} is {self._named(value)}")
        self._walk(value, name)

    def _walk(self, a: Any, name: str) -> None:
        number = self._seen.get(id(a))
        if number is not None and not isinstance(a, PLAIN):
            self.signature.append(number)
            return
        self._seen[id(a)] = len(self._seen)
        self._alive.append(a)
        if isinstance(a, Tensor):
            self._tensor(a, name)
        elif isinstance(a, np.ndarray):
            self.signature.append((a.shape, a.dtype))
        elif isinstance(a, PLAIN):
            self.signature.append((type(a), repr(a) if isinstance(a, (float, complex, np.generic)) else a))
        elif isinstance(a, (list, tuple, dict, deque)):
            self._container(a, name)
        elif isinstance(a, (set, frozenset)):
            self._set(a, name)
        elif isinstance(a, type):
            self.signature.append(id(a))
            self._class(a)
        elif isinstance(a, FunctionType):
            self.signature.append(id(a.__code__))
            self._function(a)
        elif isinstance(a, MethodType):
            self._walk(a.__func__, name)
            self._walk(a.__self__, name)
        elif isinstance(a, functools.partial):
            for part in (a.func, a.args, a.keywords):
                self._walk(part, name)
        elif hasattr(type(a), "__array__"):
            kind = f"{type(a).__module__}.{type(a).__name__}"
            raise TypeError(
                f"jit: {name}, taken from outside, is a {kind}, whose numbers could change unseen; take an array: np.asarray(…)"
            )
        else:
            self.signature.append(id(a))
            self._instance(a, name)

    def _tensor(self, t: Tensor, name: str) -> None:
        self.tensors.append(t)
        self.names[id(t)] = t.name or name
        self.signature.append((id(t), t.shape, t.dtype, t.requires_grad, t._grad is None))
        read = self._named(t)
        self.conditions += [f"{read}._value is {self._named(t.data)}", f"{read}._node is {self._named(t._node)}"]
        if t.requires_grad:
            self.conditions.append(f"{read}._grad is {'' if t._grad is None else 'not '}None")

    def _container(self, a: Any, name: str) -> None:
        parts = list(a.items() if isinstance(a, dict) else enumerate(a))
        self.signature.append((type(a), len(parts), *(k for k, _ in parts if isinstance(a, dict) and isinstance(k, PLAIN))))
        read = self._named(a)
        self._sized.append((name, a, len(parts)))
        if len(parts) > 8 and all(isinstance(part, PLAIN) for _, part in parts):  # many numbers: compared at once
            self.signature.append(repr(parts))
            self.conditions.append(f"{read} == {self._named(type(a)(a))}")
            return
        if not isinstance(a, tuple):
            self.conditions.append(f"len({read}) == {len(parts)}")
        for k, _ in parts:
            if type(k) in (str, int):
                self._visit(a, k, "item", f"{read}[{k!r}]", f"{name}[{k!r}]")

    def _set(self, a: Any, name: str) -> None:
        self.signature.append((type(a), len(a)))
        read = self._named(a)
        self._sized.append((name, a, len(a)))
        self.conditions.append(f"{read} == {self._named(type(a)(a))}")
        for part in a:
            self._walk(part, name)

    def _instance(self, a: Any, name: str) -> None:
        """The attributes of an object, and what its methods refer to."""
        kind = type(a)
        if (function := getattr(a, "__wrapped__", None)) is not None:  # a decorated function
            self._walk(function, name)
        if _is_library(kind):
            return
        attributes = getattr(a, "__dict__", None)
        if attributes is not None:
            read = self._named(attributes)
            self.conditions.append(f"len({read}) == {len(attributes)}")
            self._sized.append((f"{name} (its attributes)", attributes, len(attributes)))
            for key in list(attributes):
                self._visit(attributes, key, "item", f"{read}[{key!r}]", f"{name}.{key}" if name else key)
        for base in kind.__mro__:
            if not _is_library(base):
                for key in _slots(base):
                    self._visit(a, key, "attribute", f"getattr({self._named(a)}, {key!r}, None)", f"{name}.{key}")
        self._class(kind)

    def _class(self, kind: type) -> None:
        """What the methods of a class refer to, and the values that stand in it."""
        for base in kind.__mro__:
            if _is_library(base) or _package(base) == "nn" or base in self._classes:
                continue
            self._classes.add(base)
            for key, member in list(vars(base).items()):
                for function in _functions(member):
                    self._function(function)
                if not key.startswith("__") and not hasattr(member, "__get__"):
                    self._visit(base, key, "attribute", f"{self._named(base)}.{key}", f"{base.__name__}.{key}")

    def _function(self, function: FunctionType) -> None:
        """The variables of a function's closure, the global names that it uses, and its defaults."""
        for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
            self._visit(cell, None, "cell", f"{self._named(cell)}.cell_contents", name)
        module = sys.modules.get(function.__module__)
        if (_is_library(function) or _package(function) == "nn") and module is not None and function.__globals__ is vars(module):
            return  # its names mean nothing of the user's
        names = _names(function.__code__)
        for name in dict.fromkeys(names):
            if name in function.__globals__:
                value = function.__globals__[name]
                if isinstance(value, ModuleType):
                    self._module(value, names)
                else:
                    self._visit(function.__globals__, name, "item", f"{self._named(function.__globals__)}[{name!r}]", name)
        for part in ("__defaults__", "__kwdefaults__"):
            if getattr(function, part):
                self._visit(function, part, "attribute", f"{self._named(function)}.{part}", f"{function.__name__}.{part}")

    def _module(self, module: ModuleType, names: list[str]) -> None:
        """What a function may reach in a module of the user's."""
        package = module.__name__.partition(".")[0]
        if package == "nn" or package in LIBRARY or _is_installed(package):
            return
        for name in dict.fromkeys(names):
            if name in vars(module):
                self._visit(vars(module), name, "item", f"{self._named(vars(module))}[{name!r}]", f"{module.__name__}.{name}")


def _package(a: Any) -> str:
    return (getattr(a, "__module__", None) or "").partition(".")[0]


@functools.cache
def _is_installed(package: str) -> bool:
    file = getattr(sys.modules.get(package), "__file__", None) or ""
    return "site-packages" in file or "dist-packages" in file


def _is_library(a: Any) -> bool:
    """Whether a class or function belongs to a library, which keeps nothing of the user's; parts of networks do, wherever they are from."""
    package = _package(a)
    if isinstance(a, type) and (a.__name__ in ("SimpleNamespace", "Namespace") or any(_package(base) == "nn" for base in a.__mro__)):
        return False
    return package in LIBRARY or (package != "nn" and _is_installed(package))


def _slots(kind: type) -> Iterator[str]:
    slots = vars(kind).get("__slots__", ())
    return (key for key in ((slots,) if isinstance(slots, str) else slots) if key not in ("__dict__", "__weakref__"))


def _functions(member: Any) -> Iterator[FunctionType]:
    """The Python functions in a member of a class: a method, or a property's."""
    if isinstance(member, property):
        member = member.fget
    member = getattr(member, "__func__", member)
    if isinstance(member, FunctionType):
        yield member


def _names(code: CodeType) -> list[str]:
    """The global and attribute names in a function's code, and in that of the functions inside it."""
    return [*code.co_names, *(name for part in code.co_consts if isinstance(part, CodeType) for name in _names(part))]
