"""Read film reviews from the raw text files of the Large Movie Review Dataset.

It holds 25,000 + 25,000 reviews, half of them positive, and comes as
``aclImdb_v1.tar.gz`` (https://ai.stanford.edu/~amaas/data/sentiment/).
"""

from __future__ import annotations

import gzip
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from course_utils.datasets.files import DataError, require_file

ROOT = "aclImdb"
CLASSES = ("neg", "pos")  # the label of a class is its place here


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
        path: the ``.tar.gz`` archive, read in one pass and never unpacked to the disk;
            or the folder ``aclImdb`` that was unpacked from it, or the folder around
            it. All give the same result.
        split: "train" or "test".

    Raises:
        ValueError: if ``split`` is neither.
        DataError: if the archive is damaged or is none, if the split has no reviews of
            a class, or if a review is not encoded in UTF-8.
    """
    if split not in ("train", "test"):
        raise ValueError(f"split must be 'train' or 'test', but is {split!r}.")
    path = Path(path)
    files = _folder_files(path, split) if path.is_dir() else _packed_files(path, split)
    found: dict[str, list[tuple[str, str]]] = {name: [] for name in CLASSES}
    for name, file, raw in files:
        try:
            found[name].append((file, raw.decode()))
        except UnicodeDecodeError:
            raise DataError(
                f"The review {ROOT}/{split}/{name}/{file} in {path} is not encoded in "
                "UTF-8. Fetch the file again, or save this review as UTF-8."
            ) from None
    missing = [f"{ROOT}/{split}/{name}/" for name in CLASSES if not found[name]]
    if missing:
        raise DataError(
            f"{path} has no reviews in {' and '.join(missing)}. Expected are the "
            f"folders {ROOT}/train/neg, {ROOT}/train/pos, {ROOT}/test/neg and "
            f"{ROOT}/test/pos with one .txt file for each review."
        )
    texts = [text for name in CLASSES for _, text in sorted(found[name])]
    return Reviews(
        texts, np.repeat(np.arange(2, dtype=np.int8), [len(found[n]) for n in CLASSES])
    )


def _folder_files(path: Path, split: str) -> Iterator[tuple[str, str, bytes]]:
    """Yield (class, file name, bytes) of each review in an unpacked folder."""
    root = path / ROOT if (path / ROOT).is_dir() else path
    for name in CLASSES:
        for file in (root / split / name).glob("[!.]*.txt"):
            yield name, file.name, file.read_bytes()


def _packed_files(path: Path, split: str) -> Iterator[tuple[str, str, bytes]]:
    """Yield (class, file name, bytes) of each review in a ``.tar.gz`` archive."""
    path = require_file(path)
    try:
        with gzip.open(path) as unzipped:
            # "r|" reads forward only, so memory holds one member at a time
            with tarfile.open(fileobj=unzipped, mode="r|") as archive:
                for member in archive:
                    parts = member.name.removeprefix("./").split("/")
                    if len(parts) != 4 or parts[:2] != [ROOT, split]:
                        continue
                    name, file = parts[2:]
                    # macOS adds hidden companions that begin with a dot
                    if name in CLASSES and file.endswith(".txt") and file[0] != ".":
                        yield name, file, archive.extractfile(member).read()
                    archive.members.clear()  # tarfile keeps every header otherwise
            while unzipped.read(2**20):  # to the end, where the checksum is
                pass
    except gzip.BadGzipFile as error:
        if "Not a gzipped file" not in str(error):
            raise _damaged(path) from None
        raise DataError(
            f"{path} is not a gzip file. Expected is aclImdb_v1.tar.gz as it was "
            "fetched, or the folder unpacked from it."
        ) from None
    except (EOFError, zlib.error):
        raise _damaged(path) from None
    except tarfile.TarError:
        raise DataError(
            f"{path} is compressed with gzip but holds no tar archive. Expected is "
            "aclImdb_v1.tar.gz."
        ) from None


def _damaged(path: Path) -> DataError:
    return DataError(
        f"{path} is damaged: it is cut short or changed. Delete it and fetch it again."
    )
