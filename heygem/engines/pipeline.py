"""What frame engines share: decode, generate and encode at the same time, with a bounded number of frames.

A frame engine fills in three steps. The first two are cached by content; the third edits a stream of frames. It is
best run with one BLAS thread per process (OPENBLAS_NUM_THREADS=1): spinning BLAS threads take the encoder's cores.
"""

import hashlib
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.files import digest
from heygem.engines.alive.generator import Enlivened
from heygem.engines.alive.still import Still
from heygem.engines.base import RenderJob, RenderResult
from heygem.engines.flow import Channel, Flow, Throttle
from heygem.engines.spoken import Painter, Spoken, find_spoken, write_srt
from heygem.engines.stages import Stages
from heygem.engines.trace import write_trace
from heygem.face.late import VISIBLY, late
from heygem.face.portrait import scaled
from heygem.media.audio import check_audible, read_waveform, source_format
from heygem.media.info import FPS
from heygem.media.video import HALF_THE_CORES, Frame, VideoReader, VideoShape, VideoWriter, looped
from heygem.speech import rhythm
from heygem.speech.words import Transcript
from heygem.storage.cache import Arrays

WAVEFORM_RATE = 16_000
# Frames that wait between two threads. An encoder takes them in bursts, between which it would wait for small ones;
# of large ones few are enough, and few can be held.
_LEAST_WAITING, _MOST_WAITING, _WAITING_BYTES = 6, 24, 16_000_000
_RECIPE = "pipeline-2"
_SECONDS = "_voice_seconds"  # our own entry among the cached speech features


class Generator(Protocol):
    """One render's last step, made by `FrameEngine.generator`."""

    @property
    def frames(self) -> int:
        """Number of output frames at 25 fps: ceil(voice seconds x 25)."""
        ...

    @property
    def several_faces(self) -> bool:
        """Whether the template shows more faces than the one that speaks."""
        ...

    def generate(self, frames: Iterator[Frame]) -> Iterator[tuple[Frame, bool]]:
        """Yield every frame of `frames` once, in order, with whether a mouth was driven in it.

        `frames` yields up to `self.frames` frames (fewer where a short template cuts the voice). They may be edited
        in place and taken in batches; holding more than a few dozen breaks the promise of bounded memory.
        Called once, in the thread that called `render`.
        """
        ...

    def trace(self) -> Arrays:
        """What was aimed at, asked for after `generate`: arrays whose first axis is the output frame."""
        ...


class FrameEngine(Protocol):
    """An engine that changes a mouth frame by frame.

    `recipe` changes whenever `encode_voice` or `analyze_template` would answer differently.
    """

    @property
    def name(self) -> str: ...

    @property
    def recipe(self) -> str: ...

    def encode_voice(self, waveform: npt.NDArray[np.float32], transcript: Transcript | None) -> Arrays:
        """Speech features of a mono waveform (samples,) at 16 kHz, -1..1, and what it says, if known. Cached."""
        ...

    def analyze_template(
        self, path: Path, name: str, report: Callable[[float], None], cancelled: Callable[[], bool]
    ) -> Arrays:
        """The face track of a template at its source size. Cached. Where it has `drive` (T,), 0 … 1 is how far a mouth
        may be driven in each frame; where it has `portrait` and `size`, see `heygem.face.portrait`, stills come alive.

        `report` takes the share done, 0..1. Raises NO_FACE, FACE_…, and CANCELLED soon after `cancelled()` turns true.
        """
        ...

    def generator(self, speech: Arrays, face: Arrays, job: RenderJob, width: int, height: int) -> Generator:
        """Prepare the frames' step for an output of `width` x `height` pixels (the face track knows the source's)."""
        ...


def render(engine: FrameEngine, job: RenderJob) -> RenderResult:
    """Render one video with a frame engine.

    Raises:
        HeygemError: the voice or template can't be used, the disk is full, or CANCELLED. What an engine raises
            besides comes through as it is. In every case nothing is left behind.
    """
    return _Render(engine, job).run()


@dataclass
class _Render:
    engine: FrameEngine
    job: RenderJob
    spoken: Spoken = field(default=Spoken(None))
    paint: Painter = field(default=lambda frames: frames)

    def __post_init__(self) -> None:
        self._stages = Stages(self.job)

    def run(self) -> RenderResult:
        began, job = time.monotonic(), self.job
        with ExitStack() as opened:
            with self._stages.stage("probe"):
                source_format(job.voice, job.voice_name)
                # Opening decodes the first pictures: this reader is also the one that plays the template.
                reader = opened.enter_context(
                    VideoReader(job.template, self._short_side, name=job.template_name, decoders=HALF_THE_CORES)
                )
                voice = job.voice_sha256 or digest(job.voice)
                template = job.template_sha256 or digest(job.template)
            return self._rendered(reader, voice, template, began)

    def _rendered(self, reader: VideoReader, voice: str, template: str, began: float) -> RenderResult:
        shape = reader.info
        with self._stages.stage("analyze"):  # before Whisper is asked anything: there may be no face
            face, seen = self._face(template)
        with self._stages.stage("listen"):
            self.spoken = find_spoken(self.job, voice, Throttle(self.job.report, "listen"))
            self.paint = self.spoken.painter(self.job.options, shape.width, shape.height)
            (speech, voice_s), heard = self._speech(voice, self.spoken.transcript)
        with self._stages.stage("generate"):
            self._require_mouth(face, voice_s)
            generator = self.engine.generator(speech, face, self.job, shape.width, shape.height)
            if self.job.options.stills == "alive" and len(face.get("portrait", ())):
                generator = Enlivened(generator, self._still(face, voice, template, shape))
            frames, missing = self._flow(generator, reader, voice_s)
        return RenderResult(
            engine=self.engine.name,
            frames=frames,
            fps=FPS,
            duration_s=frames / FPS,
            width=shape.width,
            height=shape.height,
            faces_missing=missing,
            several_faces=generator.several_faces,
            transparent=shape.transparent,
            subtitles_missing=self.spoken.subtitles_missing(self.job.options),
            listened_s=self.spoken.listened_s,
            cached={"speech": heard, "face": seen},
            seconds={**self._stages.seconds, "total": time.monotonic() - began},
        )

    def _require_mouth(self, face: Arrays, voice_s: float) -> None:
        """Raise FACE_LATE where nobody would speak before the voice has ended."""
        visible = np.flatnonzero(face["drive"] >= VISIBLY) if "drive" in face else [0]
        first = int(visible[0]) if len(visible) else len(face["drive"])
        if first >= voice_s * FPS:
            raise late(self.job.template_name, first, voice_s)

    def _speech(self, sha256: str, transcript: Transcript | None) -> tuple[tuple[Arrays, float], bool]:
        job = self.job
        said = hashlib.sha256(repr(transcript).encode()).hexdigest()
        recipe = f"{_RECIPE}:{self.engine.recipe}:{said}"

        def listen() -> Arrays:
            waveform = read_waveform(job.voice, job.voice_name, WAVEFORM_RATE)
            check_audible(waveform, job.voice_name, WAVEFORM_RATE)
            self._stages.check()
            features = self.engine.encode_voice(waveform, transcript)
            return {**features, _SECONDS: np.array(len(waveform) / WAVEFORM_RATE)}

        cached, found = job.cache.get("speech", sha256, recipe, listen, job.cancelled)
        return ({name: cached[name] for name in cached if name != _SECONDS}, float(cached[_SECONDS])), found

    def _still(self, face: Arrays, voice: str, template: str, shape: VideoShape) -> Still:
        job = self.job

        def listen() -> Arrays:
            return rhythm.rhythm(read_waveform(job.voice, job.voice_name, WAVEFORM_RATE)).to_arrays()

        beat, _ = job.cache.get("speech", voice, rhythm.RECIPE, listen, job.cancelled)
        shown = scaled(face["portrait"], shape.width / float(face["size"][0]))
        return Still(shown, rhythm.Rhythm.from_arrays(beat), f"{voice} {template}", shape.width, shape.height)

    def _face(self, sha256: str) -> tuple[Arrays, bool]:
        job, report = self.job, Throttle(self.job.report, "analyze")
        recipe = f"{_RECIPE}:{self.engine.recipe}"
        return job.cache.get(
            "face",
            sha256,
            recipe,
            lambda: self.engine.analyze_template(job.template, job.template_name, report, job.cancelled),
            job.cancelled,
        )

    def _flow(self, generator: Generator, reader: VideoReader, voice_s: float) -> tuple[int, int]:
        """Number of frames written, and of those without a driven mouth."""
        with Flow(self.job.cancelled) as flow:
            length = _waiting(reader.info)
            decoded, finished = flow.channel(Frame, length), flow.channel(Frame, length)
            flow.start("decode", lambda: decoded.feed(self._source(generator.frames, reader)))
            encoder = flow.start("encode", lambda: self._encode(finished, reader.info, voice_s))
            frames, missing = self._generate(generator, decoded, finished)
            with self._beside(generator, frames):
                finished.close()
                flow.join(encoder)
        return frames, missing

    def _generate(self, generator: Generator, decoded: Channel[Frame], finished: Channel[Frame]) -> tuple[int, int]:
        report = Throttle(self.job.report, "generate")
        frames = missing = 0
        for frame, driven in generator.generate(iter(decoded)):
            finished.put(frame)
            frames += 1
            missing += not driven
            report(frames / generator.frames)
        if frames and missing == frames:
            raise HeygemError(ErrorCode.NO_FACE, name=self.job.template_name)
        return frames, missing

    def _source(self, frames: int, reader: VideoReader) -> Iterator[Frame]:
        job = self.job
        return looped(
            job.template,
            frames,
            job.options.length_mismatch,
            self._short_side,
            name=job.template_name,
            folder=job.output.parent,
            cancelled=job.cancelled,
            opened=reader,
        )

    def _encode(self, frames: Iterable[Frame], shape: VideoShape, voice_s: float) -> None:
        job = self.job
        with VideoWriter(
            job.output,
            shape.width,
            shape.height,
            shape.colour,
            job.voice,
            voice_s,
            audio_name=job.voice_name,
            subtitles=self.spoken.track(job.options, voice_s),
        ) as writer:
            for frame in self.paint(frames):
                writer.write(frame)

    @contextmanager
    def _beside(self, generator: Generator, frames: int) -> Iterator[None]:
        """Trace and subtitles are written before the video counts as finished, and go again if it does not."""
        trace, subtitles = self.job.trace, self.job.output.with_suffix(".srt")
        try:
            if trace:
                write_trace(trace, generator.trace(), frames)
            write_srt(subtitles, self.spoken.cues(self.job.options, frames / FPS))
            yield
        except BaseException:
            for path in filter(None, (trace, subtitles)):
                path.unlink(missing_ok=True)
            raise

    @property
    def _short_side(self) -> int | None:
        return self.job.options.short_side


def _waiting(shape: VideoShape) -> int:
    fit = _WAITING_BYTES // (shape.width * shape.height * 3 // 2)
    return min(max(fit, _LEAST_WAITING), _MOST_WAITING)
