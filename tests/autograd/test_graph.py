"""The graph: as long as wanted, freed in time, copied whole, and walked back through every use of a value."""

import copy
import gc
import pickle
import subprocess
import sys
import textwrap
import threading
import tracemalloc
import weakref

import numpy as np
import pytest

from autograd import Tensor, no_grad, ops
from autograd.ops import concatenate, cross_entropy, exp, multiply, sigmoid, split, stack, tanh
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


def mistaken(x):
    with pytest.raises(ValueError, match="matmul"):
        exp(x * 1.0) @ np.ones(7)


def in_place(y):
    y[0] = y[1] * 2
    y += exp(y)
    y.sum().backward()


USES = {
    "forward only": lambda x: exp(x * 1.0),
    "backward": lambda x: (exp(x * 1.0).sum().backward(), x.grad),
    "retained": lambda x: exp(x * 1.0).sum().backward(retain_graph=True),
    "retain_grad": lambda x: exp((x * 1.0).retain_grad()).sum().backward(),
    "higher order": lambda x: (exp(x * 1.0).sum().backward(create_graph=True), x.grad.sum().backward()),
    "several outputs": lambda x: split(exp(x * 1.0), 3)[0].sum().backward(),
    "in place": lambda x: in_place(x * 1.0),
    "error": mistaken,
}


@pytest.mark.parametrize("use", USES.values(), ids=USES)
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
    x.sum().backward()
    first = x.grad
    x.sum().backward()
    assert_grad(x, [2, 2, 2])
    np.testing.assert_array_equal(first.data, [1, 1, 1])
    x.zero_grad()
    assert x.grad is None


def test_gradients_accumulate_from_many_threads():
    x = leaf()

    def work():
        for _ in range(200):
            (x * 2.0).sum().backward()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert_grad(x, [8 * 200 * 2] * 3)


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
    with pytest.warns(UserWarning, match=r"no leaf.*retain_grad.*w -= lr"):
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
    with pytest.raises(RuntimeError, match=r"the graph has been freed by an earlier backward\(\): \w+ has .*retain_graph=True"):
        y.backward()
    assert_grad(x, [4, 8, 12])


def test_a_freed_part_of_another_graph_is_noticed():
    x = leaf()
    shared = x * x
    shared.sum().backward()
    with pytest.raises(RuntimeError, match=r"freed by .*: multiply"):
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


def test_a_node_of_a_scalar_chain_is_small():
    y, n = Tensor(1.0, requires_grad=True), 10_000
    tracemalloc.start()
    for _ in range(n):
        y = y * 1.0000001
    size = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert size / n < 550  # bytes
