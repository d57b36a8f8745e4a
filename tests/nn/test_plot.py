"""Pictures of training: what they show, of what they are made, and what they refuse."""

import sys

import numpy as np
import pytest

import nn
from autograd import Tensor
from nn import MLP, History, Linear, Module, Sequential, Sigmoid
from nn.plot import as_png, confusion_matrix, curves, decision_boundary, weights

pyplot = pytest.importorskip("matplotlib.pyplot")


@pytest.fixture(autouse=True)
def _no_window(monkeypatch):
    """Nothing here may show a figure, or leave one behind for the next test."""
    pyplot.switch_backend("agg")
    monkeypatch.setattr(pyplot, "show", lambda: pytest.fail("show() was called"))
    yield
    pyplot.close("all")


def names(labels):
    return [label.get_text() for label in labels]


class Plane(Module):
    """Scores of the given linear functions of the plane."""

    def __init__(self, *rows):
        self.layer = Linear(2, len(rows), bias=False)
        self.layer.weight.data[:] = rows

    def forward(self, x):
        return self.layer(x)


HALVES = Plane([0, 0], [5, 0])  # class 1 where x₁ > 0
CORNERS = np.array([[-1.0, -1], [-1, 1], [1, -1], [1, 1]])


# the curves

ROWS = [{"loss": 2.0, "val_loss": 2.5, "val_accuracy": 0.5}, {"loss": 1.0, "val_loss": 1.5, "val_accuracy": 0.75}]


def test_a_history_has_a_panel_for_each_figure():
    losses, accuracies = History(ROWS).plot()
    assert [ax.get_title() for ax in (losses, accuracies)] == ["loss", "accuracy"]
    drawn = {line.get_label(): line.get_xydata().tolist() for line in losses.lines}
    assert drawn == {"training": [[1, 2], [2, 1]], "held out": [[1, 2.5], [2, 1.5]]}
    assert [line.get_label() for line in accuracies.lines] == ["held out"]
    assert names(losses.get_legend().get_texts()) == ["training", "held out"]


def test_training_and_held_out_differ_in_more_than_colour():
    first, second = History(ROWS).plot()[0].lines
    assert first.get_linestyle() != second.get_linestyle()


def test_epochs_are_whole_numbers():
    (ax,) = History([{"loss": 1.0}, {"loss": 0.5}]).plot()
    assert all(tick == int(tick) for tick in ax.get_xticks())


def test_an_empty_history_draws_an_empty_panel():
    (ax,) = curves(History())
    assert not ax.lines


def test_curves_are_drawn_where_one_says():
    figure, given = pyplot.subplots(1, 2)
    assert list(History(ROWS).plot(ax=given)) == list(given)
    assert pyplot.get_fignums() == [figure.number]
    assert curves(History([{"loss": 1.0}]), ax=given[0])[0] is given[0]
    with pytest.raises(ValueError, match=r"curves: got 1 Axes, wanted 2, one each for loss, accuracy"):
        curves(History(ROWS), ax=given[0])


# the confusion matrix


def test_a_confusion_matrix_shows_its_counts_and_names(rng):
    true, predicted = rng.integers(0, 3, (2, 50))
    matrix = nn.confusion_matrix(true, predicted, 4)
    ax = confusion_matrix(true, predicted, classes=["a", "b", "c", "long name"])
    for labels in (ax.get_xticklabels(), ax.get_yticklabels()):
        assert names(labels) == ["a", "b", "c", "long name"]
    assert {text.get_position(): text.get_text() for text in ax.texts} == {
        (column, row): str(matrix[row, column]) for row, column in np.argwhere(matrix)
    }
    assert ax.get_title() == f"{np.trace(matrix)} of 50 right: {2 * np.trace(matrix)}.0 %"
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("predicted", "true")


def test_right_and_wrong_have_colours_of_their_own_and_empty_cells_none():
    picture = confusion_matrix([0, 0, 0, 0, 1], [0, 0, 0, 1, 1]).images[0].get_array()
    assert picture[1, 0, 3] == 0
    assert (picture[0, 0, :3] == picture[1, 1, :3]).all()
    assert (picture[0, 1, :3] != picture[0, 0, :3]).any()
    assert picture[1, 1, 3] > picture[0, 0, 3] > picture[0, 1, 3] > 0  # shares 1, 3/4, 1/4 of their rows


@pytest.mark.parametrize(("style", "text"), [("default", "black"), ("dark_background", "white")])
def test_counts_are_white_on_deep_colours_and_in_the_style_s_colour_on_faint_ones(style, text):
    with pyplot.style.context(style):
        ax = confusion_matrix([0] * 9 + [1], [0] * 8 + [1, 1])
    colours = {t.get_position(): t.get_color() for t in ax.texts}
    assert (colours[0, 0], colours[1, 0]) == ("white", text)


def test_classes_are_their_numbers_unless_named():
    assert names(confusion_matrix(Tensor([0, 2]), [2, 0]).get_xticklabels()) == ["0", "1", "2"]


def test_a_large_confusion_matrix_has_no_counts():
    many = np.arange(40)
    assert not confusion_matrix(many, many).texts


@pytest.mark.parametrize(
    ("true", "predicted", "classes", "message"),
    [
        ([0, 1], np.eye(2), None, r"got predicted of shape \(2, 2\), wanted one class a row; did you mean predicted.argmax\(-1\)\?"),
        ([0, 1, 1], [0, 1], None, "got 3 true classes and 2 predicted ones, wanted equally many"),
        ([0, 1], [0, 0.5], None, "got predicted of 0 … 0.5, wanted the numbers of classes"),
        ([-1, 1], [1, 1], None, "got true of -1 … 1, wanted the numbers of classes"),
        ([], [], None, "got true of nothing, wanted the numbers of classes"),
        ([0, 2], [0, 1], ["cat", "dog"], "classes run from 0 to 2, wanted 0 … 1"),
    ],
)
def test_what_is_no_pair_of_classes_is_refused(true, predicted, classes, message):
    with pytest.raises(ValueError, match=f"^confusion_matrix: {message}"):
        confusion_matrix(true, predicted, classes)
    assert not pyplot.get_fignums()


# the decision boundary


def boundary(ax):
    (line,) = ax.collections[: len(ax.collections) - len(ax.get_legend().get_texts())]
    return np.concatenate([path.vertices for path in line.get_paths()])


def test_the_boundary_is_where_two_scores_are_equal():
    ax = decision_boundary(HALVES, CORNERS + np.array([0.5, 0]), [0, 0, 1, 1])
    assert boundary(ax)[:, 0] == pytest.approx(0, abs=1e-6)


def test_each_side_has_the_colour_of_its_points():
    ax = decision_boundary(HALVES, CORNERS, [0, 0, 1, 1], classes=["left", "right"])
    picture = np.asarray(ax.images[0].get_array())
    left, right = (points.get_facecolor()[0, :3] for points in ax.collections[-2:])
    assert picture[:, 0, :3] == pytest.approx(np.tile(left, (200, 1)))
    assert picture[:, -1, :3] == pytest.approx(np.tile(right, (200, 1)))
    assert picture[0, 0, 3] > picture[0, 90, 3]  # the farther from the boundary, the surer
    assert [points.get_offsets().tolist() for points in ax.collections[-2:]] == [CORNERS[:2].tolist(), CORNERS[2:].tolist()]
    assert names(ax.get_legend().get_texts()) == ["left", "right"]


def test_classes_differ_in_more_than_colour():
    points = decision_boundary(HALVES, CORNERS, [0, 0, 1, 1]).collections[-2:]
    assert len({path.vertices.tobytes() for p in points for path in p.get_paths()}) == 2


@pytest.mark.parametrize("y", [np.array([0, 0, 1, 1]), np.array([[-1.0], [-1], [1], [1]]), Tensor([False, False, True, True])])
def test_one_output_tells_two_classes_apart_however_they_are_written(y):
    ax = decision_boundary(Plane([5, 0]), CORNERS, y)
    assert boundary(ax)[:, 0] == pytest.approx(0, abs=1e-6)
    assert [points.get_offsets()[0, 0] for points in ax.collections[-2:]] == [-1, 1]
    assert names(ax.get_legend().get_texts()) == [f"{kind:g}".replace("-", "−") for kind in np.unique(np.asarray(y))]


def test_probabilities_part_at_one_half():
    ax = decision_boundary(Sequential(Plane([5, 0]), Sigmoid()), CORNERS + np.array([0.25, 0]), [0, 0, 1, 1], threshold=0.5)
    assert boundary(ax)[:, 0] == pytest.approx(0, abs=0.01)


def test_a_single_class_of_points_keeps_its_colour():
    both, one = (decision_boundary(Plane([5, 0]), CORNERS[-k:], np.ones(k) * (CORNERS[-k:, 0] > 0)) for k in (4, 2))
    assert (one.collections[-1].get_facecolor() == both.collections[-1].get_facecolor()).all()
    assert len(one.collections[-1].get_offsets()) == 2


def test_three_classes_meet():
    model = Plane([0, 3], [3, -1], [-3, -1])
    x = np.array([[0.0, 2], [2, -1], [-2, -1]])
    ax = decision_boundary(model, x, [0, 1, 2], resolution=50)
    regions = {tuple(c) for c in ax.images[0].get_array()[..., :3].reshape(-1, 3).round(6)}
    assert regions == {tuple(points.get_facecolor()[0, :3].round(6)) for points in ax.collections[-3:]}


def test_the_model_is_left_in_its_mode():
    model = MLP([2, 4, 2], dropout=0.5)
    decision_boundary(model, CORNERS, [0, 0, 1, 1], resolution=20)
    assert all(module.training for module in model.modules())


@pytest.mark.parametrize(
    ("model", "x", "y", "message"),
    [
        (HALVES, np.zeros((5, 3)), np.zeros(5), r"got x of shape \(5, 3\), wanted \(N, 2\): two features"),
        (HALVES, CORNERS, [0, 1], r"got y of shape \(2,\), wanted \(4,\), the class of each row of x"),
        (HALVES, CORNERS, [0, 1, 2, 0], "y has class 2, but the model has 2 outputs, from class 0"),
        (HALVES, CORNERS, [-1, 1, 1, 1], "got y of -1 … 1, wanted the numbers of classes"),
        (Plane([5, 0]), CORNERS, [0, 1, 2, 0], "the model has one output, which tells two classes apart; y has 3"),
    ],
)
def test_what_is_no_classifier_of_the_plane_is_refused(model, x, y, message):
    with pytest.raises(ValueError, match=f"^decision_boundary: {message}"):
        decision_boundary(model, x, y)
    assert not pyplot.get_fignums()


def test_names_of_classes_are_counted():
    with pytest.raises(ValueError, match="got 3 names of classes, wanted 2"):
        decision_boundary(HALVES, CORNERS, [0, 0, 1, 1], classes=["a", "b", "c"])


# the weights


def test_each_row_is_an_image_apart_from_the_others():
    W = np.arange(1.0, 25).reshape(4, 6)
    sheet = weights(W, shape=(2, 3)).images[0].get_array()
    assert np.ma.filled(sheet[:2, :3], 0).tolist() == W[0].reshape(2, 3).tolist()
    assert np.ma.filled(sheet[:2, 4:7], 0).tolist() == W[1].reshape(2, 3).tolist()
    assert np.ma.filled(sheet[3:, :3], 0).tolist() == W[2].reshape(2, 3).tolist()
    assert np.ma.getmaskarray(sheet)[:, 3].all()
    assert np.ma.getmaskarray(sheet)[2].all()
    assert sheet.shape == (5, 7)
    assert sorted(sheet.compressed()) == W.ravel().tolist()


def test_the_scale_is_even_about_zero():
    image = weights(np.array([[0.5, -2, 0, 1]])).images[0]
    assert image.get_clim() == (-2, 2)


def test_a_layer_s_weight_needs_no_shape_if_it_is_square():
    ax = weights(Linear(64, 10).weight)
    assert ax.get_title() == "10 units, 8 × 8 weights each"


@pytest.mark.parametrize(
    ("W", "shape", "message"),
    [
        (np.zeros(5), None, r"got shape \(5,\), wanted \(units, inputs\)"),
        (np.zeros((2, 5)), None, r"got rows of 5 weights, wanted a square to make an image; give shape=\(height, width\)"),
        (np.zeros((2, 5)), (2, 3), r"got rows of 5 weights, wanted 2 × 3 = 6 to make an image; give shape"),
        (np.zeros((64, 10)), (8, 8), r"got rows of 10 weights, wanted 8 × 8 = 64 to make an image; did you mean W.T\?"),
    ],
)
def test_rows_that_make_no_image_are_refused(W, shape, message):
    with pytest.raises(ValueError, match=f"^weights: {message}"):
        weights(W, shape)
    assert not pyplot.get_fignums()


# all of them

ALL = {
    "curves": lambda ax: curves(History([{"loss": 1.0}]), ax=ax)[0],
    "confusion_matrix": lambda ax: confusion_matrix([0, 1], [0, 1], ax=ax),
    "decision_boundary": lambda ax: decision_boundary(HALVES, CORNERS, [0, 0, 1, 1], ax=ax),
    "weights": lambda ax: weights(np.eye(4), ax=ax),
}


@pytest.mark.parametrize("draw", ALL.values(), ids=ALL)
def test_a_picture_is_drawn_in_the_axes_given(draw):
    figure, ax = pyplot.subplots()
    assert draw(ax) is ax
    assert pyplot.get_fignums() == [figure.number]


@pytest.mark.parametrize("draw", ALL.values(), ids=ALL)
def test_a_new_figure_is_pyplot_s_until_it_is_a_file(draw):
    ax = draw(None)
    assert pyplot.get_fignums() == [ax.figure.number]
    assert as_png(ax).startswith(b"\x89PNG\r\n\x1a\n")
    assert not pyplot.get_fignums()


@pytest.mark.parametrize("draw", ALL.values(), ids=ALL)
def test_without_matplotlib_one_is_told_what_to_install(monkeypatch, draw):
    for module in [name for name in sys.modules if name.split(".")[0] == "matplotlib"]:
        monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ImportError, match="pictures need matplotlib: pip install matplotlib"):
        draw(None)
