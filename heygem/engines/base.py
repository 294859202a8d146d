"""What an engine is: files in, a file out."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

from pydantic import BaseModel, Field

from heygem.storage.cache import Cache

if TYPE_CHECKING:
    from heygem.speech.transcript import Transcriber

Stage = Literal["probe", "analyze", "listen", "generate"]
# Where each stage of a render of a template never seen begins and ends, for one bar over all of them.
_SPANS: dict[Stage, tuple[float, float]] = {
    "probe": (0.0, 0.02),
    "analyze": (0.02, 0.27),
    "listen": (0.27, 0.35),
    "generate": (0.35, 1.0),
}


class RenderOptions(BaseModel, frozen=True):
    """What a person may set; every engine follows the options that mean something to it."""

    resolution: Literal["source", "720p", "1080p"] = "source"  # the shorter side, never enlarged
    lip_strength: float = Field(default=1.0, ge=0.3, le=1.6)  # factor on how far the mouth moves
    smoothness: float = Field(default=0.5, ge=0.0, le=1.0)  # 0 follows every sound, 1 is calm
    length_mismatch: Literal["pingpong", "loop", "cut", "hold"] = "pingpong"  # voice longer than template
    stills: Literal["alive", "frozen"] = "alive"  # what a photo does besides: blink, breathe, nod; or nothing
    subtitles: Literal["off", "on", "burned"] = "off"  # on: a track that players show or hide
    words: Literal["auto", "off"] = "auto"  # auto: Whisper writes down what nobody typed, where a checkpoint is
    # Characters of Chinese subtitles that Whisper wrote. auto: as the reader's place has them, else simplified.
    chinese: Literal["auto", "simplified", "traditional"] = "auto"

    @property
    def short_side(self) -> int | None:
        """Pixels of the shorter side at most."""
        return {"source": None, "720p": 720, "1080p": 1080}[self.resolution]


@dataclass(frozen=True)
class Progress:
    """How far one render is: the stage and its share done, 0..1."""

    stage: Stage
    fraction: float

    @property
    def overall(self) -> float:
        """The whole render's share done, 0..1."""
        start, end = _SPANS[self.stage]
        return start + (end - start) * min(1.0, max(0.0, self.fraction))


@dataclass(frozen=True, kw_only=True)
class RenderRequest:
    """What is asked for. The names are what the person called the files, for error sentences only."""

    voice: Path
    template: Path
    options: RenderOptions = field(default_factory=RenderOptions)
    transcript: str | None = None
    voice_name: str = "voice"
    template_name: str = "template"
    voice_sha256: str | None = None  # None: computed from the file
    template_sha256: str | None = None


@dataclass(frozen=True, kw_only=True)
class RenderJob(RenderRequest):
    """One render: the request, where its output goes, and who follows it."""

    output: Path  # written whole or not at all
    cache: Cache
    trace: Path | None = None
    report: Callable[[Progress], None] = lambda _: None
    cancelled: Callable[[], bool] = lambda: False  # polled at least every few frames
    find_transcriber: "Callable[[], Transcriber | None]" = lambda: None  # asked where nobody typed what is said


class RenderResult(BaseModel):
    """What became of a render. Times in seconds; `fps` is always 25."""

    engine: str
    frames: int
    fps: float
    duration_s: float
    width: int
    height: int
    faces_missing: int  # frames that kept the original because no mouth could be driven there
    several_faces: bool
    transparent: bool = False  # the template was, in places, which are white now
    subtitles_missing: bool = False  # asked for, and nobody knew the words
    listened_s: float = 0.0  # for which Whisper wrote down the words, in the stage "listen"; 0 where nobody had to
    cached: dict[Literal["speech", "face"], bool]
    seconds: dict[Literal["probe", "analyze", "listen", "generate", "total"], float]


class Engine(Protocol):
    """What puts the voice on a face.

    `recipe` changes whenever a cached speech feature or face track would differ.
    """

    @property
    def name(self) -> str: ...

    @property
    def recipe(self) -> str: ...

    def render(self, job: RenderJob) -> RenderResult:
        """Render one video.

        Raises:
            HeygemError: the voice or template can't be used, the disk is full, or CANCELLED.
        """
        ...
