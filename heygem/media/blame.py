"""Whose fault it is that a file can't be read: its own or the machine's, which may read it later or elsewhere."""

import errno
import os
from pathlib import Path

# No content makes libav say these. EIO it says of files that end too early, too.
_MACHINES = frozenset(
    {
        errno.EACCES,
        errno.EMFILE,
        errno.ENFILE,
        errno.ENOSPC,
        errno.EDQUOT,
        errno.EROFS,
        errno.ESTALE,
        errno.ETIMEDOUT,
    }
)
_BLOCK_BYTES = 1 << 20


def acquit(path: Path, error: Exception | None = None) -> None:
    """Raise OSError where the system, and not the file, is why it can't be read.

    Demuxers often take a disk that fails for the end of the file. So the file is read once more, without them.
    """
    if isinstance(error, OSError) and error.errno in _MACHINES:
        raise OSError(error.errno, os.strerror(error.errno), str(path)) from error
    with path.open("rb", buffering=0) as file:
        while file.read(_BLOCK_BYTES):
            pass
