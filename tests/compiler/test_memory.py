"""Buffers in one piece of memory."""

import itertools

import numpy as np
import pytest

from autograd.compiler.memory import ALIGNMENT, Lifetime, arena, packed


def meet(a, b):
    return a.first <= b.last and b.first <= a.last


@pytest.mark.parametrize("seed", range(30))
def test_buffers_that_live_at_once_do_not_overlap(seed):
    rng = np.random.default_rng(seed)
    starts = rng.integers(0, 40, 60)
    buffers = [
        Lifetime(int(n), int(s), int(s + d)) for n, s, d in zip(rng.integers(0, 1000, 60), starts, rng.integers(0, 15, 60), strict=True)
    ]
    offsets, total = packed(buffers)
    for (a, p), (b, q) in itertools.combinations(zip(buffers, offsets, strict=True), 2):
        if meet(a, b):
            assert p + a.nbytes <= q or q + b.nbytes <= p
    assert all(p % ALIGNMENT == 0 for p in offsets)
    assert max(p + b.nbytes for p, b in zip(offsets, buffers, strict=True)) <= total


def test_one_that_is_dead_gives_its_place():
    assert packed([Lifetime(64, 0, 1), Lifetime(64, 1, 2), Lifetime(64, 2, 3)]) == ([0, 64, 0], 128)


def test_what_is_still_read_by_the_step_that_writes_another_is_kept():
    (a, b), _ = packed([Lifetime(64, 0, 1), Lifetime(64, 1, 2)])
    assert a != b


def test_neighbours_that_are_dead_make_one_gap():
    assert packed([Lifetime(64, 0, 0), Lifetime(64, 0, 1), Lifetime(64, 0, 0), Lifetime(192, 2, 2)])[1] == 192


def test_the_smallest_gap_that_holds_a_buffer_is_taken():
    buffers = [Lifetime(128, 0, 0), Lifetime(64, 0, 9), Lifetime(64, 0, 0), Lifetime(64, 0, 9), Lifetime(64, 1, 1)]
    offsets, _ = packed(buffers)
    assert offsets[4] == offsets[2]


def test_a_chain_needs_two_places():
    assert packed([Lifetime(100, k, k + 1) for k in range(1000)])[1] == 256


def test_nothing_needs_no_memory():
    assert packed([]) == ([], 0)
    assert packed([Lifetime(0, 0, 1)]) == ([0], 0)


@pytest.mark.parametrize("dtype", ["bool", "float32", "complex128"])
def test_memory_is_aligned_and_shared_by_offset(dtype):
    memory = arena(512)
    a = memory(64, (2, 3), dtype)
    assert a.ctypes.data % ALIGNMENT == 0
    assert (a.shape, a.dtype) == ((2, 3), np.dtype(dtype))
    assert np.shares_memory(a, memory(64, (6,), dtype))
    assert not np.shares_memory(a, memory(256, (2, 3), dtype))
