r"""The rule book: every op with its formula and its derivatives, which are its rules, run on symbols.

`python -m autograd.symbol.rulebook` writes it where the house has its pages: `notebooks/rules.md`, with plots in `notebooks/rules`.

>>> from autograd.ops import sigmoid
>>> print(*entry(sigmoid).equations, sep="\n")
y = \sigma(x)
\frac{\partial y}{\partial x} = y (1 - y)
"""

from __future__ import annotations

import inspect
import re
import sys
from itertools import pairwise
from math import ceil, floor
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from .. import ops as _ops  # noqa: F401  # they join the table
from ..op import TABLE, Op, call, parameters
from ..transforms import elementwise_grad
from .lemmas import simplified
from .notation import in_tex
from .symbol import Symbol, as_symbol, name

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["LONG", "PAGE", "Derivative", "Entry", "book", "entry", "page", "plot", "plotted", "run_rule"]

PAGE = Path(__file__).parents[2] / "notebooks" / "rules.md"
LONG = 40
"""The longest derivative that a page can show: of names, numbers and calls."""


class Derivative(NamedTuple):
    """The derivative in one argument: as its rule gives it, and as it is shown, by which lemmas."""

    argument: Symbol
    computed: Symbol
    shown: Symbol
    lemmas: tuple[str, ...]


class Entry(NamedTuple):
    """One op on symbols: the call, its value `y` (several in a tuple), the cotangent `g` (1 where ∂y/∂x is shown), the derivatives."""

    op: Op
    arguments: tuple[Symbol | None, ...]
    options: dict[str, Any]
    y: Any
    g: Any
    derivatives: dict[int, Derivative]

    @property
    def equations(self) -> list[str]:
        """The formula and the derivatives, in TeX; not those that are too long."""
        several = isinstance(self.y, tuple)
        left = f"({', '.join(map(in_tex, self.y))})" if several else "y"
        told = in_tex(Symbol(0.0 if several else self.y.data, self.op, self.arguments, self.options))
        if self.arguments[0] is not None and told == in_tex(self.arguments[0]):  # only its shape or dtype is another
            told = rf"\mathrm{{{self.op.name}}}({told})".replace("_", r"\_")
        of = "y" if self.g is ONE else "L"
        found = [rf"\frac{{\partial {of}}}{{\partial {in_tex(d.argument)}}} = {in_tex(d.shown)}" for d in self.derivatives.values()
                 if d.shown.length <= LONG]  # fmt: skip
        return [f"{left} = {told}", *found]

    @property
    def long(self) -> list[Derivative]:
        """The derivatives that no page can show."""
        return [d for d in self.derivatives.values() if d.shown.length > LONG]


ONE = as_symbol(1.0)


def run_rule(op: Op, i: int, arguments: Sequence[Any], options: dict[str, Any], y: Any, g: Any) -> Any:
    """Rule `i` of an op on arrays, or on symbols: ∂y/∂xᵢ, or the product with g if it names g.

    >>> from autograd.ops import exp
    >>> run_rule(exp, 0, [0.0], {}, 1.0, None)
    1.0
    """
    rule = op.rule(i)
    known = {**dict(zip(op.arguments, arguments, strict=False)), **options, "y": y, "g": g, "i": i}
    if op.variadic:
        known[op.arguments[0]] = tuple(arguments)
    shapes = tuple(None if a is None else np.shape(a) if not isinstance(a, Symbol) else a.shape for a in arguments)
    known |= {"in_shape": shapes[i], "in_shapes": shapes}
    return rule(*[known[text] for text in parameters(rule)])  # type: ignore[misc]  # it has one


def entry(op: Op) -> Entry:
    """An op with derivatives, on a sample of its arguments.

    >>> from autograd.ops import matmul
    >>> [d.shown for d in entry(matmul).derivatives.values()]
    [<g bᵀ>, <aᵀ g>]
    """
    rng = np.random.default_rng(0)
    values, options = _sample(op, rng)
    names = [f"x{k + 1}" for k in range(len(values))] if op.variadic else op.arguments
    arguments = tuple(None if a is None else name(text, a) for text, a in zip(names, values, strict=True))
    value = Symbol.record(op, arguments, options)
    several = isinstance(value, tuple)
    y: Any = tuple(name(f"y{k + 1}", p.data, p) for k, p in enumerate(value)) if several else name("y", value.data, value)
    if op.kind == "elementwise" and not _complex(op):
        g: Any = ONE
    elif several:
        g = tuple(name(f"g{k + 1}", rng.standard_normal(p.shape)) for k, p in enumerate(y))
    else:
        g = name("g", np.asarray(rng.standard_normal(y.shape))[()])
    derivatives = {}
    for i, argument in enumerate(arguments):
        if op.rule(i) is not None and argument is not None:
            with np.errstate(all="ignore"):
                computed = as_symbol(run_rule(op, i, arguments, options, y, g))
                shown, lemmas = (computed, []) if computed.length > 3 * LONG else simplified(computed, () if several else (y,))
            derivatives[i] = Derivative(argument, computed, shown, tuple(lemmas))
    return Entry(op, arguments, options, y, g, derivatives)


def _complex(op: Op) -> bool:
    """Whether what matters of an op is what it does to complex numbers."""
    return op.__module__.endswith(".complex")


def _sample(op: Op, rng: np.random.Generator) -> tuple[list[Any], dict[str, Any]]:
    """Values for the arrays, and the options: of the samples of the table, the one that leaves most options alone."""
    defaults = {p.name: p.default for p in inspect.signature(op).parameters.values()}
    samples = op.samples or (call(*[()] * len(op.arguments)),)
    count = 1 if op.variadic else len(op.arguments)

    def departures(k: int) -> tuple[int, int]:
        sample = samples[k]
        return len(sample.args) - count + sum(defaults[key] is not value for key, value in sample.options.items()), k

    sample = samples[min(range(len(samples)), key=departures)]
    slots, rest = (sample.args[0] if op.variadic else sample.args[:count]), sample.args[count:]
    domain = op.domain or ((-3.0, 3.0),) * len(slots)
    values = []
    for slot, (low, high) in zip(slots, (*domain, *[(-3.0, 3.0)] * (len(slots) - len(domain))), strict=True):
        if op.kind == "elementwise":  # of single values
            values.append(slot.flat[0] if isinstance(slot, np.ndarray) else 0.7 + 0.4j if _complex(op) else rng.uniform(low, high))
        elif isinstance(slot, tuple) and all(isinstance(n, int) for n in slot):
            values.append(rng.uniform(0.2, 0.8, slot))
        else:
            values.append(slot)
    _, options = op._bind(*([tuple(values)] if op.variadic else values), *rest, **sample.options)
    return values, options


def book() -> list[Op]:
    """The ops of the book: the mathematics of `autograd.ops`, without what programs or optional packages add.

    >>> len(book()) > 100
    True
    """
    return [op for op in TABLE.values() if op.__module__.startswith("autograd.ops.")]


# -- the page -----------------------------------------------------------------------------------------------------------------------------

OPENING = r"""# The rule book

Every op, with the derivative in each argument: **what is printed is the rule that computes**, run on symbols instead of arrays, and then
brought into the form of the textbook by identities, which are named. The tests compare each expression with the numbers of its rule, and
with `backward()`.

COUNTS

- **Elementwise** ops act on single values: $`\partial y / \partial x`$ is shown; it is multiplied by $`g = \partial L / \partial y`$, and
  summed over broadcast axes.
- **Multilinear** and **general** ops act on whole arrays: shown is the product $`g \mapsto J^T g`$, that is $`\partial L / \partial x`$,
  on arrays of the shapes that are named.
- An op *keeps* what its rules name, until `backward()`. One that is not defined, or not smooth, everywhere says where it is *tested*
  against finite differences.
- In the plots, $`y`$ is blue and solid, $`\partial y / \partial x`$ red and dashed; a dot is the derivative taken at a kink.

`python -m autograd.symbol.rulebook` writes this page.
"""


def page() -> str:
    """The page, as Markdown with TeX.

    >>> page().splitlines()[0]
    '# The rule book'
    """
    ops = book()
    entries = {op.name: entry(op) for op in ops if op.kind != "constant"}
    rules, long = sum(len(e.derivatives) for e in entries.values()), {e.op.name: len(e.long) for e in entries.values() if e.long}
    counts = (
        f"There are {len(ops)} ops, of which {len(ops) - len(entries)} have no derivative. Of the {rules} rules of the others, "
        f"{rules - sum(long.values())} are printed; {sum(long.values())} are too long for a page, which gives what the op says of them in "
        f"words: {', '.join(f'[{text}](#{text})' for text in long)}."
    )
    rooms: dict[str, list[Op]] = {}
    for op in ops:
        rooms.setdefault(op.__module__, []).append(op)
    lines = [OPENING.replace("COUNTS", counts)]
    for room, here in rooms.items():
        links = [f"[{op.name}](#{op.name})" if op.kind != "constant" else f"`{op.name}`" for op in here]
        lines.append(f"- **{room.removeprefix('autograd.ops.')}**: {', '.join(links)}")
    for room, here in rooms.items():
        purpose = (sys.modules[room].__doc__ or "").split("\n\n")[0].replace("\n", " ")
        lines += ["", f"## `{room}`", "", *([purpose] if any(op.kind != "constant" for op in here) else [purpose, ""])]
        for op in here:
            lines += _constant(op) if op.kind == "constant" else _article(entries[op.name])
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)) + "\n"


def _constant(op: Op) -> list[str]:
    return [f"- `{op.name}({', '.join(op.arguments)})`: {_told(op)}"]


def _article(e: Entry) -> list[str]:
    op = e.op
    rows = [" &= ".join(equation.split(" = ", 1)) for equation in e.equations]
    lines = ["", f"### {op.name}", ""]
    if plotted(op):
        lines += [f'<img src="rules/{op.name}.svg" align="right" width="220" alt="{op.name} and its derivative">', ""]
    lines += [_told(op), "", "```math", "\\begin{aligned}", " \\\\[6pt]\n".join(rows), "\\end{aligned}", "```", ""]
    lemmas = dict.fromkeys(statement for d in e.derivatives.values() for statement in d.lemmas)
    kept = [text for text in (*op.arguments, "y") if any(text in parameters(rule) for rule in op.rules if rule is not None)]
    facts = [op.kind, f"keeps {', '.join(f'`{text}`' for text in kept) or 'nothing'}"]
    facts += [f"by {_as_text(statement)}" for statement in lemmas]
    if op.domain:
        pairs = zip(op.arguments, op.domain, strict=False)
        facts.append("tested for " + ", ".join(f"{_number(low)} ≤ `{text}` ≤ {_number(high)}" for text, (low, high) in pairs))
    facts += [_kink(op, *kink) for kink in op.kinks]
    if op.kind != "elementwise":
        facts.append(f"shown for {_shapes(e)}")
    facts += [f"the rule in `{d.argument.name}` has {d.computed.length} names, numbers and calls" for d in e.long]
    return [*lines, " · ".join(facts), *(['<br clear="right">'] if plotted(op) else [])]


def _told(op: Op) -> str:
    """What the docstring says, up to its examples; no sign of it is Markdown."""
    return _as_text(" ".join((op.__doc__ or "").split(">>>")[0].split()))


def _as_text(text: str) -> str:
    """Text of which no sign is Markdown, but for `code`."""
    parts = text.split("`")
    return "`".join(part if k % 2 else re.sub(r"([*_|<\[\]])", r"\\\1", part) for k, part in enumerate(parts))


def _kink(op: Op, point: tuple[float, ...], taken: tuple[float, ...]) -> str:
    texts = op.arguments
    where = ", ".join(f"{text} = {_number(value)}" for text, value in zip(texts, point, strict=False))
    what = ", ".join(f"∂y/∂{text} = {_number(value)}" for text, value in zip(texts, taken, strict=False))
    return f"at {where}: {what}"


def _shapes(e: Entry) -> str:
    several = isinstance(e.y, tuple)
    told = [f"`{a.name}` {a.shape}" for a in (*e.arguments, *(e.y if several else (e.y,))) if a is not None]
    defaults = {p.name: p.default for p in inspect.signature(e.op).parameters.values()}
    for key, value in e.options.items():
        if value is not defaults[key]:
            text = value.__name__ if hasattr(value, "__name__") else value.tolist() if isinstance(value, np.ndarray) else repr(value)
            told.append(f"`{key}={text}`")
    return ", ".join(told)


# -- the plots ----------------------------------------------------------------------------------------------------------------------------

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 220, 140, 30, 6, 16, 14
GREY, BLUE, VERMILION = "#808080", "#0072B2", "#D55E00"  # which are seen on white and on black


def plotted(op: Op) -> bool:
    """Whether there is a curve to draw: single values of one real argument.

    >>> plotted(TABLE["exp"]), plotted(TABLE["add"])
    (True, False)
    """
    return op.kind == "elementwise" and len(op.arguments) == 1 and not _complex(op)


def plot(op: Op) -> str:
    """An op and its derivative as a small SVG.

    >>> plot(TABLE["exp"]).count("<polyline")
    2
    """
    low, high = op.domain[0] if op.domain else (-3.0, 3.0)
    edges = [low, *(point for (point,), _ in op.kinks), high]
    short = 1e-6 * (high - low)  # from one piece to the next a derivative may jump
    pieces = [np.linspace(start + short, stop - short, 49) for start, stop in pairwise(edges)]
    curves = [(BLUE, "", [op(x) for x in pieces]), (VERMILION, ' stroke-dasharray="4 2"', [elementwise_grad(op)(x) for x in pieces])]
    values = np.concatenate([y for _, _, parts in curves for y in parts])
    bottom, top = min(float(values.min()), 0), max(float(values.max()), 0)

    def across(x: Any) -> Any:
        return LEFT + (x - low) / (high - low) * (WIDTH - LEFT - RIGHT)

    def up(y: Any) -> Any:
        return HEIGHT - BOTTOM - (y - bottom) / (top - bottom) * (HEIGHT - TOP - BOTTOM)

    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="9" fill="none">',
        f'<g stroke="{GREY}" stroke-width="0.5">',
        f'<path d="M{LEFT} {TOP}V{HEIGHT - BOTTOM}H{WIDTH - RIGHT}"/>',
        f'<path d="M{LEFT} {up(0):.1f}H{WIDTH - RIGHT}"/>',
        *([f'<path d="M{across(0):.1f} {TOP}V{HEIGHT - BOTTOM}"/>'] if low < 0 < high else []),
        "</g>",
        f'<g fill="{GREY}" text-anchor="middle">',
        *[f'<text x="{across(x):.1f}" y="{HEIGHT - 4}">{_number(x)}</text>' for x in _ticks(low, high)],
        "</g>",
        f'<g fill="{GREY}" text-anchor="end">',
        *[f'<text x="{LEFT - 3}" y="{up(y) + 3:.1f}">{_number(y)}</text>' for y in _ticks(bottom, top)],
        "</g>",
        f'<text x="{LEFT + 4}" y="9" fill="{BLUE}">y</text><text x="{LEFT + 16}" y="9" fill="{VERMILION}">∂y/∂x</text>',
    ]
    for colour, dashes, parts in curves:
        for x, y in zip(pieces, parts, strict=True):
            points = " ".join(f"{h:.1f},{v:.1f}" for h, v in zip(across(x), up(y), strict=True))
            lines.append(f'<polyline stroke="{colour}" stroke-width="1.5"{dashes} points="{points}"/>')
    lines += [f'<circle cx="{across(x):.1f}" cy="{up(d):.1f}" r="2.5" fill="{VERMILION}"/>' for (x,), (d,) in op.kinks]
    return "\n".join([*lines, "</svg>"]) + "\n"


def _ticks(low: float, high: float) -> list[float]:
    """Two to five round numbers between the two."""
    step = 10.0 ** np.floor(np.log10(high - low))
    step = next(step * k for k in (0.5, 1, 2, 5) if (high - low) / (step * k) <= 4.5)
    return [float(k * step) for k in range(ceil(low / step - 1e-9), floor(high / step + 1e-9) + 1)]


def _number(x: float) -> str:
    return f"{x:g}".replace("-", "−")


if __name__ == "__main__":
    folder = PAGE.with_suffix("")
    folder.mkdir(exist_ok=True)
    for one in filter(plotted, book()):
        (folder / f"{one.name}.svg").write_text(plot(one), encoding="utf-8")
    PAGE.write_text(page(), encoding="utf-8")
