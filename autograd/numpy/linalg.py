"""NumPy's linear algebra: `norm` over arrays and Tensors; the rest is NumPy's own, which refuses Tensors by name.

>>> from autograd import Tensor
>>> norm(Tensor([3., 4.]))
Tensor(5.)
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import ops
from .keywords import function, holds_traced

__all__ = ["norm"]


@function
def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    """y = √(Σ |x|²) over `axis`: the length of vectors, and the Frobenius norm of matrices (of two axes, or of all).

    Of Tensors no other norm is differentiated: `ord` may be None, 2 for vectors, "fro" for matrices.

    >>> norm(np.array([[3., 4.], [6., 8.]]), axis=1)
    array([ 5., 10.])
    """
    if not holds_traced(x):
        return np.linalg.norm(x, ord, axis, keepdims)
    axes = np.ndim(x) if axis is None else len(axis) if isinstance(axis, tuple) else 1
    if ord is not None and (axes, ord) not in ((1, 2), (2, "fro")):
        raise ValueError(
            f"norm: ord={ord!r} of {axes} axes is not differentiated here; wanted None, 2 for vectors or 'fro' for matrices; "
            "others can be built of abs, sum and max"
        )
    if axis is not None and axes > 2:
        raise ValueError(f"norm: got axis={axis}, wanted one axis (a vector), two (a matrix), or None for all values")
    return ops.norm(x, axis, keepdims)


def __getattr__(name: str) -> Any:
    return getattr(np.linalg, name)
