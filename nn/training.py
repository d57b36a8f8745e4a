"""Training: `fit`, `evaluate` and `predict`, and the history that training leaves."""

from __future__ import annotations

import base64
import sys
from collections.abc import Mapping
from math import inf
from types import NoneType
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd import Tensor, no_grad, ops
from autograd import jit as compiled
from autograd.op import as_array, plain_array

from . import functional as F
from .data import DataLoader, Dataset
from .data.dataset import check_finite
from .optim import Adam, Optimizer, clip_grad_norm_

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from numpy.typing import NDArray

    from .module import Module
    from .optim import Schedule

    Pair = tuple[NDArray[Any], NDArray[Any]]
    Metric = Callable[[NDArray[Any], NDArray[Any]], float]

__all__ = ["History", "accuracy", "confusion_matrix", "evaluate", "fit", "predict"]


def accuracy(output: NDArray[Any], target: NDArray[Any]) -> float:
    """The share of rows whose largest score is at the target.

    >>> accuracy(np.array([[0., 1.], [1., 0.]]), np.array([1, 1]))
    0.5
    """
    predicted = output.argmax(1 if output.ndim > 2 else -1)
    if predicted.shape != np.shape(target):
        raise ValueError(f"accuracy: got targets of shape {np.shape(target)}, wanted {predicted.shape}, a class for each row of scores")
    return float(np.mean(predicted == target))


def confusion_matrix(target: NDArray[Any], predicted: NDArray[Any], classes: int) -> NDArray[np.int64]:
    """How often each true class (row) was taken for each class (column).

    >>> confusion_matrix(np.array([0, 1, 1]), np.array([0, 1, 0]), 2)
    array([[1, 0],
           [1, 1]])
    """
    pair = np.stack([np.asarray(target, np.int64), np.asarray(predicted, np.int64)])
    if pair.size and not 0 <= pair.min() <= pair.max() < classes:
        raise ValueError(f"confusion_matrix: classes run from {pair.min()} to {pair.max()}, wanted 0 … {classes - 1}")
    return np.bincount(pair[0] * classes + pair[1], minlength=classes * classes).reshape(classes, classes)


class History:
    """What each epoch of training gave: one row of figures an epoch.  It shows itself as curves in a notebook.

    >>> history = History([{"loss": 1.5}, {"loss": 0.5}])
    >>> history["loss"]
    [1.5, 0.5]
    >>> history
    History(2 epochs: loss 0.5000)
    """

    def __init__(self, rows: Iterable[Mapping[str, float]] = ()) -> None:
        self.rows = [dict(row) for row in rows]

    def __getitem__(self, name: str) -> list[float]:
        if self.rows and not any(name in row for row in self.rows):
            raise KeyError(f"{name!r}: the history has {', '.join(self.rows[-1])}")
        return [row[name] for row in self.rows if name in row]

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[dict[str, float]]:
        return iter(self.rows)

    def __repr__(self) -> str:
        return f"History({len(self)} epochs{': ' + _shown(self.rows[-1]) if self.rows else ''})"

    def plot(self, ax: Any = None) -> NDArray[Any]:
        """The curves, one panel for each figure: an array of matplotlib Axes, new or given as `ax`."""
        from .plot import curves

        return curves(self, ax)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:  # noqa: ARG002  # Jupyter's signature
        bundle = {"text/plain": repr(self)}
        if self.rows:
            from .plot import as_png

            bundle["image/png"] = base64.b64encode(as_png(self.plot())).decode()
        return bundle


def _shown(row: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {value:.4f}" for name, value in row.items())


def _arrays(data: Any, model: Module, name: str) -> Pair:
    """x in the dtype of the model and y, both checked: as many rows, every number finite."""
    if not isinstance(data, Dataset) and not (isinstance(data, (tuple, list)) and len(data) == 2):
        raise TypeError(f"{name}: got a {type(data).__name__}, wanted a Dataset or a pair (x, y)")
    x, y = (data.x, data.y) if isinstance(data, Dataset) else data
    x, y = (a.data if isinstance(a, Tensor) else plain_array(a) for a in (x, y))
    if not x.ndim or not y.ndim or len(x) != len(y) or not len(x):
        raise ValueError(f"{name}: got x of shape {x.shape} and y of shape {y.shape}, wanted equally many rows, at least one")
    if y.dtype.kind not in "biuf":
        raise TypeError(f"{name}: got y of dtype {y.dtype}, wanted the numbers of the classes, or floats")
    with np.errstate(over="ignore"):  # what is too large for the dtype is found as infinite
        x, y = x.astype(model.dtype), y.astype(model.dtype) if y.dtype.kind == "f" else y
    check_finite(x, f"{name} x")
    check_finite(y, f"{name} y")
    return x, y


def fit(
    model: Module,
    train: Dataset | Pair,
    validation: Dataset | Pair | None = None,
    *,
    loss: Callable[[Any, Any], Any] = F.cross_entropy,
    optimizer: Optimizer | None = None,
    epochs: int = 10,
    batch_size: int = 32,
    metrics: Mapping[str, Metric] | None = None,
    schedule: Schedule | None = None,
    clip_norm: float | None = None,
    patience: int | None = None,
    callbacks: Iterable[Callable[[int, dict[str, float]], Any]] = (),
    seed: int = 0,
    progress: bool = True,
    jit: bool = False,
    history: History | None = None,
) -> History:
    """Train `model` on batches of `train`, a Dataset or a pair (x, y), for some epochs; returns the history.

    `optimizer` is Adam unless given; `schedule` moves after each batch; `clip_norm` bounds the gradients' norm. With `validation`, its
    loss and the `metrics` (accuracy, for class labels) are measured after each epoch; with `patience`, training stops once the validation
    loss has not fallen for that many epochs, and the best parameters are put back. Each of `callbacks` is called with the epoch's number
    and figures, and stops training by returning True. With `jit`, the step is compiled (see `autograd.jit`), which pays from some thousand
    steps on; the loss and the model must then be made of what can be traced. Rows are appended to `history`, if one is given, as they
    come: an interrupted run keeps them.

    Afterwards the model is in evaluation mode. Raises ValueError for data that do not fit or are not finite, and FloatingPointError when
    the loss is not finite any more.

    >>> from nn import MLP, data, manual_seed
    >>> manual_seed(0)
    >>> training, validation = data.digits().split(test=0.2, seed=0)
    >>> model = MLP([64, 32, 10])
    >>> history = fit(model, training, validation, epochs=10, progress=False)
    >>> history["val_accuracy"][-1] > 0.9
    True
    """
    callbacks = [callbacks] if callable(callbacks) else list(callbacks)
    for name, value in (("epochs", epochs), ("patience", patience)):
        if value is not None and (not isinstance(value, (int, np.integer)) or value < 1):
            raise ValueError(f"fit: got {name}={value!r}, wanted a whole number of at least 1")
    if not callable(loss):
        raise TypeError(f"fit: got loss={loss!r}, wanted a function of (output, target), such as nn.functional.mse_loss")
    if patience is not None and validation is None:
        raise ValueError("fit: patience watches the validation loss; give validation data too")
    optimizer = Adam(model.parameters()) if optimizer is None else optimizer
    _check_optimizer(optimizer, model)
    if schedule is not None and getattr(schedule, "optimizer", None) is not optimizer:
        raise ValueError(f"fit: got schedule={schedule!r}, wanted one made for the optimizer of this call, such as StepLR(optimizer, 10)")
    if not isinstance(metrics, (Mapping, NoneType)):
        raise TypeError(f"fit: got metrics={metrics!r}, wanted functions by name, such as {{'accuracy': nn.accuracy}}")
    for name, function in [*((f"metrics[{n!r}]", f) for n, f in dict(metrics or {}).items()), *(("callbacks", f) for f in callbacks)]:
        if not callable(function):
            raise TypeError(f"fit: {name} is {function!r}, wanted a function")
    x, y = _checked(train, model, "train", loss)
    held_out = _checked(validation, model, "validation", loss) if validation is not None else None
    history = History() if history is None else history
    loader = DataLoader((x, y), batch_size, shuffle=True, seed=seed)
    loader.epoch = len(history)  # a run that is taken up goes on with the shuffles that would have come
    step = _step_of(model, loss, optimizer, clip_norm)
    if jit:
        step = compiled(step)
    optimizer.zero_grad()
    best, best_state, waited = inf, None, 0
    try:
        with _bar(epochs * len(loader), progress) as bar:
            for epoch in range(1, epochs + 1):
                row = {"loss": _train_epoch(model, loader, step, schedule, bar)}
                if held_out is not None:
                    row |= {f"val_{name}": figure for name, figure in evaluate(model, held_out, loss=loss, metrics=metrics).items()}
                history.rows.append(row)
                bar.set_postfix_str(f"epoch {epoch}/{epochs}, {_shown(row)}")
                if patience is not None:
                    if row["val_loss"] < best:
                        best, best_state, waited = row["val_loss"], model.state_dict(), 0
                    else:
                        waited += 1
                stop = [callback(epoch, row) for callback in callbacks]
                if any(stop) or (patience is not None and waited >= patience):
                    break
    finally:
        model.eval()
        if best_state is not None:
            model.load_state_dict(best_state)
    return history


def _step_of(model: Module, loss: Any, optimizer: Optimizer, clip_norm: float | None) -> Callable[[Any, Any], Any]:
    """A step of training as one function of a batch; it returns the loss, or raises and changes nothing if that is not finite."""

    def step(x: Any, y: Any) -> Any:
        value = ops.finite(loss(model(x), y))
        value.backward()
        if clip_norm is not None:
            clip_grad_norm_(optimizer.params, clip_norm)
        optimizer.step()
        optimizer.zero_grad()
        return value

    return step


def _train_epoch(model: Module, loader: DataLoader, step: Callable[[Any, Any], Any], schedule: Schedule | None, bar: Any) -> float:
    """One pass over the data; returns the mean loss."""
    model.train()
    total = 0.0
    for x, y in loader:
        try:
            value = step(x, y)
        except FloatingPointError as error:
            advice = "lower the learning rate, or give clip_norm"
            raise FloatingPointError(f"fit: the loss in epoch {loader.epoch}: {error}; {advice}") from error
        if schedule is not None:
            schedule.step()
        total += value.item() * len(x)
        bar.update()
    return total / len(loader.arrays[0])


def _checked(data: Any, model: Module, name: str, loss: Any) -> Pair:
    """The arrays of `data`, looked at once by the model and the loss, so that nothing is learnt before all is known to fit."""
    pair = _arrays(data, model, name)
    try:
        with np.errstate(all="ignore"):
            evaluate(model, pair, loss=loss, metrics={})
    except Exception as error:
        error.add_note(f"in the {name} data, before training; the model is as it was")
        raise
    return pair


def _check_optimizer(optimizer: Any, model: Module) -> None:
    if not isinstance(optimizer, Optimizer):
        raise TypeError(f"fit: got optimizer={optimizer!r}, wanted one made for this model, such as nn.optim.Adam(model.parameters())")
    own = {id(p) for p in model.parameters()}
    if not any(id(p) in own for p in optimizer.params):
        raise ValueError("fit: the optimizer holds none of this model's parameters; make it again, from model.parameters()")


def _default_metrics(loss: Any, y: NDArray[Any]) -> dict[str, Metric]:
    return {"accuracy": accuracy} if loss is F.cross_entropy and y.dtype.kind in "iu" else {}


def _bar(total: int, progress: bool) -> Any:
    from tqdm import tqdm

    pace = 0.1 if sys.stderr.isatty() else 1.0  # seconds between updates: a file gets few
    form = "{l_bar}{bar:20}| {elapsed}{postfix}"
    return tqdm(total=total, unit="batch", disable=not progress, mininterval=pace, bar_format=form)


def predict(model: Module, x: Any, batch_size: int = 1024) -> NDArray[Any]:
    """The output of the model for each row of x, outside training and without a graph.

    >>> from nn import Linear
    >>> predict(Linear(3, 2), np.zeros((5, 3))).shape
    (5, 2)
    """
    if batch_size < 1:
        raise ValueError(f"predict: got batch_size={batch_size}, wanted at least 1")
    x = x.x if isinstance(x, Dataset) else x
    x = (x.data if isinstance(x, Tensor) else as_array(x)).astype(model.dtype)
    modes = {module: module.training for module in model.modules()}
    model.eval()
    try:
        with no_grad():
            outputs = [model(x[k : k + batch_size]) for k in range(0, max(1, len(x)), batch_size)]
    finally:
        for module, mode in modes.items():
            module.training = mode
    return np.concatenate([np.asarray(out) for out in outputs])


def evaluate(
    model: Module,
    data: Dataset | Pair,
    *,
    loss: Callable[[Any, Any], Any] = F.cross_entropy,
    metrics: Mapping[str, Metric] | None = None,
    batch_size: int = 1024,
) -> dict[str, float]:
    """The loss and the metrics of the model on `data`.

    >>> from nn import MLP, data
    >>> sorted(evaluate(MLP([64, 10]), data.digits()))
    ['accuracy', 'loss']
    """
    x, y = _arrays(data, model, "data")
    output = predict(model, x, batch_size)
    metrics = _default_metrics(loss, y) if metrics is None else metrics
    value = loss(output, y)
    if np.size(value) != 1:
        raise ValueError(f"the loss has shape {np.shape(value)}, wanted a single value; give it reduction='mean'")
    return {"loss": float(value), **{name: float(metric(output, y)) for name, metric in metrics.items()}}
