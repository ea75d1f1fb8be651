"""Open a data file, or say in one sentence why it cannot be used and what to do."""

from __future__ import annotations

import codecs
from pathlib import Path


class DataError(ValueError):
    """A data file cannot be used; the message names the file and says what to do."""


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
        DataError: if the bytes are not in that encoding, or hold no text.
    """
    for bom in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        if raw.startswith(bom):
            raise DataError(
                f"{name} is encoded in UTF-16, but {encoding} was expected. "
                "Save it again as UTF-8."
            )
    try:
        text = raw.removeprefix(codecs.BOM_UTF8).decode(encoding)
    except UnicodeDecodeError as error:
        raise DataError(
            f"{name} is not encoded in {encoding} (byte {raw[error.start]:#04x} at "
            f"position {error.start:,}). Save it again as UTF-8, or name its encoding, "
            "for example encoding='cp1251' or encoding='latin-1'."
        ) from None
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise DataError(f"{name} holds no text. Check that it is the right file.")
    return text


def read_text(path: str | Path, encoding: str = "utf-8") -> str:
    """Read a whole text file; see `decode_text` for what is repaired and refused."""
    path = require_file(path)
    return decode_text(path.read_bytes(), str(path), encoding)
