"""Where buffers lie in one piece of memory: two whose lifetimes do not meet may have the same place."""

from __future__ import annotations

import math
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["ALIGNMENT", "Lifetime", "aligned", "arena", "packed"]

ALIGNMENT = 64
"""Where a buffer may begin, in bytes: at a line of the cache, which the widest registers fill in one load."""


def aligned(nbytes: int) -> int:
    """The room for so many bytes, if another buffer is to follow.

    >>> aligned(65)
    128
    """
    return -(-nbytes // ALIGNMENT) * ALIGNMENT


class Lifetime(NamedTuple):
    """A buffer of `nbytes`, written first by step `first`, read last by step `last`."""

    nbytes: int
    first: int
    last: int


def packed(buffers: Sequence[Lifetime]) -> tuple[list[int], int]:
    """The offset of each buffer, and how many bytes they need together; each gets the smallest gap that holds it.

    >>> packed([Lifetime(64, 0, 1), Lifetime(100, 1, 3), Lifetime(64, 2, 3)])
    ([0, 64, 0], 192)
    """
    offsets, total = [0] * len(buffers), 0
    gaps: list[tuple[int, float]] = [(0, math.inf)]  # from … to, by place; the last has no end
    ends: list[tuple[int, int, int]] = []  # of the buffers that live: when, and from where to where
    for k in sorted(range(len(buffers)), key=lambda k: (buffers[k].first, -buffers[k].nbytes)):
        while ends and ends[0][0] < buffers[k].first:
            _, start, stop = heappop(ends)
            gaps = _with_gap(gaps, start, stop)
        size = aligned(buffers[k].nbytes)
        start, end = gap = min((g for g in gaps if g[1] - g[0] >= size), key=lambda g: g[1] - g[0])
        at = gaps.index(gap)
        gaps[at : at + 1] = [(start + size, end)] if start + size < end else []
        heappush(ends, (buffers[k].last, start, start + size))
        offsets[k], total = start, max(total, start + size)
    return offsets, total


def _with_gap(gaps: list[tuple[int, float]], start: int, stop: float) -> list[tuple[int, float]]:
    """The gaps with one more, joined with its neighbours."""
    joined: list[tuple[int, float]] = []
    for gap in sorted([*gaps, (start, stop)]):
        if joined and joined[-1][1] == gap[0]:
            joined[-1] = joined[-1][0], gap[1]
        else:
            joined.append(gap)
    return joined


def arena(nbytes: int) -> Callable[[int, tuple[int, ...], Any], np.ndarray]:
    """Memory for buffers: a function (offset, shape, dtype) → the array there, aligned.

    >>> memory = arena(128)
    >>> memory(64, (2, 3), "float32").ctypes.data % ALIGNMENT
    0
    """
    raw = np.empty(nbytes + ALIGNMENT, np.uint8)
    start = -raw.ctypes.data % ALIGNMENT

    def memory(offset: int, shape: tuple[int, ...], dtype: Any) -> np.ndarray:
        size = math.prod(shape) * np.dtype(dtype).itemsize
        array: np.ndarray = raw[start + offset : start + offset + size].view(dtype).reshape(shape)
        return array

    return memory
