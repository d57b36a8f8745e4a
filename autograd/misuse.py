"""Errors that teach: what a call got, why that can't be, what to do.

A change is tried before it is advised: a transpose, a new axis, another dtype of one operand is run on zeros of the same shapes, and the
first with which the call works is what the error suggests.
"""

from __future__ import annotations

import difflib
import inspect
import reprlib
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from .op import Op

__all__ = ["ELSEWHERE", "Elsewhere", "failed_call", "labels", "wrong_arguments", "wrong_option"]

INFIX = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/", "power": "**", "matmul": "@", "remainder": "%"}

RENAMED = {"dim": "axis", "dims": "axis", "keepdim": "keepdims", "correction": "ddof", "dim0": "axis1", "dim1": "axis2"}
"""What PyTorch calls options that have another name here."""

ELSEWHERE = {
    "view": ".reshape(…)", "permute": ".transpose(…)", "unsqueeze": "x[:, None], or ops.expand_dims(x, axis)", "t": ".T", "dim": ".ndim",
    "numel": ".size", "mm": "a @ b", "bmm": "a @ b", "pow": "x ** p", "clamp": ".clip(min, max)", "float": ".astype(np.float32)",
    "double": ".astype(np.float64)", "long": ".astype(np.int64)", "to": ".astype(…); all memory is the CPU's",
    "cpu": "nothing: all memory is the CPU's", "cuda": "nothing: all memory is the CPU's",
    "flat": ".ravel()", "resize": ".reshape(…), or numpy.resize(x, shape)",
    **{name: f".data.{name}, of the plain values" for name in (
        "base", "byteswap", "ctypes", "dump", "dumps", "flags", "getfield", "setfield", "setflags", "strides", "tobytes", "tofile",
    )},
}  # fmt: skip
"""What PyTorch's methods are here, and those of NumPy's arrays that deal with memory rather than values."""

ADVICE = {
    "cannot reshape array": "the sizes must multiply to that many values; one of them may be -1",
    "equal division": "or give the positions to cut before, as in [2, 4]",
    "axes don't match": "name each axis once; swapaxes exchanges two",
    "repeated axis": "name each axis once",
    "size not equal to one": "only axes of size 1 can be squeezed; reshape joins others",
    "remapped shapes": "shapes are compared from the last axis on, x[:, None] adds one there; pad_width is one pair, or one for each axis",
    "into shape": "the values must broadcast to the place that they are written to",
    "dimensions except for": "the shapes may differ only along the axis that is joined",
    "must have the same shape": "arrays that differ along one axis are joined by concatenate",
    "boolean index did not match": "a mask has the shape of the axes that it selects from",
}
"""What to do, by what NumPy says."""

CHANGES: tuple[tuple[str, Callable[[Any], bool], Callable[[Any], Any]], ...] = (
    ("[:, None]", lambda a: a.ndim == 1, lambda a: a[:, None]),
    ("[..., None]", lambda a: a.ndim > 1, lambda a: a[..., None]),
    (".squeeze()", lambda a: a.ndim > 1 and 1 in a.shape, np.squeeze),
    (".T", lambda a: a.ndim == 2, np.transpose),
    (".mT", lambda a: a.ndim > 2, lambda a: a.mT),
    ("[None]", lambda a: a.ndim > 0, lambda a: a[None]),
    (".astype(int)", lambda a: a.dtype.kind == "f", lambda a: a.astype(int)),
    (".astype(float)", lambda a: a.dtype.kind in "biu", lambda a: a.astype(float)),
)
"""How an operand may be changed: in words, where that makes sense, and in NumPy."""


def labels(op: Op, args: Sequence[Any]) -> list[str]:
    """What to call each operand: its own name if it has one, else that of the op's argument.

    >>> from autograd import Tensor, ops
    >>> labels(ops.add, [Tensor(1.0, name="x"), 2.0])
    ['x', 'b']
    """
    names = [f"{op.arguments[0]}[{k}]" for k in range(len(args))] if op.variadic else op.arguments
    return [own if isinstance(own := getattr(a, "name", None), str) else name for a, name in zip(args, names, strict=True)]


def failed_call(op: Op, error: Exception, args: Sequence[Any], values: Sequence[Any], options: Mapping[str, Any]) -> Exception:
    """The error to raise where the forward of `op` raised `error`: the op, its operands by name, what was wrong, what to do.

    `values` are the arguments as plain arrays.  An error of an unusual type is given back with a note.

    >>> from autograd import ops
    >>> a, b = np.ones((2, 3)), np.ones((4, 3))
    >>> print(failed_call(ops.matmul, ValueError("inner sizes 3 and 4 differ"), (a, b), (a, b), {}))
    matmul: a (2, 3) @ b (4, 3): inner sizes 3 and 4 differ; did you mean a @ b.T?
    """
    names = labels(op, args)
    got = f"{op.name}: {_operands(op, names, values, options, isinstance(error, TypeError))}"
    takes_no_text = isinstance(error, TypeError) and type(error).__module__.startswith("numpy")
    kind = TypeError if takes_no_text else type(error)
    if kind not in (ValueError, TypeError, IndexError, np.exceptions.AxisError):
        error.add_note(f"in {got}")
        return error
    shapes = [a.shape for a in values if _is_array(a)]
    reason = _clash(shapes) if "broadcast" in str(error) and "remapped" not in str(error) else ""
    advice = _advice(op, error, names, values, options)
    return kind("".join([got, ": ", reason or str(error).strip(". "), advice and "; ", advice])).with_traceback(error.__traceback__)


def _is_array(a: Any) -> bool:
    return isinstance(a, (np.ndarray, np.generic))


def _operands(op: Op, names: Iterable[str], values: Sequence[Any], options: Mapping[str, Any], dtypes: bool) -> str:
    """The operands of a call in words: `x (2, 3), axis=5`."""

    def kind(a: Any) -> str:
        return f" {a.shape} {a.dtype}" if dtypes or a.dtype.kind not in "fc" else f" {a.shape}"

    parts = [name + kind(a) if _is_array(a) else reprlib.repr(a) for name, a in zip(names, values, strict=True)]
    if len(parts) > 8:
        parts[4:-2] = [f"… {len(parts) - 6} more …"]
    if op.name in INFIX:
        return f" {INFIX[op.name]} ".join(parts)
    parameters = inspect.signature(op.__wrapped__).parameters
    given = {name: a for name, a in options.items() if a is not parameters[name].default}
    parts += [name + kind(a) if _is_array(a) else f"{name}={reprlib.repr(a)}" for name, a in given.items()]
    return ", ".join(parts) or "no operands"


def _clash(shapes: Sequence[tuple[int, ...]]) -> str:
    """The axis at which shapes do not broadcast, if there is one."""
    for axis in range(-1, -1 - max(map(len, shapes), default=0), -1):
        sizes = [s[axis] for s in shapes if len(s) >= -axis and s[axis] != 1]
        if len(set(sizes)) > 1:
            return f"the shapes do not broadcast: axis {axis} has sizes {' and '.join(map(str, sizes))}, wanted equal or 1"
    return ""


def _advice(op: Op, error: Exception, names: Sequence[str], values: Sequence[Any], options: Mapping[str, Any]) -> str:
    """What to do, or nothing."""
    if isinstance(error, np.exceptions.AxisError):
        n = getattr(error, "ndim", None)
        return "" if n is None else f"wanted {-n} … {n - 1}" if n else "a single value has no axes: leave it out"
    sizes = {n: min(n, 12 + k) for k, n in enumerate(sorted({n for a in values for n in np.shape(a)}))}  # smaller, but no two the same
    zeros = [np.zeros([sizes[n] for n in a.shape], a.dtype) if _is_array(a) else a for a in values]
    axes = max(map(np.ndim, zeros), default=0)
    if not _works(op, zeros, options, axes):  # else it is the values that are wrong
        for text, changed, settings in _changes(op, error, names, zeros, options):
            if _works(op, changed, settings, axes):
                return text
    arrays = [a for a in values if np.ndim(a)]
    if len(arrays) > 1 and len({a.size for a in arrays}) == 1 and "broadcast together" in str(error):
        return "there are equally many values: is a reshape missing?"
    return next((advice for text, advice in ADVICE.items() if text in str(error)), "")


def _works(op: Op, values: Sequence[Any], options: Mapping[str, Any], axes: int) -> bool:
    """Whether a call succeeds, and gives no more than so many axes: more would be an accident."""
    try:
        with np.errstate(all="ignore"):
            y = op.forward(*values, **options)
    except Exception:  # noqa: BLE001  # whatever it is, it does not work
        return False
    return isinstance(y, tuple) or np.ndim(y) <= axes


def _changes(
    op: Op, error: Exception, names: Sequence[str], values: list[Any], options: Mapping[str, Any]
) -> Iterator[tuple[str, list[Any], Mapping[str, Any]]]:
    """Calls that differ a little from the one that failed, each after its description."""
    several = sum(np.ndim(a) > 0 for a in values) > 1 and isinstance(error, ValueError)
    for text, applies, change in CHANGES:
        for i in reversed(range(min(len(values), 8))):
            a = values[i]
            if _is_array(a) and applies(a) and (several or "astype" in text):
                others = [name if _is_array(v) else repr(v) for name, v in zip(names, values, strict=True)]
                others[i] += text
                new = f" {INFIX[op.name]} ".join(others) if op.name in INFIX else others[i]
                keep = " (A reduction keeps its axis with keepdims=True.)" if text.endswith(", None]") and op.kind == "elementwise" else ""
                yield f"did you mean {new}?{keep}", [*values[:i], change(a), *values[i + 1 :]], options
    if len(values) == 2:
        yield "are the two in the wrong order?", values[::-1], options
    for name, value in options.items():
        new = _as_integers(value)
        text = f"{name}.astype(int)" if _is_array(value) else f"{name}={new!r}"
        yield f"did you mean {text}?", values, {**options, name: new}


def _as_integers(value: Any) -> Any:
    """An axis, shape or index as NumPy wants it: integers, in tuples."""
    if isinstance(value, (list, tuple)):
        return tuple(map(_as_integers, value))
    if _is_array(value) and value.dtype.kind == "f":
        return value.astype(int)
    return int(value) if isinstance(value, float) and value.is_integer() else value


# -- arguments that do not fit the signature ----------------------------------------------------------------------------------------------


def wrong_arguments(op: Op, error: TypeError, options: Iterable[str]) -> TypeError:
    """The error to raise where a call does not fit the signature of `op`: what Python says, the right name if known, the signature.

    >>> from autograd import ops
    >>> print(wrong_arguments(ops.softmax, TypeError("softmax() got an unexpected keyword argument 'dim'"), ["dim"]))
    softmax: got an unexpected keyword argument 'dim': it is axis here; call it as softmax(x, /, axis=-1)
    """
    parameters = inspect.signature(op.__wrapped__).parameters
    hint = ""
    for name in options:
        if name not in parameters:
            meant = RENAMED.get(name)
            known = [meant] if meant in parameters else difflib.get_close_matches(name, parameters, 1)
            hint = f": it is {known[0]} here" if known else ""
            break
    plain = inspect.Signature([p.replace(annotation=p.empty) for p in parameters.values()])
    return TypeError(f"{op.name}: {str(error).partition('() ')[2]}{hint}; call it as {op.name}{plain}")


def wrong_option(op: Op, name: str, value: Any) -> TypeError:
    """The error to raise where an option is something recorded.

    >>> from autograd import Tensor, ops
    >>> print(wrong_option(ops.sum, "axis", Tensor(1)))
    sum: the option axis got a Tensor, which would cut the graph; give a plain value
    """
    hint = f"; join them in one list: {op.name}([a, b])" if op.variadic else "; give a plain value"
    return TypeError(f"{op.name}: the option {name} got a {type(value).__name__}, which would cut the graph{hint}")


class Elsewhere:
    """An attribute that PyTorch's tensors or NumPy's arrays have: whoever reads it is told what it is here.  To `hasattr`, it is not there.

    >>> class Array:
    ...     view = Elsewhere("view")
    >>> Array().view
    Traceback (most recent call last):
    AttributeError: Array has no .view: here it is .reshape(…)
    """

    def __init__(self, name: str) -> None:
        self.name = name

    def __get__(self, instance: Any, owner: type) -> Any:
        raise AttributeError(f"{owner.__name__} has no .{self.name}: here it is {ELSEWHERE[self.name]}")
