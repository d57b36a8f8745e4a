"""What runs a program: the two emitters, and the reference, which calls the ops one by one: it shows errors of tracing by themselves."""

import importlib.util

import numpy as np

from autograd import Tensor
from autograd.tree import children

BACKENDS = ["reference", "numpy", *(["native"] if importlib.util.find_spec("llvmlite") else [])]


class Reference:
    """An executable that is `Program.run`, and then the writes."""

    source = ""

    def __init__(self, program):
        self.program = program

    def bind(self, captured):
        values = [i.value for i in self.program.inputs]

        def run(*arrays):
            given = iter(arrays)
            inputs = [captured[k] if k in captured else next(given) for k in range(len(values))]
            found = [y if type(y) in (int, float, complex) else np.array(y)[()] for y in self.program.run(*inputs)]
            outputs, written = found[: len(self.program.outputs)], found[len(self.program.outputs) :]
            for (target, _), y in zip(self.program.writes, written, strict=True):
                inputs[values.index(target)][...] = y
            return tuple(outputs)

        return run


def assert_equal(found, wanted, place="result", *, dtype=None, size=0):
    """The same types, dtypes, shapes and, but for rounding (to `dtype`, if not to their own, of numbers of this size), numbers."""
    assert type(found) is type(wanted), f"{place}: {type(found)}, wanted {type(wanted)}"
    parts, others = children(found), children(wanted)
    if parts is not None:
        assert [key for key, _ in parts] == [key for key, _ in others], place
        for (key, part), (_, other) in zip(parts, others, strict=True):
            assert_equal(part, other, f"{place}[{key!r}]", dtype=dtype, size=size)
    elif isinstance(found, Tensor):
        assert found.requires_grad == wanted.requires_grad, place
        assert_equal(found.data, wanted.data, place, dtype=dtype, size=size)
    elif isinstance(found, (np.ndarray, np.generic)):
        assert (found.shape, found.dtype) == (wanted.shape, wanted.dtype), place
        assert_close(found, wanted, place, dtype or wanted.dtype, size)
    else:
        assert found == wanted or (found != found and wanted != wanted), f"{place}: {found!r}, wanted {wanted!r}"


def assert_close(found, wanted, place, dtype, size):
    if wanted.dtype.kind not in "fc":
        np.testing.assert_array_equal(found, wanted, err_msg=place)
        return
    eps = np.finfo(dtype).eps
    scale = np.abs(wanted[np.isfinite(wanted)]).max(initial=size)
    np.testing.assert_allclose(found, wanted, rtol=100 * eps, atol=100 * eps * scale, err_msg=place)
