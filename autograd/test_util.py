"""Checking derivatives against central differences, in random directions, and finding the rule that is wrong.

A wrong derivative shows in almost every direction, so one random direction u is enough: h, a real function of all the arguments together,
has the slope (h(x+εu) − h(x−εu))/2ε along it, and that must be ⟨∇h, u⟩ (reverse mode) and the tangent of h (forward mode).  The slope is
again a function of x: the next order checks that one in the same way, in each mode.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from . import ops
from .mode import GRAD
from .tensor import Tensor
from .tracer import getval
from .transforms import make_jvp, make_vjp
from .tree import leaves

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .graph import Node
    from .op import Op

    Point = tuple[np.ndarray, ...]

__all__ = ["check_grads"]

LOOKED_AT = 1000  # elements of an array that are compared one by one, to find a wrong one


def check_grads(
    f: Callable[..., Any],
    modes: Sequence[str] = ("fwd", "rev"),
    order: int = 2,
    eps: float = 1e-6,
    atol: float = 1e-6,
    rtol: float = 1e-6,
) -> Callable[..., None]:
    """The check of f's derivatives at a point: `check_grads(f)(x, y)` raises AssertionError unless they are right up to `order`.

    f maps floats, arrays or Tensors to one of them, or to a container of them; floating-point and complex arguments are varied, in double
    precision, the others held.  `modes` are "fwd" (forward) and "rev" (reverse), in every succession.  `eps` is the step of the
    differences; two numbers agree within `atol + rtol·|difference quotient|`.  The error names the op whose rule is wrong, if one is.

    >>> check_grads(lambda x, y: x * y**2)(3.0, [1., 2.])
    >>> check_grads(lambda x: x * x.data)(3.0)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    AssertionError: check_grads: argument 0, order 1, fwd: the derivative gives 0.13..., differences 0.26..., ...
    """
    modes = (modes,) if isinstance(modes, str) else tuple(modes)
    if unknown := set(modes) - {"fwd", "rev"}:
        raise ValueError(f"check_grads: got modes {sorted(unknown)}, wanted 'fwd', the forward mode, or 'rev', the reverse mode")

    def check(*args: Any, **kwargs: Any) -> None:
        held = [a if isinstance(a, Tensor) else np.asarray(a) for a in args]
        varied = [k for k, a in enumerate(held) if a.dtype.kind in "fc"]
        if not varied:
            raise TypeError(f"check_grads: no floating-point argument among {', '.join(type(a).__name__ for a in args)}; pass floats")
        point = tuple(np.array(Tensor(held[k]).data, complex if held[k].dtype.kind == "c" else float) for k in varied)

        def of_varied(arrays: Sequence[Any]) -> Any:
            places = dict(zip(varied, arrays, strict=True))
            y = f(*(places.get(k, a) for k, a in enumerate(args)), **kwargs)
            if not any(isinstance(leaf, (Tensor, np.ndarray, np.generic, int, float, complex)) for leaf in leaves(y)):
                raise TypeError(f"check_grads: the function returned {y!r}, wanted numbers")
            return y

        tolerance = Tolerance(eps, atol, rtol)
        wrong = _first_wrong(_projected(of_varied), point, modes, order, tolerance)
        if wrong is not None:
            culprit = _wrong_rule(of_varied, point, modes, order, tolerance)
            raise AssertionError(f"check_grads: argument {varied[wrong.argument]}, {wrong.text}; {culprit}")

    return check


class Tolerance(NamedTuple):
    """The step of the differences, and how far they may be off."""

    eps: float
    atol: float
    rtol: float

    def wide(self, wanted: Any) -> Any:
        """How far a derivative may be from the difference quotient `wanted`."""
        return self.atol + self.rtol * np.abs(wanted)


class Wrong(NamedTuple):
    """A derivative that is not the difference quotient."""

    argument: int
    text: str


def _projected(f: Callable[..., Any], *, spread: bool = True) -> Callable[..., Any]:
    """The real function x ↦ Re ⟨v, f(x)⟩ of a tuple of arrays, for a fixed v over all outputs: random, or ones unless `spread`."""

    def h(arrays: Any) -> Any:
        random = np.random.default_rng(1)
        total: Any = 0.0
        for y in leaves(f(arrays)):
            if isinstance(y, (Tensor, np.ndarray, np.generic, float, complex)):
                total = total + ops.real((ops.multiply(y, _random_like(y, random) if spread else 1.0)).sum())
        return total

    return h


def _random_like(a: Any, random: np.random.Generator) -> Any:
    real = random.standard_normal(np.shape(a))
    return real + 1j * random.standard_normal(np.shape(a)) if np.iscomplexobj(getval(a)) else real


def _along(h: Callable[..., Any], mode: str, u: Point) -> Callable[..., Any]:
    """The slope of h along u, by one mode: again a function of the arrays."""
    if mode == "fwd":
        return lambda x: make_jvp(h)(x)(u)[1]
    return lambda x: sum(ops.real((g * direction).sum()) for g, direction in zip(make_vjp(h)(x)[0](1.0), u, strict=True))


def _first_wrong(h: Callable[..., Any], point: Point, modes: Sequence[str], order: int, tolerance: Tolerance) -> Wrong | None:
    """Compare the slopes of h, in every succession of modes; the lowest order comes first."""
    random = np.random.default_rng(0)
    directions = [tuple(_random_like(x, random) for x in point) for _ in range(order)]
    for level, u in enumerate(directions):
        for earlier in itertools.product(modes, repeat=level):
            inner = h
            for mode, direction in zip(earlier, directions[:level], strict=True):
                inner = _along(inner, mode, direction)
            for k in range(len(point)):
                alone = tuple(d if m == k else np.zeros_like(d) for m, d in enumerate(u))
                ahead, behind = (tuple(x + s * d for x, d in zip(point, alone, strict=True)) for s in (tolerance.eps, -tolerance.eps))
                quotient = (_number(inner(ahead)) - _number(inner(behind))) / (2 * tolerance.eps)
                for mode in modes:
                    slope = _number(_along(inner, mode, alone)(point))
                    if not abs(slope - quotient) <= tolerance.wide(quotient):  # a NaN fails too
                        succession = "-over-".join((mode, *reversed(earlier)))
                        return Wrong(
                            k,
                            f"order {level + 1}, {succession}: the derivative gives {slope:.9g}, differences {quotient:.9g}, "
                            f"wanted within {tolerance.wide(quotient):.1g}",
                        )
    return None


def _number(a: Any) -> float:
    return float(getval(a))


# -- which rule -------------------------------------------------------------------------------------------------------------------------


class _Calls:
    """A watch that keeps every call with its values."""

    def __init__(self) -> None:
        self.seen: dict[Node, list[Any]] = {}

    def saw_call(self, node: Node, args: Sequence[Any], _outputs: Sequence[Any]) -> None:
        self.seen[node] = [getval(a) for a in args]


def _wrong_rule(f: Callable[..., Any], point: Point, modes: Sequence[str], order: int, tolerance: Tolerance) -> str:
    """A sentence on the first op on the way whose own rule is wrong."""
    calls = _Calls()
    token = GRAD.set(calls)
    try:
        f([Tensor(x, requires_grad=True) for x in point])
    finally:
        GRAD.reset(token)
    for node, values in calls.seen.items():
        op, options = node.op, dict(node.options)
        assert op is not None
        varied = [i for i, _ in node.plan.pulls]  # type: ignore[union-attr]  # a recorded call has a plan
        inner = tuple(np.array(values[i]) for i in varied)

        def call(arrays: Any, op: Op = op, options: Any = options, values: Any = values, varied: Any = varied) -> Any:
            full = list(values)
            for i, a in zip(varied, arrays, strict=True):
                full[i] = a
            return op(full, **options) if op.variadic else op(*full, **options)

        wrong = _first_wrong(_projected(call), inner, modes, order, tolerance)
        if wrong is not None:
            i = varied[wrong.argument]
            return f"wrong is the {op.describe_rule(i)}\n{_wrong_element(call, inner, wrong, tolerance)}"
    return (
        "every rule on the way is right by itself, so does f leave the graph (.data, .item()), is it random, "
        f"or is there a kink within eps={tolerance.eps:g} of the point?"
    )


def _wrong_element(f: Callable[..., Any], point: Point, wrong: Wrong, tolerance: Tolerance) -> str:
    """The element with the worst derivative of Σ f, or else of ⟨v, f⟩ for a random v, and both numbers."""
    k, x = wrong.argument, point[wrong.argument]
    for spread in False, True:
        h = _projected(f, spread=spread)
        gradient = make_vjp(h)(point)[0](1.0)[k]
        worst, text = 0.0, ""
        for place in itertools.islice(np.ndindex(x.shape), LOOKED_AT):
            ahead, behind = (
                _number(h(tuple(_stepped(a, place, step) if m == k else a for m, a in enumerate(point))))
                for step in (tolerance.eps, -tolerance.eps)
            )
            slope, quotient = gradient[place].real, (ahead - behind) / (2 * tolerance.eps)
            excess = abs(slope - quotient) - tolerance.wide(quotient)
            if not excess <= worst:
                worst = np.inf if np.isnan(excess) else excess
                text = f"at element {place}, where it is {x[place]:.6g}: the rule gives {slope:.9g}, differences {quotient:.9g}"
        if text:
            return text
    return wrong.text


def _stepped(a: np.ndarray, place: tuple[int, ...], step: float) -> np.ndarray:
    twin = a.copy()
    twin[place] += step
    return twin
