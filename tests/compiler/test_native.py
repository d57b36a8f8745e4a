"""Programs as machine code: what op by op computes, to rounding, whatever is fused, left to NumPy, or wrong."""

import threading

import numpy as np
import pytest

from autograd import ops
from autograd.compiler.program import Draw, Input, Program, Step, Value
from autograd.compiler.tracer import Tracing
from autograd.op import TABLE

pytest.importorskip("llvmlite")

from autograd.compiler.native.emit import emit


def traced(function, *examples):
    """The program of a function that gives outputs and, if it writes, pairs of an input and its new value."""
    with Tracing() as trace:
        returned, *writes = function(*[trace.input(a, f"x{k}") for k, a in enumerate(examples)])
        outputs = returned if isinstance(returned, (list, tuple)) else [returned]
        return trace.program([y.value for y in outputs], [(x.value, y.value) for x, y in writes])


def assert_close(found, wanted, ulps=16):
    """Equal to rounding, with NaN and infinity in the same places."""
    assert np.shape(found) == np.shape(wanted)
    assert np.asarray(found).dtype == np.asarray(wanted).dtype
    assert type(found) is type(wanted)
    if np.asarray(wanted).dtype.kind not in "fc":
        np.testing.assert_array_equal(found, wanted)
    elif np.size(wanted):
        eps = np.finfo(wanted.dtype).eps
        size = np.max(np.abs(wanted), where=np.isfinite(wanted), initial=0)
        np.testing.assert_allclose(found, wanted, rtol=ulps * eps, atol=ulps * eps * size)


def check(program, *arrays, captured=(), ulps=16):
    """The executable gives what the program gives op by op, with some of the inputs captured, and twice."""
    wanted = program.run(*arrays)
    for chosen in {(), tuple(captured)}:
        if {target for target, _ in program.writes} - {program.inputs[k].value for k in chosen}:
            continue
        fixed = {k: np.array(arrays[k]) for k in chosen}
        run = emit(program).bind(fixed)
        given = [np.ascontiguousarray(a) if np.ndim(a) else a for k, a in enumerate(arrays) if k not in chosen]
        found = run(*given)
        for y, w in zip(found, wanted, strict=False):
            assert_close(y, w, ulps)
        for (target, _), w in zip(program.writes, wanted[len(program.outputs) :], strict=True):
            k = next(k for k, i in enumerate(program.inputs) if i.value is target)
            assert_close(fixed[k], np.asarray(w), ulps)
        if not program.writes:
            for y, again in zip(found, run(*given), strict=True):
                np.testing.assert_array_equal(y, again)
                assert not np.ndim(y) or not np.shares_memory(y, again)


# every op


SHAPES = [((2, 3), (3,), ()), ((), (), ()), ((5, 1), (5, 4), (1, 4)), ((0,), (0,), (0,))]


def numbers(rng, shape, dtype, interval=(-3, 3)):
    lo, hi = interval
    x = rng.uniform(lo, hi, shape) if dtype != complex else rng.uniform(lo, hi, shape) + 1j * rng.uniform(lo, hi, shape)
    return np.asarray(x).astype(dtype)[()]


def calls(op, dtype):
    """Samples of an op as (arguments, options), in which arrays of floats have the dtype."""
    rng = np.random.default_rng(0)
    many = [(sample.args, sample.options) for sample in op.samples] or [(shapes[: len(op.arguments)], {}) for shapes in SHAPES]
    for args, options in many:
        try:
            given, bound = op._bind(*args, **options)
        except TypeError:
            continue
        intervals = [*op.domain, *[(-3, 3)] * len(given)]
        arrays = [numbers(rng, a, dtype, i) if isinstance(a, tuple) else a for a, i in zip(given, intervals, strict=False)]
        with np.errstate(invalid="ignore"):
            yield [a.astype(dtype) if isinstance(a, np.ndarray) and a.dtype.kind == "f" else a for a in arrays], bound


def one_step(op, args, options):
    """A program of one step for some arguments, and the arrays among them; None where the op itself refuses them."""
    inputs = {k: Input(Value(np.shape(a), a.dtype), f"x{k}") for k, a in enumerate(args) if isinstance(a, (np.ndarray, np.generic))}
    with np.errstate(all="ignore"):
        try:
            y = op.forward(*args, **options)
        except (TypeError, ValueError, np.linalg.LinAlgError):
            return None
    parts = y if isinstance(y, tuple) else (y,)
    step = Step(op, tuple(inputs[k].value if k in inputs else a for k, a in enumerate(args)), options, plural=isinstance(y, tuple))
    step.results = tuple(Value(np.shape(part), np.asarray(part).dtype, step) for part in parts)
    return Program(inputs.values(), [step], step.results), [args[k] for k in inputs]


def joined(programs):
    """Several programs side by side."""
    parts = list(zip(*((p.inputs, p.steps, p.outputs) for p in programs), strict=True))
    return Program(*[[x for part in column for x in part] for column in parts])


OF_LOST_DIGITS = {"cosm1", "lambertw", "logm", "sqrtm", "roots"}


@pytest.mark.parametrize("dtype", [np.float32, np.float64, int, bool, complex, np.float16])
@pytest.mark.parametrize("op", [pytest.param(op, id=op.name) for op in TABLE.values() if op.name not in ("one_hot", "implicit", "recompute")])
def test_an_op_gives_what_it_gives_by_itself(op, dtype):
    made = [found for args, options in calls(op, dtype) if (found := one_step(op, args, options)) is not None]
    if made:
        check(joined([program for program, _ in made]), *[a for _, arrays in made for a in arrays])


def test_one_hot_rows_and_their_bounds():
    labels = np.array([2, 0, -1])
    program, arrays = one_step(TABLE["one_hot"], [labels], {"classes": 3})
    check(program, *arrays)
    with pytest.raises(IndexError, match="index 3 is out of bounds"):
        emit(program).bind({})(np.array([0, 1, 3]))
