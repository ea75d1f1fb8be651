"""The lock, the environment and the README agree with the project."""

import os
import re
import shutil
import subprocess
import sys

import nbformat
import pytest
import yaml
from conftest import ROOT
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from course_utils.results import read_results

if sys.version_info >= (3, 11):
    import tomllib
else:
    tomllib = pytest.importorskip("tomli")

README = (ROOT / "README.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
DOCUMENTS = [
    path
    for pattern in ("*.md", "data/*.md", "docs/*.md", ".github/*.md")
    for path in sorted(ROOT.glob(pattern))
]
WORKFLOW = (ROOT / ".github" / "workflows" / "test.yml").read_text(encoding="utf-8")
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
TEST_LOCK = (ROOT / "requirements-test.lock").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
EXTRAS = PROJECT["project"]["optional-dependencies"]


def pins(lock):
    return re.findall(r"^(\w\S*==.*?) \\$", lock, flags=re.MULTILINE)


PINS = pins(LOCK)


@pytest.mark.parametrize("lock", [LOCK, TEST_LOCK], ids=["lessons", "tests"])
def test_every_pin_has_hashes(lock):
    blocks = re.split(r"^(?=\w)", lock, flags=re.MULTILINE)[1:]
    assert len(blocks) == len(pins(lock)) > 100
    assert all("--hash=sha256:" in block for block in blocks)


def test_who_tests_has_what_a_student_has_and_a_student_no_tools_of_tests():
    # On which systems a package is needed may differ, its version may not.
    versions = [{pin.split(" ;")[0] for pin in pins(one)} for one in (LOCK, TEST_LOCK)]
    assert versions[0] < versions[1]
    names = {canonicalize_name(Requirement(pin).name) for pin in PINS}
    assert not names & {"pytest", "playwright", "gensim", "hypothesis", "ruff", "uv"}


@pytest.mark.parametrize(
    ("lock", "extras"),
    [(LOCK, ["build"]), (TEST_LOCK, ["build", "test"])],
    ids=["lessons", "tests"],
)
def test_the_lock_covers_what_the_project_asks_for(lock, extras):
    asked = list(PROJECT["project"]["dependencies"])
    for extra in extras:
        asked += EXTRAS[extra]
    pinned = [Requirement(pin) for pin in pins(lock)]
    for requirement in map(Requirement, asked):
        versions = [
            str(pin.specifier).removeprefix("==")
            for pin in pinned
            if canonicalize_name(pin.name) == canonicalize_name(requirement.name)
        ]
        assert versions, f"{requirement} is not in the lock: make lock"
        assert all(requirement.specifier.contains(version) for version in versions)


def test_the_environment_is_the_lock_and_the_package():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))
    *conda, pip = environment["dependencies"]
    assert pip["pip"] == [*PINS, "-e ."]
    python = next(entry for entry in conda if entry.startswith("python="))
    assert python == "python=3.11"
    assert environment["channels"][0] == "conda-forge"


def test_the_commands_of_the_documents_exist():
    from keeper.__main__ import COMMANDS

    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    forms = (ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml")
    texts = [path.read_text(encoding="utf-8") for path in (*DOCUMENTS, *forms)]
    code = "\n".join(snippet for text in texts for snippet in code_of(text))
    made = set(re.findall(r"\bmake ([a-z]+)", code))
    assert {"run", "test", "lab", "lock", "report"} <= made <= set(targets)
    called = set(re.findall(r"\bcourse ([a-z]+)$", code, re.MULTILINE))
    assert {"lab", "report"} <= called <= {command.__name__ for command in COMMANDS}


def test_the_table_of_lessons_is_true():
    rows = re.findall(
        r"^\| \[(\w+)\]\((notebooks/\S+)\) \| (.+?) \| (\d+) \|$", README, re.MULTILINE
    )
    lessons = sorted((ROOT / "notebooks").glob("[0-9]*.ipynb"))
    assert [name for name, *_ in rows] == [path.stem for path in lessons]
    for path, (_, target, title, minutes) in zip(lessons, rows, strict=True):
        contract = nbformat.read(path, as_version=4).cells[0].source
        assert ROOT / target == path
        assert contract.splitlines()[0] == f"# {title}"
        assert f"**Time:** {minutes} minutes" in contract


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_in_the_documents_lead_somewhere(document):
    text = document.read_text(encoding="utf-8")
    for target, anchor in re.findall(r"\]\(([^)#\s]*)#?([^)\s]*)\)", text):
        if "://" not in target:
            found = document.parent / target if target else document
            assert found.exists(), target
            assert not anchor or anchor in anchors(found.read_text("utf-8")), anchor


def test_what_contributing_says_is_somewhere_is_there():
    table = CONTRIBUTING.split("## Where things are")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (`.+?) \|", table, re.MULTILINE)
    assert len(rows) > 10
    for row in rows:
        first, *others = re.findall(r"`(.+?)`", row)
        for name in [first, *(other for other in others if "/" in other)]:
            assert (ROOT / name).exists(), name
        for name in (other for other in others if "/" not in other):
            assert (ROOT / first).with_name(name).exists(), name


def test_the_version_is_the_same_everywhere():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    released = re.findall(r"^## \[(\d\S*)\] - (\S+)$", changes, re.MULTILINE)
    assert released[0] == (citation["version"], citation["date-released"])
    assert released[0][0] == PROJECT["project"]["version"]
    assert "\n## [Unreleased]\n" in changes


def test_the_citation_has_what_its_format_asks_for():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    asked = {"cff-version", "message", "title", "authors"}
    more = {"type", "abstract", "version", "date-released", "license", "keywords"}
    assert asked <= set(citation) <= asked | more
    assert citation["cff-version"] == "1.2.0"


def test_the_licences_are_where_tools_look_for_them():
    named = set()
    reuse = tomllib.loads((ROOT / "REUSE.toml").read_text(encoding="utf-8"))
    for annotation in reuse["annotations"]:
        named |= set(annotation["SPDX-License-Identifier"].split(" AND "))
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    there = {path.stem for path in (ROOT / "LICENSES").iterdir()}
    assert named == there == set(citation["license"])
    mit = (ROOT / "LICENSES" / "MIT.txt").read_text(encoding="utf-8")
    assert (ROOT / "LICENSE").read_text(encoding="utf-8") == mit


def test_the_workflow_does_on_each_system_what_the_readme_says():
    jobs = yaml.safe_load(WORKFLOW)["jobs"]
    windows = README.split("<summary><b>Windows")[1].split("</details>")[0]
    _, *installs, lab = re.search(r"```\n(.*?)```", windows, re.DOTALL)[1].splitlines()
    steps = [step.get("run", "") for step in jobs["course-test"]["steps"]]
    assert len(installs) == 2
    # To test, the README says, install the other lock.
    tested = [
        line.replace("requirements.lock", "requirements-test.lock") for line in installs
    ]
    assert {*tested, lab.replace(" lab", " test")} <= set(steps)
    assert any(
        step.get("run") == "make test PYTHON=python"
        for step in jobs["make-test"]["steps"]
    )
    supported = Requirement(f"python{PROJECT['project']['requires-python']}").specifier
    minors = [f"3.{minor}" for minor in range(30) if f"3.{minor}" in supported]
    for name in ("make-test", "course-test"):
        assert jobs[name]["strategy"]["matrix"]["python"] == [minors[0], minors[-1]]


def test_what_others_wrote_runs_in_the_workflow_by_its_commit_alone():
    workflows = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
    texts = [path.read_text(encoding="utf-8") for path in workflows]
    used = [action for text in texts for action in re.findall(r"uses: (\S+)", text)]
    assert len(used) > len(texts) > 1
    assert all(re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", action) for action in used)


def test_a_package_without_its_repository_says_how_to_install_it(tmp_path):
    shutil.copytree(ROOT / "course_utils", tmp_path / "course_utils")
    command = [sys.executable, "-c", "import course_utils"]
    there = os.environ | {"PYTHONPATH": str(tmp_path)}
    done = subprocess.run(
        command, cwd=tmp_path, env=there, capture_output=True, text=True
    )
    assert done.returncode == 1
    last = done.stderr.splitlines()[-1]
    assert last.startswith("ImportError: course_utils works from its repository alone")
    assert last.endswith("run: python -m pip install --editable .")


def test_the_figures_of_the_vectors_are_the_recorded_ones():
    text = (ROOT / "data" / "README.md").read_text(encoding="utf-8")
    runs = read_results("vectors_200_reviews")["runs"]
    for name, words in {
        "learned from scratch": "with an embedding learned from scratch",
        "these vectors": "with these vectors",
        "GloVe 6B 50d": "with GloVe 6B 50d",
    }.items():
        figure = f"{100 * runs[name]['mean']:.1f} % {words}"
        assert figure in " ".join(text.split())


def test_ci_runs_the_test_command_of_the_readme_and_nothing_else():
    script = (ROOT / ".ci" / "run").read_text()
    commands = [
        line for line in script.splitlines() if line and not line.startswith("#")
    ]
    assert commands[-1] == "exec make test"
    assert len(commands) == 3


def anchors(text):
    """Return what a link to each heading ends in."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return [re.sub(r"[^\w -]", "", h).lower().replace(" ", "-") for h in headings]


def code_of(text):
    return re.findall(r"```\w*\n(.*?)```", text, re.DOTALL) + re.findall(
        r"`([^`\n]+)`", text
    )
