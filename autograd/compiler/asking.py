"""Who asks for the numbers of a traced value, in the words of an error: what in the user's line does, and what to do instead."""

from __future__ import annotations

import ast
import dis
import linecache
import operator
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import numpy as anp
from ..anomaly import HOUSE, Line

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["NO_FORM", "RETURN", "asked", "is_for_us", "of_call", "static", "user_line", "where_it_decides"]

WRITE, INDEX, PRINT = "y[…] = …", "y[…]", "'%d' % y"
RETURN = "return the value and look at it outside"
_ARRAY = "autograd.numpy.array([…])"
NO_FORM = f"lists of traced values become arrays by {_ARRAY}; what has no traced form is called outside of the compiled function"
FILLED = "an array of one value is np.ones(3) * value"

_NUMPY, _HOUSE = str(Path(np.__file__).parent), str(Path(__file__).parents[1])
_LIBRARY = ("<frozen ", f"{Path(os.__file__).parent}{os.sep}")
_RUN = str(Path(__file__).with_name("traced.py"))  # which calls the function that is traced

_MADE = frozenset({"array", "asanyarray", "asarray", "asarray_chkfinite", "ascontiguousarray", "asfortranarray", "copy", "require"})
_SIZED = frozenset({
    "arange", "empty", "eye", "full", "geomspace", "identity", "indices", "linspace", "logspace", "ones", "range", "repeat", "tile", "tri",
    "zeros",
})  # fmt: skip
_PLACED = frozenset({"delete", "insert", "resize", "roll", "rot90", "sliding_window_view", "tril", "triu"})
_UNSIZED = frozenset({
    "argwhere", "compress", "extract", "flatnonzero", "intersect1d", "nonzero", "setdiff1d", "setxor1d", "union1d", "unique",
    "unique_all", "unique_counts", "unique_inverse", "unique_values",
})  # fmt: skip
_INSTEAD = {
    "max": "np.maximum(a, b), or np.max(x) of an array",
    "min": "np.minimum(a, b), or np.min(x) of an array",
    "sorted": "np.sort(x)",
}


def _user_frame(frame: Any) -> Any:
    """The innermost frame of what is traced that is in no library; if all are in one, the innermost that is neither ours nor NumPy's."""
    found = None
    while frame is not None and (found is None or frame.f_code.co_filename != _RUN):
        file = frame.f_code.co_filename
        if not file.startswith(HOUSE):
            if not file.startswith(_LIBRARY) and not re.search(r"[\\/](site|dist)-packages[\\/]", file):
                return frame
            found = found or frame
        frame = frame.f_back
    return found


def user_line(frame: Any = None) -> Line:
    """The user's line that has led to a frame, or to whoever asks: the innermost one that is in no library.

    >>> str(user_line()).startswith("<doctest")
    True
    """
    frame = _user_frame(frame or sys._getframe(1))
    return Line(frame.f_code.co_filename, frame.f_lineno) if frame is not None else Line("", 0)


def is_for_us() -> bool:
    """Whether a repr is asked for by our own code, as for a message; for the `__repr__` that asks this.

    >>> class Value:
    ...     def __repr__(self):
    ...         return str(is_for_us())
    >>> Value()
    False
    """
    frame: Any = sys._getframe(2)
    while frame is not None and re.search(r"__(repr|str|format|array_function)__|call_function|_on_plain_values", frame.f_code.co_qualname):
        frame = frame.f_back
    return frame is not None and str(frame.f_code.co_filename).startswith(HOUSE)


def _asker(frame: Any) -> str:
    """The function that the user's line calls, or `WRITE` into a plain array, `INDEX` of one, `PRINT`; "" if unknown."""
    name = ""
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_NUMPY):
        name, frame = _public(frame.f_code.co_qualname.removesuffix(".__call__")), frame.f_back
    if frame.f_code.co_filename.startswith(_HOUSE):  # what our own line calls tells a user nothing
        return name
    asking, frame = frame, _user_frame(frame)
    step = _step(frame)
    if step is None or (name and frame is asking):
        return name
    if step.opname.startswith("STORE_SUB") or step.opname == "STORE_SLICE":
        return WRITE
    if step.opname.startswith("BINARY_S") or (step.opname == "BINARY_OP" and step.argrepr == "[]"):
        return INDEX
    if step.opname == "BINARY_OP" and step.argrepr in ("%", "%="):
        return PRINT
    place: Any = step.positions
    try:
        text = ast.get_source_segment(_source(frame), place)
        call: Any = ast.parse(text or "", mode="eval").body
    except (SyntaxError, TypeError, AttributeError, IndexError):  # the source is not there, or is not what ran
        return ""
    called = ast.unparse(call.func) if isinstance(call, ast.Call) else ""
    return called if re.fullmatch(r"[\w.]+", called) else ""


def _step(frame: Any) -> dis.Instruction | None:
    """The instruction at which a frame is, or after which, in what Python keeps there for a call."""
    return next((step for step in reversed([*dis.get_instructions(frame.f_code)]) if step.offset <= frame.f_lasti), None)


def _source(frame: Any) -> str:
    """The text of the file that a frame runs."""
    return "".join(linecache.getlines(frame.f_code.co_filename))


def _public(name: str) -> str:
    """What users call a function of NumPy: `np.linalg.norm`."""
    return f"np.linalg.{name}" if hasattr(np.linalg, name) and not hasattr(np, name) else f"np.{name}"


def static(names: Sequence[str] = ()) -> str:
    """The advice to make an argument static, or some, by their names if they are known.

    >>> static(["n"])
    'name it in static_argnames, as in jit(f, static_argnames="n")'
    """
    what = "the argument" if not names else "it" if len(names) == 1 else "them"
    quoted = ", ".join(f'"{name}"' for name in names or ["n"])
    return f"name {what} in static_argnames, as in jit(f, static_argnames={f'({quoted})' if len(names) > 1 else quoted})"


def asked(what: str, advice: str, to_static: str = "", whole: str = "") -> tuple[str, str]:
    """What needs numbers, and what to do: of what the user's line calls if that is known, else as given.  For methods of a Tracer.

    `whole` is the advice for a number that is part of a sequence, where that is wanted as an array.

    >>> import math
    >>> class Value:
    ...     def __float__(self):
    ...         print(asked("float()", "return it"))
    ...         return 0.0
    >>> math.sin(Value()), float(Value())
    ('math.sin', "use NumPy's functions: np.sin")
    ('float()', 'return it')
    (0.0, 0.0)
    """
    name = _asker(sys._getframe(2))
    what, advice = of_call(name, to_static) or (f"{name}()" if name else what, advice)
    return what, whole if whole and name != WRITE and name.rpartition(".")[2] not in _SIZED else advice


def where_it_decides(to_static: str) -> tuple[str, str]:
    """The same for a truth value, by what it decides in the user's line; `to_static` if an argument can be made static for that.

    >>> class Value:
    ...     def __bool__(self):
    ...         print(where_it_decides("make n static")[0])
    ...         return True
    >>> 1 if Value() else 2
    a branch (if, and, or, not)
    1
    """
    frame: Any = sys._getframe(2)
    name, node = _asker(frame), _decision(_user_frame(frame))
    if (found := of_call(name, to_static)) is not None:
        return found
    otherwise, first = f"; or {to_static}" if to_static else "", node.body[0] if isinstance(node, (ast.If, ast.While)) else None
    if isinstance(node, ast.Assert) or isinstance(first, ast.Raise):
        return "a check", f"check it outside of the compiled function, which may return the condition{otherwise}"
    if isinstance(node, ast.While) or isinstance(first, (ast.Break, ast.Continue)):
        fixed = "go a fixed number of rounds, in each of which np.where(condition, new, old) chooses"
        return "a loop (while, break, continue)", f"{fixed}; or compile one round, and loop outside{otherwise}"
    advice = f"use np.where(condition, a, b){otherwise or ', or make what decides a static argument'}"
    return f"{name}()" if name else "a branch (if, and, or, not)", advice


def _decision(frame: Any) -> ast.AST | None:
    """The innermost statement, or expression, whose condition a frame is looking at."""
    step, found = _step(frame) if frame is not None else None, None
    if step is None or step.positions is None:
        return None
    try:
        tree = ast.parse(_source(frame))
    except SyntaxError:  # as it is not what ran
        return None
    place = step.positions.lineno, step.positions.col_offset
    nodes: Any = ast.walk(tree)
    for node in nodes:  # the outermost first
        test = getattr(node, "test", None)
        if test is not None and (node.lineno, node.col_offset) <= place <= (test.end_lineno, test.end_col_offset):
            found = node
    return found


def of_call(name: str, to_static: str = "") -> tuple[str, str] | None:
    """The same for a function, where there is more to say than that it has no traced form.

    >>> of_call("math.sin")
    ('math.sin', "use NumPy's functions: np.sin")
    """
    module, _, function = name.rpartition(".")
    if name == WRITE:
        return "a write into a plain array", "build the array by np.stack([a, b]), or write into np.zeros_like(x) of a traced x"
    if name == INDEX:
        return "an index into a plain array", "write autograd.numpy.take(y, i), or make the array outside of the function"
    if name == PRINT:
        return "printing", RETURN
    if name in _INSTEAD:
        return name, f"use {_INSTEAD[name]}"
    if module == "math":
        return name, f"use NumPy's functions: np.{function}"
    if module and function == "take":
        return name, "use autograd.numpy.take"
    if module and function in _MADE:
        return name, f"use {_ARRAY} for a list of traced values; what is an array already needs no call"
    if module and function in _UNSIZED:
        what = f"{name}, or {module}.where(mask)," if function == "nonzero" else name
        return what, "the size of its result depends on them, so call it outside of the compiled function, or use np.where(mask, a, b)"
    if function in _SIZED:
        return name, f"{to_static or static()}; {FILLED}"
    if module and function in _PLACED:
        return name, to_static or static()
    if name.startswith("np.") and _is_ours(name.removeprefix("np.")):
        return f"{name}()", f"make each list of traced values an array by {_ARRAY}, or use autograd.numpy.{name.removeprefix('np.')}"
    return None


def _is_ours(name: str) -> bool:
    """Whether a name is one of autograd.numpy's own, which take traced values."""
    module, _, function = name.rpartition(".")
    try:
        return function in (operator.attrgetter(module)(anp) if module else anp).__all__
    except AttributeError:
        return False
