"""The built-in layout, for where there is no Graphviz.

Boxes stand on ranks, counted upward from the result.  An edge over several ranks has a place on each rank between, so that it passes
beside the boxes there; all such edges of one box share these places.  A cell is a pair (box, rank): the box on its own rank, its wire on
lower ones.
"""

from __future__ import annotations

from bisect import bisect, insort
from itertools import pairwise
from typing import NamedTuple

__all__ = ["TIP", "Curve", "Placement", "place"]

Point = tuple[float, float]
Cell = tuple[str, int]
Links = dict[Cell, list[Cell]]


class Curve(NamedTuple):
    """An edge as a chain of Bézier curves: one point, then three for each; the tip of the arrow is `TIP` beyond the last."""

    tail: str
    head: str
    points: list[Point]


class Placement(NamedTuple):
    """The size of a picture, the centres of its boxes and its curves, in points, y downward."""

    width: float
    height: float
    centres: dict[str, Point]
    curves: list[Curve]


TIP = 7.0
GAP, RISE = 18.0, 38.0  # between neighbours, between ranks
WIRES = 20_000  # more places for wires than these are not worth their time: long edges then run straight
SWEEPS = 8


def place(sizes: dict[str, tuple[float, float]], edges: list[tuple[str, str]]) -> Placement:
    """Place boxes, given parents first and ending in the result, and the edges from parent to child.

    >>> place({"x": (60.0, 40.0), "y": (60.0, 40.0)}, [("x", "y")]).centres
    {'x': (30.0, 20.0), 'y': (30.0, 98.0)}
    """
    rank, above, below = _cells(list(sizes), edges)
    rows = _ordered((list(sizes)[-1], 0), above, below)
    width = {cell: sizes[cell[0]][0] if rank[cell[0]] == cell[1] else 0.0 for cell in above}
    x = _abscissae(rows, above, below, width)
    left, right = min(x[cell] - width[cell] / 2 for cell in x), max(x[cell] + width[cell] / 2 for cell in x)
    tops: list[float] = []
    bottom = 0.0
    high = [max(sizes[name][1] for name, r in row if rank[name] == r) for row in rows]
    for r in reversed(range(len(rows))):
        tops.insert(0, bottom)
        bottom += high[r] + RISE
    centres = {name: (x[name, r] - left, tops[r] + high[r] / 2) for name, r in rank.items()}
    curves = []
    for tail, head in edges:
        (x0, y0), (x1, y1) = centres[tail], centres[head]
        legs = [(x0, y0 + sizes[tail][1] / 2, tops[rank[tail]] + high[rank[tail]])]
        legs += [(x[tail, r] - left, tops[r], tops[r] + high[r]) for r in range(rank[tail] - 1, rank[head], -1) if (tail, r) in x]
        legs += [(x1, tops[rank[head]] - TIP, y1 - sizes[head][1] / 2 - TIP)]
        curves.append(Curve(tail, head, _through(legs)))
    return Placement(right - left, bottom - RISE, centres, curves)


def _cells(names: list[str], edges: list[tuple[str, str]]) -> tuple[dict[str, int], Links, Links]:
    """Each box's rank, and each cell's neighbours in the rank above (in the order of arguments) and below."""
    heads: dict[str, list[str]] = {name: [] for name in names}
    for tail, head in edges:
        heads[tail].append(head)
    rank: dict[str, int] = {}
    end: dict[str, int] = {}  # of its wire
    for name in reversed(names):
        over = [rank[head] + 1 for head in heads[name]] or [0]
        rank[name], end[name] = max(over), min(over)
    if sum(rank.values()) - sum(end.values()) > WIRES:
        end = rank
    above: Links = {(name, r): [(name, r + 1)] if r < rank[name] else [] for name in names for r in range(end[name], rank[name] + 1)}
    below: Links = {cell: [] for cell in above}
    for tail, head in edges:
        if (tail, rank[head] + 1) in above:
            above[head, rank[head]].append((tail, rank[head] + 1))
    for cell, uppers in above.items():
        for upper in uppers:
            below[upper].append(cell)
    return rank, above, below


def _ordered(result: Cell, above: Links, below: Links) -> list[list[Cell]]:
    """The rows from the result upward, each from left to right: first in the order of arguments, then with fewer crossings."""
    rows = [[result]]
    while row := list(dict.fromkeys(upper for cell in rows[-1] for upper in above[cell])):
        rows.append(row)
    best, fewest = rows, _crossings(rows, above)
    for sweep in range(SWEEPS):
        if not fewest:
            break
        links = above if sweep % 2 else below
        rows = [list(row) for row in rows]
        at = {cell: float(k) for row in rows for k, cell in enumerate(row)}
        for row in reversed(rows) if sweep % 2 else rows:
            middle = {cell: sum(at[c] for c in links[cell]) / len(links[cell]) if links[cell] else at[cell] for cell in row}
            row.sort(key=middle.__getitem__)
            at.update((cell, float(k)) for k, cell in enumerate(row))
        if (count := _crossings(rows, above)) < fewest:
            best, fewest = rows, count
    return best


def _crossings(rows: list[list[Cell]], above: Links) -> int:
    """How many pairs of links cross."""
    total = 0
    for lower, upper in pairwise(rows):
        at = {cell: k for k, cell in enumerate(upper)}
        passed: list[int] = []
        for cell in lower:
            ends = sorted(at[c] for c in above[cell])
            total += sum(len(passed) - bisect(passed, end) for end in ends)
            for end in ends:
                insort(passed, end)
    return total


def _abscissae(rows: list[list[Cell]], above: Links, below: Links, width: dict[Cell, float]) -> dict[Cell, float]:
    """Where each cell's middle stands, so that links are near to vertical: least squares, one row at a time."""
    x = dict.fromkeys(above, 0.0)

    def pull(upper: Cell, lower: Cell) -> float:
        return 8.0 if above[upper] or upper[0] == lower[0] else 1.0  # leaves stand aside

    for sweep in range(SWEEPS):
        for row in rows if sweep % 2 == 0 else rows[::-1]:
            pulls = [[(pull(c, cell), x[c]) for c in above[cell]] + [(pull(cell, c), x[c]) for c in below[cell]] for cell in row]
            if sweep == 0:
                pulls = 
            x.update(zip(row, _apart(...)))
    return x
