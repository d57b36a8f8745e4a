"""Names: what people call a value, in TeX."""

from __future__ import annotations

import re
import unicodedata
from typing import Self

import numpy as np

__all__ = ["GREEK", "Letter", "NamedIndex", "Tex", "escaped", "name_in_tex"]


class Tex(str):
    """A name that is TeX already."""

    __slots__ = ()


class Letter(int):
    """An index that is written as a letter."""

    letter: str

    def __new__(cls, value: int, letter: str) -> Self:
        """The index `value`, written `letter`."""
        new = super().__new__(cls, value)
        new.letter = letter
        return new

    def __repr__(self) -> str:
        return f"{self.letter}={int(self)}"


class NamedIndex(np.ndarray):
    """An array of indices that is written by its name."""

    name_in_tex: str

    def __new__(cls, value: np.ndarray, name_in_tex: str) -> Self:
        """The indices `value`, written so."""
        new = value.view(cls)
        new.name_in_tex = name_in_tex
        return new


_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ⁿᵀˣ", "0123456789+-()nTx")
_LOWERED = str.maketrans("₀₁₂₃₄₅₆₇₈₉₊₋₍₎ᵢⱼₖₙᵣ", "0123456789+-()ijknr")
GREEK = dict(zip(
    ("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu", "nu", "xi", "omicron", "pi",
     "rho", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega"), "αβγδεζηθικλμνξοπρστυφχψω", strict=True,
))  # fmt: skip
"""The Greek letters, by name."""

_TO_TEX = {letter: f"\\{name}" for name, letter in GREEK.items()}


def name_in_tex(text: str) -> str:
    r"""A name as TeX: W1 with an index, theta as the letter, y_hat with its hat; anything else as the literal text.

    >>> print(name_in_tex("W1"), name_in_tex("W⁽¹⁾"), name_in_tex("y_hat"), name_in_tex("ŷ"), name_in_tex("0.weight"))
    W_{1} W^{(1)} \hat{y} \hat{y} W_{0}
    """
    if len(text) > 1 and text.endswith("'"):
        return f"{{{name_in_tex(text[:-1])}}}'"
    if text.startswith("∂") and "/∂" in text:
        top, _, bottom = text.removeprefix("∂").partition("/∂")
        return rf"\frac{{\partial {name_in_tex(top)}}}{{\partial {name_in_tex(bottom)}}}"
    if (parameter := re.fullmatch(r"(.+)\.(weight|bias)", text)) is not None:  # of a network, by its path
        path = parameter[1] if parameter[1].isdigit() else rf"\text{{{escaped(parameter[1])}}}"
        return f"{'W' if parameter[2] == 'weight' else 'b'}_{{{path}}}"
    plain = unicodedata.normalize("NFD", text)
    match = re.fullmatch(r"([A-Za-z]+|[α-ω])(_hat|\u0302)?(?:_?([0-9]+|[a-z]))?([₀-₎ᵢⱼₖₙᵣ]+)?([⁰¹²³⁴-⁾ⁿᵀ]+)?", plain)
    if match is None or (len(match[1]) == 1 and match[3] and "_" not in plain and match[3].isalpha()):
        return rf"\text{{{escaped(text)}}}"
    letter, hat, index, low, high = match.groups()
    base = _TO_TEX.get(letter) or (letter if len(letter) == 1 else f"\\{letter}" if letter in GREEK else rf"\mathrm{{{letter}}}")
    index = index or (low or "").translate(_LOWERED)
    return (rf"\hat{{{base}}}" if hat else base) + (f"_{{{index}}}" if index else "") + (f"^{{{high.translate(_RAISED)}}}" if high else "")


_LITERAL = {
    "\\": r"$\backslash$", "^": r"$\hat{ }$", "~": r"$\sim$", "−": "$-$", "Σ": r"$\sum$", "∂": r"$\partial$", "≠": r"$\neq$",
    "≤": r"$\leq$", "≥": r"$\geq$", "·": r"$\cdot$", "∞": r"$\infty$", "√": r"$\surd$", "→": r"$\to$", "⊙": r"$\odot$",
} | {c: f"\\{c}" for c in "{}$&#_%"} | {letter: f"${tex}$" for letter, tex in _TO_TEX.items()} | {
    chr(c): f"$^{{{chr(to)}}}$" for c, to in _RAISED.items()
} | {chr(c): f"$_{{{chr(to)}}}$" for c, to in _LOWERED.items()}  # fmt: skip
"""Signs that TeX would take for its own, or that few of its fonts have."""


def escaped(text: str) -> str:
    r"""Text that TeX shows as it is.

    >>> print(escaped("a_b"))
    a\_b
    """
    line = "".join(c if c.isprintable() else " " for c in text)
    return "".join(_LITERAL.get(c, c) for c in line)
