"""Loop nests as machine code: the numbers are NumPy's, for all shapes, strides and dtypes."""

import math
import re

import numpy as np
import pytest

from autograd.compiler.native import llvm
from autograd.compiler.native.elementary import ELEMENTARY
from autograd.compiler.native.nest import Buffer, Gather, Instruction, Literal, Load, Nest, Reduction, Store, View

from .nests import BOOL, F4, F8, I8, buffer, check, compiled, contiguous, machine, numbers, text_of


def random_view(rng, b, domain, broadcast=True):
    """A view of a buffer that is large enough: axes permuted, reversed, broadcast, stepped over."""
    order = rng.permutation(len(domain)) if rng.random() < 0.5 else np.arange(len(domain))
    strides, room, offset = [0] * len(domain), 1, int(rng.integers(0, 3))
    for k in reversed(order):
        if broadcast and rng.random() < 0.25:
            continue
        step = int(rng.integers(1, 3)) if rng.random() < 0.2 else 1
        strides[k] = room * step
        room *= max(domain[k], 1) * step
        if rng.random() < 0.2:
            offset += strides[k] * max(domain[k] - 1, 0)
            strides[k] *= -1
    b.size = offset + room + 1
    return View(b, offset, tuple(strides))


def random_nest(rng):
    """Loads, a few instructions, stores and reductions, over any domain."""
    sizes = [0, 1, 2, 3, 5, 8, 17, 64, 70, 150]
    domain = tuple(int(rng.choice(sizes, p=[0.03, 0.12, 0.1, 0.1, 0.1, 0.1, 0.15, 0.1, 0.1, 0.1])) for _ in range(rng.integers(0, 4)))
    dtype = F4 if rng.random() < 0.5 else F8
    nest, arrays = Nest(domain), {}
    for k in range(rng.integers(1, 4)):
        b = Buffer(f"x{k}", 0, dtype)
        nest.body.append(Load(random_view(rng, b, domain)))
        arrays[b] = numbers(rng, b.size, dtype)
    nest.body.append(Literal(0.75, dtype))
    for _ in range(rng.integers(1, 5)):
        name = str(rng.choice(["add", "multiply", "maximum", "minimum", "tanh", "negative", "select"]))
        a, b = (int(k) for k in rng.integers(0, len(nest.body), 2))
        if nest.body[b].dtype.kind == "b" or nest.body[a].dtype.kind == "b":
            continue
        if name == "select":
            nest.body.append(Instruction("less", (a, b), BOOL))
            nest.body.append(Instruction("select", (len(nest.body) - 1, b, a), dtype))
        else:
            nest.body.append(Instruction(name, (a,) if name in ("tanh", "negative") else (a, b), dtype))
    last = len(nest.body) - 1
    if rng.random() < 0.6:
        b = Buffer("y", 0, dtype)
        nest.stores.append(Store(last, random_view(rng, b, domain, broadcast=False)))
        arrays[b] = np.zeros(b.size, dtype)
    empty = not math.prod(domain)
    for k in range(rng.integers(0 if nest.stores else 1, 3)):
        kind = str(rng.choice(["sum", "sum", "prod"] if empty else ["sum", "sum", "prod", "maximum", "minimum", "argmax", "argmin"]))
        axes = [axis for axis in range(len(domain)) if rng.random() < 0.5]
        axes = axes[:1] if kind.startswith("arg") else axes
        shape = tuple(1 if axis in axes else n for axis, n in enumerate(domain))
        strides = tuple(0 if axis in axes or n == 1 else s for axis, (n, s) in enumerate(zip(domain, contiguous(shape), strict=True)))
        b = Buffer(f"r{k}", math.prod(shape), I8 if kind.startswith("arg") else dtype)
        nest.reductions.append(Reduction(kind, last, View(b, 0, strides)))
        arrays[b] = np.full(b.size, 7, b.dtype)
    return nest, arrays


@pytest.mark.parametrize("seed", range(150))
def test_random_nests_are_numpys(seed):
    nest, arrays = random_nest(np.random.default_rng(seed))
    check(nest, arrays, rtol=5e-5 if any(b.dtype == F4 for b in arrays) else 1e-12)


def test_a_number_is_a_nest_without_loops():
    x, y, z = buffer("x", 1), buffer("y", 1), buffer("z", 1)
    nest = Nest(
        (), [Load(View(x, 0, ())), Instruction("square", (0,), F8)], [Store(1, View(y, 0, ()))], [Reduction("sum", 0, View(z, 0, ()))]
    )
    ours = check(nest, {x: np.array([3.0]), y: np.zeros(1), z: np.zeros(1)})
    assert ours[y] == 9
    assert ours[z] == 3


def test_what_is_read_and_written_at_the_same_places_is_updated_in_place(rng):
    p, g = buffer("p", 1000, F4), buffer("g", 1000, F4)
    body = [
        Load(View(p, 0, (1,))),
        Load(View(g, 0, (1,))),
        Literal(0.1, F4),
        Instruction("multiply", (1, 2), F4),
        Instruction("subtract", (0, 3), F4),
    ]
    nest = Nest((1000,), body, [Store(4, View(p, 0, (1,)))])
    assert [b.name for b in llvm.buffers_of(nest)] == ["p", "g"]
    check(nest, {p: numbers(rng, 1000, F4), g: numbers(rng, 1000, F4)}, rtol=0)


def test_reductions_read_what_a_store_overwrites_before(rng):
    x, rows, columns = buffer("x", 6), buffer("rows", 2), buffer("columns", 3)
    nest = Nest((2, 3), [Load(View(x, 0, (3, 1))), Instruction("square", (0,), F8)], [Store(1, View(x, 0, (3, 1)))], [
        Reduction("sum", 0, View(rows, 0, (1, 0))), Reduction("sum", 0, View(columns, 0, (0, 1))),
    ])  # fmt: skip
    check(nest, {x: np.arange(6.0), rows: np.zeros(2), columns: np.zeros(3)})


@pytest.mark.parametrize("fill", [1.0, 0.1])
@pytest.mark.parametrize("dtype", [F4, F8])
def test_a_long_sum_keeps_its_digits(fill, dtype):
    n = 10_000_000
    x, y = buffer("x", n, dtype), buffer("y", 1, dtype)
    value = np.full(n, fill, dtype)
    total = np.zeros(1, dtype)
    compiled([Nest((n,), [Load(View(x, 0, (1,)))], [], [Reduction("sum", 0, View(y, 0, (0,)))])], [x, y])(value, total)
    exact = math.fsum(value[:1]) * n
    assert abs(float(total[0]) - exact) <= 2 * np.finfo(dtype).eps * exact


@pytest.mark.parametrize("dtype", [F4, F8])
def test_long_columns_keep_their_digits(dtype):
    shape = (200_000, 5)
    x, y = buffer("x", 1_000_000, dtype), buffer("y", 5, dtype)
    value = np.full(shape, 0.1, dtype)
    total = np.zeros(5, dtype)
    compiled([Nest(shape, [Load(View(x, 0, (5, 1)))], [], [Reduction("sum", 0, View(y, 0, (0, 1)))])], [x, y])(value, total)
    np.testing.assert_allclose(total, float(value[0, 0]) * 200_000, rtol=8 * np.finfo(dtype).eps)


@pytest.mark.parametrize("special", [[np.inf], [-np.inf], [np.inf, -np.inf], [np.nan], [np.nan, np.inf]])
@pytest.mark.parametrize("shape", [(10_000, 1), (1, 10_000), (700, 3), (3, 5000)])
@pytest.mark.parametrize("dtype", [F4, F8])
def test_infinity_and_nan_go_through_sums_and_extremes(special, shape, dtype):
    x = buffer("x", math.prod(shape), dtype)
    results = [buffer(kind, shape[1], dtype) for kind in ("sum", "maximum", "minimum")]
    value = np.ones(shape, dtype)
    value[5 : 5 + len(special) : 1, 0 if shape[1] == 1 else -1] = special if shape[0] > 5 else 1
    if shape[0] <= 5:
        value[0, 7 : 7 + len(special)] = special
    nest = Nest(
        shape, [Load(View(x, 0, (shape[1], 1)))], [], [Reduction(b.name, 0, View(b, 0, (0, 1 if shape[1] > 1 else 0))) for b in results]
    )
    check(nest, {x: value.ravel(), **{b: np.zeros(b.size, dtype) for b in results}})


def test_a_sum_of_minus_zeros_has_the_sign_that_numpy_gives_it():
    x, y = buffer("x", 4), buffer("y", 1)
    ours = check(Nest((4,), [Load(View(x, 0, (1,)))], [], [Reduction("sum", 0, View(y, 0, (0,)))]), {x: np.full(4, -0.0), y: np.ones(1)})
    assert np.signbit(ours[y][0]) == np.signbit(np.sum(np.full(4, -0.0)))


def test_a_product_overflows_only_where_its_order_does():
    x, y = buffer("x", 100), buffer("y", 1)
    values = np.where(np.arange(100) % 2, 1e-200, 1e200)
    ours = check(Nest((100,), [Load(View(x, 0, (1,)))], [], [Reduction("prod", 0, View(y, 0, (0,)))]), {x: values, y: np.zeros(1)})
    assert np.isclose(ours[y][0], 1)


@pytest.mark.parametrize("kind", ["argmax", "argmin"])
@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("dtype", [F4, I8, BOOL])
def test_the_position_of_an_extreme_is_the_first_of_equals(kind, axis, dtype, rng):
    shape = (3, 40, 33)
    value = rng.integers(0, 2 if dtype.kind == "b" else 5, shape).astype(dtype)
    if dtype.kind == "f":
        value[1, 20:23, 7:9] = np.nan
    kept = tuple(1 if k == axis else n for k, n in enumerate(shape))
    strides = tuple(0 if k == axis else s for k, s in enumerate(contiguous(kept)))
    x, y = buffer("x", value.size, dtype), buffer("y", math.prod(kept), I8)
    check(
        Nest(shape, [Load(View(x, 0, contiguous(shape)))], [], [Reduction(kind, 0, View(y, 0, strides))]),
        {x: value.ravel(), y: np.zeros(y.size, I8)},
    )


@pytest.mark.parametrize("strides", [(0, 0), (1, 0), (0, 1)])
def test_any_all_and_sums_of_booleans_and_integers(strides, rng):
    shape = (30, 50)
    flag, count = buffer("flag", 1500, bool), buffer("count", 1500, np.int32)
    size = {(0, 0): 1, (1, 0): 30, (0, 1): 50}[strides]
    y = [
        buffer("any", size, bool),
        buffer("all", size, bool),
        buffer("sum", size, np.int64),
        buffer("total", size, np.int64),
        buffer("mean", size, F8),
    ]
    body = [Load(View(flag, 0, (50, 1))), Load(View(count, 0, (50, 1)))]
    views = [View(b, 0, strides) for b in y]
    reductions = [Reduction("any", 0, views[0]), Reduction("all", 0, views[1])] + [
        Reduction("sum", k, v) for k, v in zip((0, 1, 1), views[2:], strict=True)
    ]
    flags = np.ones(shape, bool)
    flags[3], flags[:, 4], flags[5, 6] = False, False, True
    memory = {flag: flags.ravel(), count: rng.integers(-5, 2**31 - 1, 1500).astype(np.int32)}
    check(Nest(shape, body, [], reductions), {**memory, **{b: np.zeros(b.size, b.dtype) for b in y}}, rtol=1e-14)


# -- gathers ------------------------------------------------------------------------------------------------------------------------------


def gathering(rng, index, dtype=np.int64):
    """log-probabilities [5, 7] picked by an index for each of five rows, and the rows themselves stored elsewhere."""
    table, i, y = buffer("x", 35), buffer("index", 5, dtype), buffer("y", 5)
    body = [Load(View(i, 0, (1,))), Gather(View(table, 0, (7,)), 0, 1, 7)]
    arrays = {table: numbers(rng, 35, F8), i: np.array(index, dtype), y: np.full(5, 9.0)}
    return Nest((5,), body, [Store(1, View(y, 0, (1,)))]), arrays


@pytest.mark.parametrize("dtype", [np.int64, np.int8, np.uint16, np.int32])
def test_a_gather_reads_where_the_index_says_and_counts_from_the_end(dtype, rng):
    check(*gathering(rng, [0, 6, 3, 1, 2], dtype))
    if np.dtype(dtype).kind == "i":
        check(*gathering(rng, [-1, -7, 3, -2, 2], dtype))


@pytest.mark.parametrize("wrong", [7, -8, 2**40, -(2**60)])
def test_an_index_out_of_range_is_told_and_nothing_is_stored(wrong, rng):
    nest, arrays = gathering(rng, [0, 1, 2, 3, wrong])
    assert compiled([nest], list(arrays))(*arrays.values()) == 1
    assert set(list(arrays.values())[2]) == {9.0}


def test_rows_are_gathered_along_an_axis(rng):
    table, i, y = buffer("x", 60, F4), buffer("index", 3), buffer("y", 18, F4)
    i.dtype = I8
    nest = Nest((3, 6), [Load(View(i, 0, (1, 0))), Gather(View(table, 0, (0, 1)), 0, 6, 10)], [Store(1, View(y, 0, (6, 1)))])
    check(nest, {table: numbers(rng, 60, F4), i: np.array([9, 0, -3]), y: np.zeros(18, F4)})


def test_the_second_nest_runs_only_if_the_first_found_its_indices(rng):
    nest, arrays = gathering(rng, [0, 1, 2, 3, 7])
    z = buffer("z", 1)
    after = Nest((), [Literal(5.0, F8)], [Store(0, View(z, 0, ()))])
    memory = np.zeros(1)
    assert compiled([nest, after], [*arrays, z])(*arrays.values(), memory) == 1
    assert memory[0] == 0
    assert compiled([after, nest], [*arrays, z])(*arrays.values(), memory) == 1
    assert memory[0] == 5


def test_positions_are_numbers_of_places(rng):
    label, y = buffer("label", 4, I8), buffer("y", 40, F4)
    body = [
        Load(View(label, 0, (1, 0))),
        Instruction("position", (), I8, axis=1),
        Instruction("equal", (0, 1), BOOL),
        Instruction("cast", (2,), F4),
    ]
    check(Nest((4, 10), body, [Store(3, View(y, 0, (10, 1)))]), {label: np.array([3, 0, 9, 5]), y: np.full(40, 7, F4)})


# -- what the loops look like -------------------------------------------------------------------------------------------------------------


def loops_of(nest):
    return len(re.findall(r"phi i64", llvm.nest_function("f", nest)))


def test_axes_that_step_alike_in_all_views_are_one_loop():
    x, y = buffer("x", 24), buffer("y", 24)
    for strides in [(12, 4, 1), (1, 2, 6)]:
        assert loops_of(Nest((2, 3, 4), [Load(View(x, 0, strides))], [Store(0, View(y, 0, strides))])) == 1
    assert loops_of(Nest((2, 3, 4), [Load(View(x, 0, (0, 4, 1)))], [Store(0, View(y, 0, (12, 4, 1)))])) == 2


def optimised(nest, buffers):
    """What LLVM makes of the text."""
    from llvmlite import binding

    compiler = machine._machine()
    module = binding.parse_assembly(text_of([nest], buffers))
    tuning = binding.create_pipeline_tuning_options(2)
    tuning.loop_vectorization = True
    builder = binding.create_pass_builder(compiler.target, tuning)
    builder.getModulePassManager().run(module, builder)
    return str(module)


def test_columns_are_read_in_pieces_that_stay_in_the_cache():
    x, y = buffer("x", 10_000), buffer("y", 10_000)
    assert loops_of(Nest((100, 100), [Load(View(x, 0, (1, 100)))], [Store(0, View(y, 0, (100, 1)))])) == 3


@pytest.mark.parametrize("dtype", [F4, F8])
@pytest.mark.parametrize("name", [*sorted(ELEMENTARY), "sqrt", "maximum", "floor", "select"])
def test_loops_over_places_become_vector_instructions(name, dtype):
    x, y, flag = buffer("x", 65536, dtype), buffer("y", 65536, dtype), buffer("flag", 65536, bool)
    loads = [Load(View(x, 0, (256, 1))), Load(View(x, 0, (0, 1))), Load(View(flag, 0, (256, 1)))]
    args = {"maximum": (0, 1), "arctan2": (0, 1), "power": (0, 1), "select": (2, 0, 1)}.get(name, (0,))
    text = optimised(Nest((256, 256), [*loads, Instruction(name, args, dtype)], [Store(3, View(y, 0, (256, 1)))]), [x, flag, y])
    assert re.search(r"load <\d+ x (float|double)>", text)
    assert re.search(r"load <\d+ x i8>", text) or name != "select"
    assert not re.search(r"load (float|double),", text)  # nor is there another loop, for the case that memory overlaps


@pytest.mark.parametrize("strides", [(0, 0), (1, 0), (0, 1)])
@pytest.mark.parametrize("kind", ["sum", "maximum", "minimum", "any"])
def test_loops_that_fold_become_vector_instructions(kind, strides):
    x, y = buffer("x", 65536, F4), buffer("y", 256, bool if kind == "any" else F4)
    body = [Load(View(x, 0, (256, 1))), Instruction("isnan", (0,), BOOL)]
    text = optimised(Nest((256, 256), body, [], [Reduction(kind, int(kind == "any"), View(y, 0, strides))]), [x, y])
    assert re.search(r"load <\d+ x float>", text)
    assert not re.search(r"load float,", text)


def test_what_cannot_be_lowered_is_told_before():
    x, y, c = buffer("x", 4), buffer("y", 4), buffer("c", 4, np.complex128)
    view = View(x, 0, (1,))
    stored = [Store(0, View(y, 0, (1,)))]
    llvm.nest_function("f", Nest((4,), [Load(view)], stored))
    for nest in [
        Nest((4,), [Load(View(c, 0, (1,)))], [Store(0, View(c, 0, (1,)))]),
        Nest((4,), [Load(view), Instruction("gamma", (0,), F8)], [Store(1, View(y, 0, (1,)))]),
        Nest((4,), [Load(view)], [Store(0, View(x, 3, (-1,)))]),
        Nest((0,), [Load(View(x, 0, (1,)))], [], [Reduction("maximum", 0, View(y, 0, (0,)))]),
        Nest((4,), [Load(View(y, 0, (1,))), Instruction("cast", (0,), I8), Gather(View(x, 0, (0,)), 1, 1, 4)], [Store(2, view)]),
        Nest((4,), [Load(view), Instruction("cast", (0,), np.dtype(np.float16))], [Store(1, View(y, 0, (1,)))]),
    ]:
        with pytest.raises(NotImplementedError):
            llvm.nest_function("f", nest)


def test_rows_of_one_array_run_one_function():
    x, y = buffer("x", 12), buffer("y", 12)
    nests = [
        Nest((4,), [Load(View(x, start, (1,))), Instruction("square", (0,), F8)], [Store(1, View(y, start, (1,)))]) for start in (0, 4, 8)
    ]
    assert text_of(nests, [x, y]).count("define internal i32 @nest") == 1
    numbers, squares = np.arange(12.0), np.zeros(12)
    compiled(nests, [x, y])(numbers, squares)
    np.testing.assert_array_equal(squares, numbers**2)
