"""Files go when nothing uses them any more: no batch, no saved template.

Each file has a set of its uses in Redis (`keys.file`). Removing moves the file aside, looks at the set once more and
puts it back if somebody came in between. Adding registers the use first and then looks for the file. So either the
remover sees the use, or the adder sees that the file is gone and says so: a file in use is never missing silently.
"""

import asyncio
import contextlib
import shutil
from pathlib import Path
from uuid import uuid4

from redis.asyncio import Redis

from heygem.batches.model import MediaFile
from heygem.redis import keys
from heygem.storage.layout import Storage

ASIDE = ".going"


async def remove_unused(redis: Redis, storage: Storage, owner: str, sha256: str) -> bool:
    """Remove one file unless something uses it; whether it was removed."""
    record = keys.file(owner, sha256)
    if await redis.exists(record):
        return False
    kept = storage.file(owner, sha256)
    aside = kept.with_name(f"{sha256}.{uuid4().hex}{ASIDE}")
    try:
        kept.rename(aside)
    except FileNotFoundError:
        return False
    if await redis.exists(record):
        aside.rename(kept)
        return False
    aside.unlink()
    return True


async def settle_aside(redis: Redis, storage: Storage, owner: str, aside: Path) -> None:
    """End what a killed remover left half done."""
    sha256 = aside.name.partition(".")[0]
    kept = storage.file(owner, sha256)
    if await redis.exists(keys.file(owner, sha256)) and not kept.exists():
        aside.rename(kept)
    else:
        aside.unlink(missing_ok=True)


async def remove_owner(redis: Redis, storage: Storage, owner: str) -> None:
    """Everything in an owner's folder but files that other people's batches use."""
    await asyncio.to_thread(remove_folder, storage.cache(owner))
    await asyncio.to_thread(remove_folder, storage.owner(owner) / "results")
    for file in _listed(storage.owner(owner) / "files"):
        await remove_unused(redis, storage, owner, file.name)
    for folder in (storage.owner(owner) / "files", storage.owner(owner)):
        with contextlib.suppress(OSError):  # it still holds such a file, or never was
            folder.rmdir()


def remove_folder(folder: Path) -> None:
    """A folder and all in it; a worker may be writing into it at this moment, or another sweep removing it."""
    shutil.rmtree(folder, ignore_errors=True)


def remove_partials(storage: Storage, batch_id: str) -> None:
    """What was still arriving for a batch that is gone."""
    for path in storage.incoming.glob(f"{batch_id}.*"):
        path.unlink(missing_ok=True)


def present(storage: Storage, file: MediaFile) -> bool:
    return storage.file(file.owner, file.sha256).exists()


def _listed(folder: Path) -> list[Path]:
    return list(folder.iterdir()) if folder.is_dir() else []
