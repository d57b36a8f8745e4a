"""Nests for the tests: their machine code, called with arrays, and what NumPy says that it should do."""

import ctypes
import math

import numpy as np
import pytest

from autograd.compiler.native.listing import nest_text
from autograd.compiler.native.module import module
from autograd.compiler.native.nest import Buffer, Gather, Instruction, Literal, Load, Nest, Store, View
from autograd.op import TABLE

pytest.importorskip("llvmlite")
machine = pytest.importorskip("autograd.compiler.native.machine")

F4, F8, I8, BOOL = np.dtype(np.float32), np.dtype(np.float64), np.dtype(np.int64), np.dtype(bool)
ALIVE = []  # machine code lives as long as what holds it


def text_of(nests, buffers):
    """LLVM IR of some nests."""
    return module(nests, {b: k for k, b in enumerate(buffers)}, {})


def compiled(nests, buffers):
    """The function of some nests, called with arrays."""
    code = machine.Code(text_of(nests, buffers))
    ALIVE.append(code)
    function = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_void_p)(code.address)
    return lambda *arrays: function((ctypes.c_void_p * (len(arrays) + 1))(*[a.ctypes.data for a in arrays], None))


def contiguous(shape):
    return tuple(math.prod(shape[k + 1 :]) for k in range(len(shape)))


def array_of(view, array, domain):
    """What a view sees."""
    strides = [s * array.itemsize for s in view.strides]
    return np.lib.stride_tricks.as_strided(array[view.offset :], domain, strides)


NUMPY = {
    "cast": lambda dtype, x: x.astype(dtype),
    "select": lambda dtype, c, a, b: np.where(c, a, b),
    "erf": lambda dtype, x: TABLE["erf"].forward(x),
    "erfc": lambda dtype, x: TABLE["erfc"].forward(x),
}
FOLD = {"sum": np.sum, "prod": np.prod, "maximum": np.max, "minimum": np.min, "any": np.any, "all": np.all}


def reference(nest, arrays):
    """The nest by NumPy, on arrays by buffer, in place."""
    found = []
    with np.errstate(all="ignore"):
        for item in nest.body:
            if isinstance(item, Load):
                y = array_of(item.view, arrays[item.view.buffer], nest.domain).copy()
            elif isinstance(item, Literal):
                y = np.full(nest.domain, item.value, item.dtype)
            elif isinstance(item, Gather):
                index = found[item.index].astype(np.int64)
                index = np.where(index < 0, index + item.size, index)
                place = item.view.offset + sum((np.indices(nest.domain)[k] * s for k, s in enumerate(item.view.strides)), np.int64(0))
                y = arrays[item.view.buffer][place + index * item.stride_of_index]
            elif item.name == "position":
                y = np.indices(nest.domain)[item.axis].astype(item.dtype)
            else:
                call = NUMPY.get(item.name, lambda dtype, *args, name=item.name: getattr(np, name)(*args).astype(dtype))
                y = call(item.dtype, *[found[k] for k in item.args])
            found.append(y)
        for r in nest.reductions:
            axes = tuple(k for k, (n, s) in enumerate(zip(nest.domain, r.view.strides, strict=True)) if n != 1 and not s)
            target = array_of(r.view, arrays[r.view.buffer], tuple(1 if k in axes else n for k, n in enumerate(nest.domain)))
            if r.kind.startswith("arg"):
                y = np.expand_dims(getattr(np, r.kind)(found[r.item], axes[0]), axes) if axes else np.zeros_like(target)
            else:
                kwargs = {"dtype": np.result_type(found[r.item], target)} if r.kind in ("sum", "prod") else {}
                y = FOLD[r.kind](found[r.item], axis=axes, keepdims=True, **kwargs)
            target[...] = y
        for s in nest.stores:
            array_of(s.view, arrays[s.view.buffer], nest.domain)[...] = found[s.item]


def check(nest, arrays, rtol=None):
    """Machine code and NumPy agree on all buffers."""
    buffers = list(arrays)
    ours = {b: a.copy() for b, a in arrays.items()}
    theirs = {b: a.copy() for b, a in arrays.items()}
    assert compiled([nest], buffers)(*ours.values()) == 0
    reference(nest, theirs)
    for b in buffers:
        if b.dtype.kind == "f":
            tolerance = {2: 4e-3, 4: 2e-6, 8: 4e-15}[b.dtype.itemsize] if rtol is None else rtol
            np.testing.assert_allclose(ours[b], theirs[b], rtol=tolerance, atol=tolerance, err_msg=nest_text(nest))
        else:
            np.testing.assert_array_equal(ours[b], theirs[b], err_msg=nest_text(nest))
    return ours


def buffer(name, size, dtype=F8):
    return Buffer(name, size, np.dtype(dtype))


def numbers(rng, size, dtype):
    """Random numbers, with all that is special."""
    dtype = np.dtype(dtype)
    if dtype.kind == "b":
        return rng.random(size) < 0.5
    if dtype.kind in "iu":
        limits = np.iinfo(dtype)
        return np.where(rng.random(size) < 0.5, rng.integers(-3 if dtype.kind == "i" else 0, 4, size), rng.integers(
            limits.min, limits.max, size, dtype, endpoint=True)).astype(dtype)  # fmt: skip
    return rng.standard_normal(size).astype(dtype)


def one_instruction(name, dtypes, result, arrays):
    """The results of one instruction on arrays of one size, by machine code and by NumPy."""
    size = len(arrays[0])
    x = [buffer(f"x{k}", size, d) for k, d in enumerate(dtypes)]
    y = buffer("y", size, result)
    loads = [Load(View(b, 0, (1,))) for b in x]
    nest = Nest((size,), [*loads, Instruction(name, tuple(range(len(x))), np.dtype(result))], [Store(len(x), View(y, 0, (1,)))])
    memory = dict(
        zip([*x, y], [*(np.array(a, d, order="C") for a, d in zip(arrays, dtypes, strict=True)), np.zeros(size, result)], strict=True)
    )
    expected = {b: a.copy() for b, a in memory.items()}
    assert compiled([nest], list(memory))(*memory.values()) == 0
    reference(nest, expected)
    return memory[y], expected[y]
