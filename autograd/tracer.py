"""`getval`, where HIPS autograd's users look for it."""

from __future__ import annotations

from typing import Any

from .op import Traced

__all__ = ["getval"]


def getval(x: Any) -> Any:
    """The plain value of a Tensor, out of the graph; anything else as it is.

    >>> from autograd import Tensor
    >>> getval(Tensor(2.0, requires_grad=True)), getval("a")
    (np.float64(2.0), 'a')
    """
    return x.data[()] if isinstance(x, Traced) else x
