"""A loop nest as text that reads like Python: what `source()` shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .nest import Gather, Instruction, Literal, Load

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .nest import Nest, View

__all__ = ["nest_text"]

SIGNS = {
    "add": "+", "subtract": "-", "multiply": "*", "divide": "/", "floor_divide": "//", "remainder": "%", "power": "**",
    "equal": "==", "not_equal": "!=", "less": "<", "less_equal": "<=", "greater": ">", "greater_equal": ">=",
    "logical_and": "and", "logical_or": "or",
}  # fmt: skip
FOLDS = {"sum": "{y} += {x}", "prod": "{y} *= {x}", "any": "{y} |= {x}", "all": "{y} &= {x}"}
STARTS = {"sum": "0", "prod": "1", "any": "False", "all": "True", "maximum": "-inf", "minimum": "inf"}


def nest_text(nest: Nest) -> str:
    """The loops and what happens in them; numbers that are read once stand where they are used.

    >>> import numpy as np
    >>> from .nest import Buffer, Instruction, Load, Nest, Reduction, Store, View
    >>> z, b, y, s = (Buffer(name, size, np.dtype(float)) for name, size in [("z", 320), ("b", 10), ("y", 320), ("s", 10)])
    >>> body = [Load(View(z, 0, (10, 1))), Load(View(b, 0, (0, 1))), Instruction("add", (0, 1), np.dtype(float))]
    >>> print(nest_text(Nest((32, 10), body, [Store(2, View(y, 0, (10, 1)))], [Reduction("sum", 2, View(s, 0, (0, 1)))])))
    s[:] = 0
    for i in range(32):
        for j in range(10):
            v2 = z[10*i + j] + b[j]
            y[10*i + j] = v2
            s[j] += v2
    """
    axes = _letters(len(nest.domain))
    lines = [f"{r.view.buffer.name}[:] = {STARTS.get(r.kind, '0')}" for r in nest.reductions]
    lines += [f"{'    ' * depth}for {axis} in range({size}):" for depth, (axis, size) in enumerate(zip(axes, nest.domain, strict=True))]
    indent = "    " * len(axes)
    names = _names(nest, axes)
    lines += [f"{indent}v{k} = {text}" for k, text in names.items() if text]
    lines += [f"{indent}{_element(s.view, axes)} = {_used(nest, s.item, axes, names)}" for s in nest.stores]
    for r in nest.reductions:
        y, x = _element(r.view, axes), _used(nest, r.item, axes, names)
        step = FOLDS.get(r.kind, f"{{y}} = {r.kind}({{y}}, {{x}})" if r.kind in STARTS else f"{{y}} = {r.kind} of {{x}}")
        lines.append(indent + step.format(x=x, y=y))
    return "\n".join(lines)


def _letters(count: int) -> list[str]:
    return [letter if not turn else f"{letter}{turn}" for turn in range(count // 6 + 1) for letter in "ijklmn"][:count]


def _names(nest: Nest, axes: Sequence[str]) -> dict[int, str]:
    """For each item, how it is computed, or "" where it stands in the only line that uses it."""
    uses = [k for item in nest.body if isinstance(item, (Instruction, Gather)) for k in _arguments(item)]
    uses += [*(s.item for s in nest.stores), *(r.item for r in nest.reductions)]
    names: dict[int, str] = {}
    for k, item in enumerate(nest.body):
        inline = isinstance(item, Literal) or (isinstance(item, Load) and uses.count(k) < 2) or (_is_position(item))
        names[k] = "" if inline else _number(nest, k, axes, names)
    return names


def _is_position(item: Any) -> bool:
    return isinstance(item, Instruction) and item.name == "position"


def _arguments(item: Instruction | Gather) -> Sequence[int]:
    return item.args if isinstance(item, Instruction) else (item.index,)


def _used(nest: Nest, k: int, axes: Sequence[str], names: dict[int, str]) -> str:
    """An item where it is used: by its name, if it has one."""
    return f"v{k}" if names[k] else _number(nest, k, axes, names)


def _number(nest: Nest, k: int, axes: Sequence[str], names: dict[int, str]) -> str:
    item = nest.body[k]
    if isinstance(item, Load):
        return _element(item.view, axes)
    if isinstance(item, Literal):
        return repr(item.value.item() if hasattr(item.value, "item") else item.value)
    args = [_used(nest, a, axes, names) for a in _arguments(item)]
    if isinstance(item, Gather):
        place = " + ".join(filter(None, [_place(item.view, axes), _term(args[0], item.stride_of_index)]))
        return f"{item.view.buffer.name}[{place}]"
    if item.name == "position":
        return axes[item.axis or 0]
    if item.name == "select":
        return f"{args[1]} if {args[0]} else {args[2]}"
    if item.name == "cast":
        return f"{item.dtype}({args[0]})"
    if item.name in SIGNS:
        return f"{args[0]} {SIGNS[item.name]} {args[1]}"
    if item.name == "negative":
        return f"-{args[0]}"
    if item.name == "logical_not":
        return f"not {args[0]}"
    return f"{item.name}({', '.join(args)})"


def _element(view: View, axes: Sequence[str]) -> str:
    return f"{view.buffer.name}[{_place(view, axes) or 0}]"


def _place(view: View, axes: Sequence[str]) -> str:
    terms = [str(view.offset)] if view.offset else []
    terms += [_term(axis, stride) for axis, stride in zip(axes, view.strides, strict=True) if stride]
    return " + ".join(terms).replace("+ -", "- ")


def _term(axis: str, stride: int) -> str:
    return {0: "", 1: axis, -1: f"-{axis}"}.get(stride, f"{stride}*{axis}")
