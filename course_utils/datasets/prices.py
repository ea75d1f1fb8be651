"""Read the daily prices of a share from a CSV file, as common sites export them."""

from __future__ import annotations

import csv
import io
import math
import re
from pathlib import Path

import numpy as np
import pandas as pd

from course_utils.datasets.files import DataError, read_text

# Our name of a column -> what sites call it, in lower case, the best name first.
NAMES = {
    "Date": ("date",),
    "Open": ("open",),
    "High": ("high",),
    "Low": ("low",),
    "Close": ("close", "close/last", "price", "last"),
    "Adj Close": ("adj close", "adj. close", "adjusted close"),
    "Volume": ("volume", "vol.", "vol"),
}
# A file where several formats fit every date is decided by `_dates`; of two that are
# equally good the first one here is taken, so month/day comes before day/month.
DATE_FORMATS = (
    *("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d"),
    *("%m/%d/%Y", "%d/%m/%Y", "%d.%m.%Y", "%m-%d-%Y", "%d-%m-%Y"),
    *("%m/%d/%y", "%d/%m/%y", "%d.%m.%y"),
    *("%b %d, %Y", "%B %d, %Y", "%d %b %Y", "%d %B %Y", "%d-%b-%Y", "%d-%b-%y"),
)
UNKNOWN = {"", "-", "--", "n/a", "na", "nan", "null", "none"}
UNITS = {"k": 1e3, "m": 1e6, "b": 1e9}
CURRENCY = re.compile(r"[$€£'\s]")
WEB_PAGE = re.compile(r"<(!|html|head|\?xml)", re.IGNORECASE)
CLOCK = re.compile(r"[T ]\d{1,2}:\d\d.*$")


def read_prices(path: str | Path, encoding: str = "utf-8") -> pd.DataFrame:
    """Read daily prices from any CSV file that has dates and closing prices.

    Files of this kind differ in names (`Close`, `Close/Last`, `Price`), order (newest
    first), separators (comma, semicolon, tab), numbers (`$1,234.56`, `1.234,56`,
    `1.2M`) and dates. What a single line leaves open, the file as a whole decides:
    whether the comma is the decimal mark, and whether the day or the month stands
    first. If both orders fit every date, the one without large gaps is taken, as the
    prices are daily.

    Args:
        path: the CSV file.
        encoding: how its text is encoded.

    Returns:
        One row a day, sorted by ``Date`` (the index, to the day). Float64 columns, as
        far as the file has them: Open, High, Low, Close, Adj Close, Volume. Only the
        closing price is always known; the others are NaN where the file has no value.
        Rows with a date and nothing else (holidays in some exports) are left out.

    Raises:
        DataError: if the file is missing or empty, has no column of dates or of
            closing prices, or a line holds no date, no number, or a date that an
            earlier line has; the message names the line or the column.
    """
    text = read_text(path, encoding).strip()
    if WEB_PAGE.match(text):
        raise DataError(
            f"{path} is a web page, not a CSV file. Download the prices as CSV."
        )
    separator = max(",;\t", key=text.split("\n", 1)[0].count)
    lines, cells = _cells(text, separator, str(path))
    dates = _dates(cells.pop("Date"), lines, str(path))
    number = _file_format(cells, separator)
    frame = pd.DataFrame(
        {
            name: [
                _number(cell, number, f"{path}, line {line}, column {name}")
                for line, cell in zip(lines, column, strict=True)
            ]
            for name, column in cells.items()
        },
        index=dates,
        dtype=np.float64,
    )
    unknown = frame["Close"].isna().to_numpy()
    if unknown.any():
        raise DataError(
            f"{path}, line {lines[int(np.argmax(unknown))]}: there is no closing "
            "price. Delete the line, or take another file."
        )
    twice = dates.duplicated()
    if twice.any():
        row = int(np.argmax(twice))
        raise DataError(
            f"{path}, line {lines[row]}: the date {dates[row]:%Y-%m-%d} stands in an "
            "earlier line too. One share with one row a day was expected; delete the "
            "lines that do not belong to it."
        )
    return frame.sort_index()


def _cells(
    text: str, separator: str, name: str
) -> tuple[list[int], dict[str, list[str]]]:
    """Return the line number of every row that has values, and our columns as text."""
    rows = csv.reader(
        io.StringIO(text), delimiter=separator, skipinitialspace=True, strict=True
    )
    lines: list[int] = []
    try:
        header = next(rows)
        places = _places(header, name)
        cells: dict[str, list[str]] = {column: [] for column in places}
        for row in rows:
            if not any(map(str.strip, row)):
                continue
            if len(row) <= max(places.values()) or any(row[len(header) :]):
                raise DataError(
                    f"{name}, line {rows.line_num}: the line has {len(row)} fields, "
                    f"the header {len(header)}. The file is truncated or damaged; "
                    "download it again."
                )
            found = {column: row[at].strip() for column, at in places.items()}
            if all(
                _unknown(cell) for column, cell in found.items() if column != "Date"
            ):
                continue
            lines.append(rows.line_num)
            for column, cell in found.items():
                cells[column].append(cell)
    except csv.Error as error:
        raise DataError(
            f"{name}, line {rows.line_num}: this is not CSV ({error}). Download the "
            "file again."
        ) from None
    if not lines:
        raise DataError(f"{name} has a header but no prices. Download it again.")
    return lines, cells


def _places(header: list[str], name: str) -> dict[str, int]:
    """Return where our columns stand in the header."""
    # Some sites write <CLOSE>, some mark a column with a footnote: Close*.
    found = [column.strip(' <>*"').lower() for column in header]
    places = {}
    for ours, theirs in NAMES.items():
        known = [name for name in theirs if name in found]
        if known:
            places[ours] = found.index(known[0])
    for ours in ("Date", "Close"):
        if ours not in places:
            raise DataError(
                f"{name} has no column {ours!r}; its columns are "
                f"{', '.join(header)[:80]!r}. Check that it is the right file."
            )
    return places


def _unknown(cell: str) -> bool:
    return cell.lower() in UNKNOWN


def _number_format(mark: str) -> re.Pattern[str]:
    """Return the pattern of a number with this decimal mark, without its currency.

    Thousands are in groups of three, or, as in India, of two: 1,23,456.
    """
    point, comma = (r"\.", ",") if mark == "." else (",", r"\.")
    whole = rf"[1-9]\d{{0,2}}(?:{comma}\d{{2,3}})*{comma}\d{{3}}|\d*"
    return re.compile(
        rf"(?=\D*\d)([-+]?)({whole})(?:{point}(\d*))?(e[-+]?\d+)?([kmb]?)",
        re.IGNORECASE,
    )


POINT, COMMA = _number_format("."), _number_format(",")


def _file_format(columns: dict[str, list[str]], separator: str) -> re.Pattern[str]:
    """Return the pattern, with point or comma, that the numbers of a file follow."""
    cells = [CURRENCY.sub("", cell) for column in columns.values() for cell in column]
    point = [bool(POINT.fullmatch(cell)) for cell in cells]
    comma = [bool(COMMA.fullmatch(cell)) for cell in cells]
    if sum(point) != sum(comma):
        return POINT if sum(point) > sum(comma) else COMMA
    # Every number reads both ways: 1234, or 1,234. Where the comma parts the columns,
    # it parts thousands too; elsewhere three decimals are likelier than thousands.
    marks = "".join(cells)
    decimals = separator != "," and "," in marks and "." not in marks
    return COMMA if decimals else POINT


def _number(cell: str, number: re.Pattern[str], place: str) -> float:
    """Return the number in a cell such as `$1,234.56` or `1.2M`, NaN if unknown."""
    if _unknown(cell):
        return math.nan
    match = number.fullmatch(CURRENCY.sub("", cell))
    if not match:
        raise DataError(
            f"{place}: {cell!r} is not a number. Correct the line, or download the "
            "file again."
        )
    sign, whole, decimals, power, unit = (part or "" for part in match.groups())
    digits = re.sub(r"\D", "", whole)
    return float(f"{sign}{digits}.{decimals}{power}") * UNITS.get(unit.lower(), 1)


def _dates(cells: list[str], lines: list[int], name: str) -> pd.DatetimeIndex:
    """Return the days, in the format that fits all of them."""
    days = pd.Series([CLOCK.sub("", cell) for cell in cells])
    readings = [pd.to_datetime(days, format=f, errors="coerce") for f in DATE_FORMATS]
    best = max(readings, key=lambda reading: reading.count())
    if best.isna().any():
        row = int(np.argmax(best.isna()))
        raise DataError(
            f"{name}, line {lines[row]}: {cells[row]!r} is not a date, or not written "
            "as the other dates are. Correct the line, or download the file again."
        )
    fitting = [reading for reading in readings if reading.notna().all()]
    best = min(fitting, key=lambda reading: reading.sort_values().diff().max())
    return pd.DatetimeIndex(best, name="Date").as_unit("s")
