"""Where the embedded server listens: a unix socket in the data folder, or a short path where that is too long."""

import hashlib
import os
import tempfile
from pathlib import Path

from heygem.base.errors import ErrorCode, HeygemError

_LONGEST = 100  # bytes; the kernel's limit is 108 with the closing zero


def redis_folder(data_dir: Path) -> Path:
    return data_dir.absolute() / "redis"


def socket_path(data_dir: Path) -> Path:
    """The socket of this data folder's server.

    A path that is too long for a socket is replaced by one in the temporary folder. The server writes it down in
    the data folder, since another process may have another temporary folder.
    """
    folder = redis_folder(data_dir)
    direct = folder / "redis.sock"
    if len(os.fsencode(direct)) <= _LONGEST:
        return direct
    note = folder / "socket"
    return Path(note.read_text()) if note.exists() else _short(folder)


def prepare_socket(data_dir: Path) -> Path:
    """Make room for the socket: its folder is there and ours alone, an old socket is gone.

    The caller holds the lock.
    """
    folder = redis_folder(data_dir)
    path = socket_path(data_dir)
    if path.parent != folder:
        path = _short(folder)
        path.parent.mkdir(mode=0o700, exist_ok=True)
        if path.parent.is_symlink() or path.parent.stat().st_uid != os.getuid():
            raise HeygemError(ErrorCode.REDIS_UNAVAILABLE, missing=f"a folder of our own at {path.parent}")
        (folder / "socket").write_text(str(path))
    path.unlink(missing_ok=True)
    return path


def _short(folder: Path) -> Path:
    name = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"heygem-{os.getuid()}-{name}" / "redis.sock"
