"""Simulate a weather station and write two years of it in the Jena file's format.

The station does not exist. Its weather comes from these mechanisms:

- A flow from the west, strong in some weeks and blocked in others, carries fronts
  past the station. How soon a front comes depends on its distance *and* on the flow.
- Behind a front lies other air. Ahead of it the pressure falls and the wind blows from
  the south; behind it the pressure rises and the wind turns. A warm front sends its
  cloud far ahead, a cold front comes with a narrow band. The greater the contrast of
  the two airs, the deeper the trough.
- The air near the ground is heated by the sun and cools at night. Cloud damps both,
  wind mixes the air with that above. Calm air that cools to its dew point turns to
  fog, which keeps the sun out. Snow falls, lies, reflects the sun and melts.
- A valley leads the wind, and at night cold air drains along it.

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
from typing import NamedTuple

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
SPIN_UP = 30 * DAY  # the empty start is forgotten
FRICTION = 25  # degrees by which the ground turns the wind
VALLEY = 30  # degrees, where it opens to the north
LATITUDE = math.radians(50.9)

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


def unit(degrees: float) -> tuple[float, float]:
    """Return the step of length 1 in a direction, towards east and towards north."""
    angle = math.radians(degrees)
    return round(math.sin(angle), 12), round(math.cos(angle), 12)


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


class Fronts(NamedTuple):
    """The fronts that pass, one number for each (fronts,)."""

    place: np.ndarray  # km of flow from the start until it passes
    change: np.ndarray  # of the air's temperature, °C
    depth: np.ndarray  # of the trough of pressure, hPa
    width: np.ndarray  # of the trough, km


def simulate(seed: int = SEED) -> dict[str, np.ndarray]:
    """Return what the station senses, each of shape (STEPS,).

    Units: ``pressure`` hPa, ``temperature`` and ``dew`` °C, ``speed`` and ``gusts``
    m/s, ``direction`` degrees the wind comes from; ``cloud`` and ``fog`` 0 to 1,
    ``snow`` on the ground in mm of water.
    """
    rng = np.random.default_rng(seed)
    steps = SPIN_UP + STEPS
    since = np.arange(steps) - SPIN_UP + 1
    season = np.cos(2 * np.pi * (since / DAY - 200) / 365)  # 1 in July, -1 in January
    sun = height_of_sun(since)
    flow = red_noise(rng, steps, 100)  # of the west; negative: blocked
    travel = np.cumsum(np.clip(28 + 13 * flow, 5, 70)) / HOUR  # km
    fronts = draw_fronts(rng, travel[-1])
    trough, slope, air, shield, band = pass_by(fronts, travel)

    # Wind above the ground, m/s, towards east and north. 100 km with a slope of 1 hPa
    # drive 7.5 m/s (geostrophic wind at this latitude); a third reaches the ground.
    east_ward = 0.5 + 2.6 * flow + 0.9 * red_noise(rng, steps, 20)
    north_ward = 2.8 * slope + 0.9 * red_noise(rng, steps, 20)

    # Blocked flow brings continental air: cold in winter, warm in summer.
    air = air + smooth(0.8 * north_ward - 1.2 * season * flow, 24)
    air += 0.8 * red_noise(rng, steps, 240)
    sky = 2.6 * shield + 3.0 * band + 0.5 * flow - 0.9 * season - 0.02 * trough - 0.7
    sky += 1.1 * red_noise(rng, steps, 10) + 0.6 * red_noise(rng, steps, 1.5)
    cloud = 1 / (1 + np.exp(-1.6 * sky))
    moist = 0.75 * air + 1.5 * shield - 0.9 * red_noise(rng, steps, 30)

    ground = near_the_ground(
        11.3 + 7.0 * season + air,
        4.4 + 6.3 * season + moist,
        np.hypot(east_ward, north_ward),
        cloud,
        sun,
    )
    speed, gusts, direction = wind(
        rng, east_ward, north_ward, ground["mixing"], ground["drain"], band
    )
    rough = 0.36 + 0.55 * sun * (1 - 0.6 * cloud) + 0.01 * speed
    temperature = ground["temperature"] + rough * red_noise(rng, steps, 1)
    dew = ground["dew"] + (0.4 * rough + 0.3) * red_noise(rng, steps, 1)
    pressure = 993 + trough - 3 * flow + 6 * red_noise(rng, steps, 150)
    series = {
        "pressure": pressure + 0.2 * red_noise(rng, steps, 1.5),
        "temperature": temperature,
        "dew": np.minimum(dew, temperature),
        "speed": speed,
        "gusts": gusts,
        "direction": direction,
        "cloud": cloud,
        "fog": ground["fog"],
        "snow": ground["snow"],
    }
    return {name: values[SPIN_UP:] for name, values in series.items()}


def height_of_sun(since: np.ndarray) -> np.ndarray:
    """Return the sine of the sun's height, 0 at night, by steps since the new year."""
    tilt = np.radians(-23.44) * np.cos(2 * np.pi * (since / DAY + 10) / 365)
    hour = 2 * np.pi * (since / DAY - 0.5)
    high = np.sin(LATITUDE) * np.sin(tilt)
    return np.maximum(0, high + np.cos(LATITUDE) * np.cos(tilt) * np.cos(hour))


def draw_fronts(rng: np.random.Generator, distance: float) -> Fronts:
    """Draw fronts for so many km of flow: a deep trough where the airs differ much."""
    number = int(distance / 1_000)  # more than come by
    place = np.cumsum(300 + rng.gamma(1.5, 800, number))
    airs = 3.3 * lfilter([1], [1, -0.2], rng.standard_normal(number))
    change = np.diff(airs, prepend=0)
    depth = 3 + 1.2 * np.abs(change) + rng.gamma(2, 2, number)
    return Fronts(place, change, depth, rng.uniform(400, 800, number))


def pass_by(fronts: Fronts, travel: np.ndarray) -> list[np.ndarray]:
    """Return what the fronts do at the station while the flow travels (steps,) km.

    Returns:
        pressure of the troughs in hPa, its slope to the east in hPa per 100 km, the
        temperature of the air in °C, the cloud ahead of warm fronts and at cold ones,
        0 to about 1; each (steps,).
    """
    trough, slope, air, shield, band = np.zeros((5, len(travel)))
    for place, change, depth, width in zip(*fronts, strict=True):
        ahead = place - travel  # km to the front, negative when it has passed
        bell = depth * np.exp(-((ahead / width) ** 2))
        trough -= bell
        slope += 200 * ahead / width**2 * bell
        warm = change > 0
        edge = np.clip(ahead / (120 if warm else 50), -30, 30)  # slow or sharp
        air += change / (1 + np.exp(edge))
        weight = min(1, abs(change) / 4 + 0.2)
        if warm:
            shield += weight * np.exp(-(((ahead - 350) / 350) ** 2))
        else:
            band += weight * np.exp(-((ahead / 110) ** 2))
    return [trough, slope, air, shield, band]


def near_the_ground(
    air: np.ndarray,
    moist: np.ndarray,
    wind: np.ndarray,
    cloud: np.ndarray,
    sun: np.ndarray,
) -> dict[str, np.ndarray]:
    """Let the lowest air live through its days; each argument and value (steps,).

    The loop keeps to sums, products and comparisons of plain numbers, which are the
    same on every processor.

    Args:
        air: temperature of the air above, °C.
        moist: its dew point, °C.
        wind: above the ground, m/s.
        cloud: 0 to 1.
        sun: sine of its height.

    Returns:
        ``temperature``, ``dew`` (°C), ``fog`` (0 to 1), ``snow`` (mm of water),
        ``mixing``: the share of the wind that comes down, ``drain``: the wind in the
        valley, m/s.
    """
    names = ("temperature", "dew", "fog", "snow", "mixing", "drain")
    excess, dew, fog, snow = 0.0, float(moist[0]), 0.0, 0.0  # excess over the air above
    inputs = np.stack([air, moist, wind, cloud, sun], axis=1).tolist()
    seen = np.empty((len(inputs), len(names)))
    for step, (above, moisture, blows, covered, height) in enumerate(inputs):
        white = min(1.0, snow / 3)
        thick = covered * covered
        heat = 5.6 * height * (1 - 0.75 * thick) * (1 - 0.7 * fog) * (1 - 0.55 * white)
        loss = 0.9 * (1 - 0.8 * thick) * (1 - 0.6 * fog) * (1 + 0.4 * white)
        mixing = min(1.2, max(0.35, 0.75 + 0.06 * excess))
        stirred = blows * mixing
        # Warm air rises and mixes; cold air lies still.
        keep = 0.05 * stirred + (0.16 if excess > 0 else 0.03)
        excess += (heat - loss - keep * excess) / HOUR
        celsius = above + excess
        if celsius > 0:  # melting takes heat
            excess -= 0.2 * white * celsius / HOUR
            snow = max(0.0, snow - 0.25 * celsius / HOUR)
        fall = max(0.0, covered - 0.8) * 3  # mm an hour
        if celsius < 0.8:
            snow = min(60.0, snow + fall / HOUR)
        celsius = above + excess
        wetting = 0.12 * height * (1 - white) if celsius - dew > 1 else 0.0
        wetting += 0.25 * fall * (celsius - dew) + 0.08 * (moisture - dew)
        dew = min(celsius, dew + (wetting + 0.02 * stirred * (moisture - dew)) / HOUR)
        forms = 1.0 if celsius - dew < 0.3 and stirred < 2.5 else 0.0
        fog += (forms - fog) / (1.5 * HOUR)
        drain = min(1.2, max(0.0, -0.3 * excess))
        seen[step] = celsius, dew, fog, snow, mixing, drain
    return dict(zip(names, seen.T, strict=True))


def wind(
    rng: np.random.Generator,
    east_ward: np.ndarray,
    north_ward: np.ndarray,
    mixing: np.ndarray,
    drain: np.ndarray,
    band: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return speed, gusts (m/s) and direction of the wind near the ground, (steps,).

    The ground turns it to the left, towards the low. The valley runs from
    south-southwest to north-northeast: it halves the wind across.
    """
    steps = len(mixing)
    east, north = unit(VALLEY)
    # Turning the wind to the left is turning the axis to the right.
    turned_east, turned_north = unit(VALLEY + FRICTION)
    along = mixing * (east_ward * turned_east + north_ward * turned_north)
    across = 0.5 * mixing * (east_ward * turned_north - north_ward * turned_east)
    along, across = along + 0.9 * drain, across - 0.5 * drain
    squall = 1 + 0.5 * np.minimum(band, 1)
    along, across = (
        squall * part * (1 + 0.3 * red_noise(rng, steps, 0.5))
        + 0.5 * red_noise(rng, steps, 0.5)
        for part in (along, across)
    )
    speed = np.hypot(along, across)
    gusts = speed * (1.45 + 0.12 * np.abs(rng.standard_normal(steps))) + 0.35
    towards = np.arctan2(along * east + across * north, along * north - across * east)
    return speed, gusts, (np.degrees(towards) + 180) % 360


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
