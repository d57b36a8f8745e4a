"""The lines of NumPy's code for a program, and the variable that holds each value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..memory import Lifetime, packed
from ..passes import has_effect
from ..program import Draw, Value, values_of
from ..varying import may_vary
from .chunks import in_chunks
from .forms import BITS, LETTERS, Form, View, form_of, literal, view_of
from .variables import Block, Names, Variable, declared, laid_out, like

if TYPE_CHECKING:
    from ..program import Program, Step

__all__ = ["Writer"]

WORTH_FREEING = 1 << 16
"""Bytes that are worth giving back as soon as they are needed no more."""
INFIX = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/", "power": "**"}


def may_raise(step: Step) -> bool:
    """Whether a step may refuse its numbers.

    >>> from autograd import ops
    >>> from autograd.compiler.program import Step
    >>> x = Value((2, 2), np.dtype(float))
    >>> may_raise(Step(ops.divide, (x, 0), {})), may_raise(Step(ops.divide, (1, 0), {})), may_raise(Step(ops.inv, (x,), {}))
    (False, True, True)
    """
    if all(a.weak for a in values_of(step)):  # Python's own arithmetic
        return True
    return getattr(step.op, "raises", True) and has_effect(step)


class Writer:
    """Writes the code of a program of which some inputs are captured: `text`, with the step that each line is for, and its `objects`.

    >>> from autograd import ops
    >>> from autograd.compiler.program import Input, Program, Step
    >>> x, y = Value((2,), np.dtype(float)), Value((2,), np.dtype(float))
    >>> y.step = Step(ops.exp, (x,), {}, (y,))
    >>> print(Writer(Program([Input(x, "x")], [y.step], [y]), frozenset()).text)
    def bind(memory):
    <BLANKLINE>
        def run(x):
            v0 = np.exp(x)
            return (v0,)
    <BLANKLINE>
        return run
    <BLANKLINE>
    """

    def __init__(self, program: Program, captured: frozenset[int]) -> None:
        self.program, self.end = program, len(program.steps)
        self.names = Names("np", "run", "bind", "memory", "owned", "as_traced", "chunks", "zip", "square", "CrossEntropy")
        self.variables: dict[Any, Variable] = {}
        self._body: list[tuple[str, Step | None]] = []
        self._scalars: dict[Value, str] = {}
        self._arrays_of_one: dict[tuple[Value, Any], str] = {}
        self._written_to = {value: x for x, value in reversed(program.writes)}
        self._written: set[Block] = set()  # memory of captured arrays that get new values
        self._last_raising = max((n for n, step in enumerate(program.steps) if may_raise(step)), default=-1)
        self._deleted: set[str] = set()
        parameters: tuple[list[str], list[str]] = ([], [])  # of run, of bind
        for number, given in enumerate(program.inputs):
            name, block = self.names.new(given.name or "x"), Block(-1)
            parameters[number in captured].append(name)
            self.variables[given.value] = Variable(name, like(given.value), frozenset([block]), number in captured)
            if given.value in dict(program.writes):
                self._written.add(block)
        for value in program.constants():
            if not value.weak:
                name = self.names.of_object(value.content)
                self.variables[value] = Variable(name, value.content if value.shape else None, frozenset([Block(-1)]), True)
        self.forms: dict[Step, View | Form | None] = {}
        self._last_use: dict[Any, int] = {}
        for n, step in enumerate(program.steps):
            self._choose(n, step)
        self._keep_results()
        for n, step in enumerate(program.steps):
            self._write(n, step)
        calm = {step: form for step, form in self.forms.items() if not may_raise(step)}
        self._body = in_chunks(self._body, calm, self.variables, self.names, {step: n for n, step in enumerate(program.steps)})
        self._write_end()
        self.nbytes = self._pack()
        self.text, self.steps = self._text(*parameters)

    @property
    def objects(self) -> dict[str, Any]:
        """What the code names."""
        return self.names.objects

    # -- what each step is, and how long memory is needed -----------------------------------------------------------------------------

    def _choose(self, n: int, step: Step) -> None:
        """Choose the form of a step, and make variables for its results."""
        y = step.results[0]
        variables = [self.variables[a] for a in values_of(step) if a in self.variables] if not isinstance(step.op, Draw) else []
        form = view = None
        if not step.plural:
            source = self.variables.get(step.args[0]) if step.args and isinstance(step.args[0], Value) else None
            view = view_of(step, source.array) if y.shape and source and source.array is not None else None
            form = form_of(step) if view is None else None
            if form is not None and not y.shape and "{out}" not in form.lines[0]:
                form = None
        self.forms[step] = view or form
        shared = frozenset(block for variable in variables for block in variable.blocks)
        for block in shared:
            block.last = n
        self._last_use |= dict.fromkeys(values_of(step), n)
        if view is not None:
            self.variables[y] = Variable("", view.array, shared, variables[0].fixed)
        elif form is not None and y.shape:
            known = [variable.array for variable in variables if variable.array is not None] if form.elementwise else []
            self.variables[y] = Variable("", laid_out(y, known), frozenset([Block(n, y.nbytes)]), y not in self.program.outputs)
        else:  # whatever the op gives: perhaps a view of its arguments, if it is no scalar
            scalar = form is not None or (not y.shape and step.op.kind == "elementwise")
            for part in step.results:
                self.variables[part] = Variable("", None, frozenset() if scalar else shared, False)

    def _keep_results(self) -> None:
        """Let the memory of results live to the end."""
        for value in self.program.results():
            self._last_use[value] = self.end
            if value in self.variables:
                for block in self.variables[value].blocks:
                    block.last = self.end

    # -- lines ------------------------------------------------------------------------------------------------------------------------

    def _line(self, code: str, step: Step | None = None) -> None:
        self._body.append((code, step))

    def _local(self, code: str, step: Step | None = None) -> str:
        name = self.names.new("v")
        self._line(f"{name} = {code}", step)
        return name

    def _write(self, n: int, step: Step) -> None:
        form = self.forms[step]
        if form is None:
            self._write_call(step)
        elif isinstance(form, Form):
            self._write_form(n, step, form)
        else:
            variable, code = self.variables[step.results[0]], form.code.format(a=self.variables[step.args[0]].name)
            variable.name = self.names.of_code(code) if variable.fixed else self._local(code, step)
        for a in {*values_of(step)}:
            if self._last_use[a] == n and a.step is not None and not self.variables[a].fixed and a.nbytes >= WORTH_FREEING:
                self._deleted.add(self.variables[a].name)
                self._line(f"del {self.variables[a].name}")

    def _write_call(self, step: Step) -> None:
        """A call of the op's own forward."""
        options = [f"{name}={self.operand(value, name)}" for name, value in step.options.items()]
        code = f"{self._forward(step)}({', '.join([*map(self.operand, step.args), *options])})"
        if may_vary(step):
            code = f"as_traced({code}, {self.names.of_object(step, 'step')})"
        y = step.results[0]
        if isinstance(step.op, Draw) and not y.shape and not y.weak:  # generators give Python's numbers
            code = f"np.{y.dtype.name}({code})"
        for y in step.results:
            self.variables[y].name = self.names.new("v")
        names = ", ".join(self.variables[y].name for y in step.results)
        self._line(f"{names}{',' if step.plural and len(step.results) == 1 else ''} = {code}", step)

    def _forward(self, step: Step) -> str:
        return self.names.of_object(step.op.forward, step.op.name)

    def _write_form(self, n: int, step: Step, form: Form) -> None:
        (y,) = step.results
        variable = self.variables[y]
        if not y.shape:
            variable.name = self._local(self._scalar(step, form), step)
            return
        fields, lines = _Fields(self, step, form.dtypes), form.lines
        if variable.fixed:
            self._settle(n, step, form)
            fields["out"] = f", out={variable.name}"
        else:  # a result, for which NumPy finds memory
            variable.name, fields["out"] = self.names.new("v"), ""
            has_out = "{out}" in lines[0]
            lines = (f"{{y}} = {lines[0]}", *lines[1:]) if has_out else (f"{{y}} = np.empty({y.shape}, {str(y.dtype)!r})", *lines)
        for line in lines:
            code = line.format_map(fields)
            if code != f"{variable.name}[...] = {variable.name}":
                self._line(code, step)

    def _scalar(self, step: Step, form: Form) -> str:
        """The code for a single value: the arithmetic of scalars is faster than that of arrays."""
        if step.op.name in INFIX and form.elementwise:
            return f" {INFIX[step.op.name]} ".join(map(self.operand, step.args))
        return form.lines[0].format_map(_Fields(self, step, (), out=""))

    def _settle(self, n: int, step: Step, form: Form) -> None:
        """Find memory for a result: of the captured array that it is the new value of, of an argument that is needed no more, or new."""
        (y,) = step.results
        variable = self.variables[y]
        (block,) = variable.blocks
        x = self._written_to.get(y)
        for a in (*([] if x is None else [x]), *[step.args[k] for k in form.over]):
            other = self.variables.get(a) if isinstance(a, Value) and (a.shape, a.dtype) == (y.shape, y.dtype) else None
            if other is None or other.array is None or other.array.strides != variable.array.strides or len(other.blocks) != 1:
                continue
            memory = next(iter(other.blocks)).whole()
            ours = memory.nbytes == y.nbytes or (memory in self._written and n > self._last_raising)
            if ours and memory.last <= n and self._may_be_overwritten(other, memory, step, form):
                variable.name = other.name
                block.join(memory)
                return
        variable.name = self.names.of_buffer(block, variable.array)

    def _may_be_overwritten(self, other: Variable, memory: Block, step: Step, form: Form) -> bool:
        """Whether a step reads this memory only through an argument that its result may be written over."""
        for k, a in enumerate(step.args):
            variable = self.variables.get(a) if isinstance(a, Value) else None
            if variable is not None and variable.shares(memory) and (variable.name != other.name or k not in form.over):
                return False
        return True

    # -- the end ----------------------------------------------------------------------------------------------------------------------

    def _write_end(self) -> None:
        """Results, each as memory of its own, then writes."""
        results: list[str] = []
        for k, value in enumerate(self.program.outputs):
            results.append(self._result(value, again=value in self.program.outputs[:k]))
        moves = [(self.variables[x].name, value) for x, value in self.program.writes]
        moves = [(to, value) for to, value in moves if value not in self.variables or self.variables[value].name != to]
        sources = [self._source(value, len(moves)) for _, value in moves]
        if moves:
            results = [code if code.isidentifier() else self._local(code) for code in results]
        for (to, _), source in zip(moves, sources, strict=True):
            self._line(f"{to}[...] = {source}")
        self._line(f"return ({', '.join(results)}{',' if len(results) == 1 else ''})")

    def _source(self, value: Value, moves: int) -> str:
        """The code for a value that is written: what another write could change before is copied."""
        name = self.operand(value)
        variable = self.variables.get(value)
        moving = moves > 1 and variable is not None and bool(value.shape) and any(map(variable.shares, self._written))
        return self._local(f"{name}.copy()") if moving else name

    def _result(self, value: Value, again: bool) -> str:
        """The code for one result."""
        name, variable = self.operand(value), self.variables.get(value)
        if variable is None or value.weak:
            return name
        form = self.forms[value.step] if value.step is not None else ""
        if not value.shape:  # a scalar
            return name if variable.fixed or form else f"np.bool({name})" if value.dtype.kind == "b" else f"{name}[()]"
        if form is None and not again:  # whatever the op gave
            others = [self.variables[a].name for a in values_of(value.step) if a in self.variables and a.shape]  # type: ignore[arg-type]
            return f"owned({', '.join([name, *(other for other in others if other not in self._deleted)])})"
        return name if isinstance(form, Form) and not again and not variable.fixed else f"{name}.copy()"

    # -- arguments --------------------------------------------------------------------------------------------------------------------

    def operand(self, a: Any, wish: str = "c") -> str:
        """The code for an argument or option."""
        if not isinstance(a, Value):
            return literal(a) or self.names.of_object(a, wish)
        variable = self.variables.get(a)
        if variable is None:
            return self.operand(a.content)
        if not variable.fixed or a.shape or a.content is not None:
            return variable.name
        if a not in self._scalars:  # a captured single value is read once, for scalars compute faster than arrays
            self._scalars[a] = self._local(f"{variable.name}[()]")
        return self._scalars[a]

    def operand_of_ufunc(self, a: Any, dtype: Any) -> str:
        """The code for an argument of a universal function over arrays, which takes an array of no axes faster than a number."""
        if not isinstance(a, Value) or (a.content is not None and not a.shape):
            return self.names.of_number(a.content if isinstance(a, Value) else a, dtype)
        variable = self.variables[a]
        if a.shape or (variable.fixed and a.dtype == dtype):
            return variable.name
        if (a, dtype) not in self._arrays_of_one:
            self._arrays_of_one[a, dtype] = name = self.names.of_buffer(Block(0, 1, self.end), np.empty((), dtype), f"{variable.name}_")
            self._line(f"{name}[()] = {variable.name}")
        return self._arrays_of_one[a, dtype]

    # -- all of it --------------------------------------------------------------------------------------------------------------------

    def _pack(self) -> int:
        blocks = [*{block.whole(): None for block, _ in self.names.buffers.values()}]
        offsets, total = packed([Lifetime(block.nbytes or 0, block.first, block.last) for block in blocks])
        for block, offset in zip(blocks, offsets, strict=True):
            block.offset = offset
        return total

    def _text(self, arguments: list[str], captured: list[str]) -> tuple[str, dict[int, Step]]:
        """The code, and which step each of its lines is for."""
        buffers = {name: declared(block.whole().offset, array) for name, (block, array) in self.names.buffers.items()}
        made = [f"    {name} = {code}" for name, code in (buffers | self.names.setup).items()]
        lines = [f"def bind({', '.join(['memory', *captured])}):", *made, "", f"    def run({', '.join(arguments)}):"]
        steps = {len(lines) + k: step for k, (_, step) in enumerate(self._body, 1) if step is not None}
        return "\n".join([*lines, *[f"        {code}" for code, _ in self._body], "", "    return run", ""]), steps


class _Fields(dict[str, str]):
    """The code for the fields of a form."""

    def __init__(self, writer: Writer, step: Step, dtypes: tuple[Any, ...], **more: str) -> None:
        args = [] if isinstance(step.op, Draw) else step.args
        names = [
            writer.operand(a) if t is None else writer.operand_of_ufunc(a, t)
            for a, t in zip(args, dtypes or [None] * len(args), strict=False)
        ]
        super().__init__(zip(LETTERS, names, strict=False), args=", ".join(names), **more)
        self._writer, self._step = writer, step

    def __missing__(self, field: str) -> str:
        writer, step = self._writer, self._step
        if field == "f":
            return writer._forward(step)
        if field == "pair":
            return writer.names.of_code(step.op.pair.code, "both", step.op.pair)
        what, _, rest = field.partition("_")
        if what == "ones":
            count, _, dtype = rest.partition("_")
            return writer.names.of_code(f"np.ones({count}, {dtype!r})", field)
        variable = writer.variables[step.results[0] if what == "y" else step.args[LETTERS.index(what)]]
        return self._flat() if rest == "flat" else self._bits(variable) if rest == "bits" else variable.name

    def _flat(self) -> str:
        """The values of the result in a row."""
        (y,) = self._step.results
        variable, names = self._writer.variables[y], self._writer.names
        (block,) = variable.blocks
        if not variable.fixed or variable.name not in names.buffers:
            return f"{variable.name}.ravel('K')"
        return names.of_buffer(block, np.empty(y.size, y.dtype), f"{variable.name}_flat")

    def _bits(self, variable: Variable) -> str:
        """Floating-point numbers as whole ones."""
        code = f"{variable.name}.view({BITS[self._step.results[0].dtype]!r})"
        return self._writer.names.of_code(code, f"{variable.name}_bits") if variable.fixed else code
