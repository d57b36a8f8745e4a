"""IDX files: big-endian header (two zero bytes, type code, number of dimensions, the dimensions), then the values."""

import gzip
import hashlib
import struct
from math import prod
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class IdxFile(NamedTuple):
    """An array of unsigned bytes in IDX format: the file's name without .gz, size and md5 of the .gz, and the array's shape."""

    name: str
    size: int
    md5: str
    shape: tuple[int, ...]

    def find(self, folder: Path) -> Path | None:
        """Path of the .gz, or else of the raw file, or None."""
        return next((path for path in (folder / f"{self.name}.gz", folder / self.name) if path.is_file()), None)

    def verify(self, data: bytes, place: object) -> None:
        """Raise ValueError, naming the place that data came from, unless data is the published .gz to the byte."""
        _check_size(data, self.size, place)
        md5 = hashlib.md5(data, usedforsecurity=False).hexdigest()
        if md5 != self.md5:
            raise ValueError(f"{place}: wanted md5 {self.md5}, got {md5}; the file is damaged or another one, fetch it again")

    def read(self, path: Path) -> NDArray[np.uint8]:
        """The array at path: a .gz by size and md5, its contents or a raw file (no md5 of it is published) by header and size."""
        header = struct.pack(f">{1 + len(self.shape)}I", 0x0800 + len(self.shape), *self.shape)  # type 8: unsigned bytes
        size = len(header) + prod(self.shape)
        packed = path.suffix == ".gz"
        with path.open("rb") as stream:
            data = stream.read(1 + (self.size if packed else size))  # one more, to see that the file ends there
        if packed:
            self.verify(data, path)
            data = gzip.decompress(data)
        got = data[: len(header)]
        if got != header:
            raise ValueError(
                f"{path}: wanted unsigned bytes of shape {self.shape}, IDX header {header.hex(' ', -4)}, got {got.hex(' ', -4)}; "
                f"put the real {self.name} there"
            )
        _check_size(data, size, path)
        return np.frombuffer(data, dtype=np.uint8, offset=len(header)).reshape(self.shape)


def _check_size(data: bytes, size: int, place: object) -> None:
    if len(data) != size:
        got = len(data) if len(data) < size else "more"
        raise ValueError(f"{place}: wanted {size} bytes, got {got}; the file is cut off or another one, fetch it again")
