"""Bring one file over HTTP: go on where it broke off, try again, say why it failed."""

from __future__ import annotations

import errno
import http.client
import itertools
import shutil
import ssl
import time
from collections.abc import Iterator
from pathlib import Path

import requests
import urllib3
from tqdm import tqdm

from course_utils.datasets.files import foreign_content

PAUSES = (1, 4, 15)  # seconds before the second, the third and the fourth try
PATIENCE = 60  # seconds that a busy server may ask us to wait
CHUNK = 1 << 14  # bytes; at most so many are lost when a transfer breaks off
BUSY = {408, 429, 500, 502, 503, 504}  # answers that may be others in a minute

# What an exception, or one that caused it, means: the first that fits. It may be worth
# another try when the server is there and has answered before.
_MEANINGS = (
    (ssl.SSLCertVerificationError, "its certificate is not trusted: a proxy?", False),
    (requests.exceptions.SSLError, "no secure connection", False),
    (requests.exceptions.ProxyError, "the proxy lets nothing through", False),
    (requests.TooManyRedirects, "it redirects in circles", False),
    (urllib3.exceptions.NameResolutionError, "its name is not found: offline?", False),
    (requests.Timeout, "it did not answer in time", False),
    (urllib3.exceptions.ReadTimeoutError, "the transfer stalled", True),
    (ConnectionRefusedError, "it refused the connection", False),
    (http.client.RemoteDisconnected, "it closed the connection", True),
    (http.client.BadStatusLine, "its answer is not HTTP", False),
    (urllib3.exceptions.ProtocolError, "the connection broke off", True),
)
_STATUS = {
    403: "it does not give the file to us",
    404: "the file is not there any more",
    410: "the file is not there any more",
    429: "it has too many requests; try again later",
}


class ForeignContentError(requests.RequestException):
    """A web page, or another thing, came in place of the file."""


def download(url: str, part: Path, timeout: float, progress: bool) -> None:
    """Write the file at an address into ``part``, or what is missing of it there.

    An earlier part is continued if the server says by its ETag or its Last-Modified
    that the file is still the same; else the file is fetched from its beginning.
    A transfer that breaks off, and a busy server, are tried again after a pause.

    Args:
        url: the address.
        part: the file to write; beside it, `version_file` says what it is a part of.
        timeout: seconds to wait for a server that does not answer.
        progress: show a line with megabytes and the time left.

    Raises:
        requests.RequestException: if it cannot be had; see `reason`. The part stays.
        OSError: if it cannot be written.
    """
    failures, most = 0, 0
    while True:
        try:
            _attempt(url, part, timeout, progress)
            return
        except requests.RequestException as error:
            if _size(part) > most:  # each try that gets on earns new ones
                failures, most = 0, _size(part)
            pause = _pause(error, failures)
            if pause is None:
                raise
            failures += 1
        time.sleep(pause)


def discard(part: Path) -> None:
    """Delete a part and what is noted of it."""
    part.unlink(missing_ok=True)
    version_file(part).unlink(missing_ok=True)


def version_file(part: Path) -> Path:
    """Return the file that notes of which version of the data a part is."""
    return part.with_name(f".{part.name}.version")


def reason(error: requests.RequestException) -> str:
    """Say in a few words what went wrong; the server is "it"."""
    if isinstance(error, ForeignContentError):
        return f"it gave {error} instead"
    if error.response is not None and not isinstance(error, requests.TooManyRedirects):
        status = error.response.status_code
        default = "it has an error of its own" if status >= 500 else "it answered"
        return f"{_STATUS.get(status, default)} ({status})"
    for cause in _causes(error):
        if getattr(cause, "errno", None) in (errno.ENETUNREACH, errno.EHOSTUNREACH):
            return "there is no network to it"
    return _meaning(error)[0]


def _attempt(url: str, part: Path, timeout: float, progress: bool) -> None:
    """Ask once for what is missing, and append what comes."""
    version, offset = _state(part)
    response = _get(url, timeout, version, offset)
    if offset and not _is_rest(response, version, offset):
        if response.headers.get("Content-Range") == f"bytes */{offset}":
            response.close()  # nothing is missing
            return
        if response.status_code in (206, 416):  # a piece of another version, or none
            response.close()
            response = _get(url, timeout)
        offset = 0
    with response:
        if response.status_code not in (200, 206):
            raise requests.HTTPError(response=response)
        coming = response.raw.length_remaining or 0  # 0 if the server does not say
        chunks = response.iter_content(CHUNK)
        first = next(chunks, b"")
        if not offset:
            # Before the earlier part goes: a login page is no reason to lose it.
            if foreign := foreign_content(first):
                raise ForeignContentError(foreign)
            discard(part)
            version_file(part).write_text(_version(response), "utf-8")
        _append(part, itertools.chain([first], chunks), offset, coming, progress)


def _append(
    part: Path, chunks: Iterator[bytes], offset: int, coming: int, progress: bool
) -> None:
    """Write ``coming`` bytes to the end of the part, and show how far they are."""
    free = shutil.disk_usage(part.parent).free
    if coming > free:
        raise OSError(f"it needs {coming / 1e6:,.1f} MB, {free / 1e6:,.1f} MB are free")
    with (
        part.open("ab") as file,
        tqdm(
            desc=part.stem,
            initial=offset,
            total=offset + coming if coming else None,
            unit_scale=True,
            bar_format="{desc}: {n_fmt}B of {total_fmt}B, {remaining} left",
            leave=False,
            disable=not progress,
            mininterval=0.5,
        ) as line,
    ):
        for chunk in chunks:
            file.write(chunk)
            line.update(len(chunk))


def _get(
    url: str, timeout: float, version: str = "", offset: int = 0
) -> requests.Response:
    """Ask for a file, or for what follows its first ``offset`` bytes."""
    headers = {"Accept-Encoding": "identity"}  # offsets count the file's own bytes
    if offset:
        headers |= {"Range": f"bytes={offset}-", "If-Range": version}
    return requests.get(url, headers=headers, stream=True, timeout=timeout)


def _is_rest(response: requests.Response, version: str, offset: int) -> bool:
    """Tell whether the answer is what was asked for: some servers overlook If-Range."""
    content_range = response.headers.get("Content-Range", "")
    return (
        response.status_code == 206
        and content_range.startswith(f"bytes {offset}-")
        and _version(response) in ("", version)
    )


def _version(response: requests.Response) -> str:
    """Return what tells this version of the file from others; "" if nothing does."""
    if "Content-Encoding" in response.headers:
        return ""
    tag = response.headers.get("ETag", "")
    if tag and not tag.startswith("W/"):
        return tag
    return response.headers.get("Last-Modified", "")


def _state(part: Path) -> tuple[str, int]:
    """Return the version of a part and its length; "" and 0 if it cannot be used."""
    try:
        version = version_file(part).read_text("utf-8")
        part.open("ab").close()  # on a shared server, it may be another user's
    except (OSError, UnicodeDecodeError):
        return "", 0
    return (version, _size(part)) if version else ("", 0)


def _size(part: Path) -> int:
    return part.stat().st_size if part.exists() else 0


def _pause(error: requests.RequestException, failures: int) -> float | None:
    """Return how many seconds to wait before the next try; None: give up."""
    if failures == len(PAUSES):
        return None
    pause = PAUSES[failures]
    if error.response is None:
        return pause if _meaning(error)[1] else None
    if error.response.status_code not in BUSY:
        return None
    try:
        asked = urllib3.Retry().parse_retry_after(error.response.headers["Retry-After"])
    except (KeyError, urllib3.exceptions.InvalidHeader):
        return pause
    return max(pause, asked) if asked <= PATIENCE else None


def _meaning(error: BaseException) -> tuple[str, bool]:
    """Return what an error means, and whether another try may help."""
    causes = list(_causes(error))
    for kind, words, again in _MEANINGS:
        if any(isinstance(cause, kind) for cause in causes):
            return words, again
    return "it cannot be reached", False


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an exception and all that led to it."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
