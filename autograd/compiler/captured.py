"""What a function takes from outside: Tensors, arrays, generators and settings that it reaches by its names, and by what those hold.

A compiled function must see the same world as the Python function would.  So Tensors and arrays are inputs of the program, read afresh at
each run; everything else (a layer's `training`, a number, which object a name means) is a constant of the trace, and a *guard*, one line of
Python, checks before each run that it is what it was.
"""

from __future__ import annotations

import contextlib
import functools
import operator
import random
import sys
import weakref
from collections import deque
from contextvars import ContextVar
from threading import local
from types import (
    BuiltinFunctionType,
    CodeType,
    FunctionType,
    GetSetDescriptorType,
    MappingProxyType,
    MemberDescriptorType,
    MethodType,
    ModuleType,
)
from typing import TYPE_CHECKING, Any

import numpy as np

from ..op import Op
from ..tensor import Tensor
from .holders import UNCHANGING, Place, is_memory, is_readable_file, is_same, set_state, state_of
from .likeness import BUILT_IN
from .origin import LIBRARY, has_class_patterns, is_installed, is_library, names_in, package_of, slots_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .reads import Unread

__all__ = ["TOLD_BY_VALUE", "Captured"]

TOLD_BY_VALUE = (int, float, complex, str, bytes, type(None), type(...), np.generic, np.dtype, range)
"""Objects that a signature tells by their value, and not by which object they are."""
UNSET = object()
"""What a context variable is told to give where it has no value."""

REFLECTIVE = frozenset({"eval", "exec", "globals", "import_module", "__globals__", "__import__"})
"""Names in code by which it can reach anything."""
UNWATCHED = frozenset({"__get__", "__getattribute__", "__getstate__", "__setattr__", "getattr_static"})
"""Names in code by which it can read, or set, an attribute past its class."""
BY_NAME = frozenset({"attrgetter", "getattr", "vars", "__dict__"})
"""Names in code by which it can reach anything in a module."""


_UNSEEN = "and so names that can't be followed; write them out"


class Captured:
    """All that `roots` refer to, found by walking closures, global names, attributes and containers.

    >>> w, scale = Tensor([1.0], requires_grad=True, name="w"), 2.0
    >>> captured = Captured([lambda x: x * w * scale])
    >>> captured.tensors, eval(" and ".join(captured.conditions), captured.objects)
    ([Tensor([1.], name='w', requires_grad=True)], True)
    """

    def __init__(self, roots: Sequence[Any], unread: Unread = frozenset()) -> None:
        self._roots, self._unread = roots, unread
        self._own = {package_of(root) for root in roots} - {*LIBRARY, "nn"}  # the packages of what is compiled
        self.tensors: list[Tensor] = []
        self.tensor_names: dict[int, str] = {}  # of Tensors
        self.places: list[tuple[Place, Any]] = []  # each with what stands there
        self.signature: list[Any] = []  # equal signatures have equal traces
        self.signature_of_what: list[str] = []  # of each part of the signature, whose it is
        self.conditions: list[str] = []  # Python code, true for as long as nothing has changed
        self.objects: dict[str, Any] = {}  # by the names that the conditions use
        self.arrays: list[tuple[str, np.ndarray[Any, Any]]] = []  # with their names
        self.generators: list[tuple[str, np.random.Generator]] = []
        self.instances: list[Any] = []  # of the user's classes
        self.is_watched = True  # whether the code reads their attributes in no way that `Reads` can't see
        self.seen: dict[int, int] = {}  # the ids of all that was met
        self._alive: list[Any] = []  # so that no id is given twice
        self._condition_names: dict[int, str] = {}
        self._classes: set[type] = set()
        self._contents: list[tuple[str, Any, Any]] = []  # what can grow, each with a copy
        self._absent: list[tuple[dict[str, Any], str]] = []  # global names that are not there yet
        self._old_generators: list[tuple[str, Any, Any]] = []  # each with its state
        self._caches: list[tuple[Any, Any]] = []  # of functions, each with its size
        self._attributes: list[str] = []  # the names that the function that is walked uses
        self._modules: set[tuple[int, tuple[str, ...]]] = set()
        self._code: CodeType | None = None  # that is walked
        self.answering: dict[tuple[int, str], dict[str, Any]] = {}  # the global names of functions that use a name of `BUILT_IN`
        self.unfollowed: dict[int, str] = {}  # code, by its id, that reaches what can't be followed: the reason
        for k, root in enumerate(roots):
            self._walk(root, getattr(root, "__name__", type(root).__name__).lower() if k else "")
        self.conditions = [*dict.fromkeys(self.conditions)]

    def without(self, unread: Unread) -> Captured:
        """The same, now, but for some attributes, each given by its object's id and its name, and what is reached through them only."""
        return Captured(self._roots, unread) if unread else self

    def changes(self) -> Iterator[str]:
        """What is not as it was, by name."""
        for place, value in self.places:
            if not place.has(value):
                yield f"{place.name} was changed"
        for name, container, copy in self._contents:
            if len(container) != len(copy):
                yield f"{name} has grown or shrunk"
            elif not is_same(container, copy):
                yield f"{name} was changed"
        yield from (f"{name} was made" for names, name in self._absent if name in names)

    def draws(self) -> Iterator[str]:
        """The generators of the old kinds that have been drawn from."""
        return (name for name, generator, state in self._old_generators if repr(state_of(generator)) != repr(state))

    def put_back(self) -> None:
        """Let everything be as it was: what a traced run has left there has no numbers."""
        for _, container, copy in self._contents:
            if not isinstance(container, UNCHANGING) and not is_same(container, copy):
                container.clear()
                (container.update if isinstance(container, (dict, set)) else container.extend)(copy)
        for place, value in self.places:
            if not isinstance(place.holder, UNCHANGING) and not place.has(value):
                place.put(value)
        for names, name in self._absent:
            names.pop(name, None)
        for _, generator, state in self._old_generators:
            set_state(generator, state)
        for function, before in self._caches:
            if function.cache_info() != before:
                function.cache_clear()

    def _is_library(self, a: Any) -> bool:
        """Whether a class or function belongs to a library, and not to the package of the function that is compiled."""
        return package_of(a) not in self._own and is_library(a)

    # -- the walk ---------------------------------------------------------------------------------------------------------------------

    def _sign(self, name: str, part: Any) -> None:
        self.signature.append(part)
        self.signature_of_what.append(name)

    def _named(self, a: Any) -> str:
        """What the conditions call an object."""
        name = self._condition_names.setdefault(id(a), f"o{len(self._condition_names)}")
        self.objects[name] = a  # which keeps it alive, so that no id is given twice
        return name

    def _visit(self, holder: Any, key: Any, kind: str, read: str, name: str) -> None:
        """Look at a place: guard it, and go on into what stands there."""
        place = Place(holder, key, kind, name)
        try:
            value = place.get()
        except (LookupError, ValueError, AttributeError):  # a variable of a closure, or a slot, that is still empty
            self._sign(name, "empty")
            if kind == "attribute":
                self.conditions.append(f"not hasattr({self._named(holder)}, {key!r})")
            return
        if isinstance(value, Op) or (isinstance(value, type) and self._is_library(value)):
            return
        if isinstance(value, ModuleType):
            self._module(value, self._attributes)
            return
        if isinstance(value, BuiltinFunctionType) and (value.__self__ is None or isinstance(value.__self__, (ModuleType, type))):
            return
        self.places.append((place, value))
        if not isinstance(holder, tuple):
            self.conditions.append(f"{read} is {self._named(value)}")
        self._walk(value, name)

    def _walk(self, a: Any, name: str) -> None:
        number = self.seen.get(id(a))
        if number is not None and not isinstance(a, TOLD_BY_VALUE):
            self._sign(name, number)
            self._object_of_library(a, name)
            return
        self.seen[id(a)] = len(self.seen)
        self._alive.append(a)
        if isinstance(a, Tensor):
            self._tensor(a, name)
        elif isinstance(a, np.ndarray):
            self._sign(name, (a.shape, a.dtype))
            read = self._named(a)
            self.conditions.append(f"{read}.shape == {a.shape} and {read}.dtype == {self._named(a.dtype)}")  # which can be set in place
            self.arrays.append((name, a))
        elif isinstance(a, TOLD_BY_VALUE):
            self._sign(name, (type(a), repr(a) if isinstance(a, (float, complex, np.generic)) else a))
        elif isinstance(a, (list, tuple, dict, deque, MappingProxyType)):
            self._container(a, name)
        elif isinstance(a, (set, frozenset)):
            self._set(a, name)
        elif isinstance(a, type):
            self._sign(name, id(a))
            self._class(a)
        elif isinstance(a, FunctionType):
            self._sign(name, id(a.__code__))
            self._function(a)
        elif isinstance(a, MethodType):
            self._walk(a.__func__, name)
            self._walk(a.__self__, name)
        elif isinstance(a, BuiltinFunctionType):  # of an object
            self._sign(name, a.__name__)
            self._walk(a.__self__, name)
        elif isinstance(a, functools.partial):
            for part in (a.func, a.args, a.keywords):
                self._walk(part, name)
        elif isinstance(a, np.random.Generator):
            self._sign(name, id(a))
            self.generators.append((name, a))
        elif isinstance(a, (np.random.RandomState, np.random.BitGenerator, np.random.SeedSequence, random.Random)):
            self._sign(name, id(a))
            self._old_generators.append((name, a, state_of(a)))
        elif isinstance(a, ContextVar):
            self._sign(name, id(a))
            read = f"{self._named(a)}.get({self._named(UNSET)})"
            if a.get(UNSET) is not UNSET:
                self._visit(a, None, "variable", read, name)
            else:  # what it is by default stays
                self.conditions.append(f"{read} is {self._named(UNSET)}")
                with contextlib.suppress(LookupError):
                    self._walk(a.get(), name)
        elif isinstance(a, weakref.ref):
            self._walk(a(), name)
        elif isinstance(a, local):
            self._sign(name, id(a))
            for key in vars(a):  # those of this thread
                self._visit(a, key, "attribute", f"getattr({self._named(a)}, {key!r}, None)", f"{name}.{key}")
            self._class(type(a))
        elif (hasattr(type(a), "__next__") and type(a).__module__ in ("builtins", "itertools")) or is_readable_file(a):
            what = f"jit: {name}, taken from outside, is an iterator"
            raise TypeError(f"{what}, from which only the first call would take; give it next({name})")
        elif hasattr(type(a), "__array__") or is_memory(a):
            kind = f"{type(a).__module__}.{type(a).__name__}"
            raise TypeError(
                f"jit: {name}, taken from outside, is a {kind}, whose numbers could change unseen; take an array: np.asarray(…)"
            )
        else:
            self._sign(name, id(a))
            self._instance(a, name)

    def _tensor(self, t: Tensor, name: str) -> None:
        self.tensors.append(t)
        self.tensor_names[id(t)] = t.name or name
        self._sign(name, (id(t), t.shape, t.dtype, t.requires_grad, t._grad is None))
        read = self._named(t)
        self.conditions += [f"{read}._value is {self._named(t.data)}", f"{read}._node is {self._named(t._node)}"]
        if t.requires_grad:
            self.conditions.append(f"{read}._grad is {'' if t._grad is None else 'not '}None")

    def _container(self, a: Any, name: str) -> None:
        by_key = isinstance(a, (dict, MappingProxyType))
        parts = list(a.items() if by_key else enumerate(a))
        keys = [k for k, _ in parts] if by_key else []
        self._sign(name, (type(a), len(parts), *(k if isinstance(k, TOLD_BY_VALUE) else id(k) for k in keys)))
        read = self._named(a)
        self._contents.append((name, a, dict(a) if by_key else tuple(a)))
        if not isinstance(a, tuple):
            self.conditions.append(f"len({read}) == {len(parts)}")
        if len(parts) > 8 and not by_key and all(isinstance(part, TOLD_BY_VALUE) for part in a):  # many numbers: compared at once
            self._sign(name, repr(parts))
            self.objects |= {"all": all, "map": map, "is_": operator.is_}
            self.conditions.append(f"all(map(is_, {read}, {self._named(tuple(a))}))")
        else:
            for k, _ in parts:
                if not isinstance(k, TOLD_BY_VALUE):
                    self._walk(k, f"a key of {name}")
                place = repr(k) if type(k) in (str, int) else self._named(k)
                self._visit(a, k, "item", f"{read}[{place}]", f"{name}[{k!r}]")
        if not self._is_library(type(a)):  # a container of the user's, which may have attributes and methods
            self._instance(a, name)

    def _set(self, a: Any, name: str) -> None:
        self._sign(name, (type(a), len(a)))
        read = self._named(a)
        self._contents.append((name, a, frozenset(a)))
        self.conditions.append(f"{read} == {self._named(type(a)(a))}")
        for part in a:
            self._walk(part, name)

    def _instance(self, a: Any, name: str) -> None:
        """The attributes of an object, and what its methods refer to."""
        kind = type(a)
        if (function := getattr(a, "__wrapped__", None)) is not None:  # a decorated function
            self._walk(function, name)
        if hasattr(kind, "cache_clear") and hasattr(kind, "cache_info"):
            self._caches.append((a, a.cache_info()))
        if self._is_library(kind):
            self._object_of_library(a, name)
            return
        attributes = getattr(a, "__dict__", None)
        if attributes is not None:
            read = self._named(attributes)
            self.conditions.append(f"len({read}) == {len(attributes)}")
            self._contents.append((f"{name} (its attributes)", attributes, dict(attributes)))
            self.instances.append(a)
            self._sign(name, tuple([key for key in attributes if (id(a), key) not in self._unread]))
            for key in list(attributes):
                if (id(a), key) in self._unread:
                    self.conditions.append(f"{key!r} in {read}")  # so many, and all of these: there is no other
                else:
                    self._visit(attributes, key, "item", f"{read}[{key!r}]", f"{name}.{key}" if name else key)
        for base in kind.__mro__:
            if not self._is_library(base):
                for key in slots_of(base):
                    self._visit(a, key, "attribute", f"getattr({self._named(a)}, {key!r}, None)", f"{name}.{key}")
        self._class(kind)

    def _object_of_library(self, a: Any, name: str) -> None:
        """Those attributes of a library's object that the function names."""
        attributes, names = getattr(a, "__dict__", None), tuple(self._attributes)
        if type(attributes) is not dict or isinstance(a, local) or not self._is_library(type(a)) or (id(a), names) in self._modules:
            return
        self._modules.add((id(a), names))
        for key in dict.fromkeys(names):
            if key in attributes:
                self._visit(attributes, key, "item", f"{self._named(attributes)}[{key!r}]", f"{name}.{key}")

    def _class(self, kind: type) -> None:
        """What the methods of a class refer to, and the values that stand in it."""
        for base in kind.__mro__:
            if self._is_library(base) or package_of(base) == "nn" or base in self._classes:
                continue
            self._classes.add(base)
            members = self._named(vars(base))
            self._sign(base.__name__, tuple([key for key in vars(base) if key != "__slotnames__"]))  # which copy adds
            self.conditions.append(f"len({members}) == {len(vars(base))}")
            for key, member in list(vars(base).items()):
                if isinstance(member, FunctionType) or (hasattr(member, "__get__") and not key.startswith("__")):
                    self.conditions.append(f"{members}[{key!r}] is {self._named(member)}")
                    self._method(member, f"{base.__name__}.{key}")
                elif not key.startswith("__"):
                    self._visit(base, key, "attribute", f"{self._named(base)}.{key}", f"{base.__name__}.{key}")

    def _method(self, member: Any, name: str) -> None:
        """What a method, a property or another descriptor refers to."""
        if isinstance(member, (MemberDescriptorType, GetSetDescriptorType)):  # a slot
            return
        member = getattr(member, "fget", None) or getattr(member, "func", member)  # of a property; of a cached one, or a partial method
        member = getattr(member, "__func__", member)
        self._walk(member, name)

    def _function(self, function: FunctionType) -> None:
        """The variables of a function's closure, the global names that it uses, and its defaults."""
        outer = self._attributes, self._code
        self._attributes, self._code = names_in(function.__code__), function.__code__
        for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
            self._visit(cell, None, "cell", f"{self._named(cell)}.cell_contents", name)
        self._attributes, self._code = outer
        module = sys.modules.get(function.__module__)
        if (self._is_library(function) or package_of(function) == "nn") and module is not None and function.__globals__ is vars(module):
            return  # its names mean nothing of the user's
        self.conditions.append(f"{self._named(function)}.__code__ is {self._named(function.__code__)}")  # notebooks that reload change it
        self._attributes, self._code = names_in(function.__code__), function.__code__
        if reflective := REFLECTIVE.intersection(self._attributes):
            self._give_up(min(reflective), _UNSEEN)
        self.is_watched &= UNWATCHED.isdisjoint(self._attributes)
        if {"sys", "modules"}.issubset(self._attributes):
            self._give_up("sys.modules", _UNSEEN)
        if has_class_patterns(function.__code__):
            self._give_up("match, which asks traced values for their type", "use isinstance")
        for name in dict.fromkeys(names_in(function.__code__, {"LOAD_GLOBAL", "LOAD_NAME"})):
            if name in function.__globals__:
                self._visit(function.__globals__, name, "item", f"{self._named(function.__globals__)}[{name!r}]", name)
        for name in BUILT_IN.keys() & {*self._attributes} - function.__globals__.keys():
            self.answering[id(function.__globals__), name] = function.__globals__
        for name in names_in(function.__code__, {"STORE_GLOBAL"}):
            if name not in function.__globals__:
                self._absent.append((function.__globals__, name))
        for name in names_in(function.__code__, {"IMPORT_NAME"}):
            for path in (name, f"{function.__globals__.get('__package__')}.{name}"):
                if path in sys.modules:
                    self._module(sys.modules[path], self._attributes)
        for key in function.__dict__:
            read = f"{self._named(function.__dict__)}[{key!r}]"
            self._visit(function.__dict__, key, "item", read, f"{function.__name__}.{key}")
        for part in ("__defaults__", "__kwdefaults__"):
            if getattr(function, part):
                self._visit(function, part, "attribute", f"{self._named(function)}.{part}", f"{function.__name__}.{part}")
        self._attributes, self._code = outer

    def _give_up(self, what: str, advice: str) -> None:
        """Let the function that is walked run as Python, if it is called."""
        self.unfollowed[id(self._code)] = f"it uses {what}, {advice}"

    def _module(self, module: ModuleType, names: list[str]) -> None:
        """What a function may reach in a module of the user's."""
        package = module.__name__.partition(".")[0]
        foreign = package in {*LIBRARY, "nn"} or (is_installed(package) and package not in self._own)
        if not foreign and (by_name := BY_NAME.intersection(names)):
            self._give_up(f"{min(by_name)}, where the module {module.__name__} can be reached", _UNSEEN)
        if foreign or (id(module), tuple(names)) in self._modules:
            return
        self._modules.add((id(module), tuple(names)))
        for name in dict.fromkeys(names):
            if name in vars(module):
                self._visit(vars(module), name, "item", f"{self._named(vars(module))}[{name!r}]", f"{module.__name__}.{name}")
