"""Read recipes in the format of Epicurious' ``full_format_recipes.json``."""

from __future__ import annotations

import gzip
import json
import zipfile
import zlib
from pathlib import Path
from typing import NamedTuple

from course_utils.datasets.files import DataError, decode_text, require_file


class Recipes(NamedTuple):
    """The texts of the recipes, and how many records were read and left out."""

    texts: list[str]
    n_records: int
    n_without_title: int
    n_without_directions: int


def read_recipes(path: str | Path) -> Recipes:
    """Read recipes as texts ``Recipe for TITLE | DIRECTIONS``.

    The file holds a JSON list of records; of each, ``title`` (a text) and
    ``directions`` (a list of texts, here joined by one space) are used. White space
    around and inside a text becomes single spaces. A record without a title is counted
    as that, whether it has directions or not. Recipes that stand twice are kept.

    Args:
        path: a file ``.json``, ``.json.gz``, or a ``.zip`` with one ``.json`` member.

    Returns:
        The texts in the order of the file, and
        ``n_records = len(texts) + n_without_title + n_without_directions``.

    Raises:
        DataError: if the file is missing, empty, cut off, not in one of these formats,
            or holds no recipe with title and directions.
    """
    path = require_file(path)
    records = _parse(decode_text(_unpack(path), str(path)), path)
    texts = []
    n_without_title = 0
    for number, record in enumerate(records, 1):
        title, directions = _title_and_directions(record, f"{path}, record {number}")
        if not title:
            n_without_title += 1
        elif directions:
            texts.append(f"Recipe for {title} | {directions}")
    if not texts:
        raise DataError(
            f"{path} holds no recipe with title and directions among "
            f"{len(records):,} records. Check that it is the right file."
        )
    n_without_directions = len(records) - n_without_title - len(texts)
    return Recipes(texts, len(records), n_without_title, n_without_directions)


def _unpack(path: Path) -> bytes:
    """Return the bytes of the JSON text, known by what the file starts with."""
    raw = path.read_bytes()
    try:
        if raw.startswith(b"\x1f\x8b"):
            return gzip.decompress(raw)
        if raw.startswith(b"PK"):
            with zipfile.ZipFile(path) as archive:
                return archive.read(_only_json_member(archive, path))
    except (EOFError, OSError, zipfile.BadZipFile, zlib.error):
        raise DataError(
            f"{path} is damaged or cut off: it cannot be unpacked. Fetch it again."
        ) from None
    except (RuntimeError, NotImplementedError):
        raise DataError(
            f"{path} is packed in a way that cannot be read, perhaps with a password. "
            "Unpack it yourself and give the .json file."
        ) from None
    return raw


def _only_json_member(archive: zipfile.ZipFile, path: Path) -> str:
    # macOS adds a twin "__MACOSX/._name" to every file that it packs.
    names = [
        name
        for name in archive.namelist()
        if name.endswith(".json") and not name.startswith("__MACOSX/")
    ]
    if len(names) != 1:
        raise DataError(
            f"{path} must hold one .json file, but holds {len(names)}. "
            "Unpack it and give the right file."
        )
    return names[0]


def _parse(text: str, path: Path) -> list:
    try:
        records = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        place = f", at line {error.lineno}" if hasattr(error, "lineno") else ""
        raise DataError(
            f"{path} is not complete JSON: it is cut off or damaged{place}. "
            "Fetch it again."
        ) from None
    if not isinstance(records, list) or not records:
        found = "an empty list" if records == [] else f"a {type(records).__name__}"
        raise DataError(
            f"{path} must hold a JSON list of recipes, but holds {found}. "
            "Check that it is the right file."
        )
    return records


def _title_and_directions(record: object, place: str) -> tuple[str, str]:
    """Return both with single spaces; either is empty if the record lacks it."""
    if not isinstance(record, dict):
        raise DataError(
            f"{place} is a {type(record).__name__}, but a recipe is an object with "
            "title and directions. Check that it is the right file."
        )
    title, directions = record.get("title") or "", record.get("directions") or []
    is_list = isinstance(directions, list)
    steps_are_texts = is_list and all(isinstance(step, str) for step in directions)
    if not isinstance(title, str) or not steps_are_texts:
        raise DataError(
            f"{place}: title must be a text and directions a list of texts. "
            "Check that it is the right file."
        )
    return " ".join(title.split()), " ".join(" ".join(directions).split())
