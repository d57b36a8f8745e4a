"""NumPy's names over arrays and Tensors alike: `import autograd.numpy as np`.

`import numpy as np` does as well where every call has a Tensor among its arguments, because NumPy hands those calls over.  This namespace
is for the rest: `array` makes one Tensor of nested lists of Tensors, and plain arguments go through the same ops.  What is not
differentiated here is NumPy's own (`pi`, `arange`, `random` …), which refuses Tensors by name rather than cut the graph.

>>> import autograd.numpy as np
>>> from autograd import Tensor
>>> np.exp(Tensor([0., 1.]))
Tensor([1.        , 2.71828183])
>>> np.arange(3)
array([0, 1, 2])
"""

from __future__ import annotations

from typing import Any

import numpy as _numpy  # noqa: ICN001  # np would be a name of ours

from . import fft, linalg, random
from .arrays import (
    append, array, array_split, asanyarray, asarray, asarray_chkfinite, ascontiguousarray, asfortranarray, astype, column_stack,
    concatenate, dsplit, dstack, full, full_like, hsplit, hstack, require, split, stack, vsplit, vstack,
)  # fmt: skip
from .calculus import (
    cumprod, cumsum, cumulative_prod, cumulative_sum, diff, ediff1d, gradient, interp, nancumprod, nancumsum, trapezoid, unwrap,
)  # fmt: skip
from .choices import apply_along_axis, apply_over_axes, choose, piecewise, select, vectorize
from .elementwise import angle, i0, imag, real, real_if_close, sinc
from .moves import (
    block, broadcast_arrays, c_, compress, delete, diag, diagflat, diagonal, extract, insert, ix_, meshgrid, r_, repeat, resize, roll,
    rot90, take, tile, trace, tril, trim_zeros, triu, unstack,
)  # fmt: skip
from .nans import nan_to_num, nanmax, nanmean, nanmin, nanprod, nanstd, nansum, nanvar
from .order import average, median, nanmedian, nanpercentile, nanquantile, partition, percentile, ptp, quantile, sort, sort_complex
from .padding import pad
from .polynomials import poly, polyadd, polyder, polydiv, polyfit, polyint, polymul, polysub, polyval, roots, vander
from .products import convolve, correlate, cross, einsum, inner, kron, matvec, tensordot, vdot, vecdot, vecmat
from .reductions import argmax, argmin, max, mean, min, prod, std, sum, var
from .sets import intersect1d, setdiff1d, setxor1d, union1d, unique, unique_all, unique_counts, unique_inverse, unique_values
from .shapes import (
    atleast_1d, atleast_2d, atleast_3d, broadcast_to, clip, copy, dot, expand_dims, flip, fliplr, flipud, matrix_transpose, moveaxis, outer,
    ravel, reshape, rollaxis, squeeze, swapaxes, take_along_axis, transpose, where,
)  # fmt: skip
from .spaces import geomspace, kaiser, linspace, logspace
from .statistics import bincount, corrcoef, cov, histogram, histogram2d, histogram_bin_edges, histogramdd
from .ufuncs import (
    absolute, add, arccos, arccosh, arcsin, arcsinh, arctan, arctan2, arctanh, cbrt, ceil, conjugate, copysign, cos, cosh, deg2rad, degrees,
    divide, divmod, equal, exp, exp2, expm1, fabs, float_power, floor, floor_divide, fmax, fmin, fmod, frexp, greater, greater_equal,
    heaviside, hypot, isfinite, isinf, isnan, ldexp, less, less_equal, log, log1p, log2, log10, logaddexp, logaddexp2, logical_and,
    logical_not, logical_or, matmul, maximum, minimum, modf, multiply, negative, nextafter, not_equal, positive, power, rad2deg, radians,
    reciprocal, remainder, rint, sign, sin, sinh, sqrt, square, subtract, tan, tanh, trunc,
)  # fmt: skip
from .writes import copyto, fill_diagonal, place, put, put_along_axis, putmask

abs = absolute
acos = arccos
acosh = arccosh
amax = max
amin = min
asin = arcsin
asinh = arcsinh
atan = arctan
atan2 = arctan2
atanh = arctanh
concat = concatenate
conj = conjugate
mod = remainder
permute_dims = transpose
pow = power
true_divide = divide


def __dir__() -> list[str]:
    return __all__


def __getattr__(name: str) -> Any:
    return getattr(_numpy, name)


__all__ = [
    "abs", "absolute", "acos", "acosh", "add", "amax", "amin", "angle", "append", "apply_along_axis", "apply_over_axes", "arccos",
    "arccosh", "arcsin", "arcsinh", "arctan", "arctan2", "arctanh", "argmax", "argmin", "array", "array_split", "asanyarray", "asarray",
    "asarray_chkfinite", "ascontiguousarray", "asfortranarray", "asin", "asinh", "astype", "atan", "atan2", "atanh", "atleast_1d",
    "atleast_2d", "atleast_3d", "average", "bincount", "block", "broadcast_arrays", "broadcast_to", "c_", "cbrt", "ceil", "choose", "clip",
    "column_stack", "compress", "concat", "concatenate", "conj", "conjugate", "convolve", "copy", "copysign", "copyto", "corrcoef",
    "correlate", "cos", "cosh", "cov", "cross", "cumprod", "cumsum", "cumulative_prod", "cumulative_sum", "deg2rad", "degrees", "delete",
    "diag", "diagflat", "diagonal", "diff", "divide", "divmod", "dot", "dsplit", "dstack", "ediff1d", "einsum", "equal", "exp", "exp2",
    "expand_dims", "expm1", "extract", "fabs", "fft", "fill_diagonal", "flip", "fliplr", "flipud", "float_power", "floor", "floor_divide",
    "fmax", "fmin", "fmod", "frexp", "full", "full_like", "geomspace", "gradient", "greater", "greater_equal", "heaviside", "histogram",
    "histogram2d", "histogram_bin_edges", "histogramdd", "hsplit", "hstack", "hypot", "i0", "imag", "inner", "insert", "interp",
    "intersect1d", "isfinite", "isinf", "isnan", "ix_", "kaiser", "kron", "ldexp", "less", "less_equal", "linalg", "linspace", "log",
    "log1p", "log2", "log10", "logaddexp", "logaddexp2", "logical_and", "logical_not", "logical_or", "logspace", "matmul",
    "matrix_transpose", "matvec", "max", "maximum", "mean", "median", "meshgrid", "min", "minimum", "mod", "modf", "moveaxis", "multiply",
    "nan_to_num", "nancumprod", "nancumsum", "nanmax", "nanmean", "nanmedian", "nanmin", "nanpercentile", "nanprod", "nanquantile",
    "nanstd", "nansum", "nanvar", "negative", "nextafter", "not_equal", "outer", "pad", "partition", "percentile", "permute_dims",
    "piecewise", "place", "poly", "polyadd", "polyder", "polydiv", "polyfit", "polyint", "polymul", "polysub", "polyval", "positive", "pow",
    "power", "prod", "ptp", "put", "put_along_axis", "putmask", "quantile", "r_", "rad2deg", "radians", "random", "ravel", "real",
    "real_if_close", "reciprocal", "remainder", "repeat", "require", "reshape", "resize", "rint", "roll", "rollaxis", "roots", "rot90",
    "select", "setdiff1d", "setxor1d", "sign", "sin", "sinc", "sinh", "sort", "sort_complex", "split", "sqrt", "square", "squeeze", "stack",
    "std", "subtract", "sum", "swapaxes", "take", "take_along_axis", "tan", "tanh", "tensordot", "tile", "trace", "transpose", "trapezoid",
    "tril", "trim_zeros", "triu", "true_divide", "trunc", "union1d", "unique", "unique_all", "unique_counts", "unique_inverse",
    "unique_values", "unstack", "unwrap", "vander", "var", "vdot", "vecdot", "vecmat", "vectorize", "vsplit", "vstack", "where",
]  # fmt: skip
