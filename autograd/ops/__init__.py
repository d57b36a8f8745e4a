"""The mathematics, by subject: every op with its forward, its rules and its facts, in one place."""

from .activation import gelu, leaky_relu, logaddexp, logaddexp2, relu, sigmoid, softplus
from .arithmetic import (
    absolute, add, clip, copysign, divide, fmax, fmin, fmod, heaviside, ldexp, maximum, minimum, modf, multiply, negative, nextafter, power,
    reciprocal, remainder, square, subtract,
)  # fmt: skip
from .broadcast import broadcast_to, reshape, sum
from .compare import (
    argmax, argmin, ceil, equal, floor, floor_divide, greater, greater_equal, isfinite, isinf, isnan, less, less_equal, logical_and,
    logical_not, logical_or, not_equal, rint, sign, trunc,
)  # fmt: skip
from .complex import angle, conjugate, imag, real
from .contract import dot, linear, matmul, outer
from .convolve import convolve
from .einsum import einsum
from .elementwise import where
from .exponential import cbrt, exp, exp2, expm1, log, log1p, log2, log10, sqrt
from .fft import fft, ifft, irfft, rfft
from .index import getitem, setitem, take_along_axis
from .linalg import cholesky, det, eig, eigh, inv, pinv, qr, slogdet, solve, svd, vector_norm
from .polynomial import roots
from .reduce import max, mean, min, norm, prod, std, var
from .scan import cumprod, cumsum, recurrence
from .shape import astype, concatenate, copy, expand_dims, finite, moveaxis, pad, ravel, split, squeeze, stack, swapaxes, transpose
from .softmax import cross_entropy, log_softmax, logsumexp, nll_loss, softmax
from .special import bessel_i, erf, erfc
from .trigonometric import arccos, arccosh, arcsin, arcsinh, arctan, arctan2, arctanh, cos, cosh, hypot, sin, sinc, sinh, tan, tanh

__all__ = [
    "absolute", "add", "angle", "arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctan2", "arctanh", "argmax", "argmin", "astype",
    "bessel_i", "broadcast_to", "cbrt", "ceil", "cholesky", "clip", "concatenate", "conjugate", "convolve", "copy", "copysign", "cos",
    "cosh", "cross_entropy", "cumprod", "cumsum", "det", "divide", "dot", "eig", "eigh", "einsum", "equal", "erf", "erfc", "exp", "exp2",
    "expand_dims", "expm1", "fft", "finite", "floor", "floor_divide", "fmax", "fmin", "fmod", "gelu", "getitem", "greater", "greater_equal",
    "heaviside", "hypot", "ifft", "imag", "inv", "irfft", "isfinite", "isinf", "isnan", "ldexp", "leaky_relu", "less", "less_equal",
    "linear", "log", "log1p", "log2", "log10", "log_softmax", "logaddexp", "logaddexp2", "logical_and", "logical_not", "logical_or",
    "logsumexp", "matmul", "max", "maximum", "mean", "min", "minimum", "modf", "moveaxis", "multiply", "negative", "nextafter", "nll_loss",
    "norm", "not_equal", "outer", "pad", "pinv", "power", "prod", "qr", "ravel", "real", "reciprocal", "recurrence", "relu", "remainder",
    "reshape", "rfft", "rint", "roots", "setitem", "sigmoid", "sign", "sin", "sinc", "sinh", "slogdet", "softmax", "softplus", "solve",
    "split", "sqrt", "square", "squeeze", "stack", "std", "subtract", "sum", "svd", "swapaxes", "take_along_axis", "tan", "tanh",
    "transpose", "trunc", "var", "vector_norm", "where",
]  # fmt: skip
