"""The mathematics, by subject: every op with its forward, its rules and its facts, in one place."""

from .activation import gelu, leaky_relu, relu, sigmoid, softplus
from .arithmetic import (
    absolute,
    add,
    astype,
    clip,
    copy,
    divide,
    maximum,
    minimum,
    multiply,
    negative,
    power,
    reciprocal,
    square,
    subtract,
)  # fmt: skip
from .broadcast import broadcast_to, elementwise, isfinite, reshape, sum, where
from .compare import (
    argmax,
    argmin,
    ceil,
    equal,
    floor,
    floor_divide,
    greater,
    greater_equal,
    isinf,
    isnan,
    less,
    less_equal,
    logical_and,
    logical_not,
    logical_or,
    not_equal,
    rint,
    sign,
    trunc,
)  # fmt: skip
from .contract import linear, matmul
from .exponential import cbrt, exp, exp2, expm1, log, log1p, log2, log10, logaddexp, sqrt
from .index import getitem, scatter, setitem, take_along_axis
from .reduce import max, mean, min, norm, prod, std, var
from .shape import concatenate, expand_dims, moveaxis, pad, ravel, split, squeeze, stack, swapaxes, transpose
from .softmax import cross_entropy, log_softmax, logsumexp, softmax
from .special import erf, erfc
from .trigonometric import (
    arccos,
    arccosh,
    arcsin,
    arcsinh,
    arctan,
    arctan2,
    arctanh,
    cos,
    cosh,
    hypot,
    sin,
    sinh,
    tan,
    tanh,
)  # fmt: skip

__all__ = [
    "absolute", "add", "arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctan2", "arctanh", "argmax", "argmin", "astype",
    "broadcast_to", "cbrt", "ceil", "clip", "concatenate", "copy", "cos", "cosh", "cross_entropy", "divide", "elementwise", "equal",
    "erf", "erfc", "exp", "exp2", "expand_dims", "expm1", "floor", "floor_divide", "gelu", "getitem", "greater", "greater_equal",
    "hypot", "isfinite", "isinf", "isnan", "leaky_relu", "less", "less_equal", "linear", "log", "log1p", "log2", "log10",
    "log_softmax", "logaddexp", "logical_and", "logical_not", "logical_or", "logsumexp", "matmul", "max", "maximum", "mean", "min",
    "minimum", "moveaxis", "multiply", "negative", "norm", "not_equal", "pad", "power", "prod", "ravel", "reciprocal", "relu",
    "reshape", "rint", "scatter", "setitem", "sigmoid", "sign", "sin", "sinh", "softmax", "softplus", "split", "sqrt", "square",
    "squeeze", "stack", "std", "subtract", "sum", "swapaxes", "take_along_axis", "tan", "tanh", "transpose", "trunc", "var", "where",
]  # fmt: skip
