"""Sizes, places and masks that are traced, writes into plain arrays, and what only arrays in memory have: refused at once."""

import operator

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import Tensor, jit
from autograd.compiler.tracer import Tracer

X = np.arange(3.0)
MOVES = {
    "delete": (lambda a, i: np.delete(a, i), 'static_argnames="i"'),
    "delete of a plain array": (lambda a, i: np.delete(np.ones(3), i) * a[0], 'static_argnames="i"'),
    "delete of a Tensor": (lambda a, i: anp.delete(Tensor(a), i), 'static_argnames="i"'),
    "insert": (lambda a, i: np.insert(a, i, 0.0), 'static_argnames="i"'),
    "insert at an array": (lambda a, i: np.insert(a, a * i, 0.0), "name the argument in static_argnames"),
    "roll": (lambda a, i: np.roll(a, i), 'static_argnames="i"'),
    "tile": (lambda a, i: np.tile(a, a * i), "name the argument in static_argnames"),
    "extract": (lambda a, i: np.extract(a > i, a), "the size of its result depends on them"),
    "compress": (lambda a, i: np.compress(a > i, a), "the size of its result depends on them"),
    "the method compress": (lambda a, i: a.compress(a > i), "the size of its result depends on them"),
}  # fmt: skip


@pytest.mark.parametrize("name", MOVES)
def test_a_traced_place_is_refused_at_once(name, monkeypatch):
    function, advice = MOVES[name]
    asked, answer = [], Tracer.__array_function__
    monkeypatch.setattr(Tracer, "__array_function__", lambda self, *request: asked.append(request) or answer(self, *request))
    with pytest.raises(TypeError, match="needs the numbers of a traced value") as caught:
        jit(function)(X, 1)
    assert advice in str(caught.value)
    assert len(asked) < 100  # each advice that is tried asks again


@pytest.mark.parametrize("ufunc", [np.add, np.maximum])
@pytest.mark.parametrize("make", [lambda x: x, Tensor])
def test_adding_into_a_plain_array_is_refused_as_a_write(ufunc, make):
    def gather(x):
        y = np.zeros(3)
        ufunc.at(y, [0, 0, 1], make(x))
        return y

    with pytest.raises(TypeError, match=r"a write into a plain array .* np\.zeros_like\(x\)"):
        jit(gather)(X)


def test_the_size_of_an_item_is_that_of_the_dtype():
    assert jit(lambda x: x.itemsize * x.size * x[1])(X.astype(np.float32)) == 12
    assert jit(lambda x: x.itemsize * x.size * x[1])(Tensor(X)).data == 24


@pytest.mark.parametrize("name", ["ctypes", "flags", "strides", "tobytes", "tofile"])
def test_the_memory_of_a_traced_value_is_to_be_looked_at_outside(name):
    told = rf"\.{name} needs the numbers .* outside.*; at .*test_places"
    with pytest.raises(TypeError, match=told):
        jit(lambda x: getattr(x.data, name))(Tensor(X))
    with pytest.raises(AttributeError, match=told):
        jit(operator.attrgetter(f"data.{name}"))(Tensor(X))
