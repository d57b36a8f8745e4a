"""NumPy's Fourier transforms, differentiated: along one axis they are ops, and all others are made of those.

>>> import autograd.numpy as np
>>> np.fft.ifft(np.fft.fft(np.ones(2))).real
array([1., 1.])
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .. import ops
from ..ops.complex import conj
from ..ops.fft import OPPOSITE
from .keywords import as_value, check_out, function, holds_traced, into
from .shapes import roll

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = [
    "fft", "fft2", "fftfreq", "fftn", "fftshift", "hfft", "ifft", "ifft2", "ifftn", "ifftshift", "ihfft", "irfft", "irfft2", "irfftn",
    "rfft", "rfft2", "rfftfreq", "rfftn",
]  # fmt: skip

fftfreq = np.fft.fftfreq
rfftfreq = np.fft.rfftfreq


def _transformed(name: str, a: Any, out: Any, steps: Iterable[tuple[Callable[..., Any], int | None, int]], norm: str | None) -> Any:
    """The transforms of the `steps`, each with its length and its axis, one after the other."""
    check_out(name, out, a)
    y = as_value(a)
    for op, n, axis in steps:
        y = op(y, n, axis, norm)
    return into(name, out, y)


def _sizes(name: str, a: Any, s: Any, axes: Any) -> list[tuple[int | None, int]]:
    """For each axis to transform, the length to which it is cut or filled up, and its number."""
    if axes is None:
        if s is not None:
            raise ValueError(f"{name}: got s={s} without axes; say which, as in axes=(-2, -1)")
        axes = range(np.ndim(a))
    sizes = [None] * len(axes) if s is None else [None if n in (None, -1) else n for n in s]
    if len(sizes) != len(axes):
        raise ValueError(f"{name}: got {len(sizes)} sizes s={s} for {len(axes)} axes={axes}, wanted one for each")
    return list(zip(sizes, axes, strict=True))


@function
def fft(a: Any, n: int | None = None, axis: int = -1, norm: str | None = None, out: Any = None) -> Any:
    """yₖ = Σⱼ aⱼ ω^{jk} with ω = e^{−2πi/n}, of `a` cut or filled up with zeros to length n.

    >>> fft(np.array([1., 2.]))
    array([ 3.+0.j, -1.+0.j])
    """
    return _transformed("fft", a, out, [(ops.fft, n, axis)], norm)
