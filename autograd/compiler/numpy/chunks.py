"""Large arrays in chunks: of number-by-number steps in a row, all are done to one chunk, which is near in the cache, before the next."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..program import Step, Value, values_of
from .forms import Form

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .variables import Block, Names, Variable

    Line = tuple[str, Step | None]

__all__ = ["chunks", "in_chunks"]

LENGTH = 1 << 16
"""How many numbers make a chunk: four arrays of float32 in a megabyte, and few calls of NumPy for each."""
LARGE, MANY = 4 * LENGTH, 4
"""How many numbers, and steps in a row, are worth it."""
CALL = re.compile(r"np\.\w+\((\{[a-h]\}(, )?)+\{out\}\)")
"""The line of one universal function of arguments as they are."""


def chunks(a: np.ndarray, size: int) -> list[np.ndarray]:
    """The chunks of an array of `size` numbers in a row; memory that is only one chunk long is given once for each chunk.

    >>> [len(chunk) for chunk in chunks(np.zeros((2, LENGTH)), 2 * LENGTH)], len(chunks(np.zeros(LENGTH), 5 * LENGTH))
    ([65536, 65536], 5)
    """
    flat, starts = a.reshape(-1), range(0, size, LENGTH)
    return [flat[start % a.size :][: min(LENGTH, size - start)] for start in starts]


class Run(NamedTuple):
    """Lines in a row that are done in chunks, of arrays of `shape`; those in between go before, or after.

    Two names may stand for the same memory: each chunk is at the same place under both, so writing over an argument stays right.
    """

    shape: tuple[int, ...]
    lines: list[Line]
    before: list[Line]
    after: list[Line]
    variables: dict[str, Variable]

    def add(self, code: str, step: Step, arrays: Iterable[Variable]) -> None:
        """One more line, about these arrays."""
        self.lines.append((code, step))
        self.variables.update({variable.name: variable for variable in arrays})


def in_chunks(
    body: Iterable[Line], forms: Mapping[Step, Any], variables: Mapping[Any, Variable], names: Names, numbers: Mapping[Step, int]
) -> list[Line]:
    """The lines of a program, where it pays in loops over chunks; `numbers` says where each step stands in the program.

    `forms` are those of steps that don't raise.  Memory that a loop writes lives as long as it; what it alone needs is as long as a chunk.
    """
    found: list[Line] = []
    run: Run | None = None
    for code, step in body:
        arrays = _arrays(step, forms, variables) if step is not None else None
        if run is not None and arrays and step is not None and step.results[0].shape == run.shape:
            run.add(code, step, arrays)
        elif run is not None and arrays is None and _goes_before(step):
            run.before.append((code, step))
        elif run is not None and step is None and code.startswith("del "):
            run.after.append((code, step))
        else:
            found += _written(run, names, numbers)
            run = None
            if arrays and step is not None:
                run = Run(step.results[0].shape, [], [], [], {})
                run.add(code, step, arrays)
            else:
                found.append((code, step))
    return [*found, *_written(run, names, numbers)]


def _arrays(step: Step, forms: Mapping[Step, Any], variables: Mapping[Any, Variable]) -> list[Variable] | None:
    """The variables of the large arrays that a step of one universal function takes and gives; None if it isn't one."""
    form = forms.get(step)
    if not isinstance(form, Form) or not form.elementwise or len(form.lines) != 1 or not CALL.fullmatch(form.lines[0]):
        return None
    y = step.results[0]
    arrays = [a for a in (*values_of(step), y) if a.shape]
    found = [variables[a] for a in arrays]
    alike = all(a.shape == y.shape for a in arrays) and all(p.array is not None and p.array.flags.c_contiguous for p in found)
    return found if alike and y.size >= LARGE else None


def _goes_before(step: Step | None) -> bool:
    """Whether a step is about single values only."""
    return step is not None and all(isinstance(a, Value) and not a.shape for a in (*values_of(step), *step.results))


def _written(run: Run | None, names: Names, numbers: Mapping[Step, int]) -> list[Line]:
    """The lines of a run, in a loop if there are many."""
    if run is None:
        return []
    if len(run.lines) < MANY:
        return [*run.before, *run.lines, *run.after]
    steps = [step for _, step in run.lines if step is not None]
    first, last = numbers[steps[0]], numbers[steps[-1]]
    size = steps[0].results[0].size
    made: list[Line] = []
    lines: list[str] = []
    for code, step in run.lines:
        new = re.fullmatch(r"(\w+) = (.*)\)", code)  # a result, for which NumPy would find memory
        if new and step is not None:
            y = step.results[0]
            made.append((f"{new[1]} = np.empty({y.shape}, {str(y.dtype)!r})", step))
        lines.append(f"{new[2]}, out={new[1]})" if new else code)
    given = {}
    for name, variable in run.variables.items():
        for block in variable.blocks:
            _keep(block.whole(), name, names, first, last)
        given[name] = names.of_code(f"chunks({name}, {size})", f"{name}_chunks") if variable.fixed else f"chunks({name}, {size})"
    renamed = {name: names.new(f"{name}_") for name in given}
    all_given = ", ".join(given.values())
    loop = f"for {', '.join(renamed.values())} in {f'zip({all_given})' if len(given) > 1 else all_given}:"
    whole = re.compile(rf"(?<![\w.])({'|'.join(renamed)})\b(?!=)")
    inside: list[Line] = [(f"    {whole.sub(lambda match: renamed[match[1]], code)}", None) for code in lines]
    return [*run.before, *made, (loop, None), *inside, *run.after]


def _keep(block: Block, name: str, names: Names, first: int, last: int) -> None:
    """Let memory live through all of a loop, or be as long as a chunk, if nothing else needs it."""
    if block.nbytes is None:
        return
    users = [other for other, (memory, _) in names.buffers.items() if memory.whole() is block]
    users += [view for view, code in names.setup.items() if re.search(rf"\b{name}\b", code)]
    if users == [name] and first <= block.first and block.last <= last:
        chunk = np.empty(LENGTH, names.buffers[name][1].dtype)
        names.buffers[name], block.nbytes = (block, chunk), chunk.nbytes
    else:
        block.first, block.last = min(block.first, first), max(block.last, last)
