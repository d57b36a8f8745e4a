"""NumPy's universal functions: each is an op, called as NumPy calls it.

A plain call goes straight to the op.  With keywords (`out`, `where`, `dtype`) and by its methods (`add.reduce`, `multiply.outer`, `add.at`)
it goes to NumPy's own function, which hands what holds a Tensor back to us (`autograd/interop.py`).
"""

from __future__ import annotations

from math import pi
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from .. import ops
from .keywords import as_value, plain

if TYPE_CHECKING:
    import inspect
    from collections.abc import Callable

    from ..op import Traced
    from ..tensor import Tensor

__all__ = [
    "Ufunc", "absolute", "add", "arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctan2", "arctanh", "cbrt", "ceil", "conjugate",
    "copysign", "cos", "cosh", "deg2rad", "degrees", "divide", "divmod", "equal", "exp", "exp2", "expm1", "fabs", "float_power",
    "floor", "floor_divide", "fmax", "fmin", "fmod", "frexp", "greater", "greater_equal", "heaviside", "hypot", "isfinite", "isinf",
    "isnan", "ldexp", "less", "less_equal", "log", "log1p", "log2", "log10", "logaddexp", "logaddexp2", "logical_and", "logical_not",
    "logical_or", "matmul", "maximum", "minimum", "modf", "multiply", "negative", "nextafter", "not_equal", "positive", "power",
    "rad2deg", "radians", "reciprocal", "remainder", "rint", "sign", "sin", "sinh", "sqrt", "square", "subtract", "tan", "tanh",
    "trunc",
]  # fmt: skip


class Ufunc:
    """NumPy's universal function `twin`, computed by `op`.

    >>> from autograd import Tensor
    >>> add(Tensor([1., 2.]), 1)
    Tensor([2., 3.])
    >>> add.reduce(Tensor([1., 2.]))
    Tensor(3.)
    """

    def __init__(self, twin: np.ufunc, op: Callable[..., Any]) -> None:
        self.twin, self.op = twin, op
        self.arity = twin.nin
        self.__name__ = self.__qualname__ = twin.__name__
        self.__module__ = "autograd.numpy"
        self.__doc__ = op.__doc__

    @overload
    def __call__(self, x: Traced | list[Tensor] | tuple[Tensor, ...], /, *args: Any, **options: Any) -> Tensor: ...
    @overload
    def __call__(self, x: Any, b: Traced, /, *args: Any, **options: Any) -> Tensor: ...
    @overload
    def __call__(self, x: Any, /, *args: Any, **options: Any) -> np.ndarray: ...
    def __call__(self, *args: Any, **options: Any) -> Any:
        if options or len(args) != self.arity:
            return self.twin(*args, **options)
        return self.op(*args)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.twin, name)

    @property
    def __signature__(self) -> inspect.Signature:
        import inspect

        return inspect.signature(self.twin)

    def __repr__(self) -> str:
        return f"<ufunc {self.__name__!r}>"

    def __reduce__(self) -> str:
        return self.__name__


class ConstantUfunc(Ufunc):
    """A universal function without derivative: it gives plain arrays."""

    if TYPE_CHECKING:

        def __call__(self, *args: Any, **options: Any) -> Any:
            """A plain array, or NumPy scalar."""


def _in_degrees(x: Any) -> Any:
    """y = x · 180/π: radians in degrees.

    >>> rad2deg(1.0)
    np.float64(57.29577951308232)
    """
    return ops.multiply(x, 180 / pi)


def _in_radians(x: Any) -> Any:
    """y = x · π/180: degrees in radians.

    >>> deg2rad(180.0)
    np.float64(3.141592653589793)
    """
    return ops.multiply(x, pi / 180)


def _size(x: Any) -> Any:
    """y = |x|, of real numbers, in floating point.

    >>> fabs(-2)
    np.float64(2.0)
    """
    x = as_value(x)
    if x.dtype.kind == "c":
        raise TypeError(f"fabs: got {x.dtype}, wanted real numbers; use abs")
    return ops.absolute(x if x.dtype.kind == "f" else ops.astype(x, np.fabs(np.zeros((), x.dtype)).dtype))


def _wide_power(a: Any, b: Any) -> Any:
    """y = aᵇ, in float64 at least.

    >>> float_power(2, -1)
    np.float64(0.5)
    """
    a, b = (ops.astype(x, np.result_type(x.dtype, np.float64)) for x in map(as_value, (a, b)))
    return ops.power(a, b)


def _fraction_and_exponent(x: Any) -> tuple[Any, Any]:
    """m and n with x = m 2ⁿ and ½ ≤ |m| < 1.  ∂m/∂x = 2⁻ⁿ; the whole number n has no derivative.

    >>> frexp(6.0)
    (np.float64(0.75), np.int32(3))
    """
    x = as_value(x)
    _, n = np.frexp(plain(x))
    return ops.ldexp(x, -n), n


def _quotient_and_remainder(a: Any, b: Any) -> tuple[Any, Any]:
    """⌊a/b⌋, which has no derivative, and a − b ⌊a/b⌋.

    >>> divmod(7.0, 2.0)
    (np.float64(3.0), np.float64(1.0))
    """
    return ops.floor_divide(a, b), ops.remainder(a, b)


absolute = Ufunc(np.absolute, ops.absolute)
add = Ufunc(np.add, ops.add)
arccos = Ufunc(np.arccos, ops.arccos)
arccosh = Ufunc(np.arccosh, ops.arccosh)
arcsin = Ufunc(np.arcsin, ops.arcsin)
arcsinh = Ufunc(np.arcsinh, ops.arcsinh)
arctan = Ufunc(np.arctan, ops.arctan)
arctan2 = Ufunc(np.arctan2, ops.arctan2)
arctanh = Ufunc(np.arctanh, ops.arctanh)
cbrt = Ufunc(np.cbrt, ops.cbrt)
ceil = ConstantUfunc(np.ceil, ops.ceil)
conjugate = Ufunc(np.conjugate, ops.conjugate)
copysign = Ufunc(np.copysign, ops.copysign)
cos = Ufunc(np.cos, ops.cos)
cosh = Ufunc(np.cosh, ops.cosh)
deg2rad = Ufunc(np.deg2rad, _in_radians)
degrees = Ufunc(np.degrees, _in_degrees)
divide = Ufunc(np.divide, ops.divide)
divmod = Ufunc(np.divmod, _quotient_and_remainder)
equal = ConstantUfunc(np.equal, ops.equal)
exp = Ufunc(np.exp, ops.exp)
exp2 = Ufunc(np.exp2, ops.exp2)
expm1 = Ufunc(np.expm1, ops.expm1)
fabs = Ufunc(np.fabs, _size)
float_power = Ufunc(np.float_power, _wide_power)
floor = ConstantUfunc(np.floor, ops.floor)
floor_divide = ConstantUfunc(np.floor_divide, ops.floor_divide)
fmax = Ufunc(np.fmax, ops.fmax)
fmin = Ufunc(np.fmin, ops.fmin)
fmod = Ufunc(np.fmod, ops.fmod)
frexp = Ufunc(np.frexp, _fraction_and_exponent)
greater = ConstantUfunc(np.greater, ops.greater)
greater_equal = ConstantUfunc(np.greater_equal, ops.greater_equal)
heaviside = Ufunc(np.heaviside, ops.heaviside)
hypot = Ufunc(np.hypot, ops.hypot)
isfinite = ConstantUfunc(np.isfinite, ops.isfinite)
isinf = ConstantUfunc(np.isinf, ops.isinf)
isnan = ConstantUfunc(np.isnan, ops.isnan)
ldexp = Ufunc(np.ldexp, ops.ldexp)
less = ConstantUfunc(np.less, ops.less)
less_equal = ConstantUfunc(np.less_equal, ops.less_equal)
log = Ufunc(np.log, ops.log)
log1p = Ufunc(np.log1p, ops.log1p)
log2 = Ufunc(np.log2, ops.log2)
log10 = Ufunc(np.log10, ops.log10)
logaddexp = Ufunc(np.logaddexp, ops.logaddexp)
logaddexp2 = Ufunc(np.logaddexp2, ops.logaddexp2)
logical_and = ConstantUfunc(np.logical_and, ops.logical_and)
logical_not = ConstantUfunc(np.logical_not, ops.logical_not)
logical_or = ConstantUfunc(np.logical_or, ops.logical_or)
matmul = Ufunc(np.matmul, ops.matmul)
maximum = Ufunc(np.maximum, ops.maximum)
minimum = Ufunc(np.minimum, ops.minimum)
modf = Ufunc(np.modf, ops.modf)
multiply = Ufunc(np.multiply, ops.multiply)
negative = Ufunc(np.negative, ops.negative)
nextafter = Ufunc(np.nextafter, ops.nextafter)
not_equal = ConstantUfunc(np.not_equal, ops.not_equal)
positive = Ufunc(np.positive, ops.copy)
power = Ufunc(np.power, ops.power)
rad2deg = Ufunc(np.rad2deg, _in_degrees)
radians = Ufunc(np.radians, _in_radians)
reciprocal = Ufunc(np.reciprocal, ops.reciprocal)
remainder = Ufunc(np.remainder, ops.remainder)
rint = ConstantUfunc(np.rint, ops.rint)
sign = ConstantUfunc(np.sign, ops.sign)
sin = Ufunc(np.sin, ops.sin)
sinh = Ufunc(np.sinh, ops.sinh)
sqrt = Ufunc(np.sqrt, ops.sqrt)
square = Ufunc(np.square, ops.square)
subtract = Ufunc(np.subtract, ops.subtract)
tan = Ufunc(np.tan, ops.tan)
tanh = Ufunc(np.tanh, ops.tanh)
trunc = ConstantUfunc(np.trunc, ops.trunc)
