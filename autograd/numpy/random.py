"""NumPy's random numbers: its own, which refuse Tensors by name.

>>> import autograd.numpy.random as npr
>>> npr.default_rng(0).integers(3, size=2).shape
(2,)
"""

from __future__ import annotations

from typing import Any

import numpy as np


def __getattr__(name: str) -> Any:
    return getattr(np.random, name)
