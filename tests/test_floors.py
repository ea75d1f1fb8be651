"""The students' floor knows nothing of the keepers'; a lesson imports from it alone."""

import ast
import re
import subprocess
import sys

import pytest
from conftest import ROOT

STUDENTS, KEEPERS = "course_utils", "keeper"
NOTEBOOKS = sorted((ROOT / "notebooks").rglob("*.ipynb"))


def imported(source):
    """Return the full names of all that a program imports."""
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{a.name}" for a in node.names)}
    return names


def modules(package):
    """Return what each module of a package imports, by its full name."""
    found = {}
    for path in sorted((ROOT / package).rglob("*.py")):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        source = path.read_text(encoding="utf-8")
        found[name.removesuffix(".__init__")] = imported(source)
    return found


def climbs(floor):
    """Return the modules of the students' floor that import from the keepers'."""
    return [name for name, names in floor.items() if KEEPERS in tops(names)]


def tops(names):
    return {name.split(".")[0] for name in names}


def test_no_helper_of_the_students_imports_from_the_keepers():
    assert climbs(modules(STUDENTS)) == []
    late = imported("def f():\n    from keeper.lab import lab")
    assert climbs({"late": late, "good": {"keepers"}}) == ["late"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_notebook_imports_from_the_students_floor_alone(path):
    text = path.read_text(encoding="utf-8")
    assert not re.search(rf"\b(from|import) {KEEPERS}\b", text)


@pytest.mark.parametrize("package", [STUDENTS, KEEPERS])
def test_imports_go_one_way(package):
    arrows = {
        name: {other for other in names if other.startswith(package) and other != name}
        for name, names in modules(package).items()
    }
    # A package's own module is where a notebook begins: it may know the others.
    arrows = {
        n: {o for o in others if o in arrows and o != package}
        for n, others in arrows.items()
    }
    while free := [name for name, others in arrows.items() if not others]:
        arrows = {n: o - set(free) for n, o in arrows.items() if n not in free}
    assert arrows == {}, "these import each other, in a circle"


def test_a_student_s_import_starts_without_what_only_keepers_need():
    code = "import course_utils, sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    loaded = set(done.stdout.split())
    assert "numpy" in loaded
    assert not loaded & {"nbformat", "nbconvert", "jupyterlab", "rich", "playwright"}
