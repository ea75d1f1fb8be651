"""A record is what a lesson's own cells hand over, a run for each seed."""

import json

import nbformat
import numpy as np
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from course_utils import results
from course_utils.results import over_seeds, read_results
from keeper.record import record_lesson

START = 'import course_utils\ncourse = course_utils.start("quick", backend=False)'
MEASURE = """import numpy as np
rng = np.random.default_rng(course.seed)
course.record("a draw", value=rng.random(), seed=course.seed, profile=course.profile)
course.record("a draw", array=np.arange(3), nothing=None)
print("measured")"""
CHECK = (
    'from course_utils import check\ncheck("The draw is large.", rng.random() > 0.5)'
)


@pytest.fixture
def lesson(tmp_path, monkeypatch):
    monkeypatch.setattr(results, "RESULTS", tmp_path / "results")
    path = tmp_path / "77_a_lesson.ipynb"
    write(path, START, MEASURE, CHECK)
    return path


def write(path, *sources):
    cells = [new_code_cell(source) for source in sources]
    cells[-1].metadata["tags"] = ["check"]
    nbformat.write(new_notebook(cells=cells), path)


def test_each_seed_is_a_run_of_the_lesson_itself(lesson, capsys):
    assert record_lesson(lesson, [0, 1], "record")
    record = read_results("77_a_lesson")
    assert record["profile"] == "record"
    assert record["machine"]["cores"] >= 1
    draws = [round(np.random.default_rng(seed).random(), 4) for seed in (0, 1)]
    assert over_seeds(record, "a draw", "value").round(4).tolist() == draws
    assert over_seeds(record, "a draw", "array").tolist() == [[0, 1, 2]] * 2
    run = record["runs"]["1"]
    assert run["a draw"]["profile"] == "record"
    assert run["execution"]["bytes"] > 10_000_000
    assert "seed 1: " in capsys.readouterr().out


def test_a_claim_that_does_not_hold_is_recorded_and_the_lesson_goes_on(lesson):
    assert record_lesson(lesson, range(4), "record")
    runs = read_results("77_a_lesson")["runs"]
    held = [runs[str(seed)]["claims"]["The draw is large."] for seed in range(4)]
    rngs = [np.random.default_rng(seed) for seed in range(4)]
    assert held == [bool(rng.random(2)[1] > 0.5) for rng in rngs]
    assert len(set(held)) == 2


def test_a_recorded_run_is_not_repeated_until_the_lesson_changes(lesson, capsys):
    record_lesson(lesson, [0], "record")
    record_lesson(lesson, [0], "record")
    assert "seed 0: is in the record" in capsys.readouterr().out
    write(lesson, START, MEASURE, CHECK.replace("large", "big"))
    record_lesson(lesson, [0], "record")  # a check measures nothing
    assert "seed 0: is in the record" in capsys.readouterr().out
    write(lesson, START, MEASURE.replace("arange(3)", "arange(4)"), CHECK)
    record_lesson(lesson, [0], "record")
    assert "is in the record" not in capsys.readouterr().out
    assert over_seeds(read_results("77_a_lesson"), "a draw", "array").shape == (1, 4)


def test_cells_that_show_the_record_are_left_out(lesson):
    write(lesson, START, MEASURE, "1 / 0", CHECK)
    notebook = nbformat.read(lesson, as_version=4)
    notebook.cells[2].metadata["tags"] = ["recorded"]
    nbformat.write(notebook, lesson)
    assert record_lesson(lesson, [0], "record")
    run = read_results("77_a_lesson")["runs"]["0"]
    assert list(run["claims"]) == ["The draw is large."]


def test_a_run_that_fails_is_said_and_loses_no_other(lesson, capsys):
    record_lesson(lesson, [0], "record")
    write(lesson, START, MEASURE, "1 / course.seed", CHECK)
    assert not record_lesson(lesson, [0], "record")
    assert "failed: ZeroDivisionError" in capsys.readouterr().out
    assert record_lesson(lesson, [1], "record")
    assert list(read_results("77_a_lesson")["runs"]) == ["0", "1"]


def test_what_no_run_has_is_named():
    record = {"runs": {"0": {"made_by": "x", "a draw": {"value": 1}}}}
    with pytest.raises(ValueError, match="got a draw: values"):
        over_seeds(record, "a draw", "values")
    assert over_seeds(record, "a draw", "value").tolist() == [1]


def test_in_any_other_run_nothing_is_handed_over(tmp_path, monkeypatch):
    import course_utils

    monkeypatch.delenv("COURSE_RECORD", raising=False)
    monkeypatch.chdir(tmp_path)
    course = course_utils.start("quick", backend=False)
    course.record("a draw", value=1)
    assert list(tmp_path.iterdir()) == []
    monkeypatch.setenv("COURSE_RECORD", str(tmp_path / "run.json"))
    course.record("a draw", value=np.float32(1 / 3), table={1: np.ones(2)})
    course.record("a draw", text="½")
    run = json.loads((tmp_path / "run.json").read_text("utf-8"))
    assert run == {"a draw": {"value": 0.333333, "table": {"1": [1, 1]}, "text": "½"}}


@pytest.mark.parametrize("seed", ["-1", "one", "1.5"])
def test_a_seed_of_the_environment_that_is_none_is_named(seed, monkeypatch):
    import course_utils

    monkeypatch.setenv("COURSE_SEED", seed)
    with pytest.raises(ValueError, match=rf"seed must be a whole number.*'{seed}'"):
        course_utils.start("quick", backend=False)
