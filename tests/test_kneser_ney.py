"""Kneser–Ney counts."""

import re
from collections import Counter, defaultdict

import numpy as np
import pytest

from course_utils.datasets.fetch import bundled_path
from course_utils.datasets.prose import clean_novel, read_prose
from course_utils.kneser_ney import DISCOUNTS, KneserNey, tune

CHARACTERS = list("the man on the hill saw the other man, and the other man saw him")
WORDS = re.findall(r"\w+", "add salt, add oil and salt, then add oil and stir in oil")
TEXTS = pytest.mark.parametrize(
    "tokens", [CHARACTERS, WORDS], ids=["characters", "words"]
)


def as_ids(tokens):
    """Return integers, and how many different ones there may be: one is never seen."""
    known = sorted(set(tokens))
    return np.searchsorted(known, tokens), len(known) + 1


def with_dictionaries(ids, vocabulary, longest, discount):
    """Count as the lesson's cell does, with a dictionary for each length."""
    ids = tuple(ids.tolist())
    often = [defaultdict(Counter) for _ in range(longest + 1)]
    for size in range(longest + 1):
        for i in range(size, len(ids)):
            often[size][ids[i - size : i]][ids[i]] += 1
    kinds = [defaultdict(Counter) for _ in range(longest)]
    for size in range(longest):
        for context, seen in often[size + 1].items():
            kinds[size][context[1:]].update(seen.keys())

    def probability(token, context, table=often):
        if not context:
            shorter = 1 / vocabulary
        else:
            shorter = probability(token, context[1:], kinds)
        seen = table[len(context)].get(context)
        if not seen:
            return shorter
        kept = max(seen[token] - discount, 0)
        return (kept + discount * len(seen) * shorter) / seen.total()

    return probability


@TEXTS
@pytest.mark.parametrize("discount", [0.3, 0.9, 1.0])
def test_the_counts_equal_those_of_dictionaries(tokens, discount):
    ids, vocabulary = as_ids(tokens)
    counts = KneserNey(ids[:-5], vocabulary, 4)
    probability = with_dictionaries(ids[:-5], vocabulary, 4, discount)
    p = counts.probabilities(ids, discount)
    for place in range(len(ids)):
        for size in range(5):
            context = tuple(ids[max(0, place - size) : place].tolist())
            wanted = probability(ids[place], context)
            np.testing.assert_allclose(p[size, place], wanted, rtol=1e-12)


@TEXTS
def test_after_any_context_the_probabilities_sum_to_1_and_none_is_0(tokens):
    ids, vocabulary = as_ids(tokens)
    counts = KneserNey(ids, vocabulary, 3)
    never_seen = vocabulary - 1
    for context in ([], ids[:1], ids[3:9], [never_seen], [0, never_seen, 1], ids[-3:]):
        p = counts.after(context, 0.8)
        assert p.shape == (vocabulary,)
        assert p.min() > 0
        np.testing.assert_allclose(p.sum(), 1, rtol=1e-12)


def test_after_a_context_every_token_has_its_probability_in_a_text():
    ids, vocabulary = as_ids(CHARACTERS)
    counts = KneserNey(ids[:40], vocabulary, 3)
    for place in range(len(ids)):
        p = counts.after(ids[:place], 0.7)[ids[place]]
        row = counts.probabilities(ids[: place + 1], 0.7)
        assert p == row[3, place]


def test_a_token_that_stood_behind_many_others_is_likelier_in_a_new_place():
    # "b" and "c" are equally frequent; "b" always comes after "a", "c" after others.
    ids = np.array([0, 1, 0, 1, 0, 1, 0, 1, 3, 2, 4, 2, 5, 2, 6, 2])
    counts = KneserNey(ids, 8, 1)
    assert (ids == 1).sum() == (ids == 2).sum()
    p = counts.after([7], 0.5)  # 7 was never seen
    assert p[2] > 1.5 * p[1]


@pytest.fixture(scope="module")
def stories():
    """Return the bundled stories as integers, and how many characters there are."""
    text = clean_novel(read_prose(bundled_path("novel")))
    known = sorted(set(text))
    return np.searchsorted(known, list(text)), len(known)


def gain(ids, vocabulary, longest):
    """Return the bits that each length of context saves on the last tenth."""
    cut = len(ids) * 9 // 10
    counts = KneserNey(ids[:cut], vocabulary, longest)
    bits = -np.log2(counts.probabilities(ids[cut:], 0.9)).mean(axis=1)
    return bits[0] - bits


def test_in_the_stories_every_character_of_context_tells_more_up_to_six(stories):
    assert (np.diff(gain(*stories, 6)) > 0.01).all()


def test_a_context_tells_nothing_in_stories_whose_characters_are_shuffled(stories):
    ids, vocabulary = stories
    shuffled = np.random.default_rng(0).permutation(ids)
    assert gain(shuffled, vocabulary, 6).max() < 0.01


def test_tuning_looks_at_the_training_text_alone_and_finds_what_is_best_there():
    rng = np.random.default_rng(1)
    ids = np.resize(rng.integers(0, 5, 50), 2_000)  # 50 tokens, again and again
    ids[rng.random(2_000) < 0.2] = 5
    discount, size = tune(ids, 6, 4)
    counts = KneserNey(ids[:1_800], 6, 4)
    bits = {
        (d, n): -np.log2(counts.probabilities(ids[1_800:], d)[n]).mean()
        for d in DISCOUNTS
        for n in range(5)
    }
    assert (discount, size) == min(bits, key=bits.get)


def test_a_text_may_be_shorter_than_a_context():
    counts = KneserNey(np.array([0, 1, 0, 1, 1]), 2, 3)
    assert counts.probabilities(np.array([1]), 0.5).shape == (4, 1)
    assert counts.probabilities(np.array([], int), 0.5).shape == (4, 0)


@pytest.mark.parametrize(
    ("wrong", "name"),
    [
        (lambda: KneserNey([0, 1, 2], 2, 1), "ids must be in 0 … 1"),
        (lambda: KneserNey([0, 1], 2, 2), "ids must hold more than longest = 2"),
        (lambda: KneserNey([[0, 1]], 2, 1), "ids must be one text"),
        (lambda: KneserNey("abc", 2, 1), "ids must be integers"),
        (lambda: KneserNey([0, 1, 1], 0, 1), "vocabulary must be at least 1"),
        (lambda: KneserNey([0, 1, 1], 2, 1).after([2], 0.5), "ids must be in 0 … 1"),
        (lambda: KneserNey([0, 1, 1], 2, 1).after([0], 0), "discount must be above 0"),
        (lambda: KneserNey([0], 1, 0).probabilities([0], 2), "discount must be above"),
        (lambda: tune([0, 1, 1, 0], 2, 1, share=1.5), "share must be above 0"),
    ],
)
def test_what_cannot_be_counted_is_refused_in_one_sentence(wrong, name):
    with pytest.raises(ValueError, match=name) as caught:
        wrong()
    assert len(str(caught.value)) < 500
