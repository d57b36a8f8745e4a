"""Checkpoints: named arrays and JSON metadata in one file that is either whole or refused.

The file is an uncompressed zip, and so an `.npz`: `np.load` opens it too.  It holds `checkpoint.json`, the manifest (format, version, the
dtype and shape of each array, the metadata), then one `NAME.npy` for each array.  Its last 64 bytes, which zip calls the archive comment,
are the *seal*: the SHA-256 of all the bytes before them.  So one comparison finds a cut, a flipped bit or an added byte anywhere.

A seal tells damage, not malice: anyone can compute it.  So `load` trusts no sealed file either.  It unpickles nothing, inflates nothing,
extracts nothing to disk, and takes memory only in proportion to the bytes that are there.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import secrets
import shutil
import zipfile
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TypeAlias

import numpy as np
from numpy.lib import format as npy

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

__all__ = ["CheckpointError", "load", "mismatches", "save"]

JSON: TypeAlias = "bool | int | float | str | Sequence[JSON] | Mapping[str, JSON] | None"

FORMAT, VERSION = "chalkgrad checkpoint", 1
MANIFEST = "checkpoint.json"
MANIFEST_LIMIT = 1 << 24  # bytes
SEAL_LENGTH = 64  # bytes: a SHA-256 in hexadecimal
DTYPES = "?bhilqBHILQefdFD"  # NumPy's codes of bool, integers, floats and complex: all but long doubles, whose bytes differ by machine


class CheckpointError(ValueError):
    """A file is not a whole checkpoint: the text names the file, what is wrong with it, and what to do.

    >>> issubclass(CheckpointError, ValueError)
    True
    """


def save(path: str | os.PathLike[str], arrays: Mapping[str, NDArray[Any]], meta: Mapping[str, JSON] | None = None) -> Path:
    """Write `arrays` and `meta` to `path`, and return it.

    At every moment, also that of a crash, `path` holds either its old content or all of the new: the new is written beside it, synced to
    disk, and only then given its name.  A link is followed; a file that is replaced keeps its mode.  The same content gives the same bytes.

    Arrays of any shape, layout and byte order come back as they are; `meta` comes back as JSON has it, tuples as lists.  Raises, before
    anything is written: TypeError for an array or metadata that the file cannot hold, ValueError for a name or a size that it cannot,
    FileNotFoundError where there is no such folder, FileExistsError where `path` is a folder or a device.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = save(f"{folder}/model.npz", {"0.weight": np.eye(2)}, {"epoch": 3})
    ...     arrays, meta = load(path)
    >>> arrays["0.weight"].tolist(), meta
    ([[1.0, 0.0], [0.0, 1.0]], {'epoch': 3})
    """
    for name, array in arrays.items():
        if not (isinstance(name, str) and name.isprintable() and "\\" not in name and len(name) <= 1000):
            raise ValueError(f"{name!r:.99} cannot name an array: use at most 1000 printable characters, no backslash among them")
        if type(array) is not np.ndarray:
            raise TypeError(f"{name} is a {type(array).__name__}, not a plain NumPy array: pass np.asarray of it")
        if array.dtype.char not in DTYPES:
            raise TypeError(f"{name} has dtype {array.dtype}: a checkpoint holds bool, integers, floats and complex up to 64 bits a part")
    content = {name: {"dtype": array.dtype.str, "shape": list(array.shape)} for name, array in arrays.items()}
    try:
        manifest = json.dumps({"format": FORMAT, "version": VERSION, "arrays": content, "meta": dict(meta or {})}).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise TypeError(f"meta must be JSON: {error}; pass plain numbers, texts, lists and dictionaries, arrays among `arrays`") from error
    if len(manifest) > MANIFEST_LIMIT:
        raise ValueError(f"meta and the names take {len(manifest)} bytes, more than {MANIFEST_LIMIT}: pass long lists among `arrays`")

    target = Path(path).resolve()
    if not target.parent.is_dir():
        raise FileNotFoundError(f"{path} cannot be saved: there is no folder {target.parent}; create it first")
    if target.exists() and not target.is_file():
        raise FileExistsError(f"{path} is a folder or a device, not a file: name a file to save to")
    temporary = target.with_name(f".checkpoint-{secrets.token_hex(8)}.tmp")
    try:
        with temporary.open("x+b") as file:
            if target.exists():
                shutil.copymode(target, temporary)
            with zipfile.ZipFile(file, "w") as archive:
                archive.writestr(zipfile.ZipInfo(MANIFEST), manifest)
                for name, array in arrays.items():
                    with archive.open(zipfile.ZipInfo(f"{name}.npy"), "w", force_zip64=True) as member:
                        npy.write_array(member, array, version=(1, 0), allow_pickle=False)
                archive.comment = bytes(SEAL_LENGTH)
            file.write(_seal(file))
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)
    with suppress(OSError):  # Windows and some network disks cannot sync a folder; the file is whole all the same
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    return Path(path)


def load(path: str | os.PathLike[str]) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """The arrays and the metadata that `save` wrote to `path`, in their order; the arrays are new and writable.

    Raises FileNotFoundError where there is nothing, and `CheckpointError` where there is anything but a whole checkpoint.

    >>> load(__file__)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    nn.checkpoint.CheckpointError: ...checkpoint.py: it does not begin as a zip file does; name a file that nn.checkpoint.save wrote
    """
    path = Path(path)
    if not path.exists():
        raise FileNotFoundError(f"{path} does not exist (from {Path.cwd()}): name a file that nn.checkpoint.save wrote")
    if not path.is_file():
        raise CheckpointError(f"{path}: it is a folder or a device; name a file that nn.checkpoint.save wrote")
    with path.open("rb") as file:
        try:
            return _read(file)
        except CheckpointError as error:
            raise CheckpointError(f"{path}: {error}") from None
        except Exception as error:
            raise CheckpointError(f"{path}: its structure is broken ({error!r}); load another copy, or save it again") from error


def mismatches(expected: Mapping[str, NDArray[Any]], found: Mapping[str, NDArray[Any]]) -> list[str]:
    """Why the arrays `found` cannot take the place of those `expected`, a line each; values are not looked at.

    >>> mismatches({"0.weight": np.zeros((32, 64)), "0.bias": np.zeros(64)}, {"0.weight": np.zeros((64, 32)), "scale": np.ones(1)})
    ['0.weight: got shape (64, 32), wanted (32, 64)', '0.bias: missing',
     'scale: unexpected']
    """
    lines = []
    for name, want in expected.items():
        if (have := found.get(name)) is None:
            lines.append(f"{name}: missing")
            continue
        if have.shape != want.shape:
            lines.append(f"{name}: got shape {have.shape}, wanted {want.shape}")
        if not np.can_cast(have.dtype, want.dtype, "same_kind"):
            lines.append(f"{name}: got dtype {have.dtype}, wanted {want.dtype}")
    return lines + [f"{name}: unexpected" for name in found if name not in expected]


def _seal(file: BinaryIO) -> bytes:
    """The seal that `file` should have, which is then at the place where it should have it."""
    left = file.seek(0, os.SEEK_END) - SEAL_LENGTH
    file.seek(0)
    digest = hashlib.sha256()
    while left > 0 and (block := file.read(min(left, 1 << 20))):
        digest.update(block)
        left -= len(block)
    return digest.hexdigest().encode()


def _read(file: BinaryIO) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    if file.read(4) != b"PK\x03\x04":
        raise CheckpointError("it does not begin as a zip file does; name a file that nn.checkpoint.save wrote")
    if _seal(file) != file.read():
        raise CheckpointError(
            "its bytes do not match its seal: it was cut or changed, or is no checkpoint; load another copy or save it again"
        )
    size = file.tell()
    with zipfile.ZipFile(file) as archive:
        members = archive.infolist()
        if any(info.compress_type != zipfile.ZIP_STORED for info in members) or sum(info.compress_size for info in members) > size:
            raise CheckpointError("its members are compressed or overlap; save it again with nn.checkpoint.save")
        if archive.getinfo(MANIFEST).file_size > MANIFEST_LIMIT:
            raise CheckpointError(f"its {MANIFEST} is longer than {MANIFEST_LIMIT} bytes; save it again with nn.checkpoint.save")
        manifest = json.loads(archive.read(MANIFEST))
        if manifest["format"] != FORMAT or manifest["version"] != VERSION:
            label = f"{manifest['format']} {manifest['version']}"
            raise CheckpointError(f"it is a {label!r:.99}, and this reads {FORMAT} {VERSION}; load it with the chalkgrad that saved it")
        wanted, present = Counter([MANIFEST, *(f"{name}.npy" for name in manifest["arrays"])]), Counter(archive.namelist())
        if wanted != present:
            missing, extra = sorted(wanted - present), sorted(present - wanted)
            raise CheckpointError(f"its members are not those of its manifest: missing {missing}, unexpected {extra}; load another copy")
        arrays = {}
        for name, stated in manifest["arrays"].items():
            info = archive.getinfo(f"{name}.npy")
            with archive.open(info) as member:
                npy.read_magic(member)
                shape, fortran_order, dtype = npy.read_array_header_1_0(member)
                start, length = member.tell(), math.prod(shape) * dtype.itemsize
                found = {"dtype": dtype.str, "shape": list(shape)}
                if found != stated or dtype.char not in DTYPES or info.file_size != start + length:
                    text = f"{found} in {info.file_size - start} bytes, stated as {stated}"
                    raise CheckpointError(f"its {name} is not the array of numbers that its manifest states: {text}; load another copy")
                arrays[name] = np.ndarray(shape, dtype, bytearray(member.read()), order="F" if fortran_order else "C")
        return arrays, dict(manifest["meta"])
