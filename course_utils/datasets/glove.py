"""Read word vectors in GloVe's text format: a word and its numbers on every line."""

from __future__ import annotations

import codecs
import io
import math
from array import array
from collections import Counter
from collections.abc import Iterable
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import NamedTuple

import numpy as np

from course_utils._arguments import shown
from course_utils.datasets.files import DataError, open_data

HEAD = 100  # lines that settle the number of dimensions
LINE_LIMIT = 100_000  # bytes, or some 10,000 dimensions; GloVe's longest have 6,000
# A few packed megabytes can hold a billion; GloVe's largest file has 2.2 million.
LINES_LIMIT = 10_000_000


class Vectors(NamedTuple):
    """Word vectors, in the order of the file.

    Attributes:
        words: the n words.
        matrix: their vectors, (n, dimensions), float32.
        skipped: how many lines were left out, by reason: ``header``,
            ``wrong length``, ``not UTF-8``, ``not numbers``, ``duplicate``; only the
            reasons that occur.
    """

    words: list[str]
    matrix: np.ndarray
    skipped: dict[str, int]


def read_glove(
    path: str | Path, words: Iterable[str] | None = None, member: str | None = None
) -> Vectors:
    """Read the vectors of ``words`` from a text file, plain, gzipped or zipped.

    The file is read line by line and only wanted lines are kept, so that memory
    grows with the words found and not with the file.

    The last fields of a line are its numbers, as many as most of the first 100 lines
    have; all before them is the word, which may hold spaces or be called ``nan``. A
    line with one number too few, or one decimal number too many, is of wrong length.
    Of a word that occurs twice the first vector is kept. Lines that are not wanted
    are not looked at: what is wrong with them is not counted.

    Args:
        path: the file. What it is shows in its first bytes, not in its name.
        words: the words wanted, for example a vocabulary; None for all.
        member: which file of a zip to read, if it holds several.

    Returns:
        The vectors found, and what was skipped. Words without a vector are absent.

    Raises:
        DataError: if the file is missing, empty, broken off, or holds no vectors.
        ValueError: if ``words`` is not a collection of words, or ``member`` is given
            for a file that is not a zip.
    """
    wanted = _encode(words)
    # Most lines of a large file are not wanted: their first piece tells, so that
    # the numbers after it are not even split.
    firsts = {piece for word in wanted or () for piece in word.split()[:1]}
    found: dict[str, None] = {}
    values = array("f")
    skipped: Counter[str] = Counter()
    with open_data(path, member=member, choice=True) as (stream, name):
        _refuse_no_text(stream, name)
        lines = iter(partial(stream.readline, LINE_LIMIT), b"")
        head = list(islice(lines, HEAD))
        dim = _dimensions(head, name)
        if _is_header(head[0].split(), dim):
            skipped["header"] = 1
            del head[0]
        for line in chain(head, islice(lines, LINES_LIMIT)):
            if len(line) == LINE_LIMIT:
                raise DataError(
                    f"{name} holds a line of more than {LINE_LIMIT:,} bytes, far more "
                    "than a word and its numbers have. Check that it is the right file."
                )
            first = line.split(None, 1)[:1]
            if not first or (wanted is not None and first[0] not in firsts):
                continue
            fields = line.split()
            word = b" ".join(fields[:-dim])
            if not word or (len(fields) > dim + 1 and _is_decimal(fields[-dim - 1])):
                skipped["wrong length"] += 1
            elif wanted is None or word in wanted:
                text, row = _decode(word), _float32(fields[-dim:])
                if not text:
                    skipped["not UTF-8"] += 1
                elif not row:
                    skipped["not numbers"] += 1
                elif text in found:
                    skipped["duplicate"] += 1
                else:
                    found[text] = None
                    values.extend(row)
        if stream.peek():
            raise DataError(
                f"{name} holds more than {LINES_LIMIT:,} lines, far more than any file "
                "of word vectors. Check that it is the right file."
            )
    if not found and skipped.keys() - {"header"}:
        reasons = ", ".join(f"{reason}: {n:,}" for reason, n in skipped.items())
        raise DataError(
            f"{name} has no usable line ({reasons}). Check that it is the right file, "
            "or delete it and fetch it again."
        )
    matrix = np.frombuffer(values, np.float32).reshape(-1, dim)
    return Vectors(list(found), matrix, dict(skipped))


def _encode(words: Iterable[str] | None) -> set[bytes] | None:
    """Return the words as UTF-8, to be compared with the bytes of the file."""
    if words is None:
        return None
    if isinstance(words, (str, bytes)):
        raise ValueError(f"words must be a collection of words, got {shown(words)}")
    try:
        words = list(words)
    except TypeError:
        raise ValueError(
            f"words must be a collection of words, got {shown(words)}"
        ) from None
    for word in words:
        if not isinstance(word, str):
            raise ValueError(f"words must hold only str, got {shown(word)}")
    return {word.encode("utf-8", "surrogatepass") for word in words}


def _decode(word: bytes) -> str:
    """Return the word, or an empty one if its bytes are not UTF-8."""
    try:
        return word.decode("utf-8")
    except UnicodeDecodeError:
        return ""


def _refuse_no_text(stream: io.BufferedReader, name: str) -> None:
    """Raise DataError if the file is empty or binary; skip a BOM."""
    start = stream.peek()
    if start.startswith(codecs.BOM_UTF8):
        stream.read(len(codecs.BOM_UTF8))
    if not start.removeprefix(codecs.BOM_UTF8).strip():
        raise DataError(f"{name} holds no text. Delete it and fetch it again.")
    if b"\0" in start:
        raise DataError(
            f"{name} is not text in UTF-8 (it holds zero bytes). Give the vectors as "
            "text; binary word2vec files and UTF-16 are not read."
        )


def _dimensions(head: list[bytes], name: str) -> int:
    """Return how many numbers most lines end with; of two equal, the larger."""
    counts: Counter[int] = Counter()
    for line in head:
        fields = line.split()
        numbers = 0
        while numbers < len(fields) - 1 and _is_number(fields[-1 - numbers]):
            numbers += 1
        counts[numbers] += bool(fields)
    dim = max(counts, key=lambda numbers: (counts[numbers], numbers))
    if dim == 0:
        first = next(line for line in head if line.strip())
        start = first.decode("utf-8", "replace").strip()
        raise DataError(
            f"{name} holds no word vectors (a word and its numbers on every line); it "
            f"starts with {shown(start)}. Check that it is the right file."
        )
    return dim


def _is_header(fields: list[bytes], dim: int) -> bool:
    """Tell word2vec's first line: the number of words, the number of dimensions."""
    return len(fields) == 2 and fields[0].isdigit() and fields[1] == b"%d" % dim


def _is_number(field: bytes) -> bool:
    try:
        float(field)
    except ValueError:
        return False
    return True


def _is_decimal(field: bytes) -> bool:
    return b"." in field and _is_number(field)


def _float32(fields: list[bytes]) -> array:
    """Return the numbers, or none of them if one is not a finite float32."""
    try:
        row = array("f", map(float, fields))  # 1e39 becomes infinite here
    except ValueError:
        return array("f")
    # The sum is finite only if all are: one test instead of a hundred.
    return row if math.isfinite(sum(row)) else array("f")
