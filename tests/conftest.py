"""What every test may ask for."""

import importlib.util

import numpy as np
import pytest


@pytest.fixture
def rng():
    """The same random numbers in every run."""
    return np.random.default_rng(0)


def pytest_addoption(parser):
    parser.addoption("--no-skips", action="store_true", help="a skipped test fails the run")
    parser.addoption("--slow", action="store_true", help="run the slow tests too")


def pytest_collection_modifyitems(config, items):
    left_out = [] if config.getoption("--slow") else [item for item in items if item.get_closest_marker("slow")]
    if importlib.util.find_spec("scipy") is None:  # some of its rooms can be imported all the same, but not their examples run
        left_out += [item for item in items if "autograd/scipy" in item.path.as_posix()]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


def pytest_sessionfinish(session):
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if session.config.getoption("--no-skips") and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
