"""Read film reviews from the raw text files of the Large Movie Review Dataset.

It holds 25,000 + 25,000 reviews, half of them positive, and comes as
``aclImdb_v1.tar.gz`` (https://ai.stanford.edu/~amaas/data/sentiment/).
"""

from __future__ import annotations

import os
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from course_utils._arguments import shown
from course_utils.datasets.files import (
    BLOCK,
    DataError,
    as_path,
    file_name,
    open_data,
    read_all,
    unreadable,
)

ROOT = "aclImdb"
CLASSES = ("neg", "pos")  # the label of a class is its place here
LONG_HEADERS = b"LKxgX"  # types of members that hold names or more of a header
REVIEW_LIMIT = 1_000_000  # bytes; the longest review of the dataset has 14,000


class Reviews(NamedTuple):
    """Reviews of one split.

    Attributes:
        texts: n reviews as they stand in the files, with their ``<br />``; first the
            negative ones, then the positive ones, each in the order of the file names.
        labels: int8 array (n,), 0 = negative, 1 = positive.
    """

    texts: list[str]
    labels: np.ndarray


def read_reviews(path: str | Path, split: str) -> Reviews:
    """Read the labelled reviews of a split; reviews without a label are left out.

    Args:
        path: the ``.tar.gz`` archive (or ``.tar``, as some browsers save it), read in
            one pass and never unpacked to the disk; or the folder ``aclImdb`` that was
            unpacked from it, or the folder around it. All give the same result.
        split: "train" or "test".

    Raises:
        ValueError: if ``split`` is neither, or ``path`` is no path.
        DataError: if the archive is damaged or is none, if the split has no reviews of
            a class, or if a review is no plain file, very long or not encoded in UTF-8.
    """
    if split not in ("train", "test"):
        raise ValueError(f"split must be 'train' or 'test', got {shown(split)}")
    path = as_path(path)
    # os.path tells without an error, where a Path may raise PermissionError.
    is_folder = os.path.isdir(path)
    files = _folder_files(path, split) if is_folder else _packed_files(path, split)
    found: dict[str, list[tuple[str, str]]] = {name: [] for name in CLASSES}
    for name, file, raw in files:
        try:
            found[name].append((file, raw.decode()))
        except UnicodeDecodeError:
            raise DataError(
                f"{_place(path, split, name, file)} is not encoded in UTF-8. Fetch the "
                "archive again, or save this review as UTF-8."
            ) from None
    missing = [f"{ROOT}/{split}/{name}/" for name in CLASSES if not found[name]]
    if missing:
        raise DataError(
            f"{file_name(path)} has no reviews in {' and '.join(missing)}. Expected "
            f"are the folders {ROOT}/train/neg, {ROOT}/train/pos, {ROOT}/test/neg and "
            f"{ROOT}/test/pos with one .txt file for each review."
        )
    texts = [text for name in CLASSES for _, text in sorted(found[name])]
    return Reviews(
        texts, np.repeat(np.arange(2, dtype=np.int8), [len(found[n]) for n in CLASSES])
    )


def _folder_files(path: Path, split: str) -> Iterator[tuple[str, str, bytes]]:
    """Yield (class, file name, bytes) of each review in an unpacked folder."""
    root = path / ROOT if os.path.isdir(path / ROOT) else path
    for name in CLASSES:
        for file in (root / split / name).glob("[!.]*.txt"):
            place = _place(path, split, name, file.name)
            if not os.path.isfile(file):
                raise _no_file(place)
            try:
                with file.open("rb") as stream:
                    yield name, file.name, read_all(stream, place, REVIEW_LIMIT)
            except OSError as error:
                raise unreadable(place, error) from None


class _Header(tarfile.TarInfo):
    """A header that names no longer header after it: tarfile reads such ones whole."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> _Header:
        header = super().frombuf(buf, encoding, errors)
        if header.type in LONG_HEADERS and header.size > REVIEW_LIMIT:
            raise tarfile.ReadError("a header of that size")
        return header


def _packed_files(path: Path, split: str) -> Iterator[tuple[str, str, bytes]]:
    """Yield (class, file name, bytes) of each review in a ``.tar.gz`` archive."""
    with open_data(path) as (stream, archive_name):
        try:
            # "r|" reads forward only, so memory holds one member at a time
            with tarfile.open(fileobj=stream, mode="r|", tarinfo=_Header) as archive:
                for member in archive:
                    parts = member.name.removeprefix("./").split("/")
                    if len(parts) != 4 or parts[:2] != [ROOT, split]:
                        continue
                    name, file = parts[2:]
                    # macOS adds hidden companions that begin with a dot
                    if name in CLASSES and file.endswith(".txt") and file[0] != ".":
                        place = _place(path, split, name, file)
                        is_file = member.isfile()
                        content = archive.extractfile(member) if is_file else None
                        if content is None:
                            raise _no_file(place)
                        yield name, file, read_all(content, place, REVIEW_LIMIT)
                    # tarfile keeps every header otherwise
                    archive.members.clear()  # type: ignore[attr-defined]
        except tarfile.TarError:
            raise DataError(
                f"{archive_name} holds no tar archive, or a damaged one. Expected is "
                "aclImdb_v1.tar.gz as it was fetched, or the folder unpacked from it. "
                "Delete it and fetch it again."
            ) from None
        while stream.read(BLOCK):  # to the end, where the checksum is
            pass


def _place(path: Path, split: str, name: str, file: str) -> str:
    """Return what to call a review in an error."""
    return f"The review {shown(f'{ROOT}/{split}/{name}/{file}')} in {file_name(path)}"


def _no_file(place: str) -> DataError:
    return DataError(
        f"{place} is a link, a folder or a device, not a text file. Fetch the archive "
        "again."
    )
