"""The reader of prose, the homework's cleaning, and the bundled stories."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from conftest import BUNDLED, REAL_DATA, needs_real
from hypothesis import given
from hypothesis import strategies as st

from course_utils.datasets.files import DataError
from course_utils.datasets.prose import clean_novel, read_prose

NOVEL = "pride_and_prejudice_1342-0.txt"
HEADER = (
    "The Project Gutenberg eBook of Pride and Prejudice\n\nContents: Preface. i\n\n"
    "*** START OF THE PROJECT GUTENBERG EBOOK PRIDE AND PREJUDICE ***\n"
)
FOOTER = "*** END OF THE PROJECT GUTENBERG EBOOK PRIDE AND PREJUDICE ***\n\nLicence\n"
RUSSIAN = "Корабль пришёл под утро, и никто его не ждал. Мы ещё спали, и было тихо.\n"
BULGARIAN = "Параходът дойде на разсъмване и никой не го чакаше. Всички още спяха.\n"
FRENCH = "Le bateau est arrivé à l’aube ; personne ne l’attendait, même pas Zoé.\n"


def write(tmp_path, content: bytes):
    path = tmp_path / "story.txt"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"], ids=["plain", "bom"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"], ids=["lf", "crlf", "cr"])
def test_bom_and_line_ends(tmp_path, bom, end):
    path = write(tmp_path, bom + end.join([b"One.", b"", b"Two.", b""]))
    assert read_prose(path) == "One.\n\nTwo.\n"


@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["lf", "crlf"])
def test_header_and_licence_are_taken_off(tmp_path, end):
    text = HEADER + "\nIt was a day.\n\n" + FOOTER
    path = write(tmp_path, text.replace("\n", end).encode("utf-8-sig"))
    assert read_prose(path) == "\nIt was a day.\n\n"


def test_older_marker_lines_and_stars_in_the_text(tmp_path):
    text = (
        "***START OF THIS PROJECT GUTENBERG EBOOK X***\nOne.\n*** \nTwo.\n"
        "***END OF THIS PROJECT GUTENBERG EBOOK X***\nLicence"
    )
    assert read_prose(write(tmp_path, text.encode())) == "One.\n*** \nTwo.\n"


def test_markers_with_nothing_between(tmp_path):
    with pytest.raises(DataError, match="holds no text between the lines START"):
        read_prose(write(tmp_path, (HEADER + "\n" + FOOTER).encode()))


OTHER_ENCODINGS = [
    *[(RUSSIAN, name) for name in ("cp1251", "koi8-r", "cp866", "utf-16")],
    *[(BULGARIAN, name) for name in ("cp1251", "utf-16-le", "utf-16-be")],
    *[(FRENCH, name) for name in ("cp1252", "utf-16")],
    ("It was a day.\n", "utf-16-le"),
]


@pytest.mark.parametrize(
    ("text", "encoding"),
    OTHER_ENCODINGS,
    ids=[f"{text.split()[0]} in {name}" for text, name in OTHER_ENCODINGS],
)
def test_other_encodings_are_named_and_read(tmp_path, text, encoding):
    path = write(tmp_path, (text * 3).encode(encoding))
    with pytest.raises(DataError, match=f"looks like {encoding}") as caught:
        read_prose(path)
    assert str(path) in str(caught.value)
    assert f"or read it with encoding='{encoding}'" in str(caught.value)
    assert read_prose(path, encoding) == text * 3


@pytest.mark.parametrize("text", [RUSSIAN, FRENCH], ids=["Russian", "French"])
@pytest.mark.parametrize("encoding", ["cp1251", "latin-1"])
def test_utf8_read_as_a_one_byte_encoding_is_refused(tmp_path, text, encoding):
    with pytest.raises(DataError, match="looks like utf-8"):
        read_prose(write(tmp_path, text.encode()), encoding)


def test_ascii_is_read_in_any_encoding(tmp_path):
    path = write(tmp_path, b"It was a day.\n")
    for encoding in ("utf-8", "UTF8", "cp1251", "latin-1"):
        assert read_prose(path, encoding) == "It was a day.\n"


def test_broken_utf8_is_not_called_another_encoding(tmp_path):
    path = write(tmp_path, RUSSIAN.encode()[:-2] + b"\xd0")
    with pytest.raises(DataError, match="utf-8 with broken bytes"):
        read_prose(path)


def test_missing_empty_and_blank_files_and_an_unknown_encoding(tmp_path):
    with pytest.raises(DataError, match="There is no file"):
        read_prose(tmp_path / "none.txt")
    with pytest.raises(DataError, match="is empty"):
        read_prose(write(tmp_path, b""))
    with pytest.raises(DataError, match="holds no text"):
        read_prose(write(tmp_path, b" \r\n\r\n"))
    with pytest.raises(ValueError, match="encoding must name an encoding"):
        read_prose(write(tmp_path, b"x"), "utf-9")


FOREIGN = {
    "web page": (b"<!DOCTYPE html><html><body>404 Not Found</body></html>", "web page"),
    "pointer": (b"version https://git-lfs.github.com/spec/v1\noid", "Git LFS pointer"),
    "PDF": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "PDF document"),
    "image": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 9, "not a text file"),
    "half an emoji": (rb"Hi \ud83d", "not encoded in unicode_escape"),
}


@pytest.mark.parametrize("case", FOREIGN)
def test_what_is_no_prose_is_refused(tmp_path, case):
    content, message = FOREIGN[case]
    encoding = "unicode_escape" if case == "half an emoji" else "utf-8"
    with pytest.raises(DataError, match=message):
        read_prose(write(tmp_path, content), encoding)


@pytest.mark.parametrize(
    "encoding",
    [None, 3, "", "base64", "utf-8\0"],
    ids=["None", "3", "empty", "base64", "zero byte"],
)
def test_encoding_must_name_an_encoding(tmp_path, encoding):
    with pytest.raises(ValueError, match="encoding must name an encoding such as"):
        read_prose(write(tmp_path, b"x"), encoding)


def test_open_brackets_cost_no_more_than_others():
    text = "[" * 300_000  # by pairs, 45 billion steps
    assert clean_novel(text + "] " + text) == " " + text


@pytest.mark.parametrize("text", [None, b"x"], ids=["None", "bytes"])
def test_only_a_text_can_be_cleaned(text):
    with pytest.raises(ValueError, match="text must be a str"):
        clean_novel(text)


def test_cleaning_by_hand():
    text = (
        "Title\n\nPREFACE.\n\n[Illustration:\n a [b]]  Once,\tin the preface. [x]End\n"
    )
    assert clean_novel(text) == "preface. ] once, in the preface. end "
    assert (
        clean_novel(text, end_stars=True) == "preface. ] once, in the preface. end *** "
    )


def test_a_preface_inside_a_sentence_is_no_heading():
    assert clean_novel("He wrote a\npreface. It was long.") == (
        "he wrote a preface. it was long."
    )


@given(st.text("aB [].\n\t*"))
def test_cleaned_text_is_clean(text):
    cleaned = clean_novel(text)
    assert cleaned == cleaned.lower()
    assert not re.search(r"\s\s|\[.*\]|[\n\t]", cleaned)


@needs_real(NOVEL)
def test_pride_and_prejudice_has_the_homeworks_figures():
    text = read_prose(REAL_DATA / NOVEL)
    assert len(clean_novel(text)) == 712_144
    cleaned = clean_novel(text, end_stars=True)
    assert len(cleaned) == 712_148
    assert len(set(cleaned)) == len(set(clean_novel(text))) == 59
    assert len(range(0, len(cleaned) - 60, 3)) == 237_363


@needs_real(NOVEL)
def test_the_file_as_the_site_serves_it_gives_the_same_text(tmp_path):
    novel = (REAL_DATA / NOVEL).read_text(encoding="utf-8")
    served = (HEADER + novel + FOOTER).replace("\n", "\r\n").encode("utf-8-sig")
    assert read_prose(write(tmp_path, served)) == novel
    served = HEADER + novel + FOOTER
    assert clean_novel(served) == clean_novel(novel)
    # The homework cuts before these words, so three stars and a space stay in its text.
    cut = served.lower().index("end of the project gutenberg ebook")
    assert (
        clean_novel(served, end_stars=True)[-20:]
        == re.sub(r"\s+", " ", served[:cut].lower())[-20:]
    )


@pytest.mark.parametrize(
    ("name", "n_characters"), [("prose_en.txt", 100_000), ("prose_ru.txt", 30_000)]
)
def test_bundled_prose_is_prose(name, n_characters):
    text = read_prose(BUNDLED / name)
    assert len(text) >= n_characters
    assert all(c.isprintable() or c == "\n" for c in text)
    assert not re.search(r"[ \t]\n", text)
    paragraphs = [" ".join(p.split()) for p in re.split(r"\n\s*\n", text) if p.strip()]
    long = [paragraph for paragraph in paragraphs if len(paragraph) > 40]
    assert len(long) == len(set(long))
    words = re.findall(r"\w+", text.lower())
    eights = Counter(zip(*(words[i:] for i in range(8)), strict=False))
    repeated = sum(count for count in eights.values() if count > 1)
    assert repeated < 0.02 * eights.total()
    letters = [c for c in text if c.isalpha()]
    cyrillic = sum("а" <= c.lower() <= "я" or c in "ёЁ" for c in letters)
    assert (cyrillic > 0.95 * len(letters)) == (name == "prose_ru.txt")
