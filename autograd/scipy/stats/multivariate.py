"""The distributions of vectors and matrices, each by its functions, which have SciPy's signatures.

Source of the formulas: Kotz, Balakrishnan & Johnson, "Continuous Multivariate Distributions", 2nd edition, 2000; Muirhead, "Aspects of
Multivariate Statistical Theory", 1982 (Wishart).
"""

from __future__ import annotations

from math import inf, log, nan, pi
from typing import Any

import numpy as np

from ... import ops
from ...numpy import diagonal
from ...numpy.keywords import as_value, does_hold, fixed, may_hold, plain
from ...op import Traced
from .. import special
from .distribution import Joint, common
from .standard import times_log

__all__ = ["dirichlet", "multinomial", "multivariate_normal", "wishart"]

LOG_2, LOG_2PI = log(2), log(2 * pi)


def _as_matrix(name: str, what: str, a: Any, size: int) -> Any:
    """A symmetric matrix, from a number (all of the diagonal), a vector (the diagonal), or a matrix, of which it is the symmetric part."""
    if a.ndim == 0 or a.shape == (1,) == (size,):
        return ops.reshape(a, (1, 1)) * np.eye(size, dtype=a.dtype)
    if a.ndim == 1 and a.shape == (size,):
        return a[:, None] * np.eye(size, dtype=a.dtype)
    if a.shape != (size, size):
        raise ValueError(f"{name}: got {what} of shape {a.shape}, wanted ({size}, {size}), or ({size},) for its diagonal, or a number")
    return (a + a.mT) / 2


def _trace(a: Any) -> Any:
    return ops.sum(a * np.eye(a.shape[-1], dtype=a.dtype), (-2, -1))


# -- the normal distribution --------------------------------------------------------------------------------------------------------------


def _mean_and_cov(name: str, mean: Any, cov: Any) -> tuple[Any, Any]:
    """The mean as a vector and the covariances as a matrix; each may have left to the other how many variables there are."""
    cov = 1.0 if cov is None else cov
    mean, cov = common(name, mean=0.0 if mean is None else mean, cov=cov) if mean is not None else (None, *common(name, cov=cov))
    size = mean.size if mean is not None else cov.shape[0] if cov.ndim > 1 else 1
    if mean is None:
        mean = np.zeros(size, cov.dtype)
    if mean.ndim > 1:
        raise ValueError(f"{name}: got mean of shape {mean.shape}, wanted a vector; many points are x, one in each row")
    return ops.reshape(mean, (size,)), _as_matrix(name, "cov", cov, size)


def _least(values: Any) -> Any:
    """The size up to which eigenvalues count as 0: SciPy's."""
    return (1e3 if values.dtype == np.float32 else 1e6) * float(np.finfo(values.dtype).eps) * np.max(np.abs(values))


def _regular(cov: Any) -> tuple[Any, Any]:
    """The logarithm of the determinant, and the map to the squares, where all eigenvalues are above 0."""
    L = ops.cholesky(cov)
    return 2 * ops.sum(ops.log(diagonal(L))), lambda d: ops.sum(ops.solve(L, d.mT) ** 2, -2)


def _form(name: str, cov: Any, singular: bool) -> tuple[Any, Any, Any]:
    """The rank of covariances, the logarithm of their determinant, and the map that takes differences to their squares dᵀ cov⁻¹ d.

    What is singular has the pseudoinverse, and the product of the eigenvalues that are not 0; their derivatives are those of changes that
    keep the rank.
    """
    values = np.linalg.eigvalsh(plain(cov))
    least = _least(values)
    if does_hold(values.min() < -least):
        raise ValueError(f"{name}: cov has the eigenvalue {values.min():.6g}, wanted none below 0: it is no matrix of covariances")
    kept = values > least
    rank = kept.sum()
    if does_hold(kept.all()) or (
        isinstance(kept, Traced) and not singular
    ):  # the decomposition raises if it is singular, or no such matrix
        return (len(cov), *_regular(cov))
    if not singular:
        message = (
            f"{name}: cov is singular: of its {len(values)} eigenvalues, {len(values) - rank} count as 0; allow_singular=True permits it"
        )
        raise np.linalg.LinAlgError(message)
    logdet = ops.sum(ops.log(ops.where(kept, ops.eigh(cov)[0], 1.0)))

    def squares(d: Any) -> Any:
        inverse = ops.pinv(cov, float(least / np.max(np.abs(values))))
        null = np.linalg.eigh(plain(cov))[1][:, ~kept]
        off = np.linalg.norm(plain(d) @ null, axis=-1) >= 1e3 * least  # where the distribution does not reach
        return ops.where(off, inf, ops.sum((d @ inverse) * d, -1))

    return rank, logdet, squares


def _normal_logpdf(x: Any, mean: Any = None, cov: Any = 1, allow_singular: bool = False) -> Any:
    name = "multivariate_normal.logpdf"
    mean, cov = _mean_and_cov(name, mean, cov)
    x, mean, cov = common(name, x=x, mean=mean, cov=cov)
    size = mean.shape[0]
    if x.ndim < 2:
        x = ops.reshape(x, (-1, 1) if size == 1 else (1, -1))
    if x.shape[-1] != size:
        raise ValueError(f"{name}: got x of shape {x.shape}, wanted (…, {size}): a point in each row, as mean and cov have it")
    rank, logdet, squares = _form(name, cov, allow_singular)
    y = -(rank * LOG_2PI + logdet + squares(ops.reshape(x - mean, (-1, size)))) / 2
    return ops.reshape(y, tuple(n for n in x.shape[:-1] if n != 1))


def _normal_entropy(mean: Any = None, cov: Any = 1) -> Any:
    name = "multivariate_normal.entropy"
    rank, logdet, _ = _form(name, _mean_and_cov(name, mean, cov)[1], singular=True)
    return (rank * (1 + LOG_2PI) + logdet) / 2


multivariate_normal = Joint(
    "multivariate_normal",
    """The normal distribution of vectors, of density e^(−dᵀ cov⁻¹ d / 2) / √|2π cov|, with d = x − mean; a point in each row of x.

    Only the symmetric part of `cov` counts, and so its derivative is symmetric.  With `allow_singular`, the density is the one on the
    space that the distribution fills.  The cdf is an integral that needs numerical integration, and is not here.

    >>> multivariate_normal.logpdf(np.zeros(2), cov=np.eye(2)).round(6)
    np.float64(-1.837877)
    """,
    logpdf=_normal_logpdf,
    pdf=lambda x, mean=None, cov=1, allow_singular=False: ops.exp(_normal_logpdf(x, mean, cov, allow_singular)),
    entropy=_normal_entropy,
)


# -- shares of a whole --------------------------------------------------------------------------------------------------------------------


def _weights(name: str, alpha: Any) -> Any:
    (alpha,) = common(name, alpha=alpha)
    if alpha.ndim != 1 or does_hold(~(plain(alpha) > 0)):
        raise ValueError(f"{name}: got alpha = {plain(alpha)}, wanted a vector of numbers above 0")
    return alpha


def _log_multibeta(alpha: Any) -> Any:
    return ops.sum(special.gammaln(alpha)) - special.gammaln(ops.sum(alpha))


def _shares(name: str, x: Any, alpha: Any) -> tuple[Any, Any]:
    """x with a share in each row, the last one added if it was left out, and alpha beside it."""
    x, alpha = common(name, x=x, alpha=_weights(name, alpha))
    size = len(plain(alpha))
    if x.ndim and x.shape[0] == size - 1:
        x = ops.concatenate([x, 1 - ops.sum(x, 0, keepdims=True)])
    if not x.ndim or x.shape[0] != size:
        raise ValueError(f"{name}: got x of shape {x.shape}, wanted ({size}, …), a share in each row, or ({size - 1}, …), without the last")
    alpha = ops.reshape(alpha, (size,) + (1,) * (x.ndim - 1))
    at = plain(x)
    if does_hold(~((at >= 0) & (at <= 1))) or does_hold(np.abs(at.sum(0) - 1) > max(1e-9, 10 * float(np.finfo(at.dtype).eps))):
        raise ValueError(f"{name}: got x with sums {at.sum(0)}, wanted shares between 0 and 1 whose sum is 1: x / x.sum(0)")
    if does_hold((at == 0) & (plain(alpha) < 1)):
        raise ValueError(f"{name}: the density is infinite where a share with alpha below 1 is 0; wanted x above 0 there")
    return x, alpha


def _dirichlet_logpdf(x: Any, alpha: Any) -> Any:
    x, alpha = _shares("dirichlet.logpdf", x, alpha)
    return ops.sum(times_log(alpha - 1, ops.log(x)), 0) - _log_multibeta(alpha)


def _dirichlet_pdf(x: Any, alpha: Any) -> Any:
    x, alpha = _shares("dirichlet.pdf", x, alpha)
    y = ops.sum(times_log(alpha - 1, ops.log(x)), 0) - _log_multibeta(alpha)
    lost = np.isinf(plain(y))
    if not may_hold(lost):
        return ops.exp(y)
    edge = ops.prod(ops.where(lost, x, 0.5) ** (alpha - 1), 0) * ops.exp(-_log_multibeta(alpha))  # has its derivatives there
    return ops.where(lost, edge, ops.exp(ops.where(lost, 0.0, y)))


def _dirichlet_cov(alpha: Any) -> Any:
    alpha = _weights("dirichlet.cov", alpha)
    total = ops.sum(alpha)
    return _spread(alpha / total) / (total + 1)


def _spread(p: Any) -> Any:
    """diag(p) − p pᵀ, the covariances of a choice with probabilities p."""
    return p[..., None] * np.eye(p.shape[-1], dtype=p.dtype) - p[..., None] * p[..., None, :]


def _dirichlet_entropy(alpha: Any) -> Any:
    alpha = _weights("dirichlet.entropy", alpha)
    total = ops.sum(alpha)
    terms = (total - alpha.shape[0]) * special.digamma(total) - ops.sum((alpha - 1) * special.digamma(alpha))
    return _log_multibeta(alpha) + terms


dirichlet = Joint(
    "dirichlet",
    """Dirichlet's distribution of shares, of density Π xᵢ^(αᵢ−1) / B(α), B(α) = Π Γ(αᵢ) / Γ(Σ αᵢ); a share in each row of x.

    Its derivative in each share is that of the formula, with the others held.

    >>> dirichlet.pdf(np.array([0.2, 0.3, 0.5]), np.ones(3)).round(12)
    np.float64(2.0)
    """,
    logpdf=_dirichlet_logpdf,
    pdf=_dirichlet_pdf,
    mean=lambda alpha: (a := _weights("dirichlet.mean", alpha)) / ops.sum(a),
    var=lambda alpha: diagonal(_dirichlet_cov(alpha)),
    cov=_dirichlet_cov,
    entropy=_dirichlet_entropy,
)


def _trials(name: str, n: Any, p: Any) -> tuple[Any, Any]:
    """Numbers of trials and probabilities; NaN where they are none."""
    (p,) = common(name, p=p)
    n = as_value(fixed(name, n=n)["n"])
    at = plain(p)
    if not at.ndim:
        raise ValueError(f"{name}: got p = {at}, wanted probabilities along the last axis")
    valid = (n >= 0) & (n == np.floor(n)) & ((at >= 0) & (at <= 1)).all(-1) & (np.abs(at.sum(-1) - 1) <= 10 * float(np.finfo(at.dtype).eps))
    return ops.where(valid, n.astype(p.dtype), nan), p


def _multinomial_logpmf(x: Any, n: Any, p: Any) -> Any:
    n, p = _trials("multinomial.logpmf", n, p)
    x = as_value(fixed("multinomial.logpmf", x=x)["x"]).astype(p.dtype)
    if not x.ndim or x.shape[-1] != p.shape[-1]:
        raise ValueError(f"multinomial.logpmf: got x of shape {x.shape}, wanted (…, {p.shape[-1]}), a count for each probability")
    off = ((x < 0) | (x != np.floor(x))).any(-1) | ((x.sum(-1) != n) & ~np.isnan(n))
    counts = ops.where(off[..., None], 1.0, x)
    y = special.gammaln(n + 1) + ops.sum(times_log(counts, ops.log(p)) - special.gammaln(counts + 1), -1)
    return ops.where(off, -inf, y)


def _multinomial_mean(n: Any, p: Any) -> Any:
    n, p = _trials("multinomial.mean", n, p)
    return n[..., None] * p


def _multinomial_cov(n: Any, p: Any) -> Any:
    n, p = _trials("multinomial.cov", n, p)
    return n[..., None, None] * _spread(p)


multinomial = Joint(
    "multinomial",
    """How often each of several things happens in n trials, if their probabilities are p: n! Π pᵢ^xᵢ / xᵢ!.

    The derivative in each probability is that of the formula, with the others held.

    >>> multinomial.pmf([1, 1], 2, [0.5, 0.5]).round(12)
    np.float64(0.5)
    """,
    logpmf=_multinomial_logpmf,
    pmf=lambda x, n, p: ops.exp(_multinomial_logpmf(x, n, p)),
    mean=_multinomial_mean,
    cov=_multinomial_cov,
)


# -- matrices of covariances --------------------------------------------------------------------------------------------------------------


def _wishart_values(name: str, df: Any, scale: Any) -> tuple[Any, Any]:
    df, scale = common(name, df=df, scale=scale)
    size = scale.shape[0] if scale.ndim else 1
    if df.ndim or does_hold(plain(df) <= size - 1):
        raise ValueError(f"{name}: got df = {plain(df)}, wanted one number above {size - 1}, the size of the scale matrix less 1")
    return df, _as_matrix(name, "scale", scale, size)


def _wishart_logpdf(x: Any, df: Any, scale: Any) -> Any:
    name = "wishart.logpdf"
    df, scale = _wishart_values(name, df, scale)
    x, df, scale = common(name, x=x, df=df, scale=scale)
    size = scale.shape[0]
    if x.ndim == 3:  # SciPy has many matrices along the last axis
        if x.shape[:2] != (size, size):
            raise ValueError(f"{name}: got x of shape {x.shape}, wanted ({size}, {size}, …), matrices along the last axis")
        x = ops.moveaxis(x, -1, 0)
        x = (x + x.mT) / 2
    elif x.ndim == 1 and size == 1:
        x = x[:, None, None]
    else:
        x = _as_matrix(name, "x", x, size)[None]
    half, logdet = df / 2, 2 * ops.sum(ops.log(diagonal(ops.cholesky(scale))))
    inside = ops.sum(ops.log(diagonal(ops.cholesky(x), 0, -2, -1)), -1)
    y = (df - size - 1) * inside - _trace(ops.solve(scale, x)) / 2 - half * (size * LOG_2 + logdet) - special.multigammaln(half, size)
    return y if len(y) > 1 else ops.reshape(y, ())


def _wishart_mean(df: Any, scale: Any) -> Any:
    df, scale = _wishart_values("wishart.mean", df, scale)
    return df * (scale if scale.shape != (1, 1) else ops.reshape(scale, ()))


def _wishart_var(df: Any, scale: Any) -> Any:
    df, scale = _wishart_values("wishart.var", df, scale)
    d = diagonal(scale)
    y = df * (scale**2 + d[:, None] * d)
    return y if y.shape != (1, 1) else ops.reshape(y, ())


wishart = Joint(
    "wishart",
    """Wishart's distribution of matrices of covariances: |X|^((df−d−1)/2) e^(−tr(V⁻¹ X)/2) / (2^(df d/2) |V|^(df/2) Γ_d(df/2)), V = scale.

    Only the symmetric parts of `x` and `scale` count, and so their derivatives are symmetric.

    >>> wishart.mean(4.0, np.eye(2))
    array([[4., 0.],
           [0., 4.]])
    """,
    logpdf=_wishart_logpdf,
    pdf=lambda x, df, scale: ops.exp(_wishart_logpdf(x, df, scale)),
    mean=_wishart_mean,
    var=_wishart_var,
)

__test__ = {name: globals()[name].__doc__ for name in __all__}
