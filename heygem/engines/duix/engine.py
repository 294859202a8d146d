"""The engine whose work a HeyGem service does."""

import hashlib
import logging
import random
import time
from collections.abc import Callable

from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.files import digest
from heygem.base.settings import Settings
from heygem.engines.base import RenderJob, RenderOptions, RenderResult
from heygem.engines.duix.endpoint import Endpoint, endpoints
from heygem.engines.duix.follow import NAME, Follower, Stretch, TaskLostError
from heygem.engines.duix.journal import Entry
from heygem.engines.duix.service import Reception
from heygem.engines.duix.staging import Staged, hear, stage, voice_seconds
from heygem.engines.flow import Throttle
from heygem.engines.spoken import Spoken, find_spoken, write_srt
from heygem.engines.stages import Stages
from heygem.media.info import FPS
from heygem.media.video import VideoReader, VideoShape, VideoWriter, looped

_log = logging.getLogger(__name__)

_TRIES = 3
_LOOK_S = 0.2  # how often a wait asks whether it may go on


class DuixEngine:
    """Stages files, hands a task to a service that is free, follows it, and makes the result ours.

    The service can't be told to stop. A cancelled job stops waiting; its files go when the service has ended the task.
    """

    name = NAME
    recipe = "duix-1"

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def render(self, job: RenderJob) -> RenderResult:
        return _Render(job, self._settings).run()


Assignment = tuple[Endpoint, Entry]  # where a task is done, and the task


class _Render:
    def __init__(self, job: RenderJob, settings: Settings) -> None:
        self._job = job
        self._settings = settings
        self._duix = settings.duix
        self._endpoints = endpoints(settings)
        self._spoken = Spoken(None)
        self._paint = self._spoken.painter(RenderOptions(), 0, 0)
        self._stages = Stages(self._job)

    def run(self) -> RenderResult:
        began = time.monotonic()
        with self._stages.stage("probe"):
            shape, key = self._shape(), self._key()
            waveform = hear(self._job, self._duix.voice_seconds)
        with self._stages.stage("analyze"):
            report = Throttle(self._job.report, "analyze")
            self._require_face(lambda share: report(share / 2), voice_seconds(waveform))
            staged = stage(self._job, waveform, lambda share: report((1 + share) / 2))
        with self._stages.stage("listen"):
            voice = self._job.voice_sha256 or digest(self._job.voice)
            self._spoken = find_spoken(self._job, voice, Throttle(self._job.report, "listen"))
            self._paint = self._spoken.painter(self._job.options, shape.width, shape.height)
        with self._stages.stage("generate"):
            frames, width, height = self._made(key, staged)
        return RenderResult(
            engine=NAME,
            frames=frames,
            fps=FPS,
            duration_s=frames / FPS,
            width=width,
            height=height,
            faces_missing=0,  # the service doesn't tell
            several_faces=False,
            transparent=shape.transparent,
            subtitles_missing=self._spoken.subtitles_missing(self._job.options),
            listened_s=self._spoken.listened_s,
            cached={"speech": False, "face": False},
            seconds={**self._stages.seconds, "total": time.monotonic() - began},
        )

    def _shape(self) -> VideoShape:
        with VideoReader(self._job.template, self._job.options.short_side, name=self._job.template_name) as reader:
            return reader.info

    def _require_face(self, report: Callable[[float], None], voice_s: float) -> None:
        """Raises NO_FACE, FACE_LATE. Where no detector is installed, the service finds out."""
        job = self._job
        try:
            from heygem.face.late import late
            from heygem.face.present import RECIPE, find_face

            template = job.template_sha256 or digest(job.template)
            found, _ = job.cache.get(
                "face",
                template,
                RECIPE,
                lambda: find_face(job.template, job.template_name, report, job.cancelled),
                job.cancelled,
            )
        except ImportError:
            _log.info("no face detector is installed here")
            return
        except HeygemError as error:
            if error.code is not ErrorCode.WEIGHTS_MISSING:
                raise
            _log.info("the face detector lacks %s", error.params["file"])
            return
        if (first := int(found["frame"])) >= voice_s * FPS:
            raise late(job.template_name, first, voice_s)

    def _made(self, key: str, staged: Staged) -> tuple[int, int, int]:
        """Frames, width and height of the finished video."""
        for _ in range(_TRIES):
            endpoint, entry = self._adopted(key) or self._begun(key, staged)
            try:
                shape = self._received(
                    Follower(endpoint, entry, self._job, self._duix, self._settings.limits, self._pause)
                )
            except TaskLostError:
                _log.warning("%s lost task %s", endpoint.service.url, entry.task.code)
                endpoint.drop(entry)
            except HeygemError as error:
                if error.code is ErrorCode.SERVICE_FAILED:
                    endpoint.drop(entry)
                raise
            else:
                endpoint.drop(entry)
                return shape
            finally:
                entry.close()  # what was not dropped goes on, and is tidied up when it has ended
        raise HeygemError(ErrorCode.SERVICE_LOST, engine=NAME, name=self._job.template_name, times=_TRIES)

    def _adopted(self, key: str) -> Assignment | None:
        """A task for this very job whose follower was killed: it goes on, or has a result."""
        for endpoint in self._endpoints:
            if entry := endpoint.journal.adopt(key):
                _log.info("going on with task %s at %s", entry.task.code, endpoint.service.url)
                return endpoint, entry
        return None

    def _begun(self, key: str, staged: Staged) -> Assignment:
        """Wait for a service that takes the job."""
        waiting, unreachable = Stretch(), Stretch()
        while True:
            told = set()
            for endpoint in random.sample(self._endpoints, len(self._endpoints)):
                outcome = endpoint.begin(key, staged)
                if isinstance(outcome, Entry):
                    return endpoint, outcome
                told.add(self._unless_refused(*outcome))
            if unreachable.seconds(told == {Reception.UNREACHABLE}) > self._duix.unreachable_seconds:
                raise HeygemError(ErrorCode.SERVICE_UNREACHABLE, engine=NAME)
            if waiting.seconds(so=True) > self._duix.busy_seconds:
                raise HeygemError(ErrorCode.SERVICE_BUSY, engine=NAME, limit_s=self._duix.busy_seconds)
            self._pause(self._duix.poll_seconds)

    def _unless_refused(self, reception: Reception, words: str) -> Reception:
        if reception is Reception.REFUSED:
            name, reason = self._job.template_name, words or "?"
            raise HeygemError(ErrorCode.SERVICE_FAILED, engine=NAME, name=name, reason=reason)
        return reception

    def _received(self, follower: Follower) -> tuple[int, int, int]:
        """The service's pictures, exactly as many as asked for, with the voice's own sound."""
        path, frames = follower.video(), follower.entry.task.frames
        with VideoReader(path) as reader:
            shape = reader.info
        job = self._job
        with VideoWriter(
            job.output,
            shape.width,
            shape.height,
            shape.colour,
            job.voice,
            frames / FPS,
            audio_name=job.voice_name,
            subtitles=self._spoken.track(job.options, frames / FPS),
        ) as writer:
            pictures = looped(path, frames, "hold", folder=job.output.parent, cancelled=job.cancelled)
            for frame in self._paint(pictures):
                writer.write(frame)
                self._stages.check()
            write_srt(job.output.with_suffix(".srt"), self._spoken.cues(job.options, frames / FPS))
        return frames, shape.width, shape.height

    def _key(self) -> str:
        """The same for the same person, files and options."""
        job = self._job
        parts = (
            str(job.cache.root),
            job.voice_sha256 or digest(job.voice),
            job.template_sha256 or digest(job.template),
            job.options.model_dump_json(),
            str(self._duix.enhance),
        )
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    def _pause(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self._stages.check()
            time.sleep(min(_LOOK_S, left))
        self._stages.check()
