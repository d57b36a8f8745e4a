"""NumPy's Fourier transforms, differentiated: along one axis they are ops, and all others are made of those.

>>> import autograd.numpy as np
>>> np.fft.ifft(np.fft.fft(np.ones(2))).real
array([1., 1.])
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from .. import ops
from ..ops.complex import conj
from ..ops.fft import OPPOSITE
from .keywords import as_value, check_out, function, into

if TYPE_CHECKING:
    from collections.abc import Callable

    Step = tuple[Callable[..., Any], int | None, int]  # a transform, its length, its axis

__all__ = [
    "fft", "fft2", "fftfreq", "fftn", "fftshift", "hfft", "ifft", "ifft2", "ifftn", "ifftshift", "ihfft", "irfft", "irfft2", "irfftn",
    "rfft", "rfft2", "rfftfreq", "rfftn",
]  # fmt: skip

fftfreq = np.fft.fftfreq
rfftfreq = np.fft.rfftfreq


def _transformed(name: str, a: Any, out: Any, norm: str | None, *steps: Step) -> Any:
    """The transforms of the steps, one after the other."""
    check_out(name, out, a)
    y = as_value(a)
    for op, n, axis in steps:
        y = op(y, n, axis, norm)
    return into(name, out, y)


def _steps(name: str, op: Callable[..., Any], a: Any, s: Any, axes: Any) -> list[Step]:
    """`op` along each of the axes, of the lengths `s`, of which −1 leaves the length as it is, and None to `op`."""
    if axes is None:
        axes = range(-len(s), 0) if s is not None else range(np.ndim(a))
        if s is not None:
            warnings.warn(f"{name}: got s={s} without axes, as NumPy no longer takes it; give axes too", DeprecationWarning, stacklevel=3)
    s = [None] * len(axes) if s is None else s
    if len(s) != len(axes):
        raise ValueError(f"{name}: got s={s} for axes={axes}, wanted one length for each axis")
    return [(op, np.shape(a)[axis] if n == -1 else n, axis) for n, axis in zip(s, axes, strict=True)]


def _steps_to_real(name: str, op: Callable[..., Any], real_op: Callable[..., Any], a: Any, s: Any, axes: Any) -> list[Step]:
    """As `_steps`, with `real_op`, from real values or to them, along the last of the axes."""
    steps = _steps(name, op, a, s, axes)
    if not steps:
        raise ValueError(f"{name}: got axes={axes} of an array of {np.ndim(a)} axes, wanted at least one to transform")
    return [*steps[:-1], (real_op, *steps[-1][1:])]


# -- of complex values --------------------------------------------------------------------------------------------------------------------


@function
def fft(a: Any, n: int | None = None, axis: int = -1, norm: str | None = None, out: Any = None) -> Any:
    """yₖ = Σⱼ aⱼ ω^{jk} with ω = e^{−2πi/n}, of `a` cut or filled up with zeros to length n.

    `norm` says which transform is divided by n: "backward", the inverse one; "forward", this; "ortho", each by √n.

    >>> fft(np.array([1., 2.]))
    array([ 3.+0.j, -1.+0.j])
    """
    return _transformed("fft", a, out, norm, (ops.fft, n, axis))


@function
def ifft(a: Any, n: int | None = None, axis: int = -1, norm: str | None = None, out: Any = None) -> Any:
    """yₖ = 1/n Σⱼ aⱼ ω^{−jk}: the inverse of `fft`.

    >>> ifft(np.array([3., -1.]))
    array([1.+0.j, 2.+0.j])
    """
    return _transformed("ifft", a, out, norm, (ops.ifft, n, axis))


@function
def fftn(a: Any, s: Any = None, axes: Any = None, norm: str | None = None, out: Any = None) -> Any:
    """`fft` along several axes, or all, each cut or filled up with zeros to its length in `s`.

    >>> fftn(np.ones((1, 2)))
    array([[2.+0.j, 0.+0.j]])
    """
    return _transformed("fftn", a, out, norm, *_steps("fftn", ops.fft, a, s, axes))


@function
def ifftn(a: Any, s: Any = None, axes: Any = None, norm: str | None = None, out: Any = None) -> Any:
    """`ifft` along several axes, or all: the inverse of `fftn`.

    >>> ifftn(np.array([[2., 0.]]))
    array([[1.+0.j, 1.+0.j]])
    """
    return _transformed("ifftn", a, out, norm, *_steps("ifftn", ops.ifft, a, s, axes))


@function
def fft2(a: Any, s: Any = None, axes: Any = (-2, -1), norm: str | None = None, out: Any = None) -> Any:
    """`fftn` along the last two axes.

    >>> fft2(np.ones((1, 2)))
    array([[2.+0.j, 0.+0.j]])
    """
    return _transformed("fft2", a, out, norm, *_steps("fft2", ops.fft, a, s, axes))


@function
def ifft2(a: Any, s: Any = None, axes: Any = (-2, -1), norm: str | None = None, out: Any = None) -> Any:
    """`ifftn` along the last two axes.

    >>> ifft2(np.array([[2., 0.]]))
    array([[1.+0.j, 1.+0.j]])
    """
    return _transformed("ifft2", a, out, norm, *_steps("ifft2", ops.ifft, a, s, axes))


# -- of real values, whose frequencies come in conjugate pairs ----------------------------------------------------------------------------


@function
def rfft(a: Any, n: int | None = None, axis: int = -1, norm: str | None = None, out: Any = None) -> Any:
    """The first half, n // 2 + 1 values, of the `fft` of real values.

    >>> rfft(np.array([1., 2., 4., 8.]))
    array([15.+0.j, -3.+6.j, -5.+0.j])
    """
    return _transformed("rfft", a, out, norm, (ops.rfft, n, axis))


@function
def irfft(a: Any, n: int | None = None, axis: int = -1, norm: str | None = None, out: Any = None) -> Any:
    """The n real values, an even number unless given, of which `a` is the `rfft`.

    >>> irfft(np.array([15, -3 + 6j, -5]))
    array([1., 2., 4., 8.])
    """
    return _transformed("irfft", a, out, norm, (ops.irfft, n, axis))


@function
def rfftn(a: Any, s: Any = None, axes: Any = None, norm: str | None = None, out: Any = None) -> Any:
    """`rfft` along the last of the axes, then `fft` along the others.

    >>> rfftn(np.ones((2, 2)))
    array([[4.+0.j, 0.+0.j],
           [0.+0.j, 0.+0.j]])
    """
    return _transformed("rfftn", a, out, norm, *reversed(_steps_to_real("rfftn", ops.fft, ops.rfft, a, s, axes)))


@function
def irfftn(a: Any, s: Any = None, axes: Any = None, norm: str | None = None, out: Any = None) -> Any:
    """`ifft` along all of the axes but the last, then `irfft` along that: the inverse of `rfftn`.

    >>> irfftn(np.array([[4., 0.], [0., 0.]]))
    array([[1., 1.],
           [1., 1.]])
    """
    return _transformed("irfftn", a, out, norm, *_steps_to_real("irfftn", ops.ifft, ops.irfft, a, s, axes))


@function
def rfft2(a: Any, s: Any = None, axes: Any = (-2, -1), norm: str | None = None, out: Any = None) -> Any:
    """`rfftn` along the last two axes.

    >>> rfft2(np.ones((1, 2)))
    array([[2.+0.j, 0.+0.j]])
    """
    return _transformed("rfft2", a, out, norm, *reversed(_steps_to_real("rfft2", ops.fft, ops.rfft, a, s, axes)))


@function
def irfft2(a: Any, s: Any = None, axes: Any = (-2, -1), norm: str | None = None, out: Any = None) -> Any:
    """`irfftn` along the last two axes.

    >>> irfft2(np.array([[2., 0.]]))
    array([[1., 1.]])
    """
    return _transformed("irfft2", a, out, norm, *_steps_to_real("irfft2", ops.ifft, ops.irfft, a, s, axes))


@function
def hfft(a: Any, n: int | None = None, axis: int = -1, norm: str | None = None, out: Any = None) -> Any:
    """The n real values, an even number unless given, of which `a` is the `ihfft`.

    >>> hfft(np.array([2.0, 0.5, 1.0]))
    array([4., 1., 2., 1.])
    """
    return _transformed("hfft", conj(as_value(a)), out, _opposite("hfft", norm), (ops.irfft, n, axis))


@function
def ihfft(a: Any, n: int | None = None, axis: int = -1, norm: str | None = None, out: Any = None) -> Any:
    """The first half, n // 2 + 1 values, of the `ifft` of real values.

    >>> ihfft(np.array([4., 1., 2., 1.])).real
    array([2. , 0.5, 1. ])
    """
    check_out("ihfft", out, a)
    return into("ihfft", out, conj(_transformed("ihfft", a, None, _opposite("ihfft", norm), (ops.rfft, n, axis))))


def _opposite(name: str, norm: str | None) -> str:
    if norm not in OPPOSITE:
        raise ValueError(f"{name}: got norm={norm!r}, wanted 'backward', 'ortho' or 'forward'")
    return OPPOSITE[norm]


# -- order --------------------------------------------------------------------------------------------------------------------------------


@function
def fftshift(x: Any, axes: Any = None) -> Any:
    """The frequencies in rising order, with 0 in the middle, along the axes: all, one, or several as a tuple.

    >>> fftshift(fftfreq(5, 0.2))
    array([-2., -1.,  0.,  1.,  2.])
    """
    return _rotated(x, axes, 0)


@function
def ifftshift(x: Any, axes: Any = None) -> Any:
    """The inverse of `fftshift`.

    >>> ifftshift(np.array([-2., -1., 0., 1., 2.]))
    array([ 0.,  1.,  2., -2., -1.])
    """
    return _rotated(x, axes, 1)


def _rotated(x: Any, axes: Any, less: int) -> Any:
    """The second half before the first, which is longer by one value if the length is odd, or, with `less`, shorter."""
    x = as_value(x)
    for axis in range(x.ndim) if axes is None else normalize_axis_tuple(axes, x.ndim, "axes", allow_duplicate=True):
        before = (slice(None),) * axis
        middle = (x.shape[axis] + 1 - less) // 2
        x = ops.concatenate((x[(*before, slice(middle, None))], x[(*before, slice(middle))]), axis)
    return x
