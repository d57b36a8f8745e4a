"""The command line and the folders that it writes."""

import csv
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from unittest.mock import Mock
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from nn import checkpoint, data
from nn.__main__ import main
from nn.optim import SGD
from nn.run import Settings, load_run, new_folder
from nn.training import predict

ROOT = Path(__file__).parents[2]
ENVIRONMENT = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "OPENBLAS_NUM_THREADS": "1"}
FILES = ["checkpoint.npz", "confusion.png", "curves.png", "graph.svg", "metrics.csv"]


def command(*arguments, **environment):
    """`python -m nn` in a process of its own."""
    call = [sys.executable, "-m", "nn", *map(str, arguments)]
    return subprocess.run(call, capture_output=True, encoding="utf-8", env=ENVIRONMENT | environment, check=False)


def last_line(text):
    return text.splitlines()[-1]


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """The folder of a default run, and what the command printed."""
    folder = tmp_path_factory.mktemp("runs") / "digits"
    done = command("train", "--out", folder)
    assert done.returncode == 0, done.stderr
    return folder, done


def rows(folder):
    with (folder / "metrics.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def assert_whole(folder, epochs):
    assert sorted(path.name for path in folder.iterdir()) == FILES
    for name in ("confusion.png", "curves.png"):
        assert (folder / name).read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
    assert ET.parse(folder / "graph.svg").getroot().tag == "{http://www.w3.org/2000/svg}svg"
    assert [row["epoch"] for row in rows(folder)] == [str(k + 1) for k in range(epochs)]
    assert rows(folder)[0].keys() == {"epoch", "loss", "val_loss", "val_accuracy"}
    assert len(load_run(folder).history) == epochs


# train


def test_the_default_run_is_good_and_repeats(trained, tmp_path):
    folder, done = trained
    assert float(re.fullmatch(r"test accuracy (0\.\d{4})", last_line(done.stdout))[1]) >= 0.97
    assert "epoch 40/40" in done.stderr
    assert "SGD(lr=0.05," in done.stdout
    assert_whole(folder, 40)
    again = command("train", "--out", tmp_path / "again", "--quiet")
    assert last_line(again.stdout) == last_line(done.stdout)
    assert again.stderr == ""
    assert (tmp_path / "again/metrics.csv").read_bytes() == (folder / "metrics.csv").read_bytes()
    assert (tmp_path / "again/checkpoint.npz").read_bytes() == (folder / "checkpoint.npz").read_bytes()


def test_three_epochs(tmp_path):
    done = command("train", "--epochs", 3, "--out", tmp_path / "three")
    assert done.returncode == 0
    accuracy = re.fullmatch(r"test accuracy (0\.\d{4})", last_line(done.stdout))[1]
    assert f"{float(rows(tmp_path / 'three')[-1]['val_accuracy']):.4f}" == accuracy
    assert_whole(tmp_path / "three", 3)


def test_every_option_arrives(tmp_path, capsys):
    arguments = "--sizes 16 8 --activation tanh --dropout 0.1 --optimizer sgd --lr 0.05 --batch-size 64 --epochs 2 --seed 5 --quiet"
    assert main(["train", *arguments.split(), "--out", str(tmp_path / "run")]) == 0
    run = load_run(tmp_path / "run")
    assert run.settings == Settings("digits", "data", (16, 8), "tanh", 0.1, "sgd", 0.05, 64, 2, 5)
    assert [type(layer).__name__ for layer in run.model] == ["Linear", "Tanh", "Dropout", "Linear", "Tanh", "Dropout", "Linear"]
    shown = capsys.readouterr()
    assert "SGD(lr=0.05, momentum=0.9, dampening=0.0, weight_decay=0.0, nesterov=True)" in shown.out
    assert shown.err == ""


def test_own_data_and_numbered_folders(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    lines = [f"{k % 3 - 1},{k % 2 - 0.5},{'cat' if k % 2 else 'dog'}" for k in range(60)]
    Path("pets.csv").write_text("weight,age,label\n" + "\n".join(lines))
    for _ in range(2):
        assert main(["train", "--data", "pets.csv", "--epochs", "30", "--quiet"]) == 0
    assert last_line(capsys.readouterr().out) == "test accuracy 1.0000"
    assert sorted(os.listdir("runs")) == ["pets", "pets-2"]  # noqa: PTH208  names are enough
    assert main(["evaluate", "runs/pets-2"]) == 0
    assert last_line(capsys.readouterr().out) == "test accuracy 1.0000"
    Path("new.csv").write_text("0,0.5\n0,-0.5\n")
    assert main(["predict", "runs/pets", "new.csv"]) == 0
    assert capsys.readouterr().out == "cat\ndog\n"


@pytest.mark.parametrize("name", ["mnist", "fashion_mnist"])
def test_mnist_has_a_test_part_of_its_own(name, monkeypatch):
    monkeypatch.setattr(data, name, lambda folder, train: (folder, train))
    assert Settings(name, "there").load_data() == (("there", True), ("there", False))


def test_new_folders_never_write_over_another(tmp_path):
    names = [new_folder(tmp_path / "a/b/run").name for _ in range(3)]
    assert names == ["run", "run-2", "run-3"]


# a saved run


def test_evaluate_says_what_train_said(trained):
    folder, done = trained
    again = command("evaluate", folder)
    assert (again.returncode, again.stderr) == (0, "")
    assert re.fullmatch(r"test loss 0\.\d{4}\ntest accuracy 0\.\d{4}\n", again.stdout)
    assert last_line(again.stdout) == last_line(done.stdout)


def test_a_loaded_run_is_the_one_that_was_saved(trained):
    folder, _ = trained
    run = load_run(folder)
    assert run.settings == Settings()
    assert run.history["val_accuracy"] == [float(row["val_accuracy"]) for row in rows(folder)]
    assert not run.model.training
    stored, _ = checkpoint.load(folder / "checkpoint.npz")
    assert run.arrays().keys() == stored.keys()
    assert all((a == stored[name]).all() for name, a in run.arrays().items())
    assert stored["optimizer.0.t"] == 40 * 45


def test_predict_prints_a_class_for_each_row(trained, tmp_path, capsys):
    folder, done = trained
    test = data.digits().split(test=0.2)[1]
    header = ",".join(f"pixel{k}" for k in range(64))
    files = {name: tmp_path / name for name in ("plain.csv", "named.csv", "labelled.csv", "x.npz")}
    np.savetxt(files["plain.csv"], test.x, delimiter=",")
    np.savetxt(files["named.csv"], test.x, delimiter=",", header=header, comments="")
    np.savetxt(files["labelled.csv"], np.column_stack([test.y, test.x]), delimiter=",", header=f"label,{header}", comments="")
    np.savez(files["x.npz"], x=test.x.reshape(-1, 8, 8))
    wanted = predict(load_run(folder).model, test.x).argmax(-1)
    for file in files.values():
        assert main(["predict", str(folder), str(file)]) == 0
        assert [int(line) for line in capsys.readouterr().out.splitlines()] == wanted.tolist(), file
    assert last_line(done.stdout) == f"test accuracy {np.mean(wanted == test.y):.4f}"


def test_draw_prints_or_saves_the_graph(trained, tmp_path):
    folder, _ = trained
    shown = command("draw", folder)
    assert shown.returncode == 0
    for part in ("0.weight", "relu(", "cross_entropy(", "loss"):
        assert part in shown.stdout
    saved = command("draw", folder, "--out", tmp_path / "step.svg")
    assert saved.stdout == f"wrote {tmp_path / 'step.svg'}\n"
    assert ET.parse(tmp_path / "step.svg").getroot().tag.endswith("svg")


def test_a_console_without_arrows(tmp_path):
    done = command("train", "--epochs", 1, "--quiet", "--out", tmp_path / "run", PYTHONUTF8="0", PYTHONIOENCODING="ascii")
    assert done.returncode == 0
    assert "Linear(64 ? 128)" in done.stdout


# stops on the way


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT to send")
def test_ctrl_c_keeps_the_last_epoch(tmp_path):
    folder = tmp_path / "run"
    old = signal.signal(signal.SIGINT, signal.default_int_handler)  # a background shell would have it ignored, here and below
    try:
        call = [sys.executable, "-m", "nn", "train", "--epochs", "100000", "--out", str(folder)]
        with subprocess.Popen(call, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT) as process:
            shown = ""
            while "epoch 3/" not in shown:
                shown += process.stderr.read(50)
            process.send_signal(signal.SIGINT)
            shown += process.communicate(timeout=60)[1]
    finally:
        signal.signal(signal.SIGINT, old)
    assert process.returncode == 130
    run = load_run(folder)
    assert len(run.history) >= 2  # the third is shown a moment before it is kept
    assert last_line(shown) == f"train: interrupted; the state after epoch {len(run.history)} is in {folder / 'checkpoint.npz'}"
    assert "Traceback" not in shown
    assert len(rows(folder)) == len(run.history)
    assert main(["evaluate", str(folder)]) == 0


def test_ctrl_c_within_an_epoch_keeps_the_state_before_it(tmp_path, monkeypatch):
    step, count = SGD.step, iter(range(1000))

    def stop(self):
        if next(count) == 100:  # an epoch has 45 steps
            raise KeyboardInterrupt
        step(self)

    monkeypatch.setattr(SGD, "step", stop)
    assert main(["train", "--epochs", "5", "--quiet", "--out", str(tmp_path / "run")]) == 130
    run = load_run(tmp_path / "run")
    assert len(run.history) == 2
    assert run.arrays()["optimizer.0.t"] == 90
    assert main(["evaluate", str(tmp_path / "run")]) == 0


def test_ctrl_c_before_there_is_anything_to_keep(tmp_path, monkeypatch):
    monkeypatch.setattr(data, "digits", Mock(side_effect=KeyboardInterrupt))
    assert main(["train", "--out", str(tmp_path / "run")]) == 130
    assert list(tmp_path.iterdir()) == []


def test_divergence_keeps_the_last_epoch(tmp_path, capsys):
    assert main(["train", "--lr", "1e30", "--quiet", "--out", str(tmp_path / "run")]) == 1
    error = capsys.readouterr().err
    assert "train: fit: the loss in epoch 1: got nan, wanted finite numbers; lower the learning rate" in error
    assert "the state after epoch 0 is in" in error
    assert load_run(tmp_path / "run").history.rows == []


# refusals


def test_an_error_is_one_line_and_a_status(tmp_path):
    done = command("evaluate", tmp_path / "none")
    assert (done.returncode, done.stdout) == (1, "")
    assert re.fullmatch(r"evaluate: .*none.*checkpoint.npz does not exist .*\n", done.stderr)


def one_error(capsys, arguments):
    """The line that a refused command prints, after which nothing is left behind."""
    assert main([str(a) for a in arguments]) == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.count("\n") == 1
    return shown.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("--lr nan", "train: SGD: got lr=nan, wanted a finite number ≥ 0"),
        ("--lr -1 --optimizer sgd", "train: SGD: got lr=-1.0, wanted a finite number ≥ 0"),
        ("--batch-size 0", "train: batch_size: got 0, wanted a whole number of at least 1"),
        ("--epochs 0", "train: epochs: got 0, wanted a whole number of at least 1"),
        ("--seed -1", "train: seed: got -1, wanted a whole number of at least 0"),
        ("--sizes 0", r"train: MLP: got sizes \(64, 0, 10\), wanted at least two positive integers"),
        ("--sizes 99999999999999", "train: .*"),
        ("--dropout 2", "train: Dropout: got p=2.0, wanted a probability"),
        ("--download", "train: --download: got --data digits, wanted mnist or fashion_mnist, the data sets that have an address"),
        ("--data none.csv", "train: .*No such file or directory: 'none.csv'"),
        ("--data nan.csv", "train: nan.csv: x: row 1, column 0 is nan; 1 of 4 values are not finite; drop or impute those rows first"),
        ("--data lone.csv", "train: class 'dog' has one example, and a split wants two or more of each class"),
        (
            "--data mnist --folder here",
            r"train: here lacks train-images-idx3-ubyte, .*t10k-labels-idx1-ubyte .*--download.*https://.*; digits\(\) needs no files",
        ),
        ("--out there", "train: --out: there exists; give a new folder, or remove that one"),
        ("--out file/run", "train: .*file"),
    ],
)
def test_train_refuses_and_leaves_nothing(arguments, message, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("there").mkdir()
    Path("file").touch()
    Path("nan.csv").write_text("1,2,cat\nnan,4,dog\n")
    Path("lone.csv").write_text("1,2,cat\n3,4,cat\n5,6,dog\n")
    before = sorted(tmp_path.iterdir())
    assert re.match(message, one_error(capsys, ["train", *(["--out", "run"] if "--out" not in arguments else []), *arguments.split()]))
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ("", ["train", "evaluate", "predict", "draw"]),
        ("trian", ["'trian'", "train", "evaluate", "predict", "draw"]),
        ("train --data cifar", ["'cifar'", "digits", "mnist", "fashion_mnist", ".npz or .csv"]),
        ("train --activation swish", ["'swish'", "relu", "leaky_relu", "sigmoid", "tanh", "softplus", "gelu", "identity"]),
        ("train --optimizer lion", ["'lion'", "sgd", "adam", "adamw", "rmsprop"]),
        ("train --epochs many", ["--epochs", "int", "'many'"]),
        ("evaluate", ["run"]),
        ("predict runs/digits", ["file"]),
    ],
)
def test_a_wrong_call_names_the_choices(arguments, named, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(arguments.split())
    assert stopped.value.code == 2
    error = last_line(capsys.readouterr().err)
    assert all(name in error for name in named), error


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ("", ["train", "evaluate", "predict", "draw"]),
        ("train", ["learning rate", "0.003", "fashion_mnist", "rmsprop", "numbered"]),
        ("evaluate", ["accuracy", "a folder written by train"]),
        ("predict", ["a folder written by train", "a column named label is left out"]),
        ("draw", ["a folder written by train", ".svg, .png, .pdf or .dot"]),
    ],
)
def test_help_teaches(arguments, named, capsys):
    with pytest.raises(SystemExit) as stopped:
        main([*arguments.split(), "--help"])
    assert stopped.value.code == 0
    text = " ".join(capsys.readouterr().out.split())
    assert all(name in text for name in [*named, "examples: python -m nn train "]), text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1,2\n", "new.csv: wanted examples of 64 features, got 1 of 2\n"),
        ("a,b\n", "new.csv: wanted examples of 64 features, got 0 of 2\n"),
        (",".join(["1"] * 65), "got 1 of 65; if one column holds labels, drop it, or name it label in a first line\n"),
        (",".join(["1"] * 63 + ["inf"]), "new.csv: x: row 0, column 63 is inf"),
        (",".join(["1"] * 63 + ["cat"]), "new.csv: line 1: column 64: wanted a number, got 'cat'"),
    ],
)
def test_predict_refuses(text, message, trained, tmp_path, capsys):
    (tmp_path / "new.csv").write_text(text)
    assert message in one_error(capsys, ["predict", trained[0], tmp_path / "new.csv"])


def test_draw_refuses_other_endings(trained, tmp_path, capsys):
    assert "step.doc" in one_error(capsys, ["draw", trained[0], "--out", tmp_path / "step.doc"])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["evaluate", "predict", "draw"])
def test_damaged_runs_are_refused(name, trained, tmp_path, capsys):
    whole = (trained[0] / "checkpoint.npz").read_bytes()
    path = tmp_path / "checkpoint.npz"
    arguments = [name, tmp_path, *(["new.csv"] if name == "predict" else [])]
    assert f"{path} does not exist" in one_error(capsys, arguments)
    for damaged in (b"", whole[:-1], whole[:5000], whole[:5000] + b"!" + whole[5001:]):
        path.write_bytes(damaged)
        assert one_error(capsys, arguments).startswith(f"{name}: {path}: ")


def test_checkpoints_of_other_things_are_refused(trained, tmp_path, capsys):
    arrays, meta = checkpoint.load(trained[0] / "checkpoint.npz")
    for change in (
        {"settings": None},
        {"settings": {**meta["settings"], "depth": 3}},
        {"settings": {**meta["settings"], "optimizer": "lion"}},
        {"settings": {**meta["settings"], "epochs": 0}},
        {"features": 0},
        {"classes": 3},
        {"history": [1]},
    ):
        checkpoint.save(tmp_path / "checkpoint.npz", arrays, meta | change)
        assert "not of a training run" in one_error(capsys, ["evaluate", tmp_path])
    checkpoint.save(tmp_path / "checkpoint.npz", {}, {})
    assert "not of a training run (KeyError('settings')); give a folder written by `train`" in one_error(capsys, ["draw", tmp_path])
    checkpoint.save(tmp_path / "checkpoint.npz", arrays, meta | {"features": 63})
    assert main(["evaluate", str(tmp_path)]) == 1
    error = capsys.readouterr().err
    assert "its arrays do not fit its settings; train again:" in error
    assert "model.0.weight: got shape (128, 64), wanted (128, 63)" in error


def test_a_picture_appears_where_there_is_no_program(tmp_path):
    environment = {**os.environ, "PATH": "", "OPENBLAS_NUM_THREADS": "1"}
    arguments = [sys.executable, "-m", "nn", "train", "--epochs", "1", "--quiet", "--out", str(tmp_path / "run")]
    subprocess.run(arguments, env=environment, check=True, timeout=60, capture_output=True)
    assert "<svg" in (tmp_path / "run" / "graph.svg").read_text(encoding="utf-8")


def test_data_of_any_scale_are_learnt(tmp_path, capsys):
    random = np.random.default_rng(0)
    rows = ["height,weight,kind"]
    for kind, height, weight in (("cat", 120, 5), ("dog", 150, 7), ("fox", 180, 9)):
        rows += [f"{random.normal(height, 5):.1f},{random.normal(weight, 0.3):.2f},{kind}" for _ in range(50)]
    (tmp_path / "pets.csv").write_text("\n".join(rows), encoding="utf-8")
    assert main(["train", "--data", str(tmp_path / "pets.csv"), "--epochs", "10", "--quiet", "--out", str(tmp_path / "run")]) == 0
    assert float(last_line(capsys.readouterr().out).split()[-1]) > 0.9
    (tmp_path / "new.csv").write_text("121,5.1\n181,9.2\n", encoding="utf-8")
    assert main(["predict", str(tmp_path / "run"), str(tmp_path / "new.csv")]) == 0
    assert capsys.readouterr().out.split() == ["cat", "fox"]
