"""One measurement in a process of its own: `python worker.py PEER WORKLOAD` prints it as one line of JSON.

A measurement maps what was measured to seconds or bytes, or to the name of the error that stopped it.
"""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np
from peers import PEERS

if TYPE_CHECKING:
    from collections.abc import Callable

    from peers import Array, Layers, Peer, Step

    Measurement = dict[str, float | str]

BLOCK = 0.25  # seconds that a timed block of training steps takes at the least
NODES = 100_000
FACTOR = 1.0000001


def time_training(peer: Peer, batch: int, *sizes: int) -> Measurement:
    """Seconds for a training step of an MLP, once its first losses are those of NumPy by hand."""

    def problem() -> tuple[Layers, Array, Array]:
        rng = np.random.default_rng(0)
        layers = [(rng.normal(0, (2 / m) ** 0.5, (m, n)).astype(np.float32), np.zeros(n, np.float32)) for m, n in pairwise(sizes)]
        return layers, rng.standard_normal((batch, sizes[0]), np.float32), rng.integers(sizes[-1], size=batch)

    step, by_hand = peer.train(*problem()), PEERS["numpy"].train(*problem())
    for i in range(3):
        loss, wanted = float(step()), float(by_hand())
        if not abs(loss - wanted) <= 1e-4:
            raise ArithmeticError(f"{peer.title}: the loss at step {i + 1} is {loss}, by hand {wanted}; correct its `train` in peers.py")
    return {"training step": time_block(step)}


def time_block(step: Step) -> float:
    """Seconds for a step: blocks double until one is long enough; the shorter ones before it are the warm-up."""
    steps, elapsed = 1, 0.0
    while elapsed < BLOCK:
        steps *= 2
        start = perf_counter()
        for _ in range(steps):
            step()
        elapsed = perf_counter() - start
    return elapsed / steps


def multiply(x: Any, nodes: int) -> Any:
    y = x
    for _ in range(nodes):
        y = y * FACTOR
    return y


def add(x: Any, nodes: int) -> Any:
    y = x
    for _ in range(nodes):
        y = y + x
    return y


def time_chain(peer: Peer, grow: Callable[[Any, int], Any], gradient: float) -> Measurement:
    """Seconds for a node of a long chain of scalars, forward and backward, and the bytes that it takes.

    The bytes are the growth of the resident set, C++ included, with the first chain of the process; the second chain is timed.
    """
    peer.record(lambda x: grow(x, 100))()
    before = resident_bytes()
    backward = peer.record(lambda x: grow(x, NODES))
    measured: Measurement = {"memory, a node": (resident_bytes() - before) / NODES}
    del backward
    gc.collect()
    start = perf_counter()
    backward = peer.record(lambda x: grow(x, NODES))
    middle = perf_counter()
    try:
        got = float(backward())
    except RecursionError:
        return {"forward, a node": (middle - start) / NODES, "backward, a node": "RecursionError", **measured}
    end = perf_counter()
    if not abs(got / gradient - 1) < 0.01:  # float32 rounds FACTOR by 2e-8, and so its 100,000th power by 0.2%
        raise ArithmeticError(f"{peer.title}: the gradient of the chain is {got}, not {gradient}; correct its `record` in peers.py")
    return {"forward, a node": (middle - start) / NODES, "backward, a node": (end - middle) / NODES, **measured}


def resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def time_import(peer: Peer) -> Measurement:
    """Seconds that a fresh interpreter needs to import the peer, beyond those to import NumPy."""

    def seconds(*modules: str) -> float:
        start = perf_counter()
        subprocess.run([sys.executable, "-P", "-c", f"import {', '.join(modules)}"], check=True)
        return perf_counter() - start

    if not peer.modules:
        raise NotImplementedError
    core, everything = ("numpy", peer.modules[0]), ("numpy", *peer.modules)
    seconds(*everything)  # the warm-up: its files are compiled and in memory now
    runs = [(seconds("numpy"), seconds(*core), seconds(*everything)) for _ in range(3)]
    return {"the core alone": median(c - n for n, c, _ in runs), "all that training needs": median(e - n for n, _, e in runs)}


WORKLOADS: dict[str, Callable[[Peer], Measurement]] = {
    "small": lambda peer: time_training(peer, 32, 64, 32, 10),
    "middle": lambda peer: time_training(peer, 64, 784, 128, 10),
    "large": lambda peer: time_training(peer, 512, 784, 1024, 1024, 10),
    "multiply": lambda peer: time_chain(peer, multiply, FACTOR**NODES),
    "add": lambda peer: time_chain(peer, add, NODES + 1),
    "import": time_import,
    "version": lambda peer: {"version": version(peer.distribution)},
}

if __name__ == "__main__":
    name, workload = sys.argv[1:]
    try:
        measurement = WORKLOADS[workload](PEERS[name])
    except NotImplementedError:  # this peer does not do this workload
        measurement = {}
    print(json.dumps(measurement))
