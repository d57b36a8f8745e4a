"""Orthogonal polynomials, differentiated in x: the derivative of each is one of the next family.

In the degree and the other parameters, which are constants, they may be any numbers for which SciPy has values.  Rules: DLMF 18.9.15–27.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ...numpy.keywords import named
from ...op import call
from ...ops import astype, maximum, sign, where
from .orders import of_order
from .promotion import special

__all__ = [
    "eval_chebyc", "eval_chebys", "eval_chebyt", "eval_chebyu", "eval_gegenbauer", "eval_genlaguerre", "eval_hermite", "eval_hermitenorm",
    "eval_jacobi", "eval_laguerre", "eval_legendre", "eval_sh_chebyt", "eval_sh_chebyu", "eval_sh_legendre",
]  # fmt: skip

DEGREES = np.array([0, 1, 4])
ONE = {"domain": [(0, 4), (-1, 1)], "samples": [call(DEGREES, (2, 3)), call(3, (3,)), call(2.5, ()), call(DEGREES[:, None], (2,))]}
WHOLE = {"domain": [(0, 4), (-1, 1)], "samples": [call(DEGREES, (2, 3)), call(3, (3,)), call(DEGREES[:, None], (2,))]}
TWO = {"domain": [(0, 4), (0, 4), (-1, 1)], "samples": [call(DEGREES, 1.5, (2, 3)), call(3, 0.5, (3,)), call(2.5, 2.0, ())]}
THREE = {"domain": [(0, 4)] * 3 + [(-1, 1)], "samples": [call(DEGREES, 1.5, 0.5, (2, 3)), call(3, 0.5, 2.0, (3,)), call(2.5, 2.0, 0.0, ())]}


@of_order(None, lambda n, x, y: astype(eval_gegenbauer(maximum(n, -n - 1) - 1, 1.5, x), y.dtype), tex="P_{{{n}}}({x})", **ONE)
def eval_legendre(n: Any, x: Any, /) -> Any:
    """y = Pₙ(x) = P₋ₙ₋₁(x), Legendre's.  ∂y/∂x is Gegenbauer's, of parameter 3/2 and degree n−1 (for n ≥ 0).

    >>> eval_legendre(2, 1.0)
    np.float64(1.0)
    """
    return special.eval_legendre(n, x)


@of_order(None, lambda n, x: n * eval_chebyu(n - 1, x), tex="T_{{{n}}}({x})", **ONE)
def eval_chebyt(n: Any, x: Any, /) -> Any:
    """y = Tₙ(x), Chebyshev's of the first kind: Tₙ(cos t) = cos nt.  ∂y/∂x = n Uₙ₋₁.

    >>> eval_chebyt(2, 0.5)
    np.float64(-0.5)
    """
    return special.eval_chebyt(n, x)


@of_order(
    None, lambda n, x, y: 2 * astype(sign(n + 1) * eval_gegenbauer(maximum(n, -n - 2) - 1, 2.0, x), y.dtype), tex="U_{{{n}}}({x})", **ONE
)
def eval_chebyu(n: Any, x: Any, /) -> Any:
    """y = Uₙ(x) = −U₋ₙ₋₂(x), Chebyshev's of the second kind: Uₙ(cos t) = sin((n+1)t)/sin t.  ∂y/∂x is Gegenbauer's, of parameter 2.

    >>> eval_chebyu(2, 0.5)
    np.float64(0.0)
    """
    return special.eval_chebyu(n, x)


@of_order(
    None,
    None,
    lambda n, alpha, x: where((n == 0) | (n == -1), 0, 2 * alpha * eval_gegenbauer(n - 1, alpha + 1, x)),
    tex="C^{{({alpha})}}_{{{n}}}({x})",
    **TWO,
)
def eval_gegenbauer(n: Any, alpha: Any, x: Any, /) -> Any:
    """y = Cₙ⁽ᵅ⁾(x), Gegenbauer's.  ∂y/∂x = 2α Cₙ₋₁⁽ᵅ⁺¹⁾.

    >>> eval_gegenbauer(1, 1.5, 0.5)
    np.float64(1.5)
    """
    return special.eval_gegenbauer(n, alpha, x)


@of_order(
    None,
    None,
    None,
    lambda n, alpha, beta, x: where(n == 0, 0, (n + alpha + beta + 1) / 2 * eval_jacobi(n - 1, alpha + 1, beta + 1, x)),
    tex="P^{{({alpha}, {beta})}}_{{{n}}}({x})",
    **THREE,
)
def eval_jacobi(n: Any, alpha: Any, beta: Any, x: Any, /) -> Any:
    """y = Pₙ⁽ᵅ·ᵝ⁾(x), Jacobi's.  ∂y/∂x = (n+α+β+1)/2 · Pₙ₋₁⁽ᵅ⁺¹·ᵝ⁺¹⁾.

    >>> eval_jacobi(1, 1.0, 0.0, 1.0)
    np.float64(2.0)
    """
    return special.eval_jacobi(n, alpha, beta, x)


@of_order(None, lambda n, x: 2 * n * eval_hermite(maximum(n - 1, 0), x), tex="H_{{{n}}}({x})", **WHOLE)
def eval_hermite(n: Any, x: Any, /) -> Any:
    """y = Hₙ(x), Hermite's, orthogonal under e^(−x²).  ∂y/∂x = 2n Hₙ₋₁.

    >>> eval_hermite(2, 1.0).round(6)
    np.float64(2.0)
    """
    return special.eval_hermite(n, x)


@of_order(None, lambda n, x: n * eval_hermitenorm(maximum(n - 1, 0), x), tex="\\mathit{{He}}_{{{n}}}({x})", **WHOLE)
def eval_hermitenorm(n: Any, x: Any, /) -> Any:
    """y = Heₙ(x), Hermite's, orthogonal under e^(−x²/2).  ∂y/∂x = n Heₙ₋₁.

    >>> eval_hermitenorm(2, 2.0)
    np.float64(3.0)
    """
    return special.eval_hermitenorm(n, x)


@of_order(None, lambda n, x: -eval_genlaguerre(n - 1, 1.0, x), tex="L_{{{n}}}({x})", **ONE)
def eval_laguerre(n: Any, x: Any, /) -> Any:
    """y = Lₙ(x), Laguerre's.  ∂y/∂x = −Lₙ₋₁⁽¹⁾.

    >>> eval_laguerre(1, 0.5)
    np.float64(0.5)
    """
    return special.eval_laguerre(n, x)


@of_order(None, None, lambda n, alpha, x: -eval_genlaguerre(n - 1, alpha + 1, x), tex="L^{{({alpha})}}_{{{n}}}({x})", **TWO)
def eval_genlaguerre(n: Any, alpha: Any, x: Any, /) -> Any:
    """y = Lₙ⁽ᵅ⁾(x), Laguerre's, generalised.  ∂y/∂x = −Lₙ₋₁⁽ᵅ⁺¹⁾.

    >>> eval_genlaguerre(1, 1.0, 0.5)
    np.float64(1.5)
    """
    return special.eval_genlaguerre(n, alpha, x)


def _of(name: str, f: Any, argument: Any, meaning: str, factor: int = 1) -> Any:
    """`factor` · f(n, argument(x))."""
    return named(lambda n, x: factor * f(n, argument(x)), name, f"y = {meaning}.")


eval_sh_legendre = _of("eval_sh_legendre", eval_legendre, lambda x: 2 * x - 1, "Pₙ(2x − 1)")
eval_sh_chebyt = _of("eval_sh_chebyt", eval_chebyt, lambda x: 2 * x - 1, "Tₙ(2x − 1)")
eval_sh_chebyu = _of("eval_sh_chebyu", eval_chebyu, lambda x: 2 * x - 1, "Uₙ(2x − 1)")
eval_chebyc = _of("eval_chebyc", eval_chebyt, lambda x: x / 2, "2 Tₙ(x/2)", 2)
eval_chebys = _of("eval_chebys", eval_chebyu, lambda x: x / 2, "Uₙ(x/2)")
