"""Jacobians by components: the rule run on a unit cotangent eⱼ, written for one entry i, with its cases i = j and i ≠ j."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .. import ops
from .lemmas import Lemma
from .names import Letter, Tex
from .notation import in_tex
from .symbol import Symbol, applied, name, rebuilt

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Components", "by_components"]


def by_components(y: Symbol) -> Components:
    """What a Jacobian of the vector `y` is written with.

    >>> by_components(name("y", np.array([1., 2.]))).output
    'y_{j}'
    """
    if y.ndim != 1 or y.size < 2:
        raise ValueError(f"explain: the function gave shape {y.shape}, wanted a single number, or a vector (n,) for its Jacobian")
    return Components(y)


class Components:
    """The unit cotangent eⱼ, with what holds of it."""

    def __init__(self, y: Symbol) -> None:
        self.size = y.size
        self.j = Letter(y.size - 1, "j")
        self.unit = name(Tex("e_{j}"), np.eye(y.size)[self.j].astype(y.dtype))
        self.output = f"{in_tex(y)}_{{j}}"
        self.lemmas = [lemma for keep in (True, False) for lemma in self._sums_with_unit(keep)]

    def _sums_with_unit(self, keep: bool) -> list[Lemma]:
        """Σ v ⊙ eⱼ = vⱼ, and Σ eⱼ = 1."""
        unit, j, v = self.unit, self.j, np.arange(1.0, self.size + 1)
        return [
            Lemma("", lambda v: ops.sum(v * unit, None, keepdims=keep), lambda v: v[j] if v.ndim else v, ((v,),)),
            Lemma("", lambda: ops.sum(unit, None, keepdims=keep), lambda: 1, ((),)),
        ]

    def input(self, x: Symbol) -> Symbol:
        """The entry of the argument by which is differentiated."""
        return x if x.ndim == 0 else name(Tex(f"{in_tex(x)}_{{i}}"), x.data)

    def component(self, s: Symbol, simplified: Callable[[Symbol], Any]) -> Symbol:
        """Entry i, with δᵢⱼ."""
        return self._entry(s, Letter(0, "i"), name(Tex(r"\delta_{ij}"), 0.0), simplified)

    def cases(self, s: Symbol, simplified: Callable[[Symbol], Any]) -> tuple[tuple[Symbol, str], ...]:
        """Entry i where i = j, and where it is not."""
        if s.ndim == 0:
            return ()
        same = self._entry(s, Letter(self.j, "i"), None, simplified, {bytes([1]): 1.0})
        other = self._entry(s, Letter(0, "i"), None, simplified, {bytes([1]): 0.0})
        return (same, "i = j"), (other, r"i \neq j")

    def _entry(self, s: Symbol, i: Letter, delta: Symbol | None, simplified: Any, value: dict[bytes, float] | None = None) -> Symbol:
        unit = delta if delta is not None else Symbol(np.asarray((value or {})[bytes([1])]))
        if s.shape != (self.size,):
            return s

        def entry(part: Symbol) -> Symbol:
            if part.key == self.unit.key:
                return unit
            if part.ndim == 0 or part.size == 1:
                same = delta is None and (value or {})[bytes([1])] == 1.0
                return _relettered(part, self.j, i) if same else part
            if part.op is not None and part.op.kind == "elementwise":
                return rebuilt(part, entry)
            return applied("getitem", part, index=i)

        found: Symbol = simplified(entry(s))[0]
        return found


def _relettered(s: Symbol, old: Letter, new: Letter) -> Symbol:
    """With the index j written i, where they are equal."""
    if s.calls("getitem") and isinstance(s.options["index"], Letter) and s.options["index"].letter == old.letter:
        return applied("getitem", s.args[0], index=new)
    return rebuilt(s, lambda part: _relettered(part, old, new))
