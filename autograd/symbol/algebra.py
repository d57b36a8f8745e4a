"""Algebra: an expression as a sum of products, in which like terms are added and equal factors cancelled.

Of two ways to write a product of sums, multiplied out or not, the shorter is kept: y (1 − y) stays, while ŷ (Σ y − y/ŷ) becomes ŷ − y.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..op import TABLE
from ..ops.broadcast import axes_of
from .matrices import as_product_of_matrices, is_new_axis, transposed
from .symbol import Symbol, applied, as_symbol, rebuilt

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Product", "Sum", "as_sum", "multiplied_out", "tidy", "written"]


class Product(NamedTuple):
    """A number times factors, each with its exponent."""

    number: float
    factors: tuple[tuple[Symbol, float], ...] = ()

    @property
    def key(self) -> frozenset[tuple[bytes, float]]:
        """What products have in common that may be added."""
        return frozenset((factor.key, exponent) for factor, exponent in self.factors)


Sum = tuple[Product, ...]


def tidy(s: Symbol) -> Symbol:
    """The expression in its shorter form, of the same shape.

    >>> from autograd.symbol.symbol import name
    >>> x = name("x", np.array([1., 2.]))
    >>> tidy(x + x - x * x / x)
    <x>
    """
    return _fitted(written(as_sum(s)), s.shape)


def _fitted(s: Symbol, shape: tuple[int, ...]) -> Symbol:
    if s.shape == shape:
        return s
    if s.size == 1 and s.ndim > len(shape):
        s = applied("reshape", s, shape=())
    return applied("broadcast_to", s, shape=shape)


def multiplied_out(s: Symbol) -> Symbol:
    """The expression with the outermost products of sums written as sums, though it be longer.

    >>> from autograd.symbol.symbol import name
    >>> x, y, z = (name(text, 1.0) for text in "xyz")
    >>> multiplied_out(x * (y + z))
    <x y + x z>
    """
    total, found = as_sum(s), True
    while found and len(total) < 40:  # one factor at a time, so that the others can cancel against its terms
        spread, found = [], False
        for p in total:
            sums = [pair for pair in p.factors if pair[1] == 1 and pair[0].calls("add", "subtract")]
            if sums:
                widest, found = max(sums, key=lambda pair: pair[0].length), True
                rest = p._replace(factors=tuple(pair for pair in p.factors if pair is not widest))
                spread.append(tuple(_times(rest, r) for r in as_sum(widest[0])))
            else:
                spread.append((p,))
        total = _added(*spread)
    return _fitted(written(total), s.shape)


# -- from expressions to sums, and back ---------------------------------------------------------------------------------------------------


def as_sum(s: Symbol) -> Sum:
    """The expression as a sum of products."""
    if s.total is None:
        s.total = _read(s)
    return s.total  # type: ignore[no-any-return]  # just found


def _read(s: Symbol) -> Sum:
    if s.op is None:
        return _constant(s)
    if s.op.kind == "constant" and all(a is not None and a.is_number() for a in s.args):
        return _constant(as_symbol(s.data))
    reading = READINGS.get(s.op.name)
    if reading is not None and (found := reading(s)) is not None:
        return found
    if s.op.kind == "multilinear" and len(s.op.rules) == 1 and not s.op.variadic:
        return _linear(s, lambda inner: rebuilt(s, lambda _: inner))
    held = {a.key for k, a in enumerate(s.args) if a is not None and s.op.rules and s.op.rule(k) is None}  # an order, labels: as they are
    return _atom(rebuilt(s, lambda a: a if a.key in held else tidy(a)))


def _constant(s: Symbol) -> Sum:
    """A name is a factor; a number, or an array of equal numbers, stands before the factors."""
    if s.name is not None or not (s.dtype.kind == "f" or (s.ndim == 0 and s.dtype.kind in "biu")) or not s.size:
        return _atom(s)
    number = float(s.data.flat[0])
    return _atom(s) if (s.data != number).any() else (Product(number),) if number else ()


def _atom(s: Symbol) -> Sum:
    return (Product(1.0, ((s, 1),)),)


def written(total: Sum) -> Any:
    """The sum as an expression: what is added first, then what is subtracted; a polynomial by falling powers."""
    if not total:
        return as_symbol(0.0)
    share = _common_number(total)
    if len(total) > 1 and share < 1:  # (a − b)/N
        return _written_product(Product(share, ((written(_scaled(total, 1 / share)), 1),)))
    first, *others = _by_powers(total) or [p for p in total if p.number > 0] + [p for p in total if p.number <= 0]
    y: Any = _written_product(first)
    for p in others:
        y = y - _written_product(p._replace(number=-p.number)) if p.number < 0 else y + _written_product(p)
    return y


def _common_number(total: Sum) -> float:
    """The number that stands before all terms, but for their signs; 1 if there is none."""
    number = abs(total[0].number)
    return number if number and np.isfinite(number) and all(abs(abs(p.number) - number) <= 1e-15 * number for p in total) else 1.0


def _by_powers(total: Sum) -> list[Product] | None:
    """The terms of a polynomial in one name, the highest first, unless that is subtracted: 3 x² − 2 x + 1, but 1 − x²."""
    names = {factor.key: factor for p in total for factor, _ in p.factors}
    if len(total) < 3 or len(names) != 1 or next(iter(names.values())).op is not None or any(len(p.factors) > 1 for p in total):
        return None
    found = sorted(total, key=lambda p: -p.factors[0][1] if p.factors else 0)
    return found if found[0].number > 0 and found[0].factors and found[0].factors[0][1] > 1 else None


def _rank(factor: Symbol) -> int:
    """Where a factor stands in a product: names and matrices, functions, sums of terms, masks, and a Σ, whose end must be seen."""
    if factor.calls("sum"):
        return 4
    if _is_mask(factor) or is_unit(factor):
        return 3
    if factor.calls("add", "subtract"):
        return 2
    return int(factor.op is not None and factor.op.kind == "elementwise")


def _raised(factor: Symbol, n: float) -> Any:
    return factor if n == 1 else applied("sqrt", factor) if n == 0.5 else factor ** _whole(n)


def _written_product(p: Product) -> Symbol:
    factors = sorted(p.factors, key=lambda pair: _rank(pair[0]))
    over = [_raised(factor, exponent) for factor, exponent in factors if exponent > 0]
    under = [_raised(factor, -exponent) for factor, exponent in factors if exponent < 0]
    number, divisor = abs(p.number), 1.0
    fraction = Fraction(number).limit_denominator(1000) if np.isfinite(number) and number != int(number) else Fraction(0)
    if abs(fraction - number) < 1e-12 * number:  # 1/N is written so, and not as 0.2
        number, divisor = fraction.numerator, fraction.denominator
    if divisor != 1 or number != 1 or not over:
        over = [as_symbol(_whole(number)), *over] if number != 1 or not over else over
        under = [as_symbol(_whole(divisor)), *under] if divisor != 1 else under
    y: Any = _multiplied(over)
    y = y / _multiplied(under) if under else y
    return -y if p.number < 0 else y  # type: ignore[no-any-return]  # a symbol


def _multiplied(factors: list[Any]) -> Any:
    y, *others = factors
    for factor in others:
        y = y * factor
    return y


def _whole(n: float) -> float:
    return int(n) if float(n).is_integer() else n


def _length(total: Sum) -> int:
    return int(written(total).length)


# -- arithmetic of sums -------------------------------------------------------------------------------------------------------------------


def _added(*sums: Sum) -> Sum:
    found: dict[Any, Product] = {}
    for p in (p for total in sums for p in total):
        earlier = found.get(p.key)
        found[p.key] = p if earlier is None else earlier._replace(number=earlier.number + p.number)
    return tuple(p for p in found.values() if p.number)


def _scaled(total: Sum, by: float) -> Sum:
    return tuple(p._replace(number=p.number * by) for p in total) if by else ()


def _times(a: Product, b: Product) -> Product:
    exponents: dict[bytes, tuple[Symbol, float]] = {}
    factors = (*a.factors, *b.factors)
    if (unit := next((factor for factor, _ in factors if is_unit(factor)), None)) is not None:
        factors = tuple([(_entry(factor, unit), exponent) for factor, exponent in factors])
    for factor, exponent in factors:
        before = exponents.get(factor.key, (factor, 0))[1]
        exponents[factor.key] = factor, 1 if _is_mask(factor) or is_unit(factor) else before + exponent
    return Product(a.number * b.number, tuple(pair for pair in exponents.values() if pair[1]))


def is_unit(s: Symbol) -> bool:
    """Whether it is a unit vector eₖ.

    >>> is_unit(applied("add_at", 1.0, index=1, shape=(3,)))
    True
    """
    return s.calls("add_at") and s.args[0].is_number() and s.ndim == 1  # type: ignore[union-attr]  # it has one


def _entry(factor: Symbol, unit: Symbol) -> Symbol:
    """v ⊙ eₖ = vₖ eₖ."""
    if factor.shape != unit.shape or is_unit(factor):
        return factor
    return tidy(applied("getitem", factor, index=unit.options["index"]))


def _is_mask(s: Symbol) -> bool:
    return s.calls("where") and all(a is not None and a.is_number() and a.data in (0, 1) for a in s.args[1:])


def _product(a: Sum, b: Sum) -> Sum:
    """The shorter of a · b multiplied out, and with sums as factors."""
    out = _added(*[(_times(p, q),) for p in a for q in b])
    if len(a) < 2 and len(b) < 2:
        return out
    kept = (_times(_as_factor(a), _as_factor(b)),)
    return out if _length(out) < _length(kept) else kept


def _as_factor(total: Sum) -> Product:
    if len(total) == 1:
        return total[0]
    return Product(1.0, ((written(total), 1),)) if total else Product(0.0)


def _power(total: Sum, n: float) -> Sum:
    base = _as_factor(total)
    if not base.number:
        return _atom(applied("power", 0.0, n))
    if n != int(n) and (base.number < 0 or [e for _, e in base.factors] != [1]):  # √(x²) is not x, nor √(x y) always √x √y
        number = abs(base.number)
        rest = written((base._replace(number=base.number / number),))
        return (Product(number**n, ((rest, n),) if base.factors or base.number < 0 else ()),)
    return (Product(base.number**n, tuple((f, 1 if _is_mask(f) and n > 0 else e * n) for f, e in base.factors)),)


# -- how ops are read ---------------------------------------------------------------------------------------------------------------------


def _args(s: Symbol) -> list[Sum]:
    return [as_sum(a) for a in s.args if a is not None]


def _linear(s: Symbol, again: Callable[[Symbol], Symbol], k: int = 0) -> Sum:
    """An op that is linear in argument `k`: numbers stand before it."""
    x = s.args[k]
    assert x is not None
    inner = as_sum(x)
    if len(s.args) == 1 and len(inner) == 1 and not inner[0].factors and s.data.size and (s.data == s.data.flat[0]).all():
        return _constant(as_symbol(s.data))
    if len(inner) == 1 and inner[0].number != 1:
        return _scaled(_atom(again(_fitted(written(_scaled(inner, 1 / inner[0].number)), x.shape))), inner[0].number)
    return _atom(again(tidy(x))) if inner else ()


def _read_power(s: Symbol) -> Sum | None:
    a, b = s.args
    assert a is not None
    assert b is not None
    return _power(as_sum(a), float(b.data)) if b.is_number() else None


def _read_matmul(s: Symbol) -> Sum:
    """Numbers stand before the product."""
    number, factors = 1.0, []
    for a in s.args:
        assert a is not None
        total = as_sum(a)
        if not total:
            return ()
        alone = total[0].number if len(total) == 1 else _common_number(total) * (1 if any(p.number > 0 for p in total) else -1)
        number *= alone
        factors.append(_fitted(written(_scaled(total, 1 / alone)), a.shape))
    return _scaled(_atom(applied("matmul", *factors)), number)


def _read_solve(s: Symbol) -> Sum | None:
    """A number stands before A⁻¹ b."""
    a, b = s.args
    return _linear(s, lambda inner: applied("solve", tidy(a), inner), 1) if a is not None and as_sum(b) else ()  # type: ignore[arg-type]


def _read_sum(s: Symbol) -> Sum:
    """Σ of each product, or of the whole, whichever is shorter; what is constant along the axes stands before it."""
    x = s.args[0]
    assert x is not None
    if (product := as_product_of_matrices(s)) is not None:
        return as_sum(product)
    total = as_sum(x)
    parts = _added(*[(_summed(p, x.shape, s),) for p in total])
    if len(total) < 2:
        return parts
    whole = _atom(rebuilt(s, lambda _: _fitted(written(total), x.shape)))
    return parts if _length(parts) <= _length(whole) else whole


def _summed(p: Product, shape: tuple[int, ...], s: Symbol) -> Product:
    axis, keepdims = s.options["axis"], s.options["keepdims"]
    axes = set(axes_of(axis, len(shape)))
    before: list[tuple[Symbol, float]] = []
    inside: list[tuple[Symbol, float]] = []
    for factor, exponent in p.factors:
        lead = len(shape) - factor.ndim
        still = all(k < lead or factor.shape[k - lead] == 1 for k in axes)
        fits = keepdims or factor.size == 1 or max(axes, default=-1) < lead
        (before if still and fits else inside).append((factor, exponent))
    number, outside = p.number, Product(1.0, tuple(before))
    if not inside:
        return outside._replace(number=number * float(np.prod([shape[k] for k in axes])))
    if len(inside) == 1 and is_unit(inside[0][0]) and len(axes) == len(shape):  # Σ eₖ = 1
        return outside._replace(number=number)
    inner = _fitted(written((Product(1.0, tuple(inside)),)), shape)
    over = None if len(axes) == len(shape) else axes.pop() if len(axes) == 1 else tuple(sorted(axes))
    y = applied("sum", inner, axis=over, keepdims=keepdims)
    return _times(outside._replace(number=number), Product(1.0, ((y, 1),)))


def _read_reshape(s: Symbol) -> Sum | None:
    """A single number is the same in any shape; a sum whose axes are put back is one that keeps them."""
    total = s.args[0]
    assert total is not None
    if total.size == 1 or total.shape == s.shape:
        return as_sum(total)
    if (product := as_product_of_matrices(s)) is not None:
        return as_sum(product)
    if not total.calls("sum"):
        return None
    x, axis = total.args[0], total.options["axis"]
    kept = applied("sum", x, axis=axis, keepdims=True)
    return _read_sum(kept) if kept.shape == s.shape else None


def _read_where(s: Symbol) -> Sum:
    """A choice between 0 and something is a mask times it; a choice between two of a kind, what they share times the rest."""
    condition, *others = s.args
    assert condition is not None
    a, b = (as_sum(x) for x in others if x is not None)
    known = as_sum(condition)
    if not known or not (len(known) > 1 or known[0].factors):
        return a if known else b
    choice = tidy(condition)
    if [p.key for p in a] == [p.key for p in b] and [p.number for p in a] == [p.number for p in b]:
        return a
    if not b or not a:
        return _product(a or b, _atom(applied("where", choice, int(bool(a)), int(bool(b)))))
    p, q = _as_factor(a), _as_factor(b)
    mine, yours = dict(p.key), dict(q.key)
    shared = tuple((f, e) for f, e in p.factors if yours.get(f.key) == e)
    if p.number == q.number and mine == yours:
        return a
    same = {f.key for f, _ in shared}
    rest = [Product(x.number, tuple((f, e) for f, e in x.factors if f.key not in same)) for x in (p, q)]
    return _product(
        (Product(1.0, shared),),
        _atom(applied("where", choice, *(written((x,)) if x.factors else as_symbol(_whole(x.number)) for x in rest))),
    )


def _read_getitem(s: Symbol) -> Sum | None:
    """A single number is the same in any shape."""
    x = s.args[0]
    assert x is not None
    if x.ndim == 0 or (x.size == 1 and is_new_axis(s)):
        return as_sum(x)
    product = as_product_of_matrices(s)
    return None if product is None else as_sum(product)


def _read_add_at(s: Symbol) -> Sum | None:
    """A number put at one place of zeros is that number times a unit vector."""
    x, index = s.args[0], s.options["index"]
    assert x is not None
    if x.ndim or x.is_number():
        return None
    return _product(as_sum(x), _atom(applied("add_at", 1.0, index=index, shape=s.options["shape"])))


def _read_multiply(s: Symbol) -> Sum:
    product = as_product_of_matrices(s)
    return _product(*_args(s)) if product is None else as_sum(product)


def _read_transposed(s: Symbol) -> Sum | None:
    """(Xᵀ)ᵀ = X, and (A B)ᵀ = Bᵀ Aᵀ."""
    x = s.args[0]
    assert x is not None
    if x.ndim != 2:
        return as_sum(x) if x.ndim < 2 and s.op is TABLE["transpose"] else None
    total = as_sum(x)
    if len(total) != 1 or [e for _, e in total[0].factors] != [1]:
        return _linear(s, transposed)
    ((inner, _),) = total[0].factors
    if inner.calls("transpose") and inner.args[0].ndim == 2:  # type: ignore[union-attr]
        turned = inner.args[0]
    elif inner.calls("matmul") and all(a.ndim == 2 for a in inner.args):  # type: ignore[union-attr]
        a, b = inner.args
        turned = applied("matmul", tidy(transposed(b)), tidy(transposed(a)))  # type: ignore[arg-type]
    else:
        turned = transposed(inner)
    return _scaled(_atom(turned), total[0].number)  # type: ignore[arg-type]


def _read_moveaxis(s: Symbol) -> Sum | None:
    return _args(s)[0] if s.options["source"] == s.options["destination"] else None


def _read_and(s: Symbol) -> Sum | None:
    """What is false makes all false."""
    return () if not all(_args(s)) else None


READINGS: dict[str, Callable[[Symbol], Sum | None]] = {
    "add": lambda s: _added(*_args(s)),
    "subtract": lambda s: _added(_args(s)[0], _scaled(_args(s)[1], -1)),
    "negative": lambda s: _scaled(_args(s)[0], -1),
    "multiply": _read_multiply,
    "divide": lambda s: _product(_args(s)[0], _power(_args(s)[1], -1)),
    "reciprocal": lambda s: _power(_args(s)[0], -1),
    "square": lambda s: _power(_args(s)[0], 2),
    "sqrt": lambda s: _power(_args(s)[0], 0.5) if s.dtype.kind != "c" else None,
    "power": _read_power,
    "broadcast_to": lambda s: _args(s)[0],
    "copy": lambda s: _args(s)[0],
    "astype": lambda s: _args(s)[0],
    "conjugate": lambda s: _args(s)[0] if s.dtype.kind != "c" else None,
    "reshape": _read_reshape,
    "ravel": _read_reshape,
    "getitem": _read_getitem,
    "add_at": _read_add_at,
    "transpose": _read_transposed,
    "swapaxes": _read_transposed,
    "moveaxis": _read_moveaxis,
    "sum": _read_sum,
    "matmul": _read_matmul,
    "solve": _read_solve,
    "where": _read_where,
    "logical_and": _read_and,
}
"""What the ops of arithmetic mean for sums and products; any other op is a factor by itself."""
