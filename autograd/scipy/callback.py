"""The user's functions as SciPy calls them back: on plain values, without losing sight of what is differentiated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..numpy.keywords import is_followed, plain
from ..op import Traced
from ..tensor import Tensor
from ..tree import leaves

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Callback"]


class Callback:
    """A function as SciPy is to see it, plain, which notes whether a derivative is followed: its values', or that of the arguments."""

    def __init__(self, function: Callable[..., Any], *inputs: Any) -> None:
        self.function = function
        values = list(leaves(inputs))
        self.traced = any(isinstance(a, Traced) for a in values)
        self.followed = is_followed(values)

    def __call__(self, *args: Any) -> Any:
        y = self.function(*args)
        self.followed = self.followed or is_followed(y)
        return plain(y)

    def result(self, value: Any, recorded: Callable[[], Any]) -> Any:
        """SciPy's value, with the derivatives of what `recorded` computes."""
        if not self.followed:
            return Tensor(value) if self.traced else value
        y = recorded()
        return y + (value - y.data)
