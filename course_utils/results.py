"""Recorded measurements: JSON files under results/, with the machine they ran on."""

from __future__ import annotations

import json
from typing import Any

from course_utils._arguments import shown
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
