"""Read prose from a text file, and clean it for a model of characters."""

from __future__ import annotations

import codecs
import re
from pathlib import Path

from course_utils.datasets.files import DataError, decode_text, require_file

START = re.compile(r"^\*\*\* ?START OF TH(?:E|IS) PROJECT GUTENBERG.*$\n?", re.M | re.I)
END = re.compile(r"^\*\*\* ?END OF TH(?:E|IS) PROJECT GUTENBERG", re.M | re.I)
PREFACE = re.compile(r"^[ \t]*(preface\.)[ \t]*$", re.M)
CYRILLIC = ("cp1251", "koi8_r", "cp866", "mac_cyrillic")
COMMON_CYRILLIC = set("оеаинтсрвлкмдпуяы ")


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
        ValueError: if there is no encoding of this name.
    """
    path = require_file(path)
    raw = _as_utf8(path.read_bytes(), path, encoding)
    text = between_markers(decode_text(raw, str(path)))
    if not text.strip():
        raise DataError(
            f"{path} holds no text between the lines START and END of Project "
            "Gutenberg. Fetch it again."
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
    """
    text = between_markers(text).lower()
    preface = PREFACE.search(text)
    text = text[preface.start(1) if preface else 0 :]
    text = re.sub(r"\[.*?\]", "", text, flags=re.DOTALL)
    return re.sub(r"\s+", " ", text) + ("*** " if end_stars else "")


def likely_encoding(raw: bytes) -> str:
    """Guess how a text of Latin or Cyrillic letters is encoded.

    UTF-16 is known by its byte order mark or its many control bytes, UTF-8 by decoding.
    Of the one-byte encodings, that Cyrillic one is named which gives most of the
    common small letters; where few bytes are above 127, the Western ``cp1252``.
    """
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    # In UTF-16 the upper half of a Latin letter is byte 0, of a Cyrillic one byte 4.
    odd, even = (half.count(0) + half.count(4) for half in (raw[1::2], raw[::2]))
    if odd + even > len(raw) / 4:
        return "utf-16-le" if odd > even else "utf-16-be"
    good = raw.decode("utf-8", "ignore")
    n_broken = len(raw) - len(good.encode())
    if n_broken <= sum(not character.isascii() for character in good):
        return "utf-8"
    high = bytes(byte for byte in raw if byte > 127)
    letters = sum(byte > 127 or chr(byte).isalpha() for byte in raw)
    if len(high) < letters / 3:
        return "cp1252"

    def common_letters(encoding: str) -> int:
        return sum(c in COMMON_CYRILLIC for c in high.decode(encoding, "ignore"))

    return max(CYRILLIC, key=common_letters)


def _as_utf8(raw: bytes, path: Path, encoding: str) -> bytes:
    """Encode the bytes of a file again as UTF-8; refuse them in another encoding."""
    try:
        text = raw.decode(encoding)
    except LookupError:
        raise ValueError(
            f"encoding must name an encoding such as 'utf-8', not {encoding!r}."
        ) from None
    except UnicodeDecodeError:
        text = None
    likely = likely_encoding(raw)
    same = codecs.lookup(likely) == codecs.lookup(encoding)
    # One-byte encodings decode anything, and UTF-8 decodes English in UTF-16: such a
    # mistake would show only as odd characters in the text.
    mistaken = likely.startswith("utf-16") or (likely == "utf-8" and not raw.isascii())
    if text is not None and (same or not mistaken):
        return text.encode()
    if same:
        raise DataError(f"{path} is {encoding} with broken bytes. Fetch it again.")
    raise DataError(
        f"{path} is not encoded in {encoding}; it looks like {likely}. "
        f"Read it with encoding={likely!r}, or save it again as UTF-8."
    )
