"""Discrete Fourier transforms along one axis; those along several are one after the other.

A transform is linear, with the symmetric matrix ω^{jk}: it is its own adjoint, but for the length that `n` gave to its argument.  Of real
values half the frequencies say all; each of those stands for two, except 0 and, of an even number, the highest.  That is all that the
adjoints of `rfft` and `irfft` have to reckon with: they are one another, times those weights, with the exponent's sign turned by `conj`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..op import call, multilinear
from .complex import conj, is_complex, real
from .index import add_at, getitem
from .shape import astype

__all__ = ["OPPOSITE", "fft", "ifft", "irfft", "rfft"]

SAMPLES = [
    call((4,)),
    call((5,), norm="ortho"),
    call((1,)),
    call((3, 2), axis=0, norm="forward"),
    call((2, 5), n=3),
    call((2, 3), n=4, norm="ortho"),
]
OPPOSITE = {None: "forward", "backward": "forward", "forward": "backward", "ortho": "ortho"}
"""The `norm` by which a transform is scaled as its inverse is with another."""


@multilinear(lambda g, in_shape, axis, norm: _resized(fft(g, None, axis, norm), in_shape), tex=r"\mathcal{{F}}\, {x}", samples=SAMPLES)
def fft(x: Any, /, n: int | None = None, axis: int = -1, norm: Any = None) -> Any:
    """yₖ = Σⱼ xⱼ ω^{jk} with ω = e^{−2πi/n}, of x cut or filled up with zeros to length n; `norm` as NumPy takes it.  Its own adjoint.

    >>> fft(np.array([1., 2.]))
    array([ 3.+0.j, -1.+0.j])
    """
    return np.fft.fft(x, n, axis, norm)


@multilinear(
    lambda g, in_shape, axis, norm: _resized(ifft(g, None, axis, norm), in_shape), tex=r"\mathcal{{F}}^{{-1}} {x}", samples=SAMPLES
)
def ifft(x: Any, /, n: int | None = None, axis: int = -1, norm: Any = None) -> Any:
    """yₖ = 1/n Σⱼ xⱼ ω^{−jk}: the inverse of `fft`.  Its own adjoint.

    >>> ifft(np.array([3., -1.]))
    array([1.+0.j, 2.+0.j])
    """
    return np.fft.ifft(x, n, axis, norm)


def _of_half(g: Any, in_shape: tuple[int, ...], n: int | None, axis: int, norm: str | None) -> Any:
    n = in_shape[axis] if n is None else n
    return _resized(irfft(conj(_weighted(g, 0.5, n, axis)), n, axis, OPPOSITE[norm]), in_shape)


@multilinear(_of_half, tex=r"\mathcal{{F}}\, {x}", samples=SAMPLES)
def rfft(x: Any, /, n: int | None = None, axis: int = -1, norm: Any = None) -> Any:
    """The first half, n // 2 + 1 values, of `fft(x)` for a real x: the other is their conjugates.

    >>> rfft(np.array([1., 2., 3.])).shape
    (2,)
    """
    return np.fft.rfft(x, n, axis, norm)


def _of_whole(g: Any, x: Any, axis: int, norm: str | None) -> Any:
    y = _resized(conj(_weighted(rfft(g, None, axis, OPPOSITE[norm]), 2, g.shape[axis], axis)), x.shape)
    return y if is_complex(x) else astype(real(y), x.dtype)


@multilinear(_of_whole, tex=r"\mathcal{{F}}^{{-1}} {x}", samples=[call((2,), n=1), *SAMPLES[:1], *SAMPLES[3:], call((3,), n=5)])
def irfft(x: Any, /, n: int | None = None, axis: int = -1, norm: Any = None) -> Any:
    """The n real values of which x is `rfft`; n is even, 2 (len − 1), unless given.

    >>> irfft(np.array([6., 0.]), n=3)
    array([2., 2., 2.])
    """
    return np.fft.irfft(x, n, axis, norm)


def _weighted(x: Any, weight: float, n: int, axis: int) -> Any:
    """Half the frequencies of n real values, with the weight on each that stands for two.

    >>> _weighted(np.ones(3), 2, 4, 0), _weighted(np.ones(3), 2, 5, 0)
    (array([1., 2., 1.]), array([1., 2., 2.]))
    """
    w = np.full(n // 2 + 1, weight, np.finfo(x.dtype).dtype)
    w[0] = 1
    if n % 2 == 0:
        w[-1] = 1
    return x * w.reshape(-1, *(1,) * (-axis - 1 if axis < 0 else x.ndim - axis - 1))


def _resized(x: Any, shape: tuple[int, ...]) -> Any:
    """x cut or filled up with zeros to `shape`.

    >>> _resized(np.ones((2, 2)), (1, 3))
    array([[1., 1., 0.]])
    """
    common = tuple(slice(min(m, n)) for m, n in zip(x.shape, shape, strict=True))
    if x.shape != tuple(k.stop for k in common):
        x = getitem(x, common)
    return x if x.shape == shape else add_at(x, common, shape)
