"""From text to numbers: tokens, n-grams, vocabularies, one-hot and hashed vectors."""

from __future__ import annotations

import functools
import math
import operator
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import repeat
from typing import Any

import mmh3
import numpy as np
from scipy.sparse import csr_matrix

from course_utils._arguments import numbers, shown, whole_number

# What the old Keras `Tokenizer` turned into spaces; the lectures rely on it.
KERAS_FILTERS = '!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n'
PRINTABLE_ASCII = "".join(map(chr, range(32, 127)))

Tokenizer = Callable[[str], Sequence[str]]


def tokenize(text: str, lower: bool = True, filters: str = KERAS_FILTERS) -> list[str]:
    """Split a text into words by the rule of the old Keras ``Tokenizer``.

    The text is put in lower case, every character of ``filters`` becomes a space, and
    what stands between single spaces is a word. ``lower=False, filters=""`` splits on
    spaces alone and keeps the punctuation, as the lectures' first example does.

    Raises:
        ValueError: if ``text`` is not one string.
    """
    if not isinstance(text, str):
        raise ValueError(f"text must be one string, got {shown(text)}")
    if lower:
        text = text.lower()
    if filters:
        text = text.translate(_to_spaces(filters))
    return list(filter(None, text.split(" ")))


def ngrams(tokens: Sequence[str], n: int, joiner: str = " ") -> list[str]:
    """Return every run of ``n`` neighbouring tokens, in order.

    Args:
        tokens: a list of words, or a string for n-grams of characters.
        n: the number of tokens in a run, at least 1.
        joiner: what stands between the tokens of a run; ``""`` for characters.

    Raises:
        ValueError: if ``n`` is below 1, or the tokens are no strings.
    """
    n = whole_number("n", n, 1)
    try:
        tokens = tokens if isinstance(tokens, str | list) else list(tokens)
        return [joiner.join(tokens[i : i + n]) for i in range(len(tokens) - n + 1)]
    except TypeError:
        raise ValueError(
            f"tokens must be a list of strings, got {shown(tokens)}"
        ) from None


def bag_of_ngrams(tokens: Sequence[str], n: int, joiner: str = " ") -> set[str]:
    """Return the distinct runs of 1 to ``n`` tokens; their order is lost."""
    tokens = ngrams(tokens, 1)  # also from a generator, which can be read only once
    n = min(whole_number("n", n, 1), len(tokens))
    return {run for k in range(1, n + 1) for run in ngrams(tokens, k, joiner)}


class Vocabulary:
    """A two-way index of tokens.

    Index 0 is padding and belongs to no token. Tokens are numbered from
    ``first_index`` in the order in which they are given.

    Attributes:
        tokens: the distinct tokens, in the order of their indices.
        index: the index of each token.
    """

    def __init__(self, tokens: Iterable[str], first_index: int = 1):
        self.first_index = whole_number("first_index", first_index, 1)  # 0: padding
        try:
            self.tokens = list(dict.fromkeys(_each("tokens", tokens)))
        except TypeError as error:  # such as a list of lists
            raise ValueError(
                "tokens must be strings; for the tokens of many texts, use "
                f"Vocabulary.by_frequency; got {shown(tokens)}"
            ) from error
        self._has_words = any(isinstance(t, str) and len(t) > 1 for t in self.tokens)
        self.index = {token: i for i, token in enumerate(self.tokens, first_index)}

    @classmethod
    def by_frequency(
        cls, tokenized: Iterable[Sequence[str]], num_words: int | None = None
    ) -> Vocabulary:
        """Number the tokens of many texts from 1, the most frequent first.

        Tokens that occur equally often keep the order in which they were first seen.

        Args:
            tokenized: the tokens of each text.
            num_words: keep indices below this number, as Keras counts: the padding
                and the ``num_words - 1`` most frequent tokens. ``None`` keeps all.

        Raises:
            ValueError: if a text is not cut into tokens, or ``num_words`` is below 2.
        """
        if num_words is not None:
            num_words = whole_number("num_words", num_words, 2)
        counts: Counter[str] = Counter()
        for tokens in _each("tokenized", tokenized):
            if isinstance(tokens, str):
                raise ValueError(
                    "tokenized must hold a list of tokens for each text, as "
                    "map(tokenize, texts) gives them, or map(list, texts) for "
                    f"characters, got the string {shown(tokens)}"
                )
            counts.update(_each("tokenized", tokens))
        kept = counts.most_common(None if num_words is None else num_words - 1)
        return cls(token for token, _ in kept)

    def __len__(self) -> int:
        return len(self.tokens)

    def __contains__(self, token: str) -> bool:
        return token in self.index

    @property
    def depth(self) -> int:
        """Columns of a one-hot vector: the largest index and one more."""
        return self.first_index + len(self.tokens)

    def encode(self, tokens: Sequence[str], unknown: int | None = None) -> list[int]:
        """Return the indices of ``tokens``.

        Args:
            tokens: the tokens of one text; a string is a sequence of characters.
            unknown: the index of a token that is not in the vocabulary; ``None``
                leaves such tokens out.

        Raises:
            ValueError: if a string is given to a vocabulary that has words, or several
                texts.
        """
        if self._has_words and isinstance(tokens, str):
            raise ValueError(
                "tokens must be a list, as tokenize(text) gives it, or list(text) for "
                f"characters, got the string {shown(tokens)}"
            )
        if unknown is not None:
            unknown = whole_number("unknown", unknown)
        try:
            if unknown is None:
                return [self.index[token] for token in tokens if token in self.index]
            return [self.index.get(token, unknown) for token in tokens]
        except TypeError:
            raise ValueError(
                f"tokens must be the tokens of one text, got {shown(tokens)}"
            ) from None

    def decode(self, indices: Iterable[int], unknown: str = "?") -> list[str]:
        """Return the tokens of ``indices``, without the padding.

        An index that belongs to no token becomes ``unknown``.

        Raises:
            ValueError: if the indices are no integers, or those of several texts.
        """
        try:
            found = list(map(operator.index, indices))
        except TypeError:
            raise ValueError(
                f"indices must be the integers of one text, got {shown(indices)}"
            ) from None
        positions = (i - self.first_index for i in found if i != 0)
        size = len(self.tokens)
        return [self.tokens[p] if 0 <= p < size else unknown for p in positions]


def pad(sequences: Sequence[Sequence[int]], maxlen: int, value: int = 0) -> np.ndarray:
    """Cut each sequence after ``maxlen`` items, or fill it up at its end.

    It equals ``keras.utils.pad_sequences(…, padding="post", truncating="post")``, for
    the lessons that do not need Keras.

    Args:
        sequences: the indices of each sample.
        maxlen: the length of every row of the result.
        value: what fills the short rows.

    Returns:
        int32 array of shape (samples, maxlen).

    Raises:
        ValueError: if ``maxlen`` is below 1, or a sequence holds anything but integers
            of 32 bits.
    """
    maxlen = whole_number("maxlen", maxlen, 1)
    value = whole_number("value", value, -(2**31), 2**31)
    try:
        padded = np.full((len(sequences), maxlen), value, dtype=np.int32)
        for row, sequence in zip(padded, sequences, strict=True):
            kept = array("i", sequence[:maxlen])  # NumPy would cut 1.9 to 1
            row[: len(kept)] = kept
    except (TypeError, IndexError, OverflowError):
        raise ValueError(
            "sequences must hold a list of integers of 32 bits for each sample, got "
            f"{shown(sequences)}"
        ) from None
    return padded


def streams(
    indices: np.ndarray, count: int, steps: int
) -> tuple[np.ndarray, np.ndarray]:
    """Cut a text into batches that a stateful network reads on from one to the next.

    The text is cut into ``count`` streams of the same length. A batch holds the next
    ``steps`` tokens of every stream, so row r of a batch goes on where row r of the
    batch before ended. The targets are the same tokens, one later. The at most
    ``count * steps`` tokens that fill no batch are left out at the end.

    Args:
        indices: (tokens,), the text.
        count: streams, which is also the batch size.
        steps: tokens of a stream in a batch.

    Returns:
        inputs and targets, both (batches * count, steps). Train with
        ``batch_size=count, shuffle=False``.

    Raises:
        ValueError: if the text does not fill one batch.
    """
    count, steps = whole_number("count", count, 1), whole_number("steps", steps, 1)
    indices = numbers("indices", indices, whole=True)
    if indices.ndim != 1:
        raise ValueError(f"indices must be one text, got the shape {indices.shape}")
    batches = (len(indices) - 1) // (count * steps)
    if batches < 1:
        raise ValueError(
            f"indices must hold more than count * steps = {count} * {steps} tokens, "
            f"got {len(indices)}"
        )

    def rows(tokens: np.ndarray) -> np.ndarray:
        cut = tokens[: batches * count * steps].reshape(count, batches, steps)
        return cut.swapaxes(0, 1).reshape(-1, steps)

    return rows(indices), rows(indices[1:])


def one_hot(
    indices: np.ndarray, depth: int, padding: int = 0, dtype: str = "float32"
) -> np.ndarray:
    """Turn each index into a vector with a single 1.

    Args:
        indices: integers of any shape, for example (samples, maxlen).
        depth: the length of each vector; every index is below it.
        padding: the index that stands for "no token": its vector is all zeros.
        dtype: the type of the result.

    Returns:
        array of shape ``indices.shape + (depth,)``.

    Raises:
        ValueError: if an index is neither ``padding`` nor in 0 … depth - 1, or if the
            vectors have no room in memory.
    """
    depth = whole_number("depth", depth, 1)
    padding = whole_number("padding", padding)
    indices = numbers("indices", indices, whole=True)
    tokens = indices != padding
    bad = tokens & ((indices < 0) | (indices >= depth))
    if bad.any():
        raise ValueError(
            f"indices must be in 0 … {depth - 1} (depth is {depth}), "
            f"got {indices[bad][0]}"
        )
    shape = (*indices.shape, depth)
    size = nbytes(shape, dtype)
    try:
        vectors = np.zeros(shape, dtype)
    except (MemoryError, ValueError):
        raise ValueError(
            f"depth must leave room in memory: vectors of {depth} would need "
            f"{format_bytes(size)}; take fewer indices at a time"
        ) from None
    # One assignment for all tokens: in which row each stands, and in which column.
    vectors.reshape(-1, depth)[np.flatnonzero(tokens), indices[tokens]] = 1
    return vectors


def hash_tokens(tokens: Iterable[str], dimensions: int, seed: int = 0) -> np.ndarray:
    """Return the bucket of each token: MurmurHash3 modulo ``dimensions``.

    The absolute value of the signed 32-bit hash is taken first, as in scikit-learn's
    ``HashingVectorizer``, so that both agree bucket by bucket. Bucket 0 is as good as
    any other; it does not mean padding.

    Args:
        tokens: the tokens.
        dimensions: the number of buckets.
        seed: another seed gives another hash function.

    Returns:
        int64 array of shape (tokens,), with values in 0 … dimensions - 1.

    Raises:
        ValueError: if the tokens are no strings or one string, or if ``dimensions`` or
            ``seed`` is out of range.
    """
    dimensions = whole_number("dimensions", dimensions, 1, 2**31)
    # int64, because the absolute value of -2**31 does not fit into 32 bits.
    hashes = np.fromiter(_hashes(tokens, _seed(seed)), dtype=np.int64)
    return np.abs(hashes) % dimensions


def hashed_counts(
    texts: Iterable[str],
    dimensions: int,
    signed: bool = False,
    tokenizer: Tokenizer = tokenize,
    seed: int = 0,
) -> csr_matrix:
    """Count the hashed tokens of each text, with no vocabulary and in one pass.

    Args:
        texts: the texts; they may come from a generator, one after the other.
        dimensions: the number of buckets.
        signed: let the sign of the hash decide whether a token counts +1 or -1, so
            that collisions cancel on average (Weinberger et al., 2009).
        tokenizer: what turns a text into tokens.
        seed: another seed gives another hash function.

    Returns:
        sparse float32 matrix of shape (texts, dimensions).

    Raises:
        ValueError: if the texts are no strings or one string, or if ``dimensions`` or
            ``seed`` is out of range.
    """
    if isinstance(texts, str):
        raise ValueError("texts must be several texts, got one string; use [text]")
    dimensions = whole_number("dimensions", dimensions, 1, 2**31)
    seed = _seed(seed)
    found = array("i")  # a list would take nine times the memory
    row_ends = array("q", [0])
    for text in _each("texts", texts):
        found.extend(_hashes(tokenizer(text), seed))
        row_ends.append(len(found))
    hashes = np.asarray(found)
    values = np.ones(len(hashes), np.float32)
    if signed:
        np.copysign(values, hashes, out=values)
    # Seen as unsigned, the absolute value of -2**31 fits into 32 bits.
    buckets = np.abs(hashes).view(np.uint32) % np.uint32(dimensions)
    counts = csr_matrix(
        (values, buckets.view(np.int32), np.asarray(row_ends)),
        shape=(len(row_ends) - 1, dimensions),
    )
    counts.sum_duplicates()
    return counts


def nbytes(shape: Sequence[int], dtype: str = "float32") -> int:
    """Return the bytes that an array needs, without making it."""
    try:
        itemsize = np.dtype(dtype).itemsize
    except TypeError:
        raise ValueError(
            f"dtype must be a type of NumPy, such as 'int8', got {shown(dtype)}"
        ) from None
    if not isinstance(shape, Sequence):
        raise ValueError(f"shape must be a tuple of numbers, got {shown(shape)}")
    return math.prod(whole_number("shape", size, 0) for size in shape) * itemsize


def format_bytes(number: float) -> str:
    """Write a number of bytes for a reader: ``500.0 GB`` (1 GB = 1000³ bytes)."""
    if not isinstance(number, int | float | np.number) or not 0 <= number < math.inf:
        raise ValueError(f"number must be one of bytes, from 0, got {shown(number)}")
    for unit in ("bytes", "kB", "MB", "GB", "TB"):
        if number < 999.95 or unit == "TB":  # more is rounded to 1,000.0
            break
        number /= 1000
    return f"{number:,} bytes" if unit == "bytes" else f"{number:,.1f} {unit}"


@functools.cache
def _to_spaces(characters: str) -> dict[int, int]:
    return str.maketrans(characters, " " * len(characters))


def _hashes(tokens: Iterable[str], seed: int) -> Iterator[int]:
    """Hash each token: MurmurHash3 of its UTF-8 bytes, signed, 32 bits."""
    if isinstance(tokens, str):
        raise ValueError(
            f"tokens must be a list of strings, got one string: {shown(tokens)}"
        )
    words = list(_each("tokens", tokens))
    try:
        # Half of an emoji, left by a text that was cut, has no UTF-8, and mmh3 would
        # end the process. One look at all tokens is cheaper than bytes for each.
        "".join(words).encode()
    except UnicodeEncodeError:
        words = [word.encode("utf-8", "surrogatepass") for word in words]
    except TypeError:
        raise ValueError(
            f"tokens must be a list of strings, got {shown(words)}"
        ) from None
    return map(mmh3.hash, words, repeat(seed))


def _seed(seed: int) -> int:
    return whole_number("seed", seed, 0, 2**32)


def _each(name: str, values: Iterable[Any]) -> Iterable[Any]:
    """Return what can be read one after the other, or say that it cannot."""
    if not isinstance(values, Iterable):
        raise ValueError(f"{name} must be a list, got {shown(values)}")
    return values
