"""What goes in and comes out, as JSON. Times are in Unix seconds."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from heygem.base.errors import ErrorCode, Param
from heygem.base.sentences import Language
from heygem.batches.model import BatchState, ItemState
from heygem.engines.base import RenderOptions, Stage

_SECRET = r"^whsec_([A-Za-z0-9+/]{4}){8,21}([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$"  # noqa: S105 (24 to 64 bytes in base64)


class _Asked(BaseModel):
    """A name that is not known is refused: it may be a misspelt one."""

    model_config = ConfigDict(extra="forbid")


class Options(RenderOptions, frozen=True, extra="forbid"):
    """How the videos are made. What is left out is as in the person's settings."""


class NewWebhook(_Asked):
    """Whom to tell when an item or the batch has ended. Without a secret one is made, and answered once."""

    url: Annotated[str, Field(min_length=1, max_length=4000)]
    secret: str | None = Field(default=None, max_length=200, pattern=_SECRET)


class NewBatch(_Asked):
    webhook: NewWebhook | None = None
    language: Language | None = None
    engine: str | None = Field(default=None, max_length=40)
    options: Options = Field(default_factory=Options)


class RemoteVoice(_Asked):
    """A recording that the server fetches."""

    url: Annotated[str, Field(min_length=1, max_length=4000)]
    name: Annotated[str, Field(max_length=1000)] = ""
    transcript: Annotated[str, Field(max_length=20_000)] = ""


class RemoteTemplate(_Asked):
    """A video or picture that the server fetches."""

    url: Annotated[str, Field(min_length=1, max_length=4000)]
    name: Annotated[str, Field(max_length=1000)] = ""


class Refusal(BaseModel):
    """`params` are the numbers and names of the sentence."""

    code: ErrorCode
    message: str
    params: dict[str, Param]


class ErrorBody(BaseModel):
    error: Refusal


class File(BaseModel):
    name: str
    sha256: str
    seconds: float
    bytes: int


class ItemBody(BaseModel):
    """One template. `fraction` is how much of it is done, 0 to 1, over all stages."""

    id: str
    number: int
    state: ItemState
    stage: Stage | None
    fraction: Annotated[float, Field(ge=0, le=1)]
    failure: Refusal | None
    template: File
    voice: File | None = Field(description="null: the batch's voice")
    warning: Literal["no_face", "several_faces"] | None = Field(
        description="What a first look at the template saw; null: one face, or there was none"
    )


class Forecast(BaseModel):
    """About how long it takes until the last video is finished, how much of that Whisper writes down the words, and how
    large the zip will be."""

    seconds: float
    listening_seconds: float
    bytes: int


class BatchBody(BaseModel):
    """`version` grows with every change; `estimate` is null once the batch has ended."""

    id: str
    state: BatchState
    paused: bool
    version: int
    language: Language
    engine: str
    options: RenderOptions
    transcript: str
    voice: File | None
    items: list[ItemBody]
    estimate: Forecast | None
    created: float
    queued: float | None
    ended: float | None


class CreatedBody(BatchBody):
    """`webhook_secret` is what its webhook is signed with, shown only now; null: it has none."""

    webhook_secret: str | None


class BatchList(BaseModel):
    """The newest first."""

    batches: list[BatchBody]


class ItemData(BaseModel):
    """`batch` is the id of the item's batch."""

    batch: str
    item: ItemBody


class Notice(BaseModel):
    """What a webhook gets: `type` is `item.done`, `batch.failed` and so on, by the state in which it ended."""

    type: str
    timestamp: str
    data: ItemData | BatchBody


class ExportBody(BaseModel):
    """Whoever has `url` has the videos, until the link expires."""

    url: str
