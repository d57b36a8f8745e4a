"""Modules: things with parameters.  Their parts are found by walking attributes, lists and dicts; nothing is registered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autograd import Tensor
from autograd.drawing.scope import enclose, now
from autograd.op import as_array

from .checkpoint import mismatches

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import ArrayLike, DTypeLike, NDArray

    from .summary import Summary

__all__ = ["Module", "Parameter"]


class Parameter(Tensor):
    """A Tensor that is learnt, in float32 unless told otherwise: a module's attribute of this type is one of its parameters.

    Any other Tensor among a module's attributes is part of its state, but not learnt.

    >>> Parameter([1., 2.])
    Tensor([1., 2.], dtype=float32, requires_grad=True)
    """

    __slots__ = ()

    def __init__(
        self,
        data: ArrayLike | Tensor,
        requires_grad: bool = True,
        dtype: DTypeLike = np.float32,
        name: str | None = None,
        copy: bool = True,
    ) -> None:
        super().__init__(data, requires_grad, dtype, name, copy)


class Module:
    """A function with parameters: set Parameters and Modules as attributes (or in lists and dicts of them) and write `forward`.

    >>> class Scale(Module):
    ...     def __init__(self):
    ...         self.factor = Parameter(2.0)
    ...     def forward(self, x):
    ...         return self.factor * x
    >>> Scale()(3.0)
    Tensor(6., dtype=float32, op=multiply)
    """

    training = True

    def __setattr__(self, name: str, value: Any) -> None:
        if isinstance(getattr(self, name, None), Parameter) and not (value is None or isinstance(value, Parameter)):
            kind = type(value).__name__
            raise TypeError(f"{type(self).__name__}.{name} is a Parameter, got a {kind}, wanted a Parameter: write into its .data instead")
        super().__setattr__(name, value)

    def forward(self, *args: Any) -> Any:
        """Compute the output; subclasses define it."""
        raise NotImplementedError(f"{type(self).__name__} has no forward(); define it")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        start = now()
        y = self.forward(*args, **kwargs)
        enclose(self, start, y)  # for pictures
        return y

    # -- the tree ---------------------------------------------------------------------------------------------------------------------

    def members(self) -> Iterator[tuple[str, Any]]:
        """The parts that this module holds directly, by name: Tensors and Modules."""
        return _parts(vars(self))

    def named_modules(self, prefix: str = "") -> Iterator[tuple[str, Module]]:
        """This module and all below it, by path, each once; a module that contains itself is an error."""
        return ((path, part) for path, part in _once(_walk(self, prefix, ())) if isinstance(part, Module))

    def modules(self) -> Iterator[Module]:
        """This module and all below it."""
        return (module for _, module in self.named_modules())

    def named_parameters(self) -> Iterator[tuple[str, Parameter]]:
        """The parameters by path, such as "0.weight"; a shared one once, by its first path."""
        return ((path, part) for path, part in _once(_walk(self, "", ())) if isinstance(part, Parameter))

    def parameters(self) -> Iterator[Parameter]:
        """The parameters, each once."""
        return (parameter for _, parameter in self.named_parameters())

    @property
    def dtype(self) -> np.dtype[Any]:
        """The dtype of the first parameter, to which data is cast; float32 without parameters."""
        return next((p.dtype for p in self.parameters()), np.dtype(np.float32))

    # -- modes and state --------------------------------------------------------------------------------------------------------------

    def train(self, mode: bool = True) -> Module:
        """Switch dropout and the like on (or off); returns itself."""
        for module in self.modules():
            module.training = mode
        return self

    def eval(self) -> Module:
        """Switch dropout and the like off; returns itself."""
        return self.train(mode=False)

    def zero_grad(self) -> None:
        """Forget the gradients of all parameters."""
        for parameter in self.parameters():
            parameter.grad = None

    def state_dict(self) -> dict[str, NDArray[Any]]:
        """Copies of all parameters and other Tensors, by path."""
        return {path: part.numpy() for path, part in _walk(self, "", ()) if isinstance(part, Tensor)}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Write arrays (or Tensors) into the Tensors of the same paths.  Everything is checked first: on an error nothing has changed.

        Raises ValueError with all that is wrong: missing or unexpected names, shapes and dtypes that do not fit.
        """
        if not hasattr(state, "items"):
            got = type(state).__name__
            raise TypeError(f"load_state_dict: got a {got}, wanted arrays by name, such as the first of the two that checkpoint.load gives")
        own = {path: part for path, part in _walk(self, "", ()) if isinstance(part, Tensor)}
        found = {path: np.array(value.data if isinstance(value, Tensor) else as_array(value)) for path, value in state.items()}
        problems = mismatches({path: tensor.data for path, tensor in own.items()}, found)
        if problems:
            raise ValueError(f"load_state_dict: nothing was loaded into {type(self).__name__}:\n  " + "\n  ".join(problems))
        for path, tensor in own.items():
            tensor.data = found[path].astype(tensor.dtype)

    def __repr__(self) -> str:
        count = sum(p.size for p in self.parameters())
        return f"{_tree(self, '')}\n{count:,} parameters" if count else _tree(self, "")

    def summary(self, *input_shapes: tuple[int, ...]) -> Summary:
        """The tree of parts with their parameters, as a table; given the shape of each input, also what shapes come out of them.

        >>> Module().summary()
        module    parameters
        Module()
        0 parameters, 0 B
        """
        from .summary import Summary

        return Summary(self, *input_shapes)

    def facts(self) -> str:
        """What `repr` shows between the brackets; subclasses say what matters."""
        return ", ".join(f"{name} {part.shape}" for name, part in self.members() if isinstance(part, Tensor))


def _parts(members: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in members.items():
        name = f"{prefix}{key}"
        if isinstance(value, (Tensor, Module)):
            yield name, value
        elif isinstance(value, (list, tuple)):
            yield from _parts({str(k): item for k, item in enumerate(value)}, f"{name}.")
        elif isinstance(value, dict):
            yield from _parts({str(k): item for k, item in value.items()}, f"{name}.")


def _walk(module: Module, path: str, above: tuple[Module, ...]) -> Iterator[tuple[str, Any]]:
    """The module and all parts below it, with their paths."""
    if any(module is m for m in above):
        raise ValueError(f"{type(module).__name__} contains itself, at {path!r}; a module's parts must form a tree")
    yield path, module
    for name, part in module.members():
        full = f"{path}.{name}" if path else name
        if isinstance(part, Module):
            yield from _walk(part, full, (*above, module))
        else:
            yield full, part


def _once(walk: Iterator[tuple[str, Any]]) -> Iterator[tuple[str, Any]]:
    seen: set[int] = set()
    for path, part in walk:
        if id(part) not in seen:
            seen.add(id(part))
            yield path, part


def _tree(module: Module, indent: str) -> str:
    lines = [f"{type(module).__name__}({module.facts()})"]
    for name, part in module.members():
        if isinstance(part, Module):
            lines.append(f"{indent}  {name}: {_tree(part, indent + '  ')}")
    return "\n".join(lines)
