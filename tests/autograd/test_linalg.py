"""Linear algebra: NumPy's functions with all their keywords, and the places where matrices are special."""

import inspect
import re

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import Tensor, grad, hessian, jacobian, make_jvp, no_grad, ops
from autograd.ops.linalg import cofactors
from autograd.test_util import check_grads

A = np.array([[2.0, 0.6, 0.9], [0.5, -1.0, 0.4], [-0.3, 0.7, 4.0]])
TURNING = np.array([[-0.8, -2.2, 0.33], [1.1, -0.45, 0.03], [0.23, 0.13, 2.1]])  # whose eigenvalues are not all real
POSITIVE = np.array([[5.0, 1.0, -1.0], [1.0, 6.0, 0.5], [-1.0, 0.5, 4.0]])
TALL = np.array([[4.0, 1.0, -1.0], [0.5, 2.0, 1.0], [-1.0, 0.7, 6.0], [1.0, 2.0, -1.0]])
PAIR = np.stack([A, TURNING + np.eye(3)])
b, B = np.array([1.0, -2.0, 0.5]), np.array([[1.0, 2.0], [-1.0, 0.5], [0.3, 1.0]])
SINGULAR = np.array([[1.0, 2.0, 3.0], [2.0, 1.0, 0.0], [3.0, 3.0, 3.0]])  # of rank 2

CALLS = {
    "solve": (lambda n, a, b: n.solve(a, b), A, b),
    "solve matrices": (lambda n, a, b: n.solve(a, b), PAIR, B),
    "inv": (lambda n, a: n.inv(a), PAIR),
    "pinv": (lambda n, a: n.pinv(a), TALL),
    "pinv rcond": (lambda n, a: n.pinv(a, 0.3), np.stack([A, POSITIVE])),
    "pinv rtol": (lambda n, a: n.pinv(a, rtol=0.3), TALL.T),
    "pinv rtol None": (lambda n, a: n.pinv(a, rtol=None), TALL.T),
    "pinv rcond of each": (lambda n, a: n.pinv(a, np.array([1e-15, 0.3])), PAIR),
    "pinv hermitian": (lambda n, a: n.pinv(a, hermitian=True), A),
    "lstsq": (lambda n, a, b: n.lstsq(a, b), TALL, np.array([1.0, -2.0, 0.5, 3.0])),
    "lstsq columns": (lambda n, a, b: n.lstsq(a, b), TALL, TALL[:, :2] ** 2),
    "lstsq wide": (lambda n, a, b: n.lstsq(a, b), TALL.T, B),
    "lstsq cut": (lambda n, a, b: n.lstsq(a, b, 0.4), TALL, TALL[:, :2] ** 2),
    "lstsq machine precision": (lambda n, a, b: n.lstsq(a, b, -1), TALL, TALL[:, :2] ** 2),
    "lstsq of a square": (lambda n, a, b: n.lstsq(a, b), A, B),
    "tensorinv": (lambda n, a: n.tensorinv(a, 1), np.arange(16.0).reshape(4, 2, 2) + 5 * np.eye(4).reshape(4, 2, 2)),
    "tensorsolve": (lambda n, a, b: n.tensorsolve(a, b), np.arange(16.0).reshape(2, 2, 4) + 5 * np.eye(4).reshape(2, 2, 4), B[:2]),
    "tensorsolve axes": (
        lambda n, a, b: n.tensorsolve(a, b, (0, 2)), np.arange(16.0).reshape(2, 4, 2) + 5 * np.eye(4).reshape(2, 4, 2), np.arange(4.0),
    ),
    "det": (lambda n, a: n.det(a), PAIR),
    "slogdet": (lambda n, a: n.slogdet(a), PAIR),
    "cholesky": (lambda n, a: n.cholesky(a), POSITIVE),
    "cholesky upper": (lambda n, a: n.cholesky(a, upper=True), np.stack([POSITIVE, POSITIVE[::-1, ::-1]])),
    "qr": (lambda n, a: n.qr(a), PAIR),
    "qr tall": (lambda n, a: n.qr(a), TALL),
    "qr wide": (lambda n, a: n.qr(a, "complete"), TALL.T),
    "qr r": (lambda n, a: n.qr(a, mode="r"), TALL),
    "eigh": (lambda n, a: n.eigh(a), PAIR),
    "eigh U": (lambda n, a: n.eigh(a, "U"), A),
    "eigvalsh": (lambda n, a: n.eigvalsh(a), A),
    "eigvalsh u": (lambda n, a: n.eigvalsh(a, UPLO="u"), A),
    "eig": (lambda n, a: n.eig(a), A),
    "eig complex": (lambda n, a: n.eig(a), PAIR),
    "eigvals": (lambda n, a: n.eigvals(a), TURNING),
    "svd": (lambda n, a: n.svd(a), PAIR),
    "svd tall": (lambda n, a: n.svd(a, full_matrices=False), TALL),
    "svd wide": (lambda n, a: n.svd(a, False), TALL.T),
    "svd values": (lambda n, a: n.svd(a, compute_uv=False), TALL.T),
    "svd hermitian": (lambda n, a: n.svd(a, hermitian=True), PAIR),
    "svd hermitian values": (lambda n, a: n.svd(a, compute_uv=False, hermitian=True), A),
    "svdvals": (lambda n, a: n.svdvals(a), TALL),
    "matrix_power": (lambda n, a: n.matrix_power(a, 5), PAIR),
    "matrix_power 1": (lambda n, a: n.matrix_power(a, 1), PAIR),
    "matrix_power negative": (lambda n, a: n.matrix_power(a, -3), PAIR),
    "multi_dot": (lambda n, a, b, c, d: n.multi_dot([a, b, c, d]), TALL, A, B, b[:2]),
    "multi_dot vectors": (lambda n, a, b, c: n.multi_dot([a, b, c]), b, A, b[::-1]),
    "matmul": (lambda n, a, b: n.matmul(a, b), PAIR, B),
    "outer": (lambda n, a, b: n.outer(a, b), b, b[:2]),
    "cross": (lambda n, a, b: n.cross(a, b, axis=0), B, B[::-1]),
    "vecdot": (lambda n, a, b: n.vecdot(a, b, axis=0), B, B[::-1]),
    "tensordot": (lambda n, a, b: n.tensordot(a, b, axes=([0, 1], [1, 2])), A[:, :2], np.stack([B, B + 1])),
    "matrix_transpose": (lambda n, a: n.matrix_transpose(a), PAIR),
    "diagonal": (lambda n, a: n.diagonal(a, offset=1), PAIR),
    "trace": (lambda n, a: n.trace(a, offset=-1), PAIR),
    "norm": (lambda n, a: n.norm(a), PAIR),
    "vector_norm": (lambda n, a: n.vector_norm(a), PAIR),
    "vector_norm axes": (lambda n, a: n.vector_norm(a, axis=(0, -1), keepdims=True, ord=3), PAIR),
    "matrix_norm": (lambda n, a: n.matrix_norm(a, keepdims=True), PAIR),
    **{f"norm {p}": (lambda n, a, p=p: n.norm(a, p), b) for p in (1, 2, 3, 0.5, -1, -2, np.inf, -np.inf, None)},
    **{f"norm {p} axis": (lambda n, a, p=p: n.norm(a, p, -1, True), PAIR + 0.1) for p in (1, 2, 1.5, -2, np.inf, -np.inf, None)},
    **{f"norm {p} of a matrix": (lambda n, a, p=p: n.norm(a, p), TALL) for p in (1, -1, 2, -2, np.inf, -np.inf, "fro", "nuc")},
    **{
        f"norm {p} of matrices": (lambda n, a, p=p, k=k: n.norm(a, p, (2, 0), keepdims=k), PAIR)
        for p, k in zip((1, -1, 2, -2, np.inf, -np.inf, "f", "nuc", None), [True, False] * 5, strict=False)
    },
    **{f"matrix_norm {p}": (lambda n, a, p=p: n.matrix_norm(a, ord=p), PAIR) for p in (1, 2, "nuc", np.inf)},
    **{f"vector_norm {p}": (lambda n, a, p=p: n.vector_norm(a, ord=p), PAIR + 0.1) for p in (1, 1.5, np.inf)},
    **{f"cond {p}": (lambda n, a, p=p: n.cond(a, p), PAIR) for p in (None, 2, -2, 1, -1, np.inf, -np.inf, "fro", "nuc")},
    "cond of a tall matrix": (lambda n, a: n.cond(a), TALL),
}  # fmt: skip

every_call = pytest.mark.parametrize(("f", "arrays"), [(f, arrays) for f, *arrays in CALLS.values()], ids=CALLS)


@pytest.mark.parametrize("name", anp.linalg.__all__)
def test_signatures_are_numpys(name):
    theirs, ours = (inspect.signature(getattr(n.linalg, name)).parameters.values() for n in (np, anp))
    assert [(p.name, p.kind) for p in ours] == [(p.name, p.kind) for p in theirs]
    assert [p.default for p in ours if p.name != "rtol"] == [p.default for p in theirs if p.name != "rtol"]


def test_every_function_is_there():
    assert {*np.linalg.__all__} == {*anp.linalg.__all__, "LinAlgError"}


def complex_ones(arrays):
    """The arrays with imaginary parts that are none of each other's multiples."""
    return [a + 0.4j * np.cos(np.arange(a.size) ** 2).reshape(a.shape) for a in arrays]


def parts(y):
    return y if isinstance(y, tuple) else (y,)


def plain(y):
    return y.data if isinstance(y, Tensor) else np.asarray(y)


@pytest.mark.parametrize(
    "kind", [list, complex_ones, lambda arrays: [a.astype(np.float32) for a in arrays]], ids=["real", "complex", "float32"]
)
@every_call
def test_values_and_dtypes_are_numpys(f, arrays, kind):
    arrays = kind(arrays)
    wanted = f(np.linalg, *arrays)
    for n, given in (np.linalg, map(Tensor, arrays)), (anp.linalg, map(Tensor, arrays)), (anp.linalg, arrays):
        y = f(n, *given)
        assert type(y) is (type(wanted) if isinstance(wanted, tuple) else type(y))
        for part, w in zip(parts(y), parts(wanted), strict=True):
            assert part.dtype == w.dtype
            eps = np.finfo(w.dtype).eps if w.dtype.kind in "fc" else 0
            np.testing.assert_allclose(plain(part), w, rtol=200 * eps, atol=200 * eps)


@every_call
def test_derivatives_are_slopes(f, arrays):
    check_grads(lambda *x: f(np.linalg, *x), order=2, atol=1e-5, rtol=1e-5)(*arrays)


@every_call
def test_derivatives_of_complex_matrices_are_slopes(f, arrays):
    check_grads(lambda *x: f(np.linalg, *x), order=2, atol=1e-5, rtol=1e-5)(*complex_ones(arrays))


@every_call
def test_float32_stays_float32(f, arrays):
    narrow = [a.astype(np.float32) for a in arrays]
    for xs in narrow, [a.astype(np.complex64) for a in complex_ones(narrow)]:
        leaves = [Tensor(x, requires_grad=True) for x in xs]
        total = sum(ops.real(part.sum()) for part in parts(f(np.linalg, *leaves)) if isinstance(part, Tensor))
        total.backward(create_graph=True)
        assert [leaf.grad.dtype for leaf in leaves] == [x.dtype for x in xs]


@pytest.mark.parametrize("shape", [(0, 2, 2), (2, 0, 0), (1, 1)])
@pytest.mark.parametrize(
    "f",
    [
        lambda a: np.linalg.inv(a), lambda a: np.linalg.solve(a, a), lambda a: np.linalg.pinv(a), lambda a: np.linalg.det(a),
        lambda a: np.linalg.slogdet(a), lambda a: np.linalg.cholesky(a), lambda a: np.linalg.qr(a), lambda a: np.linalg.eigh(a),
        lambda a: np.linalg.eig(a), lambda a: np.linalg.svd(a), lambda a: np.linalg.svd(a, hermitian=True), lambda a: np.linalg.svdvals(a),
        lambda a: np.linalg.matrix_power(a, -3), lambda a: np.linalg.matrix_norm(a),
    ],
)  # fmt: skip
def test_no_matrices_and_the_smallest_ones(f, shape):
    check_grads(f, order=2)(np.full(shape, 1.5))
    check_grads(f, order=2)(np.full(shape, 1.5 + 0.5j))


# -- determinants of singular matrices ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("a", [SINGULAR, np.outer(b, b[::-1]), np.zeros((3, 3)), np.eye(3), SINGULAR * (1 + 0.5j), SINGULAR + 1e-14 * A])
def test_det_has_two_derivatives_at_singular_matrices(a):
    check_grads(lambda x: np.linalg.det(x), order=2)(a)
    check_grads(lambda x: np.linalg.det(x), order=2)(np.stack([a, PAIR[1] + a, a]))


def test_the_gradient_of_det_are_the_cofactors():
    minors = [[(-1) ** (i + j) * np.linalg.det(np.delete(np.delete(SINGULAR, i, 0), j, 1)) for j in range(3)] for i in range(3)]
    np.testing.assert_allclose(grad(lambda x: np.linalg.det(x))(SINGULAR), minors, atol=1e-14)
    np.testing.assert_allclose(cofactors(SINGULAR), minors, atol=1e-14)
    assert grad(lambda x: np.linalg.det(x))(np.zeros((3, 3))).tolist() == np.zeros((3, 3)).tolist()
    np.testing.assert_allclose(grad(lambda x: np.linalg.det(x))(np.diag([1e-200, 1e-200, 1.0])), np.diag([1e-200, 1e-200, 0.0]))


def test_det_has_all_derivatives_where_there_is_an_inverse():
    check_grads(lambda x: np.linalg.det(x), order=4, atol=1e-4)(np.eye(3))
    with pytest.raises(np.linalg.LinAlgError, match="Singular"):
        grad(lambda x: (hessian(lambda x: np.linalg.det(x))(x) ** 2).sum())(SINGULAR)


def test_what_a_singular_matrix_has_no_derivative_of_is_an_error_not_nan():
    with np.errstate(divide="ignore"), pytest.raises(np.linalg.LinAlgError, match="Singular"):
        grad(lambda x: np.linalg.slogdet(x)[1])(np.zeros((2, 2)))
    with pytest.raises(np.linalg.LinAlgError, match="Singular"):
        grad(lambda x: np.linalg.qr(x).R.sum())(np.zeros((2, 2)))


@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
def test_a_matrix_with_a_nan_leaves_the_others_of_its_stack_alone():
    hole = np.where(np.eye(3) > 0, np.nan, A)
    g, h = (grad(lambda x: np.linalg.det(x).sum())(np.stack(stack)) for stack in ([A, hole, SINGULAR], [A, A, SINGULAR]))
    assert np.isnan(g[1]).all()
    np.testing.assert_array_equal(g[[0, 2]], h[[0, 2]])


# -- equal eigenvalues and singular values ------------------------------------------------------------------------------------------------

Q = np.linalg.qr(A)[0]
EQUAL = Q @ np.diag([1.0, 1.0, 3.0]) @ Q.T  # where two eigenvalues are equal but for rounding


def lower(G):
    """What a symmetric gradient is for a matrix of which the lower triangle is read."""
    return np.tril(G + G.T) - np.diag(np.diag(G))


@pytest.mark.parametrize("a", [np.eye(3), EQUAL, np.zeros((3, 3)), np.diag([1.0, 2.0, 2.0])])
def test_functions_of_eigenvalues_are_right_where_some_are_equal(a):
    np.testing.assert_allclose(grad(lambda x: np.linalg.eigvalsh(x).sum())(a), np.eye(3), atol=1e-14)
    np.testing.assert_allclose(grad(lambda x: (np.linalg.eigvalsh(x) ** 3).sum())(a), lower(3 * a @ a), atol=1e-13)
    np.testing.assert_allclose(grad(lambda x: np.linalg.eigh(x)[0].sum())(a), np.eye(3), atol=1e-14)
    np.testing.assert_allclose(grad(lambda x: ops.real(np.linalg.eigvals(x).sum()))(a), np.eye(3), atol=1e-13)
    np.testing.assert_allclose(grad(lambda x: (np.linalg.svdvals(x) ** 2).sum())(a), 2 * a, atol=1e-13)


UNSURE = "the vectors of equal values .* have no derivative"


@pytest.mark.parametrize("f", [lambda s, V: V * s @ V.mT, lambda s, V: V[..., 1:2]])
def test_a_warning_says_where_vectors_have_no_derivative(f):
    for a in np.eye(3), EQUAL:
        with pytest.warns(RuntimeWarning, match=f"eigh: {UNSURE}"):
            grad(lambda x: (f(*np.linalg.eigh(x)) * A).sum())(a)
        with pytest.warns(RuntimeWarning, match=f"svd: {UNSURE}"):
            grad(lambda x: (f(np.linalg.svd(x).S, np.linalg.svd(x).Vh.mT) * A).sum())(a)
        with pytest.warns(RuntimeWarning, match=f"svd: {UNSURE}"):
            grad(lambda x: (f(np.linalg.svd(x).S, np.linalg.svd(x).U) * A).sum())(a)
    with pytest.warns(RuntimeWarning, match=f"eig: {UNSURE}"):
        grad(lambda x: (np.linalg.eig(x)[1] * A).sum())(np.eye(3))
    with pytest.warns(RuntimeWarning, match=f"svd: {UNSURE}"):
        grad(lambda x: (np.linalg.svd(x, full_matrices=False).Vh.mT * TALL).sum())((TALL * [1, 1, 0]).T)
    with pytest.warns(RuntimeWarning, match=f"svd: {UNSURE}"):
        grad(lambda x: (np.linalg.svd(x, full_matrices=False).U * TALL).sum())(TALL * [1, 1, 0])


def test_rounding_in_what_is_left_out_is_no_reason_to_warn():
    lengths = grad(lambda x: (np.linalg.eigh(x)[1] ** 2).sum())(EQUAL)
    np.testing.assert_allclose(lengths, 0, atol=1e-14)


def test_a_warning_says_that_second_derivatives_may_lack_a_part():
    with pytest.warns(RuntimeWarning, match=f"eigh: {UNSURE}"):
        trace = hessian(lambda x: np.linalg.eigvalsh(x).sum())(EQUAL)
    np.testing.assert_allclose(trace, 0, atol=1e-13)


def test_a_pseudoinverse_knows_its_rank():
    a = TALL * [1, 1, 0] @ Q
    P = np.linalg.pinv(a)
    right, left = np.eye(3) - P @ a, np.eye(4) - a @ P
    np.testing.assert_allclose(
        make_jvp(lambda x: np.linalg.pinv(x, 1e-9))(a)(TALL)[1],
        -P @ TALL @ P + P @ P.T @ TALL.T @ left + right @ TALL.T @ P.T @ P,
        atol=1e-14,
    )
    check_grads(lambda x: np.linalg.pinv(x @ x.mT[:, :2] @ x[:2], 1e-9))(TALL)


@pytest.mark.filterwarnings(f"ignore:.*{UNSURE}")
@pytest.mark.parametrize("shift", [0, 1e-15, -1e-15])
def test_projections_on_the_space_of_equal_eigenvalues_have_their_derivatives(shift):
    a = EQUAL + shift * np.diag(b)
    kept = lambda V: V[..., :2] @ ops.conjugate(V[..., :2].mT)
    check_grads(lambda x: kept(np.linalg.eigh(x)[1]), order=1)(a)
    check_grads(lambda x: kept(np.linalg.eigh(x)[1]), order=1)(a + 0j)
    last = lambda V: V[..., 1:] @ ops.conjugate(V[..., 1:].mT)
    check_grads(lambda x: last(np.linalg.svd(x)[0]) + last(np.linalg.svd(x)[2].mT), order=1)(a)


@pytest.mark.filterwarnings(f"ignore:.*{UNSURE}")
@pytest.mark.parametrize("a", [np.eye(3), np.zeros((3, 3)), EQUAL, np.diag([1.0, 0.0, 0.0])])
@pytest.mark.parametrize("f", [np.linalg.eigh, np.linalg.eig, np.linalg.svd], ids=lambda f: f.__name__)
def test_vectors_of_equal_values_are_held(f, a):
    for z in a, a + 0j:
        leaf = Tensor(z, requires_grad=True)
        sum(ops.real((part * np.arange(1, part.size + 1).reshape(part.shape)).sum()) for part in f(leaf)).backward(create_graph=True)
        ops.real((leaf.grad * leaf.grad).sum()).backward()
        assert np.isfinite(leaf.grad.data).all()
    assert np.abs(grad(lambda x: (f(x)[-1] * A).sum())(np.eye(3))).max() == 0


def test_where_an_eigenvalue_is_0_the_singular_vectors_are_orthogonal_all_the_same():
    u, s, vh = np.linalg.svd(Tensor(np.diag([2.0, 0.0, -1.0])), hermitian=True)
    np.testing.assert_allclose((vh @ vh.T).data, np.eye(3), atol=1e-15)
    np.testing.assert_allclose((u * s @ vh).data, np.diag([2.0, 0.0, -1.0]), atol=1e-15)


@pytest.mark.parametrize("ord", [1, 2, np.inf, "fro", "nuc"])
def test_the_norm_of_nothing_is_0(ord):
    x = Tensor(np.zeros((2, 0, 3)), requires_grad=True)
    y = np.linalg.norm(x, ord, axis=(0, 1))
    y.sum().backward()
    assert (y.tolist(), x.grad.shape) == ([0, 0, 0], (2, 0, 3))
    if ord in (1, 2, np.inf):
        assert np.linalg.vector_norm(x, ord=ord).item() == 0


def test_singular_values_that_are_0_have_the_derivative_0():
    assert grad(lambda x: np.linalg.norm(x, "nuc"))(np.zeros((2, 3))).tolist() == np.zeros((2, 3)).tolist()
    assert grad(lambda x: np.linalg.norm(x, 2))(np.zeros((2, 3))).tolist() == np.zeros((2, 3)).tolist()
    assert grad(lambda x: np.linalg.svdvals(x).sum())(np.diag([2.0, 0.0])).tolist() == [[1.0, 0.0], [0.0, 0.0]]
    assert grad(lambda x: (np.linalg.svdvals(x) ** 2).sum())(np.diag([2.0, 0.0])).tolist() == [[4.0, 0.0], [0.0, 0.0]]


def test_the_largest_of_equal_singular_values_share_the_derivative():
    np.testing.assert_allclose(grad(lambda x: np.linalg.norm(x, 2))(np.eye(2)), np.eye(2) / 2)


def test_small_singular_values_that_are_not_cut_count():
    a = Q @ np.diag([1.0, 0.5, 1e-7]) @ Q
    slopes = [grad(lambda x, f=f: (f(x) * A).sum())(a) for f in (np.linalg.inv, np.linalg.pinv)]
    np.testing.assert_allclose(*slopes, rtol=1e-6)


# -- triangles and phases -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("f", "read"),
    [
        (lambda x: np.linalg.eigh(x)[1], np.tril),
        (lambda x: np.linalg.eigh(x, "U")[1], np.triu),
        (lambda x: np.linalg.cholesky(x), np.tril),
        (lambda x: np.linalg.cholesky(x, upper=True), np.triu),
        (lambda x: np.linalg.pinv(x, hermitian=True), np.tril),
        (lambda x: np.linalg.svd(x, hermitian=True)[2], np.tril),
    ],
)
def test_the_triangle_that_is_read_has_the_derivative(f, read):
    G = grad(lambda x: (f(x) * A).sum())(POSITIVE)
    assert np.array_equal(G, read(G))
    symmetric = lambda x: f((x + x.mT) / 2)
    S = grad(lambda x: (symmetric(x) * A).sum())(POSITIVE)
    np.testing.assert_allclose(S, (G + G.T) / 2, atol=1e-15)


@pytest.mark.parametrize("first", [1e-20, 1e-15, 1e-14, 1e-12, 1e-10])
@pytest.mark.parametrize("f", [lambda x: np.linalg.eigh(x)[1], lambda x: np.linalg.svd(x)[0]], ids=["eigh", "svd"])
def test_a_first_component_near_0_does_not_spoil_what_is_free_of_phases(f, first, rng):
    """LAPACK makes it real, which leaves the phase almost open."""
    block = rng.standard_normal((6, 6)) + 1j * rng.standard_normal((6, 6))
    a = np.zeros((7, 7), complex)
    a[1:, 1:], a[0, 0] = block + block.conj().T, 20
    weights, edge = rng.standard_normal((5, 7)), rng.standard_normal(6)
    near = a.copy()
    near[0, 1:] = near[1:, 0] = first * edge
    size = lambda x: (ops.absolute(f(x)[1:6]) ** 2 * weights).sum()
    np.testing.assert_allclose(grad(size)(near), grad(size)(a), atol=1e-9)


# -- whole derivatives --------------------------------------------------------------------------------------------------------------------


def test_hessians_are_those_of_the_books():
    inverse = np.linalg.inv(POSITIVE)
    wanted = -np.einsum("li,jk->ijkl", inverse, inverse)
    np.testing.assert_allclose(hessian(lambda x: np.linalg.slogdet(x)[1])(POSITIVE), wanted, atol=1e-14)
    E = np.eye(3)
    squares = hessian(lambda x: (np.linalg.svdvals(x) ** 2).sum())(A)
    np.testing.assert_allclose(squares, 2 * np.einsum("ik,jl->ijkl", E, E), atol=1e-11)


def test_tangents_are_those_of_the_books():
    inverse = np.linalg.inv(A)
    np.testing.assert_allclose(make_jvp(lambda x: np.linalg.inv(x))(A)(TURNING)[1], -inverse @ TURNING @ inverse, atol=1e-14)
    np.testing.assert_allclose(make_jvp(lambda x: np.linalg.det(x))(A)(TURNING)[1], np.linalg.det(A) * np.trace(inverse @ TURNING))
    np.testing.assert_allclose(make_jvp(lambda x: np.linalg.matrix_power(x, 2))(A)(TURNING)[1], A @ TURNING + TURNING @ A)


def test_decompositions_multiply_to_what_they_are_of():
    E = np.einsum("ik,jl->ijkl", np.eye(3), np.eye(3))
    square = lambda L: L @ L.mT
    np.testing.assert_allclose(jacobian(lambda x: np.linalg.qr(x).Q @ np.linalg.qr(x).R)(A), E, atol=1e-14)
    product = lambda u, s, vh: u * s @ vh
    np.testing.assert_allclose(jacobian(lambda x: product(*np.linalg.svd(x)))(A), E, atol=1e-13)
    np.testing.assert_allclose(
        jacobian(lambda x: square(np.linalg.cholesky((x + x.mT) / 2)))(POSITIVE), (E + E.swapaxes(2, 3)) / 2, atol=1e-14
    )


# -- conventions --------------------------------------------------------------------------------------------------------------------------


def test_condition_numbers_of_singular_matrices_are_infinite_and_leave_the_others_alone():
    stack = np.stack([np.zeros((3, 3)), A])
    for p in None, -2, 1, "fro":
        assert np.linalg.cond(Tensor(stack, requires_grad=True), p).data[0] == np.inf
        slopes = grad(lambda x, p=p: np.linalg.cond(x, p)[1])(stack)
        np.testing.assert_allclose(slopes, np.stack([np.zeros((3, 3)), grad(lambda x, p=p: np.linalg.cond(x, p))(A)]), rtol=1e-12)


@pytest.mark.parametrize("p", [None, 1, 2, 3, np.inf, -np.inf])
def test_norms_of_whole_numbers_are_floats(p):
    for a in np.array([3, -4]), np.array([[3, -4], [0, 1]]):
        wanted = np.linalg.norm(a, p if a.ndim == 1 or p != 3 else "nuc")
        y = np.linalg.norm(Tensor(a), p if a.ndim == 1 or p != 3 else "nuc")
        assert (y.dtype, y.item()) == (wanted.dtype, pytest.approx(wanted))


@pytest.mark.parametrize("p", [3, 1.5, 0.5, 2, 1, np.inf])
def test_vector_norms_are_flat_at_0(p):
    assert grad(lambda x: np.linalg.norm(x, p))(np.zeros(2)).tolist() == [0, 0]
    assert np.isfinite(grad(lambda x: np.linalg.norm(x, p))(np.array([0.0, 2.0]))).all()
    assert np.isfinite(hessian(lambda x: np.linalg.norm(x, p))(np.array([0.0, 2.0]))).all()


def test_what_has_no_derivative_is_plain():
    x = Tensor(A, requires_grad=True)
    assert np.linalg.matrix_rank(x) == 3
    assert type(np.linalg.matrix_rank(Tensor(PAIR), rtol=Tensor(0.9))) is np.ndarray
    assert np.linalg.matrix_rank(Tensor(np.eye(2, k=1)), hermitian=True) == 0
    _, squares, rank, _ = np.linalg.lstsq(Tensor(TALL[:, [0, 0]]), TALL[:, 0])
    assert (squares.shape, rank) == ((0,), 1)
    assert np.linalg.norm(x, 0, axis=1).tolist() == [3, 3, 3]
    assert np.array_equal(np.linalg.matrix_power(x, 0), np.eye(3))


def test_the_chain_of_least_cost_is_computed():
    tall, wide, column = Tensor(np.ones((9, 2)), requires_grad=True), np.ones((2, 9)), Tensor(np.ones(9), requires_grad=True)
    y = np.linalg.multi_dot([tall, wide, column])
    assert [parent.shape for parent in y._node.parents] == [(9, 2), (2,)]
    y = np.linalg.multi_dot([tall, wide, tall])
    assert [parent.shape for parent in y._node.parents] == [(9, 2), (2, 2)]
    y = np.linalg.multi_dot([column[:2], wide, tall])
    assert [parent.shape for parent in y._node.parents] == [(9,), (9, 2)]


def test_a_chain_is_written_into_a_tensor():
    out = Tensor(np.zeros((2, 2)))
    x = Tensor(np.eye(2), requires_grad=True)
    assert np.linalg.multi_dot([x, x, x], out=out) is out
    out.sum().backward()
    assert x.grad.tolist() == [[3, 3], [3, 3]]


def test_where_no_derivative_is_followed_all_is_numpys():
    for x in Tensor(TALL), TALL:
        assert np.array_equal(anp.linalg.qr(x, "complete")[0], np.linalg.qr(TALL, "complete")[0])
        assert np.array_equal(anp.linalg.qr(x, "raw")[0], np.linalg.qr(TALL, "raw")[0])
        assert np.array_equal(anp.linalg.svd(x)[0], np.linalg.svd(TALL)[0])
    with no_grad():
        assert np.linalg.svd(Tensor(TALL, requires_grad=True))[0].shape == (4, 4)


@pytest.mark.parametrize(
    ("attempt", "error", "message"),
    [
        (lambda x: np.linalg.svd(x), TypeError, "svd: the vectors that full_matrices=True adds .* use full_matrices=False"),
        (lambda x: np.linalg.qr(x, "complete"), TypeError, "qr: the columns that mode 'complete' adds .* use 'reduced'"),
        (lambda x: np.linalg.qr(x, "raw"), TypeError, "qr: mode 'raw' is not differentiated; wanted 'reduced', 'complete' or 'r'"),
        (lambda x: ops.svd(x), ValueError, "svd: x .*4, 3.*: the vectors that full_matrices=True adds"),
        (lambda x: ops.qr(x, "complete"), ValueError, "qr: x .*: the columns that mode 'complete' adds"),
        (lambda x: ops.qr(x, "r"), ValueError, "qr: .* got mode 'r', wanted 'reduced' or 'complete'"),
        (lambda x: np.linalg.pinv(x, 0.1, rtol=0.1), ValueError, "pinv: got both rcond=0.1 and rtol=0.1"),
        (lambda x: np.linalg.pinv(x, x[0, 0]), TypeError, "pinv: rcond got a Tensor that requires grad"),
        (lambda x: np.linalg.norm(x, 3), ValueError, "norm: ord=3 is no norm of matrices; wanted 'fro', 'nuc'"),
        (lambda x: np.linalg.norm(x, "fro", axis=0), ValueError, "norm: ord='fro' is no norm of vectors; wanted a number"),
        (lambda x: np.linalg.norm(x[None], 1), ValueError, "norm: got 3 axes, wanted one .* or two"),
        (lambda x: np.linalg.vector_norm(x, ord=x[0, 0]), ValueError, "vector_norm: ord=Tensor.* is no norm of vectors"),
        (lambda x: np.linalg.matrix_power(x, 2), np.linalg.LinAlgError, r"matrix_power: got \(4, 3\), wanted square"),
        (lambda x: np.linalg.inv(x), np.linalg.LinAlgError, "must be square"),
        (lambda x: np.linalg.inv(x[:3] * 0), np.linalg.LinAlgError, "Singular matrix"),
        (lambda x: np.linalg.tensorinv(x, 0), ValueError, "tensorinv: got ind=0, wanted a positive number"),
        (lambda x: np.linalg.tensorinv(x, 1), np.linalg.LinAlgError, r"tensorinv: the first 1 axes \(4,\) and the others \(3,\)"),
        (lambda x: np.linalg.tensorsolve(x, x[0]), np.linalg.LinAlgError, r"tensorsolve: got a \(4, 3\) and b \(3,\)"),
        (lambda x: np.linalg.multi_dot([x]), np.linalg.LinAlgError, r"multi_dot: got arrays of \[2\] axes, wanted two or more"),
        (lambda x: np.linalg.multi_dot([x, x[0], x[0]]), np.linalg.LinAlgError, r"multi_dot: got arrays of \[2, 1, 1\] axes"),
        (lambda x: np.linalg.multi_dot([x, x.T], out=np.zeros((4, 4))), TypeError, "multi_dot: writing into a plain array"),
        (lambda x: np.linalg.outer(x, x), ValueError, "outer: got .* wanted two vectors"),
        (lambda x: np.linalg.cross(x[:, :2], x[:, :2]), ValueError, "cross: got vectors of 2 and 2 components, wanted 3"),
        (lambda x: np.linalg.det(x[:3].astype(np.float16)), TypeError, "float16 is unsupported"),
    ],
)  # fmt: skip
def test_refused_by_name(attempt, error, message):
    with pytest.raises(error, match=re.compile(message, re.DOTALL)):
        attempt(Tensor(TALL, requires_grad=True))
