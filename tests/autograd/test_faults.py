"""What comes in the middle: Ctrl-C, errors, other threads, other tasks, a fork.  Whatever it breaks off, nothing is left half done."""

import asyncio
import contextvars
import inspect
import itertools
import json
import os
import random
import signal
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import numpy as np
import pytest

import autograd
from autograd import Tensor, checkpoint, enable_grad, grad, hessian, is_grad_enabled, make_jvp, no_grad, ops, value_and_grad

needs_signals = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="only POSIX has timers that send signals")
needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="only POSIX forks")


def leaf(value=(1.0, 2.0, 3.0)):
    return Tensor(value, requires_grad=True)


def in_a_process(script, *arguments):
    """Run in a process of its own, whose threads, signals and children are nobody else's; what it prints."""
    command = [sys.executable, "-c", textwrap.dedent(script), *map(str, arguments)]
    outcome = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert outcome.returncode == 0, outcome.stderr or f"exit status {outcome.returncode}"
    return outcome.stdout


# -- Ctrl-C, at every place in turn -------------------------------------------------------------------------------------------------------
#
# Python raises KeyboardInterrupt where a Python function is entered, and where a function written in C returns.

HOUSE = str(Path(autograd.__file__).parent)


class Interrupt:
    """KeyboardInterrupt at the k-th place of our code at which Python looks for signals, while `work` runs."""

    def __init__(self, k):
        self.left, self.place = k, None

    def __call__(self, frame, event, argument):
        code = frame.f_code
        if event not in ("call", "c_return") or not code.co_filename.startswith(HOUSE) or code.co_flags & inspect.CO_GENERATOR:
            return
        if self.left == 0:
            self.place = (code.co_name, event, f"line {frame.f_lineno} of {Path(code.co_filename).name}")
            self.left = -1
            raise KeyboardInterrupt
        self.left -= 1

    def during(self, work, *state):
        sys.setprofile(self)
        try:
            work(*state)
        except KeyboardInterrupt:
            pass
        finally:
            sys.setprofile(None)
        return self.place


@pytest.fixture
def interruptions(monkeypatch):
    """Run `work(*make())` once for each place, interrupted there: gives the place, a way to run things in the same context, the state."""
    monkeypatch.setattr(sys, "unraisablehook", lambda _: None)  # in the callback of a weak reference, Python drops any exception

    def run(make, work):
        for k in itertools.count():
            state = make()
            here = contextvars.copy_context().run  # of its own, so that a failure does not cause the next
            place = here(Interrupt(k).during, work, *state)
            if place is None:
                assert k > 10, "too few places: is the work done in C?"
                return
            yield place, here, *state

    return run


def graph():
    x, w = leaf(), leaf(2.0)
    inner = (ops.sin(x) * w).retain_grad()
    first, second = np.split(ops.concatenate([inner, x * x]), 2)
    return (first * second + inner).sum(), x, w, inner


def graph_with_a_checkpoint():
    x, w = leaf(), leaf(2.0)
    inner = checkpoint(lambda x: ops.sin(x) * w)(x).retain_grad()
    return (checkpoint(lambda a, b: a * b * b)(inner, x) + inner).sum(), x, w, inner


def gradients(*tensors):
    return [None if t._grad is None else t._grad.numpy() for t in tensors]


@pytest.mark.parametrize("make", [graph, graph_with_a_checkpoint])
@pytest.mark.parametrize("settings", [{}, {"retain_graph": True}, {"create_graph": True}], ids=str)
def test_an_interrupted_backward_delivers_all_gradients_or_none(interruptions, make, settings):
    loss, *tensors = make()
    loss.backward()
    wanted, errors = gradients(*tensors), np.geterr()
    delivered = set()
    for place, here, loss, *tensors in interruptions(make, lambda loss, *_: loss.backward(**settings)):
        assert here(is_grad_enabled), place
        assert here(np.geterr) == errors, place
        found = gradients(*tensors)
        delivered.add(found[0] is not None)
        if found[0] is None:
            loss.backward()
            found = gradients(*tensors)
        for got, want in zip(found, wanted, strict=True):
            np.testing.assert_allclose(got, want, rtol=1e-13, err_msg=str(place))
    assert False in delivered


def writes_values(x):
    x[0] = 5.0


def writes_in_place(x):
    x += 1.0


def writes_data(x):
    x.data = np.array([7.0, 8.0, 9.0])


def writes_data_from_a_list(x):
    x.data = [7.0, 8.0, 9.0]


@pytest.mark.parametrize("write", [writes_values, writes_in_place, writes_data, writes_data_from_a_list])
def test_an_interrupted_write_is_noticed_if_it_happened(interruptions, write):
    def make():
        x = leaf()
        return (x * x).sum(), x

    def work(_, x):
        with no_grad():
            write(x)

    for place, _, loss, x in interruptions(make, work):
        try:
            loss.backward()
        except RuntimeError as error:
            assert "was written after" in str(error)  # noqa: PT017  # or else the right answer
        else:
            np.testing.assert_array_equal(x.grad.data, [2, 4, 6], err_msg=f"{place}, with the values {x.data}")


def test_an_interrupted_assignment_gives_the_old_value_or_the_new(interruptions):
    def make():
        x = leaf()
        return (x * 2.0).retain_grad(), x

    for place, _, y, x in interruptions(make, lambda y, _: y.__iadd__(1.0)):
        y.sum().backward()
        assert y.data.tolist() in ([2, 4, 6], [3, 5, 7]), place
        np.testing.assert_array_equal(x.grad.data, [2, 2, 2], err_msg=str(place))


@no_grad()
def decorated():
    return is_grad_enabled()


def block():
    with no_grad():
        is_grad_enabled()


def nested():
    with no_grad(), enable_grad():
        is_grad_enabled()


@pytest.mark.parametrize("work", [block, nested, decorated])
def test_a_mode_ends_with_an_interrupt(interruptions, work):
    left_off = [place for place, here in interruptions(tuple, work) if not here(is_grad_enabled)]
    # At its own entry, no function can defend itself: there Python has not called it yet, and will not call it again.
    assert [place for place in left_off if place[:2] != ("__exit__", "call")] == []


CURVE = lambda x: (np.sin(x) * np.exp(x)).sum()
POINT = np.array([0.5, -1.0])


@pytest.mark.parametrize(
    "transform",
    [grad(CURVE), value_and_grad(CURVE), hessian(CURVE), lambda x: make_jvp(CURVE)(x)(x), grad(lambda x: (grad(CURVE)(x) ** 2).sum())],
    ids=["grad", "value_and_grad", "hessian", "make_jvp", "grad of grad"],
)
def test_an_interrupted_transform_leaves_nothing_behind(interruptions, transform):
    wanted, x = transform(POINT), leaf()
    for place, here in interruptions(tuple, lambda: transform(POINT)):
        assert here(is_grad_enabled), place
        assert here(float, x.sum()) == 6, place  # while a transform runs, it is refused
    for got, want in zip(transform(POINT), wanted, strict=True):
        np.testing.assert_array_equal(got, want)


# -- Ctrl-C, in time ----------------------------------------------------------------------------------------------------------------------

DEEP = """
import json, signal, time
from autograd import Tensor, grad, is_grad_enabled, make_jvp

signal.signal(signal.SIGPROF, signal.default_int_handler)  # as Ctrl-C, from a clock that runs when this process does
N, FACTOR = 200_000, 1.0000001

def chain(x):
    for _ in range(N):
        x = x * FACTOR
    return x

def late(work, seconds):
    '''By how much the interrupt comes late; None where the work is done before.'''
    start = time.process_time()
    try:
        signal.setitimer(signal.ITIMER_PROF, seconds)
        work()
        signal.setitimer(signal.ITIMER_PROF, 0)
    except KeyboardInterrupt:
        return time.process_time() - start - seconds

def check(gradient):
    assert abs(float(gradient) / FACTOR ** N - 1) < 1e-8, gradient

found = {}

def sweep(name, work, before=lambda: None, after=lambda: None):
    start = time.process_time()
    before()
    work()
    seconds = time.process_time() - start
    found[name] = []
    for k in range(TRIES):
        before()
        delay = late(work, seconds * (k + 0.5) / TRIES)
        assert is_grad_enabled()
        after()
        if delay is not None:
            found[name].append(delay)

x = Tensor(2.0, requires_grad=True)

def not_half():
    if x.grad is not None:
        check(x.grad.item())
    x.zero_grad()

sweep("building", lambda: chain(x))
sweep("grad", lambda: check(grad(chain)(2.0)))
sweep("make_jvp", lambda: check(make_jvp(chain)(2.0)(1.0)[1]))
y = chain(x)
sweep("backward", lambda: y.backward(retain_graph=True), x.zero_grad, not_half)
sweep("create_graph", lambda: y.backward(create_graph=True), x.zero_grad, not_half)
for k in range(TRIES):  # the same graph, which is to be freed
    late(y.backward, 0.02 * k)
    if x.grad is not None:
        break
x.zero_grad()
y = chain(x)
y.backward()
check(x.grad.item())
print(json.dumps(found))
"""


@needs_signals
def test_ctrl_c_comes_at_once_in_a_deep_graph():
    found = json.loads(in_a_process(DEEP.replace("TRIES", "3")))
    assert found.keys() == {"building", "grad", "make_jvp", "backward", "create_graph"}
    for name, delays in found.items():
        assert delays, f"{name} was never interrupted"
        assert max(delays) < 0.25, name  # seconds; 0.06 where it was measured, most of it Python's garbage collector


# -- errors -------------------------------------------------------------------------------------------------------------------------------


def broken(x):
    np.exp(x)
    raise ZeroDivisionError


@pytest.mark.parametrize("transform", [grad, value_and_grad, hessian, lambda f: grad(lambda x: grad(f)(x).sum())])
def test_an_error_inside_a_transform_leaves_the_modes_as_they_were(transform):
    x = leaf()
    for mode, enabled in (no_grad, False), (enable_grad, True):
        with mode():
            with pytest.raises(ZeroDivisionError):
                transform(broken)(POINT)
            assert is_grad_enabled() is enabled
            assert float(x.sum()) == 6
    y = (x * x).sum()
    with pytest.raises(ZeroDivisionError):
        grad(lambda v: broken(v * x[0]))(2.0)
    y.backward()
    np.testing.assert_array_equal(x.grad.data, [2, 4, 6])


# -- threads ------------------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def eager_switching():
    """Threads take turns as often as they can."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


def together(*works):
    """Run functions at once, one thread each, from one starting line; raises what they raise."""
    line, errors = threading.Barrier(len(works)), []

    def run(work):
        line.wait(30)
        try:
            work()
        except BaseException as error:  # noqa: BLE001  # for the test to see
            errors.append(error)

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive(), "a thread hangs"
    if errors:
        raise errors[0]


def test_large_gradients_from_many_threads_are_all_counted():
    x = leaf(np.ones(200_000))

    def work(k):
        def run():
            for _ in range(200):
                (x * k).backward(seed)

        return run

    seed = np.arange(200_000.0) % 7
    together(*(work(float(k)) for k in range(1, 9)))
    np.testing.assert_array_equal(x.grad.data, 200 * 36 * seed)


@pytest.mark.usefixtures("eager_switching")
def test_threads_of_all_modes_share_a_parameter():
    x = leaf(np.ones(50))

    def silent():
        for _ in range(300):
            with no_grad():
                assert not (x * 2.0).requires_grad
                with enable_grad():
                    assert (x * 2.0).requires_grad
                assert not is_grad_enabled()
            assert is_grad_enabled()

    def loud():
        for _ in range(300):
            (x * 3.0).sum().backward()

    together(*[silent, loud] * 4)
    np.testing.assert_array_equal(x.grad.data, np.full(50, 4 * 300 * 3.0))


@pytest.mark.usefixtures("eager_switching")
def test_writes_and_backwards_in_threads_are_each_noticed():
    def work():
        for _ in range(200):
            w, x = leaf(), leaf()
            loss = (w * x).sum()
            with no_grad():
                w += 1.0
            with pytest.raises(RuntimeError, match="was written after"):
                loss.backward()
            loss = (w * x).sum()
            loss.backward()
            np.testing.assert_array_equal(x.grad.data, w.data)

    together(*[work] * 6)


@pytest.mark.usefixtures("eager_switching")
def test_transforms_in_threads_at_once():
    shared = leaf(3.0)

    def work(k):
        def run():
            for n in range(60):
                c = float(k + n)
                inner = lambda a: grad(lambda b: a * b * b + b)(c)  # noqa: B023  # called before c changes
                assert grad(inner)(2.0) == 2 * c
                assert hessian(lambda x: (x**3).sum() * c)(np.array([1.0, 2.0])).tolist() == [[6 * c, 0], [0, 12 * c]]  # noqa: B023
                slope = grad(lambda x: x * x * shared)(c)  # has a history, by `shared`
                slope.backward()

        return run

    together(*(work(k) for k in range(6)))
    assert shared.grad.item() == sum(2 * (k + n) for k in range(6) for n in range(60))


def test_a_transform_goes_on_while_others_come_and_go():
    inside, others_done = threading.Event(), threading.Event()
    found = []

    def slow(a):
        inside.set()
        assert others_done.wait(30)
        return grad(lambda b: a * a * b)(5.0)  # depends on a, which only an active transform is known to need

    def others():
        assert inside.wait(30)
        for k in range(20):
            assert grad(lambda x, k=k: x * k)(1.0) == k
            with pytest.raises(ZeroDivisionError):
                grad(broken)(1.0)
        others_done.set()

    together(lambda: found.append(grad(slow)(3.0)), others)
    assert found == [6.0]


def test_a_function_may_use_threads_of_its_own():
    def f(a):
        found = []
        together(lambda: found.append(grad(lambda b: a * b * b)(3.0)))
        return found[0] * a

    assert grad(f)(2.0) == 24.0  # (6 a²)'


# -- tasks and generators -----------------------------------------------------------------------------------------------------------------


def test_interleaved_tasks_have_modes_of_their_own():
    async def work(modes, seen):
        for mode in modes:
            with mode():
                await asyncio.sleep(0)
                seen.append(is_grad_enabled() is (mode is enable_grad))
                with no_grad():
                    await asyncio.sleep(0)
                    seen.append(not is_grad_enabled())
                slope = grad(lambda x: x * x)(3.0)
                await asyncio.sleep(0)
                seen.append(slope == 6.0)
            seen.append(is_grad_enabled())
            await asyncio.sleep(0)

    async def main():
        seen = []
        order = [no_grad, enable_grad]
        await asyncio.gather(*(work(random.Random(k).choices(order, k=5), seen) for k in range(8)))
        return seen

    seen = asyncio.run(main())
    assert len(seen) == 8 * 5 * 4
    assert all(seen)
    assert is_grad_enabled()


def paused(mode):
    with mode():
        yield


@pytest.mark.parametrize(
    "modes", list(itertools.product([no_grad, enable_grad], repeat=3)), ids=lambda modes: "-".join(m.__name__ for m in modes)
)
def test_generators_may_leave_their_modes_in_any_order(modes):
    for order in itertools.permutations(range(3)):
        generators = [paused(mode) for mode in modes]
        for generator in generators:
            next(generator)
        for k in order:
            generators[k].close()
        assert is_grad_enabled(), order


def test_a_generator_may_be_closed_by_another_thread():
    generator = paused(no_grad)
    together(lambda: next(generator))
    assert is_grad_enabled()
    generator.close()
    assert is_grad_enabled()


def test_an_asynchronous_generator_may_be_dropped():
    async def steps():
        with no_grad():
            yield 1
            yield 2

    async def main():
        problems, kept = [], []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: problems.append(context["message"]))

        async def use():
            kept.append(steps())  # to be closed with the loop, by a task that never entered it
            await anext(kept[0])

        await asyncio.create_task(use())
        assert is_grad_enabled()
        return problems

    assert asyncio.run(main()) == []
    assert is_grad_enabled()


# -- processes ----------------------------------------------------------------------------------------------------------------------------

TRAIN = """
import os, signal, sys, threading, time
import numpy as np
from autograd import Tensor
from nn.layers import Linear
from nn.optim import SGD

layer = Linear(3, 2)
optimiser = SGD(layer.parameters(), lr=0.1)

def train(steps=5):
    losses = []
    for _ in range(steps):
        loss = ((layer(np.ones((4, 3))) - 1.0) ** 2).mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    return losses

def child(work):
    '''The exit status of a forked process; one that hangs is ended by its own alarm.'''
    process = os.fork()
    if process == 0:
        signal.alarm(5)
        try:
            work()
        except BaseException:
            sys.excepthook(*sys.exc_info())
            os._exit(1)
        os._exit(0)
    return os.waitpid(process, 0)[1]
"""


@needs_fork
def test_a_forked_process_trains_and_so_does_its_parent():
    script = """
before = train()
def work():
    after = train()
    assert after[-1] < after[0] < before[-1], (before, after)
pending = ((layer(np.ones((1, 3)))) ** 2).sum()
assert child(work) == 0
assert child(lambda: pending.backward()) == 0
after = train()
assert after[-1] < after[0] < before[-1], (before, after)
"""
    in_a_process(TRAIN + script)


@needs_fork
def test_a_fork_while_another_thread_delivers_gradients():
    script = """
big = Tensor(np.ones(2_000_000), requires_grad=True)
ended = threading.Event()

def deliver():
    while not ended.is_set():
        (big + big).backward(big.data)

thread = threading.Thread(target=deliver)
thread.start()
try:
    time.sleep(0.1)
    for k in range(30):
        status = child(lambda: train(1))
        assert status == 0, f"fork {k}: the child ended with {status}" + " (hung)" * (status == signal.SIGALRM)
        time.sleep(0.003 * (k % 5))
finally:
    ended.set()
    thread.join()
train()
"""
    in_a_process(TRAIN + script)


@pytest.mark.parametrize("method", ["spawn", pytest.param("fork", marks=needs_fork)])
def test_tensors_travel_between_processes(tmp_path, method):
    script = tmp_path / "travel.py"
    script.write_text(
        textwrap.dedent("""
        import multiprocessing, sys
        import numpy as np
        from autograd import Tensor, ops

        def work(pair):
            x, y = pair
            y.backward(retain_graph=True)
            return x, y, x.grad

        if __name__ == "__main__":
            x = Tensor([1.0, 2.0], requires_grad=True, name="x")
            y = (ops.exp(x) * x).sum()
            with multiprocessing.get_context(sys.argv[1]).Pool(1) as pool:
                x2, y2, g = pool.apply(work, [(x, y)])
            assert x.grad is None and x2.name == "x" and x2.is_leaf
            wanted = np.exp(x.data) * (x.data + 1)
            assert np.allclose(g.data, wanted) and np.allclose(x2.grad.data, wanted)
            y2.backward()  # the graph came along, and its leaf with it
            assert np.allclose(x2.grad.data, 2 * wanted)
            y.backward()
            assert np.allclose(x.grad.data, wanted)
        """)
    )
    outcome = subprocess.run(
        [sys.executable, script, method],
        capture_output=True, text=True, timeout=60, check=False, env=os.environ | {"PYTHONPATH": str(Path(HOUSE).parent)},
    )  # fmt: skip
    assert outcome.returncode == 0, outcome.stderr
