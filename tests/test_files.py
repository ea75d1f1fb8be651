"""What all readers share: opening a file, and saying why it cannot be used."""

from __future__ import annotations

import gzip
import io
import os
import zipfile
from pathlib import Path

import numpy as np
import pytest

from course_utils.datasets.files import (
    DataError,
    foreign_content,
    listed,
    open_data,
    read_all,
    read_text,
    require_file,
    shown,
)
from course_utils.datasets.glove import read_glove
from course_utils.datasets.phrases import read_phrases
from course_utils.datasets.prices import read_prices
from course_utils.datasets.prose import read_prose
from course_utils.datasets.recipes import read_recipes
from course_utils.datasets.reviews import read_reviews
from course_utils.datasets.weather import read_weather

READERS = {
    "glove": read_glove,
    "phrases": read_phrases,
    "prices": read_prices,
    "prose": read_prose,
    "recipes": read_recipes,
    "reviews": lambda path: read_reviews(path, "train"),
    "weather": read_weather,
}
LFS = b"version https://git-lfs.github.com/spec/v1\noid sha256:eb3d\nsize 3\n"
PAGES = {
    "doctype": b"<!DOCTYPE html>\n<html>",
    "html": b"\n <html lang='en'>",
    "mark": b"\xef\xbb\xbf<HTML>",
    "comment": b"<!-- saved -->\n<!-- from\n the web -->\n<html>",
    "error of a store": b'<?xml version="1.0"?><Error>',
}


@pytest.mark.parametrize("page", PAGES)
def test_a_web_page_is_known_by_its_start(page):
    assert foreign_content(PAGES[page]) == "a web page"


def test_a_pointer_and_a_pdf_are_known_by_their_start():
    assert foreign_content(LFS) == "a Git LFS pointer"
    assert foreign_content(b"%PDF-1.7\n") == "a PDF document"


@pytest.mark.parametrize(
    "start",
    [b"", b"<TICKER>;<DATE>", b"<unk> 0.1", b"<!-- a note", b"version 2", b"PK\3\4"],
    ids=["nothing", "Finam", "GloVe", "comment", "word", "zip"],
)
def test_data_is_not_called_foreign(start):
    assert foreign_content(start) is None


INSTEAD = {
    "web page": b"<!doctype html>\n<p>404</p>",
    "packed web page": gzip.compress(b"<html>\n<p>404</p>", mtime=0),
    "pointer": LFS,
    "PDF": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
    "cut gzip": gzip.compress(b"a 1 2\n" * 99, mtime=0)[:-9],
    "cut zip": b"PK\3\4 and no more",
    "zero bytes": bytes(999),
}


@pytest.fixture
def write(tmp_path):
    def write(content: bytes, name: str = "file.txt") -> Path:
        (tmp_path / name).write_bytes(content)
        return tmp_path / name

    return write


def packed(files: dict[str, str], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", method) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return content.getvalue()


@pytest.mark.parametrize("case", INSTEAD)
@pytest.mark.parametrize("reader", READERS)
def test_every_reader_refuses_what_came_in_place_of_its_file(write, reader, case):
    path = write(INSTEAD[case])
    with pytest.raises(DataError) as error:
        READERS[reader](path)
    assert str(path) in str(error.value)
    assert len(str(error.value)) < 500
    assert error.value.__cause__ is None


@pytest.mark.parametrize("path", [None, 3, b"x"], ids=["None", "3", "bytes"])
@pytest.mark.parametrize("reader", READERS)
def test_every_reader_asks_for_a_path(reader, path):
    with pytest.raises(ValueError, match="path must be a str or a Path to a file, got"):
        READERS[reader](path)


@pytest.mark.parametrize("reader", READERS)
def test_who_may_not_read_a_file_is_told_so(write, reader, monkeypatch):
    path = write(b"some text")

    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(DataError, match=r"cannot be read \(Permission denied\)\. Ask"):
        READERS[reader](path)


@pytest.mark.parametrize(
    "name",
    ["a\0b", "\ud83d", "a" * 5000, "none.txt"],
    ids=["zero byte", "half an emoji", "long", "plain"],
)
def test_a_name_that_no_file_has(tmp_path, name):
    with pytest.raises(DataError, match=r"There is no file|cannot be read") as error:
        require_file(tmp_path / name)
    assert len(str(error.value)) < 500
    str(error.value).encode()  # can be printed


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes in the file system")
@pytest.mark.parametrize("reader", READERS)
def test_a_pipe_and_a_device_are_no_files(tmp_path, reader):
    os.mkfifo(tmp_path / "pipe")  # who opens it waits for ever
    for path in (tmp_path / "pipe", "/dev/zero"):
        with pytest.raises(DataError, match="is a device or a pipe, not a file"):
            READERS[reader](path)


def test_what_a_message_quotes_is_short():
    assert shown("a\nb") == r"'a\nb'"
    assert shown("it's") == '"it\'s"'
    assert shown(np.str_("a")) == shown(ValueError("a")) == "'a'"
    for content in ("x" * 10**6, "\0" * 10**6, "\ud83d" * 99, "'" * 99 + '"' * 99):
        assert len(shown(content)) <= 84
        shown(content).encode()
    assert listed(["a", "b"]) == "a, b"
    assert len(listed(map(str, range(10**5)))) <= 104


def test_a_stream_is_read_to_a_limit():
    assert read_all(io.BytesIO(b"x" * 2_000_000), "file", 2_000_000) == b"x" * 2_000_000
    with pytest.raises(DataError, match="file holds more than 2 MB"):
        read_all(io.BytesIO(b"x" * 2_000_001), "file", 2_000_000)


def test_a_text_may_be_packed(write):
    for content in (gzip.compress(b"text"), packed({"a.txt": "text"})):
        assert read_text(write(content)) == "text"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (packed({"[Content_Types].xml": "", "word/document.xml": ""}), "Word or Excel"),
        (packed({"a": "x", "b": "y"}), r"holds 2 \(a, b\)"),
        (packed({f"{i:0200}": "x" for i in range(999)}), "but holds 999"),
        (packed({"a": "x" * 99}, zipfile.ZIP_LZMA), "in an unusual way"),
        (packed({"a": "x"}).replace(b"PK\1\2", b"PK\0\0"), "is damaged or cut off"),
    ],
    ids=["Word", "two members", "many long members", "another method", "contents"],
)
def test_a_zip_that_is_not_read(write, content, message):
    with pytest.raises(DataError, match=message) as error:
        read_text(write(content))
    assert len(str(error.value)) < 500


def test_a_zip_with_a_password(write):
    content = bytearray(packed({"a": "x"}))
    content[content.index(b"PK\1\2") + 8] |= 1  # the flag in the list of contents
    with pytest.raises(DataError, match="with a password"):
        read_text(write(content))


def test_an_error_of_the_caller_stays_what_it_is(write):
    with pytest.raises(KeyError), open_data(write(b"text")):
        raise KeyError
