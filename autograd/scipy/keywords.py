"""What SciPy's keywords mean on Tensors, once for all functions: a keyword works, changes no result, or is refused before computing."""

from __future__ import annotations

import functools
import inspect
from typing import TYPE_CHECKING, Any

import numpy as np

from ..numpy.keywords import as_value, does_hold, fixed, function, holds_traced, is_followed, plain

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import ModuleType

    from ..numpy.keywords import Function

__all__ = ["others", "twin"]

METHODS = frozenset({"check_finite", "driver", "lapack_driver", "lwork", "workers"})
"""Keywords that say how to compute, not what; and so does each `overwrite_…`, a permission of which no use is made."""


def twin(theirs: Callable[..., Any], *arrays: str, pair: str = "", plain_too: bool = False) -> Callable[[Callable[..., Any]], Function]:
    """Make, of a function on Tensors, one that also is SciPy's `theirs` on plain arrays, with its signature.

    It is called with the arguments called `arrays` in order, each as an array or None (the one called `pair` may be a tuple of arrays),
    and with those options that were given.  An option that it does not name is refused, unless it has SciPy's default; `check_finite` is
    seen to here.  With `plain_too` plain arrays go the same way, where SciPy's own function would give them other values.

    >>> from scipy import linalg
    >>> @twin(linalg.inv, "a")
    ... def inv(a):
    ...     return a
    >>> inv(np.eye(1)), inv.__name__
    (array([[1.]]), 'inv')
    """

    def define(ours: Callable[..., Any]) -> Function:
        name, signature = theirs.__name__, inspect.signature(theirs)
        known = inspect.signature(ours).parameters

        @function
        @functools.wraps(ours, updated=())
        def call(*args: Any, **kwargs: Any) -> Any:
            if not plain_too and not holds_traced(*args, *kwargs.values()):
                return theirs(*args, **kwargs)
            try:
                given = signature.bind(*args, **kwargs).arguments
            except TypeError as error:
                raise TypeError(f"{name}: {error}") from None
            values = [_value(given.get(a), parts=a == pair) for a in arrays]
            options = {k: value for k, value in given.items() if k not in arrays and (k in known or not _is_method(k))}
            for k in options.keys() - known.keys():
                if (value := options.pop(k)) is not (default := signature.parameters[k].default):
                    raise TypeError(f"{name}: {k}={value!r} is not differentiated; wanted {default!r}, or plain arrays (.data)")
            if "check_finite" in signature.parameters and given.get("check_finite", True):
                _check_finite(name, dict(zip(arrays, values, strict=True)))
            return ours(*values, **fixed(name, **options))

        call.__signature__ = signature  # type: ignore[attr-defined]
        return call

    return define


def _value(a: Any, *, parts: bool) -> Any:
    return tuple(map(as_value, a)) if parts and type(a) is tuple else None if a is None else as_value(a)


def _is_method(option: str) -> bool:
    return option in METHODS or option.startswith("overwrite_")


def _check_finite(name: str, values: Mapping[str, Any]) -> None:
    for k, a in values.items():
        if a is not None and any(does_hold(~np.isfinite(plain(part))) for part in (a if type(a) is tuple else (a,))):
            raise ValueError(f"{name}: {k} holds NaN or infinity, wanted finite numbers (check_finite=False lets them through)")


def others(module: ModuleType, reasons: Mapping[str, str]) -> Callable[[str], Any]:
    """The module-level `__getattr__` of a twin of SciPy's `module`: its other functions, on plain values; where followed, refused by name.

    >>> from scipy import linalg
    >>> others(linalg, {})("hadamard")(2)
    array([[ 1,  1],
           [ 1, -1]])
    """

    def get(name: str) -> Any:
        theirs = getattr(module, name)
        if not callable(theirs) or isinstance(theirs, type):
            return theirs
        why = f": {reasons[name]}" if name in reasons else ""

        @functools.wraps(theirs)
        def call(*args: Any, **kwargs: Any) -> Any:
            if is_followed(*args, *kwargs.values()):
                advice = "where no gradient is meant, give it .detach() or .data"
                raise TypeError(f"{module.__name__}.{name} is not differentiated here{why}; {advice}")
            return theirs(*map(plain, args), **{k: plain(a) for k, a in kwargs.items()})

        return call

    return get
