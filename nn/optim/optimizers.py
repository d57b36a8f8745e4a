"""Optimisers, and the clipping of gradients.

An optimiser is one pure formula, `(p, g, state) → p, state`, in the notation of its paper and made of the project's ops.  Its state is all
Tensors (the learning rate and the step counts are some of them), made once and written in place: so it saves, resumes and traces like
anything else.
"""

from __future__ import annotations

import inspect
from math import inf
from numbers import Real
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from autograd import Tensor

from ..checkpoint import mismatches
from ..functional import has_values

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

__all__ = ["SGD", "Adam", "AdamW", "Optimizer", "RMSprop", "as_number", "clip_grad_norm_"]

State = dict[str, Any]


class Optimizer:
    """What all optimisers share: the parameters, the state as Tensors, and the step that applies the rule to each parameter.

    `state` holds the learning rate `lr`, 0-d; `slots[k]` what parameter k has of its own, of its shape but for a step count `t`.  All of
    them start at 0, and stay the same Tensors, which `step()` and `load_state_dict()` write.

    >>> class SignDescent(Optimizer):
    ...     def rule(self, p, g, state):
    ...         return p - state["lr"] * np.sign(g), {}
    >>> p = Tensor([1.0, -1.0], requires_grad=True)
    >>> (p * p).sum().backward()
    >>> SignDescent([p], lr=0.25).step()
    >>> p
    Tensor([ 0.75, -0.75], requires_grad=True)
    """

    slot_names: ClassVar[tuple[str, ...]] = ()

    def __init__(self, params: Iterable[Tensor], lr: float) -> None:
        kind = type(self).__name__
        if isinstance(params, Tensor):
            raise TypeError(f"{kind}: got a single Tensor, wanted several parameters; write [p]")
        if hasattr(params, "parameters") or callable(params):
            raise TypeError(f"{kind}: got {params!r:.60}, wanted its parameters: model.parameters()")
        self.params = list(params)
        if not self.params:
            raise ValueError(
                f"{kind}: got no parameters; give it model.parameters() of a model that has some (a generator gives them once)"
            )
        for k, p in enumerate(self.params):
            if not isinstance(p, Tensor):
                raise TypeError(f"{kind}: parameter {k} is a {type(p).__name__}, wanted leaf Tensors, as model.parameters() gives them")
            if not p.is_leaf:
                raise ValueError(f"{kind}: parameter {k} is the result of an op, wanted leaf Tensors, as model.parameters() gives them")
        if len({id(p) for p in self.params}) < len(self.params):
            raise ValueError(f"{kind}: a parameter was given twice; it would be updated twice a step")
        self.state: dict[str, Tensor] = {"lr": Tensor(0.0)}
        self.slots = [{n: Tensor(0.0 if n == "t" else np.zeros_like(p.data), copy=False) for n in self.slot_names} for p in self.params]
        self.lr = lr

    @property
    def lr(self) -> float:
        """The learning rate; assign to change it.  TypeError: in a compiled function, which knows no numbers."""
        return float(self._known(self.state["lr"]))

    @lr.setter
    def lr(self, lr: float) -> None:
        self.state["lr"].data = as_number(type(self).__name__, "lr", self._known(lr))

    def _known(self, lr: Any) -> Any:
        """A learning rate itself, if it has a value."""
        if not has_values(lr):
            what = f"{type(self).__name__}: lr has no value in a compiled step"
            raise TypeError(f"{what}; set opt.lr, or look at it, outside of the step, which reads it at each call")
        return lr

    def rule(self, p: Any, g: Any, state: State) -> tuple[Any, State]:
        """The update formula: from a parameter, its gradient and the state, all arrays, to the new parameter and what the state becomes."""
        raise NotImplementedError(f"{type(self).__name__} has no rule(); define it")

    def step(self) -> None:
        """Update every parameter that has a gradient."""
        rates: dict[np.dtype[Any], Any] = {}  # the learning rate in each dtype that it meets
        for p, slots in zip(self.params, self.slots, strict=True):
            grad, data = p.grad, p.data
            if grad is None:
                continue
            if data.dtype not in rates:
                rates[data.dtype] = self.state["lr"].data.astype(data.dtype)[()]
            state = {"lr": rates[data.dtype]}
            for name, slot in slots.items():
                a = slot.data
                state[name] = a if a.ndim else a[()]  # a number: NumPy's arithmetic on those is several times as fast
            value, new = self.rule(data, grad.data, state)
            if new and not new.keys() <= slots.keys():
                unknown = ", ".join(sorted(new.keys() - slots.keys()))
                raise ValueError(
                    f"{type(self).__name__}: rule() gave {unknown} as state, wanted only what slot_names has: {self.slot_names}"
                )
            p.data = value
            for name, a in new.items():
                slots[name].data = a

    def zero_grad(self) -> None:
        """Forget the gradients of all parameters."""
        for p in self.params:
            p.grad = None

    def state_dict(self) -> dict[str, NDArray[Any]]:
        """Copies of all arrays of the state: "lr", and "3.m" for parameter 3."""
        return {name: tensor.numpy() for name, tensor in self._tensors().items()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take over a saved state; everything is checked first, and on an error nothing has changed."""
        own, found = self._tensors(), {name: np.asarray(a) for name, a in state.items()}
        problems = mismatches({name: tensor.data for name, tensor in own.items()}, found)
        if problems:
            raise ValueError(f"{type(self).__name__}.load_state_dict: nothing was loaded:\n  " + "\n  ".join(problems))
        self.lr = float(found["lr"])
        for name, tensor in own.items():
            tensor.data = found[name]

    def _tensors(self) -> dict[str, Tensor]:
        """All of the state, by name."""
        return self.state | {f"{k}.{name}": tensor for k, slots in enumerate(self.slots) for name, tensor in slots.items()}

    def __repr__(self) -> str:
        names = [name for name in inspect.signature(type(self)).parameters if name != "params" and hasattr(self, name)]
        return f"{type(self).__name__}({', '.join(f'{name}={getattr(self, name)}' for name in names)})"


def as_number(kind: str, name: str, value: Any, below: float = inf) -> float:
    """The value as a Python number, which widens no array; refused unless 0 ≤ value < below."""
    if np.ndim(value) or not isinstance(np.asarray(value).item(), Real):
        raise TypeError(f"{kind}: got {name}={value!r}, wanted a number")
    if not 0 <= value < below:
        raise ValueError(f"{kind}: got {name}={value}, wanted {'a finite number ≥ 0' if below == inf else f'0 ≤ value < {below}'}")
    return float(value)


def _like(scalar: Any, p: Any) -> Any:
    """A number computed in float64, in the dtype of the parameter that it meets."""
    return scalar.astype(p.dtype)


class SGD(Optimizer):
    """Gradient descent: b ← μ b + (1 − τ) g, p ← p − lr b, with momentum μ and dampening τ; Nesterov takes g + μ b in place of b.

    Weight decay λ adds λ p to g.

    >>> p = Tensor([1.0], requires_grad=True)
    >>> opt = SGD([p], lr=0.1)
    >>> (p * p).sum().backward()
    >>> opt.step()
    >>> p
    Tensor([0.8], requires_grad=True)
    """

    def __init__(
        self,
        params: Iterable[Tensor],
        lr: float = 0.001,
        momentum: float = 0.0,
        dampening: float = 0.0,
        weight_decay: float = 0.0,
        nesterov: bool = False,
    ) -> None:
        self.momentum = as_number("SGD", "momentum", momentum, below=1)
        self.dampening = as_number("SGD", "dampening", dampening, below=1)
        self.weight_decay = as_number("SGD", "weight_decay", weight_decay)
        self.nesterov = nesterov
        if nesterov and (not momentum or dampening):
            raise ValueError("SGD: nesterov wants a momentum above 0 and no dampening")
        if momentum:
            self.slot_names = ("b", "t")  # type: ignore[misc]  # plain descent keeps nothing
        super().__init__(params, lr)

    def rule(self, p: Any, g: Any, state: State) -> tuple[Any, State]:
        """Descend along the gradient, or along its running sum."""
        if self.weight_decay:
            g = g + self.weight_decay * p
        if not self.momentum:
            return p - state["lr"] * g, {}
        fresh = _like(1 - self.dampening * (state["t"] > 0), p) * g if self.dampening else g  # the first gradient is not dampened
        b = self.momentum * state["b"] + fresh
        return p - state["lr"] * (g + self.momentum * b if self.nesterov else b), {"b": b, "t": state["t"] + 1}


class Adam(Optimizer):
    """m ← β₁ m + (1−β₁) g, v ← β₂ v + (1−β₂) g², p ← p − lr m̂/(√v̂ + ε), with m̂ = m/(1−β₁ᵗ) and v̂ = v/(1−β₂ᵗ).

    Weight decay λ adds λ p to g.  Source: Kingma & Ba 2015, arXiv:1412.6980.

    >>> p = Tensor([1.0], requires_grad=True)
    >>> opt = Adam([p], lr=0.1)
    >>> (p * p).sum().backward()
    >>> opt.step()
    >>> p.numpy().round(6)
    array([0.9])
    """

    slot_names = ("m", "v", "t")

    def __init__(
        self,
        params: Iterable[Tensor],
        lr: float = 0.001,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        kind = type(self).__name__
        if np.shape(betas) != (2,):
            raise TypeError(f"{kind}: got betas={betas!r}, wanted two numbers, such as (0.9, 0.999)")
        self.betas = tuple([as_number(kind, f"betas[{k}]", beta, below=1) for k, beta in enumerate(betas)])
        self.eps = as_number(kind, "eps", eps)
        self.weight_decay = as_number(kind, "weight_decay", weight_decay)
        super().__init__(params, lr)

    def rule(self, p: Any, g: Any, state: State) -> tuple[Any, State]:
        """One step of Adam."""
        return self.adam(p, g + self.weight_decay * p if self.weight_decay else g, state)

    def adam(self, p: Any, g: Any, state: State) -> tuple[Any, State]:
        """The step itself, without weight decay."""
        (beta1, beta2), t = self.betas, state["t"] + 1
        m = beta1 * state["m"] + (1 - beta1) * g
        v = beta2 * state["v"] + (1 - beta2) * (g * g)
        root = (1 - beta2**t) ** 0.5  # taken out of v̂, as the paper advises, so that numbers are divided and not arrays
        rate = state["lr"] * _like(root / (1 - beta1**t), p)
        return p - rate * (m / (np.sqrt(v) + _like(root * self.eps, p))), {"m": m, "v": v, "t": t}


class AdamW(Adam):
    """Adam with the weight decay apart from the gradient: p ← (1 − lr λ) p before the step.

    Source: Loshchilov & Hutter 2019, arXiv:1711.05101.

    >>> p = Tensor([1.0], requires_grad=True)
    >>> opt = AdamW([p], lr=0.1)
    >>> (p * p).sum().backward()
    >>> opt.step()
    >>> p.numpy().round(6)
    array([0.899])
    """

    def __init__(
        self,
        params: Iterable[Tensor],
        lr: float = 0.001,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.01,
    ) -> None:
        super().__init__(params, lr, betas, eps, weight_decay)

    def rule(self, p: Any, g: Any, state: State) -> tuple[Any, State]:
        """Shrink the weights, then one step of Adam."""
        return self.adam(p * (1 - state["lr"] * self.weight_decay) if self.weight_decay else p, g, state)


class RMSprop(Optimizer):
    """v ← α v + (1−α) g², p ← p − lr g/(√v + ε); centered subtracts the squared mean gradient from v; momentum as in SGD.

    Source: Tieleman & Hinton 2012, lecture 6.5; centered: Graves 2013, arXiv:1308.0850.

    >>> p = Tensor([1.0], requires_grad=True)
    >>> opt = RMSprop([p], lr=0.01)
    >>> (p * p).sum().backward()
    >>> opt.step()
    >>> p.numpy().round(6)
    array([0.9])
    """

    def __init__(
        self,
        params: Iterable[Tensor],
        lr: float = 0.01,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum: float = 0.0,
        centered: bool = False,
    ) -> None:
        self.alpha = as_number("RMSprop", "alpha", alpha, below=1)
        self.momentum = as_number("RMSprop", "momentum", momentum, below=1)
        self.eps = as_number("RMSprop", "eps", eps)
        self.weight_decay = as_number("RMSprop", "weight_decay", weight_decay)
        self.centered = centered
        self.slot_names = ("v", *(("mean",) if centered else ()), *(("b",) if momentum else ()))  # type: ignore[misc]
        super().__init__(params, lr)

    def rule(self, p: Any, g: Any, state: State) -> tuple[Any, State]:
        """Descend along the gradient over its running size."""
        if self.weight_decay:
            g = g + self.weight_decay * p
        v = self.alpha * state["v"] + (1 - self.alpha) * (g * g)
        new, spread = {"v": v}, v
        if self.centered:
            new["mean"] = mean = self.alpha * state["mean"] + (1 - self.alpha) * g
            spread = v - mean * mean
        step = g / (np.sqrt(spread) + self.eps)
        if self.momentum:
            new["b"] = step = self.momentum * state["b"] + step
        return p - state["lr"] * step, new


def clip_grad_norm_(parameters: Tensor | Iterable[Tensor], max_norm: float, norm_type: float = 2.0) -> float:
    """Scale all gradients together so that their norm is at most `max_norm`; returns the norm before.

    >>> p = Tensor([3.0, 4.0], requires_grad=True)
    >>> (p * p / 2).sum().backward()
    >>> clip_grad_norm_([p], 1.0)
    5.0
    >>> p.grad
    Tensor([0.59999988, 0.79999984])
    """
    if not max_norm >= 0:
        raise ValueError(f"clip_grad_norm_: got max_norm={max_norm}, wanted a number ≥ 0")
    params = [parameters] if isinstance(parameters, Tensor) else list(parameters)
    if not params:
        raise ValueError("clip_grad_norm_: got no parameters; model.parameters() gives them once: call it again for each use")
    grads = [p.grad for p in params if p.grad is not None and p.size]
    if not grads:
        return 0.0
    total = np.linalg.norm(np.concatenate([g.data.astype(np.float64).ravel() for g in grads]), norm_type)
    scale = np.minimum(max_norm / (total + 1e-6), 1)  # a NaN makes all gradients NaN, as in PyTorch
    if has_values(scale) and scale == 1:
        return float(total)
    for g in grads:
        g.data = g.data * _like(scale, g)
    return float(total) if has_values(total) else total  # type: ignore[return-value]  # of a trace
