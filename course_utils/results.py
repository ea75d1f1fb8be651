"""Recorded measurements: JSON files under results/, with the machine they ran on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from course_utils._arguments import shown
from course_utils._whole import write_whole
from course_utils.datasets.fetch import ROOT

RESULTS = ROOT / "results"


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


def over_seeds(record: dict[str, Any], name: str, value: str) -> np.ndarray:
    """Return what every run of a lesson's record handed over, (seeds, …).

    Args:
        record: as ``read_results`` returns it.
        name: what was measured, as the lesson's cell calls it.
        value: which of its values.

    Raises:
        ValueError: if no run has it.
    """
    runs = [run for run in record["runs"].values() if value in run.get(name, {})]
    if not runs:
        raise ValueError(f"name and value must be in the record, got {name}: {value}")
    return np.array([run[name][value] for run in runs])


def add_to_record(path: Path, name: str, values: dict[str, Any]) -> None:
    """Put what a cell hands over into the file of its run, all or nothing."""
    run = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    run.setdefault(name, {}).update(_plain(values))
    write_whole(path, json.dumps(run, ensure_ascii=False).encode())


def _plain(value: Any) -> Any:
    """Return a value as JSON can hold it, numbers to six digits."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, range)):
        return [_plain(item) for item in value]
    if hasattr(value, "__array__"):
        return _plain(np.asarray(value).tolist())
    return float(f"{value:.6g}") if isinstance(value, float) else value
