"""Rows of a table of calls of NumPy's functions, and what each must be: NumPy's values on Tensors, with derivatives that are slopes.

In a row every float and every array of floats, wherever it stands, is varied: its derivative is compared.  What is `held` stays as it is.
"""

import inspect
import itertools
from typing import Any, NamedTuple

import numpy as np

from autograd import Tensor, ops
from autograd.interop import FUNCTIONS
from autograd.op import Traced
from autograd.test_util import check_grads

random = np.random.default_rng(5)
OUT = object()  # somewhere to write, of the shape of what is written


def distinct(*shape):
    """Values around 0, of which no two are close, and none is close to 0."""
    n = int(np.prod(shape))
    return (random.permutation(n) + random.random(n) / 3 - n // 2 + 0.4).reshape(shape) * 3.4 / n


class OneOf(tuple):
    """Values of an argument, for each of which there is a row."""

    __slots__ = ()


class Held(NamedTuple):
    """A float without derivative: a setting."""

    value: Any


def oneof(*values):
    return OneOf(values)


def held(value):
    return Held(value)


class Row(NamedTuple):
    """A call of a function of NumPy, to be made with these floats, or with others, or Tensors, in their places."""

    function: Any
    args: tuple
    kwargs: dict
    before: Any = None
    through: Any = None

    def __str__(self):
        texts = [*map(_text, self.args), *(f"{name}={_text(a)}" for name, a in self.kwargs.items())]
        return f"{'.'.join(names_of(self.function))}({', '.join(texts)})"

    @property
    def bound(self):
        """The arguments by their names, without those that are as by default."""
        signature = inspect.signature(self.function)
        given = signature.bind(*self.args, **self.kwargs).arguments
        return {name: a for name, a in given.items() if a is not signature.parameters[name].default}

    @property
    def is_known(self):
        """Whether this NumPy takes the call: older ones lack some keywords, or fail at them."""
        try:
            self(*self.floats())
        except (TypeError, IndexError):
            return False
        return True

    def floats(self):
        """What is varied, in the order in which it stands."""
        found = []
        _mapped(lambda a: found.append(a) if _is_varied(a) else a, (self.args, self.kwargs))
        return found

    def __call__(self, *floats, function=None, whole=lambda a: a):
        """The call with these in place of the floats, and the integers and masks as `whole` makes them; what came back, or was written."""
        places = iter(floats)
        put = lambda a: _fresh(next(places)) if _is_varied(a) else whole(a.copy()) if isinstance(a, np.ndarray) else _setting(a)
        args, kwargs = _mapped(put, (self.args, self.kwargs))
        if self.before is not None:
            args = (self.before(args[0]), *args[1:])
        if kwargs.get("out") is OUT:
            like = self._replace(kwargs={key: a for key, a in self.kwargs.items() if key not in ("out", "where")})
            spaces = tuple(np.zeros(y.shape, y.dtype) for y in parts(like._replace(through=None)(*map(_plain, floats))))
            spaces = tuple(map(Tensor, spaces)) if any(isinstance(a, Traced) for a in floats) else spaces
            kwargs["out"] = spaces if len(spaces) > 1 else spaces[0]
        y = (function or self.function)(*args, **kwargs)
        if "out" in kwargs and isinstance(parts(y)[0], Traced):  # NumPy itself may give another view of it
            assert all(a is b for a, b in zip(parts(y), parts(kwargs["out"]), strict=True))
        y = args[0] if y is None else y
        return y if self.through is None else self.through(y)


def later(name):
    """A function that came after NumPy 2.0, or None, of which there are no rows."""
    return getattr(np, name, None)


def call(function, *args, before=None, through=None, **kwargs):
    """The rows of a call, one for each choice from every `oneof` in it.

    What `before` makes of the first argument is given instead, and what `through` makes of the result is looked at.
    """
    if function is None:
        return []
    choices = [a if isinstance(a, OneOf) else (a,) for a in (function, *args, *kwargs.values())]
    return [
        Row(f, tuple(chosen[: len(args)]), dict(zip(kwargs, chosen[len(args) :], strict=True)), before, through)
        for f, *chosen in itertools.product(*choices)
    ]


def rows(*calls):
    return [row for found in calls for row in found]


def parts(y):
    """The outputs, out of their lists and tuples."""
    return [part for inner in y for part in parts(inner)] if isinstance(y, (list, tuple)) else [y]


def assert_same(found, wanted, **tolerance):
    assert len(parts(found)) == len(parts(wanted))
    for y, w in zip(parts(found), map(np.asarray, parts(wanted)), strict=True):
        assert (np.shape(y), getattr(y, "dtype", w.dtype)) == (w.shape, w.dtype)
        close = {"rtol": 1e-5, "atol": 1e-6} if w.dtype in (np.float32, np.complex64) else {"rtol": 1e-10, "atol": 1e-12}
        np.testing.assert_allclose(np.asarray(y.data if isinstance(y, Traced) else y), w, **{**close, **tolerance})


def assert_right(row):
    """NumPy's value, of Tensors of every kind; and derivatives that are slopes, in every float."""
    floats = row.floats()
    wanted, function = row(*floats), on_tensors(row.function)
    assert_same(row(*floats, function=ours(row.function)), wanted)
    assert_same(row(*map(Tensor, floats), function=function), wanted)
    assert_same(row(*map(Tensor, floats), function=function, whole=Tensor), wanted)
    leaves = [Tensor(a, requires_grad=True) for a in floats]
    y = row(*leaves, function=function)
    assert_same(y, wanted)
    dtype = row.kwargs.get("dtype")
    if dtype not in (np.float32, np.complex64):
        check_grads(lambda *arrays: row(*arrays, function=function if any(isinstance(a, Traced) for a in arrays) else None))(*floats)
        return
    exact = [Tensor(a, requires_grad=True) for a in floats]
    wide = row._replace(kwargs={key: a for key, a in row.kwargs.items() if key != "dtype"})
    for result in wide(*exact, function=function), y:
        backward(result)
    for a, b in zip(leaves, exact, strict=True):
        assert (a.grad is None) == (b.grad is None)
        if a.grad is not None:
            assert_same(a.grad, b.grad.data, rtol=1e-5, atol=1e-5)


def backward(y):
    """The gradients of the sum of all outputs that have any; and these outputs."""
    followed = [a for a in parts(y) if isinstance(a, Tensor) and a.requires_grad]
    if followed:
        sum(a.real.sum() for a in followed).backward()
    return followed


def on_tensors(function):
    """NumPy's function itself, if it hands over what holds a Tensor, or else ours."""
    return function if hasattr(function, "_implementation") or function not in FUNCTIONS else FUNCTIONS[function]


def names_of(function):
    """The name of a function; of a method of a universal function, its name and that of the method."""
    owner = getattr(function, "__self__", None)
    return ([owner.__name__] if isinstance(owner, np.ufunc) else []) + [function.__name__]


def ours(function):
    """Ours, for one of NumPy's."""
    return FUNCTIONS.get(function, function)


def _is_varied(a):
    return (type(a) is float and np.isfinite(a)) or (isinstance(a, (np.ndarray, np.floating)) and a.dtype.kind in "fc")


def _mapped(f, a):
    if isinstance(a, dict):
        return {key: _mapped(f, part) for key, part in a.items()}
    return type(a)([_mapped(f, part) for part in a]) if type(a) in (list, tuple) else f(a)


def _fresh(a):
    """A copy, which may be written."""
    return ops.copy(a) if isinstance(a, Traced) else np.array(a)[()]


def _setting(a):
    return a.value if isinstance(a, Held) else a


def _plain(a):
    return a.data if isinstance(a, Traced) else a


def _text(a):
    if a is OUT:
        return "OUT"
    if isinstance(a, np.ndarray):
        return f"{a.dtype.kind}{list(a.shape)}" if a.ndim else repr(a.item())
    if isinstance(a, (list, tuple)) and not isinstance(a, Held):
        return f"[{', '.join(map(_text, a))}]"
    return getattr(_setting(a), "__name__", repr(_setting(a)))
