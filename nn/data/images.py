"""Images of digits and of clothes, as data sets whose pixels run from 0 to 1."""

import os
from pathlib import Path

import numpy as np

from .dataset import Dataset
from .sources import SOURCES


def digits() -> Dataset:
    """1,797 handwritten digits of 8×8 pixels, x (1797, 64) float32 (Alpaydin & Kaynak 1998, CC BY 4.0: see digits.LICENSE.txt).

    >>> digits()
    Dataset('digits': 1797 examples, 64 features, 10 classes)
    """
    with np.load(Path(__file__).with_name("digits.npz")) as file:
        x, y = file["x"], file["y"]
    return Dataset(x / np.float32(16), y.astype(np.int64), tuple("0123456789"), (8, 8), "digits")


def mnist(folder: str | os.PathLike[str], train: bool = True) -> Dataset:
    """The 60,000 handwritten digits to train on, or the 10,000 to test on, from the IDX files (.gz or raw) in folder.

    x is (N, 784) float32. FileNotFoundError names what is missing and where to get it; ValueError names a file that is not the real one.

    >>> mnist("nowhere")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    FileNotFoundError: nowhere lacks train-images-idx3-ubyte, ..., t10k-labels-idx1-ubyte (.gz or raw): ...
    """
    return _read("mnist", Path(folder), train)


def fashion_mnist(folder: str | os.PathLike[str], train: bool = True) -> Dataset:
    """The 60,000 images of clothes to train on, or the 10,000 to test on, from IDX files in folder.

    As `mnist`, whose files have the same names: keep the two in different folders.

    >>> fashion_mnist("nowhere", train=False)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    FileNotFoundError: nowhere lacks train-images-idx3-ubyte, ..., t10k-labels-idx1-ubyte (.gz or raw): ...
    """
    return _read("fashion_mnist", Path(folder), train)


def _read(name: str, folder: Path, train: bool) -> Dataset:
    source = SOURCES[name]
    files = source.train if train else source.test
    paths = [file.find(folder) for file in files]
    if None in paths:
        missing = [file.name for file in source.train + source.test if file.find(folder) is None]
        raise FileNotFoundError(
            f"{folder} lacks {', '.join(missing)} (.gz or raw): download({name!r}, {str(folder)!r}), or `train --download`, fetches "
            f"{', '.join(f'{source.address}{file}.gz' for file in missing)}; digits() needs no files"
        )
    images, labels = (file.read(path) for file, path in zip(files, paths, strict=True) if path)
    return Dataset(images.reshape(len(images), -1) / np.float32(255), labels.astype(np.int64), source.classes, images.shape[1:], name)
