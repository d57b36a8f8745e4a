"""Machine code kept on disk, so that the next process needs not compile.

What lies in the cache is run as it is, so only what this user alone could have placed there is read: the folder must be a true folder (no
link) that belongs to this user and that nobody else may write; it is opened once, and its files are reached from that opened folder, so
that nothing can be put in its place in between.  Each entry must be a plain file of this user's that nobody else may write, and carries a
checksum of its name and its content: one that is cut, damaged or renamed is taken for absent, and written anew.  Where the system doesn't
tell who owns a file (Windows), only a folder below the user's home is used.

A cache that can't be used, be it foreign, read-only or full, is no error: programs are compiled in each process, as without one.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import secrets
import stat
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["Cache", "folder"]

LIMIT = 200_000_000
"""How many bytes are kept: beyond that, what wasn't used for longest goes."""

ENTRY = re.compile(r"[0-9a-f]{64}\.o(\.[0-9a-f]{16})?")
"""The names that are the cache's own, with a tail while they are being written: nothing else in the folder is ever touched."""

READ = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)  # a pipe never blocks
WRITE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)

OWNED = hasattr(os, "geteuid") and os.open in os.supports_dir_fd
"""Whether the system says who owns a file, and opens names relative to an opened folder."""


def folder() -> Path | None:
    """Where compiled programs are kept: $CHALKGRAD_CACHE, or the system's place for such things; None if that is "off" or empty.

    >>> import os
    >>> before = os.environ.get("CHALKGRAD_CACHE")
    >>> os.environ["CHALKGRAD_CACHE"] = "off"
    >>> folder() is None
    True
    >>> _ = os.environ.pop("CHALKGRAD_CACHE") if before is None else os.environ.update(CHALKGRAD_CACHE=before)
    """
    if (named := os.environ.get("CHALKGRAD_CACHE")) is not None:
        return Path(named).expanduser() if named not in ("", "off") else None
    try:
        home = Path.home()
    except RuntimeError:  # a user without a home
        return None
    places = {"darwin": home / "Library/Caches", "win32": Path(os.environ.get("LOCALAPPDATA", home / "AppData/Local"))}
    return places.get(sys.platform, Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache")) / "chalkgrad"


class Cache:
    """Entries of bytes, by the hash of what they were made from; without a `path`, an empty cache that keeps nothing.

    >>> import tempfile
    >>> cache = Cache(Path(tempfile.mkdtemp(), "cache"))
    >>> cache.write("a program", b"its code")
    >>> cache.read("a program"), cache.read("another program")
    (b'its code', None)
    """

    def __init__(self, path: Path | None, limit: int = LIMIT) -> None:
        self.path, self.limit = path, limit
        self._pruned = False

    def read(self, source: str) -> bytes | None:
        """What was kept for `source`, if it is there and whole."""
        name = _name(source)
        with contextlib.suppress(OSError), self._folder() as (prefix, at):
            with os.fdopen(os.open(prefix + name, READ, dir_fd=at), "rb") as file:
                if not _own(os.fstat(file.fileno()), stat.S_ISREG):
                    return None
                entry = file.read()
            checksum, content = entry[:32], entry[32:]
            if secrets.compare_digest(checksum, _checksum(name, content)):
                with contextlib.suppress(OSError):  # where it can't be said, what is oldest goes first
                    os.utime(prefix + name, dir_fd=at)
                return content
        return None

    def write(self, source: str, content: bytes) -> None:
        """Keep `content` for `source`; nobody ever reads half of it."""
        name = _name(source)
        unfinished = f"{name}.{secrets.token_hex(8)}"
        with contextlib.suppress(OSError), self._folder(make=True) as (prefix, at):
            if not self._pruned:  # once in a process: looking at all entries takes a moment
                self._pruned = True
                with contextlib.suppress(OSError):  # another process removes some too
                    self._prune(prefix, at)
            try:
                with os.fdopen(os.open(prefix + unfinished, WRITE, 0o600, dir_fd=at), "wb") as file:
                    file.write(_checksum(name, content) + content)
                os.replace(prefix + unfinished, prefix + name, src_dir_fd=at, dst_dir_fd=at)
            except OSError:  # the disk is full, say
                os.unlink(prefix + unfinished, dir_fd=at)

    @contextlib.contextmanager
    def _folder(self, make: bool = False) -> Iterator[tuple[str, int | None]]:
        """The folder, opened: a prefix to the names in it, and a descriptor they are relative to.  OSError if it isn't to be trusted."""
        if self.path is None:
            raise FileNotFoundError("there is no place for a cache")
        if make:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with contextlib.suppress(FileExistsError):
                self.path.mkdir(mode=0o700)
        if not OWNED:
            if not self.path.resolve().is_relative_to(Path.home().resolve()):
                raise PermissionError(f"nothing tells who may write {self.path}")
            yield f"{self.path}{os.sep}", None
            return
        descriptor = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            if not _own(os.fstat(descriptor), stat.S_ISDIR):
                raise PermissionError(f"others may write {self.path}")
            yield "", descriptor
        finally:
            os.close(descriptor)

    def _prune(self, prefix: str, at: int | None) -> None:
        """Remove what wasn't used for longest, until the rest is small enough."""
        with os.scandir(prefix if at is None else at) as found:
            entries = [(entry.stat(follow_symlinks=False), entry.name) for entry in found if ENTRY.fullmatch(entry.name)]
        kept = 0
        for status, name in sorted(entries, key=lambda entry: -entry[0].st_mtime_ns):
            kept += status.st_size
            if kept > self.limit:
                os.unlink(prefix + name, dir_fd=at)


def _own(status: os.stat_result, kind: Callable[[int], bool]) -> bool:
    """Whether something is of this kind, this user's, and for nobody else to write."""
    return kind(status.st_mode) and (not OWNED or (status.st_uid == os.geteuid() and not status.st_mode & 0o022))


def _name(source: str) -> str:
    return hashlib.sha256(source.encode()).hexdigest() + ".o"


def _checksum(name: str, content: bytes) -> bytes:
    return hashlib.sha256(name.encode() + content).digest()
