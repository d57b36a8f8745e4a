"""SciPy's `special`, with the types that NumPy gives: a Python number beside a float32 array is no reason for float64.

SciPy's universal functions take such a number for a float64, or not, each in its way, and for whole numbers in another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.special

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["special"]


SINGLE = frozenset(map(np.dtype, (np.float32, np.complex64)))


class Promoting:
    """The functions of `scipy.special`; those of several numbers give the type of the arrays among them.

    >>> special.xlogy(0.5, np.float32([1.0]))
    array([0.], dtype=float32)
    """

    def __getattr__(self, name: str) -> Any:
        theirs = getattr(scipy.special, name)
        ours = _promoting(theirs) if isinstance(theirs, np.ufunc) and theirs.nin > 1 else theirs
        setattr(self, name, ours)  # so that this is not asked again
        return ours


def _promoting(ufunc: Callable[..., Any]) -> Callable[..., Any]:
    def call(*args: Any) -> Any:
        args = tuple([int(a) if isinstance(a, np.integer) else a for a in args])  # an order that a rule has computed
        y = ufunc(*args)
        numbers = any(type(a) is float or type(a) is int for a in args)
        return _single(y) if numbers and np.result_type(*args) in SINGLE else y

    return call


def _single(y: Any) -> Any:
    """float32 of float64, complex64 of complex128."""
    return tuple(map(_single, y)) if type(y) is tuple else y.astype("F" if y.dtype.kind == "c" else "f")


special = Promoting()
