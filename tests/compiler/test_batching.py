"""Many items as one batch, such as the rows of a Jacobian: the same numbers, and no more steps for more of them."""

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import hessian, jacobian, jit, ops
from autograd.compiler.batching import batched
from autograd.compiler.tracing import Tracing
from autograd.ops.index import add_at

from .backends import assert_equal

ITEMS = np.linspace(-2.0, 2.0, 60).reshape(5, 4, 3)
TALL, WIDE = np.linspace(1.0, 2.0, 12).reshape(4, 3), np.linspace(0.5, 1.5, 6).reshape(3, 2)
PICKED = np.array([2, 0, 2])


AT_ONCE = {
    "a row times a matrix": lambda x: x[0] @ WIDE,
    "a matrix times a column": lambda x: TALL @ x[:3, 0],
    "a row times a column": lambda x: x[0] @ TALL[1],
    "a matrix times a matrix": lambda x: x @ WIDE,
    "a matrix from the left": lambda x: WIDE.T @ x[:3],
    "two factors": lambda x: x @ x.T,
    "a stack of matrices": lambda x: anp.stack([x, x]) @ anp.stack([WIDE, -WIDE]),
    "a stack from the left": lambda x: TALL @ anp.stack([x[:3], x[1:]]),
    "a square and itself": lambda x: (x[:3] @ x[:3]) @ x[:3],
    "an inner product": lambda x: x[0] @ x[1],
    "linear": lambda x: ops.linear(x, WIDE.T, anp.ones(2)),
    "a sum over rows": lambda x: (x * x).sum(axis=0),
    "a sum over the last axis, which stays": lambda x: (x * x).sum(axis=-1, keepdims=True) * x,
    "a sum of all": lambda x: x.sum(),
    "another shape": lambda x: x.reshape(2, 6),
    "broadcasting": lambda x: anp.broadcast_to(x[0], (2, 5, 3)) * anp.ones((5, 3)),
    "transposed": lambda x: anp.transpose(x),
    "axes permuted": lambda x: anp.transpose(x.reshape(2, 2, 3), (-1, 0, 1)),
    "axes swapped": lambda x: anp.swapaxes(x.reshape(2, 2, 3), 0, -1),
    "a column": lambda x: x[:, 1] * 2,
    "reversed, with a new axis": lambda x: x[::-1, None],
    "NumPy's integer": lambda x: x[np.int64(1)] * 2,
    "dots": lambda x: x[..., 0],
    "written into a batch": lambda x: ops.setitem(x, 1.0, (slice(1, 3), 0)),
    "a batch written into an array": lambda x: ops.setitem(TALL, x[0], 1),
    "a batch written into a batch": lambda x: ops.setitem(x, x[:, 0] ** 2, (slice(None), 1)),
    "a value for each item, everywhere": lambda x: ops.setitem(x, x[0, 0], slice(None, None, 2)),
    "joined": lambda x: anp.concatenate([x, TALL, x * x], axis=-1),
    "stacked": lambda x: anp.stack([x, TALL], axis=-2),
    "in another precision": lambda x: x.astype(np.float32) * 2,
    "copied": lambda x: anp.copy(x) * x,
    "rows times a row": lambda x: x * x[0],
    "added into zeros": lambda x: add_at(x, (slice(None), 1), (4, 2, 3)),
    "a condition": lambda x: anp.where(x > 0, x * x, -x),
}
ONE_BY_ONE = {
    "a matrix times a column, of each": lambda x: x @ x[0],
    "a matrix times a stack": lambda x: x @ np.stack([WIDE, -WIDE]),
    "a stack times a matrix": lambda x: np.stack([TALL, -TALL]) @ x[:3],
    "linear, with weights": lambda x: ops.linear(TALL, x, x[:, 0]),
    "linear, all by itself": lambda x: ops.linear(x, x, x[:, 0]),
    "an index array": lambda x: x[PICKED],
    "an index of truth": lambda x: x[True, :, 0],
    "a value with more axes than its place": lambda x: ops.setitem(x, x[:1], 1),
    "joined flat": lambda x: anp.concatenate([x, x * x], axis=None),
    "a cumulative sum": lambda x: anp.cumsum(x, axis=0),
}


def steps_and_results(function, items):
    """The steps for all items as one batch, and what they compute."""
    with Tracing() as here:
        y = batched(here, function, items)
        assert y.shape[0] == len(items)
        return here.steps, here.program([y.value]).run()[0]


@pytest.mark.parametrize("name", AT_ONCE | ONE_BY_ONE)
def test_a_batch_is_what_its_items_are(name):
    function = (AT_ONCE | ONE_BY_ONE)[name]
    _, found = steps_and_results(function, ITEMS)
    assert_equal(found, np.stack([function(item) for item in ITEMS]))


@pytest.mark.parametrize("name", AT_ONCE)
def test_more_items_take_no_more_steps(name):
    two, _ = steps_and_results(AT_ONCE[name], ITEMS[:2])
    five, _ = steps_and_results(AT_ONCE[name], ITEMS)
    assert [step.op.name for step in two] == [step.op.name for step in five]


@pytest.mark.parametrize(
    "function",
    [
        lambda x: x[True, :, 0] * 1.0,  # an index of truth brings its axis to the front
        lambda x: x[np.int64(1)] * x,
        lambda x: anp.concatenate([x, x * x], axis=None),
        lambda x: anp.stack([ops.setitem(x, x[:, 0] ** 2, (slice(None), 1))] * 4),
    ],
)
def test_jacobians_by_rows_and_by_columns(function, backend):
    for derivative in (jacobian(function), jacobian(lambda x: function(x)[..., 0].sum()), hessian(lambda x: (function(x) ** 3).sum())):
        assert_equal(jit(derivative, backend=backend)(ITEMS[0]), derivative(ITEMS[0]))
