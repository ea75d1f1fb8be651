"""Make one-hot vectors of reviews: ours, the lecture's loops, and scikit-learn.

All ways begin with words, or characters, already cut: cutting is the same for all.
"""

from collections.abc import Callable
from itertools import chain

import mmh3
import numpy as np
from pairs import compare, write
from sklearn.preprocessing import OneHotEncoder

from course_utils.datasets.fetch import bundled_path
from course_utils.datasets.reviews import read_reviews
from course_utils.profiles import Settings
from course_utils.text import (
    PRINTABLE_ASCII,
    Vocabulary,
    hash_tokens,
    one_hot,
    pad,
    tokenize,
)

REVIEWS = 2_000
TIMES = 10  # of each timed run
SETTINGS = Settings("one_hot", "lecture")
BUCKETS = Settings("hashing", "lecture").dimensions


def lecture_loop(tokens: list, index: dict, maxlen: int, depth: int) -> np.ndarray:
    """Set each 1 by itself, as the lecture does."""
    result = np.zeros((len(tokens), maxlen, depth), dtype="float32")
    for i, sample in enumerate(tokens):
        for j, token in enumerate(sample[:maxlen]):
            if token in index:
                result[i, j, index[token]] = 1
    return result


def lecture_hashing(tokens: list, maxlen: int) -> np.ndarray:
    """Hash each word and set its 1, as the lecture does."""
    result = np.zeros((len(tokens), maxlen, BUCKETS), dtype="float32")
    for i, sample in enumerate(tokens):
        for j, token in enumerate(sample[:maxlen]):
            result[i, j, abs(mmh3.hash(token)) % BUCKETS] = 1
    return result


def our_one_hot(tokens: list, vocabulary: Vocabulary, maxlen: int) -> np.ndarray:
    """Encode, pad, and set all 1s at once."""
    encoded = pad([vocabulary.encode(sample[:maxlen]) for sample in tokens], maxlen)
    return one_hot(encoded, vocabulary.depth)


def our_hashing(tokens: list, maxlen: int) -> np.ndarray:
    """Hash all words in one call, put them in their places, and set all 1s at once."""
    kept = [sample[:maxlen] for sample in tokens]
    lengths = np.array([len(sample) for sample in kept])
    buckets = np.full((len(kept), maxlen), -1)
    buckets[np.arange(maxlen) < lengths[:, None]] = hash_tokens(chain(*kept), BUCKETS)
    return one_hot(buckets, BUCKETS, padding=-1)


def main() -> None:
    """Compare, and write the record."""
    texts = read_reviews(bundled_path("reviews"), "train")[0][:REVIEWS]
    words = [tokenize(text) for text in texts]
    by_word, by_character = Vocabulary.by_frequency(words), Vocabulary(PRINTABLE_ASCII)
    max_words, max_characters = SETTINGS.max_words, SETTINGS.max_characters
    pairs = []

    def add(ours: str, run_ours: Callable, theirs: str, run_theirs: Callable) -> None:
        pairs.append(
            compare(
                ours,
                lambda: [run_ours() for _ in range(TIMES)],
                theirs,
                lambda: [run_theirs() for _ in range(TIMES)],
                repeats=9,
            )
        )

    for name, tokens, vocabulary, maxlen in (
        ("words", words, by_word, max_words),
        ("characters", texts, by_character, max_characters),
    ):
        job = (tokens, vocabulary, maxlen)
        encoder = OneHotEncoder(
            categories=[np.arange(vocabulary.depth)] * maxlen,
            sparse_output=False,
            dtype="float32",
        )

        def scikit_learn(job=job, encoder=encoder) -> np.ndarray:
            tokens, vocabulary, maxlen = job
            rows = [vocabulary.encode(sample[:maxlen]) for sample in tokens]
            return encoder.fit_transform(pad(rows, maxlen))

        loop_job = (tokens, vocabulary.index, maxlen, vocabulary.depth)
        if not np.array_equal(our_one_hot(*job), lecture_loop(*loop_job)):
            raise RuntimeError(f"the ways do not agree on {name}")
        for theirs, run in {
            "the lecture's loop": lambda job=loop_job: lecture_loop(*job),
            "scikit-learn's OneHotEncoder": scikit_learn,
        }.items():
            add(f"one_hot, {name}", lambda job=job: our_one_hot(*job), theirs, run)
    if not np.array_equal(
        our_hashing(words, max_words), lecture_hashing(words, max_words)
    ):
        raise RuntimeError("the ways do not agree on hashed words")
    add(
        "hash_tokens and one_hot",
        lambda: our_hashing(words, max_words),
        "the lecture's loop",
        lambda: lecture_hashing(words, max_words),
    )
    what = (
        f"{TIMES} times {len(texts):,} bundled reviews: {max_words} words of "
        f"{by_word.depth:,}, or hashed into {BUCKETS:,}, or {max_characters} characters"
    )
    write("one_hot", {"what": what, "pairs": pairs})


if __name__ == "__main__":
    main()
