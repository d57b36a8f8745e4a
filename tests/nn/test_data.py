"""Data sets, the files they come from, and their batches."""

import ast
import gzip
import hashlib
import struct
import sys
import threading
import tracemalloc
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from unittest.mock import Mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nn.data
from nn.data import DataLoader, Dataset, digits, download, fashion_mnist, files, load, load_features, mnist
from nn.data.dataset import check_finite
from nn.data.idx import IdxFile
from nn.data.sources import SOURCES, Source

HERE = Path(nn.data.__file__).parent


def digest(array):
    return hashlib.sha256(np.ascontiguousarray(array)).hexdigest()[:16]


def numbered(n, classes=2):
    """n examples of one feature, the example's number, whose classes take turns."""
    return Dataset(np.arange(float(n)).reshape(n, 1), np.arange(n) % classes, tuple(map(str, range(classes))))


def test_needs_only_numpy_and_the_standard_library():
    allowed = sys.stdlib_module_names | {"numpy"}
    for path in HERE.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = (
                [a.name for a in node.names]
                if isinstance(node, ast.Import)
                else [node.module]
                if isinstance(node, ast.ImportFrom) and node.level == 0
                else []
            )
            assert all(name.split(".")[0] in allowed for name in names), path
            assert not isinstance(node, ast.ImportFrom) or node.level < 2, path  # only its own rooms


# check_finite


@pytest.mark.parametrize(
    ("x", "message"),
    [
        ([[0.0, 1.0], [2.0, np.nan]], "x: row 1, column 1 is nan; 1 of 4 values are not finite; drop or impute those rows first"),
        ([[-np.inf, 1.0], [np.nan, np.inf]], "x: row 0, column 0 is -inf; 3 of 4 "),
        ([1.0, np.inf], "x: row 1 is inf; 1 of 2 "),
        (np.full((1, 2, 2), np.nan), "x: row 0, column 0, 0 is nan; 4 of 4 "),
    ],
)
def test_check_finite_names_the_first_bad_value(x, message):
    with pytest.raises(ValueError) as error:
        check_finite(np.asarray(x))
    assert str(error.value).startswith(message)


def test_check_finite_passes_numbers():
    check_finite(np.array([[1e308, -1e308]]))
    check_finite(np.arange(4))


# Dataset


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"x": np.zeros(4)}, r"x: wanted shape \(N, features\).*got \(4,\)"),
        ({"x": np.zeros((0, 3)), "y": np.zeros(0, np.int64)}, r"at least one of each, got \(0, 3\)"),
        ({"x": np.zeros((4, 0))}, r"got \(4, 0\)"),
        ({"y": np.zeros(3, np.int64)}, r"shape \(4,\), got int64 of shape \(3,\)"),
        ({"y": np.zeros((4, 2), np.int64)}, r"got int64 of shape \(4, 2\)"),
        ({"y": np.zeros(4)}, "got float64"),
        ({"y": np.array([0, 1, 2, 0])}, "labels run from 0 to 2, but 2 classes"),
        ({"y": np.array([0, 1, -1, 0])}, "labels run from -1 to 1"),
        ({"image_shape": (2, 2)}, r"\(2, 2\) holds 4 values, but x has 3 features"),
    ],
)
def test_dataset_refuses_what_does_not_fit(change, message):
    fields = {"x": np.zeros((4, 3)), "y": np.array([0, 1, 0, 1]), "classes": ("a", "b")}
    assert len(Dataset(**fields)) == 4
    with pytest.raises(ValueError, match=message):
        Dataset(**fields | change)


def test_dataset_wants_arrays():
    for x, y in (([[1.0]], np.array([0])), (np.array([[1.0]]), [0])):
        with pytest.raises(TypeError, match=r"x, y: wanted NumPy arrays, got .*list"):
            Dataset(x, y, ("a",))


def test_split_parts_the_examples_class_by_class():
    data = Dataset(np.arange(130.0).reshape(130, 1), np.repeat([0, 1, 2], [100, 20, 10]), ("a", "b", "c"), (1, 1), "abc")
    train, test = data.split(test=0.3, seed=5)
    assert np.bincount(train.y).tolist() == [70, 14, 7]
    assert np.bincount(test.y).tolist() == [30, 6, 3]
    assert sorted([*train.x[:, 0], *test.x[:, 0]]) == list(range(130))
    for part in (train, test):
        assert (np.diff(part.x[:, 0]) > 0).all()
        assert (data.y[part.x[:, 0].astype(int)] == part.y).all()
        assert (part.classes, part.image_shape, part.name) == (data.classes, data.image_shape, data.name)


def test_split_is_the_same_everywhere_and_another_for_another_seed():
    first, again, other = (numbered(50).split(0.2, seed)[1].x[:, 0].tolist() for seed in (0, 0, 1))
    assert first == again == [5, 8, 9, 20, 22, 29, 38, 39, 41, 48]
    assert first != other


def test_split_leaves_an_example_of_each_class_on_either_side():
    for test in (0.01, 0.99):
        parts = numbered(4).split(test)
        assert all(set(part.y.tolist()) == {0, 1} for part in parts)
    empty_class = Dataset(np.zeros((4, 1)), np.zeros(4, np.int64), ("here", "nowhere"))
    assert [len(part) for part in empty_class.split(0.5)] == [2, 2]


@pytest.mark.parametrize("test", [0, 1, -0.1, 1.5, 30, float("nan")])
def test_split_refuses_what_is_no_fraction(test):
    with pytest.raises(ValueError, match=f"strictly between 0 and 1, got {test}"):
        numbered(10).split(test)


def test_split_refuses_a_class_with_one_example():
    with pytest.raises(ValueError, match="class 'rare' has one example"):
        Dataset(np.zeros((3, 1)), np.array([0, 1, 0]), ("common", "rare")).split()


# digits


def test_digits_are_those_of_the_publication():
    data = digits()
    assert data.x.shape == (1797, 64)
    assert data.x.dtype == np.float32
    assert (data.x.min(), data.x.max()) == (0, 1)
    assert np.bincount(data.y).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert (data.classes, data.image_shape, data.name) == (tuple("0123456789"), (8, 8), "digits")
    assert (data.x[0, :8] * 16).tolist() == [0, 0, 5, 13, 9, 1, 0, 0]
    assert digest((data.x * 16).astype(np.uint8)) == "8f26b2bd9d135c25"
    assert digest(data.y.astype(np.uint8)) == "8ba4f891220f5e4c"


def test_digits_come_with_their_licence():
    licence = (HERE / "digits.LICENSE.txt").read_text(encoding="utf-8")
    for part in ("Alpaydin", "Kaynak", "10.24432/C50P49", "https://creativecommons.org/licenses/by/4.0/", "changed"):
        assert part in licence
    assert (HERE / "digits.npz").stat().st_size < 60_000


# load: .npz


def save(folder, **arrays):
    np.savez(folder / "own.npz", **arrays)
    return folder / "own.npz"


@pytest.mark.parametrize("x", ["x", "X"])
@pytest.mark.parametrize("save_as", [np.savez, np.savez_compressed])
def test_load_npz(tmp_path, x, save_as):
    rng = np.random.default_rng(0)
    wide = np.asfortranarray(rng.normal(size=(6, 3)))
    save_as(tmp_path / "own.npz", **{x: wide, "y": np.array([7, 3, 7, 7, 10, 3]), "more": np.zeros(2)})
    data = load(str(tmp_path / "own.npz"))
    assert data.x.dtype == np.float32
    assert (data.x == wide.astype(np.float32)).all()
    assert data.y.tolist() == [1, 0, 1, 1, 2, 0]
    assert (data.classes, data.image_shape, data.name) == (("3", "7", "10"), None, "own")


def test_load_npz_flattens_images(tmp_path):
    images = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
    data = load(save(tmp_path, x=images, y=["b", "a"]))
    assert (data.image_shape, data.classes, data.y.tolist()) == ((3, 4), ("a", "b"), [1, 0])
    assert (data.x == images.reshape(2, 12)).all()


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"a": [1], "b": [2]}, "wanted one array x .or X. and one y, got a.npy, b.npy"),
        ({}, "wanted one array x .or X. and one y, got none"),
        ({"x": [[1.0]]}, "got x.npy"),
        ({"x": [[1.0]], "X": [[1.0]], "y": [0]}, "got x.npy, X.npy, y.npy"),
        ({"x": [[1.0], [2.0]], "y": [0]}, r"got x of shape \(2, 1\) and 1 labels"),
        ({"x": np.zeros((0, 3)), "y": np.zeros(0, int)}, r"got x of shape \(0, 3\) and 0 labels"),
        ({"x": [1.0], "y": [0]}, r"x: wanted real numbers, one row per example, got float64 of shape \(1,\)"),
        ({"x": [["1"]], "y": [0]}, "x: wanted real numbers.*got <U1"),
        ({"x": [[1j]], "y": [0]}, "x: wanted real numbers.*got complex128"),
        ({"x": [[1.0]], "y": [[0]]}, r"y: wanted one whole number or name per example, got int64 of shape \(1, 1\)"),
        ({"x": [[1.0]], "y": [b"a"]}, "y: wanted one whole number or name per example, got |S1"),
        ({"x": [[1.0]], "y": [0.5]}, "label of row 0: wanted a whole number .below 2..53. or a name, got 0.5"),
        ({"x": [[1.0]], "y": [np.nan]}, "label of row 0.*got nan"),
        ({"x": [[1.0]], "y": [2**53]}, "label of row 0.*got 90071992547"),
        ({"x": [[0, 1, 2], [3, 4, np.inf]], "y": [0, 1]}, "own.npz: x: row 1, column 2 is inf; 1 of 6 values"),
        ({"x": [[1e39]], "y": [0]}, "own.npz: x in float32: row 0, column 0 is inf"),
    ],
)
def test_load_npz_refuses(tmp_path, arrays, message):
    with pytest.raises(ValueError, match=message):
        load(save(tmp_path, **arrays))


class Mine:
    """Goes off when it is unpickled."""

    armed = True

    def __reduce__(self):
        return (setattr, (Mine, "armed", False))


@pytest.mark.parametrize("array", ["x", "y"])
def test_load_npz_never_unpickles(tmp_path, array):
    path = save(tmp_path, **{"x": [[1.0]], "y": [0]} | {array: np.array([[Mine()]], dtype=object)})
    with pytest.raises(ValueError, match=f"{array}.npy: damaged, or holds Python objects"):
        load(path)
    assert Mine.armed
    np.load(path, allow_pickle=True)[array]
    assert not Mine.armed
    Mine.armed = True


def npy(header, values=b""):
    text = f"{header}\n".encode()
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + values


def pack(folder, x, y=None, **options):
    """own.npz with the bytes x and y as its members."""
    with zipfile.ZipFile(folder / "own.npz", "w", **options) as archive:
        archive.writestr("x.npy", x)
        archive.writestr("y.npy", y or npy("{'descr': '<i8', 'fortran_order': False, 'shape': (1,)}", bytes(8)))
    return folder / "own.npz"


@pytest.mark.parametrize(
    "x",
    [
        b"",
        b"not an array",
        npy("{'descr': '<f8', 'fortran_order': False, 'shape': (1, 2)}", bytes(15)),
        npy("{'descr': '<f8', 'fortran_order': False, 'shape': (1, 1000000000000)}", bytes(16)),
        npy("{'descr': '|O', 'fortran_order': False, 'shape': (1, 1)}", bytes(8)),
        npy("{'descr': '|V0', 'fortran_order': False, 'shape': (1, 1)}", bytes(8)),
        npy("{'descr': '<f8'}", bytes(8)),
        npy("[" * 9000),
        npy("__import__('os').abort()"),
    ],
)
def test_load_npz_refuses_damaged_arrays(tmp_path, x):
    with pytest.raises(ValueError, match=r"own.npz: x.npy: damaged"):
        load(pack(tmp_path, x))


def test_load_npz_reads_such_a_file_when_it_is_sound(tmp_path):
    data = load(pack(tmp_path, npy("{'descr': '>f8', 'fortran_order': False, 'shape': (1, 2)}", struct.pack(">2d", 1, 2))))
    assert data.x.tolist() == [[1, 2]]


def test_load_npz_refuses_two_arrays_of_one_name(tmp_path):
    path = save(tmp_path, x=[[1.0]], y=[0])
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("y.npy", b"")
    with pytest.raises(ValueError, match=r"wanted one array x .or X. and one y, got x.npy, y.npy, y.npy"):
        load(path)


def test_load_npz_refuses_a_bomb_before_it_unpacks(tmp_path, monkeypatch):
    path = save(tmp_path, x=np.zeros((1, 1000)), y=[0])
    monkeypatch.setattr(files, "LIMIT", 8128)
    assert len(load(path)) == 1
    monkeypatch.setattr(files, "LIMIT", 8127)
    monkeypatch.setattr(zipfile.ZipFile, "open", lambda *_: pytest.fail("unpacked"))
    with pytest.raises(ValueError, match="wanted at most 8127 bytes, but it says it unpacks to 8128"):
        load(path)


def test_load_npz_unpacks_no_more_than_a_member_claims(tmp_path):
    path = pack(tmp_path, bytes(64 << 20), compression=zipfile.ZIP_DEFLATED)
    path.write_bytes(path.read_bytes().replace(struct.pack("<I", 64 << 20), struct.pack("<I", 100)))
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match=r"x.npy: damaged"):
            load(path)
        assert tracemalloc.get_traced_memory()[1] < 8 << 20
    finally:
        tracemalloc.stop()


def test_load_npz_refuses_other_compressions(tmp_path):
    with pytest.raises(ValueError, match="wanted it stored or deflated, got zip method 12"):
        load(pack(tmp_path, b"", compression=zipfile.ZIP_BZIP2))


@settings(deadline=None, max_examples=300)
@given(st.data())
def test_load_npz_meets_any_damage_with_a_value_error(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("damage")
    np.savez_compressed(folder / "own.npz", x=np.arange(12.0).reshape(4, 3), y=["a", "b", "a", "b"])
    sound = (folder / "own.npz").read_bytes()
    broken = bytearray(sound[: data.draw(st.integers(0, len(sound)))])
    for place in data.draw(st.lists(st.integers(0, len(sound) - 1), max_size=4)):
        if place < len(broken):
            broken[place] = data.draw(st.integers(0, 255))
    (folder / "own.npz").write_bytes(broken)
    try:
        assert len(load(folder / "own.npz")) == 4
    except ValueError as error:
        assert "own.npz" in str(error)  # noqa: PT017  a sound file may come out too


# load: .csv


def write(folder, text, encoding="utf-8"):
    (folder / "own.csv").write_bytes(text.encode(encoding))
    return folder / "own.csv"


@pytest.mark.parametrize(
    "text",
    [
        "1,2,cat\n3,4,dog\n5,6,cat\n",
        "1,2,cat\r\n\r\n3,4,dog\r\n5,6,cat",
        "wide,tall,kind\n1,2,cat\n3,4,dog\n5,6,cat\n",
        '\ufeff"label","a","b"\ncat, 1.0 ,2e0\n dog ,3,4\ncat,5,6\n',
        "a,Target,b\n1,cat,2\n3,dog,4\n5,cat,6\n",
        "x,y,class\n1,2,cat\n3,4,dog\n5,6,cat\n",
        "0,1,label\n1,2,cat\n3,4,dog\n5,6,cat\n",
        "y,0,1\ncat,1,2\ndog,3,4\ncat,5,6\n",
    ],
)
def test_load_csv_reads_the_same_data_however_it_is_written(tmp_path, text):
    data = load(write(tmp_path, text))
    assert data.x.dtype == np.float32
    assert data.x.tolist() == [[1, 2], [3, 4], [5, 6]]
    assert (data.y.tolist(), data.classes, data.name) == ([0, 1, 0], ("cat", "dog"), "own")


@pytest.mark.parametrize(
    ("labels", "classes", "y"),
    [
        (["10", "9", "10"], ("9", "10"), [1, 0, 1]),
        (["-1", "1", "1.0"], ("-1", "1"), [0, 1, 1]),
        (["10", "9", "none"], ("10", "9", "none"), [0, 1, 2]),
    ],
)
def test_load_csv_sorts_numbers_as_numbers_and_names_as_names(tmp_path, labels, classes, y):
    data = load(write(tmp_path, "".join(f"0,{label}\n" for label in labels)))
    assert (data.classes, data.y.tolist()) == (classes, y)


def test_load_keeps_the_classes_it_is_given(tmp_path):
    path = write(tmp_path, "0,9\n0,7\n")
    assert load(path, classes=("7", "8", "9")).y.tolist() == [2, 0]
    with pytest.raises(ValueError, match="wanted labels among 7, 8, got also 9"):
        load(path, classes=("7", "8"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 0: wanted features and a label, separated by commas, got 0 cells"),
        ("\n\n", "got 0 cells"),
        ("1;2;3\n", "line 1: wanted features and a label, separated by commas, got 1 cells"),
        ("a,b,label\n", r"got x of shape \(0, 2\) and 0 labels"),
        ("1,2,0\n3,4,1\n5,1\n", "line 3: wanted 3 cells as in the first line, got 2"),
        ("a,b,label\n1,2,0\n\n3,4,5,1\n", "line 4: wanted 3 cells as in the first line, got 4"),
        ("1,2,0\n3,four,1\n", "line 2: column 2: wanted a number, got 'four'"),
        ("1,2,0\n3,,1\n", "line 2: column 2: wanted a number, got ''"),
        ("label,a,b\n0,1,2\n1,2,x\n", "line 3: column 3: wanted a number, got 'x'"),
        ("red,small,yes\nblue,big,no\n", "line 2: column 1: wanted a number, got 'blue'"),
        ("a,2019,kind\n1,2,0\n", "line 1: column 1: wanted a number, got 'a'"),
        (f"1,{'x' * 99},0\n", f"got '{'x' * 40}'"),
        ("1,2,a\n3,4,\n", "line 2: column 3: wanted a label, got an empty cell"),
        ("1,2,y\n3,4,n\n", "line 1: column 3: 'y' may be a label or its column's name; add a line of names"),
        (",a,label\n0,1,cat\n", "line 1: column 1 has no name.*index=False"),
        ("label,y,a\n0,1,2\n", "line 1: columns 1, 2 may all be the labels"),
        ("1,2,0\n3,nan,1\n5,inf,1\n", "own.csv: x: row 1, column 1 is nan; 2 of 6 values are not finite; drop or impute"),
        ("1,2,0.5\n3,4,1.5\n", "label of row 0: wanted a whole number .below 2..53. or a name, got 0.5"),
        ('1,2,0\n"3,4,1\n', "line 2: unexpected end of data"),
        ("1,2,0\n3,\x00,1\n", "line 2: "),
        (f"1,{'1' * 140_000},0\n", "line 1: field larger than field limit"),
    ],
)
def test_load_csv_refuses(tmp_path, text, message):
    with pytest.raises(ValueError, match=message):
        load(write(tmp_path, text))


def test_load_csv_refuses_text_that_is_not_utf8(tmp_path):
    with pytest.raises(ValueError, match=r"own.csv: not UTF-8 text .* save it as UTF-8"):
        load(write(tmp_path, "1,2,häßlich\n", "latin-1"))


@settings(deadline=None, max_examples=300)
@given(st.binary(max_size=60) | st.text('01.,"\n ay-', max_size=40).map(str.encode))
def test_load_csv_meets_any_text_with_data_or_a_value_error(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("any") / "own.csv"
    path.write_bytes(content)
    try:
        assert np.isfinite(load(path).x).all()
    except ValueError as error:
        assert "own.csv" in str(error)  # noqa: PT017  sound text may come out too


def test_load_refuses_other_files(tmp_path):
    with pytest.raises(ValueError, match=r"wanted a file that ends in .npz or .csv, got .pkl"):
        load(tmp_path / "model.pkl")
    with pytest.raises(FileNotFoundError, match=r"none.csv"):
        load(tmp_path / "none.csv")
    with pytest.raises(FileNotFoundError, match=r"none.npz"):
        load(tmp_path / "none.npz")
    (tmp_path / "foreign.npz").write_bytes(b"1,2,3\n")
    with pytest.raises(ValueError, match=r"foreign.npz: not an .npz file, or cut off"):
        load(tmp_path / "foreign.npz")


# load_features


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("1,2\n3,4\n", None),
        ("1,2\r\n\r\n3,4", 2),
        ("wide,tall\n1,2\n3,4\n", None),
        ('\ufeff"x","y"\n 1.0 ,2e0\n3,4\n', 2),
        ("x,y\n1,2\n3,4\n", None),
        ("x,y,class\n1,2,cat\n3,4,\n", 2),
        ("Label,a,b\n0,1,2\n1,3,4\n", 2),
        ("a,y,b\n1,cat,2\n3,dog,4\n", 2),
        ("0,1,label\n1,2,cat\n3,4,dog\n", 2),
    ],
)
def test_load_features_from_csv(tmp_path, text, count):
    x = load_features(str(write(tmp_path, text)), count)
    assert x.dtype == np.float32
    assert x.tolist() == [[1, 2], [3, 4]]


def test_load_features_keeps_every_column_unless_told_a_count(tmp_path):
    path = write(tmp_path, "a,b,label\n1,2,0\n3,4,1\n")
    assert load_features(path).shape == load_features(path, 3).shape == (2, 3)
    assert load_features(path, 2).shape == (2, 2)


@pytest.mark.parametrize("more", [{}, {"y": [7, "none"]}])
def test_load_features_from_npz(tmp_path, more):
    images = np.arange(12, dtype=np.uint8).reshape(2, 2, 3)
    for count in (None, 6):
        x = load_features(save(tmp_path, X=images, **more), count)
        assert (x.dtype, x.tolist()) == (np.float32, images.reshape(2, 6).tolist())


@pytest.mark.parametrize(
    ("text", "count", "message"),
    [
        ("", None, "line 0: wanted features, separated by commas, got 0 cells"),
        ("a,b\n", None, "wanted examples of some features, got 0 of 2$"),
        ("1,2\n3,4\n", 3, "wanted examples of 3 features, got 2 of 2$"),
        ("1,2,3\n3,4,5\n", 2, "wanted examples of 2 features, got 2 of 3; if one column holds labels, drop it, or name it label"),
        ("a,b,kind\n1,2,3\n", 2, "got 1 of 3; if one column holds labels"),
        ("1,2,cat\n", 2, "line 1: column 3: wanted a number, got 'cat'"),
        ("1,label\n2,3\n", 1, "line 1: column 2: 'label' may be a label or its column's name; add a line of names"),
        ("label,y,a\n0,1,2\n", 2, "columns 1, 2 may all be the labels; rename all but one"),
        ("label,a,b\n0,1,x\n", 2, "line 2: column 3: wanted a number, got 'x'"),
        ("label,a,b\n0,x,1\n", 2, "line 2: column 2: wanted a number, got 'x'"),
        (",a,b\n0,1,2\n", 2, "column 1 has no name.*index=False"),
        ("1,2\n3\n", None, "line 2: wanted 2 cells as in the first line, got 1"),
        ("1,2\n3,nan\n", None, "own.csv: x: row 1, column 1 is nan; 1 of 4 values are not finite"),
        ("1,1e39\n", None, "own.csv: x in float32: row 0, column 1 is inf"),
    ],
)
def test_load_features_refuses_csv(tmp_path, text, count, message):
    with pytest.raises(ValueError, match=message):
        load_features(write(tmp_path, text), count)


def test_load_features_refuses_npz(tmp_path):
    for arrays, message in (
        ({"y": [0]}, r"wanted one array x .or X., got y.npy; write it with np.savez\(path, x=x\)"),
        ({"x": [[1.0]], "X": [[1.0]]}, "got x.npy, X.npy"),
        ({"x": [1.0]}, r"x: wanted real numbers, one row per example, got float64 of shape \(1,\)"),
        ({"x": [["a"]]}, "x: wanted real numbers"),
        ({"x": np.zeros((0, 3))}, "wanted examples of 3 features, got 0 of 3"),
        ({"x": np.zeros((2, 4))}, "wanted examples of 3 features, got 2 of 4"),
        ({"x": [[0, 1, np.inf]]}, "x: row 0, column 2 is inf"),
    ):
        with pytest.raises(ValueError, match=message):
            load_features(save(tmp_path, **arrays), 3)
    with pytest.raises(ValueError, match=r"wanted a file that ends in .npz or .csv"):
        load_features(tmp_path / "x.txt")


# mnist, fashion_mnist, download


def idx(array):
    return struct.pack(f">{1 + array.ndim}I", 0x0800 + array.ndim, *array.shape) + array.tobytes()


@pytest.fixture
def tiny(monkeypatch):
    """A source "mnist" of six images to train on and four to test on; gives its arrays by file name, and the bytes of its .gz files."""
    rng = np.random.default_rng(0)
    arrays = {
        "train-images-idx3-ubyte": rng.integers(0, 256, (6, 28, 28), dtype=np.uint8),
        "train-labels-idx1-ubyte": rng.integers(0, 10, 6, dtype=np.uint8),
        "t10k-images-idx3-ubyte": rng.integers(0, 256, (4, 28, 28), dtype=np.uint8),
        "t10k-labels-idx1-ubyte": rng.integers(0, 10, 4, dtype=np.uint8),
    }
    packed = {f"{name}.gz": gzip.compress(idx(array), mtime=0) for name, array in arrays.items()}
    parts = [
        IdxFile(name, len(data), hashlib.md5(data).hexdigest(), array.shape)
        for (name, array), data in zip(arrays.items(), packed.values(), strict=True)
    ]
    address = "http://127.0.0.1:9/"  # the port that discards
    source = Source(address, (parts[0], parts[1]), (parts[2], parts[3]), tuple("0123456789"))
    monkeypatch.setitem(SOURCES, "mnist", source)
    return arrays, packed


@pytest.mark.parametrize("raw", [False, True])
@pytest.mark.parametrize(("train", "prefix"), [(True, "train"), (False, "t10k")])
def test_mnist_reads_what_is_there(tmp_path, tiny, raw, train, prefix):
    arrays, packed = tiny
    for name, array in arrays.items():
        if name.startswith(prefix):
            (tmp_path / (name if raw else f"{name}.gz")).write_bytes(idx(array) if raw else packed[f"{name}.gz"])
    data = mnist(str(tmp_path), train)
    images, labels = (arrays[f"{prefix}-{kind}-ubyte"] for kind in ("images-idx3", "labels-idx1"))
    assert data.x.dtype == np.float32
    assert (data.x == (images.reshape(-1, 784) / np.float32(255))).all()
    assert (data.x.min() >= 0, data.x.max() <= 1, data.x.max() > 0.9) == (True, True, True)
    assert data.y.tolist() == labels.tolist()
    assert (data.classes, data.image_shape, data.name) == (tuple("0123456789"), (28, 28), "mnist")


def test_missing_files_make_one_error_that_says_all(tmp_path):
    with pytest.raises(FileNotFoundError) as error:
        mnist(tmp_path)
    address = "https://ossci-datasets.s3.amazonaws.com/mnist/"
    for part in (
        str(tmp_path),
        "train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte",
        f"{address}train-images-idx3-ubyte.gz",
        f"{address}train-labels-idx1-ubyte.gz",
        f"download('mnist', {str(tmp_path)!r})",
        "digits()",
    ):
        assert part in str(error.value)
    (tmp_path / "t10k-images-idx3-ubyte").touch()
    with pytest.raises(FileNotFoundError, match=r"lacks .*t10k-labels-idx1-ubyte .*fashion-mnist.s3-website") as error:
        fashion_mnist(tmp_path, train=False)
    assert "t10k-images" not in str(error.value)
    assert list(tmp_path.iterdir()) == [tmp_path / "t10k-images-idx3-ubyte"]


def test_table_of_sources_is_consistent():
    for source in SOURCES.values():
        assert len(source.classes) == 10
        for part, n, prefix in ((source.train, 60_000, "train"), (source.test, 10_000, "t10k")):
            assert [(file.name, file.shape) for file in part] == [
                (f"{prefix}-images-idx3-ubyte", (n, 28, 28)),
                (f"{prefix}-labels-idx1-ubyte", (n,)),
            ]
    all_files = [file for source in SOURCES.values() for file in source.train + source.test]
    assert {len(bytes.fromhex(file.md5)) for file in all_files} == {16}
    assert len({file.md5 for file in all_files}) == len({file.size for file in all_files}) == 8


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda data: data[:-1], "wanted 4720 bytes, got 4719; the file is cut off"),
        (lambda data: data + b"!", "wanted 4720 bytes, got more"),
        (lambda data: data[:3], "wanted unsigned bytes of shape .6, 28, 28., IDX header 00000803 00000006 .*, got 000008;"),
        (
            lambda data: b"\x00\x00\x0d\x03" + data[4:],
            ".*got 00000d03 00000006 0000001c 0000001c; put the real train-images-idx3-ubyte there",
        ),
        (lambda data: data[:7] + b"\x07" + data[8:], ".*got 00000803 00000007"),
        (lambda _: b"", ".*got ;"),
    ],
)
def test_raw_files_are_verified_by_header_and_size(tmp_path, tiny, spoil, message):
    for name, array in tiny[0].items():
        (tmp_path / name).write_bytes(idx(array))
    path = tmp_path / "train-images-idx3-ubyte"
    path.write_bytes(spoil(path.read_bytes()))
    with pytest.raises(ValueError, match=f"train-images-idx3-ubyte: {message}"):
        mnist(tmp_path)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda data: data[:-1], r"wanted \d+ bytes, got \d+; the file is cut off"),
        (lambda data: data + b"!", r"wanted \d+ bytes, got more"),
        (lambda data: data[:-1] + bytes([data[-1] ^ 1]), "wanted md5 [0-9a-f]{32}, got [0-9a-f]{32}; the file is damaged"),
    ],
)
def test_packed_files_are_verified_by_size_and_md5(tmp_path, tiny, spoil, message):
    for name, data in tiny[1].items():
        (tmp_path / name).write_bytes(data)
    path = tmp_path / "train-labels-idx1-ubyte.gz"
    path.write_bytes(spoil(path.read_bytes()))
    with pytest.raises(ValueError, match=f"train-labels-idx1-ubyte.gz: {message}"):
        mnist(tmp_path)


def test_packed_files_are_held_to_the_shape_too(tmp_path, tiny, monkeypatch):
    for name, data in tiny[1].items():
        (tmp_path / name).write_bytes(data)
    images, labels = SOURCES["mnist"].train
    monkeypatch.setitem(SOURCES, "mnist", SOURCES["mnist"]._replace(train=(images._replace(shape=(7, 28, 28)), labels)))
    with pytest.raises(ValueError, match=r"wanted unsigned bytes of shape .7, 28, 28."):
        mnist(tmp_path)


@pytest.fixture
def site(tiny, monkeypatch):
    """The tiny source behind a server on this machine; site maps a path to what is sent: a status, headers and a body."""
    sent, asked = {f"/{name}": (200, {"Content-Length": len(data)}, data) for name, data in tiny[1].items()}, []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            status, headers, body = sent[self.path]
            self.send_response(status)
            for key, value in headers.items():
                self.send_header(key, str(value))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        monkeypatch.setenv("no_proxy", "*")
        monkeypatch.setitem(SOURCES, "mnist", SOURCES["mnist"]._replace(address=f"http://127.0.0.1:{server.server_port}/"))
        yield sent, asked
        server.shutdown()
        thread.join()


def test_download_fetches_what_is_missing_or_damaged(tmp_path, tiny, site):
    folder = tmp_path / "deep" / "mnist"
    download("mnist", str(folder))
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == tiny[1]
    assert len(mnist(folder, train=False)) == 4
    (folder / "t10k-labels-idx1-ubyte.gz").write_bytes(b"damaged")
    (folder / "t10k-images-idx3-ubyte.gz").unlink()
    site[1].clear()
    download("mnist", folder)
    assert site[1] == ["/t10k-images-idx3-ubyte.gz", "/t10k-labels-idx1-ubyte.gz"]
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == tiny[1]


@pytest.mark.parametrize(
    ("spoil", "kind", "message"),
    [
        (lambda _, headers, body: (404, headers, body), OSError, "HTTP Error 404: Not Found; nothing was written"),
        (lambda status, headers, body: (status, headers, body[:-9]), ValueError, r"wanted \d+ bytes, got \d+; the file is cut off"),
        (lambda status, _, body: (status, {}, body + bytes(10**7)), ValueError, r"wanted \d+ bytes, got more"),
        (lambda status, headers, body: (status, headers, body[::-1]), ValueError, "wanted md5 .* fetch it again"),
        (
            lambda status, _, body: (status, {"Transfer-Encoding": "chunked"}, b"99\r\nshort"),
            OSError,
            "IncompleteRead.*; nothing was written",
        ),
    ],
    ids=["404", "cut", "endless", "wrong", "cut chunk"],
)
def test_download_that_fails_leaves_nothing_behind(tmp_path, site, spoil, kind, message):
    path = "/train-images-idx3-ubyte.gz"
    site[0][path] = spoil(*site[0][path])
    with pytest.raises(kind, match=f"http://127.0.0.1:.*{path}: .*{message}"):
        download("mnist", tmp_path / "new")
    assert list(tmp_path.iterdir()) == []


def test_download_without_a_network_says_so(tmp_path, tiny, monkeypatch):
    monkeypatch.setenv("no_proxy", "*")
    with pytest.raises(OSError, match=r"http://127.0.0.1:9/train-images-idx3-ubyte.gz: .*refused.*; nothing was written; try again"):
        download("mnist", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_download_that_cannot_write_leaves_the_old_file(tmp_path, site, monkeypatch):
    path = tmp_path / "train-images-idx3-ubyte.gz"
    path.write_bytes(b"damaged")
    monkeypatch.setattr("os.fsync", Mock(side_effect=OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        download("mnist", tmp_path)
    assert list(tmp_path.iterdir()) == [path]
    assert path.read_bytes() == b"damaged"


# DataLoader


def epoch(loader):
    return [x[:, 0].astype(int).tolist() for x, _ in loader]


def test_loader_gives_batches_in_order():
    data = numbered(7)
    loader = DataLoader(data, batch_size=3)
    assert epoch(loader) == epoch(loader) == [[0, 1, 2], [3, 4, 5], [6]]
    assert len(loader) == 3
    for x, y in loader:
        assert (x.dtype, y.dtype) == (np.float64, np.int64)
        assert (y == x[:, 0] % 2).all()
    assert [len(batch) for batch in epoch(DataLoader(data))] == [1] * 7
    assert epoch(DataLoader(data, 99)) == [list(range(7))]


def test_loader_drops_the_last():
    for size, count in ((1, 7), (3, 2), (7, 1)):
        loader = DataLoader(numbered(7), size, drop_last=True)
        assert len(loader) == len(epoch(loader)) == count
        assert {len(batch) for batch in epoch(loader)} == {size}


def test_loader_shuffles_every_epoch_anew():
    data = numbered(40)
    loader = DataLoader(data, 6, shuffle=True)
    first, second = epoch(loader), epoch(loader)
    assert first != second
    for batches in (first, second):
        order = [number for batch in batches for number in batch]
        assert sorted(order) == list(range(40)) != order
        assert [len(batch) for batch in batches] == [6] * 6 + [4]
    assert all((y == x[:, 0] % 2).all() for x, y in loader)
    assert epoch(DataLoader(data, 6, shuffle=True, seed=1)) != first


def test_loader_gives_epoch_k_of_a_seed_always_the_same():
    run = DataLoader(numbered(10), 5, shuffle=True, seed=3)
    epochs = [epoch(run) for _ in range(4)]
    assert run.epoch == 4
    resumed = DataLoader(numbered(10), 5, shuffle=True, seed=3)
    resumed.epoch = 2
    assert [epoch(resumed), epoch(resumed)] == epochs[2:]
    assert epochs[0] == [[0, 5, 1, 8, 9], [6, 2, 4, 3, 7]]


def test_loader_counts_an_epoch_that_is_broken_off():
    loader = DataLoader(numbered(40), 8, shuffle=True)
    firsts = [next(iter(loader))[0][:, 0].tolist() for _ in range(3)]
    assert loader.epoch == 3
    assert len(set(map(tuple, firsts))) == 3
    running, other = iter(loader), iter(loader)
    assert len(list(running)) == len(list(other)) == 5


def test_loader_gives_contiguous_copies():
    x = np.asfortranarray(np.arange(12.0).reshape(4, 3))
    for shuffle in (False, True):
        (batch,) = next(iter(DataLoader((x,), 2, shuffle)))
        assert batch.flags.c_contiguous
        batch[:] = -1
    assert x.min() == 0


def test_loader_takes_any_number_of_arrays():
    batches = list(DataLoader((np.arange(3), np.arange(6).reshape(3, 2), np.array(["a", "b", "c"])), 2))
    assert [[part.tolist() for part in batch] for batch in batches] == [[[0, 1], [[0, 1], [2, 3]], ["a", "b"]], [[2], [[4, 5]], ["c"]]]


@pytest.mark.parametrize(
    ("arguments", "kind", "message"),
    [
        (((np.zeros(3), np.zeros(4)),), ValueError, r"wanted arrays of one length, got lengths \[3, 4\]"),
        (((),), ValueError, "wanted at least one example, got none"),
        (((np.zeros((0, 2)), np.zeros(0)),), ValueError, "wanted at least one example, got none"),
        ((np.zeros((3, 2)),), TypeError, r"wanted a Dataset or a tuple of arrays, got ndarray; of one array x make \(x,\)"),
        ((([1, 2], np.zeros(2)),), TypeError, r"data\[0\]: wanted a NumPy array with one row per example, got list"),
        (((np.zeros(2), np.float64(1)),), TypeError, r"data\[1\].*got float64"),
        (((np.array(1.0),),), ValueError, r"data\[0\]: wanted one row per example, got the single value 1.0"),
        ((numbered(3), 0), ValueError, "batch_size: wanted an int of at least 1, got 0"),
        ((numbered(3), -2), ValueError, "got -2"),
        ((numbered(3), 1.5), ValueError, "got 1.5"),
    ],
)
def test_loader_refuses(arguments, kind, message):
    with pytest.raises(kind, match=message):
        DataLoader(*arguments)


def test_loader_refuses_to_drop_everything():
    with pytest.raises(ValueError, match="drop_last leaves no batch: batch_size is 4, but there are 3 examples"):
        DataLoader(numbered(3), 4, drop_last=True)
