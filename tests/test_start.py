"""The beginning of a notebook: profile, seeds, a quiet backend, the data's name."""

import os
import random
import shutil
import subprocess
import sys

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient

import course_utils
from course_utils.datasets.fetch import DataError
from course_utils.profiles import EXPERIMENTS, Settings, choose_profile


def test_the_environment_goes_before_the_parameter(monkeypatch):
    monkeypatch.setenv("COURSE_PROFILE", "lecture")
    assert choose_profile("quick") == "lecture"
    monkeypatch.delenv("COURSE_PROFILE")
    assert choose_profile("lecture") == "lecture"
    assert choose_profile() == "quick"


def test_an_unknown_profile_is_refused(monkeypatch):
    monkeypatch.setenv("COURSE_PROFILE", "fast")
    with pytest.raises(
        ValueError, match="must be one of quick, lecture, record, got 'fast'"
    ):
        choose_profile()


def test_settings_are_attributes_and_a_table():
    settings = Settings("hashing", "quick")
    assert settings.dimensions == 1_000
    assert settings.hash_functions == 5
    table = settings._repr_markdown_()
    assert "| `hash_functions` | 5 | 3 |" in table
    assert len(table.splitlines()) == 2 + len(EXPERIMENTS["hashing"])
    with pytest.raises(ValueError, match="experiment must be one of one_hot"):
        Settings("hashish", "quick")


def test_start_seeds_and_names_the_profile(monkeypatch, capsys):
    monkeypatch.setenv("COURSE_PROFILE", "quick")
    draws = []
    for _ in range(2):
        course_utils.start(seed=7, backend=False)
        draws.append((random.random(), np.random.random()))  # noqa: NPY002
    assert draws[0] == draws[1]
    assert capsys.readouterr().out.startswith("Profile: quick (bundled data")


def test_a_record_takes_bundled_data_where_the_real_file_has_no_address(
    monkeypatch, tmp_path
):
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    record = course_utils.Course("record", 0)
    assert record.data("recipes") == course_utils.Course("quick", 0).data("recipes")
    with pytest.raises(DataError, match="full_format_recipes"):
        course_utils.Course("lecture", 0).data("recipes")


def test_start_says_whether_data_is_bundled_or_real(monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    lines = "SUPPOSING that Truth is a woman\n" * 20_000
    (tmp_path / "nietzsche.txt").write_text(lines + "the indications of sinfulness.\n")
    for profile in ("quick", "lecture"):
        monkeypatch.setenv("COURSE_PROFILE", profile)
        course_utils.start(data=["philosophy"], backend=False)
    bundled, real = [
        line for line in capsys.readouterr().out.splitlines() if line.startswith("Data")
    ]
    assert bundled.endswith(
        "stories written for the course, in English (bundled, prose_en.txt)."
    )
    assert real.endswith("Beyond Good and Evil (real, nietzsche.txt).")
    assert str(tmp_path) not in real


def test_a_notebook_writes_beside_itself_or_where_it_may(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    course = course_utils.Course("quick", seed=0)
    assert course.folder("lesson").resolve() == tmp_path / "written/lesson/quick"
    with monkeypatch.context() as patch:  # root may write everywhere
        patch.setattr(os, "access", lambda *_: False)
        folder = course.folder("lesson")  # it is there, and cannot be written
    assert tmp_path not in folder.resolve().parents
    folder.rmdir()
    shutil.rmtree(tmp_path / "written")
    (tmp_path / "written").write_text("in the way, as a folder that is not ours")
    folder = course.folder("lesson")
    assert folder.is_dir()
    assert tmp_path not in folder.resolve().parents
    folder.rmdir()


def test_start_says_at_once_what_data_is_missing(monkeypatch, tmp_path):
    monkeypatch.setenv("COURSE_PROFILE", "lecture")
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    with pytest.raises(DataError, match=r"full_format_recipes.json is not there"):
        course_utils.start(data=["recipes"], backend=False)


def test_the_backend_starts_without_a_line_on_descriptor_2():
    code = "import course_utils; course_utils.start(); import keras; keras.ops.ones(2)"
    environment = os.environ | {"COURSE_PROFILE": "quick"}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Profile: quick")


def test_in_a_notebook_the_backend_stays_quiet_and_python_does_not(monkeypatch):
    monkeypatch.setenv("COURSE_PROFILE", "quick")
    monkeypatch.delenv("PYTEST_CURRENT_TEST")  # a kernel that sees it catches no logs
    cells = [
        "import course_utils; course = course_utils.start()",
        "import os, time; os.write(2, b'from the backend\\n'); time.sleep(0.5)",
        "import sys; print('ours', file=sys.stderr)",
    ]
    notebook = nbformat.v4.new_notebook()
    notebook.cells = [nbformat.v4.new_code_cell(cell) for cell in cells]
    NotebookClient(notebook, kernel_name="python3").execute()
    start, backend, python = (cell.outputs for cell in notebook.cells)
    assert start[0].text.startswith("Profile: quick")
    assert backend == []
    assert python[0].text == "ours\n"


def test_a_backend_that_does_not_exist_is_not_hidden():
    environment = os.environ | {"KERAS_BACKEND": "abacus", "COURSE_PROFILE": "quick"}
    done = subprocess.run(
        [sys.executable, "-c", "import course_utils; course_utils.start()"],
        capture_output=True,
        text=True,
        env=environment,
    )
    assert done.returncode == 1
    assert "abacus" in done.stderr
