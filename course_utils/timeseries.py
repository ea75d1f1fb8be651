"""Forecast a series from windows of its past: split it, cut windows.

The names are the lecture's: a window looks back over ``lookback`` rows, sees one row
in ``step``, and its target stands ``delay`` rows after the last row that it sees.
Nothing here knows of the weather: any array with one row a moment will do.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import keras
import numpy as np

from course_utils._arguments import numbers, shown, whole_number


class Split(NamedTuple):
    """The rows that train, validate and test: each one period or several."""

    train: list[range]
    validation: list[range]
    test: list[range]


def split_by_time(rows: int, train_end: float, validation_end: float) -> Split:
    """Cut a series once for validation and once for testing, the future last.

    Args:
        rows: the length of the series.
        train_end: the first row that no longer trains: a row number, or a fraction of
            the rows if it is below 1.
        validation_end: the first row that no longer validates, likewise.

    Raises:
        ValueError: if one of the three parts would be empty.
    """
    rows = whole_number("rows", rows)
    first = _row_of("train_end", train_end, rows)
    second = _row_of("validation_end", validation_end, rows)
    if not 0 < first < second < rows:
        raise ValueError(
            "train_end and validation_end must be ascending and inside the series of "
            f"{rows} rows, got {train_end} and {validation_end}"
        )
    return Split([range(first)], [range(first, second)], [range(second, rows)])


class Windows(keras.utils.PyDataset):
    """Batches of windows and targets, cut from the series when they are asked for.

    The window of row ``now`` holds the rows ``now - lookback + step``, …,
    ``now - step``, ``now``; its target is that of row ``now + delay``. A window and
    its target lie inside one period; every ``now`` for which they do is used, the
    last one included. The series itself is not copied: a batch is one gather.

    Attributes:
        now: the last row that each window sees, (windows,), ascending.
    """

    def __init__(
        self,
        data: np.ndarray,
        targets: np.ndarray,
        periods: Sequence[range],
        *,
        lookback: int,
        delay: int,
        step: int = 1,
        stride: int = 1,
        batch_size: int = 128,
        steps_per_epoch: int | None = None,
        seed: int | None = None,
    ):
        """Find the windows.

        Args:
            data: what the windows show, (rows, features).
            targets: what is forecast, (rows,) or (rows, outputs).
            periods: the rows to stay in, as in ``Split.train``; one that is too short
                for a window, as a last block may be, gives none.
            lookback: rows from the beginning of a window to its end, a multiple of
                ``step``; the window shows ``lookback // step`` of them.
            delay: rows from the end of a window to its target.
            step: rows from one shown row to the next.
            stride: rows from one window to the next.
            batch_size: windows of a batch; the last batch may be smaller.
            steps_per_epoch: batches of an epoch; default: all windows once.
            seed: shuffle the windows, in every epoch anew; default: in order of time.

        Raises:
            ValueError: if an argument is out of range, there is no window, or a period
                holds NaN or infinity.
        """
        super().__init__()
        lookback = whole_number("lookback", lookback, 1)
        step = whole_number("step", step, 1)
        stride = whole_number("stride", stride, 1)
        batch_size = whole_number("batch_size", batch_size, 1)
        delay = whole_number("delay", delay, 0)
        if lookback % step:
            raise ValueError(
                f"lookback must be a multiple of step = {step}, got {lookback}"
            )
        self._data = _as_table(data, "data")
        self._targets = numbers("targets", targets)
        if self._targets.shape[:1] != (len(self._data),):
            raise ValueError(
                f"targets must have {len(self._data)} rows as data, got the shape "
                f"{self._targets.shape}"
            )
        self._delay, self._batch_size = delay, batch_size
        self._offsets = np.arange(step - lookback, 1, step)
        _inside(periods, len(self._data))
        for period in periods:
            _refuse_gaps("data", self._data, period)
            _refuse_gaps("targets", self._targets, period)
        begin = lookback - step
        self.now = np.concatenate(
            [np.arange(p.start + begin, p.stop - delay, stride) for p in periods]
        )
        if not len(self.now):
            raise ValueError(
                f"periods must hold a window of {begin + 1 + delay} rows, got "
                f"{shown(periods)}"
            )
        self._batches = -(-len(self.now) // batch_size)
        if steps_per_epoch is not None:
            self._batches = whole_number(
                "steps_per_epoch", steps_per_epoch, 1, self._batches + 1
            )
        self._seed = None if seed is None else whole_number("seed", seed, 0)
        self.epoch = 0

    def __len__(self) -> int:
        """Return the number of batches of an epoch."""
        return self._batches

    def __getitem__(self, batch: int) -> tuple[np.ndarray, np.ndarray]:
        """Return windows (batch_size, lookback // step, features), and targets."""
        if not 0 <= batch < self._batches:
            raise IndexError(f"batch must be 0 to {self._batches - 1}, got {batch}")
        begin = batch * self._batch_size
        now = self._order[begin : begin + self._batch_size]
        windows = self._data.take(now[:, None] + self._offsets, axis=0)
        return windows, self._targets[now + self._delay]

    def on_epoch_end(self) -> None:
        """Shuffle again; Keras calls this after every epoch of ``fit``."""
        self.epoch += 1

    @property
    def epoch(self) -> int:
        """Which epoch's order is shown, from 0; a resumed training sets it."""
        return self._epoch

    @epoch.setter
    def epoch(self, epoch: int) -> None:
        self._epoch = epoch
        self._order = self.now
        if self._seed is not None:
            rng = np.random.default_rng([self._seed, epoch])
            self._order = rng.permutation(self.now)

    @property
    def targets(self) -> np.ndarray:
        """The target of every window in order of time, (windows,) or with outputs."""
        return self._targets[self.now + self._delay]


def _row_of(name: str, end: float, rows: int) -> int:
    """Return a row, given by its number or by a fraction of the rows."""
    if isinstance(end, float | np.floating) and 0 <= end < 1:
        return round(end * rows)
    return whole_number(f"{name}, if it is no fraction below 1,", end)


def _inside(periods: Sequence[range], rows: int) -> None:
    """Check that periods are rows of the series, one after the other."""
    if isinstance(periods, range):
        raise ValueError(f"periods must be a list, got {periods}; use [{periods}]")
    fits = isinstance(periods, Sequence) and all(
        isinstance(p, range) and p.step == 1 and 0 <= p.start < p.stop <= rows
        for p in periods
    )
    if not fits or not periods:
        raise ValueError(
            f"periods must be ranges that lie inside the {rows} rows, got "
            f"{shown(periods)}"
        )


def _refuse_gaps(name: str, values: np.ndarray, period: range) -> None:
    """Check that all numbers of a period are finite."""
    finite = np.isfinite(values[period.start : period.stop])
    if not finite.all():
        row = period.start + int(np.argwhere(~finite)[0, 0])
        raise ValueError(
            f"{name} must be finite in the periods, got NaN or infinity in row {row}: "
            "repair the series first"
        )


def _as_table(values: np.ndarray, name: str = "values") -> np.ndarray:
    values = numbers(name, values)
    if values.ndim != 2:
        raise ValueError(
            f"{name} must have the shape (rows, columns), got {values.shape}"
        )
    return values
