"""The simulated station is physical and teaches; the reader takes every file of it."""

from __future__ import annotations

import io
import zipfile

import numpy as np
import pandas as pd
import pytest
from conftest import BUNDLED, REAL_DATA, load_generator, needs_real

from course_utils.datasets.files import DataError
from course_utils.datasets.weather import MEASURES, Gap, read_weather
from course_utils.results import read_results

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


@pytest.fixture(scope="module")
def sensed():
    return load_generator("weather").simulate()


def test_the_weather_has_seasons_days_and_cloud(sensed):
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


def test_fog_comes_in_calm_nights_and_snow_lies_in_the_cold(sensed):
    fog, snow = sensed["fog"], sensed["snow"]
    hour = (np.arange(len(fog)) + 1) % DAY // HOUR
    assert 0.01 < (fog > 0.5).mean() < 0.15
    assert (fog[hour < 8] > 0.5).mean() > 3 * (
        fog[(hour > 11) & (hour < 18)] > 0.5
    ).mean()
    assert sensed["speed"][fog > 0.5].mean() < 0.7 * sensed["speed"].mean()
    assert 0.02 < (snow > 1).mean() < 0.3
    assert sensed["temperature"][snow > 1].mean() < 0
    assert (snow.reshape(-1, DAY)[160:230] == 0).all()


def test_a_front_comes_sooner_in_a_strong_flow():
    """The same fronts, the flow twice as fast: each passes in half the time."""
    weather = load_generator("weather")
    fronts = weather.Fronts(*np.array([[900.0], [-6.0], [10.0], [500.0]]))
    calm, strong = (weather.pass_by(fronts, np.arange(200) * km) for km in (5, 10))
    for slow, fast in zip(calm, strong, strict=True):
        assert slow[::2] == pytest.approx(fast[:100])
    trough, slope, air, shield, band = strong
    assert trough.argmin() == band.argmax() == 90
    assert slope[:90].min() > 0 > slope[91:].max()  # from the south, then the north
    assert air[-1] - air[0] == pytest.approx(-6)
    assert not shield.any()


def test_falling_pressure_brings_southerly_wind(station):
    frame = station.frame
    fall = frame["p (mbar)"].shift(DAY // 2) - frame["p (mbar)"]  # in 12 hours
    southerly = -np.cos(np.radians(frame["wd (deg)"]))
    assert southerly[fall > 5].mean() > 0.4
    assert southerly[fall < -5].mean() < 0.1


# --- the data card ---


def test_the_data_card_is_that_of_the_bundled_file(station):
    card = load_generator("weather_card").card(station.frame)
    assert card == pytest.approx(read_results("weather_card")["simulated"], abs=0.002)


def test_the_station_is_near_the_real_one_or_the_card_says_why_not():
    record, near = read_results("weather_card"), load_generator("weather_card").NEAR
    far = {
        name
        for name, real in record["jena_2020"].items()
        if abs(record["simulated"][name] / real - 1) > near
    }
    assert far == set(record["why_not"])
    for name in far:  # the reason that is given
        difference = record["simulated"][name] - record["jena_2020"][name]
        assert abs(difference) < record["scatter"][name]


def test_days_in_another_order_have_no_autocorrelation(station):
    """The null of the card: the same days, shuffled."""
    days = np.random.default_rng(0).permutation(700)
    frame = station.frame.iloc[: 700 * DAY]
    shuffled = frame.iloc[(days[:, None] * DAY + np.arange(DAY)).ravel()]
    shuffled = shuffled.set_axis(
        pd.date_range("2021", periods=len(frame), freq="10min")
    )
    card = load_generator("weather_card").card(shuffled)
    assert abs(card["autocorrelation, 1 day"]) < 0.15


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
