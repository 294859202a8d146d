"""Archives as files, for nginx to send: built once in the background, while the first download streams already.

A pack has the very bytes and the entity tag of the plan, so a download that began as a stream resumes from the file.
"""

import asyncio
import contextlib
import logging
import threading
import time
from pathlib import Path

from heygem.archive.plan import ArchivePlan
from heygem.base.errors import HeygemError
from heygem.base.limits import MB
from heygem.base.settings import Settings
from heygem.links.download import OpenLink
from heygem.storage.layout import Storage

_log = logging.getLogger(__name__)
_TIDY_EVERY_S = 600
_ABANDONED_S = 3600  # for a half-written file whose writer was killed


class Packs:
    """Packs lie in the batch's results folder and go with it, or when no link can still be young enough to use them."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._storage = Storage(settings.data_dir)
        self._packing: dict[Path, asyncio.Task[None]] = {}
        self._stopping = threading.Event()

    def ready(self, link: OpenLink) -> Path | None:
        """The archive's file if nginx can have it; else None, and its file is begun where that is worth it."""
        plan = link.plan
        if not self._settings.web.nginx or plan.size <= self._settings.web.accel_above_mb * MB:
            return None
        folder = next(member.path.parent for member in plan.members if member.path is not None)
        path = folder / (plan.etag.strip('"') + ".zip")
        if path.exists():
            return path
        if path not in self._packing and len(self._packing) < self._settings.web.simultaneous_packs:
            self._packing[path] = asyncio.create_task(self._pack(plan, path))
        return None

    async def keep_tidy(self) -> None:
        """Remove old packs and what killed writers left, for ever."""
        while True:
            await asyncio.to_thread(self._remove_old)
            await asyncio.sleep(_TIDY_EVERY_S)

    async def stop(self) -> None:
        self._stopping.set()
        await asyncio.gather(*self._packing.values(), return_exceptions=True)

    async def _pack(self, plan: ArchivePlan, path: Path) -> None:
        try:
            self._storage.require_space(plan.size)
            await asyncio.to_thread(plan.write_to, path, self._stop_if_told)
        except HeygemError as error:
            _log.warning("no file for nginx, streaming instead: %s", error)
        except InterruptedError:
            _log.info("stopped while packing")
        except OSError:
            _log.exception("no file for nginx, streaming instead")
        finally:
            del self._packing[path]

    def _stop_if_told(self, _: int) -> None:
        if self._stopping.is_set():
            raise InterruptedError

    def _remove_old(self) -> None:
        self._remove("*.zip", self._settings.retention.link_hours * 3600)
        self._remove(".*.partial", _ABANDONED_S)

    def _remove(self, pattern: str, age_s: float) -> None:
        for path in self._storage.owners.glob(f"*/results/*/{pattern}"):
            with contextlib.suppress(FileNotFoundError):  # the batch went meanwhile
                if path.stat().st_mtime < time.time() - age_s:
                    path.unlink()
