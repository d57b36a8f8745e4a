"""Sums of products, as Einstein wrote them."""

from __future__ import annotations

from string import ascii_letters
from typing import Any

import numpy as np

from ..op import call, multilinear
from .broadcast import broadcast_to, reshape
from .index import add_at

__all__ = ["einsum", "explicit"]


def explicit(subscripts: str, ranks: list[int]) -> tuple[list[str], str]:
    """The letters of each array's axes, and those of the result's: without dots, and with what was left to be understood.

    >>> explicit("i..., ji", [3, 2])
    (['iab', 'ji'], 'abj')
    """
    left, arrow, output = subscripts.replace(" ", "").partition("->")
    parts = left.split(",")
    hidden = [rank - len(part) + 3 if "..." in part else 0 for part, rank in zip(parts, ranks, strict=True)]
    letters = [c for c in ascii_letters if c not in subscripts][: max(hidden)]
    if not arrow:
        output = "..." + "".join(sorted(c for c in left if c.isalpha() and left.count(c) == 1))
    inputs = [part.replace("...", "".join(letters[len(letters) - n :])) for part, n in zip(parts, hidden, strict=True)]
    return inputs, output.replace("...", "".join(letters))


def _adjoint(g: Any, arrays: tuple[Any, ...], i: int, in_shapes: tuple[tuple[int, ...], ...], subscripts: str, optimize: Any) -> Any:
    """The same sum of products with g in place of array i, which is in place of the result; then what einsum has no letters for."""
    inputs, output = explicit(subscripts, [len(shape) for shape in in_shapes])
    own, sizes = inputs[i], dict(zip(inputs[i], in_shapes[i], strict=True))
    rest = [output, *inputs[:i], *inputs[i + 1 :]]
    kept = [c for c, n in sizes.items() if n != 1 and any(c in part for part in rest)]
    path = optimize if isinstance(optimize, (bool, str)) else True  # a path is one of the forward's
    y = einsum((g, *arrays[:i], *arrays[i + 1 :]), f"{','.join(rest)}->{''.join(kept)}", path)
    found = dict(zip(kept, y.shape, strict=True))
    y = broadcast_to(reshape(y, tuple(found.get(c, 1) for c in sizes)), tuple(sizes.values()))  # summed alone, or of size 1 elsewhere
    if len(sizes) == len(own):
        return y
    grid = dict(zip(sizes, np.ix_(*map(np.arange, sizes.values())), strict=True))
    return add_at(y, tuple(grid[c] for c in own), in_shapes[i])  # a diagonal


@multilinear(
    _adjoint,
    variadic=True,
    samples=[
        call(((2, 3), (3, 4)), "ij,jk->ik"), call(((2, 3), (3,), (2, 4)), "ij,j,ik->k", optimize=True), call(((3, 3),), "ii->"),
        call(((2, 3, 2), (2,)), "iji,i->ji"), call(((2, 3),), "ij->j"), call(((2, 3), (4,)), "ij,k"), call(((5, 2, 3), (3, 4)), "...j,jk"),
        call(((2, 3), (1, 3)), "ij,ij->i"), call(((1, 3), (2, 1)), "ij,ij->"), call(((4, 1, 2), (3, 2)), "...i,...i->..."),
        call(((), (3,)), ",i"), call(((0, 3), (3,)), "ij,j->j"),
        call(((2, 3), (3, 4), (4, 2)), "ij,jk,kl->il", optimize=["einsum_path", (1, 2), (0, 1)]),
    ],
)  # fmt: skip
def einsum(arrays: Any, /, subscripts: str, optimize: Any = False) -> Any:
    """y = Σ of products of the arrays' values; a letter names an axis, and those that the result does not have are summed over.

    The derivative by one array is such a sum too: of g times the other arrays, with that array's letters.

    >>> einsum([np.array([1., 2.]), np.array([3., 4.])], "i,i->")
    np.float64(11.0)
    """
    y = np.einsum(subscripts, *arrays, optimize=optimize)
    return y if y.ndim else y[()]
