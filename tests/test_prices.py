"""The simulated share is honest, and the reader takes what common sites export."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from conftest import BUNDLED, keras, load_generator
from hypothesis import given
from hypothesis import strategies as st

from course_utils.datasets.files import DataError
from course_utils.datasets.prices import read_prices

PRICES = BUNDLED / "prices.csv"


@pytest.fixture(scope="module")
def share() -> pd.DataFrame:
    return read_prices(PRICES)


@pytest.fixture
def read(tmp_path):
    """Return a function that writes text (or bytes) to a file and reads it."""

    def write_and_read(content: str | bytes, **options) -> pd.DataFrame:
        path = tmp_path / "share.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_prices(path, **options)

    return write_and_read


# --- the bundled share ---


def test_the_generator_gives_the_committed_file():
    assert load_generator("prices").build() == PRICES.read_bytes()


def test_the_bundled_share_has_ten_years_of_weekdays(share):
    assert list(share) == ["Open", "High", "Low", "Close", "Volume"]
    assert set(share.dtypes) == {np.dtype("float64")}
    assert share.index.name == "Date"
    assert 2_500 < len(share) < 2_610
    assert share.index.is_monotonic_increasing
    assert share.index.day_of_week.max() == 4


def test_a_day_stays_between_its_low_and_its_high(share):
    ends = share[["Open", "Close"]]
    assert (share["High"] >= ends.max(axis=1)).all()
    assert (share["Low"] <= ends.min(axis=1)).all()
    assert (share["Low"] > 0).all()
    assert (share["Volume"] > 0).all()


def test_returns_say_nothing_of_the_next_but_their_size_does(share):
    returns = np.log(share["Close"]).diff().dropna()
    for lag in range(1, 11):
        assert abs(returns.autocorr(lag)) < 0.04
    for lag in (1, 5, 20):
        assert returns.abs().autocorr(lag) > 0.08
    assert 0.0001 < returns.mean() < 0.0008


def test_a_network_does_not_beat_as_yesterday(share):
    """A SimpleRNN on 20 returns, in prices: no more than 2 % better than no change."""
    close = share["Close"].to_numpy()
    returns = np.diff(np.log(close))
    train = int(0.7 * len(returns))
    mean, scale = returns[:train].mean(), returns[:train].std()
    z = ((returns - mean) / scale).astype("float32")
    x = np.lib.stride_tricks.sliding_window_view(z, 20)[:-1, :, None]
    y = z[20:]
    keras.utils.set_random_seed(1)
    model = keras.Sequential(
        [
            keras.Input((20, 1)),
            keras.layers.SimpleRNN(16),
            keras.layers.Dense(1),
        ]
    )
    model.compile("rmsprop", loss="mae")
    model.fit(x[: train - 20], y[: train - 20], batch_size=32, epochs=5, verbose=0)
    forecast = model.predict(x[train - 20 :], verbose=0)[:, 0] * scale + mean

    today, tomorrow = close[train:-1], close[train + 1 :]
    naive = np.abs(tomorrow - today).mean()
    network = np.abs(tomorrow - today * np.exp(forecast)).mean()
    assert 0.98 * naive < network < 1.5 * naive


# --- files of common sites ---

DAYS = ["2024-01-30", "2024-01-31", "2024-02-01"]
EXPORTS = {
    "yahoo": (
        "Date,Open,High,Low,Close,Adj Close,Volume\n"
        "2024-01-30,1200.5,1300,1190,1234.5,1230.25,1500000\n"
        "2024-01-31,null,null,null,null,null,null\n"
        "2024-01-31,1234.5,1300,1190,1250,1240.5,1600000\n"
        "2024-02-01,1250,1300,1190,1260.75,1250,1700000\n"
    ),
    "yfinance": (
        "Price,Close,High,Low,Open,Volume\n"
        "Ticker,X,X,X,X,X\n"
        "Date,,,,,\n"
        "2024-01-30,1234.5,1300,1190,1200.5,1500000\n"
        "2024-01-31,1250,1300,1190,1234.5,1600000\n"
        "2024-02-01,1260.75,1300,1190,1250,1700000\n"
    ),
    "yfinance by share": (
        "Ticker,X,X,X\n"
        "Price,Open,Close,Volume\n"
        "Date,,,\n"
        "2024-01-30,1200.5,1234.5,1500000\n"
        "2024-01-31,1234.5,1250,1600000\n"
        "2024-02-01,1250,1260.75,1700000\n"
    ),
    "table of Yahoo's page": (
        "Date\tOpen\tHigh\tLow\tClose\tAdj Close\tVolume\n"
        "Feb 1, 2024\t1,250.00\t1,300\t1,190\t1,260.75\t1,250.00\t1,700,000\n"
        "Feb 1, 2024\t4:1 Stock Splits\n"
        "Jan 31, 2024\t0.25 Dividend\n"
        "Jan 31, 2024\t1,234.50\t1,300\t1,190\t1,250.00\t1,240.50\t1,600,000\n"
        "Jan 30, 2024\t0.25 Dividend\t\t\t\t\t\n"
        "Jan 30, 2024\t1,200.50\t1,300\t1,190\t1,234.50\t1,230.25\t1,500,000\n"
    ),
    "investing in German": (
        '\ufeff"Datum","Zuletzt","Eröffn.","Hoch","Tief","Vol.","+/- %"\n'
        '"01.02.2024","1.260,75","1.250,00","1.300,00","1.190,00","1,70M","0,86%"\n'
        '"31.01.2024","1.250,00","1.234,50","1.300,00","1.190,00","1,60M","1,26%"\n'
        '"30.01.2024","1.234,50","1.200,50","1.300,00","1.190,00","1.500,00K","0,1%"\n'
    ),
    "investing in German, from a table program": (
        "Datum;Zuletzt;Eröffn.;Vol.\r\n"
        "01.02.2024;1260,75;1250,00;1,70M\r\n"
        "31.01.2024;1250,00;1234,50;1,60M\r\n"
        "30.01.2024;1234,50;1200,50;1500,00K\r\n"
    ),
    "investing in Russian": (
        '\ufeff"Дата","Цена","Откр.","Макс.","Мин.","Объём","Изм. %"\n'
        '"01.02.2024","1.260,75","1.250,00","1.300,00","1.190,00","1,70M","0,86%"\n'
        '"31.01.2024","1.250,00","1.234,50","1.300,00","1.190,00","1,60M","1,26%"\n'
        '"30.01.2024","1.234,50","1.200,50","1.300,00","1.190,00","1.500,00K","0,1%"\n'
    ),
    "finam": (
        "<DATE>;<TIME>;<OPEN>;<HIGH>;<LOW>;<CLOSE>;<VOL>\r\n"
        "30/01/24;00:00;1200.5;1300;1190;1234.5;1500000\r\n"
        "31/01/24;00:00;1234.5;1300;1190;1250;1600000\r\n"
        "01/02/24;00:00;1250;1300;1190;1260.75;1700000\r\n"
    ),
    "nasdaq": (
        "Date, Close/Last, Volume, Open, High, Low\n"
        "02/01/2024, $1260.75, 1700000, $1250, $1300, $1190\n"
        "01/31/2024, $1250.00, 1600000, $1234.50, $1300, $1190\n"
        "01/30/2024, $1234.50, 1500000, $1200.50, $1300, $1190\n"
    ),
    "stooq": (
        "Date,Open,High,Low,Close,Volume\r\n"
        "2024-01-30,1200.5,1300,1190,1234.5,1500000\r\n"
        "2024-01-31,1234.5,1300,1190,1250,1600000\r\n"
        "2024-02-01,1250,1300,1190,1260.75,1700000\r\n"
    ),
    "stooq bulk": (
        "<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<OPENINT>\n"
        "X.US,D,20240130,000000,1200.5,1300,1190,1234.5,1500000,0\n"
        "X.US,D,20240131,000000,1234.5,1300,1190,1250,1600000,0\n"
        "X.US,D,20240201,000000,1250,1300,1190,1260.75,1700000,0\n"
    ),
    "investing": (
        '\ufeff"Date","Price","Open","High","Low","Vol.","Change %"\n'
        '"Feb 01, 2024","1,260.75","1,250.00","1,300","1,190","1.70M","0.86%"\n'
        '"Jan 31, 2024","1,250.00","1,234.50","1,300","1,190","1.60M","1.26%"\n'
        '"Jan 30, 2024","1,234.50","1,200.50","1,300","1,190","1,500K","0.10%"\n'
    ),
    "german": (
        "\ufeffDate;Open;High;Low;Close;Volume\r\n"
        "30.01.2024;1.200,50;1.300,00;1.190,00;1.234,50 €;1.500.000\r\n"
        "31.01.2024;1.234,50;1.300,00;1.190,00;1.250,00 €;1.600.000\r\n"
        "01.02.2024;1.250,00;1.300,00;1.190,00;1.260,75 €;1.700.000\r\n"
        "\r\n"
    ),
    "with the clock": (
        "Date\tOpen\tClose\tVolume\tDividends\n"
        "2024-01-30 00:00:00-05:00\t1200.5\t1234.5\t1500000\t0.0\n"
        "2024-01-31 00:00:00-05:00\t1234.5\t1250.0\t1600000\t0.0\n"
        "2024-02-01 00:00:00-05:00\t1250.0\t1260.75\t1700000\t0.0\n"
    ),
    "indian": (
        '"Date","Open","Close","Volume"\n'
        '"30-Jan-2024","1,200.50","1,234.50","15,00,000"\n'
        '"31-Jan-2024","1,234.50","1,250.00","16,00,000"\n'
        '"01-Feb-2024","1,250.00","1,260.75","17,00,000"\n'
    ),
}


@pytest.mark.parametrize("site", EXPORTS)
def test_the_exports_of_all_sites_give_the_same_prices(read, site):
    frame = read(EXPORTS[site])
    assert frame.index.strftime("%Y-%m-%d").tolist() == DAYS
    assert frame["Close"].tolist() == [1234.5, 1250.0, 1260.75]
    assert frame["Open"].tolist() == [1200.5, 1234.5, 1250.0]
    assert frame["Volume"].tolist() == [1.5e6, 1.6e6, 1.7e6]
    assert set(frame.dtypes) == {np.dtype("float64")}


def test_date_and_close_are_enough(read):
    frame = read("date,close\n2024-01-30,5\n")
    assert frame.to_dict("list") == {"Close": [5.0]}


def test_what_is_unknown_beside_the_close_is_nan(read):
    frame = read("Date,Close,Volume\n2024-01-30,5,-\n2024-01-31,6,N/A\n")
    assert frame["Volume"].isna().all()


@pytest.mark.parametrize(
    ("dates", "first"),
    [
        (["01/02/2024", "01/03/2024", "01/04/2024"], "2024-01-02"),  # days of January
        (["02/01/2024", "03/01/2024", "04/01/2024"], "2024-01-02"),  # the same days
        (["05/02/2024", "06/02/2024", "13/02/2024"], "2024-02-05"),  # 13 is no month
        (["02/05/2024", "02/06/2024", "02/13/2024"], "2024-02-05"),
        (["01/12/2023", "01/01/2024", "01/02/2024"], "2023-12-01"),  # month by month
        (["3/3/24"], "2024-03-03"),  # one day, both ways
    ],
)
def test_the_whole_file_decides_between_day_and_month(read, dates, first):
    frame = read("Date,Close\n" + "".join(f"{day},5.5\n" for day in dates))
    assert f"{frame.index[0]:%Y-%m-%d}" == first


@pytest.mark.parametrize(
    "dates",
    [["3/4/24"], ["03/04/2024", "04/03/2024"], ["02/03/2024", "03/02/2024"]],
    ids=["a single day", "two days", "the same two days"],
)
def test_dates_that_read_both_ways_are_not_guessed(read, dates):
    with pytest.raises(DataError, match=r"line 2: .* can be .*, and no line tells"):
        read("Date,Close\n" + "".join(f"{day},5.5\n" for day in dates))


@pytest.mark.parametrize("order", ["column first", "share first"])
def test_several_shares_in_a_file_are_refused(read, order):
    lines = ["Price,Close,Close,Open,Open", "Ticker,X,Y,X,Y"]
    lines = lines if order == "column first" else lines[::-1]
    with pytest.raises(DataError, match=r"holds the prices of 2 shares \(X, Y\)"):
        read("\n".join([*lines, "Date,,,,", "2024-01-30,1,2,3,4", ""]))


@pytest.mark.parametrize(
    ("separator", "cells", "prices"),
    [
        (";", ["1,234", "12,5"], [1.234, 12.5]),
        (";", ["1.234", "12,5"], [1234, 12.5]),
        (";", ["1,234", "12.5"], [1234, 12.5]),
        (";", ["101,375", "102,125"], [101.375, 102.125]),
        (";", ["101.375", "102.125"], [101.375, 102.125]),
        (",", ['"1,234"', '"1,235"'], [1234, 1235]),
        (",", ["0.125", "1.125"], [0.125, 1.125]),
        (",", ["1'234.50", "1e3"], [1234.5, 1000]),
        (",", ["-37.63", ".5"], [-37.63, 0.5]),
    ],
)
def test_the_whole_file_decides_on_the_decimal_mark(read, separator, cells, prices):
    days = ("2024-01-30", "2024-01-31")
    lines = [f"{day}{separator}{cell}" for day, cell in zip(days, cells, strict=True)]
    frame = read(f"Date{separator}Close\n" + "\n".join(lines))
    assert frame["Close"].tolist() == prices


@given(
    cents=st.lists(st.integers(1, 10**9), min_size=1, max_size=20),
    backwards=st.booleans(),
    style=st.sampled_from(["plain", "dollar", "german"]),
)
def test_prices_survive_every_style(tmp_path_factory, cents, backwards, style):
    prices = [cent / 100 for cent in cents]
    lines = []
    for n, price in enumerate(prices):
        day = date(2024, 1, 1) + timedelta(n)
        if style == "plain":
            lines.append(f"{day},{price:.2f}")
        elif style == "dollar":
            lines.append(f'{day:%m/%d/%Y},"${price:,.2f}"')
        else:
            swapped = f"{price:,.2f}".translate(str.maketrans(".,", ",."))
            lines.append(f"{day:%d.%m.%Y};{swapped}")
    separator = ";" if style == "german" else ","
    body = lines[::-1] if backwards else lines
    path = tmp_path_factory.getbasetemp() / "styles.csv"
    path.write_text("\n".join([f"Date{separator}Close", *body]))
    assert read_prices(path)["Close"].tolist() == prices


# --- files that cannot be used ---


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "empty"),
        ("\n \n", "no text"),
        ("Date,Close\n", "no prices"),
        (
            "Date,Open\n2024-01-30,5\n",
            "no column 'Close'; its columns are Date, Open. If it",
        ),
        ("Day,Close\n2024-01-30,5\n", "no column 'Date'"),
        ("just some words\nof text\n", "no column 'Date'"),
        ("<!DOCTYPE html>\n<html><body>Date,Close</body></html>", "web page"),
        ("Date,Close\n2024-01-30,5\n2024-01-31,five\n", "line 3, column Close: 'five'"),
        ("Date,Close\n2024-01-30,5.25\n2024-01-31,1.2.3\n", "line 3, column Close"),
        ('Date,Close\n2024-01-30,5.25\n2024-01-31,"5,25"\n', "line 3, column Close"),
        ("Date,Close\n2024-01-30,5.25\n2024-01-31,inf\n", "line 3, column Close"),
        ("Date,Close,Open\n2024-01-30,5,4\n\n2024-01-31,,4\n", "line 4: there is no"),
        ("Date,Close\n2024-01-30,5\n2024-02-30,6\n", "line 3: '2024-02-30' is not a"),
        ("Date,Close\n01/30/2024,5\n31.01.2024,6\n", "line 3: '31.01.2024' is not a"),
        ("Date,Close\n2024-01-31,5\n2024-01-30,6\n2024-01-31,7\n", "line 4: the date"),
        ("Date,Open,Close\n2024-01-30,5,6\n2024-01-31,5\n", "line 3: the line has 2"),
        (
            "Date,Close\n2024-01-30,5,25\n",
            "line 2: the line has 3 fields, the header 2",
        ),
        ('Date,Close\n2024-01-30,5\n2024-01-31,"6\n', "line 3: this is not CSV"),
        ("Date,Close\n2024-01-30,5\n".encode("utf-16"), "looks like utf-16"),
        (b"Date,Close\n2024-01-30,\x80 5\n", "not encoded in utf-8"),
        (bytes(range(256)) * 40, "is not a text file"),
        ("Date,Close\n2024-01-30,1e400\n", "column Close: '1e400' is not a number"),
        ("Date,Close\n2024-01-30," + "x" * 100_000, "column Close: 'xxxxx"),
        ("Date,Close\n2024-01-30,5\n" + "x" * 100_000 + ",6", "line 3: 'xxxx"),
        ("Date,Close,Close\n2024-01-30,5,6\n", "several columns 'Close'"),
        ("x" * 100_000 + ",Close\n2024-01-30,5\n", "no column 'Date'"),
        ("version https://git-lfs.github.com/spec/v1\n", "is a Git LFS pointer"),
    ],
    ids=[
        *("empty", "blank", "header", "no Close", "no Date", "prose", "web page"),
        *("word", "two points", "comma", "inf", "no price", "30 February"),
        *("two formats", "day twice", "few fields", "many fields", "quote"),
        *("UTF-16", "cp1252", "binary", "1e400", "long cell", "long date"),
        *("column twice", "long name", "pointer"),
    ],
)
def test_a_bad_file_gives_one_clear_error(read, content, message):
    with pytest.raises(DataError) as error:
        read(content)
    assert message in str(error.value)
    assert "share.csv" in str(error.value)
    assert error.value.__cause__ is None
    assert len(str(error.value)) < 500


def test_another_encoding_can_be_named(read):
    frame = read(b"Date,Close\n2024-01-30,\x80 5\n", encoding="cp1252")
    assert frame["Close"].tolist() == [5.0]
