"""NumPy's Fourier transforms: its own, which refuse Tensors by name.

>>> import autograd.numpy as np
>>> np.fft.ifft(np.fft.fft(np.ones(2))).real
array([1., 1.])
"""

from __future__ import annotations

from typing import Any

import numpy as np


def __getattr__(name: str) -> Any:
    return getattr(np.fft, name)
