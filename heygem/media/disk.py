"""A full disk as our error."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import av

from heygem.base.disk import disk_full, is_disk_full


@contextmanager
def writing(folder: Path, needed_bytes: int) -> Iterator[None]:
    """Raise DISK_FULL for what the system or libav say when `folder` is full; `needed_bytes` is for the sentence."""
    try:
        yield
    except (OSError, av.FFmpegError) as error:
        if not (isinstance(error, OSError) and is_disk_full(error)):
            raise
        raise disk_full(needed_bytes, shutil.disk_usage(folder).free) from error
