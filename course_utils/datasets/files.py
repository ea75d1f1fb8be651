"""Open a data file, or say in one sentence why it cannot be used and what to do."""

from __future__ import annotations

import codecs
import gzip
import io
import re
import stat
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

import charset_normalizer

from course_utils._arguments import shown

BLOCK = 1 << 20  # bytes read at once
# A few packed megabytes can unpack to gigabytes, and a laptop has four. So no file is
# read whole beyond this size; the largest of the course, Jena's weather, has 43 MB.
TEXT_LIMIT = 100_000_000  # bytes
# A row of a table takes twenty times its bytes in Python. Phrases and prices are small:
# a hundred years of daily prices have 4 MB.
TABLE_LIMIT = 10_000_000

# In which texts in Latin and Cyrillic letters mostly are, beside UTF-8 and UTF-16.
ENCODINGS = ["cp1252", "cp1251", "koi8_r", "cp866", "mac_cyrillic"]
SAMPLE = 200_000  # bytes that suffice to guess an encoding

# Comments may stand before the page; some servers answer an error in XML.
_WEB_PAGE = re.compile(
    rb"\s*(<!--.*?-->\s*)*<(!doctype html|html|head|script|\?xml)\b",
    re.IGNORECASE | re.DOTALL,
)
_INSTEAD = {
    "a web page": "Fetch the file itself: its address may lead to a page about it.",
    "a Git LFS pointer": "Run `git lfs pull` where it came from, or fetch the file.",
    "a PDF document": "Save its text as plain text in UTF-8.",
    "a Word or Excel document": "Save it as plain text or CSV, in UTF-8.",
}


class DataError(ValueError):
    """A data file cannot be used; the message names the file and says what to do."""


def listed(names: Iterable[str], width: int = 100) -> str:
    """Return names, parted by commas, as a message may list them: not too many."""
    text = ", ".join(names)
    return text if text.isprintable() and len(text) <= width else shown(text, width)


def file_name(path: Path, width: int = 160) -> str:
    """Return a path as a message may name it: if it is very long, only its end."""
    text = str(path)
    if not text.isprintable():
        return shown(text, width)
    return text if len(text) <= width else f"…{text[1 - width :]}"


def as_path(path: str | Path) -> Path:
    """Return ``path`` as a ``Path``; raise ValueError if it is none."""
    try:
        return Path(path)
    except TypeError:
        raise ValueError(
            f"path must be a str or a Path to a file, got {shown(path)}"
        ) from None


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
    """Return ``path`` as a ``Path`` to a file that can be read and is not empty.

    Raises:
        DataError: if there is no such file, it may not be read, it is a folder or a
            device, or it has 0 bytes.
        ValueError: if ``path`` is no path.
    """
    path = as_path(path)
    name = file_name(path)
    try:
        status = path.stat()
        if stat.S_ISREG(status.st_mode):
            path.open("rb").close()  # or who may not read it learns so much later
    except (FileNotFoundError, NotADirectoryError, ValueError):
        raise DataError(
            f"There is no file {name}. Check the path and the spelling."
        ) from None
    except OSError as error:
        raise unreadable(name, error) from None
    if stat.S_ISDIR(status.st_mode):
        raise DataError(f"{name} is a folder; a file was expected. Give the file.")
    if not stat.S_ISREG(status.st_mode):
        raise DataError(f"{name} is a device or a pipe, not a file. Give the file.")
    if status.st_size == 0:
        raise DataError(f"{name} is empty (0 bytes). Delete it and fetch it again.")
    return path


def unreadable(name: str, error: OSError) -> DataError:
    """Return the error for a file that the system does not let us read."""
    reason = error.strerror or type(error).__name__
    if isinstance(error, PermissionError):
        cure = "Ask its owner for the right to read it."
    else:
        cure = "Copy it to another place, or fetch it again."
    return DataError(f"{name} cannot be read ({reason}). {cure}")


@contextmanager
def open_data(
    path: str | Path,
    ending: str = "",
    member: str | None = None,
    choice: bool = False,
) -> Iterator[tuple[io.BufferedReader, str]]:
    """Open a file, or what is packed in it with gzip or zip, as a stream of bytes.

    How it is packed shows in its first bytes, not in its name. Nothing is unpacked to
    the disk or read ahead: who reads the stream in pieces needs no memory for the rest.

    Args:
        path: the file.
        ending: which files of a zip count; exactly one must.
        member: the file of a zip to open, instead.
        choice: the user may name a member; an error then says how.

    Yields:
        The stream, and what to call it in a message.

    Raises:
        DataError: if there is no such file, it is not what it should be
            (`foreign_content`), or it turns out damaged while it is read.
        ValueError: if ``path`` is no path, or ``member`` is given for no zip.
    """
    path = require_file(path)
    name = file_name(path)
    try:
        with path.open("rb") as file:
            start = file.read(4)
            file.seek(0)
            is_zip = start in (b"PK\x03\x04", b"PK\x05\x06")
            if member is not None and not is_zip:
                raise ValueError(f"member is for a zip, and {name} is not one")
            stream: io.BufferedIOBase = file
            if is_zip:
                stream, inside = _open_member(file, name, ending, member, choice)
                name = f"{name} ({inside})"
            elif start.startswith(b"\x1f\x8b"):
                stream = gzip.GzipFile(fileobj=file)
            buffered: io.BufferedReader = io.BufferedReader(stream, BLOCK)
            refuse_foreign(buffered.peek(), name)
            yield buffered, name
    except (EOFError, gzip.BadGzipFile, zipfile.BadZipFile, zlib.error):
        raise _damaged(name) from None
    except OSError as error:
        raise unreadable(name, error) from None


def refuse_foreign(start: bytes, name: str) -> None:
    """Raise DataError if a file starts as one that came in place of the data."""
    if kind := foreign_content(start):
        raise DataError(f"{name} is {kind}, not the data. {_INSTEAD[kind]}")


def read_all(stream: IO[bytes], name: str, limit: int = TEXT_LIMIT) -> bytes:
    """Read a stream to its end, or raise DataError if it has more than ``limit``."""
    content = io.BytesIO()
    while piece := stream.read(BLOCK):
        content.write(piece)
        if content.tell() > limit:
            raise DataError(
                f"{name} holds more than {limit // 10**6:,} MB, far more than such "
                "data has. Check that it is the right file, or cut it into parts."
            )
    return content.getvalue()


def decode_text(
    raw: bytes, name: str, encoding: str = "utf-8", choice: bool = False
) -> str:
    """Decode the bytes of a text file; drop a BOM, turn CRLF and CR into LF.

    Args:
        raw: the bytes of the file.
        name: what to call the file in an error.
        encoding: how the bytes are expected to be encoded.
        choice: the user may name another encoding; an error then says how.

    Raises:
        DataError: if the bytes are not in that encoding (the message names the one
            that they seem to be in), hold no text, or are `foreign_content`.
        ValueError: if there is no encoding of that name.
    """
    refuse_foreign(raw, name)
    try:
        text = raw.removeprefix(codecs.BOM_UTF8).decode(encoding)
    except UnicodeError:
        raise _wrong_encoding(raw, name, encoding, choice) from None
    except (LookupError, TypeError, ValueError):
        raise ValueError(
            f"encoding must name an encoding such as 'utf-8', got {shown(encoding)}"
        ) from None
    # UTF-8 decodes Latin text in UTF-16, and one-byte encodings decode anything: such a
    # mistake would show only as odd characters in the text.
    is_utf8 = codecs.lookup(encoding).name == "utf-8"
    if "\0" in text or (not is_utf8 and (_is_utf8(raw) or not _is_sound(text))):
        raise _wrong_encoding(raw, name, encoding, choice)
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if not text or text.isspace():
        raise DataError(f"{name} holds no text. Check that it is the right file.")
    return text


def read_text(
    path: str | Path,
    encoding: str = "utf-8",
    choice: bool = False,
    limit: int = TEXT_LIMIT,
) -> str:
    """Read a whole text file, perhaps packed with gzip or alone in a zip.

    See `decode_text` for what is repaired and refused, and `open_data`. A file of more
    than ``limit`` bytes is refused, too.
    """
    with open_data(path) as (stream, name):
        raw = read_all(stream, name, limit)
    return decode_text(raw, name, encoding, choice)


def _open_member(
    file: IO[bytes], name: str, ending: str, member: str | None, choice: bool
) -> tuple[zipfile.ZipExtFile, str]:
    """Open the member asked for, or the only one with that ending; give its name."""
    try:
        archive = zipfile.ZipFile(file)
        members = {info.filename: info for info in archive.infolist()}
    except Exception:  # whatever a damaged list of contents leads to
        raise _damaged(name) from None
    if "[Content_Types].xml" in members:
        kind = "a Word or Excel document"
        raise DataError(f"{name} is {kind}, not the data. {_INSTEAD[kind]}")
    # macOS adds a twin "__MACOSX/._name" to every file that it packs.
    files = [
        inside
        for inside in members
        if not inside.endswith("/") and not inside.startswith("__MACOSX/")
    ]
    if member is None:
        fitting = [inside for inside in files if inside.lower().endswith(ending)]
        if len(fitting) != 1:
            advice = (
                "Name one: member='…'."
                if choice and fitting
                else ("Unpack it and give the right file.")
            )
            raise DataError(
                f"{name} must hold one {ending or 'data'} file, but holds "
                f"{len(fitting)} ({listed(files) or 'no file'}). {advice}"
            )
        member = fitting[0]
    elif member not in files:
        raise DataError(
            f"{name} holds no {shown(member)}, but {listed(files) or 'no file'}. "
            "Name one of these."
        )
    info = members[member]
    usual = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
    # Other methods may ask for gigabytes before the first byte is there.
    if info.flag_bits & 1 or info.compress_type not in usual:
        raise DataError(
            f"{name} is packed with a password or in an unusual way. Unpack it "
            "yourself, and give the file that it holds."
        )
    try:
        # What it returns for reading; the library's types say no more than IO[bytes].
        return cast(zipfile.ZipExtFile, archive.open(info)), listed([member])
    except Exception:
        raise _damaged(name) from None


def _damaged(name: str) -> DataError:
    return DataError(
        f"{name} is damaged or cut off: it cannot be unpacked. Delete it and fetch it "
        "again."
    )


def _is_utf8(raw: bytes) -> bool:
    """Tell whether the bytes hold other characters than ASCII, all valid in UTF-8."""
    try:
        return not raw.decode("utf-8").isascii()
    except UnicodeDecodeError:
        return False


def _is_sound(text: str) -> bool:
    """Tell whether a text can be written: some encodings let half a character pass."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _wrong_encoding(raw: bytes, name: str, encoding: str, choice: bool) -> DataError:
    """Name the encoding that the bytes seem to be in."""
    likely = _likely_encoding(raw)
    if likely is None:
        return DataError(
            f"{name} is not a text file, or is damaged. Check that it is the right "
            "file, or fetch it again."
        )
    if codecs.lookup(encoding).name == likely:
        return DataError(f"{name} is {likely} with broken bytes. Fetch it again.")
    advice = f", or read it with encoding={likely!r}" if choice else ""
    return DataError(
        f"{name} is not encoded in {encoding}; it looks like {likely}. Save it again "
        f"as UTF-8{advice}."
    )


def _likely_encoding(raw: bytes) -> str | None:
    """Guess the encoding; None if the bytes seem to be no text at all."""
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    first, second = raw[0:SAMPLE:2].count(0), raw[1:SAMPLE:2].count(0)
    # In UTF-16, spaces, line ends and Latin letters have a zero byte, on one side.
    if first + second > max(1, len(raw[:SAMPLE]) / 50):
        if min(first, second) > max(first, second) / 10:
            return None
        return "utf-16-be" if first > second else "utf-16-le"
    if b"\0" in raw:
        return None
    beyond_ascii = re.search(rb"[\x80-\xff]", raw)
    start = beyond_ascii.start() if beyond_ascii else 0
    sample = raw[start : start + SAMPLE]
    in_utf8 = sample.decode("utf-8", "ignore")
    broken = len(sample) - len(in_utf8.encode())
    if broken < sum(not character.isascii() for character in in_utf8):
        return "utf-8"
    # A few words before the first odd letter help to know the language.
    sample = raw[max(0, start - 1000) : start + SAMPLE]
    best = charset_normalizer.from_bytes(sample, cp_isolation=ENCODINGS).best()
    return best.encoding.replace("_", "-") if best else None
