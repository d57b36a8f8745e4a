"""The one clash: HIPS autograd, too, is imported as `autograd`, and one environment can't hold both."""

from __future__ import annotations

import os
import sys
import warnings

__all__ = ["warn"]


def warn() -> None:
    """Warn where HIPS autograd's distribution is installed beside this one.

    The folders are looked through by name, because `importlib.metadata` would take half of this package's whole import time.
    """
    for folder in sys.path:
        try:
            names = os.listdir(folder or ".")  # noqa: PTH208  # Path objects are not needed
        except OSError:
            continue
        for name in names:
            if name.startswith("autograd-") and name.endswith((".dist-info", ".egg-info")):
                warnings.warn(
                    f"{name.rsplit('.', 1)[0]} (HIPS autograd) is installed beside chalkgrad in {folder}; both are imported as `autograd` "
                    "and overwrite each other's files: pip uninstall autograd, then pip install --force-reinstall chalkgrad",
                    RuntimeWarning,
                    stacklevel=3,
                )
                return
