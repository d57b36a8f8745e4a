"""Anomaly detection: the first op whose value or gradient stops being finite, with the user's line that called it."""

from __future__ import annotations

import linecache
import os
import sys
import warnings
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from .mode import GRAD, WATCH
from .op import Traced

if TYPE_CHECKING:
    from contextvars import Token

    from .graph import Node

__all__ = ["detect_anomaly"]

_HERE = Path(__file__).parent
_HOUSE = tuple(f"{folder}{os.sep}" for folder in (_HERE, _HERE.parent / "nn", Path(np.__file__).parent))

REMEMBERED = 200_000  # lines of the newest calls: a graph that is larger forgets its oldest


class detect_anomaly:  # noqa: N801  # PyTorch's name
    """Within it, the first value or gradient that is not finite raises FloatingPointError: op, place, the user's line, the inputs' ranges.

    It also warns where (N, 1) meets (N,) and makes (N, N), which is seldom meant.  Every recorded call is looked at, and so training is
    slower meanwhile; what needs no gradient is not looked at.

    >>> from autograd import Tensor, ops
    >>> x = Tensor([1.0, 0.0], requires_grad=True, name="x")
    >>> with detect_anomaly(), np.errstate(divide="ignore"):  # doctest: +ELLIPSIS
    ...     ops.log(x)
    Traceback (most recent call last):
    FloatingPointError: log: value -inf at (1,), 1 of 2 not finite; x (2,) from 0 to 1; ...
    """

    def __init__(self) -> None:
        self._lines: dict[int, str] = {}  # the user's line of each node, by age
        self._tokens: list[tuple[Token[Any], Token[Any]]] = []

    def __enter__(self) -> Self:
        self._tokens.append((WATCH.set(self), GRAD.set(self if GRAD.get() else False)))
        return self

    def __exit__(self, *error: object) -> None:
        watch, grad = self._tokens.pop()
        GRAD.reset(grad)
        WATCH.reset(watch)

    def saw_value(self, node: Node, values: list[Any], y: Any) -> None:
        """Look at the value of a call just recorded."""
        op = node.op
        assert op is not None
        self._lines[node.age] = _user_line()
        if len(self._lines) > REMEMBERED:
            for age in list(islice(self._lines, REMEMBERED // 2)):
                del self._lines[age]
        shapes = {np.shape(v) for v in values if np.ndim(v)}
        if op.kind == "elementwise" and any((s[0], 1) in shapes for s in shapes if len(s) == 1 and s[0] > 1):
            both = " and ".join(map(str, sorted(shapes, key=len)))
            warnings.warn(f"{op.name}: {both} make {np.shape(y)}, which is seldom meant; {self._lines[node.age]}", stacklevel=4)
        if (found := _not_finite(y)) is not None:
            ranges = ", ".join(_range(name, v) for name, v in zip(_names(op, len(values)), values, strict=True) if v is not None)
            raise FloatingPointError(f"{op.name}: value {found}; {ranges}; {self._lines[node.age]}")

    def saw_cotangent(self, node: Node, i: int, cotangent: Any) -> None:
        """Look at what a rule just returned."""
        found = _not_finite(cotangent.data if isinstance(cotangent, Traced) else cotangent)
        if found is not None and node.op is not None:
            saved = ", ".join(_range("saved", a) for a in node.saved or () if isinstance(a, (np.ndarray, np.generic)))
            where = self._lines.get(node.age, "recorded before detect_anomaly()")
            raise FloatingPointError(f"gradient {found} from the {node.op.describe_rule(i)}; {saved or 'nothing saved'}; {where}")


def _not_finite(a: Any) -> str | None:
    bad = np.argwhere(~np.isfinite(a))
    if not len(bad):
        return None
    place = tuple(bad[0].tolist())
    return f"{np.asarray(a)[place]} at {place}, {len(bad)} of {np.size(a)} not finite"


def _names(op: Any, count: int) -> list[str]:
    return [f"{op.arguments[0]}[{k}]" for k in range(count)] if op.variadic else list(op.arguments)


def _range(name: str, a: Any) -> str:
    a = np.asarray(a)
    if not a.size or a.dtype.kind not in "biuf":
        return f"{name} {a.shape}"
    return f"{name} {a.shape} from {np.min(a):.4g} to {np.max(a):.4g}"


def _user_line() -> str:
    """The innermost line that is not ours or NumPy's."""
    frame: Any = sys._getframe(1)  # noqa: SLF001  # the documented way to the caller's line
    while frame is not None and frame.f_code.co_filename.startswith(_HOUSE):
        frame = frame.f_back
    if frame is None:
        return "called from nowhere in Python"
    name, number = frame.f_code.co_filename, frame.f_lineno
    return f"{name}:{number}: {linecache.getline(name, number).strip()}"
