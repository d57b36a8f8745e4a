"""The chain rule on symbols: a graph walked as `backward()` walks it, each step an equation."""

from __future__ import annotations

import inspect
import sys
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import ops
from ..graph import Node, Output, reachable
from ..numpy.keywords import plain
from ..op import Op
from ..recording import record, seen
from ..tensor import Tensor
from ..trace import is_variable
from .components import by_components
from .derivation import Derivation, Line, quotient
from .lemmas import Lemma, simplified
from .names import NamedIndex, Tex, escaped, name_in_tex
from .notation import in_tex, in_text
from .symbol import Symbol, applied, as_symbol, name, replaced
from .values import Values

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["explain"]

INLINE = 14
"""The longest expression without a name that is written out inside others."""
CLOSED = 60
"""The longest derivative that is written out in full."""
LONG = 150
"""The longest rule that is simplified and, if it is then no longer than CLOSED, written out; of others only what they are applied to."""
MANY = 20
"""The most contributions of which a sum is written out."""


def explain(
    target: Tensor | Callable[..., Any],
    /,
    *args: Any,
    names: Mapping[str, Any] | None = None,
    values: bool = False,
    inner: bool = True,
) -> Derivation:
    """The derivation of the gradients of a loss, or of a function at `args`, in the notation of a textbook.

    The rules of the ops are run on symbols; identities (lemmas) then turn the form that computes into the form of the textbook, and what is
    shown is compared with `backward()`.  Names are those of the Tensors, of `names` (such as `locals()`), and, of a function, those of its
    parameters and local variables.  With `values` the numbers are shown too; without `inner` only what has a name gets a line.

    A function without `args` is one of plain numbers.  If its value is no single number, the derivation is that of its Jacobian.

    >>> import numpy as np
    >>> explain(lambda x: np.sin(x) / x)
    y = sin(x)/x
    <BLANKLINE>
    ∂y/∂(sin(x)) = 1/x
    ∂y/∂x = ∂y/∂(sin(x)) cos(x) − sin(x)/x² = cos(x)/x − sin(x)/x²
    """
    if isinstance(target, Tensor):
        if args:
            raise TypeError("explain: arguments belong to a function; of a Tensor, the loss, there are none")
        if target._node is None or not target.requires_grad:
            raise ValueError("explain: the Tensor does not require grad, so there is nothing to derive; give the loss of a recorded graph")
        if target.size != 1:
            raise ValueError(
                f"explain: got shape {target.shape}, wanted a loss of one value; of a function, explain(f, x) shows the Jacobian"
            )
        return _Explainer(target._node, dict(names or {}), target.name or "L", set()).derivation(values=values, inner=inner)
    if not callable(target):
        raise TypeError(f"explain: got a {type(target).__name__}, wanted a Tensor, such as the loss, or a function")
    return _of_function(target, args, dict(names or {}), values=values, inner=inner)


def _of_function(f: Callable[..., Any], args: tuple[Any, ...], names: dict[str, Any], *, values: bool, inner: bool) -> Derivation:
    try:
        places = [p for p in inspect.signature(f).parameters.values() if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    except ValueError:
        places = []
    if not args:
        if not places:
            raise TypeError("explain: the function has no parameters to differentiate by")
        args = tuple(0.7 + 0.4 * k for k in range(len([p for p in places if p.default is p.empty]) or len(places)))
    parameters = [p.name for p in places]
    parameters += [f"x{k + 1}" for k in range(len(parameters), len(args))]
    variables = [Tensor(a, requires_grad=True) if is_variable(a) else a for a in args]
    for label, variable in zip(parameters, variables, strict=False):
        if isinstance(variable, Tensor):
            names.setdefault(label, variable)
    with record():
        y, found = _call_and_look(f, variables)
    if not isinstance(y, Tensor) or not y.requires_grad:
        kinds = sorted({type(a).__name__ for a in args if not is_variable(a)})
        hint = f" (those of {' and '.join(kinds)} are constants; to differentiate by a number, write 2.0)" if kinds else ""
        raise TypeError(
            f"explain: the function returned {type(y).__name__} without a gradient; wanted a Tensor made of its arguments{hint}"
        )
    names = {**found, **names}
    free = [text for text in (*_names_of(f), "y", "L", "output") if text not in names]
    label = next((text for text, a in names.items() if a is y), free[0])
    jacobian = y.size != 1
    if not jacobian:
        with record():
            y.backward(retain_graph=True)
    own = {v._node for v in variables if isinstance(v, Tensor) and v._node is not None}
    assert y._node is not None
    return _Explainer(y._node, names, label, own, jacobian=jacobian).derivation(values=values, inner=inner)


def _names_of(f: Any) -> list[str]:
    """What the value of a function may be called: as the function itself, if that has a name of its own."""
    text = getattr(f, "__name__", "")
    return [text] if text.isidentifier() and not isinstance(f, (Op, np.ufunc)) else []


def _call_and_look(f: Callable[..., Any], args: Sequence[Any]) -> tuple[Any, dict[str, Any]]:
    """The value of a function, and what its local variables and globals are called when it returns."""
    code = getattr(f, "__code__", None)
    found: dict[str, Any] = {}

    def look(frame: Any, event: str, _: Any) -> None:
        if event == "return" and frame.f_code is code:
            globals_ = {key: frame.f_globals[key] for key in code.co_names if key in frame.f_globals}
            variables = {**globals_, **frame.f_locals}
            for a in variables.values():
                if callable(parameters := getattr(a, "named_parameters", None)):  # a network: by the paths of its parameters
                    found.update(parameters())
            found.update({key: a for key, a in variables.items() if isinstance(a, (Tensor, np.ndarray))})

    if sys.getprofile() is not None:  # somebody else looks; a profiler can't be put back
        return f(*args), found
    sys.setprofile(look)
    try:
        return f(*args), found
    finally:
        sys.setprofile(None)


class _Explainer:
    """One derivation: symbols for the nodes, oldest first, and then their derivatives, newest first."""

    def __init__(self, root: Node, names: dict[str, Any], label: str, towards: set[Node], *, jacobian: bool = False) -> None:
        self.root, self.label, self.jacobian = root, label, jacobian
        self.nodes = reachable([root])
        self.values = Values(self.nodes)
        self.node_names = {a._node: text for text, a in names.items() if isinstance(a, Tensor) and a._node is not None}
        variable = {node for node in self.nodes if node.needs_grad}
        self.arrays = [(text, plain(a)) for text, a in names.items()
                       if isinstance(a, np.ndarray) or (isinstance(a, Tensor) and a._node not in variable)]  # fmt: skip
        self.taken = {*names, *(node.name for node in self.nodes if node.name)}
        self.given: list[Lemma] = []
        self.definitions: list[Symbol] = []
        self.constants: dict[bytes, Symbol] = {}
        self.unknown: dict[tuple[Node, int], Symbol] = {}
        self.towards = towards
        self.used: set[str] = set()
        self.first: dict[bytes, Node] = {}
        self.same: dict[Node, list[Node]] = {}  # what is computed again is the same value, whose derivative is one
        self.original: dict[Node, Node] = {}
        self.symbols: dict[Node, Any] = {}
        self.named_output: tuple[Symbol, ...] = ()
        for node in self.nodes:
            self.symbols[node] = self._symbol(node)

    # -- forward ----------------------------------------------------------------------------------------------------------------------

    def _fresh(self, letter: str) -> str:
        k = 1
        while f"{letter}{k}" in self.taken:
            k += 1
        self.taken.add(f"{letter}{k}")
        return f"{letter}{k}"

    def _distinct(self, text: str) -> str:
        """A name, with a prime if another value has it."""
        while text in self.used:
            text += "'"
        self.used.add(text)
        return text

    def _symbol(self, node: Node) -> Any:
        value = self.values.of(node)
        text = node.name or self.node_names.get(node)
        text = None if text is None else self._distinct(text)
        if node.op is None:
            symbol = name(text or self._fresh("x" if node.needs_grad else "c"), value)
            if node is self.root:
                self.output = symbol
            if not node.needs_grad:
                self._note_rows_of_one(symbol)
            return symbol
        if node.number is not None:
            expression = self.symbols[node.parents[0]][node.number]
        else:
            arguments = tuple(self._argument(node, k) for k in range(len(node.parents)))
            options = self._options(node)
            if node.plural:
                return tuple(Symbol(part, node.op, arguments, options, n) for n, part in enumerate(value))
            expression = Symbol(value, node.op, arguments, options)
        if node is self.root:
            self.output = name(text or self.label, value, expression)
            named = text is not None or expression.length > INLINE or self.jacobian
            self.named_output = (self.output,) if named else ()
            return self.output if named else expression
        if text is None and (original := self.first.setdefault(expression.key, node)) is not node:
            self.original[node] = original
            self.same.setdefault(original, []).append(node)
            return self.symbols[original]
        if text is None and expression.length <= INLINE:
            return expression
        symbol = name(text or self._fresh("v"), value, expression)
        self.definitions.append(symbol)
        return symbol

    def _argument(self, node: Node, k: int) -> Symbol | None:
        parent = node.parents[k]
        if isinstance(parent, Node):
            found: Symbol = self.symbols[parent]
            return found
        value = self.values.argument(node, k)
        if parent is None and value is None:
            optional = next(islice(inspect.signature(node.op).parameters.values(), k, None)).default is None  # type: ignore[arg-type]
            return None if optional else self._unknown(node, k)
        symbol = as_symbol(value)
        if symbol.is_number() or parent is not None:
            return symbol
        if symbol.key not in self.constants:
            self.constants[symbol.key] = self._constant(symbol)
        return self.constants[symbol.key]

    def _constant(self, symbol: Symbol) -> Symbol:
        """A constant array by its name; by that of another, if it is 1 − that or −that; by its number, if that is one."""
        a = symbol.data
        fits = [(text, array) for text, array in self.arrays if array.shape == a.shape]
        text = next((text for text, array in fits if array is a or np.array_equal(array, a)), None)
        uniform = a.ndim and a.size and a.dtype.kind == "f" and (a == a.flat[0]).all()
        if text is None and not uniform and a.size > 1 and a.dtype.kind == "f":
            for other, array in fits:
                if array.dtype.kind in "fiu" and np.array_equal(1 - array.astype(a.dtype), a):
                    return applied("subtract", 1, self._constant_called(other, array))
                if array.dtype.kind in "fiu" and np.array_equal(-array.astype(a.dtype), a):
                    return applied("negative", self._constant_called(other, array))
        if text is None and (symbol.size <= 1 or uniform):
            return applied("broadcast_to", a.flat[0], shape=a.shape) if uniform else symbol
        return self._constant_called(text or self._fresh("c"), a)

    def _constant_called(self, text: str, a: np.ndarray) -> Symbol:
        key = as_symbol(a).key
        if key not in self.constants:
            self.constants[key] = name(text, a)
            self._note_rows_of_one(self.constants[key])
        return self.constants[key]

    def _options(self, node: Node) -> Any:
        """The options of a call, in which an index goes by its name."""
        index = node.options.get("index")
        if not any(isinstance(k, (np.ndarray, list)) for k in (index if isinstance(index, tuple) else (index,))):
            return node.options
        if not isinstance(index, tuple):
            return {**node.options, "index": self._index(index)}
        counts = any(isinstance(k, np.ndarray) and k.ndim == 1 and np.array_equal(k, np.arange(k.size)) for k in index)
        return {**node.options, "index": tuple([self._index(k, counts) for k in index])}

    def _index(self, k: Any, counts: bool = False) -> Any:
        """An array of indices with its name; beside one that counts the rows, i, it is kᵢ."""
        if not isinstance(k, (np.ndarray, list)):
            return k
        if counts and np.array_equal(k, np.arange(np.size(k))):
            return NamedIndex(np.asarray(k), "i")
        text = next((text for text, a in self.arrays if a.shape == np.shape(k) and np.array_equal(a, k)), None)
        return k if text is None else NamedIndex(np.asarray(k), f"{{{name_in_tex(text)}}}_{{i}}" if counts else name_in_tex(text))

    def _unknown(self, node: Node, k: int) -> Symbol:
        """A constant that nobody kept: of an elementwise op its name will do."""
        assert node.op is not None
        if node.op.kind != "elementwise":
            raise ValueError(
                f"explain: the graph was freed by backward(), and with it a constant that {node.op.name} took; "
                "explain before backward(), give it retain_graph=True, or run the forward pass in `with autograd.record():`"
            )
        if (node, k) not in self.unknown:
            self.unknown[node, k] = name(self._fresh("c"), np.ones(node.shape))
        return self.unknown[node, k]

    def _note_rows_of_one(self, y: Symbol) -> None:
        """Of a constant whose rows sum to 1, such as one-hot labels, that may be used."""
        a = y.data
        for k, n in enumerate(a.shape):
            if n > 1 and a.dtype.kind in "fiub" and (a >= 0).all() and np.allclose(a.sum(k, dtype=float), 1):
                for axis in (None, k) if a.ndim == 1 else (k,):
                    for keepdims in (True, False):
                        self.given.append(Lemma(f"Σ {in_text(y)} = 1", partial(ops.sum, y, axis, keepdims), lambda: 1, ((),)))

    # -- backward ---------------------------------------------------------------------------------------------------------------------

    def derivation(self, *, values: bool, inner: bool) -> Derivation:
        """All lines."""
        self.steps: dict[Node, list[Symbol]] = {}
        self.fulls: dict[Node, list[Symbol]] = {}
        self.lemmas: dict[Node, list[str]] = {}
        self.numbers: dict[Node, Any] = {}
        root = self.output
        self.index = by_components(root) if self.jacobian else None
        seed = as_symbol(np.ones(self.root.shape, self.root.dtype)[()]) if self.index is None else self.index.unit
        if self.index is not None:
            self.given.extend(self.index.lemmas)
        self.steps[self.root], self.fulls[self.root], self.numbers[self.root] = [seed], [seed], seed.data
        loss = in_tex(root) if self.index is None else self.index.output
        parts: dict[Node, dict[int, Any]] = {}
        lines: list[Line] = []
        for node in sorted(self.nodes, key=lambda node: -node.age):
            if node.plural and node in parts:
                self._pull_call(node, parts[node])
            elif node in self.steps:
                line, step, full = self._line(node, loss)
                wanted = inner or line.of.name is not None
                if node is self.root:
                    wanted = node.op is None
                elif node.op is None and self.towards:
                    wanted = node in self.towards
                if wanted and not self._is_silent(node):
                    lines.append(line)
                if isinstance(node, Output):
                    parts.setdefault(node.parents[0], {})[node.number or 0] = (step, full, self.numbers[node])
                elif node.op is not None:
                    self._pull(node, step, full, self.numbers[node])
        complete = self.values.complete
        return Derivation(root, self.definitions, lines, values=values, complete=complete)

    def _is_silent(self, node: Node) -> bool:
        """Whether a call is written as what it is applied to, of which it only changes the shape or the dtype."""
        of = self.symbols[node]
        return of.name is None and of.op is not None and of.args[0] is not None and in_tex(of) == in_tex(of.args[0])

    def _simplified(self, s: Symbol) -> tuple[Symbol, list[str]]:
        return simplified(s, (*self.definitions, *self.named_output), tuple(self.given))

    def _line(self, node: Node, loss: str) -> tuple[Line, Symbol, Symbol]:
        of = self.symbols[node]
        used = list(self.lemmas.get(node, []))
        (step, more), (full, others) = self._simplified(_total(self.steps[node])), self._simplified(_total(self.fulls[node]))
        statements = tuple(dict.fromkeys([*used, *more, *others]))
        computed = self.numbers[node]
        recorded = seen(node)
        if recorded is not None and recorded.gradient is not None and not self.jacobian:
            again = [seen(other) for other in self.same.get(node, [])]
            computed = recorded.gradient + sum(other.gradient for other in again if other is not None and other.gradient is not None)
        agrees = None
        if self.values.complete:
            agrees = all(_agree(s.data, computed) for s in (step, full))
            if not agrees:  # the form that computes is shown instead
                step, full, statements = _total(self.steps[node]), _total(self.fulls[node]), ()
        cases: tuple[tuple[Symbol, str], ...] = ()
        shown_step, shown_full = step, full
        if self.index is not None:
            shown_step = shown_full = self.index.component(full, self._simplified)
            cases = self.index.cases(full, self._simplified)
            of = self.index.input(of)
        gradient = computed if self.index is None else None
        line = Line(of.name if type(of.name) is str else in_text(of), of, shown_step, shown_full, statements, gradient, agrees, loss, cases)
        if self.index is not None:
            return line, full, full
        if step.length <= 2 or node is self.root or self._is_silent(node):
            return line, step, full
        symbol = name(quotient(loss, of), step.data)
        return line, symbol, full if full.length <= CLOSED else symbol

    def _pull(self, node: Node, step: Any, full: Any, number: Any) -> None:
        """One use of the chain rule: what each argument of a call receives."""
        plan = node.plan
        assert plan is not None
        arguments = [self._argument(node, k) for k in range(len(node.parents))]
        y = self.symbols[node]
        if (options := self._options(node)) is not node.options:
            node = Node(node.op, options, node.parents, plan, None, node.shape, node.dtype)
        shapes = tuple(() if a is None else a.shape for a in arguments)
        places = (*arguments, y, shapes)
        symbols = tuple([places[k] for k in plan.saves])
        inputs = [None if a is None else a._data for a in arguments]
        whole = tuple(part._data for part in y) if isinstance(y, tuple) else y._data
        numbers = tuple([(*inputs, whole, shapes)[k] for k in plan.saves])
        cotangent = tuple(_opaque(part) for part in number) if isinstance(number, tuple) else _opaque(number)
        for i, pull in plan.pulls:
            parent = node.parents[i]
            with np.errstate(all="ignore"):
                given = np.asarray(pull(node, numbers, number))
                given = given.real if given.dtype.kind == "c" and parent.dtype.kind != "c" else given
                rule, used = self._rule(partial(pull, node, symbols, cotangent), given.dtype)
                if rule is None or rule.length > CLOSED:
                    rule = name(Tex(rf"\mathrm{{{escaped(node.op.name)}}}'_{{{i + 1}}}({in_tex(_one(step))})"), given)  # type: ignore[union-attr]
                parent = self.original.get(parent, parent)
                self.numbers[parent] = self.numbers.get(parent, 0) + given
            self.steps.setdefault(parent, []).append(_put_in(rule, cotangent, step))
            self.fulls.setdefault(parent, []).append(_put_in(rule, cotangent, full))
            self.lemmas.setdefault(parent, []).extend(used)

    def _rule(self, pull: Callable[[], Any], dtype: np.dtype[Any]) -> tuple[Symbol | None, list[str]]:
        """What a rule says on symbols; None where it wants numbers, as one that runs functions of its own."""
        try:
            raw = as_symbol(pull())
        except (TypeError, ValueError):
            return None, []
        if raw.dtype.kind == "c" and dtype.kind != "c":
            raw = applied("real", raw)
        return self._simplified(raw) if raw.length <= LONG else (raw, [])

    def _pull_call(self, node: Node, parts: dict[int, Any]) -> None:
        """The same for a call with several outputs: where nothing arrives, a zero."""
        zeros = [as_symbol(np.zeros(s, d)) for s, d in zip(node.shape, node.dtype, strict=True)]
        triples = [parts.get(n, (zero, zero, zero.data)) for n, zero in enumerate(zeros)]
        self._pull(node, *(tuple(triple[k] for triple in triples) for k in range(3)))


def _one(step: Any) -> Symbol:
    """The first cotangent of several."""
    found: Symbol = step[0] if isinstance(step, tuple) else step
    return found


def _opaque(value: Any) -> Symbol:
    return name("g", value)


def _put_in(rule: Symbol, opaque: Any, cotangent: Any) -> Symbol:
    pairs = zip(opaque, cotangent, strict=True) if isinstance(opaque, tuple) else [(opaque, cotangent)]
    return replaced(rule, {old.key: new for old, new in pairs})


def _total(contributions: list[Symbol]) -> Symbol:
    if len(contributions) > MANY:
        shown = (in_tex(contributions[0]), in_tex(contributions[1]), r"\dots", in_tex(contributions[-1]))
        return name(Tex(" + ".join(shown)), sum(part.data for part in contributions))
    total = contributions[0]
    for part in contributions[1:]:
        total = total + part  # type: ignore[assignment]  # of symbols
    return total


def _agree(shown: Any, computed: Any) -> bool:
    shown, computed = np.asarray(shown), np.asarray(computed)
    if shown.shape != computed.shape:
        return False
    eps = float(np.finfo(computed.dtype).eps)
    scale = float(np.max(np.abs(computed), initial=0, where=np.isfinite(computed)))
    return bool(np.allclose(shown, computed, rtol=eps**0.5, atol=eps**0.5 * scale + 100 * eps, equal_nan=True))
