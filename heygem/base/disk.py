"""A full disk as our error."""

import errno

from heygem.base.errors import ErrorCode, HeygemError


def disk_full(needed_bytes: int, free_bytes: int) -> HeygemError:
    return HeygemError(ErrorCode.DISK_FULL, needed_mb=-(-needed_bytes // 1_000_000), free_mb=free_bytes // 1_000_000)


def is_disk_full(error: OSError) -> bool:
    return error.errno in (errno.ENOSPC, errno.EDQUOT)
