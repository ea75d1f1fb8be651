"""Lesson 09: its checks fail where they should, and its order holds in the record."""

import nbformat
import numpy as np
import pytest
from conftest import BUNDLED, ROOT

from course_utils import check
from course_utils.results import read_results

LESSON = ROOT / "notebooks" / "09_weather_gru.ipynb"
RECORD = read_results("09_weather_gru")["runs"]


def source(part: str) -> str:
    """Return the one code cell that holds a piece of code."""
    cells = nbformat.read(LESSON, as_version=4).cells
    [found] = [c.source for c in cells if c.cell_type == "code" and part in c.source]
    return found


@pytest.fixture(scope="module")
def lesson():
    """What the lesson's cells define, with the bundled station prepared."""
    import course_utils
    from course_utils.datasets.weather import read_weather
    from course_utils.timeseries import Windows, split_by_time

    frame = read_weather(BUNDLED / "weather.csv.zip").frame
    course = course_utils.start("quick")
    space = {"np": np, "Windows": Windows, "split_by_time": split_by_time}
    space |= {"course": course, "settings": course.settings("weather_gru")}
    space |= {"frame": frame, "temperature": frame["T (degC)"], "check": check}
    for part in (
        "def circle(",
        "def with_circles(",
        "ends = settings.train_end",
        "def prepare(",
        "def hourly(",
        "def as_now(",
        "def ridge(",
    ):
        exec(source(part), space)
    return space


def run(space: dict, part: str, **changed: object) -> dict:
    """Run a cell with some names changed, the lesson's own names untouched."""
    space = {**space, **changed}
    exec(source(part), space)
    return space


def test_a_target_beyond_the_border_is_seen(lesson):
    run(run(lesson, "first_seen = "), "last_target == border")
    windows = lesson["Windows"]

    def leaky(data, targets, periods, *, delay, **sizes):
        longer = [range(p.start, p.stop + delay) for p in periods]
        return windows(data, targets, longer, delay=delay, **sizes)

    space = run(lesson, "first_seen = ", Windows=leaky)
    with pytest.raises(AssertionError, match="last training target"):
        run(space, "last_target == border")


def test_ridge_learns_nothing_from_shuffled_changes(lesson):
    station = lesson["station"]
    x, y = station.parts["train"]
    now = x[:, -1, station.column]
    changes = np.random.default_rng(0).permutation(y - now)
    station = type(station)(**vars(station))
    station.parts = station.parts | {"train": (x, now + changes)}
    error, naive = (
        lesson["mae"](station, lesson[model](station), "test")
        for model in ("ridge", "as_now")
    )
    assert error > 0.97 * naive
    assert lesson["station"].table["ridge"]["test"] < 0.95 * naive


def test_the_slip_of_an_hour_is_none_in_a_series_without_days(lesson):
    run(run(lesson, "def naive_error("), "ratio = naive_error")
    noise = np.random.default_rng(0).standard_normal(50_000)
    space = run(lesson, "def naive_error(", temperature=noise)
    with pytest.raises(AssertionError):
        run(space, "ratio = naive_error")


def test_weeks_of_shuffled_errors_do_not_differ(lesson):
    error = np.random.default_rng(1).gamma(1, 2, 4_000)
    weeks = error[: len(error) // 168 * 168].reshape(-1, 168).mean(axis=1)
    with pytest.raises(AssertionError, match="twice as much"):
        run(lesson, "by_chance", error=error, weeks=weeks)


def errors(contest: str, part: str = "test") -> dict[str, np.ndarray]:
    """Return the error of each model of the record, (seeds,)."""
    runs = [run[contest] for run in RECORD.values()]
    models = [k for k, v in runs[0].items() if isinstance(v, dict)]
    return {k: np.array([run[k][part] for run in runs]) for k in models}


@pytest.mark.parametrize("contest", ["station", "other station"])
def test_simple_models_and_the_residual_gru_beat_as_now_on_every_station(contest):
    found = errors(contest)
    for model in ("ridge", "boosting", "residual"):
        assert (found[model] < found["as now"]).all(), model


def test_on_the_real_year_ridge_wins_on_validation_and_loses_on_the_test_part():
    held_out, test = errors("real year", "validation"), errors("real year")
    assert (held_out["ridge"] < held_out["as now"]).all()
    assert (test["ridge"] > test["as now"]).all()
