"""What the worker and its render process say to each other: one JSON object per line."""

import itertools
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, Field, TypeAdapter

from heygem.base.errors import ErrorCode, Param
from heygem.engines.base import RenderRequest, RenderResult, Stage

_NUMBERS = itertools.count(1)


def next_id() -> int:
    """A number for an order or a trial that no other has."""
    return next(_NUMBERS)


class Order(BaseModel, frozen=True):
    """One render. Everything temporary and the finished video go into `folder`, which is removed afterwards."""

    kind: Literal["order"] = "order"
    id: int
    engine: str
    request: RenderRequest
    folder: Path
    cache: Path
    expected_bytes: int  # roughly what the video will take, for the sentence about a full disk

    @property
    def output(self) -> Path:
        return self.folder / "output.mp4"


class Trial(BaseModel, frozen=True):
    """Render a second of a made voice on a made face with `engine`."""

    kind: Literal["trial"] = "trial"
    id: int
    engine: str


class Cancel(BaseModel, frozen=True):
    """Stop the order `id` soon and answer it with CANCELLED."""

    kind: Literal["cancel"] = "cancel"
    id: int


class Ready(BaseModel, frozen=True):
    """The process is up and waits for orders."""

    kind: Literal["ready"] = "ready"


class Advance(BaseModel, frozen=True):
    """How far an order is: the stage and its share done, 0..1."""

    kind: Literal["advance"] = "advance"
    id: int
    stage: Stage
    fraction: float


class Made(BaseModel, frozen=True):
    """The video of an order is on the disk, synced. `size` in bytes."""

    kind: Literal["made"] = "made"
    id: int
    size: int
    crc32: int
    result: RenderResult


class Tried(BaseModel, frozen=True):
    """A trial that gave a video."""

    kind: Literal["tried"] = "tried"
    id: int


class Refused(BaseModel, frozen=True):
    """A request that ended without a video. After an unhealthy one the process leaves, to be started afresh."""

    kind: Literal["refused"] = "refused"
    id: int
    code: ErrorCode
    params: dict[str, Param]
    healthy: bool


Request = Annotated[Order | Trial | Cancel, Field(discriminator="kind")]
Answer = Annotated[Ready | Advance | Made | Tried | Refused, Field(discriminator="kind")]

REQUESTS: TypeAdapter[Order | Trial | Cancel] = TypeAdapter(Request)
ANSWERS: TypeAdapter[Ready | Advance | Made | Tried | Refused] = TypeAdapter(Answer)
