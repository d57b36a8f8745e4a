"""NumPy's functions that leave NaN out of account: each is its namesake of the values that are numbers.

NaN gets a derivative of 0, and so does all that a result of NaN is made of.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import ops
from ..op import Traced
from . import reductions
from .keywords import as_value, check_out, function, holds_traced, into, mask_of, may_hold, named, plain

if TYPE_CHECKING:
    from collections.abc import Callable

    from .keywords import Function

__all__ = ["nan_to_num", "nanmax", "nanmean", "nanmin", "nanprod", "nanstd", "nansum", "nanvar"]


def _present(name: str, a: Any, where: Any = True) -> Any:
    """Where the values are numbers, and are meant."""
    values = plain(as_value(a))
    return np.equal(values, values) & mask_of(name, where, values.shape)  # only a NaN differs from itself


def _where_enough(name: str, complaint: str, lost: Any, out: Any, y: Any) -> Any:
    """y, but NaN where it is lost; which is complained of."""
    if may_hold(lost):
        if not isinstance(lost, Traced):
            warnings.warn(f"{name}: {complaint}", RuntimeWarning, stacklevel=3)
        y = ops.where(lost, np.nan, y)
    return into(name, out, y)


# -- sums and extrema ----------------------------------------------------------------------------------------------------------------------


@function
def nansum(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: bool = False, initial: Any = None, where: Any = True
) -> Any:
    """The sum of the values that are not NaN.

    >>> nansum(np.array([1., np.nan]))
    np.float64(1.0)
    """
    return reductions.sum(a, axis, dtype, out, keepdims, initial, _present("nansum", a, where))


@function
def nanprod(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: bool = False, initial: Any = None, where: Any = True
) -> Any:
    """The product of the values that are not NaN.

    >>> nanprod(np.array([2., np.nan]))
    np.float64(2.0)
    """
    return reductions.prod(a, axis, dtype, out, keepdims, initial, _present("nanprod", a, where))


def _extremum(twin: Callable[..., Any], extremum: Callable[..., Any], end: float, doc: str) -> Function:
    """`twin`, the `extremum` of the values that are not NaN, for which `end` stands, described by `doc`."""
    name = twin.__name__

    def nanextremum(a: Any, axis: Any = None, out: Any = None, keepdims: bool = False, initial: Any = None, where: Any = True) -> Any:
        if plain(as_value(a)).dtype.kind in "biu":  # among which there is no NaN
            return extremum(a, axis, out, keepdims, initial, where)
        present = _present(name, a)
        if initial is not None or where is not True:
            where = where if initial is None else present & mask_of(name, where, present.shape)
            return extremum(a, axis, out, keepdims, initial, where)
        check_out(name, out, a)
        y = extremum(ops.where(present, a, end) if may_hold(~present) else a, axis, None, keepdims)
        return _where_enough(name, "All-NaN slice encountered", ~present.any(axis, keepdims=keepdims), out, y)

    return named(nanextremum, name, doc)


nanmax = _extremum(
    np.nanmax,
    reductions.max,
    -np.inf,
    """The largest of the values that are not NaN.  Ties share the derivative evenly.

    >>> nanmax(np.array([1., np.nan]))
    np.float64(1.0)
    """,
)
nanmin = _extremum(
    np.nanmin,
    reductions.min,
    np.inf,
    """The smallest of the values that are not NaN.  Ties share the derivative evenly.

    >>> nanmin(np.array([1., np.nan]))
    np.float64(1.0)
    """,
)


# -- moments -------------------------------------------------------------------------------------------------------------------------------


@function
def nanmean(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: bool = False, *, where: Any = True) -> Any:
    """The mean of the values that are not NaN.

    >>> nanmean(np.array([1., np.nan, 2.]))
    np.float64(1.5)
    """
    if not holds_traced(a, out):
        return np.nanmean(a, axis, dtype, out, keepdims, where=where)
    check_out("nanmean", out, a)
    present = _present("nanmean", a, where)
    with np.errstate(invalid="ignore"):
        y = reductions.mean(a, axis, dtype, None, keepdims, where=present)
    return _where_enough("nanmean", "Mean of empty slice", ~present.any(axis, keepdims=keepdims), out, y)


def _moment(twin: Callable[..., Any], moment: Callable[..., Any], doc: str) -> Function:
    """`twin`, the `moment` of the values that are not NaN, described by `doc`."""
    name = twin.__name__

    def nanmoment(
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
        if not holds_traced(a, out, mean):
            given = {key: value for key, value in {"mean": mean, "correction": correction}.items() if value is not None}
            return twin(a, axis, dtype, out, ddof, keepdims, where=where, **given)
        check_out(name, out, a, mean)
        ddof = reductions.correction_of(name, ddof, correction)
        present = _present(name, a, where)
        with np.errstate(invalid="ignore", divide="ignore"):
            y = moment(a, axis, dtype, None, ddof, keepdims, where=present, mean=mean)
        freedom = present.sum(axis, keepdims=keepdims) - ddof
        return _where_enough(name, "Degrees of freedom <= 0 for slice.", freedom <= 0, out, y)

    return named(nanmoment, name, doc)


nanvar = _moment(
    np.nanvar,
    reductions.var,
    """The variance of the values that are not NaN.

    >>> nanvar(np.array([1., np.nan, 3.]))
    np.float64(1.0)
    """,
)
nanstd = _moment(
    np.nanstd,
    reductions.std,
    """The standard deviation of the values that are not NaN.

    >>> nanstd(np.array([1., np.nan, 3.]))
    np.float64(1.0)
    """,
)


# -- replaced ------------------------------------------------------------------------------------------------------------------------------


@function
def nan_to_num(x: Any, copy: bool = True, nan: Any = 0.0, posinf: Any = None, neginf: Any = None) -> Any:
    """x with NaN, ∞ and −∞ replaced: by default by 0 and the largest and smallest of numbers.  What they are replaced by has a derivative.

    Without `copy` it is written into x, as `x[...] = …` does.

    >>> nan_to_num(np.array([1., np.nan]), nan=-1.0)
    array([ 1., -1.])
    """
    if not holds_traced(x, nan, posinf, neginf):
        return np.nan_to_num(x, copy, nan, posinf, neginf)
    x = as_value(x)
    if x.dtype.kind == "c":
        parts = [_replaced(part, nan, posinf, neginf) for part in (ops.real(x), ops.imag(x))]
        y = ops.add(parts[0], ops.multiply(1j, parts[1]))
    else:
        y = _replaced(x, nan, posinf, neginf)
    if copy:
        return y
    check_out("nan_to_num", x, nan, posinf, neginf)
    return into("nan_to_num", x, y)


def _replaced(x: Any, nan: Any, posinf: Any, neginf: Any) -> Any:
    if x.dtype.kind != "f":
        return ops.copy(x)
    ends = np.finfo(x.dtype)
    y = ops.where(ops.isnan(x), nan, x)
    y = ops.where(ops.equal(x, np.inf), ends.max if posinf is None else posinf, y)
    return ops.astype(ops.where(ops.equal(x, -np.inf), ends.min if neginf is None else neginf, y), x.dtype)
