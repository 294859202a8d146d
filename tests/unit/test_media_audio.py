"""Sound out of files."""

import struct
from pathlib import Path

import numpy as np
import pytest

from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.limits import Limits
from heygem.media.audio import check_audible, read_waveform
from heygem.media.probe import check_voice, probe
from heygem.media.video import Colour, Frame, VideoWriter
from tests.media import Samples, make_picture, make_video, make_voice, shared, sound_of, tone


def refusal(path: Path) -> ErrorCode:
    with pytest.raises(HeygemError) as caught:
        read_waveform(path, "file")
    return caught.value.code


def likeness(a: Samples, b: Samples) -> float:
    """Correlation of the two without shifting."""
    length = min(len(a), len(b))
    return float(np.corrcoef(a[:length], b[:length])[0, 1])


@pytest.mark.parametrize("suffix", ["wav", "mp3", "m4a", "aac", "flac", "ogg", "opus"])
def test_a_voice_of_every_format_sounds_the_same(tmp_path: Path, suffix: str) -> None:
    waveform = read_waveform(make_voice(tmp_path / f"voice.{suffix}", 1.5), "voice")
    assert waveform.dtype == np.float32
    assert waveform.ndim == 1
    # Raw AAC has no place for its encoder's delay (64 ms and padding), which stays.
    assert len(waveform) == pytest.approx(24_000, abs=1300 if suffix == "aac" else 480)
    delay = 1024 // 3 if suffix == "aac" else 0
    assert likeness(waveform[delay:], tone(1.5, 16_000)[0]) > 0.97


@pytest.mark.parametrize("suffix", ["mp4", "mov", "mkv", "webm", "flv", "avi"])
def test_the_sound_of_any_video_is_a_voice(tmp_path: Path, suffix: str) -> None:
    waveform = read_waveform(make_video(tmp_path / f"clip.{suffix}", 1.5), "clip")
    assert likeness(waveform, tone(1.5, 16_000)[0]) > 0.97 or suffix == "flv"  # its delay is nowhere written down
    assert len(waveform) == pytest.approx(24_000, abs=1300)


def test_several_channels_become_one(tmp_path: Path) -> None:
    sound = tone(1.0, 44_100, 2)
    sound[1] = 0
    waveform = read_waveform(make_voice(tmp_path / "voice.wav", rate=44_100, sound=sound), "voice")
    assert likeness(waveform, tone(1.0, 16_000)[0]) > 0.99
    assert np.abs(waveform).max() == pytest.approx(np.abs(sound[0]).max() / 2, rel=0.05)


def test_another_rate_can_be_asked_for(tmp_path: Path) -> None:
    assert len(read_waveform(make_voice(tmp_path / "voice.wav", 1), "voice", 24_000)) == pytest.approx(24_000, abs=2)


def test_what_has_no_sound_is_said(tmp_path: Path) -> None:
    assert refusal(make_video(tmp_path / "mute.mp4", 0.4, audio=False)) is ErrorCode.NO_SOUND
    assert refusal(make_picture(tmp_path / "portrait.png")) is ErrorCode.NO_SOUND
    assert refusal(tmp_path / "nowhere") is ErrorCode.FILE_MISSING


def test_garbage_in_place_of_sound_is_broken(tmp_path: Path) -> None:
    path = make_voice(tmp_path / "voice.m4a", 3)
    data = bytearray(path.read_bytes())
    start = data.index(b"mdat") + 4
    end = data.index(b"moov") - 4
    data[start:end] = np.random.default_rng(1).bytes(end - start)
    path.write_bytes(data)
    assert refusal(path) is ErrorCode.BROKEN_MEDIA


def test_not_a_number_is_silence(tmp_path: Path) -> None:
    path = make_voice(tmp_path / "voice.wav", 0.5)
    data = bytearray(path.read_bytes())
    at = data.index(b"fmt ") + 8
    data[at : at + 2], data[at + 14 : at + 16] = (3).to_bytes(2, "little"), (32).to_bytes(2, "little")  # float
    data[at + 8 : at + 12], data[at + 12 : at + 14] = (192_000).to_bytes(4, "little"), (4).to_bytes(2, "little")
    start = data.index(b"data") + 8
    data[start : start + 4000] = np.array([np.nan, np.inf, -np.inf, 1e30] * 250, "<f4").tobytes()
    path.write_bytes(data)
    waveform = read_waveform(path, "voice")
    assert np.isfinite(waveform).all()
    assert np.abs(waveform).max() <= 1


def silence(level: float) -> Samples:
    noise: Samples = np.random.default_rng(3).normal(0, level, 32_000).astype(np.float32)
    return noise


@pytest.mark.parametrize("waveform", [silence(0), silence(0.0005), silence(0) + np.float32(0.3), silence(1)[:100]])
def test_silence_is_told_from_a_voice(waveform: Samples) -> None:
    with pytest.raises(HeygemError) as caught:
        check_audible(waveform, "hush")
    assert (caught.value.code, caught.value.params["name"]) == (ErrorCode.SILENT_VOICE, "hush")


def test_a_voice_is_told_from_silence() -> None:
    check_audible(tone(1, 16_000)[0], "voice")
    check_audible(tone(1, 16_000)[0] * np.float32(0.05), "a quiet voice")
    check_audible(read_waveform(shared("samples/voice-outdoor.wav"), "voice"), "voice")


def inverted(sound: Samples, *, part: float = 1.0) -> Samples:
    """Stereo whose second channel is the first turned around, in its last `part`."""
    both = np.concatenate([sound, sound])
    both[1, round(sound.shape[1] * (1 - part)) :] *= -1
    return both


def surround(sound: Samples) -> Samples:
    return np.concatenate([sound, -sound, *[np.zeros_like(sound)] * 4])


@pytest.mark.parametrize(
    "sound",
    [
        inverted(tone(2)),
        inverted(tone(2), part=0.3),
        inverted(tone(2)) * np.array([[1], [0.6]], np.float32),
        surround(tone(2)),
        np.concatenate([tone(2), np.zeros((1, 96_000), np.float32)]),
    ],
    ids=["all of it", "in part", "weaker", "5.1", "one side only"],
)
def test_channels_that_cancel_each_other_are_still_a_voice(tmp_path: Path, sound: Samples) -> None:
    path = make_voice(tmp_path / "voice.wav", sound=sound.astype(np.float32))
    check_voice(probe(path, "voice", Limits()), "voice", Limits())
    waveform = read_waveform(path, "voice")
    check_audible(waveform, "voice")
    assert likeness(waveform, tone(2, 16_000)[0]) > 0.97


def track(number: int, of: int) -> Samples:
    """A voice on one track of many."""
    return np.concatenate([tone(2) if each == number else np.zeros_like(tone(2)) for each in range(of)])


@pytest.mark.parametrize(("number", "of", "mask"), [(3, 6, 0x3F), (11, 12, 0), (15, 16, 0), (7, 8, 0), (5, 8, 0x63F)])
def test_a_voice_on_any_track_of_a_recorder_is_a_voice(tmp_path: Path, number: int, of: int, mask: int) -> None:
    path = recorded(tmp_path / "tracks.wav", track(number, of), mask)
    check_voice(probe(path, "voice", Limits()), "voice", Limits())
    waveform = read_waveform(path, "voice")
    check_audible(waveform, "voice")
    assert likeness(waveform, tone(2, 16_000)[0]) > 0.97


def test_a_bass_beside_a_voice_does_not_take_its_place(tmp_path: Path) -> None:
    tracks = track(2, 6) * np.float32(0.5)
    bass = np.sin(2 * np.pi * 40 * np.arange(tracks.shape[1]) / 48_000) * 0.9
    tracks[3] = np.where(np.arange(tracks.shape[1]) % 48_000 < 9_600, bass, 0)
    waveform = read_waveform(recorded(tmp_path / "film.wav", tracks, 0x3F), "voice")
    assert likeness(waveform, tone(2, 16_000)[0]) > 0.97


def recorded(path: Path, tracks: Samples, mask: int) -> Path:
    """A WAV of so many tracks; `mask` says where each is heard."""
    of, data = len(tracks), (tracks.T * 32767).astype("<i2").tobytes()
    form = struct.pack("<HHIIHHHHI", 0xFFFE, of, 48_000, 96_000 * of, 2 * of, 16, 22, 16, mask)
    form += bytes.fromhex("0100000000001000800000aa00389b71")
    riff = b"WAVEfmt " + struct.pack("<I", len(form)) + form + b"data" + struct.pack("<I", len(data)) + data
    path.write_bytes(b"RIFF" + struct.pack("<I", len(riff)) + riff)
    return path


def test_channels_that_cancel_each_other_sound_on_a_phone_with_one_loudspeaker(tmp_path: Path) -> None:
    voice = make_voice(tmp_path / "voice.wav", sound=inverted(tone(2)))
    with VideoWriter(tmp_path / "out.mp4", 64, 48, Colour(), voice, 2.0) as writer:
        for index in range(50):
            writer.write(Frame(np.full((72, 64), 128, np.uint8), index))
    rate, sound = sound_of(tmp_path / "out.mp4")
    assert likeness(sound.mean(axis=0), tone(2, rate)[0]) > 0.9


def test_two_different_channels_are_both_heard(tmp_path: Path) -> None:
    other = np.random.default_rng(5).normal(0, 0.1, (1, 48_000)).astype(np.float32)
    waveform = read_waveform(make_voice(tmp_path / "voice.wav", sound=np.concatenate([tone(1), other])), "voice")
    assert 0.3 < likeness(waveform, tone(1, 16_000)[0]) < 0.95
