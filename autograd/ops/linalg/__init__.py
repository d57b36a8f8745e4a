"""Linear algebra: equations, determinants, decompositions, each decomposition in a module of its own.

Everything works on stacks of matrices (…, m, n), real or complex.  The formulas are those of Giles, "Collected matrix derivative results
for forward and reverse mode algorithmic differentiation" (2008), unless said otherwise, with the convention of `ops/complex.py`: g pairs
with dX as Re Σ g ∘ dX, so that a holomorphic rule has transposes where other texts have adjoints.
"""

from .cholesky import cholesky
from .determinant import cofactors, det, second_cofactors, slogdet
from .eig import eig
from .eigh import eigh
from .norm import vector_norm
from .pinv import pinv
from .qr import qr
from .solve import inv, solve
from .svd import svd

__all__ = [
    "cholesky", "cofactors", "det", "eig", "eigh", "inv", "pinv", "qr", "second_cofactors", "slogdet", "solve", "svd",
    "vector_norm",
]  # fmt: skip
