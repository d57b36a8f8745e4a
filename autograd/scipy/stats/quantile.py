"""Quantiles that are found as plain numbers, and have the derivatives of an inverse function."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ...op import call, constant, general
from ...ops.broadcast import unbroadcast
from ...ops.elementwise import chain
from ...transforms import make_vjp

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Formula = Callable[..., Any]

__all__ = ["found_by", "quantile_of"]


def _rule(g: Any, i: int, arrays: Any, y: Any, probability: Formula, slope: Formula, in_shape: Any) -> Any:
    _, *shapes = arrays
    g = chain(g, 1 / slope(y, *shapes))
    if i == 0:
        return unbroadcast(g, in_shape)
    return -make_vjp(lambda a: probability(y, *shapes[: i - 1], a, *shapes[i:]))(shapes[i - 1])[0](g)


@general(
    _rule,
    variadic=True,
    samples=[
        call(
            (np.array([0.1, 0.5, 0.9]), np.array([[0.7], [2.0]])),
            find=lambda q, c: (-np.log(q)) ** (1 / c),
            probability=lambda z, c: np.exp(-(z**c)),
            slope=lambda z, c: -c * z ** (c - 1) * np.exp(-(z**c)),
        )
    ],
)
def quantile_of(arrays: Sequence[Any], /, find: Formula, probability: Formula, slope: Formula) -> Any:  # noqa: ARG001  # for the rule
    """y with probability(y, a, …) = q, of the arrays q, a, …, as `find(q, a, …)` gives it; `slope` is the derivative of the probability.

    ∂y/∂q = 1/slope, ∂y/∂a = −(∂probability/∂a)/slope, at y: the theorem of implicit functions.

    >>> quantile_of([0.25, 2.0], find=lambda q, a: q**(1 / a), probability=lambda y, a: y**a, slope=lambda y, a: a * y**(a - 1))
    np.float64(0.5)
    """
    return np.asarray(find(*arrays)).astype(np.result_type(*arrays, np.float16))[()]


@constant(variadic=True, samples=[call((np.array([4.0, 1.0]), np.array(0.5)), find=np.multiply)])
def found_by(arrays: Sequence[Any], /, find: Formula) -> Any:
    """What a plain function finds for arrays, by steps that depend on their numbers; it has no derivative.

    >>> found_by([4.0, 0.5], find=lambda a, b: a * b)
    np.float64(2.0)
    """
    return np.asarray(find(*arrays))[()]
