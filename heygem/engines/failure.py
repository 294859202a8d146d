"""What a person is told when an engine stops: its own words if it has any, else the nearest code."""

import shutil
from pathlib import Path

from heygem.errors import ErrorCode, HeygemError
from heygem.storage import disk_full, is_disk_full


def reason(error: Exception, engine: str, folder: Path, needed_bytes: int) -> HeygemError:
    """The failure behind whatever came out of `Engine.render`. `needed_bytes`: what its output was expected to take."""
    if isinstance(error, HeygemError):
        return error
    if isinstance(error, OSError) and is_disk_full(error):
        return disk_full(needed_bytes, shutil.disk_usage(folder).free)
    if isinstance(error, MemoryError):
        return HeygemError(ErrorCode.OUT_OF_MEMORY)
    return HeygemError(ErrorCode.ENGINE_FAILED, engine=engine)
