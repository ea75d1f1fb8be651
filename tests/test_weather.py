"""The simulated station is physical and teaches; the reader takes every file of it."""

from __future__ import annotations

import io
import zipfile

import numpy as np
import pandas as pd
import pytest
from conftest import BUNDLED, REAL_DATA, keras, load_generator, needs_real

from course_utils.datasets.files import DataError
from course_utils.datasets.weather import MEASURES, Gap, read_weather

BUNDLED_WEATHER = BUNDLED / "weather.csv.zip"
REAL_2020 = REAL_DATA / "jena_climate_2020.csv"
HOUR, DAY = 6, 144  # rows


@pytest.fixture(scope="module")
def station():
    return read_weather(BUNDLED_WEATHER)


@pytest.fixture
def lines() -> list[str]:
    """The header of the bundled file and its first 60 rows."""
    with (
        zipfile.ZipFile(BUNDLED_WEATHER) as archive,
        archive.open("weather.csv") as file,
    ):
        return [next(file).decode().rstrip("\n") for _ in range(61)]


@pytest.fixture
def read(tmp_path):
    """Return a function that writes lines (or bytes) to a file and reads it."""

    def write_and_read(content: list[str] | bytes, name: str = "w.csv"):
        if isinstance(content, list):
            content = ("\n".join(content) + "\n").encode()
        (tmp_path / name).write_bytes(content)
        return read_weather(tmp_path / name)

    return write_and_read


def put(line: str, column: str, value: str) -> str:
    """Return a row of the file with one field replaced."""
    fields = line.split(",")
    fields[["Date Time", *MEASURES].index(column)] = value
    return ",".join(fields)


def zipped(members: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return packed.getvalue()


# --- the bundled station ---


def test_the_generator_gives_the_committed_member():
    made = zipfile.ZipFile(io.BytesIO(load_generator("weather").build()))
    with zipfile.ZipFile(BUNDLED_WEATHER) as committed:
        assert made.namelist() == committed.namelist() == ["weather.csv"]
        assert made.read("weather.csv") == committed.read("weather.csv")


def test_the_bundled_file_is_small_and_has_two_years(station):
    assert BUNDLED_WEATHER.stat().st_size < 5_000_000
    assert len(station.frame) == 2 * 365 * DAY - 29 + 1
    assert str(station.frame.index[0]) == "2021-01-01 00:10:00"
    assert str(station.frame.index[-1]) == "2023-01-01 00:00:00"


def test_the_bundled_file_has_the_faults_of_a_real_one(station):
    report = station.report
    assert report.faults == {"wv (m/s)": 5, "max. wv (m/s)": 4}
    assert [gap.missing for gap in report.gaps] == [9, 20]
    assert report.duplicates == 1
    assert report.unsorted == 0


def test_the_measures_agree_with_each_other(station):
    """The formulas of physics hold to the digits that are written.

    A measure of two decimals is known to 0.005, and so are those it comes from.
    """
    m = {name: column.to_numpy(float) for name, column in station.frame.items()}
    p, celsius, dew = m["p (mbar)"], m["T (degC)"], m["Tdew (degC)"]
    e_max, e = m["VPmax (mbar)"], m["VPact (mbar)"]
    kelvin = celsius + 273.15

    def magnus(t: np.ndarray) -> np.ndarray:
        return 6.1078 * np.exp(17.08085 * t / (234.175 + t))

    expected = {
        "VPmax (mbar)": (magnus(celsius), 0.006),
        "VPact (mbar)": (magnus(dew), 0.006),
        "VPdef (mbar)": (e_max - e, 0.016),
        "rh (%)": (100 * magnus(dew) / magnus(celsius), 0.06),
        "sh (g/kg)": (622 * e / (p - 0.378 * e), 0.01),
        "H2OC (mmol/mol)": (1000 * e / p, 0.012),
        "Tpot (K)": (kelvin * (1000 / p) ** 0.2857, 0.006),
        "rho (g/m**3)": (1e5 * p / (287.05 * kelvin) * (1 - 0.378 * e / p), 0.02),
    }
    for name, (value, tolerance) in expected.items():
        assert np.abs(m[name] - value).max() < tolerance, name
    assert (dew <= celsius).all()
    assert (m["VPdef (mbar)"] >= 0).all()
    assert (m["max. wv (m/s)"] >= 0).all()
    assert m["wd (deg)"].min() >= 0
    assert m["wd (deg)"].max() <= 360


@needs_real(REAL_2020.name)
def test_the_formulas_are_those_of_the_real_station():
    m = {k: v.to_numpy(float) for k, v in read_weather(REAL_2020).frame.items()}
    vapour = load_generator("weather").vapour_pressure(m["T (degC)"])
    assert np.abs(vapour - m["VPmax (mbar)"]).max() < 0.01


def test_the_weather_has_seasons_days_and_cloud():
    sensed = load_generator("weather").simulate()
    celsius = sensed["temperature"].reshape(-1, DAY)
    mean, span = celsius.mean(axis=1), np.ptp(celsius, axis=1)
    summer, winter = np.r_[160:230, 525:595], np.r_[0:50, 365:415, 690:730]
    assert mean[summer].mean() - mean[winter].mean() > 12
    assert span[summer].mean() > 1.5 * span[winter].mean()
    assert 12 <= celsius.mean(axis=0).argmax() / HOUR <= 17
    cloudy = sensed["cloud"].reshape(-1, DAY).mean(axis=1) > 0.5
    assert (
        span[summer][~cloudy[summer]].mean() > 1.3 * span[summer][cloudy[summer]].mean()
    )


def test_falling_pressure_brings_southerly_wind_and_then_warmth(station):
    frame = station.frame
    fall = frame["p (mbar)"].shift(DAY // 2) - frame["p (mbar)"]  # in 12 hours
    southerly = -np.cos(np.radians(frame["wd (deg)"]))
    warming = frame["T (degC)"].shift(-DAY) - frame["T (degC)"]
    assert southerly[fall > 5].mean() > 0.4
    assert southerly[fall < -5].mean() < -0.2
    assert warming[fall > 5].mean() > 0.3
    assert warming[fall < -5].mean() < -0.5


# --- the lecture's experiment on the bundled station ---


def windows(z: np.ndarray, rows: np.ndarray, lookback: int, delay: int):
    """Return x (rows, lookback, 14), hourly up to each row, and y, ``delay`` later."""
    return z[rows[:, None] + np.arange(1 - lookback, 1)], z[rows + delay, 1]


def test_a_small_gru_beats_as_yesterday_and_order_matters(station):
    """GRU(32), 5 days back, 24 hours ahead: 15 % better than as yesterday.

    On the same number of batches the dense network is worse than the GRU, and a GRU
    that reads the days backwards is worse than as yesterday.
    """
    hourly = station.frame.to_numpy()[::HOUR]
    train, validate = (int(share * len(hourly)) for share in (0.48, 0.72))
    z = (hourly - hourly[:train].mean(axis=0)) / hourly[:train].std(axis=0)
    lookback, delay = 120, 24
    rng = np.random.default_rng(0)
    rows = rng.integers(lookback, train - delay, 400 * 128)
    x, y = windows(z, rows, lookback, delay)
    x_val, y_val = windows(
        z, np.arange(train + lookback, validate - delay, 3), lookback, delay
    )

    def validation_mae(*layers, order: int = 1) -> float:
        keras.utils.set_random_seed(0)
        model = keras.Sequential(
            [keras.Input((lookback, 14)), *layers, keras.layers.Dense(1)]
        )
        model.compile("rmsprop", loss="mae", jit_compile=True)
        model.fit(x[:, ::order], y, batch_size=128, verbose=0)
        # One batch: a last, smaller one would be compiled again.
        forecast = model.predict_on_batch(x_val[:, ::order])
        return np.abs(forecast[:, 0] - y_val).mean()

    naive = np.abs(x_val[:, -1, 1] - y_val).mean()
    gru = validation_mae(keras.layers.GRU(32))
    dense = validation_mae(
        keras.layers.Flatten(), keras.layers.Dense(32, activation="relu")
    )
    reversed_gru = validation_mae(keras.layers.GRU(32), order=-1)
    assert gru < 0.85 * naive
    assert dense > 1.15 * gru
    assert reversed_gru > naive


# --- the reader: the real files ---


@needs_real(REAL_2020.name)
def test_the_real_2020_file():
    frame, report = read_weather(REAL_2020)
    assert frame.shape == (52_696, 14)
    assert tuple(frame.columns) == MEASURES
    assert report.faults == {"wv (m/s)": 1}
    assert frame.loc["2020-02-20 07:40:00", "wv (m/s)"] == pytest.approx(2.49)
    before, after = pd.Timestamp("2020-05-29 09:30"), pd.Timestamp("2020-05-29 11:10")
    assert report.gaps == [Gap(before, after, 9)]
    assert report.duplicates == 1
    assert report.unsorted == 0
    assert frame.index.is_monotonic_increasing


def test_names_types_and_times(read, lines):
    frame = read(lines).frame
    assert tuple(frame.columns) == MEASURES
    assert set(frame.dtypes) == {np.dtype("float32")}
    assert frame.index.name == "Date Time"
    assert frame.index.dtype == "datetime64[s]"
    assert str(frame.index[0]) == "2021-01-01 00:10:00"
    first = [float(field) for field in lines[1].split(",")[1:]]
    np.testing.assert_array_equal(frame.iloc[0], np.float32(first))


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "utf-8", "utf-8-sig"])
def test_a_later_file_with_more_columns_and_unit_signs(read, lines, encoding):
    more = ["rain (mm)", "raining (s)", "SWDR (W/m²)", "PAR (µmol/m²/s)"]
    more += ["max. PAR (µmol/m²/s)", "Tlog (degC)", "CO2 (ppm)"]
    header = lines[0] + "".join(f',"{name}"' for name in more)
    rows = [f"{line},0.00,0,12.3,-9999.00,-9999,21.5,412.1" for line in lines[1:]]
    content = "\r\n".join([header, *rows, ""]).encode(encoding)
    later, plain = read(content), read(lines)
    pd.testing.assert_frame_equal(later.frame, plain.frame)
    assert later.report == plain.report


def test_columns_may_stand_in_another_order(read, lines):
    turned = [",".join(reversed(line.split(","))) for line in lines]
    pd.testing.assert_frame_equal(read(turned).frame, read(lines).frame)


def test_a_zip_as_some_systems_pack_it(read, lines):
    content = "\n".join(lines).encode()
    packed = zipped({"w/jena.csv": content, "__MACOSX/w/._jena.csv": b"\0\1"})
    pd.testing.assert_frame_equal(read(packed, "w.zip").frame, read(lines).frame)


# --- the reader: what it repairs and reports ---


def test_faults_become_the_straight_line_between_their_neighbours(read, lines):
    for row, value in ((10, "2.0"), (11, "-9999.00"), (12, "-9999"), (13, "5.0")):
        lines = [*lines[:row], put(lines[row], "wv (m/s)", value), *lines[row + 1 :]]
    lines[20] = put(lines[20], "rh (%)", "")
    frame, report = read(lines)
    np.testing.assert_allclose(frame["wv (m/s)"].iloc[9:13], [2, 3, 4, 5])
    assert report.faults == {"rh (%)": 1, "wv (m/s)": 2}
    assert np.isfinite(frame.to_numpy()).all()


@pytest.mark.parametrize("code", ["-999", "1e30", "-1e30", "inf", "99999"])
def test_what_no_weather_has_is_a_fault(read, lines, code):
    lines[10] = put(lines[10], "T (degC)", code)
    frame, report = read(lines)
    assert report.faults == {"T (degC)": 1}
    assert np.abs(frame["T (degC)"]).max() < 50


def test_a_fault_beside_a_gap_is_weighted_by_time(read, lines):
    column = "T (degC)"
    rows = [put(lines[1], column, "0"), put(lines[2], column, "-9999")]
    rows += [put(lines[8], column, "7")]  # ten minutes, then an hour
    frame, report = read([lines[0], *rows])
    assert frame[column].iloc[1] == 1
    assert [gap.missing for gap in report.gaps] == [5]


def test_a_fault_at_the_end_takes_the_nearest_value(read, lines):
    lines[1] = put(lines[1], "wv (m/s)", "-9999.0")
    lines[2] = put(lines[2], "wv (m/s)", "3.5")
    assert read(lines).frame["wv (m/s)"].iloc[0] == 3.5


@pytest.mark.parametrize(
    ("before", "after", "between"), [(350, 20, 5), (20, 350, 5), (100, 140, 120)]
)
def test_the_wind_direction_goes_the_short_way_round(
    read, lines, before, after, between
):
    for row, value in ((10, before), (11, -9999), (12, after)):
        lines = [
            *lines[:row],
            put(lines[row], "wd (deg)", str(value)),
            *lines[row + 1 :],
        ]
    assert read(lines).frame["wd (deg)"].iloc[10] == pytest.approx(between)


def test_rows_twice_stay_and_rows_out_of_order_are_sorted(read, lines):
    mixed = [lines[0], *lines[31:], *lines[1:31], lines[30]]
    frame, report = read(mixed)
    assert len(frame) == 61
    assert frame.index.is_monotonic_increasing
    assert report.duplicates == 1
    assert report.unsorted == 1
    pd.testing.assert_frame_equal(frame[~frame.index.duplicated()], read(lines).frame)


def test_a_gap_is_reported_and_not_filled(read, lines):
    frame, report = read(lines[:10] + lines[15:])
    assert len(frame) == 55
    assert report.gaps == [Gap(frame.index[8], frame.index[9], 5)]


# --- the reader: files that cannot be used ---

BAD_LINES = {
    "a header alone": (lambda rows: rows[:1], "no rows"),
    "no wind": (
        lambda rows: [row.rsplit(",", 3)[0] for row in rows],
        "lacks the column 'wv (m/s)' (3 of the 15 columns",
    ),
    "cut in its last line": (
        lambda rows: [*rows[:-1], rows[-1][:30]],
        "line 61: 3 fields, where the header has 15. The file is truncated",
    ),
    "cut in the middle": (
        lambda rows: [*rows[:5], rows[5][:30], *rows[6:]],
        "line 6: 3 fields, where the header has 15",
    ),
    "two lines run into one": (
        lambda rows: [*rows[:5], rows[5] + rows[6], *rows[7:]],
        "line 6: 29 fields",
    ),
    "a column twice": (
        lambda rows: [f"{row},{row.split(',')[2]}" for row in rows],
        "has several columns 'T (degC)'",
    ),
    "a quote over two lines": (
        lambda rows: [
            *(*rows[:5], put(rows[5], "T (degC)", '"1.0')),
            *(put(rows[6], "T (degC)", '2.0"'), *rows[7:]),
        ],
        "a quote is not closed",
    ),
    "a cell without end": (
        lambda rows: [*rows[:5], put(rows[5], "T (degC)", "x" * 10**6), *rows[6:]],
        "line 6: 'xxxxx",
    ),
    "a word for a number": (
        lambda rows: [*rows[:5], put(rows[5], "T (degC)", "warm"), *rows[6:]],
        "line 6: 'warm' in the column 'T (degC)'",
    ),
    "another form of time": (
        lambda rows: [*rows[:5], put(rows[5], "Date Time", "2021-01-01"), *rows[6:]],
        "line 6: '2021-01-01' is not a time like",
    ),
    "no such day": (
        lambda rows: (
            [*rows[:5], put(rows[5], "Date Time", "31.02.2021 00:00:00"), *rows[6:]]
        ),
        "line 6: '31.02.2021 00:00:00' is not a time",
    ),
    "an empty line inside": (lambda rows: [*rows[:5], "", *rows[5:]], "line 6: "),
    "a sensor that never worked": (
        lambda rows: rows[:1] + [put(row, "rh (%)", "-9999") for row in rows[1:]],
        "no valid value in the column 'rh (%)'",
    ),
    "a lost quote": (
        lambda rows: [*rows[:5], put(rows[5], "T (degC)", '"1.0'), *rows[6:]],
        "damaged",
    ),
    "another table": (lambda rows: ["Date,Close", "2020-01-01,5"], "lacks the column"),
}


@pytest.mark.parametrize("case", BAD_LINES)
def test_bad_lines_give_one_clear_error(read, lines, case):
    change, message = BAD_LINES[case]
    with pytest.raises(DataError) as error:
        read(change(lines))
    assert message in str(error.value)
    assert "w.csv" in str(error.value)
    assert error.value.__cause__ is None
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 500


FOREIGN = {
    "empty": (b"", "is empty"),
    "blank": (b"\n\n", "no text"),
    "web page": (b"<!DOCTYPE html><html>404</html>", "is a web page"),
    "web page with columns": (b'\n<html>"Date Time"</html>', "is a web page"),
    "pointer": (b"version https://git-lfs.github.com/spec/v1\n", "a Git LFS pointer"),
    "binary": (bytes(range(256)) * 99, "is not a text file"),
    "a zero byte": ("Date Time,W/m²\0,1".encode(), "is not a text file"),
    "UTF-16": ("Date Time,p".encode("utf-16"), "looks like utf-16"),
    "zip without": (zipped({"a.txt": b"x"}), "holds 0 (a.txt)"),
    "zip of two": (zipped({"a.csv": b"x", "b.csv": b"y"}), "holds 2 (a.csv, b.csv)"),
    "cut zip": (zipped({"a.csv": b"x" * 999})[:60], "is damaged or cut off"),
}


@pytest.mark.parametrize("case", FOREIGN)
def test_a_foreign_file_gives_one_clear_error(read, case):
    content, message = FOREIGN[case]
    with pytest.raises(DataError) as error:
        read(content)
    assert message in str(error.value)
    assert "latin-1" not in str(error.value)
    assert error.value.__cause__ is None


def test_a_damaged_zip_gives_one_clear_error(read):
    packed = bytearray(BUNDLED_WEATHER.read_bytes())
    packed[len(packed) // 2] ^= 255
    with pytest.raises(DataError, match=r"\(weather.csv\) is damaged or cut off"):
        read(bytes(packed))


def test_no_file_gives_one_clear_error(tmp_path):
    with pytest.raises(DataError, match="no file"):
        read_weather(tmp_path / "none.csv")
