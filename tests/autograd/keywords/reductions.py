"""What is made of many values: sums, extrema, moments, what the order of values decides, covariances, histograms."""

import numpy as np

from .table import OUT, call, distinct, held, oneof, random, rows

A = distinct(2, 3, 4)
Z = A + 1j * distinct(2, 3, 4)
POSITIVE = np.abs(A)
HOLES = np.where(np.arange(24).reshape(2, 3, 4) % 5 == 1, np.nan, A)
MASK = (np.arange(24) % 7 != 3).reshape(2, 3, 4)
WEIGHTS = random.random((2, 3, 4)) + 0.3
CENTRE = random.random((2, 1, 4))
AXES = oneof(None, -1, (0, -1))
KEEP = oneof(False, True)
METHODS = oneof(
    "inverted_cdf", "averaged_inverted_cdf", "closest_observation", "interpolated_inverted_cdf", "hazen", "weibull", "linear",
    "median_unbiased", "normal_unbiased", "lower", "higher", "midpoint", "nearest",
)  # fmt: skip
TOTALS = (np.sum, A), (np.prod, A), (np.nansum, HOLES), (np.nanprod, HOLES)
EXTREMA = (np.max, A, 1), (np.amax, A, 1), (np.nanmax, HOLES, 1), (np.min, A, -1), (np.amin, A, -1), (np.nanmin, HOLES, -1)
MOMENTS = (np.var, A), (np.std, A), (np.nanvar, HOLES), (np.nanstd, HOLES)
QUANTILES = (np.quantile, A, 1), (np.nanquantile, HOLES, 1), (np.percentile, A, 100), (np.nanpercentile, HOLES, 100)
POINTS, MORE, SIDES = distinct(3, 5), distinct(2, 5), np.array([1.1, 0.4, 2.0, 0.7, 0.3])
COUNTS = np.array([1, 3, 2, 0, 1])
EDGES = np.array([-1.45, -0.9, 0.3, 1.05])

ROWS = rows(
    *[
        rows(
            call(f, a, axis=AXES, keepdims=KEEP),
            call(f, a, axis=AXES, keepdims=KEEP, initial=1.7, where=MASK),
            call(f, a, axis=1, initial=0.3, where=MASK[:, :1], out=OUT),
            call(f, a, axis=-2, dtype=oneof(np.float32, np.complex128)),
            call(f, a[:0], axis=0, initial=1.7),
        )
        for f, a in TOTALS
    ],
    *[
        rows(
            call(f, a, axis=AXES, keepdims=KEEP),
            call(f, a, axis=AXES, keepdims=KEEP, initial=sign * 0.81, where=MASK),
            call(f, a, axis=oneof(-2, (0, 2)), initial=sign * 1.03, out=OUT),
        )
        for f, a, sign in EXTREMA
    ],
    call(np.ptp, A, axis=AXES, keepdims=KEEP, out=OUT),
    # moments
    *[
        rows(
            call(f, a, axis=AXES, keepdims=KEEP),
            call(f, a, axis=(0, -1), keepdims=KEEP, where=MASK),
            call(f, a, axis=-1, dtype=oneof(np.float32, np.complex128), out=OUT),
        )
        for f, a in ((np.mean, A), (np.nanmean, HOLES))
    ],
    *[
        rows(
            call(f, a, axis=AXES, keepdims=KEEP, ddof=1),
            call(f, a, axis=AXES, correction=held(0.5), where=MASK),
            call(f, a, axis=1, mean=CENTRE, ddof=held(0.25), keepdims=KEEP, out=OUT),
            call(f, a, axis=(0, 1), mean=CENTRE[:1], where=MASK, correction=1),
            call(f, a, axis=-1, dtype=np.float32, ddof=oneof(0, 1)),
        )
        for f, a in MOMENTS
    ],
    call(np.var, A, axis=1, dtype=np.complex128),
    call(oneof(np.var, np.std), Z, axis=oneof(None, (0, -1)), keepdims=KEEP, ddof=1, where=oneof(True, MASK)),
    call(np.std, Z, axis=1, mean=CENTRE * 1j, correction=1),
    call(np.average, A, axis=AXES, keepdims=KEEP, weights=oneof(None, WEIGHTS), returned=KEEP),
    call(np.average, A, axis=(2, 0), weights=WEIGHTS[:, 0].T, keepdims=True),
    call(np.average, A, axis=-2, weights=WEIGHTS[0, :, 0], returned=True),
    # order
    call(np.sort, A, axis=oneof(None, 0, -2), kind=oneof(None, "heapsort", "stable")),
    call(np.sort, A, axis=1, stable=True),
    call(np.sort_complex, Z),
    call(np.partition, A, oneof(2, (0, -1)), axis=oneof(-2, -1), kind="introselect"),
    call(np.partition, A, kth=[3, 11, 20], axis=None),
    *[
        rows(
            call(f, a, axis=AXES, keepdims=KEEP),
            call(f, a, axis=oneof(None, 1, (0, 2)), overwrite_input=KEEP, out=OUT),
        )
        for f, a in ((np.median, A), (np.nanmedian, HOLES))
    ],
    *[
        rows(
            call(f, a, np.array([0.03, 0.31, 0.71, 0.98]) * whole, axis=oneof(None, (0, -1)), method=METHODS),
            call(f, a, [[0.2 * whole], [0.63 * whole]], axis=oneof(None, -1), keepdims=KEEP),
            call(f, a, 0.37 * whole, axis=1, overwrite_input=KEEP, out=OUT),
            call(f, a, [0.21 * whole, 0.87 * whole], axis=AXES, weights=WEIGHTS, method="inverted_cdf", keepdims=KEEP),
        )
        for f, a, whole in QUANTILES
    ],
    call(np.quantile, A, q=0.4, axis=1, weights=WEIGHTS[0, :, 0], method="inverted_cdf"),
    # covariances
    call(np.cov, POINTS, y=oneof(None, MORE), bias=KEEP, fweights=oneof(None, COUNTS), aweights=oneof(None, SIDES)),
    call(np.cov, POINTS + 1j * POINTS[::-1], aweights=SIDES, ddof=oneof(0, 2), dtype=np.complex128),
    call(np.cov, POINTS.T, MORE.T, rowvar=False, ddof=2, dtype=oneof(np.float32, np.complex128)),
    call(np.corrcoef, POINTS, oneof(None, MORE)),
    call(np.corrcoef, POINTS.T, y=MORE.T, rowvar=False, dtype=np.complex128),
    call(np.corrcoef, POINTS, dtype=np.float32),
    # bins
    call(np.bincount, np.array([0, 2, 2, 5, 1]), weights=SIDES, minlength=oneof(0, 8)),
    call(np.histogram, A, bins=oneof(3, EDGES), weights=oneof(None, WEIGHTS), density=oneof(None, True)),
    call(np.histogram, A, bins=4, range=(-1.5, 1.5), weights=WEIGHTS, density=True),
    call(np.histogram, A, bins="sturges", density=True),
    call(np.histogram_bin_edges, A, bins=oneof(3, EDGES, "auto")),
    call(np.histogram_bin_edges, A, bins=3, range=(-1.5, 1.5), weights=WEIGHTS),
    call(np.histogram2d, POINTS[0], POINTS[1], bins=oneof(2, [2, EDGES]), weights=oneof(None, SIDES), density=oneof(None, True)),
    call(np.histogram2d, POINTS[0], POINTS[1], bins=(3, 2), range=[(-1.7, 1.8), (-1.6, 1.7)], weights=SIDES, density=True),
    call(np.histogramdd, POINTS.T, bins=oneof(2, [2, EDGES, 3]), weights=oneof(None, SIDES), density=oneof(None, True)),
    call(np.histogramdd, POINTS.T, bins=2, range=[(-1.7, 1.8), (-1.6, 1.7), (-1.65, 1.75)], weights=SIDES, density=True),
)
