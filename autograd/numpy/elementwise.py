"""NumPy's functions of single values that are no universal functions."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import ops
from .keywords import as_value, function, plain
from .ufuncs import degrees

__all__ = ["angle", "i0", "imag", "real", "real_if_close", "sinc"]


@function
def real(val: Any) -> Any:
    """The real part.

    >>> real(1 + 2j)
    np.float64(1.0)
    """
    return ops.real(val)


@function
def imag(val: Any) -> Any:
    """The imaginary part; 0 of a real value.

    >>> imag(1 + 2j)
    np.float64(2.0)
    """
    return ops.imag(val)


@function
def angle(z: Any, deg: bool = False) -> Any:
    """The angle of a complex value, in radians or, with `deg`, in degrees.

    >>> angle(1j, deg=True)
    np.float64(90.0)
    """
    y = ops.angle(z)
    return degrees(y) if deg else y


@function
def real_if_close(a: Any, tol: float = 100) -> Any:
    """The real part, if all imaginary parts are below `tol`: absolutely, or if that is more than 1, in units of the machine's precision.

    >>> real_if_close(np.array([1 + 1e-15j]))
    array([1.])
    """
    a = as_value(a)
    y = np.real_if_close(plain(a), tol)
    return a if y.dtype == a.dtype else ops.real(a)


@function
def sinc(x: Any) -> Any:
    """y = sin(πx)/(πx), 1 at x = 0.

    >>> sinc(np.array([0., 1.])).round()
    array([1., 0.])
    """
    return ops.sinc(x)


@function
def i0(x: Any) -> Any:
    """I₀(x), the modified Bessel function of the first kind, of order 0.

    >>> i0(np.array([0., 1.]))
    array([1.        , 1.26606588])
    """
    return ops.bessel_i(x)
