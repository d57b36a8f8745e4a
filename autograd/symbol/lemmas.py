"""Lemmas: identities that turn the form that computes into the form of the textbook.  They are for display only.

Each is two formulas, which run on arrays, where a test compares them, and on symbols, where the left one is a pattern.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from inspect import signature
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from .. import ops
from ..ops.compare import one_hot, one_hot_argmax
from ..ops.elementwise import quotient
from ..ops.linalg.determinant import cofactors
from ..ops.softmax import softmax_minus_one_hot
from .algebra import Product, as_sum, multiplied_out, tidy, written
from .symbol import Symbol, as_symbol, name, rebuilt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["LEMMAS", "Lemma", "simplified"]


@dataclass(frozen=True, eq=False)
class Lemma:
    """`left` = `right`, as functions of the same variables, of which each sample gives one set."""

    statement: str
    left: Callable[..., Any]
    right: Callable[..., Any]
    samples: tuple[tuple[Any, ...], ...] = ((np.array([0.3, -1.2, 0.7]),),)

    @cached_property
    def patterns(self) -> tuple[Pattern, ...]:
        """The left side as a product of symbols, with its variables, for each sample."""
        found = []
        for sample in self.samples:
            variables = tuple(name(text, a) for text, a in zip(signature(self.left).parameters, sample, strict=True))
            (product,) = as_sum(as_symbol(self.left(*variables)))
            found.append(pattern(product, variables, self.right, self.statement))
        return tuple(found)


class Pattern(NamedTuple):
    """A product to be found, with its variables, and what is written for it; what it is found in has all its ops and fixed names."""

    product: Product
    variables: tuple[Symbol, ...]
    right: Callable[..., Any]
    statement: str
    ops: frozenset[str]
    names: frozenset[bytes]

    def may_be_in(self, s: Symbol) -> bool:
        """Whether it is worth looking."""
        return self.names <= s.names and self.ops <= s.ops


def pattern(product: Product, variables: tuple[Symbol, ...], right: Callable[..., Any], statement: str = "") -> Pattern:
    """The pattern with the facts by which it is looked for.

    >>> x = name("x", 2.0)
    >>> sorted(pattern(as_sum(ops.exp(x))[0], (x,), ops.exp).ops)
    ['exp']
    """
    used = frozenset[str]().union(*(factor.ops for factor, _ in product.factors))
    names = frozenset[bytes]().union(*(factor.names for factor, _ in product.factors)) - {v.key for v in variables}
    return Pattern(product, variables, right, statement, used, names)


_ROWS = np.array([[0.3, -1.2, 0.7], [2.0, 0.1, -0.4]])
_LABELS = np.array([2, 0])
_POSITIVE = ((np.array([0.3, 1.2, 0.7]),),)
_TWO = ((np.array([0.3, 1.2, 0.7]), np.array([2.0, 0.0, -1.0])),)
_SQUARE = ((np.array([[2.0, 0.3], [-0.4, 1.0]]),),)
_ALL_SHAPES = ((_ROWS[0],), (_ROWS,), (_ROWS[None],))


def _sum(x: Any) -> Any:
    return ops.sum(x, None if x.ndim == 1 else x.ndim - 1, keepdims=True)


def _along(axis: int) -> tuple[Lemma, ...]:
    """What holds of softmax along an axis: along rows, and for those who write a batch as columns."""

    def sum_(x: Any) -> Any:
        return _sum(x) if axis == -1 else ops.sum(x, axis, keepdims=True)

    def others_first(p: Any, g: Any, b: Any) -> Any:
        top = one_hot_argmax(p, axis)
        rest = [ops.sum(ops.where(top, 0, x), axis, keepdims=True) for x in (p, g)]
        return ops.where(top, g * rest[0] - p * rest[1], b)

    def from_largest(z: Any, g: Any) -> Any:
        p = ops.softmax(z, axis)
        d = g - ops.sum(ops.where(one_hot_argmax(p, axis), g, 0), axis, keepdims=True)
        return p * (d - ops.sum(p * d, axis, keepdims=True))

    shapes = _ALL_SHAPES if axis == -1 else _ALL_SHAPES[1:]
    return (
        Lemma("as softmax(z) sums to 1, g may be measured from anywhere", from_largest,
              lambda z, g: ops.softmax(z, axis) * (g - sum_(ops.softmax(z, axis) * g)), tuple((x, x * x) for (x,) in shapes)),
        Lemma("at the largest p, g Σ_{j≠i} pⱼ − p Σ_{j≠i} gⱼ = g Σ p − p Σ g", others_first,
              lambda p, g, b: ops.where(one_hot_argmax(p, axis), g * sum_(p) - p * sum_(g), b),
              tuple((np.abs(x), x[..., ::-1], x * x) for (x,) in shapes)),
        Lemma("softmax(z) sums to 1", lambda z: sum_(ops.softmax(z, axis)), lambda _: 1, shapes),
        Lemma("softmax(z) sums to 1", lambda z: ops.sum(ops.softmax(z, axis), None if z.ndim == 1 else axis % z.ndim), lambda _: 1, shapes),
    )  # fmt: skip


LEMMAS = (
    *_along(-1), *_along(0),
    Lemma("the stable form of softmax(z) − one-hot(k)", lambda z, k: softmax_minus_one_hot(z, k),
          lambda z, k: ops.softmax(z) - one_hot(k, z.shape[-1]), ((_ROWS, _LABELS), (_ROWS[0], np.array(1)))),
    Lemma("eˣ / Σ eˣ = softmax(x)", lambda x: ops.exp(x) / _sum(ops.exp(x)), ops.softmax, _ALL_SHAPES),
    Lemma("eˣ / Σ eˣ = softmax(x)", lambda x: ops.exp(x) / ops.sum(ops.exp(x)), ops.softmax, _ALL_SHAPES[:1]),
    Lemma("a / y, and 0 where y = 0", lambda y: quotient(1, y), lambda y: 1 / y),
    Lemma("log x, and 0 where x = 0", lambda x: ops.log(ops.where(x == 0, 1, x)), ops.log, _POSITIVE),
    Lemma("b xᵇ⁻¹, and 0 where x = b = 0", lambda x, b: ops.where((x == 0) & (b == 0), 1, x), lambda x, _: x, _TWO),
    Lemma("1[x > 0] − 1[x < 0] = sign(x)", lambda x: ops.where(x > 0, 1, -ops.where(x < 0, 1, 0)), lambda x: ops.sign(x)),
    Lemma("cof A = det(A) A⁻ᵀ", lambda A: cofactors(A) / ops.det(A), lambda A: ops.transpose(ops.inv(A)), _SQUARE),
    Lemma("4 σ(2x) σ(−2x) = 1 − tanh² x", lambda x: 4 * ops.sigmoid(2 * x) * ops.sigmoid(-2 * x), lambda x: 1 - ops.tanh(x) ** 2),
    Lemma("σ(−x) = 1 − σ(x)", lambda x: ops.sigmoid(-x), lambda x: 1 - ops.sigmoid(x)),
)  # fmt: skip


def simplified(s: Symbol, definitions: tuple[Symbol, ...] = (), given: tuple[Lemma, ...] = ()) -> tuple[Symbol, list[str]]:
    """The expression in the form of the textbook, and the statements of the lemmas that were used.

    Where a product is the definition of one of the names `definitions`, the name is written; `given` are lemmas of the case at hand.

    >>> x = name("x", np.array([1., 2.]))
    >>> simplified(ops.sigmoid(x) * ops.sigmoid(-x))
    (<σ(x) ⊙ (1 − σ(x))>, ['σ(−x) = 1 − σ(x)'])
    """
    patterns = [found for symbol in definitions if (found := _definition(symbol))]  # first: they make the shortest expressions
    patterns += [found for lemma in (*given, *LEMMAS) for found in lemma.patterns]
    short = _until_none_applies(tidy(s), patterns)
    long = _until_none_applies(multiplied_out(short[0]), patterns)
    return (long[0], [*short[1], *long[1]]) if long[0].length < short[0].length else short


def _definition(symbol: Symbol) -> Any:
    """The pattern for which a name is written: its definition, if that is a product, and more than another name."""
    if symbol.pattern is None:
        total = as_sum(symbol.definition)  # type: ignore[arg-type]  # it has one
        trivial = len(total) != 1 or (len(total[0].factors) < 2 and all(f.op is None and e == 1 for f, e in total[0].factors))
        symbol.pattern = () if trivial else pattern(total[0], (), lambda: symbol)
    return symbol.pattern


def _until_none_applies(s: Symbol, patterns: list[Pattern]) -> tuple[Symbol, list[str]]:
    used: list[str] = []
    for _ in range(50):
        for wanted in patterns:
            if wanted.may_be_in(s) and (new := _rewritten(s, wanted)) is not s:
                if wanted.statement and wanted.statement not in used:
                    used.append(wanted.statement)
                s = tidy(new)
                break
        else:
            break
    return s, used


def _rewritten(s: Any, wanted: Pattern) -> Any:
    """The expression with the right side wherever the pattern is found; itself if it is nowhere."""
    if not wanted.may_be_in(s):
        return s
    inner = rebuilt(s, lambda part: _rewritten(part, wanted))
    if inner is not s:
        return inner
    total, found = [], False
    for product in as_sum(s):
        match = next(_matches(wanted.product, product, {v.key: None for v in wanted.variables}), None)
        new = None
        if match is not None:
            rest, bound = match
            new = tidy(written((rest,)) * as_symbol(wanted.right(*(bound[v.key] for v in wanted.variables))))
            found |= new.key != written((product,)).key  # a name is its own definition
        total.append((product, new))
    if not found:
        return s
    terms = [written((product,)) if new is None else new for product, new in total]
    y = terms[0]
    for part in terms[1:]:
        y = y + part
    return y if y.shape == s.shape else ops.broadcast_to(y, s.shape)


Bound = dict[bytes, Any]


def _matches(pattern: Product, target: Product, bound: Bound) -> Iterator[tuple[Product, Bound]]:
    """What is left of `target` when the factors of the pattern are taken away, and what the variables then are."""
    if not pattern.factors:
        yield target._replace(number=target.number / pattern.number), bound
        return
    (wanted, exponent), *others = pattern.factors
    for k, (factor, have) in enumerate(target.factors):
        if have * exponent < 0 or abs(have) < abs(exponent):
            continue
        for more in _unified(wanted, factor, bound):
            rest = [*target.factors[:k], *([(factor, have - exponent)] if have != exponent else []), *target.factors[k + 1 :]]
            yield from _matches(pattern._replace(factors=tuple(others)), Product(target.number, tuple(rest)), more)


def _unified(pattern: Symbol, target: Symbol, bound: Bound) -> Iterator[Bound]:
    """What the variables of the pattern are if it is the target."""
    if pattern.key in bound:
        if bound[pattern.key] is None:
            yield {**bound, pattern.key: target}
        elif bound[pattern.key].key == target.key:
            yield bound
        return
    if pattern.key == target.key:
        yield bound
        return
    if not bound:  # without variables, only the same is found
        return
    if pattern.op is None:
        if pattern.is_number() and target.is_number() and pattern.data == target.data:
            yield bound
        return
    if target.definition is not None:
        yield from _unified(pattern, tidy(target.definition), bound)
        return
    if pattern.calls("negative") and not target.calls("negative"):  # −a − b is −(a + b)
        total = as_sum(target)
        if total and all(p.number < 0 for p in total):
            yield from _unified(pattern.args[0], written(tuple(p._replace(number=-p.number) for p in total)), bound)  # type: ignore[arg-type]
        return
    if target.op is not pattern.op or _options(target) != _options(pattern):
        return
    orders = [target.args, target.args[::-1]] if pattern.calls("add", "multiply") else [target.args]
    for args in orders:
        yield from _all_unified(pattern.args, args, bound)


def _options(s: Symbol) -> str:
    """The options, an axis counted from the end."""
    x, axis = s.args[0], s.options.get("axis")
    counted = {"axis": axis - x.ndim} if isinstance(axis, int) and axis >= 0 and x is not None else {}
    return str(s.options | counted)


def _all_unified(patterns: Any, targets: Any, bound: Bound) -> Iterator[Bound]:
    if not patterns:
        yield bound
        return
    if patterns[0] is None or targets[0] is None:
        if patterns[0] is targets[0]:
            yield from _all_unified(patterns[1:], targets[1:], bound)
        return
    for more in _unified(patterns[0], targets[0], bound):
        yield from _all_unified(patterns[1:], targets[1:], more)
