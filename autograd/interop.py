"""What other libraries ask of an array, answered for Tensors: NumPy's protocols, the array API's names, DLPack.

NumPy hands over each call that has a Tensor among its arguments.  Dispatch goes by NumPy's function objects, never by names, to the
functions of `autograd.numpy`.  What is not there is computed on plain values where no derivative is lost by that, and else refused by name.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import numpy as np

from . import numpy as anp
from . import ops
from .numpy import calculus, fft, folds, linalg, moves, reductions
from .numpy.keywords import applied, as_value, cast, is_followed
from .numpy.products import along_axes
from .numpy.ufuncs import Ufunc
from .op import Constant, Traced
from .operators import Operators, plain_index

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    from numpy.typing import DTypeLike, NDArray

    from .tensor import Tensor

__all__ = ["FUNCTIONS", "REDUCTIONS", "REFUSED", "UFUNCS", "Interop", "call_function", "call_ufunc"]

UFUNCS: dict[Any, Callable[..., Any]] = {ufunc.twin: ufunc.op for ufunc in vars(anp).values() if isinstance(ufunc, Ufunc)}
"""For each of NumPy's universal functions, the op that computes it."""

FUNCTIONS: dict[Any, Callable[..., Any]] = {
    getattr(theirs, name): getattr(ours, name)
    for theirs, ours in ((np, anp), (np.linalg, linalg), (np.fft, fft))
    for name in ours.__all__
    if callable(getattr(theirs, name, None))
} | {
    np.shape: lambda a: a.shape,
    np.ndim: lambda a: a.ndim,
    np.lib.stride_tricks.sliding_window_view: moves.sliding_window_view,
}
"""For each of NumPy's other functions, ours."""

if (row_stack := getattr(np, "row_stack", None)) is not None:  # an old name of vstack
    FUNCTIONS[row_stack] = anp.vstack

REDUCTIONS: dict[np.ufunc, Callable[..., Any]] = {
    np.add: reductions.sum,
    np.multiply: reductions.prod,
    np.maximum: reductions.max,
    np.minimum: reductions.min,
    np.logaddexp: reductions.logsumexp,
}

RUNNING: dict[np.ufunc, Callable[..., Any]] = {np.add: calculus.cumsum, np.multiply: calculus.cumprod}

CONSTANT = frozenset({
    np.all, np.allclose, np.any, np.argpartition, np.argsort, np.argwhere, np.around, np.array2string, np.array_equal, np.array_equiv,
    np.array_repr, np.array_str, np.bitwise_and, np.bitwise_count, np.bitwise_left_shift, np.bitwise_not, np.bitwise_or,
    np.bitwise_right_shift, np.bitwise_xor, np.can_cast, np.common_type, np.count_nonzero, np.diag_indices_from, np.digitize,
    np.einsum_path, np.empty_like, np.fix, np.flatnonzero, np.gcd, np.isclose, np.iscomplex, np.iscomplexobj, np.isin, np.isnat,
    np.isneginf, np.isposinf, np.isreal, np.isrealobj, np.lcm, np.lexsort, np.logical_xor, np.may_share_memory, np.min_scalar_type,
    np.nanargmax, np.nanargmin, np.nonzero, np.ones_like, np.ravel_multi_index, np.result_type, np.round, np.searchsorted,
    np.shares_memory, np.signbit, np.size, np.spacing, np.tril_indices_from, np.triu_indices_from, np.unravel_index,
    np.zeros_like,
})  # fmt: skip
"""NumPy's functions whose result has no derivative by nature, and for which there is no op: they see plain arrays."""


REFUSED: dict[str, tuple[str, ...]] = {
    "files and printing": ("format_float_positional", "format_float_scientific", "save", "savetxt", "savez", "savez_compressed"),
    "objects, text, dates": (
        "asmatrix", "bmat", "busday_count", "busday_offset", "datetime_as_string", "datetime_data", "frompyfunc", "is_busday",
    ),
}  # fmt: skip
"""What refuses a Tensor whose derivative is followed, by the reason why."""


class Interop(Operators):
    """The protocols, for whatever has operators and values."""

    __slots__ = ()

    if TYPE_CHECKING:

        @property
        def requires_grad(self) -> bool:
            """Whether gradients flow to or through it."""

    __pandas_priority__ = 5000  # above a DataFrame's: `series * tensor` is the Tensor's to compute

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if method == "__call__" and not kwargs and (op := UFUNCS.get(ufunc)) is not None:
            return op(*inputs)
        return call_ufunc(ufunc, method, inputs, kwargs)

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        function = FUNCTIONS.get(func)
        return function(*args, **kwargs) if function is not None else call_function(func, args, kwargs)

    def _plain_for(self, asked: str) -> Any:
        """The values, for a library that asks for a plain array by itself."""
        if is_followed(self):
            raise TypeError(
                f"{asked} of a Tensor that requires grad would cut the graph; use .numpy(), .data or .detach(); "
                "to join Tensors, np.stack or autograd.numpy.array (r_, c_ and vectorize are there too); "
                "SciPy's functions are in autograd.scipy"
            )
        return self.data

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> NDArray[Any]:
        return np.array(self._plain_for("np.asarray"), dtype=dtype, copy=copy is not False)

    def __dlpack__(self, **request: Any) -> Any:
        return self._plain_for("DLPack").__dlpack__(**request)

    def __dlpack_device__(self) -> tuple[int, int]:
        device: tuple[int, int] = self.data.__dlpack_device__()
        return device

    def __array_namespace__(self, *, api_version: str | None = None) -> ModuleType:
        self.data.__array_namespace__(api_version=api_version)  # NumPy knows which versions it follows
        return anp

    @property
    def device(self) -> str:
        """Where the values are: "cpu", always."""
        return "cpu"

    def to_device(self, device: str, /, *, stream: None = None) -> Tensor:
        """Itself, for the only device there is."""
        if device != "cpu" or stream is not None:
            raise ValueError(f"to_device: got {device!r}, wanted 'cpu': all memory is the CPU's")
        return self  # type: ignore[return-value]  # it is one


def call_function(function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """One of NumPy's functions on plain values; refused where it would cut a graph.

    >>> from autograd import Tensor
    >>> np.array_equal(Tensor([1., 2.], requires_grad=True), [1., 2.])
    True
    >>> np.savetxt("x.txt", Tensor([1., 2.], requires_grad=True))  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    TypeError: numpy.savetxt is not differentiated here (files and printing); ...
    """
    if function not in CONSTANT and is_followed(*args, *kwargs.values()):
        raise TypeError(_refusal(_name(function)))
    return _on_plain_values(function, args, kwargs)


def call_ufunc(ufunc: np.ufunc, method: str, inputs: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """One of NumPy's universal functions with keywords, or by one of its methods.

    >>> from autograd import Tensor
    >>> np.multiply.outer(Tensor([1., 2.]), [1., 10.])
    Tensor([[ 1., 10.],
            [ 2., 20.]])
    """
    if ufunc not in UFUNCS:
        _learn_from_scipy(ufunc)
    if method == "reduceat":
        kwargs.pop("indices", None)  # which NumPy hands over twice
    op = UFUNCS.get(ufunc)
    name = _name(ufunc) if method == "__call__" else f"{_name(ufunc)}.{method}"
    if op is not None and not isinstance(op, Constant):
        if method == "__call__":
            if which := kwargs.keys() & {"axes", "axis", "keepdims"}:
                op = along_axes(ufunc, op, **{key: kwargs.pop(key) for key in which})
            return applied(name, op, inputs, **kwargs)
        if method == "outer" and ufunc.signature is None:
            a, b = map(as_value, inputs)
            return applied(name, op, (ops.reshape(a, a.shape + (1,) * b.ndim), b), **kwargs)
        if method == "reduce" and ufunc in REDUCTIONS:
            return _reduce(name, ufunc, *inputs, **kwargs)
        if method == "accumulate" and ufunc in RUNNING:
            return RUNNING[ufunc](*inputs, **{"axis": 0, **kwargs})
        if method in ("reduce", "accumulate") and (ufunc.nin, ufunc.nout, ufunc.signature) == (2, 1, None):
            return getattr(folds, method)(name, op, *inputs, **kwargs)
        if method == "reduceat":
            return folds.reduceat(ufunc.reduce, name, *inputs, **kwargs)
        if method == "at" and ufunc in (np.add, np.subtract) and isinstance(inputs[0], Traced):
            return _add_at(ufunc, *inputs)
    constant = isinstance(op, Constant) or ufunc in CONSTANT
    if not constant and is_followed(*inputs, *(value for key, value in kwargs.items() if key != "out")):
        raise TypeError(_refusal(name))
    return _on_plain_values(getattr(ufunc, method), inputs, kwargs)


def _learn_from_scipy(ufunc: np.ufunc) -> None:
    """Enter SciPy's universal functions into UFUNCS, once one of them is met: by then SciPy is imported."""
    if getattr(sys.modules.get("scipy.special"), ufunc.__name__, None) is ufunc:
        from .scipy import special

        UFUNCS.update(special.UFUNCS)


def _reduce(name: str, ufunc: np.ufunc, a: Any, axis: Any = 0, dtype: Any = None, **keywords: Any) -> Any:
    if dtype is not None:
        a = cast(name, a, dtype, "unsafe")
    return REDUCTIONS[ufunc](a, axis=axis, **keywords)


def _add_at(ufunc: np.ufunc, t: Any, index: Any, values: Any) -> None:
    """t[index] += values, where a repeated index adds up: a differentiable write."""
    index = plain_index(index)
    places = np.broadcast_to(np.True_, t.shape)[index].shape
    t[...] = UFUNCS[ufunc](t, ops.index.add_at(ops.broadcast_to(values, places), index, t.shape))


def _on_plain_values(function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """`function` of the values of Tensors, which it may not write; what it should write, by `out` or `at`, is written afterwards."""
    at = function.__name__ == "at"
    given = args[0] if at else kwargs.get("out")
    outs = given if isinstance(given, tuple) else (given,)
    fresh = tuple([np.array(out.data) if isinstance(out, Traced) else out for out in outs])
    if at:
        args = (*fresh, *args[1:])
    elif given is not None:
        kwargs = kwargs | {"out": fresh if isinstance(given, tuple) else fresh[0]}
    result = function(*map(_read_only, args), **{key: _read_only(value) for key, value in kwargs.items()})
    for out, values in zip(outs, fresh, strict=True):
        if isinstance(out, Traced):
            out[...] = values  # type: ignore[index]
    if at or given is None:
        return result
    results = result if isinstance(result, tuple) else (result,)
    written = tuple([y if out is None else out for out, y in zip(outs, results, strict=True)])
    return written if len(written) > 1 else written[0]


def _read_only(a: Any) -> Any:
    """The values of Tensors, read-only, in lists and tuples too."""
    if isinstance(a, Traced):
        if isinstance(a.data, Traced):  # which answers for itself
            return a.data
        view = a.data.view()
        view.flags.writeable = False
        return view
    return type(a)(map(_read_only, a)) if type(a) in (list, tuple) else a


def _name(function: Any) -> str:
    """What a function of NumPy, or of a library with universal functions, is called in errors."""
    name: str = function.__name__
    module = getattr(function, "__module__", None) or ("numpy" if getattr(np, name, None) is function else None)
    return f"{module}.{name}" if module else name


def _refusal(name: str) -> str:
    last = name.rpartition(".")[2]
    why = next((f" ({reason})" for reason, names in REFUSED.items() if name.startswith("numpy.") and last in names), "")
    op = f"autograd.ops.{last} is; " if hasattr(ops, last) and not hasattr(np, last) else ""  # for SciPy's universal functions
    return (
        f"{name} is not differentiated here{why}; {op}dir(autograd.numpy) lists what is, and from those it can often be built; "
        "where no gradient is meant, give it .detach() or .data"
    )
