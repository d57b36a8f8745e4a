"""SciPy's distributions, differentiated in the data and in every parameter.

Each can also be imported by itself, as HIPS autograd's users write it: `import autograd.scipy.stats.norm as norm`.

>>> from autograd import grad
>>> import autograd.scipy.stats.norm as norm
>>> grad(norm.logpdf, 2)(1.0, 0.0, 2.0)
np.float64(-0.375)
"""

import sys

from .continuous import (
    beta, cauchy, chi2, expon, f, gamma, gumbel_l, gumbel_r, halfnorm, invgamma, laplace, logistic, lognorm, norm, pareto, rayleigh, t,
    truncnorm, uniform, vonmises, weibull_min,
)  # fmt: skip
from .discrete import bernoulli, binom, geom, nbinom, poisson
from .multivariate import dirichlet, multinomial, multivariate_normal, wishart

__all__ = [
    "bernoulli", "beta", "binom", "cauchy", "chi2", "dirichlet", "expon", "f", "gamma", "geom", "gumbel_l", "gumbel_r", "halfnorm",
    "invgamma", "laplace", "logistic", "lognorm", "multinomial", "multivariate_normal", "nbinom", "norm", "pareto", "poisson", "rayleigh",
    "t", "truncnorm", "uniform", "vonmises", "weibull_min", "wishart",
]  # fmt: skip

sys.modules |= {f"{__name__}.{name}": globals()[name] for name in __all__}  # to an import, what is there is a module
