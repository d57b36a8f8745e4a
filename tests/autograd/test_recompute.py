"""Checkpointing: the same derivatives, of every order and through closures and containers, with less memory."""

import tracemalloc

import numpy as np
import pytest

import autograd as ag
import autograd.numpy as anp
from autograd import Tensor, checkpoint, no_grad, ops


def chain(block, x, times):
    for _ in range(times):
        x = block(x)
    return (x * x).sum()


@pytest.fixture
def parameters(rng):
    return [Tensor(rng.standard_normal(shape), requires_grad=True) for shape in ((4, 4), (4,))]


def both(parameters, loss):
    """The gradients of first and second order with and without checkpoints."""
    W, b = parameters
    for wrap in lambda f: f, checkpoint:
        doubled = 2 * W  # read by the block although it is no leaf
        block = wrap(lambda x, doubled=doubled: anp.tanh(x @ doubled + b))
        x = Tensor(np.arange(12.0).reshape(3, 4) / 10, requires_grad=True)
        leaves = [x, W, b]
        loss(block, x).backward(create_graph=True)
        first = [leaf.grad for leaf in leaves]
        for leaf in leaves:
            leaf.grad = None
        sum((g * g).sum() for g in first).backward()
        yield [g.data for g in first] + [leaf.grad.data for leaf in leaves]
        for leaf in leaves:
            leaf.grad = None


def test_both_orders_are_as_without(parameters):
    for plain, checkpointed in zip(*both(parameters, lambda block, x: chain(block, x, 4)), strict=True):
        np.testing.assert_allclose(checkpointed, plain, rtol=1e-10)


def test_the_transforms_see_through_it():
    f = lambda x: (anp.sin(x) ** 2).sum()
    x = np.array([1.0, 2.0])
    g = checkpoint(f)
    np.testing.assert_allclose(ag.grad(g)(x), ag.grad(f)(x))
    np.testing.assert_allclose(ag.hessian(g)(x), ag.hessian(f)(x), atol=1e-15)
    np.testing.assert_allclose(ag.make_jvp(g)(x)(x)[1], ag.make_jvp(f)(x)(x)[1])


def test_containers_and_options_pass_through():
    @checkpoint
    def f(p, *, power, note=None):
        return {"y": p["w"] ** power, "note": note, "n": 3}

    out = f({"w": Tensor(2.0, requires_grad=True), "n": 1}, power=3, note="hi")
    assert (out["note"], out["n"], out["y"].item()) == ("hi", 3, 8)
    assert ag.grad(lambda w: f({"w": w}, power=3)["y"])(2.0) == 12
    assert f({"w": np.float64(2.0)}, power=3) == {"y": 8, "note": None, "n": 3}


def test_methods_can_be_checkpointed():
    class Block:
        def __init__(self):
            self.w = Tensor(3.0, requires_grad=True)

        @checkpoint
        def forward(self, x):
            return self.w * x * x

    block = Block()
    block.forward(Tensor(2.0)).backward()
    assert block.w.grad.item() == 4


def test_memory_is_traded_and_counted():
    x = Tensor(np.ones(100_000), requires_grad=True)

    def f(x):
        for _ in range(10):
            x = ops.sin(x)
        return x.sum()

    def held(function):
        tracemalloc.start()
        try:
            loss = function(x)
            return tracemalloc.get_traced_memory()[0], loss
        finally:
            tracemalloc.stop()

    block = checkpoint(f)
    plain, checkpointed = held(f)[0], held(block)[0]
    assert plain > 9 * x.data.nbytes
    assert checkpointed < 0.1 * x.data.nbytes
    assert (block.kept, block.dropped) == (x.data.nbytes, 9 * x.data.nbytes)
    assert repr(block) == "<checkpoint of f: keeps 800000 bytes, drops 7200000>"


def test_a_second_run_that_differs_is_an_error(rng):
    x = Tensor([1.0, 2.0], requires_grad=True)
    noisy = checkpoint(lambda x: x * rng.standard_normal(2))
    with pytest.raises(RuntimeError, match=r"the second run of <lambda> gave other values than the first.*is it random"):
        noisy(x).sum().backward()


def test_a_write_in_between_is_an_error():
    w, x = Tensor([3.0], requires_grad=True, name="w"), Tensor([2.0], requires_grad=True)
    y = checkpoint(lambda x: ops.sin(x + w))(x)
    with no_grad():
        w += 1.0
    with pytest.raises(RuntimeError, match="tensor 'w', which its derivative needs, was written after the forward pass"):
        y.backward()


def test_without_gradients_it_is_the_function():
    with no_grad():
        assert not checkpoint(lambda x: x * 2)(Tensor(1.0, requires_grad=True)).requires_grad
    assert checkpoint(lambda x: x * 2)(3.0) == 6
    with pytest.raises(TypeError, match=r"checkpoint: got float, wanted a function; call it as checkpoint\(f\)\(x\)"):
        checkpoint(3.0)


def test_a_checkpoint_in_a_checkpoint(parameters):
    W, _ = parameters
    inner = checkpoint(lambda x: anp.sin(x @ W))
    outer = checkpoint(lambda x: inner(inner(x)))
    x = np.ones((2, 4))
    outer(Tensor(x)).sum().backward()
    nested, W.grad = W.grad, None
    (anp.sin(anp.sin(Tensor(x) @ W) @ W)).sum().backward()
    np.testing.assert_allclose(nested.data, W.grad.data)


def test_an_outer_variable_counts_in_the_second_run():
    f = lambda x: checkpoint(lambda: x * ag.grad(lambda z: z**2 * x)(3.0))()
    assert ag.grad(f)(2.0) == 24
    vjp, _ = ag.make_vjp(checkpoint(lambda y: y * ag.grad(lambda z: z**2 * y)(3.0)))(2.0)
    assert ag.grad(vjp)(1.0) == vjp(1.0) == 24


def test_other_signs_and_orders_are_noticed(rng):
    for change in lambda n: rng.choice([-1.0, 1.0], n), lambda n: rng.permutation(np.arange(1.0, n + 1)):
        x = Tensor(np.ones(50), requires_grad=True)
        y = checkpoint(lambda x: x * change(50))(x)  # noqa: B023  # called before it changes
        with pytest.raises(RuntimeError, match="gave other values than the first"):
            y.sum().backward()


def test_an_inner_value_taken_by_another_way_is_no_silent_cut():
    taken, x = [], Tensor(2.0, requires_grad=True)

    def f(x):
        taken.append(x**2)
        return x * 3

    y = checkpoint(f)(x)
    with pytest.raises(RuntimeError, match="the graph has been freed"):
        (y + taken[0]).backward()


def test_what_needs_no_gradient_is_the_callers_own():
    seen = []

    def f(x, seen):
        seen.append(1)
        x += 1.0
        return x * x

    assert ag.grad(lambda x: checkpoint(f)(x, seen))(2.0) == 6
    assert seen == [1, 1]
