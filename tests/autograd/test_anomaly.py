"""detect_anomaly names the first op whose value or gradient is not finite, and the user's line; outside it nothing changes."""

import numpy as np
import pytest

import nn
from autograd import Tensor, anomaly, detect_anomaly, enable_grad, no_grad, ops


def leaf(*values, name="x"):
    return Tensor(list(values), requires_grad=True, name=name)


def test_a_value_is_blamed_on_the_op_and_the_line():
    x = leaf(1.0, -1.0)
    with (
        detect_anomaly(),
        np.errstate(invalid="ignore"),
        pytest.raises(FloatingPointError, match=r"^sqrt: value nan at \(1,\), 1 of 2") as error,
    ):
        (ops.sqrt(x) * 2).sum()  # this line
    assert "test_anomaly.py" in str(error.value)
    assert "# this line" in str(error.value)
    assert "x (2,) from -1 to 1" in str(error.value)


def test_a_gradient_is_blamed_on_the_rule_and_the_line():
    x = leaf(0.0, 4.0)
    with detect_anomaly():
        y = ops.sqrt(x).sum()  # the forward line
        with pytest.raises(FloatingPointError, match=r"gradient inf at \(0,\), 1 of 2 not finite from the derivative of sqrt") as error:
            y.backward()
    assert "# the forward line" in str(error.value)
    assert x.grad is None


def test_the_line_is_the_users_also_through_nn():
    model = nn.MLP([2, 3, 2])
    model[0].weight.data = np.full((3, 2), np.inf)
    with detect_anomaly(), np.errstate(invalid="ignore"), pytest.raises(FloatingPointError, match=r"model\(np.zeros") as error:
        model(np.zeros((1, 2)))
    assert str(error.value).startswith("linear")


def test_a_column_that_meets_a_row_is_warned_of():
    with detect_anomaly(), pytest.warns(UserWarning, match=r"subtract: \(3,\) and \(3, 1\) make \(3, 3\)"):
        Tensor(np.ones((3, 1)), requires_grad=True) - np.ones(3)


def test_modes_nest():
    x = leaf(0.0)
    with detect_anomaly():
        with no_grad(), np.errstate(divide="ignore"):
            assert np.isneginf(ops.log(x).data[0])
            with enable_grad(), pytest.raises(FloatingPointError):
                ops.log(x)
        (x + 1).sum().backward()
    with np.errstate(divide="ignore"):
        ops.log(x)
    assert x.grad.tolist() == [1.0]


def test_the_lines_remembered_are_bounded(monkeypatch):
    monkeypatch.setattr(anomaly, "REMEMBERED", 100)
    x = leaf(1.0)
    with detect_anomaly() as watch:
        for _ in range(500):
            (x * 2).sum().backward()
        assert len(watch._lines) <= 100


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.longdouble])
def test_gradients_of_every_float_are_looked_at(dtype):
    x = Tensor(np.zeros(2), dtype=dtype, requires_grad=True)
    with detect_anomaly(), pytest.raises(FloatingPointError, match="derivative of sqrt"):
        ops.sqrt(x).sum().backward()
