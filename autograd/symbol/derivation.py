"""Derivations: the chain rule as a person would write it, by running the rules of the table on symbols."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from .names import Tex, escaped
from .notation import in_tex
from .plain import text_of

if TYPE_CHECKING:
    from .symbol import Symbol

__all__ = ["Derivation", "Line", "quotient"]

MANY = 200
"""The most lines that are printed."""


class Line(NamedTuple):
    """The derivative with respect to one value of the graph.

    `step` is one use of the chain rule, in which derivatives found before go by name; `full` has them written out.  `cases` are those of
    a Jacobian: pairs of an expression and its condition.  `agrees` says whether the number that the expressions give is that of
    `backward()`, and is None where the values were not recorded.
    """

    name: str
    of: Symbol
    step: Symbol
    full: Symbol
    lemmas: tuple[str, ...]
    gradient: Any
    agrees: bool | None
    loss: str
    cases: tuple[tuple[Symbol, str], ...] = ()

    @property
    def tex(self) -> str:
        """The equation in TeX."""
        forms = [in_tex(self.step)]
        if in_tex(self.full) != forms[0]:
            forms.append(in_tex(self.full))
        if self.cases and len({in_tex(s) for s, _ in self.cases}) > 1:
            rows = r" \\ ".join(f"{in_tex(s)} & {condition}" for s, condition in self.cases)
            forms.append(rf"\begin{{cases}} {rows} \end{{cases}}")
        return " = ".join([quotient(self.loss, self.of), *forms])

    @property
    def text(self) -> str:
        """The equation in plain text."""
        return text_of(self.tex)

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the value, and so of its derivative; of a Jacobian's entry, ()."""
        return () if self.cases else self.of.shape

    def __repr__(self) -> str:
        return self.text

    def _repr_latex_(self) -> str:
        return f"$${self.tex}$$"


def quotient(loss: str, of: Symbol) -> Tex:
    r"""The derivative of the loss, of which the TeX is given, with respect to a value.

    >>> from autograd.symbol.symbol import name
    >>> print(quotient("L", name("x", 1.0)))
    \frac{\partial L}{\partial x}
    """
    return Tex(
        rf"\frac{{\partial {loss}}}{{\partial {in_tex(of)}}}" if of.name else rf"\frac{{\partial {loss}}}{{\partial ({in_tex(of)})}}"
    )


class Derivation:
    """The lines of a derivation, newest value first; `d["W1"]` is the line of the value with that name.

    It shows itself as formulas in a notebook and as text elsewhere; `save` writes .tex, .md or .txt.
    """

    def __init__(self, loss: Symbol, definitions: list[Symbol], lines: list[Line], *, values: bool, complete: bool) -> None:
        self.loss, self.definitions, self.lines = loss, definitions, lines
        self.values, self.complete = values, complete

    def __getitem__(self, key: str | int) -> Line:
        if isinstance(key, int):
            return self.lines[key]
        for line in self.lines:
            if line.name == key:
                return line
        names = ", ".join(line.name for line in self.lines if line.of.name)
        raise KeyError(f"explain: no value is called {key!r} here; there are {names}")

    def __iter__(self) -> Any:
        return iter(self.lines)

    def __len__(self) -> int:
        return len(self.lines)

    @property
    def forward(self) -> list[str]:
        """The forward steps, as equations in TeX."""
        found = [f"{in_tex(s)} = {in_tex(s.definition)}" for s in self.definitions if s.definition is not None]
        return [*found, f"{in_tex(self.loss)} = {in_tex(self.loss.definition)}"] if self.loss.definition is not None else found

    @property
    def lemmas(self) -> list[str]:
        """The statements of the lemmas that were used."""
        return list(dict.fromkeys(statement for line in self.lines for statement in line.lemmas))

    def _shown(self) -> list[Line | None]:
        """The lines that are printed: of very many, None stands for those in the middle."""
        return list(self.lines) if len(self.lines) <= MANY else [*self.lines[: MANY // 2], None, *self.lines[-MANY // 2 :]]

    def _steps(self) -> list[str]:
        steps = self.forward
        return steps if len(steps) <= MANY else [*steps[: MANY // 2], r"\dots", *steps[-MANY // 2 :]]

    @property
    def tex(self) -> str:
        """All as one aligned environment."""
        rows = [step.replace(" = ", " &= ", 1) for step in self._steps()]
        for line in self._shown():
            if line is None:
                rows.append(rf"\dots & \quad \text{{{self._rest()}}}")
                continue
            left, _, right = line.tex.partition(" = ")
            shape = r" \times ".join(map(str, line.shape))
            rows.append((rf"\underset{{{shape}}}{{{left}}}" if shape else left) + f" &= {right}" + self._remarks(line))
        return "\\begin{aligned}\n" + " \\\\[4pt]\n".join(rows) + "\n\\end{aligned}"

    def _rest(self) -> str:
        return f"{len(self.lines) - MANY} more lines: d[{MANY // 2}] to d[{len(self.lines) - MANY // 2 - 1}]"

    def _remarks(self, line: Line) -> str:
        value = rf" \quad= {_numbers(line.gradient)}" if self.values and line.gradient is not None else ""
        return value + (rf" && \text{{{escaped('; '.join(line.lemmas))}}}" if line.lemmas else "")

    @property
    def text(self) -> str:
        """All as plain text, shapes at the right."""
        rows = [text_of(step) for step in self._steps()]
        rows += [""] if rows else []
        texts = [(line, "" if line is None else line.text) for line in self._shown()]
        width = max((len(text) for _, text in texts), default=0)
        for line, text in texts:
            if line is None:
                rows.append(f"… {self._rest()}")
                continue
            shape = str(line.shape) if line.shape else ""
            rows.append(f"{text:{min(width, 90)}}   {shape}".rstrip())
            if self.values and line.gradient is not None:
                rows.append("    " + np.array2string(np.asarray(line.gradient), prefix="    ", precision=4, threshold=40))
            rows += [f"    by {statement}" for statement in line.lemmas]
        if not self.complete:
            rows += ["", "not compared with backward(): not all values are known; run the forward pass in `with autograd.record():`"]
        return "\n".join(rows)

    @property
    def markdown(self) -> str:
        """As Markdown with TeX."""
        return f"$$\n{self.tex}\n$$\n"

    def __repr__(self) -> str:
        return self.text

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/plain": self.text, "text/latex": f"$$\n{self.tex}\n$$"}

    def save(self, path: str | Path) -> None:
        """Write a file, by its suffix: .tex, .md or .txt."""
        path = Path(path)
        texts = {".tex": f"\\[\n{self.tex}\n\\]\n", ".md": self.markdown, ".txt": self.text + "\n"}
        if path.suffix.lower() not in texts:
            raise ValueError(f"save: got {path.name!r}, wanted a name that ends in .tex, .md or .txt")
        path.write_text(texts[path.suffix.lower()], encoding="utf-8")


def _numbers(a: Any) -> str:
    a = np.asarray(a)
    if a.ndim == 0:
        return f"{a.item():.4g}"
    if a.ndim == 1 and a.size <= 6:
        return f"({', '.join(f'{v:.4g}' for v in a)})"
    if a.ndim == 2 and a.size <= 20:
        return r"\begin{pmatrix}" + r" \\ ".join(" & ".join(f"{v:.4g}" for v in row) for row in a) + r"\end{pmatrix}"
    return r"\dots"
