"""Bad arguments: one short sentence of the course, and never the end of the process."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import course_utils
from course_utils import (
    bptt,
    embeddings,
    exercises,
    generation,
    numpy_rnn,
    profiles,
    sampling,
    text,
)
from course_utils._arguments import numbers, shown, whole_number
from course_utils.datasets.glove import Vectors
from course_utils.results import read_results
from course_utils.text import Vocabulary

WORDS = Vocabulary(["the", "cat", "a"])
VECTORS = Vectors(["cat", "dog"], np.eye(2, dtype="float32"), {})
SERIES = np.arange(100.0)[:, None] % 7
HOLES = np.where(np.arange(100)[:, None] == 5, np.nan, SERIES)
RNG = np.random.default_rng(0)
WEIGHTS = bptt.ManyToOne(*map(np.zeros, [(4, 5), (5, 5), 5, (5, 2), 2]))
INPUTS, LENGTHS, LABELS = np.zeros((2, 3, 4)), np.array([1, 3]), np.array([0, 1])
HUGE = "x" * 100_000


def windows(**change):
    from course_utils.timeseries import Windows

    good = {"data": SERIES, "targets": SERIES[:, 0], "periods": [range(100)]}
    return Windows(**good | {"lookback": 4, "delay": 1} | change)


def split(*arguments):
    from course_utils.timeseries import split_by_time

    return split_by_time(*arguments)


def generator():
    import keras

    layers = [keras.layers.Embedding(5, 2), keras.layers.GRU(3), keras.layers.Dense(5)]
    return generation.Generator(keras.Sequential([keras.Input((None,)), *layers]))


def sample(logits=(0.5, -1.0), temperature=1.0, rng=RNG, **options):
    return sampling.sample(logits, temperature, rng, **options)


def batch(**change):
    good = {"inputs": INPUTS, "lengths": LENGTHS, "labels": LABELS, "weights": WEIGHTS}
    return bptt.many_to_one_gradients(**good | change)


def elman(**change):
    good = {"inputs": INPUTS, "kernel": WEIGHTS.kernel, "bias": WEIGHTS.bias}
    return numpy_rnn.elman(
        **good | {"recurrent_kernel": WEIGHTS.recurrent_kernel} | change
    )


def matrix(index, vectors=VECTORS, num_words=None):
    return embeddings.embedding_matrix(index, vectors, num_words)


def near(word="cat", words=VECTORS.words, vectors=VECTORS.matrix, k=1):
    return embeddings.neighbours(word, words, vectors, k)


# What is called, and words of what it must say.
BAD = {
    "tokenize None": (lambda: text.tokenize(None), "text must be one string, got None"),
    "tokenize bytes": (lambda: text.tokenize(b"the cat"), "text must be one string"),
    "tokenize texts": (lambda: text.tokenize(["a b", HUGE]), "text must be one string"),
    "ngrams, n of 0": (lambda: text.ngrams(["a"], 0), "n must be at least 1, got 0"),
    "ngrams, n of 1.5": (
        lambda: text.ngrams(["a"], 1.5),
        r"n must be a whole number \(an int\), got 1.5",
    ),
    "ngrams None": (lambda: text.ngrams(None, 1), "tokens must be a list of strings"),
    "ngrams of numbers": (lambda: text.ngrams([1, 2], 1), "tokens must be a list"),
    "bag, n of 0": (lambda: text.bag_of_ngrams(["a"], 0), "n must be at least 1"),
    "Vocabulary None": (lambda: Vocabulary(None), "tokens must be a list, got None"),
    "Vocabulary of texts": (
        lambda: Vocabulary([["the", "cat"]]),
        "use Vocabulary.by_frequency",
    ),
    "first_index 0": (lambda: Vocabulary(["a"], 0), "first_index must be at least 1"),
    "first_index 1.0": (lambda: Vocabulary(["a"], 1.0), "first_index must be a whole"),
    "by_frequency of texts": (
        lambda: Vocabulary.by_frequency(["the cat", "a dog"]),
        r"map\(tokenize, texts\).*got the string 'the cat'",
    ),
    "by_frequency of one text": (
        lambda: Vocabulary.by_frequency(HUGE),
        r"map\(tokenize, texts\)",
    ),
    "by_frequency None": (lambda: Vocabulary.by_frequency(None), "must be a list"),
    "by_frequency of numbers": (lambda: Vocabulary.by_frequency([1]), "got 1"),
    "num_words 1": (lambda: Vocabulary.by_frequency([["a"]], 1), "at least 2, got 1"),
    "encode a sentence": (
        lambda: WORDS.encode("the cat"),
        r"tokens must be a list, as tokenize\(text\) .* got the string 'the cat'",
    ),
    "encode texts": (lambda: WORDS.encode([["the"], ["cat"]]), "tokens of one text"),
    "encode None": (lambda: WORDS.encode(None), "tokens of one text, got None"),
    "encode, unknown '?'": (
        lambda: WORDS.encode(["dog"], unknown="?"),
        "unknown must be a whole number",
    ),
    "decode fractions": (lambda: WORDS.decode([1.5]), "indices must be the integers"),
    "decode several texts": (lambda: WORDS.decode([[1], [2]]), "integers of one text"),
    "decode None": (lambda: WORDS.decode(None), "indices must be"),
    "pad, maxlen 0": (lambda: text.pad([[1]], 0), "maxlen must be at least 1, got 0"),
    "pad strings": (lambda: text.pad(["ab", HUGE], 3), "sequences must hold a list of"),
    "pad 2**40": (lambda: text.pad([[2**40]], 3), "integers of 32 bits"),
    "pad fractions": (lambda: text.pad([[1.9]], 3), "sequences must hold a list of"),
    "pad a flat list": (lambda: text.pad([1, 2], 3), "for each sample, got"),
    "pad None": (lambda: text.pad(None, 3), "got None"),
    "pad with 0.5": (lambda: text.pad([[1]], 3, 0.5), "value must be a whole number"),
    "streams, count 0": (lambda: text.streams(np.arange(9), 0, 2), "count must be at"),
    "streams of a text": (
        lambda: text.streams("abc", 1, 1),
        "indices must be integers",
    ),
    "streams of rows": (
        lambda: text.streams(np.zeros((9, 2), int), 1, 1),
        r"one text, got the shape \(9, 2\)",
    ),
    "streams, too short": (lambda: text.streams([1, 2], 2, 2), "more than count"),
    "streams of nothing": (lambda: text.streams([], 2, 2), "more than count"),
    "one_hot, beyond": (lambda: text.one_hot([5], 5), r"0 … 4 \(depth is 5\), got 5"),
    "one_hot, negative": (lambda: text.one_hot([-1], 5), "got -1"),
    "one_hot of fractions": (lambda: text.one_hot([0.5], 5), "must be integers"),
    "one_hot of strings": (lambda: text.one_hot(["a"], 5), "must be integers"),
    "one_hot of rows": (
        lambda: text.one_hot([[1], [1, 2]], 5),
        "in rows of one length",
    ),
    "one_hot, depth 0": (lambda: text.one_hot([0], 0), "depth must be at least 1"),
    "one_hot, depth -1": (lambda: text.one_hot([0], -1), "depth must be at least 1"),
    "one_hot, 8 EB": (
        lambda: text.one_hot(np.zeros(1_000, int), 2**51),
        "depth must leave room in memory: .* fewer indices",
    ),
    "one_hot, padding None": (
        lambda: text.one_hot([0], 2, None),
        "padding must be a whole number",
    ),
    "hash_tokens of a string": (
        lambda: text.hash_tokens("cat", 9),
        "tokens must be a list of strings, got one string: 'cat'",
    ),
    "hash_tokens of numbers": (
        lambda: text.hash_tokens([1, 2], 9),
        r"tokens must be a list of strings, got \[1, 2\]",
    ),
    "hash_tokens of bytes": (lambda: text.hash_tokens([b"a"], 9), "list of strings"),
    "hash_tokens None": (lambda: text.hash_tokens(None, 9), "got None"),
    "10.5 dimensions": (lambda: text.hash_tokens(["a"], 10.5), "a whole number"),
    "no dimensions": (lambda: text.hash_tokens(["a"], 0), "at least 1 and below 2147"),
    "hash, seed -1": (
        lambda: text.hash_tokens(["a"], 9, -1),
        "seed must be at least 0",
    ),
    "hash, seed 2**40": (
        lambda: text.hash_tokens(["a"], 9, 2**40),
        "seed must be at least 0 and below 4294967296",
    ),
    "counts of a string": (lambda: text.hashed_counts("a b", 9), r"use \[text\]"),
    "counts of None": (
        lambda: text.hashed_counts([None], 9),
        "text must be one string",
    ),
    "counts, None": (lambda: text.hashed_counts(None, 9), "texts must be a list"),
    "counts, a tokenizer of strings": (
        lambda: text.hashed_counts(["A"], 9, tokenizer=str.lower),
        "got one string: 'a'",
    ),
    "nbytes, dtype": (lambda: text.nbytes((2,), "floaty"), "dtype must be a type of"),
    "nbytes, None": (lambda: text.nbytes((None, 2)), "shape must be a whole number"),
    "nbytes, a number": (lambda: text.nbytes(5), "shape must be a tuple"),
    "bytes below 0": (lambda: text.format_bytes(-5e9), "number must be one of bytes"),
    "bytes, NaN": (lambda: text.format_bytes(np.nan), "number must be one of bytes"),
    "bytes, None": (lambda: text.format_bytes(None), "number must be one of bytes"),
    "matrix, index 0": (lambda: matrix({"a": 0}), "from 1 .* got 0 for 'a'"),
    "matrix, index 1.0": (lambda: matrix({"a": 1.0}), "from 1 .* got 1.0 for 'a'"),
    "matrix of a list": (lambda: matrix(["cat"]), "vocabulary must be a Vocabulary"),
    "matrix, vectors": (lambda: matrix({"a": 1}, {}), "vectors must be as read_glove"),
    "matrix, num_words 0": (lambda: matrix({"a": 1}, num_words=0), "num_words must be"),
    "neighbours, unknown": (lambda: near(HUGE), "word must be one of the 2 words"),
    "neighbours, None": (lambda: near(None), "word must be one of the 2 words"),
    "neighbours, k of 0": (lambda: near(k=0), "k must be at least 1, got 0"),
    "neighbours, k of 1.5": (lambda: near(k=1.5), "k must be a whole number"),
    "neighbours, NaN": (
        lambda: near(vectors=np.array([[1, 0], [np.nan, 1]])),
        "NaN or infinity in the row of 'dog'",
    ),
    "neighbours, strings": (lambda: near(vectors=[["a"], ["b"]]), "matrix must be num"),
    "neighbours, shape": (lambda: near(vectors=np.eye(3)), "one row a word"),
    "neighbours, zeros": (lambda: near(vectors=np.zeros((2, 2))), "is all zeros"),
    "reweight, T of 0": (lambda: sampling.reweight([0.5, 0.5], 0), "got 0; for the"),
    "reweight, T of None": (lambda: sampling.reweight([1], None), "temperature must"),
    "reweight, T of 'hot'": (
        lambda: sampling.reweight([1], "hot"),
        "temperature must",
    ),
    "reweight, two T": (
        lambda: sampling.reweight([0.5, 0.5], [1, 2]),
        r"temperature must be one number, or have the shape \(\)",
    ),
    "reweight strings": (
        lambda: sampling.reweight(["a"], 1),
        "probabilities must be",
    ),
    "reweight many NaN": (
        lambda: sampling.reweight(np.full(900, np.nan), 1),
        "probabilities must be finite",
    ),
    "reweight nothing": (lambda: sampling.reweight([], 1), "must hold a class"),
    "sample probabilities": (
        lambda: sample([0.9, 0.05, 0.05]),
        "got probabilities, as softmax gives them: take np.log",
    ),
    "sample rows of probabilities": (
        lambda: sample(np.full((4, 60), 1 / 60, "float32")),
        "take np.log",
    ),
    "sample many NaN": (lambda: sample(np.full(900, np.nan)), "logits must be numbers"),
    "sample strings": (lambda: sample(["a", "b"]), "logits must be numbers"),
    "sample rows": (lambda: sample([[1.0], [1.0, 2.0]]), "in rows of one length"),
    "sample, T of rows": (
        lambda: sample(-np.ones((2, 3)), [1, 2, 3]),
        r"have the shape \(2,\).* got the shape \(3,\)",
    ),
    "sample, no rng": (
        lambda: sample(rng=None),
        "rng must be as np.random.default_rng",
    ),
    "sample, a seed": (lambda: sample(rng=7), "rng must be as np.random.default_rng"),
    "sample, top_k 0": (lambda: sample(top_k=0), "top_k must be at least 1, got 0"),
    "sample, top_k 1.5": (lambda: sample(top_k=1.5), "top_k must be a whole number"),
    "sample, top_p 0": (lambda: sample(top_p=0), "top_p must be above 0"),
    "sample, top_p NaN": (lambda: sample(top_p=np.nan), "top_p must be above 0"),
    "sample, top_p 'a'": (lambda: sample(top_p="a"), "top_p must be above 0"),
    "generate None": (lambda: generator().generate(None, 3), "prompts must be seq"),
    "generate a text": (lambda: generator().generate("abc", 3), "prompts must be seq"),
    "generate rows": (lambda: generator().generate([[[1], [1, 2]]], 3), "prompts must"),
    "generate, length 2.5": (
        lambda: generator().generate([[1]], 2.5),
        "length must be",
    ),
    "generate, length -1": (lambda: generator().generate([[1]], -1), "length must be"),
    "generate, seed -1": (
        lambda: generator().generate([[1]], 3, seed=-1),
        "seed must be at least 0",
    ),
    "generate, stop 99": (
        lambda: generator().generate([[1]], 3, stop=99),
        "stop must be at least 0 and below 5, got 99",
    ),
    "generate, T of prompts": (
        lambda: generator().generate([[1], [2]], 3, temperature=[1, 2, 3]),
        r"have the shape \(2,\)",
    ),
    "elman of a list": (
        lambda: elman(inputs=INPUTS.tolist()),
        "inputs must be an array, got",
    ),
    "elman None": (lambda: elman(kernel=None), "kernel must be an array, got None"),
    "elman, bias a number": (lambda: elman(bias=0), "bias must be an array, got 0"),
    "gru, bias a list": (
        lambda: numpy_rnn.gru(INPUTS, np.zeros((4, 15)), np.zeros((5, 15)), [0] * 15),
        "bias must be an array",
    ),
    "jordan, output_bias": (
        lambda: numpy_rnn.jordan(INPUTS, *WEIGHTS[:3], WEIGHTS[3], np.float64(0)),
        r"output_bias must have the shape \(any\), got \(\)",
    ),
    "lengths of fractions": (
        lambda: batch(lengths=np.array([1.0, 2.0])),
        "lengths must be integers, .* got float64",
    ),
    "labels of fractions": (
        lambda: batch(labels=[0.0, 1.0]),
        "labels must be integers",
    ),
    "labels of truth": (lambda: batch(labels=[True, False]), "labels must be integers"),
    "weights in a tuple": (
        lambda: batch(weights=(1, 2)),
        "weights must be a ManyToOne",
    ),
    "weights that do not meet": (
        lambda: batch(weights=WEIGHTS._replace(output_kernel=np.zeros((4, 2)))),
        r"output_kernel must have the shape \(5, 2\)",
    ),
    "gradient of a list": (
        lambda: bptt.numerical_gradient(lambda: 0.0, [1.0]),
        "weight must be a float64 array",
    ),
    "gradient, step 0": (
        lambda: bptt.numerical_gradient(lambda: 0.0, np.ones(1), 0),
        "step must be a positive number, got 0",
    ),
    "gradient, step 'a'": (
        lambda: bptt.numerical_gradient(lambda: 0.0, np.ones(1), "a"),
        "step must be a positive number, got 'a'",
    ),
    "gradient, no return": (
        lambda: bptt.numerical_gradient(lambda: None, np.ones(1)),
        "got None; does it end with return",
    ),
    "error of None": (
        lambda: bptt.relative_error(None, [1.0]),
        "gradient must be numbers",
    ),
    "error, shapes": (
        lambda: bptt.relative_error([1.0], [1.0, 2.0]),
        r"estimate must have the shape \(1\), got \(2,\)",
    ),
    "split at NaN": (lambda: split(100, np.nan, 0.7), "train_end.* whole number"),
    "split at 'a'": (lambda: split(100, 0.5, "a"), "validation_end.* whole number"),
    "split, 2000.7": (lambda: split(9_000, 2000.7, 3_000), "train_end.* whole number"),
    "split, rows None": (lambda: split(None, 0.5, 0.7), "rows must be a whole number"),
    "split, no rows": (lambda: split(0, 0.5, 0.7), "inside the series of 0 rows"),
    "windows, an empty range": (
        lambda: windows(periods=[range(0)]),
        "periods must be ranges that lie inside the 100 rows",
    ),
    "windows, beyond": (
        lambda: windows(periods=[range(500)]),
        r"inside the 100 rows, got \[range\(0, 500\)\]",
    ),
    "windows, every second row": (
        lambda: windows(periods=[range(0, 50, 2)]),
        "periods must be ranges",
    ),
    "windows, lookback 10.0": (
        lambda: windows(lookback=10.0),
        "lookback must be a whole",
    ),
    "windows, step None": (lambda: windows(step=None), "step must be a whole number"),
    "windows, seed 'a'": (lambda: windows(seed="a"), "seed must be a whole number"),
    "windows, too many steps": (
        lambda: windows(steps_per_epoch=9),
        "steps_per_epoch must be at least 1 and below 2, got 9",
    ),
    "windows of a range": (
        lambda: windows(periods=range(100)),
        r"use \[range\(0, 100\)\]",
    ),
    "windows of many ranges": (
        lambda: windows(periods=[range(i, i + 2) for i in range(90)]),
        "periods must hold a window of 5 rows",
    ),
    "windows, NaN in data": (
        lambda: windows(data=HOLES),
        "data must be finite in the periods, got NaN or infinity in row 5",
    ),
    "windows, NaN in targets": (
        lambda: windows(targets=HOLES[:, 0]),
        "targets must be finite in the periods, got NaN or infinity in row 5",
    ),
    "windows, targets None": (lambda: windows(targets=None), "targets must be numbers"),
    "windows of text": (lambda: windows(data=[["a"]] * 100), "data must be numbers"),
    "start, data a string": (
        lambda: course_utils.start(data="weather", backend=False),
        r"data must be a list of names, got 'weather'; use \['weather'\]",
    ),
    "start, seed -1": (
        lambda: course_utils.start(seed=-1, backend=False),
        "seed must be at least 0 and below 4294967296, got -1",
    ),
    "start, seed 'a'": (
        lambda: course_utils.start(seed="a", backend=False),
        "seed must be a whole number",
    ),
    "check, swapped": (
        lambda: course_utils.check(True, "x"),
        "claim must be a sentence",
    ),
    "check, a string": (lambda: course_utils.check("x", "y"), "holds must be True or"),
    "check, an array": (
        lambda: course_utils.check("x", np.array([True, False])),
        "holds must be True or False, got .* take all",
    ),
    "check, a list": (
        lambda: course_utils.check("x", [False]),
        "holds must be True or",
    ),
    "check, None": (lambda: course_utils.check("x", None), "holds must be True or"),
    "settings of nothing": (
        lambda: profiles.Settings("hashish", "quick"),
        "experiment must be one of one_hot",
    ),
    "settings of a list": (
        lambda: profiles.Settings([], "quick"),
        "experiment must be one of one_hot",
    ),
    "settings, profile": (
        lambda: profiles.Settings("hashing", "fast"),
        "profile must be one of quick, lecture, record, got 'fast'",
    ),
    "results of nothing": (lambda: read_results(HUGE[:200]), "name must be one of 01_"),
    "results of None": (lambda: read_results(None), "name must be one of 01_"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_argument_is_named_in_a_short_sentence(case):
    call, words = BAD[case]
    with pytest.raises(ValueError, match=words) as error:
        call()
    assert len(str(error.value)) < 500
    assert "\n" not in str(error.value)


def test_what_is_nearly_right_gives_the_right_result():
    assert text.ngrams((w for w in ["a", "b"]), 2) == ["a b"]
    assert text.bag_of_ngrams((w for w in ["a", "b"]), 2) == {"a", "b", "a b"}
    assert Vocabulary("abc").encode("cab") == [3, 1, 2]
    assert text.bag_of_ngrams(["a", "b"], 2**70) == {"a", "b", "a b"}
    assert WORDS.encode(list("a cat")) == [3, 3]
    assert text.pad(np.array([[1, 2], [3, 4]]), np.int64(3)).tolist()[0] == [1, 2, 0]
    assert text.format_bytes(999_950) == "1.0 MB"
    assert embeddings.neighbours("cat", np.array(["cat", "dog"]), np.eye(2)) == [
        ("dog", 0)
    ]
    # Scores that only look a little like probabilities are logits.
    for logits in ([1.0], [0.5, 0.6], [-0.5, 1.5], [0.0, 0.0]):
        assert sampling.sample(logits, 1.0, RNG) in (0, 1)
    assert numpy_rnn.softmax([0, 0]).tolist() == [0.5, 0.5]
    assert numpy_rnn.sigmoid([0, 0]).tolist() == [0.5, 0.5]


@pytest.mark.parametrize("way", ["Lecture", " lecture ", "LECTURE\t"])
def test_a_profile_may_have_blanks_and_capitals(way, monkeypatch):
    monkeypatch.setenv("COURSE_PROFILE", way)
    assert profiles.choose_profile() == "lecture"
    monkeypatch.setenv("COURSE_PROFILE", " ")
    assert profiles.choose_profile(way) == "lecture"


def test_an_unknown_setting_names_those_that_are():
    settings = profiles.Settings("hashing", "quick")
    with pytest.raises(AttributeError, match=r"'maxlen'; there are dimensions, max_w"):
        settings.maxlen  # noqa: B018
    assert not hasattr(settings, "_repr_html_")


@pytest.mark.parametrize("holds", [True, np.bool_(True), np.array(1) == 1])
def test_a_claim_that_holds_may_be_a_truth_of_numpy(holds, capsys):
    course_utils.check("It is so.", holds)
    assert capsys.readouterr().out == "Checked: It is so.\n"
    with pytest.raises(AssertionError, match="in this run: It is so"):
        course_utils.check("It is so.", not holds)


def test_an_answer_of_another_kind_is_a_hint_and_no_error_of_numpy():
    with pytest.raises(exercises.Hint, match="It must be 3"):
        exercises.expect(np.array([3, 4]) == 3, "It must be 3.")
    with pytest.raises(exercises.Hint, match="an array of numbers"):
        exercises.expect_array(np.array(["a", "b"]), (2,))


def test_what_is_shown_of_a_value_is_short_and_on_one_line():
    for value in (HUGE, [HUGE] * 50, np.zeros((900, 9)), {HUGE: HUGE}, 10**4_000):
        assert len(shown(value)) <= 200
        assert "\n" not in shown(value)


def test_whole_numbers_are_those_of_python_and_numpy():
    for value in (3, np.int8(3), np.array(3)):
        assert whole_number("n", value, 3, 4) == 3
    for value in (3.0, "3", None, [3]):
        with pytest.raises(ValueError, match="n must be a whole number"):
            whole_number("n", value)


def test_numbers_keep_their_type():
    assert numbers("x", np.zeros(2, "float32")).dtype == np.float32
    assert numbers("x", []).size == 0


def test_no_arguments_end_the_process():
    """In a process of its own: a library's crash would end the tests."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", Path(__file__).parent / "random_arguments.py"],
        capture_output=True,
        text=True,
        env=os.environ | {"COURSE_PROFILE": "quick", "TF_CPP_MIN_LOG_LEVEL": "3"},
    )
    assert done.returncode == 0, done.stderr[-500:]
    assert int(done.stdout) > 10_000
