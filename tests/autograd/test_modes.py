"""Modes belong to their thread, task and generator, and end when they should."""

import asyncio
import threading

import pytest

from autograd import Tensor, enable_grad, is_grad_enabled, no_grad


def test_no_grad_records_nothing_and_nests():
    x = Tensor(1.0, requires_grad=True)
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
    y, enabled = f(Tensor(1.0, requires_grad=True))
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
