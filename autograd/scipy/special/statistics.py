"""What statistics take from the special functions: odds and their logarithms."""

from __future__ import annotations

from typing import Any

from scipy import special

from ...ops.elementwise import as_float, elementwise

__all__ = ["logit"]


@elementwise(lambda x: 1 / (x * (1 - x)), tex=r"\mathrm{{logit}}({x})", domain=[(0, 1)])
def logit(x: Any, /) -> Any:
    """y = log(x/(1−x)), the inverse of the logistic function.  ∂y/∂x = 1/(x(1−x)).

    >>> logit(0.5)
    np.float64(0.0)
    """
    return special.logit(as_float(x))
