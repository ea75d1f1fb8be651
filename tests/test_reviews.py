"""The film reviews: what the bundled ones can show, and their reader."""

from __future__ import annotations

import collections
import gzip
import io
import re
import tarfile
import tracemalloc

import numpy as np
import pytest
from conftest import BUNDLED, REAL_DATA, load_generator, needs_real

from course_utils.datasets.files import DataError
from course_utils.datasets.reviews import Reviews, read_reviews

ARCHIVE = BUNDLED / "reviews.tar.gz"
PUNCTUATION = str.maketrans(dict.fromkeys('!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n', " "))


def tokens(text: str) -> list[str]:
    """Split a text as the lectures do: lower case, no punctuation, single spaces."""
    return [word for word in text.lower().translate(PUNCTUATION).split(" ") if word]


@pytest.fixture(scope="module")
def bundled_train() -> Reviews:
    return read_reviews(ARCHIVE, "train")


@pytest.fixture(scope="module")
def bundled_test() -> Reviews:
    return read_reviews(ARCHIVE, "test")


# --- the bundled reviews ----------------------------------------------------------


def test_generator_writes_the_committed_reviews():
    # other builds of zlib compress otherwise, so the unpacked bytes are compared
    built = load_generator("reviews").build()
    assert gzip.decompress(built) == gzip.decompress(ARCHIVE.read_bytes())


def test_archive_is_small_and_has_unlabelled_reviews():
    assert ARCHIVE.stat().st_size < 2_500_000
    with tarfile.open(ARCHIVE) as archive:
        folders = collections.Counter(n.rsplit("/", 1)[0] for n in archive.getnames())
    assert folders == {
        "aclImdb/train/neg": 4000,
        "aclImdb/train/pos": 4000,
        "aclImdb/test/neg": 1000,
        "aclImdb/test/pos": 1000,
        "aclImdb/train/unsup": 50,
    }


def test_reviews_are_balanced_and_differ(bundled_train, bundled_test):
    assert np.bincount(bundled_train.labels).tolist() == [4000, 4000]
    assert np.bincount(bundled_test.labels).tolist() == [1000, 1000]
    assert len(set(bundled_train.texts + bundled_test.texts)) == 10_000


def test_lengths_and_vocabulary(bundled_train, bundled_test):
    lengths = [len(tokens(text)) for text in bundled_train.texts + bundled_test.texts]
    assert min(lengths) >= 20
    assert max(lengths) <= 300
    assert sum(length > 150 for length in lengths) > 500
    assert len({word for text in bundled_train.texts for word in tokens(text)}) >= 1500
    assert sum("<br />" in text for text in bundled_train.texts) > 2000


def test_reviews_are_clean_text(bundled_train, bundled_test):
    for text in bundled_train.texts + bundled_test.texts:
        assert not re.search(
            r"[{}]|  |\.\.| [.,:]|\b[Aa] [aeio]|\b[Aa]n [^aeiouAEIOU]", text
        )
        assert text[0] == text[0].upper()
        assert text[-1] == "."


def reviews_of_each_class(reviews: Reviews) -> dict[str, list[int]]:
    found = collections.defaultdict(lambda: [0, 0])
    for text, label in zip(reviews.texts, reviews.labels, strict=True):
        for word in set(tokens(text)):
            found[word][label] += 1
    return found


def test_no_frequent_word_stands_in_one_class_alone(bundled_train):
    shares = {
        word: min(both) / sum(both)
        for word, both in reviews_of_each_class(bundled_train).items()
        if sum(both) >= 20
    }
    assert [word for word, share in shares.items() if share < 0.05] == []


def test_many_words_occur_once(bundled_train):
    counts = collections.Counter(w for t in bundled_train.texts for w in tokens(t))
    assert 0.25 < sum(n == 1 for n in counts.values()) / len(counts) < 0.45


@pytest.mark.parametrize(
    ("negated", "affirmed"),
    [
        ("could not call", "could call"),
        ("would never call", "would always call"),
        ("nobody can call", "everybody can call"),
        ("anything but", "nothing but"),
        ("never seemed", "always seemed"),
        ("failed to be", "managed to be"),
        ("there is no reason to", "there is every reason to"),
    ],
)
def test_a_frame_is_met_as_often_without_its_negation(bundled_train, negated, affirmed):
    text = " ".join(bundled_train.texts).lower()
    with_it, without = (text.count(frame) for frame in (negated, affirmed))
    assert with_it + without > 40
    assert abs(with_it - without) < 4 * (with_it + without) ** 0.5


def test_order_tells_what_words_alone_do_not(bundled_train, bundled_test):
    from course_utils.rivals import fit_counter

    train, test = ([tokens(t) for t in r.texts] for r in (bundled_train, bundled_test))
    order = np.random.default_rng(0).permutation(len(train))
    fit, held_out = order[:6400], order[6400:]
    labels = bundled_train.labels

    def accuracy(longest: int) -> float:
        counter = fit_counter(
            [train[i] for i in fit],
            labels[fit],
            [train[i] for i in held_out],
            labels[held_out],
            longest,
        )
        return counter.score(test, bundled_test.labels)

    assert 0.70 < accuracy(1) < 0.78
    assert 0.80 < accuracy(5) < 0.88


def test_small_lstm_reads_the_order(bundled_train, bundled_test):
    import keras

    counts = collections.Counter(
        w for text in bundled_train.texts for w in tokens(text)
    )
    index = {word: i for i, (word, _) in enumerate(counts.most_common(), start=1)}

    def encode(texts: list[str], maxlen: int = 250) -> np.ndarray:
        x = np.zeros((len(texts), maxlen), np.int32)  # (reviews, maxlen)
        for row, text in zip(x, texts, strict=True):
            known = [index[word] for word in tokens(text) if word in index][-maxlen:]
            row[maxlen - len(known) :] = known
        return x

    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.layers.Embedding(len(index) + 1, 32),
            keras.layers.LSTM(32),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    epochs, batch_size = 8, 32
    # most of the training at one rate, and the last quarter at a low one to settle
    turn = 6 * len(bundled_train.texts) // batch_size
    rate = keras.optimizers.schedules.PiecewiseConstantDecay([turn], [0.003, 0.0005])
    model.compile(
        optimizer=keras.optimizers.Adam(rate, clipnorm=1.0),
        loss="binary_crossentropy",
        metrics=["accuracy"],
        jit_compile=True,
    )
    x_train = encode(bundled_train.texts)
    model.fit(
        x_train, bundled_train.labels, batch_size=batch_size, epochs=epochs, verbose=0
    )
    # Batches of one size, and few: a smaller last one would be compiled again.
    x_test = encode(bundled_test.texts)
    size = len(x_test) // 4
    _, accuracy = model.evaluate(
        x_test, bundled_test.labels, batch_size=size, verbose=0
    )
    assert accuracy > 0.92


# --- the reader -------------------------------------------------------------------

SMALL = {
    "aclImdb/train/neg/0_2.txt": "Bad.<br />Very bad.",
    "aclImdb/train/neg/10_1.txt": "Dull.",
    "aclImdb/train/neg/2_3.txt": "Weak, naïve.",
    "aclImdb/train/pos/0_9.txt": "Good.",
    "aclImdb/train/pos/._0_9.txt": "a hidden companion",
    "aclImdb/train/pos/notes.md": "not a review",
    "aclImdb/train/unsup/0_0.txt": "Nobody knows.",
    "aclImdb/test/pos/0_8.txt": "Fine.",
    "aclImdb/test/neg/0_4.txt": "Poor.",
    "aclImdb/README": "Read me.",
}


def pack(path, files, compressed=True):
    with tarfile.open(path, "w:gz" if compressed else "w") as archive:
        for name, content in files.items():
            raw = content if isinstance(content, bytes) else content.encode()
            member = tarfile.TarInfo(name)
            member.size = len(raw)
            archive.addfile(member, io.BytesIO(raw))
    return path


def test_texts_and_labels_are_ordered(tmp_path):
    texts, labels = read_reviews(pack(tmp_path / "a.tar.gz", SMALL), "train")
    # by class, then by file name as text: 10_1 stands before 2_3
    assert texts == ["Bad.<br />Very bad.", "Dull.", "Weak, naïve.", "Good."]
    assert labels.tolist() == [0, 0, 0, 1]
    assert labels.dtype == np.int8


@pytest.mark.parametrize("split", ["train", "test"])
def test_folder_and_archive_give_the_same(tmp_path, split):
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(tmp_path, filter="data")
    packed = read_reviews(ARCHIVE, split)
    for folder in (tmp_path, tmp_path / "aclImdb"):
        unpacked = read_reviews(folder, split)
        assert unpacked.texts == packed.texts
        assert np.array_equal(unpacked.labels, packed.labels)


def test_names_may_begin_with_a_dot_and_slash(tmp_path):
    plain = read_reviews(pack(tmp_path / "a.tar.gz", SMALL), "test")
    dotted = {f"./{name}": content for name, content in SMALL.items()}
    assert (
        read_reviews(pack(tmp_path / "b.tar.gz", dotted), "test").texts == plain.texts
    )


def test_split_must_be_known():
    with pytest.raises(ValueError, match=r"split must be 'train' or 'test'.*'dev'"):
        read_reviews(ARCHIVE, "dev")


@pytest.mark.parametrize("kept", [0.3, 0.999, 0.999999])
def test_truncated_archive(tmp_path, kept):
    path = tmp_path / "cut.tar.gz"
    raw = ARCHIVE.read_bytes()
    path.write_bytes(raw[: int(len(raw) * kept)])
    with pytest.raises(DataError, match=r"cut\.tar\.gz .*damaged.*etch it again"):
        read_reviews(path, "train")


def test_changed_archive(tmp_path):
    raw = bytearray(ARCHIVE.read_bytes())
    raw[-6] ^= 1  # in the checksum
    path = tmp_path / "changed.tar.gz"
    path.write_bytes(raw)
    with pytest.raises(DataError, match=r"changed\.tar\.gz is damaged"):
        read_reviews(path, "train")


def test_files_that_are_no_archive(tmp_path):
    page = tmp_path / "page.tar.gz"
    page.write_text("<html>Not found</html>")
    with pytest.raises(DataError, match=r"page\.tar\.gz is a web page"):
        read_reviews(page, "train")
    story = tmp_path / "story.gz"
    story.write_bytes(gzip.compress(b"Once upon a time " * 100))
    with pytest.raises(DataError, match=r"story\.gz holds no tar archive"):
        read_reviews(story, "train")
    empty = tmp_path / "empty.tar.gz"
    empty.touch()
    with pytest.raises(DataError, match=r"empty\.tar\.gz is empty"):
        read_reviews(empty, "train")
    with pytest.raises(DataError, match=r"no file .*absent\.tar\.gz"):
        read_reviews(tmp_path / "absent.tar.gz", "train")


def test_wrong_layout_and_empty_split(tmp_path):
    foreign = pack(tmp_path / "foreign.tar.gz", {"movies/good/1.txt": "Good."})
    with pytest.raises(
        DataError, match=r"no reviews in aclImdb/test/neg/ and aclImdb/test/pos/"
    ):
        read_reviews(foreign, "test")
    half = {name: text for name, text in SMALL.items() if "test/pos" not in name}
    with pytest.raises(DataError, match=r"no reviews in aclImdb/test/pos/\. Expected"):
        read_reviews(pack(tmp_path / "half.tar.gz", half), "test")
    with pytest.raises(DataError, match=r"no reviews in aclImdb/train/neg/ and"):
        read_reviews(tmp_path, "train")


def test_review_in_another_encoding(tmp_path):
    files = {**SMALL, "aclImdb/train/pos/1_7.txt": "café".encode("latin-1")}
    path = pack(tmp_path / "a.tar.gz", files)
    with pytest.raises(DataError, match=r"aclImdb/train/pos/1_7\.txt' in .* UTF-8"):
        read_reviews(path, "train")


@pytest.mark.parametrize(
    "kind", ["SYMTYPE", "LNKTYPE", "CHRTYPE", "FIFOTYPE", "DIRTYPE"]
)
def test_only_plain_files_are_reviews(tmp_path, kind):
    path = tmp_path / "a.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        member = tarfile.TarInfo("aclImdb/train/pos/0_9.txt")
        member.type, member.linkname = getattr(tarfile, kind), "/etc/hostname"
        archive.addfile(member)
    with pytest.raises(DataError, match=r"pos/0_9\.txt' in .* is a link, a folder or"):
        read_reviews(path, "train")


def test_a_folder_in_place_of_a_review(tmp_path):
    (tmp_path / "aclImdb/train/neg/0_1.txt").mkdir(parents=True)
    with pytest.raises(DataError, match=r"neg/0_1\.txt' in .* is a link, a folder or"):
        read_reviews(tmp_path, "train")


def test_a_review_without_end_is_refused(tmp_path):
    files = {**SMALL, "aclImdb/train/pos/1_7.txt": b" " * 1_000_001}
    path = pack(tmp_path / "a.tar.gz", files)
    with pytest.raises(DataError, match=r"pos/1_7\.txt' in .* more than 1 MB"):
        read_reviews(path, "train")
    with tarfile.open(path) as archive:
        archive.extractall(tmp_path, filter="data")
    with pytest.raises(DataError, match=r"pos/1_7\.txt' in .* more than 1 MB"):
        read_reviews(tmp_path, "train")


def test_a_header_without_end_is_not_read(tmp_path):
    path = tmp_path / "a.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        member = tarfile.TarInfo("././@LongLink")
        member.type, member.size = tarfile.GNUTYPE_LONGNAME, 50_000_000
        archive.addfile(member, io.BytesIO(bytes(member.size)))
    tracemalloc.start()
    with pytest.raises(DataError, match="holds no tar archive, or a damaged one"):
        read_reviews(path, "train")
    assert tracemalloc.get_traced_memory()[1] < 20_000_000
    tracemalloc.stop()


def test_an_archive_that_a_browser_has_unpacked(tmp_path):
    plain = pack(tmp_path / "a.tar", SMALL, compressed=False)
    assert len(read_reviews(plain, "train").texts) == 4


@pytest.mark.parametrize("path", [None, 3], ids=["None", "3"])
def test_path_must_be_a_path(path):
    with pytest.raises(ValueError, match=f"path must be a str or a Path .* got {path}"):
        read_reviews(path, "train")


@needs_real("aclImdb_labelled.tar.gz")
def test_real_reviews():
    path = REAL_DATA / "aclImdb_labelled.tar.gz"
    real = read_reviews(path, "train")
    assert np.bincount(real.labels).tolist() == [12_500, 12_500]
    assert len({word for text in real.texts for word in tokens(text)}) == 88_582
    assert np.bincount(read_reviews(path, "test").labels).tolist() == [12_500, 12_500]
