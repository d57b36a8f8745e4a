"""The store of machine code: it keeps, it finds, and it trusts nobody."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from autograd.compiler.native.store import Store, folder

CONTENT = bytes(range(256)) * 4


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "deep" / "store")


def files(store):
    return sorted(path.name for path in store.place.iterdir()) if store.place.exists() else []


def test_what_is_kept_is_found_again(store):
    assert store.read("a") is None
    store.write("a", CONTENT)
    store.write("b", b"")
    assert (store.read("a"), store.read("b"), store.read("c")) == (CONTENT, b"", None)
    assert Store(store.place).read("a") == CONTENT
    assert len(files(store)) == 2
    if os.name == "posix":
        assert store.place.stat().st_mode & 0o777 == 0o700
        assert all(path.stat().st_mode & 0o777 == 0o600 for path in store.place.iterdir())


def test_a_damaged_entry_is_absent_and_can_be_written_anew(store):
    store.write("a", CONTENT)
    (path,) = store.place.iterdir()
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
        assert store.read("a") is None
    store.write("a", CONTENT)
    assert store.read("a") == CONTENT


def test_an_entry_is_not_taken_for_another(store):
    store.write("a", b"the code of a")
    (path,) = store.place.iterdir()
    store.write("b", b"the code of b")
    (other,) = set(store.place.iterdir()) - {path}
    path.replace(other)
    assert store.read("b") is None


posix = pytest.mark.skipif(os.name != "posix", reason="owners and modes are POSIX's")


@posix
@pytest.mark.parametrize("mode", [0o702, 0o720, 0o777, 0o1777])
def test_a_folder_that_others_may_write_is_not_used(store, mode):
    store.write("a", CONTENT)
    store.place.chmod(mode)
    assert store.read("a") is None
    store.write("b", CONTENT)
    assert len(files(store)) == 1
    store.place.chmod(0o755)
    assert store.read("a") == CONTENT


@posix
@pytest.mark.parametrize("mode", [0o602, 0o620])
def test_an_entry_that_others_may_write_is_not_used(store, mode):
    store.write("a", CONTENT)
    (path,) = store.place.iterdir()
    path.chmod(mode)
    assert store.read("a") is None


@posix
def test_links_are_not_followed(store, tmp_path):
    store.write("a", CONTENT)
    (path,) = store.place.iterdir()
    link = tmp_path / "link"
    link.symlink_to(store.place)
    assert Store(link).read("a") is None
    Store(link).write("b", CONTENT)
    assert len(files(store)) == 1
    elsewhere = path.rename(tmp_path / "elsewhere")
    path.symlink_to(elsewhere)
    assert store.read("a") is None
    store.write("a", CONTENT)
    assert not path.is_symlink()
    assert store.read("a") == CONTENT


@posix
def test_what_belongs_to_somebody_else_is_not_used(store):
    if os.geteuid():  # who isn't root can give nothing away: a folder of root's
        foreign = Store(Path("/usr"))
        foreign.write("a", CONTENT)
        assert foreign.read("a") is None
        return
    store.write("a", CONTENT)
    (path,) = store.place.iterdir()
    os.chown(path, 65534, -1)
    assert store.read("a") is None
    os.chown(path, 0, -1)
    assert store.read("a") == CONTENT
    os.chown(store.place, 65534, -1)
    assert store.read("a") is None
    store.write("b", CONTENT)
    assert len(files(store)) == 1


@posix
def test_a_pipe_in_the_place_of_an_entry_does_not_wait(store):
    store.write("a", CONTENT)
    (path,) = store.place.iterdir()
    path.unlink()
    os.mkfifo(path, 0o600)
    assert store.read("a") is None


def test_where_no_folder_can_be_nothing_is_kept(tmp_path):
    (tmp_path / "file").write_text("in the way")
    for place in (None, tmp_path / "file", tmp_path / "file" / "store"):
        store = Store(place)
        store.write("a", CONTENT)
        assert store.read("a") is None
    assert (tmp_path / "file").read_text() == "in the way"


@posix
def test_a_full_disk_is_no_error_and_leaves_nothing(store):
    script = f"""
import resource, sys
from pathlib import Path
from autograd.compiler.native.store import Store
resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
store = Store(Path({str(store.place)!r}))
store.write("a", bytes(1000))
store.write("b", b"short")
print(store.read("a"), store.read("b"))
"""
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split() == ["None", "b'short'"]
    assert len(files(store)) == 1


def test_what_was_not_used_for_longest_goes_first(tmp_path):
    place = tmp_path / "store"
    for k in range(10):
        Store(place).write(f"{k}", bytes(968))  # 1000 with the checksum
        for path in place.iterdir():
            os.utime(path, (path.stat().st_atime - 100,) * 2)
    (place / "thesis.txt").write_bytes(bytes(5000))
    assert Store(place).read("0") is not None  # used just now
    Store(place, limit=4000).write("new", b"")
    assert [k for k in range(10) if Store(place).read(f"{k}") is not None] == [0, 7, 8, 9]
    assert (place / "thesis.txt").exists()
    assert Store(place).read("new") == b""


def test_readers_and_writers_at_once_see_whole_entries(store):
    def work(k):
        store.write("a", CONTENT)
        return all(store.read("a") == CONTENT for _ in range(20))

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(work, range(50)))
    assert len(files(store)) == 1


def test_the_environment_says_where_the_store_is(monkeypatch, tmp_path):
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
