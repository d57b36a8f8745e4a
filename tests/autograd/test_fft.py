"""Fourier transforms: NumPy's values, and derivatives of every one with every length, axis and norm."""

import inspect

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import Tensor, grad
from autograd.test_util import check_grads

random = np.random.default_rng(0)
REAL = random.standard_normal((3, 4, 5))
COMPLEX = REAL + 1j * random.standard_normal((3, 4, 5))
OF_REAL = ("rfft", "ihfft", "rfft2", "rfftn")
ALONG_ONE = ("fft", "ifft", "rfft", "irfft", "hfft", "ihfft")
ALONG_TWO = ("fft2", "ifft2", "rfft2", "irfft2")
ALONG_ALL = ("fftn", "ifftn", "rfftn", "irfftn")


def options():
    for name in ALONG_ONE:
        yield from ((name, o) for o in ({}, {"n": 4}, {"n": 7, "axis": 0}, {"n": 1}, {"axis": 1, "norm": "ortho"}, {"norm": "forward"}))
        yield name, {"n": 6, "axis": -2, "norm": "backward"}
    for name in ALONG_TWO:
        yield from ((name, o) for o in ({}, {"s": (3, 6)}, {"axes": (2, 0), "norm": "ortho"}, {"s": (-1, 4), "norm": "forward"}))
    for name in ALONG_ALL:
        yield from ((name, o) for o in ({}, {"axes": (1,)}, {"s": (2, 4, 7), "axes": (2, 0, 1)}, {"s": (3, -1), "axes": (0, 2)}))
        yield name, {"norm": "ortho"}
    for name in "fftshift", "ifftshift":
        yield from ((name, o) for o in ({}, {"axes": 2}, {"axes": (0, -1)}, {"axes": [1]}))


@pytest.mark.parametrize("x", [REAL, COMPLEX], ids=["real", "complex"])
@pytest.mark.parametrize(("name", "options"), list(options()))
def test_every_transform_has_numpys_values_and_their_derivatives(name, options, x):
    theirs, ours = (getattr(module, name) for module in (np.fft, anp.fft))
    if name in OF_REAL and np.iscomplexobj(x):
        with pytest.raises(TypeError):
            theirs(Tensor(x), **options)
        return
    wanted = theirs(x, **options)
    for y in theirs(Tensor(x), **options), ours(Tensor(x), **options), ours(x, **options):
        assert y.dtype == wanted.dtype
        np.testing.assert_allclose(getattr(y, "data", y), wanted, rtol=1e-12, atol=1e-13)
    check_grads(lambda x: theirs(x, **options))(x)
    check_grads(lambda x: abs(theirs(x, **options)) ** 2)(x)


@pytest.mark.parametrize("name", np.fft.__all__)
def test_takes_the_arguments_that_numpys_takes(name):
    theirs, ours = (inspect.signature(getattr(module, name)) for module in (np.fft, anp.fft))
    assert [(p.name, p.kind, p.default) for p in ours.parameters.values()] == [
        (p.name, p.kind, p.default) for p in theirs.parameters.values()
    ]


def test_all_of_numpys_names_are_here():
    assert sorted(anp.fft.__all__) == sorted(np.fft.__all__)


@pytest.mark.parametrize("name", [*ALONG_ONE, *ALONG_TWO, *ALONG_ALL])
def test_single_precision_stays_single(name):
    x = Tensor(REAL, dtype=np.float32, requires_grad=True)
    y = getattr(np.fft, name)(x)
    assert y.dtype == getattr(np.fft, name)(x.data).dtype
    assert y.dtype in (np.float32, np.complex64)
    (abs(y) ** 2).sum().backward(create_graph=True)
    assert x.grad.dtype == np.float32
    x.grad.sum().backward()
    assert x.grad.dtype == np.float32


@pytest.mark.parametrize("name", [*ALONG_ONE, *ALONG_TWO, *ALONG_ALL])
def test_out_takes_the_values_and_passes_their_derivatives_on(name):
    f = getattr(np.fft, name)
    wanted = f(REAL)

    def through_out(x):
        out = Tensor(np.zeros(wanted.shape, wanted.dtype))
        assert f(x, out=out) is out
        return out

    np.testing.assert_allclose(through_out(Tensor(REAL)).data, wanted, rtol=1e-13, atol=1e-13)
    check_grads(through_out)(REAL)
    with pytest.raises(TypeError, match=f"{name}: writing into a plain array .* would cut the graph"):
        f(Tensor(REAL, requires_grad=True), out=np.zeros(wanted.shape, wanted.dtype))
    with pytest.raises(ValueError, match="out has shape"):
        f(Tensor(REAL), out=Tensor(np.zeros((1, *wanted.shape), wanted.dtype)))


def test_a_spectrum_is_differentiated_where_it_is_cut_and_filled():
    g = grad(lambda x: anp.fft.fft(x, 2).real.sum())(np.arange(4.0))
    np.testing.assert_array_equal(g, [2, 0, 0, 0])  # y₀ + y₁ = 2 x₀: what lies beyond n is not read
    g = grad(lambda z: anp.fft.irfft(z, 6).sum())(np.array([1 + 1j, 2j]))
    np.testing.assert_array_equal(g, [1, 0])  # the sum is the value at frequency 0, whatever its imaginary part


def test_frequencies_are_differentiated_in_their_spacing():
    np.testing.assert_allclose(grad(lambda d: np.fft.fftfreq(4, d)[1])(0.5), -1 / (4 * 0.25))
    np.testing.assert_allclose(anp.fft.rfftfreq(4, 0.5), [0, 0.5, 1])


def test_what_numpy_refuses_is_refused_by_name():
    x = Tensor(REAL)
    with pytest.raises(ValueError, match=r"fft: .*norm"):
        np.fft.fft(x, norm="unitary")
    with pytest.raises(ValueError, match="hfft: got norm='unitary'"):
        np.fft.hfft(x, norm="unitary")
    with pytest.raises(ValueError, match=r"fftn: got s=\(2, 3\) for axes=\(0,\)"):
        np.fft.fftn(x, (2, 3), (0,))
    with pytest.raises(ValueError, match="rfftn: got axes=\\(\\)"):
        np.fft.rfftn(x, axes=())
    with pytest.raises(ValueError, match="axis 3 is out of bounds"):
        np.fft.fftshift(x, 3)
    with pytest.warns(DeprecationWarning, match="without axes"):
        np.testing.assert_allclose(np.fft.fftn(x, (2, 3)).data, np.fft.fftn(REAL, (2, 3), (-2, -1)), atol=1e-13)
