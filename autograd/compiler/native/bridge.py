"""Calling machine code with arrays: the addresses of their numbers, gathered in a table.

A compiled function gets one table: the address of each buffer.  Most never change; those of the arguments do at each call, and to ask for
an address in Python takes longer than a small program runs.  So a piece of machine code, the *bridge*, stands in between.  To Python it is
a builtin function.  It reads what it needs from where CPython and NumPy keep it: behind the header of an object, an array has its address,
rank, shape, dtype and flags, and a float or a NumPy scalar its value.  That this is so is looked up once, on samples; where it isn't, and
for arguments of other types than expected, the slow way in Python does the same.
"""

from __future__ import annotations

import ctypes
import sys
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from ..program import Value
    from .machine import Code

__all__ = ["BRIDGE", "Caller", "layout_is_known", "symbols"]

HEADER = object.__basicsize__
"""How many bytes stand before what an object holds; the last 8 of them say its type."""

RANK, SHAPE, DTYPE, FLAGS = 8, 16, 40, 48
"""Where an array keeps them, in bytes behind its header, at which its address stands."""

IN_C_ORDER = 0x101
"""NumPy's flags of an array in C's order (1) whose numbers are aligned (0x100)."""

METH_FASTCALL = 0x80
"""CPython's flag of a function that is handed its arguments as a C array."""

FIXED, EACH = 5, 5
"""How many words tell the bridge about the call, and how many about each argument."""

BRIDGE = f"""
; words: entry, count, frees_gil, number of arguments, where the table begins; for each argument place, dtype, type of a number, rank, where
; its shape begins; then shapes, and the table
@chalkgrad_ndarray = external global i8
@chalkgrad_int = external global i8
declare ptr @PyTuple_GetItem(ptr, i64)
declare i64 @PyLong_AsLongLongAndOverflow(ptr, ptr)
declare ptr @PyLong_FromLongLong(i64)
declare ptr @PyObject_Vectorcall(ptr, ptr, i64, ptr)
declare ptr @PyEval_SaveThread()
declare void @PyEval_RestoreThread(ptr)
declare void @llvm.memcpy.p0.p0.i64(ptr, ptr, i64, i1)

define ptr @bridge(ptr %self, ptr %arguments, i64 %given) {{
start:
  %holder = call ptr @PyTuple_GetItem(ptr %self, i64 0)
  %held = getelementptr i8, ptr %holder, i64 {HEADER}
  %words = load ptr, ptr %held
  %count_at = getelementptr i64, ptr %words, i64 1
  %count = load i64, ptr %count_at
  %frees_gil_at = getelementptr i64, ptr %words, i64 2
  %frees_gil = load i64, ptr %frees_gil_at
  %wanted_at = getelementptr i64, ptr %words, i64 3
  %wanted = load i64, ptr %wanted_at
  %constant_at = getelementptr i64, ptr %words, i64 4
  %constant = load i64, ptr %constant_at
  %constants = getelementptr i64, ptr %words, i64 %constant
  %overflow = alloca i32
  %table = alloca ptr, i64 %count, align 16
  %cells = alloca i64, i64 %wanted, align 16
  %bytes = mul i64 %count, 8
  call void @llvm.memcpy.p0.p0.i64(ptr %table, ptr %constants, i64 %bytes, i1 false)
  %complete = icmp eq i64 %given, %wanted
  br i1 %complete, label %argument, label %slow

argument:
  %i = phi i64 [ 0, %start ], [ %next, %found ]
  %left = icmp ult i64 %i, %wanted
  br i1 %left, label %look, label %go

look:
  %object_at = getelementptr ptr, ptr %arguments, i64 %i
  %object = load ptr, ptr %object_at
  %behind = getelementptr i8, ptr %object, i64 {HEADER}
  %type_at = getelementptr i8, ptr %object, i64 {HEADER - 8}
  %type = load ptr, ptr %type_at
  %skipped = mul i64 %i, {EACH}
  %first = add i64 %skipped, {FIXED}
  %place_at = getelementptr i64, ptr %words, i64 %first
  %place = load i64, ptr %place_at
  %is_array = icmp eq ptr %type, @chalkgrad_ndarray
  br i1 %is_array, label %array, label %number

array:
  %address = load ptr, ptr %behind
  %rank_at = getelementptr i8, ptr %behind, i64 {RANK}
  %rank32 = load i32, ptr %rank_at
  %rank = zext i32 %rank32 to i64
  %shape_at = getelementptr i8, ptr %behind, i64 {SHAPE}
  %shape = load ptr, ptr %shape_at
  %dtype_at = getelementptr i8, ptr %behind, i64 {DTYPE}
  %dtype = load i64, ptr %dtype_at
  %flags_at = getelementptr i8, ptr %behind, i64 {FLAGS}
  %flags = load i32, ptr %flags_at
  %wanted_dtype_at = getelementptr i64, ptr %place_at, i64 1
  %wanted_dtype = load i64, ptr %wanted_dtype_at
  %wanted_rank_at = getelementptr i64, ptr %place_at, i64 3
  %wanted_rank = load i64, ptr %wanted_rank_at
  %shape_word_at = getelementptr i64, ptr %place_at, i64 4
  %shape_word = load i64, ptr %shape_word_at
  %wanted_shape = getelementptr i64, ptr %words, i64 %shape_word
  %order_flags = and i32 %flags, {IN_C_ORDER}
  %in_c_order = icmp eq i32 %order_flags, {IN_C_ORDER}
  %same_dtype = icmp eq i64 %dtype, %wanted_dtype
  %same_rank = icmp eq i64 %rank, %wanted_rank
  %both = and i1 %in_c_order, %same_dtype
  %all = and i1 %both, %same_rank
  br i1 %all, label %axis, label %slow

axis:
  %d = phi i64 [ 0, %array ], [ %next_d, %size ]
  %axes_left = icmp ult i64 %d, %rank
  br i1 %axes_left, label %size, label %found

size:
  %length_at = getelementptr i64, ptr %shape, i64 %d
  %length = load i64, ptr %length_at
  %wanted_length_at = getelementptr i64, ptr %wanted_shape, i64 %d
  %wanted_length = load i64, ptr %wanted_length_at
  %same_length = icmp eq i64 %length, %wanted_length
  %next_d = add i64 %d, 1
  br i1 %same_length, label %axis, label %slow

number:
  %wanted_type_at = getelementptr i64, ptr %place_at, i64 2
  %wanted_type = load ptr, ptr %wanted_type_at
  %same_type = icmp eq ptr %type, %wanted_type
  br i1 %same_type, label %kind, label %slow

kind:
  %is_int = icmp eq ptr %type, @chalkgrad_int
  br i1 %is_int, label %integer, label %found

integer:
  %cell = getelementptr i64, ptr %cells, i64 %i
  %value = call i64 @PyLong_AsLongLongAndOverflow(ptr %object, ptr %overflow)
  store i64 %value, ptr %cell
  %too_long = load i32, ptr %overflow
  %fits = icmp eq i32 %too_long, 0
  br i1 %fits, label %found, label %slow

found:
  %pointer = phi ptr [ %address, %axis ], [ %behind, %kind ], [ %cell, %integer ]
  %entry_of_table = getelementptr ptr, ptr %table, i64 %place
  store ptr %pointer, ptr %entry_of_table
  %next = add i64 %i, 1
  br label %argument

go:
  %function = load ptr, ptr %words
  %frees = icmp ne i64 %frees_gil, 0
  br i1 %frees, label %open, label %closed

open:
  %thread = call ptr @PyEval_SaveThread()
  %status_open = call i32 %function(ptr %table)
  call void @PyEval_RestoreThread(ptr %thread)
  br label %finish

closed:
  %status_closed = call i32 %function(ptr %table)
  br label %finish

finish:
  %status = phi i32 [ %status_open, %open ], [ %status_closed, %closed ]
  %long = sext i32 %status to i64
  %result = call ptr @PyLong_FromLongLong(i64 %long)
  ret ptr %result

slow:
  %slowly = call ptr @PyTuple_GetItem(ptr %self, i64 1)
  %answer = call ptr @PyObject_Vectorcall(ptr %slowly, ptr %arguments, i64 %given, ptr null)
  ret ptr %answer
}}
"""


@cache
def symbols() -> dict[str, int]:
    """The addresses of what the bridge names."""
    functions = [
        "PyTuple_GetItem", "PyLong_AsLongLongAndOverflow", "PyLong_FromLongLong", "PyObject_Vectorcall", "PyEval_SaveThread",
        "PyEval_RestoreThread",
    ]  # fmt: skip
    addresses = {name: ctypes.cast(getattr(ctypes.pythonapi, name), ctypes.c_void_p).value or 0 for name in functions}
    return {**addresses, "chalkgrad_ndarray": id(np.ndarray), "chalkgrad_int": id(int)}


@cache
def layout_is_known() -> bool:
    """Whether objects lie in memory as the bridge assumes, as far as samples tell."""
    if sys.implementation.name != "cpython" or ctypes.sizeof(ctypes.c_void_p) != 8:
        return False
    a = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
    for x in (a, a.T, a[1:, ::2], np.array(True), np.zeros((5, 0), np.int64)):
        lengths = (ctypes.c_ssize_t * x.ndim).from_address(_word(x, SHAPE)) if x.ndim else ()
        found = (_word(x, -8), _word(x), _word(x, RANK, ctypes.c_int32), tuple(lengths), _word(x, DTYPE), _word(x, FLAGS, ctypes.c_int32))
        if found != (id(np.ndarray), x.__array_interface__["data"][0], x.ndim, x.shape, id(x.dtype), x.flags.num):
            return False
    scalars = [np.dtype(t).type(1) for t in "?bBhHiIlLqQefdFD"]
    return all(
        ctypes.string_at(id(x) + HEADER, np.asarray(x).nbytes) == np.asarray(x).tobytes() and _word(x, -8) == id(type(x))
        for x in (*scalars, 0.1, 0.1 + 0.2j)
    )


def _word(a: Any, at: int = 0, kind: Any = ctypes.c_size_t) -> Any:
    """The number that lies in an object, `at` bytes behind its header."""
    return kind.from_address(id(a) + HEADER + at).value


class _Method(ctypes.Structure):
    """CPython's PyMethodDef."""

    _fields_ = (("name", ctypes.c_char_p), ("function", ctypes.c_void_p), ("flags", ctypes.c_int), ("doc", ctypes.c_char_p))


class Caller:
    """Machine code with a table of `count` addresses, of which those of `changing` are told at each call: pairs of a place and its value.

    The machine code is a function i32 (ptr table); `call(*arrays)` gives what it returns, its status.  Arguments are as their values say:
    aligned arrays in C's order, NumPy scalars, or, where weak, Python numbers; all others are a TypeError, but a whole number of
    more than 64 bits gives 1, the status of what can't be computed here.  `set` tells an address that stays.  Threads don't meet in the
    table, only in arrays that stay.  While code that `frees_gil` runs, other threads may run Python; to let them takes a moment itself, so
    what takes microseconds better keeps the lock.

    >>> from autograd.compiler.native.machine import Code
    >>> from autograd.compiler.program import Value
    >>> code = Code('''define i32 @run(ptr %table) {
    ...   %cell = load ptr, ptr %table
    ...   %n = load i32, ptr %cell
    ...   ret i32 %n }''')
    >>> code.caller(1, [(0, Value((), np.dtype(np.int64), weak=True))]).call(5)
    5
    """

    __slots__ = ("_slow", "call")

    call: Callable[..., int]

    def __init__(self, code: Code, bridge: Code | None, count: int, changing: Iterable[tuple[int, Value]], frees_gil: bool = True) -> None:
        pairs = list(changing)
        words = _words(code.address, count, frees_gil, pairs)
        self._slow = _SlowCall(code, words[int(words[4]) :], {}, pairs, frees_gil)
        self.call = _builtin(bridge, words, self._slow) if bridge else self._slow

    def set(self, place: int, array: np.ndarray) -> None:
        """Let the address at `place` be that of this array, from now on."""
        if array.flags.num & IN_C_ORDER != IN_C_ORDER:
            raise ValueError(f"the array at {place} doesn't lie in C's order; copy it: np.ascontiguousarray(a)")
        self._slow.table[place] = array.__array_interface__["data"][0]
        self._slow.kept[place] = array


@dataclass(slots=True)
class _SlowCall:
    """The call in Python, of any arrays and numbers that have the right shapes and dtypes; what is wrong with others."""

    code: Code
    table: np.ndarray
    kept: dict[int, np.ndarray]
    changing: list[tuple[int, Value]]
    frees_gil: bool

    def __call__(self, *given: Any) -> int:
        if len(given) != len(self.changing):
            raise TypeError(f"got {len(given)} arguments, wanted {len(self.changing)}")
        table, arrays = self.table.copy(), [np.asarray(a) for a in given]
        for i, (a, (place, value)) in enumerate(zip(arrays, self.changing, strict=True)):
            if value.weak and type(given[i]) is int and a.dtype != value.dtype:  # longer than a machine's
                return 1
            if (a.dtype, a.shape) != (value.dtype, value.shape):
                raise TypeError(f"argument {i}: got {a.dtype}{list(a.shape)}, wanted {value.dtype}{list(value.shape)}")
            if a.flags.num & IN_C_ORDER != IN_C_ORDER:
                raise TypeError(f"argument {i}: got an array that doesn't lie in C's order; copy it: np.ascontiguousarray(a)")
            table[place] = a.__array_interface__["data"][0]
        function = (ctypes.CFUNCTYPE if self.frees_gil else ctypes.PYFUNCTYPE)(ctypes.c_int32, ctypes.c_void_p)(self.code.address)
        status: int = function(table.__array_interface__["data"][0])
        return status


def _builtin(bridge: Code, words: np.ndarray, slow: _SlowCall) -> Callable[..., int]:
    """The bridge as a builtin function, which keeps alive all that it reads."""
    method = _Method(b"call", bridge.address, METH_FASTCALL, None)
    new = ctypes.PYFUNCTYPE(ctypes.py_object, ctypes.c_void_p, ctypes.py_object, ctypes.c_void_p)(("PyCFunction_NewEx", ctypes.pythonapi))
    builtin: Callable[..., int] = new(ctypes.addressof(method), (words, slow, bridge, method), None)
    return builtin


def _words(address: int, count: int, frees_gil: bool, changing: Sequence[tuple[int, Value]]) -> np.ndarray:
    """What the bridge must know, and the table."""
    shapes_from = FIXED + EACH * len(changing)
    arguments: list[int] = []
    shapes: list[int] = []
    for place, value in changing:
        if not 0 <= place < count:
            raise IndexError(f"place {place} is outside a table of {count}")
        number: type | None = None
        if not value.shape:
            number = {"i": int, "f": float, "c": complex}.get(value.dtype.kind) if value.weak else value.dtype.type
        arguments += [place, id(value.dtype), id(number) if number else 0, len(value.shape), shapes_from + len(shapes)]
        shapes += value.shape
    fixed = [address, count, int(frees_gil), len(changing), shapes_from + len(shapes)]
    return np.array([*fixed, *arguments, *shapes, *[0] * count], np.uint64)
