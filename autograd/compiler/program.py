"""A program: what a function computes, as straight-line code over arrays whose shapes and dtypes are known.

A `Value` is one array, a `Step` one call of an op.  Every value is made once and never changes; what is written into the memory of an
input is said apart, in `writes`, and happens at the end.  Passes turn programs into programs, emitters turn them into code.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

__all__ = ["Draw", "Input", "Program", "Step", "Value", "values_of"]


class Value:
    """One array of a program: an input (no `step`), a constant (its `content`), or a result of a `step`.

    A `weak` value is a Python number, float64, int64 or complex128 by itself, which widens no array that it meets.
    """

    __slots__ = ("content", "dtype", "shape", "step", "weak")

    def __init__(
        self, shape: tuple[int, ...], dtype: np.dtype[Any], step: Step | None = None, content: Any = None, weak: bool = False
    ) -> None:
        self.shape, self.dtype, self.step, self.content, self.weak = shape, dtype, step, content, weak

    @property
    def size(self) -> int:
        """How many numbers there are."""
        return prod(self.shape)

    @property
    def nbytes(self) -> int:
        """The memory that they take."""
        return self.size * self.dtype.itemsize

    def __repr__(self) -> str:
        return f"<{self.dtype}{list(self.shape)}>"


class Step:
    """One call: the op, its arguments (values, or Python numbers and None as they are), its options, and the values that it makes.

    `op` is an op or what stands in for one (a `Draw`, a substitute): it has a `name`, a `kind`, and a `forward`.

    `plural` says whether the op gives a tuple, of which `results` are the parts.
    """

    __slots__ = ("args", "op", "options", "plural", "results")

    def __init__(
        self, op: Any, args: tuple[Any, ...], options: Mapping[str, Any], results: tuple[Value, ...] = (), plural: bool = False
    ) -> None:
        self.op, self.args, self.options, self.results, self.plural = op, args, options, results, plural

    def __repr__(self) -> str:
        return f"<{self.op.name} {', '.join(map(repr, self.args))}>"


class Draw:
    """Random numbers, afresh at each run, in place of an op: a method of one generator.  What draws can't be dropped, doubled or moved."""

    kind = "draw"

    def __init__(self, generator: np.random.Generator, method: str) -> None:
        self.generator, self.name = generator, method
        self.forward = getattr(generator, method)


class Input(NamedTuple):
    """A value that the caller hands over, with a name for pictures and listings."""

    value: Value
    name: str


class Program:
    """Steps in an order in which they can run, from `inputs` to `outputs`.

    `writes` are pairs (input, value): at the end, the memory of that input takes over the value, of the same shape and dtype.
    """

    def __init__(
        self, inputs: Iterable[Input], steps: Iterable[Step], outputs: Iterable[Value], writes: Iterable[tuple[Value, Value]] = ()
    ) -> None:
        self.inputs, self.steps, self.outputs, self.writes = list(inputs), list(steps), list(outputs), list(writes)

    def results(self) -> Iterator[Value]:
        """What must be there at the end: outputs, then what is written."""
        yield from self.outputs
        for _, value in self.writes:
            yield value

    def constants(self) -> list[Value]:
        """The arrays that are part of the program."""
        found = [v for step in self.steps for v in values_of(step) if v.content is not None]
        return list(dict.fromkeys([*found, *(v for v in self.results() if v.content is not None)]))

    def run(self, *arrays: Any) -> tuple[Any, ...]:
        """The outputs and what is to be written, computed step by step as eager code would: the reference for all emitters.

        >>> from autograd.op import TABLE
        >>> x = Value((2,), np.dtype(float))
        >>> y = Value((2,), np.dtype(float))
        >>> y.step = Step(TABLE["exp"], (x,), {}, (y,))
        >>> Program([Input(x, "x")], [y.step], [y]).run(np.zeros(2))
        (array([1., 1.]),)
        """
        found: dict[Any, Any] = dict(zip([i.value for i in self.inputs], arrays, strict=True))

        def at(a: Any) -> Any:
            return (found[a] if a.content is None else a.content) if isinstance(a, Value) else a

        with np.errstate(all="ignore"):
            for step in self.steps:
                y = step.op.forward(*map(at, step.args), **step.options)
                found.update(zip(step.results, y if step.plural else (y,), strict=True))
        return tuple([at(v) for v in self.results()])


def values_of(step: Step) -> Iterator[Value]:
    """The values among the arguments of a step."""
    return (a for a in step.args if isinstance(a, Value))
