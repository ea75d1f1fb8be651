"""Open a data file, or say in one sentence why it cannot be used and what to do."""

from __future__ import annotations

import codecs
import re
from pathlib import Path

import charset_normalizer

# In which texts in Latin and Cyrillic letters mostly are; a guess is one of these.
ENCODINGS = ["utf_8", "utf_16", "utf_16_le", "utf_16_be", "cp1252"]
ENCODINGS += ["cp1251", "koi8_r", "cp866", "mac_cyrillic"]

# Comments may stand before the page; some servers answer an error in XML.
_WEB_PAGE = re.compile(
    rb"\s*(<!--.*?-->\s*)*<(!doctype html|html|head|script|\?xml)\b",
    re.IGNORECASE | re.DOTALL,
)


class DataError(ValueError):
    """A data file cannot be used; the message names the file and says what to do."""


def foreign_content(start: bytes) -> str | None:
    """Tell a file that came in place of the data by the bytes it starts with.

    Args:
        start: the first bytes of a file; 1,000 are enough.

    Returns:
        "a web page", "a Git LFS pointer" or "a PDF document"; None for anything else.
    """
    start = start[:4096].removeprefix(codecs.BOM_UTF8)
    if _WEB_PAGE.match(start):
        return "a web page"
    if start.startswith(b"version https://git-lfs"):
        return "a Git LFS pointer"
    return "a PDF document" if start.startswith(b"%PDF-") else None


def require_file(path: str | Path) -> Path:
    """Return ``path`` as a ``Path`` to a file that exists and is not empty.

    Raises:
        DataError: if there is no such file, it is a folder, or it has 0 bytes.
    """
    path = Path(path)
    if path.is_dir():
        raise DataError(f"{path} is a folder; a file was expected. Give the file.")
    if not path.exists():
        raise DataError(f"There is no file {path}. Check the path and the spelling.")
    if path.stat().st_size == 0:
        raise DataError(f"{path} is empty (0 bytes). Delete it and fetch it again.")
    return path


def decode_text(raw: bytes, name: str, encoding: str = "utf-8") -> str:
    """Decode the bytes of a text file; drop a BOM, turn CRLF and CR into LF.

    Args:
        raw: the bytes of the file.
        name: what to call the file in an error.
        encoding: how the bytes are expected to be encoded.

    Raises:
        DataError: if the bytes are not in that encoding (the message names the one
            that they seem to be in), or hold no text.
        ValueError: if there is no encoding of that name.
    """
    try:
        text = raw.removeprefix(codecs.BOM_UTF8).decode(encoding)
    except LookupError:
        raise ValueError(
            f"encoding must name an encoding such as 'utf-8', got {encoding!r}"
        ) from None
    except UnicodeDecodeError:
        raise _wrong_encoding(raw, name, encoding) from None
    # UTF-8 decodes Latin text in UTF-16, and one-byte encodings decode anything: such a
    # mistake would show only as odd characters in the text.
    if "\0" in text or (codecs.lookup(encoding).name != "utf-8" and _is_utf8(raw)):
        raise _wrong_encoding(raw, name, encoding)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise DataError(f"{name} holds no text. Check that it is the right file.")
    return text


def read_text(path: str | Path, encoding: str = "utf-8") -> str:
    """Read a whole text file; see `decode_text` for what is repaired and refused."""
    path = require_file(path)
    return decode_text(path.read_bytes(), str(path), encoding)


def _is_utf8(raw: bytes) -> bool:
    """Tell whether the bytes hold other characters than ASCII, all valid in UTF-8."""
    try:
        return not raw.decode("utf-8").isascii()
    except UnicodeDecodeError:
        return False


def _wrong_encoding(raw: bytes, name: str, encoding: str) -> DataError:
    """Name the encoding that the bytes seem to be in."""
    in_utf8 = raw.decode("utf-8", "ignore")
    broken = len(raw) - len(in_utf8.encode())
    if broken < sum(not character.isascii() for character in in_utf8):
        likely = "utf-8"
    else:
        best = charset_normalizer.from_bytes(raw, cp_isolation=ENCODINGS).best()
        likely = best.encoding.replace("_", "-") if best else "no text at all"
    if codecs.lookup(encoding).name == likely:
        return DataError(f"{name} is {likely} with broken bytes. Fetch it again.")
    return DataError(
        f"{name} is not encoded in {encoding}; it looks like {likely}. Save it again "
        "as UTF-8, or say in which encoding it is to be read."
    )
