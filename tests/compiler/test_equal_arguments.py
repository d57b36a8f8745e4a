"""Arguments and results of every type, layout and structure: compiled functions take and give what the Python functions do."""

from collections import OrderedDict, defaultdict
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import Tensor, grad, jit, no_grad, ops
from autograd.tree import map_leaves

from .backends import assert_equal


class Pair(NamedTuple):
    first: Any
    second: Any


@dataclass
class Point:
    x: Any
    y: Any = 1.0
    label: str = "here"


@dataclass(frozen=True)
class Frozen:
    x: Any


A = np.arange(6.0).reshape(2, 3) - 1.7
READ_ONLY = A.copy()
READ_ONLY.flags.writeable = False
LAYOUTS = {
    "C": A,
    "Fortran": np.asfortranarray(A),
    "flipped": A[::-1, ::-1],
    "every second": np.repeat(A, 2, axis=1)[:, ::2],
    "broadcast": np.broadcast_to(A[0], (2, 3)),
    "read-only": READ_ONLY,
    "big-endian": A.astype(">f8"),
    "unaligned": np.frombuffer(b"x" + A.tobytes(), dtype=float, offset=1).reshape(2, 3),
    "a field": np.rec.fromarrays([A, A])["f0"],
    "empty": A[:0],
    "0-d": np.array(1.5),
    "a subclass": A.view(type("Array", (np.ndarray,), {})),
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("kind", [np.asanyarray, lambda a: Tensor(a, copy=False)], ids=["array", "Tensor"])
def test_memory_of_every_layout(layout, kind, backend):
    f = lambda x: (anp.exp(x) * 2 + x.T.sum(), (x * x).sum(), grad(lambda x: (x**3).sum())(x))
    compiled = jit(f, backend=backend)
    a = LAYOUTS[layout]
    before = a.copy()
    compiled(kind(np.ascontiguousarray(a, float).reshape(a.shape)))
    assert_equal(compiled(kind(a)), f(kind(np.array(a, subok=False))))
    np.testing.assert_array_equal(a, before)


@pytest.mark.filterwarnings("ignore:overflow encountered in scalar", "ignore:Mean of empty slice", "ignore:invalid value")
@pytest.mark.parametrize("dtype", "?bBhHiIlLefdFD")
@pytest.mark.parametrize("shape", [(2, 3), (), (0, 3)], ids=str)
def test_numbers_of_every_dtype(dtype, shape, backend):
    a = (np.arange(6).reshape(2, 3) % 2 + 1).astype(dtype)[tuple(slice(n) for n in shape) or (1, 1)].reshape(shape)
    f = lambda x: (
        x + x, x * 2, x / 2, x == x, ~x if x.dtype == bool else x * 0 - x, x.sum(), x**2, anp.abs(x), x @ x.T if x.ndim else x,
        anp.where(x == 1, x, 0), x & x if x.dtype.kind in "bui" else x, x.mean(), x.max() if x.size else x, anp.cumsum(x), anp.exp(x),
    )  # fmt: skip
    assert_equal(jit(f, backend=backend)(a), f(a))
    assert_equal(jit(f, backend=backend)(a[()]), f(a[()]))
    g = lambda x: (x + x, x * 2, x == x, x.sum(), x.astype(np.complex64), x.T, x.mean())
    assert_equal(jit(g, backend=backend)(Tensor(a)), g(Tensor(a)))


@pytest.mark.parametrize(
    "number", [2, 2.5, 1 + 2j, np.float32(2.5), np.float64(2.5), np.int8(3), np.complex64(1j), np.bool_(True)], ids=repr
)
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex64, np.int32])
def test_numbers_promote_as_numpy_says(number, dtype, backend):
    f = lambda x, n: (
        x * n,
        n * x,
        x + n,
        n - x,
        anp.where(x > 0, x, n) if not np.iscomplexobj(n) else x,
        x / n,
        n * n,
        2 * n,
        n,
        anp.add(n, 1.5),
        x * (n * n),
        x * abs(n),
        x * anp.add(n, 1),
    )
    a = np.arange(3).astype(dtype)
    compiled = jit(f, backend=backend)
    compiled(a, type(number)(1))
    assert_equal(compiled(a, number), f(a, number))
    assert len(compiled.variants) == 1


def test_python_numbers_alone(backend):
    f = lambda a, b: (
        a + b,
        a * 2,
        a / b,
        1.5**a,
        a**2,
        a // b,
        a % b,
        -a,
        +a,
        abs(a),
        anp.sin(a),
        anp.add(a, b),
        anp.maximum(a, b),
        [a, b],
    )
    compiled = jit(f, backend=backend)
    for args in (2.5, 2.0), (3, 2), (3, 2.0), (7.5, 3), (5, 3), (-2, 0.5):
        assert_equal(compiled(*args), f(*args))


def test_a_power_of_whole_numbers_may_be_whole_or_not(reference):
    with pytest.raises(TypeError, match=r"^jit: a power of whole numbers"):
        jit(lambda n: 2**n, backend=reference)(3)
    assert jit(lambda n: 2**n, static_argnums=0, backend=reference)(3) == 8


def rebound(a, n):
    b, m = a, n
    a += 1
    n *= 0.5
    a -= n
    return a, b, n, m, a * n


@pytest.mark.parametrize("kind", [np.float64, np.array, lambda x: Tensor(x), lambda x: Tensor(x).sum(), float], ids=range(5))
@pytest.mark.parametrize(
    "make", [lambda x: x * 1.0, lambda x: x + x, lambda x: ops.sum(x), lambda x: ops.reshape(x, (1,))[0]], ids=range(4)
)
def test_a_number_is_bound_anew_where_an_array_is_written(make, kind, backend):
    f = lambda x, n: rebound(make(x), n)
    assert_equal(jit(f, backend=backend)(kind(2.0), 3.0), f(kind(2.0), 3.0))


@pytest.mark.parametrize(
    "change",
    [
        "y += x",
        "y -= x",
        "y *= x",
        "y /= x",
        "y //= x",
        "y %= x",
        "y **= 2",
        "y[0] = 7",
        "y[1:] += 1",
        "y[...] = x",
        "y[::2] *= x[::2]",
        "y @= B",
    ],
)
def test_arrays_are_written_in_place(change, backend):
    space = {"B": np.eye(3) * 2}
    exec(f"def f(x, y):\n    y = z = y * 1.0\n    {change}\n    return z, y, y.sum()", space)
    assert_equal(jit(space["f"], backend=backend)(A[0], A[1]), space["f"](A[0], A[1]))


def test_a_write_into_a_view_is_one_into_its_array(backend):
    def f(x):
        y, z = anp.outer(x, x), x * 1.0
        y[0][1:] = 7
        y[1, :] += x
        y[2][0] *= 2
        part = z[1:]
        part -= x[:2]
        for k in range(3):
            y[k] += y[k - 1] * k
        return y, z, part

    assert_equal(jit(f, backend=backend)(A[0]), f(A[0]))


@pytest.mark.parametrize(
    "line", ["w = y[1:]; v = y[:2]; w += 1", "v = y[::-1]; y += 1", "v = y.reshape(3, 1); v += 1", "v = y.T; y[0] = 1"]
)
def test_a_write_that_other_views_would_see_is_refused(line, reference):
    space = {}
    exec(f"def f(y):\n    y = y * 1.0\n    {line}\n    return y, v", space)
    with pytest.raises(RuntimeError, match=r"^jit: an array, .* lies in memory that has been written"):
        jit(space["f"], backend=reference)(A[0])


CONTAINERS = {
    "tuple": lambda a, b: (a, (b, 2.0)),
    "list": lambda a, b: [a, [b, 2.0], []],
    "dict": lambda a, b: {"a": a, "b": {"c": b}, 3: 2.0, "none": {}},
    "named tuple": lambda a, b: Pair(a, Pair(b, 2.0)),
    "dataclass": lambda a, b: Point(a, Point(b, 2.0), "there"),
    "frozen dataclass": lambda a, b: Frozen(Frozen([a, b])),
    "ordered dict": lambda a, b: OrderedDict(z=a, y=b),
    "default dict": lambda a, b: defaultdict(list, z=a, y=b),
    "with what is no number": lambda a, b: {"a": a, "mode": "sum", "flag": True, "nothing": None, "kind": np.float32, "b": b},
    "keys of other types": lambda a, b: {(0, 1): a, None: b, "it's": a},
}


def doubled(tree):
    """The same container with all its numbers doubled."""
    return map_leaves(lambda a: a * 2 if isinstance(a, float) or (hasattr(a, "shape") and not isinstance(a, type)) else a, tree)


@pytest.mark.parametrize("name", CONTAINERS)
@pytest.mark.parametrize("kind", [np.asarray, Tensor])
def test_containers(name, kind, backend):
    make = lambda k: CONTAINERS[name](kind(A * k), kind(np.float32([k, 2.0])))
    compiled = jit(doubled, backend=backend)
    compiled(make(3.0))
    assert_equal(compiled(make(1.0)), doubled(make(1.0)))
    assert len(compiled.variants) == 1
    by_name = jit(lambda *, tree, scale=1.0: doubled(tree), backend=backend)
    assert_equal(by_name(tree=make(1.0)), doubled(make(1.0)))


def test_what_is_handed_through_is_itself(backend):
    parameter, table = Tensor([1.0, 2.0], requires_grad=True), np.ones(2)
    f = lambda x, t, n, s, d: (x, t, n, s, d, d["k"], parameter, parameter.data, table, [x, x], None, ..., "text")
    x, t, d = np.ones(3), Tensor([1.0]), {"k": np.zeros(1)}
    compiled = jit(f, backend=backend)
    for _ in range(2):
        found = compiled(x, t, 2.5, "s", d)
        assert all(a is b for a, b in zip(found[:4], (x, t, 2.5, "s"), strict=True))
        assert found[5] is d["k"]
        assert found[6] is parameter
        assert found[7] is parameter.data
        assert found[8] is table
        assert found[9][0] is found[9][1] is x
        assert_equal(found[10:], (None, ..., "text"))
        x, t = np.zeros(3), Tensor([5.0])


def test_what_is_a_view_of_an_argument_is_memory_of_its_own_or_the_argument_is_not_written(backend):
    x = A.copy()
    y = jit(lambda x: (x.T, x[0], x.reshape(-1), ops.copy(x)), backend=backend)(x)
    assert_equal(tuple(map(np.array, y)), (A.T.copy(), A[0], A.ravel(), A))
    for part in y:
        part[...] = 100
    assert_equal(jit(lambda x: x + 0, backend=backend)(A), A)


def test_one_array_given_twice(backend):
    f = lambda x, y: (x * y, grad(lambda x: (x * y).sum())(x), grad(lambda x, y: (x * y).sum(), (0, 1))(x, y))
    compiled = jit(f, backend=backend)
    a, b = A.copy(), A + 1
    for args in (a, b), (a, a), (b, a), (a[:1], a[1:]), (a, a[::-1]):
        assert_equal(compiled(*args), f(*args))


@pytest.mark.filterwarnings("ignore:jit. .* an argument lies in memory that it writes")
@pytest.mark.parametrize("change", [lambda w, x: w - 0.1 * x, lambda w, x: x[::-1] + w, lambda w, x: x * 1.0], ids=["step", "flip", "copy"])
def test_an_argument_in_the_memory_of_a_parameter(change, backend):
    def make():
        memory = np.arange(6.0)
        return memory, Tensor(memory[:4], requires_grad=True, copy=False)

    def step(w, x):
        y, z = (w * x).sum(), x + 1
        w.data = change(w.data, x)
        return y, z, x + 2  # the new value, where the argument lies in its memory

    results = []
    for compile_ in (lambda f: f, lambda f: jit(f, backend=backend)):
        memory, w = make()
        run = compile_(lambda x, w=w: step(w, x))
        with no_grad():
            results.append(
                [run(x) for x in (np.ones(4), memory[2:], memory[:4], memory[:4][::-1], w.data)] + [memory.copy(), w.data.copy()]
            )
    assert_equal(results[1], results[0])


def test_a_leaf_among_the_arguments(backend):
    def step(w, x, rate):
        loss = ((w * x) ** 2).sum()
        loss.backward()
        w.data -= rate * w.grad.data
        g = w.grad
        w.zero_grad()
        return loss.detach(), g

    results = []
    for run in step, jit(step, backend=backend):
        weights = [Tensor([1.0, 2.0], requires_grad=True), Tensor([3.0, 4.0], requires_grad=True)]
        found = [run(w, np.array([1.0, k]), 0.1 / k) for k in (1.0, 2.0, 3.0) for w in weights]
        results.append((found, [w.data for w in weights]))
    assert_equal(results[1], results[0])


def test_gradients_that_are_left_and_added_to(backend):
    results = []
    for compile_ in (lambda f: f, lambda f: jit(f, backend=backend)):
        w = Tensor([1.0, 2.0], requires_grad=True)

        def accumulate(x, w=w):
            ((w * x) ** 2).sum().backward()

        run, seen = compile_(accumulate), []
        for k in range(4):
            run(np.array([1.0, k]))
            seen.append(w.grad.data.copy())
            if k == 1:
                w.zero_grad()
        results.append(seen)
    assert_equal(results[1], results[0])


def test_structures_may_change_from_call_to_call(backend):
    f = lambda tree: sum((a**2).sum() for a in tree.values()) if isinstance(tree, dict) else sum((a**3).sum() for a in tree)
    compiled = jit(f, backend=backend)
    trees = {"a": A}, [A, A], (A,), {"a": A, "b": A[0]}, {"b": A[0], "a": A}, [A.astype(np.float32)], [A], [Tensor(A)], [A[0]], [A, A]
    for tree in trees * 2:
        assert_equal(compiled(tree), f(tree))


def test_a_default_is_an_argument_that_is_not_given(backend):
    f = lambda x, scale=2.0, *rest, shift=1.0, **others: x * scale + shift + sum(rest) + sum(others.values())
    compiled = jit(f, backend=backend)
    for args, kwargs in [((A,), {}), ((A, 3.0), {}), ((A, 3), {"shift": 2.0}), ((A, 1.0, 2.0, 4.0), {}), ((A,), {"more": A})] * 2:
        assert_equal(compiled(*args, **kwargs), f(*args, **kwargs))


def test_the_order_of_keys_counts(backend):
    values = jit(lambda d: anp.stack(list(d.values())), backend=backend)
    by_name = jit(lambda **parts: anp.stack(list(parts.values())), backend=backend)
    for first, second in (("a", "b"), ("b", "a"), ("a", "b")):
        assert_equal(values({first: 1.0, second: 2.0}), np.array([1.0, 2.0]))
        assert_equal(by_name(**{first: 1.0, second: 2.0}), np.array([1.0, 2.0]))


def test_the_extreme_of_whole_numbers_is_one(backend):
    a = np.array([2**53 + 1, 3])
    assert_equal(jit(np.nanmax, backend=backend)(a), np.nanmax(a))
    assert_equal(jit(lambda a: np.nanmin(a, 0), backend=backend)(a > 5), np.nanmin(a > 5, 0))
