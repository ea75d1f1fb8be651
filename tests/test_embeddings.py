"""Embedding matrix, neighbours and analogies, held against gensim's."""

from __future__ import annotations

import numpy as np
import pytest
from conftest import BUNDLED, REAL_DATA, needs_real
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from course_utils.datasets.glove import Vectors, read_glove
from course_utils.embeddings import analogy, embedding_matrix, neighbours
from course_utils.text import Vocabulary

GLOVE = "glove.6B.50d.top50k.txt"
FILES = [
    pytest.param(BUNDLED / "vectors.50d.txt.gz", id="bundled"),
    pytest.param(REAL_DATA / GLOVE, id="real", marks=needs_real(GLOVE)),
]
ASKED = ["the", "good", "terrible", "london", "seven", "wrote"]
ANALOGIES = [
    ("man", "king", "woman"),
    ("good", "better", "bad"),
    ("he", "his", "she"),
    ("man", "good", "woman"),
]
SMALL = Vectors(
    ["cat", "dog", "sat"], np.array([[1, 2], [3, 4], [-5, 6]], np.float32), {}
)


@pytest.fixture(scope="module", params=FILES)
def both(request):
    """Our vectors of a file, and gensim's KeyedVectors of the same words."""
    from gensim.models import KeyedVectors

    vectors = read_glove(request.param)
    keyed = KeyedVectors(vectors.matrix.shape[1])
    keyed.add_vectors(vectors.words, vectors.matrix)
    return vectors, keyed


def assert_as_gensim(ours, theirs):
    assert [word for word, _ in ours] == [word for word, _ in theirs]
    np.testing.assert_allclose(
        [cosine for _, cosine in ours], [cosine for _, cosine in theirs], atol=1e-5
    )


@pytest.mark.parametrize("word", ASKED)
def test_neighbours_are_gensims(both, word):
    vectors, keyed = both
    ours = neighbours(word, vectors.words, vectors.matrix, 10)
    assert_as_gensim(ours, keyed.most_similar(word, topn=10))


@pytest.mark.parametrize("words", ANALOGIES, ids=" ".join)
def test_analogies_are_gensims(both, words):
    vectors, keyed = both
    a, b, c = words
    ours = analogy(a, b, c, vectors.words, vectors.matrix, 10)
    theirs = keyed.most_similar(positive=[b, c], negative=[a], topn=10)
    assert_as_gensim(ours, theirs)


def test_the_matrix_holds_the_vectors_of_the_file(both):
    vectors, keyed = both
    vocabulary = Vocabulary(["the", "xyzzyx", "film", "good"])
    matrix, missing = embedding_matrix(vocabulary, vectors)
    assert missing == ["xyzzyx"]
    for word in ("the", "film", "good"):
        np.testing.assert_array_equal(matrix[vocabulary.index[word]], keyed[word])
    assert not matrix[[0, 2]].any()


def test_an_analogy_by_hand():
    words = ["man", "woman", "king", "queen", "apple"]
    matrix = np.array([[1, 0, 0], [0, 1, 0], [1, 0, 1], [0, 1, 1], [1, 1, -1]])
    assert analogy("man", "king", "woman", words, matrix, 1)[0][0] == "queen"


def test_matrix_by_hand():
    matrix, missing = embedding_matrix({"dog": 3, "owl": 1, "cat": 2}, SMALL)
    assert matrix.tolist() == [[0, 0], [0, 0], [1, 2], [3, 4]]
    assert matrix.dtype == np.float32
    assert missing == ["owl"]


def test_a_vocabulary_and_its_index_give_the_same():
    vocabulary = Vocabulary(["sat", "owl", "cat"])
    one, other = (embedding_matrix(v, SMALL) for v in (vocabulary, vocabulary.index))
    np.testing.assert_array_equal(one.matrix, other.matrix)
    assert one.missing == other.missing == ["owl"]


def test_words_past_num_words_are_left_out_and_not_missing():
    index = {"cat": 1, "owl": 2, "dog": 3, "emu": 4}
    matrix, missing = embedding_matrix(index, SMALL, num_words=3)
    assert matrix.tolist() == [[0, 0], [1, 2], [0, 0]]
    assert missing == ["owl"]


def test_num_words_past_the_vocabulary_leaves_rows_of_zeros():
    assert embedding_matrix({"cat": 1}, SMALL, 4).matrix.tolist() == [
        *([0, 0], [1, 2]),
        *([0, 0], [0, 0]),
    ]


def test_an_empty_vocabulary_keeps_the_row_of_padding():
    matrix, missing = embedding_matrix({}, SMALL)
    assert matrix.tolist() == [[0, 0]]
    assert missing == []


@given(
    st.lists(st.sampled_from("abcdefgh"), unique=True),
    st.lists(st.sampled_from("abcdefgh"), unique=True, min_size=1),
    st.integers(1, 12),
)
def test_each_word_is_in_its_row_or_missing_or_past_the_end(known, given_words, rows):
    vectors = Vectors(
        given_words, np.arange(1, len(given_words) + 1, dtype="f4")[:, None], {}
    )
    vocabulary = Vocabulary(known)
    matrix, missing = embedding_matrix(vocabulary, vectors, rows)
    assert matrix.shape == (rows, 1)
    for word, i in vocabulary.index.items():
        if i < rows:
            found = word in given_words
            assert matrix[i, 0] == (given_words.index(word) + 1 if found else 0)
            assert (word in missing) is not found
        else:
            assert word not in missing


@pytest.mark.parametrize("num_words", [0, -3])
def test_num_words_below_1(num_words):
    with pytest.raises(ValueError, match=f"num_words .* got {num_words}"):
        embedding_matrix({"cat": 1}, SMALL, num_words)


def test_index_0_belongs_to_the_padding():
    with pytest.raises(ValueError, match="got 0 for 'cat'"):
        embedding_matrix({"cat": 0, "dog": 1}, SMALL)


def test_neighbours_by_hand():
    words = ["east", "north", "northeast", "west"]
    matrix = np.array([[2, 0], [0, 5], [1, 1], [-3, 0]])
    found = neighbours("east", words, matrix)
    assert [word for word, _ in found] == ["northeast", "north", "west"]
    np.testing.assert_allclose([c for _, c in found], [0.5**0.5, 0, -1], atol=1e-12)


def test_a_word_without_a_vector_is_nobodys_neighbour():
    found = neighbours("a", ["a", "b", "c"], np.array([[1, 0], [0, 0], [-1, 0]]))
    assert [word for word, _ in found] == ["c"]


def test_k_limits_the_answers():
    words, matrix = SMALL.words, SMALL.matrix
    assert len(neighbours("cat", words, matrix, 1)) == 1
    assert len(neighbours("cat", words, matrix, 99)) == 2
    assert analogy("cat", "dog", "sat", words, matrix) == []


VALUES = st.floats(-100, 100, width=32)


@given(arrays(np.float32, (6, 3), elements=VALUES), st.floats(2**-10, 2**10))
def test_the_length_of_a_vector_does_not_matter(matrix, factor):
    matrix[0] = 1
    words = list("abcdef")
    one = dict(neighbours("a", words, matrix))
    other = dict(neighbours("a", words, matrix.astype(float) * factor))
    assert one.keys() == other.keys()
    for word in one:
        assert one[word] == pytest.approx(other[word], abs=1e-5)
        assert abs(one[word]) <= 1 + 1e-6


@pytest.mark.parametrize("place", [0, 1, 2])
def test_an_unknown_word_is_named(place):
    asked = ["cat", "dog", "sat"]
    asked[place] = "owl"
    with pytest.raises(ValueError, match=f"{'abc'[place]} must be one of .* 'owl'"):
        analogy(*asked, SMALL.words, SMALL.matrix)
    with pytest.raises(ValueError, match=r"word must be one of .* 'owl'"):
        neighbours("owl", SMALL.words, SMALL.matrix)


def test_a_word_whose_vector_is_zero_has_no_neighbours():
    with pytest.raises(ValueError, match="'a', whose vector is all zeros"):
        neighbours("a", ["a", "b"], np.array([[0, 0], [1, 0]]))


@pytest.mark.parametrize(
    "matrix", [np.zeros((2, 2)), np.zeros(3)], ids=["two rows", "no columns"]
)
def test_one_row_a_word(matrix):
    with pytest.raises(ValueError, match="matrix must have shape"):
        neighbours("cat", SMALL.words, matrix)


def test_k_below_1():
    with pytest.raises(ValueError, match="k must be at least 1, got 0"):
        neighbours("cat", SMALL.words, SMALL.matrix, 0)
