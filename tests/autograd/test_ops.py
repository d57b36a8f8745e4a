"""Every op in the table, and every property that an op must have: to exist is to be tested."""

import functools
import math
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import mutually_broadcastable_shapes

import autograd.misc.fixed_points  # noqa: F401  # its op joins the table
from autograd import Tensor, grad, make_jvp, make_vjp, ops
from autograd.op import TABLE, call
from autograd.test_util import check_grads

try:
    import scipy.integrate
    import scipy.linalg
    import scipy.signal
    import scipy.special

    from autograd.scipy import integrate, linalg, optimize, signal, special, stats  # noqa: F401  # their ops join the table
except ModuleNotFoundError:  # tests/scipy then says so, by a skip
    SCIPY = ()
else:
    SCIPY = (scipy.special, scipy.linalg)

DIFFERENTIABLE = [op for op in TABLE.values() if op.kind != "constant"]
ELEMENTWISE = [op for op in DIFFERENTIABLE if op.kind == "elementwise" and not op.samples]


def _erf(x):
    return np.vectorize(math.erf, otypes=[float])(x)


def _softmax(x, axis=-1):
    return np.exp(x) / np.exp(x).sum(axis, keepdims=True)


def _write(x, v, index):
    x[index] = v
    return x


def _recurrence(a, b):
    y = np.array(b)
    for i in range(1, len(y)):
        y[i] = a[i] * y[i - 1] + b[i]
    return y


def _add_along(x, indices, axis, shape):
    y = np.zeros(shape)
    for place in np.ndindex(x.shape):
        row, column = (indices[place], place[1]) if axis == 0 else (place[0], indices[place])
        y[row, column] += x[place]
    return y


def _convolve_stacks(a, b, axes, mode, method):
    return np.stack([
        np.stack([sum(scipy.signal.convolve(*pair, mode, "direct") for pair in zip(i, j, strict=True)) for j in b]) for i in a
    ]) if a.ndim == axes + 2 else np.stack([_convolve_stacks(part, b, axes, mode, method) for part in a])  # fmt: skip


def _filtered(x, b, a):
    y = []
    for t in range(len(x)):
        total = sum(b[k] * x[t - k] for k in range(min(len(b), t + 1))) - sum(a[k] * y[t - k] for k in range(1, min(len(a), t + 1)))
        y.append(total / a[0])
    return np.array(y)


@functools.partial(np.vectorize, otypes=[float])
def _gammainc_slope(a, x):
    """∂P/∂a as the integral that it is."""
    density = lambda u: np.exp(a * u - np.exp(u)) * (u - scipy.special.psi(a)) / scipy.special.gamma(a)
    return scipy.integrate.quad(density, np.log(x) - 40 / a, np.log(x), epsabs=0, epsrel=1e-12)[0]


@functools.partial(np.vectorize, otypes=[float])
def _betainc_slope(a, b, x):
    """∂I/∂a as the integral that it is, from 0 or from 1."""
    density = lambda u: np.exp(a * u) * (1 - np.exp(u)) ** (b - 1) * (u - scipy.special.psi(a) + scipy.special.psi(a + b))
    span = (np.log(x) - 40 / a, np.log(x)) if x < 1 else (0, 0)
    return scipy.integrate.quad(density, *span, epsabs=0, epsrel=1e-12)[0] / scipy.special.beta(a, b)


def _cofactors(x, a=None):
    """The determinants of what is left without a row and a column, with signs; with `a`, the derivative of that along a, by four points."""
    if a is not None:
        return (8 * (_cofactors(x + a / 8) - _cofactors(x - a / 8)) - _cofactors(x + a / 4) + _cofactors(x - a / 4)) * 8 / 12
    y = np.empty(x.shape)
    for i, j in np.ndindex(*x.shape[-2:]):
        y[..., i, j] = (-1) ** (i + j) * np.linalg.det(np.delete(np.delete(x, i, -2), j, -1))
    return y


# What each op means, in the plainest NumPy, where NumPy has no function of that name.
def _labelled(x, k, reduction="none", ignore_index=None):
    """−x at the label of each row, 0 for rows to ignore; and the sum, or the mean of the others."""
    kept = k != (-1 if ignore_index is None else ignore_index)
    y = np.where(kept, -np.take_along_axis(x, np.where(kept, k, 0)[..., None], -1)[..., 0], 0)[()]
    return {"none": y, "sum": y.sum(), "mean": y.sum() / max(np.sum(kept), 1)}[reduction]


MEANING = {
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "softplus": lambda x: np.log(1 + np.exp(x)),
    "finite": lambda x: x,
    "relu": lambda x: x * (x > 0),
    "leaky_relu": lambda x, alpha=0.01: np.maximum(alpha * x, x),
    "gelu": lambda x: x * (1 + _erf(x / np.sqrt(2))) / 2,
    "erf": _erf,
    "erfc": np.vectorize(math.erfc, otypes=[float]),
    "logsumexp": lambda x, axis=None, keepdims=False: np.log(np.exp(x).sum(axis, keepdims=keepdims)),
    "softmax": _softmax,
    "log_softmax": lambda x, axis=-1: np.log(_softmax(x, axis)),
    "cross_entropy": lambda z, *args, **options: _labelled(np.log(_softmax(z)), *args, **options),
    "nll_loss": _labelled,
    "softmax_minus_one_hot": lambda z, k: _softmax(z) - np.eye(z.shape[-1])[k],
    "astype": lambda x, dtype: x.astype(dtype),
    "linear": lambda x, W, b=None: x @ W.T + (0 if b is None else b),
    "getitem": lambda x, index: x[index],
    "add_at": lambda x, index, shape: np.bincount(
        np.arange(math.prod(shape)).reshape(shape)[index].ravel(), x.ravel(), math.prod(shape)
    ).reshape(shape),
    "setitem": lambda x, v, index: _write(x.copy(), v, index),
    "add_along_axis": _add_along,
    "recurrence": _recurrence,
    "einsum": lambda arrays, subscripts, optimize=False: np.einsum(subscripts, *arrays),
    "cofactors": lambda x: _cofactors(x),
    "second_cofactors": lambda x, a: _cofactors(x, a),
    "bessel_i": lambda x: np.i0(x),
    "kve_moment": lambda v, z: scipy.special.kve(v, z),
    "i_fall": lambda x: scipy.special.i0e(x),
    "elliptic_moment": lambda phi, m: scipy.special.ellipkinc(phi, m),
    "ellipem1": lambda p: scipy.special.ellipe(1 - p),
    "weighted_logsumexp": lambda a, b, axis=None, keepdims=False: (
        np.log(abs((b * np.exp(a)).sum(axis, keepdims=keepdims))),
        np.sign((b * np.exp(a)).sum(axis, keepdims=keepdims)),
    ),
    "polygamma_rise": lambda a, b: scipy.special.psi(a + b) - scipy.special.psi(a),
    "polygamma": lambda n, x: scipy.special.polygamma(n, x),  # of float32 float64
    "hurwitz": lambda x, q: scipy.special.zeta(x, q),
    "gamma_density": lambda a, x: x ** (a - 1) * np.exp(-x) / scipy.special.gamma(a),
    "beta_density": lambda a, b, x: x ** (a - 1) * (1 - x) ** (b - 1) / scipy.special.beta(a, b),
    "gammainc_slope": lambda a, x: _gammainc_slope(a, x),
    "betainc_slope": lambda a, b, x: _betainc_slope(a, b, x),
    "rearrange": lambda arrays, how: how(*arrays),
    "solve_banded": lambda ab, b, l_and_u: scipy.linalg.solve_banded(l_and_u, ab, b),
    "logm": lambda x: scipy.linalg.logm(x),  # of float32 with a warning
    "convolve_stacks": lambda *args: _convolve_stacks(*args),
    "lfilter": lambda b, a, x, axis=-1: np.apply_along_axis(_filtered, axis, x, b, a),
    "frechet": lambda x, e, of: scipy.linalg.expm_frechet(x, e, compute_expm=False),
    "quantile_of": lambda arrays, find, probability, slope: find(*arrays),
    "recompute": lambda arrays, segment: (np.sin(arrays[0]) * arrays[1], arrays[1] ** 2),
    "implicit": lambda arrays, equation: np.sin(arrays[0]) / (1 - arrays[1] / 8),
}


def numpy_twin(op):
    if op.name in MEANING:  # it is called in another way
        return None
    places = [np, np.linalg, np.fft, *SCIPY]
    if op.__module__.startswith("autograd.scipy"):  # its i0 is SciPy's
        places.reverse()
    return next((f for place in places if callable(f := getattr(place, op.name, None))), None)


class Case:
    """One call of an op: its `arrays`, those with a derivative, can be replaced; the rest stays as in the sample."""

    def __init__(self, op, sample):
        self.op, self.options = op, sample.options
        count = 1 if op.variadic else len(op.arguments)
        head, self.rest = sample.args[:count], sample.args[count:]
        self.slots = fill(head[0] if op.variadic else head, op.domain)
        real = [k for k, a in enumerate(self.slots) if isinstance(a, np.ndarray) and a.dtype.kind == "f"]
        self.places = [k for k in real if op.kind == "constant" or op.rule(k) is not None]
        self.arrays = [self.slots[k] for k in self.places]

    def __call__(self, *arrays, function=None):
        slots = list(self.slots)
        for k, a in zip(self.places, arrays, strict=True):
            slots[k] = a
        return (function or self.op)(*([tuple(slots)] if self.op.variadic else slots), *self.rest, **self.options)

    def project(self, *arrays):
        """Re ⟨v, op(…)⟩ for a fixed random v, summed over the outputs."""
        parts = outputs(self(*arrays))
        v = random_like(parts, np.random.default_rng(1))
        return sum(ops.real((part * direction.astype(part.dtype)).sum()) for part, direction in zip(parts, v, strict=True))

    def gradients_along(self, arrays):
        """The gradient of `project`, as a function of the tuple of arrays."""
        return grad(lambda x: self.project(*x))(arrays)

    def gradients(self, *arrays):
        leaves = [Tensor(a, requires_grad=True, copy=False) for a in arrays]
        self.project(*leaves).backward()
        return [leaf.grad for leaf in leaves]


def fill(shapes, domain=()):
    """Arrays of these shapes (what is no shape stays), in the domains: no two values alike, none near 0, so that no kink is met."""
    sizes = [math.prod(s) if isinstance(s, tuple) else 0 for s in shapes]
    steps = (np.random.default_rng(0).permutation(sum(sizes)) + 0.3) / max(sum(sizes), 1)
    parts = np.split(steps, np.cumsum(sizes)[:-1])
    bounds = [*domain, *[(-3, 3)] * len(shapes)]
    return [
        (lo + (hi - lo) * part).reshape(s) if isinstance(s, tuple) else s for part, (lo, hi), s in zip(parts, bounds, shapes, strict=False)
    ]


SHAPES = {"elementwise": [((2, 3), (3,), ()), ((3,), (), (2, 1)), ((),) * 3, ((1,),) * 3, ((0,),) * 3], "constant": [((2, 3), (3,))]}


def cases(op):
    if op.samples:
        return [Case(op, sample) for sample in op.samples]
    return [Case(op, call(*shapes[: len(op.arguments)])) for shapes in SHAPES.get(op.kind, [])]


def every(ops):
    return pytest.mark.parametrize("case", [pytest.param(c, id=f"{op.name}-{n}") for op in ops for n, c in enumerate(cases(op))])


def outputs(y):
    return y if isinstance(y, (tuple, list)) else (y,)


def assert_same(actual, wanted, strict=True, **tolerance):
    for a, w in zip(outputs(actual), outputs(wanted), strict=True):
        np.testing.assert_allclose(plain(a), plain(w), strict=strict, **tolerance)


def plain(a):
    return a.data if isinstance(a, Tensor) else np.asarray(a)


def slope(f, arrays, k, u, h=1e-4):
    """The derivative of f along u in argument k, by four points: wrong by about h⁴."""
    at = lambda s: f(*(a + s * h * u if j == k else a for j, a in enumerate(arrays)))
    return (8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * h)


def is_refused(case, arrays):
    """Whether NumPy refuses these arrays, as its linear algebra does float16, or a matrix that it can't decompose; then the op must too."""
    try:
        case(*arrays, function=numpy_twin(case.op) or case.op)
    except (TypeError, np.linalg.LinAlgError) as error:
        with pytest.raises(type(error)):
            case(*map(Tensor, arrays))
        return True
    return False


def assert_gradients_are_slopes(case, rng):
    for k, (a, g) in enumerate(zip(case.arrays, case.gradients(*case.arrays), strict=True)):
        u = rng.choice([-1.0, 1.0], a.shape)
        np.testing.assert_allclose(
            (g.data * u).sum(), slope(case.project, case.arrays, k, u), rtol=1e-10, atol=1e-10, err_msg=f"argument {k}"
        )


# to exist is to be described


@pytest.mark.parametrize("op", TABLE.values(), ids=TABLE)
def test_has_a_docstring_with_an_example(op):
    assert ">>>" in op.__doc__


@pytest.mark.parametrize("op", DIFFERENTIABLE, ids=lambda op: op.name)
def test_can_be_tested(op):
    assert cases(op), f"{op.name}: no samples; give its decorator samples=[call(…)]"
    assert numpy_twin(op) or op.name in MEANING, f"{op.name}: NumPy has no function of that name; say in MEANING what it computes"


@pytest.mark.parametrize(("op", "i"), [(op, i) for op in DIFFERENTIABLE for i in range(len(op.rules)) if op.rule(i)])
def test_a_failing_rule_names_op_argument_and_line(op, i):
    text = op.describe_rule(i)
    assert text.startswith(f"derivative of {op.name} with respect to {op.arguments[i]}")
    assert re.search("lambda|def ", text)


# forward


@every(TABLE.values())
def test_forward_is_what_numpy_computes(case):
    twin = numpy_twin(case.op) or MEANING.get(case.op.name)
    if twin is not None:
        wanted = case(*case.arrays, function=twin)
        assert_same(case(*case.arrays), wanted, rtol=1e-13, atol=1e-15)
        assert_same(case(*map(Tensor, case.arrays)), wanted, rtol=1e-13, atol=1e-15)


@pytest.mark.filterwarnings("ignore:divide by zero:RuntimeWarning")
@every(op for op in TABLE.values() if numpy_twin(op) or op.name in MEANING)
def test_integers_give_what_numpy_gives(case):
    bounds = [(min(max(math.ceil(lo), 0), math.floor(hi)), math.floor(hi)) for lo, hi in [*case.op.domain, *[(-3, 3)] * len(case.slots)]]
    whole = [np.int64(lo) + np.arange(a.size).reshape(a.shape) % (hi - lo + 1) for a, (lo, hi) in zip(case.arrays, bounds, strict=False)]
    if is_refused(case, whole):
        return
    twin = numpy_twin(case.op)
    wanted = case(*whole, function=twin or MEANING[case.op.name])
    assert_same(case(*whole), wanted, rtol=0 if twin else 1e-13, strict=twin is not None)
    assert_same(case(*map(Tensor, whole)), wanted, rtol=0 if twin else 1e-13, strict=twin is not None)


@every(DIFFERENTIABLE)
def test_no_value_is_an_argument_itself(case):
    """For a write into it must know that it shares memory: what is not copied is a view."""
    slots = [a for a in case.slots if isinstance(a, np.ndarray)]
    assert not any(y is a for y in outputs(case(*case.arrays)) for a in slots)


# derivatives


@every(DIFFERENTIABLE)
def test_gradient_is_the_slope(case, rng):
    assert_gradients_are_slopes(case, rng)


def resized(sample, variadic, size):
    """The same call with every axis of this size, where the arrays are given by their shapes alone."""
    shrink = lambda a: (size,) * len(a) if isinstance(a, tuple) and all(isinstance(n, int) for n in a) else a
    head, *rest = sample.args
    return sample._replace(args=(tuple(map(shrink, head)), *rest) if variadic else tuple(map(shrink, sample.args)))


@pytest.mark.parametrize("size", [0, 1])
@pytest.mark.parametrize(
    ("op", "sample"), [pytest.param(op, s, id=f"{op.name}-{n}") for op in DIFFERENTIABLE for n, s in enumerate(op.samples)]
)
def test_axes_of_size_zero_and_one(op, sample, size, rng):
    if sample.args[1:] and not all(isinstance(a, tuple) for a in sample.args[: len(op.arguments)]):
        return  # an array that is given, such as labels, fixes the sizes
    case = Case(op, resized(sample, op.variadic, size))
    try:
        with np.errstate(all="ignore"):
            value = case.project(*case.arrays)
    except (ValueError, IndexError, TypeError, ZeroDivisionError, RuntimeWarning, DeprecationWarning):
        return  # no such call: NumPy has none, or the options of the sample are for other sizes
    if not np.isfinite(plain(value)):
        return  # the mean of nothing
    assert_gradients_are_slopes(case, rng)
    u = random_like(case.arrays, rng)
    tangent = make_jvp(lambda x: case.project(*x))(tuple(case.arrays))(u)[1]
    np.testing.assert_allclose(tangent, inner(case.gradients(*case.arrays), u), rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("op", ELEMENTWISE, ids=lambda op: op.name)
@settings(max_examples=10, derandomize=True, deadline=None, database=None)
@given(data=st.data())
def test_every_broadcast_has_its_gradient(op, data):
    shapes = data.draw(mutually_broadcastable_shapes(num_shapes=len(op.arguments), max_dims=3, max_side=3, min_side=0)).input_shapes
    assert_gradients_are_slopes(Case(op, call(*shapes)), np.random.default_rng(0))


@every(DIFFERENTIABLE)
def test_higher_orders(case):
    check_grads(case.project, order=3, atol=1e-5, rtol=1e-5)(*case.arrays)


def inner(cotangents, tangents):
    """⟨g, t⟩, as Re Σ g t."""
    return sum((np.asarray(g) * np.asarray(t)).real.sum() for g, t in zip(cotangents, tangents, strict=True))


def random_like(arrays, rng):
    """Random arrays of the same shapes and kinds, real or complex."""
    return tuple(rng.standard_normal(np.shape(a)) + (1j * rng.standard_normal(np.shape(a)) if np.iscomplexobj(a) else 0) for a in arrays)


@every(DIFFERENTIABLE)
def test_forward_is_the_transpose_of_reverse(case, rng):
    f = lambda arrays: tuple(outputs(case(*arrays)))
    point = tuple(case.arrays)
    vjp, y = make_vjp(f)(point)
    t, g = random_like(point, rng), random_like(y, rng)
    values, tangents = make_jvp(f)(point)(t)
    assert_same(values, y)
    assert [(np.shape(a), a.dtype) for a in tangents] == [(np.shape(a), a.dtype) for a in y]
    np.testing.assert_allclose(inner(g, tangents), inner(vjp(g), t), rtol=1e-11, atol=1e-12)


@pytest.mark.filterwarnings("ignore:grad. the output does not depend")
@every(DIFFERENTIABLE)
def test_second_order_is_the_same_in_every_direction(case, rng):
    g = case.gradients_along
    point = tuple(case.arrays)
    t, s = random_like(point, rng), random_like(point, rng)
    reverse_twice = inner(make_vjp(g)(point)[0](s), t)
    forward_over_reverse = inner(s, make_jvp(g)(point)(t)[1])
    reverse_over_forward = inner(grad(lambda x: make_jvp(lambda x: case.project(*x))(x)(t)[1])(point), s)
    np.testing.assert_allclose([forward_over_reverse, reverse_over_forward], reverse_twice, rtol=1e-9, atol=1e-11)


@every(DIFFERENTIABLE)
def test_complex_numbers(case, rng):
    point = tuple(a + 1j * size for a, size in zip(case.arrays, fill([a.shape for a in case.arrays]), strict=True))
    f = lambda arrays: tuple(outputs(case(*arrays)))
    try:
        y = f(point)
    except TypeError:
        return  # real by nature, and it says so
    vjp, _ = make_vjp(f)(point)
    u, g = random_like(point, rng), random_like(y, rng)
    h = 1e-4
    at = lambda s: inner(g, f(tuple(a + s * h * d for a, d in zip(point, u, strict=True))))
    slope = (8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * h)
    assert [a.dtype for a in vjp(g)] == [a.dtype for a in point]
    np.testing.assert_allclose(inner(vjp(g), u), slope, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(inner(g, make_jvp(f)(point)(u)[1]), slope, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(("op", "at", "partials"), [pytest.param(op, *kink, id=op.name) for op in DIFFERENTIABLE for kink in op.kinks])
def test_kinks_are_as_stated(op, at, partials):
    leaves = [Tensor(x, requires_grad=True) for x in at]
    op(*leaves).backward()
    assert tuple(leaf.grad.item() for leaf in leaves) == partials


# dtypes


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@every(DIFFERENTIABLE)
def test_dtype_is_kept(case, dtype):
    narrow = [a.astype(dtype) for a in case.arrays]
    if is_refused(case, narrow):
        return
    near = {"rtol": 100 * np.finfo(dtype).eps, "atol": 100 * np.finfo(dtype).eps}
    wanted = case(*narrow, function=numpy_twin(case.op)) if numpy_twin(case.op) else case(*narrow)
    for y, w, exact in zip(*map(outputs, (case(*map(Tensor, narrow)), wanted, case(*(a.astype(float) for a in narrow)))), strict=True):
        assert y.dtype == w.dtype or (y.dtype == dtype and ".scipy." in case.op.__module__)  # where SciPy lets a Python number promote
        np.testing.assert_allclose(y.data, exact, **near)
    for g, exact in zip(case.gradients(*narrow), case.gradients(*(a.astype(float) for a in narrow)), strict=True):
        assert g.dtype == dtype
        np.testing.assert_allclose(g.data, exact.data, **near)


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
@every(DIFFERENTIABLE)
def test_dtype_is_kept_in_second_order(case, dtype):
    if is_refused(case, [a.astype(dtype) for a in case.arrays]):
        return
    leaves = [Tensor(a, dtype=dtype, requires_grad=True) for a in case.arrays]
    case.project(*leaves).backward(create_graph=True)
    bend = sum((leaf.grad * leaf.grad).sum() for leaf in leaves)
    if bend.requires_grad:  # the gradient of what is linear is constant
        bend.backward()
    assert all(leaf.grad.dtype == dtype for leaf in leaves)


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
@pytest.mark.parametrize(("op", "k"), [(op, k) for op in ELEMENTWISE if len(op.rules) > 1 for k in range(len(op.rules)) if op.rules[k]])
def test_python_numbers_do_not_promote(op, k, dtype):
    numbers = [float(a) for a in fill([()] * len(op.rules), op.domain)]
    for shape in (), (2,):
        x = Tensor(np.full(shape, numbers[k]), dtype=dtype, requires_grad=True)
        y = op(*(x if j == k else number for j, number in enumerate(numbers)))
        y.sum().backward(create_graph=True)
        twin = numpy_twin(op)
        number_type = dtype if op.__module__.startswith("autograd.scipy") else float  # SciPy takes a Python number for a float64
        assert x.grad.dtype == dtype
        assert y.dtype == (twin(*(x.data if j == k else number_type(number) for j, number in enumerate(numbers))).dtype if twin else dtype)


@pytest.mark.parametrize("scalar", [np.float16(2), np.float32(2), np.float64(2), np.int8(2), np.int64(2), np.bool_(1)])
@pytest.mark.parametrize("op", ["add", "subtract", "multiply", "divide", "maximum", "arctan2", "hypot"])
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_numpy_scalars_promote_as_in_numpy(op, scalar, dtype):
    for flip in False, True:
        x = Tensor([0.5, 3.0], dtype=dtype, requires_grad=True)
        order = slice(None, None, -1 if flip else 1)
        y = TABLE[op](*(x, scalar)[order])
        y.sum().backward()
        assert y.dtype == getattr(np, op)(*(x.data, scalar)[order]).dtype
        assert x.grad.dtype == dtype


# memory


def layouts(a):
    """The same values, laid out otherwise."""
    frozen = a.copy()
    frozen.flags.writeable = False
    sparse = np.empty((*a.shape, 2))[..., 0]
    sparse[...] = a
    return np.array(a, order="F"), np.flip(np.flip(a).copy()), sparse, frozen, a.astype(">f8")


@pytest.mark.parametrize("layout", range(5), ids=["fortran", "flipped", "strided", "read-only", "big-endian"])
@every(DIFFERENTIABLE)
def test_memory_layout_changes_nothing(case, layout):
    arranged = [layouts(a)[layout] for a in case.arrays]
    assert_same(case(*(Tensor(a, copy=False) for a in arranged)), case(*case.arrays), rtol=1e-13, atol=1e-14)
    assert_same(case.gradients(*arranged), case.gradients(*case.arrays), rtol=1e-13, atol=1e-14)
    for k in range(len(arranged)):  # a Tensor among plain arrays
        x = Tensor(case.arrays[k], requires_grad=True)
        case.project(*arranged[:k], x, *arranged[k + 1 :]).backward()
        assert_same(x.grad, case.gradients(*case.arrays)[k], rtol=1e-13, atol=1e-14)


@pytest.mark.parametrize(
    "bad", [np.array([None]), np.array(["text"]), np.array(["2026-11-21"], "datetime64[D]")], ids=["object", "text", "date"]
)
@every(op for op in DIFFERENTIABLE if len(op.rules) > 1 or op.variadic)
def test_what_is_no_number_is_refused_beside_a_tensor(case, bad):
    for k in range(len(case.arrays)):
        if len(case.arrays) > 1:
            with pytest.raises(TypeError, match="wanted numbers or booleans"):
                case(*map(Tensor, case.arrays[:k]), bad, *map(Tensor, case.arrays[k + 1 :]))


@pytest.mark.parametrize(
    "cotangent", [lambda y: y.sum(), lambda y: (ops.transpose(y) * np.ones(y.shape[::-1])).sum()], ids=["spread", "fortran"]
)
@every(DIFFERENTIABLE)
def test_layout_of_the_cotangent_changes_nothing(case, cotangent):
    found = []
    for total in cotangent, lambda y: (y * np.ones(y.shape)).sum():
        leaves = [Tensor(a, requires_grad=True) for a in case.arrays]
        sum(total(y) for y in outputs(case(*leaves))).backward()
        found.append([leaf.grad for leaf in leaves])
    assert_same(*found, rtol=1e-13, atol=1e-15)


@every(DIFFERENTIABLE)
def test_inputs_stay_and_gradients_are_memory_of_their_own(case):
    before = [a.copy() for a in case.arrays]
    leaves = [Tensor(a, requires_grad=True, copy=False) for a in case.arrays]
    held = list(case.arrays)
    for part in outputs(case(*leaves)):
        seed = np.ones(part.shape, part.dtype)
        held += [part.data, seed]
        part.backward(seed, retain_graph=True)
        assert (seed == 1).all()
    for k, (leaf, a) in enumerate(zip(leaves, before, strict=True)):
        g = leaf.grad.data
        assert np.array_equal(leaf.data, a)
        assert (g.shape, g.dtype) == (a.shape, a.dtype)
        assert g.flags.writeable
        assert not any(np.shares_memory(g, other) for other in [*held, *(other.grad.data for other in leaves[:k])])
