"""What the tests of SciPy's functions share."""

import numpy as np
import pytest

from autograd import grad


@pytest.fixture
def agrees():
    """A check of f(x), f′(x), f″(x) against mpmath, whose derivatives are differences in 60 digits."""
    mp = pytest.importorskip("mpmath").mp

    def check(f, exact, points, rtol=1e-10, atol=1e-14):
        with mp.workdps(60):
            for point in map(float, points):
                x = mp.mpf(point)
                h = mp.mpf(10) ** -12 * (abs(x) or 1)
                a, b, c, d, e = (mp.re(exact(x + k * h)) for k in (-2, -1, 0, 1, 2))
                wanted = [float(c), float((8 * (d - b) - (e - a)) / (12 * h)), float((16 * (b + d) - a - e - 30 * c) / (12 * h * h))]
                got = [np.real(f(point)), grad(f)(point), grad(grad(f))(point)]
                np.testing.assert_allclose(got, wanted, rtol=rtol, atol=atol, err_msg=f"at {point}: value, slope, bend")

    return check
