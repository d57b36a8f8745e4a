"""SciPy's special functions over arrays and Tensors, with derivatives in every argument that has one.

SciPy's own universal functions find them too: `scipy.special.expit(tensor)` is `expit(tensor)` here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import special

from ...ops import erf, erfc
from ...ops import sigmoid as expit
from .statistics import logit

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["erf", "erfc", "expit", "logit"]

UFUNCS: dict[Any, Callable[..., Any]] = {
    twin: globals()[name] for name in __all__ if isinstance(twin := getattr(special, name, None), np.ufunc)
}
"""For each of SciPy's universal functions, what computes it here."""
