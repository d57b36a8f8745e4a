import numpy as np
import pytest

scipy_special = pytest.importorskip("scipy.special")
mp = pytest.importorskip("mpmath").mp

from autograd import Tensor, grad  # noqa: E402
from autograd.scipy import special  # noqa: E402
from autograd.test_util import check_grads  # noqa: E402

POSITIVE = [1e-3, 0.1, 0.5, 1.2, 2.5, 7, 15, 40, 100]
CASES = {
    "exp1": (special.exp1, mp.e1, [*POSITIVE, 600]),
    "expi": (special.expi, mp.ei, [-40, -3, -0.1, *POSITIVE, 600]),
    **{f"expn-{n}": (lambda x, n=n: special.expn(n, x), lambda x, n=n: mp.expint(n, x), POSITIVE) for n in (0, 1, 2, 5, 30)},
    "si": (lambda x: special.sici(x)[0], mp.si, [-2, 0, *POSITIVE]), "ci": (lambda x: special.sici(x)[1], mp.ci, POSITIVE),
    "shi": (lambda x: special.shichi(x)[0], mp.shi, [-2, 0, *POSITIVE]), "chi": (lambda x: special.shichi(x)[1], mp.chi, POSITIVE),
    "fresnel-s": (lambda x: special.fresnel(x)[0], mp.fresnels, [-3, 0, 0.1, 1.1, 2.5, 7.3]),
    "fresnel-c": (lambda x: special.fresnel(x)[1], mp.fresnelc, [-3, 0, 0.1, 1.1, 2.5, 7.3]),
    "lambertw": (lambda x: special.lambertw(x).real, mp.lambertw, [-0.36, -0.2, -1e-3, 0, 1e-6, 0.1, 1, 10, 1e5, 1e100]),
    "lambertw-1": (lambda x: special.lambertw(x, -1).real, lambda x: mp.lambertw(x, -1), [-0.36, -0.2, -1e-3, -1e-10]),
    "wrightomega": (special.wrightomega, lambda x: mp.lambertw(mp.exp(x)), [-100, -20, -3, -1, 0.5, 1, 7, 40, 200]),
    "spence": (special.spence, lambda x: mp.polylog(2, 1 - x), [1e-16, 1e-6, 0.01, 0.3, 0.7, 1.2, 1.9, 2.5, 10, 1e3]),
    "2F1": (lambda x: special.hyp2f1(0.5, 1.5, 2.5, x), lambda x: mp.hyp2f1(0.5, 1.5, 2.5, x), [-30, -2, -0.9, 0, 0.1, 0.5, 0.9, 0.99]),
    "1F1": (lambda x: special.hyp1f1(0.5, 2.5, x), lambda x: mp.hyp1f1(0.5, 2.5, x), [-30, -2, 0, 0.1, 5, 40]),
    "0F1": (lambda x: special.hyp0f1(2.5, x), lambda x: mp.hyp0f1(2.5, x), [-30, -2, 0, 0.1, 5, 40]),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_values_and_derivatives_are_right_to_second_order(name, agrees):
    agrees(*CASES[name])


def test_derivatives_at_the_edges():
    slope = lambda f, at: grad(f)(at)
    assert slope(special.exp1, 0.0) == -np.inf
    assert slope(lambda x: special.sici(x)[1], 0.0) == np.inf
    assert slope(special.spence, 1.0) == -1
    assert grad(grad(special.spence))(1.0) == pytest.approx(0.5)
    assert slope(lambda x: special.lambertw(x).real, 0.0) == 1


def test_one_integral_does_not_feel_the_singularity_of_the_other():
    assert grad(lambda x: special.sici(x)[0])(0.0) == 1
    assert grad(lambda x: special.shichi(x)[0])(0.0) == 1


def test_branches_of_lamberts_function_are_followed_in_the_complex_plane():
    z = np.array([0.5 + 1j, -2 - 0.3j])
    for k in (-2, 0, 1):
        check_grads(lambda z, k=k: special.lambertw(z, k), order=2)(z)


@pytest.mark.parametrize(
    ("f", "name"),
    [
        (lambda t: special.expn(t, 1.0), "n"),
        (lambda t: special.hyp2f1(t, 1.0, 2.0, 0.5), "a"),
        (lambda t: special.hyp2f1(1.0, 1.0, t, 0.5), "c"),
        (lambda t: special.hyp1f1(1.0, t, 0.5), "b"),
        (lambda t: special.hyp0f1(t, 0.5), "v"),
    ],
)
def test_a_parameter_that_is_followed_is_refused(f, name):
    with pytest.raises(TypeError, match=f": {name} requires grad, but is a constant here"):
        f(Tensor(2.0, requires_grad=True))


def test_a_branch_that_is_a_tensor_is_refused():
    with pytest.raises(TypeError, match="lambertw"):
        special.lambertw(1.0, Tensor(0.0, requires_grad=True))


def test_scipys_own_functions_find_ours():
    x = Tensor(0.5, requires_grad=True)
    for name in ("exp1", "expi", "spence", "wrightomega"):
        y = getattr(scipy_special, name)(x)
        assert y.requires_grad
        assert y.data == getattr(scipy_special, name)(0.5)
    assert scipy_special.fresnel(x)[0].requires_grad
