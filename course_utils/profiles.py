"""Which profile is in force, and every experiment's settings in one table."""

from __future__ import annotations

import os
from types import SimpleNamespace
from typing import Any, NamedTuple

PROFILES = {
    "quick": "bundled data, no network, seconds",
    "lecture": "real data and the lectures' settings, minutes to hours",
}


class Setting(NamedTuple):
    """One setting of an experiment: its value in each profile and what it means."""

    quick: Any
    lecture: Any
    meaning: str


class Published(NamedTuple):
    """A figure that a lecture gives, and where it stands."""

    value: float
    source: str


EXPERIMENTS: dict[str, dict[str, Setting]] = {
    "one_hot": {
        "max_words": Setting(10, 10, "words kept of each sample"),
        "max_characters": Setting(50, 50, "characters kept of each sample"),
    },
    "hashing": {
        "dimensions": Setting(1_000, 1_000, "buckets of the hash"),
        "max_words": Setting(10, 10, "words kept of each sample"),
        "trials": Setting(50, 200, "random vocabularies for each measured point"),
    },
}

PUBLISHED: dict[str, Published] = {
    "bag_of_2_grams": Published(11, "lecture 14, section 16.1"),
    "bag_of_3_grams": Published(15, "lecture 14, section 16.1"),
    "character_tokens": Published(96, "lecture 14, section 16.1"),
}


class Settings(SimpleNamespace):
    """The settings of one experiment in one profile; a notebook shows them as a table.

    Each setting is an attribute: ``settings.maxlen``.
    """

    def __init__(self, experiment: str, profile: str):
        self._rows = _experiment(experiment)
        self._profile = profile
        super().__init__(
            **{name: getattr(row, profile) for name, row in self._rows.items()}
        )

    def __repr__(self) -> str:
        pairs = (f"{name}={getattr(self, name)!r}" for name in self._rows)
        return f"Settings({', '.join(pairs)})"

    def _repr_markdown_(self) -> str:
        lines = [
            f"| setting | {self._profile} | lecture | meaning |",
            "|---|---|---|---|",
        ]
        for name, row in self._rows.items():
            here, there = (_number(v) for v in (getattr(self, name), row.lecture))
            lines.append(f"| `{name}` | {here} | {there} | {row.meaning} |")
        return "\n".join(lines)


def choose_profile(parameter: str | None = None) -> str:
    """Return the profile in force: ``COURSE_PROFILE``, else ``parameter``, else quick.

    Args:
        parameter: what the notebook's ``parameters`` cell says.

    Raises:
        ValueError: if there is no profile of that name.
    """
    profile = os.environ.get("COURSE_PROFILE") or parameter or "quick"
    if profile not in PROFILES:
        raise ValueError(
            f"COURSE_PROFILE must be one of {', '.join(PROFILES)}, got {profile!r}"
        )
    return profile


def _experiment(name: str) -> dict[str, Setting]:
    if name not in EXPERIMENTS:
        raise ValueError(
            f"experiment must be one of {', '.join(EXPERIMENTS)}, got {name!r}"
        )
    return EXPERIMENTS[name]


def _number(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int | float) else str(value)
