"""Solutions of equations, differentiated by what they are, not by how they were found.

Where x = f(x, θ), a change obeys dx = J dx + (∂f/∂θ) dθ with J = ∂f/∂x.  So the cotangent g of x is that of θ through f, times w, which
obeys w = Jᵀ w + g: again a fixed point, found as the first was.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .. import ops
from ..backward import pull_back
from ..graph import Node, next_age, reachable
from ..mode import call_recording, no_grad
from ..numpy.keywords import is_followed, plain
from ..op import call, general
from ..tensor import Tensor, wrapped
from ..trace import call_with_variables, fresh_variable
from ..tree import map_leaves
from .flatten import flatten

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Function = Callable[[Any], Any]

__all__ = ["Equation", "captured", "fixed_point", "implicit", "solution"]


class Equation:
    """An equation for a row x, made of a function f(x, *arrays), which may read other values too.

    `solve(*arrays)` gives the plain solution.  `adjoint(vjp, g)` gives, for the cotangent g of the solution, the cotangent w of f that is
    equivalent; vjp is the map w ↦ Jᵀ w, with J = ∂f/∂x there.  `captured` are the nodes of what f reads beside its arguments.

    >>> Equation(lambda x, a: a / x - x, np.sqrt, lambda vjp, g: g / -vjp(1.0)).solve(4.0)
    np.float64(2.0)
    """

    def __init__(
        self, f: Callable[..., Any], solve: Callable[..., Any], adjoint: Callable[[Function, Any], Any], captured: Sequence[Node] = ()
    ) -> None:
        self.f, self.solve, self.adjoint, self.captured = f, solve, adjoint, captured
        self._found: tuple[Any, dict[int, Any]] = (None, {})  # the cotangent that arrived, and what of its pull-back is not yet handed out

    def __repr__(self) -> str:
        return getattr(self.f, "__name__", "function")

    def pull(self, arrays: Sequence[Any], x: Any, g: Any, i: int) -> Any:
        """The cotangent of array `i`."""
        of, found = self._found
        if of is not g or i not in found:
            found = dict(enumerate(self._pull(arrays[: len(arrays) - len(self.captured)], x, g)))
        cotangent = found.pop(i)
        self._found = (g, found) if found else (None, {})
        return cotangent

    def _pull(self, arrays: Sequence[Any], x: Any, g: Any) -> list[Any]:
        history = any(isinstance(a, Tensor) for a in (x, g, *arrays))
        variables = [call_recording(ops.copy, a) if isinstance(a, Tensor) else fresh_variable(a) for a in (x, *arrays)]
        nodes: list[Any] = [v._node for v in variables]
        at_x, towards = nodes[0], [*nodes[1:], *self.captured]
        y = call_with_variables({at_x, *towards}, self.f, *variables)

        def pulled(w: Any) -> list[Any]:
            arrived = pull_back([(y._node, w)], wrapped if history else None, {at_x, *towards})[0]
            return [arrived[node] if node in arrived else np.zeros(node.shape, node.dtype) for node in (at_x, *towards)]

        w = self.adjoint(lambda w: pulled(w)[0], g)
        return pulled(w if history else plain(w))[1:]


def _iterated(f: Function, x: Any, distance: Callable[[Any, Any], Any], tol: float) -> Any:
    """The plain row at which f settles."""
    with no_grad():
        x, before = plain(f(x)), x
        while distance(x, before) > tol:
            x, before = plain(f(x)), x
    return x


def _farthest(x: Any, z: Any) -> Any:
    return np.max(np.abs(x - z))


@general(
    lambda g, arrays, y, i, equation: equation.pull(arrays, y, g, i),
    variadic=True,
    samples=[
        call(
            ((3,), (3,)),
            Equation(
                lambda x, a, b: ops.sin(a) + b * x / 8,
                lambda a, b: _iterated(lambda x: ops.sin(a) + b * x / 8, np.zeros(3), _farthest, 1e-15),
                lambda vjp, g: _settled(lambda w: vjp(w) + g, np.zeros(g.shape, g.dtype), _farthest, 1e-15),
            ),
        )
    ],
)
def implicit(arrays: Any, /, equation: Any) -> Any:
    """The row x that obeys an equation with these arrays in it.  Derivative: the equation's, by the implicit function theorem.

    >>> implicit([2.0], Equation(lambda x, a: a / x - x, np.sqrt, lambda vjp, g: g / -vjp(1.0)))
    np.float64(1.4142135623730951)
    """
    return equation.solve(*arrays)


def captured(y: Tensor, start: int) -> list[Node]:
    """The nodes from before the age `start` that a value computed since was made of, oldest first.

    >>> x = Tensor(2.0, requires_grad=True)
    >>> captured(x * x, next_age())
    [<multiply node ()>]
    """
    nodes: list[Any] = reachable([y._node], start)  # type: ignore[list-item]  # it is followed
    found = {p for node in nodes for p in ((node,) if node.age < start else node.parents) if isinstance(p, Node)}
    return sorted((p for p in found if p.needs_grad and p.age < start), key=lambda p: p.age)


def solution(f: Function, x: Any, adjoint: Callable[[Function, Any], Any]) -> Any:
    """The plain row x, with its derivatives by all that f reads: x solves an equation made of f, as `Equation` describes it.

    >>> solution(lambda x: x / 2 + 1, np.array([2.0]), lambda vjp, g: g)
    array([2.])
    """
    start = next_age()
    y = call_recording(f, x)
    if not is_followed(y):
        return Tensor(x) if isinstance(y, Tensor) else x
    nodes = captured(y, start)
    equation = Equation(f, lambda *_: x, adjoint, nodes)
    return implicit([wrapped(np.broadcast_to(np.zeros((), p.dtype), p.shape), p) for p in nodes], equation)


def _settled(f: Function, start: Any, distance: Callable[[Any, Any], Any], tol: float) -> Any:
    """The row at which f settles, with its derivatives by all that f reads."""
    x = _iterated(f, start, distance, tol)
    return solution(f, x, lambda vjp, g: _settled(lambda w: vjp(w) + g, np.zeros(g.shape, g.dtype), distance, tol))


def fixed_point(f: Callable[[Any], Function], a: Any, x0: Any, distance: Callable[[Any, Any], Any], tol: float) -> Any:
    """The x for which x = f(a)(x), searched from x0 on until `distance(x, x_before) <= tol`.

    Differentiated by a and by all that f reads, to any order; not by x0, on which the fixed point does not depend.  x0 may be a container.

    >>> from autograd import grad
    >>> halfway = lambda a: lambda x: (x + a / x) / 2
    >>> grad(lambda a: fixed_point(halfway, a, 1.0, lambda x, z: abs(x - z), 1e-12))(4.0).round(9)
    np.float64(0.25)
    """
    row, unflatten = flatten(map_leaves(plain, x0))
    of_row = lambda x: flatten(f(a)(unflatten(x)))[0]
    return unflatten(_settled(of_row, row, lambda x, z: distance(unflatten(x), unflatten(z)), tol))
