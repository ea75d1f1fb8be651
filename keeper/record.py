"""Write records: what lessons hand over, with the machine they ran on."""

from __future__ import annotations

import hashlib
import json
import os
import platform
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import nbformat

from course_utils import results
from course_utils._whole import write_whole
from course_utils.profiles import EXPERIMENTS, Settings
from course_utils.results import read_results
from keeper.execute import execute, tags

_PACKAGES = ("keras", "tensorflow", "numpy", "scikit-learn")
_TWINS = {"tensorflow": "tensorflow-cpu"}  # one of the two is installed

SHOWS = "recorded"  # the tag of cells that show a record


def record_lesson(path: Path, seeds: Sequence[int], profile: str) -> bool:
    """Execute a lesson once for each seed; write what its cells hand over.

    The record is ``results/<lesson>.json``; it is written after each seed. A seed that
    it holds is executed again only if the lesson's cells or the settings have changed.
    Cells tagged ``recorded`` show a record, and are left out.

    Args:
        path: of the lesson.
        seeds: a run for each.
        profile: in which it is executed.

    Returns:
        whether every seed is in the record now.
    """
    file = results.RESULTS / f"{path.stem}.json"
    record = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    runs = record["runs"] if record.get("profile") == profile else {}
    made_by = _made_by(path, profile)
    complete = True
    for seed in map(str, seeds):
        if runs.get(seed, {}).get("made_by") == made_by:
            print(f"{path.stem}, seed {seed}: is in the record.")
            continue
        with TemporaryDirectory() as folder:
            run = Path(folder, "run.json")
            given = {"RECORD": str(run), "SEED": seed, "PROFILE": profile}
            done = execute(
                path, env={f"COURSE_{k}": v for k, v in given.items()}, without=SHOWS
            )
            if done.error:
                print(f"{path.stem}, seed {seed}: failed: {done.error}")
                complete = False
                continue
            cost = {"seconds": round(done.seconds), "bytes": done.peak_bytes}
            handed = json.loads(run.read_text(encoding="utf-8"))
        runs[seed] = {"made_by": made_by, "execution": cost, **handed}
        runs = dict(sorted(runs.items(), key=lambda item: int(item[0])))
        write_results(path.stem, {"profile": profile, "runs": runs})
        print(f"{path.stem}, seed {seed}: {cost['seconds']} s")
    return complete


def _made_by(path: Path, profile: str) -> str:
    """Return a digest of all settings and of the code that measures."""
    code = [
        cell.source
        for cell in nbformat.read(path, as_version=4).cells
        if cell.cell_type == "code" and not {"check", SHOWS} & set(tags(cell))
    ]
    settings = {name: Settings(name, profile).values() for name in EXPERIMENTS}
    return hashlib.sha256(repr([code, settings]).encode()).hexdigest()[:12]


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


def version(package: str) -> str:
    """Return the version of a package, or of its twin.

    Raises:
        PackageNotFoundError: if neither is installed.
    """
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return metadata.version(_TWINS.get(package, package))


def _save(name: str, record: dict[str, Any]) -> Path:
    path = results.RESULTS / f"{name}.json"
    text = json.dumps(record, indent=2, ensure_ascii=False)
    write_whole(path, f"{text}\n".encode())
    return path
