"""Recorded measurements: JSON files under results/, with the machine they ran on."""

from __future__ import annotations

import json
import os
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

from course_utils._arguments import shown
from course_utils.datasets.fetch import ROOT

RESULTS = ROOT / "results"
_PACKAGES = ("keras", "tensorflow", "numpy", "scikit-learn")


def read_results(name: str) -> dict[str, Any]:
    """Return the record ``results/<name>.json``.

    Raises:
        ValueError: if there is no such record.
    """
    path = RESULTS / f"{name}.json"
    if not path.exists():
        known = ", ".join(sorted(file.stem for file in RESULTS.glob("*.json")))
        raise ValueError(f"name must be one of {known}, got {shown(name)}")
    return json.loads(path.read_text(encoding="utf-8"))


def write_results(name: str, record: dict[str, Any]) -> Path:
    """Write a record and the machine it ran on, all or nothing.

    Args:
        name: the record becomes ``results/<name>.json``.
        record: anything that JSON can hold.
    """
    return _save(name, {"machine": machine(), **record})


def write_section(
    name: str,
    section: str,
    record: dict[str, Any],
    *more: str,
    about: dict[str, Any] | None = None,
) -> Path:
    """Write one section of a record and the machine it ran on; keep the others.

    Args:
        name: the sections are in ``results/<name>.json``.
        section: what is replaced, or added.
        record: anything that JSON can hold.
        more: further packages whose versions the section needs.
        about: what is said of all sections, beside them.
    """
    whole = read_results(name) if (RESULTS / f"{name}.json").exists() else {}
    whole |= about or {}
    return _save(name, {**whole, section: {"machine": machine(*more), **record}})


def machine(*more: str) -> dict[str, Any]:
    """Say on what a measurement runs: processor, cores, versions of packages."""
    processor = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")  # says more, where it exists
    if cpuinfo.exists():
        names = [ln for ln in cpuinfo.read_text().splitlines() if "model name" in ln]
        processor = names[0].split(":")[1].strip() if names else processor
    return {
        "processor": processor,
        "cores": os.cpu_count(),
        "system": platform.system(),
        "python": platform.python_version(),
        "packages": {name: version(name) for name in (*_PACKAGES, *more)},
    }


def _save(name: str, record: dict[str, Any]) -> Path:
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}.json"
    temporary = path.with_suffix(".tmp")
    text = json.dumps(record, indent=2, ensure_ascii=False)
    temporary.write_text(text + "\n", encoding="utf-8")
    os.replace(temporary, path)
    return path
