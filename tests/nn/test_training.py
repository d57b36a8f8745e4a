"""Training, evaluation, prediction, and the history that training leaves."""

import base64
import gc
import math

import numpy as np
import pytest

import nn
from autograd import Tensor, is_grad_enabled
from nn import MLP, Dropout, History, Linear, Sequential, accuracy, evaluate, fit, manual_seed, optim, predict
from nn import functional as F
from nn.data import digits


def model(sizes=(2, 8, 2), seed=0, **options):
    manual_seed(seed)
    return MLP(sizes, **options)


@pytest.fixture
def quadrants(rng):
    """Two classes that a line does not part."""
    x = rng.standard_normal((200, 2))
    return x, (x[:, 0] * x[:, 1] > 0).astype(int)


# fit


def test_digits_are_learnt():
    train, test = digits().split(test=0.2)
    m = model((64, 64, 10))
    history = fit(m, train, test, optimizer=optim.Adam(m.parameters(), lr=0.005), epochs=8, progress=False)
    assert len(history) == 8
    assert history["val_accuracy"][-1] > 0.95
    assert history["loss"][0] > 1
    assert history["loss"][-1] < 0.1
    assert evaluate(m, test) == {"loss": history["val_loss"][-1], "accuracy": history["val_accuracy"][-1]}


def test_the_same_seeds_give_the_same(quadrants):
    def run(seed, shuffling):
        m = model(seed=seed, dropout=0.2)
        history = fit(m, quadrants, quadrants, epochs=3, seed=shuffling, progress=False)
        return history.rows, [p.tolist() for p in m.parameters()]

    first = run(0, 0)
    assert run(0, 0) == first
    assert run(1, 0) != first
    assert run(0, 1) != first


def test_a_step_is_what_it_should_be(quadrants):
    """One epoch of one batch is one step of descent on the mean loss."""
    m, twin = model(dtype=np.float64), model(dtype=np.float64)
    history = fit(m, quadrants, optimizer=optim.SGD(m.parameters(), lr=0.5), epochs=1, batch_size=200, progress=False)
    loss = F.cross_entropy(twin(quadrants[0]), quadrants[1])
    loss.backward()
    assert history.rows == [{"loss": pytest.approx(loss.item(), rel=1e-12)}]
    for p, q in zip(m.parameters(), twin.parameters(), strict=True):
        np.testing.assert_allclose(p.data, q.data - 0.5 * q.grad.data, rtol=1e-10)


def test_gradients_from_before_do_not_count(quadrants):
    def run(before):
        m = model(dtype=np.float64)
        for p in m.parameters():
            p.grad = before and Tensor(np.full(p.shape, before))
        fit(m, quadrants, optimizer=optim.SGD(m.parameters(), lr=0.5), epochs=1, batch_size=100, progress=False)
        return [p.tolist() for p in m.parameters()]

    assert run(7.0) == run(None)


def test_the_loss_of_an_epoch_weighs_batches_by_their_size(quadrants):
    m = model(dtype=np.float64)
    history = fit(m, quadrants, optimizer=optim.SGD(m.parameters(), lr=0.0), epochs=2, batch_size=64, progress=False)
    assert history["loss"] == pytest.approx([evaluate(m, quadrants)["loss"]] * 2, rel=1e-12)


def test_data_are_cast_to_the_dtype_of_the_model(quadrants):
    seen = []

    def loss(output, target):
        seen.append((str(output.dtype), str(target.dtype)))
        return F.mse_loss(output, target)

    m = model((2, 4, 2), dtype=np.float32)
    targets = quadrants[0] * 2.0
    fit(m, (quadrants[0], targets), (Tensor(quadrants[0]), targets.tolist()), loss=loss, epochs=1, progress=False)
    assert set(seen) == {("float32", "float32")}
    assert all(p.dtype == np.float32 for p in m.parameters())


def test_a_line_is_found():
    x = np.linspace(-1, 1, 100)[:, None]
    manual_seed(0)
    m = Linear(1, 1, dtype=np.float64)
    history = fit(m, (x, 3 * x - 1), loss=F.mse_loss, optimizer=optim.SGD(m.parameters(), lr=0.3), epochs=60, progress=False)
    assert list(history.rows[0]) == ["loss"]
    assert (m.weight.item(), m.bias.item()) == (pytest.approx(3), pytest.approx(-1))


def test_metrics_of_your_own(quadrants):
    metrics = {"worst": lambda output, target: abs(output - np.eye(2)[target]).max()}
    history = fit(model(), quadrants, quadrants, metrics=metrics, epochs=1, progress=False)
    assert list(history.rows[0]) == ["loss", "val_loss", "val_worst"]


def test_a_schedule_moves_after_each_batch(quadrants):
    m = model()
    optimizer = optim.SGD(m.parameters(), lr=1.0)
    schedule = optim.StepLR(optimizer, step_size=1, gamma=0.5)
    fit(m, quadrants, optimizer=optimizer, schedule=schedule, epochs=2, batch_size=100, progress=False)
    assert (optimizer.lr, schedule.count) == (1 / 16, 4)


def test_clip_norm_bounds_each_step(quadrants):
    m = model(dtype=np.float64)
    before = m.state_dict()
    optimizer = optim.SGD(m.parameters(), lr=1.0)
    fit(m, (quadrants[0] * 1000, quadrants[1]), optimizer=optimizer, clip_norm=0.01, epochs=1, batch_size=200, progress=False)
    moved = math.sqrt(sum(((a - before[name]) ** 2).sum() for name, a in m.state_dict().items()))
    assert moved == pytest.approx(0.01, rel=1e-3)


@pytest.mark.parametrize("flag", [True, np.True_])
def test_callbacks_see_each_epoch_and_stop(quadrants, flag):
    seen = []
    callbacks = (callback for callback in (lambda epoch, row: seen.append((epoch, row)), lambda epoch, _: flag if epoch == 3 else None))
    history = fit(model(), quadrants, quadrants, epochs=9, callbacks=callbacks, progress=False)
    assert seen == list(enumerate(history.rows, 1))
    assert len(history) == 3


@pytest.mark.parametrize("patience", [1, 2])
def test_patience_stops_and_puts_the_best_back(patience):
    m = Linear(1, 1, bias=False, dtype=np.float64)
    weights = iter([1.0, 0.5, -0.5, 0.6, 0.2])

    def move(*_):
        m.weight.data = [[next(weights)]]

    move()
    data = np.ones((1, 1)), np.zeros((1, 1))  # the loss is the square of the weight
    still = optim.SGD(m.parameters(), lr=0.0)
    history = fit(m, data, data, loss=F.mse_loss, optimizer=still, epochs=9, patience=patience, callbacks=[move], progress=False)
    assert history["val_loss"] == pytest.approx([1, 0.25, 0.25, 0.36][: 2 + patience])
    assert m.weight.item() == 0.5


def test_patience_that_does_not_run_out_still_gives_the_best(quadrants):
    m = model()
    history = fit(m, quadrants, quadrants, optimizer=optim.SGD(m.parameters(), lr=2.0), epochs=20, patience=50, progress=False)
    assert len(history) == 20
    assert evaluate(m, quadrants)["loss"] == min(history["val_loss"]) < history["val_loss"][-1]


def test_a_history_that_is_given_grows_as_training_goes(quadrants):
    history = History([{"loss": 9.0}])

    def interrupt(epoch, _row):
        if epoch == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fit(model(), quadrants, epochs=5, callbacks=[interrupt], history=history, progress=False)
    assert len(history) == 3


def test_training_ends_in_eval_mode_and_a_loss_that_is_not_finite_raises(quadrants):
    m = model(dropout=0.1).eval()
    modes = []

    def loss(output, target):
        modes.append([part.training for part in m.modules()])
        return F.cross_entropy(output, target)

    fit(m, quadrants, loss=loss, epochs=1, progress=False)
    assert not any(modes[0])  # the first look, before training
    assert all(map(all, modes[1:]))
    assert not any(part.training for part in m.modules())
    before = m.state_dict()
    for number in (math.nan, math.inf):
        wanted = rf"fit: the loss in epoch 1: got {number}, wanted finite numbers; lower the learning rate, or give clip_norm"
        with pytest.raises(FloatingPointError, match=wanted):
            fit(m, quadrants, loss=lambda output, target: F.cross_entropy(output, target) + number, progress=False)  # noqa: B023
    assert all((a == before[name]).all() for name, a in m.state_dict().items())


def test_progress_is_shown_or_not(quadrants, capfd):
    fit(model(), quadrants, epochs=1, progress=False)
    assert capfd.readouterr() == ("", "")
    fit(model(), quadrants, quadrants, epochs=2)
    shown = capfd.readouterr()
    assert shown.out == ""
    assert "epoch 2/2, loss 0." in shown.err
    assert "val_accuracy" in shown.err
    assert "100%" in shown.err


# refusals

X, Y = np.zeros((3, 2)), np.array([0, 1, 0])


def spoilt(value):
    x = np.zeros((3, 2))
    x[2, 1] = value
    return x


@pytest.mark.parametrize(
    ("data", "kind", "message"),
    [
        ((spoilt(np.nan), Y), ValueError, "train x: row 2, column 1 is nan; 1 of 6 values are not finite; drop or impute"),
        ((spoilt(-np.inf), Y), ValueError, "train x: row 2, column 1 is -inf"),
        ((spoilt(1e39), Y), ValueError, "train x: row 2, column 1 is inf"),
        ((X, np.array([0, 1, np.nan])), ValueError, "train y: row 2 is nan"),
        ((X, Y[:2]), ValueError, r"train: got x of shape \(3, 2\) and y of shape \(2,\), wanted equally many rows, at least one"),
        ((X[:0], Y[:0]), ValueError, r"train: got x of shape \(0, 2\) and y of shape \(0,\)"),
        ((1.0, 0), ValueError, r"train: got x of shape \(\) and y of shape \(\)"),
        ((X, ["a", "b", "a"]), TypeError, "train: got y of dtype <U1, wanted the numbers of the classes, or floats"),
        (X, TypeError, r"train: got a ndarray, wanted a Dataset or a pair \(x, y\)"),
        ((X, Y, Y), TypeError, "train: got a tuple, wanted a Dataset or a pair"),
        ((X, Y + 2), ValueError, "cross_entropy: .*labels run from 2 to 3, wanted 0 … 1"),
        ((np.zeros((3, 5)), Y), ValueError, r"linear: x \(3, 5\), W \(8, 2\), b \(8,\): wanted x"),
    ],
)
def test_refused_data(data, kind, message):
    m = model()
    before = m.state_dict()
    with pytest.raises(kind, match=message):
        fit(m, data, progress=False)
    assert all((a == before[name]).all() for name, a in m.state_dict().items())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"epochs": 0}, "fit: got epochs=0, wanted a whole number of at least 1"),
        ({"patience": 0, "validation": (X, Y)}, "fit: got patience=0, wanted a whole number of at least 1"),
        ({"patience": 2}, "fit: patience watches the validation loss; give validation data too"),
        ({"batch_size": 0}, "batch_size: wanted an int of at least 1, got 0"),
        ({"validation": (spoilt(np.nan), Y)}, "validation x: row 2, column 1 is nan"),
        ({"clip_norm": -1}, "clip_grad_norm_: got max_norm=-1"),
    ],
)
def test_refused_settings(options, message):
    with pytest.raises(ValueError, match=message):
        fit(model(), (X, Y), progress=False, **options)


def test_refused_evaluation():
    with pytest.raises(ValueError, match="data x: row 2, column 1 is nan"):
        evaluate(model(), (spoilt(np.nan), Y))
    with pytest.raises(ValueError, match=r"data: got x of shape \(0, 2\)"):
        evaluate(model(), (X[:0], Y[:0]))
    for size in (0, -1):
        with pytest.raises(ValueError, match=f"predict: got batch_size={size}, wanted at least 1"):
            predict(model(), X, batch_size=size)


def test_shapes_that_broadcast_are_warned_of():
    with pytest.warns(UserWarning, match=r"mse_loss: prediction \(3, 1\) and target \(3,\) differ in shape"):
        fit(model((2, 1)), (X, [0.0, 1.0, 2.0]), loss=F.mse_loss, epochs=1, progress=False)


# evaluate and predict


def test_evaluate_and_predict_leave_the_modes_as_they_were(quadrants):
    m = Sequential(Linear(2, 2), Dropout(0.5), Dropout(0.5))
    m[2].eval()
    before = [part.training for part in m.modules()]
    assert before == [True, True, True, False]
    first = evaluate(m, quadrants)
    assert evaluate(m, quadrants) == first  # without dropout
    predict(m, quadrants[0])
    with pytest.raises(ValueError):
        predict(m, np.zeros((3, 5)))
    assert [part.training for part in m.modules()] == before


def test_predict_gives_the_outputs_of_all_rows_in_order(rng):
    m = model((2, 3), dtype=np.float64)
    x = rng.standard_normal((10, 2))
    for size in (1, 3, 10, 1024):
        np.testing.assert_allclose(predict(m, x, batch_size=size), m(x).data, rtol=1e-12)
    assert (predict(m, Tensor(x, requires_grad=True)) == predict(m, x.tolist())).all()
    assert predict(m, x[:0]).shape == (0, 3)


def test_predict_records_no_graph():
    seen = []

    class Spy(Linear):
        def forward(self, x):
            seen.append((is_grad_enabled(), x.dtype))
            return super().forward(x)

    assert type(predict(Spy(2, 3), X)) is np.ndarray
    assert seen == [(False, np.float32)]


def test_evaluate_measures_what_it_is_told(quadrants):
    m = model((2, 1))
    figures = evaluate(
        m, (quadrants[0], quadrants[1][:, None] * 1.0), loss=F.mse_loss, metrics={"rows": lambda output, _: len(output)}, batch_size=7
    )
    assert figures["rows"] == 200
    assert figures["loss"] == pytest.approx(np.mean((predict(m, quadrants[0]) - quadrants[1][:, None]) ** 2), rel=1e-5)
    assert list(evaluate(m, (quadrants[0], quadrants[1][:, None] * 1.0), loss=F.mse_loss)) == ["loss"]


def test_accuracy():
    scores = np.array([[0.1, 0.9], [0.8, 0.2], [0.3, 0.7], [0.6, 0.4]])
    assert accuracy(scores, np.array([1, 0, 0, 0])) == 0.75


# the history


def test_history():
    history = History([{"loss": 2.0}, {"loss": 1.0, "val_loss": 1.5}])
    assert (history["loss"], history["val_loss"], len(history)) == ([2, 1], [1.5], 2)
    assert list(history) == history.rows
    assert repr(history) == "History(2 epochs: loss 1.0000, val_loss 1.5000)"
    assert (repr(History()), History()["loss"]) == ("History(0 epochs)", [])
    with pytest.raises(KeyError, match="'accuracy': the history has loss, val_loss"):
        history["accuracy"]


def test_history_shows_itself_in_a_notebook():
    bundle = History([{"loss": 2.0}])._repr_mimebundle_()
    assert bundle["text/plain"] == "History(1 epochs: loss 2.0000)"
    assert base64.b64decode(bundle["image/png"]).startswith(b"\x89PNG\r\n\x1a\n")
    assert History()._repr_mimebundle_() == {"text/plain": "History(0 epochs)"}


# the confusion matrix


def test_confusion_matrix():
    rng = np.random.default_rng(0)
    true, predicted = rng.integers(0, 3, (2, 50))
    matrix = nn.confusion_matrix(true, predicted, 4)
    assert matrix.tolist() == [[np.sum((true == row) & (predicted == column)) for column in range(4)] for row in range(4)]


@pytest.mark.parametrize(
    ("train", "validation"),
    [((X, Y + 9), (X, Y)), ((X, Y), (X, Y + 9)), ((X, Y), (X[:, :1], Y)), ((np.ma.array(X, mask=X > 0), Y), None)],
)
def test_data_that_do_not_fit_change_nothing(train, validation):
    m = model()
    before = m.state_dict()
    with pytest.raises((ValueError, TypeError)):
        fit(m, train, validation, progress=False)
    assert all((before[name] == a).all() for name, a in m.state_dict().items())


def test_an_optimizer_of_another_model_is_refused():
    with pytest.raises(ValueError, match="none of this model's parameters; make it again"):
        fit(model(), (X, Y), optimizer=optim.Adam(model().parameters()), progress=False)
    with pytest.raises(TypeError, match="wanted one made for this model"):
        fit(model(), (X, Y), optimizer="adam", progress=False)


def test_ten_thousand_steps_do_not_grow():
    m = model()
    optimizer, loss = optim.Adam(m.parameters()), F.cross_entropy

    def step():
        loss(m(X), Y).backward()
        optimizer.step()
        optimizer.zero_grad()

    for _ in range(100):
        step()
    gc.collect()
    gc.disable()
    try:
        objects = len(gc.get_objects())
        for _ in range(10_000):
            step()
        assert len(gc.get_objects()) - objects < 100
    finally:
        gc.enable()


def test_accuracy_of_scores_with_further_axes(rng):
    scores = rng.normal(size=(4, 3, 5))
    assert accuracy(scores, scores.argmax(1)) == 1
    with pytest.raises(ValueError, match=r"got targets of shape \(4, 1\), wanted \(4,\)"):
        accuracy(scores[:, :, 0], np.zeros((4, 1), int))


def test_the_confusion_of_small_integers():
    twenty = np.array([19], np.uint8)
    assert np.argwhere(nn.confusion_matrix(twenty, twenty, 20)).tolist() == [[19, 19]]
    with pytest.raises(ValueError, match="classes run from 0 to 2, wanted 0 … 1"):
        nn.confusion_matrix(np.array([0, 1]), np.array([2, 0]), 2)


def test_losses_of_small_integers_do_not_wrap():
    assert F.mse_loss(np.array([0], np.uint8), np.array([20], np.uint8)) == 400


def test_a_run_goes_on_where_it_stopped():
    weights = []
    for parts in (4,), (2, 2):
        manual_seed(0)
        m, history = model(), History()
        optimizer = optim.SGD(m.parameters(), lr=0.1)
        for epochs in parts:
            fit(m, (X, Y), optimizer=optimizer, epochs=epochs, batch_size=2, history=history, progress=False)
        weights.append(m.state_dict())
    assert all((weights[0][name] == weights[1][name]).all() for name in weights[0])


def test_the_best_is_restored_after_an_interruption_too():
    m, losses = model(), []

    def stop(epoch, row):
        losses.append((row["val_loss"], m.state_dict()))
        if epoch == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fit(m, (X, Y), (X, 1 - Y), patience=5, callbacks=stop, progress=False)
    best = min(losses, key=lambda pair: pair[0])[1]
    assert all((best[name] == a).all() for name, a in m.state_dict().items())


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"schedule": optim.StepLR}, "wanted one made for the optimizer of this call"),
        ({"metrics": [accuracy]}, "wanted functions by name"),
        ({"metrics": {"accuracy": 1.0}}, "wanted a function"),
        ({"callbacks": [3]}, "callbacks is 3, wanted a function"),
        ({"loss": lambda z, y: F.cross_entropy(z, y, reduction="none")}, "wanted a single value"),
    ],
)
def test_wrong_parts_are_named(options, match):
    with pytest.raises((TypeError, ValueError), match=match):
        fit(model(), (X, Y), progress=False, **options)


def test_a_parameter_is_not_replaced_by_something_else():
    layer = Linear(2, 2)
    with pytest.raises(TypeError, match=r"Linear.weight is a Parameter, got a Tensor, wanted a Parameter"):
        layer.weight = layer.weight * 0.5
    layer.bias = None
    assert len(list(layer.parameters())) == 1
