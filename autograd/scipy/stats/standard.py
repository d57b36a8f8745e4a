"""Families of standard formulas, and what is made of them, said once for all.

A family states its log-density on its support, for loc 0 and scale 1, its distribution function and their like, each by ops.  From that
come SciPy's functions, with SciPy's signatures: places and scales, what holds outside the support, logarithms and complements, moments.
All of it is made of ops, so it is differentiated in the data and in every parameter, to every order.  Conventions:

- outside the support the density is 0 and its logarithm −∞, and all derivatives are 0; at an end of it, they are those from inside;
- parameters out of range give NaN, as in SciPy; they give NaN as their derivatives too;
- float32 stays float32.
"""

from __future__ import annotations

from math import inf, nan
from typing import TYPE_CHECKING, Any

import numpy as np

from ... import ops
from ...numpy.keywords import fixed, may_hold, plain
from ...op import parameters
from .distribution import Distribution, common, names
from .quantile import found_by, quantile_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Formula = Callable[..., Any]
    Support = tuple[float, float] | Callable[..., tuple[Any, Any]]

__all__ = ["Continuous", "Discrete", "Univariate", "log_of_smaller", "positive", "times_log"]


def positive(*shapes: Any) -> Any:
    """Whether all are above 0: what most families want of their shape parameters.

    >>> positive(1.0, np.array([2.0, -1.0]))
    array([ True, False])
    """
    valid: Any = np.True_
    for a in shapes:
        valid = valid & (a > 0)
    return valid


def log_of_smaller(part: Any, rest: Any) -> Any:
    """log of `part`, of two numbers whose sum is 1: from the smaller one, which has the digits.

    >>> log_of_smaller(np.array([0.25, 1.0]), np.array([0.75, 1e-20]))
    array([-1.38629436e+00, -1.00000000e-20])
    """
    small = plain(part) < 0.5
    return ops.where(small, ops.log(ops.where(small, part, 0.5)), ops.log1p(-ops.where(small, 0.5, rest)))


def _log(part: Formula, rest: Formula) -> Formula:
    return lambda z, *shapes: log_of_smaller(part(z, *shapes), rest(z, *shapes))


def _mirrored(formula: Formula) -> Formula:
    return lambda z, *shapes: formula(-z, *shapes)


def _negative(formula: Formula) -> Formula:
    return lambda q, *shapes: -formula(q, *shapes)


def times_log(k: Any, log: Any) -> Any:
    """The product of a number and a logarithm: log uᵏ, which is 0 where k is 0, also for u = 0.

    >>> times_log(np.array([0.0, 2.0]), np.array([-inf, 1.0]))
    array([0., 2.])
    """
    return k * _but((plain(k) == 0) & np.isinf(plain(log)), 0.0, log)


def _but(mask: Any, other: Any, y: Any) -> Any:
    """y, and `other` where the mask holds."""
    return ops.where(mask, other, y) if may_hold(mask) else y


def _known(valid: Any, y: Any) -> Any:
    """y, and NaN where the parameters are out of range, as value and as derivative."""
    return y * np.where(valid, 1.0, nan).astype(y.dtype) if may_hold(np.logical_not(valid)) else y


def _density(log: Formula, edge: Formula | None) -> Formula:
    """exp of a logarithm; where that is −∞, and so has no derivative, a product of powers, `edge`, instead."""

    def density(z: Any, *shapes: Any) -> Any:
        y = log(z, *shapes)
        lost = np.isinf(plain(y))
        if edge is None or not may_hold(lost):
            return ops.exp(y)
        there = [ops.where(lost, a, 1 / 2 if a is z else 1.0) for a in (z, *shapes)]
        product = edge(*there)
        product = _but(np.isnan(plain(product)), 0.0, product)  # 0·∞ is the power of 0, beside a constant that overflows
        return ops.where(lost, product, ops.exp(ops.where(lost, 0.0, y)))

    return density


class Univariate(Distribution):
    """A family of single numbers: its parameters are the shapes, which `log` names after the number, and then the `places`, as loc.

    `valid` says of shapes whether they are in range; the `support` is two ends, or a function of the shapes that gives them.

    >>> Univariate("box", "The same everywhere.", lambda z, size: 0 * z, ["loc=0"], lambda size: (0, size), positive).parameters
    ['size', 'loc=0']
    """

    data = "x"
    whole: frozenset[str] = frozenset()  # what has no derivative

    def __init__(self, name: str, doc: str, log: Formula, places: Sequence[str], support: Support, valid: Formula) -> None:
        self.shapes = parameters(log)[1:]
        super().__init__(name, doc, [*self.shapes, *places])
        self.support, self.valid = support, valid

    def _values(self, name: str, *values: Any) -> tuple[Any, ...]:
        """Data (or none), shapes and places as numbers of one type, and whether the parameters are in range."""
        name, first = f"{self.name}.{name}", len(values) - len(self.parameters)
        named = dict(zip([self.data] * first + names(self.parameters), values, strict=True))
        named |= fixed(name, **{k: a for k, a in named.items() if k in self.whole})
        found = common(name, **named)
        return *found, self.valid(*map(plain, found[first : first + len(self.shapes)]))

    def _ends(self, shapes: Sequence[Any]) -> tuple[Any, Any]:
        return self.support(*map(plain, shapes)) if callable(self.support) else self.support

    def _moment(self, name: str, formula: Formula | None, placed: Formula) -> None:
        """Offer a number that belongs to the parameters alone."""

        def value(*given: Any) -> Any:
            *found, valid = self._values(name, *given)
            shapes, places = found[: len(self.shapes)], found[len(self.shapes) :]
            return _known(valid, placed(formula(*shapes), *places))  # type: ignore[misc]

        self._offer(name, self.parameters, formula and value)


class Continuous(Univariate):
    """A family with a density, of standard formulas in z = (x − loc)/scale and its shape parameters.

    `log` is the logarithm of the standard density; its parameters after the first name the shapes.  `edge` is the same density as a product
    of powers, used where one of them is 0.  Quantiles are formulas, or plain functions that find them, `find_ppf` and `find_isf`.  A
    `symmetric` family needs only half of all that.  The `support` is closed unless `open`.

    >>> triangle = Continuous("triangle", "Falls from 2 to 0.", log=lambda z: ops.log(2 * (1 - z)), support=(0, 1))
    >>> triangle.pdf(np.array([-1.0, 0.0, 2.5]), scale=5.0)
    array([0. , 0.4, 0.2])
    """

    def __init__(
        self,
        name: str,
        doc: str,
        *,
        log: Formula,
        edge: Formula | None = None,
        cdf: Formula | None = None,
        sf: Formula | None = None,
        logcdf: Formula | None = None,
        logsf: Formula | None = None,
        ppf: Formula | None = None,
        isf: Formula | None = None,
        find_ppf: Formula | None = None,
        find_isf: Formula | None = None,
        mean: Formula | None = None,
        var: Formula | None = None,
        entropy: Formula | None = None,
        support: Support = (-inf, inf),
        open: bool = False,
        symmetric: bool = False,
        valid: Formula = positive,
    ) -> None:
        super().__init__(name, doc, log, ["loc=0", "scale=1"], support, valid)
        self.open = open
        density = _density(log, edge)
        if find_ppf is not None and cdf is not None:
            ppf = _inverse(find_ppf, cdf, density)
        if find_isf is not None and sf is not None:
            isf = _inverse(find_isf, sf, _negative(density))
        if symmetric:
            sf = cdf and _mirrored(cdf)
            logsf = logcdf and _mirrored(logcdf)
            isf = ppf and _negative(ppf)
        if cdf is not None and sf is not None:
            logcdf, logsf = logcdf or _log(cdf, sf), logsf or _log(sf, cdf)
        self._on_support("pdf", density, 0.0, 0.0, lambda y, scale: y / scale)
        self._on_support("logpdf", log, -inf, -inf, lambda y, scale: y - ops.log(scale))
        self._on_support("cdf", cdf, 0.0, 1.0)
        self._on_support("sf", sf, 1.0, 0.0)
        self._on_support("logcdf", logcdf, -inf, 0.0)
        self._on_support("logsf", logsf, 0.0, -inf)
        for given, formula in ("ppf", ppf), ("isf", isf):
            self._offer(given, ["q", *self.parameters], formula and self._quantile(given, formula))
        self._moment("mean", mean, lambda m, loc, scale: loc + scale * m)
        self._moment("var", var, lambda v, loc, scale: v * scale**2 + 0 * loc)  # of the shape that loc gives it
        self._moment("std", var, lambda v, loc, scale: ops.sqrt(v) * scale + 0 * loc)
        self._moment("entropy", entropy, lambda h, loc, scale: h + ops.log(scale) + 0 * loc)
        self._offer("median", self.parameters, ppf and (lambda *given: self.ppf(0.5, *given)))

    def _values(self, name: str, *values: Any) -> tuple[Any, ...]:
        *found, scale, valid = super()._values(name, *values)
        return *found, scale, valid & (plain(scale) > 0)

    def _on_support(self, name: str, formula: Formula | None, below: float, above: float, scaled: Any = None) -> None:
        """Offer a function of x: `formula` on the support, constant below and above it."""

        def value(*given: Any) -> Any:
            x, *shapes, loc, scale, valid = self._values(name, *given)
            z = _known(valid, (x - loc) / scale)
            low, high = self._ends(shapes)
            at = plain(z)
            left, right = (at <= low if self.open else at < low) | (at == -inf), (at > high) | (at == inf)
            z = _but(left | right, _inner_point(low, high).astype(z.dtype), z)  # where the formula is at home
            y = formula(z, *shapes)  # type: ignore[misc]
            y = y if scaled is None else scaled(y, scale)
            return _known(valid, _but(right, above, _but(left, below, y)))

        self._offer(name, ["x", *self.parameters], formula and value)

    def _quantile(self, name: str, formula: Formula) -> Formula:
        def value(*given: Any) -> Any:
            q, *shapes, loc, scale, valid = self._values(name, *given)
            at = plain(q)
            return _known(valid & (at >= 0) & (at <= 1), loc + scale * formula(q, *shapes))

        return value


def _inverse(find: Formula, probability: Formula, slope: Formula) -> Formula:
    return lambda q, *shapes: quantile_of([q, *shapes], find=find, probability=probability, slope=slope)


def _inner_point(low: Any, high: Any) -> Any:
    """A number between two, or well beside the one that is finite."""
    middle = np.add(low, high) / 2
    beside = np.where(np.isfinite(low), np.add(low, 1), np.where(np.isfinite(high), np.subtract(high, 1), 0))
    return np.where(np.isfinite(middle), middle, beside)


class Discrete(Univariate):
    """A family on whole numbers, of standard formulas in k − loc and its shape parameters: `log` is the logarithm of the probability of k.

    The data and `loc` are whole numbers, and have no derivative; nor have the shape parameters called `whole`.  Quantiles are constant.

    >>> coin = Discrete("coin", "Head or tail.", log=lambda k: ops.log(0.5 + 0 * k), cdf=lambda k: (k + 1) / 2, sf=lambda k: (1 - k) / 2,
    ...                 support=(0, 1))
    >>> coin.pmf(np.array([0, 1, 2])), coin.ppf(0.7)
    (array([0.5, 0.5, 0. ]), np.float64(1.0))
    """

    data = "k"

    def __init__(
        self,
        name: str,
        doc: str,
        *,
        log: Formula,
        cdf: Formula,
        sf: Formula,
        edge: Formula | None = None,
        logcdf: Formula | None = None,
        logsf: Formula | None = None,
        mean: Formula | None = None,
        var: Formula | None = None,
        entropy: Formula | None = None,
        support: Support = (0, inf),
        whole: Sequence[str] = (),
        valid: Formula = positive,
    ) -> None:
        super().__init__(name, doc, log, ["loc=0"], support, valid)
        self.whole = frozenset({"k", "loc", *whole})
        logcdf, logsf = logcdf or _log(cdf, sf), logsf or _log(sf, cdf)
        self._on_support("pmf", _density(log, edge), 0.0)
        self._on_support("logpmf", log, -inf)
        self._up_to("cdf", cdf, 0.0, 1.0)
        self._up_to("sf", sf, 1.0, 0.0)
        self._up_to("logcdf", logcdf, -inf, 0.0)
        self._up_to("logsf", logsf, 0.0, -inf)
        self._offer("ppf", ["q", *self.parameters], self._quantile("ppf", lambda q, k, *shapes: cdf(k, *shapes) >= q))
        self._offer("isf", ["q", *self.parameters], self._quantile("isf", lambda q, k, *shapes: sf(k, *shapes) <= q))
        self._offer("median", self.parameters, lambda *given: self.ppf(0.5, *given))
        self._moment("mean", mean, lambda m, loc: m + loc)
        self._moment("var", var, lambda v, loc: v + 0 * loc)
        self._moment("std", var, lambda v, loc: ops.sqrt(v) + 0 * loc)
        self._moment("entropy", entropy, lambda h, loc: h + 0 * loc)

    def _on_support(self, name: str, formula: Formula, outside: float) -> None:
        """Offer a function of single numbers k, constant where there is no probability."""

        def value(*given: Any) -> Any:
            k, *shapes, loc, valid = self._values(name, *given)
            low, high = self._ends(shapes)
            k = _known(valid, k - loc)
            off = (k < low) | (k > high) | ((k != np.floor(k)) & ~np.isnan(k)) | np.isinf(k)
            return _known(valid, _but(off, outside, formula(_but(off, low, k), *shapes)))

        self._offer(name, ["k", *self.parameters], value)

    def _up_to(self, name: str, formula: Formula, below: float, above: float) -> None:
        """Offer a function of all numbers up to k."""

        def value(*given: Any) -> Any:
            k, *shapes, loc, valid = self._values(name, *given)
            low, high = self._ends(shapes)
            k = _known(valid, np.floor(k - loc))
            left, right = k < low, k >= high
            return _known(valid, _but(right, above, _but(left, below, formula(_but(left | right, low, k), *shapes))))

        self._offer(name, ["k", *self.parameters], value)

    def _quantile(self, name: str, reached: Formula) -> Formula:
        """The least k for which `reached` holds, by doubling and then halving the distance; a plain number, for it has no slope."""

        def find(valid: Any, *values: Any) -> Any:
            q, *shapes = (np.asarray(a, np.float64) for a in values)
            low, high = self._ends(shapes)
            least, most = (0, 1) if name == "ppf" else (1, 0)
            far = np.minimum(high, 2.0**53)
            q, below, above, far = np.broadcast_arrays(_but(~valid, nan, q), *np.broadcast_arrays(low - 1.0, low + 0.0, far, *shapes)[:3])

            def enough(k: Any) -> Any:
                return reached(q, k, *shapes) | (k >= far) | np.isnan(q)

            while not (done := enough(above)).all():
                below, above = np.where(done, below, above), np.where(done, above, np.minimum(2 * above + 1, far))
            while (apart := above - below > 1).any():
                middle = np.where(apart, np.floor((below + above) / 2), above)
                done = enough(middle)
                below, above = np.where(done, below, middle), np.where(done, middle, above)
            return np.select([~((q >= 0) & (q <= 1)), q == least, q == most], [nan, low - 1.0, high], above)

        def value(*given: Any) -> Any:
            *values, loc, valid = self._values(name, *given)
            return found_by([valid, *map(plain, values)], find) + plain(loc)

        return value
