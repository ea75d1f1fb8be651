"""The students' version of the course holds no solutions and no outputs."""

import json
import shutil
import subprocess

import nbformat
import pytest
from conftest import ROOT

from course_utils import unseen
from keeper.release import release

pytestmark = pytest.mark.skipif(
    not shutil.which("git") or not (ROOT / ".git").exists(), reason="no git repository"
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("students")
    assert release(folder) > 100
    return folder


def test_it_holds_no_solutions_and_no_outputs(folder):
    notebooks = list((folder / "notebooks").rglob("*.ipynb"))
    assert len(notebooks) > 30
    for path in notebooks:
        text = path.read_text("utf-8")
        assert "BEGIN SOLUTION" not in text, path
        for cell in nbformat.reads(text, as_version=4).cells:
            assert not cell.get("outputs"), path
            assert cell.get("execution_count") is None, path
    for name in ("notebooks/exercises/solutions", "tests", "data/generators"):
        assert not (folder / name).exists()


def test_the_checks_find_their_answers_and_a_search_does_not(folder, monkeypatch):
    answers = folder / "course_utils" / "answers.json"
    assert b"def count_words" not in answers.read_bytes()
    before = json.loads(unseen.ANSWERS.read_text("utf-8"))
    monkeypatch.setattr(unseen, "ANSWERS", answers)
    unseen.answers.cache_clear()
    assert unseen.answers() == before
    unseen.answers.cache_clear()


def test_what_the_lessons_read_is_there(folder):
    listed = subprocess.run(
        ["git", "ls-files", "results/*.json", "data/bundled", "docs", "course_utils"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in listed.stdout.splitlines():
        assert (folder / name).is_file(), name


def test_a_folder_that_holds_something_is_refused(folder):
    with pytest.raises(ValueError, match="DIR must be a new or an empty folder"):
        release(folder)
