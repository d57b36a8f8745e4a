"""Cross-entropy and its derivative, as one: what both need is computed once, in memory that was set aside before."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .. import ops
from ..ops.softmax import softmax_minus_one_hot
from .memory import ALIGNMENT, arena

__all__ = ["ONE_THREAD", "CrossEntropy", "Half", "Pair"]

UNSIGNED = {1: "u1", 2: "u2", 4: "u4", 8: "u8"}
ONE_THREAD = 8192
"""Up to so many numbers BLAS sums a matrix without calling other threads, which may come late."""


class CrossEntropy:
    """The loss of scores of one shape, and then its slope.

    Both have a fast way, for labels that are in range and losses that are no NaN; else they call the ops, which say what is wrong.

    >>> both = CrossEntropy((1, 2), "float64", "mean", None)
    >>> z, labels = np.zeros((1, 2)), np.array([1])
    >>> both.loss(z, labels), both.slope(1.0, z, labels)
    (np.float64(0.6931471805599453), array([[ 0.5, -0.5]]))
    """

    def __init__(self, shape: tuple[int, ...], dtype: str, reduction: str, ignore_index: int | None) -> None:
        self.reduction, self.ignore_index = reduction, ignore_index
        self.rows, self.classes = math.prod(shape[:-1]), shape[-1]
        self.limit = self.classes if ignore_index is None or not 0 <= ignore_index < self.classes else 0  # of the labels that are all kept
        scores = self.rows, self.classes
        size = -(-math.prod(scores) * np.dtype(dtype).itemsize // ALIGNMENT) * ALIGNMENT
        memory = arena(2 * size)
        self.d, self.e = memory(0, scores, dtype), memory(size, scores, dtype)
        self.starts = np.arange(0, math.prod(scores), self.classes)
        self.top, self.true, self.others = np.empty(self.rows, np.intp), np.empty(self.rows, np.intp), np.empty(self.rows, dtype)
        self.one, self.ones = np.ones((), dtype), np.ones(self.classes, dtype)
        self.usual = False  # whether what is kept of the last scores is right

    def loss(self, z: Any, labels: Any, out: Any = None) -> Any:
        """`autograd.ops.cross_entropy`, to rounding."""
        row_labels = labels.reshape(-1)
        unsigned = row_labels.view(UNSIGNED[labels.itemsize])  # a negative label is huge
        self.usual = bool(unsigned[unsigned.argmax()] < self.limit)
        if self.usual:
            y = self._losses(z.reshape(self.d.shape), row_labels)
            total = y.dot(y) if self.reduction == "none" else np.add.reduce(y)
            self.usual = bool(total == total)  # noqa: PLR0124  # only a NaN differs from itself
        if not self.usual:
            y = ops.cross_entropy(z, labels, self.reduction, self.ignore_index)
        elif self.reduction == "none":
            y = y.reshape(labels.shape)
        else:
            return total / self.rows if self.reduction == "mean" else total
        if out is None:
            return y
        out[...] = y
        return out

    def _losses(self, z: Any, labels: Any) -> Any:
        """The loss of each row; d, e and others are kept for the slope."""
        top, true, others = self.top, self.true, self.others
        z.argmax(-1, top)
        np.add(top, self.starts, out=top)
        z.reshape(-1).take(top, out=others, mode="clip")
        np.subtract(z, others[:, None], out=self.d)
        np.exp(self.d, out=self.e)
        self.e.reshape(-1)[top] = 0  # the largest term is log1p's own 1
        if self.e.size <= ONE_THREAD:
            self.e.dot(self.ones, out=others)
        else:
            np.add.reduce(self.e, axis=-1, out=others)
        np.add(self.starts, labels, out=true)
        y = np.log1p(others)
        return np.subtract(y, self.d.reshape(-1)[true], out=y)

    def slope(self, g: Any, z: Any, labels: Any, out: Any = None) -> Any:
        """The derivative with respect to z, for the g of all rows, or of each."""
        if out is None:
            out = np.empty(z.shape, self.d.dtype)
        if not self.usual:
            return np.multiply(*self._slowly(g, z, labels), out=out)
        self.usual = False  # from here on, others and e are something else
        e, others = self.e.reshape(-1), self.others
        e[self.top] = 1
        rest = e[self.true]  # −Σ of the other probabilities: (e − 1) − Σ of all but the largest, where nothing cancels
        np.subtract(rest, self.one, out=rest)
        np.subtract(rest, others, out=rest)
        e[self.true] = rest
        np.add(others, self.one, out=others)
        np.divide(g if np.ndim(g) == 0 else g.reshape(-1), others, out=others)
        np.multiply(self.e, others[:, None], out=out.reshape(self.e.shape))
        return out

    def _slowly(self, g: Any, z: Any, labels: Any) -> tuple[Any, Any]:
        """What the rule of `cross_entropy` multiplies."""
        kept = np.ones(labels.shape, bool) if self.ignore_index is None else labels != self.ignore_index
        g = np.where(kept, g if np.ndim(g) == 0 else g.reshape(labels.shape), self.one * 0)[..., None]
        return g, softmax_minus_one_hot.forward(np.where(kept[..., None], z, self.one * 0), np.where(kept, labels, 0))


class Pair:
    """A loss and its slope in a program: two ops that share a `CrossEntropy`."""

    def __init__(self, z: Any, labels: Any, reduction: str, ignore_index: int | None) -> None:
        self.arguments = (z, labels)
        self.ignore_index = ignore_index
        self.code = f"CrossEntropy({z.shape}, {str(z.dtype)!r}, {reduction!r}, {ignore_index})"
        self.loss, self.slope = Half(self, "loss"), Half(self, "slope")


class Half:
    """One of the two ops."""

    kind = "pair"

    def __init__(self, pair: Pair, name: str) -> None:
        self.pair, self.name = pair, name
        self.raises = name == "loss"
