"""Compare the simulated station with a real year: `results/weather_card.json`.

The real year is not part of the course. Give the file of 2020 of the station in Jena::

    python data/generators/weather_card.py jena_climate_2020.csv
"""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd

from course_utils.datasets.fetch import bundled_path
from course_utils.datasets.weather import read_weather
from keeper.record import write_results

NAME = "weather_card"
NEAR = 0.25  # a share; a measure that differs by more needs a sentence
WHY_NOT = {
    "autocorrelation, 3 days": (
        "One year does not fix it: from one simulated year to the next it scatters by "
        "more than the two stations differ."
    ),
}
SEEDS = range(8)  # of the generator, for the scatter from year to year


def card(frame: pd.DataFrame) -> dict[str, float]:
    """Return the measures of a station that the course compares.

    An anomaly is the mean of a day less the mean of the 31 days around it.
    """
    frame = frame[~frame.index.duplicated()]
    celsius, speed, humidity = (frame[k] for k in ("T (degC)", "wv (m/s)", "rh (%)"))
    days = celsius.resample("D").mean().interpolate()
    anomaly = days - days.rolling(31, center=True, min_periods=10).mean()
    span = celsius.resample("D").max() - celsius.resample("D").min()
    quarter = (frame["wd (deg)"] + 45) % 360 // 90
    values = {
        f"autocorrelation, {n} day{'s'[: n > 1]}": correlation(anomaly, n)
        for n in (1, 2, 3)
    }
    values["deviation of the anomalies, °C"] = anomaly.std()
    values["deviation of a ten-minute change, °C"] = celsius.diff().std()
    values["the same of the wind, m/s"] = speed.diff().std()
    values["mean wind, m/s"] = speed.mean()
    for number, name in enumerate(("north", "east", "south", "west")):
        values[f"wind from the {name}, %"] = 100 * (quarter == number).mean()
    values["humidity of 99 % or more, %"] = 100 * (humidity >= 99).mean()
    values["median span of a day, °C"] = span.median()
    values["mean change in 24 hours, °C"] = celsius.diff(144).abs().mean()
    return {name: round(float(value), 3) for name, value in values.items()}


def correlation(series: pd.Series, lag: int) -> float:
    """Return the correlation of a series with itself ``lag`` rows later."""
    series = series - series.mean()
    return np.mean(series.to_numpy()[lag:] * series.to_numpy()[:-lag]) / series.var()


def scatter() -> dict[str, float]:
    """Return the standard deviation of each measure over simulated years."""
    import weather  # the generator beside this script

    year = 365 * weather.DAY
    cards = []
    for seed in SEEDS:
        columns = weather.measures(weather.simulate(seed))
        frame = pd.DataFrame(columns)
        frame.index = pd.date_range(weather.START, periods=len(frame), freq="10min")
        cards += [card(frame.iloc[:year]), card(frame.iloc[year:])]
    return pd.DataFrame(cards).std().round(3).to_dict()


def main() -> None:
    """Write both stations' measures to the record."""
    stations = {"simulated": bundled_path("weather"), "jena_2020": sys.argv[1]}
    cards = {name: card(read_weather(path).frame) for name, path in stations.items()}
    write_results(NAME, {**cards, "scatter": scatter(), "why_not": WHY_NOT})
    for name, value in cards["simulated"].items():
        real = cards["jena_2020"][name]
        print(f"{name}: {value} against {real}: {value / real:.2f}")


if __name__ == "__main__":
    main()
