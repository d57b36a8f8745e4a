"""Every backend that is there."""

import pytest

from autograd.compiler import variant

from .backends import BACKENDS, Reference


@pytest.fixture
def reference(monkeypatch):
    """The backend that shows errors of tracing by themselves; the name to give to `jit`."""
    monkeypatch.setattr(variant, "emitter", lambda backend: Reference)
    return "numpy"


@pytest.fixture(params=BACKENDS)
def backend(request):
    """The name to give to `jit`."""
    return request.getfixturevalue("reference") if request.param == "reference" else request.param
