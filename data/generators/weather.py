"""Simulate a weather station and write two years of it in the Jena file's format.

The station does not exist. Its weather is made so that the past days say something
about tomorrow, as real weather does:

- Lows and highs travel east. The change of pressure here is the slope of the low or
  high that passes, and this slope drives the wind (geostrophic wind): from the south
  while the pressure falls, veering to the north-west when it rises again.
- A wind from the south brings warm air, one from the north cold air, and the
  temperature follows with a delay.
- Cloud and moisture arrive ahead of the low. Cloud damps the daily cycle: cool days,
  mild nights.

The other measures follow from temperature, dew point and pressure by the formulas of
physics. At the end the faults of the real file are added: `-9999` for the wind, two
gaps, a row written twice.
"""

from __future__ import annotations

import io
import math
import zipfile
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
from scipy.signal import lfilter

TARGET = Path(__file__).parents[1] / "bundled" / "weather.csv.zip"
MEMBER = "weather.csv"
SEED = 2021
START = datetime(2021, 1, 1, 0, 10)
STEP = timedelta(minutes=10)
HOUR = 6  # steps
DAY = 24 * HOUR
STEPS = 2 * 365 * DAY
SPIN_UP = 30 * DAY  # the filters forget their empty start
AHEAD = DAY  # the sky sees a low that has not come yet

# (column, first step, number of steps, what is written there)
FAULTS = (
    ("wv (m/s)", 27_310, 1, -9999.0),
    ("max. wv (m/s)", 27_310, 1, 0.0),
    ("wd (deg)", 27_310, 1, 0.0),
    ("wv (m/s)", 98_765, 4, -9999.0),
    ("max. wv (m/s)", 98_765, 4, -9999.0),
)
GAPS = ((61_200, 9), (83_555, 20))  # (first step, number of steps) not written
TWICE = 40_001  # the step that is written twice


def red_noise(rng: np.random.Generator, steps: int, hours: float) -> np.ndarray:
    """Return a series of variance near 1 that forgets within ``hours``.

    It is an AR(1) process, smoothed a little: air changes without jumps.
    """
    keep = decay(hours)
    shocks = rng.standard_normal(steps) * math.sqrt(1 - keep**2)
    return smooth(lfilter([1], [1, -keep], shocks), hours / 8)


def smooth(series: np.ndarray, hours: float) -> np.ndarray:
    """Return the mean of the past, the last ``hours`` weighted most."""
    keep = decay(hours)
    return lfilter([1 - keep], [1, -keep], series)


def waves(
    rng: np.random.Generator, steps: int, days: float, memory: float
) -> np.ndarray:
    """Return a smooth series of variance 1 that swings about once in ``days``.

    It is an AR(2) process with complex roots: a wave whose phase and height wander
    within ``memory`` days, so that it can be foreseen for a day, not for a week.
    """
    keep = decay(memory * 24)
    turn = round(math.cos(2 * math.pi / (days * DAY)), 12)
    swing = lfilter([1], [1, -2 * keep * turn, keep**2], rng.standard_normal(steps))
    series = smooth(swing, 4)
    return series / series.std()


def decay(hours: float) -> float:
    """Return what is left after one step of what is forgotten within ``hours``.

    Rounded, because the last bit of an exponential differs between processors.
    """
    return round(math.exp(-1 / (hours * HOUR)), 12)


def vapour_pressure(celsius: np.ndarray) -> np.ndarray:
    """Return the saturation vapour pressure over water in hPa (Magnus formula).

    These constants agree with the columns of the real station to 0.01 hPa.
    """
    return 6.1078 * np.exp(17.08085 * celsius / (234.175 + celsius))


def simulate() -> dict[str, np.ndarray]:
    """Return what the station senses, each of shape (STEPS,), and the cloud cover.

    Units: ``pressure`` hPa, ``temperature`` and ``dew`` °C, ``speed`` and ``gusts``
    m/s, ``direction`` degrees the wind comes from, ``cloud`` 0 to 1.
    """
    rng = np.random.default_rng(SEED)
    steps = SPIN_UP + STEPS + AHEAD
    lows = waves(rng, steps, days=5, memory=2)
    slow = red_noise(rng, steps, 120)
    tendency = np.gradient(lows) * DAY  # per day
    south = -2.6 * tendency + 0.6 * red_noise(rng, steps, 12)  # m/s

    since = np.arange(steps) - SPIN_UP + 1
    season = np.cos(2 * np.pi * (since / DAY - 200) / 365)  # 1 in July, -1 in January
    hour = since / HOUR
    day = np.cos(2 * np.pi * (hour - 15) / 24) + 0.2 * np.cos(np.pi * (hour - 14) / 6)

    cloud = cloud_cover(rng, lows, slow, np.roll(tendency, -15 * HOUR))
    clear = 1 - cloud
    air = lfilter([1.15 / DAY], [1, -decay(72)], south)
    air += 1.5 * red_noise(rng, steps, 48)
    swing = (4.4 + 2.2 * season) * (0.25 + 0.95 * clear)
    sun = (1.6 * season - 0.6) * clear  # clear skies: warm summers, cold winters
    temperature = 9.8 + 9 * season + air + smooth(sun, 24) + smooth(swing, 6) * day
    temperature += 0.35 * red_noise(rng, steps, 2)

    # Moisture belongs to the air, not to the hour of the day. The soft maximum keeps
    # the dew point below the temperature: saturated air gives fog, not more vapour.
    moist = 8.4 + 8.2 * season + 0.85 * air - 7 * smooth(clear, 10)
    moist += 1.2 * red_noise(rng, steps, 14)
    dew = temperature - 0.4 * np.logaddexp(0, (temperature - moist) / 0.4)

    west = 1.2 + 0.9 * red_noise(rng, steps, 30) - 0.5 * slow
    speed, gusts, direction = wind(rng, west, 0.9 * south, lows, day)
    series = {
        "pressure": 989.5 + 7.5 * lows + 5 * slow + 0.05 * red_noise(rng, steps, 1),
        "temperature": temperature,
        "dew": dew,
        "speed": speed,
        "gusts": gusts,
        "direction": direction,
        "cloud": cloud,
    }
    return {name: values[SPIN_UP:-AHEAD] for name, values in series.items()}


def cloud_cover(
    rng: np.random.Generator, lows: np.ndarray, slow: np.ndarray, coming: np.ndarray
) -> np.ndarray:
    """Return the share of the sky in cloud, from the slope of the low to come."""
    lift = -0.9 * coming - 0.7 * lows - 0.5 * smooth(slow, 24)
    return 1 / (1 + np.exp(-1.3 * (lift + 0.8 * red_noise(rng, len(lows), 8))))


def wind(
    rng: np.random.Generator,
    west: np.ndarray,
    south: np.ndarray,
    lows: np.ndarray,
    day: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return speed, gusts (m/s) and direction of the wind near the ground.

    It is stronger by day, when the air mixes, and near a low.
    """
    steps = len(west)
    mixing = 0.75 + 0.35 * np.clip(day, -0.8, 1)
    strength = mixing * (1 + 0.25 * np.clip(-lows, -1.5, 2))
    east_ward = strength * west + 0.45 * red_noise(rng, steps, 0.7)
    north_ward = strength * south + 0.45 * red_noise(rng, steps, 0.7)
    speed = np.hypot(east_ward, north_ward)
    gusts = speed * (1.45 + 0.12 * np.abs(rng.standard_normal(steps))) + 0.25
    return speed, gusts, np.degrees(np.arctan2(-east_ward, -north_ward)) % 360


def measures(sensed: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return the 14 columns of the file, rounded as they are written.

    ``e`` is the vapour pressure, ``p`` the pressure, both in hPa. Sources: potential
    temperature ``T (1000/p)^0.2857`` (Poisson), specific humidity
    ``622 e / (p - 0.378 e)``, molar share ``1000 e / p`` (Dalton), density
    ``p / (R T_v)`` with R = 287.05 J/(kg K) and the virtual temperature
    ``T / (1 - 0.378 e / p)`` (gas law of moist air).
    """
    p, celsius, dew = (sensed[k].round(2) for k in ("pressure", "temperature", "dew"))
    kelvin = celsius + 273.15
    e_max, e = vapour_pressure(celsius), vapour_pressure(dew)
    columns = {
        "p (mbar)": p,
        "T (degC)": celsius,
        "Tpot (K)": kelvin * (1000 / p) ** 0.2857,
        "Tdew (degC)": dew,
        "rh (%)": (100 * e / e_max).round(1),
        "VPmax (mbar)": e_max,
        "VPact (mbar)": e,
        "VPdef (mbar)": e_max - e,
        "sh (g/kg)": 622 * e / (p - 0.378 * e),
        "H2OC (mmol/mol)": 1000 * e / p,
        "rho (g/m**3)": 1e5 * p / (287.05 * kelvin) * (1 - 0.378 * e / p),
        "wv (m/s)": sensed["speed"],
        "max. wv (m/s)": sensed["gusts"],
        "wd (deg)": sensed["direction"].round(1),
    }
    return {name: values.round(2) for name, values in columns.items()}


def rows_written() -> np.ndarray:
    """Return the step of every row of the file: gaps left out, one step repeated."""
    missing = np.concatenate([np.arange(first, first + n) for first, n in GAPS])
    return np.sort(np.append(np.setdiff1d(np.arange(STEPS), missing), TWICE))


def csv_text() -> str:
    """Return the file as text: quoted header, ``dd.mm.yyyy hh:mm:ss``, 14 numbers."""
    columns = measures(simulate())
    for name, first, steps, value in FAULTS:
        columns[name][first : first + steps] = value
    rows = np.stack(list(columns.values()), axis=1)[rows_written()].tolist()
    times = [START + STEP * step for step in rows_written().tolist()]
    lines = [",".join(f'"{name}"' for name in ("Date Time", *columns))]
    for time, row in zip(times, rows, strict=True):
        lines.append(f"{time:%d.%m.%Y %H:%M:%S}," + ",".join(map(str, row)))
    return "\n".join(lines) + "\n"


def build() -> bytes:
    """Return the bytes of the zip file with its one member."""
    packed = io.BytesIO()
    member = zipfile.ZipInfo(MEMBER, date_time=(2021, 1, 1, 0, 0, 0))
    member.compress_type = zipfile.ZIP_DEFLATED
    member.external_attr = 0o644 << 16
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(member, csv_text(), compresslevel=9)
    return packed.getvalue()


def main() -> None:
    """Write the file to the folder of bundled data."""
    TARGET.write_bytes(build())
    print(f"{TARGET.name}: {TARGET.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
