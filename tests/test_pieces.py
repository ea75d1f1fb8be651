"""Byte-pair encoding as lesson 11 writes it, against the library `tokenizers`."""

from __future__ import annotations

from collections import Counter
from functools import cache

import nbformat
import pytest
from conftest import BUNDLED, ROOT

from course_utils.datasets.recipes import read_recipes

LESSON = ROOT / "notebooks" / "11_word_lstm_recipes.ipynb"


@pytest.fixture(scope="module")
def lesson():
    """Return what the lesson's two cells on pieces define."""
    cells = nbformat.read(LESSON, as_version=4).cells
    sources = [c.source for c in cells if c.cell_type == "code"]
    learning = next(s for s in sources if "def learn_merges" in s)
    cutting = next(s for s in sources if "def to_pieces" in s)
    names = {"Counter": Counter, "cache": cache}
    exec(learning, names)
    exec(cutting[cutting.index("@cache") : cutting.index("\n\n\nprint")], names)
    return names


@pytest.fixture(scope="module")
def words():
    texts = read_recipes(BUNDLED / "recipes.json.gz").texts[:300]
    return Counter(word for text in texts for word in text.lower().split())


def test_the_first_merge_is_the_most_frequent_pair(lesson):
    assert lesson["learn_merges"](Counter(["aab", "aab", "cab"]), 2) == [
        ("a", "b"),
        ("▁", "a"),
    ]


def test_a_merge_goes_from_left_to_right_and_once(lesson):
    assert lesson["merge"](list("aaaa"), ("a", "a")) == ["aa", "aa"]
    assert lesson["merge"](list("aaa"), ("a", "a")) == ["aa", "a"]
    assert lesson["merge"](list("abab"), ("b", "a")) == ["a", "ba", "b"]


def test_the_library_cuts_all_words_into_the_same_pieces(lesson, words):
    models = pytest.importorskip("tokenizers.models")
    lesson["merges"] = lesson["learn_merges"](words, 200)
    letters = {"▁", *(letter for word in words for letter in word)}
    pieces = [*sorted(letters), *(a + b for a, b in lesson["merges"])]
    ids = {piece: number for number, piece in enumerate(dict.fromkeys(pieces))}
    library = models.BPE(vocab=ids, merges=lesson["merges"])
    for word in words:
        found = [token.value for token in library.tokenize("▁" + word)]
        assert found == lesson["to_pieces"](word)
