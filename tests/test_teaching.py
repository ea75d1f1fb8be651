"""The instructor's page agrees with the notebooks and the records."""

import json
import re
from pathlib import Path

import pytest
from conftest import ROOT

from keeper.execute import lessons

PAGE = (ROOT / "docs" / "teaching.md").read_text("utf-8")
PLANS = re.findall(r"### In (\d+) sessions\n(.*?)(?=\n###? |\n\*\*)", PAGE, re.DOTALL)
ROW = re.compile(r"^\| (\d+) \| ([^|]*) \| (\d*) ?\| ([^|]*) ?\|$", re.MULTILINE)


def minutes(stem: str) -> int:
    [path] = (ROOT / "notebooks").glob(f"{stem}_*.ipynb")
    return int(re.search(r"\*\*Time:\*\* (\d+) minutes", path.read_text("utf-8"))[1])


def lessons_needed(path: Path) -> list[str]:
    """Return the lessons that the first cell of a project links."""
    first = json.loads(path.read_text("utf-8"))["cells"][0]["source"]
    return re.findall(r"\[lesson (\d\d)\]", "".join(first))


@pytest.mark.parametrize(("sessions", "plan"), PLANS, ids=lambda value: value[:2])
def test_a_plan_holds_every_lesson_with_its_minutes(sessions, plan):
    rows = ROW.findall(plan)
    assert [int(number) for number, *_ in rows] == list(range(1, int(sessions) + 1))
    planned = dict.fromkeys(sorted(p.name[:2] for p in lessons()), 0)
    for _, names, total, _ in rows:
        stems = re.findall(r"\b\d\d\b", names)
        assert stems == sorted(stems)
        if len(stems) == 1:  # a long lesson may take two sessions
            planned[stems[0]] += int(total)
        else:
            assert int(total or 0) == sum(minutes(stem) for stem in stems)
            planned |= {stem: minutes(stem) for stem in stems}
    assert planned == {stem: minutes(stem) for stem in planned}


@pytest.mark.parametrize(("sessions", "plan"), PLANS, ids=lambda value: value[:2])
def test_exercises_and_projects_come_after_their_lessons(sessions, plan):
    needed = {
        f"project {path.name[8]}": set(lessons_needed(path))
        for path in (ROOT / "notebooks" / "exercises").glob("project_*.ipynb")
    }
    seen, given = set(), set()
    for _, names, _, after in ROW.findall(plan):
        seen |= set(re.findall(r"\b\d\d\b", names))
        assert set(re.findall(r"\b\d\d\b", after)) <= seen
        projects = set(re.findall(r"project \d", after))
        assert set().union(*(needed[project] for project in projects)) <= seen
        given |= projects
    assert given == set(needed)
    assert all(needed.values())


def test_every_lesson_says_what_it_needs():
    table = PAGE.split("## What each lesson needs")[1].split("\n## ")[0]
    assert re.findall(r"^\| (\d\d) \|", table, re.MULTILINE) == [
        path.name[:2] for path in lessons()
    ]


def test_there_are_three_plans():
    assert [sessions for sessions, _ in PLANS] == ["6", "10", "14"]
