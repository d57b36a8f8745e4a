"""The notes, derived by `explain`: each formula is theirs, its value that of the formula by hand and of `backward()`."""

import numpy as np
import pytest

from autograd import explain, ops

ONE_HOT = np.eye(3)[[2, 0, 1, 0, 2]]


def probabilities(z):
    return np.exp(z) / np.exp(z).sum(-1, keepdims=True)


def assert_derived(derivation, name, formula, value):
    """The line of `name` ends with the formula of the notes, which has this value; and every line agrees with `backward()`."""
    line = derivation[name]
    assert line.text.endswith(formula), line.text
    np.testing.assert_allclose(line.full.data, value, rtol=1e-10, atol=1e-13)
    np.testing.assert_allclose(line.step.data, value, rtol=1e-10, atol=1e-13)
    np.testing.assert_allclose(line.gradient, value, rtol=1e-10, atol=1e-13)
    assert all(line.agrees for line in derivation)


def test_1_and_2_the_sigmoid_and_its_lemma():
    x = 0.8
    s = 1 / (1 + np.exp(-x))
    d = explain(ops.sigmoid, x)
    assert_derived(d, "x", "∂y/∂x = σ(x) (1 − σ(x))", s * (1 - s))
    assert d.lemmas == ["σ(−x) = 1 − σ(x)"]
    by_hand = explain(lambda x: 1 / (1 + np.exp(-x)), x)
    assert_derived(by_hand, "x", "e⁻ˣ/(1 + e⁻ˣ)²", s * (1 - s))


def one_hot_route(theta):
    y_hat = ops.softmax(theta)
    return -(y * ops.log(y_hat)).sum()


def log_sum_exp_route(theta):
    return -(theta[1] - ops.logsumexp(theta))


def quotient_route(theta):
    e = np.exp(theta)
    S = e.sum()
    y_hat = e / S
    return -(y * np.log(y_hat)).sum()


y = np.eye(3)[1]


@pytest.mark.parametrize(
    ("route", "formula"),
    [
        pytest.param(one_hot_route, "ŷ − y", id="softmax, log, sum"),
        pytest.param(log_sum_exp_route, "softmax(θ) − e₁", id="log-sum-exp"),
        pytest.param(quotient_route, "ŷ − y", id="exp, sum, divide"),
    ],
)
def test_3_and_9_the_three_routes(rng, route, formula):
    theta = rng.standard_normal(3)
    assert_derived(explain(route, theta), "theta", f"= {formula}", probabilities(theta) - y)


def test_4_lemma_b_the_softmax_jacobian(rng):
    def softmax(theta):
        S = ops.softmax(theta)
        return S  # noqa: RET504  # the name is what is looked for

    theta = rng.standard_normal(4)
    S = probabilities(theta)
    line = explain(softmax, theta)["θᵢ"]
    assert line.text == "∂Sⱼ/∂θᵢ = Sᵢ (δᵢⱼ − Sⱼ) = {Sᵢ (1 − Sᵢ) if i = j; −Sᵢ Sⱼ if i ≠ j}"
    (same, _), (other, _) = line.cases
    np.testing.assert_allclose(same.data, S[3] * (1 - S[3]))
    np.testing.assert_allclose(other.data, -S[0] * S[3])


def test_5_to_8_two_layers(rng):
    true = ONE_HOT

    def cost(I, W0, W1):  # noqa: E741  # the input, as written
        z1 = I @ W0
        z2 = ops.relu(z1) @ W1
        return -(true * ops.log_softmax(z2)).sum()

    I, W0, W1 = (rng.standard_normal(shape) for shape in ((5, 3), (3, 4), (4, 3)))  # noqa: E741
    d = explain(cost, I, W0, W1)
    z1 = I @ W0
    residual = probabilities(np.maximum(z1, 0) @ W1) - true
    assert_derived(d, "z2", "softmax(z₂) − true", residual)
    assert_derived(d, "W1", "ReLU(z₁)ᵀ (softmax(z₂) − true)", np.maximum(z1, 0).T @ residual)
    assert_derived(d, "W0", "Iᵀ ((softmax(z₂) − true) W₁ᵀ ⊙ 1[z₁ > 0])", I.T @ (residual @ W1.T * (z1 > 0)))
    assert "Σ true = 1" in d.lemmas
    assert d.text.splitlines()[:3] == ["z₁ = I W₀", "z₂ = ReLU(z₁) W₁", "cost = −Σ true ⊙ log softmax(z₂)"]


def test_10_the_gradient_of_the_input(rng):
    y = ONE_HOT

    def J(x, W1, b1, W2, b2):  # noqa: N802  # as written
        z = x @ W1 + b1
        theta = ops.sigmoid(z) @ W2 + b2
        y_hat = ops.softmax(theta)
        return -(y * ops.log(y_hat)).sum()

    x, W1, b1, W2, b2 = (rng.standard_normal(shape) for shape in ((5, 2), (2, 4), (4,), (4, 3), (3,)))
    h = 1 / (1 + np.exp(-(x @ W1 + b1)))
    by_hand = ((probabilities(h @ W2 + b2) - y) @ W2.T * h * (1 - h)) @ W1.T
    d = explain(J, x, W1, b1, W2, b2)
    assert_derived(d, "x", "((ŷ − y) W₂ᵀ ⊙ σ(z) ⊙ (1 − σ(z))) W₁ᵀ", by_hand)
    assert "σ(−x) = 1 − σ(x)" in d.lemmas


@pytest.mark.parametrize("x", [-0.7, 1.3])
@pytest.mark.parametrize(
    ("f", "formula", "slope"),
    [
        (ops.relu, "1[x > 0]", lambda x: float(x > 0)),
        (lambda x: ops.leaky_relu(x, 0.1), "{1 if x > 0; 0.1 otherwise}", lambda x: 1.0 if x > 0 else 0.1),
        (ops.sigmoid, "σ(x) (1 − σ(x))", lambda x: np.exp(-x) / (1 + np.exp(-x)) ** 2),
        (ops.tanh, "1 − tanh(x)²", lambda x: 4 / (np.exp(x) + np.exp(-x)) ** 2),
    ],
)
def test_11_activations(f, formula, slope, x):
    assert_derived(explain(f, x), "x", f"∂y/∂x = {formula}", slope(x))


def test_12_to_15_three_layers(rng):
    y = ONE_HOT

    def loss(X, W1, b1, W2, b2, W3, b3):
        Z1 = X @ W1 + b1
        A1 = ops.relu(Z1)
        Z2 = A1 @ W2 + b2
        A2 = ops.relu(Z2)
        Z3 = A2 @ W3 + b3
        y_hat = ops.softmax(Z3)
        L = -(y * ops.log(y_hat)).sum()
        return L  # noqa: RET504

    X, W1, b1, W2, b2, W3, b3 = arrays = [rng.standard_normal(s) for s in ((5, 2), (2, 4), (4,), (4, 4), (4,), (4, 3), (3,))]
    Z1 = X @ W1 + b1
    A1 = np.maximum(Z1, 0)
    Z2 = A1 @ W2 + b2
    A2 = np.maximum(Z2, 0)
    y_hat = probabilities(A2 @ W3 + b3)
    dZ3 = y_hat - y
    dA2 = dZ3 @ W3.T
    dZ2 = dA2 * (Z2 > 0)
    dA1 = dZ2 @ W2.T
    dZ1 = dA1 * (Z1 > 0)
    d = explain(loss, *arrays)
    assert_derived(d, "y_hat", "−y/ŷ", -y / y_hat)
    assert_derived(d, "Z3", "ŷ − y", dZ3)
    for name, step, value in [
        ("W3", "A₂ᵀ ∂L/∂Z₃", A2.T @ dZ3), ("b3", "Σ_rows ∂L/∂Z₃", dZ3.sum(0)), ("A2", "∂L/∂Z₃ W₃ᵀ", dA2), ("Z2", "∂L/∂A₂ ⊙ 1[Z₂ > 0]", dZ2),
        ("W2", "A₁ᵀ ∂L/∂Z₂", A1.T @ dZ2), ("b2", "Σ_rows ∂L/∂Z₂", dZ2.sum(0)), ("A1", "∂L/∂Z₂ W₂ᵀ", dA1), ("Z1", "∂L/∂A₁ ⊙ 1[Z₁ > 0]", dZ1),
        ("W1", "Xᵀ ∂L/∂Z₁", X.T @ dZ1), ("b1", "Σ_rows ∂L/∂Z₁", dZ1.sum(0)), ("X", "∂L/∂Z₁ W₁ᵀ", dZ1 @ W1.T),
    ]:  # fmt: skip
        assert d[name].text.split(" = ")[1] == step
        assert_derived(d, name, "", value)
