"""What the compiled modes are to reach beside their peers."""

from __future__ import annotations

from typing import NamedTuple


class Goal(NamedTuple):
    """At most `limit` times the best of some peers, or by itself at most `limit` seconds, or as a ratio."""

    workload: str
    what: str
    limit: float
    than: tuple[str, ...] = ()
    ours: str = "jitnative"


COMPILED = ("jaxjit", "pytorch", "torchcompile")
GOALS = [
    Goal("small", "SGD", 0.12, ("jaxjit",)),
    Goal("small", "SGD", 0.06, ("pytorch",)),
    Goal("middle", "SGD", 0.5, COMPILED),
    Goal("middle", "Adam", 0.55, COMPILED),
    Goal("large", "SGD", 1.0, COMPILED),
    Goal("large", "Adam", 1.1, COMPILED),
    Goal("elementwise", "value", 1.2, ("jaxjit",)),
    Goal("hessian", "Hessian", 0.6, ("jaxjit",)),
    Goal("first", "cold", 1.5),
    Goal("first", "warm", 0.5),
    Goal("endurance", "step, last 1,000 over first 1,000", 1.1),
    Goal("endurance", "product, last 1,000 over first 1,000", 1.1),
    Goal("endurance", "product, in turns over alone", 1.1),
    Goal("small", "SGD", 0.4, ("jaxjit",), "jitnumpy"),
    *(Goal(size, what, 1.0, ("numpyout",), "jitnumpy") for size in ("small", "middle", "large") for what in ("SGD", "Adam")),
    Goal("moons", "training step", 1.0, ("numpyout",), "jitnumpy"),
    Goal("elementwise", "value", 1.0, ("numpyout",), "jitnumpy"),
]
