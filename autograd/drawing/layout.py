"""The built-in layout, for where there is no Graphviz.

Boxes stand on ranks, counted upward from the result.  An edge over several ranks has a place on each rank between, so that it passes
beside the boxes there; all such edges of one box share these places.  A cell is a pair (box, rank): the box on its own rank, its wire on
lower ones.
"""

from __future__ import annotations

from bisect import bisect, insort
from collections import Counter
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["TIP", "Curve", "Placement", "place"]

Point = tuple[float, float]
Cell = tuple[str, int]
Links = dict[Cell, list[Cell]]

GAP, RISE, TIP = 18.0, 32.0, 7.0  # between neighbours, between ranks, the length of an arrow's tip
SWEEPS = 8
WIRES = 20_000  # more places for wires than these are not worth their time: long edges then run straight


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


def place(
    sizes: dict[str, tuple[float, float]], edges: list[tuple[str, str]], frames: Mapping[str, tuple[str, ...]] | None = None
) -> Placement:
    """Place boxes, given parents first and ending in the result, and the edges from parent to child.

    Where `frames` says that two boxes stand in different ones, the edge between them is a rank longer, for the frames' borders.

    >>> place({"x": (60.0, 40.0), "y": (60.0, 40.0)}, [("x", "y")]).centres
    {'x': (30.0, 20.0), 'y': (30.0, 92.0)}
    """
    inside = frames or {}
    apart = {edge for edge in edges if inside.get(edge[0]) != inside.get(edge[1])}
    rank, above, below = _cells(list(sizes), edges, apart)
    rows = _ordered((list(sizes)[-1], 0), above, below)
    width = {cell: sizes[cell[0]][0] if cell[1] == rank[cell[0]] else 0.0 for cell in above}
    x = _columns(rows, above, below, width)
    top, bottom, y = {}, {}, 0.0
    for r, row in reversed(list(enumerate(rows))):
        top[r] = y
        bottom[r] = y + max((sizes[name][1] for name, at in row if at == rank[name]), default=0.0)
        y = bottom[r] + RISE
    centres = {name: (x[name, r], (top[r] + bottom[r]) / 2) for name, r in rank.items()}
    curves = []
    reached = dict(rank)  # how far down each wire is drawn already
    alike, drawn = Counter(edges), Counter[tuple[str, str]]()  # twins, as of x·x, arrive side by side
    for tail, head in edges:
        foot = rank[head] + 1 if (tail, rank[head] + 1) in x else rank[tail]
        start = max(reached[tail], foot)
        reached[tail] = min(reached[tail], foot)
        begin = centres[tail][1] + sizes[tail][1] / 2 if start == rank[tail] else bottom[start]
        legs = [(x[tail, start], begin, bottom[start]), *((x[tail, r], top[r], bottom[r]) for r in range(start - 1, foot - 1, -1))]
        (x1, y1), (wide, high), twins = centres[head], sizes[head], alike[tail, head]
        port = min(max(legs[-1][0], x1 - 0.3 * wide), x1 + 0.3 * wide)
        port += min(12.0, 0.4 * wide / twins) * (drawn[tail, head] - (twins - 1) / 2)
        drawn[tail, head] += 1
        curves.append(Curve(tail, head, _through([*legs, (port, top[rank[head]] - TIP, y1 - high / 2 - TIP)])))
    return Placement(max(x[cell] + width[cell] / 2 for cell in x), y - RISE, centres, curves)


def _cells(names: list[str], edges: list[tuple[str, str]], apart: set[tuple[str, str]]) -> tuple[dict[str, int], Links, Links]:
    """Each box's rank, and each cell's neighbours in the rank above (in the order of arguments) and below."""
    heads: dict[str, list[str]] = {name: [] for name in names}
    for tail, head in edges:
        heads[tail].append(head)
    rank = dict.fromkeys(names, 0)
    end = dict.fromkeys(names, 0)  # of its wire
    for name in reversed(names):
        rank[name] = max((rank[head] + 1 + ((name, head) in apart) for head in heads[name]), default=0)
        end[name] = min((rank[head] + 1 for head in heads[name]), default=0)
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


def _columns(rows: list[list[Cell]], above: Links, below: Links, width: dict[Cell, float]) -> dict[Cell, float]:
    """The x of each cell, from 0: links near to vertical, in the sense of least squares, one row at a time."""
    x = dict.fromkeys(above, 0.0)

    def pull(upper: Cell, lower: Cell) -> float:
        return 1.0 if above[upper] or upper[0] == lower[0] else 0.001  # leaves move aside for the rest

    for sweep in range(SWEEPS):
        for row in rows if sweep % 2 else rows[::-1]:
            wanted = []
            for cell in row:
                pulls = [(pull(c, cell), x[c]) for c in above[cell]] + [(pull(cell, c), x[c]) for c in below[cell]] or [(1.0, 0.0)]
                weight = sum(w for w, _ in pulls)
                wanted.append((weight, sum(w * at for w, at in pulls) / weight))
            x.update(zip(row, _apart(wanted, [width[cell] for cell in row]), strict=True))
    left = min(x[cell] - width[cell] / 2 for cell in x)
    return {cell: at - left for cell, at in x.items()}


def _apart(wanted: list[tuple[float, float]], widths: list[float]) -> list[float]:
    """The places nearest to those wanted, given as (weight, place), in the same order and with gaps between.

    Measured from where each would stand in a gapless row, places must not decrease: neighbours that do are merged to their mean.
    """
    offsets = list(accumulate(((a + b) / 2 + GAP for a, b in pairwise(widths)), initial=0.0))
    blocks: list[tuple[float, float, int]] = []  # weight, mean, count
    for (weight, place), offset in zip(wanted, offsets, strict=True):
        block = (weight, place - offset, 1)
        while blocks and blocks[-1][1] > block[1]:
            w, mean, n = blocks.pop()
            block = (w + block[0], (w * mean + block[0] * block[1]) / (w + block[0]), n + block[2])
        blocks.append(block)
    means = (mean for _, mean, count in blocks for _ in range(count))
    return [mean + offset for mean, offset in zip(means, offsets, strict=True)]


def _through(legs: list[tuple[float, float, float]]) -> list[Point]:
    """A curve along vertical legs (x, from y, to y), bending between them."""
    points: list[Point] = []
    for x, y0, y1 in legs:
        if points:
            middle = (points[-1][1] + y0) / 2
            points += [(points[-1][0], middle), (x, middle)]
        points.append((x, y0))
        if y1 > y0:
            points += [(x, y0), (x, y1), (x, y1)]
    return points
