"""SciPy's special functions over arrays and Tensors, with derivatives in every argument that has one.

SciPy's own universal functions find them too: `scipy.special.expit(tensor)` is `expit(tensor)` here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import special

from ...ops import cbrt, erf, erfc, exp2, expm1, log1p, sinc
from ...ops import sigmoid as expit
from .bessel import (
    airy, h1vp, h2vp, hankel1, hankel1e, hankel2, hankel2e, i0, i0e, i1, i1e, iv, ive, ivp, j0, j1, jn, jv, jve, jvp, k0, k0e, k1, k1e, kn,
    kv, kve, kvp, modstruve, spherical_in, spherical_jn, spherical_kn, spherical_yn, struve, y0, y1, yn, yv, yve, yvp,
)  # fmt: skip
from .elliptic import ellipe, ellipeinc, ellipj, ellipk, ellipkinc, ellipkm1
from .entropy import entr, kl_div, rel_entr, xlog1py, xlogy
from .error import dawsn, erfcinv, erfcx, erfinv, log_ndtr, ndtr, ndtri, ndtri_exp
from .gamma_family import (
    beta, betaln, binom, comb, digamma, factorial, gamma, gammaln, gammasgn, loggamma, multigammaln, perm, poch, polygamma, psi, rgamma,
    zeta,
)  # fmt: skip
from .hypergeometric import hyp0f1, hyp1f1, hyp2f1
from .incomplete_beta import betainc, betaincc, betainccinv, betaincinv
from .incomplete_gamma import gammainc, gammaincc, gammainccinv, gammaincinv
from .integrals import exp1, expi, expn, fresnel, lambertw, shichi, sici, spence, wrightomega
from .orthogonal import (
    eval_chebyc, eval_chebys, eval_chebyt, eval_chebyu, eval_gegenbauer, eval_genlaguerre, eval_hermite, eval_hermitenorm, eval_jacobi,
    eval_laguerre, eval_legendre, eval_sh_chebyt, eval_sh_chebyu, eval_sh_legendre,
)  # fmt: skip
from .softmax import log_softmax, logsumexp, softmax
from .statistics import boxcox, boxcox1p, cosm1, exp10, exprel, inv_boxcox, inv_boxcox1p, log_expit, logit

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "airy", "beta", "betainc", "betaincc", "betainccinv", "betaincinv", "betaln", "binom", "boxcox", "boxcox1p", "cbrt", "comb", "cosm1",
    "dawsn", "digamma", "ellipe", "ellipeinc", "ellipj", "ellipk", "ellipkinc", "ellipkm1", "entr", "erf", "erfc", "erfcinv", "erfcx",
    "erfinv", "eval_chebyc", "eval_chebys", "eval_chebyt", "eval_chebyu", "eval_gegenbauer", "eval_genlaguerre", "eval_hermite",
    "eval_hermitenorm", "eval_jacobi", "eval_laguerre", "eval_legendre", "eval_sh_chebyt", "eval_sh_chebyu", "eval_sh_legendre", "exp1",
    "exp2", "exp10", "expi", "expit", "expm1", "expn", "exprel", "factorial", "fresnel", "gamma", "gammainc", "gammaincc", "gammainccinv",
    "gammaincinv", "gammaln", "gammasgn", "h1vp", "h2vp", "hankel1", "hankel1e", "hankel2", "hankel2e", "hyp0f1", "hyp1f1", "hyp2f1", "i0",
    "i0e", "i1", "i1e", "inv_boxcox", "inv_boxcox1p", "iv", "ive", "ivp", "j0", "j1", "jn", "jv", "jve", "jvp", "k0", "k0e", "k1", "k1e",
    "kl_div", "kn", "kv", "kve", "kvp", "lambertw", "log1p", "log_expit", "log_ndtr", "log_softmax", "loggamma", "logit", "logsumexp",
    "modstruve", "multigammaln", "ndtr", "ndtri", "ndtri_exp", "perm", "poch", "polygamma", "psi", "rel_entr", "rgamma", "shichi", "sici",
    "sinc", "softmax", "spence", "spherical_in", "spherical_jn", "spherical_kn", "spherical_yn", "struve", "wrightomega", "xlog1py",
    "xlogy", "y0", "y1", "yn", "yv", "yve", "yvp", "zeta",
]  # fmt: skip

UFUNCS: dict[Any, Callable[..., Any]] = {
    twin: globals()[name] for name in __all__ if isinstance(twin := getattr(special, name, None), np.ufunc)
}
"""For each of SciPy's universal functions, what computes it here."""
