"""Write records of measurements, with the machine they ran on."""

from __future__ import annotations

import json
import os
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

from course_utils import results
from course_utils._whole import write_whole
from course_utils.results import read_results

_PACKAGES = ("keras", "tensorflow", "numpy", "scikit-learn")


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
    whole = read_results(name) if (results.RESULTS / f"{name}.json").exists() else {}
    whole |= about or {}
    return _save(name, {**whole, section: {"machine": machine(*more), **record}})


def machine(*more: str) -> dict[str, Any]:
    """Say on what a measurement runs: processor, cores, versions of packages."""
    packages = {name: version(name) for name in (*_PACKAGES, *more)}
    return {**hardware(), "packages": packages}


def hardware() -> dict[str, Any]:
    """Say on what this runs, without packages: processor, cores, system, Python."""
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
    }


def _save(name: str, record: dict[str, Any]) -> Path:
    path = results.RESULTS / f"{name}.json"
    text = json.dumps(record, indent=2, ensure_ascii=False)
    write_whole(path, f"{text}\n".encode())
    return path
