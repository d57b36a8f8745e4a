"""`const_graph`, where HIPS autograd's users look for it."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["const_graph"]


def const_graph(fun: Callable[..., Any], *args: Any, **kwargs: Any) -> Callable[..., Any]:
    """`fun` with its first arguments given.  It is run anew at every call: no graph is kept that might no longer be the function's.

    >>> const_graph(pow, 2)(3)
    8
    """
    return functools.partial(fun, *args, **kwargs)
