"""Programs as NumPy code: the same numbers as op by op, memory that is nobody else's, errors that leave everything as it was."""

import threading

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import grad, jit, ops
from autograd.compiler.numpy import chunks
from autograd.compiler.numpy.emit import emit
from autograd.compiler.program import Draw, Input, Program, Step, Value
from autograd.compiler.substitutes import Hole, Indexed
from autograd.op import TABLE
from autograd.ops.index import add_at
from autograd.ops.rearrange import Move, Slot, rearrange
from autograd.ops.softmax import softmax_minus_one_hot

BY_BLAS = {"matmul", "dot", "linear", "cross_entropy", "sum", "mean", "var", "outer"}
"""Ops that may add up in another order."""


class Trace:
    """Writes a program down while it runs: the values of what has been computed are known."""

    def __init__(self):
        self.inputs, self.steps, self.arrays, self.known = [], [], [], {}

    def input(self, a, name="x"):
        weak = type(a) in (int, float, complex)
        value = Value(np.shape(a), np.asarray(a).dtype, weak=weak)
        self.inputs.append(Input(value, name))
        self.arrays.append(a)
        self.known[value] = a
        return value

    def constant(self, a):
        value = Value(np.shape(a), a.dtype, content=a)
        self.known[value] = a
        return value

    def step(self, op, *args, **options):
        with np.errstate(all="ignore"):
            y = op.forward(*[self.known[a] if isinstance(a, Value) else a for a in args], **options)
        plural = type(y) is tuple
        parts = y if plural else (y,)
        step = Step(op, args, options, plural=plural)
        step.results = tuple([Value(np.shape(part), np.asarray(part).dtype, step, weak=not hasattr(part, "dtype")) for part in parts])
        self.known.update(zip(step.results, parts, strict=True))
        self.steps.append(step)
        return step.results if plural else step.results[0]

    def program(self, *outputs, writes=()):
        return Program(self.inputs, self.steps, outputs, writes)

    def run(self, *outputs, writes=(), captured=()):
        """What the code gives for copies of the arrays, and what became of those that are captured."""
        arrays = [np.array(a, order="C") if isinstance(a, np.ndarray) else a for a in self.arrays]
        executable = emit(self.program(*outputs, writes=writes))
        run = executable.bind({k: arrays[k] for k in captured})
        given = [a for k, a in enumerate(arrays) if k not in captured]
        return run(*given), arrays, executable.source


def assert_same(actual, wanted, exact=True):
    assert np.shape(actual) == np.shape(wanted)
    assert np.asarray(actual).dtype == np.asarray(wanted).dtype
    if exact:
        np.testing.assert_array_equal(actual, wanted)
        if np.asarray(wanted).dtype.kind == "f":
            number = ~np.isnan(wanted)
            np.testing.assert_array_equal(np.signbit(actual)[number], np.signbit(wanted)[number])
    else:
        np.testing.assert_allclose(actual, wanted, rtol=1e-5 if np.asarray(wanted).dtype == np.float32 else 1e-13, atol=1e-6)


def check(trace, *values, writes=(), captured=(), exact=True):
    """The code gives what the steps gave, in two runs."""
    wanted = trace.program(*values, writes=writes).run(*trace.arrays)
    found, arrays, source = trace.run(*values, writes=writes, captured=captured)
    for a, w in zip(found, wanted[: len(values)], strict=True):
        assert_same(a, w, exact)
    for (x, _), w in zip(writes, wanted[len(values) :], strict=True):
        assert_same(arrays[next(k for k, given in enumerate(trace.inputs) if given.value is x)], w, exact)
    return source


# every op


def arrays_like(op, slots, dtype):
    """Arrays in the place of shapes; what is no shape stays."""
    rng = np.random.default_rng(0)
    bounds = [*op.domain, *[(-3, 3)] * len(slots)]
    for slot, (lo, hi) in zip(slots, bounds, strict=False):
        a = rng.uniform(lo, hi, slot) if isinstance(slot, tuple) else slot
        if not isinstance(a, np.ndarray) or a.dtype.kind != "f":
            yield a
        elif dtype is complex:
            yield a + 1j * rng.uniform(lo, hi, a.shape)
        else:
            yield np.nan_to_num(a, neginf=-9).astype(dtype) if dtype in (int, bool) else a.astype(dtype)


SHAPES = [((2, 3), (3,), ()), ((3,), (), (2, 1)), ((), (), ()), ((0,), (0,), (0,))]
OPS = [op for op in TABLE.values() if op.__module__.startswith("autograd.")]  # not those of other tests
CALLS = [
    *((op, sample.args, sample.options) for op in OPS for sample in op.samples),
    *((op, shapes[: len(op.arguments)], {}) for op in OPS if not op.samples and op.name != "one_hot" for shapes in SHAPES),
]


@pytest.mark.parametrize("dtype", [np.float64, np.float32, int, bool, complex])
@pytest.mark.parametrize(("op", "args", "options"), [pytest.param(*c, id=f"{c[0].name}-{k}") for k, c in enumerate(CALLS)])
def test_an_op_gives_what_it_gives_by_itself(op, args, options, dtype):
    arrays, options = op._bind(*args, **options)
    trace = Trace()
    given = [trace.input(a) if isinstance(a, np.ndarray) else a for a in arrays_like(op, arrays, dtype)]
    try:
        y = trace.step(op, *given, **options)
    except Exception:  # noqa: BLE001  # the op refuses such numbers, or warns of them
        return
    results = y if isinstance(y, tuple) else (y,)
    exact = op.name not in BY_BLAS and not (op is ops.power and results[0].shape == ())  # NumPy has another power for scalars
    check(trace, *results, exact=exact)
    check(trace, *results, exact=exact, captured=range(len(trace.arrays)))
    behind = [trace.step(ops.negative, part) for part in results if part.dtype != bool]  # so that what is in between lies in the arena
    check(trace, *behind, exact=exact)
    check(trace, *behind, *results, exact=exact, captured=[0] if trace.arrays else [])


# many ops


def random_trace(rng, length):
    """A random program on whole numbers in floating point, with which every order of sums gives the same."""
    trace = Trace()
    shapes = [(3, 4), (4,), (), (4, 3), (2, 3, 4), (3, 1), (0, 4)]
    for k in range(4):
        a = rng.integers(-3, 4, shapes[rng.integers(len(shapes))]).astype(rng.choice(["f4", "f8", "i8"]))
        trace.input(a if a.ndim or rng.random() < 0.5 else a[()], f"x{k}")
    trace.input([2, 0.5][rng.integers(2)], "weak")
    values = list(trace.known)
    picked = lambda: values[rng.integers(max(0, len(values) - 8) if rng.random() < 0.5 else 0, len(values))]

    def made():
        a, b = picked(), picked()
        if rng.random() < 0.2:
            b = [2, 1.0, -1][rng.integers(3)]
        choice = rng.integers(16)
        x = np.asarray(trace.known[a])
        if choice < 4:
            return trace.step([ops.add, ops.subtract, ops.multiply, ops.maximum][choice], *((a, b) if rng.random() < 0.7 else (a, a)))
        if choice == 4:
            return trace.step(ops.negative, a)
        if choice == 5:
            return trace.step(ops.transpose, a, axes=None)
        if choice == 6:
            return trace.step(ops.reshape, a, shape=(-1,) if rng.random() < 0.5 else (*x.shape, 1))
        if choice == 7:
            return trace.step(ops.getitem, a, index=(slice(None, None, -1), ...) if rng.random() < 0.5 else slice(1, 3))
        if choice == 8:
            return trace.step(ops.sum, a, axis=[None, 0, -1][rng.integers(3)], keepdims=bool(rng.integers(2)))
        if choice == 9:
            return trace.step(ops.where, trace.step(ops.greater, a, b), *[(a, 0), (0, a), (a, b)][rng.integers(3)])
        if choice == 10:
            return trace.step(ops.broadcast_to, a, shape=(2, *x.shape))
        if choice == 11:
            return trace.step(ops.concatenate, a, a, axis=-1)
        if choice == 12:
            return trace.step(ops.setitem, a, 1.0 if x.dtype.kind == "f" else 1, index=0)
        if choice == 13:
            return trace.step(ops.matmul, a, trace.step(ops.swapaxes, a, axis1=-1, axis2=-2))
        if choice == 14:
            return trace.step(ops.split, a, indices_or_sections=[1], axis=0)[1]
        return trace.step(ops.relu, a)

    while len(trace.steps) < length:
        before = len(trace.steps)
        try:
            y = made()
        except (ValueError, IndexError, TypeError):
            del trace.steps[before:]
            continue
        if np.size(trace.known[y]) > 500 or np.asarray(trace.known[y]).dtype == bool:
            continue
        if np.abs(trace.known[y]).max(initial=0) > 1000:
            y = trace.step(ops.remainder, y, 7)
        values.append(y)
    return trace, values


@pytest.fixture
def short_chunks(monkeypatch):
    """Chunks of five numbers, wherever there can be any."""
    for name, value in {"LENGTH": 5, "LARGE": 2, "MANY": 1}.items():
        monkeypatch.setattr(chunks, name, value)


@pytest.mark.parametrize("seed", range(300))
def test_a_random_program_gives_in_chunks_what_its_steps_give(seed, short_chunks):
    test_a_random_program_gives_what_its_steps_give(seed)


def test_large_arrays_are_gone_through_in_chunks(rng):
    trace, n = Trace(), 3 * chunks.LARGE + 7
    x, w = trace.input(rng.random(n), "x"), trace.input(rng.random(n), "w")
    rate = trace.input(np.float64(0.5), "rate")
    y = trace.step(ops.exp, trace.step(ops.multiply, x, w))
    update = trace.step(ops.subtract, w, trace.step(ops.multiply, rate, y))
    source = check(trace, trace.step(ops.tanh, y), writes=[(w, update)], captured=[1, 2])
    assert source.count("np.") - source.count("np.empty") == source.count("            np.") == 5
    assert f"memory(0, ({chunks.LENGTH},), 'float64')" in source  # as long as a chunk
    small = check(trace, trace.step(ops.exp, trace.step(ops.sum, x)), captured=[1, 2])
    assert "chunks" not in small


def test_memory_that_a_loop_over_chunks_reads_is_not_used_again_within_it(short_chunks):
    trace = Trace()
    x, y = (trace.input(np.arange(start, start + 40, dtype=np.int32), "x") for start in (1, 100))
    quotient = trace.step(ops.divide, trace.step(ops.copy, x), trace.step(ops.copy, y))
    triple = trace.step(ops.multiply, x, 3.0)  # as long as both copies, which are needed no more
    check(trace, trace.step(ops.add, quotient, triple), trace.step(ops.cumsum, triple))


@pytest.mark.parametrize("seed", range(300))
def test_a_random_program_gives_what_its_steps_give(seed):
    rng = np.random.default_rng(seed)
    trace, values = random_trace(rng, int(rng.integers(3, 40)))
    outputs = [values[k] for k in rng.integers(0, len(values), rng.integers(1, 4))]
    arrays = [k for k, a in enumerate(trace.arrays) if isinstance(a, np.ndarray)]
    captured = {int(k) for k in arrays if rng.random() < 0.6}
    writes = []
    for k in sorted(captured):
        x = trace.inputs[k].value
        fitting = [v for v in values if (v.shape, v.dtype) == (x.shape, x.dtype)]
        if rng.random() < 0.8:
            writes.append((x, fitting[rng.integers(len(fitting))]))
    wanted = trace.program(*outputs, writes=writes).run(*trace.arrays)
    program = trace.program(*outputs, writes=writes)
    executable = emit(program)
    kept = {k: np.array(trace.arrays[k], order="C") for k in captured}
    run = executable.bind(kept)
    for _ in range(2):  # for what one run leaves behind must not be seen by the next
        for k, a in kept.items():
            a[...] = trace.arrays[k]
        given = [a.copy() if isinstance(a, np.ndarray) else a for k, a in enumerate(trace.arrays) if k not in captured]
        before = [np.array(a) for a in given]
        found = run(*given)
        for a, b in zip(given, before, strict=True):
            np.testing.assert_array_equal(a, b)
        for a, w in zip(found, wanted, strict=False):
            assert (np.shape(a), np.asarray(a).dtype) == (np.shape(w), np.asarray(w).dtype)
            np.testing.assert_array_equal(a, w, err_msg=executable.source)
        for (x, _), w in zip(writes, wanted[len(outputs) :], strict=True):
            np.testing.assert_array_equal(kept[next(k for k, i in enumerate(trace.inputs) if i.value is x)], w, err_msg=executable.source)
        everything = [a for a in (*found, *given, *kept.values()) if isinstance(a, np.ndarray) and a.size]
        for k, a in enumerate(found):
            if isinstance(a, np.ndarray) and a.size:
                assert not any(np.shares_memory(a, b) for b in everything if b is not a), executable.source
                assert sum(a is b for b in found) == 1, k
                a.fill(99)  # and it may be written


# memory


def lines(source):
    return [line.strip() for line in source.partition("def run(")[2].splitlines()[1:-2] if line.strip()]


def test_a_step_writes_over_what_is_needed_no_more():
    trace = Trace()
    x = trace.input(np.linspace(0, 1, 6).reshape(2, 3))
    y = trace.step(ops.exp, trace.step(ops.negative, trace.step(ops.sin, x)))
    source = check(trace, trace.step(ops.cos, y))
    assert source.count("memory(") == 1


def test_what_is_needed_later_is_kept():
    trace = Trace()
    x = trace.input(np.linspace(0, 1, 6).reshape(2, 3))
    y = trace.step(ops.sin, x)
    z = trace.step(ops.negative, y)
    check(trace, trace.step(ops.add, z, y))


def test_what_a_view_still_looks_at_is_kept():
    trace = Trace()
    x = trace.input(np.linspace(0, 1, 6).reshape(2, 3))
    y = trace.step(ops.sin, x)
    back = trace.step(ops.transpose, y, axes=None)
    z = trace.step(ops.negative, y)
    check(trace, trace.step(ops.matmul, z, back), exact=False)


def test_views_of_what_never_moves_are_made_once():
    trace = Trace()
    x, w = trace.input(np.ones((2, 3)), "x"), trace.input(np.ones((4, 3)), "w")
    y = trace.step(ops.sum, trace.step(ops.matmul, x, trace.step(ops.transpose, w, axes=None)))
    source = check(trace, y, captured=[1])
    assert ".T" not in source.partition("def run(")[2]


@pytest.mark.parametrize("order", [(1, 0), (1, 2, 0), (2, 0, 1)])
def test_memory_lies_as_numpy_lays_it(order):
    trace = Trace()
    x = trace.input(np.linspace(-1, 1, 24).reshape((4, 6) if len(order) == 2 else (2, 3, 4)))
    y = trace.step(ops.exp, trace.step(ops.transpose, x, axes=order))
    assert ".transpose(" in check(trace, trace.step(ops.negative, y), trace.step(ops.sin, y)).partition("def run")[0]
    check(trace, trace.step(ops.sum, y, axis=0, keepdims=True))
    check(trace, trace.step(ops.reshape, trace.step(ops.sin, y), shape=(-1,)), y)


def test_a_copy_of_a_view_that_lies_across_is_made_anew_each_time():
    trace = Trace()
    w = trace.input(np.arange(6.0).reshape(2, 3), "w")
    y = trace.step(ops.reshape, trace.step(ops.transpose, w, axes=None), shape=(6,))
    kept = {0: np.arange(6.0).reshape(2, 3)}
    run = emit(trace.program(trace.step(ops.negative, y))).bind(kept)
    run()
    kept[0] += 1
    np.testing.assert_array_equal(run()[0], -kept[0].T.ravel())


@pytest.mark.parametrize("index", [[0, 0], ([0, 1], [2, 2]), np.array([1, 0]), (slice(None), [1])])
def test_what_is_picked_is_picked_anew_each_time(index):
    trace = Trace()
    w = trace.input(np.arange(6.0).reshape(2, 3), "w")
    kept = {0: np.arange(6.0).reshape(2, 3)}
    run = emit(trace.program(trace.step(ops.negative, trace.step(ops.getitem, w, index=index)))).bind(kept)
    run()
    kept[0] += 1
    np.testing.assert_array_equal(run()[0], -kept[0][index])


def test_results_are_nobody_elses():
    trace = Trace()
    x = trace.input(np.arange(6.0).reshape(2, 3), "x")
    c = trace.constant(np.ones(2))
    y = trace.step(ops.negative, x)
    run = emit(trace.program(x, x, y, y, trace.step(ops.ravel, y), c)).bind({})
    given = np.zeros((2, 3))
    found = [*run(given), *run(given)]
    for k, a in enumerate(found):
        assert not any(np.shares_memory(a, b) for b in [*found[:k], given, c.content])


def test_what_an_op_gives_is_not_shared_by_way_of_what_it_was_made_of():
    trace = Trace()
    x = trace.input(np.ones((300, 300)))
    y = trace.step(rearrange, x, how=Move(np.flip, Slot(0)))
    z = trace.step(rearrange, y, how=Move(np.flip, Slot(0)))  # of a value that is large, and deleted
    assert "del " in check(trace, z)
    assert "del " not in check(trace, y, z)
    given = np.ones((300, 300))
    same = trace.step(rearrange, x, how=Move(np.asarray, Slot(0)))  # the argument itself
    total = trace.step(ops.cumsum, x, axis=0)
    found = emit(trace.program(y, y, total, total, same, trace.step(rearrange, y, how=Move(np.asarray, Slot(0))))).bind({})(given)
    for k, a in enumerate(found):
        assert not any(np.shares_memory(a, b) for b in (given, *found[:k]))


def test_a_result_is_computed_where_it_stays():
    trace = Trace()
    x = trace.input(np.ones((2, 3)))
    y = trace.step(ops.exp, x)
    assert ".copy()" not in check(trace, y, trace.step(ops.sin, y), trace.step(ops.sum, y, axis=1))


def test_single_values_are_numpys_scalars():
    trace = Trace()
    x, s, n = trace.input(np.arange(3.0)), trace.input(np.float32(2), "s"), trace.input(0.5, "n")
    y = trace.step(ops.sum, x)
    found, *_ = trace.run(y, trace.step(ops.multiply, y, s), trace.step(ops.multiply, s, n), s, n)
    assert [type(a) for a in found] == [np.float64, np.float64, np.float32, np.float32, float]
    found, *_ = trace.run(trace.step(ops.relu, y), trace.step(ops.where, trace.step(ops.greater, y, 1), y, 0))
    assert [type(a) for a in found] == [np.float64, np.float64]


def test_a_captured_single_value_is_not_handed_out():
    trace = Trace()
    count = trace.input(np.array(3.0), "count")
    more = trace.step(ops.add, count, 1.0)
    kept = np.array(3.0)
    run = emit(trace.program(count, more, writes=[(count, more)])).bind({0: kept})
    assert run() == (3.0, 4.0)
    assert run() == (4.0, 5.0)
    assert kept == 5.0


# writes


def test_an_update_is_computed_in_place():
    trace = Trace()
    p, g = trace.input(np.arange(3.0), "p"), trace.input(np.ones(3), "g")
    new = trace.step(ops.subtract, p, trace.step(ops.multiply, g, 0.5))
    source = check(trace, writes=[(p, new)], captured=[0])
    assert lines(source) == ["np.multiply(g, c0, out=v0)", "np.subtract(p, v0, out=p)", "return ()"]


def test_what_reads_the_old_value_later_still_sees_it():
    trace = Trace()
    p = trace.input(np.arange(3.0), "p")
    new = trace.step(ops.add, p, 1.0)
    check(trace, trace.step(ops.multiply, p, 10.0), writes=[(p, new)], captured=[0])
    check(trace, p, new, writes=[(p, new)], captured=[0])


def test_two_arrays_change_places():
    trace = Trace()
    p, q = trace.input(np.arange(3.0), "p"), trace.input(np.ones(3), "q")
    check(trace, p, q, writes=[(p, q), (q, p)], captured=[0, 1])


def test_an_old_value_is_kept_in_another_array():
    trace = Trace()
    p, old = trace.input(np.arange(3.0), "p"), trace.input(np.ones(3), "old")
    new = trace.step(ops.add, p, 1.0)
    check(trace, writes=[(p, new), (old, p)], captured=[0, 1])
    check(trace, writes=[(old, p), (p, new)], captured=[0, 1])
    check(trace, writes=[(p, new), (old, new)], captured=[0, 1])


def test_a_new_value_may_come_from_a_view_of_the_old_one():
    trace = Trace()
    p = trace.input(np.arange(4.0).reshape(2, 2), "p")
    turned = trace.step(ops.transpose, p, axes=None)
    check(trace, writes=[(p, turned)], captured=[0])
    check(trace, writes=[(p, trace.step(ops.add, p, turned))], captured=[0])
    check(trace, writes=[(p, trace.step(ops.matmul, p, turned))], captured=[0])


@pytest.mark.parametrize("name", ["where", "chain", "setitem", "matmul", "reversed"])
def test_what_reads_the_old_value_twice_does_not_write_over_it(name):
    trace = Trace()
    p, q = trace.input(np.array([1.0, 0, -2]), "p"), trace.input(np.array([np.inf, np.inf, 1]), "q")
    if name == "where":
        new = trace.step(ops.where, trace.step(ops.greater, q, 1.0), p, 0)
    elif name == "chain":
        finite = trace.step(ops.logical_or, trace.step(ops.isfinite, q), trace.step(ops.not_equal, p, 0))
        new = trace.step(ops.where, finite, trace.step(ops.multiply, p, q), 0)
    elif name == "setitem":
        new = trace.step(ops.setitem, p, trace.step(ops.getitem, p, index=slice(None, 2)), index=slice(1, 3))
    elif name == "matmul":
        new = trace.step(ops.matmul, p, trace.step(ops.outer, p, p))
    else:
        new = trace.step(ops.subtract, p, trace.step(ops.getitem, p, index=slice(None, None, -1)))
    check(trace, writes=[(p, new)], captured=[0])
    check(trace, writes=[(q, new)], captured=[1])


def test_moments_are_updated_in_their_own_memory():
    trace = Trace()
    m, g = trace.input(np.arange(3.0), "m"), trace.input(np.ones(3), "g")
    new = trace.step(ops.add, trace.step(ops.multiply, m, 0.9), trace.step(ops.multiply, g, 0.1))
    source = check(trace, trace.step(ops.negative, new), writes=[(m, new)], captured=[0])
    assert "np.multiply(m, c0, out=m)" in source
    old = trace.input(np.zeros(3), "old")
    check(trace, writes=[(m, new), (old, trace.step(ops.multiply, m, 0.9))], captured=[0, 2])


# errors


def failing(late):
    """p ← p + 1, and a loss whose labels may be wrong, before or after."""
    trace = Trace()
    p, z, labels = trace.input(np.zeros(2), "p"), trace.input(np.zeros((2, 3)), "z"), trace.input(np.array([0, 1]), "labels")
    loss = lambda: trace.step(ops.cross_entropy, z, labels, reduction="mean", ignore_index=None)
    y = None if late else loss()
    new = trace.step(ops.add, p, 1.0)
    return trace.program(loss() if late else y, writes=[(p, new)])


@pytest.mark.parametrize("late", [True, False])
@pytest.mark.parametrize("wrong", [3, -1])
def test_an_error_is_that_of_the_op_and_writes_nothing(late, wrong):
    kept = np.zeros(2)
    run = emit(failing(late)).bind({0: kept})
    z, labels = np.zeros((2, 3)), np.array([wrong, 0])
    with pytest.raises(ValueError, match="labels run from") as wanted:
        ops.cross_entropy(z, labels, "mean")
    with pytest.raises(ValueError, match="labels run from") as found:
        run(z, labels)
    assert str(found.value) == str(wanted.value)
    np.testing.assert_array_equal(kept, 0)
    run(z, np.array([0, 1]))  # and the next run is as if nothing had been
    np.testing.assert_array_equal(kept, 1)


def test_pythons_own_arithmetic_may_raise():
    trace = Trace()
    p, n = trace.input(np.zeros(2), "p"), trace.input(2, "n")
    new = trace.step(ops.add, p, 1.0)
    kept = np.zeros(2)
    run = emit(trace.program(trace.step(ops.divide, 1, n), writes=[(p, new)])).bind({0: kept})
    with pytest.raises(ZeroDivisionError):
        run(0)
    np.testing.assert_array_equal(kept, 0)
    assert run(4) == (0.25,)


def test_an_error_of_any_op_names_its_operands():
    trace = Trace()
    p, x = trace.input(np.zeros((2, 2)), "p"), trace.input(np.eye(2), "x")
    new = trace.step(ops.add, trace.step(ops.inv, trace.step(ops.multiply, x, 2.0)), p)
    kept = np.zeros((2, 2))
    run = emit(trace.program(new, writes=[(p, new)])).bind({0: kept})
    with pytest.raises(np.linalg.LinAlgError) as wanted:
        ops.inv(np.zeros((2, 2)))
    with pytest.raises(np.linalg.LinAlgError) as found:
        run(np.zeros((2, 2)))
    assert (str(found.value), found.value.__notes__) == (str(wanted.value), wanted.value.__notes__)
    np.testing.assert_array_equal(kept, 0)
    np.testing.assert_array_equal(run(np.eye(2))[0], np.eye(2) / 2)


def test_an_index_that_is_out_of_range_is_named():
    trace = Trace()
    x, k = trace.input(np.arange(3.0), "x"), trace.input(np.array([0, 2]), "k")
    y = trace.step(Indexed(ops.getitem, 1, (Hole(1),)), x, k)
    run = emit(trace.program(y)).bind({})
    with pytest.raises(IndexError) as wanted:
        ops.getitem(np.arange(3.0), (np.array([1, 3]),))
    with pytest.raises(IndexError) as found:
        run(np.arange(3.0), np.array([1, 3]))
    assert str(found.value) == str(wanted.value)


@pytest.mark.filterwarnings("error")
def test_floating_point_warnings_are_off_inside_only():
    trace = Trace()
    x = trace.input(np.ones(2))
    run = emit(trace.program(trace.step(ops.divide, 1.0, trace.step(ops.log, x)))).bind({})
    with np.errstate(all="raise"):
        run(np.zeros(2))
        with pytest.raises(FloatingPointError):
            np.log(np.zeros(2))


# what is computed in another way


def test_where_the_chain_rule_guards_zero_times_infinity():
    trace = Trace()
    g, partial = trace.input(np.ones(5)), trace.input(np.ones(5))
    finite = trace.step(ops.logical_or, trace.step(ops.isfinite, partial), trace.step(ops.not_equal, g, 0))
    y = trace.step(ops.where, finite, trace.step(ops.multiply, g, partial), 0)
    program = trace.program(y, trace.step(ops.negative, y))
    run = emit(program).bind({})
    assert "isfinite" not in emit(program).source.replace("~(np.isfinite", "")
    for a, b in [([0.0, 0, 2, np.nan, np.inf], [np.inf, np.nan, 3, 1, 0]), ([1.0, 2, 3, 0, -0.0], [1, 2, 3, 4, 5])]:
        for given, wanted in zip(run(np.array(a), np.array(b)), program.run(np.array(a), np.array(b)), strict=True):
            assert_same(given, wanted)


SCORES = [
    np.linspace(-3, 3, 12).reshape(3, 4), np.array([[0, 800.0, 0, 1], [1, 1, 1, 1], [5, 5, -np.inf, 5]]),
    np.array([[-np.inf] * 4, [1.0, 2, 3, 4], [0, 0, 0, 0]]), np.array([[np.inf, 0, 0, 1], [np.nan, 2, 3, 4], [0, 0, 0, 0]]),
]  # fmt: skip


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("ignore_index", [None, -100, 1])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("kind", ["i8", "i4", "u1"])
def test_a_loss_and_its_slope_are_those_of_the_ops(reduction, ignore_index, dtype, kind):
    trace = Trace()
    z, labels = trace.input(SCORES[0].astype(dtype)), trace.input(np.array([0, 1, 3], kind))
    loss = trace.step(ops.cross_entropy, z, labels, reduction=reduction, ignore_index=ignore_index)
    g = trace.input(np.ones(trace.known[loss].shape, dtype) * dtype(0.5))
    if ignore_index is None:
        scores, true, rows = z, labels, trace.step(ops.getitem, g, index=(..., None)) if reduction == "none" else g
    else:
        kept = trace.step(ops.not_equal, labels, ignore_index)
        column = trace.step(ops.getitem, kept, index=(..., None))
        scores, true = trace.step(ops.where, column, z, 0), trace.step(ops.where, kept, labels, 0)
        rows = trace.step(ops.getitem, trace.step(ops.where, kept, g, 0), index=(..., None))
    slope = trace.step(ops.multiply, rows, trace.step(softmax_minus_one_hot, scores, true))
    program = trace.program(loss, slope, trace.step(ops.negative, slope))
    executable = emit(program)
    assert ".slope(" in executable.source
    assert "softmax_minus" not in executable.source
    run = executable.bind({})
    ways = [[0, 1, 3], [1, 1, 1], [3, 2, 0], *([[-100, 2, 1]] if ignore_index == -100 and kind != "u1" else [])]
    for scores in SCORES:
        for k in ways:
            given = [scores.astype(dtype), np.array(k, kind), trace.arrays[2]]
            for found, wanted in zip(run(*given), program.run(*given), strict=True):
                assert_same(found, wanted, exact=False)
                if np.isfinite(scores).all():  # every digit, at any margin
                    np.testing.assert_allclose(found, wanted, rtol=1e-5 if dtype == np.float32 else 1e-14)


@pytest.mark.parametrize("order", ["zwz", "wzz", "wzw"])
def test_two_losses_do_not_meet_nor_do_two_slopes(order):
    trace = Trace()
    z, w, labels = trace.input(SCORES[0] ** 2), trace.input(SCORES[0] ** 3), trace.input(np.array([0, 1, 3]))
    losses = [trace.step(ops.cross_entropy, a, labels, reduction="mean", ignore_index=None) for a in (z, w)]
    scores = [{"z": z, "w": w}[letter] for letter in order]
    slopes = [trace.step(ops.multiply, 1.0 + k, trace.step(softmax_minus_one_hot, a, labels)) for k, a in enumerate(scores)]
    check(trace, *losses, *slopes, exact=False)


@pytest.mark.parametrize("way", ["of all rows", "of other rows", "of rows in another order"])
def test_a_slope_that_ignores_other_rows_than_the_loss_is_left_as_it_is(way):
    trace = Trace()
    z, labels = trace.input(SCORES[0] ** 2), trace.input(np.array([0, 1, 1]))
    loss = trace.step(ops.cross_entropy, z, labels, reduction="sum", ignore_index=1)
    if way == "of all rows":
        slope = trace.step(ops.multiply, 1.0, trace.step(softmax_minus_one_hot, z, labels))
    else:
        kept = trace.step(ops.not_equal, labels, 0 if way == "of other rows" else 1)
        column = trace.step(ops.getitem, kept, index=(slice(None, None, -1 if way == "of rows in another order" else None), None))
        rows = trace.step(ops.getitem, trace.step(ops.where, kept, trace.input(np.float64(1)), 0), index=(..., None))
        true = trace.step(ops.where, kept, labels, 0)
        slope = trace.step(ops.multiply, rows, trace.step(softmax_minus_one_hot, trace.step(ops.where, column, z, 0), true))
    check(trace, loss, slope, exact=False)


@pytest.mark.parametrize("way", ["another cotangent", "another partial", "another number"])
def test_what_only_looks_like_a_guard_is_none(way):
    trace = Trace()
    g, partial, other = trace.input(np.array([0.0, 1, 1])), trace.input(np.array([np.inf, np.nan, np.inf])), trace.input(np.ones(3))
    finite = trace.step(ops.isfinite, other if way == "another partial" else partial)
    nonzero = trace.step(ops.not_equal, other if way == "another cotangent" else g, 1 if way == "another number" else 0)
    product = trace.step(ops.multiply, g, partial)
    check(trace, trace.step(ops.where, trace.step(ops.logical_or, finite, nonzero), product, 0))


@pytest.mark.parametrize("index", [slice(1, 3), (0, slice(None)), (slice(None, None, -1), 2), (..., None, 1)])
def test_writing_at_an_index(index):
    trace = Trace()
    x = trace.input(np.arange(12.0).reshape(3, 4))
    y = trace.step(ops.negative, x)
    v = trace.step(ops.getitem, y, index=index)
    check(trace, trace.step(ops.setitem, trace.step(ops.sin, x), v, index=index))
    check(trace, trace.step(ops.negative, trace.step(ops.setitem, y, trace.step(ops.exp, v), index=index)))
    check(trace, trace.step(ops.negative, trace.step(add_at, trace.step(ops.exp, v), index=index, shape=(3, 4))))


def test_a_write_at_an_index_copies_nothing_that_is_needed_no_more():
    trace = Trace()
    x = trace.input(np.arange(4.0))
    y = trace.step(ops.sin, x)
    for k in range(4):
        y = trace.step(ops.setitem, y, float(k), index=k)
    source = check(trace, trace.step(ops.negative, y))
    assert "[...]" not in source


@pytest.mark.parametrize("exponent", [-2, -1, -0.5, 0, 0.5, 1, 1.5, 2, 3, 2.0])
@pytest.mark.parametrize("dtype", [np.float32, np.float64, complex, int])
def test_powers(exponent, dtype):
    trace = Trace()
    x = trace.input(np.arange(-2, 20).astype(dtype) if dtype is int else np.linspace(-1, 30, 50).astype(dtype))
    try:
        y = trace.step(ops.power, x, exponent)
    except ValueError:
        return
    check(trace, y, trace.step(ops.negative, y))


def test_numbers_that_do_not_fit_a_dtype():
    trace = Trace()
    x = trace.input(np.array([0, 200], np.uint8))
    check(trace, trace.step(ops.logical_not, trace.step(ops.less, x, 300)), trace.step(ops.logical_not, trace.step(ops.greater, x, -1)))


@pytest.mark.parametrize("value", [np.inf, -np.inf, np.nan, 1e300, 1e-50, -0.0])
def test_unusual_numbers_in_code(value):
    trace = Trace()
    x = trace.input(np.array([1.0, -1.0], np.float32))
    check(trace, trace.step(ops.multiply, x, value), trace.step(ops.negative, trace.step(ops.minimum, value, x)))


# draws, threads


@pytest.mark.parametrize(
    ("method", "args", "options"),
    [
        *((method, (), {"size": (2, 3), "dtype": t}) for method in ("random", "standard_normal", "standard_exponential") for t in "fd"),
        ("random", ((2, 3), np.float32), {}), ("standard_exponential", ((2, 3), np.float64, "inv"), {}),
        ("standard_exponential", (), {"size": (2, 3), "method": "inv"}), ("normal", (1.0, 2.0, (2, 3)), {}), ("permutation", (5,), {}),
        ("integers", (0, 9), {"size": (2, 3)}),
    ],
)  # fmt: skip
def test_draws_go_on_where_the_generator_stands(method, args, options):
    generator = np.random.default_rng(3)
    y = getattr(np.random.default_rng(0), method)(*args, **options)
    steps = [Step(Draw(generator, method), args, options) for _ in range(2)]
    for step in steps:
        step.results = (Value(y.shape, y.dtype, step),)
    a, b = (step.results[0] for step in steps)
    total = Value(y.shape, y.dtype)
    total.step = Step(ops.subtract, (a, b), {}, (total,))
    run = emit(Program([], [*steps, total.step], [total, a])).bind({})
    twin = np.random.default_rng(3)
    for _ in range(2):
        a, b = (getattr(twin, method)(*args, **options) for _ in range(2))
        found = run()
        np.testing.assert_array_equal(found[0], a - b)
        np.testing.assert_array_equal(found[1], a)


def test_a_single_draw_is_a_scalar_of_its_dtype():
    step = Step(Draw(np.random.default_rng(3), "normal"), (), {})
    step.results = (Value((), np.dtype(float), step),)
    x = Value((2,), np.dtype(np.float32))
    y = Value((2,), np.dtype(float))
    y.step = Step(ops.multiply, (x, step.results[0]), {}, (y,))
    found = emit(Program([Input(x, "x")], [step, y.step], [y, step.results[0]])).bind({})(np.ones(2, np.float32))
    wanted = np.random.default_rng(3).normal()
    assert [type(found[1]), found[0].dtype, *found[0]] == [np.float64, float, wanted, wanted]
    assert found[1] == wanted


def test_threads_may_run_it_at_once():
    trace = Trace()
    x = trace.input(np.ones((100, 100)))
    y = trace.step(ops.sin, x)
    for _ in range(10):
        y = trace.step(ops.add, trace.step(ops.cos, y), y)
    program = trace.program(y)
    run = emit(program).bind({})
    wrong = []

    def work(k):
        given = np.full((100, 100), float(k))
        wanted = program.run(given)[0]
        wrong.extend(k for _ in range(30) if not np.array_equal(run(given)[0], wanted))

    threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert not wrong


def test_one_program_is_bound_to_several_sets_of_arrays():
    trace = Trace()
    p = trace.input(np.zeros(2), "p")
    executable = emit(trace.program(writes=[(p, trace.step(ops.add, p, 1.0))]))
    a, b = np.zeros(2), np.full(2, 5.0)
    first, second = executable.bind({0: a}), executable.bind({0: b})
    first()
    second()
    first()
    assert a.tolist() == [2, 2]
    assert b.tolist() == [6, 6]


def test_other_inputs_may_be_captured():
    trace = Trace()
    p, q = trace.input(np.zeros(2), "p"), trace.input(np.ones(2), "q")
    executable = emit(trace.program(trace.step(ops.subtract, p, q)))
    assert "def run(p, q)" in executable.source
    assert executable.bind({0: np.full(2, 3.0)})(np.ones(2))[0].tolist() == [2, 2]
    assert executable.bind({1: np.full(2, 3.0)})(np.ones(2))[0].tolist() == [-2, -2]
    assert "def run(p)" in executable.source


@pytest.mark.parametrize("name", ["np", "run", "lambda", "v1", "2 x", "a.b[0]", "", "x", "memory", "exp", "x²", "ﬁ", "zip", "out"])
def test_inputs_may_have_any_name(name):
    trace = Trace()
    x, y = trace.input(np.ones(2), name), trace.input(np.ones(2), name)
    check(trace, trace.step(ops.exp, trace.step(ops.sigmoid, trace.step(ops.add, x, y))), captured=[1])


@pytest.mark.parametrize("f", [
    lambda a: (anp.clip(anp.sin(a) * 2, -1, 1) @ anp.ones((15, 2))).sum(),
    lambda a: (anp.where(a > 0, anp.sin(a) * 2 + 1, 0) @ anp.ones((15, 2))).sum(),
    lambda a: (anp.maximum(a, 0.1) ** 2).sum(),
    lambda a: anp.where(anp.sin(anp.cos(a) * 2) > 0, anp.sin(a), 0).sum(),
    lambda a: (anp.exp(anp.cos(anp.sin(anp.cos(a) + 1)[:, ::-1]) * 2) + 1).sum(),
    lambda a: (anp.exp(anp.cos(anp.sin(anp.cos(a[:1]) + 1)[::-1]) * 2) + 1).sum(),
    lambda a: (anp.exp(anp.cos(anp.sin(anp.cos(a[:, :1]) + 1)[:, ::-1]) * 2) + 1).sum(),
    lambda a: anp.sqrt(anp.abs(anp.tanh(a) - anp.tanh(a).mean(0)) + 1e-3).sum(),
])  # fmt: skip
def test_gradients_in_chunks(f, rng, short_chunks):
    x = rng.standard_normal((4, 15))
    for function in (f, grad(f)):
        np.testing.assert_allclose(jit(function, backend="numpy")(x), function(x), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", ["out", "out_", "zip", "chunks", "θ"])
def test_any_argument_in_chunks(name, rng, short_chunks):
    f = eval(f"lambda {name}: anp.tanh(anp.sin(anp.cos({name}) * 2) + 1)", {"anp": anp})
    x = rng.standard_normal(17)
    np.testing.assert_array_equal(jit(f, backend="numpy")(x), f(x))
