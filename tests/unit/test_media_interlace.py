"""Interlaced video: combs go, and what is only called interlaced stays."""

from pathlib import Path

import av
import numpy as np
import pytest
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from PIL import Image, ImageDraw, ImageFont

from heygem.media.video import Colour, Frame, VideoReader, to_rgb
from tests.media import Pixels

WIDTH, HEIGHT, COUNT, STEP = 160, 96, 12, 5  # pixels a field
CODECS = {
    "H.264": ("libx264", "clip.mp4", {"x264-params": "interlaced=1:{first}=1", "crf": "10"}),
    "H.264 in TS": ("libx264", "clip.ts", {"x264-params": "interlaced=1:{first}=1", "crf": "10"}),
    "no flag": ("libx264", "clip.mp4", {"crf": "10"}),
    "no flag, lossless": ("ffv1", "clip.mkv", {}),
    "MPEG-2": ("mpeg2video", "clip.mpg", {"flags": "+ildct+ilme", "qmin": "2", "qmax": "2"}),
}


def scene(field: int) -> Pixels:
    """A bright bar that moves to the right over a soft ground, as it is at one moment."""
    x, y = np.meshgrid(np.arange(WIDTH), np.arange(HEIGHT))
    grey = 60 + 30 * np.sin(y / 9)
    bar = (x >= 10 + STEP * field) & (x < 34 + STEP * field)
    return np.repeat(np.where(bar, 220, grey)[..., None], 3, axis=-1).astype(np.uint8)


def film(folder: Path, codec: str, *, weave: bool, top_first: bool = True) -> Path:
    """Twelve pictures flagged as interlaced unless the codec says no; with `weave` they hold two moments each."""
    name, file, options = CODECS[codec]
    first = "tff" if top_first else "bff"
    path = folder / file
    with av.open(str(path), "w", format={".ts": "mpegts", ".mpg": "mpeg"}.get(path.suffix)) as container:
        stream = container.add_stream(name, rate=25, options={k: v.format(first=first) for k, v in options.items()})
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for number in range(COUNT):
            early, late = scene(2 * number), scene(2 * number + weave)
            picture = woven(early, late) if top_first else woven(late, early)
            container.mux(stream.encode(VideoFrame.from_ndarray(picture)))
        container.mux(stream.encode(None))
    return path


def woven(even: Pixels, odd: Pixels) -> Pixels:
    return np.asarray(np.where(np.arange(HEIGHT)[:, None, None] % 2 == 0, even, odd), np.uint8)


def save(path: Path, pictures: list[Pixels]) -> None:
    """Lossless, and not flagged as anything."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1", rate=25)
        assert isinstance(stream, VideoStream)
        stream.height, stream.width, _ = pictures[0].shape
        stream.pix_fmt = "yuv420p"
        for picture in pictures:
            container.mux(stream.encode(VideoFrame.from_ndarray(picture).reformat(format="yuv420p")))
        container.mux(stream.encode(None))


def combs(luma: Pixels) -> int:
    """How many pixels differ from both neighbours above and below, in one direction, as a comb's do."""
    lines = luma.astype(int)
    above, below = lines[1:-1] - lines[:-2], lines[1:-1] - lines[2:]
    return int(((above * below > 0) & (np.minimum(np.abs(above), np.abs(below)) > 40)).sum())


def left_edge(luma: Pixels) -> float:
    return float(np.argmax(luma.mean(axis=0) > 140))


def stored(path: Path) -> list[Frame]:
    with av.open(str(path)) as container:
        arrays = [np.asarray(frame.to_ndarray(), np.uint8) for frame in container.decode(video=0)]
    return [Frame(planes, index, Colour()) for index, planes in enumerate(arrays)]


@pytest.mark.parametrize(
    ("codec", "top_first"),
    [
        ("H.264", True),
        ("H.264", False),
        ("H.264 in TS", True),
        ("MPEG-2", False),
        ("no flag", True),
        ("no flag", False),
        ("no flag, lossless", True),
    ],
)
def test_interlaced_pictures_lose_their_combs_and_keep_their_time(tmp_path: Path, codec: str, top_first: bool) -> None:
    path = film(tmp_path, codec, weave=True, top_first=top_first)
    before = stored(path)
    assert min(combs(frame.y) for frame in before[1:]) > 300
    with VideoReader(path) as reader:
        shown = list(reader)
    assert len(shown) == len(before) == COUNT
    assert max(combs(frame.y) for frame in shown) < 30
    edges = [left_edge(frame.y) for frame in shown]
    assert np.abs(np.diff(edges) - 2 * STEP).max() <= 2, edges  # to and fro where fields are taken in the wrong order


def test_a_film_whose_every_second_picture_was_woven_for_television_has_no_combs(tmp_path: Path) -> None:
    moments = [moment for number in range(6) for moment in [2 * number] * (2 + number % 2)]
    path = tmp_path / "film.mkv"
    save(path, [woven(scene(early), scene(late)) for early, late in zip(moments[::2], moments[1::2], strict=False)])
    assert max(combs(frame.y) for frame in stored(path)) > 300
    with VideoReader(path) as reader:
        assert max(combs(frame.y) for frame in reader) < 30


def test_combs_that_come_after_a_long_stillness_are_seen_within_a_third_of_a_second(tmp_path: Path) -> None:
    still = [scene(0)] * 150
    path = tmp_path / "late.mkv"
    save(path, still + [woven(scene(2 * number), scene(2 * number + 1)) for number in range(20)])
    with VideoReader(path) as reader:
        combed = [combs(frame.y) > 30 for frame in reader]
    assert len(combed) == 170
    assert not any(combed[158:]), combed[150:]


def test_stripes_that_move_are_no_combs(tmp_path: Path) -> None:
    stripes = np.where(np.arange(HEIGHT)[:, None] % 2, 210, 60)
    x = np.arange(WIDTH)[None]
    shirts = [np.where((x > 7 * number) & (x < 7 * number + 60), stripes, 120) for number in range(COUNT)]
    path = tmp_path / "shirt.mkv"
    save(path, [np.repeat(shirt[..., None], 3, axis=-1).astype(np.uint8) for shirt in shirts])
    with VideoReader(path) as reader:
        for frame, as_stored in zip(reader, stored(path), strict=True):
            assert np.array_equal(frame.planes, as_stored.planes)


def test_small_text_that_scrolls_is_no_combs(tmp_path: Path) -> None:
    page = Image.new("L", (640, 600), 255)
    random = np.random.default_rng(1)
    for line in range(42):
        words = " ".join(random.choice(["HEEE", "EFT", "==", "--", "FIELD", "table"], 22))
        ImageDraw.Draw(page).text((8, 14 * line), words, fill=0, font=ImageFont.load_default(11))
    lines = np.asarray(page)
    path = tmp_path / "page.mkv"
    save(path, [np.repeat(lines[2 * n : 2 * n + 360, :, None], 3, axis=-1) for n in range(60)])
    with VideoReader(path) as reader:
        for frame, as_stored in zip(reader, stored(path), strict=True):
            assert np.array_equal(frame.planes, as_stored.planes)


@pytest.mark.parametrize("codec", [codec for codec in CODECS if not codec.startswith("no flag")])
def test_a_progressive_video_that_says_it_is_interlaced_is_left_as_it_is(tmp_path: Path, codec: str) -> None:
    path = film(tmp_path, codec, weave=False)
    with av.open(str(path)) as container:
        assert all(frame.interlaced_frame for frame in container.decode(video=0))
    with VideoReader(path) as reader:
        shown = list(reader)
    assert len(shown) == COUNT
    for frame, as_stored in zip(shown, stored(path), strict=True):
        assert np.array_equal(frame.planes, as_stored.planes)


def test_dv_from_a_tape_has_no_combs(tmp_path: Path) -> None:
    path = tmp_path / "tape.avi"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("dvvideo", rate=25)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = 720, 576, "yuv420p"
        for number in range(3):
            late, early = (np.kron(scene(2 * number + k), np.ones((6, 5, 1), np.uint8))[:, :720] for k in (1, 0))
            picture = np.where(np.arange(576)[:, None, None] % 2 == 0, late, early)  # the lower field is first
            container.mux(stream.encode(VideoFrame.from_ndarray(np.asarray(picture, np.uint8))))
        container.mux(stream.encode(None))
    with VideoReader(path) as reader:
        shown = [to_rgb(frame)[..., 1] for frame in reader]
    assert len(shown) == 3
    assert max(combs(luma) for luma in shown) < 200 < min(combs(frame.y) for frame in stored(path))
