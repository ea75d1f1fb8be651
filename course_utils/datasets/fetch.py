"""Find a dataset's file, or download it once: verified, atomic, one at a time."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

import pooch
import requests
from filelock import FileLock

from course_utils.datasets.catalogue import DATASETS, Dataset, RealFile
from course_utils.datasets.files import DataError, decode_text, require_file

ROOT = Path(__file__).resolve().parents[2]
BUNDLED = ROOT / "data" / "bundled"


def data_folder() -> Path:
    """Return the folder of real data: ``COURSE_DATA``, or else ``data/real``.

    A relative ``COURSE_DATA`` counts from the top of the repository, wherever the
    notebook runs.
    """
    return ROOT / os.environ.get("COURSE_DATA", "data/real")


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

    A file that is there is verified where its hash is known. Several processes that
    ask at once make one download. Nothing is ever left half-written, and a file that
    was there before is never changed or deleted.

    Args:
        name: a key of `catalogue.DATASETS`.
        folder: where to look and to download to; default `data_folder`.
        timeout: seconds to wait for a server that does not answer.
        progress: show a progress bar on the terminal.

    Raises:
        DataError: if the file is damaged, or cannot be had; the message names the
            file, its address and where to put it by hand.
    """
    dataset = _dataset(name)
    folder = data_folder() if folder is None else folder
    if not dataset.real:
        return bundled_path(name)
    if found := _present(dataset, folder):
        return found
    file = next((file for file in dataset.real if file.urls), None)
    if file is None:
        raise DataError(_by_hand(dataset, dataset.real[0], folder, "is not there"))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / f".{file.name}.lock"):
            # Another process may have brought it while this one waited.
            return _present(dataset, folder) or _download(
                dataset, file, folder, timeout, progress
            )
    except OSError as error:
        reason = f"cannot be saved in {folder} ({error.strerror or error})"
        raise DataError(_by_hand(dataset, file, folder, reason)) from None


def verify(path: Path, file: RealFile) -> None:
    """Check size and hash of a file, as far as they are known.

    Raises:
        DataError: if the file is missing, truncated, or not the expected one.
    """
    require_file(path)
    size = path.stat().st_size
    if file.size is not None and size != file.size:
        raise DataError(
            f"{path} has {size:,} bytes instead of {file.size:,}: it is truncated or "
            "another edition. Delete or rename it, and run again."
        )
    if file.hash is None:
        return
    algorithm, expected = file.hash.split(":")
    if file.text:
        text = decode_text(path.read_bytes(), str(path))
        found = hashlib.new(algorithm, text.encode()).hexdigest()
    else:
        found = pooch.file_hash(str(path), alg=algorithm)
    if found != expected:
        raise DataError(
            f"{path} does not have the expected {algorithm} hash: it is damaged or "
            "another edition. Delete or rename it, and run again."
        )


def _dataset(name: str) -> Dataset:
    if name not in DATASETS:
        raise ValueError(f"name must be one of {', '.join(DATASETS)}, got {name!r}")
    return DATASETS[name]


def _present(dataset: Dataset, folder: Path) -> Path | None:
    """Return the first accepted file that is in the folder, verified."""
    for file in dataset.real:
        path = folder / file.name
        if path.exists():
            verify(path, file)
            return path
    return None


def _download(
    dataset: Dataset, file: RealFile, folder: Path, timeout: float, progress: bool
) -> Path:
    """Try the addresses in turn; publish the file only when it is whole."""
    failures = []
    for url in file.urls:
        # Beside its final place, so that the rename is atomic.
        handle, temporary = tempfile.mkstemp(prefix=f".{file.name}.", dir=folder)
        os.close(handle)
        try:
            download = pooch.HTTPDownloader(progressbar=progress, timeout=timeout)
            download(url, temporary, None)
            verify(Path(temporary), file)
            os.chmod(temporary, 0o644)  # mkstemp lets only its owner read
            os.replace(temporary, folder / file.name)
            return folder / file.name
        except requests.RequestException as error:
            failures.append(f"{url}: {_reason(error)}")
        except DataError:
            failures.append(f"{url}: what came is truncated or not the expected file")
        finally:
            Path(temporary).unlink(missing_ok=True)
    reason = f"cannot be downloaded ({'; '.join(failures)})"
    raise DataError(_by_hand(dataset, file, folder, reason))


def _reason(error: requests.RequestException) -> str:
    """Say in a few words what went wrong on the network."""
    if error.response is not None:
        return f"the server answered {error.response.status_code}"
    if isinstance(error, requests.Timeout):
        return "the server did not answer in time"
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return "the connection broke off"
    return "there is no connection"


def _by_hand(dataset: Dataset, file: RealFile, folder: Path, reason: str) -> str:
    address = file.urls[0] if file.urls else dataset.page
    return (
        f"{file.name} ({dataset.title}) {reason}. Get it from {address} and put it "
        f"into {folder}, or name the folder that has it in COURSE_DATA, or work with "
        "the bundled data: COURSE_PROFILE=quick."
    )
