"""Read film reviews: the raw text files of the Large Movie Review Dataset, and Keras's.

Both hold the same 25,000 + 25,000 reviews, half of them positive. The raw files come as
``aclImdb_v1.tar.gz`` (https://ai.stanford.edu/~amaas/data/sentiment/); Keras offers the
reviews already turned into word numbers (``imdb.npz``, ``imdb_word_index.json``).
"""

from __future__ import annotations

import gzip
import io
import json
import pickle
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from course_utils.datasets.files import DataError, read_text, require_file

ROOT = "aclImdb"
CLASSES = ("neg", "pos")  # the label of a class is its place here

START, UNKNOWN, INDEX_FROM = 1, 2, 3
KERAS_SEED = 113  # keras.datasets.imdb shuffles with it
MARKS = ("<padding>", "<start>", "<unknown>")  # how numbers 0, 1 and 2 are shown


class Reviews(NamedTuple):
    """Reviews of one split.

    Attributes:
        texts: n reviews as they stand in the files, with their ``<br />``; first the
            negative ones, then the positive ones, each in the order of the file names.
        labels: int8 array (n,), 0 = negative, 1 = positive.
    """

    texts: list[str]
    labels: np.ndarray


class IndexedReviews(NamedTuple):
    """Reviews as lists of word numbers, as ``keras.datasets.imdb`` gives them.

    Attributes:
        x_train: training reviews, each a list of word numbers.
        y_train: int64 array, 0 = negative, 1 = positive.
        x_test: test reviews.
        y_test: their labels.
        word_index: word -> rank by frequency, from 1; see `decode_review`.
    """

    x_train: list[list[int]]
    y_train: np.ndarray
    x_test: list[list[int]]
    y_test: np.ndarray
    word_index: dict[str, int]


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


class _ListsOnly(pickle.Unpickler):
    """Unpickle arrays and lists of numbers, and call nothing else."""

    allowed = frozenset(
        {
            ("numpy", "ndarray"),
            ("numpy", "dtype"),
            ("numpy.core.multiarray", "_reconstruct"),  # written by NumPy 1
            ("numpy._core.multiarray", "_reconstruct"),  # written by NumPy 2
        }
    )

    def find_class(self, module: str, name: str) -> object:
        if (module, name) not in self.allowed:
            raise pickle.UnpicklingError(f"{module}.{name}")
        return super().find_class(module, name)


def _read_member(archive: zipfile.ZipFile, name: str) -> np.ndarray:
    """Read one array of an ``.npz`` file; see `read_keras_imdb` for what is refused."""
    stream = io.BytesIO(archive.read(f"{name}.npy"))
    try:
        return np.lib.format.read_array(stream, allow_pickle=False)
    except ValueError:  # an array of lists: behind the header stands a pickle
        stream.seek(0)
        np.lib.format.read_magic(stream)
        np.lib.format.read_array_header_1_0(stream)
        return _ListsOnly(stream).load()


def read_keras_imdb(
    npz_path: str | Path, word_index_path: str | Path, num_words: int | None = None
) -> IndexedReviews:
    """Read the files behind ``keras.datasets.imdb`` and give what ``load_data`` gives.

    The file stores for each word its rank by frequency: 1 is the most frequent word.
    Three numbers are needed for other things, so every rank is moved up by 3
    (``index_from=3``): 0 is padding, 1 starts each review (``start_char``), and 2
    stands for a word left out (``oov_char``). The word of rank r has number r + 3, so
    no word has number 3. Both splits are shuffled, with Keras's seed.

    Reviews differ in length, so ``imdb.npz`` holds arrays of Python lists, and these
    are stored as pickles. A pickle may run code when it is read. This reader needs no
    ``allow_pickle=True``: it lets a pickle build arrays and lists, and refuses others.

    Args:
        npz_path: ``imdb.npz``.
        word_index_path: ``imdb_word_index.json``.
        num_words: keep numbers below this one, 2 instead of the others. None keeps all
            but the largest number of all, for so does Keras.

    Raises:
        ValueError: if ``num_words`` is below 4, so that no word would remain.
        DataError: if one of the files is damaged, or is another file.
    """
    if num_words is not None and num_words <= INDEX_FROM:
        raise ValueError(f"num_words must be None or 4 or more, but is {num_words!r}.")
    npz_path = require_file(npz_path)
    try:
        with zipfile.ZipFile(npz_path) as archive:
            stored = [
                _read_member(archive, name)
                for name in ("x_train", "y_train", "x_test", "y_test")
            ]
    except (
        zipfile.BadZipFile,
        zlib.error,
        KeyError,
        EOFError,
        ValueError,
        pickle.UnpicklingError,
    ) as error:
        raise DataError(
            f"{npz_path} is not Keras's imdb.npz, or is damaged ({error}). Delete it "
            "and fetch it again."
        ) from None
    try:
        word_index = json.loads(read_text(word_index_path))
    except json.JSONDecodeError as error:
        raise DataError(
            f"{word_index_path} is not a JSON file ({error}). Expected is "
            "imdb_word_index.json."
        ) from None
    x_train, y_train, x_test, y_test = stored
    if num_words is None:
        num_words = INDEX_FROM + max(
            max(ranks, default=0) for x in (x_train, x_test) for ranks in x
        )
    rng = np.random.RandomState(KERAS_SEED)  # shuffles the training reviews first
    return IndexedReviews(
        *_shuffle_and_number(x_train, y_train, num_words, rng),
        *_shuffle_and_number(x_test, y_test, num_words, rng),
        word_index,
    )


def _shuffle_and_number(
    ranks: np.ndarray, labels: np.ndarray, num_words: int, rng: np.random.RandomState
) -> tuple[list[list[int]], np.ndarray]:
    """Shuffle one split and turn its ranks into word numbers."""
    order = np.arange(len(ranks))
    rng.shuffle(order)
    numbered = []
    for place in order:
        shifted = [START, *(rank + INDEX_FROM for rank in ranks[place])]
        numbered.append([n if n < num_words else UNKNOWN for n in shifted])
    return numbered, labels[order]


def decode_review(indices: list[int] | np.ndarray, word_index: dict[str, int]) -> str:
    """Turn the word numbers of a review back into words, joined by spaces.

    Number n stands for the word of rank n - 3, see `read_keras_imdb`; 0, 1 and 2 are
    shown as ``<padding>``, ``<start>`` and ``<unknown>``, as are numbers of no word.
    """
    by_number = {rank + INDEX_FROM: word for word, rank in word_index.items()}
    by_number.update(enumerate(MARKS))
    return " ".join(by_number.get(int(n), MARKS[UNKNOWN]) for n in indices)
