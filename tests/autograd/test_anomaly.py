"""detect_anomaly names what goes wrong where it first does, and the user's line; outside it nothing changes."""

import threading
import warnings

import numpy as np
import pytest

import autograd.numpy as anp
import nn
from autograd import Tensor, anomaly, detect_anomaly, enable_grad, general, grad, is_grad_enabled, make_jvp, no_grad, ops
from autograd.mode import _ENTERED, GRAD, WATCH
from autograd.op import TABLE


def leaf(*values, name="x"):
    return Tensor(list(values), requires_grad=True, name=name)


def sqrt_or_zero(x):
    """0 where x is not positive: its derivative there is 0·∞."""
    return ops.where(ops.greater(x, 0), ops.sqrt(x), 0.0)  # where it is called


def three_times(f):
    for _ in range(3):
        f()


def second_derivative(f, x):
    f(x).sum().backward(create_graph=True)
    g, x.grad = x.grad, None
    g.sum().backward()


# values


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


def test_operands_are_called_by_their_names():
    ranges = r"w \(2,\) from 1 to 1e\+300, b \(2,\) from 3 to 1e\+300; "
    with detect_anomaly(), np.errstate(over="ignore"), pytest.raises(FloatingPointError, match=rf"^multiply: value inf .*; {ranges}"):
        leaf(1e300, 1.0, name="w") * np.array([1e300, 3.0])


def test_a_range_leaves_out_what_is_not_finite():
    y = (ops.sqrt(leaf(0.0, np.inf)))[:1].sum()
    with detect_anomaly(), pytest.raises(FloatingPointError, match=r"; g \(2,\) from 0 to 1, y \(2,\) from 0 to 0, 1 not finite; "):
        y.backward()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: ops.exp(leaf(0.0, np.nan)), r"^exp: its input x \(2,\) already holds nan at \(1,\), 1 of 2 not finite"),
        (lambda: leaf(1.0, 2.0) * np.array([np.inf, 1.0]), r"^multiply: its input b \(2,\) already holds inf at \(0,\)"),
        (lambda: leaf(1.0, name="w") + float("nan"), r"^add: its input b \(\) already holds nan; "),
    ],
)
def test_an_input_that_was_not_finite_before_is_to_blame(call, message):
    with detect_anomaly(), pytest.raises(FloatingPointError, match=message):
        call()


def test_an_infinite_input_whose_value_is_finite_is_none():
    x = leaf(-np.inf, 0.0)
    with detect_anomaly():
        assert ops.exp(x).sum().item() == 1.0


def test_what_is_recorded_is_looked_at_in_every_output():
    with detect_anomaly(), pytest.raises(FloatingPointError, match=r"^split: its input x \(2,\) already holds nan at \(1,\)"):
        ops.split(leaf(0.0, np.nan), 2)


def test_the_line_is_the_users_also_through_nn():
    model = nn.MLP([2, 3, 2])
    model[0].weight.data = np.full((3, 2), np.inf)
    with detect_anomaly(), np.errstate(invalid="ignore"), pytest.raises(FloatingPointError, match=r"model\(np.zeros") as error:
        model(np.zeros((1, 2)))
    assert str(error.value).startswith("linear: its input W (3, 2) already holds inf at (0, 0)")


@pytest.mark.parametrize("setting", [lambda: np.errstate(all="raise"), warnings.catch_warnings])
def test_numpys_own_errors_are_told_as_ours(setting):
    with setting(), detect_anomaly(), pytest.raises(FloatingPointError, match=r"^log: value -inf at \(0,\), 1 of 1 not finite; x"):
        ops.log(leaf(0.0))  # warnings are errors in tests


def test_an_error_of_numpys_whose_value_is_finite_is_left():
    with np.errstate(under="raise"), detect_anomaly(), pytest.raises(FloatingPointError, match=r"^underflow encountered in exp"):
        ops.exp(leaf(-1000.0))


def test_a_line_without_source_is_a_place():
    with detect_anomaly(), np.errstate(divide="ignore"), pytest.raises(FloatingPointError, match=r"; <nowhere>:1$"):
        exec(compile("ops.log(leaf(0.0))", "<nowhere>", "exec"))


# gradients


def test_a_gradient_is_blamed_on_the_rule_and_the_line():
    x = leaf(0.0, 4.0)
    with detect_anomaly():
        y = ops.sqrt(x).sum()  # the forward line
        with pytest.raises(FloatingPointError, match=r"gradient inf at \(0,\), 1 of 2 not finite from the derivative of sqrt") as error:
            y.backward()
    assert "# the forward line" in str(error.value)
    assert "; g (2,) from 1 to 1, y (2,) from 0 to 2; " in str(error.value)
    assert x.grad is None


def test_of_a_call_with_several_outputs_the_line_is_known_too():
    @general(lambda g, x: g[0] / x + g[1])
    def both(x, /):
        return x * 1.0, x + 1.0

    TABLE.pop("both")
    with detect_anomaly():
        a, b = both(leaf(0.0))  # the call
        with pytest.raises(FloatingPointError, match=r"gradient inf .* derivative of both.* # the call$"):
            (a + b).sum().backward()


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.longdouble])
def test_gradients_of_every_float_are_looked_at(dtype):
    x = Tensor(np.zeros(2), dtype=dtype, requires_grad=True)
    with detect_anomaly(), pytest.raises(FloatingPointError, match="derivative of sqrt"):
        ops.sqrt(x).sum().backward()


def test_a_gradient_that_overflows_as_a_sum_is_seen_at_the_leaf():
    x = leaf(1e-300, name="w")
    with detect_anomaly():
        y = (x * 1e308 + x * 1e308).sum()
        with pytest.raises(FloatingPointError, match=r"^gradient inf at \(0,\), 1 of 1 not finite: the sum, or the start, of w \(1,\)"):
            y.backward()


def test_a_start_that_is_not_finite_is_seen():
    x = leaf(1.0)
    with detect_anomaly(), pytest.raises(FloatingPointError, match=r"^gradient nan .* or the start, that arrives at multiply"):
        (x * 2).backward([np.nan])


def test_a_loss_that_was_nan_before_is_seen():
    loss = (leaf(1.0) * np.nan).sum()
    with detect_anomaly(), pytest.raises(FloatingPointError, match=r"^backward\(\): its value is nan, and was so before detect_anomaly"):
        loss.backward()


def test_a_graph_from_outside_is_looked_at_without_its_lines():
    y = ops.sqrt(leaf(0.0)).sum()
    with detect_anomaly(), pytest.raises(FloatingPointError, match=r"derivative of sqrt .*; recorded outside this detect_anomaly"):
        y.backward()


def test_a_graph_that_outlives_the_block_is_no_longer_looked_at():
    x = leaf(0.0)
    with detect_anomaly():
        y = ops.sqrt(x).sum()
    y.backward()
    assert x.grad.tolist() == [np.inf]


# 0·∞


@pytest.mark.parametrize("create_graph", [False, True])
def test_each_place_where_zero_times_infinity_was_zero_is_told(create_graph):
    x, found = leaf(0.0, 4.0), detect_anomaly()
    with pytest.warns(UserWarning, match=r"^0·∞ was taken as 0, which is right only if the 0 is exact:\nderivative of sqrt") as told, found:
        three_times(lambda: sqrt_or_zero(x).sum().backward(create_graph=create_graph))
    assert x.grad.tolist() == [0.0, 0.75]
    assert len(told) == len(found.zeros_times_infinity) == 1
    assert found.zeros_times_infinity[0].startswith("derivative of sqrt with respect to x at (0,), 1 of 2; ")
    assert found.zeros_times_infinity[0].endswith("# where it is called (3 times)")
    assert str(found) == found.zeros_times_infinity[0]
    assert told[0].filename == __file__


def test_zero_times_infinity_of_second_order_is_no_error():
    x = leaf(0.0, 4.0)
    with pytest.warns(UserWarning, match="derivative of divide"), detect_anomaly():
        second_derivative(sqrt_or_zero, x)
    assert x.grad.tolist() == [0.0, -1 / 32]


def test_zero_times_infinity_in_forward_mode_is_told():
    with pytest.warns(UserWarning, match=r"derivative of sqrt at \(0,\)"), detect_anomaly():
        tangent = make_jvp(sqrt_or_zero)(np.array([0.0, 4.0]))(np.array([0.0, 1.0]))[1]
    assert tangent.tolist() == [0.0, 0.25]


def test_without_zero_times_infinity_nothing_is_told():
    with detect_anomaly() as found:
        sqrt_or_zero(leaf(1.0)).sum().backward()
    assert found.zeros_times_infinity == []
    assert str(found) == "no 0·∞ was met"


def test_zero_times_infinity_at_other_indices_of_the_same_call_is_the_same():
    found = detect_anomaly()
    with pytest.warns(UserWarning, match=r"at \(0,\), 2 of 2; .*\(2 times\)$"), found:
        ops.add(sqrt_or_zero(leaf(1.0, 0.0)), sqrt_or_zero(leaf(0.0, 0.0))).sum().backward()


def test_what_was_told_is_not_told_again():
    x, found = leaf(0.0), detect_anomaly()
    for expected in 1, 0:
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            with found:
                sqrt_or_zero(x).sum().backward()  # the same line
        assert len(told) == expected


def test_an_error_is_not_followed_by_a_warning():
    def fail():
        sqrt_or_zero(leaf(0.0)).sum().backward()
        raise KeyError

    with pytest.raises(KeyError), detect_anomaly():
        fail()


# writes unseen by the graph


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda x, c: x * x, r"^multiply: w \(2,\), which its derivative needs, was written after the forward pass, unseen by the graph"),
        (lambda x, c: ops.power(x, 2.0) * c, r"^multiply: b \(2,\), which its derivative needs"),
        (lambda x, c: ops.exp(x), r"^exp: y \(2,\), which its derivative needs.*lambda x, c: ops\.exp\(x\)"),
        (lambda x, c: ops.split(ops.sin(x), 2)[0] * 1.0, r"^sin: w \(2,\), which its derivative needs"),
    ],
)
@pytest.mark.parametrize("create_graph", [False, True])
def test_an_array_written_behind_the_graphs_back_is_named(call, message, create_graph):
    x, c = leaf(1.0, 2.0, name="w"), np.ones(2)
    with detect_anomaly():
        y = call(x, c)
        for a in x.data, c, y.data:
            a[0] = 5.0
        with pytest.raises(RuntimeError, match=message):
            y.sum().backward(create_graph=create_graph)
    assert x.grad is None


def test_of_several_outputs_each_is_watched():
    @general(lambda g, y: g[0] * y[0] + g[1] * y[1])
    def both(x, /):
        return np.exp(x), np.exp(x) + 1.0

    TABLE.pop("both")
    with detect_anomaly():
        a, b = both(leaf(0.0))
        b.data[0] = 5.0
        with pytest.raises(RuntimeError, match=r"^both: y \(1,\), which its derivative needs"):
            (a + b).sum().backward()


def test_an_array_written_behind_the_back_of_forward_mode_is_named():
    def f(x):
        y = ops.exp(x)
        y.data[0] = 5.0
        return y

    with detect_anomaly(), pytest.raises(RuntimeError, match=r"^exp: y \(2,\), which its derivative needs"):
        make_jvp(f)(np.ones(2))(np.ones(2))


def test_an_array_that_no_derivative_needs_may_be_written():
    x = leaf(1.0, 2.0)
    with detect_anomaly():
        y = (x + 1.0).sum()
        x.data[0] = 5.0
        y.backward()
    assert x.grad.tolist() == [1.0, 1.0]


def test_training_goes_through_it_unharmed():
    model = nn.MLP([2, 3, 2])
    sgd = nn.optim.SGD(model.parameters(), lr=0.1)
    with detect_anomaly():
        for _ in range(3):
            loss = nn.functional.cross_entropy(model(np.eye(2)), np.array([0, 1]))
            sgd.zero_grad()
            loss.backward()
            sgd.step()
    assert np.isfinite(loss.item())


# rows and columns


def test_a_column_that_meets_a_row_is_warned_of_once_for_each_line():
    column = Tensor(np.ones((3, 1)), requires_grad=True, name="prediction")
    with warnings.catch_warnings(record=True) as told, detect_anomaly():
        warnings.simplefilter("default")
        for _ in range(3):
            column - np.ones(3)
        column - np.ones((3, 1))
    assert [warning.filename for warning in told] == [__file__]
    with (
        pytest.warns(UserWarning, match=r"^subtract: prediction \(3, 1\) and b \(3,\) make \(3, 3\), which is seldom meant"),
        detect_anomaly(),
    ):
        column - np.ones(3)


# transforms


def test_transforms_are_looked_at():
    with detect_anomaly():
        with np.errstate(divide="ignore"), pytest.raises(FloatingPointError, match=r"^log: value -inf at \(0,\)"):
            grad(lambda x: anp.sum(anp.log(x)))(np.zeros(1))
        with pytest.raises(FloatingPointError, match=r"^gradient inf at \(0,\).* derivative of sqrt"):
            grad(lambda x: anp.sum(anp.sqrt(x)))(np.zeros(1))
        with pytest.raises(FloatingPointError, match=r"^sqrt: tangent inf at \(0,\), 1 of 1 not finite; y \(1,\) from 0 to 0; .*test_ano"):
            make_jvp(lambda x: anp.sqrt(x))(np.zeros(1))(np.ones(1))
        assert grad(grad(lambda x: x**3))(2.0) == 12.0
        assert make_jvp(lambda x: ops.softmax(x))(np.zeros(2))(np.array([1.0, 0.0]))[1].tolist() == [0.25, -0.25]


# the mode itself


def settings():
    return WATCH.get(), GRAD.get(), _ENTERED.get()


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


def test_blocks_nest_and_one_object_may_be_entered_twice():
    before, found = settings(), detect_anomaly()
    with found, detect_anomaly() as inner:
        assert WATCH.get() is inner
        with found:
            assert WATCH.get() is found
        assert WATCH.get() is inner
    assert settings() == before
    with no_grad():
        with found:
            assert not is_grad_enabled()
        assert not is_grad_enabled()


@pytest.mark.parametrize("error", [KeyboardInterrupt, FloatingPointError, GeneratorExit])
def test_an_error_ends_it(error):
    before = settings()
    with pytest.raises(error), detect_anomaly():
        raise error
    assert settings() == before


def test_an_error_inside_a_rule_ends_the_rule():
    @general(lambda g: 1 / 0)
    def broken(x, /):
        return x * 1.0

    TABLE.pop("broken")
    x = leaf(0.0)
    with detect_anomaly():
        with pytest.raises(ZeroDivisionError):
            broken(x).sum().backward()
        with np.errstate(divide="ignore"), pytest.raises(FloatingPointError, match=r"^log: value"):  # not taken for part of the rule
            ops.log(x)


def test_a_generator_is_looked_at_where_it_runs():
    def values(x):
        while True:
            yield ops.log(x)

    steps = values(leaf(0.0))
    with np.errstate(divide="ignore"):
        next(steps)
        with detect_anomaly(), pytest.raises(FloatingPointError):
            next(steps)
    assert is_grad_enabled()
    assert WATCH.get() is None


def test_threads_may_share_one_object():
    found, errors = detect_anomaly(), []
    found._told = 1  # no warning: the filters of warnings are not made for threads
    meet = threading.Barrier(4, timeout=60)

    def work():
        try:
            x = leaf(0.0, 4.0)
            meet.wait()
            for _ in range(50):
                with found:
                    assert WATCH.get() is found
                    sqrt_or_zero(x).sum().backward()
                assert WATCH.get() is None
        except BaseException as error:  # noqa: BLE001
            errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert found.zeros_times_infinity[0].endswith("(200 times)")


def test_the_calls_remembered_are_bounded(monkeypatch):
    monkeypatch.setattr(anomaly, "REMEMBERED", 100)
    x = leaf(1.0)
    with detect_anomaly() as watch:
        for _ in range(500):
            (x * 2).sum().backward()
        assert len(watch._calls) <= 100


def test_a_mask_of_infinities_is_no_anomaly():
    x = leaf([1.0, 2.0, 3.0])
    mask = np.array([True, False, True])
    with detect_anomaly():
        assert np.max(x, where=mask, initial=0.0).item() == 3
        (ops.softmax(np.where(mask, x, -np.inf)) * np.arange(3.0)).sum().backward()
    assert np.isfinite(x.grad.data).all()
    with detect_anomaly():
        ops.softmax(x + np.array([0.0, -np.inf, 0.0]))
    with detect_anomaly(), pytest.raises(FloatingPointError, match="multiply: its input b"):
        x * np.array([0.5, np.inf, 0.5])
    with detect_anomaly(), pytest.raises(FloatingPointError, match="where: its input"):
        np.where(mask, x, np.nan)
