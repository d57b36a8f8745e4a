"""SciPy's functions, differentiated: `autograd.scipy.special`, `.linalg`, `.stats`, `.signal`, `.integrate`, `.optimize`.

>>> from autograd import grad
>>> from autograd.scipy.special import expit
>>> grad(expit)(0.0)
np.float64(0.25)
"""

try:
    import scipy  # noqa: F401  # to say at once what to install
except ModuleNotFoundError:
    raise ModuleNotFoundError("autograd.scipy needs SciPy: pip install 'chalkgrad[scipy]'", name="scipy") from None

from . import integrate, linalg, optimize, signal, special, stats

__all__ = ["integrate", "linalg", "optimize", "signal", "special", "stats"]
