"""Simulate ten years of a share and write them as sites export them.

The share does not exist. What real shares show is there: calm and nervous months
follow each other (volatility clusters, a GARCH(1, 1) process), and the price drifts
up a little. What a forecast of tomorrow would need is not there: no return depends
on an earlier return, so nothing beats "as yesterday" by more than the drift.
"""

from __future__ import annotations

import math
from datetime import date, timedelta
from pathlib import Path

import numpy as np

TARGET = Path(__file__).parents[1] / "bundled" / "prices.csv"
SEED = 12  # of those tried, one whose returns show no pattern by chance
FIRST, LAST = date(2014, 1, 2), date(2023, 12, 29)
HOLIDAYS = {(1, 1), (5, 1), (12, 25), (12, 26)}  # (month, day)
START_PRICE = 80.0
DRIFT = 0.0003  # of the logarithm, a day: about 8 % a year
DAILY = 0.013  # long-run standard deviation of a daily log-return
SHOCK, MEMORY = 0.08, 0.90  # GARCH: weights of the last square and of the last variance
OVERNIGHT = 0.2  # share of the variance that comes before the market opens


def trading_days() -> list[date]:
    """Return the weekdays from ``FIRST`` to ``LAST`` without the holidays."""
    span = (LAST - FIRST).days + 1
    days = [FIRST + timedelta(days=n) for n in range(span)]
    return [
        day
        for day in days
        if day.weekday() < 5 and (day.month, day.day) not in HOLIDAYS
    ]


def build() -> bytes:
    """Return the bytes of the CSV file: Date, Open, High, Low, Close, Volume."""
    rng = np.random.default_rng(SEED)
    lines = ["Date,Open,High,Low,Close,Volume"]
    log_close, variance = math.log(START_PRICE), DAILY**2
    for day in trading_days():
        night, session, up, down, crowd = rng.standard_normal(5).tolist()
        sigma = math.sqrt(variance)
        night *= sigma * math.sqrt(OVERNIGHT)
        session *= sigma * math.sqrt(1 - OVERNIGHT)
        log_open = log_close + DRIFT + night
        log_close = log_open + session
        log_high = max(log_open, log_close) + 0.4 * sigma * abs(up)
        log_low = min(log_open, log_close) - 0.4 * sigma * abs(down)
        activity = 0.3 * crowd + 0.5 * math.log(variance) - math.log(DAILY)
        volume = round(1.2e6 * math.exp(activity + 8 * abs(night + session)), -2)
        prices = [math.exp(log) for log in (log_open, log_high, log_low, log_close)]
        lines.append(
            f"{day},{','.join(f'{price:.2f}' for price in prices)},{volume:.0f}"
        )
        surprise = (night + session) ** 2
        calm = (1 - SHOCK - MEMORY) * DAILY**2
        variance = calm + SHOCK * surprise + MEMORY * variance
    return ("\n".join(lines) + "\n").encode()


def main() -> None:
    """Write the file to the folder of bundled data."""
    TARGET.write_bytes(build())
    print(f"{TARGET.name}: {TARGET.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
