"""Batches of a data set, epoch after epoch."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .dataset import Dataset


class DataLoader:
    """Batches (x, y) of a Dataset, or of a tuple of equally long arrays, each a fresh contiguous array.

    Every iteration is a new epoch, and the order of epoch k depends on (seed, k) alone: a run resumes by setting `epoch`,
    the number of the epoch that the next iteration gives.

    >>> loader = DataLoader((np.arange(5), np.arange(5) * 10), batch_size=2)
    >>> [(x.tolist(), y.tolist()) for x, y in loader]
    [([0, 1], [0, 10]), ([2, 3], [20, 30]), ([4], [40])]
    >>> len(loader), loader.epoch
    (3, 1)
    """

    def __init__(
        self,
        data: Dataset | tuple[NDArray[Any], ...],
        batch_size: int = 1,
        shuffle: bool = False,
        *,
        drop_last: bool = False,
        seed: int = 0,
    ) -> None:
        if not isinstance(data, (Dataset, tuple)):
            raise TypeError(f"data: wanted a Dataset or a tuple of arrays, got {type(data).__name__}; of one array x make (x,)")
        self.arrays = (data.x, data.y) if isinstance(data, Dataset) else data
        for i, array in enumerate(self.arrays):
            if not isinstance(array, np.ndarray):
                raise TypeError(f"data[{i}]: wanted a NumPy array with one row per example, got {type(array).__name__}")
            if array.ndim == 0:
                raise ValueError(f"data[{i}]: wanted one row per example, got the single value {array}")
        lengths = [len(array) for array in self.arrays]
        if not any(lengths):
            raise ValueError("data: wanted at least one example, got none")
        if len(set(lengths)) > 1:
            raise ValueError(f"data: wanted arrays of one length, got lengths {lengths}; give one row per example in each")
        if not isinstance(batch_size, (int, np.integer)) or batch_size < 1:
            raise ValueError(f"batch_size: wanted an int of at least 1, got {batch_size!r}")
        if drop_last and batch_size > lengths[0]:
            raise ValueError(f"drop_last leaves no batch: batch_size is {batch_size}, but there are {lengths[0]} examples")
        self.batch_size, self.shuffle, self.drop_last, self.seed = batch_size, shuffle, drop_last, seed
        self.epoch = 0

    def __len__(self) -> int:
        """Number of batches in an epoch."""
        examples = len(self.arrays[0])
        return examples // self.batch_size if self.drop_last else -(-examples // self.batch_size)

    def __iter__(self) -> Iterator[tuple[NDArray[Any], ...]]:
        order = np.arange(len(self.arrays[0]))
        if self.shuffle:
            order = np.random.default_rng(np.random.SeedSequence(self.seed, spawn_key=(self.epoch,))).permutation(order)
        self.epoch += 1  # here, not at the end: an epoch that is broken off is not given again
        batches = (order[i * self.batch_size : (i + 1) * self.batch_size] for i in range(len(self)))
        return (tuple(array.take(rows, axis=0) for array in self.arrays) for rows in batches)
