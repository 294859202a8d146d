"""What the probe says about files, good and bad."""

import errno
import os
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import av
import numpy as np
import psutil
import pytest
from av.stream import Disposition

from heygem.base import process
from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.limits import Limits
from heygem.engines.failure import MACHINE, reason
from heygem.media.audio import read_waveform
from heygem.media.info import MediaInfo
from heygem.media.probe import check_template, check_voice, probe
from heygem.media.video import VideoReader
from tests.media import make_picture, make_video, make_voice, picture, shared, tone
from tests.patience import PATIENCE_SECONDS

LIMITS = Limits()


def refusal(path: Path, limits: Limits = LIMITS, name: str = "file") -> HeygemError:
    with pytest.raises(HeygemError) as caught:
        probe(path, name, limits)
    return caught.value


def refusal_of(check: Callable[[], object]) -> ErrorCode:
    with pytest.raises(HeygemError) as caught:
        check()
    return caught.value.code


@pytest.mark.parametrize(
    ("suffix", "kind", "codec"),
    [
        ("wav", "wav", "pcm_s16le"),
        ("mp3", "mp3", "mp3"),
        ("m4a", "mp4", "aac"),
        ("aac", "aac", "aac"),
        ("flac", "flac", "flac"),
        ("ogg", "ogg", "opus"),
    ],
)
def test_a_voice_of_every_format_is_known(tmp_path: Path, suffix: str, kind: str, codec: str) -> None:
    info = probe(make_voice(tmp_path / f"voice.{suffix}", 1.3, channels=2), "voice", LIMITS)
    assert (info.format, info.video) == (kind, None)
    assert info.audio is not None
    assert (info.audio.codec, info.audio.sample_rate, info.audio.channels) == (codec, 48_000, 2)
    assert info.duration_s == pytest.approx(1.3, abs=0.06)
    check_voice(info, "voice", LIMITS)


@pytest.mark.parametrize("suffix", ["wav", "mp3", "ogg"])
def test_silence_from_end_to_end_is_no_voice(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"voice.{suffix}"
    info = probe(make_voice(path, 2, sound=np.zeros((1, 96_000), np.float32)), "voice", LIMITS)
    assert refusal_of(lambda: check_voice(info, "voice", LIMITS)) is ErrorCode.SILENT_VOICE


def test_a_voice_that_begins_late_is_a_voice(tmp_path: Path) -> None:
    late = np.concatenate([np.zeros((1, 96_000), np.float32), tone(0.5)], axis=1)
    check_voice(probe(make_voice(tmp_path / "voice.wav", 2.5, sound=late), "voice", LIMITS), "voice", LIMITS)


@pytest.mark.parametrize(
    ("suffix", "kind", "codec"),
    [
        ("mp4", "mp4", "h264"),
        ("mov", "mp4", "h264"),
        ("avi", "avi", "mpeg4"),
        ("mkv", "matroska", "h264"),
        ("webm", "matroska", "vp8"),
        ("flv", "flv", "flv1"),
    ],
)
def test_a_template_of_every_format_is_known(tmp_path: Path, suffix: str, kind: str, codec: str) -> None:
    info = probe(make_video(tmp_path / f"template.{suffix}", 1.2), "template", LIMITS)
    assert info.format == kind
    assert info.video is not None
    assert info.audio is not None
    assert (info.video.codec, info.video.width, info.video.height) == (codec, 64, 48)
    assert info.video.frames == 30
    assert info.video.fps == pytest.approx(25, abs=1)
    assert info.duration_s == pytest.approx(1.2, abs=0.06)
    check_template(info, "template", LIMITS)


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp"])
def test_a_still_picture_is_a_template_of_no_length(tmp_path: Path, suffix: str) -> None:
    info = probe(make_picture(tmp_path / f"portrait.{suffix}", (60, 40)), "portrait", LIMITS)
    assert info.still
    assert info.duration_s == 0
    assert info.video is not None
    assert (info.video.width, info.video.height, info.video.fps, info.video.frames) == (60, 40, 0, 1)
    check_template(info, "portrait", LIMITS)


def test_the_name_says_nothing(tmp_path: Path) -> None:
    path = make_video(tmp_path / "clip.mp4", 0.4).rename(tmp_path / "song.mp3")
    assert probe(path, "song.mp3", LIMITS).format == "mp4"


def test_a_turned_phone_video_has_its_upright_size(tmp_path: Path) -> None:
    info = probe(make_video(tmp_path / "phone.mp4", 0.4, size=(48, 96), rotation=90), "phone", LIMITS)
    assert info.video is not None
    assert (info.video.width, info.video.height, info.video.rotation) == (48, 96, 90)


def test_the_real_samples_are_what_they_are() -> None:
    clip = probe(shared("samples/template-outdoor.mp4"), "clip", LIMITS)
    assert clip.video is not None
    assert (clip.video.codec, clip.video.width, clip.video.height, clip.video.frames) == ("hevc", 1080, 1920, 250)
    assert probe(shared("samples/voice-en.ogg"), "voice", LIMITS).duration_s == pytest.approx(20.0, abs=0.05)


@pytest.mark.parametrize(
    "content",
    [
        b"just words",
        b"<html><video src=x></html>",
        b"#EXTM3U\n#EXTINF:1,\nclip.mp4\n",
        b"ffconcat version 1.0\nfile clip.mp4\n",
        b"PK\x03\x04" + bytes(60),
        b"\xff\xfe" + "unicode text".encode("utf-16-le"),
        bytes(4000),
    ],
    ids=["text", "html", "hls playlist", "concat list", "zip", "utf-16", "zeros"],
)
def test_what_is_no_media_is_called_so(tmp_path: Path, content: bytes) -> None:
    make_video(tmp_path / "clip.mp4", 0.2)  # what a playlist would point at
    path = tmp_path / "upload.mp4"
    path.write_bytes(content)
    assert refusal(path).code is ErrorCode.NOT_MEDIA


def test_a_codec_that_is_not_let_in_is_named(tmp_path: Path) -> None:
    path = make_video(tmp_path / "clip.mkv", 0.4, codec="snow", audio=False)
    error = refusal(path)
    assert (error.code, error.params["format"]) == (ErrorCode.UNSUPPORTED_FORMAT, "snow")


def test_a_codec_that_nobody_knows_is_refused_and_no_mystery(tmp_path: Path) -> None:
    path = make_video(tmp_path / "clip.mp4", 0.4, audio=False)
    path.write_bytes(path.read_bytes().replace(b"avc1", b"zzz1"))
    error = refusal(path)
    assert (error.code, error.params["format"]) == (ErrorCode.UNSUPPORTED_FORMAT, "unknown")


@pytest.mark.parametrize("length", [2**62, 2**63 - 1, 2**64 - 16])
def test_a_length_beyond_every_disk_is_the_files_fault(tmp_path: Path, length: int) -> None:
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"\0\0\0\x18ftypisom\0\0\2\0isomiso2\0\0\0\1mdat" + length.to_bytes(8) + bytes(1000))
    assert refusal(path).code is ErrorCode.BROKEN_MEDIA


def faststart(source: Path, target: Path) -> Path:
    """The same mp4 with its index in front, as phones and messengers send it."""
    with (
        av.open(str(source)) as old,
        av.open(str(target), "w", format="mp4", options={"movflags": "+faststart"}) as new,
    ):
        streams = {stream.index: new.add_stream_from_template(stream) for stream in old.streams.video}
        for packet in old.demux(video=0):
            if packet.dts is not None:
                packet.stream = streams[packet.stream_index]
                new.mux(packet)
    return target


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "webm", "flv", "avi", "wav", "flac", "m4a", "png", "jpg", "webp"])
def test_a_file_cut_in_half_is_broken(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"file.{suffix}"
    if suffix in ("wav", "flac", "m4a"):
        make_voice(path, 3)
    elif suffix in ("png", "jpg", "webp"):
        make_picture(path, (200, 200))
    else:
        make_video(path, 3)
    os.truncate(path, path.stat().st_size // 2)
    assert refusal(path).code is ErrorCode.BROKEN_MEDIA


def test_a_cut_video_with_its_index_in_front_is_broken(tmp_path: Path) -> None:
    path = faststart(make_video(tmp_path / "clip.mp4", 3), tmp_path / "fast.mp4")
    assert probe(path, "clip", LIMITS).duration_s == pytest.approx(3)
    os.truncate(path, path.stat().st_size // 2)
    assert refusal(path).code is ErrorCode.BROKEN_MEDIA


@pytest.mark.parametrize("lost", [200, 1000, 2000])
def test_a_video_that_ends_within_its_index_is_broken_whatever_tracks_are_left(tmp_path: Path, lost: int) -> None:
    path = make_video(tmp_path / "clip.mp4", 1)
    os.truncate(path, path.stat().st_size - lost)
    assert refusal(path).code is ErrorCode.BROKEN_MEDIA


def test_a_download_that_stopped_and_left_zeros_is_broken(tmp_path: Path) -> None:
    path = faststart(make_video(tmp_path / "clip.mp4", 6), tmp_path / "fast.mp4")
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2] + bytes(len(data) // 2))
    assert refusal(path).code is ErrorCode.BROKEN_MEDIA


def test_an_empty_file_is_broken_and_a_lost_one_missing(tmp_path: Path) -> None:
    path = tmp_path / "empty.mp4"
    path.touch()
    assert refusal(path).code is ErrorCode.BROKEN_MEDIA
    assert refusal(tmp_path / "nowhere").code is ErrorCode.FILE_MISSING


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.mp4")
    assert refusal(tmp_path / "pipe.mp4").code is ErrorCode.FILE_MISSING


def test_a_file_over_the_byte_limit_is_too_large(tmp_path: Path) -> None:
    path = make_voice(tmp_path / "voice.wav", 1)
    with path.open("r+b") as file:
        file.truncate(3_000_000)
    error = refusal(path, Limits(file_mb=2))
    assert (error.code, error.params) == (
        ErrorCode.TOO_LARGE,
        {"name": "file", "actual_mb": 3, "limit_mb": 2},
    )


@pytest.mark.parametrize("suffix", ["png", "webp", "jpg"])
def test_a_picture_bomb_is_refused_by_its_header(tmp_path: Path, suffix: str) -> None:
    size = {"png": 60_000, "webp": 16_000, "jpg": 60_000}[suffix]
    path = make_picture(tmp_path / f"bomb.{suffix}")
    data = bytearray(path.read_bytes())
    if suffix == "png":
        data[16:24] = size.to_bytes(4) * 2
    elif suffix == "webp":
        data[26:30] = size.to_bytes(2, "little") * 2
    else:
        start = data.index(b"\xff\xc0")
        data[start + 5 : start + 9] = size.to_bytes(2) * 2
    path.write_bytes(data)
    error = refusal(path)
    assert (error.code, error.params["width"], error.params["height"]) == (ErrorCode.TOO_MANY_PIXELS, size, size)


def test_a_video_of_too_many_pixels_is_refused(tmp_path: Path) -> None:
    path = make_video(tmp_path / "clip.mp4", 0.2, size=(640, 480))
    assert refusal(path, Limits(megapixels=0.3)).code is ErrorCode.TOO_MANY_PIXELS


def test_too_many_streams_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "crowd.mkv"
    with av.open(str(path), "w") as container:
        streams = [container.add_stream("pcm_s16le", rate=8000, layout="mono") for _ in range(14)]
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), "s16", "mono")
        frame.sample_rate = 8000
        for stream in streams:
            container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
    error = refusal(path)
    assert (error.code, error.params["actual"], error.params["limit"]) == (ErrorCode.TOO_MANY_STREAMS, 14, 12)


def test_a_file_that_takes_too_long_is_put_aside(tmp_path: Path) -> None:
    path = make_voice(tmp_path / "endless.wav", 0.1, rate=8000)
    data = bytearray(path.read_bytes())
    at = data.index(b"data")
    size = 0x7FFE0000
    data[4:8], data[at + 4 : at + 8] = (size + 36).to_bytes(4, "little"), size.to_bytes(4, "little")
    path.write_bytes(data)
    os.truncate(path, size + 44)  # sparse: two gigabytes of silence in a few kilobytes
    error = refusal(path, Limits(probe_seconds=1, file_mb=3000))
    assert (error.code, error.params["limit_s"]) == (ErrorCode.PROBE_LIMIT, 1)


def stopped() -> psutil.Process:
    """The child of a probe that runs, stopped: a machine that has no moment for it."""
    while True:
        for child in psutil.Process().children():
            if "heygem.media.probe_child" in child.cmdline():
                child.suspend()
                return child
        time.sleep(0.005)


def test_a_busy_machine_is_no_reason_to_put_a_file_aside(tmp_path: Path) -> None:
    path = make_voice(tmp_path / "voice.ogg", 1)
    with ThreadPoolExecutor(1) as probing:
        told = probing.submit(probe, path, "voice", Limits(probe_seconds=1))
        child = stopped()
        time.sleep(2.5)
        assert not told.done()
        child.resume()
        assert told.result(PATIENCE_SECONDS).duration_s == pytest.approx(1, abs=0.06)


def test_a_probe_that_waits_for_ever_is_ended_and_is_not_the_files_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "BLOCKED_S", 0.5)
    path = make_voice(tmp_path / "voice.ogg", 1)
    with ThreadPoolExecutor(1) as probing:
        told = probing.submit(refusal, path)
        child = stopped()
        assert told.result(PATIENCE_SECONDS).code is ErrorCode.INTERNAL
    assert not child.is_running()


@pytest.mark.parametrize("end", ["atexit.register(dead)", "os._exit = dead"])
def test_a_probe_that_dies_at_its_exit_has_answered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, end: str) -> None:
    code = f"import atexit, os\ndef dead(*_): os.kill(os.getpid(), 11)\n{end}\n"
    (tmp_path / "sitecustomize.py").write_text(code)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert probe(make_voice(tmp_path / "voice.ogg", 1), "voice", LIMITS).format == "ogg"
    assert refusal(make_video(tmp_path / "clip.mp4", 0.2), Limits(streams=1)).code is ErrorCode.TOO_MANY_STREAMS


def failing(number: int) -> Callable[..., None]:
    """What libav does where the system refuses: PyAV makes its error of the number."""

    def fail(*_: object, **__: object) -> None:
        av.error.err_check(-number)

    return fail


@pytest.mark.parametrize("number", [errno.EACCES, errno.EMFILE, errno.ENOSPC, errno.ESTALE])
def test_a_file_is_not_blamed_for_what_the_machine_lacks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    path = make_video(tmp_path / "clip.mp4", 0.2)
    monkeypatch.setattr(av, "open", failing(number))
    for read in (lambda: read_waveform(path, "clip"), lambda: VideoReader(path).__enter__()):
        with pytest.raises(OSError, match=str(path)) as caught:
            read()
        assert caught.value.errno == number
        assert not isinstance(caught.value, av.FFmpegError)
        assert reason(caught.value, "mesh", tmp_path, 1).code in MACHINE


_REFUSING = """
import errno, pathlib
real, times = pathlib.Path.open, []
def open(path, *how, **more):
    if path.name == "file.mp4":
        times.append(path)
        if len(times) > {good}:
            raise OSError({number}, "no", str(path))
    return real(path, *how, **more)
pathlib.Path.open = open
"""


@pytest.mark.parametrize("good", [0, 1, 2], ids=["at once", "on the way", "where it looks broken"])
def test_a_probe_says_that_the_machine_could_not_read_and_not_that_the_file_is_broken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, good: int
) -> None:
    path = make_video(tmp_path / "file.mp4", 1)
    path.write_bytes(path.read_bytes()[:-2000])
    assert refusal(path).code is ErrorCode.BROKEN_MEDIA
    (tmp_path / "sitecustomize.py").write_text(_REFUSING.format(good=good, number=errno.EIO))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(OSError, match=str(path)) as caught:
        probe(path, "file", LIMITS)
    assert caught.value.errno == errno.EIO


def test_a_song_with_a_cover_is_no_template(tmp_path: Path) -> None:
    cover = make_picture(tmp_path / "cover.png").read_bytes()
    frame = b"\0image/png\0\x03\0" + cover
    tag = b"APIC" + len(frame).to_bytes(4) + b"\0\0" + frame
    size = bytes(len(tag) >> shift & 0x7F for shift in (21, 14, 7, 0))
    path = tmp_path / "song.mp3"
    path.write_bytes(b"ID3\x03\0\0" + size + tag + make_voice(tmp_path / "plain.mp3", 1).read_bytes())
    with av.open(str(path)) as container:
        assert container.streams.video[0].disposition & Disposition.attached_pic
    info = probe(path, "song", LIMITS)
    assert (info.streams, info.video) == (2, None)
    assert refusal_of(lambda: check_template(info, "song", LIMITS)) is ErrorCode.NO_VIDEO


def test_a_name_of_any_kind_is_only_a_name(tmp_path: Path) -> None:
    path = tmp_path / "odd"
    path.write_bytes(make_voice(tmp_path / "v.wav", 0.5).read_bytes()[:200])
    for name in ("a\0b\n\x1b[2J{}", "-" + "文件 🎬" * 100_000):
        assert refusal(path, name=name).params["name"] == name


def info_of(seconds: float, *, sound: bool = True) -> MediaInfo:
    audio = {"codec": "aac", "sample_rate": 48_000, "channels": 1} if sound else None
    video = {"codec": "h264", "width": 4000, "height": 2000, "rotation": 0, "fps": 25, "frames": 9}
    return MediaInfo.model_validate(
        {
            "format": "mp4",
            "duration_s": seconds,
            "size": 1,
            "streams": 2,
            "audio": audio,
            "video": {**video, "pixel_format": "yuv420p"},
        }
    )


def test_what_does_not_fit_a_voice_is_said() -> None:
    assert refusal_of(lambda: check_voice(info_of(5, sound=False), "v", LIMITS)) is ErrorCode.NO_SOUND
    assert refusal_of(lambda: check_voice(info_of(0.1), "v", LIMITS)) is ErrorCode.TOO_SHORT
    assert refusal_of(lambda: check_voice(info_of(1801), "v", LIMITS)) is ErrorCode.TOO_LONG
    check_voice(info_of(1799), "v", LIMITS)


def test_what_does_not_fit_a_template_is_said() -> None:
    assert refusal_of(lambda: check_template(info_of(601), "t", LIMITS)) is ErrorCode.TOO_LONG
    few = Limits(megapixels=7.9)
    assert refusal_of(lambda: check_template(info_of(5), "t", few)) is ErrorCode.TOO_MANY_PIXELS
    check_template(info_of(599), "t", LIMITS)


def test_the_bot_can_import_the_probe_without_libav() -> None:
    code = "import sys, heygem.media.probe, heygem.media.info; sys.exit('av' in sys.modules or 'numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_test_picture_looks_different_turned() -> None:
    upright = picture(5, 64, 48)
    assert not np.array_equal(upright, upright[::-1, ::-1])
