"""SciPy's convolutions and correlations, and HIPS autograd's, over arrays and Tensors."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple
from scipy import signal

from ... import ops
from ...numpy.keywords import as_inexact, as_value, function, plain
from ...numpy.padding import pad
from ...ops.complex import conj
from ..keywords import twin
from .stacks import convolve_stacks, range_of

__all__ = ["convolve", "convolve2d", "correlate", "correlate2d", "fftconvolve", "oaconvolve"]


def along(a: Any, b: Any, axes: Any, mode: str, method: str) -> Any:
    """The convolution along `axes`, and along the others copies where the size is 1.

    >>> along(np.ones((2, 2)), np.ones((1, 3)), (1,), "full", "direct")
    array([[1., 2., 2., 1.],
           [1., 2., 2., 1.]])
    """
    if a.ndim != b.ndim:
        raise ValueError(f"got arrays of {a.ndim} and {b.ndim} axes, wanted as many")
    axes = normalize_axis_tuple(range(a.ndim) if axes is None else axes, a.ndim, "axes")
    if not axes:
        return a * b
    order = (*(k for k in range(a.ndim) if k not in axes), *axes)
    lead = a.ndim - len(axes)
    a, b = (ops.transpose(x, order) for x in (a, b))
    if mode == "same" and np.broadcast_shapes(a.shape[:lead], b.shape[:lead]) != a.shape[:lead]:
        raise ValueError(f"for mode 'same', the second array may not be the larger one along other axes; got {a.shape} and {b.shape}")
    y = convolve_stacks(*(ops.expand_dims(x, (lead, lead + 1)) for x in (a, b)), len(axes), mode, method)
    return ops.transpose(ops.squeeze(y, (lead, lead + 1)), tuple(np.argsort(order).tolist()))


def _method(a: Any, b: Any, mode: str, method: str) -> str:
    if method not in ("auto", "direct", "fft"):
        raise ValueError(f"got method={method!r}, wanted 'auto', 'direct' or 'fft'")
    range_of(mode, 1, 1)
    return str(signal.choose_conv_method(plain(a), plain(b), mode)) if method == "auto" and a.ndim else method


@function
def convolve(in1: Any, in2: Any, *args: Any, **options: Any) -> Any:
    """SciPy's `convolve(in1, in2, mode="full", method="auto")`, or HIPS autograd's `convolve(A, B, axes=None, dot_axes=…, mode="full")`.

    yₛ = Σₜ in1ₛ₋ₜ in2ₜ along all axes; of these "same" keeps the middle ones, as many as in1 has, "valid" those for which no value is
    missing.  In the other form, `axes` are two lists of axes along which A and B are convolved, `dot_axes` two lists of axes along which
    products are summed; the axes of the result are the others of A, the others of B, those of the convolution.

    >>> convolve(np.array([1., 2., 3.]), np.array([1., 10.]))
    array([ 1., 12., 23., 30.])
    >>> images, kernels = np.ones((5, 3, 8, 8)), np.ones((3, 4, 2, 2))
    >>> convolve(images, kernels, axes=([2, 3], [2, 3]), dot_axes=([1], [0]), mode="valid").shape
    (5, 4, 7, 7)
    """
    if options.keys() & {"axes", "dot_axes"} or (args and not isinstance(args[0], str)):
        return _over_axes(in1, in2, *args, **options)
    return _convolve(in1, in2, *args, **options)


@twin(signal.convolve, "in1", "in2")
def _convolve(in1: Any, in2: Any, mode: str = "full", method: str = "auto") -> Any:
    """SciPy's form.

    >>> _convolve(np.array([1., 2., 3.]), np.array([1., 10.]), "valid")
    array([12., 23.])
    """
    return along(in1, in2, None, mode, _method(in1, in2, mode, method))


def _over_axes(A: Any, B: Any, axes: Any = None, dot_axes: Any = ((), ()), mode: str = "full") -> Any:
    A, B = as_value(A), as_value(B)
    if axes is None:
        axes = (range(A.ndim), range(A.ndim))
    (a_conv, b_conv), (a_dot, b_dot) = (
        [normalize_axis_tuple(which, x.ndim, "axes") for which, x in zip(pair, (A, B), strict=True)] for pair in (axes, dot_axes)
    )
    if len(a_conv) != len(b_conv) or len(a_dot) != len(b_dot) or not a_conv:
        raise ValueError(f"convolve: got axes={axes} and dot_axes={dot_axes}, wanted pairs of lists of one length, of axes at least one")
    if [A.shape[k] for k in a_dot] != [B.shape[k] for k in b_dot]:
        raise ValueError(f"convolve: dot_axes={dot_axes} of {A.shape} and {B.shape} have different sizes")
    method = "direct" if math.prod(min(A.shape[k], B.shape[j]) for k, j in zip(a_conv, b_conv, strict=True)) <= 500 else "fft"
    (a, a_rest), (b, b_rest) = _as_stack(A, a_conv, a_dot), _as_stack(B, b_conv, b_dot)
    y = convolve_stacks(a, b, len(a_conv), mode, method)
    return ops.reshape(y, (*a_rest, *b_rest, *y.shape[2:]))


def _as_stack(x: Any, conv: tuple[int, ...], dot: tuple[int, ...]) -> tuple[Any, tuple[int, ...]]:
    """x with its other axes, whose sizes are given too, as one, then the `dot` axes as one, then those of the convolution."""
    others = tuple(k for k in range(x.ndim) if k not in (*conv, *dot))
    rest, channels, sizes = (tuple(x.shape[k] for k in which) for which in (others, dot, conv))
    return ops.reshape(ops.transpose(x, (*others, *dot, *conv)), (math.prod(rest), math.prod(channels), *sizes)), rest


def turned(x: Any) -> Any:
    """The conjugates, turned round along every axis: what a correlation convolves with."""
    return conj(x[(slice(None, None, -1),) * x.ndim]) if x.ndim else x


@twin(signal.correlate, "in1", "in2")
def correlate(in1: Any, in2: Any, mode: str = "full", method: str = "auto") -> Any:
    """yₛ = Σₜ in1ₜ · the conjugate of in2ₜ₋ₛ: the convolution with in2 turned round.

    >>> correlate(np.array([1., 2., 3.]), np.array([1., 10.]), "valid")
    array([21., 32.])
    """
    return along(in1, turned(in2), None, mode, _method(in1, in2, mode, method))


@twin(signal.fftconvolve, "in1", "in2")
def fftconvolve(in1: Any, in2: Any, mode: str = "full", axes: Any = None) -> Any:
    """`convolve` along `axes` by Fourier transforms.

    >>> fftconvolve(np.array([1., 2., 3.]), np.array([1., 10.])).round(9)
    array([ 1., 12., 23., 30.])
    """
    return along(as_inexact(in1), as_inexact(in2), axes, mode, "fft")


@twin(signal.oaconvolve, "in1", "in2")
def oaconvolve(in1: Any, in2: Any, mode: str = "full", axes: Any = None) -> Any:
    """`convolve` along `axes` by Fourier transforms; on Tensors of the whole, on plain arrays, as SciPy does it, of its parts.

    >>> oaconvolve(np.array([1., 2., 3.]), np.array([1., 10.])).round(9)
    array([ 1., 12., 23., 30.])
    """
    return along(as_inexact(in1), as_inexact(in2), axes, mode, "fft")


EDGES = {"wrap": "wrap", "circular": "wrap", "symm": "symmetric", "symmetric": "symmetric"}


@twin(signal.convolve2d, "in1", "in2")
def convolve2d(in1: Any, in2: Any, mode: str = "full", boundary: str = "fill", fillvalue: Any = 0) -> Any:
    """The convolution of two matrices; beyond in1 its `boundary` has `fillvalue`, or "wrap", in1 again, or "symm", its mirror image.

    >>> convolve2d(np.array([[1., 2., 3.]]), np.array([[1., 1.]]), "same", "wrap")
    array([[4., 3., 5.]])
    """
    if in1.ndim != 2 or in2.ndim != 2:
        raise ValueError(f"convolve2d: got {in1.shape} and {in2.shape}, wanted two matrices")
    if boundary not in ("fill", "pad", *EDGES):
        raise ValueError(f"convolve2d: got boundary={boundary!r}, wanted 'fill', 'wrap' or 'symm'")
    if mode == "valid" or (boundary not in EDGES and not fillvalue):
        return along(in1, in2, None, mode, "direct")
    ranges = [range_of(mode, n, k) for n, k in zip(in1.shape, in2.shape, strict=True)]
    widths = [(k - 1, k - 1) for k in in2.shape]
    filled = pad(in1, widths, EDGES[boundary]) if boundary in EDGES else pad(in1, widths, constant_values=fillvalue)
    y = along(filled, in2, None, "valid", "direct")
    return y[tuple(slice(start, start + count) for start, count in ranges)]


@twin(signal.correlate2d, "in1", "in2")
def correlate2d(in1: Any, in2: Any, mode: str = "full", boundary: str = "fill", fillvalue: Any = 0) -> Any:
    """`convolve2d` with in2 turned round, and conjugated; the middle of "same" begins one later where in2 has an even size.

    >>> correlate2d(np.array([[1., 2., 3.]]), np.array([[1., 10.]]), "valid")
    array([[21., 32.]])
    """
    if mode != "same":
        return convolve2d(in1, turned(in2), mode, boundary, fillvalue)
    y = convolve2d(in1, turned(in2), "full", boundary, fillvalue)
    return y[tuple(slice(k // 2, k // 2 + n) for n, k in zip(in1.shape, in2.shape, strict=True))]
