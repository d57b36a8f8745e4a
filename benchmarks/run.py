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
from typing import TYPE_CHECKING, Any

import numpy as np
from limits import needs
from peers import PEERS
from report import OURS, WORKLOADS, bound, compare, judge

if TYPE_CHECKING:
    from report import Results

HERE = Path(__file__).resolve().parent
ENVIRONMENTS = HERE / ".envs"


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


def settings() -> list[str]:
    """The variables of this environment that set a BLAS's kernels or threads."""
    return sorted(name for name in os.environ if name.startswith(("OPENBLAS_", "MKL_", "OMP_", "BLIS_")))


def measure(peer: str, workload: str) -> dict[str, Any]:
    """Run one worker, in which a BLAS chooses for itself; only ours finds this checkout on its path."""
    environment = {name: value for name, value in os.environ.items() if name not in settings()} | {
        "PYTHONPATH": str(HERE.parent) if peer in OURS else ""
    }
    command = [interpreter(peer), str(HERE / "worker.py"), peer, workload]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{peer} fails at {workload} (exit status {done.returncode}):\n{done.stderr}")
    return dict(json.loads(done.stdout.splitlines()[-1]))


def find_versions(peers: list[str]) -> tuple[dict[str, str], list[str]]:
    """The versions of those that are installed, and a word about each of the others."""
    found, absent = {}, []
    for name in peers:
        try:
            answer = measure(name, "version")
        except FileNotFoundError:
            answer = {"absent": "no environment of its own: run with --setup"}
        if "version" in answer:
            found[name] = answer["version"]
        else:
            absent.append(f"{PEERS[name].title} ({answer['absent']})")
    return found, absent


def measure_all(workloads: list[str], peers: list[str], rounds: int) -> tuple[Results, list[str]]:
    """What was measured, and the errors of the peers that failed, which are left out of the workload."""
    results: Results = {}
    errors = []
    for workload in [*workloads, *(["limits"] if any(name in workloads for name, _ in needs()) else [])]:
        running = ["numpy"] if workload == "limits" else list(peers)
        for i in range(rounds):
            for peer in list(running):
                print(f"\r{workload}, round {i + 1} of {rounds}: {peer:20}", end="", file=sys.stderr, flush=True)
                try:
                    for what, value in measure(peer, workload).items():
                        results.setdefault((workload, what), {}).setdefault(peer, []).append(value)
                except RuntimeError as error:
                    errors.append(str(error))
                    running.remove(peer)
                    for key in [key for key in results if key[0] == workload]:
                        results[key].pop(peer, None)
    print(file=sys.stderr)
    return results, errors


def describe_machine(cpus: int) -> str:
    cpu_info = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.split(": ")[1] for line in cpu_info if line.startswith("model name")), platform.machine())
    build: Any = np.show_config(mode="dicts")
    blas = build["Build Dependencies"]["blas"]
    return f"{cpus} of {os.cpu_count()} cores ({model}), Python {platform.python_version()}, NumPy's BLAS {blas['name']} {blas['version']}"


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
    chosen = [name for name in PEERS if name in arguments.only]
    versions, absent = find_versions([name for name in PEERS if not chosen or name in {*chosen, *OURS}])
    load = os.getloadavg()[0]
    results, errors = measure_all(workloads, list(versions), arguments.rounds)
    machine = f"{describe_machine(len(os.sched_getaffinity(0)))}, load average {load:.1f} before and {os.getloadavg()[0]:.1f} after"
    head = f"""\
Measured on {time.strftime("%Y-%m-%d")}, {arguments.rounds} rounds: {machine}; kernels and threads as each library
sets them (taken out of the environment: {", ".join(settings()) or "nothing"}).
Versions: {", ".join(f"{PEERS[name].title} {version}" for name, version in versions.items() if name not in OURS)}.
Left out: {", ".join(absent) or "none"}. Failed: {", ".join(error.partition(" (")[0] for error in errors) or "none"}.
In brackets: as a multiple of ours, which is the first of {", ".join(PEERS[name].title for name in OURS)} that does the workload."""
    text = "\n\n".join(filter(None, [head, compare(results, list(versions)), bound(results), judge(results)]))
    print(text)
    if arguments.out:
        arguments.out.write_text(f"{text}\n")
    sys.exit("\n".join(errors) or None)


if __name__ == "__main__":
    main()
