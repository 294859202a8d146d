"""A batch and its items. `heygem.batches.states` has the states that they go through."""

import hashlib
import json
from functools import lru_cache
from typing import Literal

from pydantic import BaseModel, Field

from heygem.base.errors import ErrorCode, Param
from heygem.base.sentences import Language
from heygem.batches.states import BatchState as BatchState
from heygem.batches.states import ItemState as ItemState
from heygem.engines.base import RenderOptions, RenderResult, Stage
from heygem.media.info import MediaInfo


class Person(BaseModel, frozen=True):
    """Who speaks to us."""

    platform: str  # telegram, slack, console
    id: str

    @property
    def owner(self) -> str:
        """The person's key in Redis and on disk: 20 hex digits, so that no platform's id becomes a path."""
        return _owner(self.platform, self.id)


@lru_cache(1024)
def _owner(platform: str, person: str) -> str:
    return hashlib.sha256(f"{platform}:{person}".encode()).hexdigest()[:20]


class Place(BaseModel, frozen=True):
    """Where someone speaks to us: a chat or channel, and a thread in it ("" for none)."""

    platform: str
    chat: str
    thread: str = ""

    @property
    def key(self) -> str:
        return f"{self.platform}:{self.chat}:{self.thread}"

    @property
    def id(self) -> str:
        """Its key in Redis: 20 hex digits; hashed as JSON, so that no chat's id can imitate another place."""
        return _hashed(self.platform, self.chat, self.thread)

    @property
    def chat_id(self) -> str:
        """The same for the chat that it is in."""
        return _hashed(self.platform, self.chat)


def _hashed(*parts: str) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:20]


class MediaFile(BaseModel, frozen=True):
    """A file that was accepted: content by hash, and the name its sender gave it, for display only."""

    owner: str
    sha256: str
    name: str
    info: MediaInfo


class Failure(BaseModel, frozen=True):
    code: ErrorCode
    params: dict[str, Param] = Field(default_factory=dict)


class Output(BaseModel, frozen=True):
    """A finished video; `name` is its file name in the batch's result folder."""

    name: str
    size: int
    crc32: int
    result: RenderResult


def output_name(item_id: str, fence: int) -> str:
    """The file name that a run writes to; no other run's, of this item or another."""
    return f"{item_id}.{fence}.mp4"


class Item(BaseModel):
    """One template of a batch, the voice it shall speak, and what becomes of it."""

    id: str
    batch: str
    number: int  # 1, 2, 3 … in the order of arrival, without gaps once the batch is generated
    template: MediaFile
    voice: MediaFile | None = None  # None: the batch's voice
    state: ItemState = ItemState.WAITING
    fence: int = 0
    losses: int = 0
    stage: Stage | Literal[""] = ""  # of the running render
    fraction: float = 0.0  # of the stage
    worker: str = ""
    started: float = 0.0  # Unix seconds
    ended: float = 0.0
    output: Output | None = None
    failure: Failure | None = None
    cancelling: bool = False  # this one alone; its run may still be on its way to stop
    faces: int | None = None  # seen by a first look at the template: 0, 1, or 2 for several; None: not looked at

    @property
    def doubtful(self) -> bool:
        """Whether that look saw something to be told of: nobody, or several people."""
        return self.faces is not None and self.faces != 1


class Batch(BaseModel):
    """One voice x N templates. Times are Unix seconds; 0 where it has not happened."""

    id: str  # 10 characters a-z 2-7
    owner: Person
    place: Place
    language: Language = "en"
    language_chosen: bool = False  # for this batch; else it follows its owner's
    engine: str = "auto"
    options: RenderOptions = Field(default_factory=RenderOptions)
    transcript: str = ""
    caption: str = ""  # of the voice, where it may be what is spoken in it
    caption_by: str = ""  # `Person.owner` of who sent that
    voice_message: str = ""  # the message that brought the voice
    trial_of: str = ""  # the batch of which this is a try-out
    voice: MediaFile | None = None
    state: BatchState = BatchState.COLLECTING
    created: float = 0.0
    queued: float = 0.0
    ended: float = 0.0
    status_message: str = ""  # the platform's id of the one status message
    announced: bool = False  # the final new message was sent
    delivered: int | None = None  # of its videos, how many went into the chat too; None: none is to follow
    cancelling: bool = False  # cancelled by a person; running renders may still be on their way to stop
    paused: bool = False  # by a person: what waits is not claimed
    version: int = 0  # grows with every change; `Store.clean` compares it
    items: list[Item] = Field(default_factory=list)

    @property
    def under_way(self) -> bool:
        """Generated, and not ended."""
        return self.state in (BatchState.QUEUED, BatchState.RUNNING)

    @property
    def finished(self) -> list[Item]:
        return [item for item in self.items if item.state is ItemState.DONE]

    @property
    def outputs(self) -> list[tuple[Item, Output]]:
        """The finished ones with what was made of each."""
        return [(item, item.output) for item in self.finished if item.output is not None]
