"""The exercises: solutions pass, empty answers fail politely, wrong ones get hints."""

import re
from itertools import pairwise

import nbformat
import numpy as np
import pytest
import yaml
from conftest import ROOT

from course_utils.exercises import Hint, expect, expect_array, task
from keeper.stubs import REGION, SOLUTIONS, STUDENT, student_version

PATHS = sorted(SOLUTIONS.glob("*.ipynb"))
WRONG = ROOT / "tests" / "wrong_answers"
PROJECTS = 4


def read(path):
    return nbformat.read(path, as_version=4)


def run(cells, namespace):
    """Execute cells as a kernel would, in one process: Keras is imported once."""
    for cell in cells:
        if cell.cell_type == "code":
            exec(compile(cell.source, cell.id, "exec"), namespace)


def tasks(notebook):
    """(name, place of the solution cell) of each task."""
    return [
        (cell.metadata.nbgrader.grade_id, place)
        for place, cell in enumerate(notebook.cells)
        if cell.metadata.get("nbgrader", {}).get("solution")
    ]


@pytest.fixture(params=PATHS, ids=lambda path: path.stem)
def path(request):
    return request.param


def test_there_is_one_for_every_lesson_and_project():
    lessons = {path.stem for path in (ROOT / "notebooks").glob("*.ipynb")}
    stems = {path.stem for path in PATHS}
    without = {stem for stem in lessons if stem[:2] in {"00", "12"}}
    assert lessons - without == {stem for stem in stems if stem[0].isdigit()}
    assert sum(stem.startswith("project_") for stem in stems) == PROJECTS
    assert stems == {path.stem for path in WRONG.glob("*.yaml")}


def test_every_exercise_is_reached_from_a_lesson():
    lessons = (ROOT / "notebooks").glob("*.ipynb")
    text = "".join(lesson.read_text("utf-8") for lesson in lessons)
    for path in PATHS:
        assert f"(exercises/{path.name})" in text


def test_the_students_version_is_the_generated_one(path):
    notebook = student_version(read(path))
    text = nbformat.writes(notebook) + "\n"
    assert (STUDENT / path.name).read_text("utf-8") == text, "make exercises"
    assert "SOLUTION" not in text


def test_the_form(path):
    notebook = read(path)
    nbformat.validate(notebook)
    assert notebook.cells[0].source.startswith("# ")
    assert re.search(r"\*\*Time:\*\* \d+ minutes", notebook.cells[0].source)
    assert 3 <= len(tasks(notebook)) <= 5
    for number, (name, place) in enumerate(tasks(notebook), start=1):
        before, solution, check = notebook.cells[place - 1 : place + 2]
        assert before.source.startswith(f"## Task {number}: ")
        assert re.search(rf"^def {name}\(", solution.source, re.MULTILINE)
        assert check.source.startswith(f"with task({number}, {name}")
        meta = check.metadata.nbgrader
        assert meta.grade
        assert meta.locked
        assert meta.points >= 1
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert not cell.outputs
            assert cell.execution_count is None
        for target in re.findall(r"\]\(([^)#]+)[^)]*\)", cell.source):
            if cell.cell_type == "markdown" and "://" not in target:
                assert (STUDENT / target).exists(), target


def test_two_code_cells_in_a_row_are_an_answer_and_its_check(path):
    for cell, following in pairwise(read(path).cells):
        if cell.cell_type == following.cell_type == "code":
            assert cell.metadata.nbgrader.solution
            assert following.metadata.nbgrader.grade


def test_an_untouched_notebook_stops_politely_at_its_first_task(path, capsys):
    with pytest.raises(Hint, match="Task 1 is still to do: in the cell of"):
        run(read(STUDENT / path.name).cells, {})
    assert "passed" not in capsys.readouterr().out


def test_the_solution_passes_and_typical_wrong_answers_get_their_hint(path, capsys):
    """One pass: before each task, its wrong answers are tried on what there is."""
    notebook = read(path)
    wrong = yaml.safe_load((WRONG / f"{path.stem}.yaml").read_text("utf-8"))
    assert list(wrong) == [name for name, _ in tasks(notebook)]
    namespace, done = {}, 0
    for name, place in tasks(notebook):
        run(notebook.cells[done:place], namespace)
        solution, check = notebook.cells[place : place + 2]
        assert len(wrong[name]) >= 2
        for case in wrong[name]:
            indented = case["answer"].rstrip("\n").replace("\n", "\n    ")
            source = REGION.sub(lambda _, body=indented: "    " + body, solution.source)
            answer = {**solution, "source": source}
            with pytest.raises(Hint, match=re.escape(case["hint"])):
                run([nbformat.from_dict(answer), check], dict(namespace))
        run([solution, check], namespace)
        done = place + 2
    run(notebook.cells[done:], namespace)
    assert capsys.readouterr().out.count("passed: ") == len(tasks(notebook))


def test_a_hint_is_shown_without_a_traceback():
    with pytest.raises(Hint, match=r"Task 2, len: Too long\.$") as caught, task(2, len):
        expect(False, "Too long.")
    assert caught.value._render_traceback_() == ["Task 2, len: Too long."]


@pytest.mark.parametrize(
    ("value", "hint"),
    [
        (None, "Does the function end with return"),
        ([1, 2], "must return an array"),
        (np.zeros((3, 2)), r"shape is \(3, 2\), not \(2,\)"),
        (np.array([1, np.nan]), "NaN or infinity"),
    ],
)
def test_expect_array_says_what_came(value, hint):
    with pytest.raises(Hint, match=hint):
        expect_array(value, (2,))


def test_a_solution_cell_without_marks_is_refused():
    notebook = read(PATHS[0])
    _, place = tasks(notebook)[0]
    notebook.cells[place].source = "def f():\n    return 1"
    with pytest.raises(ValueError, match="must hold one region"):
        student_version(notebook)
