"""What a batch will take, told before it is generated."""

from dataclasses import dataclass
from typing import Self

from heygem.batches.model import Batch, Item, ItemState
from heygem.batches.store import Store
from heygem.batches.workers import Stall
from heygem.engines.base import Progress
from heygem.media.info import FPS

_BITS_PER_PIXEL = 0.1  # H.264 at crf 19 of a person speaking; measured between 0.05 and 0.2
_SOUND_BITS_PER_SECOND = 160_000


@dataclass(frozen=True)
class Queue:
    """What else is waiting: items ahead in fair order, `own` of them its owner's; how many seconds of work a second of
    video takes here (None: not known yet), why no work is done at all, and how many seconds Whisper works on a second
    of voice (0: not at all).
    """

    ahead: int = 0
    own: int = 0
    pace: float | None = None
    stall: Stall | None = None
    listening: float = 0.0

    @classmethod
    async def before(cls, batch: Batch, store: Store) -> Self:
        outlook = store.outlook
        position = await outlook.position(batch.id)
        return cls(
            ahead=position.ahead,
            own=position.own,
            pace=await outlook.pace(),
            stall=await outlook.stall(batch),
            listening=await outlook.listening(),
        )


@dataclass(frozen=True)
class Estimate:
    """What the results will be: `shortest_s` and `length_s` the shortest and longest, `size` of the zip in bytes.

    `seconds` until the last one is finished; in `listening_s` of them Whisper writes down the words. Before anything
    was rendered here, a video is taken to need as long as it plays.
    """

    items: int
    shortest_s: float
    length_s: float
    seconds: float
    listening_s: float
    size: int

    @classmethod
    def of(cls, batch: Batch, queue: Queue) -> Self:
        lengths = [result_seconds(batch, item) for item in batch.items]
        size = sum(_result_bytes(batch, item, length) for item, length in zip(batch.items, lengths, strict=True))
        listening = listening_left(batch, queue)
        return cls(
            items=len(batch.items),
            shortest_s=min(lengths, default=0.0),
            length_s=max(lengths, default=0.0),
            seconds=sum(lengths) + listening if (known := seconds_left(batch, queue)) is None else known,
            listening_s=listening,
            size=size,
        )


def result_seconds(batch: Batch, item: Item) -> float:
    """How long the finished video will be."""
    voice = item.voice or batch.voice
    spoken = voice.info.duration_s if voice else 0.0
    if batch.options.length_mismatch == "cut" and not item.template.info.still:
        return min(spoken, item.template.info.duration_s)
    return spoken


def progress(item: Item) -> float:
    """How much of an item is done, 0..1, over all stages."""
    if item.state.terminal:
        return 1.0
    return Progress(item.stage, item.fraction).overall if item.state is ItemState.RUNNING and item.stage else 0.0


def seconds_left(batch: Batch, queue: Queue) -> float | None:
    """Until the last item is finished, from the pace of its own finished items, or else of the latest ones here.

    None where nothing was rendered here yet.
    """
    took = [item for item in batch.finished if item.output and item.ended > item.started > 0]
    made = sum(item.output.result.duration_s for item in took if item.output)
    worked = sum(item.ended - item.started - item.output.result.listened_s for item in took if item.output)
    pace = max(0.0, worked) / made if made else queue.pace
    if pace is None:
        return None
    lengths = [result_seconds(batch, item) for item in batch.items]
    remaining = sum(length * (1 - progress(item)) for length, item in zip(lengths, batch.items, strict=True))
    ahead = queue.ahead * sum(lengths) / max(1, len(lengths))  # nobody else's lengths are known
    at_once = max(1, sum(item.state is ItemState.RUNNING for item in batch.items))
    return pace * (ahead + remaining) / at_once + listening_left(batch, queue)


def listening_left(batch: Batch, queue: Queue) -> float:
    """For how long Whisper will still write down the batch's words: of each voice once, and not what was typed."""
    if batch.options.words == "off":
        return 0.0
    left: dict[str, float] = {}
    for item in batch.items:
        voice = item.voice or batch.voice
        if voice is None or (item.voice is None and batch.transcript):
            continue
        left[voice.sha256] = min(left.get(voice.sha256, 1.0), _unheard(item)) * voice.info.duration_s
    return queue.listening * sum(left.values())


def _unheard(item: Item) -> float:
    """How much of its voice is still to be listened to, 0..1, as far as the item tells."""
    if item.state is ItemState.DONE or (item.state is ItemState.RUNNING and item.stage == "generate"):
        return 0.0
    return 1 - item.fraction if item.state is ItemState.RUNNING and item.stage == "listen" else 1.0


def _result_bytes(batch: Batch, item: Item, seconds: float) -> int:
    video = item.template.info.video
    if video is None:
        return 0
    pixels = video.width * video.height
    if limit := batch.options.short_side:
        pixels = round(pixels * min(1.0, limit / max(1, min(video.width, video.height))) ** 2)
    return round(seconds * (pixels * FPS * _BITS_PER_PIXEL + _SOUND_BITS_PER_SECOND) / 8)
