"""Whose a function, a class or an object is, the user's or a library's, and which names its code uses."""

from __future__ import annotations

import dis
import functools
import sys
from types import CodeType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

__all__ = ["LIBRARY", "has_class_patterns", "is_installed", "is_library", "names_in", "package_of", "slots_of"]

LIBRARY = frozenset({"autograd", "numpy", "scipy", *sys.stdlib_module_names})
"""Packages whose functions and objects keep nothing that a user's function could change."""
HOLDERS = (
    "SimpleNamespace", "Namespace", "UserDict", "UserList", "ChainMap", "WeakValueDictionary", "WeakKeyDictionary", "WeakSet",
)  # fmt: skip
"""Their classes whose objects do, as attributes."""


def package_of(a: Any) -> str:
    """The name of the package that a class or function is from.

    >>> import json.decoder
    >>> package_of(json.decoder.JSONDecoder)
    'json'
    """
    return (getattr(a, "__module__", None) or "").partition(".")[0]


@functools.cache
def is_installed(package: str) -> bool:
    """Whether a package is one that was installed, by its name.

    >>> is_installed("json"), is_installed("pytest")
    (False, True)
    """
    file = getattr(sys.modules.get(package), "__file__", None) or ""
    return "site-packages" in file or "dist-packages" in file


def is_library(a: Any) -> bool:
    """Whether a class or function belongs to a library, which keeps nothing of the user's; parts of networks do, wherever they are from.

    >>> import nn
    >>> is_library(dict.fromkeys), is_library(sys.exit), is_library(nn.Linear)
    (False, True, False)
    """
    package = package_of(a)
    if isinstance(a, type) and (a.__name__ in HOLDERS or any(package_of(base) == "nn" for base in a.__mro__)):
        return False
    return package in LIBRARY or (package != "nn" and is_installed(package))


def slots_of(kind: type) -> Iterator[str]:
    """The attributes that a class itself keeps in slots, by the names under which they are found.

    >>> class Pair:
    ...     __slots__ = ("left", "__right")
    >>> list(slots_of(Pair))
    ['left', '_Pair__right']
    """
    slots = vars(kind).get("__slots__", ())
    for key in (slots,) if isinstance(slots, str) else slots:
        if key not in ("__dict__", "__weakref__"):
            yield f"_{kind.__name__.lstrip('_')}{key}" if key.startswith("__") and not key.endswith("__") else key


def has_class_patterns(code: CodeType) -> bool:
    """Whether a function's code, or that of a function inside it, matches by class, as `case float():` does.

    >>> has_class_patterns(names_in.__code__)
    False
    """
    parts = [part for part in code.co_consts if isinstance(part, CodeType)]
    return any(step.opname == "MATCH_CLASS" for step in dis.get_instructions(code)) or any(map(has_class_patterns, parts))


def names_in(code: CodeType, kinds: Collection[str] = ()) -> list[str]:
    """The names in a function's code, and in that of the functions inside it: all, of globals, attributes and modules, or of some kinds.

    >>> names_in((lambda x: math.sin(x.a)).__code__), names_in((lambda x: math.sin(x.a)).__code__, {"LOAD_GLOBAL"})
    (['math', 'sin', 'a'], ['math'])
    """
    names = [step.argval for step in dis.get_instructions(code) if step.opname in kinds] if kinds else code.co_names
    return [*names, *(name for part in code.co_consts if isinstance(part, CodeType) for name in names_in(part, kinds))]
