"""The variables of NumPy's code: their names, their memory, and how arrays lie in it."""

from __future__ import annotations

import keyword
import re
import unicodedata
from typing import TYPE_CHECKING, Any

import numpy as np

from .forms import literal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..program import Value

__all__ = ["Block", "Names", "Variable", "declared", "laid_out", "like"]


class Block:
    """A piece of memory, from the step that first writes it to the one that last reads it; of the arena, if it has a size in bytes."""

    __slots__ = ("_inside", "first", "last", "nbytes", "offset")

    def __init__(self, first: int, nbytes: int | None = None, last: int | None = None) -> None:
        self.first, self.last = first, first if last is None else last
        self.nbytes, self.offset = nbytes, 0
        self._inside: Block | None = None

    def whole(self) -> Block:
        """The block that this has become a part of."""
        return self if self._inside is None else self._inside.whole()

    def join(self, other: Block) -> None:
        """Become a part of another, which then lives longer."""
        self._inside, other.last = other, max(other.last, self.last)


class Variable:
    """The Python variable that holds a value: its name, the memory that it may share, and, if its strides are known, an array like it.

    What is `fixed` is there before the run, and never moves.
    """

    __slots__ = ("array", "blocks", "fixed", "name")

    def __init__(self, name: str, array: Any, blocks: frozenset[Block], fixed: bool) -> None:
        self.name, self.array, self.blocks, self.fixed = name, array, blocks, fixed

    def shares(self, block: Block) -> bool:
        """Whether it may share this memory."""
        return any(b.whole() is block for b in self.blocks)


class Names:
    """The names in the code, and what has one: objects, what is made once before the run, and buffers."""

    def __init__(self, *taken: str) -> None:
        self._taken, self._counts, self._by_id = set(taken), dict[str, int](), dict[int, str]()
        self.objects: dict[str, Any] = {}
        self.setup: dict[str, str] = {}  # name: code
        self._once: dict[Any, str] = {}
        self.buffers: dict[str, tuple[Block, Any]] = {}

    def new(self, wish: str) -> str:
        """An identifier like the wish that is not taken; a single letter gets the next number.

        >>> names = Names("np")
        >>> names.new("v"), names.new("v"), names.new("np"), names.new("layers.0 weight")
        ('v0', 'v1', 'np_', 'layers_0_weight')
        """
        if len(wish) == 1 and wish in "cv":
            self._counts[wish] = self._counts.get(wish, -1) + 1
            wish += str(self._counts[wish])
        name = re.sub(r"\W+", "_", unicodedata.normalize("NFKC", wish)).strip("_") or "x"  # as Python reads identifiers
        if name[0].isdigit() or keyword.iskeyword(name):
            name = f"_{name}"
        while name in self._taken:
            name += "_"
        self._taken.add(name)
        return name

    def of_object(self, a: Any, wish: str = "c") -> str:
        """The name of an object that the code uses as it is."""
        if id(a) not in self._by_id:
            self._by_id[id(a)] = name = self.new(wish)
            self.objects[name] = a
        return self._by_id[id(a)]

    def of_code(self, code: str, wish: str = "v", key: Any = None) -> str:
        """The name of what is made once, by this code; for another key anew."""
        if (code, key) not in self._once:
            self._once[code, key] = name = self.new(wish)
            self.setup[name] = code
        return self._once[code, key]

    def of_number(self, number: Any, dtype: Any) -> str:
        """The name of a number as an array without axes, which universal functions take faster; as code where it does not fit."""
        try:
            with np.errstate(all="ignore"):
                array = np.array(number, dtype)
        except OverflowError:  # NumPy compares it all the same
            return repr(number)
        code = literal(np.asarray(number).item())
        return self.of_code(f"np.array({code}, {str(dtype)!r})", "c") if code else self.of_object(array)

    def of_buffer(self, block: Block, array: Any, wish: str = "v") -> str:
        """The name of a new array in a block, like this one."""
        name = self.new(wish)
        self.buffers[name] = block, array
        return name


def like(value: Value) -> Any:
    """An array with the strides of a value that is contiguous; None for a single value.

    >>> from autograd.compiler.program import Value
    >>> like(Value((2, 3), np.dtype(float))).strides
    (24, 8)
    """
    return np.empty(value.shape, value.dtype) if value.shape else None


def laid_out(value: Value, arrays: Sequence[Any]) -> Any:
    """An array with the strides that NumPy gives to what it computes of these arrays, number by number.

    >>> from autograd.compiler.program import Value
    >>> laid_out(Value((2, 3), np.dtype(float)), [np.ones((3, 2)).T]).strides
    (8, 16)
    """
    if all(a.flags.c_contiguous for a in arrays):
        return like(value)
    flags: Any = [["readonly"]] * len(arrays) + [["writeonly", "allocate"]]
    walk = np.nditer([*arrays, None], ["zerosize_ok"], flags, [None] * len(arrays) + [value.dtype])
    return walk.operands[-1] if walk.operands[-1].shape == value.shape else like(value)


def declared(offset: int, array: Any) -> str:
    """The code for a buffer like this array: contiguous, its axes perhaps in another order.

    >>> declared(64, np.ones((2, 3)).T)
    "memory(64, (2, 3), 'float64').transpose(1, 0)"
    """
    dtype = repr(str(array.dtype))
    if array.flags.c_contiguous:
        return f"memory({offset}, {array.shape}, {dtype})"
    order = sorted(range(array.ndim), key=lambda k: -array.strides[k])
    back = tuple(order.index(k) for k in range(array.ndim))
    return f"memory({offset}, {tuple(array.shape[k] for k in order)}, {dtype}).transpose{back}"
