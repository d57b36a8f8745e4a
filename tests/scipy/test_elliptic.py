import numpy as np
import pytest

scipy_special = pytest.importorskip("scipy.special")
mp = pytest.importorskip("mpmath").mp

from autograd import Tensor, grad  # noqa: E402
from autograd.scipy import special  # noqa: E402
from autograd.test_util import check_grads  # noqa: E402

PARAMETERS = [-1e4, -30, -1, -0.3, -1e-6, 0, 1e-6, 0.3, 0.8, 0.99, 1 - 1e-6, 1 - 1e-8]


def test_complete_integrals_are_right_to_second_order(agrees):
    agrees(special.ellipk, mp.ellipk, PARAMETERS)
    agrees(special.ellipe, mp.ellipe, PARAMETERS)


def test_the_complete_integral_near_1_keeps_its_digits(agrees):
    agrees(special.ellipkm1, lambda p: mp.ellipk(1 - p), [1e-20, 1e-10, 1e-3, 0.3, 0.5, 0.7, 0.999, 1, 1.5, 30])


@pytest.mark.parametrize("phi", [0.1, 0.7, 1.4, 1.57, 2.5, -4, 10])
def test_incomplete_integrals_are_right_in_the_parameter(phi, agrees):
    agrees(lambda m: special.ellipkinc(phi, m), lambda m: mp.ellipf(phi, m), PARAMETERS[1:])
    agrees(lambda m: special.ellipeinc(phi, m), lambda m: mp.ellipe(phi, m), PARAMETERS[1:])


@pytest.mark.parametrize("m", [-10, -1e-9, 0, 0.5, 0.999])
def test_incomplete_integrals_are_right_in_the_amplitude(m, agrees):
    agrees(lambda phi: special.ellipkinc(phi, m), lambda phi: mp.ellipf(phi, m), [-3, 0, 0.1, 1, 1.5, 5])
    agrees(lambda phi: special.ellipeinc(phi, m), lambda phi: mp.ellipe(phi, m), [-3, 0, 0.1, 1, 1.5, 5])


def test_the_amplitudes_derivative_keeps_its_digits_near_parameters_0_and_1(agrees):
    agrees(lambda phi: special.ellipkinc(phi, -1e-9), lambda phi: mp.ellipf(phi, mp.mpf(-1e-9)), [-3, 0.1, 1.5], atol=0)
    with mp.workdps(30):
        exact = 1 / mp.sqrt(1 - mp.mpf(1 - 1e-12) * mp.sin(mp.mpf(1.5707963)) ** 2)
    np.testing.assert_allclose(grad(lambda phi: special.ellipkinc(phi, 1 - 1e-12))(1.5707963), float(exact), rtol=1e-12)


@pytest.mark.parametrize(("kind", "k"), [("sn", 0), ("cn", 1), ("dn", 2)])
def test_jacobis_functions_are_right_in_both_arguments(kind, k, agrees):
    for m in 0.1, 0.5, 0.9, 0.999:
        agrees(lambda u: special.ellipj(u, m)[k], lambda u: mp.ellipfun(kind, u, m=mp.mpf(m)), [-2, 0, 0.1, 1.3, 5], atol=1e-12)  # noqa: B023
    for u in 0.1, 1, -2, 4:
        agrees(lambda m: special.ellipj(u, m)[k], lambda m: mp.ellipfun(kind, mp.mpf(u), m=m), [0.01, 0.3, 0.7, 0.99])  # noqa: B023


def test_the_amplitude_undoes_the_integral():
    for m in 0.2, 0.9:
        u = special.ellipkinc(0.7, m)
        np.testing.assert_allclose(grad(lambda m: special.ellipj(special.ellipkinc(0.7, m), m)[3])(m), 0, atol=1e-14)
        np.testing.assert_allclose(grad(lambda u: special.ellipj(u, m)[3])(u), np.sqrt(1 - m * np.sin(0.7) ** 2), rtol=1e-14)  # noqa: B023


def test_many_at_once_broadcast():
    u, m = np.array([[-1.0], [0.5], [2.5]]), np.array([0.1, 0.6])
    check_grads(lambda u, m: sum((k + 1) * (part**2).sum() for k, part in enumerate(special.ellipj(u, m))), order=2)(u, m)
    check_grads(lambda u, m: (special.ellipkinc(u, m) * special.ellipeinc(u, m)).sum(), order=2)(u, m)


def test_beyond_the_parameters_that_scipy_has_there_is_no_number():
    assert np.isnan(scipy_special.ellipkinc(0.3, 1.5))
    assert np.isnan(grad(lambda m: special.ellipkinc(0.3, m))(1.5))


def test_scipys_own_functions_find_ours():
    m = Tensor(0.5, requires_grad=True)
    for y in scipy_special.ellipk(m), scipy_special.ellipkinc(1.0, m), scipy_special.ellipj(1.0, m)[0]:
        assert y.requires_grad
