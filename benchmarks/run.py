"""Compare chalkgrad with its peers, interleaved, each measurement in a process of its own: `python benchmarks/run.py --help`."""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import time
import venv
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import numpy as np
from peers import PEERS

if TYPE_CHECKING:
    Value = float | str  # seconds or bytes; or the error that stopped the peer
    Results = dict[tuple[str, str, str], list[Value]]  # workload, what was measured, peer: a value for each round

HERE = Path(__file__).resolve().parent
ENVIRONMENTS = HERE / ".envs"
OURS = "chalkgrad"
ROWS = {
    "small": {"step": "training step, MLP 64-32-10, batch 32"},
    "middle": {"step": "training step, MLP 784-128-10, batch 64"},
    "large": {"step": "training step, MLP 784-1024-1024-10, batch 512"},
    "multiply": {"forward": "`y = y * c`, forward, a node", "backward": "`y = y * c`, backward, a node", "memory": "`y = y * c`, memory, a node"},
    "add": {"forward": "`y = y + x`, forward, a node", "backward": "`y = y + x`, backward, a node", "memory": "`y = y + x`, memory, a node"},
    "import": {"core": "import, the core alone", "all": "import, all that training needs"},
}


def interpreter(peer: str) -> Path:
    return ENVIRONMENTS / peer / "bin" / "python" if PEERS[peer].own_environment else Path(sys.executable)


def set_up() -> None:
    """Build the environments of the peers that cannot share ours."""
    ENVIRONMENTS.mkdir(exist_ok=True)
    (ENVIRONMENTS / ".gitignore").write_text("*\n")
    for name, peer in PEERS.items():
        if peer.own_environment:
            venv.create(ENVIRONMENTS / name, with_pip=True, clear=True)
            subprocess.run([interpreter(name), "-m", "pip", "install", "--quiet", *peer.own_environment], check=True)


def measure(peer: str, workload: str) -> dict[str, Any]:
    """Run one worker; only ours finds this checkout on its path."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    if peer == OURS:
        environment["PYTHONPATH"] = str(HERE.parent)
    command = [interpreter(peer), HERE / "worker.py", peer, workload]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{peer} fails at {workload} (exit status {done.returncode}):\n{done.stderr}")
    return dict(json.loads(done.stdout.splitlines()[-1]))


def find_versions(peers: list[str]) -> tuple[dict[str, str], list[str]]:
    """The versions of those that are installed, and a word about each of the others."""
    found, absent = {}, []
    for name in peers:
        peer = PEERS[name]
        try:
            found[name] = measure(name, "version")["version"]
        except FileNotFoundError:
            absent.append(f"{peer.title} (has no environment yet: run with --setup)")
        except RuntimeError:
            absent.append(f"{peer.title} (not installed: pip install {peer.distribution})")
    return found, absent


def measure_all(workloads: list[str], peers: list[str], rounds: int) -> Results:
    results: Results = {}
    for workload in workloads:
        for i in range(rounds):
            for peer in peers:
                print(f"{workload}, round {i + 1} of {rounds}: {peer:20}", end="\r", file=sys.stderr, flush=True)
                for what, value in measure(peer, workload).items():
                    results.setdefault((workload, what, peer), []).append(value)
    return results


def format_value(value: float, what: str) -> str:
    if what == "memory":
        return f"{value:.0f} B"
    for unit, size in (("s", 1), ("ms", 1e-3), ("µs", 1e-6)):
        if abs(value) >= size:
            return f"{value / size:.{0 if abs(value) >= 100 * size else 3}{'f' if abs(value) >= 100 * size else 'g'}} {unit}"
    return f"{value * 1e9:.0f} ns"


def format_cell(results: Results, workload: str, what: str, peer: str) -> str:
    """The median, and in brackets the median over the rounds of its ratio to ours."""
    values, ours = (results.get((workload, what, name), []) for name in (peer, OURS))
    if not values:
        return "—"
    numbers = [v for v in values if not isinstance(v, str)]
    if len(numbers) < len(values):
        return str(next(v for v in values if isinstance(v, str)))
    cell = format_value(median(numbers), what)
    if peer == OURS:
        return cell
    return f"{cell} ({median(v / float(o) for v, o in zip(numbers, ours, strict=True)):.2f}×)"


def describe_machine(cpus: int) -> str:
    cpu_info = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.split(": ")[1] for line in cpu_info if line.startswith("model name")), platform.machine())
    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]  # type: ignore[call-overload, index]  # NumPy's stub knows no "dicts"
    return (
        f"{cpus} of {os.cpu_count()} cores of {model}; Python {platform.python_version()}; "
        f"NumPy {np.__version__} with {blas['name']} {blas['version']}; threads as each library sets them"
    )


def report(results: Results, versions: dict[str, str], absent: list[str], notes: str) -> str:
    titles = [PEERS[name].title for name in versions]
    lines = [f"Measured {notes}.", ""]
    lines += [f"Versions: {', '.join(f'{title} {v}' for title, v in zip(titles, versions.values(), strict=True))}.", ""]
    lines += [f"Left out: {', '.join(absent)}.", ""] if absent else []
    lines += [f"| | {' | '.join(titles)} |", f"|---|{'---:|' * len(titles)}"]
    for workload, rows in ROWS.items():
        for what, label in rows.items():
            if (workload, what, OURS) in results:
                lines.append(f"| {label} | {' | '.join(format_cell(results, workload, what, peer) for peer in versions)} |")
    lines += ["", "In brackets: how many times ours, the median over the rounds of the ratio within a round; above 1, ours is the smaller."]
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="how often each measurement is repeated (5)")
    parser.add_argument("--only", nargs="+", choices=[*ROWS, *PEERS], default=[], metavar="NAME", help=f"among: {', '.join([*ROWS, *PEERS])}")
    parser.add_argument("--cpus", type=int, default=len(os.sched_getaffinity(0)), help="how many cores the workers may use (all)")
    parser.add_argument("--out", type=Path, metavar="FILE.md", help="write the report there too")
    parser.add_argument("--setup", action="store_true", help="first build the environments of peers that cannot share ours")
    arguments = parser.parse_args()
    if arguments.setup:
        set_up()
    cpus = sorted(os.sched_getaffinity(0))[: arguments.cpus]
    os.sched_setaffinity(0, cpus)  # inherited by the workers
    workloads = [name for name in ROWS if name in arguments.only] or list(ROWS)
    peers = [name for name in PEERS if name == OURS or name in arguments.only]
    versions, absent = find_versions(peers if len(peers) > 1 else list(PEERS))
    load_before = os.getloadavg()[0]
    results = measure_all(workloads, list(versions), arguments.rounds)
    notes = (
        f"on {time.strftime('%Y-%m-%d')}, {arguments.rounds} rounds, on {describe_machine(len(cpus))}; "
        f"load average {load_before:.1f} before, {os.getloadavg()[0]:.1f} after"
    )
    text = report(results, versions, absent, notes)
    print(text)
    if arguments.out:
        arguments.out.write_text(text)


if __name__ == "__main__":
    main()
