"""Text from a trained network: fair draws, and equal to reading all from the start."""

import numpy as np
import pytest
from conftest import keras
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import stats

from course_utils.generation import Generator
from course_utils.numpy_rnn import softmax
from course_utils.sampling import reweight, sample

TOKENS = 11
FIVE = np.array([0.5, 0.25, 0.15, 0.1, 0.0])

any_logits = hnp.arrays(
    "float64",
    st.tuples(st.integers(1, 4), st.integers(1, 30)),
    elements=st.floats(-1e4, 1e4) | st.sampled_from([-1e4, 0.0, 1e4]),
)
temperatures = st.floats(1e-3, 1e3)


def shaken(model):
    """Give a model random weights, also for the biases."""
    rng = np.random.default_rng(3)
    # Not larger: the states of relu would grow from step to step.
    model.set_weights([rng.normal(0, 0.3, w.shape) for w in model.get_weights()])
    return model


def network(*layers, embedding=True, output="softmax", after=(), mask_zero=False):
    """Build a model on tokens, all weights random."""
    if embedding:
        table = keras.layers.Embedding(TOKENS, 6, mask_zero=mask_zero)
        first = [keras.Input((None,), dtype="int32"), table]
    else:
        first = [keras.Input((None, TOKENS))]
    last = [keras.layers.Dense(TOKENS, activation=output)] if output != "none" else []
    return shaken(keras.Sequential([*first, *layers, *last, *after]))


def functional(middle, token_inputs=1):
    """Build a functional model: what stands between the tokens and the output."""
    tokens = [keras.Input((None,), dtype="int32") for _ in range(token_inputs)]
    embedding = keras.layers.Embedding(TOKENS, 6)
    output = middle(*[embedding(x) for x in tokens])
    return shaken(keras.Model(tokens if token_inputs > 1 else tokens[0], output))


def answer(x):
    return keras.layers.Dense(TOKENS)(x)


def with_return_state(x):
    states, *_ = keras.layers.LSTM(7, return_state=True)(x)
    return answer(states)


ACCEPTED = {
    "SimpleRNN": lambda k: network(k.SimpleRNN(7)),
    "SimpleRNN, relu, one-hot": lambda k: network(
        k.SimpleRNN(7, activation="relu"), embedding=False
    ),
    "SimpleRNN, sigmoid": lambda k: network(k.SimpleRNN(7, activation="sigmoid")),
    "SimpleRNN, linear": lambda k: network(k.SimpleRNN(7, activation=None)),
    "LSTM": lambda k: network(k.LSTM(7)),
    "LSTM, one-hot": lambda k: network(k.LSTM(7), embedding=False),
    "LSTM, every position": lambda k: network(
        k.LSTM(7, return_sequences=True), output=None
    ),
    "LSTM, float64": lambda k: network(k.LSTM(7, dtype="float64")),
    "GRU": lambda k: network(k.GRU(7)),
    "GRU, reset before, no bias": lambda k: network(
        k.GRU(7, reset_after=False, use_bias=False)
    ),
    "GRU, no bias": lambda k: network(k.GRU(7, use_bias=False)),
    "stacked, with dropout": lambda k: network(
        k.GRU(7, return_sequences=True),
        k.Dropout(0.5),
        k.LSTM(5, return_sequences=True, dropout=0.2, recurrent_dropout=0.3),
        k.SimpleRNN(9),
    ),
    "what acts in training only": lambda k: network(
        k.SpatialDropout1D(0.5),
        k.GaussianNoise(0.5),
        k.GRU(7, return_sequences=True),
        k.GaussianDropout(0.5),
        k.AlphaDropout(0.5),
        k.ActivityRegularization(0.1),
        k.Identity(),
        k.LSTM(7),
    ),
    "softmax as an Activation": lambda k: network(
        k.GRU(7), output=None, after=[k.Activation("softmax")]
    ),
    "softmax as a layer": lambda k: network(
        k.GRU(7, return_sequences=True), output=None, after=[k.Softmax()]
    ),
    "Dense, distributed": lambda k: network(
        k.GRU(7, return_sequences=True),
        k.TimeDistributed(k.Dense(TOKENS, activation="softmax")),
        output="none",
    ),
    "Dense without bias": lambda k: network(
        k.GRU(7), k.Dense(TOKENS, use_bias=False), output="none"
    ),
    "mask_zero": lambda k: network(k.LSTM(7), mask_zero=True),
    "mask_zero, stacked": lambda k: network(
        k.GRU(7, return_sequences=True),
        k.Dropout(0.5),
        k.SimpleRNN(5, return_sequences=True),
        k.LSTM(5),
        mask_zero=True,
    ),
    "mask_zero, every position": lambda k: network(
        k.LSTM(7, return_sequences=True), mask_zero=True, output=None
    ),
    "functional": lambda k: functional(lambda x: answer(k.Dropout(0.2)(k.GRU(7)(x)))),
    "functional, return_state": lambda k: functional(with_return_state),
}


def accepted(name):
    return ACCEPTED[name](keras.layers)


def probabilities(model, text):
    """Ask the Keras model itself, on the whole text so far."""
    text = np.array([text])
    if len(model.input_shape) == 3:
        text = np.eye(TOKENS, dtype="float32")[text]
    outputs = keras.ops.convert_to_numpy(model(text))[0]
    outputs = outputs[-1] if outputs.ndim == 2 else outputs
    certain = outputs.min() >= 0 and abs(outputs.sum() - 1) < 1e-4
    return outputs if certain else softmax(outputs)


@pytest.mark.parametrize("name", ACCEPTED)
def test_generator_equals_the_model_on_the_whole_text(name):
    model = accepted(name)
    generator = Generator(model)
    text = [3, 0, 1, 4, 0]
    written = generator.generate([text], 12, temperature=0.8, seed=5)[0]
    rng = np.random.default_rng(5)
    for token in written:
        p = probabilities(model, text)
        np.testing.assert_allclose(softmax(generator.logits([text])[0]), p, atol=1e-5)
        assert token == sample(np.log(p)[None], 0.8, rng)[0]
        text = [*text, token]
    assert len(set(written.tolist())) > 1


@pytest.mark.parametrize("name", ["stacked, with dropout", "mask_zero, stacked"])
def test_prompts_of_many_lengths_are_as_each_alone(name):
    generator = Generator(accepted(name))
    prompts = [[1, 2, 3, 4, 0], [6], [0, 8, 9]]
    alone = np.concatenate([generator.logits([prompt]) for prompt in prompts])
    np.testing.assert_allclose(generator.logits(prompts), alone, atol=1e-5)


def test_each_prompt_has_its_temperature():
    generator = Generator(accepted("LSTM"))
    cold, hot = generator.generate([[1], [1]], 200, temperature=[1e-3, 100], seed=1)
    greedy = generator.generate([[1]], 200, top_k=1)[0]
    assert (cold == greedy).all()
    assert len(set(hot.tolist())) == TOKENS


def test_same_seed_same_text():
    generator = Generator(accepted("GRU"))
    one, again, other = (generator.generate([[1], [2]], 30, seed=s) for s in (4, 4, 5))
    assert (one == again).all()
    assert (one != other).any()


def test_a_text_that_stops_is_filled_and_leaves_the_others_as_they_were():
    generator = Generator(accepted("LSTM"))
    free = generator.generate([[1], [2], [3]], 40, seed=2)
    stop = int(free[0, 5])
    stopped = generator.generate([[1], [2], [3]], 40, seed=2, stop=stop)
    for row, whole in zip(stopped, free, strict=True):
        end = np.flatnonzero(whole == stop)[:1]
        end = end[0] if len(end) else len(whole)
        assert (row[:end] == whole[:end]).all()
        assert (row[end:] == stop).all()


def test_read_scores_and_step_are_what_generate_does():
    generator = Generator(network(keras.layers.LSTM(7, return_sequences=True)))
    written = generator.generate([[1, 2], [3]], 8, seed=5)
    rng, states, drawn = np.random.default_rng(5), generator.read([[1, 2], [3]]), []
    for _ in range(8):
        drawn.append(sample(generator.scores(states), 1.0, rng))
        states = generator.step(drawn[-1], states)
    assert (np.transpose(drawn) == written).all()


def test_texts_may_go_on_in_several_ways_and_the_state_before_stays():
    generator = Generator(network(keras.layers.GRU(7), keras.layers.Dropout(0.5)))
    states = generator.read([[1, 2, 3], [4]])
    before = generator.scores(states)
    branches = generator.step([5, 6, 7], states, texts=[1, 0, 1])
    whole = generator.logits([[4, 5], [1, 2, 3, 6], [4, 7]])
    np.testing.assert_allclose(generator.scores(branches), whole, atol=1e-6)
    assert (generator.scores(states) == before).all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([1],), r"tokens must have the shape \(2\)"),
        (([1, TOKENS],), "tokens must be from 0 to 10"),
        (([1, -1],), "tokens must be from 0 to 10"),
        (([0.5, 1],), "tokens must be integers"),
        (([1, 2], [0, 2]), "texts must be from 0 to 1"),
        (([1, 2], [0]), r"tokens must have the shape \(1\)"),
        (([1, 2], [[0, 1]]), "texts must have the shape"),
    ],
)
def test_a_step_that_cannot_be_taken(arguments, message):
    generator = Generator(network(keras.layers.SimpleRNN(4)))
    tokens, *texts = arguments
    with pytest.raises(ValueError, match=message):
        generator.step(tokens, generator.read([[1], [2]]), *texts)


def test_training_goes_on_without_the_generator():
    model = accepted("LSTM")
    generator = Generator(model)
    before = generator.logits([[1, 2]])
    model.set_weights([w + 1 for w in model.get_weights()])
    assert (generator.logits([[1, 2]]) == before).all()
    assert (Generator(model).logits([[1, 2]]) != before).any()


def test_a_stateful_model_is_read_from_a_zero_state():
    layers = [keras.layers.Embedding(TOKENS, 6), keras.layers.LSTM(7, stateful=True)]
    last = keras.layers.Dense(TOKENS)
    model = keras.Sequential([keras.Input(batch_shape=(1, 4)), *layers, last])
    model(np.array([[5, 5, 5, 5]]))  # leaves a state behind
    logits = Generator(model).logits([[3, 1, 4, 1]])
    layers[1].reset_state()
    whole = keras.ops.convert_to_numpy(model(np.array([[3, 1, 4, 1]])))
    np.testing.assert_allclose(logits, whole, atol=1e-5)


def test_writing_nothing():
    assert Generator(accepted("GRU")).generate([[1]], 0).shape == (1, 0)


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
    "logits",
    [[], [[]], 3.0, [np.nan, 1], [np.inf, 1], [-np.inf, -np.inf]],
    ids=str,
)
def test_bad_logits(logits):
    with pytest.raises(ValueError, match="logits must"):
        sample(logits, 1.0, np.random.default_rng(0))


@pytest.mark.parametrize(
    "p", [[], 0.5, [np.nan, 1], [-0.1, 1.1], [0, 0], [np.inf, 1]], ids=str
)
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
    ids=str,
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
    ids=str,
)
def test_bad_prompts(prompts, message):
    generator = Generator(accepted("GRU"))
    with pytest.raises(ValueError, match=message):
        generator.generate(prompts, 3)


def test_bad_length():
    with pytest.raises(ValueError, match="length must be at least 0, got -1"):
        Generator(accepted("GRU")).generate([[1]], -1)


class Odd:
    """Builders of models that a student may well make, and nothing here can read."""

    @staticmethod
    def gru_called_twice(k):
        gru = k.GRU(6, return_sequences=True)
        return functional(lambda x: answer(gru(gru(x))))

    @staticmethod
    def subclass(k):
        class Model(keras.Model):
            def __init__(self):
                super().__init__()
                self.a, self.b = k.Embedding(TOKENS, 6), k.GRU(6, return_sequences=True)
                self.c = k.Dense(TOKENS)

            def call(self, x):
                x = self.a(x)
                return self.c(x + self.b(x))

        model = Model()
        model(np.array([[1, 2]]))
        return model

    @staticmethod
    def own_dense(k):
        class Dense(k.Dense):
            def call(self, x):
                return super().call(2 * x)

        return network(k.GRU(3), Dense(TOKENS), output="none")

    @staticmethod
    def own_tanh(k):
        def tanh(x):
            return x / 2

        return network(k.LSTM(3, activation=tanh))

    @staticmethod
    def lora(k):
        model = network(k.GRU(3))
        model.layers[0].enable_lora(2)
        return model


REFUSED = {
    "None": (lambda k: None, "must be a model of Keras, got None"),
    "the class": (lambda k: keras.Sequential, "must be a model of Keras"),
    "no layers": (lambda k: keras.Sequential([keras.Input((3,))]), "got no layers"),
    "no input": (
        lambda k: keras.Sequential([k.Embedding(9, 2), k.GRU(3), k.Dense(9)]),
        "must know its input: begin sequential.* with keras.Input",
    ),
    "no recurrent layer": (
        lambda k: network(k.GlobalAveragePooling1D()),
        r"got GlobalAveragePooling1D \(",
    ),
    "Dense alone": (
        lambda k: network(embedding=False),
        "recurrent layers .* got Dense",
    ),
    "no Dense": (lambda k: network(k.GRU(3), output="none"), "got Embedding, GRU$"),
    "go_backwards": (lambda k: network(k.LSTM(3, go_backwards=True)), "read forwards"),
    "zero_output_for_mask": (
        lambda k: network(
            k.GRU(3, return_sequences=True, zero_output_for_mask=True), mask_zero=True
        ),
        "keep its output at a mask",
    ),
    "Bidirectional": (
        lambda k: network(k.Bidirectional(k.GRU(3))),
        r"got Bidirectional \(",
    ),
    "LSTM, relu": (
        lambda k: network(k.LSTM(3, activation="relu")),
        "activation of the layer lstm.* must be tanh, got relu",
    ),
    "LSTM, hard_sigmoid": (
        lambda k: network(k.LSTM(3, recurrent_activation="hard_sigmoid")),
        "recurrent_activation .* got hard_sigmoid",
    ),
    "SimpleRNN, gelu": (
        lambda k: network(k.SimpleRNN(3, activation="gelu")),
        "got gelu",
    ),
    "SimpleRNN, an activation as a layer": (
        lambda k: network(k.SimpleRNN(3, activation=k.LeakyReLU())),
        "got <LeakyReLU",
    ),
    "an activation of one's own": (Odd.own_tanh, "must be tanh, got <function"),
    "Dense, sigmoid": (
        lambda k: network(k.GRU(3), output="sigmoid"),
        "linear or softmax, got sigmoid",
    ),
    "Dense and Activation sigmoid": (
        lambda k: network(k.GRU(3), output=None, after=[k.Activation("sigmoid")]),
        "got Embedding, GRU, Dense, Activation",
    ),
    "softmax twice": (
        lambda k: network(k.GRU(3), after=[k.Softmax()]),
        "activation of the layer dense.* must be linear, got softmax",
    ),
    "softmax over the steps": (
        lambda k: network(
            k.GRU(3, return_sequences=True), output=None, after=[k.Softmax(axis=1)]
        ),
        "Dense, Softmax",
    ),
    "Activation in the middle": (
        lambda k: network(
            k.GRU(3, return_sequences=True), k.Activation("tanh"), k.GRU(3)
        ),
        r"got Activation \(activation",
    ),
    "Activation before Dense": (
        lambda k: network(k.GRU(3), k.Activation("relu")),
        r"got Activation \(activation",
    ),
    "Softmax in the middle": (
        lambda k: network(k.GRU(3), k.Softmax()),
        r"got Softmax \(softmax",
    ),
    "LayerNormalization": (
        lambda k: network(k.GRU(3), k.LayerNormalization()),
        "got LayerNormalization",
    ),
    "BatchNormalization": (
        lambda k: network(k.GRU(3), k.BatchNormalization()),
        "got BatchNormalization",
    ),
    "two Dense": (lambda k: network(k.GRU(3), k.Dense(5)), r"got Dense \(dense"),
    "ReLU": (lambda k: network(k.GRU(3), k.ReLU()), "got ReLU"),
    "Masking": (
        lambda k: network(k.Masking(), k.GRU(3), embedding=False),
        "got Masking",
    ),
    "RNN of a cell": (lambda k: network(k.RNN(k.LSTMCell(3))), "got RNN"),
    "Conv1D": (
        lambda k: network(k.Conv1D(3, 3, padding="causal"), k.GRU(3)),
        "got Conv1D",
    ),
    "a slice": (
        lambda k: functional(
            lambda x: answer(k.GRU(6, return_sequences=True)(x)[:, 0])
        ),
        "got GetItem, which is no layer",
    ),
    "a model in the model": (
        lambda k: network(keras.Sequential([keras.Input((None, 6)), k.GRU(3)])),
        "got Sequential, which is no layer of Keras",
    ),
    "a Dense of one's own": (Odd.own_dense, "Dense, which is no layer of Keras"),
    "LoRA": (Odd.lora, "embedding.* must have 1 arrays of weights"),
    "another number of tokens": (
        lambda k: network(k.GRU(3), k.Dense(4), output="none"),
        "as many tokens as it writes, got 11 and 4",
    ),
    "a class": (Odd.subclass, "got Model model.*, which is put together"),
    "a layer called twice": (Odd.gru_called_twice, "put together in another way"),
    "a residual": (
        lambda k: functional(
            lambda x: answer(k.add([x, k.GRU(6, return_sequences=True)(x)]))
        ),
        "put together in another way",
    ),
    "an operation": (
        lambda k: functional(lambda x: answer(2 * k.GRU(6)(x))),
        "got Multiply, which is no layer of Keras",
    ),
    "two outputs": (
        lambda k: functional(lambda x: [answer(k.GRU(6)(x)), answer(k.GRU(5)(x))]),
        "put together in another way",
    ),
    "two inputs": (
        lambda k: functional(
            lambda x, y: answer(k.GRU(6)(x, initial_state=k.GRU(6)(y))), 2
        ),
        "put together in another way",
    ),
    "a state from elsewhere": (
        lambda k: functional(
            lambda x: answer(k.GRU(6)(x, initial_state=k.SimpleRNN(6)(x)))
        ),
        "put together in another way",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_model_that_cannot_be_followed_is_refused(name):
    build, words = REFUSED[name]
    with pytest.raises(ValueError, match=words) as error:
        Generator(build(keras.layers))
    assert len(str(error.value)) < 500
