"""Run folders: what a training run leaves on disk, and how it is taken up again.

A folder holds `checkpoint.npz` (parameters, optimiser state and, as metadata, everything needed to build them again), `metrics.csv`,
`curves.png`, `confusion.png` and `graph.svg`.
"""

from __future__ import annotations

import csv
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import autograd

from . import checkpoint, data, functional, optim
from .data.sources import SOURCES
from .layers import MLP, Sequential, Standardize
from .plot import as_png, confusion_matrix
from .training import History, predict

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    from autograd.drawing import Picture

    from .data import Dataset

__all__ = ["DATA", "OPTIMIZERS", "Run", "Settings", "load_run", "new_folder"]

OPTIMIZERS: dict[str, Callable[..., optim.Optimizer]] = {
    "sgd": lambda params, lr: optim.SGD(params, lr, momentum=0.9, nesterov=True),
    "adam": optim.Adam,
    "adamw": optim.AdamW,
    "rmsprop": optim.RMSprop,
}
DATA = ("digits", *SOURCES)


MANY_STEPS = 10_000
"""From here on a compiled step saves more time than compiling it takes."""


@dataclass(frozen=True)
class Settings:
    """What a run was asked for; with the same settings it gives the same result on the same machine.

    >>> Settings(epochs=5).data
    'digits'
    """

    data: str = "digits"
    folder: str = "data"
    sizes: tuple[int, ...] = (128, 64)
    activation: str = "relu"
    dropout: float = 0.2
    optimizer: str = "sgd"
    lr: float = 0.05
    batch_size: int = 32
    epochs: int = 40
    seed: int = 0
    jit: bool | None = None  # None: from MANY_STEPS on

    def __post_init__(self) -> None:
        for name, least in (("batch_size", 1), ("epochs", 1), ("seed", 0)):
            if getattr(self, name) < least:
                raise ValueError(f"{name}: got {getattr(self, name)}, wanted a whole number of at least {least}")

    def load_data(self) -> tuple[Dataset, Dataset]:
        """The train and test parts: MNIST's own; of any other data every fifth example of each class is held out for the test."""
        if self.data == "digits":
            return data.digits().split(test=0.2)
        if self.data in SOURCES:
            load = getattr(data, self.data)
            return load(self.folder, train=True), load(self.folder, train=False)
        return data.load(self.data).split(test=0.2)


@dataclass
class Run:
    """A model with its optimiser, its data's names and its history."""

    settings: Settings
    features: int
    classes: tuple[str, ...]
    history: History = field(default_factory=History)

    def __post_init__(self) -> None:
        sizes = (self.features, *self.settings.sizes, len(self.classes))
        self.model: Sequential = MLP(sizes, self.settings.activation, self.settings.dropout)
        if self.settings.data not in DATA:  # of unknown scale
            self.model = Sequential(Standardize(self.features), *self.model)
        for name, parameter in self.model.named_parameters():
            parameter.name = name
        self.optimizer = OPTIMIZERS[self.settings.optimizer](self.model.parameters(), lr=self.settings.lr)

    def test_data(self) -> Dataset:
        """The test part of the run's data, which must still name the same classes."""
        test = self.settings.load_data()[1]
        if test.classes != self.classes:
            raise ValueError(
                f"{self.settings.data} has the classes {', '.join(test.classes)}, but the run was trained on {', '.join(self.classes)}"
            )
        return test

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Copies of the parameters and the optimiser's state, as the checkpoint names them."""
        own = {f"model.{name}": a for name, a in self.model.state_dict().items()}
        return own | {f"optimizer.{name}": a for name, a in self.optimizer.state_dict().items()}

    def save(self, folder: Path, arrays: dict[str, NDArray[Any]] | None = None) -> None:
        """Write the checkpoint (of the present state, or of `arrays` taken earlier) and the metrics."""
        meta: dict[str, Any] = {
            "settings": asdict(self.settings), "features": self.features, "classes": list(self.classes), "history": self.history.rows,
        }  # fmt: skip
        checkpoint.save(folder / "checkpoint.npz", self.arrays() if arrays is None else arrays, meta)
        names = ["epoch", *dict.fromkeys(name for row in self.history for name in row)]
        with (folder / "metrics.csv").open("w", newline="") as file:
            writer = csv.DictWriter(file, names)
            writer.writeheader()
            writer.writerows({"epoch": epoch, **row} for epoch, row in enumerate(self.history, 1))

    def save_pictures(self, folder: Path, test: Dataset) -> None:
        """Draw the curves, the confusion matrix on `test`, and the computation graph of one step."""
        (folder / "curves.png").write_bytes(as_png(self.history.plot(), dpi=120))
        predicted = predict(self.model, test.x).argmax(-1)
        (folder / "confusion.png").write_bytes(as_png(confusion_matrix(test.y, predicted, self.classes), dpi=120))
        self.picture(test).save(folder / "graph.svg")

    def picture(self, batch: Dataset) -> Picture:
        """The computation graph of the loss of one batch."""
        x = autograd.Tensor(batch.x[: self.settings.batch_size].astype(self.model.dtype), name="x")
        y = autograd.Tensor(batch.y[: self.settings.batch_size], name="y")
        loss = functional.cross_entropy(self.model(x), y)
        loss.name = "loss"
        return autograd.draw(loss)


def load_run(folder: Path) -> Run:
    """The run saved in a folder; nothing is loaded before everything is checked.

    Raises FileNotFoundError where there is no checkpoint, CheckpointError where it is damaged or of another kind.
    """
    path = folder / "checkpoint.npz"
    arrays, meta = checkpoint.load(path)
    try:
        wanted = meta["settings"]
        settings = Settings(**{**wanted, "sizes": tuple(wanted["sizes"])})
        run = Run(settings, meta["features"], tuple(meta["classes"]), History(meta["history"]))
    except (KeyError, TypeError, ValueError) as error:
        raise checkpoint.CheckpointError(
            f"{path}: a checkpoint, but not of a training run ({error!r}); give a folder written by `train`"
        ) from error
    problems = checkpoint.mismatches(run.arrays(), arrays)
    if problems:
        raise checkpoint.CheckpointError(f"{path}: its arrays do not fit its settings; train again:\n  " + "\n  ".join(problems))
    run.model.load_state_dict({name.removeprefix("model."): a for name, a in arrays.items() if name.startswith("model.")})
    run.optimizer.load_state_dict({name.removeprefix("optimizer."): a for name, a in arrays.items() if name.startswith("optimizer.")})
    run.model.eval()
    return run


def new_folder(base: Path) -> Path:
    """Make `base`, or the first free one of base-2, base-3 …: a run never writes over another."""
    base.parent.mkdir(parents=True, exist_ok=True)
    folder, number = base, 1
    while True:
        try:
            folder.mkdir()
        except FileExistsError:
            number += 1
            folder = base.with_name(f"{base.name}-{number}")
        else:
            return folder
