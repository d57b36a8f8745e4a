"""Programs as machine code: loops through LLVM, matrix products by the BLAS that NumPy brings along."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

__all__ = ["is_available"]

OLDEST = (0, 45)


def is_available() -> bool:
    """Whether there is an llvmlite that is new enough.

    >>> is_available() in (True, False)
    True
    """
    try:
        return tuple(map(int, version("llvmlite").split(".")[:2])) >= OLDEST
    except (PackageNotFoundError, ValueError):
        return False
