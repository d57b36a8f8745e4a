"""Basic indices, compiled: what is read, written and added there, with derivatives to second order, is what eager ops give."""

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import grad, jit, make_hvp, ops
from autograd.op import TABLE

from .backends import BACKENDS, assert_equal

INDICES = {
    (3, 4): [
        1, -1, (0, 2), (-3, -4), (slice(None), 3), (2, slice(None)), (..., 0), (None, 1), (1, None, 2), (slice(None), None, -2),
        (None, ..., None), slice(0, 1), slice(-1, None), slice(None), (), ..., slice(None, None, -1), (slice(None, None, -2), 1),
        (slice(1, None), slice(None, None, 3)), (slice(0, 2), slice(1, 2)), (slice(None), slice(3, 0, -2)), slice(2, 2),
        (slice(5, 9), 0), np.int64(1), (slice(None), np.int32(-1)),
    ],
    (): [(), ..., None, (None, ..., None)],
    (1,): [0, -1, slice(None), slice(1, None), (None, 0)],
    (1, 4, 1): [0, (0, 2), (..., 0), (slice(None), 1), (slice(None), slice(None, None, -1)), (0, -1, 0)],
    (0, 4): [slice(None), (slice(None), 1), (..., slice(1, 3)), ()],
    (2, 3, 2): [(slice(None), 1), (1, slice(None), 0), (slice(None), slice(1, 2)), (..., None, 1), (slice(None), slice(0, 3, 2), 1)],
}  # fmt: skip
"""By the shape that is indexed."""
DTYPES = [np.float64, np.float32, np.complex128, np.float16, np.int64, np.int32, np.uint8, bool]


def filled(shape, dtype, start):
    """Numbers of either sign, zeros of either sign, NaN and infinity; so many of them that an array of a few has some."""
    kind = np.dtype(dtype).kind
    many = np.array([1.5, -0.0, np.nan, -2.5, 0.0, np.inf, 3.0, -np.inf, 0.25]) if kind in "fc" else np.array([3, 0, 7, 1, 100, 0, 2])
    y = many[(np.arange(np.prod(shape, dtype=int)) + start) % many.size].reshape(shape).astype(dtype)
    return y + 0.5j if kind == "c" else y


def assert_same_bits(found, wanted):
    """Nothing was computed with what was moved."""
    assert_equal(found, wanted)
    for name, y in wanted.items():
        if y.dtype.kind in "fc":
            np.testing.assert_array_equal(np.signbit(found[name].real), np.signbit(y.real), err_msg=name)


@pytest.mark.parametrize("dtype", DTYPES)
def test_what_is_read_written_and_added_at_a_place(dtype, backend):
    def function(arrays):
        found = {}
        for shape, indices in INDICES.items():
            for index in indices:
                x, values = arrays[shape], arrays[shape, repr(index)]
                name = f"{shape}[{index!r}]"
                found[f"read {name}"] = ops.getitem(x, index)
                found[f"written {name}"] = ops.setitem(x, values, index)
                found[f"spread {name}"] = ops.setitem(x, arrays["one"], index)
                found[f"added {name}"] = TABLE["add_at"](values, index, shape)
        return found

    def arrays(start):
        given = {shape: filled(shape, dtype, start) for shape in INDICES}
        return (
            {"one": filled((), dtype, start + 1)}
            | given
            | {(s, repr(i)): np.asarray(filled(given[s][i].shape, dtype, start + 3)) for s in INDICES for i in INDICES[s]}
        )

    compiled = jit(function, backend=backend)
    for start in range(3):
        assert_same_bits(compiled(arrays(start)), function(arrays(start)))
    assert not compiled.variants[0].reason


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.complex128])
def test_derivatives_of_what_is_read_and_written(dtype, backend):
    def loss(x, index):
        read = anp.sin(x[index]) * x[index]
        written = anp.cos(ops.setitem(x * 2, read, index)) * x
        return anp.real(anp.sum(written)) + anp.real(anp.sum(read**2))

    def function(arrays, tangents):
        found = {}
        for shape, indices in INDICES.items():
            for index in indices:
                of_it = lambda x, index=index: loss(x, index)
                found[f"first {shape}[{index!r}]"] = grad(of_it)(arrays[shape])
                found[f"second {shape}[{index!r}]"] = make_hvp(of_it)(arrays[shape])[0](tangents[shape])
        return found

    rng = np.random.default_rng(0)
    point, tangents, elsewhere = ({shape: np.asarray(rng.uniform(0.5, 1, shape), dtype) for shape in INDICES} for _ in range(3))
    compiled = jit(function, backend=backend)
    compiled(elsewhere, tangents)
    assert_equal(compiled(point, tangents), function(point, tangents))
    assert len(compiled.variants) == 1


def pendulum(y):
    return anp.stack([y[1], -anp.sin(y[0])])


def runge_kutta(y, f=pendulum, rounds=5, h=0.1):
    for _ in range(rounds):
        k1 = f(y)
        k2 = f(y + h / 2 * k1)
        k3 = f(y + h / 2 * k2)
        y = y + h / 6 * (k1 + 2 * k2 + 2 * k3 + f(y + h * k3))
    return y


def lotka_volterra(y):
    return anp.array([y[0] * (1.1 - 0.4 * y[1]), y[1] * (0.1 * y[0] - 0.4)])


def smoothed(x):
    """A recurrence over a row of numbers, and lags of it."""
    level, total = x[0], 0.0
    for t in range(1, 12):
        level = 0.7 * level + 0.3 * x[t]
        total = total + (x[t] - anp.tanh(level)) ** 2
    return total + sum(anp.sum(x[lag:] * x[:-lag]) / lag for lag in range(1, 4))


OVER_TIME = {
    "pendulum": (lambda y: anp.sum(runge_kutta(y)), np.array([1.0, 0.5])),
    "one of them": (lambda y: runge_kutta(y)[0], np.array([1.0, 0.5])),
    "Lotka-Volterra": (lambda y: anp.prod(runge_kutta(y, lotka_volterra)), np.array([10.0, 5.0])),
    "series": (smoothed, np.sin(np.arange(12.0) ** 2)),
}


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", OVER_TIME)
def test_what_is_written_element_by_element(name, dtype, backend):
    f, x = OVER_TIME[name]
    x = x.astype(dtype)

    def function(x, u):
        return f(x), grad(f)(x), make_hvp(f)(x)[0](u)

    compiled, u = jit(function, backend=backend), np.cos(np.arange(x.size, dtype=dtype))
    compiled(x * dtype(0.9), u)
    assert_equal(compiled(x, u), function(x, u), dtype=np.float32 if dtype == np.float32 else None, size=float(np.abs(x).max()) * 100)


@pytest.mark.skipif("native" not in BACKENDS, reason="llvmlite makes machine code")
def test_no_basic_index_is_left_to_numpy():
    def gradients(arrays):
        return [grad(lambda x, i=i: anp.sum(x[i] ** 2))(arrays[s]) for s in INDICES for i in INDICES[s]]

    arrays = {shape: np.ones(shape) for shape in INDICES}
    compiled = jit(gradients, backend="native")
    compiled(arrays)
    assert "by NumPy" not in compiled.source(arrays)
