"""Read the files of the Jena weather station, real or simulated.

The file `jena_climate_2009_2016.csv`, the files of later years as the station's site
offers them (more columns, a header in latin-1 with unit signs) and the simulated one
have the same 15 columns, so one reader serves them all.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from course_utils._arguments import shown
from course_utils.datasets.files import (
    DataError,
    decode_text,
    open_data,
    read_all,
)

TIME = "Date Time"
MEASURES = (
    "p (mbar)",
    "T (degC)",
    "Tpot (K)",
    "Tdew (degC)",
    "rh (%)",
    "VPmax (mbar)",
    "VPact (mbar)",
    "VPdef (mbar)",
    "sh (g/kg)",
    "H2OC (mmol/mol)",
    "rho (g/m**3)",
    "wv (m/s)",
    "max. wv (m/s)",
    "wd (deg)",
)
# The station writes -9999 where a sensor gave nothing; other loggers -999 or 1e30. No
# weather gives less or more than this, in the units of any of the measures.
POSSIBLE = (-100, 2000)
STEP = np.timedelta64(10, "m")


class Gap(NamedTuple):
    """Rows that are missing: the times before and after, and how many there were."""

    start: pd.Timestamp
    end: pd.Timestamp
    missing: int


class WeatherReport(NamedTuple):
    """What was wrong with a file.

    Attributes:
        faults: column -> number of values that were `-9999`, otherwise impossible or
            empty, and are repaired.
        gaps: the places where rows are missing. They are not filled.
        duplicates: number of rows whose time stands in an earlier row. They are kept.
        unsorted: number of rows that stood before the time of the row above them.
    """

    faults: dict[str, int]
    gaps: list[Gap]
    duplicates: int
    unsorted: int


class Weather(NamedTuple):
    """The measures of a station, and what was wrong with its file."""

    frame: pd.DataFrame
    report: WeatherReport


def read_weather(path: str | Path) -> Weather:
    """Read a weather file, plain or packed; repair it and say what was repaired.

    A value `-9999` (or an empty one, or one that no weather has) is replaced by the
    straight line in time between its neighbours: weather changes little in ten
    minutes, while a `-9999` would ruin the mean and the scale of its column. The wind
    direction goes the short way round, over north if need be. The values that a
    station writes beside a fault, such as a gust of 0, cannot be told from real ones
    and stay.

    Rows are sorted by time, and every row of the file is kept: the course cuts the
    series by row number, and its published numbers count all rows. So a row that
    stands twice stays twice, and a gap is not filled; both are in the report.

    Args:
        path: the file, `.csv`, or packed with gzip or zip. A zip must hold exactly one
            `.csv`.

    Returns:
        ``Weather(frame, report)``. The frame has the time as its index and the 14
        ``MEASURES`` as float32 columns, named as in the file; other columns are left
        out.

    Raises:
        DataError: if the file is missing, empty, truncated, or not a weather file, or
            if a line has more or fewer fields than the header.
    """
    with open_data(path, ending=".csv") as (stream, name):
        raw = read_all(stream, name)
    time, values, faults, unsorted = _parse(raw, name)
    frame = pd.DataFrame(values, columns=list(MEASURES))
    frame.index = pd.DatetimeIndex(time, name=TIME)
    return Weather(frame, _report(frame.index, faults, unsorted))


def _report(time: pd.DatetimeIndex, faults: np.ndarray, unsorted: int) -> WeatherReport:
    steps = np.diff(time.to_numpy()) / STEP
    gaps = [
        Gap(time[row], time[row + 1], round(steps[row]) - 1)
        for row in np.flatnonzero(steps > 1.5)
    ]
    counts = {
        name: int(count) for name, count in zip(MEASURES, faults, strict=True) if count
    }
    return WeatherReport(counts, gaps, int((steps == 0).sum()), unsorted)


def _parse(raw: bytes, name: str) -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
    """Return times (n,), repaired values (n, 14), faults (14,) and unsorted rows."""
    lines = io.BytesIO(_text(raw, name).strip().encode())
    rows = _count_rows(lines, name)
    table = _table(lines, name)
    if len(table) != rows:  # a lost quote has run lines together
        raise DataError(f"{name} is damaged: a quote is not closed. Fetch it again.")
    values = _numbers(table, name)
    time = _times(table[TIME], name)
    unsorted = int((time[1:] < time[:-1]).sum())
    if unsorted:
        order = np.argsort(time, kind="stable")
        time, values = time[order], values[order]
    lowest, highest = POSSIBLE
    broken = ~((values >= lowest) & (values <= highest))  # so is what is not a number
    for column in np.flatnonzero(broken.any(axis=0)):
        if broken[:, column].all():
            raise DataError(
                f"{name} has no valid value in the column {MEASURES[column]!r}. "
                "Use another file."
            )
        _repair(time, values[:, column], broken[:, column], MEASURES[column])
    return time, values.astype(np.float32), broken.sum(axis=0), unsorted


def _text(raw: bytes, name: str) -> str:
    """Decode a file; later ones name columns in latin-1, with the signs of units."""
    try:
        return decode_text(raw, name)
    except DataError as error:
        try:
            return decode_text(raw, name, "latin-1")
        except DataError:
            raise error from None


def _count_rows(lines: io.BytesIO, name: str) -> int:
    """Return how many rows follow the header; all must have its fields.

    A line that is cut, or run into the next, would else be read as faults of sensors.
    """
    header = [cell.strip().strip('"') for cell in next(lines).decode().split(",")]
    lacking = [column for column in (TIME, *MEASURES) if column not in header]
    if lacking:
        raise DataError(
            f"{name} lacks the column {lacking[0]!r} ({len(lacking)} of the 15 columns "
            "of a weather file are not there). Check that it is the right file."
        )
    twice = [column for column in (TIME, *MEASURES) if header.count(column) > 1]
    if twice:
        raise DataError(
            f"{name} has several columns {twice[0]!r}. Delete all but the right one."
        )
    number = 1
    for number, line in enumerate(lines, 2):
        if line.count(b",") != len(header) - 1:
            raise DataError(
                f"{name}, line {number}: {line.count(b',') + 1} fields, where the "
                f"header has {len(header)}. The file is truncated or damaged: fetch it "
                "again."
            )
    if number == 1:
        raise DataError(f"{name} has a header but no rows. Fetch it again.")
    lines.seek(0)
    return number - 1


def _table(lines: io.BytesIO, name: str) -> pd.DataFrame:
    """Return the 15 columns as they stand, numbers where pandas sees numbers."""
    try:
        return pd.read_csv(
            lines,
            usecols=[TIME, *MEASURES],
            dtype={TIME: str},
            index_col=False,
            skip_blank_lines=False,
            low_memory=False,
        )
    except (pd.errors.ParserError, ValueError) as error:
        raise DataError(
            f"{name} is damaged: its rows cannot be parted ({shown(error)}). Fetch it "
            "again."
        ) from None


def _numbers(table: pd.DataFrame, name: str) -> np.ndarray:
    """Return the 14 measures, shape (rows, 14), float64; empty fields are NaN."""
    for column in MEASURES:
        if table[column].dtype.kind not in "fi":
            bad = pd.to_numeric(table[column], errors="coerce").isna()
            row = int(np.argmax(bad & table[column].notna()))
            raise DataError(
                f"{name}, line {row + 2}: {shown(table[column].iloc[row])} in the "
                f"column {column!r} is not a number. Fetch the file again."
            )
    return table[list(MEASURES)].to_numpy(np.float64)


def _times(column: pd.Series, name: str) -> np.ndarray:
    """Return the times, shape (rows,), datetime64[s]."""
    time = pd.to_datetime(column, format="%d.%m.%Y %H:%M:%S", errors="coerce")
    if time.isna().any():
        row = int(np.argmax(time.isna()))
        raise DataError(
            f"{name}, line {row + 2}: {shown(column.iloc[row])} is not a time like "
            "'31.12.2016 23:50:00'. Fetch the file again."
        )
    return time.to_numpy().astype("datetime64[s]")


def _repair(
    time: np.ndarray, values: np.ndarray, broken: np.ndarray, column: str
) -> None:
    """Put the straight line between its neighbours in place of every broken value."""
    seconds = time.astype(np.int64)
    known = values[~broken]
    if column == "wd (deg)":
        known = np.unwrap(known, period=360)  # 350, 10 -> 350, 370: not through south
    line = np.interp(seconds[broken], seconds[~broken], known)
    values[broken] = line % 360 if column == "wd (deg)" else line
