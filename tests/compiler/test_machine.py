"""Machine code: the BLAS that it calls, how it is made, loaded from the cache, and called."""

import ctypes
import gc
import os
import subprocess
import sys
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from autograd.compiler.native import blas
from autograd.compiler.native.bridge import Caller
from autograd.compiler.program import Value

pytest.importorskip("llvmlite")

from autograd.compiler.native.machine import Code, _bridge, _Machine

SEVEN = "define i32 @run(ptr %table) { ret i32 7 }"
EIGHT = "define i32 @run(ptr %table) { ret i32 8 }"


# BLAS


def library_of(address):
    for line in Path("/proc/self/maps").read_text().splitlines():
        low, high = (int(bound, 16) for bound in line.split()[0].split("-"))
        if low <= address < high:
            return line.split()[-1]
    return None


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="asks Linux")
def test_products_are_numpys_own_even_if_scipy_brings_others():
    linalg = pytest.importorskip("scipy.linalg")
    assert linalg.blas.sgemm is not None
    libraries = {library_of(address) for address in blas.find().addresses.values()}
    assert len(libraries) == 1
    assert "scipy.libs" not in libraries.pop()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_machine_code_multiplies_matrices(rng, dtype):
    found = blas.find()
    routine, number = ("chalkgrad_sgemm", "float") if dtype == np.float32 else ("chalkgrad_dgemm", "double")
    a, b, y = rng.standard_normal((5, 3)).astype(dtype), rng.standard_normal((7, 3)).astype(dtype), np.ones((5, 7), dtype)
    integer = f"i{found.bits}"
    kinds = ["i32", "i32", "i32", *[integer] * 3, number, "ptr", integer, "ptr", integer, number, "ptr", integer]
    arguments = ["101", "111", "112", "5", "7", "3", "2.0", "%p0", "3", "%p1", "3", "1.0", "%p2", "7"]
    text = f"""
        declare void @{routine}({", ".join(kinds)})
        define i32 @run(ptr %table) {{
          {"".join(f"%at{k} = getelementptr ptr, ptr %table, i64 {k}{chr(10)}%p{k} = load ptr, ptr %at{k}{chr(10)}" for k in range(3))}
          call void @{routine}({", ".join(map(" ".join, zip(kinds, arguments, strict=True)))})
          ret i32 0 }}"""
    caller = Code(text).caller(3, [(k, Value(x.shape, x.dtype)) for k, x in enumerate((a, b, y))])
    assert caller.call(a, b, y) == 0
    np.testing.assert_allclose(y, 2 * a @ b.T + 1, rtol=1e-5)


def test_the_width_of_integers_is_found_out():
    site = Path(np.__file__).parent.parent
    libraries = [path for package in ("numpy.libs", "scipy.libs") for path in (site / package).glob("*scipy_openblas*")]
    for path in libraries:  # by today's names: those of NumPy 64, those of SciPy 32
        assert blas._within(ctypes.CDLL(str(path))).bits == (64 if "openblas64_" in path.name else 32)


def test_a_blas_is_not_trusted_by_its_name():
    def forgets(*args):
        pass

    assert blas._within(ctypes.pythonapi) is None
    for name in blas.ROUTINES:
        assert not blas._multiplies(name, forgets, ctypes.c_int64)
    assert blas._integer(lambda *args: 1.0) is None
    library = next(blas._libraries())
    spelling = next(spelling for spelling in blas.SPELLINGS if hasattr(library, spelling.format("sdot")))
    routines = {spelling.format(name): getattr(library, spelling.format(name)) for name in ("sdot", *blas.ROUTINES)}
    assert blas._within(SimpleNamespace(**routines)) == blas.find()
    assert blas._within(SimpleNamespace(**routines | {spelling.format("dgemm"): forgets})) is None


# making code


def test_a_text_that_is_no_ir_is_an_error():
    with pytest.raises(RuntimeError, match="expected top-level entity"):
        Code("return 7")
    with pytest.raises(RuntimeError, match="ret"):
        Code("define i32 @run(ptr %table) { ret float 1.0 }")


def test_what_is_nowhere_defined_is_an_error():
    with pytest.raises(RuntimeError, match="run"):
        Code("declare i32 @nowhere() define i32 @run(ptr %table) { %s = call i32 @nowhere() ret i32 %s }")


def test_cs_library_and_given_symbols_can_be_called():
    seen = []
    tell = ctypes.CFUNCTYPE(None, ctypes.c_double)(seen.append)
    text = """
        declare double @lgamma(double)
        declare void @tell(double)
        define i32 @run(ptr %table) { %y = call double @lgamma(double 5.0) call void @tell(double %y) ret i32 0 }"""
    assert Code(text, symbols={"tell": ctypes.cast(tell, ctypes.c_void_p).value}).caller(0).call() == 0
    assert seen == [pytest.approx(np.log(24))]


def test_without_llvmlite_there_is_advice(monkeypatch):
    monkeypatch.setitem(sys.modules, "llvmlite", None)
    with pytest.raises(ImportError, match="pip install 'llvmlite>="):
        _Machine()


def in_another_process(place):
    script = f"from autograd.compiler.native.machine import Code; print(Code({SEVEN!r}).caller(0).call())"
    environment = {**os.environ, "CHALKGRAD_CACHE": str(place)}
    return int(subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, env=environment).stdout)


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A machine with a cache of its own, in which code of EIGHT lies under SEVEN: what SEVEN returns tells whether it was read."""
    monkeypatch.setenv("CHALKGRAD_CACHE", str(tmp_path / "cache"))
    machine = _Machine()
    machine.cache.write(f"{machine.described}\n{SEVEN}", machine.compile(EIGHT))
    return machine


def test_another_process_loads_what_was_compiled(machine):
    place = machine.cache.path
    (entry,) = place.iterdir()
    assert in_another_process(place) == 8
    assert in_another_process("off") == 7
    entry.write_bytes(entry.read_bytes()[:-1])
    assert machine.cache.read(f"{machine.described}\n{SEVEN}") is None
    assert in_another_process(place) == 7
    assert machine.cache.read(f"{machine.described}\n{SEVEN}") == machine.compile(SEVEN)  # mended


def test_code_for_another_processor_or_compiler_is_not_used(machine):
    import llvmlite.binding

    for part in (llvmlite.__version__, llvmlite.binding.get_host_cpu_name(), llvmlite.binding.get_host_cpu_features().flatten()):
        assert part in machine.described
    assert machine.object_code(SEVEN) == machine.compile(EIGHT)
    machine.described += "another"
    assert machine.object_code(SEVEN) == machine.compile(SEVEN)


# calling

EVERY = [
    np.dtype(name)
    for name in ("bool", "int8", "uint8", "int16", "int32", "uint32", "int64", "uint64", "float32", "float64", "complex64", "complex128")
]


def copies(*values):
    """Code that copies the buffers of the first half of its table into those of the second."""
    lines = ["declare void @llvm.memcpy.p0.p0.i64(ptr, ptr, i64, i1)", "define i32 @run(ptr %table) {"]
    n = len(values)
    for k in range(2 * n):
        lines += [f"%at{k} = getelementptr ptr, ptr %table, i64 {k}", f"%p{k} = load ptr, ptr %at{k}"]
    lines += [f"call void @llvm.memcpy.p0.p0.i64(ptr %p{n + k}, ptr %p{k}, i64 {value.nbytes}, i1 false)" for k, value in enumerate(values)]
    return Code("\n".join([*lines, "ret i32 -5 }"]))


@pytest.fixture(params=["bridge", "slow"])
def called(request):
    """Both ways to call: `called(code, count, changing)`."""
    bridge = _bridge() if request.param == "bridge" else None
    return lambda code, count, changing, **options: Caller(code, bridge, count, changing, **options)


def test_the_bridge_knows_this_numpy_and_this_python():
    assert _bridge() is not None


@pytest.mark.parametrize("frees_gil", [False, True])
def test_arrays_of_every_dtype_arrive(called, rng, frees_gil):
    values = [Value((2, 3), dtype) for dtype in EVERY]
    given = [np.frombuffer(rng.bytes(value.nbytes), np.uint8).view(value.dtype).reshape(2, 3) for value in values]
    given[0] = rng.random((2, 3)) < 0.5  # a byte of a boolean is 0 or 1
    caller = called(copies(*values), 2 * len(values), list(enumerate(values)), frees_gil=frees_gil)
    found = [np.zeros_like(x) for x in given]
    for k, y in enumerate(found):
        caller.set(len(values) + k, y)
    assert caller.call(*given) == -5
    for x, y in zip(given, found, strict=True):
        assert x.tobytes() == y.tobytes()


@pytest.mark.parametrize("dtype", EVERY, ids=str)
def test_numbers_of_every_dtype_arrive(called, dtype):
    value, y = Value((), dtype), np.zeros((), dtype)
    caller = called(copies(value), 2, [(0, value)])
    caller.set(1, y)
    for x in (dtype.type(1), np.ones((), dtype)):
        y[()] = 0
        assert caller.call(x) == -5
        assert y == 1


@pytest.mark.parametrize("x", [0.1, -3, 2**63 - 1, -(2**63), 0, 0.1 - 0.2j, True, float("nan")], ids=str)
def test_weak_numbers_arrive(called, x):
    value = Value((), np.asarray(x).dtype, weak=True)
    y = np.zeros((), value.dtype)
    caller = called(copies(value), 2, [(0, value)])
    caller.set(1, y)
    assert caller.call(x) == -5
    np.testing.assert_array_equal(y, x)


def test_a_subclass_of_array_and_a_dtype_of_ones_own_arrive_too(called):
    value = Value((2, 2), np.dtype(np.float32))
    y = np.zeros((2, 2), np.float32)
    caller = called(copies(value), 2, [(0, value)])
    caller.set(1, y)
    x = np.arange(4, dtype=np.float32).reshape(2, 2)
    for given in (x.view(np.recarray), x.view(np.dtype(np.float32, metadata={"unit": "m"}))):
        y[:] = 0
        assert caller.call(given) == -5
        np.testing.assert_array_equal(y, x)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ((), "got 0 arguments, wanted 2"),
        ((np.zeros((2, 3), np.float32), 1, 2), "got 3 arguments, wanted 2"),
        ((np.zeros((2, 3)), 1), r"argument 0: got float64\[2, 3\], wanted float32\[2, 3\]"),
        ((np.zeros((3, 2), np.float32), 1), r"argument 0: got float32\[3, 2\], wanted"),
        ((np.zeros((2, 4), np.float32), 1), r"argument 0: got float32\[2, 4\], wanted"),
        ((np.zeros((2, 3, 1), np.float32), 1), "argument 0"),
        ((np.zeros(2, np.float32), 1), r"argument 0: got float32\[2\], wanted"),
        ((np.zeros((), np.float32), 1), r"argument 0: got float32\[\], wanted"),
        ((np.float32(1), 1), "argument 0"),
        ((0.5, 1), "argument 0"),
        ((None, 1), "argument 0: got object"),
        ((np.zeros((3, 2), np.float32).T, 1), r"argument 0: got an array that doesn't lie in C's order; copy it: np.ascontiguousarray"),
        ((np.zeros((2, 6), np.float32)[:, ::2], 1), "C's order"),
        ((np.zeros(25, np.uint8)[1:].view(np.float32).reshape(2, 3), 1), "C's order"),
        ((np.zeros((2, 3), ">f4"), 1), r"argument 0: got >f4\[2, 3\], wanted float32"),
        ((np.zeros((2, 3), np.float32), 1.0), r"argument 1: got float64\[\], wanted int64\[\]"),
        ((np.zeros((2, 3), np.float32), "1"), "argument 1: got <U1"),
    ],
)
def test_a_wrong_argument_is_an_error_that_names_it(called, wrong, message):
    values = [Value((2, 3), np.dtype(np.float32)), Value((), np.dtype(np.int64), weak=True)]
    caller = called(Code(SEVEN), 2, list(enumerate(values)))
    for _ in range(2):
        with pytest.raises(TypeError, match=message):
            caller.call(*wrong)
    assert caller.call(np.zeros((2, 3), np.float32), 1) == 7


@pytest.mark.parametrize("long", [2**63, -(2**63) - 1, 2**64])
def test_a_whole_number_that_is_too_long_fails_as_an_index_out_of_range_does(called, long):
    caller = called(Code(SEVEN), 1, [(0, Value((), np.dtype(np.int64), weak=True))])
    assert [caller.call(n) for n in (long, 1)] == [1, 7]


def test_an_address_that_stays_must_have_a_place_and_an_order(called):
    caller = called(Code(SEVEN), 2, [])
    with pytest.raises(IndexError, match="2"):
        caller.set(2, np.zeros(3))
    with pytest.raises(ValueError, match="the array at 1 doesn't lie in C's order"):
        caller.set(1, np.zeros((3, 2)).T)
    with pytest.raises(IndexError, match="place 2 is outside a table of 2"):
        called(Code(SEVEN), 2, [(2, Value((), np.dtype(float)))])


def test_a_call_keeps_what_it_needs_and_no_more(called):
    value = Value((3,), np.dtype(float))
    caller = called(copies(value), 2, [(0, value)])
    y = np.zeros(3)
    caller.set(1, y)
    gone = weakref.ref(y)
    call, x = caller.call, np.arange(3.0)
    del caller
    gc.collect()
    assert call(x) == -5
    np.testing.assert_array_equal(y, x)
    before = sys.getrefcount(x)
    for _ in range(100):
        call(x)
    assert sys.getrefcount(x) == before
    del y
    assert call(x) == -5
    assert gone() is not None
    gc.disable()  # its memory may be large: it must not wait for a collection
    try:
        del call
        assert gone() is None
    finally:
        gc.enable()


def test_threads_do_not_meet_in_the_table(called):
    n = 2000
    text = f"""
        define i32 @run(ptr %table) {{
        entry:
          %x = load ptr, ptr %table
          %aty = getelementptr ptr, ptr %table, i64 1
          %y = load ptr, ptr %aty
          br label %loop
        loop:
          %i = phi i64 [ 0, %entry ], [ %next, %loop ]
          %px = getelementptr double, ptr %x, i64 %i
          %py = getelementptr double, ptr %y, i64 %i
          %value = load double, ptr %px
          %twice = fadd double %value, %value
          store double %twice, ptr %py
          %next = add i64 %i, 1
          %more = icmp ult i64 %next, {n}
          br i1 %more, label %loop, label %done
        done:
          ret i32 0 }}"""
    value = Value((n,), np.dtype(float))
    caller = called(Code(text), 2, [(0, value), (1, value)])

    def work(seed):
        x, y = np.full(n, float(seed)), np.empty(n)
        return all(caller.call(x, y) == 0 and (y == 2 * seed).all() for _ in range(300))

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(work, range(4)))
    assert not caller._slow.table.any()


SPIN = """
    define i32 @run(ptr %table) {
    entry:
      %inside = load ptr, ptr %table
      %before = atomicrmw add ptr %inside, i64 1 seq_cst
      br label %loop
    loop:
      %i = phi i64 [ 0, %entry ], [ %next, %loop ]
      %now = load atomic i64, ptr %inside seq_cst, align 8
      %next = add i64 %i, 1
      %alone = icmp ult i64 %now, 2
      %left = icmp ult i64 %next, LIMIT
      %more = and i1 %alone, %left
      br i1 %more, label %loop, label %done
    done:
      %unused = atomicrmw sub ptr %inside, i64 LEAVING seq_cst
      %met = xor i1 %alone, true
      %status = zext i1 %met to i32
      ret i32 %status }"""


def spinning(limit, leaving):
    return Code(SPIN.replace("LIMIT", f"{limit}").replace("LEAVING", f"{leaving}"))


def test_other_threads_run_beside_code_that_frees_the_gil(called):
    caller = called(spinning(limit=4_000_000_000, leaving=0), 1, [])  # a second, if nobody comes
    caller.set(0, np.zeros((), np.int64))
    with ThreadPoolExecutor(2) as pool:
        assert [job.result() for job in [pool.submit(caller.call) for _ in range(2)]] == [1, 1]


def test_locked_code_runs_alone(called):
    caller = called(spinning(limit=20_000, leaving=1), 1, [], frees_gil=False)
    caller.set(0, np.zeros((), np.int64))
    together = threading.Barrier(4)

    def work():
        together.wait()
        return {caller.call() for _ in range(500)}

    with ThreadPoolExecutor(4) as pool:
        assert {status for job in [pool.submit(work) for _ in range(4)] for status in job.result()} == {0}
