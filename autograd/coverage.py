"""What becomes of every public function of NumPy: differentiated, constant by nature, or refused, and why; and what there is of SciPy.

`python -m autograd.coverage` writes the page that lists them, `coverage.md`, and prints the counts.

>>> import numpy as np
>>> status(np.exp), status(np.argsort), status(np.savetxt)
('differentiated', 'constant', 'files and printing')
"""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import numpy as np

from .interop import CONSTANT, FUNCTIONS, REFUSED, UFUNCS
from .op import Constant

__all__ = ["PAGE", "WITHOUT_VALUES", "counts", "page", "public", "scipy_names", "status"]

PAGE = Path(__file__).with_suffix(".md")

WITHOUT_VALUES = (
    "arange", "bartlett", "base_repr", "binary_repr", "blackman", "broadcast_shapes", "diag_indices", "empty", "eye", "from_dlpack",
    "frombuffer", "fromfile", "fromfunction", "fromiter", "fromregex", "fromstring", "genfromtxt", "get_include", "get_printoptions",
    "getbufsize", "geterr", "geterrcall", "hamming", "hanning", "identity", "indices", "info", "isdtype", "isfortran", "isscalar",
    "issubdtype", "iterable", "load", "loadtxt", "mask_indices", "mintypecode", "nested_iters", "ones", "packbits", "printoptions",
    "promote_types", "set_printoptions", "setbufsize", "seterr", "seterrcall", "show_config", "show_runtime", "tri",
    "tril_indices", "triu_indices", "typename", "unpackbits", "zeros",
)  # fmt: skip
"""What takes no values to differentiate by: shapes, counts, bits, files, settings."""

PLAIN_RESULTS = frozenset({np.argmax, np.argmin, np.shape, np.ndim, np.linalg.matrix_rank})
"""What gives positions, sizes or ranks, though there is a function of ours for it."""


def status(function: Any) -> str:
    """'differentiated', 'constant', or the reason why one of NumPy's functions is refused; 'undecided' if nobody has said.

    >>> status(len)
    'undecided'
    """
    if function in CONSTANT or function in PLAIN_RESULTS:
        return "constant"
    if function in UFUNCS:
        return "constant" if isinstance(UFUNCS[function], Constant) else "differentiated"
    if function in FUNCTIONS:
        return "differentiated"
    name = getattr(function, "__name__", "")
    if not str(getattr(function, "__module__", "")).startswith("numpy"):
        return "undecided"
    return next((reason for reason, names in REFUSED.items() if name in names), "constant" if name in WITHOUT_VALUES else "undecided")


def public() -> dict[str, Any]:
    """NumPy's public functions, by their full names.

    >>> public()["numpy.linalg.inv"] is np.linalg.inv
    True
    """
    places = {"numpy": np, "numpy.linalg": np.linalg, "numpy.fft": np.fft}
    return {
        f"{place}.{name}": f
        for place, module in places.items()
        for name in sorted(module.__all__)
        if name != "test" and callable(f := getattr(module, name)) and not isinstance(f, type)
    }


def counts() -> dict[str, int]:
    """How many functions are differentiated, constant and refused.

    >>> list(counts())
    ['differentiated', 'constant', 'refused']
    """
    found = [status(f) for f in public().values()]
    return {what: found.count(what) for what in ("differentiated", "constant")} | {"refused": sum(s in REFUSED for s in found)}


BESIDE = frozenset({"LinAlgError", "LinAlgWarning", "gammasgn", "windows"})
"""What stands among them without being differentiated: errors, a constant, a module."""


def scipy_names() -> dict[str, list[str]]:
    """What is differentiated in each room of `autograd.scipy`, read there rather than imported, for SciPy may be absent.

    >>> scipy_names()["integrate"]
    ['cumulative_trapezoid', 'odeint', 'quad', 'simpson', 'solve_ivp', 'trapezoid']
    """
    house = Path(__file__).with_name("scipy")
    rooms = {room: next(house.glob(f"{room}/__init__.py"), house / f"{room}.py") for room in _names_in(house / "__init__.py")}
    return {room: [name for name in _names_in(path) if name not in BESIDE] for room, path in rooms.items()}


def _names_in(path: Path) -> list[str]:
    """The `__all__` of a file."""
    statements = ast.parse(path.read_text(encoding="utf-8")).body
    return next(ast.literal_eval(s.value) for s in statements if isinstance(s, ast.Assign) and ast.unparse(s.targets[0]) == "__all__")


def page() -> str:
    """The page that lists all functions.

    >>> page().splitlines()[0]
    '# What becomes of each function of NumPy'
    """
    numbers = ", ".join(f"{n} {what}" for what, n in counts().items())
    lines = ["# What becomes of each function of NumPy", "", f"NumPy {'.'.join(np.__version__.split('.')[:2])}: {numbers}.", ""]
    lines += ["Constant functions give plain arrays. What is refused raises TypeError before anything is computed."]
    for what in ("differentiated", "constant", *REFUSED):
        names = [name.removeprefix("numpy.") for name, f in public().items() if status(f) == what]
        title = f"Refused: {what}" if what in REFUSED else what.capitalize()
        lines += ["", f"## {title} ({len(names)})", "", _listed(names)]
    scipy = scipy_names()
    lines += ["", f"# What is differentiated of SciPy ({sum(map(len, scipy.values()))})", "", "Of `stats`, each name is a distribution."]
    for room, names in scipy.items():
        lines += ["", f"## {room} ({len(names)})", "", _listed(names)]
    return "\n".join(lines) + "\n"


def _listed(names: list[str]) -> str:
    return " ".join(f"`{name}`" for name in names)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(counts())  # noqa: T201  # a command prints
