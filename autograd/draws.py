"""Random draws that a traced function makes afresh at each run."""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

__all__ = ["DRAWING", "draw"]

DRAWING: ContextVar[Any] = ContextVar("drawing", default=None)
"""Who is told of draws, if anyone: a function of `draw`'s arguments."""


def draw(generator: np.random.Generator, method: str, *args: Any, **kwargs: Any) -> Any:
    """Random numbers from a method of a generator, in a form that a compiled function draws anew each time it runs.

    >>> import numpy as np
    >>> draw(np.random.default_rng(0), "integers", 10, size=3)
    array([8, 6, 5])
    """
    watcher = DRAWING.get()
    return getattr(generator, method)(*args, **kwargs) if watcher is None else watcher(generator, method, *args, **kwargs)
