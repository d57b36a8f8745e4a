"""Derivations: what they show, of what, and that it is right."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nn
from autograd import Tensor, draw, explain, ops, record
from autograd.op import TABLE, parameters
from autograd.symbol.algebra import multiplied_out, tidy
from autograd.symbol.lemmas import LEMMAS
from autograd.symbol.notation import in_tex, in_text
from autograd.symbol.symbol import name
from nn import functional as F


@pytest.mark.parametrize("lemma", LEMMAS, ids=[lemma.statement for lemma in LEMMAS])
def test_a_lemma_is_true(lemma):
    for sample in lemma.samples:
        left, right = lemma.left(*sample), lemma.right(*sample)
        np.testing.assert_allclose(left, np.broadcast_to(right, np.shape(left)), rtol=1e-12, atol=1e-15)


CASES = [(op, i, k) for op in TABLE.values() if op.kind != "constant" and op.name != "recompute" for k, i in enumerate(op.samples)]


@pytest.mark.parametrize(("op", "sample", "k"), CASES, ids=[f"{op.name}-{k}" for op, _, k in CASES])
def test_every_rule_of_the_table_is_shown_as_it_computes(op, sample, k, rng):
    def array(shape):
        return np.asarray(0.2 + 0.6 * rng.random(shape)) if isinstance(shape, tuple) and all(isinstance(n, int) for n in shape) else shape

    count = 1 if op.variadic else len(op.arguments)
    head, rest = sample.args[:count], sample.args[count:]
    slots = [array(a) for a in (head[0] if op.variadic else head)]
    leaves = [Tensor(a, requires_grad=True) if isinstance(a, np.ndarray) and a.dtype.kind == "f" and op.rule(i) is not None else a
              for i, a in enumerate(slots)]  # fmt: skip
    with record():
        y = op(*([tuple(leaves)] if op.variadic else leaves), *rest, **sample.options)
        parts = [part for part in (y if isinstance(y, tuple) else (y,)) if part.size and isinstance(part, Tensor) and part.requires_grad]
        if not parts:
            return
        loss = sum((ops.real(part * rng.standard_normal(part.shape).astype(part.dtype))).sum() for part in parts)
        loss.backward(retain_graph=True)
    d = explain(loss)
    assert d.complete
    assert all(line.agrees for line in d), [line for line in d if not line.agrees]
    assert d.tex
    assert d.text


def test_a_function_of_plain_numbers_needs_no_arguments():
    assert explain(lambda x: np.sin(x) / x, inner=False)["x"].text == "∂y/∂x = ∂y/∂(sin(x)) cos(x) − sin(x)/x² = cos(x)/x − sin(x)/x²"
    assert explain(lambda a, b: a * b + b**2)["b"].text == "∂y/∂b = 2 b + a"


def test_a_network_with_names_of_its_parameters(rng):
    model = nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Linear(4, 3))
    x, k = rng.standard_normal((5, 2)).astype(np.float32), np.array([2, 0, 1, 0, 2])
    loss = F.cross_entropy(model(x), k)
    d = explain(loss, names={**dict(model.named_parameters()), "x": x, "k": k})
    assert "∂L/∂W₀" in d["0.weight"].text
    assert "onehot(k)" in d.text
    assert d.text.count("/5") > 3  # the mean
    loss.backward()
    for path, parameter in model.named_parameters():
        np.testing.assert_allclose(d[path].full.data, parameter.grad.data, rtol=1e-4, atol=1e-7)
        assert d[path].agrees


def test_sums_at_a_fan_out():
    line = explain(lambda x: x * np.exp(x) + np.sin(x))["x"]
    assert line.text.endswith("= eˣ + x eˣ + cos(x)") or line.full.data == pytest.approx(line.gradient)


def test_drawing_and_explaining_change_nothing(rng):
    x = Tensor(rng.standard_normal(3), requires_grad=True, name="x")
    loss = (ops.tanh(x) * x).sum()
    before = str(draw(loss))
    explain(loss)
    assert str(draw(loss)) == before
    assert x.grad is None
    loss.backward()
    np.testing.assert_allclose(x.grad.data, np.tanh(x.data) + x.data * (1 - np.tanh(x.data) ** 2))


def test_a_freed_graph_is_explained_by_its_recorded_values(rng):
    x = Tensor(rng.standard_normal(3), requires_grad=True, name="x")
    with record():
        loss = (x * x * 3.0).sum()
        loss.backward()
    d = explain(loss)
    assert d["x"].agrees
    np.testing.assert_allclose(d["x"].full.data, 6 * x.data)


def test_what_was_not_recorded_is_not_called_compared(rng):
    x = Tensor(rng.standard_normal(3), requires_grad=True, name="x")
    loss = (ops.exp(x + np.array([1.0, 2.0, 3.0])) * 2.0).sum()
    loss.backward()
    del x
    d = explain(loss)
    assert d[0].agrees is None
    assert "not compared with backward()" in d.text


def test_numbers_on_request():
    d = explain(lambda x: x**2, np.float64(3.0), values=True)
    assert "6." in d.text
    assert r"\quad= 6" in d.tex


def test_a_chain_without_names_is_cut_into_steps():
    def f(x):
        for _ in range(60):
            x = np.sin(x)
        return x

    d = explain(f, 0.5)
    assert len(d) == 60
    assert all(line.full.length < 100 for line in d)


def test_values_that_happen_to_be_equal_are_no_number():
    line = explain(lambda a, b: ops.solve(a, b).sum(), 2 * np.eye(2), np.ones(2))["b"]
    assert "a⁻ᵀ" in line.text


def test_several_outputs():
    d = explain(lambda A: np.linalg.slogdet(A)[1], np.array([[2.0, 1.0], [0.5, 3.0]]))
    assert d["A"].agrees


@pytest.mark.parametrize("suffix", [".tex", ".md", ".txt"])
def test_it_is_saved_by_suffix(tmp_path, suffix):
    d = explain(lambda x: x**2)
    d.save(tmp_path / f"square{suffix}")
    assert "2" in (tmp_path / f"square{suffix}").read_text(encoding="utf-8")
    with pytest.raises(ValueError, match=r"got 'a.pdf', wanted a name that ends in .tex, .md or .txt"):
        d.save(tmp_path / "a.pdf")


@pytest.mark.parametrize("text", ["<script>", "a|b{c}<d>", "$x$", "\\end{aligned}", "x\x00y", "100%", "a_b^c", "\u202eabc", "x" * 10_000])
def test_a_name_is_literal_text(text):
    x = Tensor(2.0, requires_grad=True, name=text)
    d = explain(x * x)
    assert d._repr_mimebundle_().keys() == {"text/plain", "text/latex"}  # a notebook would prefer HTML to formulas
    assert "\\end{aligned}" not in d.tex.removesuffix("\\end{aligned}")
    assert d[text].full.data == 4


def test_wrong_calls_say_what_is_wanted():
    with pytest.raises(TypeError, match="wanted a Tensor, such as the loss, or a function"):
        explain(3.0)
    with pytest.raises(ValueError, match="does not require grad"):
        explain(Tensor(3.0))
    with pytest.raises(ValueError, match="wanted a loss of one value"):
        explain(Tensor([3.0, 4.0], requires_grad=True) * 2)
    with pytest.raises(ValueError, match="wanted a single number, or a vector"):
        explain(lambda A: A * 2, np.ones((2, 2)))
    with pytest.raises(TypeError, match="without a gradient"):
        explain(lambda x: 3.0, 1.0)
    with pytest.raises(KeyError, match="no value is called 'z' here; there are x"):
        explain(lambda x: x * x)["z"]


numbers = st.sampled_from([-2.0, -1.0, 0.5, 1.0, 3.0])


def expressions():
    x, y, z = (name(text, value) for text, value in (("x", np.array([0.7, 1.2])), ("y", np.array([1.5, -0.4])), ("z", np.array(2.0))))
    unary = [lambda a: -a, lambda a: a**2, ops.exp, ops.sigmoid, lambda a: ops.sum(a, keepdims=True), lambda a: ops.where(x > y, a, 0)]
    binary = [lambda a, b: a + b, lambda a, b: a - b, lambda a, b: a * b, lambda a, b: a / b]
    return st.recursive(
        st.sampled_from([x, y, z]) | numbers.map(lambda n: z * n),
        lambda inner: (
            st.tuples(st.sampled_from(unary), inner).map(lambda t: t[0](t[1]))
            | st.tuples(st.sampled_from(binary), inner, inner).map(lambda t: t[0](t[1], t[2]))
        ),
        max_leaves=8,
    )


@given(expressions())
def test_algebra_keeps_the_value(s):
    for form in tidy(s), multiplied_out(s):
        if np.isfinite(s.data).all() and np.abs(s.data).max() < 1e6:
            np.testing.assert_allclose(form.data, s.data, rtol=1e-6, atol=1e-6 * max(1, np.abs(s.data).max()))
        assert form.shape == s.shape


@given(expressions())
def test_notation_balances_its_brackets(s):
    text, tex = in_text(s), in_tex(s)
    assert text.count("(") == text.count(")")
    assert tex.count("{") == tex.count("}")


def test_rules_name_nothing_that_symbols_lack():
    assert {"g"} <= set(parameters(TABLE["softmax"].rules[0]))
