"""Text from a trained network: fair draws, and equal to reading all from the start."""

import numpy as np
import pytest
from conftest import keras
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import stats

from course_utils.generation import Generator, reweight, sample
from course_utils.numpy_rnn import softmax

TOKENS = 11
FIVE = np.array([0.5, 0.25, 0.15, 0.1, 0.0])

any_logits = hnp.arrays(
    "float64",
    st.tuples(st.integers(1, 4), st.integers(1, 30)),
    elements=st.floats(-1e4, 1e4) | st.sampled_from([-1e4, 0.0, 1e4]),
)
temperatures = st.floats(1e-3, 1e3)


def network(*layers, embedding=True, output="softmax"):
    """Build a model on tokens, all weights random, also the biases."""
    if embedding:
        first = [keras.Input((None,), dtype="int32"), keras.layers.Embedding(TOKENS, 6)]
    else:
        first = [keras.Input((None, TOKENS))]
    last = keras.layers.Dense(TOKENS, activation=output)
    model = keras.Sequential([*first, *layers, last])
    rng = np.random.default_rng(3)
    # Not larger: the states of relu would grow from step to step.
    model.set_weights([rng.normal(0, 0.3, w.shape) for w in model.get_weights()])
    return model


def networks():
    layers = keras.layers
    return {
        "SimpleRNN": lambda: network(layers.SimpleRNN(7)),
        "SimpleRNN, relu, one-hot": lambda: network(
            layers.SimpleRNN(7, activation="relu"), embedding=False
        ),
        "LSTM": lambda: network(layers.LSTM(7)),
        "LSTM, one-hot": lambda: network(layers.LSTM(7), embedding=False),
        "LSTM, every position": lambda: network(
            layers.LSTM(7, return_sequences=True), output=None
        ),
        "GRU": lambda: network(layers.GRU(7)),
        "GRU, reset before, no bias": lambda: network(
            layers.GRU(7, reset_after=False, use_bias=False)
        ),
        "GRU, no bias": lambda: network(layers.GRU(7, use_bias=False)),
        "stacked, with dropout": lambda: network(
            layers.GRU(7, return_sequences=True),
            layers.Dropout(0.5),
            layers.LSTM(5, return_sequences=True, recurrent_dropout=0.3),
            layers.SimpleRNN(9),
        ),
    }


NAMES = (
    "SimpleRNN",
    "SimpleRNN, relu, one-hot",
    "LSTM",
    "LSTM, one-hot",
    "LSTM, every position",
    "GRU",
    "GRU, reset before, no bias",
    "GRU, no bias",
    "stacked, with dropout",
)


def probabilities(model, text):
    """Ask the Keras model itself, on the whole text so far."""
    text = np.array([text])
    if len(model.input_shape) == 3:
        text = np.eye(TOKENS, dtype="float32")[text]
    outputs = keras.ops.convert_to_numpy(model(text))[0]
    outputs = outputs[-1] if outputs.ndim == 2 else outputs
    softmax_last = model.layers[-1].activation.__name__ == "softmax"
    return outputs if softmax_last else softmax(outputs)


@pytest.mark.parametrize("name", NAMES)
def test_generator_equals_the_model_on_the_whole_text(name):
    model = networks()[name]()
    generator = Generator(model)
    text = [3, 1, 4]
    written = generator.generate([text], 12, temperature=0.8, seed=5)[0]
    rng = np.random.default_rng(5)
    for token in written:
        p = probabilities(model, text)
        np.testing.assert_allclose(softmax(generator.logits([text])[0]), p, atol=1e-5)
        assert token == sample(np.log(p)[None], 0.8, rng)[0]
        text = [*text, token]
    assert len(set(written.tolist())) > 1


def test_prompts_of_many_lengths_are_as_each_alone():
    generator = Generator(networks()["stacked, with dropout"]())
    prompts = [[1, 2, 3, 4, 5], [6], [7, 8, 9]]
    alone = np.concatenate([generator.logits([prompt]) for prompt in prompts])
    np.testing.assert_allclose(generator.logits(prompts), alone, atol=1e-5)


def test_each_prompt_has_its_temperature():
    generator = Generator(networks()["LSTM"]())
    cold, hot = generator.generate([[1], [1]], 200, temperature=[1e-3, 100], seed=1)
    greedy = generator.generate([[1]], 200, top_k=1)[0]
    assert (cold == greedy).all()
    assert len(set(hot.tolist())) == TOKENS


def test_same_seed_same_text():
    generator = Generator(networks()["GRU"]())
    one, again, other = (generator.generate([[1], [2]], 30, seed=s) for s in (4, 4, 5))
    assert (one == again).all()
    assert (one != other).any()


def test_a_text_that_stops_is_filled_and_leaves_the_others_as_they_were():
    generator = Generator(networks()["LSTM"]())
    free = generator.generate([[1], [2], [3]], 40, seed=2)
    stop = int(free[0, 5])
    stopped = generator.generate([[1], [2], [3]], 40, seed=2, stop=stop)
    for row, whole in zip(stopped, free, strict=True):
        end = np.flatnonzero(whole == stop)[:1]
        end = end[0] if len(end) else len(whole)
        assert (row[:end] == whole[:end]).all()
        assert (row[end:] == stop).all()


def test_training_goes_on_without_the_generator():
    model = networks()["LSTM"]()
    generator = Generator(model)
    before = generator.logits([[1, 2]])
    model.set_weights([w + 1 for w in model.get_weights()])
    assert (generator.logits([[1, 2]]) == before).all()
    assert (Generator(model).logits([[1, 2]]) != before).any()


def test_writing_nothing():
    assert Generator(networks()["GRU"]()).generate([[1]], 0).shape == (1, 0)


@pytest.mark.parametrize("temperature", [0.2, 1.0, 1.7])
def test_draws_follow_the_reweighted_distribution(temperature):
    rng = np.random.default_rng(0)
    with np.errstate(divide="ignore"):
        rows = np.broadcast_to(np.log(FIVE), (20_000, 5))
    counts = np.bincount(sample(rows, temperature, rng), minlength=5)
    expected = reweight(FIVE, temperature) * len(rows)
    assert counts[4] == 0
    assert stats.chisquare(counts[:4], expected[:4]).pvalue > 0.001
    # The test is sharp enough to see another temperature.
    wrong = reweight(FIVE, temperature * 1.1) * len(rows)
    assert stats.chisquare(counts[:4], wrong[:4]).pvalue < 0.001


@given(any_logits, temperatures, st.integers(0, 2**32 - 1))
def test_any_logits_give_a_class_that_can_be(logits, temperature, seed):
    drawn = sample(logits, temperature, np.random.default_rng(seed))
    assert drawn.shape == logits.shape[:1]
    best, chosen = logits.max(axis=1), logits[np.arange(len(logits)), drawn]
    # exp(-745) is the smallest number above 0.
    assert ((best - chosen) / temperature < 746).all()


@given(any_logits, st.integers(0, 2**32 - 1))
def test_temperature_towards_zero_is_greedy(logits, seed):
    drawn = sample(logits, 1e-200, np.random.default_rng(seed))
    chosen = logits[np.arange(len(logits)), drawn]
    assert (logits.max(axis=1) - chosen < 1e-190).all()


@given(any_logits, temperatures)
def test_reweight_gives_the_formula(logits, temperature):
    p = softmax(logits / 1e3)
    new = reweight(p, temperature)
    np.testing.assert_allclose(new.sum(axis=1), 1)
    exponent = np.log(p) / temperature
    np.testing.assert_allclose(new, softmax(exponent), atol=1e-12)


@given(any_logits, st.integers(1, 5), st.integers(0, 2**32 - 1))
def test_top_k_draws_among_the_best_k(logits, k, seed):
    drawn = sample(logits, 1e3, np.random.default_rng(seed), top_k=k)
    rank = (logits > logits[np.arange(len(logits)), drawn, None]).sum(axis=1)
    assert (rank < k).all()


@pytest.mark.parametrize(
    ("top_p", "kept"), [(0.1, 1), (0.5, 1), (0.51, 2), (0.74, 2), (0.89, 3), (1.0, 4)]
)
def test_nucleus_is_the_fewest_classes_that_reach_it(top_p, kept):
    with np.errstate(divide="ignore"):
        rows = np.broadcast_to(np.log(FIVE), (2_000, 5))
    drawn = sample(rows, 1.0, np.random.default_rng(0), top_p=top_p)
    assert set(drawn.tolist()) == set(range(kept))


def test_float32_probabilities_that_sum_above_one_are_drawn_all_the_same():
    p = np.full(1_000, 0.001, "float32") * np.float32(1.00001)
    assert p.sum() > 1
    assert 0 <= sample(np.log(p), 1.0, np.random.default_rng(0)) < 1_000


@pytest.mark.parametrize("temperature", [0, -1, np.nan, np.inf])
def test_bad_temperature_says_what_to_do(temperature):
    with pytest.raises(ValueError, match="temperature must be a positive number"):
        reweight(FIVE, temperature)
    with pytest.raises(ValueError, match="top_k=1"):
        sample(np.zeros(3), temperature, np.random.default_rng(0))


@pytest.mark.parametrize(
    "logits", [[], [[]], 3.0, [np.nan, 1], [np.inf, 1], [-np.inf, -np.inf]]
)
def test_bad_logits(logits):
    with pytest.raises(ValueError, match="logits must"):
        sample(logits, 1.0, np.random.default_rng(0))


@pytest.mark.parametrize("p", [[], 0.5, [np.nan, 1], [-0.1, 1.1], [0, 0], [np.inf, 1]])
def test_bad_probabilities(p):
    with pytest.raises(ValueError, match="probabilities must"):
        reweight(p, 1.0)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"top_k": 0}, "top_k must be at least 1"),
        ({"top_p": 0}, "top_p must be above 0"),
        ({"top_p": 1.1}, "top_p must be above 0"),
    ],
)
def test_bad_choice_of_classes(options, message):
    with pytest.raises(ValueError, match=message):
        sample(np.zeros(3), 1.0, np.random.default_rng(0), **options)


@pytest.mark.parametrize(
    ("prompts", "message"),
    [
        ([], "at least one prompt"),
        ([[]], "at least one integer"),
        ([[1.5]], "at least one integer, got float64"),
        ([[1], [TOKENS]], f"from 0 to {TOKENS - 1}, got {TOKENS} to {TOKENS}"),
        ([[-1]], "got -1 to -1"),
        ([1, 2], "at least one integer"),
    ],
)
def test_bad_prompts(prompts, message):
    generator = Generator(networks()["GRU"]())
    with pytest.raises(ValueError, match=message):
        generator.generate(prompts, 3)


def test_bad_length():
    with pytest.raises(ValueError, match="length must be at least 0, got -1"):
        Generator(networks()["GRU"]()).generate([[1]], -1)


def bad_networks():
    layers = keras.layers
    return {
        "no layers": lambda: keras.Sequential([keras.Input((3,))]),
        "recurrent layers": lambda: network(layers.Flatten(), embedding=False),
        "read forwards": lambda: network(layers.LSTM(3, go_backwards=True)),
        "got Bidirectional": lambda: network(layers.Bidirectional(layers.GRU(3))),
        "activation of the layer": lambda: network(layers.LSTM(3, activation="relu")),
        "got sigmoid": lambda: network(layers.GRU(3), output="sigmoid"),
        "as many tokens as it writes, got 11 and 4": lambda: keras.Sequential(
            [
                keras.Input((None,)),
                layers.Embedding(TOKENS, 2),
                layers.GRU(3),
                layers.Dense(4),
            ]
        ),
    }


@pytest.mark.parametrize(
    "message",
    [
        "no layers",
        "read forwards",
        "got Bidirectional",
        "activation of the layer",
        "got sigmoid",
        "as many tokens as it writes, got 11 and 4",
    ],
)
def test_a_model_that_cannot_write_is_refused(message):
    with pytest.raises(ValueError, match=message):
        Generator(bad_networks()[message]())
