"""NumPy's products of arrays: sums over the axes that they share."""

from __future__ import annotations

import operator
import re
import warnings
from string import ascii_lowercase, ascii_uppercase
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from .. import ops
from ..ops.complex import conj
from .keywords import as_value, cast, check_out, function, holds_traced, into, refuse_options
from .ufuncs import Ufunc

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["along_axes", "convolve", "correlate", "cross", "einsum", "inner", "kron", "matvec", "tensordot", "vdot", "vecdot", "vecmat"]

LABELS = ascii_uppercase + ascii_lowercase  # in the order of the numbers that stand for them


@function
def einsum(*operands: Any, out: Any = None, optimize: Any = False, **kwargs: Any) -> Any:
    """y = Σ of products of values: `einsum("ij,jk->ik", a, b)`, or with numbers for letters `einsum(a, [0, 1], b, [1, 2], [0, 2])`.

    A letter names an axis; those that the result does not have are summed over; "..." stands for further axes, which broadcast.

    >>> einsum("i,i", np.array([1., 2.]), np.array([3., 4.]))
    np.float64(11.0)
    """
    if not holds_traced(operands, out):
        return np.einsum(*operands, out=out, optimize=optimize, **kwargs)
    known = {"dtype": None, "order": "K", "casting": "safe"}
    if unknown := kwargs.keys() - known:
        raise TypeError(f"einsum: got {', '.join(sorted(unknown))}, wanted out, optimize, dtype, order or casting")
    dtype, order, casting = (known | kwargs).values()
    refuse_options("einsum", order=(order, "KCA"))
    subscripts, arrays = (operands[0], operands[1:]) if isinstance(operands[0], str) else _lettered(operands)
    check_out("einsum", out, *arrays)
    return into("einsum", out, ops.einsum([cast("einsum", as_value(a), dtype, casting) for a in arrays], subscripts, optimize))


def _lettered(operands: tuple[Any, ...]) -> tuple[str, tuple[Any, ...]]:
    """The subscripts and the arrays of a call whose axes are named by numbers.

    >>> _lettered((1.0, [0, ...], 2.0, [1], [0, 1]))
    ('A...,B->AB', (1.0, 2.0))
    """
    pairs = len(operands) // 2
    parts = ["".join("..." if label is Ellipsis else _letter(label) for label in labels) for labels in operands[1 : 2 * pairs : 2]]
    output = ["".join("..." if label is Ellipsis else _letter(label) for label in operands[-1])] if len(operands) % 2 else []
    return "->".join([",".join(parts), *output]), operands[: 2 * pairs : 2]


def _letter(label: Any) -> str:
    number = operator.index(label)
    if not 0 <= number < len(LABELS):
        raise ValueError(f"einsum: got the axis number {number}, wanted one from 0 to {len(LABELS) - 1}")
    return LABELS[number]


@function
def tensordot(a: Any, b: Any, axes: Any = 2) -> Any:
    """y = Σ of products over pairs of axes: two lists of them, or how many last axes of `a` with as many first axes of `b`.

    >>> tensordot(np.ones((2, 3)), np.ones((3, 4)), axes=1).shape
    (2, 4)
    """
    a, b = as_value(a), as_value(b)
    if np.ndim(axes) == 0 and not isinstance(axes, (list, tuple)):
        count = operator.index(axes)
        axes = range(a.ndim - count, a.ndim), range(count)
    of_a, of_b = (normalize_axis_tuple(k, x.ndim, "axes") for k, x in zip(axes, (a, b), strict=True))
    if [a.shape[k] for k in of_a] != [b.shape[k] for k in of_b]:
        raise ValueError(f"tensordot: axes {of_a} of {a.shape} and axes {of_b} of {b.shape} have different sizes")
    letters = LABELS[: a.ndim + b.ndim]
    in_a, in_b = letters[: a.ndim], list(letters[a.ndim :])
    for k, m in zip(of_a, of_b, strict=True):
        in_b[m] = in_a[k]
    output = [c for c in letters if (c in in_a) != (c in in_b)]
    return ops.einsum([a, b], f"{in_a},{''.join(in_b)}->{''.join(output)}", True)


@function
def inner(a: Any, b: Any, /) -> Any:
    """y[…, …] = Σₖ a[…, k] b[…, k]; a number multiplies.

    >>> inner(np.array([1., 2.]), np.array([3., 4.]))
    np.float64(11.0)
    """
    a, b = as_value(a), as_value(b)
    return tensordot(a, b, (-1, -1)) if a.ndim and b.ndim else ops.multiply(a, b)


@function
def vdot(a: Any, b: Any, /) -> Any:
    """y = Σ āᵢ bᵢ over all values, those of `a` conjugated.

    >>> vdot(np.array([1j, 2.]), np.array([1j, 1.]))
    np.complex128(3+0j)
    """
    return ops.dot(conj(ops.ravel(as_value(a))), ops.ravel(b))


def _last_axes(name: str, subscripts: str, x1: Any, x2: Any) -> Any:
    """The sum of products over last axes, each letter a size: of others nothing broadcasts."""
    parts = [part.removeprefix("...") for part in subscripts.partition("->")[0].split(",")]
    sizes = {(c, n) for part, x in zip(parts, (x1, x2), strict=True) for c, n in zip(part[::-1], x.shape[::-1], strict=False)}
    if len(sizes) > len({*"".join(parts)}) or any(x.ndim < len(part) for part, x in zip(parts, (x1, x2), strict=True)):
        wanted = " and ".join(f"(…, {', '.join(part)})" for part in parts)
        raise ValueError(f"{name}: got {x1.shape} and {x2.shape}, wanted {wanted}")
    return ops.einsum([x1, x2], subscripts)


def _vecdot(x1: Any, x2: Any, /) -> Any:
    """y = Σᵢ x̄₁[…, i] x₂[…, i], the values of the first conjugated.

    >>> vecdot(np.array([[1j, 2.], [0., 1.]]), np.array([1j, 1.]))
    array([3.+0.j, 1.+0.j])
    """
    return _last_axes("vecdot", "...i,...i->...", conj(as_value(x1)), as_value(x2))


def _matvec(x1: Any, x2: Any, /) -> Any:
    """y[…, i] = Σⱼ x₁[…, i, j] x₂[…, j]: matrices times vectors.

    >>> matvec(np.array([[1., 2.], [3., 4.]]), np.array([1., 1.]))
    array([3., 7.])
    """
    return _last_axes("matvec", "...ij,...j->...i", as_value(x1), as_value(x2))


def _vecmat(x1: Any, x2: Any, /) -> Any:
    """y[…, j] = Σᵢ x̄₁[…, i] x₂[…, i, j]: vectors, conjugated, times matrices.

    >>> vecmat(np.array([1., 1.]), np.array([[1., 2.], [3., 4.]]))
    array([4., 6.])
    """
    return _last_axes("vecmat", "...i,...ij->...j", conj(as_value(x1)), as_value(x2))


vecdot = Ufunc(np.vecdot, _vecdot)
matvec = Ufunc(np.matvec, _matvec) if hasattr(np, "matvec") else _matvec  # new in NumPy 2.2
vecmat = Ufunc(np.vecmat, _vecmat) if hasattr(np, "vecmat") else _vecmat


def along_axes(ufunc: np.ufunc, op: Callable[..., Any], axes: Any = None, axis: int | None = None, keepdims: bool = False) -> Any:
    """`op`, a product over last axes, over those that NumPy's keywords name: `axes` has a tuple for each argument, and for the result.

    >>> along_axes(np.vecdot, vecdot, axis=0)(np.ones((3, 2)), np.ones((3, 2)))
    array([3., 3.])
    """
    name = ufunc.__name__
    letters = [part.split(",") if part else [] for part in re.findall(r"\((.*?)\)", ufunc.signature or "")]
    if (axis is not None or keepdims) and letters != [["n"], ["n"], []]:
        raise TypeError(f"{name}: axis and keepdims are for sums over one axis that both have; wanted axes, a tuple for each")
    if axis is not None:
        axes = [axis, axis, *([axis] if keepdims else [])]

    def product(*arrays: Any) -> Any:
        absent = {c for a, part in zip(arrays, letters, strict=False) for c in part if "?" in c and np.ndim(a) < len(part)}
        counts = [len([c for c in part if c not in absent]) for part in letters]
        if keepdims:
            counts[-1] = 1
        last = [tuple(range(-n, 0)) for n in counts]
        given = last if axes is None else [k if isinstance(k, tuple) else (k,) for k in axes]
        places = [*given, *last[len(given) :]] if not letters[-1] else given  # where the result has no axes, none need be named
        if [*map(len, places)] != counts:
            raise ValueError(f"{name}: got axes={axes}, wanted a tuple for each array and for the result, of {counts} axes")
        y = op(*[ops.moveaxis(a, k, end) for a, k, end in zip(arrays, places, last, strict=False)])
        return ops.moveaxis(ops.expand_dims(y, -1) if keepdims else y, last[-1], places[-1])

    return product


@function
def kron(a: Any, b: Any) -> Any:
    """The blocks aᵢⱼ B, one beside the other; so along each axis of both.

    >>> kron(np.array([1., 10.]), np.array([1., 2.]))
    array([ 1.,  2., 10., 20.])
    """
    a, b = as_value(a), as_value(b)
    n = max(a.ndim, b.ndim)
    sizes = [(1,) * (n - x.ndim) + x.shape for x in (a, b)]
    blocks = ops.reshape(a, [m for size in sizes[0] for m in (size, 1)])
    block = ops.reshape(b, [m for size in sizes[1] for m in (1, size)])
    return ops.reshape(ops.multiply(blocks, block), [p * q for p, q in zip(*sizes, strict=True)])


@function
def cross(a: Any, b: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None) -> Any:
    """y = a × b, of vectors of three components (or two, the third being 0: of two such only the third of y) along the axes.

    >>> cross(np.array([1., 0., 0.]), np.array([0., 1., 0.]))
    array([0., 0., 1.])
    """
    if axis is not None:
        axisa = axisb = axisc = axis
    a, b = (ops.moveaxis(as_value(x), k, -1) for x, k in ((a, axisa), (b, axisb)))
    widths = a.shape[-1], b.shape[-1]
    if not {*widths} <= {2, 3}:
        raise ValueError(f"cross: got vectors of {widths[0]} and {widths[1]} components, wanted 3")
    if 2 in widths:
        warnings.warn("cross: vectors of 2 components are deprecated in NumPy; give them a third, 0", DeprecationWarning, stacklevel=2)
    p, q = ([x[..., k] for k in range(x.shape[-1])] for x in (a, b))
    z = p[0] * q[1] - p[1] * q[0]
    if widths == (2, 2):
        return z
    if widths == (2, 3):
        x, y = p[1] * q[2], -p[0] * q[2]
    elif widths == (3, 2):
        x, y = -p[2] * q[1], p[2] * q[0]
    else:
        x, y = p[1] * q[2] - p[2] * q[1], p[2] * q[0] - p[0] * q[2]
    return ops.stack([x, y, z], normalize_axis_index(axisc, z.ndim + 1))


@function
def convolve(a: Any, v: Any, mode: Any = "full") -> Any:
    """yₖ = Σᵢ aᵢ vₖ₋ᵢ; of these "same" keeps the middle ones, as many as the longer row has, "valid" those for which no value is missing.

    >>> convolve(np.array([1., 2., 3.]), np.array([1., 10.]))
    array([ 1., 12., 23., 30.])
    """
    rows = [x if x.ndim else ops.reshape(x, (1,)) for x in map(as_value, (a, v))]
    return ops.convolve(*_rows("convolve", *rows), _mode("convolve", mode))


@function
def correlate(a: Any, v: Any, mode: Any = "valid") -> Any:
    """yₖ = Σᵢ aᵢ₊ₖ v̄ᵢ, the values of v conjugated; `mode` as in `convolve`.

    >>> correlate(np.array([1., 2., 3.]), np.array([1., 10.]))
    array([21., 32.])
    """
    a, v = _rows("correlate", a, v)
    mode = _mode("correlate", mode)
    if a.size < v.size:  # NumPy takes the middle as seen from the longer row
        return conj(ops.convolve(v, conj(a)[::-1], mode))[::-1]
    return ops.convolve(a, conj(v)[::-1], mode)


def _rows(name: str, *arrays: Any) -> list[Any]:
    rows = [as_value(x) for x in arrays]
    if any(x.ndim != 1 or not x.size for x in rows):
        raise ValueError(f"{name}: got shapes {' and '.join(str(x.shape) for x in rows)}, wanted two rows of values, none empty")
    return rows


def _mode(name: str, mode: Any) -> str:
    modes = ("valid", "same", "full")
    if mode not in modes and mode not in range(3):  # NumPy's names and numbers
        raise ValueError(f"{name}: got mode={mode!r}, wanted 'full', 'same' or 'valid'")
    return mode if mode in modes else modes[mode]
