"""SciPy's signal processing over arrays and Tensors: convolutions, filters.

On plain arrays each function is SciPy's own.  On Tensors every keyword works, or is refused before anything is computed; what SciPy has
beside these, windows and designs of filters, works on plain values.

>>> import numpy as np
>>> from autograd import grad
>>> grad(lambda x: convolve(x, windows.boxcar(2), "valid").sum())(np.ones(3))
array([1., 2., 1.])
"""

from scipy import signal
from scipy.signal import windows

from ..keywords import others
from .convolution import convolve, convolve2d, correlate, correlate2d, fftconvolve, oaconvolve
from .filters import detrend, filtfilt, hilbert, lfilter, lfilter_zi, sosfilt

__all__ = [
    "convolve", "convolve2d", "correlate", "correlate2d", "detrend", "fftconvolve", "filtfilt", "hilbert", "lfilter", "lfilter_zi",
    "oaconvolve", "sosfilt", "windows",
]  # fmt: skip

__getattr__ = others(signal, {"medfilt": "it selects; build it from sort", "sosfiltfilt": "use filtfilt, or sosfilt twice"})
