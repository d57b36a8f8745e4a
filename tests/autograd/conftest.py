"""Machines without Graphviz, and with one that is not well."""

import os
import sys

import pytest


@pytest.fixture
def no_graphviz(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setitem(sys.modules, "pygraphviz", None)


@pytest.fixture
def program(no_graphviz, tmp_path):
    """Put a shell script in the place of `dot`."""
    if os.name == "nt":
        pytest.skip("needs a shell")

    def install(script):
        (tmp_path / "dot").write_text(f"#!/bin/sh\nPATH=/usr/bin:/bin\n{script}\n")
        (tmp_path / "dot").chmod(0o755)

    return install
