"""Lessons are executed from a clean kernel; what fails is said and counted."""

from types import SimpleNamespace

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from keeper import __main__ as commands
from keeper import execute as executing
from keeper.execute import execute, lessons

SQUARES = "numbers = [i * i for i in range(4)]\nnumbers"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Two lessons of our own; the second one fails in its second cell."""
    cells = {"00_good": [SQUARES], "01_bad": [SQUARES, "1 / 0", "print('never')"]}
    for name, sources in cells.items():
        notebook = new_notebook(cells=[new_code_cell(source) for source in sources])
        nbformat.write(notebook, tmp_path / f"{name}.ipynb")
    monkeypatch.setattr(executing, "LESSONS", tmp_path)
    monkeypatch.setattr(commands, "ROOT", tmp_path)
    monkeypatch.setattr(commands, "BUILD", tmp_path / "build")
    return tmp_path


def test_a_notebook_is_executed_and_measured(folder):
    seen = []
    done = execute(folder / "00_good.ipynb", on_cell=lambda: seen.append(1))
    assert done.error is None
    assert done.notebook.cells[0].outputs[0].data["text/plain"] == "[0, 1, 4, 9]"
    assert done.seconds > 0
    assert 10_000_000 < done.peak_bytes < 1_000_000_000
    assert len(seen) == 1


def test_memory_of_what_a_kernel_starts_is_counted(folder):
    code = """import subprocess, sys
hog = "import time; held = b'x' * 300_000_000; print(1, flush=True); time.sleep(99)"
process = subprocess.Popen([sys.executable, "-c", hog], stdout=subprocess.PIPE)
process.stdout.readline(), __import__("time").sleep(0.5), process.kill()"""
    nbformat.write(new_notebook(cells=[new_code_cell(code)]), folder / "02_hog.ipynb")
    assert execute(folder / "02_hog.ipynb").peak_bytes > 300_000_000


def test_a_long_cell_says_where_it_is(folder, tmp_path):
    line = tmp_path / "line"
    column = executing._CellColumn()
    task = SimpleNamespace(fields={"line": line})
    assert str(column.render(task)) == ""
    code = f"""from course_utils.progress import track
lines = [open({str(line)!r}).read() for _ in track([1, 2], "squares")]
lines[0]"""
    nbformat.write(new_notebook(cells=[new_code_cell(code)]), folder / "02_long.ipynb")
    done = execute(folder / "02_long.ipynb", env={"COURSE_PROGRESS": str(line)})
    assert done.notebook.cells[0].outputs[0].data["text/plain"] == "'squares: 1 of 2'"
    assert str(column.render(task)) == ""  # nothing is left behind


def test_a_failing_cell_is_named_and_stops_the_notebook(folder):
    done = execute(folder / "01_bad.ipynb")
    assert done.error == "ZeroDivisionError: division by zero"
    good, bad, never = done.notebook.cells
    assert good.outputs[0].output_type == "execute_result"
    assert bad.outputs[0].output_type == "error"
    assert never.outputs == []


def test_run_writes_all_and_ends_non_zero_if_one_failed(folder, monkeypatch, capsys):
    monkeypatch.setenv("COURSE_PROFILE", "quick")
    assert commands.run([]) == 1
    out = capsys.readouterr().out
    assert "00_good: passed" in out
    assert "01_bad: failed: ZeroDivisionError" in out
    written = {path.name for path in (folder / "build" / "quick").glob("*.*")}
    pages = {"00_good.html", "01_bad.html", "index.html"}
    assert written == {"00_good.ipynb", "01_bad.ipynb", *pages}
    assert commands.run(["00"]) == 0


def test_notebooks_keeps_the_outputs_of_a_notebook_that_fails(folder, monkeypatch):
    monkeypatch.setenv("COURSE_PROFILE", "lecture")  # must not matter
    before = (folder / "01_bad.ipynb").read_text("utf-8")
    assert commands.notebooks([]) == 1
    assert (folder / "01_bad.ipynb").read_text("utf-8") == before
    written = nbformat.read(folder / "00_good.ipynb", as_version=4)
    assert written.cells[0].execution_count == 1


def test_an_unknown_lesson_is_refused(folder):
    assert [path.stem for path in lessons()] == ["00_good", "01_bad"]
    with pytest.raises(SystemExit, match="No lesson's name begins with 77"):
        commands.run(["77"])
