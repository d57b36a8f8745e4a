"""Functions of an order, a degree or another parameter in which they are not differentiated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...numpy.keywords import is_followed
from ...ops.elementwise import Elementwise

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["OfOrder", "of_order"]


class OfOrder(Elementwise):
    """An elementwise op whose arguments without a rule are constants: one that is followed is refused before anything is computed."""

    if not TYPE_CHECKING:

        def __call__(self, *args: Any, **options: Any) -> Any:
            """The value; TypeError where its derivative would be cut."""
            for k, (name, rule) in enumerate(zip(self.arguments, self.rules, strict=True)):
                if rule is None and is_followed(args[k] if k < len(args) else options.get(name)):
                    raise TypeError(
                        f"{self.name}: {name} requires grad, but is a constant here: the derivative with respect to {name} is not offered; "
                        f"give plain values ({name}.data)"
                    )
            return super().__call__(*args, **options)


def of_order(*rules: Callable[..., Any] | None, **facts: Any) -> Callable[[Callable[..., Any]], OfOrder]:
    """Define an op on single values by its partial derivatives; where None stands, a constant is wanted.

    >>> from autograd import Tensor
    >>> from autograd.scipy.special import jv
    >>> jv(Tensor(1.0, requires_grad=True), 2.0)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    TypeError: jv: v requires grad, but is a constant here: ...
    """
    return lambda forward: OfOrder(forward, rules, **facts)
