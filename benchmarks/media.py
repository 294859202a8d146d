"""Reading and writing video: how fast beside libav alone, and how much memory a way back takes.

    python -m benchmarks.media [--seconds 6] [--size 1080x1920]

The clip is made on the spot: a moving noise picture, H.264 at 25 fps. Every number is the median of interleaved rounds,
each in a process of its own.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from rich.console import Console
from rich.table import Table

from benchmarks.peak import peak_mb
from heygem.media.video import VideoReader, VideoWriter, looped

ROUNDS = 3
ENCODING = {"preset": "veryfast", "crf": "19"}
LENGTHS = (1, 4, 12)  # how many times the template is shown


def main() -> None:
    arguments = _arguments()
    width, height = map(int, arguments.size.split("x"))
    with tempfile.TemporaryDirectory() as folder:
        clip = make_clip(Path(folder) / "clip.mp4", width, height, arguments.seconds * 25)
        console = Console()
        console.print(_speed(clip, arguments.seconds * 25))
        console.print(_memory(clip, arguments.seconds * 25))


def make_clip(path: Path, width: int, height: int, frames: int) -> Path:
    """A detailed picture that drifts, as a hand-held camera makes it."""
    random = np.random.default_rng(1)
    coarse = random.integers(40, 215, (height // 16 + 8, width // 16 + 8), np.uint8)
    wide = np.kron(coarse, np.ones((16, 16), np.uint8)) + random.integers(0, 12, 1, np.uint8)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25, options=ENCODING)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for number in range(frames):
            x, y = int(40 + 30 * np.sin(number / 9)), int(40 + 30 * np.cos(number / 11))
            grey = np.ascontiguousarray(wide[y : y + height, x : x + width])
            frame = VideoFrame.from_ndarray(grey, "gray").reformat(format="yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, 25)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def libav_alone(clip: Path, out: Path) -> None:
    """What transcoding costs at least: decoded pictures go straight to the encoder."""
    with av.open(str(clip)) as source, av.open(str(out), "w") as target:
        video = source.streams.video[0]
        video.thread_type = "AUTO"
        stream = target.add_stream("libx264", rate=25, options=ENCODING)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = video.width, video.height, "yuv420p"
        for number, frame in enumerate(source.decode(video)):
            picture = frame.reformat(format="yuv420p")
            picture.pts, picture.time_base, picture.pict_type = number, Fraction(1, 25), 0
            target.mux(stream.encode(picture))
        target.mux(stream.encode(None))


def reader_to_writer(clip: Path, out: Path) -> None:
    with VideoReader(clip) as reader:
        info = reader.info
        with VideoWriter(out, info.width, info.height, info.colour, None, 0) as writer:
            for frame in reader:
                writer.write(frame)


def reading(clip: Path, _: Path) -> None:
    with VideoReader(clip) as reader:
        for _frame in reader:
            pass


def there_and_back(clip: Path, _: Path, times: int = 2) -> None:
    with VideoReader(clip) as reader:
        frames = reader.info.frames_25 * times
    for _frame in looped(clip, frames, "pingpong"):
        pass


WORK = {
    "libav alone": libav_alone,
    "reader to writer": reader_to_writer,
    "reader only": reading,
    "ping-pong twice": there_and_back,
}


def measure(name: str, clip: Path) -> None:
    """One round in this process: prints seconds of wall and CPU time."""
    began, cpu = time.perf_counter(), time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        WORK[name](clip, Path(folder) / "out.mp4")
    print(json.dumps([time.perf_counter() - began, time.process_time() - cpu]))


def measure_memory(times: int, clip: Path) -> None:
    there_and_back(clip, clip, times)
    print(peak_mb())


def _speed(clip: Path, frames: int) -> Table:
    rounds: dict[str, list[tuple[float, float]]] = {name: [] for name in WORK}
    for _ in range(ROUNDS):
        for name in WORK:
            wall, cpu = json.loads(_child("measure", repr(name), clip))
            rounds[name].append((wall, cpu))
    table = Table(title=f"{frames} frames, median of {ROUNDS} interleaved rounds")
    for heading in ("", "frames/s", "CPU ms/frame", "time beside libav alone"):
        table.add_column(heading, justify="right" if heading else "left")
    alone = statistics.median(wall for wall, _ in rounds["libav alone"])
    for name, taken in rounds.items():
        shown = frames * (2 if name == "ping-pong twice" else 1)
        wall, cpu = (statistics.median(values) for values in zip(*taken, strict=True))
        table.add_row(name, f"{shown / wall:.0f}", f"{cpu / shown * 1000:.1f}", f"{wall / alone:.2f}")
    return table


def _memory(clip: Path, frames: int) -> Table:
    table = Table(title="Ping-pong: peak memory of the process by length")
    for heading in ("times the template", "frames", "peak MB"):
        table.add_column(heading, justify="right")
    for times in LENGTHS:
        table.add_row(str(times), str(frames * times), f"{float(_child('measure_memory', str(times), clip)):.0f}")
    return table


def _child(function: str, argument: str, clip: Path) -> str:
    code = f"from pathlib import Path; import benchmarks.media as b; b.{function}({argument}, Path({str(clip)!r}))"
    return subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=6, help="length of the clip")
    parser.add_argument("--size", default="1080x1920", help="width x height")
    return parser.parse_args()


if __name__ == "__main__":
    main()
