"""A Tensor has the methods of NumPy's arrays, with their signatures, or says what to use."""

import inspect

import numpy as np
import pytest

from autograd import Tensor, no_grad, ops
from autograd.test_util import check_grads

X = np.array([[0.3, -1.2, 2.5], [1.7, 0.1, -0.6]])
N = np.array([[5, 3, 8], [1, 4, 2]])

CALLS = {
    "all": [(), {"axis": 0, "keepdims": True}], "any": [(1,)], "argmax": [(), (1,), {"axis": 0, "keepdims": True}], "argmin": [(0,)],
    "argpartition": [(1,), (0, 0)], "argsort": [(), (0,), {"axis": None}, {"stable": True}],
    "astype": [("float32",), {"dtype": int, "casting": "unsafe", "copy": False}], "clip": [(-1, 1), {"max": 0.2}],
    "compress": [([True, False],), ([False, True], 0)], "conj": [()], "conjugate": [()], "copy": [(), ("F",)],
    "cumprod": [(), (0,)], "cumsum": [(), (1,)], "diagonal": [(), (1,), {"axis1": 1, "axis2": 0}], "dot": [(np.ones(3),)],
    "flatten": [(), ("F",)], "item": [(3,), (1, 2)], "max": [(), (0,)], "mean": [(), (0,)], "min": [(), (0,)], "nonzero": [()],
    "prod": [(), (0,)], "ravel": [(), ("F",)], "repeat": [(2,), ([1, 2], 0)], "reshape": [(3, 2), ((6,),), (-1,)],
    "round": [(), (1,)], "squeeze": [()], "std": [(), (0,), {"ddof": 1}], "sum": [(), (0,)], "swapaxes": [(0, 1)],
    "take": [([0, 5],), ([0, 2], 1), {"indices": 7, "mode": "wrap"}], "to_device": [("cpu",)], "tolist": [()], "trace": [(), (1,)],
    "transpose": [(), (1, 0), ((1, 0),)], "var": [(), (0,)],
}  # fmt: skip
WRITES = {
    "sort": [(), (0,)], "partition": [(1,), (0, 0)], "put": [([0, 2], [7.0, 8.0]), (4, 1.0)], "fill": [(2.0,)],
}  # fmt: skip
ATTRIBUTES = {"T", "data", "device", "dtype", "imag", "itemsize", "mT", "nbytes", "ndim", "real", "shape", "size"}
SPECIAL = {"choose": N % 2, "searchsorted": np.sort(X[0])}
REFUSED = {
    "base", "byteswap", "ctypes", "dump", "dumps", "flags", "flat", "getfield", "resize", "setfield", "setflags", "strides", "tobytes",
    "tofile", "view",
}  # fmt: skip
PLAIN = {"item", "round", "tolist"}
CASES = [(name, given) for name, calls in CALLS.items() for given in calls]


def called(method, given):
    return method(**given) if isinstance(given, dict) else method(*given)


def values(y):
    return [values(part) for part in y] if isinstance(y, tuple) else y.data if isinstance(y, Tensor) else y


def test_every_public_name_of_an_array_is_known():
    public = {name for name in dir(np.ndarray) if not name.startswith("_")}
    assert public == CALLS.keys() | WRITES.keys() | ATTRIBUTES | SPECIAL.keys() | REFUSED


@pytest.mark.parametrize(("name", "given"), CASES)
def test_a_method_gives_what_it_gives_for_an_array(name, given):
    got, wanted = called(getattr(Tensor(X, requires_grad=True), name), given), called(getattr(X, name), given)
    for part, whole in zip(values(got), wanted, strict=True) if isinstance(wanted, tuple) else [(values(got), wanted)]:
        np.testing.assert_allclose(part, whole, rtol=1e-14)
        assert np.asarray(part).dtype == np.asarray(whole).dtype


@pytest.mark.parametrize(("name", "given"), CASES)
def test_a_method_is_differentiable_where_its_values_are(name, given):
    y = called(getattr(Tensor(X, requires_grad=True), name), given)
    assert (isinstance(y, Tensor) and y.requires_grad) == (np.asarray(values(y)).dtype.kind == "f" and name not in PLAIN)
    if isinstance(y, Tensor) and y.dtype == float:
        check_grads(lambda x: called(getattr(x, name), given), order=1)(Tensor(X))


@pytest.mark.parametrize(("name", "given"), [(name, given) for name, calls in WRITES.items() for given in calls])
def test_a_method_that_writes_does_so_in_place_and_differentiably(name, given):
    plain, t, wanted = X.copy(), Tensor(X), X.copy()
    memory = t.data
    assert called(getattr(t, name), given) is None
    called(getattr(wanted, name), given)
    np.testing.assert_array_equal(memory, wanted)

    def f(x):
        y = 2 * x
        called(getattr(y, name), given)
        return y * y

    check_grads(f, order=1)(plain)
    with pytest.raises(RuntimeError, match="a leaf that requires grad"):
        called(getattr(Tensor(X, requires_grad=True), name), given)
    with no_grad():
        called(getattr(Tensor(X, requires_grad=True), name), given)


def test_methods_with_whole_numbers():
    choices = [Tensor(X[0], requires_grad=True), Tensor(X[1], requires_grad=True)]
    y = Tensor(N[0] % 2).choose(choices)
    np.testing.assert_array_equal(y.data, np.choose(N[0] % 2, X))
    assert y.requires_grad
    row = np.sort(X[0])
    for given in ((0.0,), {"v": [0.0, 9.0], "side": "right"}):
        np.testing.assert_array_equal(called(Tensor(row, requires_grad=True).searchsorted, given), called(row.searchsorted, given))


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_what_is_about_memory_says_what_to_use(name):
    t = Tensor(X)
    with pytest.raises(AttributeError, match=rf"Tensor has no \.{name}: here it is \."):
        getattr(t, name)
    assert not hasattr(t, name)
    assert name not in dir(t)


@pytest.mark.parametrize("name", sorted({*ATTRIBUTES} - {"device"}))
def test_an_attribute_is_that_of_the_array(name):
    np.testing.assert_array_equal(values(getattr(Tensor(X), name)), getattr(X, name))


@pytest.mark.parametrize("name", ["take", "repeat", "diagonal", "trace", "argsort", "round", "sort", "choose", "all"])
def test_signatures_are_those_of_numpy(name):
    ours = list(inspect.signature(getattr(Tensor(X), name)).parameters)
    assert ours == list(inspect.signature(getattr(np, name)).parameters)[1:]


# -- operators ----------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("swap", [False, True])
@pytest.mark.parametrize("operator", ["+", "-", "*", "/", "//", "%", "**", "@", "&", "|", "^", "<<", ">>"])
def test_every_binary_operator_of_arrays_from_either_side(operator, swap):
    a, b = (N @ N.T, (N @ N.T) % 5 + 1) if operator not in ("+", "-") else (X, X + 1)
    got, wanted = (
        eval(f"b {operator} t" if swap else f"t {operator} b", {"t": Tensor(a), "b": b}),
        eval(f"b {operator} a" if swap else f"a {operator} b", {"a": a, "b": b}),
    )
    np.testing.assert_array_equal(values(got), wanted)


def test_divmod_gives_both_the_remainder_differentiably():
    t = Tensor(X, requires_grad=True)
    for (q, r), (quotient, remainder) in ((divmod(t, 0.7), divmod(X, 0.7)), (divmod(0.7, t), divmod(0.7, X))):
        np.testing.assert_array_equal(values(q), quotient)
        np.testing.assert_array_equal(r.data, remainder)
        assert r.requires_grad
    check_grads(lambda x, y: divmod(x, y)[1], order=1)(X, 0.7)


def test_unary_operators_and_membership():
    flags = Tensor(np.array([True, False]))
    np.testing.assert_array_equal(~flags, [False, True])
    np.testing.assert_array_equal(+Tensor(X).data, +X)
    assert 2.5 in Tensor(X)
    assert 2.4 not in Tensor(X)
    with pytest.raises(TypeError):
        ~Tensor(X)


@pytest.mark.parametrize("operator", ["+=", "-=", "*=", "/=", "%=", "**=", "@="])
def test_in_place_operators_write_into_the_same_memory_and_are_differentiable(operator):
    b = np.array([[1.5, 0.5], [0.25, 2.0]])
    a = np.array([[0.3, 1.2], [0.7, 0.6]])

    def updated(x):
        exec(f"x {operator} b", scope := {"x": x, "b": b})
        return scope["x"]

    t, wanted = Tensor(a), updated(a.copy())
    memory = t.data
    assert updated(t) is t
    np.testing.assert_allclose(memory, wanted)
    check_grads(lambda x: updated(ops.copy(x)), order=1)(a)


def test_a_cast_that_is_not_allowed():
    with pytest.raises(TypeError, match=r"astype: can't cast float64 to int64 with casting='safe'"):
        Tensor(X).astype(np.int64, casting="safe")
