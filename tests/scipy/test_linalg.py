import inspect
import warnings

import numpy as np
import pytest

scipy_linalg = pytest.importorskip("scipy.linalg")

import autograd.numpy as anp  # noqa: E402
from autograd import Tensor, grad, make_vjp  # noqa: E402
from autograd.scipy import linalg as L  # noqa: E402
from autograd.test_util import check_grads  # noqa: E402

RNG = np.random.default_rng(7)
A = RNG.standard_normal((3, 3)) + 4 * np.eye(3)
S = A @ A.T  # symmetric, positive definite
C = A + 1j * RNG.standard_normal((3, 3))
H = C @ C.conj().T
B = RNG.standard_normal((3, 2))
v = RNG.standard_normal(3)
TALL = RNG.standard_normal((4, 3))
STACK = np.stack([A, A.T])
BAND = np.array([[9.0, 1.0, -1.0], [4.0, 5.0, 6.0], [0.5, -1.0, 9.0]])
HALF = np.array([[9.0, 1.0, -1.0], [4.0, 5.0, 6.0]])
STABLE = A / 12
FAR = v + np.array([5, 0, 0])


def case(name, *args, checked=None, **keywords):
    """A call of SciPy's function: checked are the places of the arguments that have a derivative (default: all floating arrays)."""
    if checked is None:
        checked = [k for k, a in enumerate(args) if isinstance(a, np.ndarray) and a.dtype.kind in "fc"]
    shown = ",".join(f"{k}={value}" for k, value in keywords.items() if not isinstance(value, np.ndarray))
    return pytest.param(name, args, checked, keywords, id=f"{name}-{shown}-{'-'.join(str(np.shape(args[k])) for k in checked)}")


CASES = [
    *(case("solve", A, b, assume_a=k, lower=lower) for b in (B, v) for lower in (True, False) for k in (None, "gen", "diagonal")),
    *(case("solve", S, B, assume_a=k, lower=lower) for lower in (True, False) for k in ("pos", "sym", "her", "positive definite")),
    *(case("solve", A, v, assume_a=k, lower=True) for k in ("tridiagonal", "upper triangular", "lower triangular", "banded")),
    case("solve", H, B + 1j, assume_a="her"), case("solve", H, B + 1j, assume_a="pos", lower=True), case("solve", C, B, assume_a="sym"),
    case("solve", A, v, transposed=True), case("solve", S, v, transposed=True, assume_a="pos"), case("solve", STACK, B),
    case("solve", A, v, overwrite_a=True, overwrite_b=True, check_finite=False),
    case("inv", A), case("inv", C), case("inv", S, assume_a="pos"), case("inv", S, assume_a="sym", lower=True), case("inv", STACK),
    case("inv", A, assume_a="upper triangular"), case("inv", H, assume_a="pos"),
    case("det", A), case("det", C), case("det", STACK), case("det", np.ones((3, 3))),
    *(case("solve_triangular", A, b, trans=t, lower=lower, unit_diagonal=unit)
      for b, unit in ((B, False), (v, True)) for lower in (True, False) for t in (0, "T", "C")),
    case("solve_triangular", C, B, trans=2), case("solve_triangular", C, v, trans=1, lower=True), case("solve_triangular", STACK, B),
    case("cholesky", S), case("cholesky", S, lower=True), case("cholesky", H), case("cholesky", np.stack([S, 2 * S])),
    case("solve_banded", (1, 1), BAND, B), case("solve_banded", (1, 1), BAND + 1j, v), case("solve_banded", (2, 0), BAND, v),
    case("solve_banded", (0, 1), HALF, v), case("solve_banded", (0, 0), HALF[:1], B),
    case("solveh_banded", HALF, B), case("solveh_banded", HALF[::-1] * [[1], [0.1]], v, lower=True), case("solveh_banded", HALF + 0.3j, B),
    case("solve_toeplitz", FAR, B), case("solve_circulant", FAR, v), case("solve_circulant", FAR, B),
    case("solve_circulant", STACK, A + 1j, caxis=-1, baxis=-1, outaxis=-1), case("matmul_toeplitz", v, B),
    case("solve_circulant", np.array([1.0, 1.0, 1.0]), v, checked=[1], singular="lstsq"),
    case("solve_sylvester", A, STABLE, B[:, [0, 1, 0]]), case("solve_sylvester", C, STABLE + 0j, A), case("solve_sylvester", STACK, A, S),
    case("solve_continuous_lyapunov", A, S), case("solve_continuous_lyapunov", C, A), case("solve_lyapunov", A, S),
    case("solve_discrete_lyapunov", STABLE, S), case("solve_discrete_lyapunov", STABLE, S, method="bilinear"),
    case("solve_discrete_lyapunov", C / 12, A), case("solve_discrete_lyapunov", C / 12, A, method="bilinear"),
    case("expm", A / 4), case("expm", C / 4), case("expm", STACK / 4), case("expm", np.eye(3)), case("expm", np.zeros((2, 2))),
    case("expm", np.array([[0.0, 1.0], [0.0, 0.0]])), case("expm", A[:1, :1]), case("expm_frechet", A / 4, S / 9),
    case("expm_frechet", C / 4, A, method="blockEnlarge", compute_expm=False),
    case("logm", A), case("logm", C), case("logm", np.eye(2)), case("logm", A[:1, :1]), case("logm", STACK),
    case("logm", np.array([[1.0, 1.0], [0.0, 1.0]])), case("logm", np.diag([-1.0, 2.0])),
    case("sqrtm", A), case("sqrtm", C), case("sqrtm", np.eye(2)), case("sqrtm", np.diag([-1.0, 2.0])), case("sqrtm", A[:1, :1]),
    *(case(name, M / 6) for name in ("cosm", "sinm", "tanm", "coshm", "sinhm", "tanhm") for M in (A, C)),
    case("lu", A), case("lu", C), case("lu", TALL), case("lu", TALL.T), case("lu", TALL, permute_l=True), case("lu", STACK),
    case("lu", A, p_indices=True), case("lu_factor", A), case("lu_factor", TALL), case("lu_factor", TALL.T),
    case("qr", TALL, mode="economic"), case("qr", A), case("qr", TALL.T), case("qr", TALL, mode="r"), case("qr", TALL.T, mode="r"),
    case("qr", TALL, mode="economic", pivoting=True), case("qr", A, mode="r", pivoting=True), case("qr", STACK),
    case("polar", A), case("polar", TALL), case("polar", TALL.T), case("polar", TALL.T, side="left"), case("polar", TALL, side="left"),
    case("polar", C), case("polar", STACK), case("polar", 2 * np.eye(3)),
    case("orthogonal_procrustes", A, S), case("orthogonal_procrustes", C, A), case("orthogonal_procrustes", TALL, TALL[::-1] ** 2),
    case("svd", TALL, full_matrices=False), case("svd", A), case("svd", TALL, compute_uv=False), case("svdvals", TALL),
    case("eigvals", A), case("eig", A, right=False), case("eigvalsh", S), case("eigvalsh", S, lower=False), case("eigvalsh", H),
    case("eigvalsh", S, S + np.eye(3)), case("eigvalsh", S, S + np.eye(3), type=2), case("eigvalsh", H, S, type=3, lower=False),
    case("eigvalsh", S, subset_by_index=[1, 2]), case("eigvalsh", S, subset_by_value=[10.0, np.inf]),
    case("eigh", S, eigvals_only=True), case("pinv", TALL), case("pinv", A, rtol=1e-9), case("pinv", TALL, atol=0.1, rtol=0.01),
    case("pinv", np.diag([300.0, 2.0, 1e-3]), atol=0.05), case("pinv", np.zeros((2, 3)), atol=0.05),
    case("pinvh", S), case("pinvh", H, lower=False), case("pinvh", STACK + STACK.mT),
    case("lstsq", TALL, RNG.standard_normal(4)), case("lstsq", TALL, RNG.standard_normal((4, 2))), case("lstsq", TALL.T, v),
    case("norm", A), case("norm", A, 1), case("norm", A, np.inf, axis=0), case("norm", A, "nuc"), case("norm", A, axis=1, keepdims=True),
    case("toeplitz", v, RNG.standard_normal(4)), case("toeplitz", v + 1j), case("circulant", v), case("circulant", A),
    case("hankel", v, RNG.standard_normal(4)), case("hankel", v), case("block_diag", A, B, v), case("companion", v),
    case("convolution_matrix", v, 4), case("convolution_matrix", v, 2, mode="same"), case("leslie", v, v[:2]), case("khatri_rao", A, TALL),
    case("diagsvd", v, 3, 4),
]  # fmt: skip


def flat(y):
    return [
        np.asarray(part.data if isinstance(part, Tensor) else part)
        for part in (y if isinstance(y, (tuple, list)) else (y,))
        if part is not None
    ]


@pytest.mark.parametrize(("name", "args", "checked", "keywords"), CASES)
def test_values_are_scipys_and_derivatives_are_slopes_to_second_order(name, args, checked, keywords):
    def f(*values):
        given = list(args)
        for k, a in zip(checked, values, strict=True):
            given[k] = a
        return getattr(L, name)(*given, **keywords)

    values = [args[k] for k in checked]
    theirs = flat(getattr(scipy_linalg, name)(*[a.copy() if isinstance(a, np.ndarray) else a for a in args], **keywords))
    for ours in f(*(a.copy() for a in values)), f(*map(Tensor, values)), f(*(Tensor(a, requires_grad=True) for a in values)):
        assert len(flat(ours)) == len(theirs)
        for y, wanted in zip(flat(ours), theirs, strict=True):
            assert y.shape == wanted.shape
            assert y.dtype == wanted.dtype
            np.testing.assert_allclose(y, wanted, rtol=1e-9, atol=1e-10)
    check_grads(f, rtol=1e-5, atol=1e-5)(*values)


@pytest.mark.parametrize("a", [A, C, STACK])
@pytest.mark.parametrize("trans", [0, 1, 2])
@pytest.mark.parametrize("b", [v, B])
def test_equations_by_lu_factors(a, b, trans):
    f = lambda a, b: L.lu_solve(L.lu_factor(a), b, trans=trans)
    matrix = [a, a.mT, a.conj().mT][trans]
    np.testing.assert_allclose(f(a, b), np.linalg.solve(matrix, b), rtol=1e-10)
    np.testing.assert_allclose(f(Tensor(a), b).data, np.linalg.solve(matrix, b), rtol=1e-10)
    check_grads(f)(a, b)


@pytest.mark.parametrize("a", [S, H])
@pytest.mark.parametrize("lower", [True, False])
def test_equations_by_cholesky_factors(a, lower):
    f = lambda a, b: L.cho_solve(L.cho_factor(a, lower), b)
    np.testing.assert_allclose(f(Tensor(a), B).data, np.linalg.solve(a, B), rtol=1e-10)
    check_grads(f)(a, B)


@pytest.mark.parametrize("a", [S, H])
@pytest.mark.parametrize("kind", [1, 2, 3])
@pytest.mark.parametrize("lower", [True, False])
def test_vectors_of_two_matrices(a, kind, lower):
    b = a[::-1, ::-1] + np.eye(3)
    values, vectors = (part.data for part in L.eigh(Tensor(a), Tensor(b), type=kind, lower=lower))
    left, right = {1: (a, b), 2: (a @ b, np.eye(3)), 3: (b @ a, np.eye(3))}[kind]
    np.testing.assert_allclose(left @ vectors, right @ vectors * values, rtol=1e-8, atol=1e-8)
    np.testing.assert_allclose(values, scipy_linalg.eigh(a, b, type=kind, lower=lower)[0], rtol=1e-10)
    theirs = scipy_linalg.eigh(a, b, type=kind, lower=lower)[1]
    np.testing.assert_allclose(vectors * np.sign((theirs.conj() * vectors).sum(0).real), theirs, rtol=1e-7, atol=1e-8)
    norm = vectors.conj().T @ (np.linalg.inv(b) if kind == 3 else b) @ vectors
    np.testing.assert_allclose(norm, np.eye(3), atol=1e-10)
    check_grads(lambda a, b: L.eigh(a, b, type=kind, lower=lower), rtol=1e-4, atol=1e-4)(a, b)


@pytest.mark.parametrize("subset", [{"subset_by_index": (0, 1)}, {"subset_by_value": (10.0, 50.0)}])
def test_a_subset_of_values_and_vectors(subset):
    wanted = scipy_linalg.eigh(S, **subset)
    values, vectors = L.eigh(Tensor(S), **subset)
    np.testing.assert_allclose(values.data, wanted[0], rtol=1e-10)
    np.testing.assert_allclose(np.abs(vectors.data), np.abs(wanted[1]), rtol=1e-8)
    check_grads(lambda a: L.eigh(a, **subset))(S)


def test_a_subset_begins_above_its_lower_bound_and_ends_at_its_upper_one():
    np.testing.assert_array_equal(L.eigvalsh(Tensor(np.diag([1.0, 2.0, 3.0])), subset_by_value=(1.0, 2.0)).data, [2.0])


def test_eigenvectors():
    values, vectors = L.eig(Tensor(A))
    np.testing.assert_allclose(A @ vectors.data, vectors.data * values.data, rtol=1e-10)
    assert values.dtype == complex
    check_grads(L.eig)(A)


@pytest.mark.parametrize(
    ("f", "read"),
    [
        (lambda a: L.cholesky(a), np.triu), (lambda a: L.cholesky(a, lower=True), np.tril),
        (lambda a: anp.triu(L.cho_factor(a)[0]), np.triu),
        (lambda a: L.solve_triangular(a, v), np.triu), (lambda a: L.solve_triangular(a, v, trans=1, lower=True), np.tril),
        (lambda a: L.solve_triangular(a, v, unit_diagonal=True), lambda a: np.triu(a, 1)),
        (lambda a: L.solve(a, v, assume_a="pos"), np.triu), (lambda a: L.solve(a, v, assume_a="sym", lower=True), np.tril),
        (lambda a: L.solve(a, v, assume_a="diagonal"), lambda a: np.diag(np.diag(a))), (lambda a: L.inv(a, assume_a="her"), np.triu),
        (lambda a: L.eigvalsh(a), np.tril), (lambda a: L.eigvalsh(a, lower=False), np.triu), (lambda a: L.pinvh(a, lower=False), np.triu),
        (lambda a: L.eigvalsh(S, a, lower=False), np.triu),
    ],
)  # fmt: skip
def test_what_is_not_read_has_no_part_in_value_or_gradient(f, read):
    weights = RNG.standard_normal(np.shape(f(S)))
    total = lambda a: (f(a) * weights).sum()
    g = grad(total)(S)
    np.testing.assert_array_equal(g, read(g))
    assert np.count_nonzero(g) == np.count_nonzero(read(S))
    other = S + np.where(read(np.ones((3, 3))), 0, 1e3)
    np.testing.assert_allclose(total(Tensor(other)).data, total(S), rtol=1e-10)
    np.testing.assert_allclose(grad(total)(other), g, rtol=1e-9)


def test_lu_of_a_matrix_whose_last_pivot_is_zero_has_its_derivative():
    a = np.array([[4.0, 1.0, 2.0], [1.0, 3.0, 1.0], [0.0, 0.0, 0.0]])
    check_grads(lambda a: L.lu(a)[1:])(a)
    wide = np.array([[4.0, 1.0, 2.0], [2.0, 0.5, 3.0]])
    check_grads(lambda a: L.lu(a)[1:], order=1)(wide)


def test_the_permutation_is_a_plain_constant():
    x = Tensor(A, requires_grad=True)
    assert all(isinstance(P, np.ndarray) for P in (L.lu(x)[0], L.lu(x, p_indices=True)[0], L.lu_factor(x)[1], L.qr(x, pivoting=True)[2]))


def test_a_complex_right_side_with_real_matrices_is_solved():
    a, b, q = np.array([[1.0, -2.0], [2.0, 1.0]]), np.array([[0.5, 3.0], [-3.0, 0.5]]), np.array([[1j, 2.0], [3.0, 4j]])
    for y in L.solve_sylvester(a, b, q), L.solve_sylvester(Tensor(a), b, q).data:
        np.testing.assert_allclose(a @ y + y @ b, q, rtol=1e-12)
    check_grads(L.solve_sylvester)(a, b, q)
    check_grads(L.solve_continuous_lyapunov)(a, q)


@pytest.mark.parametrize("name", ["expm", "logm", "sqrtm"])
@pytest.mark.parametrize("scale", [1e-12, 1e12])
def test_the_gradient_of_a_matrix_function_is_as_exact_at_any_scale_of_the_cotangent(name, scale):
    total = lambda a, scale: (getattr(L, name)(a) * S).sum() * scale
    np.testing.assert_allclose(grad(total)(A, scale), scale * grad(total)(A, 1.0), rtol=1e-12)


def test_the_exponential_of_a_nilpotent_matrix_is_a_polynomial():
    N = np.diag([1.0, 2.0], 1)
    polynomial = lambda a: np.eye(3) + a + a @ a / 2 + a @ a @ a / 6 + a @ a @ a @ a / 24 + a @ a @ a @ a @ a / 120
    for i, j in np.ndindex(3, 3):
        np.testing.assert_allclose(grad(lambda a: L.expm(a)[i, j])(N), grad(lambda a: polynomial(a)[i, j])(N), atol=1e-14)  # noqa: B023


def test_a_function_and_its_inverse():
    np.testing.assert_allclose(grad(lambda a: (L.logm(L.expm(a)) * S).sum())(A / 4), S, rtol=1e-9)
    np.testing.assert_allclose(grad(lambda a: (L.sqrtm(a @ a) * S).sum())(A), S, rtol=1e-9)


def test_polar_factors_at_equal_singular_values():
    Q = np.linalg.qr(A)[0]
    check_grads(L.polar)(3 * Q)


@pytest.mark.parametrize("n", [0, 1])
def test_matrices_of_size_zero_and_one(n):
    a = np.full((n, n), 2.0)
    for f in (
        L.expm, L.logm, L.sqrtm, L.cholesky, L.inv, L.det, L.eigvalsh, L.svdvals, lambda a: L.solve_sylvester(a, a, a),
        lambda a: L.solve_triangular(a, a), lambda a: L.solve(a, a[:, :1]), lambda a: L.block_diag(a, a),
    ):  # fmt: skip
        total = f(Tensor(a, requires_grad=True)).sum()
        total.backward()
        if n:
            np.testing.assert_allclose(total.data, np.sum(f(a)))
    if n:
        np.testing.assert_allclose(grad(lambda a: L.logm(a).sum())(a), [[0.5]])
        np.testing.assert_allclose(grad(lambda a: L.sqrtm(a).sum())(a), [[8**-0.5]])


def test_single_precision_is_kept():
    a, b = S.astype(np.float32), B.astype(np.float32)
    x = Tensor(a, requires_grad=True)
    for y in (
        L.expm(x / 20), L.logm(x), L.sqrtm(x), L.solve_triangular(x, b), L.cho_solve(L.cho_factor(x), b), L.lu_solve(L.lu_factor(x), b),
        L.solve_sylvester(x, a, a), L.solve(x, b, assume_a="pos"), L.inv(x, assume_a="pos"), L.polar(x)[0], L.lu(x)[1],
        L.eigvalsh(x, a), L.pinv(x), L.lstsq(x, b)[0], L.toeplitz(x[0]), L.cosm(x / 20), L.expm_frechet(x / 20, a)[1], L.eigvals(x).real,
        L.solve_banded((1, 1), x, b), L.det(x), L.norm(x),
    ):  # fmt: skip
        assert y.dtype == np.float32
        y.sum().backward()
        assert x.grad.dtype == np.float32


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda x: L.eig(x, left=True), TypeError, "eig: left=True is not differentiated; wanted False, or plain arrays"),
        (lambda x: L.eig(x, S), TypeError, "eig: b="), (lambda x: L.eig(x, homogeneous_eigvals=True), TypeError, "homogeneous_eigvals"),
        (lambda x: L.qr(x[:, :2]), TypeError, "mode 'full' adds to Q are any basis of what is left; use 'economic'"),
        (lambda x: L.qr(x, mode="raw"), TypeError, "mode 'raw' is not differentiated"),
        (lambda x: L.qr(x, mode="thin"), ValueError, "wanted 'full', 'r', 'economic' or 'raw'"),
        (lambda x: L.svd(x[:2]), TypeError, "use full_matrices=False"),
        (lambda x: L.solve(x, v, assume_a="banana"), ValueError, "wanted 'general'"),
        (lambda x: L.solve(x, v, sym_pos=True), TypeError, "solve: got an unexpected keyword argument 'sym_pos'"),
        (lambda x: L.solve_triangular(x, v, trans="X"), ValueError, "wanted 0, 1, 2 or 'N', 'T', 'C'"),
        (lambda x: L.solve_triangular(x, x.data[:2]), ValueError, "incompatible"),
        (lambda x: L.solve(x * np.nan, v), ValueError, "solve: a holds NaN or infinity, wanted finite numbers"),
        (lambda x: L.expm(x[0]), ValueError, "wanted square matrices|at least two"),
        (lambda x: L.solve(x, v, assume_a="pos", lower=x[0, 0]), TypeError, "lower got a Tensor that requires grad"),
        (lambda x: L.solve(-x, v, assume_a="pos"), np.linalg.LinAlgError, "positive definite"),
        (lambda x: L.solve_circulant(np.ones(3), x[0]), np.linalg.LinAlgError, "singular"),
        (lambda x: L.eigh(x, S, type=4), ValueError, "wanted 1, 2 or 3"),
        (lambda x: L.eigh(x, subset_by_index=(1, 5)), ValueError, "of 3 eigenvalues"),
        (lambda x: L.polar(x, side="up"), ValueError, "wanted 'right' or 'left'"),
        (lambda x: L.pinv(x, rtol=-1.0), ValueError, "not negative"),
        (lambda x: L.null_space(x), TypeError, "scipy.linalg.null_space is not differentiated here: any basis of the space will do"),
        (lambda x: L.schur(x), TypeError, "scipy.linalg.schur is not differentiated here"),
        (lambda x: L.hessenberg(a=x), TypeError, "scipy.linalg.hessenberg is not differentiated here"),
    ],
)  # fmt: skip
def test_what_is_not_meant_or_not_differentiated_ends_with_an_error(call, error, text):
    with pytest.raises(error, match=text):
        call(Tensor(S, requires_grad=True))


def test_scipys_other_functions_work_on_plain_values():
    np.testing.assert_array_equal(L.hessenberg(Tensor(A)), scipy_linalg.hessenberg(A))
    np.testing.assert_array_equal(L.hadamard(2), scipy_linalg.hadamard(2))
    assert L.LinAlgError is np.linalg.LinAlgError
    with pytest.raises(AttributeError):
        L.no_such_function


def test_values_that_are_not_followed_are_let_through():
    x = Tensor(TALL)
    assert [part.shape for part in L.qr(x)] == [(4, 4), (4, 3)]
    assert [part.shape for part in L.svd(x)] == [(4, 4), (3,), (3, 3)]


def test_signatures_are_scipys():
    for name in set(L.__all__) - {"LinAlgError", "LinAlgWarning", "kron"}:
        assert inspect.signature(getattr(L, name)) == inspect.signature(getattr(scipy_linalg, name)), name


def test_inputs_stay_although_overwriting_is_allowed():
    a, b = A.copy(), B.copy()
    L.solve(Tensor(a, requires_grad=True, copy=False), Tensor(b, copy=False), overwrite_a=True, overwrite_b=True)
    np.testing.assert_array_equal(a, A)
    np.testing.assert_array_equal(b, B)


def test_jax_finds_the_same():
    jax = pytest.importorskip("jax")
    jax.config.update("jax_enable_x64", True)
    theirs = pytest.importorskip("jax.scipy.linalg")
    for f in (
        lambda L, a: L.expm(a / 4), lambda L, a: L.solve_triangular(a, B, trans=1, lower=True), lambda L, a: L.lu(a)[2],
        lambda L, a: L.cho_solve((L.cholesky(a @ a.T, lower=True), True), B), lambda L, a: L.lu_solve(L.lu_factor(a), B),
        lambda L, a: L.expm_frechet(a / 4, S)[1], lambda L, a: L.solve(a @ a.T, B, assume_a="pos"),
        lambda L, a: L.toeplitz(a[0], a[1]), lambda L, a: L.block_diag(a, a), lambda L, a: L.det(a), lambda L, a: L.inv(a),
    ):  # fmt: skip
        ours = grad(lambda a: anp.sum(anp.sin(f(L, a))))(A)  # noqa: B023
        np.testing.assert_allclose(ours, jax.grad(lambda a: jax.numpy.sum(jax.numpy.sin(f(theirs, a))))(A), rtol=1e-8, atol=1e-10)  # noqa: B023


@pytest.mark.parametrize("a", [np.zeros((2, 2)), np.diag([1.0, 0.0])], ids=["zero", "singular"])
def test_the_root_of_a_singular_matrix_has_no_derivative(a):
    root = make_vjp(L.sqrtm)
    with warnings.catch_warnings(action="ignore"):  # SciPy's, of a singular matrix
        pull = root(a)[0]
    with pytest.raises(np.linalg.LinAlgError, match="has no one solution"):
        pull(np.ones((2, 2)))
