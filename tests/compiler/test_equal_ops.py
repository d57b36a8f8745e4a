"""Every op in the table, compiled: the values, gradients, tangents and second derivatives that eager ops give, in the same types."""

import functools

import numpy as np
import pytest

from autograd import Tensor, jit, make_hvp, make_jvp
from autograd.op import TABLE
from autograd.tree import map_leaves

from ..autograd import test_ops as table
from .backends import assert_equal

pytestmark = pytest.mark.filterwarnings("ignore")


def derived(case, tangents, order):
    """What there is to compute of a case, as one function of its arrays."""

    def all_of_it(*point):
        found = {"value": case(*point)}
        if order > 0:
            found["gradient"] = case.gradients_along(point)
            found["tangent"] = make_jvp(lambda x: tuple(table.outputs(case(*x))))(point)(tangents)
        if order > 1:
            found["second"] = make_hvp(lambda x: case.project(*x))(point)[0](tangents)
        return found

    return all_of_it


DECIDED_BY_NUMBERS = {"implicit": "its derivative iterates until a number is small"}
FROM_OUTSIDE = {"getitem-6": "a mask picks how many values there are", "pinv-7": "an option is an array from outside"}


@functools.cache
def work(op):
    """Functions, points for them, and what they give there without being compiled: in double, some in single or complex numbers."""
    functions, points, wanted = {}, {}, {}
    chosen = [case for case in enumerate(table.cases(op)) if op.kind != "elementwise" or op.samples or case[0] in (0, 2, 4)]
    for number, case in chosen:
        if f"{op.name}-{number}" in FROM_OUTSIDE:
            continue
        for dtype, kind in [(float, np.asarray), (np.float32, np.asarray), (complex, np.asarray), (float, Tensor)][
            : None if number == 0 else 1
        ]:
            imaginary = table.fill([a.shape for a in case.arrays])
            point = [a.astype(dtype) if dtype is not complex else a + 1j * b for a, b in zip(case.arrays, imaginary, strict=True)]
            tangents = tuple(kind(np.asarray(u, dtype)) for u in table.random_like(point, np.random.default_rng(2)))
            order = 0 if op.kind == "constant" or op.name in DECIDED_BY_NUMBERS else 2 if (dtype, kind) == (float, np.asarray) else 1
            name, function, point = f"{number}-{np.dtype(dtype)}-{kind.__name__}", derived(case, tangents, order), tuple(map(kind, point))
            try:
                wanted[name] = function(*point)
            except (TypeError, np.linalg.LinAlgError):
                continue  # real by nature
            functions[name], points[name] = function, point
    return functions, points, wanted


def elsewhere(a):
    """Another value of the same kind, to trace with: what is found there may decide nothing."""
    return Tensor(elsewhere(a.data)) if isinstance(a, Tensor) else np.asarray(a * a.dtype.type(0.9375))


@pytest.mark.parametrize("op", TABLE.values(), ids=TABLE)
def test_every_op_is_what_it_is_without(op, backend):
    functions, points, wanted = work(op)
    compiled = jit(lambda points: {name: function(*points[name]) for name, function in functions.items()}, backend=backend)
    compiled(map_leaves(elsewhere, points))
    assert_equal(compiled(points), wanted)
    assert len(compiled.variants) == 1
    assert not compiled.variants[0].reason


@pytest.mark.parametrize(("op", "number"), [name.split("-") for name in FROM_OUTSIDE])
def test_what_would_decide_shapes_is_refused(op, number, backend):
    case = table.cases(TABLE[op])[int(number)]
    with pytest.raises(TypeError, match=r"^jit: "):
        jit(lambda *arrays: case(*arrays), backend=backend)(*case.arrays)
