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
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PINS = re.findall(r"^(\w\S*==.*?) \\$", LOCK, flags=re.MULTILINE)


def test_every_pin_has_hashes():
    blocks = re.split(r"^(?=\w)", LOCK, flags=re.MULTILINE)[1:]
    assert len(blocks) == len(PINS) > 100
    assert all("--hash=sha256:" in block for block in blocks)


def test_the_lock_covers_what_the_project_asks_for():
    asked = list(PROJECT["project"]["dependencies"])
    for extra in PROJECT["project"]["optional-dependencies"].values():
        asked += extra
    pinned = [Requirement(pin) for pin in PINS]
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


def test_the_commands_of_the_readme_exist():
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    asked = re.findall(r"\bmake ([a-z]+)", "\n".join(code_of(README)))
    assert {"run", "test", "lab"} <= set(asked) <= set(targets)
    from keeper import __main__ as commands

    for command in re.findall(r"\bcourse ([a-z]+)$", README):
        assert callable(getattr(commands, command))


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


def test_links_in_the_documents_lead_somewhere():
    documents = [ROOT / "README.md", ROOT / "data" / "README.md"]
    for document in (*documents, *(ROOT / "docs").glob("*.md")):
        text = document.read_text(encoding="utf-8")
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text):
            if "://" not in target:
                assert (document.parent / target).exists(), target


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


def code_of(text):
    return re.findall(r"```\w*\n(.*?)```", text, re.DOTALL) + re.findall(
        r"`([^`\n]+)`", text
    )
