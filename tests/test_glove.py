"""The reader of word vectors, and the vectors that the course brings."""

from __future__ import annotations

import gzip
import tracemalloc
import zipfile

import numpy as np
import pytest
from conftest import BUNDLED, REAL_DATA, load_generator, needs_real
from hypothesis import given
from hypothesis import strategies as st

from course_utils.datasets import glove
from course_utils.datasets.files import DataError
from course_utils.datasets.glove import read_glove

FILE = BUNDLED / "vectors.50d.txt.gz"
TEXT = "the 0.5 -0.25 1e-3\ncat 1 2 3\nsat -4 5.5 .5\n"
MATRIX = [[0.5, -0.25, 0.001], [1, 2, 3], [-4, 5.5, 0.5]]


@pytest.fixture
def write(tmp_path):
    """Write bytes or text to a file; return its path."""

    def write(content, name="vectors.txt"):
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


@pytest.fixture
def write_zip(tmp_path):
    def write_zip(**members):
        path = tmp_path / "vectors.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in members.items():
                archive.writestr(f"{name}.txt", content)
        return path

    return write_zip


def assert_cats(vectors, skipped=None):
    assert vectors.words == ["the", "cat", "sat"]
    np.testing.assert_array_equal(vectors.matrix, np.array(MATRIX, np.float32))
    assert vectors.matrix.dtype == np.float32
    assert vectors.skipped == (skipped or {})


def test_reads_all_words_in_order(write):
    assert_cats(read_glove(write(TEXT)))


def test_keeps_only_wanted_words(write):
    vectors = read_glove(write(TEXT), {"sat": 1, "the": 2, "dog": 3})
    assert vectors.words == ["the", "sat"]
    np.testing.assert_array_equal(
        vectors.matrix, np.array([MATRIX[0], MATRIX[2]], np.float32)
    )


@pytest.mark.parametrize("words", [["dog"], []])
def test_no_word_found_gives_no_rows(write, words):
    vectors = read_glove(write(TEXT), words)
    assert vectors.words == []
    assert vectors.matrix.shape == (0, 3)


@pytest.mark.parametrize(
    "content",
    [
        "\ufeff" + TEXT,
        TEXT.replace("\n", "\r\n"),
        TEXT.replace("\n", " \n"),
        TEXT.replace(" ", "\t"),
        TEXT.replace(" ", "  "),
        TEXT.replace("\n", "\n\n"),
        TEXT.rstrip("\n"),
    ],
    ids=["bom", "crlf", "trailing", "tabs", "two spaces", "blank lines", "no end"],
)
@pytest.mark.parametrize("words", [None, ["sat", "cat", "the"]])
def test_forms_of_the_same_file(write, content, words):
    assert_cats(read_glove(write(content), words))


@pytest.mark.parametrize("words", [None, ["sat", "cat", "the", "3"]])
def test_header_line(write, words):
    assert_cats(read_glove(write("3 3\n" + TEXT), words), {"header": 1})


def test_header_and_one_vector(write):
    vectors = read_glove(write("1 3\ncat 1 2 3\n"))
    assert vectors.words == ["cat"]
    assert vectors.skipped == {"header": 1}


def test_a_number_as_first_word_is_no_header(write):
    assert read_glove(write("3 1 2 4\ncat 1 2 3\n")).words == ["3", "cat"]


def test_gzip_whatever_its_name(write):
    assert_cats(read_glove(write(gzip.compress(TEXT.encode()), "vectors.txt.gz")))
    assert_cats(read_glove(write(gzip.compress(TEXT.encode()), "vectors.txt")))


def test_zip_with_one_member(write_zip):
    assert_cats(read_glove(write_zip(only=TEXT)))


def test_zip_member_is_chosen(write_zip):
    path = write_zip(small="a 1 2\nb 3 4\n", large=TEXT)
    assert_cats(read_glove(path, member="large.txt"))
    assert read_glove(path, ["b"], member="small.txt").matrix.tolist() == [[3, 4]]


@pytest.mark.parametrize("member", [None, "wrong.txt"])
def test_zip_lists_its_members(write_zip, member):
    path = write_zip(small=TEXT, large=TEXT)
    with pytest.raises(DataError, match=r"vectors\.zip .*small\.txt, large\.txt"):
        read_glove(path, member=member)


def test_zip_without_files(write_zip):
    with pytest.raises(DataError, match=r"holds 0 \(no file\)"):
        read_glove(write_zip())


@pytest.mark.parametrize("words", [None, ["new york", ". . .", "new"]])
def test_words_with_spaces(write, words):
    path = write("new 1 2.5\nnew york 3 4.5\n. . . 5 6.5\n")
    vectors = read_glove(path, words)
    assert vectors.words == ["new", "new york", ". . ."]
    assert vectors.matrix.tolist() == [[1, 2.5], [3, 4.5], [5, 6.5]]


def test_a_word_with_spaces_in_the_first_line(write):
    path = write("new york 3 4.5\ncat 1 2.5\n")
    assert read_glove(path).words == ["new york", "cat"]


@pytest.mark.parametrize("words", [None, ["nan", "null", "inf", "NA", "1e5"]])
def test_words_that_look_like_numbers(write, words):
    path = write("nan 1 2.5\nnull 3 4\ninf 5 6\nNA 7 8\n1e5 9 10\n")
    vectors = read_glove(path, words)
    assert vectors.words == ["nan", "null", "inf", "NA", "1e5"]
    assert vectors.matrix[:, 0].tolist() == [1, 3, 5, 7, 9]


def test_words_beyond_ascii(write):
    path = write("café 1 2\nкот 3 4\na\xa0b 5 6\n\u2028 7 8\n")
    assert read_glove(path).words == ["café", "кот", "a\xa0b", "\u2028"]
    assert read_glove(path, ["кот"]).matrix.tolist() == [[3, 4]]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("dog 1 2", "wrong length"),
        ("dog", "wrong length"),
        ("dog 1.5 2.5 3.5 4.5", "wrong length"),
        ("dog 1 x 3", "not numbers"),
        ("dog 1 nan 3", "not numbers"),
        ("dog 1 inf 3", "not numbers"),
        ("dog 1 1e39 3", "not numbers"),
        ("dog 1e39 -1e39 3", "not numbers"),
        ("cat 7 8 9", "duplicate"),
    ],
)
def test_bad_lines_are_counted(write, line, reason):
    assert_cats(read_glove(write(f"{TEXT}{line}\n{line}\n")), {reason: 2})
    assert_cats(
        read_glove(write(f"{TEXT}{line}\n"), ["sat", "cat", "dog", "the"]), {reason: 1}
    )


def test_unwanted_lines_are_not_looked_at(write):
    path = write(TEXT + "dog 1 2\ndog 1 x 3\n")
    assert_cats(read_glove(path, ["sat", "cat", "the"]))


def test_first_usable_vector_of_a_word_is_kept(write):
    vectors = read_glove(write("cat 1 x\ncat 2 3\ncat 4 5\n"))
    assert vectors.matrix.tolist() == [[2, 3]]
    assert vectors.skipped == {"not numbers": 1, "duplicate": 1}


def test_word_that_is_not_utf8(write):
    vectors = read_glove(write(TEXT.encode() + b"caf\xe9 1 2 3\n"))
    assert_cats(vectors, {"not UTF-8": 1})


def test_truncated_last_line(write):
    vectors = read_glove(write(TEXT[: TEXT.rindex(" ")]))
    assert vectors.words == ["the", "cat"]
    assert vectors.skipped == {"wrong length": 1}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"\n \n", "holds no text"),
        (b"\xef\xbb\xbf", "holds no text"),
        ("cat 1 2\n" + "x 1 2 3" * 20_000, "a line of more than 100,000 bytes"),
        ("version https://git-lfs.github.com/spec/v1\n", "is a Git LFS pointer"),
        ("<!-- x -->\n<html>", "is a web page"),
        ("<!DOCTYPE html>\n<html><body>404</body></html>\n", "is a web page"),
        ("\n<html lang='en'>\n<p>404</p>\n</html>\n", "is a web page"),
        ("The cat sat\non the mat.\n", "holds no word vectors.*'The cat sat'"),
        ("cat\nsat\n", "holds no word vectors"),
        ("cat nan nan\nsat nan nan\n", r"has no usable line \(not numbers: 2\)"),
        (TEXT.encode("utf-16"), "zero bytes"),
        (b"2 2\ncat \0\0\x80\x3f\0\0\0\x40", "zero bytes"),
        (gzip.compress(b"", mtime=0), "holds no text"),
        (gzip.compress(TEXT.encode() * 9, mtime=0)[:-12], "is damaged or cut off"),
        (gzip.compress(b"<html>", mtime=0), "is a web page"),
        (b"\x1f\x8bthis is no gzip", "is damaged or cut off"),
        (b"PK\x03\x04this is no zip", "is damaged or cut off"),
    ],
    ids=[
        *("empty", "blank", "mark only", "no end", "pointer", "comment", "page"),
        *("blank and page", "prose", "no numbers", "no finite numbers", "UTF-16"),
        *("word2vec", "empty gzip", "cut gzip", "packed page", "no gzip", "no zip"),
    ],
)
def test_unusable_files(write, content, message):
    path = write(content)
    with pytest.raises(DataError, match=message) as caught:
        read_glove(path)
    assert str(path) in str(caught.value)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_lines_without_number_are_refused(write, monkeypatch):
    monkeypatch.setattr(glove, "LINES_LIMIT", 1000)
    blank = "\n" * (glove.HEAD + 1000 - 3)
    assert_cats(read_glove(write(TEXT + blank)))
    with pytest.raises(DataError, match=r"holds more than 1,000 lines"):
        read_glove(write(TEXT + blank + "\n"))


def test_truncated_and_damaged_zip(write_zip):
    rows = np.random.default_rng(0).normal(size=(2_000, 3))
    lines = (f"w{i} {a:.4f} {b:.4f} {c:.4f}" for i, (a, b, c) in enumerate(rows))
    path = write_zip(vectors="\n".join(lines))
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DataError, match="is damaged or cut off"):
        read_glove(path)
    middle = len(whole) // 2
    path.write_bytes(whole[:middle] + b"\0" * 100 + whole[middle + 100 :])
    with pytest.raises(DataError, match=r"\(vectors\.txt\) is damaged or cut off"):
        read_glove(path)


def test_no_file_and_a_folder(tmp_path):
    with pytest.raises(DataError, match="There is no file"):
        read_glove(tmp_path / "none.txt")
    with pytest.raises(DataError, match="is a folder"):
        read_glove(tmp_path)


@pytest.mark.parametrize(
    "words",
    ["cat", b"cat", 3, [1, 2], [b"cat"], [None]],
    ids=["str", "bytes", "int", "ints", "list of bytes", "list of None"],
)
def test_words_must_be_a_collection_of_str(write, words):
    with pytest.raises(ValueError, match="words must"):
        read_glove(write(TEXT), words)


def test_member_needs_a_zip(write):
    with pytest.raises(ValueError, match="is not one"):
        read_glove(write(TEXT), member="large.txt")


# A piece of a word: no ASCII white space, and not a number unless it stands first.
pieces = st.text(
    st.characters(codec="utf-8", exclude_characters=" \t\n\r\v\f\0\ufeff"), min_size=1
)
words_of_pieces = st.builds(
    lambda first, rest: " ".join([first, *(f"x{piece}" for piece in rest)]),
    pieces,
    st.lists(pieces, max_size=2),
)
numbers = st.floats(width=32, allow_nan=False, allow_infinity=False)


@given(st.data(), st.integers(1, 6), st.lists(words_of_pieces, min_size=1, unique=True))
def test_round_trip(tmp_path_factory, data, dim, words):
    matrix = np.array(
        [data.draw(st.lists(numbers, min_size=dim, max_size=dim)) for _ in words],
        np.float32,
    )
    path = tmp_path_factory.mktemp("round") / "vectors.txt"
    lines = (
        f"{word} {' '.join(map(repr, row))}\n"
        for word, row in zip(words, matrix.tolist(), strict=True)
    )
    path.write_bytes("".join(lines).encode())
    wanted = data.draw(st.none() | st.lists(st.sampled_from(words)))
    vectors = read_glove(path, wanted)
    kept = [i for i, word in enumerate(words) if wanted is None or word in wanted]
    assert vectors.words == [words[i] for i in kept]
    np.testing.assert_array_equal(vectors.matrix, matrix[kept].reshape(-1, dim))
    assert vectors.skipped == {}


def peak_memory(path, words):
    tracemalloc.start()
    read_glove(path, words)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def test_memory_does_not_grow_with_the_file(write):
    rest = " 0.123" * 50 + "\n"
    text = [f"w{i}{rest}" for i in range(80_000)]
    short = write("".join(text[:20_000]), "short.txt")
    long = write("".join(text), "long.txt")
    words = [f"w{i}" for i in range(0, 20_000, 200)]
    peak_memory(short, words)  # what is loaded once is not counted
    first, second = peak_memory(short, words), peak_memory(long, words)
    assert second < first * 1.05
    assert second < long.stat().st_size / 10


@needs_real("glove.6B.50d.top50k.txt")
def test_real_glove_file():
    vectors = read_glove(REAL_DATA / "glove.6B.50d.top50k.txt")
    assert vectors.matrix.shape == (50_000, 50)
    assert len(set(vectors.words)) == 50_000
    assert vectors.skipped == {}
    np.testing.assert_allclose(np.linalg.norm(vectors.matrix, axis=1), 1, atol=0.02)
    few = read_glove(REAL_DATA / "glove.6B.50d.top50k.txt", ["king", "null", "nan"])
    for word, row in zip(few.words, few.matrix, strict=True):
        np.testing.assert_array_equal(
            row, vectors.matrix[vectors.words.index(word)], strict=True
        )
    assert "king" in few.words


@pytest.fixture(scope="module")
def bundled():
    return read_glove(FILE)


@pytest.fixture(scope="module")
def generator():
    return load_generator("vectors")


def test_bundled_file(bundled):
    assert bundled.matrix.shape == (len(bundled.words), 50)
    assert len(bundled.words) >= 8_000
    assert bundled.skipped == {}
    assert bundled.words[:6] == ["the", "and", "a", "of", "to", "is"]
    assert all(word.replace("'", "").isalpha() for word in bundled.words)
    assert {"don't", "wasn't"} <= set(bundled.words)
    np.testing.assert_allclose(np.linalg.norm(bundled.matrix, axis=1), 1, atol=0.005)
    assert FILE.stat().st_size <= 4_000_000


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("good", ["great", "excellent", "fine", "nice", "decent"]),
        ("terrible", ["awful", "horrible", "bad", "dreadful", "pathetic"]),
        ("funny", ["hilarious", "amusing", "humorous", "witty", "fun"]),
        ("mother", ["daughter", "sister", "wife", "husband", "father"]),
        ("three", ["four", "two", "six", "five", "seven"]),
    ],
)
def test_bundled_neighbours(bundled, generator, word, expected):
    assert generator.nearest(bundled, word) == expected


@needs_real(
    "aclImdb_labelled.tar.gz", "pride_and_prejudice_1342-0.txt", "nietzsche.txt"
)
def test_regenerating_gives_the_same_neighbours(bundled, generator, tmp_path):
    """Not the same bytes: the last bits of the sums differ between processors."""
    path = tmp_path / "again.txt.gz"
    path.write_bytes(generator.build(REAL_DATA))
    again = read_glove(path)
    assert again.words == bundled.words
    for word in generator.COMMON_WORDS:
        expected = set(generator.nearest(bundled, word))
        # Two cosines that agree to three decimals may change places at the end.
        assert expected <= set(generator.nearest(again, word, n=6))
    sample = slice(0, None, 20)
    first, second = bundled.matrix[sample], again.matrix[sample]
    np.testing.assert_allclose(second @ second.T, first @ first.T, atol=0.01)
