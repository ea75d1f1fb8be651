"""Find a dataset's file, or download it once: verified, whole, one at a time."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
from pathlib import Path
from urllib.parse import urlsplit

import requests
from filelock import FileLock

from course_utils.datasets.catalogue import DATASETS, Dataset, RealFile
from course_utils.datasets.download import discard, download, reason
from course_utils.datasets.files import (
    BLOCK,
    DataError,
    decode_text,
    foreign_content,
    require_file,
)

ROOT = Path(__file__).resolve().parents[2]
BUNDLED = ROOT / "data" / "bundled"
if not BUNDLED.is_dir():  # the data and the notebooks are not part of the package
    raise ImportError(
        f"course_utils works from its repository alone: there is no folder {BUNDLED}. "
        "In the repository, run: python -m pip install --editable ."
    )

_DAMAGED = "it is truncated, damaged or another edition"
_ELSE = (
    "or name the folder that has it in COURSE_DATA, or work with the bundled data: "
    "COURSE_PROFILE=quick."
)


def data_folder() -> Path:
    """Return the folder of real data: ``COURSE_DATA``, or else ``data/real``.

    A relative ``COURSE_DATA`` counts from the top of the repository, wherever the
    notebook runs; ``~`` is the home folder.

    Raises:
        ValueError: if ``COURSE_DATA`` has blanks or quotes around it, as some shells
            leave them, or names the home of a user who does not exist.
    """
    named = os.environ.get("COURSE_DATA") or "data/real"
    if named != named.strip(" \t\r\n\"'"):
        raise ValueError(
            "COURSE_DATA must be a path without blanks or quotes around it, got "
            f"{_shorten(repr(named), 200)}"
        )
    try:
        return ROOT / Path(named).expanduser()
    except RuntimeError:
        raise ValueError(
            "COURSE_DATA must begin with the home of a user who exists, or without ~, "
            f"got {_shorten(repr(named), 200)}"
        ) from None


def bundled_path(name: str) -> Path:
    """Return the bundled file of a dataset.

    Raises:
        DataError: if the file is missing or empty.
    """
    return require_file(BUNDLED / _dataset(name).bundled)


def real_path(
    name: str, folder: Path | None = None, timeout: float = 30, progress: bool = True
) -> Path:
    """Return the real file of a dataset, and download it if it is not there.

    A file is verified each time, as far as something is known of it. Several processes
    that ask at once make one download. What has come of a download that breaks off
    stays in ``<name>.part``, and the next one goes on from there. A file that was there
    before is never changed or deleted.

    Args:
        name: a key of `catalogue.DATASETS`.
        folder: where to look and to download to; default `data_folder`.
        timeout: seconds to wait for a server that does not answer.
        progress: show a line with the progress of a download.

    Raises:
        DataError: if the file is damaged, or cannot be had; the message names the
            file, its address and where to put it by hand.
    """
    dataset = _dataset(name)
    if not dataset.real:
        return bundled_path(name)
    folder = data_folder() if folder is None else folder
    if os.path.lexists(folder) and not os.path.isdir(folder):
        raise _error(
            "{folder} is not a folder, or a link to one that is not there. Name "
            "another in COURSE_DATA, or work with the bundled data: "
            "COURSE_PROFILE=quick.",
            folder=folder,
        )
    if found := _present(dataset, folder):
        return found
    file = next((file for file in dataset.real if file.urls), None)
    if file is None:
        raise _error(
            "{file} is not there. Get it from {page} and put it into {folder}, {else_}",
            file=dataset.real[0].name,
            page=dataset.page,
            folder=folder,
        )
    part = folder / f"{file.name}.part"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # The lock is for every user of a shared folder.
        with FileLock(folder / f".{file.name}.lock", mode=0o666):
            # Another process may have brought it while this one waited.
            return _present(dataset, folder) or _download(file, part, timeout, progress)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            discard(part)  # on a full disk, not even the notebook can be saved
        raise _error(
            "{file} cannot be saved in {folder} ({reason}). Make room, or ask for the "
            "right to write there, or name another folder in COURSE_DATA, or work with "
            "the bundled data: COURSE_PROFILE=quick.",
            file=file.name,
            folder=folder,
            reason=_system(error),
        ) from None


def verify(path: Path, file: RealFile) -> None:
    """Check what is known of a file: its size, its hash, or what it holds.

    Raises:
        DataError: if the file is missing, truncated, or not the expected one.
        OSError: if it cannot be read.
    """
    if path.is_dir():
        raise _error("{path} is a folder; a file was expected. Rename it.", path=path)
    with path.open("rb") as stream:
        foreign = foreign_content(stream.read(4096))
    size = path.stat().st_size
    if foreign:
        fault = f"is {foreign}, which came in place of the file"
    elif size == 0:
        fault = "is empty (0 bytes)"
    elif file.size is not None and size != file.size:
        fault = f"has {size:,} bytes instead of {file.size:,}: " + _DAMAGED
    elif size < file.least:
        fault = f"has {size:,} bytes, fewer than {file.least:,}: " + _DAMAGED
    elif file.holds and not _holds(path, file.holds):
        fault = f"lacks what the file begins or ends with: {_DAMAGED}"
    elif file.sha256 and _sha256(path, file.text) != file.sha256:
        fault = f"does not have the expected sha256 hash: {_DAMAGED}"
    else:
        return
    raise _error(
        "{path} {fault}. Delete or rename it, and run again.", path=path, fault=fault
    )


def _holds(path: Path, phrases: tuple[bytes, ...]) -> bool:
    content = path.read_bytes().lower()
    return all(phrase in content for phrase in phrases)


def _sha256(path: Path, text: bool) -> str:
    if text:
        content = decode_text(path.read_bytes(), path.name).encode()
        return hashlib.sha256(content).hexdigest()
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _dataset(name: str) -> Dataset:
    if name not in DATASETS:
        raise ValueError(f"name must be one of {', '.join(DATASETS)}, got {name!r}")
    return DATASETS[name]


def _present(dataset: Dataset, folder: Path) -> Path | None:
    """Return the first accepted file that is in the folder, verified."""
    for file in dataset.real:
        path = folder / file.name
        try:
            if path.exists():
                verify(path, file)
                return path
            if path.is_symlink():  # to take its place would hide what it stood for
                raise _error(
                    "{path} is a link to {target}, which is not there. Bring that "
                    "file back, or delete the link, and run again.",
                    path=path,
                    target=os.readlink(path),
                )
        except OSError as error:
            raise _error(
                "{path} cannot be read ({reason}). Ask its owner for the right to read "
                "it, or name another folder in COURSE_DATA.",
                path=path,
                reason=_system(error),
            ) from None
    return None


def _download(file: RealFile, part: Path, timeout: float, progress: bool) -> Path:
    """Try the addresses in turn; publish the file only when it is whole."""
    folder = part.parent
    # An earlier version of the course left such pieces, hidden.
    for old in folder.glob(f".{file.name}.{'[a-z0-9_]' * 8}"):
        with contextlib.suppress(OSError):  # it may be another user's
            old.unlink()
    failures = []
    for url in file.urls:
        try:
            download(url, part, timeout, progress)
            verify(part, file)
        except requests.RequestException as error:
            failures.append(f"{urlsplit(url).netloc}: {reason(error)}")
        except DataError:
            discard(part)
            failures.append(
                f"{urlsplit(url).netloc}: it gave a truncated or another file"
            )
        else:
            os.replace(part, folder / file.name)
            discard(part)
            return folder / file.name
    raise _error(
        "{file} cannot be downloaded ({reasons}). Get it from {url} and put it into "
        "{folder}, {else_}",
        file=file.name,
        reasons="; ".join(failures),
        url=file.urls[0],
        folder=folder,
    )


def _system(error: OSError) -> str:
    """Say in the words of the system what it refused, and for which file."""
    name = f": {Path(error.filename).name}" if error.filename else ""
    return f"{error.strerror or error}{name}"


def _error(sentence: str, **pieces: object) -> DataError:
    """Fill in a sentence; shorten what is long, until it has under 500 characters."""
    for width in (500, 120, 90, 60):
        short = {key: _shorten(str(piece), width) for key, piece in pieces.items()}
        message = sentence.format(**short, else_=_ELSE)
        if len(message) < 500:
            break
    return DataError(message)


def _shorten(text: str, width: int) -> str:
    """Leave out the middle of a text that has more than ``width`` characters."""
    half = (width - 1) // 2
    return text if len(text) <= width else f"{text[:half]}…{text[-half:]}"
