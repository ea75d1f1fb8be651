"""Read short labelled phrases from a CSV file: the bundled ones, or a class's own."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from course_utils._arguments import shown
from course_utils.datasets.files import (
    TABLE_LIMIT,
    DataError,
    as_path,
    file_name,
    listed,
    read_text,
)

LABELS = {
    **dict.fromkeys(("1", "true", "yes", "да"), 1),
    **dict.fromkeys(("0", "false", "no", "не", "нет"), 0),
}


class Phrases(NamedTuple):
    """Phrases and what they mean: ``labels[i]`` is 1 if ``texts[i]`` is positive."""

    texts: list[str]
    labels: np.ndarray


def read_phrases(
    path: str | Path, language: str | None = None, split: str | None = None
) -> Phrases:
    """Read phrases from a CSV file with the columns ``text`` and ``positive``.

    The columns stand in any order and may be separated by a comma, a semicolon or a
    tab; case does not count in their names. A label is 1, true, yes, да or 0, false,
    no, нет, не. A phrase that stands twice with the same label is kept once.

    Args:
        path: the CSV file, in UTF-8.
        language: keep only the rows with this value in the column ``language``.
        split: keep only the rows with this value in the column ``split``.

    Returns:
        The n texts, each with single spaces between its words, and the labels, int8
        of shape (n,).

    Raises:
        DataError: if the file is missing, empty or not UTF-8, a column is missing, or
            a row has no text, an unknown label or too many or too few fields; or if a
            text stands twice with different labels. The message names the line.
        ValueError: if no row has this language or split.
    """
    wanted = {"language": language, "split": split}
    wanted = {name: value for name, value in wanted.items() if value is not None}
    file = file_name(as_path(path))
    labels: dict[str, int] = {}
    found: dict[str, set[str]] = {name: set() for name in wanted}
    for line, row in _rows(path, file, {"text", "positive", *wanted}):
        for name in wanted:
            found[name].add(row[name])
        text, label = _text_and_label(f"{file}, line {line}", row)
        if any(row[name] != value for name, value in wanted.items()):
            continue
        if labels.setdefault(text, label) != label:
            raise DataError(
                f"{file}, line {line}: {shown(text)} stood above with the other label. "
                "Keep one of the two."
            )
    if not labels:
        _explain_nothing(file, wanted, found)
    return Phrases(list(labels), np.array(list(labels.values()), dtype=np.int8))


def _rows(
    path: str | Path, file: str, needed: set[str]
) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the number of the line and the fields by name, for every row."""
    text = read_text(path, limit=TABLE_LIMIT)
    header = text.split("\n", 1)[0]
    separator = max(",;\t", key=header.count)
    columns = [name.strip(' "').lower() for name in header.split(separator)]
    missing = sorted(needed - set(columns))
    if missing:
        raise DataError(
            f"{file} has no column {' and no column '.join(missing)}; its first line "
            f"names {listed(columns)}. Name the columns in the first line."
        )
    twice = [name for name in sorted(needed) if columns.count(name) > 1]
    if twice:
        raise DataError(
            f"{file} has several columns {twice[0]}. Delete all but the right one."
        )
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        next(reader)
        for fields in reader:
            if not any(field.strip() for field in fields):
                continue
            if len(fields) != len(columns):
                raise DataError(
                    f"{file}, line {reader.line_num}: {len(columns)} fields were "
                    f"expected, but there are {len(fields)}. Put a text that holds "
                    "the separator in double quotes."
                )
            values = (field.strip() for field in fields)
            yield reader.line_num, dict(zip(columns, values, strict=True))
    except csv.Error as error:
        raise DataError(
            f"{file}, line {reader.line_num}: not a row of a CSV file ({error}). "
            "Save the table again as CSV."
        ) from None


def _text_and_label(place: str, row: dict[str, str]) -> tuple[str, int]:
    """Return the text with single spaces and its label, 1 or 0."""
    text = " ".join(row["text"].split())
    if not text:
        raise DataError(f"{place}: the text is empty. Fill it in, or delete the line.")
    if row["positive"].lower() not in LABELS:
        raise DataError(
            f"{place}: the label {shown(row['positive'])} is unknown. "
            "Write 1 for a positive phrase and 0 for a negative one."
        )
    return text, LABELS[row["positive"].lower()]


def _explain_nothing(file: str, wanted: dict, found: dict) -> None:
    """Raise the error for a file or a choice without a single phrase."""
    for name, value in wanted.items():
        if found[name] and value not in found[name]:
            known = listed(sorted(found[name]))
            raise ValueError(
                f"{name} must be one of {known} in {file}, got {shown(value)}"
            )
    raise DataError(f"{file} holds no such phrase. Check that it is the right file.")
