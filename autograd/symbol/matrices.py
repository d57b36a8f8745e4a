"""Products of matrices and vectors, where a rule spells them out by new axes, ⊙ and Σ.

A vector (n,) is what its neighbours make of it: W x has a column, x W a row, and the derivatives of both are outer products, g xᵀ and xᵀ g.
"""

from __future__ import annotations

from .symbol import Symbol, applied

__all__ = ["as_product_of_matrices", "is_new_axis", "transposed"]


def transposed(s: Symbol) -> Symbol:
    """Xᵀ.

    >>> import numpy as np
    >>> from autograd.symbol.symbol import name
    >>> transposed(name("W", np.ones((2, 3))))
    <Wᵀ>
    """
    return applied("transpose", s)


def is_new_axis(s: Symbol, place: int | None = None) -> bool:
    """Whether an index only adds axes of size 1; if `place` is given, one axis, there: before the last (-2) or after it (-1).

    >>> import numpy as np
    >>> from autograd.symbol.symbol import name
    >>> is_new_axis(name("g", np.ones(3))[:, None], -1)
    True
    """
    if not s.calls("getitem"):
        return False
    index = s.options["index"]
    parts = index if isinstance(index, tuple) else (index,)
    if any(hasattr(k, "dtype") for k in parts) or None not in parts or any(k not in (None, Ellipsis, slice(None)) for k in parts):
        return False
    x = s.args[0]
    assert x is not None
    if place is None:
        return True
    return s.ndim == x.ndim + 1 and s.shape == ((*x.shape, 1) if place == -1 else (*x.shape[:-1], 1, *x.shape[-1:]))


def as_product_of_matrices(s: Symbol) -> Symbol | None:
    """What a spelled out product of matrices and vectors is; None if it is none.

    >>> import numpy as np
    >>> from autograd.symbol.symbol import name
    >>> g, x, W = name("g", np.ones(2)), name("x", np.ones(3)), name("W", np.ones((2, 3)))
    >>> as_product_of_matrices(g[..., None] * x), as_product_of_matrices((W * g[..., None]).sum(0))
    (<g xᵀ>, <Wᵀ g>)
    """
    if s.calls("multiply") and s.ndim == 2:
        return _outer(*s.args)  # type: ignore[arg-type]  # they are two
    if s.calls("reshape") and s.ndim == 1:  # of a sum of W ⊙ g over the rows, or of a product with one row
        x = s.args[0]
        assert x is not None
        return as_product_of_matrices(x) if x.calls("sum") and x.shape == s.shape else _row_product(x, s)
    if s.calls("sum") and s.ndim == 1 and s.options["axis"] in (0, (0,)) and s.args[0].calls("multiply"):  # type: ignore[union-attr]
        W, column = s.args[0].args  # type: ignore[union-attr]
        if W.ndim == 2 and is_new_axis(column, -1) and column.ndim == 2 and column.size > 1:  # type: ignore[union-attr,arg-type]
            return applied("matmul", transposed(W), column.args[0])  # type: ignore[arg-type,union-attr]
    if s.calls("getitem") and s.ndim == 1:
        index = repr(s.options["index"])
        if index == repr((Ellipsis, 0, slice(None))):
            return _row_product(s.args[0], s)  # type: ignore[arg-type]
        if index == repr((Ellipsis, 0)):
            return _column_product(s.args[0])  # type: ignore[arg-type]
    return None


def _row(v: Symbol) -> Symbol:
    return applied("reshape", v, shape=(1, v.size))


def _outer(a: Symbol, b: Symbol) -> Symbol | None:
    if is_new_axis(a, -1) and is_new_axis(b, -2) and a.ndim == 2 == b.ndim:
        return applied("matmul", transposed(_row(a.args[0])), _row(b.args[0]))  # type: ignore[arg-type]
    if is_new_axis(a, -1) and a.ndim == 2 and b.ndim == 1:
        return applied("matmul", applied("reshape", a.args[0], shape=a.shape), transposed(applied("reshape", b, shape=(b.size, 1))))
    return None


def _row_product(product: Symbol, s: Symbol) -> Symbol | None:
    """g W, from the one row that [g] W has."""
    if not product.calls("matmul") or product.shape != (1, s.size):
        return None
    row, W = product.args
    assert row is not None
    one_row = row.calls("reshape") or is_new_axis(row, -2)
    return applied("matmul", row.args[0], W) if one_row and row.args[0].ndim == 1 else None  # type: ignore[union-attr]


def _column_product(product: Symbol) -> Symbol | None:
    """A⁻¹ g, from the one column that A⁻¹ [g] has."""
    if not product.calls("matmul", "solve") or product.ndim != 2:
        return None
    A, column = product.args
    assert column is not None
    return applied(product.op.name, A, column.args[0]) if is_new_axis(column, -1) and column.args[0].ndim == 1 else None  # type: ignore[union-attr]
