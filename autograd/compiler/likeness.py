"""What a traced value is taken for: Python's functions that ask for a type or an attribute answer as for what it stands for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..op import Traced
from .asking import RETURN
from .tracer import Tracer, escape

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["BUILT_IN", "get_attribute", "has_attribute", "is_instance"]


def is_instance(a: Any, kinds: Any) -> bool:
    """`isinstance`; what is traced is `Traced`, too.

    >>> is_instance(1.0, (int, float))
    True
    """
    if not isinstance(a, Tracer) or kinds is Traced or (type(kinds) is tuple and Traced in kinds):
        return isinstance(a, kinds)
    return isinstance(a.example, kinds)


def has_attribute(a: Any, name: str) -> bool:
    """`hasattr`.

    >>> has_attribute(1.0, "shape")
    False
    """
    return hasattr(a.example if isinstance(a, Tracer) else a, name)


def get_attribute(a: Any, name: str, *default: Any) -> Any:
    """`getattr`.

    >>> get_attribute(1.0, "shape", ())
    ()
    """
    if not isinstance(a, Tracer):
        return getattr(a, name, *default)
    if not hasattr(a.example, name):
        return getattr(a.example, name, *default)
    try:
        return getattr(a, name)
    except AttributeError:
        escape(f".{name}", RETURN)


BUILT_IN: Mapping[str, Callable[..., Any]] = {"isinstance": is_instance, "hasattr": has_attribute, "getattr": get_attribute}
"""By the names that stand in for Python's own while a function is traced."""
