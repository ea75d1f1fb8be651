"""The exercises: solutions pass, empty answers fail politely, wrong ones get hints."""

import contextlib
import json
import os
import re
from itertools import pairwise

import nbformat
import numpy as np
import pytest
import yaml
from conftest import ROOT

from course_utils import judge
from course_utils.exercises import Hint, expect, expect_array, task
from course_utils.unseen import ANSWERS, difference, expect_same, references
from course_utils.unseen_inputs import INPUTS, PROPERTIES
from keeper.mutants import EQUAL, RECORD, digest, fate, mutants
from keeper.stubs import (
    MARKS,
    REGION,
    SOLUTIONS,
    STUDENT,
    answers,
    beginning,
    judged,
    student_version,
)

PATHS = [p for p in sorted(SOLUTIONS.glob("*.ipynb")) if "hunt" not in p.stem]
WRONG = ROOT / "tests" / "wrong_answers"
RIGHT = yaml.safe_load((ROOT / "tests" / "right_answers.yaml").read_text("utf-8"))
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


@pytest.fixture
def in_this_process(monkeypatch):
    """Run the programs of a judged check here: another process takes a second."""

    def said(check, of, name, first):
        return list(judge.what_it_says(check, of, name, first))

    monkeypatch.setattr(judge, "_in_another_process", said)


@pytest.fixture(params=PATHS, ids=lambda path: path.stem)
def path(request):
    return request.param


def test_there_is_one_for_every_lesson_and_project():
    lessons = {path.stem for path in (ROOT / "notebooks").glob("*.ipynb")}
    stems = {path.stem for path in PATHS}
    without = {stem for stem in lessons if stem[:2] in {"00", "12"}}
    assert lessons - without == {stem for stem in stems if stem[0].isdigit()}
    assert sum(stem.startswith("project_") for stem in stems) == PROJECTS
    assert stems == {p.stem for p in WRONG.glob("*.yaml") if "hunt" not in p.stem}


def test_every_exercise_is_reached_from_a_lesson_or_another_exercise():
    lessons = (ROOT / "notebooks").glob("*.ipynb")
    text = "".join(lesson.read_text("utf-8") for lesson in lessons)
    others = {path: path.read_text("utf-8") for path in PATHS}
    for path in PATHS:
        more = "".join(other for place, other in others.items() if place != path)
        assert f"(exercises/{path.name})" in text or f"({path.name})" in more


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
        of = f', of="{beginning(path.stem)}"' if path in judged() else ""
        assert check.source.startswith(f"with task({number}, {name}{of}):")
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


def test_an_untouched_notebook_stops_politely_at_its_first_task(
    path, capsys, in_this_process
):
    with pytest.raises(Hint, match="Task 1 is still to do: in the cell of"):
        run(read(STUDENT / path.name).cells, {})
    assert "passed" not in capsys.readouterr().out


def test_the_solution_passes_and_typical_wrong_answers_get_their_hint(
    path, capsys, in_this_process
):
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
            answer = with_answer(solution, case["answer"])
            with pytest.raises(Hint, match=re.escape(case["hint"])):
                run([answer, check], dict(namespace))
        with contextlib.redirect_stdout(None):
            for text in RIGHT.get(beginning(path.stem), {}).get(name, []):
                run([with_answer(solution, text), check], dict(namespace))
        run([solution, check], namespace)
        done = place + 2
    run(notebook.cells[done:], namespace)
    assert capsys.readouterr().out.count("passed: ") == len(tasks(notebook))


def with_answer(solution, answer):
    """Return the cell of a solution with another answer in it."""
    indented = answer.rstrip("\n").replace("\n", "\n    ")
    source = REGION.sub(lambda _: "    " + indented, solution.source)
    return nbformat.from_dict({**solution, "source": source})


def test_the_checks_compare_with_the_solutions_of_today():
    assert ANSWERS.read_text("utf-8") == answers(), "make exercises"


def test_every_task_is_tried_on_unseen_inputs():
    every = {
        (beginning(path.stem), name)
        for path in judged()
        for name, _ in tasks(read(path))
    }
    assert set(INPUTS) | set(PROPERTIES) == every


@pytest.mark.parametrize("earlier", ["raise NotImplementedError()", "return 7"])
def test_a_task_is_not_blamed_for_an_earlier_one(earlier, capsys):
    """Whatever the earlier answers are, each solution passes alone."""
    for path in PATHS[:2]:
        notebook, namespace, done = read(path), {}, 0
        for name, place in tasks(notebook):
            run(notebook.cells[done : place + 2], namespace)
            run([with_answer(notebook.cells[place], earlier)], namespace)
            assert namespace[name].__code__.co_filename  # the wrong one is back
            done = place + 2
        assert capsys.readouterr().out.count("passed: ") == len(tasks(notebook))
        assert namespace[name] is not references(beginning(path.stem))[name]


def test_an_answer_that_stops_is_a_hint_with_its_line():
    space = {}
    exec(compile("def divide(x):\n    return 1 / x", "a cell", "exec"), space)
    divide = space["divide"]
    stops = pytest.raises(Hint, match=r"It stops in line 2 of .* ZeroDivisionError")
    with stops, task(1, divide):
        divide(0)
    with pytest.raises(Hint, match="It seems to return None"), task(1, divide):
        expect(None < 3, "Small.")
    with pytest.raises(Hint) as caught, task(1, divide):
        raise KeyError("x" * 2_000)
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize(
    ("came", "truth", "said"),
    [
        (None, 1.0, "returns None"),
        ("a", 1.0, "must give numbers"),
        ([1, 2], np.ones(3), "gives the shape (2,), not (3,)"),
        (np.ones((2, 2)), 1.0, "not one number"),
        (np.array([[1.0, 2.5]]), np.array([[1.0, 2.0]]), "at [0, 1] stands 2.5"),
        ({"a": 1}, {"a": 1, "b": 2}, "the key 'b' is missing"),
        ({"a": 1, "c": 2}, {"a": 1}, "'c' should not be there"),
        ([1, 2], (1, 2, 3), "3 things are right"),
        ((1, 5), (1, 2), "at place 1, it gives 5, and 2 is right"),
        ("x", "y", "it gives 'x', not 'y'"),
    ],
    ids=str,
)
def test_the_first_difference_is_told(came, truth, said):
    assert said in difference(came, truth)
    assert difference(truth, truth) == ""


def test_a_function_may_not_change_what_it_gets():
    def double(x):
        x *= 2
        return x

    with pytest.raises(Hint, match="It changes what it gets"):
        expect_same(double, lambda x: x * 2, (np.ones(2),))


@pytest.mark.parametrize(
    ("check", "said"),
    [
        ("while True: pass", "no end within 1 seconds"),
        ("import os; os._exit(3)", "an error that ends Python"),
        ("def f(n): return f(n + 1)\n    f(0)", "RecursionError"),
    ],
    ids=["a loop", "an exit", "a recursion"],
)
def test_a_check_that_hangs_or_ends_python_stops_no_notebook(check, said, monkeypatch):
    monkeypatch.setattr(judge, "SECONDS", 1)
    monkeypatch.setattr(judge, "programs", lambda of, name: (["answer"], []))
    space = {}
    exec(f"def check(program):\n    {check}", space)
    found = judge.run_check(space["check"], "01", "gigabytes")
    assert said in found.refused_right[0]


def test_the_record_of_mutants_is_of_today_and_few_live():
    record = json.loads(RECORD.read_text("utf-8"))
    assert record["of"] == digest(), "python -m keeper mutants"
    equal = json.loads(EQUAL.read_text("utf-8"))
    results = [
        (f"{of} {name}", result)
        for of, tasks in record["tasks"].items()
        for name, result in tasks.items()
    ]
    living = {
        f"{task}, {what}"
        for task, result in results
        for what in result["passed"] + result["traceback"]
    }
    assert living - set(equal) == set()
    assert sum(result["mutants"] for _, result in results) > 900


@pytest.mark.skipif(os.name != "posix", reason="alarms are POSIX's")
def test_the_mutants_of_a_small_exercise_die_again():
    path = PATHS[0]
    notebook, namespace, done, fates = read(path), {}, 0, []
    for _, place in tasks(notebook):
        run(notebook.cells[done : place + 2], namespace)
        solution, check = notebook.cells[place : place + 2]
        source = MARKS.sub("", solution.source)
        assert fate(source, check.source, namespace) == "passed"
        fates += [fate(text, check.source, namespace) for _, text in mutants(source)]
        done = place + 2
    assert len(fates) > 25
    assert set(fates) == {"hint"}


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
