"""An engine for tests of the queue: it takes the time it is told to and writes a file of the size it is told to.

A distribution of its own (see the .dist-info beside it), found through the entry point group `heygem.engines` when
this folder is on PYTHONPATH: the way in which anybody adds an engine. The "template" is a JSON file, `Script`.
"""

import ctypes
import os
import signal
import sys
import time
from fractions import Fraction
from pathlib import Path
from typing import Literal

import av
import numpy as np
from pydantic import BaseModel

from heygem.base.errors import ErrorCode, HeygemError
from heygem.engines.base import Progress, RenderJob, RenderResult, Stage
from heygem.storage.cache import Arrays

HOG_MB = 600
_TICK_SECONDS = 0.02


class Script(BaseModel, frozen=True):
    """What a template makes the engine do. Times in seconds."""

    name: str = ""  # makes the content, and so the template, unique
    listen: float = 0.0  # taken once per voice: through the cache
    analyze: float = 0.0  # taken once per template: through the cache
    generate: float = 0.0
    size: int = 1000  # bytes of output
    deaf: bool = False  # does not look at cancellation
    fault: Literal["", "raise", "memory", "segfault", "exit", "no_face", "print", "hog"] = ""


class StubEngine:
    name = "stub"
    recipe = "stub-1"

    def render(self, job: RenderJob) -> RenderResult:
        _fall_ill()
        if job.template.name == "trial.mp4":
            _note("trial -")
            _film(job)
            return _result(heard=False, seen=False)
        script = _script(job)
        _note(f"render {job.template_sha256} {job.voice_sha256}")
        _, heard = job.cache.get("speech", job.voice_sha256 or "", self.recipe, lambda: _listen(job, script))
        _, seen = job.cache.get("face", job.template_sha256 or "", self.recipe, lambda: _look(job, script))
        _write(job, script)
        return _result(heard, seen)


def content(script: Script) -> bytes:
    """The bytes that a render of `script` writes."""
    block = script.name.encode() or b"stub"
    return (block * (script.size // len(block) + 1))[: script.size]


def _script(job: RenderJob) -> Script:
    """What the template says, or for a real video what STUB_SECONDS says."""
    data = job.template.read_bytes()
    if data.startswith(b"{"):
        return Script.model_validate_json(data)
    return Script(name=job.template_sha256 or "", generate=float(os.environ.get("STUB_SECONDS", "0")))


def _listen(job: RenderJob, script: Script) -> Arrays:
    _note(f"listen {job.voice_sha256}")
    _spend(job, script, "listen", script.listen)
    return {"features": np.zeros(4, np.float32)}


def _look(job: RenderJob, script: Script) -> Arrays:
    _spend(job, script, "analyze", script.analyze)
    _misbehave(script)
    return {"track": np.zeros(4, np.float32)}


def _write(job: RenderJob, script: Script) -> None:
    partial = job.output.with_suffix(".partial")
    with partial.open("wb") as file:
        file.write(content(script)[: script.size // 2])
        file.flush()
        _spend(job, script, "generate", script.generate)
        file.write(content(script)[script.size // 2 :])
    partial.replace(job.output)


def _result(heard: bool, seen: bool) -> RenderResult:
    return RenderResult(
        engine=StubEngine.name,
        frames=25,
        fps=25,
        duration_s=1,
        width=16,
        height=16,
        faces_missing=0,
        several_faces=False,
        cached={"speech": heard, "face": seen},
        seconds={"probe": 0, "listen": 0, "analyze": 0, "generate": 0, "total": 0},
    )


def _film(job: RenderJob) -> None:
    """For a worker's trial, which looks at what it gets: a second of the template's first picture with the voice."""
    with av.open(job.template) as template, av.open(job.voice) as voice, av.open(job.output, "w") as output:
        picture = next(template.decode(video=0))
        pictures = output.add_stream("libx264", rate=25, width=picture.width, height=picture.height)
        sound = output.add_stream("aac", rate=voice.streams.audio[0].rate)
        for number in range(25):
            picture.pts, picture.time_base = number, Fraction(1, 25)
            output.mux(pictures.encode(picture))
        output.mux(pictures.encode(None))
        for frame in (*voice.decode(audio=0), None):
            output.mux(sound.encode(frame))


def _spend(job: RenderJob, script: Script, stage: Stage, seconds: float) -> None:
    if seconds:
        _note(f"{stage} {job.template_sha256}")
    began = time.monotonic()
    while (spent := time.monotonic() - began) < seconds:
        job.report(Progress(stage, spent / seconds))
        if job.cancelled() and not script.deaf:
            raise HeygemError(ErrorCode.CANCELLED)
        time.sleep(min(_TICK_SECONDS, seconds))
        _fall_ill()
    job.report(Progress(stage, 1.0))


def _fall_ill() -> None:
    """As long as the file STUB_SICK is there, nothing works."""
    if (sick := os.environ.get("STUB_SICK")) and Path(sick).exists():
        raise RuntimeError("CUDA error: device lost")


def _misbehave(script: Script) -> None:
    match script.fault:
        case "raise":
            raise RuntimeError("stub engine was told to fail")
        case "memory":
            raise MemoryError
        case "segfault":
            ctypes.string_at(0)
        case "exit":
            os.kill(os.getpid(), signal.SIGKILL)
        case "no_face":
            raise HeygemError(ErrorCode.NO_FACE, name="stub")
        case "hog":
            hoarded = [bytes([1]) * 10_000_000 for _ in range(HOG_MB // 10)]
            raise HeygemError(ErrorCode.NO_FACE, name=f"{len(hoarded)} blocks and alive")
        case "print":
            sys.stdout.write("not a message to the worker\n")
            os.write(1, b"nor this\n")
            os.write(sys.stderr.fileno(), b"x" * 3_000_000 + b"\n")
        case "":
            pass


def _note(line: str) -> None:
    """One line into STUB_LOG: appends of this size are atomic, so several processes may share the file."""
    if path := os.environ.get("STUB_LOG"):
        with Path(path).open("a") as file:
            file.write(f"{time.time():.3f} {os.getpid()} {line}\n")
