"""Steps whose numbers decide the dtype or the shape of what they give: compiled code notices, and the function runs as Python."""

import warnings

import numpy as np
import pytest

import autograd.scipy.linalg as sla
from autograd import Tensor, grad, jit
from autograd.extend import defvjp, primitive
from autograd.op import TABLE

from .backends import BACKENDS, assert_equal

REAL, TURN = np.array([[2.0, 0.5], [0.1, 1.0]]), np.array([[0.3, -1.0], [2.0, 0.1]])  # of real and of complex eigenvalues


@pytest.fixture(params=BACKENDS[1:])
def emitter(request):
    """A backend that writes code."""
    return request.param


@primitive
def root(x):
    """√x, real where it can be."""
    return np.emath.sqrt(x)


defvjp(root, lambda ans, x: lambda g: np.real(g / (2 * ans)))


@primitive
def positive(x):
    """Those above 0."""
    return x[x > 0]


@primitive
def parts(x):
    """One array, or two."""
    return (x, x) if x[0] > 0 else (x, x, x)


@primitive
def half(n):
    """An int or a float, of Python."""
    return n // 2 if n % 2 == 0 else float(n) / 2


for name in ("root", "positive", "parts", "half"):
    TABLE.pop(name)  # which other tests go through


def loss_of_eig(A):
    values, vectors = np.linalg.eig(A)
    return (np.abs(values - 1) ** 2).sum() + (np.abs(vectors) ** 4).sum()


def of_tensors(A):
    x = Tensor(A, requires_grad=True)
    loss_of_eig(x).backward()
    return x.grad


CASES = {
    "the spectral radius": (lambda A: np.abs(np.linalg.eigvals(A)).max(), REAL, TURN),
    "real parts": (lambda A: np.linalg.eigvals(A).real.max(), REAL, TURN),
    "conjugates": (lambda A: np.conj(np.linalg.eigvals(A)), REAL, TURN),
    "astype": (lambda A: np.linalg.eigvals(A).astype(complex) * 1j, REAL, TURN),
    "what is asked of the dtype": (lambda A: (np.linalg.eigvals(A).sum(), np.iscomplexobj(np.linalg.eigvals(A))), REAL, TURN),
    "eigenvectors": (lambda A: tuple(np.linalg.eig(A)), REAL, TURN),
    "the gradient of eigenvalues": (grad(lambda A: (np.abs(np.linalg.eigvals(A)) ** 3).sum()), REAL, TURN),
    "the gradient of eig": (grad(loss_of_eig), REAL, TURN),
    "Tensors": (of_tensors, REAL, TURN),
    "roots": (np.roots, np.array([1.0, 3.0, 1.0]), np.array([1.0, 1.0, 1.0])),
    "fewer roots": (np.roots, np.array([1.0, 3.0, 1.0]), np.array([0.0, 3.0, 1.0])),
    "how many roots": (lambda p: p * len(np.roots(p)), np.array([1.0, 3.0, 1.0]), np.array([0.0, 3.0, 1.0])),
    "the gradient of roots": (grad(lambda p: (np.abs(np.roots(p)) ** 3).sum()), np.array([1.0, 3.0, 1.0]), np.array([1.0, 1.0, 1.0])),
    "sqrtm": (sla.sqrtm, REAL, -REAL),
    "the gradient of sqrtm": (grad(lambda A: (np.abs(sla.sqrtm(A)) ** 2).sum()), REAL, -REAL),
    "logm": (sla.logm, REAL, -REAL),
    "a primitive": (lambda x: root(x).real, np.array([1.0, 4.0]), np.array([-1.0, 4.0])),
    "the gradient of a primitive": (grad(lambda x: (np.abs(root(x)) ** 4).sum()), np.array([1.0, 4.0]), np.array([-1.0, 4.0])),
    "the shape of a primitive": (positive, np.array([1.0, 4.0]), np.array([-1.0, 4.0])),
    "a single value of a primitive": (lambda x: positive(x) + np.zeros(2), np.array([1.0, 4.0]), np.array([-1.0, 4.0])),
    "the parts of a primitive": (lambda x: parts(x)[0] * 2, np.array([1.0, 4.0]), np.array([-1.0, 4.0])),
    "a number of a primitive": (half, np.int64(4), np.int64(5)),
    "Python's power": (lambda x: np.abs(np.real(x**0.5)) + np.zeros(1), 4.0, -4.0),
    "a rank": (lambda A: np.linalg.lstsq(A, np.ones(3)), np.eye(3, 2), np.ones((3, 2))),
    "the gradient of a product": (grad(lambda x: (np.polymul(x, x[:2]) ** 2).sum()), np.array([1.0, 2.0, 3.0]), np.array([0.0, 2.0, 3.0])),
}


@pytest.mark.parametrize("order", [1, -1], ids=["", "the other first"])
@pytest.mark.parametrize("case", CASES)
def test_what_the_numbers_decide_is_as_in_eager_code(case, order, emitter):
    function, *args = CASES[case]
    args = args[::order]
    compiled = jit(function, backend=emitter)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        assert_equal(compiled(args[0]), function(args[0]))
        assert not told
        for arg in (args[1], args[0], args[1]):
            assert_equal(compiled(arg), function(arg))
    assert len(told) == 1
    assert "runs as Python: the numbers decide what" in str(told[0].message)
    assert told[0].filename == __file__


def test_nothing_is_written_and_nothing_drawn_before_it_runs_as_python(emitter):
    def run(compiled):
        rng, other = np.random.default_rng(0), np.random.default_rng(1)
        t, u = Tensor(np.zeros(2), name="t"), Tensor(np.zeros(2), name="u")

        def step(A):
            t.data += rng.normal(size=2)
            y = np.abs(np.linalg.eigvals(A * other.uniform(1, 2)))
            u.data += t.data * y
            return y + rng.random()

        call = jit(step, backend=emitter) if compiled else step
        return [(call(A), t.data.copy(), u.data.copy()) for A in (REAL, TURN, REAL, TURN)]

    with pytest.warns(UserWarning, match="the numbers decide what eig gives: complex128, but float64 when it was compiled"):
        found = run(compiled=True)
    assert_equal(found, run(compiled=False))


def test_a_step_is_looked_at_even_if_only_its_shape_is_used(emitter):
    compiled = jit(lambda p: p * np.roots(p).size, backend=emitter)
    compiled(np.array([1.0, 3.0, 1.0]))
    with pytest.warns(UserWarning, match=r"what roots gives: another shape than when it was compiled, \(2,\)"):
        np.testing.assert_array_equal(compiled(np.array([0.0, 3.0, 1.0])), [0.0, 3.0, 1.0])


def test_what_is_regular_is_not_looked_at():
    compiled = jit(lambda A: np.linalg.inv(A) @ np.linalg.svd(A)[0] + np.linalg.eigh(A)[0], backend="numpy")
    compiled(REAL)
    assert "as_traced" not in compiled.source()


x, y = np.linspace(0, 1, 6), np.array([0.3, -1.0, 0.2, 2.0, 0.1, 0.5])
FITS = {
    "lstsq": lambda y: np.linalg.lstsq(np.vander(x, 3), y),
    "lstsq without full rank": lambda y: np.linalg.lstsq(np.ones((6, 2)), y),
    "the gradient of lstsq": grad(lambda y: sum((a**2).sum() for a in np.linalg.lstsq(np.vander(x, 3), y)[:2])),
    "polyfit": lambda y: np.polyfit(x, y, 2),
    "polyfit with covariance": lambda y: np.polyfit(x, y, 2, cov=True),
    "the gradient of polyfit": grad(lambda y: (np.polyfit(x, y, 2) ** 2).sum()),
    "polymul": lambda y: np.polymul(y, x),
    "the gradient of polymul": grad(lambda y: (np.polymul(y, x) ** 2).sum()),
    "polydiv": lambda y: np.polydiv(y, x[1:3]),
    "the gradient of polydiv": grad(lambda y: sum((a**2).sum() for a in np.polydiv(y, x[1:3]))),
    "trim_zeros": lambda y: np.trim_zeros(y - y[0]),
    "real_if_close": lambda y: np.real_if_close(y + 1e-16j),
    "the gradient of real_if_close": grad(lambda y: (np.real_if_close(y + 1e-16j) ** 2).sum()),
}


@pytest.mark.parametrize("case", FITS)
def test_shapes_that_numbers_decide_are_mostly_the_same(case, emitter):
    compiled = jit(FITS[case], backend=emitter)
    for scale in (1.0, 2.0):
        assert_equal(compiled(y * scale), FITS[case](y * scale), size=1)
