"""Cross-entropy and its slope, as one: what both need is computed once, in memory that was set aside before."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ... import ops
from ...ops.softmax import softmax_minus_one_hot
from ..memory import aligned, arena

__all__ = ["ONE_THREAD", "CrossEntropy", "Half", "Pair"]

ONE_THREAD = 8192
"""Up to so many numbers BLAS works on a matrix and a row without calling other threads, which may come late."""
UNSIGNED = {n: np.dtype(f"u{n}") for n in (1, 2, 4, 8)}
"""By their sizes in bytes, the dtypes as which labels are compared."""


class CrossEntropy:
    """The loss of scores of one shape, and then its slope.

    Both have a fast way, for labels that are in range and losses that are no NaN; else they call the ops, which say what is wrong.

    >>> both = CrossEntropy((1, 2), "float64", "mean", None)
    >>> z, labels = np.zeros((1, 2)), np.array([1])
    >>> both.loss(z, labels), both.slope(1.0, z, labels)
    (np.float64(0.6931471805599453), array([[ 0.5, -0.5]]))
    """

    def __init__(self, shape: tuple[int, ...], dtype: str, reduction: str, ignore_index: int | None) -> None:
        self.reduction, self.ignore_index, self.small = reduction, ignore_index, math.prod(shape) <= ONE_THREAD
        rows, classes = self.shape = math.prod(shape[:-1]), shape[-1]
        self.limit = classes if ignore_index is None or not 0 <= ignore_index < classes else 0  # of labels none of which can be ignored
        size = aligned(rows * classes * np.dtype(dtype).itemsize)
        memory = arena(3 * size)
        # d is the scores less the largest of their row, e is exp(d), others are the sums of its rows but for the largest term
        self.d, self.e, self.wide = (memory(k * size, self.shape, dtype) for k in range(3))
        self.flat_d, self.flat_e = self.d.reshape(-1), self.e.reshape(-1)
        self.others = np.empty(rows, dtype)
        self.column = self.others[:, None]
        # where in the flat arrays rows start, and where the largest scores and those of the true classes are
        self.starts, self.top, self.true = np.arange(0, rows * classes, classes), np.empty(rows, np.intp), np.empty(rows, np.intp)
        self.one, self.share, self.row = np.ones((), dtype), np.array(1 / rows, dtype), np.ones((1, classes), dtype)
        self.by_class, self.by_row = np.ones(classes, dtype), np.ones(rows, dtype)
        self.usual = False  # whether what is kept of the last scores is right

    def loss(self, z: Any, labels: Any, out: Any = None) -> Any:
        """`autograd.ops.cross_entropy`, to rounding."""
        row_labels = labels.reshape(-1)
        unsigned = row_labels.view(UNSIGNED[labels.itemsize])  # a negative label is huge
        self.usual = bool(unsigned[unsigned.argmax()] < self.limit)
        if self.usual:
            y = self._losses(z.reshape(self.shape), row_labels)
            total = y.dot(y) if self.reduction == "none" else y.dot(self.by_row) if self.small else np.add.reduce(y)
            self.usual = bool(total == total)  # noqa: PLR0124  # only a NaN differs from itself
        if not self.usual:
            y = ops.cross_entropy(z, labels, self.reduction, self.ignore_index)
        elif self.reduction == "none":
            y = y.reshape(labels.shape)[()]
        else:
            return total / y.size if self.reduction == "mean" else total
        if out is None:
            return y
        out[...] = y
        return out

    def _losses(self, z: Any, labels: Any) -> Any:
        """The loss of each row; d, e and others are kept for the slope."""
        top, others = self.top, self.others
        z.argmax(-1, top)
        np.add(top, self.starts, out=top)
        z.reshape(-1).take(top, out=others, mode="clip")
        np.subtract(z, self._spread(), out=self.d)
        np.exp(self.d, out=self.e)
        self.flat_e[top] = 0  # the largest term is log1p's own 1
        if self.small:
            self.e.dot(self.by_class, out=others)
        else:
            np.add.reduce(self.e, axis=-1, out=others)
        y = np.log1p(others)
        return np.subtract(y, self.flat_d[np.add(self.starts, labels, out=self.true)], out=y)

    def _spread(self) -> Any:
        """The column, as wide as the scores: few numbers are copied by a product sooner than NumPy goes through short rows."""
        return self.column.dot(self.row, out=self.wide) if self.small else self.column

    def slope(self, g: Any, z: Any, labels: Any, out: Any = None) -> Any:
        """The derivative with respect to z, for the g of all rows, or of each; None: of the mean."""
        if out is None:
            out = np.empty(z.shape, self.d.dtype)
        if not self.usual:
            return np.multiply(*self._slowly(g, z, labels), out=out)
        self.usual = False  # from here on, others and e are something else
        e, others = self.flat_e, self.others
        e[self.top] = 1
        rest = e[self.true]  # −Σ of the other probabilities: (e − 1) − Σ of all but the largest, where nothing cancels
        np.subtract(rest, self.one, out=rest)
        e[self.true] = np.subtract(rest, others, out=rest)
        np.add(others, self.one, out=others)
        np.divide(self.share if g is None else g.reshape(-1) if isinstance(g, np.ndarray) and g.ndim else g, others, out=others)
        np.multiply(self.e, self._spread(), out=out.reshape(self.shape))
        return out

    def _slowly(self, g: Any, z: Any, labels: Any) -> tuple[Any, Any]:
        """What the rule of `cross_entropy` multiplies."""
        kept = np.ones(labels.shape, bool) if self.ignore_index is None else labels != self.ignore_index
        zero = self.d.dtype.type(0)
        g = (1 / np.count_nonzero(kept) if kept.any() else np.inf) * self.one if g is None else g
        g = np.where(kept, g.reshape(labels.shape) if isinstance(g, np.ndarray) and g.ndim else g, zero)[..., None]
        return g, softmax_minus_one_hot.forward(np.where(kept[..., None], z, zero), np.where(kept, labels, 0))


class Pair:
    """A loss and its slope in a program: two steps that share a `CrossEntropy`, which `code` makes."""

    def __init__(self, z: Any, labels: Any, reduction: str, ignore_index: int | None) -> None:
        self.arguments, self.ignore_index = (z, labels), ignore_index
        self.code = f"CrossEntropy({z.shape}, {str(z.dtype)!r}, {reduction!r}, {ignore_index})"
        self.loss, self.slope = Half(self, "loss"), Half(self, "slope")


class Half:
    """In place of an op in one of the two steps: the method `name` of what they share."""

    kind = "pair"

    def __init__(self, pair: Pair, name: str) -> None:
        self.pair, self.name = pair, name
        self.raises = name == "loss"
