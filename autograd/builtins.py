"""Python's own names, for code that imports them from here as HIPS autograd wants it; containers of Tensors need no wrapping.

>>> from autograd import grad
>>> from autograd.builtins import isinstance
>>> grad(lambda x: x**2 if isinstance(x, float) else x)(3.0)
np.float64(6.0)
"""

from __future__ import annotations

import builtins
from builtins import dict, list, tuple  # noqa: UP029  # that they are the same is what this says

from .extend import notrace_primitive

__all__ = ["dict", "isinstance", "list", "tuple", "type"]

isinstance = notrace_primitive(builtins.isinstance)
type = notrace_primitive(builtins.type)
