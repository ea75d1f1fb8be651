"""Where the tests find the repository's parts and, if it is there, the real data."""

from __future__ import annotations

import importlib
import importlib.util
import os
from pathlib import Path
from types import ModuleType
from typing import Any

import hypothesis
import pytest

ROOT = Path(__file__).resolve().parent.parent
BUNDLED = ROOT / "data" / "bundled"
REAL_DATA = Path(os.environ.get("COURSE_DATA", ROOT.parent / "shared" / "data"))

# The first example may import a library, and no test is a matter of time.
hypothesis.settings.register_profile("course", deadline=None)
hypothesis.settings.load_profile("course")

needs_real_data = pytest.mark.skipif(
    not REAL_DATA.is_dir(), reason=f"no real data in {REAL_DATA}"
)


class _LaterKeras:
    """Keras, imported when it is first used: collecting the tests takes no seconds."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):  # pytest looks for marks on everything it finds
            raise AttributeError(name)
        return getattr(importlib.import_module("keras"), name)


keras = _LaterKeras()


def load_generator(name: str) -> ModuleType:
    """Import the script ``data/generators/<name>.py`` as a module."""
    path = ROOT / "data" / "generators" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"generator_{name}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
