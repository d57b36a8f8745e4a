"""What this machine can do, and what the workloads ask of it at the least."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from time import perf_counter
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from problems import LEARNING_RATES, MLPS

if TYPE_CHECKING:
    from collections.abc import Callable

CACHED, MEMORY = 2**18, 2**29  # bytes: well within a core's second-level cache, and well beyond all caches


class Need(NamedTuple):
    """Floating-point operations that must be done, and bytes that must move."""

    flops: float
    bytes: float


def layers(size: str) -> list[tuple[int, int]]:
    return list(pairwise(MLPS[size][1:]))


def needs() -> dict[tuple[str, str], Need]:
    """Of each workload that arithmetic or memory can bound: the flops of its products, and the bytes of what it is given and leaves behind.

    Whatever comes between could stay in registers; a bias, an activation, an update are few flops beside the products.  exp, tanh and log
    count as 20 flops each, about what a polynomial that is good to float32 takes; the expression has nine other operations.
    """
    found: dict[tuple[str, str], Need] = {}
    for size, (batch, *sizes) in MLPS.items():
        weights = [m * n for m, n in layers(size)]
        flops = 2 * batch * (3 * sum(weights) - weights[0])  # forward, and for both factors' gradients; that of x is not asked for
        parameters = sum(weights) + sum(sizes[1:])
        for optimizer, moved in zip(LEARNING_RATES, (2, 6), strict=True):  # Adam reads and writes two more arrays for a parameter
            for gradients in (0, 1):
                what = optimizer + ", gradients returned" * gradients
                found[size, what] = Need(flops, 4 * (batch * sizes[0] + (moved + gradients) * parameters) + 8 * batch)
    return {**found, ("elementwise", "value"): Need(69e6, 8e6)}


def measure_rates(time_block: Callable[[Callable[[], object]], float]) -> dict[str, float | str]:
    """Flops and bytes a second, and the seconds of each MLP's products by themselves."""
    a = np.random.default_rng(0).standard_normal((2000, 2000), np.float32)
    b = np.empty_like(a)
    sizes = {CACHED, MEMORY, *(int(need.bytes) for need in needs().values())}
    return {
        "sgemm": 2 * 2000**3 / time_block(lambda: np.dot(a, a, out=b)),
        **{f"products, {size}": time_block(products(size)) for size in MLPS},
        **{f"copy, {n}": max(copy_rate(n, 1), copy_rate(n, len(os.sched_getaffinity(0)))) for n in sizes},
        "copy, one core": copy_rate(MEMORY, 1),
    }


def products(size: str) -> Callable[[], None]:
    """The matrix products of one training step, with nothing between them."""
    batch = MLPS[size][0]

    def empty(*shape: int) -> np.ndarray:
        return np.full(shape, 0.5, np.float32)

    calls = []
    for k, (m, n) in enumerate(layers(size)):
        h, W, g = empty(batch, m), empty(m, n), empty(batch, n)
        calls += [(h, W, empty(batch, n)), (h.T, g, empty(m, n)), *([(g, W.T, empty(batch, m))] if k else [])]

    def step() -> None:
        for a, b, out in calls:
            np.dot(a, b, out=out)

    return step


def copy_rate(size: int, cores: int) -> float:
    """Bytes a second, read and written, of cores that each copy their share of `size` bytes, again and again, for a tenth of a second."""
    size = max(size, CACHED)  # below that, the call itself takes longer than the copy
    pairs = [(np.ones(size // 2 // cores, np.uint8), np.empty(size // 2 // cores, np.uint8)) for _ in range(cores)]
    for source, target in pairs:
        np.copyto(target, source)

    def copies(pair: tuple[np.ndarray, np.ndarray]) -> float:
        source, target = pair
        done, start, elapsed = 0, perf_counter(), 0.0
        while elapsed < 0.1:
            np.copyto(target, source)
            done += 2 * len(source)
            elapsed = perf_counter() - start
        return done / elapsed

    with ThreadPoolExecutor(cores) as pool:
        return sum(pool.map(copies, pairs))
