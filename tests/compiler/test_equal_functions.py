"""NumPy's functions with all their keywords on traced values: what they are on arrays and Tensors, or refused by name."""

from inspect import Parameter

import numpy as np
import pytest

from autograd import grad, jit

from ..autograd import test_keywords as keywords
from ..autograd.keywords.table import on_tensors, parts
from .backends import assert_equal

pytestmark = pytest.mark.filterwarnings("ignore")

REFUSED = {
    "the shape or dtype of the result depends on values": {
        "histogram", "histogram2d", "histogram_bin_edges", "histogramdd", "intersect1d", "poly", "setdiff1d", "setxor1d",
        "trim_zeros", "union1d", "unique", "unique_all", "unique_counts", "unique_inverse", "unique_values",
    },
    "NumPy offers no way to answer for a traced value": {
        "array", "asanyarray", "asarray", "ascontiguousarray", "asfortranarray", "full", "kaiser", "require",
    },
    "values are looked at": {"asarray_chkfinite", "frexp", "interp", "matrix_power"},
}  # fmt: skip


def total(y):
    return sum(a.real.sum() for a in parts(y) if getattr(a, "requires_grad", False))


def value_and_gradient(row):
    """What NumPy's function makes of arrays, and the gradient of what ours makes of Tensors."""
    box = Parameter("row", Parameter.KEYWORD_ONLY, default=row)  # into which tracing does not look: what is in the row is a constant
    value = lambda *floats: parts(box.default(*floats))
    slope = grad(lambda floats: total(box.default(*floats, function=on_tensors(box.default.function))))
    return value, lambda *floats: list(slope(floats))


@pytest.mark.parametrize("row", [row for row in keywords.ROWS if row.floats()], ids=str)
def test_every_keyword_of_every_function(row, reference):
    floats = row.floats()
    scaled = [a * 0.984375 for a in floats]
    for function in value_and_gradient(row):
        wanted = [np.asarray(getattr(a, "data", a)) for a in function(*floats)]
        compiled = jit(function, backend=reference)
        try:
            compiled(*scaled)
        except TypeError as error:
            if not str(error).startswith("jit: ") or not any(row.function.__name__ in names for names in REFUSED.values()):
                raise
            continue
        assert_equal([np.asarray(getattr(a, "data", a)) for a in compiled(*floats)], wanted)
        assert not compiled.variants[0].reason
