"""Examples with their labels, and the check that every number is one."""

from dataclasses import dataclass, replace
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray


def check_finite(x: NDArray[Any], name: str = "x") -> None:
    """Raise ValueError where the array x holds nan or inf, naming the first by its row and column, both counted from 0.

    >>> check_finite(np.array([[1.0, 2.0], [np.nan, np.inf]]))
    Traceback (most recent call last):
    ValueError: x: row 1, column 0 is nan; 2 of 4 values are not finite; drop or impute those rows first
    """
    bad = np.argwhere(~np.isfinite(x))
    if len(bad):
        row, *column = bad[0].tolist()
        place = f"row {row}, column {', '.join(map(str, column))}" if column else f"row {row}"
        raise ValueError(
            f"{name}: {place} is {x[tuple(bad[0])]}; {len(bad)} of {x.size} values are not finite; drop or impute those rows first"
        )


@dataclass(frozen=True, eq=False, repr=False, slots=True)
class Dataset:
    """Labelled examples: x (N, features), y (N,) int64 that indexes `classes`, and the shape of one example where it is an image.

    >>> Dataset(np.eye(2), np.array([0, 1]), classes=("cat", "dog"), name="pets")
    Dataset('pets': 2 examples, 2 features, 2 classes)
    """

    x: NDArray[Any]
    y: NDArray[np.int64]
    classes: tuple[str, ...]
    image_shape: tuple[int, ...] | None = None
    name: str = "data"

    def __post_init__(self) -> None:
        x, y = self.x, self.y
        if not (isinstance(x, np.ndarray) and isinstance(y, np.ndarray)):
            raise TypeError(f"x, y: wanted NumPy arrays, got {type(x).__name__} and {type(y).__name__}; make them with np.array")
        if x.ndim != 2 or not x.size:
            raise ValueError(f"x: wanted shape (N, features) with at least one of each, got {x.shape}; reshape it to one row per example")
        if y.shape != x.shape[:1] or y.dtype != np.int64:
            raise ValueError(
                f"y: wanted one int64 label per example, shape ({len(x)},), got {y.dtype} of shape {y.shape}; convert it first"
            )
        if y.min() < 0 or y.max() >= len(self.classes):
            raise ValueError(f"y: labels run from {y.min()} to {y.max()}, but {len(self.classes)} classes number them from 0")
        if self.image_shape is not None and prod(self.image_shape) != x.shape[1]:
            raise ValueError(f"image_shape: {self.image_shape} holds {prod(self.image_shape)} values, but x has {x.shape[1]} features")

    def __len__(self) -> int:
        return len(self.x)

    def __repr__(self) -> str:
        return f"Dataset({self.name!r}: {len(self)} examples, {self.x.shape[1]} features, {len(self.classes)} classes)"

    def split(self, test: float = 0.2, seed: int | None = None) -> tuple["Dataset", "Dataset"]:
        """Train and test parts with the same share of every class, each in the order of this set.

        Without a seed the test part is every k-th example of each class (every fifth, for test=0.2); with one it is drawn at random, always
        the same for the same seed.  At least one example of each class lands in either part: ValueError where a class has only one.

        >>> data = Dataset(np.arange(10.0).reshape(10, 1), np.arange(10) % 2, classes=("even", "odd"))
        >>> train, held_out = data.split(test=0.2)
        >>> len(train), held_out.y.tolist()
        (8, [0, 1])
        """
        if not 0 < test < 1:
            raise ValueError(f"test: wanted a fraction of the examples strictly between 0 and 1, got {test}")
        rng = np.random.default_rng(seed) if seed is not None else None
        held_out = np.zeros(len(self), dtype=bool)
        for label, name in enumerate(self.classes):
            members = np.flatnonzero(self.y == label)
            if len(members) == 1:
                raise ValueError(f"class {name!r} has one example, and a split wants two or more of each class; add examples or drop it")
            count = min(max(round(test * len(members)), 1), len(members) - 1)
            spaced = np.arange(1, count + 1) * len(members) // count - 1
            held_out[members[spaced] if rng is None else rng.permutation(members)[:count]] = True
        return (
            replace(self, x=self.x[~held_out], y=self.y[~held_out]),
            replace(self, x=self.x[held_out], y=self.y[held_out]),
        )
