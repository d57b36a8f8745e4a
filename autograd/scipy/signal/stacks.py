"""The convolution that all others are made of: of stacks of arrays, summed over channels, as the layers of networks have it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy import fft, signal

from ...op import call, multilinear
from ...ops.broadcast import unbroadcast
from ...ops.index import add_at
from ...ops.shape import swapaxes

__all__ = ["convolve_stacks", "range_of"]


def range_of(mode: str, n: int, k: int) -> tuple[int, int]:
    """Where the values that `mode` keeps of the n + k − 1 of a full convolution begin, and how many there are.

    >>> range_of("same", 5, 3), range_of("valid", 5, 3)
    ((1, 5), (2, 3))
    """
    ranges = {"full": (0, n + k - 1), "same": ((k - 1) // 2, n), "valid": (min(n, k) - 1, abs(n - k) + 1)}
    if mode not in ranges:
        raise ValueError(f"got mode={mode!r}, wanted 'full', 'same' or 'valid'")
    return ranges[mode]


def _placed(g: Any, a_shape: tuple[int, ...], b_shape: tuple[int, ...], axes: int, mode: str) -> Any:
    """g in its place in the full convolution."""
    if mode == "full":
        return g
    sizes = list(zip(a_shape[-axes:], b_shape[-axes:], strict=True))
    kept = (slice(start, start + count) for start, count in (range_of(mode, n, k) for n, k in sizes))
    return add_at(g, (..., *kept), (*g.shape[:-axes], *(n + k - 1 for n, k in sizes)))


def _over(g: Any, other: Any, axes: int, method: str) -> Any:
    """A full convolution's cotangent over all of the other stack, which is turned round, and summed over its arrays."""
    turned = swapaxes(other, -axes - 1, -axes - 2)[(..., *[slice(None, None, -1)] * axes)]
    return convolve_stacks(g, turned, axes, "valid", method)


@multilinear(
    lambda g, b, in_shape, axes, mode, method: unbroadcast(_over(_placed(g, in_shape, b.shape, axes, mode), b, axes, method), in_shape),
    lambda g, a, in_shape, axes, mode, method: unbroadcast(
        _over(swapaxes(_placed(g, a.shape, in_shape, axes, mode), -axes - 1, -axes - 2), a, axes, method), in_shape
    ),
    samples=[
        call(a, b, axes, mode, method)
        for method in ("direct", "fft")
        for mode in ("full", "same", "valid")
        for a, b, axes in (((1, 1, 5), (1, 1, 2), 1), ((2, 3, 2), (1, 3, 4), 1), ((2, 1, 3, 4, 3), (2, 3, 3, 2), 2))
    ],
)
def convolve_stacks(a: Any, b: Any, /, axes: int, mode: str = "full", method: str = "direct") -> Any:
    """Y[…, i, j, s] = Σ_d Σ_t A[…, i, d, s − t] B[…, j, d, t]: each array of A with each of B, over the last `axes`.

    With stacks transposed and turned round it is its own adjoint.  `method` is "direct", or "fft".

    >>> convolve_stacks(np.ones((1, 2, 3)), np.ones((1, 2, 2)), 1)
    array([[[2., 4., 4., 2.]]])
    """
    sizes = list(zip(a.shape[-axes:], b.shape[-axes:], strict=True))
    if not all(n and k for n, k in sizes):
        raise ValueError("wanted at least one value along each axis of a convolution")
    if mode == "valid" and not (all(n >= k for n, k in sizes) or all(n <= k for n, k in sizes)):
        raise ValueError("for mode 'valid', one array must be at least as large as the other along every axis")
    ranges = [range_of(mode, n, k) for n, k in sizes]
    dtype = np.result_type(a, b)
    if method == "fft":
        return _by_frequencies(a, b, axes, ranges).astype(dtype, copy=False)
    if math.prod(a.shape[:-axes]) == 1 == math.prod(b.shape[:-axes]):  # in one run of compiled code
        y = signal.convolve(a.reshape(a.shape[-axes:]), b.reshape(b.shape[-axes:]), mode, "direct")
        return y.reshape((1,) * (max(a.ndim, b.ndim) - axes) + y.shape)
    if math.prod(n for n, _ in sizes) < math.prod(k for _, k in sizes):  # the loop is over the smaller one
        return _shifted(b, a, axes, ranges, "jd{s},id->ij{s}", dtype)
    return _shifted(a, b, axes, ranges, "id{s},jd->ij{s}", dtype)


def _shifted(a: Any, b: Any, axes: int, ranges: list[tuple[int, int]], form: str, dtype: Any) -> Any:
    """The sum over the places in b of what is in a, so far shifted."""
    left, _, right = form.partition(",")
    middle, _, end = right.partition("->")
    subscripts = f"...{left},...{middle}->...{end}".format(s="stuvwxyz"[:axes])
    rows = (a, b) if left[0] == "i" else (b, a)
    lead = np.broadcast_shapes(*(x.shape[: -axes - 2] for x in rows))
    y: Any = np.zeros((*lead, *(x.shape[-axes - 2] for x in rows), *(count for _, count in ranges)), dtype)
    for place in np.ndindex(b.shape[-axes:]):
        spans = [(max(t - start, 0), min(t - start + n, m)) for t, n, (start, m) in zip(place, a.shape[-axes:], ranges, strict=True)]
        if all(low < high for low, high in spans):
            source = (slice(low + start - t, high + start - t) for (low, high), t, (start, _) in zip(spans, place, ranges, strict=True))
            part = np.einsum(subscripts, a[(..., *source)], b[(..., *place)], optimize=True)
            y[(..., *(slice(*span) for span in spans))] += part
    return y


def _by_frequencies(a: Any, b: Any, axes: int, ranges: list[tuple[int, int]]) -> Any:
    over = tuple(range(-axes, 0))
    real = not (np.iscomplexobj(a) or np.iscomplexobj(b))
    size = [fft.next_fast_len(n + k - 1, real) for n, k in zip(a.shape[-axes:], b.shape[-axes:], strict=True)]
    forth, back = (fft.rfftn, fft.irfftn) if real else (fft.fftn, fft.ifftn)
    letters = "stuvwxyz"[:axes]
    y = np.einsum(f"...id{letters},...jd{letters}->...ij{letters}", forth(a, size, over), forth(b, size, over))
    y = back(y, size, over)[(..., *(slice(start, start + count) for start, count in ranges))]
    return np.rint(y) if np.result_type(a, b).kind in "biu" else y
