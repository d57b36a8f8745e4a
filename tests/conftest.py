"""What every test may ask for."""

import importlib.util
import os
import tempfile

import numpy as np
import pytest

from autograd.compiler import native


@pytest.fixture
def rng():
    """The same random numbers in every run."""
    return np.random.default_rng(0)


def pytest_addoption(parser):
    parser.addoption("--no-skips", action="store_true", help="a skipped test fails the run")
    parser.addoption("--slow", action="store_true", help="run the slow tests too")


def pytest_configure(config):
    folder = tempfile.TemporaryDirectory(prefix="chalkgrad")  # for machine code: tests shall not meet what an earlier run has kept
    config.add_cleanup(folder.cleanup)
    os.environ["CHALKGRAD_CACHE"] = folder.name


def pytest_collection_modifyitems(config, items):
    left_out = [] if config.getoption("--slow") else [item for item in items if item.get_closest_marker("slow")]
    if importlib.util.find_spec("scipy") is None:  # some of its rooms can be imported all the same, but not their examples run
        left_out += [item for item in items if "autograd/scipy" in item.path.as_posix()]
    if not native.is_available():  # nor can the examples of machine code be run
        left_out += [item for item in items if "compiler/native" in item.path.as_posix() and "tests" not in item.path.parts]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


def pytest_sessionfinish(session):
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")  # of which a worker of pytest-xdist has none
    if session.config.getoption("--no-skips") and reporter is not None and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
