"""NumPy's functions of polynomials: rows of coefficients, that of the highest power first."""

from __future__ import annotations

import operator
import warnings
from typing import Any

import numpy as np

from .. import ops
from . import linalg
from .keywords import as_inexact, as_value, fixed, function, holds_traced, plain

__all__ = ["poly", "polyadd", "polyder", "polydiv", "polyfit", "polyint", "polymul", "polysub", "polyval", "roots", "vander"]


def _coefficients(p: Any) -> Any:
    """The row of coefficients, of one that is a single value too."""
    p = p.coeffs if isinstance(p, np.poly1d) else as_value(p)
    return p if p.ndim else ops.reshape(p, (1,))


def _before(a: Any, count: int) -> Any:
    """The row `a` after so many zeros."""
    return ops.concatenate((np.zeros(count, a.dtype), a)) if count > 0 else a


# -- values and zeros ---------------------------------------------------------------------------------------------------------------------


@function
def polyval(p: Any, x: Any) -> Any:
    """y = Σ pₖ x^{n−k}: p[0] xⁿ + … + p[n].

    >>> polyval([1., 0., 2.], np.array([1., 3.]))
    array([ 3., 11.])
    """
    if not holds_traced(p, x):
        return np.polyval(p, x)
    if isinstance(x, np.poly1d):
        raise TypeError("polyval: x is a poly1d, whose coefficients can't be followed; wanted numbers")
    x = as_value(x)
    y = np.zeros(x.shape, x.dtype)
    for c in p.coeffs if isinstance(p, np.poly1d) else as_value(p):
        y = ops.add(ops.multiply(y, x), c)
    return y


@function
def vander(x: Any, N: int | None = None, increasing: bool = False) -> Any:
    """Y[i, k] = xᵢ^{N−1−k}, or xᵢᵏ if increasing, in N columns: as many as there are values, unless given.

    >>> vander(np.array([2., 3.]), 3)
    array([[4., 2., 1.],
           [9., 3., 1.]])
    """
    x = as_value(x)
    if x.ndim != 1:
        raise ValueError(f"vander: got x of shape {x.shape}, wanted a row of values")
    powers = np.arange(x.size if N is None else N)
    return ops.power(x[:, None], powers if increasing else powers[::-1])


@function
def roots(p: Any) -> Any:
    """The zeros of the polynomial; complex where they are not all real.  ∂y/∂pₖ = −y^{n−k}/p′(y), infinite for a multiple one.

    >>> roots(np.array([1., -3., 2.]))
    array([2., 1.])
    """
    p = _coefficients(p)
    if p.ndim != 1:
        raise ValueError(f"roots: got p of shape {p.shape}, wanted a row of coefficients")
    return ops.roots(p)


@function
def poly(seq_of_zeros: Any) -> Any:
    """The coefficients, the first 1, of the polynomial with these zeros; of a square matrix, of its characteristic polynomial.

    >>> poly(np.array([2., 1.]))
    array([ 1., -3.,  2.])
    """
    if not holds_traced(seq_of_zeros):
        return np.poly(seq_of_zeros)
    zeros = as_value(seq_of_zeros)
    zeros = zeros if zeros.ndim else ops.reshape(zeros, (1,))
    if zeros.ndim == 2 and zeros.shape[0] == zeros.shape[1] != 0:
        zeros = linalg.eigvals(zeros)
    elif zeros.ndim != 1:
        raise ValueError(f"poly: got shape {zeros.shape}, wanted a row of zeros, or a square matrix")
    zeros = as_inexact(zeros)
    y = one = np.ones(1, zeros.dtype)
    for k in range(zeros.size):
        y = ops.convolve(y, ops.concatenate((one, ops.negative(zeros[k : k + 1]))))
    values = plain(zeros)
    pairs = y.dtype.kind == "c" and (np.sort(values) == np.sort(values.conj())).all()
    return ops.real(y) if pairs else y


# -- arithmetic ---------------------------------------------------------------------------------------------------------------------------


@function
def polyadd(a1: Any, a2: Any) -> Any:
    """The sum of two polynomials.

    >>> polyadd([1., 2.], [10.])
    array([ 1., 12.])
    """
    if not holds_traced(a1, a2):
        return np.polyadd(a1, a2)
    return ops.add(*_of_one_length(a1, a2))


@function
def polysub(a1: Any, a2: Any) -> Any:
    """The difference of two polynomials.

    >>> polysub([1., 2.], [10.])
    array([ 1., -8.])
    """
    if not holds_traced(a1, a2):
        return np.polysub(a1, a2)
    return ops.subtract(*_of_one_length(a1, a2))


def _of_one_length(*polynomials: Any) -> list[Any]:
    rows = [_coefficients(p) for p in polynomials]
    longest = max(len(p) for p in rows)
    return [_before(p, longest - len(p)) for p in rows]


def _zeros_before(values: Any) -> int:
    """How many zeros a row begins with, but for the last of nothing else."""
    return len(values) - max(len(np.trim_zeros(values, "f")), 1)


@function
def polymul(a1: Any, a2: Any) -> Any:
    """The product of two polynomials, which begins where those without their leading zeros would.

    >>> polymul([1., 2.], [1., 10.])
    array([ 1., 12., 20.])
    """
    if not holds_traced(a1, a2):
        return np.polymul(a1, a2)
    rows = [_coefficients(p) for p in (a1, a2)]
    zeros = sum(_zeros_before(plain(row)) for row in rows)
    return ops.convolve(*rows)[zeros:]  # which a leading zero has a derivative in, and so is not left out beforehand


@function
def polydiv(u: Any, v: Any) -> Any:
    """The quotient and the remainder of two polynomials, the remainder without leading zeros.

    >>> polydiv([1., 5., 6.], [1., 2.])
    (array([1., 3.]), array([0.]))
    """
    if not holds_traced(u, v):
        return np.polydiv(u, v)
    u, v = (as_inexact(_coefficients(p)) for p in (u, v))
    steps = len(u) - len(v) + 1
    quotient = [np.zeros((), np.result_type(u.dtype, v.dtype))] if steps < 1 else []
    rest = ops.astype(u, np.result_type(u.dtype, v.dtype))
    for k in range(steps):
        quotient.append(ops.divide(rest[k], v[0]))
        taken = ops.multiply(quotient[-1], v)
        rest = ops.subtract(rest, ops.pad(taken, (k, len(u) - k - len(v))))
    return ops.stack(quotient), rest[_zeros_before(np.logical_not(np.isclose(plain(rest), 0))) :]


@function
def polyder(p: Any, m: int = 1) -> Any:
    """The m-th derivative of a polynomial.

    >>> polyder([1., 2., 3.])
    array([2., 2.])
    """
    if not holds_traced(p):
        return np.polyder(p, m)
    if operator.index(m) < 0:
        raise ValueError(f"polyder: got m={m}, wanted how many times: 0 or more")
    p = as_value(p)
    for _ in range(m):
        p = ops.multiply(p[:-1], np.arange(len(p) - 1, 0, -1))
    return p


@function
def polyint(p: Any, m: int = 1, k: Any = None) -> Any:
    """The m-th antiderivative of a polynomial; `k` are the constants of integration, one for each time, or one for all.

    >>> polyint([2., 2.], k=3.0)
    array([1., 2., 3.])
    """
    if not holds_traced(p, k):
        return np.polyint(p, m, k)
    if operator.index(m) < 0:
        raise ValueError(f"polyint: got m={m}, wanted how many times: 0 or more")
    p, k = (p.coeffs if isinstance(p, np.poly1d) else as_value(p)), _coefficients(0.0 if k is None else k)
    if k.size != 1 and k.size < m:
        raise ValueError(f"polyint: got {k.size} constants for m={m}, wanted one or {m}")
    for j in range(m):
        p = ops.concatenate((ops.divide(p, np.arange(len(p), 0, -1)), k if k.size == 1 else k[j : j + 1]))
    return p


# -- fits ---------------------------------------------------------------------------------------------------------------------------------


@function
def polyfit(x: Any, y: Any, deg: int, rcond: float | None = None, full: bool = False, w: Any = None, cov: bool | str = False) -> Any:
    """The polynomial of degree `deg` with Σ wᵢ² (p(xᵢ) − yᵢ)² least, for each column of y; differentiated in x, y and w.

    With `full`, also those sums, the rank, the singular values and `rcond` of the least squares; with `cov`, the covariance of p.

    >>> polyfit(np.array([0., 1., 2.]), np.array([1., 3., 5.]), 1).round(12)
    array([2., 1.])
    """
    if not holds_traced(x, y, w):
        return np.polyfit(x, y, deg, rcond, full, w, cov)  # type: ignore[call-overload]
    x, y = as_inexact(x), as_inexact(y)
    deg, rcond = fixed("polyfit", deg=deg, rcond=rcond).values()
    if deg < 0:
        raise ValueError(f"polyfit: got deg={deg}, wanted 0 or more")
    if x.ndim != 1 or not x.size or y.ndim not in (1, 2) or len(x) != len(y):
        raise TypeError(f"polyfit: got x of shape {x.shape} and y of shape {y.shape}, wanted (n,) and (n,) or (n, columns), n at least 1")
    A, b, n = vander(x, deg + 1), y, deg + 1
    if w is not None:
        w = as_inexact(w)
        if w.shape != x.shape:
            raise TypeError(f"polyfit: got w of shape {w.shape}, wanted {x.shape}, a weight for each point")
        A, b = A * w[:, None], b * (w if b.ndim == 1 else w[:, None])
    rcond = x.size * np.finfo(x.dtype).eps if rcond is None else rcond
    scale = ops.sqrt(ops.sum(A * A, 0))
    A = A / scale
    c, squares, rank, s = linalg.lstsq(A, b, rcond)
    c = c / (scale if c.ndim == 1 else scale[:, None])
    if full:
        return c, squares, rank, s, rcond
    if not squares.size and rank != n:  # there are no least squares then
        warnings.warn(
            "polyfit: may be poorly conditioned: the points do not tell all coefficients", np.exceptions.RankWarning, stacklevel=2
        )
    if not cov:
        return c
    spread = linalg.inv(A.T @ A) / (scale[:, None] * scale)
    if cov != "unscaled":
        if x.size <= n:
            raise ValueError(f"polyfit: got {x.size} points for {n} coefficients, wanted more, to scale the covariance; or cov='unscaled'")
        squares = squares / (x.size - n)
        spread = spread * squares if y.ndim == 1 else spread[:, :, None] * squares
    elif y.ndim == 2:
        spread = spread[:, :, None]
    return c, spread
