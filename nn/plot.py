"""Pictures of training, as matplotlib figures: the curves, the confusion matrix."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from .training import History

__all__ = ["confusion", "curves"]


def _figure(width: float, height: float) -> Figure:
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ImportError("drawing curves needs matplotlib: pip install matplotlib") from error

    class Shown(Figure):
        """A figure that a notebook shows, also where pyplot was never imported."""

        def _repr_png_(self) -> bytes:
            png = io.BytesIO()
            self.savefig(png, format="png", dpi=100)
            return png.getvalue()

    return Shown(figsize=(width, height), layout="constrained")


def curves(history: History) -> Figure:
    """One panel for each figure of the history, training and held-out data together, over the epochs.

    >>> from nn import History
    >>> len(curves(History([{"loss": 2.0, "val_loss": 2.5, "val_accuracy": 0.5}])).axes)
    2
    """
    names = list(dict.fromkeys(name.removeprefix("val_") for row in history for name in row)) or ["loss"]
    figure = _figure(4.5 * len(names), 3.2)
    for axes, name in zip(figure.subplots(1, len(names), squeeze=False)[0], names, strict=True):
        for key, label, colour in ((name, "training", "C0"), (f"val_{name}", "held out", "C1")):
            values = [(epoch, row[key]) for epoch, row in enumerate(history, 1) if key in row]
            if values:
                axes.plot(*zip(*values, strict=True), label=label, color=colour, marker="." if len(values) < 40 else "")
        axes.set(xlabel="epoch", title=name)
        axes.grid(alpha=0.3)
        axes.legend()
    return figure


def confusion(matrix: NDArray[Any], classes: Sequence[str]) -> Figure:
    """The confusion matrix as a picture, with its counts.

    >>> confusion(np.eye(2, dtype=int), ["cat", "dog"]).axes[0].get_xlabel()
    'predicted'
    """
    count = len(classes)
    figure = _figure(2 + 0.45 * count, 1.8 + 0.45 * count)
    axes = figure.subplots()
    axes.imshow(matrix, cmap="Blues")
    axes.set(xlabel="predicted", ylabel="true", xticks=range(count), yticks=range(count))
    axes.set_xticklabels(classes, rotation=90 if max(map(len, classes), default=0) > 2 else 0)
    axes.set_yticklabels(classes)
    if count <= 30:
        threshold = matrix.max() / 2
        for row, column in np.argwhere(matrix):
            shade = "white" if matrix[row, column] > threshold else "black"
            axes.text(column, row, str(matrix[row, column]), ha="center", va="center", color=shade, fontsize=8)
    return figure
