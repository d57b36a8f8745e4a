"""Every public function of NumPy is decided, with every keyword of those that are differentiated: when NumPy grows, this fails."""

import importlib
import inspect
import re
from pathlib import Path

import numpy as np
import pytest

from autograd import coverage
from autograd.interop import FUNCTIONS, REFUSED

KNOWN = {"differentiated", "constant", *REFUSED}
newest_only = pytest.mark.skipif(np.lib.NumpyVersion(np.__version__) < "2.4.0", reason="the lists are those of the newest NumPy")


@newest_only
@pytest.mark.parametrize("name", coverage.public())
def test_every_function_is_decided(name):
    assert coverage.status(coverage.public()[name]) in KNOWN, f"{name} is new: decide what it is"


def test_what_is_refused_may_only_fall():
    assert coverage.counts()["refused"] <= 14


@newest_only
def test_no_decision_is_left_over():
    names = {name.rpartition(".")[2] for name in coverage.public()}
    assert not {name for refused in REFUSED.values() for name in refused} - names
    assert not set(coverage.WITHOUT_VALUES) - names


@newest_only
@pytest.mark.parametrize("name", [name for name, f in coverage.public().items() if f in FUNCTIONS])
def test_every_argument_is_taken_by_its_name_and_in_its_place(name):
    ours, theirs = (inspect.signature(f).parameters for f in (FUNCTIONS[coverage.public()[name]], coverage.public()[name]))
    assert [(key, p.kind) for key, p in ours.items()] == [(key, p.kind) for key, p in theirs.items()]


@pytest.mark.parametrize("room", coverage.scipy_names())
def test_what_is_listed_of_scipy_can_be_called(room):
    pytest.importorskip("scipy")
    ours = importlib.import_module(f"autograd.scipy.{room}")
    assert {*coverage.scipy_names()[room]} == {name for name in ours.__all__ if callable(getattr(ours, name))} - coverage.BESIDE


@newest_only
def test_the_page_is_current():
    assert coverage.page() == coverage.PAGE.read_text(encoding="utf-8"), "run python -m autograd.coverage"


@newest_only
def test_the_readme_says_how_many():
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    said = [int(n) for n in re.findall(r"\d+", readme.partition("**Differentiate an expression.**")[2].partition("\n\n")[0])]
    assert said[:4] == [len(coverage.public()), *coverage.counts().values()]
    assert said[-1] == sum(map(len, coverage.scipy_names().values()))
