"""Where MNIST and Fashion-MNIST come from, what their files must hold, and how they are fetched."""

import os
import tempfile
from pathlib import Path
from typing import NamedTuple

from .idx import IdxFile


class Source(NamedTuple):
    """A published data set: its address, the files of its images and labels, and the names of its classes."""

    address: str
    train: tuple[IdxFile, IdxFile]
    test: tuple[IdxFile, IdxFile]
    classes: tuple[str, ...]


SOURCES = {
    "mnist": Source(
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        train=(
            IdxFile("train-images-idx3-ubyte", 9912422, "f68b3c2dcbeaaa9fbdd348bbdeb94873", (60000, 28, 28)),
            IdxFile("train-labels-idx1-ubyte", 28881, "d53e105ee54ea40749a09fcbcd1e9432", (60000,)),
        ),
        test=(
            IdxFile("t10k-images-idx3-ubyte", 1648877, "9fb629c4189551a2d022fa330f9573f3", (10000, 28, 28)),
            IdxFile("t10k-labels-idx1-ubyte", 4542, "ec29112dd5afa0611ce80d1b7f02629c", (10000,)),
        ),
        classes=tuple("0123456789"),
    ),
    "fashion_mnist": Source(
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",  # served without https: the md5 guards it
        train=(
            IdxFile("train-images-idx3-ubyte", 26421880, "8d4fb7e6c68d591d4c3dfef9ec88bf0d", (60000, 28, 28)),
            IdxFile("train-labels-idx1-ubyte", 29515, "25c81989df183df01b3e8a0aad5dffbe", (60000,)),
        ),
        test=(
            IdxFile("t10k-images-idx3-ubyte", 4422102, "bef4ecab320f06d8554ea6380940ec79", (10000, 28, 28)),
            IdxFile("t10k-labels-idx1-ubyte", 5148, "bb300cfdad3c16e7a12a480ee83cd310", (10000,)),
        ),
        classes=("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
    ),
}


def download(name: str, folder: str | os.PathLike[str]) -> None:
    """Fetch the four files of "mnist" or "fashion_mnist" into folder; a file arrives whole and verified, or not at all.

    Files already there and intact are kept. OSError where the network fails, ValueError where it sends something else.

    >>> download("cifar", "data")
    Traceback (most recent call last):
    ValueError: name: wanted 'mnist' or 'fashion_mnist', got 'cifar'
    """
    if name not in SOURCES:
        raise ValueError(f"name: wanted {' or '.join(map(repr, SOURCES))}, got {name!r}")
    folder, source = Path(folder), SOURCES[name]
    for file in source.train + source.test:
        target = folder / f"{file.name}.gz"
        if not (target.is_file() and _is_intact(file, target)):
            data = _fetch(source.address + target.name, file)
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=folder) as scratch:
                part = Path(scratch, target.name)
                with part.open("wb") as stream:
                    stream.write(data)
                    stream.flush()
                    os.fsync(stream.fileno())
                part.replace(target)


def _fetch(url: str, file: IdxFile) -> bytes:
    from http.client import HTTPException  # here, because most who import this fetch nothing
    from urllib.request import urlopen

    try:
        with urlopen(url, timeout=30) as response:  # noqa: S310  the addresses are those of SOURCES
            data: bytes = response.read(file.size + 1)
    except (OSError, HTTPException) as error:
        raise OSError(f"{url}: {error}; nothing was written; try again, or fetch it by other means") from error
    file.verify(data, url)
    return data


def _is_intact(file: IdxFile, path: Path) -> bool:
    try:
        file.read(path)
    except ValueError:
        return False
    return True
