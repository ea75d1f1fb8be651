"""Bug hunts: each fault has an effect, its repair is confirmed, a false one is not."""

import contextlib
import re
from types import FunctionType

import nbformat
import pytest
import yaml
from conftest import ROOT

from course_utils.exercises import Hint
from course_utils.hunts import HUNTS, hunt, repaired
from course_utils.judge import _with_body as with_body
from course_utils.unseen import answers, faulty, references
from keeper.stubs import SOLUTIONS, STUDENT, student_version

WRONG = ROOT / "tests" / "wrong_answers"
NUMBERS = sorted(HUNTS)
FAULTS = [(number, fault) for number in NUMBERS for fault in HUNTS[number]]
each_fault = pytest.mark.parametrize(
    ("number", "fault"), FAULTS, ids=[f"{n} {fault.name}" for n, fault in FAULTS]
)


def source(number, folder=SOLUTIONS):
    return nbformat.read(folder / f"hunt_{number}.ipynb", as_version=4)


def functions(number, **replaced):
    """Functions of a hunt as at first, in a space of their own, some replaced."""
    of = f"hunt_{number}"
    space = dict(faulty(of)[HUNTS[number][0].name].__globals__)
    space |= faulty(of)
    for text in replaced.values():
        exec(text, space)
    return [FunctionType(space[f.name].__code__, space, f.name) for f in HUNTS[number]]


@pytest.mark.parametrize("number", NUMBERS)
def test_the_students_version_holds_the_faults_and_not_the_repairs(number):
    notebook = source(number, STUDENT)
    text = nbformat.writes(student_version(source(number))) + "\n"
    assert (STUDENT / f"hunt_{number}.ipynb").read_text("utf-8") == text
    assert "SOLUTION" not in text
    assert "faulty" not in text
    sources = "\n\n".join(cell.source for cell in notebook.cells)
    for name, right in answers()[f"hunt_{number}"]["tasks"].items():
        assert right not in sources
        assert answers()[f"hunt_{number}"]["faulty"][name] in sources


@pytest.mark.parametrize("number", NUMBERS)
def test_both_versions_run_and_the_faults_change_the_result(number, capsys):
    printed = []
    for folder in (STUDENT, SOLUTIONS):
        space = {}
        cells = [
            c.source for c in source(number, folder).cells if c.cell_type == "code"
        ]
        for cell in cells[:-1]:
            exec(cell, space)
        printed.append(capsys.readouterr().out)
        found = pytest.raises(Hint, match="4 of 4 faults are left")
        with found if folder == STUDENT else contextlib.nullcontext():
            exec(cells[-1], space)
    assert printed[0] != printed[1]
    assert capsys.readouterr().out.count("Repaired, ") == 4


@each_fault
def test_one_repair_is_confirmed_by_its_effect_whatever_else_is_wrong(
    number, fault, capsys
):
    right = answers()[f"hunt_{number}"]["tasks"][fault.name]
    three = pytest.raises(Hint, match="3 of 4 faults are left")
    with three:
        hunt(number, *functions(number, **{fault.name: right}))
    said = capsys.readouterr().out
    assert said.count("Repaired, ") == 1
    assert f"Repaired, {fault.name}: " in said
    of = f"hunt_{number}"
    assert fault.effect(faulty(of)[fault.name]) != fault.effect(
        references(of)[fault.name]
    )


@each_fault
def test_false_repairs_leave_the_fault(number, fault):
    cases = yaml.safe_load((WRONG / f"hunt_{number}.yaml").read_text("utf-8"))
    assert list(cases) == [each.name for each in HUNTS[number]]
    assert len(cases[fault.name]) >= 2
    for case in cases[fault.name]:
        text = answers()[f"hunt_{number}"]["tasks"][fault.name]
        changed = {fault.name: with_body(text, case["answer"])}
        place = [each.name for each in HUNTS[number]].index(fault.name)
        with pytest.raises(Hint):
            repaired(number, fault, functions(number, **changed)[place])


@each_fault
def test_hints_come_in_three_steps(number, fault):
    rest = {
        name: text
        for name, text in answers()[f"hunt_{number}"]["tasks"].items()
        if name != fault.name
    }
    for step in (1, 2, 3):
        said = re.escape(
            f"1 of 4 faults are left. Hint {step}: {fault.hints[step - 1]}"
        )
        with pytest.raises(Hint, match=said):
            hunt(number, *functions(number, **rest), hint=step)


@pytest.mark.parametrize(("number", "hint"), [(9, 0), (1, 4)])
def test_bad_arguments_are_named(number, hint):
    with pytest.raises(ValueError, match="must be"):
        hunt(number, hint=hint)
