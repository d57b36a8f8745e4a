"""Pictures: what they say, that names stay text, that there is always an answer."""

import os
import random
import sys
import time
import types
import xml.etree.ElementTree as ET
from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Tensor, ops
from autograd.drawing import dot, draw, layout
from autograd.drawing.layout import TIP, place
from autograd.drawing.look import size
from autograd.drawing.sketch import sketch

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = {
    "<script>alert(1)</script>": "<script>alert(1)</script>",
    "<b>bold</b>": "<b>bold</b>",
    "a|b{c}<d>": "a|b{c}<d>",
    'say "x"\\N\\l\\': 'say "x"\\N\\l\\',
    "&lt;&#60;&amp;": "&lt;&#60;&amp;",
    "javascript:alert(1)": "javascript:alert(1)",
    "nul\0, bell\a": "nul\\x00, bell\\x07",
    "\x1b[31mred": "\\x1b[31mred",
    "two\nlines": "two\\nlines",
    "שלום": "שלום",
    "\u202etxt.exe": "\\u202etxt.exe",
    "\ud800": "\\ud800",
    "x" * 10_000: "x" * 47 + "…",
}


def parameter(name=None, shape=()):
    return Tensor(np.ones(shape), requires_grad=True, name=name)


def mlp():
    X, W, b = Tensor(np.ones((5, 3)), name="X"), parameter("W", (3, 2)), parameter("b", (2,))
    return ops.cross_entropy(ops.relu(X @ W + b), np.zeros(5, int)).mean()


def chain(length):
    x = parameter("x")
    for _ in range(length):
        x = -x
    return x


def tangle(seed):
    """A graph of some tens of nodes with shared, repeated and far arguments."""
    r = random.Random(seed)
    nodes = [parameter(f"p{k}") for k in range(r.randint(1, 5))]
    for _ in range(r.randint(1, 30)):
        nodes.append(ops.stack([r.choice(nodes[-9:]) for _ in range(r.randint(1, 3))] + r.choice([[], [np.ones(())]])).sum())
    return nodes[-1]


def labels(picture):
    return [text.text for text in ET.fromstring(picture.svg).iter(f"{SVG}text")]


def edges(picture):
    return [line.split(" [")[0].strip() for line in picture.dot.splitlines() if "->" in line]


@pytest.fixture
def no_graphviz(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setitem(sys.modules, "pygraphviz", None)


@pytest.fixture
def program(no_graphviz, tmp_path):
    """Put a shell script in the place of `dot`."""
    if os.name == "nt":
        pytest.skip("needs a shell")

    def install(script):
        (tmp_path / "dot").write_text(f"#!/bin/sh\nPATH=/usr/bin:/bin\n{script}\n")
        (tmp_path / "dot").chmod(0o755)

    return install


# -- what it says -------------------------------------------------------------------------------------------------------------------------


def test_a_terminal_shows_the_nodes_in_order_of_age():
    assert str(draw(mlp())) == repr(draw(mlp())) == (
        "%1 = constant X                   (5, 3) float64\n"
        "%2 = parameter W                  (3, 2) float64\n"
        "%3 = parameter b                  (2,) float64\n"
        "%4 = matmul(%1, %2)               (5, 2) float64\n"
        "%5 = add(%4, %3)                  (5, 2) float64\n"
        "%6 = relu(%5)                     (5, 2) float64\n"
        "%7 = cross_entropy(%6, constant)  (5,) float64\n"
        "%8 = mean(%7)                     () float64"
    )  # fmt: skip


def test_dot_is_the_same_for_the_same_graph():
    assert draw(mlp()).dot == draw(mlp()).dot
    x = parameter("x")
    assert draw(x * 2.0).dot == (
        "digraph {\n"
        '  graph [ordering="in", nodesep=0.25, ranksep=0.4, bgcolor="transparent"]\n'
        '  node [shape="box", fontname="monospace", fontsize=11, fontcolor="#1f2937", height=0.4, margin="0.14,0.06"]\n'
        '  edge [color="#8491a5", arrowsize=0.7]\n'
        '  n1 [label="x\\n() float64", style="filled", fillcolor="#fbe6c4", color="#cf9a45"]\n'
        '  n2 [label="multiply(·, 2.0)\\n() float64", style="filled,rounded", fillcolor="#dbe8f8", color="#6d95c6"]\n'
        "  n1 -> n2\n"
        "}\n"
    )  # fmt: skip


def test_a_notebook_gets_an_image_and_text():
    picture = draw(mlp())
    bundle = picture._repr_mimebundle_(include=None, exclude=None)
    assert bundle == {"image/svg+xml": picture.svg, "text/plain": str(picture)}
    assert labels(picture)[:4] == ["X", "(5, 3) float64", "W", "(3, 2) float64"]


def test_kinds_of_nodes_look_different():
    boxes = sketch((Tensor(1.0, name="c") * parameter() + np.ones(2))._node, 60).boxes
    assert [box.kind for box in boxes.values()] == ["constant", "parameter", "op", "constant", "op"]
    styles = {line.split("style=")[1] for line in draw(Tensor(1.0, name="c") * parameter()).dot.splitlines() if "style=" in line}
    assert len(styles) == 3


def test_arguments_keep_their_order_and_number():
    a, b = parameter("a"), parameter("b")
    assert edges(draw(a - b)) == ["n1 -> n3", "n2 -> n3"]
    assert edges(draw(b - a)) == ["n2 -> n3", "n1 -> n3"]
    assert edges(draw(a * a)) == ["n1 -> n2", "n1 -> n2"]


@pytest.mark.parametrize(
    ("make", "title", "text"),
    [
        (lambda x: x * 2.0, "multiply(·, 2.0)", "%2 = multiply(%1, 2.0)"),
        (lambda x: 1 - x, "subtract(1, ·)", "%2 = subtract(1, %1)"),
        (lambda x: x + np.ones(2), "add", "%2 = add(%1, constant)"),
        (lambda x: x.sum(axis=0), "sum(axis=0)", "%2 = sum(%1, axis=0)"),
        (lambda x: x.sum(), "sum", "%2 = sum(%1)"),
        (lambda x: x[np.array([1, 0])], "getitem(index=array(2,))", "%2 = getitem(%1, index=array(2,))"),
        (lambda x: ops.leaky_relu(x, np.float64(0.5)), "leaky_relu(alpha=0.5)", "%2 = leaky_relu(%1, alpha=0.5)"),
        (lambda x: ops.split(x, 2)[1], "split[1]", "%3 = split[1](%2)"),
    ],
)
def test_an_op_tells_its_numbers_and_options(make, title, text):
    picture = draw(make(parameter("x", (2,))))
    assert title in labels(picture)
    assert str(picture).splitlines()[-1].startswith(f"{text}  ")


def test_a_call_with_several_outputs_tells_the_shape_of_each():
    x = parameter("x", (3,))
    assert "(1,) float64, (2,) float64" in str(draw(ops.split(x, [1])[0]))


def test_a_named_result_shows_its_name():
    y = parameter("x") * 2.0
    y.name = "y"
    assert "%2 = y = multiply(%1, 2.0)" in str(draw(y))
    assert "y = multiply(·, 2.0)" in labels(draw(y))


def test_unnamed_constants_of_a_call_share_a_box():
    picture = draw(ops.concatenate([np.ones(1)] * 1000 + [parameter("x", (1,))]))
    assert "1,000 constants" in labels(picture)
    assert edges(picture) == ["c2 -> n2", "n1 -> n2"]


def test_a_tensor_without_history_is_one_leaf():
    assert str(draw(Tensor([1.0, 2.0]))) == "%1 = constant  (2,) float64"
    assert str(draw(parameter("x"))) == "%1 = parameter x  () float64"
    assert labels(draw(Tensor([1.0, 2.0]))) == ["constant", "(2,) float64"]


def test_wrong_arguments_are_named():
    with pytest.raises(TypeError, match="draw: got ndarray, wanted a Tensor"):
        draw(np.ones(2))
    for wrong in (0, -1, 2.5, "all"):
        with pytest.raises(ValueError, match=r"draw: got max_nodes=.*wanted a whole number, 1 or more"):
            draw(parameter(), max_nodes=wrong)


# -- large graphs -------------------------------------------------------------------------------------------------------------------------


def test_a_large_graph_shows_its_newest_nodes_and_counts_the_rest():
    old = parameter("old")
    x = chain(10)
    picture = draw(x * old, max_nodes=4)
    assert str(picture).splitlines() == [
        "… 9 older nodes left out",
        "%1 = parameter old        () float64",
        "%11 = negative(%10)       () float64",
        "%12 = negative(%11)       () float64",
        "%13 = multiply(%12, %1)   () float64",
    ]
    assert edges(picture) == ["rest -> n11", "n11 -> n12", "n12 -> n13", "n1 -> n13"]
    assert "… 9 older nodes left out" in labels(picture)


def test_newer_nodes_are_shown_before_older_parents():
    old = -parameter("x")
    assert edges(draw(old + chain(3), max_nodes=3)) == ["rest -> n5", "n5 -> n6", "rest -> n7", "n6 -> n7"]


@pytest.mark.parametrize("most", [1, 2, 7, 8])
def test_no_more_nodes_than_asked_for_are_shown(most):
    assert sum(name[0] == "n" for name in sketch(mlp()._node, most).boxes) == most


def test_a_call_of_many_left_out_nodes_has_one_edge_from_the_rest():
    picture = draw(ops.stack([-parameter() for _ in range(100)]), max_nodes=1)
    assert edges(picture) == ["rest -> n201"]


def test_a_hundred_thousand_nodes_are_answered_at_once(no_graphviz):
    loss = chain(100_000)
    start = time.perf_counter()
    picture = draw(loss)
    assert "… 99,941 older nodes left out" in str(picture)
    assert "… 99,941 older nodes left out" in picture.svg
    assert time.perf_counter() - start < 2


# -- names are text -----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "shown"), HOSTILE.items(), ids=lambda text: ascii(text)[:12])
def test_a_name_is_shown_as_the_text_that_it_is(name, shown):
    picture = draw(parameter(name) * 2.0)
    assert labels(picture)[0] == shown
    assert f"%1 = parameter {shown[:30]}" in str(picture)
    label = picture.dot.splitlines()[4].partition('label="')[2].partition('\\n() float64", style=')[0]
    assert label == shown.replace("&", "&amp;").replace("\\", "\\\\").replace('"', '\\"')


@given(st.text())
def test_any_name_gives_well_formed_svg_of_plain_shapes(name):
    y = parameter(name) * 2.0
    y.name = name
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", "")
        patch.setitem(sys.modules, "pygraphviz", None)
        root = ET.fromstring(draw(y).svg)
    assert {element.tag.removeprefix(SVG) for element in root.iter()} == {"svg", "path", "rect", "text"}
    assert not {key for element in root.iter() for key in element.attrib if "href" in key or key.startswith("on")}
    assert str(draw(y)).count("\n") == 1
    draw(y).dot.encode()


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
    with pytest.raises(ValueError, match=r"got 'graph.gif', wanted a name that ends in .svg, .png, .pdf or .dot"):
        draw(mlp()).save(tmp_path / "graph.gif")


def test_graphviz_places_boxes_and_draws_files(program, tmp_path):
    plain = r"graph 1 5 4\nnode n1 1 2.5 1 1\nnode n2 1.5 0.5 1 1\nedge n1 n2 4 1 2 1 1.8 1 1.4 1.3 1\nstop\n"
    program(f'case $1 in -Tplain) printf "{plain}";; *) echo "$1 $2";; esac')
    picture = draw(-parameter("x"))
    root = ET.fromstring(picture.svg)
    assert root.get("viewBox") == "-8 -8 376 304"
    assert [(text.get("x"), text.get("y")) for text in root.iter(f"{SVG}text")][::2] == [("72.0", "105.0"), ("108.0", "249.0")]
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
    drawn = sketch(tangle(seed)._node, 25)
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
    drawn = sketch(tangle(seed)._node, 25)
    sizes = {name: size(box) for name, box in drawn.boxes.items()}
    placed = place(sizes, drawn.edges)
    for tail, _, points in placed.curves:
        x, y = placed.centres[tail]
        places = [(x, y + sizes[tail][1] / 2), *(p for c in placed.curves if c.tail == tail and c.points is not points for p in c.points)]
        assert points[0] in places
    passages = [(curve.tail, a, b) for curve in placed.curves for a, b in pairwise(curve.points) if b[1] - a[1] > 20]
    assert len(passages) == len(set(passages))  # each wire is drawn once


def test_a_chain_is_straight_and_its_parameters_stand_aside():
    drawn = sketch(mlp()._node, 60)
    centres = place({name: size(box) for name, box in drawn.boxes.items()}, drawn.edges).centres
    ops_only = [centres[f"n{k}"] for k in (4, 5, 6, 7, 8)]
    assert all(a[0] == pytest.approx(b[0], abs=0.5) and a[1] < b[1] for a, b in pairwise(ops_only))
    assert centres["n1"][0] < centres["n2"][0]
    assert centres["n3"][1] == centres["n4"][1]


def test_boxes_are_reordered_where_edges_would_cross():
    a, b, c = (parameter(name) for name in "abc")
    drawn = sketch(ops.stack([a + b, -c, ops.exp(a)])._node, 60)
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


def test_two_thousand_nodes_are_placed_in_well_below_a_second():
    W, h = parameter("W"), parameter("h")
    for _ in range(1000):
        h = -(h * W)
    for loss in (h, chain(2000), ops.stack([h, *(parameter() for _ in range(2000))])):
        drawn = sketch(loss._node, 2001)
        sizes = {name: size(box) for name, box in drawn.boxes.items()}
        start = time.perf_counter()
        place(sizes, drawn.edges)
        assert time.perf_counter() - start < 1


def test_far_edges_of_a_huge_graph_run_straight():
    x = [parameter("x")]
    for _ in range(300):
        x.append(-x[-1])
    drawn = sketch(ops.stack(x)._node, 1000)
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
