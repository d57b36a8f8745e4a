"""The graph: long, freed in time, never silently wrong after a write, and clear when misused."""

import asyncio
import copy
import gc
import pickle
import subprocess
import sys
import textwrap
import threading
import tracemalloc
import weakref
from operator import iadd, imul, isub, itruediv

import numpy as np
import pytest

from autograd import Tensor, constant, elementwise, enable_grad, general, is_grad_enabled, multilinear, no_grad, ops
from autograd.op import TABLE
from autograd.ops import concatenate, cross_entropy, exp, linear, log, multiply, sigmoid, split, stack, tanh, where
from autograd.test_util import check_grads


def leaf(value=(1.0, 2.0, 3.0), name=None):
    return Tensor(value, requires_grad=True, name=name)


def assert_grad(x, wanted):
    np.testing.assert_allclose(x.grad.data, wanted, rtol=1e-13)


# length


def in_a_small_thread(script):
    """Run in a process of its own, in a thread with a 256 kB stack, where Python may nest only 200 calls."""
    script = f"""
import copy, gc, pickle, sys, threading
from autograd import Tensor

def chain(n):
    x = y = Tensor([1.0], requires_grad=True)
    for _ in range(n):
        y = y * 1.0
    return x, y

def run():
    chain(10)  # what is made once, for all calls
{textwrap.indent(textwrap.dedent(script), "    ")}
    done.append(True)

done = []
gc.disable()
sys.setrecursionlimit(200)
threading.stack_size(256 * 1024)
thread = threading.Thread(target=run)
thread.start()
thread.join()
sys.exit(not done)
"""
    outcome = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert outcome.returncode == 0, outcome.stderr or f"exit status {outcome.returncode}"


def test_a_million_nodes():
    in_a_small_thread("""
        before = len(gc.get_objects())
        x, y = chain(1_000_000)
        assert len(gc.get_objects()) > before + 1_000_000
        y.backward()
        assert x.grad.item() == 1
        del y
        assert len(gc.get_objects()) < before + 1000
    """)


def test_a_long_chain_is_freed_without_backward():
    in_a_small_thread("""
        before = len(gc.get_objects())
        x, y = chain(100_000)
        del y
        assert len(gc.get_objects()) < before + 1000
    """)


def test_a_long_chain_of_second_order():
    in_a_small_thread("""
        x = y = Tensor(2.0, requires_grad=True)
        for _ in range(10_000):
            y = y * y * 0.5
        y.backward(create_graph=True)
        g, x.grad = x.grad, None
        g.backward()
        assert x.grad.item() > 0
    """)


@pytest.mark.parametrize("order", ["x, y", "y, x"])
@pytest.mark.parametrize("duplicate", ["copy.deepcopy", "lambda pair: pickle.loads(pickle.dumps(pair))"])
def test_a_long_chain_is_copied(duplicate, order):
    in_a_small_thread(f"""
        x, y = chain(20_000)
        {order.replace(",", "2,")}2 = ({duplicate})(({order}))
        y2.backward()
        assert x2.grad.item() == 1
        assert x.grad is None
    """)


# copies


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda pair: pickle.loads(pickle.dumps(pair))])
def test_copies_keep_what_is_shared_and_share_nothing_with_the_original(duplicate):
    x = leaf(name="x")
    parts = split(exp(x) * x, 3)
    x2, (_, middle, last) = duplicate((x, parts))
    (middle * last).sum().backward(create_graph=True)
    assert x2.name == "x"
    assert x.grad is None
    (parts[1] * parts[2]).sum().backward()
    assert_grad(x2, x.grad.data)
    x2.data[...] = 0
    assert x.data[0] == 1


@pytest.mark.parametrize("requires_grad", [False, True])
def test_a_copied_leaf_is_a_leaf_of_its_own(requires_grad):
    x = Tensor([1.0, 2.0], requires_grad=requires_grad, name="x")
    for twin in copy.copy(x), copy.deepcopy(x), pickle.loads(pickle.dumps(x)):
        assert twin.is_leaf
        assert (twin.requires_grad, twin.name) == (requires_grad, "x")
        if requires_grad:
            x.zero_grad()
            (x * x).sum().backward()
            (twin * 3).sum().backward()
            assert_grad(x, [2, 4])
            assert_grad(twin, [3, 3])


# memory


@pytest.fixture
def no_collector():
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def graphs():
    """Losses made of an array, each in another way; with them what else is to be kept alive."""
    yield "forward only", lambda x: [exp(x * 1.0)]
    yield "backward", lambda x: (exp(x * 1.0).sum().backward(), x.grad)
    yield "retained", lambda x: (exp(x * 1.0).sum().backward(retain_graph=True),)
    yield "retain_grad", lambda x: exp((x * 1.0).retain_grad()).sum().backward()
    yield "higher order", lambda x: (exp(x * 1.0).sum().backward(create_graph=True), x.grad.sum().backward())
    yield "several outputs", lambda x: split(exp(x * 1.0), 3)[0].sum().backward()
    yield "in place", lambda x: in_place(x * 1.0)
    yield "error", mistaken


def mistaken(x):
    with pytest.raises(ValueError, match="matmul"):
        exp(x * 1.0) @ np.ones(7)


def in_place(y):
    y[0] = y[1] * 2
    y += exp(y)
    y.sum().backward()


@pytest.mark.parametrize("use", [pytest.param(use, id=name) for name, use in graphs()])
@pytest.mark.usefixtures("no_collector")
def test_memory_goes_with_the_last_tensor(use):
    x = leaf()
    kept = weakref.ref(x.data)
    made = use(x)
    del x, made
    assert kept() is None


@pytest.mark.usefixtures("no_collector")
def test_intermediate_values_go_before_the_loss_does():
    x = leaf()
    hidden = exp(x)
    array = weakref.ref(hidden.data)
    loss = (hidden * 2.0).sum()
    del hidden
    assert array() is not None, "the rule of exp needs its value"
    loss.backward()
    assert array() is None


def test_only_what_a_rule_names_is_kept():
    x = leaf()
    hidden = x * 1.0
    array = weakref.ref(hidden.data)
    loss = (hidden + 2.0).sum()
    del hidden
    assert array() is None, "nothing in a sum needs its terms"
    loss.backward()


@pytest.mark.usefixtures("no_collector")
def test_ten_thousand_steps_do_not_grow():
    W, b = leaf(np.ones((3, 2))), leaf(np.zeros(2))
    X, labels = np.arange(12.0).reshape(4, 3) / 10, np.array([0, 1, 1, 0])

    def step():
        W.zero_grad()
        b.zero_grad()
        cross_entropy(tanh(X @ W + b), labels).mean().backward()
        with no_grad():
            W.data = W - 0.1 * W.grad
            b.__isub__(0.1 * b.grad)

    for _ in range(100):
        step()
    objects = len(gc.get_objects())
    tracemalloc.start()
    for _ in range(100):
        step()
    memory = tracemalloc.get_traced_memory()[0]
    for _ in range(100):
        step()
    growth = tracemalloc.get_traced_memory()[0] - memory
    tracemalloc.stop()
    for _ in range(9_700):
        step()
    assert growth < 2000
    assert len(gc.get_objects()) < objects + 20


# backward


def test_gradients_accumulate_until_they_are_forgotten():
    x = leaf()
    for wanted in 1, 2:
        x.sum().backward()
        assert_grad(x, [wanted] * 3)
    x.zero_grad()
    assert x.grad is None


def test_every_use_of_a_value_counts():
    x = leaf(2.0)
    y = x * x
    (y * y + y + x).backward()
    assert x.grad.item() == 4 * 8 + 2 * 2 + 1


def test_inner_gradients_are_kept_on_request_only():
    x = leaf()
    hidden = x * 2.0
    asked = (hidden * 3.0).retain_grad()
    asked.sum().backward()
    assert_grad(asked, [1, 1, 1])
    assert_grad(x, [6, 6, 6])
    assert hidden.grad is None


@pytest.mark.parametrize("create_graph", [False, True])
def test_gradients_share_memory_with_nothing(create_graph):
    a, b, seed = leaf(), leaf(), Tensor([1.0, 1.0, 1.0])
    c = (a + b).retain_grad()
    (c + 0.0).backward(seed, create_graph=create_graph)
    grads = [t.grad for t in (a, b, c)]
    for k, g in enumerate(grads):
        assert g.data.flags.writeable
        assert g is not seed
        assert not any(np.shares_memory(g.data, other.data) for other in [seed, *grads[:k]])


def test_a_graph_is_used_once_unless_it_is_retained():
    x = leaf()
    y = (x * x).sum()
    y.backward(retain_graph=True)
    y.backward()
    assert_grad(x, [4, 8, 12])
    with pytest.raises(RuntimeError, match=r"backward\(\): the graph has been freed: \w+ has no saved arrays.*retain_graph=True"):
        y.backward()
    assert_grad(x, [4, 8, 12])


def test_a_freed_part_of_another_graph_is_noticed():
    x = leaf()
    shared = x * x
    shared.sum().backward()
    with pytest.raises(RuntimeError, match="freed: multiply"):
        (shared * 2.0).sum().backward()


@pytest.mark.parametrize("order", [1, 2, 3])
def test_gradients_of_gradients(order):
    check_grads(lambda x, y: (sigmoid(x * y) * exp(y)).sum(), order=order)(np.array([0.3, -0.2]), 0.7)


def test_seeds():
    x = leaf()
    (x * 2.0).backward([1.0, 10.0, 100.0])
    assert_grad(x, [2, 20, 200])
    x.backward([1.0, 1.0, 1.0])
    assert_grad(x, [3, 21, 201])


# several outputs, several inputs


def outputs_used(*used):
    def f(x):
        parts = split(exp(x), [1, 3])
        return sum((parts[k] ** 2).sum() * (k + 1) for k in used)

    return f


@pytest.mark.parametrize("used", [(0,), (1,), (2,), (0, 2), (0, 1, 2), (1, 1)])
def test_outputs_that_are_not_used_count_as_zero(used):
    check_grads(outputs_used(*used), order=3, atol=1e-5)(np.array([0.1, -0.4, 0.3, 0.8]))


@pytest.mark.parametrize(
    "f",
    [
        lambda x, y: concatenate([x, y, x * y, np.ones(3)]) ** 2,
        lambda x, y: stack([x, x, y]) * stack([y, x, x], axis=0),
        lambda x, y: concatenate([x, x]) ** 3,
        lambda x, y: concatenate((exp(stack((x, y), axis=1)), stack((y, x), axis=1)), axis=1) ** 2,
    ],
)
def test_sequences_of_arrays(f):
    check_grads(lambda x, y: f(x, y).sum())(np.array([0.1, -0.4, 0.3]), np.array([0.5, 0.2, -0.7]))


@pytest.mark.parametrize("dtypes", [("f4", "f8"), ("f8", "f4"), ("f2", "f4"), ("f4", "i8"), ("f4", "u1")])
@pytest.mark.parametrize("f", [ops.add, multiply, ops.divide, ops.matmul, ops.maximum, lambda a, b: concatenate([a, b])])
def test_each_gradient_has_its_own_dtype(f, dtypes):
    pair = [Tensor(np.array([1, 1]), dtype=d, requires_grad=d[0] == "f") for d in dtypes]
    y = f(*pair)
    assert y.dtype == f(*(np.ones(2, d) for d in dtypes)).dtype
    y.sum().backward()
    for t in pair:
        assert (t.grad.dtype == t.dtype) if t.requires_grad else t.grad is None


# modes


def test_no_grad_records_nothing_and_nests():
    x = leaf()
    with no_grad():
        assert not (x * 2).requires_grad
        with enable_grad():
            assert (x * 2).requires_grad
            with no_grad():
                assert not is_grad_enabled()
            assert is_grad_enabled()
        assert not is_grad_enabled()
    assert (x * 2).requires_grad


def test_a_mode_ends_with_an_error():
    with pytest.raises(ZeroDivisionError), no_grad():
        1 / 0
    assert is_grad_enabled()


def test_one_mode_object_can_be_entered_again():
    mode = no_grad()
    with mode, mode:
        assert not is_grad_enabled()
    assert is_grad_enabled()


def test_a_mode_is_of_its_thread():
    inside, ready, done = [], threading.Event(), threading.Event()

    def work():
        with no_grad():
            ready.set()
            done.wait(5)
            inside.append(is_grad_enabled())

    thread = threading.Thread(target=work)
    thread.start()
    ready.wait(5)
    assert is_grad_enabled()
    done.set()
    thread.join()
    assert inside == [False]


def test_a_decorated_function():
    @no_grad()
    def f(x):
        """Doubles."""
        return x * 2, is_grad_enabled()

    assert f.__name__ == "f"
    assert f.__doc__ == "Doubles."
    y, enabled = f(leaf())
    assert not y.requires_grad
    assert not enabled
    assert is_grad_enabled()


def test_a_decorated_generator_has_its_mode_in_its_own_steps_only():
    @no_grad()
    def steps():
        got = yield is_grad_enabled()
        try:
            yield got, is_grad_enabled()
        except KeyError:
            yield "caught", is_grad_enabled()
        return is_grad_enabled()

    plain, other = steps(), steps()
    assert next(plain) is False
    assert is_grad_enabled()
    assert next(other) is False
    assert plain.send("sent") == ("sent", False)
    assert is_grad_enabled()
    assert plain.throw(KeyError) == ("caught", False)
    with pytest.raises(StopIteration) as end:
        next(plain)
    assert end.value.value is False
    other.close()
    assert is_grad_enabled()


def test_decorated_coroutines_do_not_disturb_each_other():
    @no_grad()
    async def quiet(wait):
        await wait()
        return is_grad_enabled()

    async def loud(wait):
        await wait()
        return is_grad_enabled()

    async def main():
        wait = lambda: asyncio.sleep(0.001)
        return await asyncio.gather(quiet(wait), loud(wait), quiet(wait), loud(wait))

    assert asyncio.run(main()) == [False, True, False, True]


def test_an_asynchronous_generator_is_not_decorated():
    async def steps():
        yield 1

    with pytest.raises(TypeError, match=r"no_grad: steps is an asynchronous generator.*use `with no_grad\(\):` inside it"):
        no_grad()(steps)


# writes


def write_by_view_of_a_view(w):
    w.detach()[1:][...] = 0.0


def write_by_sharing(w):
    Tensor(w.data, copy=False)[0] = 0.0


def write_by_data(w):
    w.data = np.zeros(3)


WRITES = {
    "x[i] = v": lambda w: w.__setitem__(0, 5.0),
    "x[...] = tensor": lambda w: w.__setitem__(..., Tensor([1.0, 1.0, 1.0])),
    "x[mask] = v": lambda w: w.__setitem__(w > 1, 0.0),
    "x += v": lambda w: iadd(w, 1.0),
    "x -= v": lambda w: isub(w, Tensor([1.0, 2.0, 3.0])),
    "x *= v": lambda w: imul(w, 2.0),
    "x /= v": lambda w: itruediv(w, 2.0),
    "x.data = v": write_by_data,
    "x.detach()[i] = v": lambda w: w.detach().__setitem__(0, 0.0),
    "x.detach() += v": lambda w: iadd(w.detach(), 1.0),
    "x[1:][...] = v": lambda w: w[1:].__setitem__(..., 0.0),
    "x.detach()[1:][...] = v": write_by_view_of_a_view,
    "Tensor(x.data, copy=False)[i] = v": write_by_sharing,
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
@pytest.mark.parametrize("requires_grad", [True, False], ids=["leaf", "constant"])
def test_a_write_between_forward_and_backward_is_an_error(write, requires_grad):
    w, x = Tensor([1.0, 2.0, 3.0], requires_grad=requires_grad, name="w"), leaf(name="x")
    with no_grad():
        write(w)  # before the forward pass: of no consequence
    loss = (w * x).sum()
    with no_grad():
        write(w)
    with pytest.raises(RuntimeError, match=r"^multiply: .*which its derivative needs, was written after the forward pass"):
        loss.backward()
    assert x.grad is None
    loss = (w * x).sum()
    loss.backward()
    assert_grad(x, w.data)


def test_the_error_names_the_tensor_that_was_written():
    w = leaf(name="weight")
    loss = (w * w).sum()
    with no_grad():
        w -= 1.0
    with pytest.raises(RuntimeError, match="tensor 'weight', which its derivative needs"):
        loss.backward()


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_a_written_result_is_noticed_too(write):
    x = leaf()
    y = exp(x)
    loss = y.sum()
    with no_grad():
        write(y)
    with pytest.raises(RuntimeError, match=r"^exp: "):
        loss.backward()


def test_a_write_does_not_matter_where_no_rule_needs_the_value():
    x = leaf()
    loss = (x + x).sum()
    with no_grad():
        x += 1.0
    loss.backward()
    assert_grad(x, [2, 2, 2])


def test_a_stale_graph_can_not_be_pickled_into_a_fresh_one():
    w = leaf()
    loss = (w * w).sum()
    with no_grad():
        w += 1.0
    for duplicate in copy.deepcopy, pickle.dumps:
        with pytest.raises(RuntimeError, match="was written after the forward pass"):
            duplicate(loss)


@pytest.mark.parametrize("read", [lambda x, index: x[index], lambda x, index: x[index,]])
@pytest.mark.parametrize("index", [[0, 1], np.array([0, 1])], ids=["list", "array"])
def test_an_index_may_change_after_its_use(read, index):
    x, index = leaf(), index.copy()
    y = read(x, index)
    index[0] = 2
    y.sum().backward()
    assert_grad(x, [1, 1, 0])


IN_PLACE = [name for name in WRITES if name.startswith(("x[i]", "x[m", "x +", "x -", "x *", "x /"))]


@pytest.mark.parametrize("write", [WRITES[name] for name in IN_PLACE], ids=IN_PLACE)
def test_a_leaf_is_written_under_no_grad_only(write):
    w = leaf()
    with pytest.raises(RuntimeError, match=r"on a leaf that requires grad would lose the leaf.*no_grad"):
        write(w)
    np.testing.assert_array_equal(w.data, [1, 2, 3])
    with no_grad():
        write(w)
    assert w.is_leaf
    assert w.requires_grad
    assert not np.array_equal(w.data, [1, 2, 3])


@pytest.mark.parametrize("write", [WRITES[name] for name in IN_PLACE], ids=IN_PLACE)
def test_a_recorded_view_is_not_written(write):
    with pytest.raises(RuntimeError, match=r"on a view of another Tensor: .*\.copy\(\)"):
        write((leaf([1.0, 2.0, 3.0, 4.0]) * 2.0)[:3])


# differentiable assignment


def assign(index, value=lambda v: v):
    def f(x, v):
        y = x * 2.0
        before = y * 1.0
        y[index] = value(v)
        return (y * y * before).sum()

    return f


def update(by, with_constant=False):
    def f(x, v):
        y = Tensor(np.ones(3)) if with_constant else x * 2.0
        z = y * x
        y = by(y, v)
        return (y * y * z).sum()

    return f


@pytest.mark.parametrize(
    "f",
    [
        assign(0),
        assign(slice(1, None)),
        assign(...),
        assign(np.array([2, 0])),
        assign(np.array([True, False, True])),
        assign(1, lambda v: 0.5),
        assign(slice(0, 2), lambda v: stack([v, v * v])),
        *(update(by, with_constant) for by in (iadd, isub, imul, itruediv) for with_constant in (False, True)),
    ],
)
def test_assignment_is_differentiated(f):
    check_grads(f)(np.array([0.3, -0.6, 0.9]), 0.7)


def test_a_reassigned_name_keeps_its_request_for_a_gradient():
    x = leaf()
    y = (x * 2.0).retain_grad()
    y += 1.0
    (y * y).sum().backward()
    assert_grad(y, 2 * y.data)


def test_assignment_never_cuts_values():
    whole = Tensor([1, 2, 3])
    with pytest.raises(TypeError, match=r"float64.*int64"):
        whole[0] = leaf(0.5)
    with pytest.raises(TypeError, match=r"float64.*int64"):
        whole[0] = 0.5


# misuse


def masked():
    return np.ma.masked_array([1.0, 2.0], mask=[True, False])


@pytest.mark.parametrize(
    ("attempt", "error", "message"),
    [
        (lambda: Tensor(["a"]), TypeError, "got data of dtype <U1, wanted numbers or booleans"),
        (lambda: Tensor([object()]), TypeError, "got data of dtype object"),
        (lambda: Tensor(masked()), TypeError, r"masked array, whose mask would be lost; fill it first: a.filled\(0\)"),
        (lambda: Tensor([1, 2], requires_grad=True), TypeError, "int64 can't require a gradient.*dtype=float"),
        (lambda: Tensor([True], requires_grad=True), TypeError, "bool can't require a gradient"),
        (lambda: leaf().backward(), RuntimeError, r"shape \(3,\).*single value.*\.sum\(\) or \.mean\(\)"),
        (lambda: Tensor(1.0).backward(), RuntimeError, "nothing here requires a gradient; create a leaf"),
        (lambda: leaf().backward(1.0), ValueError, r"gradient has shape \(\), wanted \(3,\)"),
        (lambda: leaf().backward([1j, 0, 0]), TypeError, "gradient has dtype complex128, wanted float64"),
        (lambda: Tensor(1.0).retain_grad(), RuntimeError, "needs no gradient"),
        (lambda: (leaf() * 2).requires_grad_(False), RuntimeError, r"would cut the graph; use \.detach\(\)"),
        (lambda: np.asarray(leaf()), TypeError, r"would cut the graph; use \.numpy\(\), \.data or \.detach\(\)"),
        (lambda: len(Tensor(1.0)), TypeError, "0-d Tensor"),
        (lambda: bool(leaf()), ValueError, "ambiguous"),
        (lambda: float(leaf()), TypeError, None),
        (lambda: leaf() + np.ones(4), ValueError, r"^add: shapes \(3,\) and \(4,\) do not broadcast: axis -1 has sizes 3 and 4"),
        (lambda: leaf(np.ones((2, 3))) * np.ones((3, 2)), ValueError, r"multiply.*\(2, 3\) and \(3, 2\).*axis -1.*3 and 2.*transpose"),
        (lambda: leaf(np.ones((3, 4))) @ np.ones((5, 2)), ValueError, r"^matmul: \(3, 4\) @ \(5, 2\): inner sizes 4 and 5 differ"),
        (lambda: leaf(np.ones((3, 4))) @ np.ones((2, 4)), ValueError, r"matmul.*did you mean a @ b\.T\?"),
        (lambda: leaf() @ 2.0, ValueError, r"matmul.*use \* instead"),
        (lambda: linear(leaf(), np.ones((2, 4))), ValueError, r"linear.*\(3,\).*\(2, 4\)"),
        (lambda: linear(2.0, leaf()), ValueError, r"linear.*\(\).*\(3,\)"),
        (lambda: leaf().reshape(2, 2), ValueError, r"^reshape: .*\(3,\)"),
        (lambda: leaf().sum(axis=1), np.exceptions.AxisError, "^sum: .*axis 1 is out of bounds"),
        (lambda: leaf()[5], IndexError, "^getitem: .*index 5 is out of bounds"),
        (lambda: concatenate([leaf(), np.ones((2, 2))]), ValueError, "^concatenate: "),
        (lambda: exp(leaf(), leaf()), TypeError, "exp.*argument"),
        (lambda: exp(leaf(), base=2), TypeError, "exp.*base"),
        (lambda: ops.sum(leaf(), axis=leaf()), TypeError, "^sum: the option axis got a Tensor, which would cut the graph"),
        (lambda: cross_entropy(leaf(), np.array(7)), ValueError, r"^cross_entropy: labels run from 7 to 7, wanted 0 … 2"),
        (lambda: cross_entropy(leaf(), np.array(1.0)), TypeError, "^cross_entropy: labels have dtype float64, wanted integers"),
        (lambda: cross_entropy(leaf(), np.array([1])), ValueError, r"^cross_entropy: labels have shape \(1,\), wanted \(\)"),
        (lambda: np.add(np.ones(3), leaf(), out=np.ones(3)), TypeError, "numpy.add with out"),
        (lambda: np.add.reduce(leaf()), TypeError, r"numpy.add.reduce.*\.data"),
        (lambda: Tensor([1, 2]).__iadd__(0.5), TypeError, "float64.*int64"),
        (lambda: Tensor([1.0, 2.0]).__iadd__(np.ones((2, 2))), ValueError, r"\(2, 2\).*\(2,\)"),
        (lambda: Tensor(np.broadcast_to(1.0, 3), copy=False).__setitem__(0, 1.0), ValueError, r"read-only; write into a \.copy\(\)"),
    ],
)
def test_errors_say_what_was_got_and_what_to_do(attempt, error, message):
    with pytest.raises(error, match=message):
        attempt()


# ops of one's own


@pytest.fixture
def table():
    """The table of ops, put back afterwards as it was."""
    before = dict(TABLE)
    yield TABLE
    TABLE.clear()
    TABLE.update(before)


@pytest.mark.usefixtures("table")
def test_ops_of_ones_own_are_ops():
    @elementwise(lambda y: y / 2, lambda y, rate: y * rate)
    def growth(x, t, /, rate=0.5):
        return np.exp(x / 2 + t * rate)

    @multilinear(lambda g: g.sum() - g)
    def others(x, /):
        return np.sum(x) - x

    @general(lambda g, x, y: g[0] * cos_of(x) + g[1] * -y[0])
    def circle(x, /):
        return np.sin(x), np.cos(x)

    @elementwise(lambda x: -circle(x)[0])
    def cos_of(x, /):
        return np.cos(x)

    check_grads(growth, order=3, atol=1e-5)(np.array([0.1, 0.2]), np.array([[0.3], [0.5]]))
    check_grads(lambda x: others(x) ** 2, order=3)(np.array([0.1, 0.2, 0.7]))
    check_grads(lambda x: circle(x)[0] * exp(circle(x)[1]), order=3, atol=1e-5)(np.array([0.4, -0.3]))
    assert growth(0.0, 1.0, rate=2.0) == growth(0.0, 1.0, 2.0) == np.exp(2)


@pytest.mark.usefixtures("table")
@pytest.mark.parametrize(
    ("rule", "error", "message"),
    [
        (lambda g: g[:1], ValueError, r"returned shape \(1,\), wanted \(3,\), the shape of the argument"),
        (lambda g: g.astype(np.float32), TypeError, "returned dtype float32, wanted float64"),
        (lambda g: g > 0, TypeError, "returned dtype bool, wanted float64"),
        (lambda g: None, TypeError, r"returned None, wanted an array of shape \(3,\)"),
        (lambda g: 1.0, TypeError, r"returned 1.0, wanted an array of shape \(3,\)"),
        (lambda g: g @ np.ones(5), ValueError, None),
        (lambda g: 1 / 0, ZeroDivisionError, None),
    ],
)
@pytest.mark.parametrize("create_graph", [False, True])
def test_a_wrong_rule_is_named(rule, error, message, create_graph):
    @general(rule)
    def wrong(x, /):
        return x * 1.0

    with pytest.raises(error, match=message) as caught:
        wrong(leaf()).sum().backward(create_graph=create_graph)
    text = "\n".join([str(caught.value), *getattr(caught.value, "__notes__", [])])
    assert "derivative of wrong with respect to x: (lambda g:" in text


@pytest.mark.usefixtures("table")
@pytest.mark.parametrize(
    ("define", "error", "message"),
    [
        (lambda: general(lambda g, z: g)(lambda x, /: x), TypeError, "names.*'z'.*does not know"),
        (lambda: general(lambda g: g)(lambda g, /: g), TypeError, r"parameter names \['g'\] are reserved"),
        (lambda: general(lambda g, arrays: g, variadic=True)(lambda arrays, /: arrays[0]), TypeError, "names.*'arrays'"),
    ],
)
def test_a_wrong_definition_is_refused(define, error, message):
    with pytest.raises(error, match=message):
        define()


def test_a_name_is_taken_once(table):
    def exp(x, /):
        return x

    with pytest.raises(ValueError, match=r"op exp: the name is taken by autograd\.ops\.exponential\.exp"):
        constant(exp)
    assert table["exp"] is ops.exp


def test_where_takes_its_condition_from_a_tensor():
    x = leaf([-1.0, 0.5, 2.0])
    where(x > 0, log(where(x > 0, x, 1.0)), 0.0).sum().backward()
    assert_grad(x, [0, 2, 0.5])
