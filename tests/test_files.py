"""What all readers share: opening a file, and saying why it cannot be used."""

from __future__ import annotations

import pytest

from course_utils.datasets.files import foreign_content

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
