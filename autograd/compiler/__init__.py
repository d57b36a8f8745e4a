"""`jit`: a function is traced into a program, which is made simpler, and becomes code of NumPy's calls or machine code.

tracer, number, tracing           values without numbers, Python's numbers among them, and the run on them;  asking   who wanted numbers
substitutes, likeness             what is in a program but no op; what a traced value is taken for by isinstance and its like
captured, holders, reads          what a function takes from outside, where it stands, what of it is read;  origin   whose code it is
traced, answers, batching         one run of it and what it leaves; what it asks of the world; the rows of a Jacobian as one batch
program, passes, simpler          straight-line code over arrays, made shorter;  memory   buffers by lifetime
numpy/, native/                   what runs a program: calls of NumPy into buffers, or machine code (each has its map in __init__)
varying                           steps whose numbers decide what they give: looked at in each run
calling, variant, function        is this call what was compiled? then run it;  listing, picture   to be seen

`emit(program)` of numpy or native has a `source` to read, and `bind(captured)`, the function that runs.
"""

from __future__ import annotations

import functools
import inspect
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["jit"]

BACKENDS = ("native", "numpy")


def jit(
    function: Callable[..., Any] | None = None,
    *,
    static_argnums: int | Iterable[int] = (),
    static_argnames: str | Iterable[str] = (),
    backend: str | None = None,
) -> Any:
    """Compile a function of arrays, Tensors, numbers and containers of them: a formula, its derivatives, or a whole training step.

    The function runs once as Python for each kind of arguments (their shapes, dtypes and structure; the values of static ones, of strings
    and of booleans), and what it computed is compiled, as one of its `variants`.  Static arguments, such as sizes and axes, are named in
    `static_argnums` or `static_argnames`, either of which holds whether they are given by place or by name.

    Tensors that it takes from outside, parameters and optimiser state among them, are read and updated in place, as by the Python function,
    and so are arrays read; every other object or number that it takes from outside is a constant, and if one changes, the function is
    traced again, unless it is an attribute that was not read.  (Not seen: an object's `__dict__` or `__class__` replaced as a whole, a new
    order of a dict's keys, another shape set in place for a Tensor's array.)  Random numbers
    must come from a generator (`rng = np.random.default_rng()`), an argument or taken from outside; a function that asks for the time, the
    environment or a file runs as Python.

    Results are memory of their own, where the Python function would give a view of an argument or of a Tensor.  The last 16 variants keep
    alive what they took from outside: `f.variants.clear()` lets it go.

    A Python loop is written out, round by round: a thousand operations are compiled in a second or two, many thousands take longer than
    they are worth.
    NumPy's warnings about overflow, invalid values and division by 0 are not given.

    What would need the numbers of a traced value (an `if`, `float()`, `print`) is a TypeError, which names the line.  A result that still
    requires grad makes the function run as Python, with a warning: put `@jit` above `@no_grad` for validation.  So does a
    call, by itself, in which the numbers decide for another dtype or shape than in the traced one, as for real or complex eigenvalues.

    Of what is traced, `isinstance`, `hasattr` and `getattr` tell what it is in Python; `type` tells another.

    `f.plan()` lists what is computed, `f.source()` is the code that runs, `f.variants` what was compiled; `draw(f, *args)` draws it.
    `backend` is "native" (machine code; needs `pip install 'llvmlite>=0.45'`) or "numpy"; by default the first that is there.  Machine code
    is kept in the folder $CHALKGRAD_CACHE, by default the system's one for caches; "off" keeps none.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor, grad, jit
    >>> slope = jit(grad(lambda x: np.sin(x) * x))
    >>> slope(2.0), grad(lambda x: np.sin(x) * x)(2.0)
    (np.float64(0.0770037537313969), np.float64(0.0770037537313969))
    >>> w = Tensor([1.0, 2.0], requires_grad=True)
    >>> @jit
    ... def step(x):
    ...     loss = ((w * x) ** 2).sum()
    ...     loss.backward()
    ...     w.data -= 0.25 * w.grad.data
    ...     w.zero_grad()
    ...     return loss
    >>> step(np.array([1.0, 1.0])), step(np.array([1.0, 1.0])), w
    (Tensor(5.), Tensor(1.25), Tensor([0.25, 0.5 ], requires_grad=True))
    """
    if function is None:
        return functools.partial(jit, static_argnums=static_argnums, static_argnames=static_argnames, backend=backend)
    if not callable(function):
        raise TypeError(f"jit: got {type(function).__name__}, wanted a function; call it as jit(f)(x), or decorate with @jit")
    if inspect.iscoroutinefunction(function) or inspect.isgeneratorfunction(function):
        raise TypeError(f"jit: got {function.__name__}, whose code runs bit by bit; wanted a function that returns; compile what it calls")
    if backend not in (*BACKENDS, None):
        raise ValueError(f"jit: got backend={backend!r}, wanted {' or '.join(map(repr, BACKENDS))}")
    from . import native  # here, so that who compiles nothing pays nothing
    from .function import Jitted

    if backend == "native" and not native.is_available():
        raise ImportError(f"jit: {native.MISSING}")
    numbers = (static_argnums,) if isinstance(static_argnums, int) else tuple(static_argnums)
    names = (static_argnames,) if isinstance(static_argnames, str) else tuple(static_argnames)
    return Jitted(function, frozenset(numbers), frozenset(names), backend)
