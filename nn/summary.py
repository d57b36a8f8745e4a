"""What a module consists of, line by line: its parts, their output shapes on an example, their parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from autograd import Tensor, no_grad

from .module import Module, Parameter

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Row", "Summary"]


class Row(NamedTuple):
    """A module and what it holds itself: how deep it stands, its label, the shape of what each call gave, its Tensors by name."""

    depth: int
    label: str
    outputs: tuple[Any, ...]
    tensors: tuple[tuple[str, Tensor], ...]


class Summary:
    """A module's parts as rows, which print as a table.  With the shapes of its inputs it is run once, on zeros, in evaluation mode.

    >>> from nn import MLP
    >>> Summary(MLP([64, 32, 10]), (8, 64))
    module                output   parameters
    MLP()                 (8, 10)
      0: Linear(64 → 32)  (8, 32)       2,080  weight (32, 64), bias (32,)
      1: ReLU()           (8, 32)
      2: Linear(32 → 10)  (8, 10)         330  weight (10, 32), bias (10,)
    2,410 parameters, 9.64 kB
    """

    def __init__(self, module: Module, *input_shapes: tuple[int, ...]) -> None:
        for shape in input_shapes:
            if not isinstance(shape, (tuple, list)):
                raise TypeError(f"summary: got {shape!r}, wanted the shape of each input as a tuple, batch and all, such as (32, 64)")
        outputs = _outputs(module, [np.zeros(shape, module.dtype) for shape in input_shapes]) if input_shapes else {}
        self.rows = list(_rows(module, "", 0, outputs))
        self.parameters = list(module.parameters())

    @property
    def total(self) -> int:
        """How many numbers the parameters hold; a shared one counts once."""
        return sum(p.size for p in self.parameters)

    def __repr__(self) -> str:
        seen: set[int] = set()
        table = [["module", "output" if any(row.outputs for row in self.rows) else "", "parameters", ""]]
        for row in self.rows:
            own = sum(t.size for _, t in row.tensors if isinstance(t, Parameter) and id(t) not in seen)
            calls = f" ×{len(row.outputs)}" if len(row.outputs) > 1 else ""
            output = f"{row.outputs[-1]}{calls}" if row.outputs else ""
            told = ", ".join(f"{name} {t.shape}{_note(t, id(t) in seen)}" for name, t in row.tensors)
            table.append(["  " * row.depth + row.label, output, f"{own:,}" if own else "", told])
            seen |= {id(t) for _, t in row.tensors}
        first, second, third = (max(len(line[k]) for line in table) for k in range(3))
        lines = [f"{a:{first}}  {f'{b:{second}}  ' if second else ''}{c:>{third}}  {d}".rstrip() for a, b, c, d in table]
        frozen = sum(p.size for p in self.parameters if not p.requires_grad)
        size = f"{self.total:,} parameters{f', {frozen:,} of them frozen' if frozen else ''}"
        return "\n".join([*lines, f"{size}, {_bytes(sum(p.data.nbytes for p in self.parameters))}"])


def _note(tensor: Tensor, shared: bool) -> str:
    if shared:
        return " shared"
    if not isinstance(tensor, Parameter):
        return " not learnt"
    return "" if tensor.requires_grad else " frozen"


def _bytes(count: float) -> str:
    for unit in ("B", "kB", "MB"):
        if count < 1000:
            return f"{count:.3g} {unit}"
        count /= 1000
    return f"{count:.3g} GB"


def _rows(module: Module, name: str, depth: int, outputs: dict[int, list[Any]]) -> Iterator[Row]:
    members = list(module.members())
    tensors = tuple((key, part) for key, part in members if isinstance(part, Tensor))
    label = f"{name}: " if name else ""
    yield Row(depth, f"{label}{type(module).__name__}({module.facts()})", tuple(outputs.get(id(module), ())), tensors)
    for key, part in members:
        if isinstance(part, Module):
            yield from _rows(part, key, depth + 1, outputs)


def _outputs(module: Module, inputs: list[Any]) -> dict[int, list[Any]]:
    """The shapes of what each call of each module gave, by the module's id; all modules are then as they were."""
    found: dict[int, list[Any]] = {}

    def watched(part: Module) -> Any:
        forward = part.forward

        def watching(*args: Any, **kwargs: Any) -> Any:
            y = forward(*args, **kwargs)
            found.setdefault(id(part), []).append(_shape(y))
            return y

        return watching

    before = {part: dict(vars(part)) for part in module.modules()}
    try:
        module.eval()
        for part in before:
            vars(part)["forward"] = watched(part)
        with no_grad():
            module(*inputs)
    finally:
        for part, attributes in before.items():
            vars(part).clear()
            vars(part).update(attributes)
    return found


def _shape(y: Any) -> Any:
    return tuple(map(_shape, y)) if isinstance(y, (tuple, list)) else np.shape(y)
