"""HIPS autograd has our import name: that it is there is said, with the remedy."""

import subprocess
import sys
from pathlib import Path

HOUSE = Path(__file__).parent.parent


def run(code, *folders):
    paths = ", ".join(repr(str(folder)) for folder in folders)
    return subprocess.run(
        [sys.executable, "-W", "always", "-c", f"import sys; sys.path[:0] = [{paths}]; {code}"],
        capture_output=True, text=True, timeout=60, check=False, cwd="/",
    )  # fmt: skip


def test_its_distribution_beside_ours_is_warned_of(tmp_path):
    (tmp_path / "autograd-1.8.0.dist-info").mkdir()
    done = run("import autograd", HOUSE, tmp_path)
    assert done.returncode == 0
    assert "autograd-1.8.0 (HIPS autograd) is installed beside chalkgrad" in done.stderr
    assert "pip uninstall autograd" in done.stderr
    assert "HIPS" not in run("import autograd", HOUSE).stderr


def test_nn_refuses_an_autograd_that_is_not_ours(tmp_path):
    (tmp_path / "autograd").mkdir()
    (tmp_path / "autograd" / "__init__.py").write_text("def grad(f): ...", encoding="utf-8")
    done = run("import nn", tmp_path, HOUSE)
    assert done.returncode == 1
    assert "is not chalkgrad's but another distribution's, most likely HIPS autograd" in done.stderr
    assert "pip install --force-reinstall chalkgrad" in done.stderr
