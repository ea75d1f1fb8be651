"""Windows against a plain loop, splits that do not touch, and what is refused."""

import csv
import tracemalloc
from itertools import combinations

import numpy as np
import pytest
from conftest import keras
from hypothesis import given
from hypothesis import strategies as st
from sklearn.preprocessing import StandardScaler

from course_utils.datasets.fetch import bundled_path


@pytest.fixture(scope="module")
def ts():
    """The module, imported by the tests that run: it imports Keras."""
    from course_utils import timeseries

    return timeseries


def series(rows, columns=2):
    """Every number says where it stands: row + column / 10."""
    return np.arange(rows)[:, None] + np.arange(columns) / 10


def plain_loop(data, targets, periods, lookback, delay, step):
    """The definition of the windows, one number after the other."""
    windows, wanted = [], []
    for period in periods:
        for first in period:
            now = first + lookback - step
            if now + delay in period:
                windows.append([data[row] for row in range(first, now + 1, step)])
                wanted.append(targets[now + delay])
    return np.array(windows), np.array(wanted)


def gather(windows):
    """All batches of an epoch, one after the other."""
    batches = [windows[i] for i in range(len(windows))]
    return tuple(np.concatenate(parts) for parts in zip(*batches, strict=True))


@st.composite
def cuts(draw):
    """Periods, lookback, delay, step and batch size with at least one window."""
    step = draw(st.integers(1, 4))
    lookback = step * draw(st.integers(1, 5))
    delay = draw(st.integers(0, 6))
    length = lookback - step + 1 + delay
    periods, begin = [], 0
    for _ in range(draw(st.integers(1, 3))):
        begin += draw(st.integers(0, 3))
        periods.append(range(begin, begin + length + draw(st.integers(0, 9))))
        begin = periods[-1].stop
    return periods, begin + draw(st.integers(0, 3)), lookback, delay, step


@given(cuts(), st.integers(1, 7))
def test_windows_equal_a_plain_loop(ts, cut, batch_size):
    periods, rows, lookback, delay, step = cut
    data = series(rows)
    targets = -data[:, 0]
    options = {"lookback": lookback, "delay": delay, "step": step}
    windows = ts.Windows(data, targets, periods, batch_size=batch_size, **options)
    wanted = plain_loop(data, targets, periods, **options)
    x, y = gather(windows)
    assert np.array_equal(x, wanted[0])
    assert np.array_equal(y, wanted[1])
    assert np.array_equal(windows.targets, wanted[1])
    assert len(windows) == -(-len(y) // batch_size)


@given(cuts(), st.integers(0, 3))
def test_shuffling_loses_and_doubles_nothing(ts, cut, seed):
    periods, rows, lookback, delay, step = cut
    data = series(rows)
    options = {"lookback": lookback, "delay": delay, "step": step, "batch_size": 3}
    windows = ts.Windows(data, data[:, 0], periods, seed=seed, **options)
    for _ in range(2):
        x, y = gather(windows)
        assert np.array_equal(np.sort(y), windows.targets)
        assert np.array_equal(x[:, -1, 0], y - delay)  # each with its own target
        windows.on_epoch_end()


def test_the_last_row_is_a_target_and_the_first_row_is_seen(ts):
    data = series(100)
    options = {"lookback": 12, "delay": 5, "step": 3}
    windows = ts.Windows(data, data[:, 0], [range(100)], **options)
    x, y = gather(windows)
    assert x[0, :, 0].tolist() == [0, 3, 6, 9]
    assert y[0] == 9 + 5
    assert x[-1, :, 0].tolist() == [85, 88, 91, 94]
    assert y[-1] == 99


def test_keras_makes_the_same_windows(ts):
    data = series(60).astype("float32")
    lookback, delay, step = 12, 5, 3
    ours = ts.Windows(
        data, data[:, 0], [range(60)], lookback=lookback, delay=delay, step=step
    )
    theirs = keras.utils.timeseries_dataset_from_array(
        data,
        data[lookback - step + delay :, 0],
        sequence_length=lookback // step,
        sampling_rate=step,
        batch_size=16,
    )
    batches = [tuple(map(np.asarray, batch)) for batch in theirs]
    for ours_all, theirs_all in zip(
        gather(ours), zip(*batches, strict=True), strict=True
    ):
        assert np.array_equal(ours_all, np.concatenate(theirs_all))


def test_epochs_differ_and_a_seed_repeats_them(ts):
    data = series(500)

    def epochs(seed):
        options = {"lookback": 4, "delay": 1, "batch_size": 50, "steps_per_epoch": 3}
        windows = ts.Windows(data, data[:, 0], [range(500)], seed=seed, **options)
        assert len(windows) == 3
        ys = []
        for _ in range(2):
            ys.append(gather(windows)[1].tolist())
            windows.on_epoch_end()
        return ys

    first, second = epochs(0)
    assert len(set(first)) == 150
    assert first != second
    assert epochs(0) == [first, second]
    assert epochs(1) != [first, second]


def test_fit_shuffles_in_a_way_that_the_seed_repeats(ts):
    data = series(40).astype("float32") / 40

    def first_batch(epochs):
        windows = ts.Windows(data, data[:, 0], [range(40)], lookback=4, delay=1, seed=0)
        if epochs:
            model = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(1)])
            model.compile(loss="mae")
            model.fit(windows, epochs=epochs, verbose=0)
        return windows[0][1].tolist()

    assert first_batch(2) == first_batch(2)
    assert first_batch(0) != first_batch(1) != first_batch(2)


def test_stride_takes_every_so_many_windows(ts):
    data = series(50)
    options = {"lookback": 6, "delay": 2, "step": 2}
    every = ts.Windows(data, data[:, 0], [range(50)], **options)
    third = ts.Windows(data, data[:, 0], [range(50)], stride=3, **options)
    assert third.now.tolist() == every.now[::3].tolist()


def test_targets_may_have_several_outputs(ts):
    data = series(30)
    windows = ts.Windows(data, data, [range(30)], lookback=4, delay=1)
    assert windows[0][1].shape == (26, 2)
    assert windows.targets.shape == (26, 2)


@given(st.integers(80, 400), st.integers(0, 12))
def test_no_window_and_no_target_leaves_its_part(ts, rows, delay):
    split = ts.split_by_time(rows, 0.5, 0.75)
    data, touched = series(rows), []
    for periods in split:
        options = {"lookback": 4, "delay": delay, "step": 2}
        windows = ts.Windows(data, data[:, 0], periods, **options)
        x, y = gather(windows)
        touched.append(set(x[..., 0].ravel()) | set(y))
        assert touched[-1] <= {row for period in periods for row in period}
    for one, other in combinations(touched, 2):
        assert not one & other


def test_split_by_time_takes_fractions_and_row_numbers(ts):
    assert ts.split_by_time(420_551, 200_000, 300_000) == (
        [range(200_000)],
        [range(200_000, 300_000)],
        [range(300_000, 420_551)],
    )
    assert ts.split_by_time(10, 0.5, 0.75) == (
        [range(5)],
        [range(5, 8)],
        [range(8, 10)],
    )


@pytest.mark.parametrize(
    ("ends", "what"),
    [
        ((0.75, 0.5), "ascending"),
        ((0, 0.5), "ascending"),
        ((50, 100), "ascending"),
        ((0.5, 0.5), "ascending"),
    ],
    ids=str,
)
def test_a_split_with_an_empty_part_is_refused(ts, ends, what):
    with pytest.raises(ValueError, match=what):
        ts.split_by_time(100, *ends)


@pytest.mark.parametrize(
    ("argument", "what"),
    [
        ({"lookback": 0}, "lookback must be at least 1"),
        ({"step": 0}, "step must be at least 1"),
        ({"stride": 0}, "stride must be at least 1"),
        ({"batch_size": 0}, "batch_size must be at least 1"),
        ({"delay": -1}, "delay must be at least 0"),
        ({"lookback": 5}, "lookback must be a multiple of step = 2, got 5"),
        ({"periods": [range(90, 101)]}, "inside the 100 rows"),
        ({"periods": [range(6)]}, "a window of 7 rows"),
        ({"periods": []}, "ranges that lie inside the 100 rows"),
        (
            {"targets": np.zeros(99)},
            r"targets must have 100 rows as data, got the shape \(99,\)",
        ),
        (
            {"steps_per_epoch": 99},
            "steps_per_epoch must be at least 1 and below 3, got 99",
        ),
        (
            {"steps_per_epoch": 0},
            "steps_per_epoch must be at least 1 and below 3, got 0",
        ),
        ({"data": np.zeros(100)}, "shape"),
    ],
    ids=lambda value: value if isinstance(value, str) else ", ".join(value),
)
def test_wrong_arguments_are_refused(ts, argument, what):
    data = series(100)
    good = {"data": data, "targets": data[:, 0], "periods": [range(100)]}
    good |= {"lookback": 4, "delay": 4, "step": 2, "batch_size": 64}
    ts.Windows(**good)
    with pytest.raises(ValueError, match=what):
        ts.Windows(**good | argument)


def test_a_batch_beyond_the_epoch_is_refused(ts):
    data = series(20)
    windows = ts.Windows(data, data[:, 0], [range(20)], lookback=4, delay=1)
    with pytest.raises(IndexError, match="batch must be 0 to 0, got 1"):
        windows[1]


def test_eight_years_of_weather_take_little_memory(ts):
    rows, columns = 420_551, 14
    rng = np.random.default_rng(0)
    frame = rng.random((rows, columns), dtype=np.float32)
    tracemalloc.start()
    split = ts.split_by_time(rows, 200_000, 300_000)
    data = StandardScaler().fit(frame[split.train[0]]).transform(frame)
    for periods in split:
        options = {"lookback": 1_440, "delay": 144, "step": 6, "seed": 0}
        windows = ts.Windows(data, data[:, 1], periods, **options)
        x, y = windows[len(windows) - 2]
        assert x.shape == (128, 240, 14)
        assert y.shape == (128,)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 500e6


def forecast(ts, values, lookback, delay):
    """The path of the lesson for any CSV: split, standardize, cut, train, measure."""
    split = ts.split_by_time(len(values), 0.6, 0.8)
    data = StandardScaler().fit(values[split.train[0]]).transform(values)
    train, validation, test = (
        ts.Windows(data, data[:, 0], periods, lookback=lookback, delay=delay, seed=0)
        for periods in split
    )
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.layers.GRU(4), keras.layers.Dense(1)])
    model.compile(keras.optimizers.RMSprop(0.01), "mae")
    model.fit(train, validation_data=validation, epochs=4, verbose=0)
    naive = np.abs(test.targets - data[test.now, 0]).mean()
    return model.evaluate(test, verbose=0), naive


def test_a_csv_of_a_noisy_sine_goes_the_same_way(ts, tmp_path):
    path = tmp_path / "sine.csv"
    rng = np.random.default_rng(0)
    t = np.arange(1_000)
    x = np.sin(0.02 * t) + 2 * rng.random(1_000)
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("t", "x"), *zip(t, x, strict=True)])
    values = np.loadtxt(path, delimiter=",", skiprows=1)[:, 1:]
    mae, naive = forecast(ts, values, lookback=16, delay=1)
    assert mae < 0.9 * naive


def test_the_prices_go_the_same_way(ts):
    from course_utils.datasets.prices import read_prices

    frame = read_prices(bundled_path("prices"))
    values = frame[["Close", "Volume"]].to_numpy()
    mae, naive = forecast(ts, values, lookback=20, delay=1)
    assert np.isfinite(mae)
    assert naive > 0
