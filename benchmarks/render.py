"""The mesh engine beside copying the same video: `python -m benchmarks.render [--template T ...] [--voice V]`.

A plain transcode decodes the template (threads AUTO) and encodes as many frames with the encoder settings of our
output. Rounds interleave: transcode, render with voice and template known, with the voice to be listened to, and with a
template never seen. Every number is a median. Without arguments: the demo's portrait, filmed at two sizes.
"""

import argparse
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from fractions import Fraction
from itertools import islice
from pathlib import Path

import av
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from rich.console import Console
from rich.table import Table

from heygem.cli.demo_voice import VOICE
from heygem.cli.portrait import Shot, film
from heygem.engines.base import RenderJob, RenderResult
from heygem.engines.mesh.engine import MeshEngine
from heygem.media.writer import ENCODING
from heygem.storage.cache import Cache

ROUNDS, SLOW_ROUNDS = 5, 2  # analysis takes long and varies little
SECONDS = 10.0
SHOTS = (
    Shot("1080x1920.mp4", (1080, 1920), 25, SECONDS, (228, 190), (4.4, 4.6), 1.2, False, (1.0, 1.0, 1.0)),
    Shot("576x768.mp4", (576, 768), 25, SECONDS, (228, 170), (2.6, 2.7), 1.2, False, (1.0, 1.0, 1.0)),
)


def main() -> None:
    arguments = _arguments()
    table = Table(title=f"frames per second, median of {arguments.rounds} interleaved rounds")
    for heading in ("template", "frames", "plain", "known", "ratio", "+ listening", "ratio", "never seen", "real time"):
        table.add_column(heading, justify="left" if heading == "template" else "right")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        voice = arguments.voice or VOICE
        for template in arguments.template or [film(shot, folder / shot.name) for shot in SHOTS]:
            table.add_row(template.stem, *_row(Clip(template, voice, folder), arguments.rounds))
    Console().print(table)


class Clip:
    """One template and voice, rendered with caches that know more or less of them."""

    def __init__(self, template: Path, voice: Path, folder: Path) -> None:
        self._template, self._voice, self._folder = template, voice, folder
        self._known = folder / f"cache-{template.stem}"
        self.frames = self._render(self._known).frames

    def plain(self) -> float:
        began = time.perf_counter()
        transcode(self._template, self._folder / "plain.mp4", self.frames)
        return time.perf_counter() - began

    def known(self) -> float:
        return self._timed(self._known)

    def listening(self) -> float:
        cache = self._fresh()
        shutil.copytree(self._known / "face", cache / "face")
        return self._timed(cache)

    def never_seen(self) -> float:
        return self._timed(self._fresh())

    def _fresh(self) -> Path:
        cache = self._folder / "cache-fresh"
        shutil.rmtree(cache, ignore_errors=True)
        cache.mkdir()
        return cache

    def _timed(self, cache: Path) -> float:
        began = time.perf_counter()
        self._render(cache)
        return time.perf_counter() - began

    def _render(self, cache: Path) -> RenderResult:
        job = RenderJob(
            voice=self._voice, template=self._template, output=self._folder / "render.mp4", cache=Cache(cache)
        )
        return MeshEngine().render(job)


def transcode(template: Path, out: Path, frames: int) -> None:
    with av.open(str(out), "w") as target:
        stream = target.add_stream("libx264", rate=25, options=ENCODING)
        assert isinstance(stream, VideoStream)
        for number, picture in enumerate(islice(_decoded(template), frames)):
            if not number:
                stream.width, stream.height, stream.pix_fmt = picture.width, picture.height, "yuv420p"
            picture.pts, picture.time_base, picture.pict_type = number, Fraction(1, 25), 0
            target.mux(stream.encode(picture))
        target.mux(stream.encode(None))


def _decoded(template: Path) -> Iterator[VideoFrame]:
    while True:
        with av.open(str(template)) as source:
            source.streams.video[0].thread_type = "AUTO"
            yield from source.decode(video=0)


def _row(clip: Clip, rounds: int) -> list[str]:
    taken: dict[str, list[float]] = {"plain": [], "known": [], "listening": [], "never_seen": []}
    for number in range(rounds):
        for kind, times in taken.items():
            if kind != "never_seen" or number < SLOW_ROUNDS:
                times.append(getattr(clip, kind)())
    plain, known, listening, never = (statistics.median(times) for times in taken.values())
    numbers = [clip.frames / plain, clip.frames / known, plain / known, clip.frames / listening, plain / listening]
    shown = [f"{value:.2f}" if value < 2 else f"{value:.0f}" for value in numbers]
    return [str(clip.frames), *shown, f"{clip.frames / never:.0f}", f"{clip.frames / 25 / never:.2f}x"]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--template", type=Path, nargs="*")
    parser.add_argument("--voice", type=Path)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
