"""Broadcasting and its adjoint, and the elementwise kind of op, which needs both.

Broadcasting copies a value along an axis, so its adjoint sums along that axis; the two are each other's rules.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from ..op import Op, Traced, call, constant, multilinear, parameters

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Elementwise", "broadcast_to", "elementwise", "isfinite", "reshape", "spread", "sum", "unbroadcast", "where"]


@multilinear(lambda g, in_shape: reshape(g, in_shape), samples=[call((2, 3), (3, 2)), call((4,), (2, -1)), call((), (1, 1))])
def reshape(x: Any, /, shape: Any) -> Any:
    """The same values in another shape; one size may be −1.  Its adjoint puts the old shape back.

    >>> reshape(np.arange(6), (2, 3))
    array([[0, 1, 2],
           [3, 4, 5]])
    """
    return np.reshape(x, shape)


@multilinear(
    lambda g, in_shape, axis, keepdims: broadcast_to(spread(g, in_shape, axis, keepdims), in_shape),
    tex=r"\sum {x}",
    samples=[
        call((2, 3)),
        call((2, 3), axis=0),
        call((2, 3, 4), axis=(0, -1), keepdims=True),
        call(()),
        call((0, 3), 0),
        call((2, 3), axis=()),
    ],
)
def sum(x: Any, /, axis: Any = None, keepdims: bool = False) -> Any:
    """y = Σ x over `axis` (an int, a tuple, or None for all).  Its adjoint copies g along the summed axes.

    >>> sum(np.ones((2, 3)), axis=1)
    array([3., 3.])
    """
    return np.add.reduce(x, axis=axis, keepdims=keepdims)


@multilinear(
    lambda g, in_shape: unbroadcast(g, in_shape), samples=[call((3,), (2, 3)), call((2, 1), (4, 2, 3)), call((), (2,)), call((1,), (0,))]
)
def broadcast_to(x: Any, /, shape: Any) -> Any:
    """x copied along new or size-1 axes to `shape`.  Its adjoint sums along those axes.

    >>> broadcast_to(np.array([1., 2.]), (2, 2))
    array([[1., 2.],
           [1., 2.]])
    """
    return np.broadcast_to(x, shape) if getattr(x, "ndim", 0) else np.full(shape, x)  # a number is spread faster than it is broadcast


def spread(y: Any, in_shape: tuple[int, ...], axis: Any, keepdims: bool) -> Any:
    """A reduction's result, shaped to broadcast against its input: the reduced axes are put back with size 1.

    >>> spread(np.array([3., 7.]), (2, 2), axis=1, keepdims=False).shape
    (2, 1)
    """
    if keepdims or axis is None:  # a single value broadcasts as it is
        return y
    ndim = len(in_shape)
    axes = [k % ndim for k in (axis if isinstance(axis, tuple) else (axis,))]
    return reshape(y, tuple(1 if k in axes else n for k, n in enumerate(in_shape)))


def unbroadcast(g: Any, shape: tuple[int, ...]) -> Any:
    """Sum `g` to `shape`: the adjoint of broadcasting from it.

    >>> unbroadcast(np.ones((4, 3)), (3,))
    array([4., 4., 4.])
    """
    if g.shape == shape:
        return g
    lead = g.ndim - len(shape)
    axes = (*range(lead), *(lead + k for k, n in enumerate(shape) if n == 1 != g.shape[lead + k]))
    return reshape(sum(g, axis=axes), shape)


class Elementwise(Op):
    """Each output value depends on one value of each (broadcast) argument; rule i is the partial derivative ∂y/∂xᵢ.

    The kind multiplies by the cotangent and sums over broadcast axes.  A rule that names `g` *selects* instead: it returns the product
    itself, routed by `where`, so that what is not selected can't leak in, not even as 0·∞.
    """

    kind = "elementwise"

    def pull(self, i: int, rule: Callable[..., Any]) -> Callable[..., Any]:
        """The cotangent of argument i: the partial (or routed) product, summed over broadcast axes."""
        names = parameters(self.rules[i])
        selects, fixed = "g" in names, rule(None, (), None) if not names else None

        def pull(node: Any, saved: Any, g: Any) -> Any:
            if fixed is None:
                g = rule(node, saved, g) if selects else chain(g, rule(node, saved, g))
            elif fixed != 1:
                g = g * fixed
            shape = node.parents[i].shape
            return g if g.shape == shape else unbroadcast(g, shape)

        return pull

    def misuse(self, error: Exception, args: Any) -> Exception:
        """Shapes that do not broadcast are named with the axis at which they differ."""
        shapes = [np.shape(a) for a in args]
        for axis in range(-1, -1 - max(map(len, shapes), default=0), -1):
            sizes = {s[axis] for s in shapes if len(s) >= -axis and s[axis] != 1}
            if len(sizes) > 1:
                both = " and ".join(map(str, shapes))
                differ = " and ".join(str(s[axis]) for s in shapes if len(s) >= -axis and s[axis] != 1)
                hint = "" if len({prod(s) for s in shapes}) > 1 else "; they have equally many values: is a transpose or a reshape missing?"
                return ValueError(f"{self.name}: shapes {both} do not broadcast: axis {axis} has sizes {differ}, wanted equal or 1{hint}")
        return super().misuse(error, args)


def chain(g: Any, partial: Any) -> Any:
    """g · ∂y/∂x, with the one convention that keeps `where` safe: where the partial is not finite and g is exactly 0, the product is 0.

    >>> with np.errstate(invalid="ignore"):
    ...     chain(np.array([0., 2.]), np.array([np.inf, 3.]))
    array([0., 6.])
    """
    product = g * partial
    if _may_hold_nan(product):
        return where(isfinite(partial) | (g != 0), product, 0)
    return product


def _may_hold_nan(a: Any) -> bool:
    if isinstance(a, Traced):
        return a.may_hold_nan()
    return holds_nan(a)


def holds_nan(a: Any) -> bool:
    """Whether a plain array holds a NaN: one pass in BLAS, for a sum of squares is NaN only then.

    >>> holds_nan(np.array([np.inf, -np.inf])), holds_nan(np.array([1., np.nan]))
    (False, True)
    """
    if a.ndim == 0:
        return bool(a != a)  # noqa: PLR0124  # only a NaN differs from itself
    flat = a.ravel()
    square = np.vdot(flat, flat) if flat.dtype.kind == "c" else flat.dot(flat)
    return bool(square != square)  # noqa: PLR0124


def elementwise(*rules: Callable[..., Any] | None, **facts: Any) -> Callable[[Callable[..., Any]], Op]:
    """Define an op on single values by its partial derivatives; broadcasting comes by itself.

    >>> from autograd.op import TABLE
    >>> @elementwise(lambda x: 3 * x**2)
    ... def cubed(x, /):
    ...     return x**3
    >>> TABLE.pop("cubed")(2.0)
    8.0
    """
    return lambda forward: Elementwise(forward, rules, **facts)


@constant
def isfinite(x: Any, /) -> Any:
    """1 where x is neither infinite nor NaN.

    >>> isfinite(np.inf)
    np.False_
    """
    return np.isfinite(x)


@elementwise(
    None,
    lambda g, condition: where(condition, g, 0),
    lambda g, condition: where(condition, 0, g),
    samples=[call(np.array([True, False, True]), (3,), (2, 3))],
)
def where(condition: Any, a: Any, b: Any, /) -> Any:
    """a where the condition holds, else b.  The cotangent goes to the one selected; the other gets exactly 0.

    >>> where(np.array([True, False]), 1.0, 2.0)
    array([1., 2.])
    """
    if type(b) is int and b == 0:
        return _kept(condition, a)
    if type(a) is int and a == 0:
        return _kept(np.logical_not(condition), b)
    return np.where(condition, a, b)


_BITS = {np.dtype(np.float16): np.int16, np.dtype(np.float32): np.int32, np.dtype(np.float64): np.int64}


def _kept(condition: Any, a: Any) -> Any:
    """a where the condition holds, else exactly 0: the bits of a times 1 or 0, which has no branch to mispredict."""
    if type(a) is np.ndarray and a.dtype in _BITS and type(condition) is np.ndarray and condition.dtype == bool:
        return (a.view(_BITS[a.dtype]) * condition).view(a.dtype)
    return np.where(condition, a, 0)
