"""What stays on the disk when a process dies at the wrong moment, and what nothing uses any more."""

import contextlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from redis.asyncio import Redis

from heygem.batches import files
from heygem.batches.model import Batch, ItemState
from heygem.batches.store import Store
from heygem.redis import keys
from heygem.storage.layout import Storage

_YOUNG_S = 3600.0  # what is younger may be about to be recorded
_UPLOAD_S = 6 * 3600.0  # an upload that stood still for so long is dead


async def remove_unused_files(redis: Redis, storage: Storage, now: float) -> None:
    """Files without a batch or a saved template. One that arrived within the hour may still get one."""
    for folder in _folders(storage.owners):
        old = [path for path in _within(folder / "files") if _age(path, now) > _YOUNG_S]
        for path in old:
            if path.name.endswith(files.ASIDE):
                await files.settle_aside(redis, storage, folder.name, path)
        for sha256 in await _unused(redis, folder.name, [path.name for path in old]):
            await files.remove_unused(redis, storage, folder.name, sha256)


async def remove_orphaned_results(store: Store, storage: Storage, now: float) -> None:
    """Outputs of runs that lost their item, and folders of batches that are gone."""
    for folder in [folder for owner in _folders(storage.owners) for folder in _folders(owner / "results")]:
        if _age(folder, now) <= _YOUNG_S:
            continue
        batch = await store.find(folder.name)
        if batch is None:
            files.remove_folder(folder)
            continue
        for path in _within(folder):
            if not _belongs(path.name, batch):
                path.unlink(missing_ok=True)


def remove_stale_uploads(storage: Storage, now: float) -> None:
    for path in _within(storage.incoming):
        if _age(path, now) > _UPLOAD_S:
            path.unlink(missing_ok=True)


def shrink_caches(storage: Storage, limit: int, now: float) -> None:
    """Remove the least recently used entries of all owners until `limit` bytes are kept.

    An entry's lock goes with it. Whoever waits on it just then computes the entry once more, nothing worse.
    """
    entries = []
    for path in [path for owner in _folders(storage.owners) for path in (owner / "cache").rglob("*.*")]:
        with contextlib.suppress(FileNotFoundError):
            if path.suffix == ".npz":
                entries.append((path.stat().st_mtime, path.stat().st_size, path))
            elif _age(path, now) > _YOUNG_S and not path.with_suffix(".npz").exists():
                path.unlink()  # a partial, or the lock of an entry that was never made
    too_much = sum(size for _, size, _ in entries) - limit
    for _, size, path in sorted(entries):
        if too_much <= 0:
            break
        path.unlink(missing_ok=True)
        path.with_suffix(".lock").unlink(missing_ok=True)
        too_much -= size


def _belongs(name: str, batch: Batch) -> bool:
    """Whether a result file is its item's: <item>.<fence>.<anything> of the recorded output, or of the present run."""
    for item in batch.items:
        if item.state in (ItemState.DONE, ItemState.RUNNING) and name.startswith(f"{item.id}.{item.fence}."):
            return True
    return False


async def _unused(redis: Redis, owner: str, sha256s: Iterable[str]) -> list[str]:
    names = [name for name in sha256s if not name.endswith(files.ASIDE)]
    async with redis.pipeline(transaction=False) as pipe:
        for name in names:
            pipe.exists(keys.file(owner, name))
        used = await pipe.execute()
    return [name for name, in_use in zip(names, used, strict=True) if not in_use]


def _age(path: Path, now: float) -> float:
    """Seconds since the file was written or moved here; 0 if it is gone."""
    with contextlib.suppress(FileNotFoundError):
        return now - path.stat().st_ctime
    return 0.0


def _within(folder: Path) -> list[Path]:
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        return list(folder.iterdir())
    return []


def _folders(folder: Path) -> Iterator[Path]:
    return (path for path in _within(folder) if path.is_dir())
