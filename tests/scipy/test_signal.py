import inspect

import numpy as np
import pytest

scipy_signal = pytest.importorskip("scipy.signal")

from autograd import Tensor, grad  # noqa: E402
from autograd.scipy import signal  # noqa: E402
from autograd.test_util import check_grads  # noqa: E402

RNG = np.random.default_rng(3)
LONG, SHORT = RNG.standard_normal(7), RNG.standard_normal(4)
IMAGE, KERNEL = RNG.standard_normal((5, 4)), RNG.standard_normal((2, 3))
COMPLEX = RNG.standard_normal((2, 3)) + 1j * RNG.standard_normal((2, 3))
BOX = RNG.standard_normal((3, 2, 4))
b, a = np.array([0.5, -0.3, 0.2]), np.array([2.0, -0.6, 0.3])
SIGNALS = RNG.standard_normal((2, 16))
SOS = np.array([[0.5, 0.2, 0.1, 1.0, -0.3, 0.2], [1.0, -0.4, 0.0, 1.0, 0.5, 0.1]])
MODES = ("full", "same", "valid")


def case(name, *args, **keywords):
    """A call of SciPy's function: the floating arrays are what is differentiated, among the keywords too."""
    shapes = "-".join(str(np.shape(x)) for x in args)
    shown = ",".join(f"{k}={np.shape(value) if isinstance(value, np.ndarray) else value}" for k, value in keywords.items())
    return pytest.param(name, args, keywords, id=f"{name}-{shapes}-{shown}")


CASES = [
    *(case(name, x, y, mode=mode, method=method) for name in ("convolve", "correlate") for mode in MODES for method in ("direct", "fft")
      for x, y in ((LONG, SHORT), (SHORT, LONG), (IMAGE, KERNEL), (KERNEL, IMAGE), (COMPLEX, KERNEL), (IMAGE, COMPLEX), (BOX, BOX))),
    case("convolve", np.array(2.0), np.array(3.0)), case("correlate", np.array(2.0), np.array(3.0)),
    *(case(name, x, y, mode=mode, axes=axes) for name in ("fftconvolve", "oaconvolve") for mode in MODES
      for x, y, axes in (
          (LONG, SHORT, None), (IMAGE, KERNEL, None), (IMAGE, KERNEL[:1], 1), (BOX, BOX[:, :, :1], [0, 1]),
          (BOX, COMPLEX[None, :, :2], [2]),
      )),
    *(case(name, x, y, mode=mode, boundary=boundary, **fill) for name in ("convolve2d", "correlate2d") for mode in MODES
      for boundary, fill in (("fill", {}), ("fill", {"fillvalue": 0.5}), ("wrap", {}), ("symm", {}))
      for x, y in (
          (IMAGE, KERNEL), (KERNEL, KERNEL), (COMPLEX, KERNEL), (KERNEL, COMPLEX[:, :2]), *(((KERNEL, IMAGE),) if mode == "valid" else ()),
      )),
    case("convolve2d", KERNEL, IMAGE, boundary="wrap"), case("convolve2d", KERNEL, IMAGE, mode="same", boundary="symm"),
    case("lfilter", b, a, LONG), case("lfilter", b, a, SIGNALS, axis=0), case("lfilter", b, a + 0.1j, SIGNALS),
    case("lfilter", b, a[:1], LONG),
    case("lfilter", b[:1], a, LONG, zi=SHORT[:2]), case("lfilter", b, a, SIGNALS, zi=SHORT[None, :2]),
    case("lfilter", b, a, BOX, axis=1, zi=BOX[:, :, :]),
    case("lfilter", np.append(b, 0.7), a, LONG[:2], zi=SHORT[:3]), case("lfilter", b, a[:1], LONG, zi=SHORT[:2]),
    case("lfilter", np.array(2.0), a, LONG),
    case("lfilter_zi", b, a), case("lfilter_zi", b[:1], a), case("lfilter_zi", b, a[:1]),
    *(case("filtfilt", b, a, SIGNALS, padtype=p) for p in ("odd", "even", "constant", None)),
    case("filtfilt", b, a, SIGNALS.T, axis=0, padlen=4),
    case("filtfilt", b, a, SIGNALS, padlen=0),
    case("detrend", IMAGE), case("detrend", IMAGE, axis=0), case("detrend", SIGNALS, bp=[5, 9]), case("detrend", IMAGE, type="constant"),
    case("detrend", SIGNALS, bp=1), case("detrend", COMPLEX, overwrite_data=True),
    case("hilbert", LONG), case("hilbert", SHORT), case("hilbert", IMAGE, axis=0), case("hilbert", IMAGE, N=6), case("hilbert", IMAGE, N=3),
]  # fmt: skip


def flat(y):
    return [np.asarray(part.data if isinstance(part, Tensor) else part) for part in (y if isinstance(y, tuple) else (y,))]


def is_varied(x):
    return isinstance(x, np.ndarray) and x.dtype.kind in "fc"


@pytest.mark.parametrize(("name", "args", "keywords"), CASES)
def test_values_are_scipys_and_derivatives_are_slopes_to_second_order(name, args, keywords):
    places = [k for k, x in enumerate(args) if is_varied(x)]
    names = [k for k, x in keywords.items() if is_varied(x)]

    def f(*values):
        given = list(args)
        for k, x in zip(places, values, strict=False):
            given[k] = x
        return getattr(signal, name)(*given, **keywords | dict(zip(names, values[len(places) :], strict=True)))

    values = [*(args[k] for k in places), *(keywords[k] for k in names)]
    theirs = flat(getattr(scipy_signal, name)(*[x.copy() if is_varied(x) else x for x in args], **keywords))
    for ours in f(*(x.copy() for x in values)), f(*map(Tensor, values)), f(*(Tensor(x, requires_grad=True) for x in values)):
        for y, wanted in zip(flat(ours), theirs, strict=True):
            assert y.shape == wanted.shape
            assert y.dtype == wanted.dtype
            np.testing.assert_allclose(y, wanted, rtol=1e-10, atol=1e-11)
    check_grads(f, rtol=1e-5, atol=1e-5)(*values)


@pytest.mark.parametrize(("x", "zi", "axis"), [(SIGNALS, None, -1), (SIGNALS.T, None, 0), (LONG, SOS[:, :2], -1)])
def test_sections_of_second_order_are_filters_one_after_the_other(x, zi, axis):
    def f(part, x, zi=None):
        sos = np.insert(np.zeros((2, 5)), 3, 1.0, axis=1) + part * np.array([1, 1, 1, 0, 1, 1])
        return signal.sosfilt(sos, x, axis, zi)

    sections = np.where(np.arange(6) == 3, 1, SOS)
    wanted = scipy_signal.sosfilt(sections, x, axis, zi)
    for y, w in zip(flat(signal.sosfilt(Tensor(sections), x, axis, zi)), flat(wanted), strict=True):
        np.testing.assert_allclose(y, w, rtol=1e-12)
    check_grads(f)(SOS, x, *([] if zi is None else [zi]))


def full_convolution(A, B):
    y = np.zeros(np.add(A.shape, B.shape) - 1)
    for place in np.ndindex(*B.shape):
        y[tuple(slice(t, t + n) for t, n in zip(place, A.shape, strict=True))] += A * B[place]
    return y


@pytest.mark.parametrize("mode", MODES)
def test_the_form_of_hips_autograd_convolves_some_axes_and_sums_over_others(mode):
    A, B = RNG.standard_normal((2, 3, 6, 5)), RNG.standard_normal((3, 4, 3, 2))
    convolve = lambda A, B: signal.convolve(A, B, axes=([2, 3], [2, 3]), dot_axes=([1], [0]), mode=mode)
    full = np.array([[sum(full_convolution(A[i, d], B[d, j]) for d in range(3)) for j in range(4)] for i in range(2)])
    kept = {"full": np.s_[:, :], "same": np.s_[1:7, 0:5], "valid": np.s_[2:6, 1:5]}[mode]
    np.testing.assert_allclose(convolve(A, B), full[(..., *kept)], rtol=1e-12, atol=1e-12)
    check_grads(convolve)(A, B)


def test_the_form_of_hips_autograd_takes_axes_in_any_order_and_by_position():
    A, B = RNG.standard_normal((4, 3)), RNG.standard_normal((2, 3))
    turned = signal.convolve(A, B, [[0, 1], [1, 0]])
    np.testing.assert_allclose(turned, full_convolution(A, B.T), rtol=1e-12)
    np.testing.assert_allclose(signal.convolve(Tensor(A), B, None).data, full_convolution(A, B), rtol=1e-12)


def test_long_kernels_are_convolved_by_frequencies():
    A, B = RNG.standard_normal((2, 700)), RNG.standard_normal((3, 600))
    y = signal.convolve(A, B, axes=([1], [1]), mode="valid")
    np.testing.assert_allclose(y, [[np.convolve(x, k, "valid") for k in B] for x in A], rtol=1e-10, atol=1e-10)


def test_single_precision_is_kept():
    x, k = (Tensor(c.astype(np.float32), requires_grad=True) for c in (SIGNALS, SIGNALS[:, :3]))
    coefficients = [c.astype(np.float32) for c in (b, a)]
    for y in (
        signal.convolve(x, k), signal.fftconvolve(x, k, axes=1), signal.correlate2d(x, k, boundary="symm"),
        signal.lfilter(*coefficients, x),
        signal.lfilter(*coefficients, x, zi=k[:, :2])[1], signal.filtfilt(*coefficients, x), signal.detrend(x), signal.hilbert(x).real,
    ):  # fmt: skip
        assert y.dtype == np.float32
        y.sum().backward()
        assert x.grad.dtype == np.float32


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda x: signal.filtfilt(b, a, x, method="gust"), TypeError, "filtfilt: method='gust' is not differentiated; wanted 'pad'"),
        (lambda x: signal.convolve(x, x, "middle"), ValueError, "wanted 'full', 'same' or 'valid'"),
        (lambda x: signal.convolve(x, x, method="slow"), ValueError, "wanted 'auto', 'direct' or 'fft'"),
        (lambda x: signal.convolve(x, x, kind="full"), TypeError, "convolve: got an unexpected keyword argument 'kind'"),
        (lambda x: signal.convolve(x, SIGNALS), ValueError, "got arrays of 1 and 2 axes"),
        (
            lambda x: signal.convolve(x[None], KERNEL, "valid"),
            ValueError,
            "one array must be at least as large as the other along every axis",
        ),
        (lambda x: signal.convolve(x, x[:0], method="direct"), ValueError, "at least one value along each axis"),
        (lambda x: signal.fftconvolve(x[None], SIGNALS, "same", axes=1), ValueError, "may not be the larger one along other axes"),
        (lambda x: signal.convolve2d(x, x), ValueError, r"convolve2d: got \(7,\) and \(7,\), wanted two matrices"),
        (lambda x: signal.convolve2d(x[None], KERNEL, boundary="mirror"), ValueError, "wanted 'fill', 'wrap' or 'symm'"),
        (
            lambda x: signal.convolve2d(x[None], KERNEL, boundary="fill", fillvalue=x[0]),
            TypeError,
            "fillvalue got a Tensor that requires grad",
        ),
        (lambda x: signal.lfilter(b, np.array([0.0, 1.0]), x), ValueError, "the first of a not 0"),
        (lambda x: signal.lfilter(b, a, x, zi=SIGNALS), ValueError, "got x of 1 axes and zi of 2"),
        (lambda x: signal.hilbert(x + 1j), ValueError, "complex"),
        (lambda x: signal.detrend(x, type="square"), ValueError, "wanted 'linear' or 'constant'"),
        (lambda x: signal.medfilt(x), TypeError, "scipy.signal.medfilt is not differentiated here"),
        (lambda x: signal.welch(x), TypeError, "scipy.signal.welch is not differentiated here"),
    ],
)
def test_what_is_not_meant_or_not_differentiated_ends_with_an_error(call, error, text):
    with pytest.raises(error, match=text):
        call(Tensor(LONG, requires_grad=True))


def test_scipys_other_functions_work_on_plain_values():
    np.testing.assert_array_equal(signal.medfilt(Tensor(LONG)), scipy_signal.medfilt(LONG))
    np.testing.assert_array_equal(signal.windows.hann(5), scipy_signal.windows.hann(5))


def test_signatures_are_scipys():
    for name in set(signal.__all__) - {"convolve", "windows"}:
        assert inspect.signature(getattr(signal, name)) == inspect.signature(getattr(scipy_signal, name)), name


def test_a_filter_is_fitted_through_its_feedback():
    wanted = scipy_signal.lfilter([0.5], [1.0, -0.8], LONG)
    error = lambda c: ((signal.lfilter(c[:1], c[1:], LONG) - wanted) ** 2).sum()
    np.testing.assert_allclose(grad(error)(np.array([0.5, 1.0, -0.8])), 0, atol=1e-12)
    assert np.abs(grad(error)(np.array([0.4, 1.0, -0.7]))).min() > 1e-3
