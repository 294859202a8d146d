"""Files as people's phones, apps and editors write them: what is decoded decides, and only what is used."""

import os
import time
from collections.abc import Callable
from contextlib import suppress
from fractions import Fraction
from functools import cache
from pathlib import Path

import av
import numpy as np
import pytest
from av.video.frame import VideoFrame

from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.limits import Limits
from heygem.media.audio import read_waveform
from heygem.media.examine import examine
from heygem.media.info import MediaInfo
from heygem.media.probe import check_template, check_voice
from heygem.media.sniff import sniff
from heygem.media.subtitles import Cue, SubtitleTrack
from heygem.media.video import VideoReader
from tests.media import Track, make_picture, make_video, make_voice, number_of, picture, remux, tone

LIMITS = Limits()
BOTH = ("video", "audio")


@cache
def probed(path: Path) -> MediaInfo:
    """What the probe's child finds, without a child for each of so many files: it has tests of its own."""
    return examine(path, path.name, LIMITS)


def as_template(path: Path) -> MediaInfo:
    return check_template(probed(path), path.name, LIMITS)


def as_voice(path: Path) -> MediaInfo:
    return check_voice(probed(path), path.name, LIMITS)


def refused(check: Callable[[Path], MediaInfo], path: Path) -> HeygemError:
    with pytest.raises(HeygemError) as caught:
        check(path)
    return caught.value


def numbers(path: Path) -> list[int]:
    with VideoReader(path) as reader:
        return [number_of(frame.y) for frame in reader]


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three seconds with one key picture and pictures between others, as most encoders make them."""
    return make_video(tmp_path_factory.mktemp("clip") / "clip.mp4", 3)


def tracks(clip: Path, **how: float) -> list[Track]:
    return [Track(clip, kind, **how) for kind in BOTH]


# trimmed, remuxed, streamed


def test_a_clip_trimmed_without_encoding_it_anew_is_what_is_left_of_it(clip: Path, tmp_path: Path) -> None:
    cut = remux(tmp_path / "cut.mp4", [Track(clip, "video", shift=-1.2), Track(clip, "audio", start=1.2, shift=-1.2)])
    info = as_template(cut)
    assert info.duration_s == pytest.approx(1.8, abs=0.1)
    assert numbers(cut)[0] == pytest.approx(30, abs=1)
    assert len(numbers(cut)) == pytest.approx(45, abs=2)
    assert as_voice(cut).duration_s == pytest.approx(len(read_waveform(cut, "cut")) / 16_000, abs=0.1)
    again = remux(tmp_path / "again.mov", tracks(cut))
    assert as_template(again).duration_s == pytest.approx(1.8, abs=0.1)


@pytest.mark.parametrize("suffix", ["mkv", "mp4", "mov", "ts", "flv"])
@pytest.mark.parametrize("shift", [90_000, -1.0], ids=["after a day", "before zero"])
def test_a_clip_that_does_not_start_at_zero_is_as_long_as_it_is(
    clip: Path, tmp_path: Path, suffix: str, shift: float
) -> None:
    path = remux(tmp_path / f"clip.{suffix}", tracks(clip, shift=shift))
    info = as_template(path)
    shown = 2.0 if shift < 0 and suffix in ("mp4", "mov") else 3.0
    assert info.duration_s == pytest.approx(shown, abs=0.3 if suffix == "mkv" and shift < 0 else 0.1)
    assert info.video is not None
    assert len(numbers(path)) == pytest.approx(info.video.frames, abs=1)
    if shift > 0:
        assert numbers(path) == numbers(clip)
        assert as_voice(path).duration_s == pytest.approx(3, abs=0.1)


@pytest.mark.parametrize(
    ("suffix", "options"),
    [("mp4", {"movflags": "frag_every_frame+empty_moov"}), ("mkv", {"live": "1"}), ("ts", {})],
)
def test_a_recording_that_still_grows_is_taken_as_far_as_it_goes(
    clip: Path, tmp_path: Path, suffix: str, options: dict[str, str]
) -> None:
    path = remux(tmp_path / f"live.{suffix}", tracks(clip), options=options)
    os.truncate(path, path.stat().st_size * 2 // 3)
    info = as_template(path)
    assert 1 < info.duration_s < 2.9
    assert len(numbers(path)) == pytest.approx(info.duration_s * 25, abs=3)


@pytest.mark.parametrize(
    ("suffix", "options"),
    [
        (".webm", {"live": "1"}),  # Chromium and Firefox: no length in the header, no index at the end
        (".m4a", {"movflags": "frag_keyframe+empty_moov+default_base_moof", "frag_duration": "1000000"}),  # Safari
    ],
)
@pytest.mark.parametrize("whole", [True, False])
def test_what_a_browser_records_is_a_voice_as_long_as_it_is(
    tmp_path: Path, suffix: str, options: dict[str, str], whole: bool
) -> None:
    sound = make_voice(tmp_path / f"sound{suffix}", 4)
    path = remux(tmp_path / f"recording{suffix}", [Track(sound, "audio")], options=options)
    if not whole:  # the page went in the middle of a block
        os.truncate(path, path.stat().st_size * 3 // 4)
    with av.open(str(path)) as container:
        said = container.duration
    assert suffix != ".webm" or said is None, "as MediaRecorder writes it"

    voice = as_voice(path)

    assert voice.video is None
    assert voice.duration_s == pytest.approx(4 if whole else 3, abs=0.5)
    assert len(read_waveform(path, path.name)) / 16_000 == pytest.approx(voice.duration_s, abs=0.1)


def test_a_recording_that_begins_between_key_pictures_shows_from_the_next_one(tmp_path: Path) -> None:
    whole = make_video(tmp_path / "whole.ts", 3, options={"g": "25"})
    path = tmp_path / "mid.ts"
    path.write_bytes(whole.read_bytes()[20_000 + 77 :])
    as_template(path)
    assert numbers(path)[-1] == 74


def test_a_picture_that_refreshes_bit_by_bit_is_a_template(tmp_path: Path) -> None:
    options = {"x264-params": "intra-refresh=1:keyint=25"}
    assert as_template(make_video(tmp_path / "clip.ts", 3, options=options)).duration_s == pytest.approx(3, abs=0.1)


@pytest.mark.parametrize("suffix", ["aiff", "au", "caf", "wma", "wmv"])
def test_a_file_cut_in_half_is_still_broken_where_its_structure_says_so(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"file.{suffix}"
    make_video(path, 2) if suffix == "wmv" else make_voice(path, 2)
    os.truncate(path, path.stat().st_size // 2)
    assert refused(as_voice, path).code is ErrorCode.BROKEN_MEDIA


@pytest.mark.parametrize("suffix", ["ts", "ogg"])
def test_recordings_put_one_behind_the_other_are_as_long_as_all_of_them(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"both.{suffix}"
    one = make_video(path, 2) if suffix == "ts" else make_voice(path, 2)
    path.write_bytes(one.read_bytes() * 2)
    assert as_voice(path).duration_s == pytest.approx(len(read_waveform(path, "both")) / 16_000, abs=0.1)
    assert as_voice(path).duration_s == pytest.approx(4, abs=0.1)
    if suffix == "ts":
        assert as_template(path).duration_s == pytest.approx(4, abs=0.1)
        assert numbers(path) == [*range(50)] * 2


@pytest.mark.parametrize("suffix", ["asf", "mxf"])
def test_pictures_whose_times_only_say_how_they_are_stored_come_at_the_rate_they_were_taken(
    tmp_path: Path, suffix: str
) -> None:
    seen = numbers(make_video(tmp_path / f"clip.{suffix}", 2, codec="libx264", audio=False))
    assert len(seen) == pytest.approx(50, abs=3)
    assert sorted(set(seen)) == list(range(50))


@pytest.mark.parametrize("pause", [9.5, 15])
def test_a_recording_with_long_pauses_is_as_long_as_it_is_shown(tmp_path: Path, pause: float) -> None:
    """Of the screen, say: without a change there is no picture. Packets tell how long in another order than shown."""
    path, times = tmp_path / "screen.mp4", np.arange(60) / 25
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"bf": "3", "preset": "veryfast"})
        stream.width, stream.height, stream.pix_fmt = 160, 96, "yuv420p"
        stream.codec_context.time_base = Fraction(1, 1000)
        for number, at in enumerate(np.concatenate([start * (pause + 2.4) + times for start in range(3)])):
            frame = VideoFrame.from_ndarray(picture(number, 160, 96))
            frame.pts, frame.time_base = int(at * 1000), Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    with VideoReader(path) as reader:
        shown = sum(1 for _ in reader) / 25
    assert as_template(path).duration_s == pytest.approx(shown, abs=0.5)


# tracks that nobody uses


@pytest.mark.parametrize("suffix", ["mp4", "mov", "mkv"])
def test_a_preview_before_the_film_is_not_the_film(clip: Path, tmp_path: Path, suffix: str) -> None:
    preview = make_video(tmp_path / "preview.mov", 0.04, size=(320, 240), codec="mjpeg", pixel_format="yuvj420p")
    path = remux(tmp_path / f"clip.{suffix}", [Track(preview, "video"), *tracks(clip)])
    assert as_template(path).duration_s == pytest.approx(3, abs=0.1)
    assert numbers(path) == numbers(clip)


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "avi", "mov"])
def test_a_second_sound_track_of_another_length_changes_nothing(tmp_path: Path, suffix: str) -> None:
    short, long = make_video(tmp_path / "short.avi", 1), make_voice(tmp_path / "long.wav", 4)
    path = remux(tmp_path / f"clip.{suffix}", [*tracks(short), Track(long, "audio")])
    assert as_template(path).duration_s == pytest.approx(1, abs=0.1)
    assert as_voice(path).duration_s == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize("suffix", ["mp4", "mkv"])
@pytest.mark.parametrize("kind", BOTH)
def test_a_track_may_be_far_longer_than_the_one_that_is_used(
    clip: Path, tmp_path: Path, suffix: str, kind: str
) -> None:
    path = remux(tmp_path / f"clip.{suffix}", [Track(clip, which, end=1 if which == kind else 9) for which in BOTH])
    lasting = {"video": as_template(path).duration_s, "audio": as_voice(path).duration_s}
    assert lasting[kind] == pytest.approx(1, abs=0.2)
    assert max(lasting.values()) == pytest.approx(3, abs=0.15)
    few = Limits(template_seconds=2, voice_seconds=2)
    (check_template if kind == "video" else check_voice)(probed(path), "clip", few)


@pytest.mark.parametrize("suffix", ["mp4", "mkv"])
@pytest.mark.parametrize("kind", BOTH)
def test_a_track_may_start_late(clip: Path, tmp_path: Path, suffix: str, kind: str) -> None:
    path = remux(tmp_path / f"clip.{suffix}", [Track(clip, which, shift=2 if which == kind else 0) for which in BOTH])
    assert as_template(path).duration_s == pytest.approx(3, abs=0.15)
    assert as_voice(path).duration_s == pytest.approx(3, abs=0.15)


def test_many_subtitles_that_end_after_the_last_picture_change_nothing(clip: Path, tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    with av.open(str(clip)) as old, av.open(str(path), "w") as new:
        stream = new.add_stream_from_template(old.streams.video[0])
        subtitles = [SubtitleTrack(new, [Cue(0.5, 1, "hello"), Cue(20, 22, "the end")]) for _ in range(20)]
        for packet in old.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                new.mux(packet)
        for track in subtitles:
            track.write_until(30)
    assert as_template(path).duration_s == pytest.approx(3, abs=0.1)


def test_sound_in_a_codec_that_is_not_let_in_refuses_a_voice_and_no_template(tmp_path: Path) -> None:
    picture, sound = make_video(tmp_path / "mute.mp4", 1, audio=False), tmp_path / "odd.mkv"
    make_voice(sound, 1, rate=8000, codec="real_144")
    path = remux(tmp_path / "clip.mkv", [Track(picture, "video"), Track(sound, "audio")])
    assert as_template(path).duration_s == pytest.approx(1, abs=0.1)
    assert len(numbers(path)) == 25
    error = refused(as_voice, path)
    assert (error.code, error.params["format"]) == (ErrorCode.UNSUPPORTED_FORMAT, "ra_144")
    plain = make_voice(tmp_path / "plain.m4a", 1)
    twin = remux(tmp_path / "twin.mkv", [Track(picture, "video"), Track(sound, "audio"), Track(plain, "audio")])
    assert as_voice(twin).duration_s == pytest.approx(1, abs=0.1)


def test_pictures_in_a_codec_that_is_not_let_in_refuse_a_template_and_no_voice(tmp_path: Path) -> None:
    path = make_video(tmp_path / "clip.mkv", 1, codec="snow")
    assert as_voice(path).duration_s == pytest.approx(1, abs=0.1)
    error = refused(as_template, path)
    assert (error.code, error.params["format"]) == (ErrorCode.UNSUPPORTED_FORMAT, "snow")


# formats


@pytest.mark.parametrize(
    ("suffix", "rate", "codec"),
    [
        ("caf", 48_000, None),
        ("caf", 48_000, "alac"),
        ("amr", 8_000, None),
        ("wma", 44_100, None),
        ("aiff", 44_100, None),
        ("au", 44_100, None),
        ("ac3", 48_000, None),
        ("eac3", 48_000, None),
        ("mp2", 48_000, None),
        ("wv", 48_000, None),
        ("tta", 48_000, None),
        ("w64", 48_000, None),
        ("mka", 48_000, None),
        ("mp4", 48_000, "libopus"),
        ("m4a", 44_100, "alac"),
        ("ts", 48_000, None),
    ],
)
def test_a_voice_comes_in_what_apps_write(tmp_path: Path, suffix: str, rate: int, codec: str | None) -> None:
    path = make_voice(tmp_path / f"voice.{suffix}", 1.5, rate=rate, codec=codec)
    assert as_voice(path).duration_s == pytest.approx(1.5, abs=0.12)
    waveform = read_waveform(path, "voice")
    assert len(waveform) / 16_000 == pytest.approx(1.5, abs=0.12)
    wanted = tone(1.5, 16_000)[0, 2_000:14_000]
    likeness = np.correlate(waveform[:20_000], wanted, "valid").max() / np.square(wanted).sum()
    assert likeness > (0.4 if suffix == "amr" else 0.8)  # of four harmonics AMR keeps the loudest


@pytest.mark.parametrize(
    ("suffix", "codec", "pixel_format", "size"),
    [
        ("wmv", None, "yuv420p", (64, 48)),
        ("ts", None, "yuv420p", (64, 48)),
        ("m2ts", None, "yuv420p", (64, 48)),
        ("mpg", None, "yuv420p", (64, 48)),
        ("vob", None, "yuv420p", (64, 48)),
        ("mxf", None, "yuv420p", (64, 48)),
        ("gif", None, "rgb8", (64, 48)),
        ("apng", None, "rgb24", (64, 48)),
        ("mov", "cinepak", "rgb24", (64, 48)),
        ("mov", "qtrle", "rgb24", (64, 48)),
        ("3gp", None, "yuv420p", (128, 96)),
        ("dv", "dvvideo", "yuv420p", (720, 576)),
    ],
)
def test_a_template_comes_in_what_apps_write(
    tmp_path: Path, suffix: str, codec: str | None, pixel_format: str, size: tuple[int, int]
) -> None:
    sound = suffix not in ("gif", "apng", "3gp", "dv")
    path = tmp_path / f"clip.{suffix}"
    make_video(path, 0.8, size=size, codec=codec, pixel_format=pixel_format, audio=sound)
    info = as_template(path)
    assert not info.still
    assert info.duration_s == pytest.approx(0.8, abs=0.1)
    assert numbers(path) == list(range(20))
    assert not sound or as_voice(path).duration_s == pytest.approx(0.8, abs=0.15)


def test_a_gif_of_one_picture_is_a_still(tmp_path: Path) -> None:
    info = as_template(make_video(tmp_path / "one.gif", 0.04, pixel_format="rgb8", audio=False))
    assert info.still
    assert info.duration_s == 0


@pytest.mark.parametrize(
    "content",
    [
        b"GIF89a" + bytes(7) + b"\x21\xfe\x01x" * 3_000_000,
        b"GIF89a" + bytes(7) + b"\x2c" + bytes(10) + b"\x01x" * 6_000_000,
        b"\x89PNG\r\n\x1a\n" + b"\0\0\0\0tEXt\0\0\0\0" * 1_000_000,
        b"RIFF\0\0\0\0WEBP" + b"EXIF\0\0\0\0" * 1_500_000,
        b"\xff\xfb" * 6_000_000,
    ],
    ids=["GIF extensions", "GIF blocks", "PNG chunks", "WebP chunks", "headers"],
)
def test_a_file_of_nothing_but_tiny_pieces_is_not_walked_to_its_end(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "tiny"
    path.write_bytes(content)
    began = time.process_time()
    with suppress(HeygemError):
        sniff(path, "tiny")
    assert time.process_time() - began < 3


@pytest.fixture(scope="module")
def mp3(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return make_voice(tmp_path_factory.mktemp("mp3") / "voice.mp3", 2).read_bytes()


def id3(size: int) -> bytes:
    return b"ID3\x03\0\0" + bytes(size >> shift & 0x7F for shift in (21, 14, 7, 0)) + bytes(size)


@pytest.mark.parametrize(
    "before",
    [
        b"ICY 200 OK\r\nicy-name: Radio\r\nContent-Type: audio/mpeg\r\n\r\n",
        np.random.default_rng(4).bytes(100_000),
        bytes(3_000),
        id3(900_000),
        id3(100) + id3(200),
        id3(70_000) + bytes(70_000),
        b"APETAGEX" + (2000).to_bytes(4, "little") + (100_032).to_bytes(4, "little") + bytes(100_048),
        b"",
    ],
    ids=["ICY", "garbage", "zeros", "large tag", "two tags", "padding", "APE", "nothing"],
)
def test_an_mp3_may_begin_with_anything(tmp_path: Path, mp3: bytes, before: bytes) -> None:
    path = tmp_path / "voice.mp3"
    path.write_bytes(before + mp3)
    assert as_voice(path).duration_s == pytest.approx(2, abs=0.1)
    assert len(read_waveform(path, "voice")) / 16_000 == pytest.approx(2, abs=0.1)


ICY = b"HTTP/1.1 200 OK\r\nicy-name: Radio\r\nContent-Type: application/octet-stream\r\n\r\n" * 5


@pytest.mark.parametrize("suffix", ["ts", "m2ts", "ogg"])
@pytest.mark.parametrize("before", [ICY, bytes(5_000), b"\xef\xbb\xbf"], ids=["ICY", "zeros", "mark"])
def test_a_recorded_stream_may_begin_with_anything(tmp_path: Path, suffix: str, before: bytes) -> None:
    path = tmp_path / f"stream.{suffix}"
    make_voice(path, 2) if suffix == "ogg" else make_video(path, 2)
    path.write_bytes(before + path.read_bytes())
    assert as_voice(path).duration_s == pytest.approx(2, abs=0.1)
    assert len(read_waveform(path, "voice")) / 16_000 == pytest.approx(2, abs=0.1)
    assert suffix == "ogg" or numbers(path) == list(range(50))


def test_an_archive_is_no_media_whatever_lies_in_it(tmp_path: Path) -> None:
    path = tmp_path / "upload.ogg"
    path.write_bytes(b"PK\3\4" + bytes(26) + make_voice(tmp_path / "voice.ogg", 1).read_bytes())
    assert refused(as_voice, path).code is ErrorCode.NOT_MEDIA


def test_a_stream_that_was_cut_off_its_beginning_is_broken_and_not_something_else(tmp_path: Path) -> None:
    path = make_voice(tmp_path / "voice.ogg", 3)
    path.write_bytes(path.read_bytes()[700:])
    assert refused(as_voice, path).code is ErrorCode.BROKEN_MEDIA


def test_a_wav_whose_whole_is_said_to_be_larger_than_its_sound_is_whole(tmp_path: Path) -> None:
    path = make_voice(tmp_path / "voice.wav", 2)
    data = path.read_bytes()
    path.write_bytes(data[:4] + (10**9).to_bytes(4, "little") + data[8:])
    assert as_voice(path).duration_s == pytest.approx(2, abs=0.1)


@pytest.mark.parametrize("suffix", ["mp3", "aac"])
def test_sound_may_begin_in_the_middle_of_a_frame(tmp_path: Path, suffix: str) -> None:
    path = make_voice(tmp_path / f"voice.{suffix}", 2)
    path.write_bytes(path.read_bytes()[1_333:])
    assert as_voice(path).duration_s == pytest.approx(1.9, abs=0.2)


@pytest.mark.parametrize(
    ("suffix", "codec"), [("wav", "adpcm_ima_wav"), ("wav", "adpcm_ms"), ("caf", "alac"), ("tta", None)]
)
def test_silence_inside_a_voice_is_no_damage(tmp_path: Path, suffix: str, codec: str | None) -> None:
    sound = np.concatenate([tone(1, 22_050), np.zeros((1, 66_150), np.float32), tone(1, 22_050)], axis=1)
    path = make_voice(tmp_path / f"voice.{suffix}", rate=22_050, sound=sound, codec=codec)
    assert as_voice(path).duration_s == pytest.approx(5, abs=0.15)


@pytest.mark.parametrize(
    ("content", "label"),
    [
        (b"BM" + bytes(60), "BMP"),
        (b"II*\0" + bytes(60), "TIFF"),
        (b".RMF" + bytes(60), "RealMedia"),
        (b"\xff\x0a" + bytes(60), "JPEG XL"),
        (b"\x7f\xfe\x80\x01" + bytes(60), "DTS"),
    ],
)
def test_what_is_refused_is_named(tmp_path: Path, content: bytes, label: str) -> None:
    path = tmp_path / "upload"
    path.write_bytes(content)
    error = refused(as_voice, path)
    assert (error.code, error.params["format"]) == (ErrorCode.UNSUPPORTED_FORMAT, label)


def test_a_picture_is_no_voice_and_says_so(tmp_path: Path) -> None:
    assert refused(as_voice, make_picture(tmp_path / "portrait.png")).code is ErrorCode.NO_SOUND
