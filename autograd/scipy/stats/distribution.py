"""What a distribution is: functions of the data and of parameters, with SciPy's names and signatures."""

from __future__ import annotations

import inspect
import numbers
from typing import TYPE_CHECKING, Any

import numpy as np

from ... import ops
from ...misuse import wrong_arguments
from ...numpy.keywords import as_value, fixed
from ...op import Traced, as_array

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Formula = Callable[..., Any]

__all__ = ["Distribution", "Frozen", "Joint", "Method", "common", "names"]

TEXTS = {
    "pdf": "The density at x.",
    "logpdf": "The logarithm of the density at x.",
    "pmf": "The probability of k.",
    "logpmf": "The logarithm of the probability of k.",
    "cdf": "The probability of at most so much.",
    "sf": "The probability of more: 1 − cdf, with all its digits.",
    "logcdf": "The logarithm of the probability of at most so much.",
    "logsf": "The logarithm of the probability of more.",
    "ppf": "The quantile: where cdf is q, or the first whole number that has at least q.",
    "isf": "The quantile from above: where sf is q, or the first whole number that leaves at most q.",
    "mean": "The mean.",
    "var": "The variance.",
    "std": "The standard deviation.",
    "cov": "The covariances.",
    "median": "The median.",
    "entropy": "The entropy, in nats: the mean of minus the logarithm of the density.",
}
"""What each method gives."""


class Method:
    """A function of a distribution, with the signature that SciPy gives it.

    >>> from autograd.scipy.stats import norm
    >>> norm.logpdf(1.0, scale=2.0).round(6)
    np.float64(-1.737086)
    >>> norm.logpdf(1.0, sigma=2.0)
    Traceback (most recent call last):
    TypeError: norm.logpdf: got an unexpected keyword argument 'sigma'; call it as norm.logpdf(x, loc=0, scale=1)
    """

    def __init__(self, name: str, parameters: Sequence[str], compute: Formula, doc: str) -> None:
        self.name = self.__name__ = self.__qualname__ = name
        self.__doc__ = doc
        self.__wrapped__ = eval(f"lambda {', '.join(parameters)}: ({', '.join(names(parameters))},)")  # noqa: S307  # made of names only
        self.__wrapped__.__name__ = self.__wrapped__.__qualname__ = name
        self.compute = compute

    def bind(self, *args: Any, **named: Any) -> tuple[Any, ...]:
        """The arguments of a call, in order, with the defaults of those that were left out."""
        try:
            return self.__wrapped__(*args, **named)  # type: ignore[no-any-return]
        except TypeError as error:
            raise wrong_arguments(self, error, named) from None  # type: ignore[arg-type]  # it has a name and a signature, as an op has

    def __call__(self, *args: Any, **named: Any) -> Any:
        values = self.bind(*args, **named)
        with np.errstate(all="ignore"):  # the formulas meet 0, ∞ and NaN where these are what is meant
            y = self.compute(*values)
        return y if isinstance(y, Traced) else np.asarray(y)[()]

    def __repr__(self) -> str:
        return f"<{self.name}{inspect.signature(self.__wrapped__)}>"


def names(parameters: Sequence[str]) -> list[str]:
    """Parameters without their defaults.

    >>> names(["x", "loc=0"])
    ['x', 'loc']
    """
    return [p.partition("=")[0] for p in parameters]


class Distribution:
    """A family of distributions; called with parameters, one of them, `Frozen`.

    >>> from autograd import grad
    >>> from autograd.scipy.stats import gamma
    >>> grad(gamma.logpdf, 1)(2.0, 3.0).round(6)
    np.float64(-0.229637)
    >>> gamma(3.0, scale=2.0).mean()
    np.float64(6.0)
    """

    def __init__(self, name: str, doc: str, parameters: Sequence[str]) -> None:
        self.name = name
        self.__doc__ = doc
        self.__module__ = __package__  # where pickle finds it
        self.parameters = list(parameters)
        self.methods: list[str] = []

    def _offer(self, name: str, parameters: Sequence[str], compute: Formula | None) -> None:
        """Make a function a method."""
        if compute is not None:
            setattr(self, name, Method(f"{self.name}.{name}", parameters, compute, f"{TEXTS[name]}\n\n{self.__doc__}"))
            self.methods.append(name)

    def rvs(self, *args: Any, **named: Any) -> Any:
        """Random numbers, drawn by SciPy: plain ones, which know of no derivative, and so refuse parameters whose derivative is followed.

        >>> from autograd.scipy.stats import norm
        >>> norm.rvs(5.0, size=3, random_state=0).shape
        (3,)
        """
        from scipy import stats

        name = f"{self.name}.rvs"
        args = tuple(fixed(name, **{f"argument {k}": a for k, a in enumerate(args)}).values())
        return getattr(stats, self.name).rvs(*args, **fixed(name, **named))

    def __call__(self, *args: Any, **named: Any) -> Frozen:
        return Frozen(self, args, named)

    def __repr__(self) -> str:
        return f"<distribution {self.name}({', '.join(self.parameters)})>"

    def __reduce__(self) -> str:
        return self.name

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        advice = f"scipy.stats.{self.name}.{name} may have it, for plain arrays"
        raise AttributeError(f"{self.name} has no .{name} that is differentiated, only {', '.join(sorted(self.methods))}; {advice}")


class Frozen:
    """A distribution with its parameters: its methods want the data only.

    >>> from autograd.scipy.stats import norm
    >>> norm(0.0, 2.0).cdf(0.0)
    np.float64(0.5)
    """

    def __init__(self, family: Any, args: tuple[Any, ...], named: dict[str, Any]) -> None:
        getattr(family, family.methods[0]).bind(None, *args, **named)  # a wrong name is an error here, not later
        self.family, self.args, self.named = family, args, named

    def __repr__(self) -> str:
        given = [*map(repr, self.args), *(f"{k}={a!r}" for k, a in self.named.items())]
        return f"<distribution {self.family.name}({', '.join(given)})>"

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self.family.methods]

    def __getattr__(self, name: str) -> Any:
        if name in ("family", "args", "named"):  # of one that is being made, by copy or pickle
            raise AttributeError(name)
        method = getattr(self.family, name)
        return lambda *data, **named: method(*data, *self.args, **self.named, **named)


def common(name: str, **values: Any) -> list[Any]:
    """The values as arrays, or Tensors, of one floating-point type: that of those which are no Python numbers.

    >>> common("norm.pdf", x=np.float32(1.0), loc=0, scale=1)
    [array(1., dtype=float32), array(0., dtype=float32), array(1., dtype=float32)]
    """
    held: dict[str, Any] = {k: a if type(a) in (int, float) else as_value(a) for k, a in values.items()}
    for k, a in held.items():
        if (kind := np.dtype(getattr(a, "dtype", float))).kind not in "biuf":
            raise TypeError(f"{name}: {k} has dtype {kind}, wanted real numbers")
    weak: list[Any] = [a if isinstance(a, numbers.Number) else a.dtype for a in held.values()]
    dtype = np.result_type(*weak)
    if dtype.kind != "f":
        dtype = np.dtype(np.float64)
    return [_cast(a, dtype) for a in held.values()]


def _cast(a: Any, dtype: np.dtype[Any]) -> Any:
    if isinstance(a, Traced):
        return a if a.data.dtype == dtype and not isinstance(a, numbers.Number) else ops.astype(a, dtype)
    return as_array(a, dtype)


class Joint(Distribution):
    """A family of vectors or matrices: its functions, whose own signatures are SciPy's.  The first is a density.

    >>> def logpdf(x, radius=1):
    ...     return ops.where((x * x).sum(-1) < radius * radius, -ops.log(np.pi * radius * radius), -np.inf)
    >>> Joint("disc", "The same everywhere on a disc.", logpdf=logpdf).logpdf(np.zeros(2), radius=1.0).round(6)
    np.float64(-1.14473)
    """

    def __init__(self, name: str, doc: str, **functions: Formula) -> None:
        signatures = {method: _plain_signature(formula) for method, formula in functions.items()}
        super().__init__(name, doc, next(iter(signatures.values()))[1:])
        for method, formula in functions.items():
            self._offer(method, signatures[method], formula)


def _plain_signature(f: Formula) -> list[str]:
    return [p.name if p.default is p.empty else f"{p.name}={p.default!r}" for p in inspect.signature(f).parameters.values()]
