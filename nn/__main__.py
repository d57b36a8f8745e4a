"""The command line: `python -m nn train`, `evaluate`, `predict` and `draw`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from . import data
from .layers import ACTIVATIONS, Standardize
from .optim import CosineLR
from .run import DATA, OPTIMIZERS, Run, Settings, load_run, new_folder
from .training import evaluate, fit, predict

if TYPE_CHECKING:
    from collections.abc import Sequence

EXAMPLES = """\
examples:
  python -m nn train                                    the digits that ship with the package, a few seconds
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
    train.add_argument(
        "--data", type=_data, default=default.data, metavar="NAME|FILE", help=f"{', '.join(DATA)}, or a .npz or .csv file (default: digits)"
    )
    train.add_argument("--folder", default=default.folder, help="where the MNIST files are (default: data)")
    train.add_argument("--download", action="store_true", help="fetch missing MNIST files into --folder first")
    train.add_argument(
        "--sizes", type=_size, nargs="+", default=list(default.sizes), metavar="N", help="sizes of the hidden layers (default: 128 64)"
    )
    train.add_argument("--activation", default=default.activation, choices=ACTIVATIONS, help="after each hidden layer (default: relu)")
    train.add_argument("--dropout", type=float, default=default.dropout, metavar="P", help="share of hidden values dropped (default: 0.2)")
    train.add_argument("--optimizer", default=default.optimizer, choices=OPTIMIZERS, help=f"(default: {default.optimizer})")
    train.add_argument(
        "--lr", type=float, default=default.lr, help=f"highest learning rate; it falls along a cosine (default: {default.lr})"
    )
    train.add_argument(
        "--batch-size", type=int, default=default.batch_size, metavar="N", help=f"examples a step (default: {default.batch_size})"
    )
    train.add_argument("--epochs", type=int, default=default.epochs, metavar="N", help=f"passes over the data (default: {default.epochs})")
    train.add_argument("--seed", type=int, default=default.seed, help="of the initial weights and the shuffling (default: 0)")
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
    settings = Settings(
        options.data, options.folder, tuple(options.sizes), options.activation, options.dropout, options.optimizer, options.lr,
        options.batch_size, options.epochs, options.seed,
    )  # fmt: skip
    if options.download:
        if settings.data not in DATA[1:]:
            raise ValueError(f"--download: got --data {settings.data}, wanted {' or '.join(DATA[1:])}, the data sets that have an address")
        data.download(settings.data, settings.folder)
    train, test = settings.load_data()
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
            )  # fmt: skip
    except (KeyboardInterrupt, FloatingPointError) as stop:
        epoch, arrays = last
        del run.history.rows[epoch:]
        run.save(folder, arrays)
        print(f"\ntrain: {str(stop) or 'interrupted'}; the state after epoch {epoch} is in {folder / 'checkpoint.npz'}", file=sys.stderr)
        return 130 if isinstance(stop, KeyboardInterrupt) else 1
    run.save(folder)
    run.save_pictures(folder, test)
    print(f"test accuracy {run.history['val_accuracy'][-1]:.4f}")
    return 0


def _evaluate(options: argparse.Namespace) -> int:
    run = load_run(options.run)
    figures = evaluate(run.model, run.settings.load_data()[1])
    print(f"test loss {figures['loss']:.4f}\ntest accuracy {figures['accuracy']:.4f}")
    return 0


def _predict(options: argparse.Namespace) -> int:
    run = load_run(options.run)
    for k in predict(run.model, data.load_features(options.file, run.features)).argmax(-1):
        print(run.classes[k])
    return 0


def _draw(options: argparse.Namespace) -> int:
    run = load_run(options.run)
    picture = run.picture(run.settings.load_data()[1])
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
