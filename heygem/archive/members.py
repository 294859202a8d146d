"""Which files a batch's archive has: the finished videos, their subtitles, and the manifest."""

from collections.abc import Collection
from pathlib import Path

from heygem.archive.manifest import manifest
from heygem.archive.member import Member
from heygem.archive.names import clean_stem, member_stem
from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.files import checksum
from heygem.batches.model import Batch, Item, Output
from heygem.storage.layout import Storage

__all__ = ["Member", "members", "selected", "video_name"]


def members(batch: Batch, storage: Storage) -> list[Member]:
    """What is finished now, in the items' order, and `manifest.json`, which names every item.

    The same batch gives the same members however often it is asked. A file `<item>.<fence>.srt` beside an output
    becomes its subtitles.

    Raises:
        HeygemError: NOTHING_TO_EXPORT when no item is finished.
    """
    folder = storage.results(batch.owner.owner, batch.id)
    found: dict[str, list[Member]] = {item.id: _of(item, folder, batch) for item in batch.finished}
    if not any(found.values()):
        raise HeygemError(ErrorCode.NOTHING_TO_EXPORT)

    def name(item: Item, suffix: str) -> str | None:
        return next((member.name for member in found.get(item.id, []) if member.name.endswith(suffix)), None)

    listed = manifest(batch, lambda item: name(item, ".mp4"), lambda item: name(item, ".srt"))
    newest = max(member.mtime for of_item in found.values() for member in of_item)
    return [
        *(member for of_item in found.values() for member in of_item),
        Member.inline("manifest.json", listed, newest),
    ]


def selected(batch: Batch, storage: Storage, numbers: Collection[int]) -> list[Member]:
    """The videos with these numbers and their subtitles, as they stand in the whole archive.

    There is no manifest, which changes as long as the batch does: the same numbers give the same members at any time.

    Raises:
        HeygemError: ITEM_UNKNOWN when one of them is not finished.
    """
    finished = {item.number: item for item in batch.finished}
    for number in numbers:
        if number not in finished:
            raise HeygemError(ErrorCode.ITEM_UNKNOWN, number=number)
    folder = storage.results(batch.owner.owner, batch.id)
    return [member for number in sorted(numbers) for member in _of(finished[number], folder, batch)]


def video_name(item: Item, batch: Batch) -> str:
    """An item's file name in the archive, and when it is downloaded by itself."""
    return f"{_stem(item, batch)}.mp4"


def _stem(item: Item, batch: Batch) -> str:
    """With the voice's name where the batch has several: one face may speak them all."""
    voices = {clean_stem(voice.name) for each in batch.items if (voice := each.voice or batch.voice)}
    own = item.voice or batch.voice
    return member_stem(item.number, item.template.name, own.name if own and len(voices) > 1 else "")


def _of(item: Item, folder: Path, batch: Batch) -> list[Member]:
    if item.output is None:
        return []
    mtime = int(item.ended or batch.created)
    video = _video(video_name(item, batch), item.output, folder, mtime)
    name = f"{_stem(item, batch)}.srt"
    subtitles = _subtitles(name, (folder / item.output.name).with_suffix(".srt"), mtime)
    return [video, subtitles] if subtitles else [video]


def _video(name: str, output: Output, folder: Path, mtime: int) -> Member:
    return Member(name=name, size=output.size, crc32=output.crc32, mtime=mtime, path=folder / output.name)


def _subtitles(name: str, path: Path, mtime: int) -> Member | None:
    """They stay on the disk, as videos do: in a link's record they would be read again with every request."""
    try:
        size = path.stat().st_size
        return Member(name=name, size=size, crc32=checksum(path), mtime=mtime, path=path) if size else None
    except OSError:
        return None
