"""Random programs: values, gradients and second derivatives of small graphs, through each of our doors, beside PyTorch's.

A program is a text, written twice: for us, where `np` is one of three namespaces, and for PyTorch, which also decides whether a step is
possible at all.  So what fails is printed as a script.  `--slow` runs thousands, and holds the smooth ones against differences, too.
"""

import math
from dataclasses import dataclass

import numpy  # noqa: ICN001  # np is what a program gets
import pytest

torch = pytest.importorskip("torch")
torch.set_num_threads(1)

import autograd.numpy as anp  # noqa: E402  # after the skip
from autograd import Tensor, grad, make_hvp, make_jvp, value_and_grad  # noqa: E402

# -- the steps ----------------------------------------------------------------------------------------------------------------------------
#
# Where a function has a kink, its argument is moved away from where structure puts values: onto 0, or onto each other.

PREAMBLE = """
import numpy, torch
from autograd import Tensor, ops as F

def ramp(x):  # so that no two values are equal
    return numpy.linspace(0.1, 1.3, x.size).reshape(x.shape).astype(x.dtype)

def torch_ramp(x):
    return torch.linspace(0.1, 1.3, x.numel(), dtype=x.dtype).reshape(x.shape)

def well(np, x):  # a symmetric matrix, or several, far from singular, its eigenvalues apart
    x = np.tanh(x)
    return 0.3 * (x.mT @ x) + numpy.diag(1.0 + numpy.arange(x.shape[-1])).astype(x.dtype)

def torch_well(x):
    x = torch.tanh(x)
    return 0.3 * (x.mT @ x) + torch.diag(1 + torch.arange(x.shape[-1], dtype=x.dtype))

class Ops:  # the ops themselves, and what NumPy makes of them
    def __getattr__(self, name):
        import autograd.numpy
        op = None if name in ("einsum", "fft", "linalg") else getattr(F, name, None)  # these have signatures of their own
        return op or getattr(autograd.numpy, name)
"""
tools = {}
exec(PREAMBLE, tools)

SMOOTH = {  # one value → one value: (ours, PyTorch's), the same text where there is one
    "+": ("{x} + 0.5", None),
    "-": ("1.5 - {x}", None),
    "*": ("-0.7 * {x}", None),
    "/": ("{x} / 1.7", None),
    "negative": ("-{x}", None),
    "rpower": ("1.3 ** {x}", None),
    "reciprocal": ("np.reciprocal(1.5 + {x} * {x})", "torch.reciprocal(1.5 + {x} * {x})"),
    "number / x": ("2.0 / (1.5 + {x} ** 2)", None),
    "square": ("np.square({x})", "torch.square({x})"),
    "cube": ("0.1 * {x} ** 3", None),
    "power": ("(0.5 + {x} * {x}) ** 1.5", None),
    "power of itself": ("np.power(0.5 + {x} * {x}, 0.3 * {x})", "torch.pow(0.5 + {x} * {x}, 0.3 * {x})"),
    "exp": ("np.exp(-{x} * {x})", "torch.exp(-{x} * {x})"),
    "exp2": ("np.exp2(0.5 * {x})", "torch.exp2(0.5 * {x})"),
    "expm1": ("np.expm1(0.5 * {x})", "torch.expm1(0.5 * {x})"),
    "log": ("np.log(1.5 + {x} * {x})", "torch.log(1.5 + {x} * {x})"),
    "log1p": ("np.log1p({x} ** 2)", "torch.log1p({x} ** 2)"),
    "log2": ("np.log2(1.2 + {x} ** 2)", "torch.log2(1.2 + {x} ** 2)"),
    "log10": ("np.log10(1.2 + {x} ** 2)", "torch.log10(1.2 + {x} ** 2)"),
    "sqrt": ("np.sqrt(0.5 + {x} * {x})", "torch.sqrt(0.5 + {x} * {x})"),
    "cbrt": ("np.cbrt(0.5 + {x} * {x})", "(0.5 + {x} * {x}) ** (1 / 3)"),
    "sin": ("np.sin({x})", "torch.sin({x})"),
    "cos": ("np.cos({x})", "torch.cos({x})"),
    "tan": ("np.tan(np.tanh({x}))", "torch.tan(torch.tanh({x}))"),
    "sinh": ("np.sinh(0.5 * {x})", "torch.sinh(0.5 * {x})"),
    "cosh": ("np.cosh(0.5 * {x})", "torch.cosh(0.5 * {x})"),
    "tanh": ("np.tanh({x})", "torch.tanh({x})"),
    "arcsin": ("np.arcsin(0.8 * np.sin({x}))", "torch.arcsin(0.8 * torch.sin({x}))"),
    "arccos": ("np.arccos(0.8 * np.sin({x}))", "torch.arccos(0.8 * torch.sin({x}))"),
    "arctan": ("np.arctan({x})", "torch.arctan({x})"),
    "arcsinh": ("np.arcsinh({x})", "torch.arcsinh({x})"),
    "arccosh": ("np.arccosh(1.5 + {x} * {x})", "torch.arccosh(1.5 + {x} * {x})"),
    "arctanh": ("np.arctanh(0.8 * np.cos({x}))", "torch.arctanh(0.8 * torch.cos({x}))"),
    "sigmoid": ("F.sigmoid({x})", "torch.sigmoid({x})"),
    "softplus": ("F.softplus({x})", "torch.nn.functional.softplus({x})"),
    "gelu": ("F.gelu({x})", "torch.nn.functional.gelu({x})"),
    "erf": ("F.erf({x})", "torch.erf({x})"),
    "erfc": ("F.erfc({x})", "torch.erfc({x})"),
    "ravel": ("np.ravel({x})", "torch.ravel({x})"),
    "flatten": ("{x}.flatten()", "{x}.ravel()"),
    "transpose": ("{x}.T", "{x}.permute(tuple(range({x}.ndim))[::-1])"),
    "squeeze": ("np.squeeze({x})", "torch.squeeze({x})"),
    "copy": ("np.copy({x})", "torch.clone({x})"),
    "iteration": ("sum(part * k for k, part in enumerate({x}))", None),
    "x + x": ("{x} + {x}", None),
    "x x": ("{x} * {x}", None),
    "sinc": ("np.sinc(1.3 + 0.1 * {x} * {x})", "torch.sinc(1.3 + 0.1 * {x} * {x})"),
    "phase": ("np.real(np.exp(1j * {x}) * (0.3 - 1j))", "torch.real(torch.exp(1j * {x}) * (0.3 - 1j))"),
    "modulus": ("np.abs({x} + 0.5j)", "torch.abs({x} + 0.5j)"),
    "angle": ("np.angle(1.5 + {x} * {x} + 1j * {x})", "torch.angle(1.5 + {x} * {x} + 1j * {x})"),
    "vander": ("0.5 * np.vander({x}.ravel(), 3).astype({x}.dtype)", "0.5 * torch.stack([{x}.ravel() ** n for n in (2, 1, 0)], -1)"),
    "scaled in place": ("{y} = {x} * 1.0\n{y} *= 0.8", None),
    "x @ x.mT": ("0.3 * {x} @ {x}.mT", None),
}
KINKED = {
    "absolute": ("np.absolute({x} - 0.17)", "torch.abs({x} - 0.17)"),
    "abs": ("abs({x} - 0.19)", None),
    "relu": ("F.relu({x} - 0.17)", "torch.relu({x} - 0.17)"),
    "leaky_relu": ("F.leaky_relu({x} - 0.17, 0.1)", "torch.nn.functional.leaky_relu({x} - 0.17, 0.1)"),
    "clip": ("np.clip({x}, -0.37, 0.61)", "torch.clip({x}, -0.37, 0.61)"),
    "clip above": ("{x}.clip(max=0.43)", None),
    "sign": ("{x} * np.sign({x} - 0.17)", "{x} * torch.sign({x} - 0.17)"),
    "floor": ("{x} * np.floor(0.37 + 3 * {x})", "{x} * torch.floor(0.37 + 3 * {x})"),
    "remainder": ("np.remainder({x} + 0.123, 0.77)", "torch.remainder({x} + 0.123, 0.77)"),
    "maximum": ("np.maximum({x}, 0.21)", "torch.clamp({x}, min=0.21)"),
    "mask": ("{x}[{x} > 0.213]", None),
    "fmod": ("np.fmod({x} + 0.123, 0.77)", "torch.fmod({x} + 0.123, 0.77)"),
    "nansum": ("np.nansum(np.where({x} > 0.2, {x}, numpy.nan), 0)", "torch.nansum(torch.where({x} > 0.2, {x}, torch.nan), 0)"),
}
SMOOTH_PAIRS = {
    "a + b": ("{a} + {b}", None),
    "a - b": ("{a} - {b}", None),
    "a * b": ("{a} * {b}", None),
    "a / b": ("{a} / (1.2 + {b} * {b})", None),
    "add": ("np.add({a}, {b})", "torch.add({a}, {b})"),
    "subtract": ("np.subtract({a}, {b})", "torch.sub({a}, {b})"),
    "multiply": ("np.multiply({a}, {b})", "torch.mul({a}, {b})"),
    "divide": ("np.divide({a}, np.exp(0.3 * {b}))", "torch.div({a}, torch.exp(0.3 * {b}))"),
    "power": ("np.power(0.5 + {a} * {a}, {b})", "torch.pow(0.5 + {a} * {a}, {b})"),
    "logaddexp": ("np.logaddexp({a}, {b})", "torch.logaddexp({a}, {b})"),
    "hypot": ("np.hypot({a}, {b} ** 2 + 1)", "torch.hypot({a}, {b} ** 2 + 1)"),
    "arctan2": ("np.arctan2({a}, 1.5 + {b} * {b})", "torch.arctan2({a}, 1.5 + {b} * {b})"),
    "matmul": ("0.5 * ({a} @ {b})", None),
    "matmul transposed": ("np.matmul({a}, {b}.T)", "torch.matmul({a}, {b}.permute(tuple(range({b}.ndim))[::-1]))"),
    "outer": ("np.outer({a}, {b})", "torch.outer({a}.ravel(), {b}.ravel())"),
    "concatenate flat": ("np.concatenate([{a}, {b}], axis=None)", "torch.cat([{a}.ravel(), {b}.ravel()])"),
    "array": ("np.stack([np.sum({a}), np.sum({b})])", "torch.stack([torch.sum({a}), torch.sum({b})])"),
    "+=": ("{y} = {a} * 1.0\n{y} += {b}", None),
    "*=": ("{y} = {a} * 1.0\n{y} *= {b}", None),
}
KINKED_PAIRS = {
    "maximum": ("np.maximum({a}, {b} + 0.123)", "torch.maximum({a}, {b} + 0.123)"),
    "minimum": ("np.minimum({a}, {b} + 0.123)", "torch.minimum({a}, {b} + 0.123)"),
    "where": ("np.where({a} > {b} + 0.123, {a}, np.sin({b}))", "torch.where({a} > {b} + 0.123, {a}, torch.sin({b}))"),
    "where a number": ("np.where({a} > {b} + 0.123, {a} * {b}, 0)", "torch.where({a} > {b} + 0.123, {a} * {b}, 0)"),
    "clip between": (
        "np.clip({a}, {b} - 0.71, {b} + 0.37)",
        "torch.minimum(torch.maximum({a}, {b} - 0.71), {b} + 0.37)",
    ),
    "remainder": ("np.remainder({a} + 0.123, 1.1 + {b} * {b})", "torch.remainder({a} + 0.123, 1.1 + {b} * {b})"),
}


def alike(text):
    """A text that differs by the library's name only."""
    return text.replace("~", "np"), text.replace("~", "torch")


def axes_of(random, shape):
    """The arguments of a reduction: ours, PyTorch's, and how many values each result is made of."""
    ndim, keepdims = len(shape), bool(random.integers(2))
    several = tuple(random.permutation(ndim)[: random.integers(1, ndim + 1)].tolist())
    axis = [None, int(random.integers(-ndim, ndim)), several][random.integers(3)]
    dim = tuple(range(ndim)) if axis is None else axis
    return f"axis={axis}, keepdims={keepdims}", f"dim={dim}, keepdim={keepdims}", math.prod(numpy.take(shape, dim).ravel().tolist())


def reduction(random, shape):
    ours, theirs, count = axes_of(random, shape)
    name, ddof = random.choice(["sum", "mean", "var", "std", "norm", "logsumexp"]), int(random.integers(2))
    if name in ("sum", "mean"):
        return random.choice([f"np.{name}({{x}}, {ours})", f"{{x}}.{name}({ours})"]), f"torch.{name}({{x}}, {theirs})"
    if name == "norm":
        return f"F.norm({{x}} + 0.37, {ours})", f"torch.linalg.vector_norm({{x}} + 0.37, {theirs})"
    if name == "logsumexp":
        return f"F.logsumexp({{x}}, {ours})", f"torch.logsumexp({{x}}, {theirs})"
    if count < 2:
        return None  # 0, and for PyTorch NaN
    mine, other = (f"(0.5 * {{x}} + {ramp}({{x}}))" for ramp in ("ramp", "torch_ramp"))
    return f"np.{name}({mine}, ddof={ddof}, {ours})", f"torch.{name}({other}, correction={ddof}, {theirs})"


def extremum(random, shape):
    ours, theirs, _ = axes_of(random, shape)
    name = random.choice(["max", "min"])
    return f"np.{name}({{x}} + ramp({{x}}), {ours})", f"torch.a{name}({{x}} + torch_ramp({{x}}), {theirs})"


def along_an_axis(random, shape):
    axis, n = int(random.integers(-len(shape), len(shape))), len(shape)
    size, other = shape[axis], int(random.integers(-n, n))
    k = int(random.integers(0, size + 1))
    texts = [
        (f"np.prod(0.8 + 0.3 * {{x}}, axis={axis})", f"torch.prod(0.8 + 0.3 * {{x}}, dim={axis})"),
        ("np.prod({x})", "torch.prod({x}.ravel(), dim=0)"),
        (f"F.softmax({{x}}, axis={axis})", f"torch.softmax({{x}}, dim={axis})"),
        (f"F.log_softmax({{x}}, {axis})", f"torch.log_softmax({{x}}, {axis})"),
        (f"np.split({{x}}, [{k}], axis={axis})[1]", f"torch.tensor_split({{x}}, [{k}], dim={axis})[1]"),
        (
            f"{{y}}, part = np.split({{x}}, [{k}], {axis})\n{{y}} = {{y}} * np.sum(part)",
            f"{{y}}, part = torch.tensor_split({{x}}, [{k}], {axis})\n{{y}} = {{y}} * torch.sum(part)",
        ),
        (f"np.swapaxes({{x}}, {axis}, {other})", f"torch.swapaxes({{x}}, {axis}, {other})"),
        (f"np.moveaxis({{x}}, {axis}, {other})", f"torch.movedim({{x}}, {axis}, {other})"),
        (f"np.expand_dims({{x}}, {axis})", f"torch.unsqueeze({{x}}, {axis})"),
        (f"np.squeeze({{x}}, axis={axis})", f"torch.squeeze({{x}}, dim={axis})") if size == 1 else None,
        (f"np.flip({{x}}, {axis})", f"torch.flip({{x}}, ({axis},))"),
        ("np.atleast_3d({x})[0]", "torch.atleast_3d({x})[0]"),
        (
            f"np.take_along_axis({{x}}, np.argmax({{x}} + ramp({{x}}), {axis}, keepdims=True), {axis})",
            f"torch.take_along_dim({{x}}, torch.argmax({{x}} + torch_ramp({{x}}), {axis}, keepdim=True), {axis})",
        ),
        (f"np.stack([{{x}}, {{x}} * {{x}}], axis={axis})", f"torch.stack([{{x}}, {{x}} * {{x}}], dim={axis})"),
    ]
    return texts[random.integers(len(texts))]


def scan(random, shape):
    if 0 in shape:
        return None
    axis, size = int(random.integers(-len(shape), len(shape))), shape[-1]
    dx = "dx=0.7" if random.integers(2) else f"x=numpy.linspace(0.0, 2.0, {size}).astype({{x}}.dtype) ** 2"
    steps = dx.replace("numpy.linspace(", "torch.linspace(").replace(").astype({x}.dtype)", ", dtype={x}.dtype)")
    edge, n = random.integers(1, 3, 2).tolist()
    texts = [
        (f"np.cumsum({{x}}, {axis})", f"torch.cumsum({{x}}, {axis})"),
        (f"np.cumprod({{x}}, axis={axis})", f"torch.cumprod({{x}}, dim={axis})"),
        (f"numpy.logaddexp.accumulate({{x}}, axis={axis})", f"torch.log(torch.cumsum(torch.exp({{x}}), {axis}))"),
        (f"np.diff({{x}}, {n}, axis={axis})", f"torch.diff({{x}}, {n}, dim={axis})"),
        (f"np.trapezoid({{x}}, {dx})", f"torch.trapezoid({{x}}, {steps})"),
        (
            f"np.gradient({{x}}, 0.6, axis={axis}, edge_order={edge})",
            f"torch.gradient({{x}}, spacing=0.6, dim={axis}, edge_order={edge})[0]",
        ),
    ]
    return texts[random.integers(len(texts))]


def arrangement(random, shape):
    """What depends on the order of the values, none of which are equal."""
    axis, keepdims = int(random.integers(-len(shape), len(shape))), bool(random.integers(2))
    mine, other = (f"({{x}} + {ramp}({{x}}))" for ramp in ("ramp", "torch_ramp"))
    q, method = round(float(random.random()), 2), str(random.choice(["linear", "lower", "higher", "midpoint"]))
    texts = [
        (f"np.sort({mine}, axis={axis})", f"torch.sort({other}, dim={axis}).values"),
        (f"np.sort({mine}, None)[::-1]", f"torch.sort({other}.ravel(), descending=True).values"),
        (f"numpy.maximum.accumulate({mine}, axis={axis})", f"torch.cummax({other}, dim={axis}).values"),
        (f"np.median({mine}, axis={axis}, keepdims={keepdims})", f"torch.quantile({other}, 0.5, dim={axis}, keepdim={keepdims})"),
        (f"np.quantile({mine}, {q}, {axis}, method='{method}')", f"torch.quantile({other}, {q}, {axis}, interpolation='{method}')"),
        (f"np.ptp({mine}, {axis})", f"torch.amax({other}, {axis}) - torch.amin({other}, {axis})"),
        (
            f"np.take_along_axis({{x}}, np.argsort({mine}, {axis}), {axis})",
            f"torch.take_along_dim({{x}}, torch.argsort({other}, {axis}), {axis})",
        ),
    ]
    return texts[random.integers(len(texts))]


def spectrum(random, shape):
    if 0 in shape:
        return None  # irfft of nothing is what was in memory, for NumPy
    axis, norm = int(random.integers(-len(shape), len(shape))), str(random.choice(["backward", "ortho", "forward"]))
    n, last = random.choice([None, 2, 3, 5]), tuple(range(-len(shape), 0))[-2:]
    complex_valued = f"~.fft.{random.choice(['fft', 'ifft', 'rfft', 'ihfft'])}({{x}}, {n}, {axis}, '{norm}')"
    texts = [
        f"~.real({complex_valued})",
        f"~.imag({complex_valued})",
        f"~.abs({complex_valued} + 0.3)",  # away from 0
        f"~.fft.irfft({{x}} * (1 - 0.5j), {n}, {axis}, '{norm}')",
        f"~.fft.hfft({{x}}, {n}, {axis})",
        f"~.real(~.fft.ifftn(~.fft.fftn({{x}}) * (1 + 2j), None, {last}))",
        f"~.fft.irfftn(~.fft.rfftn({{x}}, None, {last}), None, {last})",
        f"~.fft.fftshift({{x}}, {axis})",
    ]
    return alike(texts[random.integers(len(texts))])


def decomposition(random, shape):
    """Linear algebra, of matrices that are far from singular."""
    if len(shape) < 2 or 0 in shape:
        return None
    texts = [
        "inv({M})",
        "cholesky({M})",
        "slogdet({M})[1]",
        "det(0.3 * {M})",
        "eigvalsh({M})",
        "eigh({M})[1][..., 0] ** 2",
        "svdvals({M})",
        "svd({M})[0] ** 2",
        "qr({M})[1]",
        "pinv({M}[..., 1:])",
        "matrix_power({M}, -2)",
        "matrix_power(0.3 * {M}, 3)",
        "matrix_norm({M}, ord='nuc')",
        "cond({M})",
        "solve({M}, {x}.mT)",
    ]
    ours, theirs = alike("~.linalg." + texts[random.integers(len(texts))])
    return ours.replace("{M}", "well(np, {x})"), theirs.replace("{M}", "torch_well({x})")


def statistic(random, shape):
    axis, size = int(random.integers(-len(shape), len(shape))), shape[-1]
    weights = (1 + random.integers(1, 5, size)).tolist()
    offset, ddof = int(random.integers(-1, 2)), int(random.integers(2))
    texts = [  # NumPy makes averages and covariances float64
        (f"np.average({{x}}, -1, {weights}).astype({{x}}.dtype)", f"({{x}} * torch.tensor({weights})).sum(-1) / {sum(weights)}"),
        (f"np.repeat({{x}}, 2, {axis})", f"torch.repeat_interleave({{x}}, 2, {axis})"),
        alike(f"~.roll({{x}}, 2, {axis})"),
        alike("~.tile({x}, (2, 1))"),
        alike("~.rot90({x})"),
        alike(f"~.diagonal({{x}}, {offset}, -1, 0)"),
    ]
    if len(shape) == 2 and size > 2:
        texts += [
            (f"np.cov({{x}}, ddof={ddof}).astype({{x}}.dtype)", f"torch.cov({{x}}, correction={ddof})"),
            ("np.corrcoef({x} + ramp({x}) ** 2).astype({x}.dtype)", "torch.corrcoef({x} + torch_ramp({x}) ** 2)"),
            *[alike(f"~.{name}({{x}}, {offset})") for name in ("tril", "triu", "diag")],
        ]
    return texts[random.integers(len(texts))]


def contraction(random, a, b):
    """Products summed over axes.  In an einsum, axes of one size may have one name; those in the result are any, in any order."""
    names, sizes = [], {}
    for size in (*a, *b):
        same = [name for name, n in sizes.items() if n == size]
        names.append(str(random.choice(same)) if same and random.random() < 0.6 else "ijklmnpq"[len(sizes)])
        sizes[names[-1]] = size
    result = random.permutation(list(sizes))[: random.integers(0, len(sizes) + 1)]
    subscripts = f"{''.join(names[: len(a)])},{''.join(names[len(a) :])}->{''.join(result)}"
    axes = next(([[i], [j]] for i, n in enumerate(a) for j, m in enumerate(b) if n == m), 0)
    texts = [
        alike(f"~.einsum('{subscripts}', {{a}}, {{b}})"),
        (f"np.einsum('{subscripts}', {{a}}, {{b}}, optimize=True)", f"torch.einsum('{subscripts}', {{a}}, {{b}})"),
        alike(f"~.tensordot({{a}}, {{b}}, {axes})"),
        alike("~.inner({a}, {b})"),
        alike("~.kron({a}, {b})"),
        alike("~.linalg.vecdot({a}, {b})") if a[-1:] == b[-1:] else None,
        alike("~.linalg.cross({a}, {b})") if a[-1:] == b[-1:] else None,
    ]
    return texts[random.integers(len(texts))]


def rearrangement(random, shape):
    axes = random.permutation(len(shape)).tolist()
    sizes = random.permutation(shape).tolist()
    pairs = random.integers(0, 3, (len(shape), 2)).tolist()
    flat = [n for pair in reversed(pairs) for n in pair]
    inner = [s for s in (*random.permutation([1, 2, 3]).tolist(), -1) if s == -1 or math.prod(shape) % s == 0][-2:]
    texts = [
        ("{x}.mT", None) if len(shape) > 1 else None,
        (f"np.transpose({{x}}, {axes})", f"torch.permute({{x}}, {axes})"),
        (f"{{x}}.transpose({axes})", f"{{x}}.permute({axes})"),
        (f"np.reshape({{x}}, {sizes})", f"torch.reshape({{x}}, {sizes})"),
        (f"{{x}}.reshape({', '.join(map(str, inner))})", f"{{x}}.reshape({inner})"),
        (f"np.pad({{x}}, {pairs})", f"torch.nn.functional.pad({{x}}, {flat})"),
        (f"np.pad({{x}}, {pairs}, constant_values=0.3)", f"torch.nn.functional.pad({{x}}, {flat}, value=0.3)"),
        (f"np.broadcast_to({{x}}, {(2, *shape)})", f"torch.broadcast_to({{x}}, {(2, *shape)})"),
        (f"np.broadcast_to({{x}}[..., None], {(*shape, 3)})", f"torch.broadcast_to({{x}}[..., None], {(*shape, 3)})"),
    ]
    return texts[random.integers(len(texts))]


def index_text(random, shape):
    """Any mixture of what an index may hold, but for integers beside arrays, which PyTorch puts elsewhere; the arrays are of one shape."""
    length, single = int(random.integers(1, 4)), random.choice(["0", "-1"]) if random.random() < 0.5 else None
    items = []
    for size in shape[: random.integers(0, len(shape) + 1)]:
        low, high = sorted(random.integers(0, size + 1, 2).tolist())
        places = random.integers(-size, size, length).tolist() if size else []
        items.append(random.choice([":", f"{low}:{high}", f"{low}::2", single or f"array({places})"]))
    for extra in ("None", "..."):
        if random.random() < 0.2:
            items.insert(random.integers(0, len(items) + 1), extra)
    return ", ".join(items) or "..."


def spelled(index):
    return index.replace("array(", "numpy.array("), index.replace("array(", "torch.tensor(")


def reading(random, shape):
    ours, theirs = spelled(index_text(random, shape))
    kind = random.integers(4)
    if kind == 0:
        mask = (random.random(shape) < 0.6).tolist()
        return f"{{x}}[numpy.array({mask})]", f"{{x}}[torch.tensor({mask})]"
    if kind == 1:
        axis = int(random.integers(0, len(shape)))
        places = random.integers(0, shape[axis] or 1, [2 if k == axis else n for k, n in enumerate(shape)]).tolist()
        return f"np.take_along_axis({{x}}, numpy.array({places}), {axis})", f"torch.take_along_dim({{x}}, torch.tensor({places}), {axis})"
    if kind == 2:
        labels = random.integers(0, shape[-1] or 1, shape[:-1]).tolist()
        rows = f"{{x}}.reshape(-1, {shape[-1]}), torch.tensor({labels}).reshape(-1)"
        ours = f"F.cross_entropy({{x}}, numpy.array({labels}, int))"
        return ours, f"torch.nn.functional.cross_entropy({rows}, reduction='none').reshape({shape[:-1]})"
    return f"{{x}}[{ours}]", f"{{x}}[{theirs}]"


def writing(random, shape, b):
    """Distinct places only: of several values for one place, the last would win."""
    index = random.choice(["...", "0", f"array({random.permutation(shape[0])[:2].tolist()})", index_text(random, shape)])
    ours, theirs = spelled(index)
    value, axes = random.choice(["{b}", "{b}[0]" if b else "{b}", "np.sum({b})"]), len(b)
    axes -= 0 if value == "{b}" or not b else 1 if value == "{b}[0]" else axes
    try:
        places = eval(f"numpy.arange({math.prod(shape)}).reshape({shape})[{ours}]")
    except IndexError:
        return None
    if places.ndim < axes or numpy.unique(places).size < places.size:  # NumPy will not drop axes for much longer
        return None
    mine = f"{{y}} = np.copy({{a}})\n{{y}}[{ours}] = {value}"
    return mine, f"{{y}} = torch.clone({{a}})\n{{y}}[{theirs}] = {value.replace('np.', 'torch.')}"


def joining(random, shape, b):
    n = len(shape)
    if n != len(b):
        return None  # PyTorch has an old exception for empty rows
    axis = int(random.integers(-n, n))
    texts = [
        (f"np.concatenate([{{a}}, {{b}}], axis={axis})", f"torch.cat([{{a}}, {{b}}], dim={axis})"),
        (f"np.concatenate(({{b}}, {{a}} * 2.0, {{b}}), {axis})", f"torch.cat(({{b}}, {{a}} * 2.0, {{b}}), {axis})"),
        (f"np.stack(({{a}}, {{b}}), {axis})", f"torch.stack(({{a}}, {{b}}), {axis})"),
        ("np.dot({a}, {b})", "torch.matmul({a}, {b})") if n < 3 else None,
        ("np.append({a}, {b})", "torch.cat([{a}.ravel(), {b}.ravel()])"),
        *[(f"np.{name}([{{a}}, {{b}}])", f"torch.{name}([{{a}}, {{b}}])") for name in ("hstack", "vstack", "dstack", "column_stack")],
        ("{a}.dot({b}.T)", "torch.matmul({a}, {b}.T)") if n == 2 else None,
        ("F.linear({a}, {b})", "torch.nn.functional.linear({a}, {b})") if n == 2 else None,
        ("F.linear({a}, {b}, {b}[:, 0])", "torch.nn.functional.linear({a}, {b}, {b}[:, 0])") if n == 2 else None,
    ]
    return texts[random.integers(len(texts))]


def table(texts):
    return lambda random, *_: texts[random.choice(list(texts))]


ONE, TWO = 1, 2
FAMILIES = [  # (weight, arguments, needs axes, kinked, maker of a pair of texts)
    (6, ONE, False, False, table(SMOOTH)),
    (2, ONE, False, True, table(KINKED)),
    (5, TWO, False, False, table(SMOOTH_PAIRS)),
    (2, TWO, False, True, table(KINKED_PAIRS)),
    (2, ONE, True, False, reduction),
    (1, ONE, True, True, extremum),
    (3, ONE, True, False, along_an_axis),
    (2, ONE, True, False, rearrangement),
    (2, ONE, True, False, scan),
    (2, ONE, True, True, arrangement),
    (2, ONE, True, False, spectrum),
    (2, ONE, True, False, decomposition),
    (2, ONE, True, False, statistic),
    (3, TWO, True, False, contraction),
    (3, ONE, True, False, reading),
    (1, TWO, True, False, writing),
    (2, TWO, True, False, joining),
]
WEIGHTS = numpy.array([family[0] for family in FAMILIES]) / sum(family[0] for family in FAMILIES)

# -- the programs -------------------------------------------------------------------------------------------------------------------------


@dataclass
class Program:
    """Its leaves, and its two texts."""

    leaves: list  # arrays
    ours: list  # lines
    theirs: list
    outputs: list  # names
    smooth: bool

    @property
    def names(self):
        return [f"v{k}" for k in range(len(self.leaves))]

    def text(self, side):
        arguments = ", ".join((["np"] if side == "ours" else []) + self.names)
        lines = "\n    ".join(line for step in getattr(self, side) for line in step.split("\n"))
        return f"def {side}({arguments}):\n    {lines}\n    return [{', '.join(self.outputs)}]\n"

    def functions(self):
        space = dict(tools)
        exec(self.text("ours") + self.text("theirs"), space)
        return space["ours"], space["theirs"]

    def script(self):
        """The whole program, to be run by itself."""
        arrays = "".join(f"{name} = numpy.array({a.tolist()}, numpy.{a.dtype})\n" for name, a in zip(self.names, self.leaves, strict=True))
        names = ", ".join(self.names)
        return f"""{PREAMBLE}
{self.text("ours")}
{self.text("theirs")}
{arrays}
def loss(outputs, np):
    return sum((np.tanh(y) * (1 + 0.1 * k)).sum() for k, y in enumerate(outputs))

mine = [Tensor(v, requires_grad=True, copy=False) for v in ({names},)]
loss(ours(Ops(), *mine), Ops()).backward()
yours = [torch.tensor(v, requires_grad=True) for v in ({names},)]
loss(theirs(*yours), torch).backward()
for a, b in zip(mine, yours):
    print(a._grad, b.grad, sep="\\n")
"""


def layouts(random, a):
    """The same values, laid out in memory in one way or another."""
    kind = random.integers(5)
    if kind == 0:
        return numpy.asfortranarray(a)
    if kind == 1:
        return numpy.flip(a.copy())  # negative strides
    if kind == 2 and a.ndim:
        return numpy.repeat(a, 2, axis=-1)[..., ::2]
    return a


def make_program(random, length=9):
    """A random program that PyTorch runs."""
    base = random.choice([1, 2, 3, 4], 3, p=[0.2, 0.3, 0.3, 0.2])
    if random.random() < 0.06:
        base[random.integers(3)] = 0
    dtypes = random.choice([numpy.float32, numpy.float64], 3) if random.random() < 0.2 else [numpy.float64] * 3
    leaves = []
    for dtype in dtypes:
        shape = [1 if random.random() < 0.25 else int(n) for n in base[random.integers(0, 4) :]]
        leaves.append(layouts(random, random.standard_normal(shape).astype(dtype)))
    values = {f"v{k}": torch.tensor(a.copy()) for k, a in enumerate(leaves)}
    program = Program(leaves, [], [], [], smooth=bool(random.integers(2)))
    while len(program.ours) < length:
        _, count, needs_axes, kinked, make = FAMILIES[random.choice(len(FAMILIES), p=WEIGHTS)]
        recent = list(values)[-6:] if random.random() < 0.7 else list(values)
        chosen = [str(random.choice(recent)) for _ in range(count)]
        shapes = [tuple(values[name].shape) for name in chosen]
        weak = len({values[name].dtype for name in chosen}) > 1 and () in shapes  # for PyTorch, but not for NumPy
        texts = None if weak or (needs_axes and not shapes[0]) or (kinked and program.smooth) else make(random, *shapes)
        if texts is None:
            continue
        name = f"v{len(values)}"
        fill = dict(zip(["x"] if count == ONE else ["a", "b"], chosen, strict=True)) | {"y": name}
        ours, theirs = (t.format(**fill) if "{y}" in t else f"{{y}} = {t}".format(**fill) for t in (texts[0], texts[1] or texts[0]))
        space = tools | values
        try:
            exec(theirs, space)
        except (RuntimeError, IndexError, ValueError, TypeError, UserWarning):
            continue
        y = space[name]
        if isinstance(y, torch.Tensor) and y.numel() <= 64 and y.ndim <= 4 and torch.all(torch.abs(y) < 20):
            values[name] = y
            program.ours.append(ours)
            program.theirs.append(theirs)
    program.outputs = list(values)[-4:]
    return program


# -- both sides ---------------------------------------------------------------------------------------------------------------------------


def loss_of(outputs, tanh):
    return sum((tanh(y) * (1 + 0.1 * k)).sum() for k, y in enumerate(outputs))


def compare(what, got, wanted, rtol, dtypes=True):
    for k, (g, w) in enumerate(zip(got, wanted, strict=True)):
        w = w.detach().resolve_neg().numpy() if isinstance(w, torch.Tensor) else numpy.asarray(w)  # noqa: PLW2901
        g = numpy.zeros(w.shape, w.dtype) if g is None else g.numpy() if isinstance(g, Tensor) else numpy.asarray(g)  # noqa: PLW2901
        assert g.shape == w.shape, f"{what} {k}: shape {g.shape}, wanted {w.shape}"
        assert not dtypes or g.dtype == w.dtype, f"{what} {k}: dtype {g.dtype}, wanted {w.dtype}"
        scale = numpy.abs(w).max(initial=1)
        numpy.testing.assert_allclose(g, w, rtol=rtol, atol=rtol * scale, err_msg=f"{what} {k}")


def dot(a, b):
    return sum((x * y).sum() for x, y in zip(a, b, strict=True))


def pytorch(function, leaves, along):
    xs = [torch.tensor(a.copy(), requires_grad=True) for a in leaves]
    outputs = function(*xs)
    loss = loss_of(outputs, torch.tanh)
    first = torch.autograd.grad(loss, xs, create_graph=True, materialize_grads=True)
    slope = dot(first, [torch.tensor(u) for u in along])
    second = torch.autograd.grad(slope, xs, materialize_grads=True) if slope.requires_grad else [torch.zeros_like(x) for x in xs]
    return outputs, loss, first, slope, second


def by_tensors(function, np, leaves, along):
    """Gradients by backward(), and second ones by a second backward()."""
    xs = [Tensor(a, requires_grad=True, copy=False) for a in leaves]
    outputs = function(np, *xs)
    loss = loss_of(outputs, np.tanh)
    loss.backward(create_graph=True)
    first = [x.grad for x in xs]
    for x in xs:
        x.zero_grad()
    slope = dot([g for g in first if g is not None], [u for g, u in zip(first, along, strict=True) if g is not None])
    if slope.requires_grad:
        slope.backward()
    return outputs, loss, first, [x.grad for x in xs]


def check(program, random, *, differences=False):
    """Compare everything, everywhere; False where there is nothing to differentiate."""
    ours, theirs = program.functions()
    leaves, single = program.leaves, any(a.dtype == numpy.float32 for a in program.leaves)
    along = [random.standard_normal(a.shape).astype(a.dtype) for a in leaves]
    before = [a.copy() for a in leaves]
    outputs, loss, first, slope, second = pytorch(theirs, leaves, along)
    if not any(torch.any(g != 0) for g in first):
        return False
    near, nearer = (1e-3, 5e-3) if single else (1e-10, 1e-8)

    for door, np in {"ops": tools["Ops"](), "NumPy": numpy}.items():
        got = by_tensors(ours, np, leaves, along)
        compare(f"{door}: value", got[0], outputs, near)
        compare(f"{door}: loss", [got[1]], [loss], near)
        compare(f"{door}: gradient", got[2], first, near)
        compare(f"{door}: second derivative", got[3], second, nearer)

    f = lambda xs: ours(anp, *xs)
    total = lambda xs: loss_of(f(xs), anp.tanh)
    compare("functions: value", f(leaves), outputs, near)
    value, gradient = value_and_grad(total)(leaves)
    compare("functions: loss", [value], [loss], near)
    compare("functions: gradient", gradient, first, near)
    compare("functions: make_hvp", make_hvp(total)(leaves)[0](along), second, nearer)
    values, tangents = make_jvp(f)(leaves)(along)
    compare("make_jvp: value", values, outputs, near)
    pushed = sum(((1 - numpy.tanh(y) ** 2) * t * (1 + 0.1 * k)).sum() for k, (y, t) in enumerate(zip(values, tangents, strict=True)))
    compare("make_jvp: slope", [pushed], [slope], nearer, dtypes=False)
    compare("forward over reverse", make_jvp(grad(total))(leaves)(along)[1], second, nearer)
    for a, b in zip(leaves, before, strict=True):
        numpy.testing.assert_array_equal(a, b, "a leaf was written")

    if differences and program.smooth and not single:
        moved = lambda h: [a + h * u for a, u in zip(leaves, along, strict=True)]
        central = lambda g, h: [(p - m) / (2 * h) for p, m in zip(g(moved(h)), g(moved(-h)), strict=True)]
        refined = lambda g, h: [(4 * b - a) / 3 for a, b in zip(central(g, 2 * h), central(g, h), strict=True)]
        compare("difference of values", refined(lambda xs: [total(xs)], 1e-4), [slope], 1e-6)
        compare("difference of gradients", refined(grad(total), 1e-4), second, 1e-5)
    return True


def run(seeds, *, differences=False):
    checked = 0
    for seed in seeds:
        random = numpy.random.default_rng(seed)
        program = make_program(random)
        try:
            checked += check(program, random, differences=differences)
        except Exception as error:
            error.add_note(f"\nseed {seed}; this shows it:\n\n{program.script()}")
            raise
    return checked


@pytest.mark.parametrize("block", range(10))
def test_random_programs(block):
    assert run(range(40 * block, 40 * block + 40)) > 30


@pytest.mark.slow
@pytest.mark.parametrize("block", range(50))
def test_thousands_of_random_programs(block):
    assert run(range(10_000 + 100 * block, 10_100 + 100 * block), differences=True) > 80
