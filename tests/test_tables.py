"""The tables of the documents are the records, and no slower way goes unexplained."""

import json
import subprocess
import sys

import numpy as np
import pytest
from conftest import ROOT

from course_utils import results
from course_utils.profiles import PUBLISHED
from course_utils.results import read_results
from keeper import __main__ as commands
from keeper import tables
from keeper.record import write_section

RECORD = read_results("benchmarks")
# Facts that lessons 01, 02, 03, 05, 10 and 11 check against what they count themselves.
COUNTED = {
    "bag_of_2_grams",
    "bag_of_3_grams",
    "character_tokens",
    "embedding_parameters",
    "phrases_train",
    "phrases_test",
    "greedy_parameters",
    "lstm_layer_parameters",
}


@pytest.mark.parametrize("path", tables.DOCUMENTS, ids=lambda path: path.stem)
def test_the_tables_of_the_documents_are_the_records(path):
    text = path.read_text(encoding="utf-8")
    assert text == tables.render(text, tables.DOCUMENTS[path]), "make tables"


def test_a_changed_figure_is_seen(monkeypatch):
    text = (ROOT / "docs" / "benchmarks.md").read_text(encoding="utf-8")
    changed = json.loads(json.dumps(RECORD))
    changed["bptt"]["pairs"][0]["ratio"] += 1
    monkeypatch.setattr(
        tables,
        "read_results",
        lambda name: changed if name == "benchmarks" else read_results(name),
    )
    assert text != tables.render(text, ["ratios"])


def test_a_readme_without_markers_is_refused():
    with pytest.raises(ValueError, match="must hold the markers"):
        tables.render("# A course", ["ratios"])


def test_every_section_is_recorded_with_its_machine_and_has_a_script():
    assert set(tables.SECTIONS) - tables.ON_REQUEST <= set(RECORD)
    assert set(RECORD) <= set(tables.SECTIONS)
    for name, section in RECORD.items():
        assert (ROOT / "benchmarks" / f"{name}.py").exists()
        assert section["machine"]["cores"] >= 1
        assert {"keras", "tensorflow"} <= set(section["machine"]["packages"])
    for name in ("imdb_pytorch", "weather_pytorch"):
        assert "torch" in RECORD[name]["machine"]["packages"]


def test_pairs_are_complete_and_a_slower_one_has_a_reason():
    for _, pair in tables.pairs():
        assert 0 < pair["ratio_min"] <= pair["ratio"] <= pair["ratio_max"]
        assert min(pair["seconds_ours"], pair["seconds_theirs"]) > 0
    assert tables.without_reason() == []


def test_the_slopes_are_those_of_the_recorded_times():
    panels = RECORD["growth"]["panels"]
    assert len(panels) == 4
    for curve in (curve for curves in panels.values() for curve in curves):
        sizes, times = np.log(curve["sizes"]), np.log(curve["seconds"])
        assert curve["slope"] == pytest.approx(np.polyfit(sizes, times, 1)[0], abs=0.01)


def test_what_grows_and_what_does_not():
    slopes = {
        curve["name"]: curve["slope"]
        for curves in RECORD["growth"]["panels"].values()
        for curve in curves
    }
    assert slopes["Embedding"] < 0.3 < 0.7 < slopes["one-hot times a matrix"]
    assert slopes["state carried"] < 1.3 < 1.6 < slopes["all read again, the same loop"]


def test_no_lesson_takes_too_much():
    lessons = RECORD["make_run"]["lessons"]
    on_disk = {path.stem for path in (ROOT / "notebooks").glob("*.ipynb")}
    assert set(lessons) == on_disk, "make bench ARGS=make_run"
    assert max(lesson["megabytes"] for lesson in lessons.values()) <= 1_500


def test_every_published_figure_stands_in_the_table_or_is_counted():
    rows = tables.experiments()
    used = {name for row in rows for name in (*row.published, row.unit) if name}
    assert used | COUNTED == set(PUBLISHED)
    assert not used & COUNTED


@pytest.mark.parametrize(
    ("ours", "published", "unit", "expected"),
    [
        ([0.76, 0.75], ["embedding_val_accuracy"], "", "0"),
        ([0.85], ["simple_rnn_low", "simple_rnn_high"], "", "+0.020"),
        ([0.81], ["simple_rnn_low", "simple_rnn_high"], "", "0"),
        ([0.75], ["simple_rnn_low", "simple_rnn_high"], "", "−0.050"),
        ([1.5], ["weather_reversed_best"], "weather_naive_standardized", "+0.086"),
        ([1.0], [], "", ""),
    ],
)
def test_differences(ours, published, unit, expected):
    row = tables.Row("00", "a figure", published, ours, "", unit=unit)
    assert tables.difference(row) == expected


def test_every_language_and_way_of_the_phrases_is_a_row():
    rows = [row for row in tables.experiments() if row.lesson == "05"]
    for language in ("English", "Russian", "Bulgarian"):
        named = [row.what for row in rows if row.what.startswith(f"{language} phrases")]
        assert len(named) == 4
        assert sum("the lecture's slip" in what for what in named) == 1
    assert len(rows) == len({row.what for row in rows}) == 12
    assert {len(row.ours) for row in rows} == {5}


def test_a_section_is_replaced_and_the_others_are_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(results, "RESULTS", tmp_path)
    write_section("benchmarks", "one", {"pairs": [1]})
    write_section("benchmarks", "two", {"pairs": [2]}, "pytest")
    write_section("benchmarks", "one", {"pairs": [3]})
    written = read_results("benchmarks")
    assert [written[name]["pairs"] for name in ("one", "two")] == [[3], [2]]
    assert "pytest" in written["two"]["machine"]["packages"]
    write_section("benchmarks", "two", {"pairs": [4]}, about={"what": "all"})
    assert read_results("benchmarks")["what"] == "all"
    assert read_results("benchmarks")["one"] == written["one"]
    assert [path.name for path in tmp_path.iterdir()] == ["benchmarks.json"]


def test_bench_measures_what_is_asked_and_survives_a_failure(monkeypatch, capsys):
    asked = []

    def call(command, **_):
        asked.append(command[1].stem)
        return int(asked[-1] == "imdb")

    monkeypatch.setattr(subprocess, "call", call)
    assert commands.bench(["imdb", "--try"]) == 1
    assert asked == ["imdb", "imdb_pytorch"]
    assert "the older record stays: imdb." in capsys.readouterr().out
    asked.clear()
    assert commands.bench(["--try"]) == 1
    assert set(asked) == set(tables.SECTIONS) - tables.ON_REQUEST
    with pytest.raises(SystemExit, match="choose of one_hot"):
        commands.bench(["two_hot"])


def test_a_script_can_be_tried_and_then_writes_nothing():
    before = (results.RESULTS / "benchmarks.json").read_bytes()
    script = ROOT / "benchmarks" / "one_hot.py"
    done = subprocess.run(
        [sys.executable, script, "--try"], capture_output=True, text=True, check=True
    )
    assert done.stdout.count("ratio") == len(RECORD["one_hot"]["pairs"])
    assert (results.RESULTS / "benchmarks.json").read_bytes() == before


@pytest.mark.parametrize("option", ["--help", "--tyr"])
def test_a_script_that_is_asked_for_help_measures_nothing(option):
    before = (results.RESULTS / "benchmarks.json").read_bytes()
    script = ROOT / "benchmarks" / "make_test.py"
    done = subprocess.run([sys.executable, script, option], capture_output=True)
    assert done.returncode == (0 if option == "--help" else 2)
    assert b"usage:" in done.stdout + done.stderr
    assert (results.RESULTS / "benchmarks.json").read_bytes() == before


def test_help_measures_nothing(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["course", "bench", "--help"])
    monkeypatch.setattr(subprocess, "call", None)  # nothing is started
    with pytest.raises(SystemExit) as ended:
        commands.main()
    assert ended.value.code == 0
    assert "usage:" in capsys.readouterr().out
