"""The Tensor: a value and a handle on its history."""

from __future__ import annotations

import copy
import os
import threading
import warnings
import weakref
from collections import deque
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy import ndarray

from . import ops
from .backward import pull_back
from .graph import Leaf, Node, Output, mark_written, memory_of, next_age, reachable, unmark_written
from .misuse import failed_call
from .mode import GRAD, TRANSFORMS, WATCH, call_recording
from .op import PLAIN, Traced, as_array, operand
from .operators import NO_OPTIONS
from .writes import Writes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import ArrayLike, DTypeLike, NDArray

    from .op import Op, Plan

__all__ = ["Tensor", "record", "record_node", "wrapped"]

_accumulating = threading.Lock()


def _renew_lock() -> None:
    global _accumulating  # noqa: PLW0603  # in a forked child, the thread that held it is gone
    _accumulating = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_lock)

_new: Any = object.__new__


def record(op: Op, args: tuple[Any, ...], options: Mapping[str, Any] = NO_OPTIONS) -> Any:
    """Compute `op` on arguments of which some are Tensors and, where a gradient will be needed, add a node to the graph.

    This is the path that every eager op takes: objects are filled in place here, because calling constructors would double its time.
    """
    values: list[Any] = []
    parents: list[Any] = []
    mask, bit = 0, 1
    for a in args:
        if isinstance(a, Tensor):
            parent = a._node
            values.append(a._value)
            parents.append(parent)
            if parent is not None and parent.needs_grad:
                mask |= bit
        elif type(a) is float or type(a) is int:
            values.append(a)
            parents.append(a)
        elif type(a) in PLAIN and (type(a) is not ndarray or a.dtype.kind in "fbiuc"):
            values.append(a)
            parents.append(None)
        else:
            a = operand(a)  # noqa: PLW2901
            holds = isinstance(a, Tensor)  # a list of Tensors has become one
            values.append(a._value if holds else as_array(a))
            parents.append(a._node if holds else None)
            if holds and a.requires_grad:
                mask |= bit
        bit <<= 1
    try:
        y = op.forward(*values, **options) if options else op.forward(*values)
    except Exception as error:  # noqa: BLE001  # each is raised again
        if (watch := WATCH.get()) is not None:
            watch.saw_failure(op, error, args, values, options)
        raise failed_call(op, error, args, values, options) from None
    if not hasattr(y, "dtype"):
        y = op.output(y)
    if mask and (mode := GRAD.get()):
        plan = op.plans.get((len(values), mask)) or op.make_plan(len(values), mask)
        if plan.pulls:
            result = record_node(op, options, values, tuple(parents), plan, y)
            if mode is not True:
                _watch(mode, args, result)
            return result
    if op.kind == "constant":
        return y
    return tuple([wrapped(part, None) for part in y]) if type(y) is tuple else wrapped(y, None)


def record_node(op: Op, options: Mapping[str, Any], values: list[Any], parents: tuple[Any, ...], plan: Plan, y: Any) -> Any:
    """The Tensor of a computed value, with its node.

    >>> x = Tensor(2.0, requires_grad=True)
    >>> record_node(ops.exp, {}, [2.0], (x._node,), ops.exp.make_plan(1, 1), np.float64(7.5))
    Tensor(7.5, op=exp)
    """
    saved: tuple[Any, ...] = ()
    if type(y) is tuple:
        y = tuple([_owned(part, values) for part in y])
    elif y.base is not None:
        y = _owned(y, values)
    if plan.saves:
        values.append(y)
        if plan.shapes:
            values.append(tuple([np.shape(v) for v in values[:-1]]))
        saved = tuple([values[k] for k in plan.saves])
    if type(y) is tuple:
        call = Node(op, options, parents, plan, saved, tuple([part.shape for part in y]), tuple([part.dtype for part in y]))
        return tuple([wrapped(part, Output(call, n) if part.dtype.kind in "fc" else None) for n, part in enumerate(y)])
    dtype = y.dtype
    if dtype.kind not in "fc":
        return wrapped(op.output(y), None)
    node = _new(Node)
    node.op, node.options, node.parents, node.plan, node.saved = op, options, parents, plan, saved
    node.shape, node.dtype, node.name, node.owner = y.shape, dtype, None, None
    node.age = next_age()
    tensor = _new(Tensor)
    tensor._value, tensor._node, tensor._grad = y, node, None
    return tensor


def _owned(y: Any, values: list[Any]) -> Any:
    """A result that is a view of an argument, as it is; of anything else, such as a temporary array, a copy: it may be written."""
    if type(y) is not ndarray or y.base is None:
        return y
    memory = memory_of(y)
    shared = any(memory_of(v) is memory if type(v) is ndarray else isinstance(v, np.generic) for v in values)  # a scalar's view is a copy
    return y if shared else y.copy()


def _watch(watch: Any, args: tuple[Any, ...], result: Any) -> None:
    parts = result if type(result) is tuple else (result,)
    nodes = [part._node for part in parts if part._node is not None]
    if nodes:
        watch.saw_call(nodes[0] if nodes[0].number is None else nodes[0].parents[0], args, [part._value for part in parts])


class Tensor(Writes):
    """An array that knows how it was made.

    `data` is copied unless `copy=False`; `requires_grad=True` makes it a leaf whose `grad` is filled by `backward()`; `name` is shown in
    graphs and errors.  Operators, methods and functions follow NumPy.

    >>> x = Tensor([1., 2., 3.], requires_grad=True, name="x")
    >>> y = (x * x).sum()
    >>> y.backward()
    >>> x.grad
    Tensor([2., 4., 6.])
    """

    __slots__ = ("__weakref__", "_grad", "_node", "_value")

    _value: Any  # an array, or for a 0-d result the NumPy scalar that arithmetic gives
    _node: Node | None
    _grad: Tensor | None

    def __init__(
        self,
        data: ArrayLike | Tensor,
        requires_grad: bool = False,
        dtype: DTypeLike | None = None,
        name: str | None = None,
        copy: bool = True,
    ) -> None:
        if isinstance(data, Traced):
            data = data.data
        self._value = _taken(data, dtype, copy)
        self._node = None
        self._grad = None
        if requires_grad:
            self.requires_grad_()
        if name is not None:
            self.name = name

    record = staticmethod(record)

    # -- the value --------------------------------------------------------------------------------------------------------------------

    @property
    def data(self) -> NDArray[Any]:
        """The values themselves, shared: what is written here goes unseen by the graph.  Assigning writes in place, and is seen."""
        value = self._value
        if type(value) is not np.ndarray and not isinstance(value, Traced):
            value = self._value = np.asarray(value)
        return value

    @data.setter
    def data(self, value: Any) -> None:
        data: Any = self.data
        if type(data) is not ndarray or (type(value) is not ndarray and not isinstance(value, np.generic)):
            value = value.data if isinstance(value, Tensor) else value if isinstance(value, Traced) else as_array(value)
            if isinstance(data, Traced) or isinstance(value, Traced):
                self._write(..., value)
                return
        before = mark_written(data, self.name)
        try:
            if value.dtype is data.dtype and value.shape == data.shape:
                data[...] = value  # several times as fast
            else:
                np.copyto(data, value)
        except (TypeError, ValueError) as error:
            unmark_written(data, before)
            value = np.asarray(value)
            raise type(error)(
                f"data: got {value.shape} {value.dtype}, wanted {data.shape} {data.dtype}"
                + ("" if data.flags.writeable else ", in memory that is not read-only")
            ) from None

    @property
    def shape(self) -> tuple[int, ...]:
        """The size of each axis."""
        return self._value.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of the values."""
        return self._value.dtype

    @property
    def ndim(self) -> int:
        """How many axes there are."""
        return self._value.ndim

    @property
    def size(self) -> int:
        """How many values there are."""
        return self._value.size

    def numpy(self) -> NDArray[Any]:
        """A copy of the values as a NumPy array, out of the graph."""
        value: Any = ops.copy(self._value) if isinstance(self._value, Traced) else np.array(self._value)
        return value

    to_numpy = numpy  # the name that matplotlib and pandas look for

    def item(self, *place: Any) -> Any:
        """The single value, or the one at a place, as a Python number."""
        return self._value.item(*place)

    def tolist(self) -> Any:
        """The values as nested Python lists."""
        return self._value.tolist()

    def _number(self, kind: str) -> Any:
        """The value for `float()` and its like, which must not cut the graph of a function being differentiated."""
        if TRANSFORMS.get() and self.requires_grad:
            raise TypeError(
                f"{kind}() of a value that is being differentiated would cut the graph: use NumPy's functions (np.sin, not math.sin), "
                "and np.stack or autograd.numpy.array, or Tensor(np.zeros(n)) to write into, in place of a plain array"
            )
        return self._value

    def __float__(self) -> float:
        return float(self._number("float"))

    def __int__(self) -> int:
        return int(self._number("int"))

    def __complex__(self) -> complex:
        return complex(self._number("complex"))

    def __round__(self, digits: int | None = None) -> Any:
        return round(self._number("round").item(), digits)

    def __format__(self, spec: str) -> str:
        return format(self._value.item() if spec and not self.ndim else str(self), spec)

    def __index__(self) -> int:
        return self._value.__index__()

    def __bool__(self) -> bool:
        return bool(self._value)

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("len() of a 0-d Tensor: it is a single value")
        return self.shape[0]

    def __iter__(self) -> Iterator[Tensor]:
        if not self.shape:
            raise TypeError("iteration over a 0-d Tensor: it is a single value")
        return (self[k] for k in range(len(self)))

    def __repr__(self) -> str:
        text = np.array2string(self.data, separator=", ", prefix="Tensor(")
        facts = [text if self.size or self.ndim < 2 else f"{text}, shape={self.shape}"]
        if self.dtype not in (np.float64, np.int64, np.bool_):
            facts.append(f"dtype={self.dtype}")
        if self.name is not None:
            facts.append(f"name={self.name!r}")
        if self._node is not None and self._node.op is not None:
            facts.append(f"op={self._node.op.name}")
        elif self.requires_grad:
            facts.append("requires_grad=True")
        return f"Tensor({', '.join(facts)})"

    # -- the history ------------------------------------------------------------------------------------------------------------------

    @property
    def requires_grad(self) -> bool:
        """Whether gradients flow to or through this Tensor."""
        return self._node is not None and self._node.needs_grad

    @requires_grad.setter
    def requires_grad(self, flag: bool) -> None:
        self.requires_grad_(flag)

    @property
    def is_leaf(self) -> bool:
        """Whether no recorded op made this Tensor."""
        return self._node is None or self._node.op is None

    @property
    def name(self) -> str | None:
        """What graphs and errors call this Tensor."""
        return self._node.name if self._node is not None else None

    @name.setter
    def name(self, name: str | None) -> None:
        if self._node is None:
            self._node = Leaf(self.shape, self.dtype, needs_grad=False)
        self._node.name = name

    def requires_grad_(self, requires_grad: bool = True) -> Tensor:
        """Make this leaf ask for a gradient, or stop asking; returns itself."""
        if not self.is_leaf:
            if requires_grad:
                return self
            raise RuntimeError("requires_grad_(False) on the result of an op would cut the graph; use .detach()")
        if requires_grad == self.requires_grad:
            return self
        if requires_grad and self.dtype.kind not in "fc":
            raise TypeError(f"a Tensor of dtype {self.dtype} can't require a gradient: derivatives need real numbers; use dtype=float")
        if self._node is not None:
            self._node.owner = None
        self._node = Leaf(self.shape, self.dtype, requires_grad, self.name)
        if requires_grad:
            self._node.owner = weakref.ref(self)
        return self

    def retain_grad(self) -> Tensor:
        """Ask for the gradient of this value although an op made it; returns itself."""
        if not self.requires_grad:
            raise RuntimeError("retain_grad(): this Tensor needs no gradient; create it, or what it is made of, with requires_grad=True")
        self._node.owner = weakref.ref(self)  # type: ignore[union-attr]  # it requires grad, so it has a node
        return self

    def detach(self) -> Tensor:
        """The same memory without the history."""
        return wrapped(self.data, None)

    @property
    def grad(self) -> Tensor | None:
        """The gradient that `backward()` has added up here, of this Tensor's shape and dtype; None before, and after `zero_grad()`."""
        if self._grad is None and self._node is not None and self._node.op is not None and self._node.owner is None:
            warnings.warn(
                "grad of a Tensor that is no leaf, and so gets none: ask for it by retain_grad() before backward(); "
                "a parameter stays a leaf when it is changed in place, under no_grad(): w -= lr * w.grad",
                stacklevel=2,
            )
        return self._grad

    @grad.setter
    def grad(self, grad: ArrayLike | Tensor | None) -> None:
        if grad is not None:
            grad = grad if isinstance(grad, Tensor) else Tensor(grad, dtype=self.dtype)
            if grad.shape != self.shape:
                raise ValueError(f"grad: got shape {grad.shape}, wanted {self.shape}, the shape of the Tensor")
            if grad.dtype != self.dtype:
                grad = grad.astype(self.dtype)
        self._grad = grad

    def zero_grad(self) -> None:
        """Forget the gradient."""
        self._grad = None

    def backward(self, gradient: ArrayLike | Tensor | None = None, retain_graph: bool | None = None, create_graph: bool = False) -> None:
        """Add the gradient of this Tensor to the `grad` of every leaf that it is made of.

        `gradient` is the cotangent to start from, of this Tensor's shape; a single value starts from 1.  The graph's saved arrays are
        freed unless `retain_graph`; with `create_graph` the gradients have a history of their own.

        >>> x = Tensor(3.0, requires_grad=True)
        >>> (x**3).backward(create_graph=True)
        >>> g, x.grad = x.grad, None
        >>> g.backward()
        >>> g, x.grad
        (Tensor(27., op=multiply), Tensor(18.))
        """
        if not self.requires_grad:
            raise RuntimeError(
                "backward(): nothing here requires a gradient; create a leaf with Tensor(…, requires_grad=True), outside no_grad()"
            )
        seed = self._seed(gradient)
        if (watch := WATCH.get()) is not None:
            watch.saw_start(self._value)
        root: Node = self._node  # type: ignore[assignment]  # it requires grad, so it has a node
        with np.errstate(all="ignore"):
            if create_graph:
                tensor = call_recording(ops.astype, gradient, self.dtype) if isinstance(gradient, Tensor) else Tensor(seed, copy=False)
                arrived, passed = call_recording(pull_back, [(root, tensor)], wrapped)
            else:
                arrived, passed = pull_back([(root, seed)])
        _deliver(arrived)
        if not (create_graph if retain_graph is None else retain_graph):
            for node in passed:
                node.saved = None

    def _seed(self, gradient: ArrayLike | Tensor | None) -> Any:
        if gradient is None:
            if self.size != 1:
                raise RuntimeError(
                    f"backward(): the Tensor has shape {self.shape}, and only a single value has one gradient; "
                    "reduce it first, by .sum() or .mean(), or give backward() the cotangent to start from"
                )
            return self.dtype.type(1) if not self.ndim else np.ones(self.shape, self.dtype)
        seed: Any = gradient.data if isinstance(gradient, Traced) else as_array(gradient)
        if seed.shape != self.shape:
            raise ValueError(f"backward(): gradient has shape {seed.shape}, wanted {self.shape}, the shape of the Tensor")
        if not np.can_cast(seed.dtype, self.dtype, "same_kind"):
            raise TypeError(f"backward(): gradient has dtype {seed.dtype}, wanted {self.dtype}, the dtype of the Tensor")
        return ops.astype(seed, self.dtype) if isinstance(seed, Traced) else np.array(seed, self.dtype)

    # -- copies -----------------------------------------------------------------------------------------------------------------------

    def _is_borrowed(self) -> bool:
        """Whether a copy must stay in the graph: it is no leaf, or the argument of a transform."""
        return self.requires_grad and (not self.is_leaf or self._node.owner is None)  # type: ignore[union-attr]  # it has a node

    def __deepcopy__(self, memo: dict[int, Any]) -> Tensor:
        stays = TRANSFORMS.get() and self._is_borrowed()
        memo[id(self)] = new = ops.copy(self) if stays else _rebuilt(*copy.deepcopy(self.__reduce__()[1], memo))
        return new

    def __copy__(self) -> Tensor:
        if self._is_borrowed():
            return ops.copy(self)
        node = Leaf(self.shape, self.dtype, self.requires_grad, self.name) if self._node is not None else None
        return _rebuilt(type(self), [], self.data.copy(), node, self.requires_grad, self._grad)

    def __reduce__(self) -> tuple[Any, ...]:
        # The nodes come oldest first, so that each finds its parents already seen: no recursion, however long the chain.
        nodes = reachable([self._node]) if self._node is not None else []
        owned = self._node is not None and self._node.owner is not None and self._node.owner() is self
        return _rebuilt, (type(self), nodes, self.data, self._node, owned, self._grad)


def _taken(data: Any, dtype: Any, copy: bool) -> Any:
    """The value of a new Tensor: an array of numbers, copied if so wished; what is only being traced stays as it is."""
    if isinstance(data, Traced):
        given: Any = data.dtype  # type: ignore[attr-defined]  # it has one
        native = np.dtype(given if dtype is None else dtype).newbyteorder("=")
        return ops.copy(data) if native == given else ops.astype(data, native)
    value = as_array(data, dtype)
    if copy:
        value = value.copy()
    return value if value.dtype.isnative else value.astype(value.dtype.newbyteorder("="))


_set_grad: Any = vars(Tensor)["_grad"].__set__


def _deliver(arrived: dict[Node, Any]) -> None:
    """Add each cotangent to the gradient of the Tensor that asked for it, its owner: to all of them or, at Ctrl-C, to none."""
    owners: list[Tensor] = []
    gradients: list[Tensor] = []
    with _accumulating:
        for node, g in arrived.items():
            owner = node.owner() if node.owner is not None else None
            if owner is None:
                continue
            if isinstance(g, Tensor):  # the history is shared, the memory is not
                new = wrapped(g._value.copy(), g._node)
                if owner._grad is not None:
                    new = call_recording(ops.add, owner._grad, new)
            else:
                own = g if node.op is None else g.copy()
                new = wrapped(own if owner._grad is None else owner._grad._value + own, None)
            owners.append(owner)
            gradients.append(new)
        deque(map(_set_grad, owners, gradients), maxlen=0)  # in C, which Ctrl-C does not divide


def wrapped(value: Any, node: Node | None) -> Tensor:
    """A Tensor around a value that is already ours, with its history.

    >>> wrapped(np.ones(2), None)
    Tensor([1., 1.])
    """
    tensor = _new(Tensor)
    tensor._value, tensor._node, tensor._grad = value, node, None
    return tensor


def _rebuilt(kind: type[Tensor], nodes: list[Node], value: Any, node: Node | None, owned: bool, grad: Tensor | None) -> Tensor:  # noqa: ARG001
    tensor = kind.__new__(kind)
    tensor._value, tensor._node, tensor._grad = value, node, grad
    if owned and node is not None:
        node.owner = weakref.ref(tensor)
    return tensor
