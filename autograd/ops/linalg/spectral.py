"""What the rules of the decompositions share: conjugate transposes, differences of eigenvalues, the phase of complex vectors."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from ...tracer import getval
from ..arithmetic import absolute
from ..broadcast import sum as sum_
from ..complex import conj
from ..elementwise import where
from ..reduce import norm

__all__ = [
    "adjoint", "as_one", "column", "divided", "equal_pairs", "from_triangle", "in_triangle", "on_diagonal", "over_gaps", "phase_part",
    "row", "spread", "tell",
]  # fmt: skip


def adjoint(x: Any) -> Any:
    """Xᴴ, the conjugate transpose.

    >>> adjoint(np.array([[1j, 2.]]))
    array([[0.-1.j],
           [2.-0.j]])
    """
    return conj(x.mT)


def row(v: Any) -> Any:
    """Values as a row, which scales the columns of a matrix.

    >>> row(np.ones(3)).shape
    (1, 3)
    """
    return v[..., None, :]


def column(v: Any) -> Any:
    """Values as a column, which scales the rows of a matrix.

    >>> column(np.ones(3)).shape
    (3, 1)
    """
    return v[..., :, None]


def spread(c: Any) -> Any:
    """Numbers, one for each matrix, as factors of all its values.

    >>> spread(np.ones(3)).shape
    (3, 1, 1)
    """
    return c[..., None, None]


def on_diagonal(diagonal: Any, rest: Any) -> Any:
    """The matrix `rest` with another diagonal.

    >>> on_diagonal(np.array([1., 2.]), np.zeros((2, 2)))
    array([[1., 0.],
           [0., 2.]])
    """
    return where(np.eye(rest.shape[-1], dtype=bool), row(diagonal), rest)


def from_triangle(A: Any, lower: bool) -> Any:
    """The Hermitian matrix that has the lower triangle of A, or the upper one, and the real part of its diagonal.

    >>> from_triangle(np.array([[1., 2.], [3., 4.]]), lower=True)
    array([[1., 3.],
           [3., 4.]])
    """
    n = A.shape[-1]
    read = np.tri(n, k=-1, dtype=bool)
    half = where(read if lower else read.T, A, where(np.eye(n, dtype=bool), A / 2, 0))
    return half + adjoint(half)


def in_triangle(G: Any, lower: bool) -> Any:
    """The cotangent of a matrix of which one triangle is read, and the other is taken for its conjugate: G + Gᴴ, and Re G on the diagonal.

    >>> in_triangle(np.array([[1., 2.], [3., 4.]]), lower=True)
    array([[1., 0.],
           [5., 4.]])
    """
    both = G + adjoint(G)
    read = np.tri(G.shape[-1], k=-1, dtype=bool)
    return where(np.eye(G.shape[-1], dtype=bool), both / 2, where(read if lower else read.T, both, 0))


def as_one(gap: Any, values: Any) -> Any:
    """Whether differences between values count as none: they are no larger than the rounding with which the values are computed.

    >>> as_one(np.array([[1e-17, 1e-3]]), np.array([1., 2.]))
    array([[ True, False]])
    """
    return absolute(gap) <= column(4 * values.shape[-1] * float(np.finfo(values.dtype).eps) * norm(values, -1, keepdims=True))


def divided(a: Any, gap: Any, values: Any) -> Any:
    """a / gap, and 0 where the gap, a difference between values, is none but for rounding.

    >>> divided(np.array([[1., 1.]]), np.array([[2., 0.]]), np.array([1., 3.]))
    array([[0.5, 0. ]])
    """
    none = as_one(gap, values)
    return where(none, 0, a / where(none, 1, gap))


def over_gaps(A: Any, values: Any) -> Any:
    """Aᵢⱼ / (λⱼ − λᵢ), and 0 where the two are one value, but for rounding.

    >>> over_gaps(np.ones((2, 2)), np.array([1., 3.]))
    array([[ 0. ,  0.5],
           [-0.5,  0. ]])
    """
    return divided(A, row(values) - column(values), values)


def equal_pairs(values: Any) -> Any:
    """The mask of the pairs of values that are one value, but for rounding.

    >>> equal_pairs(np.array([1., 1., 2.]))[0]
    array([False,  True, False])
    """
    return as_one(row(values) - column(values), values) & ~np.eye(values.shape[-1], dtype=bool)


def tell(name: str, cotangent: Any, left_out: Any) -> None:
    """Warn where the values of a cotangent that a rule leaves out are more than rounding.

    >>> tell("eigh", np.array([1e-17, 1.]), np.array([True, False]))
    """
    cotangent, left_out = getval(cotangent), getval(left_out)
    if isinstance(left_out, np.ndarray) and left_out.any():  # what is only being traced warns of nothing
        sizes = np.abs(cotangent)
        if np.max(sizes, where=left_out, initial=0) > float(np.finfo(sizes.dtype).eps) ** 0.5 * np.max(sizes):
            text = "what turns them into each other counts as 0, right for projections on the space of them all, wrong for V h(λ) Vᴴ"
            warnings.warn(f"{name}: the vectors of equal values (or of σ = 0) have no derivative: {text}", RuntimeWarning, stacklevel=2)


def phase_part(turn: Any, V: Any, held: Any) -> Any:
    """What to take from the cotangent of the columns of V, because their phases are held: `held` marks the component that is kept real.

    A column v is free up to a factor e^{iφ}; the forward chooses φ so that the component vₖ is real.  A change dv then turns it by
    dφ = −Im(dvₖ/vₖ) besides, which changes L by −turn · dφ, with turn = Im Σ g v.  Where vₖ is 0, which leaves φ open, it is not turned.

    >>> phase_part(np.array([[2.]]), np.array([[2. + 0j], [1j]]), np.array([[True], [False]]))
    array([[0.+1.j],
           [0.+0.j]])
    """
    anchor = sum_(where(held, V, 0), axis=-2, keepdims=True)
    small = absolute(anchor) <= float(np.finfo(V.dtype).eps) ** 0.5
    return where(held, where(small, 0, 1j * turn / where(small, 1, anchor)), 0)
