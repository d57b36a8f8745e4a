"""The command line: `python -m nn train`, `evaluate`, `predict` and `draw`."""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from . import data
from .data.sources import SOURCES
from .layers import ACTIVATIONS, Standardize
from .optim import CosineLR
from .random import manual_seed
from .run import DATA, MANY_STEPS, OPTIMIZERS, Run, Settings, load_run, new_folder
from .training import evaluate, fit, predict

if TYPE_CHECKING:
    from collections.abc import Sequence

EXAMPLES = """\
examples:
  python -m nn train                                    the digits that ship with the package, in about a second
  python -m nn train --sizes 256 128 --activation tanh --optimizer adamw --lr 0.003
  python -m nn train --data mnist --folder data --download
  python -m nn train --data measurements.csv            labels in the last column, or in one named label
  python -m nn evaluate runs/digits                     the test accuracy of a saved run
  python -m nn predict runs/digits new.csv              a class for each row
  python -m nn draw runs/digits --out step.svg          the computation graph of one training step
"""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m nn", description="Train a multilayer perceptron and look at what it learnt.",
        epilog=EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    commands = parser.add_subparsers(dest="command", required=True, metavar="train | evaluate | predict | draw")
    default = Settings()

    def add(name: str, text: str) -> argparse.ArgumentParser:
        command = commands.add_parser(
            name, help=text, description=f"{text[0].upper()}{text[1:]}.",
            epilog=EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter,
        )  # fmt: skip
        if name != "train":
            command.add_argument("run", type=Path, help="a folder written by train")
        return command

    train = add("train", "train an MLP and save a folder: checkpoint, metrics, curves, confusion matrix, the graph of one step")

    def option(name: str, text: str, **facts: Any) -> None:
        train.add_argument(name, help=f"{text} (default: %(default)s)", **facts)

    option("--data", f"{', '.join(DATA)}, or a .npz or .csv file", type=_data, metavar="NAME|FILE", default=default.data)
    option("--folder", "where the MNIST files are", default=default.folder)
    train.add_argument("--download", action="store_true", help="fetch missing MNIST files into --folder first")
    option("--sizes", "sizes of the hidden layers", type=_size, nargs="+", metavar="N", default=list(default.sizes))
    option("--activation", "after each hidden layer", choices=ACTIVATIONS, default=default.activation)
    option("--dropout", "share of hidden values dropped in training", type=float, metavar="P", default=default.dropout)
    option("--optimizer", "what updates the weights", choices=OPTIMIZERS, default=default.optimizer)
    option("--lr", "highest learning rate; it falls along a cosine", type=float, default=default.lr)
    option("--batch-size", "examples a step", type=int, metavar="N", default=default.batch_size)
    option("--epochs", "passes over the data", type=int, metavar="N", default=default.epochs)
    option("--seed", "of the initial weights and the shuffling", type=int, default=default.seed)
    train.add_argument("--jit", help=f"compile the step (default: from {MANY_STEPS:,} steps on)", action=argparse.BooleanOptionalAction)
    train.add_argument("--out", type=Path, metavar="FOLDER", help="a new folder for the run (default: runs/NAME, numbered)")
    train.add_argument("--quiet", action="store_true", help="no progress bar")

    add("evaluate", "print the test loss and accuracy of a saved run")
    predict = add("predict", "print a class for each row of a file")
    predict.add_argument("file", type=Path, help="a .npz file with x, or a .csv file of features; a column named label is left out")
    draw = add("draw", "draw the computation graph of one step of a saved run")
    draw.add_argument("--out", type=Path, help="a .svg, .png, .pdf or .dot file; without it the graph is printed as text")
    return parser


def _size(text: str) -> int:
    if not text.isdigit():
        raise argparse.ArgumentTypeError(f"got {text!r}, wanted whole numbers with spaces between, as in --sizes 128 64")
    return int(text)


def _data(name: str) -> str:
    if name not in DATA and Path(name).suffix.lower() not in (".npz", ".csv"):
        raise argparse.ArgumentTypeError(f"got {name!r}, wanted {', '.join(DATA)}, or a file that ends in .npz or .csv")
    return name


def _train(options: argparse.Namespace) -> int:
    given = {field.name: getattr(options, field.name) for field in fields(Settings)}
    settings = Settings(**{**given, "sizes": tuple(options.sizes)})
    if options.download:
        if settings.data not in SOURCES:
            raise ValueError(f"--download: got --data {settings.data}, wanted {' or '.join(SOURCES)}, the data sets that have an address")
        data.download(settings.data, settings.folder)
    train, test = settings.load_data()
    manual_seed(settings.seed)
    run = Run(settings, train.x.shape[1], train.classes)
    if isinstance(first := run.model[0], Standardize):
        first.measure(train.x)
    if options.out is not None and options.out.exists():
        raise FileExistsError(f"--out: {options.out} exists; give a new folder, or remove that one")
    folder = new_folder(options.out or Path("runs") / Path(settings.data).stem)
    print(f"{train!r}, {len(test)} held out for the test\n{run.model!r}\n{run.optimizer!r}\nwriting to {folder}")
    steps = -(-len(train) // settings.batch_size) * settings.epochs
    schedule = CosineLR(run.optimizer, total=steps, warmup=steps // 20)
    last = (0, run.arrays())

    def keep(epoch: int, _row: dict[str, float]) -> None:
        nonlocal last
        last = (epoch, run.arrays())

    try:
        with np.errstate(all="ignore"):  # fit looks at the loss itself
            fit(
                run.model, train, test, optimizer=run.optimizer, schedule=schedule, epochs=settings.epochs, batch_size=settings.batch_size,
                seed=settings.seed, callbacks=[keep], history=run.history, progress=not options.quiet,
                jit=steps >= MANY_STEPS if settings.jit is None else settings.jit,
            )  # fmt: skip
    except (KeyboardInterrupt, FloatingPointError) as stop:
        epoch, arrays = last
        del run.history.rows[epoch:]
        run.save(folder, arrays)
        print(f"\ntrain: {str(stop) or 'interrupted'}; the state after epoch {epoch} is in {folder / 'checkpoint.npz'}", file=sys.stderr)
        return 130 if isinstance(stop, KeyboardInterrupt) else 1
    run.save(folder)
    os.environ.setdefault("MPLBACKEND", "agg")  # files, no windows
    run.save_pictures(folder, test)
    print(f"test accuracy {run.history['val_accuracy'][-1]:.4f}")
    return 0


def _evaluate(options: argparse.Namespace) -> int:
    run = load_run(options.run)
    figures = evaluate(run.model, run.test_data())
    print(f"test loss {figures['loss']:.4f}\ntest accuracy {figures['accuracy']:.4f}")
    return 0


def _predict(options: argparse.Namespace) -> int:
    run = load_run(options.run)
    for k in predict(run.model, data.load_features(options.file, run.features)).argmax(-1):
        print(run.classes[k])
    return 0


def _draw(options: argparse.Namespace) -> int:
    run = load_run(options.run)
    picture = run.picture(run.test_data())
    if options.out is None:
        print(picture)
    else:
        picture.save(options.out)
        print(f"wrote {options.out}")
    return 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit status: 0, 1 for a refused input, 2 for a wrong call, 130 for Ctrl-C."""
    options = _parser().parse_args(arguments)
    command = {"train": _train, "evaluate": _evaluate, "predict": _predict, "draw": _draw}[options.command]
    try:
        return command(options)
    except (ValueError, OSError, ImportError, MemoryError, OverflowError) as error:
        print(f"{options.command}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]  # a console that lacks → shows a ?
    sys.exit(main())
