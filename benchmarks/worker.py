"""One measurement in a process of its own: `python worker.py PEER WORKLOAD` prints it as one line of JSON.

A measurement maps what was measured to seconds, bytes or a ratio, or to the name of the error that stopped it.
"""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np
import problems
from peers import PEERS, NotDoneError

if TYPE_CHECKING:
    from collections.abc import Callable

    from peers import Peer
    from peers.peer import Step
    from problems import Array, Training

    Measurement = dict[str, float | str]

BLOCK = 0.25  # seconds that a timed block takes at the least
NODES = 100_000
FACTOR = 1.0000001
STEPS = 10_000  # of the endurance run


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


def check(peer: Peer, what: str, got: Any, wanted: Array, tolerance: float) -> None:
    """Compare what a peer computed with NumPy by hand, as vectors: relative to the length."""
    error = np.linalg.norm(peer.array(got) - wanted) / np.linalg.norm(wanted)
    if not error <= tolerance:
        raise ArithmeticError(f"{peer.title}: {what} is {error:.1e} away from NumPy by hand; correct it in peers/")


def trained(peer: Peer, problem: Callable[[], Training]) -> Step:
    """The training step of a peer, once its first three losses and gradients are those of NumPy by hand."""
    step, by_hand = peer.train(problem()), PEERS["numpy"].train(problem())
    for i in range(3):
        for k, (a, b) in enumerate(zip(step(), by_hand(), strict=True)):
            what = f"gradient {k} of training step {i + 1}" if k else f"the loss of training step {i + 1}"
            check(peer, what, a, b.T if peer.outputs_first else b, 1e-2 if k else 1e-5)  # rounding can send an input to a ReLU's other side
    return step


def time_training(peer: Peer, size: str) -> Measurement:
    """Seconds for a training step of an MLP."""
    return {
        optimizer + (", gradients returned" if gradients else ""): time_block(
            trained(peer, partial(problems.mlp, size, optimizer, gradients))
        )
        for optimizer in problems.LEARNING_RATES
        for gradients in (False, True)
    }


def time_moons(peer: Peer) -> Measurement:
    """Seconds for a training step of micrograd's demo."""
    return {"training step": time_block(trained(peer, problems.moons))}


def time_expression(peer: Peer) -> Measurement:
    """Seconds for twelve operations on a million numbers."""
    x = problems.numbers()
    value, by_hand = peer.expression(x), PEERS["numpy"].expression(x)
    check(peer, "the expression", value(), by_hand(), 1e-6)
    return {"value": time_block(value)}


def time_hessian(peer: Peer) -> Measurement:
    """Seconds for the Hessian of a logistic regression."""
    second, by_hand = peer.hessian(*problems.regression()), PEERS["numpy"].hessian(*problems.regression())
    check(peer, "the Hessian", second(), by_hand(), 1e-12)
    return {"Hessian": time_block(second)}


def time_first(peer: Peer) -> Measurement:
    """Seconds from the start of Python to the first result of the small MLP's step, without anything kept on disk, and a second time."""

    def seconds(folder: Path) -> float:
        start = perf_counter()
        command = [sys.executable, __file__, type(peer).__name__.lower(), "once"]
        with subprocess.Popen(command, env=os.environ | peer.caches(folder), stdout=subprocess.PIPE) as process:
            if not process.stdout or not process.stdout.readline():
                raise RuntimeError(f"{peer.title}: no first result")
            return perf_counter() - start

    with tempfile.TemporaryDirectory() as folder:
        seconds(Path(folder, "other"))  # the warm-up: its modules are compiled and in memory now
        return {name: seconds(Path(folder, "kept")) for name in ("cold", "warm")}


def once(peer: Peer) -> Measurement:
    return {"loss": float(peer.array(peer.train(problems.mlp("small"))()[0]))}


def time_endurance(peer: Peer) -> Measurement:
    """How 10,000 steps of the small MLP with Adam, each followed by a product of NumPy's, bear each other and their number."""
    if not peer.compiled:
        raise NotDoneError
    step = trained(peer, partial(problems.mlp, "small", "Adam"))
    a = np.random.default_rng(0).standard_normal((512, 512), np.float32)
    b = np.empty_like(a)

    def seconds(turns: int, *calls: Step) -> Array:
        """Of each call, in each turn."""
        moments = np.empty((turns, len(calls) + 1))
        for row in moments:
            row[0] = perf_counter()
            for k, call in enumerate(calls, 1):
                call()
                row[k] = perf_counter()
        return np.diff(moments)

    def product() -> None:
        np.dot(a, a, out=b)

    alone = np.median(np.hstack([seconds(1000, step), seconds(1000, product)]), axis=0)
    together = seconds(STEPS, step, product)
    first, last = np.median(together[:1000], axis=0), np.median(together[-1000:], axis=0)
    ratios = {"in turns over alone": first / alone, "last 1,000 over first 1,000": last / first}
    return {f"{name}, {how}": ratio[k] for k, name in enumerate(("step", "product")) for how, ratio in ratios.items()}


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
        raise ArithmeticError(f"{peer.title}: the gradient of the chain is {got}, not {gradient}; correct its `record` in peers/")
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
        raise NotDoneError
    core, everything = ("numpy", peer.modules[0]), ("numpy", *peer.modules)
    seconds(*everything)  # the warm-up: its files are compiled and in memory now
    numpy, first, last = np.median([(seconds("numpy"), seconds(*core), seconds(*everything)) for _ in range(3)], axis=0)
    return {"the core alone": first - numpy, "all that training needs": last - numpy}


def measure_limits(_: Peer) -> Measurement:
    """What the machine can do."""
    from limits import measure_rates

    return measure_rates(time_block)


def find_version(peer: Peer) -> Measurement:
    try:
        return {"version": peer.version()}
    except ImportError as error:
        return {"absent": str(error)}


WORKLOADS: dict[str, Callable[[Peer], Measurement]] = {
    **{size: partial(time_training, size=size) for size in problems.MLPS},
    "moons": time_moons,
    "elementwise": time_expression,
    "hessian": time_hessian,
    "first": time_first,
    "endurance": time_endurance,
    "multiply": partial(time_chain, grow=multiply, gradient=FACTOR**NODES),
    "add": partial(time_chain, grow=add, gradient=NODES + 1),
    "import": time_import,
    "limits": measure_limits,
    "version": find_version,
    "once": once,
}

if __name__ == "__main__":
    name, workload = sys.argv[1:]
    try:
        measurement = WORKLOADS[workload](PEERS[name])
    except NotDoneError:
        measurement = {}
    print(json.dumps(measurement), flush=True)
