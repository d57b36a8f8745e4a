"""Every keyword of every function of NumPy that is differentiated, each with a value that matters: right, or refused by name."""

import inspect

import numpy as np
import pytest

from autograd import Tensor, coverage

from .keywords import linalg, moves, products, reductions, ufuncs
from .keywords.table import assert_right, assert_same, backward, call, held, names_of, on_tensors, oneof, parts, rows

DIFFERENTIATED = {f: name for name, f in coverage.public().items() if coverage.status(f) == "differentiated"}
IS_NEWEST = np.lib.NumpyVersion(np.__version__) >= "2.4.0"
ROWS = [row for subject in (linalg, moves, products, reductions, ufuncs) for row in subject.ROWS if IS_NEWEST or row.is_known]
newest_only = pytest.mark.skipif(not IS_NEWEST, reason="the keywords are those of the newest NumPy")


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_right(row):
    assert_right(row)


SINGLE = {np.float64: np.float32, np.complex128: np.complex64}


@pytest.mark.parametrize("row", [row for row in ROWS if not {"out", "dtype"} & row.kwargs.keys()], ids=str)
def test_in_single_precision_all_dtypes_are_numpys(row):
    floats = [a.astype(SINGLE[a.dtype.type]) if isinstance(a, np.ndarray) else a for a in row.floats()]
    leaves = [Tensor(a, requires_grad=True) if isinstance(a, np.ndarray) else a for a in floats]
    y = row(*leaves, function=on_tensors(row.function))
    assert [np.asarray(getattr(a, "data", a)).dtype for a in parts(y)] == [np.asarray(a).dtype for a in parts(row(*floats))]
    backward(y)
    assert all(a.grad is None or a.grad.dtype == a.dtype for a in leaves if isinstance(a, Tensor))


# -- at the edges -------------------------------------------------------------------------------------------------------------------------

EDGES = {
    "no rows": lambda a: a[:0] if a.ndim > 1 else a,
    "no columns": lambda a: a[..., :0] if a.ndim else a,
    "one of each": lambda a: a[(slice(1),) * a.ndim] if a.ndim > 1 else a,
    "zeros": np.zeros_like,
    "ties": np.ones_like,
    "NaN": lambda a: np.full_like(a, np.nan),
}
STRICTER = {np.einsum, np.histogram, np.intersect1d, np.linalg.pinv, np.linalg.qr, np.linalg.slogdet, np.polymul}
"""What refuses some of these, or has no derivative there, and says so by an error."""
PLAIN = [
    row
    for row in ROWS
    if not isinstance(row.function, np.ufunc) and len(names_of(row.function)) == 1  # those are in the table of ops
    and not {"out", "dtype"} & row.kwargs.keys() and row.function not in STRICTER
]  # fmt: skip


@newest_only
@pytest.mark.parametrize("edge", EDGES)
@pytest.mark.filterwarnings("ignore")
def test_where_numpy_has_an_answer_so_have_we_and_finite_values_have_finite_derivatives(edge):
    wrong = []
    for row in PLAIN:
        if edge == "NaN" and row.function.__module__ == "numpy.linalg":  # LAPACK would complain, to the screen
            continue
        floats = [EDGES[edge](a) if isinstance(a, np.ndarray) else a for a in row.floats()]
        try:
            wanted = row(*floats)
        except (TypeError, ValueError, IndexError, ArithmeticError, RuntimeError):
            continue
        leaves = [Tensor(a, requires_grad=True) for a in floats]
        y = row(*leaves, function=on_tensors(row.function))
        try:
            assert_same(y, wanted)
            finite = all(np.isfinite(a.data).all() for a in backward(y))
            assert all(a.grad is None or (a.grad.shape == a.shape and np.isfinite(a.grad.data).all() >= finite) for a in leaves)
        except AssertionError as error:
            wrong.append((str(row), error))
    assert not wrong


# -- none is left out ---------------------------------------------------------------------------------------------------------------------

NEEDLESS = {
    "device": "there is one, the CPU",
    "like": "asks another library for the array",
    "ndmax": "is about objects",
    "partition.kind": "there is one",
    "order": "the layout in memory, which is no Tensor's matter, or names of fields; where it is an order of values, it is in the table",
    "sorted": "leaves the order open",
    "subok": "there are no subclasses",
}
"""What needs no row, and why."""


@newest_only
@pytest.mark.parametrize("function", [f for f in DIFFERENTIATED if not isinstance(f, np.ufunc)], ids=DIFFERENTIATED.get)
def test_every_keyword_is_in_the_table(function):
    if function.__name__ == "row_stack":
        return  # vstack, by a name that NumPy warns of
    given = {name for row in ROWS if row.function is function for name in row.bound}
    missing = inspect.signature(function).parameters.keys() - given
    assert not {name for name in missing if not {name, f"{function.__name__}.{name}"} & NEEDLESS.keys()}


@pytest.mark.parametrize("function", [f for f in DIFFERENTIATED if isinstance(f, np.ufunc)], ids=DIFFERENTIATED.get)
def test_every_universal_function_is_in_the_table(function):
    given = {name for row in ROWS if row.function is function for name in row.kwargs}
    assert given >= ({"out"} if function.signature else {"out", "where"})


@pytest.mark.parametrize(
    ("method", "keywords"),
    [
        ("reduce", {"axis", "dtype", "out", "keepdims", "initial", "where"}),
        ("accumulate", {"axis", "dtype", "out"}),
        ("reduceat", {"indices", "axis", "dtype", "out"}),
        ("outer", {"out", "where", "dtype"}),
        ("at", set()),
    ],
)
def test_every_method_is_in_the_table(method, keywords):
    assert {name for row in ROWS if names_of(row.function)[1:] == [method] for name in row.kwargs} == keywords


@pytest.mark.parametrize("row", {row.function: row for row in ROWS if "out" in row.kwargs}.values(), ids=str)
def test_out_is_no_plain_array(row):
    leaves = [Tensor(a, requires_grad=True) for a in row.floats()]
    y = row(*leaves)
    out = tuple(held(np.zeros(part.shape, part.dtype)) for part in parts(y))
    with pytest.raises(TypeError, match=r"writing into a plain array .* would cut the graph"):
        row._replace(kwargs={**row.kwargs, "out": out if len(out) > 1 else out[0]})(*leaves)


# -- what is refused: the first keyword of each ------------------------------------------------------------------------------------------

A, M, V = reductions.A, moves.M, np.array([0.0, 1.0, 2.0])
REFUSED = rows(
    call(oneof(np.sum, np.prod, np.mean, np.var, np.std, np.nansum, np.nanvar), A, where=np.ones(4)),
    call(oneof(np.max, np.min, np.nanmax), A, where=np.ones(4), initial=held(0.5)),
    call(oneof(np.var, np.std, np.nanvar, np.nanstd), A, ddof=0.5),
    call(oneof(np.var, np.std, np.nanvar, np.nanstd), A, correction=0.5),
    call(np.cov, M, fweights=V),
    call(np.linalg.pinv, A, rcond=0.5),
    call(np.linalg.pinv, A, rtol=0.5),
    call(np.linalg.lstsq, A[0], A[1], rcond=0.5),
    call(np.polyfit, V, V, 1, rcond=0.5),
    call(np.linalg.norm, A, ord=3.0, axis=oneof(0, (0, 1))),
    call(np.linalg.vector_norm, A, ord=3.0),
    call(np.linalg.matrix_norm, A, ord=2.0),
    call(np.linalg.cond, A, p=2.0),
    call(np.roll, A, shift=1.0),
    call(np.repeat, A, repeats=2.0),
    call(np.tile, A, reps=2.0),
    call(np.take, A, indices=V),
    call(np.delete, A, obj=1.0),
    call(np.insert, A, obj=1.0, values=0.5),
    call(np.compress, condition=V, a=A, axis=1),
    call(np.extract, condition=A, arr=A),
    call(np.choose, a=V, choices=[A[0, 0], A[0, 0], A[0, 0]]),
    call(np.select, condlist=[A], choicelist=[A]),
    call(np.partition, A, kth=1.0),
    call(np.put, M, ind=V, v=0.5),
    call(np.place, M, mask=M, vals=0.5),
    call(np.putmask, M, mask=M, values=0.5),
    call(np.copyto, M, 0.5, where=M),
)


@pytest.mark.parametrize("row", REFUSED, ids=str)
def test_what_has_no_derivative_is_refused_by_name(row):
    leaves = [Tensor(a, requires_grad=True) for a in row.floats()]
    culprit = next(iter(row.kwargs))
    with pytest.raises((TypeError, ValueError), match=rf"^{row.function.__name__}: .*{culprit}"):
        row(*leaves, function=on_tensors(row.function))
