"""Read the daily prices of a share from a CSV file, as common sites export them."""

from __future__ import annotations

import csv
import io
import math
import re
from itertools import chain, islice
from pathlib import Path

import numpy as np
import pandas as pd

from course_utils._arguments import shown
from course_utils.datasets.files import (
    TABLE_LIMIT,
    DataError,
    as_path,
    file_name,
    listed,
    read_text,
)

# Our name of a column -> what sites call it, in lower case, the best name first; also
# in German and Russian, as investing.com writes it there.
NAMES = {
    "Date": ("date", "datum", "дата"),
    "Open": ("open", "eröffn.", "откр."),
    "High": ("high", "hoch", "макс."),
    "Low": ("low", "tief", "мин."),
    "Close": ("close", "close/last", "price", "last", "zuletzt", "цена"),
    "Adj Close": ("adj close", "adj. close", "adjusted close"),
    "Volume": ("volume", "vol.", "vol", "объём", "объем"),
}
# Where several fit every date, `_dates` decides.
DATE_FORMATS = (
    "%Y-%m-%d",  # Yahoo, Stooq, MOEX
    "%Y%m%d",  # Stooq in bulk, Finam
    *("%m/%d/%Y", "%m/%d/%y"),  # Nasdaq, WSJ, investing.com
    *("%d/%m/%Y", "%d/%m/%y", "%d-%m-%Y"),  # investing.com, Finam
    "%d.%m.%Y",  # investing.com in German and Russian
    "%b %d, %Y",  # Yahoo's page
    "%d-%b-%Y",  # NSE
)
UNKNOWN = {"", "-", "--", "n/a", "na", "nan", "null", "none"}
UNITS = {"k": 1e3, "m": 1e6, "b": 1e9}
CURRENCY = re.compile(r"[$€£'\s]")
EVENT = re.compile(r"\b(dividend|stock splits?)$", re.IGNORECASE)
CLOCK = re.compile(r"[T ]\d{1,2}:\d\d.*$")


def read_prices(path: str | Path, encoding: str = "utf-8") -> pd.DataFrame:
    """Read daily prices from any CSV file that has dates and closing prices.

    Files of this kind differ in names (`Close`, `Close/Last`, `Price`), order (newest
    first), separators (comma, semicolon, tab), numbers (`$1,234.56`, `1.234,56`,
    `1.2M`) and dates. What a single line leaves open, the file as a whole decides:
    whether the comma is the decimal mark, and whether the day or the month stands
    first. If both orders fit every date, the one without large gaps is taken, as the
    prices are daily; if both are equally good, the file is refused. Of what stands in
    some exports beside the prices, yfinance's three lines of header are understood,
    and Yahoo's rows of dividends and stock splits left out.

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
            closing prices, holds several shares, or a line holds no date, no number, or
            a date that an earlier line has; the message names the line or the column.
        ValueError: if there is no such encoding, or ``path`` is no path.
    """
    text = read_text(path, encoding, choice=True, limit=TABLE_LIMIT).strip()
    name = file_name(as_path(path))
    separator = max(",;\t", key=text.split("\n", 1)[0].count)
    lines, cells = _cells(text, separator, name)
    dates = _dates(cells.pop("Date"), lines, name)
    number = _file_format(cells, separator)
    frame = pd.DataFrame(
        {
            column: [
                _number(cell, number, f"{name}, line {line}, column {column}")
                for line, cell in zip(lines, values, strict=True)
            ]
            for column, values in cells.items()
        },
        index=dates,
        dtype=np.float64,
    )
    unknown = frame["Close"].isna().to_numpy()
    if unknown.any():
        raise DataError(
            f"{name}, line {lines[int(np.argmax(unknown))]}: there is no closing "
            "price. Delete the line, or take another file."
        )
    twice = dates.duplicated()
    if twice.any():
        row = int(np.argmax(twice))
        raise DataError(
            f"{name}, line {lines[row]}: the date {dates[row]:%Y-%m-%d} stands in an "
            "earlier line too. One share with one row a day was expected; delete the "
            "lines that do not belong to it."
        )
    return frame.sort_index()


def _cells(
    text: str, separator: str, name: str
) -> tuple[list[int], dict[str, list[str]]]:
    """Return the line number of every row that has values, and our columns as text."""
    reader = csv.reader(
        io.StringIO(text), delimiter=separator, skipinitialspace=True, strict=True
    )
    lines: list[int] = []
    try:
        rows = ((reader.line_num, row) for row in reader)
        head = list(islice(rows, 3))
        header, height = _header([row for _, row in head], name)
        places = _places(header, name)
        cells: dict[str, list[str]] = {column: [] for column in places}
        for line, row in chain(head[height:], rows):
            if not any(map(str.strip, row)) or any(map(EVENT.search, row)):
                continue
            if len(row) <= max(places.values()) or any(row[len(header) :]):
                raise DataError(
                    f"{name}, line {line}: the line has {len(row)} fields, "
                    f"the header {len(header)}. The file is truncated or damaged; "
                    "download it again."
                )
            found = {column: row[at].strip() for column, at in places.items()}
            if all(
                _unknown(cell) for column, cell in found.items() if column != "Date"
            ):
                continue
            lines.append(line)
            for column, cell in found.items():
                cells[column].append(cell)
    except csv.Error as error:
        raise DataError(
            f"{name}, line {reader.line_num}: this is not CSV ({error}). Download the "
            "file again."
        ) from None
    if not lines:
        raise DataError(f"{name} has a header but no prices. Download it again.")
    return lines, cells


def _header(head: list[list[str]], name: str) -> tuple[list[str], int]:
    """Return the names of the columns, and in how many lines they stand."""
    if len(head) < 3 or head[2][:1] != ["Date"] or any(head[2][1:]):
        return head[0], 1
    # yfinance: the columns, the share of each, then "Date" alone; or the share first.
    columns, shares = head[:2] if "Close" in head[0] else (head[1], head[0])
    names = list(dict.fromkeys(filter(None, shares[1:])))
    if len(names) > 1:
        raise DataError(
            f"{name} holds the prices of {len(names)} shares ({listed(names)}). Save "
            "each share in a file of its own, and give one."
        )
    return ["Date", *columns[1:]], 3


def _places(header: list[str], name: str) -> dict[str, int]:
    """Return where our columns stand in the header."""
    # Some sites write <CLOSE>, some mark a column with a footnote: Close*.
    found = [column.strip(' <>*"').lower() for column in header]
    places = {}
    for ours, theirs in NAMES.items():
        known = [column for column in theirs if column in found]
        if known:
            places[ours] = found.index(known[0])
        if known and found.count(known[0]) > 1:
            raise DataError(
                f"{name} has several columns {header[places[ours]]!r}. Delete all but "
                "the right one."
            )
    for ours in ("Date", "Close"):
        if ours not in places:
            raise DataError(
                f"{name} has no column {ours!r}; its columns are {listed(header)}. If "
                "it is the right file, name the columns Date and Close in line 1."
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
    value = math.inf
    if match := number.fullmatch(CURRENCY.sub("", cell)):
        sign, whole, decimals, power, unit = (part or "" for part in match.groups())
        digits = re.sub(r"\D", "", whole)
        value = float(f"{sign}{digits}.{decimals}{power}") * UNITS.get(unit.lower(), 1)
    if not math.isfinite(value):  # 1e400 is not finite either
        raise DataError(
            f"{place}: {shown(cell)} is not a number. Correct the line, or download "
            "the file again."
        )
    return value


def _dates(cells: list[str], lines: list[int], name: str) -> pd.DatetimeIndex:
    """Return the days, in the format that fits all of them."""
    days = pd.Series([CLOCK.sub("", cell) for cell in cells])
    readings = [pd.to_datetime(days, format=f, errors="coerce") for f in DATE_FORMATS]
    best = max(readings, key=lambda reading: reading.count())
    if best.isna().any():
        row = int(np.argmax(best.isna()))
        raise DataError(
            f"{name}, line {lines[row]}: {shown(cells[row])} is not a date, or not "
            "written as the other dates are. Correct the line, or download the file "
            "again."
        )
    fitting = [reading for reading in readings if reading.notna().all()]
    best, *others = sorted(fitting, key=_largest_gap)
    for other in others:
        if _largest_gap(other) == _largest_gap(best) and not other.equals(best):
            row = int(np.argmax(best != other))
            raise DataError(
                f"{name}, line {lines[row]}: {shown(cells[row])} can be "
                f"{best[row]:%Y-%m-%d} or {other[row]:%Y-%m-%d}, and no line tells "
                "which. Download more days, or write the dates as 2024-12-31."
            )
    return pd.DatetimeIndex(best, name="Date").as_unit("s")


def _largest_gap(days: pd.Series) -> np.timedelta64:
    """Return the longest time between a day and the next one."""
    gaps = np.diff(np.sort(days.to_numpy()))
    return gaps.max() if gaps.size else np.timedelta64(0, "D")
