"""Equations, decompositions and norms; Fourier transforms."""

import numpy as np

from .table import OUT, call, distinct, held, oneof, rows

inf = held(np.inf)
A = distinct(2, 3, 3) + 3 * np.eye(3)
C = A + 1j * distinct(2, 3, 3)
TALL, WIDE = distinct(2, 4, 3), distinct(2, 3, 4)
B, V = distinct(2, 3, 2), distinct(3)
H = A[0] @ A[0].T + np.eye(3)
SIX = distinct(2, 3, 6) + 3 * np.eye(6).reshape(2, 3, 6)
EITHER = oneof(False, True)
ORDERS = oneof(1, -1, 2, -2, inf, held(-np.inf), "fro", "nuc")
POWERS = oneof(0, 1, 2, 3, held(2.5), held(-1.5), inf, held(-np.inf))

X, Y = distinct(3, 4), distinct(3, 4) + 1j * distinct(3, 4)
NORMS = oneof(None, "ortho", "forward")
FLAT = (np.fft.fft, Y), (np.fft.ifft, Y), (np.fft.rfft, X), (np.fft.irfft, Y), (np.fft.hfft, Y), (np.fft.ihfft, X)
PLANE = (np.fft.fft2, Y), (np.fft.ifft2, Y), (np.fft.rfft2, X), (np.fft.irfft2, Y)
SPACE = (np.fft.fftn, Y), (np.fft.ifftn, Y), (np.fft.rfftn, X), (np.fft.irfftn, Y)

ROWS = rows(
    call(np.linalg.solve, oneof(A, C), oneof(B, V)),
    call(np.linalg.inv, oneof(A, C)),
    call(np.linalg.det, oneof(A, C)),
    call(np.linalg.slogdet, A),
    call(np.linalg.matrix_power, oneof(A, C), n=oneof(-2, 0, 1, 3)),
    call(np.linalg.pinv, oneof(TALL, WIDE), rcond=oneof(None, held(1e-10), held(0.3))),
    call(np.linalg.pinv, TALL, rtol=oneof(None, held(0.3))),
    call(np.linalg.pinv, A, hermitian=True, rcond=oneof(None, held(0.2))),
    call(np.linalg.lstsq, TALL[0], oneof(TALL[1], TALL[1, :, 0]), rcond=oneof(None, -1)),
    call(np.linalg.lstsq, WIDE[0], V, rcond=None),
    call(np.linalg.tensorinv, SIX, ind=2),
    call(np.linalg.tensorinv, SIX.reshape(6, 2, 3), ind=1),
    call(np.linalg.tensorsolve, SIX, distinct(2, 3)),
    call(np.linalg.tensorsolve, SIX.reshape(2, 3, 3, 2), distinct(2, 3)),
    call(np.linalg.tensorsolve, SIX.transpose(2, 0, 1), distinct(2, 3), axes=(0,)),
    call(np.linalg.cholesky, H, upper=EITHER),
    call(np.linalg.cholesky, H + np.array([[0, 0.3j, 0], [-0.3j, 0, 0.2j], [0, -0.2j, 0]]), upper=EITHER),
    call(np.linalg.qr, oneof(TALL, WIDE, A), mode=oneof("reduced", "r")),
    call(np.linalg.qr, WIDE, mode="complete"),
    call(np.linalg.eigh, A, UPLO=oneof("L", "U")),
    call(np.linalg.eigvalsh, oneof(A, C), UPLO=oneof("L", "U")),
    call(np.linalg.eig, A, through=lambda y: (y[0], abs(y[1]))),
    call(np.linalg.eigvals, oneof(A, C)),
    call(np.linalg.svd, oneof(TALL, WIDE, A), full_matrices=False),
    call(np.linalg.svd, oneof(TALL, C), compute_uv=False),
    call(np.linalg.svd, A, hermitian=True, compute_uv=EITHER),
    call(np.linalg.svdvals, oneof(TALL, C)),
    call(np.linalg.multi_dot, [TALL[0], WIDE[0], TALL[1]], out=OUT),
    call(np.linalg.norm, TALL, ord=oneof(None, *ORDERS), axis=oneof((0, 1), (-1, 0)), keepdims=EITHER),
    call(np.linalg.norm, TALL, ord=POWERS, axis=-2, keepdims=EITHER),
    call(np.linalg.vector_norm, oneof(TALL, C), ord=POWERS, axis=oneof(None, (0, -1)), keepdims=EITHER),
    call(np.linalg.matrix_norm, oneof(TALL, C), ord=ORDERS, keepdims=EITHER),
    call(np.linalg.cond, oneof(A, C), p=oneof(None, *ORDERS), through=np.real),  # in NumPy 2.0 it was complex
    call(np.linalg.cond, TALL, p=oneof(None, -2)),
    # transforms
    *[
        rows(
            call(f, a, n=oneof(None, 3, 7), axis=oneof(0, -1), norm=NORMS),
            call(f, a, n=6, axis=-2, norm="ortho", out=OUT),
        )
        for f, a in FLAT
    ],
    *[
        rows(
            call(f, a, s=oneof(None, (2, 5), (-1, 3)), axes=oneof((0, 1), (-1, 0)), norm=NORMS),
            call(f, a, axes=(0, 1), norm="forward", out=OUT),
        )
        for f, a in (*PLANE, *SPACE)
    ],
    *[call(f, a, axes=oneof((1,), (0,)), s=oneof(None, (5,))) for f, a in SPACE],
    *[call(f, oneof(X, distinct(5, 3)), axes=oneof(None, -1, (1, 0))) for f in (np.fft.fftshift, np.fft.ifftshift)],
    *[call(f, oneof(4, 5), d=0.3) for f in (np.fft.fftfreq, np.fft.rfftfreq)],
)
