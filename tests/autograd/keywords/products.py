"""Running totals, differences, integrals, what lies between; products of arrays; polynomials."""

import numpy as np

from .table import OUT, call, distinct, held, later, oneof, rows

A, B = distinct(2, 3, 4), distinct(2, 3, 4)
Z = A + 1j * B
HOLES = np.where(np.arange(24).reshape(2, 3, 4) % 5 == 1, np.nan, A)
M, N, V, W = distinct(3, 4), distinct(4, 3), distinct(4), distinct(3)
S, T = distinct(4, 4), distinct(4, 4)
AXES = oneof(None, 0, -1)
EITHER = oneof(False, True)
NARROW = oneof(np.complex128, np.float32)
RISING = np.array([0.1, 0.35, 0.8, 1.7])
AROUND = np.array([-0.3, 0.2, 0.55, 1.2, 1.95, 5.1])
STEPS = np.array([0.1, 3.0, 6.2, -0.5, 2.9, 8.4])

ROWS = rows(
    # running totals
    *[
        rows(call(f, a, axis=AXES, out=OUT), call(f, a, axis=-2, dtype=NARROW))
        for f, a in ((np.cumsum, A), (np.cumprod, A), (np.nancumsum, HOLES), (np.nancumprod, HOLES))
    ],
    *[
        rows(call(f, A, axis=oneof(1, -1), include_initial=EITHER, out=OUT), call(f, V, include_initial=True, dtype=NARROW))
        for f in (later("cumulative_sum"), later("cumulative_prod"))
    ],
    # differences
    call(np.diff, A, n=oneof(0, 1, 2), axis=oneof(0, -2, -1)),
    call(np.diff, A, n=2, axis=1, prepend=oneof(0.5, A[:, :1] * 2), append=oneof(1.5, B)),
    call(np.ediff1d, A, to_begin=oneof(None, 0.5, [0.25, 2.5]), to_end=oneof(None, V)),
    call(np.gradient, A, axis=oneof(None, -1, (0, 2)), edge_order=1),
    call(np.gradient, M, 0.5, axis=oneof(None, -1), edge_order=oneof(1, 2)),
    call(np.gradient, M, 0.5, RISING, edge_order=oneof(1, 2)),
    call(np.gradient, A, RISING, 1.5, axis=(2, -2), edge_order=oneof(1, 2)),
    call(np.trapezoid, A, dx=0.3, axis=oneof(0, -1)),
    call(np.trapezoid, A, x=oneof(RISING, B)),
    call(np.trapezoid, A, x=RISING[:3], axis=1),
    call(np.trapezoid, M, dx=RISING[:3]),
    call(np.interp, AROUND, RISING, V, left=oneof(None, -0.5), right=oneof(None, 2.5)),
    call(np.interp, AROUND, RISING, V + 1j * V[::-1], left=0.5 + 1j),
    call(np.interp, AROUND, RISING, V, period=1.9),
    call(np.unwrap, STEPS, discont=oneof(None, 3.5), period=oneof(6.0, 6)),
    call(np.unwrap, STEPS.reshape(2, 3), axis=oneof(0, -2), period=5.5),
    # products
    *[call(np.einsum, text, M, N, optimize=EITHER) for text in ("ij,jk->ik", "ij,jk", "ij,ji", "ab,bc->ca", "ij,kl->", "ij,jk->j")],
    call(np.einsum, oneof("...ij->...ji", "i...->...", "i...", "...i->..."), A),
    call(np.einsum, oneof("ii", "ii->i", "ij->ji", "ii->"), S),
    call(np.einsum, oneof("ii,i->i", "ii,i", "ij,j->i", "i...,i", "...i,...i"), S, V),
    call(
        np.einsum,
        "ij,jk,kl,l->i",
        S,
        T,
        S + T,
        V,
        optimize=oneof(False, True, "greedy", "optimal", ["einsum_path", (1, 2), (0, 2), (0, 1)]),
    ),
    call(np.einsum, "...ij,...jk->...ik", A, B.swapaxes(1, 2), out=OUT),
    call(np.einsum, "ij,jk", M, N, dtype=oneof(np.complex128, np.float32), casting="same_kind", order="C"),
    call(np.einsum, A, [0, 1, 2], B, [3, 1, 2], [3, 0]),
    call(np.einsum, A, [..., 1], V, [1]),
    call(np.einsum, Z, [0, 1, ...], Z, [2, 1, ...], [0, 2, ...]),
    call(np.dot, oneof(M, A), N, out=OUT),
    call(np.outer, M, V, out=OUT),
    call(np.linalg.outer, W, V),
    call(np.inner, A, oneof(V, M)),
    call(np.vdot, Z, B),
    call(np.kron, M, oneof(V, A)),
    *[call(f, A, B.transpose(2, 1, 0), axes=oneof(1, ((0, -2), (2, 1)), ([1], [-2]))) for f in (np.tensordot, np.linalg.tensordot)],
    call(np.cross, M[:, :3], N[:3], axisa=0, axisb=oneof(0, 1), axisc=oneof(0, -1)),
    call(np.cross, A, B, axis=1),
    call(np.linalg.cross, A, B, axis=-2),
    call(np.linalg.vecdot, Z, B, axis=oneof(0, -2)),
    call(np.linalg.matmul, A, N),
    call(np.convolve, V, oneof(W, distinct(6)), mode=oneof("full", "same", "valid")),
    call(np.correlate, V, oneof(W, distinct(6), distinct(3) * 1j), mode=oneof("full", "same", "valid")),
    # polynomials
    call(np.polyval, V, oneof(M, 0.5)),
    call(np.vander, W, N=oneof(None, 2, 5), increasing=EITHER),
    call(np.roots, np.array([1.5, -2.0, -3.0, 0.5])),
    call(np.poly, oneof(W, S)),
    *[call(f, V, W) for f in (np.polyadd, np.polysub, np.polymul, np.polydiv)],
    call(np.polyder, V, m=oneof(0, 2)),
    call(np.polyint, V, m=2, k=oneof(None, 0.5, [0.5, 1.5])),
    call(
        np.polyfit,
        AROUND,
        oneof(STEPS, np.stack([STEPS, STEPS[::-1]], 1)),
        2,
        w=oneof(None, STEPS / 10 + 1),
        cov=oneof(False, True, "unscaled"),
    ),
    call(np.polyfit, AROUND, STEPS, deg=2, full=True, rcond=oneof(None, held(1e-12))),
)
