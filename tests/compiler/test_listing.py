"""Programs to look at: as text with their costs, and as pictures."""

import numpy as np

from autograd import draw, jit, ops
from autograd.compiler.listing import Listing
from autograd.compiler.picture import picture
from autograd.compiler.tracing import Tracing


def traced(function, **examples):
    """The program of a function that gives what it returns, and pairs of an input and what is written to it."""
    with Tracing() as trace:
        returned, writes = function(**{name: trace.input(a, name) for name, a in examples.items()})
        return trace.program([v.value for v in returned], [(x.value, v.value) for x, v in writes])


def step(x, W, b):
    h = ops.tanh(ops.linear(ops.copy(x), W, b)) * 1
    ops.exp(h)
    return [ops.sum(h, axis=1), h.T @ x], [(W, W - 0.5 * (h.T @ x))]


STEP = {"x": np.ones((8, 4), np.float32), "W": np.ones((3, 4), np.float32), "b": np.ones(3, np.float32)}
TEXT = """\
arguments  x float32[8, 4]
captured   W float32[3, 4], b float32[3]
  %1 = linear(x, W, b)    float32[8, 3]
  %2 = tanh(%1)           float32[8, 3]
  %3 = sum(%2, axis=1)    float32[8]
  %4 = transpose(%2)      float32[3, 8]
  %5 = matmul(%4, x)      float32[3, 4]
  %6 = multiply(0.5, %5)  float32[3, 4]
  %7 = subtract(W, %6)    float32[3, 4]
returns    %3, %5
writes     W ← %7
passes     12 steps → simplify 10 → share 8 → drop 7
memory     3 buffers of 240 B for intermediate values, 192 B at once
work       316 B to read and write at least, 408 flops in matrix products"""


def test_a_listing_tells_steps_inputs_writes_and_costs():
    assert repr(Listing(traced(step, **STEP), captured=[1, 2])) == TEXT


def test_constants_are_told_by_shape_if_they_are_arrays_and_else_by_value():
    mask = np.array([[1.0, 0.0], [0.0, 1.0]])
    text = repr(Listing(traced(lambda x: ([x * mask + np.float32(0.5) - 2], []), x=np.ones((2, 2)))))
    assert "constants  c1 float64[2, 2]\n" in text
    assert "%1 = multiply(x, c1)" in text
    assert "%2 = add(%1, np.float32(0.5))" in text
    assert "%3 = subtract(%2, 2)" in text


def test_options_are_told_where_they_are_not_the_default():
    def f(x, k):
        parts = ops.split(x, 2, axis=1)
        return [parts[1][1:, ::2], x[None, ..., k], x.astype(np.float32), ops.sum(x), x[np.array([0, 1])]], []

    text = repr(Listing(traced(f, x=np.ones((4, 4)), k=np.array([1, 0, 2]))))
    for line in (
        "%1 = split(x, indices_or_sections=2, axis=1)  float64[4, 2], float64[4, 2]",
        "%2 = getitem(%1.1, index=(1:, ::2))",
        "%3 = getitem(x, index=(None, ..., k))         float64[1, 4, 3]",
        "%4 = astype(x, dtype=float32)",
        "%5 = sum(x)  ",
        "%6 = getitem(x, index=int64[2])",
    ):
        assert line in text


def test_calls_of_functions_that_are_no_ops_are_told_with_all_that_they_get():
    f = jit(lambda x, y: (2 * (x - 1), np.searchsorted(np.arange(3.0), y, side="right")), backend="numpy")
    f(3.0, np.ones(2))
    text = repr(f.plan())
    assert "%1 = sub(x, 1)" in text
    assert "%2 = mul(2, %1)" in text
    assert "%3 = searchsorted(float64[3], y, side='right')" in text
    assert "sub(·, 1)" in f.picture().svg


def test_one_step_is_one():
    assert "passes     1 step\n" in repr(Listing(traced(lambda x: ([ops.exp(x)], []), x=np.ones(2))))


def test_inputs_of_one_name_are_told_apart():
    with Tracing() as trace:
        a, b = trace.input(np.ones(2), "w"), trace.input(np.ones(2), "w\n")
        c = trace.input(np.ones(2), "w")
        program = trace.program([(a + b * c).value])
    assert "%1 = multiply(w\\n, w #3)" in repr(Listing(program))
    assert "%2 = add(w #1, %1)" in repr(Listing(program))


def test_views_take_no_memory_and_results_no_intermediate_one():
    listing = Listing(traced(lambda x: ([ops.exp(x).T[1:]], []), x=np.ones((10, 10))))
    assert listing.buffers == []
    assert listing.peak == 0
    assert Listing(traced(lambda x: ([ops.exp(x)[np.int64(2)]], []), x=np.ones((10, 10)))).buffers == []
    listing = Listing(traced(lambda x: ([ops.exp(ops.sin(x).T[1:]) * 2], []), x=np.ones((10, 10))))
    assert listing.buffers == [800, 720]
    assert listing.peak == 1520


def test_picked_values_take_memory_and_returned_ones_are_not_intermediate():
    listing = Listing(traced(lambda x: ([ops.exp(x[1:, np.array([0, 1])])], []), x=np.ones((10, 10))))
    assert listing.buffers == [9 * 2 * 8]
    assert Listing(traced(lambda x: ([ops.exp(x)[True]], []), x=np.ones((10, 10)))).buffers == [800]
    listing = Listing(traced(lambda x: ([y := ops.exp(x), ops.tanh(ops.cos(ops.sin(y)))], []), x=np.ones(100)))
    assert listing.buffers == [800, 800]
    assert listing.peak == 1600


def test_what_is_not_read_does_not_move():
    assert Listing(traced(lambda x, y: ([ops.exp(y)], []), x=np.ones(1000), y=np.ones(10))).traffic == 160
    assert Listing(traced(lambda x: ([x], []), x=np.ones(10))).traffic == 160


def test_products_are_counted_by_what_they_multiply():
    a, b = np.ones((5, 2, 3)), np.ones((3, 4))
    assert Listing(traced(lambda a, b: ([a @ b], []), a=a, b=b)).flops == 2 * 5 * 2 * 3 * 4
    assert Listing(traced(lambda a, b: ([ops.einsum((a, b), "ijk,kl->il")], []), a=a, b=b)).flops == 2 * 5 * 2 * 3 * 4
    assert Listing(traced(lambda a: ([ops.outer(a, a)], []), a=np.ones(3))).flops == 9
    assert Listing(traced(lambda a: ([a * a], []), a=np.ones(3))).flops == 0


def test_a_long_listing_wraps_its_lines():
    text = repr(Listing(traced(lambda x: ([ops.exp(x) for _ in range(60)], []), x=np.ones(2))))
    assert max(map(len, text.splitlines())) <= 121
    assert text.count("%1,") > 50


# -- pictures -----------------------------------------------------------------------------------------------------------------------------


def test_a_picture_has_a_box_for_each_step_and_what_it_reads():
    drawn = picture(Listing(traced(step, **STEP), [1, 2]).program, captured=[1, 2])
    lines = repr(drawn).strip().splitlines()
    assert [line.split("  ")[0] for line in lines[:4]] == ["x", "W", "b", "%1 = linear(x, W, b)"]
    assert len(lines) == 3 + 7
    sketch = drawn._sketch
    assert [box.kind for box in sketch.boxes.values()][:4] == ["constant", "parameter", "parameter", "op"]
    assert sketch.boxes["n10"].title == "subtract"
    assert sketch.boxes["n10"].lines == ("float32[3, 4]", "written to W")
    assert sketch.boxes["n9"].title == "multiply(0.5, ·)"
    assert sketch.boxes["n6"].lines == ("float32[8]", "returned")
    assert {("n1", "n4"), ("n2", "n4"), ("n3", "n4"), ("n2", "n10"), ("n9", "n10")} <= set(sketch.edges)
    assert "subtract" in drawn.svg
    assert "n9 -> n10" in drawn.dot


def test_a_picture_of_many_steps_shows_the_newest_and_what_they_read():
    def f(x, y):
        for _ in range(20):
            x = ops.exp(x)
        return [x + y], []

    drawn = picture(traced(f, x=np.ones(2), y=np.ones(2)), max_nodes=5)
    lines = repr(drawn).strip().splitlines()
    assert lines[0] == "… 17 older steps left out"
    assert [line.split(" = ")[0].split()[0] for line in lines[1:]] == ["y", "%18", "%19", "%20", "%21"]
    assert ("rest", "n2") in drawn._sketch.edges


def test_a_picture_can_be_played(tmp_path):
    drawn = picture(traced(lambda x: (ops.split(x, 2), []), x=np.ones(2)))
    drawn.save(tmp_path / "program.html")
    page = (tmp_path / "program.html").read_text(encoding="utf-8")
    assert "split" in page
    assert drawn._story["steps"] == [{"phase": "forward", "box": "n2"}]


def test_a_compiled_method_is_drawn():
    class Line:
        slope = 2.0

        @jit(backend="numpy")
        def at(self, x):
            return self.slope * x

    assert "multiply(2.0, x)" in repr(draw(Line().at, np.ones(3)))
