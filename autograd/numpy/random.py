"""NumPy's random numbers: its own, which refuse Tensors by name; and `draw`, for a function that is traced and run many times.

>>> import autograd.numpy.random as npr
>>> npr.default_rng(0).integers(3, size=2).shape
(2,)
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..draws import draw

__all__ = ["draw"]


def __getattr__(name: str) -> Any:
    return getattr(np.random, name)
