"""The template behind a finished video, where a player may show it beside the result."""

from heygem.base.errors import ErrorCode, HeygemError
from heygem.batches.model import Item

_PICTURES = ("image", "gif", "apng", "webp")


def seconds(item: Item) -> float:
    """How long its pictures last; 0 where nothing moves in it, or nothing was made of it."""
    info = item.template.info
    if item.output is None or info.video is None or info.format in _PICTURES:
        return 0.0
    return info.video.duration_s or info.duration_s


def unshown(item: Item) -> HeygemError:
    return HeygemError(ErrorCode.TEMPLATE_UNSHOWN, number=item.number)
