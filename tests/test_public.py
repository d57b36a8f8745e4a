"""The public names: each has a docstring with an example, and the type that it says."""

import importlib
import inspect
import subprocess
import sys

import pytest

MODULES = [
    "autograd", "autograd.numpy", "autograd.ops", "autograd.extend", "autograd.misc", "autograd.misc.fixed_points",
    "autograd.misc.flatten", "autograd.misc.optimizers", "autograd.test_util", "autograd.drawing", "nn", "nn.data",
    "nn.functional", "nn.init", "nn.optim", "nn.plot", "nn.checkpoint", "nn.module", "nn.layers", "nn.training",
]  # fmt: skip
NAMES = [(module, name) for module in MODULES for name in importlib.import_module(module).__all__]


@pytest.mark.parametrize(("module", "name"), NAMES)
def test_has_a_docstring_with_an_example(module, name):
    thing = getattr(importlib.import_module(module), name)
    if inspect.ismodule(thing) or not callable(thing):
        return
    if inspect.isclass(thing) and issubclass(thing, Exception):
        return
    assert ">>>" in (thing.__doc__ or ""), f"{module}.{name} has no example"


USER = """
import numpy as np
from autograd import Tensor, draw, ops
import autograd.numpy as anp
import nn, nn.functional as F
t = Tensor([1.0])
reveal_type(t + 1)
reveal_type(2 * t @ t)
reveal_type(t.sum())
reveal_type(t[0])
reveal_type(anp.sin(t))
reveal_type(anp.sum(t, axis=0))
reveal_type(anp.array([t, t]))
reveal_type(anp.linalg.norm(t))
reveal_type(ops.concatenate([t, t]))
reveal_type(ops.where(t > 0, t, 0))
reveal_type(F.cross_entropy(t, np.array(0)))
reveal_type(nn.fit(nn.MLP([2, 2]), (np.zeros((2, 2)), np.zeros(2))))
"""


def test_types_are_what_they_say(tmp_path):
    pytest.importorskip("mypy")
    (tmp_path / "user.py").write_text(USER, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path / "cache"), str(tmp_path / "user.py")],
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    found = [line.split("Revealed type is ")[1].strip('"') for line in done.stdout.splitlines() if "Revealed" in line]
    assert found == ["autograd.tensor.Tensor"] * 11 + ["nn.training.History"], done.stdout
