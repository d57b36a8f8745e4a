"""The NumPy emitter: a program as one Python function without branches, whose lines write into memory that was set aside before.

What changes in a run lies in an arena, planned by lifetimes; views of it, and of captured arrays, are made once, for what they look at never
moves.  A step may write over an argument that is needed no more; the last one of a captured array writes the array itself, if nothing that
comes later reads what it was, or may yet raise.  Results are memory of their own.
"""

from __future__ import annotations

import keyword
import re
import threading
from contextvars import Context
from typing import TYPE_CHECKING, Any

import numpy as np

from ..misuse import failed_call
from ..op import Op
from .cross_entropy import CrossEntropy
from .memory import Lifetime, arena, plan
from .numpy_steps import prepared
from .numpy_table import BITS, LETTERS, Form, form_of, literal, view_of
from .passes import has_effect
from .program import Draw, values_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from .program import Program, Step, Value

__all__ = ["Executable", "emit"]


def emit(program: Program) -> Executable:
    """The code of a program.

    >>> from autograd import ops
    >>> from autograd.compiler.program import Input, Program, Step, Value
    >>> x, y, z = (Value((2,), np.dtype(float)) for _ in "xyz")
    >>> y.step, z.step = Step(ops.exp, (x,), {}, (y,)), Step(ops.add, (y, 1.0), {}, (z,))
    >>> executable = emit(Program([Input(x, "x")], [y.step, z.step], [z]))
    >>> print(executable.source)
    def bind(memory):
        v0 = memory(0, (2,), 'float64')
        c0 = np.array(1.0, 'float64')
    <BLANKLINE>
        def run(x):
            np.exp(x, out=v0)
            v1 = np.add(v0, c0)
            return (v1,)
    <BLANKLINE>
        return run
    <BLANKLINE>
    >>> executable.bind({})(np.zeros(2))
    (array([2., 2.]),)
    """
    return Executable(prepared(program))


class Executable:
    """Code that can be bound to the arrays that it shall work on."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._written = {number for number, given in enumerate(program.inputs) if any(x is given.value for x, _ in program.writes)}
        self._code: _Code | None = None

    @property
    def source(self) -> str:
        """The code, to read."""
        return (self._code or _Code(self.program, frozenset(self._written))).text

    def bind(self, captured: dict[int, np.ndarray]) -> Callable[..., tuple[Any, ...]]:
        """The function that runs the program on the captured arrays, by their numbers among the inputs, and on those that it is called with."""
        if self._code is None or self._code.captured != captured.keys():
            self._code = _Code(self.program, frozenset(captured))
        return self._code.bind([captured[number] for number in sorted(captured)])


class _Code:
    """The code of a program of which some inputs are captured."""

    def __init__(self, program: Program, captured: frozenset[int]) -> None:
        self.captured = captured
        writer = _Writer(program, captured)
        self.text, self.steps = writer.text()
        self._nbytes, self._writer = writer.nbytes, writer
        self._objects = {"np": np, "owned": owned, "CrossEntropy": CrossEntropy, **writer.objects}
        exec(compile(self.text, "<jit>", "exec"), self._objects)  # noqa: S102  # what the writer wrote

    def bind(self, captured: list[np.ndarray]) -> Callable[..., tuple[Any, ...]]:
        """The function over these arrays."""
        run = self._objects["bind"](arena(self._nbytes), *captured)
        calm = Context()  # entering it costs a twentieth of what np.errstate does
        calm.run(np.seterr, all="ignore")
        inside, lock = calm.run, threading.Lock()

        def call(*arrays: Any) -> tuple[Any, ...]:
            with lock:
                try:
                    return inside(run, *arrays)  # type: ignore[no-any-return]
                except Exception as error:  # noqa: BLE001  # each is raised again
                    raise self._explained(error, run.__code__) from None

        return call

    def _explained(self, error: Exception, code: Any) -> Exception:
        """The error that the op would have raised."""
        trace = error.__traceback__
        while trace is not None and trace.tb_frame.f_code is not code:
            trace = trace.tb_next
        step = self.steps.get(trace.tb_lineno) if trace is not None else None
        if trace is None or step is None or not isinstance(step.op, Op):
            return error
        names = {**self._objects, **trace.tb_frame.f_locals}
        values = [a if not hasattr(a, "step") else a.content if a.content is not None else names[self._writer.places[a].name] for a in step.args]
        return failed_call(step.op, error, values, values, step.options)


def owned(y: Any, *others: Any) -> Any:
    """A result of an op as memory of its own.

    >>> x = np.ones(2)
    >>> y = owned(x, x)
    >>> y is x, owned(y, x) is y
    (False, True)
    """
    return y if getattr(y, "base", None) is None and all(y is not a for a in others) else y.copy()


def may_raise(step: Step) -> bool:
    """Whether a step may refuse its numbers.

    >>> from autograd import ops
    >>> from autograd.compiler.program import Step, Value
    >>> x = Value((2, 2), np.dtype(float))
    >>> may_raise(Step(ops.divide, (x, 0), {})), may_raise(Step(ops.divide, (1, 0), {})), may_raise(Step(ops.inv, (x,), {}))
    (False, True, True)
    """
    if all(a.weak for a in values_of(step)):  # Python's own arithmetic
        return True
    return getattr(step.op, "raises", True) and has_effect(step)


class _Block:
    """A piece of memory, from the step that first writes it to the one that last reads it; of the arena, if it has a size in bytes."""

    __slots__ = ("first", "inside", "last", "nbytes", "offset")

    def __init__(self, first: int, nbytes: int | None = None) -> None:
        self.first = self.last = first
        self.nbytes, self.offset = nbytes, 0
        self.inside: _Block | None = None  # the block whose memory was taken over

    def whole(self) -> _Block:
        """The block that this has become a part of."""
        return self if self.inside is None else self.inside.whole()


class _Place:
    """Where a value is while the function runs: its name, memory that it may share, and, if its strides are known, an array like it."""

    __slots__ = ("array", "blocks", "fixed", "name")

    def __init__(self, name: str, array: Any, blocks: frozenset[_Block], fixed: bool) -> None:
        self.name, self.array, self.blocks = name, array, blocks
        self.fixed = fixed  # whether it is there before the run


class _Writer:
    """Writes the code of one program."""

    def __init__(self, program: Program, captured: frozenset[int]) -> None:
        self.program, self.places, self.objects = program, dict[Any, _Place](), dict[str, Any]()
        self.setup: dict[str, str] = {}  # code of what is made once: its name
        self.buffers: list[tuple[str, _Block, Any]] = []
        self.body: list[tuple[str, Step | None]] = []
        self.names: set[str] = {"np", "run", "bind", "memory", "owned", "square", "CrossEntropy"}
        self.end = len(program.steps)
        self.singles: dict[Any, str] = {}
        self.parameters: tuple[list[str], list[str]] = ([], [])  # of run, of bind
        self.outputs = {*program.outputs}
        self.taken: dict[Any, _Block] = {}  # by a value that will be written: the block of the input
        for number, given in enumerate(program.inputs):
            name, fixed = self._name(given.name), number in captured
            self.parameters[fixed].append(name)
            self.places[given.value] = _Place(name, _like(given.value), frozenset([_Block(-1)]), fixed)
        for value in program.constants():
            if not value.weak:
                name = self._name(f"c{len(self.objects)}")
                self.objects[name] = value.content
                self.places[value] = _Place(name, value.content if value.shape else None, frozenset([_Block(-1)]), True)
        self._look()
        self._write()
        self.nbytes = self._plan()

    # -- what each step is ------------------------------------------------------------------------------------------------------------

    def _look(self) -> None:
        """Choose the form of each step, and find out how long memory is needed."""
        self.forms: list[Any] = []
        for n, step in enumerate(self.program.steps):
            y = step.results[0]
            places = [self.places.get(a) for a in step.args] if not isinstance(step.op, Draw) else []
            form = view = None
            if not step.plural:
                view = view_of(step, places[0].array) if y.shape and places and places[0] else None
                form = form_of(step) if view is None else None
                if form is not None and not y.shape and "{out}" not in form.lines[0]:
                    form = None
            self.forms.append(view or form)
            shared = frozenset(b for p in places if p for b in p.blocks)
            for block in shared:
                block.last = n
            if view is not None:
                self.places[y] = _Place("", view[1], shared, places[0].fixed)  # type: ignore[union-attr]
            elif form is not None and y.shape:
                arrays = [p.array for p in places if p and p.array is not None]
                self.places[y] = _Place("", _laid_out(y, arrays if form.elementwise else []), frozenset([_Block(n, y.nbytes)]), y not in self.outputs)
            else:  # whatever the op gives: perhaps a view of its arguments, but for single values that NumPy computes
                single = form is not None or (not y.shape and step.op.kind == "elementwise")
                for part in step.results:
                    self.places[part] = _Place("", None, frozenset() if single else shared, False)
        for value in self.program.results():
            if value in self.places:
                for block in self.places[value].blocks:
                    block.last = self.end

    # -- lines ------------------------------------------------------------------------------------------------------------------------

    def _write(self) -> None:
        """Write all lines, with the places that the results get."""
        self.safe = max((n for n, step in enumerate(self.program.steps) if may_raise(step)), default=-1)
        for x, value in self.program.writes:
            (block,) = self.places[x].blocks
            self.taken.setdefault(value, block)
        for n, (step, form) in enumerate(zip(self.program.steps, self.forms, strict=True)):
            if isinstance(form, Form):
                self._write_form(n, step, form)
            elif form is not None:
                self._write_view(step, *form)
            else:
                self._write_call(n, step)
        self._write_end()

    def _write_view(self, step: Step, code: str, _: Any) -> None:
        (y,), source = step.results, self.places[step.args[0]]
        place = self.places[y]
        code = code.format(a=source.name)
        if place.fixed:
            place.name = self._once(code)
        else:
            place.name = self._name(f"v{len(self.names)}")
            self._line(f"{place.name} = {code}", step)

    def _write_call(self, n: int, step: Step) -> None:
        """A call of the op's own forward."""
        function = self._object(step.op.forward, f"{step.op.name}")
        options = ", ".join(f"{name}={self._option(value, name)}" for name, value in step.options.items())
        code = f"{function}({', '.join(filter(None, [*map(self._operand, step.args), options]))})"
        for y in step.results:
            self.places[y].name = self._name(f"v{len(self.names)}")
        names = ", ".join(self.places[y].name for y in step.results)
        self._line(f"{names}{',' if step.plural and len(step.results) == 1 else ''} = {code}", step)

    def _write_form(self, n: int, step: Step, form: Form) -> None:
        (y,) = step.results
        place = self.places[y]
        if not y.shape:
            place.name = self._name(f"v{len(self.names)}")
            self._line(f"{place.name} = {self._single(step, form)}", step)
            return
        fields = _Fields(self, step, form)
        lines = form.lines
        if place.fixed:
            self._settle(n, step, form, place)
            fields["out"] = f", out={place.name}"
        else:  # a result
            place.name = self._name(f"v{len(self.names)}")
            fields["out"] = ""
            if "{out}" in lines[0]:
                lines = (f"{{y}} = {lines[0]}", *lines[1:])
            else:
                lines = (f"{{y}} = np.empty({y.shape}, {str(y.dtype)!r})", *lines)
        for line in lines:
            code = line.format_map(fields)
            if code != f"{place.name}[...] = {place.name}":
                self._line(code, step)

    INFIX = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/", "power": "**"}

    def _single(self, step: Step, form: Form) -> str:
        """The code for a single value: arithmetic of scalars, which is faster than that of arrays."""
        if step.op.name in self.INFIX and form.elementwise:
            return f" {self.INFIX[step.op.name]} ".join(map(self._operand, step.args))
        return form.lines[0].format_map(_Fields(self, step, form._replace(dtypes=()), out=""))

    def _settle(self, n: int, step: Step, form: Form, place: _Place) -> None:
        """Find memory for a result: that of the captured array that it is the new value of, of an argument that dies here, or new."""
        (y,), (block,) = step.results, place.blocks
        target = self.taken.get(y)
        if target is not None and form.elementwise and n > self.safe and target.whole().last <= n:
            x = next(x for x, value in self.program.writes if value is y)
            place.name = self.places[x].name
            block.inside, target.last = target, max(target.last, block.last)
            return
        for k in form.over:
            a = step.args[k]
            other = self.places.get(a)
            if other is None or other.array is None or (a.shape, a.dtype) != (y.shape, y.dtype) or len(other.blocks) != 1:
                continue
            (theirs,) = other.blocks
            memory = theirs.whole()
            shared = [b for b in step.args if b in self.places and b is not a and any(c.whole() is memory for c in self.places[b].blocks)]
            if memory.nbytes == y.nbytes and memory.last == n and other.array.strides == place.array.strides and not shared:
                place.name, place.array = other.name, other.array
                block.inside, memory.last = memory, block.last
                return
        place.name = self._name(f"v{len(self.names)}")
        self.buffers.append((place.name, block, place.array))

    def _write_end(self) -> None:
        """Results, each as memory of its own, then writes."""
        results: list[str] = []
        given: set[Value] = set()
        for value in self.program.outputs:
            results.append(self._result(value, value in given))
            given.add(value)
        moves = [(self.places[x], value) for x, value in self.program.writes]
        moves = [(to, value) for to, value in moves if self._operand(value) != to.name]
        sources = [self._operand(value) for _, value in moves]
        written = {block for x, _ in self.program.writes for block in self.places[x].blocks}
        for k, (_, value) in enumerate(moves):
            if len(moves) > 1 and value in self.places and written & self.places[value].blocks:
                sources[k] = self._local(f"{sources[k]}.copy()")
        if moves:
            results = [code if code.isidentifier() else self._local(code) for code in results]
        for (to, _), source in zip(moves, sources, strict=True):
            self._line(f"{to.name}[...] = {source}")
        self._line(f"return ({''.join(f'{code}, ' for code in results).removesuffix(' ') if len(results) == 1 else ', '.join(results)})")

    def _result(self, value: Value, again: bool) -> str:
        """The code for one result."""
        name = self._operand(value)
        place = self.places.get(value)
        if place is None or value.weak:
            return name
        if not value.shape:
            return f"{name}[()]" if place.blocks else name
        if again or place.fixed or value.step is None:
            return f"{name}.copy()"
        form = self.forms[self.program.steps.index(value.step)]
        if isinstance(form, Form):
            return name
        if form is not None:
            return f"{name}.copy()"
        others = [self.places[a].name for a in values_of(value.step) if a in self.places and a.shape]
        return f"owned({', '.join([name, *others])})"

    # -- names ------------------------------------------------------------------------------------------------------------------------

    def _name(self, wish: str) -> str:
        """An identifier like this one that is not taken."""
        name = re.sub(r"\W+", "_", wish).strip("_") or "x"
        if name[0].isdigit() or keyword.iskeyword(name):
            name = f"_{name}"
        while name in self.names:
            name += "_"
        self.names.add(name)
        return name

    def _line(self, code: str, step: Step | None = None) -> None:
        self.body.append((code, step))

    def _local(self, code: str) -> str:
        name = self._name(f"v{len(self.names)}")
        self._line(f"{name} = {code}")
        return name

    def _once(self, code: str, wish: str = "") -> str:
        """The name of something that is made before the run."""
        if code not in self.setup:
            self.setup[code] = self._name(wish or f"v{len(self.names)}")
        return self.setup[code]

    def _object(self, a: Any, wish: str) -> str:
        """The name of an object that the code uses as it is."""
        for name, other in self.objects.items():
            if other is a:
                return name
        name = self._name(wish)
        self.objects[name] = a
        return name

    def _option(self, a: Any, wish: str) -> str:
        return literal(a) or self._object(a, wish)

    def _operand(self, a: Any) -> str:
        """The code for an argument."""
        if a in self.places if hasattr(a, "step") else False:
            return self.places[a].name
        return self._option(a.content if hasattr(a, "step") else a, "c")

    def operand_of_ufunc(self, a: Any, dtype: Any) -> str:
        """The code for an argument of a universal function over arrays, which takes an array of no axes faster than a number."""
        if not hasattr(a, "step"):
            return self._constant(a, dtype)
        place = self.places.get(a)
        if place is None or (a.content is not None and not a.shape):
            return self._constant(a.content, dtype)
        if a.shape or (place.fixed and not a.weak):
            return place.name
        key = (a, dtype if a.weak else a.dtype)
        if key not in self.singles:
            block = _Block(0, 1)
            block.last = self.end
            self.singles[key] = name = self._name(f"{place.name}_")
            self.buffers.append((name, block, np.empty((), key[1])))
            self._line(f"{name}[()] = {place.name}")
        return self.singles[key]

    def _constant(self, number: Any, dtype: Any) -> str:
        try:
            np.array(number, dtype)
        except OverflowError:
            return repr(number)
        if np.ndim(number) or not literal(np.asarray(number).item()):
            return self._object(np.asarray(number, dtype), "c")
        return self._once(f"np.array({np.asarray(number).item()!r}, {str(dtype)!r})", f"c{len(self.names)}")

    def flat(self, place: _Place) -> str:
        """The code for the values of a result in a row."""
        (block,) = place.blocks
        block = block.whole()
        if not place.fixed or block.nbytes is None:
            return f"{place.name}.ravel('K')"
        name = f"{place.name}_flat"
        if name not in self.names:
            self.buffers.append((self._name(name), block, np.empty(place.array.size, place.array.dtype)))
        return name

    def pair(self, pair: Any) -> str:
        """The name of what a loss and its slope share."""
        return self._once(f"{pair.code}  # {id(pair)}", "both")

    def bits(self, place: _Place, dtype: np.dtype[Any]) -> str:
        """The code for floating-point numbers as whole ones."""
        code = f"{place.name}.view({BITS[dtype]!r})"
        return self._once(code, f"{place.name}_bits") if place.fixed else code

    # -- all of it --------------------------------------------------------------------------------------------------------------------

    def _plan(self) -> int:
        blocks = [*{block.whole(): None for _, block, _ in self.buffers}]
        offsets, total = plan([Lifetime(block.nbytes or 0, block.first, block.last) for block in blocks])
        for block, offset in zip(blocks, offsets, strict=True):
            block.offset = offset
        return total

    def text(self) -> tuple[str, dict[int, Step]]:
        """The code, and which step each of its lines is for."""
        lines = [f"def bind({', '.join(['memory', *self.parameters[True]])}):"]
        for name, block, array in self.buffers:
            lines.append(f"    {name} = {_declared(block.whole().offset, array)}")
        lines += [f"    {name} = {code.partition('  #')[0]}" for code, name in self.setup.items()]
        lines += ["", f"    def run({', '.join(self.parameters[False])}):"]
        steps = {len(lines) + k: step for k, (_, step) in enumerate(self.body, 1) if step is not None}
        lines += [f"        {code}" for code, _ in self.body]
        return "\n".join([*lines, "", "    return run", ""]), steps


class _Fields(dict[str, str]):
    """The code for the fields of a form."""

    def __init__(self, writer: _Writer, step: Step, form: Form, **more: str) -> None:
        args = [] if isinstance(step.op, Draw) else step.args
        dtypes = form.dtypes or [None] * len(args)
        names = [writer._operand(a) if t is None else writer.operand_of_ufunc(a, t) for a, t in zip(args, dtypes, strict=True)]
        super().__init__(zip(LETTERS, names, strict=False), args=", ".join(names), **more)
        self._writer, self._step = writer, step

    def __missing__(self, field: str) -> str:
        writer, step = self._writer, self._step
        if field == "y":
            return writer.places[step.results[0]].name
        if field == "f":
            return writer._object(step.op.forward if not isinstance(step.op, Draw) else getattr(step.op.generator, step.op.method), step.op.name)
        if field == "pair":
            return writer.pair(step.op.pair)
        what, _, rest = field.partition("_")
        if what == "ones":
            count, _, dtype = rest.partition("_")
            return writer._once(f"np.ones({count}, {dtype!r})", field)
        place = writer.places[step.results[0] if what == "y" else step.args[LETTERS.index(what)]]
        return writer.flat(place) if rest == "flat" else writer.bits(place, step.results[0].dtype)


def _like(value: Value) -> Any:
    """An array with the strides of a value that is contiguous."""
    return np.empty(value.shape, value.dtype) if value.shape else None


def _laid_out(value: Value, arrays: list[Any]) -> Any:
    """An array with the strides that NumPy gives to what it computes of these arrays, number by number."""
    if all(a.flags.c_contiguous for a in arrays):
        return _like(value)
    flags: Any = [["readonly"]] * len(arrays) + [["writeonly", "allocate"]]
    walk = np.nditer([*arrays, None], ["zerosize_ok"], flags, [None] * len(arrays) + [value.dtype])
    return walk.operands[-1] if walk.operands[-1].shape == value.shape else _like(value)


def _declared(offset: int, array: Any) -> str:
    """The code for a buffer: contiguous, its axes perhaps in another order."""
    dtype = repr(str(array.dtype))
    if array.flags.c_contiguous:
        return f"memory({offset}, {array.shape}, {dtype})"
    order = sorted(range(array.ndim), key=lambda k: -array.strides[k])
    back = tuple(order.index(k) for k in range(array.ndim))
    return f"memory({offset}, {tuple(array.shape[k] for k in order)}, {dtype}).transpose{back}"
