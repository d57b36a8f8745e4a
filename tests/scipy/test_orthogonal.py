import functools

import numpy as np
import pytest

scipy_special = pytest.importorskip("scipy.special")
mp = pytest.importorskip("mpmath").mp

from autograd import Tensor, grad  # noqa: E402
from autograd.scipy import special  # noqa: E402

INSIDE, BEYOND = [-1, -0.5, 0, 0.01, 0.6, 1], [0, 0.6, 3, 10]
FAMILIES = {
    "eval_legendre": ((), mp.legendre, INSIDE),
    "eval_chebyt": ((), mp.chebyt, INSIDE),
    "eval_chebyu": ((), mp.chebyu, INSIDE),
    "eval_gegenbauer": ((1.5,), mp.gegenbauer, INSIDE),
    "eval_jacobi": ((1.5, 0.25), mp.jacobi, INSIDE),
    "eval_laguerre": ((), lambda n, x: mp.laguerre(n, 0, x), BEYOND),
    "eval_genlaguerre": ((1.5,), mp.laguerre, BEYOND),
    "eval_hermite": ((), mp.hermite, [-3, 0, 0.6, 3]),
    "eval_hermitenorm": ((), lambda n, x: mp.hermite(n, x / mp.sqrt(2)) / mp.sqrt(2) ** n, [-3, 0, 0.6, 3]),
    "eval_sh_legendre": ((), lambda n, x: mp.legendre(n, 2 * x - 1), [0.1, 0.5, 0.9]),
    "eval_sh_chebyt": ((), lambda n, x: mp.chebyt(n, 2 * x - 1), [0.1, 0.5, 0.9]),
    "eval_sh_chebyu": ((), lambda n, x: mp.chebyu(n, 2 * x - 1), [0.1, 0.5, 0.9]),
    "eval_chebyc": ((), lambda n, x: 2 * mp.chebyt(n, x / 2), [-1.5, 0, 1]),
    "eval_chebys": ((), lambda n, x: mp.chebyu(n, x / 2), [-1.5, 0, 1]),
}


@pytest.mark.parametrize("n", [0, 1, 2, 3, 7, 20])
@pytest.mark.parametrize("name", FAMILIES)
def test_polynomials_are_right_to_second_order(name, n, agrees):
    parameters, _, points = FAMILIES[name]
    agrees(
        lambda x: getattr(special, name)(n, *parameters, x),
        lambda x: functools.reduce(lambda y, c: y * x + c, coefficients(name, n)),
        points,
        atol=1e-10,
    )


def coefficients(name, n):
    """Those of the polynomial, by interpolation in exact arithmetic: mpmath's own values fail at some points."""
    parameters, exact, _ = FAMILIES[name]
    nodes = [mp.mpf(k + 1) / (n + 3) for k in range(n + 1)]
    matrix = mp.matrix([[x ** (n - k) for k in range(n + 1)] for x in nodes])
    return list(mp.lu_solve(matrix, mp.matrix([exact(n, *parameters, x) for x in nodes])))


@pytest.mark.parametrize("name", ["eval_legendre", "eval_chebyt", "eval_chebyu", "eval_gegenbauer", "eval_jacobi", "eval_genlaguerre"])
def test_a_degree_may_be_any_number(name, agrees):
    parameters, exact, _ = FAMILIES[name]
    for n in (2.5, 0.3):
        agrees(lambda x: getattr(special, name)(n, *parameters, x), lambda x: exact(n, *parameters, x), [0.01, 0.3, 0.6])  # noqa: B023


@pytest.mark.parametrize("name", ["eval_legendre", "eval_chebyt", "eval_chebyu", "eval_gegenbauer", "eval_jacobi", "eval_genlaguerre"])
def test_a_whole_degree_may_be_a_floating_number(name):
    parameters = FAMILIES[name][0]
    for n in range(4):
        f, g = (lambda x, k=k: getattr(special, name)(k, *parameters, x) for k in (n, float(n)))
        for _ in range(4):
            np.testing.assert_allclose(f(0.3), g(0.3), rtol=1e-13, atol=1e-13)
            f, g = grad(f), grad(g)


@pytest.mark.parametrize(("name", "mirror", "side"), [("eval_legendre", -1, 1), ("eval_chebyt", 0, 1), ("eval_chebyu", -2, -1)])
def test_a_negative_degree_is_that_of_a_positive_one(name, mirror, side):
    f = getattr(special, name)
    for n in range(-5, 0):
        slopes = [grad(lambda x, k=k: f(k, x))(0.3) for k in (n, mirror - n)]
        np.testing.assert_allclose(slopes[0], side * slopes[1], rtol=1e-13)


@pytest.mark.parametrize("name", FAMILIES)
def test_a_degree_or_parameter_that_is_followed_is_refused(name):
    parameters = FAMILIES[name][0]
    arguments = (2, *parameters, 0.5)
    for k in range(len(arguments) - 1):
        given = [Tensor(2.0, requires_grad=True) if j == k else a for j, a in enumerate(arguments)]
        with pytest.raises(TypeError, match="requires grad, but is a constant here"):
            getattr(special, name)(*given)


def test_scipys_own_functions_find_ours():
    x = Tensor([0.1, 0.5], requires_grad=True)
    for name in FAMILIES:
        arguments = (3, *FAMILIES[name][0])
        y = getattr(scipy_special, name)(*arguments, x)
        np.testing.assert_allclose(y.data, getattr(scipy_special, name)(*arguments, x.data), rtol=1e-14)
        assert y.requires_grad
