"""What a person is told when an engine stops: its own words if it has any, else the nearest code."""

import errno
import shutil
from pathlib import Path

from heygem.base.disk import disk_full, is_disk_full
from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.memory import no_room

# Codes out of `Engine.render` that say nothing about the voice or the template: elsewhere, or later, they may do.
MACHINE = frozenset(
    {
        ErrorCode.DISK_FULL,
        ErrorCode.NO_ACCESS,
        ErrorCode.ENGINE_UNKNOWN,
        ErrorCode.ENGINE_UNAVAILABLE,
        ErrorCode.OUT_OF_MEMORY,
        ErrorCode.FONT_MISSING,
        ErrorCode.WEIGHTS_MISSING,
        ErrorCode.WEIGHTS_BROKEN,
        ErrorCode.WEIGHTS_UNSAFE,
        ErrorCode.WEIGHTS_MISFIT,
        ErrorCode.SERVICE_UNREACHABLE,
        ErrorCode.SERVICE_BUSY,
        ErrorCode.SERVICE_LOST,
        ErrorCode.BAD_SETTING,
        ErrorCode.SETTINGS_FILE,
        ErrorCode.EXTRA_MISSING,
        ErrorCode.INTERNAL,
    }
)
# Codes after which the machine is tried, before the item is blamed.
DOUBTFUL = MACHINE | {ErrorCode.ENGINE_FAILED, ErrorCode.SERVICE_STUCK}
_REFUSED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOENT, errno.ENOTDIR, errno.EEXIST})
# How torch begins when the GPU, its driver or their libraries are not usable (any more).
_NO_GPU = ("CUDA error", "CUDA driver", "cuDNN error", "No CUDA GPUs", "Found no NVIDIA driver", "NVML_SUCCESS")


def reason(error: Exception, engine: str, folder: Path, needed_bytes: int) -> HeygemError:
    """The failure behind whatever came out of `Engine.render`. `needed_bytes`: what its output was expected to take.

    ENGINE_FAILED where nobody can tell whether it is the content's fault.
    """
    if isinstance(error, HeygemError):
        return error
    if _ran_out(error):
        return HeygemError(ErrorCode.OUT_OF_MEMORY)
    if isinstance(error, ImportError):
        return HeygemError(ErrorCode.ENGINE_UNAVAILABLE, engine=engine, missing=lacking(error))
    if isinstance(error, OSError):
        return _system(error, folder, needed_bytes)
    if isinstance(error, RuntimeError) and any(words in str(error) for words in _NO_GPU):
        return HeygemError(ErrorCode.ENGINE_UNAVAILABLE, engine=engine, missing="GPU")
    return HeygemError(ErrorCode.ENGINE_FAILED, engine=engine)


def _ran_out(error: Exception) -> bool:
    if isinstance(error, RuntimeError):
        return no_room(error)
    return isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno == errno.ENOMEM)


def lacking(error: ImportError) -> str:
    """What an import did not find: a module, or the system's library that a module is linked with."""
    if isinstance(error, ModuleNotFoundError):
        return error.name or str(error)
    library, found, _ = str(error).partition(": cannot open shared object file")
    return library if found else error.name or str(error)


def _system(error: OSError, folder: Path, needed_bytes: int) -> HeygemError:
    """What the operating system refused. What libav says of people's files is told where they are read."""
    if is_disk_full(error):
        return disk_full(needed_bytes, shutil.disk_usage(folder).free)
    if error.errno in _REFUSED:
        return HeygemError(ErrorCode.NO_ACCESS, name="data_dir")
    return HeygemError(ErrorCode.INTERNAL)
