"""The random programs that are compared with PyTorch, compiled: values, gradients and second derivatives as without."""

import numpy as np
import pytest

pytest.importorskip("torch")  # which knows what programs are possible

import autograd.numpy as anp  # after the skip
from autograd import jit, make_hvp, make_jvp, value_and_grad

from ..oracle import test_fuzz as fuzz
from .backends import assert_equal


def all_of_it(function, np_, leaves, along):
    """What there is to compute of a program."""
    f = lambda xs: function(np_, *xs)
    total = lambda xs: fuzz.loss_of(f(xs), anp.tanh)
    return {
        "value": f(leaves),
        "gradient": value_and_grad(total)(leaves),
        "tangent": make_jvp(f)(leaves)(along),
        "second": make_hvp(total)(leaves)[0](along),
        "by backward": by_backward(function, leaves),
    }


def by_backward(function, leaves):
    _, loss, first, _ = fuzz.by_tensors(function, np, leaves, [np.ones_like(a) for a in leaves])
    return loss.detach(), [None if g is None else g.detach() for g in first]


def agrees(seed, backend):
    """Whether a program can be compiled, which then gives the same; if not, it says so."""
    random = np.random.default_rng(seed)
    program = fuzz.make_program(random, length=7)
    ours, _ = program.functions()
    leaves = program.leaves
    along = [random.standard_normal(a.shape).astype(a.dtype) for a in leaves]
    wanted = all_of_it(ours, anp, leaves, along)
    compiled = jit(lambda leaves, along: all_of_it(ours, anp, leaves, along), backend=backend)
    try:
        compiled([a[::-1] * 0.875 if a.ndim else a * 0.875 for a in leaves], along)
        found = compiled(leaves, along)
    except TypeError as error:
        if not str(error).startswith("jit: "):
            raise
        return False
    except Exception as error:
        error.add_note(f"\nseed {seed}; this shows it:\n\n{program.script()}")
        raise
    for each in found, wanted:
        each["value"] = list(map(np.asarray, each["value"]))  # NumPy itself gives now arrays, now numbers
    try:
        assert_equal(found, wanted, dtype=np.float32 if any(a.dtype == np.float32 for a in leaves) else None, size=1)
    except AssertionError as error:
        error.add_note(f"\nseed {seed}; this shows it:\n\n{program.script()}")
        raise
    return True


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("block", range(4))
def test_random_programs(block, backend):
    assert sum(agrees(seed, backend) for seed in range(500 + 10 * block, 510 + 10 * block)) > 7


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_more_random_programs(backend):
    assert sum(agrees(seed, backend) for seed in range(20_000, 20_020)) > 14
