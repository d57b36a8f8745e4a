"""Universal functions, all in the same way: their keywords, and their methods."""

import numpy as np

from autograd import coverage

from .table import OUT, call, distinct, later, oneof, rows

A, B, V = distinct(2, 3, 4), distinct(2, 3, 4), distinct(4)
Z = A + 1j * B
MASK = (np.arange(24) % 3 != 1).reshape(2, 3, 4)
PLACES = np.array([2, 0, 2, 1])
UFUNCS = sorted({f for f in coverage.public().values() if isinstance(f, np.ufunc) and coverage.status(f) == "differentiated"}, key=str)
SINGLE = [f for f in UFUNCS if f.signature is None]
NARROWED = [f for f in SINGLE if any(types == "f" * f.nin + "->" + "f" * f.nout for types in f.types)]
WIDENED = [f for f in SINGLE if any(types == "D" * f.nin + "->D" for types in f.types)]
FOLDS = [f for f in SINGLE if (f.nin, f.nout) == (2, 1) and f not in (np.ldexp, np.heaviside, np.nextafter)]
POSITIVE = (np.argsort(A.ravel()).reshape(A.shape) + 1.03) / 26  # from 0 to 1, where most are defined
SHIFTED = POSITIVE[1, 0] + 0.51
SPECIAL = {np.arccosh: (POSITIVE + 1.2,), np.ldexp: (A, np.array([-1, 0, 2, 1])), np.heaviside: (A, 0.5)}
ARGUMENTS = {f: SPECIAL.get(f, (POSITIVE, POSITIVE[:, :1] * 1.1 + 0.043)[: f.nin]) for f in SINGLE}
EITHER = oneof(False, True)
SUMS = np.add, np.multiply, np.maximum, np.minimum, np.logaddexp

ROWS = rows(
    *[call(f, *ARGUMENTS[f], out=OUT, where=oneof(True, MASK, MASK[0, :, :1])) for f in SINGLE],
    *[call(f, *ARGUMENTS[f], dtype=np.float32, casting=oneof("same_kind", "unsafe"), order="C", subok=False) for f in NARROWED],
    *[call(f, *ARGUMENTS[f], dtype=np.complex128, where=MASK, out=OUT) for f in WIDENED],
    # methods
    *[call(f.reduce, A, axis=oneof(0, -1, (0, -1)), keepdims=EITHER, where=MASK, out=OUT) for f in SUMS[:2]],
    *[call(f.reduce, A, axis=oneof(0, -1, (0, -1)), keepdims=EITHER, initial=0.7, where=oneof(True, MASK)) for f in SUMS],
    *[call(f.reduce, A, axis=1, dtype=oneof(np.complex128, np.float32)) for f in SUMS[:2]],
    *[call(f.reduce, POSITIVE, axis=oneof(0, -2), keepdims=EITHER, out=OUT) for f in FOLDS],  # the last NumPy may fold in another order
    *[call(f.reduce, POSITIVE, axis=1, initial=0.53, dtype=np.float64) for f in FOLDS],
    *[call(f.accumulate, POSITIVE, axis=oneof(0, -1), out=OUT) for f in FOLDS],
    *[call(f.accumulate, POSITIVE, axis=1, dtype=np.float32) for f in FOLDS if f in NARROWED],
    *[call(f.reduceat, POSITIVE, [0, 2, 1], axis=oneof(1, -2), out=OUT) for f in FOLDS],
    *[call(f.reduceat, POSITIVE, indices=[1, 0], dtype=np.float32) for f in FOLDS if f in NARROWED],
    *[call(f.outer, POSITIVE[0], SHIFTED, out=OUT, where=oneof(True, MASK[0, 0])) for f in FOLDS],
    *[call(f.outer, POSITIVE[0], SHIFTED, dtype=np.float32) for f in FOLDS if f in NARROWED],
    *[call(f.at, V, oneof(PLACES, 1, slice(0, 2)), 0.7) for f in (np.add, np.subtract)],
    *[call(f.at, A[0], (PLACES[[0, 2]], [0, 3]), V[:2]) for f in (np.add, np.subtract)],
    # of rows and matrices
    call(np.matmul, A, oneof(V, B.transpose(0, 2, 1)), out=OUT),
    call(np.matmul, A, B, axes=[(1, 2), (2, 1), (0, 1)], out=OUT),
    call(np.vecdot, Z, Z[:1] * 2, axis=oneof(1, -1), keepdims=EITHER, out=OUT),
    call(np.vecdot, Z, V, axes=oneof([2, 0], [-1, -1, ()])),
    call(later("matvec"), Z, V, out=OUT, dtype=oneof(None, np.complex128)),
    call(later("matvec"), A, V, axes=[(0, 2), 0, 1]),
    call(later("vecmat"), V, Z.swapaxes(1, 2), out=OUT),
    call(later("vecmat"), V, A, axes=[0, (2, 1), 0]),
)
