"""Who asks for the numbers of a traced value, in the words of an error: what in the user's line does, and what to do instead."""

from __future__ import annotations

import ast
import dis
import linecache
import operator
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import numpy as anp

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["NO_FORM", "RETURN", "asked", "of_call", "static"]

WRITE, INDEX, PRINT = "y[…] = …", "y[…]", "'%d' % y"
RETURN = "return the value and look at it outside"
NO_FORM = "dir(autograd.numpy) lists the functions of traced values; or call this one outside of the compiled function"
FILLED = "an array of one value is np.ones(3) * value"

_NUMPY, _HOUSE = str(Path(np.__file__).parent), str(Path(__file__).parents[1])

_MADE = frozenset({"array", "asanyarray", "asarray", "asarray_chkfinite", "ascontiguousarray", "asfortranarray", "copy", "require"})
_SIZED = frozenset({
    "arange", "empty", "eye", "full", "geomspace", "identity", "indices", "linspace", "logspace", "ones", "range", "repeat", "tile", "tri",
    "zeros",
})  # fmt: skip
_INSTEAD = {
    "max": "np.maximum(a, b), or np.max(x) of an array",
    "min": "np.minimum(a, b), or np.min(x) of an array",
    "sorted": "np.sort(x)",
}


def _asker() -> str:
    """The function that the user's line calls, or `WRITE` into a plain array, `INDEX` of one, `PRINT`; "" if unknown."""
    frame: Any = sys._getframe(3)  # whoever called the method of a Tracer that asks us
    name = ""
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_NUMPY):
        name, frame = _public(frame.f_code.co_qualname.removesuffix(".__call__")), frame.f_back
    step = next((step for step in dis.get_instructions(frame.f_code) if step.offset == frame.f_lasti), None)
    if step is None or name or frame.f_code.co_filename.startswith(_HOUSE):  # what our own line calls tells a user nothing
        return name
    if step.opname.startswith("STORE_SUB") or step.opname == "STORE_SLICE":
        return WRITE
    if step.opname.startswith("BINARY_S") or (step.opname == "BINARY_OP" and step.argrepr == "[]"):
        return INDEX
    if step.opname == "BINARY_OP" and step.argrepr in ("%", "%="):
        return PRINT
    place: Any = step.positions
    try:
        text = ast.get_source_segment("".join(linecache.getlines(frame.f_code.co_filename)), place)
        call: Any = ast.parse(text or "", mode="eval").body
    except (SyntaxError, TypeError, AttributeError, IndexError):  # the source is not there, or is not what ran
        return ""
    called = ast.unparse(call.func) if isinstance(call, ast.Call) else ""
    return called if re.fullmatch(r"[\w.]+", called) else ""


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


def asked(what: str, advice: str, to_static: str = "") -> tuple[str, str]:
    """What needs numbers, and what to do: of what the user's line calls if that is known, else as given.  For methods of a Tracer.

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
    name = _asker()
    return of_call(name, to_static) or (f"{name}()" if name else what, advice)


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
        advice = f"it is an array already: leave the call out, or use autograd.numpy.{function}"
        return name, f"{advice}; separate values are joined by np.stack([a, b])"
    if function in _SIZED:
        return name, f"{to_static or static()}; {FILLED}"
    if name.startswith("np.") and _is_ours(name.removeprefix("np.")):
        return f"{name}()", f"join separate values by np.stack([a, b]), or use autograd.numpy.{name.removeprefix('np.')}"
    return None


def _is_ours(name: str) -> bool:
    """Whether a name is one of autograd.numpy's own, which take traced values."""
    module, _, function = name.rpartition(".")
    try:
        return function in (operator.attrgetter(module)(anp) if module else anp).__all__
    except AttributeError:
        return False
