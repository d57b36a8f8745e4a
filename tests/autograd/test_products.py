"""Sums of products: NumPy's values and every keyword's derivative."""

import re

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import Tensor, grad
from autograd.test_util import check_grads

random = np.random.default_rng(0)


def real(*shape):
    return random.standard_normal(shape)


def complex_(*shape):
    return real(*shape) + 1j * real(*shape)


def assert_right(f, *arrays):
    """f gives for Tensors the values and dtype that NumPy gives for arrays, and derivatives that are slopes."""
    wanted, y = f(*arrays), f(*map(Tensor, arrays))
    assert isinstance(y, Tensor)
    assert (y.dtype, y.shape) == (wanted.dtype, wanted.shape)
    np.testing.assert_allclose(y.data, wanted, rtol=1e-12, atol=1e-13)
    check_grads(f)(*arrays)


SUMS = {
    "ij,jk": ((2, 3), (3, 4)),
    "ij,jk->ki": ((2, 3), (3, 4)),
    "i,i": ((3,), (3,)),
    "i,j": ((3,), (2,)),
    "ba": ((2, 3),),
    "ii": ((3, 3),),
    "ii->i": ((3, 3),),
    "iij->j": ((3, 3, 2),),
    "iji,ki->jk": ((2, 3, 2), (4, 2)),
    "iii,i->i": ((2, 2, 2), (2,)),
    "iijj->ij": ((2, 2, 3, 3),),
    "ij->": ((2, 3),),
    "ij,k->k": ((2, 3), (4,)),
    "...ij,...jk": ((5, 2, 3), (3, 4)),
    "...ij,...jk->...ik": ((5, 1, 2, 3), (4, 3, 2)),
    "i...,...i->...": ((3, 2, 4), (1, 4, 3)),
    "i...->...i": ((2, 3, 4),),
    "...,...": ((2, 1), (3,)),
    "...ii->...": ((4, 3, 3),),
    "i...i->...": ((3, 2, 3),),
    "ij,ij->i": ((2, 3), (1, 3)),
    "ij,ij->": ((1, 3), (2, 1)),
    "i,i,i->i": ((1,), (1,), (3,)),
    "ij,jk,kl,lm->im": ((2, 3), (3, 4), (4, 2), (2, 3)),
    ",ij->ij": ((), (2, 3)),
    " i j , j -> i ": ((2, 3), (3,)),
    "Ab,bA->A": ((2, 3), (3, 2)),
    "ij,j->i": ((0, 3), (3,)),
}


@pytest.mark.parametrize("optimize", [False, True, "greedy", ("optimal", 1000)], ids=str)
@pytest.mark.parametrize("of", [real, complex_], ids=["real", "complex"])
@pytest.mark.parametrize("subscripts", SUMS)
def test_every_sum_of_products(subscripts, of, optimize):
    assert_right(lambda *arrays: np.einsum(subscripts, *arrays, optimize=optimize), *(of(*shape) for shape in SUMS[subscripts]))


@pytest.mark.parametrize(
    ("labels", "shapes"),
    [
        (([0, 1], [1, 2], [0, 2]), ((2, 3), (3, 4))),
        (([0, 1], [1, 2]), ((2, 3), (3, 4))),
        (([30, 2], [2, 5]), ((2, 3), (3, 4))),
        (([..., 0], [0, ..., 1], [..., 1]), ((4, 3), (3, 4, 2))),
        (([0, 0],), ((3, 3),)),
        (([1, 0],), ((2, 3),)),
    ],
)
def test_axes_may_be_named_by_numbers(labels, shapes):
    arrays = [real(*shape) for shape in shapes]

    def f(*arrays):
        pairs = [part for pair in zip(arrays, labels, strict=False) for part in pair]
        return np.einsum(*pairs, *labels[len(arrays) :])

    assert_right(f, *arrays)
    np.testing.assert_allclose(anp.einsum(*[p for q in zip(arrays, labels, strict=False) for p in q], *labels[len(arrays) :]), f(*arrays))


def test_a_path_found_beforehand_serves():
    arrays = real(2, 3), real(3, 4), real(4, 2)
    path = np.einsum_path("ij,jk,kl", *map(Tensor, arrays))[0]
    assert_right(lambda *arrays: np.einsum("ij,jk,kl", *arrays, optimize=path), *arrays)


def test_einsums_keywords():
    a, b = real(2, 3).astype(np.float32), real(3).astype(np.float32)
    x = Tensor(a, requires_grad=True)
    y = np.einsum("ij,j", x, b, dtype=np.float64)
    assert y.dtype == np.float64
    np.testing.assert_allclose(y.data, np.einsum("ij,j", a, b, dtype=np.float64))
    y.sum().backward()
    assert x.grad.dtype == np.float32
    with pytest.raises(TypeError, match="dtype=float32 would cut"):
        np.einsum("i->", Tensor(np.ones(2)), dtype=np.float32)
    assert np.einsum("i->", Tensor(np.ones(2)), dtype=np.float32, casting="same_kind").dtype == np.float32
    with pytest.raises(TypeError, match="einsum: order='F'"):
        np.einsum("ij->ji", x, order="F")
    with pytest.raises(TypeError, match="einsum: got path"):
        np.einsum("ij->ji", x, path=1)
    with pytest.raises(ValueError, match="einsum: got the axis number 52"):
        np.einsum(x, [52, 0])

    def through_out(a):
        out = Tensor(np.zeros(2))
        assert np.einsum("ij->i", a, out=out) is out
        return out

    check_grads(through_out)(real(2, 3))
    with pytest.raises(TypeError, match="einsum: writing into a plain array"):
        np.einsum("ij->i", x, out=np.zeros(2, np.float32))


PRODUCTS = [
    ("tensordot", [(2, 3, 4), (3, 4, 5)], {}),
    ("tensordot", [(2, 3), (3, 4)], {"axes": 1}),
    ("tensordot", [(2, 3), (4,)], {"axes": 0}),
    ("tensordot", [(), (2,)], {"axes": 0}),
    ("tensordot", [(2, 3, 4), (4, 5, 2)], {"axes": ([0, -1], [2, 0])}),
    ("tensordot", [(2, 3), (4, 3)], {"axes": (1, -1)}),
    ("tensordot", [(2, 3), (3, 2)], {"axes": ((0, 1), (1, 0))}),
    ("inner", [(3,), (3,)], {}),
    ("inner", [(2, 3), (4, 5, 3)], {}),
    ("inner", [(), (2, 3)], {}),
    ("vdot", [(3,), (3,)], {}),
    ("vdot", [(2, 3), (6,)], {}),
    ("vdot", [(), ()], {}),
    ("vecdot", [(2, 3), (4, 1, 3)], {}),
    ("vecdot", [(3,), (3,)], {"keepdims": True}),
    ("vecdot", [(2, 3, 4), (2, 3, 4)], {"axis": 1}),
    ("vecdot", [(2, 3, 4), (2, 3, 1)], {"axis": -2, "keepdims": True}),
    ("vecdot", [(2, 3, 4), (3, 4, 2)], {"axes": [0, (2,), ()]}),
    ("vecdot", [(2, 3, 4), (3, 2, 4)], {"axes": [0, 1]}),
    ("vecdot", [(2, 3, 4), (2, 3, 4)], {"axes": [0, 0, 1], "keepdims": True}),
    ("matvec", [(5, 2, 3), (3,)], {}),
    ("matvec", [(2, 3), (4, 3)], {}),
    ("matvec", [(4, 3, 2), (3, 2)], {"axes": [(0, 1), 0, 0]}),
    ("vecmat", [(5, 2), (2, 3)], {}),
    ("vecmat", [(2,), (4, 2, 3)], {"axes": [0, (1, 2), 0]}),
    ("matmul", [(3, 4, 2), (2, 4, 5)], {"axes": [(0, 1), (1, 2), (0, 1)]}),
    ("matmul", [(3, 4, 2), (4,)], {"axes": [(0, 1), 0, 0]}),
    ("matmul", [(3,), (2, 3)], {"axes": [0, (1, 0), -1]}),
    ("matmul", [(3,), (3,)], {"axes": [0, 0, ()]}),
    ("kron", [(2,), (3,)], {}),
    ("kron", [(2, 3), (2, 2)], {}),
    ("kron", [(3,), (2, 1, 2)], {}),
    ("kron", [(), (2,)], {}),
    ("cross", [(3,), (3,)], {}),
    ("cross", [(2, 1, 3), (4, 3)], {}),
    ("cross", [(3, 2), (3, 2)], {"axis": 0}),
    ("cross", [(3, 4), (4, 3)], {"axisa": 0, "axisb": 1, "axisc": 0}),
    ("cross", [(2,), (2,)], {}),
    ("cross", [(4, 2), (3,)], {}),
    ("cross", [(3,), (4, 2)], {}),
    ("cross", [(2, 4), (2, 4)], {"axis": 0}),
]


@pytest.mark.filterwarnings("ignore:.*2-dimensional vectors:DeprecationWarning", "ignore:.*vectors of 2 components:DeprecationWarning")
@pytest.mark.parametrize("kinds", [(real, real), (complex_, complex_), (complex_, real), (real, complex_)], ids="{0[0].__name__}".format)
@pytest.mark.parametrize(("name", "shapes", "options"), [p for p in PRODUCTS if hasattr(np, p[0])])
def test_every_product(name, shapes, options, kinds):
    arrays = [of(*shape) for of, shape in zip(kinds, shapes, strict=True)]
    assert_right(lambda *arrays: getattr(np, name)(*arrays, **options), *arrays)
    np.testing.assert_allclose(getattr(anp, name)(*arrays, **options), getattr(np, name)(*arrays, **options), rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("of", [real, complex_], ids=["real", "complex"])
@pytest.mark.parametrize("mode", ["full", "same", "valid", 0, 1, 2])
@pytest.mark.parametrize("shapes", [((5,), (3,)), ((6,), (4,)), ((4,), (4,)), ((3,), (6,)), ((2,), (5,)), ((1,), (1,))], ids=str)
@pytest.mark.parametrize("name", ["convolve", "correlate"])
def test_convolutions(name, shapes, mode, of):
    a, v = (of(*shape) for shape in shapes)
    assert_right(lambda a, v: getattr(np, name)(a, v, mode), a, v)
    assert_right(lambda a: getattr(np, name)(a, v, mode), a)
    np.testing.assert_allclose(getattr(anp, name)(a, v, mode), getattr(np, name)(a, v, mode), rtol=1e-12, atol=1e-13)


def test_convolutions_by_default():
    a, v = real(5), real(3)
    assert_right(np.convolve, a, v)
    assert_right(np.convolve, real(), v)
    assert_right(np.correlate, a, v)
    assert_right(np.correlate, a, complex_(3))


@pytest.mark.parametrize("name", ["tensordot", "inner", "vdot", "vecdot", "matvec", "vecmat", "kron", "cross", "convolve", "correlate"])
def test_single_precision_stays_single(name):
    shapes = {"tensordot": [(3, 3)] * 2, "matvec": [(3, 3), (3,)], "vecmat": [(3,), (3, 3)]}.get(name, [(3,), (3,)])
    a, b = (Tensor(real(*shape), dtype=np.float32, requires_grad=True) for shape in shapes)
    y = getattr(np, name)(a, b)
    y.sum().backward()
    assert y.dtype == a.grad.dtype == b.grad.dtype == np.float32


def test_an_infinite_component_stays_in_its_place():
    with np.errstate(invalid="ignore"):
        g = grad(lambda a: np.cross(a, np.array([0.0, 1.0, 0.0]))[0])(np.array([np.inf, 0.0, 2.0]))
    np.testing.assert_array_equal(g, [0, 0, -1])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda x: np.tensordot(x, x, 1), "tensordot: axes (1,) of (2, 3) and axes (0,) of (2, 3) have different sizes"),
        (lambda x: np.tensordot(x, np.ones((1, 3)), ((0,), (0,))), "tensordot: axes (0,) of (2, 3)"),
        (lambda x: np.vecdot(x, np.ones((2, 1))), "vecdot: got (2, 3) and (2, 1), wanted (…, i) and (…, i)"),
        (lambda x: np.matvec(x, np.ones(1)), "matvec: got (2, 3) and (1,), wanted (…, i, j) and (…, j)"),
        (lambda x: np.vecmat(x, np.ones(3)), "vecmat: got (2, 3) and (3,), wanted (…, i) and (…, i, j)"),
        (lambda x: np.matmul(x, x.T, axes=[(0, 1), 0, 0]), "matmul: got axes=[(0, 1), 0, 0], wanted a tuple for each"),
        (lambda x: np.matmul(x, x.T, axes=[(0, 1), (0, 1)]), "matmul: got axes=[(0, 1), (0, 1)], wanted a tuple for each"),
        (lambda x: np.cross(x[:, :1], x), "cross: got vectors of 1 and 3 components"),
        (lambda x: np.einsum("ij,jk", x, x), "einsum: "),
        (lambda x: np.convolve(x, x), "convolve: got shapes (2, 3) and (2, 3), wanted two rows of values"),
        (lambda x: np.correlate(x[0], []), "correlate: got shapes (3,) and (0,), wanted two rows of values"),
        (lambda x: np.convolve(x[0], x[0], "wrap"), "convolve: got mode='wrap', wanted 'full'"),
    ],
)
def test_what_does_not_fit_is_told(call, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        call(Tensor(real(2, 3), requires_grad=True))


def test_keywords_that_mean_nothing_are_told():
    x = Tensor(real(2, 2))
    with pytest.raises(TypeError, match="matmul: axis and keepdims are for sums over one axis"):
        np.matmul(x, x, keepdims=True)
    with pytest.warns(DeprecationWarning, match="vectors of 2 components"):
        np.cross(x, x)
