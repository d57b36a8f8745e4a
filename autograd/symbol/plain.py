"""Plain text, read off the TeX: one notation, and so no second set of brackets."""

from __future__ import annotations

import re
import unicodedata

from .names import GREEK

__all__ = ["text_of"]

_PLAIN = {
    r"\odot": "⊙", r"\cdot": "·", r"\sum": "Σ", r"\prod": "Π", r"\max": "max", r"\min": "min", r"\log": "log", r"\infty": "∞",
    r"\otimes": "⊗", r"\times": "×", r"\partial": "∂", r"\left": "", r"\right": "", r"\neg": "¬", r"\bmod": "mod", r"\Phi": "Φ",
    r"\Theta": "Θ", r"\dots": "…", r"\ast": "*", r"\leq": "≤", r"\le": "≤", r"\geq": "≥", r"\neq": "≠", r"\wedge": "∧", r"\vee": "∨",
    r"\backslash": "\\", r"\surd": "√",
    r"\,": " ", r"\|": "‖", r"\sim": "~", r"\lfloor": "⌊", r"\rfloor": "⌋", r"\lceil": "⌈", r"\rceil": "⌉", r"\sin": "sin", r"\cos": "cos",
    r"\tan": "tan", r"\sinh": "sinh", r"\cosh": "cosh", r"\tanh": "tanh", r"\arcsin": "arcsin", r"\arccos": "arccos", r"\arctan": "arctan",
    r"\ln": "ln", r"\det": "det", r"\Gamma": "Γ", r"\delta": "δ", r"\pi": "π", r"\circ": "∘", r"\mid": "|", r"\to": "→",
} | {f"\\{name}": letter for name, letter in GREEK.items()} | {f"\\{c}": c for c in "{}$&#_%"}  # fmt: skip
_UP = dict(zip("0123456789+-()nTijxk", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ⁿᵀⁱʲˣᵏ", strict=True))
_DOWN = dict(zip("0123456789+-()ijknr", "₀₁₂₃₄₅₆₇₈₉₊₋₍₎ᵢⱼₖₙᵣ", strict=True))
_SIGN = re.compile(r"\\[a-zA-Z]+|\\.|[{}^_]|\s+|[^\\{}^_\s]+")


def text_of(tex: str) -> str:
    r"""TeX of this house's kind as plain text.

    >>> text_of(r"\frac{e^{x}}{1 + \sigma(x)} \odot W_{1}^T")
    'eˣ/(1 + σ(x)) ⊙ W₁ᵀ'
    """
    signs = _SIGN.findall(tex)
    signs.reverse()
    text = _sequence(signs)
    return re.sub(r" +", " ", text).replace("( ", "(").strip().replace("-", "−")


def _sequence(signs: list[str]) -> str:
    """Tokens, last first, up to a closing brace."""
    out = ""
    while signs:
        sign = signs.pop()
        if sign == "}":
            break
        if sign in ("^", "_"):
            out += _shifted(_group(signs), _UP if sign == "^" else _DOWN, sign)
        elif sign == r"\frac":
            over, under = _group(signs), _group(signs)
            quotient = f"{_tight(over, big='Σ' if not under.isdecimal() else '')}/{_tight(under, under=True)}"
            out += f"({quotient})" if _goes_on(signs) and not over.startswith("∂") else quotient
        elif sign == r"\sqrt":
            root = ""
            if signs and signs[-1].startswith("["):
                root = signs.pop().strip("[]")
            inner = _group(signs)
            out += {"3": "∛"}.get(root, "√") + (inner if len(inner) == 1 else f"({inner})")
        elif sign in (r"\mathrm", r"\text", r"\mathcal") or sign == r"\mathbb":
            out += _group(signs)
        elif sign == r"\mathbf":
            out += "".join(chr(ord("𝟎") + int(c)) if c.isdecimal() else c for c in _group(signs))
        elif sign == r"\overline":
            out += f"mean({_group(signs)})"
        elif sign == r"\hat":
            inner = _group(signs)
            out += unicodedata.normalize("NFC", inner + "\u0302") if inner.strip() else "^"
        elif sign == r"\begin":
            _group(signs)
            out += _cases(signs)
        elif sign == "{":
            out += _sequence(signs)
        elif sign == r"\partial":
            while signs and signs[-1].isspace():
                signs.pop()
            out += "∂"
        elif sign.startswith("\\"):
            out += _PLAIN.get(sign, sign[1:])
        else:
            out += " " if sign.isspace() else sign.replace("$", "")
    return out


def _goes_on(signs: list[str]) -> bool:
    """Whether a factor follows, which on one line would seem to stand under the fraction."""
    rest = "".join(reversed(signs[-3:]))
    return re.match(r" ([\w(]|\\(?!odot|cdot|quad|leq?\b|geq|neq|wedge|vee|bmod|otimes|\\))", rest) is not None


def _group(signs: list[str]) -> str:
    """The next braces, or the next sign."""
    while signs and signs[-1].isspace():
        signs.pop()
    if not signs:
        return ""
    sign = signs.pop()
    if sign == "{":
        return _sequence(signs)
    if sign.startswith("\\"):
        return _PLAIN.get(sign, sign[1:])
    if len(sign) > 1:
        signs.append(sign[1:])
    return sign[0]


def _cases(signs: list[str]) -> str:
    """{a if condition; b otherwise}."""
    rows: list[list[str]] = [[""]]
    depth = 0
    while signs:
        sign = signs.pop()
        depth += (sign == r"\begin") - (sign == r"\end")
        if depth < 0:
            _group(signs)
            break
        if sign == "&" and not depth:
            rows[-1].append("")
        elif sign == "\\\\" and not depth:
            rows.append([""])
        else:
            rows[-1][-1] += sign
    told = [[text_of(cell) for cell in row] for row in rows]
    return "{" + "; ".join(" if ".join(row) if row[-1] != "otherwise" else " ".join(row) for row in told) + "}"


def _shifted(text: str, letters: dict[str, str], mark: str) -> str:
    text = text.strip()
    if all(c in letters for c in text):
        return "".join(letters[c] for c in text)
    return f"{mark}({text})" if len(text) > 1 and not text.isalpha() else mark + text


def _tight(text: str, *, under: bool = False, big: str = "") -> str:
    """A part of a fraction on one line: in brackets if it is a sum, or a product below, or has a Σ, which would take in the rest."""
    open_ = 0
    if big and big in re.sub(r"\(.*\)", "", text):
        return f"({text})"
    for k, c in enumerate(text):
        open_ += (c in "([{") - (c in ")]}")
        if not open_ and k and (c in "+-−" or (under and c in " /⊙·")):
            return f"({text})"
    return text
