"""The peers, each as its own users would write it.  A subclass of `Peer` is all that a new one needs."""
# mypy: ignore-errors
# (the peers are foreign code: some have types, some have none, and none need be installed)

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Array = np.ndarray[Any, np.dtype[Any]]
    Layers = Sequence[tuple[Array, Array]]  # weights (in, out) and biases (out,), float32
    Step = Callable[[], Any]

PEERS: dict[str, Peer] = {}
LEARNING_RATE = 0.01


class Peer:
    """One library: what it is called, and how it does the workloads that it can do."""

    title: str
    distribution: str  # whose version is reported
    modules: tuple[str, ...] = ()  # what `import` is timed for: first the core, then all that training needs
    own_environment: tuple[str, ...] = ()  # what pip installs for it, where it cannot share an environment with ours

    def __init_subclass__(cls) -> None:
        PEERS[cls.__name__.lower()] = cls()

    def train(self, layers: Layers, x: Array, labels: Array) -> Step:
        """Set up an MLP; the function returned makes one training step, to its end, and returns the loss before it."""
        raise NotImplementedError

    def leaf(self) -> Any:
        """A scalar 1.0 that requires a gradient."""
        raise NotImplementedError

    def record(self, function: Callable[[Any], Any]) -> Step:
        """Build the graph of `function` at 1.0; the function returned runs backward and returns the gradient."""
        x = self.leaf()
        y = function(x)

        def backward() -> Any:
            y.backward()
            return x.grad

        return backward


class Chalkgrad(Peer):
    title = "chalkgrad"
    distribution = "chalkgrad"
    modules = ("autograd", "nn")

    def train(self, layers: Layers, x: Array, labels: Array) -> Step:
        import nn
        from autograd import no_grad

        model = nn.MLP([len(layers[0][0]), *(len(b) for _, b in layers)])
        with no_grad():
            for p, array in zip(model.parameters(), (a for W, b in layers for a in (W.T, b)), strict=True):
                p[...] = array
        optimizer = nn.optim.SGD(model.parameters(), lr=LEARNING_RATE)

        def step() -> float:
            loss = nn.functional.cross_entropy(model(x), labels)
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
            return loss.item()

        return step

    def leaf(self) -> Any:
        from autograd import Tensor

        return Tensor(1.0, requires_grad=True)


class NumPy(Peer):
    """The formulas by hand: what an engine on NumPy could reach at best."""

    title = "NumPy by hand"
    distribution = "numpy"

    def train(self, layers: Layers, x: Array, labels: Array) -> Step:
        rows = np.arange(len(x))

        def step() -> float:
            inputs, h = [], x
            for W, b in layers:
                inputs.append(h)
                h = h @ W
                h += b
                if W is not layers[-1][0]:
                    np.maximum(h, 0, out=h)
            h -= h.max(axis=1, keepdims=True)
            picked = h[rows, labels]
            g = np.exp(h, out=h)
            total = g.sum(axis=1, keepdims=True)
            loss = (np.log(total[:, 0]) - picked).mean()
            g /= total
            g[rows, labels] -= 1
            g /= len(x)
            for (W, b), h in zip(reversed(layers), reversed(inputs), strict=True):
                dW, db = h.T @ g, g.sum(axis=0)
                if h is not x:
                    g = g @ W.T
                    g *= h > 0
                np.subtract(W, LEARNING_RATE * dW, out=W)
                np.subtract(b, LEARNING_RATE * db, out=b)
            return loss

        return step


class PyTorch(Peer):
    title = "PyTorch"
    distribution = "torch"
    modules = ("torch", "torch.nn")

    def train(self, layers: Layers, x: Array, labels: Array) -> Step:
        import torch

        modules = [module for W, _ in layers for module in (torch.nn.Linear(*W.shape), torch.nn.ReLU())]
        model = torch.nn.Sequential(*modules[:-1])
        with torch.no_grad():
            for p, array in zip(model.parameters(), (a for W, b in layers for a in (W.T, b)), strict=True):
                p.copy_(torch.from_numpy(array))
        optimizer = torch.optim.SGD(model.parameters(), lr=LEARNING_RATE)
        inputs, targets = torch.from_numpy(x), torch.from_numpy(labels)

        def step() -> float:
            loss = torch.nn.functional.cross_entropy(model(inputs), targets)
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
            return loss.item()

        return step

    def leaf(self) -> Any:
        import torch

        return torch.tensor(1.0, requires_grad=True)


class Jax(Peer):
    title = "JAX eager"
    distribution = "jax"
    modules = ("jax", "jax.numpy")

    def compile(self, update: Callable[..., Any]) -> Callable[..., Any]:
        return update

    def train(self, layers: Layers, x: Array, labels: Array) -> Step:
        import jax
        from jax import numpy as jnp

        def loss_of(layers: Any, x: Any, labels: Any) -> Any:
            for W, b in layers[:-1]:
                x = jax.nn.relu(x @ W + b)
            W, b = layers[-1]
            log_p = jax.nn.log_softmax(x @ W + b)
            return -jnp.mean(jnp.take_along_axis(log_p, labels[:, None], axis=1))

        @self.compile
        def update(layers: Any, x: Any, labels: Any) -> Any:
            loss, gradients = jax.value_and_grad(loss_of)(layers, x, labels)
            return jax.tree.map(lambda p, g: p - LEARNING_RATE * g, layers, gradients), loss

        state = [(jnp.array(W), jnp.array(b)) for W, b in layers]
        inputs, targets = jnp.array(x), jnp.array(labels)

        def step() -> Any:
            nonlocal state
            state, loss = update(state, inputs, targets)
            return jax.block_until_ready((state, loss))[1]

        return step

    def record(self, function: Callable[[Any], Any]) -> Step:
        import jax

        y, pullback = jax.vjp(function, 1.0)
        return lambda: jax.block_until_ready(pullback(jax.numpy.ones_like(y)))[0]


class JaxJit(Jax):
    title = "JAX jit"
    modules = ()  # as eager JAX

    def compile(self, update: Callable[..., Any]) -> Callable[..., Any]:
        import jax

        return jax.jit(update, donate_argnums=0)

    def record(self, function: Callable[[Any], Any]) -> Step:
        raise NotImplementedError  # compiling 100,000 nodes is no measure of a graph


class Hips(Peer):
    title = "HIPS autograd"
    distribution = "autograd"
    modules = ("autograd", "autograd.numpy", "autograd.scipy.special")
    own_environment = ("autograd[scipy]", f"numpy=={np.__version__}")  # its import name is ours

    def train(self, layers: Layers, x: Array, labels: Array) -> Step:
        import autograd
        import autograd.numpy as anp
        from autograd.scipy.special import logsumexp

        one_hot = np.eye(len(layers[-1][1]), dtype=x.dtype)[labels]
        parameters = [array for layer in layers for array in layer]

        def loss_of(parameters: Any) -> Any:
            h = x
            for W, b in zip(parameters[:-2:2], parameters[1:-2:2], strict=True):
                h = anp.maximum(h @ W + b, 0)
            logits = h @ parameters[-2] + parameters[-1]
            return -anp.sum((logits - logsumexp(logits, axis=1, keepdims=True)) * one_hot) / len(x)

        loss_and_gradients = autograd.value_and_grad(loss_of)

        def step() -> float:
            loss, gradients = loss_and_gradients(parameters)
            for p, g in zip(parameters, gradients, strict=True):
                np.subtract(p, LEARNING_RATE * g, out=p)
            return loss

        return step

    def record(self, function: Callable[[Any], Any]) -> Step:
        import autograd

        pullback, y = autograd.make_vjp(function)(1.0)
        return lambda: pullback(np.ones_like(y))


class MyGrad(Peer):
    title = "MyGrad"
    distribution = "mygrad"
    modules = ("mygrad", "mygrad.nnet")

    def train(self, layers: Layers, x: Array, labels: Array) -> Step:
        import mygrad as mg
        from mygrad.nnet import relu, softmax_crossentropy

        mg.turn_memory_guarding_off()  # as its manual advises for speed
        tensors = [(mg.tensor(W), mg.tensor(b)) for W, b in layers]

        def step() -> float:
            h = x
            for W, b in tensors[:-1]:
                h = relu(h @ W + b)
            W, b = tensors[-1]
            loss = softmax_crossentropy(h @ W + b, labels)
            loss.backward()
            for p in (p for layer in tensors for p in layer):
                p.data -= LEARNING_RATE * p.grad  # the next use of p in a graph nulls p.grad
            return loss.item()

        return step

    def leaf(self) -> Any:
        import mygrad as mg

        mg.turn_memory_guarding_off()
        return mg.tensor(1.0)


class Micrograd(Peer):
    title = "micrograd"
    distribution = "micrograd"
    modules = ("micrograd.engine", "micrograd.nn")

    def leaf(self) -> Any:
        from micrograd.engine import Value

        return Value(1.0)
