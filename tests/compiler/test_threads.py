"""Nests of which several threads do a slice each: the numbers are those of one thread."""

import ctypes
import re
import sys

import numpy as np
import pytest

from autograd.compiler.native import blas, threads
from autograd.compiler.native.nest import Gather, Instruction, Load, Nest, Reduction, Store, View

from .nests import F8, I8, buffer, compiled, machine, text_of
from .test_llvm import random_nest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no POSIX threads")


@pytest.fixture
def three(monkeypatch):
    """Every nest that can be is cut into three."""
    monkeypatch.setattr(threads, "SLICE", 1e-15)
    monkeypatch.setattr(blas, "threads", lambda: 3)


def square(n):
    x, y = buffer("x", n), buffer("y", n)
    return Nest((n,), [Load(View(x, 0, (1,))), Instruction("square", (0,), F8)], [Store(1, View(y, 0, (1,)))]), [x, y]


@pytest.mark.parametrize("seed", range(60))
def test_slices_of_random_nests_give_the_numbers_of_one_thread(seed, monkeypatch):
    nest, arrays = random_nest(np.random.default_rng(seed))
    one, three = ([a.copy() for a in arrays.values()] for _ in range(2))
    compiled([nest], list(arrays))(*one)
    monkeypatch.setattr(threads, "SLICE", 1e-15)
    monkeypatch.setattr(blas, "threads", lambda: 3)
    compiled([nest], list(arrays))(*three)
    for a, b in zip(one, three, strict=True):
        np.testing.assert_allclose(a, b, rtol=5e-6, atol=1e-7)


@pytest.mark.parametrize("n", [3, 4, 10, 3001])
def test_slices_cover_the_domain_once(three, n):
    nest, buffers = square(n)
    parts = threads.slices(nest)
    assert sum(part.domain[0] for part in parts) == n
    assert len(parts) == (2 if n == 4 else 3)  # 2 + 2
    x, y = np.arange(n, dtype=float), np.zeros(n)
    assert compiled([nest], buffers)(x, y) == 0
    np.testing.assert_array_equal(y, x * x)


def test_where_no_thread_can_be_made_its_slice_is_done_all_the_same(three):
    nest, buffers = square(100)
    text = text_of([nest], buffers)
    none = re.sub(r"declare i32 @pthread_create\((.*)\)", r"define internal i32 @pthread_create(\1) { ret i32 11 }", text)
    assert none != text
    code = machine.Code(none)
    x, y = np.arange(100.0), np.zeros(100)
    table = (ctypes.c_void_p * 3)(x.ctypes.data, y.ctypes.data, None)
    assert ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_void_p)(code.address)(table) == 0
    np.testing.assert_array_equal(y, x * x)


def test_one_thread_does_what_is_short_or_sums_or_may_end_early(three, monkeypatch):
    nest, (x, y) = square(100)
    total = buffer("total", 1)
    assert len(threads.slices(nest)) == 3
    assert len(threads.slices(Nest((100,), [Load(View(x, 0, (1,)))], [], [Reduction("sum", 0, View(total, 0, (0,)))]))) == 1
    indices = buffer("i", 100, I8)
    body = [Load(View(indices, 0, (1,))), Gather(View(x, 0, (0,)), 0, 1, 100)]
    assert len(threads.slices(Nest((100,), body, [Store(1, View(y, 0, (1,)))]))) == 1
    monkeypatch.setattr(threads, "SLICE", 50e-6)
    assert len(threads.slices(nest)) == 1


def test_rows_are_shared_where_columns_are_summed(three):
    x, rows = buffer("x", 60), buffer("rows", 20)
    nest = Nest((3, 20), [Load(View(x, 0, (20, 1)))], [], [Reduction("sum", 0, View(rows, 0, (0, 1)))])
    assert [part.domain for part in threads.slices(nest)] == [(3, 7), (3, 7), (3, 6)]


def test_slices_of_one_size_run_one_function(three):
    nest, buffers = square(99)
    text = text_of([nest], buffers)
    assert text.count("call void @share(") == 1
    assert text.count("define internal ptr @slice") == 3
    assert text.count("define internal i32 @nest") == 1
