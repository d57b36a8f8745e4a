"""What NumPy's keywords mean on Tensors: `out`, `dtype`, `where` and their like, once for all functions.

A keyword works and is differentiated, or is refused by name before anything is computed: none may cut a graph unseen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, overload

import numpy as np

from .. import ops
from ..mode import GRAD
from ..op import Traced, operand

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..tensor import Tensor

__all__ = [
    "Function", "applied", "as_inexact", "as_value", "cast", "check_out", "does_hold", "fixed", "function", "holds_traced", "into",
    "is_followed", "mask_of", "may_hold", "named", "plain", "refuse_options",
]  # fmt: skip


class Function(Protocol):
    """What a function here gives: a Tensor for Tensors, an array for arrays."""

    __name__: str

    @overload
    def __call__(self, x: Traced | list[Tensor] | tuple[Tensor, ...], /, *args: Any, **options: Any) -> Tensor: ...
    @overload
    def __call__(self, x: Any, b: Traced, /, *args: Any, **options: Any) -> Tensor: ...
    @overload
    def __call__(self, *args: Any, **options: Any) -> Any: ...


def function(f: Callable[..., Any]) -> Function:
    """`f` itself, of which type checkers now know what it gives.

    >>> function(len).__name__
    'len'
    """
    return f


def named(f: Callable[..., Any], name: str, doc: str) -> Function:
    """`f`, one of a family, under its own name and with its own description.

    >>> named(lambda x: x, "same", "What it is given.").__name__
    'same'
    """
    f.__name__ = f.__qualname__ = name
    f.__doc__ = doc
    return function(f)


def holds_traced(*values: Any) -> bool:
    """Whether there is a Tensor among the values, or in their lists and tuples.

    >>> holds_traced(1.0, [2.0, [3.0]])
    False
    """
    return any(isinstance(a, Traced) or (isinstance(a, (list, tuple)) and holds_traced(*a)) for a in values)


def is_followed(*values: Any) -> bool:
    """Whether the derivative of one of the values, or of one in their lists and tuples, is followed: its graph must not be cut.

    >>> from autograd import Tensor, no_grad
    >>> x = Tensor(2.0, requires_grad=True)
    >>> with no_grad():
    ...     print(is_followed(x))
    False
    >>> is_followed([1.0, x])
    True
    """
    return bool(GRAD.get()) and _needs_grad(values)


def _needs_grad(values: Any) -> bool:
    return any(getattr(a, "requires_grad", True) if isinstance(a, Traced) else type(a) in (list, tuple) and _needs_grad(a) for a in values)


def as_value(a: Any) -> Any:
    """A Tensor as it is, anything else as an array: what has a shape and a dtype.

    >>> as_value([1, 2])
    array([1, 2])
    """
    return a if isinstance(a, Traced) else operand(a)


def as_inexact(a: Any) -> Any:
    """A Tensor or an array in floating point, real or complex: whole numbers and booleans become float64.

    >>> as_inexact([1, 2])
    array([1., 2.])
    """
    a = as_value(a)
    return a if a.dtype.kind in "fc" else ops.astype(a, np.float64)


def plain(a: Any) -> Any:
    """The values themselves, of Tensors in lists and tuples too: for questions that have no derivative.

    >>> from autograd import Tensor
    >>> plain((Tensor([1.0, 2.0], requires_grad=True), 3))
    (array([1., 2.]), 3)
    """
    if isinstance(a, Traced):
        return a.data
    return type(a)(map(plain, a)) if type(a) in (list, tuple) else a


def cast(name: str, a: Any, dtype: Any, casting: str = "same_kind") -> Any:
    """`a` in another dtype, as `casting` permits; a Python number fits itself to the others.

    >>> cast("add", np.array([1.5]), np.float32)
    array([1.5], dtype=float32)
    """
    if dtype is None or type(a) in (bool, int, float, complex):
        return a
    dtype = np.dtype(dtype).newbyteorder("=")
    a = as_value(a)
    if not np.can_cast(a.dtype, dtype, casting):  # type: ignore[arg-type]
        raise TypeError(f"{name}: dtype={dtype} would cut values of dtype {a.dtype} (casting={casting!r}); use .astype first, where meant")
    if dtype.kind not in "fc" and is_followed(a):
        raise TypeError(f"{name}: dtype={dtype} has no derivative, and would cut the graph; use .astype first, where meant")
    return ops.astype(a, dtype)


def fixed(name: str, **options: Any) -> dict[str, Any]:
    """Options without derivative (masks, indices, counts) as plain values, which a graph may keep; refused, where that would cut one.

    >>> fixed("roll", shift=[1, 2])
    {'shift': [1, 2]}
    """
    for option, a in options.items():
        if is_followed(a):
            raise TypeError(f"{name}: {option} got a Tensor that requires grad, whose graph would be cut; give plain values (.data)")
    return {option: _settled(a) for option, a in options.items()}


def _settled(a: Any) -> Any:
    a = a.data if isinstance(a, Traced) else a
    if isinstance(a, np.ndarray):
        return np.array(a)[()]
    if type(a) is slice:
        return slice(*map(_settled, (a.start, a.stop, a.step)))
    return type(a)(map(_settled, a)) if type(a) in (list, tuple) else a


def mask_of(name: str, where: Any, shape: tuple[int, ...]) -> Any:
    """The mask of `shape` that `where=` means, as a plain array: what it selects has a derivative, itself it has none.

    >>> mask_of("sum", [True, False], (2,))
    array([ True, False])
    """
    mask = as_value(plain(where))
    if mask.dtype != bool:
        raise TypeError(f"{name}: where has dtype {mask.dtype}, wanted booleans, as `x > 0` gives them")
    if not _fits(mask.shape, shape):
        raise ValueError(f"{name}: where has shape {mask.shape}, wanted one that broadcasts to {shape}")
    return np.broadcast_to(mask, shape)


def may_hold(mask: Any) -> bool:
    """Whether one of these is true; those that are only being traced may all be.

    >>> may_hold(np.array([True, False])), may_hold(np.array([False]))
    (True, False)
    """
    return isinstance(mask, Traced) or bool(np.any(mask))


def does_hold(mask: Any) -> bool:
    """Whether one of these is known to be true, which those that are only being traced are not.

    >>> does_hold(np.array([True, False])), does_hold(np.array([False]))
    (True, False)
    """
    return not isinstance(mask, Traced) and bool(np.any(mask))


def _fits(shape: tuple[int, ...], space: tuple[int, ...]) -> bool:
    """Whether an array of `shape` can be spread over `space`."""
    return len(shape) <= len(space) and all(n in (1, m) for n, m in zip(shape[::-1], space[::-1], strict=False))


def refuse_options(name: str, **options: tuple[Any, Any]) -> None:
    """Refuse each option whose value, the first of the pair, is none of those named in the second.

    >>> refuse_options("copy", order=("K", "KCA"))
    """
    for option, (value, known) in options.items():
        if not any(value is k or (type(value) is str and value == k) for k in known):
            hint = f"wanted {' or '.join(map(repr, known))}" if known else "leave it out"
            raise TypeError(f"{name}: {option}={value!r} has no meaning on a Tensor; {hint}, or give plain arrays (.data)")


def check_out(name: str, out: Any, *inputs: Any) -> None:
    """Refuse, before anything is computed, an `out` that would cut the graph of the inputs.

    >>> check_out("sum", np.zeros(2), np.ones(2))
    """
    if isinstance(out, tuple):
        (out,) = out
    if out is None or isinstance(out, Traced):
        return
    if not isinstance(out, np.ndarray):
        raise TypeError(f"{name}: out is a {type(out).__name__}, wanted an array or a Tensor")
    if is_followed(*inputs):
        raise TypeError(f"{name}: writing into a plain array (out=, a += …) would cut the graph; write a = a + …, or give a Tensor as out")


def into(name: str, out: Any, y: Any, exact: bool = True) -> Any:
    """`y` itself or, with `out`, what `out[...] = y` makes of `out`: a differentiable write, under the rules of all writes.

    >>> into("sum", np.zeros(2), np.ones(2))
    array([1., 1.])
    """
    if isinstance(out, tuple):
        (out,) = out
    if out is None:
        return y
    shape, dtype = np.shape(y), as_value(y).dtype
    if shape != out.shape and (exact or not _fits(shape, out.shape)):
        raise ValueError(f"{name}: out has shape {out.shape}, wanted {shape}")
    if not np.can_cast(dtype, out.dtype, "same_kind"):
        raise TypeError(f"{name}: out has dtype {out.dtype}, wanted {dtype}, or one that its values can be cast to")
    if isinstance(out, Traced):
        out[...] = y  # type: ignore[index]
    else:
        np.copyto(out, plain(y), casting="same_kind")
    return out


def applied(
    name: str,
    op: Any,
    inputs: tuple[Any, ...],
    out: Any = None,
    where: Any = True,
    dtype: Any = None,
    casting: str = "same_kind",
    **options: Any,
) -> Any:
    """`op` with NumPy's keywords; with `where`, only the values that it selects are computed, and written into `out`.

    >>> applied("exp", ops.exp, (np.zeros(2),), dtype=np.float32)
    array([1., 1.], dtype=float32)
    """
    defaults = {"order": "KCA", "subok": (True, False)}
    refuse_options(name, **{key: (value, defaults.get(key, ())) for key, value in options.items()})
    outs = out if isinstance(out, tuple) else (out,)
    for space in outs:
        check_out(name, space, *inputs)
    np.can_cast(float, float, casting)  # type: ignore[arg-type]  # an error, if there is no such casting
    inputs = tuple(cast(name, a, dtype, casting) for a in inputs)
    if where is True:
        y = op(*inputs)
        if isinstance(y, tuple):
            return tuple(into(name, space, part, exact=False) for space, part in zip(outs if out else (None,) * len(y), y, strict=True))
        return into(name, out, y, exact=False)
    if any(space is None for space in outs):
        raise TypeError(f"{name}: where leaves the other values without any; say which by out, or use numpy.where(mask, …, other)")
    mask = mask_of(name, where, outs[0].shape)
    y = op(*(ops.getitem(ops.broadcast_to(a, mask.shape), mask) if np.ndim(a) else a for a in inputs))
    for space, part in zip(outs, y if isinstance(y, tuple) else (y,), strict=True):
        space[mask] = part
    return outs if isinstance(y, tuple) else outs[0]
