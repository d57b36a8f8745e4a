"""Loop nests: what is lowered to machine code.

A `Nest` runs over all places of its `domain`.  At each place it loads numbers, computes with them, stores some, and adds others into
reductions.  A `View` says where the number of a place lies: buffer[offset + Σ place · stride], strides in elements, 0 along an axis that is
broadcast or reduced.  Numbers are computed in the dtype that each instruction says.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

__all__ = ["Buffer", "Gather", "Instruction", "Literal", "Load", "Nest", "Reduction", "Store", "View"]


@dataclass(eq=False)
class Buffer:
    """Contiguous memory for `size` numbers, known by its name, of ASCII letters and digits; a function is handed the address of each."""

    name: str
    size: int
    dtype: np.dtype[Any]


@dataclass(frozen=True)
class View:
    """Where the number of each place of a domain lies in a buffer."""

    buffer: Buffer
    offset: int
    strides: tuple[int, ...]


@dataclass(frozen=True)
class Load:
    """The number at this place of a view."""

    view: View

    @property
    def dtype(self) -> np.dtype[Any]:
        """Of the number."""
        return self.view.buffer.dtype


@dataclass(frozen=True)
class Gather:
    """A number that lies where an index says: buffer[offset + Σ place · stride + stride_of_index · index].

    `index` is the number (an earlier item of the body) that says where, of an integer dtype.  An index i with −size ≤ i < 0 counts from the
    end; one outside −size … size − 1 ends the function with the status 1, before anything is stored into memory that the caller sees.
    """

    view: View
    index: int
    stride_of_index: int
    size: int

    @property
    def dtype(self) -> np.dtype[Any]:
        """Of the number."""
        return self.view.buffer.dtype


@dataclass(frozen=True)
class Literal:
    """A constant."""

    value: Any
    dtype: np.dtype[Any]


@dataclass(frozen=True)
class Instruction:
    """An operation on single numbers: `args` are the numbers (earlier items of the body) that it takes; `dtype` is that of the result.

    Arithmetic takes its arguments in the dtype of the result, comparisons (result bool) in the one dtype that both arguments have; `cast`
    takes any.  Booleans are single bits.  The names are NumPy's (`instructions` and `elementary` list them), SciPy's erf and erfc, and
    `select` (condition, a, b), `cast`, and `position` (no arguments; `axis`: the number of the place along that axis of the domain, int64).
    """

    name: str
    args: tuple[int, ...]
    dtype: np.dtype[Any]
    axis: int | None = None


@dataclass(frozen=True)
class Store:
    """Write the number `item` of the body to this place of a view."""

    item: int
    view: View


@dataclass(frozen=True)
class Reduction:
    """Combine the number `item` over all places that share an element of the view (stride 0 along the reduced axes).

    `kind` is sum, prod, maximum, minimum (NaN if any is), any, all, argmax or argmin (the position along the single reduced axis, the first
    of equals; NaN counts as the extreme; stored as int64).  A sum keeps its digits: no long row is added into a single float.  The result
    is in the dtype of the buffer, which must not be read within the nest.
    """

    kind: str
    item: int
    view: View


@dataclass
class Nest:
    """Loops over `domain`, outermost first."""

    domain: tuple[int, ...]
    body: list[Load | Gather | Literal | Instruction] = field(default_factory=list)
    stores: list[Store] = field(default_factory=list)
    reductions: list[Reduction] = field(default_factory=list)
