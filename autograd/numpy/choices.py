"""NumPy's functions that choose among arrays, and those that apply a function of one's own to parts of an array."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from .. import ops
from .keywords import as_value, check_out, fixed, function, holds_traced, into

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["apply_along_axis", "apply_over_axes", "choose", "piecewise", "select", "vectorize"]


@function
def choose(a: Any, choices: Any, out: Any = None, mode: str = "raise") -> Any:
    """y[…] = choices[a[…]][…]: which of the choices is said by a, of whole numbers.  `mode` may "wrap" or "clip" what is too large.

    >>> choose([1, 0], [np.array([1., 2.]), np.array([3., 4.])])
    array([3., 2.])
    """
    if not holds_traced(a, choices, out):
        return np.choose(a, choices, out, mode)  # type: ignore[call-overload]
    choices = list(choices)
    check_out("choose", out, *choices)
    (a,) = fixed("choose", a=a).values()
    which = np.take(np.arange(len(choices)), a, mode=mode)  # type: ignore[call-overload]
    dtype = np.result_type(*(as_value(choice).dtype for choice in choices))
    return into("choose", out, _chosen([which == k for k in range(1, len(choices))], choices[1:], choices[0], np.shape(which), dtype))


@function
def select(condlist: Any, choicelist: Any, default: Any = 0) -> Any:
    """Of several choices the first whose condition holds; where none does, the default.

    >>> x = np.array([-1., 0.5, 2.])
    >>> select([x < 0, x > 1], [-x, x * x], default=x)
    array([1. , 0.5, 4. ])
    """
    if not holds_traced(condlist, choicelist, default):
        return np.select(condlist, choicelist, default)
    if len(condlist) != len(choicelist) or not len(condlist):
        raise ValueError(f"select: got {len(condlist)} conditions and {len(choicelist)} choices, wanted as many of each, and at least one")
    masks = [as_value(mask) for mask in fixed("select", condlist=list(condlist))["condlist"]]
    if wrong := [mask.dtype for mask in masks if mask.dtype != bool]:
        raise TypeError(f"select: condlist has a condition of dtype {wrong[0]}, wanted booleans, as `x > 0` gives them")
    kinds = [a if type(a) in (int, float, complex) else as_value(a).dtype for a in (*choicelist, default)]
    return _chosen(masks[::-1], list(choicelist)[::-1], default, (), np.result_type(*kinds))


def _chosen(masks: list[Any], choices: list[Any], y: Any, shape: tuple[int, ...], dtype: Any) -> Any:
    """y, but each choice where its mask holds; the last ones have precedence."""
    shape = np.broadcast_shapes(shape, np.shape(y), *map(np.shape, masks), *map(np.shape, choices))
    for mask, choice in zip(masks, choices, strict=True):
        y = ops.where(mask, choice, y)
    y = as_value(y)
    return ops.astype(y if y.shape == shape else ops.broadcast_to(y, shape), dtype)


@function
def piecewise(x: Any, condlist: Any, funclist: Any, *args: Any, **kw: Any) -> Any:
    """y = fₖ(x) where condition k holds, each function called on those values only; a last one more is for the rest, which is else 0.

    What stands for a function may be a value.  `args` and `kw` are handed to all of them.

    >>> x = np.array([-1., 2.])
    >>> piecewise(x, [x < 0, x >= 0], [lambda x: -x, lambda x: x * x])
    array([1., 4.])
    """
    x = as_value(x)
    (condlist,) = fixed("piecewise", condlist=condlist).values()
    if np.isscalar(condlist) or (not isinstance(condlist[0], (list, np.ndarray)) and x.ndim):
        condlist = [condlist]
    masks = [np.broadcast_to(np.asarray(mask, bool), x.shape) for mask in condlist]
    if len(funclist) == len(masks) + 1:
        masks.append(~np.any(masks, axis=0))
    if len(funclist) != len(masks):
        raise ValueError(f"piecewise: got {len(masks)} conditions and {len(funclist)} functions, wanted as many, or one function more")
    y: Any = np.zeros(x.shape, x.dtype)
    for mask, f in zip(masks, funclist, strict=True):
        if mask.any():
            v = f(x[mask], *args, **kw) if callable(f) else f
            y = ops.setitem(y, v if holds_traced(v) else np.asarray(v).astype(x.dtype), mask)
    return y


@function
def apply_along_axis(func1d: Callable[..., Any], axis: int, arr: Any, *args: Any, **kwargs: Any) -> Any:
    """`func1d` of each row of values along `axis`, in whose place its result comes to stand.

    >>> apply_along_axis(lambda row: row[:1] * row, 1, np.array([[1., 2.], [3., 4.]]))
    array([[ 1.,  2.],
           [ 9., 12.]])
    """
    arr = as_value(arr)
    axis = normalize_axis_index(axis, arr.ndim)
    rows = ops.moveaxis(arr, axis, -1)
    lead = rows.shape[:-1]
    if 0 in lead:
        raise ValueError(f"apply_along_axis: got shape {arr.shape}, so there is no row along axis {axis} to apply the function to")
    parts = [as_value(func1d(rows[place], *args, **kwargs)) for place in np.ndindex(lead)]
    y = ops.reshape(ops.stack(parts), (*lead, *parts[0].shape))
    behind = tuple(range(len(lead), y.ndim))
    return ops.moveaxis(y, behind, tuple(range(axis, axis + len(behind))))


@function
def apply_over_axes(func: Callable[..., Any], a: Any, axes: Any) -> Any:
    """`func(a, axis)` for one axis after the other; an axis that it takes away is put back, of size 1.

    >>> apply_over_axes(np.sum, np.ones((2, 3)), [0, 1])
    array([[6.]])
    """
    y = a = as_value(a)
    for axis in np.atleast_1d(axes):
        k = normalize_axis_index(int(axis), a.ndim)
        result = as_value(func(y, k))
        y = result if result.ndim == y.ndim else ops.expand_dims(result, k)
        if y.ndim != a.ndim:
            raise ValueError(f"apply_over_axes: the function gave shape {result.shape}, wanted {a.ndim} axes, or one less")
    return y


class vectorize(np.vectorize):  # noqa: N801  # NumPy's name
    """A function of single values as one of arrays, which are broadcast: NumPy's class, of which each call may meet Tensors.

    With a `signature`, as in "(n),(n)->()", the function is given rows.  Of a function that returns a tuple, each part is an array.

    >>> vectorize(lambda a, b: a * b if a > b else b)(np.array([1., 3.]), 2.0)
    array([2., 6.])
    """

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The function's results, each in the place of the values that it was given."""
        pyfunc: Any = self.pyfunc
        if not callable(pyfunc):  # a decorator with settings, which now meets its function
            return super().__call__(*args, **kwargs)
        given = dict(enumerate(args)) | kwargs
        varied = {k: as_value(a) for k, a in given.items() if k not in self.excluded}
        cores = [len(re.findall(r"\w+", core)) for core in re.findall(r"\(([^()]*)\)", (self.signature or "").partition("->")[0])]
        cores += [0] * (len(varied) - len(cores))
        leads = [a.shape[: a.ndim - core] for a, core in zip(varied.values(), cores, strict=True)]
        shape = np.broadcast_shapes(*leads)
        rows = {k: ops.broadcast_to(a, shape + a.shape[len(lead) :]) for (k, a), lead in zip(varied.items(), leads, strict=True)}
        called = (self._result(given | {k: a[place] for k, a in rows.items()}, len(args)) for place in np.ndindex(shape))
        first = next(called, None)
        if not holds_traced(first, *given.values()):
            return super().__call__(*args, **kwargs)
        if first is None:
            raise ValueError(f"vectorize: got no values (shape {shape}), so what the function would give is not known")
        results = [first, *called]
        if type(results[0]) is not tuple:
            return self._placed(results, shape, 0)
        return tuple(self._placed(part, shape, k) for k, part in enumerate(zip(*results, strict=True)))

    def _result(self, given: dict[Any, Any], count: int) -> Any:
        return self.pyfunc(*(given[k] for k in range(count)), **{k: a for k, a in given.items() if type(k) is str})

    def _placed(self, results: Any, shape: tuple[int, ...], k: int) -> Any:
        y = ops.stack([as_value(result) for result in results])
        y = ops.reshape(y, shape + y.shape[1:])
        return ops.astype(y, self.otypes[k]) if self.otypes else y
