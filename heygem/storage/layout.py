"""Where files live. Every path is made of ids and hashes of ours; a person's names never become paths.

data/
  owners/<owner>/files/<sha256>            what the person sent, once per content
  owners/<owner>/cache/<kind>/<key>.npz    speech features, face tracks (see `heygem.storage.cache`)
                 … /pictures/<sha256>.jpg  what a template looks like; made when it is shown, gone with a later sweep
                              … .faces  how many faces a first look saw in it, likewise
  owners/<owner>/results/<batch>/<item>.<fence>.mp4, .srt where there are subtitles
                                 … .jpg    pictures for the page; <etag>.zip where nginx sends the archive
  incoming/                                files on their way in; emptied of old ones by the sweep
  work/<worker>/<run>/                     what a render writes before it counts (see `worker.runs`)
  services/<service>/                      tasks that a service has in hand (see `heygem.engines.duix.journal`)
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from heygem.base.disk import disk_full
from heygem.base.files import digest, made, put

_RESERVE_BYTES = 200_000_000  # what must stay free for Redis, logs and the running render


@dataclass(frozen=True)
class Storage:
    """The folders under one data directory, shared by every process of one installation."""

    root: Path

    @property
    def incoming(self) -> Path:
        return self.root / "incoming"

    @property
    def work(self) -> Path:
        return self.root / "work"

    @property
    def services(self) -> Path:
        return self.root / "services"

    @property
    def owners(self) -> Path:
        return self.root / "owners"

    @property
    def in_use(self) -> bool:
        """Whether anybody's files are here. A folder that should hold them and doesn't may not be mounted."""
        return self.owners.is_dir() and any(self.owners.iterdir())

    def owner(self, owner: str) -> Path:
        return self.owners / owner

    def file(self, owner: str, sha256: str) -> Path:
        return self.owner(owner) / "files" / sha256

    def cache(self, owner: str) -> Path:
        return self.owner(owner) / "cache"

    def picture(self, owner: str, sha256: str) -> Path:
        return self.cache(owner) / "pictures" / f"{sha256}.jpg"

    def first_look(self, owner: str, sha256: str) -> Path:
        return self.picture(owner, sha256).with_suffix(".faces")

    def results(self, owner: str, batch: str) -> Path:
        return self.owner(owner) / "results" / batch

    def partial(self, batch: str, arrival: str) -> Path:
        """A file that arrives in pieces; `heygem.links.arrivals` knows what it will be."""
        return self.incoming / f"{batch}.{arrival}"

    @contextmanager
    def arriving(self) -> Iterator[Path]:
        """A path to write an upload to; whatever is still there at the end is removed."""
        made(self.incoming)
        path = self.incoming / uuid4().hex
        try:
            yield path
        finally:
            path.unlink(missing_ok=True)

    def keep(self, owner: str, arrived: Path) -> str:
        """Move an arrived file into the owner's folder under its sha256, which is returned; it survives a power cut."""
        sha256 = digest(arrived)
        put(arrived, self.file(owner, sha256))
        return sha256

    def require_space(self, needed_bytes: int) -> None:
        """Raise DISK_FULL unless `needed_bytes` fit and the reserve stays free."""
        made(self.root)
        free = shutil.disk_usage(self.root).free - _RESERVE_BYTES
        if free < needed_bytes:
            raise disk_full(needed_bytes, max(0, free))
