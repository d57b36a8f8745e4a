"""SciPy's functions, differentiated: `autograd.scipy.special`, `.linalg`, `.stats`, `.signal`, `.integrate`, `.optimize`.

>>> from autograd import grad
>>> from autograd.scipy.special import expit
>>> grad(expit)(0.0)
np.float64(0.25)
"""

from importlib import import_module
from typing import Any

try:
    import scipy  # noqa: F401  # to say at once what to install
except ModuleNotFoundError:
    raise ModuleNotFoundError("autograd.scipy needs SciPy: pip install 'scipy>=1.17'", name="scipy") from None

__all__ = ["integrate", "linalg", "optimize", "signal", "special", "stats"]


def __getattr__(name: str) -> Any:
    """Each room is loaded when it is asked for, as by SciPy itself: all of them would take a second."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}, only {', '.join(__all__)}")
    return import_module(f"{__name__}.{name}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
