"""Jacobians by components: the rule run on a unit cotangent eⱼ, written for one entry i, with its cases i = j and i ≠ j."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .. import ops
from .lemmas import Lemma
from .names import Letter, Tex
from .notation import in_tex
from .symbol import Symbol, applied, as_symbol, name, rebuilt

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
        self.deltas: dict[str, Symbol] = {}
        self.lemmas = [lemma for keep in (True, False) for lemma in self._sums_with_unit(keep)]

    def _sums_with_unit(self, keep: bool) -> list[Lemma]:
        """Σ v ⊙ eⱼ = vⱼ, and Σ eⱼ = 1."""
        unit, j, v = self.unit, self.j, np.arange(1.0, self.size + 1)
        return [
            Lemma("", lambda v: ops.sum(v * unit, None, keepdims=keep), lambda v: v[j] if v.ndim else v, ((v,),)),
            Lemma("", lambda: ops.sum(unit, None, keepdims=keep), lambda: 1, ((),)),
        ]

    def input(self, x: Symbol) -> Symbol:
        """The entry of the vector by which is differentiated; a number or a matrix as it is."""
        text = in_tex(x)
        return x if x.ndim != 1 else name(Tex(f"{text}_{{i}}" if x.name is not None else f"({text})_{{i}}"), x.data)

    def component(self, s: Symbol, simplified: Callable[[Symbol], Any]) -> Symbol:
        """Entry i, with δᵢⱼ."""
        return self._entry(s, Letter(0, "i"), name(Tex(r"\delta_{ij}"), 0.0), simplified)

    def cases(self, s: Symbol, simplified: Callable[[Symbol], Any]) -> tuple[tuple[Symbol, str], ...]:
        """Entry i where i = j, and where it is not."""
        if s.shape != (self.size,):
            return ()
        same = self._entry(s, Letter(self.j, "i"), as_symbol(1.0), simplified)
        other = self._entry(s, Letter(0, "i"), as_symbol(0.0), simplified)
        return (same, "i = j"), (other, r"i \neq j")

    def _with_deltas(self, s: Symbol, i: Letter) -> Symbol:
        """With entry k of eⱼ as δₖⱼ, and entry i of eₖ as δₖᵢ."""
        if s.calls("getitem") and s.ndim == 0:
            unit, k = s.args[0], s.options["index"]
            assert unit is not None
            k = k[0] if isinstance(k, tuple) and len(k) == 1 else k
            if unit.key == self.unit.key and type(k) is int:
                return self._delta(f"{k}j", s.data)
            if unit.calls("add_at") and unit.args[0].is_number() and k is i and type(unit.options["index"]) is int:  # type: ignore[union-attr]
                return self._delta(f"{unit.options['index']}{i.letter}", s.data)
        return rebuilt(s, lambda part: self._with_deltas(part, i))

    def _delta(self, index: str, value: Any) -> Symbol:
        return self.deltas.setdefault(index, name(Tex(rf"\delta_{{{index}}}"), value))

    def _of_matrix(self, part: Symbol, i: Letter) -> Symbol | None:
        """(Wᵀ eⱼ)ᵢ = Wⱼᵢ, and (eⱼ W)ᵢ = Wⱼᵢ."""
        if not part.calls("matmul") or self.unit.key not in (a.key for a in part.args if a is not None):
            return None
        a, b = part.args
        assert a is not None
        assert b is not None
        W, index = (b, (self.j, i)) if a.key == self.unit.key else (a, (i, self.j))
        if W.calls("transpose"):
            W, index = W.args[0], index[::-1]  # type: ignore[assignment]
        return applied("getitem", W, index=index) if W.ndim == 2 else None

    def _entry(self, s: Symbol, i: Letter, delta: Symbol, simplified: Any) -> Symbol:
        """Entry i, with δᵢⱼ written as `delta`: a name, or the number that it is."""
        equal = delta.is_number() and bool(delta.data)
        s = self._with_deltas(s, i)
        if s.ndim != 1:
            return s

        def entry(part: Symbol) -> Symbol:
            if part.key == self.unit.key:
                return delta
            if part.ndim == 0 or part.size == 1:
                return _relettered(part, self.j, i) if equal else part
            if part.op is not None and part.op.kind == "elementwise":
                return rebuilt(part, entry)
            return self._of_matrix(part, i) or self._with_deltas(applied("getitem", part, index=i), i)

        found: Symbol = simplified(entry(s))[0]
        return found


def _relettered(s: Symbol, old: Letter, new: Letter) -> Symbol:
    """With the index j written i, where they are equal."""
    if s.calls("getitem") and isinstance(s.options["index"], Letter) and s.options["index"].letter == old.letter:
        return applied("getitem", s.args[0], index=new)
    return rebuilt(s, lambda part: _relettered(part, old, new))
