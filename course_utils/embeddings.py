"""Word vectors: the matrix of an Embedding layer, neighbours, analogies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from course_utils._arguments import numbers, shown, whole_number
from course_utils.datasets.glove import Vectors
from course_utils.text import Vocabulary


class EmbeddingMatrix(NamedTuple):
    """Weights for an Embedding layer.

    Attributes:
        matrix: float32 (num_words, dimensions); row i is the vector of the word with
            index i. Row 0, the padding, and the rows of missing words are zero.
        missing: the words that have no vector, in the order of their indices.
    """

    matrix: np.ndarray
    missing: list[str]


def embedding_matrix(
    vocabulary: Vocabulary | Mapping[str, int],
    vectors: Vectors,
    num_words: int | None = None,
) -> EmbeddingMatrix:
    """Put the vector of each word into the row of its index.

    Args:
        vocabulary: the index of each word, from 1; a dictionary will do.
        vectors: words and their vectors, as `read_glove` gives them.
        num_words: the number of rows; words with a larger index are left out. ``None``
            takes all.

    Raises:
        ValueError: if ``num_words`` is below 1, or the index of a word is below 1 or no
            integer.
    """
    index = vocabulary.index if isinstance(vocabulary, Vocabulary) else vocabulary
    if not isinstance(index, Mapping):
        raise ValueError(
            "vocabulary must be a Vocabulary, or a dictionary with the index of each "
            f"word, got {shown(vocabulary)}"
        )
    if not isinstance(vectors, Vectors):
        raise ValueError(
            f"vectors must be as read_glove gives them, got {shown(vectors)}"
        )
    for word, i in index.items():
        if not (isinstance(i, int | np.integer) and i >= 1):
            raise ValueError(
                "vocabulary must number its words from 1 (0 is padding), got "
                f"{shown(i)} for {shown(word)}"
            )
    if num_words is None:
        num_words = max(index.values(), default=0) + 1
    num_words = whole_number("num_words", num_words, 1)
    row_of = {word: row for row, word in enumerate(vectors.words)}
    matrix = np.zeros((num_words, vectors.matrix.shape[1]), np.float32)
    targets, sources, missing = [], [], []
    for word, i in sorted(index.items(), key=lambda item: item[1]):
        if i >= num_words:
            break  # sorted: all others are larger
        if word in row_of:
            targets.append(i)
            sources.append(row_of[word])
        else:
            missing.append(word)
    matrix[targets] = vectors.matrix[sources]
    return EmbeddingMatrix(matrix, missing)


def neighbours(
    word: str, words: Sequence[str], matrix: np.ndarray, k: int = 10
) -> list[tuple[str, float]]:
    """Return the k words whose vectors point most nearly in the direction of a word's.

    Args:
        word: the word asked for; it is not among its own neighbours.
        words: the n words.
        matrix: their vectors, (n, dimensions). A word whose vector is zero has no
            direction, and is nobody's neighbour.
        k: how many, at least 1.

    Returns:
        Pairs of a word and the cosine of the angle between the two vectors, from -1 to
        1, the nearest first; fewer than k if there are no more.

    Raises:
        ValueError: if the word is unknown or its vector is zero, if ``matrix`` does not
            have one row of finite numbers a word, or if k is below 1.
    """
    words, k = list(words), whole_number("k", k, 1)
    unit = _unit_rows(words, matrix)
    row = _row(word, words, unit, "word")
    return _nearest(unit[row], [row], words, unit, k)


def analogy(
    a: str, b: str, c: str, words: Sequence[str], matrix: np.ndarray, k: int = 5
) -> list[tuple[str, float]]:
    """Complete "a is to b as c is to …".

    The vectors of the three words are scaled to length 1, and the words nearest to
    b - a + c are found (Mikolov, Yih and Zweig, 2013).

    Args:
        a: for example "man".
        b: for example "king".
        c: for example "woman"; none of the three is among the answers.
        words: the n words.
        matrix: their vectors, (n, dimensions).
        k: how many answers, at least 1.

    Returns:
        Pairs of a word and a cosine, as `neighbours` gives them.

    Raises:
        ValueError: as `neighbours`, for each of the three words.
    """
    words, k = list(words), whole_number("k", k, 1)
    unit = _unit_rows(words, matrix)
    asked = [
        _row(word, words, unit, name) for name, word in (("a", a), ("b", b), ("c", c))
    ]
    minus, plus, start = unit[asked]
    return _nearest(plus - minus + start, asked, words, unit, k)


def _unit_rows(words: list[str], matrix: np.ndarray) -> np.ndarray:
    """Scale each vector to length 1; a vector of zeros stays."""
    matrix = numbers("matrix", matrix)
    if matrix.ndim != 2 or len(matrix) != len(words):
        raise ValueError(
            f"matrix must have shape ({len(words)}, dimensions), one row a word, got "
            f"{matrix.shape}"
        )
    # Divided by the largest number first: squares of tiny numbers would vanish.
    largest = np.abs(matrix).max(axis=1, keepdims=True, initial=0)
    broken = ~np.isfinite(largest[:, 0])
    if broken.any():
        raise ValueError(
            "matrix must be finite, got NaN or infinity in the row of "
            f"{shown(words[int(broken.argmax())])}"
        )
    scaled = matrix / np.where(largest == 0, 1, largest)
    lengths = np.linalg.norm(scaled, axis=1, keepdims=True)
    return scaled / np.where(lengths == 0, 1, lengths)


def _row(word: str, words: list[str], unit: np.ndarray, argument: str) -> int:
    try:
        row = words.index(word)
    except ValueError:
        raise ValueError(
            f"{argument} must be one of the {len(words):,} words, got {shown(word)}"
        ) from None
    if not unit[row].any():
        raise ValueError(
            f"{argument} must have a vector, got {shown(word)}, whose vector is all "
            "zeros"
        )
    return row


def _nearest(
    direction: np.ndarray,
    asked: Sequence[int],
    words: list[str],
    unit: np.ndarray,
    k: int,
) -> list[tuple[str, float]]:
    """Return the k rows with the largest cosine to a direction, ``asked`` left out."""
    length = np.linalg.norm(direction)
    cosines = unit @ (direction / (length or 1))
    rows = np.flatnonzero(unit.any(axis=1))
    rows = rows[~np.isin(rows, asked)]
    best = rows[np.argsort(-cosines[rows], kind="stable")[:k]]
    return [(words[row], float(cosines[row])) for row in best]
