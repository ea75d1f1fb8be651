"""The suite itself: the same tests each time, and none of them left out unseen."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import ROOT

from keeper import __main__ as commands

COLLECT = [sys.executable, "-m", "pytest", "--nbval", "--collect-only", "-q"]


def test_two_processes_collect_the_same_tests():
    """What holds the time or an address in its name stops both workers of the suite."""
    running = []
    for seed in ("1", "2"):
        environment = os.environ | {"PYTHONHASHSEED": seed}
        environment.pop("PYTEST_XDIST_WORKER", None)
        running.append(
            subprocess.Popen(
                [*COLLECT, "-p", "no:cacheprovider"],
                cwd=ROOT,
                env=environment,
                stdout=subprocess.PIPE,
                text=True,
            )
        )
        time.sleep(1.5)  # the second process is another second's
    first, second = (process.communicate()[0] for process in running)
    names = [line for line in first.splitlines() if "::" in line]
    assert names == [line for line in second.splitlines() if "::" in line]
    assert any(name.startswith(f"tests/{Path(__file__).name}::") for name in names)
    assert "notebooks/01_tokens_and_one_hot.ipynb::Cell 0" in names


@pytest.mark.parametrize(
    ("statuses", "failed"),
    [
        ((0, 0, 0, 0, 0), []),
        ((1, 0, 0, 0, 0), ["Failed: ruff check"]),
        ((0, 0, 65, 1, 0), ["Failed: codespell_lib", "Failed: mypy"]),
        ((0, 0, 0, 0, 5), ["Failed: pytest --nbval"]),
        ((0, 0, 0, 0, -9), ["Failed: pytest --nbval"]),
        ((0, 0, 0, 0, -11), ["Failed: pytest --nbval"]),
    ],
    ids=["all pass", "lint", "two steps", "tests", "killed", "segmentation fault"],
)
def test_the_command_names_the_steps_that_fail_or_are_killed(
    monkeypatch, capsys, statuses, failed
):
    monkeypatch.setenv("COURSE_PROFILE", "quick")
    left = iter(statuses)
    monkeypatch.setattr(subprocess, "call", lambda *_, **__: next(left))
    assert commands.test([]) == int(bool(failed))
    assert capsys.readouterr().out.splitlines() == failed
    assert next(left, None) is None  # a failure does not hide the next


def test_options_take_no_folder_away(monkeypatch):
    """Without a file on its command line, pytest takes tests and notebooks."""
    monkeypatch.setenv("COURSE_PROFILE", "quick")
    called = []
    monkeypatch.setattr(subprocess, "call", lambda step, **_: called.append(step) or 0)
    commands.test(["-x"])
    assert called[-1][-1] == "-x"
    assert not {"tests", "notebooks"} & set(called[-1])
