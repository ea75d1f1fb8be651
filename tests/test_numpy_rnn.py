"""Recurrent networks in NumPy: equal to Keras, and gradients equal to differences."""

import numpy as np
import pytest
from conftest import keras
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils.bptt import (
    ManyToOne,
    elman_gradients,
    many_to_one,
    many_to_one_gradients,
    numerical_gradient,
    relative_error,
)
from course_utils.numpy_rnn import (
    elman,
    elman_cell,
    gru,
    gru_cell,
    jordan,
    jordan_cell,
    lstm,
    lstm_cell,
    sigmoid,
    softmax,
)

SAMPLES, STEPS, FEATURES, UNITS = 3, 7, 4, 5
layer_sizes = st.tuples(*[st.integers(1, 5)] * 4)


def weights_of(layer, features=FEATURES, seed=0):
    """Build a layer, give it random weights also for the biases, and return them."""
    layer.build((None, None, features))
    rng = np.random.default_rng(seed)
    layer.set_weights([rng.normal(0, 0.7, w.shape) for w in layer.get_weights()])
    return layer.get_weights()


def random_inputs(*shape, seed=1):
    return np.random.default_rng(seed).normal(size=shape)


def with_keras(layer, inputs, **options):
    outputs = layer(inputs, **options)
    return keras.tree.map_structure(keras.ops.convert_to_numpy, outputs)


def layer(kind, units=UNITS, **options):
    return kind(
        units, return_sequences=True, return_state=True, dtype="float64", **options
    )


@settings(max_examples=10)
@given(layer_sizes, st.integers(0, 2**32 - 1))
def test_elman_equals_simple_rnn(sizes, seed):
    samples, steps, features, units = sizes
    inputs = random_inputs(samples, steps, features, seed=seed)
    initial = random_inputs(samples, units, seed=seed)
    simple = layer(keras.layers.SimpleRNN, units)
    weights = weights_of(simple, features, seed)
    sequences, last = with_keras(simple, inputs, initial_state=initial)
    states = elman(inputs, *weights, initial_state=initial)
    assert states.dtype == sequences.dtype == np.float64
    np.testing.assert_allclose(states, sequences, rtol=0, atol=1e-6)
    np.testing.assert_allclose(states[:, -1], last, rtol=0, atol=1e-6)


def test_elman_takes_another_activation():
    simple = layer(keras.layers.SimpleRNN, activation="relu")
    inputs = random_inputs(SAMPLES, STEPS, FEATURES)
    weights = weights_of(simple)
    sequences, _ = with_keras(simple, inputs)
    states = elman(inputs, *weights, activation=lambda x: np.maximum(x, 0))
    np.testing.assert_allclose(states, sequences, rtol=1e-9, atol=1e-6)


@settings(max_examples=10)
@given(layer_sizes, st.integers(0, 2**32 - 1))
def test_lstm_equals_keras(sizes, seed):
    samples, steps, features, units = sizes
    inputs = random_inputs(samples, steps, features, seed=seed)
    start = random_inputs(2, samples, units, seed=seed)
    theirs = layer(keras.layers.LSTM, units)
    weights = weights_of(theirs, features, seed)
    sequences, last, carry = with_keras(theirs, inputs, initial_state=list(start))
    states, carries = lstm(inputs, *weights, *start)
    np.testing.assert_allclose(states, sequences, rtol=0, atol=1e-6)
    np.testing.assert_allclose(states[:, -1], last, rtol=0, atol=1e-6)
    np.testing.assert_allclose(carries[:, -1], carry, rtol=0, atol=1e-6)


@pytest.mark.parametrize("reset_after", [True, False])
@settings(max_examples=10)
@given(sizes=layer_sizes, seed=st.integers(0, 2**32 - 1))
def test_gru_equals_keras_in_both_forms(reset_after, sizes, seed):
    samples, steps, features, units = sizes
    inputs = random_inputs(samples, steps, features, seed=seed)
    initial = random_inputs(samples, units, seed=seed)
    theirs = layer(keras.layers.GRU, units, reset_after=reset_after)
    weights = weights_of(theirs, features, seed)
    assert weights[2].shape == ((2, 3 * units) if reset_after else (3 * units,))
    sequences, last = with_keras(theirs, inputs, initial_state=initial)
    states = gru(inputs, *weights, initial_state=initial)
    np.testing.assert_allclose(states, sequences, rtol=0, atol=1e-6)
    np.testing.assert_allclose(states[:, -1], last, rtol=0, atol=1e-6)


@pytest.mark.parametrize(
    ("run", "kind"),
    [
        (elman, "SimpleRNN"),
        (lambda *arrays: lstm(*arrays)[0], "LSTM"),
        (gru, "GRU"),
    ],
    ids=["SimpleRNN", "LSTM", "GRU"],
)
def test_float32_stays_float32_and_near_keras(run, kind):
    theirs = getattr(keras.layers, kind)(UNITS, return_sequences=True)
    weights = weights_of(theirs)
    inputs = random_inputs(SAMPLES, STEPS, FEATURES).astype("float32")
    states = run(inputs, *weights)
    assert states.dtype == np.float32
    np.testing.assert_allclose(states, with_keras(theirs, inputs), atol=1e-5)


def test_a_cell_is_one_step():
    x, h, c = random_inputs(3, SAMPLES, FEATURES)
    w1, w4, w3 = (random_inputs(FEATURES, FEATURES * k) for k in (1, 4, 3))
    b1, b4, b3 = (random_inputs(FEATURES * k) for k in (1, 4, 3))
    one = x[:, np.newaxis]
    np.testing.assert_array_equal(
        elman(one, w1, w1, b1, h)[:, 0], elman_cell(x, h, w1, w1, b1)
    )
    states, carries = lstm(one, w4, w4, b4, h, c)
    state, carry = lstm_cell(x, h, c, w4, w4, b4)
    np.testing.assert_array_equal(states[:, 0], state)
    np.testing.assert_array_equal(carries[:, 0], carry)
    np.testing.assert_array_equal(
        gru(one, w3, w3, b3, h)[:, 0], gru_cell(x, h, w3, w3, b3)
    )
    states, outputs = jordan(one, w1, w1, b1, w1, b1, h)
    state, output = jordan_cell(x, h, w1, w1, b1, w1, b1)
    np.testing.assert_array_equal(states[:, 0], state)
    np.testing.assert_array_equal(outputs[:, 0], output)


def test_a_jordan_network_that_outputs_its_state_is_an_elman_network():
    inputs = random_inputs(SAMPLES, STEPS, FEATURES)
    kernel, recurrent = random_inputs(FEATURES, UNITS), random_inputs(UNITS, UNITS)
    bias = random_inputs(UNITS)
    states, outputs = jordan(
        inputs,
        kernel,
        recurrent,
        bias,
        np.eye(UNITS),
        np.zeros(UNITS),
        output_activation=lambda x: x,
    )
    np.testing.assert_allclose(states, elman(inputs, kernel, recurrent, bias))
    np.testing.assert_allclose(outputs, states)


def test_a_jordan_network_forgets_what_its_output_does_not_show():
    inputs = random_inputs(SAMPLES, STEPS, FEATURES)
    kernel, recurrent = random_inputs(FEATURES, UNITS), random_inputs(1, UNITS)
    bias, out = random_inputs(UNITS), np.zeros((UNITS, 1))
    states, outputs = jordan(inputs, kernel, recurrent, bias, out, np.zeros(1))
    assert outputs.shape == (SAMPLES, STEPS, 1)
    np.testing.assert_allclose(states, np.tanh(inputs @ kernel + bias))


def test_states_continue_where_they_stopped():
    inputs = random_inputs(SAMPLES, STEPS, FEATURES)
    weights = weights_of(keras.layers.SimpleRNN(UNITS, dtype="float64"))
    whole = elman(inputs, *weights)
    first = elman(inputs[:, :3], *weights)
    rest = elman(inputs[:, 3:], *weights, initial_state=first[:, -1])
    np.testing.assert_allclose(np.concatenate([first, rest], axis=1), whole)


@settings(max_examples=15)
@given(layer_sizes, st.integers(0, 2**32 - 1))
def test_elman_gradients_equal_differences(sizes, seed):
    samples, steps, features, units = sizes
    rng = np.random.default_rng(seed)
    inputs = rng.normal(size=(samples, steps, features))
    kernel = rng.normal(0, 0.5, (features, units))
    recurrent = rng.normal(0, 0.5, (units, units))
    bias, first = rng.normal(0, 0.5, units), rng.normal(0, 0.5, (samples, units))
    d_states = rng.normal(size=(samples, steps, units))

    def loss():
        return (d_states * elman(inputs, kernel, recurrent, bias, first)).sum()

    states = elman(inputs, kernel, recurrent, bias, first)
    found = elman_gradients(d_states, inputs, states, kernel, recurrent, first)
    for gradient, array in zip(
        found, [inputs, kernel, recurrent, bias, first], strict=True
    ):
        estimate = numerical_gradient(loss, array)
        np.testing.assert_allclose(gradient, estimate, rtol=1e-6, atol=1e-9)


def network(seed=0, features=FEATURES, units=UNITS, classes=2):
    rng = np.random.default_rng(seed)
    shapes = [(features, units), (units, units), units, (units, classes), classes]
    return ManyToOne(*(rng.normal(0, 0.5, shape) for shape in shapes))


def task(seed=0):
    rng = np.random.default_rng(seed)
    inputs = rng.normal(size=(SAMPLES, STEPS, FEATURES))
    lengths = rng.integers(1, STEPS + 1, SAMPLES)
    return inputs, lengths, rng.integers(0, 2, SAMPLES)


@pytest.mark.parametrize("seed", range(5))
def test_every_weight_passes_the_gradient_check(seed):
    inputs, lengths, labels = task(seed)
    weights = network(seed)
    _, gradients = many_to_one_gradients(inputs, lengths, labels, weights)
    for gradient, weight in zip(gradients, weights, strict=True):
        estimate = numerical_gradient(
            lambda: many_to_one_gradients(inputs, lengths, labels, weights)[0], weight
        )
        assert relative_error(gradient, estimate) < 1e-6


@pytest.mark.parametrize("seed", range(5))
def test_without_the_transpose_the_gradient_check_fails(seed):
    """The lecture goes back through W itself; the chain rule needs W transposed."""
    inputs = random_inputs(SAMPLES, STEPS, FEATURES, seed=seed)
    kernel, recurrent, bias, *_ = network(seed)
    d_states = np.zeros((SAMPLES, STEPS, UNITS))
    d_states[:, -1] = 1

    def loss():
        return (d_states * elman(inputs, kernel, recurrent, bias)).sum()

    states = elman(inputs, kernel, recurrent, bias)
    # elman_gradients transposes once more, so that this is the lecture's line.
    wrong = elman_gradients(d_states, inputs, states, kernel, recurrent.T)
    right = elman_gradients(d_states, inputs, states, kernel, recurrent)
    for name, weight in [("kernel", kernel), ("recurrent_kernel", recurrent)]:
        estimate = numerical_gradient(loss, weight)
        assert relative_error(getattr(right, name), estimate) < 1e-6
        assert relative_error(getattr(wrong, name), estimate) > 1e-2


def test_a_batch_is_the_sum_of_its_sequences():
    inputs, lengths, labels = task()
    weights = network()
    loss, together = many_to_one_gradients(inputs, lengths, labels, weights)
    one_by_one = [
        many_to_one_gradients(x[np.newaxis, :n], [n], [label], weights)
        for x, n, label in zip(inputs, lengths, labels, strict=True)
    ]
    assert loss == pytest.approx(sum(part for part, _ in one_by_one))
    for name in ManyToOne._fields:
        total = sum(getattr(gradients, name) for _, gradients in one_by_one)
        np.testing.assert_allclose(getattr(together, name), total, atol=1e-12)


def test_the_batch_agrees_with_elman_and_its_gradients():
    inputs, lengths, labels = task()
    weights = network()
    rows = np.arange(SAMPLES)
    states = elman(inputs, *weights[:3])
    probabilities = softmax(many_to_one(inputs, lengths, weights))
    loss, gradients = many_to_one_gradients(inputs, lengths, labels, weights)
    assert loss == pytest.approx(-np.log(probabilities[rows, labels]).sum())
    d_states = np.zeros_like(states)
    d_scores = probabilities - np.eye(2)[labels]
    d_states[rows, lengths - 1] = d_scores @ weights.output_kernel.T
    found = elman_gradients(d_states, inputs, states, *weights[:2])
    for name in ("kernel", "recurrent_kernel", "bias"):
        np.testing.assert_allclose(
            getattr(gradients, name), getattr(found, name), atol=1e-12
        )


def test_padding_has_no_influence():
    inputs, lengths, labels = task()
    weights = network()
    before = many_to_one_gradients(inputs, lengths, labels, weights)
    changed = inputs.copy()
    for i, n in enumerate(lengths):
        changed[i, n:] = 9
    scores = many_to_one(changed, lengths, weights)
    np.testing.assert_array_equal(scores, many_to_one(inputs, lengths, weights))
    after = many_to_one_gradients(changed, lengths, labels, weights)
    assert after[0] == before[0]
    for a, b in zip(after[1], before[1], strict=True):
        np.testing.assert_allclose(a, b, atol=1e-12)


def test_softmax_and_sigmoid_survive_large_numbers():
    with np.errstate(all="raise", under="ignore"):
        assert sigmoid(np.array([-1e4, 0, 1e4])).tolist() == [0, 0.5, 1]
        assert softmax(np.array([1e4, -1e4])).tolist() == [1, 0]


def test_the_loss_stays_finite_when_the_network_is_sure_and_wrong():
    inputs, lengths, labels = task()
    weights = network()._replace(
        output_kernel=np.zeros((UNITS, 2)), output_bias=np.array([1e4, 0])
    )
    with np.errstate(all="raise", under="ignore"):
        loss, _ = many_to_one_gradients(inputs, lengths, labels * 0 + 1, weights)
    assert loss == SAMPLES * 1e4


@given(st.lists(st.floats(-30, 30), min_size=1, max_size=5))
def test_softmax_sums_to_one_and_keeps_the_order(scores):
    found = softmax(np.array(scores))
    assert found.sum() == pytest.approx(1)
    assert (np.diff(found[np.argsort(scores)]) >= 0).all()


def test_numerical_gradient_of_a_known_function():
    weight = np.array([[0.3, -1.2], [2.0, 0.0]])
    kept = weight.copy()
    gradient = numerical_gradient(lambda: np.sin(weight).sum(), weight)
    np.testing.assert_allclose(gradient, np.cos(weight), rtol=1e-10)
    np.testing.assert_array_equal(weight, kept)


def test_relative_error():
    assert relative_error(np.zeros(3), np.zeros(3)) == 0
    assert relative_error(np.array([1.0, 2.0]), np.array([1.0, 4.0])) == 0.5
    assert relative_error(np.array([0.0]), np.array([1e-30])) == 1


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("place", range(3))
def test_nan_and_infinity_pass_no_gradient_check(bad, place):
    good, other = np.array([1.0, 0.0, 2.0]), np.array([1.0, 0.0, 2.0])
    assert relative_error(good, other) < 1e-6
    other[place] = bad
    for pair in ((good, other), (other, good), (other, other)):
        assert not relative_error(*pair) < 1e-6
        # Also where it is not the first of several.
        assert not max([1e-9, relative_error(*pair)]) < 1e-6


def test_a_backward_pass_that_ends_in_nan_fails_the_check():
    inputs, lengths, labels = task()
    weights = network()
    _, gradients = many_to_one_gradients(inputs, lengths, labels, weights)
    estimate = numerical_gradient(
        lambda: many_to_one_gradients(inputs, lengths, labels, weights)[0],
        weights.kernel,
    )
    assert relative_error(gradients.kernel, estimate) < 1e-6
    gradients.kernel[0, 0] = np.nan
    assert not relative_error(gradients.kernel, estimate) < 1e-6


@pytest.mark.parametrize("error", [KeyboardInterrupt, ZeroDivisionError])
@pytest.mark.parametrize("calls", range(8))
def test_a_loss_that_fails_or_is_interrupted_leaves_the_weight(error, calls):
    weight = np.array([0.3, -1.2])
    kept, values = weight.copy(), iter(range(calls))

    def loss():
        try:
            return next(values)
        except StopIteration:
            raise error from None

    with pytest.raises(error):
        numerical_gradient(loss, weight)
    np.testing.assert_array_equal(weight, kept)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"inputs": np.zeros((2, 3))}, r"inputs .*\(any, any, any\), got \(2, 3\)"),
        ({"inputs": np.zeros((2, 0, 4))}, "inputs must have at least one step"),
        ({"kernel": np.zeros((3, 5))}, r"^kernel .*\(4, 5\), got \(3, 5\)"),
        ({"recurrent_kernel": np.zeros((4, 5))}, r"recurrent_kernel .*\(4, 4\)"),
        ({"bias": np.zeros((1, 5))}, r"bias .*\(5\), got \(1, 5\)"),
        ({"initial_state": np.zeros(5)}, r"initial_state .*\(2, 5\), got \(5,\)"),
    ],
    ids=["inputs", "no steps", "kernel", "recurrent_kernel", "bias", "initial_state"],
)
def test_shapes_that_do_not_fit(change, message):
    fitting = {
        "inputs": np.zeros((2, 3, 4)),
        "kernel": np.zeros((4, 5)),
        "recurrent_kernel": np.zeros((5, 5)),
        "bias": np.zeros(5),
    }
    elman(**fitting)
    with pytest.raises(ValueError, match=message):
        elman(**fitting | change)


def test_lstm_and_gru_want_their_gates():
    inputs, small = np.zeros((2, 3, 4)), np.zeros((5, 5))
    with pytest.raises(ValueError, match=r"recurrent_kernel .*\(5, 20\)"):
        lstm(inputs, np.zeros((4, 5)), small, np.zeros(5))
    with pytest.raises(ValueError, match=r"recurrent_kernel .*\(5, 15\)"):
        gru(inputs, np.zeros((4, 5)), small, np.zeros(5))
    with pytest.raises(ValueError, match=r"bias .*\(15\)"):
        gru(inputs, np.zeros((4, 15)), np.zeros((5, 15)), np.zeros((3, 15)))


def test_jordan_wants_matrices_that_meet():
    fitting = [np.zeros(shape) for shape in [(2, 3, 4), (4, 5), (1, 5), 5, (5, 1), 1]]
    jordan(*fitting)
    with pytest.raises(ValueError, match=r"recurrent_kernel .*\(1, 5\), got \(5, 5\)"):
        jordan(*fitting[:2], np.zeros((5, 5)), *fitting[3:])
    with pytest.raises(ValueError, match=r"output_kernel .*\(5, 1\)"):
        jordan(*fitting[:4], np.zeros((4, 1)), np.zeros(1))


def test_lengths_labels_weight_and_step():
    inputs, lengths, labels = task()
    with pytest.raises(ValueError, match="lengths must be from 1 to 7"):
        many_to_one(inputs, lengths * 0, network())
    with pytest.raises(ValueError, match=r"lengths must have the shape \(3\)"):
        many_to_one(inputs, lengths[:2], network())
    with pytest.raises(ValueError, match="inputs must have at least one sample"):
        many_to_one(inputs[:0], lengths[:0], network())
    with pytest.raises(ValueError, match="labels must be from 0 to 1"):
        many_to_one_gradients(inputs, lengths, labels + 2, network())
    with pytest.raises(ValueError, match="weight must be a float64 array, got float32"):
        numerical_gradient(lambda: 0.0, np.zeros(1, "float32"))
    with pytest.raises(ValueError, match="step must be a positive number"):
        numerical_gradient(lambda: 0.0, np.zeros(1), step=0)
    with pytest.raises(ValueError, match="estimate must have the shape"):
        relative_error(np.zeros(2), np.zeros(3))
