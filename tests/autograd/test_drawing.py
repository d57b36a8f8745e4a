"""Pictures: what they say, that names stay text, that there is always an answer."""

import sys
import time
import weakref
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nn
from autograd import Tensor, draw, multilinear, ops, play, record
from autograd.drawing.facts import summary
from autograd.graph import reachable
from autograd.op import TABLE
from autograd.recording import seen

from .pictures import HOSTILE, SVG, boxes, chain, edges, frames, labels, mlp, parameter, sketched

# -- what it says -------------------------------------------------------------------------------------------------------------------------


def test_a_terminal_shows_the_nodes_in_order_of_age():
    assert str(draw(mlp())) == repr(draw(mlp())) == (
        "                                                  value         gradient\n"
        "%1 = constant X                   (5, 3) float64  all 1\n"
        "%2 = parameter W                  (3, 2) float64  not recorded  not recorded\n"
        "%3 = parameter b                  (2,) float64    not recorded  not recorded\n"
        "%4 = matmul(%1, %2)               (5, 2) float64  not recorded  not recorded\n"
        "%5 = add(%4, %3)                  (5, 2) float64  all 4         not recorded\n"
        "%6 = relu(%5)                     (5, 2) float64  all 4         not recorded\n"
        "%7 = cross_entropy(%6, constant)  (5,) float64    not recorded  not recorded\n"
        "%8 = mean(%7)                     () float64      0.6931        not recorded"
    )  # fmt: skip


def test_dot_is_the_same_for_the_same_graph():
    assert draw(mlp()).dot == draw(mlp()).dot
    x = parameter("x")
    assert draw(x * 2.0).dot == (
        "digraph {\n"
        '  graph [ordering="in", nodesep=0.25, ranksep=0.4, bgcolor="transparent"]\n'
        '  node [shape="box", fontname="monospace", fontsize=11, fontcolor="#1f2937", height=0.4, margin="0.14,0.06"]\n'
        '  edge [color="#8491a5", arrowsize=0.7]\n'
        '  n1 [label="x\\n() float64\\nvalue 1\\ngradient not recorded", style="filled", fillcolor="#fbe6c4", color="#cf9a45"]\n'
        '  n2 [label="multiply(·, 2.0)\\n() float64\\nvalue 2\\ngradient not recorded", style="filled,rounded",'
        ' fillcolor="#dbe8f8", color="#6d95c6"]\n'
        "  n1 -> n2\n"
        "}\n"
    )  # fmt: skip


def test_a_notebook_gets_an_image_and_text():
    picture = draw(mlp())
    bundle = picture._repr_mimebundle_(include=None, exclude=None)
    assert bundle == {"image/svg+xml": picture.svg, "text/plain": str(picture)}
    assert labels(picture)[:2] == ["X", "(5, 3) float64"]


def test_kinds_of_nodes_look_different():
    boxes = sketched((Tensor(1.0, name="c") * parameter() + np.ones(2)), 60).boxes
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
    assert str(draw(Tensor([1.0, 2.0]))).splitlines()[1].split() == ["%1", "=", "constant", "(2,)", "float64", "[1,", "2]"]
    assert str(draw(parameter("x"))).splitlines()[1].startswith("%1 = parameter x  () float64  1 ")
    assert labels(draw(Tensor([1.0, 2.0]))) == ["constant", "(2,) float64", "value [1, 2]"]


def test_wrong_arguments_are_named():
    x = parameter("x")
    model = nn.Sequential(nn.Tanh(), nn.ReLU())
    y = model(x)
    for function in (draw, play):
        name = function.__name__
        with pytest.raises(TypeError, match=f"{name}: got ndarray, wanted a Tensor, such as the loss, or a function"):
            function(np.ones(2))
        with pytest.raises(TypeError, match=f"{name}: got a Tensor and 1 more arguments"):
            function(x, x)
        with pytest.raises(TypeError, match=f"{name}: the function returned float, wanted a Tensor"):
            function(lambda a: 1.0, 2.0)
        with pytest.raises(TypeError, match=f"{name}: too many positional arguments"):
            function(lambda a: a, 2.0, 3.0)
        with pytest.raises(TypeError, match=f"{name}: names is a list, wanted a dict"):
            function(x, names=["x"])
        with pytest.raises(ValueError, match=f"{name}: got depth=-1, wanted a whole number, 0 or more"):
            function(x, depth=-1)
        with pytest.raises(ValueError, match=r"expand: got '7', wanted the path of a module that was called: '0', '1', 'Sequential'"):
            function(y, expand="7")
        for wrong in (0, -1, 2.5, "all"):
            with pytest.raises(ValueError, match=rf"{name}: got max_nodes=.*wanted a whole number, 1 or more"):
                function(parameter(), max_nodes=wrong)


# -- values and gradients -----------------------------------------------------------------------------------------------------------------


def test_what_was_not_recorded_is_said_to_be_so_and_never_shown_as_zero():
    x = parameter("x", (2,))
    y = (ops.exp(x + 1.0) * 0.0).sum()
    assert boxes(draw(y)) == {
        "n1": ["x", "(2,) float64", "value [1, 1]", "gradient not recorded"],
        "n2": ["add(·, 1.0)", "(2,) float64", "value and gradient not recorded"],
        "n3": ["exp", "(2,) float64", "value [7.389, 7.389]", "gradient not recorded"],  # which its rule has saved
        "n4": ["multiply(·, 0.0)", "(2,) float64", "value and gradient not recorded"],
        "n5": ["sum", "() float64", "value 0", "gradient not recorded"],
    }


def test_a_recorded_graph_tells_all_values_and_gradients():
    with record():
        x = parameter("x", (2,))
        y = (x * 3.0).sum()
        y.backward()
    assert boxes(draw(y)) == {
        "n1": ["x", "(2,) float64", "value [1, 1]", "gradient [3, 3]"],
        "n2": ["multiply(·, 3.0)", "(2,) float64", "value [3, 3]", "gradient [1, 1]"],
        "n3": ["sum", "() float64", "value 6", "gradient 1"],
    }


def test_the_outputs_of_a_call_with_several_have_values_and_gradients_of_their_own():
    def product(x):
        first, second = ops.split(x, 2)
        return (first * second).sum()

    drawn = boxes(draw(product, np.array([2.0, 5.0])))
    assert drawn["n3"][2:] == ["value [2]", "gradient [5]"]
    assert drawn["n4"][2:] == ["value [5]", "gradient [2]"]


def test_a_value_that_was_written_since_is_not_shown():
    x = parameter("x", (2,))
    y = ops.exp(x)
    assert [box[2] for box in boxes(draw(y + 0.0)).values()] == ["value [1, 1]", "value [2.718, 2.718]", "value [2.718, 2.718]"]
    z = y + 0.0
    x.data = 5.0
    y.data = 7.0
    assert [box[2] for box in boxes(draw(z)).values()] == [
        "value and gradient not recorded", "value and gradient not recorded", "value [2.718, 2.718]",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (2.5, "2.5"),
        (np.float32(1 / 3), "0.3333"),
        (np.array([[1.0, 2.0], [3.0, 4.0]]), "[[1, 2], [3, 4]]"),
        (np.arange(7.0), "0 … 6, mean 3"),
        (np.zeros((3, 3)), "all 0"),
        (np.full(9, np.nan), "9 NaN"),
        (np.array([1.0] * 7 + [np.nan, np.inf, -np.inf]), "all 1, 1 NaN, 2 ±∞"),
        (np.zeros((0, 3)), "empty"),
        (np.array([1e308] * 8 + [0.0]), "0 … 1e+308, mean inf"),
        (np.array([1 + 2j]), "[1+2j]"),
        (np.full(7, 3 + 4j), "|·| all 5"),
        (np.array([True, False]), "[True, False]"),
        (np.arange(10), "0 … 9, mean 4.5"),
    ],
)
def test_a_value_is_told_in_full_if_it_is_small_and_by_its_range_if_not(value, told):
    assert summary(value) == told


def test_saved_arrays_are_told_on_request():
    x = parameter("x", (2,))
    y = ops.exp(x) * x
    assert not any("saves" in line for box in boxes(draw(y)).values() for line in box)
    told = boxes(draw(y, saved=True))
    assert told["n2"][-1] == "saves y (2,) float64"
    assert told["n3"][-1] == "saves a (2,) float64, b (2,) float64"
    assert "saves y (2,) float64" in str(draw(y, saved=True))
    assert boxes(draw(x + x, saved=True))["n2"][-1] == "saves nothing"
    assert "saves arrays[0] " not in str(draw(ops.stack([x, y]), saved=True))
    y.sum().backward()
    assert boxes(draw(y, saved=True))["n3"][-1] == "saved arrays were freed"


def test_a_function_is_run_recorded_with_the_names_of_its_parameters():
    def f(a, params, *rest, k=2):
        return (a * params["w"] + rest[0] * rest[1] + params["all"][1]).sum() * k

    drawn = boxes(draw(f, 2.0, {"w": np.ones(2), "all": [0.5, 3.0]}, 1.0, 4.0))
    assert [box[0] for key, box in drawn.items() if int(key[1:]) < 6] == ["a", "params.w", "params.all[1]", "rest[0]", "rest[1]"]
    assert drawn["n1"] == ["a", "() float64", "value 2", "gradient 4"]


# -- names and modules --------------------------------------------------------------------------------------------------------------------


def test_names_come_from_the_tensor_then_the_caller_then_the_module():
    model = nn.Linear(2, 3)
    x = np.ones((1, 2), np.float32)
    scale = parameter("own")
    y = model(x).sum() * scale
    assert {box[0] for box in boxes(draw(y)).values()} >= {"weight", "bias", "own", "constant"}
    told = {box[0].partition(" =")[0] for box in boxes(draw(y, names={"scale": scale, "x": x, "net": model, "_": model.bias})).values()}
    assert told >= {"net.weight", "net.bias", "own", "x"}
    z = y + 1.0
    assert "z = add(·, 1.0)" in labels(draw(z, names=locals()))


def test_modules_have_frames_with_their_paths():
    model = nn.MLP([3, 4, 2], activation="tanh")
    loss = nn.functional.cross_entropy(model(np.ones((5, 3), np.float32)), np.zeros(5, int))
    picture = draw(loss)
    assert sorted(frames(picture)) == ["0: Linear", "1: Tanh", "2: Linear", "MLP"]
    assert {"0.weight", "0.bias", "2.weight", "2.bias"} <= set(labels(picture))
    assert draw(loss).dot == picture.dot
    lines = [line.strip().partition(" [")[0] for line in picture.dot.splitlines() if "->" not in line]
    assert lines[lines.index("subgraph cluster_f2 {") :][:6] == ["subgraph cluster_f2 {", "graph", "n1", "n2", "c5", "n5"]
    assert lines.index("n8") < lines.index("subgraph cluster_f1 {")  # the loss is outside


def test_each_call_of_a_module_has_a_frame_and_a_shared_parameter_stands_outside():
    layer = nn.Linear(2, 2)
    x = np.ones((1, 2), np.float32)
    picture = draw(layer(layer(x)).sum())
    assert sorted(frames(picture)) == ["Linear", "Linear (call 2)"]
    assert picture.dot.index("weight") < picture.dot.index("subgraph")
    folded = draw(layer(layer(x)).sum(), depth=0)
    assert [box[0] for box in boxes(folded).values()] == ["weight", "bias", "Linear", "Linear (call 2)", "sum"]


def test_frames_know_only_the_class_of_a_module_that_is_gone():
    def loss():
        return nn.Sequential(nn.Linear(2, 2), nn.Tanh())(np.ones((1, 2), np.float32)).sum()

    assert sorted(frames(draw(loss()))) == ["Linear", "Sequential", "Tanh"]


def test_a_module_that_returns_several_values_has_one_frame():
    class Two(nn.Module):
        def forward(self, x):
            return {"a": x * 2.0, "b": (x * 3.0, 1.0)}

    two = Two()
    y = two(parameter("x"))
    assert frames(draw(y["a"] * y["b"][0])) == ["Two"]


# -- large graphs -------------------------------------------------------------------------------------------------------------------------


def deep(blocks):
    class Block(nn.Module):
        def __init__(self):
            self.inner = nn.Sequential(nn.Tanh(), nn.Softplus())

        def forward(self, x):
            return self.inner(x) + x

    return nn.Sequential(*[Block() for _ in range(blocks)])


def test_modules_are_folded_where_there_is_no_room():
    model = deep(10)
    y = model(parameter("x"))
    assert len(boxes(draw(y, max_nodes=31))) == 31
    assert len(frames(draw(y, max_nodes=31))) == 1 + 10 * 4
    two = draw(y, max_nodes=30)
    assert [box[0] for box in boxes(two).values()][:4] == ["x", "inner: Sequential", "add", "inner: Sequential"]
    assert sorted(frames(two)) == [*(f"{k}: Block" for k in range(10)), "Sequential"]
    assert all(len(box.frames) == 2 for box in two._sketch.boxes.values() if box.kind == "module")
    one = draw(y, max_nodes=20)
    assert [box[0] for box in boxes(one).values()] == ["x", *(f"{k}: Block" for k in range(10))]
    assert boxes(one)["s2"][1] == "3 ops"
    assert [box[0] for box in boxes(draw(y, max_nodes=10)).values()] == ["x", "Sequential"]
    assert "0: Block: 3 ops" in str(one)


def test_depth_and_expand_say_what_is_open():
    model = deep(3)
    y = model(parameter("x"))
    assert len(boxes(draw(y, depth=0))) == 2
    assert len(boxes(draw(y, depth=1))) == 4
    assert [box[0] for box in boxes(draw(y, depth=0, expand="1")).values()] == [
        "x", "0: Block", "inner: Sequential", "add", "2: Block",
    ]  # fmt: skip


def test_what_is_too_much_even_when_folded_is_cut():
    model = nn.Tanh()
    x = parameter("x")
    for _ in range(100):
        x = model(x)
    picture = draw(x, max_nodes=7)
    assert [box[0] for box in boxes(picture).values()] == ["… 94 older nodes left out", *(f"Tanh (call {k})" for k in range(94, 101))]


def test_a_hundred_thousand_nodes_of_modules_are_answered_at_once(no_graphviz):
    class Chain(nn.Module):
        def forward(self, x):
            for _ in range(100):
                x = -x
            return x

    model = nn.Sequential(Chain(), Chain())
    x = parameter("x")
    for _ in range(500):
        x = model(x)
    start = time.perf_counter()
    picture = draw(x)
    assert "older nodes left out" in picture.svg
    assert "Sequential (call 500)" in str(picture)
    assert time.perf_counter() - start < 2


def test_a_large_graph_shows_its_newest_nodes_and_counts_the_rest():
    old = parameter("old")
    x = chain(10)
    picture = draw(x * old, max_nodes=4)
    assert [line.split("  ")[0] for line in str(picture).splitlines()[1:]] == [
        "… 9 older nodes left out",
        "%1 = parameter old",
        "%11 = negative(%10)",
        "%12 = negative(%11)",
        "%13 = multiply(%12, %1)",
    ]
    assert edges(picture) == ["rest -> n11", "n11 -> n12", "n12 -> n13", "n1 -> n13"]
    assert "… 9 older nodes left out" in labels(picture)


def test_newer_nodes_are_shown_before_older_parents():
    old = -parameter("x")
    assert edges(draw(old + chain(3), max_nodes=3)) == ["rest -> n5", "n5 -> n6", "rest -> n7", "n6 -> n7"]


@pytest.mark.parametrize("most", [1, 2, 7, 8])
def test_no_more_nodes_than_asked_for_are_shown(most):
    assert sum(name[0] == "n" for name in sketched(mlp(), most).boxes) == most


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


def in_dot(text):
    return text.replace("&", "&amp;").replace("\\", "\\\\").replace('"', '\\"')


hostile = pytest.mark.parametrize(("name", "shown"), HOSTILE.items(), ids=lambda text: ascii(text)[:12])


@hostile
def test_a_name_is_shown_as_the_text_that_it_is(name, shown):
    picture = draw(parameter(name) * 2.0)
    assert boxes(picture)["n1"][0] == shown
    assert f"%1 = parameter {shown[:30]}" in str(picture)
    label = picture.dot.splitlines()[4].partition('label="')[2].partition("\\n() float64\\n")[0]
    assert label == in_dot(shown)


@hostile
def test_the_names_of_modules_ops_and_variables_are_text_too(name, shown):
    op = multilinear(lambda g: 2 * g)(lambda x, /: 2 * x)
    TABLE.pop(op.name)
    op.name = name

    class Inner(nn.Module):
        def forward(self, x):
            return op(x) + 1.0

    class Outer(nn.Module):
        def __init__(self):
            setattr(self, name, Inner())

        def forward(self, x):
            return getattr(self, name)(x) * 1.0

    x = parameter()
    model = Outer()
    picture = draw(model(x), names={name: x})
    assert boxes(picture)["n1"][0] == boxes(picture)["n2"][0] == shown
    label = shown if len(name) < 40 else "x" * 47 + "…"
    outer, inner = frames(picture)
    assert (outer, inner[: len(label)]) == ("Outer", label)
    assert f'[label="{in_dot(inner)}", ' in picture.dot
    page = play(model(x), names={name: x}).html
    assert name not in page or "<" not in name
    folded = draw(model(x), max_nodes=3)
    assert boxes(folded)["s2"][0] == inner


@given(st.text())
def test_any_name_gives_well_formed_svg_of_plain_shapes(name):
    y = parameter(name) * 2.0
    y.name = name
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", "")
        patch.setitem(sys.modules, "pygraphviz", None)
        root = ET.fromstring(draw(y).svg)
    assert {element.tag.removeprefix(SVG) for element in root.iter()} == {"svg", "g", "path", "rect", "text"}
    assert not {key for element in root.iter() for key in element.attrib if "href" in key or key.startswith("on")}
    assert str(draw(y)).count("\n") == 2
    draw(y).dot.encode()


# -- drawing changes nothing --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("look", [draw, play])
def test_gradients_graph_and_memory_are_as_before(look):
    model = nn.MLP([3, 4, 2])
    x, labels = np.ones((5, 3), np.float32), np.zeros(5, int)

    def loss():
        return nn.functional.cross_entropy(model(x), labels)

    y = loss()
    nodes = reachable([y._node])

    def state():
        return [part for node in nodes for part in (node.saved, node.name, node.parents, node.owner, seen(node))]

    before = state()
    for picture in (look(y), look(y, names={"model": model, "y": y}), look(loss)):
        repr(picture)
        picture._repr_mimebundle_()
    assert all(a is b for a, b in zip(before, state(), strict=True))
    assert all(p.grad is None for p in model.parameters())
    memory = weakref.ref(y._node.parents[0].parents[0].saved[0])
    nodes.clear()
    del y, before
    assert memory() is None  # the picture, which is still there, holds nothing of it
    loss().backward()
    expected = [p.grad.numpy() for p in model.parameters()]
    look(loss)
    assert all((p.grad.data == g).all() for p, g in zip(model.parameters(), expected, strict=True))


def test_what_a_record_block_has_seen_survives_drawing():
    x = parameter("x")
    with record():
        y = x * 2.0
        y.backward()
    was = seen(x._node)
    play(lambda: x * 5.0)
    assert seen(x._node) is was
    assert boxes(draw(y))["n1"][2:] == ["value 1", "gradient 2"]


def test_second_order_graphs_are_drawn():
    x = parameter("x")
    (x**3).backward(create_graph=True)
    g = x.grad
    drawn = boxes(draw(g))
    assert drawn["n1"][0] == "x"
    assert len(drawn) > 3
