"""Data sets from a user's own .npz and .csv files, which are read as numbers and names only: nothing in them is ever run."""

import csv
import io
import os
import zipfile
from array import array
from collections.abc import Iterator, Sequence
from itertools import chain
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .dataset import Dataset, check_finite

LIMIT = 2**31  # bytes that one array of an .npz file may take in memory
LABEL_NAMES = ("label", "y", "target", "class")


def load(path: str | os.PathLike[str], classes: Sequence[str] | None = None) -> Dataset:
    r"""Labelled examples from an .npz file (arrays x or X, and y) or a .csv file, with x as (N, features) float32.

    A .csv file is comma-separated, with a header line or without; the labels are in the column named label, y, target or
    class, or else in the last one. Labels are whole numbers or names; sorted, they are the classes, unless you give those,
    as in `load("test.csv", train.classes)`. Images (N, height, width) are flattened. ValueError says what is wrong, and where.

    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "pets.csv")
    ...     _ = path.write_text("weight,age,label\n4,7,cat\n20,3,dog\n5,2,cat\n")
    ...     pets = load(path)
    >>> pets.classes, pets.y.tolist(), pets.x[1].tolist()
    (('cat', 'dog'), [0, 1, 0], [20.0, 3.0])
    """
    path = Path(path)
    x, labels = _read(path, labelled=True)
    if not x.size or len(x) != len(labels):
        raise ValueError(f"{path}: wanted examples with a label each, got x of shape {x.shape} and {len(labels)} labels")
    rows = _as_rows(x, path)
    y, names = _encode(labels, classes, path)
    return Dataset(rows, y, names, x.shape[1:] if x.ndim > 2 else None, path.stem)


def load_features(path: str | os.PathLike[str], count: int | None = None) -> NDArray[np.float32]:
    r"""Examples without labels, as (N, features) float32: x (or X) of an .npz file, or a .csv file, with a header line or without.

    `count` is the number of features wanted, if it matters: then a .csv file may have the labels too, in one more column with one of the
    names that `load` knows, and they are left out. ValueError says what is wrong, and where.

    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "pets.csv")
    ...     _ = path.write_text("weight,age,label\n4,7,cat\n20,3,dog\n")
    ...     load_features(path, count=2)
    array([[ 4.,  7.],
           [20.,  3.]], dtype=float32)
    """
    path = Path(path)
    x, _ = _read(path, labelled=False, count=count)
    features = prod(x.shape[1:])
    if not x.size or features != (count or features):
        hint = "; if one column holds labels, drop it, or name it label in a first line" if features - 1 == count else ""
        raise ValueError(f"{path}: wanted examples of {count or 'some'} features, got {len(x)} of {features}{hint}")
    return _as_rows(x, path)


def _read(path: Path, labelled: bool, count: int | None = None) -> tuple[NDArray[Any], list[str]]:
    readers = {".npz": _read_npz, ".csv": _read_csv}
    if path.suffix.lower() not in readers:
        raise ValueError(f"{path}: wanted a file that ends in .npz or .csv, got {path.suffix or 'no ending'}")
    return readers[path.suffix.lower()](path, labelled, count)


def _as_rows(x: NDArray[Any], path: Path) -> NDArray[np.float32]:
    check_finite(x, f"{path}: x")
    with np.errstate(over="ignore"):
        rows = x.reshape(len(x), -1).astype(np.float32)
    check_finite(rows, f"{path}: x in float32")
    return rows


def _encode(labels: list[Any], classes: Sequence[str] | None, path: Path) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    try:
        numbers = [float(label) for label in labels]
    except ValueError:
        pass
    else:
        for row, number in enumerate(numbers):
            if not number.is_integer() or abs(number) >= 2**53:
                raise ValueError(f"{path}: label of row {row}: wanted a whole number (below 2**53) or a name, got {number}; name the class")
        labels = [int(number) for number in numbers]
    names = tuple(map(str, sorted(set(labels)) if classes is None else classes))
    index = {name: i for i, name in enumerate(names)}
    if unknown := sorted(set(map(str, labels)) - index.keys()):
        raise ValueError(f"{path}: wanted labels among {', '.join(names)[:80]}, got also {', '.join(unknown)[:80]}")
    return np.array([index[str(label)] for label in labels], dtype=np.int64), names


def _read_npz(path: Path, labelled: bool, _count: int | None) -> tuple[NDArray[Any], list[Any]]:
    wanted, advice = ("x (or X) and one y", "x=x, y=y") if labelled else ("x (or X)", "x=x")
    advice = f"write it with np.savez(path, {advice})"
    with path.open("rb") as stream:
        try:
            archive = zipfile.ZipFile(stream)
        except Exception as error:  # zipfile raises half a dozen kinds on foreign bytes
            raise ValueError(f"{path}: not an .npz file, or cut off ({error}); {advice}") from error
        names = archive.namelist()
        inputs = [name for name in names if name in ("x.npy", "X.npy")]
        if len(inputs) != 1 or (labelled and names.count("y.npy") != 1):
            raise ValueError(f"{path}: wanted one array {wanted}, got {', '.join(names)[:80] or 'none'}; {advice}")
        x, *ys = (_read_member(archive, archive.getinfo(name), f"{path}: {name}") for name in (inputs[0], *["y.npy"] * labelled))
    if x.dtype.kind not in "biuf" or x.ndim < 2:
        raise ValueError(f"{path}: x: wanted real numbers, one row per example, got {x.dtype} of shape {x.shape}")
    if not labelled:
        return x, []
    y = ys[0]
    if y.dtype.kind not in "biufU" or y.ndim != 1:
        raise ValueError(f"{path}: y: wanted one whole number or name per example, got {y.dtype} of shape {y.shape}")
    return x, y.tolist()


def _read_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, place: str) -> NDArray[Any]:
    if info.file_size > LIMIT:
        raise ValueError(f"{place}: wanted at most {LIMIT} bytes, but it says it unpacks to {info.file_size}; split the file")
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ValueError(f"{place}: wanted it stored or deflated, got zip method {info.compress_type}; write it with np.savez")
    try:
        with archive.open(info) as member:
            data = member.read(info.file_size)  # with no size given, one that says too little would unpack whole
        stream = io.BytesIO(data)
        version = np.lib.format.read_magic(stream)
        read_header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, fortran, dtype = read_header(stream)
        # frombuffer takes no objects and makes no room: a shape that the data does not fill is an error
        return np.frombuffer(data, dtype, prod(shape), stream.tell()).reshape(shape, order="F" if fortran else "C")
    except Exception as error:  # zipfile, zlib and the header's parser raise a dozen kinds on damaged bytes
        raise ValueError(f"{place}: damaged, or holds Python objects ({error}); write numbers or names with np.savez") from error


def _read_csv(path: Path, labelled: bool, count: int | None) -> tuple[NDArray[Any], list[Any]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.reader(stream, strict=True)
        try:
            return _parse(filter(None, reader), labelled, count)  # blank lines are no rows
        except UnicodeDecodeError as error:
            raise ValueError(f"{path}: not UTF-8 text ({error}); save it as UTF-8") from error
        except (csv.Error, ValueError) as error:
            raise ValueError(f"{path}: line {reader.line_num}: {error}") from error


def _parse(rows: Iterator[list[str]], labelled: bool, count: int | None) -> tuple[NDArray[Any], list[Any]]:
    first = next(rows, [])
    width = len(first)
    header, column = _find_labels(first, labelled, count)
    values, labels = array("d"), list[str]()
    for row in rows if header else chain([first], rows):
        if len(row) != width:
            raise ValueError(f"wanted {width} cells as in the first line, got {len(row)}")
        labels += [cell.strip() for cell in row[column : column + 1]]
        if labelled and not labels[-1]:
            raise ValueError(f"column {column + 1}: wanted a label, got an empty cell; fill it in, or drop the line")
        del row[column : column + 1]
        try:
            values.extend(map(float, row))
        except ValueError:
            bad = [_is_number(cell) for cell in row].index(False)
            place = f"column {bad + 1 + (bad >= column)}"
            raise ValueError(f"{place}: wanted a number, got {row[bad][:40]!r}; write a number, or drop the line or the column") from None
    return np.array(values).reshape(-1, width - (column < width)), labels


def _find_labels(first: list[str], labelled: bool, count: int | None) -> tuple[bool, int]:
    """Whether the first line is a header, and the column of the labels, the one past the last where there are none."""
    cells = [cell.strip().lower() for cell in first]
    width = len(cells)
    last = width - 1 if labelled else width
    named = [column for column, cell in enumerate(cells) if cell in LABEL_NAMES] if labelled or width - 1 == count else []
    numbers = [cell for cell in cells if _is_number(cell)]
    if width <= labelled:
        raise ValueError(f"wanted features{' and a label' if labelled else ''}, separated by commas, got {width} cells")
    if numbers and not (named and numbers == [str(i) for i in range(len(numbers))]):  # pandas names columns 0, 1, 2
        if named:
            raise ValueError(f"column {named[0] + 1}: {first[named[0]]!r} may be a label or its column's name; add a line of names")
        return False, last
    if "" in cells:
        raise ValueError(f"column {cells.index('') + 1} has no name; name it, or drop it (in pandas: to_csv(path, index=False))")
    if len(named) > 1 and named[-1] != width - 1:
        raise ValueError(f"columns {', '.join(str(i + 1) for i in named)} may all be the labels; rename all but one")
    return True, named[-1] if named else last


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
