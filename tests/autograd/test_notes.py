"""The derivations that the engine reproduces, one test for each: by hand, by backward(), and by differences.

Notation: row vectors, Z = A W + b; ⊙ is the elementwise product; g = ∂L/∂y is what arrives at y.
"""

import numpy as np
import pytest

from autograd import Tensor
from autograd.ops import cross_entropy, leaky_relu, log, log_softmax, logsumexp, relu, sigmoid, softmax, tanh


def pulled_back(f, *arrays):
    """∂f/∂a for each array, by backward()."""
    leaves = [Tensor(a, requires_grad=True) for a in arrays]
    f(*leaves).backward()
    return [leaf.grad.data for leaf in leaves]


def differences(f, *arrays, h=1e-4):
    """∂f/∂a for each array, entry by entry, by four points; wrong by about h⁴."""
    slopes = [np.empty(a.shape) for a in arrays]
    for k, slope in enumerate(slopes):
        for place in np.ndindex(slope.shape):
            at = lambda s, k=k, place=place: f(*(moved(a, place, s * h) if j == k else a for j, a in enumerate(arrays)))
            slope[place] = (8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * h)
    return slopes


def moved(a, place, by):
    b = a.copy()
    b[place] += by
    return b


def complex_step(f, x, h=1e-30):
    """f'(x) = Im f(x + ih)/h: no difference is taken, so no digit is lost."""
    return f(x + 1j * h).imag / h


def assert_agree(f, arrays, formulas):
    for by_backward, by_hand, by_differences in zip(pulled_back(f, *arrays), formulas, differences(f, *arrays), strict=True):
        np.testing.assert_allclose(by_backward, by_hand, rtol=1e-12, atol=1e-14)
        np.testing.assert_allclose(by_backward, by_differences, rtol=1e-9, atol=1e-9)


def probabilities(z):
    """softmax(z)ᵢ = e^{zᵢ} / Σⱼ e^{zⱼ} in NumPy, for the formulas by hand."""
    return np.exp(z) / np.exp(z).sum(-1, keepdims=True)


X = np.linspace(-6, 6, 24)
ONE_HOT = np.eye(3)[[2, 0, 1, 0, 2]]  # five examples, three classes


# the sigmoid, its lemma, softmax and cross-entropy


def test_1_the_sigmoid():
    """σ(x) = 1/(1+e⁻ˣ);  σ'(x) = e⁻ˣ/(1+e⁻ˣ) · 1/(1+e⁻ˣ) = σ(−x) σ(x) = σ(x) (1 − σ(x))."""
    by_hand = np.exp(-X) / (1 + np.exp(-X)) / (1 + np.exp(-X))
    assert_agree(lambda x: sigmoid(x).sum(), [X], [by_hand])
    for form in sigmoid(-X) * sigmoid(X), sigmoid(X) * (1 - sigmoid(X)), complex_step(lambda x: 1 / (1 + np.exp(-x)), X):
        np.testing.assert_allclose(form, by_hand, rtol=1e-12)


def test_2_lemma_a():
    """σ(−x) = 1/(1+eˣ) = 1 − σ(x); at x = 40 the right form has lost every digit, the left one none."""
    np.testing.assert_allclose(sigmoid(-X), 1 - sigmoid(X), rtol=1e-13)
    (left,), (right,) = pulled_back(lambda x: sigmoid(-x).sum(), X), pulled_back(lambda x: (1 - sigmoid(x)).sum(), X)
    np.testing.assert_allclose(left, right, rtol=1e-13)
    assert 1 - sigmoid(40.0) == 0
    np.testing.assert_allclose(sigmoid(-40.0), np.exp(-40), rtol=1e-15)


@pytest.mark.parametrize("k", range(3))
def test_3_cross_entropy_of_softmax(rng, k):
    """CE(y, ŷ) = −Σᵢ yᵢ log ŷᵢ with ŷ = softmax(θ), y one-hot at k:  ∂CE/∂θ_k = ŷ_k − 1, ∂CE/∂θᵢ = ŷᵢ otherwise: ŷ − y."""
    theta, y = rng.standard_normal(3), np.eye(3)[k]
    y_hat = probabilities(theta)
    by_cases = np.array([y_hat[i] - 1 if i == k else y_hat[i] for i in range(3)])
    np.testing.assert_array_equal(by_cases, y_hat - y)
    for cost in lambda t: -(y * log(softmax(t))).sum(), lambda t: -(y * log_softmax(t)).sum(), lambda t: cross_entropy(t, np.array(k)):
        assert_agree(cost, [theta], [by_cases])


@pytest.mark.parametrize("j", range(4))
def test_4_lemma_b_the_softmax_jacobian(rng, j):
    """∂S_j/∂θᵢ = Sᵢ (1 − S_j) for i = j, −Sᵢ S_j otherwise: row j of diag(S) − Sᵀ S."""
    theta = rng.standard_normal((1, 4))
    S = probabilities(theta)
    assert_agree(lambda t: softmax(t)[0, j], [theta], [(np.diagflat(S) - S.T @ S)[j : j + 1]])


# two layers without biases, 3 → 4 → 3


@pytest.fixture
def two_layers(rng):
    """I (5 × 3), W⁽⁰⁾ (3 × 4), W⁽¹⁾ (4 × 3)."""
    return [rng.standard_normal(shape) for shape in ((5, 3), (3, 4), (4, 3))]


def cost_of_two_layers(I, W0, W1):  # noqa: E741  # the input, as written
    return -(ONE_HOT * log_softmax(relu(I @ W0) @ W1)).sum()


def test_5_two_layers_forward(two_layers):
    """h_j = Σᵢ W⁽⁰⁾ᵢⱼ Iᵢ, o_j = Σᵢ W⁽¹⁾ᵢⱼ ReLU(h)ᵢ, o = dot(act(h), W⁽¹⁾); without act the network is linear."""
    I, W0, W1 = two_layers  # noqa: E741
    for row, o in zip(I, relu(Tensor(I) @ W0) @ W1, strict=True):
        h = [sum(W0[i, j] * row[i] for i in range(3)) for j in range(4)]
        np.testing.assert_allclose(o.data, [sum(W1[i, j] * max(0, h[i]) for i in range(4)) for j in range(3)], rtol=1e-13)
    straight, bent = (lambda x: x @ W0 @ W1), (lambda x: relu(x @ W0) @ W1)
    np.testing.assert_allclose(straight(I[0] + I[1]), straight(I[0]) + straight(I[1]), rtol=1e-12)
    assert not np.allclose(bent(I[0] + I[1]), bent(I[0]) + bent(I[1]))


def test_6_learning_lowers_the_cost(two_layers):
    """softmax(z)ᵢ = e^{zᵢ} / Σⱼ e^{zⱼ}, cost = −Σⱼ yⱼ log predⱼ; from random W⁽⁰⁾, W⁽¹⁾, steps against both gradients reduce the cost."""
    I, W0, W1 = two_layers  # noqa: E741
    np.testing.assert_allclose(softmax(I), probabilities(I), rtol=1e-14)
    costs = []
    for _ in range(500):
        costs.append(cost_of_two_layers(I, W0, W1))
        _, d0, d1 = pulled_back(cost_of_two_layers, I, W0, W1)
        W0, W1 = W0 - 0.01 * d0, W1 - 0.01 * d1
    assert (np.diff(costs) < 0).all()
    assert costs[-1] < costs[0] / 2


def test_7_and_8_two_layers_backward(two_layers):
    """With z₁ = I W⁽⁰⁾, z₂ = ReLU(z₁) W⁽¹⁾:

    ∂cost/∂W⁽¹⁾ = ReLU(z₁)ᵀ (softmax(z₂) − true),
    ∂cost/∂W⁽⁰⁾ = Iᵀ [ (softmax(z₂) − true) W⁽¹⁾ᵀ ⊙ 1[z₁ > 0] ].
    """
    I, W0, W1 = two_layers  # noqa: E741
    z1 = I @ W0
    residual = probabilities(np.maximum(z1, 0) @ W1) - ONE_HOT
    dz1 = residual @ W1.T * (z1 > 0)
    assert_agree(cost_of_two_layers, two_layers, [dz1 @ W0.T, I.T @ dz1, np.maximum(z1, 0).T @ residual])


# the gradient with respect to the input, through a sigmoid layer with biases


@pytest.mark.parametrize("k", range(3))
def test_9_the_log_sum_exp_route(rng, k):
    """J = −(θ_k − log Σⱼ e^{θⱼ}):  ∂J/∂θ_k = softmax(θ)_k − 1, ∂J/∂θᵢ = ŷᵢ otherwise: again ŷ − y."""
    theta = rng.standard_normal(3)
    assert_agree(lambda t: -(t[k] - logsumexp(t)), [theta], [probabilities(theta) - np.eye(3)[k]])


def test_10_the_gradient_of_the_input(rng):
    """θ = h W₂ + b₂, h = σ(z), z = x W₁ + b₁:  ∂J/∂x = [ (ŷ − y) W₂ᵀ ⊙ σ(z) ⊙ (1 − σ(z)) ] W₁ᵀ."""
    x, W1, b1, W2, b2 = (rng.standard_normal(shape) for shape in ((5, 2), (2, 4), (4,), (4, 3), (3,)))
    h = 1 / (1 + np.exp(-(x @ W1 + b1)))
    dz = (probabilities(h @ W2 + b2) - ONE_HOT) @ W2.T * h * (1 - h)
    assert_agree(lambda x: -(ONE_HOT * log(softmax(sigmoid(x @ W1 + b1) @ W2 + b2))).sum(), [x], [dz @ W1.T])
    assert_agree(lambda h: (h @ W2 + b2)[0, 1], [h], [np.eye(5)[:, :1] @ W2.T[1:2]])  # ∂θᵢ/∂h_j = W₂[j, i]


# elementary activations, then three layers


@pytest.mark.parametrize(
    ("activation", "slope", "in_numpy"),
    [
        pytest.param(relu, lambda x: np.where(x > 0, 1.0, 0.0), None, id="relu"),
        pytest.param(lambda x: leaky_relu(x, 0.1), lambda x: np.where(x > 0, 1.0, 0.1), None, id="leaky relu"),
        pytest.param(sigmoid, lambda x: sigmoid(x) * (1 - sigmoid(x)), lambda x: 1 / (1 + np.exp(-x)), id="sigmoid"),
        pytest.param(tanh, lambda x: 4 / (np.exp(x) + np.exp(-x)) ** 2, np.tanh, id="tanh"),
        pytest.param(tanh, lambda x: 1 - np.tanh(x) ** 2, np.tanh, id="tanh, from its value"),
    ],
)
def test_11_activations(activation, slope, in_numpy):
    """max(0, x)' = 1[x > 0];  max(αx, x)' = 1 for x > 0, α for x < 0;  σ' = σ(1−σ);  tanh' = 4/(eˣ+e⁻ˣ)² = 1 − tanh²."""
    x = X / 2
    assert_agree(lambda x: activation(x).sum(), [x], [slope(x)])
    if in_numpy:
        np.testing.assert_allclose(complex_step(in_numpy, x), slope(x), rtol=1e-12)


@pytest.fixture
def three_layers(rng):
    """X (5 × 2), W₁ (2 × 4), b₁, W₂ (4 × 4), b₂, W₃ (4 × 3), b₃."""
    return [rng.standard_normal(shape) for shape in ((5, 2), (2, 4), (4,), (4, 4), (4,), (4, 3), (3,))]


def steps_of_three_layers(X, W1, b1, W2, b2, W3, b3):
    """Z₁ = X W₁ + b₁, A₁ = ReLU(Z₁), Z₂ = A₁ W₂ + b₂, A₂ = ReLU(Z₂), Z₃ = A₂ W₃ + b₃, ŷ = softmax(Z₃), L = −Σᵢ yᵢ log ŷᵢ."""
    Z1 = X @ W1 + b1
    A1 = relu(Z1)
    Z2 = A1 @ W2 + b2
    A2 = relu(Z2)
    Z3 = A2 @ W3 + b3
    y_hat = softmax(Z3)
    return Z1, A1, Z2, A2, Z3, y_hat, -(ONE_HOT * log(y_hat)).sum()


def test_12_three_layers_forward(three_layers):
    """Z₁ = XW₁+b₁, A₁ = ReLU(Z₁), Z₂ = A₁W₂+b₂, A₂ = ReLU(Z₂), Z₃ = A₂W₃+b₃, ŷ = softmax(Z₃), L = CCE(y, ŷ) = −Σᵢ yᵢ log ŷᵢ."""
    X, W1, b1, W2, b2, W3, b3 = three_layers
    total = 0.0
    for row, true in zip(X, ONE_HOT, strict=True):
        a1 = [max(0, sum(row[i] * W1[i, j] for i in range(2)) + b1[j]) for j in range(4)]
        a2 = [max(0, sum(a1[i] * W2[i, j] for i in range(4)) + b2[j]) for j in range(4)]
        z3 = [sum(a2[i] * W3[i, j] for i in range(4)) + b3[j] for j in range(3)]
        y_hat = [np.exp(z) / sum(np.exp(z3)) for z in z3]
        total -= sum(y * np.log(p) for y, p in zip(true, y_hat, strict=True))
    np.testing.assert_allclose(steps_of_three_layers(*map(Tensor, three_layers))[-1].data, total, rtol=1e-13)


def test_13_to_15_three_layers_backward(three_layers):
    """From the loss back, each step the chain rule on the one before:

    13. ∂L/∂ŷᵢ = −yᵢ/ŷᵢ, and ∂L/∂z_r = Σᵢ (∂L/∂ŷᵢ)(∂ŷᵢ/∂z_r) = ŷ_r Σᵢ yᵢ − y_r = ŷ_r − y_r: ŷ_r − 1 for the true class, ŷ_r for the others.
    14. ∂L/∂W₃ = A₂ᵀ ∂L/∂Z₃, ∂L/∂b₃ = Σ_rows ∂L/∂Z₃, ∂L/∂A₂ = ∂L/∂Z₃ W₃ᵀ.
    15. ∂L/∂Z₂ = ∂L/∂A₂ ⊙ 1[Z₂ > 0], and the same step again for W₂, b₂, A₁, Z₁, W₁, b₁.
    """
    leaves = [Tensor(a, requires_grad=True) for a in three_layers]
    steps = steps_of_three_layers(*leaves)
    for step in steps[:-1]:
        step.retain_grad()
    steps[-1].backward()

    X, W1, _, W2, _, W3, _ = three_layers
    Z1, A1, Z2, A2, _, y_hat = (step.data for step in steps[:-1])
    d_y_hat = -ONE_HOT / y_hat
    jacobian = np.eye(3) * y_hat[:, :, None] - y_hat[:, :, None] * y_hat[:, None, :]  # [n, i, r] = ∂ŷᵢ/∂z_r of example n
    dZ3 = y_hat - ONE_HOT
    np.testing.assert_allclose(np.einsum("ni,nir->nr", d_y_hat, jacobian), dZ3, rtol=1e-12)
    dA2 = dZ3 @ W3.T
    dZ2 = dA2 * (Z2 > 0)
    dA1 = dZ2 @ W2.T
    dZ1 = dA1 * (Z1 > 0)
    by_hand = [dZ1 @ W1.T, X.T @ dZ1, dZ1.sum(0), A1.T @ dZ2, dZ2.sum(0), A2.T @ dZ3, dZ3.sum(0)]  # X, W₁, b₁, W₂, b₂, W₃, b₃
    for step, wanted in zip(steps[:-1], (dZ1, dA1, dZ2, dA2, dZ3, d_y_hat), strict=True):
        np.testing.assert_allclose(step.grad.data, wanted, rtol=1e-11, atol=1e-14)
    for leaf, wanted in zip(leaves, by_hand, strict=True):
        np.testing.assert_allclose(leaf.grad.data, wanted, rtol=1e-11, atol=1e-14)
    assert_agree(lambda *arrays: steps_of_three_layers(*arrays)[-1], three_layers, by_hand)
