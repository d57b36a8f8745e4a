"""Anomaly detection: where numbers first go wrong, with the user's line.

While `detect_anomaly` is on, it is told of every recorded call, of every rule that runs, and of every cotangent and tangent that comes out.
"""

from __future__ import annotations

import linecache
import os
import sys
import threading
import warnings
import zlib
from contextvars import ContextVar
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from .misuse import labels
from .mode import Watch
from .op import Traced
from .tracer import getval

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from .graph import Node
    from .op import Op

__all__ = ["HOUSE", "Line", "detect_anomaly", "user_line"]

_HERE = Path(__file__).parent
HOUSE = tuple(f"{folder}{os.sep}" for folder in (_HERE, _HERE.parent / "nn", Path(np.__file__).parent))
"""The folders of our own code, and of NumPy's."""

REMEMBERED = 200_000  # facts of the newest calls: a graph that is larger forgets its oldest

_RULE: ContextVar[Any] = ContextVar("rule", default=None)
"""The rule that is running: its node, its argument and the user's line of the call.  What it records is no call of the user's."""


class Line(NamedTuple):
    """A line of the user's."""

    file: str
    number: int

    def __str__(self) -> str:
        if not self.file:
            return "called from nowhere in Python"
        return f"{self.file}:{self.number}: {linecache.getline(self.file, self.number).strip()}".removesuffix(": ")


class Call(NamedTuple):
    """What is remembered of a recorded call: the line, and a checksum of each array that it saved."""

    line: Line
    sums: tuple[int, ...]


class detect_anomaly(Watch):  # noqa: N801  # PyTorch's name
    """Within it, numbers that go wrong are named where they first do: the op, the place, the user's line, the ranges of its inputs.

    A value or gradient that is not finite raises FloatingPointError.  An array that a derivative needs and that was written through a plain
    NumPy view, unseen by the graph, raises RuntimeError.  A warning tells where (N, 1) meets (N,) and makes (N, N), which is seldom meant,
    and another, at the end, where a cotangent 0 met an infinite derivative and the product was taken as 0: `zeros_times_infinity` lists
    these places.  Every recorded call is looked at, and so training is slower meanwhile; what needs no gradient is not looked at.

    >>> from autograd import Tensor, ops
    >>> x = Tensor([1.0, 0.0], requires_grad=True, name="x")
    >>> with detect_anomaly(), np.errstate(divide="ignore"):  # doctest: +ELLIPSIS
    ...     ops.log(x)
    Traceback (most recent call last):
    FloatingPointError: log: value -inf at (1,), 1 of 2 not finite; x (2,) from 0 to 1; ...
    """

    def __init__(self) -> None:
        self._calls: dict[int, Call] = {}  # by the age of the node
        self._zeros: dict[tuple[str, Line], tuple[str, int]] = {}  # for each derivative and line where 0·∞ was met: where first, how often
        self._told = 0  # how many of these a warning has told
        self._warned: dict[Any, Any] = {}  # the registry of warnings
        self._lock = threading.Lock()

    def __exit__(self, kind: type[BaseException] | None, *error: object) -> None:
        super().__exit__(kind, *error)
        if kind is None and len(self._zeros) > self._told:
            self._told = len(self._zeros)
            warnings.warn(f"0·∞ was taken as 0, which is right only if the 0 is exact:\n{self}", stacklevel=2)

    def __str__(self) -> str:
        return "\n".join(self.zeros_times_infinity) or "no 0·∞ was met"

    @property
    def zeros_times_infinity(self) -> list[str]:
        """Each derivative in which 0·∞ was taken as 0: where in the array it first was, the user's line, in how many calls."""
        lines = [(f"{what} {place}; {line}", count) for (what, line), (place, count) in self._zeros.items()]
        return [f"{text} ({count} times)" if count > 1 else text for text, count in lines]

    # -- forward ----------------------------------------------------------------------------------------------------------------------

    def saw_call(self, node: Node, args: Sequence[Any], outputs: Iterable[Any]) -> None:
        """Look at the value of a call just recorded."""
        op, rule = node.op, _RULE.get()
        assert op is not None
        line = user_line() if rule is None else rule[2]
        with self._lock:
            self._calls[node.age] = Call(line, _checksums(node))
            if len(self._calls) > REMEMBERED:
                for age in list(islice(self._calls, REMEMBERED // 2)):
                    del self._calls[age]
        if rule is not None:  # an infinity inside a rule is no anomaly yet: it may meet an exact 0
            return
        shapes = [np.shape(getval(a)) for a in args]
        if op.kind == "elementwise" and any((s[0], 1) in shapes for s in shapes if len(s) == 1 and s[0] > 1):
            both = " and ".join(f"{name} {s}" for name, s in zip(labels(op, args), shapes, strict=True) if s)
            text = f"{op.name}: {both} make {node.shape}, which is seldom meant; did you mean [:, None], or .squeeze()?"
            warnings.warn_explicit(text, UserWarning, line.file, line.number, registry=self._warned)
        for y in outputs:
            if np.isnan(y).any() or not _is_mask(node, args):
                _check_value(op, args, y, line)

    def saw_failure(self, op: Op, error: Exception, args: Sequence[Any], values: Sequence[Any], options: Mapping[str, Any]) -> None:
        """Look at a call that NumPy's settings, or Python's of warnings, have stopped; raise if its value is not finite."""
        if isinstance(error, (FloatingPointError, RuntimeWarning)):
            with np.errstate(all="ignore"):
                y = op.forward(*values, **options)
            for part in y if type(y) is tuple else (y,):
                _check_value(op, args, part, user_line())

    # -- backward, and forward mode ---------------------------------------------------------------------------------------------------

    def saw_start(self, value: Any) -> None:
        """Look at the value from which `backward()` starts."""
        if (found := _not_finite(value)) is not None:
            raise FloatingPointError(
                f"backward(): its value is {found}, and was so before detect_anomaly(): put the forward pass inside too"
            )

    def run(self, node: Node, i: int | None, rule: Callable[..., Any], *args: Any) -> Any:
        """Call a rule of a node, for argument `i` or for all, so that what happens inside is known to be its doing."""
        before = _RULE.set((node, i, self._line(node)))
        try:
            return rule(*args)
        finally:
            _RULE.reset(before)

    def saw_zero_times_infinity(self, g: Any, partial: Any) -> None:
        """Note the first place where `g` is 0 and the derivative is not finite."""
        bad = np.argwhere((getval(g) == 0) & ~np.isfinite(getval(partial)))
        if len(bad):
            node, i, line = _RULE.get() or (None, None, user_line())
            what = "chain" if node is None else f"derivative of {node.op.name}" if i is None else node.op.describe_rule(i).partition(":")[0]
            with self._lock:
                place, count = self._zeros.get((what, line), (f"at {tuple(bad[0].tolist())}, {len(bad)} of {np.size(getval(g))}", 0))
                self._zeros[what, line] = place, count + 1

    def saw_saved(self, node: Node) -> None:
        """Compare the arrays that a call saved with what they were."""
        call = self._calls.get(node.age)
        if call is None or call.sums == (now := _checksums(node)):
            return
        written = next(k for k, pair in enumerate(zip(call.sums, now, strict=True)) if pair[0] != pair[1])
        a, name = _arrays(node)[written]
        raise RuntimeError(
            f"{node.op.name if node.op else 'leaf'}: {name} {a.shape}, which its derivative needs, was written after the forward pass, "
            f"unseen by the graph: through a plain array that shares its memory, as .data does; write later, or into a copy; {call.line}"
        )

    def saw_gradient(self, node: Node, g: Any) -> None:
        """Look at a cotangent that is complete: a sum of finite ones may overflow."""
        for part in g if isinstance(g, (list, tuple)) else (g,):
            if part is not None and (found := _not_finite(getval(part))) is not None:
                what = f"of {node.name or 'a leaf'}" if node.op is None else f"that arrives at {node.op.name}"
                raise FloatingPointError(f"gradient {found}: the sum, or the start, {what} {node.shape}; {self._line(node)}")

    def saw_cotangent(self, node: Node, i: int, g: Any, cotangent: Any) -> None:
        """Look at what a rule made of `g`."""
        found = _not_finite(getval(cotangent))
        if found is not None and node.op is not None:
            facts = [("g", part) for part in (g if isinstance(g, tuple) else (g,))] + [(name, a) for a, name in _arrays(node)]
            ranges = ", ".join(_range(name, getval(a)) for name, a in facts)
            raise FloatingPointError(f"gradient {found} from the {node.op.describe_rule(i)}; {ranges}; {self._line(node)}")

    def saw_tangent(self, node: Node, tangent: Any) -> None:
        """Look at a tangent that forward mode has found."""
        for part in tangent if isinstance(tangent, tuple) else (tangent,):
            found = _not_finite(getval(part))
            if found is not None and node.op is not None:
                ranges = ", ".join(_range(name, a) for a, name in _arrays(node))
                raise FloatingPointError(f"{node.op.name}: tangent {found}; {ranges or 'nothing saved'}; {self._line(node)}")

    def _line(self, node: Node) -> Line | str:
        call = self._calls.get(node.age)
        return call.line if call is not None else "recorded outside this detect_anomaly()"


# -- numbers in words ---------------------------------------------------------------------------------------------------------------------


def _is_mask(node: Node, args: Sequence[Any]) -> bool:
    """Whether infinities were written on purpose: in a constant that no derivative needs, as it is only chosen, placed or added."""
    saves = node.plan.saves if node.plan is not None else ()
    return any(np.isinf(a).any() for k, a in enumerate(args) if a is not None and not isinstance(a, Traced) and k not in saves)


def _check_value(op: Op, args: Sequence[Any], y: Any, line: Line | str) -> None:
    """Raise if a value is not finite: an input that was not finite before is to blame, else the op."""
    if (found := _not_finite(y)) is None:
        return
    inputs = [(name, np.asarray(getval(a))) for name, a in zip(labels(op, args), args, strict=True) if a is not None]
    for name, a in inputs:
        if (held := _not_finite(a)) is not None:
            raise FloatingPointError(f"{op.name}: its input {name} {a.shape} already holds {held}; {line}")
    raise FloatingPointError(f"{op.name}: value {found}; {', '.join(_range(name, a) for name, a in inputs)}; {line}")


def _not_finite(a: Any) -> str | None:
    bad = np.argwhere(~np.isfinite(a))
    if not len(bad):
        return None
    place = tuple(bad[0].tolist())
    return f"{np.asarray(a)[place]} at {place}, {len(bad)} of {np.size(a)} not finite" if place else f"{a}"


def _range(name: str, a: Any) -> str:
    a = np.asarray(a)
    if a.dtype.kind not in "biuf":
        return f"{name} {a.shape} {a.dtype}"
    finite = a[np.isfinite(a)]
    rest = f", {a.size - finite.size} not finite" if finite.size < a.size else ""
    return f"{name} {a.shape}" + (f" from {float(finite.min()):.4g} to {float(finite.max()):.4g}" if finite.size else "") + rest


def _arrays(node: Node) -> list[tuple[Any, str]]:
    """The arrays that a call saved, with what they are called."""
    if not node.saved or node.plan is None or node.op is None:
        return []
    names = [*labels(node.op, node.parents), "y", "in_shapes"]
    pairs = [
        (a, names[k]) for saved, k in zip(node.saved, node.plan.saves, strict=True) for a in (saved if type(saved) is tuple else (saved,))
    ]
    return [(a, name) for a, name in pairs if isinstance(a, (np.ndarray, np.generic))]


def _checksums(node: Node) -> tuple[int, ...]:
    return tuple([zlib.crc32(a.tobytes()) for a, _ in _arrays(node)])


def user_line() -> Line:
    """The innermost line that is not ours or NumPy's."""
    frame: Any = sys._getframe(1)  # the documented way to the caller's line
    while frame is not None and frame.f_code.co_filename.startswith(HOUSE):
        frame = frame.f_back
    return Line(frame.f_code.co_filename, frame.f_lineno) if frame is not None else Line("", 0)
