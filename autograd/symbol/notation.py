"""How an expression is written: by the notation that each op has in the table, with brackets where they are needed."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

import numpy as np

from .matrices import is_new_axis
from .names import Letter, Tex, escaped, name_in_tex
from .plain import text_of

if TYPE_CHECKING:
    from .symbol import Symbol

__all__ = ["in_tex", "in_text"]


RELATION, SUM, BIG, PRODUCT, POWER, WHOLE = range(6)
"""How tightly a piece of notation holds together: a relation or a product of a kind of its own, a sum, a Σ, which reaches to the end of its
product, a product, a power or fraction, and what needs no brackets anywhere."""


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
        text, strength = _filled(s)
    else:
        told = [_option(key, value) for key, value in s.options.items() if key not in ("axis", "keepdims")]
        text = rf"\mathrm{{{escaped(s.op.name)}}}({', '.join([_tex(a)[0] for a in s.args if a is not None] + told)})"
        strength = WHOLE
    text = _with_axis(text, s)
    return (text, strength) if s.number is None else (f"{_bracketed(text)}_{{{s.number}}}", POWER)


def _with_axis(text: str, s: Symbol) -> str:
    """The notation of a call along an axis, which is told unless it is that of all, or the usual one."""
    x, axis, op = s.args[0], s.options.get("axis"), s.op
    if x is None or x.ndim < 2 or axis is None or op is None or op.kind == "elementwise" or op.variadic:
        return text
    if axis in (-1, x.ndim - 1) if s.shape == x.shape else "keepdims" not in s.options:
        return text
    head = re.match(r"\\mathrm\{\w+\}|\\log \\mathrm\{\w+\}|\\(max|min|prod|sum)(?![a-z])", text)
    cut = head.end() if head is not None else len(text)
    return f"{text[:cut]}{_along(axis, x.ndim)}{text[cut:]}" if text[cut : cut + 1] != "_" else text


def _along(axis: Any, ndim: int) -> str:
    axis = axis[0] if isinstance(axis, tuple) and len(axis) == 1 else axis
    told = "".join(map(str, axis)) if isinstance(axis, tuple) else axis
    return rf"_{{\text{{{'columns' if axis % 2 else 'rows'}}}}}" if ndim == 2 and not isinstance(axis, tuple) else f"_{{{told}}}"


def _filled(s: Symbol) -> tuple[str, int]:
    """The op's notation, its arguments in brackets unless the notation itself encloses them."""
    assert s.op is not None
    template: str = s.op.tex  # type: ignore[assignment]  # it has one
    infix = re.fullmatch(r"\{\w+\} \S+ \{\w+\}", template) is not None
    pieces: dict[str, str] = {key: _option(None, value) for key, value in s.options.items()}
    for place, argument in zip(s.op.arguments, s.args, strict=False):
        text, strength = _tex(argument) if argument is not None else ("", WHOLE)
        enclosed = re.search(rf"[({{|,] ?\{{{place}\}} ?(\}}\}}|[)|,]|\\right|\\rfloor|\\rceil)", template) is not None
        pieces[place] = text if enclosed or strength == WHOLE or (infix and strength > RELATION) else _bracketed(text)
    text = template.format(**pieces)
    return text, RELATION if infix else _strength(text)


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
    return rf"\left({text}\right)" if r"\frac" in text or r"\begin" in text else f"({text})"


def _in(s: Symbol, at_least: int) -> str:
    text, strength = _tex(s)
    return text if strength >= at_least else _bracketed(text)


CONSTANTS = [
    (math.pi, r"\pi"), (2 / math.sqrt(math.pi), r"\frac{2}{\sqrt{\pi}}"), (1 / math.sqrt(2 * math.pi), r"\frac{1}{\sqrt{2 \pi}}"),
    (math.sqrt(0.5), r"\frac{1}{\sqrt{2}}"), (math.sqrt(2), r"\sqrt{2}"), (math.log(2), r"\log 2"), (math.log(10), r"\log 10"),
    (1 / math.log(2), r"\frac{1}{\log 2}"), (1 / math.log(10), r"\frac{1}{\log 10}"), (math.pi / 180, r"\frac{\pi}{180}"),
    (180 / math.pi, r"\frac{180}{\pi}"), (2 * math.pi, r"2 \pi"), (math.pi / 2, r"\frac{\pi}{2}"), (math.e, "e"),
    (math.sqrt(2 * math.pi), r"\sqrt{2 \pi}"), (math.log(2 * math.pi) / 2, r"\frac{1}{2} \log 2 \pi"), (math.sqrt(math.pi), r"\sqrt{\pi}"),
]  # fmt: skip
"""Numbers that have a notation of their own."""


def _literal(a: np.ndarray) -> tuple[str, int]:
    """A plain number as it is typed, a small array in full, a large one by its shape."""
    if a.ndim == 0 and a.dtype.kind in "biuf":
        number = a.item()
        known = next((tex for value, tex in CONSTANTS if math.isclose(number, value, rel_tol=1e-14)), None)
        if known is not None:
            return known, PRODUCT if " " in known else POWER if "frac" in known else WHOLE
        text = f"{number:.6g}" if isinstance(number, float) else str(number)
        mantissa, _, exponent = text.partition("e")
        if exponent:
            power = f"10^{{{int(exponent)}}}"
            return (power, POWER) if mantissa == "1" else (rf"{mantissa} \cdot {power}", PRODUCT if number > 0 else SUM)
        return text.replace("inf", r"\infty").replace("nan", r"\mathrm{NaN}"), WHOLE if not text.startswith("-") else SUM
    if a.size == 1 and a.ndim:
        return _literal(a.reshape(()))
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
    if isinstance(index, (np.ndarray, list)):
        return getattr(index, "name_in_tex", None) or _literal(np.asarray(index))[0]
    return rf"\text{{{escaped(str(index))}}}" if not isinstance(index, (int, np.integer)) else str(index)


# -- the notation of arithmetic, where brackets depend on what stands inside --------------------------------------------------------------


def _sum_of_two(sign: str) -> Any:
    def write(s: Symbol) -> tuple[str, int]:
        a, b = s.args
        assert a is not None
        assert b is not None
        right = _in(b, SUM if sign == "+" else BIG)
        return f"{_in(a, SUM)} {sign} {_bracketed(right) if right.startswith('-') else right}", SUM

    return write


def _negative(s: Symbol) -> tuple[str, int]:
    return f"-{_in(s.args[0], BIG)}", SUM  # type: ignore[arg-type]


def _times(s: Symbol) -> tuple[str, int]:
    a, b = s.args
    assert a is not None
    assert b is not None
    left, right = _in(a, PRODUCT) if not _is_inner(a) else _bracketed(_tex(a)[0]), _in(b, BIG)
    if _is_inner(b):
        right = _bracketed(right)
    if a.is_number() and left.startswith("(-"):  # a number comes first, and needs no brackets
        left = left[1:-1]
    numbers = a.size == 1 or b.size == 1
    between = " " if numbers else r" \odot "
    if b.is_number() or re.match(r"\d", right):
        between = r" \cdot "
    strength = SUM if left.startswith("-") else BIG if _tex(b)[1] == BIG else PRODUCT
    return f"{left}{between}{right}", strength


def _is_inner(s: Symbol) -> bool:
    """Whether it is the inner product of two vectors, which must be kept from a third."""
    return s.calls("matmul") and s.ndim == 0


def _matmul(s: Symbol) -> tuple[str, int]:
    """A product of matrices and vectors.  One that is a number is x A yᵀ if x A is a row, xᵀ A y if A y is a column, else a · b."""
    a, b = s.args
    assert a is not None
    assert b is not None
    left = _tex(a)[0] if a.calls("matmul") and a.ndim else _matrix(a)
    right = _tex(b)[0] if b.calls("matmul") else _matrix(b)
    if s.ndim == 0 and a.calls("matmul"):
        right = _superscript(_in(b, WHOLE), "T")
    elif s.ndim == 0 and b.calls("matmul", "solve"):
        left, right = _superscript(_in(a, WHOLE), "T"), _tex(b)[0]
    elif s.ndim == 0:
        return rf"{left} \cdot {right}", PRODUCT
    return f"{left} {right}", PRODUCT


def _solved(s: Symbol) -> tuple[str, int]:
    """A⁻¹ b."""
    a, b = s.args
    assert a is not None
    assert b is not None
    turned = a.calls("transpose", "swapaxes")
    text, mark = _in(a.args[0] if turned else a, WHOLE), "{-T}" if turned else "{-1}"  # type: ignore[arg-type]
    return f"{_superscript(text, mark)} {_matrix(b)}", PRODUCT


def _inverted(s: Symbol) -> tuple[str, int]:
    return _superscript(_in(s.args[0], WHOLE), "{-1}"), POWER  # type: ignore[arg-type]


def _matrix(s: Symbol) -> str:
    """A factor of a matrix product; a number there stands for an array of it, a vector with a new axis for a column or a row."""
    if is_new_axis(s) and s.args[0].ndim == 1:  # type: ignore[union-attr]
        text = _in(s.args[0], POWER)  # type: ignore[arg-type]
        return text if is_new_axis(s, -1) else _superscript(text, "T")
    while s.calls("broadcast_to", "reshape") and s.args[0].ndim == 0:  # type: ignore[union-attr]
        s = s.args[0]  # type: ignore[assignment]
    return rf"\mathbf{{{_tex(s)[0]}}}" if s.is_number() else _in(s, POWER)


def _subscripted(text: str, index: str) -> str:
    """With an index, beside which there is no other."""
    return f"({text})_{{{index}}}" if re.search(r"_(\{[^{}]*\}|\w)$", text) else f"{text}_{{{index}}}"


def _superscript(text: str, mark: str) -> str:
    """A power or ᵀ, which joins one that is there already."""
    return f"({text})^{mark}" if re.search(r"\^(\{[^{}]*\}|\w)$", text) else f"{text}^{mark}"


def _divide(s: Symbol) -> tuple[str, int]:
    return rf"\frac{{{_tex(s.args[0])[0]}}}{{{_tex(s.args[1])[0]}}}", POWER  # type: ignore[arg-type]


def _power(s: Symbol) -> tuple[str, int]:
    a, b = s.args
    assert a is not None
    assert b is not None
    return _superscript(_in(a, WHOLE), f"{{{_tex(b)[0]}}}"), POWER


def _transposed(s: Symbol) -> tuple[str, int]:
    if s.args[0].calls("inv"):  # type: ignore[union-attr]
        return _superscript(_in(s.args[0].args[0], WHOLE), "{-T}"), POWER  # type: ignore[arg-type,union-attr]
    return _superscript(_in(s.args[0], WHOLE), "T"), POWER  # type: ignore[arg-type]


def _summed(s: Symbol) -> tuple[str, int]:
    x, axis = s.args[0], s.options["axis"]
    assert x is not None
    over = "" if axis is None or x.ndim < 2 else _along(axis, x.ndim)
    return rf"\sum{over} {_in(x, BIG)}", BIG


def _einsum(s: Symbol) -> tuple[str, int]:
    """Σ over the indices that are not in the result, of the product of the entries; a product of 1 is left out."""
    terms, _, result = s.options["subscripts"].partition("->")
    pairs = [(a, t) for a, t in zip(s.args, terms.split(","), strict=True) if a is not None]
    over = "".join(sorted(set(terms) - set(result) - set(", .")))
    entries = [_subscripted(_in(a, WHOLE), t) if t else _in(a, PRODUCT) for a, t in pairs if not _is_one(a)]
    return (rf"\sum_{{{over}}} " if over else "") + (" ".join(entries) or "1"), BIG if over else PRODUCT


def _is_one(s: Symbol) -> bool:
    return not s.size or (s.op is None and s.name is None and bool((s.data == 1).all())) or (s.calls("broadcast_to") and _is_one(s.args[0]))  # type: ignore[arg-type]


def _conjugate(s: Symbol) -> tuple[str, int]:
    return _superscript(_in(s.args[0], WHOLE), "{*}"), POWER  # type: ignore[arg-type]


def _rearranged(s: Symbol) -> tuple[str, int]:
    return rf"\mathrm{{{escaped(str(s.options['how']))}}}({_tex(s.args[0])[0]})", WHOLE  # type: ignore[arg-type]


def _moved(s: Symbol) -> tuple[str, int]:
    if s.options["source"] == s.options["destination"]:
        return _inside(s)
    told = ", ".join([_tex(s.args[0])[0], *(_option(key, value) for key, value in s.options.items())])  # type: ignore[arg-type]
    return rf"\mathrm{{moveaxis}}({told})", WHOLE


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
    return (unit, WHOLE) if _is_one(x) else (f"{_in(x, PRODUCT)} {unit}", PRODUCT)


def _at(s: Symbol) -> tuple[str, int]:
    index = s.options["index"]
    x = s.args[0]
    assert x is not None
    if is_new_axis(s) and s.shape in ((1,) * s.ndim, (1,) * (s.ndim - x.ndim) + x.shape):
        return _inside(s)  # in front, where broadcasting would add them too
    text = _in(s.args[0], WHOLE)  # type: ignore[arg-type]
    return _subscripted(text, _index(index)), WHOLE


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
    "solve": _solved,
    "inv": _inverted,
    "einsum": _einsum,
    "conjugate": _conjugate,
    "rearrange": _rearranged,
    "moveaxis": _moved,
    "where": _chosen,
    "add_at": _written_at,
    "getitem": _at,
    "broadcast_to": _inside,
    "reshape": _inside,
    "astype": _inside,
    "copy": _inside,
}
"""What is written by its operator: all other ops have a notation in the table, or their name."""
