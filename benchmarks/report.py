"""The results as tables: peer by peer, against the limits of the machine, and against the goals."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

from goals import GOALS, Goal
from limits import CACHED, MEMORY, needs
from peers import PEERS

if TYPE_CHECKING:
    from collections.abc import Iterable

    Value = float | str  # seconds, bytes or a ratio, or the name of the error that stopped the peer
    Results = dict[tuple[str, str], dict[str, list[Value]]]  # (workload, what was measured): peer: a value for each round

OURS = ("jitnative", "jitnumpy", "chalkgrad")  # the first of them that does a workload is what the others are compared with
WORKLOADS = {
    "small": "MLP 64-32-10, batch 32, a training step",
    "middle": "MLP 784-128-10, batch 64, a training step",
    "large": "MLP 784-1024-1024-10, batch 512, a training step",
    "moons": "micrograd's two moons, MLP 2-16-16-1, 100 points",
    "elementwise": "twelve operations on a million float32, three of them exp, tanh, log",
    "hessian": "logistic regression, 50 parameters, 200 rows, float64",
    "first": "the first training step of MLP 64-32-10, from the start of Python",
    "endurance": "10,000 Adam steps of MLP 64-32-10 in turns with NumPy's 512×512 products",
    "multiply": "a chain of 100,000 nodes `y = y * c`",
    "add": "a chain of 100,000 nodes `y = y + x`",
    "import": "import, beyond NumPy's",
}


def compare(results: Results, peers: list[str]) -> str:
    """A table for each workload, with a row for each peer that does it: medians, and in brackets as a multiple of ours."""
    tables = []
    for workload, title in WORKLOADS.items():
        columns = {what: row for (name, what), row in results.items() if name == workload and row}
        if not columns:
            continue
        rows = [
            [PEERS[p].title, *(cell(columns[what], p, what) for what in columns)] for p in peers if any(p in c for c in columns.values())
        ]
        tables.append(f"**{workload}**: {title}\n\n{table(['', *columns], rows)}")
    return "\n\n".join(tables)


def cell(column: dict[str, list[Value]], peer: str, what: str) -> str:
    values, ours = column.get(peer, []), next((name for name in OURS if name in column), peer)
    errors = [v for v in values if isinstance(v, str)]
    if errors or not values:
        return errors[0] if errors else "—"
    text = quantity(median(map(float, values)), unit(what))
    return text if peer == ours or unit(what) == "×" else f"{text} ({three(ratio(column, peer, (ours,)))}×)"


def ratio(column: dict[str, list[Value]], peer: str, others: tuple[str, ...]) -> float:
    """The median over the rounds of the peer's value over the least of the others'."""
    return median(float(p) / min(map(float, qs)) for p, *qs in zip(column[peer], *(column[name] for name in others), strict=True))


def unit(what: str) -> str:
    return "B" if what.startswith("memory") else "×" if " over " in what else "s"


def quantity(value: float, unit: str) -> str:
    """Three digits, and the prefix that suits them: 0.00123 s is 1.23 ms."""
    if unit == "×":
        return f"{value:.2f}"
    prefixes = (("G", 1e9), ("M", 1e6), ("k", 1e3), ("", 1.0), ("m", 1e-3), ("µ", 1e-6), ("n", 1e-9))
    prefix, size = next((pair for pair in prefixes if abs(value) >= pair[1] and (unit != "s" or pair[1] <= 1)), ("", 1.0))
    return f"{three(value / size)} {prefix}{unit}"


def three(value: float) -> str:
    """Three digits, without an exponent."""
    return f"{float(f'{value:.3g}'):g}"


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    head = list(head)
    return "\n".join(f"| {' | '.join(line)} |" for line in (head, ["---", *["---:"] * (len(head) - 1)], *rows))


def bound(results: Results) -> str:
    """What must be done, how long this machine takes for it, and what was reached; nothing if no such workload was measured."""
    best = {False: max, True: min}  # of rates, and of the seconds of products: a limit is what can be done
    measured = {what: map(float, row["numpy"]) for (name, what), row in results.items() if name == "limits"}
    rates = {what: best[what.startswith("products")](values) for what, values in measured.items()}
    rows = []
    for (workload, what), need in needs().items():
        column = results.get((workload, what), {})
        ours = next((name for name in OURS if name in column), None)
        if not ours:
            continue
        reached = median(map(float, column[ours]))
        times = need.flops / rates["sgemm"], need.bytes / rates[f"copy, {int(need.bytes)}"]
        alone = rates.get(f"products, {workload}")
        cells = [
            quantity(need.flops, "flop"),
            quantity(need.bytes, "B"),
            *(quantity(time, "s") for time in times),
            quantity(alone, "s") if alone else "—",
            f"{quantity(reached, 's')} ({PEERS[ours].title})",
            f"{max(times) / reached:.0%}",
        ]
        rows.append([f"{workload}: {what}", *cells])
    if not rows:
        return ""
    speeds = (
        f"BLAS {quantity(rates['sgemm'], 'flop/s')} (2000×2000, float32), copying within the second-level caches"
        f" {quantity(rates[f'copy, {CACHED}'], 'B/s')}, in memory {quantity(rates[f'copy, {MEMORY}'], 'B/s')}"
        f" ({quantity(rates['copy, one core'], 'B/s')} with one core); read and written bytes both count"
    )
    head = ["", "flops", "bytes", "flops take", "bytes take", "its products alone", "reached", "limit/reached"]
    return f"## The limits of the machine\n\n{table(head, rows)}\n\nMeasured in the same run: {speeds}."


def judge(results: Results) -> str:
    """Each goal of which a peer was measured, and whether it is met; nothing if there is none."""
    rows = [row for goal in GOALS if (row := verdict(goal, results))]
    return f"## The goals\n\n{table(['', 'goal, at most', 'reached', ''], rows)}" if rows else ""


def verdict(goal: Goal, results: Results) -> list[str]:
    column = results.get((goal.workload, goal.what), {})
    than = tuple(name for name in goal.than if name in column)
    if goal.ours not in column or (goal.than and not than):
        return []
    what = f"{goal.workload}, {goal.what}: {PEERS[goal.ours].title}"
    if than:
        reached, named = ratio(column, goal.ours, than), "× "
        what += f" beside {'the best of ' if len(than) > 1 else ''}{', '.join(PEERS[name].title for name in than)}"
    else:
        reached, named = median(map(float, column[goal.ours])), f" {unit(goal.what)}"
    return [
        what,
        f"{goal.limit:g}{named}".strip(),
        f"{three(reached)}{named}".strip(),
        "met" if float(three(reached)) <= goal.limit else "**missed**",
    ]
