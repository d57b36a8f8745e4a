"""NumPy's names over arrays and Tensors alike: `import autograd.numpy as np`.

`import numpy as np` does as well where every call has a Tensor among its arguments, because NumPy hands those calls over.  This namespace
is for the rest: `array` makes one Tensor of nested lists of Tensors, and plain arguments go through the same ops.  What is not
differentiated here is NumPy's own (`pi`, `linspace`, `random` …), which refuses Tensors by name rather than cut the graph.

>>> import autograd.numpy as np
>>> from autograd import Tensor
>>> np.exp(Tensor([0., 1.]))
Tensor([1.        , 2.71828183])
>>> np.linspace(0, 1, 3)
array([0. , 0.5, 1. ])
"""

from __future__ import annotations

from typing import Any

import numpy as _numpy  # noqa: ICN001  # np would be a name of ours

from ..op import Traced
from ..ops import (
    absolute,
    add,
    arccos,
    arccosh,
    arcsin,
    arcsinh,
    arctan,
    arctan2,
    arctanh,
    argmax,
    argmin,
    broadcast_to,
    cbrt,
    ceil,
    clip,
    concatenate,
    copy,
    cos,
    cosh,
    divide,
    dot,
    equal,
    exp,
    exp2,
    expand_dims,
    expm1,
    floor,
    floor_divide,
    greater,
    greater_equal,
    hypot,
    isfinite,
    isinf,
    isnan,
    less,
    less_equal,
    log,
    log1p,
    log2,
    log10,
    logaddexp,
    logical_and,
    logical_not,
    logical_or,
    matmul,
    max,
    maximum,
    mean,
    min,
    minimum,
    moveaxis,
    multiply,
    negative,
    not_equal,
    outer,
    pad,
    power,
    prod,
    ravel,
    reciprocal,
    remainder,
    reshape,
    rint,
    sign,
    sin,
    sinh,
    split,
    sqrt,
    square,
    squeeze,
    stack,
    std,
    subtract,
    sum,
    swapaxes,
    take_along_axis,
    tan,
    tanh,
    transpose,
    trunc,
    var,
    where,
)  # fmt: skip

abs = absolute
mod = remainder


def array(object: Any, dtype: Any = None) -> Any:
    """An array of nested lists; a Tensor with their history, where there are Tensors among them.

    >>> from autograd import Tensor
    >>> x = Tensor(2.0, requires_grad=True)
    >>> array([[x, 1.0], [0.0, x * x]])
    Tensor([[2., 1.],
            [0., 4.]], op=stack)
    """
    if isinstance(object, Traced):
        return copy(object) if dtype is None else object.astype(dtype)  # type: ignore[attr-defined]
    if not _holds_tensors(object):
        return _numpy.array(object, dtype)
    joined = stack([array(part) for part in object])
    return joined if dtype is None else joined.astype(dtype)


def _holds_tensors(object: Any) -> bool:
    return isinstance(object, Traced) or (isinstance(object, (list, tuple)) and any(_holds_tensors(part) for part in object))


def __dir__() -> list[str]:
    return __all__


def __getattr__(name: str) -> Any:
    return getattr(_numpy, name)


__all__ = [
    "abs",
    "absolute",
    "add",
    "arccos",
    "arccosh",
    "arcsin",
    "arcsinh",
    "arctan",
    "arctan2",
    "arctanh",
    "argmax",
    "argmin",
    "array",
    "broadcast_to",
    "cbrt",
    "ceil",
    "clip",
    "concatenate",
    "copy",
    "cos",
    "cosh",
    "divide",
    "dot",
    "equal",
    "exp",
    "exp2",
    "expand_dims",
    "expm1",
    "floor",
    "floor_divide",
    "greater",
    "greater_equal",
    "hypot",
    "isfinite",
    "isinf",
    "isnan",
    "less",
    "less_equal",
    "log",
    "log1p",
    "log2",
    "log10",
    "logaddexp",
    "logical_and",
    "logical_not",
    "logical_or",
    "matmul",
    "max",
    "maximum",
    "mean",
    "min",
    "minimum",
    "mod",
    "moveaxis",
    "multiply",
    "negative",
    "not_equal",
    "outer",
    "pad",
    "power",
    "prod",
    "ravel",
    "reciprocal",
    "remainder",
    "reshape",
    "rint",
    "sign",
    "sin",
    "sinh",
    "split",
    "sqrt",
    "square",
    "squeeze",
    "stack",
    "std",
    "subtract",
    "sum",
    "swapaxes",
    "take_along_axis",
    "tan",
    "tanh",
    "transpose",
    "trunc",
    "var",
    "where",
]  # fmt: skip
