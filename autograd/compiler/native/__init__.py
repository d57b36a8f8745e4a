"""Programs as machine code: loops through LLVM, matrix products by the BLAS that NumPy brings along.

reading, scalars     an op's forward, called on proxies, says what it computes; lowerings: for ops whose forward does not
expression           … as nodes of few kinds
schedule, pieces     what is computed in which loop, in which order; bodies: nodes → nests
nest                 loops, as data; listing: as text
llvm, loops, totals  a nest as LLVM IR; instructions, elementary (exponential, circular): its arithmetic; registers: how IR is written
module               all pieces as one module; blas: the products that it calls
machine, cache       compiled, kept on disk; bridge: called from Python
emit                 from a program to all of it
"""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

__all__ = ["MISSING", "is_available"]

OLDEST = (0, 45)
MISSING = "machine code is made by llvmlite, which isn't installed, or is too old: pip install 'llvmlite>=0.45'"


def is_available() -> bool:
    """Whether there is an llvmlite that is new enough.

    >>> is_available() in (True, False)
    True
    """
    try:
        return tuple(map(int, version("llvmlite").split(".")[:2])) >= OLDEST
    except (PackageNotFoundError, ValueError):
        return False
