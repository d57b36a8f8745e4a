"""What is computed where: which loops join, what is stored, what BLAS does, what is left to NumPy, and that writes come last."""

import numpy as np
import pytest

from autograd import Tensor, ops
from autograd.compiler.native.bodies import Root, nest_of
from autograd.compiler.native.expression import Memory, Position, mapped, moved
from autograd.compiler.native.nest import Buffer, Instruction, Load, Nest, View
from autograd.compiler.native.pieces import Gemm, NumpyCall, reads, writes
from autograd.compiler.native.schedule import schedule
from autograd.compiler.program import Value
from autograd.compiler.tracing import Tracing
from autograd.op import TABLE

X = np.ones((6, 4), np.float32)
W = np.ones((3, 4), np.float32)
B = np.ones(3, np.float32)


def planned(function, *examples):
    """The schedule of a function that gives a list of outputs and pairs of an input and what it becomes."""
    with Tracing() as trace:
        outputs, *pairs = function(*[trace.input(a, f"x{k}") for k, a in enumerate(examples)])
        return schedule(trace.program([y.value for y in outputs], [(x.value, y.value) for x, y in pairs]))


def kinds(plan):
    return [type(piece).__name__ for piece in plan.pieces]


def instructions(piece):
    return [getattr(item, "name", "") for item in piece.body]


def test_elementwise_steps_are_one_nest_and_their_sum_is_made_in_it():
    plan = planned(lambda x: [[(y := ops.tanh(x * 2 + 1) ** 2), y.sum(), y.sum(1), ops.relu(x)]], X)
    assert kinds(plan) == ["Nest", "Nest"]  # sums over different axes are loops of their own
    assert sum(instructions(piece).count("tanh") for piece in plan.pieces) == 1
    assert not plan.scratch


def test_a_nest_does_not_read_its_own_reduction():
    plan = planned(lambda x: [[x - ops.max(x, 1, keepdims=True)]], X)
    assert [len(piece.reductions) for piece in plan.pieces] == [1, 0]
    for piece in plan.pieces:
        assert not reads(piece) & {r.view.buffer for r in piece.reductions}


def test_softmax_takes_each_exponential_once():
    plan = planned(lambda x: [[ops.softmax(x)]], X)
    assert kinds(plan) == ["Nest"] * 3
    assert sum(instructions(piece).count("exp") for piece in plan.pieces) == 1


def test_what_is_cheap_is_computed_again_rather_than_stored():
    plan = planned(lambda x, b: [[ops.sum((x + b) * 2, 0), ops.sum((x + b) * 2, 1)]], X, np.ones(4, np.float32))
    assert not plan.scratch


def test_what_is_dear_and_broadcast_is_stored():
    plan = planned(lambda x, b: [[x * ops.exp(b)]], X, np.ones(4, np.float32))
    assert [piece.domain for piece in plan.pieces] == [(4,), (6, 4)]


def test_transposes_are_flags_of_products():
    plan = planned(lambda x, w, b: [[ops.linear(x, w, b), x.T @ x, (w @ x.T).T @ w]], X, W, B)
    products = [piece for piece in plan.pieces if isinstance(piece, Gemm)]
    assert [(p.a.transposed, p.b.transposed) for p in products] == [(False, True), (True, False), (False, True), (True, False)]
    assert kinds(plan).count("Nest") == 1  # the bias


def test_a_bias_and_what_follows_are_one_loop():
    plan = planned(lambda x, w, b: [[ops.relu(ops.linear(x, w, b))]], X, W, B)
    assert kinds(plan) == ["Gemm", "Nest"]


def test_a_computed_operand_stands_as_it_was_computed():
    plan = planned(lambda x: [[(x * 2).T @ x, (x * 2) @ x.T]], X)
    assert kinds(plan) == ["Nest", "Gemm", "Gemm"]  # stored once
    assert plan.pieces[1].a.transposed


def test_an_operand_of_long_steps_in_both_directions_is_copied():
    plan = planned(lambda x: [[x[:, ::2] @ x[:2, ::2].T]], X)
    assert kinds(plan) == ["Nest", "Nest", "Gemm"]


def test_moves_are_views():
    plan = planned(lambda x: [[ops.exp(x[1:, ::-1].T.reshape(4, 5, 1))]], X)
    (nest,) = plan.pieces
    (load,) = [item for item in nest.body if isinstance(item, Load)]
    assert (load.view.offset, load.view.strides) == (7, (-1, 4, 0))


def test_what_is_moved_and_back_is_itself():
    x = Memory((6, 4), np.dtype(np.float32))
    assert moved(moved(x, np.transpose), np.transpose) is x
    assert moved(moved(x, lambda d: d[None, ::-1]), lambda d: d[0, ::-1]) is x
    assert moved(x, lambda d: d[::-1]) is not x


def test_a_reshape_of_what_is_moved_copies():
    plan = planned(lambda x: [[ops.exp(x.T.reshape(-1)) * 2]], X)
    assert [piece.domain for piece in plan.pieces] == [(4, 6), (24,)]


def test_equal_steps_are_one():
    plan = planned(lambda x: [[ops.exp(x) + ops.exp(x), ops.exp(x)]], X)
    assert sum(instructions(piece).count("exp") for piece in plan.pieces) == 1


def test_what_has_no_lowering_is_called_between():
    plan = planned(lambda x: [[ops.cumsum(x * 2, 0) * 2]], X)
    assert kinds(plan) == ["Nest", "NumpyCall", "Nest"]
    assert plan.pieces[1].step.op is ops.cumsum


@pytest.mark.parametrize("dtype", [np.complex128, np.float16, np.longdouble])
def test_dtypes_that_machine_code_lacks_are_numpys(dtype):
    plan = planned(lambda x: [[ops.sum(x * x)]], X.astype(dtype))
    assert {*kinds(plan)} == {"NumpyCall"}


def test_writes_come_after_all_that_reads_and_all_that_can_fail():
    def step(p, x, k):
        return [ops.exp(p), p @ x.T, x[k]], (p, p - 0.1 * ops.sum(x, 0)), (x, p[None] + x * 2)

    plan = planned(step, np.ones(4), np.ones((6, 4)), np.array([0, 5]))
    inputs = {*plan.inputs}
    first = min(k for k, piece in enumerate(plan.pieces) if writes(piece) & inputs)
    assert all(writes(piece) <= inputs for piece in plan.pieces[first:])
    for piece in plan.pieces[first:]:
        assert not any(type(item).__name__ == "Gather" for item in piece.body)
    for k, piece in enumerate(plan.pieces):  # what one write changes no later one reads
        for later in plan.pieces[k + 1 :]:
            assert not writes(piece) & inputs & reads(later)


def test_a_training_step_adds_products_to_its_parameters():
    parameters = w, b = Tensor(W, requires_grad=True), Tensor(B, requires_grad=True)
    with Tracing() as trace:
        x, k = trace.input(X, "x"), trace.input(np.zeros(6, int), "k")
        ops.cross_entropy(ops.linear(x, w, b), k, "mean").backward()
        plan = schedule(trace.program([], [(trace.found[p].value, (p.data - 0.1 * p.grad.data).value) for p in parameters]))
    assert [piece.alpha is None for piece in plan.pieces if isinstance(piece, Gemm)] == [True, False]
    assert sum(piece.domain == (6, 3) for piece in plan.pieces if isinstance(piece, Nest)) == 3


def test_a_product_that_is_asked_for_is_not_added():
    plan = planned(lambda p, x: ([(g := x.T @ x)], (p, p - 0.1 * g)), np.ones((4, 4)), np.ones((6, 4)))
    assert [piece.alpha for piece in plan.pieces if isinstance(piece, Gemm)] == [None]


def test_steps_that_may_fail_are_done_though_nobody_reads_them():
    plan = planned(lambda x: (TABLE["inv"](x), [[x + 1]])[1], np.eye(2))
    assert "NumpyCall" in kinds(plan)
    checked = planned(lambda z, k: (ops.cross_entropy(z, k), [[z + 1]])[1], X, np.zeros(6, int))
    assert any(type(item).__name__ == "Gather" for piece in checked.pieces for item in piece.body)


def test_nothing_is_no_loop():
    assert not planned(lambda x: [[x * 2 + 1]], np.ones((0, 3))).pieces


def test_a_call_of_numpy_is_one_for_all_its_results():
    plan = planned(lambda x: [[*TABLE["qr"](x)]], np.eye(3))
    (call,) = plan.pieces
    assert isinstance(call, NumpyCall)
    assert all(call.results)


def test_the_number_of_a_place_is_along_its_own_axis():
    value = Value((2, 3), np.dtype(np.int64))
    x, places = Memory((2, 3), np.dtype(np.int64), value=value), Position((3,), np.dtype(np.int64), axis=0)
    x_buffer, y_buffer = (Buffer(name, 6, np.dtype(np.int64)) for name in "xy")
    total = mapped("add", np.dtype(np.int64), x, places)
    nest = nest_of([Root(total, View(y_buffer, 0, (3, 1)))], {x: x_buffer})
    assert [item.axis for item in nest.body if isinstance(item, Instruction) and item.name == "position"] == [1]


def test_zeros_around_single_places_are_part_of_the_loop_that_adds_them_up():
    add_at = TABLE["add_at"]
    plan = planned(lambda x, y: [[add_at(y[0], 2, (6,)) + add_at(y[1], -1, (6,)) + x]], np.ones(6), np.ones(2))
    (nest,) = plan.pieces
    assert not plan.scratch
    assert sorted(item.view.offset for item in nest.body if isinstance(item, Load)) == [0, 0, 1]


@pytest.mark.parametrize("y", [lambda x: ops.stack([x[1], x[0] * 2]), lambda x: ops.setitem(x, x[::-1] * 2, slice(None, None, -1))])
def test_a_single_value_of_what_is_joined_is_read_where_it_came_from(y):
    plan = planned(lambda x: [[y(x)[0] + y(x)[1]]], np.ones(2))
    (nest,) = plan.pieces
    assert not plan.scratch
    assert sorted(item.view.offset for item in nest.body if isinstance(item, Load)) == [0, 1]


def test_what_is_written_over_is_there_no_earlier_than_it_must():
    def function(x):
        for _ in range(10):
            x = ops.pad(ops.tanh(x[1:-1]), 1)
        return [[x]]

    plan = planned(function, np.ones(9))
    lives = {b: [k for k, p in enumerate(plan.pieces) if b in (reads(p) | writes(p))] for b in plan.scratch}
    assert len(lives) == 9
    assert all(at[-1] - at[0] <= 3 for at in lives.values())
