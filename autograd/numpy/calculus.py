"""NumPy's sums and differences along an axis: running totals, differences, slopes, integrals, what lies between."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from .. import ops
from ..op import Traced
from ..ops.elementwise import quotient
from .keywords import as_inexact, as_value, cast, check_out, function, holds_traced, into, plain

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "cumprod", "cumsum", "cumulative_prod", "cumulative_sum", "diff", "ediff1d", "gradient", "interp", "nancumprod", "nancumsum",
    "trapezoid", "unwrap",
]  # fmt: skip


def _part(a: Any, axis: int, *index: Any) -> Any:
    """a[…, start:stop:step, …] along an axis."""
    return a[(slice(None),) * axis + (slice(*index),)]


# -- running totals -----------------------------------------------------------------------------------------------------------------------


@function
def cumsum(a: Any, axis: int | None = None, dtype: Any = None, out: Any = None) -> Any:
    """yᵢ = Σ_{j≤i} aⱼ along an axis (or flattened, for None).

    >>> cumsum(np.array([1., 2., 3.]))
    array([1., 3., 6.])
    """
    return _running("cumsum", ops.cumsum, a, axis, dtype, out)


@function
def cumprod(a: Any, axis: int | None = None, dtype: Any = None, out: Any = None) -> Any:
    """yᵢ = Π_{j≤i} aⱼ along an axis (or flattened, for None); its derivative is right at zeros too.

    >>> cumprod(np.array([1., 2., 3.]))
    array([1., 2., 6.])
    """
    return _running("cumprod", ops.cumprod, a, axis, dtype, out)


@function
def nancumsum(a: Any, axis: int | None = None, dtype: Any = None, out: Any = None) -> Any:
    """As `cumsum`, a NaN counting as 0; its derivative there is 0.

    >>> nancumsum(np.array([1., np.nan, 3.]))
    array([1., 1., 4.])
    """
    return _running("nancumsum", ops.cumsum, _without_nan(a, 0), axis, dtype, out)


@function
def nancumprod(a: Any, axis: int | None = None, dtype: Any = None, out: Any = None) -> Any:
    """As `cumprod`, a NaN counting as 1; its derivative there is 0.

    >>> nancumprod(np.array([2., np.nan, 3.]))
    array([2., 2., 6.])
    """
    return _running("nancumprod", ops.cumprod, _without_nan(a, 1), axis, dtype, out)


@function
def cumulative_sum(x: Any, /, *, axis: int | None = None, dtype: Any = None, out: Any = None, include_initial: bool = False) -> Any:
    """As `cumsum`, of an axis that must be named unless there is only one; with `include_initial`, from 0 on.

    >>> cumulative_sum(np.array([1., 2.]), include_initial=True)
    array([0., 1., 3.])
    """
    return _running("cumulative_sum", ops.cumsum, *_only_axis("cumulative_sum", x, axis), dtype, out, 0 if include_initial else None)


@function
def cumulative_prod(x: Any, /, *, axis: int | None = None, dtype: Any = None, out: Any = None, include_initial: bool = False) -> Any:
    """As `cumprod`, of an axis that must be named unless there is only one; with `include_initial`, from 1 on.

    >>> cumulative_prod(np.array([2., 3.]), include_initial=True)
    array([1., 2., 6.])
    """
    return _running("cumulative_prod", ops.cumprod, *_only_axis("cumulative_prod", x, axis), dtype, out, 1 if include_initial else None)


def _running(name: str, op: Callable[..., Any], a: Any, axis: int | None, dtype: Any, out: Any, initial: int | None = None) -> Any:
    """The running totals of `a` in `dtype`, after an initial value, into `out`."""
    if dtype is out is initial is None:
        return op(a, axis)
    check_out(name, out, a)
    y = cast(name, op(cast(name, as_value(a), dtype, "unsafe"), axis), dtype, "unsafe")
    if initial is not None:
        y = ops.concatenate((np.full([1 if k == axis % y.ndim else n for k, n in enumerate(y.shape)], initial, y.dtype), y), axis)
    return into(name, out, y)


def _without_nan(a: Any, unit: float) -> Any:
    a = as_value(a)
    return ops.where(np.isnan(plain(a)), unit, a) if a.dtype.kind in "fc" else a


def _only_axis(name: str, x: Any, axis: int | None) -> tuple[Any, int]:
    x = as_value(x)
    if axis is None and x.ndim > 1:
        raise ValueError(f"{name}: got an array of {x.ndim} axes, wanted to know along which: give axis")
    return (x if x.ndim else ops.reshape(x, (1,))), 0 if axis is None else axis


# -- differences --------------------------------------------------------------------------------------------------------------------------


@function
def diff(a: Any, n: int = 1, axis: int = -1, prepend: Any = None, append: Any = None) -> Any:
    """yᵢ = aᵢ₊₁ − aᵢ along an axis, n times; before that, values or arrays may be put before and behind.

    >>> diff(np.array([1., 3., 6.]), prepend=0.0)
    array([1., 2., 3.])
    """
    if n < 0:
        raise ValueError(f"diff: got n={n}, wanted how many times: 0 or more")
    if n == 0:
        return a
    a = as_value(a)
    if not a.ndim:
        raise ValueError("diff: got a single value, wanted at least one axis")
    axis = normalize_axis_index(axis, a.ndim)
    one = tuple(1 if k == axis else m for k, m in enumerate(a.shape))
    before, behind = ([] if end is None else [end if np.ndim(end) else ops.broadcast_to(as_value(end), one)] for end in (prepend, append))
    if before or behind:
        a = ops.concatenate((*before, a, *behind), axis)
    op = ops.not_equal if a.dtype == bool else ops.subtract
    for _ in range(n):
        a = op(_part(a, axis, 1, None), _part(a, axis, None, -1))
    return a


@function
def ediff1d(ary: Any, to_end: Any = None, to_begin: Any = None) -> Any:
    """The differences of neighbours in the flattened array, between the values of `to_begin` and `to_end`.

    >>> ediff1d(np.array([1., 3., 6.]), to_begin=0.0)
    array([0., 2., 3.])
    """
    ary = ops.ravel(as_value(ary))
    begin, end = ([] if part is None else [ops.ravel(cast("ediff1d", as_value(part), ary.dtype))] for part in (to_begin, to_end))
    return ops.concatenate((*begin, ops.subtract(ary[1:], ary[:-1]), *end))


@function
def gradient(f: Any, *varargs: Any, axis: Any = None, edge_order: int = 1) -> Any:
    """The slopes of f along each axis: from the two neighbours inside, and at both edges from the `edge_order` nearest values.

    `varargs`: one spacing for all axes, or for each axis its spacing or its coordinates, which are differentiated too.  A single array, for
    one axis; else a tuple.

    >>> gradient(np.array([1., 2., 4., 7.]), 0.5)
    array([2., 3., 5., 6.])
    """
    f = as_inexact(f)
    axes = range(f.ndim) if axis is None else normalize_axis_tuple(axis, f.ndim)
    spacings = [as_value(h) for h in varargs] or [np.asarray(1.0)]
    if len(spacings) == 1 and not spacings[0].ndim:
        spacings *= len(axes)
    if len(spacings) != len(axes):
        raise TypeError(f"gradient: got {len(varargs)} spacings for {len(axes)} axes, wanted one for all or one for each")
    if edge_order not in (1, 2):
        raise ValueError(f"gradient: got edge_order={edge_order}, wanted 1 or 2")
    slopes = tuple([_slopes(f, h, k, edge_order) for h, k in zip(spacings, axes, strict=True)])
    return slopes[0] if len(slopes) == 1 else slopes


def _slopes(f: Any, spacing: Any, axis: int, edge_order: int) -> Any:
    """The slopes along one axis, as means of the quotients sᵢ = (fᵢ₊₁ − fᵢ)/hᵢ: sᵢ + wᵢ (sᵢ₊₁ − sᵢ), with wᵢ = hᵢ/(hᵢ + hᵢ₊₁)."""
    size = f.shape[axis]
    if size < edge_order + 1:
        raise ValueError(f"gradient: got {size} values along axis {axis}, wanted at least {edge_order + 1} for edge_order={edge_order}")
    if spacing.ndim > 1 or (spacing.ndim and spacing.shape != (size,)):
        raise ValueError(f"gradient: got a spacing of shape {spacing.shape} for axis {axis}, wanted one number or {size} coordinates")
    h, w, even = spacing, np.array([0.5], np.finfo(f.dtype).dtype), True
    if spacing.ndim:
        h = diff(spacing if spacing.dtype.kind == "f" else ops.astype(spacing, np.float64))
        even = not isinstance(h, Traced) and bool((h == h[0]).all())
        h = h[0] if even else ops.reshape(h, (-1,) + (1,) * (f.ndim - 1 - axis))
    s = diff(f, axis=axis) / h
    if even:  # a value's own NaN or infinity does not matter to its slope
        inside = (_part(f, axis, 2, None) - _part(f, axis, None, -2)) / (2.0 * h)
    else:
        w = h[:-1] / (h[:-1] + h[1:])
        inside = _part(s, axis, None, -1) + w * diff(s, axis=axis)
    first, last = _part(s, axis, None, 1), _part(s, axis, -1, None)
    if edge_order == 2:
        first = first - w[:1] * (_part(s, axis, 1, 2) - first)
        last = last + (1 - w[-1:]) * (last - _part(s, axis, -2, -1))
    y = ops.concatenate((first, inside, last), axis)
    return y if y.dtype == f.dtype else ops.astype(y, f.dtype)


@function
def trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1) -> Any:
    """∫ y dx = Σ (xᵢ₊₁ − xᵢ)(yᵢ + yᵢ₊₁)/2 along an axis, at the coordinates x or in steps of dx; both are differentiated too.

    >>> trapezoid(np.array([1., 2., 4.]), dx=2.0)
    np.float64(9.0)
    """
    y = as_value(y)
    place = normalize_axis_index(axis, y.ndim)
    if x is not None:
        x = as_value(x)
        dx = ops.reshape(diff(x), (-1,) + (1,) * (y.ndim - 1 - place)) if x.ndim == 1 else diff(x, axis=axis)
    return ops.sum(dx * (_part(y, place, 1, None) + _part(y, place, None, -1)) / 2.0, axis)


@function
def interp(x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None, period: Any = None) -> Any:
    """The value at x of the straight lines through the points (xpᵢ, fpᵢ), of rising xp; all are differentiated.

    Outside it is `left` or `right`, or else the value at that end; with a `period`, the points repeat.  At a point the slope is that of the
    line to its right.

    >>> interp(1.5, np.array([1., 2.]), np.array([10., 20.]))
    np.float64(15.0)
    """
    if not holds_traced(x, xp, fp, left, right, period):
        return np.interp(x, xp, fp, left, right, period)
    x, xp, fp = (as_value(a) for a in (x, xp, fp))
    x, xp, fp = (
        ops.astype(a, d) for a, d in ((x, np.float64), (xp, np.float64), (fp, np.complex128 if fp.dtype.kind == "c" else np.float64))
    )
    if xp.ndim != 1 or xp.shape != fp.shape or not xp.size:
        raise ValueError(f"interp: got xp of shape {xp.shape} and fp of shape {fp.shape}, wanted two rows of one length, 1 or more")
    if period is not None:
        if not plain(period):
            raise ValueError("interp: got a period of 0")
        period = ops.absolute(period)
        x, xp = ops.remainder(x, period), ops.remainder(xp, period)
        order = np.argsort(plain(xp))
        xp, fp = xp[order], fp[order]
        xp = ops.concatenate((xp[-1:] - period, xp, xp[:1] + period))  # so that no x is outside
        fp = ops.concatenate((fp[-1:], fp, fp[:1]))
    return _between(x, xp, fp, fp[0] if left is None else left, fp[-1] if right is None else right)


def _between(x: Any, xp: Any, fp: Any, left: Any, right: Any) -> Any:
    """The line to the right of the last point that is not beyond x, at x; no line goes on beyond the points."""
    at, points = plain(x), plain(xp)
    k = np.clip(np.searchsorted(points, at, "right") - 1, 0, max(len(points) - 2, 0))
    after = np.minimum(k + 1, len(points) - 1)
    start = np.where(at == points[after], after, k)  # so that the value at the last point is exact
    with np.errstate(invalid="ignore"):
        slope = quotient(fp[after] - fp[k], xp[after] - xp[k])
        slope = ops.where((at == points[start]) & ~np.isfinite(plain(slope)), 0, slope)  # at the point itself it is of no matter
        y = fp[start] + slope * (x - xp[start])
    return ops.where(at < points[0], left, ops.where(at > points[-1], right, y))


@function
def unwrap(p: Any, discont: Any = None, axis: int = -1, *, period: Any = 2 * np.pi) -> Any:
    """p plus as many periods as make each step along an axis at most half a period long; steps below `discont` stay as they are.

    >>> unwrap(np.array([0., 1., 5.]), period=4)
    array([0., 1., 1.])
    """
    values, length = plain(as_value(p)), plain(period)
    y = np.unwrap(values, plain(discont), axis, period=length)
    turns = np.rint((y - values) / length).astype(y.dtype)  # whole numbers, which have no derivative
    return ops.add(p, ops.multiply(turns, period))
