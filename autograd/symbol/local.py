"""The rule of one op as a formula in its own arguments: what the player and the rule book show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..op import parameters
from .lemmas import simplified
from .names import name_in_tex
from .notation import in_tex
from .plain import text_of
from .symbol import Symbol, as_symbol, name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..op import Op

__all__ = ["local_rule", "rule_in_text"]


def local_rule(op: Op, i: int, arrays: Sequence[Any], options: Mapping[str, Any]) -> tuple[Symbol, list[str]]:
    """The derivative of `op` in argument `i`, written with the names of its arguments, and the lemmas used.

    Of an elementwise op it is ∂y/∂xᵢ; of any other, and where the rule selects, what becomes of the cotangent g.

    >>> from autograd import ops
    >>> local_rule(ops.matmul, 1, [np.ones((2, 3)), np.ones((3, 4))], {})
    (<aᵀ g>, [])
    >>> local_rule(ops.tanh, 0, [np.ones(3)], {})
    (<1 − y²>, ['4 σ(2x) σ(−2x) = 1 − tanh² x'])
    """
    labels = [f"{op.arguments[0]}{k + 1}" for k in range(len(arrays))] if op.variadic else op.arguments
    symbols = [None if a is None else name(label, np.asarray(a)) for label, a in zip(labels, arrays, strict=False)]
    with np.errstate(all="ignore"):
        value = op.forward(*(None if a is None else np.asarray(a)[()] for a in arrays), **options)
        plural = type(value) is tuple
        call = Symbol(None if plural else np.asarray(value), op, tuple(symbols), options)
        y: Any = tuple(name(f"y{n + 1}", np.asarray(part)) for n, part in enumerate(value)) if plural else name("y", call.data, call)
        g: Any = tuple(name(f"g{n + 1}", part.data) for n, part in enumerate(y)) if isinstance(y, tuple) else name("g", y.data)
        shapes = tuple(np.shape(a) for a in arrays)
        known = {**options, "y": y, "g": g, "i": i, "in_shape": shapes[i], "in_shapes": shapes}
        known |= {op.arguments[0]: symbols} if op.variadic else dict(zip(op.arguments, symbols, strict=False))
        rule = op.rule(i)
        assert rule is not None
        raw = as_symbol(rule(*(known[label] for label in parameters(rule))))
    return simplified(raw, () if plural else (y,))


def rule_in_text(op: Op, i: int, arrays: Sequence[Any], options: Mapping[str, Any]) -> str:
    """The same as an equation in plain text.

    >>> from autograd import ops
    >>> rule_in_text(ops.sigmoid, 0, [np.ones(3)], {}), rule_in_text(ops.relu, 0, [np.ones(3)], {})
    ('∂y/∂x = y ⊙ (1 − y)', '∂L/∂x = g ⊙ 1[x > 0]')
    """
    label = f"{op.arguments[0]}{i + 1}" if op.variadic else op.arguments[i]
    partial = op.kind == "elementwise" and "g" not in parameters(op.rule(i))
    left = rf"\frac{{\partial {'y' if partial else 'L'}}}{{\partial {name_in_tex(label)}}}"
    return text_of(f"{left} = {in_tex(local_rule(op, i, arrays, options)[0])}")
