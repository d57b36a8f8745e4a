"""Where the boxes stand: with Graphviz, without, and with one that fails."""

import sys
import time
import types
import xml.etree.ElementTree as ET
from itertools import combinations, pairwise

import numpy as np
import pytest

import nn
from autograd import ops
from autograd.drawing import dot, draw, layout
from autograd.drawing.layout import TIP, Placement, place
from autograd.drawing.look import size
from autograd.drawing.sketch import Box, Sketch
from autograd.drawing.svg import Area, write_svg

from .pictures import SVG, chain, mlp, parameter, sketched, tangle

# -- with and without Graphviz ------------------------------------------------------------------------------------------------------------


def test_without_graphviz_svg_and_dot_are_saved_and_the_others_say_what_to_install(no_graphviz, tmp_path):
    picture = draw(mlp())
    for suffix, content in ((".svg", picture.svg), (".DOT", picture.dot)):
        picture.save(tmp_path / f"graph{suffix}")
        assert (tmp_path / f"graph{suffix}").read_text(encoding="utf-8") == content
    for suffix in (".png", ".pdf"):
        with pytest.raises(ImportError, match=r"apt install graphviz.*pip install pygraphviz"):
            picture.save(tmp_path / f"graph{suffix}")
        assert not (tmp_path / f"graph{suffix}").exists()


def test_an_unknown_suffix_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"got 'graph.gif', wanted a name that ends in .svg, .png, .pdf, .dot or .html"):
        draw(mlp()).save(tmp_path / "graph.gif")


def test_graphviz_places_boxes_and_draws_files(program, tmp_path):
    plain = r"graph 1 5 4\nnode n1 1 2.5 1 1\nnode n2 1.5 0.5 1 1\nedge n1 n2 4 1 2 1 1.8 1 1.4 1.3 1\nstop\n"
    program(f'case $1 in -Tplain) printf "{plain}";; *) echo "$1 $2";; esac')
    picture = draw(-parameter("x"))
    root = ET.fromstring(picture.svg)
    assert root.get("viewBox") == "-8 -8 376 304"
    titles = [group.find(f"{SVG}text") for group in root.iter(f"{SVG}g") if group.get("data-box")]
    assert [(text.get("x"), text.get("y")) for text in titles] == [("72.0", "98.5"), ("108.0", "236.0")]
    line, tip = (path.get("d") for path in root.iter(f"{SVG}path"))
    assert line == "M72.0,144.0 C72.0,158.4 72.0,187.2 93.6,216.0"
    assert tip == "M97.8,221.6 L90.8,218.1 L96.4,213.9Z"
    picture.save(tmp_path / "graph.png")
    assert (tmp_path / "graph.png").read_text() == "-Tpng -Gdpi=192\n"


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("sleep 2", "timed out"),
        ("echo no such layout >&2; exit 3", "status 3: no such layout"),
        ("echo hello", "no layout, but 'hello"),
        ("printf 'node n1 one two\\nstop'", "no layout, but 'node n1 one"),
    ],
)
def test_a_graphviz_that_fails_is_replaced_and_reported(program, monkeypatch, tmp_path, script, reason):
    monkeypatch.setattr(dot, "PATIENCE", 0.2)
    program(script)
    start = time.perf_counter()
    with pytest.warns(RuntimeWarning, match=f"draw: .*{reason}.*the built-in layout is used instead") as caught:
        root = ET.fromstring(draw(-parameter("x")).svg)
    assert time.perf_counter() - start < 1.5
    assert caught[0].filename == __file__
    assert len(list(root.iter(f"{SVG}rect"))) == 2


def test_a_graphviz_that_fails_saves_nothing(program, tmp_path):
    program("exit 3")
    with pytest.raises(RuntimeError, match="status 3"):
        draw(mlp()).save(tmp_path / "graph.pdf")
    assert not (tmp_path / "graph.pdf").exists()


def test_pygraphviz_stands_in_for_the_program(no_graphviz, monkeypatch, tmp_path):
    class AGraph:
        def __init__(self, string):
            self.string = string

        def draw(self, format, prog, args):
            if format == "plain":
                raise ValueError("out of paper")
            return f"{format} {prog} {args} {self.string}".encode()

    monkeypatch.setitem(sys.modules, "pygraphviz", types.SimpleNamespace(AGraph=AGraph))
    picture = draw(mlp())
    picture.save(tmp_path / "graph.pdf")
    assert (tmp_path / "graph.pdf").read_text(encoding="utf-8") == f"pdf dot -Gdpi=96 {picture.dot}"
    with pytest.warns(RuntimeWarning, match="pygraphviz failed: out of paper"):
        assert picture.svg.startswith("<svg")


# -- the built-in layout ------------------------------------------------------------------------------------------------------------------


def along(points):
    """Points on a chain of Bézier curves."""
    for k in range(0, len(points) - 1, 3):
        for t in np.linspace(0, 1, 9):
            yield (np.array([(1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3]) @ np.array(points[k : k + 4])).tolist()


@pytest.mark.parametrize("seed", range(60))
def test_nothing_overlaps(seed):
    drawn = sketched(tangle(seed), 25)
    sizes = {name: size(box) for name, box in drawn.boxes.items()}
    placed = place(sizes, drawn.edges)
    frames = {
        name: (x - sizes[name][0] / 2, y - sizes[name][1] / 2, x + sizes[name][0] / 2, y + sizes[name][1] / 2)
        for name, (x, y) in placed.centres.items()
    }
    for a, b in combinations(frames.values(), 2):
        assert a[2] < b[0] or b[2] < a[0] or a[3] < b[1] or b[3] < a[1]
    for left, top, right, bottom in frames.values():
        assert -1e-6 < left < right < placed.width + 1e-6
        assert 0 <= top < bottom <= placed.height
    assert [(curve.tail, curve.head) for curve in placed.curves] == drawn.edges
    for tail, head, points in placed.curves:
        assert placed.centres[tail][1] < placed.centres[head][1]
        assert points[-1][1] + TIP == pytest.approx(frames[head][1])
        assert frames[head][0] < points[-1][0] < frames[head][2]
        for x, y in along(points):
            assert not any(f[0] < x < f[2] and f[1] < y < f[3] for f in frames.values())


@pytest.mark.parametrize("seed", range(20))
def test_every_edge_is_connected_to_its_tail(seed):
    """Edges of one box share wires: a curve begins at the box, or where an earlier or later one of the same box passes."""
    drawn = sketched(tangle(seed), 25)
    sizes = {name: size(box) for name, box in drawn.boxes.items()}
    placed = place(sizes, drawn.edges)
    for tail, _, points in placed.curves:
        x, y = placed.centres[tail]
        places = [(x, y + sizes[tail][1] / 2), *(p for c in placed.curves if c.tail == tail and c.points is not points for p in c.points)]
        assert points[0] in places
    passages = [(curve.tail, a, b) for curve in placed.curves for a, b in pairwise(curve.points) if b[1] - a[1] > 20]
    assert len(passages) == len(set(passages))  # each wire is drawn once


def test_a_chain_is_straight_and_its_parameters_stand_aside():
    drawn = sketched(mlp(), 60)
    centres = place({name: size(box) for name, box in drawn.boxes.items()}, drawn.edges).centres
    ops_only = [centres[f"n{k}"] for k in (4, 5, 6, 7, 8)]
    assert all(a[0] == pytest.approx(b[0], abs=0.5) and a[1] < b[1] for a, b in pairwise(ops_only))
    assert centres["n1"][0] < centres["n2"][0]
    assert centres["n3"][1] == centres["n4"][1]


def test_boxes_are_reordered_where_edges_would_cross():
    a, b, c = (parameter(name) for name in "abc")
    drawn = sketched(ops.stack([a + b, -c, ops.exp(a)]), 60)
    centres = place({name: size(box) for name, box in drawn.boxes.items()}, drawn.edges).centres
    upper = [(centres[tail][0], centres[head][0]) for tail, head in drawn.edges if head != "n7"]
    assert len(upper) == 4
    assert not [pair for pair in combinations(upper, 2) if (pair[0][0] - pair[1][0]) * (pair[0][1] - pair[1][1]) < 0]


@pytest.mark.parametrize(
    ("wanted", "places"),
    [
        ([(1.0, 0.0), (1.0, 100.0)], [0.0, 100.0]),
        ([(1.0, 0.0), (1.0, 0.0)], [-14.0, 14.0]),
        ([(3.0, 0.0), (1.0, 0.0)], [-7.0, 21.0]),
        ([(1.0, 0.0), (2.0, 0.0), (1.0, 0.0)], [-28.0, 0.0, 28.0]),
        ([(3.0, 0.0), (1.0, 0.0), (1.0, 0.0)], [-16.8, 11.2, 39.2]),
        ([(1.0, 10.0), (1.0, 0.0), (2.0, -10.0)], [-37.5, -9.5, 18.5]),
    ],
)
def test_neighbours_stand_as_near_as_they_can_to_where_they_are_pulled(wanted, places):
    assert layout._apart(wanted, [10.0] * len(wanted)) == pytest.approx(places)


def areas(picture):
    """The rectangles of the frames, by label."""
    groups = [group for group in ET.fromstring(picture.svg).iter(f"{SVG}g") if group.get("data-kind") == "frame"]
    rects = [[float(group.find(f"{SVG}rect").get(key)) for key in ("x", "y", "width", "height")] for group in groups]
    labels = [group.find(f"{SVG}title").text for group in groups]
    return {label: Area(x, y, x + width, y + height) for label, (x, y, width, height) in zip(labels, rects, strict=True)}


@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_frames_stand_apart_or_within_each_other(no_graphviz, activation):
    model = nn.MLP([3, 4, 4, 2], activation=activation)
    found = areas(draw(model(np.ones((5, 3), np.float32)).sum()))
    outer = found.pop("MLP")
    assert len(found) == 5
    assert not any(a.meets(b) for a, b in combinations(found.values(), 2))
    for area in found.values():
        assert outer.left < area.left < area.right < outer.right
        assert outer.top < area.top < area.bottom < outer.bottom


@pytest.mark.parametrize(
    ("places", "shown"),
    [
        ({"a": (30, 13), "b": (30, 113), "c": (230, 13), "d": (230, 113)}, ["P", "Q"]),
        ({"a": (30, 13), "b": (230, 113), "c": (230, 13), "d": (30, 113)}, []),  # the frames would cross
        ({"a": (30, 113), "b": (430, 113), "c": (230, 13), "d": (230, 213)}, []),  # and here, although nothing stands where they do
        ({"a": (30, 13), "b": (30, 113), "c": (30, 60), "d": (230, 113)}, []),  # c stands in the way
        ({"a": (30, 13), "b": (30, 113), "c": (230, 13), "d": (230, 113), "e": (230, 60)}, ["P"]),  # e belongs to neither
    ],
)
def test_a_frame_that_would_hold_a_stranger_is_left_out(places, shown):
    inside = {"a": ("f1",), "b": ("f1",), "c": ("f2",), "d": ("f2",)}
    drawn = Sketch({key: Box("op", key, (), inside.get(key, ())) for key in places}, [], {"f1": "P", "f2": "Q"}, [])
    root = ET.fromstring(write_svg(drawn, Placement(300.0, 130.0, places, [])))
    assert sorted(title.text for title in root.iter(f"{SVG}title")) == shown


def test_two_thousand_nodes_are_placed_in_well_below_a_second():
    W, h = parameter("W"), parameter("h")
    for _ in range(1000):
        h = -(h * W)
    for loss in (h, chain(2000), ops.stack([h, *(parameter() for _ in range(2000))])):
        drawn = sketched(loss, 2001)
        sizes = {name: size(box) for name, box in drawn.boxes.items()}
        start = time.perf_counter()
        place(sizes, drawn.edges)
        assert time.perf_counter() - start < 1


def test_far_edges_of_a_huge_graph_run_straight():
    x = [parameter("x")]
    for _ in range(300):
        x.append(-x[-1])
    drawn = sketched(ops.stack(x), 1000)
    placed = place({name: size(box) for name, box in drawn.boxes.items()}, drawn.edges)
    assert len(placed.curves) == len(drawn.edges) == 601
    assert max(len(curve.points) for curve in placed.curves) == 4


def test_text_fits_its_box(no_graphviz):
    root = ET.fromstring(draw(parameter("a long name of a parameter") * parameter("日本語の長い名前です")).svg)
    shapes = [e for e in root.iter() if e.tag in (f"{SVG}rect", f"{SVG}text")]
    wide = 0.0
    for e in shapes:
        if e.tag == f"{SVG}rect":
            wide = float(e.get("width"))
        else:
            columns = sum(2 if ord(c) > 0x2E80 else 1 for c in e.text)
            assert columns * 0.6 * float(e.get("font-size")) <= wide - 16
