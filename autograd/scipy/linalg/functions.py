"""Functions of matrices (Higham, "Functions of Matrices", 2008).

The derivative L of an analytic f at A in the direction E stands in the corner of f of a larger matrix, f([[A, E], [0, A]]) =
[[f(A), L], [0, f(A)]] (Mathias 1996; Al-Mohy & Higham 2009), and the adjoint of E ↦ L(A, E) is g ↦ L(Aᵀ, g).  No eigenvalues are taken
apart, so that equal ones are as good as others, and so is a matrix without a basis of eigenvectors.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import linalg

from ... import ops
from ...op import call, general
from ...ops.complex import is_complex, real
from ...ops.shape import concatenate
from ..keywords import twin
from .sylvester import solve_sylvester

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["coshm", "cosm", "expm", "expm_frechet", "frechet", "logm", "sinhm", "sinm", "sqrtm", "tanhm", "tanm"]

_A = np.array([[2.0, 0.6, 0.9], [0.5, 3.0, 0.4], [-0.3, 0.7, 4.0]])
_EQUAL = np.array([[2.0, 1.0, 0.0], [0.0, 2.0, 0.0], [0.0, 0.0, 2.0]])
SAMPLES = [call(_A), call(_EQUAL), call(np.stack([_A, _A.T]))]


def _square(x: Any) -> Any:
    if x.ndim < 2 or x.shape[-1] != x.shape[-2]:
        raise ValueError("wanted square matrices (…, n, n)")
    return x


def _logm(x: Any) -> Any:
    """SciPy's logarithm, in double precision, for it warns of the errors of single precision."""
    if not x.size:
        return x
    before = np.random.get_state()  # noqa: NPY002  # SciPy estimates norms by chance, which shall not be seen from outside
    try:
        y = linalg.logm(x.astype(complex if x.dtype.kind == "c" else float))
    finally:
        np.random.set_state(before)  # noqa: NPY002
    return y.astype(np.result_type(x.dtype, np.complex64 if y.dtype.kind == "c" else np.float32)) if x.dtype.kind in "fc" else y


ANALYTIC: dict[str, Callable[[Any], Any]] = {"expm": linalg.expm, "logm": _logm}


def _over(a: Any, e: Any) -> Any:
    """[[A, E], [0, A]]."""
    return concatenate((concatenate((a, e), -1), concatenate((np.zeros(e.shape, e.dtype), a), -1)), -2)


def _corner(y: Any) -> Any:
    """What stands where E stood."""
    n = y.shape[-1] // 2
    return y[..., :n, n:]


@general(
    lambda g, x, e, of: _corner(frechet(_over(x.mT, e.mT), _over(g, np.zeros(g.shape, g.dtype)), of)),
    lambda g, x, of: frechet(x.mT, g, of),
    samples=[call(_A / 8, (3, 3), "expm"), call(_EQUAL / 8, (3, 3), "expm"), call(np.stack([_A, _A.T]) / 8, (2, 3, 3), "expm")],
)
def frechet(x: Any, e: Any, /, of: str) -> Any:
    """L(X, E), the derivative of a function at X in the direction E: the corner of the function of [[X, E], [0, X]].

    ∂L/∂E = L(Xᵀ, g); ∂L/∂X is a second derivative, in the directions Eᵀ and g, and so the corner of L([[Xᵀ, Eᵀ], [0, Xᵀ]], diag(g, g)).

    >>> frechet(np.zeros((1, 1)), np.array([[2.]]), "expm")
    array([[2.]])
    """
    ratio = float(np.max(np.abs(e), initial=0)) / float(np.max(np.abs(x), initial=1e-3))
    # L is linear in E: of the size of X, it neither drowns in the function of X, nor drowns it.
    scale = 2.0 ** round(math.log2(ratio)) if 1e-300 < ratio < 1e300 else 1.0
    return _corner(ANALYTIC[of](_over(x, e / scale))) * scale


@general(lambda g, x: frechet(x.mT, g, "expm"), tex="e^{{{x}}}", samples=[*SAMPLES, call((2, 2)), call((0, 2, 2))])
def expm(x: Any, /) -> Any:
    """Y = Σ Xᵏ/k!, of square matrices.

    >>> expm(np.array([[0., 1.], [0., 0.]]))
    array([[1., 1.],
           [0., 1.]])
    """
    return linalg.expm(_square(x))


@general(lambda g, x: frechet(x.mT, g, "logm"), tex=r"\log {x}", domain=[(1, 5)], samples=SAMPLES)
def logm(x: Any, /) -> Any:
    """The Y with exp Y = X whose eigenvalues have imaginary parts between −π and π, of square matrices with no eigenvalue ≤ 0.

    Where one is negative, Y is complex; a singular matrix has no logarithm, and SciPy warns.

    >>> logm(np.array([[1., 1.], [0., 1.]])).round(12)
    array([[0., 1.],
           [0., 0.]])
    """
    return _logm(_square(x))


@general(lambda g, y: solve_sylvester(y.mT, y.mT, g), tex=r"\sqrt{{{x}}}", samples=SAMPLES)
def sqrtm(x: Any, /) -> Any:
    """The Y with Y² = X whose eigenvalues have no negative real part, complex if one of X is negative.  ∂L/∂X = H with Yᵀ H + H Yᵀ = g.

    >>> sqrtm(np.array([[4., 0.], [0., 9.]]))
    array([[2., 0.],
           [0., 3.]])
    """
    return linalg.sqrtm(_square(x))


@twin(linalg.expm_frechet, "A", "E")
def expm_frechet(A: Any, E: Any, method: str | None = None, compute_expm: bool = True) -> Any:
    """exp A and its derivative in the direction E, or without `compute_expm` that alone.  Both ways of SciPy, its `method`, give the same.

    >>> expm_frechet(np.zeros((1, 1)), np.array([[2.]]))
    (array([[1.]]), array([[2.]]))
    """
    if method not in (None, "SPS", "blockEnlarge"):
        raise ValueError(f"expm_frechet: got method={method!r}, wanted 'SPS' or 'blockEnlarge'")
    shape = np.broadcast_shapes(A.shape, E.shape)
    A, E = ops.broadcast_to(A, shape), ops.broadcast_to(E, shape)
    derivative = frechet(A, E, "expm")
    return (expm(A), derivative) if compute_expm else derivative


def _waves(A: Any) -> tuple[Any, Any]:
    """cos A and sin A: half the sum of exp(±iA), and the difference over 2i."""
    up = expm(A * 1j)
    if not is_complex(A):
        return real(up), ops.imag(up)
    down = expm(A * -1j)
    return (up + down) / 2, (up - down) / 2j


def _hyperbolic(A: Any) -> tuple[Any, Any]:
    """cosh A and sinh A."""
    up, down = expm(A), expm(-A)
    return (up + down) / 2, (up - down) / 2


@twin(linalg.cosm, "A")
def cosm(A: Any) -> Any:
    """The cosine of square matrices, (exp iA + exp −iA) / 2.

    >>> cosm(np.zeros((1, 1)))
    array([[1.]])
    """
    return _waves(A)[0]


@twin(linalg.sinm, "A")
def sinm(A: Any) -> Any:
    """The sine of square matrices, (exp iA − exp −iA) / 2i.

    >>> sinm(np.zeros((1, 1)))
    array([[0.]])
    """
    return _waves(A)[1]


@twin(linalg.tanm, "A")
def tanm(A: Any) -> Any:
    """The tangent of square matrices: Y with cos A · Y = sin A.

    >>> tanm(np.zeros((1, 1)))
    array([[0.]])
    """
    return ops.solve(*_waves(A))


@twin(linalg.coshm, "A")
def coshm(A: Any) -> Any:
    """The hyperbolic cosine of square matrices, (exp A + exp −A) / 2.

    >>> coshm(np.zeros((1, 1)))
    array([[1.]])
    """
    return _hyperbolic(A)[0]


@twin(linalg.sinhm, "A")
def sinhm(A: Any) -> Any:
    """The hyperbolic sine of square matrices, (exp A − exp −A) / 2.

    >>> sinhm(np.zeros((1, 1)))
    array([[0.]])
    """
    return _hyperbolic(A)[1]


@twin(linalg.tanhm, "A")
def tanhm(A: Any) -> Any:
    """The hyperbolic tangent of square matrices: Y with cosh A · Y = sinh A.

    >>> tanhm(np.zeros((1, 1)))
    array([[0.]])
    """
    return ops.solve(*_hyperbolic(A))
