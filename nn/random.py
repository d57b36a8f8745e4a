"""The random numbers of networks: one generator, seeded with `manual_seed`, for initial weights and dropout."""

from __future__ import annotations

import numpy as np

__all__ = ["generator", "manual_seed"]

_generator = np.random.default_rng()


def manual_seed(seed: int) -> None:
    """Start the generator again, the same object, from `seed`: the same seed gives the same network and the same dropout.

    >>> manual_seed(0)
    >>> first = generator().random()
    >>> manual_seed(0)
    >>> generator().random() == first
    True
    """
    _generator.bit_generator.state = np.random.default_rng(seed).bit_generator.state


def generator() -> np.random.Generator:
    """The generator that draws initial weights and dropout masks.

    >>> generator() is generator()
    True
    """
    return _generator
