"""SciPy's linear algebra over arrays and Tensors.

On plain arrays each function is SciPy's own.  On Tensors every keyword works, or is refused before anything is computed; what SciPy has
beside these works on plain values.  Stacks of matrices (…, m, n) are taken where SciPy takes them.

>>> import numpy as np
>>> from autograd import grad
>>> grad(lambda a: norm(expm(a), 1))(np.zeros((1, 1)))
array([[1.]])
"""

from scipy import linalg
from scipy.linalg import LinAlgError, LinAlgWarning

from ..keywords import others, twin
from . import banded, functions, triangular
from .decompositions import cho_factor, cholesky, eig, eigh, eigvals, eigvalsh, lu, orthogonal_procrustes, polar, qr, svd, svdvals
from .equations import (
    cho_solve, det, inv, lstsq, matmul_toeplitz, norm, pinv, pinvh, solve, solve_banded, solve_circulant, solve_continuous_lyapunov,
    solve_discrete_lyapunov, solve_lyapunov, solve_sylvester, solve_toeplitz,
)  # fmt: skip
from .functions import coshm, cosm, expm_frechet, sinhm, sinm, tanhm, tanm
from .lu import lu_factor, lu_solve
from .special_matrices import block_diag, circulant, companion, convolution_matrix, diagsvd, hankel, khatri_rao, kron, leslie, toeplitz

__all__ = [
    "LinAlgError", "LinAlgWarning", "block_diag", "cho_factor", "cho_solve", "cholesky", "circulant", "companion", "convolution_matrix",
    "coshm", "cosm", "det", "diagsvd", "eig", "eigh", "eigvals", "eigvalsh", "expm", "expm_frechet", "hankel", "inv", "khatri_rao", "kron",
    "leslie", "logm", "lstsq", "lu", "lu_factor", "lu_solve", "matmul_toeplitz", "norm", "orthogonal_procrustes", "pinv", "pinvh", "polar",
    "qr", "sinhm", "sinm", "solve", "solve_banded", "solve_circulant", "solve_continuous_lyapunov", "solve_discrete_lyapunov",
    "solve_lyapunov", "solve_sylvester", "solve_toeplitz", "solve_triangular", "solveh_banded", "sqrtm", "svd", "svdvals", "tanhm", "tanm",
    "toeplitz",
]  # fmt: skip

# Ops that take SciPy's arguments as they are.
expm = twin(linalg.expm, "A")(functions.expm)
logm = twin(linalg.logm, "A")(functions.logm)
solve_triangular = twin(linalg.solve_triangular, "a", "b")(triangular.solve_triangular)
solveh_banded = twin(linalg.solveh_banded, "ab", "b")(banded.solveh_banded)
sqrtm = twin(linalg.sqrtm, "A")(functions.sqrtm)

_BASIS = "any basis of the space will do, and none has a derivative"
_ORDER = "its parts are not unique, and turn into each other at equal eigenvalues"
__getattr__ = others(
    linalg,
    {
        "cossin": _BASIS,
        "fractional_matrix_power": "it is expm(t * logm(A)), for which there is a logarithm",
        "funm": "its derivative needs that of the function",
        "null_space": _BASIS,
        "ordqz": _ORDER,
        "orth": _BASIS,
        "qz": _ORDER,
        "schur": _ORDER,
        "signm": "it is solve(sqrtm(A @ A), A)",
    },
)
