"""Frames out of files: the right ones, upright, at 25 a second, in bounded memory."""

import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from heygem.base.errors import ErrorCode, HeygemError
from heygem.media.mezzanine import Mezzanine
from heygem.media.video import Colour, Frame, Mismatch, VideoReader, looped, to_rgb
from tests.media import Pixels, make_picture, make_video, make_voice, number_of, picture


def numbers(path: Path) -> list[int]:
    with VideoReader(path) as reader:
        return [number_of(frame.y) for frame in reader]


def corners(rgb: Pixels) -> list[list[float]]:
    height, width, _ = rgb.shape
    return [rgb[y, x].astype(float).tolist() for y in (3, height - 4) for x in (3, width - 4)]


@pytest.mark.parametrize("suffix", ["mp4", "mov", "avi", "mkv", "webm", "flv"])
def test_every_frame_of_every_format_comes_once_in_order(tmp_path: Path, suffix: str) -> None:
    path = make_video(tmp_path / f"clip.{suffix}", 1.6, size=(160, 120))
    assert numbers(path) == list(range(40))


def test_a_frame_is_planes_of_its_own(tmp_path: Path) -> None:
    with VideoReader(make_video(tmp_path / "clip.mp4", 0.4)) as reader:
        first, second, *_ = reader
        assert (reader.info.width, reader.info.height, reader.info.still) == (64, 48, False)
        assert 10 <= reader.info.frames_25 <= 12
    assert (first.index, second.index) == (0, 1)
    assert [plane.shape for plane in (first.y, first.u, first.v)] == [(48, 64), (24, 32), (24, 32)]
    assert all(plane.flags.c_contiguous and plane.flags.writeable for plane in (first.y, first.u, first.v))
    before = second.y.copy()
    first.y[:] = 0
    assert np.array_equal(second.y, before)


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
@pytest.mark.parametrize("mirrored", [False, True])
def test_phone_video_stands_upright(tmp_path: Path, rotation: int, mirrored: bool) -> None:
    path = make_video(tmp_path / "phone.mp4", 0.2, size=(96, 64), rotation=rotation, mirrored=mirrored, audio=False)
    with VideoReader(path) as reader:
        assert (reader.info.width, reader.info.height) == (96, 64)
        seen = to_rgb(next(iter(reader)))
    wanted = corners(picture(0, 96, 64))
    assert np.abs(np.subtract(corners(seen), wanted)).max() <= 30


@pytest.mark.parametrize("fps", [10, Fraction(24_000, 1001), Fraction(30_000, 1001), 50, 60])
def test_any_rate_becomes_25(tmp_path: Path, fps: Fraction | int) -> None:
    seen = numbers(make_video(tmp_path / "clip.mp4", 2, size=(160, 120), fps=fps, audio=False))
    assert abs(len(seen) - 50) <= 1
    assert seen == sorted(seen)
    for slot, number in enumerate(seen):  # on show is the frame nearest in time among those that have come
        assert -1 / fps - 0.02 < number / fps - slot / 25 <= 0.02 + 1e-6


def test_a_variable_rate_keeps_its_times(tmp_path: Path) -> None:
    times = [0, 0.04, 0.08, 0.5, 0.54, 1.0, 1.04]
    seen = numbers(make_video(tmp_path / "clip.mkv", times=times, size=(160, 120), audio=False))
    assert [seen[slot] for slot in (0, 1, 2, 11, 12, 13, 14, 24, 25, 26)] == [0, 1, 2, 2, 2, 3, 4, 4, 5, 6]


def test_a_late_start_is_no_gap(tmp_path: Path) -> None:
    assert numbers(make_video(tmp_path / "clip.mkv", 0.8, size=(160, 120), start=3.0, audio=False)) == list(range(20))


def test_a_broken_clock_is_closed_up(tmp_path: Path) -> None:
    times = [0, 0.04, 0.08, 5000, 5000.04]
    assert numbers(make_video(tmp_path / "clip.mkv", times=times, size=(160, 120), audio=False)) == [0, 1, 2, 3, 4]


def test_odd_sizes_lose_a_line_and_stay_sharp(tmp_path: Path) -> None:
    path = make_video(tmp_path / "clip.mkv", 0.2, size=(97, 65), codec="ffv1", pixel_format="yuv444p", audio=False)
    with VideoReader(path) as reader:
        assert (reader.info.width, reader.info.height) == (96, 64)
        seen = next(iter(reader)).y
    assert seen.shape == (64, 96)
    assert int(seen[0, 0]) > 230 > 200 > int(seen[0, 30])


def test_ten_bits_become_eight_and_colour_tags_stay(tmp_path: Path) -> None:
    path = make_video(
        tmp_path / "clip.mp4",
        0.2,
        codec="libx265",
        pixel_format="yuv420p10le",
        colour=(1, 5, 5, 6),
        audio=False,
        options={"x265-params": "log-level=none"},
    )
    with VideoReader(path) as reader:
        colour = reader.info.colour
        assert (colour.range, colour.space, colour.primaries, colour.trc) == (1, 5, 5, 6)
        assert int(next(iter(reader)).y.max()) > 200


@pytest.mark.parametrize(
    ("aspect", "rotation", "expected"),
    [
        (Fraction(2), 0, (128, 48)),
        (Fraction(1, 2), 0, (64, 96)),
        (Fraction(2), 90, (64, 96)),
        (Fraction(90), 0, (64, 48)),
    ],
)
def test_pixels_become_square(tmp_path: Path, aspect: Fraction, rotation: int, expected: tuple[int, int]) -> None:
    path = make_video(tmp_path / "clip.mp4", 0.2, aspect=aspect, rotation=rotation, audio=False)
    with VideoReader(path) as reader:
        frame = next(iter(reader))
    assert (frame.width, frame.height) == expected


def test_a_shorter_side_can_be_asked_for(tmp_path: Path) -> None:
    path = make_video(tmp_path / "clip.mp4", 0.2, size=(240, 320))
    with VideoReader(path, 90) as reader:
        assert (reader.info.width, reader.info.height) == (90, 120)
        assert next(iter(reader)).y.shape == (120, 90)
    with VideoReader(path, 720) as reader:
        assert (reader.info.width, reader.info.height) == (240, 320)


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp"])
def test_a_still_is_one_frame(tmp_path: Path, suffix: str) -> None:
    with VideoReader(make_picture(tmp_path / f"portrait.{suffix}", (96, 64))) as reader:
        assert (reader.info.still, reader.info.frames_25) == (True, 1)
        (frame,) = reader
    assert np.abs(np.subtract(corners(to_rgb(frame)), corners(picture(0, 96, 64)))).max() <= 30


@pytest.mark.parametrize(
    ("orientation", "turns", "mirrored"),
    [
        (1, 0, False),
        (2, 0, True),
        (3, 2, False),
        (4, 2, True),
        (5, 3, True),
        (6, 1, False),
        (7, 1, True),
        (8, 3, False),
    ],
)
def test_a_photo_stands_as_its_exif_says(tmp_path: Path, orientation: int, turns: int, mirrored: bool) -> None:
    tiff = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01" + orientation.to_bytes(2) + b"\0\0\0\0\0\0"
    exif = b"Exif\0\0" + tiff
    path = make_picture(tmp_path / "photo.jpg", (96, 64))
    data = path.read_bytes()
    path.write_bytes(data[:2] + b"\xff\xe1" + (len(exif) + 2).to_bytes(2) + exif + data[2:])
    with VideoReader(path) as reader:
        (frame,) = reader
    stored = picture(0, 96, 64)
    upright = np.rot90(stored[:, ::-1] if mirrored else stored, -turns)
    assert (frame.height, frame.width) == upright.shape[:2]
    assert np.abs(np.subtract(corners(to_rgb(frame)), corners(upright))).max() <= 30


def test_a_box_of_a_frame_is_the_same_as_the_box_of_its_rgb(tmp_path: Path) -> None:
    with VideoReader(make_video(tmp_path / "clip.mp4", 0.2, size=(96, 64))) as reader:
        frame = next(iter(reader))
    whole = to_rgb(frame)
    for left, top, right, bottom in ((0, 0, 96, 64), (10, 20, 50, 44), (11, 21, 52, 43), (95, 63, 96, 64)):
        part = to_rgb(frame, (left, top, right, bottom))
        # Chroma is interpolated, so that a pixel at the box's edge may differ a little.
        assert np.abs(part.astype(int) - whole[top:bottom, left:right]).max() <= 40
        assert np.abs(part.astype(int) - whole[top:bottom, left:right]).mean() <= 2
    assert to_rgb(frame, (-20, -20, 500, 500)).shape == (64, 96, 3)


def flat(y: int, u: int, v: int, colour: Colour) -> list[int]:
    """The RGB of an even picture."""
    planes = [np.full(shape, value, np.uint8) for shape, value in (((8, 8), y), ((4, 4), u), ((4, 4), v))]
    return [int(value) for value in to_rgb(Frame.of(planes[0], planes[1], planes[2], 0, colour))[4, 4]]


@pytest.mark.parametrize(
    ("yuv", "colour", "expected"),
    [
        ((40, 128, 128), Colour(range=2, space=5), (40, 40, 40)),
        ((40, 128, 128), Colour(range=1, space=5), (28, 28, 28)),
        ((81, 90, 240), Colour(range=1, space=5), (255, 0, 0)),
        ((63, 102, 240), Colour(range=1, space=1), (255, 0, 0)),
        ((81, 90, 240), Colour(), (255, 0, 0)),  # a small picture that says nothing is BT.601
    ],
)
def test_colours_are_what_their_tags_say(
    yuv: tuple[int, int, int], colour: Colour, expected: tuple[int, int, int]
) -> None:
    assert np.abs(np.subtract(flat(*yuv, colour), expected)).max() <= 3


BACK_AND_FORTH = [0, 1, 2, 3, 4, 3, 2, 1, 0, 1, 2, 3, 4, 3]


@pytest.mark.parametrize(
    ("mismatch", "expected"),
    [
        ("pingpong", BACK_AND_FORTH),
        ("loop", [0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1, 2, 3]),
        ("hold", [0, 1, 2, 3] + [4] * 10),
        ("cut", [0, 1, 2, 3, 4]),
    ],
)
def test_a_short_template_is_made_as_long_as_the_voice(tmp_path: Path, mismatch: Mismatch, expected: list[int]) -> None:
    path = make_video(tmp_path / "clip.mp4", 0.2, size=(160, 120))
    seen = list(looped(path, 14, mismatch))
    assert [frame.index for frame in seen] == expected
    assert [number_of(frame.y) for frame in seen] == expected


@pytest.mark.parametrize("mismatch", ["pingpong", "loop", "hold", "cut"])
def test_a_long_template_ends_with_the_voice(tmp_path: Path, mismatch: Mismatch) -> None:
    path = make_video(tmp_path / "clip.mp4", 1, size=(160, 120))
    assert [number_of(frame.y) for frame in looped(path, 7, mismatch)] == list(range(7))


def test_a_reader_that_is_open_already_plays_first_and_is_then_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make_video(tmp_path / "clip.mp4", 0.2, size=(160, 120))
    left: list[str] = []
    with VideoReader(path) as reader:
        monkeypatch.setattr(reader, "close", lambda: left.append("reader"))
        frames = looped(path, 14, "loop", opened=reader)
        path.rename(tmp_path / "away.mp4")
        assert [number_of(next(frames).y) for _ in range(5)] == list(range(5))
        (tmp_path / "away.mp4").rename(path)
        assert [number_of(frame.y) for frame in frames] == [*range(5), *range(4)]
        assert left == ["reader"]


def test_a_long_way_back_is_exact_across_all_groups(tmp_path: Path) -> None:
    path = make_video(tmp_path / "clip.mp4", 2.52, size=(160, 120))
    there = list(range(63))
    cycle = there + there[-2:0:-1]
    expected = [cycle[k % len(cycle)] for k in range(300)]
    seen = list(looped(path, 300, "pingpong"))
    assert [number_of(frame.y) for frame in seen] == expected
    assert [frame.index for frame in seen] == expected


def test_the_way_back_looks_like_the_way_there(tmp_path: Path) -> None:
    path = make_video(tmp_path / "clip.mp4", 0.6, size=(160, 120))
    seen = list(looped(path, 29, "pingpong"))
    for there, back in zip(seen[:14], seen[:-15:-1], strict=True):
        assert there.index == back.index
        assert np.abs(there.y.astype(int) - back.y).mean() < 1.5


def test_the_widest_pictures_find_their_way_back_too(tmp_path: Path) -> None:
    path = make_video(tmp_path / "clip.mp4", 0.4, size=(4096, 64))
    seen = list(looped(path, 19, "pingpong"))
    assert [frame.index for frame in seen] == [*range(10), *range(8, -1, -1)]
    assert np.abs(seen[4].y.astype(int) - seen[14].y).mean() < 1.5


def test_an_edited_frame_spoils_no_other(tmp_path: Path) -> None:
    path = make_video(tmp_path / "clip.mp4", 0.2, size=(160, 120))
    for mismatch in ("pingpong", "hold", "loop"):
        shown = []
        for frame in looped(path, 14, mismatch):
            shown.append(number_of(frame.y))
            frame.y[:] = 0
        assert shown == [frame.index for frame in looped(path, 14, mismatch)]


@pytest.mark.parametrize("mismatch", ["pingpong", "loop", "hold", "cut"])
def test_a_still_is_held_in_every_mode(tmp_path: Path, mismatch: Mismatch) -> None:
    path = make_picture(tmp_path / "portrait.png")
    assert [frame.index for frame in looped(path, 30, mismatch)] == [0] * 30


def test_a_video_of_one_frame_is_held_too(tmp_path: Path) -> None:
    path = make_video(tmp_path / "clip.mp4", 0.04, size=(160, 120))
    assert [number_of(frame.y) for frame in looped(path, 9, "pingpong")] == [0] * 9


def announcing(path: Path, frames: int) -> Path:
    """The FLV with another length in its header."""
    data = path.read_bytes()
    at = data.index(b"duration") + len(b"duration") + 1
    said = path.with_name(f"{frames}.flv")
    said.write_bytes(data[:at] + np.array(frames / 25, ">f8").tobytes() + data[at + 8 :])
    return said


def put_by_of(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The list in which the numbers of the frames appear as they go to disk."""
    put_by: list[int] = []
    write = Mezzanine.write

    def counted(kept: Mezzanine, frame: Frame) -> None:
        put_by.append(frame.index)
        write(kept, frame)

    monkeypatch.setattr(Mezzanine, "write", counted)
    return put_by


@pytest.mark.parametrize("announced", [1, 12, 18, 19, 20, 21, 22, 23, 24, 30, 45, 25_000])
def test_a_template_turns_back_where_it_ends_whatever_it_announced(tmp_path: Path, announced: int) -> None:
    path = announcing(make_video(tmp_path / "clip.flv", 0.8, size=(160, 120), audio=False), announced)
    with VideoReader(path) as reader:
        assert reader.info.frames_25 == announced + 1
    cycle = [*range(20), *range(18, 0, -1)]
    for frames in (1, 10, 17, 18, 19, 20, 21, 22, 23, 24, 30, 37, 38, 39, 40, 57, 80):
        seen = list(looped(path, frames, "pingpong"))
        expected = [cycle[k % len(cycle)] for k in range(frames)]
        assert [frame.index for frame in seen] == expected
        assert [number_of(frame.y) for frame in seen] == expected


@pytest.mark.parametrize("announced", [20, 24])  # the truth, and too much
def test_only_what_the_way_back_will_show_is_put_by(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, announced: int
) -> None:
    path = announcing(make_video(tmp_path / "clip.flv", 0.8, size=(160, 120), audio=False), announced)
    put_by = put_by_of(monkeypatch)
    for frames, again in {15: 0, 24: 4, 30: 10, 60: 20}.items():
        put_by.clear()
        list(looped(path, frames, "pingpong"))
        assert again <= len(set(put_by)) == len(put_by) <= again + 4


def test_a_second_look_for_the_way_back_can_be_cancelled(tmp_path: Path) -> None:
    path = announcing(make_video(tmp_path / "clip.flv", 0.8, size=(160, 120), audio=False), 1000)
    frames = looped(path, 30, "pingpong", cancelled=lambda: True)
    assert [next(frames).index for _ in range(20)] == list(range(20))
    with pytest.raises(HeygemError) as caught:
        next(frames)
    assert caught.value.code is ErrorCode.CANCELLED


def test_ping_pong_leaves_nothing_on_disk(tmp_path: Path) -> None:
    path = make_video(tmp_path / "clip.mp4", 0.2, size=(160, 120))
    folder = tmp_path / "work"
    folder.mkdir()
    frames = looped(path, 14, "pingpong", folder=folder)
    for _ in range(10):
        next(frames)
    assert list(folder.iterdir()) == []


_PEAK = """
import sys
from pathlib import Path
from benchmarks.peak import peak_mb
from heygem.media.video import looped
for _ in looped(Path(sys.argv[1]), int(sys.argv[2]), "pingpong"):
    pass
print(peak_mb())
"""


def peak_mb(path: Path, frames: int) -> int:
    done = subprocess.run([sys.executable, "-c", _PEAK, path, str(frames)], check=True, capture_output=True, text=True)
    return int(done.stdout)


def test_memory_does_not_grow_with_the_length(tmp_path: Path) -> None:
    short = make_video(tmp_path / "short.mp4", 1, size=(640, 480), audio=False)
    long = make_video(tmp_path / "long.mp4", 4, size=(640, 480), audio=False)
    # 100 frames of 0.46 MB there and 150 back: what is kept for each would show.
    assert peak_mb(long, 250) - peak_mb(short, 60) < 25


def test_what_is_no_video_is_said(tmp_path: Path) -> None:
    voice = make_voice(tmp_path / "voice.mp3", 0.5)
    with pytest.raises(HeygemError) as caught, VideoReader(voice, name="song"):
        pass
    assert (caught.value.code, caught.value.params) == (ErrorCode.NO_VIDEO, {"name": "song"})


def test_a_video_of_garbage_is_broken_not_a_crash(tmp_path: Path) -> None:
    path = make_video(tmp_path / "clip.mp4", 3, size=(160, 120), audio=False)
    data = bytearray(path.read_bytes())
    start = data.index(b"mdat") + 2000
    data[start : start + len(data) // 2] = np.random.default_rng(1).bytes(len(data) // 2)
    path.write_bytes(data)
    with pytest.raises(HeygemError) as caught:
        numbers(path)
    assert caught.value.code is ErrorCode.BROKEN_MEDIA
