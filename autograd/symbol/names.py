"""Names: what people call a value, in TeX."""

from __future__ import annotations

import re
import unicodedata
from typing import Self

__all__ = ["GREEK", "Letter", "Tex", "escaped", "name_in_tex"]


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


_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ⁿᵀ", "0123456789+-()nT")
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


def escaped(text: str) -> str:
    r"""Text that TeX shows as it is.

    >>> print(escaped("a_b"))
    a\_b
    """
    special = {"\\": r"\backslash ", "^": r"\hat{ }", "~": r"\sim "} | {c: f"\\{c}" for c in "{}$&#_%"}
    line = "".join(c if c.isprintable() else " " for c in text)
    return "".join(special.get(c, c) for c in line)
