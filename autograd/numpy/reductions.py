"""NumPy's reductions with all their keywords, which mean the same to each of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .. import ops
from ..op import Traced
from ..ops.broadcast import axes_of
from .keywords import as_inexact, as_value, cast, check_out, function, holds_traced, into, mask_of, named

if TYPE_CHECKING:
    from collections.abc import Callable

    from .keywords import Function

__all__ = ["argmax", "argmin", "logsumexp", "max", "mean", "min", "prod", "std", "sum", "var"]


@function
def sum(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: bool = False, initial: Any = None, where: Any = True
) -> Any:
    """y = initial + Σ a over `axis`, of the values where `where` holds.

    >>> sum(np.ones((2, 3)), axis=1)
    array([3., 3.])
    """
    if dtype is out is initial is None and where is True:
        return ops.sum(a, axis, keepdims)
    return _reduced("sum", np.add, ops.sum, ops.add, a, axis, keepdims, dtype=dtype, out=out, initial=initial, where=where)


@function
def prod(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: bool = False, initial: Any = None, where: Any = True
) -> Any:
    """y = initial · Π a over `axis`, of the values where `where` holds.

    >>> prod(np.array([2., 3.]))
    np.float64(6.0)
    """
    if dtype is out is initial is None and where is True:
        return ops.prod(a, axis, keepdims)
    return _reduced("prod", np.multiply, ops.prod, ops.multiply, a, axis, keepdims, dtype=dtype, out=out, initial=initial, where=where)


@function
def max(a: Any, axis: Any = None, out: Any = None, keepdims: bool = False, initial: Any = None, where: Any = True) -> Any:
    """y = the largest of `initial` and the values over `axis`, where `where` holds.  Ties share the derivative evenly.

    >>> max(np.array([1., 3.]), initial=5.0)
    np.float64(5.0)
    """
    if out is initial is None and where is True:
        return ops.max(a, axis, keepdims)
    return _reduced("max", np.maximum, ops.max, ops.maximum, a, axis, keepdims, out=out, initial=initial, where=where)


@function
def min(a: Any, axis: Any = None, out: Any = None, keepdims: bool = False, initial: Any = None, where: Any = True) -> Any:
    """y = the smallest of `initial` and the values over `axis`, where `where` holds.  Ties share the derivative evenly.

    >>> min(np.array([1., 3.]), initial=0.0)
    np.float64(0.0)
    """
    if out is initial is None and where is True:
        return ops.min(a, axis, keepdims)
    return _reduced("min", np.minimum, ops.min, ops.minimum, a, axis, keepdims, out=out, initial=initial, where=where)


@function
def logsumexp(
    a: Any, axis: Any = 0, dtype: Any = None, out: Any = None, keepdims: bool = False, initial: Any = None, where: Any = True
) -> Any:
    """y = log(exp(initial) + Σ exp(a)) over `axis`: what `logaddexp.reduce` is.

    >>> logsumexp(np.zeros(2))
    np.float64(0.6931471805599453)
    """
    keywords = {"dtype": dtype, "out": out, "initial": initial, "where": where}
    return _reduced("logaddexp.reduce", np.logaddexp, ops.logsumexp, ops.logaddexp, a, axis, keepdims, **keywords)


def _reduced(
    name: str,
    twin: np.ufunc,
    op: Callable[..., Any],
    join: Callable[..., Any],
    a: Any,
    axis: Any,
    keepdims: bool,
    *,
    out: Any,
    initial: Any,
    where: Any,
    dtype: Any = None,
) -> Any:
    """`op` over the values that `where` selects (units stand for the others), in `dtype`, joined with `initial`, into `out`."""
    if not holds_traced(a, out, initial):
        return twin.reduce(a, axis=axis, keepdims=keepdims, **_given(dtype=dtype, out=out, initial=initial, where=where))
    check_out(name, out, a, initial)
    if np.ndim(initial):
        raise ValueError(f"{name}: initial has shape {np.shape(initial)}, wanted a single value")
    a = cast(name, as_value(a), dtype, "unsafe")
    if where is not True:
        if initial is None and twin.identity is None:
            raise ValueError(f"{name}: where may select nothing, which has no {name}: give initial too")
        a = ops.where(mask_of(name, where, a.shape), a, _unit(twin, a.dtype))
    if initial is None:
        return into(name, out, op(a, axis, keepdims))
    y = op(a if a.size else _units(a, axis, twin), axis, keepdims)
    first = cast(name, initial, y.dtype) if isinstance(initial, Traced) else np.asarray(initial, y.dtype)[()]
    return into(name, out, join(y, first))


def _unit(twin: np.ufunc, dtype: Any) -> Any:
    """What changes nothing: for an extremum the value at the other end."""
    if twin.identity is not None:
        return twin.identity
    lowest = twin is np.maximum
    if dtype.kind in "fc":
        return -np.inf if lowest else np.inf
    if dtype.kind == "b":
        return not lowest
    return np.iinfo(dtype).min if lowest else np.iinfo(dtype).max


def _units(a: Any, axis: Any, twin: np.ufunc) -> Any:
    """An empty array with its reduced axes of size 1, holding units: they reduce to what nothing reduces to."""
    axes = axes_of(axis, a.ndim)
    return np.full([1 if k in axes else n for k, n in enumerate(a.shape)], _unit(twin, a.dtype), a.dtype)


# -- moments ------------------------------------------------------------------------------------------------------------------------------


@function
def mean(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: bool = False, *, where: Any = True) -> Any:
    """y = Σ a / N over `axis`, of the N values where `where` holds.

    >>> mean(np.array([1., 2., 6.]))
    np.float64(3.0)
    """
    if dtype is out is None and where is True:
        return ops.mean(a, axis, keepdims)
    if not holds_traced(a, out):
        return np.mean(a, axis, dtype, out, keepdims, **_given(where=where))
    check_out("mean", out, a)
    a = cast("mean", a, dtype, "unsafe")
    return into("mean", out, _mean(a, axis, keepdims, where))


def _mean(a: Any, axis: Any, keepdims: bool, where: Any) -> Any:
    if where is True:
        return ops.mean(a, axis, keepdims)
    mask = mask_of("mean", where, np.shape(a))
    total = ops.sum(ops.where(mask, as_inexact(a), 0), axis, keepdims)
    return ops.divide(total, np.sum(mask, axis=axis, keepdims=keepdims).astype(total.dtype))


def _spread(op: Callable[..., Any], of: Callable[..., Any], doc: str) -> Function:
    """NumPy's function of the name of `op`, described by `doc`; `of` finds it from deviations and their degrees of freedom."""
    name = op.__name__

    def spread(
        a: Any,
        axis: Any = None,
        dtype: Any = None,
        out: Any = None,
        ddof: float = 0,
        keepdims: bool = False,
        *,
        where: Any = True,
        mean: Any = None,
        correction: float | None = None,
    ) -> Any:
        ddof = correction_of(name, ddof, correction)
        if dtype is out is mean is None and where is True:
            return op(a, axis, ddof, keepdims)
        if not holds_traced(a, out, mean):
            return getattr(np, name)(a, axis, dtype, out, ddof, keepdims, **_given(where=where, mean=mean))
        check_out(name, out, a, mean)
        a = cast(name, a, dtype, "unsafe")
        if mean is None and where is True:
            return into(name, out, _as_complex(op(a, axis, ddof, keepdims), dtype))
        d, freedom = _deviations(name, a, axis, ddof, keepdims, where, mean)
        return into(name, out, _as_complex(of(d, freedom, axis, keepdims), dtype))

    return named(spread, name, doc)


def _mean_square(d: Any, freedom: Any, axis: Any, keepdims: bool) -> Any:
    squared = ops.real(ops.multiply(d, ops.conjugate(d))) if d.dtype.kind == "c" else ops.square(d)
    return ops.divide(ops.sum(squared, axis, keepdims), freedom.astype(squared.dtype))


def _root_mean_square(d: Any, freedom: Any, axis: Any, keepdims: bool) -> Any:
    size = ops.norm(d, axis, keepdims)
    return ops.divide(size, np.sqrt(freedom).astype(size.dtype))


var = _spread(
    ops.var,
    _mean_square,
    """y = Σ |a − m|² / (N − ddof) over `axis`, of the N values where `where` holds; m is their mean, or `mean`, of size 1 along `axis`.

    >>> var(np.array([1., 3.]), correction=1)
    np.float64(2.0)
    """,
)
std = _spread(
    ops.std,
    _root_mean_square,
    """y = √var(a), of the same arguments.  Its derivative is 0 where y = 0.

    >>> std(np.array([1., 3.]))
    np.float64(1.0)
    """,
)


def _as_complex(y: Any, dtype: Any) -> Any:
    """The real y, as a complex number where that is asked for."""
    return ops.astype(y, dtype) if dtype is not None and np.dtype(dtype).kind == "c" else y


def _deviations(name: str, a: Any, axis: Any, ddof: float, keepdims: bool, where: Any, mean: Any) -> tuple[Any, Any]:
    """The deviations from the mean, 0 where a value does not count; and how many degrees of freedom they have."""
    mask = mask_of(name, where, np.shape(a))
    d = ops.subtract(as_inexact(a), _mean(a, axis, True, where) if mean is None else mean)
    return (d if where is True else ops.where(mask, d, 0)), np.maximum(np.sum(mask, axis=axis, keepdims=keepdims) - ddof, 0)


def correction_of(name: str, ddof: float, correction: float | None) -> float:
    """NumPy's two names for one thing."""
    if isinstance(ddof, Traced) or isinstance(correction, Traced):
        raise TypeError(f"{name}: ddof (or correction) got a Tensor, whose graph would be cut; give a plain number")
    if correction is None:
        return ddof
    if ddof != 0:
        raise ValueError(f"{name}: got both ddof={ddof} and correction={correction}, two names of one thing; give one")
    return correction


def _given(**keywords: Any) -> dict[str, Any]:
    """The keywords that say something."""
    return {name: value for name, value in keywords.items() if value is not None and value is not True}


# -- positions ----------------------------------------------------------------------------------------------------------------------------


def argmax(a: Any, axis: Any = None, out: Any = None, *, keepdims: bool = False) -> Any:
    """The position of the largest value, the first of equals; flat if `axis` is None.  It has no derivative: a plain array.

    >>> argmax(np.array([1., 3., 2.]))
    np.int64(1)
    """
    return into("argmax", out, ops.argmax(a, axis, keepdims))


def argmin(a: Any, axis: Any = None, out: Any = None, *, keepdims: bool = False) -> Any:
    """The position of the smallest value, the first of equals; flat if `axis` is None.  It has no derivative: a plain array.

    >>> argmin(np.array([2., 1., 3.]))
    np.int64(1)
    """
    return into("argmin", out, ops.argmin(a, axis, keepdims))
