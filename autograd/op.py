"""What an op is.

An op is data: one forward function in NumPy and, for each of its array arguments, one *rule*: the derivative, written as the formula of a
textbook.  Everything else in the library is a reading of that table.  A rule's parameter names say what it needs, and so what a recorded
call keeps alive:

- the op's own arguments, arrays and options alike (`x`, or `a` and `b`; `axis`, `keepdims`);
- `y`, the op's output;
- `g`, the cotangent that arrives at the output (for an op with several outputs: a tuple);
- `i`, which of its arrays is meant, in an op that takes a sequence of them (whose own name means all of them);
- `in_shape`, the shape of the argument that the rule is for, and `in_shapes`, the shapes of all.

Rules call the project's own ops, which compute on plain arrays and are recorded on anything `Traced`: so the same line gives numbers,
and graphs of derivatives to any order.
"""

from __future__ import annotations

import linecache
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, overload

import numpy as np

from .misuse import failed_call, wrong_arguments, wrong_option

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from .tensor import Tensor

__all__ = [
    "TABLE", "Constant", "General", "Multilinear", "Op", "Traced", "as_array", "call", "constant", "general", "multilinear",
    "operand", "parameters", "plain_array",
]  # fmt: skip

TABLE: dict[str, Op] = {}
"""Every op, by name: to be in it is to be tested, drawn and documented."""

RESERVED = frozenset({"y", "g", "i", "in_shape", "in_shapes"})
PLAIN: frozenset[type] = frozenset({
    np.ndarray, float, int, bool, complex, type(None), *(t for t in np.sctypeDict.values() if np.dtype(t).kind in "biufc"),
})  # fmt: skip
"""The types that ops compute on directly."""


NUMBERS: frozenset[type] = frozenset({float, int, bool, complex, type(None)})


def plain_array(a: Any, dtype: Any = None) -> np.ndarray:
    """`a` as a plain array; what would lose its meaning by that is refused.

    >>> plain_array(["a", "b"])
    array(['a', 'b'], dtype='<U1')
    """
    if isinstance(a, np.ma.MaskedArray):
        raise TypeError("got a masked array, whose mask would be lost; fill it first: a.filled(0)")
    if isinstance(a, np.matrix):
        raise TypeError("got an np.matrix, whose * is a matrix product, while ours is elementwise; give np.asarray(a), and use @")
    try:
        return np.asarray(a, dtype)
    except ValueError as error:
        if "inhomogeneous" not in str(error):
            raise
        raise ValueError(f"got a {type(a).__name__} of parts of different shapes, wanted rows of one length; pad or join them") from None


def as_array(a: Any, dtype: Any = None) -> np.ndarray:
    """`a` as a plain array of numbers or booleans: what a Tensor may hold, and be computed with.

    >>> as_array([1, 2])
    array([1, 2])
    """
    array = plain_array(a, dtype)
    if array.dtype.kind not in "biufc":
        raise TypeError(f"got data of dtype {array.dtype}, wanted numbers or booleans; {UNUSUAL.get(array.dtype.kind, 'convert it first')}")
    return array


UNUSUAL = {
    "O": "None, fractions, integers of more than 64 bits and the like are objects to NumPy: say dtype=float where it can convert them",
    "M": "count from an origin: (t - t[0]) / np.timedelta64(1, 's')",
    "m": "divide by a unit: t / np.timedelta64(1, 's')",
    "V": "name one field: a['field']",
}
"""What to do with data that are no numbers, by kind of dtype."""


class Traced:
    """A value on which an op is recorded rather than computed.  A `Tensor` is one."""

    __slots__ = ()

    @staticmethod
    def record(op: Op, args: tuple[Any, ...], options: Mapping[str, Any]) -> Any:
        """Apply `op` to `args`, at least one of which is of this type."""
        raise NotImplementedError

    @property
    def data(self) -> Any:
        """The values as a plain array; a value that has none, because it is only being traced, is its own data."""
        raise NotImplementedError

    @staticmethod
    def like(value: Any, other: Any) -> Any:
        """A value as an array, or a number, as `other` is one; at least one of them is of this type.  TypeError: none for a transform."""
        raise TypeError(f"got {value!r:.60} for {other!r:.60} in a transform, wanted numbers: symbols go through ops, not functions")


def operand(a: Any) -> Any:
    """What an op computes with: an array or, for a nested list that holds Tensors, one Tensor.

    >>> from autograd import Tensor
    >>> operand([Tensor(1.0, requires_grad=True), 2.0])
    Tensor([1., 2.], op=stack)
    """
    if isinstance(a, (list, tuple)) and _holds_traced(a):
        return TABLE["stack"]([part if isinstance(part, Traced) else operand(part) for part in a])
    return plain_array(a)


def _holds_traced(a: Any) -> bool:
    return isinstance(a, Traced) or (isinstance(a, (list, tuple)) and any(map(_holds_traced, a)))


class Sample(NamedTuple):
    """Arguments to test an op with: a tuple of integers stands for a random array of that shape."""

    args: tuple[Any, ...]
    options: dict[str, Any]


def call(*args: Any, **options: Any) -> Sample:
    """A sample call, for an op's `samples`: shapes (or literal arrays), then options.

    >>> call((2, 3), axis=0)
    Sample(args=((2, 3),), options={'axis': 0})
    """
    return Sample(args, options)


class Plan(NamedTuple):
    """What one pattern of arguments that need a gradient asks of a recorded call."""

    saves: tuple[int, ...]  # which of (*arguments, y, in_shapes) the rules name
    shapes: bool  # whether in_shapes is among them
    pulls: tuple[tuple[int, Callable[..., Any]], ...]  # for argument i: (node, saved, g) -> its cotangent
    places: dict[str, str]  # where each name stands among what is saved


class Op:
    """A forward function together with its derivative rules; call it as you would call the function.

    Its first `len(rules)` parameters are arrays (without rules: the positional-only ones), the rest are options.  The other facts serve
    tests and pictures: `tex`, the notation; `domain`, an interval for each array; `kinks`, pairs of a point and the derivatives taken
    there; `samples`, calls to test with.
    """

    kind: ClassVar[str] = "op"

    def __init__(
        self,
        forward: Callable[..., Any],
        rules: Sequence[Callable[..., Any] | None],
        *,
        variadic: bool = False,
        tex: str | None = None,
        domain: Sequence[tuple[float, float]] = (),
        kinks: Sequence[tuple[tuple[float, ...], tuple[float, ...]]] = (),
        samples: Sequence[Sample] = (),
    ) -> None:
        if not hasattr(forward, "__code__"):
            raise TypeError(f"an op is made of a Python function, got {forward!r}; write the decorator with its rules, then def")
        code = forward.__code__
        if len(rules) > (1 if variadic else code.co_argcount):
            room = "a variadic op has one for all" if variadic else f"the function has {code.co_argcount} positional parameters"
            raise TypeError(f"op {forward.__name__}: got {len(rules)} rules, but {room}; write one rule for each array, which come first")
        if not rules and self.kind != "constant":
            raise TypeError(f"op {forward.__name__}: got no rule; give one for each array, or define it by @constant")
        names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
        arrays = 1 if variadic else len(rules) if rules else code.co_posonlyargcount
        self.name = self.__name__ = self.__qualname__ = forward.__name__
        self.__module__ = forward.__module__
        self.__doc__ = forward.__doc__
        self.__wrapped__ = forward  # inspect.signature and doctest look here
        self.variadic = variadic
        self.arguments: tuple[str, ...] = names[:arrays]
        self.option_names: tuple[str, ...] = names[arrays:]
        self.rules = tuple(rules)
        self.tex = tex
        self.domain = tuple(domain)
        self.kinks = tuple(kinks)
        self.samples = tuple(samples)
        self.forward: Callable[..., Any] = (lambda *arrays, **options: forward(arrays, **options)) if variadic else forward
        self._bind = self._binder(forward)
        self._arity = -1 if variadic else len(self.arguments)
        self.plans: dict[tuple[int, int], Plan] = {}
        self._pulls: dict[tuple[int, Any], Callable[..., Any]] = {}
        self._pushes: dict[tuple[int, Any], Callable[..., Any] | None] = {}
        self._check_names()
        if self.name in TABLE and TABLE[self.name].__module__ != self.__module__:
            raise ValueError(f"op {self.name}: the name is taken by {TABLE[self.name].__module__}.{self.name}; choose another")
        TABLE[self.name] = self

    def _check_names(self) -> None:
        known = {*self.arguments, *self.option_names, *RESERVED}
        taken = RESERVED & {*self.arguments, *self.option_names}
        if taken:
            raise TypeError(f"op {self.name}: the parameter names {sorted(taken)} are reserved for rules; rename them")
        for rule in self.rules:
            unknown = set(parameters(rule)) - known if rule is not None else None
            if unknown:
                raise TypeError(
                    f"op {self.name}: its rule names {sorted(unknown)}, which it does not know; it may name {', '.join(sorted(known))}"
                )

    def __repr__(self) -> str:
        return f"<op {self.name}>"

    def __reduce__(self) -> str:
        return self.name

    @overload
    def __call__(self, x: Traced | list[Tensor] | tuple[Tensor, ...], /, *args: Any, **options: Any) -> Tensor: ...
    @overload
    def __call__(self, x: Any, b: Traced, /, *args: Any, **options: Any) -> Tensor: ...
    @overload
    def __call__(self, x: Any, /, *args: Any, **options: Any) -> np.ndarray: ...
    def __call__(self, *args: Any, **options: Any) -> Any:
        if self.option_names or options or len(args) != self._arity:
            try:
                args, options = self._bind(*args, **options)
            except TypeError as error:
                raise wrong_arguments(self, error, options) from None
            for name, value in options.items():
                if isinstance(value, Traced) and value.data is not value:  # a plain array that is only being traced is one
                    raise wrong_option(self, name, value)
        for a in args:
            if type(a) not in PLAIN:
                if isinstance(a, Traced):
                    return a.record(self, args, options)
                args = tuple([a if type(a) in PLAIN or isinstance(a, Traced) else operand(a) for a in args])
                for b in args:  # a list of Tensors has become one
                    if isinstance(b, Traced):
                        return b.record(self, args, options)
                break
        if args and type(args[0]) in NUMBERS and all(type(a) in NUMBERS for a in args):  # NumPy's arithmetic, not Python's
            args = tuple([a if a is None else np.asarray(a)[()] for a in args])
        try:
            return self.forward(*args, **options) if options else self.forward(*args)
        except Exception as error:  # noqa: BLE001  # each is raised again
            raise failed_call(self, error, args, args, options) from None

    def _binder(self, forward: Callable[..., Any]) -> Callable[..., tuple[tuple[Any, ...], dict[str, Any]]]:
        """A function of the forward's own signature that sorts a call into its arrays and its options: Python does the binding."""
        code = forward.__code__
        names = [*self.arguments, *self.option_names]
        if code.co_kwonlyargcount:
            names.insert(code.co_argcount, "*")
        if code.co_posonlyargcount:
            names.insert(code.co_posonlyargcount, "/")
        arrays = f"tuple({self.arguments[0]})" if self.variadic else "".join(f"{name}, " for name in self.arguments)
        options = ", ".join(f"{name!r}: {name}" for name in self.option_names)
        bind = eval(f"lambda {', '.join(names)}: (({arrays}), {{{options}}})")  # noqa: S307  # made of names only
        bind.__defaults__, bind.__kwdefaults__ = forward.__defaults__, forward.__kwdefaults__
        bind.__name__ = bind.__qualname__ = self.name
        return bind  # type: ignore[no-any-return]

    # -- derivatives ------------------------------------------------------------------------------------------------------------------

    def rule(self, i: int) -> Callable[..., Any] | None:
        """The rule of array argument `i`, or None where there is no derivative."""
        if self.variadic:
            i = 0
        return self.rules[i] if i < len(self.rules) else None

    def make_plan(self, count: int, mask: int) -> Plan:
        """What to save and to pull when, of `count` arrays, those set in the bits of `mask` need a gradient."""
        needed = [i for i in range(count) if mask >> i & 1 and self.rule(i) is not None]
        names = {name for i in needed for name in parameters(self.rule(i))}
        order = (*(self.arguments * count if self.variadic else self.arguments), "y", "in_shapes")
        saves = tuple(k for k, name in enumerate(order) if name in names)
        places = {order[k]: f"saved[{place}]" for place, k in enumerate(saves)}
        if self.variadic and self.arguments[0] in places:  # which means all of them
            places[self.arguments[0]] = f"saved[:{count}]"
        pulls = tuple((i, self._pull(i, places)) for i in needed)
        plan = Plan(saves, "in_shapes" in names, pulls, places)
        if not self.variadic:  # of those there are too many patterns to keep
            self.plans[count, mask] = plan
        return plan

    def _pull(self, i: int, places: dict[str, str]) -> Callable[..., Any]:
        key = (i, tuple(places.items()))
        if key not in self._pulls:
            self._pulls[key] = self.make_pull(i, places)
        return self._pulls[key]

    def push(self, i: int, places: dict[str, str]) -> Callable[..., Any] | None:
        """How forward mode goes through argument `i`: (node, saved, t) -> its part of the tangent; None: transpose the rule."""
        key = (i, tuple(places.items()))
        if key not in self._pushes:
            self._pushes[key] = self.make_push(i, places)
        return self._pushes[key]

    def bound_rule(self, i: int, places: dict[str, str]) -> Callable[..., Any]:
        """Rule `i` as a function of (node, saved, g), its call written out once, so that `backward()` looks nothing up."""
        rule = self.rule(i)
        sources = {**places, "g": "g", "i": str(i), "in_shape": f"node.parents[{i}].shape"}
        arguments = ", ".join(sources.get(name, f"node.options[{name!r}]") for name in parameters(rule))
        return eval(f"lambda node, saved, g: rule({arguments})", {"rule": rule})  # type: ignore[no-any-return]  # noqa: S307  # names checked above

    # The kinds of op differ in these two.

    def make_pull(self, i: int, places: dict[str, str]) -> Callable[..., Any]:
        """The function (node, saved, g) -> cotangent of argument `i`."""
        return self.bound_rule(i, places)

    def make_push(self, i: int, places: dict[str, str]) -> Callable[..., Any] | None:  # noqa: ARG002
        """The function (node, saved, t) -> tangent of the output, or None."""
        return None

    def describe_rule(self, i: int) -> str:
        """Which rule is meant, for error messages: the argument and the source line.

        >>> from autograd.ops import sigmoid
        >>> sigmoid.describe_rule(0).partition(":")[0]
        'derivative of sigmoid with respect to x'
        """
        rule = self.rule(i)
        argument = f"{self.arguments[0]}[{i}]" if self.variadic else self.arguments[i]
        code = getattr(rule, "__wrapped__", rule).__code__  # type: ignore[union-attr]  # rules are functions
        return f"derivative of {self.name} with respect to {argument}: {linecache.getline(code.co_filename, code.co_firstlineno).strip()}"

    def output(self, y: Any) -> Any:
        """What the forward gave, as an array or a tuple of arrays."""
        if type(y) is tuple:
            return tuple([self.output(part) for part in y])
        if not hasattr(y, "dtype"):
            if not isinstance(y, (bool, int, float, complex)):
                hint = "; is a return missing?" if y is None else ""
                raise TypeError(f"op {self.name}: its forward gave a {type(y).__name__}, wanted an array, or a tuple of arrays{hint}")
            y = np.asarray(y)[()]
        if y.dtype.kind not in "biufc":
            raise TypeError(f"{self.name}: the result has dtype {y.dtype}, wanted numbers or booleans; are all operands numbers?")
        return y


def parameters(rule: Callable[..., Any] | None) -> tuple[str, ...]:
    """The names that a rule asks for.

    >>> parameters(lambda g, y: g * y)
    ('g', 'y')
    """
    code = getattr(getattr(rule, "__wrapped__", rule), "__code__", None)  # an op may be a rule
    if code is None:
        raise TypeError(f"a rule must be a Python function, whose parameters say what it needs; got {rule!r}")
    names: tuple[str, ...] = code.co_varnames[: code.co_argcount]
    return names


class Multilinear(Op):
    """Affine in each array, the others held: rule i is g ↦ Lᵢᵀ g, the adjoint of the linear part in argument i.

    If rule i names all the other arrays, the op must be linear in argument i, and so is its own derivative in forward mode.
    """

    kind = "multilinear"

    def make_push(self, i: int, places: dict[str, str]) -> Callable[..., Any] | None:
        """The op itself, with the tangent in place of argument `i`."""
        if self.variadic or {*self.arguments} - {self.arguments[i], *parameters(self.rules[i])}:
            return None
        arguments = ["t" if k == i else places[name] for k, name in enumerate(self.arguments)]
        return eval(f"lambda node, saved, t: op({', '.join(arguments)}, **node.options)", {"op": self})  # type: ignore[no-any-return]  # noqa: S307


class General(Op):
    """The escape hatch: rule i is the full product g ↦ Jᵢᵀ g."""

    kind = "general"


class Constant(Op):
    """No derivative anywhere: comparisons, argmax, sign, floor.  Gives plain arrays."""

    kind = "constant"

    if TYPE_CHECKING:

        def __call__(self, *args: Any, **options: Any) -> Any:
            """A plain array, or NumPy scalar."""


def multilinear(*rules: Callable[..., Any] | None, **facts: Any) -> Callable[[Callable[..., Any]], Op]:
    """Define an op that is affine in each of its arrays, by the adjoint of the linear part in each: `g` ↦ Lᵢᵀ `g`.

    >>> @multilinear(lambda g: -g)
    ... def negated(x, /):
    ...     return -x
    >>> TABLE.pop("negated")(3.0)
    np.float64(-3.0)
    """
    return lambda forward: Multilinear(forward, rules, **facts)


def general(*rules: Callable[..., Any] | None, **facts: Any) -> Callable[[Callable[..., Any]], Op]:
    """Define an op by the vector–Jacobian product of each of its arrays; None stands where an array has no derivative.

    >>> @general(lambda g, x: 2 * g * x)
    ... def squared(x, /):
    ...     return x * x
    >>> TABLE.pop("squared")(3.0)
    np.float64(9.0)
    """
    return lambda forward: General(forward, rules, **facts)


@overload
def constant(forward: Callable[..., Any], /) -> Constant: ...
@overload
def constant(**facts: Any) -> Callable[[Callable[..., Any]], Constant]: ...
def constant(forward: Callable[..., Any] | None = None, /, **facts: Any) -> Any:
    """Define an op without derivatives, alone or with its facts: on Tensors it gives plain arrays, as `x > 0` does.

    >>> @constant
    ... def is_even(x, /):
    ...     return x % 2 == 0
    >>> TABLE.pop("is_even")(4)
    np.True_
    """
    return Constant(forward, (), **facts) if forward is not None else lambda forward: Constant(forward, (), **facts)
