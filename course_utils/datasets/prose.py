"""Read prose from a text file, and clean it for a model of characters."""

from __future__ import annotations

import re
from pathlib import Path

from course_utils._arguments import shown
from course_utils.datasets.files import DataError, as_path, file_name, read_text

START = re.compile(r"^\*\*\* ?START OF TH(?:E|IS) PROJECT GUTENBERG.*$\n?", re.M | re.I)
END = re.compile(r"^\*\*\* ?END OF TH(?:E|IS) PROJECT GUTENBERG", re.M | re.I)
PREFACE = re.compile(r"^[ \t]*(preface\.)[ \t]*$", re.M)


def read_prose(path: str | Path, encoding: str = "utf-8") -> str:
    """Read a text file of prose; take off Project Gutenberg's header and licence.

    Of a file from Project Gutenberg, only what stands between its two marker lines,
    ``*** START OF …`` and ``*** END OF …``, is returned. A file without them is
    returned whole. A byte order mark is dropped; every line ends with a line feed.

    Args:
        path: the text file.
        encoding: how it is encoded.

    Raises:
        DataError: if the file is missing, empty, holds no text, or is not in that
            encoding; the message names the encoding that it seems to be in.
        ValueError: if there is no encoding of this name, or ``path`` is no path.
    """
    text = between_markers(read_text(path, encoding, choice=True))
    if not text.strip():
        raise DataError(
            f"{file_name(as_path(path))} holds no text between the lines START and END "
            "of Project Gutenberg. Fetch it again."
        )
    return text


def between_markers(text: str) -> str:
    """Return what stands between Project Gutenberg's marker lines, or all of it."""
    start, end = START.search(text), END.search(text)
    return text[start.end() if start else 0 : end.start() if end else len(text)]


def clean_novel(text: str, end_stars: bool = False) -> str:
    """Clean a novel as the lectures' homework does, for a model of characters.

    Lower case; the text starts at the line ``PREFACE.`` if it has one; what stands in
    square brackets is removed; each run of white space becomes one space. Markers of
    Project Gutenberg need not be taken off first.

    The homework cuts its file inside the line ``*** END OF …``, so its text ends with
    the three stars of that line and a space. These four characters are all that
    ``end_stars`` adds. With them *Pride and Prejudice* (Project Gutenberg 1342) has the
    homework's 712,148 characters, without them 712,144.

    Args:
        text: the novel.
        end_stars: add ``"*** "`` at the end, to get the homework's figures exactly.

    Returns:
        One line of text. Brackets are paired from the left and not nested, as in the
        homework: of ``[a [b] c]`` there remains `` c]``.

    Raises:
        ValueError: if ``text`` is not a str.
    """
    if not isinstance(text, str):
        raise ValueError(f"text must be a str, got {shown(text)}")
    text = between_markers(text).lower()
    preface = PREFACE.search(text)
    text = text[preface.start(1) if preface else 0 :]
    # Behind the last bracket that closes none is looked for: each search would go on to
    # the end, and a file of open brackets would take hours.
    end = text.rfind("]") + 1
    text = re.sub(r"\[.*?\]", "", text[:end], flags=re.DOTALL) + text[end:]
    return re.sub(r"\s+", " ", text) + ("*** " if end_stars else "")
