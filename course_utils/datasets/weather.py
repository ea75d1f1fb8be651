"""Read the files of the Jena weather station, real or simulated.

The file `jena_climate_2009_2016.csv`, the files of later years as the station's site
offers them (more columns, a header in latin-1 with unit signs) and the simulated one
have the same 15 columns, so one reader serves them all.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from course_utils.datasets.files import DataError, decode_text, require_file

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
FAULT = -9999.0  # the station writes this where a sensor gave nothing
STEP = np.timedelta64(10, "m")


class Gap(NamedTuple):
    """Rows that are missing: the times before and after, and how many there were."""

    start: pd.Timestamp
    end: pd.Timestamp
    missing: int


class WeatherReport(NamedTuple):
    """What was wrong with a file.

    Attributes:
        faults: column -> number of values that were `-9999` or empty and are repaired.
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
    """Read a weather file, `.csv` or `.zip`; repair it and say what was repaired.

    A value `-9999` (or an empty one) is replaced by the straight line in time between
    its neighbours: weather changes little in ten minutes, while a `-9999` would ruin
    the mean and the scale of its column. The wind direction goes the short way round,
    over north if need be. The values that a station writes beside a fault, such as a
    gust of 0, cannot be told from real ones and stay.

    Rows are sorted by time, and every row of the file is kept: the course cuts the
    series by row number, and its published numbers count all rows. So a row that
    stands twice stays twice, and a gap is not filled; both are in the report.

    Args:
        path: the file. A zip must hold exactly one `.csv`.

    Returns:
        ``Weather(frame, report)``. The frame has the time as its index and the 14
        ``MEASURES`` as float32 columns, named as in the file; other columns are left
        out.

    Raises:
        DataError: if the file is missing, empty, truncated, or not a weather file.
    """
    path = require_file(path)
    time, values, faults, unsorted = _parse(_csv_bytes(path), str(path))
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


def _csv_bytes(path: Path) -> bytes:
    """Return the bytes of the CSV file, or of the only CSV file in a zip."""
    if not zipfile.is_zipfile(path):
        raw = path.read_bytes()
        if raw.startswith(b"PK"):
            raise DataError(f"{path} is a truncated zip file. Fetch it again.")
        return raw
    try:
        with zipfile.ZipFile(path) as archive:
            names = [
                name
                for name in archive.namelist()
                if name.lower().endswith(".csv") and not name.startswith("__MACOSX/")
            ]
            if len(names) != 1:
                raise DataError(
                    f"{path} holds {len(names)} CSV files; exactly one was expected. "
                    "Unpack it and give the CSV file itself."
                )
            return archive.read(names[0])
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError) as error:
        raise DataError(
            f"{path} is a damaged zip file ({error}). Fetch it again."
        ) from None


def _parse(raw: bytes, name: str) -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
    """Return times (n,), repaired values (n, 14), faults (14,) and unsorted rows."""
    try:
        text = decode_text(raw, name).strip()
    except DataError:
        # Later files name further columns in latin-1, with the signs of units.
        text = decode_text(raw, name, "latin-1").strip()
    if text.startswith("<"):
        raise DataError(
            f"{name} is a web page, not a CSV file. Fetch it again, or check the "
            "address it came from."
        )
    header = [column.strip('"') for column in text.split("\n", 1)[0].split(",")]
    lacking = [column for column in (TIME, *MEASURES) if column not in header]
    if lacking:
        raise DataError(
            f"{name} lacks the column {lacking[0]!r} ({len(lacking)} of the 15 columns "
            "of a weather file are not there). Check that it is the right file."
        )
    last = text.rsplit("\n", 1)[-1]
    if last.count(",") < len(header) - 1:
        raise DataError(
            f"{name} is truncated: its last line has {last.count(',') + 1} of "
            f"{len(header)} fields. Fetch it again."
        )
    table = _table(text, name)
    values = _numbers(table, name)
    time = _times(table[TIME], name)
    unsorted = int((time[1:] < time[:-1]).sum())
    if unsorted:
        order = np.argsort(time, kind="stable")
        time, values = time[order], values[order]
    broken = ~np.isfinite(values) | (values == FAULT)
    for column in np.flatnonzero(broken.any(axis=0)):
        if broken[:, column].all():
            raise DataError(
                f"{name} has no valid value in the column {MEASURES[column]!r}. "
                "Use another file."
            )
        _repair(time, values[:, column], broken[:, column], MEASURES[column])
    return time, values.astype(np.float32), broken.sum(axis=0), unsorted


def _table(text: str, name: str) -> pd.DataFrame:
    """Return the 15 columns as they stand, numbers where pandas sees numbers."""
    try:
        table = pd.read_csv(
            io.StringIO(text),
            usecols=[TIME, *MEASURES],
            dtype={TIME: str},
            index_col=False,
            skip_blank_lines=False,
            low_memory=False,
        )
    except (pd.errors.ParserError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise DataError(f"{name} is damaged: {reason}. Fetch it again.") from None
    if table.empty:
        raise DataError(f"{name} has a header but no rows. Fetch it again.")
    return table


def _numbers(table: pd.DataFrame, name: str) -> np.ndarray:
    """Return the 14 measures, shape (rows, 14), float64; empty fields are NaN."""
    for column in MEASURES:
        if table[column].dtype.kind not in "fi":
            bad = pd.to_numeric(table[column], errors="coerce").isna()
            row = int(np.argmax(bad & table[column].notna()))
            raise DataError(
                f"{name}, line {row + 2}: {str(table[column].iloc[row])!r} in the "
                f"column {column!r} is not a number. Fetch the file again."
            )
    return table[list(MEASURES)].to_numpy(np.float64)


def _times(column: pd.Series, name: str) -> np.ndarray:
    """Return the times, shape (rows,), datetime64[s]."""
    time = pd.to_datetime(column, format="%d.%m.%Y %H:%M:%S", errors="coerce")
    if time.isna().any():
        row = int(np.argmax(time.isna()))
        raise DataError(
            f"{name}, line {row + 2}: {str(column.iloc[row])!r} is not a time like "
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
