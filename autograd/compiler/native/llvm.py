"""Loop nests as LLVM IR: a function for each nest, in loops that LLVM turns into vector instructions.

What decides how fast a nest is: axes that lie one after another in all views become one; the innermost is the one along which most views
are contiguous; what is summed over the innermost is summed in registers, what is summed over others in a row of numbers on the stack.

The numbers are NumPy's: arithmetic is neither contracted nor reordered, save the additions of a sum, which adds up blocks of some terms
(for each lane of a vector) and then the blocks in double, those of doubles with what each addition loses.
"""

from __future__ import annotations

import re
from math import prod
from typing import TYPE_CHECKING

from .elementary import ELEMENTARY, NEAR, definition
from .instructions import TYPES
from .loops import ARG, Loops
from .nest import Buffer, Gather, Instruction, Literal, Load, Nest, Reduction, Store, View
from .registers import Lines
from .totals import IDENTITIES

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["buffers_of", "nest_function", "prelude", "views_of"]

ATTRIBUTES = 'noinline nounwind "prefer-vector-width"="512"'
"""Of the functions of nests: measured, 512 bits are twice as fast as 256 where there are any, and inlined their pointers lose `noalias`."""


def buffers_of(nest: Nest) -> list[Buffer]:
    """The buffers whose addresses the function of a nest takes, in their order, each once.

    >>> import numpy as np
    >>> from .nest import View
    >>> x, y = Buffer("x", 3, np.dtype(float)), Buffer("y", 3, np.dtype(float))
    >>> [b.name for b in buffers_of(Nest((3,), [Load(View(x, 0, (1,)))], [Store(0, View(y, 0, (1,)))]))]
    ['x', 'y']
    """
    return list(dict.fromkeys(view.buffer for view in views_of(nest)))


def views_of(nest: Nest) -> list[View]:
    """Where a nest reads and writes.

    >>> views_of(Nest(()))
    []
    """
    return [part.view for part in (*nest.body, *nest.stores, *nest.reductions) if not isinstance(part, (Instruction, Literal))]


def prelude(functions: Iterable[str]) -> str:
    """What functions of nests call: definitions of elementary functions, declarations of LLVM's and of C's.

    >>> prelude(["  %y = call float @sinf(float %x)"])
    'declare float @sinf(float) nounwind willreturn memory(none)'
    """
    text = "\n".join(functions)
    used = sorted({(name, kind) for name, kind in re.findall(r"call \w+ @(\w+)\.(float|double)\(", text) if name in ELEMENTARY})
    definitions = [definition(*pair) for pair in used]
    declarations = {}
    for kind, name, arguments in re.findall(r"call (?:nsz )?(\w+) @(llvm\.[\w.]+|\w+)\(([^)]*)\)", "\n".join([text, *definitions])):
        types = ", ".join(a.split()[0] for a in arguments.split(", "))
        pure = "" if name.startswith("llvm.") else " nounwind willreturn memory(none)"
        declarations[name] = f"declare {kind} @{name}({types}){pure}"
    return "\n".join([*declarations.values(), *definitions])


def nest_function(name: str, nest: Nest) -> str:
    """A nest as a function of the module that calls it, of the addresses of `buffers_of(nest)`, no two of which may overlap.

    It returns 1, with nothing stored, when an index is out of range, else 0.  NotImplementedError: there is something to be left to NumPy.
    """
    _check(nest)
    code = Lines()
    gathers = [item for item in nest.body if isinstance(item, Gather)]
    for gather in gathers:
        Loops(code, nest, [gather.index]).check(gather)
    guarded = [item for item in nest.body if isinstance(item, Instruction) and item.name in NEAR and item.dtype.kind == "f"]
    for item in guarded:
        Loops(code, nest, [item.args[0]], far=False).guard(item)
    for far in (False, True) if guarded else (False,):
        if far:
            code.label("far")
        for axes, reductions, stores in _loop_sets(nest):
            Loops(code, nest, [*(s.item for s in stores), *(r.item for r in reductions)], axes, reductions, stores, far=far).run()
        code.line("ret i32 0")
    if gathers:
        code.label("failed")
        code.line("ret i32 1")
    parameters = ", ".join(f"ptr noalias %{b.name}" for b in buffers_of(nest))
    return f"define internal i32 @{name}({parameters}) {ATTRIBUTES} {{\n{code.text()}\n}}\n"


def _loop_sets(nest: Nest) -> list[tuple[frozenset[int], list[Reduction], list[Store]]]:
    """The reductions by what they are over, each with loops of their own; stores go with the last: they may write what others read."""
    groups: dict[tuple[bool, frozenset[int]], list[Reduction]] = {}
    for r in nest.reductions:
        axes = frozenset(k for k, (size, stride) in enumerate(zip(nest.domain, r.view.strides, strict=True)) if size != 1 and not stride)
        groups.setdefault((r.kind in ARG, axes), []).append(r)
    sets = [(axes, reductions, list[Store]()) for (_, axes), reductions in groups.items()]
    if nest.stores:
        joins = sets and sets[-1][1][0].kind not in ARG
        axes, reductions, _ = sets.pop() if joins else (frozenset[int](), list[Reduction](), [])
        sets.append((axes, reductions, nest.stores))
    return sets


def _check(nest: Nest) -> None:
    """Refuse what there is no code for, or no code that would be right."""
    for dtype in [*(b.dtype for b in buffers_of(nest)), *(item.dtype for item in nest.body)]:
        if dtype not in TYPES:
            raise NotImplementedError(f"numbers of dtype {dtype}")
    written = [*(s.view for s in nest.stores), *(r.view for r in nest.reductions)]
    for item in nest.body:
        if isinstance(item, (Load, Gather)):
            for view in written:
                if view.buffer is item.view.buffer and (isinstance(item, Gather) or view != item.view):
                    raise NotImplementedError("memory that is written at other places than it is read")
    for r in nest.reductions:
        if not prod(nest.domain) and r.kind not in IDENTITIES:
            raise NotImplementedError(f"{r.kind} of nothing")
