"""Derivatives for functions of your own, written as for HIPS autograd; each becomes an op in the table.

`autograd.elementwise`, `multilinear` and `general` are the shorter way, and give forward mode, higher orders and checks from one formula.
This room is for code that has been written already, and for functions whose derivative is no formula of ops.

>>> import numpy as np
>>> from autograd import grad
>>> @primitive
... def cube(x):
...     return x ** 3
>>> defvjp(cube, lambda ans, x: lambda g: g * 3 * x**2)
>>> grad(cube)(2.0), grad(grad(cube))(2.0)
(np.float64(12.0), np.float64(12.0))
"""

from __future__ import annotations

import functools
from itertools import count
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from .op import TABLE, General, Traced
from .tracer import getval
from .tree import leaves

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

__all__ = ["def_linear", "defjvp", "defjvp_argnum", "defvjp", "defvjp_argnum", "defvjp_argnums", "notrace_primitive", "primitive"]


class _Call(NamedTuple):
    """The arguments of one call, and which of them are traced."""

    places: tuple[int, ...]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]

    def __repr__(self) -> str:
        return f"arguments {', '.join(map(str, self.places))}"

    def filled(self, arrays: Sequence[Any]) -> list[Any]:
        """All positional arguments, with `arrays` in the traced places."""
        args = list(self.args)
        for place, a in zip(self.places, arrays, strict=True):
            args[place] = a
        return args


class _Op(General):
    """The op of a primitive: its forward mode is the user's, where one is given."""

    primitive: primitive

    def describe_rule(self, i: int) -> str:
        """Which rule is meant: arguments are counted among those that are traced."""
        return f"derivative of {self.name} with respect to its traced argument {i}, as defvjp or defjvp gives it"

    def make_push(self, i: int, places: dict[str, str]) -> Callable[..., Any]:  # noqa: ARG002  # all arrays are saved, and then y
        """The tangent by the user's `defjvp`, or None."""

        def push(node: Any, saved: Any, t: Any) -> Any:
            call: _Call = node.options["call"]
            jvp = self.primitive.jvp(call.places[i])
            *arrays, y = saved
            if jvp is None:
                return None
            tangent = jvp(t, y, *call.filled(arrays), **call.kwargs)
            if not hasattr(tangent, "shape"):
                raise TypeError(
                    f"{self.name}: defjvp for argument {call.places[i]} gave {tangent!r}, wanted an array of shape {node.shape}"
                )
            return tangent

        return push


class primitive:  # noqa: N801  # HIPS autograd's name
    """A function that is not looked into: on Tensors it is one op, whose derivatives `defvjp` and `defjvp` give.

    Positional arguments may be traced; keyword arguments are options.  Without `defjvp`, forward mode transposes the rule of `defvjp`.

    >>> @primitive
    ... def scaled(x, factor=1.0):
    ...     return factor * x
    >>> defvjp(scaled, lambda ans, x, factor=1.0: lambda g: factor * g)
    >>> from autograd import grad
    >>> grad(scaled)(2.0, factor=5.0)
    np.float64(5.0)
    """

    __name__: str

    def __init__(self, fun: Callable[..., Any]) -> None:
        functools.update_wrapper(self, fun)
        self.__name__ = getattr(fun, "__name__", type(fun).__name__)
        self.fun = fun
        self.vjps: dict[int, Callable[..., Any] | None] = {}
        self.jvps: dict[int, Callable[..., Any]] = {}
        self.vjp_of_any: Callable[..., Any] | None = None
        self.jvp_of_any: Callable[..., Any] | None = None

        def forward(arrays: Any, /, call: _Call) -> Any:
            return fun(*call.filled(arrays), **call.kwargs)

        def rule(g: Any, arrays: Any, y: Any, i: int, call: _Call) -> Any:
            return self._pull(g, y, call, call.filled(arrays), call.places[i])

        name, module = self.__name__, getattr(fun, "__module__", None) or "builtins"
        taken = TABLE.get(name)
        forward.__name__ = name if taken is None or taken.__module__ == module else f"{module}.{name}"
        forward.__module__, forward.__doc__ = module, fun.__doc__
        self.op = _Op(forward, (rule,), variadic=True)
        self.op.primitive = self

    def __repr__(self) -> str:
        return f"<primitive {self.__name__}>"

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        return self if instance is None else functools.partial(self, instance)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the function, as one op where an argument is traced."""
        places = tuple(k for k, a in enumerate(args) if isinstance(a, Traced))
        inner = [a for a in (*args, *kwargs.values()) if not isinstance(a, Traced)]
        if any(isinstance(leaf, Traced) for leaf in leaves(inner)) or any(isinstance(a, Traced) for a in kwargs.values()):
            raise TypeError(f"{self.__name__}: a Tensor in a container or a keyword would cut the graph; pass it as a positional argument")
        if not places:
            return self.fun(*args, **kwargs)
        return self.op([args[k] for k in places], call=_Call(places, tuple(None if k in places else a for k, a in enumerate(args)), kwargs))

    def jvp(self, argnum: int) -> Callable[..., Any] | None:
        """(t, ans, *args, **kwargs) ↦ the tangent that comes from argument `argnum`, if it was given."""
        of_any = self.jvp_of_any
        if argnum in self.jvps or of_any is None:
            return self.jvps.get(argnum)
        return lambda t, ans, *args, **kwargs: of_any(argnum, t, ans, args, kwargs)

    def _pull(self, g: Any, y: Any, call: _Call, args: list[Any], argnum: int) -> Any:
        if argnum in self.vjps:
            maker = self.vjps[argnum]
            a = args[argnum]
            return np.zeros(a.shape, a.dtype) if maker is None else maker(y, *args, **call.kwargs)(g)
        if self.vjp_of_any is None:
            raise NotImplementedError(
                f"{self.__name__}: no derivative with respect to argument {argnum}; "
                f"give it by defvjp({self.__name__}, …, argnums=[{argnum}])"
            )
        return self.vjp_of_any(argnum, y, tuple(args), call.kwargs)(g)


def notrace_primitive(fun: Callable[..., Any]) -> Callable[..., Any]:
    """A function without derivatives: on Tensors it sees, and gives, plain values.

    >>> from autograd import Tensor
    >>> notrace_primitive(lambda x: float(x) > 1)(Tensor(2.0, requires_grad=True))
    True
    """

    @functools.wraps(fun)
    def untraced(*args: Any, **kwargs: Any) -> Any:
        return fun(*map(getval, args), **{name: getval(a) for name, a in kwargs.items()})

    return untraced


def _check(fun: Any, name: str) -> None:
    if not isinstance(fun, primitive):
        raise TypeError(f"{name}: got {fun!r}, wanted a function decorated with @primitive")


def defvjp(fun: primitive, *vjpmakers: Callable[..., Any] | None, argnums: Iterable[int] | None = None) -> None:
    """Give the derivatives of a primitive: for each argument, (ans, *args) ↦ (g ↦ gᵀ J); None where the derivative is 0.

    `argnums` says which arguments are meant, by default the first ones.

    >>> @primitive
    ... def scale(x, a):
    ...     return a * x
    >>> defvjp(scale, lambda ans, x, a: lambda g: a * g, lambda ans, x, a: lambda g: (g * x).sum())
    >>> from autograd import grad
    >>> grad(scale, 1)(2.0, 3.0)
    np.float64(2.0)
    """
    _check(fun, "defvjp")
    for argnum, maker in zip(count() if argnums is None else argnums, vjpmakers, strict=False):
        if maker is not None and not callable(maker):
            raise TypeError(f"defvjp: for argument {argnum} got {maker!r}, wanted a function (ans, *args) -> (g -> cotangent), or None")
        fun.vjps[argnum] = maker


def defvjp_argnum(fun: primitive, vjpmaker: Callable[..., Any]) -> None:
    """Give all derivatives of a primitive by one function, (argnum, ans, args, kwargs) ↦ (g ↦ gᵀ J).

    >>> @primitive
    ... def total(*numbers):
    ...     return sum(numbers)
    >>> defvjp_argnum(total, lambda argnum, ans, args, kwargs: lambda g: g)
    >>> from autograd import grad
    >>> grad(total, 2)(1.0, 2.0, 3.0)
    np.float64(1.0)
    """
    _check(fun, "defvjp_argnum")
    fun.vjp_of_any = vjpmaker


def defvjp_argnums(fun: primitive, vjpmaker: Callable[..., Any]) -> None:
    """Give all derivatives of a primitive by one function, (argnums, ans, args, kwargs) ↦ (g ↦ a cotangent for each of argnums).

    >>> @primitive
    ... def product(a, b):
    ...     return a * b
    >>> defvjp_argnums(product, lambda argnums, ans, args, kwargs: lambda g: [g * args[1 - k] for k in argnums])
    >>> from autograd import grad
    >>> grad(product)(2.0, 3.0)
    np.float64(3.0)
    """
    _check(fun, "defvjp_argnums")
    fun.vjp_of_any = lambda argnum, *rest: lambda g: next(iter(vjpmaker((argnum,), *rest)(g)))


def defjvp(fun: primitive, *jvpfuns: Callable[..., Any] | str | None, argnums: Iterable[int] | None = None) -> None:
    """Give the forward derivatives of a primitive: for each argument, (t, ans, *args) ↦ J t; "same" where it is linear; None for 0.

    >>> @primitive
    ... def doubled(x):
    ...     return 2 * x
    >>> defjvp(doubled, "same")
    >>> from autograd import make_jvp
    >>> make_jvp(doubled)(1.0)(10.0)
    (np.float64(2.0), np.float64(20.0))
    """
    _check(fun, "defjvp")
    for argnum, jvp in zip(count() if argnums is None else argnums, jvpfuns, strict=False):
        if jvp == "same":
            fun.jvps[argnum] = functools.partial(_same, fun, argnum)
        elif jvp is None:
            fun.jvps[argnum] = lambda _, ans, *args, **kwargs: np.zeros(ans.shape, ans.dtype)  # noqa: ARG005
        elif callable(jvp):
            fun.jvps[argnum] = jvp
        else:
            raise TypeError(f"defjvp: for argument {argnum} got {jvp!r}, wanted a function (t, ans, *args) -> tangent, 'same' or None")


def defjvp_argnum(fun: primitive, jvp: Callable[..., Any]) -> None:
    """Give all forward derivatives of a primitive by one function, (argnum, t, ans, args, kwargs) ↦ J t.

    >>> @primitive
    ... def added(a, b):
    ...     return a + b
    >>> defjvp_argnum(added, lambda argnum, t, ans, args, kwargs: t)
    >>> from autograd import make_jvp
    >>> make_jvp(added)(1.0, 2.0)(10.0)
    (np.float64(3.0), np.float64(10.0))
    """
    _check(fun, "defjvp_argnum")
    fun.jvp_of_any = jvp


def def_linear(fun: primitive) -> None:
    """Say that a primitive is linear in each of its arguments: it is its own forward derivative.

    >>> @primitive
    ... def times(a, b):
    ...     return a * b
    >>> def_linear(times)
    >>> from autograd import make_jvp
    >>> make_jvp(times)(2.0, 3.0)(1.0)
    (np.float64(6.0), np.float64(3.0))
    """
    _check(fun, "def_linear")
    fun.jvp_of_any = lambda argnum, t, ans, args, kwargs: _same(fun, argnum, t, ans, *args, **kwargs)


def _same(fun: primitive, argnum: int, t: Any, _ans: Any, *args: Any, **kwargs: Any) -> Any:
    return fun(*args[:argnum], t, *args[argnum + 1 :], **kwargs)
