"""Compare chalkgrad with its peers, in rounds, each measurement in a process of its own."""

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
    Value = float | str  # seconds or bytes, or the name of the error that stopped the peer
    Results = dict[tuple[str, str], dict[str, list[Value]]]  # (workload, what was measured): peer: a value for each round

HERE = Path(__file__).resolve().parent
ENVIRONMENTS = HERE / ".envs"
OURS = "chalkgrad"
WORKLOADS = {
    "small": "MLP 64-32-10, batch 32",
    "middle": "MLP 784-128-10, batch 64",
    "large": "MLP 784-1024-1024-10, batch 512",
    "multiply": "`y = y * c`",
    "add": "`y = y + x`",
    "import": "import",
}


def interpreter(peer: str) -> str:
    return str(ENVIRONMENTS / peer / "bin" / "python") if PEERS[peer].own_environment else sys.executable


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
    environment = os.environ | {"PYTHONPATH": str(HERE.parent) if peer == OURS else ""}
    command = [interpreter(peer), str(HERE / "worker.py"), peer, workload]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{peer} fails at {workload} (exit status {done.returncode}):\n{done.stderr}")
    return dict(json.loads(done.stdout.splitlines()[-1]))


def find_versions(peers: list[str]) -> tuple[dict[str, str], list[str]]:
    """The versions of those that are installed, and a word about each of the others."""
    found, absent = {OURS: "(this checkout)"}, []
    for name in peers:
        try:
            if name != OURS:
                found[name] = measure(name, "version")["version"]
        except FileNotFoundError:
            absent.append(f"{PEERS[name].title} (no environment of its own: run with --setup)")
        except RuntimeError:
            absent.append(f"{PEERS[name].title} (not installed: pip install {PEERS[name].distribution})")
    return found, absent


def measure_all(workloads: list[str], peers: list[str], rounds: int) -> Results:
    results: Results = {}
    for workload in workloads:
        for i in range(rounds):
            for peer in peers:
                print(f"\r{workload}, round {i + 1} of {rounds}: {peer:20}", end="", file=sys.stderr, flush=True)
                for what, value in measure(peer, workload).items():
                    results.setdefault((workload, what), {}).setdefault(peer, []).append(value)
    print(file=sys.stderr)
    return results


def format_value(value: float, what: str) -> str:
    if what.startswith("memory"):
        return f"{value:.0f} B"
    unit, size = next((pair for pair in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)) if abs(value) >= pair[1]), ("ns", 1e-9))
    return f"{float(f'{value / size:.3g}'):g} {unit}"


def format_cell(values: list[Value], ours: list[Value], what: str) -> str:
    """The median, and in brackets the median over the rounds of its ratio to ours."""
    errors = [v for v in values if isinstance(v, str)]
    if errors or not values:
        return errors[0] if errors else "—"
    cell = format_value(median(map(float, values)), what)
    return cell if values is ours else f"{cell} ({median(float(v) / float(o) for v, o in zip(values, ours, strict=True)):.2f}×)"


def describe_machine(cpus: int) -> str:
    cpu_info = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.split(": ")[1] for line in cpu_info if line.startswith("model name")), platform.machine())
    build: Any = np.show_config(mode="dicts")
    blas = build["Build Dependencies"]["blas"]
    return f"{cpus} of {os.cpu_count()} cores ({model}), Python {platform.python_version()}, NumPy's BLAS {blas['name']} {blas['version']}"


def tabulate(results: Results, peers: list[str]) -> str:
    lines = [f"| | {' | '.join(PEERS[peer].title for peer in peers)} |", f"|---|{'---:|' * len(peers)}"]
    for (workload, what), row in results.items():
        cells = [format_cell(row.get(peer, []), row[OURS], what) for peer in peers]
        lines.append(f"| {WORKLOADS[workload]}: {what} | {' | '.join(cells)} |")
    return "\n".join(lines)


def main() -> None:
    names = [*WORKLOADS, *PEERS]
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="how often each measurement is made (5)")
    parser.add_argument("--only", nargs="+", choices=names, default=[], metavar="NAME", help=f"among {', '.join(names)} (all)")
    parser.add_argument("--cpus", type=int, default=len(os.sched_getaffinity(0)), help="how many cores the workers may use (all)")
    parser.add_argument("--out", type=Path, metavar="FILE.md", help="write the report there, too")
    parser.add_argument("--setup", action="store_true", help="first build the environments of peers that cannot share ours")
    arguments = parser.parse_args()
    if arguments.setup:
        set_up()
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: arguments.cpus])  # the workers inherit it
    workloads = [name for name in WORKLOADS if name in arguments.only] or list(WORKLOADS)
    versions, absent = find_versions([name for name in PEERS if name in arguments.only] or list(PEERS))
    load = os.getloadavg()[0]
    results = measure_all(workloads, list(versions), arguments.rounds)
    machine = f"{describe_machine(len(os.sched_getaffinity(0)))}, load average {load:.1f} before and {os.getloadavg()[0]:.1f} after"
    text = f"""\
Measured on {time.strftime("%Y-%m-%d")}, {arguments.rounds} rounds: {machine}; threads as each library sets them.
Versions: {", ".join(f"{PEERS[name].title} {version}" for name, version in versions.items())}.
Left out: {", ".join(absent) or "none"}.

{tabulate(results, list(versions))}

In brackets: the time or memory as a multiple of ours, the median over the rounds of the ratio within a round.
"""
    print(text)
    if arguments.out:
        arguments.out.write_text(text)


if __name__ == "__main__":
    main()
