"""The cache of machine code: it keeps, it finds, and it trusts nobody."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from autograd.compiler.native.cache import Cache, folder

CONTENT = bytes(range(256)) * 4


@pytest.fixture
def cache(tmp_path):
    return Cache(tmp_path / "deep" / "cache")


def files(cache):
    return sorted(path.name for path in cache.path.iterdir()) if cache.path.exists() else []


def test_what_is_kept_is_found_again(cache):
    assert cache.read("a") is None
    cache.write("a", CONTENT)
    cache.write("b", b"")
    assert (cache.read("a"), cache.read("b"), cache.read("c")) == (CONTENT, b"", None)
    assert Cache(cache.path).read("a") == CONTENT
    assert len(files(cache)) == 2
    if os.name == "posix":
        assert cache.path.stat().st_mode & 0o777 == 0o700
        assert all(path.stat().st_mode & 0o777 == 0o600 for path in cache.path.iterdir())


def test_a_damaged_entry_is_absent_and_can_be_written_anew(cache):
    cache.write("a", CONTENT)
    (path,) = cache.path.iterdir()
    whole = path.read_bytes()
    flipped = lambda at: whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]
    for damaged in (
        b"",
        whole[:10],
        whole[:32],
        whole[:-1],
        whole + b"\0",
        flipped(0),
        flipped(31),
        flipped(32),
        flipped(-1 + len(whole)),
        bytes(len(whole)),
    ):
        path.write_bytes(damaged)
        assert cache.read("a") is None
    cache.write("a", CONTENT)
    assert cache.read("a") == CONTENT


def test_an_entry_is_not_taken_for_another(cache):
    cache.write("a", b"the code of a")
    (path,) = cache.path.iterdir()
    cache.write("b", b"the code of b")
    (other,) = set(cache.path.iterdir()) - {path}
    path.replace(other)
    assert cache.read("b") is None


posix = pytest.mark.skipif(os.name != "posix", reason="owners and modes are POSIX's")


@posix
@pytest.mark.parametrize("mode", [0o702, 0o720, 0o777, 0o1777])
def test_a_folder_that_others_may_write_is_not_used(cache, mode):
    cache.write("a", CONTENT)
    cache.path.chmod(mode)
    assert cache.read("a") is None
    cache.write("b", CONTENT)
    assert len(files(cache)) == 1
    cache.path.chmod(0o755)
    assert cache.read("a") == CONTENT


@posix
@pytest.mark.parametrize("mode", [0o602, 0o620])
def test_an_entry_that_others_may_write_is_not_used(cache, mode):
    cache.write("a", CONTENT)
    (path,) = cache.path.iterdir()
    path.chmod(mode)
    assert cache.read("a") is None


@posix
def test_links_are_not_followed(cache, tmp_path):
    cache.write("a", CONTENT)
    (path,) = cache.path.iterdir()
    link = tmp_path / "link"
    link.symlink_to(cache.path)
    assert Cache(link).read("a") is None
    Cache(link).write("b", CONTENT)
    assert len(files(cache)) == 1
    elsewhere = path.rename(tmp_path / "elsewhere")
    path.symlink_to(elsewhere)
    assert cache.read("a") is None
    cache.write("a", CONTENT)
    assert not path.is_symlink()
    assert cache.read("a") == CONTENT


@posix
def test_what_belongs_to_somebody_else_is_not_used(cache):
    if os.geteuid():  # who isn't root can give nothing away: a folder of root's
        foreign = Cache(Path("/usr"))
        foreign.write("a", CONTENT)
        assert foreign.read("a") is None
        return
    cache.write("a", CONTENT)
    (path,) = cache.path.iterdir()
    os.chown(path, 65534, -1)
    assert cache.read("a") is None
    os.chown(path, 0, -1)
    assert cache.read("a") == CONTENT
    os.chown(cache.path, 65534, -1)
    assert cache.read("a") is None
    cache.write("b", CONTENT)
    assert len(files(cache)) == 1


@posix
def test_a_pipe_in_the_place_of_an_entry_does_not_wait(cache):
    cache.write("a", CONTENT)
    (path,) = cache.path.iterdir()
    path.unlink()
    os.mkfifo(path, 0o600)
    assert cache.read("a") is None


def test_where_no_folder_can_be_nothing_is_kept(tmp_path):
    (tmp_path / "file").write_text("in the way")
    for place in (None, tmp_path / "file", tmp_path / "file" / "cache"):
        cache = Cache(place)
        cache.write("a", CONTENT)
        assert cache.read("a") is None
    assert (tmp_path / "file").read_text() == "in the way"


@posix
def test_a_full_disk_is_no_error_and_leaves_nothing(cache):
    script = f"""
import resource, sys
from pathlib import Path
from autograd.compiler.native.cache import Cache
resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
cache = Cache(Path({str(cache.path)!r}))
cache.write("a", bytes(1000))
cache.write("b", b"short")
print(cache.read("a"), cache.read("b"))
"""
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split() == ["None", "b'short'"]
    assert len(files(cache)) == 1


def test_what_was_not_used_for_longest_goes_first(tmp_path):
    place = tmp_path / "cache"
    for k in range(10):
        Cache(place).write(f"{k}", bytes(968))  # 1000 with the checksum
        for path in place.iterdir():
            os.utime(path, (path.stat().st_atime - 100,) * 2)
    (place / "thesis.txt").write_bytes(bytes(5000))
    assert Cache(place).read("0") is not None  # used just now
    Cache(place, limit=4000).write("new", b"")
    assert [k for k in range(10) if Cache(place).read(f"{k}") is not None] == [0, 7, 8, 9]
    assert (place / "thesis.txt").exists()
    assert Cache(place).read("new") == b""


def test_readers_and_writers_at_once_see_whole_entries(cache):
    def work(k):
        cache.write("a", CONTENT)
        return all(cache.read("a") == CONTENT for _ in range(20))

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(work, range(50)))
    assert len(files(cache)) == 1


def test_the_environment_says_where_the_cache_is(monkeypatch, tmp_path):
    for off in ("off", ""):
        monkeypatch.setenv("CHALKGRAD_CACHE", off)
        assert folder() is None
    monkeypatch.setenv("CHALKGRAD_CACHE", str(tmp_path))
    assert folder() == tmp_path
    monkeypatch.setenv("CHALKGRAD_CACHE", "~/somewhere")
    assert folder() == Path.home() / "somewhere"
    monkeypatch.delenv("CHALKGRAD_CACHE")
    assert folder().name == "chalkgrad"
    if sys.platform == "linux":
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
        assert folder() == tmp_path / "chalkgrad"
        monkeypatch.setenv("XDG_CACHE_HOME", "")
        assert folder() == Path.home() / ".cache" / "chalkgrad"
