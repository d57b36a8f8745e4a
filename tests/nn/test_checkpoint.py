"""Checkpoints: what is saved comes back bit for bit, and a file that is not whole is never taken for one."""

import errno
import hashlib
import io
import json
import os
import random
import re
import stat
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.lib import format as npy

from nn.checkpoint import DTYPES, MANIFEST, MANIFEST_LIMIT, CheckpointError, load, mismatches, save

ARRAYS = {
    "0.weight": np.arange(12.0).reshape(3, 4),
    "0.bias": np.array([1.5, -0.0, np.nan, np.inf], np.float32),
    "optimizer.step": np.array(7),
}
META = {"epoch": 3, "loss": [0.5, 0.25], "rng": {"state": 2**127 + 1}, "note": "σ ≈ 1", "best": None}


def same(found, wanted):
    """Bit for bit: names and their order, dtypes with their byte order, shapes, and bytes."""
    return list(found) == list(wanted) and all(
        (a.dtype.str, a.shape, a.tobytes()) == (b.dtype.str, b.shape, b.tobytes())
        for a, b in zip(found.values(), wanted.values(), strict=True)
    )


@pytest.fixture
def path(tmp_path):
    return save(tmp_path / "model.npz", ARRAYS, META)


def names(path):
    return sorted(entry.name for entry in path.parent.iterdir())


# What is saved comes back


def test_round_trip(path):
    arrays, meta = load(path)
    assert same(arrays, ARRAYS)
    assert meta == META
    assert all(a.flags.writeable and a.flags.aligned for a in arrays.values())
    assert names(path) == ["model.npz"]


NUMBERS = st.sampled_from(DTYPES).flatmap(lambda char: st.sampled_from([np.dtype(char), np.dtype(char).newbyteorder(">")]))
LAYOUTS = [
    lambda a: a,
    np.asfortranarray,
    lambda a: a.T,
    lambda a: a[..., ::-1] if a.ndim else a,
    lambda a: a.repeat(2, 0)[::2] if a.ndim else a,
]


@given(
    st.dictionaries(st.text("aσ./ -0", max_size=8), hnp.arrays(NUMBERS, hnp.array_shapes(min_dims=0, min_side=0, max_side=3)), max_size=3),
    st.sampled_from(LAYOUTS),
)
def test_any_numbers_in_any_layout(tmp_path_factory, arrays, layout):
    path = tmp_path_factory.getbasetemp() / "any.npz"
    arrays = {name: layout(array) for name, array in arrays.items()}
    found, meta = load(save(path, arrays, {}))
    assert same(found, arrays)
    assert meta == {}


def test_layout_is_kept(tmp_path):
    a, _ = load(save(tmp_path / "f", {"a": np.asfortranarray(np.arange(6.0).reshape(2, 3))}, {}))
    assert a["a"].flags.f_contiguous
    assert a["a"].tolist() == [[0, 1, 2], [3, 4, 5]]


@pytest.mark.parametrize(
    "name", ["0.weight", "optimizer.m.0.weight", "вес", "../x", "/etc/x", "", "a.npy", "checkpoint.json", "C:x", "a b" * 333]
)
def test_any_name_is_only_a_name(path, name):
    arrays = {name: np.ones(2), "a": np.zeros(3)}
    assert same(load(save(path, arrays, {}))[0], arrays)
    assert names(path) == ["model.npz"]


def test_numpy_and_zip_open_it(path):
    with np.load(path, allow_pickle=False) as file:
        assert same({name: file[name] for name in ARRAYS}, ARRAYS)
        assert json.loads(file[MANIFEST])["meta"] == META
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None


def test_same_content_same_bytes(path, tmp_path, monkeypatch):
    monkeypatch.setattr(time, "time", lambda: 2e9)
    assert save(tmp_path / "again", ARRAYS, META).read_bytes() == path.read_bytes()


def test_returns_the_path_given(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert save("here.npz", ARRAYS, META) == Path("here.npz")
    assert same(load("here.npz")[0], ARRAYS)


def test_json_decides_what_metadata_comes_back(path):
    assert load(save(path, {}, {"betas": (0.9, 0.999), "best": float("inf")}))[1] == {"betas": [0.9, 0.999], "best": float("inf")}


# What cannot be saved is refused before anything is written


@pytest.mark.parametrize(
    ("array", "text"),
    [
        (np.array([None]), "layer has dtype object"),
        (np.zeros(2, "f4,i4"), "layer has dtype [('f0', '<f4'), ('f1', '<i4')]"),
        (np.zeros(2, "M8[s]"), "layer has dtype datetime64[s]"),
        (np.zeros(2, "m8[s]"), "layer has dtype timedelta64[s]"),
        (np.array("x"), "layer has dtype <U1"),
        (np.zeros(2, np.longdouble), "layer has dtype"),
        (np.ma.masked_array([1.0]), "layer is a MaskedArray"),
        ([1.0], "layer is a list"),
    ],
)
def test_refused_arrays(path, array, text):
    before = path.read_bytes()
    with pytest.raises(TypeError, match=re.escape(text)):
        save(path, {"ok": np.ones(2), "layer": array}, {})
    assert path.read_bytes() == before
    assert names(path) == ["model.npz"]


@pytest.mark.parametrize("name", ["a\0b", "a\\b", "a\nb", "\udc80", "a" * 1001, 3])
def test_refused_names(path, name):
    with pytest.raises(ValueError, match="cannot name an array: use at most 1000 printable characters"):
        save(path, {name: np.ones(2)}, {})
    assert same(load(path)[0], ARRAYS)


def loop():
    meta = {}
    meta["self"] = meta
    return meta


@pytest.mark.parametrize("meta", [{"x": np.float32(1)}, {"x": np.ones(2)}, {"x": {1, 2}}, {(1, 2): 3}, loop()])
def test_refused_metadata(path, meta):
    with pytest.raises(TypeError, match=r"meta must be JSON: .*; pass plain numbers"):
        save(path, {}, meta)
    assert same(load(path)[0], ARRAYS)


def test_refused_size_of_metadata(path):
    with pytest.raises(ValueError, match="pass long lists among `arrays`"):
        save(path, {}, {"x": "y" * MANIFEST_LIMIT})
    assert same(load(path)[0], ARRAYS)


# Where it is saved


def test_no_such_folder(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"x.npz cannot be saved: there is no folder .*none; create it first"):
        save(tmp_path / "none" / "x.npz", ARRAYS, META)


def test_folder_in_its_place(tmp_path):
    with pytest.raises(FileExistsError, match="is a folder or a device"):
        save(tmp_path, ARRAYS, META)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="devices, links and modes are those of POSIX")
class TestPosix:
    def test_device_is_not_replaced(self, tmp_path):
        device = tmp_path / "device"
        os.mkfifo(device)
        with pytest.raises(FileExistsError, match="is a folder or a device"):
            save(device, ARRAYS, META)
        with pytest.raises(CheckpointError, match="is a folder or a device"):
            load(device)

    @pytest.mark.parametrize("dangling", [False, True])
    def test_link_is_followed(self, path, tmp_path, dangling):
        (tmp_path / "far").mkdir()
        link, target = tmp_path / "link.npz", tmp_path / "far" / "target.npz"
        link.symlink_to(target)
        if not dangling:
            path.rename(target)
        assert save(link, {"a": np.ones(1)}, {}) == link
        assert link.is_symlink()
        assert list(load(target)[0]) == ["a"]
        assert names(target) == ["target.npz"]

    @pytest.mark.parametrize("mask", [0o022, 0o077, 0o007])
    def test_mode_of_a_new_file(self, tmp_path, mask):
        old = os.umask(mask)
        try:
            path = save(tmp_path / "new.npz", ARRAYS, META)
        finally:
            os.umask(old)
        assert stat.S_IMODE(path.stat().st_mode) == 0o666 & ~mask

    def test_mode_of_a_replaced_file(self, path):
        path.chmod(0o600)
        save(path, ARRAYS, META)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600

    def test_full_disk(self, path):
        """A limit on the length of files stands for the disk: the system itself stops the write midway."""
        import resource

        before, limits = path.read_bytes(), resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, limits[1]))
        try:
            with pytest.raises(OSError) as caught:
                save(path, {"a": np.zeros(1 << 18)}, {})
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        assert caught.value.errno == errno.EFBIG
        assert path.read_bytes() == before
        assert names(path) == ["model.npz"]

    def test_synced_before_it_is_named(self, path, monkeypatch):
        events, fsync, replace = [], os.fsync, Path.replace
        monkeypatch.setattr(os, "fsync", lambda fd: (events.append("folder" if stat.S_ISDIR(os.fstat(fd).st_mode) else "file"), fsync(fd)))
        monkeypatch.setattr(Path, "replace", lambda *paths: (events.append("name"), replace(*paths)))
        save(path, ARRAYS, META)
        assert events == ["file", "name", "folder"]

    def test_killed_at_any_moment(self, tmp_path):
        """A process that saves again and again is killed at random moments: the file is always whole, and of one save."""
        path = tmp_path / "model.npz"
        code = (
            "import sys, itertools, numpy as np; from nn.checkpoint import save\n"
            "for i in itertools.count(int(sys.argv[2])):\n"
            "    save(sys.argv[1], {'a': np.full(400_000, i), 'b': np.full(9, i)}, {'i': i}); print(i, flush=True)"
        )
        last = 0
        for _ in range(5):
            child = subprocess.Popen(
                [sys.executable, "-c", code, path, str(last)], cwd=Path(__file__).parents[2], stdout=subprocess.PIPE, text=True
            )
            with child:
                last = int(child.stdout.readline())
                time.sleep(random.uniform(0, 0.05))
                child.kill()
                last = max([last, *map(int, re.findall(r"(\d+)\n", child.stdout.read()))])
            arrays, meta = load(path)
            assert meta["i"] in {last, last + 1}
            assert {*arrays["a"], *arrays["b"]} == {meta["i"]}


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt()])
@pytest.mark.parametrize("place", [(npy, "write_array"), (os, "fsync"), (Path, "replace")])
def test_failure_leaves_the_old_file(path, monkeypatch, error, place):
    def fail(*args, **options):
        raise error

    before = path.read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr(*place, fail)
        with pytest.raises(type(error)):
            save(path, {"a": np.ones(5)}, {})
    assert path.read_bytes() == before
    assert names(path) == ["model.npz"]


def test_disk_that_cannot_sync_folders(path, monkeypatch):
    def sync(fd):
        if stat.S_ISDIR(os.fstat(fd).st_mode):
            raise OSError(errno.EINVAL, "Invalid argument")

    monkeypatch.setattr(os, "fsync", sync)
    assert list(load(save(path, {"a": np.ones(1)}, {}))[0]) == ["a"]


# What is not whole is not loaded


def refused(path, text):
    with pytest.raises(CheckpointError, match=text) as caught:
        load(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert re.search(r"; (load|save|name) [a-z]+ ", str(caught.value)), "the text says what to do"


def test_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"none.npz does not exist \(from .*\): name a file"):
        load(tmp_path / "none.npz")


def test_folder(tmp_path):
    refused(tmp_path, "is a folder")


def test_every_flipped_byte(path):
    whole = path.read_bytes()
    for i in range(len(whole)):
        path.write_bytes(whole[:i] + bytes([whole[i] ^ 1 << i % 8]) + whole[i + 1 :])
        refused(path, "seal|begin")


def test_every_cut(path):
    whole = path.read_bytes()
    for i in range(len(whole)):
        path.write_bytes(whole[:i])
        refused(path, "seal|begin")


@pytest.mark.parametrize(
    "change", [lambda b: b + b"\0", lambda b: b"\0" + b, lambda b: b + b, lambda b: b[:200] + b[264:], lambda b: b[:4] + b]
)
def test_added_and_lost_bytes(path, change):
    path.write_bytes(change(path.read_bytes()))
    refused(path, "seal|begin")


def png():
    return b"\x89PNG\r\n\x1a\n" + bytes(200)


def npz():
    file = io.BytesIO()
    np.savez(file, **ARRAYS)
    return file.getvalue()


def torch_file():
    torch, file = pytest.importorskip("torch"), io.BytesIO()
    torch.save({"a": torch.ones(3)}, file)
    return file.getvalue()


@pytest.mark.parametrize(
    ("foreign", "text"),
    [
        (bytes, "does not begin as a zip file"),
        (png, "does not begin as a zip file"),
        (lambda: b"PK\x05\x06" + bytes(18), "does not begin as a zip file"),
        (lambda: b"PK\x03\x04", "do not match its seal"),
        (npz, "do not match its seal"),
        (torch_file, "do not match its seal"),
    ],
)
def test_foreign_file(tmp_path, foreign, text):
    path = tmp_path / "foreign"
    path.write_bytes(foreign())
    refused(path, text)


# A seal that is right over content that is not: files made to harm, and those of other versions


def npy_bytes(array, **options):
    file = io.BytesIO()
    npy.write_array(file, array, **options)
    return file.getvalue()


def stating(shape, dtype="<f8"):
    """What states to be such an array, and holds 16 bytes."""
    file = io.BytesIO()
    npy.write_array_header_1_0(file, {"descr": dtype, "fortran_order": False, "shape": shape})
    return file.getvalue() + bytes(16)


def spec(dtype="<f8", shape=(2,)):
    return {"dtype": dtype, "shape": list(shape)}


def manifest(arrays, **changes):
    return json.dumps({"format": "chalkgrad checkpoint", "version": 1, "arrays": arrays, "meta": {}} | changes)


def forge(path, members, compression=zipfile.ZIP_STORED, change=lambda b: b):
    """A sealed file of these members; `change` is applied to its bytes before they are sealed."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        for name, content in members:
            archive.writestr(name, content)
        archive.comment = bytes(64)
    body = change(file.getvalue())[:-64]
    path.write_bytes(body + hashlib.sha256(body).hexdigest().encode())
    return path


TWO = npy_bytes(np.ones(2))
LISTED = (MANIFEST, manifest({"a": spec()}))


def test_a_forged_file_can_be_right(path):
    arrays, meta = load(forge(path, [LISTED, ("a.npy", TWO)]))
    assert same(arrays, {"a": np.ones(2)})
    assert meta == {}


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize(
    ("members", "text"),
    [
        ([LISTED], r"missing \['a.npy'\], unexpected \[\]"),
        ([LISTED, ("a.npy", TWO), ("b.npy", TWO)], r"missing \[\], unexpected \['b.npy'\]"),
        ([LISTED, ("a.npy", TWO), ("b/", b"")], r"unexpected \['b/'\]"),
        ([LISTED, ("a.npy", TWO), ("a.npy", TWO)], r"missing \[\], unexpected \['a.npy'\]"),
        ([LISTED, LISTED, ("a.npy", TWO)], r"unexpected \['checkpoint.json'\]"),
        ([LISTED, ("a.npy", npy_bytes(np.ones((1, 2))))], r"its a is not .*'shape': \[1, 2\].*stated as .*'shape': \[2\]"),
        ([LISTED, ("a.npy", npy_bytes(np.ones(2, ">f8")))], "its a is not .*'>f8'"),
        ([LISTED, ("a.npy", TWO[:-1])], "in 15 bytes"),
        ([LISTED, ("a.npy", TWO + b"\0")], "in 17 bytes"),
        ([LISTED, ("a.npy", b"")], "structure is broken"),
        ([LISTED, ("a.npy", npy_bytes(np.ones(2), version=(2, 0)))], "structure is broken"),
        ([(MANIFEST, manifest({"a": spec("|O")})), ("a.npy", stating((2,), "|O"))], r"its a is not .*\|O"),
        ([(MANIFEST, manifest({"a": spec("|V8")})), ("a.npy", stating((2,), "|V8"))], r"its a is not .*\|V8"),
        ([(MANIFEST, manifest({"a": spec(shape=(-1, -2))})), ("a.npy", stating((-1, -2)))], "structure is broken"),
        ([(MANIFEST, manifest({"a": spec(shape=(10**15,))})), ("a.npy", stating((10**15,)))], "in 16 bytes"),
        ([LISTED, ("a.npy", stating((10**15,)))], r"'shape': \[1000000000000000\]"),
        ([("a.npy", TWO)], "no item named 'checkpoint.json'"),
        ([(MANIFEST, "{")], "structure is broken"),
        ([(MANIFEST, "[]")], "structure is broken"),
        ([(MANIFEST, "[" * 100_000)], "structure is broken"),
        ([(MANIFEST, manifest([]) + " " * MANIFEST_LIMIT)], "longer than"),
        ([(MANIFEST, manifest({}, version=2))], "chalkgrad checkpoint 2', and this reads chalkgrad checkpoint 1; load it with"),
        ([(MANIFEST, manifest({}, format="other"))], "other 1"),
        ([(MANIFEST, manifest({}, meta=3))], "structure is broken"),
    ],
)  # fmt: skip
def test_forged(path, members, text):
    refused(forge(path, members), text)


def test_a_bomb_is_not_inflated(path):
    bomb = npy_bytes(np.zeros(1 << 20))
    refused(
        forge(path, [(MANIFEST, manifest({"a": spec(shape=(1 << 20,))})), ("a.npy", bomb)], zipfile.ZIP_DEFLATED), "compressed or overlap"
    )
    assert path.stat().st_size < len(bomb) / 100


def test_members_that_share_bytes(path):
    """Both entries of the directory state a length that reaches to the end of the file."""

    def overlap(content):
        entry = content.index(b"PK\x01\x02")
        while entry >= 0:
            content = content[: entry + 20] + len(content).to_bytes(4, "little") * 2 + content[entry + 28 :]
            entry = content.find(b"PK\x01\x02", entry + 4)
        return content

    refused(forge(path, [LISTED, ("a.npy", TWO)], change=overlap), "compressed or overlap")


def test_any_change_under_a_right_seal(path):
    """A harmful file raises only what is promised; it may be right by luck, as where a flip falls on a date or on a value."""
    members, rng = [LISTED, ("a.npy", TWO)], random.Random(0)
    outcomes = []

    def damage(content):
        at = rng.randrange(len(content) - 64)
        return content[:at] + bytes([content[at] ^ 1 << rng.randrange(8)]) + content[at + 1 :]

    for _ in range(1500):
        try:
            arrays, _ = load(forge(path, members, change=damage))
            outcomes.append(len(arrays))
        except CheckpointError:
            outcomes.append(None)
    assert set(outcomes) == {1, None}


# What fits


def test_what_fits_has_no_mismatch():
    want = {"a": np.zeros((2, 3), np.float32), "b": np.zeros(2, complex), "c": np.zeros(())}
    found = {"c": np.array(1), "b": np.full(2, np.nan), "a": np.ones((2, 3), ">f8")}
    assert mismatches(want, found) == []


def test_all_mismatches_at_once():
    want = {"0.weight": np.zeros((32, 64)), "0.bias": np.zeros(64), "1.weight": np.zeros(3), "steps": np.zeros((), int)}
    found = {"extra": np.zeros(1), "0.weight": np.zeros((64, 32), complex), "1.weight": np.zeros(3, complex), "steps": np.zeros(())}
    assert mismatches(want, found) == [
        "0.weight: got shape (64, 32), wanted (32, 64)",
        "0.weight: got dtype complex128, wanted float64",
        "0.bias: missing",
        "1.weight: got dtype complex128, wanted float64",
        "steps: got dtype float64, wanted int64",
        "extra: unexpected",
    ]
