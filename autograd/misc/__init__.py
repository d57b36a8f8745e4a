"""What users of HIPS autograd import from its `autograd.misc`: flattening, optimisers of functions, fixed points."""

from .flatten import flatten
from .tracers import const_graph

__all__ = ["const_graph", "flatten"]
