"""Tokens, n-grams, vocabularies, one-hot and hashed vectors."""

import subprocess
import sys

import mmh3
import numpy as np
import pytest
from conftest import keras
from hypothesis import given
from hypothesis import strategies as st
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer

from course_utils.text import (
    KERAS_FILTERS,
    PRINTABLE_ASCII,
    Vocabulary,
    bag_of_ngrams,
    format_bytes,
    hash_tokens,
    hashed_counts,
    nbytes,
    ngrams,
    one_hot,
    pad,
    streams,
    tokenize,
)

SAMPLES = ["The cat sat on the mat.", "The dog ate my homework."]
texts = st.lists(st.text(max_size=60), max_size=8)
token_lists = st.lists(st.text(min_size=1, max_size=8), max_size=30)


def test_tokenize_follows_the_old_keras_rule():
    assert tokenize("Don't stop -- it's 9/10,\tREALLY!") == [
        "don't",
        "stop",
        "it's",
        "9",
        "10",
        "really",
    ]
    # Only the single space separates: a no-break space stays inside the word.
    assert tokenize("a\xa0b c") == ["a\xa0b", "c"]


def test_tokenize_can_keep_case_and_punctuation():
    words = tokenize(SAMPLES[0], lower=False, filters="")
    assert words == ["The", "cat", "sat", "on", "the", "mat."]


def test_tokenize_of_nothing_is_nothing():
    assert tokenize("") == tokenize(" \t!? ") == []


@given(st.text())
def test_tokens_are_never_empty_and_hold_no_filtered_character(text):
    for token in tokenize(text):
        assert token
        assert not set(token) & set(KERAS_FILTERS + " ")


def test_bags_of_ngrams_have_the_sizes_of_the_lecture():
    words = ["The", "cat", "sat", "on", "the", "mat"]
    assert len(bag_of_ngrams(words, 2)) == 11
    assert len(bag_of_ngrams(words, 3)) == 15


@given(st.text(min_size=1, max_size=40), st.integers(1, 6))
def test_ngrams_of_characters_are_all_the_slices(text, n):
    runs = ngrams(text, n, joiner="")
    assert len(runs) == max(0, len(text) - n + 1)
    assert all(run == text[i : i + n] for i, run in enumerate(runs))


def test_bag_of_ngrams_equals_scikit_learn():
    text = "a rose is a rose is a rose"
    theirs = CountVectorizer(ngram_range=(1, 3), token_pattern=r"\w+").fit([text])
    assert bag_of_ngrams(text.split(), 3) == set(theirs.vocabulary_)


def test_ngrams_refuse_n_of_0():
    with pytest.raises(ValueError, match="n must be at least 1, got 0"):
        ngrams(["a"], 0)


def test_vocabulary_by_frequency_keeps_first_seen_order_in_ties():
    vocabulary = Vocabulary.by_frequency([["b", "a", "c"], ["a", "d", "c"]])
    assert vocabulary.index == {"a": 1, "c": 2, "b": 3, "d": 4}


def test_num_words_counts_the_padding_as_keras_does():
    vocabulary = Vocabulary.by_frequency([["a", "a", "b", "b", "c"]], num_words=3)
    assert vocabulary.index == {"a": 1, "b": 2}
    assert vocabulary.depth == 3


def test_unknown_tokens_are_left_out_or_marked():
    vocabulary = Vocabulary(["a", "b"], first_index=2)
    assert vocabulary.encode(["a", "?", "b"]) == [2, 3]
    assert vocabulary.encode(["a", "?", "b"], unknown=1) == [2, 1, 3]
    assert vocabulary.decode([0, 2, 1, 3, 99]) == ["a", "?", "b", "?"]


@given(token_lists, st.integers(1, 5))
def test_decoding_undoes_encoding(tokens, first_index):
    vocabulary = Vocabulary(tokens, first_index)
    indices = vocabulary.encode(tokens)
    assert 0 not in indices
    assert vocabulary.decode(indices) == tokens
    assert all(first_index <= i < vocabulary.depth for i in indices)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: Vocabulary(["a"], first_index=0), "first_index must be at least 1"),
        (lambda: Vocabulary.by_frequency([["a"]], num_words=1), "num_words must be"),
    ],
    ids=["first_index", "num_words"],
)
def test_vocabulary_refuses_numbers_that_clash_with_padding(build, message):
    with pytest.raises(ValueError, match=message):
        build()


@given(
    st.lists(st.lists(st.integers(1, 99), max_size=12), min_size=1, max_size=6),
    st.integers(1, 15),
)
def test_pad_equals_keras(sequences, maxlen):
    theirs = keras.utils.pad_sequences(
        sequences, maxlen=maxlen, padding="post", truncating="post"
    )
    np.testing.assert_array_equal(pad(sequences, maxlen), theirs)


def test_pad_refuses_no_length():
    with pytest.raises(ValueError, match="maxlen must be at least 1, got 0"):
        pad([[1]], 0)


@given(st.lists(st.lists(st.integers(0, 7), min_size=3, max_size=3), max_size=5))
def test_one_hot_equals_keras_except_for_the_padding(rows):
    indices = np.array(rows, dtype=int).reshape(-1, 3)
    theirs = keras.ops.convert_to_numpy(keras.ops.one_hot(indices, 8))
    theirs[indices == 0] = 0
    np.testing.assert_array_equal(one_hot(indices, 8), theirs)


def test_one_hot_takes_any_shape_and_padding():
    assert one_hot(np.array([[[1], [0]]]), 2, padding=-1).tolist() == [
        [[[0, 1]], [[1, 0]]]
    ]
    assert one_hot(np.array(-1), 3, padding=-1).tolist() == [0, 0, 0]


@pytest.mark.parametrize("bad", [5, -1])
def test_one_hot_refuses_an_index_outside_the_depth(bad):
    with pytest.raises(ValueError, match=rf"in 0 … 4 \(depth is 5\), got {bad}"):
        one_hot(np.array([[1, bad]]), 5)


def test_one_hot_refuses_fractions():
    with pytest.raises(ValueError, match=r"indices must be integers, .* got float64"):
        one_hot(np.array([0.5]), 5)


def test_every_printable_ascii_character_has_its_own_vector():
    vocabulary = Vocabulary(PRINTABLE_ASCII)
    vectors = one_hot(np.array(vocabulary.encode(PRINTABLE_ASCII)), vocabulary.depth)
    assert vectors.shape == (95, 96)
    assert np.linalg.matrix_rank(vectors) == 95


@given(texts.filter(bool), st.integers(1, 5_000), st.booleans())
def test_hashed_counts_equal_scikit_learn_bucket_by_bucket(samples, dimensions, signed):
    theirs = HashingVectorizer(
        n_features=dimensions,
        tokenizer=tokenize,
        token_pattern=None,
        lowercase=False,
        norm=None,
        alternate_sign=signed,
    ).transform(samples)
    ours = hashed_counts(samples, dimensions, signed)
    assert ours.shape == theirs.shape
    assert abs(ours - theirs).sum() == 0


def test_hash_tokens_and_hashed_counts_agree():
    buckets = hash_tokens(tokenize(SAMPLES[1]), 1_000)
    counts = hashed_counts(SAMPLES[1:], 1_000).toarray()[0]
    assert counts.sum() == len(buckets)
    assert (counts[buckets] >= 1).all()


def test_the_most_negative_hash_has_a_bucket():
    token = "ad1u66pi"
    assert mmh3.hash(token) == -(2**31)  # its absolute value does not fit into 32 bits
    assert hash_tokens([token], 7)[0] == 2**31 % 7
    assert hashed_counts([token], 7)[0, 2**31 % 7] == 1


def test_hashes_are_the_same_in_another_process_and_with_another_seed_differ():
    code = (
        "from course_utils.text import hash_tokens; print(*hash_tokens([*'abc'], 999))"
    )
    other = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert other.stdout.split() == [str(b) for b in hash_tokens(list("abc"), 999)]
    one, other = (hash_tokens(list("abc"), 999, seed).tolist() for seed in (0, 1))
    assert one != other


def test_signed_counts_cancel_on_average():
    tokens = [f"word{i}" for i in range(20_000)]
    unsigned = hashed_counts([" ".join(tokens)], 100)
    signed = hashed_counts([" ".join(tokens)], 100, signed=True)
    assert unsigned.sum() == 20_000
    assert abs(signed.mean()) < 5


def test_hashed_counts_refuse_a_single_string_and_no_dimensions():
    with pytest.raises(ValueError, match=r"got one string; use \[text\]"):
        hashed_counts("a text", 10)
    for dimensions in (0, 2**31):
        with pytest.raises(ValueError, match=f"below .*, got {dimensions}"):
            hashed_counts(["a text"], dimensions)


@given(st.lists(st.text(max_size=8), max_size=8), st.integers(0, 2**32 - 1))
def test_tokens_are_hashed_by_their_utf_8_bytes(tokens, seed):
    of_text = [abs(mmh3.hash(token, seed)) % 999 for token in tokens]
    of_bytes = [abs(mmh3.hash(token.encode(), seed)) % 999 for token in tokens]
    assert hash_tokens(tokens, 999, seed).tolist() == of_text == of_bytes


def test_half_an_emoji_does_not_end_the_process_and_changes_no_other_hash():
    """In a process of its own, for a library's crash would end the tests."""
    code = r"""if True:
        from course_utils.text import hash_tokens, hashed_counts
        tokens = ["pie", "\ud83d", "pl\udcffum", "пирог"]
        print(hash_tokens(tokens, 999).tolist())
        print(hashed_counts([" ".join(tokens), "pie"], 999).sum(axis=1).tolist())
    """
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    raw = [b"pie", b"\xed\xa0\xbd", b"pl\xed\xb3\xbfum", "пирог".encode()]
    hashes = [abs(mmh3.hash(token)) % 999 for token in raw]
    assert done.stdout.splitlines() == [str(hashes), "[[4.0], [1.0]]"]


def test_hashed_counts_read_a_stream_and_empty_texts():
    counts = hashed_counts((text for text in ["", "a a b", "?!"]), 50)
    assert counts.sum(axis=1).ravel().tolist() == [[0, 3, 0]]


def test_bytes_are_known_before_the_array_is_made():
    assert nbytes((2, 3, 4)) == np.zeros((2, 3, 4), "float32").nbytes
    assert nbytes((2, 3), "int8") == 6
    assert format_bytes(999) == "999 bytes"
    assert format_bytes(500_000_000_000) == "500.0 GB"
    assert format_bytes(12_345) == "12.3 kB"


@given(st.integers(2, 300), st.integers(1, 6), st.integers(1, 9))
def test_streams_go_on_from_batch_to_batch(length, count, steps):
    text = np.arange(length)
    if length <= count * steps:
        with pytest.raises(ValueError, match="indices must hold more than"):
            streams(text, count, steps)
        return
    x, y = streams(text, count, steps)
    assert (y == x + 1).all()
    each = x.reshape(-1, count, steps).swapaxes(0, 1).reshape(count, -1)
    assert (np.diff(each) == 1).all()
    # All but what fills no batch is read, and nothing twice.
    assert sorted(x.ravel()) == list(range(x.size))
    assert 0 <= length - 1 - x.size < count * steps


@pytest.mark.parametrize(("count", "steps"), [(0, 4), (4, 0), (-1, 4)])
def test_streams_need_room(count, steps):
    with pytest.raises(ValueError, match=r"(count|steps) must be at least 1, got "):
        streams(np.arange(100), count, steps)
