"""Calls of functions of a namespace, NumPy's or ours, which have to do the same."""

import inspect

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import Tensor
from autograd.test_util import check_grads


def calls(*functions):
    """Functions of a namespace and of X and V, of which each has values and derivatives to be compared."""
    return pytest.mark.parametrize("call", functions, ids=[inspect.getsource(f).strip()[10:-1] for f in functions])


def blank(like, shape):
    """Somewhere to write: a Tensor for a Tensor, an array for an array."""
    return Tensor(np.zeros(shape)) if isinstance(like, Tensor) else np.zeros(shape)


def assert_right(call, *arrays):
    """`call` gives the values of NumPy's for Tensors as for arrays, by NumPy and by ours, and derivatives that are slopes."""
    wanted = call(np, *arrays)
    for found in call(anp, *arrays), call(np, *map(Tensor, arrays)), call(anp, *map(Tensor, arrays)):
        np.testing.assert_allclose(np.asarray(found), wanted, rtol=1e-13, atol=1e-15, strict=True)
    assert isinstance(call(np, *map(Tensor, arrays)), Tensor)
    assert not isinstance(call(anp, *arrays), Tensor)
    check_grads(lambda *arrays: call(np, *arrays))(*arrays)
    check_grads(lambda *arrays: call(anp, *arrays))(*arrays)
