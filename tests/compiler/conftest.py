"""Every backend that is there."""

import pytest

from autograd.compiler import variant

from .backends import BACKENDS, Reference


@pytest.fixture(params=BACKENDS)
def backend(request, monkeypatch):
    """The name to give to `jit`."""
    if request.param == "reference":
        monkeypatch.setattr(variant, "emitter", lambda backend: Reference)
        return "numpy"
    return request.param
