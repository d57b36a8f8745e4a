"""The elementary functions as functions of LLVM IR, float and double: arithmetic without branches, so that loops vectorise.

Polynomials are minimax on their intervals, computed by Remez's algorithm in 60 digits.  Denormal numbers, zeros with their signs, infinity
and NaN are as they should be; the greatest errors found, in units in the last place, of float and double:

exp 1.0, 1.0; exp2 1.0, 1.1; expm1 1.5, 1.8; log 0.8, 0.8; log1p 1.4, 1.3; log2, log10 0.5, 0.8; power 0.5 (float);
sinh 2.1, 2.4; cosh 1.5, 1.5; tanh 2.4, 2.5; arcsinh 1.8, 1.8; arccosh 2.5, 2.5; arctanh 2.0, 1.8; erf 2.1, 3.1; erfc 4.0, 3.3;
sin, cos 1.5, 1.9; tan 3.1, 3.3; arcsin 3.1, 3.2; arccos 2.7, 2.8; arctan 2.1, 2.1; arctan2 2.4, 2.5.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import circular, exponential
from .registers import Lines, Register

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["ELEMENTARY", "NEAR", "definition", "is_elementary"]

ELEMENTARY: dict[str, Callable[..., Register]] = {
    "exp": exponential.exp, "exp2": exponential.exp2, "expm1": exponential.expm1, "sinh": exponential.sinh, "cosh": exponential.cosh,
    "tanh": exponential.tanh, "log": exponential.log, "log1p": exponential.log1p, "log2": exponential.log2,
    "log10": exponential.log10, "arcsinh": exponential.arcsinh, "arccosh": exponential.arccosh, "arctanh": exponential.arctanh,
    "erf": exponential.erf, "erfc": exponential.erfc, "power": exponential.power,
    "sin": circular.sin, "cos": circular.cos, "tan": circular.tan, "arcsin": circular.arcsin, "arccos": circular.arccos,
    "arctan": circular.arctan, "arctan2": circular.arctan2,
}  # fmt: skip
"""By NumPy's names; `power` of floats only, of doubles it would take more digits than a double has."""
NEAR = {"sin": circular.LIMIT, "cos": circular.LIMIT, "tan": circular.LIMIT}
"""Functions that are ours only up to this |x|; beyond it, C's library computes them."""


def is_elementary(name: str, kind: str) -> bool:
    """Whether there is such a function of a type."""
    return name in ELEMENTARY and (name, kind) != ("power", "double")


def definition(name: str, kind: str) -> str:
    """The function in LLVM IR, `@exp.float`.

    >>> print(definition("arctan2", "float").splitlines()[0])
    define internal float @arctan2.float(float %a, float %b) alwaysinline nounwind {
    """
    code = Lines()
    names = "ab"[: ELEMENTARY[name].__code__.co_argcount]
    y = ELEMENTARY[name](*[Register(code, f"%{a}", kind) for a in names])
    code.line(f"ret {kind} {y.name}")
    return (
        f"define internal {kind} @{name}.{kind}({', '.join(f'{kind} %{a}' for a in names)}) alwaysinline nounwind {{\n{code.text()}\n}}\n"
    )
