"""Complex numbers: real and imaginary part, conjugate, angle.

One convention everywhere (that of HIPS autograd and JAX): the gradient of a real L at x + iy is ∂L/∂x − i ∂L/∂y.  So a cotangent g pairs
with a change dz as Re(g · dz); a holomorphic rule is the plain product g · ∂f/∂z, with no conjugate in it; steepest descent goes along −ḡ.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .elementwise import elementwise, quotient, where

__all__ = ["angle", "conj", "conjugate", "imag", "is_complex", "real"]


def is_complex(x: Any) -> bool:
    """Whether x has a complex dtype.

    >>> is_complex(np.array(1j)), is_complex(np.array(1.0))
    (True, False)
    """
    return bool(x.dtype.kind == "c")


@elementwise(lambda g: g, tex=r"\Re {x}")
def real(x: Any, /) -> Any:
    """y = Re x.  The cotangent passes on, as it is.

    >>> real(1 + 2j)
    np.float64(1.0)
    """
    return x.view() if type(x) is np.ndarray and not is_complex(x) else np.real(x)  # not x itself: a write must know it for a view


@elementwise(lambda g, x: g * -1j if is_complex(x) else where(False, g, 0), tex=r"\Im {x}")
def imag(x: Any, /) -> Any:
    """y = Im x; 0 for a real x.  The cotangent becomes −ig.

    >>> imag(1 + 2j)
    np.float64(2.0)
    """
    return np.imag(x)


@elementwise(lambda g: conj(g), tex=r"\overline{{{x}}}")
def conjugate(x: Any, /) -> Any:
    """y = x̄, the complex conjugate; x itself if it is real.  The cotangent is conjugated too.

    >>> conjugate(1 + 2j)
    np.complex128(1-2j)
    """
    return np.conjugate(x)


def conj(x: Any) -> Any:
    """x̄; a real x as it is, without a copy.

    >>> conj(np.array(1j))
    np.complex128(-1j)
    """
    return conjugate(x) if is_complex(x) else x


@elementwise(lambda g, x: g * -1j * quotient(conjugate(x), _squared_size(x)) if is_complex(x) else where(False, g, 0), tex=r"\arg {x}")
def angle(x: Any, /) -> Any:
    """y = arg x, in radians; of a real x, 0 or π.  The cotangent becomes −ig/x; 0 at x = 0.

    >>> angle(1j)
    np.float64(1.5707963267948966)
    """
    return np.angle(x)


def _squared_size(x: Any) -> Any:
    """|x|², with no root to differentiate.

    >>> _squared_size(np.array([3 + 4j]))
    array([25.])
    """
    return real(x) * real(x) + imag(x) * imag(x)
