"""The rule book: that what it prints is what the rules compute, and that the page is the one which the table gives."""

import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from autograd import elementwise, make_vjp
from autograd.op import TABLE
from autograd.symbol.rulebook import LONG, PAGE, book, entry, page, plot, plotted, run_rule

OPS = [op for op in book() if op.kind != "constant"]


def numbers(symbols):
    return tuple(map(numbers, symbols)) if isinstance(symbols, tuple) else None if symbols is None else symbols.data[()]


@pytest.mark.parametrize("op", OPS, ids=lambda op: op.name)
def test_what_is_shown_is_what_the_rule_computes(op):
    e = entry(op)
    assert e.derivatives.keys() == {i for i, a in enumerate(e.arguments) if a is not None and op.rule(i) is not None}
    for i, d in e.derivatives.items():
        with np.errstate(all="ignore"):
            computed = run_rule(op, i, numbers(e.arguments), e.options, numbers(e.y), numbers(e.g))
        np.testing.assert_allclose(d.shown.data, computed, rtol=1e-9, atol=1e-12)
        assert np.isfinite(computed).all()


@pytest.mark.parametrize("op", OPS, ids=lambda op: op.name)
def test_what_is_shown_is_what_backward_gives(op):
    e = entry(op)
    values, g = numbers(e.arguments), numbers(e.g)
    for i, d in e.derivatives.items():

        def partial(x, i=i):
            arguments = [*values[:i], x, *values[i + 1 :]]
            return op(*([arguments] if op.variadic else arguments), **e.options)

        vjp, y = make_vjp(partial)(values[i])
        given = vjp(g if isinstance(g, tuple) else np.asarray(g, np.asarray(y).dtype))
        shown = d.shown.data if np.iscomplexobj(given) else d.shown.data.real
        np.testing.assert_allclose(shown, given, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("op", OPS, ids=lambda op: op.name)
def test_every_rule_is_printed_or_said_to_be_too_long(op):
    e = entry(op)
    assert len(e.equations) + len(e.long) == 1 + len(e.derivatives)
    assert all(d.shown.length > LONG for d in e.long)


@pytest.mark.parametrize(
    ("name", "equations"),
    [
        ("tanh", [r"y = \tanh(x)", r"\frac{\partial y}{\partial x} = 1 - y^{2}"]),
        ("relu", [r"y = \mathrm{ReLU}(x)", r"\frac{\partial y}{\partial x} = \mathbb{1}[x > 0]"]),
        ("matmul", ["y = a b", r"\frac{\partial L}{\partial a} = g b^T", r"\frac{\partial L}{\partial b} = a^T g"]),
        ("reshape", [r"y = \mathrm{reshape}(x)", r"\frac{\partial L}{\partial x} = g"]),
        ("concatenate", [r"y = \mathrm{concatenate}(x_{1}, x_{2})", r"\frac{\partial L}{\partial x_{1}} = g_{0:2}",
                         r"\frac{\partial L}{\partial x_{2}} = g_{2:6}"]),
        ("eigh", [r"(y_{1}, y_{2}) = \mathrm{eigh}\, x"]),
    ],
)  # fmt: skip
def test_equations_are_those_of_a_textbook(name, equations):
    assert entry(TABLE[name]).equations == equations


def test_lemmas_are_named():
    assert entry(TABLE["sigmoid"]).derivatives[0].lemmas == ("σ(−x) = 1 − σ(x)",)


def test_the_page_is_current():
    assert PAGE.read_text(encoding="utf-8") == page(), "run python -m autograd.symbol.rulebook"


def test_the_page_has_every_op_and_its_links_lead_somewhere():
    text = page()
    headings = re.findall(r"^### (\w+)$", text, re.MULTILINE)
    assert sorted(headings) == sorted(op.name for op in OPS)
    assert set(re.findall(r"\]\(#(\w+)\)", text)) == set(headings)
    assert all(f"`{op.name}(" in text for op in book() if op.kind == "constant")


def test_the_page_says_what_is_kept_where_it_holds_and_what_is_taken_at_kinks():
    articles = dict(re.findall(r"^### (\w+)\n(.*?)(?=^##|\Z)", page(), re.MULTILINE | re.DOTALL))
    assert "keeps `y` · tested for 0.2 ≤ `x` ≤ 3" in articles["sqrt"]
    assert "keeps nothing" in articles["add"]
    assert "at x = 0: ∂y/∂x = 0\n" in articles["relu"]
    assert "shown for `x` (2, 3), `y` (3, 2), `shape=(3, 2)`" in articles["reshape"]
    assert "by σ(−x) = 1 − σ(x)" in articles["sigmoid"]
    assert r"1\[x > 0\]; 0 at x = 0." in articles["relu"]  # no link


def test_the_plots_are_current():
    drawn = {f"{op.name}.svg": plot(op) for op in book() if plotted(op)}
    assert {path.name for path in PAGE.with_suffix("").iterdir()} == drawn.keys()
    for name, text in drawn.items():
        old = (PAGE.with_suffix("") / name).read_text(encoding="utf-8")
        assert re.sub(r"[\d.]+", "", old) == re.sub(r"[\d.]+", "", text), name
        pairs = zip(re.findall(r"\d+\.?\d*", old), re.findall(r"\d+\.?\d*", text), strict=True)
        assert all(abs(float(a) - float(b)) < 0.11 for a, b in pairs), name  # a last digit may be rounded elsewise on another machine


def curves(op):
    """What a plot shows, in its own numbers: between the extremes of what is drawn, with 0."""
    root = ET.fromstring(plot(op))
    return {colour: [np.array([p.split(",") for p in line.get("points").split()], float)
                     for line in root.iter("{http://www.w3.org/2000/svg}polyline") if line.get("stroke") == colour]
            for colour in ("#0072B2", "#D55E00")}  # fmt: skip


def test_a_plot_shows_the_value_and_the_derivative():
    (value,), (derivative,) = curves(TABLE["sinh"]).values()
    x = np.linspace(-3, 3, 49)
    high, low = np.cosh(3), -np.sinh(3)
    for points, y in ((value, np.sinh(x)), (derivative, np.cosh(x))):
        np.testing.assert_allclose(points[:, 0], 30 + (x + 3) / 6 * 184, atol=0.06)
        np.testing.assert_allclose(points[:, 1], 126 - (y - low) / (high - low) * 110, atol=0.06)


def test_a_plot_shows_a_jump_and_the_derivative_taken_there():
    left, right = curves(TABLE["relu"])["#D55E00"]
    assert set(left[:, 1]) == {126.0}
    assert len(set(right[:, 1])) == 1
    assert right[0, 1] < 126
    assert '<circle cx="122.0" cy="126.0"' in plot(TABLE["relu"])


def test_plots_are_small():
    assert max(path.stat().st_size for path in PAGE.with_suffix("").iterdir()) < 6000


def test_the_book_has_the_house_s_ops_only():
    @elementwise(lambda x: 2 * x)
    def visitor(x, /):
        return x * x

    try:
        assert "visitor" in TABLE
        assert visitor not in book()
    finally:
        del TABLE["visitor"]
