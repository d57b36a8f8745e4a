"""NumPy's names over arrays and Tensors alike: `import autograd.numpy as np`.

>>> import autograd.numpy as np
>>> from autograd import Tensor
>>> np.exp(Tensor([0., 1.]))
Tensor([1.        , 2.71828183])
"""

from ..ops import (
    absolute, add, arccos, arccosh, arcsin, arcsinh, arctan, arctan2, arctanh, argmax, argmin, broadcast_to, cbrt, ceil, clip, concatenate,
    copy, cos, cosh, divide, equal, exp, exp2, expand_dims, expm1, floor, floor_divide, greater, greater_equal, hypot, isfinite, isinf,
    isnan, less, less_equal, log, log1p, log2, log10, logaddexp, logical_and, logical_not, logical_or, matmul, max, maximum, mean, min,
    minimum, moveaxis, multiply, negative, not_equal, pad, power, prod, ravel, reciprocal, reshape, rint, sign, sin, sinh, split, sqrt,
    square, squeeze, stack, std, subtract, sum, swapaxes, take_along_axis, tan, tanh, transpose, trunc, var, where,
)  # fmt: skip

abs = absolute

__all__ = [
    "abs", "absolute", "add", "arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctan2", "arctanh", "argmax", "argmin", "broadcast_to",
    "cbrt", "ceil", "clip", "concatenate", "copy", "cos", "cosh", "divide", "equal", "exp", "exp2", "expand_dims", "expm1", "floor",
    "floor_divide", "greater", "greater_equal", "hypot", "isfinite", "isinf", "isnan", "less", "less_equal", "log", "log10", "log1p", "log2",
    "logaddexp", "logical_and", "logical_not", "logical_or", "matmul", "max", "maximum", "mean", "min", "minimum", "moveaxis", "multiply",
    "negative", "not_equal", "pad", "power", "prod", "ravel", "reciprocal", "reshape", "rint", "sign", "sin", "sinh", "split", "sqrt",
    "square", "squeeze", "stack", "std", "subtract", "sum", "swapaxes", "take_along_axis", "tan", "tanh", "transpose", "trunc", "var",
    "where",
]  # fmt: skip
