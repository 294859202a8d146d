"""One file of an archive."""

import zlib
from pathlib import Path

from pydantic import BaseModel


class Member(BaseModel, frozen=True, ser_json_bytes="base64", val_json_bytes="base64"):
    """A file of the archive: `path` says where its `size` bytes are, or None and `data` holds them.

    `name` is the UTF-8 name in the zip, `mtime` Unix seconds.
    """

    name: str
    size: int
    crc32: int
    mtime: int
    path: Path | None = None
    data: bytes = b""

    @classmethod
    def inline(cls, name: str, data: bytes, mtime: int) -> "Member":
        return cls(name=name, size=len(data), crc32=zlib.crc32(data), mtime=mtime, data=data)
