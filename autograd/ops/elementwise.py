"""The elementwise kind of op: its rules are plain partial derivatives; the chain rule and broadcasting come by themselves."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from ..mode import WATCH
from ..op import Op, Traced, call, parameters
from .broadcast import broadcast_to, unbroadcast
from .compare import isfinite

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Elementwise", "as_float", "chain", "elementwise", "inverse", "may_hold_nan", "quotient", "where"]


class Elementwise(Op):
    """Each output value depends on one value of each (broadcast) argument; rule i is the partial derivative ∂y/∂xᵢ.

    The kind multiplies by the cotangent and sums over broadcast axes.  A rule that names `g` *selects* instead: it returns the product
    itself, routed by `where`, so that what is not selected can't leak in, not even as 0·∞.
    """

    kind = "elementwise"

    def make_pull(self, i: int, places: dict[str, str]) -> Callable[..., Any]:
        """The cotangent of argument i: the partial (or routed) product, summed over broadcast axes."""
        rule, names = self.bound_rule(i, places), parameters(self.rules[i])
        selects, fixed = "g" in names, rule(None, (), None) if not names else None

        def pull(node: Any, saved: Any, g: Any) -> Any:
            if fixed is None:
                g = rule(node, saved, g) if selects else chain(g, rule(node, saved, g))
            elif fixed != 1:
                g = g * fixed
            shape = node.parents[i].shape
            if g.shape == shape:
                return g
            if g.shape != node.shape:
                raise ValueError(f"the rule of an elementwise op gives shape {g.shape}, wanted {node.shape}, the shape of its value")
            return unbroadcast(g, shape)

        return pull

    def make_push(self, i: int, places: dict[str, str]) -> Callable[..., Any]:
        """The part of the tangent that comes from argument i: the same product, copied along broadcast axes."""
        rule, selects = self.bound_rule(i, places), "g" in parameters(self.rules[i])

        def push(node: Any, saved: Any, t: Any) -> Any:
            if selects and t.dtype.kind == "c":
                return None  # a routed product need not be its own transpose there: think of conj
            if selects and t.shape != node.shape:
                t = broadcast_to(t, node.shape)
            t = rule(node, saved, t) if selects else chain(t, rule(node, saved, t))
            return t if t.shape == node.shape else broadcast_to(t, node.shape)

        return push


def chain(g: Any, partial: Any) -> Any:
    """g · ∂y/∂x, with the one convention that keeps `where` safe: where the partial is not finite and g is exactly 0, the product is 0.

    >>> with np.errstate(invalid="ignore"):
    ...     chain(np.array([0., 2.]), np.array([np.inf, 3.]))
    array([0., 6.])
    """
    product = g * partial
    if may_hold_nan(product):
        if (watch := WATCH.get()) is not None:
            watch.saw_zero_times_infinity(g, partial)
        return where(isfinite(partial) | (g != 0), product, 0)
    return product


def may_hold_nan(a: Any) -> bool:
    """Whether a NaN may be among the values: one pass in BLAS, for a sum of real squares is NaN only then.

    >>> may_hold_nan(np.array([np.inf, -np.inf])), may_hold_nan(np.array([1., np.nan]))
    (False, True)
    """
    if isinstance(a, Traced):
        a = a.data
        if isinstance(a, Traced):  # it has no values: whoever computes them will have to look
            return True
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
    np.float64(8.0)
    """
    return lambda forward: Elementwise(forward, rules, **facts)


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


def quotient(a: Any, y: Any) -> Any:
    """a / y, and exactly 0 where y is 0, in every order of derivative.

    >>> quotient(np.array([0., 3.]), np.array([0., 2.]))
    array([0. , 1.5])
    """
    return where(y == 0, 0, a / where(y == 0, 1, y))


def inverse(b: Any) -> Any:
    """1 / b; infinite for the number 0, as NumPy has it.

    >>> inverse(4), inverse(0)
    (0.25, inf)
    """
    return math.copysign(math.inf, b) if type(b) in (int, float) and b == 0 else 1 / b


def as_float(x: Any) -> Any:
    """x in floating point: integers and booleans, whose arithmetic would wrap or fail, become float64; complex numbers are refused.

    >>> as_float(np.array([1, 2], np.uint8))
    array([1., 2.])
    """
    x = x if hasattr(x, "dtype") else np.asarray(x)
    if x.dtype.kind not in "biuf":
        hint = ": of a complex x take x.real, x.imag or abs(x)" if x.dtype.kind == "c" else ""
        raise TypeError(f"got {x.dtype}, wanted real numbers{hint}")
    return x if x.dtype.kind == "f" else x.astype(np.float64)
