"""The rooms of the house: each imports only what stands below it, and optional packages only where they are used."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

HOUSE = Path(__file__).parent.parent
FILES = sorted(path for package in ("autograd", "nn") for path in (HOUSE / package).rglob("*.py"))
LAYERS = [
    ["misuse"],
    ["clash", "draws", "op", "mode", "tree"],
    ["tracer"],
    ["ops"],
    ["numpy", "each"],
    ["scipy.special"],
    ["graph", "operators"],
    ["anomaly", "interop", "recording"],
    ["coverage", "writes"],
    ["backward"],
    ["tensor"],
    ["forward"],
    ["trace"],
    ["transforms"],
    ["symbol"],
    ["extend", "recompute", "test_util", "drawing", "misc"],
    ["compiler"],
    ["builtins", "scipy"],
    ["autograd"],
    ["nn"],
]
HEIGHT = {room: height for height, layer in enumerate(LAYERS) for room in layer}
PUBLIC = {"autograd", "numpy", "op", "ops", "drawing", "test_util"}  # what `nn` may use


def imports(node, package, everywhere):
    """The dotted names that code imports when it runs; those inside functions too, if `everywhere`."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            yield from (alias.name for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            base = [*package[: len(package) - child.level + 1], *filter(None, [child.module])] if child.level else [child.module]
            yield from (".".join([*base, alias.name]) for alias in child.names)
        elif isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
            yield from (name for part in child.orelse for name in imports(part, package, everywhere))
        elif everywhere or not isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            yield from imports(child, package, everywhere)


def imports_of(path, everywhere=True):
    return list(imports(ast.parse(path.read_text(encoding="utf-8")), path.relative_to(HOUSE).parts[:-1], everywhere))


def room(name):
    """The room that a dotted name is in: `autograd.ops.softmax` is in ops, `autograd.Tensor` in autograd itself."""
    package, *rest = name.split(".")
    if package != "autograd" or not rest:
        return package
    if (inner := ".".join(rest[:2])) in HEIGHT:  # a room within a room
        return inner
    is_room = (HOUSE / package / rest[0]).is_dir() or (HOUSE / package / f"{rest[0]}.py").exists()
    return rest[0] if is_room else package


def home(path):
    return room(".".join(path.relative_to(HOUSE).with_suffix("").parts).removesuffix(".__init__"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(HOUSE)))
def test_imports_go_down(path):
    here = home(path)
    assert here in HEIGHT, f"{here} is a new room: give it a place in LAYERS"
    for name in imports_of(path):
        if name.split(".")[0] in ("autograd", "nn"):
            there = room(name)
            assert there == here or HEIGHT[there] < HEIGHT[here], f"{here} imports {name}, which does not stand below it"


@pytest.mark.parametrize("path", [path for path in FILES if home(path) == "nn"], ids=lambda path: str(path.relative_to(HOUSE)))
def test_nn_uses_only_what_is_public(path):
    for name in imports_of(path):
        if name.split(".")[0] == "autograd":
            assert room(name) in PUBLIC, f"{name} is inside the engine"
            assert not any(part.startswith("_") for part in name.split(".")), f"{name} is private"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(HOUSE)))
def test_a_module_needs_only_numpy(path):
    for name in imports_of(path, everywhere=False):
        package = name.split(".")[0]
        allowed = {*sys.stdlib_module_names, "numpy", "autograd", "nn", *(["scipy"] if home(path).startswith("scipy") else [])}
        assert package in allowed, f"import {package} inside the function that needs it"


def test_importing_everything_loads_no_optional_package():
    script = "import sys, autograd.numpy, autograd.drawing, autograd.test_util, nn; print(*{m.split('.')[0] for m in sys.modules})"
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=HOUSE).stdout.split()
    assert not {"matplotlib", "tqdm", "graphviz", "pygraphviz", "torch", "scipy", "mpmath", "pytest"} & set(loaded)


def test_of_scipys_rooms_only_those_asked_for_are_loaded():
    pytest.importorskip("scipy")
    script = "import sys, autograd.scipy; autograd.scipy.special; from autograd.scipy import stats; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=HOUSE).stdout.split()
    assert {"autograd.scipy.special", "autograd.scipy.stats", "scipy.special"} <= set(loaded)
    assert not {"scipy.stats", "scipy.signal", "scipy.optimize", "scipy.integrate"} & set(loaded)


def test_a_room_of_scipy_that_there_is_not_is_an_error_which_names_those_there_are():
    pytest.importorskip("scipy")
    scipy = pytest.importorskip("autograd.scipy")
    with pytest.raises(AttributeError, match="has no attribute 'statistics', only integrate, linalg, optimize, signal, special, stats"):
        scipy.statistics
    assert {"special", "stats"} <= set(dir(scipy))
