"""What `course report` tells of a computer, and what it keeps to itself."""

import importlib
import platform
import shutil
import sys
from importlib.metadata import PackageNotFoundError

from keeper import __main__ as commands
from keeper import record


def report(monkeypatch, capsys):
    """Run the command; return the value behind each name."""
    monkeypatch.setattr(sys, "argv", ["course", "report"])
    assert commands.main() == 0
    lines = capsys.readouterr().out.splitlines()
    return dict(line.split(maxsplit=1) for line in lines)


def test_a_report_tells_what_a_mistake_may_depend_on(monkeypatch, capsys):
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    monkeypatch.setenv("COURSE_PROFILE", "lecture")
    told = report(monkeypatch, capsys)
    assert told["system"] == platform.platform()
    assert told["python"] == platform.python_version()
    assert int(told["cores"]) > 0
    assert float(told["memory"].removesuffix(" GB")) > 0
    for package in ("keras", "tensorflow", "jax", "numpy", "jupyterlab"):
        assert told[package] == importlib.import_module(package).__version__
    assert (told["KERAS_BACKEND"], told["profile"]) == ("jax", "lecture")
    assert {"processor", "commit", "browser"} <= set(told)


def test_a_report_says_whether_real_data_is_named_but_not_where(monkeypatch, capsys):
    monkeypatch.setenv("COURSE_DATA", "/home/somebody/data")
    told = report(monkeypatch, capsys)
    assert told["COURSE_DATA"] == "set"
    assert "somebody" not in str(told)
    monkeypatch.delenv("COURSE_DATA")
    assert report(monkeypatch, capsys)["COURSE_DATA"] == "not set"


def test_a_broken_installation_can_be_reported_too(monkeypatch, capsys):
    def missing(name):
        raise PackageNotFoundError(name)

    monkeypatch.setattr(record, "version", missing)
    monkeypatch.setattr(shutil, "which", lambda name: None)
    told = report(monkeypatch, capsys)
    assert told["tensorflow"] == "not installed"
    assert told["commit"] == "no git checkout"
    assert told["browser"] == "no Chromium on PATH"
