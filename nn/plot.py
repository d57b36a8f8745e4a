"""Pictures of training and of what was learnt, as matplotlib Axes: new ones, or those given as `ax`.  None is shown: that is pyplot's part.

Colours are those of M. Okabe and K. Ito, which colour-blind readers tell apart; what is written or empty takes the colours of
matplotlib's style, so that dark styles stay dark.
"""

from __future__ import annotations

import io
from math import ceil, isqrt, sqrt
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd import Tensor
from autograd.op import as_array

from . import training

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike, NDArray

    from .module import Module

__all__ = ["as_png", "confusion_matrix", "curves", "decision_boundary", "weights"]

BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY, YELLOW, GREY = COLOURS = (
    "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#F0E442", "#999999",
)  # fmt: skip
MARKERS = "osD^vP*Xph"


def _new_axes(width: float, height: float, columns: int = 1) -> NDArray[Any]:
    """A row of new Axes."""
    try:
        from matplotlib import pyplot as plt
    except ImportError as error:
        raise ImportError("pictures need matplotlib: pip install matplotlib") from error
    axes: NDArray[Any] = plt.subplots(1, columns, figsize=(width, height), layout="constrained", squeeze=False)[1][0]
    return axes


def as_png(ax: Axes | NDArray[Any], dpi: float = 100) -> bytes:
    """The figure of these Axes as a PNG file; pyplot then forgets the figure.

    >>> as_png(weights(np.eye(4)))[1:4]
    b'PNG'
    """
    from matplotlib import pyplot as plt

    figure: Any = np.ravel(np.asarray(ax, object))[0].figure
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=dpi)
    plt.close(figure)
    return file.getvalue()


def curves(history: training.History, ax: Any = None) -> NDArray[Any]:
    """One panel for each figure of the history, training and held-out data together, over the epochs: an array of Axes.

    >>> from nn import History
    >>> [ax.get_title() for ax in curves(History([{"loss": 2.0, "val_loss": 2.5, "val_accuracy": 0.5}]))]
    ['loss', 'accuracy']
    """
    names = list(dict.fromkeys(name.removeprefix("val_") for row in history for name in row)) or ["loss"]
    panels = _new_axes(4.5 * len(names), 3.2, len(names)) if ax is None else np.ravel(np.asarray(ax, object))
    if len(panels) != len(names):
        raise ValueError(f"curves: got {len(panels)} Axes, wanted {len(names)}, one each for {', '.join(names)}")
    from matplotlib.ticker import MaxNLocator

    for panel, name in zip(panels, names, strict=True):
        for key, label, colour, style in ((name, "training", BLUE, "-"), (f"val_{name}", "held out", VERMILION, "--")):
            values = [(epoch, row[key]) for epoch, row in enumerate(history, 1) if key in row]
            if values:
                panel.plot(*zip(*values, strict=True), style, label=label, color=colour, marker="." if len(values) < 40 else "")
        panel.set(xlabel="epoch", title=name)
        panel.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
        _calm(panel)
        panel.grid(alpha=0.25)
        if panel.lines:
            panel.legend(frameon=False)
    return panels


def confusion_matrix(true: ArrayLike, predicted: ArrayLike, classes: Sequence[str] | None = None, ax: Axes | None = None) -> Axes:
    """How often each true class (row) was taken for each class (column): what is right in blue, what is wrong in red.

    The deeper the colour, the larger the share of the row.  `classes` are the names of classes 0, 1, …; by default their numbers.

    >>> ax = confusion_matrix([0, 1, 1, 1], [0, 1, 0, 1], classes=["cat", "dog"])
    >>> ax.get_title()
    '3 of 4 right: 75.0 %'
    """
    rows, columns = _labels("confusion_matrix", "true", true), _labels("confusion_matrix", "predicted", predicted)
    if rows.shape != columns.shape:
        raise ValueError(f"confusion_matrix: got {len(rows)} true classes and {len(columns)} predicted ones, wanted equally many")
    if classes is None:
        classes = [str(k) for k in range(max(rows.max(), columns.max()) + 1)]
    matrix = training.confusion_matrix(rows, columns, count := len(classes))
    share = matrix / np.maximum(matrix.sum(1, keepdims=True), 1)
    ax = _new_axes(size := min(2 + 0.45 * count, 16), size)[0] if ax is None else ax
    picture = _tinted(np.where(np.eye(count, dtype=bool), 0, 1), np.where(matrix > 0, 0.15 + 0.85 * share, 0))
    ax.imshow(picture)
    right, total = int(np.trace(matrix)), len(rows)
    ax.set(xlabel="predicted", ylabel="true", title=f"{right:,} of {total:,} right: {100 * right / total:.1f} %")
    ax.set_xticks(range(count), classes, rotation=90 if max(map(len, classes)) > 2 else 0)
    ax.set_yticks(range(count), classes)
    ax.tick_params(length=0)
    ax.set_xticks(np.arange(count + 1) - 0.5, minor=True)
    ax.set_yticks(np.arange(count + 1) - 0.5, minor=True)
    ax.grid(which="minor", alpha=0.25, linewidth=0.5)
    ax.tick_params(which="minor", length=0)
    ax.spines[:].set_visible(False)
    if count <= 30:
        for row, column in np.argwhere(matrix):
            count_here = ax.text(column, row, str(matrix[row, column]), ha="center", va="center", fontsize=8)
            if picture[row, column, 3] > 0.5:
                count_here.set_color("white")
    return ax


def decision_boundary(
    model: Module,
    x: ArrayLike | Tensor,
    y: ArrayLike | Tensor,
    classes: Sequence[str] | None = None,
    *,
    threshold: float = 0.0,
    resolution: int = 200,
    ax: Axes | None = None,
) -> Axes:
    """The plane as a classifier of two features sees it, and on it the points x (N, 2) in the colours of their classes y (N,).

    Each place has the colour of the class with the largest score there, the deeper the larger its lead; lines part the classes.  A model
    with a single output tells two classes apart, by whether it exceeds `threshold`: 0 for logits, 0.5 for probabilities.

    >>> from nn import MLP
    >>> ax = decision_boundary(MLP([2, 8, 2]), np.array([[0., 1.], [1., 0.]]), np.array([0, 1]), classes=["moon", "sun"])
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['moon', 'sun']
    """
    points, targets = (a.data if isinstance(a, Tensor) else as_array(a) for a in (x, y))
    if points.ndim != 2 or points.shape[1] != 2 or not len(points):
        raise ValueError(f"decision_boundary: got x of shape {points.shape}, wanted (N, 2): two features, one for each axis")
    if targets.size != len(points):
        raise ValueError(f"decision_boundary: got y of shape {targets.shape}, wanted ({len(points)},), the class of each row of x")
    low, high = points.min(0), points.max(0)
    margin = 0.1 * np.where(high > low, high - low, 1)
    across, up = np.linspace(low - margin, high + margin, resolution).T
    scores = training.predict(model, np.stack(np.meshgrid(across, up), axis=-1).reshape(-1, 2))
    if scores.ndim == 1 or scores.shape[1:] == (1,):
        scores = np.stack([np.zeros(len(scores)), scores.reshape(-1) - threshold], axis=1)
        kinds, labels = np.unique(targets.reshape(-1), return_inverse=True)  # −1 and 1 as well as 0 and 1
        names = [f"{kind:g}".replace("-", "−") for kind in kinds]
        if len(kinds) > 2:
            raise ValueError(f"decision_boundary: the model has one output, which tells two classes apart; y has {len(kinds)}")
        if len(kinds) == 1:
            labels, names = np.full(len(points), int(kinds[0] > 0)), ["0", "1"]
    elif scores.ndim == 2:
        labels, names = _labels("decision_boundary", "y", targets), [str(k) for k in range(scores.shape[1])]
        if labels.max() >= scores.shape[1]:
            raise ValueError(f"decision_boundary: y has class {labels.max()}, but the model has {scores.shape[1]} outputs, from class 0")
    else:
        raise ValueError(f"decision_boundary: the model gives shape {scores.shape}, wanted (N, classes), a score for each class")
    if classes is not None and len(classes) != len(names):
        raise ValueError(f"decision_boundary: got {len(classes)} names of classes, wanted {len(names)}")
    names = names if classes is None else list(classes)

    ax = _new_axes(5.5, 4.5)[0] if ax is None else ax
    grid = scores.reshape(resolution, resolution, -1)
    first, second = np.sort(grid, -1)[..., [-1, -2]].transpose(2, 0, 1)
    lead = np.tanh((first - second) / 2)  # of two logits: by how much one probability exceeds the other
    edges = (across[0], across[-1], up[0], up[-1])
    ax.imshow(_tinted(grid.argmax(-1), 0.08 + 0.32 * lead), extent=edges, origin="lower", aspect="auto", interpolation="bilinear")
    paint = ax.xaxis.label.get_color()
    for k in range(len(names) - 1):
        others = np.delete(grid, k, -1).max(-1)
        if (grid[..., k] > others).any() and (grid[..., k] < others).any():
            ax.contour(across, up, grid[..., k] - others, levels=[0], colors=[paint], linewidths=1)
    for k, name in enumerate(names):
        here = points[labels == k]
        look: Any = {"color": COLOURS[k % len(COLOURS)], "marker": MARKERS[k % len(MARKERS)], "edgecolor": ax.get_facecolor()}
        ax.scatter(here[:, 0], here[:, 1], s=28, linewidth=0.6, label=name, **look)
    ax.set(xlabel="x₁", ylabel="x₂", xlim=edges[:2], ylim=edges[2:])
    _calm(ax)
    ax.legend(title="class", loc="upper left", bbox_to_anchor=(1, 1), frameon=False)
    return ax


def weights(W: ArrayLike | Tensor, shape: tuple[int, int] | None = None, ax: Axes | None = None) -> Axes:
    """Each row of W (units, inputs) as an image of `shape`, a square by default: what each unit of a first layer looks for.

    Red is positive, blue negative, white 0, on one scale for all.

    >>> weights(np.zeros((10, 64))).get_title()
    '10 units, 8 × 8 weights each'
    """
    rows = np.asarray(W.data if isinstance(W, Tensor) else as_array(W))
    if rows.ndim != 2 or not rows.size:
        raise ValueError(f"weights: got shape {rows.shape}, wanted (units, inputs), as of a Linear's weight")
    count, inputs = rows.shape
    height, width = (isqrt(inputs), isqrt(inputs)) if shape is None else shape
    if height * width != inputs:
        wanted = f"{height} × {width} = {height * width}" if shape is not None else "a square"
        advice = "did you mean W.T?" if height * width == count else "give shape=(height, width)"
        raise ValueError(f"weights: got rows of {inputs} weights, wanted {wanted} to make an image; {advice}")
    columns = min(count, ceil(sqrt(1.5 * count * height / width)))  # an oblong of 3 to 2
    deep = ceil(count / columns)
    sheet = np.full((deep * (height + 1), columns * (width + 1)), np.nan)
    for k, row in enumerate(rows):
        top, left = k // columns * (height + 1), k % columns * (width + 1)
        sheet[top : top + height, left : left + width] = row.reshape(height, width)
    sheet = sheet[:-1, :-1]
    ax = _new_axes(6.5, 1 + 5.5 * sheet.shape[0] / sheet.shape[1])[0] if ax is None else ax
    limit = float(np.abs(rows).max()) or 1.0
    image = ax.imshow(sheet, cmap="RdBu_r", vmin=-limit, vmax=limit)
    ax.set_title(f"{count} units, {height} × {width} weights each")
    ax.axis("off")
    ax.figure.colorbar(image, ax=ax, label="weight", shrink=0.8).outline.set_visible(False)
    return ax


def _labels(function: str, name: str, a: ArrayLike | Tensor) -> NDArray[np.int64]:
    """Class numbers, from 0, in one dimension."""
    array = np.asarray(a.data if isinstance(a, Tensor) else as_array(a))
    if array.ndim == 2 and array.shape[1] > 1:
        raise ValueError(f"{function}: got {name} of shape {array.shape}, wanted one class a row; did you mean {name}.argmax(-1)?")
    labels = array.reshape(-1).astype(np.int64)
    if not labels.size or (labels != array.reshape(-1)).any() or labels.min() < 0:
        got = "nothing" if not labels.size else f"{array.min():g} … {array.max():g}"
        raise ValueError(f"{function}: got {name} of {got}, wanted the numbers of classes, 0, 1, …")
    return labels


def _tinted(kind: NDArray[Any], depth: NDArray[Any]) -> NDArray[np.float64]:
    """An image in which what is shallow lets the background through, be it light or dark."""
    from matplotlib.colors import to_rgb

    return np.concatenate([np.array([to_rgb(c) for c in COLOURS])[kind % len(COLOURS)], depth[..., None]], axis=-1)


def _calm(ax: Axes) -> None:
    ax.spines[["top", "right"]].set_visible(False)
