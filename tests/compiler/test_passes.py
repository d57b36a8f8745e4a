"""The passes: what they find, what they leave alone, and that no bit changes."""

import numpy as np
import pytest

from autograd import Tensor, grad, ops
from autograd.compiler.passes import PASSES, drop, fold, has_effect, optimised, share, stages
from autograd.compiler.program import Input, Program, Step, Value
from autograd.compiler.tracing import Tracing
from autograd.op import TABLE, call
from autograd.ops.index import add_at
from autograd.ops.softmax import softmax_minus_one_hot


def traced(function, *examples):
    """The program of a function that returns a value or a tuple of them, and the arrays to run it on."""
    tracing = Tracing()
    with tracing:
        y = function(*[tracing.input(a, f"x{k}") for k, a in enumerate(examples)])
        outputs = [v._value.value if isinstance(v, Tensor) else v.value for v in (y if isinstance(y, tuple) else (y,))]
    return tracing.program(outputs), [tracing.examples[i.value] for i in tracing.inputs]


def names(program):
    return [step.op.name for step in program.steps]


def run(program, arrays):
    """As `Program.run`, with all arrays contiguous, so that sums add up in one order; and what values say of themselves must be true."""
    found = dict(zip([i.value for i in program.inputs], arrays, strict=True))
    at = lambda a: a if not hasattr(a, "content") else found[a] if a.content is None else _contiguous(a.content)
    with np.errstate(all="ignore"):
        for step in program.steps:
            y = step.op.forward(*map(at, step.args), **step.options)
            for value, part in zip(step.results, y if step.plural else (y,), strict=True):
                assert (np.shape(part), np.asarray(part).dtype) == (value.shape, value.dtype), step
                found[value] = _contiguous(part)
    return [at(v) for v in program.results()]


def _contiguous(a):
    return np.array(a, order="C")[()] if isinstance(a, (np.ndarray, np.generic)) else a


def assert_same(a, b):
    """Equal in dtype, shape and bits, but for the sign of a NaN."""
    a, b = np.asarray(a), np.asarray(b)
    assert (a.dtype, a.shape) == (b.dtype, b.shape)
    for part in ("real", "imag"):
        p, q = getattr(a, part), getattr(b, part)
        np.testing.assert_array_equal(p, q)
        if p.dtype.kind == "f":
            np.testing.assert_array_equal(np.signbit(p) & ~np.isnan(p), np.signbit(q) & ~np.isnan(q))


def check(function, *examples):
    """The names of the steps that are left; the values must not change."""
    program, arrays = traced(function, *examples)
    after = optimised(program)
    for a, b in zip(run(program, arrays), run(after, arrays), strict=True):
        assert_same(a, b)
    return names(after)


ODD = np.array([[0.0, -0.0, np.nan], [np.inf, -np.inf, 1.5]])
X = np.arange(6.0).reshape(2, 3)


# -- dead steps ---------------------------------------------------------------------------------------------------------------------------


def test_what_nothing_needs_is_dropped():
    program, _ = traced(lambda x: (ops.sin(x), ops.exp(x))[1], X)
    assert names(program) == ["sin", "exp"]
    assert names(drop(program)) == ["exp"]


def test_what_may_raise_an_error_stays():
    def f(x, k):
        ops.inv(x[:, :2])
        ops.cross_entropy(x, k)
        ops.power(k, k)
        ops.take_along_axis(x, k[:, None], axis=1)
        x[k]
        ops.power(x, 2.5)
        return ops.exp(x)

    program, _ = traced(f, np.eye(2, 3), np.array([0, 1]))
    kept = ["getitem", "inv", "cross_entropy", "power", "getitem", "take_along_axis", "getitem", "exp"]
    assert names(drop(program)) == kept
    assert drop(program).steps[3].results[0].dtype == int


def test_the_check_of_labels_stays_where_only_the_gradient_is_used():
    program, (z, _) = traced(lambda z, k: grad(lambda z: ops.cross_entropy(z, k, "sum"))(z), X, np.array([0, 2]))
    after = optimised(program)
    assert "cross_entropy" in names(after)
    with pytest.raises(ValueError, match="labels run from 0 to 3"):
        after.run(z, np.array([0, 3]))


def arrays_of(op, sample, fill):
    """The arrays of a sample call, filled anew; those that it gives keep their dtype."""
    shapes = sample.args[0] if op.variadic else sample.args[: len(op.arguments)]
    arrays = [fill(s) if isinstance(s, tuple) else s if s is None else fill(np.shape(s)).astype(np.asarray(s).dtype) for s in shapes]
    return ([arrays] if op.variadic else arrays), sample.args[1 if op.variadic else len(op.arguments) :]


JUNK = [[np.nan], [np.inf], [0.0], [-3.0], [-1e6, 3, 1e6, 0], [1.0, np.nan, -np.inf]]


WITHOUT_SAMPLES = {"one_hot": call((3,), 4)}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("op", [op for op in TABLE.values() if op.__module__.startswith("autograd.ops.")], ids=lambda op: op.name)
def test_ops_that_are_dropped_never_look_at_their_numbers(op):
    for sample in op.samples or [WITHOUT_SAMPLES.get(op.name, call(*[(3, 3)] * len(op.arguments)))]:
        for junk in JUNK:
            arrays, rest = arrays_of(op, sample, lambda shape, junk=junk: np.resize(np.array(junk), shape))
            values = [Value(np.shape(a), np.asarray(a).dtype) for a in (arrays[0] if op.variadic else arrays)]
            if not has_effect(Step(op, values, {}, values)) and op is not softmax_minus_one_hot:
                op(*arrays, *rest, **sample.options)


# -- common subexpressions ----------------------------------------------------------------------------------------------------------------


def test_what_is_computed_twice_is_computed_once():
    index = np.array([1, 0])
    program, _ = traced(lambda x: (ops.exp(x) * ops.exp(x), x[:, 1:3] + x[:, 1:3], x[index] - x[index.copy()], ops.sum(x, axis=0)), X)
    assert names(share(program)) == ["exp", "multiply", "getitem", "add", "getitem", "subtract", "sum"]


def test_sums_and_products_are_the_same_in_either_order_but_quotients_are_not():
    program, _ = traced(lambda x, y: (x * y, y * x, x + y, y + x, x / y, y / x, x @ y, y @ x), np.eye(2), X[:, :2])
    assert names(share(program)) == ["multiply", "add", "divide", "divide", "matmul", "matmul"]
    program, _ = traced(lambda x, y: (x * y, y * x), np.array([1j]), np.array([2 + 1j]))
    assert len(share(program).steps) == 2


def test_numbers_are_the_same_only_with_their_type_and_sign():
    numbers = [0.0, -0.0, 0, False, 1, 1.0, True, np.float32(1), np.float64(1)]
    program, _ = traced(lambda x: tuple(x * c for c in numbers * 2), X.astype(np.float32))
    assert len(share(program).steps) == len(numbers)
    program, _ = traced(lambda x: (x * np.nan, x * -np.inf, x * np.nan, x * -np.inf), X)
    assert len(share(program).steps) == 2


def test_options_tell_calls_apart():
    program, _ = traced(
        lambda x: (x[0:1], x[0], x[:1], x[True], ops.sum(x, 0), ops.sum(x, 1), ops.sum(x, (0,)), x.astype(int), x.astype(np.float32)), X
    )
    assert len(share(program).steps) == len(program.steps)


def test_computed_indices_are_compared_too():
    program, _ = traced(lambda x, k: (x[k], x[k], x[k, 0], x[k, 1], x[:, k]), X, np.array([1, 0]))
    assert len(share(program).steps) == 4


def test_draws_are_never_shared_moved_or_dropped():
    generator = np.random.default_rng(0)

    def f(x):
        from autograd.compiler.tracer import tracing

        a, b, _ = [tracing().draw(generator, "normal", size=3) for _ in range(3)]
        return a * x - b * x

    program, (x,) = traced(f, np.ones(3))
    after = optimised(program)
    assert names(after) == ["normal", "normal", "normal", "multiply", "multiply", "subtract"]
    twin = np.random.default_rng(0)
    a, b = twin.normal(size=3), twin.normal(size=3)
    np.testing.assert_array_equal(after.run(x)[0], a - b)


# -- constants ----------------------------------------------------------------------------------------------------------------------------


def hand_made(op, a, form, **options):
    """A program of one step on a constant."""
    a = Value(np.shape(a), np.asarray(a).dtype, content=a)
    y = Value(form, a.dtype)
    y.step = Step(op, (a,), options, (y,))
    return Program([], [y.step], [y])


def test_what_depends_on_constants_only_is_a_constant():
    (y,) = fold(hand_made(ops.exp, np.float32(0.5), ())).outputs
    assert type(y.content) is np.float32
    assert y.content == np.exp(np.float32(0.5))
    (y,) = fold(hand_made(ops.transpose, X, (3, 2), axes=None)).outputs
    np.testing.assert_array_equal(y.content, X.T)


def test_a_result_much_larger_than_its_constants_is_left_to_be_computed():
    assert names(fold(hand_made(ops.reshape, np.float64(1), (1, 1), shape=(1, 1)))) == []
    assert names(fold(hand_made(ops.exp, np.ones(10_000), (10_000,)))) == []
    assert names(fold(hand_made(ops.broadcast_to, np.float64(1), (10, 10), shape=(10, 10)))) == []
    assert names(fold(hand_made(ops.broadcast_to, np.float64(1), (100, 100), shape=(100, 100)))) == ["broadcast_to"]


def test_an_error_is_raised_when_the_program_runs():
    program = optimised(hand_made(ops.inv, np.zeros((2, 2)), (2, 2)))
    with pytest.raises(np.linalg.LinAlgError):
        program.run()


def test_python_numbers_stay_python_numbers():
    y = Value((), np.dtype(float), weak=True)
    y.step = Step(ops.multiply, (2.0, 3.0), {}, (y,))
    x = Value((2,), np.dtype(np.float32))
    z = Value((2,), np.dtype(np.float32))
    z.step = Step(ops.multiply, (x, y), {}, (z,))
    after = optimised(Program([Input(x, "x")], [y.step, z.step], [z]))
    assert [step.args for step in after.steps] == [(x, 6.0)]
    assert type(after.steps[0].args[1]) is float
    assert after.run(np.ones(2, np.float32))[0].dtype == np.float32


def test_a_result_of_another_kind_than_was_said_is_left_alone():
    y = Value((), np.dtype(float))  # not weak
    y.step = Step(ops.multiply, (2.0, 3.0), {}, (y,))
    assert names(fold(Program([], [y.step], [y]))) == ["multiply"]


# -- shorter ways -------------------------------------------------------------------------------------------------------------------------

NOTHING = {
    "copy": lambda x: ops.copy(x),
    "astype": lambda x: x.astype(float),
    "real": lambda x: ops.real(ops.conjugate(x)),
    "times one": lambda x: 1 * (x * 1.0),
    "times ones": lambda x: np.ones((2, 3)) * x * np.float64(1),
    "over one": lambda x: x / 1,
    "to the first": lambda x: x**1,
    "minus zero": lambda x: x - 0,
    "minus minus": lambda x: ops.negative(-x),
    "reshaped": lambda x: x.reshape(3, 2).reshape(-1).reshape(2, 3),
    "new axes": lambda x: ops.squeeze(ops.expand_dims(x, (0, -1)))[None][0][None][np.int64(0)],
    "all of it": lambda x: x[()][...][:, :][0:2, -3:],
    "added to nothing": lambda x: add_at(x, slice(None), (2, 3)),
    "transposed twice": lambda x: x.T.T,
    "moved and back": lambda x: np.moveaxis(np.swapaxes(x, 0, 1), 0, 1),
    "broadcast": lambda x: ops.broadcast_to(x, (2, 3)),
    "chosen in any case": lambda x: ops.where(x > 0, x, x),
    "chosen": lambda x: ops.where(np.ones((2, 3), bool), x, 0.0),
    "chosen as one is true": lambda x: ops.where(ops.logical_or(x > 0, True), x, 0),
    "chosen as one is false": lambda x: ops.where(ops.logical_and(x > 0, np.zeros(3, bool)), 0, x),
}


@pytest.mark.parametrize("what", NOTHING)
def test_what_changes_nothing_is_left_out(what):
    assert check(NOTHING[what], ODD) == []


SOMETHING = {
    "plus zero": (lambda x: x + 0, ODD),
    "minus minus zero": (lambda x: x - (-0.0), ODD),
    "times minus one": (lambda x: x * -1, ODD),
    "minus nothing": (lambda x: -(x * 0), ODD),
    "minus a multiple of whole numbers": (lambda x: -(x * -128), np.arange(3, dtype=np.int8)),
    "to no power": (lambda x: x ** np.array([0.0, 0.0, 1.0]), ODD),
    "one over": (lambda x: 1 / x, ODD),
    "one to the power": (lambda x: 1**x, ODD),
    "zero minus": (lambda x: 0 - x, ODD),
    "float64 of float32": (lambda x: x * np.float64(1), ODD.astype(np.float32)),
    "float of whole": (lambda x: x * 1.0, np.arange(3)),
    "quotient of whole": (lambda x: x / 1, np.arange(3)),
    "whole of truth": (lambda x: x * 1, np.array([True, False])),
    "complex product": (lambda x: x * 1, np.array([complex(np.inf, 1), -0.0])),
    "complex conjugate": (lambda x: ops.conjugate(x), np.array([1 + 2j])),
    "real part": (lambda x: ops.real(x), np.array([1 + 2j])),
    "turned": (lambda x: x.T, ODD),
    "reversed": (lambda x: x[::-1], ODD),
    "repeated": (lambda x: x[np.array([0, 0])], ODD),
    "sum of one": (lambda x: ops.sum(x, axis=1), np.array([[-0.0]])),
    "sum of none": (lambda x: ops.sum(x, axis=()), np.array([-0.0])),
    "larger by ones": (lambda x: x * np.ones((4, 1)), ODD[0]),
    "zeros around": (lambda x: add_at(x, slice(1, 3), (4, 3)), ODD),
    "zeros around one": (lambda x: add_at(ops.broadcast_to(x, (2,)), slice(0, 2), (4,)), np.float64(3)),
    "a sum of copies": (lambda x: add_at(ops.broadcast_to(x, (2,)), np.array([0, 0]), (2,)), np.float64(3)),
    "not not": (lambda x: ops.logical_not(ops.logical_not(x)), ODD),
    "chosen of another dtype": (lambda x: ops.where(np.True_, x, np.float64(0)), ODD.astype(np.float32)),
    "chosen of another dtype and shape": (lambda x: ops.where(np.ones((4, 1, 1), bool), x, np.float64(0)), ODD.astype(np.float32)),
    "mixed zeros": (lambda x: x - np.array([0.0, -0.0, 0.0]), -np.zeros((2, 3))),
}


@pytest.mark.parametrize("what", SOMETHING)
def test_what_changes_something_stays(what):
    function, example = SOMETHING[what]
    assert check(function, example) != []


def test_many_moves_are_one():
    assert check(lambda x: np.ravel(x)[None][:, :, None], X) == ["reshape"]
    assert check(lambda x: np.moveaxis(np.swapaxes(x, 0, 1), 2, 0), np.ones((2, 3, 4))) == ["transpose"]
    assert check(lambda x: x.T, np.ones((1, 3))) == ["reshape"]
    assert check(lambda x: ops.broadcast_to(ops.broadcast_to(x, (2, 3)), (4, 2, 3)), np.ones(3)) == ["broadcast_to"]
    assert check(lambda x: ops.broadcast_to(x, (2, 3)).T.reshape(6)[::2], np.float64(2)) == ["broadcast_to"]


def test_minus_a_multiple_is_another_multiple():
    program, arrays = traced(lambda x: (-(2 * x), -(x * np.nan), -(x * -0.1)), ODD.astype(np.float32))
    after = optimised(program)
    assert [step.args[0] if isinstance(step.args[0], float | int) else step.args[1] for step in after.steps] == [
        -2,
        pytest.approx(np.nan, nan_ok=True),
        0.1,
    ]
    for a, b in zip(run(program, arrays), run(after, arrays), strict=True):
        assert_same(a, b)


def test_what_is_raised_to_the_zeroth_power_is_one():
    assert check(lambda x: x * (x**0) + x**-1 * 0, ODD) == ["power", "multiply", "add"]
    assert check(lambda x: x**0, ODD) == []
    assert check(lambda x: x**0, np.arange(3)) == []


def test_rows_that_were_broadcast_are_not_single_values():
    assert check(lambda x: ops.broadcast_to(x, (2, 3)).reshape(6), ODD[0]) == ["broadcast_to", "reshape"]
    assert check(lambda x: ops.broadcast_to(x, (2, 3)).T, ODD[0]) == ["broadcast_to", "transpose"]


def test_a_python_number_that_was_broadcast_is_a_float64_in_any_company():
    assert check(lambda g, x: ops.broadcast_to(g, (2, 3)) * x, 2.0, ODD.astype(np.float32)) == ["float64", "multiply"]
    x, ones, y = Value((40, 30), np.dtype(np.float32)), Value((40, 30), np.dtype(float)), Value((40, 30), np.dtype(float))
    ones.step, y.step = Step(ops.broadcast_to, (3.0,), {"shape": (40, 30)}, (ones,)), Step(ops.multiply, (x, ones), {}, (y,))
    after = optimised(Program([Input(x, "x")], [ones.step, y.step], [y]))
    assert names(after) == ["multiply"]
    assert run(after, [np.ones((40, 30), np.float32)])[0].dtype == float


def test_arithmetic_broadcasts_by_itself():
    assert check(lambda x, g: x * ops.broadcast_to(g, (2, 3)), ODD, np.float64(3)) == ["multiply"]
    assert check(lambda x, g: ops.where(x > 0, ops.broadcast_to(g, (2, 3)), 0), ODD, np.float64(3)) == ["greater", "where"]
    assert check(lambda g: ops.exp(2 * ops.broadcast_to(g, (2, 3))), ODD[:, 1:2]) == ["multiply", "broadcast_to", "exp"]
    program, _ = traced(lambda x: x * np.full((2, 3), 0.5), ODD)
    assert optimised(program).steps[0].args[1].content == 0.5


def test_arithmetic_on_broadcast_complex_numbers_is_left_alone():
    assert check(lambda x, g: x * ops.broadcast_to(g, (2, 3)), X * 1j, np.complex128(3j)) == ["broadcast_to", "multiply"]


def test_the_gradient_of_a_sum_of_squares_is_one_product():
    assert check(grad(lambda x: (x**2).sum()), X) == ["multiply"]
    assert check(grad(lambda x: ((x - 3.0) ** 2).mean()), X) == ["subtract", "multiply", "multiply"]


# -- all together -------------------------------------------------------------------------------------------------------------------------


def test_a_program_is_never_changed():
    program, _ = traced(lambda x: ops.exp(x * 1) + ops.exp(x), X)
    before = [(step, step.op, step.args, step.results, [v.step for v in step.results]) for step in program.steps]
    assert names(optimised(program)) == ["exp", "add"]
    assert before == [(step, step.op, step.args, step.results, [v.step for v in step.results]) for step in program.steps]


def test_a_step_without_change_is_shared():
    program, _ = traced(lambda x: ops.exp(x) * 1, X)
    assert optimised(program).steps[0] is program.steps[0]


def test_passes_go_on_until_nothing_changes():
    program, _ = traced(lambda x: ops.exp(ops.copy(x)) - ops.exp(x) * 1, X)
    found = list(stages(program))
    assert [name for name, _ in found] == [run.__name__ for run in PASSES] * 2
    after = found[-1][1]
    assert all(run(after).steps == after.steps for run in PASSES)


def test_an_input_may_be_an_output_and_be_written():
    x, w = Value((3,), np.dtype(float)), Value((3,), np.dtype(float))
    y, z = Value((3,), np.dtype(float)), Value((3,), np.dtype(float))
    y.step, z.step = Step(ops.copy, (x,), {}, (y,)), Step(ops.multiply, (w, 1), {}, (z,))
    after = optimised(Program([Input(x, "x"), Input(w, "w")], [y.step, z.step], [y], [(w, z), (x, z)]))
    assert (after.steps, after.outputs, after.writes) == ([], [x], [(w, w), (x, w)])


SHAPES = [(2, 3), (3,), (2, 1), (1, 3), (), (1, 1), (3, 2)]
NUMBERS = [0, 1, 3.5, 1.0, -1, 0.0, -0.0, 2, np.inf, np.nan, True, np.float32(1), np.float64(-0.0), np.float16(2)]
CONSTANTS = [np.ones((2, 3)), np.zeros(3, np.float32), -np.zeros((2, 1)), np.full((2, 3), True), np.full((2, 3), 2, np.int16), ODD]
BINARY = [ops.add, ops.subtract, ops.multiply, ops.divide, ops.maximum, ops.power, ops.equal, ops.less, ops.greater_equal, ops.logical_or]
UNARY = [
    ops.negative,
    ops.exp,
    ops.absolute,
    ops.copy,
    ops.real,
    ops.conjugate,
    ops.logical_not,
    ops.sqrt,
    ops.isnan,
    ops.transpose,
    ops.ravel,
]
MOVES = [
    lambda x: x.reshape(-1),
    lambda x: x[None],
    lambda x: x[..., None],
    lambda x: x[()],
    lambda x: x[..., ::-1],
    lambda x: x[..., :1],
    lambda x: x[..., np.array([0, 0])],
    lambda x: ops.squeeze(x),
    lambda x: ops.expand_dims(x, 0),
    lambda x: ops.swapaxes(x, 0, -1),
    lambda x: ops.moveaxis(x, -1, 0),
    lambda x: ops.broadcast_to(x, (2, 3)),
    lambda x: ops.broadcast_to(x, (2, *x.shape)),
    lambda x: ops.broadcast_to(1, (2, 3)) * x,
    lambda x: x**0,
    lambda x: -(x * 3),
    lambda x: ops.sum(x, axis=0),
    lambda x: ops.sum(x, axis=(), keepdims=True),
    lambda x: ops.max(x, axis=-1, keepdims=True),
    lambda x: add_at(x, slice(None), x.shape),
    lambda x: add_at(x, (slice(None), slice(0, 3)), (2, 4)),
    lambda x: add_at(x, np.array([0, 0]), (2, 3)),
    lambda x: x.astype(np.float32),
    lambda x: x.astype(np.float64),
    lambda x: x.astype(np.complex64),
    lambda x: x.astype(int),
]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("seed", range(60))
def test_no_bit_changes_in_random_programs(seed):
    rng = np.random.default_rng(seed)

    def f(*pool):
        pool, results = list(pool), []
        pick = lambda: pool[rng.integers(len(pool))]
        while len(results) < 40:
            other = rng.choice([pick, pick, lambda: NUMBERS[rng.integers(len(NUMBERS))], lambda: CONSTANTS[rng.integers(len(CONSTANTS))]])()
            kind, a = rng.integers(5), pick()
            try:
                if kind == 0:
                    y = UNARY[rng.integers(len(UNARY))](a)
                elif kind == 1:
                    y = ops.where(rng.choice([pick(), pick() > 0, np.True_, np.zeros((2, 3))]), *[(a, other), (other, a)][rng.integers(2)])
                elif kind == 2:
                    y = MOVES[rng.integers(len(MOVES))](a)
                else:
                    op = BINARY[rng.integers(len(BINARY))]
                    y = op(a, other) if rng.integers(2) else op(other, a)
            except (TypeError, ValueError, IndexError, OverflowError):
                continue
            if y.size <= 36 and y.ndim <= 4:
                results.append(y)
                pool.append(y)
        return tuple(results[k] for k in rng.integers(len(results), size=6))

    numbers = [0.0, -0.0, np.nan, np.inf, -np.inf, 1.0, -2.5]
    examples = [rng.choice(numbers, shape)[()].astype(dtype) for shape in SHAPES for dtype in (float, np.float32, int, bool, complex)]
    program, arrays = traced(f, *examples[: 20 + seed % 15])
    after = optimised(program)
    assert len(after.steps) < len(program.steps)
    for a, b in zip(run(program, arrays), run(after, arrays), strict=True):
        assert_same(a, b)
