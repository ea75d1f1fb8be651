"""Read word vectors in GloVe's text format: a word and its numbers on every line."""

from __future__ import annotations

import gzip
import io
import math
import zipfile
import zlib
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import chain, islice
from pathlib import Path
from typing import NamedTuple

import numpy as np

from course_utils.datasets.files import DataError, require_file

BLOCK = 1 << 20  # bytes read at once
HEAD = 100  # lines that settle the number of dimensions
ZIP_STARTS = (b"PK\x03\x04", b"PK\x05\x06")
BROKEN = (EOFError, gzip.BadGzipFile, zipfile.BadZipFile, zlib.error, RuntimeError)


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
    path = require_file(path)
    found: dict[str, None] = {}
    values = array("f")
    skipped: Counter[str] = Counter()
    with _open_lines(path, member) as (stream, name):
        head = list(islice(stream, HEAD))
        dim = _dimensions(head, name)
        if _is_header(head[0].split(), dim):
            skipped["header"] = 1
            del head[0]
        for line in chain(head, stream):
            first = line.split(None, 1)[:1]
            if not first or (wanted is not None and first[0] not in firsts):
                continue
            fields = line.split()
            word = b" ".join(fields[:-dim])
            if not word or (len(fields) > dim + 1 and _is_decimal(fields[-dim - 1])):
                skipped["wrong length"] += 1
            elif wanted is None or word in wanted:
                text, row = _decode(word), _numbers(fields[-dim:])
                if not text:
                    skipped["not UTF-8"] += 1
                elif not row:
                    skipped["not numbers"] += 1
                elif text in found:
                    skipped["duplicate"] += 1
                else:
                    found[text] = None
                    values.extend(row)
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
        raise ValueError(f"words must be a collection of words, not one: {words!r}")
    words = list(words)
    for word in words:
        if not isinstance(word, str):
            raise ValueError(f"words must hold str, not {type(word).__name__}: {word}")
    return {word.encode("utf-8", "surrogatepass") for word in words}


def _decode(word: bytes) -> str:
    """Return the word, or an empty one if its bytes are not UTF-8."""
    try:
        return word.decode("utf-8")
    except UnicodeDecodeError:
        return ""


@contextmanager
def _open_lines(
    path: Path, member: str | None
) -> Iterator[tuple[io.BufferedReader, str]]:
    """Open the text inside ``path``; give it with its name for an error."""
    with path.open("rb") as file:
        start = file.read(4)
        file.seek(0)
        name = str(path)
        if member is not None and start not in ZIP_STARTS:
            raise ValueError(f"member={member!r} is for a zip, and {path} is not one")
        try:
            if start in ZIP_STARTS:
                archive = zipfile.ZipFile(file)
                member = _choose_member(archive, path, member)
                name = f"{path} ({member})"
                stream = archive.open(member)
            elif start.startswith(b"\x1f\x8b"):
                stream = gzip.GzipFile(fileobj=file)
            else:
                stream = file
            lines = io.BufferedReader(stream, BLOCK)
            _refuse_foreign(lines, name)
            yield lines, name
        except BROKEN as error:
            raise DataError(
                f"{name} is broken or incomplete ({error or type(error).__name__}). "
                "Delete it and fetch it again."
            ) from None


def _choose_member(archive: zipfile.ZipFile, path: Path, member: str | None) -> str:
    """Return the member asked for, or the only one."""
    members = [
        name
        for name in archive.namelist()
        if not name.endswith("/") and not name.startswith("__MACOSX/")
    ]
    listed = ", ".join(members) or "no file"
    if member is None and len(members) == 1:
        return members[0]
    if member is None:
        raise DataError(f"{path} holds {listed}. Name one: member='...'.")
    if member not in members:
        raise DataError(f"{path} holds no {member!r}, but {listed}. Name one of these.")
    return member


def _refuse_foreign(lines: io.BufferedReader, name: str) -> None:
    """Raise DataError if the file is empty, binary or HTML; skip a BOM."""
    start = lines.peek(BLOCK)
    if start.startswith(b"\xef\xbb\xbf"):
        lines.read(3)
    if not start.removeprefix(b"\xef\xbb\xbf").strip():
        raise DataError(f"{name} holds no text. Delete it and fetch it again.")
    if b"\0" in start:
        raise DataError(
            f"{name} is not text in UTF-8 (it holds zero bytes). Give the vectors as "
            "text; binary word2vec files and UTF-16 are not read."
        )
    if start[:1000].lstrip().lower().startswith((b"<!doctype html", b"<html")):
        raise DataError(
            f"{name} is an HTML page, not word vectors. Delete it and fetch the file "
            "itself."
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
        shown = first.decode("utf-8", "replace").strip()[:60]
        raise DataError(
            f"{name} holds no word vectors (a word and its numbers on every line); it "
            f"starts with {shown!r}. Check that it is the right file."
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


def _numbers(fields: list[bytes]) -> list[float]:
    """Return the numbers, or an empty list if one is not a finite number."""
    try:
        row = list(map(float, fields))
    except ValueError:
        return []
    # A sum is finite only if all are: one test instead of a hundred.
    return row if math.isfinite(sum(row)) else []
