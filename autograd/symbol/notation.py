"""How an expression is written: by the notation that each op has in the table, with brackets where they are needed."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

import numpy as np

from .names import Letter, Tex, escaped, name_in_tex
from .plain import text_of

if TYPE_CHECKING:
    from .symbol import Symbol

__all__ = ["in_tex", "in_text"]


SUM, PRODUCT, POWER, WHOLE = range(4)
"""How tightly a piece of notation holds together: a sum, a product, a power or fraction, and what needs no brackets anywhere."""


def in_tex(s: Symbol) -> str:
    r"""The expression in TeX.

    >>> from autograd.symbol.symbol import name
    >>> x = name("x", 2.0)
    >>> in_tex(x / (x + 1))
    '\\frac{x}{x + 1}'
    """
    return _tex(s)[0]


def in_text(s: Symbol) -> str:
    """The expression in plain text.

    >>> from autograd.symbol.symbol import name
    >>> x = name("x1", 2.0)
    >>> in_text(x ** 2 / (x + 1))
    'x₁²/(x₁ + 1)'
    """
    return text_of(in_tex(s))


def _tex(s: Symbol) -> tuple[str, int]:
    if s.name is not None:
        return s.name if isinstance(s.name, Tex) else name_in_tex(s.name), WHOLE
    if s.op is None:
        return _literal(s.data)
    if (writer := WRITERS.get(s.op.name)) is not None:
        return writer(s)  # type: ignore[no-any-return]  # they all give the same
    if s.op.tex is not None:
        text = _filled(s)
    else:
        told = [_option(key, value) for key, value in s.options.items() if key not in ("axis", "keepdims")]
        text = rf"\mathrm{{{escaped(s.op.name)}}}({', '.join([_tex(a)[0] for a in s.args if a is not None] + told)})"
    return (text if s.number is None else f"{text}_{{{s.number}}}"), _strength(text)


def _filled(s: Symbol) -> str:
    """The op's notation, its arguments in brackets unless the notation itself encloses them."""
    assert s.op is not None
    template: str = s.op.tex  # type: ignore[assignment]  # it has one
    pieces: dict[str, str] = {key: _option(None, value) for key, value in s.options.items()}
    for place, argument in zip(s.op.arguments, s.args, strict=False):
        text, strength = _tex(argument) if argument is not None else ("", WHOLE)
        enclosed = re.search(rf"[({{|,] ?\{{{place}\}} ?(\}}\}}|[)|,]|\\right)", template) is not None
        pieces[place] = text if enclosed or strength == WHOLE else _bracketed(text)
    return template.format(**pieces)


def _strength(text: str) -> int:
    """How tightly a filled notation holds, by whether anything stands open in it."""
    if re.fullmatch(r"\\[a-z]+(\{\w+\})?\(.*\)|\\left\|.*\\right\||\\l(floor|ceil) .*\\r(floor|ceil)", text) and _closes_last(text):
        return WHOLE
    depth = 0
    for k, c in enumerate(text):
        depth += c in "({[" and text[k - 1 : k] != "\\"
        depth -= c in ")}]" and text[k - 1 : k] != "\\"
        if not depth and c in "+-" and k:
            return SUM
    return POWER if re.match(r"^(\\frac|e\^|.*\^|.*\}$|\\sqrt|\\left)", text) or " " not in text else PRODUCT


def _closes_last(text: str) -> bool:
    """Whether the first bracket is closed by the last sign."""
    depth = 0
    for k, c in enumerate(text):
        depth += (c == "(") - (c == ")")
        if c == ")" and not depth:
            return k == len(text) - 1
    return True


def _bracketed(text: str) -> str:
    return rf"\left({text}\right)" if r"\frac" in text else f"({text})"


def _in(s: Symbol, at_least: int) -> str:
    text, strength = _tex(s)
    return text if strength >= at_least else _bracketed(text)


CONSTANTS = [
    (math.pi, r"\pi"), (2 / math.sqrt(math.pi), r"\frac{2}{\sqrt{\pi}}"), (1 / math.sqrt(2 * math.pi), r"\frac{1}{\sqrt{2 \pi}}"),
    (math.sqrt(0.5), r"\frac{1}{\sqrt{2}}"), (math.sqrt(2), r"\sqrt{2}"), (math.log(2), r"\log 2"), (math.log(10), r"\log 10"),
    (1 / math.log(2), r"\frac{1}{\log 2}"), (1 / math.log(10), r"\frac{1}{\log 10}"), (math.pi / 180, r"\frac{\pi}{180}"),
    (180 / math.pi, r"\frac{180}{\pi}"), (2 * math.pi, r"2 \pi"), (math.pi / 2, r"\frac{\pi}{2}"), (math.e, "e"),
]  # fmt: skip
"""Numbers that have a notation of their own."""


def _literal(a: np.ndarray) -> tuple[str, int]:
    """A plain number as it is typed, a small array in full, a large one by its shape."""
    if a.ndim == 0 and a.dtype.kind in "biuf":
        number = a.item()
        known = next((tex for value, tex in CONSTANTS if math.isclose(number, value, rel_tol=1e-14)), None)
        if known is not None:
            return known, WHOLE if "frac" not in known else POWER
        text = f"{number:.6g}" if isinstance(number, float) else str(number)
        mantissa, _, exponent = text.partition("e")
        if exponent:
            return rf"{mantissa} \cdot 10^{{{int(exponent)}}}", PRODUCT
        return text.replace("inf", r"\infty"), WHOLE if not text.startswith("-") else SUM
    if a.size <= 6 and a.ndim == 1:
        return f"[{', '.join(_literal(np.asarray(v))[0] for v in a)}]", WHOLE
    shape = r" \times ".join(map(str, a.shape)) or "1"
    return rf"\mathrm{{array}}_{{{shape}}}", WHOLE


def _option(key: str | None, value: Any) -> str:
    text = _index(value) if not isinstance(value, (int, float)) else f"{value:g}" if isinstance(value, float) else str(value)
    return text if key is None else rf"\mathrm{{{escaped(key)}}}={text}"


def _index(index: Any) -> str:
    """An index as it is typed."""
    if isinstance(index, Letter):
        return index.letter
    if isinstance(index, tuple):
        return ", ".join(map(_index, index))
    if isinstance(index, slice):
        return ":".join("" if k is None else str(k) for k in (index.start, index.stop, *([index.step] if index.step else [])))
    if index is Ellipsis:
        return r"\dots"
    if index is None:
        return r"\ast"
    if isinstance(index, np.ndarray):
        return _literal(index)[0]
    return rf"\text{{{escaped(str(index))}}}" if not isinstance(index, (int, np.integer)) else str(index)


# -- the notation of arithmetic, where brackets depend on what stands inside --------------------------------------------------------------


def _sum_of_two(sign: str) -> Any:
    return lambda s: (f"{_in(s.args[0], SUM)} {sign} {_in(s.args[1], SUM if sign == '+' else PRODUCT)}", SUM)


def _negative(s: Symbol) -> tuple[str, int]:
    return f"-{_in(s.args[0], PRODUCT)}", SUM  # type: ignore[arg-type]


def _times(s: Symbol) -> tuple[str, int]:
    a, b = s.args
    assert a is not None
    assert b is not None
    right = _in(b, PRODUCT)
    numbers = a.ndim == 0 or b.ndim == 0 or s.ndim == 0
    between = " " if numbers else r" \odot "
    if b.is_number() or re.match(r"\d", right):
        between = r" \cdot "
    return f"{_in(a, PRODUCT)}{between}{right}", PRODUCT


def _matmul(s: Symbol) -> tuple[str, int]:
    return " ".join(_in(a, POWER) if not a.calls("matmul") else _in(a, PRODUCT) for a in s.args if a is not None), PRODUCT


def _divide(s: Symbol) -> tuple[str, int]:
    return rf"\frac{{{_tex(s.args[0])[0]}}}{{{_tex(s.args[1])[0]}}}", POWER  # type: ignore[arg-type]


def _power(s: Symbol) -> tuple[str, int]:
    a, b = s.args
    assert a is not None
    assert b is not None
    return f"{_in(a, WHOLE)}^{{{_tex(b)[0]}}}", POWER


def _transposed(s: Symbol) -> tuple[str, int]:
    return f"{_in(s.args[0], WHOLE)}^T", POWER  # type: ignore[arg-type]


def _summed(s: Symbol) -> tuple[str, int]:
    x, axis = s.args[0], s.options["axis"]
    assert x is not None
    over = "" if axis is None or x.ndim < 2 else rf"_{{{axis}}}"
    if x.ndim == 2 and over:
        over = rf"_{{\text{{{'columns' if axis else 'rows'}}}}}"
    return rf"\sum{over} {_in(x, PRODUCT)}", PRODUCT


def _inside(s: Symbol) -> tuple[str, int]:
    return _tex(s.args[0])  # type: ignore[arg-type]


def _chosen(s: Symbol) -> tuple[str, int]:
    condition, a, b = s.args
    assert condition is not None
    assert a is not None
    assert b is not None
    mask = _tex(condition)[0]
    if a.is_number() and b.is_number() and {float(a.data), float(b.data)} == {0.0, 1.0}:
        return (rf"\mathbb{{1}}[{mask}]" if a.data else rf"\mathbb{{1}}[\neg({mask})]"), WHOLE
    return rf"\begin{{cases}} {_tex(a)[0]} & {mask} \\ {_tex(b)[0]} & \text{{otherwise}} \end{{cases}}", WHOLE


def _written_at(s: Symbol) -> tuple[str, int]:
    """A value put in one place of zeros is that value times a unit vector."""
    x = s.args[0]
    assert x is not None
    unit = rf"e_{{{_index(s.options['index'])}}}"
    return (unit, WHOLE) if x.is_number() and x.data == 1 else (f"{_in(x, PRODUCT)} {unit}", PRODUCT)


def _at(s: Symbol) -> tuple[str, int]:
    index = s.options["index"]
    parts = index if isinstance(index, tuple) else (index,)
    if all(k is None or k is Ellipsis or k == slice(None) for k in parts if not isinstance(k, np.ndarray)) and None in [
        k for k in parts if not isinstance(k, np.ndarray)
    ]:
        return _inside(s)  # a new axis only
    return f"{_in(s.args[0], WHOLE)}_{{{_index(index)}}}", WHOLE  # type: ignore[arg-type]


WRITERS: dict[str, Any] = {
    "add": _sum_of_two("+"),
    "subtract": _sum_of_two("-"),
    "negative": _negative,
    "multiply": _times,
    "divide": _divide,
    "power": _power,
    "matmul": _matmul,
    "transpose": _transposed,
    "swapaxes": _transposed,
    "sum": _summed,
    "where": _chosen,
    "add_at": _written_at,
    "getitem": _at,
    "broadcast_to": _inside,
    "reshape": _inside,
    "astype": _inside,
    "copy": _inside,
}
"""What is written by its operator: all other ops have a notation in the table, or their name."""
