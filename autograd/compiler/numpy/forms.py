"""How NumPy computes a step into memory that is there already: a table of lines of code, by op.

A step is one of three: a *view* of the memory of an argument; lines of a *form*, which write into memory; or, for whatever is not known
here, a call of the op's own forward, whose result is used as it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ... import ops
from ...interop import UFUNCS
from ...op import Op
from ...ops.index import add_at, is_basic, reads_once
from ..program import Draw, Step, Value
from ..simpler import PERMUTING, RESHAPING, permutation
from ..substitutes import DrawOf
from .cross_entropy import ONE_THREAD, Half

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["BITS", "GUARDED", "LETTERS", "Form", "View", "form_of", "literal", "view_of"]


class Form(NamedTuple):
    """Lines of code with fields for the arguments ({a}, {b}, … or {args}) and for memory to write into.

    That is {out}, which is ", out=v" or, where NumPy shall find the memory itself, nothing; or {y}, which must be there before.  Further
    fields are {y_flat}, its values in a row, {a_bits}, {y_bits}, floating-point numbers as whole ones, and {ones_3_float32}, a row of ones.
    """

    lines: tuple[str, ...]
    over: tuple[int, ...] = ()  # the arguments that the result may be written over
    dtypes: tuple[Any, ...] = ()  # in which a universal function computes
    elementwise: bool = False  # NumPy lays the result out in memory as it finds the arguments


LETTERS = "abcdefgh"
"""The fields for arguments."""
NAMES = {op: f"np.{ufunc.__name__}" for ufunc, op in UFUNCS.items() if isinstance(op, Op) and ufunc.nout == 1}
"""What NumPy calls the universal function that is all of an op's forward; ops that are computed otherwise are in FORMS."""
BITS = {np.dtype(np.float16): "int16", np.dtype(np.float32): "int32", np.dtype(np.float64): "int64"}
"""The whole numbers of the size of floating-point ones."""
IN_CACHE = 1 << 18
"""Bytes that are still near when they are gone through once more."""


class Guarded:
    """A product in which 0 · ∞ is 0, as the chain rule has it: see `autograd.ops.elementwise.chain`."""

    name, kind, raises = "guarded_multiply", "guarded", False

    @staticmethod
    def forward(g: Any, partial: Any) -> Any:
        """g · partial, but 0 where g is 0 and the partial is not finite."""
        return np.where(np.isfinite(partial) | (g != 0), g * partial, 0)


GUARDED = Guarded()


def form_of(step: Step) -> Form | None:
    """The lines that compute the one result of a step, or None.

    >>> x, y = Value((2, 3), np.dtype(float)), Value((2, 3), np.dtype(float))
    >>> form_of(Step(ops.exp, (x,), {}, (y,))).lines
    ('np.exp({a}{out})',)
    """
    if isinstance(step.op, Half):
        dtypes = (step.results[0].dtype, None, None) if step.op.name == "slope" and step.args[0] is not None else ()
        return Form((f"{{pair}}.{step.op.name}({{args}}{{out}})",), (), dtypes)
    rule = FORMS.get(step.op)
    if rule is not None:
        return rule(step, step.results[0])
    if isinstance(step.op, Draw):
        return _draw(step)
    name = NAMES.get(step.op)
    return _ufunc(step, name) if name is not None else None


def _kind(a: Any) -> Any:
    """What NumPy promotes: a dtype, or the type of a Python number."""
    if not isinstance(a, Value):
        return type(a) if type(a) in (int, float, complex) else np.dtype(type(a))
    return {"i": int, "f": float, "c": complex}[a.dtype.kind] if a.weak else a.dtype


def _ufunc(step: Step, name: str) -> Form | None:
    (y,), arity = step.results, len(step.args)
    try:
        *dtypes, result = getattr(np, name.removeprefix("np.")).resolve_dtypes((*map(_kind, step.args), None))
    except TypeError:
        return None
    arguments = ", ".join(f"{{{letter}}}" for letter in LETTERS[:arity])
    return Form((f"{name}({arguments}{{out}})",), tuple(range(arity)), tuple(dtypes), True) if result == y.dtype else None


# -- ops that are more than one universal function ----------------------------------------------------------------------------------------


def _power(step: Step, y: Value) -> Form | None:
    """As a ** b is computed: some exponents have functions of their own."""
    exponent = step.args[1]
    if y.dtype.kind not in "fc":
        return None
    if y.shape and type(exponent) in (int, float) and (name := EXPONENTS.get(exponent)):
        return _ufunc(Step(step.op, step.args[:1], {}, step.results), name)
    return _ufunc(step, "np.power")


EXPONENTS = {-1: "np.reciprocal", 0.5: "np.sqrt", 2: "np.square"}


def _product(step: Step, y: Value) -> Form | None:
    a, b = step.args
    if not isinstance(a, Value) or not isinstance(b, Value) or not a.shape or not b.shape:
        return None
    if len(a.shape) <= 2 >= len(b.shape) and a.dtype == b.dtype and y.dtype.kind in "fc":
        return Form(("{a}.dot({b}{out})",))  # half the time of np.matmul, for small ones
    return Form(("np.matmul({a}, {b}{out})",)) if step.op is ops.matmul else None


def _reduction(name: str) -> Callable[[Step, Value], Form | None]:
    def form(step: Step, y: Value) -> Form | None:
        x, axis, keepdims = step.args[0], step.options.get("axis"), step.options.get("keepdims", False)
        if not isinstance(x, Value) or not x.shape:
            return None
        if name == "add" and x.dtype == bool and not y.shape:
            return Form(("np.int64(np.count_nonzero({a}{out}))",))  # NumPy would convert each
        if name == "add" and axis in (0, (0,)) and not keepdims and len(x.shape) == 2 and x.size <= ONE_THREAD and y.dtype.kind == "f":
            return Form((f"{{ones_{x.shape[0]}_{y.dtype}}}.dot({{a}}{{out}})",)) if x.dtype == y.dtype else None
        keep = ", keepdims=True" if keepdims else ""
        return Form((f"np.{name}.reduce({{a}}, axis={axis!r}{keep}{{out}})",)) if literal(axis) else None

    return form


def _where(step: Step, y: Value) -> Form | None:
    """For 0 as the alternative, the bits of a times 1 or 0: see `autograd.ops.elementwise.where`."""
    condition, a, b = step.args
    if not isinstance(condition, Value) or condition.dtype != bool or not condition.shape:
        return None
    if type(b) is int and b == 0 and isinstance(a, Value) and a.shape and a.dtype in BITS:
        if y.nbytes <= IN_CACHE:  # then it pays to convert the condition first
            return Form(("{y_bits}[...] = {a}", "np.multiply({b_bits}, {y_bits}, out={y_bits})"), (), elementwise=True)
        return Form(("np.multiply({b_bits}, {a}, out={y_bits})",), (1,), elementwise=True)
    return Form(("{y}[...] = {c}", "np.copyto({y}, {b}, where={a})"), (2,)) if y.shape else None


def _guarded(step: Step, y: Value) -> Form | None:
    product = _ufunc(step, "np.multiply")
    if product is None or not y.shape or y.dtype.kind != "f":
        return None
    repair = "if (square := {y_flat}.dot({y_flat})) != square: np.copyto({y}, 0, where=~(np.isfinite({b}) | np.not_equal({a}, 0)))"
    return Form((*product.lines, repair), (), product.dtypes, True)


def _setitem(step: Step, y: Value) -> Form | None:
    index = index_code(step.options["index"])
    return Form(("{y}[...] = {a}", f"{{y}}[{index}] = {{b}}"), (0,)) if y.shape and index else None


def _add_at(step: Step, y: Value) -> Form | None:
    index = index_code(step.options["index"])
    plain = isinstance(step.args[0], Value) and y.shape and reads_once(step.options["index"])
    return Form(("{y}.fill(0)", f"{{y}}[{index}] = {{a}}")) if plain and index else None


def _joined(step: Step, y: Value) -> Form | None:
    name, axis = step.op.name, step.options.get("axis", 0)
    return Form((f"np.{name}([{{args}}], axis={axis}{{out}})",)) if all(isinstance(a, Value) for a in step.args) and y.shape else None


def _assigned(step: Step, y: Value) -> Form | None:
    if y.shape:
        return Form(("{y}[...] = {a}",))
    x = step.args[0]
    single = y.dtype.kind in "biuf" and isinstance(x, Value) and x.dtype.kind in "biuf" and not x.weak
    return Form((f"np.{y.dtype.name}({{a}}{{out}})",)) if single else None


def _spread(step: Step, y: Value) -> Form | None:
    """A single value, everywhere; of an array there is a view."""
    return Form(("{y}[...] = {a}",)) if y.shape and getattr(step.args[0], "shape", ()) == () else None


def _clip(step: Step, y: Value) -> Form | None:
    return Form(("np.clip({args}{out})",), (0,), elementwise=True) if y.shape and len(step.args) == 3 else None


def _draw(step: Step) -> Form | None:
    """Generators fill memory that is there with the same numbers."""
    (y,) = step.results
    plain = not isinstance(step.op, DrawOf) and len(step.args) <= 2 and not {*step.options} - {"size", "dtype"}
    if not plain or not y.shape or step.op.name not in ("random", "standard_normal", "standard_exponential"):
        return None
    return Form((f"{{f}}(dtype={str(y.dtype)!r}, out={{y}})",))


FORMS: dict[Any, Callable[[Step, Value], Form | None]] = {
    ops.power: _power, ops.matmul: _product, ops.dot: _product, ops.where: _where, ops.clip: _clip, GUARDED: _guarded,
    ops.sum: _reduction("add"), ops.prod: _reduction("multiply"), ops.max: _reduction("maximum"), ops.min: _reduction("minimum"),
    ops.broadcast_to: _spread, ops.setitem: _setitem, add_at: _add_at, ops.concatenate: _joined, ops.stack: _joined,
    ops.copy: _assigned, ops.astype: _assigned,
}  # fmt: skip


# -- views --------------------------------------------------------------------------------------------------------------------------------


class View(NamedTuple):
    """The code for another look at the memory of an argument {a}, and an array that lies as that does."""

    code: str
    array: Any


def view_of(step: Step, x: Any) -> View | None:
    """A step as a view, if it is one, where `x` lies as its argument does.

    >>> y = Value((3, 2), np.dtype(float))
    >>> view_of(Step(ops.transpose, (y,), {"axes": None}, (y,)), np.zeros((2, 3))).code
    '{a}.T'
    """
    code = _view_code(step, x)
    return View(code, step.op.forward(x, **step.options)) if code else None


def _view_code(step: Step, x: Any) -> str:
    op, shape = step.op, step.results[0].shape
    if op in RESHAPING:
        return f"{{a}}.reshape({_listed(shape)})" if x.flags.c_contiguous else ""
    if op in PERMUTING:
        axes = permutation(step)
        return "{a}.T" if axes == sorted(axes, reverse=True) else f"{{a}}.transpose({_listed(axes)})"
    if op is ops.broadcast_to:
        return f"np.broadcast_to({{a}}, {shape})"
    if op is ops.getitem and is_basic(index := step.options["index"]):
        return f"{{a}}[{code}]" if (code := index_code(index)) else ""
    return ""


def _listed(sizes: Sequence[int]) -> str:
    return ", ".join(map(str, sizes)) or "()"


# -- what stands in code as it is ---------------------------------------------------------------------------------------------------------


def literal(a: Any) -> str:
    """Python code for an object, or nothing where only the object itself will do.

    >>> literal((slice(1, None), None, 0.5)), literal(np.float32), literal(np.ones(2))
    ('(slice(1, None, None), None, 0.5)', '', '')
    """
    if type(a) in (tuple, list):
        parts = [literal(part) for part in a]
        inner = ", ".join(parts) + ("," if type(a) is tuple and len(a) == 1 else "")
        return (f"({inner})" if type(a) is tuple else f"[{inner}]") if all(parts) else ""
    if type(a) is slice:
        parts = [literal(part) for part in (a.start, a.stop, a.step)]
        return f"slice({', '.join(parts)})" if all(parts) else ""
    if type(a) in (float, complex) and not np.isfinite(a):
        return ""
    return repr(a) if a is None or type(a) in (int, float, complex, bool, str) else "..." if a is Ellipsis else ""


def index_code(index: Any) -> str:
    """What stands between the brackets, or nothing.

    >>> index_code((slice(1, None), None, -1)), index_code(slice(None, None, 2))
    ('1:, None, -1', '::2')
    """
    if type(index) is tuple and index:
        parts = [index_code(part) if type(part) is slice else literal(part) for part in index]
        return (", ".join(parts) + ("," if len(parts) == 1 else "")) if all(parts) else ""
    if type(index) is slice:
        bounds = [index.start, index.stop, *([] if index.step is None else [index.step])]
        parts = ["" if k is None else literal(k) for k in bounds]
        return ":".join(parts) if all(k is None or part for k, part in zip(bounds, parts, strict=True)) else ""
    return literal(index)
