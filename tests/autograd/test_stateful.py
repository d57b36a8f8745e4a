"""Whatever is done with Tensors, in whatever order: values, gradients and modes are those of a model that has no reverse mode.

A value of the model is a polynomial: its array, and beside it its first and second derivatives by single *numbers* (those that leaves hold,
and those that were recorded since), carried along forwards.  So a gradient is read off, never pulled back.  Of the graph the model knows
only what a user must know: what a backward() frees, and what a write makes stale.
"""

import gc
import operator
import weakref
from dataclasses import dataclass
from itertools import combinations_with_replacement, count

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from autograd import Tensor, checkpoint, enable_grad, general, is_grad_enabled, no_grad
from autograd.op import TABLE, Sample

LEAVES = 16  # how many numbers the leaves may hold: by these there are second derivatives too

# -- the model ----------------------------------------------------------------------------------------------------------------------------


@dataclass(eq=False)
class Call:
    """How a value came about."""

    parents: list
    saved: list  # the arrays that its derivative needs
    age: int
    numbers: range  # which are its own values
    kind: str = "op"  # or "leaf", or "part" of what an op gave
    owner: int | None = None  # the Tensor that asked for its gradient
    freed: bool = False

    def reach(self):
        calls, rest = {self}, [self]
        while rest:
            new = set(rest.pop().parents) - calls
            calls |= new
            rest += new
        return calls


@dataclass(eq=False)
class Value:
    """A polynomial: `terms[()]` is the array, `terms[i,]` its derivative by number i, `terms[i, j]` that by i and j (i ≤ j)."""

    terms: dict
    call: Call | None = None
    grad: np.ndarray | None = None

    @property
    def array(self):
        return self.terms[()]


def term(x, key):
    part = x.terms.get(tuple(sorted(key)))
    return np.zeros(x.array.shape) if part is None else part


def linear(f):
    """A linear map: it acts on derivatives as on values."""

    def terms(*xs):
        return {key: np.asarray(f(*(term(x, key) for x in xs))) for key in [(), *{key for x in xs for key in x.terms if key}]}

    return terms


def second_order(*xs):
    """All pairs of leaves' numbers by which something here varies."""
    return combinations_with_replacement(sorted({i for x in xs for key in x.terms for i in key if i < LEAVES}), 2)


def product(f):
    """Leibniz' rule, twice."""

    def terms(a, b):
        found = {(): np.asarray(f(a.array, b.array))}
        for (i,) in {key for x in (a, b) for key in x.terms if len(key) == 1}:
            found[i,] = f(term(a, (i,)), b.array) + f(a.array, term(b, (i,)))
        for i, j in second_order(a, b):
            outer = f(term(a, (i, j)), b.array) + f(a.array, term(b, (i, j)))
            found[i, j] = outer + f(term(a, (i,)), term(b, (j,))) + f(term(a, (j,)), term(b, (i,)))
        return found

    return terms


def sine(x):
    sin, cos = np.sin(x.array), np.cos(x.array)
    found = {key: cos * part for key, part in x.terms.items()} | {(): np.asarray(sin)}
    for i, j in second_order(x):
        found[i, j] = cos * term(x, (i, j)) - sin * term(x, (i,)) * term(x, (j,))
    return found


def units(shape, numbers):
    """The derivatives of an array by its own values."""
    return {(i,): unit.reshape(shape) for i, unit in zip(numbers, np.eye(len(numbers)), strict=True)}


def memory(array):
    while array.base is not None:
        array = array.base
    return array


def assigned(index):
    def f(x, v):
        y = np.array(x)
        y[index] = v
        return y

    return f


def factors(a, b):
    return [other.array for x, other in ((a, b), (b, a)) if x.call is not None]


# -- the machine --------------------------------------------------------------------------------------------------------------------------

nothing = lambda *xs: ()


def along(f):
    """An op that is linear, written once for both sides."""
    return f, linear(f), nothing


OPS = {
    "sin": (np.sin, sine, lambda x: [x.array]),
    "multiply": (operator.mul, product(np.multiply), factors),
    "matmul": (operator.matmul, product(np.matmul), factors),
    "add": (operator.add, linear(np.add), nothing),
    "copy": (lambda x: x.copy(), linear(np.copy), nothing),
    "sum": along(np.sum),
    "sum of rows": along(lambda x: np.sum(x, axis=-1)),
    "sum of columns": along(lambda x: np.sum(x, axis=0, keepdims=True)),
    "concatenate": along(lambda a, b: np.concatenate([a, b])),
    "where": along(lambda a, b: np.where([True, False, True], a, b)),
    "x[0]": along(lambda x: x[0]),
    "x[1:]": along(lambda x: x[1:]),
    "x[::-1]": along(lambda x: x[::-1]),
    "x[[0, 0, 1]]": along(lambda x: x[[0, 0, 1]]),
    "x[None]": along(lambda x: x[None]),
    **{f"reshape{shape}": along(lambda x, shape=shape: x.reshape(shape)) for shape in [(-1,), (1, -1), (-1, 1), (3, 2), ()]},
}
BINARY = {"multiply", "matmul", "add", "concatenate", "where"}
some_ops = st.lists(st.sampled_from([*OPS, *["sin", "multiply", "matmul", "add", "copy"] * 3]), min_size=3, max_size=8)
IN_PLACE = {
    "add": (operator.iadd, linear(np.add), nothing),
    "multiply": (operator.imul, product(np.multiply), factors),
    **{
        f"x[{index}] = v": (lambda x, v, index=index: operator.setitem(x, index, v), linear(assigned(index)), nothing)
        for index in [0, slice(1, None), slice(None, None, -1), np.array([1, 0]), ...]
    },
}
SHAPES = [(3,), (), (2,), (1, 3), (2, 3), (3, 2), (0,)]
numbers = st.sampled_from([1.0, -0.5, 2.0, 1.5, -1.5, 0.5, 0.0])


class AnyOrder(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.tensors, self.values = {}, {}  # the two sides, by key
        self.entered = []  # the modes, the one that counts last
        self.next_key, self.clock = count().__next__, count(1).__next__
        self.leaf_numbers, self.next_number = 0, LEAVES
        self.written = {}

    def teardown(self):
        for mode in self.entered:
            mode.__exit__(None, None, None)
        assert is_grad_enabled()

    def recording(self):
        return not self.entered or self.entered[-1].value

    # what the rules are made of

    def draw(self, data, shape):
        size = int(np.prod(shape))
        return np.array(data.draw(st.lists(numbers, min_size=size, max_size=size)), float).reshape(shape).copy()

    def keep(self, tensor, value):
        key = self.next_key()
        self.tensors[key], self.values[key] = tensor, value
        return key

    def pick(self, data, *, result=False):
        """A key, the newest first; mostly of something that needs a gradient, or of the result of an op that does."""
        keys = list(reversed(self.values))
        if data.draw(st.sampled_from("yyyyn")) == "y":
            calls = {key: self.values[key].call for key in keys}
            keys = [key for key, call in calls.items() if call is not None and not (result and call.kind == "leaf")] or keys
        return data.draw(st.sampled_from(keys))

    def operands(self, *keys):
        """Both sides of each key, or of a plain number for None.  A single number that an op gave is passed on by value, not by memory."""
        sides = []
        for key in keys:
            if key is None:
                sides.append((1.5, Value({(): np.array(1.5)})))
                continue
            tensor, value = self.tensors[key], self.values[key]
            by_memory = isinstance(tensor._value, np.ndarray)
            sides.append((tensor, value if by_memory else Value(value.terms | {(): value.array[()]}, value.call)))
        return zip(*sides, strict=True)

    def records(self, xs):
        return self.recording() and any(x.call is not None for x in xs)

    def recorded(self, terms, parents, saved=(), kind="op"):
        array = terms[()]
        numbers = range(self.next_number, self.next_number + array.size)
        self.next_number = numbers.stop
        return Value(terms | units(array.shape, numbers), Call(parents, list(saved), self.clock(), numbers, kind))

    def outcome(self, xs, terms, saved):
        """The value of an op's result."""
        if not self.records(xs):
            return Value({(): terms[()]})
        return self.recorded(terms, [x.call for x in xs if x.call is not None], saved(*xs))

    def is_stale(self, call):
        return any(self.written.get(id(memory(a)), (0, None))[0] > call.age for a in call.saved)

    def can_be_used(self, reach):
        return not any(call.freed or self.is_stale(call) for call in reach)

    # values

    @initialize(ops=some_ops, data=st.data())
    def begin(self, ops, data):
        for shape in [(3,), (3,), ()]:
            self.leaf(shape, data)
        self.compute(ops, data)

    @rule(requires_grad=st.booleans(), shape=st.sampled_from(SHAPES), data=st.data())
    def make(self, requires_grad, shape, data):
        if requires_grad and self.leaf_numbers <= LEAVES - 6:
            self.leaf(shape, data)
        else:
            array = self.draw(data, shape)
            self.keep(Tensor(array), Value({(): array}))

    def leaf(self, shape, data):
        array = self.draw(data, shape)
        numbers = range(self.leaf_numbers, self.leaf_numbers + array.size)
        self.leaf_numbers = numbers.stop
        call = Call([], [], self.clock(), numbers, "leaf")
        call.owner = self.keep(Tensor(array, requires_grad=True), Value({(): array, **units(shape, numbers)}, call))

    @rule(data=st.data())
    def detach(self, data):
        x = self.pick(data)
        self.keep(self.tensors[x].detach(), Value({(): self.values[x].array}))

    # ops

    @rule(ops=some_ops, data=st.data())
    def compute(self, ops, data):
        for op in ops:
            keys = [self.pick(data)]
            if op in BINARY:
                keys.append(self.pick(data) if data.draw(st.integers(0, 4)) else None)
            self.apply(*OPS[op], *keys)
            if data.draw(st.booleans()):
                self.ask_for_gradient(next(reversed(self.values)))

    def apply(self, ours, terms, saved, *keys):
        """Apply an op to both sides, and keep what comes; where NumPy can't, neither may we."""
        tensors, xs = self.operands(*keys)
        try:
            terms = terms(*xs)
        except (ValueError, IndexError):
            with pytest.raises((ValueError, IndexError)):
                ours(*tensors)
            return
        if terms[()].size > 12 or np.any(np.abs(terms[()]) > 1e3):
            return
        self.keep(ours(*tensors), self.outcome(xs, terms, saved))

    @rule(data=st.data())
    def split(self, data):
        (tensor,), (value,) = self.operands(self.pick(data))
        if not value.array.ndim:
            with pytest.raises((ValueError, IndexError)):
                np.split(tensor, [1])
            return
        parts = [{key: np.split(part, [1])[n] for key, part in value.terms.items()} for n in range(2)]
        if self.records([value]):
            call = self.recorded({(): np.empty(0)}, [value.call]).call
            parts = [self.recorded(terms, [call], kind="part") for terms in parts]
        else:
            parts = [Value({(): terms[()]}) for terms in parts]
        for part, value in zip(np.split(tensor, [1]), parts, strict=True):
            self.keep(part, value)

    # writes

    @rule(op=st.sampled_from(list(IN_PLACE)), number=st.booleans(), data=st.data())
    def write(self, op, number, data):
        """Recorded, refused, or into the memory."""
        x, v = self.pick(data, result=True), None if number else self.pick(data)
        (tensor, tensor_v), xs = self.operands(x, v)
        value, (ours, terms, saved) = self.values[x], IN_PLACE[op]
        if op == "x[Ellipsis] = v" and xs[1].array.ndim > xs[0].array.ndim:
            return  # NumPy would drop axes of size 1
        if self.records(xs) and (value.array.base is not None or (value.call is not None and value.call.kind == "leaf")):
            with pytest.raises(RuntimeError, match=r"on a leaf that requires grad would lose the leaf|on a view of another Tensor"):
                ours(tensor, tensor_v)
            return
        try:
            terms = terms(*xs)
        except (ValueError, IndexError):
            terms = None
        if terms is None or terms[()].shape != value.array.shape:
            with pytest.raises((ValueError, IndexError)):
                ours(tensor, tensor_v)
            return
        if np.any(np.abs(terms[()]) > 1e3):
            return
        ours(tensor, tensor_v)
        if self.records(xs):
            new = self.values[x] = self.outcome(xs, terms, saved)
            new.grad = value.grad
            if value.call is not None and value.call.owner == x:
                value.call.owner, new.call.owner = None, x
        else:
            self.overwrite(value.array, terms[()])

    def overwrite(self, array, new):
        array[...] = new
        self.written[id(memory(array))] = self.clock(), memory(array)

    # gradients

    def seed(self, data, array):
        """What backward() is given, and what it starts from."""
        if array.size == 1 and data.draw(st.booleans()):
            return None, np.ones(array.shape)
        seed = self.draw(data, array.shape)
        return seed, seed

    @rule(retain=st.booleans(), scale=st.booleans(), data=st.data())
    def backward(self, retain, scale, data):
        root = self.pick(data, result=True)
        tensor, value = self.tensors[root], self.values[root]
        if value.call is None:
            with pytest.raises(RuntimeError, match="nothing here requires a gradient"):
                tensor.backward()
            return
        if value.array.size != 1:
            with pytest.raises(RuntimeError, match="only a single value"):
                tensor.backward()
        gradient, seed = self.seed(data, value.array)
        reach = value.call.reach()
        if not self.can_be_used(reach):
            with pytest.raises(RuntimeError, match=r"freed|was written after"):
                tensor.backward(gradient, retain_graph=retain)
            return
        tensor.backward(gradient, retain_graph=retain)
        for call in reach:
            owner = self.values.get(call.owner)
            if owner is not None:
                g = np.reshape([(seed * term(value, (i,))).sum() for i in call.numbers], owner.array.shape)
                owner.grad = g if owner.grad is None else owner.grad + g
            call.freed |= not retain and call.kind == "op"
        if scale:  # a gradient is its owner's alone
            with no_grad():
                for key, owner in self.values.items():
                    if owner.grad is not None:
                        self.tensors[key]._grad *= float(key + 1)
                        owner.grad = owner.grad * (key + 1)

    @rule(write_between=st.booleans(), data=st.data())
    def backward_of_backward(self, write_between, data):
        """The gradient of a sum of gradients, perhaps with a write between the two; then all gradients as they were before."""
        root, written = self.pick(data, result=True), self.pick(data) if write_between else None
        tensor, value = self.tensors[root], self.values[root]
        if value.call is None:
            return
        gradient, seed = self.seed(data, value.array)
        reach = value.call.reach()
        if not self.can_be_used(reach):
            with pytest.raises(RuntimeError, match=r"freed|was written after"):
                tensor.backward(gradient, create_graph=True)
            return
        leaves = {call.owner: call for call in reach if call.kind == "leaf" and call.owner in self.tensors}
        weights = {key: self.draw(data, self.values[key].array.shape) for key in leaves}
        before = {key: t._grad for key, t in self.tensors.items()}
        self.forget_gradients()
        tensor.backward(gradient, create_graph=True)
        with enable_grad():
            total = sum(((self.tensors[key].grad * w).sum() for key, w in weights.items()), Tensor(0.0))
        self.forget_gradients()
        if written is not None:
            with no_grad():
                self.tensors[written] *= 1.0
            self.overwrite(self.values[written].array, self.values[written].array)
        if total.requires_grad:
            try:
                total.backward(retain_graph=True)
            except RuntimeError as error:
                if written is None or "was written after" not in str(error):
                    raise
                leaves = {}  # and nothing to compare
        directions = {i: w for key, call in leaves.items() for i, w in zip(call.numbers, weights[key].ravel(), strict=True)}
        for key, call in leaves.items():
            g = [sum((seed * term(value, (i, j)) * w).sum() for i, w in directions.items()) for j in call.numbers]
            ours = self.tensors[key].grad
            self.compare(Tensor(np.zeros(weights[key].shape)) if ours is None else ours, np.reshape(g, weights[key].shape))
        for key, t in self.tensors.items():
            t.grad = before[key]

    def forget_gradients(self):
        for t in self.tensors.values():
            t.zero_grad()

    @rule(data=st.data())
    def zero_grad(self, data):
        x = self.pick(data)
        self.tensors[x].zero_grad()
        self.values[x].grad = None

    @rule(data=st.data())
    def retain_grad(self, data):
        self.ask_for_gradient(self.pick(data, result=True))

    def ask_for_gradient(self, x):
        call = self.values[x].call
        if call is None:
            with pytest.raises(RuntimeError, match="needs no gradient"):
                self.tensors[x].retain_grad()
        else:
            self.tensors[x].retain_grad()
            call.owner = x

    # modes, and the end of things

    @precondition(lambda self: len(self.entered) < 3)
    @rule(mode=st.sampled_from([no_grad, enable_grad]))
    def enter(self, mode):
        self.entered.append(mode())
        self.entered[-1].__enter__()

    @precondition(lambda self: self.entered)
    @rule(data=st.data())
    def leave(self, data):
        """In any order, as generators do: the others go on."""
        mode = self.entered.pop(data.draw(st.integers(0, len(self.entered) - 1)))
        mode.__exit__(None, None, None)

    @precondition(lambda self: len(self.values) > 1)
    @rule(data=st.data(), collect=st.booleans())
    def forget(self, data, collect):
        x = self.pick(data)
        gone = weakref.ref(self.tensors.pop(x))
        del self.values[x]
        assert gone() is None
        if collect:
            gc.collect(1)

    # what always holds

    def compare(self, ours, wanted):
        assert ours.shape == wanted.shape
        assert np.all(np.abs(ours.numpy() - wanted) <= 1e-9 * (1 + np.abs(wanted)))

    @invariant()
    def both_sides_agree(self):
        assert is_grad_enabled() == self.recording()
        for key, tensor in self.tensors.items():
            value = self.values[key]
            self.compare(tensor, value.array)
            assert (tensor._grad is None) == (value.grad is None)
            if value.grad is not None:
                self.compare(tensor._grad, value.grad)
            assert tensor.requires_grad == (value.call is not None)
            assert tensor.is_leaf == (value.call is None or value.call.kind == "leaf")


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(max_examples=300, stateful_step_count=50, derandomize=True, deadline=None, database=None)


# -- what the machine does not reach ------------------------------------------------------------------------------------------------------


SAMPLES = [
    pytest.param(op, sample, id=f"{op.name} {n}")
    for op in TABLE.values()
    if op.kind != "constant"
    for n, sample in enumerate(op.samples or [Sample(((3,),) * len(op.arguments), {})])
]


@pytest.mark.parametrize(("op", "sample"), SAMPLES)
def test_a_result_is_written_unless_it_shares_memory(op, sample, rng):
    def tensor(a, followed=True):
        if isinstance(a, tuple) and not all(isinstance(n, int) for n in a):
            return tuple(map(tensor, a))
        array = rng.uniform(0.1, 0.9, a) if isinstance(a, tuple) else a
        return Tensor(array, requires_grad=True) if followed and isinstance(array, np.ndarray) and array.dtype.kind in "fc" else array

    count = len(op.arguments)
    arguments = [tensor(a, op.rule(k) is not None) for k, a in enumerate(sample.args[:count])] + list(sample.args[count:])
    with np.errstate(invalid="ignore"):
        results = op(*arguments, **sample.options)
    inputs = [t.data for a in arguments for t in (a if isinstance(a, tuple) else (a,)) if isinstance(t, Tensor)]
    for result in results if isinstance(results, tuple) else (results,):
        if result.size and not any(np.shares_memory(result.data, x) for x in inputs):
            wanted, y = result.numpy() * 2, result
            y *= 2.0
            np.testing.assert_array_equal(y.data, wanted)
        elif result.size and result.data.base is not None:
            with pytest.raises(RuntimeError, match="on a view of another Tensor"):
                result.__imul__(2.0)


@pytest.mark.parametrize("choose", [lambda m, x: np.where(m, x, 0), lambda m, x: np.where(m, 0, x)], ids=["x or 0", "0 or x"])
def test_what_where_gives_is_written(choose):
    x = Tensor([1.0, 2.0], requires_grad=True)
    y = choose(np.array([True, False]), x)
    y += x
    y.sum().backward()
    assert sorted(x.grad.tolist()) == [1, 2]


def test_each_of_several_outputs_that_a_rule_needs_is_watched():
    @general(lambda g, y: g[0] * y[1] + g[1] * y[0])
    def both(x, /):
        return np.exp(x), np.exp(x)

    del TABLE["both"]
    x = Tensor([0.0, 1.0], requires_grad=True)
    first, second = both(x)
    with no_grad():
        second[0] = 100.0
    with pytest.raises(RuntimeError, match=r"both: .*was written after the forward pass"):
        first.sum().backward()


def test_what_a_checkpoint_reads_is_watched_in_its_second_run():
    x, factor = Tensor([1.0, 1.0], requires_grad=True), Tensor([1.0, 2.0])
    y = checkpoint(lambda x: np.sin(x) * factor)(x)
    factor.data = np.array([2.0, 1.0])
    with pytest.raises(RuntimeError, match="written"):
        y.backward([1.0, 10.0])
