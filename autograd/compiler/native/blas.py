"""Products in machine code: the BLAS that NumPy itself has loaded, found by name.

Another BLAS beside it would bring another pool of threads, and pools that take turns slow each other down by a factor of ten.
"""

from __future__ import annotations

import ctypes
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["find"]

ROUTINES = ("sgemm", "dgemm")

SPELLINGS = (
    "scipy_cblas_{}64_", "scipy_cblas_{}", "cblas_{}64_", "cblas_{}", "cblas_{}$NEWLAPACK$ILP64", "cblas_{}$NEWLAPACK",
)  # fmt: skip
"""How CBLAS is called in NumPy's own wheels, in OpenBLAS, MKL and the reference BLAS, and in Accelerate."""

ROW_MAJOR, NO_TRANS, TRANS = 101, 111, 112
"""CBLAS's numbers for an array in C's order, for a matrix as it stands, and for its transpose."""


class Blas(NamedTuple):
    """Where CBLAS lies: how wide its integers are, and the address of each routine, by the name that machine code calls it by."""

    bits: int
    addresses: dict[str, int]


@cache
def find() -> Blas | None:
    """The BLAS that NumPy computes with; None where it can't be reached, or doesn't do what it should.

    Routines are named chalkgrad_sgemm and so on, with the arguments of CBLAS: enumerations are 32 bits wide, sizes and strides `bits`.

    >>> blas = find()
    >>> blas is None or sorted(blas.addresses)
    ['chalkgrad_dgemm', 'chalkgrad_sgemm']
    """
    return next((blas for library in _libraries() if (blas := _within(library))), None)


def _within(library: ctypes.CDLL) -> Blas | None:
    """The CBLAS of one library, tried out."""
    for spelling in SPELLINGS:
        try:
            sdot, *routines = (getattr(library, spelling.format(name)) for name in ("sdot", *ROUTINES))
        except AttributeError:
            continue
        integer = _integer(sdot)
        if integer is not None and all(map(_multiplies, ROUTINES, routines, [integer] * len(ROUTINES))):
            addresses = [ctypes.cast(routine, ctypes.c_void_p).value or 0 for routine in routines]
            return Blas(8 * ctypes.sizeof(integer), dict(zip(map("chalkgrad_{}".format, ROUTINES), addresses, strict=True)))
    return None


def _libraries() -> Iterator[ctypes.CDLL]:
    """What NumPy is linked to: a name is looked for in its extension module and, by most systems, in what that needs."""
    package = Path(np.__file__).parent
    extension = np._core._multiarray_umath.__file__  # type: ignore[attr-defined]
    for path in (extension, *sorted((package.parent / "numpy.libs").glob("*openblas*.dll"))):  # Windows looks into one library only
        try:
            yield ctypes.CDLL(str(path))
        except OSError:
            continue


def _integer(sdot: Any) -> Any:
    """The type of the integers of a BLAS: 1 − 2³² is 1 to one that reads 32 bits, and to one that reads 64 a length below zero."""
    x = np.full(1, 3, np.float32)
    address, one = ctypes.c_void_p(x.ctypes.data), ctypes.c_int64(1)
    sdot.restype = ctypes.c_float
    products = [sdot(ctypes.c_int64(n), address, one, address, one) for n in (1, 1 - 2**32)]
    return {(9.0, 9.0): ctypes.c_int32, (9.0, 0.0): ctypes.c_int64}.get(tuple(products))


def _multiplies(name: str, routine: Any, integer: Any) -> bool:
    """Whether a routine finds 2 · a @ b + c."""
    dtype: Any
    dtype, number = (np.float32, ctypes.c_float) if name == "sgemm" else (np.float64, ctypes.c_double)
    a, b, y = np.arange(6, dtype=dtype).reshape(2, 3), np.arange(12, dtype=dtype).reshape(3, 4), np.ones((2, 4), dtype)
    wanted = 2 * (a @ b) + y
    pa, pb, py = (ctypes.c_void_p(x.ctypes.data) for x in (a, b, y))
    order, plain = ctypes.c_int32(ROW_MAJOR), ctypes.c_int32(NO_TRANS)
    routine.restype = None
    sizes = map(integer, (2, 4, 3))
    routine(order, plain, plain, *sizes, number(2), pa, integer(3), pb, integer(4), number(1), py, integer(4))
    return bool((y == wanted).all())
