"""Read recipes in the format of Epicurious' ``full_format_recipes.json``."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import NamedTuple

from course_utils.datasets.files import DataError, decode_text, open_data, read_all

HALF = re.compile("[\ud800-\udfff]")  # half of a character that UTF-16 writes as two

KINDS = {dict: "an object", list: "a list", str: "a text", float: "a number"}


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
    as that, whether it has directions or not. Recipes that stand twice are kept. Half
    an emoji, as sites leave it where they cut a text, becomes U+FFFD.

    Args:
        path: a file ``.json``, ``.json.gz``, or a ``.zip`` with one ``.json`` member.

    Returns:
        The texts in the order of the file, and
        ``n_records = len(texts) + n_without_title + n_without_directions``.

    Raises:
        DataError: if the file is missing, empty, cut off, not in one of these formats,
            or holds no recipe with title and directions.
    """
    with open_data(path, ending=".json") as (stream, name):
        raw = read_all(stream, name)
    records = _parse(decode_text(raw, name), name)
    texts = []
    n_without_title = 0
    for number, record in enumerate(records, 1):
        title, directions = _title_and_directions(record, f"{name}, record {number}")
        if not title:
            n_without_title += 1
        elif directions:
            texts.append(f"Recipe for {title} | {directions}")
    if not texts:
        raise DataError(
            f"{name} holds no recipe with title and directions among "
            f"{len(records):,} records. Check that it is the right file."
        )
    n_without_directions = len(records) - n_without_title - len(texts)
    return Recipes(texts, len(records), n_without_title, n_without_directions)


def _parse(text: str, name: str) -> list:
    try:
        # No number of a recipe is used, and an int of 5,000 digits is an error.
        records = json.loads(text, parse_int=float)
    except (json.JSONDecodeError, RecursionError) as error:
        place = f", at line {error.lineno}" if hasattr(error, "lineno") else ""
        raise DataError(
            f"{name} is not complete JSON: it is cut off or damaged{place}. "
            "Fetch it again."
        ) from None
    if not isinstance(records, list) or not records:
        found = "an empty list" if records == [] else _kind(records)
        raise DataError(
            f"{name} must hold a JSON list of recipes, but holds {found}. "
            "Check that it is the right file."
        )
    return records


def _kind(value: object) -> str:
    return KINDS.get(type(value), "no object")  # true, false or null


def _title_and_directions(record: object, place: str) -> tuple[str, str]:
    """Return both with single spaces; either is empty if the record lacks it."""
    if not isinstance(record, dict):
        raise DataError(
            f"{place} is {_kind(record)}, but a recipe is an object with "
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
    return _clean(title), _clean(" ".join(directions))


def _clean(text: str) -> str:
    """Return the text with single spaces, and nothing in it that cannot be written.

    JSON can hold half an emoji, and Python reads it, but no file or network takes such
    a text. One cut title is no reason to refuse 20,000 recipes, so it gets the sign
    that any decoder puts for what it cannot read.
    """
    return HALF.sub("\ufffd", " ".join(text.split()))
