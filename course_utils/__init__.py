"""Helpers of the course: plumbing only; what a lesson teaches stands in its cells.

A notebook begins with ``course = course_utils.start(…)``.
"""

from __future__ import annotations

import contextlib
import logging
import os
import random
import re
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import matplotlib.pyplot as plt
import numpy as np

from course_utils._arguments import shown, whole_number
from course_utils.datasets.catalogue import DATASETS
from course_utils.datasets.fetch import BUNDLED, bundled_path, real_path
from course_utils.profiles import PROFILES, Settings, choose_profile
from course_utils.results import add_to_record

if TYPE_CHECKING:  # else, Keras is imported quietly, and only where it is needed
    import keras

__all__ = ["Course", "check", "recorded", "start"]


class Course(NamedTuple):
    """What a notebook knows of the run it is part of.

    Attributes:
        profile: "quick", "lecture" or "record".
        seed: what the random generators were seeded with.
    """

    profile: str
    seed: int

    def settings(self, experiment: str) -> Settings:
        """Return the settings of an experiment in the profile in force."""
        settings = Settings(experiment, self.profile)
        self.record(f"settings of {experiment}", **settings.values())
        return settings

    def data(self, name: str) -> Path:
        """Return the file of a dataset: bundled in quick, else the real one.

        Records are made with bundled data, too, where the real file has no address
        from which anyone could repeat them.

        Raises:
            DataError: if the file cannot be had; the message says what to do.
        """
        if self.profile == "quick":
            return bundled_path(name)
        by_hand = name in DATASETS and not any(f.urls for f in DATASETS[name].real)
        if self.profile == "record" and by_hand:
            return bundled_path(name)
        return real_path(name)

    def folder(self, name: str) -> Path:
        """Return a folder for what a notebook writes: ``written/<name>/<profile>``.

        It stands beside the notebook, where JupyterLab shows it. Where nothing can be
        written, as beside a class's shared notebooks, it is a new temporary folder.
        """
        folder = Path("written") / name / self.profile
        with contextlib.suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
        # One that is there already may be another user's, or on a read-only disk.
        writable = os.access(folder, os.W_OK)
        return folder if writable else Path(tempfile.mkdtemp(prefix=f"{name}_"))

    def record(self, name: str, **values: object) -> None:
        """Hand over what a record of this lesson keeps.

        `make record` executes a lesson once for each seed, and writes what its cells
        hand over into ``results/``. In any other run, nothing happens.

        Args:
            name: what is measured, in a few words.
            values: numbers, texts, arrays, and lists and dictionaries of these.
        """
        if path := os.environ.get("COURSE_RECORD"):
            add_to_record(Path(path), name, values)

    def callbacks(
        self,
        title: str,
        *made_of: object,
        early_stopping: keras.callbacks.EarlyStopping | None = None,
    ) -> list[keras.callbacks.Callback]:
        """Return the callbacks of a training that takes its time.

        Below the running cell, they show how far it is. In other profiles than quick,
        if it is said what the training is made of, they also save it after each epoch,
        and go on there if it was killed.

        Args:
            title: what is trained, in a few words.
            made_of: the data and settings of the training, see `training.Resume`.
            early_stopping: to be part of it.
        """
        from course_utils.training import Progress, Resume  # they need the backend

        callbacks = [] if early_stopping is None else [early_stopping]
        if self.profile != "quick" and made_of:
            name = re.sub(r"\W+", "_", title)
            callbacks.append(
                Resume(name, *made_of, seed=self.seed, early_stopping=early_stopping)
            )
        return [*callbacks, Progress(title)]


def start(
    profile: str | None = None,
    data: Sequence[str] = (),
    seed: int = 0,
    backend: bool = True,
) -> Course:
    """Begin a notebook: seeds, quiet backend, plot style; say the profile and data.

    Args:
        profile: what the notebook's ``parameters`` cell says; the environment variable
            ``COURSE_PROFILE`` goes before it.
        data: the datasets that the notebook reads, by their names in the catalogue.
        seed: seeds Python, NumPy and the backend; the environment variable
            ``COURSE_SEED`` goes before it.
        backend: import Keras. A notebook that needs none saves its seconds of start.

    Raises:
        ValueError: if the profile or a dataset does not exist, or the seed is not one
            of NumPy's.
        DataError: if a real file is damaged or cannot be had.
    """
    if isinstance(data, str):
        raise ValueError(f"data must be a list of names, got {data!r}; use [{data!r}]")
    seed = whole_number("seed", _seed_of_the_environment(seed), 0, 2**32)
    course = Course(choose_profile(profile), seed)
    # Colours that survive colour-blindness, and labels that never overlap.
    plt.style.use("tableau-colorblind10")
    plt.rcParams["figure.constrained_layout.use"] = True
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002 -- what Keras and scikit-learn fall back on
    if backend:
        _start_backend(seed)
    print(f"Profile: {course.profile} ({PROFILES[course.profile]}).")
    for name in data:
        path = course.data(name)
        bundled = path.parent == BUNDLED
        kind = "bundled" if bundled else "real"
        title = DATASETS[name].bundled_title if bundled else DATASETS[name].title
        print(f"Data: {name} = {title} ({kind}, {path.name}).")
        course.record(f"data of {name}", title=title, file=path.name, kind=kind)
    return course


def check(claim: str, holds: bool) -> None:
    """Print a claim that holds in this run; stop at one that does not.

    While a record is made, a claim that does not hold is handed over, and the lesson
    goes on.

    Args:
        claim: a full sentence whose words never vary.
        holds: whether it is true.

    Raises:
        AssertionError: if it does not hold.
        ValueError: if the claim is no sentence, or ``holds`` not one truth value.
    """
    true = _say("Checked", claim, holds)
    if path := os.environ.get("COURSE_RECORD"):
        add_to_record(Path(path), "claims", {claim: true})


def recorded(claim: str, holds: bool) -> None:
    """Print a claim that holds in a record; stop at one that does not, as `check`."""
    _say("Recorded", claim, holds)


def _say(how: str, claim: str, holds: bool) -> bool:
    """Print whether a claim holds, and return it; see `check`."""
    true = _truth(claim, holds)
    if not true and not os.environ.get("COURSE_RECORD"):
        raise AssertionError(f"This does not hold in this run: {claim}")
    print(f"{how}: {claim}" if true else f"Does not hold: {claim}")
    return true


def _truth(claim: str, holds: bool) -> bool:
    """Return whether a claim holds; refuse what says neither."""
    if not isinstance(claim, str):
        raise ValueError(
            "claim must be a sentence, as in check('The loss falls.', last < first), "
            f"got {shown(claim)}"
        )
    # A comparison of the backend's tensors gives a tensor with one truth value.
    if not isinstance(holds, bool) and not _is_one_truth(holds):
        raise ValueError(
            f"holds must be True or False, got {shown(holds)}; of several, take all(…)"
        )
    return bool(holds)


def _seed_of_the_environment(seed: int) -> object:
    """Return ``COURSE_SEED`` where it is set, else the seed that is given."""
    named = os.environ.get("COURSE_SEED", "").strip()
    return int(named) if named.isdecimal() else named or seed


def _is_one_truth(value: object) -> bool:
    """Say whether an array or a tensor holds one truth value."""
    return getattr(value, "shape", None) == () and np.asarray(value).dtype == bool


def _start_backend(seed: int) -> None:
    """Import Keras and use it once, without the log lines of the backend."""
    logging.getLogger("tensorflow").setLevel(logging.ERROR)
    with _quiet_descriptor_2():
        import keras

        keras.utils.set_random_seed(seed)
        # The backend logs again at its first operation and its first compilation.
        model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
        model.compile(loss="mse", jit_compile=True)
        model.train_on_batch(np.zeros((1, 1)), np.zeros((1, 1)))
        keras.utils.set_random_seed(seed)


@contextlib.contextmanager
def _quiet_descriptor_2() -> Iterator[None]:
    """Send file descriptor 2 nowhere: C++ code writes to it past ``sys.stderr``.

    In a notebook it stays there. Python's own messages do not pass through it, and
    what the backend still logs, later, depends on the processor.
    """
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        if "ipykernel" not in sys.modules:
            os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
